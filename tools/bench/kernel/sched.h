/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What benchmarks of a scheduler share: one with a client, and a program of two
 * instructions for all jobs.
 */
#ifndef BPFSCHED_BENCH_SCHED_H
#define BPFSCHED_BENCH_SCHED_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "../../../sched_core/scheduler.h"

struct bpfsched_client;
struct bpfsched_prog;

/**
 * struct bench_sched - a scheduler, its client and its program
 * @sched: the scheduler
 * @client: the client of all jobs
 * @prog: the program of all jobs
 */
struct bench_sched {
	struct bpfsched *sched;
	struct bpfsched_client *client;
	struct bpfsched_prog *prog;
};

struct bpfsched_params bench_params(const struct bpfsched_policy_ops *policy,
				    const struct bpfsched_engine_ops *engine,
				    u32 capacity);
int bench_sched_make(struct bench_sched *bench,
		     const struct bpfsched_params *params);
void bench_sched_end(struct bench_sched *bench);
int bench_submit(const struct bench_sched *bench,
		 const struct bpfsched_job_desc *desc, u64 *id);

#endif /* BPFSCHED_BENCH_SCHED_H */
