/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between bpfsched_bench.ko and tools/bench, which are built from the same
 * checkout: no interface for anybody else.
 *
 * Every command takes a number of rounds and gives nanoseconds for each of
 * them. Where there is something to compare with, a round measures one after
 * the other, so that what else the machine does falls on all of them alike.
 */
#ifndef BPFSCHED_BENCH_ABI_H
#define BPFSCHED_BENCH_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define BENCH_NODE		"/dev/bpfsched_bench"

#define BENCH_ROUNDS_MAX	1000
#define BENCH_ENGINES_MAX	4
#define BENCH_INSNS_MAX		65536
#define BENCH_CONTEXTS_MAX	4096
#define BENCH_BYTES_MAX		(16 << 20)
#define BENCH_SECTIONS_MAX	16
#define BENCH_MAPS_MAX		16
#define BENCH_SIZE_MAX		131072

/* At most this many instructions lie between two safe points. */
#define BENCH_SAFE_POINT_INSNS	4096

/**
 * struct bench_bytes - a context or a data section
 * @data: address of the bytes
 * @len: how many, at least 1
 * @pad: 0
 */
struct bench_bytes {
	__u64 data;
	__u32 len;
	__u32 pad;
};

/**
 * struct bench_subject - what has run a program
 * @name: of the engine
 * @refused: why it was not run; empty if it was
 * @result: r0 of all runs of the last round, added up
 * @instructions: executed in one run over all contexts, 0 if it does not count
 */
struct bench_subject {
	char name[32];
	char refused[160];
	__u64 result;
	__u64 instructions;
};

/**
 * struct bench_interp - run a program on the kernel's interpreter and on each
 *	engine
 * @insns: the program, an array of struct bpf_insn: r1 is the address and r2
 *	the number of the bytes of the context; a reference to a section or a map
 *	has pseudo-source 6 or 5 and its index
 * @insn_count: number of slots
 * @control_fd: the program as the kernel has loaded it, of type syscall; or -1:
 *	made of @insns, without its verifier
 * @contexts: array of struct bench_bytes; every run goes over all of them, and
 *	each subject has a copy of its own
 * @sections: array of struct bench_bytes, as @contexts
 * @maps: array of __s32, descriptors of maps
 * @context_count: number of @contexts, at least 1
 * @section_count: number of @sections
 * @map_count: number of @maps
 * @rounds: number of rounds
 * @repeat: runs in a round
 * @budget: most instructions that a run of an engine executes; what is over
 *	then has ended well. 0: no limit
 * @engine_count: set: number of engines
 * @times: array of __u64: for each round the time of the control, and that of
 *	each engine, room for @rounds times (1 + BENCH_ENGINES_MAX); set, with
 *	1 + @engine_count a round, 0 for an engine that has refused
 * @control: set
 * @engines: set
 */
struct bench_interp {
	__u64 insns;
	__u32 insn_count;
	__s32 control_fd;
	__u64 contexts;
	__u64 sections;
	__u64 maps;
	__u32 context_count;
	__u32 section_count;
	__u32 map_count;
	__u32 rounds;
	__u32 repeat;
	__u32 engine_count;
	__u64 budget;
	__u64 times;
	struct bench_subject control;
	struct bench_subject engines[BENCH_ENGINES_MAX];
};

/* struct bench_queue.operation */
#define BENCH_QUEUE_PASS	0 /* take the first out, put another in */
#define BENCH_QUEUE_CANCEL	1 /* take out any */
#define BENCH_CORE_PASS		2 /* submit, run and read a job */
#define BENCH_CORE_CANCEL	3 /* cancel any job, read its completion */

/**
 * struct bench_queue - measure operations on a queue of a size
 * @policy: name of the policy
 * @operation: BENCH_QUEUE_*: of the policy alone; BENCH_CORE_*: of the scheduler
 *	around it, without threads
 * @size: jobs in the queue
 * @rounds: number of rounds
 * @ops: set: operations in a round
 * @control: not 0: measure the kernel's tree alone too, for BENCH_QUEUE_*
 * @pad: 0
 * @times: array of __u64: for each round the time of the policy, and that of the
 *	control; set, 0 for a control that was not measured
 */
struct bench_queue {
	char policy[32];
	__u32 operation;
	__u32 size;
	__u32 rounds;
	__u32 ops;
	__u32 control;
	__u32 pad;
	__u64 times;
};

/**
 * struct bench_wake - be woken by an eventfd, and say when
 * @event_fd: eventfd that the call sleeps on; with a value of 1 it notes the
 *	time and goes on, with another one it returns
 * @reply_fd: pipe that the time is written to, a __u64
 */
struct bench_wake {
	__s32 event_fd;
	__s32 reply_fd;
};

/**
 * struct bench_start - measure what the start of a job costs
 * @rounds: number of rounds
 * @pad: 0
 * @times: array of __u64: for each round the time from a submission to the run
 *	of the job on a worker that sleeps, and the time from the pause of a job,
 *	through the whole of another, to its return; set
 */
struct bench_start {
	__u32 rounds;
	__u32 pad;
	__u64 times;
};

#define BENCH_IOC_INTERP	_IOWR(0xBE, 0, struct bench_interp)
#define BENCH_IOC_QUEUE		_IOWR(0xBE, 1, struct bench_queue)
#define BENCH_IOC_WAKE		_IOW(0xBE, 2, struct bench_wake)
#define BENCH_IOC_START		_IOW(0xBE, 3, struct bench_start)

#endif /* BPFSCHED_BENCH_ABI_H */
