// SPDX-License-Identifier: GPL-2.0
/* Linking: what symbols stand for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linker.h"

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/*
 * What a C++ compiler puts into tables, to be called or looked at by a library
 * that does not exist here: a virtual function that has no body, and what
 * types of types are
 */
static bool is_of_cxx_tables(const char *name)
{
	return !strcmp(name, "__cxa_pure_virtual") ||
	       starts_with(name, "_ZTVN10__cxxabiv1");
}

static int resolve_place(struct linker *l, const struct link_place *place,
			 __u64 len, __u64 offset, const char *name,
			 struct link_target *target)
{
	if (offset > len)
		return bpfs_link_fail(l,
				      "refers to what lies outside of '%s'",
				      name);
	*target = (struct link_target) {
		LINK_DATA, place->section, place->base + offset,
	};
	return 0;
}

/* A byte of a data section; @name: by which it is referred to */
static int resolve_data(struct linker *l, __u32 section, __u64 offset,
			const char *name, struct link_target *target)
{
	int err = bpfs_link_place(l, section);

	if (err)
		return err;
	return resolve_place(l, &l->places[section],
			     l->elf->sections[section].len, offset, name,
			     target);
}

/*
 * Every linker defines __start_NAME and __stop_NAME of a section whose name is
 * one of C. Returns the number of the section, 0: it is no such symbol.
 */
static __u32 section_of_bound(const struct linker *l, const char *symbol,
			      __u64 *offset)
{
	static const char start[] = "__start_", stop[] = "__stop_";
	bool is_start = starts_with(symbol, start);
	const struct link_named *list = l->bounds;
	size_t i;

	if (!is_start && !starts_with(symbol, stop))
		return 0;
	symbol += strlen(is_start ? start : stop);
	i = bpfs_link_named(list, l->bound_count, symbol);
	if (i == l->bound_count || strcmp(list[i].name, symbol))
		return 0;
	/* Of two with one name it is not known which is meant */
	if (i + 1 < l->bound_count && !strcmp(list[i + 1].name, symbol))
		return 0;
	*offset = is_start ? 0 : l->elf->sections[list[i].section].len;
	return list[i].section;
}

static int resolve_undefined(struct linker *l, const Elf64_Sym *sym,
			     __u64 addend, bool is_call,
			     struct link_target *target)
{
	const char *name = bpfs_elf_symbol_name(l->elf, sym);
	__u64 offset = 0;
	__u32 section;

	if (is_call)
		return bpfs_link_fail(l,
				      "calls '%s', which is not defined in the object: there is no C library and there are no functions of the kernel; if the compiler has put the call in, compile with -fno-builtin",
				      name);
	section = section_of_bound(l, name, &offset);
	if (section)
		return resolve_data(l, section, offset + addend, name, target);
	*target = (struct link_target) { LINK_VALUE, 0, 0 };
	if (ELF64_ST_BIND(sym->st_info) == STB_WEAK || is_of_cxx_tables(name))
		return 0;
	return bpfs_link_fail(l,
			      "refers to '%s', which is not defined in the object: kernel configuration (__kconfig) and kernel symbols (__ksym) are not supported",
			      name);
}

static const Elf64_Sym *object_at(const struct linker *l, size_t i)
{
	return &l->elf->symbols[l->objects[i]];
}

/* The name of the variable that begins at a place; NULL: none does */
static const char *variable_at(const struct linker *l, __u32 section,
			       __u64 offset)
{
	size_t before = bpfs_count_first(l->object_count,
				object_at(l, i)->st_shndx < section ||
				(object_at(l, i)->st_shndx == section &&
				 object_at(l, i)->st_value < offset));
	const Elf64_Sym *sym;

	if (before == l->object_count)
		return NULL;
	sym = object_at(l, before);
	if (sym->st_shndx != section || sym->st_value != offset)
		return NULL;
	return bpfs_elf_symbol_name(l->elf, sym);
}

static int add_map(struct linker *l, const char *name)
{
	struct bpfs_image_map map;
	int index, err;

	for (index = 0; index < (int)l->image->map_count; index++) {
		if (!strcmp(l->image->maps[index].name, name))
			return index;
	}
	if (index == LINK_MAPS_MAX)
		return bpfs_link_fail(l,
				      "refers to map '%s', but a program can have %u maps at most",
				      name, LINK_MAPS_MAX);
	err = bpfs_map_define(l->elf, l->btf, name, &map);
	if (err)
		return err;
	index = bpfs_image_add_map(l->image, &map);
	free(map.path);
	return index;
}

static int resolve_map(struct linker *l, __u32 section, __u64 offset,
		       struct link_target *target)
{
	const char *name = variable_at(l, section, offset);
	int index;

	if (!name)
		return bpfs_link_fail(l, "refers to the inside of a map, which is no memory");
	index = add_map(l, name);
	if (index < 0)
		return index;
	*target = (struct link_target) { LINK_MAP, index, 0 };
	return 0;
}

/* Whether any function that is known has an instruction */
static bool is_in_function(const struct linker *l, __u32 section, __u64 offset)
{
	const struct link_function *f = l->functions;
	size_t i;

	for (i = 0; i < l->function_count; i++, f++) {
		if (f->section == section && offset >= f->offset &&
		    offset - f->offset < f->len)
			return true;
	}
	return false;
}

static int resolve_function(struct linker *l, __u32 section, __u64 offset,
			    struct link_target *target)
{
	const char *name = l->elf->sections[section].name;
	int found = bpfs_link_find(l, section, offset);

	if (found >= 0) {
		*target = (struct link_target) { LINK_FUNCTION, found, 0 };
		return bpfs_link_queue(l, found);
	}
	if (is_in_function(l, section, offset))
		return bpfs_link_fail(l,
				      "refers to the middle of a function (section '%s'): addresses of labels and tables of jumps are not supported, compile with -fno-jump-tables and without computed goto",
				      name);
	return bpfs_link_fail(l,
			      "refers to a function in section '%s' that has no symbol: the object was stripped of more than llvm-strip -g takes",
			      name);
}

static int resolve_common(struct linker *l, __u32 symbol, __u64 addend,
			  struct link_target *target)
{
	const Elf64_Sym *sym = &l->elf->symbols[symbol];
	int err = bpfs_link_place_common(l);

	if (err)
		return err;
	err = resolve_place(l, &l->common, sym->st_size, addend,
			    bpfs_elf_symbol_name(l->elf, sym), target);
	target->value += err ? 0 : l->common_offsets[symbol];
	return err;
}

/* What has no meaning for programs */
static int check_section(const struct linker *l,
			 const struct bpfs_elf_section *s,
			 const char *symbol)
{
	if (!strcmp(s->name, ".jumptables"))
		return bpfs_link_fail(l,
				      "jumps through a table ('%s'), which is not supported: compile with -fno-jump-tables",
				      symbol);
	if (s->flags & SHF_TLS)
		return bpfs_link_fail(l,
				      "refers to '%s', which is thread-local: there are no threads, make it an ordinary variable",
				      symbol);
	if (!strcmp(s->name, "maps"))
		return bpfs_link_fail(l,
				      "refers to a map in the section 'maps' ('%s'): define it in SEC(\".maps\") with __uint() and __type()",
				      symbol);
	if (!(s->flags & SHF_ALLOC))
		return bpfs_link_fail(l,
				      "refers to '%s' in section '%s', which is no data of the program",
				      symbol, s->name);
	return 0;
}

static int resolve_section(struct linker *l, const Elf64_Sym *sym,
			   __u64 addend, struct link_target *target)
{
	const struct bpfs_elf_section *s;
	__u64 offset = sym->st_value + addend;
	const char *name;
	int err;

	s = bpfs_elf_section_of(l->elf, sym);
	name = bpfs_elf_symbol_name(l->elf, sym);
	if (!s)
		return bpfs_link_fail(l,
				      "refers to '%s', which is in a section that is not known (number %u)",
				      name, sym->st_shndx);
	err = check_section(l, s, name);
	if (err)
		return err;
	if (s->flags & SHF_EXECINSTR)
		return resolve_function(l, sym->st_shndx, offset, target);
	if (!strcmp(s->name, ".maps"))
		return resolve_map(l, sym->st_shndx, offset, target);
	return resolve_data(l, sym->st_shndx, offset, name, target);
}

/**
 * bpfs_link_resolve() - what a reference stands for
 * @l: linker
 * @symbol: number of the symbol
 * @addend: bytes that are added to it
 * @is_call: the reference is a call
 * @target: set to what is referred to, which is then part of the image
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_resolve(struct linker *l, __u32 symbol, __u64 addend,
		      bool is_call, struct link_target *target)
{
	const Elf64_Sym *sym = &l->elf->symbols[symbol];

	switch (sym->st_shndx) {
	case SHN_UNDEF:
		return resolve_undefined(l, sym, addend, is_call, target);
	case SHN_ABS:
		*target = (struct link_target) {
			LINK_VALUE, 0, sym->st_value + addend,
		};
		return 0;
	case SHN_COMMON:
		return resolve_common(l, symbol, addend, target);
	default:
		return resolve_section(l, sym, addend, target);
	}
}
