/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client: who submits jobs to a scheduler and gets their completions; an
 * open file, or another module.
 */
#ifndef BPFSCHED_CLIENT_H
#define BPFSCHED_CLIENT_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "completion.h"
#include "ring.h"

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;
struct bpfsched_user;
struct mem_cgroup;
struct pid;

/* What a client is told. */
#define BPFSCHED_NOTIFY_RECORDS	BIT(0) /* there are completions or events */
#define BPFSCHED_NOTIFY_ROOM	BIT(1) /* a job might be taken */
#define BPFSCHED_NOTIFY_GONE	BIT(2) /* the scheduler was ended */

/**
 * struct bpfsched_client_ops - a kind of client
 * @events: such clients read events
 * @notify: tells it, BPFSCHED_NOTIFY_*. Process context, no locks held; the
 *	client is held
 * @free: the last reference is gone. Process context
 */
struct bpfsched_client_ops {
	bool events;
	void (*notify)(struct bpfsched_client *client, u32 events);
	void (*free)(struct bpfsched_client *client);
};

/**
 * struct bpfsched_client - a client
 * @ops: its kind
 * @sched: its scheduler, held
 * @user: its user, held
 * @id: its number among the clients of the scheduler, from 1
 * @pid: process that opened the file, held; NULL: a client in the kernel
 * @comm: name of the process then
 * @unlimited: the limits of the user do not bind it
 * @reader: it submits no jobs, and does not keep the scheduler
 * @ref: held by who opened it, and by each job until it is freed
 * @node: in bpfsched.clients, guarded by bpfsched.clients_lock; of a reader in
 *	bpfsched.readers
 * @wait: readers and pollers; who waits for the end of the client's own jobs; or
 *	who closes a client in the kernel
 * @wake_work: wakes them, if they are many
 * @free_work: frees the client where its last holder may not take the time
 * @jobs: live jobs by id; guarded by the lock of @sched
 * @job_count: live jobs; guarded by the lock, read without it by pollers
 * @drainers: how many wait until @job_count is 0; guarded by the lock
 * @completions: slots, and completions that nobody has read
 * @notify_link: in bpfsched_deferred.notify while @notify_events is not 0, and
 *	then the client is held
 * @notify_events: what it is to be told
 * @poll_link: in bpfsched.pollers while it polls for room; guarded by the lock
 * @polls_slots: it polls for completion slots; guarded by the lock
 * @closing: takes no more jobs; guarded by the lock
 * @closed: nobody will take completions any more; guarded by the lock
 * @memcg: who pays for what its jobs allocate, held; NULL: nobody
 * @ring: events that its jobs have emitted
 * @read_lock: one reader at a time; taken before the lock of @sched
 */
struct bpfsched_client {
	const struct bpfsched_client_ops *ops;
	struct bpfsched *sched;
	struct bpfsched_user *user;
	u64 id;
	struct pid *pid;
	char comm[TASK_COMM_LEN];
	bool unlimited;
	bool reader;
	struct kref ref;
	struct list_head node;
	wait_queue_head_t wait;
	struct work_struct wake_work;
	struct work_struct free_work;

	struct rb_root jobs;
	u32 job_count;
	u32 drainers;
	struct bpfsched_completions completions;
	struct list_head notify_link;
	atomic_t notify_events;
	struct list_head poll_link;
	bool polls_slots;
	bool closing;
	bool closed;

	struct mem_cgroup *memcg;
	struct bpfsched_ring ring;
	struct mutex read_lock; /* one reader at a time */
};

int bpfsched_clients_init(void);
void bpfsched_clients_exit(void);
void bpfsched_clients_flush(void);

struct bpfsched_client *bpfsched_client_open(struct bpfsched *sched,
					     bool reader);
void bpfsched_client_init(struct bpfsched_client *client,
			  const struct bpfsched_client_ops *ops,
			  struct bpfsched *sched, struct bpfsched_user *user);
int bpfsched_client_add(struct bpfsched_client *client);
void bpfsched_client_shut(struct bpfsched_client *client);
bool bpfsched_client_is_finished(struct bpfsched_client *client);
void bpfsched_client_close(struct bpfsched_client *client);
void bpfsched_client_get(struct bpfsched_client *client);
void bpfsched_client_put(struct bpfsched_client *client);
void bpfsched_client_put_later(struct bpfsched_client *client);
void bpfsched_client_wake(struct bpfsched_client *client, u32 events);
bool bpfsched_client_may_submit(struct bpfsched_client *client);

struct bpfsched_job *bpfsched_client_find_after(struct bpfsched_client *client,
						u64 id);
struct bpfsched_job *bpfsched_client_find(struct bpfsched_client *client,
					  u64 id);
bool bpfsched_client_insert(struct bpfsched_client *client,
			    struct bpfsched_job *job);
void bpfsched_client_remove(struct bpfsched_client *client,
			    struct bpfsched_job *job);
int bpfsched_client_emit(struct bpfsched_client *client,
			 struct bpfsched_event_record *record,
			 const void *data);
int bpfsched_client_set_event_room(struct bpfsched_client *client, u64 room);
bool bpfsched_client_has_completions(struct bpfsched_client *client);
bool bpfsched_client_has_records(struct bpfsched_client *client);
int bpfsched_client_drain(struct bpfsched_client *client, u64 timeout_ns,
			  bool nowait);

ssize_t bpfsched_client_read(struct bpfsched_client *client, char __user *buf,
			     size_t size, bool nonblock);

#endif /* BPFSCHED_CLIENT_H */
