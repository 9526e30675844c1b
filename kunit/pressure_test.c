// SPDX-License-Identifier: GPL-2.0
/*
 * Pressure: what happens when the queue is full, or a client has all that it
 * may have; and everything at once, at random.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/smp.h>

#include "../sched_core/user.h"
#include "fixture.h"
#include "trials.h"

#define T0	FIXTURE_START_NS

/* How long a thread is waited for before something must be wrong. */
#define HANG_MS		10000

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/* Members of a request. */
#define DUE_IN(ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = (ns)
#define EVICT_DUE_IN(ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_EVICT, \
	.deadline_ns = (ns)
#define PRIORITY(name)	.priority = BPFSCHED_PRIORITY_ ## name

static int try_evict(struct fixture *f, struct bpfsched_job_desc *desc)
{
	int err;

	desc->flags |= BPFSCHED_JOB_EVICT;
	err = fixture_try(f->client, f->script, desc);
	fixture_check(f);
	return err;
}

/* Expect that a job takes the place of another one. */
static void expect_evicted(struct fixture *f, u64 victim,
			   struct bpfsched_job_desc *desc)
{
	struct bpfsched_stat before = fixture_stat(f), after;
	struct bpfsched_completion record;

	KUNIT_EXPECT_EQ(f->test, 0, try_evict(f, desc));
	record = fixture_expect_end(f, victim, BPFSCHED_STATUS_DROPPED);
	KUNIT_EXPECT_EQ(f->test, BPFSCHED_COMPLETION_LAST,
			record.record.flags);
	KUNIT_EXPECT_EQ(f->test, 0ULL, record.start_seq);
	KUNIT_EXPECT_EQ(f->test, f->now_ns, record.ended_ns);
	after = fixture_stat(f);
	KUNIT_EXPECT_EQ(f->test, before.dropped + 1, after.dropped);
	KUNIT_EXPECT_EQ(f->test, before.submitted + 1, after.submitted);
	KUNIT_EXPECT_EQ(f->test, before.pending, after.pending);
	KUNIT_EXPECT_EQ(f->test, before.rejected, after.rejected);
}

/* Expect that a job finds nobody to drop. */
static void expect_no_victim(struct fixture *f, struct bpfsched_job_desc *desc)
{
	struct bpfsched_stat before = fixture_stat(f), after;

	KUNIT_EXPECT_EQ(f->test, -EAGAIN, try_evict(f, desc));
	after = fixture_stat(f);
	KUNIT_EXPECT_EQ(f->test, before.dropped, after.dropped);
	KUNIT_EXPECT_EQ(f->test, before.pending, after.pending);
	KUNIT_EXPECT_EQ(f->test, before.rejected + 1, after.rejected);
}

/* Fill the queue; the jobs get the numbers that follow. */
static void fill(struct fixture *f, const struct bpfsched_job_desc *desc)
{
	struct bpfsched_job_desc copy;
	u32 i;

	for (i = 0; i < 2 * FIXTURE_CAPACITY && bpfsched_has_room(f->sched);
	     i++) {
		copy = *desc;
		fixture_submit(f, &copy);
	}
	fixture_check(f);
}

static void lowest_priority_is_dropped(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 low;

	fixture_submit(f, &(struct bpfsched_job_desc) { PRIORITY(NORMAL) });
	low = fixture_submit(f, &(struct bpfsched_job_desc) { PRIORITY(LOW) });
	fill(f, &(struct bpfsched_job_desc) { PRIORITY(NORMAL) });
	expect_evicted(f, low, &(struct bpfsched_job_desc) {
		PRIORITY(NORMAL)
	});
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

static void newest_of_equals_is_dropped(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id;

	fill(f, &(struct bpfsched_job_desc) { PRIORITY(LOW) });
	for (id = FIXTURE_CAPACITY; id >= 1; id--)
		expect_evicted(f, id, &(struct bpfsched_job_desc) {
			PRIORITY(HIGH)
		});
	expect_no_victim(f, &(struct bpfsched_job_desc) { PRIORITY(HIGH) });
}

static void equals_are_not_dropped(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	fill(f, &(struct bpfsched_job_desc) { PRIORITY(NORMAL) });
	expect_no_victim(f, &(struct bpfsched_job_desc) { PRIORITY(NORMAL) });
	expect_no_victim(f, &(struct bpfsched_job_desc) { PRIORITY(LOW) });
	fixture_expect_silence(f, f->client);
}

static void latest_deadline_is_dropped(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u64 none, late;

	none = fixture_submit(f, &(struct bpfsched_job_desc) {
		PRIORITY(CRITICAL)
	});
	late = fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(300) });
	fill(f, &(struct bpfsched_job_desc) { DUE_IN(100) });
	expect_no_victim(f, &(struct bpfsched_job_desc) { PRIORITY(CRITICAL) });
	expect_evicted(f, none, &(struct bpfsched_job_desc) { DUE_IN(400) });
	expect_no_victim(f, &(struct bpfsched_job_desc) { DUE_IN(400) });
	expect_no_victim(f, &(struct bpfsched_job_desc) { DUE_IN(401) });
	expect_evicted(f, FIXTURE_CAPACITY + 1,
		       &(struct bpfsched_job_desc) { DUE_IN(399) });
	expect_evicted(f, FIXTURE_CAPACITY + 2,
		       &(struct bpfsched_job_desc) { DUE_IN(299) });
	expect_evicted(f, late, &(struct bpfsched_job_desc) { DUE_IN(299) });
	fixture_expect_silence(f, f->client);
}

/* A job that is vouched for outranks all others. */
static void declared_jobs_drop_others(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	fill(f, &(struct bpfsched_job_desc) { DUE_IN(10) });
	expect_evicted(f, FIXTURE_CAPACITY, &(struct bpfsched_job_desc) {
		EVICT_DUE_IN(5000), .run_time_ns = 10,
	});
	expect_no_victim(f, &(struct bpfsched_job_desc) { DUE_IN(10) });
}

/*
 * Those that are not yet released are not in the queue, and take no room in it;
 * when they are released they find room.
 */
static void waiting_jobs_take_no_room(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		fixture_submit(f, &(struct bpfsched_job_desc) {
			.flags = BPFSCHED_JOB_NOT_BEFORE_REL,
			.not_before_ns = 100,
		});
	KUNIT_EXPECT_EQ(test, (u64)FIXTURE_CAPACITY, fixture_stat(f).waiting);
	KUNIT_EXPECT_TRUE(test, bpfsched_has_room(f->sched));
	fill(f, &(struct bpfsched_job_desc) { PRIORITY(LOW) });
	KUNIT_EXPECT_EQ(test, 2ULL * FIXTURE_CAPACITY, fixture_stat(f).pending);
	expect_evicted(f, 2 * FIXTURE_CAPACITY,
		       &(struct bpfsched_job_desc) { DUE_IN(10) });

	/* Those that were released last are the newest in the queue. */
	fixture_pass(f, 100);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).waiting);
	expect_evicted(f, FIXTURE_CAPACITY,
		       &(struct bpfsched_job_desc) { DUE_IN(10) });
	KUNIT_EXPECT_EQ(test, 2U * FIXTURE_CAPACITY, fixture_run_all(f));
}

static void fill_in_a_run(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	if (run->turns > 1 || run->job->id != 1)
		return;
	fill(f, run->script->data);
}

/* A job that has been started and was paused ranks last, but stays. */
static void started_jobs_are_not_dropped(struct kunit *test)
{
	struct bpfsched_job_desc rest = { DUE_IN(500) };
	struct fixture *f = fixture_deadline(test);

	f->script->pauses = true;
	f->script->during = fill_in_a_run;
	f->script->data = &rest;
	fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(900) });
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
	expect_evicted(f, FIXTURE_CAPACITY + 1,
		       &(struct bpfsched_job_desc) { DUE_IN(100) });
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY + 1U, fixture_run_all(f));
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY + 1ULL,
			fixture_stat(f).completed);
}

static void evict_in_a_run(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	if (run->turns > 1)
		return;
	if (run->job->id == 1) {
		fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(500) });
		return;
	}
	KUNIT_EXPECT_EQ(f->test, 1ULL, fixture_stat(f).pending);
	expect_no_victim(f, &(struct bpfsched_job_desc) { DUE_IN(100) });
}

/* Nothing but paused jobs. */
static void nobody_is_left_to_drop(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct fixture *f;

	params.limits.capacity = 1;
	f = fixture_new(test, &params);
	f->script->pauses = true;
	f->script->during = evict_in_a_run;
	fixture_submit(f, &(struct bpfsched_job_desc) { DUE_IN(900) });
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).completed);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
}

static void job_of_another_client_is_dropped(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	struct bpfsched_job_desc desc = { .id = 77, PRIORITY(LOW) };
	struct bpfsched_completion record = {};

	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, &desc));
	fill(f, &(struct bpfsched_job_desc) { PRIORITY(NORMAL) });
	KUNIT_EXPECT_EQ(test, 0, try_evict(f, &(struct bpfsched_job_desc) {
		PRIORITY(NORMAL)
	}));
	KUNIT_EXPECT_TRUE(test, fixture_read(other, &record));
	KUNIT_EXPECT_EQ(test, 77ULL, record.id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_DROPPED, record.status);
	fixture_expect_silence(f, f->client);
	fixture_expect_silence(f, other);
	fixture_check(f);
}

static void nothing_is_dropped_in_vain(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc desc = { .id = 1, PRIORITY(HIGH) };

	KUNIT_EXPECT_NE(test, 0ULL, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ_MSG(test, 0, try_evict(f, ANY_JOB), "there is room");
	fill(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, -EEXIST, try_evict(f, &desc));
	f->client->completions.limit = FIXTURE_CAPACITY;
	desc.id = 0;
	KUNIT_EXPECT_EQ(test, -EDQUOT, try_evict(f, &desc));
	f->client->completions.limit = FIXTURE_SLOTS;
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).dropped);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

/* All of it goes, or there would be no room. */
static void periodic_job_is_dropped_whole(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	u64 id = fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = 100, PRIORITY(LOW),
	});

	fill(f, &(struct bpfsched_job_desc) { PRIORITY(NORMAL) });
	expect_evicted(f, id, &(struct bpfsched_job_desc) { PRIORITY(HIGH) });
	fixture_run_all(f);
	fixture_pass(f, 1000);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	fixture_check(f);
}

static void contradictions_are_refused(struct kunit *test)
{
	static const struct bpfsched_job_desc table[] = {
		{ .flags = BPFSCHED_JOB_WAIT | BPFSCHED_JOB_EVICT },
		{ .flags = BPFSCHED_JOB_WAIT | BPFSCHED_JOB_DEADLINE_REL,
		  .deadline_ns = 100, .run_time_ns = 10 },
		{ .run_time_ns = 10 },
	};
	struct fixture *f = fixture_deadline(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct bpfsched_job_desc desc = table[i];

		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    fixture_try(f->client, f->script, &desc),
				    "request number %zu", i);
	}
}

static struct kunit_case evict_cases[] = {
	KUNIT_CASE(lowest_priority_is_dropped),
	KUNIT_CASE(newest_of_equals_is_dropped),
	KUNIT_CASE(equals_are_not_dropped),
	KUNIT_CASE(latest_deadline_is_dropped),
	KUNIT_CASE(declared_jobs_drop_others),
	KUNIT_CASE(waiting_jobs_take_no_room),
	KUNIT_CASE(started_jobs_are_not_dropped),
	KUNIT_CASE(nobody_is_left_to_drop),
	KUNIT_CASE(job_of_another_client_is_dropped),
	KUNIT_CASE(nothing_is_dropped_in_vain),
	KUNIT_CASE(periodic_job_is_dropped_whole),
	KUNIT_CASE(contradictions_are_refused),
	{}
};

static struct kunit_suite evict_suite = {
	.name = "pressure",
	.exit = fixture_exit,
	.test_cases = evict_cases,
};

/* Submitters that wait for room: threads, for they sleep. */

#define BATCH	4	/* most jobs of one submitter */

/**
 * struct submitter - a thread that makes one call
 * @f: the fixture
 * @client: who submits
 * @entries: what is submitted; made and freed by the test
 * @count: number of @entries
 * @timeout_ns: longest time to wait for room, 0: no limit
 * @room_ns: what bpfsched_submit() says of the room
 * @taken: what the call returned
 * @done: it has
 * @task: the thread, held
 */
struct submitter {
	struct fixture *f;
	struct bpfsched_client *client;
	struct bpfsched_submission entries[BATCH];
	u32 count;
	u64 timeout_ns;
	u64 room_ns;
	u32 taken;
	struct completion done;
	struct task_struct *task;
};

static int submitter_main(void *data)
{
	struct submitter *s = data;

	allow_signal(SIGUSR1);
	s->taken = bpfsched_submit(s->client, s->entries, s->count,
				   s->timeout_ns, GFP_KERNEL, &s->room_ns);
	complete(&s->done);
	return 0;
}

static struct submitter *new_submitter(struct fixture *f, u64 timeout_ns)
{
	struct submitter *s = kunit_kzalloc(f->test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->test, s);
	s->f = f;
	s->client = f->client;
	s->timeout_ns = timeout_ns;
	init_completion(&s->done);
	return s;
}

/* Add a job to what is to be submitted. */
static void add_job(struct submitter *s, const struct bpfsched_job_desc *desc)
{
	struct bpfsched_job *job = fixture_job(s->client, s->f->script, desc);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(s->f->test, job);
	s->entries[s->count++].job = job;
}

static void add_waiting(struct submitter *s, u64 id)
{
	add_job(s, &(struct bpfsched_job_desc) {
		.id = id, .flags = BPFSCHED_JOB_WAIT,
	});
}

static u32 line_length(struct fixture *f)
{
	struct list_head *node;
	u32 count = 0;

	raw_spin_lock_irq(&f->sched->lock);
	list_for_each(node, &f->sched->waiters)
		count++;
	raw_spin_unlock_irq(&f->sched->lock);
	return count;
}

static void expect_line(struct fixture *f, u32 length)
{
	int i;

	for (i = 0; i < HANG_MS && line_length(f) != length; i++)
		usleep_range(1000, 1500);
	KUNIT_EXPECT_EQ_MSG(f->test, length, line_length(f),
			    "submitters that wait");
}

static void make_thread(struct submitter *s)
{
	struct task_struct *task;

	task = kthread_create(submitter_main, s, "bpfsched_submitter");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(s->f->test, task);
	get_task_struct(task);
	s->task = task;
}

/* Start the thread, and expect that it makes the line longer. */
static void start_in_line(struct submitter *s)
{
	u32 length = line_length(s->f);

	make_thread(s);
	wake_up_process(s->task);
	expect_line(s->f, length + 1);
	KUNIT_EXPECT_FALSE(s->f->test, completion_done(&s->done));
	fixture_check(s->f);
}

/* Wait for the end of the call; what was not taken is freed. */
static void expect_taken(struct submitter *s, u32 taken)
{
	u32 i;

	if (!wait_for_completion_timeout(&s->done, msecs_to_jiffies(HANG_MS))) {
		KUNIT_FAIL(s->f->test, "the call does not return");
		send_sig(SIGUSR1, s->task, 1);
		wait_for_completion(&s->done);
	}
	kthread_stop(s->task);
	put_task_struct(s->task);
	KUNIT_EXPECT_EQ(s->f->test, taken, s->taken);
	for (i = 0; i < s->count; i++) {
		KUNIT_EXPECT_EQ(s->f->test, !s->entries[i].error,
				!s->entries[i].job);
		if (s->entries[i].job)
			bpfsched_job_free(s->entries[i].job);
	}
	fixture_check(s->f);
}

static struct submitter *wait_in_line(struct fixture *f, u64 id)
{
	struct submitter *s = new_submitter(f, 0);

	add_waiting(s, id);
	start_in_line(s);
	return s;
}

#define FIRST_ID	1000ULL	/* of jobs that wait for room */

static void room_goes_to_the_first_in_line(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *line[3];
	u32 i;

	fill(f, ANY_JOB);
	for (i = 0; i < ARRAY_SIZE(line); i++)
		line[i] = wait_in_line(f, FIRST_ID + i);
	for (i = 0; i < ARRAY_SIZE(line); i++) {
		KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, i + 1));
		KUNIT_EXPECT_EQ_MSG(test, 2 - i, line_length(f),
				    "served by whoever made room");
		KUNIT_EXPECT_FALSE(test, bpfsched_has_room(f->sched));
		expect_taken(line[i], 1);
		KUNIT_EXPECT_EQ(test, FIRST_ID + i, line[i]->entries[0].id);
	}
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).rejected);
}

static void try_in_a_run(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	KUNIT_EXPECT_EQ(f->test, -EAGAIN,
			fixture_try(f->client, f->script, ANY_JOB));
	KUNIT_EXPECT_EQ(f->test, 0U, line_length(f));
	run->script->during = NULL;
}

/* A job that is started leaves room, but not to who comes later. */
static void nobody_jumps_the_line(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *s;

	fill(f, ANY_JOB);
	s = wait_in_line(f, 0);
	f->script->during = try_in_a_run;
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	expect_taken(s, 1);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

/* The clock makes room too, and nobody else can come in between. */
static void nobody_jumps_the_line_behind_the_clock(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct submitter *s;

	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM,
		.deadline_ns = 50,
	});
	fill(f, ANY_JOB);
	s = wait_in_line(f, FIRST_ID);
	fixture_pass(f, 50);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			fixture_try(f->client, f->script, ANY_JOB));
	expect_taken(s, 1);
	fixture_expect_end(f, 1, BPFSCHED_STATUS_MISSED);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

static void room_for_all_at_once(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	struct submitter *line[3];
	u32 i;

	for (i = 0; i < FIXTURE_CAPACITY; i++)
		KUNIT_EXPECT_EQ(test, 0,
				fixture_try(other, f->script, ANY_JOB));
	for (i = 0; i < ARRAY_SIZE(line); i++)
		line[i] = wait_in_line(f, FIRST_ID + i);
	fixture_close(f, other);
	KUNIT_EXPECT_EQ(test, 0U, line_length(f));
	for (i = 0; i < ARRAY_SIZE(line); i++)
		expect_taken(line[i], 1);
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	for (i = 0; i < ARRAY_SIZE(line); i++)
		fixture_expect_end(f, FIRST_ID + i, BPFSCHED_STATUS_OK);
}

static void no_wait_if_there_is_room(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	KUNIT_EXPECT_EQ(test, 0, fixture_try(f->client, f->script,
					     &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_WAIT,
	}));
	/* ... nor for what room would not help. */
	fill(f, ANY_JOB);
	KUNIT_EXPECT_EQ(test, -EEXIST, fixture_try(f->client, f->script,
						   &(struct bpfsched_job_desc) {
		.id = 1, .flags = BPFSCHED_JOB_WAIT,
	}));
	f->client->completions.limit = FIXTURE_CAPACITY;
	KUNIT_EXPECT_EQ(test, -EDQUOT, fixture_try(f->client, f->script,
						   &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_WAIT,
	}));
	f->client->completions.limit = FIXTURE_SLOTS;
	fixture_check(f);
}

static void wait_times_out(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *first = new_submitter(f, 2 * NSEC_PER_MSEC);
	struct submitter *second;
	u32 i;

	fill(f, ANY_JOB);
	for (i = 0; i < 3; i++)
		add_waiting(first, 0);
	make_thread(first);
	wake_up_process(first->task);
	second = wait_in_line(f, FIRST_ID);
	expect_taken(first, 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ_MSG(test, -ETIMEDOUT, first->entries[i].error,
				    "the time is that of the whole call");
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).rejected);
	KUNIT_EXPECT_EQ(test, 1U, line_length(f));
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	expect_taken(second, 1);
}

static void signal_ends_the_wait(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *first = new_submitter(f, 0), *second;
	u32 i;

	while (fixture_stat(f).pending < FIXTURE_CAPACITY - 1)
		fixture_submit(f, ANY_JOB);
	for (i = 0; i < BATCH; i++)
		add_waiting(first, FIRST_ID + i);
	make_thread(first);
	wake_up_process(first->task);
	expect_line(f, 1);
	second = wait_in_line(f, 0);
	KUNIT_EXPECT_EQ(test, 0, send_sig(SIGUSR1, first->task, 1));
	expect_taken(first, 1);
	KUNIT_EXPECT_EQ(test, FIRST_ID, first->entries[0].id);
	for (i = 1; i < BATCH; i++)
		KUNIT_EXPECT_EQ(test, -EINTR, first->entries[i].error);
	KUNIT_EXPECT_EQ(test, BATCH - 1ULL, fixture_stat(f).rejected);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, FIRST_ID));
	expect_taken(second, 1);
}

/*
 * The time runs out, and then there is room, and only then the thread gets to
 * run: it is on the same CPU as the test, which goes before.
 */
static void room_in_the_moment_of_the_time_out(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *s = new_submitter(f, 20 * NSEC_PER_MSEC);
	int cpu = get_cpu();

	put_cpu();
	fill(f, ANY_JOB);
	add_waiting(s, FIRST_ID);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	sched_set_fifo_low(current);
	make_thread(s);
	kthread_bind(s->task, cpu);
	wake_up_process(s->task);
	expect_line(f, 1);
	mdelay(40);
	KUNIT_EXPECT_EQ(test, 1U, line_length(f));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, 1));
	KUNIT_EXPECT_EQ(test, 0U, line_length(f));
	sched_set_normal(current, 0);
	expect_taken(s, 1);
	KUNIT_EXPECT_EQ(test, 0, s->entries[0].error);
	KUNIT_EXPECT_EQ(test, FIRST_ID, s->entries[0].id);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY, fixture_run_all(f));
}

/* The others of the batch: before it, behind it, and one that does not wait. */
static void wait_in_the_middle_of_a_batch(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *s = new_submitter(f, 0);
	u32 i;

	while (fixture_stat(f).pending < FIXTURE_CAPACITY - 1)
		fixture_submit(f, ANY_JOB);
	add_job(s, &(struct bpfsched_job_desc) { .id = FIRST_ID });
	add_waiting(s, FIRST_ID + 1);
	add_job(s, &(struct bpfsched_job_desc) { .id = FIRST_ID + 2 });
	add_waiting(s, FIRST_ID + 3);
	start_in_line(s);
	KUNIT_EXPECT_EQ(test, 0, s->entries[0].error);

	bpfsched_cancel(f->client, 1);
	for (i = 0; i < HANG_MS && !READ_ONCE(s->entries[2].error); i++)
		usleep_range(1000, 1500);
	expect_line(f, 1);
	KUNIT_EXPECT_EQ(test, 0, s->entries[1].error);
	KUNIT_EXPECT_EQ(test, -EAGAIN, s->entries[2].error);
	bpfsched_cancel(f->client, 2);
	expect_taken(s, 3);
	for (i = 0; i < BATCH; i++)
		if (i != 2)
			KUNIT_EXPECT_EQ(test, FIRST_ID + i, s->entries[i].id);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).rejected);
}

/* A number that was free when the wait began is not any more. */
static void room_that_does_not_help_goes_on(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct submitter *line[3];

	fill(f, ANY_JOB);
	line[0] = wait_in_line(f, FIRST_ID);
	line[1] = wait_in_line(f, FIRST_ID);
	line[2] = wait_in_line(f, FIRST_ID + 1);
	bpfsched_cancel(f->client, 1);
	expect_taken(line[0], 1);
	KUNIT_EXPECT_EQ(test, 2U, line_length(f));
	bpfsched_cancel(f->client, 2);
	expect_taken(line[1], 0);
	KUNIT_EXPECT_EQ(test, -EEXIST, line[1]->entries[0].error);
	expect_taken(line[2], 1);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).rejected);
}

static struct submitter *submitter_of(struct fixture *f,
				      struct bpfsched_client *client)
{
	struct submitter *s = new_submitter(f, 0);

	s->client = client;
	add_waiting(s, 0);
	return s;
}

/* One place more than there are is refused at once. */
static void expect_no_place(struct fixture *f, struct bpfsched_client *client)
{
	struct submitter *s = submitter_of(f, client);

	make_thread(s);
	wake_up_process(s->task);
	expect_taken(s, 0);
	KUNIT_EXPECT_EQ(f->test, -EDQUOT, s->entries[0].error);
	KUNIT_EXPECT_EQ(f->test, (u32)BPFSCHED_LIMIT_USER_JOBS,
			s->entries[0].limit);
}

#define ALICE	1000
#define BOB	1001

/* A user has no more places in line than jobs that it may have yet. */
static void user_has_so_many_places(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched_client *alice, *second;
	struct submitter *line[4];
	struct fixture *f;
	u32 i;

	params.limits.user.jobs = 3;
	f = fixture_new(test, &params);
	alice = fixture_open_as(f, ALICE);
	second = fixture_open_as(f, ALICE);
	KUNIT_EXPECT_EQ(test, 0, fixture_try(alice, f->script,
					     &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL, .not_before_ns = 1000,
	}));
	fill(f, ANY_JOB);
	line[0] = submitter_of(f, alice);
	line[1] = submitter_of(f, second);
	line[2] = submitter_of(f, fixture_open_as(f, BOB));
	line[3] = submitter_of(f, f->client);
	for (i = 0; i < ARRAY_SIZE(line); i++)
		start_in_line(line[i]);
	KUNIT_EXPECT_EQ(test, 2U, alice->user->in_line);
	expect_no_place(f, alice);
	expect_no_place(f, second);

	/* Who goes makes a place free. */
	KUNIT_EXPECT_EQ(test, 0, send_sig(SIGUSR1, line[0]->task, 1));
	expect_taken(line[0], 0);
	KUNIT_EXPECT_EQ(test, 1U, alice->user->in_line);
	line[0] = submitter_of(f, alice);
	start_in_line(line[0]);
	expect_no_place(f, alice);
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY + ARRAY_SIZE(line),
			fixture_run_all(f));
	for (i = 0; i < ARRAY_SIZE(line); i++)
		expect_taken(line[i], 1);
	KUNIT_EXPECT_EQ(test, 0U, alice->user->in_line);
	KUNIT_EXPECT_EQ(test, 0U, f->client->user->in_line);
}

/* The deadline counts from the call, and the wait is part of it. */
static void deadline_passes_in_line(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct submitter *firm = new_submitter(f, 0);
	struct submitter *soft = new_submitter(f, 0);

	fill(f, ANY_JOB);
	add_job(firm, &(struct bpfsched_job_desc) {
		.id = FIRST_ID, .deadline_ns = 50,
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM |
			 BPFSCHED_JOB_WAIT,
	});
	add_job(soft, &(struct bpfsched_job_desc) {
		.id = FIRST_ID + 1, .deadline_ns = 50,
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_WAIT,
	});
	start_in_line(firm);
	start_in_line(soft);
	fixture_pass(f, 100);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).deadline_misses);
	bpfsched_cancel(f->client, 1);
	fixture_expect_end(f, 1, BPFSCHED_STATUS_CANCELLED);
	expect_taken(firm, 1);
	fixture_pass(f, 1);
	fixture_expect_end(f, FIRST_ID, BPFSCHED_STATUS_MISSED);
	expect_taken(soft, 1);
	fixture_pass(f, 1);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).deadline_misses);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_expect_end(f, FIRST_ID + 1, BPFSCHED_STATUS_OK);
}

static void client_has_so_many_jobs(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched_client *other;
	struct fixture *f;

	params.limits.client_jobs = 3;
	f = fixture_new(test, &params);
	other = fixture_open(f);
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, &(struct bpfsched_job_desc) { .period_ns = 100 });
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL, .not_before_ns = 100,
	});
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			fixture_try(f->client, f->script, ANY_JOB));
	KUNIT_EXPECT_EQ(test, -EDQUOT, fixture_try(f->client, f->script,
						   &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_WAIT,
	}));
	KUNIT_EXPECT_EQ(test, 0, fixture_try(other, f->script, ANY_JOB));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).rejected);

	/* Completions that were not read do not count, other than for slots. */
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	KUNIT_EXPECT_NE(test, 0ULL, fixture_submit(f, ANY_JOB));
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			fixture_try(f->client, f->script, ANY_JOB));
	fixture_check(f);
}

/*
 * The job that evicts needs more than one hold of the lock to get a number; who
 * waits for room must not come in between, or a second job would be dropped.
 */
static void one_job_is_dropped_for_one(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_job_desc desc = { PRIORITY(HIGH) };
	struct submitter *s;
	u64 id;

	for (id = 1; id <= FIXTURE_CAPACITY; id++)
		fixture_submit(f, &(struct bpfsched_job_desc) { .id = id });
	s = wait_in_line(f, FIRST_ID);

	KUNIT_EXPECT_EQ(test, 0, try_evict(f, &desc));
	KUNIT_EXPECT_EQ(test, FIXTURE_CAPACITY + 1ULL, desc.id);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).dropped);
	fixture_expect_end(f, FIXTURE_CAPACITY, BPFSCHED_STATUS_DROPPED);
	fixture_expect_silence(f, f->client);
	expect_line(f, 1);

	fixture_run_all(f);
	expect_taken(s, 1);
	fixture_run_all(f);
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE(room_goes_to_the_first_in_line),
	KUNIT_CASE(nobody_jumps_the_line),
	KUNIT_CASE(nobody_jumps_the_line_behind_the_clock),
	KUNIT_CASE(room_for_all_at_once),
	KUNIT_CASE(no_wait_if_there_is_room),
	KUNIT_CASE(wait_times_out),
	KUNIT_CASE(signal_ends_the_wait),
	KUNIT_CASE(room_in_the_moment_of_the_time_out),
	KUNIT_CASE(wait_in_the_middle_of_a_batch),
	KUNIT_CASE(room_that_does_not_help_goes_on),
	KUNIT_CASE(user_has_so_many_places),
	KUNIT_CASE(deadline_passes_in_line),
	KUNIT_CASE(client_has_so_many_jobs),
	KUNIT_CASE(one_job_is_dropped_for_one),
	{}
};

static struct kunit_suite wait_suite = {
	.name = "pressure_wait",
	.exit = fixture_exit,
	.test_cases = wait_cases,
};

/* Everything at once, at random. */

#define SEED		0x5eed0200ULL
#define OPS		50000	/* in each round */
#define CLIENTS		3
#define SCRIPTS		3
#define WORKERS		2
#define SLOTS		12	/* of a client */
#define CLIENT_JOBS	6
#define RECENT		30	/* jobs of which one may be cancelled */

/**
 * struct account - a job that was submitted, and what became of it
 * @owner: index of its client; CLIENTS: one that has closed
 * @id: its number
 * @count: number of its releases, 0: without end
 * @next: number of the next release, as far as the completions tell
 * @taken: it was taken
 * @cancelled: it was cancelled
 * @ended: its last completion has been read
 */
struct account {
	u32 owner;
	u64 id;
	u64 count;
	u64 next;
	bool taken;
	bool cancelled;
	bool ended;
};

/**
 * struct storm - random operations, and the books that are kept of them
 * @f: the scheduler
 * @seed: where all randomness comes from
 * @rnd: made from it
 * @clients: its clients
 * @scripts: what jobs run
 * @accounts: the jobs; the index of each is its user_data
 * @jobs: number of @accounts
 * @depth: workers that are in a run, each on top of the one before
 * @op: number of the operation
 * @read: completions that were read
 * @lost: jobs that ended, or will end, without a reader
 * @refused: jobs that were not taken
 * @overruns: releases that were left out
 * @missed: firm jobs that were not started
 * @preempted: jobs that made way
 * @failed: something is wrong; nothing more is done
 */
struct storm {
	struct fixture *f;
	u64 seed;
	struct rnd_state rnd;
	struct bpfsched_client *clients[CLIENTS];
	struct fixture_script *scripts[SCRIPTS];
	struct account *accounts;
	u32 jobs;
	u32 depth;
	u32 op;
	u64 read;
	u64 lost;
	u64 refused;
	u64 overruns;
	u64 missed;
	u64 preempted;
	bool failed;
};

static u32 below(struct storm *s, u32 limit)
{
	return prandom_u32_state(&s->rnd) % limit;
}

static bool chance(struct storm *s, u32 one_in)
{
	return !below(s, one_in);
}

static void expect(struct storm *s, bool truth, const char *what, u64 job)
{
	if (!truth && !s->failed)
		KUNIT_FAIL(s->f->test,
			   "seed 0x%llx, operation %u, job %llu: %s", s->seed,
			   s->op, job, what);
	s->failed |= !truth;
}

static void choose_timing(struct storm *s, struct bpfsched_job_desc *desc)
{
	if (chance(s, 3)) {
		desc->flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
		desc->not_before_ns = below(s, 100);
	} else if (chance(s, 10)) {
		desc->flags |= BPFSCHED_JOB_NOT_BEFORE_ABS;
		desc->not_before_ns = s->f->now_ns + 50 - below(s, 100);
	}
	if (chance(s, 4)) {
		desc->period_ns = 30 + below(s, 100);
		desc->count = below(s, 7);
	}
	if (chance(s, 2)) {
		desc->flags |= BPFSCHED_JOB_DEADLINE_REL;
		desc->deadline_ns = 1 + below(s, 250);
		if (chance(s, 3))
			desc->flags |= BPFSCHED_JOB_FIRM;
		if (chance(s, 3))
			desc->run_time_ns = 1 + below(s, 30);
	} else if (chance(s, 6) && !desc->period_ns) {
		desc->flags |= BPFSCHED_JOB_DEADLINE_ABS;
		desc->deadline_ns = s->f->now_ns + below(s, 200);
	}
}

static void submit_something(struct storm *s)
{
	struct account *account = &s->accounts[s->jobs];
	struct bpfsched_job_desc desc = {
		.user_data = s->jobs,
		.priority = below(s, BPFSCHED_PRIORITIES),
		.id = chance(s, 10) ? 1 + below(s, 100) : 0,
		.budget_ns = chance(s, 4) ? 1 + below(s, 60) : 0,
		.context_len = below(s, 2) * 8,
	};

	choose_timing(s, &desc);
	if (chance(s, 3))
		desc.flags |= BPFSCHED_JOB_EVICT;
	if (chance(s, 2))
		desc.flags |= BPFSCHED_JOB_RETURN_CONTEXT;
	account->owner = below(s, CLIENTS);
	if (fixture_try(s->clients[account->owner],
			s->scripts[below(s, SCRIPTS)], &desc)) {
		s->refused++;
		return;
	}
	account->taken = true;
	account->id = desc.id;
	account->count = desc.period_ns ? desc.count : 1;
	s->jobs++;
}

/* The number may be that of a job that has ended, and of a later one. */
static void cancel_account(struct storm *s, const struct account *account)
{
	u32 i;

	if (account->owner == CLIENTS || account->ended ||
	    bpfsched_cancel(s->clients[account->owner], account->id))
		return;
	for (i = 0; i < s->jobs; i++)
		s->accounts[i].cancelled |=
			s->accounts[i].owner == account->owner &&
			s->accounts[i].id == account->id;
}

static void cancel_something(struct storm *s)
{
	u32 back;

	if (!s->jobs)
		return;
	back = 1 + below(s, min(s->jobs, RECENT));
	cancel_account(s, &s->accounts[s->jobs - back]);
}

/* A completion: exactly one for each release that was not left out. */
static void keep_account(struct storm *s,
			 const struct bpfsched_completion *record)
{
	struct account *account = &s->accounts[record->user_data];
	bool last = record->record.flags & BPFSCHED_COMPLETION_LAST;
	u64 left_out = record->release - account->next;

	expect(s, account->taken && !account->ended &&
	       account->id == record->id, "is over or unknown", record->id);
	expect(s, record->release >= account->next &&
	       left_out <= record->overruns, "releases in disorder",
	       record->id);
	account->next = record->release + 1 + record->overruns - left_out;
	expect(s, !account->count || account->next <= account->count,
	       "more releases than were asked for", record->id);
	if (account->count && account->next == account->count)
		expect(s, last, "was not the last", record->id);
	else if (last)
		expect(s, account->cancelled ||
		       record->status == BPFSCHED_STATUS_DROPPED,
		       "the last one too early", record->id);
	account->ended = last;
	s->read++;
	s->overruns += record->overruns;
	s->missed += record->status == BPFSCHED_STATUS_MISSED;
	s->preempted += !!record->preemptions;
}

static bool read_one(struct storm *s, struct bpfsched_client *client)
{
	struct bpfsched_completion record;

	if (!fixture_read(client, &record))
		return false;
	keep_account(s, &record);
	return true;
}

static void close_and_open(struct storm *s)
{
	u32 number = below(s, CLIENTS), i;
	struct bpfsched_client *client = s->clients[number];

	s->lost += client->completions.unread + client->job_count;
	fixture_close(s->f, client);
	for (i = 0; i < s->jobs; i++) {
		if (s->accounts[i].owner == number)
			s->accounts[i].owner = CLIENTS;
	}
	s->clients[number] = fixture_open(s->f);
}

static void step_something(struct storm *s)
{
	struct fixture_script *script = s->scripts[below(s, SCRIPTS)];
	struct bpfsched_worker *worker;

	if (s->depth == WORKERS)
		return;
	script->takes_ns = chance(s, 3) ? 0 : below(s, 60);
	script->pauses = !chance(s, 4);
	script->deaf = chance(s, 10);
	worker = &s->f->sched->workers[s->depth];
	s->depth++;
	bpfsched_worker_step(worker);
	s->depth--;
}

/* All that has ended was read, can be read, or was lost with its reader. */
static void balance(struct storm *s)
{
	struct bpfsched_stat stat = fixture_stat(s->f);
	u64 unread = 0;
	u32 i;

	for (i = 0; i < CLIENTS; i++)
		unread += s->clients[i]->completions.unread;
	expect(s, stat.completed + stat.failed + stat.cancelled +
		  stat.dropped == s->read + unread + s->lost,
	       "completions are lost or invented", 0);
}

static void do_something(struct storm *s)
{
	u32 dice = below(s, 1000);

	s->op++;
	if (dice < 300)
		submit_something(s);
	else if (dice < 600)
		step_something(s);
	else if (dice < 700)
		fixture_pass(s->f, below(s, 60));
	else if (dice < 740)
		s->f->now_ns += below(s, 30);
	else if (dice < 800)
		cancel_something(s);
	else if (dice < 815)
		bpfsched_pause(s->f->sched);
	else if (dice < 850)
		bpfsched_resume(s->f->sched);
	else if (dice < 997)
		read_one(s, s->clients[below(s, CLIENTS)]);
	else
		close_and_open(s);

	if (!fixture_check(s->f))
		expect(s, false, "not consistent", 0);
	if (!s->depth)
		balance(s);
}

static void do_something_in_a_run(struct fixture_run *run)
{
	static const u32 outcomes[] = {
		BPFSCHED_DONE, BPFSCHED_DONE, BPFSCHED_FAULTED,
		BPFSCHED_EXHAUSTED,
	};
	struct storm *s = run->script->data;
	u32 count = below(s, 4);

	run->outcome = outcomes[below(s, ARRAY_SIZE(outcomes))];
	while (count-- && s->op < OPS && !s->failed)
		do_something(s);
}

/* Let all jobs end, and close the books. */
static void calm_down(struct storm *s)
{
	u32 i;

	for (i = 0; i < SCRIPTS; i++)
		s->scripts[i]->during = NULL;
	bpfsched_resume(s->f->sched);
	for (i = 0; i < s->jobs; i++)
		cancel_account(s, &s->accounts[i]);
	for (i = 0; i < CLIENTS && !s->failed; i++) {
		while (read_one(s, s->clients[i]) && !s->failed)
			;
		expect(s, !s->clients[i]->completions.used && !s->clients[i]->job_count,
		       "something is left", 0);
	}
	for (i = 0; i < s->jobs && !s->failed; i++) {
		if (s->accounts[i].owner != CLIENTS)
			expect(s, s->accounts[i].ended, "never ended",
			       s->accounts[i].id);
	}
	KUNIT_EXPECT_EQ(s->f->test, 0ULL, fixture_stat(s->f).pending);
	fixture_check(s->f);
	balance(s);
}

static struct storm *gather_storm(struct kunit *test, u64 seed)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct storm *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	params.limits.workers = WORKERS;
	params.limits.completion_slots = SLOTS;
	params.limits.client_jobs = CLIENT_JOBS;
	params.preallocate = seed & 1;
	s->f = fixture_new(test, &params);
	s->seed = seed;
	trials_start(&s->rnd, seed);
	s->clients[0] = s->f->client;
	for (i = 1; i < CLIENTS; i++)
		s->clients[i] = fixture_open(s->f);
	for (i = 0; i < SCRIPTS; i++) {
		s->scripts[i] = fixture_script(s->f, 1);
		s->scripts[i]->during = do_something_in_a_run;
		s->scripts[i]->data = s;
	}
	s->accounts = kvcalloc(OPS, sizeof(*s->accounts), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->accounts);
	return s;
}

/* All of it did happen. */
static void expect_variety(struct storm *s, const struct bpfsched_stat *stat)
{
	struct kunit *test = s->f->test;

	KUNIT_EXPECT_LT(test, 2000U, s->jobs);
	KUNIT_EXPECT_LT(test, 1000ULL, s->refused);
	KUNIT_EXPECT_LT(test, s->jobs + 500ULL, stat->submitted);
	KUNIT_EXPECT_LT(test, 500ULL, s->overruns);
	KUNIT_EXPECT_LT(test, 100ULL, s->missed);
	KUNIT_EXPECT_LT(test, s->missed + 100, stat->dropped);
	KUNIT_EXPECT_LT(test, 500ULL, stat->preemptions);
	KUNIT_EXPECT_LT(test, 100ULL, s->preempted);
}

/* Returns how many operations there were. */
static u32 weather_storm(struct kunit *test, u64 seed)
{
	struct storm *s = gather_storm(test, seed);
	struct bpfsched_stat stat;
	u32 ops;

	while (s->op < OPS && !s->failed)
		do_something(s);
	stat = fixture_stat(s->f);
	if (!s->failed)
		calm_down(s);
	kvfree(s->accounts);
	expect_variety(s, &stat);
	ops = s->op;
	fixture_free(s->f);
	return ops;
}

/* Seeds are even, or odd for a scheduler with a pool. */
static void random_operations(struct kunit *test, u64 seed)
{
	u64 ops = 0;
	u32 round;

	for (round = 0; round < trials(1); round++) {
		ops += weather_storm(test, seed + 2 * round);
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + 2 * round);
		cond_resched();
	}
	trials_done(test, ops, seed);
}

static void every_release_has_one_completion(struct kunit *test)
{
	random_operations(test, trials_seed(SEED));
}

static void every_release_of_the_pool_has_one(struct kunit *test)
{
	random_operations(test, trials_seed(SEED) + 1);
}

static struct kunit_case random_cases[] = {
	KUNIT_CASE(every_release_has_one_completion),
	KUNIT_CASE(every_release_of_the_pool_has_one),
	{}
};

static struct kunit_suite random_suite = {
	.name = "pressure_random",
	.exit = fixture_exit,
	.test_cases = random_cases,
};

kunit_test_suites(&evict_suite, &wait_suite, &random_suite);
