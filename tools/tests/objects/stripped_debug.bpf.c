// SPDX-License-Identifier: GPL-2.0
/*
 * What strip -g takes nobody needs.
 *
 * objcopy: --strip-debug
 * expect job 0000: 0x74
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

static const char *const names[] = { "one", "two", "three" };

SEC("bpfsched") long job(const __u8 *bytes, unsigned long len)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&table, &key);

	return value ? (long)*value + names[len][0] : -1;
}
