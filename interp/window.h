/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows: how a program sees what has no region of its own, the elements of
 * most maps.
 */
#ifndef INTERP_WINDOW_H
#define INTERP_WINDOW_H

#include <linux/types.h>

#include "engine.h"

struct interp_state;

#define INTERP_WINDOW_BUCKETS	64	/* a power of two */

/**
 * struct interp_window - one window
 * @base: kernel address of what is seen through it
 * @tag: tells windows with different rights to the same memory apart
 * @older: the window that was used before this one; of the oldest, the newest
 * @newer: the window that was used after this one; of the newest, the oldest
 * @next: of the same bucket, its number + 1; 0: none
 */
struct interp_window {
	const void *base;
	u32 tag;
	u8 older;
	u8 newer;
	u8 next;
};

/**
 * struct interp_windows - the windows of a run
 * @count: number of windows that were opened, from the first
 * @newest: the one that was used last
 * @buckets: windows by what is seen through them, number + 1; 0: none
 */
struct interp_windows {
	u8 count;
	u8 newest;
	u8 buckets[INTERP_WINDOW_BUCKETS];
};

u64 interp_window_find(struct interp_state *state, const void *base, u32 tag);
u64 interp_window_open(struct interp_state *state,
		       const struct bpfsched_memory *memory, u32 tag);
bool interp_window_is_gone(const struct interp_state *state, u64 address);

#endif /* INTERP_WINDOW_H */
