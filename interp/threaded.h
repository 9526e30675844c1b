/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The threaded dispatcher: a handler for each operation and combination of
 * registers, each of which ends in a jump to the handler of the next
 * instruction. The program's registers live in those of the processor: r0 to r3
 * are arguments of the handlers, r4 to r7 (or r8) and the end of the slice are
 * global register variables of the files that include this; r9, r10 and what is
 * seldom used are in the state.
 *
 * For GCC on x86_64. The files are compiled with the options that Kbuild has for
 * them: the call at the end of a handler must become a jump, for the stack would
 * overflow otherwise, and nothing may be put in front of a handler.
 */
#ifndef INTERP_THREADED_H
#define INTERP_THREADED_H

#include <linux/compiler.h>

#include "frame.h"
#include "interp.h"
#include "memory.h"

/* Callee-saved, so that the functions of other files leave them alone. */
register u64 r4 asm("rbx");
register u64 r5 asm("r12");
register u64 r6 asm("r13");
register u64 r7 asm("r14");
register const void *limit asm("r15");

/* Where stacks are unwound by frame pointers, this must be one at any time. */
#ifndef CONFIG_UNWINDER_FRAME_POINTER
#define INTERP_R8_IN_REGISTER
register u64 r8 asm("rbp");
#endif

#define HANDLER_ARGS							\
	const struct interp_insn *pc, struct interp_state *vm,		\
	u64 r0, u64 r1, u64 r2, u64 r3

typedef enum interp_end (*interp_handler)(HANDLER_ARGS);

/**
 * struct interp_handlers - the handlers of an operation, by its registers
 * @one: whatever they are
 * @by_dst: by the destination, r0 to r9
 * @by_both: by destination and source, destination * INTERP_THREADED_REGS +
 *	source
 *
 * One of them is set, or none if the operation has no handler of its own.
 */
struct interp_handlers {
	interp_handler one;
	const interp_handler *by_dst;
	const interp_handler *by_both;
};

/* The registers that handlers are made for: not r10. */
#define INTERP_THREADED_REGS	10

interp_handler interp_alu_handler(const struct interp_insn *insn);
interp_handler interp_jump_handler(const struct interp_insn *insn);
interp_handler interp_memory_handler(const struct interp_insn *insn);
interp_handler interp_atomic_handler(const struct interp_insn *insn);
interp_handler interp_fused_handler(const struct interp_insn *insn, u32 left);
interp_handler interp_load_handler(const struct interp_insn *insn);
interp_handler interp_map_handler(const struct interp_insn *insn, u32 left);

enum interp_end interp_threaded_helper(HANDLER_ARGS);
enum interp_end interp_threaded_fault(HANDLER_ARGS);
enum interp_end interp_threaded_slice(HANDLER_ARGS);

/* What a register of the program is, by its number. */
#define REG_0	r0
#define REG_1	r1
#define REG_2	r2
#define REG_3	r3
#define REG_4	r4
#define REG_5	r5
#define REG_6	r6
#define REG_7	r7
#ifdef INTERP_R8_IN_REGISTER
#define REG_8	r8
#define SAVE_R8	(vm->regs[BPF_REG_8] = r8)
#define LOAD_R8	(r8 = vm->regs[BPF_REG_8])
#else
#define REG_8	vm->regs[BPF_REG_8]
#define SAVE_R8	do { } while (0)
#define LOAD_R8	do { } while (0)
#endif
#define REG_9	vm->regs[BPF_REG_9]
#define REG(n)	REG_##n

/*
 * A register by a number that is not known before; r10 too. If this becomes a table
 * of jumps, it has one for each number that the mask lets through. So it has the
 * mask in both variants.
 */
#define REG_SLOT(number)	((number) & (INTERP_REG_SLOTS - 1))
#define READ_REG(number)						\
	({								\
		u64 value_;						\
									\
		switch (REG_SLOT(number)) {				\
		case BPF_REG_0: value_ = r0; break;			\
		case BPF_REG_1: value_ = r1; break;			\
		case BPF_REG_2: value_ = r2; break;			\
		case BPF_REG_3: value_ = r3; break;			\
		case BPF_REG_4: value_ = r4; break;			\
		case BPF_REG_5: value_ = r5; break;			\
		case BPF_REG_6: value_ = r6; break;			\
		case BPF_REG_7: value_ = r7; break;			\
		case BPF_REG_8: value_ = REG_8; break;			\
		case BPF_REG_9 ... INTERP_REG_SLOTS - 1:		\
			value_ = vm->regs[REG_SLOT(number)];		\
		}							\
		value_;							\
	})
#define WRITE_REG(number, value)					\
	do {								\
		switch (REG_SLOT(number)) {				\
		case BPF_REG_0: r0 = (value); break;			\
		case BPF_REG_1: r1 = (value); break;			\
		case BPF_REG_2: r2 = (value); break;			\
		case BPF_REG_3: r3 = (value); break;			\
		case BPF_REG_4: r4 = (value); break;			\
		case BPF_REG_5: r5 = (value); break;			\
		case BPF_REG_6: r6 = (value); break;			\
		case BPF_REG_7: r7 = (value); break;			\
		case BPF_REG_8: REG_8 = (value); break;			\
		case BPF_REG_9 ... INTERP_REG_SLOTS - 1:		\
			vm->regs[REG_SLOT(number)] = (value);		\
		}							\
	} while (0)

#define SAVE_REGS							\
	do {								\
		vm->regs[BPF_REG_0] = r0;				\
		vm->regs[BPF_REG_1] = r1;				\
		vm->regs[BPF_REG_2] = r2;				\
		vm->regs[BPF_REG_3] = r3;				\
		vm->regs[BPF_REG_4] = r4;				\
		vm->regs[BPF_REG_5] = r5;				\
		vm->regs[BPF_REG_6] = r6;				\
		vm->regs[BPF_REG_7] = r7;				\
		SAVE_R8;						\
		vm->limit = limit;					\
	} while (0)

#define LOAD_REGS							\
	do {								\
		r0 = vm->regs[BPF_REG_0];				\
		r1 = vm->regs[BPF_REG_1];				\
		r2 = vm->regs[BPF_REG_2];				\
		r3 = vm->regs[BPF_REG_3];				\
		r4 = vm->regs[BPF_REG_4];				\
		r5 = vm->regs[BPF_REG_5];				\
		r6 = vm->regs[BPF_REG_6];				\
		r7 = vm->regs[BPF_REG_7];				\
		LOAD_R8;						\
		limit = vm->limit;					\
	} while (0)

#define HANDLER(name)	static enum interp_end name(HANDLER_ARGS)

/* Each of these ends a handler. */
#define TAIL(function, where)						\
	return (function)(where, vm, r0, r1, r2, r3)
#define GO_ON(where)							\
	TAIL((interp_handler)(where)->handler, where)
#define NEXT								\
	do {								\
		pc++;							\
		/* Without this GCC keeps the old place and copies it. */ \
		OPTIMIZER_HIDE_VAR(pc);					\
		GO_ON(pc);						\
	} while (0)

/* Bytes of the longest way on which nobody looks for the end of the slice. */
#define RUN_BYTES	((long)(INTERP_RUN_MAX * sizeof(struct interp_insn)))

/*
 * Go on at @target, unless the slice ends on the way from there to the next look.
 * The limit moves as far as that is from the next instruction, so what is left is
 * the same for both, and need not wait for where the target is.
 */
#define ARRIVE(target)							\
	do {								\
		const struct interp_insn *there = (target);		\
		long left = limit - (void *)(pc + 1);			\
									\
		limit = (void *)there + left;				\
		if (unlikely(left < RUN_BYTES))				\
			TAIL(interp_threaded_slice, there);		\
		GO_ON(there);						\
	} while (0)

/* The same, where the instruction says where that is. */
#define JUMP								\
	do {								\
		ARRIVE(interp_target(vm, pc));				\
	} while (0)

/*
 * The same at the end of a loop. Where it leads is not waited for, but taken to be
 * where the last loop led: in a short one the way from one instruction to the
 * place of the next would take longer than all that is done in it. That place was
 * forced into the program when it was found.
 */
#define JUMP_BACK							\
	do {								\
		const struct interp_insn *start;			\
									\
		if (likely(pc->imm == vm->loop_imm))			\
			ARRIVE(vm->loop);				\
		start = interp_target(vm, pc);				\
		vm->loop = start;					\
		vm->loop_imm = pc->imm;					\
		ARRIVE(start);						\
	} while (0)

/*
 * M(register, ...) for each destination; M(register, ...) for each source. A
 * checker of the source learns from one of them what it would from all, but takes
 * minutes for these.
 */
#ifdef __CHECKER__
#define FOR_DST(M, ...)		M(0, __VA_ARGS__)
#define FOR_SRC(M, ...)		M(0, __VA_ARGS__)
#else
#define FOR_DST(M, ...)							\
	M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__)		\
	M(3, __VA_ARGS__) M(4, __VA_ARGS__) M(5, __VA_ARGS__)		\
	M(6, __VA_ARGS__) M(7, __VA_ARGS__) M(8, __VA_ARGS__)		\
	M(9, __VA_ARGS__)
#define FOR_SRC(M, ...)							\
	M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__)		\
	M(3, __VA_ARGS__) M(4, __VA_ARGS__) M(5, __VA_ARGS__)		\
	M(6, __VA_ARGS__) M(7, __VA_ARGS__) M(8, __VA_ARGS__)		\
	M(9, __VA_ARGS__)
#endif

/* Names of handlers, and tables of them. */
#define DST_NAME(dst, name)		name##_##dst,
#define BOTH_NAME(src, dst, name)	name##_##dst##_##src,
#define BOTH_NAMES(dst, name)		FOR_SRC(BOTH_NAME, dst, name)

#define BY_DST(op, name)						\
	[op] = { .by_dst = (const interp_handler[]) {			\
			FOR_DST(DST_NAME, name) } },
#define BY_BOTH(op, name)						\
	[op] = { .by_both = (const interp_handler[]) {			\
			FOR_DST(BOTH_NAMES, name) } },

static inline interp_handler
interp_handler_of(const struct interp_handlers *handlers, u8 dst, u8 src)
{
	if (handlers->one)
		return handlers->one;
	if (handlers->by_dst && dst < INTERP_THREADED_REGS)
		return handlers->by_dst[dst];
	if (handlers->by_both && dst < INTERP_THREADED_REGS &&
	    src < INTERP_THREADED_REGS)
		return handlers->by_both[dst * INTERP_THREADED_REGS + src];
	return NULL;
}

/* Whether a jump is one back, as at the end of a loop. */
static inline bool interp_jumps_back(const struct interp_insn *insn)
{
	return insn->imm & INTERP_BACKWARD;
}

/* Whether two instructions, of which this is the first, set @reg to r10 + n. */
static inline bool interp_is_frame_address(const struct interp_insn *insn,
					   u8 reg)
{
	return insn->op == INTERP_MOV64_X && insn->src == BPF_REG_10 &&
	       insn->dst == reg && insn[1].op == INTERP_ADD64_K &&
	       insn[1].dst == reg;
}

#endif /* INTERP_THREADED_H */
