// SPDX-License-Identifier: GPL-2.0
/* Names of variables of an object. */
#include <stdlib.h>
#include <string.h>

#include "elf.h"

static bool covers(const struct elf64_sym *sym, __u64 offset)
{
	return ELF64_ST_TYPE(sym->st_info) == STT_OBJECT &&
	       offset >= sym->st_value &&
	       offset - sym->st_value < sym->st_size;
}

/**
 * bpfsched_object_variable() - the variable at a place of a data section
 * @path: path of an ELF object
 * @section: name of the section, ".bss" for example
 * @offset: offset in the section
 *
 * Return: the name, to be freed; NULL if there is none that is known.
 */
char *bpfsched_object_variable(const char *path, const char *section,
			       __u64 offset)
{
	struct bpfsched_symbols symbols;
	struct bpfsched_elf elf;
	struct elf64_sym sym;
	char *found = NULL;
	const char *name;

	if (bpfsched_elf_read(&elf, path))
		return NULL;
	if (bpfsched_elf_symbols(&elf, &symbols)) {
		while (!found && bpfsched_elf_next_symbol(&elf, &symbols, &sym,
							  &name)) {
			if (covers(&sym, offset) &&
			    !strcmp(bpfsched_elf_section_name(&elf,
							      sym.st_shndx),
				    section))
				found = strdup(name);
		}
	}
	bpfsched_elf_free(&elf);
	return found;
}
