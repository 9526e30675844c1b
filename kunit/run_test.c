// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the dispatcher: what each instruction does, by functions of the
 * tests' own.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "machine.h"

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
	machine_load(test, insns, n);
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
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, loop_budgets[i]),
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
	return machine_extend(s, width);
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

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, 12345, 17);
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
		machine_load(test, insns, ARRAY_SIZE(insns));
		if (reg == BPF_REG_1)
			machine_expect_return(test, CONTEXT(0), 2);
		else if (reg == BPF_REG_2)
			machine_expect_return(test, 77, 2);
		else if (reg == BPF_REG_10)
			machine_expect_return(test, STACK(INTERP_FRAME_SIZE),
					      2);
		else
			machine_expect_return(test, 0, 2);
	}
}

/* The engine itself refuses what the check refuses, and makes no image. */
static void bad_programs_do_not_load(struct kunit *test)
{
	const struct bpf_insn insn = INSN_MOV_K(0, 0);
	const struct bpfsched_code code = { .insns = &insn, .insn_count = 1 };
	struct bpfsched_log log = { "" };
	struct machine *m = test->priv;
	void *image = NULL;

	KUNIT_EXPECT_EQ(test, m->engine->load(&code, &log, &image), -EINVAL);
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
	machine_load(test, insns, count);
	vfree(insns);

	KUNIT_EXPECT_EQ(test, (int)machine_run(m, count), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 49499901ULL);
	KUNIT_EXPECT_EQ(test, m->result.instructions, (u64)count);
}

MACHINE_SUITES(interp_run, machine_exit,
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
	       KUNIT_CASE(million_instructions));
