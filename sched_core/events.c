// SPDX-License-Identifier: GPL-2.0
/*
 * What is to happen at a time: deadlines that pass.
 *
 * The deadlines of all jobs that are pending or running lie in a tree of their
 * own, ordered by time. The clock is armed for the first of them; when it
 * calls back, what is due is taken out of the tree, so that a deadline that
 * has passed does not make it call back again.
 */
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include <bpfsched/visibility.h>

#include "events.h"
#include "job.h"
#include "scheduler.h"

#define event_to_job(node)	container_of((node), struct bpfsched_job, event)

/* Arm the clock for the first event, but not for a time before @earliest_ns. */
static void arm_for_first(struct bpfsched *sched, u64 earliest_ns)
{
	struct timerqueue_node *first = timerqueue_getnext(&sched->events);
	u64 when_ns;

	if (!first)
		return;
	when_ns = max_t(u64, first->expires, earliest_ns);
	if (when_ns >= sched->armed_ns)
		return;
	sched->armed_ns = when_ns;
	sched->clock.ops->arm(&sched->clock, sched->armed_ns);
}

/**
 * bpfsched_event_add() - wait for the deadline of a job
 * @sched: the scheduler
 * @job: a job that has a deadline
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_event_add(struct bpfsched *sched, struct bpfsched_job *job)
{
	lockdep_assert_held(&sched->lock);

	timerqueue_init(&job->event);
	/* The tree compares signed times; KTIME_MAX is never reached. */
	job->event.expires = min_t(u64, job->entity.deadline.absolute_ns,
				   KTIME_MAX);
	timerqueue_add(&sched->events, &job->event);
	arm_for_first(sched, 0);
}

/**
 * bpfsched_event_del() - wait for the deadline of a job no longer
 * @sched: the scheduler
 * @job: a job whose deadline is waited for
 *
 * The clock stays armed; it is cheaper to let it call back for nothing than to
 * arm it anew for each job that ends in time.
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_event_del(struct bpfsched *sched, struct bpfsched_job *job)
{
	lockdep_assert_held(&sched->lock);

	timerqueue_del(&sched->events, &job->event);
}

/**
 * bpfsched_tick() - bring a scheduler up to the present time
 * @clock: its clock
 *
 * Counts the misses of all deadlines that have passed.
 *
 * Context: any, hard interrupt too; takes the lock of the scheduler.
 */
void bpfsched_tick(struct bpfsched_clock *clock)
{
	struct bpfsched *sched = container_of(clock, struct bpfsched, clock);
	struct timerqueue_node *first;
	unsigned long flags;
	u64 now_ns = 0;
	int i;

	raw_spin_lock_irqsave(&sched->lock, flags);
	sched->armed_ns = U64_MAX;
	for (i = 0; i < BPFSCHED_EVENTS_PER_TICK; i++) {
		first = timerqueue_getnext(&sched->events);
		now_ns = bpfsched_clock_now(clock);
		if (!first || first->expires > now_ns)
			break;
		bpfsched_job_miss(event_to_job(first));
	}
	arm_for_first(sched, i < BPFSCHED_EVENTS_PER_TICK ?
			     0 : now_ns + BPFSCHED_BREATHER_NS);
	raw_spin_unlock_irqrestore(&sched->lock, flags);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_tick);
