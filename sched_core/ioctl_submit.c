// SPDX-License-Identifier: GPL-2.0
/*
 * BPFSCHED_IOC_SUBMIT: from an array in user space to jobs in the queue.
 *
 * First all entries are copied and found to be writable, then all jobs are
 * made, and only then is the first of them submitted: a bad address makes the
 * call fail as a whole, and nothing is half-done.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "client.h"
#include "ioctl_submit.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"
#include "submit.h"

static struct bpfsched_job_desc __user *
user_desc(const struct bpfsched_submit *submit, u32 i)
{
	return u64_to_user_ptr(submit->jobs + (u64)i * submit->job_size);
}

static int check_submit(const struct bpfsched_submit *submit)
{
	if (submit->flags || !submit->count ||
	    submit->job_size < BPFSCHED_JOB_DESC_SIZE_VER1 ||
	    submit->job_size % 8)
		return -EINVAL;
	if (submit->count > BPFSCHED_BATCH_MAX || submit->job_size > PAGE_SIZE)
		return -E2BIG;
	return 0;
}

/*
 * Copy one entry. Writing its result now finds an address that cannot be
 * written before anything is done; what it says holds if nothing else follows.
 */
static int copy_desc(const struct bpfsched_submit *submit, u32 i,
		     struct bpfsched_job_desc *desc)
{
	struct bpfsched_job_desc __user *from = user_desc(submit, i);
	int err;

	err = copy_struct_from_user(desc, sizeof(*desc), from,
				    submit->job_size);
	if (err)
		return err;
	return put_user(-EINTR, &from->error) ?: put_user(desc->id, &from->id);
}

static struct bpfsched_job *make_job(struct bpfsched_client *client,
				     const struct bpfsched_job_desc *desc,
				     u64 now_ns)
{
	struct bpfsched_prog *prog;
	struct bpfsched_job *job;

	if (desc->priority == BPFSCHED_PRIORITY_CRITICAL &&
	    client->sched->guard_critical && !capable(CAP_SYS_NICE))
		return ERR_PTR(-EPERM);
	prog = bpfsched_prog_from_fd(desc->prog_fd);
	if (IS_ERR(prog))
		return ERR_CAST(prog);
	job = bpfsched_job_new(client, prog, desc, now_ns, GFP_KERNEL);
	bpfsched_prog_put(prog);
	if (IS_ERR(job))
		return job;

	if (copy_from_user(job->context, u64_to_user_ptr(desc->context),
			   desc->context_len)) {
		bpfsched_job_free(job);
		return ERR_PTR(-EFAULT);
	}
	return job;
}

static void make_jobs(struct bpfsched_client *client,
		      const struct bpfsched_job_desc *descs,
		      struct bpfsched_submission *entries, u32 count)
{
	u64 now_ns = bpfsched_clock_now(&client->sched->clock);
	struct bpfsched_job *job;
	u32 i;

	for (i = 0; i < count; i++) {
		if (fatal_signal_pending(current)) {
			entries[i].error = -EINTR;
			continue;
		}
		job = make_job(client, &descs[i], now_ns);
		if (IS_ERR(job))
			entries[i].error = PTR_ERR(job);
		else
			entries[i].job = job;
		cond_resched();
	}
}

/*
 * Tell user space what became of each entry. The addresses were good a moment
 * ago; if the client has unmapped them since, the completions tell it.
 */
static void report(const struct bpfsched_submit *submit,
		   struct bpfsched_submission *entries)
{
	u32 i;

	for (i = 0; i < submit->count; i++) {
		struct bpfsched_job_desc __user *to = user_desc(submit, i);

		if (entries[i].job)
			bpfsched_job_free(entries[i].job);
		if (put_user(entries[i].error, &to->error) ||
		    (!entries[i].error && put_user(entries[i].id, &to->id)))
			continue;
	}
}

/**
 * bpfsched_ioc_submit() - submit the jobs of an array in user space
 * @client: who submits
 * @submit: the request; room_ns is set
 *
 * Context: process, may sleep.
 * Return: how many were taken; if none was, the error of the first; -EINVAL,
 * -E2BIG, -EFAULT or -ENOMEM if the request as a whole cannot be carried out.
 */
long bpfsched_ioc_submit(struct bpfsched_client *client,
			 struct bpfsched_submit *submit)
{
	struct bpfsched_submission *entries;
	struct bpfsched_job_desc *descs;
	long ret;
	u32 i;

	ret = check_submit(submit);
	if (ret)
		return ret;

	descs = kvmalloc_array(submit->count, sizeof(*descs),
			       GFP_KERNEL_ACCOUNT);
	entries = kvcalloc(submit->count, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	ret = descs && entries ? 0 : -ENOMEM;
	for (i = 0; !ret && i < submit->count; i++)
		ret = copy_desc(submit, i, &descs[i]);
	if (ret)
		goto out;

	make_jobs(client, descs, entries, submit->count);
	ret = bpfsched_submit(client, entries, submit->count,
			      submit->timeout_ns);
	submit->room_ns = bpfsched_submit_room(entries, submit->count);
	if (!ret)
		ret = entries[0].error;
	report(submit, entries);
out:
	kvfree(entries);
	kvfree(descs);
	return ret;
}
