// SPDX-License-Identifier: GPL-2.0
/*
 * Median filter: takes the spikes out of a sensor's signal. The context is an
 * array of samples, __s32; each is replaced by the median of itself and the
 * four before it, across contexts. The window is in .bss, so one program
 * descriptor filters one signal.
 *
 * Returns how many samples were changed by more than the threshold, which is
 * in .data and can be set by user space.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define WINDOW 5

__s32 threshold = 1000;

__s32 window[WINDOW];
__u32 samples_seen;

static void insert_sorted(__s32 *sorted, int count, __s32 sample)
{
	int i;

	for (i = count; i > 0 && sorted[i - 1] > sample; i--)
		sorted[i] = sorted[i - 1];
	sorted[i] = sample;
}

static __s32 median(const __s32 *samples, unsigned int count)
{
	__s32 sorted[WINDOW];
	unsigned int i;

	for (i = 0; i < count; i++)
		insert_sorted(sorted, i, samples[i]);
	return sorted[count / 2];
}

static __s32 filter(__s32 sample)
{
	window[samples_seen % WINDOW] = sample;
	samples_seen++;
	return median(window, samples_seen < WINDOW ? samples_seen : WINDOW);
}

static __u64 distance(__s64 a, __s64 b)
{
	return a < b ? b - a : a - b;
}

SEC("bpfsched")
long remove_spikes(__s32 *samples, unsigned long len)
{
	unsigned long i, count = len / sizeof(*samples);
	long spikes = 0;
	__s32 filtered;

	for (i = 0; i < count; i++) {
		filtered = filter(samples[i]);
		if (distance(samples[i], filtered) > (__u64)threshold)
			spikes++;
		samples[i] = filtered;
	}
	return spikes;
}
