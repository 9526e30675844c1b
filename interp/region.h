/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Regions: what the address space of a program consists of.
 */
#ifndef INTERP_REGION_H
#define INTERP_REGION_H

#include <linux/types.h>

/*
 * Regions of the sandbox address space. A sandbox address is
 * generation << 40 | region << 32 | offset; the offset is below 2^31, the
 * generation is 0 but for windows. The region alone says which entry of the
 * table it is, the entry says for which addresses it stands. Region 0 is never
 * mapped, nor are the regions of handles, which stand for something that is no
 * memory.
 */
#define INTERP_REGION_STACK	1
#define INTERP_REGION_CONTEXT	2
#define INTERP_REGION_SECTIONS	3	/* the first of them */
#define INTERP_REGION_FUNCTIONS	30	/* handles, by decoded instruction */
#define INTERP_REGION_HANDLES	31	/* handles of maps, by index */
#define INTERP_REGION_MAPS	32	/* the first of array maps' elements */
#define INTERP_REGION_WINDOWS	64	/* the first of other maps' elements */
#define INTERP_REGIONS		128	/* a power of two */

#define INTERP_WINDOWS		(INTERP_REGIONS - INTERP_REGION_WINDOWS)
#define INTERP_GENERATION_SHIFT	40

#define INTERP_ADDRESS(region, offset)	((u64)(region) << 32 | (offset))

/**
 * struct interp_region - what the sandbox knows of a region
 * @start: sandbox address of its first byte
 * @base: kernel address of its first byte
 * @delta: what makes of one of its addresses where that is, as seen from
 *	interp_state.nothing
 * @readable: for each log2 of an access's size, the number of offsets at which
 *	such an access may read; all zero if it may read none
 * @writable: the same for writing
 * @tag: of a window: tells those with different rights to the same memory apart
 * @next: of a window: the next one of the same bucket; 0: none
 *
 * Its size is a power of two, a line of the cache.
 */
struct interp_region {
	u64 start;
	u8 *base;
	u64 delta;
	u32 readable[4];
	u32 writable[4];
	u32 tag;
	u32 next;
};

#endif /* INTERP_REGION_H */
