// SPDX-License-Identifier: GPL-2.0
/*
 * The throughput policy: priority order, first in first out within one
 * priority. Programs run to completion.
 *
 * One list for each priority, and a bitmap of the lists that are not empty:
 * every operation takes constant time. Within a priority no entity overtakes
 * another; a lower priority waits for as long as a higher one has work.
 */
#include <linux/bitops.h>

#include <bpfsched/visibility.h>

#include "policy.h"

/**
 * struct throughput_queue - guarded by the lock of the scheduler
 * @fifo: the entities of each priority, in order of their numbers
 * @occupied: bit p is set if @fifo[p] is not empty
 */
struct throughput_queue {
	struct list_head fifo[BPFSCHED_PRIORITIES];
	unsigned long occupied;
};

static void throughput_init(void *data, u64 slice_ns)
{
	struct throughput_queue *queue = data;
	int i;

	for (i = 0; i < BPFSCHED_PRIORITIES; i++)
		INIT_LIST_HEAD(&queue->fifo[i]);
	queue->occupied = 0;
}

static void throughput_enqueue(void *data, struct bpfsched_entity *entity)
{
	struct throughput_queue *queue = data;

	/* Who was started goes on before others of its priority. */
	if (entity->started)
		list_add(&entity->list, &queue->fifo[entity->priority]);
	else
		list_add_tail(&entity->list, &queue->fifo[entity->priority]);
	__set_bit(entity->priority, &queue->occupied);
}

static void throughput_dequeue(void *data, struct bpfsched_entity *entity)
{
	struct throughput_queue *queue = data;

	list_del_init(&entity->list);
	if (list_empty(&queue->fifo[entity->priority]))
		__clear_bit(entity->priority, &queue->occupied);
}

static struct bpfsched_entity *throughput_select(void *data)
{
	struct throughput_queue *queue = data;

	if (!queue->occupied)
		return NULL;
	return list_first_entry(&queue->fifo[__fls(queue->occupied)],
				struct bpfsched_entity, list);
}

/* The newest of the lowest priority that was never started. */
static struct bpfsched_entity *
throughput_last(const struct throughput_queue *queue)
{
	struct bpfsched_entity *last;
	int i;

	for (i = 0; i < BPFSCHED_PRIORITIES; i++) {
		if (list_empty(&queue->fifo[i]))
			continue;
		last = list_last_entry(&queue->fifo[i], struct bpfsched_entity,
				       list);
		if (!last->started)
			return last;
	}
	return NULL;
}

static bool throughput_before(const struct bpfsched_entity *a,
			      const struct bpfsched_entity *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->seq < b->seq;
}

static struct bpfsched_entity *
throughput_victim(void *data, const struct bpfsched_entity *newcomer)
{
	struct bpfsched_entity *last = throughput_last(data);

	return last && throughput_before(newcomer, last) ? last : NULL;
}

const struct bpfsched_policy_ops bpfsched_throughput_policy = {
	.name = "throughput",
	.queue_size = sizeof(struct throughput_queue),
	.init = throughput_init,
	.enqueue = throughput_enqueue,
	.dequeue = throughput_dequeue,
	.start = throughput_dequeue,
	.stop = bpfsched_policy_ignore_stop,
	.charge = bpfsched_policy_ignore_charge,
	.select = throughput_select,
	.victim = throughput_victim,
	.before = throughput_before,
	.share_init = bpfsched_policy_ignore_share,
	.share_set_weight = bpfsched_policy_ignore_share,
	.share_is_settled = bpfsched_policy_forget_share,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_throughput_policy);
