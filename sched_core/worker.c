// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: each takes the job that the policy selects, runs it to its end on
 * the engine, and takes the next; with nothing to run it sleeps.
 */
#include <linux/err.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "deferred.h"
#include "dispatch.h"
#include "host.h"
#include "job.h"
#include "prog.h"
#include "reservation.h"
#include "scheduler.h"
#include "states.h"
#include "worker.h"

static u32 status_of(const struct bpfsched_job *job,
		     enum bpfsched_outcome outcome)
{
	switch (outcome) {
	case BPFSCHED_DONE:
		return BPFSCHED_STATUS_OK;
	case BPFSCHED_FAULTED:
		return BPFSCHED_STATUS_FAULT;
	case BPFSCHED_EXHAUSTED:
		return BPFSCHED_STATUS_BUDGET;
	default:
		return job->stop_status;
	}
}

static void begin_job(struct bpfsched_worker *worker, struct bpfsched_job *job)
{
	struct bpfsched_exec_params params = {
		.image = job->prog->image,
		.context.base = job->context,
		.context.len = job->context_len,
		.budget_insns = job->budget_insns,
		.host = &bpfsched_host,
		.host_data = job,
	};

	worker->sched->engine->start(job->exec, &params);
}

/* Run a job; what it allocates is paid by its client, not by the worker. */
static enum bpfsched_outcome run_engine(const struct bpfsched_worker *worker,
					struct bpfsched_job *job)
{
	struct mem_cgroup *before = set_active_memcg(job->client->memcg);
	enum bpfsched_outcome outcome;

	outcome = worker->sched->engine->run(job->exec, &job->control,
					     &job->result);
	set_active_memcg(before);
	return outcome;
}

/* A release of a job has run to its end. */
static void end_run(struct bpfsched_worker *worker, struct bpfsched_job *job,
		    enum bpfsched_outcome outcome)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_deferred deferred;
	u64 now_ns;

	sched->engine->finish(job->exec);
	bpfsched_job_save_context(job);

	bpfsched_lock(sched, &deferred);
	now_ns = bpfsched_job_ran(worker);
	if (bpfsched_state_put(sched, job->exec))
		sched->arrivals++;
	bpfsched_reservation_leave(job);
	job->exec = NULL;
	bpfsched_job_end_release(job, status_of(job, outcome), now_ns);
	bpfsched_dispatch(sched);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
}

static void run_job(struct bpfsched_worker *worker, struct bpfsched_job *job)
{
	enum bpfsched_outcome outcome;

	do {
		outcome = run_engine(worker, job);
		if (outcome == BPFSCHED_PAUSED && !bpfsched_make_way(worker))
			return;
	} while (outcome == BPFSCHED_PAUSED);
	end_run(worker, job, outcome);
}

/**
 * bpfsched_worker_step() - run the job that is to run next
 * @worker: a worker, called by its own thread only
 *
 * Returns when the job has come to an end, made way for another, or is held
 * because the system is about to sleep; in that case the first step after that
 * goes on with it.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: false if there was nothing to run.
 */
bool bpfsched_worker_step(struct bpfsched_worker *worker)
{
	struct bpfsched_job *job;

	/* Only this thread ever changes it. */
	if (worker->held) {
		job = bpfsched_take_up_held(worker);
	} else {
		job = bpfsched_next(worker);
		if (job && !job->entity.started)
			begin_job(worker, job);
	}
	if (!job)
		return false;
	run_job(worker, job);
	return true;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_worker_step);

/*
 * Sleep until there is something to run. The task state is set under the lock
 * that a submitter takes the worker out of the idle list under, so a wake-up
 * between the two cannot be lost; kthread_stop() wakes the thread after it has
 * set what kthread_should_stop() reads. The freezer freezes a thread that
 * sleeps like this where it is, and wakes it afterwards for nothing.
 */
static void worker_sleep(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;

	raw_spin_lock_irq(&sched->lock);
	if (bpfsched_dispatch_has_work(worker)) {
		raw_spin_unlock_irq(&sched->lock);
		return;
	}
	list_add(&worker->idle, &sched->idle);
	set_current_state(TASK_IDLE | TASK_FREEZABLE);
	raw_spin_unlock_irq(&sched->lock);

	if (!kthread_should_stop())
		schedule();
	__set_current_state(TASK_RUNNING);

	raw_spin_lock_irq(&sched->lock);
	list_del_init(&worker->idle);
	raw_spin_unlock_irq(&sched->lock);
}

static int worker_main(void *data)
{
	struct bpfsched_worker *worker = data;

	set_freezable();
	/* A job that is held has been told to stop before the thread was. */
	while (!kthread_freezable_should_stop(NULL) || worker->held) {
		if (!bpfsched_worker_step(worker))
			worker_sleep(worker);
		cond_resched_tasks_rcu_qs();
	}
	return 0;
}

static int worker_start(struct bpfsched_worker *worker, u32 number,
			const struct bpfsched_params *params)
{
	struct task_struct *task;

	task = kthread_create(worker_main, worker, "bpfsched/%s:%u",
			      worker->sched->name, number);
	if (IS_ERR(task))
		return PTR_ERR(task);
	if (params->real_time)
		sched_set_fifo_low(task);
	worker->task = task;
	wake_up_process(task);
	return 0;
}

/**
 * bpfsched_workers_start() - make and start the workers of a scheduler
 * @sched: the scheduler
 * @params: what it is made from
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno; then bpfsched_workers_stop() is still to be
 * called.
 */
int bpfsched_workers_start(struct bpfsched *sched,
			   const struct bpfsched_params *params)
{
	u32 i;
	int err;

	sched->workers = kvcalloc(sched->limits.workers,
				  sizeof(*sched->workers), GFP_KERNEL);
	if (!sched->workers)
		return -ENOMEM;

	for (i = 0; i < sched->limits.workers; i++) {
		struct bpfsched_worker *worker = &sched->workers[i];

		worker->sched = sched;
		INIT_LIST_HEAD(&worker->idle);
		RB_CLEAR_NODE(&worker->by_rank);
		bpfsched_timer_init(&worker->timer, &sched->own_timers);
		err = params->no_threads ? 0 : worker_start(worker, i, params);
		if (err)
			return err;
	}
	return 0;
}

static void tell_running_jobs_to_stop(struct bpfsched *sched)
{
	u32 i;

	raw_spin_lock_irq(&sched->lock);
	for (i = 0; i < sched->limits.workers; i++) {
		if (sched->workers[i].job)
			bpfsched_job_stop(sched->workers[i].job,
					  BPFSCHED_STATUS_CANCELLED);
	}
	bpfsched_dispatch(sched);
	raw_spin_unlock_irq(&sched->lock);
}

/**
 * bpfsched_workers_stop() - end the workers of a scheduler
 * @sched: the scheduler; none of its jobs is pending
 *
 * Jobs that still run, of clients that have closed, are stopped at their next
 * safe point and freed. The array of workers goes with the scheduler: who has
 * a file open for reading may look at it yet.
 *
 * Context: process, may sleep.
 */
void bpfsched_workers_stop(struct bpfsched *sched)
{
	u32 i;

	if (!sched->workers)
		return;
	tell_running_jobs_to_stop(sched);
	for (i = 0; i < sched->limits.workers; i++) {
		if (sched->workers[i].task)
			kthread_stop(sched->workers[i].task);
	}
}
