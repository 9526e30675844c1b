/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Admission: whether a set of jobs keeps its deadlines.
 */
#ifndef BPFSCHED_ADMISSION_H
#define BPFSCHED_ADMISSION_H

#include <linux/types.h>

/* Most looks at a job in one simulation; see admission.c. */
#define BPFSCHED_ADMISSION_WORK	131072

/**
 * struct bpfsched_platform - what admitted jobs run on
 * @workers: number of workers, each with a CPU of its own
 * @blocking_ns: longest time from the word to make way to the next safe point
 * @start_ns: what each start of a release costs
 * @supply_ppm: part of the time of a CPU that a worker gets, above 0
 */
struct bpfsched_platform {
	u32 workers;
	u64 blocking_ns;
	u64 start_ns;
	u32 supply_ppm;
};

/**
 * struct bpfsched_demand - what a job will ask of the workers
 * @release_ns: when its current or next release is, or was
 * @deadline_ns: distance of a deadline from its release
 * @left_ns: time that this release still needs
 * @run_ns: time that each later release needs
 * @period_ns: distance of two releases, 0: this is the only one
 * @later: number of later releases, U64_MAX: without end
 */
struct bpfsched_demand {
	u64 release_ns;
	u64 deadline_ns;
	u64 left_ns;
	u64 run_ns;
	u64 period_ns;
	u64 later;
};

/**
 * enum bpfsched_admission - what is known of a set of jobs
 * @BPFSCHED_FITS: all deadlines will be kept
 * @BPFSCHED_MISSES: at least one will not
 * @BPFSCHED_NOT_PROVABLE: neither could be shown within the bounds
 */
enum bpfsched_admission {
	BPFSCHED_FITS,
	BPFSCHED_MISSES,
	BPFSCHED_NOT_PROVABLE,
};

enum bpfsched_admission
bpfsched_demand_test(const struct bpfsched_demand *demands, u32 count,
		     u32 workers, u64 now_ns);
enum bpfsched_admission
bpfsched_admission_test(struct bpfsched_demand *demands, u32 count,
			const struct bpfsched_platform *platform, u64 now_ns);

#endif /* BPFSCHED_ADMISSION_H */
