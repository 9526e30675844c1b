// SPDX-License-Identifier: GPL-2.0
/* What a run has in sight. */
#include <linux/cpumask.h>
#include <linux/kernel.h>

#include "case.h"
#include "interp.h"
#include "maps.h"
#include "memory.h"
#include "play.h"
#include "shim.h"
#include "sight.h"

/* An instruction shows a key and a value at most. */
#define SHOWN_MAX	(2 * FUZZ_BUDGET_MAX)

/* All values and all keys of all maps are fewer. */
#define THINGS_MAX	4096

#define BUCKETS		256

#define NEXT_GENERATION	((u64)1 << INTERP_GENERATION_SHIFT)

/*
 * What the linker makes of the calls of these from other files is __wrap_*(), and
 * what a table of another file has, too. One that is called in its own file is
 * part of what was called from outside.
 */
#define WRAPPED(name, ...)						\
	u64 __real_##name(struct interp_state *state, __VA_ARGS__);	\
	u64 __wrap_##name(struct interp_state *state, __VA_ARGS__)

WRAPPED(interp_map_lookup_elem, const u64 *args);
WRAPPED(interp_map_lookup_percpu_elem, const u64 *args);
WRAPPED(interp_map_find, u32 index, struct bpf_map *map, const void *key);
WRAPPED(interp_map_lookup, u32 index, const void *key);
WRAPPED(interp_map_show_value, u32 index, void *value);
WRAPPED(interp_window_show, const struct bpfsched_memory *memory, u32 tag);

/**
 * struct thing - something that was shown
 * @memory: what it is
 * @tag: of a value the number of its map, of a key what it was shown with
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
 * @key: the key that was shown last; NULL: none
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
	const void *key;
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
	for (others = 0; other && others < INTERP_WINDOWS_KEPT; others++) {
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

static bool is_copy_of_key(const void *bytes)
{
	const struct interp_state *state = sight.state;
	u32 i;

	for (i = 0; i < INTERP_FRAMES; i++) {
		if (bytes == &state->array_keys[i] ||
		    (bytes && bytes == state->hash_keys[i]))
			return true;
	}
	return false;
}

/* The run has a copy of the key of each element that it goes through. */
static bool is_key(const struct bpf_map *map,
		   const struct bpfsched_memory *memory)
{
	return memory->readonly && !memory->writeonly &&
	       memory->len == map->key_size && is_copy_of_key(memory->base);
}

static void expect_key(const struct bpfsched_memory *memory)
{
	u32 i;

	for (i = 0; i < sight.code->map_count; i++) {
		if (is_key(sight.code->maps[i].map, memory))
			return;
	}
	fuzz_expect(!"a key of a map of the program");
}

static u8 *chain_of(const void *base)
{
	return interp_window_bucket(&sight.state->windows, base);
}

/*
 * The chain that something has to be in has all windows that belong there, and no
 * others. One that is broken may have no end: better found here than by who
 * follows it.
 */
static void expect_chain(const void *base)
{
	const struct interp_region *regions = sight.state->regions;
	u32 end = INTERP_REGION_WINDOWS + sight.state->windows.count;
	u8 *chain = chain_of(base);
	u32 number, count = 0;

	for (number = *chain; number; number = regions[number].next) {
		fuzz_expect(number >= INTERP_REGION_WINDOWS && number < end);
		fuzz_expect(chain_of(regions[number].base) == chain);
		fuzz_expect(++count <= INTERP_WINDOWS);
	}
	for (number = INTERP_REGION_WINDOWS; number < end; number++)
		count -= chain_of(regions[number].base) == chain;
	fuzz_expect(!count);
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
	struct thing *before = sight.seen[window];

	if (before) {
		expect_chain(before->memory.base);
		fuzz_expect(address == before->address + NEXT_GENERATION);
		disappear(before);
	} else {
		fuzz_expect(address < NEXT_GENERATION);
	}
	expect_chain(memory->base);
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

/* Something was shown at an address of a window. */
static void account(const struct bpfsched_memory *memory, u32 tag, u64 address)
{
	struct thing *thing = find_thing(memory->base, tag);

	if (thing && thing->address) {
		fuzz_expect(address == thing->address);
		fuzz_expect(same_memory(&thing->memory, memory));
		show_again(thing);
	} else {
		come_in_sight(memory, tag, address);
	}
	expect_in_sight(sight.newest);
}

/* An array has a region, in which other elements are in sight as well. */
static void expect_in_array(const struct bpfsched_memory *memory, u32 index,
			    u64 address)
{
	u8 *first = memory->base;
	u8 *last = first + memory->len - 1;

	fuzz_expect(address >> 32 == INTERP_REGION_MAPS + index);
	expect_access(address, 0, memory->writeonly ? NULL : first,
		      memory->readonly ? NULL : first);
	expect_access(address + memory->len - 1, 0,
		      memory->writeonly ? NULL : last,
		      memory->readonly ? NULL : last);
}

static const struct bpfsched_map *map_of(u32 index)
{
	fuzz_expect(index < sight.code->map_count);
	return &sight.code->maps[index];
}

/* A whole value is shown, with the rights of the descriptor, or nothing. */
static void expect_shown(u32 index, void *value, u64 address)
{
	const struct bpfsched_map *from = map_of(index);
	const struct bpf_map *map = from->map;
	const struct bpfsched_memory memory = {
		.base = value,
		.len = map->value_size,
		.readonly = !from->writable ||
			    map->map_flags & BPF_F_RDONLY_PROG,
		.writeonly = !from->readable ||
			     map->map_flags & BPF_F_WRONLY_PROG,
	};

	if (!value)
		fuzz_expect(!address);
	else if (map->map_type == BPF_MAP_TYPE_ARRAY)
		expect_in_array(&memory, index, address);
	else
		account(&memory, index, address);
}

/*
 * Another run may change a key that is in memory which it shares while a map
 * looks for it. What is in the state is the run's own.
 */
static void expect_private(const void *key)
{
	uintptr_t offset = (uintptr_t)key - (uintptr_t)sight.state;
	const struct interp_region *region = sight.state->regions;

	if (offset < sizeof(*sight.state))
		return;
	for (; region < sight.state->regions + INTERP_REGIONS; region++) {
		offset = (uintptr_t)key - (uintptr_t)region->base;
		fuzz_expect(offset >= region->readable[0] &&
			    offset >= region->writable[0]);
	}
}

static void begin_asking(void)
{
	map_key_hook = NULL;
	interp_shim.reads++;
}

static void end_asking(void)
{
	map_key_hook = expect_private;
	interp_shim.reads--;
}

/* What the map has, asked for once more. */
static void *value_of(u32 index, const void *key)
{
	struct bpf_map *map = map_of(index)->map;
	void *value;

	begin_asking();
	value = map->ops->map_lookup_elem(map, (void *)key);
	end_asking();
	return value;
}

static void *value_of_cpu(u32 index, const void *key, u32 cpu)
{
	struct bpf_map *map = map_of(index)->map;
	void *value;

	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return NULL;
	begin_asking();
	value = map->ops->map_lookup_percpu_elem(map, (void *)key, cpu);
	end_asking();
	return value;
}

/* The first two arguments of a look-up that has not failed. */
static u32 index_of(u64 handle)
{
	return handle - INTERP_ADDRESS(INTERP_REGION_HANDLES, 0);
}

static const void *key_of(u32 index, u64 address)
{
	const void *key = interp_readable_bytes(sight.state, address,
						map_of(index)->map->key_size);

	fuzz_expect(key);
	return key;
}

u64 __wrap_interp_map_lookup_elem(struct interp_state *state, const u64 *args)
{
	u64 address = __real_interp_map_lookup_elem(state, args);
	u32 index = index_of(args[0]);

	fuzz_expect(state == sight.state);
	if (state->event != INTERP_EVENT_FAULT)
		expect_shown(index, value_of(index, key_of(index, args[1])),
			     address);
	return address;
}

u64 __wrap_interp_map_lookup_percpu_elem(struct interp_state *state,
					 const u64 *args)
{
	u64 address = __real_interp_map_lookup_percpu_elem(state, args);
	u32 index = index_of(args[0]);

	fuzz_expect(state == sight.state);
	if (state->event != INTERP_EVENT_FAULT)
		expect_shown(index, value_of_cpu(index, key_of(index, args[1]),
						 args[2]), address);
	return address;
}

/* The key is where nobody else can change it: on the stack, not above it. */
u64 __wrap_interp_map_find(struct interp_state *state, u32 index,
			   struct bpf_map *map, const void *key)
{
	uintptr_t offset = (uintptr_t)key - (uintptr_t)state->stack;
	u64 address;

	fuzz_expect(state == sight.state);
	fuzz_expect(map == map_of(index)->map);
	fuzz_expect(offset + map->key_size <=
		    (uintptr_t)state->frame_base - (uintptr_t)state->stack);
	address = __real_interp_map_find(state, index, map, key);
	expect_shown(index, value_of(index, key), address);
	return address;
}

/* The value that goes with the key that a walk has shown: of an array... */
u64 __wrap_interp_map_lookup(struct interp_state *state, u32 index,
			     const void *key)
{
	u64 address = __real_interp_map_lookup(state, index, key);

	fuzz_expect(state == sight.state);
	fuzz_expect(key == sight.key);
	expect_shown(index, value_of(index, key), address);
	return address;
}

/* ...and of a hash. */
u64 __wrap_interp_map_show_value(struct interp_state *state, u32 index,
				 void *value)
{
	u64 address = __real_interp_map_show_value(state, index, value);

	fuzz_expect(state == sight.state);
	fuzz_expect(value == value_of(index, sight.key));
	expect_shown(index, value, address);
	return address;
}

u64 __wrap_interp_window_show(struct interp_state *state,
			      const struct bpfsched_memory *memory, u32 tag)
{
	u64 address = __real_interp_window_show(state, memory, tag);

	fuzz_expect(state == sight.state);
	expect_key(memory);
	account(memory, tag, address);
	sight.key = memory->base;
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
	sight.key = NULL;
	memset(sight.buckets, 0, sizeof(sight.buckets));
	memset(sight.seen, 0, sizeof(sight.seen));
	sight.gone_count = 0;
	map_key_hook = expect_private;
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
	map_key_hook = NULL;
}
