/* SPDX-License-Identifier: GPL-2.0 */
/*
 * EDF by brute force: a simulation that takes one unit of time after another,
 * for whoever wants to know what really becomes of a set of jobs.
 */
#ifndef BPFSCHED_KUNIT_TICKER_H
#define BPFSCHED_KUNIT_TICKER_H

#include <linux/types.h>

#include "../sched_core/admission.h"

/* Most jobs of a set. */
#define TICKER_JOBS	16

u64 ticker_enough(const struct bpfsched_demand *demands, u32 count, u64 now_ns);
bool ticker_misses(const struct bpfsched_demand *demands, u32 count,
		   u32 workers, u64 now_ns, u64 ticks);

#endif /* BPFSCHED_KUNIT_TICKER_H */
