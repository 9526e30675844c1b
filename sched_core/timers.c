// SPDX-License-Identifier: GPL-2.0
/*
 * What is to happen at a time: releases, deadlines, ends of budgets and slices.
 *
 * Each user has a tree of timers, ordered by time, and the scheduler has a tree
 * of the users, ordered by the first timer of each. The clock is armed for the
 * first of all. When it calls back, users take turns: one that had some of its
 * timers handled is put behind the others that are overdue. So a timer waits for
 * BPFSCHED_TIMERS_PER_TURN timers of each other user at most, however many of
 * them are overdue.
 *
 * The scheduler's own timers, those of its workers and of jobs that are
 * admitted, are handled before all others. They do not wait when those of the
 * users have had enough for one call back; there are few of them.
 */
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include <bpfsched/visibility.h>

#include "deferred.h"
#include "dispatch.h"
#include "scheduler.h"
#include "timers.h"

/* When the first of the scheduler's own timers is to be handled. */
static u64 own_due_ns(struct bpfsched *sched)
{
	struct bpfsched_timer_owner *own = &sched->own_timers;
	struct timerqueue_node *first = timerqueue_getnext(&own->timers);

	return first ? max_t(u64, first->expires, own->not_before_ns) : U64_MAX;
}

/* The same for those of users. */
static u64 users_due_ns(struct bpfsched *sched)
{
	struct timerqueue_node *first = timerqueue_getnext(&sched->timers);

	return first ? max_t(u64, first->expires, sched->users_not_before_ns) :
		       U64_MAX;
}

/* Arm the clock for the first timer. */
static void arm_for_first(struct bpfsched *sched)
{
	u64 when_ns = min(own_due_ns(sched), users_due_ns(sched));

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
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_timer_init);

/*
 * Put an owner where its first timer belongs, after that has changed; returns
 * whether it is first.
 */
static bool place_owner(struct bpfsched *sched,
			struct bpfsched_timer_owner *owner)
{
	struct timerqueue_node *first = timerqueue_getnext(&owner->timers);
	ktime_t when;

	if (owner == &sched->own_timers)
		return true;
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
	/* Behind others it changes nothing. */
	if (timerqueue_add(&timer->owner->timers, &timer->node) &&
	    place_owner(sched, timer->owner))
		arm_for_first(sched);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_timer_set);

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

/**
 * bpfsched_timer_move() - give a timer to another owner
 * @sched: the scheduler
 * @timer: a timer, set or not; if it is set it stays so
 * @owner: whose it is to be
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_timer_move(struct bpfsched *sched, struct bpfsched_timer *timer,
			 struct bpfsched_timer_owner *owner)
{
	bool was_set = bpfsched_timer_is_set(timer);
	u64 when_ns = timer->node.expires;

	bpfsched_timer_clear(sched, timer);
	timer->owner = owner;
	if (was_set)
		bpfsched_timer_set(sched, timer, when_ns, timer->due);
}

static struct bpfsched_timer *take_own(struct bpfsched *sched)
{
	struct timerqueue_head *timers = &sched->own_timers.timers;
	struct timerqueue_node *first = timerqueue_getnext(timers);

	timerqueue_del(timers, first);
	return container_of(first, struct bpfsched_timer, node);
}

/* Take the first timer of the user out whose turn it is. */
static struct bpfsched_timer *take_users(struct bpfsched *sched, u64 now_ns)
{
	struct timerqueue_node *turn = timerqueue_getnext(&sched->timers), *first;
	struct bpfsched_timer_owner *owner =
		container_of(turn, struct bpfsched_timer_owner, turn);

	first = timerqueue_getnext(&owner->timers);
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

/*
 * When more timers of users may be handled. On a slow machine the call back takes
 * long; to rest for as long leaves others half of the CPU, whatever the machine
 * is. The scheduler's own do not wait for that.
 */
static u64 end_of_users_rest(u64 start_ns, u64 now_ns)
{
	return now_ns + max_t(u64, now_ns - start_ns, BPFSCHED_TICK_BACKOFF_NS);
}

/* Handle what is due, but no more than may be handled at once. */
static void handle_some(struct bpfsched *sched)
{
	u64 start_ns = bpfsched_clock_now(&sched->clock);
	u32 own_left = BPFSCHED_OWN_TIMERS_PER_TICK;
	u32 users_left = BPFSCHED_TIMERS_PER_TICK;
	struct bpfsched_timer *timer;
	u64 now_ns;

	for (now_ns = start_ns;; now_ns = bpfsched_clock_now(&sched->clock)) {
		if (own_left && own_due_ns(sched) <= now_ns) {
			timer = take_own(sched);
			if (!--own_left)
				sched->own_timers.not_before_ns =
					now_ns + BPFSCHED_TICK_BACKOFF_NS;
		} else if (users_left && users_due_ns(sched) <= now_ns) {
			timer = take_users(sched, now_ns);
			if (!--users_left)
				sched->users_not_before_ns =
					end_of_users_rest(start_ns, now_ns);
		} else {
			return;
		}
		timer->due(sched, timer, now_ns);
	}
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

	flags = bpfsched_lock_atomic(sched);
	/* The clock is armed once, at the end, whatever is set meanwhile. */
	sched->armed_ns = 0;
	handle_some(sched);
	sched->armed_ns = U64_MAX;
	arm_for_first(sched);
	bpfsched_dispatch(sched);
	bpfsched_unlock_atomic(sched, flags);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_tick);
