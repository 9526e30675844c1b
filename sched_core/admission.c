// SPDX-License-Identifier: GPL-2.0
/*
 * Admission: whether a set of jobs keeps its deadlines. The formula with all
 * its terms, and the proof, are in Documentation/admission.rst.
 *
 * Admitted jobs rank before all others and are preempted only by each other,
 * in the order of their deadlines. So it is enough to look at the set of
 * admitted jobs, and at what keeps a worker from them although they are first:
 *
 *  - Blocking. A running job makes way at its next safe point only, B later at
 *    most. On one worker that happens to a job once before its deadline, so
 *    each deadline is taken to be B earlier. On several workers it can happen
 *    for each start, so B is added to each run time.
 *  - Starts. Each start of a release costs s: waking the worker, the way
 *    through the dispatcher, the pause of another job and its return. s is
 *    added to each run time.
 *  - Supply. Workers get a part a of their CPU: real-time throttling takes the
 *    rest. Run times and B are divided by a.
 *
 * What is left is the schedulability of a set of jobs under EDF:
 *
 *  - Density. The density of a job is its run time divided by the shorter of
 *    its deadline and its period. On one worker a set whose densities add up
 *    to no more than 1 keeps all deadlines under EDF. On m workers it does if
 *    they add up to no more than m - (m - 1) * the largest (Goossens, Funk,
 *    Baruah, "Priority-driven scheduling of periodic task systems on
 *    multiprocessors", 2003). This is sufficient, not necessary.
 *
 *  - Simulation, on one worker, where density does not decide. EDF is played
 *    through, release by release, until nothing is left to come or, when only
 *    endless jobs are left, until the state repeats after a hyperperiod. This
 *    is exact. It is given up after BPFSCHED_ADMISSION_WORK looks at a job.
 *
 *    A release that falls due while the one before is unfinished, which a
 *    deadline beyond the period allows, is left out by the scheduler. Here it
 *    counts all the same: where a run takes less time than declared, it may
 *    find its turn.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/gcd.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/bpfsched.h>

#include <bpfsched/visibility.h>

#include "../policies/deadline.h"
#include "admission.h"

/* Densities are fixed-point numbers; this is 1. */
#define DENSITY_ONE	BIT_ULL(32)

/* Run time by time, rounded up; more than 1 if it does not fit. */
static u64 density(u64 run_ns, u64 window_ns)
{
	u64 whole;

	if (run_ns > window_ns)
		return 2 * DENSITY_ONE;
	if (!run_ns)
		return 0;
	whole = mul_u64_u64_div_u64(run_ns, DENSITY_ONE, window_ns);
	/* They differ by less than @window_ns, so this may overflow. */
	return whole + (whole * window_ns != run_ns * DENSITY_ONE);
}

static u64 density_of(const struct bpfsched_demand *demand, u64 now_ns)
{
	u64 release_ns = max(demand->release_ns, now_ns);
	u64 deadline_ns =
		bpfsched_deadline_from_now(demand->release_ns,
					   demand->deadline_ns).absolute_ns;
	u64 window_ns = deadline_ns > release_ns ? deadline_ns - release_ns : 0;
	u64 now = density(demand->left_ns, window_ns);

	if (!demand->later)
		return now;
	return max(now, density(demand->run_ns, min(demand->deadline_ns,
						    demand->period_ns)));
}

static bool density_fits(const struct bpfsched_demand *demands, u32 count,
			 u32 workers, u64 now_ns)
{
	u64 sum = 0, largest = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		u64 one = density_of(&demands[i], now_ns);

		if (one > DENSITY_ONE)
			return false;
		sum += one;
		largest = max(largest, one);
	}
	return sum <= workers * DENSITY_ONE - (workers - 1) * largest;
}

/**
 * struct simulation - EDF on one worker, played through
 * @demands: the jobs; left_ns is 0 for those that have ended
 * @before: their state one hyperperiod ago
 * @count: number of jobs
 * @now_ns: the time that the simulation has come to
 * @hyperperiod_ns: of the endless jobs, 0: not yet known
 * @compare_ns: when the state is to be compared with @before
 */
struct simulation {
	struct bpfsched_demand *demands;
	struct bpfsched_demand *before;
	u32 count;
	u64 now_ns;
	u64 hyperperiod_ns;
	u64 compare_ns;
};

static u64 absolute_deadline(const struct bpfsched_demand *demand)
{
	return bpfsched_deadline_from_now(demand->release_ns,
					  demand->deadline_ns).absolute_ns;
}

/* The released job with the earliest deadline; when the next release is. */
static struct bpfsched_demand *simulate_pick(const struct simulation *sim,
					     u64 *next_ns)
{
	struct bpfsched_demand *first = NULL;
	u32 i;

	*next_ns = U64_MAX;
	for (i = 0; i < sim->count; i++) {
		struct bpfsched_demand *demand = &sim->demands[i];

		if (!demand->left_ns)
			continue;
		if (demand->release_ns > sim->now_ns)
			*next_ns = min(*next_ns, demand->release_ns);
		else if (!first || absolute_deadline(demand) <
					   absolute_deadline(first))
			first = demand;
	}
	return first;
}

/* A release has ended: on to the next, unless that is after the end of time. */
static void simulate_end(struct bpfsched_demand *demand)
{
	if (!demand->later ||
	    check_add_overflow(demand->release_ns, demand->period_ns,
			       &demand->release_ns))
		return;
	if (demand->later != U64_MAX)
		demand->later--;
	demand->left_ns = demand->run_ns;
}

/* Whether all that is left to come are endless jobs. */
static bool only_endless_left(const struct simulation *sim)
{
	u32 i;

	for (i = 0; i < sim->count; i++) {
		const struct bpfsched_demand *demand = &sim->demands[i];

		if (demand->left_ns && demand->later != U64_MAX)
			return false;
	}
	return true;
}

static u64 hyperperiod(const struct simulation *sim)
{
	u64 result = 1, factor;
	u32 i;

	for (i = 0; i < sim->count; i++) {
		const struct bpfsched_demand *demand = &sim->demands[i];

		if (!demand->left_ns)
			continue;
		factor = div64_u64(demand->period_ns,
				   gcd(result, demand->period_ns));
		if (check_mul_overflow(result, factor, &result))
			return U64_MAX;
	}
	return result;
}

static void remember_state(struct simulation *sim)
{
	memcpy(sim->before, sim->demands, sim->count * sizeof(*sim->before));
	if (check_add_overflow(sim->now_ns, sim->hyperperiod_ns,
			       &sim->compare_ns))
		sim->compare_ns = U64_MAX;
}

static bool state_repeats(const struct simulation *sim)
{
	u32 i;

	for (i = 0; i < sim->count; i++) {
		const struct bpfsched_demand *then = &sim->before[i];
		const struct bpfsched_demand *now = &sim->demands[i];

		if (then->left_ns != now->left_ns)
			return false;
		if (now->left_ns && now->release_ns - then->release_ns !=
					    sim->hyperperiod_ns)
			return false;
	}
	return true;
}

/* Returns whether it is shown that the future only repeats the past. */
static bool simulate_compare(struct simulation *sim)
{
	if (!sim->hyperperiod_ns) {
		if (!only_endless_left(sim))
			return false;
		sim->hyperperiod_ns = hyperperiod(sim);
		remember_state(sim);
	} else if (sim->now_ns == sim->compare_ns) {
		if (state_repeats(sim))
			return true;
		remember_state(sim);
	}
	return false;
}

static bool is_too_late(const struct bpfsched_demand *demand, u64 now_ns)
{
	u64 deadline_ns = absolute_deadline(demand);

	return deadline_ns < now_ns || demand->left_ns > deadline_ns - now_ns;
}

/* One step; BPFSCHED_NOT_PROVABLE: not yet decided. */
static enum bpfsched_admission simulate_step(struct simulation *sim)
{
	struct bpfsched_demand *demand;
	u64 next_ns, run_ns;

	demand = simulate_pick(sim, &next_ns);
	if (!demand && next_ns == U64_MAX)
		return BPFSCHED_FITS;
	if (simulate_compare(sim))
		return BPFSCHED_FITS;

	if (sim->hyperperiod_ns)
		next_ns = min(next_ns, sim->compare_ns);
	if (!demand) {
		sim->now_ns = next_ns;
		return BPFSCHED_NOT_PROVABLE;
	}
	if (is_too_late(demand, sim->now_ns))
		return BPFSCHED_MISSES;
	run_ns = min(demand->left_ns, next_ns - sim->now_ns);
	sim->now_ns += run_ns;
	demand->left_ns -= run_ns;
	if (!demand->left_ns)
		simulate_end(demand);
	return BPFSCHED_NOT_PROVABLE;
}

static enum bpfsched_admission
simulate(const struct bpfsched_demand *demands, u32 count, u64 now_ns)
{
	enum bpfsched_admission verdict = BPFSCHED_NOT_PROVABLE;
	struct simulation sim = { .count = count, .now_ns = now_ns };
	u32 steps = BPFSCHED_ADMISSION_WORK / count;

	sim.demands = kmemdup(demands, count * sizeof(*demands), GFP_KERNEL);
	sim.before = kcalloc(count, sizeof(*demands), GFP_KERNEL);
	if (sim.demands && sim.before) {
		while (steps-- && verdict == BPFSCHED_NOT_PROVABLE) {
			verdict = simulate_step(&sim);
			cond_resched();
		}
	}
	kfree(sim.before);
	kfree(sim.demands);
	return verdict;
}

/**
 * bpfsched_demand_test() - whether a set of jobs keeps its deadlines
 * @demands: the jobs, with left_ns above 0
 * @count: number of @demands, at least 1
 * @workers: number of workers that do nothing else
 * @now_ns: the time
 *
 * Context: process, may sleep.
 * Return: what is known; if memory runs out, BPFSCHED_NOT_PROVABLE.
 */
enum bpfsched_admission
bpfsched_demand_test(const struct bpfsched_demand *demands, u32 count,
		     u32 workers, u64 now_ns)
{
	if (density_fits(demands, count, workers, now_ns))
		return BPFSCHED_FITS;
	if (workers > 1)
		return BPFSCHED_NOT_PROVABLE;
	return simulate(demands, count, now_ns);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_demand_test);

/* A sum of times; U64_MAX if it does not fit. */
static u64 add_times(u64 a_ns, u64 b_ns)
{
	u64 sum_ns;

	return check_add_overflow(a_ns, b_ns, &sum_ns) ? U64_MAX : sum_ns;
}

/* A time, stretched by the part of a CPU that is not there; rounded up. */
static u64 stretch(u64 ns, u32 supply_ppm)
{
	u64 whole = div_u64(ns, supply_ppm), rest = ns % supply_ppm, stretched;

	if (check_mul_overflow(whole, (u64)BPFSCHED_PPM, &stretched))
		return U64_MAX;
	rest = DIV_ROUND_UP_ULL(rest * BPFSCHED_PPM, supply_ppm);
	return add_times(stretched, rest);
}

static u64 inflate(u64 run_ns, u64 cost_ns, u32 supply_ppm)
{
	return run_ns ? stretch(add_times(run_ns, cost_ns), supply_ppm) : 0;
}

static void add_costs(struct bpfsched_demand *demand,
		      const struct bpfsched_platform *platform)
{
	u64 cost_ns = platform->start_ns, block_ns;

	if (platform->workers > 1)
		cost_ns = add_times(cost_ns, platform->blocking_ns);
	demand->left_ns = inflate(demand->left_ns, cost_ns,
				  platform->supply_ppm);
	demand->run_ns = inflate(demand->run_ns, cost_ns,
				 platform->supply_ppm);
	if (platform->workers > 1)
		return;
	block_ns = stretch(platform->blocking_ns, platform->supply_ppm);
	demand->deadline_ns -= min(demand->deadline_ns, block_ns);
}

/**
 * bpfsched_admission_test() - whether jobs keep their deadlines, all costs
 * included
 * @demands: the jobs, with left_ns above 0; the costs are added to them
 * @count: number of @demands, at least 1
 * @platform: what they run on
 * @now_ns: the time
 *
 * Context: process, may sleep.
 * Return: what is known; if memory runs out, BPFSCHED_NOT_PROVABLE.
 */
enum bpfsched_admission
bpfsched_admission_test(struct bpfsched_demand *demands, u32 count,
			const struct bpfsched_platform *platform, u64 now_ns)
{
	u32 i;

	for (i = 0; i < count; i++)
		add_costs(&demands[i], platform);
	return bpfsched_demand_test(demands, count, platform->workers, now_ns);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_admission_test);
