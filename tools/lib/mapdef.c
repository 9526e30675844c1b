// SPDX-License-Identifier: GPL-2.0
/*
 * Maps as objects define them: a variable in the section .maps, whose type is a
 * structure. Numbers are lengths of arrays that members point to, types are
 * what members point to (__uint() and __type() of bpf_helpers.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"

/* Where maps are pinned that ask for it */
#define PIN_DIR	"/sys/fs/bpf/"

/* The value of the member "pinning" that says so: LIBBPF_PIN_BY_NAME */
#define PIN_BY_NAME	1

/**
 * struct definition - a map while its definition is read
 * @elf: object
 * @btf: its types
 * @map: the map
 */
struct definition {
	const struct bpfs_elf *elf;
	const struct bpfs_btf *btf;
	struct bpfs_image_map *map;
};

#define fail_map(d, format, ...) \
	bpfs_fail(-ENOEXEC, "%s: map '%s' " format, (d)->elf->path, \
		  (d)->map->name, ##__VA_ARGS__)

/* What a member points to */
static bool get_pointee(const struct definition *d,
			const struct btf_member *member, __u32 *id)
{
	struct btf_type type;

	*id = member->type;
	if (!bpfs_btf_resolve(d->btf, id, &type) ||
	    BTF_INFO_KIND(type.info) != BTF_KIND_PTR)
		return false;
	*id = type.type;
	return true;
}

static int read_number(const struct definition *d,
		       const struct btf_member *member, const char *name,
		       __u32 *number)
{
	struct btf_array array;
	__u32 id;

	if (!get_pointee(d, member, &id) ||
	    !bpfs_btf_array(d->btf, id, &array))
		return fail_map(d, "has '%s' not as __uint() defines it", name);
	*number = array.nelems;
	return 0;
}

static int read_size(const struct definition *d,
		     const struct btf_member *member, const char *name,
		     __u32 *size)
{
	__u32 id;

	if (!get_pointee(d, member, &id) ||
	    !bpfs_btf_size(d->btf, id, size))
		return fail_map(d,
				"has a type of '%s' whose size is not known: the types (BTF) do not have it, or it is not as __type() defines it",
				name);
	return 0;
}

static int read_pinning(const struct definition *d,
			const struct btf_member *member)
{
	__u32 how;
	int err;

	err = read_number(d, member, "pinning", &how);
	if (err || !how)
		return err;
	if (how != PIN_BY_NAME)
		return fail_map(d, "asks for a way of pinning that is not known: %u",
				how);
	if (strchr(d->map->name, '/') ||
	    asprintf(&d->map->path, PIN_DIR "%s", d->map->name) < 0) {
		d->map->path = NULL;
		return fail_map(d, "cannot be pinned by this name");
	}
	return 0;
}

static int read_member(const struct definition *d,
		       const struct btf_member *member)
{
	const char *name = bpfs_btf_string(d->btf, member->name_off);
	struct bpfs_image_map *map = d->map;
	const struct {
		const char *name;
		__u32 *number;
	} numbers[] = {
		{ "type", &map->type }, { "max_entries", &map->max_entries },
		{ "map_flags", &map->flags }, { "numa_node", &map->numa_node },
		{ "key_size", &map->key_size },
		{ "value_size", &map->value_size },
	};
	__u32 extra;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!strcmp(name, numbers[i].name))
			return read_number(d, member, name, numbers[i].number);
	}
	if (!strcmp(name, "key"))
		return read_size(d, member, name, &map->key_size);
	if (!strcmp(name, "value"))
		return read_size(d, member, name, &map->value_size);
	if (!strcmp(name, "pinning"))
		return read_pinning(d, member);
	if (!strcmp(name, "values"))
		return fail_map(d,
				"has maps, or programs, as its values, which is not supported: use one map whose key has both keys, or several maps");
	if (strcmp(name, "map_extra"))
		return fail_map(d, "has a member '%s', which is not known",
				name);
	err = read_number(d, member, name, &extra);
	if (!err)
		map->extra = extra;
	return err;
}

/* The structure that is the type of the variable */
static int find_definition(const struct definition *d, __u32 *id,
			   struct btf_type *type)
{
	if (!d->btf->count)
		return fail_map(d,
				"cannot be made, the object has no types (BTF): compile with -g");
	*id = bpfs_btf_variable(d->btf, ".maps", d->map->name);
	if (!*id)
		return fail_map(d, "is not among the types (BTF) of the object: they are damaged");
	if (!bpfs_btf_resolve(d->btf, id, type) ||
	    BTF_INFO_KIND(type->info) != BTF_KIND_STRUCT)
		return fail_map(d, "is not defined as a structure of __uint() and __type()");
	return 0;
}

/**
 * bpfs_map_define() - read the definition of a map
 * @elf: object
 * @btf: its types
 * @name: name of the map
 * @map: set to what the map is to be; its name is @name, its path to be freed
 *
 * Return: 0 or negative errno.
 */
int bpfs_map_define(const struct bpfs_elf *elf,
		    const struct bpfs_btf *btf, const char *name,
		    struct bpfs_image_map *map)
{
	const struct definition d = { elf, btf, map };
	struct btf_member member;
	struct btf_type type;
	__u32 id, i;
	int err;

	memset(map, 0, sizeof(*map));
	map->name = (char *)name;
	err = find_definition(&d, &id, &type);
	for (i = 0; !err && i < BTF_INFO_VLEN(type.info); i++) {
		if (!bpfs_btf_member(btf, id, i, &member))
			break;
		err = read_member(&d, &member);
	}
	if (!err && !map->type)
		err = fail_map(&d, "has no type: its definition needs __uint(type, ...)");
	if (err) {
		free(map->path);
		map->path = NULL;
	}
	return err;
}
