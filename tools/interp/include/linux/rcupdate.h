/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/sched.h>

#define rcu_read_lock()		((void)interp_shim.reads++)
#define rcu_read_unlock()	((void)interp_shim.reads--)

#endif /* SHIM_LINUX_RCUPDATE_H */
