// SPDX-License-Identifier: GPL-2.0
/*
 * Admission with its costs, against a simulation that pays them.
 *
 * A set of jobs that is admitted is played through in small steps. The
 * simulation knows nothing of the formula. It runs EDF, and it makes the jobs
 * pay for all that admission allows for:
 *
 *  - Start cost: each release runs longer by it.
 *  - Blocking: a worker without an admitted job runs something else. What a
 *    worker runs goes on for a while after the arrival of a job that outranks
 *    it, up to the whole of the blocking.
 *  - Supply: workers get a part of each nanosecond only. A nanosecond has
 *    several steps, and nothing runs in the first of them.
 *
 * No deadline may be missed, whatever is drawn.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "../sched_core/admission.h"
#include "fixture.h"
#include "ticker.h"
#include "trials.h"

#define SEED		0x5eed0400ULL
#define NOW		1000ULL
#define PPM		1000000
#define SET_JOBS	4
#define WORKERS		4

/* A kernel that checks each access plays fewer sets in the same time. */
#define SLOWNESS	(IS_ENABLED(CONFIG_KASAN) ? 20 : 1)

/* Admitted sets of each shape. */
#define SETS		(10000 / SLOWNESS)

/* With more sets than this for each that is admitted the test has failed. */
#define TRIES_PER_SET	100

/* Sets whose verdicts are compared. */
#define COMPARED	(20000 / SLOWNESS)

/* Ticks after which each set that does not fit has missed. */
#define FOREVER		1000000

/**
 * struct costs - what the jobs of a set pay for
 * @platform: what admission is told
 * @parts: steps of a nanosecond
 * @given: how many of them the workers get
 * @longest: all blocking is as long as can be; else it is drawn
 */
struct costs {
	struct bpfsched_platform platform;
	u32 parts;
	u32 given;
	bool longest;
};

/**
 * struct played - a job in the simulation, all times in steps
 * @release: of the release that runs or is waited for
 * @deadline: distance of the deadline from the release
 * @left: time that it needs with its start, 0: the job is over
 * @run: time that each later release needs with its start
 * @period: distance of two releases
 * @later: number of later releases
 * @running: a worker runs it
 */
struct played {
	u64 release;
	u64 deadline;
	u64 left;
	u64 run;
	u64 period;
	u64 later;
	bool running;
};

/**
 * struct player - a worker in the simulation
 * @job: what it runs, NULL: something that is not admitted
 * @is_free: it runs nothing, and looks for a job by itself
 * @told: it is to make way
 * @hold: steps of supply until it does
 */
struct player {
	struct played *job;
	bool is_free;
	bool told;
	u64 hold;
};

/**
 * struct play - a set that is played through
 * @costs: what it pays
 * @rnd: for what is drawn
 * @now: the time in steps
 * @count: number of @jobs
 * @jobs: the jobs
 * @workers: the workers
 * @least: the shortest time between an end and a deadline
 */
struct play {
	const struct costs *costs;
	struct rnd_state *rnd;
	u64 now;
	u32 count;
	struct played jobs[SET_JOBS];
	struct player workers[WORKERS];
	u64 least;
};

static u32 below(struct rnd_state *rnd, u32 limit)
{
	return prandom_u32_state(rnd) % limit;
}

/* The simulation. */

static u64 due(const struct played *job)
{
	return job->release + job->deadline;
}

static bool is_ready(const struct play *p, const struct played *job)
{
	return job->left && job->release <= p->now;
}

static bool is_late(const struct play *p)
{
	u32 i;

	for (i = 0; i < p->count; i++) {
		if (is_ready(p, &p->jobs[i]) && due(&p->jobs[i]) <= p->now)
			return true;
	}
	return false;
}

static bool is_waiting(const struct play *p, const struct played *job)
{
	return is_ready(p, job) && !job->running;
}

/* The job before which @place others wait for a worker. */
static struct played *waiting_at(struct play *p, u32 place)
{
	u32 i, j, before;

	for (i = 0; i < p->count; i++) {
		if (!is_waiting(p, &p->jobs[i]))
			continue;
		before = 0;
		for (j = 0; j < p->count; j++)
			before += is_waiting(p, &p->jobs[j]) &&
				  due(&p->jobs[j]) + (j > i) <=
					  due(&p->jobs[i]);
		/* It has counted itself. */
		if (before == place + 1)
			return &p->jobs[i];
	}
	return NULL;
}

static bool outranks(const struct played *job, const struct player *worker)
{
	return !worker->job || due(job) < due(worker->job);
}

/* The worker with the lowest rank of those that were not told to make way. */
static struct player *lowest_worker(struct play *p)
{
	struct player *lowest = NULL;
	u32 i;

	for (i = 0; i < p->costs->platform.workers; i++) {
		struct player *worker = &p->workers[i];

		if (worker->told)
			continue;
		if (!lowest || !worker->job ||
		    (lowest->job && due(worker->job) > due(lowest->job)))
			lowest = worker;
	}
	return lowest;
}

static void take(struct play *p, struct player *worker)
{
	struct played *job = waiting_at(p, 0);

	if (job && (worker->is_free || outranks(job, worker))) {
		if (worker->job)
			worker->job->running = false;
		job->running = true;
		worker->job = job;
	}
	worker->is_free = false;
	worker->told = false;
}

static void tell(struct play *p, struct player *worker)
{
	u32 most = p->costs->platform.blocking_ns * p->costs->parts;

	worker->told = true;
	worker->hold = p->costs->longest ? most : below(p->rnd, most + 1);
}

static u32 count_told(const struct play *p)
{
	u32 i, count = 0;

	for (i = 0; i < p->costs->platform.workers; i++)
		count += p->workers[i].told;
	return count;
}

/* One worker is told for each job that waits and outranks what it runs. */
static void tell_workers(struct play *p)
{
	struct player *worker;
	struct played *job;

	for (;;) {
		job = waiting_at(p, count_told(p));
		worker = lowest_worker(p);
		if (!job || !worker || !outranks(job, worker))
			return;
		tell(p, worker);
	}
}

/* Returns whether a worker has made way, or gone on. */
static bool make_way(struct play *p)
{
	u32 i;

	for (i = 0; i < p->costs->platform.workers; i++) {
		struct player *worker = &p->workers[i];

		if (!worker->is_free && (!worker->told || worker->hold))
			continue;
		take(p, worker);
		return true;
	}
	return false;
}

static void dispatch(struct play *p)
{
	while (make_way(p))
		;
	do {
		tell_workers(p);
	} while (make_way(p));
}

static void end_release(struct play *p, struct played *job)
{
	p->least = min(p->least, due(job) - (p->now + 1));
	job->running = false;
	if (!job->later)
		return;
	job->later--;
	job->release += job->period;
	job->left = job->run;
}

static void run_worker(struct play *p, struct player *worker)
{
	struct played *job = worker->job;

	if (worker->told)
		worker->hold--;
	if (!job || --job->left)
		return;
	end_release(p, job);
	worker->job = NULL;
	worker->told = false;
	worker->is_free = true;
}

static void start_play(struct play *p, const struct bpfsched_demand *demands)
{
	u64 parts = p->costs->parts, start_ns = p->costs->platform.start_ns;
	u32 i;

	for (i = 0; i < p->count; i++)
		p->jobs[i] = (struct played) {
			.release = demands[i].release_ns * parts,
			.deadline = demands[i].deadline_ns * parts,
			.left = (demands[i].left_ns + start_ns) * parts,
			.run = (demands[i].run_ns + start_ns) * parts,
			.period = demands[i].period_ns * parts,
			.later = demands[i].later,
		};
	p->now = NOW * parts;
	p->least = U64_MAX;
}

/* Returns whether all deadlines are kept. */
static bool play(struct play *p, const struct bpfsched_demand *demands)
{
	const struct costs *costs = p->costs;
	u64 end;
	u32 i;

	start_play(p, demands);
	end = p->now + ticker_enough(demands, p->count, NOW) * costs->parts;
	for (; p->now < end; p->now++) {
		if (is_late(p))
			return false;
		dispatch(p);
		if (p->now % costs->parts < costs->parts - costs->given)
			continue;
		for (i = 0; i < costs->platform.workers; i++)
			run_worker(p, &p->workers[i]);
	}
	return true;
}

/* Sets. */

enum shape {
	CONSTRAINED,
	BEYOND,
	OFFSETS,
	PART_RUN,
	ONE_SHOT,
	MIXED,
	SHAPES,
};

static const char *const shape_names[SHAPES] = {
	[CONSTRAINED] = "constrained deadlines",
	[BEYOND] = "deadlines beyond the period",
	[OFFSETS] = "offsets",
	[PART_RUN] = "jobs that have run in part",
	[ONE_SHOT] = "a number of releases",
	[MIXED] = "all of these",
};

/* All of them divide 48. */
static const u32 periods[] = { 12, 16, 24, 48 };

/* Time between run time and deadline; sets with little of it rarely fit. */
static u32 room(struct rnd_state *rnd, u32 most)
{
	return max(below(rnd, most + 1), below(rnd, most + 1));
}

static void draw_offset(struct rnd_state *rnd, struct bpfsched_demand *demand)
{
	demand->release_ns += below(rnd, 24);
}

static void draw_part_run(struct rnd_state *rnd, struct bpfsched_demand *demand)
{
	demand->release_ns -= below(rnd, demand->deadline_ns);
	demand->left_ns = 1 + below(rnd, demand->run_ns);
}

static void draw_number(struct rnd_state *rnd, struct bpfsched_demand *demand)
{
	demand->later = below(rnd, 2) ? 1 + below(rnd, 4) : 0;
	demand->release_ns += below(rnd, 12);
	if (demand->later)
		return;
	demand->period_ns = 0;
	demand->deadline_ns = demand->run_ns + room(rnd, 40);
}

static void draw_job(struct rnd_state *rnd, enum shape shape,
		     struct bpfsched_demand *demand)
{
	u32 period_ns = periods[below(rnd, ARRAY_SIZE(periods))];
	u32 run_ns = 1 + below(rnd, period_ns / 2);

	if (shape == MIXED)
		shape = below(rnd, MIXED);
	*demand = (struct bpfsched_demand) {
		.release_ns = NOW,
		.deadline_ns = run_ns + room(rnd, period_ns - run_ns),
		.left_ns = run_ns,
		.run_ns = run_ns,
		.period_ns = period_ns,
		.later = U64_MAX,
	};
	if (shape == BEYOND || (shape > OFFSETS && below(rnd, 2)))
		demand->deadline_ns = period_ns + 1 +
				      min(below(rnd, 2 * period_ns),
					  below(rnd, 2 * period_ns));
	if (shape == OFFSETS)
		draw_offset(rnd, demand);
	else if (shape == PART_RUN)
		draw_part_run(rnd, demand);
	else if (shape == ONE_SHOT)
		draw_number(rnd, demand);
}

static u32 draw_set(struct rnd_state *rnd, enum shape shape,
		    struct bpfsched_demand *demands, u32 least)
{
	u32 i, count = least + below(rnd, SET_JOBS - least + 1);

	for (i = 0; i < count; i++)
		draw_job(rnd, shape, &demands[i]);
	return count;
}

static void draw_costs(struct rnd_state *rnd, u32 workers, struct costs *costs)
{
	static const u32 parts[] = { 1, 2, 4, 5, 8, 10, 20 };

	costs->parts = parts[below(rnd, ARRAY_SIZE(parts))];
	costs->given = costs->parts;
	/* Mostly one step is taken, sometimes all but one. */
	if (costs->parts > 1)
		costs->given = below(rnd, 8) ? costs->parts - 1 : 1;
	costs->longest = below(rnd, 2);
	costs->platform = (struct bpfsched_platform) {
		.workers = workers,
		.blocking_ns = below(rnd, 8) ? 1 + below(rnd, 4) : 0,
		.start_ns = below(rnd, 8) ? 1 + below(rnd, 2) : 0,
		.supply_ppm = PPM / costs->parts * costs->given,
	};
}

static void tell_set(struct kunit *test, const struct costs *costs,
		     const struct bpfsched_demand *demands, u32 count)
{
	u32 i;

	kunit_info(test,
		   "%u workers, blocking %llu (%s), start %llu, supply %u of %u\n",
		   costs->platform.workers, costs->platform.blocking_ns,
		   costs->longest ? "all" : "drawn", costs->platform.start_ns,
		   costs->given, costs->parts);
	for (i = 0; i < count; i++)
		kunit_info(test,
			   "release %lld, deadline %llu, left %llu, run %llu, period %llu, later %lld\n",
			   demands[i].release_ns - NOW, demands[i].deadline_ns,
			   demands[i].left_ns, demands[i].run_ns,
			   demands[i].period_ns, demands[i].later);
}

static enum bpfsched_admission admission(const struct bpfsched_demand *demands,
					 u32 count,
					 const struct bpfsched_platform *platform)
{
	struct bpfsched_demand copy[SET_JOBS];

	memcpy(copy, demands, count * sizeof(*copy));
	return bpfsched_admission_test(copy, count, platform, NOW);
}

/**
 * struct tally - what became of the sets of a shape
 * @sets: sets that were drawn
 * @admitted: those that were admitted
 * @tight: those of them with an end at the very deadline
 * @costly: those of them with all costs above 0
 */
struct tally {
	u32 sets;
	u32 admitted;
	u32 tight;
	u32 costly;
};

static void count_set(struct tally *tally, const struct play *p)
{
	const struct costs *costs = p->costs;

	tally->admitted++;
	tally->tight += !p->least;
	tally->costly += costs->given < costs->parts &&
			 costs->platform.blocking_ns &&
			 costs->platform.start_ns;
}

static void try_set(struct kunit *test, struct rnd_state *rnd,
		    enum shape shape, u32 workers, struct tally *tally)
{
	struct bpfsched_demand demands[SET_JOBS];
	struct costs costs;
	struct play p = { .costs = &costs, .rnd = rnd };

	draw_costs(rnd, workers, &costs);
	p.count = draw_set(rnd, shape, demands, workers > 1 ? 3 : 1);
	tally->sets++;
	if (admission(demands, p.count, &costs.platform) != BPFSCHED_FITS)
		return;
	if (!play(&p, demands)) {
		tell_set(test, &costs, demands, p.count);
		KUNIT_FAIL(test, "admitted, but a deadline is missed at %llu",
			   (p.now - NOW * costs.parts) / costs.parts);
	}
	count_set(tally, &p);
}

static struct tally try_shape(struct kunit *test, enum shape shape,
			      u32 most_workers)
{
	u64 seed = trials_seed(SEED + (shape << 20)), at = seed;
	u32 sets = trials(SETS);
	struct tally tally = {};
	struct rnd_state rnd;

	while (tally.admitted < sets && tally.sets / TRIES_PER_SET < sets) {
		u32 workers;

		trials_start(&rnd, at++);
		workers = most_workers > 1 ? 2 + below(&rnd, most_workers - 1) :
					     1;
		try_set(test, &rnd, shape, workers, &tally);
		if (test->status != KUNIT_SUCCESS) {
			KUNIT_FAIL(test, "seed 0x%llx", at - 1);
			break;
		}
		cond_resched();
	}
	kunit_info(test,
		   "%s: %u of %u sets admitted, %u of them with all costs, %u with an end at the very deadline\n",
		   shape_names[shape], tally.admitted, tally.sets, tally.costly,
		   tally.tight);
	trials_done(test, tally.sets, seed);
	KUNIT_EXPECT_EQ(test, tally.admitted, sets);
	KUNIT_EXPECT_GT(test, tally.sets - tally.admitted, sets / 10);
	KUNIT_EXPECT_GT(test, tally.costly, sets / 10);
	return tally;
}

/* Here the formula is exact: in some sets a job ends at its very deadline. */
static void one_worker_pays_all_costs(struct kunit *test)
{
	u32 shape, tight;

	for (shape = 0; shape < SHAPES; shape++) {
		tight = try_shape(test, shape, 1).tight;
		KUNIT_EXPECT_GT(test, tight, trials(SETS) / 1000);
	}
}

static void several_workers_pay_all_costs(struct kunit *test)
{
	u32 shape;

	for (shape = 0; shape < SHAPES; shape++)
		try_shape(test, shape, WORKERS);
}

/* Without costs. */

static void check_without_costs(struct kunit *test,
				const struct bpfsched_demand *demands,
				u32 count, u32 workers, u32 *verdicts)
{
	const struct bpfsched_platform platform = {
		.workers = workers,
		.supply_ppm = PPM,
	};
	enum bpfsched_admission verdict = admission(demands, count, &platform);
	bool misses;

	verdicts[verdict]++;
	KUNIT_EXPECT_EQ(test, verdict,
			bpfsched_demand_test(demands, count, workers, NOW));
	if (verdict == BPFSCHED_NOT_PROVABLE)
		return;
	misses = ticker_misses(demands, count, workers, NOW,
			       verdict == BPFSCHED_FITS ?
			       ticker_enough(demands, count, NOW) : FOREVER);
	KUNIT_EXPECT_EQ(test, misses, verdict == BPFSCHED_MISSES);
}

static void verdict_without_costs_is_exact(struct kunit *test)
{
	struct bpfsched_demand demands[SET_JOBS];
	u64 seed = trials_seed(SEED);
	u32 verdicts[3] = {}, i, count;
	struct rnd_state rnd;

	for (i = 0; i < trials(COMPARED); i++) {
		trials_start(&rnd, seed + i);
		count = draw_set(&rnd, MIXED, demands, 1);
		check_without_costs(test, demands, count, 1, verdicts);
		check_without_costs(test, demands, count, 2 + i % 3, verdicts);
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + i);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, verdicts[BPFSCHED_FITS], i / 2);
	KUNIT_EXPECT_GT(test, verdicts[BPFSCHED_MISSES], i / 50);
	kunit_info(test, "%u sets fit, %u miss, %u are not provable\n",
		   verdicts[0], verdicts[1], verdicts[2]);
	trials_done(test, i, seed);
}

static void draw_less(struct rnd_state *rnd, struct bpfsched_platform *less)
{
	less->blocking_ns = below(rnd, less->blocking_ns + 1);
	less->start_ns = below(rnd, less->start_ns + 1);
	less->supply_ppm += below(rnd, PPM + 1 - less->supply_ppm);
}

/* A set that fits with more costs fits with less. */
static void more_costs_admit_no_more(struct kunit *test)
{
	struct bpfsched_demand demands[SET_JOBS];
	u64 seed = trials_seed(SEED);
	u32 i, count, refused = 0;
	struct bpfsched_platform less;
	struct rnd_state rnd;
	struct costs costs;

	for (i = 0; i < trials(COMPARED); i++) {
		enum bpfsched_admission with, without;

		trials_start(&rnd, seed + i);
		draw_costs(&rnd, 1 + below(&rnd, WORKERS), &costs);
		count = draw_set(&rnd, MIXED, demands, 1);
		less = costs.platform;
		draw_less(&rnd, &less);
		with = admission(demands, count, &costs.platform);
		without = admission(demands, count, &less);
		if (with == BPFSCHED_FITS)
			KUNIT_ASSERT_EQ_MSG(test, without, BPFSCHED_FITS,
					    "seed 0x%llx", seed + i);
		refused += with != without;
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, refused, i / 20);
	trials_done(test, i, seed);
}

/* To the nanosecond. */

static void expect_least(struct kunit *test, u64 deadline_ns, u64 run_ns,
			 u32 workers, u64 blocking_ns, u64 start_ns,
			 u32 supply_ppm)
{
	const struct bpfsched_platform platform = {
		workers, blocking_ns, start_ns, supply_ppm,
	};
	struct bpfsched_demand demand = {
		.release_ns = NOW,
		.deadline_ns = deadline_ns,
		.left_ns = run_ns,
		.run_ns = run_ns,
	};

	KUNIT_EXPECT_EQ_MSG(test, admission(&demand, 1, &platform),
			    BPFSCHED_FITS, "run time %llu, deadline %llu",
			    run_ns, deadline_ns);
	demand.deadline_ns--;
	KUNIT_EXPECT_NE_MSG(test, admission(&demand, 1, &platform),
			    BPFSCHED_FITS, "run time %llu, deadline %llu",
			    run_ns, deadline_ns - 1);
}

static void costs_count_to_the_nanosecond(struct kunit *test)
{
	expect_least(test, 10, 10, 1, 0, 0, PPM);
	expect_least(test, 12, 10, 1, 0, 2, PPM);
	expect_least(test, 15, 10, 1, 5, 0, PPM);
	expect_least(test, 20, 10, 1, 0, 0, PPM / 2);
	expect_least(test, 34, 10, 1, 5, 2, PPM / 2);
	expect_least(test, 10, 10, 2, 0, 0, PPM);
	expect_least(test, 12, 10, 2, 0, 2, PPM);
	expect_least(test, 15, 10, 2, 5, 0, PPM);
	expect_least(test, 20, 10, 2, 0, 0, PPM / 2);
	expect_least(test, 34, 10, 2, 5, 2, PPM / 2);
	/* What does not divide is rounded up, run time and blocking each. */
	expect_least(test, 2, 1, 1, 0, 0, 950000);
	expect_least(test, 4, 1, 1, 1, 0, 950000);
	expect_least(test, 3, 1, 2, 1, 0, 950000);
	expect_least(test, 20, 19, 1, 0, 0, 950000);
	expect_least(test, 22, 20, 1, 0, 0, 950000);
	expect_least(test, 110000 + 100000, 100000, 1, 100000, 10000, PPM);
}

static void extreme_costs(struct kunit *test)
{
	/* A blocking as long as the deadline, or longer. */
	expect_least(test, 101, 1, 1, 100, 0, PPM);
	expect_least(test, 101, 1, 2, 100, 0, PPM);
	expect_least(test, U64_MAX / 2 + 1, 1, 1, U64_MAX / 2, 0, PPM);
	/* One millionth of a CPU. */
	expect_least(test, PPM, 1, 1, 0, 0, 1);
	expect_least(test, 3 * PPM, 1, 1, 1, 1, 1);
	expect_least(test, 3 * PPM, 1, 2, 1, 1, 1);
	expect_least(test, 18446744073708ULL * PPM, 18446744073708ULL, 1, 0, 0,
		     1);
	expect_least(test, U64_MAX - NOW, U64_MAX - NOW, 1, 0, 0, PPM);
}

static u64 extreme(struct rnd_state *rnd)
{
	static const u64 values[] = {
		0, 1, 2, NOW, PPM, 1ULL << 32, 18446744073709ULL,
		18446744073710ULL, 1ULL << 62, 1ULL << 63, U64_MAX / PPM * PPM,
		U64_MAX - NOW, U64_MAX - 1, U64_MAX,
	};

	return values[below(rnd, ARRAY_SIZE(values))];
}

/* Whether a job cannot keep its deadline even if it is alone. */
static bool is_hopeless(const struct bpfsched_demand *demand,
			const struct bpfsched_platform *platform)
{
	u64 supply_ns = mul_u64_u64_div_u64(demand->deadline_ns,
					    platform->supply_ppm, PPM);
	u64 need_ns;

	return check_add_overflow(demand->left_ns, platform->start_ns,
				  &need_ns) ||
	       check_add_overflow(need_ns, platform->blocking_ns, &need_ns) ||
	       need_ns > supply_ns;
}

/* No crash, no endless loop, and nothing is admitted that is hopeless. */
static void costs_that_overflow(struct kunit *test)
{
	static const u32 supplies[] = { 1, 3, 500000, 950000, 999999, PPM };
	struct bpfsched_platform platform;
	struct bpfsched_demand set[2];
	u32 i, j, admitted = 0;
	struct rnd_state rnd;
	bool hopeless;

	for (i = 0; i < trials(COMPARED); i++) {
		trials_start(&rnd, SEED + i);
		platform = (struct bpfsched_platform) {
			.workers = 1 + below(&rnd, WORKERS),
			.blocking_ns = below(&rnd, 2) ? extreme(&rnd) : 0,
			.start_ns = below(&rnd, 2) ? extreme(&rnd) : 0,
			.supply_ppm = supplies[below(&rnd,
						     ARRAY_SIZE(supplies))],
		};
		hopeless = false;
		for (j = 0; j < ARRAY_SIZE(set); j++) {
			set[j] = (struct bpfsched_demand) {
				.release_ns = NOW,
				.deadline_ns = extreme(&rnd),
				.left_ns = extreme(&rnd) ?: 1,
				.run_ns = extreme(&rnd) ?: 1,
				.period_ns = extreme(&rnd) ?: 1,
				.later = below(&rnd, 3) ? extreme(&rnd) : 0,
			};
			hopeless |= is_hopeless(&set[j], &platform);
		}
		if (admission(set, 2, &platform) != BPFSCHED_FITS)
			continue;
		admitted++;
		KUNIT_EXPECT_FALSE_MSG(test, hopeless, "seed 0x%llx", SEED + i);
	}
	KUNIT_EXPECT_GT(test, admitted, i / 1000);
	kunit_info(test, "%u of %u sets admitted\n", admitted, i);
}

/* What is left of a division must not make a huge time a short one. */
static void stretched_times_do_not_wrap(struct kunit *test)
{
	const struct bpfsched_platform platform = {
		.workers = 1,
		.supply_ppm = 950000,
	};
	const struct bpfsched_demand demand = {
		.release_ns = NOW,
		.deadline_ns = U64_MAX,
		.left_ns = 18446744073709ULL * 950000 + 900000,
		.run_ns = 18446744073709ULL * 950000 + 900000,
	};

	KUNIT_EXPECT_NE(test, admission(&demand, 1, &platform), BPFSCHED_FITS);
}

static struct kunit_case admission_cost_cases[] = {
	KUNIT_CASE(costs_count_to_the_nanosecond),
	KUNIT_CASE(extreme_costs),
	KUNIT_CASE(stretched_times_do_not_wrap),
	KUNIT_CASE(costs_that_overflow),
	KUNIT_CASE(verdict_without_costs_is_exact),
	KUNIT_CASE(more_costs_admit_no_more),
	KUNIT_CASE(one_worker_pays_all_costs),
	KUNIT_CASE(several_workers_pay_all_costs),
	{}
};

static struct kunit_suite admission_cost_suite = {
	.name = "admission_cost",
	.test_cases = admission_cost_cases,
};

kunit_test_suite(admission_cost_suite);
