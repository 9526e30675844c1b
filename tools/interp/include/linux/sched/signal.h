/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_SIGNAL_H
#define SHIM_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

static inline bool fatal_signal_pending(void *task)
{
	(void)task;
	return false;
}

#endif /* SHIM_LINUX_SCHED_SIGNAL_H */
