/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deferred work: what follows from a change, and is done when the lock of the
 * scheduler has been released.
 */
#ifndef BPFSCHED_DEFERRED_H
#define BPFSCHED_DEFERRED_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;

/**
 * struct bpfsched_deferred - what is to be done after a hold of the lock
 * @ended: jobs to be freed
 * @notify: clients to be notified, held
 * @serve: there is room for those who wait in line
 * @room: there is room for those who poll
 * @drained: there are no more jobs
 *
 * It belongs to the caller of bpfsched_lock(), mostly on the stack. While the
 * lock is held bpfsched.deferred points to it.
 */
struct bpfsched_deferred {
	struct list_head ended;
	struct list_head notify;
	bool serve;
	bool room;
	bool drained;
};

void bpfsched_deferred_init(struct bpfsched_deferred *deferred);
void bpfsched_lock(struct bpfsched *sched, struct bpfsched_deferred *deferred)
	__acquires(&sched->lock);
void bpfsched_unlock(struct bpfsched *sched) __releases(&sched->lock);
void bpfsched_deferred_run(struct bpfsched *sched,
			   struct bpfsched_deferred *deferred);
unsigned long bpfsched_lock_atomic(struct bpfsched *sched)
	__acquires(&sched->lock);
void bpfsched_unlock_atomic(struct bpfsched *sched, unsigned long flags)
	__releases(&sched->lock);
void bpfsched_deferred_start(struct bpfsched *sched);
void bpfsched_deferred_flush(struct bpfsched *sched);
void bpfsched_tell_pollers(struct bpfsched *sched);

void bpfsched_defer_free(struct bpfsched *sched, struct bpfsched_job *job);
void bpfsched_defer_notify(struct bpfsched_client *client, u32 events);
void bpfsched_defer_room(struct bpfsched *sched);

#endif /* BPFSCHED_DEFERRED_H */
