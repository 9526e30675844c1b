/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is in a queue and on the workers, for people who look into a problem.
 */
#ifndef BPFSCHED_DUMP_H
#define BPFSCHED_DUMP_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "../policies/policy.h"
#include "job.h"

struct bpfsched;
struct bpfsched_worker;

/**
 * struct bpfsched_dumped_job - a job that does not run
 * @entity: a copy of what decides its place; the links mean nothing
 * @share: a copy of the share of its user; the links mean nothing
 * @state: BPFSCHED_JOB_WAITING, _PENDING or _PAUSED
 * @client: number of its client
 * @id: its number
 * @release: number of its release
 * @released_ns: when that is or was due
 * @prog_name: name of its program
 */
struct bpfsched_dumped_job {
	struct bpfsched_entity entity;
	struct bpfsched_share share;
	enum bpfsched_job_state state;
	u64 client;
	u64 id;
	u64 release;
	u64 released_ns;
	char prog_name[BPFSCHED_PROG_NAME_LEN];
};

/**
 * struct bpfsched_dump - the jobs of a scheduler that do not run
 * @count: number of @jobs
 * @jobs: first those in the queue, in the order in which the policy would run
 *	them, then those that wait for their release, by its time
 */
struct bpfsched_dump {
	u32 count;
	struct bpfsched_dumped_job jobs[];
};

/**
 * struct bpfsched_dumped_worker - a worker
 * @thread: its thread id, 0 if it has none
 * @busy: it has a job
 * @held: the job is held, for the system is about to sleep
 * @control: control word of the job, BPFSCHED_CONTROL_*
 * @client: number of the client of the job
 * @id: number of the job
 * @release: number of the release
 * @since_ns: since when the job runs there
 * @prog_name: name of the program of the job
 *
 * All but @thread is 0 unless @busy.
 */
struct bpfsched_dumped_worker {
	pid_t thread;
	bool busy;
	bool held;
	u32 control;
	u64 client;
	u64 id;
	u64 release;
	u64 since_ns;
	char prog_name[BPFSCHED_PROG_NAME_LEN];
};

struct bpfsched_dump *bpfsched_dump_queue(struct bpfsched *sched);
void bpfsched_dump_free(struct bpfsched_dump *dump);
void bpfsched_dump_worker(struct bpfsched_worker *worker,
			  struct bpfsched_dumped_worker *dumped);

#endif /* BPFSCHED_DUMP_H */
