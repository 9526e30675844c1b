// SPDX-License-Identifier: GPL-2.0
/*
 * Maps: which of the kernel's maps a program can have.
 *
 * An element may be in sight of a program that is paused for any length of
 * time, which no read-side critical section can span. So only such maps are
 * taken whose elements last as long as the map: where an element is freed, it
 * goes back to the map, which may use it for another key, and never to the
 * kernel. And only such values are taken as are plain bytes, for programs can
 * write whatever they like into them.
 */
#include <linux/bpf.h>
#include <linux/build_bug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>

#include <bpfsched/compat.h>

#include "interp.h"

/**
 * struct map_type - a type of maps that programs can have
 * @calls: INTERP_MAP_*, what it can do
 * @flags: BPF_F_*, with what flags it is what is said above
 * @per_cpu: each CPU has a value of its own
 * @is_array: elements are there from the beginning, and keys are their numbers
 */
struct map_type {
	u32 calls;
	u32 flags;
	bool per_cpu;
	bool is_array;
};

/* What it takes to call a map, see interp_work(). */
#define CALL_WORK	128

#define ELEMENT_CALLS	(INTERP_MAP_LOOKUP | INTERP_MAP_UPDATE | \
			 INTERP_MAP_DELETE | INTERP_MAP_FOR_EACH)
#define QUEUE_CALLS	(INTERP_MAP_PUSH | INTERP_MAP_POP | INTERP_MAP_PEEK)

/* Flags that change nothing for any of them. */
#define ANY_FLAGS	(BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY | \
			 BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)
/*
 * Not with a seed that is known (BPF_F_ZERO_SEED): keys can then be made that all
 * come to one bucket, and a look-up takes as long as there are keys.
 */
#define HASH_FLAGS	ANY_FLAGS
#define LRU_FLAGS	(HASH_FLAGS | BPF_F_NO_COMMON_LRU)
#define ARRAY_FLAGS	(ANY_FLAGS | BPF_F_MMAPABLE | BPF_F_INNER_MAP)
#define CPU_CALLS	(ELEMENT_CALLS | INTERP_MAP_LOOKUP_CPU)

/* What is not known to be safe is not here: other types, and other flags. */
static const struct map_type map_types[] = {
	[BPF_MAP_TYPE_ARRAY] = { ELEMENT_CALLS, ARRAY_FLAGS,
				 .is_array = true },
	[BPF_MAP_TYPE_PERCPU_ARRAY] = { CPU_CALLS, ANY_FLAGS, .per_cpu = true,
					.is_array = true },
	[BPF_MAP_TYPE_HASH] = { ELEMENT_CALLS, HASH_FLAGS },
	[BPF_MAP_TYPE_PERCPU_HASH] = { CPU_CALLS, HASH_FLAGS, .per_cpu = true },
	[BPF_MAP_TYPE_LRU_HASH] = { ELEMENT_CALLS, LRU_FLAGS },
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = { CPU_CALLS, LRU_FLAGS,
					   .per_cpu = true },
	[BPF_MAP_TYPE_QUEUE] = { QUEUE_CALLS, ANY_FLAGS },
	[BPF_MAP_TYPE_STACK] = { QUEUE_CALLS, ANY_FLAGS },
};

static const struct map_type *type_of(const struct bpf_map *map)
{
	u32 number = map->map_type;

	if (number >= ARRAY_SIZE(map_types))
		return NULL;
	number = array_index_nospec(number, ARRAY_SIZE(map_types));
	return map_types[number].calls ? &map_types[number] : NULL;
}

static bool may_read(const struct bpfsched_map *from)
{
	return from->readable && !(from->map->map_flags & BPF_F_WRONLY_PROG);
}

static bool may_write(const struct bpfsched_map *from)
{
	return from->writable && !(from->map->map_flags & BPF_F_RDONLY_PROG);
}

/* Where the value of an element of an array is. */
static u8 *array_element(struct bpf_map *map, u32 index)
{
	u8 *value;

	rcu_read_lock();
	value = map->ops->map_lookup_elem(map, &index);
	rcu_read_unlock();
	return value;
}

static u64 array_len(const struct bpf_map *map)
{
	u64 stride = round_up((u64)map->value_size, 8);

	return (map->max_entries - 1) * stride + map->value_size;
}

/* Whether the elements lie where they are expected, one behind the other. */
static bool array_is_regular(struct bpf_map *map)
{
	u64 stride = round_up((u64)map->value_size, 8);
	u32 last = map->max_entries - 1;
	u8 *first = array_element(map, 0);

	return first && array_element(map, last) == first + last * stride;
}

#define refuse(log, index, format, ...)					\
({									\
	snprintf((log)->text, sizeof((log)->text), "map %u: " format,	\
		 index, ##__VA_ARGS__);					\
	-EINVAL;							\
})

static int check_array(struct bpf_map *map, u32 index,
		       struct bpfsched_log *log)
{
	u64 len = array_len(map);

	if (len > S32_MAX)
		return refuse(log, index, "%llu bytes of elements are more than %d",
			      len, S32_MAX);
	if (!array_is_regular(map))
		return refuse(log, index, "its elements do not follow each other");
	return 0;
}

static int check_sizes(const struct bpf_map *map, const struct map_type *type,
		       u32 index, struct bpfsched_log *log)
{
	if (map->key_size > INTERP_KEY_MAX)
		return refuse(log, index, "keys of %u bytes are longer than %u",
			      map->key_size, INTERP_KEY_MAX);
	if (map->value_size > S32_MAX)
		return refuse(log, index, "values of %u bytes are longer than %d",
			      map->value_size, S32_MAX);
	if (type->per_cpu && map->value_size % 8 &&
	    map->value_size > INTERP_ODD_VALUE_MAX)
		return refuse(log, index,
			      "per-CPU values of %u bytes are longer than %u and no multiple of 8",
			      map->value_size, INTERP_ODD_VALUE_MAX);
	return 0;
}

/*
 * Whether a map has all that is called for its type. One that has not is not what
 * its type says, as one that was offloaded to a device.
 */
static bool has_operations(const struct bpf_map *map,
			   const struct map_type *type)
{
	const struct bpf_map_ops *ops = map->ops;

	if (!ops)
		return false;
	if (type->calls & INTERP_MAP_PUSH)
		return ops->map_push_elem && ops->map_pop_elem &&
		       ops->map_peek_elem;
	if (!ops->map_lookup_elem || !ops->map_update_elem ||
	    !ops->map_delete_elem)
		return false;
	if (type->per_cpu && !ops->map_lookup_percpu_elem)
		return false;
	return type->is_array || ops->map_get_next_key;
}

/*
 * Whether a processor may be led beyond the elements by a number that is too
 * large. What the kernel masks it with is as large as the array up to a power of
 * two; an array that was made with its mitigations bypassed may be smaller. That
 * of an array that is no per-CPU array is not used: see interp_array_element().
 */
static bool is_open_to_guesses(const struct bpf_map *map,
			       const struct map_type *type)
{
	return type->is_array && type->per_cpu && map->bypass_spec_v1 &&
	       !is_power_of_2(map->max_entries);
}

static int check_features(const struct bpf_map *map,
			  const struct map_type *type, u32 index,
			  struct bpfsched_log *log)
{
	if (map->map_flags & BPF_F_NO_PREALLOC)
		return refuse(log, index,
			      "elements are not preallocated (BPF_F_NO_PREALLOC), they could be freed while a paused program uses them");
	if (map->map_flags & ~type->flags)
		return refuse(log, index, "flags 0x%x are not supported",
			      map->map_flags & ~type->flags);
	if (bpfsched_map_has_special_fields(map))
		return refuse(log, index,
			      "values have fields that are not plain bytes (locks, timers, kernel pointers)");
	if (bpfsched_map_is_exclusive(map))
		return refuse(log, index, "it is exclusive to another program");
	if (is_open_to_guesses(map, type))
		return refuse(log, index,
			      "its maker bypasses masks against Spectre v1 (bypass_spec_v1), so its %u entries have to be a power of two",
			      map->max_entries);
	return 0;
}

static int check_map(const struct bpfsched_map *from, u32 index,
		     struct bpfsched_log *log)
{
	struct bpf_map *map = from->map;
	const struct map_type *type = type_of(map);
	int err;

	if (!type)
		return refuse(log, index, "type %u is not supported",
			      map->map_type);
	if (!has_operations(map, type))
		return refuse(log, index,
			      "it lacks operations of its type (a map of a device?)");
	if (!may_read(from) && !may_write(from))
		return refuse(log, index,
			      "it can be neither read nor written with this descriptor");
	err = check_features(map, type, index, log) ?:
	      check_sizes(map, type, index, log);
	if (err || !type->is_array || type->per_cpu)
		return err;
	return check_array(map, index, log);
}

/**
 * interp_maps_check() - whether a program can have the maps that it names
 * @code: the program
 * @log: set to the reason if one of them is refused
 *
 * Context: process.
 * Return: 0, or -EINVAL if a map is refused.
 */
int interp_maps_check(const struct bpfsched_code *code,
		      struct bpfsched_log *log)
{
	int err = 0;
	u32 i;

	BUILD_BUG_ON(INTERP_REGION_MAPS + BPFSCHED_MAPS_MAX >
		     INTERP_REGION_WINDOWS);

	for (i = 0; i < code->map_count && !err; i++)
		err = check_map(&code->maps[i], i, log);
	return err;
}

/*
 * Which right to the map each call takes. bpf(2) asks the same rights of a
 * descriptor, except for a look-up. A look-up takes no right. It gives an address,
 * and a load or store at that address takes its own right. A look-up also tells
 * whether an element exists. A program that may only write learns as much from
 * an update with BPF_NOEXIST. One that may only read learns it from a walk.
 */
static const struct map_right {
	u32 call;
	bool reads;
	bool writes;
} map_rights[] = {
	{ INTERP_MAP_LOOKUP, false, false },
	{ INTERP_MAP_LOOKUP_CPU, false, false },
	{ INTERP_MAP_UPDATE, false, true },
	{ INTERP_MAP_DELETE, false, true },
	{ INTERP_MAP_PUSH, false, true },
	{ INTERP_MAP_POP, true, true },
	{ INTERP_MAP_PEEK, true, false },
	{ INTERP_MAP_FOR_EACH, true, false },
};

/* What of all that can be done with maps a program has the right to. */
static u32 allowed_calls(bool readable, bool writable)
{
	const struct map_right *right;
	u32 allowed = 0;

	for (right = map_rights; right < map_rights + ARRAY_SIZE(map_rights);
	     right++) {
		if ((readable || !right->reads) && (writable || !right->writes))
			allowed |= right->call;
	}
	return allowed;
}

/* What the lists of an LRU hash take when it has to make room. */
#define LRU_WORK	4096

/* A call of the map: three lines that are in no cache, and the key. */
static u32 lookup_work(const struct bpf_map *map)
{
	return CALL_WORK + map->key_size;
}

/* A new element of a per-CPU hash has its value cleared for all CPUs. */
static u32 update_work(const struct bpf_map *map, const struct map_type *type)
{
	u64 copied = map->value_size;

	if (type->per_cpu && !type->is_array)
		copied = round_up(copied, 8) * num_possible_cpus();
	if (map->map_type == BPF_MAP_TYPE_LRU_HASH ||
	    map->map_type == BPF_MAP_TYPE_LRU_PERCPU_HASH)
		copied += LRU_WORK;
	return min_t(u64, copied + 2 * CALL_WORK + map->key_size, U32_MAX);
}

/**
 * interp_map_init() - describe a map of a program
 * @map: the description
 * @from: the map; interp_maps_check() has accepted it
 *
 * Context: process.
 */
void interp_map_init(struct interp_map *map, const struct bpfsched_map *from)
{
	const struct map_type *type = type_of(from->map);

	*map = (struct interp_map) {
		.map = from->map,
		.calls = type->calls,
		.allowed = allowed_calls(may_read(from), may_write(from)),
		.key_size = from->map->key_size,
		.value_size = from->map->value_size,
		.max_entries = from->map->max_entries,
		.is_array = type->is_array,
		.per_cpu = type->per_cpu,
		.lookup_work = lookup_work(from->map),
		.update_work = update_work(from->map, type),
		.readable = may_read(from),
		.writable = may_write(from),
	};
	if (!type->is_array || type->per_cpu)
		return;
	map->stride = round_up(map->value_size, 8);
	map->lookup_work = 0;
	map->elements = (struct bpfsched_memory) {
		.base = array_element(map->map, 0),
		.len = array_len(map->map),
		.readonly = !map->writable,
		.writeonly = !map->readable,
	};
}
