// SPDX-License-Identifier: GPL-2.0
/*
 * Aggregation: the context is an array of records; the largest number of bytes of
 * each key is kept in a hash map. Returns the sum of what was found there, which
 * is the same each time after the first.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "aggregate.h"

/*
 * No map of libbpf's, which the kernel would have to load: real.c finds this
 * number and puts a reference to the map in its place.
 */
#define LARGEST ((void *)AGGREGATE_MAP)

SEC("bpfsched")
long aggregate(const struct record *records, unsigned long len)
{
	const struct record *end = records + len / sizeof(*records);
	const struct record *record;
	__u64 *largest, first, sum = 0;

	for (record = records; record < end; record++) {
		__u32 key = record->key;

		largest = bpf_map_lookup_elem(LARGEST, &key);
		if (largest) {
			if (record->bytes > *largest)
				*largest = record->bytes;
			sum += *largest;
			continue;
		}
		first = record->bytes;
		bpf_map_update_elem(LARGEST, &key, &first, BPF_ANY);
	}
	return sum;
}
