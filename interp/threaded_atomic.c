// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of atomic operations. They look for their registers at run time:
 * next to what such an operation takes, that is little.
 */
#include "atomic.h"
#include "threaded.h"

/* The address was refused, and the state's fault says why. */
#define TRY(pointer)							\
	do {								\
		if (unlikely(!(pointer)))				\
			TAIL(interp_threaded_fault, pc);		\
	} while (0)

#define ATOMIC(name, width, type, log2, form)				\
	HANDLER(name##width)						\
	{								\
		type *where = interp_aligned(vm, READ_REG(pc->dst) + pc->off, \
					     log2, true);		\
		u64 source;						\
									\
		TRY(where);						\
		source = READ_REG(pc->src);				\
		interp_atomic_##name##width(where, source, r0);		\
		if ((form) == INTERP_ATOMIC_FETCH)			\
			WRITE_REG(pc->src, source);			\
		NEXT;							\
	}
#define ATOMIC_HANDLERS(name, immediate, form)				\
	ATOMIC(name, 64, atomic64_t, 3, form)				\
	ATOMIC(name, 32, atomic_t, 2, form)

#define ORDERED_HANDLERS(name, bits, type, log2)			\
	HANDLER(LOAD_ACQ_##name)					\
	{								\
		type *from = interp_aligned(vm, READ_REG(pc->src) + pc->off, \
					    log2, false);		\
		u64 value;						\
									\
		TRY(from);						\
		value = smp_load_acquire(from);				\
		WRITE_REG(pc->dst, value);				\
		NEXT;							\
	}								\
	HANDLER(STORE_REL_##name)					\
	{								\
		type *to = interp_aligned(vm, READ_REG(pc->dst) + pc->off, \
					  log2, true);			\
									\
		TRY(to);						\
		smp_store_release(to, (type)READ_REG(pc->src));		\
		NEXT;							\
	}

INTERP_ATOMIC_LIST(ATOMIC_HANDLERS)
INTERP_ORDERED_LIST(ORDERED_HANDLERS)

#define ATOMIC_ROWS(name, immediate, form)				\
	[INTERP_ATOMIC_##name##64] = name##64,				\
	[INTERP_ATOMIC_##name##32] = name##32,
#define ORDERED_ROWS(name, bits, type, log2)				\
	[INTERP_LOAD_ACQ_##name] = LOAD_ACQ_##name,			\
	[INTERP_STORE_REL_##name] = STORE_REL_##name,

static const interp_handler handlers[INTERP_OPS + 1] = {
	INTERP_ATOMIC_LIST(ATOMIC_ROWS)
	INTERP_ORDERED_LIST(ORDERED_ROWS)
};

/**
 * interp_atomic_handler() - the handler of an atomic operation
 * @insn: the instruction
 *
 * Context: any.
 * Return: the handler, or NULL if it is no atomic operation.
 */
interp_handler interp_atomic_handler(const struct interp_insn *insn)
{
	return handlers[insn->op];
}
