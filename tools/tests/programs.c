// SPDX-License-Identifier: GPL-2.0
/*
 * Programs, from user space: what the static check refuses and says, how they
 * start, exact budgets, faults of the sandbox, helpers, and data sections.
 * What each instruction does is for the conformance vectors.
 */
#include "client.h"

/*
 * The static check
 */
#define LOG_SIZE	512

static int load_with_log(int fd, const struct bpf_insn *insns, __u32 count,
			 char *log, __u32 log_size, __u32 *log_len)
{
	struct bpfsched_section section = { .len = 16 };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = count,
		.sections = (uintptr_t)&section,
		.section_count = 1,
		.log = (uintptr_t)log,
		.log_size = log_size,
	};
	int program = ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request);

	*log_len = request.log_len;
	return program;
}

/* Whether @text has @number as a word of its own */
static bool has_number(const char *text, unsigned long number)
{
	while (*text) {
		char *end;

		if (*text < '0' || *text > '9') {
			text++;
			continue;
		}
		if (strtoul(text, &end, 10) == number)
			return true;
		text = end;
	}
	return false;
}

#define FILLING	17

/*
 * A program of FILLING instructions that do nothing and the given ones is
 * refused; the log names the instruction at @slot behind the filling, and has
 * the word @reason.
 */
static void check_refused(const struct bpf_insn *insns, __u32 count,
			  __u32 slot, const char *reason)
{
	struct bpf_insn whole[FILLING + 16];
	int fd = open_client(CLOUD, 0), i;
	char log[LOG_SIZE];
	__u32 log_len;

	for (i = 0; i < FILLING; i++)
		whole[i] = MOV_IMM(0, 0);
	memcpy(whole + FILLING, insns, count * sizeof(*insns));
	memset(log, 'x', sizeof(log));
	check_fails(load_with_log(fd, whole, FILLING + count, log, sizeof(log),
				  &log_len), EINVAL);
	check(memchr(log, 0, sizeof(log)));
	check_eq(log_len, strlen(log) + 1);
	if (!has_number(log, FILLING + slot) || !strstr(log, reason))
		fail("log \"%s\", want instruction %u and \"%s\"", log,
		     FILLING + slot, reason);
	close(fd);
}

#define CHECK_REFUSED(slot, reason, ...) \
	do { \
		const struct bpf_insn insns_[] = { __VA_ARGS__ }; \
		check_refused(insns_, ARRAY_SIZE(insns_), slot, reason); \
	} while (0)

static void check_unknown_opcode(void)
{
	CHECK_REFUSED(0, "opcode", INSN(0xff, 0, 0, 0, 0), EXIT);
	CHECK_REFUSED(1, "opcode", MOV_IMM(0, 0), INSN(0xe6, 0, 0, 0, 0),
		      EXIT);
	/* the packet loads of old */
	CHECK_REFUSED(0, "opcode", INSN(BPF_LD | BPF_ABS | BPF_W, 0, 0, 0, 0),
		      EXIT);
	CHECK_REFUSED(0, "opcode", INSN(BPF_LD | BPF_IND | BPF_B, 0, 1, 0, 0),
		      EXIT);
	/* known instructions in an unknown variant */
	CHECK_REFUSED(0, "opcode", INSN(BPF_ALU | BPF_END | BPF_TO_BE, 0, 0, 0,
					24), EXIT);
	CHECK_REFUSED(0, "opcode", INSN(BPF_ALU64 | BPF_MOV | BPF_X, 0, 1, 7,
					0), EXIT);
	CHECK_REFUSED(0, "opcode", INSN(BPF_ALU64 | BPF_DIV | BPF_X, 0, 1, 2,
					0), EXIT);
}

static void check_jump_out_of_range(void)
{
	CHECK_REFUSED(0, "jump", JUMP(1), EXIT);
	CHECK_REFUSED(0, "jump", JUMP(INT16_MAX), EXIT);
	CHECK_REFUSED(0, "jump", JUMP(-FILLING - 2), EXIT);
	CHECK_REFUSED(1, "jump", MOV_IMM(0, 0),
		      JUMP_IMM(BPF_JEQ, 0, 1, INT16_MIN), EXIT);
	/* from an instruction that is never reached */
	CHECK_REFUSED(1, "jump", EXIT, JUMP(5), EXIT);
	/* the jump with an offset of 32 bits */
	CHECK_REFUSED(0, "jump", INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 1), EXIT);
	CHECK_REFUSED(0, "jump", INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, INT32_MAX),
		      EXIT);
}

static void check_jump_into_load(void)
{
	CHECK_REFUSED(0, "16-byte", JUMP_IMM(BPF_JEQ, 0, 0, 1),
		      IMM64_LOW(0, 1), IMM64_HIGH(0), EXIT);
	CHECK_REFUSED(2, "16-byte", IMM64_LOW(0, 1), IMM64_HIGH(0), JUMP(-2),
		      EXIT);
}

static void check_jump_between_functions(void)
{
	/* main and a function of two instructions each */
	CHECK_REFUSED(0, "jump", JUMP_IMM(BPF_JEQ, 0, 0, 2), CALL_FUNC(1),
		      EXIT, MOV_IMM(0, 0), EXIT);
	CHECK_REFUSED(2, "jump", CALL_FUNC(1), EXIT,
		      JUMP_IMM(BPF_JEQ, 0, 0, -2), EXIT);
}

static void check_off_the_end(void)
{
	CHECK_REFUSED(0, "end", MOV_IMM(0, 0));
	CHECK_REFUSED(1, "end", MOV_IMM(0, 0), JUMP_IMM(BPF_JEQ, 0, 0, -2));
	CHECK_REFUSED(0, "end", CALL_HELPER(BPF_FUNC_ktime_get_ns));
	CHECK_REFUSED(0, "end", IMM64_LOW(0, 1), IMM64_HIGH(0));
	/* out of main and into a function */
	CHECK_REFUSED(1, "end", CALL_FUNC(1), MOV_IMM(0, 0), MOV_IMM(0, 1),
		      EXIT);
}

/* What nothing leads to may be anything that is well-formed */
static void check_unreachable_end(void)
{
	int fd = open_client(CLOUD, 0);

	check_eq(run_program(fd, LOAD_PROGRAM(fd, MOV_IMM(0, 3), EXIT,
					      MOV_IMM(0, 4))).r0, 3);
}

static void check_half_a_load(void)
{
	CHECK_REFUSED(1, "16-byte", EXIT, IMM64_LOW(0, 1));
	CHECK_REFUSED(1, "16-byte", IMM64_LOW(0, 1), EXIT);
	CHECK_REFUSED(1, "16-byte", IMM64_LOW(0, 1), INSN(0, 1, 0, 0, 0),
		      EXIT);
	CHECK_REFUSED(1, "16-byte", IMM64_LOW(0, 1), INSN(0, 0, 1, 0, 0),
		      EXIT);
	CHECK_REFUSED(1, "16-byte", IMM64_LOW(0, 1), INSN(0, 0, 0, 1, 0),
		      EXIT);
}

static void check_frame_pointer_written(void)
{
	CHECK_REFUSED(0, "r10", MOV_IMM(10, 0), EXIT);
	CHECK_REFUSED(0, "r10", ALU_IMM(BPF_ADD, 10, 8), EXIT);
	CHECK_REFUSED(0, "r10", LOAD(BPF_DW, 10, 1, 0), EXIT);
	CHECK_REFUSED(0, "r10", IMM64_LOW(10, 0), IMM64_HIGH(0), EXIT);
	CHECK_REFUSED(0, "r10", INSN(BPF_ALU64 | BPF_NEG, 10, 0, 0, 0), EXIT);
}

static void check_unknown_register(void)
{
	CHECK_REFUSED(0, "r11", MOV_IMM(11, 0), EXIT);
	CHECK_REFUSED(0, "r15", MOV_REG(0, 15), EXIT);
	CHECK_REFUSED(0, "r12", STORE(BPF_DW, 12, 0, 0), EXIT);
}

static void check_reserved_field(void)
{
	/* destination, source, offset, immediate */
	CHECK_REFUSED(0, "destination", INSN(BPF_JMP | BPF_EXIT, 1, 0, 0, 0));
	CHECK_REFUSED(0, "source", INSN(BPF_JMP | BPF_EXIT, 0, 1, 0, 0));
	CHECK_REFUSED(0, "offset", INSN(BPF_JMP | BPF_EXIT, 0, 0, 1, 0));
	CHECK_REFUSED(0, "immediate", INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 1));
	CHECK_REFUSED(0, "source", INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 1, 0,
					1), EXIT);
	CHECK_REFUSED(0, "immediate", INSN(BPF_ALU64 | BPF_ADD | BPF_X, 0, 1,
					   0, 1), EXIT);
	CHECK_REFUSED(0, "immediate", INSN(BPF_LDX | BPF_MEM | BPF_W, 0, 1, 0,
					   1), EXIT);
	CHECK_REFUSED(0, "source", INSN(BPF_ST | BPF_MEM | BPF_W, 10, 1, -8,
					1), EXIT);
}

static void check_unknown_helper(void)
{
	CHECK_REFUSED(0, "helper", CALL_HELPER(0), EXIT);
	CHECK_REFUSED(1, "helper", MOV_IMM(0, 0), CALL_HELPER(9999), EXIT);
	CHECK_REFUSED(0, "helper", CALL_HELPER(-1), EXIT);
	/* of the kernel's, but not for us: bpf_probe_read */
	CHECK_REFUSED(0, "helper", CALL_HELPER(BPF_FUNC_probe_read), EXIT);
}

static void check_call_target(void)
{
	CHECK_REFUSED(0, "call", CALL_FUNC(1), EXIT);
	CHECK_REFUSED(0, "call", CALL_FUNC(-FILLING - 2), EXIT);
	CHECK_REFUSED(0, "call", CALL_FUNC(INT32_MAX), EXIT);
	/* into the middle of a 16-byte load */
	CHECK_REFUSED(0, "call", CALL_FUNC(2), EXIT, IMM64_LOW(0, 1),
		      IMM64_HIGH(0), EXIT);
}

static void check_section_reference(void)
{
	/* there is one section, of 16 bytes */
	CHECK_REFUSED(0, "section", SECTION_LOW(1, 1), SECTION_HIGH(0), EXIT);
	CHECK_REFUSED(0, "section", SECTION_LOW(1, -1), SECTION_HIGH(0), EXIT);
	CHECK_REFUSED(0, "section", SECTION_LOW(1, 0), SECTION_HIGH(17), EXIT);
}

/* Every access is checked when it happens: bad ones load, and so do loops */
static void check_well_formed(void)
{
	int fd = open_client(CLOUD, 0);

	load_endless(fd);
	LOAD_PROGRAM(fd, STORE_IMM(BPF_DW, 10, 4096, 0), EXIT);
	LOAD_PROGRAM(fd, LOAD(BPF_DW, 0, 9, INT16_MIN), EXIT);
	LOAD_PROGRAM(fd, CALL_FUNC(-1), EXIT);
	LOAD_PROGRAM(fd, EXIT);
}

static void check_log_cut(void)
{
	static const struct bpf_insn insns[] = { MOV_IMM(10, 0), EXIT };
	int fd = open_client(CLOUD, 0);
	char whole[LOG_SIZE] = "", part[LOG_SIZE];
	__u32 need, log_len, size;

	check_fails(load_with_log(fd, insns, 2, whole, sizeof(whole), &need),
		    EINVAL);
	check_eq(need, strlen(whole) + 1);
	for (size = 1; size <= need; size++) {
		memset(part, 'x', sizeof(part));
		check_fails(load_with_log(fd, insns, 2, part, size, &log_len),
			    EINVAL);
		check_eq(log_len, need);
		check_eq(strnlen(part, size), size - 1);
		check_eq(strncmp(part, whole, size - 1), 0);
		check_eq(part[size], 'x');
	}
}

static void check_log_none(void)
{
	static const struct bpf_insn insns[] = { MOV_IMM(10, 0), EXIT };
	int fd = open_client(CLOUD, 0);
	__u32 log_len = 0;

	check_fails(load_with_log(fd, insns, 2, NULL, 0, &log_len), EINVAL);
	check_ge(log_len, 2);
}

/* A program as long as the limit, and one that is refused at its very end */
static void check_longest(void)
{
	int fd = open_client(CLOUD, 0);
	__u32 count = get_info(fd).max_insns, i, log_len;
	struct bpf_insn *insns = calloc(count, sizeof(*insns));
	char log[LOG_SIZE] = "";

	for (i = 0; i < count; i++)
		insns[i] = i % 2 ? ALU_IMM(BPF_ADD, 0, 1) : JUMP(0);
	check_fails(load_with_log(fd, insns, count, log, sizeof(log),
				  &log_len), EINVAL);
	if (!has_number(log, count - 1))
		fail("log \"%s\", want instruction %u", log, count - 1);
	insns[count - 1] = EXIT;
	check_eq(run_program(fd, load(fd, insns, count)).r0, count / 2 - 1);
}

/*
 * How a program starts
 */
static void start_registers_zero(void)
{
	int fd = open_client(CLOUD, 0), program, i;

	program = LOAD_PROGRAM(fd, ALU_REG(BPF_OR, 0, 3),
			       ALU_REG(BPF_OR, 0, 4), ALU_REG(BPF_OR, 0, 5),
			       ALU_REG(BPF_OR, 0, 6), ALU_REG(BPF_OR, 0, 7),
			       ALU_REG(BPF_OR, 0, 8), ALU_REG(BPF_OR, 0, 9),
			       /* for the next one to find */
			       MOV_IMM(3, -1), MOV_IMM(4, -1), MOV_IMM(5, -1),
			       MOV_IMM(6, -1), MOV_IMM(7, -1), MOV_IMM(8, -1),
			       MOV_IMM(9, -1), EXIT);
	for (i = 0; i < 10; i++)
		check_eq(run_program(fd, program).r0, 0);
}

static void start_stack_zero(void)
{
	int fd = open_client(EMBEDDED, 0), program, i;

	/* r0 = all of the stack, or-ed together; then it is filled with -1 */
	program = LOAD_PROGRAM(fd, MOV_REG(1, 10), MOV_IMM(2, 64),
			       ALU_IMM(BPF_SUB, 1, 8), LOAD(BPF_DW, 3, 1, 0),
			       ALU_REG(BPF_OR, 0, 3),
			       STORE_IMM(BPF_DW, 1, 0, -1),
			       ALU_IMM(BPF_SUB, 2, 1),
			       JUMP_IMM(BPF_JNE, 2, 0, -6), EXIT);
	for (i = 0; i < 10; i++)
		check_eq(run_program(fd, program).r0, 0);
}

/* So do the frames of functions that are called */
static void start_frame_zero(void)
{
	int fd = open_client(EMBEDDED, 0), program, i;

	program = LOAD_PROGRAM(fd, CALL_FUNC(1), EXIT,
			       LOAD(BPF_DW, 0, 10, -512),
			       LOAD(BPF_DW, 3, 10, -8), ALU_REG(BPF_OR, 0, 3),
			       STORE_IMM(BPF_DW, 10, -512, -1),
			       STORE_IMM(BPF_DW, 10, -8, -1), EXIT);
	for (i = 0; i < 10; i++)
		check_eq(run_program(fd, program).r0, 0);
}

static void start_frame_pointer(void)
{
	int fd = open_client(CLOUD, 0);

	check_eq(run_program(fd, LOAD_PROGRAM(fd, MOV_REG(0, 10), EXIT)).r0,
		 STACK_REGION + FRAME_SIZE);
	check_eq(run_program(fd, LOAD_PROGRAM(fd, CALL_FUNC(1), EXIT,
					      MOV_REG(0, 10), EXIT)).r0,
		 STACK_REGION + 2 * FRAME_SIZE);
}

static void start_context(void)
{
	int fd = open_client(CLOUD, 0);
	int address = LOAD_PROGRAM(fd, MOV_REG(0, 1), EXIT);
	int length = LOAD_PROGRAM(fd, MOV_REG(0, 2), EXIT);
	int content = LOAD_PROGRAM(fd, LOAD(BPF_DW, 0, 1, 0), EXIT);
	struct bpfsched_job_desc job = job_of(address);
	__u64 value = 0x1122334455667788ULL;

	check_eq(run_program(fd, address).r0, CONTEXT_REGION);
	check_eq(run_program(fd, length).r0, 0);
	job.context = (uintptr_t)&value;
	job.context_len = 8;
	check_eq(run_job(fd, job).r0, CONTEXT_REGION);
	job.prog_fd = length;
	check_eq(run_job(fd, job).r0, 8);
	job.prog_fd = content;
	check_eq(run_job(fd, job).r0, value);
}

/*
 * Budgets
 */

/* The program needs @count instructions, no more and no less */
static void check_budget_on(const char *node, const struct bpf_insn *insns,
			    __u32 insn_count, __u64 count)
{
	int fd = open_client(node, 0);
	struct bpfsched_job_desc job = job_of(load(fd, insns, insn_count));
	struct bpfsched_completion completion = run_job(fd, job);

	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.instructions, count);
	job.budget_insns = count;
	completion = run_job(fd, job);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.instructions, count);
	job.budget_insns = count - 1;
	completion = run_job(fd, job);
	check_eq(completion.status, BPFSCHED_STATUS_BUDGET);
	check_eq(completion.instructions, count - 1);
	close(job.prog_fd);
	close(fd);
}

static void check_budget(const struct bpf_insn *insns, __u32 insn_count,
			 __u64 count)
{
	check_budget_on(CLOUD, insns, insn_count, count);
	check_budget_on(EMBEDDED, insns, insn_count, count);
}

#define CHECK_BUDGET(count, ...) \
	do { \
		const struct bpf_insn insns_[] = { __VA_ARGS__ }; \
		check_budget(insns_, ARRAY_SIZE(insns_), count); \
	} while (0)

static void budget_short(void)
{
	CHECK_BUDGET(2, MOV_IMM(0, 1), EXIT);
	CHECK_BUDGET(3, MOV_IMM(0, 1), MOV_IMM(0, 2), EXIT);
	/* the 16-byte load is one instruction */
	CHECK_BUDGET(2, IMM64_LOW(0, 1), IMM64_HIGH(1), EXIT);
	CHECK_BUDGET(4, IMM64_LOW(0, 1), IMM64_HIGH(1), IMM64_LOW(0, 1),
		     IMM64_HIGH(1), MOV_IMM(0, 0), EXIT);
}

static void check_budget_straight(__u32 count)
{
	struct bpf_insn *insns = calloc(count, sizeof(*insns));
	__u32 i;

	for (i = 0; i < count - 1; i++)
		insns[i] = ALU_IMM(BPF_ADD, 0, 1);
	insns[count - 1] = EXIT;
	check_budget(insns, count, count);
	free(insns);
}

static void budget_straight_line(void)
{
	check_budget_straight(10000);
}

/* Lengths about those at which the engine may look at the outside world */
static void budget_straight_line_lengths(void)
{
	static const __u32 about[] = { 64, 256, 1024, 2048, 4096, 8192 };
	size_t i;
	__u32 count;

	for (i = 0; i < ARRAY_SIZE(about); i++) {
		for (count = about[i] - 2; count <= about[i] + 3; count++)
			check_budget_straight(count);
	}
}

static void budget_loop(void)
{
	CHECK_BUDGET(2002, MOV_IMM(1, 1000), ALU_IMM(BPF_SUB, 1, 1),
		     JUMP_IMM(BPF_JNE, 1, 0, -2), EXIT);
	CHECK_BUDGET(2000002, MOV_IMM(1, 1000000), ALU_IMM(BPF_SUB, 1, 1),
		     JUMP_IMM(BPF_JNE, 1, 0, -2), EXIT);
}

/* A loop whose turns take different ways, which join again */
static void budget_branches(void)
{
	CHECK_BUDGET(2 + 3 * 300 + 2 * 100 + 1 * 200 + 1, MOV_IMM(1, 300),
		     MOV_IMM(2, 0),
		     /* the jump is taken in 200 of the 300 turns */
		     JUMP_IMM(BPF_JGT, 1, 100, 2), ALU_IMM(BPF_ADD, 2, 1),
		     JUMP(1), ALU_IMM(BPF_ADD, 2, 2), ALU_IMM(BPF_SUB, 1, 1),
		     JUMP_IMM(BPF_JNE, 1, 0, -6), EXIT);
}

/* Forward jumps that are taken, over what is then not executed */
static void budget_forward_jumps(void)
{
	struct bpf_insn insns[3 * 2000 + 1];
	int i;

	for (i = 0; i < 2000; i++) {
		insns[3 * i] = JUMP(1);
		insns[3 * i + 1] = MOV_IMM(0, 1);
		insns[3 * i + 2] = ALU_IMM(BPF_ADD, 0, 1);
	}
	insns[6000] = EXIT;
	check_budget(insns, 6001, 4001);
}

static void budget_calls(void)
{
	CHECK_BUDGET(4, CALL_FUNC(1), EXIT, MOV_IMM(0, 1), EXIT);
	/* ten calls of a function of three, which calls one of two */
	CHECK_BUDGET(1 + 10 * (3 + 3 + 2) + 1, MOV_IMM(6, 10), CALL_FUNC(3),
		     ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -3),
		     EXIT, MOV_IMM(0, 0), CALL_FUNC(1), EXIT,
		     ALU_IMM(BPF_ADD, 0, 1), EXIT);
}

static void budget_helpers(void)
{
	CHECK_BUDGET(3, CALL_HELPER(BPF_FUNC_ktime_get_ns),
		     CALL_HELPER(BPF_FUNC_get_prandom_u32), EXIT);
}

/* Every budget up to what a program needs is used up exactly */
static void budget_every_value(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job;
	struct bpfsched_completion completion;
	__u64 budget;

	/* 1 + 50 * 5 + 49 + 1 instructions */
	job = job_of(LOAD_PROGRAM(fd, MOV_IMM(6, 50), CALL_FUNC(4),
				  ALU_IMM(BPF_SUB, 6, 1),
				  JUMP_IMM(BPF_JEQ, 6, 0, 1), JUMP(-4), EXIT,
				  MOV_IMM(0, 1), EXIT));
	for (budget = 1; budget < 305; budget++) {
		job.budget_insns = budget;
		completion = run_job(fd, job);
		check_eq(completion.instructions, budget < 301 ? budget : 301);
		check_eq(completion.status, budget < 301 ?
			 BPFSCHED_STATUS_BUDGET : BPFSCHED_STATUS_OK);
	}
}

static void budget_endless_loop(void)
{
	static const __u64 budgets[] = { 1, 2, 4095, 4096, 4097, 8191, 8192,
					 8193, 1000000 };
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_endless(fd));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		struct bpfsched_completion completion;

		job.budget_insns = budgets[i];
		completion = run_job(fd, job);
		check_eq(completion.status, BPFSCHED_STATUS_BUDGET);
		check_eq(completion.instructions, budgets[i]);
	}
}

static void budget_default(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_completion completion;

	completion = run_program(fd, load_endless(fd));
	check_eq(completion.status, BPFSCHED_STATUS_BUDGET);
	check_eq(completion.instructions, get_info(fd).default_budget_insns);
}

/* What a job did before its budget ended stays done */
static void budget_effects_stay(void)
{
	struct {
		struct bpfsched_completion completion;
		__u64 context;
	} record;
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job;
	__u64 zero = 0;

	/* counts up in its context: three instructions a turn */
	job = job_of(LOAD_PROGRAM(fd, ALU_IMM(BPF_ADD, 0, 1),
				  STORE(BPF_DW, 1, 0, 0), JUMP(-3), EXIT));
	job.budget_insns = 3 * 1000 + 2;
	job.context = (uintptr_t)&zero;
	job.context_len = 8;
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	submit_one(fd, job);
	check_eq(read(fd, &record, sizeof(record)), sizeof(record));
	check_eq(record.completion.status, BPFSCHED_STATUS_BUDGET);
	check_eq(record.completion.instructions, 3002);
	check_eq(record.context, 1001);
}

/*
 * Faults
 */
static void check_fault_of(int fd, struct bpfsched_job_desc job, __u32 kind,
			   __u32 pc, __u64 address)
{
	struct bpfsched_completion completion = run_job(fd, job);

	check_eq(completion.status, BPFSCHED_STATUS_FAULT);
	check_eq(completion.fault_kind, kind);
	check_eq(completion.fault_pc, pc);
	if (kind == BPFSCHED_FAULT_READ || kind == BPFSCHED_FAULT_WRITE)
		check_eq(completion.fault_address, address);
	/* the scheduler and the program are none the worse for it */
	check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
}

/* Of a program, with a context of 24 bytes */
static void check_fault(const struct bpf_insn *insns, __u32 count, __u32 kind,
			__u32 pc, __u64 address)
{
	static const char context[24];
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load(fd, insns, count));

	job.context = (uintptr_t)context;
	job.context_len = sizeof(context);
	check_fault_of(fd, job, kind, pc, address);
	close(job.prog_fd);
	close(fd);
}

#define CHECK_FAULT(kind, pc, address, ...) \
	do { \
		const struct bpf_insn insns_[] = { __VA_ARGS__ }; \
		check_fault(insns_, ARRAY_SIZE(insns_), kind, pc, address); \
	} while (0)

#define CHECK_READ_FAULT(...)	CHECK_FAULT(BPFSCHED_FAULT_READ, __VA_ARGS__)
#define CHECK_WRITE_FAULT(...)	CHECK_FAULT(BPFSCHED_FAULT_WRITE, __VA_ARGS__)

static void fault_null(void)
{
	CHECK_READ_FAULT(1, 0, MOV_IMM(1, 0), LOAD(BPF_DW, 0, 1, 0), EXIT);
	CHECK_READ_FAULT(0, 16, LOAD(BPF_B, 0, 9, 16), EXIT);
	CHECK_READ_FAULT(0, -8ULL, LOAD(BPF_DW, 0, 9, -8), EXIT);
	CHECK_WRITE_FAULT(0, 0, STORE_IMM(BPF_W, 9, 0, 1), EXIT);
}

static void fault_stack(void)
{
	const __u64 top = STACK_REGION + FRAME_SIZE;

	CHECK_READ_FAULT(0, STACK_REGION - 1, LOAD(BPF_B, 0, 10, -513), EXIT);
	CHECK_READ_FAULT(0, STACK_REGION - 4, LOAD(BPF_DW, 0, 10, -516), EXIT);
	CHECK_READ_FAULT(0, top, LOAD(BPF_B, 0, 10, 0), EXIT);
	CHECK_READ_FAULT(0, top - 7, LOAD(BPF_DW, 0, 10, -7), EXIT);
	CHECK_WRITE_FAULT(0, STACK_REGION - 8, STORE(BPF_DW, 10, -520, 0),
			  EXIT);
	CHECK_WRITE_FAULT(1, top - 1, MOV_IMM(0, 0), STORE(BPF_H, 10, -1, 0),
			  EXIT);
	CHECK_WRITE_FAULT(0, top - 3, STORE_IMM(BPF_W, 10, -3, 1), EXIT);
}

/* The frame of a function that has returned is gone */
static void fault_stack_of_returned(void)
{
	CHECK_READ_FAULT(1, STACK_REGION + 2 * FRAME_SIZE - 8, CALL_FUNC(2),
			 LOAD(BPF_DW, 0, 0, -8), EXIT,
			 STORE_IMM(BPF_DW, 10, -8, 7), MOV_REG(0, 10), EXIT);
}

/* A function may use the frames of its callers, but none above its own */
static void fault_stack_of_callers(void)
{
	int fd = open_client(CLOUD, 0);

	check_eq(run_program(fd, LOAD_PROGRAM(fd, STORE_IMM(BPF_DW, 10, -8, 7),
					      MOV_REG(1, 10), CALL_FUNC(1),
					      EXIT, LOAD(BPF_DW, 0, 1, -8),
					      EXIT)).r0, 7);
	CHECK_READ_FAULT(2, STACK_REGION + 2 * FRAME_SIZE, CALL_FUNC(1), EXIT,
			 LOAD(BPF_DW, 0, 10, 0), EXIT);
}

static void fault_context(void)
{
	CHECK_READ_FAULT(0, CONTEXT_REGION + 24, LOAD(BPF_B, 0, 1, 24), EXIT);
	CHECK_READ_FAULT(0, CONTEXT_REGION + 17, LOAD(BPF_DW, 0, 1, 17), EXIT);
	CHECK_READ_FAULT(0, CONTEXT_REGION - 1, LOAD(BPF_B, 0, 1, -1), EXIT);
	CHECK_WRITE_FAULT(0, CONTEXT_REGION + 21,
			  STORE_IMM(BPF_W, 1, 21, 1), EXIT);
	CHECK_WRITE_FAULT(1, CONTEXT_REGION + 0x7fffffff,
			  ALU_IMM(BPF_ADD, 1, 0x7fffffff),
			  STORE(BPF_B, 1, 0, 0), EXIT);
}

static void fault_context_empty(void)
{
	int fd = open_client(CLOUD, 0), program;

	program = LOAD_PROGRAM(fd, LOAD(BPF_B, 0, 1, 0), EXIT);
	check_fault_of(fd, job_of(program), BPFSCHED_FAULT_READ, 0,
		       CONTEXT_REGION);
}

/* Addresses that only the kernel, or nobody, could mean */
static void fault_wild(void)
{
	static const __u64 addresses[] = {
		~0ULL, 1ULL << 63, 0xffff888000000000ULL, 0xffffffff81000000ULL,
		0x00007fffffffe000ULL, 0x0001000000000000ULL,
		0x0000ffff00000000ULL, 0x0001000100000000ULL,
		0x0001000200000000ULL, 0x8000000200000000ULL,
		0x0000000300000000ULL, 0x00000002ffffffffULL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		__u64 address = addresses[i];

		CHECK_READ_FAULT(2, address, IMM64_LOW(1, address),
				 IMM64_HIGH(address), LOAD(BPF_B, 0, 1, 0),
				 EXIT);
		CHECK_WRITE_FAULT(2, address, IMM64_LOW(1, address),
				  IMM64_HIGH(address),
				  STORE_IMM(BPF_DW, 1, 0, 0), EXIT);
	}
}

static void fault_call_depth(void)
{
	int fd = open_client(CLOUD, 0), depth, program;

	/* main calls a function that calls itself; returns the depth */
	for (depth = 2; depth <= 9; depth++) {
		program = LOAD_PROGRAM(fd, MOV_IMM(1, depth - 2), CALL_FUNC(1),
				       EXIT, MOV_IMM(0, 2),
				       JUMP_IMM(BPF_JEQ, 1, 0, 3),
				       ALU_IMM(BPF_SUB, 1, 1), CALL_FUNC(-4),
				       ALU_IMM(BPF_ADD, 0, 1), EXIT);
		if (depth <= 8)
			check_eq(run_program(fd, program).r0, depth);
		else
			check_fault_of(fd, job_of(program),
				       BPFSCHED_FAULT_CALL_DEPTH, 6, 0);
	}
	program = LOAD_PROGRAM(fd, CALL_FUNC(-1), EXIT);
	check_fault_of(fd, job_of(program), BPFSCHED_FAULT_CALL_DEPTH, 0, 0);
}

/* A helper is given memory that the program cannot read */
static void fault_in_helper(void)
{
	CHECK_READ_FAULT(2, 64, MOV_IMM(1, 64), MOV_IMM(2, 8),
			 CALL_HELPER(BPF_FUNC_trace_printk), EXIT);
}

/* What was stored before the fault stays, what follows is not executed */
static void fault_effects_stay(void)
{
	struct {
		struct bpfsched_completion completion;
		__u64 context[2];
	} record;
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job;
	__u64 zeroes[2] = { 0, 0 };

	job = job_of(LOAD_PROGRAM(fd, STORE_IMM(BPF_DW, 1, 0, 5),
				  STORE_IMM(BPF_DW, 1, 16, 6),
				  STORE_IMM(BPF_DW, 1, 8, 7), EXIT));
	job.context = (uintptr_t)zeroes;
	job.context_len = 16;
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	submit_one(fd, job);
	check_eq(read(fd, &record, sizeof(record)), sizeof(record));
	check_eq(record.completion.status, BPFSCHED_STATUS_FAULT);
	check_eq(record.completion.fault_pc, 1);
	check_eq(record.context[0], 5);
	check_eq(record.context[1], 0);
}

/*
 * Helpers
 */
static void helper_ktime(void)
{
	int fd = open_client(CLOUD, 0), program;
	struct bpfsched_completion completion;

	program = LOAD_PROGRAM(fd, CALL_HELPER(BPF_FUNC_ktime_get_ns), EXIT);
	completion = run_program(fd, program);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_le(completion.submitted_ns, completion.r0);
	check_le(completion.r0, monotonic_ns());
}

static void helper_random(void)
{
	int fd = open_client(CLOUD, 0), program, i;
	__u64 all_or = 0, value;

	program = LOAD_PROGRAM(fd, CALL_HELPER(BPF_FUNC_get_prandom_u32),
			       EXIT);
	for (i = 0; i < 64; i++) {
		value = run_program(fd, program).r0;
		check_le(value, UINT32_MAX);
		all_or |= value;
	}
	/* that a bit is 0 in all of them: one time in 2^59 */
	check_eq(all_or, UINT32_MAX);
}

static void helper_cpu(void)
{
	int fd = open_client(CLOUD, 0), program;
	__u64 cpus = sysconf(_SC_NPROCESSORS_CONF);

	program = LOAD_PROGRAM(fd, CALL_HELPER(BPF_FUNC_get_smp_processor_id),
			       EXIT);
	check_le(run_program(fd, program).r0, cpus - 1);
}

static void helper_trace_printk(void)
{
	int fd = open_client(CLOUD, 0);
	char text[] = "n=%d";
	struct bpfsched_job_desc job;

	/* the format is the context; returns the length of "n=12345" */
	job = job_of(LOAD_PROGRAM(fd, MOV_IMM(3, 12345),
				  CALL_HELPER(BPF_FUNC_trace_printk), EXIT));
	job.context = (uintptr_t)text;
	job.context_len = sizeof(text);
	check_eq(run_job(fd, job).r0, 7);
	/* a kernel pointer is not printed */
	strcpy(text, "%px");
	check_eq(run_job(fd, job).r0, -EINVAL);
}

/*
 * Data sections
 */
static int load_sections(int fd, const struct bpf_insn *insns, __u32 count,
			 struct bpfsched_section *sections, __u32 section_count)
{
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = count,
		.sections = (uintptr_t)sections,
		.section_count = section_count,
	};

	return check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

static void *map_section(int program, const struct bpfsched_section *section,
			 int protection)
{
	void *mapped = mmap(NULL, section->len, protection, MAP_SHARED, program,
			    section->mmap_offset);

	if (mapped == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	return mapped;
}

/* Returns byte-wise sums: r0 = word 1 of section 0 + word 0 of section 1 */
static const struct bpf_insn adding_insns[] = {
	SECTION_LOW(1, 0), SECTION_HIGH(8), SECTION_LOW(2, 1), SECTION_HIGH(0),
	LOAD(BPF_DW, 0, 1, 0), LOAD(BPF_DW, 3, 2, 0), ALU_REG(BPF_ADD, 0, 3),
	EXIT,
};

static void section_initial_data(void)
{
	__u64 words[2] = { 1000, 20 }, word = 3;
	struct bpfsched_section sections[2] = {
		{ .data = (uintptr_t)words, .len = 16 },
		{ .data = (uintptr_t)&word, .len = 8,
		  .flags = BPFSCHED_SECTION_RDONLY },
	};
	int fd = open_client(CLOUD, 0), program;

	program = load_sections(fd, adding_insns, ARRAY_SIZE(adding_insns),
				sections, 2);
	/* the bytes were copied */
	memset(words, 0, sizeof(words));
	check_eq(run_program(fd, program).r0, 23);
	check_ne(sections[0].mmap_offset, sections[1].mmap_offset);
}

static void section_starts_zero(void)
{
	struct bpfsched_section sections[2] = { { .len = 16 }, { .len = 8 } };
	int fd = open_client(CLOUD, 0), program, i;
	unsigned char *mapped;

	program = load_sections(fd, adding_insns, ARRAY_SIZE(adding_insns),
				sections, 2);
	check_eq(run_program(fd, program).r0, 0);
	/* nothing of the kernel's lies behind it in its page */
	mapped = map_section(program, &sections[0], PROT_READ);
	for (i = 0; i < 4096; i++)
		check_eq(mapped[i], 0);
}

/* Increments the word at the start of section 0, returns the old value */
static const struct bpf_insn counting_insns[] = {
	SECTION_LOW(1, 0), SECTION_HIGH(0), LOAD(BPF_DW, 0, 1, 0),
	MOV_REG(2, 0), ALU_IMM(BPF_ADD, 2, 1), STORE(BPF_DW, 1, 0, 2), EXIT,
};

static void section_shared_with_user(void)
{
	struct bpfsched_section section = { .len = 8 };
	int fd = open_client(CLOUD, 0), program;
	__u64 *counter;

	program = load_sections(fd, counting_insns,
				ARRAY_SIZE(counting_insns), &section, 1);
	counter = map_section(program, &section, PROT_READ | PROT_WRITE);
	check_eq(run_program(fd, program).r0, 0);
	check_eq(run_program(fd, program).r0, 1);
	check_eq(*counter, 2);
	set_flag(counter, 100);
	check_eq(run_program(fd, program).r0, 100);
	check_eq(*counter, 101);
}

/* One program, two schedulers: the section is the program's */
static void section_shared_by_schedulers(void)
{
	struct bpfsched_section section = { .len = 8 };
	int cloud = open_client(CLOUD, 0), embedded = open_client(EMBEDDED, 0);
	int program = load_sections(cloud, counting_insns,
				    ARRAY_SIZE(counting_insns), &section, 1);

	check_eq(run_program(cloud, program).r0, 0);
	check_eq(run_program(embedded, program).r0, 1);
	check_eq(run_program(cloud, program).r0, 2);
}

/* Loaded twice, it is two programs, each with its own */
static void section_per_program(void)
{
	struct bpfsched_section section = { .len = 8 };
	int fd = open_client(CLOUD, 0);
	int first = load_sections(fd, counting_insns,
				  ARRAY_SIZE(counting_insns), &section, 1);
	int second = load_sections(fd, counting_insns,
				   ARRAY_SIZE(counting_insns), &section, 1);

	check_eq(run_program(fd, first).r0, 0);
	check_eq(run_program(fd, first).r0, 1);
	check_eq(run_program(fd, second).r0, 0);
}

static void section_readonly_for_programs(void)
{
	struct bpfsched_section section = {
		.len = 8, .flags = BPFSCHED_SECTION_RDONLY,
	};
	int fd = open_client(CLOUD, 0), program;
	struct bpfsched_completion completion;

	program = load_sections(fd, counting_insns,
				ARRAY_SIZE(counting_insns), &section, 1);
	completion = run_program(fd, program);
	check_eq(completion.status, BPFSCHED_STATUS_FAULT);
	check_eq(completion.fault_kind, BPFSCHED_FAULT_WRITE);
	check_eq(completion.fault_pc, 5);
}

static void section_readonly_for_user(void)
{
	__u64 word = 77;
	struct bpfsched_section section = {
		.data = (uintptr_t)&word, .len = 8,
		.flags = BPFSCHED_SECTION_RDONLY,
	};
	int fd = open_client(CLOUD, 0), program;
	__u64 *mapped;

	program = load_sections(fd, counting_insns,
				ARRAY_SIZE(counting_insns), &section, 1);
	mapped = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, program,
		      section.mmap_offset);
	check(mapped == MAP_FAILED);
	check(errno == EACCES || errno == EPERM);
	mapped = map_section(program, &section, PROT_READ);
	check_eq(*mapped, 77);
	check_fails(mprotect(mapped, 8, PROT_READ | PROT_WRITE), EACCES);
}

static void check_mmap_refused(int program, size_t size, off_t offset)
{
	void *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, program, offset);

	if (mapped != MAP_FAILED)
		fail("mmap of %zu bytes at %#lx succeeded", size, offset);
	check_eq(errno, EINVAL);
}

static void section_mmap_arguments(void)
{
	struct bpfsched_section section = { .len = 5000 };
	int fd = open_client(CLOUD, 0), program;

	program = load_sections(fd, counting_insns,
				ARRAY_SIZE(counting_insns), &section, 1);
	map_section(program, &section, PROT_READ);
	check_mmap_refused(program, 8193, section.mmap_offset);
	check_mmap_refused(program, 1UL << 30, section.mmap_offset);
	check_mmap_refused(program, 4096, 1L << 40);
	check_mmap_refused(program, 4096, section.mmap_offset + (1L << 32));
	check_mmap_refused(load_quick(fd), 4096, 0);
}

/* A private copy would not show what programs write */
static void section_mmap_private(void)
{
	struct bpfsched_section section = { .len = 8 };
	int fd = open_client(CLOUD, 0), program;
	void *mapped;

	program = load_sections(fd, counting_insns,
				ARRAY_SIZE(counting_insns), &section, 1);
	mapped = mmap(NULL, 8, PROT_READ, MAP_PRIVATE, program,
		      section.mmap_offset);
	check(mapped == MAP_FAILED);
	check_eq(errno, EINVAL);
}

/* As many sections as there may be, each with its number in it */
static void section_many(void)
{
	struct bpfsched_section sections[16];
	struct bpf_insn insns[5 * 16 + 1];
	__u64 numbers[16];
	int fd = open_client(CLOUD, 0), program, i;

	/* r0 = r0 * 3 + the number of the section */
	for (i = 0; i < 16; i++) {
		numbers[i] = i;
		sections[i] = (struct bpfsched_section){
			.data = (uintptr_t)&numbers[i], .len = 8,
		};
		insns[5 * i] = SECTION_LOW(1, i);
		insns[5 * i + 1] = SECTION_HIGH(0);
		insns[5 * i + 2] = LOAD(BPF_DW, 2, 1, 0);
		insns[5 * i + 3] = ALU_IMM(BPF_MUL, 0, 3);
		insns[5 * i + 4] = ALU_REG(BPF_ADD, 0, 2);
	}
	insns[5 * 16] = EXIT;
	program = load_sections(fd, insns, ARRAY_SIZE(insns), sections, 16);
	/* 3^15 * 0 + 3^14 * 1 + ... + 3 * 14 + 15 */
	check_eq(run_program(fd, program).r0, 10761672);
	for (i = 0; i < 16; i++)
		check_eq(*(__u64 *)map_section(program, &sections[i],
					       PROT_READ), i);
}

/* The mapping holds the memory, whatever is closed */
static void section_mapping_outlives(void)
{
	struct bpfsched_section section = { .len = 3 * 4096 };
	int fd = open_client(CLOUD, 0), program;
	__u64 *mapped;

	program = load_sections(fd, counting_insns,
				ARRAY_SIZE(counting_insns), &section, 1);
	mapped = map_section(program, &section, PROT_READ | PROT_WRITE);
	run_program(fd, program);
	close(program);
	close(fd);
	check_eq(mapped[0], 1);
	mapped[1000] = 5;
	check_eq(mapped[1000], 5);
	check_ok(munmap(mapped, section.len));
}

/*
 * Pointers in initial data: section 0 has one to a word of section 1, one to a
 * function and one to its own end; the words say which is which
 */
static void section_pointers(void)
{
	static const struct bpf_insn insns[] = {
		/* r0 = function(word of section 1) */
		SECTION_LOW(6, 0), SECTION_HIGH(0), LOAD(BPF_DW, 1, 6, 0),
		LOAD(BPF_DW, 1, 1, 0), LOAD(BPF_DW, 2, 6, 9),
		INSN(BPF_JMP | BPF_CALL | BPF_X, 2, 0, 0, 0),
		/* r0 = r0 * 1000 + (end - start of section 0) */
		LOAD(BPF_DW, 2, 6, 24), ALU_REG(BPF_SUB, 2, 6),
		ALU_IMM(BPF_MUL, 0, 1000), ALU_REG(BPF_ADD, 0, 2), EXIT,
		/* 11: the function */
		MOV_REG(0, 1), ALU_IMM(BPF_ADD, 0, 1), EXIT,
	};
	__u64 words[2] = { 5, 41 };
	struct bpfsched_section sections[2] = {
		{ .len = 32, .flags = BPFSCHED_SECTION_RDONLY },
		{ .len = 16, .data = (uintptr_t)words },
	};
	const struct bpfsched_reloc relocs[] = {
		{ 0, 0, BPFSCHED_RELOC_SECTION, 1, 8, 0 },
		{ 0, 9, BPFSCHED_RELOC_FUNCTION, 11, 0, 0 },
		{ 0, 24, BPFSCHED_RELOC_SECTION, 0, 32, 0 },
	};
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = ARRAY_SIZE(insns),
		.sections = (uintptr_t)sections,
		.section_count = 2,
		.relocs = (uintptr_t)relocs,
		.reloc_count = ARRAY_SIZE(relocs),
	};
	int fd = open_client(CLOUD, 0), program;
	__u64 *mapped;

	program = check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
	check_eq(run_program(fd, program).r0, 42032);
	/* What user space sees are numbers of the sandbox, none of the kernel */
	mapped = map_section(program, &sections[0], PROT_READ);
	check_eq(mapped[0], SECTION_REGION + (1ULL << 32) + 8);
	check_eq(mapped[3], SECTION_REGION + 32);
}

/* The first byte behind a section, and one before */
static void section_bounds(void)
{
	struct bpfsched_section section = { .len = 12 };
	const struct bpf_insn insns[] = {
		SECTION_LOW(1, 0), SECTION_HIGH(12), MOV_REG(0, 1),
		LOAD(BPF_W, 3, 1, -4), LOAD(BPF_DW, 3, 1, -12),
		LOAD(BPF_B, 3, 1, 0), EXIT,
	};
	int fd = open_client(CLOUD, 0), program;
	struct bpfsched_completion completion;

	program = load_sections(fd, insns, ARRAY_SIZE(insns), &section, 1);
	completion = run_program(fd, program);
	check_eq(completion.status, BPFSCHED_STATUS_FAULT);
	check_eq(completion.fault_kind, BPFSCHED_FAULT_READ);
	check_eq(completion.fault_pc, 5);
	check_eq(completion.fault_address & UINT32_MAX, 12);
}

static const struct ktap_test tests[] = {
	{ "check.unknown_opcode", check_unknown_opcode },
	{ "check.jump_out_of_range", check_jump_out_of_range },
	{ "check.jump_into_load", check_jump_into_load },
	{ "check.jump_between_functions", check_jump_between_functions },
	{ "check.off_the_end", check_off_the_end },
	{ "check.unreachable_end", check_unreachable_end },
	{ "check.half_a_load", check_half_a_load },
	{ "check.frame_pointer_written", check_frame_pointer_written },
	{ "check.unknown_register", check_unknown_register },
	{ "check.reserved_field", check_reserved_field },
	{ "check.unknown_helper", check_unknown_helper },
	{ "check.call_target", check_call_target },
	{ "check.section_reference", check_section_reference },
	{ "check.well_formed", check_well_formed },
	{ "check.log_cut", check_log_cut },
	{ "check.log_none", check_log_none },
	{ "check.longest", check_longest },
	{ "start.registers_zero", start_registers_zero },
	{ "start.stack_zero", start_stack_zero },
	{ "start.frame_zero", start_frame_zero },
	{ "start.frame_pointer", start_frame_pointer },
	{ "start.context", start_context },
	{ "budget.short", budget_short },
	{ "budget.straight_line", budget_straight_line },
	{ "budget.straight_line_lengths", budget_straight_line_lengths },
	{ "budget.loop", budget_loop },
	{ "budget.branches", budget_branches },
	{ "budget.forward_jumps", budget_forward_jumps },
	{ "budget.calls", budget_calls },
	{ "budget.helpers", budget_helpers },
	{ "budget.every_value", budget_every_value },
	{ "budget.endless_loop", budget_endless_loop },
	{ "budget.default", budget_default },
	{ "budget.effects_stay", budget_effects_stay },
	{ "fault.null", fault_null },
	{ "fault.stack", fault_stack },
	{ "fault.stack_of_returned", fault_stack_of_returned },
	{ "fault.stack_of_callers", fault_stack_of_callers },
	{ "fault.context", fault_context },
	{ "fault.context_empty", fault_context_empty },
	{ "fault.wild", fault_wild },
	{ "fault.call_depth", fault_call_depth },
	{ "fault.in_helper", fault_in_helper },
	{ "fault.effects_stay", fault_effects_stay },
	{ "helper.ktime", helper_ktime },
	{ "helper.random", helper_random },
	{ "helper.cpu", helper_cpu },
	{ "helper.trace_printk", helper_trace_printk },
	{ "section.initial_data", section_initial_data },
	{ "section.starts_zero", section_starts_zero },
	{ "section.shared_with_user", section_shared_with_user },
	{ "section.shared_by_schedulers", section_shared_by_schedulers },
	{ "section.per_program", section_per_program },
	{ "section.readonly_for_programs", section_readonly_for_programs },
	{ "section.readonly_for_user", section_readonly_for_user },
	{ "section.mmap_arguments", section_mmap_arguments },
	{ "section.mmap_private", section_mmap_private },
	{ "section.many", section_many },
	{ "section.pointers", section_pointers },
	{ "section.mapping_outlives", section_mapping_outlives },
	{ "section.bounds", section_bounds },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
