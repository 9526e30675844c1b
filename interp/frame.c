// SPDX-License-Identifier: GPL-2.0
/*
 * Calls: of functions of the program, of helpers by a number in a register,
 * and of functions by helpers.
 *
 * A helper does not call a function itself: it says that it wants one called
 * back, and what is to follow. The dispatcher then enters the function in a
 * frame that knows this, so that a run can pause inside of it as anywhere.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "frame.h"
#include "memory.h"

/**
 * interp_first_frame() - the frame of the function that a program begins with
 * @state: the run
 *
 * Context: process.
 */
void interp_first_frame(struct interp_state *state)
{
	const struct bpfsched_memory stack = {
		.base = state->stack,
		.len = INTERP_FRAME_SIZE,
	};

	state->deepest = 0;
	interp_region_set(state, &state->regions[INTERP_REGION_STACK],
			  INTERP_ADDRESS(INTERP_REGION_STACK, 0), &stack);
	interp_enter_frame(state, 0);
}

/*
 * A frame is zero when a run first gets to it, see interp_start(); after that it
 * holds what the function that had it before has left there.
 */
static struct interp_frame *push_frame(struct interp_state *state,
				       const struct interp_insn *back)
{
	u32 depth = state->depth;
	struct interp_frame *frame = interp_frame_at(state, depth);

	if (depth == INTERP_FRAMES - 1) {
		interp_fault(state, BPFSCHED_FAULT_CALL_DEPTH, 0);
		return NULL;
	}
	memcpy(frame->saved, &state->regs[BPF_REG_6], sizeof(frame->saved));
	frame->back = back - state->insns;
	frame->next = NULL;
	interp_enter_frame(state, depth + 1);
	state->deepest = max(state->deepest, state->depth);
	return frame;
}

/**
 * interp_call() - enter a function
 * @state: the run; its registers are those in @state
 * @insn: the call
 *
 * Context: process, from a dispatcher.
 * Return: where it goes on; NULL: it failed, see the state's fault.
 */
const struct interp_insn *interp_call(struct interp_state *state,
				      const struct interp_insn *insn)
{
	return push_frame(state, insn + 1) ? interp_target(state, insn) : NULL;
}

/**
 * interp_function() - the function that a handle stands for
 * @state: the run
 * @handle: a number that a program has
 *
 * Context: process.
 * Return: its first instruction, or NULL if @handle is not one of a function.
 */
const struct interp_insn *interp_function(const struct interp_state *state,
					  u64 handle)
{
	const struct interp_image *image = state->image;
	u64 index = handle - INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 0);

	if (index >= image->count)
		return NULL;
	index &= interp_mask(index, image->count);
	return test_bit(index, image->entry) ? interp_insn_at(state, index) :
					       NULL;
}

static const struct interp_insn *callx_helper(struct interp_state *state,
					      const struct interp_insn *insn,
					      u64 id)
{
	int index = id > S32_MAX ? -1 : interp_helper_index(id);
	const struct interp_helper *helper =
		&interp_helpers[INTERP_HELPER_SLOT(index)];
	u64 ret;

	if (index < 0) {
		interp_fault(state, BPFSCHED_FAULT_CALL, id);
		return NULL;
	}
	ret = helper->call(state, &state->regs[BPF_REG_1]);
	/* What comes again is called by the same number, which r0 may have. */
	if (state->event != INTERP_EVENT_AGAIN)
		state->regs[BPF_REG_0] = ret;
	return state->event ? interp_settle(state, insn) : insn + 1;
}

/**
 * interp_callx() - call what a register names
 * @state: the run; its registers are those in @state
 * @insn: the call; the register has the number of a helper or the handle of a
 *	function
 *
 * Context: process, from a dispatcher.
 * Return: where it goes on; NULL: it failed, see the state's fault.
 */
const struct interp_insn *interp_callx(struct interp_state *state,
				       const struct interp_insn *insn)
{
	u64 what = state->regs[INTERP_REG(insn->dst)];
	const struct interp_insn *entry = interp_function(state, what);

	if (!entry)
		return callx_helper(state, insn, what);
	return push_frame(state, insn + 1) ? entry : NULL;
}

/**
 * interp_return() - leave a function that is not the first
 * @state: the run; its registers are those in @state
 * @insn: the exit
 *
 * Context: process, from a dispatcher.
 * Return: where it goes on.
 */
const struct interp_insn *interp_return(struct interp_state *state,
					const struct interp_insn *insn)
{
	struct interp_frame *frame = interp_frame_at(state, state->depth - 1);

	memcpy(&state->regs[BPF_REG_6], frame->saved, sizeof(frame->saved));
	/* The only event that there may be then is that enough was done. */
	switch (frame->next ? frame->next(state, frame) : INTERP_FOLLOW_END) {
	case INTERP_FOLLOW_CALL:
		return interp_insn_at(state, frame->entry);
	case INTERP_FOLLOW_AGAIN:
		state->event = INTERP_EVENT_YIELD;
		return insn;
	case INTERP_FOLLOW_END:
		break;
	}
	interp_enter_frame(state, state->depth - 1);
	return interp_insn_at(state, frame->back);
}

/**
 * interp_call_back() - have a function of the program called
 * @state: the run
 * @entry: the function, from interp_function()
 * @next: what follows when it has returned; called first to set up the first
 *	call, and must then want it. Its data is in the state's call_back
 *
 * Context: process, from a helper, whose return value is of no meaning then.
 */
void interp_call_back(struct interp_state *state,
		      const struct interp_insn *entry, interp_next_t *next)
{
	state->call_back.entry = entry - state->insns;
	state->call_back.next = next;
	state->event = INTERP_EVENT_CALL_BACK;
}

static const struct interp_insn *enter_callback(struct interp_state *state,
						const struct interp_insn *back)
{
	const struct interp_frame *wanted = &state->call_back;
	struct interp_frame *frame = push_frame(state, back);

	if (!frame)
		return NULL;
	frame->entry = wanted->entry;
	frame->next = wanted->next;
	memcpy(frame->data, wanted->data, sizeof(frame->data));
	frame->next(state, frame);
	return interp_insn_at(state, frame->entry);
}

/**
 * interp_settle() - do what a helper wants of the dispatcher
 * @state: the run, with an event; its registers are those in @state
 * @insn: the call of the helper
 *
 * Context: process, from a dispatcher.
 * Return: where it goes on; NULL: it failed, see the state's fault. The slice
 * ends there if the event is INTERP_EVENT_YIELD then.
 */
const struct interp_insn *interp_settle(struct interp_state *state,
					const struct interp_insn *insn)
{
	switch (state->event) {
	case INTERP_EVENT_FAULT:
		return NULL;
	case INTERP_EVENT_CALL_BACK:
		state->event = state->work > INTERP_WORK_MAX ?
			       INTERP_EVENT_YIELD : INTERP_EVENT_NONE;
		return enter_callback(state, insn + 1);
	case INTERP_EVENT_AGAIN:
		state->event = INTERP_EVENT_YIELD;
		return insn;
	default:
		return insn + 1;
	}
}
