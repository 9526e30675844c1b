/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a policy is to the scheduler core, and what it sees of a job.
 */
#ifndef BPFSCHED_POLICY_H
#define BPFSCHED_POLICY_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "deadline.h"

/* Priorities count up from 0, as BPFSCHED_PRIORITY_LOW to _CRITICAL do. */
#define BPFSCHED_PRIORITIES	4

/*
 * Half a line of the cache, so that the beginning of an entity is in one line
 * wherever it lies. It is not a whole one, for jobs would grow to 512 bytes
 * then: at distances of a power of two they compete for a few sets of the cache.
 */
#define BPFSCHED_ENTITY_ALIGN	32

/**
 * struct bpfsched_share_class - the entities of one priority of a share
 * @fifo: those in the queue, first to run first
 * @vtime: see struct fair_queue in fair.c
 * @running: how many of them run
 */
struct bpfsched_share_class {
	struct list_head fifo;
	u64 vtime;
	u32 running;
};

/**
 * struct bpfsched_share - a user, as a policy that divides time sees it
 * @node: place among the shares
 * @end_node: place among the shares by @end_vtime
 * @vtime: time that the user has had, divided by @weight
 * @class_vtime: the same clock for the classes of this share
 * @end_vtime: virtual time at which all that is in the queue would have run
 * @seq: when the share got its place, to tell equals apart
 * @weight: BPFSCHED_WEIGHT_*
 * @slice_vtime: what a slice takes on @vtime
 * @queued: entities of the user in the queue
 * @fresh: those that were never started
 * @running: entities of the user that run
 * @classes: by priority
 *
 * All of it belongs to the policy and is guarded by the lock of the scheduler.
 */
struct bpfsched_share {
	struct rb_node node;
	struct rb_node end_node;
	u64 vtime;
	u64 class_vtime;
	u64 end_vtime;
	u64 slice_vtime;
	u64 seq;
	u32 weight;
	u32 queued;
	u32 fresh;
	u32 running;
	struct bpfsched_share_class classes[BPFSCHED_PRIORITIES];
};

/**
 * struct bpfsched_entity - the part of a job that decides its place
 * @list: place in the queue, for a policy that keeps lists
 * @node: place in the queue, for a policy that keeps a tree
 * @rank: for the policy: what it has made of the rest, for comparisons in its
 *	queue; or what it has charged for a start
 * @seq: number in order of release, or of the last change of its priority if
 *	that came later; never equal for two entities
 * @deadline: if @has_deadline
 * @priority: below BPFSCHED_PRIORITIES, a higher number goes first
 * @has_deadline: whether the job has a deadline
 * @admitted: the job has declared its run time, was admitted, and has kept to
 *	its declaration
 * @started: the job has been started and was paused
 * @share: its user
 *
 * All but @list, @node and @rank is set before the entity is enqueued and stays
 * unchanged while it is in the queue. @list, @node and @rank belong to the
 * policy and are guarded by the lock of the scheduler.
 */
struct bpfsched_entity {
	union {
		struct list_head list;
		struct rb_node node;
	};
	u64 rank;
	u64 seq;
	struct bpfsched_deadline deadline;
	u8 priority;
	bool has_deadline;
	bool admitted;
	bool started;
	struct bpfsched_share *share;
} __aligned(BPFSCHED_ENTITY_ALIGN);

/* struct bpfsched_policy_ops.flags */
#define BPFSCHED_POLICY_DEADLINES	BIT(0) /* jobs may have a deadline */
#define BPFSCHED_POLICY_PREEMPTIVE	BIT(1) /* running jobs give way by rank */
#define BPFSCHED_POLICY_SLICES		BIT(2) /* ... when their slice is over */

/**
 * struct bpfsched_policy_ops - a policy: the order in which jobs run
 * @name: unique among policies
 * @flags: BPFSCHED_POLICY_*
 * @queue_size: bytes of the policy's queue; the core allocates it, zeroed
 * @init: make the queue empty. @slice_ns is the length of a slice, 0 without
 *	BPFSCHED_POLICY_SLICES
 * @enqueue: put an entity into the queue, in its place
 * @dequeue: take an entity that is in the queue out of it, for good
 * @start: take an entity that select() gave out of the queue; it runs
 * @stop: an entity that was started runs no more; it is enqueued again or was
 *	started for the last time. @ran_ns is the time since start()
 * @charge: a worker has spent @ns for a share beside the runs of its entities,
 *	for one of this priority
 * @select: the entity that is to run next, left in the queue; NULL if the
 *	queue is empty
 * @first_started: of those that were started the entity that is to run next, left
 *	in the queue; NULL if there is none. Needed with
 *	BPFSCHED_POLICY_PREEMPTIVE only
 * @victim: the entity that is to be dropped for @newcomer, left in the queue: of
 *	those that were never started and are not admitted the one that would
 *	run last. NULL if there is none, or if @newcomer would run after it.
 *	@newcomer is not in the queue, and behind all its equals
 * @before: whether one entity is to run before another; they need not be in
 *	the queue
 * @share_init: make the share of a user who has nothing in the queue
 * @share_set_weight: change the weight of a share
 * @share_is_settled: whether nothing is lost if a share that has no entities
 *	is forgotten
 *
 * Every callback but @init is called with the raw lock of the scheduler held,
 * maybe in hard interrupt context: it may not sleep or allocate, and takes
 * O(log n) at most. All other callbacks are required.
 */
struct bpfsched_policy_ops {
	const char *name;
	unsigned int flags;
	size_t queue_size;
	void (*init)(void *queue, u64 slice_ns);
	void (*enqueue)(void *queue, struct bpfsched_entity *entity);
	void (*dequeue)(void *queue, struct bpfsched_entity *entity);
	void (*start)(void *queue, struct bpfsched_entity *entity);
	void (*stop)(void *queue, struct bpfsched_entity *entity, u64 ran_ns);
	void (*charge)(void *queue, struct bpfsched_share *share, u8 priority,
		       u64 ns);
	struct bpfsched_entity *(*select)(void *queue);
	struct bpfsched_entity *(*first_started)(void *queue);
	struct bpfsched_entity *(*victim)(void *queue,
					  const struct bpfsched_entity *newcomer);
	bool (*before)(const struct bpfsched_entity *a,
		       const struct bpfsched_entity *b);
	void (*share_init)(void *queue, struct bpfsched_share *share,
			   u32 weight);
	void (*share_set_weight)(void *queue, struct bpfsched_share *share,
				 u32 weight);
	bool (*share_is_settled)(void *queue,
				 const struct bpfsched_share *share);
};

extern const struct bpfsched_policy_ops bpfsched_throughput_policy;
extern const struct bpfsched_policy_ops bpfsched_deadline_policy;
extern const struct bpfsched_policy_ops bpfsched_fair_policy;

/* For policies that do not divide time between users. */
void bpfsched_policy_ignore_stop(void *queue, struct bpfsched_entity *entity,
				 u64 ran_ns);
void bpfsched_policy_ignore_charge(void *queue, struct bpfsched_share *share,
				   u8 priority, u64 ns);
void bpfsched_policy_ignore_share(void *queue, struct bpfsched_share *share,
				  u32 weight);
bool bpfsched_policy_forget_share(void *queue,
				  const struct bpfsched_share *share);

bool bpfsched_policy_is_valid(const struct bpfsched_policy_ops *ops);
int bpfsched_policies_validate(void);
const struct bpfsched_policy_ops *bpfsched_policy_find(const char *name);

#endif /* BPFSCHED_POLICY_H */
