// SPDX-License-Identifier: GPL-2.0
/*
 * Without optimization the compiler makes code that reads from the number of a
 * relocation against types, instead of using it.
 *
 * compile: -O0
 * expect reads: refused: 'reads' has a CO-RE relocation; core_unoptimized.bpf.c:26; needs -O1 or more
 * expect sizes: refused: 'sizes' has a CO-RE relocation; needs -O1 or more
 * expect enumerators: refused: 'enumerators' has a CO-RE relocation; needs -O1 or more
 * expect plain 0000: 0x2
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct pair {
	long first;
	long second;
} __attribute__((preserve_access_index));

enum color { RED = 3 };

SEC("bpfsched/reads") long reads(struct pair *pair, unsigned long len)
{
	return pair->second;
}

SEC("bpfsched/sizes") long sizes(struct pair *pair, unsigned long len)
{
	return bpf_core_type_size(struct pair);
}

SEC("bpfsched/enumerators") long enumerators(struct pair *pair,
					     unsigned long len)
{
	return bpf_core_enum_value(enum color, RED);
}

SEC("bpfsched/plain") long plain(const __u8 *bytes, unsigned long len)
{
	return len;
}
