// SPDX-License-Identifier: GPL-2.0
/*
 * What the way of a job through a scheduler costs with so many others in its
 * queue: without system calls, without threads, with the clock of the kernel
 * and a program of two instructions.
 */
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>

#include "../../../sched_core/client.h"
#include "../../../sched_core/completion.h"
#include "../../../sched_core/job.h"
#include "../../../sched_core/prog.h"
#include "../../../sched_core/scheduler.h"
#include "../../../sched_core/submit.h"
#include "../../../sched_core/worker.h"
#include "bench.h"

/* How much is measured at once. */
#define PASSES		1024
#define CANCELS		256

/* Deadlines are so far away that none passes, and differ by as much. */
#define DEADLINE_NS	3600000000000ULL

/**
 * struct core_bench - a scheduler with jobs
 * @sched: the scheduler
 * @client: the client of all jobs
 * @prog: the program of all jobs
 * @ids: numbers of the pending jobs, for cancels
 * @size: number of pending jobs
 * @seed: of random numbers
 */
struct core_bench {
	struct bpfsched *sched;
	struct bpfsched_client *client;
	struct bpfsched_prog *prog;
	u64 *ids;
	u32 size;
	u64 seed;
};

static int make_sched(struct core_bench *bench,
		      const struct bpfsched_policy_ops *policy)
{
	const struct bpfsched_params params = {
		.name = "bench",
		.profile = "none",
		.policy = policy,
		.engine = bpfsched_engine_find("auto"),
		.limits = {
			.capacity = bench->size + 1,
			.workers = 1,
			.completion_slots = U32_MAX,
			.client_jobs = U32_MAX,
			.min_period = 1,
			.max_insns = 2,
			.max_context = 0,
			.default_budget = 2,
			.max_budget = 2,
			.user_budget = 2,
			.supply_ppm = BPFSCHED_PPM,
			.slice_ns = policy->flags & BPFSCHED_POLICY_SLICES ?
				    NSEC_PER_MSEC : 0,
			.user = {
				.clients = BPFSCHED_NO_LIMIT,
				.jobs = BPFSCHED_NO_LIMIT,
				.waiting = BPFSCHED_NO_LIMIT,
				.weight = BPFSCHED_WEIGHT_DEFAULT,
			},
		},
		.no_threads = true,
	};
	struct bpfsched *sched = bpfsched_create(&params);

	if (IS_ERR(sched))
		return PTR_ERR(sched);
	bench->sched = sched;
	return 0;
}

static int make_prog(struct core_bench *bench)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(BPF_REG_0, 0),
		BPF_EXIT_INSN(),
	};
	struct bpfsched_log log = {};

	bench->prog = bpfsched_prog_new(bpfsched_engine_find("auto"), "nothing");
	if (!bench->prog)
		return -ENOMEM;
	return bpfsched_prog_set_code(bench->prog, insns, ARRAY_SIZE(insns),
				      &log);
}

static struct bpfsched_job_desc describe(struct core_bench *bench)
{
	struct bpfsched_job_desc desc = {
		.priority = bench_random(&bench->seed) % BPFSCHED_PRIORITIES,
	};

	if (bench->sched->policy->flags & BPFSCHED_POLICY_DEADLINES) {
		desc.flags = BPFSCHED_JOB_DEADLINE_REL;
		desc.deadline_ns = DEADLINE_NS +
				   bench_random(&bench->seed) % DEADLINE_NS;
	}
	return desc;
}

static int submit(struct core_bench *bench, u64 *id)
{
	struct bpfsched_job_desc desc = describe(bench);
	struct bpfsched_submission entry = {};
	u64 room_ns;

	entry.job = bpfsched_job_new(bench->client, bench->prog, &desc,
				     ktime_get_ns(), true, GFP_KERNEL);
	if (IS_ERR(entry.job))
		return PTR_ERR(entry.job);
	bpfsched_submit(bench->client, &entry, 1, 0, GFP_KERNEL, &room_ns);
	if (entry.job)
		bpfsched_job_free(entry.job);
	*id = entry.id;
	return entry.error;
}

static int read_one(struct core_bench *bench)
{
	if (!bpfsched_client_has_completions(bench->client))
		return -EIO;
	bpfsched_completions_consume(bench->client, 1);
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
		if (!err && !bpfsched_worker_step(bench->sched->workers))
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
		err = bpfsched_cancel(bench->client, bench->ids[at]) ?:
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
	int err;

	bench.ids = kvcalloc(bench.size, sizeof(*bench.ids), GFP_KERNEL);
	if (!bench.ids)
		return -ENOMEM;
	err = make_prog(&bench) ?: make_sched(&bench, policy);
	if (!err) {
		bench.client = bpfsched_client_open(bench.sched, false);
		err = IS_ERR(bench.client) ? PTR_ERR(bench.client) :
			run_rounds(&bench, request, times);
	}
	if (!IS_ERR_OR_NULL(bench.client))
		bpfsched_client_close(bench.client);
	if (bench.sched)
		bpfsched_destroy(bench.sched);
	if (bench.prog)
		bpfsched_prog_put(bench.prog);
	kvfree(bench.ids);
	return err;
}
