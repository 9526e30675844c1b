// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a job: every change of its state, and the only place where the
 * counters of states change with it.
 *
 *	NEW -----> PENDING -----> RUNNING
 *	 |            |              |
 *	 v            v              |
 *	freed <---- ENDED <----------'
 *
 * Whoever ends a job passes it to bpfsched_job_reap() once the lock of the
 * scheduler is released.
 */
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mm.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "events.h"
#include "job.h"
#include "pool.h"
#include "prog.h"
#include "scheduler.h"

#define JOB_FLAGS	(BPFSCHED_JOB_RETURN_CONTEXT | \
			 BPFSCHED_JOB_DEADLINE_ABS | BPFSCHED_JOB_DEADLINE_REL)
#define DEADLINE_FLAGS	(BPFSCHED_JOB_DEADLINE_ABS | BPFSCHED_JOB_DEADLINE_REL)

/*
 * A load that is refused may still be executed speculatively, at the start of
 * the region; these bytes must not be those of another client.
 */
#define MIN_CONTEXT	sizeof(u64)

/* For each state the states that may follow it. */
static const u8 next_states[] = {
	[BPFSCHED_JOB_NEW] = BIT(BPFSCHED_JOB_PENDING),
	[BPFSCHED_JOB_PENDING] = BIT(BPFSCHED_JOB_RUNNING) |
				 BIT(BPFSCHED_JOB_ENDED),
	[BPFSCHED_JOB_RUNNING] = BIT(BPFSCHED_JOB_ENDED),
	[BPFSCHED_JOB_ENDED] = 0,
};

static void set_state(struct bpfsched_job *job, enum bpfsched_job_state state)
{
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_counters *counters = &sched->counters;
	u32 pending = counters->pending;

	lockdep_assert_held(&sched->lock);
	WARN_ON_ONCE(!(next_states[job->state] & BIT(state)));

	pending -= job->state == BPFSCHED_JOB_PENDING;
	counters->running -= job->state == BPFSCHED_JOB_RUNNING;
	job->state = state;
	counters->running += state == BPFSCHED_JOB_RUNNING;
	pending += state == BPFSCHED_JOB_PENDING;

	WRITE_ONCE(counters->pending, pending);
	if (pending > counters->queue_high_water)
		counters->queue_high_water = pending;
}

static int check_deadline(const struct bpfsched *sched,
			  const struct bpfsched_job_desc *desc)
{
	u32 flags = desc->flags & DEADLINE_FLAGS;

	if (!flags)
		return desc->deadline_ns ? -EINVAL : 0;
	if (flags == DEADLINE_FLAGS)
		return -EINVAL;
	if (!(sched->policy->flags & BPFSCHED_POLICY_DEADLINES))
		return -EOPNOTSUPP;
	return 0;
}

static int check_desc(const struct bpfsched *sched,
		      const struct bpfsched_prog *prog,
		      const struct bpfsched_job_desc *desc)
{
	const struct bpfsched_limits *limits = &sched->limits;

	if ((desc->flags & ~JOB_FLAGS) || desc->pad ||
	    desc->priority >= BPFSCHED_PRIORITIES)
		return -EINVAL;
	if (prog->engine != sched->engine)
		return -EINVAL;
	if (desc->context_len > limits->max_context ||
	    prog->insn_count > limits->max_insns ||
	    desc->budget_insns > limits->max_budget)
		return -E2BIG;
	return check_deadline(sched, desc);
}

static void set_entity(struct bpfsched_entity *entity,
		       const struct bpfsched_job_desc *desc, u64 now_ns)
{
	entity->priority = desc->priority;
	entity->has_deadline = desc->flags & DEADLINE_FLAGS;
	if (desc->flags & BPFSCHED_JOB_DEADLINE_ABS)
		entity->deadline =
			bpfsched_deadline_at(now_ns, desc->deadline_ns);
	else if (desc->flags & BPFSCHED_JOB_DEADLINE_REL)
		entity->deadline =
			bpfsched_deadline_from_now(now_ns, desc->deadline_ns);
}

/*
 * Room for the context. Bytes that go with the completion are on the heap, so
 * that the slot of the pool is free again when the job has ended.
 */
static int job_alloc_context(struct bpfsched_job *job)
{
	u32 size = max_t(u32, job->context_len, MIN_CONTEXT);

	if (!job->context_len)
		return 0;
	if (job->own_context && !job->return_context)
		job->context = job->own_context;
	else
		job->context = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!job->context)
		return -ENOMEM;
	memset(job->context, 0, MIN_CONTEXT);
	return 0;
}

/**
 * bpfsched_job_new() - make a job of a request
 * @client: who asks
 * @prog: the program that desc->prog_fd names
 * @desc: the request; desc->prog_fd and desc->context are not looked at
 * @now_ns: the time of submission
 *
 * The caller fills job->context with desc->context_len bytes and then passes
 * the job to bpfsched_submit() or to bpfsched_job_free().
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: the job, or an ERR_PTR(): -EINVAL: malformed; -E2BIG: beyond a limit
 * of the scheduler; -EOPNOTSUPP: the policy has no deadlines; -ETIME: the
 * deadline has passed; -ENOMEM.
 */
struct bpfsched_job *bpfsched_job_new(struct bpfsched_client *client,
				      struct bpfsched_prog *prog,
				      const struct bpfsched_job_desc *desc,
				      u64 now_ns)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_job *job;
	int err;

	err = check_desc(sched, prog, desc);
	if (err)
		return ERR_PTR(err);
	job = bpfsched_pool_get(sched);
	if (!job)
		return ERR_PTR(-ENOMEM);

	bpfsched_client_get(client);
	job->client = client;
	bpfsched_prog_get(prog);
	job->prog = prog;
	job->id = desc->id;
	job->user_data = desc->user_data;
	job->budget_insns = desc->budget_insns ?: sched->limits.default_budget;
	job->context_len = desc->context_len;
	job->return_context = desc->flags & BPFSCHED_JOB_RETURN_CONTEXT;
	job->submitted_ns = now_ns;
	set_entity(&job->entity, desc, now_ns);

	err = -ETIME;
	if (job->entity.has_deadline &&
	    bpfsched_deadline_is_expired(&job->entity.deadline, now_ns))
		goto fail;
	err = -ENOMEM;
	job->slot = bpfsched_slot_new();
	if (!job->slot || job_alloc_context(job))
		goto fail;
	return job;

fail:
	bpfsched_job_free(job);
	return ERR_PTR(err);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_job_new);

/**
 * bpfsched_job_free() - free a job with all that it still holds
 * @job: a job that is new or has ended
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 */
void bpfsched_job_free(struct bpfsched_job *job)
{
	struct bpfsched_client *client = job->client;

	WARN_ON_ONCE(job->state != BPFSCHED_JOB_NEW &&
		     job->state != BPFSCHED_JOB_ENDED);

	bpfsched_slot_free(job->slot);
	if (job->context != job->own_context)
		kvfree(job->context);
	bpfsched_prog_put_later(job->prog);
	bpfsched_pool_put(client->sched, job);
	bpfsched_client_put(client);
}
BPFSCHED_EXPORT_FOR_KUNIT(bpfsched_job_free);

/**
 * bpfsched_job_enqueue() - make a new job pending
 * @job: a job that is new, has its id and is among the jobs of its client
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_job_enqueue(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_PENDING);
	sched->counters.submitted++;
	WRITE_ONCE(job->client->slots_used, job->client->slots_used + 1);
	job->entity.seq = ++sched->next_seq;
	sched->policy->enqueue(sched->queue, &job->entity);
	if (job->entity.has_deadline)
		bpfsched_event_add(sched, job);
}

/**
 * bpfsched_job_start() - make a pending job run
 * @job: the job that the policy has selected
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_job_start(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	set_state(job, BPFSCHED_JOB_RUNNING);
	sched->policy->dequeue(sched->queue, &job->entity);
	sched->counters.exec_count++;
	job->start_seq = ++sched->next_start;
	job->started_ns = bpfsched_clock_now(&sched->clock);
}

/**
 * bpfsched_job_miss() - count that the deadline of a job has passed
 * @job: a job that is pending or running and has a deadline that was not yet
 *	counted as missed
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_job_miss(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	WARN_ON_ONCE(job->missed);
	job->missed = true;
	sched->counters.deadline_misses++;
	bpfsched_event_del(sched, job);
}

/* The clock may not have called back yet for a deadline that has passed. */
static void settle_deadline(struct bpfsched_job *job, u64 now_ns)
{
	if (!job->entity.has_deadline || job->missed)
		return;
	if (bpfsched_deadline_is_expired(&job->entity.deadline, now_ns))
		bpfsched_job_miss(job);
	else
		bpfsched_event_del(job->client->sched, job);
}

static void count_end(struct bpfsched_counters *counters, u32 status)
{
	switch (status) {
	case BPFSCHED_STATUS_OK:
		counters->completed++;
		break;
	case BPFSCHED_STATUS_FAULT:
	case BPFSCHED_STATUS_BUDGET:
		counters->failed++;
		break;
	case BPFSCHED_STATUS_CANCELLED:
		counters->cancelled++;
		break;
	default:
		counters->dropped++;
	}
}

/**
 * bpfsched_job_end() - end a job, with its one completion
 * @job: a job that is pending or running
 * @status: BPFSCHED_STATUS_*
 * @result: what the run gave, NULL if it never ran
 *
 * The completion goes to the client, unless the client has closed. The job is
 * then the caller's, to be passed to bpfsched_job_reap().
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_job_end(struct bpfsched_job *job, u32 status,
		      const struct bpfsched_result *result)
{
	struct bpfsched_client *client = job->client;
	struct bpfsched *sched = client->sched;
	u64 now_ns = bpfsched_clock_now(&sched->clock);

	if (job->state == BPFSCHED_JOB_PENDING)
		sched->policy->dequeue(sched->queue, &job->entity);
	set_state(job, BPFSCHED_JOB_ENDED);
	settle_deadline(job, now_ns);
	count_end(&sched->counters, status);
	bpfsched_client_remove(client, job);

	if (client->closed) {
		client->slots_used--;
		return;
	}
	bpfsched_slot_fill(job->slot, job, status, result, now_ns);
	bpfsched_client_deliver(client, job->slot);
	job->slot = NULL;
}

/**
 * bpfsched_job_reap() - after the end: tell the client, free the job
 * @job: a job that bpfsched_job_end() was called for
 *
 * Context: process, may sleep; no locks held.
 */
void bpfsched_job_reap(struct bpfsched_job *job)
{
	WARN_ON_ONCE(job->state != BPFSCHED_JOB_ENDED);

	if (!job->slot)
		wake_up_interruptible(&job->client->wait);
	bpfsched_job_free(job);
}
