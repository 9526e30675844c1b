// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend: what runs is held where it is, what waits is not started, and all
 * goes on afterwards.
 */
#include <kunit/test.h>
#include <linux/delay.h>

#include "../sched_core/suspend.h"
#include "fixture.h"

/* Times that a thread is waited for, a millisecond each. */
#define PATIENCE	10000

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

#define DUE_IN(ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = (ns)

static void suspend_in_a_run(struct fixture_run *run)
{
	if (run->turns == 1)
		bpfsched_suspend(run->script->fixture->sched);
}

/* Submit a job that runs for some time, and in whose run the system suspends. */
static u64 submit_held(struct fixture *f, struct bpfsched_job_desc *desc,
		       u64 takes_ns)
{
	u64 id;

	f->script->pauses = true;
	f->script->takes_ns = takes_ns;
	f->script->during = suspend_in_a_run;
	id = fixture_submit(f, desc);
	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	KUNIT_EXPECT_EQ(f->test, 1ULL, fixture_stat(f).running);
	fixture_expect_silence(f, f->client);
	fixture_check(f);
	return id;
}

static void running_job_is_held_and_goes_on(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id = submit_held(f, ANY_JOB, 0);

	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ_MSG(test, 1U, fixture_runs(f->script), "it did not start anew");
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	fixture_expect_silence(f, f->client);
	fixture_check(f);
}

static void nothing_is_started(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id;

	bpfsched_suspend(f->sched);
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ_MSG(test, 0U, fixture_stat(f).state,
			    "an administrator has not paused it");
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
}

/* The pause is the administrator's, and none of the system's business. */
static void pause_outlives_a_suspend(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	fixture_submit(f, ANY_JOB);
	bpfsched_pause(f->sched);
	bpfsched_suspend(f->sched);
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	bpfsched_resume(f->sched);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
}

static void time_of_the_suspend_does_not_count(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id = submit_held(f, &(struct bpfsched_job_desc) {
		.budget_ns = 100,
	}, 80);

	fixture_pass(f, 1000);
	bpfsched_wake(f->sched);
	fixture_pass(f, 1000);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 80ULL, record.run_ns);
	fixture_check(f);
}

/* Admission looks at how long each job has run, and must not make it longer. */
static void admission_leaves_held_job_alone(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_held(f, &(struct bpfsched_job_desc) {
		DUE_IN(10000), .run_time_ns = 100,
	}, 80);

	fixture_pass(f, 1000);
	fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(20000), .run_time_ns = 10,
	});
	KUNIT_EXPECT_TRUE_MSG(test, f->sched->workers[0].job->entity.admitted,
			      "it has kept to its declaration");
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 80ULL, record.run_ns);
	fixture_check(f);
}

/* The clock has not called back yet when the worker comes to hold its job. */
static void be_late(struct fixture_run *run)
{
	if (run->turns == 1)
		run->script->fixture->now_ns += 100;
}

static void suspend_then_see_rank(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	suspend_in_a_run(run);
	if (run->turns == 1)
		return;
	KUNIT_EXPECT_TRUE(f->test, run->job->entity.admitted);
	fixture_pass(f, 1);
	KUNIT_EXPECT_FALSE(f->test, run->job->entity.admitted);
}

/* Who has run too long when it is held does not go on with its rank. */
static void overrun_is_seen_after_the_suspend(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->afterwards = be_late;
	id = submit_held(f, &(struct bpfsched_job_desc) {
		DUE_IN(10000), .run_time_ns = 100,
	}, 80);
	f->script->during = suspend_then_see_rank;
	fixture_pass(f, 1000);
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 181ULL, record.run_ns);
	fixture_check(f);
}

static void deadline_passes_while_held(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = submit_held(f, &(struct bpfsched_job_desc) { DUE_IN(100) }, 10);

	fixture_pass(f, 1000);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_MISSED);
}

/* The end of a scheduler does not have to wait for the system to wake up. */
static void held_job_can_be_stopped(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id = submit_held(f, ANY_JOB, 0);

	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	fixture_check(f);
	bpfsched_wake(f->sched);
}

static void held_job_makes_way_afterwards(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 late, urgent;

	late = submit_held(f, &(struct bpfsched_job_desc) { DUE_IN(1000) }, 0);
	f->script->during = NULL;
	urgent = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(10) });
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	bpfsched_wake(f->sched);

	fixture_run_all(f);
	fixture_expect_end(f, urgent, BPFSCHED_STATUS_OK);
	record = fixture_expect_end(f, late, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);
	KUNIT_EXPECT_EQ_MSG(test, 2U, fixture_runs(f->script), "it did not start anew");
	fixture_check(f);
}

/* Told to make way, and then the system suspends before it does. */
static void arrive_and_suspend(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	struct bpfsched_job_desc desc = { .id = 77, DUE_IN(10) };

	if (run->turns > 1)
		return;
	run->script->during = NULL;
	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(f->client, run->script, &desc));
	bpfsched_suspend(f->sched);
}

static void preemption_waits_for_the_end_of_the_suspend(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id;

	f->script->pauses = true;
	f->script->during = arrive_and_suspend;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(1000) });
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	bpfsched_wake(f->sched);
	fixture_run_all(f);
	fixture_expect_end(f, 77, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
	fixture_check(f);
}

/* Neither held nor told to pause any more when the suspend is called off. */
static void suspend_and_wake(struct fixture_run *run)
{
	bpfsched_suspend(run->script->fixture->sched);
	bpfsched_wake(run->script->fixture->sched);
}

static void suspend_is_called_off(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id;

	f->script->pauses = true;
	f->script->during = suspend_and_wake;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	fixture_check(f);
}

static void crowd_and_suspend(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	struct bpfsched_job_desc desc = {
		.id = 77,
		.priority = BPFSCHED_PRIORITY_CRITICAL,
	};

	run->script->during = NULL;
	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(f->client, run->script, &desc));
	bpfsched_suspend(f->sched);
}

static void call_suspend_off(struct fixture_run *run)
{
	run->script->afterwards = NULL;
	bpfsched_wake(run->script->fixture->sched);
}

/*
 * Paused for a suspend that has been called off meanwhile: a job whose policy
 * lets it run to completion does not make way for one that ranks before it.
 */
static void paused_job_goes_on_when_suspend_is_called_off(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->pauses = true;
	f->script->during = crowd_and_suspend;
	f->script->afterwards = call_suspend_off;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 1U, fixture_runs(f->script));
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	fixture_expect_end(f, 77, BPFSCHED_STATUS_OK);
	fixture_check(f);
}

static bool is_asleep(struct fixture *f)
{
	bool asleep;

	raw_spin_lock_irq(&f->sched->lock);
	asleep = !list_empty(&f->sched->workers[0].idle);
	raw_spin_unlock_irq(&f->sched->lock);
	return asleep;
}

static bool is_held(struct fixture *f)
{
	bool held;

	raw_spin_lock_irq(&f->sched->lock);
	held = f->sched->workers[0].held;
	raw_spin_unlock_irq(&f->sched->lock);
	return held;
}

static void expect_held(struct fixture *f, bool held)
{
	int i;

	for (i = 0; i < PATIENCE && is_held(f) != held; i++)
		usleep_range(1000, 1500);
	KUNIT_EXPECT_EQ(f->test, held, is_held(f));
}

/* A real thread, whose job runs until it is told otherwise. */
static struct fixture *thread_that_runs(struct kunit *test, u64 *id)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct fixture *f;
	int i;

	params.no_threads = false;
	params.clock = NULL;
	f = fixture_new(test, &params);
	f->script->pauses = true;
	f->script->until_stopped = true;
	*id = fixture_submit(f, ANY_JOB);
	for (i = 0; i < PATIENCE && !fixture_stat(f).running; i++)
		usleep_range(1000, 1500);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).running);
	return f;
}

/* Held, let go on, held, and ended while it is held. */
static void thread_ends_while_it_holds_a_job(struct kunit *test)
{
	struct fixture *f;
	u64 id;

	f = thread_that_runs(test, &id);
	bpfsched_suspend(f->sched);
	expect_held(f, true);
	bpfsched_wake(f->sched);
	expect_held(f, false);
	bpfsched_suspend(f->sched);
	expect_held(f, true);
	KUNIT_EXPECT_EQ(test, 1U, fixture_runs(f->script));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).running);
	fixture_free(f);
}

/* Who waits for the end of a job does not have to wait for a suspend. */
static void thread_ends_held_job_that_is_cancelled(struct kunit *test)
{
	struct fixture *f;
	u64 id;
	int i;

	f = thread_that_runs(test, &id);
	bpfsched_suspend(f->sched);
	expect_held(f, true);
	/* So that it sleeps when it is told. */
	for (i = 0; i < PATIENCE && !is_asleep(f); i++)
		usleep_range(1000, 1500);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	for (i = 0; i < PATIENCE && fixture_stat(f).running; i++)
		usleep_range(1000, 1500);
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	bpfsched_wake(f->sched);
	fixture_free(f);
}

static struct kunit_case suspend_cases[] = {
	KUNIT_CASE(running_job_is_held_and_goes_on),
	KUNIT_CASE(nothing_is_started),
	KUNIT_CASE(pause_outlives_a_suspend),
	KUNIT_CASE(time_of_the_suspend_does_not_count),
	KUNIT_CASE(admission_leaves_held_job_alone),
	KUNIT_CASE(overrun_is_seen_after_the_suspend),
	KUNIT_CASE(deadline_passes_while_held),
	KUNIT_CASE(held_job_can_be_stopped),
	KUNIT_CASE(held_job_makes_way_afterwards),
	KUNIT_CASE(preemption_waits_for_the_end_of_the_suspend),
	KUNIT_CASE(suspend_is_called_off),
	KUNIT_CASE(paused_job_goes_on_when_suspend_is_called_off),
	KUNIT_CASE(thread_ends_while_it_holds_a_job),
	KUNIT_CASE(thread_ends_held_job_that_is_cancelled),
	{}
};

static struct kunit_suite suspend_suite = {
	.name = "suspend",
	.exit = fixture_exit,
	.test_cases = suspend_cases,
};

kunit_test_suites(&suspend_suite);
