// SPDX-License-Identifier: GPL-2.0
/*
 * Work that a job cuts up: for each block of the context it submits a job of
 * another program, which gets a completion of its own. Urgent blocks go first.
 *
 *	bpfsched run pipeline.bpf.o split --followups digest --context @FILE
 *
 * split returns the number of blocks, or a negative errno; digest the sum of a
 * block in its low half and the number of the block in its high half.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpfsched_helpers.h>

#define BLOCK 16
#define URGENT 0xff		/* what the first byte of an urgent block is */

struct part {
	__u32 number;
	__u32 len;
	__u8 bytes[BLOCK];
};

/* Blocks that digest has seen, of all jobs */
__u64 blocks;

static long submit_part(const struct part *part)
{
	struct bpfsched_followup options = {
		.size = sizeof(options),
		.priority = part->bytes[0] == URGENT ? BPFSCHED_PRIORITY_HIGH :
						       BPFSCHED_PRIORITY_NORMAL,
		.user_data = part->number,
	};

	/* The first of the programs that were named when this one was loaded */
	return bpfsched_submit_job(0, part, sizeof(*part), &options);
}

SEC("bpfsched/split")
long split(const __u8 *bytes, unsigned long len)
{
	struct part part = {};
	unsigned long i;
	long ret;

	for (i = 0; i < len; i += part.len) {
		for (part.len = 0; part.len < BLOCK && i + part.len < len;
		     part.len++)
			part.bytes[part.len] = bytes[i + part.len];
		ret = submit_part(&part);
		if (ret < 0)
			return ret;
		part.number++;
	}
	return part.number;
}

SEC("bpfsched/digest")
long digest(const struct part *part, unsigned long len)
{
	unsigned long sum = 0;
	__u32 i;

	if (len < sizeof(*part))
		return -1;
	for (i = 0; i < part->len && i < BLOCK; i++)
		sum += part->bytes[i];
	__sync_fetch_and_add(&blocks, 1);
	return (long)part->number << 32 | sum;
}
