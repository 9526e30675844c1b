// SPDX-License-Identifier: GPL-2.0
/*
 * A map whose values are maps, and one whose values are programs.
 *
 * expect job: refused: map 'outer' has maps; use one map
 * expect jump: refused: map 'programs' is of type 3 (prog_array), which is not supported; bpfsched_submit_job()
 * expect plain: 0x7
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

SEC("bpfsched") long job(const __u8 *bytes, unsigned long len)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&outer, &key) ? 1 : 0;
}

SEC("bpfsched") long jump(void *bytes, unsigned long len)
{
	bpf_tail_call(bytes, &programs, 0);
	return 1;
}

SEC("bpfsched") long plain(const __u8 *bytes, unsigned long len)
{
	return 7;
}
