// SPDX-License-Identifier: GPL-2.0
/*
 * All engines agree with the reference, with the whole budget and with one
 * that ends in the middle: r0, memory, number of instructions, and what went
 * wrong, where.
 */
#include <linux/kernel.h>

#include "engine.h"
#include "play.h"
#include "reference.h"
#include "shim.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Runs that the reference could follow, and that it could not. */
static u64 followed, skipped;

static void show_skipped(void)
{
	fprintf(stderr, "runs followed by the reference: %llu, skipped: %llu\n",
		followed, skipped);
}

static void count_run(bool known)
{
	if (!followed && !skipped)
		atexit(show_skipped);
	if (known)
		followed++;
	else
		skipped++;
}

/* False if the program calls what the reference does not have. */
static bool run_reference(const struct fuzz_case *input, u64 budget,
			  struct fuzz_end *end)
{
	struct bpfsched_exec_params params;
	struct fuzz_program program;
	struct fuzz_host host;
	struct reference *ref;
	bool known;

	*end = (struct fuzz_end) {};
	fuzz_memory_make(&end->memory, input);
	fuzz_program_fill(&program, input, &end->memory);
	params = (struct bpfsched_exec_params) {
		.context = {
			.base = end->memory.context,
			.len = input->context_len,
		},
		.budget_insns = budget,
		.host = input->has_host ? &fuzz_host_ops : NULL,
		.host_data = &host,
	};
	host = (struct fuzz_host) {
		.context = params.context, .code = &program.code,
	};
	interp_shim_reset();
	ref = reference_new(&program.code, &params);
	end->outcome = reference_run(ref, &end->result);
	end->record = host.record;
	known = !reference_is_lost(ref);
	count_run(known);
	reference_free(ref);
	return known;
}

static void compare(const struct fuzz_case *input, u64 budget,
		    struct fuzz_end *want)
{
	const struct bpfsched_engine_ops *const *ops;
	bool known = run_reference(input, budget, want);
	struct fuzz_end end;

	for (ops = bpfsched_engines; *ops; ops++) {
		struct fuzz_play play = { .ops = *ops, .budget = budget };

		fuzz_expect(fuzz_play(&play, input, &end));
		if (known) {
			fuzz_expect_same(input, (*ops)->name, &end, want);
			fuzz_memory_free(&end.memory);
		} else {
			/* then the first engine is what the others follow */
			fuzz_memory_free(&want->memory);
			*want = end;
			known = true;
		}
	}
}

/* Whether all engines take it; fails if they do not agree on that. */
static bool is_taken(const struct fuzz_case *input)
{
	const struct bpfsched_engine_ops *const *ops;
	struct fuzz_end end;
	u32 taken = 0;

	for (ops = bpfsched_engines; *ops; ops++) {
		struct fuzz_play play = { .ops = *ops, .budget = 1 };

		if (!fuzz_play(&play, input, &end))
			continue;
		fuzz_memory_free(&end.memory);
		taken++;
	}
	fuzz_expect(!taken || taken == ops - bpfsched_engines);
	return taken;
}

/* What libFuzzer calls for each input. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_case input;
	struct fuzz_end end;
	u64 instructions;

	fuzz_case_read(&input, data, size);
	if (is_taken(&input)) {
		compare(&input, input.budget, &end);
		instructions = end.result.instructions;
		fuzz_memory_free(&end.memory);
		if (instructions > 1) {
			compare(&input, instructions / 2, &end);
			fuzz_memory_free(&end.memory);
		}
	}
	fuzz_case_free(&input);
	return 0;
}
