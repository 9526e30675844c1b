// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a queue and on the workers, for people who look into a problem.
 *
 * To go through the queue of the policy would take the lock for as long as the
 * queue is. So the jobs are found by their numbers, a few under each hold of
 * the lock, and sorted afterwards, by the policy's own comparison. They come
 * and go meanwhile: a dump is no snapshot.
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
#include "worker.h"

static void dump_job(struct bpfsched_dumped_job *dumped,
		     const struct bpfsched_job *job)
{
	*dumped = (struct bpfsched_dumped_job) {
		.entity = job->entity,
		.state = job->state,
		.client = job->client->id,
		.id = job->id,
		.release = job->release,
		.released_ns = job->released_ns,
	};
	memcpy(dumped->prog_name, job->prog->name, sizeof(dumped->prog_name));
}

/*
 * Add some jobs of a client, from number *@id on; sets *@id to where to go on.
 * Returns false when there are no more, or no more room.
 */
static bool dump_some(struct bpfsched_client *client, u64 *id,
		      struct bpfsched_dump *dump, u32 room)
{
	struct bpfsched_job *job = NULL;
	int i;

	raw_spin_lock_irq(&client->sched->lock);
	for (i = 0; i < BPFSCHED_LOCK_BATCH && dump->count < room; i++) {
		job = bpfsched_client_find_from(client, *id);
		if (!job)
			break;
		if (job->state != BPFSCHED_JOB_RUNNING)
			dump_job(&dump->jobs[dump->count++], job);
		*id = job->id + 1;
		if (!*id)
			break;
	}
	raw_spin_unlock_irq(&client->sched->lock);
	return job && *id && dump->count < room;
}

static void dump_clients(struct bpfsched *sched, struct bpfsched_dump *dump,
			 u32 room)
{
	struct bpfsched_client *client;
	u64 id;

	mutex_lock(&sched->clients_lock);
	list_for_each_entry(client, &sched->clients, node) {
		id = 0;
		while (dump_some(client, &id, dump, room))
			cond_resched();
	}
	mutex_unlock(&sched->clients_lock);
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
	if (policy->before(&a->entity, &b->entity))
		return -1;
	return policy->before(&b->entity, &a->entity);
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
	struct bpfsched_dump *dump;

	dump = kvmalloc(struct_size(dump, jobs, room), GFP_KERNEL);
	if (!dump)
		return NULL;
	dump->count = 0;
	dump_clients(sched, dump, room);
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
