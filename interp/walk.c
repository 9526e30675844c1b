// SPDX-License-Identifier: GPL-2.0
/*
 * Walks: a program goes through the elements of a map.
 *
 * The program can pause in the function that is called back for each element,
 * and the elements of a hash cannot be gone through in pieces. So they are
 * collected before the first call. The elements of an array are found as they
 * are come to.
 *
 * What was collected is memory, to be freed however the run ends: walks are
 * kept in a list of the run, the inner ones first, as they end.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "frame.h"
#include "map_helpers.h"
#include "walk.h"

/* Windows of keys have tags of their own: no value is seen through them. */
#define TAG_OF_KEYS	0x100

/* What it takes to show an element and its key, see interp_work(). */
#define SHOW_WORK	64

/**
 * struct walk_piece - some elements
 * @next: those that come behind them, NULL: none
 * @elements: where they are; they stay there as long as the map
 */
struct walk_piece {
	struct walk_piece *next;
	struct interp_walk_element {
		void *key;
		void *value;
	} elements[255];
};

#define PIECE_ELEMENTS	ARRAY_SIZE(((struct walk_piece *)NULL)->elements)

/**
 * struct interp_walk - the elements of a hash, as they were at the beginning
 * @outer: the walk in whose callback this one began, NULL: none
 * @first: the first elements, NULL: none
 * @last: while they are collected, the last; then those that come next
 * @count: number of elements
 * @err: why not all were collected
 */
struct interp_walk {
	struct interp_walk *outer;
	struct walk_piece *first;
	struct walk_piece *last;
	u32 count;
	int err;
};

/**
 * struct walk_place - where a walk is, in the data of the frame
 * @index: number of the map
 * @at: number of calls so far
 * @count: number of elements to call back for
 * @ctx: what the program wants to be handed
 * @collected: the elements, NULL: those of an array
 */
struct walk_place {
	u32 index;
	u32 at;
	u64 count;
	u64 ctx;
	struct interp_walk *collected;
};

static_assert(sizeof(struct walk_place) <=
	      sizeof_field(struct interp_frame, data));

/* What the map calls back returns 0 to go on, 1 to stop. */

/*
 * In a read-side critical section of the map's. Memory is there or is not: the
 * worker, which others wait for, looks for none. The client pays for it.
 */
#define COLLECT_GFP	(GFP_NOWAIT | __GFP_ACCOUNT | __GFP_NOWARN)

static bool add_piece(struct interp_walk *walk)
{
	struct walk_piece *piece = kmalloc(sizeof(*piece), COLLECT_GFP);

	if (!piece)
		return false;
	piece->next = NULL;
	if (walk->last)
		walk->last->next = piece;
	else
		walk->first = piece;
	walk->last = piece;
	return true;
}

static u64 collect_element(u64 map, u64 key, u64 value, u64 ctx, u64 unused)
{
	struct interp_walk *walk = (struct interp_walk *)(long)ctx;
	u32 at = walk->count % PIECE_ELEMENTS;

	if (walk->count == INTERP_WALK_MAX)
		walk->err = -E2BIG;
	else if (!at && !add_piece(walk))
		walk->err = -ENOMEM;
	if (walk->err)
		return 1;
	walk->last->elements[at] = (struct interp_walk_element) {
		.key = (void *)(long)key,
		.value = (void *)(long)value,
	};
	walk->count++;
	return 0;
}

/* The map enters read-side critical sections itself, one for each bucket. */
static long for_each(struct bpf_map *map, bpf_callback_t callback, void *ctx)
{
	long ret;

	migrate_disable();
	ret = map->ops->map_for_each_callback(map, callback, ctx, 0);
	migrate_enable();
	return ret;
}

/*
 * What it takes to collect the elements, see interp_work(). All of its buckets
 * are looked at, however many elements there are.
 */
static u64 collect_work(const struct interp_map *map)
{
	return 16ULL * map->max_entries;
}

/* Collect the elements of a hash. Returns their number or a negative errno. */
static int collect(struct interp_state *state, struct bpf_map *map)
{
	struct interp_walk *walk = kzalloc(sizeof(*walk), COLLECT_GFP);
	long ret;
	int err;

	if (!walk)
		return -ENOMEM;
	walk->outer = state->walks;
	state->walks = walk;
	ret = for_each(map, collect_element, walk);
	err = ret < 0 ? ret : walk->err;
	if (err) {
		interp_walk_end(state);
		return err;
	}
	walk->last = walk->first;
	return walk->count;
}

/**
 * interp_walk_end() - end the innermost walk
 * @state: the run, with a walk under way that has collected elements
 *
 * Context: process.
 */
void interp_walk_end(struct interp_state *state)
{
	struct interp_walk *walk = state->walks;
	struct walk_piece *piece, *next;

	for (piece = walk->first; piece; piece = next) {
		next = piece->next;
		kfree(piece);
	}
	state->walks = walk->outer;
	kfree(walk);
}

static u64 show_key(struct interp_state *state, const struct interp_map *map,
		    u32 index, void *key)
{
	const struct bpfsched_memory memory = {
		.base = key,
		.len = map->key_size,
		.readonly = true,
	};

	return interp_window_show(state, &memory, TAG_OF_KEYS | index);
}

/* The next element of an array: its key is the number of it. */
static void show_array_element(struct interp_state *state,
			       const struct interp_frame *frame,
			       const struct walk_place *place, u32 index)
{
	const struct interp_map *map = &state->image->maps[index];
	u32 *key = &state->keys[frame - state->frames];

	*key = place->at;
	state->regs[BPF_REG_2] = show_key(state, map, index, key);
	state->regs[BPF_REG_3] = interp_map_lookup(state, index, key);
}

static void show_collected_element(struct interp_state *state,
				   const struct walk_place *place, u32 index)
{
	const struct interp_map *map = &state->image->maps[index];
	struct interp_walk *walk = place->collected;
	u32 at = place->at % PIECE_ELEMENTS;
	const struct interp_walk_element *element;

	if (place->at && !at)
		walk->last = walk->last->next;
	element = &walk->last->elements[at];

	state->regs[BPF_REG_2] = show_key(state, map, index, element->key);
	state->regs[BPF_REG_3] = interp_map_show_value(state, index,
						       element->value);
}

/*
 * The numbers of the place are forced into their ranges, for a processor may
 * take the data of a frame of bpf_loop() for one.
 *
 * To free what was collected takes less than to collect it did, which
 * interp_walk_begin() has counted.
 */
static bool next_element(struct interp_state *state, struct interp_frame *frame)
{
	struct walk_place *place = (struct walk_place *)frame->data;
	u32 index = array_index_nospec(place->index, BPFSCHED_MAPS_MAX);

	interp_work(state, SHOW_WORK);
	if (place->at == place->count ||
	    (place->at && state->regs[BPF_REG_0])) {
		state->regs[BPF_REG_0] = place->at;
		if (place->collected)
			interp_walk_end(state);
		return false;
	}
	if (place->collected)
		show_collected_element(state, place, index);
	else
		show_array_element(state, frame, place, index);
	state->regs[BPF_REG_1] = INTERP_ADDRESS(INTERP_REGION_HANDLES, index);
	state->regs[BPF_REG_4] = place->ctx;
	state->regs[BPF_REG_5] = 0;
	place->at++;
	return true;
}

/**
 * interp_walk_begin() - have a function called for each element of a map
 * @state: the run
 * @index: number of the map, which is an array or a hash
 * @entry: the function
 * @ctx: what it is to be handed besides
 *
 * Context: process, from a helper; may sleep.
 * Return: 0: there are no elements; 1: the function will be called back; -E2BIG
 * if a hash has more than INTERP_WALK_MAX elements, or room for more than
 * INTERP_WALK_ROOM; -ENOMEM.
 */
int interp_walk_begin(struct interp_state *state, u32 index,
		      const struct interp_insn *entry, u64 ctx)
{
	struct walk_place *place = (struct walk_place *)state->call_back.data;
	const struct interp_map *map = &state->image->maps[index];
	int count;

	*place = (struct walk_place) { .index = index, .ctx = ctx };
	if (!map->is_array && map->max_entries > INTERP_WALK_ROOM)
		return -E2BIG;
	if (map->is_array) {
		place->count = map->max_entries;
	} else {
		interp_work(state, collect_work(map));
		count = collect(state, map->map);
		if (count < 0)
			return count;
		place->count = count;
		place->collected = state->walks;
	}
	if (!place->count) {
		if (place->collected)
			interp_walk_end(state);
		return 0;
	}
	interp_call_back(state, entry, next_element);
	return 1;
}
