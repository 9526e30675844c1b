// SPDX-License-Identifier: GPL-2.0
/* Types of an object. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"

/* Longest chain of types that stand for each other */
#define CHAIN_MAX	64

/* What comes behind struct btf_type: bytes, and bytes for each of vlen */
static const struct {
	__u8 fixed;
	__u8 each;
} kinds[] = {
	[BTF_KIND_INT] = { sizeof(__u32), 0 },
	[BTF_KIND_PTR] = { 0, 0 },
	[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FWD] = { 0, 0 },
	[BTF_KIND_TYPEDEF] = { 0, 0 },
	[BTF_KIND_VOLATILE] = { 0, 0 },
	[BTF_KIND_CONST] = { 0, 0 },
	[BTF_KIND_RESTRICT] = { 0, 0 },
	[BTF_KIND_FUNC] = { 0, 0 },
	[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_FLOAT] = { 0, 0 },
	[BTF_KIND_DECL_TAG] = { sizeof(struct btf_decl_tag), 0 },
	[BTF_KIND_TYPE_TAG] = { 0, 0 },
	[BTF_KIND_ENUM64] = { 0, sizeof(struct btf_enum64) },
};

/* Whether a type is whole; sets the bytes that it takes */
static bool measure(const struct bpfs_btf *btf, __u32 at, __u32 *bytes)
{
	struct btf_type type;
	__u32 kind;

	if (at > btf->types_len || btf->types_len - at < sizeof(type))
		return false;
	memcpy(&type, btf->types + at, sizeof(type));
	kind = BTF_INFO_KIND(type.info);
	if (!kind || kind >= ARRAY_SIZE(kinds))
		return false;
	*bytes = sizeof(type) + kinds[kind].fixed +
		 BTF_INFO_VLEN(type.info) * kinds[kind].each;
	return *bytes <= btf->types_len - at;
}

/*
 * Compilers before clang 15 do not tell whether an enumeration has a sign. Each
 * variable of the type asks, so it is looked at once.
 */
static bool has_negative(const struct bpfs_btf *btf, __u32 at)
{
	const char *values = btf->types + at + sizeof(struct btf_type);
	struct btf_enum value;
	struct btf_type type;
	__u32 i;

	memcpy(&type, btf->types + at, sizeof(type));
	if (BTF_INFO_KIND(type.info) != BTF_KIND_ENUM)
		return false;
	for (i = 0; i < BTF_INFO_VLEN(type.info); i++) {
		memcpy(&value, values + i * sizeof(value), sizeof(value));
		if (value.val < 0)
			return true;
	}
	return false;
}

static int index_types(struct bpfs_btf *btf)
{
	__u32 most = btf->types_len / sizeof(struct btf_type) + 1;
	__u32 at = 0, bytes;

	btf->offsets = calloc(most, sizeof(*btf->offsets));
	btf->negative = calloc(most, sizeof(*btf->negative));
	if (!btf->offsets || !btf->negative)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (btf->count = 1; measure(btf, at, &bytes); btf->count++) {
		btf->offsets[btf->count] = at;
		btf->negative[btf->count] = has_negative(btf, at);
		at += bytes;
	}
	return bpfs_btf_index_variables(btf);
}

/* Whether @len bytes at @off behind the header are inside of the section */
static bool is_inside(const struct bpfs_elf_section *s,
		      const struct btf_header *h, __u32 off, __u32 len)
{
	return (__u64)h->hdr_len + off + len <= s->len;
}

/**
 * bpfs_btf_read() - read the types of an object
 * @btf: filled in
 * @elf: object; has to stay as long as @btf is used
 *
 * Return: 0, also if the object has no types that can be read, or -ENOMEM.
 */
int bpfs_btf_read(struct bpfs_btf *btf, const struct bpfs_elf *elf)
{
	const struct bpfs_elf_section *s = bpfs_elf_find(elf, ".BTF");
	struct btf_header h;

	memset(btf, 0, sizeof(*btf));
	if (!s || s->len < sizeof(h))
		return 0;
	memcpy(&h, s->data, sizeof(h));
	if (h.magic != BTF_MAGIC || h.version != BTF_VERSION ||
	    h.hdr_len < sizeof(h) ||
	    !is_inside(s, &h, h.type_off, h.type_len) ||
	    !is_inside(s, &h, h.str_off, h.str_len))
		return 0;
	btf->types = s->data + h.hdr_len + h.type_off;
	btf->types_len = h.type_len;
	btf->strings = s->data + h.hdr_len + h.str_off;
	btf->strings_len = h.str_len;
	return index_types(btf);
}

/**
 * bpfs_btf_free() - free what was read; may be done twice
 * @btf: types
 */
void bpfs_btf_free(struct bpfs_btf *btf)
{
	free(btf->variables);
	free(btf->negative);
	free(btf->offsets);
	memset(btf, 0, sizeof(*btf));
}

/**
 * bpfs_btf_string() - a string of the types
 * @btf: types
 * @off: its offset
 *
 * Return: the string; "" if there is none, or if it is too long.
 */
const char *bpfs_btf_string(const struct bpfs_btf *btf, __u32 off)
{
	size_t most;

	if (off >= btf->strings_len)
		return "";
	most = btf->strings_len - off < BPFS_NAME_MAX ?
	       btf->strings_len - off : BPFS_NAME_MAX;
	return memchr(btf->strings + off, 0, most) ? btf->strings + off : "";
}

/* What follows a type; @at: bytes behind it */
static bool get_part(const struct bpfs_btf *btf, __u32 id, __u32 at,
		     void *to, size_t len)
{
	__u32 bytes;

	if (!id || id >= btf->count || !measure(btf, btf->offsets[id], &bytes))
		return false;
	at += sizeof(struct btf_type);
	if (at > bytes || len > bytes - at)
		return false;
	memcpy(to, btf->types + btf->offsets[id] + at, len);
	return true;
}

/**
 * bpfs_btf_type() - a type
 * @btf: types
 * @id: its number
 * @type: set to it
 *
 * Return: whether there is such a type; void is none.
 */
bool bpfs_btf_type(const struct bpfs_btf *btf, __u32 id,
		   struct btf_type *type)
{
	if (!id || id >= btf->count)
		return false;
	memcpy(type, btf->types + btf->offsets[id], sizeof(*type));
	return true;
}

/**
 * bpfs_btf_resolve() - what a type is, without qualifiers and typedefs
 * @btf: types
 * @id: number of a type; set to the number of what it is
 * @type: set to what it is
 *
 * Return: whether there is such a type.
 */
bool bpfs_btf_resolve(const struct bpfs_btf *btf, __u32 *id,
		      struct btf_type *type)
{
	int i;

	for (i = 0; i < CHAIN_MAX && bpfs_btf_type(btf, *id, type); i++) {
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			*id = type->type;
			break;
		default:
			return true;
		}
	}
	return false;
}

/**
 * bpfs_btf_member() - a member of a structure
 * @btf: types
 * @id: number of the structure
 * @i: which member
 * @member: set to it
 *
 * Return: whether there is such a member.
 */
bool bpfs_btf_member(const struct bpfs_btf *btf, __u32 id, __u32 i,
		     struct btf_member *member)
{
	return get_part(btf, id, i * sizeof(*member), member, sizeof(*member));
}

/**
 * bpfs_btf_array() - what an array is of
 * @btf: types
 * @id: number of a type
 * @array: set to it
 *
 * Return: whether the type is an array.
 */
bool bpfs_btf_array(const struct bpfs_btf *btf, __u32 id,
		    struct btf_array *array)
{
	struct btf_type type;

	return bpfs_btf_resolve(btf, &id, &type) &&
	       BTF_INFO_KIND(type.info) == BTF_KIND_ARRAY &&
	       get_part(btf, id, 0, array, sizeof(*array));
}

/**
 * bpfs_btf_size() - bytes that a value of a type takes
 * @btf: types
 * @id: number of the type
 * @size: set to the bytes
 *
 * Return: whether the types tell it.
 */
bool bpfs_btf_size(const struct bpfs_btf *btf, __u32 id, __u32 *size)
{
	struct btf_array array;
	struct btf_type type;
	__u64 count = 1;
	int i;

	for (i = 0; i < CHAIN_MAX && bpfs_btf_resolve(btf, &id, &type); i++) {
		switch (BTF_INFO_KIND(type.info)) {
		case BTF_KIND_ARRAY:
			if (!bpfs_btf_array(btf, id, &array))
				return false;
			count *= array.nelems;
			id = array.type;
			break;
		case BTF_KIND_PTR:
			count *= sizeof(__u64);
			*size = count;
			return count <= UINT32_MAX;
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			count *= type.size;
			*size = count;
			return count <= UINT32_MAX;
		default:
			return false;
		}
		if (count > UINT32_MAX)
			return false;
	}
	return false;
}

/**
 * bpfs_btf_encoding() - what a whole number is
 * @btf: types
 * @id: number of a type
 * @encoding: set to BTF_INT_*
 *
 * Return: whether the type is a whole number.
 */
bool bpfs_btf_encoding(const struct bpfs_btf *btf, __u32 id, __u32 *encoding)
{
	struct btf_type type;
	__u32 bits;

	if (!bpfs_btf_resolve(btf, &id, &type) ||
	    BTF_INFO_KIND(type.info) != BTF_KIND_INT ||
	    !get_part(btf, id, 0, &bits, sizeof(bits)))
		return false;
	*encoding = BTF_INT_ENCODING(bits);
	return true;
}

/**
 * bpfs_btf_enum() - a value of an enumeration
 * @btf: types
 * @id: number of the enumeration
 * @i: which value
 * @value: set to its number
 *
 * Return: its name; NULL if there is no such value.
 */
const char *bpfs_btf_enum(const struct bpfs_btf *btf, __u32 id, __u32 i,
			  __u64 *value)
{
	struct btf_enum64 wide;
	struct btf_type type;
	struct btf_enum one;

	if (!bpfs_btf_resolve(btf, &id, &type) || i >= BTF_INFO_VLEN(type.info))
		return NULL;
	if (BTF_INFO_KIND(type.info) == BTF_KIND_ENUM &&
	    get_part(btf, id, i * sizeof(one), &one, sizeof(one))) {
		*value = BTF_INFO_KFLAG(type.info) ? (__u64)(__s64)one.val :
						     (__u32)one.val;
		return bpfs_btf_string(btf, one.name_off);
	}
	if (BTF_INFO_KIND(type.info) == BTF_KIND_ENUM64 &&
	    get_part(btf, id, i * sizeof(wide), &wide, sizeof(wide))) {
		*value = (__u64)wide.val_hi32 << 32 | wide.val_lo32;
		return bpfs_btf_string(btf, wide.name_off);
	}
	return NULL;
}

/**
 * bpfs_btf_listed() - a variable of a section
 * @btf: types
 * @id: number of the list of the section's variables
 * @i: which of them
 * @info: set to where it is
 *
 * Return: whether there is such a variable.
 */
bool bpfs_btf_listed(const struct bpfs_btf *btf, __u32 id, __u32 i,
		     struct btf_var_secinfo *info)
{
	return get_part(btf, id, i * sizeof(*info), info, sizeof(*info));
}
