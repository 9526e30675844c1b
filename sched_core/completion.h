/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completions: the one record of how a job ended, and the queue in which a
 * client has those that nobody has read.
 */
#ifndef BPFSCHED_COMPLETION_H
#define BPFSCHED_COMPLETION_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

struct bpfsched_client;
struct bpfsched_copies;
struct bpfsched_job;

/* Room for completions that a job with a period adds to its client's. */
#define BPFSCHED_PERIODIC_SLOTS	32

/**
 * struct bpfsched_record_slot - a completion that was delivered
 * @record: the completion
 * @context: the context bytes that follow it, if it says so
 * @copies: where they are from, NULL: they are freed when it has been read
 * @events: end of the events that come before it, see struct bpfsched_ring
 */
struct bpfsched_record_slot {
	struct bpfsched_completion record;
	void *context;
	struct bpfsched_copies *copies;
	u64 events;
};

/* So many of them fit into a page. */
#define BPFSCHED_CHUNK_RECORDS	18

/**
 * struct bpfsched_chunk - room for some completions
 * @link: in bpfsched_completions.filled or .spare
 * @slots: the completions
 */
struct bpfsched_chunk {
	struct list_head link;
	struct bpfsched_record_slot slots[BPFSCHED_CHUNK_RECORDS];
};

/**
 * struct bpfsched_completions - the completions of a client
 * @limit: most slots in use
 * @promised: slots that submissions under way may take yet
 * @extra: room for later releases of the jobs with a period; read without the
 *	lock
 * @filled: chunks with completions, the oldest first
 * @spare: chunks without
 * @head: place of the oldest completion in the first chunk of @filled
 * @tail: number of completions in the last chunk of @filled
 * @room: completions that all chunks have room for
 * @used: slots in use: one or two for each live job, and one for each completion
 *	that nobody has read
 * @unread: completions that nobody has read
 * @starved: jobs with a period that wait for a slot
 *
 * @limit never changes; @promised is atomic; all else is guarded by the lock of
 * the scheduler. @used and @unread are read without it by pollers.
 *
 * A completion belongs to the reader once it was delivered. There is one reader:
 * who holds bpfsched_client.read_lock, or of a client in the kernel its work
 * item.
 *
 * A slot is no more than a number: the memory of a completion is allocated
 * before a slot is taken, in the submitter's call, and used again and again. At
 * any time @room >= @used + BPFSCHED_CHUNK_RECORDS, as the first chunk may have
 * places whose completions were read. So no completion is ever lost.
 */
struct bpfsched_completions {
	u32 limit;
	atomic_t promised;
	u32 extra;
	struct list_head filled;
	struct list_head spare;
	u32 head;
	u32 tail;
	u32 room;
	u32 used;
	u32 unread;
	struct list_head starved;
};

/**
 * struct bpfsched_copies - copies of the context of a job with a period
 * @refs: the job, and completions that nobody has read; guarded by the lock of
 *	the scheduler
 * @size: bytes of a copy
 * @free: bit i is set if copy i is free; guarded by the lock
 * @bytes: the copies
 */
struct bpfsched_copies {
	u32 refs;
	u32 size;
	u32 free;
	u8 bytes[] __aligned(8);
};

void bpfsched_completions_init(struct bpfsched_completions *completions,
			       u32 limit);
void bpfsched_completions_exit(struct bpfsched_client *client);
int bpfsched_completions_promise(struct bpfsched_client *client, u32 count,
				 u32 extra, gfp_t gfp);
void bpfsched_completions_forget(struct bpfsched_client *client, u32 count);
bool bpfsched_completions_have_slots(struct bpfsched_client *client,
				     u32 count);
void bpfsched_completions_take_slots(struct bpfsched_client *client,
				     u32 count);
bool bpfsched_completions_take_free_slot(struct bpfsched_client *client);
void bpfsched_completions_give_slots(struct bpfsched_client *client,
				     u32 count);
void bpfsched_completions_starve(struct bpfsched_job *job);

struct bpfsched_record_slot *
bpfsched_completions_add(struct bpfsched_client *client);
void bpfsched_completions_deliver(struct bpfsched_client *client);
struct bpfsched_record_slot *
bpfsched_completions_first(struct bpfsched_client *client, u32 skip);
void bpfsched_completions_consume(struct bpfsched_client *client, u32 count);

/* How many there are that the reader can look at. */
static inline u32
bpfsched_completions_unread(const struct bpfsched_completions *completions)
{
	/* Pairs with bpfsched_completions_deliver(). */
	return smp_load_acquire(&completions->unread);
}

void bpfsched_completion_fill(struct bpfsched_record_slot *slot,
			      struct bpfsched_job *job, u32 status, bool last,
			      u64 now_ns);
int bpfsched_completion_copy_to_user(const struct bpfsched_record_slot *slot,
				     char __user *buf);

struct bpfsched_copies *bpfsched_copies_new(u32 size, u32 count, gfp_t gfp);
void *bpfsched_copies_take(struct bpfsched_copies *copies);
void bpfsched_copies_give(struct bpfsched_copies *copies, const void *copy);

#endif /* BPFSCHED_COMPLETION_H */
