/* SPDX-License-Identifier: GPL-2.0 */
/* What of the build is asked about: none of it is there. */
#ifndef SHIM_LINUX_KCONFIG_H
#define SHIM_LINUX_KCONFIG_H

#define __is_defined(macro)	0
#define IS_ENABLED(CONFIG_option)	0

#endif /* SHIM_LINUX_KCONFIG_H */
