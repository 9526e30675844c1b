/* SPDX-License-Identifier: GPL-2.0 */
/* What the scheduler is told at safe points and in long loops. */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/kernel.h>

#include "shim.h"

#define current		NULL

static inline void cond_resched(void)
{
}

static inline void cond_resched_tasks_rcu_qs(void)
{
	if (interp_shim.safe_point)
		interp_shim.safe_point(interp_shim.data);
}

#endif /* SHIM_LINUX_SCHED_H */
