// SPDX-License-Identifier: GPL-2.0
/*
 * read() of a scheduler's node: completions and events, in one order.
 */
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "client.h"
#include "completion.h"
#include "scheduler.h"

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

/* Copy a completion; returns its size or an error. */
static ssize_t copy_completion(const struct bpfsched_record_slot *slot,
			       char __user *buf, size_t room)
{
	u32 size = slot->record.record.size;
	int err;

	if (size > room)
		return -EMSGSIZE;
	err = bpfsched_completion_copy_to_user(slot, buf);
	return err ? err : (ssize_t)size;
}

/**
 * struct reading - what one call of read() is about
 * @client: the client
 * @events: end of the events that it may copy
 * @unread: completions that it may copy
 * @copied: of those, which were copied and not yet consumed
 */
struct reading {
	struct bpfsched_client *client;
	u64 events;
	u32 unread;
	u32 copied;
};

/* The completions that were copied are gone from the queue. */
static void consume_copied(struct reading *reading)
{
	if (!reading->copied)
		return;
	bpfsched_completions_consume(reading->client, reading->copied);
	reading->unread -= reading->copied;
	reading->copied = 0;
}

/* One look at what there is; false: nothing. */
static bool look(struct reading *reading)
{
	struct bpfsched_client *client = reading->client;

	lockdep_assert_held(&client->read_lock);

	raw_spin_lock_irq(&client->sched->lock);
	reading->unread = client->completions.unread;
	reading->events = client->ring.head;
	raw_spin_unlock_irq(&client->sched->lock);
	return reading->unread || client->ring.tail != reading->events;
}

/* Copy what comes next; returns its size, 0 at the end, or an error. */
static ssize_t copy_next(struct reading *reading, char __user *buf, size_t room)
{
	struct bpfsched_client *client = reading->client;
	const struct bpfsched_record_slot *slot = NULL;
	ssize_t ret;

	if (reading->copied < reading->unread)
		slot = bpfsched_completions_first(client, reading->copied);
	if (client->ring.tail < (slot ? slot->events : reading->events))
		return copy_event(client, buf, room);
	if (!slot)
		return 0;
	ret = copy_completion(slot, buf, room);
	if (ret > 0 && ++reading->copied == BPFSCHED_LOCK_BATCH)
		consume_copied(reading);
	return ret;
}

/*
 * Copy whole records, as many as fit; a record that is copied is consumed.
 */
static ssize_t copy_records(struct reading *reading, char __user *buf,
			    size_t size)
{
	size_t done = 0;
	ssize_t ret;

	do {
		ret = copy_next(reading, buf + done, size - done);
		if (ret <= 0)
			break;
		done += ret;
		/* A long read lets others run, and can be interrupted. */
		cond_resched();
	} while (!signal_pending(current));
	consume_copied(reading);
	return done ?: ret;
}

static bool may_go_on(struct bpfsched_client *client)
{
	return bpfsched_client_has_records(client) ||
	       bpfsched_is_gone(client->sched);
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
 * -EAGAIN; -ERESTARTSYS; -ENODEV if the scheduler was ended.
 */
ssize_t bpfsched_client_read(struct bpfsched_client *client, char __user *buf,
			     size_t size, bool nonblock)
{
	struct reading reading = { .client = client };
	ssize_t ret;
	int err;

	for (;;) {
		if (bpfsched_is_gone(client->sched))
			return -ENODEV;
		if (mutex_lock_interruptible(&client->read_lock))
			return -ERESTARTSYS;
		if (look(&reading))
			break;
		mutex_unlock(&client->read_lock);

		if (nonblock)
			return -EAGAIN;
		err = wait_event_interruptible(client->wait,
					       may_go_on(client));
		if (err)
			return err;
	}
	ret = copy_records(&reading, buf, size);
	mutex_unlock(&client->read_lock);
	return ret;
}
