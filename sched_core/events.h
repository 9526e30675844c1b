/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen at a time: releases, deadlines, ends of budgets.
 */
#ifndef BPFSCHED_EVENTS_H
#define BPFSCHED_EVENTS_H

#include <linux/time64.h>
#include <linux/timerqueue.h>
#include <linux/types.h>

/*
 * One call back of the clock handles at most so many events. If more are due,
 * the clock is armed for a little later, so that the interrupt ends and others
 * can run.
 */
#define BPFSCHED_EVENTS_PER_TICK	32
#define BPFSCHED_BREATHER_NS		(20ULL * NSEC_PER_USEC)

struct bpfsched;
struct bpfsched_clock;
struct bpfsched_event;

/**
 * typedef bpfsched_event_due_t - what to do when the time has come
 * @sched: the scheduler, whose lock is held; maybe in hard interrupt context
 * @event: the event, which is not waited for any more
 * @now_ns: the time
 */
typedef void bpfsched_event_due_t(struct bpfsched *sched,
				  struct bpfsched_event *event, u64 now_ns);

/**
 * struct bpfsched_event - something that is to happen at a time
 * @node: in bpfsched.events while it is waited for; guarded by the lock
 * @due: what to do then
 */
struct bpfsched_event {
	struct timerqueue_node node;
	bpfsched_event_due_t *due;
};

void bpfsched_event_init(struct bpfsched_event *event);
void bpfsched_event_add(struct bpfsched *sched, struct bpfsched_event *event,
			u64 when_ns, bpfsched_event_due_t *due);
void bpfsched_event_del(struct bpfsched *sched, struct bpfsched_event *event);
void bpfsched_tick(struct bpfsched_clock *clock);

#endif /* BPFSCHED_EVENTS_H */
