/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_HASH_H
#define SHIM_LINUX_HASH_H

#include <linux/types.h>

static inline u32 hash_ptr(const void *pointer, unsigned int bits)
{
	return (u64)(unsigned long)pointer * 0x9e3779b97f4a7c15ULL >>
	       (64 - bits);
}

#endif /* SHIM_LINUX_HASH_H */
