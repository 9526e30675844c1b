// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what a dispatcher makes of registers: accesses to memory in each of
 * them, and instructions that follow each other. A dispatcher may have code of
 * its own for a register, or for two instructions at once; nothing of that may
 * be seen.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* Kernels that check each access take their time. */
#define SLOWNESS	(IS_ENABLED(CONFIG_KASAN) ? 10 : 1)

struct access {
	u8 opcode;
	u8 size;
	bool extends;
};

static const struct access loads[] = {
	{ 0x71, 1 }, { 0x69, 2 }, { 0x61, 4 }, { 0x79, 8 },
	{ 0x91, 1, true }, { 0x89, 2, true }, { 0x81, 4, true },
};

static const struct access register_stores[] = {
	{ 0x73, 1 }, { 0x6b, 2 }, { 0x63, 4 }, { 0x7b, 8 },
};

static const struct access immediate_stores[] = {
	{ 0x72, 1 }, { 0x6a, 2 }, { 0x62, 4 }, { 0x7a, 8 },
};

static u64 get(const u8 *at, const struct access *access)
{
	return machine_number(at, access->size, access->extends);
}

static void set(u8 *at, u64 value, const struct access *access)
{
	int i;

	for (i = 0; i < access->size; i++) {
		int byte = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ?
			   access->size - 1 - i : i;

		at[byte] = value >> (8 * i);
	}
}

static void expect_registers(struct kunit *test, const struct bpf_insn *insn,
			     const u64 *before, const u64 *wanted)
{
	struct machine *m = test->priv;
	u64 after[SNAPSHOT_REGS];
	size_t loop;
	u32 reg;

	for (loop = 0; loop < LOOPS; loop++) {
		KUNIT_ASSERT_EQ_MSG(test,
				    (int)snapshot_run(test, loop_budgets[loop],
						      before, after),
				    (int)BPFSCHED_DONE,
				    "0x%02x, r%u, r%u", insn->code,
				    insn->dst_reg, insn->src_reg);
		for (reg = 0; reg < SNAPSHOT_REGS; reg++)
			KUNIT_ASSERT_EQ_MSG(test, after[reg], wanted[reg],
					    "0x%02x, r%u, r%u: r%u",
					    insn->code, insn->dst_reg,
					    insn->src_reg, reg);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(m->memory, m->expected,
						 MEMORY_SIZE), 0,
				    "0x%02x, r%u, r%u", insn->code,
				    insn->dst_reg, insn->src_reg);
	}
}

#define OFFSET	(-24)

static void expect_load(struct kunit *test, const struct access *access,
			u8 dst, u8 src)
{
	const struct bpf_insn insn = INSN(access->opcode, dst, src, OFFSET, 0);
	u64 before[SNAPSHOT_REGS], wanted[SNAPSHOT_REGS];
	struct machine *m = test->priv;

	snapshot_load(test, &insn, 1);
	snapshot_fill(before);
	before[src] = CONTEXT(80 + dst);
	memcpy(wanted, before, sizeof(wanted));
	wanted[dst] = get(m->memory + REGION_AT + 80 + dst + OFFSET, access);
	expect_registers(test, &insn, before, wanted);
}

static void loads_in_all_registers(struct kunit *test)
{
	size_t i;
	u8 dst, src;

	machine_set_context(test->priv, 128);
	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		for (dst = 0; dst < SNAPSHOT_REGS; dst++) {
			for (src = 0; src < SNAPSHOT_REGS; src++)
				expect_load(test, &loads[i], dst, src);
		}
	}
}

/* Stores @value, which is what is in @src or the immediate. */
static void expect_store(struct kunit *test, const struct access *access,
			 struct bpf_insn insn, const u64 *before, u64 value)
{
	struct machine *m = test->priv;

	machine_set_context(m, 128);
	set(m->expected + REGION_AT + 80 + OFFSET, value, access);
	snapshot_load(test, &insn, 1);
	/* The same again stores the same. */
	expect_registers(test, &insn, before, before);
}

static void stores_in_all_registers(struct kunit *test)
{
	u64 before[SNAPSHOT_REGS];
	u8 dst, src;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(register_stores); i++) {
		const struct access *access = &register_stores[i];

		for (dst = 0; dst < SNAPSHOT_REGS; dst++) {
			snapshot_fill(before);
			before[dst] = CONTEXT(80);
			for (src = 0; src <= BPF_REG_10; src++)
				expect_store(test, access,
					     INSN(access->opcode, dst, src,
						  OFFSET, 0), before,
					     src == BPF_REG_10 ?
					     STACK(INTERP_FRAME_SIZE) :
					     before[src]);
		}
	}
}

static void immediates_in_all_registers(struct kunit *test)
{
	static const s32 immediates[] = {
		0, 1, -1, S32_MIN, S32_MAX, 0x12345678,
	};
	u64 before[SNAPSHOT_REGS];
	size_t i, imm;
	u8 dst;

	for (i = 0; i < ARRAY_SIZE(immediate_stores); i++) {
		const struct access *access = &immediate_stores[i];

		for (dst = 0; dst < SNAPSHOT_REGS; dst++) {
			snapshot_fill(before);
			before[dst] = CONTEXT(80);
			for (imm = 0; imm < ARRAY_SIZE(immediates); imm++)
				expect_store(test, access,
					     INSN(access->opcode, dst, 0,
						  OFFSET, immediates[imm]),
					     before, (s64)immediates[imm]);
		}
	}
}

/*
 * By the frame pointer, for which a dispatcher may know the bounds in advance:
 * in each register, at each offset near the ends of the frame.
 */
static void expect_frame(struct kunit *test, const struct access *load,
			 const struct access *store, u8 reg, s16 off)
{
	const struct bpf_insn insns[] = {
		INSN(store->opcode, 10, reg, off, 0),
		INSN(load->opcode, 0, 10, off, 0),
		INSN_EXIT,
	};
	bool inside = off >= -INTERP_FRAME_SIZE && off + store->size <= 0;
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_WRITE,
		.address = STACK(INTERP_FRAME_SIZE) + off,
	};
	const u64 value = 0xfedcba9876543210;
	struct machine *m = test->priv;
	u8 bytes[8];
	size_t loop;

	set(bytes, value, store);
	machine_load(test, insns, ARRAY_SIZE(insns));
	for (loop = 0; loop < LOOPS; loop++) {
		machine_begin(m, loop_budgets[loop]);
		m->state.regs[reg] = value;
		if (!inside) {
			machine_expect_fault(test, "frame", machine_go_on(m),
					     &fault, 1);
			continue;
		}
		KUNIT_ASSERT_EQ(test, (int)machine_go_on(m),
				(int)BPFSCHED_DONE);
		KUNIT_ASSERT_EQ_MSG(test, m->result.r0, get(bytes, load),
				    "0x%02x, r%u at %d", store->opcode, reg,
				    off);
	}
}

static void frame_by_all_registers(struct kunit *test)
{
	static const s16 offs[] = {
		S16_MIN, -520, -513, -512, -511, -508, -505, -504, -256, -16,
		-9, -8, -7, -5, -4, -3, -2, -1, 0, 1, 8, 512, S16_MAX,
	};
	size_t i, off;
	u8 reg;

	for (i = 0; i < ARRAY_SIZE(register_stores); i++) {
		for (reg = 0; reg < SNAPSHOT_REGS; reg++) {
			for (off = 0; off < ARRAY_SIZE(offs); off++)
				expect_frame(test, &loads[i],
					     &register_stores[i], reg,
					     offs[off]);
		}
	}
}

/*
 * Blocks of one or two instructions, which may be followed by any other. The
 * kinds that are not arithmetic come after it.
 */
#define ARITHMETIC_KINDS	(ARITHMETICS * 4)

enum kind {
	KIND_NEG = ARITHMETIC_KINDS,
	KIND_NEG32,
	KIND_SWAP,
	KIND_EXTEND,
	KIND_EXTEND32,
	KIND_LDDW,
	KIND_LOAD,
	KIND_STORE = KIND_LOAD + ARRAY_SIZE(loads),
	KIND_STORE_K = KIND_STORE + ARRAY_SIZE(register_stores),
	KIND_JUMP = KIND_STORE_K + ARRAY_SIZE(immediate_stores),
	KINDS = KIND_JUMP + CONDITIONS * 4,
};

/**
 * struct block - some instructions
 * @insns: the instructions
 * @count: number of @insns
 */
struct block {
	struct bpf_insn insns[2];
	u32 count;
};

/* r9 has an address of the context in all of the blocks, and keeps it. */
#define POINTER	9

static u32 random(u64 *seed, u32 below)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*seed >> 33) % below;
}

static struct bpf_insn random_jump(u64 *seed, u32 which, u8 dst, u8 src)
{
	u8 class = which & 1 ? BPF_JMP : BPF_JMP32;
	enum condition condition = conditions[which / 4];

	if (which & 2)
		return INSN(class | BPF_X | condition, dst, src, 1, 0);
	return INSN(class | condition, dst, 0, 1,
		    random(seed, 2) ? 0 : -(s32)random(seed, 100));
}

static struct block random_block(u64 *seed, u32 kind)
{
	u8 dst = random(seed, POINTER), src = random(seed, SNAPSHOT_REGS);
	struct block b = { .count = 1 };
	struct bpf_insn *insn = b.insns;
	s16 off = random(seed, 48);

	if (kind < ARITHMETIC_KINDS) {
		*insn = arithmetic_insn(kind / 4, kind & 1 ? 64 : 32,
					kind & 2 ? BPF_X : BPF_K);
		insn->dst_reg = dst;
		if (kind & 2)
			insn->src_reg = src;
		else
			insn->imm = random(seed, 2) ? random(seed, 70) :
						      -(s32)random(seed, 70);
	} else if (kind == KIND_NEG || kind == KIND_NEG32) {
		*insn = INSN(kind == KIND_NEG ? 0x87 : 0x84, dst, 0, 0, 0);
	} else if (kind == KIND_SWAP) {
		*insn = INSN(0xd7, dst, 0, 0, 16 << random(seed, 3));
	} else if (kind == KIND_EXTEND || kind == KIND_EXTEND32) {
		*insn = INSN(kind == KIND_EXTEND ? 0xbf : 0xbc, dst, src,
			     8 << random(seed, 2), 0);
	} else if (kind == KIND_LDDW) {
		b.insns[0] = INSN_LDDW(dst, 0, *seed);
		b.insns[1] = INSN_LDDW_END(*seed >> 32);
		b.count = 2;
	} else if (kind < KIND_STORE) {
		*insn = INSN(loads[kind - KIND_LOAD].opcode, dst, POINTER, off,
			     0);
	} else if (kind < KIND_STORE_K) {
		*insn = INSN(register_stores[kind - KIND_STORE].opcode, POINTER,
			     src, off, 0);
	} else if (kind < KIND_JUMP) {
		*insn = INSN(immediate_stores[kind - KIND_STORE_K].opcode,
			     POINTER, 0, off, *seed >> 40);
	} else {
		b.insns[0] = random_jump(seed, kind - KIND_JUMP, dst, src);
		b.insns[1] = INSN_ADD_K(src % POINTER, 12345);
		b.count = 2;
	}
	return b;
}

/**
 * struct world - all that a block changes
 * @regs: r0 to r9
 * @memory: bytes of the machine
 */
struct world {
	u64 regs[SNAPSHOT_REGS];
	u8 memory[64];
};

static void run_world(struct kunit *test, struct world *world,
		      const struct bpf_insn *body, u32 count, size_t loop)
{
	struct machine *m = test->priv;
	u64 after[SNAPSHOT_REGS];

	snapshot_load(test, body, count);
	memcpy(m->memory + REGION_AT, world->memory, sizeof(world->memory));
	KUNIT_ASSERT_EQ(test, (int)snapshot_run(test, loop_budgets[loop],
						world->regs, after),
			(int)BPFSCHED_DONE);
	memcpy(world->regs, after, sizeof(after));
	memcpy(world->memory, m->memory + REGION_AT, sizeof(world->memory));
}

static void fill_world(struct world *world, u64 *seed)
{
	static const u64 edges[] = {
		0, 1, -1, S32_MAX, 0x80000000, U32_MAX, 1ULL << 63, S64_MAX,
		0xffffffff80000000, 7,
	};
	u32 i;

	for (i = 0; i < SNAPSHOT_REGS; i++) {
		random(seed, 1);
		world->regs[i] = random(seed, 3) ? *seed :
				 edges[random(seed, ARRAY_SIZE(edges))];
	}
	world->regs[POINTER] = CONTEXT(0);
	for (i = 0; i < sizeof(world->memory); i++)
		world->memory[i] = random(seed, 256);
}

static void expect_same(struct kunit *test, const struct world *got,
			const struct world *wanted, u32 first, u32 second,
			const char *what)
{
	u32 reg;

	for (reg = 0; reg < SNAPSHOT_REGS; reg++)
		KUNIT_ASSERT_EQ_MSG(test, got->regs[reg], wanted->regs[reg],
				    "%s, kinds %u and %u: r%u", what, first,
				    second, reg);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(got->memory, wanted->memory,
					 sizeof(got->memory)), 0,
			    "%s, kinds %u and %u", what, first, second);
}

/*
 * One block and then another do what both do by themselves, one after the
 * other; and what the second one does if a jump leads to it.
 */
static void expect_pair(struct kunit *test, u32 first, u32 second, u64 *seed)
{
	struct block a = random_block(seed, first);
	struct block b = random_block(seed, second);
	struct bpf_insn body[1 + 2 * ARRAY_SIZE(a.insns)];
	struct world start, apart, together;
	size_t loop = random(seed, LOOPS);

	body[0] = INSN_JA(0);
	memcpy(&body[1], a.insns, sizeof(*body) * a.count);
	memcpy(&body[1 + a.count], b.insns, sizeof(*body) * b.count);
	fill_world(&start, seed);

	together = start;
	run_world(test, &together, body + 1, a.count + b.count, loop);
	apart = start;
	run_world(test, &apart, a.insns, a.count, 0);
	run_world(test, &apart, b.insns, b.count, 0);
	expect_same(test, &together, &apart, first, second, "in a row");

	body[0].off = a.count;
	together = start;
	run_world(test, &together, body, 1 + a.count + b.count, loop);
	apart = start;
	run_world(test, &apart, b.insns, b.count, 0);
	expect_same(test, &together, &apart, first, second, "jumped to");
}

static void all_pairs(struct kunit *test)
{
	u64 seed = 1;
	u32 first, second;

	machine_set_context(test->priv, 64);
	for (first = 0; first < KINDS; first++) {
		for (second = first % SLOWNESS; second < KINDS;
		     second += SLOWNESS)
			expect_pair(test, first, second, &seed);
	}
}

/* Both of a pair in the same registers, as compilers like to have it. */
static void chains_on_one_register(struct kunit *test)
{
	struct bpf_insn body[4];
	struct world start, apart, together;
	u32 round, i, kind;
	u64 seed = 2;

	machine_set_context(test->priv, 64);
	for (round = 0; round < 20000 / SLOWNESS; round++) {
		u8 dst = random(&seed, POINTER);

		fill_world(&start, &seed);
		apart = start;
		for (i = 0; i < ARRAY_SIZE(body); i++) {
			do {
				kind = random(&seed, KIND_JUMP);
			} while (kind == KIND_LDDW);
			body[i] = random_block(&seed, kind).insns[0];
			if (BPF_CLASS(body[i].code) <= BPF_LDX ||
			    BPF_CLASS(body[i].code) == BPF_ALU ||
			    BPF_CLASS(body[i].code) == BPF_ALU64)
				body[i].dst_reg = dst;
			run_world(test, &apart, &body[i], 1, 0);
		}
		together = start;
		run_world(test, &together, body, ARRAY_SIZE(body),
			  round % LOOPS);
		expect_same(test, &together, &apart, body[0].code,
			    body[1].code, "chain");
	}
}

/* Offsets near both ends of a frame, and of the one below it. */
static const s16 pair_offs[] = {
	-1032, -1025, -1024, -1016, -520, -513, -512, -511, -504, -16, -9, -8,
	-7, 0, 8,
};

/**
 * struct two_accesses - two accesses of 8 bytes to the own frame, in a row
 * @off: offsets from the frame pointer
 * @depth: 0: in the first function; 1: in one that it calls
 */
struct two_accesses {
	s16 off[2];
	u32 depth;
};

/* What is live is below the frame pointer, the callers' frames too. */
static bool is_live(const struct two_accesses *pair, int i)
{
	return pair->off[i] + 8 <= 0 &&
	       pair->off[i] >= -(s32)(INTERP_FRAME_SIZE * (pair->depth + 1));
}

/*
 * Runs the pair after a call, if it is to be one frame up, and checks what it
 * did if both may, and else what is said of the first that may not. Returns
 * whether both may.
 */
static bool expect_two(struct kunit *test, const struct two_accesses *pair,
		       u8 opcode, const struct bpf_insn *body, size_t loop)
{
	const u32 first = pair->depth ? 2 : 0, before = pair->depth;
	const u32 top = INTERP_FRAME_SIZE * (pair->depth + 1);
	struct bpf_insn insns[6] = { INSN_CALL(1), INSN_EXIT };
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	int bad = is_live(pair, 0) ? 1 : 0;
	struct bpfsched_fault fault = {
		.kind = opcode == (BPF_LDX | BPF_MEM | BPF_DW) ?
			BPFSCHED_FAULT_READ : BPFSCHED_FAULT_WRITE,
		.pc = first + bad,
		.address = STACK(top) + pair->off[bad],
	};

	memcpy(&insns[first], body, 4 * sizeof(*body));
	machine_load(test, insns, first + 4);
	machine_begin(m, loop_budgets[loop]);
	m->state.regs[BPF_REG_6] = 0x1111111111111111;
	m->state.regs[BPF_REG_7] = 0x2222222222222222;
	memset(m->state.stack, 0x40, INTERP_FRAME_SIZE);
	outcome = machine_go_on(m);
	if (is_live(pair, 0) && is_live(pair, 1)) {
		KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_DONE,
				    "%d and %d, depth %u", pair->off[0],
				    pair->off[1], pair->depth);
		KUNIT_ASSERT_EQ(test, m->result.instructions,
				(u64)4 + 2 * before);
		return true;
	}
	machine_expect_fault(test, "two", outcome, &fault, before + 1 + bad);
	return false;
}

static void expect_two_loads(struct kunit *test,
			     const struct two_accesses *pair, size_t loop)
{
	const struct bpf_insn body[] = {
		INSN_LDX(BPF_DW, 0, 10, pair->off[0]),
		INSN_LDX(BPF_DW, 1, 10, pair->off[1]),
		INSN_ADD_X(0, 1), INSN_EXIT,
	};
	const u32 top = INTERP_FRAME_SIZE * (pair->depth + 1);
	u8 stack[2 * INTERP_FRAME_SIZE] = {};
	struct machine *m = test->priv;
	u64 a, b;

	if (!expect_two(test, pair, body[0].code, body, loop))
		return;
	memset(stack, 0x40, INTERP_FRAME_SIZE);
	memcpy(&a, stack + top + pair->off[0], sizeof(a));
	memcpy(&b, stack + top + pair->off[1], sizeof(b));
	KUNIT_ASSERT_EQ_MSG(test, m->result.r0, a + b, "%d and %d, depth %u",
			    pair->off[0], pair->off[1], pair->depth);
}

static void expect_two_stores(struct kunit *test,
			      const struct two_accesses *pair, size_t loop)
{
	const struct bpf_insn body[] = {
		INSN_STX(BPF_DW, 10, 6, pair->off[0]),
		INSN_STX(BPF_DW, 10, 7, pair->off[1]),
		INSN_MOV_K(0, 0), INSN_EXIT,
	};
	const u32 top = INTERP_FRAME_SIZE * (pair->depth + 1);
	u8 stack[2 * INTERP_FRAME_SIZE] = {};
	struct machine *m = test->priv;

	expect_two(test, pair, body[0].code, body, loop);
	memset(stack, 0x40, INTERP_FRAME_SIZE);
	if (is_live(pair, 0))
		memset(stack + top + pair->off[0], 0x11, 8);
	if (is_live(pair, 0) && is_live(pair, 1))
		memset(stack + top + pair->off[1], 0x22, 8);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(m->state.stack, stack, top), 0,
			    "%d and %d, depth %u", pair->off[0], pair->off[1],
			    pair->depth);
}

/*
 * A dispatcher may execute two accesses to the own frame as one: only if
 * neither can fail, and wherever the frame is.
 */
static void two_accesses_to_the_frame(struct kunit *test)
{
	struct two_accesses pair;
	size_t a, b, loop;

	for (pair.depth = 0; pair.depth < 2; pair.depth++) {
		for (a = 0; a < ARRAY_SIZE(pair_offs); a++) {
			for (b = 0; b < ARRAY_SIZE(pair_offs); b++) {
				pair.off[0] = pair_offs[a];
				pair.off[1] = pair_offs[b];
				for (loop = 0; loop < LOOPS; loop++) {
					expect_two_loads(test, &pair, loop);
					expect_two_stores(test, &pair, loop);
				}
			}
		}
	}
}

MACHINE_SUITES(interp_registers, machine_exit,
	       KUNIT_CASE(loads_in_all_registers),
	       KUNIT_CASE(stores_in_all_registers),
	       KUNIT_CASE(immediates_in_all_registers),
	       KUNIT_CASE(frame_by_all_registers),
	       KUNIT_CASE(all_pairs),
	       KUNIT_CASE(chains_on_one_register),
	       KUNIT_CASE(two_accesses_to_the_frame));
