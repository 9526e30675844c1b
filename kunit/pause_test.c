// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pausing and stopping: a run that is asked to does so in time, and
 * one that goes on comes to what it would have come to.
 */
#include <kunit/test.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/string.h>

#include "machine.h"

/*
 * The word that asks a run to pause lies in the run's own context, so that the
 * program itself says at which instruction it is asked; no threads, no chance.
 */
#define WORD_AT		0
#define DATA_AT		8

/**
 * struct pausing - a program that works for some time and then is asked
 * @name: for messages
 * @put_body: what it does in each turn of its loop
 * @put_function: what it calls then, a function of its own
 * @turns: how often it does so
 */
struct pausing {
	const char *name;
	void (*put_body)(struct writer *w);
	void (*put_function)(struct writer *w);
	u32 turns;
};

static void put_nothing(struct writer *w)
{
}

static void put_long_line(struct writer *w)
{
	machine_put_line(w, 5000);
}

static void put_forward_jumps(struct writer *w)
{
	u32 i;

	for (i = 0; i < 50; i++) {
		machine_put(w, INSN_JMP_K(BPF_JNE, 8, 0, 1));
		machine_put(w, INSN_EXIT);
		machine_put(w, INSN_ADD_X(0, 6));
	}
}

static void put_stores(struct writer *w)
{
	machine_put(w, INSN_LDX(BPF_DW, 2, 8, DATA_AT));
	machine_put(w, INSN_ADD_X(2, 6));
	machine_put(w, INSN_STX(BPF_DW, 8, 2, DATA_AT));
	machine_put(w, INSN_ADD_X(0, 2));
}

static void put_helper(struct writer *w)
{
	machine_put(w, INSN_MOV_X(7, 0));
	machine_put(w, INSN_HELPER(BPF_FUNC_ktime_get_ns));
	machine_put(w, INSN_MOV_X(0, 7));
	machine_put(w, INSN_ADD_X(0, 6));
}

/* The function behind the loop; the distance is filled in later. */
static void put_call(struct writer *w)
{
	machine_put(w, INSN_MOV_K(1, INTERP_FRAMES - 2));
	machine_put(w, INSN_CALL(0));
}

/* Calls itself until there is no frame left, and works on the way back. */
static void put_recursion(struct writer *w)
{
	machine_put(w, INSN_STX(BPF_DW, 10, 1, -8));
	machine_put(w, INSN_MOV_X(6, 1));
	machine_put(w, INSN_JMP_K(BPF_JEQ, 1, 0, 2));
	machine_put(w, INSN_ADD_K(1, -1));
	machine_put(w, INSN_CALL(-5));
	machine_put_line(w, 300);
	machine_put(w, INSN_LDX(BPF_DW, 2, 10, -8));
	machine_put(w, INSN_ADD_X(0, 2));
	machine_put(w, INSN_ADD_X(0, 6));
	machine_put(w, INSN_EXIT);
}

static const struct pausing pausings[] = {
	{ "tight loop", put_nothing, NULL, 20000 },
	{ "long line", put_long_line, NULL, 8 },
	{ "forward jumps", put_forward_jumps, NULL, 200 },
	{ "stores", put_stores, NULL, 4000 },
	{ "helpers", put_helper, NULL, 4000 },
	{ "calls", put_call, put_recursion, 20 },
};

#define PAUSING_INSNS	6000

/* @condition skips the store of @word unless it is the turn for it. */
static void load_pausing(struct kunit *test, struct writer *w,
			 const struct pausing *p, struct bpf_insn condition,
			 u32 word)
{
	u32 top, end;

	w->count = 0;
	machine_put(w, INSN_MOV_X(8, 1));
	machine_put(w, INSN_MOV_K(6, p->turns));
	top = w->count;
	machine_put(w, condition);
	machine_put(w, INSN_ST(BPF_W, 8, WORD_AT, word));
	p->put_body(w);
	end = w->count;
	machine_put(w, INSN_ADD_K(6, -1));
	machine_put(w, INSN_JMP_K(BPF_JNE, 6, 0, (s32)top - (s32)w->count - 1));
	machine_put(w, INSN_EXIT);
	if (p->put_function) {
		w->insns[end - 1].imm = w->count - end;
		p->put_function(w);
	}
	machine_load(test, w->insns, w->count);
}

/* The word is in the context from now on. */
static u32 *take_word(struct machine *m)
{
	m->context.base = m->memory;
	m->context.len = 64;
	memset(m->memory, 0, 64);
	m->word = (u32 *)&m->memory[WORD_AT];
	return (u32 *)&m->memory[WORD_AT];
}

/* A run that nobody asks to pause: what the others must come to as well. */
static struct bpfsched_result run_unasked(struct kunit *test, const char *name)
{
	struct machine *m = test->priv;

	take_word(m);
	m->word = &m->control;
	KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, U64_MAX),
			    (int)BPFSCHED_DONE, "%s", name);
	memcpy(m->expected, m->memory, 64);
	return m->result;
}

/* How many instructions it executes up to the store that asks. */
static u64 count_to_store(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 *word = take_word(m);

	m->word = &m->control;
	machine_begin(m, 0);
	while (!READ_ONCE(*word) && machine_step(m) == BPFSCHED_EXHAUSTED)
		;
	return m->result.instructions;
}

static void expect_result(struct kunit *test, const char *name,
			  const struct bpfsched_result *expected)
{
	struct machine *m = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, m->result.r0, expected->r0, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, m->result.instructions,
			    expected->instructions, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(m->memory + DATA_AT,
					 m->expected + DATA_AT, 64 - DATA_AT),
			    0, "%s", name);
	machine_expect_no_fault(test);
}

/* Asked once, when @turn turns are left. */
static void expect_asked(struct kunit *test, struct writer *w,
			 const struct pausing *p, u32 turn, u32 word,
			 enum bpfsched_outcome outcome)
{
	struct machine *m = test->priv;
	struct bpfsched_result unasked;
	u64 store;
	u32 *control;

	load_pausing(test, w, p, INSN_JMP_K(BPF_JNE, 6, turn, 1), word);
	unasked = run_unasked(test, p->name);
	store = count_to_store(test);
	control = take_word(m);

	KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, U64_MAX), (int)outcome,
			    "%s, turn %u", p->name, turn);
	KUNIT_EXPECT_GE_MSG(test, m->result.instructions, store, "%s", p->name);
	KUNIT_EXPECT_LE_MSG(test, m->result.instructions,
			    store + BPFSCHED_SAFE_POINT_INSNS, "%s", p->name);
	KUNIT_EXPECT_EQ_MSG(test, m->result.r0, 0ULL, "%s", p->name);
	machine_expect_no_fault(test);

	WRITE_ONCE(*control, BPFSCHED_CONTROL_RUN);
	KUNIT_ASSERT_EQ_MSG(test, (int)machine_go_on(m), (int)BPFSCHED_DONE,
			    "%s, turn %u", p->name, turn);
	expect_result(test, p->name, &unasked);
}

/* Early and late, but not so late that the program ends before it pauses. */
static void expect_asked_in_turns(struct kunit *test, u32 word,
				  enum bpfsched_outcome outcome)
{
	struct writer w = new_writer(test, PAUSING_INSNS);
	size_t i;
	u32 turn;

	for (i = 0; i < ARRAY_SIZE(pausings); i++) {
		const struct pausing *p = &pausings[i];

		for (turn = p->turns; turn > p->turns / 2;
		     turn -= DIV_ROUND_UP(p->turns, 16))
			expect_asked(test, &w, p, turn, word, outcome);
	}
}

static void pause_and_go_on(struct kunit *test)
{
	expect_asked_in_turns(test, BPFSCHED_CONTROL_PAUSE, BPFSCHED_PAUSED);
}

static void stop_in_time(struct kunit *test)
{
	expect_asked_in_turns(test, BPFSCHED_CONTROL_STOP, BPFSCHED_STOPPED);
}

/* Go on whenever it pauses; returns how it ended. */
static enum bpfsched_outcome run_with_pauses(struct kunit *test, u64 budget,
					     const char *name, u32 *pauses)
{
	struct machine *m = test->priv;
	u32 *control = take_word(m);
	enum bpfsched_outcome outcome;
	u64 before = 0;

	*pauses = 0;
	machine_begin(m, budget);
	while ((outcome = machine_go_on(m)) == BPFSCHED_PAUSED) {
		KUNIT_ASSERT_GT_MSG(test, m->result.instructions, before, "%s",
				    name);
		before = m->result.instructions;
		WRITE_ONCE(*control, BPFSCHED_CONTROL_RUN);
		++*pauses;
	}
	return outcome;
}

/* Asked in every turn, with no more budget than it needs, and one less. */
static void expect_many_pauses(struct kunit *test, struct writer *w,
			       const struct pausing *p)
{
	struct machine *m = test->priv;
	struct bpfsched_result unasked;
	u32 pauses;

	load_pausing(test, w, p, INSN_JMP_X(BPF_JNE, 8, 8, 1),
		     BPFSCHED_CONTROL_PAUSE);
	unasked = run_unasked(test, p->name);
	KUNIT_ASSERT_EQ_MSG(test,
			    (int)run_with_pauses(test, unasked.instructions,
						 p->name, &pauses),
			    (int)BPFSCHED_DONE, "%s", p->name);
	expect_result(test, p->name, &unasked);
	KUNIT_EXPECT_GE_MSG(test, (u64)pauses, unasked.instructions /
			    (2 * BPFSCHED_SAFE_POINT_INSNS), "%s", p->name);

	KUNIT_ASSERT_EQ_MSG(test,
			    (int)run_with_pauses(test, unasked.instructions - 1,
						 p->name, &pauses),
			    (int)BPFSCHED_EXHAUSTED, "%s", p->name);
	KUNIT_EXPECT_EQ_MSG(test, m->result.instructions,
			    unasked.instructions - 1, "%s", p->name);
}

static void pause_again_and_again(struct kunit *test)
{
	struct writer w = new_writer(test, PAUSING_INSNS);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pausings); i++)
		expect_many_pauses(test, &w, &pausings[i]);
}

static void pause_before_the_start(struct kunit *test)
{
	struct machine *m = test->priv;
	struct bpfsched_result unasked;
	struct writer w = new_writer(test, LINE_MAX);
	u32 i;

	machine_load_loop(test, &w, 10, 3000);
	unasked = run_unasked(test, "loop");
	m->control = BPFSCHED_CONTROL_PAUSE;
	machine_begin(m, unasked.instructions);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, (int)machine_go_on(m),
				(int)BPFSCHED_PAUSED);
		KUNIT_EXPECT_EQ(test, m->result.instructions, 0ULL);
		KUNIT_EXPECT_EQ(test, m->result.r0, 0ULL);
	}
	m->control = BPFSCHED_CONTROL_RUN;
	KUNIT_EXPECT_EQ(test, (int)machine_go_on(m), (int)BPFSCHED_DONE);
	expect_result(test, "loop", &unasked);
}

static void stop_before_the_start(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_MOV_K(0, 1), INSN_EXIT };
	struct machine *m = test->priv;

	machine_load(test, insns, ARRAY_SIZE(insns));
	m->control = BPFSCHED_CONTROL_STOP;
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000), (int)BPFSCHED_STOPPED);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 0ULL);
	KUNIT_EXPECT_EQ(test, m->result.r0, 0ULL);
	machine_expect_no_fault(test);
}

static void stop_while_paused(struct kunit *test)
{
	struct machine *m = test->priv;
	struct writer w = new_writer(test, PAUSING_INSNS);
	u64 instructions;
	u32 *control;

	load_pausing(test, &w, &pausings[0], INSN_JMP_K(BPF_JNE, 6, 15000, 1),
		     BPFSCHED_CONTROL_PAUSE);
	control = take_word(m);
	KUNIT_ASSERT_EQ(test, (int)machine_run(m, U64_MAX),
			(int)BPFSCHED_PAUSED);
	instructions = m->result.instructions;
	WRITE_ONCE(*control, BPFSCHED_CONTROL_STOP);
	KUNIT_EXPECT_EQ(test, (int)machine_go_on(m), (int)BPFSCHED_STOPPED);
	KUNIT_EXPECT_EQ(test, m->result.instructions, instructions);
}

/* A run that ends before its next safe point has ended. */
static void ends_although_asked(struct kunit *test)
{
	static const struct bpf_insn returns[] = {
		INSN_ST(BPF_W, 1, WORD_AT, BPFSCHED_CONTROL_STOP),
		INSN_MOV_K(0, 7), INSN_EXIT,
	};
	static const struct bpf_insn fails[] = {
		INSN_ST(BPF_W, 1, WORD_AT, BPFSCHED_CONTROL_PAUSE),
		INSN_LDX(BPF_B, 0, 1, 64), INSN_EXIT,
	};
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 1,
		.address = CONTEXT(64),
	};
	struct machine *m = test->priv;

	machine_load(test, returns, ARRAY_SIZE(returns));
	take_word(m);
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 7ULL);

	machine_load(test, fails, ARRAY_SIZE(fails));
	take_word(m);
	machine_expect_fault(test, "fails", machine_run(m, 1000000), &fault, 2);
}

MACHINE_SUITES(interp_pause, machine_exit,
	       KUNIT_CASE(pause_and_go_on),
	       KUNIT_CASE(stop_in_time),
	       KUNIT_CASE(pause_again_and_again),
	       KUNIT_CASE(pause_before_the_start),
	       KUNIT_CASE(stop_before_the_start),
	       KUNIT_CASE(stop_while_paused),
	       KUNIT_CASE(ends_although_asked));
