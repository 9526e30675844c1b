/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What libbpf does not tell about an object: symbols that nothing defines,
 * pointers in its data, and relocations against the types of a running kernel
 * (CO-RE). With bpf_object__gen_loader() libbpf leaves all three to a later
 * stage that does not exist here, so they have to be found and refused.
 */
#ifndef BPFSCHED_ELF_H
#define BPFSCHED_ELF_H

#include <linux/elf.h>

#include "internal.h"

/**
 * struct bpfsched_elf - an object file in memory
 * @path: where it was read from
 * @bytes: the file
 * @len: number of bytes
 * @header: copy of its header
 */
struct bpfsched_elf {
	const char *path;
	char *bytes;
	size_t len;
	struct elf64_hdr header;
};

/**
 * struct bpfsched_symbols - going through the symbols of an object
 * @table: section that has them
 * @next: number of the next symbol
 */
struct bpfsched_symbols {
	struct elf64_shdr table;
	size_t next;
};

int bpfsched_elf_read(struct bpfsched_elf *elf, const char *path);
void bpfsched_elf_free(struct bpfsched_elf *elf);
const char *bpfsched_elf_data(const struct bpfsched_elf *elf, const char *name,
			      size_t *len);
const char *bpfsched_elf_section_name(const struct bpfsched_elf *elf,
				      size_t index);
long bpfsched_elf_set_type(struct bpfsched_elf *elf, const char *name,
			   __u32 type);
bool bpfsched_elf_symbols(const struct bpfsched_elf *elf,
			  struct bpfsched_symbols *symbols);
bool bpfsched_elf_next_symbol(const struct bpfsched_elf *elf,
			      struct bpfsched_symbols *symbols,
			      struct elf64_sym *sym, const char **name);
int bpfsched_elf_check_externs(const struct bpfsched_elf *elf);
int bpfsched_elf_check_pointers(const struct bpfsched_elf *elf,
				const char *section);

/* core.c */
bool bpfsched_has_core(const struct bpfsched_elf *elf);
bool bpfsched_function_has_core(const struct bpfsched_elf *elf,
				const char *function);

#endif /* BPFSCHED_ELF_H */
