// SPDX-License-Identifier: GPL-2.0
/*
 * Deferred work: what follows from a change, and is done when the lock of the
 * scheduler has been released.
 *
 * While the lock is held nothing can be freed and no wait queue be woken. Who
 * takes the lock brings a list, on which the functions that are called under it
 * note what follows. After the release bpfsched_deferred_run() does it. Who may
 * not sleep leaves the list to a work item.
 */
#include <linux/lockdep.h>
#include <linux/poll.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <bpfsched/compat.h>
#include <bpfsched/visibility.h>

#include "client.h"
#include "deferred.h"
#include "job.h"
#include "scheduler.h"
#include "submit.h"

/**
 * bpfsched_deferred_init() - make an empty list
 * @deferred: the list
 *
 * Context: any.
 */
void bpfsched_deferred_init(struct bpfsched_deferred *deferred)
{
	INIT_LIST_HEAD(&deferred->ended);
	INIT_LIST_HEAD(&deferred->notify);
	deferred->serve = false;
	deferred->room = false;
	deferred->drained = false;
}

/**
 * bpfsched_lock() - take the lock of a scheduler
 * @sched: the scheduler
 * @deferred: set to an empty list, which is for bpfsched_deferred_run() after
 *	bpfsched_unlock()
 *
 * Who changes nothing that others wait for takes the lock itself.
 *
 * Context: process, interrupts enabled.
 */
void bpfsched_lock(struct bpfsched *sched, struct bpfsched_deferred *deferred)
	__acquires(&sched->lock)
{
	bpfsched_deferred_init(deferred);
	raw_spin_lock_irq(&sched->lock);
	sched->deferred = deferred;
}

/**
 * bpfsched_unlock() - release the lock of a scheduler
 * @sched: the scheduler
 *
 * Context: process.
 */
void bpfsched_unlock(struct bpfsched *sched)
	__releases(&sched->lock)
{
	sched->deferred = NULL;
	raw_spin_unlock_irq(&sched->lock);
}

/**
 * bpfsched_defer_free() - free a job later
 * @sched: the scheduler
 * @job: a job that has ended
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_defer_free(struct bpfsched *sched, struct bpfsched_job *job)
{
	lockdep_assert_held(&sched->lock);

	list_add_tail(&job->link, &sched->deferred->ended);
}

/**
 * bpfsched_defer_notify() - notify a client later
 * @client: the client
 * @events: BPFSCHED_NOTIFY_*
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_defer_notify(struct bpfsched_client *client, u32 events)
{
	lockdep_assert_held(&client->sched->lock);

	/* Who has it on a list reads the events when he comes to it. */
	if (atomic_fetch_or(events, &client->notify_events))
		return;
	bpfsched_client_get(client);
	list_add_tail(&client->notify_link, &client->sched->deferred->notify);
}

/**
 * bpfsched_defer_room() - tell those who wait for room later, if there is some
 * @sched: the scheduler
 *
 * Those who wait in line come first. Pollers are told when nobody does.
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_defer_room(struct bpfsched *sched)
{
	lockdep_assert_held(&sched->lock);

	if (!bpfsched_has_room(sched))
		return;
	if (!list_empty(&sched->waiters))
		sched->deferred->serve = true;
	else if (!list_empty(&sched->pollers))
		sched->deferred->room = true;
}

static void free_jobs(struct list_head *ended)
{
	struct bpfsched_job *job, *next;

	list_for_each_entry_safe(job, next, ended, link)
		bpfsched_job_free(job);
}

/*
 * A client may be put on another list as soon as its events are taken, so it
 * leaves this one before that.
 */
static void notify_clients(struct list_head *clients)
{
	struct bpfsched_client *client, *next;

	list_for_each_entry_safe(client, next, clients, notify_link) {
		list_del(&client->notify_link);
		client->ops->notify(client,
				    atomic_xchg(&client->notify_events, 0));
		bpfsched_client_put_later(client);
	}
}

static void run_once(struct bpfsched *sched, struct bpfsched_deferred *deferred)
{
	notify_clients(&deferred->notify);
	/* They can be many, and those who wait for this worker come first. */
	if (deferred->room || deferred->drained)
		queue_work(bpfsched_unbound_wq, &sched->wake_work);
	free_jobs(&deferred->ended);
}

/**
 * bpfsched_deferred_run() - do what was noted while the lock was held
 * @sched: the scheduler
 * @deferred: from bpfsched_lock(); empty afterwards
 *
 * Room is given to those who wait in line for it; whoever comes meanwhile finds
 * that they are there, and takes none.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 */
void bpfsched_deferred_run(struct bpfsched *sched,
			   struct bpfsched_deferred *deferred)
{
	bool serve = deferred->serve;

	run_once(sched, deferred);
	while (serve) {
		bpfsched_lock(sched, deferred);
		bpfsched_serve_waiters(sched);
		bpfsched_unlock(sched);
		serve = deferred->serve;
		run_once(sched, deferred);
	}
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_deferred_run);

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
	sched->deferred = &sched->left;
	return flags;
}

static bool is_empty(const struct bpfsched_deferred *deferred)
{
	return list_empty(&deferred->ended) && list_empty(&deferred->notify) &&
	       !deferred->serve && !deferred->room && !deferred->drained;
}

/**
 * bpfsched_unlock_atomic() - release the lock where sleeping is not allowed
 * @sched: the scheduler
 * @flags: from bpfsched_lock_atomic()
 *
 * What was noted is left to a work item.
 *
 * Context: any.
 */
void bpfsched_unlock_atomic(struct bpfsched *sched, unsigned long flags)
	__releases(&sched->lock)
{
	bool left = !is_empty(&sched->left);

	sched->deferred = NULL;
	raw_spin_unlock_irqrestore(&sched->lock, flags);

	/* On any CPU, for a worker may keep this one to itself. */
	if (left)
		queue_work(bpfsched_unbound_wq, &sched->deferred_work);
}

static void take_left(struct bpfsched *sched,
		      struct bpfsched_deferred *deferred)
{
	struct bpfsched_deferred *left = &sched->left;

	bpfsched_deferred_init(deferred);
	raw_spin_lock_irq(&sched->lock);
	list_splice_init(&left->ended, &deferred->ended);
	list_splice_init(&left->notify, &deferred->notify);
	deferred->serve = left->serve;
	deferred->room = left->room;
	deferred->drained = left->drained;
	left->serve = false;
	left->room = false;
	left->drained = false;
	raw_spin_unlock_irq(&sched->lock);
}

static void deferred_work(struct work_struct *work)
{
	struct bpfsched *sched =
		container_of(work, struct bpfsched, deferred_work);
	struct bpfsched_deferred deferred;

	take_left(sched, &deferred);
	bpfsched_deferred_run(sched, &deferred);
}

/* Clients that poll for room; BPFSCHED_LOCK_BATCH under each hold. */
static bool tell_some_pollers(struct bpfsched *sched, struct list_head *pollers)
{
	struct bpfsched_deferred deferred;
	struct bpfsched_client *client;
	int i;

	bpfsched_lock(sched, &deferred);
	for (i = 0; i < BPFSCHED_LOCK_BATCH; i++) {
		client = list_first_entry_or_null(pollers,
						  struct bpfsched_client,
						  poll_link);
		if (!client)
			break;
		list_del_init(&client->poll_link);
		bpfsched_defer_notify(client, BPFSCHED_NOTIFY_ROOM);
	}
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
	return i == BPFSCHED_LOCK_BATCH;
}

/* One look at each of those that are there now: they come back if it is in vain. */
static void wake_work(struct work_struct *work)
{
	struct bpfsched *sched = container_of(work, struct bpfsched, wake_work);
	LIST_HEAD(pollers);

	wake_up_interruptible_all(&sched->drain_wait);
	raw_spin_lock_irq(&sched->lock);
	list_splice_init(&sched->pollers, &pollers);
	raw_spin_unlock_irq(&sched->lock);
	while (tell_some_pollers(sched, &pollers))
		cond_resched();
}

/**
 * bpfsched_tell_pollers() - have pollers look again, a limit has changed
 * @sched: the scheduler
 *
 * Context: any.
 */
void bpfsched_tell_pollers(struct bpfsched *sched)
{
	queue_work(bpfsched_unbound_wq, &sched->wake_work);
}

/**
 * bpfsched_deferred_start() - prepare a scheduler for deferred work
 * @sched: the scheduler, being made
 *
 * Context: process.
 */
void bpfsched_deferred_start(struct bpfsched *sched)
{
	bpfsched_deferred_init(&sched->left);
	INIT_WORK(&sched->deferred_work, deferred_work);
	INIT_WORK(&sched->wake_work, wake_work);
	INIT_LIST_HEAD(&sched->pollers);
	init_waitqueue_head(&sched->drain_wait);
}

/**
 * bpfsched_deferred_flush() - wait until all that was left has been done
 * @sched: the scheduler
 *
 * Context: process, may sleep.
 */
void bpfsched_deferred_flush(struct bpfsched *sched)
{
	flush_work(&sched->deferred_work);
	flush_work(&sched->wake_work);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_deferred_flush);
