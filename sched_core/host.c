// SPDX-License-Identifier: GPL-2.0
/*
 * What jobs can ask of the scheduler that runs them: what they are, events to
 * their client, follow-up jobs. All of it is called by the worker that the job
 * belongs to while it runs, in its own thread and without locks.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include "client.h"
#include "host.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"
#include "submit.h"

/* What a program may ask for a job that it submits; it cannot wait for room. */
#define FOLLOWUP_FLAGS \
	(BPFSCHED_JOB_RETURN_CONTEXT | BPFSCHED_JOB_DEADLINE_ABS | \
	 BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM | \
	 BPFSCHED_JOB_NOT_BEFORE_ABS | BPFSCHED_JOB_NOT_BEFORE_REL | \
	 BPFSCHED_JOB_EVICT)

static u64 host_job_id(void *host)
{
	const struct bpfsched_job *job = host;

	return job->id;
}

static u64 host_release(void *host)
{
	const struct bpfsched_job *job = host;

	return job->release;
}

static u64 host_deadline_ns(void *host)
{
	const struct bpfsched_entity *entity =
		&((const struct bpfsched_job *)host)->entity;

	return entity->has_deadline ? entity->deadline.absolute_ns : 0;
}

static s64 host_time_remaining_ns(void *host)
{
	const struct bpfsched_job *job = host;
	u64 deadline_ns = job->entity.deadline.absolute_ns;
	u64 now_ns = bpfsched_clock_now(&job->client->sched->clock);

	if (!job->entity.has_deadline)
		return S64_MAX;
	if (deadline_ns >= now_ns)
		return min_t(u64, deadline_ns - now_ns, S64_MAX);
	return -(s64)min_t(u64, now_ns - deadline_ns, S64_MAX);
}

static int host_emit(void *host, const void *data, u32 len)
{
	const struct bpfsched_job *job = host;
	struct bpfsched_event_record record = {
		.id = job->id,
		.user_data = job->user_data,
		.release = job->release,
		.time_ns = bpfsched_clock_now(&job->client->sched->clock),
		.len = len,
	};

	return bpfsched_client_emit(job->client, &record, data);
}

/* Where critical jobs need a capability, only they can submit others. */
static bool may_have_priority(const struct bpfsched_job *parent, u32 priority)
{
	return priority != BPFSCHED_PRIORITY_CRITICAL ||
	       parent->entity.priority == BPFSCHED_PRIORITY_CRITICAL ||
	       !parent->client->sched->guard_critical;
}

/* Without options: as the job that submits it, but for what is about time. */
static int describe(const struct bpfsched_job *parent, u32 len,
		    const struct bpfsched_followup *options,
		    struct bpfsched_job_desc *desc)
{
	*desc = (struct bpfsched_job_desc) {
		.user_data = parent->user_data,
		.priority = parent->entity.priority,
		.context_len = len,
	};
	if (!options)
		return 0;
	if ((options->flags & ~FOLLOWUP_FLAGS) || options->pad)
		return -EINVAL;
	if (!may_have_priority(parent, options->priority))
		return -EPERM;
	desc->flags = options->flags;
	desc->priority = options->priority;
	desc->user_data = options->user_data;
	desc->deadline_ns = options->deadline_ns;
	desc->not_before_ns = options->not_before_ns;
	desc->budget_insns = options->budget_insns;
	desc->budget_ns = options->budget_ns;
	return 0;
}

/*
 * Other clients wait for the worker too: it reclaims no memory for one whose
 * control group is full, nor for anybody else.
 */
#define FOLLOWUP_GFP	(GFP_NOWAIT | __GFP_NOWARN)

static struct bpfsched_job *make_followup(const struct bpfsched_job *parent,
					  u32 index, const void *context,
					  u32 len,
					  const struct bpfsched_followup *options)
{
	struct bpfsched_client *client = parent->client;
	const struct bpfsched_prog *prog = parent->prog;
	struct bpfsched_job_desc desc;
	struct bpfsched_job *job;
	int err;

	if (index >= prog->followup_count)
		return ERR_PTR(-ENOENT);
	index = array_index_nospec(index, prog->followup_count);
	err = describe(parent, len, options, &desc);
	if (err)
		return ERR_PTR(err);

	job = bpfsched_job_new(client, prog->followups[index], &desc,
			       bpfsched_clock_now(&client->sched->clock),
			       parent->privileged, FOLLOWUP_GFP);
	if (IS_ERR(job))
		return job;
	job->parent = parent->id;
	if (len)
		memcpy(job->context, context, len);
	return job;
}

static s64 host_submit(void *host, u32 index, const void *context, u32 len,
		       const struct bpfsched_followup *options)
{
	struct bpfsched_job *parent = host;
	struct bpfsched_submission entry = {};
	struct bpfsched_job *job;
	u64 room_ns;

	job = make_followup(parent, index, context, len, options);
	if (IS_ERR(job))
		entry.error = PTR_ERR(job);
	else
		entry.job = job;
	bpfsched_submit(parent->client, &entry, 1, 0, FOLLOWUP_GFP, &room_ns);
	if (entry.job)
		bpfsched_job_free(entry.job);
	if (entry.error)
		return entry.error;
	parent->followups++;
	return entry.id;
}

const struct bpfsched_host_ops bpfsched_host = {
	.job_id = host_job_id,
	.release = host_release,
	.deadline_ns = host_deadline_ns,
	.time_remaining_ns = host_time_remaining_ns,
	.emit = host_emit,
	.submit = host_submit,
};
