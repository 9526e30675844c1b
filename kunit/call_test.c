// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of calls from function to function: what they pass and keep, how deep
 * they may go, and the frames that they get.
 */
#include <kunit/test.h>
#include <linux/kernel.h>

#include "machine.h"

/* r1 to r5 come in, r0 goes out, r6 to r9 and r10 are as they were. */
static void arguments_and_saved_registers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, 1), INSN_MOV_K(2, 20), INSN_MOV_K(3, 300),
		INSN_MOV_K(4, 4000), INSN_MOV_K(5, 50000), INSN_MOV_K(6, 6),
		INSN_MOV_K(7, 7), INSN_MOV_K(8, 8), INSN_MOV_K(9, 9),
		/* 9 */ INSN_CALL(7),
		/* 10 */ INSN_ADD_X(0, 6), INSN_ADD_X(0, 7), INSN_ADD_X(0, 8),
		INSN_ADD_X(0, 9), INSN_ADD_X(0, 10), INSN_EXIT, INSN_EXIT,
		/* 17 */ INSN_MOV_K(0, 0), INSN_ADD_X(0, 1), INSN_ADD_X(0, 2),
		INSN_ADD_X(0, 3), INSN_ADD_X(0, 4), INSN_ADD_X(0, 5),
		INSN_MOV_K(6, -1), INSN_MOV_K(7, -1), INSN_MOV_K(8, -1),
		INSN_MOV_K(9, -1), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test,
			      54321 + 6 + 7 + 8 + 9 + STACK(INTERP_FRAME_SIZE),
			      27);
}

/*
 * A function that calls itself @deep times. Each call puts something of its
 * own into r6 to r9 and its frame, and counts it after the next has returned.
 */
#define RECURSION_CALL	12

static void load_recursion(struct kunit *test, u32 deep)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, deep), INSN_CALL(1), INSN_EXIT,
		/* 3 */ INSN_MOV_X(6, 1), INSN_MOV_X(7, 1),
		INSN_ALU64_K(BPF_MUL, 7, 10), INSN_MOV_X(8, 10),
		INSN_MOV_K(9, 1), INSN_STX(BPF_W, 10, 1, -512),
		/* 9 */ INSN_MOV_K(0, 0), INSN_ADD_K(1, -1),
		/* 11 */ INSN_JMP_K(BPF_JEQ, 1, 0, 1), INSN_CALL(-10),
		/* 13 */ INSN_ADD_X(0, 6), INSN_ADD_X(0, 7), INSN_ADD_X(0, 8),
		INSN_ADD_X(0, 9), INSN_LDX(BPF_W, 2, 10, -512),
		INSN_ADD_X(0, 2), INSN_ADD_X(0, 10), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
}

static void eight_frames(struct kunit *test)
{
	u64 r0 = 0, r1, instructions = 3;
	u32 deep, i;

	for (deep = 1; deep < INTERP_FRAMES; deep++) {
		r0 = 0;
		for (i = 1; i <= deep; i++) {
			r1 = deep - i + 1;
			r0 += r1 + 10 * r1 + 1 + r1 +
			      2 * STACK((i + 1) * INTERP_FRAME_SIZE);
		}
		instructions = 3 + 18 * deep - 1;
		load_recursion(test, deep);
		machine_expect_return(test, r0, instructions);
	}
}

static void nine_frames(struct kunit *test)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL_DEPTH,
		.pc = RECURSION_CALL,
	};
	struct machine *m = test->priv;
	size_t i;

	load_recursion(test, INTERP_FRAMES);
	for (i = 0; i < LOOPS; i++)
		machine_expect_fault(test, "nine frames",
				     machine_run(m, loop_budgets[i]), &fault,
				     2 + 10 * (INTERP_FRAMES - 1));
}

static void endless_recursion(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_CALL(-1), INSN_EXIT };
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL_DEPTH,
	};
	size_t i;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < LOOPS; i++)
		machine_expect_fault(test, "endless",
				     machine_run(test->priv, loop_budgets[i]),
				     &fault, INTERP_FRAMES);
}

static void many_calls(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(6, 20000),
		/* 1 */ INSN_CALL(3), INSN_ADD_K(6, -1),
		INSN_JMP_K(BPF_JNE, 6, 0, -3), INSN_EXIT,
		/* 5 */ INSN_MOV_X(7, 0), INSN_CALL(3), INSN_ADD_X(0, 7),
		INSN_MOV_K(6, 0), INSN_EXIT,
		/* 10 */ INSN_MOV_K(7, 0), INSN_MOV_K(0, 1), INSN_EXIT,
	};
	struct machine *m = test->priv;

	machine_load(test, insns, ARRAY_SIZE(insns));
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 20000ULL);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 2 + 11 * 20000ULL);
}

/* Or all of the frame together, leave it full of ones, and return. */
static u32 dirty_frame(struct bpf_insn *insns)
{
	u32 n = 0, offset;

	for (offset = 8; offset <= INTERP_FRAME_SIZE; offset += 8) {
		insns[n++] = INSN_LDX(BPF_DW, 2, 10, -offset);
		insns[n++] = INSN_ALU64_X(BPF_OR, 0, 2);
		insns[n++] = INSN_ST(BPF_DW, 10, -offset, -1);
	}
	insns[n++] = INSN_EXIT;
	return n;
}

/* A function that does so after it has called itself r1 - 1 times. */
static u32 dirty_function(struct bpf_insn *insns)
{
	insns[0] = INSN_ADD_K(1, -1);
	insns[1] = INSN_JMP_K(BPF_JEQ, 1, 0, 1);
	insns[2] = INSN_CALL(-3);
	return 3 + dirty_frame(&insns[3]);
}

static void expect_zero(struct kunit *test, u32 deep)
{
	struct machine *m = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, (int)machine_run(m, 1000000),
			    (int)BPFSCHED_DONE, "%u calls", deep);
	KUNIT_EXPECT_EQ_MSG(test, m->result.r0, 0ULL, "%u calls", deep);
}

/* Run twice: the second time the state has every frame as the first left it. */
static void frames_start_as_zero(struct kunit *test)
{
	struct bpf_insn *insns;
	u32 deep, n;

	insns = kunit_kcalloc(test, 256, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, insns);
	for (deep = 1; deep < INTERP_FRAMES; deep++) {
		insns[0] = INSN_MOV_K(1, deep);
		insns[1] = INSN_CALL(1);
		insns[2] = INSN_EXIT;
		n = 3 + dirty_function(&insns[3]);
		machine_load(test, insns, n);
		expect_zero(test, deep);
		expect_zero(test, deep);
	}
}

/* A frame that is used again holds what the function before has left there. */
static void frames_keep_what_was_left(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_CALL(3), INSN_CALL(2), INSN_EXIT, INSN_EXIT,
		/* 4 */ INSN_LDX(BPF_DW, 0, 10, -8),
		INSN_ST(BPF_DW, 10, -8, 7), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, 7, 9);
}

/* A state that was used before, by a program that left its frame dirty. */
static void first_frame_starts_as_zero(struct kunit *test)
{
	struct machine *m = test->priv;
	struct bpf_insn *insns;
	u32 n;

	insns = kunit_kcalloc(test, 256, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, insns);
	n = dirty_frame(insns);
	machine_load(test, insns, n);
	machine_expect_return(test, 0, n);
	KUNIT_EXPECT_EQ(test, m->state.stack[0], (u8)0xff);
}

/* A caller's frame can be reached by the address of something in it. */
static void callers_frame(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_ST(BPF_DW, 10, -8, 5), INSN_MOV_X(1, 10),
		INSN_ADD_K(1, -8), INSN_CALL(3),
		/* 4 */ INSN_LDX(BPF_DW, 1, 10, -8), INSN_ADD_X(0, 1),
		INSN_EXIT,
		/* 7 */ INSN_ST(BPF_DW, 10, -8, 100),
		INSN_LDX(BPF_DW, 0, 1, 0), INSN_ST(BPF_DW, 1, 0, 70), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, 75, 11);
}

MACHINE_SUITES(interp_call, machine_exit,
	       KUNIT_CASE(arguments_and_saved_registers),
	       KUNIT_CASE(eight_frames),
	       KUNIT_CASE(nine_frames),
	       KUNIT_CASE(endless_recursion),
	       KUNIT_CASE(many_calls),
	       KUNIT_CASE(frames_start_as_zero),
	       KUNIT_CASE(frames_keep_what_was_left),
	       KUNIT_CASE(first_frame_starts_as_zero),
	       KUNIT_CASE(callers_frame));
