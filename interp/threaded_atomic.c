// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of atomic operations. They look for some registers at run time: next
 * to what such an operation takes, that is little. There is one for each source,
 * which most of them write, too; but not for loops, for which the processor's
 * registers would not do.
 */
#include "atomic.h"
#include "threaded.h"

/* The address was refused, and the state's fault says why. */
#define TRY(pointer)							\
	do {								\
		if (unlikely(!(pointer)))				\
			TAIL(interp_threaded_fault, pc);		\
	} while (0)

#define ATOMIC(src, name, operation, form, type, log2)			\
	HANDLER(name##_##src)						\
	{								\
		type *where = interp_aligned(vm, READ_REG(pc->dst) + pc->off, \
					     log2,			\
					     interp_atomic_rights(form)); \
									\
		TRY(where);						\
		operation(where, REG(src), r0);				\
		NEXT;							\
	}
#define ATOMIC_HANDLERS(name, immediate, form)				\
	FOR_SRC(ATOMIC, name##64, interp_atomic_##name##64, form,	\
		atomic64_t, 3)						\
	FOR_SRC(ATOMIC, name##32, interp_atomic_##name##32, form, atomic_t, 2)

#define LOOP(name, form, type, log2)					\
	HANDLER(name)							\
	{								\
		type *where = interp_aligned(vm, READ_REG(pc->dst) + pc->off, \
					     log2,			\
					     interp_atomic_rights(form)); \
		u64 source;						\
									\
		TRY(where);						\
		source = READ_REG(pc->src);				\
		interp_atomic_##name(where, source, r0);		\
		WRITE_REG(pc->src, source);				\
		NEXT;							\
	}
#define LOOP_HANDLERS(name, immediate, form)				\
	LOOP(name##64, form, atomic64_t, 3)				\
	LOOP(name##32, form, atomic_t, 2)

#define ORDERED_HANDLERS(name, bits, type, log2)			\
	HANDLER(LOAD_ACQ_##name)					\
	{								\
		type *from = interp_aligned(vm, READ_REG(pc->src) + pc->off, \
					    log2, INTERP_READS);		\
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
					  log2, INTERP_WRITES);			\
									\
		TRY(to);						\
		smp_store_release(to, (type)READ_REG(pc->src));		\
		NEXT;							\
	}

INTERP_ATOMIC_PLAIN_LIST(ATOMIC_HANDLERS)
INTERP_ATOMIC_LOOP_LIST(LOOP_HANDLERS)
INTERP_ORDERED_LIST(ORDERED_HANDLERS)

#define ATOMIC_ROWS(name, immediate, form)				\
	BY_DST(INTERP_ATOMIC_##name##64, name##64)			\
	BY_DST(INTERP_ATOMIC_##name##32, name##32)
#define LOOP_ROWS(name, immediate, form)				\
	[INTERP_ATOMIC_##name##64] = { .one = name##64 },		\
	[INTERP_ATOMIC_##name##32] = { .one = name##32 },
#define ORDERED_ROWS(name, bits, type, log2)				\
	[INTERP_LOAD_ACQ_##name] = { .one = LOAD_ACQ_##name },		\
	[INTERP_STORE_REL_##name] = { .one = STORE_REL_##name },

/* The source is in place of the destination. */
static const struct interp_handlers handlers[INTERP_OPS + 1] = {
	INTERP_ATOMIC_PLAIN_LIST(ATOMIC_ROWS)
	INTERP_ATOMIC_LOOP_LIST(LOOP_ROWS)
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
	return interp_handler_of(&handlers[insn->op], insn->src, 0);
}
