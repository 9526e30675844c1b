// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: each takes the job that the policy selects, runs it to its end on
 * the engine, and takes the next; with nothing to run it sleeps.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"
#include "worker.h"

static u32 status_of(enum bpfsched_outcome outcome)
{
	switch (outcome) {
	case BPFSCHED_DONE:
		return BPFSCHED_STATUS_OK;
	case BPFSCHED_FAULTED:
		return BPFSCHED_STATUS_FAULT;
	case BPFSCHED_EXHAUSTED:
		return BPFSCHED_STATUS_BUDGET;
	default:
		return BPFSCHED_STATUS_CANCELLED;
	}
}

/**
 * bpfsched_worker_step() - run the job that is to run next
 * @worker: a worker, called by its own thread only
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: false if there was nothing to run.
 */
bool bpfsched_worker_step(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_exec_params params;
	struct bpfsched_result result;
	enum bpfsched_outcome outcome;
	struct bpfsched_job *job;

	job = bpfsched_next(worker);
	if (!job)
		return false;

	params = (struct bpfsched_exec_params) {
		.image = job->prog->image,
		.context.base = job->context,
		.context.len = job->context_len,
		.budget_insns = job->budget_insns,
	};
	sched->engine->start(worker->state, &params);
	outcome = sched->engine->run(worker->state, &job->control, &result);

	raw_spin_lock_irq(&sched->lock);
	worker->job = NULL;
	bpfsched_job_end(job, status_of(outcome), &result);
	raw_spin_unlock_irq(&sched->lock);
	bpfsched_job_reap(job);
	return true;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_worker_step);

/*
 * Sleep until there is something to run. The task state is set under the lock
 * that a submitter takes the worker out of the idle list under, so a wake-up
 * between the two cannot be lost; kthread_stop() wakes the thread after it has
 * set what kthread_should_stop() reads.
 */
static void worker_sleep(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;

	raw_spin_lock_irq(&sched->lock);
	if (sched->counters.pending && !sched->paused) {
		raw_spin_unlock_irq(&sched->lock);
		return;
	}
	list_add(&worker->idle, &sched->idle);
	set_current_state(TASK_IDLE);
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

	while (!kthread_should_stop()) {
		if (!bpfsched_worker_step(worker))
			worker_sleep(worker);
		cond_resched_tasks_rcu_qs();
	}
	return 0;
}

/**
 * bpfsched_workers_wake() - let idle workers look for work
 * @sched: the scheduler
 * @count: number of jobs that became runnable
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_workers_wake(struct bpfsched *sched, u32 count)
{
	struct bpfsched_worker *worker;

	lockdep_assert_held(&sched->lock);

	while (count-- && !list_empty(&sched->idle)) {
		worker = list_first_entry(&sched->idle, struct bpfsched_worker,
					  idle);
		list_del_init(&worker->idle);
		wake_up_process(worker->task);
	}
}

static int worker_start(struct bpfsched_worker *worker, u32 number,
			bool real_time)
{
	struct task_struct *task;

	task = kthread_create(worker_main, worker, "bpfsched/%s:%u",
			      worker->sched->name, number);
	if (IS_ERR(task))
		return PTR_ERR(task);
	if (real_time)
		sched_set_fifo_low(task);
	worker->task = task;
	wake_up_process(task);
	return 0;
}

/**
 * bpfsched_workers_start() - make and start the workers of a scheduler
 * @sched: the scheduler
 * @real_time: the threads run as SCHED_FIFO
 * @no_threads: a test steps the workers, there are no threads
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno; then bpfsched_workers_stop() is still to be
 * called.
 */
int bpfsched_workers_start(struct bpfsched *sched, bool real_time,
			   bool no_threads)
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
		worker->state = kvmalloc(sched->engine->state_size, GFP_KERNEL);
		if (!worker->state)
			return -ENOMEM;
		err = no_threads ? 0 : worker_start(worker, i, real_time);
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
			WRITE_ONCE(sched->workers[i].job->control,
				   BPFSCHED_CONTROL_STOP);
	}
	raw_spin_unlock_irq(&sched->lock);
}

/**
 * bpfsched_workers_stop() - end the workers of a scheduler
 * @sched: the scheduler; none of its jobs is pending
 *
 * Jobs that still run, of clients that have closed, are stopped at their next
 * safe point and reaped.
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
		kvfree(sched->workers[i].state);
	}
	kvfree(sched->workers);
}
