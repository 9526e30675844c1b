// SPDX-License-Identifier: GPL-2.0
/*
 * In place of maps, which are the kernel's own: here no program has any. What a
 * helper is given for one is never one, and a run has no walks.
 */
#include <linux/kernel.h>

#include "interp.h"
#include "map.h"
#include "map_helpers.h"
#include "walk.h"

int interp_maps_check(const struct bpfsched_code *code,
		      struct bpfsched_log *log)
{
	if (!code->map_count)
		return 0;
	snprintf(log->text, sizeof(log->text), "there are no maps here");
	return -EINVAL;
}

void interp_map_init(struct interp_map *map, const struct bpfsched_map *from)
{
	(void)from;
	*map = (struct interp_map) {};
}

static u64 no_map(struct interp_state *state, const u64 *args)
{
	interp_fault(state, BPFSCHED_FAULT_HANDLE, args[0]);
	return 0;
}

#define NO_MAP(helper)							\
	u64 helper(struct interp_state *state, const u64 *args) __alias(no_map)

NO_MAP(interp_map_lookup_elem);
NO_MAP(interp_map_lookup_percpu_elem);
NO_MAP(interp_map_update_elem);
NO_MAP(interp_map_delete_elem);
NO_MAP(interp_map_push_elem);
NO_MAP(interp_map_pop_elem);
NO_MAP(interp_map_peek_elem);
NO_MAP(interp_map_each_elem);

void interp_walk_end(struct interp_state *state)
{
	state->walks = NULL;
}
