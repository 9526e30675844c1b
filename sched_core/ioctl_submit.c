// SPDX-License-Identifier: GPL-2.0
/*
 * BPFSCHED_IOC_SUBMIT: from an array in user space to jobs in the queue.
 *
 * First all entries are copied and found to be writable, then all contexts are
 * copied, then all jobs are made, and only then is the first of them submitted.
 * A bad address makes the call fail as a whole, and nothing is half-done. No job
 * slot is held while user space is read or written, which can take as long as it
 * likes.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/freezer.h>
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
	return put_user(-EINTR, &from->error) ?: put_user(desc->id, &from->id) ?:
	       put_user(0, &from->limit);
}

/* Contexts that no scheduler takes are not copied; see bpfsched_job_new(). */
static void *copy_context(const struct bpfsched *sched,
			  const struct bpfsched_job_desc *desc)
{
	void *context;

	if (!desc->context_len || desc->context_len > sched->limits.max_context)
		return NULL;
	context = kvmalloc(desc->context_len, GFP_KERNEL_ACCOUNT);
	if (!context)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(context, u64_to_user_ptr(desc->context),
			   desc->context_len)) {
		kvfree(context);
		return ERR_PTR(-EFAULT);
	}
	return context;
}

/**
 * struct call - one call of BPFSCHED_IOC_SUBMIT
 * @client: who submits
 * @submit: the request
 * @descs: its entries
 * @contexts: their context bytes, or errors
 * @entries: the jobs
 * @privileged: the caller has CAP_SYS_NICE
 */
struct call {
	struct bpfsched_client *client;
	struct bpfsched_submit *submit;
	struct bpfsched_job_desc *descs;
	void **contexts;
	struct bpfsched_submission *entries;
	bool privileged;
};

static void copy_contexts(struct call *call)
{
	u32 i;

	for (i = 0; i < call->submit->count; i++) {
		if (fatal_signal_pending(current))
			call->contexts[i] = ERR_PTR(-EINTR);
		else
			call->contexts[i] =
				copy_context(call->client->sched,
					     &call->descs[i]);
		try_to_freeze();
		cond_resched();
	}
}

static struct bpfsched_job *make_job(struct call *call, u32 i, u64 now_ns)
{
	const struct bpfsched_job_desc *desc = &call->descs[i];
	struct bpfsched_prog *prog;
	struct bpfsched_job *job;

	if (IS_ERR(call->contexts[i]))
		return ERR_CAST(call->contexts[i]);
	prog = bpfsched_prog_from_fd(desc->prog_fd);
	if (IS_ERR(prog))
		return ERR_CAST(prog);
	job = bpfsched_job_new(call->client, prog, desc, now_ns,
			       call->privileged, GFP_KERNEL);
	bpfsched_prog_put(prog);
	if (!IS_ERR(job) && desc->context_len)
		memcpy(job->context, call->contexts[i], desc->context_len);
	return job;
}

static void make_jobs(struct call *call)
{
	u64 now_ns = bpfsched_clock_now(&call->client->sched->clock);
	struct bpfsched_job *job;
	u32 i;

	for (i = 0; i < call->submit->count; i++) {
		job = fatal_signal_pending(current) ? ERR_PTR(-EINTR) :
						      make_job(call, i, now_ns);
		if (IS_ERR(job))
			call->entries[i].error = PTR_ERR(job);
		else
			call->entries[i].job = job;
		cond_resched();
	}
}

/* Before user space is written to, which can take as long as it likes, too. */
static void free_refused(struct bpfsched_submission *entries, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (entries[i].job)
			bpfsched_job_free(entries[i].job);
		cond_resched();
	}
}

/*
 * Tell user space what became of each entry. The addresses were good a moment
 * ago; if the client has unmapped them since, the completions tell it.
 */
static void report(const struct bpfsched_submit *submit,
		   const struct bpfsched_submission *entries)
{
	u32 i;

	for (i = 0; i < submit->count; i++) {
		struct bpfsched_job_desc __user *to = user_desc(submit, i);

		if (put_user(entries[i].error, &to->error) ||
		    put_user(entries[i].limit, &to->limit) ||
		    (!entries[i].error && put_user(entries[i].id, &to->id)))
			continue;
	}
}

static int allocate(struct call *call)
{
	u32 count = call->submit->count;

	call->descs = kvmalloc_array(count, sizeof(*call->descs),
				     GFP_KERNEL_ACCOUNT);
	call->contexts = kvcalloc(count, sizeof(*call->contexts),
				  GFP_KERNEL_ACCOUNT);
	call->entries = kvcalloc(count, sizeof(*call->entries),
				 GFP_KERNEL_ACCOUNT);
	return call->descs && call->contexts && call->entries ? 0 : -ENOMEM;
}

static void release(struct call *call)
{
	u32 i;

	for (i = 0; call->contexts && i < call->submit->count; i++) {
		if (!IS_ERR(call->contexts[i]))
			kvfree(call->contexts[i]);
	}
	kvfree(call->entries);
	kvfree(call->contexts);
	kvfree(call->descs);
}

static long run_call(struct call *call)
{
	struct bpfsched_submit *submit = call->submit;
	long ret = 0;
	u32 i;

	for (i = 0; !ret && i < submit->count; i++)
		ret = copy_desc(submit, i, &call->descs[i]);
	if (ret)
		return ret;
	copy_contexts(call);
	make_jobs(call);
	ret = bpfsched_submit(call->client, call->entries, submit->count,
			      submit->timeout_ns, GFP_KERNEL,
			      &submit->room_ns);
	if (!ret)
		ret = call->entries[0].error;
	free_refused(call->entries, submit->count);
	report(submit, call->entries);
	return ret;
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
	struct call call = {
		.client = client,
		.submit = submit,
		.privileged = capable(CAP_SYS_NICE),
	};
	long ret;

	submit->room_ns = 0;
	ret = check_submit(submit);
	if (ret)
		return ret;
	ret = allocate(&call) ?: run_call(&call);
	release(&call);
	return ret;
}
