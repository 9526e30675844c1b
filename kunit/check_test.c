// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the static check: every refusal with its instruction and its
 * reason, and beside it what is just about accepted.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "../interp/interp.h"
#include "insn.h"

/* Data sections of 8 and 0x80000000 - 1 bytes; nothing looks into them. */
static const struct bpfsched_memory sections[] = {
	{ .len = 8 },
	{ .len = S32_MAX },
};

/**
 * struct check_case - a program and what the check has to say of it
 * @name: for messages
 * @insns: the program
 * @count: number of @insns
 * @reason: why it is refused, NULL if it is accepted
 */
struct check_case {
	const char *name;
	struct bpf_insn insns[INSNS_MAX];
	u32 count;
	const char *reason;
};

/* A reason of NULL: the program is accepted. */
static void expect_check(struct kunit *test, const char *name,
			 const struct bpf_insn *insns, u32 count,
			 const char *reason)
{
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = count,
		.sections = sections,
		.section_count = ARRAY_SIZE(sections),
	};
	struct bpfsched_log log = { "" };
	int err = interp_check(&code, &log);

	KUNIT_EXPECT_EQ_MSG(test, err, reason ? -EINVAL : 0, "%s: %s", name,
			    log.text);
	KUNIT_EXPECT_STREQ_MSG(test, &log.text[0], reason ?: "", "%s", name);
}

static void expect_checks(struct kunit *test, const struct check_case *cases,
			  size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		expect_check(test, cases[i].name, cases[i].insns,
			     cases[i].count, cases[i].reason);
}

/*
 * A program whose slot 1 holds @insn, and where control can go on from there
 * by a distance of 0 or 1.
 */
#define SLOT	1

static void expect_insn(struct kunit *test, const char *name,
			struct bpf_insn insn, const char *reason)
{
	struct bpf_insn insns[] = {
		INSN_MOV_K(0, 0), insn, INSN_EXIT, INSN_EXIT, INSN_EXIT,
	};

	if (insn.code == (BPF_LD | BPF_IMM | BPF_DW))
		insns[SLOT + 1] = INSN_LDDW_END(0);
	expect_check(test, name, insns, ARRAY_SIZE(insns), reason);
}

/* An instruction with all fields at their smallest that is accepted. */
static struct bpf_insn plain_insn(const struct interp_op_info *info)
{
	struct bpf_insn insn = { .code = info->opcode };

	switch (BPF_CLASS(insn.code)) {
	case BPF_ALU:
	case BPF_ALU64:
		if (BPF_OP(insn.code) == BPF_END)
			insn.imm = info->variant;
		else
			insn.off = info->variant;
		break;
	case BPF_STX:
		insn.imm = info->variant;
		break;
	case BPF_JMP:
		insn.src_reg = info->variant;
		if (insn.code == (BPF_JMP | BPF_CALL))
			insn.imm = info->variant ?: BPF_FUNC_ktime_get_ns;
		break;
	}
	return insn;
}

#define DST	BIT(0)
#define SRC	BIT(1)
#define OFF	BIT(2)
#define IMM	BIT(3)
#define VARIES	BIT(4) /* OFF or SRC is not free, but tells variants apart */
#define WRITES	BIT(5) /* to the destination register */
#define FETCHES	BIT(6) /* into the source register */
#define KIND	BIT(7) /* the immediate tells variants apart */

/* Which fields an instruction has, as the standard describes them. */
static u8 fields_of_alu(u8 opcode)
{
	switch (BPF_OP(opcode)) {
	case BPF_NEG:
		return DST | OFF | VARIES | WRITES;
	case BPF_END:
		return DST | IMM | WRITES;
	default:
		return DST | OFF | VARIES | WRITES |
		       (BPF_SRC(opcode) == BPF_X ? SRC : IMM);
	}
}

static u8 fields_of_jump(u8 opcode)
{
	switch (BPF_OP(opcode)) {
	case BPF_JA:
		return BPF_CLASS(opcode) == BPF_JMP ? OFF : IMM;
	case BPF_CALL:
		return BPF_SRC(opcode) == BPF_X ? DST : SRC | IMM | VARIES;
	case BPF_EXIT:
		return 0;
	default:
		return DST | OFF | (BPF_SRC(opcode) == BPF_X ? SRC : IMM);
	}
}

/* Of an atomic operation the immediate says what it is. */
static u8 fields_of_store(const struct interp_op_info *info)
{
	u8 fields = DST | SRC | OFF;

	if (BPF_MODE(info->opcode) != BPF_ATOMIC)
		return fields;
	if (info->variant == 0x100)
		fields |= WRITES;
	else if ((info->variant & 0x101) == 1 && info->variant != 0xf1)
		fields |= FETCHES;
	return fields | KIND;
}

static u8 fields_of(const struct interp_op_info *info)
{
	u8 opcode = info->opcode;

	switch (BPF_CLASS(opcode)) {
	case BPF_ALU:
	case BPF_ALU64:
		return fields_of_alu(opcode);
	case BPF_JMP:
	case BPF_JMP32:
		return fields_of_jump(opcode);
	case BPF_LDX:
		return DST | SRC | OFF | WRITES;
	case BPF_ST:
		return DST | OFF | IMM;
	case BPF_STX:
		return fields_of_store(info);
	default:
		return DST | SRC | IMM | WRITES;
	}
}

static void every_operation_is_accepted(struct kunit *test)
{
	int op;

	for (op = 0; op < INTERP_OPS; op++)
		expect_insn(test, interp_ops[op].name,
			    plain_insn(&interp_ops[op]), NULL);
}

static void unknown_opcodes_are_refused(struct kunit *test)
{
	int opcode, op;
	char reason[48];

	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		for (op = 0; op < INTERP_OPS; op++) {
			if (interp_ops[op].opcode == opcode)
				break;
		}
		if (op < INTERP_OPS)
			continue;
		snprintf(reason, sizeof(reason),
			 "instruction 1: unknown opcode 0x%02x", opcode);
		expect_insn(test, "unknown", INSN(opcode, 0, 0, 0, 0), reason);
	}
}

/* Each field that an operation does not have, and each that it has. */
static void expect_fields(struct kunit *test, const struct interp_op_info *info)
{
	u8 fields = fields_of(info);
	struct bpf_insn insn = plain_insn(info);

	insn.dst_reg = 1;
	expect_insn(test, info->name, insn, fields & DST ? NULL :
		    "instruction 1: destination register is not 0");

	insn = plain_insn(info);
	insn.src_reg = 2;
	if (!(fields & SRC))
		expect_insn(test, info->name, insn,
			    "instruction 1: source register is not 0");
	else if (fields & IMM)
		; /* says what kind of call or of load it is: below */
	else
		expect_insn(test, info->name, insn, NULL);

	insn = plain_insn(info);
	insn.off = 1;
	if (!(fields & VARIES) || !(fields & OFF))
		expect_insn(test, info->name, insn, fields & OFF ? NULL :
			    "instruction 1: offset is not 0");

	insn = plain_insn(info);
	insn.imm = insn.imm ?: 1;
	if (fields & KIND)
		return;
	expect_insn(test, info->name, insn, fields & IMM ? NULL :
		    "instruction 1: immediate is not 0");
}

static void reserved_fields_are_refused(struct kunit *test)
{
	int op;

	for (op = 0; op < INTERP_OPS; op++)
		expect_fields(test, &interp_ops[op]);
}

static const struct {
	const char *name;
	struct bpf_insn insn;
	const char *reason; /* without its start */
} variant_cases[] = {
	{
		"add with an offset", INSN(0x07, 1, 0, 1, 0),
		"0x07 has no variant with source 0, offset 1, immediate 0",
	}, {
		"signed division of another kind", INSN(0x3f, 1, 3, 2, 0),
		"0x3f has no variant with source 3, offset 2, immediate 0",
	}, {
		"negative offset", INSN(0x97, 1, 0, -1, 7),
		"0x97 has no variant with source 0, offset -1, immediate 7",
	}, {
		"negation with an offset", INSN(0x87, 1, 0, 1, 0),
		"0x87 has no variant with source 0, offset 1, immediate 0",
	}, {
		"32-bit move that extends 32 bits", INSN(0xbc, 1, 2, 32, 0),
		"0xbc has no variant with source 2, offset 32, immediate 0",
	}, {
		"sign-extending move of an immediate", INSN(0xb7, 1, 0, 8, 0),
		"0xb7 has no variant with source 0, offset 8, immediate 0",
	}, {
		"byte swap of 8 bits", INSN(0xd7, 1, 0, 0, 8),
		"0xd7 has no variant with source 0, offset 0, immediate 8",
	}, {
		"atomic operation of 16 bits", INSN(0xcb, 1, 2, 0, 0),
		"0xcb has no variant with source 2, offset 0, immediate 0",
	}, {
		"atomic subtraction", INSN(0xdb, 1, 2, 8, 0x10),
		"0xdb has no variant with source 2, offset 8, immediate 16",
	}, {
		"atomic exchange that does not fetch", INSN(0xdb, 1, 2, 8, 0xe0),
		"0xdb has no variant with source 2, offset 8, immediate 224",
	}, {
		"negative immediate", INSN(0xc3, 1, 2, 8, -1),
		"0xc3 has no variant with source 2, offset 8, immediate -1",
	}, {
		"call of a kind of the kernel's own", INSN(0x85, 0, 2, 0, 1),
		"0x85 has no variant with source 2, offset 0, immediate 1",
	}, {
		"call with a register that does not exist",
		INSN(0x85, 0, 11, 0, 1),
		"0x85 has no variant with source 11, offset 0, immediate 1",
	},
};

static void unknown_variants_are_refused(struct kunit *test)
{
	char reason[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variant_cases); i++) {
		snprintf(reason, sizeof(reason), "instruction 1: opcode %s",
			 variant_cases[i].reason);
		expect_insn(test, variant_cases[i].name, variant_cases[i].insn,
			    reason);
	}
	expect_insn(test, "byte swap with an offset", INSN(0xd7, 1, 0, 1, 16),
		    "instruction 1: offset is not 0");
}

static void expect_destinations(struct kunit *test,
				const struct interp_op_info *info)
{
	u8 fields = fields_of(info);
	struct bpf_insn insn = plain_insn(info);
	const char *reason;
	char text[64];
	int reg;

	for (reg = 0; reg < 16; reg++) {
		snprintf(text, sizeof(text),
			 "instruction 1: there is no register r%d", reg);
		reason = reg > 10 ? text : NULL;
		if (reg == 10 && (fields & WRITES))
			reason = "instruction 1: r10 is read-only";
		insn.dst_reg = reg;
		expect_insn(test, info->name, insn, reason);
	}
}

static void destination_registers(struct kunit *test)
{
	int op;

	for (op = 0; op < INTERP_OPS; op++) {
		if (fields_of(&interp_ops[op]) & DST)
			expect_destinations(test, &interp_ops[op]);
	}
}

static void expect_sources(struct kunit *test,
			   const struct interp_op_info *info)
{
	bool fetches = fields_of(info) & FETCHES;
	struct bpf_insn insn = plain_insn(info);
	const char *reason;
	char text[64];
	int reg;

	for (reg = 0; reg < 16; reg++) {
		snprintf(text, sizeof(text),
			 "instruction 1: there is no register r%d", reg);
		reason = reg > 10 ? text : NULL;
		if (reg == 10 && fetches)
			reason = "instruction 1: r10 is read-only";
		insn.src_reg = reg;
		expect_insn(test, info->name, insn, reason);
	}
}

static void source_registers(struct kunit *test)
{
	int op;

	for (op = 0; op < INTERP_OPS; op++) {
		u8 fields = fields_of(&interp_ops[op]);

		if ((fields & SRC) && !(fields & IMM))
			expect_sources(test, &interp_ops[op]);
	}
}

static const struct check_case lddw_cases[] = {
	{
		.name = "number",
		INSNS(INSN_LDDW(1, 0, -1), INSN_LDDW_END(-1), INSN_EXIT),
	}, {
		.name = "cut off",
		INSNS(INSN_MOV_K(0, 0), INSN_LDDW(1, 0, 0)),
		.reason = "instruction 1: 16-byte load without its second half",
	}, {
		.name = "opcode in the second half",
		INSNS(INSN_LDDW(1, 0, 0), INSN(1, 0, 0, 0, 0), INSN_EXIT),
		.reason = "instruction 1: second half of a 16-byte load has a field that is not 0",
	}, {
		.name = "destination in the second half",
		INSNS(INSN_LDDW(1, 0, 0), INSN(0, 1, 0, 0, 0), INSN_EXIT),
		.reason = "instruction 1: second half of a 16-byte load has a field that is not 0",
	}, {
		.name = "source in the second half",
		INSNS(INSN_LDDW(1, 0, 0), INSN(0, 0, 1, 0, 0), INSN_EXIT),
		.reason = "instruction 1: second half of a 16-byte load has a field that is not 0",
	}, {
		.name = "offset in the second half",
		INSNS(INSN_LDDW(1, 0, 0), INSN(0, 0, 0, -1, 0), INSN_EXIT),
		.reason = "instruction 1: second half of a 16-byte load has a field that is not 0",
	}, {
		.name = "offset in the first half",
		INSNS(INSN(0x18, 1, 0, 1, 0), INSN_LDDW_END(0), INSN_EXIT),
		.reason = "instruction 0: offset is not 0",
	}, {
		.name = "source that is no register",
		INSNS(INSN_LDDW(1, 11, 0), INSN_LDDW_END(0), INSN_EXIT),
		.reason = "instruction 0: there is no register r11",
	}, {
		.name = "second half alone",
		INSNS(INSN_LDDW_END(0), INSN_EXIT),
		.reason = "instruction 0: unknown opcode 0x00",
	}, {
		.name = "nothing after it",
		INSNS(INSN_LDDW(1, 0, 0), INSN_LDDW_END(0)),
		.reason = "instruction 0: control runs off the end of the function",
	},
};

static void wide_loads(struct kunit *test)
{
	expect_checks(test, lddw_cases, ARRAY_SIZE(lddw_cases));
}

static void kinds_of_wide_loads(struct kunit *test)
{
	struct bpf_insn insns[] = {
		INSN_LDDW(1, 0, 0), INSN_LDDW_END(0), INSN_EXIT,
	};
	char reason[64];
	int kind;

	for (kind = 0; kind <= 10; kind++) {
		snprintf(reason, sizeof(reason),
			 kind == 5 ? "instruction 0: there is no map 0" :
			 "instruction 0: 16-byte load of unknown kind %d",
			 kind);
		insns[0].src_reg = kind;
		/* The address of the function that starts at slot 0. */
		insns[0].imm = kind == BPF_PSEUDO_FUNC ? -1 : 0;
		expect_check(test, reason, insns, ARRAY_SIZE(insns),
			     kind == 0 || kind == 4 || kind == 6 ? NULL :
			     reason);
	}
}

#define SECTION(index, offset) \
	INSNS(INSN_LDDW(1, 6, index), INSN_LDDW_END(offset), INSN_EXIT)

static const struct check_case section_cases[] = {
	{
		.name = "first byte",
		SECTION(0, 0),
	}, {
		.name = "last byte",
		SECTION(0, 7),
	}, {
		.name = "end",
		SECTION(0, 8),
	}, {
		.name = "behind the end",
		SECTION(0, 9),
		.reason = "instruction 0: offset 9 is outside of section 0",
	}, {
		.name = "before the start",
		SECTION(0, -1),
		.reason = "instruction 0: offset 4294967295 is outside of section 0",
	}, {
		.name = "end of the largest",
		SECTION(1, S32_MAX),
	}, {
		.name = "behind the end of the largest",
		SECTION(1, S32_MIN),
		.reason = "instruction 0: offset 2147483648 is outside of section 1",
	}, {
		.name = "one section too far",
		SECTION(2, 0),
		.reason = "instruction 0: there is no section 2",
	}, {
		.name = "negative section",
		SECTION(-1, 0),
		.reason = "instruction 0: there is no section 4294967295",
	}, {
		.name = "most negative section",
		SECTION(S32_MIN, 0),
		.reason = "instruction 0: there is no section 2147483648",
	},
};

static void section_references(struct kunit *test)
{
	expect_checks(test, section_cases, ARRAY_SIZE(section_cases));
}

static void section_reference_without_sections(struct kunit *test)
{
	const struct bpf_insn insns[] = {
		INSN_LDDW(1, 6, 0), INSN_LDDW_END(0), INSN_EXIT,
	};
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = ARRAY_SIZE(insns),
	};
	struct bpfsched_log log = { "" };

	KUNIT_EXPECT_EQ(test, interp_check(&code, &log), -EINVAL);
	KUNIT_EXPECT_STREQ(test, &log.text[0],
			   "instruction 0: there is no section 0");
}

static const struct check_case helper_cases[] = {
	{
		.name = "ktime_get_ns",
		INSNS(INSN_HELPER(5), INSN_EXIT),
	}, {
		.name = "trace_printk",
		INSNS(INSN_HELPER(6), INSN_EXIT),
	}, {
		.name = "get_prandom_u32",
		INSNS(INSN_HELPER(7), INSN_EXIT),
	}, {
		.name = "get_smp_processor_id",
		INSNS(INSN_HELPER(8), INSN_EXIT),
	}, {
		.name = "helper 0",
		INSNS(INSN_HELPER(0), INSN_EXIT),
		.reason = "instruction 0: unknown helper 0",
	}, {
		.name = "probe_read",
		INSNS(INSN_HELPER(4), INSN_EXIT),
		.reason = "instruction 0: unknown helper 4",
	}, {
		.name = "negative helper",
		INSNS(INSN_HELPER(-1), INSN_EXIT),
		.reason = "instruction 0: unknown helper -1",
	}, {
		.name = "large helper",
		INSNS(INSN_HELPER(S32_MAX), INSN_EXIT),
		.reason = "instruction 0: unknown helper 2147483647",
	}, {
		.name = "unknown helper that is never called",
		INSNS(INSN_EXIT, INSN_HELPER(S32_MIN)),
		.reason = "instruction 1: unknown helper -2147483648",
	},
};

static void helpers(struct kunit *test)
{
	expect_checks(test, helper_cases, ARRAY_SIZE(helper_cases));
}

static const struct check_case call_cases[] = {
	{
		.name = "forward",
		INSNS(INSN_CALL(1), INSN_EXIT, INSN_EXIT),
	}, {
		.name = "backward, to the program's start",
		INSNS(INSN_MOV_K(0, 0), INSN_CALL(-2), INSN_EXIT),
	}, {
		.name = "itself, as the first instruction of a function",
		INSNS(INSN_CALL(-1), INSN_EXIT),
	}, {
		.name = "itself, in the middle of a function",
		INSNS(INSN_MOV_K(0, 0), INSN_CALL(-1), INSN_EXIT),
		.reason = "instruction 0: control runs off the end of the function",
	}, {
		.name = "last instruction of the program",
		INSNS(INSN_CALL(1), INSN_EXIT, INSN_EXIT, INSN_CALL(-2)),
		.reason = NULL, /* cannot be reached */
	}, {
		.name = "next instruction",
		INSNS(INSN_CALL(0), INSN_EXIT),
		.reason = "instruction 0: control runs off the end of the function",
	}, {
		.name = "end of the program",
		INSNS(INSN_CALL(1), INSN_EXIT),
		.reason = "instruction 0: call of 2, where no instruction starts",
	}, {
		.name = "before the start",
		INSNS(INSN_MOV_K(0, 0), INSN_CALL(-3), INSN_EXIT),
		.reason = "instruction 1: call of -1, where no instruction starts",
	}, {
		.name = "farthest forward",
		INSNS(INSN_CALL(S32_MAX), INSN_EXIT),
		.reason = "instruction 0: call of 2147483648, where no instruction starts",
	}, {
		.name = "farthest backward",
		INSNS(INSN_CALL(S32_MIN), INSN_EXIT),
		.reason = "instruction 0: call of -2147483647, where no instruction starts",
	}, {
		.name = "16-byte load",
		INSNS(INSN_CALL(1), INSN_EXIT, INSN_LDDW(0, 0, 0),
		      INSN_LDDW_END(0), INSN_EXIT),
	}, {
		.name = "middle of a 16-byte load",
		INSNS(INSN_CALL(2), INSN_EXIT, INSN_LDDW(0, 0, 0),
		      INSN_LDDW_END(0), INSN_EXIT),
		.reason = "instruction 0: call of 3, where no instruction starts",
	}, {
		.name = "bad target that cannot be reached",
		INSNS(INSN_EXIT, INSN_CALL(1)),
		.reason = "instruction 1: call of 3, where no instruction starts",
	},
};

static void calls(struct kunit *test)
{
	expect_checks(test, call_cases, ARRAY_SIZE(call_cases));
}

static const struct check_case jump_cases[] = {
	{
		.name = "forward",
		INSNS(INSN_JA(1), INSN_EXIT, INSN_EXIT),
	}, {
		.name = "next instruction",
		INSNS(INSN_JA(0), INSN_EXIT),
	}, {
		.name = "itself",
		INSNS(INSN_JA(-1)),
	}, {
		.name = "backward, to the program's start",
		INSNS(INSN_MOV_K(0, 0), INSN_JA(-2)),
	}, {
		.name = "before the start",
		INSNS(INSN_JA(-2), INSN_EXIT),
		.reason = "instruction 0: jump to -1, outside of the function (0 to 1)",
	}, {
		.name = "behind the end",
		INSNS(INSN_JA(1), INSN_EXIT),
		.reason = "instruction 0: jump to 2, outside of the function (0 to 1)",
	}, {
		.name = "conditional, behind the end",
		INSNS(INSN_JMP_K(BPF_JEQ, 0, 0, 1), INSN_EXIT),
		.reason = "instruction 0: jump to 2, outside of the function (0 to 1)",
	}, {
		.name = "conditional with a register, before the start",
		INSNS(INSN_EXIT, INSN_JMP_X(BPF_JSLE, 0, 1, -3), INSN_EXIT),
		.reason = "instruction 1: jump to -1, outside of the function (0 to 2)",
	}, {
		.name = "farthest forward",
		INSNS(INSN_JA(S16_MAX), INSN_EXIT),
		.reason = "instruction 0: jump to 32768, outside of the function (0 to 1)",
	}, {
		.name = "farthest backward",
		INSNS(INSN_JA(S16_MIN), INSN_EXIT),
		.reason = "instruction 0: jump to -32767, outside of the function (0 to 1)",
	}, {
		.name = "long jump, farthest forward",
		INSNS(INSN_JA32(S32_MAX), INSN_EXIT),
		.reason = "instruction 0: jump to 2147483648, outside of the function (0 to 1)",
	}, {
		.name = "long jump, farthest backward",
		INSNS(INSN_JA32(S32_MIN), INSN_EXIT),
		.reason = "instruction 0: jump to -2147483647, outside of the function (0 to 1)",
	}, {
		.name = "16-byte load",
		INSNS(INSN_JA(0), INSN_LDDW(0, 0, 0), INSN_LDDW_END(0),
		      INSN_EXIT),
	}, {
		.name = "middle of a 16-byte load",
		INSNS(INSN_JA(1), INSN_LDDW(0, 0, 0), INSN_LDDW_END(0),
		      INSN_EXIT),
		.reason = "instruction 0: jump into the middle of the 16-byte load at 1",
	}, {
		.name = "backward into the middle of a 16-byte load",
		INSNS(INSN_LDDW(0, 0, 0), INSN_LDDW_END(0), INSN_JA32(-2)),
		.reason = "instruction 2: jump into the middle of the 16-byte load at 0",
	}, {
		.name = "bad target that cannot be reached",
		INSNS(INSN_EXIT, INSN_JA(0)),
		.reason = "instruction 1: jump to 2, outside of the function (0 to 1)",
	},
};

static void jumps(struct kunit *test)
{
	expect_checks(test, jump_cases, ARRAY_SIZE(jump_cases));
}

static const struct check_case function_cases[] = {
	{
		.name = "jump from the first function into the second",
		INSNS(INSN_CALL(1), INSN_JA(0), INSN_EXIT, INSN_EXIT),
		.reason = "instruction 1: jump to 2, outside of the function (0 to 1)",
	}, {
		.name = "jump from the second function into the first",
		INSNS(INSN_CALL(1), INSN_EXIT, INSN_JA(-2)),
		.reason = "instruction 2: jump to 1, outside of the function (2 to 2)",
	}, {
		.name = "jump over a function",
		INSNS(INSN_CALL(2), INSN_CALL(2), INSN_EXIT, INSN_JA(1),
		      INSN_EXIT, INSN_EXIT),
		.reason = "instruction 3: jump to 5, outside of the function (3 to 3)",
	}, {
		.name = "jump that cannot be reached into another function",
		INSNS(INSN_CALL(2), INSN_EXIT, INSN_JA(0), INSN_EXIT),
		.reason = "instruction 2: jump to 3, outside of the function (0 to 2)",
	}, {
		.name = "jump to another function's start",
		INSNS(INSN_CALL(3), INSN_JMP_K(BPF_JEQ, 0, 0, 2), INSN_EXIT,
		      INSN_EXIT, INSN_EXIT),
		.reason = "instruction 1: jump to 4, outside of the function (0 to 3)",
	}, {
		.name = "part of a function that only a jump leads to",
		INSNS(INSN_JA(1), INSN_EXIT, INSN_JMP_K(BPF_JEQ, 0, 0, -2),
		      INSN_EXIT),
	}, {
		.name = "functions that call each other",
		INSNS(INSN_CALL(1), INSN_EXIT, INSN_CALL(1), INSN_EXIT,
		      INSN_CALL(-3), INSN_EXIT),
	},
};

static void functions(struct kunit *test)
{
	expect_checks(test, function_cases, ARRAY_SIZE(function_cases));
}

static const struct check_case end_cases[] = {
	{
		.name = "empty program",
		.reason = "instruction 0: the program is empty",
	}, {
		.name = "nothing but an exit",
		INSNS(INSN_EXIT),
	}, {
		.name = "no exit",
		INSNS(INSN_MOV_K(0, 0)),
		.reason = "instruction 0: control runs off the end of the function",
	}, {
		.name = "endless loop without an exit",
		INSNS(INSN_MOV_K(0, 0), INSN_JA(-1)),
	}, {
		.name = "end that cannot be reached",
		INSNS(INSN_EXIT, INSN_MOV_K(0, 0)),
	}, {
		.name = "end behind a long jump",
		INSNS(INSN_JA32(-1), INSN_MOV_K(0, 0)),
	}, {
		.name = "end that a jump reaches",
		INSNS(INSN_JMP_K(BPF_JEQ, 0, 0, 1), INSN_EXIT,
		      INSN_MOV_K(0, 0)),
		.reason = "instruction 2: control runs off the end of the function",
	}, {
		.name = "conditional jump at the end",
		INSNS(INSN_MOV_K(0, 0), INSN_JMP_K(BPF_JEQ, 0, 0, -2)),
		.reason = "instruction 1: control runs off the end of the function",
	}, {
		.name = "call at the end",
		INSNS(INSN_MOV_K(0, 0), INSN_CALL(-2)),
		.reason = "instruction 1: control runs off the end of the function",
	}, {
		.name = "helper at the end",
		INSNS(INSN_HELPER(7)),
		.reason = "instruction 0: control runs off the end of the function",
	}, {
		.name = "first function runs into the second",
		INSNS(INSN_CALL(1), INSN_MOV_K(0, 0), INSN_EXIT),
		.reason = "instruction 1: control runs off the end of the function",
	}, {
		.name = "second function runs off the end",
		INSNS(INSN_CALL(1), INSN_EXIT, INSN_MOV_K(0, 0)),
		.reason = "instruction 2: control runs off the end of the function",
	}, {
		.name = "function that nobody reaches runs off the end",
		INSNS(INSN_EXIT, INSN_CALL(1), INSN_EXIT, INSN_MOV_K(0, 0)),
		.reason = "instruction 3: control runs off the end of the function",
	},
};

static void ends(struct kunit *test)
{
	expect_checks(test, end_cases, ARRAY_SIZE(end_cases));
}

/* A bad access is no reason to refuse a program: it faults when it is made. */
static const struct check_case accepted_cases[] = {
	{
		.name = "load from 0",
		INSNS(INSN_MOV_K(1, 0), INSN_LDX(BPF_DW, 0, 1, 0), INSN_EXIT),
	}, {
		.name = "store above the stack",
		INSNS(INSN_ST(BPF_B, 10, 0, 1), INSN_EXIT),
	}, {
		.name = "register that was never written",
		INSNS(INSN_MOV_X(0, 9), INSN_EXIT),
	}, {
		.name = "division by an immediate of 0",
		INSNS(INSN_ALU64_K(BPF_DIV, 0, 0), INSN_EXIT),
	}, {
		.name = "shift by more than the width",
		INSNS(INSN_ALU32_K(BPF_LSH, 0, 32), INSN_EXIT),
	},
};

static void run_time_matters_are_accepted(struct kunit *test)
{
	expect_checks(test, accepted_cases, ARRAY_SIZE(accepted_cases));
}

#define MANY	1000000

/* A program of @count instructions that do nothing, and an exit. */
static struct bpf_insn *make_many(struct kunit *test, u32 count)
{
	struct bpf_insn *insns = vmalloc(array_size(count, sizeof(*insns)));
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (i = 0; i < count - 1; i++)
		insns[i] = INSN_MOV_K(0, 0);
	insns[i] = INSN_EXIT;
	return insns;
}

static void million_instructions(struct kunit *test)
{
	static const struct {
		struct bpf_insn last;
		const char *reason;
	} cases[] = {
		{ INSN_EXIT, NULL },
		{ INSN_JA32(-MANY), NULL },
		{
			INSN(0xff, 0, 0, 0, 0),
			"instruction 999999: unknown opcode 0xff",
		}, {
			INSN_MOV_K(0, 0),
			"instruction 999999: control runs off the end of the function",
		}, {
			INSN_JA(0),
			"instruction 999999: jump to 1000000, outside of the function (0 to 999999)",
		}, {
			INSN_CALL(0),
			"instruction 999999: call of 1000000, where no instruction starts",
		},
	};
	struct bpf_insn *insns = make_many(test, MANY);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		insns[MANY - 1] = cases[i].last;
		expect_check(test, "a million instructions", insns, MANY,
			     cases[i].reason);
	}
	vfree(insns);
}

/* Each of them gives the check two places to follow. */
static void million_branches(struct kunit *test)
{
	struct bpf_insn *insns = make_many(test, MANY);
	u32 i;

	for (i = 0; i < MANY - S16_MAX - 1; i++)
		insns[i] = INSN_JMP_K(BPF_JEQ, 0, 0, i % S16_MAX);
	expect_check(test, "a million branches", insns, MANY, NULL);
	vfree(insns);
}

/* Each calls the next. */
static void many_functions(struct kunit *test)
{
	struct bpf_insn *insns = make_many(test, MANY);
	u32 i;

	for (i = 0; i < MANY - 2; i += 2) {
		insns[i] = INSN_CALL(1);
		insns[i + 1] = INSN_EXIT;
	}
	insns[i] = INSN_EXIT;
	expect_check(test, "many functions", insns, MANY, NULL);

	insns[MANY - 3] = INSN_MOV_K(0, 0);
	expect_check(test, "many functions", insns, MANY,
		     "instruction 999997: control runs off the end of the function");
	vfree(insns);
}

/* Farther than 16 bits reach, there and back. */
#define FAR	70000

static void far_jumps(struct kunit *test)
{
	struct bpf_insn *insns = make_many(test, FAR);

	insns[0] = INSN_JA32(FAR - 2);
	insns[1] = INSN_EXIT;
	insns[FAR - 1] = INSN_JA32(1 - FAR);
	expect_check(test, "far jumps", insns, FAR, NULL);

	insns[0] = INSN_JA32(FAR - 1);
	expect_check(test, "far jump behind the end", insns, FAR,
		     "instruction 0: jump to 70000, outside of the function (0 to 69999)");

	insns[0] = INSN_JA(S16_MAX);
	insns[FAR - 1] = INSN_JA32(-1 - FAR);
	expect_check(test, "far jump before the start", insns, FAR,
		     "instruction 69999: jump to -1, outside of the function (0 to 69999)");

	insns[FAR - 1] = INSN_JA(S16_MIN);
	expect_check(test, "farthest jumps of 16 bits", insns, FAR, NULL);
	vfree(insns);
}

static void far_calls(struct kunit *test)
{
	struct bpf_insn *insns = make_many(test, FAR);

	insns[0] = INSN_CALL(FAR - 3);
	insns[1] = INSN_EXIT;
	insns[FAR - 2] = INSN_CALL(1 - FAR);
	expect_check(test, "far calls", insns, FAR, NULL);

	insns[FAR - 2] = INSN_JA32(2 - FAR);
	expect_check(test, "far jump out of a function", insns, FAR,
		     "instruction 69998: jump to 1, outside of the function (69998 to 69999)");
	vfree(insns);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE(every_operation_is_accepted),
	KUNIT_CASE(unknown_opcodes_are_refused),
	KUNIT_CASE(reserved_fields_are_refused),
	KUNIT_CASE(unknown_variants_are_refused),
	KUNIT_CASE(destination_registers),
	KUNIT_CASE(source_registers),
	KUNIT_CASE(wide_loads),
	KUNIT_CASE(kinds_of_wide_loads),
	KUNIT_CASE(section_references),
	KUNIT_CASE(section_reference_without_sections),
	KUNIT_CASE(helpers),
	KUNIT_CASE(calls),
	KUNIT_CASE(jumps),
	KUNIT_CASE(functions),
	KUNIT_CASE(ends),
	KUNIT_CASE(run_time_matters_are_accepted),
	KUNIT_CASE(million_instructions),
	KUNIT_CASE(million_branches),
	KUNIT_CASE(many_functions),
	KUNIT_CASE(far_jumps),
	KUNIT_CASE(far_calls),
	{}
};

static struct kunit_suite check_suite = {
	.name = "interp_check",
	.test_cases = check_cases,
};

kunit_test_suite(check_suite);
