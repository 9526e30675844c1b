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
#include "host.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"
#include "worker.h"

static u64 time_on_worker(const struct bpfsched_worker *worker, u64 now_ns)
{
	return worker->job->run_ns + (now_ns - worker->since_ns);
}

static bpfsched_event_due_t time_is_up;

/* Wait for the end of the budget or of the declared time, the earlier one. */
static void watch_time(struct bpfsched_worker *worker)
{
	const struct bpfsched_job *job = worker->job;
	const struct bpfsched_timing *timing = &job->timing;
	u64 left_ns = U64_MAX;

	if (timing->budget_ns)
		left_ns = timing->budget_ns - min(timing->budget_ns,
						  job->run_ns);
	/* A job may use all that it declared, to the last nanosecond. */
	if (job->entity.admitted)
		left_ns = min(left_ns, timing->run_time_ns - job->run_ns + 1);
	if (left_ns == U64_MAX)
		return;
	bpfsched_event_add(worker->sched, &worker->event,
			   bpfsched_deadline_from_now(worker->since_ns,
						      left_ns).absolute_ns,
			   time_is_up);
}

/* A job that runs longer than it declared is vouched for no more. */
static void lose_admission(struct bpfsched_job *job)
{
	job->entity.admitted = false;
	list_del_init(&job->admitted_link);
}

static void time_is_up(struct bpfsched *sched, struct bpfsched_event *event,
		       u64 now_ns)
{
	struct bpfsched_worker *worker =
		container_of(event, struct bpfsched_worker, event);
	struct bpfsched_job *job = worker->job;
	u64 ran_ns = time_on_worker(worker, now_ns);

	if (job->timing.budget_ns && ran_ns >= job->timing.budget_ns) {
		bpfsched_job_stop(job, BPFSCHED_STATUS_BUDGET);
		return;
	}
	if (job->entity.admitted && ran_ns > job->timing.run_time_ns)
		lose_admission(job);
	watch_time(worker);
	bpfsched_workers_resume(sched);
}

/* The time of the job begins to count, or goes on. */
static void start_counting(struct bpfsched_worker *worker, u64 now_ns)
{
	worker->since_ns = now_ns;
	watch_time(worker);
}

static void stop_counting(struct bpfsched_worker *worker)
{
	struct bpfsched_job *job = worker->job;

	bpfsched_event_del(worker->sched, &worker->event);
	job->run_ns = time_on_worker(worker,
				     bpfsched_clock_now(&worker->sched->clock));
	if (job->entity.admitted && job->run_ns > job->timing.run_time_ns)
		lose_admission(job);
}

static void assign(struct bpfsched_worker *worker, struct bpfsched_job *job,
		   u64 now_ns)
{
	worker->job = job;
	start_counting(worker, now_ns);
}

static void unassign(struct bpfsched_worker *worker)
{
	stop_counting(worker);
	worker->job = NULL;
}

static bool is_picking(const struct bpfsched *sched)
{
	return !sched->paused && !sched->suspended;
}

/* The first of the queue, unless nothing is to be picked. */
static struct bpfsched_entity *first_in_queue(struct bpfsched *sched)
{
	return is_picking(sched) ? sched->policy->select(sched->queue) : NULL;
}

static bool is_preemptive(const struct bpfsched *sched)
{
	return sched->policy->flags & BPFSCHED_POLICY_PREEMPTIVE;
}

/* The worker whose job ranks last, of those that have not been told to pause. */
static struct bpfsched_worker *lowest_worker(struct bpfsched *sched)
{
	struct bpfsched_worker *lowest = NULL, *worker;
	u32 i;

	for (i = 0; i < sched->limits.workers; i++) {
		worker = &sched->workers[i];
		if (!worker->job ||
		    worker->job->control != BPFSCHED_CONTROL_RUN)
			continue;
		if (!lowest || sched->policy->before(&lowest->job->entity,
						     &worker->job->entity))
			lowest = worker;
	}
	return lowest;
}

/* Wake a worker that sleeps; one that does not will look before it does. */
static void wake(struct bpfsched_worker *worker)
{
	if (list_empty(&worker->idle))
		return;
	list_del_init(&worker->idle);
	wake_up_process(worker->task);
}

static bool wake_one(struct bpfsched *sched)
{
	struct bpfsched_worker *worker =
		list_first_entry_or_null(&sched->idle, struct bpfsched_worker,
					 idle);

	if (!worker)
		return false;
	wake(worker);
	return true;
}

/**
 * bpfsched_workers_offer() - there is something new to run
 * @sched: the scheduler
 * @entity: a job in its queue
 *
 * Wakes a worker that is idle; if none is, and the policy is preemptive, the
 * worker that runs the lowest-ranked job is told to make way if @entity ranks
 * before that.
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_workers_offer(struct bpfsched *sched,
			    const struct bpfsched_entity *entity)
{
	struct bpfsched_worker *worker;

	lockdep_assert_held(&sched->lock);

	if (!is_picking(sched) || wake_one(sched) || !is_preemptive(sched))
		return;
	worker = lowest_worker(sched);
	if (worker && sched->policy->before(entity, &worker->job->entity))
		WRITE_ONCE(worker->job->control, BPFSCHED_CONTROL_PAUSE);
}

/**
 * bpfsched_workers_resume() - look anew at who is to run
 * @sched: the scheduler; its queue may hold jobs that were not offered
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_workers_resume(struct bpfsched *sched)
{
	struct bpfsched_entity *first = first_in_queue(sched);

	lockdep_assert_held(&sched->lock);

	/* One at a time: each that starts a job offers the next. */
	if (first)
		bpfsched_workers_offer(sched, first);
}

/**
 * bpfsched_workers_hold() - tell all running jobs to pause, to be held
 * @sched: a scheduler that has just been suspended
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_workers_hold(struct bpfsched *sched)
{
	struct bpfsched_job *job;
	u32 i;

	lockdep_assert_held(&sched->lock);

	for (i = 0; i < sched->limits.workers; i++) {
		job = sched->workers[i].job;
		if (job && job->control == BPFSCHED_CONTROL_RUN)
			WRITE_ONCE(job->control, BPFSCHED_CONTROL_PAUSE);
	}
}

/**
 * bpfsched_workers_release() - let jobs that are held go on
 * @sched: a scheduler that is not suspended any more
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_workers_release(struct bpfsched *sched)
{
	struct bpfsched_worker *worker;
	u32 i;

	lockdep_assert_held(&sched->lock);

	for (i = 0; i < sched->limits.workers; i++) {
		worker = &sched->workers[i];
		if (!worker->job)
			continue;
		if (worker->job->control == BPFSCHED_CONTROL_PAUSE)
			WRITE_ONCE(worker->job->control, BPFSCHED_CONTROL_RUN);
		wake(worker);
	}
	bpfsched_workers_resume(sched);
}

/**
 * bpfsched_workers_stopping() - a running job has been told to stop
 * @sched: the scheduler
 * @job: the job
 *
 * A worker that holds it ends it, rather than wait until the system has woken
 * up: it may be waited for before the system sleeps.
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_workers_stopping(struct bpfsched *sched,
			       const struct bpfsched_job *job)
{
	u32 i;

	lockdep_assert_held(&sched->lock);

	for (i = 0; sched->suspended && i < sched->limits.workers; i++) {
		if (sched->workers[i].job == job)
			wake(&sched->workers[i]);
	}
}

/* The clock may not have called back yet for a firm job that is too late. */
static bool is_too_late(const struct bpfsched_job *job, u64 now_ns)
{
	return job->timing.firm && job->state == BPFSCHED_JOB_PENDING &&
	       bpfsched_deadline_is_expired(&job->entity.deadline, now_ns);
}

static void start(struct bpfsched_worker *worker, struct bpfsched_job *job,
		  u64 now_ns)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_entity *next;

	bpfsched_job_start(job, now_ns);
	assign(worker, job, now_ns);
	/* With several workers the next may outrank another job. */
	next = first_in_queue(sched);
	if (next)
		bpfsched_workers_offer(sched, next);
}

/**
 * bpfsched_next() - start the job that is to run next
 * @worker: who is to run it
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: the job, running and the worker's, or NULL if nothing is to run.
 */
struct bpfsched_job *bpfsched_next(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_entity *entity;
	struct bpfsched_job *job;
	bool too_late;
	u64 now_ns;

	do {
		bpfsched_lock(sched);
		now_ns = bpfsched_clock_now(&sched->clock);
		entity = first_in_queue(sched);
		job = entity ? container_of(entity, struct bpfsched_job,
					    entity) : NULL;
		too_late = job && is_too_late(job, now_ns);
		if (too_late)
			bpfsched_job_end_release(job, BPFSCHED_STATUS_MISSED);
		else if (job)
			start(worker, job, now_ns);
		bpfsched_unlock(sched);
	} while (too_late);
	return job;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_next);

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

/*
 * The engine has paused the job. If it was told to stop since, it goes on to
 * its end; if the system is about to sleep, the worker holds it; if what it was
 * to make way for has gone, or the system does not go to sleep after all, it
 * goes on. Returns whether it goes on now.
 */
static bool make_way(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job = worker->job;
	struct bpfsched_entity *first;
	bool goes_on = false;

	bpfsched_lock(sched);
	first = first_in_queue(sched);
	if (job->control == BPFSCHED_CONTROL_STOP) {
		goes_on = true;
	} else if (sched->suspended) {
		stop_counting(worker);
		worker->held = true;
	} else if (!first || !is_preemptive(sched) ||
		   !sched->policy->before(first, &job->entity)) {
		WRITE_ONCE(job->control, BPFSCHED_CONTROL_RUN);
		goes_on = true;
	} else {
		unassign(worker);
		bpfsched_job_pause(job);
	}
	bpfsched_unlock(sched);
	return goes_on;
}

static void *state_of(const struct bpfsched_worker *worker,
		      const struct bpfsched_job *job)
{
	return job->exec ?: worker->state;
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

	worker->sched->engine->start(state_of(worker, job), &params);
	job->in_run = true;
}

/*
 * Whether a worker is to go on with the job that it holds. One that was told
 * to stop ends even now, for the end of the scheduler waits for that.
 */
static bool is_to_go_on(const struct bpfsched_worker *worker)
{
	lockdep_assert_held(&worker->sched->lock);

	return worker->held && (!worker->sched->suspended ||
				worker->job->control == BPFSCHED_CONTROL_STOP);
}

/* Go on with the job that the worker holds, if it is to; else NULL. */
static struct bpfsched_job *take_up_held(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job = NULL;

	bpfsched_lock(sched);
	if (is_to_go_on(worker)) {
		job = worker->job;
		worker->held = false;
		start_counting(worker, bpfsched_clock_now(&sched->clock));
	}
	bpfsched_unlock(sched);
	return job;
}

/* Run a job; what it allocates is paid by its client, not by the worker. */
static enum bpfsched_outcome run_engine(const struct bpfsched_worker *worker,
					struct bpfsched_job *job, void *state)
{
	struct mem_cgroup *before = set_active_memcg(job->client->memcg);
	enum bpfsched_outcome outcome;

	outcome = worker->sched->engine->run(state, &job->control,
					     &job->result);
	set_active_memcg(before);
	return outcome;
}

static void run_job(struct bpfsched_worker *worker, struct bpfsched_job *job)
{
	const struct bpfsched_engine_ops *engine = worker->sched->engine;
	void *state = state_of(worker, job);
	enum bpfsched_outcome outcome;

	do {
		outcome = run_engine(worker, job, state);
		if (outcome == BPFSCHED_PAUSED && !make_way(worker))
			return;
	} while (outcome == BPFSCHED_PAUSED);

	engine->finish(state);
	job->in_run = false;
	bpfsched_job_save_context(job);
	bpfsched_lock(worker->sched);
	unassign(worker);
	bpfsched_job_end_release(job, status_of(job, outcome));
	bpfsched_unlock(worker->sched);
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
		job = take_up_held(worker);
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
	if (worker->held ? is_to_go_on(worker) : !!first_in_queue(sched)) {
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
		bpfsched_event_init(&worker->event);
		worker->state = kvzalloc(sched->engine->state_size, GFP_KERNEL);
		if (!worker->state)
			return -ENOMEM;
		err = params->no_threads ? 0 : worker_start(worker, i, params);
		if (err)
			return err;
	}
	return 0;
}

/* One under each hold of the lock: to tell one may be to look at all workers. */
static void tell_running_jobs_to_stop(struct bpfsched *sched)
{
	u32 i;

	for (i = 0; i < sched->limits.workers; i++) {
		raw_spin_lock_irq(&sched->lock);
		if (sched->workers[i].job)
			bpfsched_job_stop(sched->workers[i].job,
					  BPFSCHED_STATUS_CANCELLED);
		raw_spin_unlock_irq(&sched->lock);
	}
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
