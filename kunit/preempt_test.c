// SPDX-License-Identifier: GPL-2.0
/*
 * Preemption: who makes way for whom, what a job keeps while it is paused, and
 * the time that jobs are on a worker.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/list.h>

#include "fixture.h"

#define T0	FIXTURE_START_NS

/* Times that a thread is waited for, a millisecond each. */
#define PATIENCE	10000

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/* Members of a request. */
#define DUE_IN(ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = (ns)
#define DUE_AFTER_RELEASE(release, ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_NOT_BEFORE_REL, \
	.deadline_ns = (ns), .not_before_ns = (release)

/* A scheduler whose first script can be paused. */
static struct fixture *
make_fixture(struct kunit *test, const struct bpfsched_policy_ops *policy,
	     u32 workers)
{
	struct bpfsched_params params = fixture_params(policy);
	struct fixture *f;

	params.limits.workers = workers;
	f = fixture_new(test, &params);
	f->script->pauses = true;
	return f;
}

static struct fixture *preempt_fixture(struct kunit *test)
{
	return make_fixture(test, &bpfsched_deadline_policy, 1);
}

/* Submit a run of another script than the first. */
static u64 submit(struct fixture *f, struct fixture_script *script,
		  struct bpfsched_job_desc *desc)
{
	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(f->client, script, desc));
	return desc->id;
}

/**
 * struct arrival - a job that arrives in the first turn of a run
 * @script: what it runs
 * @desc: the request
 * @word: what the control word of the job that runs says then
 */
struct arrival {
	struct fixture_script *script;
	struct bpfsched_job_desc desc;
	u32 word;
};

static void arrive(struct fixture_run *run)
{
	struct arrival *arrival = run->script->data;
	struct fixture *f = run->script->fixture;

	if (run->turns > 1)
		return;
	fixture_check(f);
	submit(f, arrival->script, &arrival->desc);
	arrival->word = READ_ONCE(run->job->control);
	fixture_check(f);
}

/* Let a job arrive in each run of the first script. */
static struct arrival *let_arrive(struct fixture *f,
				  const struct bpfsched_job_desc *desc)
{
	struct arrival *arrival;

	arrival = kunit_kzalloc(f->test, sizeof(*arrival), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, arrival);
	arrival->desc = *desc;
	arrival->script = fixture_pausing_script(f, 0);
	f->script->during = arrive;
	f->script->data = arrival;
	return arrival;
}

static bool was_preempted(const struct bpfsched_completion *record)
{
	return record->record.flags & BPFSCHED_COMPLETION_PREEMPTED;
}

/* Expect that the job that runs next makes way. */
static void expect_pause(struct fixture *f)
{
	u64 preemptions = fixture_stat(f).preemptions;

	fixture_check(f);
	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	fixture_check(f);
	KUNIT_EXPECT_EQ(f->test, 0ULL, fixture_stat(f).running);
	KUNIT_EXPECT_EQ(f->test, preemptions + 1, fixture_stat(f).preemptions);
}

/* Expect that the job that runs next comes to its end. */
static struct bpfsched_completion expect_run(struct fixture *f, u64 id)
{
	fixture_check(f);
	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	fixture_check(f);
	return fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
}

/* Who makes way for whom. */

static void earlier_deadline_takes_over(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct arrival *arrival;
	struct bpfsched_completion record;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	arrival->script->takes_ns = 20;
	f->script->takes_ns = 30;
	f->script->result.r0 = 77;
	f->script->result.instructions = 100;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(500) });
	expect_pause(f);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, arrival->word);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).exec_count);
	fixture_expect_silence(f, f->client);

	record = expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_EQ(test, 2ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, T0 + 30, record.started_ns);
	KUNIT_EXPECT_FALSE(test, was_preempted(&record));
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);

	record = expect_run(f, id);
	KUNIT_EXPECT_EQ(test, 1ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, T0, record.started_ns);
	KUNIT_EXPECT_EQ(test, T0 + 50, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 30ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);
	KUNIT_EXPECT_TRUE(test, was_preempted(&record));
	KUNIT_EXPECT_EQ(test, 77ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 100ULL, record.instructions);
	KUNIT_EXPECT_EQ_MSG(test, 1U, fixture_runs(f->script), "it goes on");
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).exec_count);
	fixture_expect_silence(f, f->client);
}

#define DECLARED(ns)	DUE_IN(ns), .run_time_ns = 1
#define PRIORITY(name)	.priority = BPFSCHED_PRIORITY_ ## name

static const struct {
	struct bpfsched_job_desc runs, arrives;
	bool takes_over;
} pairs[] = {
	{ { DUE_IN(100) }, { DUE_IN(99) }, true },
	{ { DUE_IN(100) }, { DUE_IN(100) }, false },
	{ { DUE_IN(100) }, { DUE_IN(101) }, false },
	{ { DUE_IN(100) }, { DUE_IN(100), PRIORITY(CRITICAL) }, false },
	{ { DUE_IN(100) }, { PRIORITY(CRITICAL) }, false },
	{ { PRIORITY(CRITICAL) }, { DUE_IN(U64_MAX) }, true },
	{ { PRIORITY(LOW) }, { PRIORITY(NORMAL) }, true },
	{ { PRIORITY(NORMAL) }, { PRIORITY(NORMAL) }, false },
	{ { PRIORITY(NORMAL) }, { PRIORITY(LOW) }, false },
	{ { DECLARED(100) }, { DUE_IN(50) }, false },
	{ { DECLARED(100) }, { PRIORITY(CRITICAL) }, false },
	{ { DECLARED(100) }, { DECLARED(100) }, false },
	{ { DECLARED(100) }, { DECLARED(99) }, true },
	{ { DUE_IN(50) }, { DECLARED(100) }, true },
	{ { PRIORITY(CRITICAL) }, { DECLARED(100) }, true },
};

static void rank_decides_who_makes_way(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	struct bpfsched_job_desc desc;
	struct arrival *arrival;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		desc = pairs[i].runs;
		arrival = let_arrive(f, &pairs[i].arrives);
		fixture_submit(f, &desc);
		fixture_step(f);
		fixture_check(f);
		KUNIT_EXPECT_EQ_MSG(test, pairs[i].takes_over ?
				    BPFSCHED_CONTROL_PAUSE :
				    BPFSCHED_CONTROL_RUN, arrival->word,
				    "pair number %zu", i);
		fixture_run_all(f);
		record = fixture_expect_end(f, pairs[i].takes_over ?
					    arrival->desc.id : desc.id,
					    BPFSCHED_STATUS_OK);
		KUNIT_EXPECT_FALSE(test, was_preempted(&record));
		fixture_read(f->client, &record);
		KUNIT_EXPECT_EQ(test, pairs[i].takes_over,
				was_preempted(&record));
		fixture_expect_silence(f, f->client);
	}
}

static void throughput_does_not_preempt(struct kunit *test)
{
	struct fixture *f = make_fixture(test, &bpfsched_throughput_policy, 1);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) {
		PRIORITY(CRITICAL)
	});
	id = fixture_submit(f, ANY_JOB);
	record = expect_run(f, id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, arrival->word);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

/* A release that falls due is an arrival too. */
static void release_takes_over(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	u64 early, late;

	f->script->takes_ns = 100;
	late = fixture_submit(f, ANY_JOB);
	early = submit(f, fixture_pausing_script(f, 10),
		       &(struct bpfsched_job_desc) {
		DUE_AFTER_RELEASE(40, 20)
	});
	expect_pause(f);
	KUNIT_EXPECT_EQ(test, T0 + 40, f->now_ns);
	record = expect_run(f, early);
	KUNIT_EXPECT_EQ(test, T0 + 40, record.started_ns);
	record = expect_run(f, late);
	KUNIT_EXPECT_EQ(test, T0 + 110, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 100ULL, record.run_ns);
}

static void paused_job_keeps_its_place(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct arrival *arrival;
	u64 first, second, before;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	first = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(500) });
	second = submit(f, arrival->script, &(struct bpfsched_job_desc) {
		DUE_IN(500)
	});
	expect_pause(f);
	before = submit(f, arrival->script, &(struct bpfsched_job_desc) {
		DUE_IN(499)
	});
	expect_run(f, arrival->desc.id);
	expect_run(f, before);
	expect_run(f, first);
	expect_run(f, second);
	fixture_expect_silence(f, f->client);
}

static void arrive_and_fill_the_queue(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	struct arrival *arrival = run->script->data;

	arrive(run);
	while (run->turns == 1 && bpfsched_has_room(f->sched))
		submit(f, arrival->script, &(struct bpfsched_job_desc) {
			DUE_IN(900)
		});
}

/* There are more pending jobs than there is room for then. */
static void paused_job_finds_room(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = arrive_and_fill_the_queue;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(500) });
	expect_pause(f);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY + 1ULL,
			fixture_stat(f).pending);
	KUNIT_EXPECT_FALSE(test, bpfsched_has_room(f->sched));
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_FALSE(test, bpfsched_has_room(f->sched));
	expect_run(f, id);
	KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY - 1U, fixture_run_all(f));
}

/* Each job brings on another that is more urgent. */
#define DEPTH	7

static void go_deeper(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	u64 *urgency = run->script->data;

	fixture_check(f);
	if (run->turns > 1)
		return;
	run->result.r0 = 1000 + run->job->user_data;
	run->result.instructions = run->job->user_data;
	if (!--*urgency)
		return;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(100 * *urgency), .user_data = *urgency,
	});
}

static void nest(struct fixture *f)
{
	u64 urgency = DEPTH, i;
	struct bpfsched_completion record;

	f->script->pauses = true;
	f->script->during = go_deeper;
	f->script->data = &urgency;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(100 * DEPTH), .user_data = DEPTH,
	});
	for (i = 1; i < DEPTH; i++)
		expect_pause(f);
	KUNIT_EXPECT_EQ(f->test, DEPTH, fixture_stat(f).pending);
	for (i = 1; i <= DEPTH; i++) {
		record = expect_run(f, DEPTH + 1 - i);
		KUNIT_EXPECT_EQ(f->test, i, record.user_data);
		KUNIT_EXPECT_EQ(f->test, 1000 + i, record.r0);
		KUNIT_EXPECT_EQ(f->test, i, record.instructions);
		KUNIT_EXPECT_EQ(f->test, DEPTH + 1 - i, record.start_seq);
		KUNIT_EXPECT_EQ(f->test, i > 1, record.preemptions);
	}
	KUNIT_EXPECT_EQ(f->test, DEPTH, fixture_runs(f->script));
	KUNIT_EXPECT_EQ(f->test, DEPTH - 1ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_FALSE(f->test, fixture_step(f));
}

static void preemption_nests(struct kunit *test)
{
	nest(preempt_fixture(test));
}

/* With states of the engine that were made with the scheduler. */
static void preemption_nests_in_the_pool(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct fixture *f;
	u32 slots;

	params.preallocate = true;
	f = fixture_new(test, &params);
	slots = fixture_free_slots(f);
	nest(f);
	KUNIT_EXPECT_EQ(test, slots, fixture_free_slots(f));
}

/* One job is preempted again and again. */
static void preemptions_are_counted(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	u64 slow, i;

	f->script->takes_ns = 100;
	slow = fixture_submit(f, ANY_JOB);
	submit(f, fixture_pausing_script(f, 5), &(struct bpfsched_job_desc) {
		DUE_AFTER_RELEASE(20, 20), .period_ns = 20,
	});
	for (i = 1; i <= 6; i++) {
		expect_pause(f);
		KUNIT_EXPECT_EQ(test, T0 + i * 20, f->now_ns);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_check(f);
		fixture_read(f->client, &record);
	}
	/* 20 of its 100 ns before the first, and 15 after each. */
	record = expect_run(f, slow);
	KUNIT_EXPECT_EQ(test, 6U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 100ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 130ULL, record.ended_ns - T0);
	KUNIT_EXPECT_EQ(test, 6ULL, fixture_stat(f).preemptions);
}

/* What a release went through is not told of the next one. */
static void next_release_was_not_preempted(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->takes_ns = 10;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = 100, .count = 2,
	});
	expect_pause(f);
	expect_run(f, arrival->desc.id);
	record = expect_run(f, id);
	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);

	f->script->during = NULL;
	fixture_advance(f, T0 + 100);
	record = expect_run(f, id);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_FALSE(test, was_preempted(&record));
	KUNIT_EXPECT_EQ(test, 10ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 3ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, T0 + 100, record.started_ns);
	KUNIT_EXPECT_EQ_MSG(test, 2U, fixture_runs(f->script),
			    "each release starts from the beginning");
}

static struct kunit_case rank_cases[] = {
	KUNIT_CASE(earlier_deadline_takes_over),
	KUNIT_CASE(rank_decides_who_makes_way),
	KUNIT_CASE(throughput_does_not_preempt),
	KUNIT_CASE(release_takes_over),
	KUNIT_CASE(paused_job_keeps_its_place),
	KUNIT_CASE(paused_job_finds_room),
	KUNIT_CASE(preemption_nests),
	KUNIT_CASE(preemption_nests_in_the_pool),
	KUNIT_CASE(preemptions_are_counted),
	KUNIT_CASE(next_release_was_not_preempted),
	{}
};

static struct kunit_suite rank_suite = {
	.name = "preempt",
	.exit = fixture_exit,
	.test_cases = rank_cases,
};

/* What can come between. */

static void arrive_while_nothing_is_picked(struct fixture_run *run)
{
	struct arrival *arrival = run->script->data;
	struct fixture *f = run->script->fixture;

	if (run->turns > 1)
		return;
	bpfsched_pause(f->sched);
	arrive(run);
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_RUN, arrival->word);
	if (arrival->desc.user_data)
		bpfsched_resume(f->sched);
	arrival->word = READ_ONCE(run->job->control);
}

/* ... but it does when the scheduler picks again. */
static void paused_scheduler_does_not_preempt(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = arrive_while_nothing_is_picked;
	id = fixture_submit(f, ANY_JOB);
	expect_run(f, id);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	bpfsched_resume(f->sched);
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);

	arrival->desc.id = 0;
	arrival->desc.user_data = 1;
	id = fixture_submit(f, ANY_JOB);
	expect_pause(f);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, arrival->word);
	expect_run(f, arrival->desc.id);
	expect_run(f, id);
}

static void pause_after_arrival(struct fixture_run *run)
{
	arrive(run);
	if (run->turns == 1)
		bpfsched_pause(run->script->fixture->sched);
}

/* The job was told to make way, but nothing is picked any more. */
static void paused_scheduler_lets_the_job_go_on(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = pause_after_arrival;
	id = fixture_submit(f, ANY_JOB);
	expect_run(f, id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, arrival->word);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	bpfsched_resume(f->sched);
	expect_run(f, arrival->desc.id);
}

static void cancel_arrival(struct fixture_run *run)
{
	struct arrival *arrival = run->script->data;
	struct fixture *f = run->script->fixture;

	arrive(run);
	if (run->turns == 1)
		KUNIT_EXPECT_EQ(f->test, 0,
				bpfsched_cancel(f->client, arrival->desc.id));
	else
		KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_RUN,
				READ_ONCE(run->job->control));
	fixture_check(f);
}

static void job_goes_on_if_the_other_has_gone(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = cancel_arrival;
	f->script->takes_ns = 10;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, arrival->word);
	fixture_expect_end(f, arrival->desc.id, BPFSCHED_STATUS_CANCELLED);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_FALSE(test, was_preempted(&record));
	KUNIT_EXPECT_EQ(test, 10ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

static void cancel_this_job(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	/* The word is told first what the data says. */
	if (run->script->data)
		arrive(run);
	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_cancel(f->client, run->job->id));
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_STOP,
			READ_ONCE(run->job->control));
}

/* A job that is told to make way and to stop stops. */
static void cancel_wins_over_pause(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = cancel_this_job;
	f->script->result.instructions = 5;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, arrival->word);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 5ULL, record.instructions);
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

static void arrive_after_cancel(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	bpfsched_cancel(f->client, run->job->id);
	arrive(run);
}

static void pause_does_not_undo_cancel(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = arrive_after_cancel;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_STOP, arrival->word);
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	expect_run(f, arrival->desc.id);
}

/* The engine has seen the word say pause, and then it says stop. */
static void stop_behind_the_back(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	run->script->deaf = run->turns == 1;
	run->outcome = BPFSCHED_PAUSED;
	if (run->turns == 1)
		bpfsched_cancel(f->client, run->job->id);
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_STOP,
			READ_ONCE(run->job->control));
}

static void cancel_comes_after_the_safe_point(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	u64 id;

	f->script->during = stop_behind_the_back;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

static void cancel_of_a_paused_job(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(20) });
	f->script->takes_ns = 30;
	f->script->result.instructions = 4096;
	f->script->result.r0 = 9;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(60) });
	expect_pause(f);
	fixture_pass(f, 7);
	KUNIT_EXPECT_EQ(test, 0U, fixture_finishes(f->script));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_EQ(test, 1U, fixture_finishes(f->script));
	fixture_check(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 4096ULL, record.instructions);
	KUNIT_EXPECT_EQ(test, 0ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 30ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, T0, record.started_ns);
	KUNIT_EXPECT_EQ(test, T0 + 37, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);
	KUNIT_EXPECT_TRUE(test, was_preempted(&record));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
}

static void close_ends_paused_jobs(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_job_desc desc = { DUE_IN(500) };
	struct arrival *arrival;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, &desc));
	expect_pause(f);
	KUNIT_EXPECT_EQ(test, 0U, fixture_finishes(f->script));
	fixture_close(f, other);
	KUNIT_EXPECT_EQ(test, 1U, fixture_finishes(f->script));
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
}

/* A deadline passes while the job is paused; a firm job has been started. */
static void deadline_passes_in_a_pause(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	arrival->script->takes_ns = 100;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM,
		.deadline_ns = 60,
	});
	expect_pause(f);
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
	record = expect_run(f, id);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_MISSED);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).dropped);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(paused_scheduler_does_not_preempt),
	KUNIT_CASE(paused_scheduler_lets_the_job_go_on),
	KUNIT_CASE(job_goes_on_if_the_other_has_gone),
	KUNIT_CASE(cancel_wins_over_pause),
	KUNIT_CASE(pause_does_not_undo_cancel),
	KUNIT_CASE(cancel_comes_after_the_safe_point),
	KUNIT_CASE(cancel_of_a_paused_job),
	KUNIT_CASE(close_ends_paused_jobs),
	KUNIT_CASE(deadline_passes_in_a_pause),
	{}
};

static struct kunit_suite race_suite = {
	.name = "preempt_race",
	.exit = fixture_exit,
	.test_cases = race_cases,
};

/* Two workers. */

/**
 * struct duel - two jobs that run at once, and jobs that arrive meanwhile
 * @jobs: the two
 * @arrivals: distances of the deadlines of those that arrive; 0: no more
 * @words: what the two have been told after each arrival
 * @count: how many have arrived
 */
struct duel {
	struct bpfsched_job *jobs[2];
	const u64 *arrivals;
	u32 words[3][2];
	u32 count;
};

static void fight(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	struct duel *duel = run->script->data;
	u32 i;

	if (run->turns > 1 || run->job->user_data > 1)
		return;
	duel->jobs[run->job->user_data] = run->job;
	if (!run->job->user_data) {
		KUNIT_EXPECT_TRUE(f->test,
				  bpfsched_worker_step(&f->sched->workers[1]));
		return;
	}
	KUNIT_EXPECT_EQ(f->test, 2ULL, fixture_stat(f).running);
	for (; duel->count < 3 && duel->arrivals[duel->count]; duel->count++) {
		fixture_submit(f, &(struct bpfsched_job_desc) {
			DUE_IN(duel->arrivals[duel->count]), .user_data = 2,
		});
		fixture_check(f);
		for (i = 0; i < 2; i++)
			duel->words[duel->count][i] =
				READ_ONCE(duel->jobs[i]->control);
	}
}

/* A job that is due in 300 ns runs on one worker, one in 500 on the other. */
static struct fixture *hold_duel(struct kunit *test, struct duel *duel)
{
	struct fixture *f = make_fixture(test, &bpfsched_deadline_policy, 2);

	f->script->during = fight;
	f->script->data = duel;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(300), .user_data = 0,
	});
	fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(500), .user_data = 1,
	});
	fixture_step(f);
	fixture_check(f);
	return f;
}

static void lowest_ranked_makes_way(struct kunit *test)
{
	static const u64 arrivals[] = { 400, 0 };
	struct duel duel = { .arrivals = arrivals };
	struct fixture *f = hold_duel(test, &duel);

	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, duel.words[0][0]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, duel.words[0][1]);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	fixture_expect_end(f, 1, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 3, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 2, BPFSCHED_STATUS_OK);
	fixture_check(f);
}

static void all_workers_can_make_way(struct kunit *test)
{
	static const u64 arrivals[] = { 100, 50, 40 };
	struct duel duel = { .arrivals = arrivals };
	struct fixture *f = hold_duel(test, &duel);
	u64 id;

	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, duel.words[0][0]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, duel.words[0][1]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, duel.words[1][0]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, duel.words[1][1]);
	KUNIT_EXPECT_EQ(test, 3U, duel.count);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ(test, 5U, fixture_run_all(f));
	for (id = 5; id >= 3; id--)
		fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 1, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 2, BPFSCHED_STATUS_OK);
	fixture_check(f);
}

static void nobody_makes_way_for_the_last(struct kunit *test)
{
	static const u64 arrivals[] = { 501, 500, 0 };
	struct duel duel = { .arrivals = arrivals };
	struct fixture *f = hold_duel(test, &duel);
	u32 i;

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, duel.words[i][0]);
		KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, duel.words[i][1]);
	}
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
}

static void let_another_worker_run(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	arrive(run);
	if (run->turns > 1 || run->job->user_data)
		return;
	/* The other worker is free, and takes what this job makes way for. */
	KUNIT_EXPECT_TRUE(f->test,
			  bpfsched_worker_step(&f->sched->workers[1]));
	fixture_check(f);
}

static void job_goes_on_if_another_worker_helps(struct kunit *test)
{
	struct fixture *f = make_fixture(test, &bpfsched_deadline_policy, 2);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->during = let_another_worker_run;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, arrival->desc.id, BPFSCHED_STATUS_OK);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	fixture_check(f);
}

/* A paused job goes on wherever there is a free worker. */
static void paused_job_moves_to_another_worker(struct kunit *test)
{
	struct fixture *f = make_fixture(test, &bpfsched_deadline_policy, 2);
	struct bpfsched_completion record;
	struct arrival *arrival;
	u64 id;

	arrival = let_arrive(f, &(struct bpfsched_job_desc) { DUE_IN(50) });
	f->script->takes_ns = 10;
	f->script->result.r0 = 3;
	id = fixture_submit(f, ANY_JOB);
	expect_pause(f);
	expect_run(f, arrival->desc.id);
	KUNIT_EXPECT_TRUE(test, bpfsched_worker_step(&f->sched->workers[1]));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 3ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 10ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 1U, fixture_runs(f->script));
	fixture_check(f);
}

static bool wait_for(struct fixture *f, u64 completed, u64 running)
{
	struct bpfsched_stat stat;
	int i;

	for (i = 0; i < PATIENCE; i++) {
		stat = fixture_stat(f);
		if (stat.completed == completed && stat.running == running)
			return true;
		usleep_range(1000, 1500);
	}
	return false;
}

static void threads_make_way(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct bpfsched_completion record;
	struct fixture_script *quick;
	struct fixture *f;
	u64 id, other, i;

	params.no_threads = false;
	params.clock = NULL;
	f = fixture_new(test, &params);
	quick = fixture_script(f, 1);
	f->script->pauses = true;
	f->script->until_stopped = true;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_ASSERT_TRUE(test, wait_for(f, 0, 1));
	for (i = 1; i <= 10; i++) {
		other = submit(f, quick, &(struct bpfsched_job_desc) {
			DUE_IN(NSEC_PER_SEC)
		});
		KUNIT_ASSERT_TRUE(test, wait_for(f, i, 1));
		fixture_expect_end(f, other, BPFSCHED_STATUS_OK);
	}
	bpfsched_cancel(f->client, id);
	KUNIT_ASSERT_TRUE(test, wait_for(f, 10, 0));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 10U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 1ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, 10ULL, fixture_stat(f).preemptions);
}

static struct kunit_case worker_cases[] = {
	KUNIT_CASE(lowest_ranked_makes_way),
	KUNIT_CASE(all_workers_can_make_way),
	KUNIT_CASE(nobody_makes_way_for_the_last),
	KUNIT_CASE(job_goes_on_if_another_worker_helps),
	KUNIT_CASE(paused_job_moves_to_another_worker),
	KUNIT_CASE(threads_make_way),
	{}
};

static struct kunit_suite worker_suite = {
	.name = "preempt_workers",
	.exit = fixture_exit,
	.test_cases = worker_cases,
};

/* Time on a worker. */

static void job_stops_when_its_time_is_up(struct kunit *test)
{
	static const struct { u64 takes_ns; u32 status; u64 run_ns; } table[] = {
		{ 0, BPFSCHED_STATUS_OK, 0 }, { 49, BPFSCHED_STATUS_OK, 49 },
		{ 51, BPFSCHED_STATUS_BUDGET, 50 },
		{ 1000, BPFSCHED_STATUS_BUDGET, 50 },
	};
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	size_t i;
	u64 id;

	f->script->result.instructions = 12;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		f->script->takes_ns = table[i].takes_ns;
		id = fixture_submit(f, &(struct bpfsched_job_desc) {
			.budget_ns = 50,
		});
		fixture_pass(f, 1000);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_check(f);
		record = fixture_expect_end(f, id, table[i].status);
		KUNIT_EXPECT_EQ(test, table[i].run_ns, record.run_ns);
		KUNIT_EXPECT_EQ(test, table[i].run_ns,
				record.ended_ns - record.started_ns);
		KUNIT_EXPECT_EQ(test, 12ULL, record.instructions);
	}
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).failed);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).completed);
}

/* Not only under a policy that preempts. */
static void throughput_has_budgets_of_time(struct kunit *test)
{
	struct fixture *f = make_fixture(test, &bpfsched_throughput_policy, 1);
	struct bpfsched_completion record;
	u64 id;

	f->script->takes_ns = 60;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { .budget_ns = 50 });
	fixture_step(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_BUDGET);
	KUNIT_EXPECT_EQ(test, 50ULL, record.run_ns);
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.budget_ns = U64_MAX
	});
	fixture_step(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 60ULL, record.run_ns);
	fixture_check(f);
}

static void time_in_the_queue_is_not_counted(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	u64 slow, quick, i;

	f->script->takes_ns = 80;
	slow = fixture_submit(f, &(struct bpfsched_job_desc) {
		.budget_ns = 50,
	});
	quick = submit(f, fixture_pausing_script(f, 100),
		       &(struct bpfsched_job_desc) {
		DUE_AFTER_RELEASE(20, 1000), .period_ns = 120, .count = 2,
	});
	for (i = 0; i < 2; i++) {
		expect_pause(f);
		KUNIT_EXPECT_EQ(test, T0 + 20 + i * 120, f->now_ns);
		expect_run(f, quick);
	}
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	record = fixture_expect_end(f, slow, BPFSCHED_STATUS_BUDGET);
	KUNIT_EXPECT_EQ(test, 50ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, T0 + 250, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 2U, record.preemptions);
}

static void cancel_when_time_is_up(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_STOP,
			READ_ONCE(run->job->control));
	if (run->script->data)
		bpfsched_cancel(f->client, run->job->id);
}

static void cancel_wins_over_budget(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	u64 id;

	f->script->takes_ns = 80;
	f->script->during = cancel_when_time_is_up;
	f->script->data = f;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { .budget_ns = 50 });
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);

	f->script->data = NULL;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { .budget_ns = 50 });
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_BUDGET);
	fixture_check(f);
}

static void miss_the_budget(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	bpfsched_cancel(f->client, run->job->id);
	fixture_pass(f, 100);
}

static void budget_does_not_undo_cancel(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	u64 id;

	f->script->during = miss_the_budget;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { .budget_ns = 50 });
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	fixture_check(f);
}

/* An admitted job that takes longer than it said, and others that wait. */
static struct bpfsched_completion
run_declared(struct fixture *f, u64 takes_ns, struct bpfsched_job_desc *other)
{
	struct bpfsched_completion record;
	u64 id;

	f->script->takes_ns = takes_ns;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(100), .run_time_ns = 40,
	});
	submit(f, fixture_pausing_script(f, 10), other);
	while (fixture_step(f))
		fixture_check(f);
	fixture_read(f->client, &record);
	if (record.id != id)
		record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	else
		fixture_expect_end(f, other->id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(f->test, takes_ns, record.run_ns);
	KUNIT_EXPECT_TRUE(f->test, list_empty(&f->sched->admitted));
	return record;
}

static void declared_time_may_be_used_up(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;

	record = run_declared(f, 40, &(struct bpfsched_job_desc) {
		DUE_IN(200), .run_time_ns = 10,
	});
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	record = run_declared(f, 40, &(struct bpfsched_job_desc) {
		DUE_AFTER_RELEASE(10, 50)
	});
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

static void expect_lost_rank(struct fixture *f, struct bpfsched_job_desc *other)
{
	struct bpfsched_completion record = run_declared(f, 60, other);

	KUNIT_EXPECT_EQ(f->test, 1U, record.preemptions);
	KUNIT_EXPECT_EQ(f->test, 70ULL, record.ended_ns - record.started_ns);
}

static void rank_is_lost_with_the_declared_time(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);

	expect_lost_rank(f, &(struct bpfsched_job_desc) {
		DUE_IN(200), .run_time_ns = 10,
	});
	/* Now among those that were not admitted, by its deadline. */
	expect_lost_rank(f, &(struct bpfsched_job_desc) {
		DUE_AFTER_RELEASE(10, 89)
	});
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).preemptions);

	KUNIT_EXPECT_EQ(test, 0U,
			run_declared(f, 60, &(struct bpfsched_job_desc) {
				DUE_AFTER_RELEASE(10, 90)
			}).preemptions);
	KUNIT_EXPECT_EQ(test, 0U,
			run_declared(f, 60, &(struct bpfsched_job_desc) {
				PRIORITY(CRITICAL)
			}).preemptions);
}

static void see_admission(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	bool *admitted = run->script->data;

	*admitted = run->job->entity.admitted;
	KUNIT_EXPECT_EQ(f->test, *admitted,
			!list_empty(&run->job->admitted_link));
}

/* To the nanosecond. */
static void rank_is_lost_just_after_the_declared_time(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	bool admitted = false;
	u64 takes_ns;

	f->script->during = see_admission;
	f->script->data = &admitted;
	for (takes_ns = 38; takes_ns < 43; takes_ns++) {
		f->script->takes_ns = takes_ns;
		fixture_submit(f, &(struct bpfsched_job_desc) {
			DUE_IN(100), .run_time_ns = 40,
		});
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		KUNIT_EXPECT_EQ_MSG(test, takes_ns <= 40, admitted,
				    "after %llu ns", takes_ns);
		fixture_check(f);
	}
}

/* The declared time is shorter than the budget, and both come to their end. */
static void budget_after_the_declared_time(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->takes_ns = 80;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(100), .run_time_ns = 20, .budget_ns = 50,
	});
	submit(f, fixture_pausing_script(f, 5), &(struct bpfsched_job_desc) {
		DUE_IN(200), .run_time_ns = 5,
	});
	expect_pause(f);
	KUNIT_EXPECT_EQ(test, T0 + 21, f->now_ns);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	fixture_check(f);
	fixture_read(f->client, &record);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_BUDGET);
	KUNIT_EXPECT_EQ(test, 50ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, T0 + 55, record.ended_ns);
}

/* The time that a job was promised stretches over its pauses. */
static void declared_time_stops_in_a_pause(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	bool admitted = false;
	u64 quick, slow;

	f->script->takes_ns = 40;
	f->script->during = see_admission;
	f->script->data = &admitted;
	slow = fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(200), .run_time_ns = 40,
	});
	quick = submit(f, fixture_pausing_script(f, 30),
		       &(struct bpfsched_job_desc) {
		DUE_AFTER_RELEASE(10, 50), .run_time_ns = 30,
	});
	expect_pause(f);
	expect_run(f, quick);
	expect_run(f, slow);
	KUNIT_EXPECT_TRUE(test, admitted);
	KUNIT_EXPECT_EQ(test, T0 + 70, f->now_ns);
}

static void time_of_a_job_that_never_ran(struct kunit *test)
{
	struct fixture *f = preempt_fixture(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.budget_ns = 50,
	});

	fixture_pass(f, 100);
	bpfsched_cancel(f->client, id);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 0ULL, record.run_ns);
	fixture_check(f);
}

static struct kunit_case time_cases[] = {
	KUNIT_CASE(job_stops_when_its_time_is_up),
	KUNIT_CASE(throughput_has_budgets_of_time),
	KUNIT_CASE(time_in_the_queue_is_not_counted),
	KUNIT_CASE(cancel_wins_over_budget),
	KUNIT_CASE(budget_does_not_undo_cancel),
	KUNIT_CASE(declared_time_may_be_used_up),
	KUNIT_CASE(rank_is_lost_with_the_declared_time),
	KUNIT_CASE(rank_is_lost_just_after_the_declared_time),
	KUNIT_CASE(budget_after_the_declared_time),
	KUNIT_CASE(declared_time_stops_in_a_pause),
	KUNIT_CASE(time_of_a_job_that_never_ran),
	{}
};

static struct kunit_suite time_suite = {
	.name = "preempt_time",
	.exit = fixture_exit,
	.test_cases = time_cases,
};

kunit_test_suites(&rank_suite, &race_suite, &worker_suite, &time_suite);
