/* SPDX-License-Identifier: GPL-2.0 */
/* Clocks, random numbers and CPUs: what helpers give to programs. */
#ifndef SHIM_LINUX_TIMEKEEPING_H
#define SHIM_LINUX_TIMEKEEPING_H

#include <linux/kernel.h>

u64 ktime_get_mono_fast_ns(void);
u64 ktime_get_boot_fast_ns(void);
u32 get_random_u32(void);
bool rng_is_initialized(void);

/* There is one clock. */
#define ktime_get_coarse_ns()	ktime_get_mono_fast_ns()
#define ktime_get_tai_fast_ns()	ktime_get_mono_fast_ns()
#define get_jiffies_64()	(ktime_get_mono_fast_ns() / 4000000)

#define raw_smp_processor_id()	0
#define smp_processor_id()	0

#endif /* SHIM_LINUX_TIMEKEEPING_H */
