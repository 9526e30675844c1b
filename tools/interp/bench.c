// SPDX-License-Identifier: GPL-2.0
/*
 * How long an instruction takes, for each engine and each of a few programs,
 * next to an interpreter that checks nothing (control.c) and is built the same
 * way. All take turns in each round; JSON on standard output, with medians and
 * what each round took.
 *
 *	interp-bench [ROUNDS]
 */
#include <linux/kernel.h>

#include <time.h>

#include "control.h"
#include "engine.h"

#define ROUNDS_DEFAULT	11
#define ROUNDS_MAX	101
#define RUNNERS_MAX	8
#define CONTEXT_LEN	256
#define TURNS		100000

#define INSN(c, d, s, o, i)						\
	((struct bpf_insn) { .code = (c), .dst_reg = (d), .src_reg = (s), \
			     .off = (o), .imm = (i) })
#define ALU_K(op, d, i)		INSN(BPF_ALU64 | BPF_##op | BPF_K, d, 0, 0, i)
#define ALU_X(op, d, s)		INSN(BPF_ALU64 | BPF_##op | BPF_X, d, s, 0, 0)
#define JUMP_K(op, d, i, o)	INSN(BPF_JMP | BPF_##op | BPF_K, d, 0, o, i)
#define JUMP_X(op, d, s, o)	INSN(BPF_JMP | BPF_##op | BPF_X, d, s, o, 0)
#define LOAD(size, d, s, o)	INSN(BPF_LDX | BPF_MEM | BPF_##size, d, s, o, 0)
#define STORE(d, o, s)		INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define EXIT			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static const struct bpf_insn arithmetic[] = {
	ALU_K(MOV, 0, 1),
	ALU_K(MOV, 3, TURNS),
	ALU_K(ADD, 0, 7),
	ALU_K(MUL, 0, 31),
	ALU_X(MOV, 4, 0),
	ALU_K(RSH, 4, 13),
	ALU_X(XOR, 0, 4),
	ALU_X(ADD, 5, 0),
	ALU_K(LSH, 5, 1),
	ALU_K(AND, 5, 0xffff),
	ALU_X(ADD, 0, 5),
	ALU_K(SUB, 3, 1),
	JUMP_K(JNE, 3, 0, -11),
	EXIT,
};

/* The sum of the bytes of the context, over and over. */
static const struct bpf_insn checksum[] = {
	ALU_K(MOV, 0, 0),
	ALU_K(MOV, 3, TURNS / CONTEXT_LEN),
	ALU_X(MOV, 4, 1),
	ALU_X(MOV, 5, 1),
	ALU_X(ADD, 5, 2),
	LOAD(B, 6, 4, 0),
	ALU_X(ADD, 0, 6),
	ALU_K(ADD, 4, 1),
	JUMP_X(JLT, 4, 5, -4),
	ALU_K(SUB, 3, 1),
	JUMP_K(JNE, 3, 0, -9),
	EXIT,
};

static const struct bpf_insn stack[] = {
	ALU_K(MOV, 0, 1),
	ALU_K(MOV, 3, TURNS),
	STORE(10, -8, 0),
	STORE(10, -16, 3),
	LOAD(DW, 4, 10, -8),
	LOAD(DW, 5, 10, -16),
	ALU_X(ADD, 4, 5),
	STORE(10, -24, 4),
	LOAD(DW, 0, 10, -24),
	ALU_K(SUB, 3, 1),
	JUMP_K(JNE, 3, 0, -9),
	EXIT,
};

/* Which way they go depends on a number that looks random. */
static const struct bpf_insn branches[] = {
	ALU_K(MOV, 0, 0),
	ALU_K(MOV, 4, 12345),
	ALU_K(MOV, 3, TURNS),
	ALU_K(MUL, 4, 1103515245),
	ALU_K(ADD, 4, 12345),
	ALU_X(MOV, 5, 4),
	ALU_K(RSH, 5, 16),
	ALU_K(AND, 5, 3),
	JUMP_K(JEQ, 5, 0, 3),
	JUMP_K(JEQ, 5, 1, 3),
	JUMP_K(JEQ, 5, 2, 3),
	JUMP_K(JA, 0, 0, 3),
	ALU_K(ADD, 0, 1),
	ALU_K(ADD, 0, 2),
	ALU_K(ADD, 0, 3),
	ALU_K(SUB, 3, 1),
	JUMP_K(JNE, 3, 0, -14),
	EXIT,
};

/**
 * struct workload - a program to be timed
 * @name: for people
 * @insns: the program
 * @count: number of @insns
 */
struct workload {
	const char *name;
	const struct bpf_insn *insns;
	u32 count;
};

#define WORKLOAD(program)	{ #program, program, ARRAY_SIZE(program) }

static const struct workload workloads[] = {
	WORKLOAD(arithmetic),
	WORKLOAD(checksum),
	WORKLOAD(stack),
	WORKLOAD(branches),
};

static u8 context[CONTEXT_LEN];

#define die(format, ...)						\
do {									\
	fprintf(stderr, "interp-bench: " format "\n", ##__VA_ARGS__);	\
	exit(1);							\
} while (0)

/* Of this program: what else the machine does is not counted. */
static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* What an engine has loaded a workload into. */
struct runner {
	const struct bpfsched_engine_ops *ops;
	void *image;
	void *state;
	double ns[ROUNDS_MAX];
};

static void runner_init(struct runner *runner,
			const struct bpfsched_engine_ops *ops,
			const struct workload *workload)
{
	const struct bpfsched_code code = {
		.insns = workload->insns, .insn_count = workload->count,
	};
	struct bpfsched_log log = {};

	runner->ops = ops;
	if (ops->load(&code, &log, &runner->image))
		die("%s: %s", workload->name, log.text);
	runner->state = calloc(1, ops->state_size);
	if (!runner->state)
		die("out of memory");
}

static void runner_free(struct runner *runner)
{
	runner->ops->unload(runner->image);
	free(runner->state);
}

/* Returns the time that it takes. */
static u64 time_engine(struct runner *runner, struct bpfsched_result *result)
{
	const struct bpfsched_exec_params params = {
		.image = runner->image,
		.context = { .base = context, .len = sizeof(context) },
		.budget_insns = U64_MAX,
	};
	u32 control = BPFSCHED_CONTROL_RUN;
	u64 start;

	runner->ops->start(runner->state, &params);
	start = now_ns();
	if (runner->ops->run(runner->state, &control, result) != BPFSCHED_DONE)
		die("a program does not end");
	return now_ns() - start;
}

static u64 time_control(const struct workload *workload, u64 *r0)
{
	u64 start = now_ns();

	*r0 = control_run(workload->insns, context, sizeof(context));
	return now_ns() - start;
}

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *numbers, u32 count)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, numbers, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_numbers);
	return sorted[count / 2];
}

/* The median of what the rounds give: a slow round is slow for both. */
static double median_ratio(const double *numbers, const double *controls,
			   u32 count)
{
	double ratios[ROUNDS_MAX];
	u32 i;

	for (i = 0; i < count; i++)
		ratios[i] = numbers[i] / controls[i];
	return median(ratios, count);
}

/* One round; all take turns. */
static void measure_round(const struct workload *workload, u32 round,
			  struct runner *runners, u32 count,
			  double *control_ns, u64 *instructions)
{
	struct bpfsched_result result = {};
	u32 i;
	u64 r0, ns;

	ns = time_control(workload, &r0);
	for (i = 0; i < count; i++) {
		runners[i].ns[round] = time_engine(&runners[i], &result);
		runners[i].ns[round] /= result.instructions;
		if (result.r0 != r0)
			die("%s: r0 is %#llx and %#llx", workload->name,
			    result.r0, r0);
	}
	control_ns[round] = (double)ns / result.instructions;
	*instructions = result.instructions;
}

static void print_times(const char *who, const double *ns, u32 rounds)
{
	u32 i;

	printf(",\n   \"%s_ns\": %.3f, \"%s_rounds_ns\": [", who,
	       median(ns, rounds), who);
	for (i = 0; i < rounds; i++)
		printf("%s%.3f", i ? ", " : "", ns[i]);
	printf("]");
}

static void measure(const struct workload *workload, u32 rounds)
{
	const struct bpfsched_engine_ops *const *ops;
	struct runner runners[RUNNERS_MAX];
	double control_ns[ROUNDS_MAX] = {};
	u32 count = 0, round, i;
	u64 instructions = 0;

	for (ops = bpfsched_engines; *ops; ops++)
		runner_init(&runners[count++], *ops, workload);
	for (round = 0; round < rounds; round++)
		measure_round(workload, round, runners, count, control_ns,
			      &instructions);

	printf("  {\"workload\": \"%s\", \"instructions\": %llu",
	       workload->name, instructions);
	print_times("control", control_ns, rounds);
	for (i = 0; i < count; i++) {
		print_times(runners[i].ops->name, runners[i].ns, rounds);
		printf(", \"%s_ratio\": %.3f", runners[i].ops->name,
		       median_ratio(runners[i].ns, control_ns, rounds));
		runner_free(&runners[i]);
	}
	printf("}");
}

int main(int argc, char **argv)
{
	u32 rounds = argc > 1 ? atoi(argv[1]) : ROUNDS_DEFAULT;
	size_t i;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		die("between 1 and %d rounds", ROUNDS_MAX);
	for (i = 0; i < sizeof(context); i++)
		context[i] = i * 7;
	printf("{\"compiler\": \"%s\", \"retpoline\": %s, \"rounds\": %u, \"results\": [\n",
	       __VERSION__, INTERP_RETPOLINE ? "true" : "false", rounds);
	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		measure(&workloads[i], rounds);
		printf("%s\n", i + 1 < ARRAY_SIZE(workloads) ? "," : "");
	}
	printf("]}\n");
	return 0;
}
