// SPDX-License-Identifier: GPL-2.0
/* Programs with global data of all three kinds, for the tests of the command */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

__u64 calls;
__u64 step = 5;
const __u64 first[] = { 100, 200, 300 };

static __noinline __u64 advance(__u64 by)
{
	calls += by;
	return calls;
}

/*
 * With a context of n bytes 100 * (n + 1) + 5, the first time: each command
 * that loads the program has data of its own.
 */
SEC("bpfsched")
long count(const void *ctx, unsigned long len)
{
	(void)ctx;
	return first[len] + advance(step);
}

SEC("bpfsched/increment")
long increment(__u8 *ctx, unsigned long len)
{
	unsigned long i;

	for (i = 0; i < len; i++)
		ctx[i]++;
	return len;
}

SEC("bpfsched")
long out_of_bounds(const __u64 *ctx, unsigned long len)
{
	return ctx[len];
}
