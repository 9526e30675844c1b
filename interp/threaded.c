// SPDX-License-Identifier: GPL-2.0
/*
 * The threaded dispatcher: its way in and out, calls, and which handler each
 * instruction gets.
 */
#include <linux/kernel.h>

#include "threaded.h"

/**
 * interp_threaded_slice() - end the slice
 * @pc: where it goes on
 * @vm: the run
 * @r0: register 0; the others likewise
 *
 * Context: process, at the end of a handler.
 * Return: INTERP_END_SLICE.
 */
enum interp_end interp_threaded_slice(HANDLER_ARGS)
{
	SAVE_REGS;
	vm->insn = pc;
	return INTERP_END_SLICE;
}

/**
 * interp_threaded_fault() - end the run, for the state's fault
 * @pc: the instruction that failed
 * @vm: the run
 * @r0: register 0; the others likewise
 *
 * Context: process, at the end of a handler.
 * Return: INTERP_END_FAULT.
 */
enum interp_end interp_threaded_fault(HANDLER_ARGS)
{
	SAVE_REGS;
	vm->insn = pc;
	return INTERP_END_FAULT;
}

/* An instruction that has no handler of its own: the portable way, once. */
HANDLER(portable)
{
	const struct interp_insn *limit = vm->limit;
	enum interp_end end;

	SAVE_REGS;
	vm->insn = pc;
	vm->limit = pc + 1;
	end = interp_run_exact(vm);
	/* What has come behind @limit lies as far behind the new place. */
	vm->limit = vm->insn + (limit - (pc + 1));
	if (end != INTERP_END_SLICE) {
		if (end == INTERP_END_FAULT)
			vm->limit++;
		return end;
	}
	if (vm->event == INTERP_EVENT_YIELD ||
	    vm->limit - vm->insn < INTERP_RUN_MAX)
		return end;
	LOAD_REGS;
	GO_ON(vm->insn);
}

HANDLER(CALL)
{
	struct interp_frame *frame = &vm->frames[vm->depth];

	/* A frame that was not used before must be cleared. */
	if (unlikely(vm->depth == vm->deepest))
		TAIL(portable, pc);
	frame->saved[0] = r6;
	frame->saved[1] = r7;
	frame->saved[2] = r8;
	frame->saved[3] = vm->regs[BPF_REG_9];
	frame->insn = pc + 1;
	frame->next = NULL;
	vm->depth++;
	interp_move_frame(vm, INTERP_FRAME_SIZE);
	ARRIVE(interp_target(pc));
}

HANDLER(EXIT)
{
	const struct interp_frame *frame;

	if (unlikely(!vm->depth))
		TAIL(portable, pc);
	frame = &vm->frames[vm->depth - 1];
	if (unlikely(frame->next))
		TAIL(portable, pc);
	r6 = frame->saved[0];
	r7 = frame->saved[1];
	r8 = frame->saved[2];
	vm->regs[BPF_REG_9] = frame->saved[3];
	vm->depth--;
	interp_move_frame(vm, -INTERP_FRAME_SIZE);
	ARRIVE(frame->insn);
}

/* The helper has asked for something besides. */
static noinline enum interp_end settle(HANDLER_ARGS)
{
	const struct interp_insn *next;

	SAVE_REGS;
	next = interp_settle(vm, pc);
	if (!next)
		TAIL(interp_threaded_fault, pc);
	if (vm->event == INTERP_EVENT_YIELD)
		TAIL(interp_threaded_slice, next);
	LOAD_REGS;
	ARRIVE(next);
}

HANDLER(HELPER)
{
	vm->regs[BPF_REG_1] = r1;
	vm->regs[BPF_REG_2] = r2;
	vm->regs[BPF_REG_3] = r3;
	vm->regs[BPF_REG_4] = r4;
	vm->regs[BPF_REG_5] = r5;
	r0 = interp_helpers[pc->imm].call(vm, &vm->regs[BPF_REG_1]);
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
		return HELPER;
	default:
		return portable;
	}
}

static interp_handler handler_of(const struct interp_insn *insn)
{
	return interp_alu_handler(insn) ?: interp_jump_handler(insn) ?:
	       interp_memory_handler(insn) ?: control_handler(insn);
}

static void prepare(struct interp_insn *insns, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		insns[i].handler = handler_of(&insns[i]);
}

/*
 * The registers that hold r4 to r8 belong to the caller. The compiler does not
 * save them, for it takes them for variables.
 */
static enum interp_end run(struct interp_state *vm)
{
	const u64 saved[] = { r4, r5, r6, r7, r8 };
	const struct interp_insn *pc = vm->insn;
	enum interp_end end;
	u64 r0, r1, r2, r3;

	LOAD_REGS;
	end = ((interp_handler)pc->handler)(pc, vm, r0, r1, r2, r3);
	r4 = saved[0];
	r5 = saved[1];
	r6 = saved[2];
	r7 = saved[3];
	r8 = saved[4];
	return end;
}

const struct interp_dispatcher interp_threaded = {
	.name = "threaded",
	.prepare = prepare,
	.run = run,
};
