// SPDX-License-Identifier: GPL-2.0
/* Programs with maps of the kernel, for the tests of maps and of the command */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpfsched_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} counts SEC(".maps");

/* How far the program may go; and how far it is */
__u64 allowed;
__u64 reached;

static __u64 read_once(const __u64 *p)
{
	barrier();
	return *p;
}

/* Counts how often it has run for each number in its context */
SEC("bpfsched")
long count(const __u64 *ctx, unsigned long len)
{
	__u64 one = 1, *value;
	__u32 zero = 0;

	(void)len;
	value = bpf_map_lookup_elem(&counts, ctx);
	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bpf_map_update_elem(&counts, ctx, &one, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&numbers, &zero);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

/* Hammers on one element of each map, as often as its context says */
SEC("bpfsched")
long hammer(const __u64 *ctx, unsigned long len)
{
	__u64 key = 7, *in_hash, *in_array, i;
	__u32 index = 3;

	(void)len;
	for (i = 0; i < ctx[0]; i++) {
		in_hash = bpf_map_lookup_elem(&counts, &key);
		in_array = bpf_map_lookup_elem(&numbers, &index);
		if (!in_hash || !in_array)
			return -1;
		__sync_fetch_and_add(in_hash, 1);
		__sync_fetch_and_add(in_array, 1);
	}
	return 0;
}

struct walk {
	__u64 *first;
	__u64 sum;
	__u64 calls;
};

/* Work on every level; wait on the lowest, where the stack is deepest */
static __noinline __u64 deep(__u64 *value, __u64 call, __u64 level)
{
	__u64 before = *value, below;

	if (level) {
		below = deep(value, call, level - 1);
		return below * 3 + before + level;
	}
	reached = call;
	while (read_once(&allowed) < call)
		bpf_ktime_get_ns();
	return *value;
}

static long visit(void *map, const __u64 *key, __u64 *value,
		  struct walk *walk)
{
	(void)map;
	walk->calls++;
	walk->sum = walk->sum * 5 + *key + *walk->first +
		    deep(value, walk->calls, 4);
	return 0;
}

/*
 * Goes through the hash with a pointer into it, and others, alive all the time.
 * The result depends on all that it sees, and on nothing else.
 */
SEC("bpfsched")
long survey(const __u64 *ctx, unsigned long len)
{
	struct walk walk = {};
	long visited;

	(void)len;
	walk.first = bpf_map_lookup_elem(&counts, ctx);
	if (!walk.first)
		return -1;
	visited = bpf_for_each_map_elem(&counts, visit, &walk, 0);
	return walk.sum * 7 + visited + *walk.first;
}

static long delete_it(void *map, const __u64 *key, __u64 *value, __u64 *left)
{
	(void)value;
	if (!(*left)--)
		return 1;
	return bpf_map_delete_elem(map, key) ? 1 : 0;
}

/* Deletes as many elements as its context says, from within a walk */
SEC("bpfsched")
long clear(const __u64 *ctx, unsigned long len)
{
	__u64 left = *ctx;

	(void)len;
	return bpf_for_each_map_elem(&counts, delete_it, &left, 0);
}

static long add_up(void *map, const __u32 *key, __u64 *value, __u64 *sum)
{
	(void)map;
	*sum = *sum * 10 + *key + *value;
	return 0;
}

/* Goes through an array */
SEC("bpfsched")
long add_numbers(const void *ctx, unsigned long len)
{
	__u64 sum = 0;

	(void)ctx;
	(void)len;
	if (bpf_for_each_map_elem(&numbers, add_up, &sum, 0) != 4)
		return -1;
	return sum;
}

/* One more, in a map that all of a chain of programs use; how many now */
static __u64 add_one(void)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&numbers, &zero);

	return value ? ++*value : 0;
}

/* Counts, and has the first of its follow-ups do the same */
SEC("bpfsched")
long relay(void)
{
	__u64 result = add_one();

	bpfsched_submit_job(0, NULL, 0, NULL);
	return result;
}

SEC("bpfsched")
long relay_middle(void)
{
	return relay();
}

/* The only one of them that uses the hash */
SEC("bpfsched")
long relay_end(void)
{
	__u64 key = 1, one = 1, *value = bpf_map_lookup_elem(&counts, &key);

	if (!value) {
		bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST);
		return add_one() + 100;
	}
	++*value;
	return add_one() + 100 * *value;
}
