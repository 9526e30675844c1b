// SPDX-License-Identifier: GPL-2.0
/*
 * Windows: how a program sees what has no region of its own.
 *
 * There are INTERP_WINDOWS of them. What is looked at again is seen through the
 * same window, at the same address; what is new gets the window that was not
 * used for the longest time, with a new generation, so that addresses of what
 * was seen through it before fault. Thus an address is good until as many other
 * things as there are windows have been looked at.
 *
 * Nothing is held by a window: what is seen through it lasts as long as the
 * map, which the program holds.
 */
#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/limits.h>
#include <linux/log2.h>

#include <bpfsched/visibility.h>

#include "interp.h"
#include "memory.h"

static u8 *bucket_of(struct interp_windows *windows, const void *base)
{
	return &windows->buckets[hash_ptr(base, ilog2(INTERP_WINDOW_BUCKETS))];
}

static void leave_bucket(struct interp_state *state, u32 number)
{
	u8 *link = bucket_of(&state->windows, state->window_of[number].base);

	while (*link != number + 1)
		link = &state->window_of[*link - 1].next;
	*link = state->window_of[number].next;
}

static void enter_bucket(struct interp_state *state, u32 number)
{
	u8 *link = bucket_of(&state->windows, state->window_of[number].base);

	state->window_of[number].next = *link;
	*link = number + 1;
}

/* Take a window out of the circle of windows by use. */
static void leave_circle(struct interp_state *state, u32 number)
{
	const struct interp_window *window = &state->window_of[number];

	state->window_of[window->older].newer = window->newer;
	state->window_of[window->newer].older = window->older;
}

/* Put it there again, between the newest and the oldest. */
static void enter_circle(struct interp_state *state, u32 number)
{
	struct interp_window *window = &state->window_of[number];
	u32 newest = state->windows.newest;
	u32 oldest = state->window_of[newest].newer;

	window->older = newest;
	window->newer = oldest;
	state->window_of[newest].newer = number;
	state->window_of[oldest].older = number;
}

static void use(struct interp_state *state, u32 number)
{
	u32 newest = state->windows.newest;

	if (number == newest)
		return;
	/* The oldest is in its new place already. */
	if (number != state->window_of[newest].newer) {
		leave_circle(state, number);
		enter_circle(state, number);
	}
	state->windows.newest = number;
}

/* A window that was never opened. */
static u32 take_fresh(struct interp_state *state)
{
	u32 number = state->windows.count++;

	/* The first is a circle of its own; what follows joins it. */
	state->window_of[number].older = number;
	state->window_of[number].newer = number;
	if (number)
		enter_circle(state, number);
	state->windows.newest = number;
	state->region_count = INTERP_REGION_WINDOWS + number + 1;
	return number;
}

static u32 take_oldest(struct interp_state *state)
{
	u32 number = state->window_of[state->windows.newest].newer;

	leave_bucket(state, number);
	/* The oldest is next to the newest, and becomes it. */
	state->windows.newest = number;
	return number;
}

static u64 new_window(struct interp_state *state,
		      const struct bpfsched_memory *memory, u32 tag)
{
	struct interp_region *region;
	u64 start;
	u32 number;

	if (state->windows.count < INTERP_WINDOWS) {
		number = take_fresh(state);
		start = INTERP_ADDRESS(INTERP_REGION_WINDOWS + number, 0);
		region = &state->regions[INTERP_REGION_WINDOWS + number];
	} else {
		number = take_oldest(state);
		region = &state->regions[INTERP_REGION_WINDOWS + number];
		start = region->start + (1ULL << INTERP_GENERATION_SHIFT);
	}
	state->window_of[number].base = memory->base;
	state->window_of[number].tag = tag;
	enter_bucket(state, number);
	interp_region_set(region, start, memory);
	return start;
}

/**
 * interp_window_find() - look again at something that a program may see already
 * @state: the run
 * @base: kernel address of its first byte
 * @tag: as in interp_window_open()
 *
 * Context: process, from a helper or what follows a callback.
 * Return: the sandbox address of its first byte; 0 if there is no window open
 * through which it is seen.
 */
u64 interp_window_find(struct interp_state *state, const void *base, u32 tag)
{
	u32 number = *bucket_of(&state->windows, base);
	const struct interp_window *window;

	while (number--) {
		window = &state->window_of[number];
		if (window->base == base && window->tag == tag) {
			use(state, number);
			return state->regions[INTERP_REGION_WINDOWS +
					      number].start;
		}
		number = window->next;
	}
	return 0;
}

/**
 * interp_window_open() - let a program see something
 * @state: the run
 * @memory: what it is to see; it lasts as long as the run, or as the program
 * @tag: something that is always the same for the same length and rights
 *
 * Context: process, from a helper or what follows a callback.
 * Return: the sandbox address of its first byte.
 */
u64 interp_window_open(struct interp_state *state,
		       const struct bpfsched_memory *memory, u32 tag)
{
	return interp_window_find(state, memory->base, tag) ?:
	       new_window(state, memory, tag);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_window_open);

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
