/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks: a program goes through the elements of a map.
 */
#ifndef INTERP_WALK_H
#define INTERP_WALK_H

#include <linux/types.h>

struct interp_insn;
struct interp_state;

int interp_walk_begin(struct interp_state *state, u32 index,
		      const struct interp_insn *entry, u64 ctx);
void interp_walk_end(struct interp_state *state);
void interp_walk_forget(struct interp_state *state);

/*
 * For tests, in kernels that can run them: which allocation of a walk fails, 1 for
 * the next; 0: none.
 */
extern u32 interp_walk_fails_alloc;

#endif /* INTERP_WALK_H */
