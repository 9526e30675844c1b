// SPDX-License-Identifier: GPL-2.0
/*
 * A client: the jobs of one open file, or of another module (kclient.c).
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/memcontrol.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "deferred.h"
#include "dispatch.h"
#include "job.h"
#include "scheduler.h"
#include "user.h"

#define to_job(n)	rb_entry((n), struct bpfsched_job, by_id)

/*
 * More than so many sleepers on one client are woken by a work item: the worker
 * that has run a job for it has others to run.
 */
#define CROWD	8

/* What workers leave to others; the module goes when it is empty. */
static struct workqueue_struct *client_queue;

/**
 * bpfsched_clients_init() - prepare for clients, once
 *
 * Context: module initialization.
 * Return: 0 or -ENOMEM.
 */
int bpfsched_clients_init(void)
{
	client_queue = alloc_workqueue("bpfsched_client", WQ_UNBOUND, 0);
	return client_queue ? 0 : -ENOMEM;
}

/**
 * bpfsched_clients_exit() - undo bpfsched_clients_init()
 *
 * Context: module exit; no client is open. Waits for those that are still to be
 * freed.
 */
void bpfsched_clients_exit(void)
{
	destroy_workqueue(client_queue);
}

/**
 * bpfsched_clients_flush() - wait until clients that nobody holds are freed
 *
 * Context: process, may sleep.
 */
void bpfsched_clients_flush(void)
{
	flush_workqueue(client_queue);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_clients_flush);

/* It wakes a task, and nothing else. */
static bool wakes_a_task(const struct wait_queue_entry *entry)
{
	return entry->func == autoremove_wake_function ||
	       entry->func == default_wake_function ||
	       entry->func == woken_wake_function;
}

/*
 * Whether admission counts on the time that passes here. A client that is not
 * limited may take as long as it likes.
 */
static bool is_bounded(const struct bpfsched_client *client)
{
	return !client->unlimited &&
	       (client->sched->policy->flags & BPFSCHED_POLICY_DEADLINES);
}

/*
 * Whether waking all who sleep on a client takes a worker longer than it may.
 * They can be many. And one of them can be an epoll that others watch, which
 * wakes hundreds of others in turn; that it is cannot be seen from here.
 */
static bool takes_long(struct bpfsched_client *client)
{
	struct wait_queue_head *wait = &client->wait;
	bool bounded = is_bounded(client), found = false;
	struct wait_queue_entry *entry;
	unsigned long flags;
	int count = 0;

	spin_lock_irqsave(&wait->lock, flags);
	list_for_each_entry(entry, &wait->head, entry) {
		found = ++count > CROWD || (bounded && !wakes_a_task(entry));
		if (found)
			break;
	}
	spin_unlock_irqrestore(&wait->lock, flags);
	return found;
}

static void wake_work(struct work_struct *work)
{
	struct bpfsched_client *client =
		container_of(work, struct bpfsched_client, wake_work);

	/* Who watches for anything looks again. */
	wake_up_interruptible_poll(&client->wait, EPOLLIN | EPOLLRDNORM |
				   EPOLLOUT | EPOLLWRNORM | EPOLLHUP |
				   EPOLLERR);
	bpfsched_client_put(client);
}

/**
 * bpfsched_client_wake() - wake those who sleep on a client
 * @client: the client
 * @events: BPFSCHED_NOTIFY_*
 *
 * A work item does it if it would keep a worker too long.
 *
 * Context: process, may sleep.
 */
void bpfsched_client_wake(struct bpfsched_client *client, u32 events)
{
	__poll_t polled = 0;

	if (!wq_has_sleeper(&client->wait))
		return;
	if (events & BPFSCHED_NOTIFY_RECORDS)
		polled |= EPOLLIN | EPOLLRDNORM;
	if (events & BPFSCHED_NOTIFY_ROOM)
		polled |= EPOLLOUT | EPOLLWRNORM;
	if (events & BPFSCHED_NOTIFY_GONE)
		polled |= EPOLLIN | EPOLLHUP | EPOLLERR;
	if (!takes_long(client)) {
		wake_up_interruptible_poll(&client->wait, polled);
		return;
	}
	bpfsched_client_get(client);
	if (!queue_work(client_queue, &client->wake_work))
		bpfsched_client_put(client);
}

static void free_file_client(struct bpfsched_client *client)
{
	kfree(client);
}

static const struct bpfsched_client_ops file_ops = {
	.events = true,
	.notify = bpfsched_client_wake,
	.free = free_file_client,
};

/**
 * bpfsched_client_init() - make a client of memory that its kind has allocated
 * @client: the client, all zero
 * @ops: its kind
 * @sched: its scheduler
 * @user: its user, held by the caller; now by the client
 *
 * Context: process, may sleep.
 */
void bpfsched_client_init(struct bpfsched_client *client,
			  const struct bpfsched_client_ops *ops,
			  struct bpfsched *sched, struct bpfsched_user *user)
{
	bpfsched_get(sched);
	client->ops = ops;
	client->sched = sched;
	client->user = user;
	client->id = atomic64_inc_return(&sched->next_client);
	kref_init(&client->ref);
	init_waitqueue_head(&client->wait);
	INIT_WORK(&client->wake_work, wake_work);
	client->jobs = RB_ROOT;
	bpfsched_completions_init(&client->completions,
				  sched->limits.completion_slots);
	INIT_LIST_HEAD(&client->poll_link);
	mutex_init(&client->read_lock);
}

static struct bpfsched_client *client_new(struct bpfsched *sched,
					  struct bpfsched_user *user,
					  bool reader)
{
	struct bpfsched_client *client;

	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return NULL;
	bpfsched_ring_init(&client->ring);
	if (!reader && bpfsched_ring_resize(&client->ring,
					    BPFSCHED_EVENTS_ROOM_DEFAULT)) {
		kfree(client);
		return NULL;
	}
	bpfsched_client_init(client, &file_ops, sched, user);
	client->memcg = get_mem_cgroup_from_mm(current->mm);
	client->pid = get_task_pid(current, PIDTYPE_TGID);
	get_task_comm(client->comm, current);
	client->unlimited = capable(CAP_SYS_ADMIN);
	client->reader = reader;
	return client;
}

/* Readers count too: each of them takes memory. */
static int count_client(struct bpfsched_client *client)
{
	struct bpfsched_user *user = client->user;
	int err = 0;

	raw_spin_lock_irq(&client->sched->lock);
	if (!client->unlimited && user->clients >= user->limits.clients)
		err = -EDQUOT;
	else
		user->clients++;
	raw_spin_unlock_irq(&client->sched->lock);
	return err;
}

static void uncount_client(struct bpfsched_client *client)
{
	raw_spin_lock_irq(&client->sched->lock);
	client->user->clients--;
	raw_spin_unlock_irq(&client->sched->lock);
}

/**
 * bpfsched_client_add() - put a new client among those of its scheduler
 * @client: the client
 *
 * Context: process, may sleep.
 * Return: 0; then the client is to be closed by bpfsched_client_close().
 * -ENODEV if the scheduler takes no more clients, -EDQUOT if the user has too
 * many; then the client is gone.
 */
int bpfsched_client_add(struct bpfsched_client *client)
{
	struct bpfsched *sched = client->sched;
	int err;

	err = count_client(client);
	if (err)
		goto out;
	mutex_lock(&sched->clients_lock);
	if (sched->dying)
		err = -ENODEV;
	else
		list_add_tail(&client->node, client->reader ?
					     &sched->readers : &sched->clients);
	mutex_unlock(&sched->clients_lock);
	if (!err)
		return 0;
	uncount_client(client);
out:
	client->closed = true;
	bpfsched_client_put(client);
	return err;
}

/**
 * bpfsched_client_open() - make the client of an open file
 * @sched: its scheduler
 * @reader: it submits no jobs, and does not keep the scheduler
 *
 * Context: process, may sleep.
 * Return: the client, to be closed by bpfsched_client_close(), or an ERR_PTR():
 * -ENOMEM, or as bpfsched_client_add().
 */
struct bpfsched_client *bpfsched_client_open(struct bpfsched *sched,
					     bool reader)
{
	struct bpfsched_client *client;
	struct bpfsched_user *user;
	int err;

	user = bpfsched_user_get(sched, bpfsched_current_user());
	if (!user)
		return ERR_PTR(-ENOMEM);
	client = client_new(sched, user, reader);
	if (!client) {
		bpfsched_user_put(user);
		return ERR_PTR(-ENOMEM);
	}
	err = bpfsched_client_add(client);
	return err ? ERR_PTR(err) : client;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_open);

/**
 * bpfsched_client_get() - hold a client
 * @client: the client
 *
 * Context: any.
 */
void bpfsched_client_get(struct bpfsched_client *client)
{
	kref_get(&client->ref);
}

static void client_free(struct kref *ref)
{
	struct bpfsched_client *client =
		container_of(ref, struct bpfsched_client, ref);
	struct bpfsched *sched = client->sched;

	WARN_ON_ONCE(!client->closed || !RB_EMPTY_ROOT(&client->jobs) ||
		     !list_empty(&client->poll_link));
	bpfsched_completions_exit(client);
	bpfsched_ring_exit(&client->ring);
	mem_cgroup_put(client->memcg);
	put_pid(client->pid);
	bpfsched_user_put(client->user);
	client->ops->free(client);
	bpfsched_put(sched);
}

/**
 * bpfsched_client_put() - hold a client no longer
 * @client: the client
 *
 * Context: process, may sleep.
 */
void bpfsched_client_put(struct bpfsched_client *client)
{
	kref_put(&client->ref, client_free);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_put);

static void free_work(struct work_struct *work)
{
	struct bpfsched_client *client =
		container_of(work, struct bpfsched_client, free_work);

	client_free(&client->ref);
}

static void client_free_later(struct kref *ref)
{
	struct bpfsched_client *client =
		container_of(ref, struct bpfsched_client, ref);

	INIT_WORK(&client->free_work, free_work);
	queue_work(client_queue, &client->free_work);
}

/**
 * bpfsched_client_put_later() - hold a client no longer, without delay
 * @client: the client
 *
 * For workers: what it takes to free a client waits for locks that others hold.
 *
 * Context: any.
 */
void bpfsched_client_put_later(struct bpfsched_client *client)
{
	kref_put(&client->ref, client_free_later);
}

/**
 * bpfsched_client_find_after() - the live job with the lowest number above @id
 * @client: the client
 * @id: the number; no job has number 0
 *
 * Context: any, with the lock of the scheduler held.
 * Return: the job, or NULL if there is none.
 */
struct bpfsched_job *bpfsched_client_find_after(struct bpfsched_client *client,
						u64 id)
{
	struct rb_node *node = client->jobs.rb_node;
	struct bpfsched_job *found = NULL;

	lockdep_assert_held(&client->sched->lock);

	while (node) {
		struct bpfsched_job *job = to_job(node);

		if (job->id <= id) {
			node = node->rb_right;
		} else {
			found = job;
			node = node->rb_left;
		}
	}
	return found;
}

/*
 * Cancel some jobs of a client that takes no more, behind number *@id; sets
 * *@id to the last of them. Returns false when there are no more.
 */
static bool cancel_some(struct bpfsched_client *client, u64 *id)
{
	struct bpfsched_job *job;
	int i;

	for (i = 0; i < BPFSCHED_LOCK_BATCH; i++) {
		job = bpfsched_client_find_after(client, *id);
		if (!job)
			return false;
		*id = job->id;
		bpfsched_job_cancel(job);
	}
	return true;
}

static void cancel_all(struct bpfsched_client *client, bool closed)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_deferred deferred;
	bool more;
	u64 id = 0;

	do {
		bpfsched_lock(sched, &deferred);
		client->closing = true;
		client->closed = closed;
		list_del_init(&client->poll_link);
		more = cancel_some(client, &id);
		bpfsched_dispatch(sched);
		bpfsched_unlock(sched);
		bpfsched_deferred_run(sched, &deferred);
		cond_resched();
	} while (more);
}

/**
 * bpfsched_client_shut() - take no more jobs, and cancel those that there are
 * @client: the client
 *
 * Pending jobs are cancelled, running ones are told to stop at their next safe
 * point; nothing is waited for. Completions are still delivered.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 */
void bpfsched_client_shut(struct bpfsched_client *client)
{
	cancel_all(client, false);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_shut);

/**
 * bpfsched_client_is_finished() - whether no job and no completion is left
 * @client: the client
 *
 * A completion that was taken is there until it is given back.
 *
 * Context: process; takes the lock of the scheduler.
 */
bool bpfsched_client_is_finished(struct bpfsched_client *client)
{
	bool finished;

	raw_spin_lock_irq(&client->sched->lock);
	finished = RB_EMPTY_ROOT(&client->jobs) && !client->completions.unread;
	raw_spin_unlock_irq(&client->sched->lock);
	return finished;
}

/**
 * bpfsched_client_close() - the last reference to the open file is gone
 * @client: the client; it goes with its last job
 *
 * Pending jobs are cancelled, running ones are told to stop at their next safe
 * point; nothing is waited for. Completions that nobody read are freed.
 *
 * Context: process, may sleep.
 */
void bpfsched_client_close(struct bpfsched_client *client)
{
	struct bpfsched *sched = client->sched;

	cancel_all(client, true);
	uncount_client(client);
	/* Not earlier: without a client a scheduler can be ended. */
	mutex_lock(&sched->clients_lock);
	list_del(&client->node);
	mutex_unlock(&sched->clients_lock);

	bpfsched_completions_exit(client);
	bpfsched_client_put(client);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_close);

/**
 * bpfsched_client_find() - the live job of a number
 * @client: the client
 * @id: the number
 *
 * Context: any, with the lock of the scheduler held.
 * Return: the job, pending or running, or NULL if there is none.
 */
struct bpfsched_job *bpfsched_client_find(struct bpfsched_client *client,
					  u64 id)
{
	struct bpfsched_job *job;

	if (!id)
		return NULL;
	job = bpfsched_client_find_after(client, id - 1);
	return job && job->id == id ? job : NULL;
}

static int compare_ids(struct rb_node *a, const struct rb_node *b)
{
	u64 left = to_job(a)->id, right = to_job(b)->id;

	return left < right ? -1 : left > right;
}

/**
 * bpfsched_client_insert() - put a job among the live jobs of a client
 * @client: the client
 * @job: the job, with its id set
 *
 * Context: any, with the lock of the scheduler held.
 * Return: false if the client has a live job of that number.
 */
bool bpfsched_client_insert(struct bpfsched_client *client,
			    struct bpfsched_job *job)
{
	lockdep_assert_held(&client->sched->lock);

	if (rb_find_add(&job->by_id, &client->jobs, compare_ids))
		return false;
	WRITE_ONCE(client->job_count, client->job_count + 1);
	WRITE_ONCE(client->user->jobs, client->user->jobs + 1);
	return true;
}

/**
 * bpfsched_client_remove() - take a job from the live jobs of a client
 * @client: the client
 * @job: a job that is among them
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_client_remove(struct bpfsched_client *client,
			    struct bpfsched_job *job)
{
	struct bpfsched *sched = client->sched;

	lockdep_assert_held(&sched->lock);

	rb_erase(&job->by_id, &client->jobs);
	WRITE_ONCE(client->job_count, client->job_count - 1);
	WRITE_ONCE(client->user->jobs, client->user->jobs - 1);
	if (!client->job_count && client->drainers)
		bpfsched_defer_notify(client, BPFSCHED_NOTIFY_ROOM);
	/* Its limits, or those of its user, may be what somebody polls for. */
	if (!list_empty(&sched->pollers))
		sched->deferred->room = true;
}

static bool is_within_limits(const struct bpfsched_client *client)
{
	const struct bpfsched_user *user = client->user;

	return READ_ONCE(client->job_count) <
	       READ_ONCE(client->sched->limits.client_jobs) &&
	       (client->unlimited ||
		READ_ONCE(user->jobs) < READ_ONCE(user->limits.jobs));
}

/**
 * bpfsched_client_may_submit() - whether a job is likely to be taken
 * @client: the client; if not, it is notified when it is worth to ask again
 *
 * There is room in the queue and nobody waits for it, the client has the slots
 * that a job with a period needs, and neither it nor its user has too many
 * jobs.
 *
 * Context: process; takes the lock of the scheduler.
 */
bool bpfsched_client_may_submit(struct bpfsched_client *client)
{
	struct bpfsched *sched = client->sched;
	bool slots, room;

	raw_spin_lock_irq(&sched->lock);
	slots = bpfsched_completions_have_slots(client, 2);
	room = bpfsched_has_room(sched) && list_empty(&sched->waiters) &&
	       is_within_limits(client);
	if (!slots)
		client->polls_slots = true;
	if (!room && list_empty(&client->poll_link) && !client->closing)
		list_add_tail(&client->poll_link, &sched->pollers);
	raw_spin_unlock_irq(&sched->lock);
	return slots && room;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_may_submit);

/*
 * Make an event that was written known to readers, who are woken when the lock
 * has been released; false: there are none.
 */
static bool publish(struct bpfsched_client *client, u32 size)
{
	struct bpfsched_deferred deferred;
	bool open;

	lockdep_assert_held(&client->ring.lock);

	bpfsched_lock(client->sched, &deferred);
	open = !client->closed;
	if (open) {
		WRITE_ONCE(client->ring.head, client->ring.head + size);
		bpfsched_defer_notify(client, BPFSCHED_NOTIFY_RECORDS);
	}
	bpfsched_unlock(client->sched);
	bpfsched_deferred_run(client->sched, &deferred);
	return open;
}

/**
 * bpfsched_client_emit() - give an event to a client
 * @client: the client
 * @record: the event, but for what bpfsched_ring_write() sets
 * @data: its bytes, which may change meanwhile
 *
 * It is read before all completions that are delivered from now on.
 *
 * Context: process, may sleep; takes the locks of the ring and the scheduler.
 * Return: 0; -ENOSPC if there is no room for it; -EPIPE if the client has
 * closed; -EOPNOTSUPP if it is one that reads no events.
 */
int bpfsched_client_emit(struct bpfsched_client *client,
			 struct bpfsched_event_record *record, const void *data)
{
	struct bpfsched_ring *ring = &client->ring;
	int err;

	if (!client->ops->events)
		return -EOPNOTSUPP;
	spin_lock(&ring->lock);
	err = bpfsched_ring_write(ring, record, data);
	if (!err && !publish(client, record->record.size))
		err = -EPIPE;
	spin_unlock(&ring->lock);
	return err;
}

/**
 * bpfsched_client_set_event_room() - change the room for events of a client
 * @client: the client
 * @room: bytes
 *
 * Context: process, may sleep.
 * Return: as bpfsched_ring_resize(), or -ERESTARTSYS.
 */
int bpfsched_client_set_event_room(struct bpfsched_client *client, u64 room)
{
	int err;

	if (mutex_lock_interruptible(&client->read_lock))
		return -ERESTARTSYS;
	err = bpfsched_ring_resize(&client->ring, room);
	mutex_unlock(&client->read_lock);
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_set_event_room);

/**
 * bpfsched_client_has_completions() - whether there is something to read
 * @client: the client
 *
 * Context: any.
 */
bool bpfsched_client_has_completions(struct bpfsched_client *client)
{
	return bpfsched_completions_unread(&client->completions);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_has_completions);

/**
 * bpfsched_client_has_records() - whether there is anything to read
 * @client: the client
 *
 * Context: any.
 */
bool bpfsched_client_has_records(struct bpfsched_client *client)
{
	return bpfsched_client_has_completions(client) ||
	       bpfsched_ring_has_records(&client->ring);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_has_records);

static bool has_drained(struct bpfsched_client *client)
{
	return !READ_ONCE(client->job_count);
}

static void count_drainer(struct bpfsched_client *client, int change)
{
	raw_spin_lock_irq(&client->sched->lock);
	client->drainers += change;
	raw_spin_unlock_irq(&client->sched->lock);
}

/**
 * bpfsched_client_drain() - wait until a client has no live job
 * @client: the client
 * @timeout_ns: longest time to wait, 0: no limit
 * @nowait: do not wait
 *
 * Context: process, may sleep.
 * Return: 0, -EAGAIN, -ETIMEDOUT, or -EINTR if a signal came.
 */
int bpfsched_client_drain(struct bpfsched_client *client, u64 timeout_ns,
			  bool nowait)
{
	int err;

	if (nowait)
		return has_drained(client) ? 0 : -EAGAIN;
	count_drainer(client, 1);
	err = bpfsched_wait_for(client->wait, has_drained(client), timeout_ns);
	count_drainer(client, -1);
	return err;
}
