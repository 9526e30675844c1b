// SPDX-License-Identifier: GPL-2.0
/*
 * Maps of the kernel, by descriptor. Who holds a descriptor may do with the map
 * what it allows, here as with bpf(2); no capability is asked for. Which maps
 * can be had is for the engine to say.
 */
#include <linux/bpf.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>

#include <bpfsched/compat.h>

#include "map.h"

/*
 * The rights that bpf(2) sees in a descriptor: those that it was opened with,
 * and none to write to a map that is frozen.
 */
static void set_rights(struct bpfsched_map *map, const struct file *file)
{
	map->readable = file->f_mode & FMODE_CAN_READ;
	map->writable = (file->f_mode & FMODE_CAN_WRITE) &&
			!READ_ONCE(map->map->frozen);
}

/**
 * bpfsched_map_get() - hold the map that a descriptor stands for
 * @map: set to the map and what can be done with it through the descriptor
 * @fd: the descriptor
 *
 * Context: process, may sleep.
 * Return: 0, and the map is to be put by the caller; -EBADF: there is no such
 * descriptor; -EINVAL: it is not one of a map.
 */
int bpfsched_map_get(struct bpfsched_map *map, int fd)
{
	struct file *file = fget(fd);
	int err = 0;

	if (!file)
		return -EBADF;
	map->map = bpf_map_get(fd);
	if (IS_ERR(map->map)) {
		err = PTR_ERR(map->map);
	} else if (file->private_data != map->map) {
		/* Another thread has put another file there meanwhile. */
		bpf_map_put(map->map);
		err = -EBADF;
	} else {
		set_rights(map, file);
	}
	fput(file);
	return err;
}

/**
 * bpfsched_map_put() - hold a map no longer
 * @map: from bpfsched_map_get()
 *
 * Context: process, may sleep.
 */
void bpfsched_map_put(struct bpfsched_map *map)
{
	bpf_map_put(map->map);
}

/**
 * bpfsched_map_id() - the number by which the kernel and bpftool name a map
 * @map: the map
 *
 * Context: any.
 */
u32 bpfsched_map_id(const struct bpfsched_map *map)
{
	return map->map->id;
}

BPFSCHED_IMPORT_BPF();
