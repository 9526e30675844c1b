/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clamp against speculation. It is part of what an access costs, so that
 * it is there in user space too.
 */
#ifndef SHIM_LINUX_NOSPEC_H
#define SHIM_LINUX_NOSPEC_H

#include <linux/types.h>

/* All ones if @index < @size, else zero, without a branch. */
static inline unsigned long array_index_mask_nospec(unsigned long index,
						    unsigned long size)
{
#ifdef __x86_64__
	unsigned long mask;

	__asm__ __volatile__("cmp %[size], %[index]\n\t"
			     "sbb %[mask], %[mask]"
			     : [mask] "=r" (mask)
			     : [size] "g" (size), [index] "r" (index)
			     : "cc");
	return mask;
#else
	return -(unsigned long)(index < size);
#endif
}

#define array_index_nospec(index, size)				\
({								\
	__typeof__(index) index_ = (index);			\
								\
	(__typeof__(index))(index_ & array_index_mask_nospec(index_, size)); \
})

#endif /* SHIM_LINUX_NOSPEC_H */
