/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers: what runs the jobs of a scheduler.
 */
#ifndef BPFSCHED_WORKER_H
#define BPFSCHED_WORKER_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "timers.h"

struct bpfsched;
struct bpfsched_job;
struct bpfsched_params;
struct bpfsched_user;
struct task_struct;

/**
 * struct bpfsched_worker - a worker
 * @sched: its scheduler
 * @task: its thread, NULL if a test steps it
 * @job: the job that runs, NULL if none does; guarded by the lock of @sched
 * @held: @job is held, for the system sleeps or is about to; guarded by the
 *	lock
 * @since_ns: since when @job runs; guarded by the lock
 * @ran_ns: time until then since the policy started @job; guarded by the lock
 * @payer: user of the job that it had before, until that has been charged for
 *	what came after its run, NULL: nobody is; guarded by the lock
 * @payer_priority: priority of that job; guarded by the lock
 * @free_ns: when that run ended; guarded by the lock
 * @slice_end_ns: when its slice is over, U64_MAX: never; guarded by the lock
 * @timer: the time of @job is up, by its budget, its declaration or its slice;
 *	guarded by the lock
 * @idle: in bpfsched.idle, guarded by the lock
 * @by_rank: in bpfsched.running while @job may be told to make way; guarded by
 *	the lock
 */
struct bpfsched_worker {
	struct bpfsched *sched;
	struct task_struct *task;
	struct bpfsched_job *job;
	bool held;
	u64 since_ns;
	u64 ran_ns;
	struct bpfsched_user *payer;
	u8 payer_priority;
	u64 free_ns;
	u64 slice_end_ns;
	struct bpfsched_timer timer;
	struct list_head idle;
	struct rb_node by_rank;
};

int bpfsched_workers_start(struct bpfsched *sched,
			   const struct bpfsched_params *params);
void bpfsched_workers_stop(struct bpfsched *sched);
bool bpfsched_worker_step(struct bpfsched_worker *worker);

#endif /* BPFSCHED_WORKER_H */
