/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client: who submits jobs to a scheduler and gets their completions; an
 * open file, or another module.
 */
#ifndef BPFSCHED_CLIENT_H
#define BPFSCHED_CLIENT_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;
struct bpfsched_slot;

/**
 * struct bpfsched_client_ops - a kind of client
 * @notify: there are completions to be taken. Process context, no locks held;
 *	the client is held
 * @free: the last reference is gone. Process context
 */
struct bpfsched_client_ops {
	void (*notify)(struct bpfsched_client *client);
	void (*free)(struct bpfsched_client *client);
};

/**
 * struct bpfsched_client - a client
 * @ops: its kind
 * @sched: its scheduler, held
 * @id: its number among the clients of the scheduler, from 1
 * @pid: process that opened the file, 0: a client in the kernel
 * @uid: user who did
 * @comm: name of the process then
 * @ref: held by who opened it, and by each job until it is reaped
 * @node: in bpfsched.clients, guarded by bpfsched.clients_lock
 * @wait: readers and pollers that wait for completions; or who closes a client
 *	in the kernel
 * @jobs: pending and running jobs by id; guarded by the lock of @sched
 * @unread: completions that nobody has read, in the order in which the jobs
 *	ended; guarded by the lock of @sched
 * @slots_used: jobs in flight and completions not read; guarded by the lock
 * @unread_count: completions not read, those in @reading too; guarded by the
 *	lock, read without it by pollers
 * @job_count: pending, running and waiting jobs; guarded by the lock
 * @notify: in bpfsched.notify while readers are to be woken; the client is
 *	held meanwhile; guarded by the lock
 * @closing: takes no more jobs; guarded by the lock
 * @closed: nobody will take completions any more; guarded by the lock
 * @read_lock: one reader at a time; taken before the lock of @sched
 * @reading: completions that a reader has taken out of @unread, older than
 *	those that are left there; guarded by @read_lock
 */
struct bpfsched_client {
	const struct bpfsched_client_ops *ops;
	struct bpfsched *sched;
	u64 id;
	pid_t pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
	struct kref ref;
	struct list_head node;
	wait_queue_head_t wait;

	struct rb_root jobs;
	struct list_head unread;
	u32 slots_used;
	u32 unread_count;
	u32 job_count;
	struct list_head notify;
	bool closing;
	bool closed;

	struct mutex read_lock; /* one reader at a time */
	struct list_head reading;
};

struct bpfsched_client *bpfsched_client_open(struct bpfsched *sched);
void bpfsched_client_init(struct bpfsched_client *client,
			  const struct bpfsched_client_ops *ops,
			  struct bpfsched *sched);
int bpfsched_client_add(struct bpfsched_client *client);
void bpfsched_client_shut(struct bpfsched_client *client);
bool bpfsched_client_is_finished(struct bpfsched_client *client);
void bpfsched_client_close(struct bpfsched_client *client);
void bpfsched_client_get(struct bpfsched_client *client);
void bpfsched_client_put(struct bpfsched_client *client);

struct bpfsched_job *bpfsched_client_find_from(struct bpfsched_client *client,
					       u64 id);
struct bpfsched_job *bpfsched_client_find(struct bpfsched_client *client,
					  u64 id);
bool bpfsched_client_insert(struct bpfsched_client *client,
			    struct bpfsched_job *job);
void bpfsched_client_remove(struct bpfsched_client *client,
			    struct bpfsched_job *job);
void bpfsched_client_deliver(struct bpfsched_client *client,
			     struct bpfsched_slot *slot);
void bpfsched_client_use_slots(struct bpfsched_client *client, u32 count);
void bpfsched_client_return_slots(struct bpfsched_client *client, u32 count);
bool bpfsched_client_has_completions(struct bpfsched_client *client);
bool bpfsched_client_has_slots(struct bpfsched_client *client);
struct bpfsched_slot *bpfsched_client_take(struct bpfsched_client *client);
void bpfsched_client_give_back(struct bpfsched_client *client,
			       struct bpfsched_slot *slot);
ssize_t bpfsched_client_read(struct bpfsched_client *client, char __user *buf,
			     size_t size, bool nonblock);

#endif /* BPFSCHED_CLIENT_H */
