// SPDX-License-Identifier: GPL-2.0
/*
 * A table of maps, and maps that are static.
 *
 * expect job: 0x31
 * expect job 00: 0x13
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
};

static struct array first SEC(".maps");
static struct array second SEC(".maps");
struct array third SEC(".maps");

static void *const tables[] = { &third, &second, &first };

static long count(void *map, __u32 key)
{
	__u64 *value = bpf_map_lookup_elem(map, &key);

	return value ? (long)++*value : -100;
}

SEC("bpfsched") long job(const __u8 *bytes, unsigned long len)
{
	count(tables[len], 0);
	count(tables[len], 0);
	count(tables[2], 1);
	return 16 * count(&third, 0) + count(&second, 0);
}
