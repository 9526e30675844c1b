/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The helpers that work on maps.
 */
#ifndef INTERP_MAP_HELPERS_H
#define INTERP_MAP_HELPERS_H

#include <linux/preempt.h>
#include <linux/rcupdate.h>

#include <bpfsched/compat.h>

#include "interp.h"

u64 interp_map_lookup_elem(struct interp_state *state, const u64 *args);
u64 interp_map_lookup_percpu_elem(struct interp_state *state, const u64 *args);
u64 interp_map_update_elem(struct interp_state *state, const u64 *args);
u64 interp_map_delete_elem(struct interp_state *state, const u64 *args);
u64 interp_map_push_elem(struct interp_state *state, const u64 *args);
u64 interp_map_pop_elem(struct interp_state *state, const u64 *args);
u64 interp_map_peek_elem(struct interp_state *state, const u64 *args);
u64 interp_map_each_elem(struct interp_state *state, const u64 *args);

u64 interp_map_show_value(struct interp_state *state, u32 index, void *value);
u64 interp_map_lookup(struct interp_state *state, u32 index, const void *key);
u64 interp_map_find(struct interp_state *state, u32 index, struct bpf_map *map,
		    const void *key);

/**
 * interp_enter_map() - begin to call a map
 *
 * Around each call of the map, and never longer: see the maps' own helpers. No
 * call of it lasts across a safe point.
 */
static inline void interp_enter_map(void)
	__acquires(RCU)
{
	migrate_disable();
	rcu_read_lock();
}

/* End what interp_enter_map() has begun. */
static inline void interp_leave_map(void)
	__releases(RCU)
{
	rcu_read_unlock();
	migrate_enable();
}

/**
 * interp_array_element() - find an element of an array
 * @map: a map with a stride
 * @index: number of the map
 * @key: number of the element
 *
 * All elements are there, and all can be seen: only the key is looked at.
 *
 * Context: process, from a helper or a dispatcher.
 * Return: the address of its value in the sandbox, or 0 if there is none.
 */
static __always_inline u64 interp_array_element(const struct interp_map *map,
						u64 index, u32 key)
{
	if (key >= map->max_entries)
		return 0;
	return INTERP_ADDRESS(INTERP_REGION_MAPS + index, key * map->stride);
}

/**
 * interp_map_element() - find an element of an array or of another map
 * @state: the run
 * @index: number of the map
 * @map: the map, which can be looked up in
 * @key: the key; that of a map with no stride nobody can change
 *
 * Context: process, from a helper or a dispatcher.
 * Return: the address of its value in the sandbox, or 0 if there is none.
 */
static __always_inline u64 interp_map_element(struct interp_state *state,
					      u64 index,
					      const struct interp_map *map,
					      const void *key)
{
	return map->stride ?
	       interp_array_element(map, index,
				    get_unaligned((const u32 *)key)) :
	       interp_map_find(state, index, map->map, key);
}

#endif /* INTERP_MAP_HELPERS_H */
