/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps of the kernel, by descriptor.
 */
#ifndef BPFSCHED_MAP_H
#define BPFSCHED_MAP_H

#include <linux/types.h>

#include "../interp/engine.h"

int bpfsched_map_get(struct bpfsched_map *map, int fd);
void bpfsched_map_put(struct bpfsched_map *map);
u32 bpfsched_map_id(const struct bpfsched_map *map);

#endif /* BPFSCHED_MAP_H */
