// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes are refused with a reason or run to an end within their budget,
 * and touch no memory but the program's: the sanitizers see to that. What a
 * run gives does not depend on whether its state is new, nor does a load that
 * runs out of memory leave anything behind.
 */
#include <linux/kernel.h>

#include "engine.h"
#include "play.h"
#include "shim.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void load_without_memory(const struct bpfsched_engine_ops *ops,
				const struct fuzz_case *input)
{
	struct fuzz_program program;
	struct fuzz_memory memory;
	struct bpfsched_log log;
	void *image;
	int err;

	fuzz_memory_make(&memory, input);
	fuzz_program_fill(&program, input, &memory);
	interp_shim.fail_alloc = input->fail_alloc;
	err = ops->load(&program.code, &log, &image);
	if (!err)
		ops->unload(image);
	else
		fuzz_expect(err == -ENOMEM || err == -EINVAL);
	interp_shim.fail_alloc = 0;
	fuzz_memory_free(&memory);
}

static void run_twice(const struct bpfsched_engine_ops *ops,
		      const struct fuzz_case *input)
{
	struct fuzz_play play = { .ops = ops, .budget = input->budget };
	struct fuzz_end first, second;

	play.state = calloc(1, ops->state_size);
	if (!fuzz_play(&play, input, &first)) {
		free(play.state);
		return;
	}
	fuzz_expect(fuzz_play(&play, input, &second));
	fuzz_expect_same(input, "two runs", &first, &second);
	fuzz_memory_free(&first.memory);
	fuzz_memory_free(&second.memory);
	free(play.state);
}

/* What libFuzzer calls for each input. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct bpfsched_engine_ops *const *ops;
	struct fuzz_case input;

	fuzz_case_read(&input, data, size);
	for (ops = bpfsched_engines; *ops; ops++) {
		if (input.fail_alloc)
			load_without_memory(*ops, &input);
		run_twice(*ops, &input);
	}
	fuzz_case_free(&input);
	return 0;
}
