// SPDX-License-Identifier: GPL-2.0
/*
 * A chain of two biquads (an infinite impulse response filter of the fourth
 * order) over a block of samples of an accelerometer, in fixed point: samples
 * and states are __s32, coefficients 2.30. The context is the block, filtered
 * in place; the states go from block to block, in .bss.
 *
 * The coefficients in .data are those of a Butterworth low-pass at a tenth of
 * the sampling rate; user space can map them and put others there.
 *
 * Returns how many outputs had to be limited.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define FRACTION_BITS 30
#define COEFFICIENT(x) ((__s32)((x) * (1 << FRACTION_BITS)))
#define STAGES 2
#define SAMPLE_MAX 0x7fffffffLL

struct biquad {
	__s32 b0, b1, b2;
	__s32 a1, a2;		/* a0 is 1 */
};

/* Direct form 1: nothing but samples is kept, so nothing can overflow */
struct history {
	__s32 x1, x2;
	__s32 y1, y2;
};

struct biquad stages[STAGES] = {
	{
		.b0 = COEFFICIENT(0.06188520), .b1 = COEFFICIENT(0.12377040),
		.b2 = COEFFICIENT(0.06188520),
		.a1 = COEFFICIENT(-1.04859958), .a2 = COEFFICIENT(0.29614036),
	}, {
		.b0 = COEFFICIENT(0.07796360), .b1 = COEFFICIENT(0.15592721),
		.b2 = COEFFICIENT(0.07796360),
		.a1 = COEFFICIENT(-1.32091343), .a2 = COEFFICIENT(0.63273879),
	},
};

struct history histories[STAGES];
__u64 limited;

static __s64 round_off(__s64 sum)
{
	return (sum + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS;
}

/* Products of 62 bits: five of them fit because |b| and |a| stay below 2 */
static __s32 step(const struct biquad *c, struct history *h, __s32 x)
{
	__s64 sum = round_off((__s64)c->b0 * x) + round_off((__s64)c->b1 * h->x1) +
		    round_off((__s64)c->b2 * h->x2) -
		    round_off((__s64)c->a1 * h->y1) -
		    round_off((__s64)c->a2 * h->y2);

	if (sum > SAMPLE_MAX || sum < -SAMPLE_MAX) {
		limited++;
		sum = sum < 0 ? -SAMPLE_MAX : SAMPLE_MAX;
	}
	h->x2 = h->x1;
	h->x1 = x;
	h->y2 = h->y1;
	h->y1 = sum;
	return sum;
}

SEC("bpfsched")
long lowpass(__s32 *samples, unsigned long len)
{
	unsigned long i, count = len / sizeof(*samples);
	__u64 before = limited;
	int stage;

	for (i = 0; i < count; i++) {
		for (stage = 0; stage < STAGES; stage++)
			samples[i] = step(&stages[stage], &histories[stage],
					  samples[i]);
	}
	return limited - before;
}
