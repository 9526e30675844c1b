// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the table of operations: against a list that was written down from
 * RFC 9669 by hand, for every opcode.
 */
#include <kunit/test.h>
#include <linux/kernel.h>

#include "../interp/opcodes.h"
#include "insn.h"

/* The field that tells instructions of one opcode apart. */
enum field {
	FIELD_NONE,
	FIELD_SRC,
	FIELD_OFF,
	FIELD_IMM,
};

/**
 * struct standard - an instruction of the standard
 * @opcode: its first byte
 * @field: the field that tells it from others of this opcode
 * @value: what that field holds
 * @op: the operation that it is to be
 */
struct standard {
	u8 opcode;
	enum field field;
	s32 value;
	int op;
};

/*
 * All conformance groups but the deprecated one, and the loads that acquire and
 * stores that release, which are younger. Sections 4.1, 4.2, 4.3, 5.1 to 5.4,
 * in this order.
 */
static const struct standard standard[] = {
	{ 0x04, FIELD_OFF, 0, INTERP_ADD32_K },
	{ 0x0c, FIELD_OFF, 0, INTERP_ADD32_X },
	{ 0x07, FIELD_OFF, 0, INTERP_ADD64_K },
	{ 0x0f, FIELD_OFF, 0, INTERP_ADD64_X },
	{ 0x14, FIELD_OFF, 0, INTERP_SUB32_K },
	{ 0x1c, FIELD_OFF, 0, INTERP_SUB32_X },
	{ 0x17, FIELD_OFF, 0, INTERP_SUB64_K },
	{ 0x1f, FIELD_OFF, 0, INTERP_SUB64_X },
	{ 0x24, FIELD_OFF, 0, INTERP_MUL32_K },
	{ 0x2c, FIELD_OFF, 0, INTERP_MUL32_X },
	{ 0x27, FIELD_OFF, 0, INTERP_MUL64_K },
	{ 0x2f, FIELD_OFF, 0, INTERP_MUL64_X },
	{ 0x34, FIELD_OFF, 0, INTERP_DIV32_K },
	{ 0x3c, FIELD_OFF, 0, INTERP_DIV32_X },
	{ 0x37, FIELD_OFF, 0, INTERP_DIV64_K },
	{ 0x3f, FIELD_OFF, 0, INTERP_DIV64_X },
	{ 0x34, FIELD_OFF, 1, INTERP_SDIV32_K },
	{ 0x3c, FIELD_OFF, 1, INTERP_SDIV32_X },
	{ 0x37, FIELD_OFF, 1, INTERP_SDIV64_K },
	{ 0x3f, FIELD_OFF, 1, INTERP_SDIV64_X },
	{ 0x44, FIELD_OFF, 0, INTERP_OR32_K },
	{ 0x4c, FIELD_OFF, 0, INTERP_OR32_X },
	{ 0x47, FIELD_OFF, 0, INTERP_OR64_K },
	{ 0x4f, FIELD_OFF, 0, INTERP_OR64_X },
	{ 0x54, FIELD_OFF, 0, INTERP_AND32_K },
	{ 0x5c, FIELD_OFF, 0, INTERP_AND32_X },
	{ 0x57, FIELD_OFF, 0, INTERP_AND64_K },
	{ 0x5f, FIELD_OFF, 0, INTERP_AND64_X },
	{ 0x64, FIELD_OFF, 0, INTERP_LSH32_K },
	{ 0x6c, FIELD_OFF, 0, INTERP_LSH32_X },
	{ 0x67, FIELD_OFF, 0, INTERP_LSH64_K },
	{ 0x6f, FIELD_OFF, 0, INTERP_LSH64_X },
	{ 0x74, FIELD_OFF, 0, INTERP_RSH32_K },
	{ 0x7c, FIELD_OFF, 0, INTERP_RSH32_X },
	{ 0x77, FIELD_OFF, 0, INTERP_RSH64_K },
	{ 0x7f, FIELD_OFF, 0, INTERP_RSH64_X },
	{ 0x94, FIELD_OFF, 0, INTERP_MOD32_K },
	{ 0x9c, FIELD_OFF, 0, INTERP_MOD32_X },
	{ 0x97, FIELD_OFF, 0, INTERP_MOD64_K },
	{ 0x9f, FIELD_OFF, 0, INTERP_MOD64_X },
	{ 0x94, FIELD_OFF, 1, INTERP_SMOD32_K },
	{ 0x9c, FIELD_OFF, 1, INTERP_SMOD32_X },
	{ 0x97, FIELD_OFF, 1, INTERP_SMOD64_K },
	{ 0x9f, FIELD_OFF, 1, INTERP_SMOD64_X },
	{ 0xa4, FIELD_OFF, 0, INTERP_XOR32_K },
	{ 0xac, FIELD_OFF, 0, INTERP_XOR32_X },
	{ 0xa7, FIELD_OFF, 0, INTERP_XOR64_K },
	{ 0xaf, FIELD_OFF, 0, INTERP_XOR64_X },
	{ 0xb4, FIELD_OFF, 0, INTERP_MOV32_K },
	{ 0xbc, FIELD_OFF, 0, INTERP_MOV32_X },
	{ 0xb7, FIELD_OFF, 0, INTERP_MOV64_K },
	{ 0xbf, FIELD_OFF, 0, INTERP_MOV64_X },
	{ 0xc4, FIELD_OFF, 0, INTERP_ARSH32_K },
	{ 0xcc, FIELD_OFF, 0, INTERP_ARSH32_X },
	{ 0xc7, FIELD_OFF, 0, INTERP_ARSH64_K },
	{ 0xcf, FIELD_OFF, 0, INTERP_ARSH64_X },
	{ 0x84, FIELD_OFF, 0, INTERP_NEG32 },
	{ 0x87, FIELD_OFF, 0, INTERP_NEG64 },
	{ 0xbc, FIELD_OFF, 8, INTERP_MOVSX8_32 },
	{ 0xbc, FIELD_OFF, 16, INTERP_MOVSX16_32 },
	{ 0xbf, FIELD_OFF, 8, INTERP_MOVSX8_64 },
	{ 0xbf, FIELD_OFF, 16, INTERP_MOVSX16_64 },
	{ 0xbf, FIELD_OFF, 32, INTERP_MOVSX32_64 },

	{ 0xd4, FIELD_IMM, 16, INTERP_LE16 },
	{ 0xd4, FIELD_IMM, 32, INTERP_LE32 },
	{ 0xd4, FIELD_IMM, 64, INTERP_LE64 },
	{ 0xdc, FIELD_IMM, 16, INTERP_BE16 },
	{ 0xdc, FIELD_IMM, 32, INTERP_BE32 },
	{ 0xdc, FIELD_IMM, 64, INTERP_BE64 },
	{ 0xd7, FIELD_IMM, 16, INTERP_BSWAP16 },
	{ 0xd7, FIELD_IMM, 32, INTERP_BSWAP32 },
	{ 0xd7, FIELD_IMM, 64, INTERP_BSWAP64 },

	{ 0x05, FIELD_NONE, 0, INTERP_JA },
	{ 0x06, FIELD_NONE, 0, INTERP_JA32 },
	{ 0x15, FIELD_NONE, 0, INTERP_JEQ64_K },
	{ 0x1d, FIELD_NONE, 0, INTERP_JEQ64_X },
	{ 0x16, FIELD_NONE, 0, INTERP_JEQ32_K },
	{ 0x1e, FIELD_NONE, 0, INTERP_JEQ32_X },
	{ 0x25, FIELD_NONE, 0, INTERP_JGT64_K },
	{ 0x2d, FIELD_NONE, 0, INTERP_JGT64_X },
	{ 0x26, FIELD_NONE, 0, INTERP_JGT32_K },
	{ 0x2e, FIELD_NONE, 0, INTERP_JGT32_X },
	{ 0x35, FIELD_NONE, 0, INTERP_JGE64_K },
	{ 0x3d, FIELD_NONE, 0, INTERP_JGE64_X },
	{ 0x36, FIELD_NONE, 0, INTERP_JGE32_K },
	{ 0x3e, FIELD_NONE, 0, INTERP_JGE32_X },
	{ 0x45, FIELD_NONE, 0, INTERP_JSET64_K },
	{ 0x4d, FIELD_NONE, 0, INTERP_JSET64_X },
	{ 0x46, FIELD_NONE, 0, INTERP_JSET32_K },
	{ 0x4e, FIELD_NONE, 0, INTERP_JSET32_X },
	{ 0x55, FIELD_NONE, 0, INTERP_JNE64_K },
	{ 0x5d, FIELD_NONE, 0, INTERP_JNE64_X },
	{ 0x56, FIELD_NONE, 0, INTERP_JNE32_K },
	{ 0x5e, FIELD_NONE, 0, INTERP_JNE32_X },
	{ 0x65, FIELD_NONE, 0, INTERP_JSGT64_K },
	{ 0x6d, FIELD_NONE, 0, INTERP_JSGT64_X },
	{ 0x66, FIELD_NONE, 0, INTERP_JSGT32_K },
	{ 0x6e, FIELD_NONE, 0, INTERP_JSGT32_X },
	{ 0x75, FIELD_NONE, 0, INTERP_JSGE64_K },
	{ 0x7d, FIELD_NONE, 0, INTERP_JSGE64_X },
	{ 0x76, FIELD_NONE, 0, INTERP_JSGE32_K },
	{ 0x7e, FIELD_NONE, 0, INTERP_JSGE32_X },
	{ 0x85, FIELD_SRC, 0, INTERP_HELPER },
	{ 0x85, FIELD_SRC, 1, INTERP_CALL },
	{ 0x8d, FIELD_NONE, 0, INTERP_CALLX },
	{ 0x95, FIELD_NONE, 0, INTERP_EXIT },
	{ 0xa5, FIELD_NONE, 0, INTERP_JLT64_K },
	{ 0xad, FIELD_NONE, 0, INTERP_JLT64_X },
	{ 0xa6, FIELD_NONE, 0, INTERP_JLT32_K },
	{ 0xae, FIELD_NONE, 0, INTERP_JLT32_X },
	{ 0xb5, FIELD_NONE, 0, INTERP_JLE64_K },
	{ 0xbd, FIELD_NONE, 0, INTERP_JLE64_X },
	{ 0xb6, FIELD_NONE, 0, INTERP_JLE32_K },
	{ 0xbe, FIELD_NONE, 0, INTERP_JLE32_X },
	{ 0xc5, FIELD_NONE, 0, INTERP_JSLT64_K },
	{ 0xcd, FIELD_NONE, 0, INTERP_JSLT64_X },
	{ 0xc6, FIELD_NONE, 0, INTERP_JSLT32_K },
	{ 0xce, FIELD_NONE, 0, INTERP_JSLT32_X },
	{ 0xd5, FIELD_NONE, 0, INTERP_JSLE64_K },
	{ 0xdd, FIELD_NONE, 0, INTERP_JSLE64_X },
	{ 0xd6, FIELD_NONE, 0, INTERP_JSLE32_K },
	{ 0xde, FIELD_NONE, 0, INTERP_JSLE32_X },

	{ 0x61, FIELD_NONE, 0, INTERP_LDXW },
	{ 0x69, FIELD_NONE, 0, INTERP_LDXH },
	{ 0x71, FIELD_NONE, 0, INTERP_LDXB },
	{ 0x79, FIELD_NONE, 0, INTERP_LDXDW },
	{ 0x62, FIELD_NONE, 0, INTERP_STW },
	{ 0x6a, FIELD_NONE, 0, INTERP_STH },
	{ 0x72, FIELD_NONE, 0, INTERP_STB },
	{ 0x7a, FIELD_NONE, 0, INTERP_STDW },
	{ 0x63, FIELD_NONE, 0, INTERP_STXW },
	{ 0x6b, FIELD_NONE, 0, INTERP_STXH },
	{ 0x73, FIELD_NONE, 0, INTERP_STXB },
	{ 0x7b, FIELD_NONE, 0, INTERP_STXDW },
	{ 0x81, FIELD_NONE, 0, INTERP_LDXSW },
	{ 0x89, FIELD_NONE, 0, INTERP_LDXSH },
	{ 0x91, FIELD_NONE, 0, INTERP_LDXSB },

	{ 0xdb, FIELD_IMM, 0x00, INTERP_ATOMIC_ADD64 },
	{ 0xc3, FIELD_IMM, 0x00, INTERP_ATOMIC_ADD32 },
	{ 0xdb, FIELD_IMM, 0x40, INTERP_ATOMIC_OR64 },
	{ 0xc3, FIELD_IMM, 0x40, INTERP_ATOMIC_OR32 },
	{ 0xdb, FIELD_IMM, 0x50, INTERP_ATOMIC_AND64 },
	{ 0xc3, FIELD_IMM, 0x50, INTERP_ATOMIC_AND32 },
	{ 0xdb, FIELD_IMM, 0xa0, INTERP_ATOMIC_XOR64 },
	{ 0xc3, FIELD_IMM, 0xa0, INTERP_ATOMIC_XOR32 },
	{ 0xdb, FIELD_IMM, 0x01, INTERP_ATOMIC_FADD64 },
	{ 0xc3, FIELD_IMM, 0x01, INTERP_ATOMIC_FADD32 },
	{ 0xdb, FIELD_IMM, 0x41, INTERP_ATOMIC_FOR64 },
	{ 0xc3, FIELD_IMM, 0x41, INTERP_ATOMIC_FOR32 },
	{ 0xdb, FIELD_IMM, 0x51, INTERP_ATOMIC_FAND64 },
	{ 0xc3, FIELD_IMM, 0x51, INTERP_ATOMIC_FAND32 },
	{ 0xdb, FIELD_IMM, 0xa1, INTERP_ATOMIC_FXOR64 },
	{ 0xc3, FIELD_IMM, 0xa1, INTERP_ATOMIC_FXOR32 },
	{ 0xdb, FIELD_IMM, 0xe1, INTERP_ATOMIC_XCHG64 },
	{ 0xc3, FIELD_IMM, 0xe1, INTERP_ATOMIC_XCHG32 },
	{ 0xdb, FIELD_IMM, 0xf1, INTERP_ATOMIC_CMPXCHG64 },
	{ 0xc3, FIELD_IMM, 0xf1, INTERP_ATOMIC_CMPXCHG32 },
	{ 0xd3, FIELD_IMM, 0x100, INTERP_LOAD_ACQ_B },
	{ 0xd3, FIELD_IMM, 0x110, INTERP_STORE_REL_B },
	{ 0xcb, FIELD_IMM, 0x100, INTERP_LOAD_ACQ_H },
	{ 0xcb, FIELD_IMM, 0x110, INTERP_STORE_REL_H },
	{ 0xc3, FIELD_IMM, 0x100, INTERP_LOAD_ACQ_W },
	{ 0xc3, FIELD_IMM, 0x110, INTERP_STORE_REL_W },
	{ 0xdb, FIELD_IMM, 0x100, INTERP_LOAD_ACQ_DW },
	{ 0xdb, FIELD_IMM, 0x110, INTERP_STORE_REL_DW },

	{ 0x18, FIELD_NONE, 0, INTERP_LDDW },
};

static s32 field_of(const struct bpf_insn *insn, enum field field)
{
	switch (field) {
	case FIELD_SRC:
		return insn->src_reg;
	case FIELD_OFF:
		return insn->off;
	case FIELD_IMM:
		return insn->imm;
	default:
		return 0;
	}
}

static int standard_op(const struct bpf_insn *insn)
{
	const struct standard *row;

	for (row = standard; row < standard + ARRAY_SIZE(standard); row++) {
		if (row->opcode == insn->code &&
		    row->value == field_of(insn, row->field))
			return row->op;
	}
	return -1;
}

static void expect_standard(struct kunit *test, struct bpf_insn insn)
{
	KUNIT_EXPECT_EQ_MSG(test, interp_op_of(&insn), standard_op(&insn),
			    "opcode 0x%02x, source %u, offset %d, immediate %d",
			    insn.code, insn.src_reg, insn.off, insn.imm);
}

static void rows_are_standard(struct kunit *test)
{
	const struct standard *row;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(standard), (size_t)INTERP_OPS);
	for (row = standard; row < standard + ARRAY_SIZE(standard); row++) {
		const struct interp_op_info *info = &interp_ops[row->op];

		KUNIT_EXPECT_EQ_MSG(test, info->opcode, row->opcode, "%s",
				    info->name);
		KUNIT_EXPECT_EQ_MSG(test, (s32)info->variant, row->value, "%s",
				    info->name);
	}
}

/* An instruction as a row of the table says that it is encoded. */
static struct bpf_insn insn_of_row(const struct interp_op_info *info)
{
	struct bpf_insn insn = { .code = info->opcode };

	switch (info->form) {
	case INTERP_ALU_K:
	case INTERP_ALU_X:
	case INTERP_MOVSX:
		insn.off = info->variant;
		break;
	case INTERP_SWAP:
	case INTERP_ATOMIC:
	case INTERP_ATOMIC_FETCH:
	case INTERP_ATOMIC_CMPXCHG:
	case INTERP_ACQUIRE:
	case INTERP_RELEASE:
		insn.imm = info->variant;
		break;
	case INTERP_CALL_FORM:
		insn.src_reg = info->variant;
		break;
	}
	return insn;
}

static void rows_are_found(struct kunit *test)
{
	int op;

	for (op = 0; op < INTERP_OPS; op++) {
		const struct interp_op_info *info = &interp_ops[op];
		struct bpf_insn insn = insn_of_row(info);

		KUNIT_ASSERT_NOT_NULL_MSG(test, info->name, "row %d", op);
		KUNIT_EXPECT_EQ_MSG(test, interp_op_of(&insn), op, "%s",
				    info->name);
	}
}

/* Each field by itself, through more than all values that can be a variant. */
static void opcodes_are_standard(struct kunit *test)
{
	int opcode, value;

	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		for (value = 0; value < 16; value++)
			expect_standard(test, INSN(opcode, 0, value, 0, 0));
		for (value = -260; value <= 520; value++) {
			expect_standard(test, INSN(opcode, 0, 0, value, 0));
			expect_standard(test, INSN(opcode, 0, 0, 0, value));
		}
	}
}

/* The variants, and what becomes one if a field is cut or shifted. */
static const s32 odd_values[] = {
	0, 1, 8, 16, 32, 64, -1, -8, -16, 0x0100, 0x0101, 0x0108, 0x0110,
	0x1000, 0x4000, S16_MIN, S16_MAX,
};

static const s32 odd_immediates[] = {
	0, 1, 8, 16, 32, 64, -16, 0x0110, 0x10000, 0x10010, 0x1000000,
	0x10000020, S32_MIN, S32_MIN + 16, S32_MAX,
};

static void odd_opcode_is_standard(struct kunit *test, u8 opcode, u8 src)
{
	size_t off, imm;

	for (off = 0; off < ARRAY_SIZE(odd_values); off++) {
		for (imm = 0; imm < ARRAY_SIZE(odd_immediates); imm++)
			expect_standard(test, INSN(opcode, 0, src,
						   odd_values[off],
						   odd_immediates[imm]));
	}
}

static void odd_fields_are_standard(struct kunit *test)
{
	static const u8 sources[] = { 0, 1, 2, 10, 15 };
	int opcode;
	size_t i;

	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		for (i = 0; i < ARRAY_SIZE(sources); i++)
			odd_opcode_is_standard(test, opcode, sources[i]);
	}
}

static struct kunit_case opcodes_cases[] = {
	KUNIT_CASE(rows_are_standard),
	KUNIT_CASE(rows_are_found),
	KUNIT_CASE(opcodes_are_standard),
	KUNIT_CASE(odd_fields_are_standard),
	{}
};

static struct kunit_suite opcodes_suite = {
	.name = "interp_opcodes",
	.test_cases = opcodes_cases,
};

kunit_test_suite(opcodes_suite);
