// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of calls of what a register names: functions of the program by their
 * handles, helpers by their numbers, and everything that is neither.
 */
#include <kunit/test.h>
#include <linux/kernel.h>

#include "snapshot.h"

#define CALLX(reg)	INSN(0x8d, reg, 0, 0, 0)

/* The two halves of the load of a function's handle. */
#define HANDLE(dst, distance)	INSN_LDDW(dst, BPF_PSEUDO_FUNC, distance)
#define HANDLE_END		INSN_LDDW_END(0)

/* What a handle is: it names a decoded instruction. */
#define FUNCTION(i)	INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, i)

/* No kernel has it. */
#define NO_HELPER	9999

static void functions_by_all_registers(struct kunit *test)
{
	struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, 5), INSN_MOV_K(6, 100),
		/* 2 */ INSN(0, 0, 0, 0, 0), HANDLE_END,
		/* 4 */ INSN(0, 0, 0, 0, 0),
		/* 5 */ INSN_MOV_X(7, 6), INSN_EXIT,
		/* 7: never reached */ INSN_MOV_K(0, -1), INSN_EXIT,
		/* 9 */ INSN_MOV_K(0, 1), INSN_EXIT,
		/* 11: a function */ INSN_MOV_K(0, 70), INSN_MOV_K(6, -1), INSN_MOV_K(9, -1),
		INSN_EXIT,
	};
	u8 reg;

	for (reg = 0; reg < 10; reg++) {
		insns[2] = HANDLE(reg, 8);
		insns[4] = CALLX(reg);
		machine_load(test, insns, ARRAY_SIZE(insns));
		machine_expect_return(test, 70, 10);
	}
}

/* r1 to r5 come in, r0 goes out, r6 to r10 are as they were. */
static void functions_keep_registers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(1, 1), INSN_MOV_K(2, 20), INSN_MOV_K(3, 300),
		INSN_MOV_K(4, 4000), INSN_MOV_K(5, 50000), INSN_MOV_K(6, 6),
		INSN_MOV_K(7, 7), INSN_MOV_K(8, 8),
		/* 8 */ HANDLE(9, 7), HANDLE_END, CALLX(9),
		/* 11 */ INSN_ADD_X(0, 6), INSN_ADD_X(0, 7), INSN_ADD_X(0, 8),
		INSN_ADD_X(0, 10), INSN_EXIT,
		/* 16 */ INSN_MOV_X(0, 1), INSN_ADD_X(0, 2), INSN_ADD_X(0, 3),
		INSN_ADD_X(0, 4), INSN_ADD_X(0, 5), INSN_ST(BPF_DW, 10, -8, 1),
		INSN_MOV_K(6, -1), INSN_MOV_K(7, -1), INSN_MOV_K(8, -1),
		INSN_MOV_K(9, -1), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test,
			      54321 + 6 + 7 + 8 + STACK(INTERP_FRAME_SIZE),
			      15 + 11);
}

/* A handle is a number: it can be kept in memory and compared. */
static void handles_are_numbers(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		/* 0 */ HANDLE(1, 9), HANDLE_END, HANDLE(2, 9), HANDLE_END,
		/* 4 */ INSN_JMP_X(BPF_JEQ, 1, 2, 4),
		INSN_STX(BPF_DW, 10, 1, -8), INSN_STX(BPF_DW, 10, 2, -16),
		INSN_LDX(BPF_DW, 3, 10, -8), CALLX(3), INSN_EXIT,
		/* 10 */ INSN_MOV_K(0, 10), INSN_EXIT,
		/* 12 */ INSN_MOV_K(0, 12), INSN_EXIT,
	};
	struct bpf_insn same[ARRAY_SIZE(insns)];

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, 10, 2 + 6 + 2);
	memcpy(same, insns, sizeof(same));
	same[2].imm = 7;
	machine_load(test, same, ARRAY_SIZE(same));
	machine_expect_return(test, 0, 2 + 2);
}

/* Too deep as by any other call. */
static void deep_calls(struct kunit *test)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL_DEPTH,
		.pc = 6,
	};
	static const struct bpf_insn insns[] = {
		/* 0 */ INSN_MOV_K(0, 0), HANDLE(2, 3), HANDLE_END, CALLX(2),
		INSN_EXIT,
		/* 5 */ INSN_ADD_K(0, 1), CALLX(2), INSN_EXIT,
	};
	size_t loop;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (loop = 0; loop < LOOPS; loop++)
		machine_expect_fault(test, "endless",
				     machine_run(test->priv,
						 loop_budgets[loop]),
				     &fault, 3 + 2 * (INTERP_FRAMES - 1));
}

static void helpers_by_all_registers(struct kunit *test)
{
	struct bpf_insn body[1];
	u64 before[SNAPSHOT_REGS], after[SNAPSHOT_REGS];
	u8 reg, saved;
	size_t loop;

	for (reg = 0; reg < SNAPSHOT_REGS; reg++) {
		body[0] = CALLX(reg);
		snapshot_load(test, body, 1);
		snapshot_fill(before);
		before[reg] = BPF_FUNC_get_smp_processor_id;
		for (loop = 0; loop < LOOPS; loop++) {
			KUNIT_ASSERT_EQ(test,
					(int)snapshot_run(test,
							  loop_budgets[loop],
							  before, after),
					(int)BPFSCHED_DONE);
			KUNIT_EXPECT_LT(test, after[0], (u64)nr_cpu_ids);
			for (saved = 6; saved < SNAPSHOT_REGS; saved++)
				KUNIT_EXPECT_EQ(test, after[saved],
						before[saved]);
		}
	}
}

/* What a helper says of its arguments comes back: an empty format is none. */
static void helpers_get_arguments(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_X(1, 10), INSN_ADD_K(1, -8), INSN_MOV_K(2, 0),
		INSN_MOV_K(8, BPF_FUNC_trace_printk), CALLX(8), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_return(test, -EINVAL, ARRAY_SIZE(insns));
}

/* The fault of the helper is that of the call. */
static void helpers_fault(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV_K(1, 77), INSN_MOV_K(2, 4),
		INSN_MOV_K(8, BPF_FUNC_trace_printk), CALLX(8), INSN_EXIT,
	};
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 3,
		.address = 77,
	};
	size_t loop;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (loop = 0; loop < LOOPS; loop++)
		machine_expect_fault(test, "helper",
				     machine_run(test->priv,
						 loop_budgets[loop]),
				     &fault, 4);
}

/* A program with a function at slot 3; the caller's handle is not used. */
static void load_bad_call(struct kunit *test, u8 reg)
{
	const struct bpf_insn insns[] = {
		/* 0 */ CALLX(reg), INSN_CALL(1), INSN_EXIT,
		/* 3 */ INSN_MOV_K(0, 0), INSN_MOV_K(0, 0), INSN_EXIT,
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
}

static void expect_no_call(struct kunit *test, u8 reg, u64 what)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL,
		.address = what,
	};
	struct machine *m = test->priv;
	char name[32];
	size_t loop;

	snprintf(name, sizeof(name), "call of 0x%llx", what);
	for (loop = 0; loop < LOOPS; loop++) {
		machine_begin(m, loop_budgets[loop]);
		m->state.regs[reg] = what;
		machine_expect_fault(test, name, machine_go_on(m), &fault, 1);
	}
}

/* Functions start at instructions 0 and 3. */
static void what_is_no_function(struct kunit *test)
{
	static const u64 wild[] = {
		0, NO_HELPER, 0x7fffffff, 0x80000000, U32_MAX, 1ULL << 32,
		(1ULL << 32) + BPF_FUNC_ktime_get_ns, -1, -2,
		(1ULL << 63) + BPF_FUNC_ktime_get_ns, S64_MAX,
		STACK(0), CONTEXT(0), CONTEXT(3), SECTION(0, 0),
		FUNCTION(1), FUNCTION(2), FUNCTION(4), FUNCTION(5), FUNCTION(6),
		FUNCTION(7), FUNCTION(63), FUNCTION(64), FUNCTION(1 << 20),
		FUNCTION(0x7fffffff), FUNCTION(0x80000000),
		FUNCTION(0x80000003), FUNCTION(U32_MAX), FUNCTION(0) - 1,
		FUNCTION(3) | 1ULL << 40, FUNCTION(3) | 1ULL << 63,
	};
	static const u8 regs[] = { 0, 1, 3, 4, 6, 9 };
	size_t reg, i;

	for (reg = 0; reg < ARRAY_SIZE(regs); reg++) {
		load_bad_call(test, regs[reg]);
		for (i = 0; i < ARRAY_SIZE(wild); i++)
			expect_no_call(test, regs[reg], wild[i]);
	}
}

/* r10 is where the stack is, so it never names anything. */
static void frame_pointer_is_no_function(struct kunit *test)
{
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_CALL,
		.address = STACK(INTERP_FRAME_SIZE),
	};
	size_t loop;

	load_bad_call(test, 10);
	for (loop = 0; loop < LOOPS; loop++)
		machine_expect_fault(test, "r10",
				     machine_run(test->priv,
						 loop_budgets[loop]),
				     &fault, 1);
}

/* A handle cannot be read through, nor written. */
static void handles_are_no_memory(struct kunit *test)
{
	struct bpf_insn insns[] = {
		HANDLE(1, 3), HANDLE_END, INSN_LDX(BPF_B, 0, 1, 0), INSN_EXIT,
		/* 4 */ INSN_MOV_K(0, 0), INSN_EXIT,
	};
	struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_READ,
		.pc = 2,
		.address = FUNCTION(3),
	};

	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_fault(test, "load", machine_run(test->priv, 100),
			     &fault, 2);
	insns[2] = INSN_ST(BPF_DW, 1, 0, 0);
	fault.kind = BPFSCHED_FAULT_WRITE;
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_expect_fault(test, "store", machine_run(test->priv, 1000000),
			     &fault, 2);
}

MACHINE_SUITES(interp_callx, machine_exit,
	       KUNIT_CASE(functions_by_all_registers),
	       KUNIT_CASE(functions_keep_registers),
	       KUNIT_CASE(handles_are_numbers),
	       KUNIT_CASE(deep_calls),
	       KUNIT_CASE(helpers_by_all_registers),
	       KUNIT_CASE(helpers_get_arguments),
	       KUNIT_CASE(helpers_fault),
	       KUNIT_CASE(what_is_no_function),
	       KUNIT_CASE(frame_pointer_is_no_function),
	       KUNIT_CASE(handles_are_no_memory));
