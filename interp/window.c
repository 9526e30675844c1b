// SPDX-License-Identifier: GPL-2.0
/*
 * Windows: how a program sees what has no region of its own.
 *
 * There are INTERP_WINDOWS of them. What is looked at again is seen through the
 * same window, at the same address; what is new gets a window that was not used
 * for long, with a new generation, so that addresses of what was seen through it
 * before fault.
 *
 * What was not used for long is told by epochs. One lasts until
 * INTERP_WINDOWS_KEPT windows were used in it. A window that was used in this
 * one or in the one before stays. So between the last use of a window and its
 * next generation lies a whole epoch, without it: INTERP_WINDOWS_KEPT other
 * things were looked at. And there is always a window that may go: when one is
 * needed, this epoch has seen fewer than that, or is over, and the one before no
 * more.
 *
 * Nothing is held by a window: what is seen through it lasts as long as the
 * map, which the program holds.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/limits.h>

#include <bpfsched/visibility.h>

#include "interp.h"
#include "memory.h"

static void leave_bucket(struct interp_state *state, u32 number)
{
	const struct interp_region *gone = &state->regions[number];
	u8 *bucket = interp_window_bucket(&state->windows, gone->base);
	struct interp_region *other;

	if (*bucket == number) {
		*bucket = gone->next;
		return;
	}
	for (other = &state->regions[*bucket]; other->next != number;)
		other = &state->regions[other->next];
	other->next = gone->next;
}

static void enter_bucket(struct interp_state *state, u32 number)
{
	struct interp_region *region = &state->regions[number];
	u8 *bucket = interp_window_bucket(&state->windows, region->base);

	region->next = *bucket;
	*bucket = number;
}

/* A window that may go. If this epoch is over, use is what ends it. */
static u32 take_old(struct interp_state *state)
{
	const struct interp_windows *windows = &state->windows;
	u64 kept = windows->recent;
	u32 number;

	BUILD_BUG_ON(INTERP_WINDOWS != 64);
	if (windows->recent_count < INTERP_WINDOWS_KEPT)
		kept |= windows->before;
	/* There is one; that a processor takes for none has no number. */
	number = INTERP_REGION_WINDOWS +
		 (__ffs64(~kept) & (INTERP_WINDOWS - 1));
	leave_bucket(state, number);
	return number;
}

/**
 * interp_window_open() - let a program see something that it does not see yet
 * @state: the run
 * @memory: what it is to see; it lasts as long as the run, or as the program
 * @tag: something that is always the same for the same length and rights
 *
 * Context: process, from a helper or what follows a callback, after
 * interp_window_find() has found nothing.
 * Return: the sandbox address of its first byte.
 */
u64 interp_window_open(struct interp_state *state,
		       const struct bpfsched_memory *memory, u32 tag)
{
	struct interp_windows *windows = &state->windows;
	u32 number = INTERP_REGION_WINDOWS + windows->count;
	u64 start = INTERP_ADDRESS(number, 0);

	if (windows->count < INTERP_WINDOWS) {
		windows->count++;
		state->region_count = number + 1;
	} else {
		number = take_old(state);
		start = state->regions[number].start +
			(1ULL << INTERP_GENERATION_SHIFT);
	}
	interp_region_set(state, &state->regions[number], start, memory);
	state->regions[number].tag = tag;
	enter_bucket(state, number);
	interp_window_use(windows, number);
	return start;
}

/**
 * interp_window_show() - let a program see something
 * @state: the run
 * @memory: as in interp_window_open()
 * @tag: as in interp_window_open()
 *
 * Context: process, from a helper or what follows a callback.
 * Return: the sandbox address of its first byte, the same as before if it can be
 * seen already.
 */
u64 interp_window_show(struct interp_state *state,
		       const struct bpfsched_memory *memory, u32 tag)
{
	return interp_window_find(&state->windows, state->regions,
				  memory->base, tag) ?:
	       interp_window_open(state, memory, tag);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_window_show);

/**
 * interp_window_is_gone() - whether an address was one of a window once
 * @state: the run
 * @address: an address that the program may not access that way
 *
 * After 2^24 generations the count of them begins anew, and so old an address
 * is taken for one that was never good, or is good again.
 *
 * Context: process.
 * Return: true if something else is seen through the window now.
 */
bool interp_window_is_gone(const struct interp_state *state, u64 address)
{
	u32 region = (address >> 32) & 0xff;

	/* Windows that were not opened start at 0. */
	return region >= INTERP_REGION_WINDOWS && region < INTERP_REGIONS &&
	       (u32)address <= S32_MAX &&
	       address < state->regions[region % INTERP_REGIONS].start;
}
EXPORT_SYMBOL_FOR_KUNIT(interp_window_is_gone);
