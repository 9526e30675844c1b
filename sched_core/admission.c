// SPDX-License-Identifier: GPL-2.0
/*
 * Admission: whether a job that declares its run time can be vouched for.
 *
 * Admitted jobs rank before all others and are preempted only by each other,
 * in the order of their deadlines. So it is enough to look at the set of
 * admitted jobs alone:
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
 *    is exact. It is given up after BPFSCHED_ADMISSION_STEPS.
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

#include <bpfsched/visibility.h>

#include "admission.h"
#include "client.h"
#include "job.h"
#include "scheduler.h"
#include "worker.h"

/* Densities are fixed-point numbers; this is 1. */
#define DENSITY_ONE	BIT_ULL(32)

/* The room that is left is looked for to this fraction of what was asked. */
#define ROOM_STEPS	10

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
	int step;

	sim.demands = kmemdup(demands, count * sizeof(*demands), GFP_KERNEL);
	sim.before = kcalloc(count, sizeof(*demands), GFP_KERNEL);
	if (sim.demands && sim.before) {
		for (step = 0; step < BPFSCHED_ADMISSION_STEPS; step++) {
			verdict = simulate_step(&sim);
			if (verdict != BPFSCHED_NOT_PROVABLE)
				break;
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

static void describe(struct bpfsched_demand *demand,
		     const struct bpfsched_job *job)
{
	const struct bpfsched_timing *timing = &job->timing;
	bool periodic = bpfsched_job_is_periodic(job);
	bool released = job->state != BPFSCHED_JOB_NEW;

	*demand = (struct bpfsched_demand) {
		.release_ns = periodic && released ? job->submitted_ns :
						     timing->start_ns,
		.deadline_ns = timing->deadline_ns,
		.left_ns = timing->run_time_ns - job->run_ns,
		.run_ns = timing->run_time_ns,
		.period_ns = timing->period_ns,
	};
	if (periodic)
		demand->later = timing->count ?
				timing->count - job->release - 1 : U64_MAX;
}

/* What running jobs have run is known up to the last pause only. */
static void bring_up_to_date(struct bpfsched *sched)
{
	u64 now_ns = bpfsched_clock_now(&sched->clock);
	u32 i;

	for (i = 0; i < sched->limits.workers; i++) {
		struct bpfsched_worker *worker = &sched->workers[i];

		/* The time of a job that is held stands still. */
		if (!worker->job || worker->held)
			continue;
		worker->job->run_ns += now_ns - worker->since_ns;
		worker->since_ns = now_ns;
	}
}

/* Returns whether anything is left of a job that may have used up its time. */
static bool describe_live(struct bpfsched_demand *demand,
			  const struct bpfsched_job *job)
{
	describe(demand, job);
	if (job->run_ns < job->timing.run_time_ns)
		return true;
	/* It ends now, or it is vouched for no more. */
	demand->left_ns = 0;
	simulate_end(demand);
	return demand->left_ns;
}

/* Describe the admitted jobs; BPFSCHED_ADMITTED_MAX at most. */
static int describe_admitted(struct bpfsched *sched,
			     struct bpfsched_demand *demands)
{
	struct bpfsched_job *job;
	u32 count = 0, jobs = 0;

	raw_spin_lock_irq(&sched->lock);
	bring_up_to_date(sched);
	list_for_each_entry(job, &sched->admitted, admitted_link) {
		count += describe_live(&demands[count], job);
		jobs++;
	}
	raw_spin_unlock_irq(&sched->lock);
	return jobs == BPFSCHED_ADMITTED_MAX ? -EBUSY : count;
}

/* The longest run time, roughly, with which the last of @demands would fit. */
static u64 find_room(struct bpfsched *sched, struct bpfsched_demand *demands,
		     u32 count, u64 now_ns)
{
	struct bpfsched_demand *last = &demands[count - 1];
	u64 fits = 0, too_long = last->run_ns;
	int i;

	for (i = 0; i < ROOM_STEPS && too_long - fits > 1; i++) {
		u64 middle = fits + (too_long - fits) / 2;

		last->left_ns = middle;
		last->run_ns = middle;
		if (bpfsched_demand_test(demands, count, sched->limits.workers,
					 now_ns) == BPFSCHED_FITS)
			fits = middle;
		else
			too_long = middle;
	}
	return fits;
}

/**
 * bpfsched_admit() - whether a job can be vouched for beside all others
 * @job: a new job that declares its run time
 * @room_ns: set to a run time with which it could be, if it cannot
 *
 * Context: process, may sleep, with bpfsched.admission_lock held.
 * Return: 0; -EBUSY if it cannot be vouched for; -ENOMEM.
 */
int bpfsched_admit(struct bpfsched_job *job, u64 *room_ns)
{
	struct bpfsched *sched = job->client->sched;
	u64 now_ns = bpfsched_clock_now(&sched->clock);
	struct bpfsched_demand *demands;
	int count, err = 0;

	lockdep_assert_held(&sched->admission_lock);

	*room_ns = 0;
	demands = kcalloc(BPFSCHED_ADMITTED_MAX + 1, sizeof(*demands),
			  GFP_KERNEL);
	if (!demands)
		return -ENOMEM;
	count = describe_admitted(sched, demands);
	if (count < 0) {
		err = count;
		goto out;
	}
	describe(&demands[count++], job);
	if (bpfsched_demand_test(demands, count, sched->limits.workers,
				 now_ns) != BPFSCHED_FITS) {
		*room_ns = find_room(sched, demands, count, now_ns);
		err = -EBUSY;
	}
out:
	kfree(demands);
	return err;
}
