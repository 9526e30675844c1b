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
		BINARY(unsigned_type, signed_type, REG(dst), (s64)pc->off); \
									\
		if (!(condition))					\
			NEXT;						\
		JUMP;							\
	}
#define JUMP_X(src, dst, name, unsigned_type, signed_type, condition)	\
	HANDLER(name##_##dst##_##src)					\
	{								\
		BINARY(unsigned_type, signed_type, REG(dst), REG(src));	\
									\
		if (!(condition))					\
			NEXT;						\
		JUMP;							\
	}
#define JUMP_XS(dst, ...)	FOR_SRC(JUMP_X, dst, __VA_ARGS__)
#define JUMP_K_HANDLERS(name, bits, condition)				\
	FOR_DST(JUMP_K, name##64_K, u64, s64, condition)		\
	FOR_DST(JUMP_K, name##32_K, u32, s32, condition)
#define JUMP_X_HANDLERS(name, bits, condition)				\
	FOR_DST(JUMP_XS, name##64_X, u64, s64, condition)		\
	FOR_DST(JUMP_XS, name##32_X, u32, s32, condition)

INTERP_JUMP_LIST(JUMP_K_HANDLERS)
INTERP_JUMP_LESS_LIST(JUMP_X_HANDLERS)

HANDLER(JA)
{
	JUMP;
}

HANDLER(JA_BACK)
{
	JUMP_BACK;
}

/* What straight-line code passes on its way was counted, but is nothing. */
HANDLER(CHECKPOINT)
{
	limit += sizeof(struct interp_insn);
	ARRIVE(pc + 1);
}

#define JUMP_K_ROWS(name, bits, condition)				\
	BY_DST(INTERP_##name##64_K, name##64_K)				\
	BY_DST(INTERP_##name##32_K, name##32_K)
#define JUMP_X_ROWS(name, bits, condition)				\
	BY_BOTH(INTERP_##name##64_X, name##64_X)			\
	BY_BOTH(INTERP_##name##32_X, name##32_X)

static const struct interp_handlers handlers[INTERP_OPS + 1] = {
	INTERP_JUMP_LIST(JUMP_K_ROWS)
	INTERP_JUMP_LESS_LIST(JUMP_X_ROWS)
	[INTERP_JA] = { .one = JA },
	[INTERP_JA32] = { .one = JA },
	[INTERP_CHECKPOINT] = { .one = CHECKPOINT },
};

/* What compares the other way round, for those without handlers of their own. */
static const u16 reverse[INTERP_OPS + 1] = {
	[INTERP_JGT64_X] = INTERP_JLT64_X, [INTERP_JGT32_X] = INTERP_JLT32_X,
	[INTERP_JGE64_X] = INTERP_JLE64_X, [INTERP_JGE32_X] = INTERP_JLE32_X,
	[INTERP_JSGT64_X] = INTERP_JSLT64_X,
	[INTERP_JSGT32_X] = INTERP_JSLT32_X,
	[INTERP_JSGE64_X] = INTERP_JSLE64_X,
	[INTERP_JSGE32_X] = INTERP_JSLE32_X,
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
	if ((insn->op == INTERP_JA || insn->op == INTERP_JA32) &&
	    interp_jumps_back(insn))
		return JA_BACK;
	if (reverse[insn->op])
		return interp_handler_of(&handlers[reverse[insn->op]],
					 insn->src, insn->dst);
	return interp_handler_of(&handlers[insn->op], insn->dst, insn->src);
}
