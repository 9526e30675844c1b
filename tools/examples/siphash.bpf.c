// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication of commands to a robot: SipHash-2-4 with a secret key. The
 * context is a message of any length and behind it its tag, 8 bytes,
 * little-endian. Returns 1 if the tag is right.
 *
 * The key is in .data: user space maps the section and writes it before the
 * first job, so that it is in no object file.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define TAG_LEN 8

__u64 key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

struct sip {
	__u64 v0, v1, v2, v3;
};

static __u64 rotate(__u64 x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32) + s->v3;
	s->v2 += s->v1;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static void sip_word(struct sip *s, __u64 word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/* A byte at a time, so that any alignment and either byte order will do */
static __u64 get_le(const __u8 *bytes, int count)
{
	__u64 value = 0;

	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

/* In a frame of its own; the compiler would inline it otherwise */
static __noinline __u64 siphash(const __u8 *bytes, unsigned long len)
{
	struct sip s = {
		.v0 = key[0] ^ 0x736f6d6570736575,
		.v1 = key[1] ^ 0x646f72616e646f6d,
		.v2 = key[0] ^ 0x6c7967656e657261,
		.v3 = key[1] ^ 0x7465646279746573,
	};
	unsigned long left;
	int i;

	for (left = len; left >= 8; left -= 8, bytes += 8)
		sip_word(&s, get_le(bytes, 8));
	sip_word(&s, (__u64)len << 56 | get_le(bytes, left));
	s.v2 ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

SEC("bpfsched")
long is_authentic(const __u8 *message, unsigned long len)
{
	if (len < TAG_LEN)
		return 0;
	len -= TAG_LEN;
	return siphash(message, len) == get_le(message + len, TAG_LEN);
}
