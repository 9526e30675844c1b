// SPDX-License-Identifier: GPL-2.0
/*
 * What the way of a job through a scheduler costs with so many others in its
 * queue: without system calls, without threads, with the clock of the kernel
 * and a program of two instructions.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>

#include "../../../sched_core/client.h"
#include "../../../sched_core/completion.h"
#include "../../../sched_core/scheduler.h"
#include "../../../sched_core/worker.h"
#include "bench.h"
#include "sched.h"

/* How much is measured at once. */
#define PASSES		1024
#define CANCELS		256

/* Deadlines are so far away that none passes, and differ by as much. */
#define DEADLINE_NS	3600000000000ULL

/**
 * struct core_bench - a scheduler with jobs
 * @made: the scheduler, its client and its program
 * @ids: numbers of the pending jobs, for cancels
 * @size: number of pending jobs
 * @seed: of random numbers
 */
struct core_bench {
	struct bench_sched made;
	u64 *ids;
	u32 size;
	u64 seed;
};

static struct bpfsched_job_desc describe(struct core_bench *bench)
{
	struct bpfsched_job_desc desc = {
		.priority = bench_random(&bench->seed) % BPFSCHED_PRIORITIES,
	};

	if (bench->made.sched->policy->flags & BPFSCHED_POLICY_DEADLINES) {
		desc.flags = BPFSCHED_JOB_DEADLINE_REL;
		desc.deadline_ns = DEADLINE_NS +
				   bench_random(&bench->seed) % DEADLINE_NS;
	}
	return desc;
}

static int submit(struct core_bench *bench, u64 *id)
{
	struct bpfsched_job_desc desc = describe(bench);

	return bench_submit(&bench->made, &desc, id);
}

static int read_one(struct core_bench *bench)
{
	if (!bpfsched_client_has_completions(bench->made.client))
		return -EIO;
	bpfsched_completions_consume(bench->made.client, 1);
	return 0;
}

static int fill(struct core_bench *bench)
{
	int err = 0;
	u32 i;

	for (i = 0; i < bench->size && !err; i++) {
		err = submit(bench, &bench->ids[i]);
		cond_resched();
	}
	return err;
}

/* One job in, one job run to its end and read: the queue keeps its size. */
static int time_passes(struct core_bench *bench, u64 *ns)
{
	u64 start_ns = ktime_get_ns(), id;
	int err = 0;
	u32 i;

	for (i = 0; i < PASSES && !err; i++) {
		err = submit(bench, &id);
		if (!err && !bpfsched_worker_step(bench->made.sched->workers))
			err = -EIO;
		err = err ?: read_one(bench);
	}
	*ns = ktime_get_ns() - start_ns;
	return err;
}

/* As many as are cancelled are submitted again, which is not measured. */
static int time_cancels(struct core_bench *bench, u64 *ns)
{
	u64 start_ns, sum_ns = 0;
	int err = 0;
	u32 i, at;

	for (i = 0; i < CANCELS && !err; i++) {
		at = bench_random(&bench->seed) % bench->size;
		start_ns = ktime_get_ns();
		err = bpfsched_cancel(bench->made.client, bench->ids[at]) ?:
		      read_one(bench);
		sum_ns += ktime_get_ns() - start_ns;
		err = err ?: submit(bench, &bench->ids[at]);
	}
	*ns = sum_ns;
	return err;
}

static int run_rounds(struct core_bench *bench, struct bench_queue *request,
		      u64 *times)
{
	bool pass = request->operation == BENCH_CORE_PASS;
	u32 round;
	int err;

	request->ops = pass ? PASSES : CANCELS;
	err = fill(bench);
	for (round = 0; round < request->rounds && !err; round++) {
		err = pass ? time_passes(bench, &times[2 * round]) :
			     time_cancels(bench, &times[2 * round]);
		cond_resched();
		if (signal_pending(current))
			err = -EINTR;
	}
	return err;
}

/**
 * bench_core() - measure the way of a job through a scheduler
 * @request: what to measure; the number of operations is set
 * @policy: policy of the scheduler
 * @times: set, every other one, for each round
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
long bench_core(struct bench_queue *request,
		const struct bpfsched_policy_ops *policy, u64 *times)
{
	struct core_bench bench = { .size = request->size, .seed = 1 };
	struct bpfsched_params params;
	int err;

	bench.ids = kvcalloc(bench.size, sizeof(*bench.ids), GFP_KERNEL);
	if (!bench.ids)
		return -ENOMEM;
	params = bench_params(policy, bpfsched_engine_find("auto", true),
			      bench.size + 1);
	err = bench_sched_make(&bench.made, &params) ?:
	      run_rounds(&bench, request, times);
	bench_sched_end(&bench.made);
	kvfree(bench.ids);
	return err;
}
