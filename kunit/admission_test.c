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
#include "../sched_core/reservation.h"
#include "../sched_core/user.h"
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

static struct fixture *with_workers(struct kunit *test, u32 workers)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.workers = workers;
	return fixture_new(test, &params);
}

static void two_workers_have_more_room(struct kunit *test)
{
	struct fixture *f = with_workers(test, 2);
	u64 id;

	expect_taken(f, declared(500, 1000, 1000), &id);
	expect_taken(f, declared(500, 1000, 1000), &id);
	expect_taken(f, declared(500, 1000, 1000), &id);
	KUNIT_EXPECT_EQ(test, 0ULL, expect_busy(f, declared(1, 1000, 1000)));
}

/* CPUs that go, and come back. */

#define CPUS		4

/**
 * struct crowd - jobs that were admitted, the oldest first
 * @f: the scheduler
 * @count: number of them
 * @ids: their numbers
 * @demands: what they ask for
 */
struct crowd {
	struct fixture *f;
	u32 count;
	u64 ids[FIXTURE_CAPACITY];
	struct bpfsched_demand demands[FIXTURE_CAPACITY];
};

static struct bpfsched_demand demand_of(const struct fixture *f,
					const struct bpfsched_job_desc *desc)
{
	return (struct bpfsched_demand) {
		.release_ns = f->now_ns,
		.deadline_ns = desc->deadline_ns,
		.left_ns = desc->run_time_ns,
		.run_ns = desc->run_time_ns,
		.period_ns = desc->period_ns,
		.later = desc->period_ns ? U64_MAX : 0,
	};
}

/* Time stands still, so all of them are as they were when they were asked for. */
static void draw_crowd(struct crowd *crowd, struct rnd_state *rnd)
{
	struct fixture *f = crowd->f;
	u32 i;

	crowd->count = 0;
	for (i = 0; i < FIXTURE_CAPACITY; i++) {
		u64 period_ns = 10 * (1 + below(rnd, 6));
		struct bpfsched_job_desc desc =
			declared(1 + below(rnd, period_ns), period_ns,
				 below(rnd, 2) * period_ns);

		crowd->demands[crowd->count] = demand_of(f, &desc);
		if (fixture_try(f->client, f->script, &desc))
			continue;
		crowd->ids[crowd->count++] = desc.id;
	}
	KUNIT_EXPECT_EQ(f->test, crowd->count, admitted(f));
}

/* Of how many, the oldest first, it is known that they fit. */
static u32 count_fitting(const struct crowd *crowd, u32 cpus)
{
	u32 count = crowd->count;

	while (count && bpfsched_demand_test(crowd->demands, count, cpus,
					     crowd->f->now_ns) != BPFSCHED_FITS)
		count--;
	return count;
}

static void expect_oldest(const struct crowd *crowd, u32 count)
{
	struct bpfsched *sched = crowd->f->sched;
	struct bpfsched_job *job;
	u32 i = 0, wrong = 0;

	raw_spin_lock_irq(&sched->lock);
	list_for_each_entry(job, &sched->admitted, admitted_link) {
		wrong += i >= count || job->id != crowd->ids[i];
		wrong += !job->entity.admitted || job->demoted;
		i++;
	}
	raw_spin_unlock_irq(&sched->lock);
	KUNIT_EXPECT_EQ(crowd->f->test, count, i);
	KUNIT_EXPECT_EQ(crowd->f->test, 0U, wrong);
}

/* What is counted is what the admitted jobs reserve, and nothing else. */
static void check_reserved(struct fixture *f)
{
	const struct bpfsched_user *user = f->client->user;
	struct bpfsched_stat stat = fixture_stat(f);
	struct bpfsched_job *job;
	u64 sum = 0, count = 0;

	raw_spin_lock_irq(&f->sched->lock);
	list_for_each_entry(job, &f->sched->admitted, admitted_link) {
		sum += job->reserved_ppm;
		count++;
	}
	raw_spin_unlock_irq(&f->sched->lock);
	KUNIT_EXPECT_EQ(f->test, stat.reservations, count);
	KUNIT_EXPECT_EQ(f->test, stat.reserved_ppm, sum);
	KUNIT_EXPECT_EQ(f->test, user->reservations, count);
	KUNIT_EXPECT_EQ(f->test, user->reserved_ppm, sum);
}

/* Cancel all: those that lost their admission say so. */
static void disperse(struct crowd *crowd, u32 kept)
{
	struct bpfsched_completion record;
	u32 i, demoted;

	for (i = 0; i < crowd->count; i++) {
		KUNIT_EXPECT_EQ(crowd->f->test, 0,
				bpfsched_cancel(crowd->f->client,
						crowd->ids[i]));
		record = fixture_expect_end(crowd->f, crowd->ids[i],
					    BPFSCHED_STATUS_CANCELLED);
		demoted = record.record.flags & BPFSCHED_COMPLETION_DEMOTED;
		KUNIT_EXPECT_EQ(crowd->f->test, i >= kept, !!demoted);
	}
	check_reserved(crowd->f);
	KUNIT_EXPECT_EQ(crowd->f->test, 0ULL, fixture_stat(crowd->f).reservations);
}

/* CPUs go one after the other, or several at once; then all come back. */
static u32 lose_cpus(struct crowd *crowd, struct rnd_state *rnd)
{
	u32 cpus = CPUS, kept = crowd->count;

	while (cpus > 1) {
		cpus = 1 + below(rnd, cpus - 1);
		bpfsched_reservations_recheck(crowd->f->sched, cpus);
		crowd->count = kept;
		kept = count_fitting(crowd, cpus);
		expect_oldest(crowd, kept);
		check_reserved(crowd->f);
	}
	bpfsched_reservations_recheck(crowd->f->sched, CPUS);
	expect_oldest(crowd, kept);
	fixture_check(crowd->f);
	return kept;
}

static void newest_lose_their_cpu_first(struct kunit *test)
{
	struct crowd crowd = { .f = with_workers(test, CPUS) };
	u64 seed = trials_seed(SEED);
	u32 i, count, kept, lost = 0, stayed = 0;
	struct rnd_state rnd;

	for (i = 0; i < trials(1000); i++) {
		trials_start(&rnd, seed + i);
		draw_crowd(&crowd, &rnd);
		count = crowd.count;
		kept = lose_cpus(&crowd, &rnd);
		crowd.count = count;
		disperse(&crowd, kept);
		lost += count - kept;
		stayed += kept;
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + i);
	}
	KUNIT_EXPECT_GT(test, lost, i);
	KUNIT_EXPECT_GT(test, stayed, i);
	kunit_info(test, "%u jobs lost their admission, %u kept it\n", lost,
		   stayed);
	trials_done(test, i, seed);
}

static void more_cpus_make_room(struct kunit *test)
{
	struct fixture *f = with_workers(test, 2);
	u64 ids[3], other;

	expect_taken(f, declared(500, 1000, 1000), &ids[0]);
	expect_taken(f, declared(500, 1000, 1000), &ids[1]);
	expect_taken(f, declared(500, 1000, 1000), &ids[2]);
	bpfsched_reservations_recheck(f->sched, 1);
	KUNIT_EXPECT_EQ(test, 2U, admitted(f));
	expect_busy(f, declared(1, 1000, 1000));
	/* What has lost its admission stays so, and takes no room. */
	bpfsched_reservations_recheck(f->sched, 2);
	KUNIT_EXPECT_EQ(test, 2U, admitted(f));
	expect_taken(f, declared(500, 1000, 1000), &other);
	expect_busy(f, declared(1, 1000, 1000));
	/* CPUs that no worker uses make no difference. */
	bpfsched_reservations_recheck(f->sched, 64);
	expect_busy(f, declared(1, 1000, 1000));
	bpfsched_reservations_recheck(f->sched, 3);
	KUNIT_EXPECT_EQ(test, 3U, admitted(f));
	check_reserved(f);
}

/* The costs count when CPUs go, as they did when the jobs were admitted. */
static void cpus_that_go_leave_costs(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct fixture *f;
	u64 id;

	params.limits.workers = 2;
	params.limits.blocking_ns = 100;
	params.limits.start_ns = 50;
	f = fixture_new(test, &params);
	/* On one worker the deadlines are 900, and both runs take 450. */
	expect_taken(f, declared(400, 1000, 0), &id);
	expect_taken(f, declared(400, 1000, 0), &id);
	bpfsched_reservations_recheck(f->sched, 1);
	KUNIT_EXPECT_EQ(test, 2U, admitted(f));
	cancel(f, id);
	bpfsched_reservations_recheck(f->sched, 2);
	expect_taken(f, declared(401, 1000, 0), &id);
	bpfsched_reservations_recheck(f->sched, 1);
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
}

/**
 * struct loss - a job that loses its CPU while it is on a worker
 * @id: of the job
 * @word: what it was told then
 * @admitted: how many jobs are admitted then
 */
struct loss {
	u64 id;
	u32 word;
	u32 admitted;
};

static void lose_while_running(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	struct loss *loss = run->script->data;

	if (run->job->id != loss->id || run->turns > 1)
		return;
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_RUN,
			READ_ONCE(run->job->control));
	bpfsched_reservations_recheck(f->sched, 1);
	loss->word = READ_ONCE(run->job->control);
	loss->admitted = admitted(f);
	check_reserved(f);
}

static struct fixture *about_to_lose(struct kunit *test, struct loss *loss)
{
	struct fixture *f = with_workers(test, 2);

	f->script->pauses = true;
	f->script->during = lose_while_running;
	f->script->data = loss;
	return f;
}

static void expect_demoted(struct fixture *f, u64 id, bool demoted,
			   u32 preemptions)
{
	struct bpfsched_completion record =
		fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	u32 flag = record.record.flags & BPFSCHED_COMPLETION_DEMOTED;

	KUNIT_EXPECT_EQ(f->test, demoted, !!flag);
	KUNIT_EXPECT_EQ(f->test, preemptions, record.preemptions);
}

/* It has the earlier deadline, but the other one is still admitted. */
static void running_job_ranks_with_the_others(struct kunit *test)
{
	struct loss loss = {};
	struct fixture *f = about_to_lose(test, &loss);
	u64 other;

	expect_taken(f, declared(600, 1000, 0), &other);
	expect_taken(f, declared(600, 900, 0), &loss.id);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, loss.word);
	KUNIT_EXPECT_EQ(test, 1U, loss.admitted);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	expect_demoted(f, other, false, 0);
	expect_demoted(f, loss.id, true, 1);
	check_reserved(f);
}

/* Nothing that is admitted waits, so it goes on. */
static void running_job_goes_on(struct kunit *test)
{
	struct loss loss = {};
	struct fixture *f = about_to_lose(test, &loss);
	struct bpfsched_job_desc later = declared(600, 1000, 0);

	later.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	later.not_before_ns = 100;
	fixture_submit(f, &later);
	expect_taken(f, declared(600, 900, 0), &loss.id);
	/* One that never was admitted, and has a later deadline. */
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 950,
	});
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, loss.word);
	KUNIT_EXPECT_EQ(test, 1U, loss.admitted);
	expect_demoted(f, loss.id, true, 0);
	fixture_check(f);
}

/* It was paused for an older job, which now has the only CPU. */
static void paused_job_ranks_with_the_others(struct kunit *test)
{
	struct loss loss = {};
	struct fixture *f = about_to_lose(test, &loss);
	struct bpfsched_job_desc first = declared(600, 1000, 0);
	struct bpfsched_job_desc never = {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 1300,
	};
	u64 paused;

	first.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	first.not_before_ns = 10;
	loss.id = fixture_submit(f, &first);
	expect_taken(f, declared(900, 1400, 0), &paused);
	fixture_submit(f, &never);
	f->script->takes_ns = 20;
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	expect_demoted(f, loss.id, false, 0);
	KUNIT_EXPECT_EQ(test, 1U, loss.admitted);
	/* The deadline decides between the two that are not admitted. */
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	expect_demoted(f, never.id, false, 0);
	expect_demoted(f, paused, true, 1);
	fixture_check(f);
	check_reserved(f);
}

/* A job that waits for its next release has no rank to change. */
static void waiting_job_loses_its_admission(struct kunit *test)
{
	struct fixture *f = with_workers(test, 2);
	u64 old, new;

	expect_taken(f, declared(600, 1000, 1000), &old);
	expect_taken(f, declared(600, 1000, 1000), &new);
	f->script->takes_ns = 300;
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	expect_demoted(f, old, false, 0);
	expect_demoted(f, new, false, 0);
	bpfsched_reservations_recheck(f->sched, 1);
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
	fixture_pass(f, 400);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	expect_demoted(f, old, false, 0);
	expect_demoted(f, new, true, 0);
	fixture_check(f);
	check_reserved(f);
}

/* Time that goes on while a test is made. */

/* Most times that the clock is looked at. */
#define LOOKS		32

/*
 * Looks at the clock: of a new job; of the state, after the test, and before the
 * job is taken; and again if that came too late.
 */
#define STATE_LOOK	1
#define TEST_LOOK	2
#define TAKE_LOOK	3
#define SECOND_TRY	3

/**
 * struct leaps - how far the clock leaps when it is looked at
 * @look: how often it was looked at
 * @ns: by how much at each of these looks, before it tells the time
 */
static struct leaps {
	u32 look;
	u64 ns[LOOKS];
} leaps;

static u64 leaping_now(struct bpfsched_clock *clock)
{
	struct fixture *f = clock->data;

	if (leaps.look < LOOKS)
		f->now_ns += leaps.ns[leaps.look++];
	return f->now_ns;
}

static void leaping_arm(struct bpfsched_clock *clock, u64 when_ns)
{
	struct fixture *f = clock->data;

	f->armed_ns = when_ns;
}

static void leaping_stop(struct bpfsched_clock *clock)
{
	leaping_arm(clock, U64_MAX);
}

static const struct bpfsched_clock_ops leaping_clock = {
	.now = leaping_now,
	.arm = leaping_arm,
	.stop = leaping_stop,
};

static struct fixture *with_leaps(struct kunit *test, u32 workers)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.workers = workers;
	params.clock = &leaping_clock;
	leaps = (struct leaps) { .look = LOOKS };
	return fixture_new(test, &params);
}

/* Submit a job while the clock leaps by @ns at one look. */
static int leap_and_try(struct fixture *f, u32 look, u64 ns,
			struct bpfsched_job_desc *desc)
{
	int err;

	leaps = (struct leaps) {};
	leaps.ns[look] = ns;
	err = fixture_try(f->client, f->script, desc);
	leaps.look = LOOKS;
	return err;
}

static void state_is_not_older_than_its_time(struct kunit *test)
{
	struct fixture *f = with_leaps(test, 1);
	struct bpfsched_job_desc desc = declared(601, 1000, 0);

	/* 400 have passed since the job was made. */
	KUNIT_EXPECT_EQ(test, -EBUSY,
			leap_and_try(f, STATE_LOOK, 400, &desc));
	desc = declared(600, 1000, 0);
	KUNIT_EXPECT_EQ(test, 0, leap_and_try(f, STATE_LOOK, 400, &desc));
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
}

static void verdict_that_is_too_old_is_not_used(struct kunit *test)
{
	struct fixture *f = with_leaps(test, 1);
	struct bpfsched_job_desc desc = declared(600, 1000, 0);

	/* It fits before the leap, and not afterwards. */
	KUNIT_EXPECT_EQ(test, -EBUSY, leap_and_try(f, TAKE_LOOK, 500, &desc));
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
	/* One slow test has no bearing on what comes later. */
	desc = declared(600, 600, 0);
	KUNIT_EXPECT_EQ(test, 0, fixture_try(f->client, f->script, &desc));
	KUNIT_EXPECT_EQ(test, 1U, admitted(f));
}

/*
 * The first test takes 500, so the second looks 1000 ahead. Returns how often
 * the clock was looked at.
 */
static u32 looks_of_second_try(struct fixture *f, u64 ns,
			       struct bpfsched_job_desc *desc, int err)
{
	u32 looks;

	leaps = (struct leaps) {};
	leaps.ns[TEST_LOOK] = 500;
	leaps.ns[SECOND_TRY + TAKE_LOOK] = ns;
	KUNIT_EXPECT_EQ(f->test, err, fixture_try(f->client, f->script, desc));
	looks = leaps.look;
	leaps.look = LOOKS;
	return looks;
}

/* To the nanosecond: the moment itself has not passed. */
static void a_moment_passes_when_it_is_over(struct kunit *test)
{
	struct fixture *f = with_leaps(test, 1);
	struct bpfsched_job_desc desc = declared(1, 100000, 0);
	u32 in_time, too_late;

	in_time = looks_of_second_try(f, 1000, &desc, 0);
	desc = declared(1, 100000, 0);
	too_late = looks_of_second_try(f, 1001, &desc, 0);
	KUNIT_EXPECT_EQ(test, in_time + 3, too_late);
	/* And it is the moment that the set is tested for. */
	bpfsched_cancel(f->client, 1);
	bpfsched_cancel(f->client, 2);
	desc = declared(1001, 2500, 0);
	looks_of_second_try(f, 0, &desc, -EBUSY);
	desc = declared(1000, 2500, 0);
	looks_of_second_try(f, 1000, &desc, 0);
}

/* A machine so slow that each test takes longer than it looks ahead. */
static void tests_are_given_up(struct kunit *test)
{
	struct fixture *f = with_leaps(test, 1);
	struct bpfsched_job_desc desc = declared(1, 1ULL << 40, 0);
	u64 ns = 100;
	u32 i;

	leaps = (struct leaps) {};
	for (i = TEST_LOOK; i < LOOKS; i++) {
		leaps.ns[i] = ns;
		ns *= 2;
	}
	KUNIT_EXPECT_EQ(test, -EBUSY,
			fixture_try(f->client, f->script, &desc));
	KUNIT_EXPECT_EQ(test, 0U, admitted(f));
	KUNIT_EXPECT_LT(test, leaps.look, (u32)LOOKS);
	leaps.look = LOOKS;
	KUNIT_EXPECT_EQ(test, 0, fixture_try(f->client, f->script, &desc));
}

static bool would_miss(const struct bpfsched_demand *demands, u32 count,
		       u64 now_ns)
{
	return ticker_misses(demands, count, 1, now_ns,
			     ticker_enough(demands, count, now_ns));
}

/* In parts of 120, which all periods divide; of those that have no end. */
static u64 endless(const struct bpfsched_demand *demands, u32 count)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		if (demands[i].later)
			sum += demands[i].run_ns *
			       (120 / (u32)demands[i].period_ns);
	}
	return sum;
}

/**
 * struct old_verdicts - what became of jobs that were asked for during a leap
 * @taken: jobs that were taken
 * @refused: jobs that were not
 * @stale: those of them that would have fitted before the leap
 */
struct old_verdicts {
	u32 taken;
	u32 refused;
	u32 stale;
};

/* Ask for one more; whatever is taken fits now, after the leap. */
static void ask_for_more(struct crowd *crowd, struct rnd_state *rnd,
			 struct old_verdicts *verdicts)
{
	static const u32 periods[] = { 20, 24, 30, 40, 60 };
	struct fixture *f = crowd->f;
	u64 period_ns = periods[below(rnd, ARRAY_SIZE(periods))];
	u64 run_ns = 1 + below(rnd, period_ns / 2), before_ns = f->now_ns;
	struct bpfsched_job_desc desc =
		declared(run_ns, run_ns + below(rnd, period_ns),
			 below(rnd, 2) * period_ns);
	u32 count = crowd->count + 1;
	bool fitted;

	crowd->demands[crowd->count] = demand_of(f, &desc);
	fitted = endless(crowd->demands, count) <= 120 &&
		 !would_miss(crowd->demands, count, before_ns);
	if (leap_and_try(f, TAKE_LOOK, below(rnd, 8), &desc)) {
		verdicts->refused++;
		verdicts->stale += fitted && f->now_ns > before_ns;
		return;
	}
	verdicts->taken++;
	KUNIT_EXPECT_LE(f->test, endless(crowd->demands, count), 120ULL);
	KUNIT_EXPECT_FALSE(f->test, would_miss(crowd->demands, count,
					       f->now_ns));
	crowd->ids[crowd->count++] = desc.id;
}

static void nothing_is_admitted_on_an_old_state(struct kunit *test)
{
	struct crowd crowd = { .f = with_leaps(test, 1) };
	struct old_verdicts verdicts = {};
	u64 seed = trials_seed(SEED);
	struct rnd_state rnd;
	u32 i, j;

	for (i = 0; i < trials(5000); i++) {
		trials_start(&rnd, seed + i);
		crowd.count = 0;
		for (j = 0; j < 4; j++)
			ask_for_more(&crowd, &rnd, &verdicts);
		for (j = 0; j < crowd.count; j++)
			cancel(crowd.f, crowd.ids[j]);
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + i);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, verdicts.taken, i);
	KUNIT_EXPECT_GT(test, verdicts.stale, i / 10);
	kunit_info(test, "%u jobs taken, %u refused, %u for the time that passed\n",
		   verdicts.taken, verdicts.refused, verdicts.stale);
	trials_done(test, i, seed);
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
	KUNIT_CASE(newest_lose_their_cpu_first),
	KUNIT_CASE(more_cpus_make_room),
	KUNIT_CASE(cpus_that_go_leave_costs),
	KUNIT_CASE(running_job_ranks_with_the_others),
	KUNIT_CASE(running_job_goes_on),
	KUNIT_CASE(paused_job_ranks_with_the_others),
	KUNIT_CASE(waiting_job_loses_its_admission),
	KUNIT_CASE(state_is_not_older_than_its_time),
	KUNIT_CASE(verdict_that_is_too_old_is_not_used),
	KUNIT_CASE(a_moment_passes_when_it_is_over),
	KUNIT_CASE(tests_are_given_up),
	KUNIT_CASE(nothing_is_admitted_on_an_old_state),
	{}
};

static struct kunit_suite admission_suite = {
	.name = "admission",
	.exit = fixture_exit,
	.test_cases = admission_cases,
};

kunit_test_suite(admission_suite);
