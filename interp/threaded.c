// SPDX-License-Identifier: GPL-2.0
/*
 * The threaded dispatcher: its way in and out, calls, and which handler each
 * instruction gets.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "threaded.h"
#include "translate.h"

/**
 * interp_threaded_slice() - end the slice
 * @pc: where it goes on
 * @vm: the run
 * @r0: register 0
 * @r1: register 1
 * @r2: register 2
 * @r3: register 3
 *
 * Context: process, at the end of a handler.
 * Return: INTERP_END_SLICE.
 */
enum interp_end interp_threaded_slice(const struct interp_insn *pc,
				      struct interp_state *vm, u64 r0, u64 r1,
				      u64 r2, u64 r3)
{
	SAVE_REGS;
	vm->insn = pc;
	return INTERP_END_SLICE;
}

/**
 * interp_threaded_fault() - end the run, for the state's fault
 * @pc: the instruction that failed
 * @vm: the run
 * @r0: register 0
 * @r1: register 1
 * @r2: register 2
 * @r3: register 3
 *
 * Context: process, at the end of a handler.
 * Return: INTERP_END_FAULT.
 */
enum interp_end interp_threaded_fault(const struct interp_insn *pc,
				      struct interp_state *vm, u64 r0, u64 r1,
				      u64 r2, u64 r3)
{
	SAVE_REGS;
	vm->insn = pc;
	return INTERP_END_FAULT;
}

/**
 * interp_threaded_bad_load() - end the run, for a load that is not allowed
 * @pc: the load
 * @vm: the run
 * @r0: register 0
 * @r1: register 1
 * @r2: register 2
 * @r3: register 3
 *
 * The address is found again here, for the handlers have few registers left.
 *
 * Context: process, at the end of a handler.
 * Return: INTERP_END_FAULT.
 */
enum interp_end interp_threaded_bad_load(const struct interp_insn *pc,
					 struct interp_state *vm, u64 r0,
					 u64 r1, u64 r2, u64 r3)
{
	SAVE_REGS;
	interp_fault(vm, BPFSCHED_FAULT_READ,
		     vm->regs[INTERP_REG(pc->src)] + pc->off);
	TAIL(interp_threaded_fault, pc);
}

/**
 * interp_threaded_bad_store() - end the run, for a store that is not allowed
 * @pc: the store
 * @vm: the run
 * @r0: register 0
 * @r1: register 1
 * @r2: register 2
 * @r3: register 3
 *
 * Context: process, at the end of a handler.
 * Return: INTERP_END_FAULT.
 */
enum interp_end interp_threaded_bad_store(const struct interp_insn *pc,
					  struct interp_state *vm, u64 r0, u64 r1,
					  u64 r2, u64 r3)
{
	SAVE_REGS;
	interp_fault(vm, BPFSCHED_FAULT_WRITE,
		     vm->regs[INTERP_REG(pc->dst)] + pc->off);
	TAIL(interp_threaded_fault, pc);
}

/* An instruction that has no handler of its own: the portable way, once. */
HANDLER(portable)
{
	long left = limit - (void *)(pc + 1);
	enum interp_end end;

	SAVE_REGS;
	vm->insn = pc;
	vm->limit = pc + 1;
	end = interp_run_exact(vm);
	/* What the failed instruction counts is added by those who ask. */
	if (end == INTERP_END_FAULT)
		left += sizeof(*pc);
	vm->limit = (void *)vm->insn + left;
	if (end != INTERP_END_SLICE || vm->event == INTERP_EVENT_YIELD ||
	    left < RUN_BYTES)
		return end;
	LOAD_REGS;
	GO_ON(vm->insn);
}

HANDLER(CALL)
{
	u32 depth = vm->depth;
	struct interp_frame *frame = interp_frame_at(vm, depth);

	/* It is noted how deep the run has been. */
	if (unlikely(depth == vm->deepest))
		TAIL(portable, pc);
	frame->saved[0] = REG(6);
	frame->saved[1] = REG(7);
	frame->saved[2] = REG(8);
	frame->saved[3] = REG(9);
	frame->back = pc + 1 - vm->insns;
	frame->next = NULL;
	interp_enter_frame(vm, depth + 1);
	JUMP;
}

HANDLER(EXIT)
{
	u32 depth = vm->depth;
	const struct interp_frame *frame = interp_frame_at(vm, depth - 1);

	if (unlikely(!depth))
		TAIL(portable, pc);
	if (unlikely(frame->next))
		TAIL(portable, pc);
	REG(6) = frame->saved[0];
	REG(7) = frame->saved[1];
	REG(8) = frame->saved[2];
	REG(9) = frame->saved[3];
	interp_enter_frame(vm, depth - 1);
	ARRIVE(interp_insn_at(vm, frame->back));
}

/* The helper has asked for something besides. */
static noinline enum interp_end settle(HANDLER_ARGS)
{
	const struct interp_insn *next;

	SAVE_REGS;
	next = interp_settle(vm, pc);
	if (!next)
		TAIL(interp_threaded_fault, pc);
	/* A function that is called back has got its arguments. */
	LOAD_REGS;
	if (vm->event != INTERP_EVENT_YIELD)
		ARRIVE(next);
	limit += (void *)next - (void *)(pc + 1);
	TAIL(interp_threaded_slice, next);
}

/**
 * interp_threaded_helper() - call a helper
 * @pc: the call
 * @vm: the run
 * @r0: register 0
 * @r1: register 1
 * @r2: register 2
 * @r3: register 3
 *
 * Context: process, a handler, and at the end of others.
 * Return: why the slice ended.
 */
enum interp_end interp_threaded_helper(const struct interp_insn *pc,
				       struct interp_state *vm, u64 r0, u64 r1,
				       u64 r2, u64 r3)
{
	vm->regs[BPF_REG_1] = r1;
	vm->regs[BPF_REG_2] = r2;
	vm->regs[BPF_REG_3] = r3;
	vm->regs[BPF_REG_4] = r4;
	vm->regs[BPF_REG_5] = r5;
	r0 = interp_helpers[INTERP_HELPER_SLOT(pc->imm)]
		.call(vm, &vm->regs[BPF_REG_1]);
	r1 = vm->regs[BPF_REG_1];
	r2 = vm->regs[BPF_REG_2];
	r3 = vm->regs[BPF_REG_3];
	if (unlikely(vm->event))
		TAIL(settle, pc);
	NEXT;
}

static interp_handler control_handler(const struct interp_insn *insn)
{
	switch (insn->op) {
	case INTERP_CALL:
		return CALL;
	case INTERP_EXIT:
		return EXIT;
	case INTERP_HELPER:
		return interp_threaded_helper;
	default:
		return portable;
	}
}

static interp_handler handler_of(const struct interp_insn *insn, u32 left)
{
	interp_handler fused = interp_map_handler(insn, left);

	if (left && !fused)
		fused = interp_fused_handler(insn, left) ?:
			interp_load_handler(insn);
	return fused ?: interp_alu_handler(insn) ?: interp_jump_handler(insn) ?:
	       interp_memory_handler(insn) ?: interp_atomic_handler(insn) ?:
	       control_handler(insn);
}

static void prepare(struct interp_insn *insns, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		insns[i].handler = handler_of(&insns[i], count - i - 1);
		if (i % 4096 == 0)
			cond_resched();
	}
}

/*
 * The processor's registers that hold those of the program belong to the
 * caller. The compiler does not save them, for it takes them for variables.
 */
static enum interp_end run(struct interp_state *vm)
{
	const u64 saved[] = { r4, r5, r6, r7 };
	const void *saved_limit = limit;
#ifdef INTERP_R8_IN_REGISTER
	const u64 saved_r8 = r8;
#endif
	const struct interp_insn *pc = vm->insn;
	enum interp_end end;
	u64 r0, r1, r2, r3;

	LOAD_REGS;
	end = ((interp_handler)pc->handler)(pc, vm, r0, r1, r2, r3);
	r4 = saved[0];
	r5 = saved[1];
	r6 = saved[2];
	r7 = saved[3];
	limit = saved_limit;
#ifdef INTERP_R8_IN_REGISTER
	r8 = saved_r8;
#endif
	return end;
}

const struct interp_dispatcher interp_threaded = {
	.name = INTERP_DISPATCHER("threaded"),
	.prepare = prepare,
	.run = run,
};
