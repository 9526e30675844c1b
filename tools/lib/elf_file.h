/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Object files: sections, symbols and relocations. Nothing in a file is
 * trusted. What these functions give is inside of the file.
 */
#ifndef BPFSCHED_ELF_FILE_H
#define BPFSCHED_ELF_FILE_H

#include <elf.h>

#include "internal.h"

/*
 * Longest name. One that is longer counts as none: comparing names is then never
 * more than a fixed amount of work, however large the file is.
 */
#define BPFS_NAME_MAX	4096

/* Types of relocations that <elf.h> does not name */
#define BPFS_R_BPF_64_ABS64	2

/**
 * struct bpfs_elf_section - a section
 * @name: its name; several sections can have the same
 * @data: its bytes; NULL if it has none in the file (SHT_NOBITS)
 * @len: number of bytes
 * @flags: SHF_*
 * @align: alignment in bytes, at least 1
 * @type: SHT_*
 * @link: sh_link
 * @info: sh_info
 * @relocs: the first section of relocations of this one, 0: it has none
 * @more_relocs: of a section of relocations: the next one for the same section
 */
struct bpfs_elf_section {
	const char *name;
	const char *data;
	__u64 len;
	__u64 flags;
	__u64 align;
	__u32 type;
	__u32 link;
	__u32 info;
	__u32 relocs;
	__u32 more_relocs;
};

/**
 * struct bpfs_elf - an object file in memory
 * @path: where it was read from
 * @bytes: the file
 * @len: number of bytes
 * @section_count: number of @sections
 * @sections: sections, by their number; number 0 is none
 * @strings: number of the section that has the names of symbols
 * @symbol_count: number of @symbols
 * @symbols: symbols, by their number
 */
struct bpfs_elf {
	const char *path;
	char *bytes;
	size_t len;
	size_t section_count;
	struct bpfs_elf_section *sections;
	size_t strings;
	size_t symbol_count;
	Elf64_Sym *symbols;
};

/**
 * struct bpfs_elf_reloc - a relocation
 * @offset: where it is, in its section
 * @type: R_BPF_*
 * @symbol: number of its symbol, which exists
 */
struct bpfs_elf_reloc {
	__u64 offset;
	__u32 type;
	__u32 symbol;
};

int bpfs_elf_read(struct bpfs_elf *elf, const char *path);
void bpfs_elf_free(struct bpfs_elf *elf);
const struct bpfs_elf_section *
bpfs_elf_find(const struct bpfs_elf *elf, const char *name);
const struct bpfs_elf_section *
bpfs_elf_section_of(const struct bpfs_elf *elf, const Elf64_Sym *sym);
const char *bpfs_elf_symbol_name(const struct bpfs_elf *elf,
				 const Elf64_Sym *sym);
int bpfs_elf_relocs(const struct bpfs_elf *elf, size_t section,
		    struct bpfs_elf_reloc **relocs, size_t *count);

#endif /* BPFSCHED_ELF_FILE_H */
