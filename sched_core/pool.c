// SPDX-License-Identifier: GPL-2.0
/*
 * Job slots: from a pool that was made with the scheduler, so that a
 * submission does not depend on free memory, or from the heap.
 *
 * A pool has a slot for each job that can be pending or running, and some for
 * jobs that are being made. A user who is limited has no more than half of
 * them. When the pool is empty, or that user has its half, the heap serves, in
 * the submitter's own call.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "client.h"
#include "job.h"
#include "pool.h"
#include "scheduler.h"
#include "user.h"

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

/* Job slots of the pool of a scheduler. */
static u32 pool_size(const struct bpfsched *sched)
{
	return sched->limits.capacity + sched->limits.workers + IN_THE_MAKING;
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
	struct bpfsched_pool *pool = &sched->pool;
	size_t count = pool_size(sched);
	size_t i;

	pool->jobs = kvcalloc(count, sizeof(*pool->jobs), GFP_KERNEL_ACCOUNT);
	pool->contexts = kvcalloc(count, limits->max_context,
				  GFP_KERNEL_ACCOUNT);
	if (!pool->jobs || !pool->contexts)
		return -ENOMEM;

	for (i = 0; i < count; i++) {
		struct bpfsched_job *job = &pool->jobs[i];

		job->pooled = true;
		job->own_context = pool->contexts + i * limits->max_context;
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
	kvfree(sched->pool.contexts);
	kvfree(sched->pool.jobs);
}

static struct bpfsched_job *take_slot(struct bpfsched_client *client)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_user *user = client->user;
	struct bpfsched_job *job = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&sched->lock, flags);
	if (client->unlimited || user->pooled < pool_size(sched) / 2)
		job = list_first_entry_or_null(&sched->pool.free,
					       struct bpfsched_job, link);
	if (job) {
		list_del(&job->link);
		user->pooled++;
	}
	raw_spin_unlock_irqrestore(&sched->lock, flags);
	return job;
}

/**
 * bpfsched_pool_get() - take a job slot
 * @client: who submits the job
 * @gfp: how to allocate one if the pool has none for it
 *
 * Context: as @gfp allows; takes the lock of the scheduler.
 * Return: the slot, all zero but for what describes the slot itself; NULL if
 * memory ran out.
 */
struct bpfsched_job *bpfsched_pool_get(struct bpfsched_client *client,
				       gfp_t gfp)
{
	struct bpfsched_job *job = NULL;
	void *own_context;

	if (client->sched->pool.jobs)
		job = take_slot(client);
	if (!job)
		return kmem_cache_zalloc(job_cache, gfp);

	own_context = job->own_context;
	*job = (struct bpfsched_job) {
		.pooled = true,
		.own_context = own_context,
	};
	return job;
}

/**
 * bpfsched_pool_put() - give a job slot back
 * @client: who has submitted the job
 * @job: the slot
 *
 * Context: process or softirq; takes the lock of the scheduler.
 */
void bpfsched_pool_put(struct bpfsched_client *client,
		       struct bpfsched_job *job)
{
	struct bpfsched *sched = client->sched;
	unsigned long flags;

	if (!job->pooled) {
		kmem_cache_free(job_cache, job);
		return;
	}
	raw_spin_lock_irqsave(&sched->lock, flags);
	list_add(&job->link, &sched->pool.free);
	client->user->pooled--;
	raw_spin_unlock_irqrestore(&sched->lock, flags);
}
