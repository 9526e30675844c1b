// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that show what they did to the registers.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "snapshot.h"

/* Where register @reg is stored, from r10. */
#define SLOT_OF(reg)	(-8 * ((int)(reg) + 1))

/**
 * snapshot_fill() - registers that are all different, in both halves
 * @regs: r0 to r9
 */
void snapshot_fill(u64 *regs)
{
	u32 reg;

	for (reg = 0; reg < SNAPSHOT_REGS; reg++)
		regs[reg] = 0x9e3779b97f4a7c15ULL * (reg + 1);
}

/**
 * snapshot_load() - load a program
 * @test: the test
 * @body: what it is to execute
 * @count: number of @body, at most SNAPSHOT_BODY
 */
void snapshot_load(struct kunit *test, const struct bpf_insn *body, u32 count)
{
	struct bpf_insn insns[SNAPSHOT_BODY + SNAPSHOT_OVERHEAD];
	u32 reg, n = count;

	KUNIT_ASSERT_LE(test, count, (u32)SNAPSHOT_BODY);
	memcpy(insns, body, count * sizeof(*body));
	for (reg = 0; reg < SNAPSHOT_REGS; reg++)
		insns[n++] = INSN_STX(BPF_DW, 10, reg, SLOT_OF(reg));
	insns[n++] = INSN_EXIT;
	machine_load(test, insns, n);
}

/**
 * snapshot_run() - execute the program that is loaded
 * @test: the test
 * @budget: instructions that it may execute
 * @before: r0 to r9 when it begins
 * @after: set to r0 to r9 behind the body, if the outcome is BPFSCHED_DONE
 *
 * Return: how it ended; the rest is in the result of the machine.
 */
enum bpfsched_outcome snapshot_run(struct kunit *test, u64 budget,
				   const u64 *before, u64 *after)
{
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u32 reg;

	machine_begin(m, budget);
	memcpy(m->state.regs, before, SNAPSHOT_REGS * sizeof(*before));
	outcome = machine_go_on(m);
	if (outcome != BPFSCHED_DONE)
		return outcome;
	for (reg = 0; reg < SNAPSHOT_REGS; reg++)
		memcpy(&after[reg],
		       m->state.stack + INTERP_FRAME_SIZE + SLOT_OF(reg),
		       sizeof(*after));
	return outcome;
}
