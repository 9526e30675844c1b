// SPDX-License-Identifier: GPL-2.0
/*
 * Sections, symbols and relocations of an object file. Nothing in the file is
 * trusted. Structures are copied out because they need not be aligned.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"

/* Copy a structure out of the file; false if it is not inside */
static bool copy_out(const struct bpfs_elf *elf, __u64 off, void *to,
		     size_t len)
{
	if (off > elf->len || len > elf->len - off)
		return false;
	memcpy(to, elf->bytes + off, len);
	return true;
}

/* A string of a section of strings; "" if there is none at that offset */
static const char *get_string(const struct bpfs_elf *elf, size_t table,
			      __u32 off)
{
	const struct bpfs_elf_section *s;
	size_t most;

	if (table >= elf->section_count)
		return "";
	s = &elf->sections[table];
	if (!s->data || off >= s->len)
		return "";
	most = s->len - off < BPFS_NAME_MAX ? s->len - off : BPFS_NAME_MAX;
	return memchr(s->data + off, 0, most) ? s->data + off : "";
}

static int check_ident(const struct bpfs_elf *elf, const Elf64_Ehdr *h)
{
	const __u16 probe = ELFDATA2LSB;
	unsigned char order = ELFDATA2MSB;

	/* In memory the low byte of 1 comes first only if little-endian */
	if (*(const unsigned char *)&probe == ELFDATA2LSB)
		order = ELFDATA2LSB;
	if (elf->len >= 4 && !memcmp(elf->bytes, "BC\xc0\xde", 4))
		return bpfs_fail(-ENOEXEC,
				 "%s: not an ELF object but LLVM bitcode: compile without -emit-llvm and -flto",
				 elf->path);
	if (elf->len < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return bpfs_fail(-ENOEXEC, "%s: not an ELF object",
				 elf->path);
	if (h->e_ident[EI_CLASS] == ELFCLASS64 &&
	    h->e_ident[EI_DATA] != order)
		return bpfs_fail(-ENOEXEC,
				 "%s: made for the other byte order: compile with -target bpf",
				 elf->path);
	return 0;
}

static int read_header(const struct bpfs_elf *elf, Elf64_Ehdr *h)
{
	int err;

	memset(h, 0, sizeof(*h));
	copy_out(elf, 0, h, sizeof(*h));
	err = check_ident(elf, h);
	if (err)
		return err;
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_BPF)
		return bpfs_fail(-ENOEXEC,
				 "%s: not a BPF object, it is made for another processor: compile with -target bpf",
				 elf->path);
	if (h->e_type != ET_REL)
		return bpfs_fail(-ENOEXEC,
				 "%s: not a BPF object as the compiler makes it with -c",
				 elf->path);
	if (h->e_shentsize != sizeof(Elf64_Shdr) || !h->e_shnum)
		return bpfs_fail(-ENOEXEC, "%s: no table of sections",
				 elf->path);
	return 0;
}

static int fail_cut_off(const struct bpfs_elf *elf)
{
	return bpfs_fail(-ENOEXEC,
			 "%s: the file is cut off or damaged: a section lies outside of it",
			 elf->path);
}

static int read_section(struct bpfs_elf *elf, const Elf64_Ehdr *h,
			size_t index)
{
	struct bpfs_elf_section *s = &elf->sections[index];
	Elf64_Shdr header;

	if (!copy_out(elf, h->e_shoff + index * sizeof(header), &header,
		      sizeof(header)))
		return fail_cut_off(elf);
	s->name = "";
	if (!index)
		return 0;
	s->len = header.sh_size;
	s->flags = header.sh_flags;
	s->align = header.sh_addralign ?: 1;
	s->type = header.sh_type;
	s->link = header.sh_link;
	s->info = header.sh_info;
	if (s->type == SHT_NOBITS || s->type == SHT_NULL)
		return 0;
	if (header.sh_offset > elf->len ||
	    header.sh_size > elf->len - header.sh_offset)
		return fail_cut_off(elf);
	s->data = elf->bytes + header.sh_offset;
	return 0;
}

static void name_section(struct bpfs_elf *elf, const Elf64_Ehdr *h,
			 size_t index)
{
	Elf64_Shdr header;

	if (copy_out(elf, h->e_shoff + index * sizeof(header), &header,
		     sizeof(header)))
		elf->sections[index].name = get_string(elf, h->e_shstrndx,
						       header.sh_name);
}

/* Each section gets a chain of the sections that have its relocations */
static void find_relocs(struct bpfs_elf *elf)
{
	struct bpfs_elf_section *s, *of;
	size_t i;

	for (i = elf->section_count - 1; i; i--) {
		s = &elf->sections[i];
		if ((s->type != SHT_REL && s->type != SHT_RELA) || !s->len ||
		    !s->info || s->info >= elf->section_count)
			continue;
		of = &elf->sections[s->info];
		s->more_relocs = of->relocs;
		of->relocs = i;
	}
}

static int read_sections(struct bpfs_elf *elf, const Elf64_Ehdr *h)
{
	size_t i;
	int err;

	/* So that the offsets of the headers cannot overflow */
	if (h->e_shoff > elf->len)
		return fail_cut_off(elf);
	elf->sections = calloc(h->e_shnum, sizeof(*elf->sections));
	if (!elf->sections)
		return bpfs_fail(-ENOMEM, "out of memory");
	elf->section_count = h->e_shnum;
	for (i = 0; i < elf->section_count; i++) {
		err = read_section(elf, h, i);
		if (err)
			return err;
	}
	for (i = 1; i < elf->section_count; i++)
		name_section(elf, h, i);
	find_relocs(elf);
	return 0;
}

static int read_symbols(struct bpfs_elf *elf)
{
	const struct bpfs_elf_section *s = elf->sections;
	size_t i, count;

	for (i = 1; i < elf->section_count; i++) {
		if (elf->sections[i].type == SHT_SYMTAB)
			s = &elf->sections[i];
	}
	count = s->data ? s->len / sizeof(*elf->symbols) : 0;
	elf->strings = s->link;
	elf->symbols = calloc(count + 1, sizeof(*elf->symbols));
	if (!elf->symbols)
		return bpfs_fail(-ENOMEM, "out of memory");
	if (count)
		memcpy(elf->symbols, s->data, count * sizeof(*elf->symbols));
	elf->symbol_count = count;
	return 0;
}

/**
 * bpfs_elf_read() - read an object file
 * @elf: filled in
 * @path: path of the file; has to stay as long as @elf is used
 *
 * Return: 0 or negative errno: ENOEXEC if it is not a BPF object. Then @elf
 * holds nothing.
 */
int bpfs_elf_read(struct bpfs_elf *elf, const char *path)
{
	Elf64_Ehdr header;
	int err;

	memset(elf, 0, sizeof(*elf));
	elf->path = path;
	err = bpfs_file_read(path, &elf->bytes, &elf->len);
	if (err)
		return err;
	err = read_header(elf, &header);
	if (!err)
		err = read_sections(elf, &header);
	if (!err)
		err = read_symbols(elf);
	if (err)
		bpfs_elf_free(elf);
	return err;
}

/**
 * bpfs_elf_free() - free what was read; may be done twice
 * @elf: object
 */
void bpfs_elf_free(struct bpfs_elf *elf)
{
	free(elf->symbols);
	free(elf->sections);
	free(elf->bytes);
	memset(elf, 0, sizeof(*elf));
}

/**
 * bpfs_elf_find() - the first section of a name that has bytes
 * @elf: object
 * @name: the name, of a section that the format itself defines
 *
 * Return: the section, or NULL if there is none.
 */
const struct bpfs_elf_section *
bpfs_elf_find(const struct bpfs_elf *elf, const char *name)
{
	size_t i;

	for (i = 1; i < elf->section_count; i++) {
		if (elf->sections[i].data &&
		    !strcmp(elf->sections[i].name, name))
			return &elf->sections[i];
	}
	return NULL;
}

/**
 * bpfs_elf_section_of() - the section that a symbol is in
 * @elf: object
 * @sym: one of its symbols
 *
 * Return: the section; NULL if the symbol is in none, as one is that is not
 * defined.
 */
const struct bpfs_elf_section *
bpfs_elf_section_of(const struct bpfs_elf *elf, const Elf64_Sym *sym)
{
	if (!sym->st_shndx || sym->st_shndx >= SHN_LORESERVE ||
	    sym->st_shndx >= elf->section_count)
		return NULL;
	return &elf->sections[sym->st_shndx];
}

/**
 * bpfs_elf_symbol_name() - name of a symbol
 * @elf: object
 * @sym: one of its symbols
 *
 * Return: the name, that of the section if the symbol stands for one; may be
 * empty.
 */
const char *bpfs_elf_symbol_name(const struct bpfs_elf *elf,
				 const Elf64_Sym *sym)
{
	const char *name = get_string(elf, elf->strings, sym->st_name);
	const struct bpfs_elf_section *s;

	if (*name || ELF64_ST_TYPE(sym->st_info) != STT_SECTION)
		return name;
	s = bpfs_elf_section_of(elf, sym);
	return s ? s->name : "";
}

static int compare_relocs(const void *left, const void *right)
{
	const struct bpfs_elf_reloc *l = left, *r = right;

	if (l->offset != r->offset)
		return l->offset < r->offset ? -1 : 1;
	return 0;
}

static int copy_relocs(const struct bpfs_elf *elf,
		       const struct bpfs_elf_section *from,
		       struct bpfs_elf_reloc *to)
{
	size_t i, count = from->len / sizeof(Elf64_Rel);
	Elf64_Rel rel;

	for (i = 0; i < count; i++) {
		memcpy(&rel, from->data + i * sizeof(rel), sizeof(rel));
		if (ELF64_R_SYM(rel.r_info) >= elf->symbol_count)
			return bpfs_fail(-ENOEXEC,
					 "%s: section '%s' refers to a symbol that does not exist",
					 elf->path, from->name);
		to[i] = (struct bpfs_elf_reloc) {
			.offset = rel.r_offset,
			.type = ELF64_R_TYPE(rel.r_info),
			.symbol = ELF64_R_SYM(rel.r_info),
		};
	}
	return 0;
}

static int count_relocs(const struct bpfs_elf *elf, size_t section,
			size_t *count)
{
	const struct bpfs_elf_section *s;
	__u32 i;

	*count = 0;
	for (i = elf->sections[section].relocs; i; i = s->more_relocs) {
		s = &elf->sections[i];
		if (s->type == SHT_RELA || !s->data)
			return bpfs_fail(-ENOEXEC,
					 "%s: section '%s' has relocations with addends, which compilers for BPF do not make",
					 elf->path, s->name);
		*count += s->len / sizeof(Elf64_Rel);
		/* Each section is inside of the file, but they can overlap */
		if (*count > elf->len / sizeof(Elf64_Rel))
			return bpfs_fail(-ENOEXEC,
					 "%s: sections with relocations overlap, the file is damaged",
					 elf->path);
	}
	return 0;
}

/**
 * bpfs_elf_relocs() - the relocations of a section
 * @elf: object
 * @section: number of the section
 * @relocs: set to the relocations by their offset, to be freed
 * @count: set to their number
 *
 * Return: 0 or negative errno.
 */
int bpfs_elf_relocs(const struct bpfs_elf *elf, size_t section,
		    struct bpfs_elf_reloc **relocs, size_t *count)
{
	const struct bpfs_elf_section *s;
	size_t done = 0;
	__u32 i;
	int err;

	err = count_relocs(elf, section, count);
	if (err)
		return err;
	*relocs = calloc(*count + 1, sizeof(**relocs));
	if (!*relocs)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = elf->sections[section].relocs; i && !err; i = s->more_relocs) {
		s = &elf->sections[i];
		err = copy_relocs(elf, s, *relocs + done);
		done += s->len / sizeof(Elf64_Rel);
	}
	if (err) {
		free(*relocs);
		*relocs = NULL;
		return err;
	}
	qsort(*relocs, *count, sizeof(**relocs), compare_relocs);
	return 0;
}
