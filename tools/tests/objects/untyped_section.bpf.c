// SPDX-License-Identifier: GPL-2.0
/*
 * A section that the types of an old compiler do not have, and a map that needs
 * its own.
 *
 * expect job 00000000: 0x6f
 * expect job 0000: 0x6c
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct { __u64 words[3]; });
} table SEC(".maps");

SEC("bpfsched") long job(const __u8 *bytes, unsigned long len)
{
	static const char text[] = "hello";
	__u32 key = 5;
	__u64 *value = bpf_map_lookup_elem(&table, &key);

	return value ? -1 : text[len & 7];
}
