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
 * enqueue, dequeue and last take O(log n).
 */
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

static bool deadline_before(const struct bpfsched_entity *a,
			    const struct bpfsched_entity *b)
{
	if (a->admitted != b->admitted)
		return a->admitted;
	if (a->has_deadline != b->has_deadline)
		return a->has_deadline;
	if (a->has_deadline) {
		if (a->deadline.absolute_ns != b->deadline.absolute_ns)
			return a->deadline.absolute_ns <
			       b->deadline.absolute_ns;
	} else if (a->priority != b->priority) {
		return a->priority > b->priority;
	}
	return a->seq < b->seq;
}

static bool deadline_node_before(struct rb_node *a, const struct rb_node *b)
{
	return deadline_before(to_entity(a), to_entity(b));
}

static void deadline_init(void *data)
{
	struct deadline_queue *queue = data;

	queue->fresh = RB_ROOT_CACHED;
	queue->paused = RB_ROOT_CACHED;
}

static void deadline_enqueue(void *data, struct bpfsched_entity *entity)
{
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

static struct bpfsched_entity *deadline_last(void *data)
{
	struct deadline_queue *queue = data;
	struct rb_node *last = rb_last(&queue->fresh.rb_root);

	return last ? to_entity(last) : NULL;
}

const struct bpfsched_policy_ops bpfsched_deadline_policy = {
	.name = "deadline",
	.flags = BPFSCHED_POLICY_DEADLINES | BPFSCHED_POLICY_PREEMPTIVE,
	.queue_size = sizeof(struct deadline_queue),
	.init = deadline_init,
	.enqueue = deadline_enqueue,
	.dequeue = deadline_dequeue,
	.select = deadline_select,
	.last = deadline_last,
	.before = deadline_before,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_deadline_policy);
