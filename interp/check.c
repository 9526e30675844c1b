// SPDX-License-Identifier: GPL-2.0
/*
 * The static check: which programs are well-formed.
 *
 * Every access to memory is checked as it happens and time is bounded by the
 * budget, so all that is asked of a program is that each instruction is known
 * and that control stays inside of functions. Loops may be unbounded, and an
 * access that is bound to fail is let through: it faults when it is executed.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include <bpfsched/visibility.h>

#include "interp.h"

/**
 * struct check - a check under way
 * @code: the program
 * @log: where the reason goes
 * @start: bit n is set if an instruction starts at slot n
 * @entry: bit n is set if a function starts at slot n
 * @breaths: see check_breathe()
 */
struct check {
	const struct bpfsched_code *code;
	struct bpfsched_log *log;
	unsigned long *start;
	unsigned long *entry;
	u32 breaths;
};

#define refuse(check, slot, format, ...)				\
({									\
	snprintf((check)->log->text, sizeof((check)->log->text),	\
		 "instruction %u: " format, slot, ##__VA_ARGS__);	\
	-EINVAL;							\
})

/*
 * A program of a million instructions must not hold up the kernel. To be
 * called for each of them.
 */
static int check_breathe(struct check *check)
{
	if (++check->breaths % 4096)
		return 0;
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

#define USES_DST	BIT(0)
#define USES_SRC	BIT(1)
#define USES_OFF	BIT(2)
#define USES_IMM	BIT(3)
#define WRITES_DST	BIT(4)
#define WRITES_SRC	BIT(5)

static const u8 form_uses[] = {
	[INTERP_ALU_K] = USES_DST | USES_OFF | USES_IMM | WRITES_DST,
	[INTERP_ALU_X] = USES_DST | USES_SRC | USES_OFF | WRITES_DST,
	[INTERP_NEG] = USES_DST | WRITES_DST,
	[INTERP_SWAP] = USES_DST | USES_IMM | WRITES_DST,
	[INTERP_MOVSX] = USES_DST | USES_SRC | USES_OFF | WRITES_DST,
	[INTERP_JUMP_K] = USES_DST | USES_OFF | USES_IMM,
	[INTERP_JUMP_X] = USES_DST | USES_SRC | USES_OFF,
	[INTERP_LOAD] = USES_DST | USES_SRC | USES_OFF | WRITES_DST,
	[INTERP_STORE_K] = USES_DST | USES_OFF | USES_IMM,
	[INTERP_STORE_X] = USES_DST | USES_SRC | USES_OFF,
	[INTERP_ATOMIC] = USES_DST | USES_SRC | USES_OFF | USES_IMM,
	[INTERP_ATOMIC_FETCH] = USES_DST | USES_SRC | USES_OFF | USES_IMM |
				WRITES_SRC,
	[INTERP_ATOMIC_CMPXCHG] = USES_DST | USES_SRC | USES_OFF | USES_IMM,
	[INTERP_ACQUIRE] = USES_DST | USES_SRC | USES_OFF | USES_IMM |
			   WRITES_DST,
	[INTERP_RELEASE] = USES_DST | USES_SRC | USES_OFF | USES_IMM,
	[INTERP_LDDW_FORM] = USES_DST | USES_SRC | USES_IMM | WRITES_DST,
	[INTERP_JA_FORM] = USES_OFF,
	[INTERP_JA32_FORM] = USES_IMM,
	[INTERP_CALL_FORM] = USES_SRC | USES_IMM,
	[INTERP_CALLX_FORM] = USES_DST,
	[INTERP_EXIT_FORM] = 0,
};

static int check_fields(struct check *check, u32 slot,
			const struct bpf_insn *insn, u8 uses)
{
	if (insn->dst_reg && !(uses & USES_DST))
		return refuse(check, slot, "destination register is not 0");
	if (insn->src_reg && !(uses & USES_SRC))
		return refuse(check, slot, "source register is not 0");
	if (insn->off && !(uses & USES_OFF))
		return refuse(check, slot, "offset is not 0");
	if (insn->imm && !(uses & USES_IMM))
		return refuse(check, slot, "immediate is not 0");
	return 0;
}

static int check_registers(struct check *check, u32 slot,
			   const struct bpf_insn *insn, u8 uses)
{
	if (insn->dst_reg >= INTERP_REGS)
		return refuse(check, slot, "there is no register r%u",
			      insn->dst_reg);
	if (insn->src_reg >= INTERP_REGS)
		return refuse(check, slot, "there is no register r%u",
			      insn->src_reg);
	if (((uses & WRITES_DST) && insn->dst_reg == BPF_REG_10) ||
	    ((uses & WRITES_SRC) && insn->src_reg == BPF_REG_10))
		return refuse(check, slot, "r10 is read-only");
	return 0;
}

static int check_section(struct check *check, u32 slot, u32 section,
			 u32 offset)
{
	const struct bpfsched_code *code = check->code;

	if (section >= code->section_count)
		return refuse(check, slot, "there is no section %u", section);
	section = array_index_nospec(section, code->section_count);
	if (offset > code->sections[section].len)
		return refuse(check, slot, "offset %u is outside of section %u",
			      offset, section);
	return 0;
}

static int check_lddw(struct check *check, u32 slot,
		      const struct bpf_insn *insn)
{
	const struct bpfsched_code *code = check->code;
	const struct bpf_insn *next = insn + 1;

	if (slot + 1 == code->insn_count)
		return refuse(check, slot, "16-byte load without its second half");
	if (next->code || next->dst_reg || next->src_reg || next->off)
		return refuse(check, slot + 1,
			      "second half of a 16-byte load has a field that is not 0");

	switch (insn->src_reg) {
	case 0:
		return 0;
	case BPF_PSEUDO_MAP_IDX_VALUE:
		return check_section(check, slot, insn->imm, next->imm);
	case BPF_PSEUDO_MAP_IDX:
		if ((u32)insn->imm >= code->map_count)
			return refuse(check, slot, "there is no map %u",
				      (u32)insn->imm);
		if (next->imm)
			return refuse(check, slot + 1,
				      "second half of a map's handle is not 0");
		return 0;
	case BPF_PSEUDO_FUNC:
		if (next->imm)
			return refuse(check, slot + 1,
				      "second half of a function's address is not 0");
		return 0;
	default:
		return refuse(check, slot, "16-byte load of unknown kind %u",
			      insn->src_reg);
	}
}

static int check_insn(struct check *check, u32 slot,
		      const struct bpf_insn *insn)
{
	int op = interp_op_of(insn);
	u8 uses;
	int err;

	if (op < 0) {
		if (!interp_opcode_is_known(insn->code))
			return refuse(check, slot, "unknown opcode 0x%02x",
				      insn->code);
		return refuse(check, slot,
			      "opcode 0x%02x has no variant with source %u, offset %d, immediate %d",
			      insn->code, insn->src_reg, insn->off, insn->imm);
	}

	uses = form_uses[interp_ops[op].form];
	err = check_fields(check, slot, insn, uses) ?:
	      check_registers(check, slot, insn, uses);
	if (err)
		return err;

	if (op == INTERP_LDDW)
		return check_lddw(check, slot, insn);
	if (op == INTERP_HELPER && interp_helper_index(insn->imm) < 0)
		return refuse(check, slot, "unknown helper %d", insn->imm);
	return 0;
}

/* First pass: each instruction by itself; sets check->start. */
static int check_insns(struct check *check)
{
	const struct bpfsched_code *code = check->code;
	u32 slot, size;
	int err;

	for (slot = 0; slot < code->insn_count; slot += size) {
		const struct bpf_insn *insn = &code->insns[slot];

		err = check_breathe(check) ?: check_insn(check, slot, insn);
		if (err)
			return err;
		__set_bit(slot, check->start);
		size = interp_op_of(insn) == INTERP_LDDW ? 2 : 1;
	}
	return 0;
}

/* Whether an instruction starts at a slot that an instruction names. */
static bool is_start(const struct check *check, s64 slot)
{
	u64 index = array_index_nospec((u64)slot, (u64)check->code->insn_count);

	return slot >= 0 && slot < check->code->insn_count &&
	       test_bit(index, check->start);
}

/* Second pass: where functions start; sets check->entry. */
static int check_entries(struct check *check)
{
	const struct bpfsched_code *code = check->code;
	s64 target;
	int err, op;
	u32 slot;

	__set_bit(0, check->entry);
	for_each_set_bit(slot, check->start, code->insn_count) {
		const struct bpf_insn *insn = &code->insns[slot];

		err = check_breathe(check);
		if (err)
			return err;
		if (!interp_names_function(insn))
			continue;
		op = interp_op_of(insn);
		target = (s64)slot + 1 + insn->imm;
		if (!is_start(check, target))
			return refuse(check, slot, "%s of %lld, where no instruction starts",
				      op == INTERP_CALL ? "call" : "address",
				      target);
		__set_bit(target, check->entry);
	}
	return 0;
}

static int check_jump(struct check *check, u32 slot, u32 first, u32 end)
{
	const struct bpf_insn *insn = &check->code->insns[slot];
	s32 distance;
	s64 target;

	if (!interp_jump_distance(interp_op_of(insn), insn, &distance))
		return 0;
	target = (s64)slot + 1 + distance;
	if (target < first || target >= end)
		return refuse(check, slot, "jump to %lld, outside of the function (%u to %u)",
			      target, first, end - 1);
	if (!is_start(check, target))
		return refuse(check, slot, "jump into the middle of the 16-byte load at %lld",
			      target - 1);
	return 0;
}

/**
 * struct reach - which instructions of a function can be executed
 * @seen: bit n is set if slot n can be reached
 * @todo: slots that can be reached and were not yet followed
 * @todo_count: number of them
 */
struct reach {
	unsigned long *seen;
	u32 *todo;
	u32 todo_count;
};

static void reach_add(struct reach *reach, u32 slot)
{
	if (!__test_and_set_bit(slot, reach->seen))
		reach->todo[reach->todo_count++] = slot;
}

/* Follow control from one instruction; refuse it if it leaves the function. */
static int reach_follow(struct check *check, struct reach *reach, u32 slot,
			u32 end)
{
	const struct bpf_insn *insn = &check->code->insns[slot];
	int op = interp_op_of(insn);
	u32 next = slot + (op == INTERP_LDDW ? 2 : 1);
	s32 distance;

	if (op == INTERP_EXIT)
		return 0;
	if (interp_jump_distance(op, insn, &distance))
		reach_add(reach, slot + 1 + distance);
	if (op == INTERP_JA || op == INTERP_JA32)
		return 0;
	if (next >= end)
		return refuse(check, slot, "control runs off the end of the function");
	reach_add(reach, next);
	return 0;
}

static int check_function(struct check *check, struct reach *reach, u32 first,
			  u32 end)
{
	u32 slot = first;
	int err;

	for_each_set_bit_from(slot, check->start, end) {
		err = check_breathe(check) ?:
		      check_jump(check, slot, first, end);
		if (err)
			return err;
	}

	reach_add(reach, first);
	while (reach->todo_count) {
		slot = reach->todo[--reach->todo_count];
		err = check_breathe(check) ?:
		      reach_follow(check, reach, slot, end);
		if (err)
			return err;
	}
	return 0;
}

/* Third pass: jumps, and that no function runs into the next. */
static int check_functions(struct check *check)
{
	u32 count = check->code->insn_count;
	struct reach reach = {};
	u32 first = 0, end;
	int err = -ENOMEM;

	reach.seen = kvcalloc(BITS_TO_LONGS(count), sizeof(long),
			      GFP_KERNEL_ACCOUNT);
	reach.todo = kvmalloc_array(count, sizeof(*reach.todo),
				    GFP_KERNEL_ACCOUNT);
	if (!reach.seen || !reach.todo)
		goto out;

	do {
		end = find_next_bit(check->entry, count, first + 1);
		err = check_function(check, &reach, first, end);
		first = end;
	} while (!err && first < count);
out:
	kvfree(reach.todo);
	kvfree(reach.seen);
	return err;
}

/**
 * interp_check() - the static check
 * @code: the program
 * @log: set to the reason if it is refused
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL if the program, one of its maps or a pointer in its sections
 * is refused; -ENOMEM;
 * -EINTR if the caller is being killed.
 */
int interp_check(const struct bpfsched_code *code, struct bpfsched_log *log)
{
	size_t longs = BITS_TO_LONGS(code->insn_count);
	struct check check = { .code = code, .log = log };
	int err;

	BUILD_BUG_ON(ARRAY_SIZE(form_uses) != INTERP_EXIT_FORM + 1);

	if (!code->insn_count)
		return refuse(&check, 0, "the program is empty");

	err = interp_maps_check(code, log);
	if (err)
		return err;
	err = -ENOMEM;
	check.start = kvcalloc(longs, sizeof(long), GFP_KERNEL_ACCOUNT);
	check.entry = kvcalloc(longs, sizeof(long), GFP_KERNEL_ACCOUNT);
	if (check.start && check.entry)
		err = check_insns(&check) ?: check_entries(&check) ?:
		      interp_relocs_check(code, check.start, check.entry,
					  log) ?:
		      check_functions(&check);
	kvfree(check.entry);
	kvfree(check.start);
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(interp_check);
