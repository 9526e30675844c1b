// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the helpers of our own: what they ask of the host, with what
 * arguments, and what they do without one.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "machine.h"

#define ARGS(...)	((const u64 [5]) { __VA_ARGS__ })

#define CONTEXT_LEN	512

/**
 * struct host - a host that remembers what it was asked for
 * @answer: what it says
 * @calls: how often it was asked
 * @index: of the program to submit
 * @len: of what came with it
 * @data: what came with it
 * @has_options: options came with it
 * @options: these
 */
struct host {
	s64 answer;
	u32 calls;
	u32 index;
	u32 len;
	u8 data[CONTEXT_LEN];
	bool has_options;
	struct bpfsched_followup options;
};

static u64 answer(void *data)
{
	struct host *host = data;

	host->calls++;
	return host->answer;
}

static s64 signed_answer(void *data)
{
	return answer(data);
}

static int take_event(void *data, const void *bytes, u32 len)
{
	struct host *host = data;

	host->len = len;
	if (len)
		memcpy(host->data, bytes, len);
	return answer(host);
}

static s64 take_job(void *data, u32 index, const void *context, u32 len,
		    const struct bpfsched_followup *options)
{
	struct host *host = data;

	host->index = index;
	host->len = len;
	if (len)
		memcpy(host->data, context, len);
	host->has_options = options;
	if (options)
		host->options = *options;
	return answer(host);
}

static const struct bpfsched_host_ops host_ops = {
	.job_id = answer,
	.release = answer,
	.deadline_ns = answer,
	.time_remaining_ns = signed_answer,
	.emit = take_event,
	.submit = take_job,
};

static struct host *set_host(struct kunit *test, s64 says)
{
	struct machine *m = test->priv;
	struct host *host = kunit_kzalloc(test, sizeof(*host), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, host);
	host->answer = says;
	m->host = &host_ops;
	m->host_data = host;
	machine_set_context(m, CONTEXT_LEN);
	return host;
}

static void without_a_host(struct kunit *test)
{
	machine_set_context(test->priv, CONTEXT_LEN);
	machine_expect_call(test, "id", BPFSCHED_FUNC_job_id, ARGS(0), 0);
	machine_expect_call(test, "release", BPFSCHED_FUNC_release, ARGS(0), 0);
	machine_expect_call(test, "deadline", BPFSCHED_FUNC_deadline_ns,
			    ARGS(0), 0);
	machine_expect_call(test, "time", BPFSCHED_FUNC_time_remaining_ns,
			    ARGS(0), S64_MAX);
	machine_expect_call(test, "emit", BPFSCHED_FUNC_emit,
			    ARGS(CONTEXT(0), 8), -EOPNOTSUPP);
	machine_expect_call(test, "submit", BPFSCHED_FUNC_submit_job,
			    ARGS(0, CONTEXT(0), 8), -EOPNOTSUPP);
}

static void questions(struct kunit *test)
{
	static const s32 helpers[] = {
		BPFSCHED_FUNC_job_id, BPFSCHED_FUNC_release,
		BPFSCHED_FUNC_deadline_ns, BPFSCHED_FUNC_time_remaining_ns,
	};
	struct host *host = set_host(test, -0x123456789aLL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++)
		machine_expect_call(test, "question", helpers[i], ARGS(0),
				    -0x123456789aLL);
	KUNIT_EXPECT_EQ(test, host->calls, (u32)(LOOPS * ARRAY_SIZE(helpers)));
}

static void yield_changes_nothing(struct kunit *test)
{
	machine_expect_call(test, "yield", BPFSCHED_FUNC_yield, ARGS(0), 0);
}

/* Behind the call, and not up to 4,096 instructions later. */
static void yield_is_a_safe_point(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_STX(BPF_W, 1, 2, 0), INSN_HELPER(BPFSCHED_FUNC_yield),
		INSN_ST(BPF_W, 1, 0, 7), INSN_EXIT,
	};
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;

	machine_set_context(m, 8);
	/* The word to look at is the context, where the program writes PAUSE. */
	m->word = m->context.base;
	memset(m->context.base, 0, 8);
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_begin(m, 1000000);
	m->state.regs[2] = BPFSCHED_CONTROL_PAUSE;
	outcome = machine_go_on(m);
	KUNIT_EXPECT_EQ(test, (int)outcome, (int)BPFSCHED_PAUSED);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 2ULL);
	memset(m->context.base, 0, 8);
	KUNIT_EXPECT_EQ(test, (int)machine_go_on(m), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 4ULL);
}

/* Through a register it is one as well. */
static void yield_by_register(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(5, BPFSCHED_FUNC_yield), INSN_STX(BPF_W, 1, 2, 0),
		INSN(BPF_JMP | BPF_CALL | BPF_X, 5, 0, 0, 0), INSN_EXIT,
	};
	struct machine *m = test->priv;

	machine_set_context(m, 8);
	m->word = m->context.base;
	memset(m->context.base, 0, 8);
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_begin(m, 1000000);
	m->state.regs[2] = BPFSCHED_CONTROL_STOP;
	KUNIT_EXPECT_EQ(test, (int)machine_go_on(m), (int)BPFSCHED_STOPPED);
	KUNIT_EXPECT_EQ(test, m->result.instructions, 3ULL);
}

static void budget_is_what_is_left(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(6, 0), INSN_ADD_K(6, 1),
		INSN_JMP_K(BPF_JNE, 6, 300, -2),
		INSN_HELPER(BPFSCHED_FUNC_budget_remaining), INSN_EXIT,
	};
	static const u64 budgets[] = { 603, 604, 1000, 1627, 5000, 100000 };
	struct machine *m = test->priv;
	size_t i;

	machine_load(test, insns, ARRAY_SIZE(insns));
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 602),
			(int)BPFSCHED_EXHAUSTED);
	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		KUNIT_ASSERT_EQ(test, (int)machine_run(m, budgets[i]),
				(int)BPFSCHED_DONE);
		KUNIT_EXPECT_EQ(test, m->result.r0, budgets[i] - 602);
		KUNIT_EXPECT_EQ(test, m->result.instructions, 603ULL);
	}
}

static void budget_by_register(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(5, BPFSCHED_FUNC_budget_remaining),
		INSN(BPF_JMP | BPF_CALL | BPF_X, 5, 0, 0, 0), INSN_EXIT,
	};
	struct machine *m = test->priv;

	machine_load(test, insns, ARRAY_SIZE(insns));
	KUNIT_ASSERT_EQ(test, (int)machine_run(m, 100000), (int)BPFSCHED_DONE);
	KUNIT_EXPECT_EQ(test, m->result.r0, 99998ULL);
}

static void emit_passes_bytes(struct kunit *test)
{
	struct host *host = set_host(test, 0);
	struct machine *m = test->priv;

	machine_expect_call(test, "bytes", BPFSCHED_FUNC_emit,
			    ARGS(CONTEXT(3), 17), 0);
	KUNIT_EXPECT_EQ(test, host->len, 17U);
	KUNIT_EXPECT_EQ(test, 0, memcmp(host->data, m->context.base + 3, 17));
	machine_expect_call(test, "none", BPFSCHED_FUNC_emit, ARGS(1, 0), 0);
	KUNIT_EXPECT_EQ(test, host->len, 0U);
	host->answer = -ENOSPC;
	machine_expect_call(test, "full", BPFSCHED_FUNC_emit,
			    ARGS(CONTEXT(0), 1), -ENOSPC);
}

static void emit_bounds(struct kunit *test)
{
	struct host *host = set_host(test, 0);

	machine_expect_call(test, "last", BPFSCHED_FUNC_emit,
			    ARGS(CONTEXT(CONTEXT_LEN - 8), 8), 0);
	host->calls = 0;
	machine_expect_call_fault(test, "behind", BPFSCHED_FUNC_emit,
				  ARGS(CONTEXT(CONTEXT_LEN - 8), 9),
				  BPFSCHED_FAULT_READ,
				  CONTEXT(CONTEXT_LEN - 8));
	machine_expect_call_fault(test, "longer than all", BPFSCHED_FUNC_emit,
				  ARGS(CONTEXT(0), BPFSCHED_EVENT_MAX),
				  BPFSCHED_FAULT_READ, CONTEXT(0));
	machine_expect_call(test, "too long", BPFSCHED_FUNC_emit,
			    ARGS(CONTEXT(0), BPFSCHED_EVENT_MAX + 1), -E2BIG);
	machine_expect_call_fault(test, "null", BPFSCHED_FUNC_emit, ARGS(0, 1),
				  BPFSCHED_FAULT_READ, 0);
	machine_expect_call_fault(test, "wraps", BPFSCHED_FUNC_emit,
				  ARGS(U64_MAX, 2), BPFSCHED_FAULT_READ,
				  U64_MAX);
	KUNIT_EXPECT_EQ(test, host->calls, 0U);
}

/* Options of @size bytes lie at the end of the context, but for @missing. */
static u64 put_options(struct kunit *test, u32 size, u32 missing)
{
	struct bpfsched_followup options = {
		.size = size,
		.flags = BPFSCHED_JOB_FIRM,
		.priority = 3,
		.user_data = 0x1122334455667788ULL,
		.budget_ns = 99,
	};
	struct machine *m = test->priv;
	u32 at = CONTEXT_LEN - size + missing;

	memset(m->context.base, 0, CONTEXT_LEN);
	memcpy(m->context.base + at, &options,
	       min_t(u32, sizeof(options), CONTEXT_LEN - at));
	return CONTEXT(at);
}

static void submit_passes_all(struct kunit *test)
{
	const u32 size = sizeof(struct bpfsched_followup);
	struct host *host = set_host(test, 0x1234567890LL);
	u64 at = put_options(test, size, 0);

	machine_expect_call(test, "all", BPFSCHED_FUNC_submit_job,
			    ARGS(7, CONTEXT(0), 24, at), 0x1234567890LL);
	KUNIT_EXPECT_EQ(test, host->index, 7U);
	KUNIT_EXPECT_EQ(test, host->len, 24U);
	KUNIT_EXPECT_TRUE(test, host->has_options);
	KUNIT_EXPECT_EQ(test, host->options.priority, 3U);
	KUNIT_EXPECT_EQ(test, host->options.user_data, 0x1122334455667788ULL);
	KUNIT_EXPECT_EQ(test, host->options.budget_ns, 99ULL);
	machine_expect_call(test, "nothing", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, 0), 0x1234567890LL);
	KUNIT_EXPECT_FALSE(test, host->has_options);
	KUNIT_EXPECT_EQ(test, host->len, 0U);
	host->answer = -EDQUOT;
	machine_expect_call(test, "refused", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, 0), -EDQUOT);
}

static void options_that_have_grown(struct kunit *test)
{
	const u32 size = sizeof(struct bpfsched_followup) + 16;
	struct host *host = set_host(test, 1);
	struct machine *m = test->priv;
	u64 at = put_options(test, size, 0);

	machine_expect_call(test, "zero", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, at), 1);
	KUNIT_EXPECT_EQ(test, host->options.budget_ns, 99ULL);
	((u8 *)m->context.base)[CONTEXT_LEN - 1] = 1;
	machine_expect_call(test, "not zero", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, at), -E2BIG);
	at = put_options(test, sizeof(struct bpfsched_followup) - 8, 0);
	machine_expect_call(test, "short", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, at), -EINVAL);
	at = put_options(test, sizeof(struct bpfsched_followup) + 4, 0);
	machine_expect_call(test, "uneven", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, at), -EINVAL);
	*(u32 *)m->context.base = 4104;
	machine_expect_call(test, "huge", BPFSCHED_FUNC_submit_job,
			    ARGS(0, 0, 0, CONTEXT(0)), -E2BIG);
}

static void submit_bounds(struct kunit *test)
{
	struct host *host = set_host(test, 1);
	u64 at = put_options(test, sizeof(struct bpfsched_followup), 1);

	machine_expect_call_fault(test, "options", BPFSCHED_FUNC_submit_job,
				  ARGS(0, 0, 0, at), BPFSCHED_FAULT_READ, at);
	at = CONTEXT(CONTEXT_LEN - 3);
	machine_expect_call_fault(test, "size", BPFSCHED_FUNC_submit_job,
				  ARGS(0, 0, 0, at), BPFSCHED_FAULT_READ, at);
	machine_expect_call_fault(test, "context", BPFSCHED_FUNC_submit_job,
				  ARGS(0, at, 4, 0), BPFSCHED_FAULT_READ, at);
	machine_expect_call_fault(test, "null", BPFSCHED_FUNC_submit_job,
				  ARGS(0, 0, 1, 0), BPFSCHED_FAULT_READ, 0);
	KUNIT_EXPECT_EQ(test, host->calls, 0U);
}

/*
 * Calls count one instruction each, but a job that makes one after the other
 * comes to a safe point before it has made thousands of them.
 */
static void work_brings_a_safe_point(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 helper;
		u64 args[5];
	} cases[] = {
		{ "emit", BPFSCHED_FUNC_emit, { CONTEXT(8), 100 } },
		{ "submit_job", BPFSCHED_FUNC_submit_job, { 0, 0, 0, 0 } },
		{ "strncmp", BPF_FUNC_strncmp,
		  { CONTEXT(8), 400, CONTEXT(8) } },
		{ "strtol", BPF_FUNC_strtol,
		  { CONTEXT(8), 400, 0, CONTEXT(8) } },
		{ "strtoul", BPF_FUNC_strtoul,
		  { CONTEXT(8), 400, 0, CONTEXT(8) } },
		{ "snprintf", BPF_FUNC_snprintf, { 0, 0, CONTEXT(8), 0, 0 } },
		{ "trace_printk", BPF_FUNC_trace_printk, { CONTEXT(8), 1 } },
		{ "trace_vprintk", BPF_FUNC_trace_vprintk,
		  { CONTEXT(8), 1, 0, 0 } },
	};
	struct machine *m = test->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct bpf_insn insns[] = {
			INSN_STX(BPF_W, 9, 8, 0), INSN_HELPER(cases[i].helper),
			INSN_JA(-2),
		};
		enum bpfsched_outcome outcome;

		set_host(test, 0);
		memset(m->context.base, 'x', CONTEXT_LEN);
		memset(m->context.base, 0, 8);
		/* The word to look at is where the program writes PAUSE. */
		m->word = m->context.base;
		machine_load(test, insns, ARRAY_SIZE(insns));
		machine_begin(m, 1000000);
		memcpy(&m->state.regs[1], cases[i].args, sizeof(cases[i].args));
		m->state.regs[8] = BPFSCHED_CONTROL_PAUSE;
		m->state.regs[9] = CONTEXT(0);
		outcome = machine_go_on(m);
		KUNIT_EXPECT_EQ_MSG(test, (int)outcome, (int)BPFSCHED_PAUSED,
				    "%s", cases[i].name);
		KUNIT_EXPECT_LE_MSG(test, m->result.instructions, 200ULL, "%s",
				    cases[i].name);
	}
}

MACHINE_SUITES(interp_host, machine_exit,
	       KUNIT_CASE(without_a_host),
	       KUNIT_CASE(questions),
	       KUNIT_CASE(yield_changes_nothing),
	       KUNIT_CASE(yield_is_a_safe_point),
	       KUNIT_CASE(yield_by_register),
	       KUNIT_CASE(budget_is_what_is_left),
	       KUNIT_CASE(budget_by_register),
	       KUNIT_CASE(work_brings_a_safe_point),
	       KUNIT_CASE(emit_passes_bytes),
	       KUNIT_CASE(emit_bounds),
	       KUNIT_CASE(submit_passes_all),
	       KUNIT_CASE(options_that_have_grown),
	       KUNIT_CASE(submit_bounds));
