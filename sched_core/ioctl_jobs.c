// SPDX-License-Identifier: GPL-2.0
/*
 * BPFSCHED_IOC_JOBS: what is queued and what runs.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "abi.h"
#include "client.h"
#include "ioctl_jobs.h"
#include "ioctl_table.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"
#include "user.h"
#include "walk.h"

#define JOBS_MAX	1024

static const u32 public_states[] = {
	[BPFSCHED_JOB_WAITING] = BPFSCHED_JOB_STATE_WAITING,
	[BPFSCHED_JOB_PENDING] = BPFSCHED_JOB_STATE_PENDING,
	[BPFSCHED_JOB_RUNNING] = BPFSCHED_JOB_STATE_RUNNING,
	[BPFSCHED_JOB_PAUSED] = BPFSCHED_JOB_STATE_PAUSED,
};

static u32 public_flags(const struct bpfsched_job *job)
{
	u32 flags = 0;

	if (job->missed)
		flags |= BPFSCHED_JOB_INFO_MISSED;
	if (job->entity.admitted)
		flags |= BPFSCHED_JOB_INFO_ADMITTED;
	if (!list_empty(&job->starved_link))
		flags |= BPFSCHED_JOB_INFO_NO_SLOT;
	return flags;
}

/**
 * struct listing - the jobs that were found for a caller
 * @infos: what is told of them
 * @count: number of @infos
 * @room: room in @infos
 * @pids: the caller's PID namespace
 * @users: the caller's user namespace
 */
struct listing {
	struct bpfsched_job_info *infos;
	u32 count;
	u32 room;
	struct pid_namespace *pids;
	struct user_namespace *users;
};

static void describe_job(struct listing *listing,
			 struct bpfsched_job_info *info,
			 const struct bpfsched_job *job)
{
	const struct bpfsched_client *client = job->client;

	*info = (struct bpfsched_job_info) {
		.client = client->id,
		.id = job->id,
		.pid = pid_nr_ns(client->pid, listing->pids),
		.uid = from_kuid_munged(listing->users, client->user->uid),
		.prog_id = job->prog->id,
		.state = public_states[job->state],
		.priority = job->entity.priority,
		.submitted_ns = job->submitted_ns,
		.started_ns = job->started_ns,
		.release = job->release,
		.run_ns = job->run_ns,
		.preemptions = job->preemptions,
		.flags = public_flags(job),
	};
	strscpy_pad(info->comm, client->comm, sizeof(info->comm));
	memcpy(info->prog_name, job->prog->name, sizeof(info->prog_name));
	if (job->entity.has_deadline)
		info->deadline_ns = job->entity.deadline.absolute_ns;
}

static bool list_job(const struct bpfsched_job *job, void *data)
{
	struct listing *listing = data;

	if (listing->count == listing->room)
		return false;
	describe_job(listing, &listing->infos[listing->count++], job);
	return true;
}

/* Sets jobs->client and jobs->id to where to go on, 0 at the end. */
static void list_jobs(struct bpfsched_client *client,
		      struct bpfsched_jobs *jobs, struct listing *listing)
{
	struct bpfsched_walk walk = {
		.client = jobs->client,
		.id = jobs->id,
	};
	bool all;

	if (jobs->flags) {
		all = bpfsched_walk_jobs(client->sched, &walk, list_job,
					 listing);
	} else {
		walk.client = client->id;
		all = bpfsched_walk_client(client, &walk.id, list_job, listing);
	}
	jobs->count = listing->count;
	jobs->client = all ? 0 : walk.client;
	jobs->id = all ? 0 : walk.id;
}

/**
 * bpfsched_ioc_jobs() - list jobs that have not ended
 * @client: who asks
 * @jobs: the request; count, client and id are set
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -EINVAL or -E2BIG if the request is malformed; -EPERM; -EFAULT;
 * -ENOMEM; -EINTR if the caller is being killed.
 */
long bpfsched_ioc_jobs(struct bpfsched_client *client,
		       struct bpfsched_jobs *jobs)
{
	struct listing listing = {
		.room = jobs->count,
		.pids = task_active_pid_ns(current),
		.users = current_user_ns(),
	};
	int err;

	if ((jobs->flags & ~BPFSCHED_JOBS_ANY_CLIENT) || !jobs->count ||
	    jobs->info_size < BPFSCHED_JOB_INFO_SIZE_VER1 ||
	    jobs->info_size % 8)
		return -EINVAL;
	if (jobs->count > JOBS_MAX || jobs->info_size > PAGE_SIZE)
		return -E2BIG;
	if (jobs->flags && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	listing.infos = kvcalloc(jobs->count, sizeof(*listing.infos),
				 GFP_KERNEL_ACCOUNT);
	if (!listing.infos)
		return -ENOMEM;
	list_jobs(client, jobs, &listing);
	err = fatal_signal_pending(current) ? -EINTR :
	      bpfsched_ioctl_copy_array(jobs->jobs, jobs->info_size,
					listing.infos, sizeof(*listing.infos),
					listing.count);
	kvfree(listing.infos);
	return err;
}
