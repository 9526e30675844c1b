// SPDX-License-Identifier: GPL-2.0
/*
 * A program and a run of it, and the making of programs.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "machine.h"

const u64 loop_budgets[LOOPS] = { INTERP_RUN_MAX - 1, 1000000 };

/**
 * machine_engine() - find an engine
 * @name: its name
 *
 * Return: the engine, or NULL if it is not built for this kernel.
 */
const struct bpfsched_engine_ops *machine_engine(const char *name)
{
	const struct bpfsched_engine_ops *const *engine;

	for (engine = bpfsched_engines; *engine; engine++) {
		if (!strcmp((*engine)->name, name))
			return *engine;
	}
	return NULL;
}

/**
 * machine_init() - make the machine of a test
 * @test: the test, which is skipped if there is no such engine
 * @engine: name of the engine
 *
 * Return: 0, or -ENOMEM.
 */
int machine_init(struct kunit *test, const char *engine)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->engine = machine_engine(engine);
	if (!m->engine)
		kunit_skip(test, "no engine %s in this kernel", engine);
	m->word = &m->control;
	test->priv = m;
	return 0;
}

/**
 * machine_init_switch() - make the machine of a test of the portable engine
 * @test: the test
 *
 * Return: 0, or -ENOMEM.
 */
int machine_init_switch(struct kunit *test)
{
	return machine_init(test, "interp-switch");
}

/**
 * machine_init_switch_unmasked() - the same without masks
 * @test: the test
 *
 * Return: 0, or -ENOMEM.
 */
int machine_init_switch_unmasked(struct kunit *test)
{
	return machine_init(test, "interp-switch-unmasked");
}

/**
 * machine_init_threaded() - make the machine of a test of the threaded engine
 * @test: the test
 *
 * Return: 0, or -ENOMEM.
 */
int machine_init_threaded(struct kunit *test)
{
	return machine_init(test, "interp-threaded");
}

/**
 * machine_init_threaded_unmasked() - the same without masks
 * @test: the test
 *
 * Return: 0, or -ENOMEM.
 */
int machine_init_threaded_unmasked(struct kunit *test)
{
	return machine_init(test, "interp-threaded-unmasked");
}

/**
 * machine_exit() - free the program of a test
 * @test: the test
 */
void machine_exit(struct kunit *test)
{
	struct machine *m = test->priv;

	if (!m)
		return;
	m->engine->finish(&m->state);
	m->engine->unload(m->image);
}

/**
 * machine_load() - load a program in place of the one before
 * @test: the test
 * @insns: the program
 * @count: number of @insns
 *
 * It gets the sections and maps of the machine. The test ends if it is refused.
 */
void machine_load(struct kunit *test, const struct bpf_insn *insns, u32 count)
{
	struct machine *m = test->priv;
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = count,
		.sections = m->sections,
		.section_count = m->section_count,
		.maps = m->maps,
		.map_count = m->map_count,
	};
	struct bpfsched_log log = { "" };
	int err;

	m->engine->unload(m->image);
	m->image = NULL;
	err = m->engine->load(&code, &log, &m->image);
	KUNIT_ASSERT_EQ_MSG(test, err, 0, "%s", log.text);
}

/**
 * machine_begin() - begin a run
 * @m: the machine
 * @budget: instructions that it may execute
 *
 * The state holds what the run before has left there.
 */
void machine_begin(struct machine *m, u64 budget)
{
	const struct bpfsched_exec_params params = {
		.image = m->image,
		.context = m->context,
		.budget_insns = budget,
		.host = m->host,
		.host_data = m->host_data,
	};

	m->engine->finish(&m->state);
	memset(&m->result, 0xa5, sizeof(m->result));
	m->engine->start(&m->state, &params);
}

/**
 * machine_go_on() - execute, from the start or from where the run paused
 * @m: the machine
 *
 * Return: how it ended; the rest is in the result of the machine.
 */
enum bpfsched_outcome machine_go_on(struct machine *m)
{
	return m->engine->run(&m->state, m->word, &m->result);
}

/**
 * machine_run() - begin a run and execute it
 * @m: the machine
 * @budget: instructions that it may execute
 *
 * Return: how it ended; the rest is in the result of the machine.
 */
enum bpfsched_outcome machine_run(struct machine *m, u64 budget)
{
	machine_begin(m, budget);
	return machine_go_on(m);
}

/**
 * machine_step() - execute one instruction more
 * @m: the machine
 *
 * A run whose budget is used up can go on.
 *
 * Return: how it ended, BPFSCHED_EXHAUSTED unless this was the end.
 */
enum bpfsched_outcome machine_step(struct machine *m)
{
	m->state.budget = 1;
	return machine_go_on(m);
}

/**
 * machine_expect_fault() - expect that the run failed
 * @test: the test
 * @name: for messages
 * @outcome: how the run ended
 * @fault: as what it is to have failed
 * @instructions: how many were executed, with the one that failed
 */
void machine_expect_fault(struct kunit *test, const char *name,
			  enum bpfsched_outcome outcome,
			  const struct bpfsched_fault *fault, u64 instructions)
{
	const struct bpfsched_result *result =
		&((struct machine *)test->priv)->result;

	KUNIT_ASSERT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_FAULTED, "%s",
			    name);
	KUNIT_ASSERT_EQ_MSG(test, result->fault.kind, fault->kind, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, result->fault.pc, fault->pc, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, result->fault.address, fault->address, "%s",
			    name);
	KUNIT_ASSERT_EQ_MSG(test, result->r0, 0ULL, "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, result->instructions, instructions, "%s",
			    name);
}

/**
 * machine_expect_no_fault() - expect that the run has no fault
 * @test: the test
 */
void machine_expect_no_fault(struct kunit *test)
{
	const struct bpfsched_fault *fault =
		&((struct machine *)test->priv)->result.fault;

	KUNIT_EXPECT_EQ(test, fault->kind, (u32)BPFSCHED_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, fault->pc, 0U);
	KUNIT_EXPECT_EQ(test, fault->address, 0ULL);
}

/**
 * machine_expect_return() - expect that the program returns, in both loops
 * @test: the test
 * @r0: what it returns
 * @instructions: how many it executes
 */
void machine_expect_return(struct kunit *test, u64 r0, u64 instructions)
{
	struct machine *m = test->priv;
	size_t i;

	for (i = 0; i < LOOPS; i++) {
		KUNIT_ASSERT_EQ(test, (int)machine_run(m, loop_budgets[i]),
				(int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ(test, m->result.r0, r0);
		KUNIT_EXPECT_EQ(test, m->result.instructions, instructions);
		machine_expect_no_fault(test);
	}
}

/**
 * machine_load_call() - load a program that calls a helper and returns
 * @test: the test
 * @helper: number of the helper
 * @args: r1 to r5
 */
void machine_load_call(struct kunit *test, s32 helper, const u64 *args)
{
	struct bpf_insn insns[HELPER_CALL + 2];
	int i;

	for (i = 0; i < 5; i++) {
		insns[2 * i] = INSN_LDDW(i + 1, 0, (u32)args[i]);
		insns[2 * i + 1] = INSN_LDDW_END(args[i] >> 32);
	}
	insns[HELPER_CALL] = INSN_HELPER(helper);
	insns[HELPER_CALL + 1] = INSN_EXIT;
	machine_load(test, insns, ARRAY_SIZE(insns));
}

/**
 * machine_expect_call() - expect what a helper returns, in both loops
 * @test: the test
 * @name: for messages
 * @helper: number of the helper
 * @args: r1 to r5
 * @r0: what it returns
 */
void machine_expect_call(struct kunit *test, const char *name, s32 helper,
			 const u64 *args, u64 r0)
{
	struct machine *m = test->priv;
	size_t i;

	machine_load_call(test, helper, args);
	for (i = 0; i < LOOPS; i++) {
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_run(m, loop_budgets[i]),
				    (int)BPFSCHED_DONE, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, m->result.r0, r0, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, m->result.instructions, 7ULL, "%s",
				    name);
	}
}

/**
 * machine_expect_call_fault() - expect that a call of a helper is a fault
 * @test: the test
 * @name: for messages
 * @helper: number of the helper
 * @args: r1 to r5
 * @kind: BPFSCHED_FAULT_*
 * @address: of the fault
 */
void machine_expect_call_fault(struct kunit *test, const char *name, s32 helper,
			       const u64 *args, u32 kind, u64 address)
{
	const struct bpfsched_fault fault = {
		.kind = kind,
		.pc = HELPER_CALL,
		.address = address,
	};
	struct machine *m = test->priv;
	size_t i;

	machine_load_call(test, helper, args);
	for (i = 0; i < LOOPS; i++)
		machine_expect_fault(test, name, machine_run(m, loop_budgets[i]),
				     &fault, 6);
}

/**
 * machine_fill() - fill the memory, and what is expected of it
 * @m: the machine
 */
void machine_fill(struct machine *m)
{
	u32 i;

	for (i = 0; i < MEMORY_SIZE; i++)
		m->memory[i] = i * 37 + 11;
	memcpy(m->expected, m->memory, MEMORY_SIZE);
}

/**
 * machine_set_context() - fill the memory, and have a context in it
 * @m: the machine
 * @len: length of the context, which is at REGION_AT
 */
void machine_set_context(struct machine *m, u32 len)
{
	machine_fill(m);
	m->context.base = m->memory + REGION_AT;
	m->context.len = len;
}

/**
 * machine_extend() - extend the sign of a number
 * @value: its lowest bits are the number
 * @width: how many, less than 64
 *
 * Return: the same number in 64 bits.
 */
u64 machine_extend(u64 value, int width)
{
	u64 low = value & ((1ULL << width) - 1);

	return low >> (width - 1) ? low - (1ULL << (width - 1)) * 2 : low;
}

/**
 * machine_number() - the number that is in some bytes
 * @at: the bytes, in the processor's order
 * @size: how many
 * @extends: the number has a sign, and fewer than 8 bytes
 *
 * Return: the number, read byte by byte.
 */
u64 machine_number(const u8 *at, u32 size, bool extends)
{
	bool is_big = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN);
	u64 number = 0;
	u32 i;

	for (i = 0; i < size; i++)
		number |= (u64)at[is_big ? size - 1 - i : i] << (8 * i);
	return extends ? machine_extend(number, 8 * size) : number;
}

const struct arithmetic_op arithmetics[ARITHMETICS] = {
	[ADD] = { "add", 0x00, 0 },
	[SUB] = { "sub", 0x10, 0 },
	[MUL] = { "mul", 0x20, 0 },
	[DIV] = { "div", 0x30, 0 },
	[SDIV] = { "sdiv", 0x30, 1 },
	[OR] = { "or", 0x40, 0 },
	[AND] = { "and", 0x50, 0 },
	[LSH] = { "lsh", 0x60, 0 },
	[RSH] = { "rsh", 0x70, 0 },
	[MOD] = { "mod", 0x90, 0 },
	[SMOD] = { "smod", 0x90, 1 },
	[XOR] = { "xor", 0xa0, 0 },
	[MOV] = { "mov", 0xb0, 0 },
	[ARSH] = { "arsh", 0xc0, 0 },
};

/**
 * arithmetic_insn() - make an instruction that calculates
 * @op: what it does
 * @width: of its operands, 32 or 64
 * @source: BPF_X or BPF_K
 *
 * Return: the instruction, with registers and an immediate of 0.
 */
struct bpf_insn arithmetic_insn(enum arithmetic op, int width, u8 source)
{
	u8 class = width == 64 ? BPF_ALU64 : BPF_ALU;

	return INSN(class | source | arithmetics[op].bits, 0, 0,
		    arithmetics[op].off, 0);
}

const enum condition conditions[CONDITIONS] = {
	JEQ, JGT, JGE, JSET, JNE, JSGT, JSGE, JLT, JLE, JSLT, JSLE,
};

/**
 * new_writer() - begin to make a program
 * @test: the test
 * @most: most instructions that it may have
 *
 * Return: a writer; its instructions are freed with the test.
 */
struct writer new_writer(struct kunit *test, u32 most)
{
	struct writer w = { .most = most };

	w.insns = kunit_kmalloc_array(test, most, sizeof(*w.insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w.insns);
	return w;
}

/**
 * machine_put() - append an instruction
 * @w: the program in the making
 * @insn: the instruction
 */
void machine_put(struct writer *w, struct bpf_insn insn)
{
	if (!WARN_ON_ONCE(w->count == w->most))
		w->insns[w->count++] = insn;
}

/**
 * machine_put_line() - append instructions that count themselves in r0
 * @w: the program in the making
 * @count: how many
 */
void machine_put_line(struct writer *w, u32 count)
{
	while (count--)
		machine_put(w, INSN_ADD_K(0, 1));
}

/**
 * machine_load_loop() - load a program that goes around a loop
 * @test: the test
 * @w: for the making of it
 * @body: how many instructions it executes in each turn
 * @turns: how many turns
 */
void machine_load_loop(struct kunit *test, struct writer *w, u32 body,
		       u32 turns)
{
	w->count = 0;
	machine_put(w, INSN_MOV_K(6, turns));
	machine_put_line(w, body);
	machine_put(w, INSN_ADD_K(6, -1));
	machine_put(w, INSN_JMP_K(BPF_JNE, 6, 0, -(s32)body - 2));
	machine_put(w, INSN_EXIT);
	machine_load(test, w->insns, w->count);
}
