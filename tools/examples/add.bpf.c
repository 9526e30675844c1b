// SPDX-License-Identifier: GPL-2.0
/* The sum of the context's bytes: the smallest program that does something. */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

SEC("bpfsched")
long add(const void *ctx, unsigned long len)
{
	const __u8 *bytes = ctx;
	unsigned long i;
	long sum = 0;

	/* No bound is needed: time is limited by the job's budget */
	for (i = 0; i < len; i++)
		sum += bytes[i];
	return sum;
}
