/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Submission: from new jobs to jobs of the scheduler.
 */
#ifndef BPFSCHED_SUBMIT_H
#define BPFSCHED_SUBMIT_H

#include <linux/types.h>

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;

/**
 * struct bpfsched_submission - one job that is being submitted
 * @job: the job; NULL if there is none, or once it has been taken
 * @id: the number that it got, if it was taken
 * @error: 0 if it was taken, else a negative errno
 * @slots: for bpfsched_submit()
 * @limit: with -EDQUOT which limit it was, BPFSCHED_LIMIT_*, otherwise 0
 */
struct bpfsched_submission {
	struct bpfsched_job *job;
	u64 id;
	int error;
	u32 slots;
	u32 limit;
};

u32 bpfsched_submit(struct bpfsched_client *client,
		    struct bpfsched_submission *entries, u32 count,
		    u64 timeout_ns, gfp_t gfp, u64 *room_ns);
void bpfsched_submit_atomic(struct bpfsched_client *client,
			    struct bpfsched_submission *entry);
void bpfsched_submit_live(struct bpfsched_submission *entry);
void bpfsched_serve_waiters(struct bpfsched *sched);

#endif /* BPFSCHED_SUBMIT_H */
