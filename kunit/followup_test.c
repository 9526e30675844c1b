// SPDX-License-Identifier: GPL-2.0
/*
 * Follow-up jobs: submitted by a job that runs, for its client.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "fixture.h"

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/**
 * struct plan - what a job submits when it runs
 * @index: of the program
 * @context: what the job gets
 * @len: length of that
 * @options: NULL: none
 * @before: how many more of them are submitted before
 * @close_first: the client closes before
 * @result: what the submission returned
 */
struct plan {
	u32 index;
	const void *context;
	u32 len;
	const struct bpfsched_followup *options;
	u32 before;
	bool close_first;
	s64 result;
};

static void submit_plan(struct fixture_run *run)
{
	struct plan *plan = run->script->data;
	struct fixture *f = run->script->fixture;
	u32 i;

	if (plan->close_first)
		fixture_close(f, f->client);
	for (i = 0; i <= plan->before; i++)
		plan->result = run->params.host->submit(run->params.host_data,
							plan->index,
							plan->context,
							plan->len,
							plan->options);
}

/* The script of the fixture submits another script, which is returned. */
static struct fixture_script *set_plan(struct fixture *f, struct plan *plan)
{
	struct fixture_script *other = fixture_script(f, 1);

	bpfsched_prog_add_followup(f->script->prog, other->prog);
	f->script->during = submit_plan;
	f->script->data = plan;
	return other;
}

/*
 * The program of the fixture holds the other one, which the fixture expects to
 * hold alone, so it goes first.
 */
static void drop_plan(struct fixture *f)
{
	fixture_put_prog(f->script);
}

static void followup_runs(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct plan plan = { .context = "0123456789", .len = 10 };
	struct fixture_script *other = set_plan(f, &plan);
	struct bpfsched_completion first, second;
	u64 id;

	other->result.r0 = 5;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.user_data = 99,
		.priority = BPFSCHED_PRIORITY_HIGH,
	});
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	KUNIT_EXPECT_GT(test, plan.result, 0LL);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, other->last.context.len, 10U);

	first = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, first.followups, 1U);
	KUNIT_EXPECT_EQ(test, first.parent, 0ULL);
	second = fixture_expect_end(f, plan.result, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, second.followups, 0U);
	KUNIT_EXPECT_EQ(test, second.parent, id);
	KUNIT_EXPECT_EQ(test, second.user_data, 99ULL);
	KUNIT_EXPECT_EQ(test, second.priority, BPFSCHED_PRIORITY_HIGH);
	KUNIT_EXPECT_EQ(test, second.r0, 5ULL);
	KUNIT_EXPECT_EQ(test, fixture_stat(f).submitted, 2ULL);
	KUNIT_EXPECT_EQ(test, fixture_stat(f).completed, 2ULL);
	drop_plan(f);
}

static void options_are_taken(struct kunit *test)
{
	const struct bpfsched_followup options = {
		.size = sizeof(options),
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM |
			 BPFSCHED_JOB_RETURN_CONTEXT,
		.priority = BPFSCHED_PRIORITY_CRITICAL,
		.user_data = 4,
		.deadline_ns = 50,
		.budget_insns = 123,
	};
	struct fixture *f = fixture_deadline(test);
	struct plan plan = {
		.context = "abc", .len = 3, .options = &options,
	};
	struct fixture_script *other = set_plan(f, &plan);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, ANY_JOB);

	fixture_run_all(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, other->last.budget_insns, 123ULL);
	record = fixture_expect_end(f, plan.result, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, record.deadline_ns, FIXTURE_START_NS + 50);
	KUNIT_EXPECT_EQ(test, record.user_data, 4ULL);
	KUNIT_EXPECT_EQ(test, record.priority, BPFSCHED_PRIORITY_CRITICAL);
	KUNIT_EXPECT_EQ(test, record.context_len, 3U);
	drop_plan(f);
}

static void expect_refused(struct fixture *f, struct plan *plan, int err)
{
	struct bpfsched_stat before = fixture_stat(f), after;
	u64 id = fixture_submit(f, ANY_JOB);

	fixture_step(f);
	after = fixture_stat(f);
	KUNIT_EXPECT_EQ(f->test, plan->result, (s64)err);
	KUNIT_EXPECT_EQ(f->test, after.submitted, before.submitted + 1);
	KUNIT_EXPECT_EQ(f->test, after.rejected, before.rejected + 1);
	KUNIT_EXPECT_EQ(f->test, 0U,
			fixture_expect_end(f, id, BPFSCHED_STATUS_OK).followups);
	fixture_check(f);
}

static void bad_requests(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_followup options = { .size = sizeof(options) };
	struct plan plan = { .index = 1 };

	set_plan(f, &plan);
	expect_refused(f, &plan, -ENOENT);
	plan.index = U32_MAX;
	expect_refused(f, &plan, -ENOENT);
	plan.index = 0;
	plan.options = &options;
	options.flags = BPFSCHED_JOB_WAIT;
	expect_refused(f, &plan, -EINVAL);
	options.flags = 1U << 31;
	expect_refused(f, &plan, -EINVAL);
	options.flags = 0;
	options.pad = 1;
	expect_refused(f, &plan, -EINVAL);
	options.pad = 0;
	options.priority = BPFSCHED_PRIORITY_CRITICAL + 1;
	expect_refused(f, &plan, -EINVAL);
	options.priority = 0;
	options.budget_insns = FIXTURE_MAX_BUDGET + 1;
	expect_refused(f, &plan, -E2BIG);
	options.budget_insns = 0;
	options.flags = BPFSCHED_JOB_DEADLINE_REL;
	options.deadline_ns = 1;
	expect_refused(f, &plan, -EOPNOTSUPP);
	plan.options = NULL;
	plan.len = FIXTURE_MAX_CONTEXT + 1;
	expect_refused(f, &plan, -E2BIG);
	drop_plan(f);
}

static void no_room(struct kunit *test)
{
	const struct bpfsched_followup evict = {
		.size = sizeof(evict),
		.flags = BPFSCHED_JOB_EVICT,
		.priority = BPFSCHED_PRIORITY_CRITICAL,
	};
	struct fixture *f = fixture_throughput(test);
	struct plan plan = { .before = 1 };
	struct fixture_script *other = set_plan(f, &plan);
	u32 i;

	/* The job that runs has left room for one, which the first takes. */
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.priority = BPFSCHED_PRIORITY_HIGH,
	});
	for (i = 1; i < FIXTURE_CAPACITY; i++)
		fixture_submit(f, ANY_JOB);
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, plan.result, (s64)-EAGAIN);
	KUNIT_EXPECT_EQ(test, fixture_stat(f).pending,
			(u64)FIXTURE_CAPACITY);
	fixture_check(f);
	/* The follow-up; then a job that has another dropped for its third. */
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, fixture_runs(other), 1U);
	plan.options = &evict;
	plan.before = 2;
	fixture_step(f);
	KUNIT_EXPECT_GT(test, plan.result, 0LL);
	KUNIT_EXPECT_EQ(test, fixture_stat(f).dropped, 1ULL);
	fixture_check(f);
	f->script->during = NULL;
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, fixture_runs(other), 4U);
	drop_plan(f);
}

/* Without the capability itself, a job cannot get around it by another. */
static void critical_is_guarded(struct kunit *test)
{
	const struct bpfsched_followup options = {
		.size = sizeof(options),
		.priority = BPFSCHED_PRIORITY_CRITICAL,
	};
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct plan plan = { .options = &options };
	struct fixture *f;
	u64 id;

	params.guard_critical = true;
	f = fixture_new(test, &params);
	set_plan(f, &plan);
	expect_refused(f, &plan, -EPERM);

	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.priority = BPFSCHED_PRIORITY_CRITICAL,
	});
	fixture_run_all(f);
	KUNIT_EXPECT_GT(test, plan.result, 0LL);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, BPFSCHED_PRIORITY_CRITICAL,
			fixture_expect_end(f, plan.result,
					   BPFSCHED_STATUS_OK).priority);
	drop_plan(f);
}

static void no_slot(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct plan plan = {};
	struct fixture *f;

	params.limits.completion_slots = 1;
	f = fixture_new(test, &params);
	set_plan(f, &plan);
	expect_refused(f, &plan, -EDQUOT);
	drop_plan(f);
}

/* The client goes while its job runs, which then submits another. */
static void closed_client(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct plan plan = { .close_first = true };
	struct fixture_script *other = set_plan(f, &plan);

	fixture_submit(f, ANY_JOB);
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, plan.result, (s64)-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fixture_stat(f).submitted, 1ULL);
	KUNIT_EXPECT_EQ(test, fixture_stat(f).rejected, 1ULL);
	KUNIT_EXPECT_EQ(test, fixture_runs(other), 0U);
	fixture_check(f);
	drop_plan(f);
}

/* A follow-up that ranks before its parent takes over at once. */
static void followup_preempts(struct kunit *test)
{
	const struct bpfsched_followup options = {
		.size = sizeof(options),
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = 5,
	};
	struct fixture *f = fixture_deadline(test);
	struct plan plan = { .options = &options };
	struct bpfsched_completion record;
	u64 id;

	set_plan(f, &plan);
	f->script->pauses = true;
	id = fixture_submit(f, ANY_JOB);
	fixture_step(f);
	fixture_check(f);
	f->script->during = NULL;
	fixture_run_all(f);
	fixture_expect_end(f, plan.result, BPFSCHED_STATUS_OK);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, record.preemptions, 1U);
	KUNIT_EXPECT_EQ(test, record.followups, 1U);
	drop_plan(f);
}

/* Each release counts its own. */
static void releases_count_apart(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct plan plan = {};
	u64 id, i;

	set_plan(f, &plan);
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = 100,
		.count = 3,
	});
	for (i = 0; i < 3; i++) {
		fixture_run_all(f);
		KUNIT_EXPECT_EQ(test, 1U,
				fixture_expect_end(f, id,
						   BPFSCHED_STATUS_OK).followups);
		KUNIT_EXPECT_EQ(test, id,
				fixture_expect_end(f, plan.result,
						   BPFSCHED_STATUS_OK).parent);
		fixture_pass(f, 100);
	}
	drop_plan(f);
}

/* From the pool, and back to it. */
static void pooled_slots_come_back(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct plan plan = { .context = "x", .len = 1 };
	struct fixture *f;
	u32 before;

	params.preallocate = true;
	f = fixture_new(test, &params);
	set_plan(f, &plan);
	before = fixture_free_slots(f);
	fixture_submit(f, ANY_JOB);
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, fixture_free_slots(f), before - 1);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, fixture_free_slots(f), before);
	drop_plan(f);
}

#define CHAIN	BPFSCHED_PROG_DEPTH_MAX

/* A chain is freed with its first, and does not become longer than it may. */
static void chain_is_freed(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *next = f->script, *last = next, *script;
	u32 i, unloads = 0;

	for (i = 1; i < CHAIN; i++) {
		script = fixture_script(f, 1);
		KUNIT_EXPECT_EQ(test, 0,
				bpfsched_prog_add_followup(script->prog,
							   next->prog));
		fixture_put_prog(next);
		next = script;
	}
	KUNIT_EXPECT_EQ(test, last->unloads, 0U);
	script = fixture_script(f, 1);
	KUNIT_EXPECT_EQ(test, -E2BIG,
			bpfsched_prog_add_followup(script->prog, next->prog));
	KUNIT_EXPECT_EQ(test, 0U, script->prog->followup_count);
	fixture_put_prog(next);
	list_for_each_entry(script, &f->scripts, link)
		unloads += script->unloads;
	KUNIT_EXPECT_EQ(test, unloads, (u32)CHAIN);
}

static struct kunit_case followup_cases[] = {
	KUNIT_CASE(followup_runs),
	KUNIT_CASE(options_are_taken),
	KUNIT_CASE(bad_requests),
	KUNIT_CASE(no_room),
	KUNIT_CASE(critical_is_guarded),
	KUNIT_CASE(no_slot),
	KUNIT_CASE(closed_client),
	KUNIT_CASE(followup_preempts),
	KUNIT_CASE(releases_count_apart),
	KUNIT_CASE(pooled_slots_come_back),
	KUNIT_CASE(chain_is_freed),
	{}
};

static struct kunit_suite followup_suite = {
	.name = "followup",
	.exit = fixture_exit,
	.test_cases = followup_cases,
};

kunit_test_suite(followup_suite);
