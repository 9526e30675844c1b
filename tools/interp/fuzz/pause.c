// SPDX-License-Identifier: GPL-2.0
/*
 * A run that is paused at safe points and goes on gives what a run without a
 * pause gives. A program that needs n instructions ends with a budget of n as
 * it does with more, and with n - 1 has executed just those.
 */
#include <linux/kernel.h>

#include "engine.h"
#include "play.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/*
 * All that is done here takes as long as the budget is, times what an instruction
 * takes: a call can print or hand over kilobytes. Calls that do much end slices,
 * so that the number of safe points tells how long a run takes. One that comes
 * to more than these is cut short.
 */
#define POINTS_MAX	256

static void play_again(const struct fuzz_play *play,
		       const struct fuzz_case *input, struct fuzz_end *end)
{
	fuzz_expect(fuzz_play(play, input, end));
}

/* False if the program was refused. */
static bool play_whole(struct fuzz_play *play, const struct fuzz_case *input,
		       struct fuzz_end *whole)
{
	if (!fuzz_play(play, input, whole))
		return false;
	if (whole->points > POINTS_MAX) {
		fuzz_memory_free(&whole->memory);
		play->budget = whole->result.instructions * POINTS_MAX /
			       whole->points;
		play_again(play, input, whole);
	}
	return true;
}

static void with_pauses(struct fuzz_play play, const struct fuzz_case *input,
			const struct fuzz_end *whole)
{
	struct fuzz_end end;

	play.pause_period = input->pause_period;
	play_again(&play, input, &end);
	fuzz_expect_same(input, "with pauses and without", &end, whole);
	/* at each point, too: that is when their distance is looked at */
	fuzz_memory_free(&end.memory);
	play.pause_period = 1;
	play_again(&play, input, &end);
	fuzz_expect_same(input, "with a pause at each point and without", &end, whole);
	fuzz_memory_free(&end.memory);
}

/* What a run holds is let go of wherever it is stopped. */
static void stopped(struct fuzz_play play, const struct fuzz_case *input)
{
	struct fuzz_end end;

	play.pause_period = 1;
	play.stop_after = input->pause_period;
	play_again(&play, input, &end);
	fuzz_memory_free(&end.memory);
}

/* Whether what a program does can depend on its budget. */
static bool may_ask_for_budget(const struct fuzz_case *input)
{
	u32 slot;

	for (slot = 0; slot < input->insn_count; slot++) {
		const struct bpf_insn *insn = &input->insns[slot];

		if (insn->code == (BPF_JMP | BPF_CALL | BPF_X) ||
		    (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
		     insn->imm == BPFSCHED_FUNC_budget_remaining))
			return true;
	}
	return false;
}

static void just_enough(struct fuzz_play play, const struct fuzz_case *input,
			const struct fuzz_end *whole)
{
	struct fuzz_end end;

	if (whole->outcome == BPFSCHED_EXHAUSTED || may_ask_for_budget(input))
		return;
	play.budget = whole->result.instructions;
	play_again(&play, input, &end);
	fuzz_expect_same(input, "more than enough and enough", whole, &end);
	fuzz_memory_free(&end.memory);

	play.budget--;
	play_again(&play, input, &end);
	fuzz_expect(end.outcome == BPFSCHED_EXHAUSTED);
	fuzz_memory_free(&end.memory);
}

/* What libFuzzer calls for each input. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct bpfsched_engine_ops *const *ops;
	struct fuzz_case input;
	struct fuzz_end whole;

	fuzz_case_read(&input, data, size);
	for (ops = bpfsched_engines; *ops; ops++) {
		struct fuzz_play play = { .ops = *ops, .budget = input.budget };

		if (!play_whole(&play, &input, &whole))
			continue;
		with_pauses(play, &input, &whole);
		stopped(play, &input);
		just_enough(play, &input, &whole);
		fuzz_memory_free(&whole.memory);
	}
	fuzz_case_free(&input);
	return 0;
}
