/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen at a time: deadlines that pass.
 */
#ifndef BPFSCHED_EVENTS_H
#define BPFSCHED_EVENTS_H

#include <linux/types.h>

struct bpfsched;
struct bpfsched_clock;
struct bpfsched_job;

void bpfsched_event_add(struct bpfsched *sched, struct bpfsched_job *job);
void bpfsched_event_del(struct bpfsched *sched, struct bpfsched_job *job);
void bpfsched_tick(struct bpfsched_clock *clock);

#endif /* BPFSCHED_EVENTS_H */
