/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what is asked for to what a scheduler is made from.
 */
#ifndef BPFSCHED_PROFILE_H
#define BPFSCHED_PROFILE_H

#include <linux/time64.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

struct bpfsched_engine_ops;
struct bpfsched_params;

#define BPFSCHED_SLICE_DEFAULT_NS	(1ULL * NSEC_PER_MSEC)

/**
 * struct bpfsched_config - what is asked for; 0: as the profile has it
 * @name: name of the scheduler
 * @profile: name of the profile
 * @policy: name of the policy; NULL or empty: that of the profile
 * @capacity: as of struct bpfsched_limits, and so are the next
 * @workers: see there
 * @client_jobs: see there
 * @max_reservations: see there
 * @user_budget: see there
 * @supply_ppm: see there
 * @slice_ns: length of a slice
 * @guard_critical: as of struct bpfsched_params
 * @user_flags: which members of @user are set, BPFSCHED_USER_SET_*
 * @user: what a user may have
 */
struct bpfsched_config {
	const char *name;
	const char *profile;
	const char *policy;
	u32 capacity;
	u32 workers;
	u32 client_jobs;
	u32 max_reservations;
	u64 user_budget;
	u32 supply_ppm;
	u64 slice_ns;
	bool guard_critical;
	u32 user_flags;
	struct bpfsched_user_limits user;
};

int bpfsched_params_build(struct bpfsched_params *params,
			  const struct bpfsched_config *config,
			  const struct bpfsched_engine_ops *engine);

#endif /* BPFSCHED_PROFILE_H */
