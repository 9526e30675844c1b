// SPDX-License-Identifier: GPL-2.0
/*
 * Runs one program in user space, as a plugin of the bpf_conformance suite
 * does:
 *
 *	interp-run [MEMORY] [--engine NAME] [OPTIONS] <PROGRAM
 *	interp-run --list-engines
 *
 * The program comes as hex bytes on standard input, the memory that r1 points
 * to as hex in the first argument. Options that are not known are ignored, as
 * the suite asks for. Prints r0 in hex; what goes wrong is said on standard
 * error and by the exit status.
 */
#include <linux/kernel.h>

#include "engine.h"

#define die(format, ...)						\
do {									\
	fprintf(stderr, "interp-run: " format "\n", ##__VA_ARGS__);	\
	exit(1);							\
} while (0)

#include "../tests/hex.h"

/* More than any vector needs; a program that does not end is an error. */
#define BUDGET	100000000

static const struct bpfsched_engine_ops *find_engine(const char *name)
{
	const struct bpfsched_engine_ops *const *ops;

	for (ops = bpfsched_engines; *ops; ops++) {
		if (!name || !strcmp((*ops)->name, name))
			return *ops;
	}
	die("there is no engine '%s'", name);
}

static int list_engines(void)
{
	const struct bpfsched_engine_ops *const *ops;

	for (ops = bpfsched_engines; *ops; ops++)
		printf("%s\n", (*ops)->name);
	return 0;
}

static void *load(const struct bpfsched_engine_ops *ops,
		  const struct bytes *program)
{
	const struct bpfsched_code code = {
		.insns = (const void *)program->data,
		.insn_count = program->len / sizeof(struct bpf_insn),
	};
	struct bpfsched_log log = {};
	void *image;

	if (program->len % sizeof(struct bpf_insn))
		die("%zu bytes are no whole number of instructions",
		    program->len);
	if (ops->load(&code, &log, &image))
		die("%s", log.text[0] ? log.text : "out of memory");
	return image;
}

static u64 run(const struct bpfsched_engine_ops *ops, const void *image,
	       const struct bytes *memory)
{
	const struct bpfsched_exec_params params = {
		.image = image,
		.context = { .base = memory->data, .len = memory->len },
		.budget_insns = BUDGET,
	};
	u32 control = BPFSCHED_CONTROL_RUN;
	void *state = calloc(1, ops->state_size);
	struct bpfsched_result result;

	if (!state)
		die("out of memory");
	ops->start(state, &params);
	switch (ops->run(state, &control, &result)) {
	case BPFSCHED_DONE:
		break;
	case BPFSCHED_FAULTED:
		die("fault %u at address %#llx, instruction %u",
		    result.fault.kind, result.fault.address, result.fault.pc);
	default:
		die("it does not end within %d instructions", BUDGET);
	}
	free(state);
	return result.r0;
}

int main(int argc, char **argv)
{
	const struct bpfsched_engine_ops *ops;
	struct bytes program, memory;
	const char *engine = NULL;
	char *text;
	void *image;
	int i;

	if (argc > 1 && !strcmp(argv[1], "--list-engines"))
		return list_engines();
	for (i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "--engine"))
			engine = argv[i + 1];
	}
	ops = find_engine(engine);
	memory = parse_hex(argc > 1 && strncmp(argv[1], "--", 2) ? argv[1] :
								   "");
	text = read_input();
	program = parse_hex(text);
	free(text);
	image = load(ops, &program);
	printf("%llx\n", run(ops, image, &memory));
	ops->unload(image);
	free(program.data);
	free(memory.data);
	return 0;
}
