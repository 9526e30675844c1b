/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers: what runs the jobs of a scheduler.
 */
#ifndef BPFSCHED_WORKER_H
#define BPFSCHED_WORKER_H

#include <linux/list.h>
#include <linux/types.h>

#include "events.h"

struct bpfsched;
struct bpfsched_entity;
struct bpfsched_job;
struct bpfsched_params;
struct task_struct;

/**
 * struct bpfsched_worker - a worker
 * @sched: its scheduler
 * @task: its thread, NULL if a test steps it
 * @state: state of the engine for a job that has none of its own
 * @job: the job that runs, NULL if none does; guarded by the lock of @sched
 * @held: @job is held, for the system sleeps or is about to; guarded by the
 *	lock
 * @since_ns: since when @job runs; guarded by the lock
 * @event: the time of @job is up, by its budget or its declaration; guarded by
 *	the lock
 * @idle: in bpfsched.idle, guarded by the lock
 */
struct bpfsched_worker {
	struct bpfsched *sched;
	struct task_struct *task;
	void *state;
	struct bpfsched_job *job;
	bool held;
	u64 since_ns;
	struct bpfsched_event event;
	struct list_head idle;
};

int bpfsched_workers_start(struct bpfsched *sched,
			   const struct bpfsched_params *params);
void bpfsched_workers_stop(struct bpfsched *sched);
void bpfsched_workers_offer(struct bpfsched *sched,
			    const struct bpfsched_entity *entity);
void bpfsched_workers_resume(struct bpfsched *sched);
void bpfsched_workers_hold(struct bpfsched *sched);
void bpfsched_workers_release(struct bpfsched *sched);
void bpfsched_workers_stopping(struct bpfsched *sched,
			       const struct bpfsched_job *job);
bool bpfsched_worker_step(struct bpfsched_worker *worker);

#endif /* BPFSCHED_WORKER_H */
