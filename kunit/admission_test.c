// SPDX-License-Identifier: GPL-2.0
/*
 * Admission: sets of jobs made by hand, random ones against brute force, and
 * what a scheduler admits.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/time64.h>

#include "../sched_core/admission.h"
#include "fixture.h"
#include "ticker.h"
#include "trials.h"

#define NOW	1000000ULL

static struct bpfsched_demand once(u64 release_ns, u64 run_ns, u64 deadline_ns)
{
	return (struct bpfsched_demand) {
		.release_ns = NOW + release_ns,
		.deadline_ns = deadline_ns,
		.left_ns = run_ns,
		.run_ns = run_ns,
	};
}

static struct bpfsched_demand every(u64 period_ns, u64 release_ns, u64 run_ns,
				    u64 deadline_ns)
{
	struct bpfsched_demand demand = once(release_ns, run_ns, deadline_ns);

	demand.period_ns = period_ns;
	demand.later = U64_MAX;
	return demand;
}

static struct bpfsched_demand some(u64 count, u64 period_ns, u64 release_ns,
				   u64 run_ns, u64 deadline_ns)
{
	struct bpfsched_demand demand =
		every(period_ns, release_ns, run_ns, deadline_ns);

	demand.later = count - 1;
	return demand;
}

static void expect_verdict(struct kunit *test, int line,
			   enum bpfsched_admission expected, u32 workers,
			   const struct bpfsched_demand *demands, u32 count)
{
	KUNIT_EXPECT_EQ_MSG(test, expected,
			    bpfsched_demand_test(demands, count, workers, NOW),
			    "line %d", line);
}

#define expect(test, expected, workers, ...)				\
do {									\
	const struct bpfsched_demand set[] = { __VA_ARGS__ };		\
									\
	expect_verdict(test, __LINE__, expected, workers, set,		\
		       ARRAY_SIZE(set));				\
} while (0)

#define expect_fits(test, ...) \
	expect(test, BPFSCHED_FITS, 1, __VA_ARGS__)
#define expect_misses(test, ...) \
	expect(test, BPFSCHED_MISSES, 1, __VA_ARGS__)

static void one_job_fits_to_the_nanosecond(struct kunit *test)
{
	expect_fits(test, once(0, 1, 1));
	expect_fits(test, once(0, 10, 10));
	expect_misses(test, once(0, 11, 10));
	expect_fits(test, once(500, 10, 10));
	expect_misses(test, once(500, 11, 10));
	expect_fits(test, once(0, NSEC_PER_SEC, NSEC_PER_SEC));
	expect_misses(test, once(0, NSEC_PER_SEC + 1, NSEC_PER_SEC));
	expect_fits(test, every(10, 0, 10, 10));
	expect_misses(test, every(10, 0, 11, 10));
}

/* A release that has begun: what is left of it is to fit in what is left. */
static void a_release_that_has_begun(struct kunit *test)
{
	struct bpfsched_demand demand = every(20, 0, 10, 12);

	demand.release_ns = NOW - 5;
	demand.left_ns = 7;
	expect_fits(test, demand);
	demand.left_ns = 8;
	expect_misses(test, demand);
	demand.release_ns = NOW - 12;
	demand.left_ns = 1;
	expect_misses(test, demand);
	demand.release_ns = NOW - 13;
	expect_misses(test, demand);
}

static void edf_where_density_does_not_decide(struct kunit *test)
{
	expect_fits(test, once(0, 10, 10), once(10, 10, 10));
	expect_misses(test, once(0, 10, 10), once(9, 10, 10));
	expect_fits(test, once(0, 5, 20), once(5, 5, 5), once(10, 5, 5));
	expect_fits(test, once(0, 10, 20), once(5, 5, 5), once(10, 5, 10));
	expect_misses(test, once(0, 11, 20), once(5, 5, 5), once(10, 5, 10));
}

static void utilization_of_exactly_one(struct kunit *test)
{
	expect_fits(test, every(2, 0, 1, 2), every(4, 0, 1, 4),
		    every(4, 0, 1, 4));
	expect_fits(test, every(2, 0, 1, 2), every(3, 0, 1, 3),
		    every(6, 0, 1, 6));
	expect_fits(test, every(5, 0, 2, 5), every(7, 0, 3, 7),
		    every(35, 0, 6, 35));
	expect_fits(test, every(5, 3, 2, 5), every(7, 1, 3, 7),
		    every(35, 9, 6, 35));
	expect_fits(test, every(3 * NSEC_PER_MSEC, 0, NSEC_PER_MSEC,
				3 * NSEC_PER_MSEC),
		    every(7 * NSEC_PER_MSEC, 0, 2 * NSEC_PER_MSEC,
			  7 * NSEC_PER_MSEC),
		    every(21 * NSEC_PER_MSEC, 0, 8 * NSEC_PER_MSEC,
			  21 * NSEC_PER_MSEC));
}

static void utilization_above_one(struct kunit *test)
{
	expect_misses(test, every(2, 0, 1, 2), every(4, 0, 1, 4),
		      every(4, 0, 2, 4));
	expect_misses(test, every(5, 0, 2, 5), every(7, 0, 3, 7),
		      every(35, 0, 7, 35));
	/* The backlog grows by one in each turn, until it is too much. */
	expect_misses(test, every(10, 0, 5, 100), every(10, 0, 6, 100));
}

static void constrained_deadlines(struct kunit *test)
{
	expect_fits(test, every(4, 0, 2, 3), every(4, 0, 2, 4));
	expect_misses(test, every(4, 0, 2, 2), every(4, 0, 1, 2));
	expect_fits(test, every(4, 0, 2, 2), every(4, 2, 1, 2));
	expect_fits(test, every(4, 0, 2, 2), every(4, 2, 2, 2));
	expect_misses(test, every(4, 0, 2, 2), every(4, 1, 2, 2));
	/* They meet at 12 only. */
	expect_misses(test, every(4, 0, 2, 2), every(5, 2, 1, 1));
}

/*
 * Releases that fall due while another is unfinished are left out. Nobody may
 * count on that: a run that takes less than declared makes room for them.
 */
static void deadlines_beyond_the_period(struct kunit *test)
{
	expect_fits(test, every(2, 0, 1, 6), every(6, 0, 3, 3));
	expect_misses(test, every(2, 0, 3, 3));
	expect_misses(test, every(2, 0, 3, 3), every(4, 0, 1, 4));
}

static void a_number_of_releases(struct kunit *test)
{
	expect_fits(test, every(4, 0, 2, 2), some(1, 5, 2, 1, 1));
	expect_fits(test, every(4, 0, 2, 2), some(2, 5, 2, 1, 1));
	expect_misses(test, every(4, 0, 2, 2), some(3, 5, 2, 1, 1));
	expect_fits(test, some(3, 4, 0, 2, 2), some(9, 5, 2, 1, 1));
	expect_fits(test, some(3, 4, 0, 4, 4), every(4, 12, 4, 4));
	expect_misses(test, some(4, 4, 0, 4, 4), every(4, 12, 4, 4));
}

/* Products that overflow although the hyperperiod is short. */
static void long_periods(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	expect_fits(test, every(4 * s, 0, s, s), every(4 * s, s, s, s));
	expect_fits(test, every(3600 * s, 0, s, s), every(3600 * s, s, s, s),
		    every(1800 * s, 2 * s, s, s));
	expect_fits(test, every(1ULL << 62, 0, s, s));
	expect_fits(test, every(1ULL << 63, 0, s, s));
	expect_fits(test, every(U64_MAX, 0, s, s));
	expect_fits(test, every(U64_MAX, 0, s, s), once(s, s, s));
}

static void not_provable_within_the_bounds(struct kunit *test)
{
	/* They meet after some 33,000 periods. */
	expect(test, BPFSCHED_NOT_PROVABLE, 1, every(1000003, 0, 10, 10),
	       every(1000033, 10, 10, 10));
	/* Density decides, however long the hyperperiod is. */
	expect_fits(test, every(999999999989, 0, 10, 100),
		    every(999999999961, 10, 10, 100));
}

static void two_workers(struct kunit *test)
{
	/* No more than 2 - the largest density. */
	expect(test, BPFSCHED_FITS, 2,
	       every(1000, 0, 500, 1000),
	       every(1000, 0, 500, 1000),
	       every(1000, 0, 500, 1000));
	expect(test, BPFSCHED_NOT_PROVABLE, 2,
	       every(1000, 0, 500, 1000),
	       every(1000, 0, 500, 1000),
	       every(1000, 0, 501, 1000));
	expect(test, BPFSCHED_FITS, 2,
	       every(1000, 0, 900, 1000),
	       every(1000, 0, 199, 1000));
	expect(test, BPFSCHED_NOT_PROVABLE, 2,
	       every(1000, 0, 900, 1000),
	       every(1000, 0, 201, 1000));
	expect(test, BPFSCHED_FITS, 2, once(0, 10, 10));
	expect(test, BPFSCHED_NOT_PROVABLE, 2, once(0, 11, 10));
}

/* Random sets. */

#define SEED		0x5eed0200ULL
#define SETS		30000
#define PAIR_SETS	10000	/* for two workers */
#define SET_JOBS	4
#define FOREVER		1000000	/* ticks after which every bad set has missed */

static u32 below(struct rnd_state *rnd, u32 limit)
{
	return prandom_u32_state(rnd) % limit;
}

static void random_demand(struct rnd_state *rnd, struct bpfsched_demand *demand)
{
	u64 release_ns = below(rnd, 3) ? below(rnd, 12) : 0;
	u64 period_ns = 2 + below(rnd, 9);
	u64 run_ns = 1 + below(rnd, (period_ns + 1) / 2);

	switch (below(rnd, 8)) {
	case 0:
	case 1:
		*demand = once(release_ns, run_ns, run_ns + below(rnd, 20));
		return;
	case 2:
		*demand = some(1 + below(rnd, 8), period_ns, release_ns, run_ns,
			       run_ns + below(rnd, period_ns));
		return;
	case 3:
		*demand = every(period_ns, release_ns, run_ns, period_ns);
		return;
	case 4:
		*demand = every(period_ns, release_ns, run_ns,
				run_ns + below(rnd, 2 * period_ns));
		break;
	default:
		*demand = every(period_ns, release_ns, run_ns,
				run_ns + below(rnd, period_ns - run_ns + 1));
	}
	/* Some have begun already. */
	if (!below(rnd, 4)) {
		demand->release_ns = NOW - below(rnd, demand->deadline_ns);
		demand->left_ns = 1 + below(rnd, run_ns);
	}
}

/* In parts of 2520, which every period below 11 divides. */
static u64 utilization(const struct bpfsched_demand *demands, u32 count)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		if (demands[i].later == U64_MAX)
			sum += demands[i].run_ns * (2520 / (u32)demands[i].period_ns);
	}
	return sum;
}

static u32 random_set(struct rnd_state *rnd, struct bpfsched_demand *demands,
		      u32 at_most)
{
	u32 i, count;

	do {
		count = 2 + below(rnd, SET_JOBS - 1);
		for (i = 0; i < count; i++)
			random_demand(rnd, &demands[i]);
	} while (utilization(demands, count) > at_most);
	return count;
}

static void tell_set(struct kunit *test, const struct bpfsched_demand *demands,
		     u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		kunit_info(test,
			   "release %lld, deadline %llu, left %llu, run %llu, period %llu, later %lld\n",
			   demands[i].release_ns - NOW, demands[i].deadline_ns,
			   demands[i].left_ns, demands[i].run_ns,
			   demands[i].period_ns, demands[i].later);
}

/* Returns the verdict, after it was compared to what really happens. */
static enum bpfsched_admission
check_set(struct kunit *test, const struct bpfsched_demand *demands, u32 count,
	  u32 workers)
{
	enum bpfsched_admission verdict =
		bpfsched_demand_test(demands, count, workers, NOW);
	bool misses = false, expected = verdict == BPFSCHED_MISSES;

	if (verdict == BPFSCHED_FITS)
		misses = ticker_misses(demands, count, workers, NOW,
				       ticker_enough(demands, count, NOW));
	else if (expected)
		misses = ticker_misses(demands, count, workers, NOW, FOREVER);
	if (misses == expected)
		return verdict;
	tell_set(test, demands, count);
	KUNIT_FAIL(test, "verdict %d, but %s", verdict,
		   misses ? "a deadline is missed" : "no deadline is missed");
	return verdict;
}

static void random_sets_by_ticks(struct kunit *test)
{
	struct bpfsched_demand demands[SET_JOBS];
	u32 verdicts[3] = {}, full = 0, i, count;
	u64 seed = trials_seed(SEED);
	struct rnd_state rnd;

	for (i = 0; i < trials(SETS); i++) {
		/* One in sixteen asks for too much. */
		trials_start(&rnd, seed + i);
		count = random_set(&rnd, demands, i % 16 ? 2520 : U32_MAX);
		full += utilization(demands, count) == 2520;
		verdicts[check_set(test, demands, count, 1)]++;
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + i);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, verdicts[BPFSCHED_FITS], 5000U);
	KUNIT_EXPECT_GT(test, verdicts[BPFSCHED_MISSES], 5000U);
	KUNIT_EXPECT_EQ(test, verdicts[BPFSCHED_NOT_PROVABLE], 0U);
	KUNIT_EXPECT_GT(test, full, 100U);
	kunit_info(test, "%u sets fit, %u miss, %u have a utilization of 1\n",
		   verdicts[BPFSCHED_FITS], verdicts[BPFSCHED_MISSES], full);
	trials_done(test, i, seed);
}

/* What is sufficient for two workers really is. */
static void random_sets_on_two_workers(struct kunit *test)
{
	struct bpfsched_demand demands[SET_JOBS];
	u32 verdicts[3] = {}, i, count;
	u64 seed = trials_seed(SEED);
	struct rnd_state rnd;

	for (i = 0; i < trials(PAIR_SETS); i++) {
		trials_start(&rnd, seed + i);
		count = random_set(&rnd, demands, 2 * 2520);
		verdicts[check_set(test, demands, count, 2)]++;
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + i);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, verdicts[BPFSCHED_FITS], 1000U);
	KUNIT_EXPECT_EQ(test, verdicts[BPFSCHED_MISSES], 0U);
	kunit_info(test, "%u sets fit\n", verdicts[BPFSCHED_FITS]);
	trials_done(test, i, seed);
}

static u64 extreme(struct rnd_state *rnd)
{
	static const u64 values[] = {
		1, 2, NOW, 1ULL << 31, 1ULL << 32, 1ULL << 33, 1ULL << 62,
		S64_MAX, 1ULL << 63, U64_MAX - NOW, U64_MAX - 1, U64_MAX,
	};

	return values[below(rnd, ARRAY_SIZE(values))];
}

/* No crash, no endless loop, and nothing fits that cannot. */
static void numbers_that_overflow(struct kunit *test)
{
	struct bpfsched_demand set[2];
	struct rnd_state rnd;
	bool hopeless;
	u32 i, j;

	expect_misses(test, once(0, U64_MAX, U64_MAX));
	expect_fits(test, once(0, U64_MAX - NOW, U64_MAX));
	expect_misses(test, once(0, U64_MAX - NOW + 1, U64_MAX));
	expect_misses(test, once(0, 1ULL << 63, U64_MAX),
		      once(0, 1ULL << 63, U64_MAX));
	expect_misses(test, every(U64_MAX, 0, U64_MAX, U64_MAX));

	for (i = 0; i < 3000; i++) {
		trials_start(&rnd, SEED + i);
		hopeless = false;
		for (j = 0; j < ARRAY_SIZE(set); j++) {
			set[j] = (struct bpfsched_demand) {
				.release_ns = extreme(&rnd),
				.deadline_ns = extreme(&rnd),
				.left_ns = extreme(&rnd),
				.run_ns = extreme(&rnd),
				.period_ns = extreme(&rnd),
				.later = below(&rnd, 3) ? extreme(&rnd) : 0,
			};
			/* What is released at the end of time never is. */
			hopeless |= set[j].release_ns < U64_MAX &&
				    set[j].left_ns > set[j].deadline_ns;
		}
		if (bpfsched_demand_test(set, 2, 1 + i % 2, NOW) ==
		    BPFSCHED_FITS)
			KUNIT_EXPECT_FALSE_MSG(test, hopeless, "seed 0x%llx",
					       SEED + i);
	}
}

/* What a scheduler admits. */

static struct fixture *roomy(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.capacity = 2 * BPFSCHED_RESERVATIONS_MAX;
	params.limits.completion_slots = 8 * BPFSCHED_RESERVATIONS_MAX;
	return fixture_new(test, &params);
}

static struct bpfsched_job_desc declared(u64 run_ns, u64 deadline_ns,
					 u64 period_ns)
{
	return (struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.run_time_ns = run_ns,
		.deadline_ns = deadline_ns,
		.period_ns = period_ns,
	};
}

/* Like fixture_try(), with the room that is left. */
static int ask(struct fixture *f, struct bpfsched_job_desc desc, u64 *id,
	       u64 *room_ns)
{
	struct bpfsched_submission entry = {};

	entry.job = fixture_job(f->client, f->script, &desc);
	KUNIT_ASSERT_FALSE(f->test, IS_ERR(entry.job));
	bpfsched_submit(f->client, &entry, 1, 0, GFP_KERNEL, room_ns);
	*id = entry.id;
	if (entry.job)
		bpfsched_job_free(entry.job);
	return entry.error;
}

static void expect_taken(struct fixture *f, struct bpfsched_job_desc desc,
			 u64 *id)
{
	u64 room_ns;

	KUNIT_EXPECT_EQ(f->test, 0, ask(f, desc, id, &room_ns));
	KUNIT_EXPECT_EQ(f->test, 0ULL, room_ns);
}

static u64 expect_busy(struct fixture *f, struct bpfsched_job_desc desc)
{
	u64 id, room_ns;

	KUNIT_EXPECT_EQ(f->test, -EBUSY, ask(f, desc, &id, &room_ns));
	KUNIT_EXPECT_LT(f->test, room_ns, desc.run_time_ns);
	return room_ns;
}

static void expect_no_place(struct fixture *f)
{
	struct bpfsched_job_desc desc = declared(1, 1000000, 0);
	struct bpfsched_submission entry = {};
	u64 room_ns;

	entry.job = fixture_job(f->client, f->script, &desc);
	KUNIT_ASSERT_FALSE(f->test, IS_ERR(entry.job));
	bpfsched_submit(f->client, &entry, 1, 0, GFP_KERNEL, &room_ns);
	KUNIT_EXPECT_EQ(f->test, -EDQUOT, entry.error);
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_LIMIT_RESERVATIONS, entry.limit);
	KUNIT_EXPECT_EQ(f->test, 0ULL, room_ns);
	bpfsched_job_free(entry.job);
}

static u32 admitted(struct fixture *f)
{
	struct list_head *link;
	u32 count = 0;

	raw_spin_lock_irq(&f->sched->lock);
	list_for_each(link, &f->sched->admitted)
		count++;
	raw_spin_unlock_irq(&f->sched->lock);
	return count;
}

static void refused_with_the_room_left(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u64 id, room_ns;

	expect_taken(f, declared(600, 1000, 1000), &id);
	room_ns = expect_busy(f, declared(600, 1000, 1000));
	KUNIT_EXPECT_GE(test, room_ns, 399ULL);
	KUNIT_EXPECT_LE(test, room_ns, 400ULL);
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).rejected);

	expect_taken(f, declared(room_ns, 1000, 1000), &id);
	KUNIT_EXPECT_EQ(test, 2U, admitted(f));
	KUNIT_EXPECT_LE(test, expect_busy(f, declared(600, 1000, 1000)),
			400 - room_ns);
	fixture_check(f);
}

/* One more job; if it is refused, then with the room. Returns its number. */
static u64 fill_up(struct fixture *f, struct rnd_state *rnd, u32 *used)
{
	u64 period_ns = 10 * (1 + below(rnd, 20));
	struct bpfsched_job_desc desc =
		declared(1 + below(rnd, period_ns), period_ns,
			 below(rnd, 2) * period_ns);
	u64 id, room_ns;

	if (!ask(f, desc, &id, &room_ns) || !room_ns)
		return id;
	*used += 1;
	desc.run_time_ns = room_ns;
	expect_taken(f, desc, &id);
	return id;
}

static void cancel(struct fixture *f, u64 id)
{
	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_cancel(f->client, id));
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
}

static void room_is_usable(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u32 i, taken, used = 0;
	struct rnd_state rnd;
	u64 ids[16];

	for (i = 0; i < 2000; i++) {
		trials_start(&rnd, SEED + i);
		for (taken = 0; taken < ARRAY_SIZE(ids); taken++) {
			ids[taken] = fill_up(f, &rnd, &used);
			if (!ids[taken])
				break;
		}
		KUNIT_EXPECT_EQ(test, taken, admitted(f));
		while (taken--)
			cancel(f, ids[taken]);
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", SEED + i);
	}
	KUNIT_EXPECT_GT(test, used, 1000U);
}

static void no_more_than_the_most(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u64 id, first;
	u32 i;

	expect_taken(f, declared(1, 1000000, 0), &first);
	for (i = 1; i < BPFSCHED_RESERVATIONS_MAX; i++)
		expect_taken(f, declared(1, 1000000, 0), &id);
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_RESERVATIONS_MAX, admitted(f));
	expect_no_place(f);

	cancel(f, first);
	expect_taken(f, declared(1, 1000000, 0), &id);
	expect_no_place(f);
	/* Who declares nothing is not vouched for, and needs no room. */
	expect_taken(f, declared(0, 1000000, 0), &id);
}

/* The whole of the time is taken until the job is gone. */
static void ended_jobs_make_room(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u64 id;

	expect_taken(f, declared(1000, 1000, 0), &id);
	expect_busy(f, declared(1, 1000, 0));
	f->script->takes_ns = 10;
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));

	expect_taken(f, declared(1000, 1000, 0), &id);
	cancel(f, id);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));

	expect_taken(f, declared(1000, 1000, 0), &id);
	f->script->outcome = BPFSCHED_FAULTED;
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_FAULT);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
	expect_taken(f, declared(1000, 1000, 0), &id);
	fixture_check(f);
}

static void a_closed_client_makes_room(struct kunit *test)
{
	struct fixture *f = roomy(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_job_desc desc = declared(1000, 1000, 1000);
	u64 id;

	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, &desc));
	expect_busy(f, declared(1, 1000, 0));
	fixture_close(f, other);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
	expect_taken(f, declared(1000, 1000, 0), &id);
}

/* Between its releases a job is still there. */
static void periodic_jobs_keep_their_room(struct kunit *test)
{
	struct fixture *f = roomy(test);
	struct bpfsched_job_desc desc = declared(600, 1000, 1000);
	u64 id;

	desc.count = 2;
	expect_taken(f, desc, &id);
	f->script->takes_ns = 600;
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
	expect_busy(f, declared(801, 1400, 0));
	expect_taken(f, declared(800, 1400, 0), &id);
	cancel(f, id);

	fixture_pass(f, 400);
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
	expect_taken(f, declared(1000, 1000, 0), &id);
}

/* Who uses all that was declared keeps to it; one more nanosecond is too much. */
static void overruns_make_room(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u64 id;

	expect_taken(f, declared(500, 1000, 1000), &id);
	f->script->takes_ns = 500;
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
	fixture_pass(f, 500);
	f->script->takes_ns = 501;
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
	expect_taken(f, declared(1000, 1000, 0), &id);
	fixture_check(f);
}

static void refused_for_another_reason(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_job_desc desc = declared(10, 1000, 0);
	u64 id, room_ns;
	u32 i;

	desc.id = 7;
	expect_taken(f, desc, &id);
	KUNIT_EXPECT_EQ(test, -EEXIST, ask(f, desc, &id, &room_ns));
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
	for (i = 1; i < FIXTURE_CAPACITY; i++)
		expect_taken(f, declared(0, 1000, 0), &id);
	desc.id = 0;
	KUNIT_EXPECT_EQ(test, -EAGAIN, ask(f, desc, &id, &room_ns));
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
	fixture_check(f);
}

/* What a job has run already is not asked for again. */
static void ask_while_running(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	u64 id;

	run->script->during = NULL;
	fixture_pass(f, 600);
	expect_busy(f, declared(601, 1000, 0));
	expect_taken(f, declared(600, 1000, 0), &id);
	cancel(f, id);

	fixture_pass(f, 400);
	KUNIT_EXPECT_EQ(f->test, 1U, admitted(f));
	expect_busy(f, declared(1001, 1000, 0));
	expect_taken(f, declared(1000, 1000, 0), &id);
	cancel(f, id);
}

static void running_jobs_need_what_is_left(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u64 id;

	expect_taken(f, declared(1000, 1000, 0), &id);
	f->script->during = ask_while_running;
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
}

/* The next release counts, although this one has used up its time. */
static void ask_at_the_end(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	u64 id;

	run->script->during = NULL;
	fixture_pass(f, 500);
	expect_busy(f, declared(501, 1000, 1000));
	expect_taken(f, declared(500, 1000, 1000), &id);
	cancel(f, id);
}

static void used_up_releases_are_followed_by_others(struct kunit *test)
{
	struct fixture *f = roomy(test);
	u64 id;

	expect_taken(f, declared(500, 1000, 1000), &id);
	f->script->during = ask_at_the_end;
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
}

static void two_workers_have_more_room(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct fixture *f;
	u64 id;

	params.limits.workers = 2;
	f = fixture_new(test, &params);
	expect_taken(f, declared(500, 1000, 1000), &id);
	expect_taken(f, declared(500, 1000, 1000), &id);
	expect_taken(f, declared(500, 1000, 1000), &id);
	KUNIT_EXPECT_EQ(test, 0ULL, expect_busy(f, declared(1, 1000, 1000)));
}

static struct kunit_case admission_cases[] = {
	KUNIT_CASE(one_job_fits_to_the_nanosecond),
	KUNIT_CASE(a_release_that_has_begun),
	KUNIT_CASE(edf_where_density_does_not_decide),
	KUNIT_CASE(utilization_of_exactly_one),
	KUNIT_CASE(utilization_above_one),
	KUNIT_CASE(constrained_deadlines),
	KUNIT_CASE(deadlines_beyond_the_period),
	KUNIT_CASE(a_number_of_releases),
	KUNIT_CASE(long_periods),
	KUNIT_CASE(not_provable_within_the_bounds),
	KUNIT_CASE(two_workers),
	KUNIT_CASE(numbers_that_overflow),
	KUNIT_CASE(random_sets_by_ticks),
	KUNIT_CASE(random_sets_on_two_workers),
	KUNIT_CASE(refused_with_the_room_left),
	KUNIT_CASE(room_is_usable),
	KUNIT_CASE(no_more_than_the_most),
	KUNIT_CASE(ended_jobs_make_room),
	KUNIT_CASE(a_closed_client_makes_room),
	KUNIT_CASE(periodic_jobs_keep_their_room),
	KUNIT_CASE(overruns_make_room),
	KUNIT_CASE(refused_for_another_reason),
	KUNIT_CASE(running_jobs_need_what_is_left),
	KUNIT_CASE(used_up_releases_are_followed_by_others),
	KUNIT_CASE(two_workers_have_more_room),
	{}
};

static struct kunit_suite admission_suite = {
	.name = "admission",
	.exit = fixture_exit,
	.test_cases = admission_cases,
};

kunit_test_suite(admission_suite);
