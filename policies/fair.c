// SPDX-License-Identifier: GPL-2.0
/*
 * The fair policy: the workers' time is divided between users in proportion to
 * their weights, and the time of a user between its priorities. A job that
 * used up its slice makes way.
 *
 * The method is start-time fair queueing (Goyal, Vin, Cheng, "Start-time fair
 * queueing: a scheduling algorithm for integrated services packet switching
 * networks", 1996), for several servers SFQ(D) (Jin, Chase, Kaur, "Interposed
 * proportional sharing for a storage service utility", 2004).
 *
 *  - A share (a user) has a virtual time: the time that it has had, divided by
 *    its weight. The share with the lowest virtual time is the next to run.
 *  - How long a job will run is not known, so a whole slice is charged when it
 *    starts, and corrected when it stops. So several workers do not all take
 *    jobs of one share.
 *  - The clock of the queue is the virtual time of the share that was started
 *    last. A share that comes back after it had nothing in the queue begins at
 *    the clock, or at its own virtual time if that is later: who was away, or
 *    had too few jobs for its part of the workers, neither has saved up time,
 *    nor lost what it owes.
 *
 * Within a share the priorities are divided in the same way, with weights of
 * 1, 2, 4 and 8. Within a priority jobs run in the order of submission; a job
 * that was started goes on before one that was not. So a share has no more
 * started jobs than workers for each priority.
 *
 * With D workers, slices of q and two shares f and g that have enough jobs for
 * all workers, in any interval
 *
 *	| time(f) / weight(f) - time(g) / weight(g) |
 *		<= (D + 1) * (q / weight(f) + q / weight(g)),
 *
 * where q is a slice and the way to the next safe point. The share with the
 * lowest virtual time has to wait until each other share has been started once
 * at most, as a start takes that share past it.
 *
 * Who is dropped when the queue is full: the share is looked for that would be
 * the last to come to its end if each entity in the queue took a slice, and if
 * the newcomer were there too. So a share that floods the queue is the one that
 * gives way, and one that is in the queue with little does not, even if it has
 * just had its turn.
 */
#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include <uapi/linux/bpfsched.h>

#include <bpfsched/visibility.h>

#include "policy.h"

#define to_share(n)	rb_entry((n), struct bpfsched_share, node)
#define end_to_share(n)	rb_entry((n), struct bpfsched_share, end_node)

/*
 * Most that a share can owe when it comes back. Nobody owes as much: it is ten
 * seconds of the lowest weight. It bounds the harm if a share was away so long
 * that the difference of two virtual times does not fit into 63 bits.
 */
#define DEBT_MAX	(10ULL * NSEC_PER_SEC * BPFSCHED_WEIGHT_DEFAULT)

/**
 * struct fair_queue - guarded by the lock of the scheduler
 * @shares: the shares that have entities in the queue, by virtual time
 * @ends: those that have some which were never started, by the time at which
 *	they would have run all that they have
 * @vtime: virtual time of the share that was started last; never goes back
 * @slice_ns: what is charged for a start
 * @next_seq: number of the next place
 * @running: entities that run
 *
 * A virtual time is in nanoseconds of BPFSCHED_WEIGHT_DEFAULT, and that of a
 * class in those of the highest priority. It wraps: only differences are
 * compared.
 */
struct fair_queue {
	struct rb_root_cached shares;
	struct rb_root ends;
	u64 vtime;
	u64 slice_ns;
	u64 next_seq;
	u32 running;
};

static bool is_earlier(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* At least 1, so that every start takes a share on. */
static u64 share_time(u64 ran_ns, u32 weight)
{
	return max_t(u64, 1, mul_u64_u32_div(ran_ns, BPFSCHED_WEIGHT_DEFAULT,
					     weight));
}

static u64 class_time(u64 ran_ns, u8 priority)
{
	return max_t(u64, 1, ran_ns << (BPFSCHED_PRIORITIES - 1 - priority));
}

static bool share_before(struct rb_node *a, const struct rb_node *b)
{
	const struct bpfsched_share *first = to_share(a);
	const struct bpfsched_share *second = to_share(b);

	if (first->vtime != second->vtime)
		return is_earlier(first->vtime, second->vtime);
	return first->seq < second->seq;
}

static void place_share(struct fair_queue *queue, struct bpfsched_share *share)
{
	share->seq = queue->next_seq++;
	rb_add_cached(&share->node, &queue->shares, share_before);
}

static void take_share(struct fair_queue *queue, struct bpfsched_share *share)
{
	rb_erase_cached(&share->node, &queue->shares);
}

static bool ends_before(struct rb_node *a, const struct rb_node *b)
{
	const struct bpfsched_share *first = end_to_share(a);
	const struct bpfsched_share *second = end_to_share(b);

	if (first->end_vtime != second->end_vtime)
		return is_earlier(first->end_vtime, second->end_vtime);
	return first->seq < second->seq;
}

/* When a share would have run all that it has, with so many in the queue. */
static u64 end_of(const struct bpfsched_share *share, u64 vtime, u32 queued)
{
	return vtime + queued * share->slice_vtime;
}

/* Take a share from the ends before anything changes that its end depends on. */
static void leave_ends(struct fair_queue *queue, struct bpfsched_share *share)
{
	if (RB_EMPTY_NODE(&share->end_node))
		return;
	rb_erase(&share->end_node, &queue->ends);
	RB_CLEAR_NODE(&share->end_node);
}

static void enter_ends(struct fair_queue *queue, struct bpfsched_share *share)
{
	if (!share->fresh)
		return;
	share->end_vtime = end_of(share, share->vtime, share->queued);
	rb_add(&share->end_node, &queue->ends, ends_before);
}

/* Where a virtual time goes on after it was away from a clock. */
static u64 come_back(u64 vtime, u64 clock)
{
	if (!is_earlier(clock, vtime))
		return clock;
	return clock + min(vtime - clock, DEBT_MAX);
}

static void fair_init(void *data, u64 slice_ns)
{
	struct fair_queue *queue = data;

	queue->shares = RB_ROOT_CACHED;
	queue->ends = RB_ROOT;
	queue->slice_ns = slice_ns;
}

static void fair_enqueue(void *data, struct bpfsched_entity *entity)
{
	struct bpfsched_share *share = entity->share;
	struct bpfsched_share_class *class = &share->classes[entity->priority];
	struct fair_queue *queue = data;

	leave_ends(queue, share);
	/* Who only runs may have fewer jobs than its part of the workers. */
	if (!share->queued)
		share->vtime = come_back(share->vtime, queue->vtime);
	if (list_empty(&class->fifo))
		class->vtime = come_back(class->vtime, share->class_vtime);
	if (entity->started)
		list_add(&entity->list, &class->fifo);
	else
		list_add_tail(&entity->list, &class->fifo);
	share->fresh += !entity->started;
	if (!share->queued++)
		place_share(queue, share);
	enter_ends(queue, share);
}

static void fair_dequeue(void *data, struct bpfsched_entity *entity)
{
	struct bpfsched_share *share = entity->share;

	leave_ends(data, share);
	list_del_init(&entity->list);
	share->fresh -= !entity->started;
	if (!--share->queued)
		take_share(data, share);
	enter_ends(data, share);
}

static void fair_start(void *data, struct bpfsched_entity *entity)
{
	struct bpfsched_share *share = entity->share;
	struct bpfsched_share_class *class = &share->classes[entity->priority];
	struct fair_queue *queue = data;

	if (is_earlier(queue->vtime, share->vtime))
		queue->vtime = share->vtime;
	if (is_earlier(share->class_vtime, class->vtime))
		share->class_vtime = class->vtime;

	take_share(queue, share);
	leave_ends(queue, share);
	list_del_init(&entity->list);
	share->queued--;
	share->fresh -= !entity->started;
	entity->rank = share->slice_vtime;
	share->vtime += entity->rank;
	class->vtime += class_time(queue->slice_ns, entity->priority);
	share->running++;
	class->running++;
	queue->running++;
	if (share->queued)
		place_share(queue, share);
	enter_ends(queue, share);
}

/* The virtual time of a share goes on, or back if too much was charged. */
static void move_share(struct fair_queue *queue, struct bpfsched_share *share,
		       u64 by)
{
	leave_ends(queue, share);
	if (share->queued)
		take_share(queue, share);
	share->vtime += by;
	if (share->queued)
		place_share(queue, share);
	/* Nobody is left who could be treated unfairly. */
	else if (!queue->running && RB_EMPTY_ROOT(&queue->shares.rb_root) &&
		 is_earlier(queue->vtime, share->vtime))
		queue->vtime = share->vtime;
	enter_ends(queue, share);
}

static void fair_stop(void *data, struct bpfsched_entity *entity, u64 ran_ns)
{
	struct bpfsched_share *share = entity->share;
	struct bpfsched_share_class *class = &share->classes[entity->priority];
	struct fair_queue *queue = data;

	class->vtime += class_time(ran_ns, entity->priority) -
			class_time(queue->slice_ns, entity->priority);
	share->running--;
	class->running--;
	queue->running--;
	move_share(queue, share,
		   share_time(ran_ns, share->weight) - entity->rank);
}

static void fair_charge(void *data, struct bpfsched_share *share, u8 priority,
			u64 ns)
{
	share->classes[priority].vtime += class_time(ns, priority);
	move_share(data, share, share_time(ns, share->weight));
}

static struct bpfsched_entity *fair_select(void *data)
{
	struct fair_queue *queue = data;
	struct bpfsched_share_class *class, *first = NULL;
	struct rb_node *node = rb_first_cached(&queue->shares);
	int i;

	if (!node)
		return NULL;
	/* Of equals the higher priority. */
	for (i = BPFSCHED_PRIORITIES - 1; i >= 0; i--) {
		class = &to_share(node)->classes[i];
		if (list_empty(&class->fifo))
			continue;
		if (!first || is_earlier(class->vtime, first->vtime))
			first = class;
	}
	return list_first_entry(&first->fifo, struct bpfsched_entity, list);
}

/* The newest of the lowest priority that was never started. */
static struct bpfsched_entity *last_of_share(struct bpfsched_share *share)
{
	struct bpfsched_entity *last;
	int i;

	for (i = 0; i < BPFSCHED_PRIORITIES; i++) {
		if (list_empty(&share->classes[i].fifo))
			continue;
		last = list_last_entry(&share->classes[i].fifo,
				       struct bpfsched_entity, list);
		if (!last->started)
			return last;
	}
	return NULL;
}

static bool fair_before(const struct bpfsched_entity *a,
			const struct bpfsched_entity *b)
{
	const struct bpfsched_share *first = a->share, *second = b->share;
	u64 vtime_a = READ_ONCE(first->vtime), vtime_b = READ_ONCE(second->vtime);

	if (first != second && vtime_a != vtime_b)
		return is_earlier(vtime_a, vtime_b);
	if (first != second && first->seq != second->seq)
		return first->seq < second->seq;
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->started != b->started)
		return a->started;
	return a->seq < b->seq;
}

/* Whether a share would be the last to come to its end with one more entity. */
static bool would_end_last(const struct fair_queue *queue,
			   const struct bpfsched_share *share,
			   const struct bpfsched_share *last)
{
	u64 vtime = share->queued ? share->vtime :
				    come_back(share->vtime, queue->vtime);

	return !is_earlier(end_of(share, vtime, share->queued + 1),
			   last->end_vtime);
}

static struct bpfsched_entity *
fair_victim(void *data, const struct bpfsched_entity *newcomer)
{
	struct fair_queue *queue = data;
	struct rb_node *node = rb_last(&queue->ends);
	struct bpfsched_entity *last;

	if (!node)
		return NULL;
	if (!would_end_last(queue, newcomer->share, end_to_share(node)))
		return last_of_share(end_to_share(node));
	last = last_of_share(newcomer->share);
	return last && fair_before(newcomer, last) ? last : NULL;
}

static void fair_share_set_weight(void *data, struct bpfsched_share *share,
				  u32 weight)
{
	const struct fair_queue *queue = data;

	leave_ends(data, share);
	share->weight = weight;
	share->slice_vtime = share_time(queue->slice_ns, weight);
	enter_ends(data, share);
}

static void fair_share_init(void *data, struct bpfsched_share *share,
			    u32 weight)
{
	struct fair_queue *queue = data;
	int i;

	RB_CLEAR_NODE(&share->node);
	RB_CLEAR_NODE(&share->end_node);
	share->vtime = queue->vtime;
	fair_share_set_weight(queue, share, weight);
	for (i = 0; i < BPFSCHED_PRIORITIES; i++)
		INIT_LIST_HEAD(&share->classes[i].fifo);
}

static bool fair_share_is_settled(void *data,
				  const struct bpfsched_share *share)
{
	const struct fair_queue *queue = data;

	return !is_earlier(queue->vtime, share->vtime);
}

const struct bpfsched_policy_ops bpfsched_fair_policy = {
	.name = "fair",
	.flags = BPFSCHED_POLICY_SLICES,
	.queue_size = sizeof(struct fair_queue),
	.init = fair_init,
	.enqueue = fair_enqueue,
	.dequeue = fair_dequeue,
	.start = fair_start,
	.stop = fair_stop,
	.charge = fair_charge,
	.select = fair_select,
	.victim = fair_victim,
	.before = fair_before,
	.share_init = fair_share_init,
	.share_set_weight = fair_share_set_weight,
	.share_is_settled = fair_share_is_settled,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_fair_policy);
