// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of budgets: a run ends with its budget, whatever it executes, and
 * neither an instruction sooner nor later.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "machine.h"

/* A program that needs @need instructions ends with so many, and not before. */
static void expect_need(struct kunit *test, const char *name, u64 need, u64 r0)
{
	const u64 enough[] = {
		need, need + 1, need + INTERP_RUN_MAX,
		need + BPFSCHED_SAFE_POINT_INSNS, U64_MAX,
	};
	const u64 less[] = { 0, 1, need / 2, need - 1 };
	struct machine *m = test->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(enough); i++) {
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, enough[i]),
				    (int)BPFSCHED_DONE, "%s of %llu", name,
				    need);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, need, "%s",
				    name);
		KUNIT_ASSERT_EQ_MSG(test, m->result.r0, r0, "%s", name);
	}
	for (i = 0; i < ARRAY_SIZE(less); i++) {
		if (less[i] >= need)
			continue;
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, less[i]),
				    (int)BPFSCHED_EXHAUSTED, "%s of %llu",
				    name, need);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, less[i],
				    "%s of %llu", name, need);
		KUNIT_ASSERT_EQ_MSG(test, m->result.r0, 0ULL, "%s", name);
	}
	machine_expect_no_fault(test);
}

static void expect_every_budget(struct kunit *test, const char *name, u64 need)
{
	struct machine *m = test->priv;
	u64 budget;

	for (budget = 0; budget < need; budget++) {
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, budget),
				    (int)BPFSCHED_EXHAUSTED, "%s, budget %llu",
				    name, budget);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, budget, "%s",
				    name);
	}
	KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, need), (int)BPFSCHED_DONE,
			    "%s", name);
}

/* Around every length at which the dispatcher does something different. */
static const u32 line_counts[] = {
	1, 2, 3, 1021, 1022, 1023, 1024, 1025, 1026, 2045, 2046, 2047, 2048,
	2049, 3069, 3070, 3071, 3072, 3073, 4090, 4091, 4092, 4093, 4094, 4095,
	4096, 4097, 4098, 5000, 5115, 5116, 8191, 8192, 8193,
};

static void straight_lines(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		machine_put_line(&w, line_counts[i] - 1);
		machine_put(&w, INSN_EXIT);
		machine_load(test, w.insns, w.count);
		expect_need(test, "line", w.count, w.count - 1);
	}
}

static void every_budget_of_a_line(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);

	machine_put_line(&w, 2500);
	machine_put(&w, INSN_EXIT);
	machine_load(test, w.insns, w.count);
	expect_every_budget(test, "line", w.count);
}

static void wide_loads_count_one(struct kunit *test)
{
	struct writer w = new_writer(test, 2 * LINE_MAX);
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		for (n = 1; n < line_counts[i]; n++) {
			machine_put(&w, INSN_LDDW(0, 0, n));
			machine_put(&w, INSN_LDDW_END(0));
		}
		machine_put(&w, INSN_EXIT);
		machine_load(test, w.insns, w.count);
		expect_need(test, "wide loads", line_counts[i],
			    line_counts[i] - 1);
	}
}

static void helpers_count_one(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		for (n = 2; n < line_counts[i]; n++)
			machine_put(&w, INSN_HELPER(BPF_FUNC_ktime_get_ns));
		machine_put(&w, INSN_MOV_K(0, 5));
		machine_put(&w, INSN_EXIT);
		machine_load(test, w.insns, w.count);
		expect_need(test, "helpers", w.count, 5);
	}
}

static const u32 body_lengths[] = {
	0, 1, 2, 5, 100, 510, 511, 1019, 1020, 1021, 1022, 1023, 1024, 1025,
	1500, 2044, 2045, 2046, 3000, 4092, 4093, 4094, 4095, 4096, 4097,
};

static const u32 turn_counts[] = { 1, 2, 3, 4, 5, 9, 100 };

static void loops(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t b, t;

	for (b = 0; b < ARRAY_SIZE(body_lengths); b++) {
		for (t = 0; t < ARRAY_SIZE(turn_counts); t++) {
			u32 body = body_lengths[b], turns = turn_counts[t];

			machine_load_loop(test, &w, body, turns);
			expect_need(test, "loop", 2 + turns * (body + 2),
				    turns * body);
		}
	}
}

static void tight_loops(struct kunit *test)
{
	struct writer w = new_writer(test, 8);
	u32 turns;

	for (turns = 500; turns < 520; turns++) {
		machine_load_loop(test, &w, 0, turns);
		expect_need(test, "tight loop", 2 + 2 * turns, 0);
	}
	for (turns = 2040; turns < 2056; turns++) {
		machine_load_loop(test, &w, 0, turns);
		expect_need(test, "tight loop", 2 + 2 * turns, 0);
	}
	machine_load_loop(test, &w, 0, 1300);
	expect_every_budget(test, "tight loop", 2602);
}

static void forward_jumps(struct kunit *test)
{
	struct writer w = new_writer(test, 2 * LINE_MAX);
	size_t i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(line_counts); i++) {
		w.count = 0;
		for (n = 1; n < line_counts[i]; n++) {
			if (n % 3 == 0) {
				machine_put(&w, INSN_JMP_K(BPF_JEQ, 0, 0, 1));
				machine_put(&w, INSN_ADD_K(0, 1));
			} else if (n % 3 == 1) {
				machine_put(&w, INSN_JA32(0));
			} else {
				machine_put(&w, INSN_JMP_K(BPF_JNE, 0, 0, 0));
			}
		}
		machine_put(&w, INSN_EXIT);
		machine_load(test, w.insns, w.count);
		expect_need(test, "forward jumps", line_counts[i], 0);
	}
}

/* A loop around a call of a function of @body instructions. */
static void call_loops(struct kunit *test)
{
	struct writer w = new_writer(test, LINE_MAX);
	size_t b, t;

	for (b = 0; b < ARRAY_SIZE(body_lengths); b++) {
		for (t = 0; t < ARRAY_SIZE(turn_counts); t++) {
			u32 body = body_lengths[b], turns = turn_counts[t];

			w.count = 0;
			machine_put(&w, INSN_MOV_K(6, turns));
			machine_put(&w, INSN_CALL(3));
			machine_put(&w, INSN_ADD_K(6, -1));
			machine_put(&w, INSN_JMP_K(BPF_JNE, 6, 0, -3));
			machine_put(&w, INSN_EXIT);
			machine_put_line(&w, body);
			machine_put(&w, INSN_EXIT);
			machine_load(test, w.insns, w.count);
			expect_need(test, "calls", 2 + turns * (body + 4),
				    turns * body);
		}
	}
}

/* @before instructions, seven functions with as many, and as many after. */
static void call_chains(struct kunit *test)
{
	struct writer w = new_writer(test, 2 * 8 * 2100);
	size_t b;
	u32 i;

	for (b = 0; b < ARRAY_SIZE(body_lengths); b++) {
		u32 body = body_lengths[b];

		if (body > 2100)
			break;
		w.count = 0;
		for (i = 0; i < INTERP_FRAMES - 1; i++) {
			machine_put_line(&w, body);
			machine_put(&w, INSN_CALL(body + 1));
			machine_put_line(&w, body);
			machine_put(&w, INSN_EXIT);
		}
		machine_put(&w, INSN_EXIT);
		machine_load(test, w.insns, w.count);
		expect_need(test, "call chain", w.count,
			    2 * body * (INTERP_FRAMES - 1));
	}
}

static void faults_need_their_budget(struct kunit *test)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 103,
	};
	struct writer w = new_writer(test, LINE_MAX);
	struct machine *m = test->priv;
	u32 turns;

	for (turns = 1; turns < 100; turns++) {
		u64 need = 1 + 102 * turns + 1;

		machine_load_loop(test, &w, 100, turns);
		w.insns[w.count - 1] = INSN_LDX(BPF_B, 0, 6, 0);
		machine_put(&w, INSN_EXIT);
		machine_load(test, w.insns, w.count);
		machine_expect_fault(test, "all", machine_run(m, U64_MAX),
				     &fault, need);
		machine_expect_fault(test, "enough", machine_run(m, need),
				     &fault, need);
		KUNIT_ASSERT_EQ(test, (int)machine_run(m, need - 1),
				(int)BPFSCHED_EXHAUSTED);
		KUNIT_ASSERT_EQ(test, m->result.instructions, need - 1);
		machine_expect_no_fault(test);
	}
}

/* An endless loop ends with its budget, of whatever size. */
static void endless_loops(struct kunit *test)
{
	static const struct bpf_insn insns[] = { INSN_JA(-1) };
	static const u64 budgets[] = {
		1, 2, 1023, 1024, 1025, 4095, 4096, 4097, 1000000, 3000001,
	};
	struct machine *m = test->priv;
	size_t i;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		KUNIT_EXPECT_EQ(test, (int)machine_run(m, budgets[i]),
				(int)BPFSCHED_EXHAUSTED);
		KUNIT_EXPECT_EQ(test, m->result.instructions, budgets[i]);
	}
}

/*
 * Random programs that end: a main function that goes around a loop, and
 * functions that do the same. Each calls only those behind it. They work with
 * r0 to r5, r6 counts turns, r8 is the address of the context.
 */
#define RANDOM_FUNCTIONS	4
#define RANDOM_CALLS		32
#define RANDOM_CONTEXT		64
#define RANDOM_INSNS		8000

/**
 * struct random_program - a random program in the making
 * @w: its instructions
 * @rnd: where chance comes from
 * @function: the function that is being written
 * @starts: slots at which functions start
 * @call_slots: slots of the calls
 * @call_to: the functions that they call
 * @calls: number of calls
 */
struct random_program {
	struct writer w;
	struct rnd_state rnd;
	u32 function;
	u32 starts[RANDOM_FUNCTIONS];
	u32 call_slots[RANDOM_CALLS];
	u32 call_to[RANDOM_CALLS];
	u32 calls;
};

static u32 chance(struct random_program *p, u32 below)
{
	return prandom_u32_state(&p->rnd) % below;
}

static void put_random_arithmetic(struct random_program *p)
{
	enum arithmetic op = chance(p, ARRAY_SIZE(arithmetics));
	struct bpf_insn insn;

	insn = arithmetic_insn(op, chance(p, 2) ? 64 : 32,
			       chance(p, 2) ? BPF_X : BPF_K);
	insn.dst_reg = chance(p, 6);
	if (BPF_SRC(insn.code) == BPF_X)
		insn.src_reg = chance(p, 6);
	else
		insn.imm = prandom_u32_state(&p->rnd);
	machine_put(&p->w, insn);
}

static void put_random_line(struct random_program *p, u32 count)
{
	while (count--)
		put_random_arithmetic(p);
}

static void put_random_jump(struct random_program *p)
{
	u8 op = conditions[chance(p, ARRAY_SIZE(conditions))];
	u32 over = chance(p, 12);

	if (chance(p, 4) == 0)
		machine_put(&p->w, INSN_JA32(over));
	else if (chance(p, 2))
		machine_put(&p->w,
			    INSN_JMP_X(op, chance(p, 6), chance(p, 6), over));
	else
		machine_put(&p->w,
			    INSN_JMP_K(op, chance(p, 6), chance(p, 3), over));
	put_random_line(p, over);
}

static void put_random_access(struct random_program *p)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	u8 size = sizes[chance(p, ARRAY_SIZE(sizes))];
	s16 offset = chance(p, RANDOM_CONTEXT - 7);
	u8 reg = chance(p, 6);

	if (p->function == 0 && chance(p, 2)) {
		machine_put(&p->w, INSN_STX(size, 8, reg, offset));
		machine_put(&p->w, INSN_LDX(BPF_DW, chance(p, 6), 8, offset));
	} else {
		machine_put(&p->w, INSN_STX(BPF_DW, 10, reg, -offset - 8));
		machine_put(&p->w,
			    INSN_LDX(size, chance(p, 6), 10, -offset - 8));
	}
}

static void put_random_call(struct random_program *p)
{
	u32 left = RANDOM_FUNCTIONS - 1 - p->function;

	if (!left || p->calls == RANDOM_CALLS)
		return;
	p->call_slots[p->calls] = p->w.count;
	p->call_to[p->calls++] = p->function + 1 + chance(p, left);
	machine_put(&p->w, INSN_CALL(0));
}

static void put_random_block(struct random_program *p)
{
	switch (chance(p, 8)) {
	case 0:
	case 1:
		put_random_jump(p);
		break;
	case 2:
		put_random_access(p);
		break;
	case 3:
		put_random_call(p);
		break;
	case 4:
		machine_put(&p->w,
			    INSN_LDDW(chance(p, 6), 0, chance(p, S32_MAX)));
		machine_put(&p->w, INSN_LDDW_END(chance(p, S32_MAX)));
		break;
	case 5:
		put_random_line(p, chance(p, 4) ? 3 : chance(p, 600));
		break;
	default:
		put_random_line(p, chance(p, 20));
	}
}

static void put_random_function(struct random_program *p)
{
	u32 blocks = 3 + chance(p, 8), top;

	p->starts[p->function] = p->w.count;
	if (p->function == 0)
		machine_put(&p->w, INSN_MOV_X(8, 1));
	machine_put(&p->w, INSN_MOV_K(6, 1 + chance(p, p->function ? 4 : 30)));
	top = p->w.count;
	while (blocks--)
		put_random_block(p);
	machine_put(&p->w, INSN_ADD_K(6, -1));
	machine_put(&p->w,
		    INSN_JMP_K(BPF_JNE, 6, 0, (s32)top - (s32)p->w.count - 1));
	machine_put(&p->w, INSN_EXIT);
}

static void make_random_program(struct random_program *p, u64 seed)
{
	u32 i;

	prandom_seed_state(&p->rnd, seed);
	p->w.count = 0;
	p->calls = 0;
	for (i = 0; i < RANDOM_FUNCTIONS; i++) {
		p->function = i;
		put_random_function(p);
	}
	for (i = 0; i < p->calls; i++) {
		u32 slot = p->call_slots[i];

		p->w.insns[slot].imm = p->starts[p->call_to[i]] - slot - 1;
	}
}

static struct random_program *new_random_program(struct kunit *test)
{
	struct random_program *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->w = new_writer(test, RANDOM_INSNS);
	return p;
}

/* A second run of the same program, in a memory of its own. */
static struct machine *new_stepper(struct kunit *test)
{
	struct machine *m = test->priv, *stepper;

	stepper = kunit_kzalloc(test, sizeof(*stepper), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, stepper);
	stepper->engine = m->engine;
	stepper->word = &stepper->control;
	m->context.base = m->memory;
	m->context.len = RANDOM_CONTEXT;
	stepper->context.base = stepper->memory;
	stepper->context.len = RANDOM_CONTEXT;
	return stepper;
}

static void restart(struct machine *m, const void *image, u64 budget)
{
	m->image = (void *)image;
	memset(m->memory, 0, RANDOM_CONTEXT);
	machine_begin(m, budget);
}

static bool is_same(const struct machine *a, const struct machine *b)
{
	const struct interp_state *x = &a->state, *y = &b->state;

	return x->insn == y->insn && x->depth == y->depth &&
	       x->executed == y->executed &&
	       !memcmp(x->regs, y->regs, sizeof(x->regs)) &&
	       !memcmp(x->frames, y->frames,
		       x->depth * sizeof(x->frames[0])) &&
	       !memcmp(x->stack, y->stack,
		       (x->depth + 1) * INTERP_FRAME_SIZE) &&
	       !memcmp(a->memory, b->memory, RANDOM_CONTEXT);
}

/* All budgets near those at which something changes, some of the others. */
static bool is_tried(u64 budget, u64 need)
{
	u64 slice = budget % BPFSCHED_SAFE_POINT_INSNS;

	return need < 1500 || need - budget < 3 || budget % 97 == 0 ||
	       budget % INTERP_RUN_MAX < 3 ||
	       budget % INTERP_RUN_MAX >= INTERP_RUN_MAX - 3 ||
	       slice >= BPFSCHED_SAFE_POINT_INSNS - 6;
}

/*
 * Two ways to execute the first so many instructions: one by one, and all at
 * once. The end of a program is among them. Returns how many it needs.
 */
static u64 expect_same_as_steps(struct kunit *test, struct machine *stepper,
				u64 seed)
{
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u64 need, budget;

	restart(m, m->image, 10000000);
	KUNIT_ASSERT_EQ_MSG(test, (int)machine_go_on(m), (int)BPFSCHED_DONE,
			    "seed %llu", seed);
	need = m->result.instructions;

	restart(stepper, m->image, 0);
	for (budget = 1; budget <= need; budget++) {
		outcome = machine_step(stepper);
		if (!is_tried(budget, need))
			continue;
		restart(m, m->image, budget);
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_go_on(m), (int)outcome,
				    "seed %llu, budget %llu", seed, budget);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions, budget,
				    "seed %llu", seed);
		KUNIT_ASSERT_TRUE_MSG(test, is_same(m, stepper),
				      "seed %llu, budget %llu", seed, budget);
	}
	KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_DONE, "seed %llu",
			    seed);
	return need;
}

#define RANDOM_SEEDS	60
#define RANDOM_LONGEST	30000

static void random_programs(struct kunit *test)
{
	struct random_program *p = new_random_program(test);
	struct machine *m = test->priv, *stepper = new_stepper(test);
	u64 seed, total = 0;

	for (seed = 1; seed <= RANDOM_SEEDS; seed++) {
		make_random_program(p, seed);
		machine_load(test, p->w.insns, p->w.count);
		restart(m, m->image, RANDOM_LONGEST);
		if (machine_go_on(m) != BPFSCHED_DONE)
			continue;
		total += expect_same_as_steps(test, stepper, seed);
	}
	/* Most of them are neither short nor too long. */
	KUNIT_EXPECT_GT(test, total, 1000ULL * RANDOM_SEEDS);
}

MACHINE_SUITES(interp_budget, machine_exit,
	       KUNIT_CASE(straight_lines),
	       KUNIT_CASE(every_budget_of_a_line),
	       KUNIT_CASE(wide_loads_count_one),
	       KUNIT_CASE(helpers_count_one),
	       KUNIT_CASE(loops),
	       KUNIT_CASE(tight_loops),
	       KUNIT_CASE(forward_jumps),
	       KUNIT_CASE(call_loops),
	       KUNIT_CASE(call_chains),
	       KUNIT_CASE(faults_need_their_budget),
	       KUNIT_CASE(endless_loops),
	       KUNIT_CASE(random_programs));
