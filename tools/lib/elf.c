// SPDX-License-Identifier: GPL-2.0
/*
 * Sections and symbols of an object file. Nothing in the file is trusted;
 * structures are copied out because they need not be aligned.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"

/* Copy a structure out of the file; false if it is not inside */
static bool copy_out(const struct bpfsched_elf *elf, __u64 off, void *to,
		     size_t len)
{
	if (off > elf->len || len > elf->len - off)
		return false;
	memcpy(to, elf->bytes + off, len);
	return true;
}

static bool get_section(const struct bpfsched_elf *elf, size_t index,
			struct elf64_shdr *section)
{
	if (index >= elf->header.e_shnum)
		return false;
	return copy_out(elf, elf->header.e_shoff + index * sizeof(*section),
			section, sizeof(*section));
}

/* A string of a string table; "" if there is none at that offset */
static const char *get_string(const struct bpfsched_elf *elf, size_t table,
			      __u32 off)
{
	struct elf64_shdr section;
	const char *s;

	if (!get_section(elf, table, &section) ||
	    section.sh_offset > elf->len ||
	    section.sh_size > elf->len - section.sh_offset ||
	    off >= section.sh_size)
		return "";
	s = elf->bytes + section.sh_offset + off;
	return memchr(s, 0, section.sh_size - off) ? s : "";
}

/**
 * bpfsched_elf_section_name() - name of a section
 * @elf: object
 * @index: number of the section
 *
 * Return: the name, empty if there is no such section.
 */
const char *bpfsched_elf_section_name(const struct bpfsched_elf *elf,
				      size_t index)
{
	struct elf64_shdr section;

	if (!get_section(elf, index, &section))
		return "";
	return get_string(elf, elf->header.e_shstrndx, section.sh_name);
}

static int check_header(struct bpfsched_elf *elf)
{
	struct elf64_hdr *h = &elf->header;
	const __u16 probe = ELFDATA2LSB;
	unsigned char order = ELFDATA2MSB;

	/* In memory the low byte of 1 comes first only if little-endian */
	if (*(const unsigned char *)&probe == ELFDATA2LSB)
		order = ELFDATA2LSB;

	if (!copy_out(elf, 0, h, sizeof(*h)) ||
	    memcmp(h->e_ident, ELFMAG, SELFMAG))
		return bpfsched_fail(-ENOEXEC, "%s: not an ELF object",
				     elf->path);
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_BPF ||
	    h->e_type != ET_REL)
		return bpfsched_fail(-ENOEXEC, "%s: not a BPF object",
				     elf->path);
	if (h->e_ident[EI_DATA] != order)
		return bpfsched_fail(-ENOEXEC,
				     "%s: made for the other byte order",
				     elf->path);
	if (h->e_shentsize != sizeof(struct elf64_shdr))
		return bpfsched_fail(-ENOEXEC, "%s: no table of sections",
				     elf->path);
	return 0;
}

/**
 * bpfsched_elf_read() - read an object file
 * @elf: filled in
 * @path: path of the file; has to stay as long as @elf is used
 *
 * Return: 0 or negative errno: ENOEXEC if it is not a BPF object.
 */
int bpfsched_elf_read(struct bpfsched_elf *elf, const char *path)
{
	int err;

	elf->path = path;
	err = bpfsched_read_file(path, &elf->bytes, &elf->len);
	if (err)
		return err;
	err = check_header(elf);
	if (err)
		bpfsched_elf_free(elf);
	return err;
}

/**
 * bpfsched_elf_free() - free what was read; may be done twice
 * @elf: object
 */
void bpfsched_elf_free(struct bpfsched_elf *elf)
{
	free(elf->bytes);
	elf->bytes = NULL;
}

/**
 * bpfsched_elf_data() - the bytes of a section
 * @elf: object
 * @name: name of the section
 * @len: set to its number of bytes
 *
 * Return: the bytes, or NULL if there is no such section.
 */
const char *bpfsched_elf_data(const struct bpfsched_elf *elf, const char *name,
			      size_t *len)
{
	struct elf64_shdr section;
	size_t i;

	for (i = 1; get_section(elf, i, &section); i++) {
		if (section.sh_type != SHT_PROGBITS ||
		    strcmp(bpfsched_elf_section_name(elf, i), name) ||
		    section.sh_offset > elf->len ||
		    section.sh_size > elf->len - section.sh_offset)
			continue;
		*len = section.sh_size;
		return elf->bytes + section.sh_offset;
	}
	return NULL;
}

/**
 * bpfsched_elf_set_type() - say that a section is of another type
 * @elf: object; changed in memory
 * @name: name of the section
 * @type: SHT_*
 *
 * Return: the type before, or -1 if there is no such section.
 */
long bpfsched_elf_set_type(struct bpfsched_elf *elf, const char *name,
			   __u32 type)
{
	struct elf64_shdr section;
	__u32 before;
	size_t i;

	for (i = 1; get_section(elf, i, &section); i++) {
		if (strcmp(bpfsched_elf_section_name(elf, i), name))
			continue;
		before = section.sh_type;
		section.sh_type = type;
		memcpy(elf->bytes + elf->header.e_shoff + i * sizeof(section),
		       &section, sizeof(section));
		return before;
	}
	return -1;
}

/**
 * bpfsched_elf_symbols() - start to go through the symbols
 * @elf: object
 * @symbols: set to the first symbol
 *
 * Return: whether the object has symbols.
 */
bool bpfsched_elf_symbols(const struct bpfsched_elf *elf,
			  struct bpfsched_symbols *symbols)
{
	size_t i;

	symbols->next = 1;
	for (i = 1; get_section(elf, i, &symbols->table); i++) {
		if (symbols->table.sh_type == SHT_SYMTAB)
			return true;
	}
	return false;
}

/**
 * bpfsched_elf_next_symbol() - the next symbol
 * @elf: object
 * @symbols: set by bpfsched_elf_symbols(); moved on
 * @sym: set to the symbol
 * @name: set to its name
 *
 * Return: false if there are no more.
 */
bool bpfsched_elf_next_symbol(const struct bpfsched_elf *elf,
			      struct bpfsched_symbols *symbols,
			      struct elf64_sym *sym, const char **name)
{
	const struct elf64_shdr *table = &symbols->table;

	if (symbols->next >= table->sh_size / sizeof(*sym) ||
	    !copy_out(elf, table->sh_offset + symbols->next * sizeof(*sym),
		      sym, sizeof(*sym)))
		return false;
	symbols->next++;
	*name = get_string(elf, table->sh_link, sym->st_name);
	return true;
}

/**
 * bpfsched_elf_check_externs() - refuse symbols that the object does not define
 * @elf: object
 *
 * Return: 0, or -ENOEXEC with a message that names the symbol.
 */
int bpfsched_elf_check_externs(const struct bpfsched_elf *elf)
{
	struct bpfsched_symbols symbols;
	struct elf64_sym sym;
	const char *name;

	if (!bpfsched_elf_symbols(elf, &symbols))
		return 0;
	while (bpfsched_elf_next_symbol(elf, &symbols, &sym, &name)) {
		if (sym.st_shndx != SHN_UNDEF || !*name)
			continue;
		return bpfsched_fail(-ENOEXEC,
				     "%s: symbol '%s' is not defined; kernel configuration (__kconfig) and kernel symbols (__ksym) are not supported",
				     elf->path, name);
	}
	return 0;
}

/**
 * bpfsched_elf_check_pointers() - refuse a data section that holds pointers
 * @elf: object
 * @section: name of the data section
 *
 * A pointer in initial data would need a relocation that nobody applies.
 *
 * Return: 0, or -ENOEXEC with a message that names the section.
 */
int bpfsched_elf_check_pointers(const struct bpfsched_elf *elf,
				const char *section)
{
	struct elf64_shdr s;
	size_t i;

	for (i = 1; get_section(elf, i, &s); i++) {
		if ((s.sh_type != SHT_REL && s.sh_type != SHT_RELA) ||
		    !s.sh_size ||
		    strcmp(bpfsched_elf_section_name(elf, s.sh_info), section))
			continue;
		return bpfsched_fail(-ENOEXEC,
				     "%s: section '%s' has pointers in its initial data, which are not supported",
				     elf->path, section);
	}
	return 0;
}
