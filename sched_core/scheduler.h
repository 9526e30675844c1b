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
#include <linux/xarray.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"
#include "../policies/policy.h"
#include "clock.h"
#include "deferred.h"
#include "states.h"
#include "timers.h"

struct bpfsched_client;
struct cpumask;
struct bpfsched_job;
struct bpfsched_worker;

/* The most that is done for one client under one hold of the lock. */
#define BPFSCHED_LOCK_BATCH	32

/* Most jobs in one call of BPFSCHED_IOC_SUBMIT. */
#define BPFSCHED_BATCH_MAX	1024

/**
 * struct bpfsched_limits - what a scheduler takes
 * @capacity: most jobs in the queue; a submission that finds so many has no room
 * @workers: number of workers, at least 1
 * @completion_slots: most jobs in flight and unread completions of a client
 * @max_insns: most instruction slots of a program
 * @max_context: most bytes of a job's context
 * @client_jobs: most live jobs of a client
 * @min_period: shortest period of a job in nanoseconds
 * @default_budget: instruction budget of a job that names none
 * @max_budget: largest instruction budget that a job may name
 * @user_budget: largest without CAP_SYS_NICE
 * @max_reservations: most jobs that can be admitted at once
 * @supply_ppm: part of a CPU's time that admission counts on, above 0
 * @blocking_ns: see struct bpfsched_platform
 * @start_ns: see there
 * @slice_ns: length of a slice, 0: the policy has none
 * @user: what a user may have; guarded by the lock
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
	u64 user_budget;
	u32 max_reservations;
	u32 supply_ppm;
	u64 blocking_ns;
	u64 start_ns;
	u64 slice_ns;
	struct bpfsched_user_limits user;
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
 * struct bpfsched_counters - as in struct bpfsched_stat, which explains them;
 * @ready are those of @pending that are in the queue
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
	u64 kept_running;
	u32 pending;
	u32 ready;
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
 * @free: slots that are free; guarded by the lock of the scheduler
 */
struct bpfsched_pool {
	struct bpfsched_job *jobs;
	u8 *contexts;
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
 * @clock: tells the time and calls back when the first timer is due
 * @ref: held by the device node, each client and each user who is there
 * @next_client: number of the last client
 * @next_id: number of the last job that asked for one
 * @clients_lock: guards @clients, @readers and @dying; taken before @lock
 * @clients: the clients that are open and may submit jobs
 * @readers: those that may not
 * @dying: no more clients are taken; read without the lock
 * @users_lock: guards @users and @next_kernel_user; taken before @lock
 * @users: the users, by bpfsched_user.number less 1
 * @next_kernel_user: how many modules of the kernel were users
 * @admission_lock: serializes tests of admission with the submission that
 *	follows; taken before @lock
 * @cpu_count: workers that have a CPU of their own; written with
 *	@admission_lock and @lock held
 * @drain_wait: who waits until there are no more jobs
 * @deferred_work: does what may sleep for those who may not
 * @wake_work: wakes those who wait in @drain_wait, and the @pollers
 * @pm_notifier: tells when the system is about to sleep
 * @cpus: the CPUs that the workers may use, NULL: all
 * @cpuhp_node: tells when CPUs come and go
 * @follows_cpus: @cpuhp_node is in use
 * @lock: guards all that follows, the jobs, the users and the clients' lists;
 *	taken in hard interrupt context
 * @queue: the queue of @policy
 * @counters: the counters
 * @histograms: how long jobs take
 * @timers: users who have timers, by their first one
 * @users_not_before_ns: no timer of a user is handled before this time
 * @own_timers: ends of budgets and slices, and the timers of admitted jobs
 * @armed_ns: when @clock will call back, U64_MAX: never
 * @arrivals: jobs that have become runnable since the last bpfsched_dispatch()
 * @stops: running jobs that were told to stop since then
 * @idle: workers that sleep because there is nothing to run
 * @running: workers whose jobs may be told to make way, by rank
 * @states: memory for runs
 * @pool: job slots made in advance, empty if the scheduler has none
 * @next_seq: sequence number of the last job submitted
 * @next_start: sequence number of the last job started
 * @paused: nothing is picked
 * @suspended: the system sleeps, or is about to: nothing is picked, and what
 *	ran is held
 * @drainers: how many wait until there are no more jobs
 * @waiters: submitters that wait for room, first come first
 * @pollers: clients that poll for room
 * @admitted: jobs whose declared run time is vouched for
 * @reservations: number of them
 * @places: places among those that can be admitted which are taken: by them, and
 *	by jobs that were demoted and have a state yet
 * @reserved_ppm: processor time that they reserve
 * @deferred: where to note what follows from a change; NULL: nowhere
 * @left: what was noted where sleeping is not allowed
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

	struct mutex clients_lock; /* guards clients and readers */
	struct list_head clients;
	struct list_head readers;
	bool dying;
	struct mutex users_lock; /* guards users */
	struct xarray users;
	u64 next_kernel_user;
	struct mutex admission_lock; /* one test of admission at a time */
	u32 cpu_count;

	wait_queue_head_t drain_wait;
	struct work_struct deferred_work;
	struct work_struct wake_work;
	struct notifier_block pm_notifier;
	struct cpumask *cpus;
	struct hlist_node cpuhp_node;
	bool follows_cpus;

	raw_spinlock_t lock;
	void *queue;
	struct bpfsched_counters counters;
	struct bpfsched_histograms histograms;
	struct timerqueue_head timers;
	u64 users_not_before_ns;
	struct bpfsched_timer_owner own_timers;
	u64 armed_ns;
	u32 arrivals;
	u32 stops;
	struct list_head idle;
	struct rb_root running;
	struct bpfsched_states states;
	struct bpfsched_pool pool;
	u64 next_seq;
	u64 next_start;
	bool paused;
	bool suspended;
	u32 drainers;
	struct list_head waiters;
	struct list_head pollers;
	struct list_head admitted;
	u32 reservations;
	u32 places;
	u64 reserved_ppm;
	struct bpfsched_deferred *deferred;
	struct bpfsched_deferred left;
};

struct bpfsched *bpfsched_create(const struct bpfsched_params *params);
void bpfsched_destroy(struct bpfsched *sched);
bool bpfsched_begin_destroy(struct bpfsched *sched);
void bpfsched_get(struct bpfsched *sched);
void bpfsched_put(struct bpfsched *sched);

int bpfsched_cancel(struct bpfsched_client *client, u64 id);
int bpfsched_cancel_atomic(struct bpfsched_client *client, u64 id);
int bpfsched_find_owner(struct bpfsched *sched, u64 client_id, u64 id,
			struct bpfsched_client **owner);
int bpfsched_cancel_any(struct bpfsched *sched, u64 client_id, u64 id);
void bpfsched_pause(struct bpfsched *sched);
void bpfsched_resume(struct bpfsched *sched);
bool bpfsched_has_pending(struct bpfsched *sched);
bool bpfsched_has_room(struct bpfsched *sched);
int bpfsched_drain(struct bpfsched *sched, u64 timeout_ns, bool nowait);
void bpfsched_get_info(struct bpfsched *sched, struct bpfsched_info *info);
void bpfsched_get_histogram(struct bpfsched *sched, u32 kind, u64 *buckets);
void bpfsched_get_stat(struct bpfsched *sched, struct bpfsched_stat *stat);

/* Whether a scheduler was ended, under the eyes of its readers. */
static inline bool bpfsched_is_gone(const struct bpfsched *sched)
{
	return READ_ONCE(sched->dying);
}

static inline bool bpfsched_is_drained(const struct bpfsched *sched)
{
	return !sched->counters.pending && !sched->counters.running;
}

/*
 * Wait for a condition, for @timeout_ns at most, 0: no limit. A suspend freezes
 * who waits here, and does not end the wait. Gives 0, -ETIMEDOUT, or -EINTR if
 * a signal came.
 */
#define bpfsched_wait_for(wait, condition, timeout_ns)			\
({									\
	ktime_t __limit = (timeout_ns) ?				\
		min_t(u64, timeout_ns, KTIME_MAX) : KTIME_MAX;		\
	int __err = 0;							\
									\
	if (!(condition))						\
		__err = __wait_event_hrtimeout(wait, condition,		\
					       __limit,			\
					       (TASK_INTERRUPTIBLE |	\
						TASK_FREEZABLE));	\
	__err == -ETIME ? -ETIMEDOUT : __err ? -EINTR : 0;		\
})

#endif /* BPFSCHED_SCHEDULER_H */
