// SPDX-License-Identifier: GPL-2.0
/*
 * Completions: made when a job is submitted, filled when it ends.
 */
#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <bpfsched/visibility.h>

#include "completion.h"
#include "job.h"
#include "prog.h"

static struct kmem_cache *slot_cache;

/**
 * bpfsched_slot_cache_init() - prepare for slots, once
 *
 * Context: module initialization.
 * Return: 0 or -ENOMEM.
 */
int bpfsched_slot_cache_init(void)
{
	slot_cache = KMEM_CACHE_USERCOPY(bpfsched_slot, SLAB_ACCOUNT, record);
	return slot_cache ? 0 : -ENOMEM;
}

/**
 * bpfsched_slot_cache_exit() - undo bpfsched_slot_cache_init()
 *
 * Context: module exit; no slot is left.
 */
void bpfsched_slot_cache_exit(void)
{
	kmem_cache_destroy(slot_cache);
}

/**
 * bpfsched_slot_new() - make room for a completion
 * @gfp: how to allocate it
 *
 * Context: as @gfp allows.
 * Return: the slot, or NULL if memory ran out.
 */
struct bpfsched_slot *bpfsched_slot_new(gfp_t gfp)
{
	return kmem_cache_zalloc(slot_cache, gfp);
}

/**
 * bpfsched_slot_free() - free a slot with its context bytes
 * @slot: the slot, or NULL
 *
 * Context: process, may sleep; or as bpfsched_slot_new() if the context bytes
 * were allocated the same way.
 */
void bpfsched_slot_free(struct bpfsched_slot *slot)
{
	if (!slot)
		return;
	kvfree(slot->context);
	kmem_cache_free(slot_cache, slot);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_slot_free);

static u16 completion_flags(const struct bpfsched_job *job)
{
	u16 flags = 0;

	if (job->missed)
		flags |= BPFSCHED_COMPLETION_MISSED;
	if (job->preemptions)
		flags |= BPFSCHED_COMPLETION_PREEMPTED;
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
 * A job that is over has no more use for its context. If it is periodic, what
 * comes back instead is the room for a copy, which is there already if the
 * release has run: see bpfsched_job_save_context().
 */
static void take_context(struct bpfsched_slot *slot, struct bpfsched_job *job)
{
	if (!job->return_context || slot->has_context)
		return;
	swap(slot->context, job->context);
	slot->has_context = true;
}

/**
 * bpfsched_slot_fill() - write the completion of a release of a job
 * @slot: the slot
 * @job: the job
 * @status: BPFSCHED_STATUS_*
 * @last: it is the last one of the job
 * @now_ns: when the release ended
 *
 * The overruns are left to the caller.
 *
 * Context: any, with the lock of the job's scheduler held.
 */
void bpfsched_slot_fill(struct bpfsched_slot *slot, struct bpfsched_job *job,
			u32 status, bool last, u64 now_ns)
{
	struct bpfsched_completion *record = &slot->record;

	*record = (struct bpfsched_completion) {
		.record.size = sizeof(*record),
		.record.type = BPFSCHED_RECORD_COMPLETION,
		.record.flags = completion_flags(job),
		.id = job->id,
		.user_data = job->user_data,
		.prog_id = job->prog->id,
		.status = status,
		.priority = job->entity.priority,
		.submitted_ns = job->submitted_ns,
		.started_ns = job->started_ns,
		.ended_ns = now_ns,
		.start_seq = job->start_seq,
		.preemptions = job->preemptions,
		.followups = job->followups,
		.release = job->release,
		.run_ns = job->run_ns,
		.parent = job->parent,
	};
	memcpy(record->prog_name, job->prog->name, sizeof(record->prog_name));
	if (job->entity.has_deadline)
		record->deadline_ns = job->entity.deadline.absolute_ns;
	fill_result(record, &job->result);

	if (last) {
		record->record.flags |= BPFSCHED_COMPLETION_LAST;
		take_context(slot, job);
	}
	if (slot->has_context) {
		record->record.flags |= BPFSCHED_COMPLETION_CONTEXT;
		record->context_len = job->context_len;
		record->context_offset = sizeof(*record);
		record->record.size += ALIGN(job->context_len, 8);
	}
}

/**
 * bpfsched_slot_copy() - copy a whole record to user space
 * @slot: a slot that has been filled
 * @buf: room for record.size bytes
 *
 * Context: process, may sleep.
 * Return: 0 or -EFAULT.
 */
int bpfsched_slot_copy(const struct bpfsched_slot *slot, char __user *buf)
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
