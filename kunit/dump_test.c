// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps: the queue in the order in which it would be run, and the workers.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "../sched_core/dump.h"
#include "fixture.h"

#define T0	FIXTURE_START_NS

#define DUE_IN(ns) \
	.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = (ns)
#define RELEASED_IN(ns) \
	.flags = BPFSCHED_JOB_NOT_BEFORE_REL, .not_before_ns = (ns)

static struct bpfsched_dump *dump(struct fixture *f)
{
	struct bpfsched_dump *dump = bpfsched_dump_queue(f->sched);

	KUNIT_ASSERT_NOT_NULL(f->test, dump);
	return dump;
}

static void submit(struct fixture *f, u64 id, struct bpfsched_job_desc desc)
{
	desc.id = id;
	KUNIT_EXPECT_EQ(f->test, id, fixture_submit(f, &desc));
}

static void empty_queue_has_no_jobs(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_dump *d = dump(f);

	KUNIT_EXPECT_EQ(test, 0U, d->count);
	bpfsched_dump_free(d);
}

static void jobs_are_in_the_order_of_the_policy(struct kunit *test)
{
	static const u64 order[] = { 5, 2, 4, 1, 3, 7, 6 };
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_dump *d;
	u32 i;

	submit(f, 1, (struct bpfsched_job_desc) { .priority = 3 });
	submit(f, 2, (struct bpfsched_job_desc) { DUE_IN(100) });
	submit(f, 3, (struct bpfsched_job_desc) { .priority = 1 });
	submit(f, 4, (struct bpfsched_job_desc) { DUE_IN(100) });
	submit(f, 5, (struct bpfsched_job_desc) { DUE_IN(50) });
	submit(f, 6, (struct bpfsched_job_desc) { RELEASED_IN(20) });
	submit(f, 7, (struct bpfsched_job_desc) { RELEASED_IN(10) });

	d = dump(f);
	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(order), (size_t)d->count);
	for (i = 0; i < d->count; i++)
		KUNIT_EXPECT_EQ(test, order[i], d->jobs[i].id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_JOB_PENDING, d->jobs[0].state);
	KUNIT_EXPECT_EQ(test, T0 + 50,
			d->jobs[0].entity.deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, f->client->id, d->jobs[0].client);
	KUNIT_EXPECT_STREQ(test, "script", d->jobs[0].prog_name);
	KUNIT_EXPECT_EQ(test, BPFSCHED_JOB_WAITING, d->jobs[5].state);
	KUNIT_EXPECT_EQ(test, T0 + 10, d->jobs[5].released_ns);
	bpfsched_dump_free(d);
	fixture_check(f);
}

#define MANY	200	/* some holds of the lock */

/* What is dumped is what is then run, in that order. */
static void expect_run_as_dumped(struct kunit *test,
				 const struct bpfsched_policy_ops *policy)
{
	struct bpfsched_params params = fixture_params(policy);
	struct bpfsched_completion record;
	struct rnd_state random;
	struct bpfsched_dump *d;
	struct fixture *f;
	u32 i;

	params.limits.capacity = MANY;
	params.limits.completion_slots = MANY;
	f = fixture_new(test, &params);
	prandom_seed_state(&random, 0x5eed0300ULL);
	for (i = 0; i < MANY; i++) {
		struct bpfsched_job_desc desc = {
			.priority = prandom_u32_state(&random) % 4,
		};

		if ((policy->flags & BPFSCHED_POLICY_DEADLINES) && i % 3) {
			desc.flags = BPFSCHED_JOB_DEADLINE_REL;
			desc.deadline_ns = 1 + prandom_u32_state(&random) % 64;
		}
		submit(f, 1 + (i * 77) % MANY, desc);
	}

	d = dump(f);
	KUNIT_EXPECT_EQ(test, (u32)MANY, d->count);
	fixture_run_all(f);
	for (i = 0; i < d->count && fixture_read(f->client, &record); i++)
		KUNIT_EXPECT_EQ(test, d->jobs[i].id, record.id);
	KUNIT_EXPECT_EQ(test, d->count, i);
	bpfsched_dump_free(d);
}

static void throughput_runs_as_dumped(struct kunit *test)
{
	expect_run_as_dumped(test, &bpfsched_throughput_policy);
}

static void deadline_runs_as_dumped(struct kunit *test)
{
	expect_run_as_dumped(test, &bpfsched_deadline_policy);
}

/**
 * struct look - what is seen in the middle of a run
 * @queue: of the queue, to be freed
 * @worker: of the worker
 */
struct look {
	struct bpfsched_dump *queue;
	struct bpfsched_dumped_worker worker;
};

static void look_in_a_run(struct fixture_run *run)
{
	struct look *look = run->script->data;
	struct bpfsched *sched = run->script->fixture->sched;

	look->queue = bpfsched_dump_queue(sched);
	bpfsched_dump_worker(&sched->workers[0], &look->worker);
}

static void running_job_is_on_its_worker(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_dumped_worker idle;
	struct look look = {};

	f->script->data = &look;
	f->script->during = look_in_a_run;
	submit(f, 11, (struct bpfsched_job_desc) {});
	fixture_run_all(f);

	KUNIT_ASSERT_NOT_NULL(test, look.queue);
	KUNIT_EXPECT_EQ_MSG(test, 0U, look.queue->count, "it is not queued");
	bpfsched_dump_free(look.queue);
	KUNIT_EXPECT_TRUE(test, look.worker.busy);
	KUNIT_EXPECT_FALSE(test, look.worker.held);
	KUNIT_EXPECT_EQ(test, 11ULL, look.worker.id);
	KUNIT_EXPECT_EQ(test, f->client->id, look.worker.client);
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_CONTROL_RUN, look.worker.control);
	KUNIT_EXPECT_EQ(test, T0, look.worker.since_ns);
	KUNIT_EXPECT_STREQ(test, "script", look.worker.prog_name);

	bpfsched_dump_worker(&f->sched->workers[0], &idle);
	KUNIT_EXPECT_FALSE(test, idle.busy);
	KUNIT_EXPECT_EQ(test, 0ULL, idle.id);
}

static void jobs_of_a_closed_client_are_gone(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_dump *d;
	u64 id;

	for (id = 1; id <= FIXTURE_CAPACITY; id++)
		submit(f, id, (struct bpfsched_job_desc) {});
	fixture_close(f, f->client);
	f->client = fixture_open(f);
	d = dump(f);
	KUNIT_EXPECT_EQ_MSG(test, 0U, d->count, "jobs of a closed client");
	bpfsched_dump_free(d);
}

static struct kunit_case dump_cases[] = {
	KUNIT_CASE(empty_queue_has_no_jobs),
	KUNIT_CASE(jobs_are_in_the_order_of_the_policy),
	KUNIT_CASE(throughput_runs_as_dumped),
	KUNIT_CASE(deadline_runs_as_dumped),
	KUNIT_CASE(running_job_is_on_its_worker),
	KUNIT_CASE(jobs_of_a_closed_client_are_gone),
	{}
};

static struct kunit_suite dump_suite = {
	.name = "dump",
	.exit = fixture_exit,
	.test_cases = dump_cases,
};

kunit_test_suites(&dump_suite);
