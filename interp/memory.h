/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sandbox: every address that a program uses is one of its own address
 * space, and is translated and checked at each access.
 *
 * The bits of the region choose an entry of the table, whatever the address.
 * The distance of the address from the start of that entry's region is then
 * compared with the number of offsets: an address of another region or
 * generation is too far away, so that one comparison checks all of it.
 *
 * Where it leads is a distance from interp_state.nothing, and that distance is
 * masked with the result of the comparison. So under speculation an access that
 * will be refused reads zeroes: no byte of a region that may not be read, none
 * behind a region that is too short, and none at address 0.
 */
#ifndef INTERP_MEMORY_H
#define INTERP_MEMORY_H

#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#ifdef CONFIG_ARM64
#include <asm/sysreg.h>	/* spec_bar() needs it, and does not say so */
#endif

#include "interp.h"

/* At how many offsets @len bytes can be accessed, for each size of access. */
static inline void interp_set_offsets(u32 *offsets, u32 len)
{
	offsets[0] = len;
	offsets[1] = len - min(len, 1U);
	offsets[2] = len - min(len, 3U);
	offsets[3] = len - min(len, 7U);
}

/**
 * interp_region_set() - say what a region holds
 * @state: the run
 * @region: the region
 * @start: sandbox address of its first byte
 * @memory: its bytes; a length of 0 makes every access fail
 *
 * Context: any; the region is not in use by a running program.
 */
static inline void interp_region_set(struct interp_state *state,
				     struct interp_region *region, u64 start,
				     const struct bpfsched_memory *memory)
{
	u32 readable = memory->writeonly ? 0 : memory->len;
	u32 writable = memory->readonly ? 0 : memory->len;

	region->start = start;
	region->base = memory->base;
	region->delta = (unsigned long)memory->base - start -
			(unsigned long)state->nothing;
	interp_set_offsets(region->readable, readable);
	interp_set_offsets(region->writable, writable);
}

/*
 * All ones if @offset is less than @offsets, otherwise zero, by arithmetic, for
 * the processor does not speculate on that. User-Mode Linux has it in C only,
 * which takes twice as many instructions. Without masks it may be a branch.
 */
#if defined(INTERP_UNMASKED)
static __always_inline unsigned long interp_mask(unsigned long offset,
						 unsigned long offsets)
{
	return offset < offsets ? ULONG_MAX : 0;
}
#elif defined(CONFIG_UML_X86)
static __always_inline unsigned long interp_mask(unsigned long offset,
						 unsigned long offsets)
{
	unsigned long mask;

	asm("cmp %2, %1; sbb %0, %0" : "=r" (mask)
	    : "r" (offset), "g" (offsets) : "cc");
	return mask;
}
#else
#define interp_mask(offset, offsets)	array_index_mask_nospec(offset, offsets)
#endif

/* Whether an address can be translated to nothing but the run's own stack. */
static __always_inline bool interp_is_on_stack(u64 address)
{
	return address >> 32 == INTERP_REGION_STACK;
}

static __always_inline struct interp_region *
interp_region_of(struct interp_state *state, u64 address)
{
	return &state->regions[(address >> 32) & (INTERP_REGIONS - 1)];
}

static __always_inline void *
interp_translate(struct interp_state *state, const struct interp_region *region,
		 u64 address, u32 offsets)
{
	unsigned long mask = interp_mask(address - region->start, offsets);
	unsigned long distance = (address + region->delta) & mask;

	if (unlikely(!mask))
		return NULL;
	return (void *)state->nothing + distance;
}

/**
 * interp_insn_at() - an instruction of a run's program
 * @state: the run
 * @index: its number, which is forced into the program
 *
 * Context: process, from a dispatcher or a helper.
 */
static __always_inline const struct interp_insn *
interp_insn_at(const struct interp_state *state, u64 index)
{
	index = INTERP_FORCE(index, interp_mask(index, state->insn_count));
	return &state->insns[index];
}

/**
 * interp_target() - where a jump or a call leads
 * @state: the run
 * @insn: the instruction
 *
 * Context: process, from a dispatcher.
 */
static __always_inline const struct interp_insn *
interp_target(const struct interp_state *state, const struct interp_insn *insn)
{
	return interp_insn_at(state, interp_target_index(insn));
}

/*
 * Nothing behind this is executed before all that was decided in front of it is
 * certain. It takes some ten nanoseconds: for helpers, which may then use
 * lengths and addresses that they have checked.
 */
static __always_inline void interp_wait(void)
{
#if defined(CONFIG_UML_X86)
	asm volatile("lfence" : : : "memory");
#elif defined(CONFIG_ARM64)
	spec_bar();
#elif defined(barrier_nospec)
	barrier_nospec();
#endif
}

/*
 * The number of offsets at which @len bytes may be accessed in a region that has
 * @available of them; none if @len is 0. Without a branch: a processor that
 * takes a @len that is too long for a good one would get a number of offsets
 * below zero, which is to say all of them.
 */
static __always_inline u32 interp_offsets(u32 available, u32 len)
{
	return (available - len + 1) & (u32)interp_mask(len - 1, available);
}

/**
 * interp_readable() - translate the address of a load
 * @state: the run
 * @address: sandbox address
 * @log2: log2 of the size of the load, 0 to 3
 *
 * Return: the kernel address, or NULL if the program may not read there.
 */
static __always_inline const void *
interp_readable(struct interp_state *state, u64 address, int log2)
{
	const struct interp_region *region = interp_region_of(state, address);

	return interp_translate(state, region, address,
				region->readable[log2]);
}

/**
 * interp_writable() - translate the address of a store
 * @state: the run
 * @address: sandbox address
 * @log2: log2 of the size of the store, 0 to 3
 *
 * Return: the kernel address, or NULL if the program may not write there.
 */
static __always_inline void *
interp_writable(struct interp_state *state, u64 address, int log2)
{
	const struct interp_region *region = interp_region_of(state, address);

	return interp_translate(state, region, address,
				region->writable[log2]);
}

/**
 * interp_readable_bytes() - translate a buffer that a helper is to read
 * @state: the run
 * @address: sandbox address
 * @len: bytes, at least 1
 *
 * Context: process, from a helper.
 * Return: the kernel address, or NULL if the program may not read all of it.
 */
static inline const void *interp_readable_bytes(struct interp_state *state,
						u64 address, u32 len)
{
	const struct interp_region *region = interp_region_of(state, address);

	return interp_translate(state, region, address,
				interp_offsets(region->readable[0], len));
}

/**
 * interp_writable_bytes() - translate a buffer that a helper is to write
 * @state: the run
 * @address: sandbox address
 * @len: bytes, at least 1
 *
 * Context: process, from a helper.
 * Return: the kernel address, or NULL if the program may not write all of it.
 */
static inline void *interp_writable_bytes(struct interp_state *state,
					  u64 address, u32 len)
{
	const struct interp_region *region = interp_region_of(state, address);

	return interp_translate(state, region, address,
				interp_offsets(region->writable[0], len));
}

/**
 * interp_read_buffer() - the buffer that a helper was told to read
 * @state: the run
 * @address: sandbox address
 * @len: bytes, at least 1
 *
 * What was checked before is certain then, see interp_wait().
 *
 * Context: process, from a helper.
 * Return: the kernel address; NULL if the program may not read all of it, with
 * the state's fault set.
 */
static inline const void *interp_read_buffer(struct interp_state *state,
					     u64 address, u64 len)
{
	const void *from = NULL;

	if (len <= U32_MAX)
		from = interp_readable_bytes(state, address, len);
	if (!from)
		interp_fault(state, BPFSCHED_FAULT_READ, address);
	interp_wait();
	return from;
}

/**
 * interp_write_buffer() - the buffer that a helper was told to write
 * @state: the run
 * @address: sandbox address
 * @len: bytes, at least 1
 *
 * What was checked before is certain then, see interp_wait().
 *
 * Context: process, from a helper.
 * Return: the kernel address; NULL if the program may not write all of it, with
 * the state's fault set.
 */
static inline void *interp_write_buffer(struct interp_state *state, u64 address,
					u32 len)
{
	void *to = interp_writable_bytes(state, address, len);

	if (!to)
		interp_fault(state, BPFSCHED_FAULT_WRITE, address);
	interp_wait();
	return to;
}

#endif /* INTERP_MEMORY_H */
