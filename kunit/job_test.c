// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a job: how it ends, what its completion says, who holds what,
 * and what happens when its client goes.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "fixture.h"

/* More jobs than one hold of the lock deals with. */
#define MANY		(2 * BPFSCHED_LOCK_BATCH + 6)

/* Times that a thread is waited for, a millisecond each. */
#define PATIENCE	10000

/* Jobs that are submitted one right after another. */
#define RUSHED_JOBS	1000

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/* A scheduler with room for many jobs. */
static struct fixture *roomy_fixture(struct kunit *test, u32 workers)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.capacity = 2 * MANY;
	params.limits.completion_slots = 2 * MANY;
	params.limits.workers = workers;
	return fixture_new(test, &params);
}

static struct kref *client_ref(struct bpfsched_client *client)
{
	return &client->ref;
}

/* Every way to end. */

static void job_that_returns_is_ok(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->result.r0 = 0xfeedface12345678ULL;
	f->script->result.instructions = 123;
	f->script->takes_ns = 70;
	id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.user_data = 0xabcdef,
		.priority = BPFSCHED_PRIORITY_HIGH,
	});
	fixture_check(f);
	fixture_pass(f, 30);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);

	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 0xabcdefULL, record.user_data);
	KUNIT_EXPECT_EQ(test, BPFSCHED_PRIORITY_HIGH, record.priority);
	KUNIT_EXPECT_EQ(test, 0xfeedface12345678ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 123ULL, record.instructions);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS, record.submitted_ns);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS + 30, record.started_ns);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS + 100, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 1ULL, record.start_seq);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).completed);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).exec_count);
}

/* The fields of a completion that a plain job leaves empty. */
static void plain_completion_is_plain(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, ANY_JOB);

	fixture_step(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, sizeof(record), record.record.size);
	KUNIT_EXPECT_EQ(test, BPFSCHED_RECORD_COMPLETION, record.record.type);
	KUNIT_EXPECT_EQ(test, BPFSCHED_COMPLETION_LAST, record.record.flags);
	KUNIT_EXPECT_EQ(test, f->script->prog->id, record.prog_id);
	KUNIT_EXPECT_STREQ(test, "script", record.prog_name);
	KUNIT_EXPECT_EQ(test, 0ULL, record.deadline_ns);
	KUNIT_EXPECT_EQ(test, BPFSCHED_FAULT_NONE, record.fault_kind);
	KUNIT_EXPECT_EQ(test, 0ULL, record.fault_address);
	KUNIT_EXPECT_EQ(test, 0U, record.fault_pc);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 0U, record.context_len);
	KUNIT_EXPECT_EQ(test, 0U, record.context_offset);
	KUNIT_EXPECT_EQ(test, 0U, record.followups);
	KUNIT_EXPECT_EQ(test, 0ULL, record.parent);
}

static void job_that_faults_tells_where(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->outcome = BPFSCHED_FAULTED;
	f->script->result = (struct bpfsched_result) {
		.instructions = 17,
		.fault = {
			.kind = BPFSCHED_FAULT_WRITE,
			.pc = 16,
			.address = 0x700000009ULL,
		},
	};
	id = fixture_submit(f, ANY_JOB);
	fixture_step(f);
	fixture_check(f);

	record = fixture_expect_end(f, id, BPFSCHED_STATUS_FAULT);
	KUNIT_EXPECT_EQ(test, BPFSCHED_FAULT_WRITE, record.fault_kind);
	KUNIT_EXPECT_EQ(test, 16U, record.fault_pc);
	KUNIT_EXPECT_EQ(test, 0x700000009ULL, record.fault_address);
	KUNIT_EXPECT_EQ(test, 17ULL, record.instructions);
	KUNIT_EXPECT_EQ(test, 0ULL, record.r0);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).failed);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).completed);
}

static void job_that_uses_up_its_budget_fails(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->outcome = BPFSCHED_EXHAUSTED;
	f->script->result.instructions = FIXTURE_BUDGET;
	id = fixture_submit(f, ANY_JOB);
	fixture_step(f);
	fixture_check(f);

	record = fixture_expect_end(f, id, BPFSCHED_STATUS_BUDGET);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, record.instructions);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).failed);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).completed);
}

static void pending_job_is_cancelled_at_once(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, ANY_JOB);

	fixture_pass(f, 40);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	fixture_check(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS, record.submitted_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, record.started_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS + 40, record.ended_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, record.instructions);

	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0U, fixture_runs(f->script));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).exec_count);
}

static void cancel_this_job(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	u64 id = run->job->id;

	fixture_check(f);
	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_EQ_MSG(f->test, 0, bpfsched_cancel(f->client, id),
			    "a job that is told to stop is still live");
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(f->test, 1ULL, fixture_stat(f).running);
	KUNIT_EXPECT_EQ(f->test, 0ULL, fixture_stat(f).cancelled);
	fixture_check(f);
}

static void running_job_is_cancelled_where_it_can_stop(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->during = cancel_this_job;
	f->script->result.instructions = 4096;
	f->script->result.r0 = 5;
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);

	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 4096ULL, record.instructions);
	KUNIT_EXPECT_EQ(test, 0ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 1ULL, record.start_seq);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).exec_count);
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, id));
}

/* A job that gets to its end first ends as what it is. */
static void cancel_can_come_too_late(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->during = cancel_this_job;
	f->script->deaf = true;
	f->script->result.r0 = 5;
	id = fixture_submit(f, ANY_JOB);
	fixture_step(f);
	fixture_check(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 5ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).cancelled);

	f->script->outcome = BPFSCHED_FAULTED;
	id = fixture_submit(f, ANY_JOB);
	fixture_step(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_FAULT);
	fixture_expect_silence(f, f->client);
	fixture_check(f);
}

/* Being told to stop is of one job, not of what runs after it. */
static void next_job_is_not_cancelled(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 first = fixture_submit(f, ANY_JOB);
	u64 second = fixture_submit(f, ANY_JOB);

	f->script->during = cancel_this_job;
	fixture_step(f);
	f->script->during = NULL;
	fixture_step(f);
	fixture_expect_end(f, first, BPFSCHED_STATUS_CANCELLED);
	fixture_expect_end(f, second, BPFSCHED_STATUS_OK);
}

static void cancel_finds_live_jobs_only(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id;

	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, 1));
	id = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, id + 1));
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, id - 1));
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).cancelled);
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	fixture_check(f);
}

static void cancel_takes_from_the_middle(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 ids[5];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ids[i] = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, ids[2]));
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 4U, fixture_run_all(f));
	fixture_expect_end(f, ids[2], BPFSCHED_STATUS_CANCELLED);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		if (i != 2)
			fixture_expect_end(f, ids[i], BPFSCHED_STATUS_OK);
	}
	fixture_expect_silence(f, f->client);
}

static void starts_are_numbered(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 low = fixture_submit(f, ANY_JOB);
	u64 gone = fixture_submit(f, ANY_JOB);
	u64 high = fixture_submit(f, &(struct bpfsched_job_desc) {
		.priority = BPFSCHED_PRIORITY_HIGH,
	});
	struct bpfsched_completion record;

	bpfsched_cancel(f->client, gone);
	fixture_run_all(f);
	record = fixture_expect_end(f, gone, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 0ULL, record.start_seq);
	record = fixture_expect_end(f, high, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1ULL, record.start_seq);
	record = fixture_expect_end(f, low, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 2ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).exec_count);
}

/* The order of the guide, through the whole of the scheduler. */
static void example_of_the_guide(struct kunit *test)
{
	static const u32 priorities[] = {
		BPFSCHED_PRIORITY_NORMAL, BPFSCHED_PRIORITY_NORMAL,
		BPFSCHED_PRIORITY_HIGH, BPFSCHED_PRIORITY_NORMAL,
	};
	struct fixture *f = fixture_throughput(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(priorities); i++)
		fixture_submit(f, &(struct bpfsched_job_desc) {
			.id = i + 1, .priority = priorities[i],
		});
	KUNIT_EXPECT_EQ(test, 4U, fixture_run_all(f));
	fixture_expect_end(f, 3, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 1, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 2, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 4, BPFSCHED_STATUS_OK);
}

static struct kunit_case end_cases[] = {
	KUNIT_CASE(job_that_returns_is_ok),
	KUNIT_CASE(plain_completion_is_plain),
	KUNIT_CASE(job_that_faults_tells_where),
	KUNIT_CASE(job_that_uses_up_its_budget_fails),
	KUNIT_CASE(pending_job_is_cancelled_at_once),
	KUNIT_CASE(running_job_is_cancelled_where_it_can_stop),
	KUNIT_CASE(cancel_can_come_too_late),
	KUNIT_CASE(next_job_is_not_cancelled),
	KUNIT_CASE(cancel_finds_live_jobs_only),
	KUNIT_CASE(cancel_takes_from_the_middle),
	KUNIT_CASE(starts_are_numbered),
	KUNIT_CASE(example_of_the_guide),
	{}
};

static struct kunit_suite end_suite = {
	.name = "job_end",
	.exit = fixture_exit,
	.test_cases = end_cases,
};

/* The context on its way from the submitter to the completion. */

#define CONTEXT_LEN	13

static const u8 context_bytes[CONTEXT_LEN] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
};

static u64 submit_context(struct fixture *f, u32 flags)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = flags,
		.context = (uintptr_t)context_bytes,
		.context_len = CONTEXT_LEN,
	});
}

static void see_context(struct fixture_run *run)
{
	struct kunit *test = run->script->fixture->test;

	KUNIT_EXPECT_EQ(test, CONTEXT_LEN, run->params.context.len);
	KUNIT_EXPECT_FALSE(test, run->params.context.readonly);
	KUNIT_EXPECT_EQ(test, 0, memcmp(run->params.context.base,
					context_bytes, CONTEXT_LEN));
}

static void context_reaches_the_program(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id;

	f->script->during = see_context;
	id = submit_context(f, 0);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_FALSE(test, record.record.flags &
				 BPFSCHED_COMPLETION_CONTEXT);
	KUNIT_EXPECT_EQ(test, 0U, record.context_len);
	KUNIT_EXPECT_EQ(test, sizeof(record), record.record.size);
}

static void context_comes_back_as_it_was_left(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion *record;
	struct bpfsched_record_slot *slot;
	u8 *bytes;
	u32 i;

	f->script->during = see_context;
	f->script->flip = 0xa5;
	submit_context(f, BPFSCHED_JOB_RETURN_CONTEXT);
	fixture_step(f);

	slot = fixture_first(f->client);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	record = &slot->record;
	bytes = slot->context;
	KUNIT_EXPECT_PTR_EQ_MSG(test, bytes, (u8 *)f->script->last.context.base,
				"the bytes are handed over, not copied");
	KUNIT_EXPECT_EQ(test, CONTEXT_LEN, record->context_len);
	KUNIT_EXPECT_EQ(test, sizeof(*record), record->context_offset);
	KUNIT_EXPECT_EQ(test, sizeof(*record) + 16, record->record.size);
	KUNIT_EXPECT_EQ(test, BPFSCHED_COMPLETION_CONTEXT |
			BPFSCHED_COMPLETION_LAST, record->record.flags);
	for (i = 0; bytes && i < CONTEXT_LEN; i++)
		KUNIT_EXPECT_EQ(test, context_bytes[i] ^ 0xa5, bytes[i]);
	fixture_consume(f->client);
}

static void context_of_a_cancelled_job_comes_back(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_record_slot *slot;
	u64 id = submit_context(f, BPFSCHED_JOB_RETURN_CONTEXT);

	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	slot = fixture_first(f->client);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_EXPECT_EQ(test, CONTEXT_LEN, slot->record.context_len);
	KUNIT_ASSERT_NOT_NULL(test, slot->context);
	KUNIT_EXPECT_EQ(test, 0, memcmp(slot->context, context_bytes,
					CONTEXT_LEN));
	fixture_consume(f->client);
}

static void empty_context_comes_back_empty(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
	});

	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 0U, f->script->last.context.len);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_CONTEXT);
	KUNIT_EXPECT_EQ(test, 0U, record.context_len);
	KUNIT_EXPECT_EQ(test, sizeof(record), record.record.size);
}

static struct kunit_case context_cases[] = {
	KUNIT_CASE(context_reaches_the_program),
	KUNIT_CASE(context_comes_back_as_it_was_left),
	KUNIT_CASE(context_of_a_cancelled_job_comes_back),
	KUNIT_CASE(empty_context_comes_back_empty),
	{}
};

static struct kunit_suite context_suite = {
	.name = "job_context",
	.exit = fixture_exit,
	.test_cases = context_cases,
};

/* Who holds what. */

static void job_holds_its_program(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *script = fixture_script(f, 1);
	struct bpfsched_completion record = {};
	u64 prog_id = script->prog->id;

	KUNIT_EXPECT_EQ(test, 1U, kref_read(&script->prog->ref));
	fixture_try(f->client, script, ANY_JOB);
	fixture_try(f->client, script, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 3U, kref_read(&script->prog->ref));
	fixture_put_prog(script);
	fixture_step(f);
	KUNIT_EXPECT_EQ_MSG(test, 0U, script->unloads, "a job is left");
	fixture_step(f);
	bpfsched_prog_flush();
	KUNIT_EXPECT_EQ_MSG(test, 1U, script->unloads, "the last is gone");

	/* The completion tells of the program that is no more. */
	KUNIT_EXPECT_TRUE(test, fixture_read(f->client, &record));
	KUNIT_EXPECT_EQ(test, prog_id, record.prog_id);
	KUNIT_EXPECT_STREQ(test, "script", record.prog_name);
}

static void programs_are_numbered(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *second = fixture_script(f, 1);
	u64 id = second->prog->id;

	KUNIT_EXPECT_GT(test, f->script->prog->id, 0ULL);
	KUNIT_EXPECT_GT(test, id, f->script->prog->id);
	fixture_put_prog(second);
	second = fixture_script(f, 1);
	KUNIT_EXPECT_GT_MSG(test, second->prog->id, id,
			    "the number of a program is never used again");
}

static void refused_job_holds_nothing(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_job_desc late = { .flags = BPFSCHED_JOB_DEADLINE_REL };
	struct bpfsched_job_desc twice = { .id = 3 };

	fixture_submit(f, &twice);
	KUNIT_EXPECT_EQ(test, -EEXIST,
			fixture_try(f->client, f->script, &twice));
	KUNIT_EXPECT_EQ(test, -ETIME, fixture_try(f->client, f->script, &late));
	KUNIT_EXPECT_EQ(test, 2U, kref_read(&f->script->prog->ref));
	KUNIT_EXPECT_EQ(test, 2U, kref_read(client_ref(f->client)));
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	KUNIT_EXPECT_EQ(test, 1U, kref_read(client_ref(f->client)));
}

static void client_holds_the_scheduler(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other;

	/* The third is of the user of both. */
	KUNIT_EXPECT_EQ(test, 3U, kref_read(&f->sched->ref));
	other = fixture_open(f);
	KUNIT_EXPECT_EQ(test, 4U, kref_read(&f->sched->ref));
	KUNIT_EXPECT_EQ(test, 1ULL, f->client->id);
	KUNIT_EXPECT_EQ(test, 2ULL, other->id);
	fixture_close(f, other);
	KUNIT_EXPECT_EQ(test, 3U, kref_read(&f->sched->ref));
	other = fixture_open(f);
	KUNIT_EXPECT_EQ_MSG(test, 3ULL, other->id, "numbers are not reused");
}

static void close_cancels_pending_jobs(struct kunit *test)
{
	struct fixture *f = roomy_fixture(test, 1);
	struct bpfsched_client *client = f->client;
	u32 i;

	/* To see what becomes of it. */
	kref_get(client_ref(client));
	for (i = 0; i < MANY; i++)
		fixture_submit(f, ANY_JOB);
	fixture_close(f, client);
	fixture_check(f);

	KUNIT_EXPECT_EQ(test, MANY, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0U, client->completions.used);
	KUNIT_EXPECT_EQ_MSG(test, 0U, client->completions.unread,
			    "nothing is delivered to a client that is closed");
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	KUNIT_EXPECT_EQ(test, 1U, kref_read(client_ref(client)));
	bpfsched_client_put(client);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->sched->ref));
}

static void close_frees_unread_completions(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	u32 i;

	for (i = 0; i < 4; i++)
		submit_context(f, BPFSCHED_JOB_RETURN_CONTEXT);
	fixture_run_all(f);
	/* The others wait among those that a reader took. */
	KUNIT_EXPECT_TRUE(test, fixture_read(f->client, &record));
	submit_context(f, BPFSCHED_JOB_RETURN_CONTEXT);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, 4U, f->client->completions.unread);
	fixture_close(f, f->client);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->sched->ref));
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
}

static void close_client_of_run(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	run->script->during = NULL;
	fixture_close(f, run->job->client);
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_CONTROL_STOP,
			READ_ONCE(run->job->control));
	KUNIT_EXPECT_EQ_MSG(f->test, 1ULL, fixture_stat(f).running,
			    "closing does not wait");
	KUNIT_EXPECT_EQ(f->test, 0ULL, fixture_stat(f).pending);
	fixture_check(f);
}

static void close_stops_running_jobs(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *client = f->client;
	u32 i;

	kref_get(client_ref(client));
	f->script->during = close_client_of_run;
	for (i = 0; i < 3; i++)
		submit_context(f, BPFSCHED_JOB_RETURN_CONTEXT);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	fixture_check(f);

	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_EQ(test, 1U, fixture_runs(f->script));
	KUNIT_EXPECT_EQ(test, 0U, client->completions.used);
	KUNIT_EXPECT_EQ(test, 0U, client->completions.unread);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->script->prog->ref));
	KUNIT_EXPECT_EQ(test, 1U, kref_read(client_ref(client)));
	bpfsched_client_put(client);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->sched->ref));
}

/* What a policy saw when it was told to take a job out of its queue. */
static struct {
	struct bpfsched *sched;
	u32 looks;
	u32 without_clients;
} bystander;

static void look_around(void *queue, struct bpfsched_entity *entity)
{
	bystander.looks++;
	bystander.without_clients += list_empty(&bystander.sched->clients);
	bpfsched_throughput_policy.dequeue(queue, entity);
}

/* A scheduler without clients can be ended: it must not have jobs any more. */
static void closing_client_stays_until_its_jobs_are_cancelled(struct kunit *test)
{
	struct bpfsched_policy_ops policy = bpfsched_throughput_policy;
	struct bpfsched_params params = fixture_params(&policy);
	struct fixture *f;
	u32 i;

	policy.dequeue = look_around;
	params.limits.capacity = BPFSCHED_LOCK_BATCH + 8;
	params.limits.completion_slots = params.limits.capacity;
	f = fixture_new(test, &params);
	for (i = 0; i < params.limits.capacity; i++)
		fixture_submit(f, ANY_JOB);

	bystander.sched = f->sched;
	bystander.looks = 0;
	bystander.without_clients = 0;
	fixture_close(f, f->client);
	KUNIT_EXPECT_EQ(test, params.limits.capacity, bystander.looks);
	KUNIT_EXPECT_EQ(test, 0U, bystander.without_clients);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->sched->clients));
	fixture_check(f);
	/* The policy is on the stack. */
	fixture_free(f);
}

/* There is no number after it to go on from. */
static void close_gets_past_the_last_number(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	f->script->during = close_client_of_run;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.id = U64_MAX, .priority = BPFSCHED_PRIORITY_HIGH,
	});
	fixture_submit(f, &(struct bpfsched_job_desc) { .id = U64_MAX - 1 });
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).cancelled);
	fixture_check(f);
}

/* The client, the scheduler's last but one holder, goes with its last job. */
static void last_job_frees_its_client(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *script = fixture_script(f, 1);

	script->during = close_client_of_run;
	script->deaf = true;
	fixture_try(f->client, script, ANY_JOB);
	fixture_put_prog(script);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_check(f);
	KUNIT_EXPECT_EQ_MSG(test, 1ULL, fixture_stat(f).completed,
			    "it came to its end before it could be stopped");
	bpfsched_prog_flush();
	KUNIT_EXPECT_EQ(test, 1U, script->unloads);
	KUNIT_EXPECT_EQ(test, 1U, kref_read(&f->sched->ref));
}

static void close_leaves_other_clients_alone(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	u64 id = fixture_submit(f, ANY_JOB);

	fixture_try(other, f->script, ANY_JOB);
	fixture_close(f, other);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	fixture_expect_silence(f, f->client);
}

static struct kunit_case hold_cases[] = {
	KUNIT_CASE(job_holds_its_program),
	KUNIT_CASE(programs_are_numbered),
	KUNIT_CASE(refused_job_holds_nothing),
	KUNIT_CASE(client_holds_the_scheduler),
	KUNIT_CASE(close_cancels_pending_jobs),
	KUNIT_CASE(closing_client_stays_until_its_jobs_are_cancelled),
	KUNIT_CASE(close_frees_unread_completions),
	KUNIT_CASE(close_stops_running_jobs),
	KUNIT_CASE(close_gets_past_the_last_number),
	KUNIT_CASE(last_job_frees_its_client),
	KUNIT_CASE(close_leaves_other_clients_alone),
	{}
};

static struct kunit_suite hold_suite = {
	.name = "job_hold",
	.exit = fixture_exit,
	.test_cases = hold_cases,
};

/* Operations of an administrator. */

static void cancel_any_needs_a_job(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id = fixture_submit(f, ANY_JOB);

	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_cancel_any(f->sched, 0, id + 1));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_cancel_any(f->sched, f->client->id, id + 1));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_cancel_any(f->sched, f->client->id + 1, id));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);

	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel_any(f->sched, 0, id));
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel_any(f->sched, 0, id));
	fixture_check(f);
}

static void cancel_any_must_be_told_whose(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *second = fixture_open(f);
	struct bpfsched_client *third = fixture_open(f);
	struct bpfsched_job_desc desc = { .id = 9 };
	struct bpfsched_completion record;

	fixture_submit(f, &desc);
	fixture_try(second, f->script, &desc);
	fixture_try(third, f->script, &desc);
	KUNIT_EXPECT_EQ(test, -ENOTUNIQ, bpfsched_cancel_any(f->sched, 0, 9));
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).pending);

	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel_any(f->sched, second->id, 9));
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_TRUE(test, fixture_read(second, &record));
	KUNIT_EXPECT_EQ(test, -ENOTUNIQ, bpfsched_cancel_any(f->sched, 0, 9));
	fixture_close(f, third);
	KUNIT_EXPECT_EQ_MSG(test, 0, bpfsched_cancel_any(f->sched, 0, 9),
			    "only one is left");
	fixture_expect_end(f, 9, BPFSCHED_STATUS_CANCELLED);
	fixture_check(f);
}

static void cancel_any_this_job(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	KUNIT_EXPECT_EQ(f->test, 0,
			bpfsched_cancel_any(f->sched, 0, run->job->id));
}

static void cancel_any_stops_a_running_job(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id;

	f->script->during = cancel_any_this_job;
	id = fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	fixture_check(f);
}

static void paused_scheduler_starts_nothing(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 first = fixture_submit(f, ANY_JOB), second, gone;

	bpfsched_pause(f->sched);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATE_PAUSED, fixture_stat(f).state);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	second = fixture_submit(f, ANY_JOB);
	gone = fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, gone));
	bpfsched_pause(f->sched);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).pending);
	fixture_check(f);

	bpfsched_resume(f->sched);
	KUNIT_EXPECT_EQ(test, 0U, fixture_stat(f).state);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	fixture_expect_end(f, gone, BPFSCHED_STATUS_CANCELLED);
	fixture_expect_end(f, first, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, second, BPFSCHED_STATUS_OK);
}

static void pause_in_a_run(struct fixture_run *run)
{
	bpfsched_pause(run->script->fixture->sched);
}

static void pause_lets_running_jobs_go_on(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 id, other;

	f->script->during = pause_in_a_run;
	id = fixture_submit(f, ANY_JOB);
	other = fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 10,
	});
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	fixture_expect_end(f, other, BPFSCHED_STATUS_OK);
	fixture_expect_silence(f, f->client);

	/* So does the clock. */
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 10,
	});
	fixture_pass(f, 10);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).deadline_misses);
	f->script->during = NULL;
	bpfsched_resume(f->sched);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	fixture_check(f);
	KUNIT_EXPECT_NE(test, 0ULL, id);
}

static struct kunit_case admin_cases[] = {
	KUNIT_CASE(cancel_any_needs_a_job),
	KUNIT_CASE(cancel_any_must_be_told_whose),
	KUNIT_CASE(cancel_any_stops_a_running_job),
	KUNIT_CASE(paused_scheduler_starts_nothing),
	KUNIT_CASE(pause_lets_running_jobs_go_on),
	{}
};

static struct kunit_suite admin_suite = {
	.name = "job_admin",
	.exit = fixture_exit,
	.test_cases = admin_cases,
};

/* Several workers. */

static void run_another(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	u32 *depth = run->script->data;

	fixture_check(f);
	if (++*depth < f->sched->limits.workers)
		KUNIT_EXPECT_TRUE(f->test,
				  bpfsched_worker_step(&f->sched->workers[*depth]));
	else
		KUNIT_EXPECT_EQ(f->test, f->sched->limits.workers,
				fixture_stat(f).running);
	fixture_check(f);
}

/* Each job ends after the one that was started while it ran. */
static void completions_come_in_the_order_of_ending(struct kunit *test)
{
	struct fixture *f = roomy_fixture(test, 3);
	struct bpfsched_completion record;
	u32 depth = 0;
	u64 id;

	f->script->during = run_another;
	f->script->data = &depth;
	for (id = 1; id <= 3; id++)
		fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	for (id = 3; id >= 1; id--) {
		record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
		KUNIT_EXPECT_EQ(test, id, record.start_seq);
	}
	fixture_expect_silence(f, f->client);
}

static void cancel_one_of_two(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	if (run->job->id == 1) {
		bpfsched_worker_step(&f->sched->workers[1]);
		return;
	}
	KUNIT_EXPECT_EQ(f->test, 2ULL, fixture_stat(f).running);
	KUNIT_EXPECT_EQ(f->test, 0, bpfsched_cancel(f->client, 1));
}

static void cancel_stops_the_right_one(struct kunit *test)
{
	struct fixture *f = roomy_fixture(test, 2);

	f->script->during = cancel_one_of_two;
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, 2, BPFSCHED_STATUS_OK);
	fixture_expect_end(f, 1, BPFSCHED_STATUS_CANCELLED);
	fixture_expect_silence(f, f->client);
	fixture_check(f);
}

/* Schedulers with threads and the clock of the kernel. */

static struct fixture *threaded_fixture(struct kunit *test, u32 workers,
					bool real_time)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	params.no_threads = false;
	params.clock = NULL;
	params.real_time = real_time;
	params.limits.workers = workers;
	return fixture_new(test, &params);
}

static bool read_patiently(struct fixture *f,
			   struct bpfsched_completion *record)
{
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (fixture_read(f->client, record))
			return true;
		usleep_range(1000, 1500);
	}
	return false;
}

static bool wait_for_running(struct fixture *f, u64 count)
{
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (fixture_stat(f).running == count)
			return true;
		usleep_range(1000, 1500);
	}
	return false;
}

/* Until the threads have come to look for work, and fallen asleep. */
static bool wait_for_idle(struct fixture *f, u32 count)
{
	struct list_head *node;
	u32 idle;
	int i;

	for (i = 0; i < PATIENCE; i++) {
		idle = 0;
		raw_spin_lock_irq(&f->sched->lock);
		list_for_each(node, &f->sched->idle)
			idle++;
		raw_spin_unlock_irq(&f->sched->lock);
		if (idle == count)
			return true;
		usleep_range(1000, 1500);
	}
	return false;
}

static void threads_run_what_is_submitted(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2, false);
	struct bpfsched_completion record = {};
	u32 i;

	/* Asleep before, at least in the later rounds. */
	for (i = 1; i <= 20; i++) {
		fixture_submit(f, ANY_JOB);
		KUNIT_ASSERT_TRUE_MSG(test, read_patiently(f, &record),
				      "no thread ran job %u", i);
		KUNIT_EXPECT_EQ(test, (u64)i, record.id);
		KUNIT_EXPECT_LE(test, record.submitted_ns, record.started_ns);
		KUNIT_EXPECT_LE(test, record.started_ns, record.ended_ns);
	}
	KUNIT_EXPECT_EQ(test, 20ULL, fixture_stat(f).completed);
}

/*
 * Each job is submitted just after the one before it has ended, when the only
 * thread looks for more and is about to fall asleep.
 */
static void thread_does_not_oversleep(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 1, false);
	struct bpfsched_completion record;
	u32 i, spins;
	u64 end_ns;

	for (i = 0; i < RUSHED_JOBS; i++) {
		for (spins = i % 64; spins; spins--)
			cpu_relax();
		fixture_submit(f, ANY_JOB);
		end_ns = ktime_get_ns() + PATIENCE * NSEC_PER_MSEC;
		while (!fixture_read(f->client, &record)) {
			KUNIT_ASSERT_LT_MSG(test, ktime_get_ns(), end_ns,
					    "job %u is not run", i);
			cond_resched();
		}
	}
	KUNIT_EXPECT_EQ(test, RUSHED_JOBS, fixture_stat(f).completed);
}

static void threads_have_the_policy_asked_for(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2, false);
	struct bpfsched_completion record = {};
	u32 i;

	for (i = 0; i < f->sched->limits.workers; i++)
		KUNIT_EXPECT_EQ(test, (unsigned int)SCHED_NORMAL,
				f->sched->workers[i].task->policy);
	fixture_free(f);

	f = threaded_fixture(test, 2, true);
	for (i = 0; i < f->sched->limits.workers; i++)
		KUNIT_EXPECT_EQ(test, (unsigned int)SCHED_FIFO,
				f->sched->workers[i].task->policy);
	fixture_submit(f, ANY_JOB);
	KUNIT_ASSERT_TRUE(test, read_patiently(f, &record));
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_OK, record.status);
}

static void resume_wakes_threads(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2, false);
	struct bpfsched_completion record;
	u32 i;

	bpfsched_pause(f->sched);
	for (i = 0; i < FIXTURE_CAPACITY; i++)
		fixture_submit(f, ANY_JOB);
	usleep_range(5000, 6000);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_stat(f).pending);
	bpfsched_resume(f->sched);
	for (i = 0; i < FIXTURE_CAPACITY; i++)
		KUNIT_ASSERT_TRUE(test, read_patiently(f, &record));
	fixture_expect_silence(f, f->client);
}

static void resume_keeps_all_threads_busy(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2, false);

	f->script->until_stopped = true;
	bpfsched_pause(f->sched);
	KUNIT_ASSERT_TRUE(test, wait_for_idle(f, 2));
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).running);
	bpfsched_resume(f->sched);
	KUNIT_EXPECT_TRUE_MSG(test, wait_for_running(f, 2),
			      "one thread leaves the other asleep");
}

/* Two jobs are cancelled, and two more end with the scheduler. */
static void threads_stop_what_runs(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2, false);
	struct bpfsched_completion record = {};
	u32 i;

	f->script->until_stopped = true;
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	KUNIT_ASSERT_TRUE(test, wait_for_running(f, 2));
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	for (i = 1; i <= 2; i++) {
		KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, i));
		KUNIT_ASSERT_TRUE(test, read_patiently(f, &record));
		KUNIT_EXPECT_EQ(test, (u64)i, record.id);
		KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED, record.status);
	}
	KUNIT_ASSERT_TRUE(test, wait_for_running(f, 2));
	fixture_free(f);
	bpfsched_prog_flush();
	KUNIT_EXPECT_EQ_MSG(test, 1U, f->script->unloads,
			    "a job still holds the program");
}

static struct kunit_case worker_cases[] = {
	KUNIT_CASE(completions_come_in_the_order_of_ending),
	KUNIT_CASE(cancel_stops_the_right_one),
	KUNIT_CASE(threads_run_what_is_submitted),
	KUNIT_CASE(thread_does_not_oversleep),
	KUNIT_CASE(threads_have_the_policy_asked_for),
	KUNIT_CASE(resume_wakes_threads),
	KUNIT_CASE(resume_keeps_all_threads_busy),
	KUNIT_CASE(threads_stop_what_runs),
	{}
};

static struct kunit_suite worker_suite = {
	.name = "worker",
	.exit = fixture_exit,
	.test_cases = worker_cases,
};

kunit_test_suites(&end_suite, &context_suite, &hold_suite, &admin_suite,
		  &worker_suite);
