// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a queue and on the workers, for people who look into a problem.
 *
 * To go through the queue of the policy would take the lock for as long as the
 * queue is. So the jobs are found by their numbers (walk.c), and sorted
 * afterwards, by the policy's own comparison.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "dump.h"
#include "prog.h"
#include "scheduler.h"
#include "user.h"
#include "walk.h"
#include "worker.h"

static void dump_job(struct bpfsched_dumped_job *dumped,
		     const struct bpfsched_job *job)
{
	*dumped = (struct bpfsched_dumped_job) {
		.entity = job->entity,
		.share = job->client->user->share,
		.state = job->state,
		.client = job->client->id,
		.id = job->id,
		.release = job->release,
		.released_ns = job->released_ns,
	};
	memcpy(dumped->prog_name, job->prog->name, sizeof(dumped->prog_name));
}

/**
 * struct collection - where the jobs go that are found
 * @dump: the dump
 * @room: most jobs in it
 */
struct collection {
	struct bpfsched_dump *dump;
	u32 room;
};

static bool collect_job(const struct bpfsched_job *job, void *data)
{
	struct collection *collection = data;
	struct bpfsched_dump *dump = collection->dump;

	if (job->state == BPFSCHED_JOB_RUNNING)
		return true;
	if (dump->count == collection->room)
		return false;
	dump_job(&dump->jobs[dump->count++], job);
	return true;
}

/* Of two jobs that wait for their release. */
static int compare_releases(const struct bpfsched_dumped_job *a,
			    const struct bpfsched_dumped_job *b)
{
	if (a->released_ns != b->released_ns)
		return a->released_ns < b->released_ns ? -1 : 1;
	if (a->client != b->client)
		return a->client < b->client ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* The users may be gone; what was copied of their shares decides. */
static int compare_ranks(const struct bpfsched_policy_ops *policy,
			 const struct bpfsched_dumped_job *a,
			 const struct bpfsched_dumped_job *b)
{
	struct bpfsched_entity first = a->entity, second = b->entity;
	struct bpfsched_share first_share = a->share, second_share = b->share;

	first.share = &first_share;
	second.share = &second_share;
	if (policy->before(&first, &second))
		return -1;
	return policy->before(&second, &first);
}

static int compare_jobs(const void *left, const void *right, const void *data)
{
	const struct bpfsched_policy_ops *policy = data;
	const struct bpfsched_dumped_job *a = left, *b = right;
	bool a_waits = a->state == BPFSCHED_JOB_WAITING;
	bool b_waits = b->state == BPFSCHED_JOB_WAITING;

	/* A full queue takes millions of comparisons, and no lock is held. */
	cond_resched();
	if (a_waits != b_waits)
		return a_waits ? 1 : -1;
	if (a_waits)
		return compare_releases(a, b);
	return compare_ranks(policy, a, b);
}

/**
 * bpfsched_dump_queue() - the jobs that do not run, in order
 * @sched: the scheduler
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: the jobs, to be freed by bpfsched_dump_free(), or NULL if memory ran
 * out. Jobs of clients that have closed are not among them.
 */
struct bpfsched_dump *bpfsched_dump_queue(struct bpfsched *sched)
{
	/* For those that are submitted or paused meanwhile too, within reason. */
	u32 room = READ_ONCE(sched->counters.pending) + sched->limits.workers +
		   BPFSCHED_LOCK_BATCH;
	struct collection collection;
	struct bpfsched_walk walk = {};
	struct bpfsched_dump *dump;

	dump = kvmalloc(struct_size(dump, jobs, room), GFP_KERNEL);
	if (!dump)
		return NULL;
	dump->count = 0;
	collection.dump = dump;
	collection.room = room;
	bpfsched_walk_jobs(sched, &walk, collect_job, &collection);
	sort_r(dump->jobs, dump->count, sizeof(*dump->jobs), compare_jobs, NULL,
	       sched->policy);
	return dump;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_dump_queue);

/**
 * bpfsched_dump_free() - have done with a dump
 * @dump: from bpfsched_dump_queue()
 *
 * Context: process, may sleep.
 */
void bpfsched_dump_free(struct bpfsched_dump *dump)
{
	kvfree(dump);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_dump_free);

/**
 * bpfsched_dump_worker() - what a worker does
 * @worker: the worker
 * @dumped: set
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_dump_worker(struct bpfsched_worker *worker,
			  struct bpfsched_dumped_worker *dumped)
{
	const struct bpfsched_job *job;

	*dumped = (struct bpfsched_dumped_worker) {};
	if (worker->task)
		dumped->thread = task_pid_nr(worker->task);

	raw_spin_lock_irq(&worker->sched->lock);
	job = worker->job;
	if (job) {
		dumped->busy = true;
		dumped->held = worker->held;
		dumped->control = job->control;
		dumped->client = job->client->id;
		dumped->id = job->id;
		dumped->release = job->release;
		dumped->since_ns = worker->since_ns;
		memcpy(dumped->prog_name, job->prog->name,
		       sizeof(dumped->prog_name));
	}
	raw_spin_unlock_irq(&worker->sched->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_dump_worker);
