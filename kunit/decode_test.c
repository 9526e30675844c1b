// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the decoder: that an image says the same as the instructions that
 * it was made from, and has its checkpoints where the dispatcher needs them.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>

#include "../interp/interp.h"
#include "insn.h"

static u8 bytes[16];

static const struct bpfsched_memory sections[] = {
	{ .base = bytes, .len = 8 },
	{ .base = bytes + 8, .len = 7, .readonly = true },
};

/* test->priv is the image, so that it is freed however the test ends. */
static const struct interp_image *decode(struct kunit *test,
					 const struct bpf_insn *insns,
					 u32 count)
{
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = count,
		.sections = sections,
		.section_count = ARRAY_SIZE(sections),
	};
	struct bpfsched_log log = { "" };

	interp_image_free(test->priv);
	test->priv = NULL;
	KUNIT_ASSERT_EQ_MSG(test, interp_check(&code, &log), 0, "%s", log.text);
	test->priv = interp_decode(&code, &interp_switch);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	return test->priv;
}

static void free_image(struct kunit *test)
{
	interp_image_free(test->priv);
}

/* Where an instruction leads, in decoded instructions from itself. */
static s32 distance(const struct interp_image *image, u32 index)
{
	return interp_target_index(&image->insns[index]) - index;
}

static bool is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Where a jump or a call of the program leads to, or -1. */
static s64 target_slot(const struct bpf_insn *insns, u32 slot)
{
	const struct bpf_insn *insn = &insns[slot];

	if (insn->code == (BPF_JMP | BPF_CALL))
		return insn->src_reg ? (s64)slot + 1 + insn->imm : -1;
	if (insn->code == (BPF_JMP32 | BPF_JA))
		return (s64)slot + 1 + insn->imm;
	if (insn->code == (BPF_JMP | BPF_EXIT))
		return -1;
	if (BPF_CLASS(insn->code) == BPF_JMP ||
	    BPF_CLASS(insn->code) == BPF_JMP32)
		return (s64)slot + 1 + insn->off;
	return -1;
}

/* One instruction of an image against the one that it was made from. */
static void expect_insn(struct kunit *test, const struct interp_image *image,
			u32 index, const struct bpf_insn *insns, u32 slot)
{
	const struct interp_insn *insn = &image->insns[index];
	s64 leads_to = (s64)index + distance(image, index);
	s64 target = target_slot(insns, slot);

	KUNIT_ASSERT_EQ(test, image->slots[index], slot);
	KUNIT_ASSERT_EQ_MSG(test, (int)insn->op, interp_op_of(&insns[slot]),
			    "slot %u", slot);
	KUNIT_ASSERT_EQ_MSG(test, insn->dst, (u8)insns[slot].dst_reg,
			    "slot %u", slot);
	if (target < 0)
		return;
	KUNIT_ASSERT_GE_MSG(test, leads_to, 0LL, "slot %u", slot);
	KUNIT_ASSERT_LT_MSG(test, leads_to, (s64)image->count, "slot %u", slot);
	KUNIT_ASSERT_EQ_MSG(test, (s64)image->slots[leads_to], target,
			    "slot %u", slot);
}

/*
 * Step over the checkpoints before a slot. @run is the number of instructions
 * since the last.
 */
static u32 skip_checkpoints(struct kunit *test,
			    const struct interp_image *image, u32 index,
			    u32 slot, u32 *run)
{
	while (index < image->count &&
	       image->insns[index].op == INTERP_CHECKPOINT) {
		KUNIT_ASSERT_EQ(test, image->slots[index], slot);
		KUNIT_ASSERT_GT_MSG(test, *run, 0U, "useless one at slot %u",
				    slot);
		*run = 0;
		index++;
	}
	return index;
}

/* The whole image; returns how many instructions it has. */
static u32 expect_image(struct kunit *test, const struct bpf_insn *insns,
			u32 count)
{
	const struct interp_image *image = decode(test, insns, count);
	u32 slot, index = 0, run = 0, total = 0;

	for (slot = 0; slot < count; slot++) {
		index = skip_checkpoints(test, image, index, slot, &run);
		KUNIT_ASSERT_LT(test, index, image->count);
		expect_insn(test, image, index++, insns, slot);
		KUNIT_ASSERT_LE_MSG(test, ++run, (u32)INTERP_RUN_MAX,
				    "slot %u", slot);
		total++;
		if (is_wide(&insns[slot]))
			slot++;
	}
	KUNIT_ASSERT_EQ(test, index, image->count);
	KUNIT_ASSERT_LE(test, image->count - total,
			2 * total / INTERP_RUN_MAX);
	return total;
}

static void wide_load_becomes_one(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_LDDW(1, 0, 0x89abcdef), INSN_LDDW_END(0xfedcba98),
		INSN_LDDW(2, 0, -1), INSN_LDDW_END(0),
		INSN_LDDW(3, 0, 1), INSN_LDDW_END(-1),
		INSN_EXIT,
	};
	const struct interp_image *image;

	KUNIT_EXPECT_EQ(test, expect_image(test, insns, ARRAY_SIZE(insns)), 4U);
	image = test->priv;
	KUNIT_ASSERT_EQ(test, image->count, 4U);
	KUNIT_EXPECT_EQ(test, image->insns[0].imm, 0xfedcba9889abcdefULL);
	KUNIT_EXPECT_EQ(test, image->insns[1].imm, 0x00000000ffffffffULL);
	KUNIT_EXPECT_EQ(test, image->insns[2].imm, 0xffffffff00000001ULL);
	KUNIT_EXPECT_EQ(test, image->slots[1], 2U);
	KUNIT_EXPECT_EQ(test, image->slots[3], 6U);
}

static void section_becomes_address(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_LDDW(1, 6, 0), INSN_LDDW_END(8),
		INSN_LDDW(2, 6, 1), INSN_LDDW_END(0),
		INSN_EXIT,
	};
	const struct interp_image *image;

	image = decode(test, insns, ARRAY_SIZE(insns));
	KUNIT_EXPECT_EQ(test, image->insns[0].imm, 3ULL << 32 | 8);
	KUNIT_EXPECT_EQ(test, image->insns[1].imm, 4ULL << 32);
	KUNIT_EXPECT_EQ(test, image->section_count, 2U);
	KUNIT_EXPECT_PTR_EQ(test, image->sections[0].base, (void *)bytes);
	KUNIT_EXPECT_EQ(test, image->sections[0].len, 8U);
	KUNIT_EXPECT_FALSE(test, image->sections[0].readonly);
	KUNIT_EXPECT_PTR_EQ(test, image->sections[1].base, (void *)bytes + 8);
	KUNIT_EXPECT_EQ(test, image->sections[1].len, 7U);
	KUNIT_EXPECT_TRUE(test, image->sections[1].readonly);
}

static void operands_are_extended(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_ADD_K(1, -1),
		INSN_ALU32_K(BPF_ADD, 9, S32_MIN),
		INSN_LDX(BPF_W, 3, 10, -32768),
		INSN_ST(BPF_DW, 4, 32767, -2),
		INSN_STX(BPF_B, 5, 6, -1),
		INSN_EXIT,
	};
	const struct interp_image *image;

	expect_image(test, insns, ARRAY_SIZE(insns));
	image = test->priv;
	KUNIT_EXPECT_EQ(test, image->insns[0].imm, ~0ULL);
	KUNIT_EXPECT_EQ(test, image->insns[1].imm, 0xffffffff80000000ULL);
	KUNIT_EXPECT_EQ(test, image->insns[2].off, -32768);
	KUNIT_EXPECT_EQ(test, image->insns[2].src, (u8)10);
	KUNIT_EXPECT_EQ(test, image->insns[3].off, 32767);
	KUNIT_EXPECT_EQ(test, image->insns[3].imm, ~1ULL);
	KUNIT_EXPECT_EQ(test, image->insns[4].off, -1);
	KUNIT_EXPECT_EQ(test, image->insns[4].src, (u8)6);
}

static void helpers_become_different(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_HELPER(BPF_FUNC_ktime_get_ns),
		INSN_HELPER(BPF_FUNC_trace_printk),
		INSN_HELPER(BPF_FUNC_get_prandom_u32),
		INSN_HELPER(BPF_FUNC_get_smp_processor_id),
		INSN_HELPER(BPF_FUNC_ktime_get_ns),
		INSN_EXIT,
	};
	const struct interp_image *image;
	u32 i, j;

	expect_image(test, insns, ARRAY_SIZE(insns));
	image = test->priv;
	for (i = 0; i < 4; i++) {
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, image->insns[i].imm,
					image->insns[j].imm);
	}
	KUNIT_EXPECT_EQ(test, image->insns[0].imm, image->insns[4].imm);
}

static void jumps_across_wide_loads(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_JMP_K(BPF_JEQ, 0, 0, 2),
		INSN_LDDW(1, 0, 1), INSN_LDDW_END(1),
		INSN_JMP_X(BPF_JNE, 0, 1, -4),
		INSN_CALL(7),
		INSN_LDDW(1, 0, 1), INSN_LDDW_END(1),
		INSN_JA(-3),
		INSN_LDDW(1, 0, 1), INSN_LDDW_END(1),
		INSN_JA32(-8),
		INSN_EXIT,
		INSN_CALL(-13),
		INSN_LDDW(1, 0, 1), INSN_LDDW_END(1),
		INSN_EXIT,
	};
	static const struct {
		u32 index;
		s32 off;
	} jumps[] = {
		{ 0, 2 }, { 2, -2 }, { 3, 6 }, { 5, -1 }, { 7, -5 }, { 9, -9 },
	};
	const struct interp_image *image;
	size_t i;

	expect_image(test, insns, ARRAY_SIZE(insns));
	image = test->priv;
	for (i = 0; i < ARRAY_SIZE(jumps); i++)
		KUNIT_EXPECT_EQ_MSG(test, distance(image, jumps[i].index),
				    jumps[i].off, "jump %zu", i);
}

/* @count instructions that do nothing, the last of them an exit. */
static struct bpf_insn *make_insns(struct kunit *test, u32 count)
{
	struct bpf_insn *insns;
	u32 i;

	insns = kunit_kmalloc_array(test, count, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (i = 0; i < count - 1; i++)
		insns[i] = INSN_MOV_K(0, 0);
	insns[i] = INSN_EXIT;
	return insns;
}

static void checkpoints_in_straight_lines(struct kunit *test)
{
	static const u32 counts[] = {
		1, 2, 1021, 1022, 1023, 1024, 1025, 1026, 2045, 2046, 2047,
		2048, 2049, 3069, 3070, 3072, 4095, 4096, 4097, 5000,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		const struct bpf_insn *insns = make_insns(test, counts[i]);

		KUNIT_EXPECT_EQ(test, expect_image(test, insns, counts[i]),
				counts[i]);
	}
}

static void short_programs_have_no_checkpoint(struct kunit *test)
{
	const struct bpf_insn *insns = make_insns(test, 500);
	const struct interp_image *image = decode(test, insns, 500);

	KUNIT_EXPECT_EQ(test, image->count, 500U);
}

/* From each of some places to each, so also to both sides of a checkpoint. */
static void jumps_across_checkpoints(struct kunit *test)
{
	static const u32 places[] = {
		0, 1, 1000, 1021, 1022, 1023, 1024, 1025, 2044, 2045, 2046,
		2047, 2048, 2998,
	};
	const u32 count = 3000;
	struct bpf_insn *insns = make_insns(test, count);
	size_t from, to;

	for (from = 0; from < ARRAY_SIZE(places); from++) {
		for (to = 0; to < ARRAY_SIZE(places); to++) {
			struct bpf_insn *insn = &insns[places[from]];
			s32 distance = places[to] - places[from] - 1;

			*insn = to % 2 ? INSN_JA32(distance) :
					 INSN_JMP_K(BPF_JEQ, 0, 0, distance);
			expect_image(test, insns, count);
			*insn = INSN_MOV_K(0, 0);
		}
	}
}

/* A third of the slots or so are second halves. */
static void wide_loads_count_one(struct kunit *test)
{
	const u32 count = 6000;
	struct bpf_insn *insns = make_insns(test, count);
	u32 slot;

	for (slot = 0; slot + 3 < count; slot += 3) {
		insns[slot] = INSN_LDDW(1, 0, slot);
		insns[slot + 1] = INSN_LDDW_END(slot);
	}
	KUNIT_EXPECT_EQ(test, expect_image(test, insns, count),
			count - (count - 1) / 3);
}

/**
 * struct layout - a random program in the making
 * @rnd: where chance comes from
 * @insns: the program
 * @starts: slots at which its instructions start
 * @start_count: number of @starts
 */
struct layout {
	struct rnd_state rnd;
	struct bpf_insn *insns;
	u32 *starts;
	u32 start_count;
};

static void fill_layout(struct layout *layout, u32 count)
{
	u32 slot = 0;

	layout->start_count = 0;
	while (slot < count - 1) {
		layout->starts[layout->start_count++] = slot;
		if (slot < count - 2 && prandom_u32_state(&layout->rnd) % 8 == 0) {
			layout->insns[slot++] = INSN_LDDW(1, 0, 1);
			layout->insns[slot++] = INSN_LDDW_END(1);
		} else {
			layout->insns[slot++] = INSN_MOV_K(0, 0);
		}
	}
}

static void add_jumps(struct layout *layout)
{
	u32 i;

	for (i = 0; i < layout->start_count; i++) {
		u32 slot = layout->starts[i];
		u32 chance = prandom_u32_state(&layout->rnd);
		u32 to = prandom_u32_state(&layout->rnd) % layout->start_count;
		s32 distance = layout->starts[to] - slot - 1;

		if (is_wide(&layout->insns[slot]))
			continue;
		if (chance % 4 == 0)
			layout->insns[slot] = INSN_JA(distance);
		else if (chance % 4 == 1)
			layout->insns[slot] = INSN_JA32(distance);
		else if (chance % 4 == 2)
			layout->insns[slot] = INSN_JMP_X(BPF_JSLT, 1, 2,
							 distance);
	}
}

static void random_programs(struct kunit *test)
{
	const u32 most = 8000;
	struct layout layout = { .insns = make_insns(test, most) };
	u32 i, count;

	layout.starts = kunit_kmalloc_array(test, most, sizeof(u32),
					    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, layout.starts);
	prandom_seed_state(&layout.rnd, 9669);
	for (i = 0; i < 50; i++) {
		count = 2 + prandom_u32_state(&layout.rnd) % (most - 2);
		fill_layout(&layout, count);
		add_jumps(&layout);
		layout.insns[count - 1] = INSN_EXIT;
		KUNIT_EXPECT_EQ(test, expect_image(test, layout.insns, count),
				layout.start_count + 1);
	}
}

static void million_instructions(struct kunit *test)
{
	const u32 count = 1000000;
	struct bpf_insn *insns = vmalloc(array_size(count, sizeof(*insns)));
	const struct interp_image *image;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (i = 0; i < count; i++)
		insns[i] = INSN_MOV_K(0, 0);
	insns[0] = INSN_JA32(count - 2);
	insns[count - 1] = INSN_JA32(-(s32)count);
	image = decode(test, insns, count);
	vfree(insns);

	KUNIT_EXPECT_EQ(test, image->slots[image->count - 1], count - 1);
	KUNIT_EXPECT_EQ(test, (s64)distance(image, 0),
			(s64)image->count - 1);
	KUNIT_EXPECT_EQ(test, (s64)distance(image, image->count - 1),
			1 - (s64)image->count);
}

static void no_image_is_freed(struct kunit *test)
{
	interp_image_free(NULL);
}

static struct kunit_case decode_cases[] = {
	KUNIT_CASE(wide_load_becomes_one),
	KUNIT_CASE(section_becomes_address),
	KUNIT_CASE(operands_are_extended),
	KUNIT_CASE(helpers_become_different),
	KUNIT_CASE(jumps_across_wide_loads),
	KUNIT_CASE(checkpoints_in_straight_lines),
	KUNIT_CASE(short_programs_have_no_checkpoint),
	KUNIT_CASE(jumps_across_checkpoints),
	KUNIT_CASE(wide_loads_count_one),
	KUNIT_CASE(random_programs),
	KUNIT_CASE(million_instructions),
	KUNIT_CASE(no_image_is_freed),
	{}
};

static struct kunit_suite decode_suite = {
	.name = "interp_decode",
	.exit = free_image,
	.test_cases = decode_cases,
};

kunit_test_suite(decode_suite);
