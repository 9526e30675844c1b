/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scheduler: one instance of queue, policy, workers, clock and counters.
 *
 * There is no state outside of an instance, so that tests can make as many as
 * they like. Documentation/locking.rst has the rules that all files of this
 * folder follow.
 */
#ifndef BPFSCHED_SCHEDULER_H
#define BPFSCHED_SCHEDULER_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/timerqueue.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"
#include "../policies/policy.h"
#include "clock.h"

struct bpfsched_client;
struct cpumask;
struct bpfsched_job;
struct bpfsched_prog;
struct bpfsched_worker;

/* The most that is done for one client under one hold of the lock. */
#define BPFSCHED_LOCK_BATCH	32

/* Most jobs in one call of BPFSCHED_IOC_SUBMIT. */
#define BPFSCHED_BATCH_MAX	1024

/**
 * struct bpfsched_limits - what a scheduler takes
 * @capacity: most pending jobs
 * @workers: number of workers, at least 1
 * @completion_slots: most jobs in flight and unread completions of a client
 * @max_insns: most instruction slots of a program
 * @max_context: most bytes of a job's context
 * @client_jobs: most live jobs of a client
 * @min_period: shortest period of a job in nanoseconds
 * @default_budget: instruction budget of a job that names none
 * @max_budget: largest instruction budget that a job may name
 */
struct bpfsched_limits {
	u32 capacity;
	u32 workers;
	u32 completion_slots;
	u32 max_insns;
	u32 max_context;
	u32 client_jobs;
	u64 min_period;
	u64 default_budget;
	u64 max_budget;
};

/**
 * struct bpfsched_params - what a scheduler is made from
 * @name: its name
 * @profile: name of the defaults that @limits come from
 * @policy: its policy
 * @engine: its engine
 * @limits: its limits
 * @preallocate: job slots and contexts are allocated with the scheduler
 * @real_time: its workers run as SCHED_FIFO
 * @guard_critical: jobs of priority critical need CAP_SYS_NICE
 * @clock: what keeps its time; NULL: the kernel's hrtimers
 * @clock_data: for @clock
 * @cpus: CPUs that its workers may use, NULL: all
 * @no_threads: its workers have no threads; a test steps them
 */
struct bpfsched_params {
	const char *name;
	const char *profile;
	const struct bpfsched_policy_ops *policy;
	const struct bpfsched_engine_ops *engine;
	struct bpfsched_limits limits;
	bool preallocate;
	bool real_time;
	bool guard_critical;
	const struct cpumask *cpus;
	const struct bpfsched_clock_ops *clock;
	void *clock_data;
	bool no_threads;
};

/**
 * struct bpfsched_counters - as in struct bpfsched_stat, which explains them
 */
struct bpfsched_counters {
	u64 submitted;
	u64 completed;
	u64 failed;
	u64 cancelled;
	u64 dropped;
	u64 rejected;
	u64 exec_count;
	u64 deadline_misses;
	u64 preemptions;
	u32 pending;
	u32 running;
	u32 queue_high_water;
};

#define BPFSCHED_HISTOGRAMS	3
#define BPFSCHED_BUCKETS	64

/**
 * struct bpfsched_histograms - by BPFSCHED_HISTOGRAM_*, as in
 * struct bpfsched_histogram
 */
struct bpfsched_histograms {
	u64 buckets[BPFSCHED_HISTOGRAMS][BPFSCHED_BUCKETS];
};

/**
 * struct bpfsched_pool - job slots made in advance
 * @jobs: the slots
 * @contexts: room for a context of the largest size for each slot
 * @execs: room for a state of the engine for each slot, if the policy is
 *	preemptive
 * @free: slots that are free; guarded by the lock of the scheduler
 */
struct bpfsched_pool {
	struct bpfsched_job *jobs;
	u8 *contexts;
	u8 *execs;
	struct list_head free;
};

/**
 * struct bpfsched - a scheduler
 * @name: its name
 * @profile: name of the defaults that it was made from
 * @policy: its policy
 * @engine: its engine
 * @limits: its limits
 * @guard_critical: jobs of priority critical need CAP_SYS_NICE
 * @workers: array of @limits.workers
 * @clock: tells the time and calls back at the next event
 * @ref: held by the device node and by each client
 * @next_client: number of the last client
 * @next_id: number of the last job that asked for one
 * @clients_lock: guards @clients and @dying; taken before @lock
 * @dying: no more clients are taken
 * @clients: the clients that are open
 * @admission_lock: serializes tests of admission with the submission that
 *	follows; taken before @lock
 * @room: pollers that wait for room in the queue, and those who wait until
 *	there are no more jobs
 * @settle_work: does what may sleep for those who may not; see
 *	bpfsched_unlock_atomic()
 * @pm_notifier: tells when the system is about to sleep
 * @cpus: the CPUs that the workers may use, NULL: all
 * @cpuhp_node: tells when a CPU comes online, if @cpus
 * @lock: guards all that follows, the jobs and the clients' lists; taken in
 *	hard interrupt context
 * @queue: the queue of @policy
 * @counters: the counters
 * @histograms: how long jobs take
 * @events: releases, deadlines and ends of budgets that are waited for
 * @armed_ns: when @clock will call back, U64_MAX: never
 * @idle: workers that sleep because there is nothing to run
 * @pool: job slots made in advance, empty if the scheduler has none
 * @next_seq: sequence number of the last job submitted
 * @next_start: sequence number of the last job started
 * @paused: nothing is picked
 * @suspended: the system sleeps, or is about to: nothing is picked, and what
 *	ran is held
 * @was_full: the queue was full, and pollers were not yet told of room
 * @drainers: how many wait until there are no more jobs
 * @waiters: submitters that wait for room, first come first
 * @admitted: jobs whose declared run time is vouched for
 * @ended: jobs to be reaped
 * @notify: clients that are to be told of completions
 */
struct bpfsched {
	char name[BPFSCHED_NAME_LEN];
	char profile[BPFSCHED_NAME_LEN];
	const struct bpfsched_policy_ops *policy;
	const struct bpfsched_engine_ops *engine;
	struct bpfsched_limits limits;
	bool guard_critical;
	struct bpfsched_worker *workers;
	struct bpfsched_clock clock;
	struct kref ref;
	atomic64_t next_client;
	atomic64_t next_id;

	struct mutex clients_lock; /* guards clients */
	struct list_head clients;
	bool dying;
	struct mutex admission_lock; /* one test of admission at a time */

	wait_queue_head_t room;
	struct work_struct settle_work;
	struct notifier_block pm_notifier;
	struct cpumask *cpus;
	struct hlist_node cpuhp_node;

	raw_spinlock_t lock;
	void *queue;
	struct bpfsched_counters counters;
	struct bpfsched_histograms histograms;
	struct timerqueue_head events;
	u64 armed_ns;
	struct list_head idle;
	struct bpfsched_pool pool;
	u64 next_seq;
	u64 next_start;
	bool paused;
	bool suspended;
	bool was_full;
	u32 drainers;
	struct list_head waiters;
	struct list_head admitted;
	struct list_head ended;
	struct list_head notify;
};

struct bpfsched *bpfsched_create(const struct bpfsched_params *params);
void bpfsched_destroy(struct bpfsched *sched);
bool bpfsched_begin_destroy(struct bpfsched *sched);
void bpfsched_get(struct bpfsched *sched);
void bpfsched_put(struct bpfsched *sched);

void bpfsched_lock(struct bpfsched *sched) __acquires(&sched->lock);
void bpfsched_unlock(struct bpfsched *sched) __releases(&sched->lock);
unsigned long bpfsched_lock_atomic(struct bpfsched *sched)
	__acquires(&sched->lock);
void bpfsched_unlock_atomic(struct bpfsched *sched, unsigned long flags)
	__releases(&sched->lock);
void bpfsched_settle(struct bpfsched *sched);
struct bpfsched_job *bpfsched_next(struct bpfsched_worker *worker);
int bpfsched_cancel(struct bpfsched_client *client, u64 id);
int bpfsched_cancel_atomic(struct bpfsched_client *client, u64 id);
int bpfsched_cancel_any(struct bpfsched *sched, u64 client_id, u64 id);
void bpfsched_pause(struct bpfsched *sched);
void bpfsched_resume(struct bpfsched *sched);
bool bpfsched_has_pending(struct bpfsched *sched);
bool bpfsched_has_room(struct bpfsched *sched);
void bpfsched_get_info(struct bpfsched *sched, struct bpfsched_info *info);
int bpfsched_drain(struct bpfsched *sched, u64 timeout_ns);
void bpfsched_get_histogram(struct bpfsched *sched, u32 kind, u64 *buckets);
void bpfsched_get_stat(struct bpfsched *sched, struct bpfsched_stat *stat);

#endif /* BPFSCHED_SCHEDULER_H */
