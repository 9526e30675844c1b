/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ALIGN_H
#define SHIM_LINUX_ALIGN_H

#define IS_ALIGNED(n, to)	(((n) & ((__typeof__(n))(to) - 1)) == 0)

#endif /* SHIM_LINUX_ALIGN_H */
