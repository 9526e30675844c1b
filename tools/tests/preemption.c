// SPDX-License-Identifier: GPL-2.0
/*
 * Preemption, from user space: who takes over from whom, and that nothing of a
 * paused job is lost.
 */
#include "timing.h"

/* Counts down from so many turns; 3 + 2 * turns instructions */
static int load_turns(int fd, __u32 turns)
{
	return LOAD_PROGRAM(fd, MOV_IMM(0, 7), MOV_IMM(6, turns),
			    ALU_IMM(BPF_SUB, 6, 1),
			    JUMP_IMM(BPF_JNE, 6, 0, -2), EXIT);
}

/* It had not ended before the urgent one came */
static bool runs_inside(int fd, __u32 turns)
{
	int long_program = load_turns(fd, turns), quick = load_quick(fd);
	struct bpfsched_completion first, second;
	struct bpfsched_stat before = get_stat(fd);
	__u64 outer, inner;

	outer = submit_one(fd, with_large_budget(fd, urgent_job(long_program,
								HOUR_NS)));
	while (get_stat(fd).exec_count == before.exec_count)
		wait_a_little();
	inner = submit_one(fd, urgent_job(quick, HOUR_NS / 2));
	first = read_status(fd, BPFSCHED_STATUS_OK);
	second = read_status(fd, BPFSCHED_STATUS_OK);
	if (first.id == outer)
		return false;
	check_eq(first.id, inner);
	check_eq(first.preemptions, 0);
	check_eq(first.r0, QUICK_RESULT);
	check_eq(second.r0, 7);
	check_eq(second.instructions, 3 + 2ULL * turns);
	check_eq(second.preemptions, 1);
	check(has_flag(&second, BPFSCHED_COMPLETION_PREEMPTED));
	check_eq(first.start_seq, second.start_seq + 1);
	check_ge(first.started_ns, second.started_ns);
	check_ge(second.ended_ns, first.ended_ns);
	check_eq(get_stat(fd).preemptions, before.preemptions + 1);
	return true;
}

/* A long loop makes way for an earlier deadline, and ends as if it had not */
static void preempt_long_loop(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u32 turns = 30000000;

	be_real_time();
	while (!runs_inside(fd, turns)) {
		/* a machine that is too fast */
		check_le(turns, 240000000);
		turns *= 2;
	}
}

/* Adds up in registers, on the stack and in a global variable */
static int load_checksum(int fd, __u32 turns)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(0, 1), MOV_IMM(6, turns),
		SECTION_LOW(9, 0), SECTION_HIGH(0),
		STORE_IMM(BPF_DW, 10, -8, 0),
		STORE_IMM(BPF_DW, 9, 0, 0),
		/* each turn */
		ALU_IMM(BPF_MUL, 0, 3), ALU_REG(BPF_ADD, 0, 6),
		LOAD(BPF_DW, 7, 10, -8), ALU_REG(BPF_XOR, 7, 0),
		STORE(BPF_DW, 10, -8, 7),
		LOAD(BPF_DW, 8, 9, 0), ALU_REG(BPF_ADD, 8, 7),
		STORE(BPF_DW, 9, 0, 8),
		ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -10),
		ALU_REG(BPF_XOR, 0, 8), EXIT,
	};
	struct bpfsched_section section = { .len = 8 };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = ARRAY_SIZE(insns),
		.sections = (uintptr_t)&section,
		.section_count = 1,
	};

	return check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

static __u64 checksum(__u32 turns)
{
	__u64 r0 = 1, stack = 0, global = 0;

	for (; turns; turns--) {
		r0 = r0 * 3 + turns;
		stack ^= r0;
		global += stack;
	}
	return r0 ^ global;
}

/*
 * Two such loops take turns: of the one that runs and has the later deadline
 * the registers, the stack and the global variable are as they were.
 */
static bool checksum_survives(int fd, __u32 turns)
{
	int outer = load_checksum(fd, turns), inner = load_checksum(fd, 1000);
	struct bpfsched_completion completion;
	__u64 executed = get_stat(fd).exec_count, id;
	__u32 urgent = 0;

	id = submit_one(fd, with_large_budget(fd, urgent_job(outer, HOUR_NS)));
	while (get_stat(fd).exec_count == executed)
		wait_a_little();
	for (;;) {
		if (urgent < 8) {
			submit_one(fd, urgent_job(inner, HOUR_NS / 2));
			urgent++;
		}
		completion = read_status(fd, BPFSCHED_STATUS_OK);
		if (completion.id == id)
			break;
		check_eq(completion.r0, checksum(1000));
		check_eq(completion.preemptions, 0);
	}
	check_eq(completion.r0, checksum(turns));
	check_eq(completion.instructions, 7 + 10ULL * turns);
	wait_idle(fd);
	while (has_events(fd, POLLIN))
		read_status(fd, BPFSCHED_STATUS_OK);
	return completion.preemptions >= 1;
}

static void preempt_state_intact(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u32 turns = 1000000;

	be_real_time();
	while (!checksum_survives(fd, turns)) {
		/* a machine that is too fast */
		check_le(turns, 32000000);
		turns *= 2;
	}
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
	wait_running(fd, 1);
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
