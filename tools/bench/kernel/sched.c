// SPDX-License-Identifier: GPL-2.0
/*
 * A scheduler to be measured. Nothing limits it but its capacity.
 */
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/timekeeping.h>

#include "../../../sched_core/client.h"
#include "../../../sched_core/job.h"
#include "../../../sched_core/prog.h"
#include "../../../sched_core/submit.h"
#include "sched.h"

/**
 * bench_params() - parameters of a scheduler without threads
 * @policy: its policy
 * @engine: its engine
 * @capacity: its capacity
 *
 * Return: the parameters.
 */
struct bpfsched_params bench_params(const struct bpfsched_policy_ops *policy,
				    const struct bpfsched_engine_ops *engine,
				    u32 capacity)
{
	return (struct bpfsched_params) {
		.name = "bench",
		.profile = "none",
		.policy = policy,
		.engine = engine,
		.limits = {
			.capacity = capacity,
			.workers = 1,
			.completion_slots = U32_MAX,
			.client_jobs = U32_MAX,
			.min_period = 1,
			.max_insns = 2,
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
}

static int make_prog(struct bench_sched *bench,
		     const struct bpfsched_engine_ops *engine)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(BPF_REG_0, 0),
		BPF_EXIT_INSN(),
	};
	struct bpfsched_log log = {};

	bench->prog = bpfsched_prog_new(engine, "nothing");
	if (!bench->prog)
		return -ENOMEM;
	return bpfsched_prog_set_code(bench->prog, insns, ARRAY_SIZE(insns),
				      &log);
}

/**
 * bench_sched_make() - make a scheduler, a client and a program
 * @bench: set; all zero before
 * @params: parameters of the scheduler
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno; bench_sched_end() is to be called either way.
 */
int bench_sched_make(struct bench_sched *bench,
		     const struct bpfsched_params *params)
{
	struct bpfsched *sched;
	int err = make_prog(bench, params->engine);

	if (err)
		return err;
	sched = bpfsched_create(params);
	if (IS_ERR(sched))
		return PTR_ERR(sched);
	bench->sched = sched;
	bench->client = bpfsched_client_open(sched, false);
	return PTR_ERR_OR_ZERO(bench->client);
}

/**
 * bench_sched_end() - end what bench_sched_make() has made
 * @bench: what it has made, in whole or in part
 *
 * Context: process, sleeps.
 */
void bench_sched_end(struct bench_sched *bench)
{
	if (!IS_ERR_OR_NULL(bench->client))
		bpfsched_client_close(bench->client);
	if (bench->sched)
		bpfsched_destroy(bench->sched);
	if (bench->prog)
		bpfsched_prog_put(bench->prog);
}

/**
 * bench_submit() - submit a job
 * @bench: the scheduler
 * @desc: the job
 * @id: set to its number; may be NULL
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int bench_submit(const struct bench_sched *bench,
		 const struct bpfsched_job_desc *desc, u64 *id)
{
	struct bpfsched_submission entry = {};
	u64 room_ns;

	entry.job = bpfsched_job_new(bench->client, bench->prog, desc,
				     ktime_get_ns(), true, GFP_KERNEL);
	if (IS_ERR(entry.job))
		return PTR_ERR(entry.job);
	bpfsched_submit(bench->client, &entry, 1, 0, GFP_KERNEL, &room_ns);
	if (entry.job)
		bpfsched_job_free(entry.job);
	if (id)
		*id = entry.id;
	return entry.error;
}
