// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of jumps.
 */
#include "threaded.h"

#define BINARY(unsigned_type, signed_type, destination, source)		\
	unsigned_type d = (destination), s = (source);			\
	signed_type sd __maybe_unused = d;				\
	signed_type ss __maybe_unused = s

#define JUMP_K(dst, name, unsigned_type, signed_type, condition)	\
	HANDLER(name##_##dst)						\
	{								\
		BINARY(unsigned_type, signed_type, REG(dst), pc->imm);	\
									\
		if (!(condition))					\
			NEXT;						\
		ARRIVE(interp_target(pc));				\
	}
#define JUMP_X(src, dst, name, unsigned_type, signed_type, condition)	\
	HANDLER(name##_##dst##_##src)					\
	{								\
		BINARY(unsigned_type, signed_type, REG(dst), REG(src));	\
									\
		if (!(condition))					\
			NEXT;						\
		ARRIVE(interp_target(pc));				\
	}
#define JUMP_XS(dst, ...)	FOR_SRC(JUMP_X, dst, __VA_ARGS__)
#define JUMP_HANDLERS(name, bits, condition)				\
	FOR_DST(JUMP_K, name##64_K, u64, s64, condition)		\
	FOR_DST(JUMP_K, name##32_K, u32, s32, condition)		\
	FOR_DST(JUMP_XS, name##64_X, u64, s64, condition)		\
	FOR_DST(JUMP_XS, name##32_X, u32, s32, condition)

INTERP_JUMP_LIST(JUMP_HANDLERS)

HANDLER(JA)
{
	ARRIVE(interp_target(pc));
}

/* What straight-line code passes on its way was counted, but is nothing. */
HANDLER(CHECKPOINT)
{
	vm->limit++;
	ARRIVE(pc + 1);
}

#define JUMP_ROWS(name, bits, condition)				\
	BY_DST(INTERP_##name##64_K, name##64_K)				\
	BY_DST(INTERP_##name##32_K, name##32_K)				\
	BY_BOTH(INTERP_##name##64_X, name##64_X)			\
	BY_BOTH(INTERP_##name##32_X, name##32_X)

static const struct interp_handlers handlers[INTERP_OPS + 1] = {
	INTERP_JUMP_LIST(JUMP_ROWS)
	[INTERP_JA] = { .one = JA },
	[INTERP_JA32] = { .one = JA },
	[INTERP_CHECKPOINT] = { .one = CHECKPOINT },
};

/**
 * interp_jump_handler() - the handler of a jump
 * @insn: the instruction
 *
 * Context: any.
 * Return: the handler, or NULL if it has none of its own.
 */
interp_handler interp_jump_handler(const struct interp_insn *insn)
{
	return interp_handler_of(&handlers[insn->op], insn->dst, insn->src);
}
