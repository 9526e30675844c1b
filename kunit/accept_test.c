// SPDX-License-Identifier: GPL-2.0
/*
 * Which encodings there are: all 256 opcodes, with values in all of their
 * fields, are accepted exactly if RFC 9669 describes them. It is written down
 * here as the standard has it, from the bits of the opcode, and knows nothing
 * of the interpreter's tables.
 *
 * Outside of the standard's tables, but accepted: loads that acquire and stores
 * that release, which are younger. Not accepted: the deprecated packet access
 * instructions (section 5.5), and what only a kernel has (map descriptors, BTF
 * ids, kernel functions).
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "../interp/interp.h"
#include "insn.h"

static bool is_readable(u8 reg)
{
	return reg <= 10;
}

static bool is_writable(u8 reg)
{
	return reg <= 9;
}

/* Section 4.1 and 4.2 */
static bool is_arithmetic(const struct bpf_insn *insn)
{
	bool wide = (insn->code & 7) == 7, from_register = insn->code & 8;
	u8 operation = insn->code >> 4;

	if (!is_writable(insn->dst_reg))
		return false;
	if (operation == 0xd)
		return !insn->src_reg && !insn->off &&
		       !(wide && from_register) &&
		       (insn->imm == 16 || insn->imm == 32 || insn->imm == 64);
	if (operation > 0xd)
		return false;
	if (operation == 8)
		return !from_register && !insn->src_reg && !insn->off &&
		       !insn->imm;
	if (from_register ? !is_readable(insn->src_reg) || insn->imm :
			    insn->src_reg)
		return false;
	switch (operation) {
	case 3:
	case 9:
		return insn->off == 0 || insn->off == 1;
	case 0xb:
		return !insn->off ||
		       (from_register && (insn->off == 8 || insn->off == 16 ||
					  (wide && insn->off == 32)));
	default:
		return !insn->off;
	}
}

/* Section 4.3; a distance of -1, 0 or 1 leads to an instruction here. */
static bool leads_somewhere(s32 distance)
{
	return distance >= -1 && distance <= 1;
}

static bool is_jump(const struct bpf_insn *insn)
{
	bool wide = (insn->code & 7) == 5, from_register = insn->code & 8;

	switch (insn->code >> 4) {
	case 0:
		if (from_register || insn->dst_reg || insn->src_reg)
			return false;
		return wide ? leads_somewhere(insn->off) && !insn->imm :
			      leads_somewhere(insn->imm) && !insn->off;
	case 8:
		if (!wide || insn->off)
			return false;
		if (from_register)
			return is_readable(insn->dst_reg) && !insn->src_reg &&
			       !insn->imm;
		if (insn->dst_reg)
			return false;
		return insn->src_reg == 1 ? insn->imm == 1 :
		       !insn->src_reg && insn->imm == BPF_FUNC_ktime_get_ns;
	case 9:
		return wide && !from_register && !insn->dst_reg &&
		       !insn->src_reg && !insn->off && !insn->imm;
	case 0xe:
	case 0xf:
		return false;
	default:
		if (!leads_somewhere(insn->off))
			return false;
		return is_readable(insn->dst_reg) &&
		       (from_register ? is_readable(insn->src_reg) &&
					!insn->imm : !insn->src_reg);
	}
}

/* Section 5.3, and the two that are younger */
static bool is_atomic(const struct bpf_insn *insn)
{
	u8 size = insn->code >> 3 & 3;

	if (!is_readable(insn->dst_reg) || !is_readable(insn->src_reg))
		return false;
	switch (insn->imm) {
	case 0x100:
		return is_writable(insn->dst_reg);
	case 0x110:
		return true;
	case 0x00:
	case 0x40:
	case 0x50:
	case 0xa0:
	case 0xf1:
		return size == 0 || size == 3;
	case 0x01:
	case 0x41:
	case 0x51:
	case 0xa1:
	case 0xe1:
		return (size == 0 || size == 3) && is_writable(insn->src_reg);
	default:
		return false;
	}
}

/* Sections 5.1 and 5.2 */
static bool is_access(const struct bpf_insn *insn)
{
	u8 class = insn->code & 7, mode = insn->code >> 5;

	if (mode == 6 && class == 3)
		return is_atomic(insn);
	if (mode != 3 && !(mode == 4 && class == 1 &&
			   (insn->code >> 3 & 3) != 3))
		return false;
	switch (class) {
	case 1:
		return is_writable(insn->dst_reg) &&
		       is_readable(insn->src_reg) && !insn->imm;
	case 2:
		return is_readable(insn->dst_reg) && !insn->src_reg;
	default:
		return is_readable(insn->dst_reg) &&
		       is_readable(insn->src_reg) && !insn->imm;
	}
}

/*
 * Section 5.4: numbers, addresses in data sections, of which there is none, and
 * functions, which may start behind the next instruction, an exit.
 */
static bool is_wide_load(const struct bpf_insn *insn)
{
	if (insn->code != 0x18 || insn->off || !is_writable(insn->dst_reg))
		return false;
	return !insn->src_reg ||
	       (insn->src_reg == 4 && insn->imm == 2);
}

static bool is_standard(const struct bpf_insn *insn)
{
	switch (insn->code & 7) {
	case 4:
	case 7:
		return is_arithmetic(insn);
	case 5:
	case 6:
		return is_jump(insn);
	case 0:
		return is_wide_load(insn);
	default:
		return is_access(insn);
	}
}

/*
 * Anything can be in slot 1, of one slot or two. An exit is behind it, and then
 * what can be a function: one that it calls may not start before that.
 */
static void expect_standard(struct kunit *test, struct bpf_insn insn)
{
	struct bpf_insn insns[] = {
		INSN_MOV_K(0, 0), insn, INSN_EXIT, INSN_EXIT, INSN_EXIT,
	};
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = insn.code == 0x18 ? 5 : 4,
	};
	struct bpfsched_log log = { "" };

	/* Which helpers there are besides is for other tests. */
	if (insn.code == 0x85 && insn.imm > 0 && !insn.src_reg &&
	    insn.imm != BPF_FUNC_ktime_get_ns)
		return;
	if (insn.code == 0x18)
		insns[2] = INSN_LDDW_END(0);
	KUNIT_ASSERT_EQ_MSG(test, interp_check(&code, &log),
			    is_standard(&insn) ? 0 : -EINVAL,
			    "0x%02x r%u r%u %d %d: \"%s\"", insn.code,
			    insn.dst_reg, insn.src_reg, insn.off, insn.imm,
			    log.text);
}

static const s16 offs[] = {
	0, 1, 2, 8, 16, 32, 64, -1, 0x108, S16_MIN, S16_MAX,
};

static const s32 imms[] = {
	0, 1, 2, 5, 8, 16, 32, 64, -1, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe0,
	0xe1, 0xf0, 0xf1, 0x100, 0x101, 0x110, 0x111, 0x10000, S32_MIN, S32_MAX,
};

static void expect_opcode(struct kunit *test, u8 opcode)
{
	static const u8 regs[] = { 0, 1, 4, 9, 10, 11, 15 };
	size_t dst, src, off, imm;

	for (dst = 0; dst < ARRAY_SIZE(regs); dst++) {
		for (src = 0; src < 16; src++) {
			for (off = 0; off < ARRAY_SIZE(offs); off++)
				expect_standard(test,
						INSN(opcode, regs[dst], src,
						     offs[off], 0));
			for (imm = 0; imm < ARRAY_SIZE(imms); imm++)
				expect_standard(test,
						INSN(opcode, regs[dst], src, 0,
						     imms[imm]));
		}
	}
	for (off = 0; off < ARRAY_SIZE(offs); off++) {
		for (imm = 0; imm < ARRAY_SIZE(imms); imm++)
			expect_standard(test, INSN(opcode, 3, 0, offs[off],
						   imms[imm]));
	}
}

/* A class at a time, for there are more than a million encodings in all. */
static const u8 classes[] = {
	BPF_LD, BPF_LDX, BPF_ST, BPF_STX, BPF_ALU, BPF_JMP, BPF_JMP32, BPF_ALU64,
};

static void describe_class(const u8 *class, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "class %u", *class);
}

KUNIT_ARRAY_PARAM(class, classes, describe_class);

static void every_encoding(struct kunit *test)
{
	const u8 *class = test->param_value;
	int opcode;

	for (opcode = *class; opcode <= U8_MAX; opcode += 8)
		expect_opcode(test, opcode);
}

/* Nothing but the first byte is set, or all of the others. */
static void every_opcode_alone(struct kunit *test)
{
	int opcode;

	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		expect_standard(test, INSN(opcode, 0, 0, 0, 0));
		expect_standard(test, INSN(opcode, 1, 1, 1, 1));
		expect_standard(test, INSN(opcode, 15, 15, -1, -1));
	}
}

static struct kunit_case accept_cases[] = {
	KUNIT_CASE_PARAM(every_encoding, class_gen_params),
	KUNIT_CASE(every_opcode_alone),
	{}
};

static struct kunit_suite accept_suite = {
	.name = "interp_accept",
	.test_cases = accept_cases,
};

kunit_test_suite(accept_suite);
