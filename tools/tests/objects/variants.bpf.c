// SPDX-License-Identifier: GPL-2.0
/*
 * Without optimization helpers are called through variables, and every function
 * is there.
 *
 * compile: -O0
 * expect job 010203: 0x21
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static long add(long left, long right)
{
	return left + right;
}

static long (*const operation)(long, long) = add;
static const char *const names[] = { "even", "odd" };

SEC("bpfsched") long job(const __u8 *bytes, unsigned long len)
{
	long sum = 0;
	__u32 key = 2;
	__u64 *value;

	for (unsigned long i = 0; i < len; i++)
		sum = operation(sum, bytes[i]);
	value = bpf_map_lookup_elem(&counts, &key);
	if (!value)
		return -1;
	*value += 27;
	return sum + *value + (names[1][2] != 'd');
}
