// SPDX-License-Identifier: GPL-2.0
/*
 * BPFSCHED_IOC_JOBS: what is queued and what runs.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "client.h"
#include "ioctl_jobs.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"

#define JOBS_MAX	1024

static const u32 public_states[] = {
	[BPFSCHED_JOB_WAITING] = BPFSCHED_JOB_STATE_WAITING,
	[BPFSCHED_JOB_PENDING] = BPFSCHED_JOB_STATE_PENDING,
	[BPFSCHED_JOB_RUNNING] = BPFSCHED_JOB_STATE_RUNNING,
	[BPFSCHED_JOB_PAUSED] = BPFSCHED_JOB_STATE_PAUSED,
};

static void describe_job(struct bpfsched_job_info *info,
			 const struct bpfsched_job *job)
{
	const struct bpfsched_client *client = job->client;

	*info = (struct bpfsched_job_info) {
		.client = client->id,
		.id = job->id,
		.pid = client->pid,
		.uid = from_kuid_munged(&init_user_ns, client->uid),
		.prog_id = job->prog->id,
		.state = public_states[job->state],
		.priority = job->entity.priority,
		.submitted_ns = job->submitted_ns,
		.started_ns = job->started_ns,
		.release = job->release,
		.run_ns = job->run_ns,
		.preemptions = job->preemptions,
		.flags = job->missed ? BPFSCHED_COMPLETION_MISSED : 0,
	};
	strscpy_pad(info->comm, client->comm, sizeof(info->comm));
	memcpy(info->prog_name, job->prog->name, sizeof(info->prog_name));
	if (job->entity.has_deadline)
		info->deadline_ns = job->entity.deadline.absolute_ns;
}

/* Describe some jobs of a client, from number *@id on; returns how many. */
static u32 describe_some(struct bpfsched_client *client, u64 *id,
			 struct bpfsched_job_info *infos, u32 room)
{
	struct bpfsched_job *job;
	u32 count = 0;

	room = min_t(u32, room, BPFSCHED_LOCK_BATCH);
	raw_spin_lock_irq(&client->sched->lock);
	while (count < room) {
		job = bpfsched_client_find_from(client, *id);
		if (!job)
			break;
		describe_job(&infos[count++], job);
		*id = job->id + 1;
		if (!*id)
			break;
	}
	raw_spin_unlock_irq(&client->sched->lock);
	return count;
}

/* All jobs of a client that fit; returns how many. */
static u32 describe_client(struct bpfsched_client *client, u64 *id,
			   struct bpfsched_job_info *infos, u32 room)
{
	u32 count = 0, more;

	do {
		more = describe_some(client, id, infos + count, room - count);
		count += more;
		cond_resched();
	} while (more && count < room && *id);
	return count;
}

/* Sets jobs->client and jobs->id to where to go on, 0 at the end. */
static u32 describe_all(struct bpfsched *sched, struct bpfsched_jobs *jobs,
			struct bpfsched_job_info *infos)
{
	struct bpfsched_client *client;
	u64 first = jobs->client;
	u32 count = 0;

	mutex_lock(&sched->clients_lock);
	list_for_each_entry(client, &sched->clients, node) {
		if (client->id < first)
			continue;
		if (client->id > first)
			jobs->id = 0;
		jobs->client = client->id;
		count += describe_client(client, &jobs->id, infos + count,
					 jobs->count - count);
		if (count == jobs->count)
			goto out;
	}
	jobs->client = 0;
	jobs->id = 0;
out:
	mutex_unlock(&sched->clients_lock);
	return count;
}

static u32 describe_own(struct bpfsched_client *client,
			struct bpfsched_jobs *jobs,
			struct bpfsched_job_info *infos)
{
	u32 count = describe_client(client, &jobs->id, infos, jobs->count);

	jobs->client = client->id;
	if (count < jobs->count) {
		jobs->client = 0;
		jobs->id = 0;
	}
	return count;
}

static int copy_infos(const struct bpfsched_jobs *jobs,
		      const struct bpfsched_job_info *infos)
{
	u32 size = min_t(u32, jobs->info_size, sizeof(*infos));
	u32 i;

	for (i = 0; i < jobs->count; i++) {
		char __user *to = u64_to_user_ptr(jobs->jobs +
						  (u64)i * jobs->info_size);

		if (copy_to_user(to, &infos[i], size) ||
		    clear_user(to + size, jobs->info_size - size))
			return -EFAULT;
	}
	return 0;
}

/**
 * bpfsched_ioc_jobs() - list jobs that have not ended
 * @client: who asks
 * @jobs: the request; count, client and id are set
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -EINVAL or -E2BIG if the request is malformed; -EPERM; -EFAULT;
 * -ENOMEM.
 */
long bpfsched_ioc_jobs(struct bpfsched_client *client,
		       struct bpfsched_jobs *jobs)
{
	struct bpfsched_job_info *infos;
	int err;

	if ((jobs->flags & ~BPFSCHED_JOBS_ANY_CLIENT) || !jobs->count ||
	    jobs->info_size < BPFSCHED_JOB_INFO_SIZE_VER1 ||
	    jobs->info_size % 8)
		return -EINVAL;
	if (jobs->count > JOBS_MAX || jobs->info_size > PAGE_SIZE)
		return -E2BIG;
	if (jobs->flags && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	infos = kvcalloc(jobs->count, sizeof(*infos), GFP_KERNEL_ACCOUNT);
	if (!infos)
		return -ENOMEM;
	if (jobs->flags)
		jobs->count = describe_all(client->sched, jobs, infos);
	else
		jobs->count = describe_own(client, jobs, infos);
	err = copy_infos(jobs, infos);
	kvfree(infos);
	return err;
}
