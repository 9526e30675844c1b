// SPDX-License-Identifier: GPL-2.0
/*
 * Walks: a program goes through the elements of a map.
 *
 * The elements of an array are found as they are come to. Of a hash the keys are
 * collected before the first callback, for a hash finds the next key by the one
 * before, which the callback may delete. It does so in pieces, with safe points
 * in between: the helper is called again until it has all keys. Then each is
 * looked up when it is its turn; one that is not there any more is left out.
 *
 * What was collected is memory, to be freed however the run ends: walks are
 * kept in a list of the run, the inner ones first, as they end. A walk that ends
 * frees its memory in pieces, too.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "frame.h"
#include "map_helpers.h"
#include "walk.h"

/* Windows of keys have tags of their own: no value is seen through them. */
#define TAG_OF_KEYS	0x100

/* What it takes to show an element and its key, see interp_work(). */
#define SHOW_WORK	64

/* To free a piece. */
#define FREE_WORK	64

/* Keys between two safe points, if it takes more than a slice may have. */
#define KEYS_AT_ONCE	16

/* Pieces that are freed between two safe points, likewise. */
#define PIECES_AT_ONCE	16

/* Of two walks that begin anew, all steps. */
#define STEPS_MAX	(2 * INTERP_WALK_MAX)

/**
 * struct walk_piece - some keys
 * @next: those that come behind them, NULL: none yet
 * @keys: the keys, each of interp_walk.key_room bytes
 */
struct walk_piece {
	struct walk_piece *next;
	u8 keys[4096 - sizeof(void *)] __aligned(8);
};

/**
 * struct interp_walk - the keys of a hash, as they were at the beginning
 * @outer: the walk in whose callback this one began, NULL: none
 * @map: the hash
 * @index: number of @map
 * @first: the first keys, NULL: none
 * @piece: while they are collected, the last piece; then the one with the key
 *	whose turn it is. NULL: the first is next
 * @key_room: bytes from one key to the next in a piece
 * @piece_keys: keys in a piece
 * @count: number of keys
 * @at: number of those whose turn it was
 * @steps: keys that the map was asked for
 * @outer_bytes: what the keys of all walks around this one take
 * @key: while they are collected, the last one, in @piece
 * @value: the value of the element that is next, if it was looked up already
 * @is_whole: all keys are collected, or will not be
 * @error: why they will not be; 0: they are
 * @is_ready: the first element was found, so that callbacks can begin
 */
struct interp_walk {
	struct interp_walk *outer;
	const struct interp_map *map;
	struct walk_piece *first;
	struct walk_piece *piece;
	u32 index;
	u32 key_room;
	u32 piece_keys;
	u32 count;
	u32 at;
	u32 steps;
	u32 outer_bytes;
	void *key;
	void *value;
	int error;
	bool is_whole;
	bool is_ready;
};

/**
 * struct walk_place - where a walk is, in the data of the frame
 * @index: number of the map
 * @at: number of calls so far
 * @ctx: what the program wants to be handed
 *
 * The keys of a hash are those of the innermost walk: no address is kept here,
 * where a processor may take what another helper keeps for one.
 */
struct walk_place {
	u32 index;
	u32 at;
	u64 ctx;
};

static_assert(sizeof(struct walk_place) <=
	      sizeof_field(struct interp_frame, data));

/*
 * Memory is there or is not: the worker, which others wait for, looks for none.
 * The client pays for it.
 */
#define COLLECT_GFP	(GFP_NOWAIT | __GFP_ACCOUNT | __GFP_NOWARN)

#if IS_ENABLED(CONFIG_KUNIT)
u32 interp_walk_fails_alloc;
EXPORT_SYMBOL_FOR_KUNIT(interp_walk_fails_alloc);

static bool alloc_fails(void)
{
	return interp_walk_fails_alloc && !--interp_walk_fails_alloc;
}
#else
static bool alloc_fails(void)
{
	return false;
}
#endif

static void *collect_alloc(size_t size, gfp_t more)
{
	return alloc_fails() ? NULL : kmalloc(size, COLLECT_GFP | more);
}

/* The piece for key number @at of a walk, which comes next; NULL if there is none. */
static struct walk_piece *next_piece(const struct interp_walk *walk, u32 at)
{
	if (at % walk->piece_keys)
		return walk->piece;
	return walk->piece ? walk->piece->next : walk->first;
}

static void *key_in(const struct interp_walk *walk, struct walk_piece *piece,
		    u32 at)
{
	return piece->keys + at % walk->piece_keys * walk->key_room;
}

/* A piece that was collected before the walk began anew is used again. */
static struct walk_piece *make_piece(struct interp_walk *walk)
{
	struct walk_piece *piece = next_piece(walk, walk->count);

	if (piece)
		return piece;
	piece = collect_alloc(sizeof(*piece), 0);
	if (!piece)
		return NULL;
	piece->next = NULL;
	if (walk->piece)
		walk->piece->next = piece;
	else
		walk->first = piece;
	return piece;
}

/*
 * An LRU hash keeps longer what is looked up, but not for this. A per-CPU one has
 * no such look-up: what a walk comes to counts as used there.
 */
static void *peek(struct bpf_map *map, void *key)
{
	return map->ops->map_lookup_elem_sys_only ?
	       map->ops->map_lookup_elem_sys_only(map, key) :
	       map->ops->map_lookup_elem(map, key);
}

/*
 * What the keys of a walk and of those around it take. All of it is freed at once
 * if the run ends there.
 */
static u32 bytes_with(const struct interp_walk *walk)
{
	return walk->outer_bytes + walk->count * walk->key_room;
}

/* A walk whose last key is gone does not know where it was. */
static void begin_anew(struct interp_walk *walk)
{
	walk->piece = NULL;
	walk->count = 0;
	walk->key = NULL;
}

/*
 * Collect a key. A map that does not have the last one any more gives its first,
 * so that is looked at.
 *
 * Returns 0; 1 if the walk begins anew; -ENOENT if there are no more, or an error.
 */
static int collect_key(struct bpf_map *map, struct interp_walk *walk)
{
	struct walk_piece *piece;
	bool is_there;
	void *key;
	int err;

	if (walk->steps++ == STEPS_MAX)
		return -EAGAIN;
	piece = make_piece(walk);
	if (!piece)
		return -ENOMEM;
	key = key_in(walk, piece, walk->count);

	interp_enter_map();
	err = map->ops->map_get_next_key(map, walk->key, key);
	is_there = !walk->key || peek(map, walk->key);
	interp_leave_map();

	if (!is_there) {
		begin_anew(walk);
		return 1;
	}
	if (err)
		return err;
	if (walk->count == INTERP_WALK_MAX ||
	    bytes_with(walk) >= INTERP_WALK_BYTES)
		return -E2BIG;
	walk->piece = piece;
	walk->key = key;
	walk->count++;
	return 0;
}

/*
 * Collect some keys. Each takes three look-ups. All buckets may have to be looked
 * at besides, to find that they are empty; and again by the call that finds that
 * the last key is gone, which is why a piece ends with that.
 *
 * Returns 0 or 1: there may be more; -ENOENT if that are all; or an error.
 */
static int collect(struct interp_state *state, struct interp_walk *walk)
{
	const struct interp_map *map = walk->map;
	u32 keys = 0;
	int err = 0;

	interp_work(state, roundup_pow_of_two(map->max_entries));
	while (!err && (keys < KEYS_AT_ONCE || state->work <= INTERP_WORK_MAX)) {
		interp_work(state, 3 * map->lookup_work);
		err = collect_key(map->map, walk);
		keys++;
	}
	return err;
}

/*
 * Room for the key that the callback is to see. It lasts as long as the run, for
 * the program can see it that long.
 */
static bool make_room_for_key(struct interp_state *state)
{
	u8 **room = &state->hash_keys[state->depth & (INTERP_FRAMES - 1)];

	if (!*room)
		*room = collect_alloc(INTERP_KEY_MAX, __GFP_ZERO);
	return *room;
}

/**
 * interp_walk_forget() - free what walks that have ended have left
 * @state: the run, with no walk under way
 *
 * Context: process; the program is not executed any more.
 */
void interp_walk_forget(struct interp_state *state)
{
	u32 i;

	for (i = 0; i < INTERP_FRAMES; i++) {
		if (!state->hash_keys[i])
			continue;
		kfree(state->hash_keys[i]);
		state->hash_keys[i] = NULL;
	}
}

static struct interp_walk *new_walk(struct interp_state *state, u32 index)
{
	const struct interp_map *map = &state->image->maps[index];
	struct interp_walk *walk;

	if (!make_room_for_key(state))
		return NULL;
	walk = collect_alloc(sizeof(*walk), __GFP_ZERO);
	if (!walk)
		return NULL;
	walk->map = map;
	walk->index = index;
	walk->key_room = round_up(map->key_size, 8);
	walk->piece_keys = sizeof(walk->piece->keys) / walk->key_room;
	walk->outer = state->walks;
	walk->outer_bytes = walk->outer ? bytes_with(walk->outer) : 0;
	state->walks = walk;
	return walk;
}

/*
 * End the innermost walk, but do not free too much at once. Returns whether it has
 * ended, or is to be ended again after a safe point.
 */
static bool end_hash(struct interp_state *state)
{
	struct interp_walk *walk = state->walks;
	u32 pieces = 0;

	while (walk->first) {
		struct walk_piece *piece = walk->first;

		if (pieces++ >= PIECES_AT_ONCE && state->work > INTERP_WORK_MAX)
			return false;
		walk->first = piece->next;
		interp_work(state, FREE_WORK);
		kfree(piece);
	}
	state->walks = walk->outer;
	kfree(walk);
	return true;
}

/**
 * interp_walk_end() - end the innermost walk, all at once
 * @state: the run, with a walk of a hash under way
 *
 * Context: process; the program is not executed any more.
 */
void interp_walk_end(struct interp_state *state)
{
	while (!end_hash(state))
		continue;
}

/*
 * Go on to the next key whose element is there yet, but not too far at once.
 * Returns whether there is one, or it is to be asked for again.
 */
static enum interp_follow find_next(struct interp_state *state,
				    struct interp_walk *walk)
{
	const struct interp_map *map = walk->map;
	u32 keys = 0;

	while (!walk->value) {
		if (walk->at == walk->count)
			return INTERP_FOLLOW_END;
		if (keys++ >= KEYS_AT_ONCE && state->work > INTERP_WORK_MAX)
			return INTERP_FOLLOW_AGAIN;
		interp_work(state, map->lookup_work);
		walk->piece = next_piece(walk, walk->at);
		walk->key = key_in(walk, walk->piece, walk->at++);
		interp_enter_map();
		walk->value = peek(map->map, walk->key);
		interp_leave_map();
	}
	return INTERP_FOLLOW_CALL;
}

static u32 number_of(const struct interp_state *state,
		     const struct interp_frame *frame)
{
	return (frame - state->frames) & (INTERP_FRAMES - 1);
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
static enum interp_follow show_array_element(struct interp_state *state,
					     const struct interp_frame *frame,
					     const struct walk_place *place,
					     u32 index)
{
	const struct interp_map *map = &state->image->maps[index];
	u32 *key = &state->array_keys[number_of(state, frame)];

	if (place->at == map->max_entries)
		return INTERP_FOLLOW_END;
	*key = place->at;
	state->regs[BPF_REG_2] = show_key(state, map, index, key);
	state->regs[BPF_REG_3] = interp_map_lookup(state, index, key);
	return INTERP_FOLLOW_CALL;
}

static enum interp_follow show_hash_element(struct interp_state *state,
					    const struct interp_frame *frame)
{
	struct interp_walk *walk = state->walks;
	const struct interp_map *map = walk->map;
	enum interp_follow follow = find_next(state, walk);
	void *key = state->hash_keys[number_of(state, frame)];

	if (follow != INTERP_FOLLOW_CALL)
		return follow;
	memcpy(key, walk->key, map->key_size);
	state->regs[BPF_REG_2] = show_key(state, map, walk->index, key);
	state->regs[BPF_REG_3] = interp_map_show_value(state, walk->index,
						       walk->value);
	walk->value = NULL;
	return INTERP_FOLLOW_CALL;
}

static enum interp_follow end_walk(struct interp_state *state,
				   const struct walk_place *place,
				   bool is_array)
{
	/* Whatever led here leads here again. */
	if (!is_array && !end_hash(state))
		return INTERP_FOLLOW_AGAIN;
	state->regs[BPF_REG_0] = place->at;
	return INTERP_FOLLOW_END;
}

/*
 * The numbers of the place are forced into their ranges, for a processor may
 * take the data of a frame of bpf_loop() for one.
 */
static enum interp_follow next_element(struct interp_state *state,
				       struct interp_frame *frame)
{
	struct walk_place *place = (struct walk_place *)frame->data;
	u32 index = array_index_nospec(place->index, BPFSCHED_MAPS_MAX);
	bool is_array = state->image->maps[index].is_array;
	enum interp_follow follow;

	interp_work(state, SHOW_WORK);
	if (place->at && state->regs[BPF_REG_0])
		return end_walk(state, place, is_array);
	follow = is_array ? show_array_element(state, frame, place, index) :
			    show_hash_element(state, frame);
	if (follow == INTERP_FOLLOW_END)
		return end_walk(state, place, is_array);
	if (follow == INTERP_FOLLOW_AGAIN)
		return follow;

	state->regs[BPF_REG_1] = INTERP_ADDRESS(INTERP_REGION_HANDLES, index);
	state->regs[BPF_REG_4] = place->ctx;
	state->regs[BPF_REG_5] = 0;
	place->at++;
	return INTERP_FOLLOW_CALL;
}

/*
 * Collect keys, and find the first element. The walk that is not whole yet is
 * the one that this call has begun, for the program has not gone on since.
 *
 * Returns 1 if there is an element; -EINPROGRESS if the call is to come again, to
 * go on or to free the rest. Then there is a walk. Returns 0 if there is no
 * element, or an error. Then the walk has ended.
 */
static int prepare_hash(struct interp_state *state, u32 index)
{
	struct interp_walk *walk = state->walks;
	int ret;

	if (state->image->maps[index].max_entries > INTERP_WALK_MAX)
		return -E2BIG;
	if (!walk || walk->is_ready)
		walk = new_walk(state, index);
	if (!walk)
		return -ENOMEM;
	if (!walk->is_whole) {
		ret = collect(state, walk);
		if (ret >= 0)
			return -EINPROGRESS;
		walk->is_whole = true;
		walk->error = ret == -ENOENT ? 0 : ret;
		walk->piece = NULL;
	}
	ret = walk->error;
	switch (ret ? INTERP_FOLLOW_END : find_next(state, walk)) {
	case INTERP_FOLLOW_CALL:
		walk->is_ready = true;
		return 1;
	case INTERP_FOLLOW_AGAIN:
		return -EINPROGRESS;
	case INTERP_FOLLOW_END:
		break;
	}
	return end_hash(state) ? ret : -EINPROGRESS;
}

/**
 * interp_walk_begin() - have a function called for each element of a map
 * @state: the run
 * @index: number of the map, which is an array or a hash
 * @entry: the function
 * @ctx: what it is to be handed besides
 *
 * Context: process, from a helper.
 * Return: 0: there are no elements; 1: the function will be called back, or the
 * helper will be called again; -E2BIG if a hash has room for more than
 * INTERP_WALK_MAX elements, or keys of more than INTERP_WALK_BYTES with those of the
 * walks around it; -EAGAIN if elements are deleted faster than they are found;
 * -ENOMEM.
 */
int interp_walk_begin(struct interp_state *state, u32 index,
		      const struct interp_insn *entry, u64 ctx)
{
	struct walk_place *place = (struct walk_place *)state->call_back.data;
	const struct interp_map *map = &state->image->maps[index];
	int ret;

	BUILD_BUG_ON(sizeof(struct walk_piece) != 4096);
	if (!map->is_array) {
		ret = prepare_hash(state, index);
		if (ret == -EINPROGRESS) {
			state->event = INTERP_EVENT_AGAIN;
			return 1;
		}
		if (ret <= 0)
			return ret;
	}
	*place = (struct walk_place) {
		.index = index,
		.ctx = ctx,
	};
	interp_call_back(state, entry, next_element);
	return 1;
}
