// SPDX-License-Identifier: GPL-2.0
/*
 * What the operations of a policy cost with so many jobs in its queue, and what
 * the kernel's tree alone costs with as many nodes in the same places.
 *
 * The jobs lie in memory as those of a scheduler do, one structure behind the
 * other, and are queued in an order that has nothing to do with that.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "../../../policies/policy.h"
#include "../../../sched_core/job.h"
#include "bench.h"

/* How much is measured at once, so that reading the clock does not matter. */
#define PASSES		4096
#define CANCELS		1024

/* Cancels are measured in portions, which leave most of the queue there. */
#define PORTION		4

/* Deadlines lie in a time like this. */
#define SPREAD_NS	1000000000ULL

static const struct bpfsched_policy_ops *const policies[] = {
	&bpfsched_throughput_policy, &bpfsched_deadline_policy,
};

/*
 * The control, a policy that is no more than the kernel's tree. The key is where
 * the deadline policy has its own, in the same line of the cache as the node.
 */
#define to_entity(n)	rb_entry((n), struct bpfsched_entity, node)

static __always_inline bool control_less(struct rb_node *a,
					 const struct rb_node *b)
{
	return to_entity(a)->rank < to_entity(b)->rank;
}

static void control_init(void *queue, u64 slice_ns)
{
	*(struct rb_root_cached *)queue = RB_ROOT_CACHED;
}

static __always_inline void control_enqueue(void *queue,
					    struct bpfsched_entity *entity)
{
	entity->rank = entity->deadline.absolute_ns;
	rb_add_cached(&entity->node, queue, control_less);
}

static __always_inline void control_dequeue(void *queue,
					    struct bpfsched_entity *entity)
{
	rb_erase_cached(&entity->node, queue);
}

static __always_inline struct bpfsched_entity *control_select(void *queue)
{
	return to_entity(rb_first_cached((struct rb_root_cached *)queue));
}

static const struct bpfsched_policy_ops control = {
	.name = "rbtree",
	.flags = BPFSCHED_POLICY_DEADLINES,
	.queue_size = sizeof(struct rb_root_cached),
	.init = control_init,
	.enqueue = control_enqueue,
	.dequeue = control_dequeue,
	.select = control_select,
};

/**
 * struct queue_bench - a queue with jobs
 * @queue: the queue of a policy
 * @jobs: the jobs
 * @order: the jobs in a random order
 * @size: number of jobs
 * @seed: of random numbers
 * @seq: sequence number of the job that was queued last
 * @steps: random distances of deadlines
 */
struct queue_bench {
	void *queue;
	struct bpfsched_job *jobs;
	struct bpfsched_entity **order;
	u32 size;
	u64 seed;
	u64 seq;
	u64 steps[PASSES];
};

static void set_steps(struct queue_bench *bench)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bench->steps); i++)
		bench->steps[i] = bench_random(&bench->seed) %
				  (2 * SPREAD_NS);
}

/* The first @count of the order become random ones of all. */
static void shuffle(struct queue_bench *bench, u32 count)
{
	u32 i, other;

	for (i = 0; i < count; i++) {
		other = i + bench_random(&bench->seed) % (bench->size - i);
		swap(bench->order[i], bench->order[other]);
	}
}

static void fill(struct queue_bench *bench,
		 const struct bpfsched_policy_ops *policy)
{
	u32 i;

	policy->init(bench->queue, 0);
	for (i = 0; i < bench->size; i++)
		bench->order[i] = &bench->jobs[i].entity;
	shuffle(bench, bench->size);
	for (i = 0; i < bench->size; i++) {
		struct bpfsched_entity *entity = bench->order[i];

		entity->seq = ++bench->seq;
		entity->priority = bench_random(&bench->seed) %
				   BPFSCHED_PRIORITIES;
		entity->has_deadline =
			policy->flags & BPFSCHED_POLICY_DEADLINES;
		entity->deadline.absolute_ns =
			bench_random(&bench->seed) % SPREAD_NS;
		policy->enqueue(bench->queue, entity);
		cond_resched();
	}
}

/*
 * The first leaves the queue, as when it is started, and another one comes in:
 * the same structure with a deadline that is later by a random distance, so
 * that the queue keeps its size and its shape.
 */
static __always_inline u64 time_passes(struct queue_bench *bench,
				       const struct bpfsched_policy_ops *policy)
{
	struct bpfsched_entity *entity;
	u64 start_ns;
	u32 i;

	set_steps(bench);
	start_ns = ktime_get_ns();
	for (i = 0; i < PASSES; i++) {
		entity = policy->select(bench->queue);
		policy->dequeue(bench->queue, entity);
		entity->seq = ++bench->seq;
		entity->deadline.absolute_ns += bench->steps[i];
		policy->enqueue(bench->queue, entity);
	}
	return ktime_get_ns() - start_ns;
}

static __always_inline u64
time_portion(struct queue_bench *bench,
	     const struct bpfsched_policy_ops *policy, u32 count)
{
	u64 start_ns;
	u32 i;

	shuffle(bench, count);
	start_ns = ktime_get_ns();
	for (i = 0; i < count; i++)
		policy->dequeue(bench->queue, bench->order[i]);
	start_ns = ktime_get_ns() - start_ns;
	for (i = 0; i < count; i++) {
		bench->order[i]->seq = ++bench->seq;
		policy->enqueue(bench->queue, bench->order[i]);
	}
	return start_ns;
}

/* What it costs to measure nothing so many times. */
static u64 time_nothing(u32 count)
{
	u64 start_ns, sum_ns = 0;

	while (count--) {
		start_ns = ktime_get_ns();
		barrier();
		sum_ns += ktime_get_ns() - start_ns;
	}
	return sum_ns;
}

/* Jobs of anywhere leave the queue; some at a time, the rest stays there. */
static __always_inline u64
time_cancels(struct queue_bench *bench, const struct bpfsched_policy_ops *policy)
{
	u32 portion = min_t(u32, CANCELS, max_t(u32, 1, bench->size / PORTION));
	u64 sum_ns = 0, nothing_ns;
	u32 i;

	for (i = 0; i < CANCELS; i += portion)
		sum_ns += time_portion(bench, policy, portion);
	nothing_ns = time_nothing(DIV_ROUND_UP(CANCELS, portion));
	sum_ns -= min(sum_ns, nothing_ns);
	/* The last portion may go beyond. */
	return div_u64(sum_ns * CANCELS, i);
}

static u64 time_policy(struct queue_bench *bench,
		       const struct bpfsched_policy_ops *policy, bool pass)
{
	fill(bench, policy);
	return pass ? time_passes(bench, policy) : time_cancels(bench, policy);
}

/* Not called through the table: the compiler sees what it calls. */
static u64 time_control(struct queue_bench *bench, bool pass)
{
	fill(bench, &control);
	return pass ? time_passes(bench, &control) :
		      time_cancels(bench, &control);
}

/*
 * The jobs go from one queue to the other, so that each has the caches to
 * itself, and get the same keys in the same order.
 */
static int run_rounds(struct queue_bench *bench, struct bench_queue *request,
		      const struct bpfsched_policy_ops *policy, u64 *times)
{
	bool pass = request->operation == BENCH_QUEUE_PASS;
	u32 round;

	request->ops = pass ? PASSES : CANCELS;
	for (round = 0; round < request->rounds; round++) {
		bench->seed = round + 1;
		*times++ = time_policy(bench, policy, pass);
		bench->seed = round + 1;
		*times++ = request->control ? time_control(bench, pass) : 0;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int bench_policy(struct bench_queue *request,
			const struct bpfsched_policy_ops *policy, u64 *times)
{
	size_t queue_size = max(policy->queue_size, control.queue_size);
	struct queue_bench *bench;
	int err = -ENOMEM;

	bench = kvzalloc(sizeof(*bench), GFP_KERNEL);
	if (!bench)
		return -ENOMEM;
	bench->size = request->size;
	bench->queue = kvzalloc(queue_size, GFP_KERNEL);
	bench->jobs = kvcalloc(request->size, sizeof(*bench->jobs), GFP_KERNEL);
	bench->order = kvcalloc(request->size, sizeof(*bench->order),
				GFP_KERNEL);
	if (bench->queue && bench->jobs && bench->order)
		err = run_rounds(bench, request, policy, times);
	kvfree(bench->order);
	kvfree(bench->jobs);
	kvfree(bench->queue);
	kvfree(bench);
	return err;
}

static const struct bpfsched_policy_ops *find_policy(struct bench_queue *request)
{
	size_t i;

	request->policy[sizeof(request->policy) - 1] = '\0';
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		if (!strcmp(policies[i]->name, request->policy))
			return policies[i];
	}
	return NULL;
}

/**
 * bench_queue() - measure operations on a queue of a size
 * @request: which; the results are set
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
long bench_queue(struct bench_queue *request)
{
	const struct bpfsched_policy_ops *policy = find_policy(request);
	u64 *times;
	long err;

	if (!policy || !request->rounds || !request->size ||
	    request->rounds > BENCH_ROUNDS_MAX ||
	    request->size > BENCH_SIZE_MAX ||
	    request->operation > BENCH_CORE_CANCEL || request->pad ||
	    (request->control && request->operation >= BENCH_CORE_PASS))
		return -EINVAL;
	times = kvcalloc(request->rounds, 2 * sizeof(*times), GFP_KERNEL);
	if (!times)
		return -ENOMEM;
	if (request->operation >= BENCH_CORE_PASS)
		err = bench_core(request, policy, times);
	else
		err = bench_policy(request, policy, times);
	if (!err && copy_to_user(u64_to_user_ptr(request->times), times,
				 request->rounds * 2 * sizeof(*times)))
		err = -EFAULT;
	kvfree(times);
	return err;
}
