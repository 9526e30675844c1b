// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the sandbox: where memory begins and ends, for each instruction that
 * accesses it and for what helpers read; and where a fault is said to be.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "../interp/memory.h"
#include "machine.h"

/**
 * struct access - an instruction that accesses memory
 * @name: for messages
 * @opcode: its first byte
 * @size: in bytes
 * @extends: a load that extends the sign
 */
struct access {
	const char *name;
	u8 opcode;
	u8 size;
	bool extends;
};

static const struct access accesses[] = {
	{ "ldxb", 0x71, 1 },
	{ "ldxh", 0x69, 2 },
	{ "ldxw", 0x61, 4 },
	{ "ldxdw", 0x79, 8 },
	{ "ldxsb", 0x91, 1, true },
	{ "ldxsh", 0x89, 2, true },
	{ "ldxsw", 0x81, 4, true },
	{ "stb", 0x72, 1 },
	{ "sth", 0x6a, 2 },
	{ "stw", 0x62, 4 },
	{ "stdw", 0x7a, 8 },
	{ "stxb", 0x73, 1 },
	{ "stxh", 0x6b, 2 },
	{ "stxw", 0x63, 4 },
	{ "stxdw", 0x7b, 8 },
};

#define ACCESSES	ARRAY_SIZE(accesses)

/* What is stored: from a register, and as an immediate. */
#define STORED		0x8899aabbccddeeffULL
#define STORED_IMM	((s32)0xccddeeff)

/* Slot of the access in the programs below, and what they execute up to it. */
#define ACCESS_SLOT	3
#define ACCESS_COUNT	3

static bool is_load(const struct access *access)
{
	return BPF_CLASS(access->opcode) == BPF_LDX;
}

static u32 fault_kind(const struct access *access)
{
	return is_load(access) ? BPFSCHED_FAULT_READ : BPFSCHED_FAULT_WRITE;
}

static u64 stored_value(const struct access *access)
{
	return BPF_CLASS(access->opcode) == BPF_STX ? STORED :
						      (s64)STORED_IMM;
}

/* The access itself: loads r0 from r1 + @off or stores there. */
static struct bpf_insn access_insn(const struct access *access, s16 off)
{
	switch (BPF_CLASS(access->opcode)) {
	case BPF_LDX:
		return INSN(access->opcode, 0, 1, off, 0);
	case BPF_ST:
		return INSN(access->opcode, 1, 0, off, STORED_IMM);
	default:
		return INSN(access->opcode, 1, 2, off, 0);
	}
}

static void load_access(struct kunit *test, const struct access *access,
			s16 off)
{
	const struct bpf_insn insns[] = {
		INSN_LDDW(2, 0, lower_32_bits(STORED)), INSN_LDDW_END(STORED >> 32),
		INSN_MOV_K(0, 77), access_insn(access, off), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
}

/* Programs that load and store take the address in r1. */
static enum bpfsched_outcome run_at(struct machine *m, u64 budget, u64 address)
{
	machine_begin(m, budget);
	m->state.regs[BPF_REG_1] = address;
	return machine_go_on(m);
}

static void put_at(const struct access *access, u64 value, u8 *at)
{
	int i;

	for (i = 0; i < access->size; i++) {
		int byte = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ?
			   access->size - 1 - i : i;

		at[byte] = value >> (8 * i);
	}
}

/* One access, which goes to byte @at of the memory, and leaves it as it was. */
static void expect_works(struct kunit *test, const struct access *access,
			 enum bpfsched_outcome outcome, const char *name,
			 u32 at)
{
	struct machine *m = test->priv;
	u64 r0 = 77, before;

	memcpy(&before, m->expected + at, sizeof(before));
	if (is_load(access))
		r0 = machine_number(m->expected + at, access->size,
				    access->extends);
	else
		put_at(access, stored_value(access), m->expected + at);

	KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_DONE, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, m->result.r0, r0, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, m->result.instructions,
			    (u64)ACCESS_COUNT + 1, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(m->memory, m->expected, MEMORY_SIZE),
			    0, "%s", name);
	memcpy(m->memory + at, &before, sizeof(before));
	memcpy(m->expected + at, &before, sizeof(before));
}

/* One access that is a fault, and changes nothing. */
static void expect_fails(struct kunit *test, const struct access *access,
			 enum bpfsched_outcome outcome, const char *name,
			 u64 address)
{
	const struct bpfsched_fault fault = {
		.kind = fault_kind(access),
		.pc = ACCESS_SLOT,
		.address = address,
	};
	struct machine *m = test->priv;

	machine_expect_fault(test, name, outcome, &fault, ACCESS_COUNT);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(m->memory, m->expected, MEMORY_SIZE),
			    0, "%s", name);
}

#define NOWHERE		(-1)

/*
 * Execute the access that is loaded, with @address in r1, in both loops: it
 * goes to byte @at of the memory, or NOWHERE.
 */
static void expect_access(struct kunit *test, const struct access *access,
			  u64 address, s16 off, s32 at)
{
	enum bpfsched_outcome outcome;
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%s at 0x%llx%+d", access->name, address,
		 off);
	for (i = 0; i < LOOPS; i++) {
		outcome = run_at(test->priv, loop_budgets[i], address);
		if (at == NOWHERE)
			expect_fails(test, access, outcome, name,
				     address + off);
		else
			expect_works(test, access, outcome, name, at);
	}
}

/* By an offset of the instruction, and by a register that points elsewhere. */
static const s16 offs[] = { 0, 16, -16 };

static void all_alignments(struct kunit *test)
{
	size_t i, o;
	u32 offset;

	machine_set_context(test->priv, 256);
	for (i = 0; i < ACCESSES; i++) {
		for (o = 0; o < ARRAY_SIZE(offs); o++) {
			load_access(test, &accesses[i], offs[o]);
			for (offset = 0; offset < 17; offset++)
				expect_access(test, &accesses[i],
					      CONTEXT(offset) - offs[o],
					      offs[o], REGION_AT + offset);
		}
	}
}

static void far_offsets(struct kunit *test)
{
	size_t i;

	machine_set_context(test->priv, 256);
	for (i = 0; i < ACCESSES; i++) {
		const struct access *access = &accesses[i];

		load_access(test, access, S16_MAX);
		expect_access(test, access, CONTEXT(100) - S16_MAX, S16_MAX,
			      REGION_AT + 100);
		expect_access(test, access, CONTEXT(256) - S16_MAX, S16_MAX,
			      NOWHERE);
		load_access(test, access, S16_MIN);
		expect_access(test, access, CONTEXT(100) - S16_MIN, S16_MIN,
			      REGION_AT + 100);
		expect_access(test, access, CONTEXT(0) - 1 - S16_MIN, S16_MIN,
			      NOWHERE);
	}
}

/* From both sides, in a region of @len bytes at @at of the memory. */
static void expect_bounds(struct kunit *test, const struct access *access,
			  u64 start, s32 len, s32 at)
{
	s32 offset;
	size_t o;

	for (o = 0; o < ARRAY_SIZE(offs); o++) {
		load_access(test, access, offs[o]);
		for (offset = -9; offset <= len + 9; offset++) {
			bool inside = offset >= 0 &&
				      offset + access->size <= len;

			expect_access(test, access, start + offset - offs[o],
				      offs[o], inside ? at + offset : NOWHERE);
		}
	}
}

static void context_bounds(struct kunit *test)
{
	size_t i;
	u32 len;

	for (len = 0; len <= 9; len++) {
		machine_set_context(test->priv, len);
		for (i = 0; i < ACCESSES; i++)
			expect_bounds(test, &accesses[i], CONTEXT(0), len,
				      REGION_AT);
	}
}

/* The longer one lies behind the shorter, and holds other bytes. */
static void section_bounds(struct kunit *test)
{
	struct machine *m = test->priv;
	size_t i;
	u32 s;

	machine_fill(m);
	for (s = 0; s < BPFSCHED_SECTIONS_MAX; s++) {
		m->sections[s].base = m->memory + REGION_AT + 32 * s;
		m->sections[s].len = s + 1;
	}
	m->section_count = BPFSCHED_SECTIONS_MAX;
	for (s = 0; s < BPFSCHED_SECTIONS_MAX; s++) {
		for (i = 0; i < ACCESSES; i++)
			expect_bounds(test, &accesses[i], SECTION(s, 0), s + 1,
				      REGION_AT + 32 * s);
	}
}

/*
 * No test has so much memory, so nothing is accessed: only the translation of
 * addresses is asked.
 */
static void expect_translation(struct kunit *test, struct interp_state *state,
			       u32 offset, int log2, bool inside)
{
	const u64 address = CONTEXT(offset);
	const u8 *base = state->regions[INTERP_REGION_CONTEXT].base;
	const void *expected = inside ? base + offset : NULL;

	KUNIT_EXPECT_PTR_EQ_MSG(test, interp_readable(state, address, log2),
				expected, "0x%llx, %d", address, 1 << log2);
	KUNIT_EXPECT_PTR_EQ_MSG(test,
				(const void *)interp_writable(state, address,
							      log2),
				expected, "0x%llx, %d", address, 1 << log2);
	KUNIT_EXPECT_PTR_EQ_MSG(test,
				interp_readable_bytes(state, address,
						      1 << log2),
				expected, "0x%llx, %d", address, 1 << log2);
}

static void largest_region(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_EXIT };
	struct machine *m = test->priv;
	struct interp_state *state = &m->state;
	u32 size;
	int log2;

	m->context.base = m->memory;
	m->context.len = S32_MAX;
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_begin(m, 1);
	for (log2 = 0; log2 < 4; log2++) {
		size = 1 << log2;
		expect_translation(test, state, 0, log2, true);
		expect_translation(test, state, S32_MAX - size, log2, true);
		expect_translation(test, state, S32_MAX - size + 1, log2,
				   false);
		expect_translation(test, state, S32_MAX, log2, false);
		expect_translation(test, state, 0x80000000, log2, false);
		expect_translation(test, state, U32_MAX - size + 1, log2,
				   false);
		expect_translation(test, state, U32_MAX, log2, false);
	}
}

/* As many bytes as a helper asks for, from both sides of each bound. */
static void buffers_of_helpers(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_EXIT };
	struct machine *m = test->priv;
	u32 offset, len;

	machine_set_context(m, 9);
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_begin(m, 1);
	for (offset = 0; offset < 12; offset++) {
		for (len = 0; len < 12; len++) {
			const void *at = interp_readable_bytes(&m->state,
							       CONTEXT(offset),
							       len);
			bool inside = len && offset + len <= 9;

			KUNIT_EXPECT_PTR_EQ_MSG(test, at, inside ?
						m->context.base + offset : NULL,
						"%u at %u", len, offset);
		}
		KUNIT_EXPECT_NULL(test,
				  interp_readable_bytes(&m->state,
							CONTEXT(offset),
							U32_MAX - offset));
	}
}

/*
 * A processor that goes on as if a length were good must not find offsets for
 * it: there are none, whatever is compared afterwards.
 */
static void lengths_beyond_a_region(struct kunit *test)
{
	static const u32 lens[] = { 0, 1, 2, 8, 9, 10, S32_MAX };
	static const u32 beyond[] = { 1, 2, 8, S32_MAX };
	size_t i, b;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		u32 len = lens[i];

		KUNIT_EXPECT_EQ(test, interp_offsets(len, 0), 0U);
		KUNIT_EXPECT_EQ(test, interp_offsets(len, 1), len);
		if (len)
			KUNIT_EXPECT_EQ(test, interp_offsets(len, len), 1U);
		for (b = 0; b < ARRAY_SIZE(beyond); b++)
			KUNIT_EXPECT_EQ(test,
					interp_offsets(len, len + beyond[b]),
					0U);
		KUNIT_EXPECT_EQ(test, interp_offsets(len, U32_MAX), 0U);
	}
}

static void read_only_memory(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 offset;
	size_t i;

	machine_set_context(m, 16);
	m->context.readonly = true;
	m->sections[0].base = m->memory + REGION_AT + 64;
	m->sections[0].len = 16;
	m->sections[0].readonly = true;
	m->sections[1].base = m->memory + REGION_AT + 128;
	m->sections[1].len = 16;
	m->section_count = 2;

	for (i = 0; i < ACCESSES; i++) {
		const struct access *access = &accesses[i];
		bool works = is_load(access);

		load_access(test, access, 0);
		for (offset = 0; offset <= 16 - access->size; offset++) {
			s32 at = REGION_AT + offset;

			expect_access(test, access, CONTEXT(offset), 0,
				      works ? at : NOWHERE);
			expect_access(test, access, SECTION(0, offset), 0,
				      works ? at + 64 : NOWHERE);
			expect_access(test, access, SECTION(1, offset), 0,
				      at + 128);
		}
	}
}

/* There is one section, so its region is the last that is mapped. */
static const u64 wild_addresses[] = {
	0, 1, 7, 8, 0x1000, S32_MAX, 0x80000000, U32_MAX - 7, U32_MAX,
	STACK(INTERP_FRAME_SIZE), STACK(INTERP_FRAMES * INTERP_FRAME_SIZE),
	STACK(U32_MAX), CONTEXT(256), CONTEXT(U32_MAX - 1), SECTION(0, 256),
	SECTION(0, U32_MAX), SECTION(1, 0), SECTION(1, 8), SECTION(2, 0),
	SECTION(BPFSCHED_SECTIONS_MAX - 1, 0),
	INTERP_ADDRESS(INTERP_REGIONS, 0),
	INTERP_ADDRESS(INTERP_REGIONS, 8),
	INTERP_ADDRESS(INTERP_REGIONS + 1, 0),
	INTERP_ADDRESS(32, 0), INTERP_ADDRESS(64, 0), INTERP_ADDRESS(255, 0),
	INTERP_ADDRESS(256, 0), INTERP_ADDRESS(256 + INTERP_REGION_CONTEXT, 0),
	INTERP_ADDRESS(0xffff, 0), INTERP_ADDRESS(0x10000, 0),
	INTERP_ADDRESS(0x10000 + INTERP_REGION_CONTEXT, 0),
	INTERP_ADDRESS(0x80000000 + INTERP_REGION_CONTEXT, 0),
	INTERP_ADDRESS(S32_MAX, 0), INTERP_ADDRESS(0x80000000, 0),
	INTERP_ADDRESS(U32_MAX, 0), -4096, -8, -7, -2, -1,
};

static void wild_accesses(struct kunit *test)
{
	struct machine *m = test->priv;
	size_t i, wild;

	machine_set_context(m, 256);
	m->sections[0].base = m->memory;
	m->sections[0].len = 256;
	m->section_count = 1;
	for (i = 0; i < ACCESSES; i++) {
		load_access(test, &accesses[i], 0);
		for (wild = 0; wild < ARRAY_SIZE(wild_addresses); wild++)
			expect_access(test, &accesses[i], wild_addresses[wild],
				      0, NOWHERE);
	}
}

/* An address of the kernel is as wild as any other. */
static void kernel_addresses(struct kunit *test)
{
	struct machine *m = test->priv;
	size_t i;

	machine_set_context(m, 256);
	for (i = 0; i < ACCESSES; i++) {
		load_access(test, &accesses[i], 0);
		expect_access(test, &accesses[i],
			      (uintptr_t)m->context.base, 0, NOWHERE);
		expect_access(test, &accesses[i],
			      (uintptr_t)&m->state.regs[0], 0, NOWHERE);
	}
}

/* Addresses are numbers of 64 bits, and wrap as they do. */
static void addresses_wrap(struct kunit *test)
{
	static const struct {
		u64 address;
		s16 off;
		s32 at;
	} cases[] = {
		{ U64_MAX, 1, NOWHERE },
		{ -8, 8, NOWHERE },
		{ -8, 16, NOWHERE },
		{ 0, -1, NOWHERE },
		{ 8, -16, NOWHERE },
		{ 0, S16_MIN, NOWHERE },
		{ CONTEXT(0) - 4, 4, REGION_AT },
		{ STACK(U32_MAX), 6, REGION_AT + 5 },
		{ SECTION(0, 0), -9, NOWHERE },
	};
	size_t i, c;

	machine_set_context(test->priv, 256);
	for (i = 0; i < ACCESSES; i++) {
		for (c = 0; c < ARRAY_SIZE(cases); c++) {
			load_access(test, &accesses[i], cases[c].off);
			expect_access(test, &accesses[i], cases[c].address,
				      cases[c].off, cases[c].at);
		}
	}
}

/* A store to the first frame: what else is in it stays 0. */
static void expect_stored(struct kunit *test, const struct access *access,
			  s32 offset)
{
	struct machine *m = test->priv;
	u8 expected[INTERP_FRAME_SIZE] = { 0 };

	if (!is_load(access))
		put_at(access, stored_value(access), expected + offset);
	KUNIT_ASSERT_EQ_MSG(test, m->result.r0, is_load(access) ? 0 : 77ULL,
			    "%s at %d", access->name, offset);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(m->state.stack, expected,
					 INTERP_FRAME_SIZE),
			    0, "%s at %d", access->name, offset);
}

/* In the frame of the first function, by a distance from r10. */
static void expect_first_frame(struct kunit *test, const struct access *access,
			       s32 distance)
{
	const u64 address = STACK(INTERP_FRAME_SIZE) + distance;
	struct machine *m = test->priv;
	bool inside = distance >= -INTERP_FRAME_SIZE &&
		      distance + access->size <= 0;
	size_t i;

	for (i = 0; i < LOOPS; i++) {
		enum bpfsched_outcome outcome =
			run_at(m, loop_budgets[i], address);

		if (!inside) {
			expect_fails(test, access, outcome, access->name,
				     address);
			continue;
		}
		KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_DONE,
				    "%s at %d", access->name, distance);
		expect_stored(test, access, INTERP_FRAME_SIZE + distance);
	}
}

static void first_frame_bounds(struct kunit *test)
{
	s32 distance;
	size_t i;

	for (i = 0; i < ACCESSES; i++) {
		load_access(test, &accesses[i], 0);
		for (distance = 0; distance < 20; distance++) {
			expect_first_frame(test, &accesses[i],
					   distance - INTERP_FRAME_SIZE - 10);
			expect_first_frame(test, &accesses[i], distance - 10);
		}
	}
}

/*
 * Access @offset of the stack from frame @frame, which is reached by a
 * function that calls itself. All the frames that are alive can be accessed.
 */
#define DEEP_SLOT	7

static void load_deep(struct kunit *test, const struct access *access,
		      u32 frame)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(3, frame - 1), INSN_CALL(1), INSN_EXIT,
		/* 3 */ INSN_JMP_K(BPF_JNE, 3, 0, 5),
		/* 4 */ INSN_LDDW(2, 0, lower_32_bits(STORED)),
		INSN_LDDW_END(STORED >> 32),
		/* 6 */ INSN_MOV_K(0, 77), access_insn(access, 0), INSN_EXIT,
		/* 9 */ INSN_ADD_K(3, -1), INSN_CALL(-8), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
}

static void expect_deep(struct kunit *test, const struct access *access,
			u32 frame, u32 offset)
{
	const struct bpfsched_fault fault = {
		.kind = fault_kind(access),
		.pc = DEEP_SLOT,
		.address = STACK(offset),
	};
	bool inside = offset + access->size <= (frame + 1) * INTERP_FRAME_SIZE;
	struct machine *m = test->priv;
	char name[48];
	size_t i;

	snprintf(name, sizeof(name), "%s at %u from frame %u", access->name,
		 offset, frame);
	for (i = 0; i < LOOPS; i++) {
		enum bpfsched_outcome outcome =
			run_at(m, loop_budgets[i], STACK(offset));

		if (!inside)
			machine_expect_fault(test, name, outcome, &fault,
					     6 + 3 * (frame - 1));
		else
			KUNIT_ASSERT_EQ_MSG(test, (int)outcome,
					    (int)BPFSCHED_DONE, "%s", name);
	}
}

static void live_frames(struct kunit *test)
{
	u32 frame, end;
	s32 offset;
	size_t i;

	for (frame = 1; frame < INTERP_FRAMES; frame++) {
		end = (frame + 1) * INTERP_FRAME_SIZE;
		for (i = 0; i < ACCESSES; i++) {
			load_deep(test, &accesses[i], frame);
			expect_deep(test, &accesses[i], frame, 0);
			expect_deep(test, &accesses[i], frame, 509);
			for (offset = -9; offset <= 9; offset++)
				expect_deep(test, &accesses[i], frame,
					    end + offset);
			expect_deep(test, &accesses[i], frame,
				    INTERP_FRAMES * INTERP_FRAME_SIZE);
		}
	}
}

/* A function returns the address of its frame, which is gone by then. */
static void dead_frame(struct kunit *test)
{
	struct bpf_insn insns[] = {
		/* 0 */ INSN_CALL(6),
		/* 1 */ INSN_MOV_X(1, 0),
		/* 2 */ INSN_LDDW(2, 0, lower_32_bits(STORED)),
		INSN_LDDW_END(STORED >> 32),
		/* 4 */ INSN_MOV_K(0, 77), INSN_EXIT, INSN_EXIT,
		/* 7 */ INSN_MOV_X(0, 10), INSN_ADD_K(0, -8),
		INSN_ST(BPF_DW, 0, 0, 5), INSN_LDX(BPF_DW, 3, 0, 0), INSN_EXIT,
	};
	struct bpfsched_fault fault = {
		.pc = 5,
		.address = STACK(2 * INTERP_FRAME_SIZE - 8),
	};
	size_t i, loop;

	for (i = 0; i < ACCESSES; i++) {
		insns[5] = access_insn(&accesses[i], 0);
		fault.kind = fault_kind(&accesses[i]);
		machine_load(test, insns, ARRAY_SIZE(insns));
		for (loop = 0; loop < LOOPS; loop++)
			machine_expect_fault(test, accesses[i].name,
					     machine_run(test->priv,
							 loop_budgets[loop]),
					     &fault, 10);
	}
}

/* Slots are counted, not instructions; checkpoints are neither. */
static void fault_behind_wide_loads(struct kunit *test)
{
	const u32 wide = 1500;
	struct machine *m = test->priv;
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 2 * wide,
		.address = 5,
	};
	struct bpf_insn *insns;
	u32 i;

	insns = kunit_kcalloc(test, 2 * wide + 2, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (i = 0; i < wide; i++) {
		insns[2 * i] = INSN_LDDW(1, 0, 5);
		insns[2 * i + 1] = INSN_LDDW_END(0);
	}
	insns[2 * wide] = INSN_LDX(BPF_W, 0, 1, 0);
	insns[2 * wide + 1] = INSN_EXIT;
	machine_load(test, insns, 2 * wide + 2);
	machine_expect_fault(test, "fast", machine_run(m, 1000000), &fault,
			     wide + 1);
	machine_expect_fault(test, "just enough", machine_run(m, wide + 1),
			     &fault, wide + 1);
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, wide),
			(int)BPFSCHED_EXHAUSTED);
	machine_expect_no_fault(test);
}

/* The second time around a loop, in a function. */
static void fault_in_a_function(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(6, 2), INSN_MOV_X(7, 10),
		/* 2 */ INSN_MOV_X(1, 7), INSN_CALL(4),
		/* 4 */ INSN_ADD_K(7, 1 << 30), INSN_ADD_K(6, -1),
		INSN_JMP_K(BPF_JNE, 6, 0, -5), INSN_EXIT,
		/* 8 */ INSN_LDDW(2, 0, 1), INSN_LDDW_END(0),
		/* 10 */ INSN_STX(BPF_H, 1, 2, -2), INSN_MOV_K(0, 1), INSN_EXIT,
	};
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_WRITE,
		.pc = 10,
		.address = STACK((1 << 30) + INTERP_FRAME_SIZE - 2),
	};
	size_t i;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < LOOPS; i++)
		machine_expect_fault(test, "store in a function",
				     machine_run(test->priv, loop_budgets[i]),
				     &fault, 2 + 2 + 4 + 3 + 2 + 2);
}

MACHINE_SUITES(interp_memory, machine_exit,
	       KUNIT_CASE(all_alignments),
	       KUNIT_CASE(far_offsets),
	       KUNIT_CASE(context_bounds),
	       KUNIT_CASE(section_bounds),
	       KUNIT_CASE(largest_region),
	       KUNIT_CASE(buffers_of_helpers),
	       KUNIT_CASE(lengths_beyond_a_region),
	       KUNIT_CASE(read_only_memory),
	       KUNIT_CASE(wild_accesses),
	       KUNIT_CASE(kernel_addresses),
	       KUNIT_CASE(addresses_wrap),
	       KUNIT_CASE(first_frame_bounds),
	       KUNIT_CASE(live_frames),
	       KUNIT_CASE(dead_frame),
	       KUNIT_CASE(fault_behind_wide_loads),
	       KUNIT_CASE(fault_in_a_function));
