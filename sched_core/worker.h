/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers: what runs the jobs of a scheduler.
 */
#ifndef BPFSCHED_WORKER_H
#define BPFSCHED_WORKER_H

#include <linux/list.h>
#include <linux/types.h>

struct bpfsched;
struct bpfsched_job;
struct task_struct;

/**
 * struct bpfsched_worker - a worker
 * @sched: its scheduler
 * @task: its thread, NULL if a test steps it
 * @state: state of the engine for the job that runs
 * @job: the job that runs, NULL if none does; guarded by the lock of @sched
 * @idle: in bpfsched.idle, guarded by the lock of @sched
 */
struct bpfsched_worker {
	struct bpfsched *sched;
	struct task_struct *task;
	void *state;
	struct bpfsched_job *job;
	struct list_head idle;
};

int bpfsched_workers_start(struct bpfsched *sched, bool real_time,
			   bool no_threads);
void bpfsched_workers_stop(struct bpfsched *sched);
void bpfsched_workers_wake(struct bpfsched *sched, u32 count);
bool bpfsched_worker_step(struct bpfsched_worker *worker);

#endif /* BPFSCHED_WORKER_H */
