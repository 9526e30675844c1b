/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an engine is to the scheduler core: it checks programs and runs them.
 * An engine knows nothing of jobs, queues or threads. It gets a budget and a
 * word to read at safe points, and says how the run ended.
 */
#ifndef BPFSCHED_ENGINE_H
#define BPFSCHED_ENGINE_H

#include <linux/types.h>
#include <uapi/linux/bpf.h>

/* Most data sections of a program. */
#define BPFSCHED_SECTIONS_MAX	16

/* At most this many instructions lie between two safe points. */
#define BPFSCHED_SAFE_POINT_INSNS	4096

/**
 * struct bpfsched_memory - bytes that a program can reach
 * @base: kernel address
 * @len: length in bytes, at most INT_MAX
 * @readonly: the program may not write them
 */
struct bpfsched_memory {
	void *base;
	u32 len;
	bool readonly;
};

/**
 * struct bpfsched_code - a program as it was submitted
 * @insns: the instructions, RFC 9669
 * @insn_count: number of 8-byte slots
 * @section_count: number of data sections
 * @sections: the data sections; they outlive the image
 */
struct bpfsched_code {
	const struct bpf_insn *insns;
	u32 insn_count;
	u32 section_count;
	const struct bpfsched_memory *sections;
};

/**
 * struct bpfsched_log - why a program was refused, for its author
 * @text: one line, NUL-terminated, without a newline
 */
struct bpfsched_log {
	char text[160];
};

/**
 * struct bpfsched_exec_params - what one run of a program starts from
 * @image: the program, from bpfsched_engine_ops.load
 * @context: the bytes that r1 points to and r2 counts
 * @budget_insns: most instructions that the run may execute
 */
struct bpfsched_exec_params {
	const void *image;
	struct bpfsched_memory context;
	u64 budget_insns;
};

/* The word that is read at safe points. */
#define BPFSCHED_CONTROL_RUN	0
#define BPFSCHED_CONTROL_PAUSE	1 /* return soon, to go on later */
#define BPFSCHED_CONTROL_STOP	2 /* return soon, for good */

/**
 * enum bpfsched_outcome - how a run ended
 * @BPFSCHED_DONE: the program returned
 * @BPFSCHED_PAUSED: at a safe point, as asked; run() goes on from there
 * @BPFSCHED_STOPPED: at a safe point, as asked
 * @BPFSCHED_EXHAUSTED: the budget is used up
 * @BPFSCHED_FAULTED: the program did what the sandbox does not allow
 */
enum bpfsched_outcome {
	BPFSCHED_DONE,
	BPFSCHED_PAUSED,
	BPFSCHED_STOPPED,
	BPFSCHED_EXHAUSTED,
	BPFSCHED_FAULTED,
};

/**
 * struct bpfsched_fault - what a program did that is not allowed
 * @kind: BPFSCHED_FAULT_* of the ABI
 * @pc: 8-byte slot of the instruction
 * @address: sandbox address that was accessed, if @kind is about one
 */
struct bpfsched_fault {
	u32 kind;
	u32 pc;
	u64 address;
};

/**
 * struct bpfsched_result - what a run gave
 * @r0: the return value, if it ended as BPFSCHED_DONE, else 0
 * @instructions: how many were executed since the start
 * @fault: if it ended as BPFSCHED_FAULTED, else all zero
 */
struct bpfsched_result {
	u64 r0;
	u64 instructions;
	struct bpfsched_fault fault;
};

/**
 * struct bpfsched_engine_ops - an engine
 * @name: unique among engines
 * @state_size: bytes that the state of a run takes
 * @load: check a program and make an image of it. Process context, may sleep.
 *	Returns 0; -EINVAL with a reason in the log if the program is refused;
 *	-ENOMEM; -EINTR if the caller is being killed
 * @unload: free an image. Process context, may sleep
 * @start: fill a state, so that run() begins at the first instruction. A state
 *	that was not used before is all zero. The state, the image and the
 *	context belong to the run until it has ended. Process context
 * @run: run until one of enum bpfsched_outcome. Process context; lets the
 *	kernel schedule at safe points. The word may change at any time
 *
 * All callbacks are required.
 */
struct bpfsched_engine_ops {
	const char *name;
	size_t state_size;
	int (*load)(const struct bpfsched_code *code, struct bpfsched_log *log,
		    void **image);
	void (*unload)(void *image);
	void (*start)(void *state, const struct bpfsched_exec_params *params);
	enum bpfsched_outcome (*run)(void *state, const u32 *control,
				     struct bpfsched_result *result);
};

/* The interpreter, by dispatcher; ended by NULL, the portable one is last. */
extern const struct bpfsched_engine_ops *const bpfsched_engines[];

const struct bpfsched_engine_ops *bpfsched_engine_find(const char *dispatcher);

bool bpfsched_engine_is_valid(const struct bpfsched_engine_ops *ops);

#endif /* BPFSCHED_ENGINE_H */
