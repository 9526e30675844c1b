/* SPDX-License-Identifier: GPL-2.0 */
/* Maps, as far as the interpreter looks at them; maps.h makes some. */
#ifndef SHIM_LINUX_BPF_H
#define SHIM_LINUX_BPF_H

#include <linux/types.h>

#include_next <linux/bpf.h>

struct bpf_map;

struct bpf_map_ops {
	void *(*map_lookup_elem)(struct bpf_map *map, void *key);
	void *(*map_lookup_percpu_elem)(struct bpf_map *map, void *key,
					u32 cpu);
	long (*map_update_elem)(struct bpf_map *map, void *key, void *value,
				u64 flags);
	long (*map_delete_elem)(struct bpf_map *map, void *key);
	long (*map_push_elem)(struct bpf_map *map, void *value, u64 flags);
	long (*map_pop_elem)(struct bpf_map *map, void *value);
	long (*map_peek_elem)(struct bpf_map *map, void *value);
	void *(*map_lookup_elem_sys_only)(struct bpf_map *map, void *key);
	int (*map_get_next_key)(struct bpf_map *map, void *key, void *next);
};

struct bpf_map {
	const struct bpf_map_ops *ops;
	enum bpf_map_type map_type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 map_flags;
	bool bypass_spec_v1;
};

#endif /* SHIM_LINUX_BPF_H */
