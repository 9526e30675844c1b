// SPDX-License-Identifier: GPL-2.0
/*
 * A relocation against types that has no value refuses the program that has it,
 * itself or in what it calls, and no other. A bit-field that is read without the
 * macro for it is such a one: the compiler puts the place of another number in.
 *
 * expect plain 0000: 0x6c
 * expect reads: refused: 'reads' has a CO-RE relocation; function 'reads'; core_neighbour.bpf.c:36; BPF_CORE_READ_BITFIELD(); preserve_access_index
 * expect calls: refused: 'calls' has a CO-RE relocation; function 'read_it'; -DBPF_NO_PRESERVE_ACCESS_INDEX
 * expect writes: refused: 'writes' has a CO-RE relocation; bit-field
 * expect kernel: refused: helper 113 (bpf_probe_read_kernel); put what they need into the context
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task {
	long start;
	int cpu;
	unsigned int state: 3, policy: 7;
} __attribute__((preserve_access_index));

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
	return task->policy;
}

static __noinline long read_it(struct task *task)
{
	return task->policy;
}

SEC("bpfsched/calls") long calls(struct task *task, unsigned long len)
{
	return read_it(task) + 1;
}

SEC("bpfsched/writes") long writes(struct task *task, unsigned long len)
{
	task->policy = 3;
	return 0;
}

SEC("bpfsched/kernel") long kernel(struct task *task, unsigned long len)
{
	return BPF_CORE_READ(task, cpu);
}
