// SPDX-License-Identifier: GPL-2.0
/*
 * A run: from its first instruction to its end, in slices of at most
 * BPFSCHED_SAFE_POINT_INSNS instructions. A safe point lies between two slices.
 */
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "frame.h"
#include "interp.h"
#include "memory.h"
#include "walk.h"

/* One slice, charged to the budget. */
static enum interp_end charge_slice(struct interp_state *state)
{
	u32 slice = min_t(u64, state->budget, BPFSCHED_SAFE_POINT_INSNS);
	enum interp_end end;
	u32 used;

	state->limit = state->insn + slice;
	if (slice < INTERP_RUN_MAX)
		end = interp_run_exact(state);
	else
		end = state->image->dispatcher->run(state);

	/* The instruction that failed was executed too. */
	used = slice - (state->limit - state->insn) +
	       (end == INTERP_END_FAULT);
	state->event = INTERP_EVENT_NONE;
	state->work = 0;
	state->budget -= used;
	state->executed += used;
	if (state->wants_budget) {
		state->wants_budget = false;
		state->regs[BPF_REG_0] = state->budget;
	}
	return end;
}

/* What helpers and dispatchers leave out, as it is slow to find out. */
static void settle_fault(struct interp_state *state)
{
	const struct interp_image *image = state->image;
	struct bpfsched_fault *fault = &state->fault;
	u64 index = state->insn - state->insns;

	fault->pc = image->slots[index & interp_mask(index, image->count)];
	if ((fault->kind == BPFSCHED_FAULT_READ ||
	     fault->kind == BPFSCHED_FAULT_WRITE) &&
	    interp_window_is_gone(state, fault->address))
		fault->kind = BPFSCHED_FAULT_WINDOW;
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
		case INTERP_END_EXIT:
			return BPFSCHED_DONE;
		case INTERP_END_FAULT:
			settle_fault(state);
			return BPFSCHED_FAULTED;
		case INTERP_END_SLICE:
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

/* What is below @count is mapped anew, the rest may be of an earlier run. */
static void unmap_from(struct interp_state *state, u32 count)
{
	if (state->region_count > count)
		memset(&state->regions[count], 0,
		       (state->region_count - count) *
		       sizeof(state->regions[0]));
	state->region_count = count;
}

static void map_memory(struct interp_state *state, u32 region,
		       const struct bpfsched_memory *memory)
{
	interp_region_set(state, &state->regions[region],
			  INTERP_ADDRESS(region, 0), memory);
}

/*
 * What an earlier run has left, which may have been another client's, is cleared
 * even where this one has no address for it: a processor that takes a wrong turn
 * needs none. What was not used is zero since it was cleared last.
 */
static void forget_run(struct interp_state *state)
{
	u32 used = min_t(u32, state->deepest, INTERP_FRAMES - 1);

	memset(state->stack, 0, (used + 1) * INTERP_FRAME_SIZE);
	/* A second frame was used by each run that has called back or walked. */
	if (used) {
		memset(state->frames, 0, sizeof(state->frames));
		memset(state->array_keys, 0, sizeof(state->array_keys));
		state->call_back = (struct interp_frame) {};
	}
	if (state->text_used)
		memset(state->text, 0, sizeof(state->text));
	state->text_used = false;
	if (state->windows.count)
		state->windows = (struct interp_windows) {};
	memset(state->regs, 0, sizeof(state->regs));
	state->fault = (struct bpfsched_fault) {};
}

/**
 * interp_start() - make a state ready for its first instruction
 * @data: the state, of size sizeof(struct interp_state); all zero, or what an
 *	earlier run has left there
 * @params: the program, its context and its budget
 *
 * Context: process.
 */
void interp_start(void *data, const struct bpfsched_exec_params *params)
{
	const struct interp_image *image = params->image;
	struct interp_state *state = data;
	u32 i;

	forget_run(state);
	state->image = image;
	state->insns = image->insns;
	state->insn_count = image->count;
	state->insn = image->insns;
	state->limit = image->insns;
	/* No jump has this, and if one is taken for it, it leads into the program. */
	state->loop = image->insns;
	state->loop_imm = U64_MAX;
	state->budget = params->budget_insns;
	state->host = params->host;
	state->host_data = params->host_data;
	state->executed = 0;
	state->event = INTERP_EVENT_NONE;
	state->wants_budget = false;
	state->work = 0;
	state->walks = NULL;
	state->regs[BPF_REG_1] = INTERP_ADDRESS(INTERP_REGION_CONTEXT, 0);
	state->regs[BPF_REG_2] = params->context.len;
	unmap_from(state, INTERP_REGION_SECTIONS + image->section_count);
	if (image->map_count)
		state->region_count = INTERP_REGION_MAPS + image->map_count;

	interp_first_frame(state);
	map_memory(state, INTERP_REGION_CONTEXT, &params->context);
	for (i = 0; i < image->section_count; i++)
		map_memory(state, INTERP_REGION_SECTIONS + i,
			   &image->sections[i]);
	for (i = 0; i < image->map_count; i++)
		map_memory(state, INTERP_REGION_MAPS + i,
			   &image->maps[i].elements);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_start);

/**
 * interp_set_budget() - change how many instructions a run may execute yet
 * @data: the state of a run that was paused
 * @insns: how many, above 0
 *
 * Context: any.
 */
void interp_set_budget(void *data, u64 insns)
{
	struct interp_state *state = data;

	state->budget = insns;
}

/**
 * interp_finish() - let go of what a run holds
 * @data: the state
 *
 * Context: process, may sleep.
 */
void interp_finish(void *data)
{
	struct interp_state *state = data;

	while (state->walks)
		interp_walk_end(state);
	interp_walk_forget(state);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_finish);
