/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Suspend and hibernation: nothing runs while the system sleeps.
 */
#ifndef BPFSCHED_SUSPEND_H
#define BPFSCHED_SUSPEND_H

struct bpfsched;

int bpfsched_suspend_init(struct bpfsched *sched);
void bpfsched_suspend_exit(struct bpfsched *sched);
void bpfsched_suspend(struct bpfsched *sched);
void bpfsched_wake(struct bpfsched *sched);

#endif /* BPFSCHED_SUSPEND_H */
