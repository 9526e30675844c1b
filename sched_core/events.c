// SPDX-License-Identifier: GPL-2.0
/*
 * What is to happen at a time: releases, deadlines, ends of budgets.
 *
 * All events of a scheduler lie in one tree, ordered by time, apart from the
 * queue of the policy. The clock is armed for the first of them; when it calls
 * back, what is due is taken out of the tree, so that a deadline that has
 * passed does not make it call back again.
 */
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include <bpfsched/visibility.h>

#include "events.h"
#include "scheduler.h"

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
 * bpfsched_event_init() - make an event that is not waited for
 * @event: the event
 *
 * Context: any.
 */
void bpfsched_event_init(struct bpfsched_event *event)
{
	timerqueue_init(&event->node);
}

/**
 * bpfsched_event_add() - wait for a time
 * @sched: the scheduler
 * @event: an event that is not waited for
 * @when_ns: the time
 * @due: what to do then
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_event_add(struct bpfsched *sched, struct bpfsched_event *event,
			u64 when_ns, bpfsched_event_due_t *due)
{
	lockdep_assert_held(&sched->lock);
	WARN_ON_ONCE(!RB_EMPTY_NODE(&event->node.node));

	event->due = due;
	/* The tree compares signed times; KTIME_MAX is never reached. */
	event->node.expires = min_t(u64, when_ns, KTIME_MAX);
	/* Behind others it changes nothing, nor does it end a breather. */
	if (timerqueue_add(&sched->events, &event->node))
		arm_for_first(sched, 0);
}

/**
 * bpfsched_event_del() - wait for an event no longer
 * @sched: the scheduler
 * @event: an event, waited for or not
 *
 * The clock stays armed; it is cheaper to let it call back for nothing than to
 * arm it anew for each job that ends in time.
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_event_del(struct bpfsched *sched, struct bpfsched_event *event)
{
	lockdep_assert_held(&sched->lock);

	if (!RB_EMPTY_NODE(&event->node.node))
		timerqueue_del(&sched->events, &event->node);
}

/**
 * bpfsched_tick() - bring a scheduler up to the present time
 * @clock: its clock
 *
 * Does what is due. Jobs that end by it are reaped by a work item.
 *
 * Context: any, hard interrupt too; takes the lock of the scheduler.
 */
void bpfsched_tick(struct bpfsched_clock *clock)
{
	struct bpfsched *sched = container_of(clock, struct bpfsched, clock);
	struct timerqueue_node *first;
	struct bpfsched_event *event;
	unsigned long flags;
	u64 now_ns = 0;
	int i;

	flags = bpfsched_lock_atomic(sched);
	/* The clock is armed once, at the end, whatever is added meanwhile. */
	sched->armed_ns = 0;
	for (i = 0; i < BPFSCHED_EVENTS_PER_TICK; i++) {
		first = timerqueue_getnext(&sched->events);
		now_ns = bpfsched_clock_now(clock);
		if (!first || first->expires > now_ns)
			break;
		event = container_of(first, struct bpfsched_event, node);
		timerqueue_del(&sched->events, first);
		event->due(sched, event, now_ns);
	}
	sched->armed_ns = U64_MAX;
	arm_for_first(sched, i < BPFSCHED_EVENTS_PER_TICK ?
			     0 : now_ns + BPFSCHED_BREATHER_NS);
	bpfsched_unlock_atomic(sched, flags);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_tick);
