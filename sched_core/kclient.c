// SPDX-License-Identifier: GPL-2.0
/*
 * Clients in the kernel: what other modules call, and how they are called back.
 *
 * A client in the kernel is a client like that of an open file, but for how it
 * gets its completions: in place of waking readers, a work item takes them, one
 * after the other, and passes each to the module. A work item does not run
 * twice at once, so the calls come in the order of the completions.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "deferred.h"
#include "instances.h"
#include "job.h"
#include "kclient.h"
#include "prog.h"
#include "scheduler.h"
#include "submit.h"
#include "user.h"

/* Completions that are passed on before others get the thread. */
#define COMPLETIONS_AT_ONCE	64

/**
 * struct bpfsched_kclient - a client in the kernel
 * @client: what it is to the scheduler
 * @ops: what to call
 * @data: for @ops
 * @work: passes completions on; holds the client while it is queued and runs
 * @caller: the thread that runs @work, NULL if it does not run. Written by
 *	that thread only, and compared by others with themselves
 */
struct bpfsched_kclient {
	struct bpfsched_client client;
	const struct bpfsched_kclient_ops *ops;
	void *data;
	struct work_struct work;
	struct task_struct *caller;
};

/* A callback may take its time, and is to start soon. */
static struct workqueue_struct *callback_queue;

/**
 * bpfsched_kclient_init() - prepare for clients in the kernel, once
 *
 * Context: module initialization.
 * Return: 0 or -ENOMEM.
 */
int bpfsched_kclient_init(void)
{
	callback_queue = alloc_workqueue("bpfsched_complete",
					 WQ_UNBOUND | WQ_HIGHPRI, 0);
	return callback_queue ? 0 : -ENOMEM;
}

/**
 * bpfsched_kclient_exit() - undo bpfsched_kclient_init()
 *
 * Context: module exit; no client is left.
 */
void bpfsched_kclient_exit(void)
{
	destroy_workqueue(callback_queue);
}

/**
 * bpfsched_kclient_drain() - wait until no work item passes completions on
 *
 * No client has one then, not even a closed one: closing a client does not wait
 * for the very end of its work item.
 *
 * Context: process, may sleep; not from a completion callback.
 */
void bpfsched_kclient_drain(void)
{
	flush_workqueue(callback_queue);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_kclient_drain);

static struct bpfsched_kclient *to_kclient(struct bpfsched_client *client)
{
	return container_of(client, struct bpfsched_kclient, client);
}

/**
 * bpfsched_kclient_to_client() - what the scheduler knows of it
 * @kclient: the client
 *
 * Context: any.
 */
struct bpfsched_client *
bpfsched_kclient_to_client(struct bpfsched_kclient *kclient)
{
	return &kclient->client;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_kclient_to_client);

/*
 * This may come late: what it tells of may have been passed on already, and
 * the client have been closed. Then the work item finds nothing to do.
 */
static void queue_callbacks(struct bpfsched_client *client, u32 events)
{
	bpfsched_client_get(client);
	if (!queue_work(callback_queue, &to_kclient(client)->work))
		bpfsched_client_put(client);
}

static void free_kclient(struct bpfsched_client *client)
{
	kfree(to_kclient(client));
}

static const struct bpfsched_client_ops kclient_ops = {
	.notify = queue_callbacks,
	.free = free_kclient,
};

/* Returns whether there was a completion to pass on. */
static bool pass_on(struct bpfsched_kclient *kclient)
{
	struct bpfsched_client *client = &kclient->client;
	const struct bpfsched_record_slot *slot;

	if (!bpfsched_client_has_completions(client))
		return false;
	slot = bpfsched_completions_first(client, 0);
	kclient->ops->complete(kclient->data, &slot->record, slot->context);
	bpfsched_completions_consume(client, 1);
	return true;
}

static void pass_on_work(struct work_struct *work)
{
	struct bpfsched_kclient *kclient =
		container_of(work, struct bpfsched_kclient, work);
	struct bpfsched_client *client = &kclient->client;
	int count = 0;

	WRITE_ONCE(kclient->caller, current);
	while (count < COMPLETIONS_AT_ONCE && pass_on(kclient))
		count++;
	WRITE_ONCE(kclient->caller, NULL);

	if (count == COMPLETIONS_AT_ONCE)
		queue_callbacks(client, 0);
	/* Who closes the client waits for the last one. */
	wake_up(&client->wait);
	bpfsched_client_put(client);
}

static bool is_in_callback(const struct bpfsched_kclient *kclient)
{
	return READ_ONCE(kclient->caller) == current;
}

/**
 * bpfsched_kclient_new() - make a client of a scheduler
 * @sched: the scheduler
 * @ops: as of bpfsched_kclient_open()
 * @data: for @ops
 *
 * Context: process, may sleep.
 * Return: as bpfsched_kclient_open().
 */
struct bpfsched_kclient *
bpfsched_kclient_new(struct bpfsched *sched,
		     const struct bpfsched_kclient_ops *ops, void *data)
{
	struct bpfsched_kclient *kclient;
	struct bpfsched_user *user;
	int err;

	if (!ops->name || !ops->complete)
		return ERR_PTR(-EINVAL);
	user = bpfsched_user_get_kernel(sched, ops->name);
	kclient = kzalloc(sizeof(*kclient), GFP_KERNEL);
	if (!kclient || !user) {
		if (user)
			bpfsched_user_put(user);
		kfree(kclient);
		return ERR_PTR(-ENOMEM);
	}

	kclient->ops = ops;
	kclient->data = data;
	INIT_WORK(&kclient->work, pass_on_work);
	bpfsched_ring_init(&kclient->client.ring);
	bpfsched_client_init(&kclient->client, &kclient_ops, sched, user);
	kclient->client.unlimited = true;
	strscpy(kclient->client.comm, ops->name, sizeof(kclient->client.comm));
	err = bpfsched_client_add(&kclient->client);
	return err ? ERR_PTR(err) : kclient;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_kclient_new);

/**
 * bpfsched_kclient_open() - open a scheduler
 * @scheduler: its name: "cloud", "embedded", or that of one that was created
 * @ops: what the caller wants to be told; not copied
 * @data: for @ops
 *
 * While it is open the scheduler cannot be ended.
 *
 * Context: process, may sleep.
 * Return: the client, to be closed by bpfsched_kclient_close(), or an
 * ERR_PTR(): -ENOENT: there is no such scheduler; -ENODEV: it is being ended;
 * -EINVAL: @ops is not complete; -ENOMEM.
 */
struct bpfsched_kclient *
bpfsched_kclient_open(const char *scheduler,
		      const struct bpfsched_kclient_ops *ops, void *data)
{
	struct bpfsched *sched = bpfsched_instance_get(scheduler);
	struct bpfsched_kclient *kclient;

	if (!sched)
		return ERR_PTR(-ENOENT);
	kclient = bpfsched_kclient_new(sched, ops, data);
	bpfsched_put(sched);
	return kclient;
}
EXPORT_SYMBOL_GPL(bpfsched_kclient_open);

/**
 * bpfsched_kclient_close() - close a scheduler
 * @kclient: the client; it is gone when this returns
 *
 * Jobs that do not run are cancelled, running ones are stopped at their next
 * safe point, and further submissions fail with -ESHUTDOWN. Returns when the
 * last completion has been passed on: then each job that was ever accepted has
 * had its call of bpfsched_kclient_ops.complete, the last of these has
 * returned, and there are no more.
 *
 * No other call with @kclient may be under way, or begin, but those that come
 * from completion callbacks: stop timers and threads that submit before this.
 *
 * Context: process, may sleep; not from a completion callback of @kclient, nor
 * with a lock held that one of them takes.
 */
void bpfsched_kclient_close(struct bpfsched_kclient *kclient)
{
	struct bpfsched_client *client = &kclient->client;

	/* It would wait for itself. */
	if (WARN_ON_ONCE(is_in_callback(kclient)))
		return;
	bpfsched_client_shut(client);
	/*
	 * All calls are over then. The work item may not have ended yet, but
	 * it holds the client itself and calls nobody any more; to flush it,
	 * from the callback of another client, would be to flush a work item
	 * within one of its own lock class.
	 */
	wait_event(client->wait, bpfsched_client_is_finished(client));
	bpfsched_client_close(client);
}
EXPORT_SYMBOL_GPL(bpfsched_kclient_close);

static struct bpfsched_job *make_job(struct bpfsched_client *client,
				     const struct bpfsched_kjob *kjob,
				     gfp_t gfp)
{
	const struct bpfsched_job_desc desc = {
		.id = kjob->id,
		.user_data = kjob->user_data,
		.prog_fd = -1,
		.flags = kjob->flags,
		.priority = kjob->priority,
		.context_len = kjob->context_len,
		.deadline_ns = kjob->deadline_ns,
		.budget_insns = kjob->budget_insns,
		.budget_ns = kjob->budget_ns,
		.not_before_ns = kjob->not_before_ns,
		.period_ns = kjob->period_ns,
		.count = kjob->count,
		.run_time_ns = kjob->run_time_ns,
	};
	struct bpfsched_job *job;

	if (!kjob->prog)
		return ERR_PTR(-EINVAL);
	job = bpfsched_job_new(client, kjob->prog, &desc,
			       bpfsched_clock_now(&client->sched->clock), true,
			       gfp);
	if (!IS_ERR(job) && kjob->context_len)
		memcpy(job->context, kjob->context, kjob->context_len);
	return job;
}

/* @err: the reason not to make a job at all, or 0 */
static void make_entry(struct bpfsched_client *client,
		       const struct bpfsched_kjob *kjob, gfp_t gfp, int err,
		       struct bpfsched_submission *entry)
{
	struct bpfsched_job *job;

	*entry = (struct bpfsched_submission) { .error = err };
	if (err)
		return;
	job = make_job(client, kjob, gfp);
	if (IS_ERR(job))
		entry->error = PTR_ERR(job);
	else
		entry->job = job;
}

static int finish_entry(const struct bpfsched_submission *entry, u64 *id)
{
	if (entry->job)
		bpfsched_job_free(entry->job);
	if (!entry->error && id)
		*id = entry->id;
	return entry->error;
}

/**
 * bpfsched_kclient_submit() - submit a job
 * @kclient: the client
 * @kjob: the job; nothing of it is needed afterwards
 * @id: set to the number that the job got, if it is accepted; may be NULL
 *
 * Context: process, may sleep; from completion callbacks too.
 * Return: 0 if the job is accepted, else: -EINVAL: malformed; -E2BIG: beyond a
 * limit of the scheduler; -EOPNOTSUPP: its policy has no deadlines; -ETIME: the
 * deadline has passed, or passes before the release; -EEXIST: the client has a
 * live job of that number; -EDQUOT: the client has no completion slot left, or
 * too many jobs; -EAGAIN: the queue is full; -ETIMEDOUT: it still was when the
 * time ran out; -EINTR: a signal came while it waited; -EDEADLK: it asks to
 * wait, from a completion callback; -EBUSY: not admitted; -ESHUTDOWN: the
 * client is being closed; -ENOMEM.
 */
int bpfsched_kclient_submit(struct bpfsched_kclient *kclient,
			    const struct bpfsched_kjob *kjob, u64 *id)
{
	struct bpfsched_client *client = &kclient->client;
	struct bpfsched_submission entry;
	u64 room_ns;
	int err = 0;

	/* It would hold up who closes the client, and its completions. */
	if ((kjob->flags & BPFSCHED_JOB_WAIT) && is_in_callback(kclient))
		err = -EDEADLK;
	make_entry(client, kjob, GFP_KERNEL, err, &entry);
	bpfsched_submit(client, &entry, 1, kjob->timeout_ns, GFP_KERNEL,
			&room_ns);
	if (kjob->room_ns)
		*kjob->room_ns = room_ns;
	return finish_entry(&entry, id);
}
EXPORT_SYMBOL_GPL(bpfsched_kclient_submit);

/**
 * bpfsched_kclient_submit_atomic() - submit a job where sleeping is not allowed
 * @kclient: the client
 * @kjob: as of bpfsched_kclient_submit(), but without BPFSCHED_JOB_WAIT and
 *	without a declared run time
 * @id: as of bpfsched_kclient_submit()
 *
 * Memory that the scheduler has not allocated in advance comes from the
 * reserves; keep contexts below a page.
 *
 * Context: any but hard interrupt, with spinlocks held or without; on kernels
 * without PREEMPT_RT, with interrupts disabled too.
 * Return: as bpfsched_kclient_submit(), and -EOPNOTSUPP for a job that asks to
 * wait or declares its run time.
 */
int bpfsched_kclient_submit_atomic(struct bpfsched_kclient *kclient,
				   const struct bpfsched_kjob *kjob, u64 *id)
{
	struct bpfsched_client *client = &kclient->client;
	struct bpfsched_submission entry;
	int err = 0;

	if ((kjob->flags & BPFSCHED_JOB_WAIT) || kjob->run_time_ns)
		err = -EOPNOTSUPP;
	make_entry(client, kjob, GFP_ATOMIC | __GFP_NOWARN, err, &entry);
	bpfsched_submit_atomic(client, &entry);
	return finish_entry(&entry, id);
}
EXPORT_SYMBOL_GPL(bpfsched_kclient_submit_atomic);

/**
 * bpfsched_kclient_cancel() - cancel a job
 * @kclient: the client
 * @id: number of the job
 *
 * A job that does not run ends at once; a running one is told to stop at its
 * next safe point, and may yet end otherwise. The completion tells the outcome.
 *
 * Context: any, hard interrupt too.
 * Return: 0, or -ENOENT if the client has no live job of that number.
 */
int bpfsched_kclient_cancel(struct bpfsched_kclient *kclient, u64 id)
{
	return bpfsched_cancel_atomic(&kclient->client, id);
}
EXPORT_SYMBOL_GPL(bpfsched_kclient_cancel);

/**
 * bpfsched_kclient_flush() - wait until all completions have been passed on
 * @kclient: the client
 *
 * Those that are there when this is called, and those that come meanwhile.
 *
 * Context: process, may sleep; not from a completion callback.
 */
void bpfsched_kclient_flush(struct bpfsched_kclient *kclient)
{
	do {
		bpfsched_deferred_flush(kclient->client.sched);
		flush_work(&kclient->work);
	} while (bpfsched_client_has_completions(&kclient->client));
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_kclient_flush);
