// SPDX-License-Identifier: GPL-2.0
/*
 * Linking: the functions of an image.
 *
 * A function is taken with the first reference to it, and what it refers to is
 * found when its own instructions are linked. Until all slots are known an
 * instruction that names a function has the function's number as its immediate.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linker.h"

#define LDDW		(BPF_LD | BPF_IMM | BPF_DW)
#define CALL		(BPF_JMP | BPF_CALL)
#define CALLX		(BPF_JMP | BPF_CALL | BPF_X)
#define GOTOX		(BPF_JMP | BPF_JA | BPF_X)

#define INSN_SIZE	sizeof(struct bpf_insn)

/*
 * Where control cannot come by the rules of C, newer compilers call this. There
 * the program is to fault, and to the static check it must be an end.
 */
#define TRAP		"__bpf_trap"

/* Put behind a function that has such calls: it reads above its frame */
static const struct bpf_insn trap[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_DW, .src_reg = BPF_REG_10 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/**
 * bpfs_link_fail() - keep a message on what is linked now
 * @l: linker
 * @format: what is wrong; the message begins with the name of the function or
 *	the section and, where the object tells it, its line
 *
 * Return: -ENOEXEC.
 */
int bpfs_link_fail(const struct linker *l, const char *format, ...)
{
	char what[512], place[256] = "";
	const char *file;
	va_list args;
	__u32 line;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	file = bpfs_link_line(l, l->from, l->at, &line);
	if (file)
		snprintf(place, sizeof(place), " (%s:%u)", file, line);
	return bpfs_fail(-ENOEXEC, "%s: %s '%s'%s %s", l->elf->path,
			 l->kind, l->name, place, what);
}

/*
 * The functions of the object
 */
static int compare_functions(const void *left, const void *right)
{
	const struct link_function *l = left, *r = right;

	if (l->section != r->section)
		return l->section < r->section ? -1 : 1;
	if (l->offset != r->offset)
		return l->offset < r->offset ? -1 : 1;
	/* Of two names for one function the global one */
	return (int)r->is_global - (int)l->is_global;
}

/* Whether a symbol is a function of whole instructions */
static bool take_function(const struct bpfs_elf *elf, const Elf64_Sym *sym,
			  struct link_function *f)
{
	const struct bpfs_elf_section *s;

	s = bpfs_elf_section_of(elf, sym);
	if (!s || !s->data || !(s->flags & SHF_EXECINSTR) ||
	    ELF64_ST_TYPE(sym->st_info) != STT_FUNC ||
	    sym->st_value % INSN_SIZE || sym->st_size % INSN_SIZE ||
	    sym->st_value >= s->len || sym->st_size > s->len - sym->st_value)
		return false;
	*f = (struct link_function) {
		.name = bpfs_elf_symbol_name(elf, sym),
		.section = sym->st_shndx,
		.offset = sym->st_value,
		.len = sym->st_size,
		.is_global = ELF64_ST_BIND(sym->st_info) != STB_LOCAL,
		.slot = LINK_NOWHERE,
	};
	return true;
}

/* Leave one name for each function; one without a length ends at the next */
static void tidy_functions(struct linker *l)
{
	const struct bpfs_elf_section *s;
	struct link_function *f, *to = l->functions;
	size_t i;

	for (i = 0; i < l->function_count; i++) {
		f = &l->functions[i];
		if (to > l->functions && to[-1].section == f->section &&
		    to[-1].offset == f->offset) {
			to[-1].len = to[-1].len ?: f->len;
			continue;
		}
		*to++ = *f;
	}
	l->function_count = to - l->functions;
	for (i = 0; i < l->function_count; i++) {
		f = &l->functions[i];
		s = &l->elf->sections[f->section];
		if (f->len)
			continue;
		if (i + 1 < l->function_count && f[1].section == f->section)
			f->len = f[1].offset - f->offset;
		else
			f->len = (s->len - f->offset) & ~(INSN_SIZE - 1);
	}
}

static int read_functions(struct linker *l)
{
	size_t i;

	l->functions = calloc(l->elf->symbol_count + 1, sizeof(*l->functions));
	if (!l->functions)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < l->elf->symbol_count; i++)
		l->function_count += take_function(l->elf,
						   &l->elf->symbols[i],
						   &l->functions[l->function_count]);
	qsort(l->functions, l->function_count, sizeof(*l->functions),
	      compare_functions);
	tidy_functions(l);
	return 0;
}

/**
 * bpfs_link_find() - the function at a place
 * @l: linker
 * @section: number of a section
 * @offset: offset there
 *
 * Return: number of the function that begins there, -1: none does.
 */
int bpfs_link_find(const struct linker *l, __u32 section, __u64 offset)
{
	const struct link_function *list = l->functions;
	size_t before = bpfs_count_first(l->function_count,
					 list[i].section < section ||
					 (list[i].section == section &&
					  list[i].offset < offset));

	if (before == l->function_count || list[before].section != section ||
	    list[before].offset != offset)
		return -1;
	return before;
}

/*
 * The linker
 */

static int compare_names(const void *left, const void *right)
{
	const struct link_named *l = left, *r = right;
	int order = strcmp(l->name, r->name);

	if (order)
		return order;
	return l->section < r->section ? -1 : l->section > r->section;
}

/**
 * bpfs_link_named() - look a section up
 * @list: sections by their names
 * @count: number of @list
 * @name: name
 *
 * Return: number of the first one in @list whose name is not before @name.
 */
size_t bpfs_link_named(const struct link_named *list, size_t count,
		       const char *name)
{
	return bpfs_count_first(count, strcmp(list[i].name, name) < 0);
}

static void add_named(const struct linker *l, struct link_named *list,
		      size_t *count, __u32 section)
{
	list[(*count)++] = (struct link_named) {
		l->elf->sections[section].name, section,
	};
}

/* Those that have functions, for .BTF.ext; and those that have data */
static int sort_sections(struct linker *l)
{
	const struct bpfs_elf_section *s;
	size_t i;

	l->code = calloc(l->elf->section_count + 1, sizeof(*l->code));
	l->bounds = calloc(l->elf->section_count + 1, sizeof(*l->bounds));
	if (!l->code || !l->bounds)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < l->function_count; i++) {
		if (!i ||
		    l->functions[i - 1].section != l->functions[i].section)
			add_named(l, l->code, &l->code_count,
				  l->functions[i].section);
	}
	for (i = 1; i < l->elf->section_count; i++) {
		s = &l->elf->sections[i];
		if (s->flags & SHF_ALLOC && !(s->flags & SHF_EXECINSTR))
			add_named(l, l->bounds, &l->bound_count, i);
	}
	qsort(l->code, l->code_count, sizeof(*l->code), compare_names);
	qsort(l->bounds, l->bound_count, sizeof(*l->bounds), compare_names);
	return 0;
}

/* qsort_r() passes the symbols */
static int compare_objects(const void *left, const void *right, void *symbols)
{
	const __u32 *l = left, *r = right;
	const Elf64_Sym *a = (const Elf64_Sym *)symbols + *l;
	const Elf64_Sym *b = (const Elf64_Sym *)symbols + *r;

	if (a->st_shndx != b->st_shndx)
		return a->st_shndx < b->st_shndx ? -1 : 1;
	if (a->st_value != b->st_value)
		return a->st_value < b->st_value ? -1 : 1;
	return *l < *r ? -1 : *l > *r;
}

static int sort_objects(struct linker *l)
{
	size_t i;

	l->objects = calloc(l->elf->symbol_count + 1, sizeof(*l->objects));
	if (!l->objects)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < l->elf->symbol_count; i++) {
		if (ELF64_ST_TYPE(l->elf->symbols[i].st_info) == STT_OBJECT)
			l->objects[l->object_count++] = i;
	}
	qsort_r(l->objects, l->object_count, sizeof(*l->objects),
		compare_objects, l->elf->symbols);
	return 0;
}

/**
 * bpfs_linker_init() - prepare to link
 * @l: filled in
 * @elf: object; has to stay as long as @l is used
 * @btf: its types; the same
 *
 * Return: 0 or negative errno; bpfs_linker_exit() is to be called in any
 * case.
 */
int bpfs_linker_init(struct linker *l, const struct bpfs_elf *elf,
		     const struct bpfs_btf *btf)
{
	int err;

	memset(l, 0, sizeof(*l));
	l->elf = elf;
	l->btf = btf;
	err = read_functions(l);
	if (!err)
		err = sort_sections(l);
	if (!err)
		err = sort_objects(l);
	if (err)
		return err;
	l->relocs = calloc(elf->section_count + 1, sizeof(*l->relocs));
	l->places = calloc(elf->section_count + 1, sizeof(*l->places));
	l->data = calloc(elf->section_count + 1, sizeof(*l->data));
	l->queue = calloc(l->function_count + 1, sizeof(*l->queue));
	if (!l->relocs || !l->places || !l->data || !l->queue)
		return bpfs_fail(-ENOMEM, "out of memory");
	return 0;
}

/**
 * bpfs_linker_exit() - free what a linker holds; may be done twice
 * @l: linker, at least all zero
 */
void bpfs_linker_exit(struct linker *l)
{
	size_t i;

	for (i = 0; l->relocs && i < l->elf->section_count; i++) {
		free(l->relocs[i].traps);
		free(l->relocs[i].list);
	}
	free(l->relocs);
	free(l->places);
	free(l->data);
	free(l->queue);
	free(l->objects);
	free(l->bounds);
	free(l->code);
	free(l->common_offsets);
	free(l->functions);
	memset(l, 0, sizeof(*l));
}

static bool is_trap(const struct linker *l,
		    const struct bpfs_elf_reloc *reloc)
{
	const Elf64_Sym *sym = &l->elf->symbols[reloc->symbol];

	return sym->st_shndx == SHN_UNDEF &&
	       !strcmp(bpfs_elf_symbol_name(l->elf, sym), TRAP);
}

/* Functions can overlap, so none of them is to look through its relocations */
static int count_traps(const struct linker *l, struct link_relocs *r)
{
	size_t i;

	r->traps = calloc(r->count + 1, sizeof(*r->traps));
	if (!r->traps)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < r->count; i++)
		r->traps[i + 1] = r->traps[i] + is_trap(l, &r->list[i]);
	return 0;
}

/**
 * bpfs_link_read_relocs() - have the relocations of a section
 * @l: linker
 * @section: number of the section
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_read_relocs(struct linker *l, __u32 section)
{
	struct link_relocs *r = &l->relocs[section];
	int err;

	if (r->list)
		return 0;
	err = bpfs_elf_relocs(l->elf, section, &r->list, &r->count);
	if (err)
		return err;
	l->reloc_count += r->count;
	if (l->reloc_count > l->elf->len / sizeof(Elf64_Rel))
		return bpfs_fail(-ENOEXEC,
				 "%s: sections with relocations overlap, the file is damaged",
				 l->elf->path);
	return count_traps(l, r);
}

/* Number of the first relocation that does not lie before an offset */
static size_t first_reloc(const struct link_relocs *r, __u64 offset)
{
	return bpfs_count_first(r->count, r->list[i].offset < offset);
}

static int make_room(struct linker *l, size_t count)
{
	struct bpf_insn *insns;
	size_t room = l->insn_room ?: 64;

	if (l->image->insn_count + count > LINK_INSNS_MAX)
		return bpfs_fail(-E2BIG,
				 "%s: program '%s' is too large, it has more than %u instructions with the functions that it uses",
				 l->elf->path, l->image->name,
				 LINK_INSNS_MAX);
	while (room < l->image->insn_count + count)
		room *= 2;
	if (room == l->insn_room)
		return 0;
	insns = reallocarray(l->image->insns, room, sizeof(*insns));
	if (!insns)
		return bpfs_fail(-ENOMEM, "out of memory");
	l->image->insns = insns;
	l->insn_room = room;
	return 0;
}

static int find_trap(struct linker *l, struct link_function *f)
{
	const struct link_relocs *r = &l->relocs[f->section];
	int err;

	err = bpfs_link_read_relocs(l, f->section);
	if (err)
		return err;
	f->has_trap = r->traps[first_reloc(r, f->offset)] !=
		      r->traps[first_reloc(r, f->offset + f->len)];
	return 0;
}

/**
 * bpfs_link_queue() - have a function in the image
 * @l: linker
 * @function: number of the function
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_queue(struct linker *l, __u32 function)
{
	struct link_function *f = &l->functions[function];
	size_t count = f->len / INSN_SIZE;
	int err;

	if (f->slot != LINK_NOWHERE)
		return 0;
	if (!count)
		return bpfs_fail(-ENOEXEC,
				 "%s: function '%s' has no instructions",
				 l->elf->path, f->name);
	err = find_trap(l, f);
	if (!err)
		err = make_room(l, count + (f->has_trap ? ARRAY_SIZE(trap) : 0));
	if (err)
		return err;
	f->slot = l->image->insn_count;
	memcpy(l->image->insns + f->slot,
	       l->elf->sections[f->section].data + f->offset, f->len);
	l->image->insn_count += count;
	if (f->has_trap) {
		memcpy(l->image->insns + l->image->insn_count, trap,
		       sizeof(trap));
		l->image->insn_count += ARRAY_SIZE(trap);
	}
	l->queue[l->queued++] = function;
	return 0;
}

/*
 * The instructions of a function
 */
/* Jump to what is behind the function */
static int link_trap(struct linker *l, const struct link_function *f,
		     __u32 slot)
{
	l->image->insns[slot] = (struct bpf_insn) {
		.code = BPF_JMP32 | BPF_JA,
		.imm = f->slot + f->len / INSN_SIZE - slot - 1,
	};
	return 0;
}

static int link_call(struct linker *l, const struct link_function *f,
		     __u32 slot, const struct bpfs_elf_reloc *reloc)
{
	__s64 distance = l->image->insns[slot].imm + 1LL;
	struct link_target target = { .kind = LINK_FUNCTION };
	struct bpf_insn *insn;
	int found, err = 0;

	if (reloc && is_trap(l, reloc))
		return link_trap(l, f, slot);
	if (reloc && reloc->type != R_BPF_64_32)
		return bpfs_link_fail(l,
				      "has a call with a relocation of type %u, which is not known",
				      reloc->type);
	if (reloc) {
		err = bpfs_link_resolve(l, reloc->symbol,
					distance * (__s64)INSN_SIZE, true,
					&target);
	} else {
		/* In one section the compiler itself has linked it */
		found = bpfs_link_find(l, f->section,
				       l->at + distance * INSN_SIZE);
		if (found < 0)
			return bpfs_link_fail(l, "calls where no function begins");
		target.index = found;
		err = bpfs_link_queue(l, found);
	}
	if (err)
		return err;
	if (target.kind != LINK_FUNCTION)
		return bpfs_link_fail(l, "calls what is no function");
	insn = &l->image->insns[slot];
	insn->src_reg = BPF_PSEUDO_CALL;
	insn->imm = target.index;
	return 0;
}

static int link_load(struct linker *l, __u32 slot,
		     const struct bpfs_elf_reloc *reloc)
{
	struct bpf_insn *insn = &l->image->insns[slot];
	struct link_target target;
	int err;

	if (!reloc && insn->src_reg)
		return bpfs_link_fail(l, "has a 16-byte load of kind %u without a relocation",
				      insn->src_reg);
	if (!reloc)
		return 0;
	if (reloc->type != R_BPF_64_64)
		return bpfs_link_fail(l,
				      "has a 16-byte load with a relocation of type %u, which is not known",
				      reloc->type);
	err = bpfs_link_resolve(l, reloc->symbol, (__s64)insn->imm, false,
				&target);
	if (err)
		return err;
	/* The instructions may have been moved */
	insn = &l->image->insns[slot];
	insn->imm = target.index;
	insn[1].imm = 0;
	switch (target.kind) {
	case LINK_VALUE:
		insn->src_reg = 0;
		insn->imm = target.value;
		insn[1].imm = target.value >> 32;
		break;
	case LINK_FUNCTION:
		insn->src_reg = BPF_PSEUDO_FUNC;
		break;
	case LINK_DATA:
		insn->src_reg = BPF_PSEUDO_MAP_IDX_VALUE;
		insn[1].imm = target.value;
		break;
	case LINK_MAP:
		insn->src_reg = BPF_PSEUDO_MAP_IDX;
		break;
	}
	return 0;
}

/* clang before 19 has the register of an indirect call in another field */
static void convert_indirect_call(struct bpf_insn *insn)
{
	if (insn->dst_reg || insn->imm < BPF_REG_0 || insn->imm > BPF_REG_9)
		return;
	insn->dst_reg = insn->imm;
	insn->imm = 0;
}

static int link_insn(struct linker *l, const struct link_function *f,
		     __u32 slot, const struct bpfs_elf_reloc *reloc)
{
	struct bpf_insn *insn = &l->image->insns[slot];

	switch (insn->code) {
	case LDDW:
		return link_load(l, slot, reloc);
	case CALL:
		if (!reloc && insn->src_reg != BPF_PSEUDO_CALL)
			return 0;
		return link_call(l, f, slot, reloc);
	case CALLX:
		convert_indirect_call(insn);
		break;
	case GOTOX:
		return bpfs_link_fail(l,
				      "jumps through a table (gotox), which is not supported: compile with -fno-jump-tables and without computed goto");
	}
	if (reloc)
		return bpfs_link_fail(l,
				      "has a relocation of an instruction (opcode 0x%02x) that can have none",
				      insn->code);
	return 0;
}

static int link_function(struct linker *l, const struct link_function *f)
{
	const struct bpfs_elf_reloc *reloc, *end;
	__u32 i, size, count = f->len / INSN_SIZE;
	const struct link_relocs *r;
	int err;

	l->kind = "function";
	l->name = f->name;
	l->from = f->section;
	err = bpfs_link_read_relocs(l, f->section);
	if (err)
		return err;
	r = &l->relocs[f->section];
	reloc = r->list + first_reloc(r, f->offset);
	end = r->list + r->count;
	for (i = 0; i < count && !err; i += size) {
		l->at = f->offset + i * INSN_SIZE;
		size = l->image->insns[f->slot + i].code == LDDW ? 2 : 1;
		if (size > count - i)
			return bpfs_link_fail(l, "ends in the middle of a 16-byte load");
		if (reloc == end || reloc->offset >= l->at + size * INSN_SIZE)
			err = link_insn(l, f, f->slot + i, NULL);
		else if (reloc->offset == l->at)
			err = link_insn(l, f, f->slot + i, reloc++);
		else
			err = bpfs_link_fail(l,
					     "has a relocation that does not lie at an instruction");
	}
	return err;
}

/* Now that all slots are known */
static void set_distances(struct linker *l)
{
	struct bpfs_image *image = l->image;
	struct bpf_insn *insn;
	__u32 i;

	for (i = 0; i < image->insn_count; i++) {
		insn = &image->insns[i];
		if ((insn->code == CALL && insn->src_reg == BPF_PSEUDO_CALL) ||
		    (insn->code == LDDW && insn->src_reg == BPF_PSEUDO_FUNC))
			insn->imm = l->functions[insn->imm].slot - i - 1;
		i += insn->code == LDDW;
	}
	for (i = 0; i < image->reloc_count; i++) {
		if (image->relocs[i].kind == BPFSCHED_RELOC_FUNCTION)
			image->relocs[i].target =
				l->functions[image->relocs[i].target].slot;
	}
}

static int list_functions(struct linker *l)
{
	struct bpfs_image_function *to;
	size_t i;

	to = calloc(l->queued + 1, sizeof(*to));
	if (!to)
		return bpfs_fail(-ENOMEM, "out of memory");
	l->image->functions = to;
	for (i = 0; i < l->queued; i++) {
		to[i].slot = l->functions[l->queue[i]].slot;
		to[i].name = strdup(l->functions[l->queue[i]].name);
		if (!to[i].name)
			return bpfs_fail(-ENOMEM, "out of memory");
		l->image->function_count++;
	}
	return 0;
}

static int link_next(struct linker *l)
{
	__u32 function = l->queue[l->linked++];

	return link_function(l, &l->functions[function]);
}

static int link_all(struct linker *l)
{
	int err = 0;

	while (!err && (l->linked < l->queued || l->data_done < l->data_count)) {
		if (l->linked < l->queued)
			err = link_next(l);
		else
			err = bpfs_link_data(l, l->data[l->data_done++]);
	}
	if (!err)
		err = bpfs_link_core(l);
	if (err)
		return err;
	set_distances(l);
	err = list_functions(l);
	if (!err)
		err = bpfs_link_variables(l);
	return err ?: bpfs_link_lines(l);
}

static void show_image(const struct bpfs_image *image)
{
	__u32 i;

	fprintf(stderr, "program '%s': %u instructions\n", image->name,
		image->insn_count);
	for (i = 0; i < image->function_count; i++)
		fprintf(stderr, "  function '%s' at %u\n",
			image->functions[i].name, image->functions[i].slot);
	for (i = 0; i < image->section_count; i++)
		fprintf(stderr, "  section %u: '%s', %u bytes%s\n", i,
			image->sections[i].name, image->sections[i].len,
			image->sections[i].flags & BPFSCHED_SECTION_RDONLY ?
			", read-only" : "");
	for (i = 0; i < image->map_count; i++)
		fprintf(stderr, "  map %u: '%s'\n", i, image->maps[i].name);
	fprintf(stderr, "  %u pointers in initial data\n",
		image->reloc_count);
}

/**
 * bpfs_link() - make an image of a function
 * @l: linker that was not used yet
 * @function: number of the function
 * @image: set to the image
 *
 * Return: 0 or negative errno.
 */
int bpfs_link(struct linker *l, __u32 function,
	      struct bpfs_image **image)
{
	int err;

	l->image = bpfs_image_alloc(l->functions[function].name);
	if (!l->image)
		return -ENOMEM;
	err = bpfs_link_queue(l, function);
	if (!err)
		err = link_all(l);
	if (err)
		bpfs_image_free(l->image);
	else
		*image = l->image;
	if (!err && bpfs_debugging())
		show_image(l->image);
	l->image = NULL;
	return err;
}
