/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps in user space: as the kernel's, as far as programs can tell, but slow,
 * and with keys and values each in memory of its own, so that a byte beyond one
 * is somebody else's.
 */
#ifndef MAPS_H
#define MAPS_H

#include <linux/bpf.h>

/* Called with each key that a map looks for; NULL: nobody wants to know. */
extern void (*map_key_hook)(const void *key);

struct bpf_map *map_new(enum bpf_map_type type, u32 key_size, u32 value_size,
			u32 max_entries, u32 flags);
void map_fill(struct bpf_map *map);
void map_free(struct bpf_map *map);
bool map_is_same(const struct bpf_map *a, const struct bpf_map *b);
bool map_has_value(const struct bpf_map *map, const void *bytes, u32 len);

#endif /* MAPS_H */
