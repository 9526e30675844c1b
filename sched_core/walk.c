// SPDX-License-Identifier: GPL-2.0
/*
 * A walk of all live jobs, for those who list them.
 *
 * The jobs of a client are found by their numbers, a few under each hold of the
 * lock. They come and go meanwhile: what is found is no snapshot. The walk goes
 * on behind the last number, so that it ends with the highest of all.
 */
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "client.h"
#include "job.h"
#include "scheduler.h"
#include "walk.h"

enum step {
	GO_ON,
	NO_MORE_JOBS,
	NO_MORE_ROOM,
};

static enum step visit_some(struct bpfsched_client *client, u64 *id,
			    bpfsched_visit_t *visit, void *data)
{
	struct bpfsched_job *job;
	enum step step = GO_ON;
	int i;

	raw_spin_lock_irq(&client->sched->lock);
	for (i = 0; i < BPFSCHED_LOCK_BATCH && step == GO_ON; i++) {
		job = bpfsched_client_find_after(client, *id);
		if (!job)
			step = NO_MORE_JOBS;
		else if (!visit(job, data))
			step = NO_MORE_ROOM;
		else
			*id = job->id;
	}
	raw_spin_unlock_irq(&client->sched->lock);
	return step;
}

/**
 * bpfsched_walk_client() - go through the jobs of a client
 * @client: the client
 * @id: begin behind the job of this number; set to the last that was visited
 * @visit: called for each
 * @data: for @visit
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: false if @visit had no room for all, or the caller is being killed.
 */
bool bpfsched_walk_client(struct bpfsched_client *client, u64 *id,
			  bpfsched_visit_t *visit, void *data)
{
	enum step step;

	do {
		step = visit_some(client, id, visit, data);
		cond_resched();
	} while (step == GO_ON && !fatal_signal_pending(current));
	return step == NO_MORE_JOBS;
}

/**
 * bpfsched_walk_jobs() - go through the jobs of all clients that are open
 * @sched: the scheduler
 * @walk: where to begin; set to where it has come to
 * @visit: called for each
 * @data: for @visit
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: as bpfsched_walk_client().
 */
bool bpfsched_walk_jobs(struct bpfsched *sched, struct bpfsched_walk *walk,
			bpfsched_visit_t *visit, void *data)
{
	struct bpfsched_client *client;
	bool all = true;

	if (mutex_lock_killable(&sched->clients_lock))
		return false;
	list_for_each_entry(client, &sched->clients, node) {
		if (client->id < walk->client)
			continue;
		if (client->id > walk->client)
			walk->id = 0;
		walk->client = client->id;
		all = bpfsched_walk_client(client, &walk->id, visit, data);
		if (!all)
			break;
	}
	mutex_unlock(&sched->clients_lock);
	return all;
}
