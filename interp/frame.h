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

#endif /* INTERP_FRAME_H */
