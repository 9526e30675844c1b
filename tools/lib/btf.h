/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types of an object (.BTF). Nothing of them is trusted. Where they break off
 * or a kind of type is not known, what comes before can be used all the same.
 */
#ifndef BPFSCHED_BTF_H
#define BPFSCHED_BTF_H

#include <linux/btf.h>

#include "elf_file.h"

/**
 * struct bpfs_btf_variable - a variable that the types tell of
 * @name: its name
 * @section: name of its section
 * @number: how many others were told of before it
 * @type: number of its type
 * @first: number of the type of the first variable of that name
 */
struct bpfs_btf_variable {
	const char *name;
	const char *section;
	__u32 number;
	__u32 type;
	__u32 first;
};

/**
 * struct bpfs_btf - the types of an object
 * @types: first byte of the types
 * @types_len: bytes of @types
 * @strings: first byte of the strings
 * @strings_len: bytes of @strings
 * @count: number of @offsets; 0: there are no types
 * @offsets: where each type begins in @types, by its number; number 0 is void
 * @negative: for each type, whether it is an enumeration of 32 bits that has a
 *	negative value
 * @variable_count: number of @variables
 * @variables: by name, section and number
 */
struct bpfs_btf {
	const char *types;
	__u32 types_len;
	const char *strings;
	__u32 strings_len;
	__u32 count;
	__u32 *offsets;
	bool *negative;
	__u32 variable_count;
	struct bpfs_btf_variable *variables;
};

int bpfs_btf_read(struct bpfs_btf *btf, const struct bpfs_elf *elf);
void bpfs_btf_free(struct bpfs_btf *btf);
const char *bpfs_btf_string(const struct bpfs_btf *btf, __u32 off);
bool bpfs_btf_type(const struct bpfs_btf *btf, __u32 id,
		   struct btf_type *type);
bool bpfs_btf_resolve(const struct bpfs_btf *btf, __u32 *id,
		      struct btf_type *type);
bool bpfs_btf_member(const struct bpfs_btf *btf, __u32 id, __u32 i,
		     struct btf_member *member);
bool bpfs_btf_array(const struct bpfs_btf *btf, __u32 id,
		    struct btf_array *array);
bool bpfs_btf_size(const struct bpfs_btf *btf, __u32 id, __u32 *size);
bool bpfs_btf_encoding(const struct bpfs_btf *btf, __u32 id, __u32 *encoding);
const char *bpfs_btf_enum(const struct bpfs_btf *btf, __u32 id, __u32 i,
			  __u64 *value);
bool bpfs_btf_listed(const struct bpfs_btf *btf, __u32 id, __u32 i,
		     struct btf_var_secinfo *info);

/* btf_variable.c */
int bpfs_btf_index_variables(struct bpfs_btf *btf);
__u32 bpfs_btf_variable(const struct bpfs_btf *btf,
			const char *section, const char *name);

/* mapdef.c */
int bpfs_map_define(const struct bpfs_elf *elf,
		    const struct bpfs_btf *btf, const char *name,
		    struct bpfs_image_map *map);

#endif /* BPFSCHED_BTF_H */
