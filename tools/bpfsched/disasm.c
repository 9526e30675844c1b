// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions as text. What an instruction is comes from the interpreter's own
 * table of operations, so that the two cannot disagree.
 */
#include <stdio.h>
#include <stdlib.h>

#include <opcodes.h>

#include "cmd.h"
#include "disasm.h"

/* Operators of arithmetic, by the operation bits of the opcode. */
static const char *const alu_signs[16] = {
	[BPF_ADD >> 4] = "+=", [BPF_SUB >> 4] = "-=", [BPF_MUL >> 4] = "*=",
	[BPF_DIV >> 4] = "/=", [BPF_OR >> 4] = "|=", [BPF_AND >> 4] = "&=",
	[BPF_LSH >> 4] = "<<=", [BPF_RSH >> 4] = ">>=", [BPF_MOD >> 4] = "%=",
	[BPF_XOR >> 4] = "^=", [BPF_MOV >> 4] = "=", [BPF_ARSH >> 4] = "s>>=",
};

static const char *const jump_signs[16] = {
	[BPF_JEQ >> 4] = "==", [BPF_JGT >> 4] = ">", [BPF_JGE >> 4] = ">=",
	[BPF_JSET >> 4] = "&", [BPF_JNE >> 4] = "!=", [BPF_JSGT >> 4] = "s>",
	[BPF_JSGE >> 4] = "s>=", [BPF_JLT >> 4] = "<", [BPF_JLE >> 4] = "<=",
	[BPF_JSLT >> 4] = "s<", [BPF_JSLE >> 4] = "s<=",
};

static const char *const atomic_names[16] = {
	[BPF_ADD >> 4] = "add", [BPF_OR >> 4] = "or", [BPF_AND >> 4] = "and",
	[BPF_XOR >> 4] = "xor",
};

#define out(...)	snprintf(text, DISASM_MAX, __VA_ARGS__)

static char register_letter(const struct bpf_insn *insn)
{
	__u8 class = BPF_CLASS(insn->code);

	return class == BPF_ALU || class == BPF_JMP32 ? 'w' : 'r';
}

static int access_bits(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 8;
	case BPF_H:
		return 16;
	case BPF_W:
		return 32;
	default:
		return 64;
	}
}

/* "r1 + 4" */
static const char *address(char *buf, size_t size, __u8 reg, __s16 off)
{
	snprintf(buf, size, "r%u %c %d", reg, off < 0 ? '-' : '+', abs(off));
	return buf;
}

static void alu(const struct bpf_insn *insn, char *text)
{
	const char *sign = alu_signs[BPF_OP(insn->code) >> 4];
	char letter = register_letter(insn);
	/* the variants of this form are the signed division and remainder */
	const char *is_signed = insn->off ? "s" : "";

	if (BPF_SRC(insn->code) == BPF_X)
		out("%c%u %s%s %c%u", letter, insn->dst_reg, is_signed, sign,
		    letter, insn->src_reg);
	else
		out("%c%u %s%s %d", letter, insn->dst_reg, is_signed, sign,
		    insn->imm);
}

static void swap(const struct bpf_insn *insn, char *text)
{
	const char *name = BPF_CLASS(insn->code) == BPF_ALU64 ? "bswap" :
			   BPF_SRC(insn->code) == BPF_TO_BE ? "be" : "le";

	out("r%u = %s%d r%u", insn->dst_reg, name, insn->imm, insn->dst_reg);
}

static void jump(const struct bpf_insn *insn, char *text)
{
	const char *sign = jump_signs[BPF_OP(insn->code) >> 4];
	char letter = register_letter(insn);

	if (BPF_SRC(insn->code) == BPF_X)
		out("if %c%u %s %c%u goto %+d", letter, insn->dst_reg, sign,
		    letter, insn->src_reg, insn->off);
	else
		out("if %c%u %s %d goto %+d", letter, insn->dst_reg, sign,
		    insn->imm, insn->off);
}

static void load(const struct bpf_insn *insn, char *text)
{
	char where[24];

	address(where, sizeof(where), insn->src_reg, insn->off);
	out("r%u = *(%c%d *)(%s)", insn->dst_reg,
	    BPF_MODE(insn->code) == INTERP_MEMSX ? 's' : 'u',
	    access_bits(insn), where);
}

static void store(const struct bpf_insn *insn, char *text)
{
	char where[24];

	address(where, sizeof(where), insn->dst_reg, insn->off);
	if (BPF_CLASS(insn->code) == BPF_STX)
		out("*(u%d *)(%s) = r%u", access_bits(insn), where,
		    insn->src_reg);
	else
		out("*(u%d *)(%s) = %d", access_bits(insn), where, insn->imm);
}

static void atomic(const struct bpf_insn *insn, int form, char *text)
{
	int bits = access_bits(insn);
	char letter = bits == 32 ? 'w' : 'r';
	const char *suffix = bits == 32 ? "32_32" : "_64";
	unsigned int src = insn->src_reg;
	char where[24];

	address(where, sizeof(where), insn->dst_reg, insn->off);
	if (form == INTERP_ATOMIC)
		out("lock *(u%d *)(%s) %s %c%u", bits, where,
		    alu_signs[insn->imm >> 4], letter, src);
	else if (form == INTERP_ATOMIC_CMPXCHG)
		out("%c0 = cmpxchg%s(%s, %c0, %c%u)", letter, suffix, where,
		    letter, letter, src);
	else if (insn->imm == BPF_XCHG)
		out("%c%u = xchg%s(%s, %c%u)", letter, src, suffix, where,
		    letter, src);
	else
		out("%c%u = atomic_fetch_%s((u%d *)(%s), %c%u)", letter, src,
		    atomic_names[insn->imm >> 4 & 0xf], bits, where, letter,
		    src);
}

static void ordered(const struct bpf_insn *insn, int form, char *text)
{
	int bits = access_bits(insn);
	char letter = bits == 64 ? 'r' : 'w';
	char where[24];

	if (form == INTERP_ACQUIRE)
		out("%c%u = load_acquire((u%d *)(%s))", letter, insn->dst_reg,
		    bits, address(where, sizeof(where), insn->src_reg,
				  insn->off));
	else
		out("store_release((u%d *)(%s), %c%u)", bits,
		    address(where, sizeof(where), insn->dst_reg, insn->off),
		    letter, insn->src_reg);
}

static void wide(const struct bpf_insn *insn, char *text)
{
	__u64 value = (__u64)(__u32)insn[1].imm << 32 | (__u32)insn->imm;

	switch (insn->src_reg) {
	case 0:
		out("r%u = %lld ll", insn->dst_reg, (__s64)value);
		break;
	case BPF_PSEUDO_MAP_IDX_VALUE:
		out("r%u = section[%d] + %u", insn->dst_reg, insn->imm,
		    (__u32)insn[1].imm);
		break;
	case BPF_PSEUDO_FUNC:
		out("r%u = function %+d", insn->dst_reg, insn->imm);
		break;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
		out("r%u = map[%d]", insn->dst_reg, insn->imm);
		break;
	default:
		out("r%u = kind %u, %lld ll", insn->dst_reg, insn->src_reg,
		    (__s64)value);
	}
}

/**
 * disasm() - an instruction as text
 * @insn: the instruction
 * @left: number of slots from this one to the end of the program
 * @text: of DISASM_MAX bytes, set to the text; what is no instruction is said
 *	to be none
 *
 * Return: number of slots that it takes.
 */
int disasm(const struct bpf_insn *insn, __u32 left, char *text)
{
	int op = interp_op_of(insn);
	int form = op < 0 ? -1 : interp_ops[op].form;

	switch (form) {
	case INTERP_ALU_K:
	case INTERP_ALU_X:
		alu(insn, text);
		return 1;
	case INTERP_NEG:
		out("%c%u = -%c%u", register_letter(insn), insn->dst_reg,
		    register_letter(insn), insn->dst_reg);
		return 1;
	case INTERP_SWAP:
		swap(insn, text);
		return 1;
	case INTERP_MOVSX:
		out("%c%u = (s%d)%c%u", register_letter(insn), insn->dst_reg,
		    insn->off, register_letter(insn), insn->src_reg);
		return 1;
	case INTERP_JUMP_K:
	case INTERP_JUMP_X:
		jump(insn, text);
		return 1;
	case INTERP_LOAD:
		load(insn, text);
		return 1;
	case INTERP_STORE_K:
	case INTERP_STORE_X:
		store(insn, text);
		return 1;
	case INTERP_ATOMIC:
	case INTERP_ATOMIC_FETCH:
	case INTERP_ATOMIC_CMPXCHG:
		atomic(insn, form, text);
		return 1;
	case INTERP_ACQUIRE:
	case INTERP_RELEASE:
		ordered(insn, form, text);
		return 1;
	case INTERP_LDDW_FORM:
		if (left < 2)
			break;
		wide(insn, text);
		return 2;
	case INTERP_JA_FORM:
		out("goto %+d", insn->off);
		return 1;
	case INTERP_JA32_FORM:
		out("gotol %+d", insn->imm);
		return 1;
	case INTERP_CALL_FORM:
		out(op == INTERP_HELPER ? "call %d" : "call %+d", insn->imm);
		return 1;
	case INTERP_CALLX_FORM:
		out("callx r%u", insn->dst_reg);
		return 1;
	case INTERP_EXIT_FORM:
		out("exit");
		return 1;
	}
	out("no instruction (opcode 0x%02x)", insn->code);
	return 1;
}

/**
 * disasm_helper() - the name of the helper that an instruction calls
 * @insn: the instruction
 *
 * Return: the name, or NULL if it calls none that is known.
 */
const char *disasm_helper(const struct bpf_insn *insn)
{
#define HELPER_NAME(name) \
	[BPF_FUNC_##name] = #name
	static const char *const names[] = { __BPF_FUNC_MAPPER(HELPER_NAME) };

	if (interp_op_of(insn) != INTERP_HELPER || insn->imm <= 0 ||
	    (size_t)insn->imm >= ARRAY_SIZE(names))
		return NULL;
	return names[insn->imm];
}

/**
 * disasm_target() - where an instruction jumps to, or the function it names
 * @insn: the instruction
 * @slot: its slot
 * @target: set to the other slot
 *
 * Return: 0 if it does neither, 1 if it jumps, 2 if it names a function.
 */
int disasm_target(const struct bpf_insn *insn, __u32 slot, __s64 *target)
{
	int op = interp_op_of(insn);
	__s32 distance;

	if (op < 0)
		return 0;
	if (interp_names_function(insn)) {
		*target = (__s64)slot + 1 + insn->imm;
		return 2;
	}
	if (!interp_jump_distance(op, insn, &distance))
		return 0;
	*target = (__s64)slot + 1 + distance;
	return 1;
}
