/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From an address of the sandbox to one of the kernel, for handlers.
 */
#ifndef INTERP_TRANSLATE_H
#define INTERP_TRANSLATE_H

#include "threaded.h"

enum interp_end interp_threaded_bad_load(HANDLER_ARGS);
enum interp_end interp_threaded_bad_store(HANDLER_ARGS);

/*
 * interp_translate(), in steps that leave GCC a register for each: @pointer is
 * set to where @address leads, or the handler ends with @bad. The flag that makes
 * the mask decides, so that the mask need not be tested. Without masks there is
 * the comparison only.
 */
#ifndef INTERP_UNMASKED
#define INTERP_TRANSLATE(pointer, address, rights, log2, bad)			\
	do {								\
		unsigned long distance = (address);			\
		const struct interp_region *region =			\
			interp_region_of(vm, distance);			\
		unsigned long mask, offset = distance - region->start;	\
		unsigned long offsets = region->rights[log2];		\
		bool outside;						\
									\
		distance += region->delta;				\
		asm volatile("cmp %[offsets], %[offset]\n\t"		\
			     "sbb %[mask], %[mask]"			\
			     : [mask] "=r" (mask), "=@ccnc" (outside)	\
			     : [offset] "r" (offset),			\
			       [offsets] "r" (offsets));		\
		if (unlikely(outside))					\
			TAIL(bad, pc);					\
		(pointer) = (void *)vm->nothing + (distance & mask);	\
	} while (0)
#else
#define INTERP_TRANSLATE(pointer, address, rights, log2, bad)			\
	do {								\
		unsigned long offset = (address);			\
		const struct interp_region *region =			\
			interp_region_of(vm, offset);			\
									\
		offset -= region->start;				\
		if (unlikely(offset >= region->rights[log2]))		\
			TAIL(bad, pc);					\
		(pointer) = (void *)region->base + offset;		\
	} while (0)
#endif

#endif /* INTERP_TRANSLATE_H */
