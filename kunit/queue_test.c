// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of a scheduler: what is taken, what is refused and why, the
 * numbers of jobs, and where job slots come from.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "../sched_core/deferred.h"
#include "../sched_core/profile.h"
#include "fixture.h"

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/* More than one hold of the lock deals with. */
#define MANY		(3 * BPFSCHED_LOCK_BATCH + 4)

static struct fixture *roomy_fixture(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	params.limits.capacity = 2 * MANY;
	params.limits.completion_slots = 4 * MANY;
	return fixture_new(test, &params);
}

static struct bpfsched_job_desc *new_descs(struct fixture *f, u32 count)
{
	struct bpfsched_job_desc *descs;

	descs = kunit_kcalloc(f->test, count, sizeof(*descs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, descs);
	return descs;
}

static void expect_error(struct fixture *f, int error,
			 struct bpfsched_job_desc *desc, const char *what)
{
	struct bpfsched_stat before = fixture_stat(f), after;

	KUNIT_EXPECT_EQ_MSG(f->test, error,
			    fixture_try(f->client, f->script, desc), "%s",
			    what);
	after = fixture_stat(f);
	KUNIT_EXPECT_EQ_MSG(f->test, before.rejected + !!error, after.rejected,
			    "%s: rejected jobs are counted, others not", what);
	KUNIT_EXPECT_EQ_MSG(f->test, before.submitted + !error,
			    after.submitted,
			    "%s: jobs that are taken are counted", what);
	fixture_check(f);
}

static void new_scheduler_is_empty(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_stat stat = fixture_stat(f);

	KUNIT_EXPECT_FALSE(test, bpfsched_has_pending(f->sched));
	KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
	KUNIT_EXPECT_EQ(test, 0ULL, stat.pending);
	KUNIT_EXPECT_EQ(test, 0ULL, stat.queue_high_water);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, stat.capacity);
	KUNIT_EXPECT_EQ(test, 0U, stat.state);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	fixture_expect_silence(f, f->client);
	fixture_check(f);
}

static void full_queue_takes_no_more(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++) {
		KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
		fixture_submit(f, ANY_JOB);
	}
	KUNIT_EXPECT_FALSE(test, bpfsched_has_room(f->sched));
	expect_error(f, -EAGAIN, ANY_JOB, "full");

	/* A job that has been started is pending no more. */
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
	expect_error(f, 0, ANY_JOB, "one has left");
	expect_error(f, -EAGAIN, ANY_JOB, "full again");
}

static void fill_up_while_running(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	run->script->during = NULL;
	KUNIT_EXPECT_TRUE(f->test, bpfsched_has_room(f->sched));
	expect_error(f, 0, ANY_JOB, "in place of the job that runs");
	expect_error(f, -EAGAIN, ANY_JOB, "the queue is full without it");
}

static void running_job_takes_no_room(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u32 i;

	f->script->during = fill_up_while_running;
	for (i = 0; i < FIXTURE_CAPACITY; i++)
		fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY + 1, fixture_run_all(f));
	fixture_check(f);
}

static void cancelled_job_makes_room(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id = 0;
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		id = fixture_submit(f, ANY_JOB);
	expect_error(f, -EAGAIN, ANY_JOB, "full");
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
	expect_error(f, 0, ANY_JOB, "one was cancelled");
}

static void closed_client_makes_room(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		KUNIT_EXPECT_EQ(test, 0,
				fixture_try(other, f->script, ANY_JOB));
	expect_error(f, -EAGAIN, ANY_JOB, "full");
	fixture_close(f, other);
	expect_error(f, 0, ANY_JOB, "the other client is gone");
}

static void pending_jobs_are_counted(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, bpfsched_has_pending(f->sched));
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).queue_high_water);

	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	KUNIT_EXPECT_FALSE(test, bpfsched_has_pending(f->sched));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).pending);
	fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ_MSG(test, 3ULL, fixture_stat(f).queue_high_water,
			    "the mark stays where the water was highest");
	fixture_check(f);
}

static void live_number_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc desc = { .id = 77 };

	expect_error(f, 0, &desc, "a number of the client's own");
	KUNIT_EXPECT_EQ(test, 77ULL, desc.id);
	expect_error(f, -EEXIST, &desc, "pending");
	fixture_run_all(f);
	expect_error(f, 0, &desc, "the job has ended, its completion waits");
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, 77));
	expect_error(f, 0, &desc, "the job was cancelled");
}

static void reuse_own_number(struct fixture_run *run)
{
	struct bpfsched_job_desc desc = { .id = run->job->id };

	expect_error(run->script->fixture, -EEXIST, &desc, "running");
}

static void number_of_a_running_job_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	f->script->during = reuse_own_number;
	fixture_submit(f, &(struct bpfsched_job_desc) { .id = 5 });
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
}

static void numbers_are_each_clients_own(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_job_desc desc = { .id = 77, .user_data = 1 };
	struct bpfsched_completion record = {};

	expect_error(f, 0, &desc, "77 of the one");
	desc.user_data = 2;
	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, &desc));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(other, 77));
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(other, 77));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).pending);

	KUNIT_EXPECT_TRUE(test, fixture_read(other, &record));
	KUNIT_EXPECT_EQ(test, 2ULL, record.user_data);
	fixture_expect_silence(f, f->client);
	fixture_run_all(f);
	record = fixture_expect_end(f, 77, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(test, 1ULL, record.user_data);
	fixture_expect_silence(f, other);
}

static void counter_numbers_jobs(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_job_desc desc = {};

	KUNIT_EXPECT_EQ(test, 1ULL, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, &desc));
	KUNIT_EXPECT_EQ_MSG(test, 3ULL, desc.id,
			    "the counter is that of the scheduler");
	fixture_run_all(f);
	KUNIT_EXPECT_EQ_MSG(test, 4ULL, fixture_submit(f, ANY_JOB),
			    "numbers are not used again");
}

static void counter_skips_live_numbers(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_job_desc desc = {};

	fixture_submit(f, &(struct bpfsched_job_desc) { .id = 1 });
	fixture_submit(f, &(struct bpfsched_job_desc) { .id = 2 });
	fixture_submit(f, &(struct bpfsched_job_desc) { .id = 4 });
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ(test, 5ULL, fixture_submit(f, ANY_JOB));

	/* Another client's numbers are not in the way. */
	fixture_submit(f, &(struct bpfsched_job_desc) { .id = 6 });
	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, &desc));
	KUNIT_EXPECT_EQ(test, 6ULL, desc.id);
	fixture_check(f);
}

/* More than are tried under one hold of the lock. */
static void counter_skips_many_live_numbers(struct kunit *test)
{
	struct fixture *f = roomy_fixture(test);
	struct bpfsched_job_desc *descs = new_descs(f, MANY);
	u32 i;

	for (i = 0; i < MANY; i++)
		descs[i].id = i + 1;
	KUNIT_EXPECT_EQ(test, MANY,
			fixture_batch(f->client, f->script, descs, MANY));
	KUNIT_EXPECT_EQ(test, (u64)MANY + 1, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ_MSG(test, 0ULL, fixture_stat(f).rejected,
			    "looking for a number is no reason to refuse");
	fixture_check(f);
}

/* The batch goes on where it was left to look for a number. */
static void batch_survives_a_long_search(struct kunit *test)
{
	struct fixture *f = roomy_fixture(test);
	struct bpfsched_job_desc descs[] = {
		{ .id = 1000 }, {}, { .id = 1000 }, {}, { .id = 2000 },
	};
	u32 i;

	for (i = 0; i < MANY; i++)
		fixture_submit(f, &(struct bpfsched_job_desc) { .id = i + 1 });
	KUNIT_EXPECT_EQ(test, 4U, fixture_batch(f->client, f->script, descs,
						ARRAY_SIZE(descs)));
	KUNIT_EXPECT_EQ(test, (u64)MANY + 1, descs[1].id);
	KUNIT_EXPECT_EQ(test, -EEXIST, descs[2].error);
	KUNIT_EXPECT_EQ(test, (u64)MANY + 2, descs[3].id);
	KUNIT_EXPECT_EQ(test, 0, descs[4].error);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).rejected);
	KUNIT_EXPECT_EQ(test, (u64)MANY + 4, fixture_stat(f).submitted);
	fixture_check(f);
}

static void no_job_gets_number_zero(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	atomic64_set(&f->sched->next_id, -2);
	KUNIT_EXPECT_EQ(test, U64_MAX, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, U64_MAX));
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_cancel(f->client, 0));
	fixture_check(f);
}

static void slots_of_a_client_run_out(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched_completion record;
	struct bpfsched_client *other;
	struct fixture *f;

	params.limits.completion_slots = 2;
	f = fixture_new(test, &params);
	other = fixture_open(f);

	expect_error(f, 0, ANY_JOB, "first slot");
	KUNIT_EXPECT_TRUE(test, bpfsched_completions_have_slots(f->client, 1));
	expect_error(f, 0, ANY_JOB, "second slot");
	KUNIT_EXPECT_FALSE(test, bpfsched_completions_have_slots(f->client, 1));
	expect_error(f, -EDQUOT, ANY_JOB, "two jobs are pending");
	KUNIT_EXPECT_EQ_MSG(test, 0, fixture_try(other, f->script, ANY_JOB),
			    "another client has slots of its own");
	fixture_run_all(f);
	expect_error(f, -EDQUOT, ANY_JOB, "two completions are unread");
	KUNIT_EXPECT_TRUE(test, fixture_read(f->client, &record));
	expect_error(f, 0, ANY_JOB, "one has been read");
	expect_error(f, -EDQUOT, ANY_JOB, "one pending, one unread");
}

static void batch_keeps_its_order(struct kunit *test)
{
	struct fixture *f = roomy_fixture(test);
	struct bpfsched_job_desc *descs = new_descs(f, MANY);
	struct bpfsched_completion record;
	u32 i;

	for (i = 0; i < MANY; i++)
		descs[i].user_data = i;
	KUNIT_EXPECT_EQ(test, MANY,
			fixture_batch(f->client, f->script, descs, MANY));
	KUNIT_EXPECT_EQ(test, MANY, fixture_stat(f).submitted);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, MANY, fixture_run_all(f));

	for (i = 0; i < MANY; i++) {
		KUNIT_EXPECT_EQ(test, (u64)i + 1, descs[i].id);
		record = fixture_expect_end(f, i + 1, BPFSCHED_STATUS_OK);
		KUNIT_EXPECT_EQ(test, (u64)i, record.user_data);
		KUNIT_EXPECT_EQ(test, (u64)i + 1, record.start_seq);
	}
	fixture_expect_silence(f, f->client);
}

static void see_place(struct fixture_run *run)
{
	u64 *last = run->script->data;
	u64 seq = run->job->entity.seq;

	KUNIT_EXPECT_GT_MSG(run->script->fixture->test, seq, *last,
			    "the policy cannot tell it from the one before");
	*last = seq;
}

/* Policies rely on it: no two jobs have the same place in the order. */
static void each_job_has_a_place_of_its_own(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 last = 0;
	u32 i;

	f->script->during = see_place;
	f->script->data = &last;
	for (i = 0; i < FIXTURE_CAPACITY; i++)
		fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

/* Every entry is tried; a refused one does not keep the next from its turn. */
static void batch_is_not_all_or_nothing(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc descs[] = {
		{ .id = 10 },
		{ .id = 10 },
		{ .limit = 1 },
		{ .id = 11 },
		{ .context_len = FIXTURE_MAX_CONTEXT + 1 },
		{ .flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 1 },
		{ .id = 12 },
	};
	static const int errors[] = {
		0, -EEXIST, -EINVAL, 0, -E2BIG, -EOPNOTSUPP, 0,
	};
	u32 i;

	KUNIT_EXPECT_EQ(test, 3U, fixture_batch(f->client, f->script, descs,
						ARRAY_SIZE(descs)));
	for (i = 0; i < ARRAY_SIZE(descs); i++)
		KUNIT_EXPECT_EQ_MSG(test, errors[i], descs[i].error,
				    "entry %u", i);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).submitted);
	KUNIT_EXPECT_EQ(test, 4ULL, fixture_stat(f).rejected);
	fixture_check(f);
}

static void batch_fills_the_queue(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc *descs = new_descs(f, FIXTURE_CAPACITY + 3);
	u32 i;

	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY,
			fixture_batch(f->client, f->script, descs,
				      FIXTURE_CAPACITY + 3));
	for (i = 0; i < FIXTURE_CAPACITY + 3; i++)
		KUNIT_EXPECT_EQ(test, i < FIXTURE_CAPACITY ? 0 : -EAGAIN,
				descs[i].error);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).rejected);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY,
			fixture_stat(f).queue_high_water);
	fixture_check(f);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(new_scheduler_is_empty),
	KUNIT_CASE(full_queue_takes_no_more),
	KUNIT_CASE(running_job_takes_no_room),
	KUNIT_CASE(cancelled_job_makes_room),
	KUNIT_CASE(closed_client_makes_room),
	KUNIT_CASE(pending_jobs_are_counted),
	KUNIT_CASE(live_number_is_refused),
	KUNIT_CASE(number_of_a_running_job_is_refused),
	KUNIT_CASE(numbers_are_each_clients_own),
	KUNIT_CASE(counter_numbers_jobs),
	KUNIT_CASE(counter_skips_live_numbers),
	KUNIT_CASE(counter_skips_many_live_numbers),
	KUNIT_CASE(batch_survives_a_long_search),
	KUNIT_CASE(no_job_gets_number_zero),
	KUNIT_CASE(slots_of_a_client_run_out),
	KUNIT_CASE(batch_keeps_its_order),
	KUNIT_CASE(each_job_has_a_place_of_its_own),
	KUNIT_CASE(batch_is_not_all_or_nothing),
	KUNIT_CASE(batch_fills_the_queue),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "queue",
	.exit = fixture_exit,
	.test_cases = queue_cases,
};

/* Who waits for room or for completions is told. */

/**
 * struct listener - somebody who waits, without sleeping
 * @entry: in a wait queue
 * @calls: how often it was woken
 */
struct listener {
	struct wait_queue_entry entry;
	u32 calls;
};

static int count_call(struct wait_queue_entry *entry, unsigned int mode,
		      int flags, void *key)
{
	container_of(entry, struct listener, entry)->calls++;
	return 0;
}

static void listen(struct wait_queue_head *head, struct listener *listener)
{
	listener->calls = 0;
	init_waitqueue_func_entry(&listener->entry, count_call);
	add_wait_queue(head, &listener->entry);
}

/* A client that has asked for room, and found none. */
static struct bpfsched_client *poll_for_room(struct fixture *f,
					     struct listener *listener)
{
	struct bpfsched_client *client = fixture_open(f);

	KUNIT_EXPECT_FALSE(f->test, bpfsched_client_may_submit(client));
	listen(&client->wait, listener);
	return client;
}

static void expect_told(struct fixture *f, struct bpfsched_client *client,
			struct listener *listener)
{
	bpfsched_deferred_flush(f->sched);
	KUNIT_EXPECT_EQ(f->test, 1U, listener->calls);
	remove_wait_queue(&client->wait, &listener->entry);
	KUNIT_EXPECT_TRUE(f->test, bpfsched_client_may_submit(client));
}

static void fill_the_queue(struct fixture *f)
{
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		fixture_submit(f, ANY_JOB);
}

static void start_makes_room_known(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *poller;
	struct listener listener;

	fill_the_queue(f);
	poller = poll_for_room(f, &listener);
	fixture_step(f);
	expect_told(f, poller, &listener);
}

static void cancel_makes_room_known(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *poller;
	struct listener listener;

	fill_the_queue(f);
	poller = poll_for_room(f, &listener);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, 1));
	expect_told(f, poller, &listener);
}

static void close_makes_room_known(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *poller;
	struct listener listener;

	fill_the_queue(f);
	poller = poll_for_room(f, &listener);
	fixture_close(f, f->client);
	expect_told(f, poller, &listener);
}

static void end_makes_completion_known(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct listener listener;

	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	listen(&f->client->wait, &listener);
	fixture_step(f);
	KUNIT_EXPECT_EQ_MSG(test, 1U, listener.calls, "a job has run");
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, 2));
	KUNIT_EXPECT_EQ_MSG(test, 2U, listener.calls, "one was cancelled");
	remove_wait_queue(&f->client->wait, &listener.entry);
}

/* Who could not submit for want of a slot can do so now. */
static void read_makes_slots_known(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_completion record;
	struct listener listener;

	fixture_submit(f, ANY_JOB);
	fixture_step(f);
	listen(&f->client->wait, &listener);
	f->client->completions.limit = 2;
	KUNIT_EXPECT_FALSE(test, bpfsched_client_may_submit(f->client));
	KUNIT_EXPECT_TRUE(test, fixture_read(f->client, &record));
	KUNIT_EXPECT_EQ(test, 1U, listener.calls);
	KUNIT_EXPECT_TRUE(test, bpfsched_client_may_submit(f->client));
	remove_wait_queue(&f->client->wait, &listener.entry);
}

static struct kunit_case wake_cases[] = {
	KUNIT_CASE(start_makes_room_known),
	KUNIT_CASE(cancel_makes_room_known),
	KUNIT_CASE(close_makes_room_known),
	KUNIT_CASE(end_makes_completion_known),
	KUNIT_CASE(read_makes_slots_known),
	{}
};

static struct kunit_suite wake_suite = {
	.name = "wake",
	.exit = fixture_exit,
	.test_cases = wake_cases,
};

/* Limits, and what makes a request malformed. */

static void context_has_a_limit(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc desc = { .context_len = FIXTURE_MAX_CONTEXT };

	expect_error(f, 0, &desc, "the longest context");
	desc = (struct bpfsched_job_desc) {
		.context_len = FIXTURE_MAX_CONTEXT + 1,
	};
	expect_error(f, -E2BIG, &desc, "one byte more");
	desc.context_len = U32_MAX;
	expect_error(f, -E2BIG, &desc, "the longest that can be named");
}

static void program_has_a_limit(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *longest, *longer;

	longest = fixture_script(f, FIXTURE_MAX_INSNS);
	longer = fixture_script(f, FIXTURE_MAX_INSNS + 1);
	KUNIT_EXPECT_EQ(test, 0, fixture_try(f->client, longest, ANY_JOB));
	KUNIT_EXPECT_EQ(test, -E2BIG, fixture_try(f->client, longer, ANY_JOB));
	fixture_check(f);
}

static void budget_has_a_limit(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc desc = { .budget_insns = FIXTURE_MAX_BUDGET };

	expect_error(f, 0, &desc, "the largest budget");
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, FIXTURE_MAX_BUDGET, f->script->last.budget_insns);

	desc = (struct bpfsched_job_desc) {
		.budget_insns = FIXTURE_MAX_BUDGET + 1,
	};
	expect_error(f, -E2BIG, &desc, "one instruction more");
	desc.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	expect_error(f, -E2BIG, &desc, "no limit at all");

	desc = (struct bpfsched_job_desc) { .budget_insns = 1 };
	expect_error(f, 0, &desc, "one instruction");
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, 1ULL, f->script->last.budget_insns);
}

static void budget_has_a_default(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, f->script->last.budget_insns);
}

static void budget_can_be_lifted(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched_job_desc desc = {
		.budget_insns = BPFSCHED_BUDGET_UNLIMITED,
	};
	struct fixture *f;

	params.limits.max_budget = BPFSCHED_BUDGET_UNLIMITED;
	f = fixture_new(test, &params);
	expect_error(f, 0, &desc, "no limit");
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, BPFSCHED_BUDGET_UNLIMITED,
			f->script->last.budget_insns);
}

static void malformed_request_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_job_desc desc = { .limit = 1 };
	int bit;

	expect_error(f, -EINVAL, &desc, "padding");
	desc = (struct bpfsched_job_desc) { .priority = BPFSCHED_PRIORITIES };
	expect_error(f, -EINVAL, &desc, "priority above critical");
	desc.priority = U32_MAX;
	expect_error(f, -EINVAL, &desc, "priority of all ones");
	for (bit = 8; bit < 32; bit++) {
		desc = (struct bpfsched_job_desc) { .flags = BIT(bit) };
		expect_error(f, -EINVAL, &desc, "unknown flag");
	}
}

static void program_of_another_engine_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_engine_ops other = fixture_engine;

	f->script->prog->engine = &other;
	expect_error(f, -EINVAL, ANY_JOB, "another engine");
	f->script->prog->engine = &fixture_engine;
	expect_error(f, 0, ANY_JOB, "the engine of the scheduler");
}

static void malformed_deadline_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_job_desc desc = { .deadline_ns = 1 };

	expect_error(f, -EINVAL, &desc, "a time, but no flag");
	desc = (struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_ABS | BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = 2 * FIXTURE_START_NS,
	};
	expect_error(f, -EINVAL, &desc, "both absolute and relative");
}

static void throughput_has_no_deadlines(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc desc = {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = 1000,
	};

	expect_error(f, -EOPNOTSUPP, &desc, "relative");
	desc.flags = BPFSCHED_JOB_DEADLINE_ABS;
	desc.deadline_ns = 2 * FIXTURE_START_NS;
	expect_error(f, -EOPNOTSUPP, &desc, "absolute");
	desc.deadline_ns = 1;
	expect_error(f, -EOPNOTSUPP, &desc, "absolute, and passed");
	desc.flags = 0;
	expect_error(f, -EINVAL, &desc, "malformed all the same");
}

static void deadline_that_has_passed_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_job_desc desc = { .flags = BPFSCHED_JOB_DEADLINE_ABS };

	expect_error(f, -ETIME, &desc, "at 0");
	desc.deadline_ns = FIXTURE_START_NS - 1;
	expect_error(f, -ETIME, &desc, "a nanosecond ago");
	desc.deadline_ns = FIXTURE_START_NS;
	expect_error(f, -ETIME, &desc, "now");
	desc.deadline_ns = FIXTURE_START_NS + 1;
	expect_error(f, 0, &desc, "in a nanosecond");

	desc = (struct bpfsched_job_desc) { .flags = BPFSCHED_JOB_DEADLINE_REL };
	expect_error(f, -ETIME, &desc, "0 from now");
	desc.deadline_ns = 1;
	expect_error(f, 0, &desc, "1 from now");
	KUNIT_EXPECT_EQ_MSG(test, 0ULL, fixture_stat(f).deadline_misses,
			    "what was refused has not missed");
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE(context_has_a_limit),
	KUNIT_CASE(program_has_a_limit),
	KUNIT_CASE(budget_has_a_limit),
	KUNIT_CASE(budget_has_a_default),
	KUNIT_CASE(budget_can_be_lifted),
	KUNIT_CASE(malformed_request_is_refused),
	KUNIT_CASE(program_of_another_engine_is_refused),
	KUNIT_CASE(malformed_deadline_is_refused),
	KUNIT_CASE(throughput_has_no_deadlines),
	KUNIT_CASE(deadline_that_has_passed_is_refused),
	{}
};

static struct kunit_suite limit_suite = {
	.name = "limits",
	.exit = fixture_exit,
	.test_cases = limit_cases,
};

/* Schedulers with a pool of job slots. */

#define POOL_CAPACITY	4

static struct fixture *pooled_fixture(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	params.limits.capacity = POOL_CAPACITY;
	params.preallocate = true;
	return fixture_new(test, &params);
}

static void pool_has_slots_for_all_that_is_live(struct kunit *test)
{
	struct fixture *f = pooled_fixture(test);
	u32 all = fixture_free_slots(f);

	KUNIT_EXPECT_GT_MSG(test, all, POOL_CAPACITY + f->sched->limits.workers,
			    "full, all workers busy, and one being made");
}

static void dry_pool_falls_back_to_the_heap(struct kunit *test)
{
	struct fixture *f = pooled_fixture(test);
	struct bpfsched_job_desc desc = { .context_len = FIXTURE_MAX_CONTEXT };
	u32 all = fixture_free_slots(f), count = all + 5, i;
	struct bpfsched_job **jobs;

	jobs = kunit_kcalloc(test, count, sizeof(*jobs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, jobs);
	for (i = 0; i < count; i++) {
		jobs[i] = fixture_job(f->client, f->script, &desc);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, jobs[i]);
		KUNIT_EXPECT_EQ_MSG(test, i < all, jobs[i]->pooled, "job %u",
				    i);
		/* Bytes that are another job's would be overwritten. */
		memset(jobs[i]->context, i, FIXTURE_MAX_CONTEXT);
	}
	KUNIT_EXPECT_EQ(test, 0U, fixture_free_slots(f));
	for (i = 0; i < count; i++) {
		KUNIT_EXPECT_NULL_MSG(test,
				      memchr_inv(jobs[i]->context, i,
						 FIXTURE_MAX_CONTEXT),
				      "the context of job %u is shared", i);
		bpfsched_job_free(jobs[i]);
	}
	KUNIT_EXPECT_EQ(test, all, fixture_free_slots(f));
}

static void pool_gets_every_slot_back(struct kunit *test)
{
	struct fixture *f = pooled_fixture(test);
	u32 all = fixture_free_slots(f);
	u64 id;

	fixture_submit(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, all - 1, fixture_free_slots(f));
	fixture_run_all(f);
	KUNIT_EXPECT_EQ_MSG(test, all, fixture_free_slots(f),
			    "after the end, before the completion is read");

	id = fixture_submit(f, ANY_JOB);
	bpfsched_cancel(f->client, id);
	KUNIT_EXPECT_EQ_MSG(test, all, fixture_free_slots(f), "cancelled");
	expect_error(f, -ETIME,
		     &(struct bpfsched_job_desc) {
			     .flags = BPFSCHED_JOB_DEADLINE_REL,
		     }, "refused when it is made");
	KUNIT_EXPECT_EQ(test, all, fixture_free_slots(f));

	fixture_submit(f, &(struct bpfsched_job_desc) { .id = 9 });
	expect_error(f, -EEXIST, &(struct bpfsched_job_desc) { .id = 9 },
		     "refused when it is submitted");
	KUNIT_EXPECT_EQ(test, all - 1, fixture_free_slots(f));
	fixture_close(f, f->client);
	KUNIT_EXPECT_EQ_MSG(test, all, fixture_free_slots(f), "closed");
}

/*
 * A load of eight bytes that is refused may be executed speculatively all the
 * same: what lies behind a short context must not be another client's.
 */
static void short_context_shows_nothing_of_another(struct kunit *test)
{
	static const u8 secret[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct fixture *f = pooled_fixture(test);
	struct bpfsched_job_desc desc = {
		.context = (uintptr_t)secret,
		.context_len = sizeof(secret),
	};
	struct bpfsched_job *job;

	job = fixture_job(f->client, f->script, &desc);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	bpfsched_job_free(job);
	desc.context_len = 3;
	job = fixture_job(f->client, f->script, &desc);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	KUNIT_EXPECT_EQ(test, 0, memcmp(job->context, secret, 3));
	KUNIT_EXPECT_NULL(test, memchr_inv(job->context + 3, 0, 5));
	bpfsched_job_free(job);
}

/* A slot does not remember the job that it was. */
static void pooled_slot_starts_anew(struct kunit *test)
{
	struct fixture *f = pooled_fixture(test);
	struct bpfsched_job_desc desc = {
		.priority = BPFSCHED_PRIORITY_CRITICAL,
		.flags = BPFSCHED_JOB_DEADLINE_REL |
			 BPFSCHED_JOB_RETURN_CONTEXT,
		.deadline_ns = 10,
		.context_len = 8,
		.budget_insns = 7,
		.user_data = 6,
	};
	struct bpfsched_completion record;
	u64 id = fixture_submit(f, &desc);

	fixture_pass(f, 10);
	fixture_run_all(f);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_MISSED);

	id = fixture_submit(f, ANY_JOB);
	bpfsched_cancel(f->client, id);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, BPFSCHED_COMPLETION_LAST, record.record.flags);
	KUNIT_EXPECT_EQ(test, 0ULL, record.user_data);
	KUNIT_EXPECT_EQ(test, 0U, record.priority);
	KUNIT_EXPECT_EQ(test, 0ULL, record.deadline_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, record.started_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, record.start_seq);
	KUNIT_EXPECT_EQ(test, 0U, record.context_len);
	fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	KUNIT_EXPECT_NULL(test, f->script->last.context.base);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, f->script->last.budget_insns);
}

/*
 * A context that stays is in the slot; one that goes with the completion is
 * not, for the completion outlives the slot.
 */
static void context_is_where_it_can_stay(struct kunit *test)
{
	struct fixture *f = pooled_fixture(test);
	struct bpfsched_job_desc desc = { .context_len = 8 };
	struct bpfsched_job *job;

	job = fixture_job(f->client, f->script, &desc);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	KUNIT_EXPECT_PTR_EQ(test, job->own_context, job->context);
	bpfsched_job_free(job);

	desc.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	job = fixture_job(f->client, f->script, &desc);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	KUNIT_EXPECT_PTR_NE(test, job->own_context, job->context);
	bpfsched_job_free(job);
}

static void scheduler_without_a_pool_uses_the_heap(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job *job;

	job = fixture_job(f->client, f->script, ANY_JOB);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	KUNIT_EXPECT_FALSE(test, job->pooled);
	bpfsched_job_free(job);
	KUNIT_EXPECT_EQ(test, 0U, fixture_free_slots(f));
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_has_slots_for_all_that_is_live),
	KUNIT_CASE(dry_pool_falls_back_to_the_heap),
	KUNIT_CASE(pool_gets_every_slot_back),
	KUNIT_CASE(pooled_slot_starts_anew),
	KUNIT_CASE(short_context_shows_nothing_of_another),
	KUNIT_CASE(context_is_where_it_can_stay),
	KUNIT_CASE(scheduler_without_a_pool_uses_the_heap),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "pool",
	.exit = fixture_exit,
	.test_cases = pool_cases,
};

/* What a scheduler is made from. */

static int build_profile(const char *profile, struct bpfsched_params *params)
{
	const struct bpfsched_config config = {
		.name = "built",
		.profile = profile,
	};

	return bpfsched_params_build(params, &config, &fixture_engine);
}

static void cloud_is_as_the_guide_says(struct kunit *test)
{
	struct bpfsched_params params;

	KUNIT_ASSERT_EQ(test, 0, build_profile("cloud", &params));
	KUNIT_EXPECT_STREQ(test, "cloud", params.profile);
	KUNIT_EXPECT_PTR_EQ(test, &bpfsched_throughput_policy, params.policy);
	KUNIT_EXPECT_EQ(test, 1024U, params.limits.capacity);
	KUNIT_EXPECT_EQ(test, 4096U, params.limits.completion_slots);
	KUNIT_EXPECT_EQ(test, num_online_cpus(), params.limits.workers);
	KUNIT_EXPECT_EQ(test, 1000000U, params.limits.max_insns);
	KUNIT_EXPECT_EQ(test, 65536U, params.limits.max_context);
	KUNIT_EXPECT_EQ(test, 1000000000ULL, params.limits.default_budget);
	KUNIT_EXPECT_EQ(test, BPFSCHED_BUDGET_UNLIMITED,
			params.limits.max_budget);
	KUNIT_EXPECT_FALSE(test, params.preallocate);
	KUNIT_EXPECT_FALSE(test, params.real_time);
}

static void embedded_is_as_the_guide_says(struct kunit *test)
{
	struct bpfsched_params params;

	KUNIT_ASSERT_EQ(test, 0, build_profile("embedded", &params));
	KUNIT_EXPECT_STREQ(test, "embedded", params.profile);
	KUNIT_EXPECT_PTR_EQ(test, &bpfsched_deadline_policy, params.policy);
	KUNIT_EXPECT_EQ(test, 32U, params.limits.capacity);
	KUNIT_EXPECT_EQ(test, 128U, params.limits.completion_slots);
	KUNIT_EXPECT_EQ(test, 1U, params.limits.workers);
	KUNIT_EXPECT_EQ(test, 65536U, params.limits.max_insns);
	KUNIT_EXPECT_EQ(test, 4096U, params.limits.max_context);
	KUNIT_EXPECT_EQ(test, 100000000ULL, params.limits.default_budget);
	KUNIT_EXPECT_EQ(test, 1000000000ULL, params.limits.max_budget);
	KUNIT_EXPECT_TRUE(test, params.preallocate);
	KUNIT_EXPECT_TRUE(test, params.real_time);
}

static void unknown_profile_is_not_found(struct kunit *test)
{
	struct bpfsched_params params;

	KUNIT_EXPECT_EQ(test, -ENOENT, build_profile("", &params));
	KUNIT_EXPECT_EQ(test, -ENOENT, build_profile("edge", &params));
}

#define EXPECT_NOT_MADE_WITHOUT(test, limit) do { \
	struct bpfsched_params params = \
		fixture_params(&bpfsched_throughput_policy); \
	params.limits.limit = 0; \
	fixture_expect_not_made(test, &params, #limit); \
} while (0)

static void scheduler_needs_its_limits(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	EXPECT_NOT_MADE_WITHOUT(test, capacity);
	EXPECT_NOT_MADE_WITHOUT(test, workers);
	EXPECT_NOT_MADE_WITHOUT(test, completion_slots);
	EXPECT_NOT_MADE_WITHOUT(test, default_budget);
	params.limits.max_budget = params.limits.default_budget - 1;
	fixture_expect_not_made(test, &params, "a default above the limit");
}

static void expect_engine_refused(struct kunit *test,
				  const struct bpfsched_engine_ops *ops,
				  const char *what)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	KUNIT_ASSERT_FALSE_MSG(test, bpfsched_engine_is_valid(ops), "%s", what);
	params.engine = ops;
	fixture_expect_not_made(test, &params, what);
}

static void incomplete_engine_is_refused(struct kunit *test)
{
	struct bpfsched_engine_ops ops = fixture_engine;

	KUNIT_EXPECT_TRUE(test, bpfsched_engine_is_valid(&ops));
	expect_engine_refused(test, NULL, "no engine");
	ops.name = NULL;
	expect_engine_refused(test, &ops, "no name");
	ops = fixture_engine;
	ops.state_size = 0;
	expect_engine_refused(test, &ops, "no state_size");
	ops = fixture_engine;
	ops.load = NULL;
	expect_engine_refused(test, &ops, "no load");
	ops = fixture_engine;
	ops.unload = NULL;
	expect_engine_refused(test, &ops, "no unload");
	ops = fixture_engine;
	ops.start = NULL;
	expect_engine_refused(test, &ops, "no start");
	ops = fixture_engine;
	ops.run = NULL;
	expect_engine_refused(test, &ops, "no run");
	ops = fixture_engine;
	ops.finish = NULL;
	expect_engine_refused(test, &ops, "no finish");
}

static void scheduler_tells_what_it_is(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_info info = {};

	bpfsched_get_info(f->sched, &info);
	KUNIT_EXPECT_EQ(test, BPFSCHED_ABI_VERSION, info.abi_version);
	KUNIT_EXPECT_EQ(test, BPFSCHED_FEATURE_DEADLINES, info.features);
	KUNIT_EXPECT_STREQ(test, "test", info.name);
	KUNIT_EXPECT_STREQ(test, "none", info.profile);
	KUNIT_EXPECT_STREQ(test, "deadline", info.policy);
	KUNIT_EXPECT_STREQ(test, "scripted", info.engine);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, info.capacity);
	KUNIT_EXPECT_EQ(test, 1U, info.workers);
	KUNIT_EXPECT_EQ(test, BPFSCHED_BATCH_MAX, info.max_batch);
	KUNIT_EXPECT_EQ(test, FIXTURE_MAX_INSNS, info.max_insns);
	KUNIT_EXPECT_EQ(test, FIXTURE_MAX_CONTEXT, info.max_context);
	KUNIT_EXPECT_EQ(test, FIXTURE_SLOTS, info.completion_slots);
	KUNIT_EXPECT_EQ(test, FIXTURE_BUDGET, info.default_budget_insns);
	KUNIT_EXPECT_EQ(test, FIXTURE_MAX_BUDGET, info.max_budget_insns);

	fixture_free(f);
	f = fixture_throughput(test);
	bpfsched_get_info(f->sched, &info);
	KUNIT_EXPECT_EQ(test, 0ULL, info.features);
	KUNIT_EXPECT_STREQ(test, "throughput", info.policy);
}

static struct kunit_case profile_cases[] = {
	KUNIT_CASE(cloud_is_as_the_guide_says),
	KUNIT_CASE(embedded_is_as_the_guide_says),
	KUNIT_CASE(unknown_profile_is_not_found),
	KUNIT_CASE(scheduler_needs_its_limits),
	KUNIT_CASE(incomplete_engine_is_refused),
	KUNIT_CASE(scheduler_tells_what_it_is),
	{}
};

static struct kunit_suite profile_suite = {
	.name = "profile",
	.exit = fixture_exit,
	.test_cases = profile_cases,
};

kunit_test_suites(&queue_suite, &wake_suite, &limit_suite, &pool_suite,
		  &profile_suite);
