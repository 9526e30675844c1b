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
#include "deferred.h"
#include "dispatch.h"
#include "job.h"
#include "pool.h"
#include "scheduler.h"
#include "states.h"
#include "suspend.h"
#include "timers.h"
#include "trace.h"
#include "user.h"
#include "worker.h"

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
	INIT_LIST_HEAD(&sched->readers);
	mutex_init(&sched->users_lock);
	xa_init(&sched->users);
	mutex_init(&sched->admission_lock);
	raw_spin_lock_init(&sched->lock);
	sched->policy->init(sched->queue, sched->limits.slice_ns);
	timerqueue_init_head(&sched->timers);
	bpfsched_timer_owner_init(&sched->own_timers);
	sched->armed_ns = U64_MAX;
	INIT_LIST_HEAD(&sched->idle);
	sched->running = RB_ROOT;
	INIT_LIST_HEAD(&sched->waiters);
	INIT_LIST_HEAD(&sched->admitted);
	INIT_LIST_HEAD(&sched->states.free);
	INIT_LIST_HEAD(&sched->pool.free);
	sched->cpu_count = sched->limits.workers;
	bpfsched_deferred_start(sched);
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

/* Readers sleep on until they are told that there is nothing more to come. */
static void wake_readers(struct bpfsched *sched)
{
	struct bpfsched_client *client;

	mutex_lock(&sched->clients_lock);
	sched->dying = true;
	list_for_each_entry(client, &sched->readers, node)
		bpfsched_client_wake(client, BPFSCHED_NOTIFY_GONE);
	mutex_unlock(&sched->clients_lock);
	wake_up_interruptible_all(&sched->drain_wait);
}

/* End a scheduler that is not told of suspends, or not any more. */
static void end(struct bpfsched *sched)
{
	wake_readers(sched);
	bpfsched_affinity_clear(sched);
	bpfsched_workers_stop(sched);
	sched->clock.ops->stop(&sched->clock);
	bpfsched_deferred_flush(sched);
	WARN_ON_ONCE(sched->counters.running);
	bpfsched_put(sched);
}

static bool limits_are_valid(const struct bpfsched_limits *limits)
{
	return limits->capacity && limits->workers &&
	       limits->completion_slots && limits->client_jobs &&
	       limits->min_period && limits->default_budget &&
	       limits->default_budget <= limits->max_budget &&
	       limits->supply_ppm && limits->supply_ppm <= BPFSCHED_PPM &&
	       limits->max_reservations <= BPFSCHED_RESERVATIONS_MAX &&
	       !bpfsched_user_check_limits(&limits->user,
					   BPFSCHED_USER_SET_LIMITS);
}

static bool params_are_valid(const struct bpfsched_params *params)
{
	bool slices;

	if (!bpfsched_policy_is_valid(params->policy) ||
	    !bpfsched_engine_is_valid(params->engine) ||
	    !limits_are_valid(&params->limits))
		return false;
	slices = params->policy->flags & BPFSCHED_POLICY_SLICES;
	return slices == !!params->limits.slice_ns;
}

/**
 * bpfsched_create() - make a scheduler and start its workers
 * @params: what to make it from
 *
 * Context: process, may sleep.
 * Return: the scheduler, to be ended by bpfsched_destroy(), or an ERR_PTR():
 * -EINVAL if policy or engine are incomplete, a limit makes no sense, or none of
 * the CPUs is online; -ENOMEM; or what starting a thread gave.
 */
struct bpfsched *bpfsched_create(const struct bpfsched_params *params)
{
	struct bpfsched *sched;
	int err;

	if (!params_are_valid(params))
		return ERR_PTR(-EINVAL);
	sched = sched_alloc(params);
	if (!sched)
		return ERR_PTR(-ENOMEM);
	sched_start_clock(sched, params);

	err = bpfsched_states_init(sched, params->limits.max_reservations);
	if (!err && params->preallocate)
		err = bpfsched_pool_init(sched);
	if (!err)
		err = bpfsched_workers_start(sched, params);
	if (!err && !params->no_threads)
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
 * Readers do not count; they find the scheduler gone.
 *
 * Context: process, may sleep.
 * Return: false, and nothing has changed, if the scheduler has a client.
 */
bool bpfsched_begin_destroy(struct bpfsched *sched)
{
	bool unused;

	mutex_lock(&sched->clients_lock);
	unused = list_empty(&sched->clients);
	if (unused)
		WRITE_ONCE(sched->dying, true);
	mutex_unlock(&sched->clients_lock);
	return unused;
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

	bpfsched_users_exit(sched);
	bpfsched_states_exit(sched);
	bpfsched_pool_exit(sched);
	kvfree(sched->workers);
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
	bpfsched_job_cancel(job);
	bpfsched_dispatch(client->sched);
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
	struct bpfsched_deferred deferred;
	int err;

	bpfsched_lock(client->sched, &deferred);
	err = cancel(client, id);
	bpfsched_unlock(client->sched);
	bpfsched_deferred_run(client->sched, &deferred);
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
 * bpfsched_find_owner() - the client that has a job
 * @sched: the scheduler
 * @client_id: number of the client, or 0: the one that has such a job
 * @id: the job
 * @owner: set to the client, held
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -ENOENT if there is no such job; -ENOTUNIQ if @client_id is 0 and
 * several clients have one; -EINTR if the caller is being killed.
 */
int bpfsched_find_owner(struct bpfsched *sched, u64 client_id, u64 id,
			struct bpfsched_client **owner)
{
	struct bpfsched_client *client;
	int err = 0;

	*owner = NULL;
	if (mutex_lock_killable(&sched->clients_lock))
		return -EINTR;
	list_for_each_entry(client, &sched->clients, node) {
		if (client_id && client->id != client_id)
			continue;
		if (!client_has_job(client, id))
			continue;
		if (*owner)
			err = -ENOTUNIQ;
		*owner = client;
		if (err || client_id)
			break;
	}
	if (!*owner)
		err = -ENOENT;
	if (!err)
		bpfsched_client_get(*owner);
	mutex_unlock(&sched->clients_lock);
	return err;
}

/**
 * bpfsched_cancel_any() - cancel a job of any client
 * @sched: the scheduler
 * @client_id: number of the client, or 0: the one that has such a job
 * @id: the job
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: as bpfsched_find_owner().
 */
int bpfsched_cancel_any(struct bpfsched *sched, u64 client_id, u64 id)
{
	struct bpfsched_client *owner;
	int err;

	err = bpfsched_find_owner(sched, client_id, id, &owner);
	if (err)
		return err;
	/* The job may have ended since; then it is not found again. */
	err = bpfsched_cancel(owner, id);
	bpfsched_client_put(owner);
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
	sched->arrivals++;
	bpfsched_dispatch(sched);
	raw_spin_unlock_irq(&sched->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_resume);

/* A job that goes from a worker to the queue or back is always one of both. */
static bool has_drained(struct bpfsched *sched)
{
	bool drained;

	raw_spin_lock_irq(&sched->lock);
	drained = bpfsched_is_drained(sched);
	raw_spin_unlock_irq(&sched->lock);
	return drained || bpfsched_is_gone(sched);
}

static void count_drainer(struct bpfsched *sched, int change)
{
	raw_spin_lock_irq(&sched->lock);
	sched->drainers += change;
	raw_spin_unlock_irq(&sched->lock);
}

/**
 * bpfsched_drain() - wait until no job is pending and none runs
 * @sched: the scheduler
 * @timeout_ns: longest time to wait, 0: no limit
 * @nowait: do not wait
 *
 * Context: process, may sleep.
 * Return: 0, -EAGAIN, -ETIMEDOUT, -EINTR if a signal came, or -ENODEV if the
 * scheduler was ended.
 */
int bpfsched_drain(struct bpfsched *sched, u64 timeout_ns, bool nowait)
{
	int err;

	if (nowait)
		return has_drained(sched) ? 0 : -EAGAIN;
	count_drainer(sched, 1);
	err = bpfsched_wait_for(sched->drain_wait, has_drained(sched),
				timeout_ns);
	count_drainer(sched, -1);
	return err ?: bpfsched_is_gone(sched) ? -ENODEV : 0;
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
	return READ_ONCE(sched->counters.ready) < sched->limits.capacity;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_has_room);

/**
 * bpfsched_get_info() - what a scheduler is
 * @sched: the scheduler
 * @info: set, but for its size and what is about the client and its user
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
	if (sched->policy->flags & BPFSCHED_POLICY_SLICES)
		info->features |= BPFSCHED_FEATURE_SLICES;
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
	info->client_jobs = READ_ONCE(limits->client_jobs);
	info->max_reservations = limits->max_reservations;
	info->user_budget_insns = limits->user_budget;
	info->min_period_ns = limits->min_period;
	info->slice_ns = limits->slice_ns;
	info->blocking_ns = limits->blocking_ns;
	info->start_ns = limits->start_ns;
	info->supply_ppm = limits->supply_ppm;
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
	u64 reserved_ppm;
	u32 reservations, cpus;
	bool paused;

	raw_spin_lock_irq(&sched->lock);
	counters = sched->counters;
	paused = sched->paused;
	reservations = sched->reservations;
	reserved_ppm = sched->reserved_ppm;
	cpus = sched->cpu_count;
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
		.waiting = counters.pending - counters.ready,
		.kept_running = counters.kept_running,
		.reservations = reservations,
		.reserved_ppm = reserved_ppm,
		.cpus = cpus,
	};
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_get_stat);
