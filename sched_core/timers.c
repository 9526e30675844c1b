// SPDX-License-Identifier: GPL-2.0
/*
 * What is to happen at a time: releases, deadlines, ends of budgets and slices.
 *
 * Each owner of timers has a tree of them, ordered by time, and the scheduler
 * has a tree of the owners, ordered by the first timer of each. The clock is
 * armed for the first of all. When it calls back, owners take turns: one that
 * had some of its timers handled is put behind the others that are overdue. So
 * a timer waits for BPFSCHED_TIMERS_PER_TURN timers of each other owner at
 * most, however many of them are overdue.
 */
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include <bpfsched/visibility.h>

#include "deferred.h"
#include "dispatch.h"
#include "scheduler.h"
#include "timers.h"

/* Arm the clock for the first timer, but not for a time before @earliest_ns. */
static void arm_for_first(struct bpfsched *sched, u64 earliest_ns)
{
	struct timerqueue_node *first = timerqueue_getnext(&sched->timers);
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
 * bpfsched_timer_owner_init() - make an owner that has no timers
 * @owner: the owner
 *
 * Context: any.
 */
void bpfsched_timer_owner_init(struct bpfsched_timer_owner *owner)
{
	timerqueue_init_head(&owner->timers);
	timerqueue_init(&owner->turn);
	owner->not_before_ns = 0;
	owner->served = 0;
}

/**
 * bpfsched_timer_init() - make a timer that is not set
 * @timer: the timer
 * @owner: whose it is
 *
 * Context: any.
 */
void bpfsched_timer_init(struct bpfsched_timer *timer,
			 struct bpfsched_timer_owner *owner)
{
	timerqueue_init(&timer->node);
	timer->owner = owner;
}

/* Put an owner where its first timer belongs; returns whether it is first. */
static bool place_owner(struct bpfsched *sched,
			struct bpfsched_timer_owner *owner)
{
	struct timerqueue_node *first = timerqueue_getnext(&owner->timers);
	ktime_t when;

	if (!first) {
		if (!RB_EMPTY_NODE(&owner->turn.node))
			timerqueue_del(&sched->timers, &owner->turn);
		return false;
	}
	when = max_t(u64, first->expires, owner->not_before_ns);
	if (!RB_EMPTY_NODE(&owner->turn.node)) {
		if (owner->turn.expires == when)
			return false;
		timerqueue_del(&sched->timers, &owner->turn);
	}
	owner->turn.expires = when;
	return timerqueue_add(&sched->timers, &owner->turn);
}

/**
 * bpfsched_timer_set() - wait for a time
 * @sched: the scheduler
 * @timer: a timer that is not set
 * @when_ns: the time
 * @due: what to do then
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_timer_set(struct bpfsched *sched, struct bpfsched_timer *timer,
			u64 when_ns, bpfsched_timer_due_t *due)
{
	lockdep_assert_held(&sched->lock);
	WARN_ON_ONCE(bpfsched_timer_is_set(timer));

	timer->due = due;
	/* The tree compares signed times; KTIME_MAX is never reached. */
	timer->node.expires = min_t(u64, when_ns, KTIME_MAX);
	/* Behind others it changes nothing, nor does it end a back-off. */
	if (timerqueue_add(&timer->owner->timers, &timer->node) &&
	    place_owner(sched, timer->owner))
		arm_for_first(sched, 0);
}

/**
 * bpfsched_timer_clear() - wait for a time no longer
 * @sched: the scheduler
 * @timer: a timer, set or not
 *
 * The clock stays armed; it is cheaper to let it call back for nothing than to
 * arm it anew for each job that ends in time.
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_timer_clear(struct bpfsched *sched,
			  struct bpfsched_timer *timer)
{
	struct bpfsched_timer_owner *owner = timer->owner;
	bool was_first;

	lockdep_assert_held(&sched->lock);

	if (!bpfsched_timer_is_set(timer))
		return;
	was_first = timerqueue_getnext(&owner->timers) == &timer->node;
	timerqueue_del(&owner->timers, &timer->node);
	if (was_first)
		place_owner(sched, owner);
}

/* Take the first timer of an owner out; it is handled now. */
static struct bpfsched_timer *take_first(struct bpfsched *sched,
					 struct bpfsched_timer_owner *owner,
					 u64 now_ns)
{
	struct timerqueue_node *first = timerqueue_getnext(&owner->timers);

	timerqueue_del(&owner->timers, first);
	if (++owner->served == BPFSCHED_TIMERS_PER_TURN) {
		owner->served = 0;
		owner->not_before_ns = now_ns;
		/* So that it comes behind those that are due at this time too. */
		timerqueue_del(&sched->timers, &owner->turn);
	}
	place_owner(sched, owner);
	return container_of(first, struct bpfsched_timer, node);
}

/* Handle some timers that are due; returns the time, 0 if no more are due. */
static u64 handle_some(struct bpfsched *sched)
{
	struct bpfsched_timer_owner *owner;
	struct timerqueue_node *first;
	struct bpfsched_timer *timer;
	u64 now_ns = 0;
	int i;

	for (i = 0; i < BPFSCHED_TIMERS_PER_TICK; i++) {
		first = timerqueue_getnext(&sched->timers);
		now_ns = bpfsched_clock_now(&sched->clock);
		if (!first || first->expires > now_ns)
			return 0;
		owner = container_of(first, struct bpfsched_timer_owner, turn);
		timer = take_first(sched, owner, now_ns);
		timer->due(sched, timer, now_ns);
	}
	return now_ns;
}

/**
 * bpfsched_tick() - bring a scheduler up to the present time
 * @clock: its clock
 *
 * Does what is due. What follows from it and may not be done here is left to a
 * work item.
 *
 * Context: any, hard interrupt too; takes the lock of the scheduler.
 */
void bpfsched_tick(struct bpfsched_clock *clock)
{
	struct bpfsched *sched = container_of(clock, struct bpfsched, clock);
	unsigned long flags;
	u64 now_ns;

	flags = bpfsched_lock_atomic(sched);
	/* The clock is armed once, at the end, whatever is set meanwhile. */
	sched->armed_ns = 0;
	now_ns = handle_some(sched);
	sched->armed_ns = U64_MAX;
	arm_for_first(sched, now_ns ? now_ns + BPFSCHED_TICK_BACKOFF_NS : 0);
	bpfsched_dispatch(sched);
	bpfsched_unlock_atomic(sched, flags);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_tick);
