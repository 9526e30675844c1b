// SPDX-License-Identifier: GPL-2.0
/*
 * Submission: from new jobs to jobs of the scheduler. What happens when the
 * queue is full is each job's own choice: fail, wait for room, or evict.
 *
 * Who waits for room does not compete for it: whoever makes room hands it to
 * the first in line, under the same hold of the lock, by submitting the job
 * for him.
 */
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include <bpfsched/visibility.h>

#include "admission.h"
#include "client.h"
#include "job.h"
#include "scheduler.h"
#include "submit.h"
#include "trace.h"

/* Numbers that are tried under one hold of the lock; see assign_id(). */
#define ID_TRIES	4

/**
 * struct waiter - a submitter that waits for room, on his stack
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

/* The job that would run last, if @job is to run before it, else NULL. */
static struct bpfsched_job *find_victim(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_entity *last = sched->policy->last(sched->queue);

	/* As if it were in the queue already, after all others. */
	job->entity.seq = U64_MAX;
	job->entity.deadline =
		bpfsched_deadline_from_now(job->timing.start_ns,
					   job->timing.deadline_ns);
	if (!last || !sched->policy->before(&job->entity, last))
		return NULL;
	return container_of(last, struct bpfsched_job, entity);
}

static bool has_slots_for(const struct bpfsched_job *job)
{
	const struct bpfsched_client *client = job->client;
	u32 needed = job->last_slot ? 2 : 1;

	return client->slots_used + needed <=
	       client->sched->limits.completion_slots;
}

/*
 * Returns 0, the reason not to take the job, or -ERESTART: call again. Another
 * job is dropped for it only when nothing can go wrong any more.
 */
static int submit_job(struct bpfsched_job *job)
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
	if (!has_slots_for(job) ||
	    client->job_count >= READ_ONCE(sched->limits.client_jobs))
		return -EDQUOT;
	if (!bpfsched_has_room(sched)) {
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
	if (job->entity.admitted)
		list_add_tail(&job->admitted_link, &sched->admitted);
	bpfsched_job_submit(job);
	return 0;
}

static void submit_entry(struct bpfsched *sched,
			 struct bpfsched_submission *entry)
{
	if (entry->job)
		entry->error = submit_job(entry->job);
	if (entry->error)
		return;
	entry->id = entry->job->id;
	entry->job = NULL;
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

/**
 * bpfsched_serve_waiters() - give room to those who wait for it
 * @sched: the scheduler
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
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
			return;
		submit_entry(sched, waiter->entry);
		list_del_init(&waiter->link);
		wake_up_process(waiter->task);
	}
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
 * moment at which the wait is given up; then it has been taken.
 */
static void wait_in_line(struct bpfsched *sched,
			 struct bpfsched_submission *entry, ktime_t *until)
{
	struct waiter waiter = { .entry = entry, .task = current };
	int err;

	bpfsched_lock(sched);
	list_add_tail(&waiter.link, &sched->waiters);
	bpfsched_unlock(sched);

	err = sleep_until_served(sched, &waiter, until);

	bpfsched_lock(sched);
	if (!list_empty(&waiter.link)) {
		list_del(&waiter.link);
		entry->error = err;
	}
	bpfsched_unlock(sched);
}

/* Submit as many as one hold of the lock allows; returns where to go on. */
static u32 submit_some(struct bpfsched *sched,
		       struct bpfsched_submission *entries, u32 first,
		       u32 count)
{
	u32 end = min(count, first + BPFSCHED_LOCK_BATCH);
	u32 i;

	bpfsched_lock(sched);
	for (i = first; i < end; i++) {
		struct bpfsched_submission *entry = &entries[i];

		if (entry->job && entry->job->timing.run_time_ns)
			break;
		submit_entry(sched, entry);
		if (is_undecided(entry))
			break;
	}
	bpfsched_unlock(sched);
	return i;
}

/*
 * A job that has declared its run time: no other one can be admitted between
 * the test and the submission.
 */
static void submit_declared(struct bpfsched *sched,
			    struct bpfsched_submission *entry)
{
	mutex_lock(&sched->admission_lock);
	entry->error = bpfsched_admit(entry->job, &entry->room_ns);
	if (!entry->error) {
		entry->job->entity.admitted = true;
		do {
			bpfsched_lock(sched);
			submit_entry(sched, entry);
			bpfsched_unlock(sched);
		} while (entry->error == -ERESTART);
	}
	mutex_unlock(&sched->admission_lock);
}

/* Decide on an entry that submit_some() left alone, or left undecided. */
static void submit_singly(struct bpfsched *sched,
			  struct bpfsched_submission *entry, ktime_t *until)
{
	if (entry->job->timing.run_time_ns) {
		submit_declared(sched, entry);
		return;
	}
	do {
		if (is_to_wait(entry)) {
			wait_in_line(sched, entry, until);
			continue;
		}
		bpfsched_lock(sched);
		submit_entry(sched, entry);
		bpfsched_unlock(sched);
	} while (is_undecided(entry));
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

/**
 * bpfsched_submit() - submit jobs, in order
 * @client: the client of all of them
 * @entries: the jobs; one without a job has its error set and is counted as
 *	rejected
 * @count: number of @entries
 * @timeout_ns: longest time to wait for room, for jobs that ask for it; 0: no
 *	limit
 *
 * Of a job that is taken the id is set and the job is the scheduler's; of one
 * that is not the error is set, and it is the caller's to free: -EEXIST: the
 * client has a live job of that number; -EDQUOT: the client has no completion
 * slot left, or too many jobs; -EAGAIN: the queue is full; -ETIMEDOUT: it
 * still was when the time ran out; -EINTR: a signal came meanwhile, for this
 * and all later ones; -EBUSY: not admitted; -ESHUTDOWN: the client takes no
 * more jobs.
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: how many were taken.
 */
u32 bpfsched_submit(struct bpfsched_client *client,
		    struct bpfsched_submission *entries, u32 count,
		    u64 timeout_ns)
{
	struct bpfsched *sched = client->sched;
	ktime_t until = KTIME_MAX;
	u32 i = 0, taken = 0;

	if (timeout_ns)
		until = ktime_add_safe(ktime_get(),
				       min_t(u64, timeout_ns, KTIME_MAX));
	while (i < count) {
		i = submit_some(sched, entries, i, count);
		cond_resched();
		if (i == count)
			break;
		if (entries[i].job)
			submit_singly(sched, &entries[i], &until);
		if (entries[i++].error == -EINTR)
			break;
	}
	interrupt_rest(entries, i, count);
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

	do {
		flags = bpfsched_lock_atomic(sched);
		submit_entry(sched, entry);
		if (entry->error && !is_undecided(entry)) {
			trace_bpfsched_reject(client, entry->error);
			sched->counters.rejected++;
		}
		bpfsched_unlock_atomic(sched, flags);
	} while (is_undecided(entry));
}

/**
 * bpfsched_submit_room() - the room that admission has left
 * @entries: jobs that bpfsched_submit() was called for
 * @count: number of @entries
 *
 * Return: the longest run time, in nanoseconds, with which the last job that
 * was not admitted would have been; 0 if there is none.
 */
u64 bpfsched_submit_room(const struct bpfsched_submission *entries, u32 count)
{
	while (count--) {
		if (entries[count].error == -EBUSY)
			return entries[count].room_ns;
	}
	return 0;
}
