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
const struct interp_insn *interp_return(struct interp_state *state);
const struct interp_insn *interp_function(const struct interp_state *state,
					  u64 handle);
const struct interp_insn *interp_settle(struct interp_state *state,
					const struct interp_insn *insn);
void interp_call_back(struct interp_state *state,
		      const struct interp_insn *entry, interp_next_t *next);
void interp_first_frame(struct interp_state *state);

/**
 * interp_move_frame() - make another frame the live one
 * @state: the run
 * @bytes: INTERP_FRAME_SIZE: the one above; -INTERP_FRAME_SIZE: the one below
 *
 * The stack ends with the live frame; what lies above it is not mapped.
 *
 * Context: process, from a dispatcher.
 */
static __always_inline void interp_move_frame(struct interp_state *state,
					      s32 bytes)
{
	struct interp_region *stack = &state->regions[INTERP_REGION_STACK];
	int log2;

	state->frame_base += bytes;
	state->regs[BPF_REG_10] += bytes;
	for (log2 = 0; log2 < 4; log2++) {
		stack->readable[log2] += bytes;
		stack->writable[log2] += bytes;
	}
}

#endif /* INTERP_FRAME_H */
