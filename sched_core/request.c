// SPDX-License-Identifier: GPL-2.0
/*
 * From a request to a job: what is asked for is checked, and all that the job
 * will need is allocated.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "job.h"
#include "deferred.h"
#include "dispatch.h"
#include "pool.h"
#include "prog.h"
#include "reservation.h"
#include "scheduler.h"
#include "states.h"
#include "user.h"

#define DEADLINE_FLAGS \
	(BPFSCHED_JOB_DEADLINE_ABS | BPFSCHED_JOB_DEADLINE_REL)
#define NOT_BEFORE_FLAGS \
	(BPFSCHED_JOB_NOT_BEFORE_ABS | BPFSCHED_JOB_NOT_BEFORE_REL)
#define ON_FULL_FLAGS	(BPFSCHED_JOB_WAIT | BPFSCHED_JOB_EVICT)
#define JOB_FLAGS \
	(BPFSCHED_JOB_RETURN_CONTEXT | BPFSCHED_JOB_FIRM | DEADLINE_FLAGS | \
	 NOT_BEFORE_FLAGS | ON_FULL_FLAGS)

/*
 * A load that is refused may still be executed speculatively, at the start of
 * the region; these bytes must not be those of another client.
 */
#define MIN_CONTEXT	sizeof(u64)

/* Of two flags at most one may be set, and without either the value is 0. */
static bool is_well_formed(u32 flags, u32 pair, u64 value)
{
	flags &= pair;
	return flags ? flags != pair : !value;
}

static int check_timing(const struct bpfsched *sched,
			const struct bpfsched_job_desc *desc)
{
	bool has_deadline = desc->flags & DEADLINE_FLAGS;

	if (!is_well_formed(desc->flags, DEADLINE_FLAGS, desc->deadline_ns) ||
	    !is_well_formed(desc->flags, NOT_BEFORE_FLAGS,
			    desc->not_before_ns))
		return -EINVAL;
	if ((desc->flags & BPFSCHED_JOB_FIRM) && !has_deadline)
		return -EINVAL;
	if (desc->run_time_ns && !has_deadline)
		return -EINVAL;
	if (desc->period_ns) {
		if (desc->period_ns < sched->limits.min_period ||
		    (desc->flags & BPFSCHED_JOB_DEADLINE_ABS))
			return -EINVAL;
	} else if (desc->count) {
		return -EINVAL;
	}
	if (has_deadline && !(sched->policy->flags & BPFSCHED_POLICY_DEADLINES))
		return -EOPNOTSUPP;
	return 0;
}

/*
 * Without privilege a budget is no longer than the owner of the scheduler lets
 * anybody keep a worker, and where critical jobs are guarded there are none.
 */
static int check_privilege(const struct bpfsched *sched,
			   const struct bpfsched_job_desc *desc)
{
	if (desc->priority == BPFSCHED_PRIORITY_CRITICAL &&
	    sched->guard_critical)
		return -EPERM;
	return desc->budget_insns > sched->limits.user_budget ? -EPERM : 0;
}

static int check_desc(const struct bpfsched *sched,
		      const struct bpfsched_prog *prog,
		      const struct bpfsched_job_desc *desc, bool privileged)
{
	const struct bpfsched_limits *limits = &sched->limits;
	int err;

	if ((desc->flags & ~JOB_FLAGS) || desc->limit ||
	    (desc->flags & ON_FULL_FLAGS) == ON_FULL_FLAGS ||
	    desc->priority >= BPFSCHED_PRIORITIES)
		return -EINVAL;
	/* A job that waits would be admitted for a time that has passed. */
	if (desc->run_time_ns && (desc->flags & BPFSCHED_JOB_WAIT))
		return -EINVAL;
	if (prog->engine != sched->engine)
		return -EINVAL;
	if (desc->context_len > limits->max_context ||
	    prog->insn_count > limits->max_insns ||
	    desc->budget_insns > limits->max_budget)
		return -E2BIG;
	err = privileged ? 0 : check_privilege(sched, desc);
	return err ?: check_timing(sched, desc);
}

static u64 first_release(const struct bpfsched_job_desc *desc, u64 now_ns)
{
	if (desc->flags & BPFSCHED_JOB_NOT_BEFORE_ABS)
		return max_t(u64, desc->not_before_ns, now_ns);
	return bpfsched_deadline_from_now(now_ns,
					  desc->not_before_ns).absolute_ns;
}

/* Returns -ETIME if the deadline passes before the job is released. */
static int set_timing(struct bpfsched_timing *timing,
		      const struct bpfsched_job_desc *desc, u64 now_ns)
{
	*timing = (struct bpfsched_timing) {
		.start_ns = first_release(desc, now_ns),
		.deadline_ns = U64_MAX,
		.period_ns = desc->period_ns,
		.count = desc->count,
		.run_time_ns = desc->run_time_ns,
		.budget_ns = desc->budget_ns,
		.firm = desc->flags & BPFSCHED_JOB_FIRM,
	};
	if (desc->flags & BPFSCHED_JOB_DEADLINE_ABS)
		timing->deadline_ns =
			bpfsched_deadline_at(timing->start_ns,
					     desc->deadline_ns).relative_ns;
	else if (desc->flags & BPFSCHED_JOB_DEADLINE_REL)
		timing->deadline_ns = desc->deadline_ns;
	return timing->deadline_ns ? 0 : -ETIME;
}

/*
 * Room for the context. Bytes that go with the last completion are on the heap,
 * so that the slot of the pool is free again when the job has ended.
 */
static int alloc_context(struct bpfsched_job *job, gfp_t gfp)
{
	u32 size = max_t(u32, job->context_len, MIN_CONTEXT);

	if (!job->context_len)
		return 0;
	if (job->own_context && !job->return_context)
		job->context = job->own_context;
	else
		job->context = kvmalloc(size, gfp | __GFP_ACCOUNT);
	if (!job->context)
		return -ENOMEM;
	memset(job->context, 0, MIN_CONTEXT);
	return 0;
}

/* Room for the contexts of releases that are not the last. */
static int alloc_copies(struct bpfsched_job *job, gfp_t gfp)
{
	u64 count = job->timing.count ?: U64_MAX;

	if (!bpfsched_job_is_periodic(job) || !job->return_context ||
	    !job->context_len)
		return 0;
	job->copies = bpfsched_copies_new(job->context_len,
					  min_t(u64, count,
						BPFSCHED_PERIODIC_SLOTS), gfp);
	return job->copies ? 0 : -ENOMEM;
}

static u64 default_budget(const struct bpfsched_limits *limits, bool privileged)
{
	return privileged ? limits->default_budget :
			    min(limits->default_budget, limits->user_budget);
}

static void set_entity(struct bpfsched_job *job,
		       const struct bpfsched_job_desc *desc)
{
	job->new_priority = desc->priority;
	job->next_budget_ns = desc->budget_ns;
	job->entity.priority = desc->priority;
	job->entity.has_deadline = desc->flags & DEADLINE_FLAGS;
	job->entity.share = &job->client->user->share;
}

/**
 * bpfsched_job_new() - make a job of a request
 * @client: who asks
 * @prog: the program that desc->prog_fd names
 * @desc: the request; desc->prog_fd and desc->context are not looked at
 * @now_ns: the time of submission
 * @privileged: who asks has CAP_SYS_NICE
 * @gfp: how to allocate what it needs
 *
 * The caller fills job->context with desc->context_len bytes and then passes
 * the job to bpfsched_submit() or to bpfsched_job_free().
 *
 * Context: as @gfp allows; takes the lock of the scheduler.
 * Return: the job, or an ERR_PTR(): -EINVAL: malformed; -E2BIG: beyond a limit
 * of the scheduler; -EPERM: needs privilege; -EOPNOTSUPP: the policy has no
 * deadlines; -ETIME: the deadline has passed, or passes before the release;
 * -ENOMEM.
 */
struct bpfsched_job *bpfsched_job_new(struct bpfsched_client *client,
				      struct bpfsched_prog *prog,
				      const struct bpfsched_job_desc *desc,
				      u64 now_ns, bool privileged, gfp_t gfp)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_job *job;
	int err;

	err = check_desc(sched, prog, desc, privileged);
	if (err)
		return ERR_PTR(err);
	job = bpfsched_pool_get(client, gfp);
	if (!job)
		return ERR_PTR(-ENOMEM);

	bpfsched_timer_init(&job->timer, &client->user->timers);
	INIT_LIST_HEAD(&job->admitted_link);
	INIT_LIST_HEAD(&job->starved_link);
	bpfsched_client_get(client);
	job->client = client;
	bpfsched_prog_get(prog);
	job->prog = prog;
	job->id = desc->id;
	job->user_data = desc->user_data;
	job->budget_insns = desc->budget_insns ?:
			    default_budget(&sched->limits, privileged);
	job->context_len = desc->context_len;
	job->return_context = desc->flags & BPFSCHED_JOB_RETURN_CONTEXT;
	job->on_full = desc->flags & ON_FULL_FLAGS;
	job->submitted_ns = now_ns;
	job->privileged = privileged;
	set_entity(job, desc);

	err = set_timing(&job->timing, desc, now_ns) ?:
	      alloc_copies(job, gfp) ?: alloc_context(job, gfp);
	if (err) {
		bpfsched_job_free(job);
		return ERR_PTR(err);
	}
	return job;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_job_new);

/* A job that was paused when it ended has its state yet. */
static void give_state_back(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_deferred deferred;

	sched->engine->finish(job->exec);
	bpfsched_lock(sched, &deferred);
	sched->states.paused--;
	bpfsched_reservation_leave(job);
	if (bpfsched_state_put(sched, job->exec)) {
		sched->arrivals++;
		bpfsched_dispatch(sched);
	}
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
}

static void put_copies(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	unsigned long flags;
	bool last;

	raw_spin_lock_irqsave(&sched->lock, flags);
	last = !--job->copies->refs;
	raw_spin_unlock_irqrestore(&sched->lock, flags);
	if (last)
		kvfree(job->copies);
}

/**
 * bpfsched_job_free() - free a job with all that it still holds
 * @job: a job that is new or has ended
 *
 * Context: process, may sleep; or, of a new job, as it was made, with its
 * client held by somebody else. Takes the lock of the scheduler.
 */
void bpfsched_job_free(struct bpfsched_job *job)
{
	struct bpfsched_client *client = job->client;

	WARN_ON_ONCE(job->state != BPFSCHED_JOB_NEW &&
		     job->state != BPFSCHED_JOB_ENDED);

	if (job->exec)
		give_state_back(job);
	if (job->copies)
		put_copies(job);
	if (job->context != job->own_context)
		kvfree(job->context);
	bpfsched_prog_put_later(job->prog);
	bpfsched_pool_put(client, job);
	bpfsched_client_put_later(client);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_job_free);

/**
 * bpfsched_job_save_context() - keep the context as a release left it
 * @job: a job that runs and has come to the end of a release
 *
 * The context of a job that runs once goes with its completion; that of a
 * periodic job may be needed again, and is copied, before the lock is taken.
 *
 * Context: process; called by the worker that runs the job.
 */
void bpfsched_job_save_context(struct bpfsched_job *job)
{
	if (!job->return_context || !bpfsched_job_is_periodic(job))
		return;
	if (job->copy)
		memcpy(job->copy, job->context, job->context_len);
	job->copy_is_filled = true;
}
