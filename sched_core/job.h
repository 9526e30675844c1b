/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A job: one accepted request to run a program, and its life.
 */
#ifndef BPFSCHED_JOB_H
#define BPFSCHED_JOB_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/timerqueue.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"
#include "../policies/policy.h"

struct bpfsched;
struct bpfsched_client;
struct bpfsched_prog;
struct bpfsched_slot;
struct bpfsched_worker;

/**
 * enum bpfsched_job_state - where a job is in its life
 * @BPFSCHED_JOB_NEW: being made; belongs to the submitter
 * @BPFSCHED_JOB_PENDING: in the queue of the policy; belongs to the scheduler
 * @BPFSCHED_JOB_RUNNING: on a worker; belongs to that worker
 * @BPFSCHED_JOB_ENDED: has its completion; belongs to whoever ended it, to be
 *	passed to bpfsched_job_reap()
 */
enum bpfsched_job_state {
	BPFSCHED_JOB_NEW,
	BPFSCHED_JOB_PENDING,
	BPFSCHED_JOB_RUNNING,
	BPFSCHED_JOB_ENDED,
};

/**
 * struct bpfsched_job - a job
 * @entity: what the policy sees; guarded by the lock of the scheduler
 * @event: deadline in bpfsched.events; guarded by the lock
 * @by_id: place in bpfsched_client.jobs while the job is pending or running;
 *	guarded by the lock
 * @link: in the list of free slots of the pool (guarded by the lock), or in a
 *	list of ended jobs that belongs to whoever ended them
 * @state: guarded by the lock
 * @missed: the deadline has passed and was counted; guarded by the lock
 * @control: BPFSCHED_CONTROL_*; written under the lock, read by the engine
 * @client: the client, held
 * @prog: the program, held
 * @slot: where the completion goes; NULL once it has gone
 * @context: the context bytes; NULL once they have gone with the completion
 * @context_len: number of them
 * @own_context: room for a context that belongs to the slot of the pool
 * @pooled: the job is a slot of the pool
 * @return_context: the context bytes go with the completion
 * @id: number among the client's live jobs
 * @user_data: as submitted
 * @budget_insns: most instructions it may execute
 * @submitted_ns: when it was submitted
 * @started_ns: when it was started
 * @start_seq: sequence number of the start
 *
 * What names no guard is written by the submitter before the job is pending,
 * or by the owner that enum bpfsched_job_state names.
 */
struct bpfsched_job {
	struct bpfsched_entity entity;
	struct timerqueue_node event;
	struct rb_node by_id;
	struct list_head link;
	enum bpfsched_job_state state;
	bool missed;
	u32 control;

	struct bpfsched_client *client;
	struct bpfsched_prog *prog;
	struct bpfsched_slot *slot;
	void *context;
	u32 context_len;
	void *own_context;
	bool pooled;
	bool return_context;
	u64 id;
	u64 user_data;
	u64 budget_insns;
	u64 submitted_ns;
	u64 started_ns;
	u64 start_seq;
};

struct bpfsched_job *bpfsched_job_new(struct bpfsched_client *client,
				      struct bpfsched_prog *prog,
				      const struct bpfsched_job_desc *desc,
				      u64 now_ns);
void bpfsched_job_free(struct bpfsched_job *job);

void bpfsched_job_enqueue(struct bpfsched_job *job);
void bpfsched_job_start(struct bpfsched_job *job);
void bpfsched_job_miss(struct bpfsched_job *job);
void bpfsched_job_end(struct bpfsched_job *job, u32 status,
		      const struct bpfsched_result *result);
void bpfsched_job_reap(struct bpfsched_job *job);

#endif /* BPFSCHED_JOB_H */
