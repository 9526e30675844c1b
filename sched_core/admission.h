/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Admission: whether a job that declares its run time can be vouched for.
 */
#ifndef BPFSCHED_ADMISSION_H
#define BPFSCHED_ADMISSION_H

#include <linux/types.h>

struct bpfsched_job;

/* Most jobs that are vouched for at once. */
#define BPFSCHED_ADMITTED_MAX	64

/* Most steps of the simulation; see admission.c. */
#define BPFSCHED_ADMISSION_STEPS	16384

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
int bpfsched_admit(struct bpfsched_job *job, u64 *room_ns);

#endif /* BPFSCHED_ADMISSION_H */
