/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk of all live jobs, for those who list them.
 */
#ifndef BPFSCHED_WALK_H
#define BPFSCHED_WALK_H

#include <linux/types.h>

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;

/**
 * struct bpfsched_walk - where a walk has come to
 * @client: number of a client
 * @id: the job of that client that was visited last, 0: none
 */
struct bpfsched_walk {
	u64 client;
	u64 id;
};

/**
 * typedef bpfsched_visit_t - what to do with a job that was found
 * @job: the job
 * @data: for the function
 *
 * Called with the lock of the scheduler held. Returns false if there is no room
 * for it; then the walk ends before this job.
 */
typedef bool bpfsched_visit_t(const struct bpfsched_job *job, void *data);

bool bpfsched_walk_client(struct bpfsched_client *client, u64 *id,
			  bpfsched_visit_t *visit, void *data);
bool bpfsched_walk_jobs(struct bpfsched *sched, struct bpfsched_walk *walk,
			bpfsched_visit_t *visit, void *data);

#endif /* BPFSCHED_WALK_H */
