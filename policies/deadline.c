// SPDX-License-Identifier: GPL-2.0
/*
 * The deadline policy: earliest deadline first (Liu and Layland, "Scheduling
 * algorithms for multiprogramming in a hard-real-time environment", 1973).
 *
 * Entities that have a deadline come first, by absolute deadline; those
 * without one come after all of them, by priority. Equals keep their order of
 * submission. One tree holds all, with its leftmost node cached: enqueue and
 * dequeue take O(log n), select takes constant time.
 */
#include <bpfsched/visibility.h>

#include "policy.h"

#define to_entity(n)	rb_entry((n), struct bpfsched_entity, node)

/**
 * struct deadline_queue - guarded by the lock of the scheduler
 * @tree: the entities, first to run leftmost
 */
struct deadline_queue {
	struct rb_root_cached tree;
};

static bool deadline_before(const struct bpfsched_entity *a,
			    const struct bpfsched_entity *b)
{
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

	queue->tree = RB_ROOT_CACHED;
}

static void deadline_enqueue(void *data, struct bpfsched_entity *entity)
{
	struct deadline_queue *queue = data;

	rb_add_cached(&entity->node, &queue->tree, deadline_node_before);
}

static void deadline_dequeue(void *data, struct bpfsched_entity *entity)
{
	struct deadline_queue *queue = data;

	rb_erase_cached(&entity->node, &queue->tree);
	RB_CLEAR_NODE(&entity->node);
}

static struct bpfsched_entity *deadline_select(void *data)
{
	struct deadline_queue *queue = data;
	struct rb_node *first = rb_first_cached(&queue->tree);

	return first ? to_entity(first) : NULL;
}

const struct bpfsched_policy_ops bpfsched_deadline_policy = {
	.name = "deadline",
	.flags = BPFSCHED_POLICY_DEADLINES,
	.queue_size = sizeof(struct deadline_queue),
	.init = deadline_init,
	.enqueue = deadline_enqueue,
	.dequeue = deadline_dequeue,
	.select = deadline_select,
};
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_deadline_policy);
