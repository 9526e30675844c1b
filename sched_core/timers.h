/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen at a time: releases, deadlines, ends of budgets and slices.
 */
#ifndef BPFSCHED_TIMERS_H
#define BPFSCHED_TIMERS_H

#include <linux/time64.h>
#include <linux/timerqueue.h>
#include <linux/types.h>

/*
 * One call back of the clock handles at most so many timers of users. If more
 * are due, they wait for as long as it took, and at least for this long, so that
 * the interrupt ends and others can run.
 */
#define BPFSCHED_TIMERS_PER_TICK	32
#define BPFSCHED_TICK_BACKOFF_NS	(20ULL * NSEC_PER_USEC)

/*
 * The same for timers of the scheduler itself. Each worker and each admitted job
 * has one, and when it was handled the next one lies ahead, unless the clock was
 * late by more than a period. So there is room for what is due at once.
 */
#define BPFSCHED_OWN_TIMERS_PER_TICK	512

/* Timers of one owner that are handled before the others have their turn. */
#define BPFSCHED_TIMERS_PER_TURN	4

struct bpfsched;
struct bpfsched_clock;
struct bpfsched_timer;

/**
 * typedef bpfsched_timer_due_t - what to do when the time has come
 * @sched: the scheduler, whose lock is held; maybe in hard interrupt context
 * @timer: the timer, which is not set any more
 * @now_ns: the time
 */
typedef void bpfsched_timer_due_t(struct bpfsched *sched,
				  struct bpfsched_timer *timer, u64 now_ns);

/**
 * struct bpfsched_timer_owner - whose timers take turns with those of others
 * @timers: its timers that are set
 * @turn: in bpfsched.timers while it has any; not in use for the scheduler
 * @not_before_ns: it had its turn at this time: others that were due then come
 *	first
 * @served: timers handled in this turn
 *
 * A user owns the timers of its jobs; the scheduler owns those of its workers
 * and of jobs that are admitted, so that no user's backlog delays the end of a
 * slice, or a release that is vouched for.
 *
 * All of it is guarded by the lock of the scheduler.
 */
struct bpfsched_timer_owner {
	struct timerqueue_head timers;
	struct timerqueue_node turn;
	u64 not_before_ns;
	u32 served;
};

/**
 * struct bpfsched_timer - something that is to happen at a time
 * @node: in the owner's timers while it is set; guarded by the lock
 * @due: what to do then
 * @owner: whose it is; changed by bpfsched_timer_move()
 */
struct bpfsched_timer {
	struct timerqueue_node node;
	bpfsched_timer_due_t *due;
	struct bpfsched_timer_owner *owner;
};

void bpfsched_timer_owner_init(struct bpfsched_timer_owner *owner);
void bpfsched_timer_init(struct bpfsched_timer *timer,
			 struct bpfsched_timer_owner *owner);
void bpfsched_timer_set(struct bpfsched *sched, struct bpfsched_timer *timer,
			u64 when_ns, bpfsched_timer_due_t *due);
void bpfsched_timer_clear(struct bpfsched *sched,
			  struct bpfsched_timer *timer);
void bpfsched_timer_move(struct bpfsched *sched, struct bpfsched_timer *timer,
			 struct bpfsched_timer_owner *owner);
void bpfsched_tick(struct bpfsched_clock *clock);

static inline bool bpfsched_timer_is_set(const struct bpfsched_timer *timer)
{
	return !RB_EMPTY_NODE(&timer->node.node);
}

#endif /* BPFSCHED_TIMERS_H */
