/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of a client: what its jobs have emitted and nobody has read.
 */
#ifndef BPFSCHED_RING_H
#define BPFSCHED_RING_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

/**
 * struct bpfsched_ring - whole records, one after the other
 * @lock: one writer at a time, and none while the room is changed; taken
 *	before the lock of the scheduler. A spinlock, for who asks how full the
 *	ring is must not be preempted while a worker waits for him
 * @bytes: room for records, which may go on at its start; changed with @lock
 *	and bpfsched_client.read_lock held, while there are no records
 * @size: its size, a power of 2, or 0
 * @head: end of the last record, as a number of bytes that never starts anew;
 *	written with @lock and the lock of the scheduler held
 * @tail: start of the first record; written with bpfsched_client.read_lock
 *	held, or @lock too when the room is changed
 * @emitted: events so far; guarded by @lock
 * @lost: of those, which found no room; guarded by @lock
 * @lost_since: of those, which since the last record; guarded by @lock
 *
 * A record is written in full before @head says that it is there, and read in
 * full before @tail says that it is not. So writers and the reader need not
 * wait for each other.
 */
struct bpfsched_ring {
	spinlock_t lock; /* one writer at a time */
	u8 *bytes;
	u64 size;
	u64 head;
	u64 tail;
	u64 emitted;
	u64 lost;
	u32 lost_since;
};

void bpfsched_ring_init(struct bpfsched_ring *ring);
void bpfsched_ring_exit(struct bpfsched_ring *ring);
int bpfsched_ring_resize(struct bpfsched_ring *ring, u64 room);
void bpfsched_ring_describe(struct bpfsched_ring *ring,
			    struct bpfsched_events *events);
int bpfsched_ring_write(struct bpfsched_ring *ring,
			struct bpfsched_event_record *record, const void *data);
bool bpfsched_ring_has_records(const struct bpfsched_ring *ring);
u32 bpfsched_ring_next_size(const struct bpfsched_ring *ring);
void bpfsched_ring_copy(const struct bpfsched_ring *ring, void *to, u32 len);
int bpfsched_ring_copy_to_user(const struct bpfsched_ring *ring,
			       char __user *to, u32 len);
void bpfsched_ring_consume(struct bpfsched_ring *ring, u32 len);

#endif /* BPFSCHED_RING_H */
