// SPDX-License-Identifier: GPL-2.0
/*
 * The portable dispatcher: one switch, and the loop around it.
 *
 * It is built without jump tables (see Kbuild), as a tree of direct branches:
 * where indirect branches are slow, because the kernel has to keep the processor
 * from speculating past them, this is the faster way.
 *
 * There are two loops. The fast one looks for the end of the slice at taken
 * jumps, calls, returns and checkpoints only; no two of them are more than
 * INTERP_RUN_MAX instructions apart, so it stops while one more such distance
 * would fit. The exact one looks at each instruction and executes what is left
 * near the end of a budget. Both give the same count.
 */
#include <asm/byteorder.h>
#include <linux/minmax.h>
#include <linux/swab.h>

#include <bpfsched/compat.h>
#include <bpfsched/visibility.h>

#include "atomic.h"
#include "frame.h"
#include "memory.h"

/*
 * The macros below make the bodies of the cases. Each of NEXT, FAULT and ARRIVE
 * ends a case, by going on with the loop or leaving it, and stands there in
 * place of a break.
 */
#define DST	regs[INTERP_REG(insn->dst)]
#define SRC	regs[INTERP_REG(insn->src)]

#define NEXT					\
	{					\
		insn++;				\
		continue;			\
	}

#define FAULT(what, where)			\
	{					\
		interp_fault(state, what, where); \
		goto fault;			\
	}

/* Go on at @target, or end the slice there. */
#define ARRIVE(target)				\
	{					\
		left = limit - (insn + 1);	\
		insn = (target);		\
		limit = insn + left;		\
		if (!exact && left < INTERP_RUN_MAX) \
			goto slice;		\
		continue;			\
	}

/* Go on at @target, unless that is NULL. */
#define ARRIVE_IF(target)			\
	{					\
		const struct interp_insn *there = (target); \
							\
		if (unlikely(!there))			\
			goto fault;			\
		ARRIVE(there)				\
	}

/* The same, but the slice ends there if a helper has yielded. */
#define ARRIVE_OR_YIELD(target)			\
	{					\
		const struct interp_insn *there = (target); \
							\
		if (unlikely(!there))			\
			goto fault;			\
		left = limit - (insn + 1);		\
		insn = there;				\
		limit = insn + left;			\
		if (state->event == INTERP_EVENT_YIELD || \
		    (!exact && left < INTERP_RUN_MAX))	\
			goto slice;			\
		continue;				\
	}

#define BINARY(unsigned_type, signed_type, source)	\
	unsigned_type d = DST, s = (source);		\
	signed_type sd __maybe_unused = d;		\
	signed_type ss __maybe_unused = s

#define ALU_CASE(op, unsigned_type, signed_type, source, expression)	\
	case op: {							\
		BINARY(unsigned_type, signed_type, source);		\
		DST = (unsigned_type)(expression);			\
		NEXT							\
	}
#define ALU_CASES(name, bits, variant, expression)			\
	ALU_CASE(INTERP_##name##64_K, u64, s64, insn->imm, expression)	\
	ALU_CASE(INTERP_##name##64_X, u64, s64, SRC, expression)	\
	ALU_CASE(INTERP_##name##32_K, u32, s32, insn->imm, expression)	\
	ALU_CASE(INTERP_##name##32_X, u32, s32, SRC, expression)

#define UNARY_CASE(name, opcode, form, variant, expression)		\
	case INTERP_##name: {						\
		u64 d __maybe_unused = DST;				\
		u64 s __maybe_unused = SRC;				\
		DST = (expression);					\
		NEXT							\
	}

#define JUMP_CASE(op, unsigned_type, signed_type, source, condition)	\
	case op: {							\
		BINARY(unsigned_type, signed_type, source);		\
		if (!(condition))					\
			NEXT						\
		ARRIVE(interp_target(state, insn))			\
	}
#define JUMP_CASES(name, bits, condition)				\
	JUMP_CASE(INTERP_##name##64_K, u64, s64, (s64)insn->off, condition) \
	JUMP_CASE(INTERP_##name##64_X, u64, s64, SRC, condition)	\
	JUMP_CASE(INTERP_##name##32_K, u32, s32, insn->off, condition)	\
	JUMP_CASE(INTERP_##name##32_X, u32, s32, SRC, condition)

#define LOAD_CASE(name, opcode, type, log2)				\
	case INTERP_##name: {						\
		u64 address = SRC + insn->off;				\
		const type *from = interp_readable(state, address, log2); \
									\
		if (unlikely(!from))					\
			FAULT(BPFSCHED_FAULT_READ, address)		\
		DST = (s64)get_unaligned(from);				\
		NEXT							\
	}

#define STORE_CASE(op, type, log2, value)				\
	case op: {							\
		u64 address = DST + insn->off;				\
		type *to = interp_writable(state, address, log2);	\
									\
		if (unlikely(!to))					\
			FAULT(BPFSCHED_FAULT_WRITE, address)		\
		put_unaligned((type)(value), to);			\
		NEXT							\
	}
#define STORE_CASES(name, bits, type, log2)				\
	STORE_CASE(INTERP_ST##name, type, log2, insn->imm)		\
	STORE_CASE(INTERP_STX##name, type, log2, SRC)

#define ATOMIC_CASE(name, width, form, type, log2)			\
	case INTERP_ATOMIC_##name##width: {				\
		type *where = interp_aligned(state, DST + insn->off,	\
					     log2,			\
					     interp_atomic_rights(form)); \
									\
		if (unlikely(!where))					\
			goto fault;					\
		interp_atomic_##name##width(where, SRC, regs[BPF_REG_0]); \
		NEXT							\
	}
#define ATOMIC_CASES(name, immediate, form)				\
	ATOMIC_CASE(name, 64, form, atomic64_t, 3)			\
	ATOMIC_CASE(name, 32, form, atomic_t, 2)

#define ORDERED_CASES(name, bits, type, log2)				\
	case INTERP_LOAD_ACQ_##name: {					\
		type *from = interp_aligned(state, SRC + insn->off,	\
					    log2, INTERP_READS);	\
									\
		if (unlikely(!from))					\
			goto fault;					\
		DST = smp_load_acquire(from);				\
		NEXT							\
	}								\
	case INTERP_STORE_REL_##name: {					\
		type *to = interp_aligned(state, DST + insn->off,	\
					  log2, INTERP_WRITES);		\
									\
		if (unlikely(!to))					\
			goto fault;					\
		smp_store_release(to, (type)SRC);			\
		NEXT							\
	}

static __always_inline enum interp_end run_slice(struct interp_state *state,
						 const bool exact)
{
	const struct interp_insn *insn = state->insn, *limit = state->limit;
	enum interp_end end = INTERP_END_SLICE;
	u64 *regs = state->regs;
	s64 left;

	for (;;) {
		if (exact && insn == limit && insn->op != INTERP_CHECKPOINT)
			goto slice;

		switch (insn->op) {
		INTERP_ALU_LIST(ALU_CASES)
		INTERP_UNARY_LIST(UNARY_CASE)
		INTERP_JUMP_LIST(JUMP_CASES)
		INTERP_LOAD_LIST(LOAD_CASE)
		INTERP_STORE_LIST(STORE_CASES)
		INTERP_ATOMIC_LIST(ATOMIC_CASES)
		INTERP_ORDERED_LIST(ORDERED_CASES)
		case INTERP_LDDW:
			DST = insn->imm;
			NEXT
		case INTERP_JA:
		case INTERP_JA32:
			ARRIVE(interp_target(state, insn))
		case INTERP_HELPER:
			regs[BPF_REG_0] =
				interp_helpers[INTERP_HELPER_SLOT(insn->imm)]
					.call(state, &regs[BPF_REG_1]);
			if (likely(!state->event))
				NEXT
			ARRIVE_OR_YIELD(interp_settle(state, insn))
		case INTERP_CALL:
			ARRIVE_IF(interp_call(state, insn))
		case INTERP_CALLX:
			ARRIVE_OR_YIELD(interp_callx(state, insn))
		case INTERP_EXIT:
			if (state->depth)
				ARRIVE_OR_YIELD(interp_return(state, insn))
			insn++;
			end = INTERP_END_EXIT;
			goto slice;
		case INTERP_CHECKPOINT:
			limit++;
			ARRIVE(insn + 1)
		}
	}

fault:
	end = INTERP_END_FAULT;
slice:
	state->insn = insn;
	state->limit = limit;
	return end;
}

static enum interp_end run_fast(struct interp_state *state)
{
	return run_slice(state, false);
}

const struct interp_dispatcher interp_switch = {
	.name = INTERP_DISPATCHER("switch"),
	.run = run_fast,
};

#ifndef INTERP_UNMASKED
EXPORT_SYMBOL_FOR_KUNIT(interp_switch);

/**
 * interp_run_exact() - execute a slice to its last instruction
 * @state: the run
 *
 * Whatever the dispatcher is, this executes what it leaves of a budget. It has
 * all masks: few instructions are executed here.
 *
 * Context: process.
 * Return: why it ended.
 */
enum interp_end interp_run_exact(struct interp_state *state)
{
	return run_slice(state, true);
}
#endif
