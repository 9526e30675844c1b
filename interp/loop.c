// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_loop(). The loop is not one of this function: it is a frame that knows
 * how often its function was called, so that a run can pause in it anywhere.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "frame.h"
#include "helpers.h"

/* As BPF_MAX_LOOPS of the kernel. */
#define LOOPS_MAX	BIT(23)

/* What it takes to begin a turn, see interp_work(). */
#define LOOP_WORK	8

/* What interp_frame.data holds. */
enum loop_data {
	LOOP_CALLS,	/* how often the function was called */
	LOOP_TURNS,	/* how often it is to be called */
	LOOP_CONTEXT,	/* what it gets as its second argument */
};

static enum interp_follow loop_next(struct interp_state *state,
				    struct interp_frame *frame)
{
	u64 calls = frame->data[LOOP_CALLS];

	interp_work(state, LOOP_WORK);

	/* Before the first call nothing has been returned yet. */
	if (calls == frame->data[LOOP_TURNS] ||
	    (calls && state->regs[BPF_REG_0])) {
		state->regs[BPF_REG_0] = calls;
		return INTERP_FOLLOW_END;
	}
	frame->data[LOOP_CALLS]++;
	state->regs[BPF_REG_1] = calls;
	state->regs[BPF_REG_2] = frame->data[LOOP_CONTEXT];
	state->regs[BPF_REG_3] = 0;
	state->regs[BPF_REG_4] = 0;
	state->regs[BPF_REG_5] = 0;
	return INTERP_FOLLOW_CALL;
}

/**
 * interp_help_loop() - bpf_loop(nr_loops, callback, context, flags)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher.
 * Return: how often the callback was called; -EINVAL if there are flags;
 * -E2BIG for more than LOOPS_MAX turns.
 */
u64 interp_help_loop(struct interp_state *state, const u64 *args)
{
	const struct interp_insn *entry = interp_function(state, args[1]);
	u32 turns = args[0];

	if (args[3])
		return -EINVAL;
	if (turns > LOOPS_MAX)
		return -E2BIG;
	if (!entry) {
		interp_fault(state, BPFSCHED_FAULT_CALL, args[1]);
		return 0;
	}
	if (!turns)
		return 0;
	memset(state->call_back.data, 0, sizeof(state->call_back.data));
	state->call_back.data[LOOP_TURNS] = turns;
	state->call_back.data[LOOP_CONTEXT] = args[2];
	interp_call_back(state, entry, loop_next);
	return 0;
}
