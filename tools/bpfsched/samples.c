// SPDX-License-Identifier: GPL-2.0
/* Times, of which there may be any number: their range, mean and percentiles. */
#include "samples.h"

/* Below SAMPLES_PARTS a bucket for each number */
static size_t bucket_of(__u64 ns)
{
	int shift;

	if (ns < SAMPLES_PARTS)
		return ns;
	shift = 63 - __builtin_clzll(ns) - SAMPLES_PARTS_SHIFT;
	return shift * SAMPLES_PARTS + (ns >> shift);
}

/* The longest time of a bucket */
static __u64 end_of(size_t bucket)
{
	int shift;

	if (bucket < 2 * SAMPLES_PARTS)
		return bucket;
	shift = bucket / SAMPLES_PARTS - 1;
	return ((bucket % SAMPLES_PARTS + SAMPLES_PARTS + 1ULL) << shift) - 1;
}

/**
 * samples_add() - add a time
 * @s: times; all zero at first
 * @ns: the time
 */
void samples_add(struct samples *s, __u64 ns)
{
	if (!s->count || ns < s->min)
		s->min = ns;
	if (ns > s->max)
		s->max = ns;
	s->count++;
	s->sum += ns;
	s->buckets[bucket_of(ns)]++;
}

/**
 * samples_mean() - the mean
 * @s: times
 *
 * Return: the mean; 0 if there are none.
 */
__u64 samples_mean(const struct samples *s)
{
	return s->count ? s->sum / s->count : 0;
}

/**
 * samples_percentile() - a time that so many of all do not exceed
 * @s: times
 * @percent: how many of all
 *
 * Return: the time; 0 if there are none.
 */
__u64 samples_percentile(const struct samples *s, double percent)
{
	double want = s->count * percent / 100, seen = 0;
	size_t i;

	for (i = 0; i < SAMPLES_BUCKETS; i++) {
		seen += s->buckets[i];
		if (s->buckets[i] && seen >= want)
			return end_of(i) < s->max ? end_of(i) : s->max;
	}
	return s->max;
}
