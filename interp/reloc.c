// SPDX-License-Identifier: GPL-2.0
/*
 * Pointers in the initial data of sections.
 *
 * What a pointer of a program is, only the interpreter knows: the number of a
 * function is that of a decoded instruction. So whoever loads a program says
 * where pointers are and what they point to, and they are written here, before
 * anybody can use the sections. They are addresses of the sandbox, as a 16-byte
 * load would give them.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "interp.h"

#define refuse(log, index, format, ...)					\
({									\
	snprintf((log)->text, sizeof((log)->text),			\
		 "relocation %u: " format, index, ##__VA_ARGS__);	\
	-EINVAL;							\
})

static u32 section_len(const struct bpfsched_code *code, u32 section)
{
	return code->sections[array_index_nospec(section,
						 code->section_count)].len;
}

static int check_place(const struct bpfsched_code *code, u32 index,
		       struct bpfsched_log *log)
{
	const struct bpfsched_reloc *reloc = &code->relocs[index];

	if (reloc->pad)
		return refuse(log, index, "padding is not 0");
	if (reloc->section >= code->section_count)
		return refuse(log, index, "there is no section %u to be written",
			      reloc->section);
	if ((u64)reloc->offset + sizeof(u64) >
	    section_len(code, reloc->section))
		return refuse(log, index,
			      "8 bytes at offset %u are not inside of section %u",
			      reloc->offset, reloc->section);
	return 0;
}

static int check_section(const struct bpfsched_code *code, u32 index,
			 struct bpfsched_log *log)
{
	const struct bpfsched_reloc *reloc = &code->relocs[index];

	if (reloc->target >= code->section_count)
		return refuse(log, index, "there is no section %u",
			      reloc->target);
	if (reloc->addend > section_len(code, reloc->target))
		return refuse(log, index, "offset %u is outside of section %u",
			      reloc->addend, reloc->target);
	return 0;
}

static int check_target(const struct bpfsched_code *code,
			const unsigned long *start, u32 index,
			struct bpfsched_log *log)
{
	const struct bpfsched_reloc *reloc = &code->relocs[index];

	if (reloc->kind != BPFSCHED_RELOC_SECTION && reloc->addend)
		return refuse(log, index, "addend is not 0");
	switch (reloc->kind) {
	case BPFSCHED_RELOC_SECTION:
		return check_section(code, index, log);
	case BPFSCHED_RELOC_FUNCTION:
		if (reloc->target >= code->insn_count ||
		    !test_bit(array_index_nospec(reloc->target,
						 code->insn_count), start))
			return refuse(log, index,
				      "address of %u, where no instruction starts",
				      reloc->target);
		return 0;
	case BPFSCHED_RELOC_MAP:
		if (reloc->target >= code->map_count)
			return refuse(log, index, "there is no map %u",
				      reloc->target);
		return 0;
	default:
		return refuse(log, index, "unknown kind %u", reloc->kind);
	}
}

/**
 * interp_relocs_check() - check the pointers that are to be written
 * @code: the program
 * @start: bit n is set if an instruction starts at slot n
 * @entry: bit n is set for each slot n where a pointer says that a function
 *	starts
 * @log: set to the reason if one is refused
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL if a pointer is refused; -EINTR if the caller is being
 * killed.
 */
int interp_relocs_check(const struct bpfsched_code *code,
			const unsigned long *start, unsigned long *entry,
			struct bpfsched_log *log)
{
	int err = 0;
	u32 i;

	for (i = 0; i < code->reloc_count && !err; i++) {
		const struct bpfsched_reloc *reloc = &code->relocs[i];

		err = check_place(code, i, log) ?:
		      check_target(code, start, i, log);
		if (!err && reloc->kind == BPFSCHED_RELOC_FUNCTION)
			__set_bit(array_index_nospec(reloc->target,
						     code->insn_count), entry);
		if (i % 4096 == 4095)
			cond_resched();
		if (!err && i % 4096 == 4095 && fatal_signal_pending(current))
			err = -EINTR;
	}
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(interp_relocs_check);

/* What is written. */
static u64 value_of(const struct bpfsched_code *code,
		    const struct bpfsched_reloc *reloc, const u32 *index_of)
{
	u32 slot;

	switch (reloc->kind) {
	case BPFSCHED_RELOC_SECTION:
		return INTERP_ADDRESS(INTERP_REGION_SECTIONS +
				      (u64)reloc->target, reloc->addend);
	case BPFSCHED_RELOC_FUNCTION:
		slot = array_index_nospec(reloc->target, code->insn_count);
		return INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, index_of[slot]);
	default:
		return INTERP_ADDRESS(INTERP_REGION_HANDLES, reloc->target);
	}
}

static void write_pointer(const struct bpfsched_code *code,
			  const struct bpfsched_reloc *reloc, u64 value)
{
	const struct bpfsched_memory *section =
		&code->sections[array_index_nospec(reloc->section,
						   code->section_count)];
	u32 offset = array_index_nospec(reloc->offset,
					section->len - sizeof(value) + 1);

	memcpy(section->base + offset, &value, sizeof(value));
}

/**
 * interp_relocs_apply() - write the pointers into the sections
 * @code: the program; interp_relocs_check() has accepted it
 * @index_of: for each slot the decoded instruction that it becomes
 * @entry: bit n is set for each decoded instruction n where a pointer says that
 *	a function starts
 *
 * Context: process, may sleep; nobody else uses the sections yet.
 */
void interp_relocs_apply(const struct bpfsched_code *code, const u32 *index_of,
			 unsigned long *entry)
{
	u32 i;

	for (i = 0; i < code->reloc_count; i++) {
		const struct bpfsched_reloc *reloc = &code->relocs[i];
		u64 value = value_of(code, reloc, index_of);

		write_pointer(code, reloc, value);
		if (reloc->kind == BPFSCHED_RELOC_FUNCTION)
			__set_bit((u32)value, entry);
		if (i % 4096 == 4095)
			cond_resched();
	}
}
EXPORT_SYMBOL_FOR_KUNIT(interp_relocs_apply);
