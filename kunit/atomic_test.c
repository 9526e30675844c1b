// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of atomic operations, of loads that acquire and of stores that release:
 * what they do to memory and to registers, in all registers, and where they
 * fault. What is expected is worked out here by other means than the kernel's.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* Immediates of the standard. */
enum atomic {
	ATOMIC_ADD = 0x00,
	ATOMIC_OR = 0x40,
	ATOMIC_AND = 0x50,
	ATOMIC_XOR = 0xa0,
	ATOMIC_FETCH = 0x01,
	ATOMIC_XCHG = 0xe1,
	ATOMIC_CMPXCHG = 0xf1,
	LOAD_ACQUIRE = 0x100,
	STORE_RELEASE = 0x110,
};

static const enum atomic atomics[] = {
	ATOMIC_ADD, ATOMIC_OR, ATOMIC_AND, ATOMIC_XOR,
	ATOMIC_ADD | ATOMIC_FETCH, ATOMIC_OR | ATOMIC_FETCH,
	ATOMIC_AND | ATOMIC_FETCH, ATOMIC_XOR | ATOMIC_FETCH,
	ATOMIC_XCHG, ATOMIC_CMPXCHG,
};

/* First bytes of instructions, by log2 of the size of what they access. */
static const u8 opcodes[] = { 0xd3, 0xcb, 0xc3, 0xdb };

#define LEN	64	/* of the context */

static struct bpf_insn atomic_insn(enum atomic op, int log2, u8 dst, u8 src,
				   s16 off)
{
	return INSN(opcodes[log2], dst, src, off, op);
}

static bool fetches(enum atomic op)
{
	return op < LOAD_ACQUIRE && (op & ATOMIC_FETCH);
}

static u64 lowest(u64 value, int log2)
{
	return log2 == 3 ? value : value & ((1ULL << (8 << log2)) - 1);
}

static u64 get(const u8 *at, int log2)
{
	u64 value = 0;
	int i, size = 1 << log2;

	for (i = 0; i < size; i++) {
		int byte = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? size - 1 - i : i;

		value |= (u64)at[byte] << (8 * i);
	}
	return value;
}

static void set(u8 *at, u64 value, int log2)
{
	int i, size = 1 << log2;

	for (i = 0; i < size; i++) {
		int byte = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? size - 1 - i : i;

		at[byte] = value >> (8 * i);
	}
}

/* What is in memory afterwards; all of this width, and @r0 too. */
static u64 new_value(enum atomic op, u64 old, u64 s, u64 r0)
{
	switch (op & ~ATOMIC_FETCH) {
	case ATOMIC_ADD:
		return old + s;
	case ATOMIC_OR:
		return ~(~old & ~s);
	case ATOMIC_AND:
		return ~(~old | ~s);
	case ATOMIC_XOR:
		return (old | s) - (old & s);
	case ATOMIC_CMPXCHG & ~ATOMIC_FETCH:
		return old == r0 ? s : old;
	default:
		return s;
	}
}

/**
 * struct expectation - what an instruction is to do
 * @regs: r0 to r9
 * @memory: the bytes that it accesses, as a number
 */
struct expectation {
	u64 regs[SNAPSHOT_REGS];
	u64 memory;
};

static struct expectation expectation(const struct bpf_insn *insn, int log2,
				      const u64 *before, u64 old)
{
	enum atomic op = insn->imm;
	struct expectation e = { .memory = old };
	u64 s = insn->src_reg == 10 ? STACK(INTERP_FRAME_SIZE) :
				      before[insn->src_reg];

	memcpy(e.regs, before, sizeof(e.regs));
	if (op == LOAD_ACQUIRE) {
		e.regs[insn->dst_reg] = old;
		return e;
	}
	if (op == STORE_RELEASE)
		e.memory = lowest(s, log2);
	else
		e.memory = lowest(new_value(op, old, lowest(s, log2),
					    lowest(before[0], log2)), log2);
	if (op == ATOMIC_CMPXCHG)
		e.regs[0] = old;
	else if (fetches(op))
		e.regs[insn->src_reg] = old;
	return e;
}

/* Which register has the address. */
static u8 pointer_of(const struct bpf_insn *insn)
{
	return insn->imm == LOAD_ACQUIRE ? insn->src_reg : insn->dst_reg;
}

static void expect_done(struct kunit *test, const struct bpf_insn *insn,
			int log2, const u64 *before, u64 budget)
{
	struct machine *m = test->priv;
	u64 after[SNAPSHOT_REGS];
	struct expectation e;
	u8 reg = pointer_of(insn);
	u32 at = REGION_AT + lower_32_bits(before[reg] + insn->off);

	e = expectation(insn, log2, before, get(m->memory + at, log2));
	memcpy(m->expected, m->memory, MEMORY_SIZE);
	set(m->expected + at, e.memory, log2);
	KUNIT_ASSERT_EQ_MSG(test, (int)snapshot_run(test, budget, before,
						    after),
			    (int)BPFSCHED_DONE, "0x%02x, %x: fault %u at 0x%llx",
			    insn->code, insn->imm, m->result.fault.kind,
			    m->result.fault.address);
	KUNIT_ASSERT_EQ(test, m->result.instructions,
			(u64)SNAPSHOT_OVERHEAD + 1);
	for (reg = 0; reg < SNAPSHOT_REGS; reg++)
		KUNIT_ASSERT_EQ_MSG(test, after[reg], e.regs[reg],
				    "0x%02x, %x, r%u, r%u: r%u", insn->code,
				    insn->imm, insn->dst_reg, insn->src_reg,
				    reg);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(m->memory, m->expected, MEMORY_SIZE),
			    0, "0x%02x, %x, r%u, r%u", insn->code, insn->imm,
			    insn->dst_reg, insn->src_reg);
}

static const u64 values[] = {
	0, 1, 2, 0x7f, 0x80, 0xff, S16_MAX, 0x8000, S32_MAX, 0x80000000,
	U32_MAX, 0x100000000, S64_MAX, 1ULL << 63, 0x123456789abcdef0,
	0xffffffff80000000, -2, -1,
};

static void expect_values(struct kunit *test, enum atomic op, int log2)
{
	const struct bpf_insn insn = atomic_insn(op, log2, 3, 7, -16);
	struct machine *m = test->priv;
	u64 before[SNAPSHOT_REGS];
	size_t old, s, loop;

	snapshot_load(test, &insn, 1);
	snapshot_fill(before);
	before[3] = CONTEXT(24);
	for (old = 0; old < ARRAY_SIZE(values); old++) {
		for (s = 0; s < ARRAY_SIZE(values); s++) {
			loop = (old + s) % LOOPS;
			before[7] = values[s];
			/* What a compare-and-exchange hits, and just misses. */
			before[0] = s % 2 ? values[old] : values[s];
			set(m->memory + REGION_AT + 8, values[old], 3);
			expect_done(test, &insn, log2, before,
				    loop_budgets[loop]);
		}
	}
}

static void operations_on_values(struct kunit *test)
{
	size_t op;

	machine_set_context(test->priv, LEN);
	for (op = 0; op < ARRAY_SIZE(atomics); op++) {
		expect_values(test, atomics[op], 2);
		expect_values(test, atomics[op], 3);
	}
}

/* A compare-and-exchange of 32 bits does not look at the upper half of r0. */
static void exchange_if_half_is_equal(struct kunit *test)
{
	const struct bpf_insn insn = atomic_insn(ATOMIC_CMPXCHG, 2, 1, 2, 0);
	struct machine *m = test->priv;
	u64 before[SNAPSHOT_REGS];

	machine_set_context(m, LEN);
	snapshot_load(test, &insn, 1);
	snapshot_fill(before);
	set(m->memory + REGION_AT, 0x1111111180000001, 3);
	before[0] = 0x2222222280000001;
	before[1] = CONTEXT(0);
	before[2] = 0x3333333344444444;
	expect_done(test, &insn, 2, before, loop_budgets[0]);
	KUNIT_EXPECT_EQ(test, get(m->memory + REGION_AT, 3),
			0x1111111144444444ULL);
}

static bool is_accepted(enum atomic op, u8 dst, u8 src)
{
	if (op == LOAD_ACQUIRE)
		return dst < 10;
	return src < 10 || !fetches(op) || op == ATOMIC_CMPXCHG;
}

/* In @dst and @src, which may be the same; the stack is for another test. */
static void expect_registers(struct kunit *test, enum atomic op, int log2,
			     u8 dst, u8 src)
{
	const struct bpf_insn insn = atomic_insn(op, log2, dst, src, 8);
	u64 before[SNAPSHOT_REGS];
	u8 pointer = pointer_of(&insn);
	size_t loop;

	if (pointer == 10 || !is_accepted(op, dst, src))
		return;
	snapshot_load(test, &insn, 1);
	snapshot_fill(before);
	before[pointer] = CONTEXT(16);
	for (loop = 0; loop < LOOPS; loop++)
		expect_done(test, &insn, log2, before, loop_budgets[loop]);
}

static void expect_all_registers(struct kunit *test, enum atomic op, int log2)
{
	u8 dst, src;

	for (dst = 0; dst <= 10; dst++) {
		for (src = 0; src <= 10; src++)
			expect_registers(test, op, log2, dst, src);
	}
}

static void operations_in_all_registers(struct kunit *test)
{
	size_t op;

	machine_set_context(test->priv, LEN);
	for (op = 0; op < ARRAY_SIZE(atomics); op++) {
		expect_all_registers(test, atomics[op], 2);
		expect_all_registers(test, atomics[op], 3);
	}
}

static void ordered_in_all_registers(struct kunit *test)
{
	int log2;

	machine_set_context(test->priv, LEN);
	for (log2 = 0; log2 < 4; log2++) {
		expect_all_registers(test, LOAD_ACQUIRE, log2);
		expect_all_registers(test, STORE_RELEASE, log2);
	}
}

static void ordered_on_values(struct kunit *test)
{
	int log2;

	machine_set_context(test->priv, LEN);
	for (log2 = 0; log2 < 4; log2++) {
		const struct bpf_insn load =
			atomic_insn(LOAD_ACQUIRE, log2, 7, 3, -16);
		u64 before[SNAPSHOT_REGS];
		size_t i;

		expect_values(test, STORE_RELEASE, log2);
		snapshot_load(test, &load, 1);
		snapshot_fill(before);
		before[3] = CONTEXT(24);
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			set(((struct machine *)test->priv)->memory + REGION_AT +
			    8, values[i], 3);
			expect_done(test, &load, log2, before,
				    loop_budgets[i % LOOPS]);
		}
	}
}

/* What a frame holds, by r10: operations that leave something in a register. */
static void operations_on_the_stack(struct kunit *test)
{
	struct bpf_insn body[] = {
		INSN_ST(BPF_DW, 10, SNAPSHOT_SCRATCH, 1000),
		INSN(0, 0, 0, 0, 0),
		INSN_LDX(BPF_DW, 5, 10, SNAPSHOT_SCRATCH),
	};
	u64 before[SNAPSHOT_REGS], after[SNAPSHOT_REGS];
	size_t op, loop;
	u8 src;

	for (op = 0; op < ARRAY_SIZE(atomics); op++) {
		for (src = 1; src < SNAPSHOT_REGS; src++) {
			body[1] = atomic_insn(atomics[op], 3, 10, src,
					      SNAPSHOT_SCRATCH);
			snapshot_load(test, body, ARRAY_SIZE(body));
			snapshot_fill(before);
			before[0] = 1000;
			loop = src % LOOPS;
			KUNIT_ASSERT_EQ(test,
					(int)snapshot_run(test,
							  loop_budgets[loop],
							  before, after),
					(int)BPFSCHED_DONE);
			KUNIT_EXPECT_EQ(test, after[5],
					new_value(atomics[op], 1000,
						  before[src], 1000));
			if (fetches(atomics[op]) && src != 5)
				KUNIT_EXPECT_EQ(test,
						after[atomics[op] ==
						      ATOMIC_CMPXCHG ? 0 : src],
						1000ULL);
		}
	}
}

/* The address is in r3, which all the bodies use. */
static void expect_fails(struct kunit *test, const struct bpf_insn *insn,
			 u32 kind, u64 address)
{
	const struct bpfsched_fault fault = {
		.kind = kind,
		.address = address + insn->off,
	};
	u64 before[SNAPSHOT_REGS], after[SNAPSHOT_REGS];
	struct machine *m = test->priv;
	char name[64];
	size_t loop;

	snprintf(name, sizeof(name), "0x%02x, %x at 0x%llx", insn->code,
		 insn->imm, address);
	snapshot_fill(before);
	before[3] = address;
	memcpy(m->expected, m->memory, MEMORY_SIZE);
	for (loop = 0; loop < LOOPS; loop++) {
		machine_expect_fault(test, name,
				     snapshot_run(test, loop_budgets[loop],
						  before, after),
				     &fault, 1);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(m->memory, m->expected,
						 MEMORY_SIZE), 0, "%s", name);
	}
}

static void expect_works(struct kunit *test, const struct bpf_insn *insn,
			 int log2, u64 address)
{
	u64 before[SNAPSHOT_REGS];
	size_t loop;

	snapshot_fill(before);
	before[3] = address;
	for (loop = 0; loop < LOOPS; loop++)
		expect_done(test, insn, log2, before, loop_budgets[loop]);
}

/* Inside only if aligned; outside, aligned or not, the same as other accesses. */
static void expect_places(struct kunit *test, enum atomic op, int log2,
			  s32 len)
{
	u32 kind = op == LOAD_ACQUIRE ? BPFSCHED_FAULT_READ :
					BPFSCHED_FAULT_WRITE;
	const struct bpf_insn insn = op == LOAD_ACQUIRE ?
		atomic_insn(op, log2, 4, 3, 16) :
		atomic_insn(op, log2, 3, 4, 16);
	s32 offset, size = 1 << log2;

	snapshot_load(test, &insn, 1);
	for (offset = -17; offset <= len + 9; offset++) {
		u64 address = CONTEXT(0) + offset - insn.off;

		if (offset < 0 || offset + size > len)
			expect_fails(test, &insn, kind, address);
		else if (offset % size)
			expect_fails(test, &insn, BPFSCHED_FAULT_ALIGNMENT,
				     address);
		else
			expect_works(test, &insn, log2, address);
	}
	expect_fails(test, &insn, kind, 0);
	expect_fails(test, &insn, kind, -16);
	expect_fails(test, &insn, kind, SECTION(0, 0));
}

static void bounds_and_alignment(struct kunit *test)
{
	int log2;
	size_t op;
	s32 len;

	for (len = 15; len <= 25; len += 5) {
		machine_set_context(test->priv, len);
		for (log2 = 0; log2 < 4; log2++) {
			expect_places(test, LOAD_ACQUIRE, log2, len);
			expect_places(test, STORE_RELEASE, log2, len);
		}
		for (op = 0; op < ARRAY_SIZE(atomics); op++) {
			expect_places(test, atomics[op], 2, len);
			expect_places(test, atomics[op], 3, len);
		}
	}
}

/* An exchange that would not write may not be there either. */
static void read_only_memory(struct kunit *test)
{
	struct machine *m = test->priv;
	struct bpf_insn insn;
	size_t op;
	int log2;

	machine_set_context(m, LEN);
	m->context.readonly = true;
	for (op = 0; op < ARRAY_SIZE(atomics); op++) {
		insn = atomic_insn(atomics[op], 3, 3, 4, 0);
		snapshot_load(test, &insn, 1);
		expect_fails(test, &insn, BPFSCHED_FAULT_WRITE, CONTEXT(8));
	}
	for (log2 = 0; log2 < 4; log2++) {
		insn = atomic_insn(STORE_RELEASE, log2, 3, 4, 0);
		snapshot_load(test, &insn, 1);
		expect_fails(test, &insn, BPFSCHED_FAULT_WRITE, CONTEXT(8));
		insn = atomic_insn(LOAD_ACQUIRE, log2, 4, 3, 0);
		snapshot_load(test, &insn, 1);
		expect_works(test, &insn, log2, CONTEXT(8));
	}
}

MACHINE_SUITES(interp_atomic, machine_exit,
	       KUNIT_CASE(operations_on_values),
	       KUNIT_CASE(exchange_if_half_is_equal),
	       KUNIT_CASE(operations_in_all_registers),
	       KUNIT_CASE(operations_on_the_stack),
	       KUNIT_CASE(ordered_on_values),
	       KUNIT_CASE(ordered_in_all_registers),
	       KUNIT_CASE(bounds_and_alignment),
	       KUNIT_CASE(read_only_memory));
