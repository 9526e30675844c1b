// SPDX-License-Identifier: GPL-2.0
/*
 * Job slots: from a pool that was made with the scheduler, so that a
 * submission does not depend on free memory, or from the heap.
 *
 * A pool has a slot for each job that can be pending or running, and some for
 * jobs that are being made. When more are being made at once it can run dry;
 * then the heap serves, in the submitter's own call.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "job.h"
#include "pool.h"
#include "scheduler.h"

/* Slots of a pool for jobs that are being made. */
#define IN_THE_MAKING	32

static struct kmem_cache *job_cache;

/**
 * bpfsched_job_cache_init() - prepare for jobs from the heap, once
 *
 * Context: module initialization.
 * Return: 0 or -ENOMEM.
 */
int bpfsched_job_cache_init(void)
{
	job_cache = KMEM_CACHE(bpfsched_job, SLAB_ACCOUNT);
	return job_cache ? 0 : -ENOMEM;
}

/**
 * bpfsched_job_cache_exit() - undo bpfsched_job_cache_init()
 *
 * Context: module exit; no job is left.
 */
void bpfsched_job_cache_exit(void)
{
	kmem_cache_destroy(job_cache);
}

/* Aligned for any structure. */
static size_t pooled_exec_size(const struct bpfsched *sched)
{
	if (!(sched->policy->flags & BPFSCHED_POLICY_PREEMPTIVE))
		return 0;
	return ALIGN(sched->engine->state_size, ARCH_KMALLOC_MINALIGN);
}

/**
 * bpfsched_pool_init() - make the pool of a scheduler
 * @sched: the scheduler, with its limits set and a pool that is all zero
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; then bpfsched_pool_exit() is still to be called.
 */
int bpfsched_pool_init(struct bpfsched *sched)
{
	const struct bpfsched_limits *limits = &sched->limits;
	size_t count = (size_t)limits->capacity + limits->workers + IN_THE_MAKING;
	struct bpfsched_pool *pool = &sched->pool;
	size_t exec_size = pooled_exec_size(sched);
	size_t i;

	pool->jobs = kvcalloc(count, sizeof(*pool->jobs), GFP_KERNEL_ACCOUNT);
	pool->contexts = kvcalloc(count, limits->max_context,
				  GFP_KERNEL_ACCOUNT);
	pool->execs = kvcalloc(count, exec_size, GFP_KERNEL_ACCOUNT);
	if (!pool->jobs || !pool->contexts || (exec_size && !pool->execs))
		return -ENOMEM;

	for (i = 0; i < count; i++) {
		struct bpfsched_job *job = &pool->jobs[i];

		job->pooled = true;
		job->own_context = pool->contexts + i * limits->max_context;
		if (exec_size)
			job->own_exec = pool->execs + i * exec_size;
		list_add(&job->link, &pool->free);
	}
	return 0;
}

/**
 * bpfsched_pool_exit() - free the pool of a scheduler
 * @sched: the scheduler; none of its jobs is left
 *
 * Context: process, may sleep.
 */
void bpfsched_pool_exit(struct bpfsched *sched)
{
	kvfree(sched->pool.execs);
	kvfree(sched->pool.contexts);
	kvfree(sched->pool.jobs);
}

/**
 * bpfsched_pool_get() - take a job slot
 * @sched: the scheduler
 * @gfp: how to allocate one if the pool has none
 *
 * Context: as @gfp allows; takes the lock of the scheduler.
 * Return: the slot, all zero but for what describes the slot itself; NULL if
 * memory ran out.
 */
struct bpfsched_job *bpfsched_pool_get(struct bpfsched *sched, gfp_t gfp)
{
	struct bpfsched_job *job = NULL;
	void *own_context, *own_exec;
	unsigned long flags;

	if (sched->pool.jobs) {
		raw_spin_lock_irqsave(&sched->lock, flags);
		job = list_first_entry_or_null(&sched->pool.free,
					       struct bpfsched_job, link);
		if (job)
			list_del(&job->link);
		raw_spin_unlock_irqrestore(&sched->lock, flags);
	}
	if (!job)
		return kmem_cache_zalloc(job_cache, gfp);

	own_context = job->own_context;
	own_exec = job->own_exec;
	*job = (struct bpfsched_job) {
		.pooled = true,
		.own_context = own_context,
		.own_exec = own_exec,
	};
	return job;
}

/**
 * bpfsched_pool_put() - give a job slot back
 * @sched: the scheduler
 * @job: the slot
 *
 * Context: process or softirq; takes the lock of the scheduler.
 */
void bpfsched_pool_put(struct bpfsched *sched, struct bpfsched_job *job)
{
	unsigned long flags;

	if (!job->pooled) {
		kmem_cache_free(job_cache, job);
		return;
	}
	raw_spin_lock_irqsave(&sched->lock, flags);
	list_add(&job->link, &sched->pool.free);
	raw_spin_unlock_irqrestore(&sched->lock, flags);
}
