// SPDX-License-Identifier: GPL-2.0
/*
 * The deadline policy: earliest deadline first (Liu and Layland, "Scheduling
 * algorithms for multiprogramming in a hard-real-time environment", 1973).
 *
 * Admitted entities come first, then the others that have a deadline, both by
 * absolute deadline; those without one come after all of them, by priority.
 * Equals keep their order of submission.
 *
 * One tree holds the entities that were never started and one those that were
 * paused, each with its leftmost node cached: select takes constant time, and
 * enqueue, dequeue and victim take O(log n).
 *
 * What a large queue costs are the cache misses on the way down a tree. So all
 * that decides there is one number, the rank, beside the node: each level is one
 * line of the cache, and one comparison.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>

#include <bpfsched/visibility.h>

#include "policy.h"

#define to_entity(n)	rb_entry((n), struct bpfsched_entity, node)

/**
 * struct deadline_queue - guarded by the lock of the scheduler
 * @fresh: the entities that were never started, first to run leftmost
 * @paused: those that were started
 */
struct deadline_queue {
	struct rb_root_cached fresh;
	struct rb_root_cached paused;
};

static struct rb_root_cached *tree_of(struct deadline_queue *queue,
				      const struct bpfsched_entity *entity)
{
	return entity->started ? &queue->paused : &queue->fresh;
}

/* An entity and its rank lie in one line of the cache; see there. */
static_assert(offsetofend(struct bpfsched_entity, rank) <=
	      BPFSCHED_ENTITY_ALIGN);

/* The parts of a rank; a time that does not fit is the last one. */
#define RANK_NO_DEADLINE	BIT_ULL(63)
#define RANK_NOT_ADMITTED	BIT_ULL(62)
#define RANK_TIME		GENMASK_ULL(61, 0)

/* Who has the lower rank goes first; of equals, precedes() tells. */
static u64 rank_of(const struct bpfsched_entity *entity)
{
	u64 time_ns = min(entity->deadline.absolute_ns, RANK_TIME);

	if (!entity->has_deadline)
		return RANK_NO_DEADLINE + BPFSCHED_PRIORITIES -
		       entity->priority;
	return entity->admitted ? time_ns : RANK_NOT_ADMITTED + time_ns;
}

/* Of two entities of one rank, which so have both a deadline, or neither. */
static bool precedes(const struct bpfsched_entity *a,
		     const struct bpfsched_entity *b)
{
	if (a->has_deadline &&
	    a->deadline.absolute_ns != b->deadline.absolute_ns)
		return a->deadline.absolute_ns < b->deadline.absolute_ns;
	return a->seq < b->seq;
}

static bool deadline_before(const struct bpfsched_entity *a,
			    const struct bpfsched_entity *b)
{
	u64 rank_a = rank_of(a), rank_b = rank_of(b);

	return rank_a != rank_b ? rank_a < rank_b : precedes(a, b);
}

/* The same for entities that are in the queue, or on their way into it. */
static bool deadline_node_before(struct rb_node *a, const struct rb_node *b)
{
	const struct bpfsched_entity *first = to_entity(a);
	const struct bpfsched_entity *second = to_entity(b);

	if (first->rank != second->rank)
		return first->rank < second->rank;
	return precedes(first, second);
}

static void deadline_init(void *data, u64 slice_ns)
{
	struct deadline_queue *queue = data;

	queue->fresh = RB_ROOT_CACHED;
	queue->paused = RB_ROOT_CACHED;
}

static void deadline_enqueue(void *data, struct bpfsched_entity *entity)
{
	entity->rank = rank_of(entity);
	rb_add_cached(&entity->node, tree_of(data, entity),
		      deadline_node_before);
}

static void deadline_dequeue(void *data, struct bpfsched_entity *entity)
{
	rb_erase_cached(&entity->node, tree_of(data, entity));
	RB_CLEAR_NODE(&entity->node);
}

static struct bpfsched_entity *deadline_select(void *data)
{
	struct deadline_queue *queue = data;
	struct rb_node *fresh = rb_first_cached(&queue->fresh);
	struct rb_node *paused = rb_first_cached(&queue->paused);

	if (!fresh || (paused && deadline_node_before(paused, fresh)))
		fresh = paused;
	return fresh ? to_entity(fresh) : NULL;
}

static struct bpfsched_entity *deadline_first_started(void *data)
{
	struct deadline_queue *queue = data;
	struct rb_node *paused = rb_first_cached(&queue->paused);

	return paused ? to_entity(paused) : NULL;
}

static struct bpfsched_entity *
deadline_victim(void *data, const struct bpfsched_entity *newcomer)
{
	struct deadline_queue *queue = data;
	struct rb_node *last = rb_last(&queue->fresh.rb_root);

	/* The admitted come first: if the last one is, all of them are. */
	if (!last || to_entity(last)->admitted)
		return NULL;
	return deadline_before(newcomer, to_entity(last)) ? to_entity(last) :
							    NULL;
}

const struct bpfsched_policy_ops bpfsched_deadline_policy = {
	.name = "deadline",
	.flags = BPFSCHED_POLICY_DEADLINES | BPFSCHED_POLICY_PREEMPTIVE,
	.queue_size = sizeof(struct deadline_queue),
	.init = deadline_init,
	.enqueue = deadline_enqueue,
	.dequeue = deadline_dequeue,
	.start = deadline_dequeue,
	.stop = bpfsched_policy_ignore_stop,
	.charge = bpfsched_policy_ignore_charge,
	.select = deadline_select,
	.first_started = deadline_first_started,
	.victim = deadline_victim,
	.before = deadline_before,
	.share_init = bpfsched_policy_ignore_share,
	.share_set_weight = bpfsched_policy_ignore_share,
	.share_is_settled = bpfsched_policy_forget_share,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_deadline_policy);
