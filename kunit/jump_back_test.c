// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of loops: jumps back, with what changes right before them, in all
 * registers. A dispatcher may have code of its own for these, which takes a loop
 * to begin where the last one did. Each is compared with what it is to do, step
 * by step, and with how many steps the budget allows.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "machine.h"

/* Kernels that check each access take their time. */
#define SLOWNESS	(IS_ENABLED(CONFIG_KASAN) ? 5 : 1)

#define REGS		10	/* r0 to r9 */

/* For the exact loop; for the fast one, which ends in the exact one. */
static const u64 budgets[] = { 57, 2000 };

static bool holds64(u8 condition, u64 d, u64 s)
{
	switch (condition) {
	case JEQ: return d == s;
	case JGT: return d > s;
	case JGE: return d >= s;
	case JSET: return d & s;
	case JNE: return d != s;
	case JSGT: return (s64)d > (s64)s;
	case JSGE: return (s64)d >= (s64)s;
	case JLT: return d < s;
	case JLE: return d <= s;
	case JSLT: return (s64)d < (s64)s;
	default: return (s64)d <= (s64)s;
	}
}

/* Signed numbers of 32 bits are in the same order as those of 64. */
static bool holds32(u8 condition, u32 d, u32 s)
{
	if (condition >= JSGT && condition != JLT && condition != JLE)
		return holds64(condition, (s64)(s32)d, (s64)(s32)s);
	return holds64(condition, d, s);
}

/**
 * struct account - what a program is to do
 * @regs: r0 to r9
 * @executed: number of instructions
 * @ended: it has come to its end
 */
struct account {
	u64 regs[REGS];
	u64 executed;
	bool ended;
};

static bool jumps(const struct account *account, const struct bpf_insn *insn)
{
	u64 d = account->regs[insn->dst_reg];
	u64 s = insn->code & BPF_X ? account->regs[insn->src_reg] :
				     (u64)(s64)insn->imm;
	u8 condition = BPF_OP(insn->code);

	if (condition == BPF_JA)
		return true;
	return BPF_CLASS(insn->code) == BPF_JMP ? holds64(condition, d, s) :
						  holds32(condition, d, s);
}

static void expect_account(struct account *account,
			   const struct bpf_insn *insns, u64 budget)
{
	const struct bpf_insn *insn = insns;

	account->executed = 0;
	for (account->ended = false;
	     !account->ended && account->executed < budget; insn++) {
		account->executed++;
		if (insn->code == (BPF_ALU64 | BPF_ADD | BPF_K))
			account->regs[insn->dst_reg] += insn->imm;
		else if (insn->code == (BPF_ALU64 | BPF_MOV | BPF_K))
			account->regs[insn->dst_reg] = (s64)insn->imm;
		else if (insn->code == (BPF_JMP | BPF_EXIT))
			account->ended = true;
		else if (insn->code == (BPF_JMP32 | BPF_JA))
			insn += insn->imm;
		else if (jumps(account, insn))
			insn += insn->off;
	}
}

/* The program is loaded; @regs is what it starts from. */
static void expect_run(struct kunit *test, const struct bpf_insn *insns,
		       const u64 *regs)
{
	struct machine *m = test->priv;
	struct account account;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		memcpy(account.regs, regs, sizeof(account.regs));
		expect_account(&account, insns, budgets[i]);
		machine_begin(m, budgets[i]);
		memcpy(m->state.regs, regs, sizeof(account.regs));
		KUNIT_ASSERT_EQ_MSG(test, (int)machine_go_on(m),
				    (int)(account.ended ? BPFSCHED_DONE :
							  BPFSCHED_EXHAUSTED),
				    "0x%02x 0x%02x", insns[0].code,
				    insns[1].code);
		KUNIT_ASSERT_EQ_MSG(test, m->result.instructions,
				    account.executed, "0x%02x 0x%02x",
				    insns[0].code, insns[1].code);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(m->state.regs, account.regs,
						 sizeof(account.regs)), 0,
				    "0x%02x 0x%02x r%u r%u", insns[0].code,
				    insns[1].code, insns[1].dst_reg,
				    insns[1].src_reg);
	}
}

static void load_and_run(struct kunit *test, const struct bpf_insn *insns,
			 u32 count, const u64 *regs)
{
	machine_load(test, insns, count);
	expect_run(test, insns, regs);
}

/* From below to above and back, by steps that meet the bound and that do not. */
static const struct turn {
	s64 from;
	s64 bound;
	s32 step;
} turns[] = {
	{ 0, 20, 1 }, { 20, 0, -1 }, { -20, 20, 3 }, { 20, -20, -3 },
	{ 0, S64_MAX, 1 }, { S32_MAX - 5LL, S32_MIN + 5LL, 1 },
	{ U32_MAX - 5LL, 5, 1 }, { 5, 5, 0 },
};

static void expect_loop(struct kunit *test, u8 opcode, u8 dst, u8 src)
{
	struct bpf_insn insns[] = {
		INSN_ADD_K(dst, 0),
		INSN(opcode, dst, opcode & BPF_X ? src : 0, -2, 0), INSN_EXIT,
	};
	u64 regs[REGS];
	size_t i;
	u32 reg;

	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		for (reg = 0; reg < REGS; reg++)
			regs[reg] = 1000 + reg;
		insns[0].imm = turns[i].step;
		if (opcode & BPF_X)
			regs[src] = turns[i].bound;
		else
			insns[1].imm = turns[i].bound;
		regs[dst] = turns[i].from;
		load_and_run(test, insns, ARRAY_SIZE(insns), regs);
	}
}

static void all_conditions_in_all_registers(struct kunit *test)
{
	u32 i, dst, src;

	for (i = 0; i < CONDITIONS; i++) {
		for (dst = 0; dst < REGS; dst++) {
			expect_loop(test, BPF_JMP | conditions[i], dst, 0);
			expect_loop(test, BPF_JMP32 | conditions[i], dst, 0);
			for (src = dst % SLOWNESS; src < REGS; src += SLOWNESS) {
				expect_loop(test, BPF_JMP | BPF_X |
						  conditions[i], dst, src);
				expect_loop(test, BPF_JMP32 | BPF_X |
						  conditions[i], dst, src);
			}
		}
	}
}

/* The one that is compared is the source. */
static void changed_is_the_source(struct kunit *test)
{
	u64 regs[REGS] = {};
	u32 i, dst, src;

	for (i = 0; i < CONDITIONS; i++) {
		for (dst = 0; dst < REGS; dst++) {
			for (src = 0; src < REGS; src++) {
				const struct bpf_insn insns[] = {
					INSN_ADD_K(src, 2),
					INSN_JMP_X(conditions[i], dst, src, -2),
					INSN_EXIT,
				};

				regs[dst] = 40;
				regs[src] = 0;
				load_and_run(test, insns, ARRAY_SIZE(insns),
					     regs);
			}
		}
	}
}

static void two_that_go_on_together(struct kunit *test)
{
	u64 regs[REGS] = {};
	u32 one, other;

	for (one = 0; one < REGS; one++) {
		for (other = 0; other < REGS; other++) {
			const struct bpf_insn insns[] = {
				INSN_ADD_K(one, 3), INSN_ADD_K(other, -2),
				INSN_JMP_K(BPF_JNE, other, 6, -3), INSN_EXIT,
			};

			regs[one] = 0;
			regs[other] = 40;
			load_and_run(test, insns, ARRAY_SIZE(insns), regs);
		}
	}
}

/* The way out is at the beginning. */
static void jumps_without_a_condition(struct kunit *test)
{
	u64 regs[REGS] = {};
	u32 dst;

	for (dst = 0; dst < REGS; dst++) {
		const struct bpf_insn adds[] = {
			INSN_JMP_K(BPF_JEQ, dst, 30, 2), INSN_ADD_K(dst, 1),
			INSN_JA(-3), INSN_EXIT,
		};
		const struct bpf_insn moves[] = {
			INSN_JMP_K(BPF_JEQ, dst, 30, 3), INSN_ADD_K(dst, 1),
			INSN_MOV_K((dst + 1) % REGS, 7), INSN_JA(-4), INSN_EXIT,
		};
		const struct bpf_insn far[] = {
			INSN_JMP_K(BPF_JEQ, dst, 30, 3), INSN_ADD_K(dst, 1),
			INSN_MOV_K((dst + 1) % REGS, 7), INSN_JA32(-4),
			INSN_EXIT,
		};

		regs[dst] = 0;
		load_and_run(test, adds, ARRAY_SIZE(adds), regs);
		load_and_run(test, moves, ARRAY_SIZE(moves), regs);
		load_and_run(test, far, ARRAY_SIZE(far), regs);
	}
}

/* Loops in and behind loops: the last one is another each time. */
static void loops_take_turns(struct kunit *test)
{
	const struct bpf_insn insns[] = {
		INSN_MOV_K(1, 0),
		INSN_ADD_K(1, 1), INSN_JMP_X(BPF_JLT, 1, 2, -2),
		INSN_MOV_K(3, 0),
		INSN_ADD_K(3, 1), INSN_JMP_K(BPF_JNE, 3, 4, -2),
		INSN_ADD_K(4, -1), INSN_JMP_X(BPF_JSGT, 4, 5, -8),
		INSN_EXIT,
	};
	u64 regs[REGS] = {};
	u32 inner, outer;

	machine_load(test, insns, ARRAY_SIZE(insns));
	for (inner = 0; inner < 9; inner++) {
		for (outer = 0; outer < 9; outer++) {
			regs[2] = inner;
			regs[4] = outer;
			expect_run(test, insns, regs);
		}
	}
}

MACHINE_SUITES(interp_jump_back, machine_exit,
	       KUNIT_CASE(all_conditions_in_all_registers),
	       KUNIT_CASE(changed_is_the_source),
	       KUNIT_CASE(two_that_go_on_together),
	       KUNIT_CASE(jumps_without_a_condition),
	       KUNIT_CASE(loops_take_turns));
