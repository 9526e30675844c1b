/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows: how a program sees what has no region of its own, the elements of
 * most maps.
 */
#ifndef INTERP_WINDOW_H
#define INTERP_WINDOW_H

#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/types.h>

#include "engine.h"
#include "region.h"

struct interp_state;

#define INTERP_WINDOW_BUCKETS	256	/* a power of two */

/* An address is good until as many other things have been looked at. */
#define INTERP_WINDOWS_KEPT	(INTERP_WINDOWS / 2)

/**
 * struct interp_windows - which windows of a run are open
 * @recent: bit n is set if window n was used in this epoch
 * @before: bit n is set if window n was used in the epoch before
 * @recent_count: number of bits that are set in @recent, at most
 *	INTERP_WINDOWS_KEPT
 * @count: number of windows that were opened, from the first
 * @buckets: the first region of those whose base has this hash; 0: none
 */
struct interp_windows {
	u64 recent;
	u64 before;
	u8 recent_count;
	u8 count;
	u8 buckets[INTERP_WINDOW_BUCKETS];
};

u64 interp_window_open(struct interp_state *state,
		       const struct bpfsched_memory *memory, u32 tag);
u64 interp_window_show(struct interp_state *state,
		       const struct bpfsched_memory *memory, u32 tag);
bool interp_window_is_gone(const struct interp_state *state, u64 address);

static __always_inline u8 *interp_window_bucket(struct interp_windows *windows,
						const void *base)
{
	return &windows->buckets[hash_ptr(base, ilog2(INTERP_WINDOW_BUCKETS))];
}

/* The epoch ends when it has seen as many windows as are to be kept. */
static __always_inline void interp_window_use(struct interp_windows *windows,
					      u32 region)
{
	u64 bit = BIT_ULL(region - INTERP_REGION_WINDOWS);

	if (windows->recent & bit)
		return;
	if (windows->recent_count == INTERP_WINDOWS_KEPT) {
		windows->before = windows->recent;
		windows->recent = 0;
		windows->recent_count = 0;
	}
	windows->recent |= bit;
	windows->recent_count++;
}

/**
 * interp_window_find() - look again at something that a program may see already
 * @windows: the windows of the run
 * @regions: its regions
 * @base: kernel address of its first byte
 * @tag: as in interp_window_open()
 *
 * Context: process, from a helper or what follows a callback.
 * Return: the sandbox address of its first byte; 0 if there is no window open
 * through which it is seen.
 */
static __always_inline u64
interp_window_find(struct interp_windows *windows,
		   const struct interp_region *regions, const void *base,
		   u32 tag)
{
	u32 number = *interp_window_bucket(windows, base);

	while (number) {
		const struct interp_region *region =
			&regions[number & (INTERP_REGIONS - 1)];

		if (likely(region->base == base && region->tag == tag)) {
			interp_window_use(windows, number);
			return region->start;
		}
		number = region->next;
	}
	return 0;
}

#endif /* INTERP_WINDOW_H */
