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
#include "user.h"

/* Completions of a client that may wait to be read, by the capacity. */
#define SLOTS_PER_CAPACITY	4

/* Job slots are made in advance for schedulers up to this capacity. */
#define PREALLOCATE_MAX		1024

/* So that releases cannot take all of a CPU's time in interrupts. */
#define MIN_PERIOD_NS		(100 * NSEC_PER_USEC)

/* The longest budget that anybody may keep a worker with. */
#define USER_BUDGET		1000000000ULL

/*
 * What admission assumes; Documentation/admission.rst says where these figures
 * come from.
 */
#define BLOCKING_NS		(100 * NSEC_PER_USEC)
#define START_NS		(10 * NSEC_PER_USEC)

/* kernel.sched_rt_runtime_us / kernel.sched_rt_period_us, as they are set. */
#define REAL_TIME_SUPPLY_PPM	950000

/* What one user may have; the numbers of jobs follow from the capacity. */
#define USER_CLIENTS		256
#define USER_PROGRAMS		256
#define USER_RELEASES		10000
#define USER_PART		2

/**
 * struct profile - a set of defaults
 * @name: its name
 * @policy: name of the policy
 * @limits: 0 workers: one for each CPU; what is about completions and users
 *	follows from the rest
 * @user_memory: most bytes of programs of a user
 * @preallocate: as in struct bpfsched_params
 * @real_time: as in struct bpfsched_params
 */
struct profile {
	const char *name;
	const char *policy;
	struct bpfsched_limits limits;
	u64 user_memory;
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
			.default_budget = 1000000000,
			.max_budget = BPFSCHED_BUDGET_UNLIMITED,
			.max_reservations = BPFSCHED_RESERVATIONS_MAX,
			.supply_ppm = BPFSCHED_PPM,
		},
		.user_memory = SZ_64M,
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
			.default_budget = 100000000,
			.max_budget = 1000000000,
			.max_reservations = 32,
			.supply_ppm = REAL_TIME_SUPPLY_PPM,
		},
		.user_memory = SZ_8M,
		.preallocate = true,
		.real_time = true,
	},
};

static const struct profile *find_profile(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	}
	return NULL;
}

/* What follows from the capacity. */
static void set_capacity(struct bpfsched_params *params, u32 capacity)
{
	struct bpfsched_limits *limits = &params->limits;

	limits->capacity = capacity;
	limits->completion_slots = SLOTS_PER_CAPACITY * capacity;
	limits->user.jobs = max(1U, capacity / USER_PART);
	limits->user.waiting = max(1U, capacity / USER_PART);
	if (capacity > PREALLOCATE_MAX)
		params->preallocate = false;
}

static void take_profile(struct bpfsched_params *params,
			 const struct profile *profile)
{
	struct bpfsched_limits *limits = &params->limits;

	params->profile = profile->name;
	params->policy = bpfsched_policy_find(profile->policy);
	params->limits = profile->limits;
	params->preallocate = profile->preallocate;
	params->real_time = profile->real_time;
	if (!limits->workers)
		limits->workers = min_t(u32, num_online_cpus(),
					BPFSCHED_WORKERS_MAX);
	limits->client_jobs = BPFSCHED_NO_LIMIT;
	limits->min_period = MIN_PERIOD_NS;
	limits->user_budget = USER_BUDGET;
	limits->blocking_ns = BLOCKING_NS;
	limits->start_ns = START_NS;
	limits->user = (struct bpfsched_user_limits) {
		.clients = USER_CLIENTS,
		.programs = USER_PROGRAMS,
		.memory = profile->user_memory,
		.releases = USER_RELEASES,
		.weight = BPFSCHED_WEIGHT_DEFAULT,
	};
	set_capacity(params, limits->capacity);
}

static bool is_too_large(const struct bpfsched_config *config)
{
	return config->capacity > BPFSCHED_CAPACITY_MAX ||
	       config->workers > BPFSCHED_WORKERS_MAX ||
	       config->max_reservations > BPFSCHED_RESERVATIONS_MAX;
}

static void take_numbers(struct bpfsched_limits *limits,
			 const struct bpfsched_config *config)
{
	if (config->workers)
		limits->workers = config->workers;
	if (config->client_jobs)
		limits->client_jobs = config->client_jobs;
	if (config->max_reservations)
		limits->max_reservations = config->max_reservations;
	if (config->user_budget)
		limits->user_budget = config->user_budget;
	if (config->supply_ppm)
		limits->supply_ppm = config->supply_ppm;
	bpfsched_user_merge_limits(&limits->user, &config->user,
				   config->user_flags);
}

static int take_slice(struct bpfsched_params *params, u64 slice_ns)
{
	if (!(params->policy->flags & BPFSCHED_POLICY_SLICES))
		return slice_ns ? -EINVAL : 0;
	params->limits.slice_ns = slice_ns ?: BPFSCHED_SLICE_DEFAULT_NS;
	return slice_ns && (slice_ns < BPFSCHED_SLICE_MIN_NS ||
			    slice_ns > BPFSCHED_SLICE_MAX_NS) ? -EINVAL : 0;
}

/**
 * bpfsched_params_build() - what a scheduler is made from, by what is asked for
 * @params: set, but for its CPUs
 * @config: what is asked for
 * @engine: its engine
 *
 * All that makes a scheduler comes through here: the module's parameters, CREATE
 * and tests.
 *
 * Context: any.
 * Return: 0; -ENOENT if there is no such profile or policy; -E2BIG if a number
 * is too large; -EINVAL if it makes no sense otherwise.
 */
int bpfsched_params_build(struct bpfsched_params *params,
			  const struct bpfsched_config *config,
			  const struct bpfsched_engine_ops *engine)
{
	const struct profile *profile = find_profile(config->profile);

	if (is_too_large(config))
		return -E2BIG;
	if (!profile)
		return -ENOENT;
	if ((config->user_flags & ~BPFSCHED_USER_SET_LIMITS) ||
	    config->supply_ppm > BPFSCHED_PPM ||
	    bpfsched_user_check_limits(&config->user, config->user_flags))
		return -EINVAL;

	*params = (struct bpfsched_params) {
		.name = config->name,
		.engine = engine,
		.guard_critical = config->guard_critical,
	};
	take_profile(params, profile);
	if (config->policy && config->policy[0])
		params->policy = bpfsched_policy_find(config->policy);
	if (!params->policy)
		return -ENOENT;
	if (config->capacity)
		set_capacity(params, config->capacity);
	take_numbers(&params->limits, config);
	return take_slice(params, config->slice_ns);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_params_build);
