// SPDX-License-Identifier: GPL-2.0
/*
 * Releases: jobs that are not to run before a time, jobs that run again and
 * again, and jobs that are useless after their deadline.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "fixture.h"

#define T0		FIXTURE_START_NS
#define PERIOD		100ULL

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

static u64 submit_not_before(struct fixture *f, u32 flags, u64 when_ns)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = flags, .not_before_ns = when_ns,
	});
}

static u64 submit_periodic(struct fixture *f, u64 period_ns, u64 count)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = period_ns, .count = count,
	});
}

/* A periodic job of which every release has a deadline. */
static u64 submit_with_deadline(struct fixture *f, u64 period_ns, u64 count,
				u64 deadline_ns, u32 flags)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = flags | BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = deadline_ns,
		.period_ns = period_ns,
		.count = count,
	});
}

/* Let the clock be late: it calls back at @now_ns for all that is due. */
static void come_late(struct fixture *f, u64 now_ns)
{
	f->now_ns = now_ns;
	fixture_advance(f, now_ns);
}

static bool is_last(const struct bpfsched_completion *record)
{
	return record->record.flags & BPFSCHED_COMPLETION_LAST;
}

/* Take a completion, which is to be of one certain release. */
static struct bpfsched_completion
expect_release(struct fixture *f, u64 id, u32 status, u64 release, u64 overruns)
{
	struct bpfsched_completion record = fixture_expect_end(f, id, status);

	KUNIT_EXPECT_EQ(f->test, release, record.release);
	KUNIT_EXPECT_EQ_MSG(f->test, overruns, record.overruns,
			    "overruns of release %llu", release);
	return record;
}

/* Expect that nothing runs before a time, and that something does then. */
static void expect_step_at(struct fixture *f, u64 when_ns)
{
	fixture_check(f);
	if (f->now_ns < when_ns) {
		fixture_advance(f, when_ns - 1);
		KUNIT_EXPECT_FALSE_MSG(f->test, fixture_step(f),
				       "a job runs before %llu", when_ns);
		fixture_advance(f, when_ns);
	}
	fixture_check(f);
	KUNIT_EXPECT_TRUE_MSG(f->test, fixture_step(f), "no job runs at %llu",
			      when_ns);
	fixture_check(f);
}

/* Not before a time. */

static void not_before_a_time(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id;

	fixture_pass(f, 5);
	id = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_ABS, T0 + 100);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).submitted);
	KUNIT_EXPECT_TRUE(test, bpfsched_has_pending(f->sched));
	KUNIT_EXPECT_EQ(test, T0 + 100, f->armed_ns);
	expect_step_at(f, T0 + 100);

	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, T0 + 5, record.submitted_ns);
	KUNIT_EXPECT_EQ(test, T0 + 100, record.started_ns);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	KUNIT_EXPECT_EQ(test, 0ULL, record.release);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).submitted);
	fixture_expect_silence(f, f->client);
}

static void not_before_a_distance(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id;

	fixture_pass(f, 7);
	id = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL, 50);
	expect_step_at(f, T0 + 57);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
}

static void not_before_the_past_is_now(struct kunit *test)
{
	static const u64 times[] = { 0, 1, T0 - 1, T0 };
	struct fixture *f = fixture_deadline(test);
	size_t i;
	u64 id;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		id = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_ABS,
				       times[i]);
		fixture_check(f);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	}
	id = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL, 0);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0U, f->arms);
}

static void not_before_the_end_of_time(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 relative = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL,
					 U64_MAX);
	u64 absolute = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_ABS,
					 U64_MAX);

	fixture_pass(f, 1ULL << 62);
	fixture_check(f);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, relative));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, absolute));
	fixture_expect_end(f, relative, BPFSCHED_STATUS_CANCELLED);
	fixture_expect_end(f, absolute, BPFSCHED_STATUS_CANCELLED);
	fixture_check(f);
}

static void deadline_counts_from_the_release(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL |
			 BPFSCHED_JOB_DEADLINE_REL,
		.not_before_ns = 100,
		.deadline_ns = 50,
	});

	fixture_advance(f, T0 + 149);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
	fixture_advance(f, T0 + 150);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	fixture_step(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, T0 + 150, record.deadline_ns);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_MISSED);
}

/* A deadline that passes before the release is a deadline that has passed. */
static void deadline_before_the_release_is_refused(struct kunit *test)
{
	static const struct { u64 deadline_ns; int error; } table[] = {
		{ T0 + 99, -ETIME }, { T0 + 100, -ETIME }, { T0 + 101, 0 },
	};
	struct fixture *f = fixture_deadline(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct bpfsched_job_desc desc = {
			.flags = BPFSCHED_JOB_NOT_BEFORE_ABS |
				 BPFSCHED_JOB_DEADLINE_ABS,
			.not_before_ns = T0 + 100,
			.deadline_ns = table[i].deadline_ns,
		};

		KUNIT_EXPECT_EQ(test, table[i].error,
				fixture_try(f->client, f->script, &desc));
		fixture_check(f);
	}
	fixture_pass(f, 101);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
}

static void malformed_releases_are_refused(struct kunit *test)
{
	static const struct bpfsched_job_desc table[] = {
		{ .not_before_ns = 1 },
		{ .flags = BPFSCHED_JOB_NOT_BEFORE_ABS |
			   BPFSCHED_JOB_NOT_BEFORE_REL },
		{ .count = 1 },
		{ .period_ns = 9 },
		{ .period_ns = 10, .deadline_ns = U64_MAX,
		  .flags = BPFSCHED_JOB_DEADLINE_ABS },
		{ .flags = BPFSCHED_JOB_FIRM },
		{ .period_ns = 10, .flags = BPFSCHED_JOB_FIRM },
	};
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct fixture *f;
	size_t i;

	params.limits.min_period = 10;
	f = fixture_new(test, &params);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct bpfsched_job_desc desc = table[i];

		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    fixture_try(f->client, f->script, &desc),
				    "request number %zu", i);
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(table), fixture_stat(f).rejected);
	KUNIT_EXPECT_NE(test, 0ULL, submit_periodic(f, 10, 0));
	fixture_check(f);
}

/* The place among equals is that of the release, not of the submission. */
static void release_decides_among_equals(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 late = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL, 100);
	u64 early = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL, 50);
	u64 now;

	fixture_pass(f, 75);
	now = fixture_submit(f, ANY_JOB);
	fixture_pass(f, 75);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	fixture_expect_end(f, early, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, now, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, late, BPFSCHED_STATUS_OK);
}

static void waiting_jobs_take_no_room(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 ids[FIXTURE_CAPACITY];
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		ids[i] = submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL,
					   100 + i);
	KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, ids[3]));
	KUNIT_EXPECT_NE(test, 0ULL, fixture_submit(f, ANY_JOB));
	fixture_pass(f, 200);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

static void waiting_job_is_cancelled_at_once(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL |
			 BPFSCHED_JOB_DEADLINE_REL,
		.not_before_ns = 100,
		.deadline_ns = 50,
	});

	fixture_pass(f, 30);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	fixture_check(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 0ULL, record.started_ns);
	KUNIT_EXPECT_EQ(test, T0 + 30, record.ended_ns);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	fixture_pass(f, 500);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
	fixture_expect_silence(f, f->client);
}

static void close_ends_waiting_jobs(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	submit_not_before(f, BPFSCHED_JOB_NOT_BEFORE_REL, 100);
	submit_periodic(f, PERIOD, 0);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).pending);
	fixture_close(f, f->client);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	fixture_pass(f, 500);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
}

static struct kunit_case not_before_cases[] = {
	KUNIT_CASE(not_before_a_time),
	KUNIT_CASE(not_before_a_distance),
	KUNIT_CASE(not_before_the_past_is_now),
	KUNIT_CASE(not_before_the_end_of_time),
	KUNIT_CASE(deadline_counts_from_the_release),
	KUNIT_CASE(deadline_before_the_release_is_refused),
	KUNIT_CASE(malformed_releases_are_refused),
	KUNIT_CASE(release_decides_among_equals),
	KUNIT_CASE(waiting_jobs_take_no_room),
	KUNIT_CASE(waiting_job_is_cancelled_at_once),
	KUNIT_CASE(close_ends_waiting_jobs),
	{}
};

static struct kunit_suite not_before_suite = {
	.name = "release",
	.exit = fixture_exit,
	.test_cases = not_before_cases,
};

/* Again and again. */

static void periodic_job_runs_on_time(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id = submit_periodic(f, PERIOD, 3);
	u64 i;

	for (i = 0; i < 3; i++) {
		expect_step_at(f, T0 + i * PERIOD);
		record = expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
		KUNIT_EXPECT_EQ(test, T0 + i * PERIOD, record.submitted_ns);
		KUNIT_EXPECT_EQ(test, T0 + i * PERIOD, record.started_ns);
		KUNIT_EXPECT_EQ(test, i + 1, record.start_seq);
		KUNIT_EXPECT_EQ(test, i == 2, is_last(&record));
		KUNIT_EXPECT_EQ(test, min(i + 2, 3ULL),
				fixture_stat(f).submitted);
		KUNIT_EXPECT_EQ(test, i != 2, fixture_stat(f).pending);
	}
	fixture_pass(f, 10 * PERIOD);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).completed);
	fixture_expect_silence(f, f->client);
}

static void periods_count_from_the_first_release(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_ABS,
		.not_before_ns = T0 + 33,
		.period_ns = PERIOD,
	});
	u64 i;

	for (i = 0; i < 5; i++) {
		expect_step_at(f, T0 + 33 + i * PERIOD);
		record = expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
		KUNIT_EXPECT_EQ(test, T0 + 33 + i * PERIOD,
				record.submitted_ns);
		KUNIT_EXPECT_FALSE(test, is_last(&record));
	}
}

static void late_clock_does_not_drift(struct kunit *test)
{
	static const u64 late_ns[] = { 37, 99, 0, 1, 50, 98 };
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_with_deadline(f, PERIOD, 0, 200, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(late_ns); i++) {
		come_late(f, T0 + i * PERIOD + late_ns[i]);
		fixture_check(f);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		record = expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
		KUNIT_EXPECT_EQ(test, T0 + i * PERIOD, record.submitted_ns);
		KUNIT_EXPECT_EQ(test, T0 + i * PERIOD + late_ns[i],
				record.started_ns);
		KUNIT_EXPECT_EQ(test, T0 + i * PERIOD + 200,
				record.deadline_ns);
	}
}

static void every_release_has_its_deadline(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_with_deadline(f, PERIOD, 3, 30, 0);
	u64 i;

	for (i = 0; i < 3; i++) {
		/* The one in the middle is late. */
		fixture_advance(f, T0 + i * PERIOD + (i == 1 ? 30 : 29));
		fixture_check(f);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		record = expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
		KUNIT_EXPECT_EQ(test, T0 + i * PERIOD + 30,
				record.deadline_ns);
		KUNIT_EXPECT_EQ(test, i == 1, !!(record.record.flags &
						 BPFSCHED_COMPLETION_MISSED));
	}
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
}

static void releases_queue_up_when_they_fall_due(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 periodic = submit_periodic(f, PERIOD, 2), before, after;

	fixture_step(f);
	fixture_pass(f, PERIOD - 1);
	before = fixture_submit(f, ANY_JOB);
	fixture_pass(f, 1);
	after = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	expect_release(f, periodic, BPFSCHED_STATUS_OK, 0, 0);
	fixture_expect_end(f, before, BPFSCHED_STATUS_OK);
	expect_release(f, periodic, BPFSCHED_STATUS_OK, 1, 0);
	fixture_expect_end(f, after, BPFSCHED_STATUS_OK);
}

/* What is due at the very end of a release is not late. */
static void overruns_are_exact(struct kunit *test)
{
	static const struct { u64 takes_ns, overruns; } table[] = {
		{ 1, 0 }, { 99, 0 }, { 100, 0 }, { 101, 1 }, { 199, 1 },
		{ 200, 1 }, { 201, 2 }, { 1000, 9 }, { 1001, 10 },
	};
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id, start_ns, next;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		start_ns = f->now_ns;
		next = table[i].overruns + 1;
		id = submit_periodic(f, PERIOD, 0);
		f->script->takes_ns = table[i].takes_ns;
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_check(f);
		record = expect_release(f, id, BPFSCHED_STATUS_OK, 0,
					table[i].overruns);
		KUNIT_EXPECT_FALSE(test, is_last(&record));

		f->script->takes_ns = 0;
		fixture_advance(f, start_ns + next * PERIOD);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		record = expect_release(f, id, BPFSCHED_STATUS_OK, next, 0);
		KUNIT_EXPECT_EQ(test, start_ns + next * PERIOD,
				record.submitted_ns);
		bpfsched_cancel(f->client, id);
		expect_release(f, id, BPFSCHED_STATUS_CANCELLED, next + 1, 0);
	}
}

/* A release that waits in the queue holds up the next ones as well. */
static void overruns_while_pending(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_periodic(f, PERIOD, 0);

	fixture_pass(f, 3 * PERIOD + 1);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).submitted);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 3);
	expect_step_at(f, T0 + 4 * PERIOD);
	expect_release(f, id, BPFSCHED_STATUS_OK, 4, 0);
}

static void count_includes_overruns(struct kunit *test)
{
	static const struct { u64 count, takes_ns, overruns; bool last; } table[] = {
		{ 1, 0, 0, true }, { 1, 100, 0, true }, { 1, 101, 0, true },
		{ 2, 100, 0, false }, { 2, 101, 1, true }, { 2, 900, 1, true },
		{ 3, 200, 1, false }, { 3, 201, 2, true }, { 3, 999, 2, true },
		{ 4, 250, 2, false }, { U64_MAX, 250, 2, false },
	};
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	size_t i;
	u64 id;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		f->script->takes_ns = table[i].takes_ns;
		id = submit_periodic(f, PERIOD, table[i].count);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_check(f);
		record = expect_release(f, id, BPFSCHED_STATUS_OK, 0,
					table[i].overruns);
		KUNIT_EXPECT_EQ_MSG(test, table[i].last, is_last(&record),
				    "row %zu", i);
		KUNIT_EXPECT_EQ(test, !table[i].last, fixture_stat(f).pending);
		KUNIT_EXPECT_EQ(test, table[i].last ? -ENOENT : 0,
				bpfsched_cancel(f->client, id));
		fixture_read(f->client, &record);
		fixture_expect_silence(f, f->client);
	}
}

/* Four releases in all: number 0, two that were left out, and the last. */
static void last_release_after_overruns(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->takes_ns = 250;
	id = submit_periodic(f, PERIOD, 4);
	fixture_step(f);
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 2);
	expect_step_at(f, T0 + 3 * PERIOD);
	record = expect_release(f, id, BPFSCHED_STATUS_OK, 3, 0);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).submitted);
	fixture_check(f);
}

static struct fixture *narrow_fixture(struct kunit *test, u32 slots)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.completion_slots = slots;
	return fixture_new(test, &params);
}

/* Run what is due at each of some periods, and read nothing. */
static u32 run_periods(struct fixture *f, u64 first, u64 end)
{
	u32 count = 0;

	for (; first < end; first++) {
		fixture_advance(f, T0 + first * PERIOD);
		fixture_check(f);
		count += fixture_run_all(f);
		fixture_check(f);
	}
	return count;
}

static void periodic_job_needs_two_slots(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 1);
	struct bpfsched_job_desc desc = { .period_ns = PERIOD };

	KUNIT_EXPECT_EQ(test, -EDQUOT,
			fixture_try(f->client, f->script, &desc));
	KUNIT_EXPECT_EQ(test, 0, fixture_try(f->client, f->script, ANY_JOB));
	fixture_check(f);
}

static void releases_without_a_slot_are_left_out(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 4);
	u64 id = submit_periodic(f, PERIOD, 0);
	u64 i;

	KUNIT_EXPECT_EQ(test, 2U, f->client->completions.used);
	KUNIT_EXPECT_EQ_MSG(test, 3U, run_periods(f, 0, 6),
			    "the fourth slot is for the end of the job");
	KUNIT_EXPECT_EQ(test, 4U, f->client->completions.used);
	KUNIT_EXPECT_EQ_MSG(test, 4ULL, fixture_stat(f).submitted,
			    "releases that are left out are not submitted");

	for (i = 0; i < 2; i++)
		expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
	KUNIT_EXPECT_EQ(test, 2U, run_periods(f, 6, 10));
	expect_release(f, id, BPFSCHED_STATUS_OK, 2, 0);
	expect_release(f, id, BPFSCHED_STATUS_OK, 6, 3);
	expect_release(f, id, BPFSCHED_STATUS_OK, 7, 0);
	fixture_expect_silence(f, f->client);
	fixture_check(f);

	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 10, 2);
	KUNIT_EXPECT_EQ(test, 0U, f->client->completions.used);
	fixture_check(f);
}

/* Another client's job, of another program even, takes no slot of this one. */
static void other_jobs_take_slots_too(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 4);
	struct bpfsched_client *other = fixture_open(f);
	u64 id = submit_periodic(f, PERIOD, 0);
	u64 once;

	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, ANY_JOB));
	once = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 4U, run_periods(f, 0, 3));
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 0);
	fixture_expect_end(f, once, BPFSCHED_STATUS_OK);
	expect_release(f, id, BPFSCHED_STATUS_OK, 1, 0);
	KUNIT_EXPECT_EQ(test, 1U, run_periods(f, 3, 4));
	expect_release(f, id, BPFSCHED_STATUS_OK, 3, 1);
	fixture_check(f);
}

static void last_release_is_always_delivered(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 4);
	struct bpfsched_completion record;
	u64 id = submit_periodic(f, PERIOD, 7);
	u64 i;

	KUNIT_EXPECT_EQ(test, 4U, run_periods(f, 0, 10));
	for (i = 0; i < 3; i++)
		expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
	record = expect_release(f, id, BPFSCHED_STATUS_OK, 6, 3);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	KUNIT_EXPECT_EQ(test, T0 + 6 * PERIOD, record.submitted_ns);
	KUNIT_EXPECT_EQ(test, T0 + 6 * PERIOD, record.started_ns);
	KUNIT_EXPECT_EQ(test, 0U, f->client->completions.used);
	fixture_expect_silence(f, f->client);
}

/*
 * However many slots the client has, the memory for them is allocated when the
 * job is submitted: for BPFSCHED_PERIODIC_SLOTS completions, and what is left of
 * the last chunk.
 */
static void job_has_room_for_so_many_completions(struct kunit *test)
{
	const u32 least = BPFSCHED_PERIODIC_SLOTS;
	const u32 most = least + 2 + BPFSCHED_CHUNK_RECORDS;
	struct fixture *f = narrow_fixture(test, 1000);
	u64 id = submit_periodic(f, PERIOD, 0);
	u32 ran = run_periods(f, 0, most + 5);
	u64 i;

	KUNIT_EXPECT_GE(test, ran, least);
	KUNIT_EXPECT_LE(test, ran, most);
	for (i = 0; i < ran; i++)
		expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
	fixture_expect_silence(f, f->client);
	i = most + 5;
	KUNIT_EXPECT_EQ(test, 1U, run_periods(f, i, i + 1));
	expect_release(f, id, BPFSCHED_STATUS_OK, i, i - ran);
}

static void slots_come_back_for_ever(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 3);
	u64 id = submit_periodic(f, PERIOD, 0);
	u64 i;

	for (i = 0; i < 10 * BPFSCHED_PERIODIC_SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, 1U, run_periods(f, i, i + 1));
		expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
		KUNIT_EXPECT_EQ(test, 2U, f->client->completions.used);
	}
}

/* The job is gone when its slots are given back. */
static void slots_outlive_the_job(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 8);
	u64 id = submit_periodic(f, PERIOD, 0);
	struct bpfsched_record_slot *slot;
	u64 i;

	KUNIT_EXPECT_EQ(test, 3U, run_periods(f, 0, 3));
	slot = fixture_first(f->client);
	KUNIT_EXPECT_NOT_NULL(test, slot);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	if (slot)
		fixture_consume(f->client);
	for (i = 1; i < 3; i++)
		expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
	expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 3, 0);
	KUNIT_EXPECT_EQ(test, 0U, f->client->completions.used);
	fixture_check(f);
}

static struct kunit_case periodic_cases[] = {
	KUNIT_CASE(periodic_job_runs_on_time),
	KUNIT_CASE(periods_count_from_the_first_release),
	KUNIT_CASE(late_clock_does_not_drift),
	KUNIT_CASE(every_release_has_its_deadline),
	KUNIT_CASE(releases_queue_up_when_they_fall_due),
	KUNIT_CASE(overruns_are_exact),
	KUNIT_CASE(overruns_while_pending),
	KUNIT_CASE(count_includes_overruns),
	KUNIT_CASE(last_release_after_overruns),
	KUNIT_CASE(periodic_job_needs_two_slots),
	KUNIT_CASE(releases_without_a_slot_are_left_out),
	KUNIT_CASE(other_jobs_take_slots_too),
	KUNIT_CASE(last_release_is_always_delivered),
	KUNIT_CASE(job_has_room_for_so_many_completions),
	KUNIT_CASE(slots_come_back_for_ever),
	KUNIT_CASE(slots_outlive_the_job),
	{}
};

static struct kunit_suite periodic_suite = {
	.name = "release_periodic",
	.exit = fixture_exit,
	.test_cases = periodic_cases,
};

/* How one release, or the whole job, ends. */

static void cancel_between_releases(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_with_deadline(f, PERIOD, 0, 50, 0);

	fixture_step(f);
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 0);
	fixture_pass(f, 10);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	fixture_check(f);
	record = expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 1, 0);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	KUNIT_EXPECT_EQ(test, T0 + PERIOD, record.submitted_ns);
	KUNIT_EXPECT_EQ(test, T0 + 10, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, record.start_seq);
	fixture_pass(f, 5 * PERIOD);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
	fixture_expect_silence(f, f->client);
}

static void cancel_a_pending_release(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_periodic(f, PERIOD, 0);

	fixture_step(f);
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 0);
	fixture_pass(f, PERIOD);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	fixture_check(f);
	record = expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 1, 0);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
}

static void cancel_this_job(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	fixture_check(f);
	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_cancel(f->client, run->job->id));
	fixture_check(f);
}

static void cancel_a_running_release(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	bool deaf = false;
	u64 id;

	f->script->during = cancel_this_job;
	/* Even one that gets to its end first is the last. */
	do {
		f->script->deaf = deaf;
		id = submit_periodic(f, PERIOD, 0);
		fixture_step(f);
		fixture_check(f);
		record = expect_release(f, id, deaf ? BPFSCHED_STATUS_OK :
					BPFSCHED_STATUS_CANCELLED, 0, 0);
		KUNIT_EXPECT_TRUE(test, is_last(&record));
		KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).pending);
		deaf = !deaf;
	} while (deaf);
	fixture_pass(f, 5 * PERIOD);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	fixture_expect_silence(f, f->client);
}

static void failed_release_does_not_end_the_job(struct kunit *test)
{
	static const struct { u32 outcome, status; } table[] = {
		{ BPFSCHED_FAULTED, BPFSCHED_STATUS_FAULT },
		{ BPFSCHED_EXHAUSTED, BPFSCHED_STATUS_BUDGET },
		{ BPFSCHED_DONE, BPFSCHED_STATUS_OK },
	};
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_periodic(f, PERIOD, 3);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		f->script->outcome = table[i].outcome;
		f->script->result.instructions = 10 + i;
		f->script->result.fault.pc = i ? 0 : 7;
		f->script->result.r0 = i == 2;
		expect_step_at(f, T0 + i * PERIOD);
		record = expect_release(f, id, table[i].status, i, 0);
		KUNIT_EXPECT_EQ(test, 10 + i, record.instructions);
		KUNIT_EXPECT_EQ(test, i ? 0U : 7U, record.fault_pc);
		KUNIT_EXPECT_EQ(test, i == 2, record.r0);
		KUNIT_EXPECT_EQ(test, i == 2, is_last(&record));
	}
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).failed);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).completed);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).exec_count);
}

/* The time of a release is up; the next one has all of it again. */
static void each_release_has_its_own_time(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id, i;

	f->script->takes_ns = 60;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = PERIOD, .count = 3, .budget_ns = 40,
	});
	for (i = 0; i < 3; i++) {
		expect_step_at(f, T0 + i * PERIOD);
		record = expect_release(f, id, BPFSCHED_STATUS_BUDGET, i, 0);
		KUNIT_EXPECT_EQ(test, 40ULL, record.run_ns);
		KUNIT_EXPECT_EQ(test, i == 2, is_last(&record));
	}
}

static void close_client_of_run(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	fixture_close(f, run->job->client);
	fixture_check(f);
}

static void close_while_a_release_runs(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_job_desc desc = { .period_ns = PERIOD };
	bool deaf = false;

	do {
		struct bpfsched_client *client = fixture_open(f);
		u64 i;

		f->script->deaf = deaf;
		KUNIT_EXPECT_EQ(test, 0,
				fixture_try(client, f->script, &desc));
		/* Completions of earlier releases are there, unread. */
		f->script->during = NULL;
		for (i = 0; i < 3; i++) {
			fixture_run_all(f);
			fixture_pass(f, PERIOD);
		}
		f->script->during = close_client_of_run;
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_check(f);
		KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).pending);
		KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
		desc.id = 0;
		deaf = !deaf;
	} while (deaf);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 7ULL, fixture_stat(f).completed);
}

#define CONTEXT_LEN	13

/* The context of a release is as the one before has left it. */
static void context_of_each_release(struct kunit *test, u64 count)
{
	static const u8 bytes[CONTEXT_LEN] = "twelve bytes";
	struct fixture *f = narrow_fixture(test, 3);
	struct bpfsched_record_slot *slot;
	u64 i;
	u32 j;

	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
		.context = (uintptr_t)bytes,
		.context_len = CONTEXT_LEN,
		.period_ns = PERIOD,
		.count = count,
	});
	for (i = 0; i < 5; i++) {
		f->script->flip = 1 << i;
		KUNIT_EXPECT_EQ(test, 1U, run_periods(f, i, i + 1));
		slot = fixture_first(f->client);
		KUNIT_ASSERT_NOT_NULL(test, slot);
		KUNIT_EXPECT_TRUE(test, slot->record.record.flags &
					BPFSCHED_COMPLETION_CONTEXT);
		KUNIT_EXPECT_EQ(test, CONTEXT_LEN, slot->record.context_len);
		KUNIT_EXPECT_EQ(test, sizeof(slot->record) + 16,
				slot->record.record.size);
		for (j = 0; slot->context && j < CONTEXT_LEN; j++)
			KUNIT_EXPECT_EQ(test, bytes[j] ^ ((2 << i) - 1),
					((u8 *)slot->context)[j]);
		KUNIT_EXPECT_NOT_NULL(test, slot->context);
		fixture_consume(f->client);
	}
}

static void context_comes_back_with_each_release(struct kunit *test)
{
	context_of_each_release(test, 0);
}

static void context_comes_back_with_the_last_release(struct kunit *test)
{
	context_of_each_release(test, 5);
}

/* A release whose slot is the one that is kept for the end. */
static void context_comes_back_in_the_last_slot(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 2);
	static const u8 byte = 0x55;
	struct bpfsched_record_slot *slot;
	u64 i;

	f->script->flip = 0xff;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
		.context = (uintptr_t)&byte,
		.context_len = 1,
		.period_ns = PERIOD,
		.count = 4,
	});
	KUNIT_EXPECT_EQ(test, 2U, run_periods(f, 0, 4));
	for (i = 0; i < 2; i++) {
		slot = fixture_first(f->client);
		KUNIT_ASSERT_NOT_NULL(test, slot);
		KUNIT_EXPECT_EQ(test, i ? 2ULL : 0ULL, slot->record.overruns);
		KUNIT_EXPECT_EQ(test, 1U, slot->record.context_len);
		KUNIT_ASSERT_NOT_NULL(test, slot->context);
		KUNIT_EXPECT_EQ(test, i ? 0x55 : 0xaa, *(u8 *)slot->context);
		fixture_consume(f->client);
	}
	fixture_expect_silence(f, f->client);
}

static void expect_byte(struct fixture *f, u32 status, u8 byte)
{
	struct bpfsched_record_slot *slot = fixture_first(f->client);

	KUNIT_ASSERT_NOT_NULL(f->test, slot);
	KUNIT_EXPECT_EQ(f->test, status, slot->record.status);
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_COMPLETION_CONTEXT,
			slot->record.record.flags &
			BPFSCHED_COMPLETION_CONTEXT);
	KUNIT_EXPECT_EQ(f->test, 1U, slot->record.context_len);
	KUNIT_ASSERT_NOT_NULL(f->test, slot->context);
	KUNIT_EXPECT_EQ(f->test, byte, *(u8 *)slot->context);
	fixture_consume(f->client);
}

/*
 * As that of a job that runs once: as it was submitted, or as the release before
 * has left it; with slots of a pool, whose memory stays with it, and without.
 */
static void context_of_a_cancelled_release(struct kunit *test, bool preallocate,
					   u32 releases)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	static const u8 byte = 0x55;
	struct fixture *f;
	u32 slots;
	u64 id;
	u32 i;

	params.preallocate = preallocate;
	f = fixture_new(test, &params);
	slots = fixture_free_slots(f);
	f->script->flip = 0xff;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
		.context = (uintptr_t)&byte,
		.context_len = 1,
		.period_ns = PERIOD,
	});
	for (i = 0; i < releases; i++) {
		KUNIT_EXPECT_EQ(test, 1U, run_periods(f, i, i + 1));
		expect_byte(f, BPFSCHED_STATUS_OK, i % 2 ? 0x55 : 0xaa);
	}
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	expect_byte(f, BPFSCHED_STATUS_CANCELLED, releases % 2 ? 0xaa : 0x55);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, slots, fixture_free_slots(f));
}

static void context_comes_back_when_cancelled_before_it_ran(struct kunit *test)
{
	context_of_a_cancelled_release(test, false, 0);
}

static void context_comes_back_when_cancelled_between_releases(struct kunit *test)
{
	context_of_a_cancelled_release(test, false, 3);
}

static void context_from_the_pool_comes_back_when_cancelled(struct kunit *test)
{
	context_of_a_cancelled_release(test, true, 1);
}

/* There is one context, and the next release needs it. */
static void missed_release_has_no_context_unless_last(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	static const u8 byte = 0x55;
	u64 id;

	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT | BPFSCHED_JOB_FIRM |
			 BPFSCHED_JOB_DEADLINE_REL,
		.context = (uintptr_t)&byte,
		.context_len = 1,
		.deadline_ns = PERIOD / 2,
		.period_ns = PERIOD,
		.count = 2,
	});
	fixture_pass(f, PERIOD / 2);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_MISSED);
	KUNIT_EXPECT_FALSE(test, record.record.flags &
				 BPFSCHED_COMPLETION_CONTEXT);
	fixture_pass(f, PERIOD);
	expect_byte(f, BPFSCHED_STATUS_MISSED, byte);
	fixture_expect_silence(f, f->client);
}

/* With job slots and contexts that were made with the scheduler. */
static void periodic_job_from_the_pool(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct bpfsched_completion record;
	struct fixture *f;
	u32 slots;
	u64 i, id;

	params.preallocate = true;
	f = fixture_new(test, &params);
	slots = fixture_free_slots(f);
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
		.context_len = 8,
		.period_ns = PERIOD,
		.count = 3,
	});
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, slots - 1, fixture_free_slots(f));
		KUNIT_EXPECT_EQ(test, 1U, run_periods(f, i, i + 1));
		record = expect_release(f, id, BPFSCHED_STATUS_OK, i, 0);
		KUNIT_EXPECT_EQ(test, 8U, record.context_len);
	}
	KUNIT_EXPECT_EQ(test, slots, fixture_free_slots(f));
}

/* There are more periods than time. */
static void periods_end_with_time(struct kunit *test)
{
	static const u64 periods[] = { U64_MAX, U64_MAX - T0 + 1, 1ULL << 63 };
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	size_t i;
	u64 id;

	for (i = 0; i < ARRAY_SIZE(periods); i++) {
		id = submit_with_deadline(f, periods[i], 0, 1ULL << 62, 0);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_check(f);
		expect_release(f, id, BPFSCHED_STATUS_OK, 0, 0);
		fixture_pass(f, 1ULL << 40);
		KUNIT_EXPECT_FALSE(test, fixture_step(f));
		fixture_check(f);
		KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
		record = expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 1, 0);
		if (i < 2)
			KUNIT_EXPECT_EQ(test, U64_MAX, record.submitted_ns);
		KUNIT_EXPECT_LE(test, 1ULL << 63, record.submitted_ns);
		KUNIT_EXPECT_LE(test, record.submitted_ns, record.deadline_ns);
	}
}

/* The product of number and period does not fit, after many overruns. */
static void product_of_periods_saturates(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_periodic(f, 1ULL << 61, 0);

	f->now_ns = T0 + (3ULL << 61) + 1;
	fixture_step(f);
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 3);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	record = expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 4, 0);
	KUNIT_EXPECT_EQ(test, T0 + (4ULL << 61), record.submitted_ns);

	f->now_ns = T0;
	id = submit_periodic(f, 1ULL << 61, 0);
	f->now_ns = T0 + (7ULL << 61) + 1;
	fixture_step(f);
	expect_release(f, id, BPFSCHED_STATUS_OK, 0, 7);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	record = expect_release(f, id, BPFSCHED_STATUS_CANCELLED, 8, 0);
	KUNIT_EXPECT_EQ(test, U64_MAX, record.submitted_ns);
	f->now_ns = T0;
}

static struct kunit_case release_end_cases[] = {
	KUNIT_CASE(cancel_between_releases),
	KUNIT_CASE(cancel_a_pending_release),
	KUNIT_CASE(cancel_a_running_release),
	KUNIT_CASE(failed_release_does_not_end_the_job),
	KUNIT_CASE(each_release_has_its_own_time),
	KUNIT_CASE(close_while_a_release_runs),
	KUNIT_CASE(context_comes_back_with_each_release),
	KUNIT_CASE(context_comes_back_with_the_last_release),
	KUNIT_CASE(context_comes_back_in_the_last_slot),
	KUNIT_CASE(context_comes_back_when_cancelled_before_it_ran),
	KUNIT_CASE(context_comes_back_when_cancelled_between_releases),
	KUNIT_CASE(context_from_the_pool_comes_back_when_cancelled),
	KUNIT_CASE(missed_release_has_no_context_unless_last),
	KUNIT_CASE(periodic_job_from_the_pool),
	KUNIT_CASE(periods_end_with_time),
	KUNIT_CASE(product_of_periods_saturates),
	{}
};

static struct kunit_suite release_end_suite = {
	.name = "release_end",
	.exit = fixture_exit,
	.test_cases = release_end_cases,
};

/* Useless after the deadline. */

static u64 submit_firm(struct fixture *f, u64 deadline_ns)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM,
		.deadline_ns = deadline_ns,
	});
}

static void expect_missed(struct fixture *f, u64 id, u64 deadline_ns)
{
	struct bpfsched_completion record =
		fixture_expect_end(f, id, BPFSCHED_STATUS_MISSED);

	KUNIT_EXPECT_EQ(f->test, deadline_ns, record.deadline_ns);
	KUNIT_EXPECT_EQ(f->test, deadline_ns, record.ended_ns);
	KUNIT_EXPECT_EQ(f->test, 0ULL, record.started_ns);
	KUNIT_EXPECT_EQ(f->test, 0ULL, record.start_seq);
	KUNIT_EXPECT_EQ(f->test, 0ULL, record.instructions);
	KUNIT_EXPECT_TRUE(f->test, record.record.flags &
				   BPFSCHED_COMPLETION_MISSED);
}

static void firm_job_is_missed_at_its_deadline(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 firm = submit_firm(f, 50), soft;

	soft = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 50,
	});
	fixture_pass(f, 49);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).pending);
	fixture_pass(f, 1);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).dropped);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
	expect_missed(f, firm, T0 + 50);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	fixture_expect_end(f, soft, BPFSCHED_STATUS_OK);
	fixture_expect_silence(f, f->client);
}

static void firm_job_in_time_runs(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_firm(f, 50);

	fixture_pass(f, 49);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	fixture_pass(f, 100);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
}

static void firm_job_is_missed_while_nothing_is_picked(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id;

	bpfsched_pause(f->sched);
	id = submit_firm(f, 50);
	fixture_pass(f, 50);
	fixture_check(f);
	expect_missed(f, id, T0 + 50);
	bpfsched_resume(f->sched);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
}

/* The clock delivers the completion; what it may not do is left to a work. */
static void missed_job_is_reaped_by_a_work(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 ids[FIXTURE_CAPACITY];
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		ids[i] = submit_firm(f, 50 + i % 2);
	fixture_pass(f, 51);
	KUNIT_EXPECT_TRUE(test, bpfsched_client_has_completions(f->client));
	bpfsched_deferred_flush(f->sched);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	KUNIT_EXPECT_TRUE(test, list_empty(&f->sched->left.ended));
	KUNIT_EXPECT_TRUE(test, list_empty(&f->sched->left.notify));
	for (i = 0; i < FIXTURE_CAPACITY; i += 2)
		expect_missed(f, ids[i], T0 + 50);
	for (i = 1; i < FIXTURE_CAPACITY; i += 2)
		expect_missed(f, ids[i], T0 + 51);
	fixture_check(f);
}

static void started_firm_job_goes_on(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->takes_ns = 100;
	id = submit_firm(f, 50);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_MISSED);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).completed);
	fixture_check(f);
}

/* The clock has not called back yet, but the time has come. */
static void firm_job_is_not_started_late(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 first = submit_firm(f, 50), second = submit_firm(f, 50), third;

	third = submit_firm(f, 51);
	f->now_ns = T0 + 50;
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 1U, fixture_runs(f->script));
	expect_missed(f, first, T0 + 50);
	expect_missed(f, second, T0 + 50);
	fixture_expect_end(f, third, BPFSCHED_STATUS_OK);
	fixture_advance(f, f->now_ns);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).dropped);
	fixture_check(f);
}

static void firm_releases_are_missed_singly(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_with_deadline(f, PERIOD, 3, 40, BPFSCHED_JOB_FIRM);
	struct bpfsched_completion record;
	u64 i;

	for (i = 0; i < 3; i++) {
		fixture_advance(f, T0 + i * PERIOD + (i == 1 ? 39 : 40));
		fixture_check(f);
		KUNIT_EXPECT_EQ(test, i == 1, fixture_step(f));
		record = expect_release(f, id, i == 1 ? BPFSCHED_STATUS_OK :
					BPFSCHED_STATUS_MISSED, i, 0);
		KUNIT_EXPECT_EQ(test, i == 2, is_last(&record));
	}
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).dropped);
	fixture_check(f);
}

/* The deadline is further away than the next release. */
static void missed_release_counts_its_overruns(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_with_deadline(f, PERIOD, 4, 201, BPFSCHED_JOB_FIRM);
	struct bpfsched_completion record;

	fixture_pass(f, 201);
	fixture_check(f);
	record = expect_release(f, id, BPFSCHED_STATUS_MISSED, 0, 2);
	KUNIT_EXPECT_FALSE(test, is_last(&record));
	fixture_advance(f, T0 + 501);
	record = expect_release(f, id, BPFSCHED_STATUS_MISSED, 3, 0);
	KUNIT_EXPECT_TRUE(test, is_last(&record));
	fixture_expect_silence(f, f->client);
	fixture_check(f);
}

static struct kunit_case firm_cases[] = {
	KUNIT_CASE(firm_job_is_missed_at_its_deadline),
	KUNIT_CASE(firm_job_in_time_runs),
	KUNIT_CASE(firm_job_is_missed_while_nothing_is_picked),
	KUNIT_CASE(missed_job_is_reaped_by_a_work),
	KUNIT_CASE(started_firm_job_goes_on),
	KUNIT_CASE(firm_job_is_not_started_late),
	KUNIT_CASE(firm_releases_are_missed_singly),
	KUNIT_CASE(missed_release_counts_its_overruns),
	{}
};

static struct kunit_suite firm_suite = {
	.name = "release_firm",
	.exit = fixture_exit,
	.test_cases = firm_cases,
};

kunit_test_suites(&not_before_suite, &periodic_suite, &release_end_suite,
		  &firm_suite);
