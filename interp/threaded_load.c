// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of a load and what is done with the value, and of two accesses to the
 * own frame: what threaded_fused.c says of others holds for these too.
 *
 * What is loaded and used at once does not live long, and compilers keep that in
 * r1 to r5. There are handlers for these only.
 */
#include <bpfsched/compat.h>
#include <linux/kernel.h>

#include "threaded.h"
#include "translate.h"

#ifdef __CHECKER__
#define FOR_VALUE(M, ...)	M(1, __VA_ARGS__)
#else
#define FOR_VALUE(M, ...)						\
	M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__)		\
	M(4, __VA_ARGS__) M(5, __VA_ARGS__)
#endif

/* The loads that extend by zeroes. */
#define FOR_LOADS(M)							\
	M(LDXB, u8, 0) M(LDXH, u16, 1) M(LDXW, u32, 2) M(LDXDW, u64, 3)

#define LOAD_FROM(base, value, type, log2)				\
	do {								\
		const type *from;					\
									\
		INTERP_TRANSLATE(from, REG(base) + pc->off, readable,	\
				 log2, interp_threaded_bad_load);	\
		REG(value) = get_unaligned(from);			\
		pc++;							\
	} while (0)

/* Sums over what is in memory. */
#define LOAD_ADD(base, value, dst, name, type, log2)			\
	HANDLER(name##_##dst##_##value##_##base)			\
	{								\
		LOAD_FROM(base, value, type, log2);			\
		REG(dst) += REG(value);					\
		NEXT;							\
	}
#define LOAD_ADDS(value, dst, ...)	FOR_SRC(LOAD_ADD, value, dst, __VA_ARGS__)
#define LOADS_ADDS(dst, ...)		FOR_VALUE(LOAD_ADDS, dst, __VA_ARGS__)
#define LOAD_ADD_HANDLERS(name, type, log2)				\
	FOR_DST(LOADS_ADDS, name##_ADD, type, log2)

/* Counters. */
#define LOAD_ADD_K(base, value, name, type, log2)			\
	HANDLER(name##_##value##_##base)				\
	{								\
		LOAD_FROM(base, value, type, log2);			\
		REG(value) += pc->imm;					\
		NEXT;							\
	}
#define LOAD_ADDS_K(value, ...)		FOR_SRC(LOAD_ADD_K, value, __VA_ARGS__)
#define LOAD_ADD_K_HANDLERS(name, type, log2)				\
	FOR_VALUE(LOAD_ADDS_K, name##_ADD_K, type, log2)

/* Decisions on what is in memory. */
#define LOAD_JUMP(base, value, name, type, log2, condition)		\
	HANDLER(name##_##value##_##base)				\
	{								\
		LOAD_FROM(base, value, type, log2);			\
		if (!(REG(value) condition (u64)(s64)pc->off))			\
			NEXT;						\
		JUMP;							\
	}
#define LOAD_JUMPS(value, ...)		FOR_SRC(LOAD_JUMP, value, __VA_ARGS__)
#define LOAD_JUMP_HANDLERS(name, type, log2)				\
	FOR_VALUE(LOAD_JUMPS, name##_JEQ, type, log2, ==)		\
	FOR_VALUE(LOAD_JUMPS, name##_JNE, type, log2, !=)

FOR_LOADS(LOAD_ADD_HANDLERS)
FOR_LOADS(LOAD_ADD_K_HANDLERS)
FOR_LOADS(LOAD_JUMP_HANDLERS)

/* Two variables on the stack. */
#define FRAME(type)	((type *)interp_in_frame(vm, pc->off))

#define LOAD_LOAD(src, dst, name)					\
	HANDLER(name##_##dst##_##src)					\
	{								\
		REG(dst) = get_unaligned(FRAME(const u64));		\
		pc++;							\
		REG(src) = get_unaligned(FRAME(const u64));		\
		NEXT;							\
	}
#define LOADS_LOAD(dst, name)		FOR_SRC(LOAD_LOAD, dst, name)
#define STORE_STORE(src, dst, name)					\
	HANDLER(name##_##dst##_##src)					\
	{								\
		put_unaligned(REG(dst), FRAME(u64));			\
		pc++;							\
		put_unaligned(REG(src), FRAME(u64));			\
		NEXT;							\
	}
#define STORES_STORE(dst, name)		FOR_SRC(STORE_STORE, dst, name)

FOR_DST(LOADS_LOAD, LOAD_LOAD)
FOR_DST(STORES_STORE, STORE_STORE)

#define ADD_NAME(base, value, dst, name) name##_##dst##_##value##_##base,
#define BASE_NAME(base, value, name)	name##_##value##_##base,

#define VALUES	5

/**
 * struct load_handlers - the handlers that begin with a load
 * @add: by the destination of the addition, the register that is loaded, and the
 *	base
 * @add_k: by the register that is loaded, and the base
 * @jeq: likewise
 * @jne: likewise
 */
struct load_handlers {
	interp_handler add[INTERP_THREADED_REGS][VALUES][INTERP_THREADED_REGS];
	interp_handler add_k[VALUES][INTERP_THREADED_REGS];
	interp_handler jeq[VALUES][INTERP_THREADED_REGS];
	interp_handler jne[VALUES][INTERP_THREADED_REGS];
};

#define BASES(value, name)		{ FOR_SRC(BASE_NAME, value, name) },
#define ADD_BASES(value, dst, name)	{ FOR_SRC(ADD_NAME, value, dst, name) },
#define ADD_VALUES(dst, name)		{ FOR_VALUE(ADD_BASES, dst, name) },
#define LOAD_ROW(name, type, log2)					\
	{								\
		.add = { FOR_DST(ADD_VALUES, name##_ADD) },		\
		.add_k = { FOR_VALUE(BASES, name##_ADD_K) },		\
		.jeq = { FOR_VALUE(BASES, name##_JEQ) },		\
		.jne = { FOR_VALUE(BASES, name##_JNE) },		\
	},

/* INTERP_LDXB to INTERP_LDXDW follow each other. */
static const struct load_handlers load_handlers[] = { FOR_LOADS(LOAD_ROW) };

static const interp_handler load_load[] = { FOR_DST(BOTH_NAMES, LOAD_LOAD) };
static const interp_handler store_store[] = {
	FOR_DST(BOTH_NAMES, STORE_STORE)
};

static bool is_in_frame(const struct interp_insn *insn, u8 base)
{
	return base == BPF_REG_10 && insn->off >= -INTERP_FRAME_SIZE &&
	       insn->off <= -(s32)sizeof(u64);
}

static interp_handler frame_handler(const struct interp_insn *insn)
{
	const struct interp_insn *next = insn + 1;

	if (insn->op != next->op)
		return NULL;
	if (insn->op == INTERP_LDXDW && is_in_frame(insn, insn->src) &&
	    is_in_frame(next, next->src))
		return load_load[insn->dst * INTERP_THREADED_REGS + next->dst];
	if (insn->op == INTERP_STXDW && is_in_frame(insn, insn->dst) &&
	    is_in_frame(next, next->dst) && insn->src != BPF_REG_10 &&
	    next->src != BPF_REG_10)
		return store_store[insn->src * INTERP_THREADED_REGS +
				   next->src];
	return NULL;
}

/**
 * interp_load_handler() - the handler of a load or store and what comes next
 * @insn: the instruction; another comes behind it
 *
 * Context: any.
 * Return: the handler, or NULL if they have none together.
 */
interp_handler interp_load_handler(const struct interp_insn *insn)
{
	const struct interp_insn *next = insn + 1;
	const struct load_handlers *handlers;
	u32 value = insn->dst - BPF_REG_1;
	u8 base = insn->src;

	if (insn->op < INTERP_LDXB || insn->op > INTERP_LDXDW ||
	    base == BPF_REG_10 || value >= VALUES)
		return frame_handler(insn);
	handlers = &load_handlers[insn->op - INTERP_LDXB];
	if (next->op == INTERP_ADD64_X && next->src == insn->dst)
		return handlers->add[next->dst][value][base];
	if (next->op == INTERP_ADD64_K && next->dst == insn->dst)
		return handlers->add_k[value][base];
	if (next->op == INTERP_JEQ64_K && next->dst == insn->dst)
		return handlers->jeq[value][base];
	if (next->op == INTERP_JNE64_K && next->dst == insn->dst)
		return handlers->jne[value][base];
	return NULL;
}
