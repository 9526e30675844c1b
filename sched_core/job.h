/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A job: one accepted request to run a program, once or periodically, and its
 * life.
 */
#ifndef BPFSCHED_JOB_H
#define BPFSCHED_JOB_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"
#include "../policies/policy.h"
#include "timers.h"

struct bpfsched;
struct bpfsched_client;
struct bpfsched_copies;
struct bpfsched_prog;
struct bpfsched_worker;

/**
 * enum bpfsched_job_state - where a job is in its life
 * @BPFSCHED_JOB_NEW: being made; belongs to the submitter
 * @BPFSCHED_JOB_WAITING: for its release; belongs to the scheduler
 * @BPFSCHED_JOB_PENDING: in the queue of the policy; belongs to the scheduler
 * @BPFSCHED_JOB_RUNNING: on a worker; belongs to that worker
 * @BPFSCHED_JOB_PAUSED: made way for another job, in the queue of the policy;
 *	belongs to the scheduler
 * @BPFSCHED_JOB_ENDED: has its last completion; in bpfsched_deferred.ended
 */
enum bpfsched_job_state {
	BPFSCHED_JOB_NEW,
	BPFSCHED_JOB_WAITING,
	BPFSCHED_JOB_PENDING,
	BPFSCHED_JOB_RUNNING,
	BPFSCHED_JOB_PAUSED,
	BPFSCHED_JOB_ENDED,
};

/**
 * struct bpfsched_timing - when a job is to run
 * @start_ns: its first release
 * @deadline_ns: distance of the deadline from the release, U64_MAX: none
 * @period_ns: distance of two releases, 0: there is one only
 * @count: number of releases, 0: without end
 * @run_time_ns: declared time on a worker of one release, 0: not declared
 * @budget_ns: longest time on a worker of one release, 0: no limit
 * @firm: a release that was not started by its deadline is not run
 */
struct bpfsched_timing {
	u64 start_ns;
	u64 deadline_ns;
	u64 period_ns;
	u64 count;
	u64 run_time_ns;
	u64 budget_ns;
	bool firm;
};

/**
 * struct bpfsched_job - a job
 * @entity: what the policy sees; guarded by the lock of the scheduler
 * @timer: the release, or then the deadline, that is waited for; guarded by
 *	the lock
 * @by_id: place in bpfsched_client.jobs from submission to the end; guarded by
 *	the lock
 * @link: in bpfsched_deferred.ended or in the free list of the pool; guarded by
 *	the lock
 * @starved_link: in bpfsched_completions.starved while it waits for a slot;
 *	guarded by the lock
 * @admitted_link: in bpfsched.admitted while its run time is vouched for;
 *	guarded by the lock
 * @state: guarded by the lock
 * @missed: the deadline of this release has passed and was counted; guarded by
 *	the lock
 * @demoted: it was admitted, and is not any more; guarded by the lock
 * @counts_as_waiting: it is in bpfsched_user.waiting; guarded by the lock
 * @slots: completion slots that it has: one for this release, and with a period
 *	one for its end; guarded by the lock
 * @stop_status: how the job ends if it is stopped; guarded by the lock
 * @control: BPFSCHED_CONTROL_*; written under the lock, read by the engine
 * @release: number of this release; guarded by the lock
 * @released_ns: when it is or was due; guarded by the lock
 * @left_out: releases left out for want of a slot, not yet reported; guarded
 *	by the lock
 * @reserved_ppm: processor time that it has reserved, 0: none; guarded by the
 *	lock
 * @copy: room for a copy of the context of this release, NULL: none; guarded by
 *	the lock
 * @copy_is_filled: the release has run, and its context is in @copy
 * @new_priority: priority of the next release; guarded by the lock
 * @next_budget_ns: longest time on a worker of the releases that follow; guarded
 *	by the lock
 * @keeps_place: it was demoted, and takes a place among those that can be admitted
 *	while it has a state; guarded by the lock
 * @new_budget: instructions that the run may execute yet; guarded by the lock
 * @new_total: most instructions that the run may execute in all, what it has
 *	executed too; guarded by the lock
 * @has_new_budget: @new_budget is to be handed to the engine; guarded by the
 *	lock
 * @worker: which runs it, NULL: none does; guarded by the lock
 * @client: the client, held
 * @prog: the program, held
 * @timing: when it is to run; changed under the lock by bpfsched_update()
 * @exec: state of the engine from the start of a release to its end
 * @context: the context bytes; NULL once they have gone with the last
 *	completion
 * @copies: room for copies of them, NULL: none is needed
 * @context_len: number of the context bytes
 * @own_context: room for a context that belongs to the slot of the pool
 * @pooled: the job is a slot of the pool
 * @privileged: who submitted it may have what needs CAP_SYS_NICE
 * @return_context: the context bytes go with the completion
 * @on_full: BPFSCHED_JOB_WAIT, BPFSCHED_JOB_EVICT or 0
 * @id: number among the client's live jobs
 * @parent: the job that has submitted it, 0: the client
 * @followups: jobs that this release has submitted
 * @user_data: as submitted
 * @budget_insns: most instructions that a release may execute; changed under
 *	the lock
 * @submitted_ns: when it was submitted; of a job with a period, released
 * @started_ns: when it was started, 0 if it was not
 * @start_seq: sequence number of the start
 * @run_ns: time on a worker up to the last pause
 * @preemptions: how often it made way
 * @result: what the run gave, up to now
 *
 * What names no guard is written by the submitter before the job is submitted,
 * or by the owner that enum bpfsched_job_state names.
 */
struct bpfsched_job {
	struct bpfsched_entity entity;
	struct bpfsched_timer timer;
	struct rb_node by_id;
	struct list_head link;
	struct list_head starved_link;
	struct list_head admitted_link;
	enum bpfsched_job_state state;
	bool missed;
	bool demoted;
	bool counts_as_waiting;
	u8 slots;
	u32 stop_status;
	u32 control;
	u64 release;
	u64 released_ns;
	u64 left_out;
	u64 reserved_ppm;
	void *copy;
	bool copy_is_filled;
	u8 new_priority;
	bool has_new_budget;
	bool keeps_place;
	u64 new_budget;
	u64 new_total;
	u64 next_budget_ns;
	struct bpfsched_worker *worker;

	struct bpfsched_client *client;
	struct bpfsched_prog *prog;
	struct bpfsched_timing timing;
	void *exec;
	void *context;
	struct bpfsched_copies *copies;
	u32 context_len;
	bool pooled;
	bool privileged;
	bool return_context;
	void *own_context;
	u32 on_full;
	u32 followups;
	u64 id;
	u64 parent;
	u64 user_data;
	u64 budget_insns;
	u64 submitted_ns;
	u64 started_ns;
	u64 start_seq;
	u64 run_ns;
	u32 preemptions;
	struct bpfsched_result result;
};

static inline bool bpfsched_job_is_periodic(const struct bpfsched_job *job)
{
	return job->timing.period_ns;
}

/* Completion slots that a job needs to be submitted. */
static inline u32 bpfsched_job_slots(const struct bpfsched_job *job)
{
	return bpfsched_job_is_periodic(job) ? 2 : 1;
}

struct bpfsched_job *bpfsched_job_new(struct bpfsched_client *client,
				      struct bpfsched_prog *prog,
				      const struct bpfsched_job_desc *desc,
				      u64 now_ns, bool privileged, gfp_t gfp);
void bpfsched_job_free(struct bpfsched_job *job);
void bpfsched_job_save_context(struct bpfsched_job *job);

void bpfsched_job_submit(struct bpfsched_job *job);
bool bpfsched_job_start(struct bpfsched_job *job, u64 now_ns);
void bpfsched_job_pause(struct bpfsched_job *job);
void bpfsched_job_stop(struct bpfsched_job *job, u32 status);
void bpfsched_job_cancel(struct bpfsched_job *job);
bool bpfsched_job_feed(struct bpfsched_job *job);
void bpfsched_job_watch_deadline(struct bpfsched_job *job);
void bpfsched_job_end_release(struct bpfsched_job *job, u32 status,
			      u64 now_ns);
void bpfsched_job_end(struct bpfsched_job *job, u32 status);
bool bpfsched_job_starts_later(const struct bpfsched_job *job);

#endif /* BPFSCHED_JOB_H */
