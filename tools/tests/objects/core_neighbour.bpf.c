// SPDX-License-Identifier: GPL-2.0
/*
 * Relocations against the types of the running kernel are refused, but only of
 * the program that has them, itself or in what it calls. The number of a type of
 * the program itself is no such thing.
 *
 * expect plain 0000: 0x6c
 * expect reads: refused: 'reads' has CO-RE relocations; function 'reads'; core_neighbour.bpf.c:38; preserve_access_index
 * expect calls: refused: 'calls' has CO-RE relocations; function 'read_it'; -DBPF_NO_PRESERVE_ACCESS_INDEX
 * expect numbers: 0x1
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

struct own {
	long number;
};

SEC("bpfsched/plain") long plain(const __u8 *bytes, unsigned long len)
{
	static const char text[] = "hello";

	return text[len & 7];
}

SEC("bpfsched/reads") long reads(struct task *task, unsigned long len)
{
	if (len < sizeof(*task))
		return -1;
	/* The line that is named */
	return task->tgid;
}

static __noinline long read_it(struct task *task)
{
	return task->tgid;
}

SEC("bpfsched/calls") long calls(struct task *task, unsigned long len)
{
	return read_it(task) + 1;
}

SEC("bpfsched/numbers") long numbers(const __u8 *bytes, unsigned long len)
{
	return bpf_core_type_id_local(struct own) > 0;
}
