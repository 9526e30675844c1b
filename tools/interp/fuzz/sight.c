// SPDX-License-Identifier: GPL-2.0
/* What a run has in sight. */
#include <linux/kernel.h>

#include "case.h"
#include "interp.h"
#include "maps.h"
#include "memory.h"
#include "play.h"
#include "sight.h"

/* An address is good until as many other things were shown. */
#define OTHERS_MIN	(INTERP_WINDOWS / 2)

/* An instruction shows a key and a value at most. */
#define SHOWN_MAX	(2 * FUZZ_BUDGET_MAX)

/* All values and all keys of all maps are fewer. */
#define THINGS_MAX	4096

#define BUCKETS		256

#define NEXT_GENERATION	((u64)1 << INTERP_GENERATION_SHIFT)

/* What the linker makes of the calls of these is __wrap_*(). */
u64 __real_interp_window_find(struct interp_state *state, const void *base,
			      u32 tag);
u64 __real_interp_window_open(struct interp_state *state,
			      const struct bpfsched_memory *memory, u32 tag);
u64 __wrap_interp_window_find(struct interp_state *state, const void *base,
			      u32 tag);
u64 __wrap_interp_window_open(struct interp_state *state,
			      const struct bpfsched_memory *memory, u32 tag);

/**
 * struct thing - something that was shown
 * @memory: what it is
 * @tag: what it was shown with
 * @address: where it is in sight, 0: not any more
 * @older: what was shown last before it was, NULL: nothing
 * @newer: what was shown next, NULL: nothing yet
 * @next: of the same bucket
 */
struct thing {
	struct bpfsched_memory memory;
	u32 tag;
	u64 address;
	struct thing *older;
	struct thing *newer;
	struct thing *next;
};

/**
 * struct sight - the account of a run
 * @state: the run; NULL: there is none
 * @code: its program
 * @things: all that was shown
 * @thing_count: number of @things
 * @newest: the one that was shown last
 * @buckets: things by their addresses in memory
 * @seen: for each window what is in sight there
 * @gone: addresses from which something has disappeared
 * @gone_count: number of @gone
 */
struct sight {
	struct interp_state *state;
	const struct bpfsched_code *code;
	struct thing things[THINGS_MAX];
	u32 thing_count;
	struct thing *newest;
	struct thing *buckets[BUCKETS];
	struct thing *seen[INTERP_WINDOWS];
	u64 gone[SHOWN_MAX];
	u32 gone_count;
};

static struct sight sight;

static struct thing **bucket_of(const void *base)
{
	return &sight.buckets[((uintptr_t)base >> 3) % BUCKETS];
}

static struct thing *find_thing(const void *base, u32 tag)
{
	struct thing *thing = *bucket_of(base);

	while (thing && (thing->memory.base != base || thing->tag != tag))
		thing = thing->next;
	return thing;
}

static void make_newest(struct thing *thing)
{
	thing->older = sight.newest;
	thing->newer = NULL;
	if (sight.newest)
		sight.newest->newer = thing;
	sight.newest = thing;
}

static struct thing *new_thing(const struct bpfsched_memory *memory, u32 tag)
{
	struct thing **bucket = bucket_of(memory->base);
	struct thing *thing = &sight.things[sight.thing_count++];

	fuzz_expect(sight.thing_count <= THINGS_MAX);
	*thing = (struct thing) {
		.memory = *memory, .tag = tag, .next = *bucket,
	};
	*bucket = thing;
	make_newest(thing);
	return thing;
}

static void show_again(struct thing *thing)
{
	if (!thing->newer)
		return;
	thing->newer->older = thing->older;
	if (thing->older)
		thing->older->newer = thing->newer;
	make_newest(thing);
}

static void expect_access(u64 address, int log2, u8 *readable, u8 *writable)
{
	fuzz_expect(interp_readable(sight.state, address, log2) == readable);
	fuzz_expect(interp_writable(sight.state, address, log2) == writable);
}

/* Where the first and the last access are that it allows, and the next. */
static void expect_in_sight(const struct thing *thing)
{
	const struct bpfsched_memory *memory = &thing->memory;
	int log2;

	for (log2 = 0; log2 < 4; log2++) {
		u32 size = 1U << log2;
		u32 end = memory->len < size ? 0 : memory->len - size + 1;
		u8 *first = memory->base;
		u8 *last = first + end - 1;

		expect_access(thing->address + end, log2, NULL, NULL);
		if (!end)
			continue;
		expect_access(thing->address, log2,
			      memory->writeonly ? NULL : first,
			      memory->readonly ? NULL : first);
		expect_access(thing->address + end - 1, log2,
			      memory->writeonly ? NULL : last,
			      memory->readonly ? NULL : last);
	}
}

static void expect_gone(u64 address)
{
	int log2;

	for (log2 = 0; log2 < 4; log2++)
		expect_access(address, log2, NULL, NULL);
	fuzz_expect(interp_window_is_gone(sight.state, address));
}

/* Whether it is one of the things that were shown last. */
static bool is_recent(const struct thing *thing)
{
	const struct thing *other = sight.newest;
	u32 others;

	/* what it has to go for is not among them yet */
	for (others = 1; other && others < OTHERS_MIN; others++) {
		if (other == thing)
			return true;
		other = other->older;
	}
	return false;
}

static u32 window_of(u64 address)
{
	u32 region = (address >> 32) % INTERP_REGIONS;

	fuzz_expect((u32)address == 0);
	fuzz_expect(region >= INTERP_REGION_WINDOWS);
	fuzz_expect((address >> 32 & 0xff) == region);
	return region - INTERP_REGION_WINDOWS;
}

static void disappear(struct thing *thing)
{
	fuzz_expect(!is_recent(thing));
	fuzz_expect(sight.gone_count < SHOWN_MAX);
	sight.gone[sight.gone_count++] = thing->address;
	expect_gone(thing->address);
	thing->address = 0;
}

static bool is_value(const struct bpfsched_map *from,
		     const struct bpfsched_memory *memory)
{
	const struct bpf_map *map = from->map;
	bool readable = from->readable && !(map->map_flags & BPF_F_WRONLY_PROG);
	bool writable = from->writable && !(map->map_flags & BPF_F_RDONLY_PROG);

	return map_part_of(map, memory->base, memory->len) == MAP_VALUE &&
	       memory->len == map->value_size &&
	       memory->readonly == !writable && memory->writeonly == !readable;
}

/* An array has no keys: the run does, while it goes through one. */
static bool is_key(const struct bpf_map *map,
		   const struct bpfsched_memory *memory)
{
	u64 offset = (uintptr_t)memory->base - (uintptr_t)sight.state->keys;

	if (!memory->readonly || memory->writeonly ||
	    memory->len != map->key_size)
		return false;
	return map_part_of(map, memory->base, memory->len) == MAP_KEY ||
	       (memory->len == sizeof(u32) && offset % sizeof(u32) == 0 &&
		offset < sizeof(sight.state->keys));
}

/* A whole value, with the rights of a descriptor, or a key that can be read. */
static void expect_of_a_map(const struct bpfsched_memory *memory)
{
	u32 i;

	for (i = 0; i < sight.code->map_count; i++) {
		if (is_value(&sight.code->maps[i], memory) ||
		    is_key(sight.code->maps[i].map, memory))
			return;
	}
	fuzz_expect(!"memory of a map of the program");
}

/*
 * A window begins with generation 0, and whatever comes next has the next one,
 * so that nothing was in sight at its address ever: there are more generations
 * than an input can use up.
 */
static void come_in_sight(const struct bpfsched_memory *memory, u32 tag,
			  u64 address)
{
	struct thing *thing = find_thing(memory->base, tag);
	u32 window = window_of(address);

	expect_of_a_map(memory);
	if (sight.seen[window]) {
		fuzz_expect(address == sight.seen[window]->address +
				       NEXT_GENERATION);
		disappear(sight.seen[window]);
	} else {
		fuzz_expect(address < NEXT_GENERATION);
	}
	if (thing)
		show_again(thing);
	else
		thing = new_thing(memory, tag);
	thing->memory = *memory;
	thing->address = address;
	sight.seen[window] = thing;
}

static bool same_memory(const struct bpfsched_memory *a,
			const struct bpfsched_memory *b)
{
	return a->base == b->base && a->len == b->len &&
	       a->readonly == b->readonly && a->writeonly == b->writeonly;
}

u64 __wrap_interp_window_find(struct interp_state *state, const void *base,
			      u32 tag)
{
	struct thing *thing = find_thing(base, tag);
	u64 address = __real_interp_window_find(state, base, tag);

	fuzz_expect(state == sight.state);
	fuzz_expect(address == (thing ? thing->address : 0));
	if (address) {
		show_again(thing);
		expect_in_sight(thing);
	}
	return address;
}

u64 __wrap_interp_window_open(struct interp_state *state,
			      const struct bpfsched_memory *memory, u32 tag)
{
	struct thing *thing = find_thing(memory->base, tag);
	u64 address = __real_interp_window_open(state, memory, tag);

	fuzz_expect(state == sight.state);
	if (thing && thing->address) {
		fuzz_expect(address == thing->address);
		fuzz_expect(same_memory(&thing->memory, memory));
		show_again(thing);
	} else {
		come_in_sight(memory, tag, address);
	}
	expect_in_sight(sight.newest);
	return address;
}

/**
 * fuzz_sight_begin() - begin the account of a run
 * @state: the run, that nothing was shown to yet
 * @code: its program
 */
void fuzz_sight_begin(const void *state, const struct bpfsched_code *code)
{
	sight.state = (struct interp_state *)state;
	sight.code = code;
	sight.thing_count = 0;
	sight.newest = NULL;
	memset(sight.buckets, 0, sizeof(sight.buckets));
	memset(sight.seen, 0, sizeof(sight.seen));
	sight.gone_count = 0;
}

static bool was_in_sight(u64 address)
{
	u32 i;

	for (i = 0; i < sight.gone_count; i++) {
		if (address - sight.gone[i] <= S32_MAX)
			return true;
	}
	return false;
}

/**
 * fuzz_sight_end() - look at all that the run was shown once more
 * @fault: how the run has ended; of kind BPFSCHED_FAULT_NONE if without a fault
 *
 * The state has to be as the run left it.
 */
void fuzz_sight_end(const struct bpfsched_fault *fault)
{
	u32 i;

	for (i = 0; i < INTERP_WINDOWS; i++) {
		if (sight.seen[i])
			expect_in_sight(sight.seen[i]);
	}
	for (i = 0; i < sight.gone_count; i++)
		expect_gone(sight.gone[i]);
	if (fault->kind == BPFSCHED_FAULT_READ ||
	    fault->kind == BPFSCHED_FAULT_WRITE)
		fuzz_expect(!was_in_sight(fault->address));
	if (fault->kind == BPFSCHED_FAULT_WINDOW)
		fuzz_expect(was_in_sight(fault->address));
	sight.state = NULL;
}
