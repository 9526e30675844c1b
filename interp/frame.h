/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls: the frames of a run, and which function a number stands for.
 */
#ifndef INTERP_FRAME_H
#define INTERP_FRAME_H

#include "interp.h"

const struct interp_insn *interp_call(struct interp_state *state,
				      const struct interp_insn *insn);
const struct interp_insn *interp_callx(struct interp_state *state,
				       const struct interp_insn *insn);
const struct interp_insn *interp_return(struct interp_state *state,
					const struct interp_insn *insn);
const struct interp_insn *interp_function(const struct interp_state *state,
					  u64 handle);
const struct interp_insn *interp_settle(struct interp_state *state,
					const struct interp_insn *insn);
void interp_call_back(struct interp_state *state,
		      const struct interp_insn *entry, interp_next_t *next);
void interp_first_frame(struct interp_state *state);

/* The room for what a call from frame @depth saves, in whatever state. */
static __always_inline struct interp_frame *
interp_frame_at(struct interp_state *state, u32 depth)
{
	return &state->frames[depth & (INTERP_FRAMES - 1)];
}

/**
 * interp_enter_frame() - make another frame the live one
 * @state: the run
 * @depth: number of frames below it; forced into the stack
 *
 * The stack ends with the live frame; what lies above it is not mapped. All is
 * made from the number anew: what was added to what is there would add up to
 * anything on a path that is taken by mistake again and again.
 *
 * Context: process, from a dispatcher.
 */
static __always_inline void interp_enter_frame(struct interp_state *state,
					       u32 depth)
{
	struct interp_region *stack = &state->regions[INTERP_REGION_STACK];
	u32 end, log2;

	BUILD_BUG_ON_NOT_POWER_OF_2(INTERP_FRAMES);
	depth &= INTERP_FRAMES - 1;
	end = (depth + 1) * INTERP_FRAME_SIZE;
	state->depth = depth;
	state->frame_base = state->stack + end;
	state->regs[BPF_REG_10] = INTERP_ADDRESS(INTERP_REGION_STACK, end);
	for (log2 = 0; log2 < 4; log2++) {
		stack->readable[log2] = end + 1 - (1U << log2);
		stack->writable[log2] = end + 1 - (1U << log2);
	}
}

/*
 * A place in the live frame, by its distance from r10, which is negative; forced
 * to be that. What is longer than the distance ends in the frame above or in the
 * room for texts, which are the run's own too.
 */
static __always_inline void *interp_in_frame(const struct interp_state *state,
					     s64 offset)
{
	return state->frame_base +
	       INTERP_FORCE_NEGATIVE(offset, INTERP_FRAME_SIZE);
}

#endif /* INTERP_FRAME_H */
