/* SPDX-License-Identifier: GPL-2.0 */
/*
 * States: memory for runs of the engine. A job has one from its start to its
 * end.
 */
#ifndef BPFSCHED_STATES_H
#define BPFSCHED_STATES_H

#include <linux/list.h>
#include <linux/types.h>

struct bpfsched;
struct bpfsched_user;

/* Jobs that were preempted by jobs which are not admitted: most at once. */
#define BPFSCHED_SPARE_STATES	32

/**
 * struct bpfsched_states - the states of a scheduler
 * @free: those that no job has; the one that was used last comes first
 * @free_count: number of them
 * @total: number of all
 * @surplus: those that users have left behind: other jobs were in them when the
 *	user went
 * @paused: jobs that have a state and do not run
 * @wanted: a worker found none
 *
 * Guarded by the lock of the scheduler.
 */
struct bpfsched_states {
	struct list_head free;
	u32 free_count;
	u32 total;
	u32 surplus;
	u32 paused;
	bool wanted;
};

int bpfsched_states_init(struct bpfsched *sched, u32 max_reservations);
void bpfsched_states_exit(struct bpfsched *sched);
int bpfsched_states_provide(struct bpfsched_user *user, u32 jobs, gfp_t gfp);
void bpfsched_states_forget(struct bpfsched_user *user, u32 jobs);
void bpfsched_states_withdraw(struct bpfsched_user *user);
void *bpfsched_state_get(struct bpfsched *sched);
bool bpfsched_state_put(struct bpfsched *sched, void *exec);

#endif /* BPFSCHED_STATES_H */
