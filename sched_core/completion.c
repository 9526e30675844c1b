// SPDX-License-Identifier: GPL-2.0
/*
 * Completions: how they are filled when a job ends, and the queue in which a
 * client has those that nobody has read.
 */
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "completion.h"
#include "deferred.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"

static_assert(sizeof(struct bpfsched_chunk) <= 4096);

/**
 * bpfsched_completions_init() - make a queue that has no room yet
 * @completions: the queue
 * @limit: most slots in use
 *
 * Context: any.
 */
void bpfsched_completions_init(struct bpfsched_completions *completions,
			       u32 limit)
{
	completions->limit = limit;
	INIT_LIST_HEAD(&completions->filled);
	INIT_LIST_HEAD(&completions->spare);
	INIT_LIST_HEAD(&completions->starved);
}

static void free_chunks(struct list_head *chunks)
{
	struct bpfsched_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, chunks, link) {
		kfree(chunk);
		cond_resched();
	}
}

/**
 * bpfsched_completions_exit() - free a queue
 * @client: a client that has closed; nothing is delivered to it any more
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 */
void bpfsched_completions_exit(struct bpfsched_client *client)
{
	struct bpfsched_completions *completions = &client->completions;

	LIST_HEAD(chunks);

	while (completions->unread)
		bpfsched_completions_consume(client,
					     min_t(u32, completions->unread,
						   BPFSCHED_LOCK_BATCH));
	/* A job that runs yet may be about to add one for a follow-up. */
	raw_spin_lock_irq(&client->sched->lock);
	list_splice_init(&completions->filled, &chunks);
	list_splice_init(&completions->spare, &chunks);
	completions->head = 0;
	completions->tail = 0;
	WRITE_ONCE(completions->room, 0);
	raw_spin_unlock_irq(&client->sched->lock);
	free_chunks(&chunks);
}

/*
 * A slot that is taken is counted as used before it is promised no longer, and
 * they are read the other way round: so none is missed.
 */
static bool has_room(const struct bpfsched_completions *completions,
		     u32 extra)
{
	u64 slots = atomic_read_acquire(&completions->promised);

	slots += (u64)READ_ONCE(completions->used) +
		 READ_ONCE(completions->extra) + extra;

	/* Beyond the limit none can be taken. */
	return READ_ONCE(completions->room) >=
	       min_t(u64, slots, completions->limit) + BPFSCHED_CHUNK_RECORDS;
}

static int add_chunk(struct bpfsched_client *client, gfp_t gfp)
{
	struct bpfsched_completions *completions = &client->completions;
	struct bpfsched_chunk *chunk;
	unsigned long flags;
	bool closed;

	chunk = kmalloc(sizeof(*chunk), gfp | __GFP_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	raw_spin_lock_irqsave(&client->sched->lock, flags);
	closed = client->closed;
	if (!closed) {
		list_add(&chunk->link, &completions->spare);
		WRITE_ONCE(completions->room,
			   completions->room + BPFSCHED_CHUNK_RECORDS);
	}
	raw_spin_unlock_irqrestore(&client->sched->lock, flags);
	if (closed)
		kfree(chunk);
	return closed ? -ESHUTDOWN : 0;
}

/**
 * bpfsched_completions_promise() - make room for the slots of a submission
 * @client: the client
 * @count: slots that the submission takes at most
 * @extra: room beyond that, for later releases
 * @gfp: how to allocate it
 *
 * Context: as @gfp allows; takes the lock of the scheduler.
 * Return: 0, -ENOMEM, or -ESHUTDOWN if the client has closed. In any case
 * bpfsched_completions_forget() is to be called for those that were not taken,
 * when the submission has been decided on.
 */
int bpfsched_completions_promise(struct bpfsched_client *client, u32 count,
				 u32 extra, gfp_t gfp)
{
	int err = 0;

	(void)atomic_add_return(count, &client->completions.promised);
	while (!err && !has_room(&client->completions, extra))
		err = add_chunk(client, gfp);
	return err;
}

/* Whether a slot is free that was not promised, with room for it. */
static bool has_free_slot(struct bpfsched_client *client)
{
	const struct bpfsched_completions *completions = &client->completions;
	u64 taken = (u64)completions->used + 1 +
		    atomic_read(&completions->promised);

	return bpfsched_completions_have_slots(client, 1) &&
	       completions->room >= min_t(u64, taken, completions->limit) +
				    BPFSCHED_CHUNK_RECORDS;
}

/*
 * Jobs that wait for a slot; BPFSCHED_LOCK_BATCH at most. Who waits longest is
 * the first. One that needs room for its context too does not keep the others
 * waiting.
 */
static void feed_starved(struct bpfsched_client *client)
{
	struct list_head *starved = &client->completions.starved;
	struct bpfsched_job *job;
	int i;

	/* Who takes no more jobs has those that there are cancelled. */
	if (client->closing)
		return;

	for (i = 0; i < BPFSCHED_LOCK_BATCH && has_free_slot(client); i++) {
		job = list_first_entry_or_null(starved, struct bpfsched_job,
					       starved_link);
		if (!job)
			return;
		if (!bpfsched_job_feed(job))
			list_move_tail(&job->starved_link, starved);
	}
}

/**
 * bpfsched_completions_forget() - promise slots no longer
 * @client: the client
 * @count: of those that were promised, which were not taken
 *
 * Jobs that wait for a slot may have been kept waiting by the promise.
 *
 * Context: any; takes the lock of the scheduler.
 */
void bpfsched_completions_forget(struct bpfsched_client *client, u32 count)
{
	unsigned long flags;

	if (!count)
		return;
	raw_spin_lock_irqsave(&client->sched->lock, flags);
	(void)atomic_sub_return_release(count, &client->completions.promised);
	feed_starved(client);
	raw_spin_unlock_irqrestore(&client->sched->lock, flags);
}

/**
 * bpfsched_completions_have_slots() - whether slots are free
 * @client: the client
 * @count: how many
 *
 * Context: any.
 */
bool bpfsched_completions_have_slots(struct bpfsched_client *client,
				     u32 count)
{
	const struct bpfsched_completions *completions = &client->completions;

	return READ_ONCE(completions->used) + count <= completions->limit;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_completions_have_slots);

static void change_used(struct bpfsched_client *client, u32 count)
{
	lockdep_assert_held(&client->sched->lock);

	WRITE_ONCE(client->completions.used, client->completions.used + count);
}

/**
 * bpfsched_completions_take_slots() - take slots
 * @client: the client; it has them
 * @count: how many, of those that were promised
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_completions_take_slots(struct bpfsched_client *client,
				     u32 count)
{
	struct bpfsched_completions *completions = &client->completions;

	change_used(client, count);
	(void)atomic_sub_return_release(count, &completions->promised);
	WARN_ON_ONCE(completions->used > completions->limit ||
		     completions->room <
		     completions->used + BPFSCHED_CHUNK_RECORDS);
}

/**
 * bpfsched_completions_take_free_slot() - take a slot that was not promised
 * @client: the client
 *
 * Context: any, with the lock of the scheduler held.
 * Return: false if none is free, or no room was made for it.
 */
bool bpfsched_completions_take_free_slot(struct bpfsched_client *client)
{
	if (!has_free_slot(client))
		return false;
	change_used(client, 1);
	return true;
}

/**
 * bpfsched_completions_give_slots() - give slots back
 * @client: the client
 * @count: how many
 *
 * Jobs that wait for one get it, and pollers are told.
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_completions_give_slots(struct bpfsched_client *client,
				     u32 count)
{
	if (!count)
		return;
	change_used(client, -count);
	feed_starved(client);
	if (client->polls_slots) {
		client->polls_slots = false;
		bpfsched_defer_notify(client, BPFSCHED_NOTIFY_ROOM);
	}
}

/**
 * bpfsched_completions_starve() - have a job wait for a slot
 * @job: a job with a period that waits for its release
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_completions_starve(struct bpfsched_job *job)
{
	list_add_tail(&job->starved_link, &job->client->completions.starved);
}

static struct bpfsched_chunk *last_chunk(struct bpfsched_completions *completions)
{
	struct bpfsched_chunk *chunk;

	if (!list_empty(&completions->filled) &&
	    completions->tail < BPFSCHED_CHUNK_RECORDS)
		return list_last_entry(&completions->filled,
				       struct bpfsched_chunk, link);
	chunk = list_first_entry(&completions->spare, struct bpfsched_chunk,
				 link);
	list_move_tail(&chunk->link, &completions->filled);
	completions->tail = 0;
	return chunk;
}

/**
 * bpfsched_completions_add() - where the next completion goes
 * @client: a client that is not closed; a slot of it is in use for this
 *
 * Context: any, with the lock of the scheduler held.
 * Return: the completion, to be filled and passed on by
 * bpfsched_completions_deliver() under the same hold.
 */
struct bpfsched_record_slot *
bpfsched_completions_add(struct bpfsched_client *client)
{
	struct bpfsched_completions *completions = &client->completions;
	struct bpfsched_record_slot *slot;

	lockdep_assert_held(&client->sched->lock);

	slot = &last_chunk(completions)->slots[completions->tail++];
	slot->context = NULL;
	slot->copies = NULL;
	slot->events = client->ring.head;
	return slot;
}

/**
 * bpfsched_completions_deliver() - let the reader have a completion
 * @client: the client, which is notified when the lock has been released
 *
 * Context: any, with the lock of the scheduler held, by bpfsched_lock().
 */
void bpfsched_completions_deliver(struct bpfsched_client *client)
{
	struct bpfsched_completions *completions = &client->completions;

	lockdep_assert_held(&client->sched->lock);

	/* Pairs with bpfsched_completions_unread(): it has been filled. */
	smp_store_release(&completions->unread, completions->unread + 1);
	bpfsched_defer_notify(client, BPFSCHED_NOTIFY_RECORDS);
}

/**
 * bpfsched_completions_first() - a completion that nobody has read
 * @client: the client
 * @skip: completions to be skipped, fewer than there are
 *
 * Only the reader takes completions out. A chunk that is not the last has its
 * successor for good. So the reader needs no lock.
 *
 * Context: any, by the reader, after bpfsched_completions_unread().
 * Return: the completion; it stays until bpfsched_completions_consume().
 */
struct bpfsched_record_slot *
bpfsched_completions_first(struct bpfsched_client *client, u32 skip)
{
	struct bpfsched_completions *completions = &client->completions;
	struct bpfsched_chunk *chunk;
	u32 place = completions->head + skip;

	list_for_each_entry(chunk, &completions->filled, link) {
		if (place < BPFSCHED_CHUNK_RECORDS)
			break;
		place -= BPFSCHED_CHUNK_RECORDS;
	}
	return &chunk->slots[place];
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_completions_first);

/*
 * What is to be freed when the lock has been released. The list is in the memory
 * itself, so it takes no room on the stack, which the kernel may have set to
 * zero in each call.
 */
static void free_later(struct llist_head *unused, void *memory)
{
	if (memory)
		__llist_add(memory, unused);
}

static void free_unused(struct llist_head *unused)
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, __llist_del_all(unused))
		kvfree(node);
}

/*
 * Take the oldest completion out, with the bytes of its context, or the copies
 * that they were one of, if nobody else has them.
 */
static void drop_first(struct bpfsched_completions *completions,
		       struct llist_head *unused)
{
	struct bpfsched_chunk *chunk =
		list_first_entry(&completions->filled, struct bpfsched_chunk,
				 link);
	struct bpfsched_record_slot *slot = &chunk->slots[completions->head++];
	struct bpfsched_copies *copies = slot->copies;

	WRITE_ONCE(completions->unread, completions->unread - 1);
	if (!completions->unread)
		completions->tail = 0;
	if (!completions->unread ||
	    completions->head == BPFSCHED_CHUNK_RECORDS) {
		list_move(&chunk->link, &completions->spare);
		completions->head = 0;
	}
	if (!copies) {
		free_later(unused, slot->context);
		return;
	}
	bpfsched_copies_give(copies, slot->context);
	if (!--copies->refs)
		free_later(unused, copies);
}

/**
 * bpfsched_completions_consume() - have done with the oldest completions
 * @client: the client
 * @count: how many, 1 to BPFSCHED_LOCK_BATCH; there are as many
 *
 * Context: process, may sleep, by the reader; takes the lock of the scheduler.
 */
void bpfsched_completions_consume(struct bpfsched_client *client, u32 count)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_deferred deferred;
	LLIST_HEAD(unused);
	u32 i;

	bpfsched_lock(sched, &deferred);
	for (i = 0; i < count; i++)
		drop_first(&client->completions, &unused);
	bpfsched_completions_give_slots(client, count);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);

	free_unused(&unused);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_completions_consume);

static u16 completion_flags(const struct bpfsched_job *job)
{
	u16 flags = 0;

	if (job->missed)
		flags |= BPFSCHED_COMPLETION_MISSED;
	if (job->preemptions)
		flags |= BPFSCHED_COMPLETION_PREEMPTED;
	if (job->demoted)
		flags |= BPFSCHED_COMPLETION_DEMOTED;
	return flags;
}

static void fill_result(struct bpfsched_completion *record,
			const struct bpfsched_result *result)
{
	record->r0 = result->r0;
	record->instructions = result->instructions;
	record->fault_kind = result->fault.kind;
	record->fault_pc = result->fault.pc;
	record->fault_address = result->fault.address;
}

/*
 * A job that is over has no more use for its context. A release that is not the
 * last has a copy, if it has run: see bpfsched_job_save_context().
 */
static bool attach_context(struct bpfsched_record_slot *slot,
			   struct bpfsched_job *job, bool last)
{
	if (!job->return_context)
		return false;
	if (last) {
		slot->context = job->context;
		job->context = NULL;
		return true;
	}
	if (!job->copy_is_filled)
		return false;
	/* Without bytes there is nothing to copy. */
	if (!job->copies)
		return true;
	slot->context = job->copy;
	slot->copies = job->copies;
	job->copies->refs++;
	job->copy = NULL;
	return true;
}

/**
 * bpfsched_completion_fill() - write the completion of a release of a job
 * @slot: where to
 * @job: the job
 * @status: BPFSCHED_STATUS_*
 * @last: it is the last one of the job
 * @now_ns: when the release ended
 *
 * The overruns are left to the caller.
 *
 * Context: any, with the lock of the job's scheduler held.
 */
void bpfsched_completion_fill(struct bpfsched_record_slot *slot,
			      struct bpfsched_job *job, u32 status, bool last,
			      u64 now_ns)
{
	struct bpfsched_completion *record = &slot->record;

	/* In place: a compound literal would be made elsewhere and copied. */
	memset(record, 0, sizeof(*record));
	record->record.size = sizeof(*record);
	record->record.type = BPFSCHED_RECORD_COMPLETION;
	record->record.flags = completion_flags(job);
	record->id = job->id;
	record->user_data = job->user_data;
	record->prog_id = job->prog->id;
	record->status = status;
	record->priority = job->entity.priority;
	record->submitted_ns = job->submitted_ns;
	record->started_ns = job->started_ns;
	record->ended_ns = now_ns;
	record->start_seq = job->start_seq;
	record->preemptions = job->preemptions;
	record->followups = job->followups;
	record->release = job->release;
	record->run_ns = job->run_ns;
	record->parent = job->parent;
	memcpy(record->prog_name, job->prog->name, sizeof(record->prog_name));
	if (job->entity.has_deadline)
		record->deadline_ns = job->entity.deadline.absolute_ns;
	fill_result(record, &job->result);
	if (last)
		record->record.flags |= BPFSCHED_COMPLETION_LAST;
	if (attach_context(slot, job, last)) {
		record->record.flags |= BPFSCHED_COMPLETION_CONTEXT;
		record->context_len = job->context_len;
		record->context_offset = sizeof(*record);
		record->record.size += ALIGN(job->context_len, 8);
	}
}

/**
 * bpfsched_completion_copy_to_user() - copy a whole record to user space
 * @slot: the completion
 * @buf: room for record.size bytes
 *
 * Context: process, may sleep; by the reader.
 * Return: 0 or -EFAULT.
 */
int bpfsched_completion_copy_to_user(const struct bpfsched_record_slot *slot,
				     char __user *buf)
{
	const struct bpfsched_completion *record = &slot->record;
	u32 end = sizeof(*record) + record->context_len;

	if (copy_to_user(buf, record, sizeof(*record)) ||
	    copy_to_user(buf + sizeof(*record), slot->context,
			 record->context_len) ||
	    clear_user(buf + end, record->record.size - end))
		return -EFAULT;
	return 0;
}

/**
 * bpfsched_copies_new() - make room for copies of a context
 * @size: bytes of the context, at least 1
 * @count: how many copies, 1 to BPFSCHED_PERIODIC_SLOTS
 * @gfp: how to allocate it
 *
 * Context: as @gfp allows.
 * Return: the copies, with one reference; or NULL if memory ran out.
 */
struct bpfsched_copies *bpfsched_copies_new(u32 size, u32 count, gfp_t gfp)
{
	struct bpfsched_copies *copies;

	BUILD_BUG_ON(BITS_PER_TYPE(copies->free) < BPFSCHED_PERIODIC_SLOTS);

	size = ALIGN(size, 8);
	copies = kvmalloc(sizeof(*copies) + (size_t)size * count,
			  gfp | __GFP_ACCOUNT);
	if (!copies)
		return NULL;
	copies->refs = 1;
	copies->size = size;
	copies->free = GENMASK(count - 1, 0);
	return copies;
}

/**
 * bpfsched_copies_take() - take room for a copy
 * @copies: where from
 *
 * Context: any, with the lock of the scheduler held.
 * Return: the room, or NULL if there is none.
 */
void *bpfsched_copies_take(struct bpfsched_copies *copies)
{
	u32 i;

	if (!copies->free)
		return NULL;
	i = __ffs(copies->free);
	copies->free &= ~BIT(i);
	return copies->bytes + (size_t)i * copies->size;
}

/**
 * bpfsched_copies_give() - give room for a copy back
 * @copies: where to
 * @copy: from bpfsched_copies_take()
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_copies_give(struct bpfsched_copies *copies, const void *copy)
{
	copies->free |= BIT(((const u8 *)copy - copies->bytes) / copies->size);
}
