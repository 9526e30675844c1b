// SPDX-License-Identifier: GPL-2.0
/*
 * A scheduler: making and ending one, and the operations on its queue.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "events.h"
#include "job.h"
#include "pool.h"
#include "scheduler.h"
#include "worker.h"

/* Numbers that are tried under one hold of the lock; see assign_id(). */
#define ID_TRIES	4

#define entity_to_job(e)	container_of((e), struct bpfsched_job, entity)

static struct bpfsched *sched_alloc(const struct bpfsched_params *params)
{
	struct bpfsched *sched;

	sched = kzalloc(sizeof(*sched), GFP_KERNEL);
	if (!sched)
		return NULL;
	sched->queue = kzalloc(params->policy->queue_size, GFP_KERNEL);
	if (!sched->queue) {
		kfree(sched);
		return NULL;
	}

	strscpy(sched->name, params->name, sizeof(sched->name));
	strscpy(sched->profile, params->profile, sizeof(sched->profile));
	sched->policy = params->policy;
	sched->engine = params->engine;
	sched->limits = params->limits;
	kref_init(&sched->ref);
	mutex_init(&sched->clients_lock);
	INIT_LIST_HEAD(&sched->clients);
	init_waitqueue_head(&sched->room);
	raw_spin_lock_init(&sched->lock);
	sched->policy->init(sched->queue);
	timerqueue_init_head(&sched->events);
	sched->armed_ns = U64_MAX;
	INIT_LIST_HEAD(&sched->idle);
	INIT_LIST_HEAD(&sched->pool.free);
	return sched;
}

static void sched_start_clock(struct bpfsched *sched,
			      const struct bpfsched_params *params)
{
	sched->clock.ops = params->clock ?: &bpfsched_hrtimer_clock;
	sched->clock.data = params->clock_data;
	sched->clock.tick = bpfsched_tick;
	if (sched->clock.ops->start)
		sched->clock.ops->start(&sched->clock);
}

/**
 * bpfsched_create() - make a scheduler and start its workers
 * @params: what to make it from
 *
 * Context: process, may sleep.
 * Return: the scheduler, to be ended by bpfsched_destroy(), or an ERR_PTR():
 * -EINVAL if policy or engine are incomplete or a limit is 0; -ENOMEM; or what
 * starting a thread gave.
 */
struct bpfsched *bpfsched_create(const struct bpfsched_params *params)
{
	const struct bpfsched_limits *limits = &params->limits;
	struct bpfsched *sched;
	int err;

	if (!bpfsched_policy_is_valid(params->policy) ||
	    !bpfsched_engine_is_valid(params->engine) || !limits->capacity ||
	    !limits->workers || !limits->completion_slots ||
	    !limits->default_budget ||
	    limits->default_budget > limits->max_budget)
		return ERR_PTR(-EINVAL);

	sched = sched_alloc(params);
	if (!sched)
		return ERR_PTR(-ENOMEM);
	sched_start_clock(sched, params);

	err = params->preallocate ? bpfsched_pool_init(sched) : 0;
	if (!err)
		err = bpfsched_workers_start(sched, params->real_time,
					     params->no_threads);
	if (err) {
		bpfsched_destroy(sched);
		return ERR_PTR(err);
	}
	return sched;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_create);

/**
 * bpfsched_destroy() - end a scheduler
 * @sched: a scheduler whose clients have all been closed
 *
 * Jobs of closed clients that still run are stopped and waited for.
 *
 * Context: process, may sleep.
 */
void bpfsched_destroy(struct bpfsched *sched)
{
	WARN_ON_ONCE(!list_empty(&sched->clients) || sched->counters.pending);

	bpfsched_workers_stop(sched);
	sched->clock.ops->stop(&sched->clock);
	WARN_ON_ONCE(sched->counters.running);
	bpfsched_put(sched);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_destroy);

/**
 * bpfsched_get() - hold a scheduler
 * @sched: the scheduler
 *
 * Context: any.
 */
void bpfsched_get(struct bpfsched *sched)
{
	kref_get(&sched->ref);
}

static void sched_free(struct kref *ref)
{
	struct bpfsched *sched = container_of(ref, struct bpfsched, ref);

	bpfsched_pool_exit(sched);
	kfree(sched->queue);
	kfree(sched);
}

/**
 * bpfsched_put() - hold a scheduler no longer
 * @sched: the scheduler
 *
 * Context: process, may sleep.
 */
void bpfsched_put(struct bpfsched *sched)
{
	kref_put(&sched->ref, sched_free);
}

/*
 * Give a job the next number of the counter that is not among the live jobs of
 * its client, and put it among them. A client can choose many numbers that lie
 * ahead of the counter, so only a few are tried; false: call again after the
 * lock was released.
 */
static bool assign_id(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	int tries;

	for (tries = 0; tries < ID_TRIES; tries++) {
		job->id = atomic64_inc_return(&sched->next_id);
		if (job->id && bpfsched_client_insert(job->client, job))
			return true;
	}
	job->id = 0;
	return false;
}

/* Returns 0, the reason not to take the job, or -ERESTART: call again. */
static int submit_one(struct bpfsched_job *job)
{
	struct bpfsched_client *client = job->client;
	struct bpfsched *sched = client->sched;

	if (job->id && bpfsched_client_find(client, job->id))
		return -EEXIST;
	if (!bpfsched_client_has_slots(client))
		return -EDQUOT;
	if (sched->counters.pending >= sched->limits.capacity)
		return -EAGAIN;

	if (job->id)
		bpfsched_client_insert(client, job);
	else if (!assign_id(job))
		return -ERESTART;
	bpfsched_job_enqueue(job);
	return 0;
}

/* Submit as many as one hold of the lock allows; returns where to go on. */
static u32 submit_some(struct bpfsched *sched,
		       struct bpfsched_submission *entries, u32 first,
		       u32 count)
{
	u32 end = min(count, first + BPFSCHED_LOCK_BATCH);
	u32 i, taken = 0;

	raw_spin_lock_irq(&sched->lock);
	for (i = first; i < end; i++) {
		struct bpfsched_submission *entry = &entries[i];

		if (entry->job)
			entry->error = submit_one(entry->job);
		if (entry->error == -ERESTART)
			break;
		if (entry->error) {
			sched->counters.rejected++;
			continue;
		}
		entry->id = entry->job->id;
		entry->job = NULL;
		taken++;
	}
	bpfsched_workers_wake(sched, sched->paused ? 0 : taken);
	raw_spin_unlock_irq(&sched->lock);
	return i;
}

/**
 * bpfsched_submit() - submit jobs, in order
 * @client: the client of all of them
 * @entries: the jobs; one without a job has its error set and is counted as
 *	rejected
 * @count: number of @entries
 *
 * Of a job that is taken the id is set and the job is the scheduler's; of one
 * that is not the error is set, and it is the caller's to free: -EEXIST: the
 * client has a live job of that number; -EDQUOT: the client has no completion
 * slot left; -EAGAIN: the queue is full.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: how many were taken.
 */
u32 bpfsched_submit(struct bpfsched_client *client,
		    struct bpfsched_submission *entries, u32 count)
{
	u32 i = 0, taken = 0;

	while (i < count) {
		i = submit_some(client->sched, entries, i, count);
		cond_resched();
	}
	for (i = 0; i < count; i++)
		taken += !entries[i].error;
	return taken;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_submit);

static struct bpfsched_job *pick(struct bpfsched *sched)
{
	struct bpfsched_entity *entity;

	if (sched->paused)
		return NULL;
	entity = sched->policy->select(sched->queue);
	return entity ? entity_to_job(entity) : NULL;
}

/**
 * bpfsched_next() - start the job that is to run next
 * @worker: who is to run it
 *
 * Context: process; takes the lock of the scheduler.
 * Return: the job, running and the worker's, or NULL if nothing is to run.
 */
struct bpfsched_job *bpfsched_next(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job;
	bool was_full;

	raw_spin_lock_irq(&sched->lock);
	was_full = sched->counters.pending >= sched->limits.capacity;
	job = pick(sched);
	if (job) {
		bpfsched_job_start(job);
		/* Each wakes the next, so that no one has to wake many. */
		bpfsched_workers_wake(sched, pick(sched) ? 1 : 0);
	}
	worker->job = job;
	raw_spin_unlock_irq(&sched->lock);

	if (job && was_full)
		wake_up_interruptible_poll(&sched->room, EPOLLOUT);
	return job;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_next);

/**
 * bpfsched_cancel() - cancel a job of a client
 * @client: the client
 * @id: the job
 *
 * A pending job ends at once; a running one is told to stop at its next safe
 * point and may yet end otherwise.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: 0, or -ENOENT if the client has no live job of that number.
 */
int bpfsched_cancel(struct bpfsched_client *client, u64 id)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_job *job, *ended = NULL;

	raw_spin_lock_irq(&sched->lock);
	job = bpfsched_client_find(client, id);
	if (job && job->state == BPFSCHED_JOB_PENDING) {
		bpfsched_job_end(job, BPFSCHED_STATUS_CANCELLED, NULL);
		ended = job;
	} else if (job) {
		WRITE_ONCE(job->control, BPFSCHED_CONTROL_STOP);
	}
	raw_spin_unlock_irq(&sched->lock);

	if (ended) {
		bpfsched_job_reap(ended);
		wake_up_interruptible_poll(&sched->room, EPOLLOUT);
	}
	return job ? 0 : -ENOENT;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_cancel);

static bool client_has_job(struct bpfsched_client *client, u64 id)
{
	struct bpfsched_job *job;

	raw_spin_lock_irq(&client->sched->lock);
	job = bpfsched_client_find(client, id);
	raw_spin_unlock_irq(&client->sched->lock);
	return job;
}

/**
 * bpfsched_cancel_any() - cancel a job of any client
 * @sched: the scheduler
 * @client_id: number of the client, or 0: the one that has such a job
 * @id: the job
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -ENOENT if there is no such job; -ENOTUNIQ if @client_id is 0 and
 * several clients have one.
 */
int bpfsched_cancel_any(struct bpfsched *sched, u64 client_id, u64 id)
{
	struct bpfsched_client *client, *owner = NULL;
	int err = 0;

	mutex_lock(&sched->clients_lock);
	list_for_each_entry(client, &sched->clients, node) {
		if (client_id && client->id != client_id)
			continue;
		if (!client_has_job(client, id))
			continue;
		if (owner)
			err = -ENOTUNIQ;
		owner = client;
	}
	/* The job may have ended since; then it is not found again. */
	if (!err)
		err = owner ? bpfsched_cancel(owner, id) : -ENOENT;
	mutex_unlock(&sched->clients_lock);
	return err;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_cancel_any);

/**
 * bpfsched_pause() - start no more jobs until bpfsched_resume()
 * @sched: the scheduler
 *
 * Running jobs go on, and so do submissions and the clock.
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_pause(struct bpfsched *sched)
{
	raw_spin_lock_irq(&sched->lock);
	sched->paused = true;
	raw_spin_unlock_irq(&sched->lock);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_pause);

/**
 * bpfsched_resume() - undo bpfsched_pause()
 * @sched: the scheduler
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_resume(struct bpfsched *sched)
{
	raw_spin_lock_irq(&sched->lock);
	sched->paused = false;
	bpfsched_workers_wake(sched, sched->counters.pending ? 1 : 0);
	raw_spin_unlock_irq(&sched->lock);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_resume);

/**
 * bpfsched_has_pending() - whether jobs wait to run
 * @sched: the scheduler
 *
 * Context: any.
 */
bool bpfsched_has_pending(struct bpfsched *sched)
{
	return READ_ONCE(sched->counters.pending);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_has_pending);

/**
 * bpfsched_has_room() - whether another job would find room in the queue
 * @sched: the scheduler
 *
 * Context: any.
 */
bool bpfsched_has_room(struct bpfsched *sched)
{
	return READ_ONCE(sched->counters.pending) < sched->limits.capacity;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_has_room);

/**
 * bpfsched_get_info() - what a scheduler is
 * @sched: the scheduler
 * @info: set, but for its size and client
 *
 * Context: any.
 */
void bpfsched_get_info(struct bpfsched *sched, struct bpfsched_info *info)
{
	const struct bpfsched_limits *limits = &sched->limits;

	info->abi_version = BPFSCHED_ABI_VERSION;
	info->features = 0;
	if (sched->policy->flags & BPFSCHED_POLICY_DEADLINES)
		info->features |= BPFSCHED_FEATURE_DEADLINES;
	strscpy_pad(info->name, sched->name, sizeof(info->name));
	strscpy_pad(info->profile, sched->profile, sizeof(info->profile));
	strscpy_pad(info->policy, sched->policy->name, sizeof(info->policy));
	strscpy_pad(info->engine, sched->engine->name, sizeof(info->engine));
	info->capacity = limits->capacity;
	info->workers = limits->workers;
	info->max_batch = BPFSCHED_BATCH_MAX;
	info->max_insns = limits->max_insns;
	info->max_context = limits->max_context;
	info->completion_slots = limits->completion_slots;
	info->default_budget_insns = limits->default_budget;
	info->max_budget_insns = limits->max_budget;
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_get_info);

/**
 * bpfsched_get_stat() - one snapshot of the counters
 * @sched: the scheduler
 * @stat: set, but for its size
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_get_stat(struct bpfsched *sched, struct bpfsched_stat *stat)
{
	struct bpfsched_counters counters;
	bool paused;

	raw_spin_lock_irq(&sched->lock);
	counters = sched->counters;
	paused = sched->paused;
	raw_spin_unlock_irq(&sched->lock);

	*stat = (struct bpfsched_stat) {
		.size = stat->size,
		.state = paused ? BPFSCHED_STATE_PAUSED : 0,
		.submitted = counters.submitted,
		.completed = counters.completed,
		.failed = counters.failed,
		.cancelled = counters.cancelled,
		.dropped = counters.dropped,
		.rejected = counters.rejected,
		.pending = counters.pending,
		.running = counters.running,
		.exec_count = counters.exec_count,
		.deadline_misses = counters.deadline_misses,
		.preemptions = counters.preemptions,
		.queue_high_water = counters.queue_high_water,
		.capacity = sched->limits.capacity,
	};
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_get_stat);
