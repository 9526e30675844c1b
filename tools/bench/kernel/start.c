// SPDX-License-Identifier: GPL-2.0
/*
 * What the start of a job costs, without system calls: on a worker that sleeps,
 * and on one that runs another job.
 *
 * The engine is the usual one, but each run first notes the time. A run of the
 * job that is to be paused submits the other job, and is at its next safe point
 * at once. So what is measured is the way through the scheduler, and not the
 * distance of safe points.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "../../../policies/policy.h"
#include "../../../sched_core/client.h"
#include "../../../sched_core/completion.h"
#include "../../../sched_core/job.h"
#include "../../../sched_core/scheduler.h"
#include "../../../sched_core/worker.h"
#include "bench.h"
#include "sched.h"

/* Deadlines are so far away that none passes. */
#define DEADLINE_NS	3600000000000ULL

/* What is told by struct bpfsched_job_desc.user_data. */
#define PLAIN		0
#define PAUSES		1

/**
 * struct start_bench - a scheduler, and what its runs note
 * @made: the scheduler, its client and its program
 * @began: a run has begun
 * @began_ns: when it did
 * @paused_ns: when a run came to its safe point, to be paused
 * @resumed_ns: when it went on
 * @err: of the submission in a run
 */
struct start_bench {
	struct bench_sched made;
	struct completion began;
	u64 began_ns;
	u64 paused_ns;
	u64 resumed_ns;
	int err;
};

/* One at a time, for a run has nothing else to know it by. */
static DEFINE_MUTEX(bench_lock);
static struct start_bench *bench;
static const struct bpfsched_engine_ops *usual;

static int submit(u64 deadline_ns, u64 kind)
{
	const struct bpfsched_job_desc desc = {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.user_data = kind,
		.deadline_ns = deadline_ns,
	};

	return bench_submit(&bench->made, &desc, NULL);
}

/* The first run of a job that pauses: have another one arrive. */
static enum bpfsched_outcome run_to_pause(const u32 *control,
					  struct bpfsched_result *result)
{
	bench->err = submit(DEADLINE_NS, PLAIN);
	if (!bench->err && READ_ONCE(*control) != BPFSCHED_CONTROL_PAUSE)
		bench->err = -EIO;
	*result = (struct bpfsched_result) {};
	bench->paused_ns = ktime_get_ns();
	return bench->err ? BPFSCHED_FAULTED : BPFSCHED_PAUSED;
}

static enum bpfsched_outcome run_noted(void *state, const u32 *control,
				       struct bpfsched_result *result)
{
	const struct bpfsched_job *job =
		container_of(control, struct bpfsched_job, control);
	u64 now_ns = ktime_get_ns();

	if (job->user_data == PAUSES && !bench->paused_ns)
		return run_to_pause(control, result);
	if (job->user_data == PAUSES)
		bench->resumed_ns = now_ns;
	else
		bench->began_ns = now_ns;
	complete(&bench->began);
	return usual->run(state, control, result);
}

/* The completion is handed over a moment after the end of the run. */
static int read_one(void)
{
	while (!bpfsched_client_has_completions(bench->made.client)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		usleep_range(50, 100);
	}
	bpfsched_completions_consume(bench->made.client, 1);
	return 0;
}

static bool worker_sleeps(void)
{
	bool sleeps;

	raw_spin_lock_irq(&bench->made.sched->lock);
	sleeps = !list_empty(&bench->made.sched->idle);
	raw_spin_unlock_irq(&bench->made.sched->lock);
	return sleeps;
}

/* From a submission to the run of the job, on a worker that sleeps. */
static int time_wake(u64 *ns)
{
	u64 start_ns;
	int err;

	while (!worker_sleeps()) {
		if (fatal_signal_pending(current))
			return -EINTR;
		usleep_range(50, 100);
	}
	reinit_completion(&bench->began);
	start_ns = ktime_get_ns();
	err = submit(DEADLINE_NS, PLAIN);
	if (err)
		return err;
	if (wait_for_completion_killable(&bench->began))
		return -EINTR;
	*ns = bench->began_ns - start_ns;
	return read_one();
}

/* From the pause of a job, through the run of another, to its return. */
static int time_pause(u64 *ns)
{
	struct bpfsched_worker *worker = bench->made.sched->workers;
	int err, i;

	bench->paused_ns = 0;
	bench->err = 0;
	err = submit(2 * DEADLINE_NS, PAUSES);
	for (i = 0; i < 3 && !err; i++)
		err = bpfsched_worker_step(worker) ? bench->err : -EIO;
	*ns = bench->resumed_ns - bench->paused_ns;
	return err ?: read_one() ?: read_one();
}

static int run_rounds(bool threads, u32 rounds, u64 *times)
{
	struct bpfsched_engine_ops engine = *usual;
	struct start_bench run = {};
	struct bpfsched_params params;
	int err;
	u32 i;

	engine.run = run_noted;
	init_completion(&run.began);
	bench = &run;
	params = bench_params(&bpfsched_deadline_policy, &engine, 2);
	params.preallocate = true;
	params.real_time = threads;
	params.no_threads = !threads;
	err = bench_sched_make(&bench->made, &params);
	for (i = 0; i < rounds && !err; i++) {
		err = threads ? time_wake(&times[2 * i]) :
				time_pause(&times[2 * i + 1]);
		cond_resched();
		if (signal_pending(current))
			err = -EINTR;
	}
	bench_sched_end(&bench->made);
	bench = NULL;
	return err;
}

/**
 * bench_start() - measure what the start of a job costs
 * @request: how often; the times are written to user space
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno.
 */
long bench_start(const struct bench_start *request)
{
	size_t size = 2 * request->rounds * sizeof(u64);
	u64 *times;
	int err;

	if (!request->rounds || request->rounds > BENCH_ROUNDS_MAX)
		return -EINVAL;
	times = kzalloc(size, GFP_KERNEL);
	if (!times)
		return -ENOMEM;
	mutex_lock(&bench_lock);
	usual = bpfsched_engine_find("auto", true);
	err = run_rounds(true, request->rounds, times) ?:
	      run_rounds(false, request->rounds, times);
	mutex_unlock(&bench_lock);
	if (!err && copy_to_user(u64_to_user_ptr(request->times), times, size))
		err = -EFAULT;
	kfree(times);
	return err;
}
