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
#include "deferred.h"
#include "job.h"
#include "reservation.h"
#include "scheduler.h"
#include "trace.h"
#include "user.h"

#define timer_to_job(t)	container_of((t), struct bpfsched_job, timer)

#define IN_QUEUE \
	(BIT(BPFSCHED_JOB_PENDING) | BIT(BPFSCHED_JOB_PAUSED))
#define COUNTS_AS_PENDING	(BIT(BPFSCHED_JOB_WAITING) | IN_QUEUE)

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
	u32 from = BIT(job->state), to = BIT(state);

	lockdep_assert_held(&sched->lock);
	WARN_ON_ONCE(!(next_states[job->state] & to));

	job->state = state;
	WRITE_ONCE(counters->pending, counters->pending +
		   !!(to & COUNTS_AS_PENDING) - !!(from & COUNTS_AS_PENDING));
	counters->running += (to == BIT(BPFSCHED_JOB_RUNNING)) -
			     (from == BIT(BPFSCHED_JOB_RUNNING));
	WRITE_ONCE(counters->ready, counters->ready +
		   !!(to & IN_QUEUE) - !!(from & IN_QUEUE));
	if (counters->ready > counters->queue_high_water)
		counters->queue_high_water = counters->ready;
	if ((from & IN_QUEUE) && !(to & IN_QUEUE))
		bpfsched_defer_room(sched);
	if (sched->drainers && bpfsched_is_drained(sched))
		sched->deferred->drained = true;
}

static void count_time(struct bpfsched *sched, u32 histogram, u64 ns)
{
	u32 bucket = min(fls64(ns), BPFSCHED_BUCKETS - 1);

	sched->histograms.buckets[histogram][bucket]++;
}

static bpfsched_timer_due_t deadline_due;

/* When release number @release is due; false: after the end of time. */
static bool release_time(const struct bpfsched_job *job, u64 release,
			 u64 *when_ns)
{
	const struct bpfsched_timing *timing = &job->timing;
	u64 distance;

	return !check_mul_overflow(release, timing->period_ns, &distance) &&
	       !check_add_overflow(timing->start_ns, distance, when_ns);
}

/* The current release is due at a time. */
static void set_release_time(struct bpfsched_job *job, u64 when_ns)
{
	job->released_ns = when_ns;
	if (bpfsched_job_is_periodic(job))
		job->submitted_ns = when_ns;
	job->entity.deadline =
		bpfsched_deadline_from_now(when_ns, job->timing.deadline_ns);
}

/* The current release begins to wait, as good as new. */
static void wait_for_release(struct bpfsched_job *job, u64 when_ns)
{
	set_state(job, BPFSCHED_JOB_WAITING);
	job->client->sched->counters.submitted++;
	set_release_time(job, when_ns);
	job->entity.started = false;
	job->entity.priority = job->new_priority;
	job->timing.budget_ns = job->next_budget_ns;
	job->missed = false;
	job->has_new_budget = false;
	job->stop_status = BPFSCHED_STATUS_CANCELLED;
	WRITE_ONCE(job->control, BPFSCHED_CONTROL_RUN);
	job->started_ns = 0;
	job->start_seq = 0;
	job->run_ns = 0;
	job->preemptions = 0;
	job->followups = 0;
	job->copy_is_filled = false;
	job->result = (struct bpfsched_result) {};
}

/* A job that runs once does not wait any more, after its release. */
static void stop_counting_as_waiting(struct bpfsched_job *job)
{
	job->client->user->waiting -= job->counts_as_waiting;
	job->counts_as_waiting = false;
}

/**
 * bpfsched_job_watch_deadline() - wait for the deadline of the current release
 * @job: a job that was released, and whose timer is not set
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_job_watch_deadline(struct bpfsched_job *job)
{
	if (job->entity.has_deadline && !job->missed)
		bpfsched_timer_set(job->client->sched, &job->timer,
				   job->entity.deadline.absolute_ns,
				   deadline_due);
}

static void release_now(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_PENDING);
	if (!bpfsched_job_is_periodic(job))
		stop_counting_as_waiting(job);
	trace_bpfsched_submit(job);
	job->entity.seq = ++sched->next_seq;
	sched->policy->enqueue(sched->queue, &job->entity);
	bpfsched_job_watch_deadline(job);
	sched->arrivals++;
}

static void release_due(struct bpfsched *sched, struct bpfsched_timer *timer,
			u64 now_ns)
{
	release_now(timer_to_job(timer));
}

static void take_copy(struct bpfsched_job *job)
{
	if (job->copies && !job->copy)
		job->copy = bpfsched_copies_take(job->copies);
}

static bool is_last_release(const struct bpfsched_job *job)
{
	return !bpfsched_job_is_periodic(job) ||
	       (job->timing.count && job->release + 1 >= job->timing.count);
}

/*
 * Make sure that the current release of a job with a period has a slot beside
 * the one for the end of the job; the last one has that. False: there is none.
 */
static bool take_slot(struct bpfsched_job *job)
{
	take_copy(job);
	if (is_last_release(job))
		return true;
	if (job->copies && !job->copy)
		return false;
	if (job->slots == 1 && bpfsched_completions_take_free_slot(job->client))
		job->slots = 2;
	return job->slots == 2;
}

static void watch_release(struct bpfsched_job *job)
{
	bpfsched_timer_set(job->client->sched, &job->timer, job->released_ns,
			   release_due);
}

/*
 * The first release that is not due yet, or the last; those before it are left
 * out, and counted.
 */
static void leave_out_releases(struct bpfsched_job *job, u64 now_ns)
{
	const struct bpfsched_timing *timing = &job->timing;
	u64 release = job->release, when_ns;

	if (now_ns >= job->released_ns)
		release += div64_u64(now_ns - job->released_ns,
				     timing->period_ns) + 1;
	if (timing->count)
		release = min(release, timing->count - 1);
	job->left_out += release - job->release;
	job->release = release;
	if (!release_time(job, release, &when_ns))
		when_ns = U64_MAX;
	set_release_time(job, when_ns);
}

/**
 * bpfsched_job_feed() - a job that waits for a completion slot may have one
 * @job: a job in bpfsched_completions.starved
 *
 * Its next release follows from the time. Until then it had no timer.
 *
 * Context: any, with the lock of the scheduler held.
 * Return: false if there is none for it.
 */
bool bpfsched_job_feed(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	u64 now_ns = bpfsched_clock_now(&sched->clock);

	lockdep_assert_held(&sched->lock);

	if (!take_slot(job))
		return false;
	list_del_init(&job->starved_link);
	bpfsched_timer_clear(sched, &job->timer);
	leave_out_releases(job, now_ns);
	watch_release(job);
	return true;
}

/* The last release has the slot that is kept for the end of the job. */
static void last_release_due(struct bpfsched *sched,
			     struct bpfsched_timer *timer, u64 now_ns)
{
	struct bpfsched_job *job = timer_to_job(timer);

	list_del_init(&job->starved_link);
	leave_out_releases(job, now_ns);
	take_copy(job);
	release_now(job);
}

/* Without a slot a job has no timer, but for its last release. */
static void starve(struct bpfsched_job *job)
{
	u64 when_ns;

	bpfsched_completions_starve(job);
	if (job->timing.count &&
	    release_time(job, job->timing.count - 1, &when_ns))
		bpfsched_timer_set(job->client->sched, &job->timer, when_ns,
				   last_release_due);
}

/**
 * bpfsched_job_starts_later() - whether the first release lies ahead
 * @job: a new job
 *
 * Context: any.
 */
bool bpfsched_job_starts_later(const struct bpfsched_job *job)
{
	/* The clock is not looked at for most jobs. */
	return job->timing.start_ns > job->submitted_ns &&
	       job->timing.start_ns >
	       bpfsched_clock_now(&job->client->sched->clock);
}

/* What a job has in use of what its user may have. */
static void count_in(struct bpfsched_job *job, bool later)
{
	struct bpfsched_user *user = job->client->user;

	job->slots = bpfsched_job_slots(job);
	bpfsched_completions_take_slots(job->client, job->slots);
	job->counts_as_waiting = bpfsched_job_is_periodic(job) || later;
	user->waiting += job->counts_as_waiting;
	if (!bpfsched_job_is_periodic(job))
		return;
	user->release_rate += bpfsched_release_rate(job->timing.period_ns);
	WRITE_ONCE(job->client->completions.extra,
		   job->client->completions.extra + BPFSCHED_PERIODIC_SLOTS);
}

static void count_out(struct bpfsched_job *job)
{
	struct bpfsched_user *user = job->client->user;

	stop_counting_as_waiting(job);
	if (!bpfsched_job_is_periodic(job))
		return;
	user->release_rate -= bpfsched_release_rate(job->timing.period_ns);
	WRITE_ONCE(job->client->completions.extra,
		   job->client->completions.extra - BPFSCHED_PERIODIC_SLOTS);
}

/**
 * bpfsched_job_submit() - hand a new job over to the scheduler
 * @job: a job that is new, has its id and is among the jobs of its client,
 *	which has the slots that it needs
 *
 * Context: any, with the lock of the scheduler held; bpfsched_dispatch() is to
 * be called under the same hold.
 */
void bpfsched_job_submit(struct bpfsched_job *job)
{
	bool later = bpfsched_job_starts_later(job);

	count_in(job, later);
	take_copy(job);
	wait_for_release(job, job->timing.start_ns);
	if (later)
		watch_release(job);
	else
		release_now(job);
}

/**
 * bpfsched_job_start() - let a job run
 * @job: a job that is pending or paused; the policy has selected it
 * @now_ns: the time
 *
 * Context: process, with the lock of the scheduler held.
 * Return: false if there is no state for it; then it was not started.
 */
bool bpfsched_job_start(struct bpfsched_job *job, u64 now_ns)
{
	struct bpfsched *sched = job->client->sched;
	bool was_paused = job->state == BPFSCHED_JOB_PAUSED;

	if (!job->exec)
		job->exec = bpfsched_state_get(sched);
	if (!job->exec)
		return false;
	sched->policy->start(sched->queue, &job->entity);
	set_state(job, BPFSCHED_JOB_RUNNING);
	sched->states.paused -= was_paused;
	if (was_paused) {
		trace_bpfsched_resume(job);
		return true;
	}
	sched->counters.exec_count++;
	job->start_seq = ++sched->next_start;
	job->started_ns = now_ns;
	count_time(sched, BPFSCHED_HISTOGRAM_WAIT, now_ns - job->released_ns);
	trace_bpfsched_start(job);
	return true;
}

/**
 * bpfsched_job_pause() - a job has made way for another
 * @job: a job that runs, and whose engine has paused it; the policy was told
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
	sched->states.paused++;
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
 * Context: any, with the lock of the scheduler held; bpfsched_dispatch() is to
 * be called under the same hold.
 */
void bpfsched_job_stop(struct bpfsched_job *job, u32 status)
{
	struct bpfsched *sched = job->client->sched;

	lockdep_assert_held(&sched->lock);

	if (job->control != BPFSCHED_CONTROL_STOP ||
	    status == BPFSCHED_STATUS_CANCELLED)
		job->stop_status = status;
	WRITE_ONCE(job->control, BPFSCHED_CONTROL_STOP);
	sched->stops++;
}

/**
 * bpfsched_job_cancel() - cancel a job
 * @job: a live job: it ends, or is told to stop if it runs
 *
 * Context: any, with the lock of the scheduler held; bpfsched_dispatch() is to
 * be called under the same hold.
 */
void bpfsched_job_cancel(struct bpfsched_job *job)
{
	if (job->state == BPFSCHED_JOB_RUNNING)
		bpfsched_job_stop(job, BPFSCHED_STATUS_CANCELLED);
	else
		bpfsched_job_end(job, BPFSCHED_STATUS_CANCELLED);
}

static void miss(struct bpfsched_job *job)
{
	job->missed = true;
	job->client->sched->counters.deadline_misses++;
	trace_bpfsched_miss(job);
}

static void deadline_due(struct bpfsched *sched, struct bpfsched_timer *timer,
			 u64 now_ns)
{
	struct bpfsched_job *job = timer_to_job(timer);

	miss(job);
	if (job->timing.firm && job->state == BPFSCHED_JOB_PENDING)
		bpfsched_job_end_release(job, BPFSCHED_STATUS_MISSED, now_ns);
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
	bpfsched_timer_clear(sched, &job->timer);
	settle_deadline(job, now_ns);
}

/* Hand the completion of the current release to the client. */
static void deliver(struct bpfsched_job *job, u32 status, u64 overruns,
		    bool last, u64 now_ns)
{
	struct bpfsched_client *client = job->client;
	struct bpfsched_record_slot *slot;

	count_end(&client->sched->counters, status);
	if (job->start_seq)
		count_time(client->sched, BPFSCHED_HISTOGRAM_RUN, job->run_ns);
	/* It may have got a later deadline since. */
	if (job->missed && now_ns >= job->entity.deadline.absolute_ns)
		count_time(client->sched, BPFSCHED_HISTOGRAM_LATE,
			   now_ns - job->entity.deadline.absolute_ns);
	trace_bpfsched_complete(job, status);
	if (client->closed)
		return;
	slot = bpfsched_completions_add(client);
	bpfsched_completion_fill(slot, job, status, last, now_ns);
	slot->record.overruns = job->left_out + overruns;
	bpfsched_completions_deliver(client);
	job->slots--;
	job->left_out = 0;
}

/* The job is over: nothing leads to it any more but the list of ended jobs. */
static void retire(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_ENDED);
	count_out(job);
	bpfsched_client_remove(job->client, job);
	bpfsched_reservation_end(job);
	list_del_init(&job->starved_link);
	if (job->copy)
		bpfsched_copies_give(job->copies, job->copy);
	bpfsched_completions_give_slots(job->client, job->slots);
	bpfsched_defer_free(sched, job);
}

static void end_job(struct bpfsched_job *job, u32 status, u64 now_ns)
{
	if (!list_empty(&job->starved_link))
		leave_out_releases(job, now_ns);
	leave_release(job, now_ns);
	deliver(job, status, 0, true, now_ns);
	retire(job);
}

/**
 * bpfsched_job_end() - end a job for good
 * @job: a job that waits, is pending, runs or is paused
 * @status: BPFSCHED_STATUS_*
 *
 * Its last completion goes to the client, unless that has closed. The job is
 * freed when the lock has been released.
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_job_end(struct bpfsched_job *job, u32 status)
{
	end_job(job, status, bpfsched_clock_now(&job->client->sched->clock));
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

/* The next release waits for its time, or for a slot. */
static void wait_for_next(struct bpfsched_job *job)
{
	u64 when_ns;

	if (!release_time(job, job->release, &when_ns))
		when_ns = U64_MAX;
	wait_for_release(job, when_ns);
	if (take_slot(job))
		watch_release(job);
	else
		starve(job);
}

/**
 * bpfsched_job_end_release() - end the current release of a job
 * @job: a job that is pending or runs
 * @status: BPFSCHED_STATUS_*
 * @now_ns: the time
 *
 * Its completion goes to the client. The job waits for its next release if it
 * has one, was not cancelled, and its client has not closed; else it ends.
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_job_end_release(struct bpfsched_job *job, u32 status,
			      u64 now_ns)
{
	u64 overruns;

	if (!bpfsched_job_is_periodic(job) || is_cancelled(job) ||
	    job->client->closed) {
		end_job(job, status, now_ns);
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
	wait_for_next(job);
}
