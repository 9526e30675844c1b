// SPDX-License-Identifier: GPL-2.0
/*
 * Changing jobs that wait, are pending, run, or are paused.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>

#include "../sched_core/dump.h"
#include "../sched_core/suspend.h"
#include "../sched_core/update.h"
#include "../sched_core/user.h"
#include "fixture.h"

#define T0		FIXTURE_START_NS
#define ALICE		1000

#define LOW		BPFSCHED_PRIORITY_LOW
#define NORMAL		BPFSCHED_PRIORITY_NORMAL
#define HIGH		BPFSCHED_PRIORITY_HIGH
#define CRITICAL	BPFSCHED_PRIORITY_CRITICAL

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/* Members of a request. */
#define DUE_IN(ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = (ns)
#define RESERVE(run, window) \
	DUE_IN(window), .run_time_ns = (run)

/* Members of a change. */
#define PRIORITY(value) \
	.flags = BPFSCHED_UPDATE_PRIORITY, .priority = (value)
#define DUE_AT(ns) \
	.flags = BPFSCHED_UPDATE_DEADLINE_ABS, .deadline_ns = (ns)
#define DUE_AFTER(ns) \
	.flags = BPFSCHED_UPDATE_DEADLINE_REL, .deadline_ns = (ns)
#define INSNS(value) \
	.flags = BPFSCHED_UPDATE_BUDGET_INSNS, .budget_insns = (value)
#define TIME(ns) \
	.flags = BPFSCHED_UPDATE_BUDGET_NS, .budget_ns = (ns)

static u64 submit_due(struct fixture *f, u64 deadline_ns)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(deadline_ns),
	});
}

static u64 submit_at(struct fixture *f, u32 priority)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.priority = priority,
	});
}

static void expect_update_at(struct fixture *f, int line, int err, u64 id,
			     struct bpfsched_update update)
{
	update.id = id;
	KUNIT_EXPECT_EQ_MSG(f->test, err,
			    bpfsched_update_job(f->client, &update, true),
			    "line %d", line);
	fixture_check(f);
}

#define expect_update(f, err, id, ...) \
	expect_update_at(f, __LINE__, err, id, \
			 (struct bpfsched_update) { __VA_ARGS__ })
#define update(f, id, ...)	expect_update(f, 0, id, __VA_ARGS__)

/* Run all, and expect them to end in an order. */
static void expect_order(struct fixture *f, const u64 *ids, u32 count)
{
	u32 i;

	KUNIT_EXPECT_EQ(f->test, count, fixture_run_all(f));
	for (i = 0; i < count; i++)
		fixture_expect_end(f, ids[i], BPFSCHED_STATUS_OK);
	fixture_expect_silence(f, f->client);
	fixture_check(f);
}

#define expect_order_of(f, ...) \
	expect_order(f, (const u64[]) { __VA_ARGS__ }, \
		     sizeof((const u64[]) { __VA_ARGS__ }) / sizeof(u64))

/* What is refused. */

static void malformed_change_is_refused(struct kunit *test)
{
	static const struct bpfsched_update table[] = {
		{ .flags = 0 },
		{ .flags = BPFSCHED_UPDATE_ANY_CLIENT },
		{ .flags = BIT(6) | BPFSCHED_UPDATE_PRIORITY },
		{ .flags = BIT(31) | BPFSCHED_UPDATE_PRIORITY },
		{ .flags = BPFSCHED_UPDATE_DEADLINE_ABS |
			   BPFSCHED_UPDATE_DEADLINE_REL,
		  .deadline_ns = 10 * T0 },
		{ PRIORITY(NORMAL), .limit = 1 },
		{ PRIORITY(CRITICAL + 1) },
		{ PRIORITY(U32_MAX) },
		{ PRIORITY(NORMAL), .deadline_ns = 1 },
		{ PRIORITY(NORMAL), .budget_insns = 1 },
		{ PRIORITY(NORMAL), .budget_ns = 1 },
		{ INSNS(0) },
		{ INSNS(1), .priority = NORMAL },
		{ DUE_AFTER(100), .budget_ns = 1 },
	};
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_at(f, LOW);
	struct bpfsched_completion record;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		expect_update_at(f, i, -EINVAL, id, table[i]);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, (u32)LOW, record.priority);
	KUNIT_EXPECT_EQ(test, 0ULL, record.deadline_ns);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, f->script->last.budget_insns);
}

static void only_a_live_job_is_changed(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_update change = { PRIORITY(HIGH) };
	u64 id = submit_at(f, LOW);

	expect_update(f, -ENOENT, 0, PRIORITY(HIGH));
	expect_update(f, -ENOENT, id + 1, PRIORITY(HIGH));
	change.id = id;
	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_update_job(other, &change, true));
	fixture_run_all(f);
	expect_update(f, -ENOENT, id, PRIORITY(HIGH));
}

static void only_that_policy_has_deadlines(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id = submit_at(f, LOW);

	expect_update(f, -EOPNOTSUPP, id, DUE_AFTER(100));
	expect_update(f, -EOPNOTSUPP, id, DUE_AT(10 * T0));
	fixture_free(f);
	f = fixture_fair(test);
	id = submit_at(f, LOW);
	expect_update(f, -EOPNOTSUPP, id, DUE_AFTER(100));
}

static void deadline_lies_ahead(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_due(f, 1000), periodic;

	periodic = fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(1000), .period_ns = 5000,
	});
	fixture_pass(f, 100);
	expect_update(f, -ETIME, id, DUE_AFTER(0));
	expect_update(f, -ETIME, id, DUE_AFTER(100));
	expect_update(f, -ETIME, id, DUE_AT(T0 + 100));
	expect_update(f, -ETIME, id, DUE_AT(0));
	expect_update(f, -EINVAL, periodic, DUE_AT(T0 + 500));
	update(f, id, DUE_AFTER(101));
	update(f, periodic, DUE_AFTER(102));
	fixture_pass(f, 1);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	fixture_pass(f, 1);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
}

static int try_as(struct bpfsched_client *client, u64 id,
		  struct bpfsched_update change)
{
	change.id = id;
	return bpfsched_update_job(client, &change, client->unlimited);
}

#define try_update(client, id, ...) \
	try_as(client, id, (struct bpfsched_update) { __VA_ARGS__ })

static void changes_need_the_same_rights(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched_job_desc desc = {};
	struct bpfsched_client *alice;
	struct fixture *f;

	params.guard_critical = true;
	params.limits.user_budget = FIXTURE_MAX_BUDGET / 2;
	f = fixture_new(test, &params);
	alice = fixture_open_as(f, ALICE);
	KUNIT_ASSERT_EQ(test, 0, fixture_try(alice, f->script, &desc));
	KUNIT_EXPECT_EQ(test, -EPERM,
			try_update(alice, desc.id, PRIORITY(CRITICAL)));
	KUNIT_EXPECT_EQ(test, 0, try_update(alice, desc.id, PRIORITY(HIGH)));
	KUNIT_EXPECT_EQ(test, -EPERM,
			try_update(alice, desc.id,
				   INSNS(FIXTURE_MAX_BUDGET / 2 + 1)));
	KUNIT_EXPECT_EQ(test, -E2BIG,
			try_update(alice, desc.id,
				   INSNS(FIXTURE_MAX_BUDGET + 1)));
	KUNIT_EXPECT_EQ(test, 0, try_update(alice, desc.id,
					    INSNS(FIXTURE_MAX_BUDGET / 2)));
	desc.id = submit_at(f, LOW);
	update(f, desc.id, PRIORITY(CRITICAL));
	update(f, desc.id, INSNS(FIXTURE_MAX_BUDGET));
	expect_update(f, -E2BIG, desc.id, INSNS(FIXTURE_MAX_BUDGET + 1));
}

static struct kunit_case refuse_cases[] = {
	KUNIT_CASE(malformed_change_is_refused),
	KUNIT_CASE(only_a_live_job_is_changed),
	KUNIT_CASE(only_that_policy_has_deadlines),
	KUNIT_CASE(deadline_lies_ahead),
	KUNIT_CASE(changes_need_the_same_rights),
	{}
};

static struct kunit_suite refuse_suite = {
	.name = "update_refuse",
	.exit = fixture_exit,
	.test_cases = refuse_cases,
};

/* Places in the queue. */

static void priority_changes_the_place(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 a = submit_at(f, LOW), b = submit_at(f, NORMAL);
	u64 c = submit_at(f, HIGH);

	update(f, a, PRIORITY(CRITICAL));
	update(f, c, PRIORITY(LOW));
	expect_order_of(f, a, b, c);
}

static void deadline_changes_the_place(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = submit_due(f, 100), b = submit_due(f, 200);
	u64 c = submit_due(f, 300), d = submit_at(f, LOW);
	u64 e = submit_at(f, HIGH);

	update(f, c, DUE_AFTER(50));
	update(f, a, DUE_AT(T0 + 250));
	update(f, d, PRIORITY(CRITICAL));
	/* A deadline of its own goes before any priority. */
	update(f, e, DUE_AFTER(1000));
	expect_order_of(f, c, b, a, e, d);
}

/* Among equals the order is that of the submission, as ever. */
static void equals_keep_their_order(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = submit_due(f, 100), b = submit_due(f, 200);
	u64 c = submit_due(f, 300);

	update(f, c, DUE_AFTER(200));
	update(f, a, DUE_AFTER(200));
	expect_order_of(f, a, b, c);
}

static struct fixture *(*const policies[])(struct kunit *test) = {
	fixture_throughput, fixture_deadline, fixture_fair,
};

/* The policy's own comparison gives the same order. */
static void expect_listed(struct fixture *f, const u64 *ids, u32 count)
{
	struct bpfsched_dump *dump = bpfsched_dump_queue(f->sched);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(f->test, dump);
	KUNIT_EXPECT_EQ(f->test, count, dump->count);
	for (i = 0; i < min(count, dump->count); i++)
		KUNIT_EXPECT_EQ_MSG(f->test, ids[i], dump->jobs[i].id,
				    "place %u, policy %s", i,
				    f->sched->policy->name);
	bpfsched_dump_free(dump);
}

static void go_behind_equals(struct fixture *f)
{
	u64 a = submit_at(f, LOW), b = submit_at(f, HIGH);
	u64 c = submit_at(f, HIGH), d = submit_at(f, CRITICAL);
	const u64 order[] = { c, d, a, b };

	/* Down, up, and away and back. */
	update(f, d, PRIORITY(HIGH));
	update(f, a, PRIORITY(HIGH));
	update(f, b, PRIORITY(LOW));
	update(f, b, PRIORITY(HIGH));
	expect_listed(f, order, ARRAY_SIZE(order));
	expect_order(f, order, ARRAY_SIZE(order));
	fixture_free(f);
}

/* Who comes to a priority later runs later, whenever it was submitted. */
static void new_priority_is_behind_its_equals(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		go_behind_equals(policies[i](test));
}

static void drop_who_came_last(struct fixture *f)
{
	u64 a = submit_at(f, LOW);
	u32 i;

	for (i = 1; i < FIXTURE_CAPACITY; i++)
		submit_at(f, NORMAL);
	update(f, a, PRIORITY(NORMAL));
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_EVICT, .priority = HIGH,
	});
	fixture_expect_end(f, a, BPFSCHED_STATUS_DROPPED);
	fixture_free(f);
}

/* And is the newest of them, if one is to be dropped. */
static void new_priority_is_dropped_first(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		drop_who_came_last(policies[i](test));
}

/* A priority that says nothing of the place of a job changes none. */
static void priority_beside_a_deadline_changes_no_place(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = submit_due(f, 100), b = submit_due(f, 100);

	update(f, a, PRIORITY(CRITICAL));
	expect_order_of(f, a, b);
}

static void fair_order_follows_the_priority(struct kunit *test)
{
	struct fixture *f = fixture_fair(test);
	u64 a = submit_at(f, LOW), b = submit_at(f, LOW);
	u64 c = submit_at(f, LOW);

	update(f, b, PRIORITY(CRITICAL));
	update(f, c, PRIORITY(HIGH));
	expect_order_of(f, b, c, a);
}

/* Who asks for more time, or says what was so before, does not stand back. */
static void budget_changes_no_place(struct kunit *test)
{
	u64 a, b, c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		struct fixture *f = policies[i](test);

		a = submit_at(f, NORMAL);
		b = submit_at(f, NORMAL);
		c = submit_at(f, NORMAL);
		update(f, a, INSNS(7));
		update(f, b, TIME(1000));
		update(f, a, PRIORITY(NORMAL));
		expect_order_of(f, a, b, c);
		fixture_free(f);
	}
}

static struct kunit_case place_cases[] = {
	KUNIT_CASE(priority_changes_the_place),
	KUNIT_CASE(deadline_changes_the_place),
	KUNIT_CASE(equals_keep_their_order),
	KUNIT_CASE(new_priority_is_behind_its_equals),
	KUNIT_CASE(new_priority_is_dropped_first),
	KUNIT_CASE(priority_beside_a_deadline_changes_no_place),
	KUNIT_CASE(fair_order_follows_the_priority),
	KUNIT_CASE(budget_changes_no_place),
	{}
};

static struct kunit_suite place_suite = {
	.name = "update_place",
	.exit = fixture_exit,
	.test_cases = place_cases,
};

/* Jobs that wait or are pending. */

static void waiting_job_is_changed(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL, .not_before_ns = 100,
	});

	update(f, id, PRIORITY(HIGH));
	update(f, id, INSNS(77));
	update(f, id, TIME(30));
	update(f, id, DUE_AFTER(20));
	expect_update(f, -ETIME, id, DUE_AT(T0 + 100));
	KUNIT_EXPECT_EQ(test, T0 + 100, f->armed_ns);
	fixture_pass(f, 100);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, T0 + 120, f->armed_ns);
	f->script->takes_ns = 40;
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_BUDGET);
	KUNIT_EXPECT_EQ(test, (u32)HIGH, record.priority);
	KUNIT_EXPECT_EQ(test, T0 + 120, record.deadline_ns);
	KUNIT_EXPECT_EQ(test, 30ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 77ULL, f->script->last.budget_insns);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
}

static void later_releases_are_changed_too(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 i, id = fixture_submit(f, &(struct bpfsched_job_desc) {
		DUE_IN(50), .period_ns = 100, .count = 4,
	});

	fixture_run_all(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, T0 + 50, record.deadline_ns);
	update(f, id, DUE_AFTER(30));
	update(f, id, PRIORITY(HIGH));
	update(f, id, INSNS(9));
	update(f, id, TIME(5));
	f->script->takes_ns = 10;
	for (i = 1; i < 4; i++) {
		fixture_advance(f, T0 + i * 100);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		record = fixture_expect_end(f, id, BPFSCHED_STATUS_BUDGET);
		KUNIT_EXPECT_EQ(test, T0 + i * 100 + 30, record.deadline_ns);
		KUNIT_EXPECT_EQ(test, (u32)HIGH, record.priority);
		KUNIT_EXPECT_EQ(test, 5ULL, record.run_ns);
		KUNIT_EXPECT_EQ(test, 9ULL, f->script->last.budget_insns);
	}
	fixture_check(f);
}

/* The deadline that is waited for is the new one. */
static void pending_job_has_the_new_deadline(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 sooner = submit_due(f, 100), later = submit_due(f, 100);
	u64 none = submit_at(f, LOW);

	update(f, sooner, DUE_AFTER(50));
	KUNIT_EXPECT_EQ(test, T0 + 50, f->armed_ns);
	update(f, later, DUE_AFTER(200));
	update(f, none, DUE_AFTER(150));
	fixture_pass(f, 50);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	fixture_pass(f, 99);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	fixture_pass(f, 1);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
	fixture_pass(f, 50);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).deadline_misses);
	/* A miss stays one. */
	update(f, later, DUE_AFTER(1000));
	expect_order_of(f, sooner, none, later);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).deadline_misses);
}

/* Of several changes of which one is refused none is made. */
static void all_or_nothing(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = submit_due(f, 100), b = submit_due(f, 200);

	fixture_pass(f, 10);
	expect_update(f, -ETIME, b, .deadline_ns = 10, .priority = HIGH,
		      .budget_insns = 5, .budget_ns = 5,
		      .flags = BPFSCHED_UPDATE_DEADLINE_REL |
			       BPFSCHED_UPDATE_PRIORITY |
			       BPFSCHED_UPDATE_BUDGET_INSNS |
			       BPFSCHED_UPDATE_BUDGET_NS);
	f->script->takes_ns = 20;
	expect_order_of(f, a, b);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, f->script->last.budget_insns);
}

static struct kunit_case queued_cases[] = {
	KUNIT_CASE(waiting_job_is_changed),
	KUNIT_CASE(later_releases_are_changed_too),
	KUNIT_CASE(pending_job_has_the_new_deadline),
	KUNIT_CASE(all_or_nothing),
	{}
};

static struct kunit_suite queued_suite = {
	.name = "update_queued",
	.exit = fixture_exit,
	.test_cases = queued_cases,
};

/* Jobs that run or are paused. */

/**
 * struct meanwhile - what happens in the first turn of a run
 * @change: a change; of the job that runs if it names none
 * @word: what the control word of the job that runs says then
 * @more_ns: time that passes after that
 */
struct meanwhile {
	struct bpfsched_update change;
	u32 word;
	u64 more_ns;
};

static void see_budget(struct fixture_run *run)
{
	run->result.r0 = run->params.budget_insns;
}

static void change_meanwhile(struct fixture_run *run)
{
	struct meanwhile *meanwhile = run->script->data;
	struct fixture *f = run->script->fixture;

	see_budget(run);
	if (run->turns > 1)
		return;
	if (!meanwhile->change.id)
		meanwhile->change.id = run->job->id;
	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_update_job(f->client,
							&meanwhile->change,
							true));
	KUNIT_EXPECT_EQ(f->test, meanwhile->word, run->job->control);
	fixture_check(f);
	fixture_pass(f, meanwhile->more_ns);
}

/* Submit a job that is due in 100, and in whose run something is changed. */
static u64 submit_changing(struct fixture *f, struct meanwhile *meanwhile)
{
	struct fixture_script *script = fixture_script(f, 1);
	struct bpfsched_job_desc desc = { DUE_IN(100) };

	script->pauses = true;
	script->during = change_meanwhile;
	script->data = meanwhile;
	script->takes_ns = 10;
	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(f->client, script, &desc));
	return desc.id;
}

static void running_job_makes_way_when_it_ranks_lower(struct kunit *test)
{
	struct meanwhile meanwhile = {
		.change = { DUE_AFTER(300) }, .word = BPFSCHED_CONTROL_PAUSE,
	};
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 a = submit_changing(f, &meanwhile), b = submit_due(f, 200);

	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	fixture_expect_end(f, b, BPFSCHED_STATUS_OK);
	record = fixture_expect_end(f, a, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);
	KUNIT_EXPECT_EQ(test, T0 + 300, record.deadline_ns);
}

static void running_job_makes_way_for_a_changed_one(struct kunit *test)
{
	struct meanwhile meanwhile = {
		.change = { DUE_AFTER(50) }, .word = BPFSCHED_CONTROL_PAUSE,
	};
	struct fixture *f = fixture_deadline(test);
	u64 a = submit_changing(f, &meanwhile), b = submit_due(f, 200);

	meanwhile.change.id = b;
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	fixture_expect_end(f, b, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1U,
			fixture_expect_end(f, a, BPFSCHED_STATUS_OK).preemptions);
}

static void running_job_goes_on_if_it_stays_first(struct kunit *test)
{
	struct meanwhile meanwhile = {
		.change = { DUE_AFTER(199) }, .word = BPFSCHED_CONTROL_RUN,
	};
	struct fixture *f = fixture_deadline(test);
	u64 a = submit_changing(f, &meanwhile), b = submit_due(f, 200);

	expect_order_of(f, a, b);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

/* At the next safe point, and without making way. */
static void running_job_gets_more_instructions(struct kunit *test)
{
	struct meanwhile meanwhile = {
		.change = { INSNS(4321) }, .word = BPFSCHED_CONTROL_PAUSE,
	};
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record;
	u64 a = submit_changing(f, &meanwhile);

	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	record = fixture_expect_end(f, a, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 4321ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	fixture_check(f);
}

/* From now on: what has been used is not taken off. */
static void running_job_gets_other_time(struct kunit *test)
{
	static const struct { u64 budget_ns; u32 status; } table[] = {
		{ 1, BPFSCHED_STATUS_BUDGET }, { 49, BPFSCHED_STATUS_BUDGET },
		{ 50, BPFSCHED_STATUS_BUDGET }, { 51, BPFSCHED_STATUS_OK },
		{ 0, BPFSCHED_STATUS_OK }, { U64_MAX, BPFSCHED_STATUS_OK },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct meanwhile meanwhile = {
			.change = { TIME(table[i].budget_ns) },
			.word = BPFSCHED_CONTROL_RUN,
			.more_ns = 50,
		};
		struct fixture *f = fixture_deadline(test);
		u64 id = submit_changing(f, &meanwhile);

		update(f, id, TIME(11));
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_expect_end(f, id, table[i].status);
		fixture_free(f);
	}
}

/* A job that is paused while a more urgent one, of which this runs, changes it. */
static void change_paused(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	struct bpfsched_update *change = run->script->data;

	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_update_job(f->client, change,
							true));
	fixture_check(f);
}

static void submit_urgent(struct fixture_run *run)
{
	see_budget(run);
	if (run->turns == 1)
		submit_due(run->script->fixture, 10);
}

/*
 * A job of 100 ns, 10 of which it runs before it makes way for one in whose run
 * it is changed.
 */
static struct bpfsched_completion change_while_paused(struct fixture *f,
						      struct bpfsched_update *change,
						      u32 status)
{
	struct fixture_script *script = fixture_script(f, 1);
	struct bpfsched_job_desc desc = { DUE_IN(1000) };
	struct bpfsched_completion record;

	script->pauses = true;
	script->during = submit_urgent;
	script->takes_ns = 10;
	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(f->client, script, &desc));
	change->id = desc.id;
	f->script->during = change_paused;
	f->script->data = change;
	KUNIT_EXPECT_EQ(f->test, 3U, fixture_run_all(f));
	KUNIT_EXPECT_TRUE(f->test, fixture_read(f->client, &record));
	return fixture_expect_end(f, desc.id, status);
}

static void paused_job_gets_other_instructions(struct kunit *test)
{
	struct bpfsched_update change = { INSNS(4321) };
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_completion record =
		change_while_paused(f, &change, BPFSCHED_STATUS_OK);

	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 4321ULL, record.r0);
}

static void paused_job_gets_another_deadline(struct kunit *test)
{
	struct bpfsched_update change = { DUE_AFTER(500) };
	struct fixture *f = fixture_deadline(test);

	KUNIT_EXPECT_EQ(test, T0 + 500,
			change_while_paused(f, &change,
					    BPFSCHED_STATUS_OK).deadline_ns);
}

static void paused_job_gets_another_priority(struct kunit *test)
{
	struct bpfsched_update change = { PRIORITY(HIGH) };
	struct fixture *f = fixture_deadline(test);

	KUNIT_EXPECT_EQ(test, (u32)HIGH,
			change_while_paused(f, &change,
					    BPFSCHED_STATUS_OK).priority);
}

static void hold_run(struct fixture_run *run)
{
	see_budget(run);
	if (run->turns == 1)
		bpfsched_suspend(run->script->fixture->sched);
}

/* So does one that is held while the system sleeps. */
static void held_job_gets_other_instructions(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id = submit_due(f, 1000);

	f->script->pauses = true;
	f->script->during = hold_run;
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	update(f, id, INSNS(4321));
	bpfsched_wake(f->sched);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	KUNIT_EXPECT_EQ(test, 4321ULL,
			fixture_expect_end(f, id, BPFSCHED_STATUS_OK).r0);
	fixture_check(f);
}

/* A fair scheduler with room for all, one worker, and slices. */
static struct fixture *wide_fair_fixture(struct kunit *test)
{
	struct bpfsched_params params = fixture_params(&bpfsched_fair_policy);

	params.limits.slice_ns = FIXTURE_SLICE;
	params.limits.capacity = 64;
	params.limits.completion_slots = 64;
	return fixture_new(test, &params);
}

static void submit_many(struct fixture *f, struct bpfsched_client *client,
			u32 count, u64 not_before_ns)
{
	while (count--) {
		struct bpfsched_job_desc desc = {
			.flags = BPFSCHED_JOB_NOT_BEFORE_REL,
			.not_before_ns = not_before_ns,
		};

		KUNIT_EXPECT_EQ(f->test, 0, fixture_try(client, f->script,
							&desc));
	}
}

/* Raise jobs of a client that are paused; returns how many were started. */
static u32 raise_started(struct bpfsched_client *client)
{
	struct bpfsched_update change = { PRIORITY(HIGH) };
	struct rb_node *node;
	u32 started = 0;

	for (node = rb_first(&client->jobs); node; node = rb_next(node)) {
		const struct bpfsched_job *job =
			rb_entry(node, struct bpfsched_job, by_id);

		started += !!job->exec;
		change.id = job->id;
		if (job->state == BPFSCHED_JOB_PAUSED &&
		    job->entity.priority == LOW)
			bpfsched_update_job(client, &change, false);
	}
	return started;
}

/*
 * Jobs that were started and then raised make room for others of their old
 * priority; still no user has more states than it has provided.
 */
static void priorities_take_no_states_of_others(struct kunit *test)
{
	struct fixture *f = wide_fair_fixture(test);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	u32 i;

	f->script->pauses = true;
	f->script->takes_ns = 1000 * FIXTURE_SLICE;
	submit_many(f, alice, 12, 0);
	submit_many(f, fixture_open_as(f, ALICE + 1), 1, 0);
	submit_many(f, fixture_open_as(f, ALICE + 2), 8, 1ULL << 60);
	for (i = 0; i < 200; i++) {
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		KUNIT_EXPECT_LE(test, raise_started(alice), 4U);
	}
	fixture_check(f);
}

static struct kunit_case started_cases[] = {
	KUNIT_CASE(running_job_makes_way_when_it_ranks_lower),
	KUNIT_CASE(running_job_makes_way_for_a_changed_one),
	KUNIT_CASE(running_job_goes_on_if_it_stays_first),
	KUNIT_CASE(running_job_gets_more_instructions),
	KUNIT_CASE(running_job_gets_other_time),
	KUNIT_CASE(paused_job_gets_other_instructions),
	KUNIT_CASE(paused_job_gets_another_deadline),
	KUNIT_CASE(paused_job_gets_another_priority),
	KUNIT_CASE(held_job_gets_other_instructions),
	KUNIT_CASE(priorities_take_no_states_of_others),
	{}
};

static struct kunit_suite started_suite = {
	.name = "update_started",
	.exit = fixture_exit,
	.test_cases = started_cases,
};

/* Jobs that are admitted. */

static u64 admit(struct fixture *f, u64 run_ns, u64 window_ns)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		RESERVE(run_ns, window_ns),
	});
}

static void later_deadline_is_never_refused(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = admit(f, 50, 100), b = admit(f, 50, 100), c = submit_due(f, 60);

	update(f, a, DUE_AFTER(200));
	update(f, a, DUE_AFTER(U64_MAX));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).reservations);
	/* Both rank before the one that is not admitted. */
	expect_order_of(f, b, a, c);
}

/* The room that is left is told, and found to a thousandth. */
static void expect_busy(struct fixture *f, u64 id, u64 deadline_ns, u64 room_ns)
{
	struct bpfsched_update change = { DUE_AFTER(deadline_ns), .id = id };

	KUNIT_EXPECT_EQ(f->test, -EBUSY,
			bpfsched_update_job(f->client, &change, true));
	KUNIT_EXPECT_LE(f->test, change.room_ns, room_ns);
	KUNIT_EXPECT_GE(f->test, change.room_ns + 1, room_ns);
	fixture_check(f);
}

static void earlier_deadline_is_tested(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = admit(f, 60, 200), b = admit(f, 60, 100);
	u64 armed_ns = f->armed_ns;

	expect_busy(f, a, 119, 59);
	expect_busy(f, a, 100, 40);
	expect_busy(f, a, 59, 40);
	KUNIT_EXPECT_EQ(test, armed_ns, f->armed_ns);
	update(f, a, DUE_AFTER(120));
	expect_busy(f, b, 59, 59);
	update(f, b, DUE_AFTER(60));
	expect_busy(f, a, 119, 59);
	f->script->takes_ns = 59;
	expect_order_of(f, b, a);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
}

/* What has been refused has changed nothing, nor has what came with it. */
static void refused_move_changes_nothing(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = admit(f, 60, 200), b = admit(f, 60, 100);
	struct bpfsched_completion record;

	expect_update(f, -EBUSY, a, .deadline_ns = 60, .priority = HIGH,
		      .budget_insns = 5,
		      .flags = BPFSCHED_UPDATE_DEADLINE_REL |
			       BPFSCHED_UPDATE_PRIORITY |
			       BPFSCHED_UPDATE_BUDGET_INSNS);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	fixture_expect_end(f, b, BPFSCHED_STATUS_OK);
	record = fixture_expect_end(f, a, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, T0 + 200, record.deadline_ns);
	KUNIT_EXPECT_EQ(test, 0U, record.priority);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, f->script->last.budget_insns);
}

/* A deadline that is moved is no way round what was granted. */
static void moves_keep_to_the_grant(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct bpfsched_job_desc desc = { RESERVE(50, 1000) };
	struct bpfsched_update change = { DUE_AFTER(500) };
	struct bpfsched_client *alice;
	struct fixture *f;

	params.limits.user.reserved_ppm = 100000;
	f = fixture_new(test, &params);
	alice = fixture_open_as(f, ALICE);
	KUNIT_ASSERT_EQ(test, 0, fixture_try(alice, f->script, &desc));
	change.id = desc.id;
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			bpfsched_update_job(alice, &change, false));
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_LIMIT_USER_RESERVED, change.limit);
	KUNIT_EXPECT_EQ(test, 50001ULL, alice->user->reserved_ppm);
	KUNIT_EXPECT_EQ(test, 0, try_update(alice, desc.id, DUE_AFTER(501)));
	KUNIT_EXPECT_EQ(test, 99801ULL, alice->user->reserved_ppm);
	KUNIT_EXPECT_EQ(test, 99801ULL, fixture_stat(f).reserved_ppm);
	KUNIT_EXPECT_EQ(test, 0, try_update(alice, desc.id, DUE_AFTER(2000)));
	KUNIT_EXPECT_EQ(test, 25001ULL, alice->user->reserved_ppm);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, 0ULL, alice->user->reserved_ppm);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).reserved_ppm);
	/* With privilege nothing is asked. */
	desc.id = admit(f, 50, 1000);
	update(f, desc.id, DUE_AFTER(60));
}

/* A job that declared nothing has no deadline that anybody vouched for. */
static void others_are_not_tested(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 a = admit(f, 100, 100), b = submit_due(f, 1000);

	update(f, b, DUE_AFTER(1));
	expect_order_of(f, a, b);
}

/* Longest time that a call is waited for. */
#define HANG_MS		10000

/**
 * struct call - what somebody does while a test of admission is under way
 * @f: the fixture
 * @alice: a client whose user may reserve nothing
 * @early: an admitted job, with a deadline that can come later
 * @pending: a job that declared nothing
 * @done: it has come to its end
 */
struct call {
	struct fixture *f;
	struct bpfsched_client *alice;
	u64 early;
	u64 pending;
	struct completion done;
};

static int call_main(void *data)
{
	struct call *call = data;
	struct fixture *f = call->f;

	update(f, call->pending, PRIORITY(HIGH));
	update(f, call->pending, DUE_AFTER(100));
	update(f, call->pending, INSNS(100));
	update(f, call->early, DUE_AFTER(2000));
	update(f, call->early, TIME(100));
	KUNIT_EXPECT_EQ(f->test, -EPERM,
			fixture_try(call->alice, f->script,
				    &(struct bpfsched_job_desc) {
			RESERVE(1, 1000),
		}));
	complete(&call->done);
	return 0;
}

/* Who needs no test of admission does not wait for those of others. */
static void without_a_test_nobody_waits(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct call call = { .f = f };
	struct task_struct *task;
	unsigned long left;

	call.alice = fixture_open_as(f, ALICE);
	call.alice->user->limits.reserved_ppm = 0;
	call.early = admit(f, 100, 1000);
	call.pending = submit_at(f, LOW);
	init_completion(&call.done);
	mutex_lock(&f->sched->admission_lock);
	task = kthread_run(call_main, &call, "bpfsched_call");
	if (IS_ERR(task)) {
		KUNIT_FAIL(test, "no thread");
		mutex_unlock(&f->sched->admission_lock);
		return;
	}
	left = wait_for_completion_timeout(&call.done,
					   msecs_to_jiffies(HANG_MS));
	mutex_unlock(&f->sched->admission_lock);
	KUNIT_EXPECT_NE_MSG(test, 0UL, left, "it waits for a test of others");
	if (!left)
		wait_for_completion(&call.done);
	fixture_check(f);
}

static struct kunit_case admitted_cases[] = {
	KUNIT_CASE(later_deadline_is_never_refused),
	KUNIT_CASE(earlier_deadline_is_tested),
	KUNIT_CASE(refused_move_changes_nothing),
	KUNIT_CASE(others_are_not_tested),
	KUNIT_CASE(moves_keep_to_the_grant),
	KUNIT_CASE(without_a_test_nobody_waits),
	{}
};

static struct kunit_suite admitted_suite = {
	.name = "update_admitted",
	.exit = fixture_exit,
	.test_cases = admitted_cases,
};

kunit_test_suites(&refuse_suite, &place_suite, &queued_suite, &started_suite,
		  &admitted_suite);
