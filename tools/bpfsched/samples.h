/* SPDX-License-Identifier: GPL-2.0 */
/* Times, of which there may be any number: their range, mean and percentiles. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "cmd.h"

/* Each power of two has so many buckets, so percentiles are exact to 1/128 */
#define SAMPLES_PARTS		128
#define SAMPLES_PARTS_SHIFT	7	/* its logarithm */
#define SAMPLES_BUCKETS		((64 - SAMPLES_PARTS_SHIFT + 1) * SAMPLES_PARTS)

/**
 * struct samples - times in nanoseconds
 * @count: how many
 * @sum: their sum
 * @min: the shortest
 * @max: the longest
 * @buckets: how many there are of each size
 */
struct samples {
	__u64 count;
	double sum;
	__u64 min;
	__u64 max;
	__u64 buckets[SAMPLES_BUCKETS];
};

void samples_add(struct samples *s, __u64 ns);
__u64 samples_mean(const struct samples *s);
__u64 samples_percentile(const struct samples *s, double percent);

#endif /* SAMPLES_H */
