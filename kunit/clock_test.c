// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines as time goes on: misses are counted once, when they happen, and
 * the clock is armed for what comes next.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ktime.h>

#include "../sched_core/timers.h"
#include "fixture.h"

/* Times that the kernel's clock is waited for, a millisecond each. */
#define PATIENCE	10000

/* More deadlines than one call of the clock deals with. */
#define MANY		70

#define START		FIXTURE_START_NS

static u64 submit_due_in(struct fixture *f, u64 relative_ns)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = relative_ns,
	});
}

static void expect_misses(struct fixture *f, u64 misses, const char *when)
{
	KUNIT_EXPECT_EQ_MSG(f->test, misses, fixture_stat(f).deadline_misses,
			    "%s", when);
	fixture_check(f);
}

/* Take the completion of a job, which is to say whether it missed. */
static void expect_missed(struct fixture *f, u64 id, u32 status, bool missed)
{
	struct bpfsched_completion record = fixture_expect_end(f, id, status);
	u16 flags = BPFSCHED_COMPLETION_LAST;

	if (missed)
		flags |= BPFSCHED_COMPLETION_MISSED;
	KUNIT_EXPECT_EQ_MSG(f->test, flags, record.record.flags,
			    "job %llu should %shave missed", id,
			    missed ? "" : "not ");
}

static void pending_job_misses_at_its_very_nanosecond(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_due_in(f, 100);

	fixture_advance(f, START + 99);
	expect_misses(f, 0, "a nanosecond early");
	fixture_advance(f, START + 100);
	expect_misses(f, 1, "now");
	fixture_advance(f, START + 1000);
	expect_misses(f, 1, "once is enough");
	KUNIT_EXPECT_EQ_MSG(test, 1ULL, fixture_stat(f).pending,
			    "it is late, but it will run");

	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	expect_misses(f, 1, "the late run");
	expect_missed(f, id, BPFSCHED_STATUS_OK, true);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).completed);
}

static void see_a_miss(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	expect_misses(f, 0, "the run has begun");
	fixture_pass(f, 59);
	expect_misses(f, 0, "a nanosecond early");
	fixture_pass(f, 1);
	expect_misses(f, 1, "in the middle of the run");
	fixture_pass(f, 40);
	expect_misses(f, 1, "later in the run");
}

static void running_job_misses_while_it_runs(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_due_in(f, 100);

	f->script->during = see_a_miss;
	fixture_pass(f, 40);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	expect_misses(f, 1, "after the run");
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_MISSED);
	KUNIT_EXPECT_EQ(test, START + 100, record.deadline_ns);
	KUNIT_EXPECT_EQ(test, START + 40, record.started_ns);
	KUNIT_EXPECT_EQ(test, START + 140, record.ended_ns);
}

static void job_that_ends_in_time_does_not_miss(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_due_in(f, 100);

	f->script->takes_ns = 99;
	fixture_step(f);
	expect_misses(f, 0, "it ended a nanosecond early");
	expect_missed(f, id, BPFSCHED_STATUS_OK, false);
	fixture_pass(f, 1000);
	expect_misses(f, 0, "there is nothing to miss any more");
}

static void job_that_ends_at_its_deadline_misses(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_due_in(f, 100);

	f->script->takes_ns = 100;
	fixture_step(f);
	expect_misses(f, 1, "it ended at the very nanosecond");
	expect_missed(f, id, BPFSCHED_STATUS_OK, true);
}

/* The clock is late: whoever ends the job sees that it missed. */
static void miss_is_seen_before_the_clock_calls_back(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_due_in(f, 100);

	f->now_ns = START + 100;
	expect_misses(f, 0, "nobody has looked yet");
	fixture_step(f);
	expect_misses(f, 1, "at the end of the job");
	expect_missed(f, id, BPFSCHED_STATUS_OK, true);
	fixture_advance(f, START + 100);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
	expect_misses(f, 1, "when the clock calls back at last");
}

static void cancelled_job_can_have_missed(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 unseen = submit_due_in(f, 100);
	u64 in_time = submit_due_in(f, 101);
	u64 seen = submit_due_in(f, 50);

	fixture_advance(f, START + 50);
	expect_misses(f, 1, "the first has passed");
	bpfsched_cancel(f->client, seen);
	expect_missed(f, seen, BPFSCHED_STATUS_CANCELLED, true);
	f->now_ns = START + 100;
	bpfsched_cancel(f->client, unseen);
	expect_missed(f, unseen, BPFSCHED_STATUS_CANCELLED, true);
	bpfsched_cancel(f->client, in_time);
	expect_missed(f, in_time, BPFSCHED_STATUS_CANCELLED, false);
	expect_misses(f, 2, "the clock has not called back");
	fixture_pass(f, 1000);
	expect_misses(f, 2, "the clock has called back");
}

static void jobs_of_a_closed_client_miss_too(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	submit_due_in(f, 100);
	submit_due_in(f, 200);
	fixture_pass(f, 100);
	fixture_close(f, f->client);
	expect_misses(f, 1, "the other one was cancelled before");
	fixture_pass(f, 1000);
	expect_misses(f, 1, "nothing is left to miss");
}

static void close_and_be_late(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	fixture_close(f, f->client);
	fixture_check(f);
	fixture_pass(f, 100);
	expect_misses(f, 1, "the client is closed, its job runs");
}

static void running_job_of_a_closed_client_misses(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	f->script->during = close_and_be_late;
	submit_due_in(f, 100);
	fixture_step(f);
	expect_misses(f, 1, "the job has ended");
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
}

static void each_job_misses_at_its_own_time(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 missed;

	submit_due_in(f, 300);
	submit_due_in(f, 100);
	submit_due_in(f, 200);
	fixture_submit(f, &(struct bpfsched_job_desc) {});
	for (missed = 1; missed <= 3; missed++) {
		fixture_advance(f, START + 100 * missed - 1);
		expect_misses(f, missed - 1, "a nanosecond before the next");
		fixture_advance(f, START + 100 * missed);
		expect_misses(f, missed, "the next has passed");
	}
	fixture_advance(f, START + 100000);
	expect_misses(f, 3, "a job without a deadline does not miss");
}

static struct kunit_case miss_cases[] = {
	KUNIT_CASE(pending_job_misses_at_its_very_nanosecond),
	KUNIT_CASE(running_job_misses_while_it_runs),
	KUNIT_CASE(job_that_ends_in_time_does_not_miss),
	KUNIT_CASE(job_that_ends_at_its_deadline_misses),
	KUNIT_CASE(miss_is_seen_before_the_clock_calls_back),
	KUNIT_CASE(cancelled_job_can_have_missed),
	KUNIT_CASE(jobs_of_a_closed_client_miss_too),
	KUNIT_CASE(running_job_of_a_closed_client_misses),
	KUNIT_CASE(each_job_misses_at_its_own_time),
	{}
};

static struct kunit_suite miss_suite = {
	.name = "clock_miss",
	.exit = fixture_exit,
	.test_cases = miss_cases,
};

/* When the clock is armed. */

static void clock_is_armed_for_the_first_deadline(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	KUNIT_EXPECT_EQ_MSG(test, U64_MAX, f->armed_ns, "nothing to wait for");
	fixture_submit(f, &(struct bpfsched_job_desc) {});
	KUNIT_EXPECT_EQ_MSG(test, U64_MAX, f->armed_ns, "still nothing");
	submit_due_in(f, 200);
	KUNIT_EXPECT_EQ(test, START + 200, f->armed_ns);
	submit_due_in(f, 300);
	KUNIT_EXPECT_EQ_MSG(test, START + 200, f->armed_ns, "a later one");
	KUNIT_EXPECT_EQ_MSG(test, 1U, f->arms, "no need to arm it again");
	submit_due_in(f, 100);
	KUNIT_EXPECT_EQ_MSG(test, START + 100, f->armed_ns, "an earlier one");
	KUNIT_EXPECT_EQ(test, 2U, f->arms);

	fixture_advance(f, START + 100);
	KUNIT_EXPECT_EQ(test, START + 200, f->armed_ns);
	fixture_advance(f, START + 200);
	KUNIT_EXPECT_EQ(test, START + 300, f->armed_ns);
	fixture_advance(f, START + 300);
	KUNIT_EXPECT_EQ_MSG(test, U64_MAX, f->armed_ns, "all have passed");
	KUNIT_EXPECT_EQ(test, 3U, f->ticks);
	KUNIT_EXPECT_EQ(test, 4U, f->arms);
	expect_misses(f, 3, "each has passed");
}

static void job_that_ended_early_leaves_a_harmless_call(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	submit_due_in(f, 100);
	fixture_run_all(f);
	submit_due_in(f, 500);
	fixture_advance(f, START + 100);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
	expect_misses(f, 0, "the job has ended long ago");
	KUNIT_EXPECT_EQ_MSG(test, START + 500, f->armed_ns,
			    "the other one is not forgotten");

	fixture_run_all(f);
	fixture_advance(f, START + 500);
	KUNIT_EXPECT_EQ(test, 2U, f->ticks);
	KUNIT_EXPECT_EQ(test, U64_MAX, f->armed_ns);
	expect_misses(f, 0, "this one has ended too");
}

/* A job that has missed does not make the clock call back again. */
static void missed_job_is_not_waited_for(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	submit_due_in(f, 100);
	fixture_advance(f, START + 100);
	KUNIT_EXPECT_EQ(test, U64_MAX, f->armed_ns);
	submit_due_in(f, 200);
	KUNIT_EXPECT_EQ(test, START + 300, f->armed_ns);
	fixture_advance(f, START + 299);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
}

static void early_call_changes_nothing(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	submit_due_in(f, 100);
	f->armed_ns = START + 50;
	fixture_advance(f, START + 50);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
	expect_misses(f, 0, "the call came too early");
	KUNIT_EXPECT_EQ(test, START + 100, f->armed_ns);
	fixture_advance(f, START + 100);
	expect_misses(f, 1, "in time");
}

static void late_call_counts_all_that_has_passed(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	submit_due_in(f, 100);
	submit_due_in(f, 200);
	submit_due_in(f, 301);
	f->now_ns = START + 300;
	fixture_advance(f, START + 300);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
	expect_misses(f, 2, "two have passed");
	KUNIT_EXPECT_EQ(test, START + 301, f->armed_ns);
}

static struct fixture *new_with_room_for_many(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.capacity = MANY + 1;
	params.limits.completion_slots = MANY + 1;
	return fixture_new(test, &params);
}

/* One call does a part of it; the clock is armed for the rest soon after. */
static void more_is_due_than_one_call_handles(struct kunit *test)
{
	struct fixture *f = new_with_room_for_many(test);
	u32 i;

	for (i = 0; i < MANY; i++)
		submit_due_in(f, 100);
	submit_due_in(f, 101);

	fixture_advance(f, START + 100);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
	expect_misses(f, 32, "the first call");
	KUNIT_EXPECT_EQ_MSG(test, START + 100 + BPFSCHED_TICK_BACKOFF_NS,
			    f->armed_ns, "38 are due, and not forgotten");
	fixture_advance(f, START + 100 + BPFSCHED_TICK_BACKOFF_NS);
	KUNIT_EXPECT_EQ(test, 2U, f->ticks);
	expect_misses(f, 64, "the second call");
	fixture_advance(f, START + 100 + 2 * BPFSCHED_TICK_BACKOFF_NS);
	KUNIT_EXPECT_EQ(test, 3U, f->ticks);
	expect_misses(f, MANY + 1, "the third call");
	KUNIT_EXPECT_EQ(test, U64_MAX, f->armed_ns);
	KUNIT_EXPECT_EQ(test, MANY + 1, fixture_run_all(f));
}

/* What is due adds what is due later, and so do submitters meanwhile. */
static void breather_is_taken_whatever_is_added(struct kunit *test)
{
	struct fixture *f = new_with_room_for_many(test);
	u32 i;

	for (i = 0; i < MANY; i++)
		fixture_submit(f, &(struct bpfsched_job_desc) {
			.flags = BPFSCHED_JOB_NOT_BEFORE_REL |
				 BPFSCHED_JOB_DEADLINE_REL,
			.not_before_ns = 100,
			.deadline_ns = NSEC_PER_SEC,
		});

	fixture_advance(f, START + 100);
	KUNIT_EXPECT_EQ(test, 1U, f->ticks);
	KUNIT_EXPECT_EQ(test, START + 100 + BPFSCHED_TICK_BACKOFF_NS, f->armed_ns);
	submit_due_in(f, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ_MSG(test, START + 100 + BPFSCHED_TICK_BACKOFF_NS,
			    f->armed_ns, "a submission does not shorten it");
	fixture_check(f);
	fixture_advance(f, START + 100 + 2 * BPFSCHED_TICK_BACKOFF_NS);
	KUNIT_EXPECT_EQ(test, 3U, f->ticks);
	KUNIT_EXPECT_EQ(test, START + 100 + NSEC_PER_SEC, f->armed_ns);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, MANY + 1, fixture_run_all(f));
}

static void deadline_can_be_beyond_the_end_of_time(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 saturated = submit_due_in(f, U64_MAX);
	u64 beyond = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_ABS,
		.deadline_ns = (u64)KTIME_MAX + 1,
	});
	u64 within = submit_due_in(f, 100);

	KUNIT_EXPECT_EQ(test, START + 100, f->armed_ns);
	fixture_advance(f, START + 100);
	expect_misses(f, 1, "the one that time can reach");
	KUNIT_EXPECT_EQ(test, (u64)KTIME_MAX, f->armed_ns);
	fixture_advance(f, KTIME_MAX - 1);
	expect_misses(f, 1, "at the end of time");

	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	expect_missed(f, within, BPFSCHED_STATUS_OK, true);
	record = fixture_expect_end(f, beyond, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, (u64)KTIME_MAX + 1, record.deadline_ns);
	record = fixture_expect_end(f, saturated, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, U64_MAX, record.deadline_ns);
	expect_misses(f, 1, "all have ended");
}

static void absolute_and_relative_are_the_same(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 relative = submit_due_in(f, 500);
	u64 absolute = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_ABS,
		.deadline_ns = START + 499,
	});
	struct bpfsched_completion record;

	fixture_run_all(f);
	record = fixture_expect_end(f, absolute, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, START + 499, record.deadline_ns);
	record = fixture_expect_end(f, relative, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, START + 500, record.deadline_ns);
}

/* The clock of the kernel, the one thing here that has to be waited for. */
static void clock_of_the_kernel_calls_back(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct fixture *f;
	u64 id;
	int i;

	params.clock = NULL;
	f = fixture_new(test, &params);
	submit_due_in(f, 3600 * NSEC_PER_SEC);
	id = submit_due_in(f, 2 * NSEC_PER_MSEC);
	submit_due_in(f, 1 * NSEC_PER_MSEC);
	submit_due_in(f, U64_MAX);
	for (i = 0; i < PATIENCE; i++) {
		if (fixture_stat(f).deadline_misses == 2)
			break;
		usleep_range(1000, 1500);
	}
	KUNIT_EXPECT_EQ_MSG(test, 2ULL, fixture_stat(f).deadline_misses,
			    "two of the four deadlines have passed");
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	expect_missed(f, id, BPFSCHED_STATUS_CANCELLED, true);
}

static struct kunit_case arm_cases[] = {
	KUNIT_CASE(clock_is_armed_for_the_first_deadline),
	KUNIT_CASE(job_that_ended_early_leaves_a_harmless_call),
	KUNIT_CASE(missed_job_is_not_waited_for),
	KUNIT_CASE(early_call_changes_nothing),
	KUNIT_CASE(late_call_counts_all_that_has_passed),
	KUNIT_CASE(more_is_due_than_one_call_handles),
	KUNIT_CASE(breather_is_taken_whatever_is_added),
	KUNIT_CASE(deadline_can_be_beyond_the_end_of_time),
	KUNIT_CASE(absolute_and_relative_are_the_same),
	KUNIT_CASE(clock_of_the_kernel_calls_back),
	{}
};

static struct kunit_suite arm_suite = {
	.name = "clock_arm",
	.exit = fixture_exit,
	.test_cases = arm_cases,
};

kunit_test_suites(&miss_suite, &arm_suite);
