/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The helpers that work on maps.
 */
#ifndef INTERP_MAP_HELPERS_H
#define INTERP_MAP_HELPERS_H

#include <linux/types.h>

struct interp_state;

u64 interp_map_lookup_elem(struct interp_state *state, const u64 *args);
u64 interp_map_lookup_percpu_elem(struct interp_state *state, const u64 *args);
u64 interp_map_update_elem(struct interp_state *state, const u64 *args);
u64 interp_map_delete_elem(struct interp_state *state, const u64 *args);
u64 interp_map_push_elem(struct interp_state *state, const u64 *args);
u64 interp_map_pop_elem(struct interp_state *state, const u64 *args);
u64 interp_map_peek_elem(struct interp_state *state, const u64 *args);
u64 interp_map_each_elem(struct interp_state *state, const u64 *args);

u64 interp_map_show_value(struct interp_state *state, u32 index, void *value);
u64 interp_map_lookup(struct interp_state *state, u32 index, void *key);

#endif /* INTERP_MAP_HELPERS_H */
