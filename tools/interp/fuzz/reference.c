// SPDX-License-Identifier: GPL-2.0
/*
 * A second interpreter, for comparison. The program has passed the static
 * check, so that what no such program can have is not looked at here.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/timekeeping.h>
#include <uapi/linux/bpfsched.h>

#include "interp.h"
#include "reference.h"

#define MODE_MEMSX	0x80
#define LOAD_ACQUIRE	0x100
#define STORE_RELEASE	0x110

#define LOOPS_MAX	8388608
#define TEXT_MAX	4096
#define DIGITS_MAX	63
#define OPTIONS_MAX	4096

/**
 * struct reference - a run
 * @code: the program
 * @context: its context
 * @host: what it can ask for, NULL: nothing
 * @host_data: for @host
 * @budget: instructions that it may still execute
 * @executed: instructions that it has executed
 * @pc: slot of the instruction to execute
 * @regs: r0 to r10
 * @depth: number of callers
 * @callers: what each call has saved; of a call by bpf_loop() its @turns, which
 *	are 0 otherwise, where it begins, and what it is handed
 * @stack: of the first function, then of those that it called; never cleared
 * @outcome: valid if @ended
 * @ended: nothing more is to be executed
 * @lost: the program did what only the other interpreter can do
 * @fault: what went wrong
 */
struct reference {
	struct bpfsched_code code;
	struct bpfsched_memory context;
	const struct bpfsched_host_ops *host;
	void *host_data;
	u64 budget;
	u64 executed;
	u32 pc;
	u64 regs[INTERP_REGS];
	u32 depth;
	struct {
		u32 pc;
		u64 saved[4];
		u32 turns;
		u32 calls;
		u32 entry;
		u64 ctx;
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
	ref->host = params->host;
	ref->host_data = params->host_data;
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

static void get_lost(struct reference *ref)
{
	ref->lost = true;
	end_run(ref, BPFSCHED_STOPPED);
}

/* Ends the run and returns NULL if the access is not allowed. */
static void *access_memory(struct reference *ref, u64 address, u32 size,
			   bool write)
{
	struct bpfsched_memory memory = region_memory(ref, address >> 32);
	u64 offset = (u32)address;

	if (ref->code.map_count &&
	    (address >> 32 & 0xff) >= INTERP_REGION_MAPS) {
		get_lost(ref);
		return NULL;
	}
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
	ref->callers[ref->depth].turns = 0;
	memcpy(ref->callers[ref->depth].saved, &ref->regs[6],
	       sizeof(ref->callers[0].saved));
	ref->depth++;
	ref->regs[10] += INTERP_FRAME_SIZE;
	ref->pc = target;
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

/* The slot that a handle stands for, or -1. */
static s64 function_of(const struct reference *ref, u64 handle)
{
	u32 number = 0, slot;

	for (slot = 0; slot < ref->code.insn_count;
	     slot = next_slot(ref, slot)) {
		if (handle_of_number(number++) == handle && is_named(ref, slot))
			return slot;
	}
	return -1;
}

static void next_turn(struct reference *ref)
{
	u32 caller = ref->depth - 1;

	ref->regs[1] = ref->callers[caller].calls++;
	ref->regs[2] = ref->callers[caller].ctx;
	memset(&ref->regs[3], 0, 3 * sizeof(u64));
	ref->pc = ref->callers[caller].entry;
}

/* As all of these: sets r0, or ends the run. */
static void help_loop(struct reference *ref)
{
	s64 entry = function_of(ref, ref->regs[2]);
	u32 turns = ref->regs[1];
	u64 ctx = ref->regs[3];

	ref->regs[0] = 0;
	if (ref->regs[4]) {
		ref->regs[0] = -EINVAL;
	} else if (turns > LOOPS_MAX) {
		ref->regs[0] = -E2BIG;
	} else if (entry < 0) {
		end_by_fault(ref, BPFSCHED_FAULT_CALL, ref->regs[2]);
	} else if (turns) {
		call_function(ref, entry);
		if (ref->ended)
			return;
		ref->callers[ref->depth - 1].turns = turns;
		ref->callers[ref->depth - 1].calls = 0;
		ref->callers[ref->depth - 1].entry = entry;
		ref->callers[ref->depth - 1].ctx = ctx;
		next_turn(ref);
		return;
	}
	ref->pc++;
}

static s64 help_strncmp(struct reference *ref)
{
	u32 size = ref->regs[2], i;
	const u8 *left, *right;

	if (!size)
		return 0;
	left = access_memory(ref, ref->regs[1], size, false);
	for (i = 0; left && i < size && i < TEXT_MAX; i++) {
		right = access_memory(ref, ref->regs[3] + i, 1, false);
		if (!right)
			return 0;
		if (left[i] != *right)
			return left[i] < *right ? -1 : 1;
		if (!left[i])
			break;
	}
	return 0;
}

static u32 digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/*
 * The number that @text begins with, without a sign; returns the bytes that it
 * takes, or an error.
 */
static s64 read_digits(const u8 *text, u32 len, u32 base, u64 *value)
{
	u32 i = 0, first;
	bool hex = len > 1 && text[0] == '0' && (text[1] | 0x20) == 'x';
	bool ranges = false;

	if (!base && hex && len > 2 && digit(text[2]) < 16)
		base = 16;
	else if (!base)
		base = len && text[0] == '0' ? 8 : 10;
	if (base == 16 && hex)
		i = 2;
	*value = 0;
	for (first = i; i < len && digit(text[i]) < base; i++) {
		ranges |= __builtin_mul_overflow(*value, (u64)base, value);
		ranges |= __builtin_add_overflow(*value, (u64)digit(text[i]),
						 value);
	}
	if (ranges)
		return -ERANGE;
	return i == first ? -EINVAL : (s64)i;
}

static s64 read_text(const u8 *text, u32 len, u32 base, bool is_signed,
		     u64 *value)
{
	bool negative;
	u32 i = 0;
	s64 ret;

	while (i < len && memchr(" \t\n\v\f\r", text[i], 6))
		i++;
	negative = i < len && text[i] == '-';
	i += negative;
	ret = read_digits(text + i, min_t(u32, len - i, DIGITS_MAX), base,
			  value);
	if (ret < 0)
		return ret;
	if (negative && !is_signed)
		return -EINVAL;
	if (is_signed && *value > (u64)S64_MAX + negative)
		return -ERANGE;
	if (negative)
		*value = -*value;
	return i + ret;
}

static s64 help_number(struct reference *ref, bool is_signed)
{
	u64 len = ref->regs[2], base = ref->regs[3], value = 0;
	const u8 *text;
	s64 ret = -EINVAL;
	void *to;

	if (len && (!base || base == 8 || base == 10 || base == 16)) {
		if (len > U32_MAX) {
			end_by_fault(ref, BPFSCHED_FAULT_READ, ref->regs[1]);
			return 0;
		}
		text = access_memory(ref, ref->regs[1], len, false);
		if (!text)
			return 0;
		ret = read_text(text, min_t(u64, len, TEXT_MAX), base,
				is_signed, &value);
	}
	to = access_memory(ref, ref->regs[4], sizeof(value), true);
	if (to)
		put(to, ret < 0 ? 0 : value, sizeof(value));
	return ret;
}

static s64 help_emit(struct reference *ref)
{
	u32 len = ref->regs[2];
	const void *data = NULL;

	if (len > BPFSCHED_EVENT_MAX)
		return -E2BIG;
	if (len)
		data = access_memory(ref, ref->regs[1], len, false);
	if (ref->ended)
		return 0;
	return ref->host ? ref->host->emit(ref->host_data, data, len) :
			   -EOPNOTSUPP;
}

static s64 read_followup(struct reference *ref, u64 address,
			 struct bpfsched_followup *options)
{
	const u8 *from = access_memory(ref, address, sizeof(u32), false);
	u32 size, i;

	if (!from)
		return 0;
	size = get(from, sizeof(u32));
	if (size % 8 || size < BPFSCHED_FOLLOWUP_SIZE_VER1)
		return -EINVAL;
	if (size > OPTIONS_MAX)
		return -E2BIG;
	from = access_memory(ref, address, size, false);
	if (!from)
		return 0;
	for (i = sizeof(*options); i < size; i++) {
		if (from[i])
			return -E2BIG;
	}
	memset(options, 0, sizeof(*options));
	memcpy(options, from, min_t(u32, size, sizeof(*options)));
	return 0;
}

static s64 help_submit(struct reference *ref)
{
	u32 len = ref->regs[3];
	const void *context = NULL;
	struct bpfsched_followup options;
	s64 ret = 0;

	if (len)
		context = access_memory(ref, ref->regs[2], len, false);
	if (!ref->ended && ref->regs[4])
		ret = read_followup(ref, ref->regs[4], &options);
	if (ret || ref->ended)
		return ret;
	if (!ref->host)
		return -EOPNOTSUPP;
	return ref->host->submit(ref->host_data, ref->regs[1], context, len,
				 ref->regs[4] ? &options : NULL);
}

/* What is asked of the host and takes nothing. */
static u64 ask_host(struct reference *ref, s32 id)
{
	bool remaining = id == BPFSCHED_FUNC_time_remaining_ns;

	if (!ref->host)
		return remaining ? S64_MAX : 0;
	switch (id) {
	case BPFSCHED_FUNC_job_id:
		return ref->host->job_id(ref->host_data);
	case BPFSCHED_FUNC_release:
		return ref->host->release(ref->host_data);
	case BPFSCHED_FUNC_deadline_ns:
		return ref->host->deadline_ns(ref->host_data);
	default:
		return ref->host->time_remaining_ns(ref->host_data);
	}
}

static u64 help(struct reference *ref, s32 id)
{
	switch (id) {
	case BPF_FUNC_ktime_get_ns:
	case BPF_FUNC_ktime_get_boot_ns:
	case BPF_FUNC_ktime_get_coarse_ns:
	case BPF_FUNC_ktime_get_tai_ns:
		return ktime_get_mono_fast_ns();
	case BPF_FUNC_jiffies64:
		return get_jiffies_64();
	case BPF_FUNC_get_prandom_u32:
		return get_random_u32();
	case BPF_FUNC_get_smp_processor_id:
	case BPFSCHED_FUNC_yield:
		return 0;
	case BPF_FUNC_strncmp:
		return help_strncmp(ref);
	case BPF_FUNC_strtol:
	case BPF_FUNC_strtoul:
		return help_number(ref, id == BPF_FUNC_strtol);
	case BPFSCHED_FUNC_job_id:
	case BPFSCHED_FUNC_release:
	case BPFSCHED_FUNC_deadline_ns:
	case BPFSCHED_FUNC_time_remaining_ns:
		return ask_host(ref, id);
	case BPFSCHED_FUNC_budget_remaining:
		return ref->budget;
	case BPFSCHED_FUNC_emit:
		return help_emit(ref);
	case BPFSCHED_FUNC_submit_job:
		return help_submit(ref);
	default:
		get_lost(ref);
		return 0;
	}
}

static void call_helper(struct reference *ref, s32 id)
{
	u64 ret;

	if (id == BPF_FUNC_loop) {
		help_loop(ref);
		return;
	}
	ret = help(ref, id);
	if (ref->ended)
		return;
	ref->regs[0] = ret;
	ref->pc++;
}

static void call_register(struct reference *ref, u64 what)
{
	s64 entry = function_of(ref, what);

	if (entry >= 0)
		call_function(ref, entry);
	else if (what > S32_MAX || interp_helper_index(what) < 0)
		end_by_fault(ref, BPFSCHED_FAULT_CALL, what);
	else
		call_helper(ref, what);
}

/* Whether bpf_loop() goes on; if it does not, r0 is what it returns. */
static bool loop_goes_on(struct reference *ref)
{
	u32 caller = ref->depth - 1;

	if (!ref->callers[caller].turns)
		return false;
	if (!ref->regs[0] &&
	    ref->callers[caller].calls < ref->callers[caller].turns)
		return true;
	ref->regs[0] = ref->callers[caller].calls;
	return false;
}

static void step_exit(struct reference *ref)
{
	u32 caller = ref->depth - 1;

	if (!ref->depth) {
		end_run(ref, BPFSCHED_DONE);
		return;
	}
	memcpy(&ref->regs[6], ref->callers[caller].saved,
	       sizeof(ref->callers[0].saved));
	if (loop_goes_on(ref)) {
		next_turn(ref);
		return;
	}
	ref->pc = ref->callers[caller].pc;
	ref->depth = caller;
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
	case BPF_PSEUDO_MAP_IDX:
		value = INTERP_ADDRESS(INTERP_REGION_HANDLES, (u32)insn->imm);
		break;
	case BPF_PSEUDO_FUNC:
		value = handle_of(ref, ref->pc + 1 + insn->imm);
		break;
	default:
		get_lost(ref);
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
