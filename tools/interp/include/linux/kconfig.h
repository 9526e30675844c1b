/* SPDX-License-Identifier: GPL-2.0 */
/* What of a kernel's configuration is asked about: none of it is set. */
#ifndef SHIM_LINUX_KCONFIG_H
#define SHIM_LINUX_KCONFIG_H

#define IS_ENABLED(option)	0

#endif /* SHIM_LINUX_KCONFIG_H */
