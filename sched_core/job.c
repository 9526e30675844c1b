// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a job: every change of its state, and the only place where the
 * counters of states change with it.
 *
 *	 NEW -----> WAITING <------.
 *	  |            |           |
 *	  v            v           |
 *	freed       PENDING -------+
 *	               |           |
 *	               v           |
 *	PAUSED <--> RUNNING -------'
 *
 * A job is WAITING until its release; when a release of a periodic job ends,
 * it waits for the next one. Every state but NEW can be followed by ENDED.
 */
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/overflow.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "job.h"
#include "scheduler.h"
#include "trace.h"
#include "worker.h"

#define event_to_job(e)	container_of((e), struct bpfsched_job, event)

#define COUNTS_AS_PENDING \
	(BIT(BPFSCHED_JOB_WAITING) | BIT(BPFSCHED_JOB_PENDING) | \
	 BIT(BPFSCHED_JOB_PAUSED))
#define IN_QUEUE \
	(BIT(BPFSCHED_JOB_PENDING) | BIT(BPFSCHED_JOB_PAUSED))

/* For each state the states that may follow it. */
static const u8 next_states[] = {
	[BPFSCHED_JOB_NEW] = BIT(BPFSCHED_JOB_WAITING),
	[BPFSCHED_JOB_WAITING] = BIT(BPFSCHED_JOB_PENDING) |
				 BIT(BPFSCHED_JOB_ENDED),
	[BPFSCHED_JOB_PENDING] = BIT(BPFSCHED_JOB_RUNNING) |
				 BIT(BPFSCHED_JOB_WAITING) |
				 BIT(BPFSCHED_JOB_ENDED),
	[BPFSCHED_JOB_RUNNING] = BIT(BPFSCHED_JOB_PAUSED) |
				 BIT(BPFSCHED_JOB_WAITING) |
				 BIT(BPFSCHED_JOB_ENDED),
	[BPFSCHED_JOB_PAUSED] = BIT(BPFSCHED_JOB_RUNNING) |
				BIT(BPFSCHED_JOB_ENDED),
	[BPFSCHED_JOB_ENDED] = 0,
};

static void set_state(struct bpfsched_job *job, enum bpfsched_job_state state)
{
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_counters *counters = &sched->counters;
	u32 pending = counters->pending;

	lockdep_assert_held(&sched->lock);
	WARN_ON_ONCE(!(next_states[job->state] & BIT(state)));

	pending -= !!(BIT(job->state) & COUNTS_AS_PENDING);
	counters->running -= job->state == BPFSCHED_JOB_RUNNING;
	job->state = state;
	counters->running += state == BPFSCHED_JOB_RUNNING;
	pending += !!(BIT(state) & COUNTS_AS_PENDING);

	WRITE_ONCE(counters->pending, pending);
	if (pending >= sched->limits.capacity)
		sched->was_full = true;
	if (pending > counters->queue_high_water)
		counters->queue_high_water = pending;
}

static void count_time(struct bpfsched *sched, u32 histogram, u64 ns)
{
	u32 bucket = min(fls64(ns), BPFSCHED_BUCKETS - 1);

	sched->histograms.buckets[histogram][bucket]++;
}

static bpfsched_event_due_t deadline_due;

/* When release number job->release is due; false: after the end of time. */
static bool release_time(const struct bpfsched_job *job, u64 *when_ns)
{
	const struct bpfsched_timing *timing = &job->timing;
	u64 distance;

	return !check_mul_overflow(job->release, timing->period_ns,
				   &distance) &&
	       !check_add_overflow(timing->start_ns, distance, when_ns);
}

/* The current release begins to wait, as good as new. */
static void wait_for_release(struct bpfsched_job *job, u64 when_ns)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_WAITING);
	sched->counters.submitted++;
	job->released_ns = when_ns;
	if (bpfsched_job_is_periodic(job))
		job->submitted_ns = when_ns;
	job->entity.deadline =
		bpfsched_deadline_from_now(when_ns, job->timing.deadline_ns);
	job->entity.started = false;
	job->missed = false;
	job->stop_status = BPFSCHED_STATUS_CANCELLED;
	WRITE_ONCE(job->control, BPFSCHED_CONTROL_RUN);
	job->started_ns = 0;
	job->start_seq = 0;
	job->run_ns = 0;
	job->preemptions = 0;
	job->followups = 0;
	job->result = (struct bpfsched_result) {};
}

static void release_now(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_PENDING);
	trace_bpfsched_submit(job);
	job->entity.seq = ++sched->next_seq;
	sched->policy->enqueue(sched->queue, &job->entity);
	if (job->entity.has_deadline)
		bpfsched_event_add(sched, &job->event,
				   job->entity.deadline.absolute_ns,
				   deadline_due);
	bpfsched_workers_offer(sched, &job->entity);
}

/* A slot for the completion of the current release, if one is left. */
static bool take_slot(struct bpfsched_job *job)
{
	struct bpfsched_client *client = job->client;

	if (job->slot)
		return true;
	if (list_empty(&job->spare_slots) || !bpfsched_client_has_slots(client))
		return false;
	job->slot = list_first_entry(&job->spare_slots, struct bpfsched_slot,
				     link);
	list_del(&job->slot->link);
	list_add(&job->slot->home_link, &job->lent_slots);
	bpfsched_client_use_slots(client, 1);
	return true;
}

static bool is_last_release(const struct bpfsched_job *job)
{
	return !bpfsched_job_is_periodic(job) ||
	       (job->timing.count && job->release + 1 >= job->timing.count);
}

static void release_due(struct bpfsched *sched, struct bpfsched_event *event,
			u64 now_ns)
{
	struct bpfsched_job *job = event_to_job(event);
	u64 when_ns;

	if (take_slot(job) || is_last_release(job)) {
		release_now(job);
		return;
	}
	/* No slot: leave this release out, and try at the next. */
	job->left_out++;
	job->release++;
	if (!release_time(job, &when_ns))
		when_ns = U64_MAX;
	job->submitted_ns = when_ns;
	job->released_ns = when_ns;
	job->entity.deadline =
		bpfsched_deadline_from_now(when_ns, job->timing.deadline_ns);
	bpfsched_event_add(sched, event, when_ns, release_due);
}

/**
 * bpfsched_job_submit() - hand a new job over to the scheduler
 * @job: a job that is new, has its id and is among the jobs of its client
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_job_submit(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	u64 start_ns = job->timing.start_ns;

	bpfsched_client_use_slots(job->client, job->last_slot ? 2 : 1);
	wait_for_release(job, start_ns);
	if (bpfsched_clock_now(&sched->clock) < start_ns)
		bpfsched_event_add(sched, &job->event, start_ns, release_due);
	else
		release_now(job);
}

/**
 * bpfsched_job_start() - let a job run
 * @job: a job that is pending or paused; the policy has selected it
 * @now_ns: the time
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_job_start(struct bpfsched_job *job, u64 now_ns)
{
	struct bpfsched *sched = job->client->sched;

	sched->policy->dequeue(sched->queue, &job->entity);
	set_state(job, BPFSCHED_JOB_RUNNING);
	if (job->start_seq) {
		trace_bpfsched_resume(job);
		return;
	}
	sched->counters.exec_count++;
	job->start_seq = ++sched->next_start;
	job->started_ns = now_ns;
	count_time(sched, BPFSCHED_HISTOGRAM_WAIT, now_ns - job->released_ns);
	trace_bpfsched_start(job);
}

/**
 * bpfsched_job_pause() - a job has made way for another
 * @job: a job that runs, and whose engine has paused it
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_job_pause(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_PAUSED);
	WRITE_ONCE(job->control, BPFSCHED_CONTROL_RUN);
	job->preemptions++;
	sched->counters.preemptions++;
	trace_bpfsched_pause(job);
	job->entity.started = true;
	sched->policy->enqueue(sched->queue, &job->entity);
}

/**
 * bpfsched_job_stop() - tell a running job to stop at its next safe point
 * @job: a job that runs
 * @status: how it is to end: BPFSCHED_STATUS_CANCELLED, for good, or
 *	BPFSCHED_STATUS_BUDGET
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_job_stop(struct bpfsched_job *job, u32 status)
{
	struct bpfsched *sched = job->client->sched;

	lockdep_assert_held(&sched->lock);

	if (job->control != BPFSCHED_CONTROL_STOP ||
	    status == BPFSCHED_STATUS_CANCELLED)
		job->stop_status = status;
	WRITE_ONCE(job->control, BPFSCHED_CONTROL_STOP);
	bpfsched_workers_stopping(sched, job);
}

static void miss(struct bpfsched_job *job)
{
	job->missed = true;
	job->client->sched->counters.deadline_misses++;
	trace_bpfsched_miss(job);
}

static void deadline_due(struct bpfsched *sched, struct bpfsched_event *event,
			 u64 now_ns)
{
	struct bpfsched_job *job = event_to_job(event);

	miss(job);
	if (job->timing.firm && job->state == BPFSCHED_JOB_PENDING)
		bpfsched_job_end_release(job, BPFSCHED_STATUS_MISSED);
}

/* The clock may not have called back yet for a deadline that has passed. */
static void settle_deadline(struct bpfsched_job *job, u64 now_ns)
{
	if (job->state == BPFSCHED_JOB_WAITING || !job->entity.has_deadline ||
	    job->missed)
		return;
	if (bpfsched_deadline_is_expired(&job->entity.deadline, now_ns))
		miss(job);
}

static void count_end(struct bpfsched_counters *counters, u32 status)
{
	switch (status) {
	case BPFSCHED_STATUS_OK:
		counters->completed++;
		break;
	case BPFSCHED_STATUS_FAULT:
	case BPFSCHED_STATUS_BUDGET:
		counters->failed++;
		break;
	case BPFSCHED_STATUS_CANCELLED:
		counters->cancelled++;
		break;
	default:
		counters->dropped++;
	}
}

/* Take a job out of all that is about its current release. */
static void leave_release(struct bpfsched_job *job, u64 now_ns)
{
	struct bpfsched *sched = job->client->sched;

	if (BIT(job->state) & IN_QUEUE)
		sched->policy->dequeue(sched->queue, &job->entity);
	bpfsched_event_del(sched, &job->event);
	settle_deadline(job, now_ns);
}

/* Hand the completion of the current release to the client. */
static void deliver(struct bpfsched_job *job, u32 status, u64 overruns,
		    bool last, u64 now_ns)
{
	struct bpfsched_client *client = job->client;
	struct bpfsched_slot *slot = job->slot;

	count_end(&client->sched->counters, status);
	if (job->start_seq)
		count_time(client->sched, BPFSCHED_HISTOGRAM_RUN, job->run_ns);
	if (job->missed)
		count_time(client->sched, BPFSCHED_HISTOGRAM_LATE,
			   now_ns - job->entity.deadline.absolute_ns);
	trace_bpfsched_complete(job, status);
	if (client->closed)
		return;
	if (slot) {
		job->slot = NULL;
	} else {
		slot = job->last_slot;
		job->last_slot = NULL;
	}
	bpfsched_slot_fill(slot, job, status, last, now_ns);
	slot->record.overruns = job->left_out + overruns;
	job->left_out = 0;
	bpfsched_client_deliver(client, slot);
}

/* The job is over: nothing leads to it any more but the list of ended jobs. */
static void retire(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_slot *slot, *next;

	set_state(job, BPFSCHED_JOB_ENDED);
	bpfsched_client_remove(job->client, job);
	list_del_init(&job->admitted_link);
	/* BPFSCHED_PERIODIC_SLOTS at most. */
	list_for_each_entry_safe(slot, next, &job->lent_slots, home_link) {
		list_del(&slot->home_link);
		slot->home = NULL;
	}
	bpfsched_client_return_slots(job->client,
				     !!job->slot + !!job->last_slot);
	list_add_tail(&job->link, &sched->ended);
}

/**
 * bpfsched_job_end() - end a job for good
 * @job: a job that waits, is pending, runs or is paused
 * @status: BPFSCHED_STATUS_*
 *
 * Its last completion goes to the client, unless that has closed. The job is
 * reaped when the lock is released.
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_job_end(struct bpfsched_job *job, u32 status)
{
	u64 now_ns = bpfsched_clock_now(&job->client->sched->clock);

	leave_release(job, now_ns);
	deliver(job, status, 0, true, now_ns);
	retire(job);
}

/* Releases that fell due before @now_ns, while the current one was unfinished. */
static u64 count_overruns(struct bpfsched_job *job, u64 now_ns)
{
	const struct bpfsched_timing *timing = &job->timing;
	u64 since_ns = now_ns - job->submitted_ns;
	u64 overruns;

	if (now_ns <= job->submitted_ns)
		return 0;
	/* Due at submitted_ns + i * period_ns < now_ns, for i from 1. */
	overruns = div64_u64(since_ns - 1, timing->period_ns);
	if (timing->count)
		overruns = min(overruns, timing->count - 1 - job->release);
	return overruns;
}

static bool is_cancelled(const struct bpfsched_job *job)
{
	return job->control == BPFSCHED_CONTROL_STOP &&
	       job->stop_status == BPFSCHED_STATUS_CANCELLED;
}

/**
 * bpfsched_job_end_release() - end the current release of a job
 * @job: a job that is pending or runs
 * @status: BPFSCHED_STATUS_*
 *
 * Its completion goes to the client. The job waits for its next release if it
 * has one, was not cancelled, and its client has not closed; else it ends.
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_job_end_release(struct bpfsched_job *job, u32 status)
{
	struct bpfsched *sched = job->client->sched;
	u64 now_ns = bpfsched_clock_now(&sched->clock);
	u64 when_ns, overruns;

	if (!bpfsched_job_is_periodic(job) || is_cancelled(job) ||
	    job->client->closed) {
		bpfsched_job_end(job, status);
		return;
	}

	leave_release(job, now_ns);
	overruns = count_overruns(job, now_ns);
	if (job->timing.count &&
	    job->release + 1 + overruns >= job->timing.count) {
		deliver(job, status, overruns, true, now_ns);
		retire(job);
		return;
	}
	deliver(job, status, overruns, false, now_ns);
	job->release += 1 + overruns;
	if (!release_time(job, &when_ns))
		when_ns = U64_MAX;
	take_slot(job);
	wait_for_release(job, when_ns);
	bpfsched_event_add(sched, &job->event, when_ns, release_due);
}
