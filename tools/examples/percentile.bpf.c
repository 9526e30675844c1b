// SPDX-License-Identifier: GPL-2.0
/*
 * Percentiles of a batch of latencies. The context is a struct percentiles and
 * behind it the latencies, __u32; they are sorted in place, and the header is
 * filled in. Returns how many latencies there were.
 *
 * Heap sort: no recursion, so nothing depends on the eight frames of a call
 * stack, and never slower than n log n, so the instruction budget of a batch
 * is known.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

struct percentiles {
	__u32 min;
	__u32 p50;
	__u32 p90;
	__u32 p99;
	__u32 max;
	__u32 reserved;
	__u64 sum;
};

static void sift_down(__u32 *heap, unsigned long root, unsigned long count)
{
	__u32 value = heap[root];
	unsigned long child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && heap[child + 1] > heap[child])
			child++;
		if (heap[child] <= value)
			break;
		heap[root] = heap[child];
		root = child;
	}
	heap[root] = value;
}

static void sort(__u32 *values, unsigned long count)
{
	unsigned long i;
	__u32 largest;

	for (i = count / 2; i-- > 0;)
		sift_down(values, i, count);
	for (i = count; i-- > 1;) {
		largest = values[0];
		values[0] = values[i];
		values[i] = largest;
		sift_down(values, 0, i);
	}
}

/* The smallest value that @percent of all values do not exceed */
static __u32 percentile(const __u32 *sorted, unsigned long count, __u32 percent)
{
	unsigned long rank = (count * percent + 99) / 100;

	return sorted[rank ? rank - 1 : 0];
}

SEC("bpfsched")
long percentiles(struct percentiles *header, unsigned long len)
{
	__u32 *latencies = (__u32 *)(header + 1);
	unsigned long i, count;

	if (len < sizeof(*header))
		return -1;
	count = (len - sizeof(*header)) / sizeof(*latencies);
	if (!count)
		return 0;
	sort(latencies, count);
	header->min = latencies[0];
	header->p50 = percentile(latencies, count, 50);
	header->p90 = percentile(latencies, count, 90);
	header->p99 = percentile(latencies, count, 99);
	header->max = latencies[count - 1];
	header->sum = 0;
	for (i = 0; i < count; i++)
		header->sum += latencies[i];
	return count;
}
