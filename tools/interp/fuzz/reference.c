// SPDX-License-Identifier: GPL-2.0
/*
 * A second interpreter, for comparison. The program has passed the static
 * check, so that what no such program can have is not looked at here.
 */
#include <linux/kernel.h>
#include <linux/timekeeping.h>
#include <uapi/linux/bpfsched.h>

#include "interp.h"
#include "reference.h"

#define MODE_MEMSX	0x80
#define LOAD_ACQUIRE	0x100
#define STORE_RELEASE	0x110

/**
 * struct reference - a run
 * @code: the program
 * @context: its context
 * @budget: instructions that it may still execute
 * @executed: instructions that it has executed
 * @pc: slot of the instruction to execute
 * @regs: r0 to r10
 * @depth: number of callers
 * @callers: what each call has saved
 * @stack: of the first function, then of those that it called; never cleared
 * @outcome: valid if @ended
 * @ended: nothing more is to be executed
 * @lost: the program did what only the other interpreter can do
 * @fault: what went wrong
 */
struct reference {
	struct bpfsched_code code;
	struct bpfsched_memory context;
	u64 budget;
	u64 executed;
	u32 pc;
	u64 regs[INTERP_REGS];
	u32 depth;
	struct {
		u32 pc;
		u64 saved[4];
	} callers[INTERP_FRAMES];
	u8 stack[INTERP_FRAMES * INTERP_FRAME_SIZE];
	enum bpfsched_outcome outcome;
	bool ended;
	bool lost;
	struct bpfsched_fault fault;
};

/**
 * reference_new() - begin a run
 * @code: the program; has to stay as long as the run
 * @params: context and budget
 *
 * Return: the run, to be freed by reference_free().
 */
struct reference *reference_new(const struct bpfsched_code *code,
				const struct bpfsched_exec_params *params)
{
	struct reference *ref = calloc(1, sizeof(*ref));

	if (!ref)
		abort();
	ref->code = *code;
	ref->context = params->context;
	ref->budget = params->budget_insns;
	ref->regs[1] = INTERP_ADDRESS(INTERP_REGION_CONTEXT, 0);
	ref->regs[2] = params->context.len;
	ref->regs[10] = INTERP_ADDRESS(INTERP_REGION_STACK, INTERP_FRAME_SIZE);
	return ref;
}

/**
 * reference_free() - free a run
 * @ref: the run
 */
void reference_free(struct reference *ref)
{
	free(ref);
}

/**
 * reference_is_lost() - whether the run met what only the tested one has
 * @ref: the run
 *
 * Its result then means nothing.
 */
bool reference_is_lost(const struct reference *ref)
{
	return ref->lost;
}

static void end_run(struct reference *ref, enum bpfsched_outcome outcome)
{
	ref->ended = true;
	ref->outcome = outcome;
}

static void end_by_fault(struct reference *ref, u32 kind, u64 address)
{
	end_run(ref, BPFSCHED_FAULTED);
	ref->fault = (struct bpfsched_fault) {
		.kind = kind, .pc = ref->pc, .address = address,
	};
}

/* The memory of a region; of length 0 if there is none. */
static struct bpfsched_memory region_memory(struct reference *ref, u64 region)
{
	struct bpfsched_memory memory = {};

	if (region == INTERP_REGION_STACK) {
		memory.base = ref->stack;
		memory.len = (ref->depth + 1) * INTERP_FRAME_SIZE;
	} else if (region == INTERP_REGION_CONTEXT) {
		memory = ref->context;
	} else if (region >= INTERP_REGION_SECTIONS &&
		   region - INTERP_REGION_SECTIONS < ref->code.section_count) {
		memory = ref->code.sections[region - INTERP_REGION_SECTIONS];
	}
	return memory;
}

/* Ends the run and returns NULL if the access is not allowed. */
static void *access_memory(struct reference *ref, u64 address, u32 size,
			   bool write)
{
	struct bpfsched_memory memory = region_memory(ref, address >> 32);
	u64 offset = (u32)address;

	if (offset + size <= memory.len && !(write && memory.readonly))
		return memory.base + offset;
	end_by_fault(ref, write ? BPFSCHED_FAULT_WRITE : BPFSCHED_FAULT_READ,
		     address);
	return NULL;
}

static u32 access_size(u8 code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

/* Little-endian machines only: the low bytes come first. */
static u64 get(const void *from, u32 size)
{
	u64 value = 0;

	memcpy(&value, from, size);
	return value;
}

static void put(void *to, u64 value, u32 size)
{
	memcpy(to, &value, size);
}

static u64 extend(u64 value, u32 bits)
{
	switch (bits) {
	case 8:
		return (s64)(s8)value;
	case 16:
		return (s64)(s16)value;
	case 32:
		return (s64)(s32)value;
	default:
		return value;
	}
}

static u64 swap_bytes(u64 value, u32 bits)
{
	u64 swapped = 0;
	u32 at;

	for (at = 0; at < bits; at += 8)
		swapped |= (value >> at & 0xff) << (bits - 8 - at);
	return swapped;
}

static u64 keep_bits(u64 value, u32 bits)
{
	return bits == 64 ? value : value & ((1ULL << bits) - 1);
}

/* Section 4.2 */
static u64 byte_order(const struct bpf_insn *insn, u64 value)
{
	bool swap = BPF_CLASS(insn->code) == BPF_ALU64 ||
		    BPF_SRC(insn->code) == BPF_TO_BE;

	return swap ? swap_bytes(value, insn->imm) :
		      keep_bits(value, insn->imm);
}

static u64 divide_signed(s64 d, s64 s)
{
	if (s == -1)
		return -(u64)d;
	return d / s;
}

static u64 modulo_signed(s64 d, s64 s)
{
	return s == -1 ? 0 : d % s;
}

/* Section 4.1, with operands of @bits bits that are extended by zeros. */
static u64 arithmetic(const struct bpf_insn *insn, u64 d, u64 s, u32 bits)
{
	s64 signed_d = extend(d, bits), signed_s = extend(s, bits);

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		return d + s;
	case BPF_SUB:
		return d - s;
	case BPF_MUL:
		return d * s;
	case BPF_DIV:
		if (!s)
			return 0;
		return insn->off ? divide_signed(signed_d, signed_s) : d / s;
	case BPF_MOD:
		if (!s)
			return d;
		return insn->off ? modulo_signed(signed_d, signed_s) : d % s;
	case BPF_OR:
		return d | s;
	case BPF_AND:
		return d & s;
	case BPF_XOR:
		return d ^ s;
	case BPF_LSH:
		return d << (s & (bits - 1));
	case BPF_RSH:
		return d >> (s & (bits - 1));
	case BPF_ARSH:
		return signed_d >> (s & (bits - 1));
	case BPF_NEG:
		return -d;
	case BPF_MOV:
		return extend(s, insn->off ?: 64);
	default:
		abort();
	}
}

static void step_alu(struct reference *ref, const struct bpf_insn *insn)
{
	u32 bits = BPF_CLASS(insn->code) == BPF_ALU64 ? 64 : 32;
	u64 s = BPF_SRC(insn->code) == BPF_X ? ref->regs[insn->src_reg] :
					       (u64)(s64)insn->imm;
	u64 d = ref->regs[insn->dst_reg];

	if (BPF_OP(insn->code) == BPF_END)
		d = byte_order(insn, d);
	else
		d = keep_bits(arithmetic(insn, keep_bits(d, bits),
					 keep_bits(s, bits), bits), bits);
	ref->regs[insn->dst_reg] = d;
	ref->pc++;
}

static bool is_true(u8 operation, u64 d, u64 s, s64 signed_d, s64 signed_s)
{
	switch (operation) {
	case BPF_JEQ:
		return d == s;
	case BPF_JNE:
		return d != s;
	case BPF_JGT:
		return d > s;
	case BPF_JGE:
		return d >= s;
	case BPF_JLT:
		return d < s;
	case BPF_JLE:
		return d <= s;
	case BPF_JSET:
		return d & s;
	case BPF_JSGT:
		return signed_d > signed_s;
	case BPF_JSGE:
		return signed_d >= signed_s;
	case BPF_JSLT:
		return signed_d < signed_s;
	case BPF_JSLE:
		return signed_d <= signed_s;
	default:
		abort();
	}
}

static void step_branch(struct reference *ref, const struct bpf_insn *insn)
{
	u32 bits = BPF_CLASS(insn->code) == BPF_JMP ? 64 : 32;
	u64 s = BPF_SRC(insn->code) == BPF_X ? ref->regs[insn->src_reg] :
					       (u64)(s64)insn->imm;
	u64 d = keep_bits(ref->regs[insn->dst_reg], bits);

	s = keep_bits(s, bits);
	ref->pc++;
	if (is_true(BPF_OP(insn->code), d, s, extend(d, bits), extend(s, bits)))
		ref->pc += insn->off;
}

static void call_function(struct reference *ref, u32 target)
{
	if (ref->depth + 1 == INTERP_FRAMES) {
		end_by_fault(ref, BPFSCHED_FAULT_CALL_DEPTH, 0);
		return;
	}
	ref->callers[ref->depth].pc = ref->pc + 1;
	memcpy(ref->callers[ref->depth].saved, &ref->regs[6],
	       sizeof(ref->callers[0].saved));
	ref->depth++;
	ref->regs[10] += INTERP_FRAME_SIZE;
	ref->pc = target;
}

static void call_helper(struct reference *ref, s32 id)
{
	switch (id) {
	case BPF_FUNC_ktime_get_ns:
		ref->regs[0] = ktime_get_mono_fast_ns();
		break;
	case BPF_FUNC_get_prandom_u32:
		ref->regs[0] = get_random_u32();
		break;
	case BPF_FUNC_get_smp_processor_id:
		ref->regs[0] = 0;
		break;
	default:
		ref->lost = true;
		end_run(ref, BPFSCHED_STOPPED);
		return;
	}
	ref->pc++;
}

/* Where the 16-byte loads are decides which slots have instructions. */
static u32 next_slot(const struct reference *ref, u32 slot)
{
	bool wide = ref->code.insns[slot].code == (BPF_LD | BPF_IMM | BPF_DW);

	return slot + (wide ? 2 : 1);
}

/*
 * The handle of a function is the number of its first instruction after
 * decoding: those before it, and a checkpoint for each INTERP_RUN_MAX - 1.
 */
static u64 handle_of_number(u32 number)
{
	number += number / (INTERP_RUN_MAX - 1);
	return INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, number);
}

static u64 handle_of(const struct reference *ref, u32 target)
{
	u32 number = 0, slot;

	for (slot = 0; slot < target; slot = next_slot(ref, slot))
		number++;
	return handle_of_number(number);
}

static bool is_named(const struct reference *ref, u32 target)
{
	u32 slot;

	if (!target)
		return true;
	for (slot = 0; slot < ref->code.insn_count;
	     slot = next_slot(ref, slot)) {
		const struct bpf_insn *insn = &ref->code.insns[slot];
		bool call = insn->code == (BPF_JMP | BPF_CALL) &&
			    insn->src_reg == BPF_PSEUDO_CALL;
		bool address = insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
			       insn->src_reg == BPF_PSEUDO_FUNC;

		if ((call || address) && slot + 1 + insn->imm == target)
			return true;
	}
	return false;
}

static void call_register(struct reference *ref, u64 what)
{
	u32 number = 0, slot;

	for (slot = 0; slot < ref->code.insn_count;
	     slot = next_slot(ref, slot)) {
		if (handle_of_number(number++) == what && is_named(ref, slot)) {
			call_function(ref, slot);
			return;
		}
	}
	if (what > S32_MAX || interp_helper_index(what) < 0)
		end_by_fault(ref, BPFSCHED_FAULT_CALL, what);
	else
		call_helper(ref, what);
}

static void step_exit(struct reference *ref)
{
	if (!ref->depth) {
		end_run(ref, BPFSCHED_DONE);
		return;
	}
	ref->depth--;
	ref->pc = ref->callers[ref->depth].pc;
	memcpy(&ref->regs[6], ref->callers[ref->depth].saved,
	       sizeof(ref->callers[0].saved));
	ref->regs[10] -= INTERP_FRAME_SIZE;
}

static void step_jump(struct reference *ref, const struct bpf_insn *insn)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		ref->pc += 1 + (BPF_CLASS(insn->code) == BPF_JMP ? insn->off :
								   insn->imm);
		break;
	case BPF_CALL:
		if (insn->code & BPF_X) {
			call_register(ref, ref->regs[insn->dst_reg]);
		} else if (insn->src_reg == BPF_PSEUDO_CALL) {
			call_function(ref, ref->pc + 1 + insn->imm);
		} else {
			call_helper(ref, insn->imm);
		}
		break;
	case BPF_EXIT:
		step_exit(ref);
		break;
	default:
		step_branch(ref, insn);
	}
}

static void step_wide(struct reference *ref, const struct bpf_insn *insn)
{
	u64 value = (u64)(u32)insn[1].imm << 32 | (u32)insn->imm;

	switch (insn->src_reg) {
	case 0:
		break;
	case BPF_PSEUDO_MAP_IDX_VALUE:
		value = INTERP_ADDRESS(INTERP_REGION_SECTIONS + (u64)insn->imm,
				       (u32)insn[1].imm);
		break;
	case BPF_PSEUDO_FUNC:
		value = handle_of(ref, ref->pc + 1 + insn->imm);
		break;
	default:
		ref->lost = true;
		end_run(ref, BPFSCHED_STOPPED);
		return;
	}
	ref->regs[insn->dst_reg] = value;
	ref->pc += 2;
}

static void step_load(struct reference *ref, const struct bpf_insn *insn)
{
	u64 address = ref->regs[insn->src_reg] + insn->off;
	u32 size = access_size(insn->code);
	const void *from = access_memory(ref, address, size, false);
	u64 value;

	if (!from)
		return;
	value = get(from, size);
	if (BPF_MODE(insn->code) == MODE_MEMSX)
		value = extend(value, size * 8);
	ref->regs[insn->dst_reg] = value;
	ref->pc++;
}

static void step_store(struct reference *ref, const struct bpf_insn *insn)
{
	u64 address = ref->regs[insn->dst_reg] + insn->off;
	u32 size = access_size(insn->code);
	void *to = access_memory(ref, address, size, true);
	u64 value = BPF_CLASS(insn->code) == BPF_ST ? (u64)(s64)insn->imm :
						      ref->regs[insn->src_reg];

	if (!to)
		return;
	put(to, value, size);
	ref->pc++;
}

/* As access_memory(); the address has to be aligned, too. */
static void *access_aligned(struct reference *ref, u64 address, u32 size,
			    bool write)
{
	void *where = access_memory(ref, address, size, write);

	if (!where || address % size == 0)
		return where;
	end_by_fault(ref, BPFSCHED_FAULT_ALIGNMENT, address);
	return NULL;
}

static u64 atomic_value(const struct bpf_insn *insn, u64 old, u64 s, u64 r0)
{
	switch (insn->imm & ~BPF_FETCH) {
	case BPF_ADD:
		return old + s;
	case BPF_OR:
		return old | s;
	case BPF_AND:
		return old & s;
	case BPF_XOR:
		return old ^ s;
	case BPF_XCHG & ~BPF_FETCH:
		return s;
	case BPF_CMPXCHG & ~BPF_FETCH:
		return old == r0 ? s : old;
	default:
		abort();
	}
}

/* Section 5.3 */
static void step_atomic(struct reference *ref, const struct bpf_insn *insn)
{
	u64 address = ref->regs[insn->dst_reg] + insn->off;
	u32 size = access_size(insn->code);
	void *where = access_aligned(ref, address, size, true);
	u64 old;

	if (!where)
		return;
	old = get(where, size);
	put(where, atomic_value(insn, old, ref->regs[insn->src_reg],
				keep_bits(ref->regs[0], size * 8)), size);
	if (insn->imm == BPF_CMPXCHG)
		ref->regs[0] = old;
	else if (insn->imm & BPF_FETCH)
		ref->regs[insn->src_reg] = old;
	ref->pc++;
}

static void step_acquire(struct reference *ref, const struct bpf_insn *insn)
{
	u64 address = ref->regs[insn->src_reg] + insn->off;
	u32 size = access_size(insn->code);
	const void *from = access_aligned(ref, address, size, false);

	if (!from)
		return;
	ref->regs[insn->dst_reg] = get(from, size);
	ref->pc++;
}

static void step_release(struct reference *ref, const struct bpf_insn *insn)
{
	u64 address = ref->regs[insn->dst_reg] + insn->off;
	u32 size = access_size(insn->code);
	void *to = access_aligned(ref, address, size, true);

	if (!to)
		return;
	put(to, ref->regs[insn->src_reg], size);
	ref->pc++;
}

static void step_stx(struct reference *ref, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) != BPF_ATOMIC)
		step_store(ref, insn);
	else if (insn->imm == LOAD_ACQUIRE)
		step_acquire(ref, insn);
	else if (insn->imm == STORE_RELEASE)
		step_release(ref, insn);
	else
		step_atomic(ref, insn);
}

static void step(struct reference *ref)
{
	const struct bpf_insn *insn = &ref->code.insns[ref->pc];

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		step_alu(ref, insn);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		step_jump(ref, insn);
		break;
	case BPF_LD:
		step_wide(ref, insn);
		break;
	case BPF_LDX:
		step_load(ref, insn);
		break;
	case BPF_ST:
		step_store(ref, insn);
		break;
	case BPF_STX:
		step_stx(ref, insn);
		break;
	}
}

/**
 * reference_run() - run to the end
 * @ref: the run
 * @result: set
 *
 * Return: how it ended: done, exhausted or faulted.
 */
enum bpfsched_outcome reference_run(struct reference *ref,
				    struct bpfsched_result *result)
{
	while (!ref->ended) {
		if (!ref->budget) {
			end_run(ref, BPFSCHED_EXHAUSTED);
			break;
		}
		ref->budget--;
		ref->executed++;
		step(ref);
	}
	*result = (struct bpfsched_result) {
		.r0 = ref->outcome == BPFSCHED_DONE ? ref->regs[0] : 0,
		.instructions = ref->executed,
		.fault = ref->fault,
	};
	return ref->outcome;
}
