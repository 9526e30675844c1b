// SPDX-License-Identifier: GPL-2.0
/*
 * The events of a client. Its room is made in the client's own call, so that
 * nothing is allocated when a job emits an event; when it is full events are
 * lost, and counted.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <bpfsched/visibility.h>

#include "ring.h"

/**
 * bpfsched_ring_init() - make a ring that has no room
 * @ring: the ring, all zero
 *
 * Context: any.
 */
void bpfsched_ring_init(struct bpfsched_ring *ring)
{
	spin_lock_init(&ring->lock);
}

/**
 * bpfsched_ring_exit() - free a ring
 * @ring: a ring that nobody writes to or reads
 *
 * Context: process, may sleep.
 */
void bpfsched_ring_exit(struct bpfsched_ring *ring)
{
	kvfree(ring->bytes);
}

/**
 * bpfsched_ring_resize() - change the room of a ring
 * @ring: the ring; nobody reads it
 * @room: bytes, rounded up to a power of 2; 0: none
 *
 * Context: process, may sleep; takes the lock of the ring.
 * Return: 0; -E2BIG; -EBUSY if there are records; -ENOMEM.
 */
int bpfsched_ring_resize(struct bpfsched_ring *ring, u64 room)
{
	u8 *bytes = NULL;
	int err = 0;

	if (room > BPFSCHED_EVENTS_ROOM_MAX)
		return -E2BIG;
	if (room) {
		room = roundup_pow_of_two(max_t(unsigned long, room, PAGE_SIZE));
		bytes = kvmalloc(room, GFP_KERNEL_ACCOUNT);
		if (!bytes)
			return -ENOMEM;
	}

	spin_lock(&ring->lock);
	if (bpfsched_ring_has_records(ring)) {
		err = -EBUSY;
	} else {
		swap(ring->bytes, bytes);
		ring->size = room;
	}
	spin_unlock(&ring->lock);
	kvfree(bytes);
	return err;
}

/**
 * bpfsched_ring_describe() - how full a ring is
 * @ring: the ring
 * @events: room, used, emitted and lost are set
 *
 * Context: process, may sleep; takes the lock of the ring.
 */
void bpfsched_ring_describe(struct bpfsched_ring *ring,
			    struct bpfsched_events *events)
{
	spin_lock(&ring->lock);
	events->room = ring->size;
	events->used = ring->head - READ_ONCE(ring->tail);
	events->emitted = ring->emitted;
	events->lost = ring->lost;
	spin_unlock(&ring->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_ring_describe);

/* Where a byte lies, and how many follow it before the ring starts anew. */
static u8 *byte_at(const struct bpfsched_ring *ring, u64 position, u32 *run)
{
	u64 offset = position & (ring->size - 1);

	*run = min_t(u64, ring->size - offset, U32_MAX);
	return ring->bytes + offset;
}

static void put_bytes(struct bpfsched_ring *ring, u64 position,
		      const void *from, u32 len)
{
	u32 run;
	u8 *to = byte_at(ring, position, &run);

	run = min(run, len);
	memcpy(to, from, run);
	memcpy(ring->bytes, from + run, len - run);
}

/**
 * bpfsched_ring_write() - write a record behind the last one
 * @ring: the ring
 * @record: the record, but for its header, seq, lost and data_offset, which are set
 * @data: its bytes, which may change meanwhile
 *
 * The record is not there before the caller has moved the head on by its size.
 *
 * Context: process, with the lock of the ring held.
 * Return: 0, or -ENOSPC if there is no room for it.
 */
int bpfsched_ring_write(struct bpfsched_ring *ring,
			struct bpfsched_event_record *record, const void *data)
{
	static const u8 zeroes[8];
	u32 size = sizeof(*record) + ALIGN(record->len, 8);
	u64 at = ring->head;

	lockdep_assert_held(&ring->lock);

	ring->emitted++;
	/* Pairs with bpfsched_ring_consume(): the reader is done with it. */
	if (size > ring->size - (at - smp_load_acquire(&ring->tail))) {
		ring->lost++;
		if (ring->lost_since < U32_MAX)
			ring->lost_since++;
		return -ENOSPC;
	}
	record->record.size = size;
	record->record.type = BPFSCHED_RECORD_EVENT;
	record->record.flags = 0;
	record->seq = ring->emitted;
	record->lost = ring->lost_since;
	record->data_offset = sizeof(*record);
	ring->lost_since = 0;

	put_bytes(ring, at, record, sizeof(*record));
	at += sizeof(*record);
	if (record->len)
		put_bytes(ring, at, data, record->len);
	at += record->len;
	put_bytes(ring, at, zeroes, ALIGN(record->len, 8) - record->len);
	return 0;
}

/**
 * bpfsched_ring_has_records() - whether there is something to read
 * @ring: the ring
 *
 * Context: any.
 */
bool bpfsched_ring_has_records(const struct bpfsched_ring *ring)
{
	return READ_ONCE(ring->head) != READ_ONCE(ring->tail);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_ring_has_records);

/**
 * bpfsched_ring_next_size() - the size of the first record
 * @ring: a ring that has a record
 *
 * Context: any, by the reader.
 */
u32 bpfsched_ring_next_size(const struct bpfsched_ring *ring)
{
	const struct bpfsched_record *record;
	u32 run;

	/* Sizes are multiples of its own, so that it lies in one piece. */
	BUILD_BUG_ON(sizeof(*record) != 8);
	record = (const void *)byte_at(ring, ring->tail, &run);
	return record->size;
}

/**
 * bpfsched_ring_copy() - copy the first record
 * @ring: a ring that has a record
 * @to: where to
 * @len: its size, or less
 *
 * Context: any, by the reader.
 */
void bpfsched_ring_copy(const struct bpfsched_ring *ring, void *to, u32 len)
{
	u32 run;
	const u8 *from = byte_at(ring, ring->tail, &run);

	run = min(run, len);
	memcpy(to, from, run);
	memcpy(to + run, ring->bytes, len - run);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_ring_copy);

/**
 * bpfsched_ring_copy_to_user() - copy the first record to user space
 * @ring: a ring that has a record
 * @to: where to
 * @len: its size
 *
 * Context: process, may sleep; by the reader.
 * Return: 0 or -EFAULT.
 */
int bpfsched_ring_copy_to_user(const struct bpfsched_ring *ring,
			       char __user *to, u32 len)
{
	u32 run;
	const u8 *from = byte_at(ring, ring->tail, &run);

	run = min(run, len);
	if (copy_to_user(to, from, run) ||
	    copy_to_user(to + run, ring->bytes, len - run))
		return -EFAULT;
	return 0;
}

/**
 * bpfsched_ring_consume() - have done with the first record
 * @ring: a ring that has a record
 * @len: its size
 *
 * Context: any, by the reader.
 */
void bpfsched_ring_consume(struct bpfsched_ring *ring, u32 len)
{
	/* Pairs with bpfsched_ring_write(): only now it may be overwritten. */
	smp_store_release(&ring->tail, ring->tail + len);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_ring_consume);
