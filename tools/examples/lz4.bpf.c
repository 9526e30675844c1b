// SPDX-License-Identifier: GPL-2.0
/*
 * Decompression of one LZ4 block, as sent to a device that is updated over a
 * slow link. The context is the block; the bytes appear in .bss, in "output",
 * which user space can map.
 *
 * Returns the number of bytes, or -1 if the block is malformed. The checks are
 * there to tell the sender; without them a malformed block would be a fault,
 * and harm nobody.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define OUTPUT_MAX 65536
#define MATCH_MIN 4

__u8 output[OUTPUT_MAX];

struct block {
	const __u8 *pos;
	const __u8 *end;
	unsigned long out;	/* bytes of output so far */
};

/* A length of 15 goes on in bytes that are added up, to the first below 255 */
static long get_length(struct block *b, long length)
{
	__u8 byte;

	if (length < 15)
		return length;
	do {
		if (b->pos == b->end)
			return -1;
		byte = *b->pos++;
		length += byte;
	} while (byte == 255);
	return length;
}

static int copy_literals(struct block *b, long length)
{
	if (length < 0 || length > b->end - b->pos ||
	    (unsigned long)length > OUTPUT_MAX - b->out)
		return -1;
	while (length--)
		output[b->out++] = *b->pos++;
	return 0;
}

/* Byte by byte, for a match may overlap what it makes */
static int copy_match(struct block *b, unsigned long offset, long length)
{
	if (length < 0 || !offset || offset > b->out ||
	    (unsigned long)length > OUTPUT_MAX - b->out)
		return -1;
	while (length--) {
		output[b->out] = output[b->out - offset];
		b->out++;
	}
	return 0;
}

static int decode_sequence(struct block *b)
{
	__u8 token = *b->pos++;
	unsigned long offset;
	long length;

	if (copy_literals(b, get_length(b, token >> 4)))
		return -1;
	/* The last sequence is literals only */
	if (b->pos == b->end)
		return 0;
	if (b->end - b->pos < 2)
		return -1;
	offset = b->pos[0] | b->pos[1] << 8;
	b->pos += 2;
	length = get_length(b, token & 15);
	return copy_match(b, offset, length < 0 ? length : length + MATCH_MIN);
}

SEC("bpfsched")
long decompress(const __u8 *context, unsigned long len)
{
	struct block b = { .pos = context, .end = context + len };

	while (b.pos < b.end) {
		if (decode_sequence(&b))
			return -1;
	}
	return b.out;
}
