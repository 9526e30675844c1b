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
 * struct bpfsched_btf - the types of an object
 * @types: first byte of the types
 * @types_len: bytes of @types
 * @strings: first byte of the strings
 * @strings_len: bytes of @strings
 * @count: number of @offsets; 0: there are no types
 * @offsets: where each type begins in @types, by its number; number 0 is void
 */
struct bpfsched_btf {
	const char *types;
	__u32 types_len;
	const char *strings;
	__u32 strings_len;
	__u32 count;
	__u32 *offsets;
};

int bpfsched_btf_read(struct bpfsched_btf *btf, const struct bpfsched_elf *elf);
void bpfsched_btf_free(struct bpfsched_btf *btf);
const char *bpfsched_btf_string(const struct bpfsched_btf *btf, __u32 off);
bool bpfsched_btf_type(const struct bpfsched_btf *btf, __u32 id,
		       struct btf_type *type);
bool bpfsched_btf_resolve(const struct bpfsched_btf *btf, __u32 *id,
			  struct btf_type *type);
bool bpfsched_btf_member(const struct bpfsched_btf *btf, __u32 id, __u32 i,
			 struct btf_member *member);
bool bpfsched_btf_array(const struct bpfsched_btf *btf, __u32 id,
			struct btf_array *array);
bool bpfsched_btf_size(const struct bpfsched_btf *btf, __u32 id, __u32 *size);
__u32 bpfsched_btf_variable(const struct bpfsched_btf *btf,
			    const char *section, const char *name);

/* mapdef.c */
int bpfsched_map_define(const struct bpfsched_elf *elf,
			const struct bpfsched_btf *btf, const char *name,
			struct bpfsched_image_map *map);

#endif /* BPFSCHED_BTF_H */
