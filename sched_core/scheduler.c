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

#include "affinity.h"
#include "client.h"
#include "events.h"
#include "job.h"
#include "pool.h"
#include "scheduler.h"
#include "submit.h"
#include "suspend.h"
#include "trace.h"
#include "worker.h"

/**
 * bpfsched_lock() - take the lock of a scheduler
 * @sched: the scheduler
 *
 * Context: process, interrupts enabled.
 */
void bpfsched_lock(struct bpfsched *sched)
	__acquires(&sched->lock)
{
	raw_spin_lock_irq(&sched->lock);
}

static bool is_drained(const struct bpfsched *sched)
{
	lockdep_assert_held(&sched->lock);

	return !sched->counters.pending && !sched->counters.running;
}

/* Whether something is left to bpfsched_settle(). */
static bool is_unsettled(struct bpfsched *sched)
{
	lockdep_assert_held(&sched->lock);

	return !list_empty(&sched->ended) || !list_empty(&sched->notify) ||
	       (sched->was_full && bpfsched_has_room(sched)) ||
	       (sched->drainers && is_drained(sched)) ||
	       (!list_empty(&sched->waiters) && bpfsched_has_room(sched));
}

static void reap_jobs(struct list_head *ended)
{
	struct bpfsched_job *job, *next;

	list_for_each_entry_safe(job, next, ended, link)
		bpfsched_job_free(job);
}

/*
 * Tell some clients of their completions. The place in the list is what says
 * that a client is to be told, so it is given up before that, under the lock.
 */
static void notify_clients(struct bpfsched *sched)
{
	struct bpfsched_client *client;

	for (;;) {
		raw_spin_lock_irq(&sched->lock);
		client = list_first_entry_or_null(&sched->notify,
						  struct bpfsched_client,
						  notify);
		if (client)
			list_del_init(&client->notify);
		raw_spin_unlock_irq(&sched->lock);
		if (!client)
			return;
		client->ops->notify(client);
		bpfsched_client_put(client);
	}
}

/**
 * bpfsched_unlock() - release the lock of a scheduler, and do what it forbade
 * @sched: the scheduler
 *
 * While the lock is held nothing can be freed and no wait queue be woken. Jobs
 * that ended, clients that have something to read and room in the queue are
 * noted instead, and this does what follows from them. Room is given to those
 * who wait for it before anybody else can take it.
 *
 * Context: process, may sleep after the lock was released.
 */
void bpfsched_unlock(struct bpfsched *sched)
	__releases(&sched->lock)
{
	bool notify, room;
	LIST_HEAD(ended);

	bpfsched_serve_waiters(sched);
	list_splice_init(&sched->ended, &ended);
	notify = !list_empty(&sched->notify);
	room = sched->was_full && bpfsched_has_room(sched);
	if (room)
		sched->was_full = false;
	room |= sched->drainers && is_drained(sched);
	raw_spin_unlock_irq(&sched->lock);

	if (notify)
		notify_clients(sched);
	if (room)
		wake_up_interruptible_poll(&sched->room, EPOLLOUT);
	reap_jobs(&ended);
}

/**
 * bpfsched_lock_atomic() - take the lock where sleeping is not allowed
 * @sched: the scheduler
 *
 * Context: any.
 * Return: what is to be passed to bpfsched_unlock_atomic().
 */
unsigned long bpfsched_lock_atomic(struct bpfsched *sched)
	__acquires(&sched->lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sched->lock, flags);
	return flags;
}

/**
 * bpfsched_unlock_atomic() - release the lock where sleeping is not allowed
 * @sched: the scheduler
 * @flags: from bpfsched_lock_atomic()
 *
 * What bpfsched_unlock() would do after it has released the lock is left to a
 * work item.
 *
 * Context: any.
 */
void bpfsched_unlock_atomic(struct bpfsched *sched, unsigned long flags)
	__releases(&sched->lock)
{
	bool unsettled;

	/* Here and not in the work item: others could come in between. */
	bpfsched_serve_waiters(sched);
	unsettled = is_unsettled(sched);
	raw_spin_unlock_irqrestore(&sched->lock, flags);

	/* On any CPU, for a worker may keep this one to itself. */
	if (unsettled)
		queue_work(system_unbound_wq, &sched->settle_work);
}

/**
 * bpfsched_settle() - do what was noted while the lock was held
 * @sched: the scheduler
 *
 * Context: process, may sleep.
 */
void bpfsched_settle(struct bpfsched *sched)
{
	bpfsched_lock(sched);
	bpfsched_unlock(sched);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_settle);

static void settle_work(struct work_struct *work)
{
	bpfsched_settle(container_of(work, struct bpfsched, settle_work));
}

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
	sched->guard_critical = params->guard_critical;
	kref_init(&sched->ref);
	mutex_init(&sched->clients_lock);
	INIT_LIST_HEAD(&sched->clients);
	mutex_init(&sched->admission_lock);
	init_waitqueue_head(&sched->room);
	INIT_WORK(&sched->settle_work, settle_work);
	raw_spin_lock_init(&sched->lock);
	sched->policy->init(sched->queue);
	timerqueue_init_head(&sched->events);
	sched->armed_ns = U64_MAX;
	INIT_LIST_HEAD(&sched->idle);
	INIT_LIST_HEAD(&sched->waiters);
	INIT_LIST_HEAD(&sched->admitted);
	INIT_LIST_HEAD(&sched->ended);
	INIT_LIST_HEAD(&sched->notify);
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

/* End a scheduler that is not told of suspends, or not any more. */
static void end(struct bpfsched *sched)
{
	bpfsched_affinity_clear(sched);
	bpfsched_workers_stop(sched);
	sched->clock.ops->stop(&sched->clock);
	flush_work(&sched->settle_work);
	WARN_ON_ONCE(sched->counters.running);
	bpfsched_put(sched);
}

/**
 * bpfsched_create() - make a scheduler and start its workers
 * @params: what to make it from
 *
 * Context: process, may sleep.
 * Return: the scheduler, to be ended by bpfsched_destroy(), or an ERR_PTR():
 * -EINVAL if policy or engine are incomplete, a limit is 0, or none of the CPUs
 * is online; -ENOMEM; or what starting a thread gave.
 */
struct bpfsched *bpfsched_create(const struct bpfsched_params *params)
{
	const struct bpfsched_limits *limits = &params->limits;
	struct bpfsched *sched;
	int err;

	if (!bpfsched_policy_is_valid(params->policy) ||
	    !bpfsched_engine_is_valid(params->engine) || !limits->capacity ||
	    !limits->workers || !limits->completion_slots ||
	    !limits->client_jobs || !limits->min_period ||
	    !limits->default_budget ||
	    limits->default_budget > limits->max_budget)
		return ERR_PTR(-EINVAL);

	sched = sched_alloc(params);
	if (!sched)
		return ERR_PTR(-ENOMEM);
	sched_start_clock(sched, params);

	err = params->preallocate ? bpfsched_pool_init(sched) : 0;
	if (!err)
		err = bpfsched_workers_start(sched, params);
	if (!err && params->cpus)
		err = bpfsched_affinity_set(sched, params->cpus);
	if (!err)
		err = bpfsched_suspend_init(sched);
	if (err) {
		end(sched);
		return ERR_PTR(err);
	}
	return sched;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_create);

/**
 * bpfsched_begin_destroy() - take no more clients, if there is none
 * @sched: the scheduler
 *
 * Context: process, may sleep.
 * Return: false, and nothing has changed, if the scheduler has a client.
 */
bool bpfsched_begin_destroy(struct bpfsched *sched)
{
	mutex_lock(&sched->clients_lock);
	sched->dying = list_empty(&sched->clients);
	mutex_unlock(&sched->clients_lock);
	return sched->dying;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_begin_destroy);

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

	bpfsched_suspend_exit(sched);
	end(sched);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_destroy);

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_put);

static int cancel(struct bpfsched_client *client, u64 id)
{
	struct bpfsched_job *job = bpfsched_client_find(client, id);

	if (!job)
		return -ENOENT;
	trace_bpfsched_cancel(job);
	if (job->state == BPFSCHED_JOB_RUNNING)
		bpfsched_job_stop(job, BPFSCHED_STATUS_CANCELLED);
	else
		bpfsched_job_end(job, BPFSCHED_STATUS_CANCELLED);
	return 0;
}

/**
 * bpfsched_cancel() - cancel a job of a client
 * @client: the client
 * @id: the job
 *
 * A job that does not run ends at once; a running one is told to stop at its next safe
 * point and may yet end otherwise.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: 0, or -ENOENT if the client has no live job of that number.
 */
int bpfsched_cancel(struct bpfsched_client *client, u64 id)
{
	int err;

	bpfsched_lock(client->sched);
	err = cancel(client, id);
	bpfsched_unlock(client->sched);
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_cancel);

/**
 * bpfsched_cancel_atomic() - as bpfsched_cancel(), without sleeping
 * @client: the client
 * @id: the job
 *
 * Context: any; takes the lock of the scheduler.
 * Return: as bpfsched_cancel().
 */
int bpfsched_cancel_atomic(struct bpfsched_client *client, u64 id)
{
	unsigned long flags;
	int err;

	flags = bpfsched_lock_atomic(client->sched);
	err = cancel(client, id);
	bpfsched_unlock_atomic(client->sched, flags);
	return err;
}

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_cancel_any);

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_pause);

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
	bpfsched_workers_resume(sched);
	raw_spin_unlock_irq(&sched->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_resume);

/* A job that goes from a worker to the queue or back is always one of both. */
static bool has_drained(struct bpfsched *sched)
{
	bool drained;

	raw_spin_lock_irq(&sched->lock);
	drained = is_drained(sched);
	raw_spin_unlock_irq(&sched->lock);
	return drained;
}

static void count_drainer(struct bpfsched *sched, int change)
{
	bpfsched_lock(sched);
	sched->drainers += change;
	bpfsched_unlock(sched);
}

/**
 * bpfsched_drain() - wait until no job is pending and none runs
 * @sched: the scheduler
 * @timeout_ns: longest time to wait, 0: no limit
 *
 * Context: process, may sleep.
 * Return: 0, -ETIMEDOUT, or -EINTR if a signal came.
 */
int bpfsched_drain(struct bpfsched *sched, u64 timeout_ns)
{
	ktime_t timeout = timeout_ns ? min_t(u64, timeout_ns, KTIME_MAX) :
				       KTIME_MAX;
	int err = 0;

	count_drainer(sched, 1);
	/* A suspend freezes who waits here, and does not end the wait. */
	if (!has_drained(sched))
		err = __wait_event_hrtimeout(sched->room, has_drained(sched),
					     timeout,
					     (TASK_INTERRUPTIBLE |
					      TASK_FREEZABLE));
	count_drainer(sched, -1);
	if (err == -ETIME)
		return -ETIMEDOUT;
	return err ? -EINTR : 0;
}

/**
 * bpfsched_get_histogram() - one snapshot of a histogram
 * @sched: the scheduler
 * @kind: BPFSCHED_HISTOGRAM_*
 * @buckets: set, BPFSCHED_BUCKETS numbers
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_get_histogram(struct bpfsched *sched, u32 kind, u64 *buckets)
{
	raw_spin_lock_irq(&sched->lock);
	memcpy(buckets, sched->histograms.buckets[kind],
	       sizeof(sched->histograms.buckets[kind]));
	raw_spin_unlock_irq(&sched->lock);
}

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_has_pending);

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_has_room);

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
	if (sched->guard_critical)
		info->features |= BPFSCHED_FEATURE_GUARD_CRITICAL;
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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_get_info);

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_get_stat);
