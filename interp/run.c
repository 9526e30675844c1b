// SPDX-License-Identifier: GPL-2.0
/*
 * The dispatcher: executes an image in a state.
 *
 * A run is cut into slices of at most BPFSCHED_SAFE_POINT_INSNS instructions;
 * a safe point lies between two slices. There are two loops. The fast one
 * counts at taken jumps, calls, returns and checkpoints only, by the distance
 * from where the last of them arrived; that distance is at most INTERP_RUN_MAX,
 * so it ends its slice while at least one more such distance would fit. The
 * exact one counts each instruction and executes what is left near the end of
 * a budget. Both give the same count.
 */
#include <asm/byteorder.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/swab.h>

#include <bpfsched/compat.h>
#include <bpfsched/visibility.h>

#include "interp.h"
#include "memory.h"

enum loop_end {
	LOOP_SLICE,	/* the slice is used up */
	LOOP_EXIT,	/* the program has returned */
	LOOP_FAULT,	/* state->fault says why */
};

static void set_stack_region(struct interp_state *state)
{
	const struct bpfsched_memory stack = {
		.base = state->stack,
		.len = (state->depth + 1) * INTERP_FRAME_SIZE,
	};

	interp_region_set(&state->regions[INTERP_REGION_STACK], &stack);
}

/*
 * Enter a function. Its frame lies above the caller's and starts as zero.
 * @back is where the caller goes on. Returns false if no frame is left.
 */
static bool push_frame(struct interp_state *state,
		       const struct interp_insn *back)
{
	struct interp_frame *frame;

	if (state->depth == INTERP_FRAMES - 1)
		return false;

	frame = &state->frames[state->depth++];
	memcpy(frame->saved, &state->regs[BPF_REG_6], sizeof(frame->saved));
	frame->insn = back;
	memset(&state->stack[state->depth * INTERP_FRAME_SIZE], 0,
	       INTERP_FRAME_SIZE);
	state->regs[BPF_REG_10] += INTERP_FRAME_SIZE;
	set_stack_region(state);
	return true;
}

/* Leave a function that is not the first; returns where the caller goes on. */
static const struct interp_insn *pop_frame(struct interp_state *state)
{
	const struct interp_frame *frame = &state->frames[--state->depth];

	memcpy(&state->regs[BPF_REG_6], frame->saved, sizeof(frame->saved));
	state->regs[BPF_REG_10] -= INTERP_FRAME_SIZE;
	set_stack_region(state);
	return frame->insn;
}

/*
 * The macros below make the bodies of the cases. Each of NEXT, FAULT and ARRIVE
 * ends a case, by going on with the loop or leaving it, and stands there in
 * place of a break.
 */
#define DST	regs[insn->dst]
#define SRC	regs[insn->src]

#define NEXT					\
	{					\
		insn++;				\
		continue;			\
	}

#define FAULT(what, where)			\
	{					\
		state->fault.kind = (what);	\
		state->fault.address = (where);	\
		goto fault;			\
	}

/* Count what was executed since the last arrival, this instruction included. */
#define CHARGE					\
	{					\
		if (!exact)			\
			left -= insn - arrival + 1; \
	}

/* Go on at @target, or end the slice there. */
#define ARRIVE(target)				\
	{					\
		insn = arrival = (target);	\
		if (!exact && left < INTERP_RUN_MAX) \
			goto slice;		\
		continue;			\
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
		CHARGE							\
		ARRIVE(insn + insn->off)				\
	}
#define JUMP_CASES(name, bits, condition)				\
	JUMP_CASE(INTERP_##name##64_K, u64, s64, insn->imm, condition)	\
	JUMP_CASE(INTERP_##name##64_X, u64, s64, SRC, condition)	\
	JUMP_CASE(INTERP_##name##32_K, u32, s32, insn->imm, condition)	\
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

/*
 * Execute one slice. @slice is the number of instructions that it may take, at
 * least INTERP_RUN_MAX unless @exact, and on return what was not used.
 */
static __always_inline enum loop_end
run_slice(struct interp_state *state, u32 *slice, const bool exact)
{
	const struct interp_insn *insn = state->insn;
	const struct interp_insn *arrival = insn;
	enum loop_end end = LOOP_SLICE;
	u64 *regs = state->regs;
	u32 left = *slice;

	for (;;) {
		if (exact && insn->op != INTERP_CHECKPOINT && !left--) {
			left = 0;
			goto slice;
		}

		switch (insn->op) {
		INTERP_ALU_LIST(ALU_CASES)
		INTERP_UNARY_LIST(UNARY_CASE)
		INTERP_JUMP_LIST(JUMP_CASES)
		INTERP_LOAD_LIST(LOAD_CASE)
		INTERP_STORE_LIST(STORE_CASES)
		case INTERP_LDDW:
			DST = insn->imm;
			NEXT
		case INTERP_JA:
		case INTERP_JA32:
			CHARGE
			ARRIVE(insn + insn->off)
		case INTERP_HELPER:
			regs[BPF_REG_0] = interp_helpers[insn->imm].call(state,
							&regs[BPF_REG_1]);
			if (unlikely(state->fault.kind))
				goto fault;
			NEXT
		case INTERP_CALL:
			if (!push_frame(state, insn + 1))
				FAULT(BPFSCHED_FAULT_CALL_DEPTH, 0)
			CHARGE
			ARRIVE(insn + insn->off)
		case INTERP_EXIT:
			CHARGE
			if (state->depth)
				ARRIVE(pop_frame(state))
			end = LOOP_EXIT;
			goto slice;
		case INTERP_CHECKPOINT:
			if (!exact)
				left -= insn - arrival;
			ARRIVE(insn + 1)
		}
	}

fault:
	CHARGE
	end = LOOP_FAULT;
slice:
	state->insn = insn;
	*slice = left;
	return end;
}

static enum loop_end run_fast(struct interp_state *state, u32 *slice)
{
	return run_slice(state, slice, false);
}

static enum loop_end run_exact(struct interp_state *state, u32 *slice)
{
	return run_slice(state, slice, true);
}

/* One slice, charged to the budget. */
static enum loop_end charge_slice(struct interp_state *state)
{
	u32 slice = min_t(u64, state->budget, BPFSCHED_SAFE_POINT_INSNS);
	u32 left = slice;
	enum loop_end end;

	if (slice < INTERP_RUN_MAX)
		end = run_exact(state, &left);
	else
		end = run_fast(state, &left);

	state->budget -= slice - left;
	state->executed += slice - left;
	return end;
}

static enum bpfsched_outcome run_to_end(struct interp_state *state,
					const u32 *control)
{
	for (;;) {
		u32 word = READ_ONCE(*control);

		if (!state->budget)
			return BPFSCHED_EXHAUSTED;
		if (word == BPFSCHED_CONTROL_STOP)
			return BPFSCHED_STOPPED;
		if (word == BPFSCHED_CONTROL_PAUSE)
			return BPFSCHED_PAUSED;

		switch (charge_slice(state)) {
		case LOOP_EXIT:
			return BPFSCHED_DONE;
		case LOOP_FAULT:
			state->fault.pc = state->image->slots[state->insn -
							      state->image->insns];
			return BPFSCHED_FAULTED;
		case LOOP_SLICE:
			cond_resched_tasks_rcu_qs();
		}
	}
}

/**
 * interp_run() - run until the program ends or is asked to pause or stop
 * @data: the state; after BPFSCHED_PAUSED the run goes on where it was
 * @control: BPFSCHED_CONTROL_*, read at safe points, may change at any time
 * @result: set
 *
 * Context: process; lets the kernel schedule at safe points.
 * Return: how the run ended.
 */
enum bpfsched_outcome interp_run(void *data, const u32 *control,
				 struct bpfsched_result *result)
{
	struct interp_state *state = data;
	enum bpfsched_outcome outcome = run_to_end(state, control);

	*result = (struct bpfsched_result) {
		.r0 = outcome == BPFSCHED_DONE ? state->regs[BPF_REG_0] : 0,
		.instructions = state->executed,
		.fault = state->fault,
	};
	return outcome;
}
EXPORT_SYMBOL_FOR_KUNIT(interp_run);

/**
 * interp_start() - make a state ready for its first instruction
 * @data: the state, of size sizeof(struct interp_state), any content
 * @params: the program, its context and its budget
 *
 * Context: process.
 */
void interp_start(void *data, const struct bpfsched_exec_params *params)
{
	const struct interp_image *image = params->image;
	struct interp_state *state = data;
	u32 i;

	/* push_frame() clears the other frames when they come to life. */
	memset(state, 0, offsetof(struct interp_state, stack) +
	       INTERP_FRAME_SIZE);
	state->image = image;
	state->insn = image->insns;
	state->budget = params->budget_insns;
	state->regs[BPF_REG_1] = INTERP_ADDRESS(INTERP_REGION_CONTEXT, 0);
	state->regs[BPF_REG_2] = params->context.len;
	state->regs[BPF_REG_10] = INTERP_ADDRESS(INTERP_REGION_STACK,
						 INTERP_FRAME_SIZE);

	set_stack_region(state);
	interp_region_set(&state->regions[INTERP_REGION_CONTEXT],
			  &params->context);
	for (i = 0; i < image->section_count; i++)
		interp_region_set(&state->regions[INTERP_REGION_SECTIONS + i],
				  &image->sections[i]);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_start);
