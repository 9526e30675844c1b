// SPDX-License-Identifier: GPL-2.0
/*
 * How often each number came, in a map of the kernel that bpftool and other
 * programs see as well. The context is an array of __u32.
 *
 * Returns the number of different numbers that the map has now, or a negative
 * errno if it is full.
 */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define NUMBERS 1024

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NUMBERS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static long count_one(void *map, const void *key, void *value,
		      void *total)
{
	(void)map;
	(void)key;
	(void)value;
	++*(__u64 *)total;
	return 0;
}

SEC("bpfsched")
long count(const __u32 *numbers, unsigned long len)
{
	__u64 one = 1, total = 0, *value;
	unsigned long i;
	long err;

	for (i = 0; i < len / sizeof(*numbers); i++) {
		value = bpf_map_lookup_elem(&counts, &numbers[i]);
		if (value) {
			/* Other jobs may count the same number now */
			__sync_fetch_and_add(value, 1);
			continue;
		}
		err = bpf_map_update_elem(&counts, &numbers[i], &one, BPF_ANY);
		if (err)
			return err;
	}
	err = bpf_for_each_map_elem(&counts, count_one, &total, 0);
	return err < 0 ? err : (long)total;
}
