// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of bpf_loop(): how often it calls, what it passes, and that a run can
 * pause and stop in it anywhere.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "machine.h"

#define ARGS(...)	((const u64 [5]) { __VA_ARGS__ })

/*
 * Calls a function @turns times that adds its index and its second argument to
 * what lies on the stack of its caller, and ends the loop at index @last.
 */
static void load_sum(struct kunit *test, u32 turns, u32 last)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_ST(BPF_DW, 10, -8, 0), INSN_MOV_K(6, 5),
		INSN_MOV_K(1, turns),
		INSN_LDDW(2, BPF_PSEUDO_FUNC, 11), INSN_LDDW_END(0),
		INSN_MOV_X(3, 10),
		/* 6 */ INSN_ADD_K(3, -8), INSN_MOV_K(4, 0),
		INSN_HELPER(BPF_FUNC_loop), INSN_LDX(BPF_DW, 1, 10, -8),
		/* 10 */ INSN_ALU64_K(BPF_LSH, 1, 32), INSN_ADD_X(0, 1),
		INSN_ADD_X(0, 6), INSN_ADD_K(0, -5), INSN_EXIT,
		/* 15 */ INSN_LDX(BPF_DW, 4, 2, 0), INSN_ADD_X(4, 1),
		INSN_STX(BPF_DW, 2, 4, 0), INSN_MOV_K(6, 77),
		/* 19 */ INSN_MOV_K(0, 0), INSN_JMP_K(BPF_JNE, 1, last, 1),
		INSN_MOV_K(0, 1), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
}

/* Calls in the low half, the sum of the indices in the high one. */
static u64 sum_of(u32 calls)
{
	return ((u64)calls * (calls - 1) / 2) << 32 | calls;
}

static void calls_as_often_as_it_is_to(struct kunit *test)
{
	static const u32 turns[] = { 1, 2, 3, 100, 700 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		struct machine *m = test->priv;

		load_sum(test, turns[i], -1);
		KUNIT_ASSERT_EQ(test, (int)machine_run(m, 1000000),
				(int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ(test, m->result.r0, sum_of(turns[i]));
		KUNIT_EXPECT_EQ(test, m->result.instructions,
				14 + 7ULL * turns[i]);
	}
}

static void function_ends_the_loop(struct kunit *test)
{
	load_sum(test, 100, 0);
	machine_expect_return(test, sum_of(1), 14 + 8);
	load_sum(test, 100, 41);
	machine_expect_return(test, sum_of(42), 14 + 7 * 42 + 1);
	load_sum(test, 42, 41);
	machine_expect_return(test, sum_of(42), 14 + 7 * 42 + 1);
}

/* Every budget up to what it takes, and one more. */
static void budget_is_exact(struct kunit *test)
{
	struct machine *m = test->priv;
	const u64 all = 14 + 7 * 9;
	u64 budget;

	load_sum(test, 9, -1);
	for (budget = 0; budget < all; budget++) {
		KUNIT_ASSERT_EQ(test, (int)machine_run(m, budget),
				(int)BPFSCHED_EXHAUSTED);
		KUNIT_ASSERT_EQ(test, m->result.instructions, budget);
	}
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, all), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, sum_of(9));
}

static void runs_step_by_step(struct kunit *test)
{
	struct machine *m = test->priv;
	u64 steps = 1;

	load_sum(test, 50, -1);
	machine_begin(m, 1);
	while (machine_step(m) == BPFSCHED_EXHAUSTED)
		steps++;
	KUNIT_EXPECT_EQ(test, steps, 14 + 7 * 50ULL);
	KUNIT_EXPECT_EQ(test, m->result.r0, sum_of(50));
}

static void arguments(struct kunit *test)
{
	const u64 bad = INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 3);
	const u64 first = INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 0);

	machine_expect_call(test, "no turn", BPF_FUNC_loop, ARGS(0, first), 0);
	machine_expect_call(test, "low half", BPF_FUNC_loop,
			    ARGS(1ULL << 32, first), 0);
	machine_expect_call(test, "flags", BPF_FUNC_loop,
			    ARGS(1, first, 0, 1), -EINVAL);
	machine_expect_call(test, "too many", BPF_FUNC_loop,
			    ARGS((1 << 23) + 1, first), -E2BIG);
	machine_expect_call_fault(test, "no function", BPF_FUNC_loop,
				  ARGS(1, bad), BPFSCHED_FAULT_CALL, bad);
	machine_expect_call_fault(test, "null", BPF_FUNC_loop, ARGS(1, 0),
				  BPFSCHED_FAULT_CALL, 0);
	machine_expect_call_fault(test, "no turn of none", BPF_FUNC_loop,
				  ARGS(0, 0), BPFSCHED_FAULT_CALL, 0);
}

/* As many turns as there may be, of which the first is the last. */
static void most_turns(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(1, 1 << 23),
		INSN_LDDW(2, BPF_PSEUDO_FUNC, 4), INSN_LDDW_END(0),
		INSN_MOV_K(4, 0),
		INSN_HELPER(BPF_FUNC_loop), INSN_EXIT,
		INSN_MOV_K(0, 1), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, 1, 7);
}

/*
 * A function that loops over itself, one frame deeper, until @deep; each level
 * keeps what it counts in its own frame and in r6.
 */
#define DEEP_TURNS	3
#define DEEP_CALL	14

static void load_deep(struct kunit *test, u32 deep)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, 0), INSN_MOV_K(2, deep), INSN_CALL(1),
		INSN_EXIT,
		/* 4 */ INSN_MOV_X(6, 1), INSN_STX(BPF_DW, 10, 2, -8),
		INSN_MOV_K(0, 0), INSN_JMP_K(BPF_JEQ, 2, 0, 7),
		/* 8 */ INSN_MOV_K(1, DEEP_TURNS),
		INSN_LDDW(2, BPF_PSEUDO_FUNC, -6), INSN_LDDW_END(0),
		INSN_LDX(BPF_DW, 3, 10, -8), INSN_ADD_K(3, -1),
		/* 13 */ INSN_MOV_K(4, 0), INSN_HELPER(BPF_FUNC_loop),
		/* 15 */ INSN_LDDW(1, 6, 0), INSN_LDDW_END(0),
		INSN_LDX(BPF_DW, 3, 1, 0), INSN_ALU64_K(BPF_MUL, 3, 31),
		/* 19 */ INSN_ADD_X(3, 6), INSN_ALU64_K(BPF_MUL, 3, 31),
		INSN_LDX(BPF_DW, 2, 10, -8), INSN_ADD_X(3, 2),
		/* 23 */ INSN_STX(BPF_DW, 1, 3, 0), INSN_MOV_K(0, 0), INSN_EXIT,
	};
	struct machine *m = test->priv;

	m->sections[0].base = m->memory;
	m->sections[0].len = 8;
	m->section_count = 1;
	memset(m->memory, 0, 8);
	machine_load(test, insns, ARRAY_SIZE(insns));
}

static u64 deep_hash(struct kunit *test)
{
	u64 hash;

	memcpy(&hash, ((struct machine *)test->priv)->memory, sizeof(hash));
	return hash;
}

/* Between any two instructions, so also in every frame and in every call. */
static void pauses_anywhere(struct kunit *test)
{
	struct machine *m = test->priv;
	u64 hash, instructions, steps = 1;

	load_deep(test, INTERP_FRAMES - 2);
	KUNIT_ASSERT_EQ(test, (int)machine_run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->state.deepest, INTERP_FRAMES - 1U);
	hash = deep_hash(test);
	instructions = m->result.instructions;
	KUNIT_EXPECT_GT(test, instructions, 1000ULL);
	KUNIT_EXPECT_NE(test, hash, 0ULL);

	memset(m->memory, 0, 8);
	machine_begin(m, 1);
	while (machine_step(m) == BPFSCHED_EXHAUSTED) {
		steps++;
		/* It is asked to pause, and goes on when it is not. */
		m->control = BPFSCHED_CONTROL_PAUSE;
		m->state.budget = 1;
		KUNIT_ASSERT_EQ(test, (int)machine_go_on(m),
				(int)BPFSCHED_PAUSED);
		m->control = BPFSCHED_CONTROL_RUN;
	}
	KUNIT_EXPECT_EQ(test, steps, instructions);
	KUNIT_EXPECT_EQ(test, m->result.instructions, instructions);
	KUNIT_EXPECT_EQ(test, deep_hash(test), hash);
}

static void one_frame_too_many(struct kunit *test)
{
	struct machine *m = test->priv;

	load_deep(test, INTERP_FRAMES - 1);
	KUNIT_ASSERT_EQ(test, (int)machine_run(m, 1000000),
			(int)BPFSCHED_FAULTED);
	KUNIT_EXPECT_EQ(test, m->result.fault.kind,
			(u32)BPFSCHED_FAULT_CALL_DEPTH);
	KUNIT_EXPECT_EQ(test, m->result.fault.pc, (u32)DEEP_CALL);
}

MACHINE_SUITES(interp_loop, machine_exit,
	       KUNIT_CASE(calls_as_often_as_it_is_to),
	       KUNIT_CASE(function_ends_the_loop),
	       KUNIT_CASE(budget_is_exact),
	       KUNIT_CASE(runs_step_by_step),
	       KUNIT_CASE(arguments),
	       KUNIT_CASE(most_turns),
	       KUNIT_CASE(pauses_anywhere),
	       KUNIT_CASE(one_frame_too_many));
