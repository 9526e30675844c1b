// SPDX-License-Identifier: GPL-2.0
/*
 * Linking: data sections, common symbols, and pointers in initial data.
 *
 * A section of the object becomes a section of the image. If there are more than
 * the module takes, as with -fdata-sections, the others are put behind those
 * that are there, writable ones behind writable ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linker.h"

/* Larger alignments than those of pages have no meaning here */
#define ALIGN_MAX	4096

/* What tells where the common symbols are, as there is no such section */
#define COMMON_NAME	"COMMON"

/**
 * struct bytes - what is to be put into the image
 * @name: name of the section
 * @data: its initial bytes, NULL: zero
 * @len: number of bytes
 * @align: alignment
 * @flags: BPFSCHED_SECTION_*
 */
struct bytes {
	const char *name;
	const char *data;
	__u64 len;
	__u64 align;
	__u32 flags;
};

static bool all_zero(const char *bytes, size_t len)
{
	while (len && !*bytes) {
		bytes++;
		len--;
	}
	return !len;
}

/* Where bytes would begin behind those of a section */
static __u64 align_up(__u64 len, __u64 align)
{
	if (!align || align > ALIGN_MAX || (align & (align - 1)))
		align = ALIGN_MAX;
	return (len + align - 1) & ~(align - 1);
}

static int append(struct bpfs_image_section *s, const struct bytes *b,
		  __u32 base)
{
	char *data = s->data;

	if (data || b->data) {
		data = realloc(data, base + b->len);
		if (!data)
			return bpfs_fail(-ENOMEM, "out of memory");
		if (!s->data)
			memset(data, 0, s->len);
		memset(data + s->len, 0, base - s->len);
		if (b->data)
			memcpy(data + base, b->data, b->len);
		else
			memset(data + base, 0, b->len);
		s->data = data;
	}
	s->len = base + b->len;
	return 0;
}

/* Put bytes behind those of the same kind that has the most room */
static int merge(struct linker *l, const struct bytes *b,
		 struct link_place *place)
{
	struct bpfs_image_section *s, *best = NULL;
	__u32 i;
	int err;

	for (i = 0; i < l->image->section_count; i++) {
		s = &l->image->sections[i];
		if (s->flags == b->flags && (!best || s->len < best->len))
			best = s;
	}
	if (align_up(best->len, b->align) + b->len > LINK_SECTION_MAX)
		return bpfs_link_fail(l,
				      "refers to section '%s', for which there is no room: a program can have %u data sections of %u bytes at most",
				      b->name, LINK_SECTIONS_MAX,
				      LINK_SECTION_MAX);
	place->section = best - l->image->sections;
	place->base = align_up(best->len, b->align);
	err = append(best, b, place->base);
	place->is_set = !err;
	return err;
}

static bool has_kind(const struct linker *l, __u32 flags)
{
	__u32 i;

	for (i = 0; i < l->image->section_count; i++) {
		if (l->image->sections[i].flags == flags)
			return true;
	}
	return false;
}

/* Whether there can be one more section, and later one of the other kind */
static bool has_room(const struct linker *l, __u32 flags)
{
	__u32 kept = !has_kind(l, flags ^ BPFSCHED_SECTION_RDONLY);

	return !has_kind(l, flags) ||
	       l->image->section_count + kept < LINK_SECTIONS_MAX;
}

static int place_bytes(struct linker *l, struct bytes *b,
		       struct link_place *place)
{
	int index;

	if (b->data && all_zero(b->data, b->len))
		b->data = NULL;
	/* An array without elements has an address, too */
	b->len = b->len ?: 1;
	if (!has_room(l, b->flags))
		return merge(l, b, place);
	index = bpfs_image_add_section(l->image, b->name, b->data, b->len,
				       b->flags);
	if (index < 0)
		return index;
	*place = (struct link_place) { true, index, 0 };
	return 0;
}

/* The largest variable of a section, to be named where it is too large */
static const Elf64_Sym *largest_variable(const struct linker *l, __u32 section)
{
	const Elf64_Sym *sym, *largest = NULL;
	size_t i;

	for (i = 0; i < l->elf->symbol_count; i++) {
		sym = &l->elf->symbols[i];
		if (sym->st_shndx == section &&
		    ELF64_ST_TYPE(sym->st_info) == STT_OBJECT &&
		    (!largest || sym->st_size > largest->st_size))
			largest = sym;
	}
	return largest;
}

static int fail_size(const struct linker *l, __u32 section, const char *name,
		     __u64 len)
{
	const Elf64_Sym *sym = largest_variable(l, section);

	return bpfs_fail(-E2BIG,
			 "%s: section '%s' is too large, it has %llu bytes and may have %u: its largest variable is '%s' (%llu bytes); put some into a section of their own, SEC(\".bss.more\"), or use a map",
			 l->elf->path, name, (unsigned long long)len,
			 LINK_SECTION_MAX,
			 sym ? bpfs_elf_symbol_name(l->elf, sym) : "",
			 sym ? (unsigned long long)sym->st_size : 0);
}

/**
 * bpfs_link_place() - have a data section in the image
 * @l: linker
 * @section: number of the section
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_place(struct linker *l, __u32 section)
{
	const struct bpfs_elf_section *s = &l->elf->sections[section];
	struct bytes b = {
		.name = s->name,
		.data = s->data,
		.len = s->len,
		.align = s->align,
		.flags = s->flags & SHF_WRITE ? 0 : BPFSCHED_SECTION_RDONLY,
	};
	int err;

	if (l->places[section].is_set)
		return 0;
	if (s->len > LINK_SECTION_MAX)
		return fail_size(l, section, s->name, s->len);
	err = place_bytes(l, &b, &l->places[section]);
	if (!err)
		l->data[l->data_count++] = section;
	return err;
}

/* Give each common symbol its offset; -E2BIG: there is too much of it */
static int number_common(struct linker *l, __u64 *len)
{
	const Elf64_Sym *sym;
	size_t i;

	*len = 0;
	for (i = 0; i < l->elf->symbol_count; i++) {
		sym = &l->elf->symbols[i];
		if (sym->st_shndx != SHN_COMMON)
			continue;
		*len = align_up(*len, sym->st_value);
		if (sym->st_size > LINK_SECTION_MAX ||
		    *len + sym->st_size > LINK_SECTION_MAX)
			return fail_size(l, SHN_COMMON, COMMON_NAME,
					 *len + sym->st_size);
		l->common_offsets[i] = *len;
		*len += sym->st_size;
	}
	return 0;
}

/**
 * bpfs_link_place_common() - have the common symbols in the image
 * @l: linker
 *
 * A compiler makes them of variables that are not initialized, with -fcommon.
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_place_common(struct linker *l)
{
	struct bytes b = { .name = COMMON_NAME, .align = ALIGN_MAX };
	int err;

	if (l->common.is_set)
		return 0;
	l->common_offsets = l->common_offsets ?:
			    calloc(l->elf->symbol_count + 1,
				   sizeof(*l->common_offsets));
	if (!l->common_offsets)
		return bpfs_fail(-ENOMEM, "out of memory");
	err = number_common(l, &b.len);
	return err ?: place_bytes(l, &b, &l->common);
}

/*
 * Pointers
 */
static int add_reloc(struct linker *l, const struct bpfsched_reloc *reloc)
{
	struct bpfs_image *image = l->image;
	struct bpfsched_reloc *relocs;
	size_t room = l->reloc_room;

	if (image->reloc_count == BPFSCHED_RELOCS_MAX)
		return bpfs_link_fail(l,
				      "has more pointers than a program can have in its initial data (%u)",
				      BPFSCHED_RELOCS_MAX);
	if (image->reloc_count == room) {
		room = room ? 2 * room : 64;
		relocs = reallocarray(image->relocs, room, sizeof(*relocs));
		if (!relocs)
			return bpfs_fail(-ENOMEM, "out of memory");
		image->relocs = relocs;
		l->reloc_room = room;
	}
	image->relocs[image->reloc_count++] = *reloc;
	return 0;
}

/* A pointer that is known already, because it points to nothing */
static int set_bytes(struct linker *l, const struct link_place *place,
		     __u64 offset, __u64 value)
{
	struct bpfs_image_section *s =
		&l->image->sections[place->section];

	if (!s->data && !value)
		return 0;
	if (!s->data)
		s->data = calloc(1, s->len);
	if (!s->data)
		return bpfs_fail(-ENOMEM, "out of memory");
	memcpy((char *)s->data + place->base + offset, &value, sizeof(value));
	return 0;
}

static int link_pointer(struct linker *l, __u32 section,
			const struct bpfs_elf_reloc *from)
{
	static const __u32 kinds[] = {
		[LINK_FUNCTION] = BPFSCHED_RELOC_FUNCTION,
		[LINK_DATA] = BPFSCHED_RELOC_SECTION,
		[LINK_MAP] = BPFSCHED_RELOC_MAP,
	};
	const struct bpfs_elf_section *s = &l->elf->sections[section];
	struct bpfsched_reloc reloc;
	struct link_target target;
	__u64 addend;
	int err;

	if (from->type != BPFS_R_BPF_64_ABS64)
		return bpfs_link_fail(l,
				      "has a pointer at byte %llu that is not one of 64 bits (relocation of type %u), which is not supported",
				      (unsigned long long)from->offset,
				      from->type);
	if (!s->data || s->len < sizeof(addend) ||
	    from->offset > s->len - sizeof(addend))
		return bpfs_link_fail(l, "has a relocation outside of its bytes");
	memcpy(&addend, s->data + from->offset, sizeof(addend));
	err = bpfs_link_resolve(l, from->symbol, addend, false, &target);
	if (err)
		return err;
	if (target.kind == LINK_VALUE)
		return set_bytes(l, &l->places[section], from->offset,
				 target.value);
	reloc = (struct bpfsched_reloc) {
		.section = l->places[section].section,
		.offset = l->places[section].base + from->offset,
		.kind = kinds[target.kind],
		.target = target.index,
		.addend = target.value,
	};
	return add_reloc(l, &reloc);
}

/**
 * bpfs_link_data() - link the pointers in a data section
 * @l: linker
 * @section: number of the section, which is in the image
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_data(struct linker *l, __u32 section)
{
	const struct link_relocs *r = &l->relocs[section];
	size_t i;
	int err;

	l->kind = "section";
	l->name = l->elf->sections[section].name;
	l->from = section;
	err = bpfs_link_read_relocs(l, section);
	for (i = 0; !err && i < r->count; i++) {
		l->at = r->list[i].offset;
		if (r->list[i].type != R_BPF_NONE)
			err = link_pointer(l, section, &r->list[i]);
	}
	return err;
}

/*
 * Variables
 */
static int add_variable(struct linker *l, const Elf64_Sym *sym, __u32 section,
			__u64 offset)
{
	struct bpfs_image_variable *v =
		&l->image->variables[l->image->variable_count];

	*v = (struct bpfs_image_variable) {
		.name = strdup(bpfs_elf_symbol_name(l->elf, sym)),
		.section = section,
		.offset = offset,
		.size = sym->st_size,
	};
	if (!v->name)
		return bpfs_fail(-ENOMEM, "out of memory");
	l->image->variable_count++;
	return 0;
}

/* A variable that is in the image; those of other sections are left out */
static int take_variable(struct linker *l, size_t symbol)
{
	const Elf64_Sym *sym = &l->elf->symbols[symbol];
	const struct bpfs_elf_section *s;
	const struct link_place *place;

	if (sym->st_shndx == SHN_COMMON)
		return l->common.is_set ?
		       add_variable(l, sym, l->common.section,
				    l->common.base +
				    l->common_offsets[symbol]) : 0;
	s = bpfs_elf_section_of(l->elf, sym);
	if (!s || !l->places[sym->st_shndx].is_set ||
	    ELF64_ST_TYPE(sym->st_info) != STT_OBJECT ||
	    sym->st_value > s->len || sym->st_size > s->len - sym->st_value)
		return 0;
	place = &l->places[sym->st_shndx];
	return add_variable(l, sym, place->section,
			    place->base + sym->st_value);
}

static int compare_variables(const void *left, const void *right)
{
	const struct bpfs_image_variable *l = left, *r = right;

	if (l->section != r->section)
		return l->section < r->section ? -1 : 1;
	if (l->offset != r->offset)
		return l->offset < r->offset ? -1 : 1;
	if (l->size != r->size)
		return l->size > r->size ? -1 : 1;
	return strcmp(l->name, r->name);
}

/**
 * bpfs_link_variables() - list the variables of the image
 * @l: linker
 *
 * Return: 0 or -ENOMEM.
 */
int bpfs_link_variables(struct linker *l)
{
	size_t i;
	int err = 0;

	l->image->variables = calloc(l->elf->symbol_count + 1,
				     sizeof(*l->image->variables));
	if (!l->image->variables)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; !err && i < l->elf->symbol_count; i++)
		err = take_variable(l, i);
	qsort(l->image->variables, l->image->variable_count,
	      sizeof(*l->image->variables), compare_variables);
	return err;
}
