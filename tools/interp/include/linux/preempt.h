/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include "shim.h"

#define migrate_disable()	((void)interp_shim.stays++)
#define migrate_enable()	((void)interp_shim.stays--)

#endif /* SHIM_LINUX_PREEMPT_H */
