// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the helpers, as programs call them.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#include "../interp/trace.h"
#include "machine.h"

static void ktime_is_monotonic(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_HELPER(BPF_FUNC_ktime_get_ns), INSN_EXIT,
	};
	struct machine *m = test->priv;
	u64 last = ktime_get_mono_fast_ns();
	u32 i;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test,
				(int)machine_run(m, loop_budgets[i % LOOPS]),
				(int)BPFSCHED_DONE);
		KUNIT_ASSERT_GE(test, m->result.r0, last);
		KUNIT_ASSERT_EQ(test, m->result.instructions, 2ULL);
		last = m->result.r0;
	}
	KUNIT_EXPECT_GE(test, ktime_get_mono_fast_ns(), last);
}

static void processor_id(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(0, -1), INSN_HELPER(BPF_FUNC_get_smp_processor_id),
		INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	migrate_disable();
	machine_expect_return(test, raw_smp_processor_id(), 3);
	migrate_enable();
}

/* Numbers of 32 bits, and not always the same. */
static void random_numbers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_HELPER(BPF_FUNC_get_prandom_u32), INSN_EXIT,
	};
	struct machine *m = test->priv;
	u64 ones = 0, zeroes = 0;
	u32 i;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (i = 0; i < 200; i++) {
		KUNIT_ASSERT_EQ(test, (int)machine_run(m, 10),
				(int)BPFSCHED_DONE);
		ones |= m->result.r0;
		zeroes |= ~m->result.r0;
	}
	KUNIT_EXPECT_EQ(test, ones, (u64)U32_MAX);
	KUNIT_EXPECT_EQ(test, zeroes, U64_MAX);
}

static void helpers_keep_saved_registers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(6, 1), INSN_MOV_K(7, 20), INSN_MOV_K(8, 300),
		INSN_MOV_K(9, 4000), INSN_ST(BPF_DW, 10, -8, 50000),
		INSN_HELPER(BPF_FUNC_get_prandom_u32),
		INSN_LDX(BPF_DW, 0, 10, -8), INSN_ADD_X(0, 6), INSN_ADD_X(0, 7),
		INSN_ADD_X(0, 8), INSN_ADD_X(0, 9), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, 54321, ARRAY_SIZE(insns));
}

/**
 * struct listener - what came through the tracepoint
 * @texts: how many texts
 * @text: the last
 */
struct listener {
	u32 texts;
	char text[600];
};

static void listen(void *data, const char *text)
{
	struct listener *listener = data;

	listener->texts++;
	strscpy(listener->text, text, sizeof(listener->text));
}

/* Until the end of the test, however it ends. */
static const struct listener *start_listening(struct kunit *test)
{
	struct machine *m = test->priv;
	struct listener *listener;

	listener = kunit_kzalloc(test, sizeof(*listener), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, listener);
	if (register_trace_bpfsched_printk(listen, listener))
		kunit_skip(test, "there are no tracepoints");
	m->listener = listener;
	return listener;
}

static void helper_test_exit(struct kunit *test)
{
	struct machine *m = test->priv;

	if (m && m->listener) {
		unregister_trace_bpfsched_printk(listen, m->listener);
		tracepoint_synchronize_unregister();
	}
	machine_exit(test);
}

/* Print with the format in section 0 and a string in the context. */
#define PRINT_CALL	6

static void load_printk(struct kunit *test, const char *format)
{
	const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_X(5, 1), INSN_LDDW(1, 6, 0), INSN_LDDW_END(0),
		/* 3 */ INSN_MOV_K(2, strlen(format) + 1),
		INSN_MOV_K(3, -7), INSN_MOV_K(4, 0x2a),
		/* 6 */ INSN_HELPER(BPF_FUNC_trace_printk), INSN_EXIT,
	};
	struct machine *m = test->priv;

	machine_set_context(m, 256);
	m->sections[0].base = m->memory;
	m->sections[0].len = strlen(format) + 1;
	m->sections[0].readonly = true;
	m->section_count = 1;
	memcpy(m->memory, format, strlen(format) + 1);
	machine_load(test, insns, ARRAY_SIZE(insns));
}

static void printk_reaches_the_tracepoint(struct kunit *test)
{
	struct machine *m = test->priv;
	const struct listener *listener = start_listening(test);

	load_printk(test, "%d, %lx and %s");
	strscpy(m->memory + REGION_AT, "hello", 6);
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 16ULL);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 7ULL);
	KUNIT_EXPECT_EQ(test, listener->texts, 1U);
	KUNIT_EXPECT_STREQ(test, &listener->text[0], "-7, 2a and hello");

	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, listener->texts, 2U);
}

static void printk_refuses_formats(struct kunit *test)
{
	static const char * const formats[] = {
		"%p", "%d %d %s %d", "%", "%y", "\x01", "%ls",
	};
	struct machine *m = test->priv;
	const struct listener *listener = start_listening(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		load_printk(test, formats[i]);
		KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000),
				(int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ_MSG(test, m->result.r0, (u64)-EINVAL, "\"%s\"",
				    formats[i]);
		machine_expect_no_fault(test);
	}
	KUNIT_EXPECT_EQ(test, listener->texts, 0U);
}

static void printk_cuts_its_text(struct kunit *test)
{
	struct machine *m = test->priv;
	const struct listener *listener = start_listening(test);
	char format[256];

	memset(format, '.', sizeof(format));
	memcpy(format, "%99d%99d%99s", 12);
	format[255] = '\0';
	load_printk(test, format);
	memset(m->memory + REGION_AT, 's', 256);
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 511ULL);
	KUNIT_EXPECT_EQ(test, strlen(listener->text), 511UL);
}

static void printk_faults(struct kunit *test)
{
	struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = PRINT_CALL,
	};
	struct machine *m = test->priv;
	struct bpf_insn insns[] = {
		/* 0 */ INSN_LDDW(1, 0, 8), INSN_LDDW_END(0),
		INSN_MOV_K(2, 4), INSN_JA(0), INSN_JA(0), INSN_JA(0),
		/* 6 */ INSN_HELPER(BPF_FUNC_trace_printk), INSN_EXIT,
	};
	size_t i;

	for (i = 0; i < LOOPS; i++) {
		load_printk(test, "%d%d%s");
		m->context.len = 0;
		fault.address = CONTEXT(0);
		machine_expect_fault(test, "string",
				     machine_run(m, loop_budgets[i]), &fault,
				     6);
		machine_load(test, insns, ARRAY_SIZE(insns));
		fault.address = 8;
		machine_expect_fault(test, "format",
				     machine_run(m, loop_budgets[i]), &fault,
				     6);
	}
}

MACHINE_SUITES(interp_helper, helper_test_exit,
	       KUNIT_CASE(ktime_is_monotonic),
	       KUNIT_CASE(processor_id),
	       KUNIT_CASE(random_numbers),
	       KUNIT_CASE(helpers_keep_saved_registers),
	       KUNIT_CASE(printk_reaches_the_tracepoint),
	       KUNIT_CASE(printk_refuses_formats),
	       KUNIT_CASE(printk_cuts_its_text),
	       KUNIT_CASE(printk_faults));
