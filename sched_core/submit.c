// SPDX-License-Identifier: GPL-2.0
/*
 * Submission: from new jobs to jobs of the scheduler. What happens when the
 * queue is full is each job's own choice: fail, wait for room, or evict.
 *
 * Submitters that wait for room stand in line, and do not compete with others:
 * while anybody is in line nobody else finds room. Whoever makes room submits
 * the first job of the line. A user who is limited has no more places in line
 * than jobs that it may have yet: so others stand behind a few, and a worker
 * that makes room has a few to refuse, however many threads that user has.
 *
 * A user who is limited cannot crowd others out: it evicts only jobs of its own,
 * or of a user who has more live jobs than it has.
 */
#include <linux/errno.h>
#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "deferred.h"
#include "dispatch.h"
#include "job.h"
#include "reservation.h"
#include "scheduler.h"
#include "states.h"
#include "submit.h"
#include "trace.h"
#include "user.h"

/* Numbers that are tried under one hold of the lock; see assign_id(). */
#define ID_TRIES	4

/**
 * struct waiter - a submitter that waits for room, on its stack
 * @link: in bpfsched.waiters until served; guarded by the lock
 * @entry: the submission
 * @task: who waits
 */
struct waiter {
	struct list_head link;
	struct bpfsched_submission *entry;
	struct task_struct *task;
};

/*
 * Give a job the next number of the counter that is not among the live jobs of
 * its client, and put it among them. A client can choose many numbers that lie
 * ahead of the counter, so only a few are tried; false: call again after the
 * lock was released.
 */
static bool assign_id(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	int tries;

	for (tries = 0; tries < ID_TRIES; tries++) {
		job->id = atomic64_inc_return(&sched->next_id);
		if (job->id && bpfsched_client_insert(job->client, job))
			return true;
	}
	job->id = 0;
	return false;
}

/*
 * Put a job among the live jobs of its client. Returns 0, -EEXIST if the client
 * has a live job of that number, or -ERESTART as assign_id() says.
 */
static int make_live(struct bpfsched_job *job)
{
	if (!job->id)
		return assign_id(job) ? 0 : -ERESTART;
	return bpfsched_client_insert(job->client, job) ? 0 : -EEXIST;
}

/* Whether a client may drop a job of another. */
static bool may_evict(const struct bpfsched_client *client,
		      const struct bpfsched_client *owner)
{
	return client->unlimited || client->user == owner->user ||
	       owner->user->jobs > client->user->jobs;
}

/* The job that would run last, if @job may evict it, else NULL. */
static struct bpfsched_job *find_victim(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_entity *entity;
	struct bpfsched_job *victim;

	/* As if it were in the queue already, after all others. */
	job->entity.seq = U64_MAX;
	job->entity.deadline =
		bpfsched_deadline_from_now(job->timing.start_ns,
					   job->timing.deadline_ns);
	entity = sched->policy->victim(sched->queue, &job->entity);
	if (!entity)
		return NULL;
	victim = container_of(entity, struct bpfsched_job, entity);
	return may_evict(job->client, victim->client) ? victim : NULL;
}

static bool is_to_wait_for_release(const struct bpfsched_job *job)
{
	return bpfsched_job_is_periodic(job) || bpfsched_job_starts_later(job);
}

/* The limit of its user that a job does not keep, BPFSCHED_LIMIT_*. */
static u32 check_user(const struct bpfsched_job *job)
{
	const struct bpfsched_user *user = job->client->user;
	const struct bpfsched_user_limits *limits = &user->limits;
	u64 rate;

	if (job->client->unlimited)
		return BPFSCHED_LIMIT_NONE;
	if (user->jobs >= limits->jobs)
		return BPFSCHED_LIMIT_USER_JOBS;
	if (user->waiting >= limits->waiting && is_to_wait_for_release(job))
		return BPFSCHED_LIMIT_USER_WAITING;
	if (!bpfsched_job_is_periodic(job) ||
	    limits->releases > U64_MAX / BPFSCHED_RELEASE_RATE_ONE)
		return BPFSCHED_LIMIT_NONE;
	rate = user->release_rate +
	       bpfsched_release_rate(job->timing.period_ns);
	return rate > limits->releases * BPFSCHED_RELEASE_RATE_ONE ?
	       BPFSCHED_LIMIT_USER_RELEASES : BPFSCHED_LIMIT_NONE;
}

static u32 check_limits(const struct bpfsched_job *job)
{
	struct bpfsched_client *client = job->client;

	if (!bpfsched_completions_have_slots(client, bpfsched_job_slots(job)))
		return BPFSCHED_LIMIT_COMPLETIONS;
	if (client->job_count >= READ_ONCE(client->sched->limits.client_jobs))
		return BPFSCHED_LIMIT_CLIENT_JOBS;
	return check_user(job);
}

/* Whether the queue has room for a job; who is in line comes first. */
static bool has_room_for(const struct bpfsched_job *job, bool in_line)
{
	struct bpfsched *sched = job->client->sched;

	/* It is not in the queue before its release. */
	if (bpfsched_job_starts_later(job))
		return true;
	return bpfsched_has_room(sched) &&
	       (in_line || list_empty(&sched->waiters));
}

/*
 * Returns 0, the reason not to take the job, or -ERESTART: call again. Another
 * job is dropped for it only when nothing can go wrong any more.
 */
static int submit_job(struct bpfsched_job *job, bool in_line, u32 *limit)
{
	struct bpfsched_client *client = job->client;
	struct bpfsched *sched = client->sched;
	struct bpfsched_job *victim = NULL;
	int err;

	lockdep_assert_held(&sched->lock);

	if (client->closing)
		return -ESHUTDOWN;
	if (job->id && bpfsched_client_find(client, job->id))
		return -EEXIST;
	*limit = check_limits(job);
	if (*limit)
		return -EDQUOT;
	if (!has_room_for(job, in_line)) {
		if (job->on_full == BPFSCHED_JOB_EVICT)
			victim = find_victim(job);
		if (!victim)
			return -EAGAIN;
	}

	err = make_live(job);
	if (err)
		return err;
	if (victim)
		bpfsched_job_end(victim, BPFSCHED_STATUS_DROPPED);
	bpfsched_job_submit(job);
	return 0;
}

static void submit_entry(struct bpfsched_submission *entry, bool in_line)
{
	if (entry->job)
		entry->error = submit_job(entry->job, in_line, &entry->limit);
	if (entry->error)
		return;
	entry->id = entry->job->id;
	entry->job = NULL;
}

/**
 * bpfsched_submit_live() - submit a job under a hold of the caller's
 * @entry: the job; decided on as by bpfsched_submit(), or its error is
 *	-ERESTART: call again after a release of the lock
 *
 * Context: process, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_submit_live(struct bpfsched_submission *entry)
{
	submit_entry(entry, false);
}

/* Whether an entry is to wait: it asks for it, and the queue is full. */
static bool is_to_wait(const struct bpfsched_submission *entry)
{
	return entry->error == -EAGAIN && entry->job &&
	       entry->job->on_full == BPFSCHED_JOB_WAIT;
}

static bool is_undecided(const struct bpfsched_submission *entry)
{
	return entry->error == -ERESTART || is_to_wait(entry);
}

/*
 * Stand in line, at its end. False: the user has as many places there as jobs
 * that it may have yet.
 */
static bool join_line(struct waiter *waiter)
{
	const struct bpfsched_client *client = waiter->entry->job->client;
	struct bpfsched_user *user = client->user;

	lockdep_assert_held(&client->sched->lock);

	if (!client->unlimited &&
	    (u64)user->jobs + user->in_line >= user->limits.jobs)
		return false;
	list_add_tail(&waiter->link, &client->sched->waiters);
	user->in_line++;
	return true;
}

/* The entry still has its job. */
static void leave_line(struct waiter *waiter)
{
	list_del_init(&waiter->link);
	waiter->entry->job->client->user->in_line--;
}

/**
 * bpfsched_serve_waiters() - give room to those who wait in line for it
 * @sched: the scheduler
 *
 * If there is more to be done it says so in bpfsched_deferred.serve.
 *
 * Context: process, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_serve_waiters(struct bpfsched *sched)
{
	struct waiter *waiter;
	int i;

	lockdep_assert_held(&sched->lock);

	for (i = 0; i < BPFSCHED_LOCK_BATCH && bpfsched_has_room(sched); i++) {
		waiter = list_first_entry_or_null(&sched->waiters,
						  struct waiter, link);
		if (!waiter)
			break;
		leave_line(waiter);
		submit_entry(waiter->entry, true);
		wake_up_process(waiter->task);
	}
	bpfsched_dispatch(sched);
	bpfsched_defer_room(sched);
}

static bool is_served(struct bpfsched *sched, const struct waiter *waiter)
{
	bool served;

	raw_spin_lock_irq(&sched->lock);
	served = list_empty(&waiter->link);
	raw_spin_unlock_irq(&sched->lock);
	return served;
}

/*
 * Sleep until served; returns 0, -ETIMEDOUT or -EINTR. A suspend freezes who
 * sleeps here, and does not end the wait.
 */
static int sleep_until_served(struct bpfsched *sched, struct waiter *waiter,
			      ktime_t *until)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (is_served(sched, waiter))
			break;
		if (signal_pending(current))
			err = -EINTR;
		else if (!schedule_hrtimeout_range(until, 0, HRTIMER_MODE_ABS))
			err = -ETIMEDOUT;
		if (err)
			break;
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/*
 * Wait for room for one entry, in line. The entry may be served at the very
 * moment at which the wait is given up; then it has been decided on.
 */
static void wait_in_line(struct bpfsched *sched,
			 struct bpfsched_submission *entry, ktime_t *until)
{
	struct waiter waiter = { .entry = entry, .task = current };
	struct bpfsched_deferred deferred;
	bool joined;
	int err;

	bpfsched_lock(sched, &deferred);
	joined = join_line(&waiter);
	/* Room may have come since, and nobody was in line to be told. */
	deferred.serve = bpfsched_has_room(sched);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
	if (!joined) {
		entry->error = -EDQUOT;
		entry->limit = BPFSCHED_LIMIT_USER_JOBS;
		return;
	}

	err = sleep_until_served(sched, &waiter, until);

	bpfsched_lock(sched, &deferred);
	if (!list_empty(&waiter.link)) {
		leave_line(&waiter);
		entry->error = err;
		/* Others may have been kept out by this place in line. */
		deferred.room = list_empty(&sched->waiters) &&
				!list_empty(&sched->pollers);
	}
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
}

/* Submit as many as one hold of the lock allows; returns where to go on. */
static u32 submit_some(struct bpfsched *sched,
		       struct bpfsched_submission *entries, u32 first,
		       u32 count)
{
	u32 end = min(count, first + BPFSCHED_LOCK_BATCH);
	struct bpfsched_deferred deferred;
	u32 i;

	bpfsched_lock(sched, &deferred);
	for (i = first; i < end; i++) {
		struct bpfsched_submission *entry = &entries[i];

		if (entry->job && entry->job->timing.run_time_ns)
			break;
		submit_entry(entry, false);
		if (is_undecided(entry))
			break;
	}
	bpfsched_dispatch(sched);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
	return i;
}

static void submit_one(struct bpfsched *sched,
		       struct bpfsched_submission *entry)
{
	struct bpfsched_deferred deferred;

	bpfsched_lock(sched, &deferred);
	submit_entry(entry, false);
	bpfsched_dispatch(sched);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
}

/* Decide on an entry that submit_some() left alone, or left undecided. */
static void submit_singly(struct bpfsched *sched,
			  struct bpfsched_submission *entry, ktime_t *until)
{
	if (entry->job->timing.run_time_ns) {
		bpfsched_reserve(entry);
		return;
	}
	do {
		if (is_to_wait(entry))
			wait_in_line(sched, entry, until);
		else
			submit_one(sched, entry);
	} while (is_undecided(entry) && !fatal_signal_pending(current));
	if (is_undecided(entry))
		entry->error = -EINTR;
}

static void count_rejected(struct bpfsched *sched, u32 count)
{
	raw_spin_lock_irq(&sched->lock);
	sched->counters.rejected += count;
	raw_spin_unlock_irq(&sched->lock);
}

static void interrupt_rest(struct bpfsched_submission *entries, u32 first,
			   u32 count)
{
	for (; first < count; first++) {
		if (entries[first].job)
			entries[first].error = -EINTR;
	}
}

/* Completion slots that a submission takes at most. */
static u32 count_slots(struct bpfsched_submission *entries, u32 count,
		       u32 *extra)
{
	u32 slots = 0, i;

	*extra = 0;
	for (i = 0; i < count; i++) {
		entries[i].slots = 0;
		if (!entries[i].job)
			continue;
		entries[i].slots = bpfsched_job_slots(entries[i].job);
		slots += entries[i].slots;
		if (bpfsched_job_is_periodic(entries[i].job))
			*extra += BPFSCHED_PERIODIC_SLOTS;
	}
	return slots;
}

static void fail_all(struct bpfsched_submission *entries, u32 count, int err)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (entries[i].job)
			entries[i].error = err;
	}
}

/* All memory that the jobs will need and that is not theirs. */
static int provide(struct bpfsched_client *client, u32 slots, u32 extra,
		   u32 count, gfp_t gfp)
{
	return bpfsched_completions_promise(client, slots, extra, gfp) ?:
	       bpfsched_states_provide(client->user, count, gfp);
}

/* What was promised and was not taken is there for others again. */
static void forget(struct bpfsched_client *client,
		   const struct bpfsched_submission *entries, u32 count)
{
	u32 i, slots = 0;

	for (i = 0; i < count; i++)
		slots += entries[i].error ? entries[i].slots : 0;
	bpfsched_completions_forget(client, slots);
	bpfsched_states_forget(client->user, count);
}

static void submit_all(struct bpfsched *sched,
		       struct bpfsched_submission *entries, u32 count,
		       ktime_t *until)
{
	u32 i = 0;

	while (i < count) {
		i = submit_some(sched, entries, i, count);
		/*
		 * A long batch keeps the system from going to sleep otherwise.
		 * A worker that submits a follow-up is frozen elsewhere.
		 */
		if (!(current->flags & PF_KTHREAD))
			try_to_freeze();
		cond_resched();
		if (i == count)
			return;
		if (fatal_signal_pending(current))
			break;
		if (entries[i].job)
			submit_singly(sched, &entries[i], until);
		if (entries[i++].error == -EINTR)
			break;
	}
	interrupt_rest(entries, i, count);
}

/* For the last job that was not admitted: looking for it takes its time. */
static u64 find_room(const struct bpfsched_submission *entries, u32 count)
{
	while (count--) {
		if (entries[count].error == -EBUSY)
			return bpfsched_reservation_room(entries[count].job);
	}
	return 0;
}

/**
 * bpfsched_submit() - submit jobs, in order
 * @client: the client of all of them
 * @entries: the jobs; one without a job has its error set and is counted as
 *	rejected
 * @count: number of @entries
 * @timeout_ns: longest time to wait for room, for jobs that ask for it; 0: no
 *	limit
 * @gfp: how to allocate what is needed besides the jobs
 * @room_ns: set to the longest run time, in nanoseconds, with which the last
 *	job that was not admitted would have been; 0 if there is none
 *
 * Of a job that is taken the id is set and the job is the scheduler's; of one
 * that is not the error is set, and it is the caller's to free: -EEXIST: the
 * client has a live job of that number; -EDQUOT: a limit, which is set;
 * -EAGAIN: the queue is full; -ETIMEDOUT: it still was when the time ran out;
 * -EINTR: a signal came while the job waited, or the caller is being killed,
 * for this and all later ones; -EBUSY: not admitted; -EPERM: may not reserve
 * time; -ESHUTDOWN: the client takes no more jobs; -ENOMEM.
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: how many were taken.
 */
u32 bpfsched_submit(struct bpfsched_client *client,
		    struct bpfsched_submission *entries, u32 count,
		    u64 timeout_ns, gfp_t gfp, u64 *room_ns)
{
	struct bpfsched *sched = client->sched;
	ktime_t until = KTIME_MAX;
	u32 i, slots, extra, taken = 0;
	int err;

	if (timeout_ns)
		until = ktime_add_safe(ktime_get(),
				       min_t(u64, timeout_ns, KTIME_MAX));
	slots = count_slots(entries, count, &extra);
	err = provide(client, slots, extra, count, gfp);
	if (err)
		fail_all(entries, count, err);
	else
		submit_all(sched, entries, count, &until);
	forget(client, entries, count);
	*room_ns = find_room(entries, count);
	for (i = 0; i < count; i++) {
		taken += !entries[i].error;
		if (entries[i].error)
			trace_bpfsched_reject(client, entries[i].error);
	}
	if (taken < count)
		count_rejected(sched, count - taken);
	return taken;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_submit);

/**
 * bpfsched_submit_atomic() - submit a job where sleeping is not allowed
 * @client: its client
 * @entry: as of bpfsched_submit(); the job neither waits for room nor declares
 *	its run time
 *
 * Context: any; takes the lock of the scheduler.
 */
void bpfsched_submit_atomic(struct bpfsched_client *client,
			    struct bpfsched_submission *entry)
{
	struct bpfsched *sched = client->sched;
	unsigned long flags;
	u32 slots, extra;
	int err;

	slots = count_slots(entry, 1, &extra);
	err = provide(client, slots, extra, 1, GFP_ATOMIC | __GFP_NOWARN);
	do {
		flags = bpfsched_lock_atomic(sched);
		if (err && entry->job)
			entry->error = err;
		else
			submit_entry(entry, false);
		if (entry->error && !is_undecided(entry)) {
			trace_bpfsched_reject(client, entry->error);
			sched->counters.rejected++;
		}
		bpfsched_dispatch(sched);
		bpfsched_unlock_atomic(sched, flags);
	} while (is_undecided(entry));
	forget(client, entry, 1);
}
