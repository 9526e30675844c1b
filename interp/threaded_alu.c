// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of arithmetic, moves and byte swaps.
 */
#include <asm/byteorder.h>
#include <linux/swab.h>

#include "threaded.h"

#define BINARY(unsigned_type, signed_type, destination, source)		\
	unsigned_type d __maybe_unused = (destination);			\
	unsigned_type s = (source);					\
	signed_type sd __maybe_unused = d;				\
	signed_type ss __maybe_unused = s

#define ALU_K(dst, name, unsigned_type, signed_type, expression)	\
	HANDLER(name##_##dst)						\
	{								\
		BINARY(unsigned_type, signed_type, REG(dst), pc->imm);	\
		REG(dst) = (unsigned_type)(expression);			\
		NEXT;							\
	}
#define ALU_X(src, dst, name, unsigned_type, signed_type, expression)	\
	HANDLER(name##_##dst##_##src)					\
	{								\
		BINARY(unsigned_type, signed_type, REG(dst), REG(src));	\
		REG(dst) = (unsigned_type)(expression);			\
		NEXT;							\
	}
#define ALU_XS(dst, ...)	FOR_SRC(ALU_X, dst, __VA_ARGS__)
#define ALU_HANDLERS(name, bits, variant, expression)			\
	FOR_DST(ALU_K, name##64_K, u64, s64, expression)		\
	FOR_DST(ALU_K, name##32_K, u32, s32, expression)		\
	FOR_DST(ALU_XS, name##64_X, u64, s64, expression)		\
	FOR_DST(ALU_XS, name##32_X, u32, s32, expression)

/*
 * Slow enough to look for the source at run time; and in a function, for the
 * handler would have to put a register aside that objtool wants to see restored.
 */
#define DIVIDE(name, unsigned_type, signed_type, expression)		\
	static noinline unsigned_type divide_##name(u64 destination,	\
						    u64 source)		\
	{								\
		BINARY(unsigned_type, signed_type, destination, source); \
		return (expression);					\
	}
#define DIVIDE_X(dst, name)						\
	HANDLER(name##_##dst)						\
	{								\
		REG(dst) = divide_##name(REG(dst), READ_REG(pc->src));	\
		NEXT;							\
	}
#define DIVISION_HANDLERS(name, bits, variant, expression)		\
	FOR_DST(ALU_K, name##64_K, u64, s64, expression)		\
	FOR_DST(ALU_K, name##32_K, u32, s32, expression)		\
	DIVIDE(name##64_X, u64, s64, expression)			\
	DIVIDE(name##32_X, u32, s32, expression)			\
	FOR_DST(DIVIDE_X, name##64_X)					\
	FOR_DST(DIVIDE_X, name##32_X)

#define UNARY(dst, name, expression)					\
	HANDLER(name##_##dst)						\
	{								\
		u64 d = REG(dst);					\
									\
		REG(dst) = (expression);				\
		NEXT;							\
	}
#define MOVE(src, dst, name, expression)				\
	HANDLER(name##_##dst##_##src)					\
	{								\
		u64 s = REG(src);					\
									\
		REG(dst) = (expression);				\
		NEXT;							\
	}
#define MOVES(dst, ...)		FOR_SRC(MOVE, dst, __VA_ARGS__)

/* The form says how many registers it has. */
#define INTERP_NEG_HANDLERS(name, expression) FOR_DST(UNARY, name, expression)
#define INTERP_SWAP_HANDLERS(name, expression) FOR_DST(UNARY, name, expression)
#define INTERP_MOVSX_HANDLERS(name, expression) FOR_DST(MOVES, name, expression)
#define UNARY_HANDLERS(name, opcode, form, variant, expression)		\
	form##_HANDLERS(name, expression)

#define LOAD_IMMEDIATE(dst, name)					\
	HANDLER(name##_##dst)						\
	{								\
		REG(dst) = pc->imm;					\
		NEXT;							\
	}

INTERP_SIMPLE_LIST(ALU_HANDLERS)
INTERP_DIVISION_LIST(DIVISION_HANDLERS)
INTERP_UNARY_LIST(UNARY_HANDLERS)
FOR_DST(LOAD_IMMEDIATE, LDDW)

#define ALU_ROWS(name, bits, variant, expression)			\
	BY_DST(INTERP_##name##64_K, name##64_K)				\
	BY_DST(INTERP_##name##32_K, name##32_K)				\
	BY_BOTH(INTERP_##name##64_X, name##64_X)			\
	BY_BOTH(INTERP_##name##32_X, name##32_X)
#define DIVISION_ROWS(name, bits, variant, expression)			\
	BY_DST(INTERP_##name##64_K, name##64_K)				\
	BY_DST(INTERP_##name##32_K, name##32_K)				\
	BY_DST(INTERP_##name##64_X, name##64_X)				\
	BY_DST(INTERP_##name##32_X, name##32_X)
#define INTERP_NEG_ROW(op, name)	BY_DST(op, name)
#define INTERP_SWAP_ROW(op, name)	BY_DST(op, name)
#define INTERP_MOVSX_ROW(op, name)	BY_BOTH(op, name)
#define UNARY_ROW(name, opcode, form, variant, expression)		\
	form##_ROW(INTERP_##name, name)

static const struct interp_handlers handlers[INTERP_OPS + 1] = {
	INTERP_SIMPLE_LIST(ALU_ROWS)
	INTERP_DIVISION_LIST(DIVISION_ROWS)
	INTERP_UNARY_LIST(UNARY_ROW)
	BY_DST(INTERP_LDDW, LDDW)
};

/* The frame pointer as a source: what begins the address of a variable. */
#define MOVE_FRAME(dst, name)						\
	HANDLER(name##_##dst)						\
	{								\
		REG(dst) = vm->regs[BPF_REG_10];			\
		NEXT;							\
	}
FOR_DST(MOVE_FRAME, MOV_FRAME)

static const interp_handler move_frame[] = { FOR_DST(DST_NAME, MOV_FRAME) };

/**
 * interp_alu_handler() - the handler of an instruction that only calculates
 * @insn: the instruction
 *
 * Context: any.
 * Return: the handler, or NULL if it has none of its own.
 */
interp_handler interp_alu_handler(const struct interp_insn *insn)
{
	if (insn->op == INTERP_MOV64_X && insn->src == BPF_REG_10)
		return move_frame[insn->dst];
	return interp_handler_of(&handlers[insn->op], insn->dst, insn->src);
}
