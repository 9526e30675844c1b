// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of two or three instructions that often follow each other: to get
 * from one handler to the next takes longer than most instructions do.
 *
 * The instructions stay where they are, each with its own place and operands, so
 * that a jump can lead between them. Only the handler of the first executes all
 * of them. If one of them can fail, it is the first.
 */
#include <bpfsched/compat.h>
#include <linux/kernel.h>
#include <linux/swab.h>

#include "threaded.h"

/* The operation with an immediate, by name. */
#define DO_ADD(d, s)	((d) += (s))
#define DO_AND(d, s)	((d) &= (s))
#define DO_MUL(d, s)	((d) *= (s))
#define DO_LSH(d, s)	((d) <<= INTERP_SHIFT(d, s))
#define DO_RSH(d, s)	((d) >>= INTERP_SHIFT(d, s))
#define DO_ARSH(d, s)	((d) = (s64)(d) >> INTERP_SHIFT(d, s))

/* Two operations on one register: shifts that cut out bits, masks, addresses. */
#define TWO_K(dst, name, first, second)					\
	HANDLER(name##_##dst)						\
	{								\
		DO_##first(REG(dst), pc->imm);				\
		pc++;							\
		DO_##second(REG(dst), pc->imm);				\
		NEXT;							\
	}

/* A copy that is then changed. */
#define MOVE_K(src, dst, name, second)					\
	HANDLER(name##_##dst##_##src)					\
	{								\
		pc++;							\
		REG(dst) = REG(src);					\
		DO_##second(REG(dst), pc->imm);				\
		NEXT;							\
	}
#define MOVES_K(dst, name, second)	FOR_SRC(MOVE_K, dst, name, second)

/* The address of a variable on the stack. */
#define FRAME_ADDRESS(dst, name)					\
	HANDLER(name##_##dst)						\
	{								\
		pc++;							\
		REG(dst) = vm->regs[BPF_REG_10] + pc->imm;		\
		NEXT;							\
	}

/*
 * A change and what is made to depend on it: the end of most loops. @jump is
 * JUMP_BACK there.
 */
#define K_JUMP_K(dst, name, first, condition, jump)			\
	HANDLER(name##_##dst)						\
	{								\
		u64 d, s;						\
		s64 sd __maybe_unused, ss __maybe_unused;		\
									\
		DO_##first(REG(dst), pc->imm);				\
		pc++;							\
		sd = d = REG(dst);					\
		ss = s = (s64)pc->off;					\
		if (!(condition))					\
			NEXT;						\
		jump;							\
	}

/* The same, compared with another register: d stands for the one that changes. */
#define ADD_JUMP_X(src, dst, name, condition, jump)			\
	HANDLER(name##_##dst##_##src)					\
	{								\
		u64 d, s;						\
									\
		REG(dst) += pc->imm;					\
		pc++;							\
		d = REG(dst);						\
		s = REG(src);						\
		if (!(condition))					\
			NEXT;						\
		jump;							\
	}
#define ADD_JUMPS_X(dst, name, condition, jump) \
	FOR_SRC(ADD_JUMP_X, dst, name, condition, jump)

/* Two registers that go on together, and what ends that. */
#define ADD_ADD(src, dst, name)						\
	HANDLER(name##_##dst##_##src)					\
	{								\
		REG(dst) += pc->imm;					\
		pc++;							\
		REG(src) += pc->imm;					\
		NEXT;							\
	}
#define ADDS_ADD(dst, name)		FOR_SRC(ADD_ADD, dst, name)
#define ADD_ADD_JNE(src, dst, name)					\
	HANDLER(name##_##dst##_##src)					\
	{								\
		REG(dst) += pc->imm;					\
		pc++;							\
		REG(src) += pc->imm;					\
		pc++;							\
		if (REG(src) == (s64)pc->off)				\
			NEXT;						\
		JUMP_BACK;						\
	}
#define ADDS_ADD_JNE(dst, name)		FOR_SRC(ADD_ADD_JNE, dst, name)

#define ADD_JA(dst, name, jump)						\
	HANDLER(name##_##dst)						\
	{								\
		REG(dst) += pc->imm;					\
		pc++;							\
		jump;							\
	}

#define SECONDS(M, first)						\
	M(first, ADD) M(first, AND) M(first, MUL) M(first, LSH)		\
	M(first, RSH) M(first, ARSH)
#define FIRSTS(M)							\
	SECONDS(M, ADD) SECONDS(M, AND) SECONDS(M, MUL) SECONDS(M, LSH)	\
	SECONDS(M, RSH) SECONDS(M, ARSH)

#define TWO_K_HANDLERS(first, second)					\
	FOR_DST(TWO_K, first##_##second, first, second)
#define MOVE_K_HANDLERS(first, second)					\
	FOR_DST(MOVES_K, first##_##second, second)
#define K_JUMP_HANDLERS(name, bits, condition)				\
	FOR_DST(K_JUMP_K, ADD_##name, ADD, condition, JUMP)		\
	FOR_DST(K_JUMP_K, ADD_##name##_BACK, ADD, condition, JUMP_BACK)	\
	FOR_DST(K_JUMP_K, AND_##name, AND, condition, JUMP)

FIRSTS(TWO_K_HANDLERS)
SECONDS(MOVE_K_HANDLERS, MOV)
INTERP_JUMP_LIST(K_JUMP_HANDLERS)
FOR_DST(ADD_JUMPS_X, ADD_JNE_X, d != s, JUMP)
FOR_DST(ADD_JUMPS_X, ADD_JLT_X, d < s, JUMP)
FOR_DST(ADD_JUMPS_X, ADD_JGT_X, d > s, JUMP)
FOR_DST(ADD_JUMPS_X, ADD_JNE_X_BACK, d != s, JUMP_BACK)
FOR_DST(ADD_JUMPS_X, ADD_JLT_X_BACK, d < s, JUMP_BACK)
FOR_DST(ADD_JUMPS_X, ADD_JGT_X_BACK, d > s, JUMP_BACK)
FOR_DST(ADDS_ADD, ADD_ADD)
FOR_DST(ADDS_ADD_JNE, ADD_ADD_JNE)
FOR_DST(ADD_JA, ADD_JA, JUMP)
FOR_DST(ADD_JA, ADD_JA_BACK, JUMP_BACK)
FOR_DST(FRAME_ADDRESS, FRAME_ADDRESS)

/**
 * enum match - which registers of two instructions make them a pair
 * @MATCH_DST: the destination is the same
 * @MATCH_DST_X: the same, and the second has a source, which chooses the handler
 * @MATCH_SRC_X: the second's source is the first's destination, and the second's
 *	destination chooses the handler
 * @MATCH_ANY: any; the second's destination chooses the handler
 */
enum match {
	MATCH_DST,
	MATCH_DST_X,
	MATCH_SRC_X,
	MATCH_ANY,
};

/**
 * struct pair - two instructions that have a handler together
 * @first: operation of the first
 * @second: operation of the second
 * @match: which of their registers are to be equal
 * @handlers: the handlers
 * @back: those if the second is a jump back, unless it makes no difference
 */
struct pair {
	u16 first;
	u16 second;
	enum match match;
	struct interp_handlers handlers;
	struct interp_handlers back;
};

#define TABLE_DST(name)							\
	{ .by_dst = (const interp_handler[]) { FOR_DST(DST_NAME, name) } }
#define TABLE_BOTH(name)						\
	{ .by_both = (const interp_handler[]) { FOR_DST(BOTH_NAMES, name) } }

#define TWO_K_PAIR(a, b)						\
	{ INTERP_##a##64_K, INTERP_##b##64_K, MATCH_DST, TABLE_DST(a##_##b) },
#define MOVE_K_PAIR(a, b)						\
	{ INTERP_MOV64_X, INTERP_##b##64_K, MATCH_DST, TABLE_BOTH(a##_##b) },
#define K_JUMP_PAIRS(name, bits, condition)				\
	{ INTERP_ADD64_K, INTERP_##name##64_K, MATCH_DST,		\
	  TABLE_DST(ADD_##name), TABLE_DST(ADD_##name##_BACK) },	\
	{ INTERP_AND64_K, INTERP_##name##64_K, MATCH_DST,		\
	  TABLE_DST(AND_##name) },

static const struct pair pairs[] = {
	FIRSTS(TWO_K_PAIR)
	SECONDS(MOVE_K_PAIR, MOV)
	INTERP_JUMP_LIST(K_JUMP_PAIRS)
	{ INTERP_ADD64_K, INTERP_JNE64_X, MATCH_DST_X,
	  TABLE_BOTH(ADD_JNE_X), TABLE_BOTH(ADD_JNE_X_BACK) },
	{ INTERP_ADD64_K, INTERP_JNE64_X, MATCH_SRC_X,
	  TABLE_BOTH(ADD_JNE_X), TABLE_BOTH(ADD_JNE_X_BACK) },
	{ INTERP_ADD64_K, INTERP_JLT64_X, MATCH_DST_X,
	  TABLE_BOTH(ADD_JLT_X), TABLE_BOTH(ADD_JLT_X_BACK) },
	{ INTERP_ADD64_K, INTERP_JLT64_X, MATCH_SRC_X,
	  TABLE_BOTH(ADD_JGT_X), TABLE_BOTH(ADD_JGT_X_BACK) },
	{ INTERP_ADD64_K, INTERP_JGT64_X, MATCH_DST_X,
	  TABLE_BOTH(ADD_JGT_X), TABLE_BOTH(ADD_JGT_X_BACK) },
	{ INTERP_ADD64_K, INTERP_JGT64_X, MATCH_SRC_X,
	  TABLE_BOTH(ADD_JLT_X), TABLE_BOTH(ADD_JLT_X_BACK) },
	{ INTERP_ADD64_K, INTERP_JA, MATCH_ANY,
	  TABLE_DST(ADD_JA), TABLE_DST(ADD_JA_BACK) },
	{ INTERP_ADD64_K, INTERP_ADD64_K, MATCH_ANY, TABLE_BOTH(ADD_ADD) },
};

static const struct interp_handlers add_add_jne = TABLE_BOTH(ADD_ADD_JNE);
static const struct interp_handlers frame_address = TABLE_DST(FRAME_ADDRESS);

static interp_handler pair_handler(const struct pair *pair,
				   const struct interp_insn *insn)
{
	const struct interp_insn *second = insn + 1;
	interp_handler handler = NULL;
	u8 other = insn->src;

	switch (pair->match) {
	case MATCH_DST:
		if (second->dst != insn->dst)
			return NULL;
		break;
	case MATCH_DST_X:
		if (second->dst != insn->dst)
			return NULL;
		other = second->src;
		break;
	case MATCH_SRC_X:
		if (second->src != insn->dst)
			return NULL;
		other = second->dst;
		break;
	case MATCH_ANY:
		other = second->dst;
		break;
	}
	/* What has no such handlers may be no jump at all. */
	if (interp_jumps_back(second))
		handler = interp_handler_of(&pair->back, insn->dst, other);
	return handler ?: interp_handler_of(&pair->handlers, insn->dst, other);
}

static interp_handler triple_handler(const struct interp_insn *insn)
{
	const struct interp_insn *second = insn + 1, *third = insn + 2;

	if (insn->op != INTERP_ADD64_K || second->op != INTERP_ADD64_K ||
	    third->op != INTERP_JNE64_K || third->dst != second->dst ||
	    !interp_jumps_back(third))
		return NULL;
	return interp_handler_of(&add_add_jne, insn->dst, second->dst);
}

/**
 * interp_fused_handler() - the handler of an instruction and those behind it
 * @insn: the instruction; at least one comes behind it
 * @left: number of instructions that come behind it
 *
 * Context: any.
 * Return: the handler, or NULL if they have none together.
 */
interp_handler interp_fused_handler(const struct interp_insn *insn, u32 left)
{
	interp_handler handler = NULL;
	const struct pair *pair;

	if (interp_is_frame_address(insn, insn->dst))
		return interp_handler_of(&frame_address, insn->dst, 0);
	if (left >= 2)
		handler = triple_handler(insn);
	for (pair = pairs; !handler && pair < pairs + ARRAY_SIZE(pairs); pair++) {
		if (pair->first == insn->op && pair->second == insn[1].op)
			handler = pair_handler(pair, insn);
	}
	return handler;
}
