// SPDX-License-Identifier: GPL-2.0
/*
 * Global variables by their names and types: "limit", "table[3].rate". Nothing
 * of the types is trusted: a part is never outside of its whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "elf_file.h"
#include "internal.h"

/**
 * struct enumerator - a value of an enumeration
 * @type: the enumeration
 * @number: which of its values
 * @value: the value, of as many bits as the type has
 */
struct enumerator {
	__u32 type;
	__u32 number;
	__u64 value;
};

/* A structure of one is the deepest type that anybody asks for */
#define DEPTH_MAX	32

/**
 * struct bpfs_globals - the variables of an image, with their types
 * @elf: the object
 * @btf: its types
 * @count: number of @list
 * @list: the variables
 * @enumerator_count: number of @enumerators
 * @enumerators: values of all enumerations, by type, value and number
 */
struct bpfs_globals {
	struct bpfs_elf elf;
	struct bpfs_btf btf;
	__u32 count;
	struct bpfs_global *list;
	size_t enumerator_count;
	struct enumerator *enumerators;
};

static bool is_char(const struct bpfs_btf *btf, __u32 id)
{
	struct btf_type type;

	return bpfs_btf_resolve(btf, &id, &type) &&
	       BTF_INFO_KIND(type.info) == BTF_KIND_INT && type.size == 1 &&
	       !strcmp(bpfs_btf_string(btf, type.name_off), "char");
}

static int set_integer(const struct bpfs_btf *btf, struct bpfs_global *g)
{
	__u32 encoding;

	if (!bpfs_btf_encoding(btf, g->type, &encoding))
		return -1;
	g->kind = encoding & BTF_INT_BOOL ? BPFS_GLOBAL_BOOL :
		  encoding & BTF_INT_SIGNED ? BPFS_GLOBAL_INT :
		  BPFS_GLOBAL_UINT;
	return 0;
}

static int set_array(const struct bpfs_btf *btf, struct bpfs_global *g)
{
	struct btf_array array;

	if (!bpfs_btf_array(btf, g->type, &array))
		return -1;
	g->kind = is_char(btf, array.type) ? BPFS_GLOBAL_TEXT :
					     BPFS_GLOBAL_ARRAY;
	g->count = array.nelems;
	return 0;
}

/* What a type is, and how many parts it has; -1: it is not known */
static int classify(const struct bpfs_btf *btf, struct bpfs_global *g)
{
	struct btf_type type;

	g->count = 0;
	if (!bpfs_btf_resolve(btf, &g->type, &type) ||
	    !bpfs_btf_size(btf, g->type, &g->size))
		return -1;
	switch (BTF_INFO_KIND(type.info)) {
	case BTF_KIND_INT:
		return set_integer(btf, g);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		g->kind = BPFS_GLOBAL_ENUM;
		g->is_signed = BTF_INFO_KFLAG(type.info) ||
			       btf->negative[g->type];
		return 0;
	case BTF_KIND_FLOAT:
		g->kind = BPFS_GLOBAL_FLOAT;
		return 0;
	case BTF_KIND_PTR:
		g->kind = BPFS_GLOBAL_POINTER;
		return 0;
	case BTF_KIND_ARRAY:
		return set_array(btf, g);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		g->kind = BPFS_GLOBAL_STRUCT;
		g->count = BTF_INFO_VLEN(type.info);
		return 0;
	default:
		return -1;
	}
}

/* Whether all qualifiers of a type, typedefs included, have one among them */
static bool is_volatile(const struct bpfs_btf *btf, __u32 id)
{
	struct btf_array array;
	struct btf_type type;
	int i;

	for (i = 0; i < DEPTH_MAX && bpfs_btf_type(btf, id, &type); i++) {
		switch (BTF_INFO_KIND(type.info)) {
		case BTF_KIND_VOLATILE:
			return true;
		case BTF_KIND_CONST:
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = type.type;
			break;
		case BTF_KIND_ARRAY:
			if (!bpfs_btf_array(btf, id, &array))
				return false;
			id = array.type;
			break;
		default:
			return false;
		}
	}
	return false;
}

/* A variable without a type that is known is listed, too */
static void describe(struct bpfs_globals *globals,
		     const struct bpfs_image *image,
		     const struct bpfs_image_variable *v)
{
	const struct bpfs_image_section *s = &image->sections[v->section];
	struct bpfs_global *g = &globals->list[globals->count++];

	g->section = v->section;
	g->offset = v->offset;
	g->read_only = s->flags & BPFSCHED_SECTION_RDONLY;
	snprintf(g->name, sizeof(g->name), "%s", v->name);
	g->type = bpfs_btf_variable(&globals->btf, s->name, v->name);
	if (!g->type)
		g->type = bpfs_btf_variable(&globals->btf, NULL, v->name);
	g->is_volatile = is_volatile(&globals->btf, g->type);
	if (classify(&globals->btf, g) || g->size > v->size ||
	    v->offset > s->len || g->size > s->len - v->offset) {
		g->kind = BPFS_GLOBAL_UNKNOWN;
		g->size = 0;
		g->count = 0;
	}
}

static int compare_enumerators(const void *left, const void *right)
{
	const struct enumerator *l = left, *r = right;

	if (l->type != r->type)
		return l->type < r->type ? -1 : 1;
	if (l->value != r->value)
		return l->value < r->value ? -1 : 1;
	return l->number < r->number ? -1 : l->number > r->number;
}

static bool is_enum(const struct bpfs_btf *btf, __u32 id,
		    struct btf_type *type)
{
	return bpfs_btf_type(btf, id, type) &&
	       (BTF_INFO_KIND(type->info) == BTF_KIND_ENUM ||
		BTF_INFO_KIND(type->info) == BTF_KIND_ENUM64);
}

static __u64 mask_of(__u32 bits)
{
	return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

static void take_enumerators(struct bpfs_globals *globals, __u32 id,
			     const struct btf_type *type)
{
	__u64 value;
	__u32 i;

	for (i = 0; bpfs_btf_enum(&globals->btf, id, i, &value); i++)
		globals->enumerators[globals->enumerator_count++] =
			(struct enumerator) {
				id, i, value & mask_of(type->size < 8 ?
						       type->size * 8 : 64),
			};
}

/* So that the name of a value is found at once: an array can have millions */
static int index_enumerators(struct bpfs_globals *globals)
{
	const struct bpfs_btf *btf = &globals->btf;
	struct btf_type type;
	size_t count = 0;
	__u32 id;

	for (id = 1; id < btf->count; id++)
		count += is_enum(btf, id, &type) ? BTF_INFO_VLEN(type.info) : 0;
	globals->enumerators = calloc(count + 1, sizeof(*globals->enumerators));
	if (!globals->enumerators)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (id = 1; id < btf->count; id++) {
		if (is_enum(btf, id, &type))
			take_enumerators(globals, id, &type);
	}
	qsort(globals->enumerators, globals->enumerator_count,
	      sizeof(*globals->enumerators), compare_enumerators);
	return 0;
}

int bpfs_globals_open(const char *path, const struct bpfs_image *image,
		      struct bpfs_globals **globals)
{
	struct bpfs_globals *new = calloc(1, sizeof(*new));
	__u32 i;
	int err;

	if (!new)
		return bpfs_fail(-ENOMEM, "out of memory");
	err = bpfs_elf_read(&new->elf, path);
	if (!err)
		err = bpfs_btf_read(&new->btf, &new->elf);
	if (!err)
		err = index_enumerators(new);
	if (!err) {
		new->list = calloc(image->variable_count + 1,
				   sizeof(*new->list));
		if (!new->list)
			err = bpfs_fail(-ENOMEM, "out of memory");
	}
	if (err) {
		bpfs_globals_free(new);
		return err;
	}
	for (i = 0; i < image->variable_count; i++)
		describe(new, image, &image->variables[i]);
	*globals = new;
	return 0;
}

void bpfs_globals_free(struct bpfs_globals *globals)
{
	if (!globals)
		return;
	free(globals->enumerators);
	free(globals->list);
	bpfs_btf_free(&globals->btf);
	bpfs_elf_free(&globals->elf);
	free(globals);
}

const struct bpfs_global *bpfs_globals_at(const struct bpfs_globals *globals,
					  __u32 i)
{
	return i < globals->count ? &globals->list[i] : NULL;
}

static int element(const struct bpfs_globals *globals,
		   const struct bpfs_global *g, __u32 i,
		   struct bpfs_global *part)
{
	struct btf_array array;

	if (!bpfs_btf_array(&globals->btf, g->type, &array))
		return -ENOENT;
	part->type = array.type;
	if (classify(&globals->btf, part))
		return -ENOENT;
	if ((__u64)(i + 1ULL) * part->size > g->size)
		return -ENOENT;
	part->offset = g->offset + i * part->size;
	snprintf(part->name, sizeof(part->name), "[%u]", i);
	return 0;
}

/* A bit field has its place in the bytes that it has a bit of */
static int bit_field(const struct bpfs_global *g, __u32 bits, __u32 size,
		     struct bpfs_global *part)
{
	__u32 first = bits / 8, last = (bits + size - 1) / 8;

	if (size > 64 || last - first + 1 > sizeof(__u64) ||
	    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return -ENOENT;
	part->offset = g->offset + first;
	part->size = last - first + 1;
	part->bit_offset = bits % 8;
	part->bit_size = size;
	return last < g->size ? 0 : -ENOENT;
}

static int member(const struct bpfs_globals *globals,
		  const struct bpfs_global *g, __u32 i,
		  struct bpfs_global *part)
{
	const struct bpfs_btf *btf = &globals->btf;
	__u32 bits, size = 0;
	struct btf_member m;
	struct btf_type type;

	if (!bpfs_btf_type(btf, g->type, &type) ||
	    !bpfs_btf_member(btf, g->type, i, &m))
		return -ENOENT;
	bits = m.offset;
	if (BTF_INFO_KFLAG(type.info)) {
		size = BTF_MEMBER_BITFIELD_SIZE(m.offset);
		bits = BTF_MEMBER_BIT_OFFSET(m.offset);
	}
	part->type = m.type;
	if (classify(btf, part))
		return -ENOENT;
	snprintf(part->name, sizeof(part->name), "%s",
		 bpfs_btf_string(btf, m.name_off));
	if (size)
		return bit_field(g, bits, size, part);
	part->offset = g->offset + bits / 8;
	return bits % 8 || bits / 8 > g->size ||
	       part->size > g->size - bits / 8 ? -ENOENT : 0;
}

int bpfs_global_part(const struct bpfs_globals *globals,
		     const struct bpfs_global *global, __u32 i,
		     struct bpfs_global *part)
{
	struct bpfs_global whole = *global;

	if (i >= whole.count)
		return -ENOENT;
	*part = whole;
	part->is_signed = false;
	if (whole.kind == BPFS_GLOBAL_STRUCT)
		return member(globals, &whole, i, part);
	return element(globals, &whole, i, part);
}

/**
 * struct search - looking for a member
 * @globals: variables
 * @name: name of the member, without a NUL behind it
 * @len: bytes of @name
 * @depth: how many structures without a name it is in by now
 * @is_known: for each type, whether it has no such member; a structure can be
 *	part of others any number of times
 */
struct search {
	const struct bpfs_globals *globals;
	const char *name;
	size_t len;
	int depth;
	bool *is_known;
};

/* A member by its name, through structures that have none */
static int find_in(struct search *s, const struct bpfs_global *g,
		   struct bpfs_global *part)
{
	struct bpfs_global inner;
	__u32 i;

	if (s->is_known[g->type] || s->depth == DEPTH_MAX)
		return -ENOENT;
	s->is_known[g->type] = true;
	s->depth++;
	for (i = 0; i < g->count; i++) {
		if (bpfs_global_part(s->globals, g, i, &inner))
			continue;
		if (strlen(inner.name) == s->len &&
		    !memcmp(inner.name, s->name, s->len)) {
			*part = inner;
			return 0;
		}
		if (!*inner.name && inner.kind == BPFS_GLOBAL_STRUCT &&
		    !find_in(s, &inner, part))
			return 0;
	}
	s->depth--;
	return -ENOENT;
}

static int find_member(const struct bpfs_globals *globals,
		       const struct bpfs_global *g, const char *name,
		       size_t len, struct bpfs_global *part)
{
	struct search s = {
		.globals = globals, .name = name, .len = len,
		.is_known = calloc(globals->btf.count, sizeof(bool)),
	};
	int err;

	if (!s.is_known)
		return bpfs_fail(-ENOMEM, "out of memory");
	err = find_in(&s, g, part);
	free(s.is_known);
	return err;
}

static int step_member(const struct bpfs_globals *globals, const char *whole,
		       const char **rest, struct bpfs_global *g)
{
	size_t len = strcspn(*rest + 1, ".[");
	struct bpfs_global part;
	int done = *rest - whole, err;

	if (g->kind != BPFS_GLOBAL_STRUCT)
		return bpfs_fail(-ENOTDIR,
				 "'%.*s' is no structure, it has no members",
				 done, whole);
	err = len ? find_member(globals, g, *rest + 1, len, &part) : -ENOENT;
	if (err == -ENOMEM)
		return err;
	if (err)
		return bpfs_fail(-ENOENT, "'%.*s' has no member '%.*s'", done,
				 whole, (int)len, *rest + 1);
	*g = part;
	*rest += len + 1;
	return 0;
}

static int step_element(const struct bpfs_globals *globals, const char *whole,
			const char **rest, struct bpfs_global *g)
{
	const char *digits = *rest + 1;
	size_t len = strspn(digits, "0123456789");
	struct bpfs_global part;
	int done = *rest - whole;
	unsigned long long i;

	if (!len || digits[len] != ']')
		return bpfs_fail(-EINVAL,
				 "'%s': an index is a number in brackets",
				 whole);
	if (g->kind != BPFS_GLOBAL_ARRAY && g->kind != BPFS_GLOBAL_TEXT)
		return bpfs_fail(-ENOTDIR,
				 "'%.*s' is no array, it has no elements",
				 done, whole);
	errno = 0;
	i = strtoull(digits, NULL, 10);
	if (errno || i >= g->count)
		return bpfs_fail(-ERANGE,
				 "'%.*s' has %u elements, from [0] to [%u]; there is no [%.*s]",
				 done, whole, g->count, g->count - 1,
				 (int)len, digits);
	if (bpfs_global_part(globals, g, i, &part))
		return bpfs_fail(-EINVAL,
				 "'%s': the types of the object do not tell it",
				 whole);
	*g = part;
	*rest = digits + len + 1;
	return 0;
}

/* Whether a name is that of a variable, or of a part of it */
static bool names_part(const char *name, const char *variable)
{
	size_t len = strlen(variable);

	return len && !strncmp(variable, name, len) && strchr(".[", name[len]);
}

/* A variable that the object has, but the image does not; NULL: none */
static const Elf64_Sym *find_elsewhere(const struct bpfs_elf *elf,
				       const char *name)
{
	const Elf64_Sym *sym;
	size_t i;

	for (i = 0; i < elf->symbol_count; i++) {
		sym = &elf->symbols[i];
		if (ELF64_ST_TYPE(sym->st_info) == STT_OBJECT &&
		    sym->st_shndx &&
		    names_part(name, bpfs_elf_symbol_name(elf, sym)))
			return sym;
	}
	return NULL;
}

static int fail_no_variable(const struct bpfs_globals *globals,
			    const char *name)
{
	const struct bpfs_elf *elf = &globals->elf;
	const Elf64_Sym *sym = find_elsewhere(elf, name);
	const struct bpfs_elf_section *s;
	const char *variable;

	if (!sym)
		return bpfs_fail(-ENOENT, "the program has no variable '%s'",
				 name);
	s = bpfs_elf_section_of(elf, sym);
	variable = bpfs_elf_symbol_name(elf, sym);
	if (s && !strcmp(s->name, ".maps"))
		return bpfs_fail(-ENODATA, "'%s' is a map, and no variable",
				 variable);
	return bpfs_fail(-ENODATA,
			 "'%s' is in section '%s', to which the program does not refer, so it is not loaded with it",
			 variable, s ? s->name : "COMMON");
}

/* Names of variables may have dots: the longest that fits */
static const struct bpfs_global *find_variable(const struct bpfs_globals *globals,
					       const char *name)
{
	const struct bpfs_global *found = NULL, *g;
	size_t len;
	__u32 i;

	for (i = 0; i < globals->count; i++) {
		g = &globals->list[i];
		len = strlen(g->name);
		if (names_part(name, g->name) &&
		    (!found || len > strlen(found->name)))
			found = g;
	}
	return found;
}

int bpfs_globals_find(const struct bpfs_globals *globals, const char *name,
		      struct bpfs_global *global)
{
	const struct bpfs_global *variable = find_variable(globals, name);
	const char *rest;
	int err = 0;

	memset(global, 0, sizeof(*global));
	if (!variable)
		return fail_no_variable(globals, name);
	*global = *variable;
	if (!globals->btf.count)
		return bpfs_fail(-EINVAL,
				 "the object has no types of its variables: compile it with -g");
	if (global->kind == BPFS_GLOBAL_UNKNOWN)
		return bpfs_fail(-EINVAL,
				 "the object does not tell the type of '%s': compile it with -g",
				 variable->name);
	rest = name + strlen(variable->name);
	while (*rest && !err) {
		if (*rest == '.')
			err = step_member(globals, name, &rest, global);
		else if (*rest == '[')
			err = step_element(globals, name, &rest, global);
		else
			err = bpfs_fail(-EINVAL,
					"'%s' is no name of a variable",
					name);
	}
	if (!err)
		snprintf(global->name, sizeof(global->name), "%s", name);
	return err;
}

/*
 * Numbers
 */
static __u32 bits_of(const struct bpfs_global *g)
{
	return g->bit_size ?: g->size * 8;
}

static bool is_signed(const struct bpfs_global *g)
{
	return g->kind == BPFS_GLOBAL_INT ||
	       (g->kind == BPFS_GLOBAL_ENUM && g->is_signed);
}

/* At once where it lies as its size asks for, as the program may look at it */
static __u64 read_bytes(const struct bpfs_global *g, const void *section)
{
	const char *from = (const char *)section + g->offset;
	__u64 value = 0;

	if ((uintptr_t)from % g->size == 0) {
		switch (g->size) {
		case 2:
			return __atomic_load_n((const __u16 *)from,
					       __ATOMIC_RELAXED);
		case 4:
			return __atomic_load_n((const __u32 *)from,
					       __ATOMIC_RELAXED);
		case 8:
			return __atomic_load_n((const __u64 *)from,
					       __ATOMIC_RELAXED);
		}
	}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(&value, from, g->size);
#else
	memcpy((char *)&value + sizeof(value) - g->size, from, g->size);
#endif
	return value;
}

static void write_bytes(const struct bpfs_global *g, void *section, __u64 value)
{
	char *to = (char *)section + g->offset;

	if ((uintptr_t)to % g->size == 0) {
		switch (g->size) {
		case 2:
			__atomic_store_n((__u16 *)to, value, __ATOMIC_RELAXED);
			return;
		case 4:
			__atomic_store_n((__u32 *)to, value, __ATOMIC_RELAXED);
			return;
		case 8:
			__atomic_store_n((__u64 *)to, value, __ATOMIC_RELAXED);
			return;
		}
	}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(to, &value, g->size);
#else
	memcpy(to, (char *)&value + sizeof(value) - g->size, g->size);
#endif
}

static __u64 read_number(const struct bpfs_global *g, const void *section)
{
	__u64 value = read_bytes(g, section) >> g->bit_offset;
	__u32 bits = bits_of(g);

	value &= mask_of(bits);
	if (is_signed(g) && value >> (bits - 1))
		value |= ~mask_of(bits);
	return value;
}

static void write_number(const struct bpfs_global *g, void *section,
			 __u64 value)
{
	__u64 mask = mask_of(bits_of(g)) << g->bit_offset;

	if (g->bit_size)
		value = (read_bytes(g, section) & ~mask) |
			(value << g->bit_offset & mask);
	write_bytes(g, section, value);
}

/* Whether it is a number that can be read and set */
static bool is_sized(const struct bpfs_global *g)
{
	if (g->kind == BPFS_GLOBAL_FLOAT)
		return g->size == sizeof(float) || g->size == sizeof(double);
	return g->size && g->size <= sizeof(__u64);
}

static int fail_range(const struct bpfs_global *g, const char *text)
{
	__u64 mask = mask_of(bits_of(g));

	if (is_signed(g))
		return bpfs_fail(-ERANGE,
				 "'%s' does not fit: '%s' has %u bits and takes %lld to %lld",
				 text, g->name, bits_of(g),
				 -(long long)(mask >> 1) - 1,
				 (long long)(mask >> 1));
	return bpfs_fail(-ERANGE,
			 "'%s' does not fit: '%s' has %u bits and takes 0 to %llu",
			 text, g->name, bits_of(g), mask);
}

/* Decimal or 0x; no octal, which nobody means. -EINVAL: no number */
static int parse_number(const struct bpfs_global *g, const char *text,
			__u64 *value)
{
	bool minus = *text == '-', hex;
	const char *digits = text + minus;
	__u64 limit = mask_of(bits_of(g));
	char *end;

	hex = digits[0] == '0' && (digits[1] | 0x20) == 'x';
	digits += hex ? 2 : 0;
	if (!*digits || digits[strspn(digits, hex ?
				      "0123456789abcdefABCDEF" :
				      "0123456789")])
		return -EINVAL;
	errno = 0;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	if (is_signed(g))
		limit = (limit >> 1) + minus;
	else if (minus)
		limit = 0;
	if (errno || *value > limit)
		return fail_range(g, text);
	if (minus)
		*value = -*value;
	return 0;
}

static int parse_integer(const struct bpfs_global *g, const char *text,
			 void *section)
{
	__u64 value;
	int err = parse_number(g, text, &value);

	if (err == -EINVAL)
		return bpfs_fail(-EINVAL, "'%s' is not a number, which '%s' is",
				 text, g->name);
	if (!err)
		write_number(g, section, value);
	return err;
}

static int parse_bool(const struct bpfs_global *g, const char *text,
		      void *section)
{
	bool is_true = !strcmp(text, "true") || !strcmp(text, "1");

	if (!is_true && strcmp(text, "false") && strcmp(text, "0"))
		return bpfs_fail(-EINVAL,
				 "'%s' is not true or false, which '%s' is",
				 text, g->name);
	write_number(g, section, is_true);
	return 0;
}

static int parse_enum(const struct bpfs_globals *globals,
		      const struct bpfs_global *g, const char *text,
		      void *section)
{
	char names[256] = "";
	size_t used = 0;
	const char *name;
	__u64 value;
	__u32 i;
	int err;

	for (i = 0; (name = bpfs_btf_enum(&globals->btf, g->type, i, &value));
	     i++) {
		if (!strcmp(name, text)) {
			write_number(g, section, value);
			return 0;
		}
		if (used < sizeof(names))
			used += snprintf(names + used, sizeof(names) - used,
					 "%s%s", used ? ", " : "", name);
	}
	err = parse_number(g, text, &value);
	if (err == -EINVAL)
		return bpfs_fail(-EINVAL,
				 "'%s' is not a value of '%s', which is one of %s, or a number",
				 text, g->name, names);
	if (!err)
		write_number(g, section, value);
	return err;
}

static int parse_float(const struct bpfs_global *g, const char *text,
		       void *section)
{
	char *to = (char *)section + g->offset, *end;
	double value;
	float single;

	errno = 0;
	value = strtod(text, &end);
	if (!*text || *end || strchr(" \t\n\v\f\r", *text))
		return bpfs_fail(-EINVAL, "'%s' is not a number, which '%s' is",
				 text, g->name);
	single = value;
	if (errno == ERANGE ||
	    (g->size == 4 && __builtin_isinf(single) &&
	     !__builtin_isinf(value)))
		return bpfs_fail(-ERANGE,
				 "'%s' does not fit: '%s' is a floating-point number of %u bits",
				 text, g->name, g->size * 8);
	if (g->size == sizeof(single))
		memcpy(to, &single, sizeof(single));
	else
		memcpy(to, &value, sizeof(value));
	return 0;
}

static int parse_text(const struct bpfs_global *g, const char *text,
		      void *section)
{
	size_t len = strlen(text);

	if (len >= g->size)
		return bpfs_fail(-ERANGE,
				 "the text has %zu characters and does not fit: '%s' takes %u, and the NUL behind them",
				 len, g->name, g->size ? g->size - 1 : 0);
	memset((char *)section + g->offset, 0, g->size);
	memcpy((char *)section + g->offset, text, len);
	return 0;
}

int bpfs_global_parse(const struct bpfs_globals *globals,
		      const struct bpfs_global *global, const char *text,
		      void *section)
{
	const struct bpfs_global *g = global;

	switch (g->kind) {
	case BPFS_GLOBAL_ARRAY:
		return bpfs_fail(-EISDIR,
				 "'%s' is an array: name an element, '%s[0]' to '%s[%u]'",
				 g->name, g->name, g->name,
				 g->count ? g->count - 1 : 0);
	case BPFS_GLOBAL_STRUCT:
		return bpfs_fail(-EISDIR,
				 "'%s' is a structure: name a member, '%s.MEMBER'",
				 g->name, g->name);
	case BPFS_GLOBAL_TEXT:
		return parse_text(g, text, section);
	case BPFS_GLOBAL_POINTER:
		return bpfs_fail(-EOPNOTSUPP,
				 "'%s' is a pointer, which cannot be set",
				 g->name);
	default:
		break;
	}
	if (!is_sized(g))
		return bpfs_fail(-EOPNOTSUPP,
				 "'%s' has %u bytes, numbers of that size cannot be set",
				 g->name, g->size);
	if (g->kind == BPFS_GLOBAL_BOOL)
		return parse_bool(g, text, section);
	if (g->kind == BPFS_GLOBAL_ENUM)
		return parse_enum(globals, g, text, section);
	if (g->kind == BPFS_GLOBAL_FLOAT)
		return parse_float(g, text, section);
	return parse_integer(g, text, section);
}

static void format_float(const struct bpfs_global *g, const char *from,
			 char *buf, size_t size)
{
	double value;
	float single;

	memcpy(&single, from, sizeof(single));
	if (g->size == sizeof(single)) {
		snprintf(buf, size, "%.9g", single);
		return;
	}
	memcpy(&value, from, sizeof(value));
	snprintf(buf, size, "%.17g", value);
}

/* The first of that value; NULL: there is none */
static const struct enumerator *
find_enumerator(const struct bpfs_globals *globals,
		const struct bpfs_global *g, __u64 value)
{
	const struct enumerator *list = globals->enumerators;
	struct enumerator key = { .type = g->type };
	struct btf_type type;
	size_t before;

	if (!bpfs_btf_type(&globals->btf, g->type, &type))
		return NULL;
	key.value = value & mask_of(type.size < 8 ? type.size * 8 : 64);
	before = bpfs_count_first(globals->enumerator_count,
				  compare_enumerators(&list[i], &key) < 0);
	if (before == globals->enumerator_count ||
	    list[before].type != key.type || list[before].value != key.value)
		return NULL;
	return &list[before];
}

static void format_enum(const struct bpfs_globals *globals,
			const struct bpfs_global *g, __u64 value, char *buf,
			size_t size)
{
	const struct enumerator *e = find_enumerator(globals, g, value);
	const char *name = NULL;
	__u64 number;

	if (e)
		name = bpfs_btf_enum(&globals->btf, e->type, e->number,
				     &number);
	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, g->is_signed ? "%lld" : "%llu", value);
}

int bpfs_global_format(const struct bpfs_globals *globals,
		       const struct bpfs_global *global, const void *section,
		       char *buf, size_t size)
{
	const struct bpfs_global *g = global;
	const char *from = (const char *)section + g->offset;
	__u64 value;

	if (g->kind == BPFS_GLOBAL_TEXT) {
		snprintf(buf, size, "%.*s", (int)g->size, from);
		return 0;
	}
	if (g->kind == BPFS_GLOBAL_ARRAY || g->kind == BPFS_GLOBAL_STRUCT)
		return -EISDIR;
	if (!is_sized(g)) {
		snprintf(buf, size, "?");
		return 0;
	}
	value = read_number(g, section);
	if (g->kind == BPFS_GLOBAL_BOOL)
		snprintf(buf, size, "%s", value ? "true" : "false");
	else if (g->kind == BPFS_GLOBAL_ENUM)
		format_enum(globals, g, value, buf, size);
	else if (g->kind == BPFS_GLOBAL_FLOAT)
		format_float(g, from, buf, size);
	else if (g->kind == BPFS_GLOBAL_POINTER)
		snprintf(buf, size, "0x%llx", value);
	else
		snprintf(buf, size, g->kind == BPFS_GLOBAL_INT ? "%lld" :
			 "%llu", value);
	return 0;
}
