// SPDX-License-Identifier: GPL-2.0
/*
 * An object without types has no definitions of maps; what needs none runs.
 *
 * compile: -g0
 * expect job: refused: map 'numbers'; no types; compile with -g
 * expect plain: 0x7
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

SEC("bpfsched") long job(const __u8 *bytes, unsigned long len)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&numbers, &key) ? 1 : 0;
}

SEC("bpfsched") long plain(const __u8 *bytes, unsigned long len)
{
	return 7;
}
