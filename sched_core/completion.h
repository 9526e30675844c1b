/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completions: the one record of how a job ended.
 */
#ifndef BPFSCHED_COMPLETION_H
#define BPFSCHED_COMPLETION_H

#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

struct bpfsched_job;

/**
 * struct bpfsched_slot - room for a completion
 * @link: in bpfsched_client.unread, guarded by the lock of the scheduler, or
 *	in bpfsched_client.reading, guarded by bpfsched_client.read_lock
 * @record: the completion
 * @context: the context bytes that follow it, freed with the slot
 * @has_context: whether context bytes follow it
 * @events: end of the events that come before it, see struct bpfsched_ring
 * @home: the periodic job that the slot goes back to when the completion has
 *	been read; NULL: it is freed. Guarded by the lock of the scheduler
 * @home_link: in bpfsched_job.lent_slots, if @home; guarded by the lock
 *
 * A slot is taken when a job is submitted and lives until the completion has
 * been read, so that no completion is ever lost for want of memory.
 */
struct bpfsched_slot {
	struct list_head link;
	struct bpfsched_completion record;
	void *context;
	bool has_context;
	u64 events;
	struct bpfsched_job *home;
	struct list_head home_link;
};

int bpfsched_slot_cache_init(void);
void bpfsched_slot_cache_exit(void);
struct bpfsched_slot *bpfsched_slot_new(gfp_t gfp);
void bpfsched_slot_free(struct bpfsched_slot *slot);
void bpfsched_slot_fill(struct bpfsched_slot *slot, struct bpfsched_job *job,
			u32 status, bool last, u64 now_ns);
int bpfsched_slot_copy(const struct bpfsched_slot *slot, char __user *buf);

#endif /* BPFSCHED_COMPLETION_H */
