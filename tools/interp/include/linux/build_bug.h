/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#undef static_assert
#define static_assert(condition, ...)	_Static_assert(condition, #condition)
#define BUILD_BUG_ON(condition)	_Static_assert(!(condition), #condition)

#define BUILD_BUG_ON_NOT_POWER_OF_2(n)			\
	BUILD_BUG_ON(!(n) || ((n) & ((n) - 1)))

#endif /* SHIM_LINUX_BUILD_BUG_H */
