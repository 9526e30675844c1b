// SPDX-License-Identifier: GPL-2.0
/*
 * SHA-256 of a record, for a log that cannot be changed afterwards: each digest
 * covers the record and the digest before it, in .bss, which user space can
 * map. The context is the record; 32 bytes of room behind it get its digest.
 *
 * Returns the number of the record, or -1 if there is no room for the digest.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define DIGEST_LEN 32
#define BLOCK_LEN 64

static const __u32 round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct sha256 {
	__u32 state[8];
	__u64 len;
	__u8 block[BLOCK_LEN];
};

__u8 chain[DIGEST_LEN];
__u64 records;

static __u32 rotate(__u32 x, int bits)
{
	return x >> bits | x << (32 - bits);
}

static void expand(__u32 *w, const __u8 *block)
{
	__u32 s0, s1;
	int i;

	for (i = 0; i < 16; i++)
		w[i] = (__u32)block[4 * i] << 24 | block[4 * i + 1] << 16 |
		       block[4 * i + 2] << 8 | block[4 * i + 3];
	for (; i < 64; i++) {
		s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^
		     w[i - 15] >> 3;
		s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^
		     w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

/* A function of its own: its words fill half of a stack frame */
static __noinline void compress(__u32 *state, const __u8 *block)
{
	__u32 w[64], v[8], t1, t2;
	int i, j;

	expand(w, block);
	for (i = 0; i < 8; i++)
		v[i] = state[i];
	for (i = 0; i < 64; i++) {
		t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^
			     rotate(v[4], 25)) +
		     ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constants[i] +
		     w[i];
		t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
		     ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		for (j = 7; j > 0; j--)
			v[j] = v[j - 1];
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		state[i] += v[i];
}

static __noinline void update(struct sha256 *sha, const __u8 *bytes,
			      unsigned long len)
{
	while (len--) {
		sha->block[sha->len++ % BLOCK_LEN] = *bytes++;
		if (sha->len % BLOCK_LEN == 0)
			compress(sha->state, sha->block);
	}
}

static __noinline void finish(struct sha256 *sha, __u8 *digest)
{
	__u64 bits = sha->len * 8;
	__u8 byte = 0x80;
	unsigned int n;
	int i;

	do {
		update(sha, &byte, 1);
		byte = 0;
	} while (sha->len % BLOCK_LEN != BLOCK_LEN - 8);
	for (i = 56; i >= 0; i -= 8) {
		byte = bits >> i;
		update(sha, &byte, 1);
	}
	for (n = 0; n < DIGEST_LEN; n++)
		digest[n] = sha->state[n / 4] >> (24 - n % 4 * 8);
}

SEC("bpfsched")
long seal_record(__u8 *record, unsigned long len)
{
	struct sha256 sha = {
		.state = {
			0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
		},
	};
	int i;

	if (len < DIGEST_LEN)
		return -1;
	len -= DIGEST_LEN;
	if (records)
		update(&sha, chain, DIGEST_LEN);
	update(&sha, record, len);
	finish(&sha, record + len);
	for (i = 0; i < DIGEST_LEN; i++)
		chain[i] = record[len + i];
	return ++records;
}
