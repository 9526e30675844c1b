// SPDX-License-Identifier: GPL-2.0
/*
 * Preemption, from user space: who takes over from whom, and that nothing of a
 * paused job is lost.
 */
#include "timing.h"

#define LAP	1000000

/*
 * Counts down from LAP, again and again until the global variable at @flag is
 * not 0, and returns how often: 3 instructions, and 2 * LAP + 4 each time
 */
static int load_laps(int fd, __u64 **flag)
{
	static const struct bpf_insn insns[] = {
		SECTION_LOW(9, 0), SECTION_HIGH(0),
		MOV_IMM(0, 0),
		MOV_IMM(6, LAP),
		ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -2),
		ALU_IMM(BPF_ADD, 0, 1),
		LOAD(BPF_DW, 1, 9, 0), JUMP_IMM(BPF_JEQ, 1, 0, -6),
		EXIT,
	};

	return load_with_flag(fd, insns, ARRAY_SIZE(insns), flag);
}

/*
 * A long loop makes way for an earlier deadline, for else it would not end, and
 * ends as if it had not.
 */
static void preempt_long_loop(void)
{
	int fd = open_unlimited(), quick = load_quick(fd);
	__u64 outer, inner, *flag;
	int laps = load_laps(fd, &flag);
	struct bpfsched_completion first, second;

	outer = submit_one(fd, with_large_budget(fd, urgent_job(laps,
								HOUR_NS)));
	wait_running(fd, 1);
	inner = submit_one(fd, urgent_job(quick, HOUR_NS / 2));
	first = read_status(fd, BPFSCHED_STATUS_OK);
	set_flag(flag, 1);
	second = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(first.id, inner);
	check_eq(first.preemptions, 0);
	check_eq(first.r0, QUICK_RESULT);
	check_eq(second.id, outer);
	check_ge(second.r0, 1);
	check_eq(second.instructions, 3 + (2ULL * LAP + 4) * second.r0);
	check_eq(second.preemptions, 1);
	check(has_flag(&second, BPFSCHED_COMPLETION_PREEMPTED));
	check_eq(first.start_seq, second.start_seq + 1);
	check_ge(first.started_ns, second.started_ns);
	check_ge(second.ended_ns, first.ended_ns);
	check_eq(get_stat(fd).preemptions, 1);
}

/*
 * Adds up in registers, on the stack and in a global variable, for at least one
 * turn, and as many as the global variable at @turns says; with 7 instructions,
 * and 11 for each turn
 */
static int load_checksum(int fd, __u64 **turns)
{
	static const struct bpf_insn insns[] = {
		MOV_IMM(0, 1), MOV_IMM(6, 0),
		SECTION_LOW(9, 0), SECTION_HIGH(0),
		STORE_IMM(BPF_DW, 10, -8, 0),
		STORE_IMM(BPF_DW, 9, 8, 0),
		/* each turn */
		ALU_IMM(BPF_ADD, 6, 1),
		ALU_IMM(BPF_MUL, 0, 3), ALU_REG(BPF_ADD, 0, 6),
		LOAD(BPF_DW, 7, 10, -8), ALU_REG(BPF_XOR, 7, 0),
		STORE(BPF_DW, 10, -8, 7),
		LOAD(BPF_DW, 8, 9, 8), ALU_REG(BPF_ADD, 8, 7),
		STORE(BPF_DW, 9, 8, 8),
		LOAD(BPF_DW, 1, 9, 0),
		INSN(BPF_JMP | BPF_JGT | BPF_X, 1, 6, -11, 0),
		ALU_REG(BPF_XOR, 0, 8), EXIT,
	};

	return load_with_flag(fd, insns, ARRAY_SIZE(insns), turns);
}

static __u64 checksum(__u64 turns)
{
	__u64 r0 = 1, stack = 0, global = 0, i;

	for (i = 1; i <= turns; i++) {
		r0 = r0 * 3 + i;
		stack ^= r0;
		global += stack;
	}
	return r0 ^ global;
}

/* The number of turns is in the instructions, the rest of the state in r0 */
static void check_checksum(const struct bpfsched_completion *completion)
{
	__u64 turns = (completion->instructions - 7) / 11;

	check_eq(completion->instructions, 7 + 11 * turns);
	check_eq(completion->r0, checksum(turns));
}

/*
 * Two such loops take turns: of the one that runs and has the later deadline
 * the registers, the stack and the global variable are as they were.
 */
static void preempt_state_intact(void)
{
	int fd = open_unlimited(), i;
	__u64 id, *outer_turns, *inner_turns;
	int outer = load_checksum(fd, &outer_turns);
	int inner = load_checksum(fd, &inner_turns);
	struct bpfsched_completion completion;

	/* Until there have been enough of the others */
	set_flag(outer_turns, UINT64_MAX);
	set_flag(inner_turns, 1000);
	id = submit_one(fd, with_large_budget(fd, urgent_job(outer, HOUR_NS)));
	wait_running(fd, 1);
	for (i = 0; i < 8; i++) {
		completion = run_job(fd, urgent_job(inner, HOUR_NS / 2));
		check_eq(completion.status, BPFSCHED_STATUS_OK);
		check_eq(completion.instructions, 7 + 11 * 1000);
		check_eq(completion.preemptions, 0);
		check_checksum(&completion);
	}
	set_flag(outer_turns, 0);
	completion = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(completion.id, id);
	check_checksum(&completion);
	check_ge(completion.preemptions, 1);
	check_le(completion.preemptions, 8);
}

/*
 * Only the job that comes last lets the others end: each has to run inside of
 * the one before.
 */
static void preempt_nested(void)
{
	int fd = open_client(EMBEDDED, 0), i;
	__u64 preemptions = get_stat(fd).preemptions, ids[3], *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_completion completion;

	be_real_time();
	for (i = 0; i < 3; i++) {
		ids[i] = submit_one(fd, gate_waiter(fd, program, 9 - i));
		while (get_stat(fd).preemptions != preemptions + i)
			wait_a_little();
		wait_running(fd, 1);
		check_eq(get_stat(fd).pending, i);
	}
	submit_one(fd, gate_opener(program, HOUR_NS));
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).preemptions, 0);
	for (i = 2; i >= 0; i--) {
		completion = read_status(fd, BPFSCHED_STATUS_OK);
		check_eq(completion.id, ids[i]);
		check_eq(completion.preemptions, 1);
	}
	check_eq(get_stat(fd).preemptions, preemptions + 3);
}

/* Not by an equal deadline, a later one, or none */
static void preempt_not_by_equals(void)
{
	int fd = open_client(EMBEDDED, 0), quick = load_quick(fd), i;
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	struct bpfsched_completion completion;
	__u64 first;

	be_real_time();
	job.flags = BPFSCHED_JOB_DEADLINE_ABS;
	job.deadline_ns = monotonic_ns() + HOUR_NS;
	first = submit_one(fd, with_large_budget(fd, job));
	wait_running(fd, 1);
	job.prog_fd = quick;
	submit_one(fd, job);
	job.deadline_ns++;
	submit_one(fd, job);
	job = job_of(quick);
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_one(fd, job);
	pass_until(monotonic_ns() + 20 * MS_NS);
	check_eq(get_stat(fd).pending, 3);
	set_flag(flag, 1);
	completion = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(completion.id, first);
	check_eq(completion.preemptions, 0);
	for (i = 0; i < 3; i++)
		read_status(fd, BPFSCHED_STATUS_OK);
}

/* Without deadlines the priority decides */
static void preempt_by_priority(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_job_desc job;
	__u64 first;

	be_real_time();
	first = submit_one(fd, with_large_budget(fd, job_of(program)));
	wait_running(fd, 1);
	job = gate_opener(program, 0);
	job.flags = 0;
	job.priority = BPFSCHED_PRIORITY_HIGH;
	submit_one(fd, job);
	check_ne(read_status(fd, BPFSCHED_STATUS_OK).id, first);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).preemptions, 1);
}

/* By a job whose release comes while it runs */
static void preempt_at_release(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_job_desc job = gate_opener(program, HOUR_NS);
	__u64 first;

	be_real_time();
	job.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = 50 * MS_NS;
	submit_one(fd, job);
	first = submit_one(fd, gate_waiter(fd, program, 9));
	check_ne(read_status(fd, BPFSCHED_STATUS_OK).id, first);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, first);
}

/* A job that has made way can be cancelled */
static void preempt_cancel(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 preemptions = get_stat(fd).preemptions, first, second, *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_completion completion;

	be_real_time();
	first = submit_one(fd, gate_waiter(fd, program, 9));
	while (!__atomic_load_n(&flag[1], __ATOMIC_RELAXED))
		wait_a_little();
	second = submit_one(fd, gate_waiter(fd, program, 5));
	while (get_stat(fd).preemptions == preemptions)
		wait_a_little();
	check_ok(cancel(fd, first));
	completion = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	check_eq(completion.id, first);
	check_ne(completion.started_ns, 0);
	check_ne(completion.instructions, 0);
	check(has_flag(&completion, BPFSCHED_COMPLETION_PREEMPTED));
	set_flag(flag, 1);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, second);
}

/* Closing with one that runs, one that made way and one that waits */
static void preempt_close(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);
	__u64 preemptions = get_stat(fd).preemptions, *flag;
	int program = load_gate(fd, &flag);
	__u64 cancelled = get_stat(fd).cancelled;

	be_real_time();
	submit_one(fd, gate_waiter(fd, program, 9));
	wait_running(fd, 1);
	submit_one(fd, gate_waiter(fd, program, 5));
	submit_one(fd, gate_waiter(fd, program, 10));
	while (get_stat(fd).preemptions == preemptions)
		wait_a_little();
	close(fd);
	wait_idle(other);
	check_eq(get_stat(other).cancelled, cancelled + 3);
}

static const struct ktap_test tests[] = {
	{ "preempt.long_loop", preempt_long_loop },
	{ "preempt.state_intact", preempt_state_intact },
	{ "preempt.nested", preempt_nested },
	{ "preempt.not_by_equals", preempt_not_by_equals },
	{ "preempt.by_priority", preempt_by_priority },
	{ "preempt.at_release", preempt_at_release },
	{ "preempt.cancel", preempt_cancel },
	{ "preempt.close", preempt_close },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
