// SPDX-License-Identifier: GPL-2.0
/*
 * A client: the jobs and the completions of one open file, or of another
 * module (kclient.c).
 */
#include <linux/cred.h>
#include <linux/lockdep.h>
#include <linux/memcontrol.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "job.h"
#include "scheduler.h"

#define to_job(n)	rb_entry((n), struct bpfsched_job, by_id)

static struct bpfsched_client *client_alloc(void)
{
	struct bpfsched_client *client;

	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return NULL;
	if (bpfsched_ring_init(&client->ring)) {
		kfree(client);
		return NULL;
	}
	client->memcg = get_mem_cgroup_from_mm(current->mm);
	return client;
}

static void wake_readers(struct bpfsched_client *client)
{
	wake_up_interruptible_poll(&client->wait, EPOLLIN);
}

static void free_file_client(struct bpfsched_client *client)
{
	kfree(client);
}

static const struct bpfsched_client_ops file_ops = {
	.events = true,
	.notify = wake_readers,
	.free = free_file_client,
};

/**
 * bpfsched_client_init() - make a client of memory that its kind has allocated
 * @client: the client, all zero
 * @ops: its kind
 * @sched: its scheduler
 *
 * Context: process, may sleep.
 */
void bpfsched_client_init(struct bpfsched_client *client,
			  const struct bpfsched_client_ops *ops,
			  struct bpfsched *sched)
{
	bpfsched_get(sched);
	client->ops = ops;
	client->sched = sched;
	client->id = atomic64_inc_return(&sched->next_client);
	client->pid = task_tgid_nr(current);
	client->uid = current_uid();
	get_task_comm(client->comm, current);
	kref_init(&client->ref);
	init_waitqueue_head(&client->wait);
	client->jobs = RB_ROOT;
	INIT_LIST_HEAD(&client->unread);
	INIT_LIST_HEAD(&client->notify);
	mutex_init(&client->read_lock);
	INIT_LIST_HEAD(&client->reading);
}

/**
 * bpfsched_client_add() - put a new client among those of its scheduler
 * @client: the client
 *
 * Context: process, may sleep.
 * Return: 0; then the client is to be closed by bpfsched_client_close(). Or
 * -ENODEV if the scheduler takes no more clients; then the client is gone.
 */
int bpfsched_client_add(struct bpfsched_client *client)
{
	struct bpfsched *sched = client->sched;

	mutex_lock(&sched->clients_lock);
	client->closed = sched->dying;
	if (!client->closed)
		list_add_tail(&client->node, &sched->clients);
	mutex_unlock(&sched->clients_lock);
	if (!client->closed)
		return 0;
	bpfsched_client_put(client);
	return -ENODEV;
}

/**
 * bpfsched_client_open() - make the client of an open file
 * @sched: its scheduler
 *
 * Context: process, may sleep.
 * Return: the client, to be closed by bpfsched_client_close(), or NULL if
 * memory ran out or the scheduler takes no more clients.
 */
struct bpfsched_client *bpfsched_client_open(struct bpfsched *sched)
{
	struct bpfsched_client *client;

	client = client_alloc();
	if (!client)
		return NULL;
	bpfsched_client_init(client, &file_ops, sched);
	return bpfsched_client_add(client) ? NULL : client;
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

	WARN_ON_ONCE(!client->closed || !RB_EMPTY_ROOT(&client->jobs));
	bpfsched_ring_exit(&client->ring);
	mem_cgroup_put(client->memcg);
	bpfsched_put(client->sched);
	client->ops->free(client);
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

/**
 * bpfsched_client_find_from() - the live job with the lowest number from @id on
 * @client: the client
 * @id: the number
 *
 * Context: any, with the lock of the scheduler held.
 * Return: the job, or NULL if there is none.
 */
struct bpfsched_job *bpfsched_client_find_from(struct bpfsched_client *client,
					       u64 id)
{
	struct rb_node *node = client->jobs.rb_node;
	struct bpfsched_job *found = NULL;

	while (node) {
		struct bpfsched_job *job = to_job(node);

		if (job->id < id) {
			node = node->rb_right;
		} else {
			found = job;
			node = node->rb_left;
		}
	}
	return found;
}

/*
 * Cancel some jobs of a client that takes no more, from number *@id on; sets
 * *@id to where to go on. Returns false when there are no more.
 */
static bool cancel_some(struct bpfsched_client *client, u64 *id)
{
	struct bpfsched_job *job;
	int i;

	lockdep_assert_held(&client->sched->lock);

	for (i = 0; i < BPFSCHED_LOCK_BATCH; i++) {
		job = bpfsched_client_find_from(client, *id);
		if (!job)
			return false;
		*id = job->id + 1;
		if (job->state == BPFSCHED_JOB_RUNNING)
			bpfsched_job_stop(job, BPFSCHED_STATUS_CANCELLED);
		else
			bpfsched_job_end(job, BPFSCHED_STATUS_CANCELLED);
		if (!*id)
			return false;
	}
	return true;
}

static void cancel_all(struct bpfsched_client *client, bool closed)
{
	struct bpfsched *sched = client->sched;
	bool more;
	u64 id = 0;

	do {
		bpfsched_lock(sched);
		client->closing = true;
		client->closed = closed;
		more = cancel_some(client, &id);
		bpfsched_unlock(sched);
		cond_resched();
	} while (more);
}

/* Free the completions of a closed client; nothing is delivered any more. */
static void free_completions(struct bpfsched_client *client)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_slot *slot, *next;

	list_splice_init(&client->unread, &client->reading);
	list_for_each_entry_safe(slot, next, &client->reading, link) {
		/* A job that still runs must not look for its slot. */
		raw_spin_lock_irq(&sched->lock);
		if (slot->home)
			list_del(&slot->home_link);
		raw_spin_unlock_irq(&sched->lock);
		bpfsched_slot_free(slot);
		cond_resched();
	}
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
	finished = RB_EMPTY_ROOT(&client->jobs) && !client->unread_count;
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
	/* Not earlier: without a client a scheduler can be ended. */
	mutex_lock(&sched->clients_lock);
	list_del(&client->node);
	mutex_unlock(&sched->clients_lock);

	free_completions(client);
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

	lockdep_assert_held(&client->sched->lock);

	job = bpfsched_client_find_from(client, id);
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
	client->job_count++;
	return true;
}

/**
 * bpfsched_client_remove() - take a job from the live jobs of a client
 * @client: the client
 * @job: a job that is among them
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_client_remove(struct bpfsched_client *client,
			    struct bpfsched_job *job)
{
	lockdep_assert_held(&client->sched->lock);

	rb_erase(&job->by_id, &client->jobs);
	client->job_count--;
}

/* There is something to read: wake the readers when the lock is released. */
static void notify(struct bpfsched_client *client)
{
	if (!list_empty(&client->notify))
		return;
	bpfsched_client_get(client);
	list_add_tail(&client->notify, &client->sched->notify);
}

/**
 * bpfsched_client_deliver() - give a completion to a client
 * @client: a client that is not closed
 * @slot: the completion, filled
 *
 * It is notified when the lock is released.
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_client_deliver(struct bpfsched_client *client,
			     struct bpfsched_slot *slot)
{
	lockdep_assert_held(&client->sched->lock);

	slot->events = client->ring.head;
	list_add_tail(&slot->link, &client->unread);
	WRITE_ONCE(client->unread_count, client->unread_count + 1);
	notify(client);
}

/*
 * Make an event that was written known to readers, who are woken when things
 * are settled; false: there are none.
 */
static bool publish(struct bpfsched_client *client, u32 size)
{
	bool open;

	lockdep_assert_held(&client->ring.lock);

	raw_spin_lock_irq(&client->sched->lock);
	open = !client->closed;
	if (open) {
		WRITE_ONCE(client->ring.head, client->ring.head + size);
		notify(client);
	}
	raw_spin_unlock_irq(&client->sched->lock);
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
	if (!err)
		bpfsched_settle(client->sched);
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
 * bpfsched_client_use_slots() - count completion slots as used
 * @client: the client
 * @count: number of slots
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_client_use_slots(struct bpfsched_client *client, u32 count)
{
	lockdep_assert_held(&client->sched->lock);

	WRITE_ONCE(client->slots_used, client->slots_used + count);
}

/**
 * bpfsched_client_return_slots() - count completion slots as used no longer
 * @client: the client
 * @count: number of slots
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_client_return_slots(struct bpfsched_client *client, u32 count)
{
	lockdep_assert_held(&client->sched->lock);

	WRITE_ONCE(client->slots_used, client->slots_used - count);
}

/**
 * bpfsched_client_has_completions() - whether there is something to read
 * @client: the client
 *
 * Context: any.
 */
bool bpfsched_client_has_completions(struct bpfsched_client *client)
{
	return READ_ONCE(client->unread_count);
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

/**
 * bpfsched_client_has_slots() - whether another job would have a slot
 * @client: the client
 *
 * Context: any.
 */
bool bpfsched_client_has_slots(struct bpfsched_client *client)
{
	return READ_ONCE(client->slots_used) <
	       client->sched->limits.completion_slots;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_has_slots);

/*
 * Take what has been delivered, and tell where the events end that there are
 * now. False if there is no completion.
 */
static bool take_unread(struct bpfsched_client *client, u64 *events)
{
	lockdep_assert_held(&client->read_lock);

	raw_spin_lock_irq(&client->sched->lock);
	list_splice_tail_init(&client->unread, &client->reading);
	*events = client->ring.head;
	raw_spin_unlock_irq(&client->sched->lock);
	return !list_empty(&client->reading);
}

/*
 * Some completions have been read: their slots go back to the periodic jobs
 * that they belong to, or are freed.
 */
static void give_back_some(struct bpfsched_client *client,
			   struct list_head *slots)
{
	struct bpfsched_slot *slot, *next;
	LIST_HEAD(unused);
	u32 count = 0;

	raw_spin_lock_irq(&client->sched->lock);
	list_for_each_entry_safe(slot, next, slots, link) {
		if (slot->home) {
			slot->has_context = false;
			list_del(&slot->home_link);
			list_move(&slot->link, &slot->home->spare_slots);
		} else {
			list_move(&slot->link, &unused);
		}
		if (++count == BPFSCHED_LOCK_BATCH)
			break;
	}
	WRITE_ONCE(client->unread_count, client->unread_count - count);
	bpfsched_client_return_slots(client, count);
	raw_spin_unlock_irq(&client->sched->lock);

	list_for_each_entry_safe(slot, next, &unused, link)
		bpfsched_slot_free(slot);
	cond_resched();
}

static void give_back(struct bpfsched_client *client, struct list_head *slots)
{
	while (!list_empty(slots))
		give_back_some(client, slots);
	wake_up_interruptible_poll(&client->wait, EPOLLOUT);
}

/* Copy the first event; returns its size or an error. */
static ssize_t copy_event(struct bpfsched_client *client, char __user *buf,
			  size_t room)
{
	u32 size = bpfsched_ring_next_size(&client->ring);

	if (size > room)
		return -EMSGSIZE;
	if (bpfsched_ring_copy_to_user(&client->ring, buf, size))
		return -EFAULT;
	bpfsched_ring_consume(&client->ring, size);
	return size;
}

/* Copy a completion, which is then consumed; returns its size or an error. */
static ssize_t copy_completion(struct bpfsched_slot *slot, char __user *buf,
			       size_t room, struct list_head *consumed)
{
	u32 size = slot->record.record.size;
	int err;

	if (size > room)
		return -EMSGSIZE;
	err = bpfsched_slot_copy(slot, buf);
	if (err)
		return err;
	list_move_tail(&slot->link, consumed);
	return size;
}

/* Copy what comes next; returns its size, 0 at the end, or an error. */
static ssize_t copy_next(struct bpfsched_client *client, char __user *buf,
			 size_t room, u64 events, struct list_head *consumed)
{
	struct bpfsched_slot *slot =
		list_first_entry_or_null(&client->reading,
					 struct bpfsched_slot, link);

	if (client->ring.tail < (slot ? slot->events : events))
		return copy_event(client, buf, room);
	return slot ? copy_completion(slot, buf, room, consumed) : 0;
}

/*
 * Copy whole records, as many as fit, with the events up to @events; a record
 * that is copied is consumed.
 */
static ssize_t copy_records(struct bpfsched_client *client, char __user *buf,
			    size_t size, u64 events)
{
	LIST_HEAD(consumed);
	size_t done = 0;
	ssize_t ret;

	lockdep_assert_held(&client->read_lock);

	do {
		ret = copy_next(client, buf + done, size - done, events,
				&consumed);
		if (ret <= 0)
			break;
		done += ret;
		/* A long read lets others run, and can be interrupted. */
		cond_resched();
	} while (!signal_pending(current));
	if (!list_empty(&consumed))
		give_back(client, &consumed);
	return done ?: ret;
}

/**
 * bpfsched_client_read() - read completions and events
 * @client: the client
 * @buf: where to
 * @size: size of @buf in bytes
 * @nonblock: do not wait for the first record
 *
 * Context: process, may sleep.
 * Return: bytes of the whole records that were copied; -EMSGSIZE if the first
 * does not fit and -EFAULT if it cannot be written, and nothing is consumed;
 * -EAGAIN; -ERESTARTSYS.
 */
ssize_t bpfsched_client_read(struct bpfsched_client *client, char __user *buf,
			     size_t size, bool nonblock)
{
	ssize_t ret;
	u64 events;
	int err;

	for (;;) {
		if (mutex_lock_interruptible(&client->read_lock))
			return -ERESTARTSYS;
		if (take_unread(client, &events) ||
		    client->ring.tail != events)
			break;
		mutex_unlock(&client->read_lock);

		if (nonblock)
			return -EAGAIN;
		err = wait_event_interruptible(client->wait,
					       bpfsched_client_has_records(client));
		if (err)
			return err;
	}
	ret = copy_records(client, buf, size, events);
	mutex_unlock(&client->read_lock);
	return ret;
}

/**
 * bpfsched_client_take() - take the oldest completion, in kernel memory
 * @client: the client
 *
 * Context: process, may sleep.
 * Return: the completion, to be passed to bpfsched_client_give_back(), or NULL
 * if there is none.
 */
struct bpfsched_slot *bpfsched_client_take(struct bpfsched_client *client)
{
	struct bpfsched_slot *slot = NULL;
	u64 events;

	mutex_lock(&client->read_lock);
	if (take_unread(client, &events)) {
		slot = list_first_entry(&client->reading, struct bpfsched_slot,
					link);
		list_del(&slot->link);
	}
	mutex_unlock(&client->read_lock);
	return slot;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_take);

/**
 * bpfsched_client_give_back() - have done with a completion
 * @client: the client
 * @slot: the completion, from bpfsched_client_take()
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 */
void bpfsched_client_give_back(struct bpfsched_client *client,
			       struct bpfsched_slot *slot)
{
	LIST_HEAD(slots);

	list_add(&slot->link, &slots);
	give_back(client, &slots);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_client_give_back);
