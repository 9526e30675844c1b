// SPDX-License-Identifier: GPL-2.0
/* Maps of programs: made, or taken from where they are pinned. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

int bpfs_image_add_map(struct bpfs_image *image,
		       const struct bpfs_image_map *map)
{
	struct bpfs_image_map *m;

	m = reallocarray(image->maps, image->map_count + 1, sizeof(*m));
	if (!m)
		return bpfs_fail(-ENOMEM, "out of memory");
	image->maps = m;
	m += image->map_count;
	*m = *map;
	m->name = strdup(map->name);
	m->path = map->path ? strdup(map->path) : NULL;
	m->shared_fd = 0;
	if (!m->name || (map->path && !m->path)) {
		free(m->name);
		free(m->path);
		return bpfs_fail(-ENOMEM, "out of memory");
	}
	return image->map_count++;
}

static int set_path(struct bpfs_image_map *map, const char *path,
		    bool exists)
{
	char *copy = strdup(path);

	if (!copy)
		return bpfs_fail(-ENOMEM, "out of memory");
	free(map->path);
	map->path = copy;
	map->exists = exists;
	return 0;
}

int bpfs_image_use_map(struct bpfs_image *image, const char *name,
		       const char *path)
{
	__u32 i;

	for (i = 0; i < image->map_count; i++) {
		if (!strcmp(image->maps[i].name, name))
			return set_path(&image->maps[i], path, true);
	}
	return bpfs_fail(-ENOENT, "program '%s' uses no map '%s'",
			 image->name, name);
}

int bpfs_image_pin_maps(struct bpfs_image *image, const char *dir)
{
	char path[PATH_MAX];
	__u32 i;
	int err;

	if (image->map_count && mkdir(dir, 0700) && errno != EEXIST)
		return bpfs_fail(-errno, "%s: %s", dir, strerror(errno));
	for (i = 0; i < image->map_count; i++) {
		if (image->maps[i].exists)
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir,
				     image->maps[i].name) >= sizeof(path))
			return bpfs_fail(-ENAMETOOLONG, "%s: %s", dir,
					 strerror(ENAMETOOLONG));
		err = set_path(&image->maps[i], path, false);
		if (err)
			return err;
	}
	return 0;
}

/* Not 0, which stands for none */
static int duplicate(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

int bpfs_image_share_maps(struct bpfs_image *image,
			  const struct bpfs_prog *prog)
{
	struct bpfs_image_map *map;
	__u32 i;
	int fd;

	for (i = 0; i < image->map_count; i++) {
		map = &image->maps[i];
		fd = bpfs_prog_map_fd(prog, map->name);
		if (fd < 0 || map->shared_fd)
			continue;
		fd = duplicate(fd);
		if (fd < 0)
			return bpfs_fail(-errno, "map '%s': %s", map->name,
					 strerror(errno));
		map->shared_fd = fd;
	}
	return 0;
}

/* Whether a map is what the program takes it for; @from: where it was found */
static int check_map(const struct bpfs_image_map *map, int fd,
		     const char *from)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return bpfs_fail(-errno, "map '%s': %s: %s", map->name,
				 from, strerror(errno));
	if (info.type == map->type && info.key_size == map->key_size &&
	    info.value_size == map->value_size &&
	    info.max_entries == map->max_entries)
		return 0;
	return bpfs_fail(-EINVAL,
			 "map '%s': %s is another kind of map (type %u, key of %u bytes, value of %u, %u entries)",
			 map->name, from, info.type, info.key_size,
			 info.value_size, info.max_entries);
}

static int take_shared(const struct bpfs_image_map *map)
{
	int err = check_map(map, map->shared_fd, "that of the other program");
	int fd;

	if (err)
		return err;
	fd = duplicate(map->shared_fd);
	if (fd >= 0)
		return fd;
	return bpfs_fail(-errno, "map '%s': %s", map->name,
			 strerror(errno));
}

static int create(const struct bpfs_image_map *map)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts,
		    .map_flags = map->flags,
		    .map_extra = map->extra,
		    .numa_node = map->numa_node);
	const char *advice;
	char type[64];
	int fd, err;

	fd = bpf_map_create(map->type, map->name, map->key_size,
			    map->value_size, map->max_entries, &opts);
	if (fd >= 0)
		return fd;
	if (errno == EPERM)
		return bpfs_fail(-EPERM,
				 "map '%s': making it needs CAP_BPF; one that is pinned can be used instead",
				 map->name);
	err = -errno;
	advice = bpfs_map_type_describe(map->type, type, sizeof(type));
	return bpfs_fail(err,
			 "map '%s' of %s cannot be made: %s%s%s (key of %u bytes, value of %u, %u entries, flags 0x%x)",
			 map->name, type, strerror(-err),
			 advice ? "; such maps are not supported: " : "",
			 advice ?: "", map->key_size, map->value_size,
			 map->max_entries, map->flags);
}

static int create_and_pin(const struct bpfs_image_map *map)
{
	int fd = create(map), err;

	if (fd < 0 || !map->path)
		return fd;
	if (!bpf_obj_pin(fd, map->path))
		return fd;
	err = bpfs_fail(-errno, "map '%s': cannot be pinned as %s: %s",
			map->name, map->path, strerror(errno));
	close(fd);
	return err;
}

/**
 * bpfs_map_open() - a descriptor of a map
 * @map: what it is to be
 *
 * Return: the descriptor, to be closed by the caller, or negative errno.
 */
int bpfs_map_open(const struct bpfs_image_map *map)
{
	int fd, err;

	if (map->shared_fd)
		return take_shared(map);
	if (!map->path)
		return create(map);
	fd = bpf_obj_get(map->path);
	if (fd < 0 && errno == ENOENT && !map->exists)
		return create_and_pin(map);
	if (fd < 0)
		return bpfs_fail(-errno, "map '%s': %s: %s", map->name,
				 map->path, strerror(errno));
	err = check_map(map, fd, map->path);
	if (!err)
		return fd;
	close(fd);
	return err;
}
