/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dispatch: which job runs on which worker, and who makes way for whom.
 */
#ifndef BPFSCHED_DISPATCH_H
#define BPFSCHED_DISPATCH_H

#include <linux/types.h>

struct bpfsched;
struct bpfsched_job;
struct bpfsched_user;
struct bpfsched_worker;

void bpfsched_dispatch(struct bpfsched *sched);
void bpfsched_dispatch_on(struct bpfsched *sched, u32 cpus);
void bpfsched_dispatch_hold(struct bpfsched *sched);
void bpfsched_dispatch_thaw(struct bpfsched *sched);
bool bpfsched_dispatch_has_work(const struct bpfsched_worker *worker);
struct bpfsched_job *bpfsched_next(struct bpfsched_worker *worker);
struct bpfsched_job *bpfsched_take_up_held(struct bpfsched_worker *worker);
bool bpfsched_make_way(struct bpfsched_worker *worker);
u64 bpfsched_job_ran(struct bpfsched_worker *worker);
void bpfsched_rank_changes(struct bpfsched_job *job);
void bpfsched_rank_changed(struct bpfsched_job *job);
u64 bpfsched_time_on_worker(const struct bpfsched_job *job, u64 now_ns);
void bpfsched_budget_changed(struct bpfsched_job *job);
void bpfsched_dispatch_forget(struct bpfsched_user *user);

#endif /* BPFSCHED_DISPATCH_H */
