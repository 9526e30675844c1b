// SPDX-License-Identifier: GPL-2.0
/*
 * The helpers that work on maps. They do what those of the kernel do, but for
 * what a program hands over: handles instead of pointers to maps, and addresses
 * of the sandbox. What a program has no right to do to a map is -EPERM.
 *
 * Keys are copied before they are used, for another job may change them
 * meanwhile, and a hash must find an element where its key says. The room for
 * the copy is not cleared first, of which the map reads no more than was copied.
 * A key on the stack is looked up where it is: nobody else can write there.
 * Values are not copied: the map does that itself, once.
 */
#include <linux/bpf.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include <bpfsched/compat.h>

#include "frame.h"
#include "map_helpers.h"
#include "memory.h"
#include "walk.h"

/*
 * Find the map that a handle stands for. Sets its number, and to 0 if it has
 * none. Returns false, with the state's fault set, if there is none, or its type
 * cannot do @call.
 */
static __always_inline bool map_of(struct interp_state *state, u64 handle,
				   u32 call, u32 *index)
{
	const struct interp_image *image = state->image;
	u64 number = handle - INTERP_ADDRESS(INTERP_REGION_HANDLES, 0);
	u64 mask = interp_mask(number, image->map_count);

	*index = number & mask;
	if (likely(mask && image->maps[*index].calls & call))
		return true;
	interp_fault(state, BPFSCHED_FAULT_HANDLE, handle);
	return false;
}

/* Copy the key at @address; false, with the state's fault set, if it cannot. */
static __always_inline bool get_key(struct interp_state *state,
				    const struct interp_map *map, u64 address,
				    void *key)
{
	const void *from;

	interp_work(state, map->key_size);
	/* If it is taken for one by mistake, as many zeroes are copied. */
	from = interp_readable_bytes(state, address, map->key_size);
	if (!from) {
		interp_fault(state, BPFSCHED_FAULT_READ, address);
		return false;
	}
	memcpy(key, from, map->key_size);
	return true;
}

static noinline u64 open_value(struct interp_state *state, u32 index,
			       void *value)
{
	const struct interp_map *map = &state->image->maps[index];
	const struct bpfsched_memory memory = {
		.base = value,
		.len = map->value_size,
		.readonly = !map->writable,
		.writeonly = !map->readable,
	};

	return interp_window_open(state, &memory, index);
}

/* Most values that are looked up were seen before: that is quicker. */
static __always_inline u64 show_value(struct interp_state *state, u32 index,
				      void *value)
{
	u64 seen;

	if (!value)
		return 0;
	seen = interp_window_find(&state->windows, state->regions, value, index);
	return likely(seen) ? seen : open_value(state, index, value);
}

/**
 * interp_map_show_value() - let a program see the value of an element
 * @state: the run
 * @index: number of the map
 * @value: the value, or NULL
 *
 * Context: process.
 * Return: its address in the sandbox; 0 if @value is NULL.
 */
u64 interp_map_show_value(struct interp_state *state, u32 index, void *value)
{
	return show_value(state, index, value);
}

/**
 * interp_map_find() - find an element of a map that is no array with a stride
 * @state: the run
 * @index: number of the map
 * @map: the map, which can be looked up in
 * @key: the key, which nobody can change
 *
 * Context: process.
 * Return: the address of its value in the sandbox, or 0 if there is none.
 */
u64 interp_map_find(struct interp_state *state, u32 index, struct bpf_map *map,
		    const void *key)
{
	void *value;

	interp_enter_map();
	value = map->ops->map_lookup_elem(map, (void *)key);
	interp_leave_map();
	return show_value(state, index, value);
}

/**
 * interp_map_lookup() - find an element
 * @state: the run
 * @index: number of the map
 * @key: the key, which nobody can change
 *
 * Context: process.
 * Return: the address of its value in the sandbox, or 0 if there is none.
 */
u64 interp_map_lookup(struct interp_state *state, u32 index, const void *key)
{
	return interp_map_element(state, index, &state->image->maps[index],
				  key);
}

static noinline u64 copy_and_look_up(struct interp_state *state, u32 index,
				     const void *from)
{
	u8 key[INTERP_KEY_MAX] __aligned(8) __uninitialized;

	memcpy(key, from, state->image->maps[index].key_size);
	return interp_map_lookup(state, index, key);
}

/**
 * interp_map_lookup_elem() - bpf_map_lookup_elem(map, key)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher; like all helpers.
 * Return: the address of the value, or 0.
 */
u64 interp_map_lookup_elem(struct interp_state *state, const u64 *args)
{
	const void *key;
	u32 index;

	if (!map_of(state, args[0], INTERP_MAP_LOOKUP, &index))
		return 0;
	interp_work(state, state->image->maps[index].lookup_work);
	/* If it is taken for one by mistake, as many zeroes are looked up. */
	key = interp_readable_bytes(state, args[1],
				    state->image->maps[index].key_size);
	if (!key) {
		interp_fault(state, BPFSCHED_FAULT_READ, args[1]);
		return 0;
	}
	if (!interp_is_on_stack(args[1]))
		return copy_and_look_up(state, index, key);
	return interp_map_lookup(state, index, key);
}

/*
 * A CPU that a map may be asked about; false if there is none of that number. Then
 * it is set to the first, which is there: the map adds what it has for the CPU to
 * an address.
 */
static bool is_cpu(u32 number, u32 *cpu)
{
	unsigned long possible;

	*cpu = array_index_nospec(number, nr_cpu_ids);
	possible = cpu_possible(*cpu);
	OPTIMIZER_HIDE_VAR(possible);
	*cpu &= -possible;
	return number < nr_cpu_ids && possible;
}

/**
 * interp_map_lookup_percpu_elem() - bpf_map_lookup_percpu_elem(map, key, cpu)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: the address of that CPU's value, or 0.
 */
u64 interp_map_lookup_percpu_elem(struct interp_state *state, const u64 *args)
{
	u8 key[INTERP_KEY_MAX] __aligned(8) __uninitialized;
	const struct interp_map *map;
	u32 index, cpu;
	void *value;

	if (!map_of(state, args[0], INTERP_MAP_LOOKUP_CPU, &index))
		return 0;
	map = &state->image->maps[index];
	interp_work(state, map->lookup_work);
	if (!get_key(state, map, args[1], key))
		return 0;
	if (!is_cpu(args[2], &cpu))
		return 0;
	interp_enter_map();
	value = map->map->ops->map_lookup_percpu_elem(map->map, key, cpu);
	interp_leave_map();
	return interp_map_show_value(state, index, value);
}

/*
 * A per-CPU hash reads values up to the next multiple of 8, so that what lies
 * behind a value of another size would get into the map: it gets a copy.
 */
static long update_odd(const struct interp_map *map, void *key,
		       const void *value, u64 flags)
{
	u8 copy[INTERP_ODD_VALUE_MAX] __aligned(8) = {};
	long ret;

	memcpy(copy, value, map->value_size);
	interp_enter_map();
	ret = map->map->ops->map_update_elem(map->map, key, copy, flags);
	interp_leave_map();
	return ret;
}

static long update(const struct interp_map *map, void *key, const void *value,
		   u64 flags)
{
	long ret;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (map->per_cpu && map->value_size % 8)
		return update_odd(map, key, value, flags);
	interp_enter_map();
	ret = map->map->ops->map_update_elem(map->map, key, (void *)value,
					     flags);
	interp_leave_map();
	return ret;
}

/*
 * Count what a call takes that copies a value. Returns 0; -EPERM if the program
 * has no right to it; -E2BIG if the value is too long to be copied at once.
 */
static int begin_copy(struct interp_state *state, const struct interp_map *map,
		      u32 call)
{
	if (!(map->allowed & call))
		return -EPERM;
	if (map->update_work > INTERP_COPY_MAX)
		return -E2BIG;
	interp_work(state, map->update_work);
	return 0;
}

/**
 * interp_map_update_elem() - bpf_map_update_elem(map, key, value, flags)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: 0 or a negative errno.
 */
u64 interp_map_update_elem(struct interp_state *state, const u64 *args)
{
	u8 key[INTERP_KEY_MAX] __aligned(8) __uninitialized;
	const struct interp_map *map;
	const void *value;
	u32 index;
	int err;

	if (!map_of(state, args[0], INTERP_MAP_UPDATE, &index))
		return 0;
	map = &state->image->maps[index];
	if (!get_key(state, map, args[1], key))
		return 0;
	value = interp_readable_bytes(state, args[2], map->value_size);
	if (!value) {
		interp_fault(state, BPFSCHED_FAULT_READ, args[2]);
		return 0;
	}
	/* What is as short as the zeroes can be taken for one by mistake. */
	if (map->value_size > sizeof(state->nothing))
		interp_wait();
	err = begin_copy(state, map, INTERP_MAP_UPDATE);
	if (err)
		return (s64)err;
	return update(map, key, value, args[3]);
}

/**
 * interp_map_delete_elem() - bpf_map_delete_elem(map, key)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: 0 or a negative errno.
 */
u64 interp_map_delete_elem(struct interp_state *state, const u64 *args)
{
	u8 key[INTERP_KEY_MAX] __aligned(8) __uninitialized;
	const struct interp_map *map;
	u32 index;
	long ret;

	if (!map_of(state, args[0], INTERP_MAP_DELETE, &index))
		return 0;
	map = &state->image->maps[index];
	if (!get_key(state, map, args[1], key))
		return 0;
	if (!(map->allowed & INTERP_MAP_DELETE))
		return -EPERM;
	interp_work(state, 2 * map->lookup_work);
	interp_enter_map();
	ret = map->map->ops->map_delete_elem(map->map, key);
	interp_leave_map();
	return ret;
}

/**
 * interp_map_push_elem() - bpf_map_push_elem(map, value, flags)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: 0 or a negative errno.
 */
u64 interp_map_push_elem(struct interp_state *state, const u64 *args)
{
	const struct interp_map *map;
	const void *value;
	u32 index;
	long ret;

	if (!map_of(state, args[0], INTERP_MAP_PUSH, &index))
		return 0;
	map = &state->image->maps[index];
	value = interp_read_buffer(state, args[1], map->value_size);
	if (!value)
		return 0;
	ret = begin_copy(state, map, INTERP_MAP_PUSH);
	if (ret)
		return ret;
	interp_enter_map();
	ret = map->map->ops->map_push_elem(map->map, (void *)value, args[2]);
	interp_leave_map();
	return ret;
}

/* What pop and peek have in common, all but the right and the operation. */
static u64 take_value(struct interp_state *state, const u64 *args, u32 call)
{
	bool pops = call == INTERP_MAP_POP;
	const struct interp_map *map;
	void *room;
	u32 index;
	long ret;

	if (!map_of(state, args[0], call, &index))
		return 0;
	map = &state->image->maps[index];
	room = interp_write_buffer(state, args[1], map->value_size);
	if (!room)
		return 0;
	ret = begin_copy(state, map, call);
	if (ret)
		return ret;
	interp_enter_map();
	ret = pops ? map->map->ops->map_pop_elem(map->map, room) :
		     map->map->ops->map_peek_elem(map->map, room);
	interp_leave_map();
	return ret;
}

/**
 * interp_map_pop_elem() - bpf_map_pop_elem(map, value)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: 0 or a negative errno.
 */
u64 interp_map_pop_elem(struct interp_state *state, const u64 *args)
{
	return take_value(state, args, INTERP_MAP_POP);
}

/**
 * interp_map_peek_elem() - bpf_map_peek_elem(map, value)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: 0 or a negative errno.
 */
u64 interp_map_peek_elem(struct interp_state *state, const u64 *args)
{
	return take_value(state, args, INTERP_MAP_PEEK);
}

/**
 * interp_map_each_elem() - bpf_for_each_map_elem(map, callback, ctx, flags)
 * @state: the run
 * @args: r1 to r5
 *
 * Return: the number of elements that there was a call for, or a negative
 * errno.
 */
u64 interp_map_each_elem(struct interp_state *state, const u64 *args)
{
	const struct interp_insn *entry = interp_function(state, args[1]);
	u32 index;

	if (!map_of(state, args[0], INTERP_MAP_FOR_EACH, &index))
		return 0;
	if (!entry) {
		interp_fault(state, BPFSCHED_FAULT_CALL, args[1]);
		return 0;
	}
	if (!(state->image->maps[index].allowed & INTERP_MAP_FOR_EACH))
		return -EPERM;
	if (args[3])
		return -EINVAL;
	return interp_walk_begin(state, index, entry, args[2]);
}
