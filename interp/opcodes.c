// SPDX-License-Identifier: GPL-2.0
/*
 * The table of operations, and which of them an instruction is.
 */
#include <linux/kernel.h>

#include <bpfsched/visibility.h>

#include "opcodes.h"

#define ROW(op, code, f, v) \
	[op] = { .name = #op, .opcode = (code), .form = (f), .variant = (v) },

#define ALU_ROWS(name, bits, variant, expression)			\
	ROW(INTERP_##name##64_K, BPF_ALU64 | (bits) | BPF_K,		\
	    INTERP_ALU_K, variant)					\
	ROW(INTERP_##name##64_X, BPF_ALU64 | (bits) | BPF_X,		\
	    INTERP_ALU_X, variant)					\
	ROW(INTERP_##name##32_K, BPF_ALU | (bits) | BPF_K,		\
	    INTERP_ALU_K, variant)					\
	ROW(INTERP_##name##32_X, BPF_ALU | (bits) | BPF_X,		\
	    INTERP_ALU_X, variant)
#define UNARY_ROW(name, opcode, form, variant, expression)		\
	ROW(INTERP_##name, opcode, form, variant)
#define JUMP_ROWS(name, bits, condition)				\
	ROW(INTERP_##name##64_K, BPF_JMP | (bits) | BPF_K,		\
	    INTERP_JUMP_K, 0)						\
	ROW(INTERP_##name##64_X, BPF_JMP | (bits) | BPF_X,		\
	    INTERP_JUMP_X, 0)						\
	ROW(INTERP_##name##32_K, BPF_JMP32 | (bits) | BPF_K,		\
	    INTERP_JUMP_K, 0)						\
	ROW(INTERP_##name##32_X, BPF_JMP32 | (bits) | BPF_X,		\
	    INTERP_JUMP_X, 0)
#define LOAD_ROW(name, opcode, type, log2)				\
	ROW(INTERP_##name, opcode, INTERP_LOAD, 0)
#define STORE_ROWS(name, bits, type, log2)				\
	ROW(INTERP_ST##name, BPF_ST | BPF_MEM | (bits), INTERP_STORE_K, 0) \
	ROW(INTERP_STX##name, BPF_STX | BPF_MEM | (bits), INTERP_STORE_X, 0)
#define ATOMIC_ROWS(name, immediate, form)				\
	ROW(INTERP_ATOMIC_##name##64, BPF_STX | BPF_ATOMIC | BPF_DW,	\
	    form, immediate)						\
	ROW(INTERP_ATOMIC_##name##32, BPF_STX | BPF_ATOMIC | BPF_W,	\
	    form, immediate)
#define ORDERED_ROWS(name, bits, type, log2)				\
	ROW(INTERP_LOAD_ACQ_##name, BPF_STX | BPF_ATOMIC | (bits),	\
	    INTERP_ACQUIRE, INTERP_LOAD_ACQ)				\
	ROW(INTERP_STORE_REL_##name, BPF_STX | BPF_ATOMIC | (bits),	\
	    INTERP_RELEASE, INTERP_STORE_REL)
#define OTHER_ROW(name, opcode, form, variant)				\
	ROW(INTERP_##name, opcode, form, variant)

const struct interp_op_info interp_ops[INTERP_OPS] = {
	INTERP_ALU_LIST(ALU_ROWS)
	INTERP_UNARY_LIST(UNARY_ROW)
	INTERP_JUMP_LIST(JUMP_ROWS)
	INTERP_LOAD_LIST(LOAD_ROW)
	INTERP_STORE_LIST(STORE_ROWS)
	INTERP_ATOMIC_LIST(ATOMIC_ROWS)
	INTERP_ORDERED_LIST(ORDERED_ROWS)
	INTERP_OTHER_LIST(OTHER_ROW)
};
EXPORT_SYMBOL_FOR_KUNIT(interp_ops);

/* The field that tells operations of one opcode apart. */
static s32 variant_of(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		if (BPF_OP(insn->code) == BPF_END)
			return insn->imm;
		return insn->off;
	case BPF_JMP:
		if (insn->code == (BPF_JMP | BPF_CALL))
			return insn->src_reg;
		return 0;
	case BPF_STX:
		return BPF_MODE(insn->code) == BPF_ATOMIC ? insn->imm : 0;
	default:
		return 0;
	}
}

/* A second row of the same opcode and variant would not compile. */
#undef ROW
#define ROW(op, code, form, variant)	case (variant) << 8 | (code): return op;

/**
 * interp_op_of() - the operation of an instruction
 * @insn: the instruction
 *
 * Only the opcode and the variant are looked at; the other fields, those that
 * must be zero among them, are the caller's to check.
 *
 * Context: any.
 * Return: an enum interp_op, or -1 if there is none.
 */
int interp_op_of(const struct bpf_insn *insn)
{
	s32 variant = variant_of(insn);

	if (variant < 0 || variant > U16_MAX)
		return -1;

	switch (variant << 8 | insn->code) {
	INTERP_ALU_LIST(ALU_ROWS)
	INTERP_UNARY_LIST(UNARY_ROW)
	INTERP_JUMP_LIST(JUMP_ROWS)
	INTERP_LOAD_LIST(LOAD_ROW)
	INTERP_STORE_LIST(STORE_ROWS)
	INTERP_ATOMIC_LIST(ATOMIC_ROWS)
	INTERP_ORDERED_LIST(ORDERED_ROWS)
	INTERP_OTHER_LIST(OTHER_ROW)
	default:
		return -1;
	}
}
EXPORT_SYMBOL_FOR_KUNIT(interp_op_of);

/**
 * interp_opcode_is_known() - whether any operation has this opcode
 * @opcode: first byte of an instruction
 *
 * Context: any.
 */
bool interp_opcode_is_known(u8 opcode)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(interp_ops); i++) {
		if (interp_ops[i].opcode == opcode)
			return true;
	}
	return false;
}

/**
 * interp_jump_distance() - how far an instruction can jump
 * @op: its operation
 * @insn: the instruction
 * @distance: 8-byte slots from the next instruction, set if it can
 *
 * Context: any.
 * Return: whether it is a jump, conditional or not, inside of a function.
 */
bool interp_jump_distance(int op, const struct bpf_insn *insn, s32 *distance)
{
	switch (interp_ops[op].form) {
	case INTERP_JA_FORM:
	case INTERP_JUMP_K:
	case INTERP_JUMP_X:
		*distance = insn->off;
		return true;
	case INTERP_JA32_FORM:
		*distance = insn->imm;
		return true;
	default:
		return false;
	}
}

/**
 * interp_names_function() - whether an instruction names a function
 * @insn: the instruction
 *
 * The function starts at the slot that is as far from the next slot as the
 * immediate says.
 *
 * Context: any.
 */
bool interp_names_function(const struct bpf_insn *insn)
{
	switch (interp_op_of(insn)) {
	case INTERP_CALL:
		return true;
	case INTERP_LDDW:
		return insn->src_reg == BPF_PSEUDO_FUNC;
	default:
		return false;
	}
}
