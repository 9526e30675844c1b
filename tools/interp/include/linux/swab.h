/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SWAB_H
#define SHIM_LINUX_SWAB_H

#include_next <linux/swab.h>

#define swab16(n)	__builtin_bswap16(n)
#define swab32(n)	__builtin_bswap32(n)
#define swab64(n)	__builtin_bswap64(n)

#endif /* SHIM_LINUX_SWAB_H */
