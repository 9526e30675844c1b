// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the dispatcher and of the sandbox: what each instruction does, by
 * functions of the tests' own; where memory begins and ends; calls; budgets;
 * pausing and stopping; helpers.
 *
 * The dispatcher has two loops, an exact one for small budgets and a fast one.
 * Whatever can be asked of both is asked of both.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/prandom.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>

#include "../interp/interp.h"
#include "../interp/memory.h"
#include "../interp/trace.h"
#include "insn.h"

/* A budget for each of the two loops. */
static const u64 loop_budgets[] = { INTERP_RUN_MAX - 1, 1000000 };

#define LOOPS	ARRAY_SIZE(loop_budgets)

#define CONTEXT(offset)	INTERP_ADDRESS(INTERP_REGION_CONTEXT, offset)
#define STACK(offset)	INTERP_ADDRESS(INTERP_REGION_STACK, offset)
#define SECTION(i, offset) \
	INTERP_ADDRESS(INTERP_REGION_SECTIONS + (i), offset)

#define MEMORY_SIZE	2048

struct listener;

/**
 * struct machine - a program and a run of it; test->priv
 * @state: the run
 * @image: the program, NULL: none yet
 * @context: what the program gets as its context
 * @sections: its data sections
 * @section_count: number of @sections
 * @word: the word that asks the run to pause or stop
 * @control: that word, unless a test has it elsewhere
 * @result: of the run so far
 * @listener: at the tracepoint of bpf_trace_printk(), NULL: none
 * @memory: for contexts and sections
 * @expected: what is to be in @memory afterwards
 */
struct machine {
	struct interp_state state;
	void *image;
	struct bpfsched_memory context;
	struct bpfsched_memory sections[BPFSCHED_SECTIONS_MAX];
	u32 section_count;
	const u32 *word;
	u32 control;
	struct bpfsched_result result;
	struct listener *listener;
	u8 memory[MEMORY_SIZE] __aligned(8);
	u8 expected[MEMORY_SIZE];
};

static int machine_init(struct kunit *test)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->word = &m->control;
	test->priv = m;
	return 0;
}

static void machine_exit(struct kunit *test)
{
	struct machine *m = test->priv;

	if (m)
		bpfsched_interp_engine.unload(m->image);
}

/* Load a program in place of the one before. */
static void load(struct kunit *test, const struct bpf_insn *insns, u32 count)
{
	struct machine *m = test->priv;
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = count,
		.sections = m->sections,
		.section_count = m->section_count,
	};
	struct bpfsched_log log = { "" };
	int err;

	bpfsched_interp_engine.unload(m->image);
	m->image = NULL;
	err = bpfsched_interp_engine.load(&code, &log, &m->image);
	KUNIT_ASSERT_EQ_MSG(test, err, 0, "%s", log.text);
}

/* Begin a run; a state may hold anything before. */
static void begin(struct machine *m, u64 budget)
{
	const struct bpfsched_exec_params params = {
		.image = m->image,
		.context = m->context,
		.budget_insns = budget,
	};

	memset(&m->state, 0xa5, sizeof(m->state));
	memset(&m->result, 0xa5, sizeof(m->result));
	bpfsched_interp_engine.start(&m->state, &params);
}

static enum bpfsched_outcome go_on(struct machine *m)
{
	return bpfsched_interp_engine.run(&m->state, m->word, &m->result);
}

static enum bpfsched_outcome run(struct machine *m, u64 budget)
{
	begin(m, budget);
	return go_on(m);
}

/* The run failed as @fault says, with the last of @instructions. */
static void expect_fault(struct kunit *test, const char *name,
			 enum bpfsched_outcome outcome,
			 const struct bpfsched_fault *fault, u64 instructions)
{
	const struct bpfsched_result *result =
		&((struct machine *)test->priv)->result;

	KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_FAULTED, "%s",
			    name);
	KUNIT_ASSERT_EQ_MSG(test, result->fault.kind, fault->kind, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, result->fault.pc, fault->pc, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, result->fault.address, fault->address, "%s",
			    name);
	KUNIT_ASSERT_EQ_MSG(test, result->r0, 0ULL, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, result->instructions, instructions, "%s",
			    name);
}

static void expect_no_fault(struct kunit *test)
{
	const struct bpfsched_fault *fault =
		&((struct machine *)test->priv)->result.fault;

	KUNIT_EXPECT_EQ(test, fault->kind, (u32)BPFSCHED_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, fault->pc, 0U);
	KUNIT_EXPECT_EQ(test, fault->address, 0ULL);
}

/* The program returns @r0 after @instructions of them, in both loops. */
static void expect_return(struct kunit *test, u64 r0, u64 instructions)
{
	struct machine *m = test->priv;
	size_t i;

	for (i = 0; i < LOOPS; i++) {
		KUNIT_ASSERT_EQ(test, (int)run(m, loop_budgets[i]),
				(int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ(test, m->result.r0, r0);
		KUNIT_EXPECT_EQ(test, m->result.instructions, instructions);
		expect_no_fault(test);
	}
}

/*
 * A probe: a program that loads r0 to r9, executes one or two instructions,
 * and stores r0 to r9; so that is seen what they do to each of the registers.
 * It returns what is in the slot FLAG of its stack frame, where it puts 1
 * before.
 */
#define PROBE_REGS	10
#define PROBE_MAX	64
#define FLAG		(-16)

/**
 * struct probe - the data section of a probe
 * @in: r0 to r9 before
 * @out: r0 to r9 after
 */
struct probe {
	u64 in[PROBE_REGS];
	u64 out[PROBE_REGS];
};

/* How many instructions a probe executes besides those that it is about. */
#define PROBE_OVERHEAD	27

static void load_probe(struct kunit *test, const struct bpf_insn *body,
		       u32 body_count)
{
	struct machine *m = test->priv;
	struct bpf_insn insns[PROBE_MAX];
	u32 n = 0, reg;

	m->sections[0].base = m->memory;
	m->sections[0].len = sizeof(struct probe);
	m->section_count = 1;

	insns[n++] = INSN_ST(BPF_DW, 10, FLAG, 1);
	insns[n++] = INSN_LDDW(9, 6, 0);
	insns[n++] = INSN_LDDW_END(offsetof(struct probe, in));
	for (reg = 0; reg < PROBE_REGS; reg++)
		insns[n++] = INSN_LDX(BPF_DW, reg, 9, 8 * reg);
	memcpy(&insns[n], body, body_count * sizeof(*body));
	n += body_count;
	insns[n++] = INSN_STX(BPF_DW, 10, 9, -8);
	insns[n++] = INSN_LDDW(9, 6, 0);
	insns[n++] = INSN_LDDW_END(offsetof(struct probe, out));
	for (reg = 0; reg < 9; reg++)
		insns[n++] = INSN_STX(BPF_DW, 9, reg, 8 * reg);
	insns[n++] = INSN_LDX(BPF_DW, 0, 10, -8);
	insns[n++] = INSN_STX(BPF_DW, 9, 0, 8 * 9);
	insns[n++] = INSN_LDX(BPF_DW, 0, 10, FLAG);
	insns[n++] = INSN_EXIT;
	load(test, insns, n);
}

static struct probe *probe_of(struct kunit *test)
{
	return (struct probe *)((struct machine *)test->priv)->memory;
}

/* Registers that are all different, and different in both halves. */
static void fill_registers(struct kunit *test)
{
	struct probe *probe = probe_of(test);
	u32 reg;

	for (reg = 0; reg < PROBE_REGS; reg++)
		probe->in[reg] = 0x9e3779b97f4a7c15ULL * (reg + 1);
}

static u64 register_before(struct kunit *test, u8 reg)
{
	return reg == BPF_REG_10 ? STACK(INTERP_FRAME_SIZE) :
				   probe_of(test)->in[reg];
}

/*
 * Execute a probe: it leaves @value in @dst and the other registers alone. It
 * returns @flag and executes @instructions besides its own.
 */
static void expect_probe(struct kunit *test, const char *name, u8 dst,
			 u64 value, u64 flag, u64 instructions)
{
	struct machine *m = test->priv;
	struct probe *probe = probe_of(test);
	size_t i;
	u32 reg;

	for (i = 0; i < LOOPS; i++) {
		memset(probe->out, 0xa5, sizeof(probe->out));
		KUNIT_ASSERT_EQ_MSG(test, (int)run(m, loop_budgets[i]),
				    (int)BPFSCHED_DONE, "%s", name);
		KUNIT_ASSERT_EQ_MSG(test, m->result.r0, flag, "%s", name);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions,
				    PROBE_OVERHEAD + instructions, "%s", name);
		for (reg = 0; reg < PROBE_REGS; reg++)
			KUNIT_ASSERT_EQ_MSG(test, probe->out[reg],
					    reg == dst ? value : probe->in[reg],
					    "%s: r%u", name, reg);
	}
}

/* Values at which something may go wrong. */
static const u64 edges[] = {
	0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 65, 0x7f, 0x80, 0x7fff, 0x8000,
	S32_MAX, 0x80000000, 0x80000001, 0xfffffffe, U32_MAX, 0x100000000,
	S64_MAX, 1ULL << 63, (1ULL << 63) + 1, 0xffffffff80000000,
	0xffffffff7fffffff, 0x123456789abcdef0, 0xfedcba9876543210, -2, -1,
};

static const s32 edge_immediates[] = {
	0, 1, 2, 7, 31, 32, 33, 63, 64, 65, 0x12345678, S32_MAX, S32_MIN,
	S32_MIN + 1, -2, -1,
};

enum arithmetic {
	ADD, SUB, MUL, DIV, SDIV, OR, AND, LSH, RSH, MOD, SMOD, XOR, MOV, ARSH,
};

static const struct {
	const char *name;
	u8 bits;
	s16 off;
} arithmetics[] = {
	[ADD] = { "add", 0x00, 0 },
	[SUB] = { "sub", 0x10, 0 },
	[MUL] = { "mul", 0x20, 0 },
	[DIV] = { "div", 0x30, 0 },
	[SDIV] = { "sdiv", 0x30, 1 },
	[OR] = { "or", 0x40, 0 },
	[AND] = { "and", 0x50, 0 },
	[LSH] = { "lsh", 0x60, 0 },
	[RSH] = { "rsh", 0x70, 0 },
	[MOD] = { "mod", 0x90, 0 },
	[SMOD] = { "smod", 0x90, 1 },
	[XOR] = { "xor", 0xa0, 0 },
	[MOV] = { "mov", 0xb0, 0 },
	[ARSH] = { "arsh", 0xc0, 0 },
};

/* The lower half of a register is a number of its own. */
static u64 cut(u64 value, int width)
{
	return width == 64 ? value : value & U32_MAX;
}

static bool has_sign(u64 value, int width)
{
	return value >> (width - 1) & 1;
}

static u64 magnitude(u64 value, int width)
{
	return has_sign(value, width) ? cut(0 - value, width) : value;
}

/* Rounds towards zero, and the remainder has the dividend's sign. */
static u64 divide_signed(u64 d, u64 s, int width, bool remainder)
{
	u64 a = magnitude(d, width), b = magnitude(s, width);
	bool negative = has_sign(d, width);

	if (!b)
		return remainder ? d : 0;
	if (!remainder)
		negative ^= has_sign(s, width);
	a = remainder ? a - a / b * b : a / b;
	return negative ? 0 - a : a;
}

static u64 multiply(u64 d, u64 s)
{
	u64 product = 0;

	for (; s; s >>= 1, d += d)
		product += s & 1 ? d : 0;
	return product;
}

static u64 shift(enum arithmetic op, u64 d, u64 count, int width)
{
	u64 top = op == ARSH && has_sign(d, width) ? 1ULL << (width - 1) : 0;

	for (count %= width; count; count--)
		d = op == LSH ? d + d : d / 2 | top;
	return d;
}

/* What the standard says; @d and @s are cut, the result is yet to be. */
static u64 compute(enum arithmetic op, u64 d, u64 s, int width)
{
	switch (op) {
	case ADD:
		return d + s;
	case SUB:
		return d + ~s + 1;
	case MUL:
		return multiply(d, s);
	case DIV:
		return s ? d / s : 0;
	case MOD:
		return s ? d - d / s * s : d;
	case SDIV:
		return divide_signed(d, s, width, false);
	case SMOD:
		return divide_signed(d, s, width, true);
	case OR:
		return ~(~d & ~s);
	case AND:
		return ~(~d | ~s);
	case XOR:
		return (d | s) - (d & s);
	case MOV:
		return s;
	default:
		return shift(op, d, s, width);
	}
}

static u64 arithmetic_result(enum arithmetic op, u64 d, u64 s, int width)
{
	return cut(compute(op, cut(d, width), cut(s, width), width), width);
}

static struct bpf_insn arithmetic_insn(enum arithmetic op, int width, u8 source)
{
	u8 class = width == 64 ? BPF_ALU64 : BPF_ALU;

	return INSN(class | source | arithmetics[op].bits, 0, 0,
		    arithmetics[op].off, 0);
}

static void expect_arithmetic(struct kunit *test, enum arithmetic op,
			      int width, u8 dst, u64 s)
{
	u64 d = register_before(test, dst);
	char name[64];

	snprintf(name, sizeof(name), "%s%d 0x%llx, 0x%llx",
		 arithmetics[op].name, width, d, s);
	expect_probe(test, name, dst, arithmetic_result(op, d, s, width), 1, 1);
}

static void arithmetic_values(struct kunit *test, enum arithmetic op, int width)
{
	struct bpf_insn insn = arithmetic_insn(op, width, BPF_X);
	struct probe *probe = probe_of(test);
	size_t d, s;

	insn.dst_reg = 3;
	insn.src_reg = 7;
	load_probe(test, &insn, 1);
	fill_registers(test);
	for (d = 0; d < ARRAY_SIZE(edges); d++) {
		for (s = 0; s < ARRAY_SIZE(edges); s++) {
			probe->in[3] = edges[d];
			probe->in[7] = edges[s];
			expect_arithmetic(test, op, width, 3, edges[s]);
		}
	}
}

static void arithmetic_immediates(struct kunit *test, enum arithmetic op,
				  int width)
{
	struct bpf_insn insn = arithmetic_insn(op, width, BPF_K);
	struct probe *probe = probe_of(test);
	size_t d, s;

	insn.dst_reg = 5;
	fill_registers(test);
	for (s = 0; s < ARRAY_SIZE(edge_immediates); s++) {
		insn.imm = edge_immediates[s];
		load_probe(test, &insn, 1);
		for (d = 0; d < ARRAY_SIZE(edges); d++) {
			probe->in[5] = edges[d];
			expect_arithmetic(test, op, width, 5,
					  (s64)edge_immediates[s]);
		}
	}
}

static void arithmetic_registers(struct kunit *test, enum arithmetic op,
				 int width)
{
	struct bpf_insn insn;
	u8 dst, src;

	fill_registers(test);
	for (dst = 0; dst < PROBE_REGS; dst++) {
		insn = arithmetic_insn(op, width, BPF_K);
		insn.dst_reg = dst;
		insn.imm = -7;
		load_probe(test, &insn, 1);
		expect_arithmetic(test, op, width, dst, -7);

		insn = arithmetic_insn(op, width, BPF_X);
		insn.dst_reg = dst;
		for (src = 0; src <= BPF_REG_10; src++) {
			insn.src_reg = src;
			load_probe(test, &insn, 1);
			expect_arithmetic(test, op, width, dst,
					  register_before(test, src));
		}
	}
}

static void arithmetic_of_registers(struct kunit *test)
{
	int op;

	for (op = 0; op < ARRAY_SIZE(arithmetics); op++) {
		arithmetic_values(test, op, 64);
		arithmetic_values(test, op, 32);
	}
}

static void arithmetic_with_immediates(struct kunit *test)
{
	int op;

	for (op = 0; op < ARRAY_SIZE(arithmetics); op++) {
		arithmetic_immediates(test, op, 64);
		arithmetic_immediates(test, op, 32);
	}
}

static void arithmetic_in_all_registers(struct kunit *test)
{
	int op;

	for (op = 0; op < ARRAY_SIZE(arithmetics); op++) {
		arithmetic_registers(test, op, 64);
		arithmetic_registers(test, op, 32);
	}
}

/* The bytes of the lowest @width bits, in the opposite order. */
static u64 reverse(u64 value, int width)
{
	u64 reversed = 0;
	int i;

	for (i = 0; i < width; i += 8)
		reversed = reversed << 8 | (value >> i & 0xff);
	return reversed;
}

static u64 lowest(u64 value, int width)
{
	return width == 64 ? value : value & ((1ULL << width) - 1);
}

static u64 to_little_endian(u64 d, u64 s, int width)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? reverse(d, width) :
						    lowest(d, width);
}

static u64 to_big_endian(u64 d, u64 s, int width)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? lowest(d, width) :
						    reverse(d, width);
}

static u64 swap_bytes(u64 d, u64 s, int width)
{
	return reverse(d, width);
}

static u64 negate(u64 d, u64 s, int width)
{
	return lowest(~d + 1, width);
}

static u64 extend(u64 d, u64 s, int width)
{
	u64 low = lowest(s, width);

	return low >> (width - 1) ? low - (1ULL << (width - 1)) * 2 : low;
}

static u64 extend_to_32(u64 d, u64 s, int width)
{
	return lowest(extend(d, s, width), 32);
}

static const struct {
	const char *name;
	struct bpf_insn insn;
	u64 (*result)(u64 d, u64 s, int width);
	int width;
} unaries[] = {
	{ "neg64", INSN(0x87, 0, 0, 0, 0), negate, 64 },
	{ "neg32", INSN(0x84, 0, 0, 0, 0), negate, 32 },
	{ "le16", INSN(0xd4, 0, 0, 0, 16), to_little_endian, 16 },
	{ "le32", INSN(0xd4, 0, 0, 0, 32), to_little_endian, 32 },
	{ "le64", INSN(0xd4, 0, 0, 0, 64), to_little_endian, 64 },
	{ "be16", INSN(0xdc, 0, 0, 0, 16), to_big_endian, 16 },
	{ "be32", INSN(0xdc, 0, 0, 0, 32), to_big_endian, 32 },
	{ "be64", INSN(0xdc, 0, 0, 0, 64), to_big_endian, 64 },
	{ "bswap16", INSN(0xd7, 0, 0, 0, 16), swap_bytes, 16 },
	{ "bswap32", INSN(0xd7, 0, 0, 0, 32), swap_bytes, 32 },
	{ "bswap64", INSN(0xd7, 0, 0, 0, 64), swap_bytes, 64 },
	{ "movsx8 to 64", INSN(0xbf, 0, 0, 8, 0), extend, 8 },
	{ "movsx16 to 64", INSN(0xbf, 0, 0, 16, 0), extend, 16 },
	{ "movsx32 to 64", INSN(0xbf, 0, 0, 32, 0), extend, 32 },
	{ "movsx8 to 32", INSN(0xbc, 0, 0, 8, 0), extend_to_32, 8 },
	{ "movsx16 to 32", INSN(0xbc, 0, 0, 16, 0), extend_to_32, 16 },
};

/* A sign-extending move has a source, the others work on their destination. */
static bool has_source(const struct bpf_insn *insn)
{
	return BPF_OP(insn->code) == BPF_MOV;
}

static void expect_unary(struct kunit *test, size_t i, u8 dst, u8 src)
{
	u64 d = register_before(test, dst), s = register_before(test, src);
	char name[64];

	snprintf(name, sizeof(name), "%s r%u, r%u, 0x%llx, 0x%llx",
		 unaries[i].name, dst, src, d, s);
	expect_probe(test, name, dst, unaries[i].result(d, s, unaries[i].width),
		     1, 1);
}

static void unary_values(struct kunit *test, size_t i)
{
	struct bpf_insn insn = unaries[i].insn;
	struct probe *probe = probe_of(test);
	size_t value;

	insn.dst_reg = 4;
	insn.src_reg = has_source(&insn) ? 8 : 0;
	load_probe(test, &insn, 1);
	fill_registers(test);
	for (value = 0; value < ARRAY_SIZE(edges); value++) {
		probe->in[has_source(&insn) ? 8 : 4] = edges[value];
		expect_unary(test, i, 4, insn.src_reg);
	}
}

static void unary_registers(struct kunit *test, size_t i)
{
	struct bpf_insn insn = unaries[i].insn;
	u8 dst, src;

	fill_registers(test);
	for (dst = 0; dst < PROBE_REGS; dst++) {
		for (src = 0; src <= (has_source(&insn) ? 10 : 0); src++) {
			insn.dst_reg = dst;
			insn.src_reg = src;
			load_probe(test, &insn, 1);
			expect_unary(test, i, dst, src);
		}
	}
}

static void unary_operations(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unaries); i++) {
		unary_values(test, i);
		unary_registers(test, i);
	}
}

static void wide_loads(struct kunit *test)
{
	struct bpf_insn insns[2];
	size_t i;
	u8 dst;

	fill_registers(test);
	for (dst = 0; dst < PROBE_REGS; dst++) {
		for (i = 0; i < ARRAY_SIZE(edges); i++) {
			insns[0] = INSN_LDDW(dst, 0, (u32)edges[i]);
			insns[1] = INSN_LDDW_END(edges[i] >> 32);
			load_probe(test, insns, 2);
			expect_probe(test, "lddw", dst, edges[i], 1, 1);
		}
	}
}

/* By the bits of the opcode. */
enum condition {
	JEQ = 0x10,
	JGT = 0x20,
	JGE = 0x30,
	JSET = 0x40,
	JNE = 0x50,
	JSGT = 0x60,
	JSGE = 0x70,
	JLT = 0xa0,
	JLE = 0xb0,
	JSLT = 0xc0,
	JSLE = 0xd0,
};

static const enum condition conditions[] = {
	JEQ, JGT, JGE, JSET, JNE, JSGT, JSGE, JLT, JLE, JSLT, JSLE,
};

/* Signed numbers are in the order of unsigned ones with the sign flipped. */
static bool is_true(enum condition condition, u64 d, u64 s, int width)
{
	const u64 sign = 1ULL << (width - 1);

	d = cut(d, width);
	s = cut(s, width);
	switch (condition) {
	case JEQ:
		return !(d ^ s);
	case JNE:
		return !!(d ^ s);
	case JSET:
		return (d | s) != (d ^ s);
	case JGT:
		return !(d <= s);
	case JGE:
		return !(d < s);
	case JLT:
		return !(d >= s);
	case JLE:
		return !(d > s);
	case JSGT:
		return !((d ^ sign) <= (s ^ sign));
	case JSGE:
		return !((d ^ sign) < (s ^ sign));
	case JSLT:
		return !((d ^ sign) >= (s ^ sign));
	default:
		return !((d ^ sign) > (s ^ sign));
	}
}

/* A probe whose flag is cleared by what is jumped over. */
static void load_jump(struct kunit *test, enum condition condition, int width,
		      u8 source, u8 dst, u8 src, s32 imm)
{
	u8 class = width == 64 ? BPF_JMP : BPF_JMP32;
	const struct bpf_insn insns[] = {
		INSN(class | source | condition, dst, src, 1, imm),
		INSN_ST(BPF_DW, 10, FLAG, 0),
	};

	load_probe(test, insns, ARRAY_SIZE(insns));
}

static void expect_jump(struct kunit *test, enum condition condition, int width,
			u8 dst, u64 s)
{
	u64 d = register_before(test, dst);
	bool taken = is_true(condition, d, s, width);
	char name[64];

	snprintf(name, sizeof(name), "condition 0x%x of %d bits 0x%llx, 0x%llx",
		 condition, width, d, s);
	/* No register changes, so r0 keeps its value as well. */
	expect_probe(test, name, 0, probe_of(test)->in[0], taken,
		     taken ? 1 : 2);
}

static void jump_values(struct kunit *test, enum condition condition, int width)
{
	struct probe *probe = probe_of(test);
	size_t d, s;

	load_jump(test, condition, width, BPF_X, 2, 6, 0);
	fill_registers(test);
	for (d = 0; d < ARRAY_SIZE(edges); d++) {
		for (s = 0; s < ARRAY_SIZE(edges); s++) {
			probe->in[2] = edges[d];
			probe->in[6] = edges[s];
			expect_jump(test, condition, width, 2, edges[s]);
		}
	}
}

static void jump_immediates(struct kunit *test, enum condition condition,
			    int width)
{
	struct probe *probe = probe_of(test);
	size_t d, s;

	fill_registers(test);
	for (s = 0; s < ARRAY_SIZE(edge_immediates); s++) {
		load_jump(test, condition, width, BPF_K, 8, 0,
			  edge_immediates[s]);
		for (d = 0; d < ARRAY_SIZE(edges); d++) {
			probe->in[8] = edges[d];
			expect_jump(test, condition, width, 8,
				    (s64)edge_immediates[s]);
		}
	}
}

static void jump_registers(struct kunit *test, enum condition condition,
			   int width)
{
	u8 dst, src;

	fill_registers(test);
	for (dst = 0; dst <= BPF_REG_10; dst++) {
		load_jump(test, condition, width, BPF_K, dst, 0, 0x1000);
		expect_jump(test, condition, width, dst, 0x1000);
		for (src = 0; src <= BPF_REG_10; src++) {
			load_jump(test, condition, width, BPF_X, dst, src, 0);
			expect_jump(test, condition, width, dst,
				    register_before(test, src));
		}
	}
}

static void jumps_on_registers(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conditions); i++) {
		jump_values(test, conditions[i], 64);
		jump_values(test, conditions[i], 32);
	}
}

static void jumps_on_immediates(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conditions); i++) {
		jump_immediates(test, conditions[i], 64);
		jump_immediates(test, conditions[i], 32);
	}
}

static void jumps_on_all_registers(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conditions); i++) {
		jump_registers(test, conditions[i], 64);
		jump_registers(test, conditions[i], 32);
	}
}

/* Each stop on the way appends its digit to r0. */
static void jumps_lead_where_they_say(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_JA(4),
		/* 1 */ INSN_ALU64_K(BPF_MUL, 0, 10), INSN_ADD_K(0, 2),
		/* 3 */ INSN_JA32(5), INSN_EXIT,
		/* 5 */ INSN_ALU64_K(BPF_MUL, 0, 10), INSN_ADD_K(0, 1),
		/* 7 */ INSN_JMP_K(BPF_JNE, 0, 0, -7), INSN_EXIT,
		/* 9 */ INSN_ALU64_K(BPF_MUL, 0, 10), INSN_ADD_K(0, 3),
		/* 11 */ INSN_JMP_X(BPF_JEQ, 0, 0, 2),
		/* 12 */ INSN_LDDW(0, 0, 9), INSN_LDDW_END(9),
		/* 14 */ INSN_ALU64_K(BPF_MUL, 0, 10), INSN_ADD_K(0, 4),
		/* 16 */ INSN_JA32(0),
		/* 17 */ INSN_ALU64_K(BPF_MUL, 0, 10), INSN_ADD_K(0, 5),
		/* 19 */ INSN_JMP_K(BPF_JEQ, 0, 0, -20), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
	expect_return(test, 12345, 17);
}

/* r1 and r2 say where the context is, r10 where the stack, the rest is 0. */
static void registers_at_the_start(struct kunit *test)
{
	struct machine *m = test->priv;
	struct bpf_insn insns[] = { INSN_MOV_X(0, 0), INSN_EXIT };
	u8 reg;

	m->context.base = m->memory;
	m->context.len = 77;
	for (reg = 0; reg <= BPF_REG_10; reg++) {
		insns[0].src_reg = reg;
		load(test, insns, ARRAY_SIZE(insns));
		if (reg == BPF_REG_1)
			expect_return(test, CONTEXT(0), 2);
		else if (reg == BPF_REG_2)
			expect_return(test, 77, 2);
		else if (reg == BPF_REG_10)
			expect_return(test, STACK(INTERP_FRAME_SIZE), 2);
		else
			expect_return(test, 0, 2);
	}
}

/* The engine itself refuses what the check refuses, and makes no image. */
static void bad_programs_do_not_load(struct kunit *test)
{
	const struct bpf_insn insn = INSN_MOV_K(0, 0);
	const struct bpfsched_code code = { .insns = &insn, .insn_count = 1 };
	struct bpfsched_log log = { "" };
	void *image = NULL;

	KUNIT_EXPECT_EQ(test, bpfsched_interp_engine.load(&code, &log, &image),
			-EINVAL);
	KUNIT_EXPECT_STREQ(test, &log.text[0],
			   "instruction 0: control runs off the end of the function");
	KUNIT_EXPECT_NULL(test, image);
}

static void million_instructions(struct kunit *test)
{
	const u32 count = 1000000;
	struct machine *m = test->priv;
	struct bpf_insn *insns;
	u32 i;

	insns = vmalloc(array_size(count, sizeof(*insns)));
	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (i = 0; i < count - 1; i++)
		insns[i] = INSN_ADD_K(0, i % 100);
	insns[i] = INSN_EXIT;
	load(test, insns, count);
	vfree(insns);

	KUNIT_EXPECT_EQ(test, (int)run(m, count), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 49499901ULL);
	KUNIT_EXPECT_EQ(test, m->result.instructions, (u64)count);
}

static struct kunit_case run_cases[] = {
	KUNIT_CASE(arithmetic_of_registers),
	KUNIT_CASE(arithmetic_with_immediates),
	KUNIT_CASE(arithmetic_in_all_registers),
	KUNIT_CASE(unary_operations),
	KUNIT_CASE(wide_loads),
	KUNIT_CASE(jumps_on_registers),
	KUNIT_CASE(jumps_on_immediates),
	KUNIT_CASE(jumps_on_all_registers),
	KUNIT_CASE(jumps_lead_where_they_say),
	KUNIT_CASE(registers_at_the_start),
	KUNIT_CASE(bad_programs_do_not_load),
	KUNIT_CASE(million_instructions),
	{}
};

static struct kunit_suite run_suite = {
	.name = "interp_run",
	.init = machine_init,
	.exit = machine_exit,
	.test_cases = run_cases,
};

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
		INSN_LDDW(2, 0, (u32)STORED), INSN_LDDW_END(STORED >> 32),
		INSN_MOV_K(0, 77), access_insn(access, off), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
}

/* Programs that load and store take the address in r1. */
static enum bpfsched_outcome run_at(struct machine *m, u64 budget, u64 address)
{
	begin(m, budget);
	m->state.regs[BPF_REG_1] = address;
	return go_on(m);
}

static u64 value_at(const struct access *access, const u8 *at)
{
	u64 value = 0;
	int i;

	for (i = 0; i < access->size; i++) {
		int byte = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ?
			   access->size - 1 - i : i;

		value |= (u64)at[byte] << (8 * i);
	}
	return access->extends ? extend(0, value, 8 * access->size) : value;
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

static void fill_memory(struct machine *m)
{
	u32 i;

	for (i = 0; i < MEMORY_SIZE; i++)
		m->memory[i] = i * 37 + 11;
	memcpy(m->expected, m->memory, MEMORY_SIZE);
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
		r0 = value_at(access, m->expected + at);
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

	expect_fault(test, name, outcome, &fault, ACCESS_COUNT);
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

/* Where in the memory the region lies that a case is about. */
#define REGION_AT	512

static void set_context(struct machine *m, u32 len)
{
	fill_memory(m);
	m->context.base = m->memory + REGION_AT;
	m->context.len = len;
}

/* By an offset of the instruction, and by a register that points elsewhere. */
static const s16 offs[] = { 0, 16, -16 };

static void all_alignments(struct kunit *test)
{
	size_t i, o;
	u32 offset;

	set_context(test->priv, 256);
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

	set_context(test->priv, 256);
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
		set_context(test->priv, len);
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

	fill_memory(m);
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
	load(test, insns, ARRAY_SIZE(insns));
	begin(m, 1);
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

	set_context(m, 9);
	load(test, insns, ARRAY_SIZE(insns));
	begin(m, 1);
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

static void read_only_memory(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 offset;
	size_t i;

	set_context(m, 16);
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

	set_context(m, 256);
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

	set_context(m, 256);
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

	set_context(test->priv, 256);
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
		/* 4 */ INSN_LDDW(2, 0, (u32)STORED),
		INSN_LDDW_END(STORED >> 32),
		/* 6 */ INSN_MOV_K(0, 77), access_insn(access, 0), INSN_EXIT,
		/* 9 */ INSN_ADD_K(3, -1), INSN_CALL(-8), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
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
			expect_fault(test, name, outcome, &fault,
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
		/* 2 */ INSN_LDDW(2, 0, (u32)STORED),
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
		load(test, insns, ARRAY_SIZE(insns));
		for (loop = 0; loop < LOOPS; loop++)
			expect_fault(test, accesses[i].name,
				     run(test->priv, loop_budgets[loop]),
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
	load(test, insns, 2 * wide + 2);
	expect_fault(test, "fast", run(m, 1000000), &fault, wide + 1);
	expect_fault(test, "just enough", run(m, wide + 1), &fault, wide + 1);
	KUNIT_EXPECT_EQ(test, (int)run(m, wide), (int)BPFSCHED_EXHAUSTED);
	expect_no_fault(test);
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

	load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < LOOPS; i++)
		expect_fault(test, "store in a function",
			     run(test->priv, loop_budgets[i]), &fault,
			     2 + 2 + 4 + 3 + 2 + 2);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(all_alignments),
	KUNIT_CASE(far_offsets),
	KUNIT_CASE(context_bounds),
	KUNIT_CASE(section_bounds),
	KUNIT_CASE(largest_region),
	KUNIT_CASE(buffers_of_helpers),
	KUNIT_CASE(read_only_memory),
	KUNIT_CASE(wild_accesses),
	KUNIT_CASE(kernel_addresses),
	KUNIT_CASE(addresses_wrap),
	KUNIT_CASE(first_frame_bounds),
	KUNIT_CASE(live_frames),
	KUNIT_CASE(dead_frame),
	KUNIT_CASE(fault_behind_wide_loads),
	KUNIT_CASE(fault_in_a_function),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "interp_memory",
	.init = machine_init,
	.exit = machine_exit,
	.test_cases = memory_cases,
};

/* r1 to r5 come in, r0 goes out, r6 to r9 and r10 are as they were. */
static void arguments_and_saved_registers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, 1), INSN_MOV_K(2, 20), INSN_MOV_K(3, 300),
		INSN_MOV_K(4, 4000), INSN_MOV_K(5, 50000), INSN_MOV_K(6, 6),
		INSN_MOV_K(7, 7), INSN_MOV_K(8, 8), INSN_MOV_K(9, 9),
		/* 9 */ INSN_CALL(7),
		/* 10 */ INSN_ADD_X(0, 6), INSN_ADD_X(0, 7), INSN_ADD_X(0, 8),
		INSN_ADD_X(0, 9), INSN_ADD_X(0, 10), INSN_EXIT, INSN_EXIT,
		/* 17 */ INSN_MOV_K(0, 0), INSN_ADD_X(0, 1), INSN_ADD_X(0, 2),
		INSN_ADD_X(0, 3), INSN_ADD_X(0, 4), INSN_ADD_X(0, 5),
		INSN_MOV_K(6, -1), INSN_MOV_K(7, -1), INSN_MOV_K(8, -1),
		INSN_MOV_K(9, -1), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
	expect_return(test, 54321 + 6 + 7 + 8 + 9 + STACK(INTERP_FRAME_SIZE),
		      27);
}

/*
 * A function that calls itself @deep times. Each call puts something of its
 * own into r6 to r9 and its frame, and counts it after the next has returned.
 */
#define RECURSION_CALL	12

static void load_recursion(struct kunit *test, u32 deep)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, deep), INSN_CALL(1), INSN_EXIT,
		/* 3 */ INSN_MOV_X(6, 1), INSN_MOV_X(7, 1),
		INSN_ALU64_K(BPF_MUL, 7, 10), INSN_MOV_X(8, 10),
		INSN_MOV_K(9, 1), INSN_STX(BPF_W, 10, 1, -512),
		/* 9 */ INSN_MOV_K(0, 0), INSN_ADD_K(1, -1),
		/* 11 */ INSN_JMP_K(BPF_JEQ, 1, 0, 1), INSN_CALL(-10),
		/* 13 */ INSN_ADD_X(0, 6), INSN_ADD_X(0, 7), INSN_ADD_X(0, 8),
		INSN_ADD_X(0, 9), INSN_LDX(BPF_W, 2, 10, -512),
		INSN_ADD_X(0, 2), INSN_ADD_X(0, 10), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
}

static void eight_frames(struct kunit *test)
{
	u64 r0 = 0, r1, instructions = 3;
	u32 deep, i;

	for (deep = 1; deep < INTERP_FRAMES; deep++) {
		r0 = 0;
		for (i = 1; i <= deep; i++) {
			r1 = deep - i + 1;
			r0 += r1 + 10 * r1 + 1 + r1 +
			      2 * STACK((i + 1) * INTERP_FRAME_SIZE);
		}
		instructions = 3 + 18 * deep - 1;
		load_recursion(test, deep);
		expect_return(test, r0, instructions);
	}
}

static void nine_frames(struct kunit *test)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL_DEPTH,
		.pc = RECURSION_CALL,
	};
	struct machine *m = test->priv;
	size_t i;

	load_recursion(test, INTERP_FRAMES);
	for (i = 0; i < LOOPS; i++)
		expect_fault(test, "nine frames", run(m, loop_budgets[i]),
			     &fault, 2 + 10 * (INTERP_FRAMES - 1));
}

static void endless_recursion(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_CALL(-1), INSN_EXIT };
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL_DEPTH,
	};
	size_t i;

	load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < LOOPS; i++)
		expect_fault(test, "endless", run(test->priv, loop_budgets[i]),
			     &fault, INTERP_FRAMES);
}

static void many_calls(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(6, 20000),
		/* 1 */ INSN_CALL(3), INSN_ADD_K(6, -1),
		INSN_JMP_K(BPF_JNE, 6, 0, -3), INSN_EXIT,
		/* 5 */ INSN_MOV_X(7, 0), INSN_CALL(3), INSN_ADD_X(0, 7),
		INSN_MOV_K(6, 0), INSN_EXIT,
		/* 10 */ INSN_MOV_K(7, 0), INSN_MOV_K(0, 1), INSN_EXIT,
	};
	struct machine *m = test->priv;

	load(test, insns, ARRAY_SIZE(insns));
	KUNIT_EXPECT_EQ(test, (int)run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 20000ULL);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 2 + 11 * 20000ULL);
}

/* Or all of the frame together, leave it full of ones, and return. */
static u32 dirty_frame(struct bpf_insn *insns)
{
	u32 n = 0, offset;

	for (offset = 8; offset <= INTERP_FRAME_SIZE; offset += 8) {
		insns[n++] = INSN_LDX(BPF_DW, 2, 10, -offset);
		insns[n++] = INSN_ALU64_X(BPF_OR, 0, 2);
		insns[n++] = INSN_ST(BPF_DW, 10, -offset, -1);
	}
	insns[n++] = INSN_EXIT;
	return n;
}

/* A function that does so after it has called itself r1 - 1 times. */
static u32 dirty_function(struct bpf_insn *insns)
{
	insns[0] = INSN_ADD_K(1, -1);
	insns[1] = INSN_JMP_K(BPF_JEQ, 1, 0, 1);
	insns[2] = INSN_CALL(-3);
	return 3 + dirty_frame(&insns[3]);
}

/* Twice over, so that the second time every frame has been used before. */
static void frames_start_as_zero(struct kunit *test)
{
	struct bpf_insn *insns;
	u32 deep, n;

	insns = kunit_kcalloc(test, 256, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (deep = 1; deep < INTERP_FRAMES; deep++) {
		insns[0] = INSN_MOV_K(1, deep);
		insns[1] = INSN_CALL(3);
		insns[2] = INSN_MOV_K(1, deep);
		insns[3] = INSN_CALL(1);
		insns[4] = INSN_EXIT;
		n = 5 + dirty_function(&insns[5]);
		load(test, insns, n);
		KUNIT_EXPECT_EQ(test, (int)run(test->priv, 1000000),
				(int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ_MSG(test,
				    ((struct machine *)test->priv)->result.r0,
				    0ULL, "%u calls", deep);
	}
}

/* A state that was used before, by a program that left its frame dirty. */
static void first_frame_starts_as_zero(struct kunit *test)
{
	struct machine *m = test->priv;
	struct bpf_insn *insns;
	u32 n;

	insns = kunit_kcalloc(test, 256, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, insns);
	n = dirty_frame(insns);
	load(test, insns, n);
	expect_return(test, 0, n);
	KUNIT_EXPECT_EQ(test, m->state.stack[0], (u8)0xff);
}

/* A caller's frame can be reached by the address of something in it. */
static void callers_frame(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_ST(BPF_DW, 10, -8, 5), INSN_MOV_X(1, 10),
		INSN_ADD_K(1, -8), INSN_CALL(3),
		/* 4 */ INSN_LDX(BPF_DW, 1, 10, -8), INSN_ADD_X(0, 1),
		INSN_EXIT,
		/* 7 */ INSN_ST(BPF_DW, 10, -8, 100),
		INSN_LDX(BPF_DW, 0, 1, 0), INSN_ST(BPF_DW, 1, 0, 70), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
	expect_return(test, 75, 11);
}

static struct kunit_case call_cases[] = {
	KUNIT_CASE(arguments_and_saved_registers),
	KUNIT_CASE(eight_frames),
	KUNIT_CASE(nine_frames),
	KUNIT_CASE(endless_recursion),
	KUNIT_CASE(many_calls),
	KUNIT_CASE(frames_start_as_zero),
	KUNIT_CASE(first_frame_starts_as_zero),
	KUNIT_CASE(callers_frame),
	{}
};

static struct kunit_suite call_suite = {
	.name = "interp_call",
	.init = machine_init,
	.exit = machine_exit,
	.test_cases = call_cases,
};

/* A program in the making. */
struct writer {
	struct bpf_insn *insns;
	u32 count;
	u32 most;
};

static struct writer new_writer(struct kunit *test, u32 most)
{
	struct writer w = { .most = most };

	w.insns = kunit_kmalloc_array(test, most, sizeof(*w.insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w.insns);
	return w;
}

static void put(struct writer *w, struct bpf_insn insn)
{
	if (!WARN_ON_ONCE(w->count == w->most))
		w->insns[w->count++] = insn;
}

/* Instructions that count themselves in r0. */
static void put_line(struct writer *w, u32 count)
{
	while (count--)
		put(w, INSN_ADD_K(0, 1));
}

/* A program that needs @need instructions ends with so many, and not before. */
static void expect_need(struct kunit *test, const char *name, u64 need, u64 r0)
{
	const u64 enough[] = {
		need, need + 1, need + INTERP_RUN_MAX,
		need + BPFSCHED_SAFE_POINT_INSNS, U64_MAX,
	};
	const u64 less[] = { 0, 1, need / 2, need - 1 };
	struct machine *m = test->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(enough); i++) {
		KUNIT_ASSERT_EQ_MSG(test, (int)run(m, enough[i]),
				    (int)BPFSCHED_DONE, "%s of %llu", name,
				    need);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, need, "%s",
				    name);
		KUNIT_ASSERT_EQ_MSG(test, m->result.r0, r0, "%s", name);
	}
	for (i = 0; i < ARRAY_SIZE(less); i++) {
		if (less[i] >= need)
			continue;
		KUNIT_ASSERT_EQ_MSG(test, (int)run(m, less[i]),
				    (int)BPFSCHED_EXHAUSTED, "%s of %llu",
				    name, need);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, less[i],
				    "%s of %llu", name, need);
		KUNIT_ASSERT_EQ_MSG(test, m->result.r0, 0ULL, "%s", name);
	}
	expect_no_fault(test);
}

static void expect_every_budget(struct kunit *test, const char *name, u64 need)
{
	struct machine *m = test->priv;
	u64 budget;

	for (budget = 0; budget < need; budget++) {
		KUNIT_ASSERT_EQ_MSG(test, (int)run(m, budget),
				    (int)BPFSCHED_EXHAUSTED, "%s, budget %llu",
				    name, budget);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, budget, "%s",
				    name);
	}
	KUNIT_ASSERT_EQ_MSG(test, (int)run(m, need), (int)BPFSCHED_DONE, "%s",
			    name);
}

/* Around every length at which the dispatcher does something different. */
static const u32 line_counts[] = {
	1, 2, 3, 1021, 1022, 1023, 1024, 1025, 1026, 2045, 2046, 2047, 2048,
	2049, 3069, 3070, 3071, 3072, 3073, 4090, 4091, 4092, 4093, 4094, 4095,
	4096, 4097, 4098, 5000, 5115, 5116, 8191, 8192, 8193,
};

#define LINE_MAX	8193

static void straight_lines(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		put_line(&w, line_counts[i] - 1);
		put(&w, INSN_EXIT);
		load(test, w.insns, w.count);
		expect_need(test, "line", w.count, w.count - 1);
	}
}

static void every_budget_of_a_line(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);

	put_line(&w, 2500);
	put(&w, INSN_EXIT);
	load(test, w.insns, w.count);
	expect_every_budget(test, "line", w.count);
}

static void wide_loads_count_one(struct kunit *test)
{
	struct writer w = new_writer(test, 2 * LINE_MAX);
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		for (n = 1; n < line_counts[i]; n++) {
			put(&w, INSN_LDDW(0, 0, n));
			put(&w, INSN_LDDW_END(0));
		}
		put(&w, INSN_EXIT);
		load(test, w.insns, w.count);
		expect_need(test, "wide loads", line_counts[i],
			    line_counts[i] - 1);
	}
}

static void helpers_count_one(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		for (n = 2; n < line_counts[i]; n++)
			put(&w, INSN_HELPER(BPF_FUNC_ktime_get_ns));
		put(&w, INSN_MOV_K(0, 5));
		put(&w, INSN_EXIT);
		load(test, w.insns, w.count);
		expect_need(test, "helpers", w.count, 5);
	}
}

static const u32 body_lengths[] = {
	0, 1, 2, 5, 100, 510, 511, 1019, 1020, 1021, 1022, 1023, 1024, 1025,
	1500, 2044, 2045, 2046, 3000, 4092, 4093, 4094, 4095, 4096, 4097,
};

static const u32 turn_counts[] = { 1, 2, 3, 4, 5, 9, 100 };

/* A program that executes @body instructions @turns times around a loop. */
static void load_loop(struct kunit *test, struct writer *w, u32 body, u32 turns)
{
	w->count = 0;
	put(w, INSN_MOV_K(6, turns));
	put_line(w, body);
	put(w, INSN_ADD_K(6, -1));
	put(w, INSN_JMP_K(BPF_JNE, 6, 0, -(s32)body - 2));
	put(w, INSN_EXIT);
	load(test, w->insns, w->count);
}

static void loops(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t b, t;

	for (b = 0; b < ARRAY_SIZE(body_lengths); b++) {
		for (t = 0; t < ARRAY_SIZE(turn_counts); t++) {
			u32 body = body_lengths[b], turns = turn_counts[t];

			load_loop(test, &w, body, turns);
			expect_need(test, "loop", 2 + turns * (body + 2),
				    turns * body);
		}
	}
}

static void tight_loops(struct kunit *test)
{
	struct writer w = new_writer(test, 8);
	u32 turns;

	for (turns = 500; turns < 520; turns++) {
		load_loop(test, &w, 0, turns);
		expect_need(test, "tight loop", 2 + 2 * turns, 0);
	}
	for (turns = 2040; turns < 2056; turns++) {
		load_loop(test, &w, 0, turns);
		expect_need(test, "tight loop", 2 + 2 * turns, 0);
	}
	load_loop(test, &w, 0, 1300);
	expect_every_budget(test, "tight loop", 2602);
}

static void forward_jumps(struct kunit *test)
{
	struct writer w = new_writer(test, 2 * LINE_MAX);
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		for (n = 1; n < line_counts[i]; n++) {
			if (n % 3 == 0) {
				put(&w, INSN_JMP_K(BPF_JEQ, 0, 0, 1));
				put(&w, INSN_ADD_K(0, 1));
			} else if (n % 3 == 1) {
				put(&w, INSN_JA32(0));
			} else {
				put(&w, INSN_JMP_K(BPF_JNE, 0, 0, 0));
			}
		}
		put(&w, INSN_EXIT);
		load(test, w.insns, w.count);
		expect_need(test, "forward jumps", line_counts[i], 0);
	}
}

/* A loop around a call of a function of @body instructions. */
static void call_loops(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t b, t;

	for (b = 0; b < ARRAY_SIZE(body_lengths); b++) {
		for (t = 0; t < ARRAY_SIZE(turn_counts); t++) {
			u32 body = body_lengths[b], turns = turn_counts[t];

			w.count = 0;
			put(&w, INSN_MOV_K(6, turns));
			put(&w, INSN_CALL(3));
			put(&w, INSN_ADD_K(6, -1));
			put(&w, INSN_JMP_K(BPF_JNE, 6, 0, -3));
			put(&w, INSN_EXIT);
			put_line(&w, body);
			put(&w, INSN_EXIT);
			load(test, w.insns, w.count);
			expect_need(test, "calls", 2 + turns * (body + 4),
				    turns * body);
		}
	}
}

/* @before instructions, seven functions with as many, and as many after. */
static void call_chains(struct kunit *test)
{
	struct writer w = new_writer(test, 2 * 8 * 2100);
	size_t b;
	u32 i;

	for (b = 0; b < ARRAY_SIZE(body_lengths); b++) {
		u32 body = body_lengths[b];

		if (body > 2100)
			break;
		w.count = 0;
		for (i = 0; i < INTERP_FRAMES - 1; i++) {
			put_line(&w, body);
			put(&w, INSN_CALL(body + 1));
			put_line(&w, body);
			put(&w, INSN_EXIT);
		}
		put(&w, INSN_EXIT);
		load(test, w.insns, w.count);
		expect_need(test, "call chain", w.count,
			    2 * body * (INTERP_FRAMES - 1));
	}
}

static void faults_need_their_budget(struct kunit *test)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 103,
	};
	struct writer w = new_writer(test, LINE_MAX);
	struct machine *m = test->priv;
	u32 turns;

	for (turns = 1; turns < 100; turns++) {
		u64 need = 1 + 102 * turns + 1;

		load_loop(test, &w, 100, turns);
		w.insns[w.count - 1] = INSN_LDX(BPF_B, 0, 6, 0);
		put(&w, INSN_EXIT);
		load(test, w.insns, w.count);
		expect_fault(test, "all", run(m, U64_MAX), &fault, need);
		expect_fault(test, "enough", run(m, need), &fault, need);
		KUNIT_ASSERT_EQ(test, (int)run(m, need - 1),
				(int)BPFSCHED_EXHAUSTED);
		KUNIT_ASSERT_EQ(test, m->result.instructions, need - 1);
		expect_no_fault(test);
	}
}

/* An endless loop ends with its budget, of whatever size. */
static void endless_loops(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_JA(-1) };
	static const u64 budgets[] = {
		1, 2, 1023, 1024, 1025, 4095, 4096, 4097, 1000000, 3000001,
	};
	struct machine *m = test->priv;
	size_t i;

	load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		KUNIT_EXPECT_EQ(test, (int)run(m, budgets[i]),
				(int)BPFSCHED_EXHAUSTED);
		KUNIT_EXPECT_EQ(test, m->result.instructions, budgets[i]);
	}
}

/*
 * Random programs that end: a main function that goes around a loop, and
 * functions that do the same. Each calls only those behind it. They work with
 * r0 to r5, r6 counts turns, r8 is the address of the context.
 */
#define RANDOM_FUNCTIONS	4
#define RANDOM_CALLS		32
#define RANDOM_CONTEXT		64
#define RANDOM_INSNS		8000

/**
 * struct random_program - a random program in the making
 * @w: its instructions
 * @rnd: where chance comes from
 * @function: the function that is being written
 * @starts: slots at which functions start
 * @call_slots: slots of the calls
 * @call_to: the functions that they call
 * @calls: number of calls
 */
struct random_program {
	struct writer w;
	struct rnd_state rnd;
	u32 function;
	u32 starts[RANDOM_FUNCTIONS];
	u32 call_slots[RANDOM_CALLS];
	u32 call_to[RANDOM_CALLS];
	u32 calls;
};

static u32 chance(struct random_program *p, u32 below)
{
	return prandom_u32_state(&p->rnd) % below;
}

static void put_random_arithmetic(struct random_program *p)
{
	enum arithmetic op = chance(p, ARRAY_SIZE(arithmetics));
	struct bpf_insn insn;

	insn = arithmetic_insn(op, chance(p, 2) ? 64 : 32,
			       chance(p, 2) ? BPF_X : BPF_K);
	insn.dst_reg = chance(p, 6);
	if (BPF_SRC(insn.code) == BPF_X)
		insn.src_reg = chance(p, 6);
	else
		insn.imm = prandom_u32_state(&p->rnd);
	put(&p->w, insn);
}

static void put_random_line(struct random_program *p, u32 count)
{
	while (count--)
		put_random_arithmetic(p);
}

static void put_random_jump(struct random_program *p)
{
	u8 op = conditions[chance(p, ARRAY_SIZE(conditions))];
	u32 over = chance(p, 12);

	if (chance(p, 4) == 0)
		put(&p->w, INSN_JA32(over));
	else if (chance(p, 2))
		put(&p->w, INSN_JMP_X(op, chance(p, 6), chance(p, 6), over));
	else
		put(&p->w, INSN_JMP_K(op, chance(p, 6), chance(p, 3), over));
	put_random_line(p, over);
}

static void put_random_access(struct random_program *p)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	u8 size = sizes[chance(p, ARRAY_SIZE(sizes))];
	s16 offset = chance(p, RANDOM_CONTEXT - 7);
	u8 reg = chance(p, 6);

	if (p->function == 0 && chance(p, 2)) {
		put(&p->w, INSN_STX(size, 8, reg, offset));
		put(&p->w, INSN_LDX(BPF_DW, chance(p, 6), 8, offset));
	} else {
		put(&p->w, INSN_STX(BPF_DW, 10, reg, -offset - 8));
		put(&p->w, INSN_LDX(size, chance(p, 6), 10, -offset - 8));
	}
}

static void put_random_call(struct random_program *p)
{
	u32 left = RANDOM_FUNCTIONS - 1 - p->function;

	if (!left || p->calls == RANDOM_CALLS)
		return;
	p->call_slots[p->calls] = p->w.count;
	p->call_to[p->calls++] = p->function + 1 + chance(p, left);
	put(&p->w, INSN_CALL(0));
}

static void put_random_block(struct random_program *p)
{
	switch (chance(p, 8)) {
	case 0:
	case 1:
		put_random_jump(p);
		break;
	case 2:
		put_random_access(p);
		break;
	case 3:
		put_random_call(p);
		break;
	case 4:
		put(&p->w, INSN_LDDW(chance(p, 6), 0, chance(p, S32_MAX)));
		put(&p->w, INSN_LDDW_END(chance(p, S32_MAX)));
		break;
	case 5:
		put_random_line(p, chance(p, 4) ? 3 : chance(p, 600));
		break;
	default:
		put_random_line(p, chance(p, 20));
	}
}

static void put_random_function(struct random_program *p)
{
	u32 blocks = 3 + chance(p, 8), top;

	p->starts[p->function] = p->w.count;
	if (p->function == 0)
		put(&p->w, INSN_MOV_X(8, 1));
	put(&p->w, INSN_MOV_K(6, 1 + chance(p, p->function ? 4 : 30)));
	top = p->w.count;
	while (blocks--)
		put_random_block(p);
	put(&p->w, INSN_ADD_K(6, -1));
	put(&p->w, INSN_JMP_K(BPF_JNE, 6, 0, (s32)top - (s32)p->w.count - 1));
	put(&p->w, INSN_EXIT);
}

static void make_random_program(struct random_program *p, u64 seed)
{
	u32 i;

	prandom_seed_state(&p->rnd, seed);
	p->w.count = 0;
	p->calls = 0;
	for (i = 0; i < RANDOM_FUNCTIONS; i++) {
		p->function = i;
		put_random_function(p);
	}
	for (i = 0; i < p->calls; i++) {
		u32 slot = p->call_slots[i];

		p->w.insns[slot].imm = p->starts[p->call_to[i]] - slot - 1;
	}
}

static struct random_program *new_random_program(struct kunit *test)
{
	struct random_program *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->w = new_writer(test, RANDOM_INSNS);
	return p;
}

/* A second run of the same program, in a memory of its own. */
static struct machine *new_stepper(struct kunit *test)
{
	struct machine *m = test->priv, *stepper;

	stepper = kunit_kzalloc(test, sizeof(*stepper), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, stepper);
	stepper->word = &stepper->control;
	m->context.base = m->memory;
	m->context.len = RANDOM_CONTEXT;
	stepper->context.base = stepper->memory;
	stepper->context.len = RANDOM_CONTEXT;
	return stepper;
}

static void restart(struct machine *m, const void *image, u64 budget)
{
	m->image = (void *)image;
	memset(m->memory, 0, RANDOM_CONTEXT);
	begin(m, budget);
}

/* One instruction more; a run whose budget is used up can go on. */
static enum bpfsched_outcome step(struct machine *m)
{
	m->state.budget = 1;
	return go_on(m);
}

static bool is_same(const struct machine *a, const struct machine *b)
{
	const struct interp_state *x = &a->state, *y = &b->state;

	return x->insn == y->insn && x->depth == y->depth &&
	       x->executed == y->executed &&
	       !memcmp(x->regs, y->regs, sizeof(x->regs)) &&
	       !memcmp(x->frames, y->frames,
		       x->depth * sizeof(x->frames[0])) &&
	       !memcmp(x->stack, y->stack,
		       (x->depth + 1) * INTERP_FRAME_SIZE) &&
	       !memcmp(a->memory, b->memory, RANDOM_CONTEXT);
}

/* All budgets near those at which something changes, some of the others. */
static bool is_tried(u64 budget, u64 need)
{
	u64 slice = budget % BPFSCHED_SAFE_POINT_INSNS;

	return need < 1500 || need - budget < 3 || budget % 97 == 0 ||
	       budget % INTERP_RUN_MAX < 3 ||
	       budget % INTERP_RUN_MAX >= INTERP_RUN_MAX - 3 ||
	       slice >= BPFSCHED_SAFE_POINT_INSNS - 6;
}

/*
 * Two ways to execute the first so many instructions: one by one, and all at
 * once. The end of a program is among them. Returns how many it needs.
 */
static u64 expect_same_as_steps(struct kunit *test, struct machine *stepper,
				u64 seed)
{
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u64 need, budget;

	restart(m, m->image, 10000000);
	KUNIT_ASSERT_EQ_MSG(test, (int)go_on(m), (int)BPFSCHED_DONE,
			    "seed %llu", seed);
	need = m->result.instructions;

	restart(stepper, m->image, 0);
	for (budget = 1; budget <= need; budget++) {
		outcome = step(stepper);
		if (!is_tried(budget, need))
			continue;
		restart(m, m->image, budget);
		KUNIT_ASSERT_EQ_MSG(test, (int)go_on(m), (int)outcome,
				    "seed %llu, budget %llu", seed, budget);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, budget,
				    "seed %llu", seed);
		KUNIT_ASSERT_TRUE_MSG(test, is_same(m, stepper),
				      "seed %llu, budget %llu", seed, budget);
	}
	KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_DONE, "seed %llu",
			    seed);
	return need;
}

#define RANDOM_SEEDS	60
#define RANDOM_LONGEST	30000

static void random_programs(struct kunit *test)
{
	struct random_program *p = new_random_program(test);
	struct machine *m = test->priv, *stepper = new_stepper(test);
	u64 seed, total = 0;

	for (seed = 1; seed <= RANDOM_SEEDS; seed++) {
		make_random_program(p, seed);
		load(test, p->w.insns, p->w.count);
		restart(m, m->image, RANDOM_LONGEST);
		if (go_on(m) != BPFSCHED_DONE)
			continue;
		total += expect_same_as_steps(test, stepper, seed);
	}
	/* Most of them are neither short nor too long. */
	KUNIT_EXPECT_GT(test, total, 1000ULL * RANDOM_SEEDS);
}

static struct kunit_case budget_cases[] = {
	KUNIT_CASE(straight_lines),
	KUNIT_CASE(every_budget_of_a_line),
	KUNIT_CASE(wide_loads_count_one),
	KUNIT_CASE(helpers_count_one),
	KUNIT_CASE(loops),
	KUNIT_CASE(tight_loops),
	KUNIT_CASE(forward_jumps),
	KUNIT_CASE(call_loops),
	KUNIT_CASE(call_chains),
	KUNIT_CASE(faults_need_their_budget),
	KUNIT_CASE(endless_loops),
	KUNIT_CASE(random_programs),
	{}
};

static struct kunit_suite budget_suite = {
	.name = "interp_budget",
	.init = machine_init,
	.exit = machine_exit,
	.test_cases = budget_cases,
};

/*
 * The word that asks a run to pause lies in the run's own context, so that the
 * program itself says at which instruction it is asked; no threads, no chance.
 */
#define WORD_AT		0
#define DATA_AT		8

/**
 * struct pausing - a program that works for some time and then is asked
 * @name: for messages
 * @put_body: what it does in each turn of its loop
 * @put_function: what it calls then, a function of its own
 * @turns: how often it does so
 */
struct pausing {
	const char *name;
	void (*put_body)(struct writer *w);
	void (*put_function)(struct writer *w);
	u32 turns;
};

static void put_nothing(struct writer *w)
{
}

static void put_long_line(struct writer *w)
{
	put_line(w, 5000);
}

static void put_forward_jumps(struct writer *w)
{
	u32 i;

	for (i = 0; i < 50; i++) {
		put(w, INSN_JMP_K(BPF_JNE, 8, 0, 1));
		put(w, INSN_EXIT);
		put(w, INSN_ADD_X(0, 6));
	}
}

static void put_stores(struct writer *w)
{
	put(w, INSN_LDX(BPF_DW, 2, 8, DATA_AT));
	put(w, INSN_ADD_X(2, 6));
	put(w, INSN_STX(BPF_DW, 8, 2, DATA_AT));
	put(w, INSN_ADD_X(0, 2));
}

static void put_helper(struct writer *w)
{
	put(w, INSN_MOV_X(7, 0));
	put(w, INSN_HELPER(BPF_FUNC_ktime_get_ns));
	put(w, INSN_MOV_X(0, 7));
	put(w, INSN_ADD_X(0, 6));
}

/* The function behind the loop; the distance is filled in later. */
static void put_call(struct writer *w)
{
	put(w, INSN_MOV_K(1, INTERP_FRAMES - 2));
	put(w, INSN_CALL(0));
}

/* Calls itself until there is no frame left, and works on the way back. */
static void put_recursion(struct writer *w)
{
	put(w, INSN_STX(BPF_DW, 10, 1, -8));
	put(w, INSN_MOV_X(6, 1));
	put(w, INSN_JMP_K(BPF_JEQ, 1, 0, 2));
	put(w, INSN_ADD_K(1, -1));
	put(w, INSN_CALL(-5));
	put_line(w, 300);
	put(w, INSN_LDX(BPF_DW, 2, 10, -8));
	put(w, INSN_ADD_X(0, 2));
	put(w, INSN_ADD_X(0, 6));
	put(w, INSN_EXIT);
}

static const struct pausing pausings[] = {
	{ "tight loop", put_nothing, NULL, 20000 },
	{ "long line", put_long_line, NULL, 8 },
	{ "forward jumps", put_forward_jumps, NULL, 200 },
	{ "stores", put_stores, NULL, 4000 },
	{ "helpers", put_helper, NULL, 4000 },
	{ "calls", put_call, put_recursion, 20 },
};

#define PAUSING_INSNS	6000

/* @condition skips the store of @word unless it is the turn for it. */
static void load_pausing(struct kunit *test, struct writer *w,
			 const struct pausing *p, struct bpf_insn condition,
			 u32 word)
{
	u32 top, end;

	w->count = 0;
	put(w, INSN_MOV_X(8, 1));
	put(w, INSN_MOV_K(6, p->turns));
	top = w->count;
	put(w, condition);
	put(w, INSN_ST(BPF_W, 8, WORD_AT, word));
	p->put_body(w);
	end = w->count;
	put(w, INSN_ADD_K(6, -1));
	put(w, INSN_JMP_K(BPF_JNE, 6, 0, (s32)top - (s32)w->count - 1));
	put(w, INSN_EXIT);
	if (p->put_function) {
		w->insns[end - 1].imm = w->count - end;
		p->put_function(w);
	}
	load(test, w->insns, w->count);
}

/* The word is in the context from now on. */
static u32 *take_word(struct machine *m)
{
	m->context.base = m->memory;
	m->context.len = 64;
	memset(m->memory, 0, 64);
	m->word = (u32 *)&m->memory[WORD_AT];
	return (u32 *)&m->memory[WORD_AT];
}

/* A run that nobody asks to pause: what the others must come to as well. */
static struct bpfsched_result run_unasked(struct kunit *test, const char *name)
{
	struct machine *m = test->priv;

	take_word(m);
	m->word = &m->control;
	KUNIT_ASSERT_EQ_MSG(test, (int)run(m, U64_MAX), (int)BPFSCHED_DONE,
			    "%s", name);
	memcpy(m->expected, m->memory, 64);
	return m->result;
}

/* How many instructions it executes up to the store that asks. */
static u64 count_to_store(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 *word = take_word(m);

	m->word = &m->control;
	begin(m, 0);
	while (!READ_ONCE(*word) && step(m) == BPFSCHED_EXHAUSTED)
		;
	return m->result.instructions;
}

static void expect_result(struct kunit *test, const char *name,
			  const struct bpfsched_result *expected)
{
	struct machine *m = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, m->result.r0, expected->r0, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, m->result.instructions,
			    expected->instructions, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(m->memory + DATA_AT,
					 m->expected + DATA_AT, 64 - DATA_AT),
			    0, "%s", name);
	expect_no_fault(test);
}

/* Asked once, when @turn turns are left. */
static void expect_asked(struct kunit *test, struct writer *w,
			 const struct pausing *p, u32 turn, u32 word,
			 enum bpfsched_outcome outcome)
{
	struct machine *m = test->priv;
	struct bpfsched_result unasked;
	u64 store;
	u32 *control;

	load_pausing(test, w, p, INSN_JMP_K(BPF_JNE, 6, turn, 1), word);
	unasked = run_unasked(test, p->name);
	store = count_to_store(test);
	control = take_word(m);

	KUNIT_ASSERT_EQ_MSG(test, (int)run(m, U64_MAX), (int)outcome,
			    "%s, turn %u", p->name, turn);
	KUNIT_EXPECT_GE_MSG(test, m->result.instructions, store, "%s", p->name);
	KUNIT_EXPECT_LE_MSG(test, m->result.instructions,
			    store + BPFSCHED_SAFE_POINT_INSNS, "%s", p->name);
	KUNIT_EXPECT_EQ_MSG(test, m->result.r0, 0ULL, "%s", p->name);
	expect_no_fault(test);

	WRITE_ONCE(*control, BPFSCHED_CONTROL_RUN);
	KUNIT_ASSERT_EQ_MSG(test, (int)go_on(m), (int)BPFSCHED_DONE,
			    "%s, turn %u", p->name, turn);
	expect_result(test, p->name, &unasked);
}

/* Early and late, but not so late that the program ends before it pauses. */
static void expect_asked_in_turns(struct kunit *test, u32 word,
				  enum bpfsched_outcome outcome)
{
	struct writer w = new_writer(test, PAUSING_INSNS);
	size_t i;
	u32 turn;

	for (i = 0; i < ARRAY_SIZE(pausings); i++) {
		const struct pausing *p = &pausings[i];

		for (turn = p->turns; turn > p->turns / 2;
		     turn -= DIV_ROUND_UP(p->turns, 16))
			expect_asked(test, &w, p, turn, word, outcome);
	}
}

static void pause_and_go_on(struct kunit *test)
{
	expect_asked_in_turns(test, BPFSCHED_CONTROL_PAUSE, BPFSCHED_PAUSED);
}

static void stop_in_time(struct kunit *test)
{
	expect_asked_in_turns(test, BPFSCHED_CONTROL_STOP, BPFSCHED_STOPPED);
}

/* Go on whenever it pauses; returns how it ended. */
static enum bpfsched_outcome run_with_pauses(struct kunit *test, u64 budget,
					     const char *name, u32 *pauses)
{
	struct machine *m = test->priv;
	u32 *control = take_word(m);
	enum bpfsched_outcome outcome;
	u64 before = 0;

	*pauses = 0;
	begin(m, budget);
	while ((outcome = go_on(m)) == BPFSCHED_PAUSED) {
		KUNIT_ASSERT_GT_MSG(test, m->result.instructions, before, "%s",
				    name);
		before = m->result.instructions;
		WRITE_ONCE(*control, BPFSCHED_CONTROL_RUN);
		++*pauses;
	}
	return outcome;
}

/* Asked in every turn, with no more budget than it needs, and one less. */
static void expect_many_pauses(struct kunit *test, struct writer *w,
			       const struct pausing *p)
{
	struct machine *m = test->priv;
	struct bpfsched_result unasked;
	u32 pauses;

	load_pausing(test, w, p, INSN_JMP_X(BPF_JNE, 8, 8, 1),
		     BPFSCHED_CONTROL_PAUSE);
	unasked = run_unasked(test, p->name);
	KUNIT_ASSERT_EQ_MSG(test,
			    (int)run_with_pauses(test, unasked.instructions,
						 p->name, &pauses),
			    (int)BPFSCHED_DONE, "%s", p->name);
	expect_result(test, p->name, &unasked);
	KUNIT_EXPECT_GE_MSG(test, (u64)pauses, unasked.instructions /
			    (2 * BPFSCHED_SAFE_POINT_INSNS), "%s", p->name);

	KUNIT_ASSERT_EQ_MSG(test,
			    (int)run_with_pauses(test, unasked.instructions - 1,
						 p->name, &pauses),
			    (int)BPFSCHED_EXHAUSTED, "%s", p->name);
	KUNIT_EXPECT_EQ_MSG(test, m->result.instructions,
			    unasked.instructions - 1, "%s", p->name);
}

static void pause_again_and_again(struct kunit *test)
{
	struct writer w = new_writer(test, PAUSING_INSNS);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pausings); i++)
		expect_many_pauses(test, &w, &pausings[i]);
}

static void pause_before_the_start(struct kunit *test)
{
	struct machine *m = test->priv;
	struct bpfsched_result unasked;
	struct writer w = new_writer(test, LINE_MAX);
	u32 i;

	load_loop(test, &w, 10, 3000);
	unasked = run_unasked(test, "loop");
	m->control = BPFSCHED_CONTROL_PAUSE;
	begin(m, unasked.instructions);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, (int)go_on(m), (int)BPFSCHED_PAUSED);
		KUNIT_EXPECT_EQ(test, m->result.instructions, 0ULL);
		KUNIT_EXPECT_EQ(test, m->result.r0, 0ULL);
	}
	m->control = BPFSCHED_CONTROL_RUN;
	KUNIT_EXPECT_EQ(test, (int)go_on(m), (int)BPFSCHED_DONE);
	expect_result(test, "loop", &unasked);
}

static void stop_before_the_start(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_MOV_K(0, 1), INSN_EXIT };
	struct machine *m = test->priv;

	load(test, insns, ARRAY_SIZE(insns));
	m->control = BPFSCHED_CONTROL_STOP;
	KUNIT_EXPECT_EQ(test, (int)run(m, 1000), (int)BPFSCHED_STOPPED);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 0ULL);
	KUNIT_EXPECT_EQ(test, m->result.r0, 0ULL);
	expect_no_fault(test);
}

static void stop_while_paused(struct kunit *test)
{
	struct machine *m = test->priv;
	struct writer w = new_writer(test, PAUSING_INSNS);
	u64 instructions;
	u32 *control;

	load_pausing(test, &w, &pausings[0], INSN_JMP_K(BPF_JNE, 6, 15000, 1),
		     BPFSCHED_CONTROL_PAUSE);
	control = take_word(m);
	KUNIT_ASSERT_EQ(test, (int)run(m, U64_MAX), (int)BPFSCHED_PAUSED);
	instructions = m->result.instructions;
	WRITE_ONCE(*control, BPFSCHED_CONTROL_STOP);
	KUNIT_EXPECT_EQ(test, (int)go_on(m), (int)BPFSCHED_STOPPED);
	KUNIT_EXPECT_EQ(test, m->result.instructions, instructions);
}

/* A run that ends before its next safe point has ended. */
static void ends_although_asked(struct kunit *test)
{
	static const struct bpf_insn returns[] = {
		INSN_ST(BPF_W, 1, WORD_AT, BPFSCHED_CONTROL_STOP),
		INSN_MOV_K(0, 7), INSN_EXIT,
	};
	static const struct bpf_insn fails[] = {
		INSN_ST(BPF_W, 1, WORD_AT, BPFSCHED_CONTROL_PAUSE),
		INSN_LDX(BPF_B, 0, 1, 64), INSN_EXIT,
	};
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 1,
		.address = CONTEXT(64),
	};
	struct machine *m = test->priv;

	load(test, returns, ARRAY_SIZE(returns));
	take_word(m);
	KUNIT_EXPECT_EQ(test, (int)run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 7ULL);

	load(test, fails, ARRAY_SIZE(fails));
	take_word(m);
	expect_fault(test, "fails", run(m, 1000000), &fault, 2);
}

static struct kunit_case pause_cases[] = {
	KUNIT_CASE(pause_and_go_on),
	KUNIT_CASE(stop_in_time),
	KUNIT_CASE(pause_again_and_again),
	KUNIT_CASE(pause_before_the_start),
	KUNIT_CASE(stop_before_the_start),
	KUNIT_CASE(stop_while_paused),
	KUNIT_CASE(ends_although_asked),
	{}
};

static struct kunit_suite pause_suite = {
	.name = "interp_pause",
	.init = machine_init,
	.exit = machine_exit,
	.test_cases = pause_cases,
};

static void ktime_is_monotonic(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_HELPER(BPF_FUNC_ktime_get_ns), INSN_EXIT,
	};
	struct machine *m = test->priv;
	u64 last = ktime_get_mono_fast_ns();
	u32 i;

	load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, (int)run(m, loop_budgets[i % LOOPS]),
				(int)BPFSCHED_DONE);
		KUNIT_ASSERT_GE(test, m->result.r0, last);
		KUNIT_ASSERT_EQ(test, m->result.instructions, 2ULL);
		last = m->result.r0;
	}
	KUNIT_EXPECT_GE(test, ktime_get_mono_fast_ns(), last);
}

static void processor_id(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(0, -1), INSN_HELPER(BPF_FUNC_get_smp_processor_id),
		INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
	migrate_disable();
	expect_return(test, raw_smp_processor_id(), 3);
	migrate_enable();
}

/* Numbers of 32 bits, and not always the same. */
static void random_numbers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_HELPER(BPF_FUNC_get_prandom_u32), INSN_EXIT,
	};
	struct machine *m = test->priv;
	u64 ones = 0, zeroes = 0;
	u32 i;

	load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < 200; i++) {
		KUNIT_ASSERT_EQ(test, (int)run(m, 10), (int)BPFSCHED_DONE);
		ones |= m->result.r0;
		zeroes |= ~m->result.r0;
	}
	KUNIT_EXPECT_EQ(test, ones, (u64)U32_MAX);
	KUNIT_EXPECT_EQ(test, zeroes, U64_MAX);
}

static void helpers_keep_saved_registers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(6, 1), INSN_MOV_K(7, 20), INSN_MOV_K(8, 300),
		INSN_MOV_K(9, 4000), INSN_ST(BPF_DW, 10, -8, 50000),
		INSN_HELPER(BPF_FUNC_get_prandom_u32),
		INSN_LDX(BPF_DW, 0, 10, -8), INSN_ADD_X(0, 6), INSN_ADD_X(0, 7),
		INSN_ADD_X(0, 8), INSN_ADD_X(0, 9), INSN_EXIT,
	};

	load(test, insns, ARRAY_SIZE(insns));
	expect_return(test, 54321, ARRAY_SIZE(insns));
}

/**
 * struct listener - what came through the tracepoint
 * @texts: how many texts
 * @text: the last
 */
struct listener {
	u32 texts;
	char text[600];
};

static void listen(void *data, const char *text)
{
	struct listener *listener = data;

	listener->texts++;
	strscpy(listener->text, text, sizeof(listener->text));
}

/* Until the end of the test, however it ends. */
static const struct listener *start_listening(struct kunit *test)
{
	struct machine *m = test->priv;
	struct listener *listener;

	listener = kunit_kzalloc(test, sizeof(*listener), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, listener);
	if (register_trace_bpfsched_printk(listen, listener))
		kunit_skip(test, "there are no tracepoints");
	m->listener = listener;
	return listener;
}

static void helper_test_exit(struct kunit *test)
{
	struct machine *m = test->priv;

	if (m && m->listener) {
		unregister_trace_bpfsched_printk(listen, m->listener);
		tracepoint_synchronize_unregister();
	}
	machine_exit(test);
}

/* Print with the format in section 0 and a string in the context. */
#define PRINT_CALL	6

static void load_printk(struct kunit *test, const char *format)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_X(5, 1), INSN_LDDW(1, 6, 0), INSN_LDDW_END(0),
		/* 3 */ INSN_MOV_K(2, strlen(format) + 1),
		INSN_MOV_K(3, -7), INSN_MOV_K(4, 0x2a),
		/* 6 */ INSN_HELPER(BPF_FUNC_trace_printk), INSN_EXIT,
	};
	struct machine *m = test->priv;

	set_context(m, 256);
	m->sections[0].base = m->memory;
	m->sections[0].len = strlen(format) + 1;
	m->sections[0].readonly = true;
	m->section_count = 1;
	memcpy(m->memory, format, strlen(format) + 1);
	load(test, insns, ARRAY_SIZE(insns));
}

static void printk_reaches_the_tracepoint(struct kunit *test)
{
	struct machine *m = test->priv;
	const struct listener *listener = start_listening(test);

	load_printk(test, "%d, %lx and %s");
	strscpy(m->memory + REGION_AT, "hello", 6);
	KUNIT_EXPECT_EQ(test, (int)run(m, 1000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 16ULL);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 7ULL);
	KUNIT_EXPECT_EQ(test, listener->texts, 1U);
	KUNIT_EXPECT_STREQ(test, &listener->text[0], "-7, 2a and hello");

	KUNIT_EXPECT_EQ(test, (int)run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, listener->texts, 2U);
}

static void printk_refuses_formats(struct kunit *test)
{
	static const char * const formats[] = {
		"%p", "%d %d %s %d", "%", "%y", "\x01", "%ls",
	};
	struct machine *m = test->priv;
	const struct listener *listener = start_listening(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		load_printk(test, formats[i]);
		KUNIT_EXPECT_EQ(test, (int)run(m, 1000), (int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ_MSG(test, m->result.r0, (u64)-EINVAL, "\"%s\"",
				    formats[i]);
		expect_no_fault(test);
	}
	KUNIT_EXPECT_EQ(test, listener->texts, 0U);
}

static void printk_cuts_its_text(struct kunit *test)
{
	struct machine *m = test->priv;
	const struct listener *listener = start_listening(test);
	char format[256];

	memset(format, '.', sizeof(format));
	memcpy(format, "%99d%99d%99s", 12);
	format[255] = '\0';
	load_printk(test, format);
	memset(m->memory + REGION_AT, 's', 256);
	KUNIT_EXPECT_EQ(test, (int)run(m, 1000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 511ULL);
	KUNIT_EXPECT_EQ(test, strlen(listener->text), 511UL);
}

static void printk_faults(struct kunit *test)
{
	struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = PRINT_CALL,
	};
	struct machine *m = test->priv;
	struct bpf_insn insns[] = {
		/* 0 */ INSN_LDDW(1, 0, 8), INSN_LDDW_END(0),
		INSN_MOV_K(2, 4), INSN_JA(0), INSN_JA(0), INSN_JA(0),
		/* 6 */ INSN_HELPER(BPF_FUNC_trace_printk), INSN_EXIT,
	};
	size_t i;

	for (i = 0; i < LOOPS; i++) {
		load_printk(test, "%d%d%s");
		m->context.len = 0;
		fault.address = CONTEXT(0);
		expect_fault(test, "string", run(m, loop_budgets[i]), &fault,
			     6);
		load(test, insns, ARRAY_SIZE(insns));
		fault.address = 8;
		expect_fault(test, "format", run(m, loop_budgets[i]), &fault,
			     6);
	}
}

static struct kunit_case helper_cases[] = {
	KUNIT_CASE(ktime_is_monotonic),
	KUNIT_CASE(processor_id),
	KUNIT_CASE(random_numbers),
	KUNIT_CASE(helpers_keep_saved_registers),
	KUNIT_CASE(printk_reaches_the_tracepoint),
	KUNIT_CASE(printk_refuses_formats),
	KUNIT_CASE(printk_cuts_its_text),
	KUNIT_CASE(printk_faults),
	{}
};

static struct kunit_suite helper_suite = {
	.name = "interp_helper",
	.init = machine_init,
	.exit = helper_test_exit,
	.test_cases = helper_cases,
};

kunit_test_suites(&run_suite, &memory_suite, &call_suite, &budget_suite,
		  &pause_suite, &helper_suite);
