// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder: from instructions that have been checked to the form that runs.
 *
 * A 16-byte load becomes one instruction, immediates are extended, jumps are
 * resolved, helpers become indices. So that the dispatcher needs to count only
 * at taken jumps, a checkpoint is put between two instructions wherever
 * INTERP_RUN_MAX of them would otherwise follow each other.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>

#include <bpfsched/visibility.h>

#include "interp.h"

/* Position of the checkpoints: before instruction 1023, 2 * 1023 and so on. */
#define CHECKPOINT_EVERY	(INTERP_RUN_MAX - 1)

/* Number each slot with the decoded instruction that it becomes. */
static u32 number_slots(const struct bpfsched_code *code, u32 *index_of)
{
	u32 slot, index = 0, instructions = 0;

	for (slot = 0; slot < code->insn_count; slot++) {
		if (instructions && instructions % CHECKPOINT_EVERY == 0)
			index++;
		instructions++;
		index_of[slot] = index++;
		if (interp_op_of(&code->insns[slot]) == INTERP_LDDW)
			slot++;
		if (instructions % 4096 == 0)
			cond_resched();
	}
	return index;
}

/* What a slot that an instruction names has become. */
static u32 index_at(const struct bpfsched_code *code, const u32 *index_of,
		    s64 slot)
{
	return index_of[array_index_nospec((u64)slot, (u64)code->insn_count)];
}

static u64 lddw_value(const struct bpfsched_code *code,
		      const struct bpf_insn *insn, const u32 *index_of,
		      u32 slot)
{
	switch (insn->src_reg) {
	case BPF_PSEUDO_MAP_IDX_VALUE:
		return INTERP_ADDRESS(INTERP_REGION_SECTIONS + (u64)insn->imm,
				      (u32)insn[1].imm);
	case BPF_PSEUDO_MAP_IDX:
		return INTERP_ADDRESS(INTERP_REGION_HANDLES, (u32)insn->imm);
	case BPF_PSEUDO_FUNC:
		return INTERP_ADDRESS(INTERP_REGION_FUNCTIONS,
				      index_at(code, index_of,
					       slot + 1LL + insn->imm));
	default:
		return (u64)(u32)insn[1].imm << 32 | (u32)insn->imm;
	}
}

/* Numbers, not addresses: a processor may take them for anything else. */
static void lead_to(struct interp_insn *out, u32 from, u32 target, s32 imm)
{
	out->off = imm;
	out->imm = target | (target <= from ? INTERP_BACKWARD : 0);
}

static void decode_insn(const struct bpfsched_code *code,
			struct interp_insn *out, const u32 *index_of, u32 slot)
{
	const struct bpf_insn *insn = &code->insns[slot];
	int op = interp_op_of(insn);
	s32 distance;

	*out = (struct interp_insn) {
		.op = op,
		.dst = insn->dst_reg,
		.src = insn->src_reg,
		.off = insn->off,
		.imm = (s64)insn->imm,
	};

	/* One operation less to make special cases of. */
	if (op == INTERP_SUB64_K || op == INTERP_SUB32_K) {
		out->op = op == INTERP_SUB64_K ? INTERP_ADD64_K :
						 INTERP_ADD32_K;
		out->imm = -out->imm;
	}
	if (interp_jump_distance(op, insn, &distance))
		lead_to(out, index_of[slot],
			index_at(code, index_of, slot + 1LL + distance),
			insn->imm);
	else if (op == INTERP_CALL)
		lead_to(out, index_of[slot],
			index_at(code, index_of, slot + 1LL + insn->imm), 0);
	else if (op == INTERP_HELPER)
		out->imm = interp_helper_index(insn->imm);
	else if (op == INTERP_LDDW)
		out->imm = lddw_value(code, insn, index_of, slot);
}

static void mark_entries(const struct bpfsched_code *code, const u32 *index_of,
			 struct interp_image *image)
{
	u32 slot, instructions = 0;

	__set_bit(0, image->entry);
	for (slot = 0; slot < code->insn_count; slot++) {
		const struct bpf_insn *insn = &code->insns[slot];

		if (interp_names_function(insn))
			__set_bit(index_at(code, index_of,
					   slot + 1LL + insn->imm),
				  image->entry);
		if (interp_op_of(insn) == INTERP_LDDW)
			slot++;
		if (++instructions % 4096 == 0)
			cond_resched();
	}
}

static void decode_insns(const struct bpfsched_code *code, const u32 *index_of,
			 struct interp_image *image)
{
	u32 slot, index = 0, instructions = 0;

	for (slot = 0; slot < code->insn_count; slot++) {
		const struct bpf_insn *insn = &code->insns[slot];

		for (; index < index_of[slot]; index++) {
			image->insns[index].op = INTERP_CHECKPOINT;
			image->slots[index] = slot;
		}
		decode_insn(code, &image->insns[index], index_of, slot);
		image->slots[index++] = slot;
		if (interp_op_of(insn) == INTERP_LDDW)
			slot++;
		if (++instructions % 4096 == 0)
			cond_resched();
	}
}

/* What lies behind the last instruction ends a function and names nothing. */
static void pad_insns(struct interp_image *image)
{
	u32 i;

	for (i = 0; i < INTERP_PAD; i++)
		image->insns[image->count + i].op = INTERP_EXIT;
}

/**
 * interp_image_free() - free an image
 * @image: the image, or NULL
 *
 * Context: process, may sleep.
 */
void interp_image_free(struct interp_image *image)
{
	if (!image)
		return;
	kvfree(image->entry);
	kvfree(image->slots);
	kvfree(image->insns);
	kfree(image);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_image_free);

/**
 * interp_decode() - make an image of a program
 * @code: the program; interp_check() has accepted it
 * @dispatcher: what is to execute it
 *
 * Writes the pointers into the sections, which nobody uses yet.
 *
 * Context: process, may sleep.
 * Return: the image, or NULL if memory ran out.
 */
struct interp_image *interp_decode(const struct bpfsched_code *code,
				   const struct interp_dispatcher *dispatcher)
{
	struct interp_image *image;
	u32 *index_of;
	u32 i;

	image = kzalloc(sizeof(*image), GFP_KERNEL_ACCOUNT);
	index_of = kvcalloc(code->insn_count, sizeof(*index_of),
			    GFP_KERNEL_ACCOUNT);
	if (!image || !index_of)
		goto fail;

	image->count = number_slots(code, index_of);
	image->insns = kvcalloc(image->count + INTERP_PAD,
				sizeof(*image->insns), GFP_KERNEL_ACCOUNT);
	image->slots = kvcalloc(image->count, sizeof(*image->slots),
				GFP_KERNEL_ACCOUNT);
	image->entry = kvcalloc(BITS_TO_LONGS(image->count), sizeof(long),
				GFP_KERNEL_ACCOUNT);
	if (!image->insns || !image->slots || !image->entry)
		goto fail;

	decode_insns(code, index_of, image);
	pad_insns(image);
	mark_entries(code, index_of, image);
	interp_relocs_apply(code, index_of, image->entry);
	image->dispatcher = dispatcher;
	if (dispatcher->prepare)
		dispatcher->prepare(image->insns, image->count + INTERP_PAD);
	image->section_count = code->section_count;
	memcpy(image->sections, code->sections,
	       code->section_count * sizeof(*code->sections));
	image->map_count = code->map_count;
	for (i = 0; i < code->map_count; i++)
		interp_map_init(&image->maps[i], &code->maps[i]);
	kvfree(index_of);
	return image;

fail:
	kvfree(index_of);
	interp_image_free(image);
	return NULL;
}
EXPORT_SYMBOL_FOR_KUNIT(interp_decode);
