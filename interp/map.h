/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps: which of the kernel's maps a program can have, and what it can do with
 * them.
 */
#ifndef INTERP_MAP_H
#define INTERP_MAP_H

#include <linux/bits.h>
#include <linux/types.h>

#include "engine.h"

/* The longest key; the stack of a BPF function is as large. */
#define INTERP_KEY_MAX		512

/* The longest per-CPU value whose size is no multiple of 8. */
#define INTERP_ODD_VALUE_MAX	512

/*
 * Most elements of a hash that bpf_for_each_map_elem() goes through, and that it
 * may have room for: the map may look at all of its buckets in a single call. And
 * the most memory that the keys of all walks of a run may take.
 */
#define INTERP_WALK_MAX		65536
#define INTERP_WALK_BYTES	(4U << 20)

/* The longest value that a helper copies, that of all CPUs together. */
#define INTERP_COPY_MAX		65536

/* What can be done with a map, struct interp_map.calls. */
#define INTERP_MAP_LOOKUP	BIT(0)
#define INTERP_MAP_UPDATE	BIT(1)
#define INTERP_MAP_DELETE	BIT(2)
#define INTERP_MAP_PUSH		BIT(3)
#define INTERP_MAP_POP		BIT(4)
#define INTERP_MAP_PEEK		BIT(5)
#define INTERP_MAP_FOR_EACH	BIT(6)
#define INTERP_MAP_LOOKUP_CPU	BIT(7)

/**
 * struct interp_map - a map of a program
 * @map: the map
 * @calls: INTERP_MAP_*, what its type can do
 * @allowed: INTERP_MAP_*, what of that the program has the right to
 * @key_size: bytes of a key; 0 of queues and stacks
 * @value_size: bytes of a value
 * @max_entries: most elements; of arrays, the number of elements
 * @stride: of an array that is no per-CPU array, bytes from one element to the
 *	next; 0 of all others
 * @is_array: elements are there from the beginning, and keys are their numbers
 * @per_cpu: each CPU has a value of its own
 * @readable: the program may read values
 * @writable: the program may change values, add and remove elements
 * @lookup_work: what a look-up takes, see interp_work(); nothing with @stride
 * @update_work: what an update takes, or whatever else copies a value
 * @elements: the elements, if @stride is not 0
 */
struct interp_map {
	struct bpf_map *map;
	u32 calls;
	u32 allowed;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 stride;
	bool is_array;
	bool per_cpu;
	bool readable;
	bool writable;
	u32 lookup_work;
	u32 update_work;
	struct bpfsched_memory elements;
};

int interp_maps_check(const struct bpfsched_code *code,
		      struct bpfsched_log *log);
void interp_map_init(struct interp_map *map, const struct bpfsched_map *from);

#endif /* INTERP_MAP_H */
