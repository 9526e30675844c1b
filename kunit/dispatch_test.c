// SPDX-License-Identifier: GPL-2.0
/*
 * Several workers. When jobs arrive, and when CPUs come and go, workers are woken
 * or told to make way. Each worker takes its step within the run of the one
 * before, so all of them are in the middle of a job at once.
 */
#include <kunit/test.h>
#include <linux/list.h>
#include <linux/sched.h>

#include "../policies/policy.h"
#include "../sched_core/dispatch.h"
#include "../sched_core/reservation.h"
#include "../sched_core/suspend.h"
#include "fixture.h"

#define WORKERS	3

/**
 * struct scene - several jobs that run at once
 * @f: the fixture
 * @workers: how many workers take a step
 * @cpus: CPUs from the first job on, 0: for all workers
 * @jobs: the jobs that were started, by worker
 * @started: how many
 * @now: called when the last worker has started its job, or has found none
 * @words: what the jobs were told then
 * @over: that was noted; jobs that run from then on have no part in it
 */
struct scene {
	struct fixture *f;
	u32 workers;
	u32 cpus;
	struct bpfsched_job *jobs[WORKERS];
	u32 started;
	void (*now)(struct scene *scene);
	u32 words[WORKERS];
	bool over;
};

static struct fixture *make(struct kunit *test,
			    const struct bpfsched_policy_ops *policy)
{
	struct bpfsched_params params = fixture_params(policy);

	params.limits.workers = WORKERS;
	return fixture_new(test, &params);
}

static void run_scene(struct fixture_run *run)
{
	struct scene *scene = run->script->data;
	struct bpfsched *sched = scene->f->sched;
	u32 i, at = scene->started;

	if (scene->over)
		return;
	scene->jobs[scene->started++] = run->job;
	if (!at && scene->cpus)
		bpfsched_reservations_recheck(sched, scene->cpus);
	if (scene->started < scene->workers &&
	    bpfsched_worker_step(&sched->workers[scene->started]))
		return;
	scene->over = true;
	if (scene->now)
		scene->now(scene);
	for (i = 0; i < scene->started; i++)
		scene->words[i] = READ_ONCE(scene->jobs[i]->control);
}

/* Jobs that are due in 1000 ns, 1001 ns and so on, one for each worker. */
static void play(struct scene *scene)
{
	struct fixture *f = scene->f;
	bool due = f->sched->policy->flags & BPFSCHED_POLICY_DEADLINES;
	u32 i;

	f->script->pauses = true;
	f->script->during = run_scene;
	f->script->data = scene;
	for (i = 0; i < scene->workers; i++)
		fixture_submit(f, &(struct bpfsched_job_desc) {
			.flags = due ? BPFSCHED_JOB_DEADLINE_REL : 0,
			.deadline_ns = due ? 1000 + i : 0,
		});
	fixture_step(f);
}

static void arrive(struct fixture *f, u64 deadline_ns)
{
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = deadline_ns,
	});
}

/* A thread that sleeps; who wakes it takes it out of the list. */
static void pretend_to_sleep(struct bpfsched_worker *worker)
{
	worker->task = current;
	list_add(&worker->idle, &worker->sched->idle);
}

static bool has_work(struct bpfsched_worker *worker)
{
	bool has;

	raw_spin_lock_irq(&worker->sched->lock);
	has = bpfsched_dispatch_has_work(worker);
	raw_spin_unlock_irq(&worker->sched->lock);
	return has;
}

static bool was_woken(struct bpfsched_worker *worker)
{
	bool woken = list_empty(&worker->idle);

	list_del_init(&worker->idle);
	worker->task = NULL;
	return woken;
}

static void let_a_moment_come(struct scene *scene)
{
	fixture_pass(scene->f, 100);
}

/* Else the second of them waits for two safe points, one after the other. */
static void workers_make_way_at_once(struct kunit *test)
{
	struct scene scene = {
		.f = make(test, &bpfsched_deadline_policy),
		.workers = WORKERS,
		.now = let_a_moment_come,
	};
	u32 i;

	for (i = 0; i < 2; i++)
		fixture_submit(scene.f, &(struct bpfsched_job_desc) {
			.flags = BPFSCHED_JOB_DEADLINE_REL |
				 BPFSCHED_JOB_NOT_BEFORE_REL,
			.deadline_ns = 500,
			.not_before_ns = 100,
		});
	play(&scene);
	KUNIT_EXPECT_EQ(test, 3U, scene.started);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, scene.words[0]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, scene.words[1]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, scene.words[2]);
	fixture_run_all(scene.f);
	KUNIT_EXPECT_EQ(test, 5ULL, fixture_stat(scene.f).completed);
}

/* Admission counts on it: a job on a worker is a job on a CPU. */
static void no_more_jobs_run_than_there_are_cpus(struct kunit *test)
{
	u32 cpus;

	for (cpus = 1; cpus <= WORKERS; cpus++) {
		struct scene scene = {
			.f = make(test, &bpfsched_deadline_policy),
			.workers = WORKERS,
			.cpus = cpus,
		};

		play(&scene);
		KUNIT_EXPECT_EQ(test, cpus, scene.started);
		fixture_run_all(scene.f);
		KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(scene.f).completed);
		KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(scene.f).preemptions);
		fixture_free(scene.f);
	}
}

/* No job has a rank there that the kernel would have to know. */
static void other_policies_use_all_workers(struct kunit *test)
{
	struct scene scene = {
		.f = make(test, &bpfsched_throughput_policy),
		.workers = WORKERS,
		.cpus = 1,
	};

	play(&scene);
	KUNIT_EXPECT_EQ(test, 3U, scene.started);
	fixture_run_all(scene.f);
}

static void a_cpu_goes(struct scene *scene)
{
	bpfsched_reservations_recheck(scene->f->sched, 2);
}

static void two_cpus_go(struct scene *scene)
{
	bpfsched_reservations_recheck(scene->f->sched, 2);
	bpfsched_reservations_recheck(scene->f->sched, 1);
}

static void it_goes_and_comes(struct scene *scene)
{
	bpfsched_reservations_recheck(scene->f->sched, 2);
	bpfsched_reservations_recheck(scene->f->sched, 3);
}

static void the_lowest_make_way_when_cpus_go(struct kunit *test)
{
	static void (*const what[])(struct scene *) = {
		a_cpu_goes, two_cpus_go, it_goes_and_comes,
	};
	static const u32 told[] = { 1, 2, 1 };
	static const u64 preemptions[] = { 1, 2, 0 };
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(what); i++) {
		struct scene scene = {
			.f = make(test, &bpfsched_deadline_policy),
			.workers = WORKERS,
			.now = what[i],
		};

		play(&scene);
		for (k = 0; k < WORKERS; k++)
			KUNIT_EXPECT_EQ_MSG(test, k < WORKERS - told[i] ?
					    BPFSCHED_CONTROL_RUN :
					    BPFSCHED_CONTROL_PAUSE,
					    scene.words[k],
					    "case %u, worker %u", i, k);
		fixture_run_all(scene.f);
		KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(scene.f).completed);
		KUNIT_EXPECT_EQ_MSG(test, preemptions[i],
				    fixture_stat(scene.f).preemptions,
				    "case %u", i);
		fixture_check(scene.f);
		fixture_free(scene.f);
	}
}

static void no_cpu_is_free(struct scene *scene)
{
	struct bpfsched_worker *idle = &scene->f->sched->workers[2];
	struct kunit *test = scene->f->test;

	pretend_to_sleep(idle);
	arrive(scene->f, 2000);
	arrive(scene->f, 500);
	KUNIT_EXPECT_FALSE(test, has_work(idle));
	KUNIT_EXPECT_FALSE(test, was_woken(idle));
}

/* It would find no place to run, and the running one would not be told. */
static void a_worker_without_a_cpu_sleeps_on(struct kunit *test)
{
	struct scene scene = {
		.f = make(test, &bpfsched_deadline_policy),
		.workers = 2,
		.cpus = 2,
		.now = no_cpu_is_free,
	};

	play(&scene);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, scene.words[0]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, scene.words[1]);
	fixture_run_all(scene.f);
	KUNIT_EXPECT_EQ(test, 4ULL, fixture_stat(scene.f).completed);
}

static void a_cpu_comes(struct scene *scene)
{
	struct bpfsched_worker *idle = &scene->f->sched->workers[2];
	struct kunit *test = scene->f->test;

	pretend_to_sleep(idle);
	arrive(scene->f, 2000);
	bpfsched_reservations_recheck(scene->f->sched, 3);
	KUNIT_EXPECT_TRUE(test, has_work(idle));
	KUNIT_EXPECT_TRUE(test, was_woken(idle));
}

static void a_worker_is_woken_when_a_cpu_comes(struct kunit *test)
{
	struct scene scene = {
		.f = make(test, &bpfsched_deadline_policy),
		.workers = 2,
		.cpus = 2,
		.now = a_cpu_comes,
	};

	play(&scene);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, scene.words[0]);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, scene.words[1]);
	fixture_run_all(scene.f);
}

static void the_system_sleeps(struct scene *scene)
{
	bpfsched_suspend(scene->f->sched);
}

/* CPUs go in a suspend, and not all of them need come back. */
static void held_jobs_make_way_when_cpus_are_gone(struct kunit *test)
{
	struct scene scene = {
		.f = make(test, &bpfsched_deadline_policy),
		.workers = WORKERS,
		.now = the_system_sleeps,
	};
	struct bpfsched *sched = scene.f->sched;
	u32 i;

	play(&scene);
	for (i = 0; i < WORKERS; i++)
		KUNIT_EXPECT_TRUE(test, sched->workers[i].held);
	bpfsched_reservations_recheck(sched, 2);
	bpfsched_wake(sched);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, scene.jobs[0]->control);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_RUN, scene.jobs[1]->control);
	KUNIT_EXPECT_EQ(test, BPFSCHED_CONTROL_PAUSE, scene.jobs[2]->control);
	/* The one that was told may come first. */
	KUNIT_EXPECT_TRUE(test, bpfsched_worker_step(&sched->workers[2]));
	KUNIT_EXPECT_FALSE(test, bpfsched_worker_step(&sched->workers[2]));
	KUNIT_EXPECT_TRUE(test, bpfsched_worker_step(&sched->workers[1]));
	KUNIT_EXPECT_TRUE(test, bpfsched_worker_step(&sched->workers[0]));
	fixture_run_all(scene.f);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(scene.f).completed);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(scene.f).preemptions);
}

static struct kunit_case dispatch_cases[] = {
	KUNIT_CASE(workers_make_way_at_once),
	KUNIT_CASE(no_more_jobs_run_than_there_are_cpus),
	KUNIT_CASE(other_policies_use_all_workers),
	KUNIT_CASE(the_lowest_make_way_when_cpus_go),
	KUNIT_CASE(a_worker_without_a_cpu_sleeps_on),
	KUNIT_CASE(a_worker_is_woken_when_a_cpu_comes),
	KUNIT_CASE(held_jobs_make_way_when_cpus_are_gone),
	{}
};

static struct kunit_suite dispatch_suite = {
	.name = "dispatch",
	.exit = fixture_exit,
	.test_cases = dispatch_cases,
};

kunit_test_suites(&dispatch_suite);
