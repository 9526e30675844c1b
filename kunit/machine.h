/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the interpreter's runs are made with: a machine, which is
 * a program, its memory and a run of it; and a writer of programs.
 *
 * The dispatcher has two loops, an exact one for small budgets and a fast one.
 * Whatever can be asked of both is asked of both.
 */
#ifndef BPFSCHED_KUNIT_MACHINE_H
#define BPFSCHED_KUNIT_MACHINE_H

#include <kunit/test.h>
#include <linux/types.h>

#include "../interp/interp.h"
#include "insn.h"

/* A budget for each of the two loops. */
#define LOOPS	2
extern const u64 loop_budgets[LOOPS];

/* Addresses in the sandbox. */
#define CONTEXT(offset)	INTERP_ADDRESS(INTERP_REGION_CONTEXT, offset)
#define STACK(offset)	INTERP_ADDRESS(INTERP_REGION_STACK, offset)
#define SECTION(i, offset) \
	INTERP_ADDRESS(INTERP_REGION_SECTIONS + (i), offset)

#define WINDOW(number, generation) \
	(INTERP_ADDRESS(INTERP_REGION_WINDOWS + (number), 0) + \
	 ((u64)(generation) << INTERP_GENERATION_SHIFT))

/* Bytes of a machine's memory. */
#define MEMORY_SIZE	2048

/* Where in the memory the region lies that a case is about. */
#define REGION_AT	512

/* The longest line of instructions that tests make. */
#define LINE_MAX	8193

struct listener;

/**
 * struct machine - a program and a run of it; test->priv
 * @engine: what runs it
 * @state: the run
 * @image: the program, NULL: none yet
 * @context: what the program gets as its context
 * @sections: its data sections
 * @section_count: number of @sections
 * @maps: its maps
 * @map_count: number of @maps
 * @host: what the program can ask for, NULL: nothing
 * @host_data: for @host
 * @word: the word that asks the run to pause or stop
 * @control: that word, unless a test has it elsewhere
 * @result: of the run so far
 * @listener: at the tracepoint of bpf_trace_printk(), NULL: none
 * @memory: for contexts and sections
 * @expected: what is to be in @memory afterwards
 */
struct machine {
	const struct bpfsched_engine_ops *engine;
	struct interp_state state;
	void *image;
	struct bpfsched_memory context;
	struct bpfsched_memory sections[BPFSCHED_SECTIONS_MAX];
	u32 section_count;
	struct bpfsched_map maps[BPFSCHED_MAPS_MAX];
	u32 map_count;
	const struct bpfsched_host_ops *host;
	void *host_data;
	const u32 *word;
	u32 control;
	struct bpfsched_result result;
	struct listener *listener;
	u8 memory[MEMORY_SIZE] __aligned(8);
	u8 expected[MEMORY_SIZE];
};

/* What an instruction calculates. */
enum arithmetic {
	ADD, SUB, MUL, DIV, SDIV, OR, AND, LSH, RSH, MOD, SMOD, XOR, MOV, ARSH,
	ARITHMETICS,
};

/**
 * struct arithmetic_op - how an instruction says what it calculates
 * @name: for messages
 * @bits: of its opcode
 * @off: its offset
 */
struct arithmetic_op {
	const char *name;
	u8 bits;
	s16 off;
};

extern const struct arithmetic_op arithmetics[ARITHMETICS];

/* When a jump is taken, by the bits of its opcode. */
enum condition {
	JEQ = 0x10,
	JGT = 0x20,
	JGE = 0x30,
	JSET = 0x40,
	JNE = 0x50,
	JSGT = 0x60,
	JSGE = 0x70,
	JLT = 0xa0,
	JLE = 0xb0,
	JSLT = 0xc0,
	JSLE = 0xd0,
};

/* How many of them there are. */
#define CONDITIONS	11
extern const enum condition conditions[CONDITIONS];

/**
 * struct writer - a program in the making
 * @insns: its instructions
 * @count: number of @insns
 * @most: how many there is room for
 */
struct writer {
	struct bpf_insn *insns;
	u32 count;
	u32 most;
};

const struct bpfsched_engine_ops *machine_engine(const char *name);
int machine_init(struct kunit *test, const char *engine);
int machine_init_switch(struct kunit *test);
int machine_init_switch_unmasked(struct kunit *test);
int machine_init_threaded(struct kunit *test);
int machine_init_threaded_unmasked(struct kunit *test);
void machine_exit(struct kunit *test);

/*
 * The suites of some cases, one for each engine; they are skipped where that
 * engine is not built.
 */
#define MACHINE_SUITE(suite, leave, dispatcher, ...)			\
static struct kunit_case suite##_##dispatcher##_cases[] = {		\
	__VA_ARGS__, {}							\
};									\
static struct kunit_suite suite##_##dispatcher = {			\
	.name = #suite "_" #dispatcher,					\
	.init = machine_init_##dispatcher,				\
	.exit = leave,							\
	.test_cases = suite##_##dispatcher##_cases,			\
}

#define MACHINE_SUITES(suite, leave, ...)				\
	MACHINE_SUITE(suite, leave, switch, __VA_ARGS__);		\
	MACHINE_SUITE(suite, leave, threaded, __VA_ARGS__);		\
	MACHINE_SUITE(suite, leave, switch_unmasked, __VA_ARGS__);	\
	MACHINE_SUITE(suite, leave, threaded_unmasked, __VA_ARGS__);	\
	kunit_test_suites(&suite##_switch, &suite##_threaded,		\
			  &suite##_switch_unmasked,			\
			  &suite##_threaded_unmasked)

void machine_load(struct kunit *test, const struct bpf_insn *insns, u32 count);
void machine_begin(struct machine *m, u64 budget);
enum bpfsched_outcome machine_go_on(struct machine *m);
enum bpfsched_outcome machine_run(struct machine *m, u64 budget);
enum bpfsched_outcome machine_step(struct machine *m);

void machine_expect_fault(struct kunit *test, const char *name,
			  enum bpfsched_outcome outcome,
			  const struct bpfsched_fault *fault, u64 instructions);
void machine_expect_no_fault(struct kunit *test);
void machine_expect_return(struct kunit *test, u64 r0, u64 instructions);

void machine_fill(struct machine *m);
void machine_set_context(struct machine *m, u32 len);
u64 machine_extend(u64 value, int width);
u64 machine_number(const u8 *at, u32 size, bool extends);

/* The instruction that calls the helper in machine_load_call(). */
#define HELPER_CALL	10

void machine_load_call(struct kunit *test, s32 helper, const u64 *args);
void machine_expect_call(struct kunit *test, const char *name, s32 helper,
			 const u64 *args, u64 r0);
void machine_expect_call_fault(struct kunit *test, const char *name, s32 helper,
			       const u64 *args, u32 kind, u64 address);

struct bpf_insn arithmetic_insn(enum arithmetic op, int width, u8 source);

struct writer new_writer(struct kunit *test, u32 most);
void machine_put(struct writer *w, struct bpf_insn insn);
void machine_put_line(struct writer *w, u32 count);
void machine_load_loop(struct kunit *test, struct writer *w, u32 body,
		       u32 turns);

#endif /* BPFSCHED_KUNIT_MACHINE_H */
