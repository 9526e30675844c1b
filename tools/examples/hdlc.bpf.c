// SPDX-License-Identifier: GPL-2.0
/*
 * Frames out of a serial line: byte-stuffed HDLC framing with a CRC-16, as used
 * by many radios and motor controllers. A context is whatever bytes have come
 * in; where one frame ends and the next begins has nothing to do with contexts,
 * so the state machine's state is in .bss. So are two buffers, of which one gets
 * the next frame while the other keeps the newest good one.
 *
 * Returns how many good frames were completed.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define FLAG 0x7e
#define ESCAPE 0x7d
#define ESCAPE_XOR 0x20
#define FRAME_MAX 256
#define CRC_LEN 2
#define CRC_RIGHT 0xf0b8 /* of a frame with its CRC */

enum state {
	HUNTING,	/* for a flag, after something was wrong */
	RECEIVING,
	ESCAPED,
};

struct receiver {
	__u32 state;
	__u32 len;
	__u16 crc;
	__u16 buffer;	/* which one is being filled */
};

struct receiver receiver;
__u8 buffers[2][FRAME_MAX];
__u32 newest, newest_len;
__u64 frames, damaged;

static __u16 crc16(__u16 crc, __u8 byte)
{
	int bit;

	crc ^= byte;
	for (bit = 0; bit < 8; bit++)
		crc = crc & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
	return crc;
}

static void begin_frame(struct receiver *r)
{
	r->state = RECEIVING;
	r->len = 0;
	r->crc = 0xffff;
}

/* Returns whether it was a good one */
static int end_frame(struct receiver *r)
{
	/* Flags may follow each other */
	if (!r->len)
		return 0;
	if (r->len < CRC_LEN || r->crc != CRC_RIGHT) {
		damaged++;
		return 0;
	}
	newest = r->buffer;
	newest_len = r->len - CRC_LEN;
	r->buffer = !r->buffer;
	frames++;
	return 1;
}

static void receive(struct receiver *r, __u8 byte)
{
	if (r->len == FRAME_MAX) {
		damaged++;
		r->state = HUNTING;
		return;
	}
	r->state = RECEIVING;
	buffers[r->buffer][r->len++] = byte;
	r->crc = crc16(r->crc, byte);
}

static int step(struct receiver *r, __u8 byte)
{
	int good = 0;

	if (byte == FLAG) {
		if (r->state == RECEIVING)
			good = end_frame(r);
		else if (r->state == ESCAPED)
			damaged++;
		begin_frame(r);
		return good;
	}
	switch (r->state) {
	case RECEIVING:
		if (byte == ESCAPE)
			r->state = ESCAPED;
		else
			receive(r, byte);
		break;
	case ESCAPED:
		receive(r, byte ^ ESCAPE_XOR);
		break;
	}
	return 0;
}

SEC("bpfsched")
long receive_bytes(const __u8 *bytes, unsigned long len)
{
	unsigned long i;
	long good = 0;

	for (i = 0; i < len; i++)
		good += step(&receiver, bytes[i]);
	return good;
}
