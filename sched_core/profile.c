// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles: named sets of defaults for a scheduler.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <bpfsched/visibility.h>

#include "profile.h"
#include "scheduler.h"

/* Completions of a client that may wait to be read, by the capacity. */
#define SLOTS_PER_CAPACITY	4

/* Job slots are made in advance for schedulers up to this capacity. */
#define PREALLOCATE_MAX		1024

/* So that releases cannot take all of a CPU's time in interrupts. */
#define MIN_PERIOD_NS		(100 * NSEC_PER_USEC)

/**
 * struct profile - a set of defaults
 * @name: its name
 * @policy: name of the policy
 * @limits: 0 workers: one for each CPU; 0 jobs of a client: no limit of its
 *	own; the slots follow from the capacity
 * @preallocate: as in struct bpfsched_params
 * @real_time: as in struct bpfsched_params
 */
struct profile {
	const char *name;
	const char *policy;
	struct bpfsched_limits limits;
	bool preallocate;
	bool real_time;
};

static const struct profile profiles[] = {
	{
		/* Many short programs, throughput before all. */
		.name = "cloud",
		.policy = "throughput",
		.limits = {
			.capacity = 1024,
			.max_insns = 1000000,
			.max_context = SZ_64K,
			.min_period = MIN_PERIOD_NS,
			.default_budget = 1000000000,
			.max_budget = BPFSCHED_BUDGET_UNLIMITED,
		},
	},
	{
		/* Few programs with deadlines, bounded in everything. */
		.name = "embedded",
		.policy = "deadline",
		.limits = {
			.capacity = 32,
			.workers = 1,
			.max_insns = 65536,
			.max_context = SZ_4K,
			.min_period = MIN_PERIOD_NS,
			.default_budget = 100000000,
			.max_budget = 1000000000,
		},
		.preallocate = true,
		.real_time = true,
	},
};

/**
 * bpfsched_profile_apply() - take the defaults of a profile
 * @name: name of the profile
 * @params: set, but for its name and engine
 *
 * Context: any.
 * Return: 0, or -ENOENT if there is no such profile.
 */
int bpfsched_profile_apply(const char *name, struct bpfsched_params *params)
{
	const struct profile *profile;

	for (profile = profiles; profile < profiles + ARRAY_SIZE(profiles);
	     profile++) {
		if (strcmp(profile->name, name))
			continue;
		params->profile = profile->name;
		params->policy = bpfsched_policy_find(profile->policy);
		params->limits = profile->limits;
		params->preallocate = profile->preallocate;
		params->real_time = profile->real_time;
		if (!params->limits.workers)
			params->limits.workers = min_t(u32, num_online_cpus(),
						       BPFSCHED_WORKERS_MAX);
		bpfsched_profile_resize(params, params->limits.capacity);
		if (!params->limits.client_jobs)
			params->limits.client_jobs = U32_MAX;
		return 0;
	}
	return -ENOENT;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_profile_apply);

/**
 * bpfsched_profile_resize() - set the capacity, and what follows from it
 * @params: filled in by bpfsched_profile_apply()
 * @capacity: most pending jobs, 1 to BPFSCHED_CAPACITY_MAX
 *
 * Context: any.
 */
void bpfsched_profile_resize(struct bpfsched_params *params, u32 capacity)
{
	params->limits.capacity = capacity;
	params->limits.completion_slots = SLOTS_PER_CAPACITY * capacity;
	if (capacity > PREALLOCATE_MAX)
		params->preallocate = false;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_profile_resize);
