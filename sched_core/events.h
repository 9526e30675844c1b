/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen at a time: deadlines that pass.
 */
#ifndef BPFSCHED_EVENTS_H
#define BPFSCHED_EVENTS_H

#include <linux/time64.h>
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
struct bpfsched_job;

void bpfsched_event_add(struct bpfsched *sched, struct bpfsched_job *job);
void bpfsched_event_del(struct bpfsched *sched, struct bpfsched_job *job);
void bpfsched_tick(struct bpfsched_clock *clock);

#endif /* BPFSCHED_EVENTS_H */
