// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of loads and stores.
 *
 * An access to the own frame at a constant distance from r10 is proved when the
 * program is loaded: r10 is never written and the frame is there as long as its
 * function runs. Such an access is not checked again; but the distance is forced
 * into the frame, for the handler may be run on another instruction by mistake.
 */
#include <bpfsched/compat.h>

#include "threaded.h"
#include "translate.h"

#define LOAD(src, dst, name, type, log2)				\
	HANDLER(name##_##dst##_##src)					\
	{								\
		const type *from;					\
									\
		INTERP_TRANSLATE(from, REG(src) + pc->off, readable, log2,	\
			  interp_threaded_bad_load);					\
		REG(dst) = (s64)get_unaligned(from);			\
		NEXT;							\
	}
#define LOADS(dst, ...)		FOR_SRC(LOAD, dst, __VA_ARGS__)
#define LOAD_FRAME(dst, name, type)					\
	HANDLER(name##_##dst)						\
	{								\
		const type *from = interp_in_frame(vm, pc->off);	\
									\
		REG(dst) = (s64)get_unaligned(from);			\
		NEXT;							\
	}
#define LOAD_HANDLERS(name, opcode, type, log2)				\
	FOR_DST(LOADS, name, type, log2)				\
	FOR_DST(LOAD_FRAME, name##_FRAME, type)

#define STORE_X(src, dst, name, type, log2)				\
	HANDLER(name##_##dst##_##src)					\
	{								\
		type *to;						\
									\
		INTERP_TRANSLATE(to, REG(dst) + pc->off, writable, log2,	\
			  interp_threaded_bad_store);					\
		put_unaligned((type)REG(src), to);			\
		NEXT;							\
	}
#define STORE_XS(dst, ...)	FOR_SRC(STORE_X, dst, __VA_ARGS__)
#define STORE_K(dst, name, type, log2)					\
	HANDLER(name##_##dst)						\
	{								\
		type *to;						\
									\
		INTERP_TRANSLATE(to, REG(dst) + pc->off, writable, log2,	\
			  interp_threaded_bad_store);					\
		put_unaligned((type)pc->imm, to);			\
		NEXT;							\
	}
#define STORE_FRAME_X(src, name, type)					\
	HANDLER(name##_##src)						\
	{								\
		type *to = interp_in_frame(vm, pc->off);		\
									\
		put_unaligned((type)REG(src), to);			\
		NEXT;							\
	}
#define STORE_FRAME_K(name, type)					\
	HANDLER(name)							\
	{								\
		type *to = interp_in_frame(vm, pc->off);		\
									\
		put_unaligned((type)pc->imm, to);			\
		NEXT;							\
	}
#define STORE_HANDLERS(name, bits, type, log2)				\
	FOR_DST(STORE_XS, STX##name, type, log2)			\
	FOR_DST(STORE_K, ST##name, type, log2)				\
	FOR_SRC(STORE_FRAME_X, STX##name##_FRAME, type)			\
	STORE_FRAME_K(ST##name##_FRAME, type)

INTERP_LOAD_LIST(LOAD_HANDLERS)
INTERP_STORE_LIST(STORE_HANDLERS)

#define LOAD_ROW(name, opcode, type, log2) BY_BOTH(INTERP_##name, name)
#define STORE_ROWS(name, bits, type, log2)				\
	BY_BOTH(INTERP_STX##name, STX##name)				\
	BY_DST(INTERP_ST##name, ST##name)

static const struct interp_handlers handlers[INTERP_OPS + 1] = {
	INTERP_LOAD_LIST(LOAD_ROW)
	INTERP_STORE_LIST(STORE_ROWS)
};

/**
 * struct frame_handlers - the handlers of an access to the own frame
 * @by_reg: by the register that is loaded or stored
 * @one: of an immediate
 * @size: bytes that are accessed; 0: no access
 */
struct frame_handlers {
	const interp_handler *by_reg;
	interp_handler one;
	u32 size;
};

#define LOAD_FRAME_ROW(name, opcode, type, log2)			\
	[INTERP_##name] = {						\
		.by_reg = (const interp_handler[]) {			\
			FOR_DST(DST_NAME, name##_FRAME)			\
		},							\
		.size = sizeof(type),					\
	},
#define STORE_FRAME_ROWS(name, bits, type, log2)			\
	[INTERP_STX##name] = {						\
		.by_reg = (const interp_handler[]) {			\
			FOR_DST(DST_NAME, STX##name##_FRAME)		\
		},							\
		.size = sizeof(type),					\
	},								\
	[INTERP_ST##name] = {						\
		.one = ST##name##_FRAME,				\
		.size = sizeof(type),					\
	},

static const struct frame_handlers frame_handlers[INTERP_OPS + 1] = {
	INTERP_LOAD_LIST(LOAD_FRAME_ROW)
	INTERP_STORE_LIST(STORE_FRAME_ROWS)
};

/* The handler of an access that cannot fail, or NULL if it is not known to. */
static interp_handler frame_handler(const struct interp_insn *insn)
{
	const struct frame_handlers *row = &frame_handlers[insn->op];
	bool load = interp_ops[insn->op].form == INTERP_LOAD;
	u8 base = load ? insn->src : insn->dst;
	u8 reg = load ? insn->dst : insn->src;

	if (base != BPF_REG_10 || insn->off < -INTERP_FRAME_SIZE ||
	    insn->off > -(s32)row->size)
		return NULL;
	if (row->one)
		return row->one;
	return reg < INTERP_THREADED_REGS ? row->by_reg[reg] : NULL;
}

/**
 * interp_memory_handler() - the handler of a load or a store
 * @insn: the instruction
 *
 * Context: any.
 * Return: the handler, or NULL if it has none of its own.
 */
interp_handler interp_memory_handler(const struct interp_insn *insn)
{
	interp_handler handler = NULL;

	if (frame_handlers[insn->op].size)
		handler = frame_handler(insn);
	return handler ?: interp_handler_of(&handlers[insn->op], insn->dst,
					    insn->src);
}
