// SPDX-License-Identifier: GPL-2.0
/*
 * How the fuzzers make new inputs: of five, four are changed as programs, by
 * inserting, removing, copying and changing instructions of the table of
 * operations, and then repaired, so that the static check takes most of them.
 * The fifth is changed as bytes.
 */
#include <linux/kernel.h>

#include "calls.h"
#include "case.h"
#include "interp.h"

#define EDITS_MAX	6
#define COPY_MAX	16

/* Most that comes before the instructions. */
#define HEADERS_MAX	(FUZZ_HEADER + FUZZ_MAPS * FUZZ_MAP_HEADER + U8_MAX)

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max,
			       unsigned int seed);

/**
 * struct draft - an input that is being changed
 * @random: where random numbers come from
 * @header: the header
 * @maps: the headers of the maps
 * @context: bytes of the context
 * @insns: the program
 * @count: number of its slots
 * @room: most slots that it can have
 */
struct draft {
	u64 random;
	u8 header[FUZZ_HEADER];
	u8 maps[FUZZ_MAPS][FUZZ_MAP_HEADER];
	u8 context[U8_MAX];
	struct bpf_insn insns[FUZZ_INSNS_MAX];
	u32 count;
	u32 room;
};

static struct draft draft;

/* A number less than @limit. */
static u32 below(u32 limit)
{
	/* xorshift */
	draft.random ^= draft.random << 13;
	draft.random ^= draft.random >> 7;
	draft.random ^= draft.random << 17;
	return limit ? (draft.random >> 16) % limit : 0;
}

static bool chance(u32 of)
{
	return !below(of);
}

static s32 any_immediate(void)
{
	static const s32 edges[] = {
		0, 1, -1, 2, 7, 8, 16, 31, 32, 33, 63, 64, 127, 255, 256, 511,
		512, 4095, 65535, S32_MAX, S32_MIN, S32_MAX - 1, -2, -512,
	};

	if (chance(4))
		return (s32)(draft.random >> 8);
	return edges[below(ARRAY_SIZE(edges))];
}

/* Near the edges of the stack, of the context or of a section. */
static s16 any_offset(void)
{
	u32 edge;

	switch (below(6)) {
	case 0:
		return (s16)draft.random;
	case 1:
		return below(16);
	case 2:
		return -(s16)(below(64) * 8 + 8);
	case 3:
		return -(s16)below(520);
	case 4:
		edge = draft.header[FUZZ_CONTEXT_LEN];
		return edge - below(10);
	default:
		return fuzz_section_len(below(FUZZ_SECTIONS)) - below(10);
	}
}

static u8 any_register(void)
{
	return chance(6) ? BPF_REG_10 : below(BPF_REG_10);
}

static s32 any_helper(void)
{
	return fuzz_any_helper(below);
}

static s16 any_aligned_offset(void)
{
	s16 offset = any_offset();

	return chance(4) ? offset : offset & ~7;
}

static void fill_wide(struct bpf_insn *insn)
{
	switch (below(4)) {
	case 0:
		insn->src_reg = BPF_PSEUDO_FUNC;
		insn->imm = below(20) - 4;
		break;
	case 1:
		insn->src_reg = BPF_PSEUDO_MAP_IDX_VALUE;
		insn->imm = below(FUZZ_SECTIONS);
		break;
	default:
		insn->imm = any_immediate();
	}
}

static void fill_access(struct bpf_insn *insn, u8 form)
{
	if (form != INTERP_LOAD)
		insn->dst_reg = any_register();
	if (form == INTERP_STORE_K)
		insn->imm = any_immediate();
	else
		insn->src_reg = any_register();
	insn->off = any_offset();
}

static void fill_atomic(struct bpf_insn *insn,
			const struct interp_op_info *info)
{
	if (info->form != INTERP_ACQUIRE)
		insn->dst_reg = any_register();
	insn->src_reg = any_register();
	insn->off = any_aligned_offset();
	insn->imm = info->variant;
}

/* Jumps without a condition, calls by number, and the end. */
static void fill_transfer(struct bpf_insn *insn, int op)
{
	insn->dst_reg = 0;
	switch (op) {
	case INTERP_JA:
		insn->off = (s16)below(12) - 4;
		break;
	case INTERP_JA32:
		insn->imm = (s32)below(12) - 4;
		break;
	case INTERP_CALL:
		insn->src_reg = interp_ops[op].variant;
		insn->imm = (s32)below(20) - 4;
		break;
	case INTERP_HELPER:
		insn->src_reg = interp_ops[op].variant;
		insn->imm = any_helper();
		break;
	}
}

/* The fields of an instruction of operation @op that is already coded. */
static void fill_fields(struct bpf_insn *insn, int op)
{
	const struct interp_op_info *info = &interp_ops[op];

	insn->dst_reg = below(BPF_REG_10);
	switch ((enum interp_form)info->form) {
	case INTERP_ALU_K:
		insn->imm = any_immediate();
		insn->off = info->variant;
		break;
	case INTERP_ALU_X:
	case INTERP_MOVSX:
		insn->src_reg = any_register();
		insn->off = info->variant;
		break;
	case INTERP_SWAP:
		insn->imm = info->variant;
		break;
	case INTERP_JUMP_K:
		insn->imm = any_immediate();
		insn->off = (s16)below(12) - 4;
		break;
	case INTERP_JUMP_X:
		insn->src_reg = any_register();
		insn->off = (s16)below(12) - 4;
		break;
	case INTERP_LOAD:
	case INTERP_STORE_K:
	case INTERP_STORE_X:
		fill_access(insn, info->form);
		break;
	case INTERP_ATOMIC:
	case INTERP_ATOMIC_FETCH:
	case INTERP_ATOMIC_CMPXCHG:
	case INTERP_ACQUIRE:
	case INTERP_RELEASE:
		fill_atomic(insn, info);
		break;
	case INTERP_LDDW_FORM:
		fill_wide(insn);
		break;
	case INTERP_JA_FORM:
	case INTERP_JA32_FORM:
	case INTERP_CALL_FORM:
	case INTERP_EXIT_FORM:
		fill_transfer(insn, op);
		break;
	case INTERP_CALLX_FORM:
	case INTERP_NEG:
		break;
	}
}

static struct bpf_insn make_insn(int op)
{
	struct bpf_insn insn = { .code = interp_ops[op].opcode };

	fill_fields(&insn, op);
	return insn;
}

static struct bpf_insn any_insn(void)
{
	return make_insn(below(INTERP_OPS));
}

static bool is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Move what comes at and after @slot by @by; jumps across it keep their aim. */
static void shift_targets(u32 slot, s32 by)
{
	u32 i;

	for (i = 0; i < draft.count; i++) {
		struct bpf_insn *insn = &draft.insns[i];
		int op = interp_op_of(insn);
		s32 distance;
		s64 target;
		s32 change = 0;

		if (op < 0)
			continue;
		if (interp_names_function(insn))
			distance = insn->imm;
		else if (!interp_jump_distance(op, insn, &distance))
			continue;
		target = (s64)i + 1 + distance;
		if (i < slot && target >= slot)
			change = by;
		else if (i >= slot && target < slot)
			change = -by;
		if (interp_names_function(insn) || op == INTERP_JA32)
			insn->imm += change;
		else
			insn->off += change;
	}
}

static void insert(u32 slot, const struct bpf_insn *insns, u32 count)
{
	if (draft.count + count > draft.room)
		return;
	shift_targets(slot, count);
	memmove(&draft.insns[slot + count], &draft.insns[slot],
		(draft.count - slot) * sizeof(*insns));
	memcpy(&draft.insns[slot], insns, count * sizeof(*insns));
	draft.count += count;
}

static void edit_insert(u32 slot)
{
	struct bpf_insn insns[2] = { any_insn() };

	if (is_wide(&insns[0]))
		insns[1].imm = below(chance(2) ? 40 : 8);
	insert(slot, insns, is_wide(&insns[0]) ? 2 : 1);
}

static void edit_remove(u32 slot)
{
	u32 count = min_t(u32, 1 + (chance(4) ? below(8) : 0),
			  draft.count - slot);

	memmove(&draft.insns[slot], &draft.insns[slot + count],
		(draft.count - slot - count) * sizeof(draft.insns[0]));
	draft.count -= count;
	shift_targets(slot, -(s32)count);
}

static void edit_replace(u32 slot)
{
	draft.insns[slot] = any_insn();
}

static void edit_copy(u32 slot)
{
	struct bpf_insn copy[COPY_MAX];
	u32 from = below(draft.count);
	u32 count = min_t(u32, 1 + below(COPY_MAX), draft.count - from);

	memcpy(copy, &draft.insns[from], count * sizeof(copy[0]));
	insert(slot, copy, count);
}

static void edit_field(u32 slot)
{
	struct bpf_insn *insn = &draft.insns[slot];

	switch (below(5)) {
	case 0:
		insn->dst_reg = any_register();
		break;
	case 1:
		insn->src_reg = any_register();
		break;
	case 2:
		insn->off = any_offset();
		break;
	case 3:
		insn->imm = any_immediate();
		break;
	default:
		insn->code ^= 1 << below(8);
	}
}

/* The address of a region in a register, then an access to it. */
static void edit_access(u32 slot)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	u8 pointer = below(BPF_REG_10), size = sizes[below(ARRAY_SIZE(sizes))];
	struct bpf_insn insns[3] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = pointer },
		{ .imm = below(INTERP_REGION_SECTIONS + FUZZ_SECTIONS + 1) },
	};

	if (chance(2)) {
		insns[2].code = BPF_LDX | BPF_MEM | size;
		insns[2].dst_reg = below(BPF_REG_10);
		insns[2].src_reg = pointer;
	} else {
		insns[2].code = BPF_STX | BPF_MEM | size;
		insns[2].dst_reg = pointer;
		insns[2].src_reg = any_register();
	}
	insns[2].off = any_offset();
	insert(slot, insns, 3);
}

/* A loop that ends: rN = count; ...; rN -= 1; if rN != 0 goto ... */
static void edit_loop(u32 slot)
{
	u32 end = slot + below(min_t(u32, 12, draft.count - slot + 1));
	u8 counter = below(BPF_REG_10);
	struct bpf_insn before = {
		.code = BPF_ALU64 | BPF_MOV | BPF_K,
		.dst_reg = counter,
		.imm = chance(3) ? 1 + below(2000) : 1 + below(40),
	};
	struct bpf_insn after[2] = {
		{ .code = BPF_ALU64 | BPF_SUB | BPF_K, .dst_reg = counter,
		  .imm = 1 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = counter,
		  .off = -(s16)(end - slot + 2) },
	};

	if (draft.count + 3 > draft.room)
		return;
	insert(end, after, 2);
	insert(slot, &before, 1);
}

static struct bpf_insn calculate_k(u8 operation, u8 dst)
{
	return (struct bpf_insn) {
		.code = BPF_ALU64 | operation | BPF_K, .dst_reg = dst,
		.imm = any_immediate(),
	};
}

/* A change of @dst: what most pairs that have a handler together begin with. */
static struct bpf_insn any_change(u8 dst)
{
	static const u8 operations[] = {
		BPF_ADD, BPF_ADD, BPF_SUB, BPF_AND, BPF_MUL, BPF_LSH, BPF_RSH,
		BPF_ARSH, BPF_MOV,
	};
	struct bpf_insn insn;

	insn = calculate_k(operations[below(ARRAY_SIZE(operations))], dst);
	if (BPF_OP(insn.code) == BPF_MOV) {
		insn.code |= BPF_X;
		insn.src_reg = any_register();
		insn.imm = 0;
	}
	return insn;
}

/* An access to the own frame or just beyond it. */
static struct bpf_insn any_frame_access(bool load)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW, BPF_DW };
	/* the first and the last of the frame, and those next to them */
	s16 off = chance(2) ? -(s16)(below(64) * 8 + 8) :
		  chance(2) ? -(s16)below(17) : -(s16)(504 + below(17));
	u8 size = sizes[below(ARRAY_SIZE(sizes))];

	return (struct bpf_insn) {
		.code = (load ? BPF_LDX : BPF_STX) | BPF_MEM | size,
		.dst_reg = load ? below(BPF_REG_10) : BPF_REG_10,
		.src_reg = load ? BPF_REG_10 : below(BPF_REG_10),
		.off = off,
	};
}

/* A jump that depends on @reg, on either side of it if it has two. */
static struct bpf_insn any_jump_on(u8 reg)
{
	static const u8 conditions[] = {
		BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSET,
		BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE,
	};
	struct bpf_insn insn = {
		.code = BPF_JMP | conditions[below(ARRAY_SIZE(conditions))],
		.dst_reg = reg,
		.off = (s16)below(12) - 4,
	};

	if (chance(2)) {
		insn.imm = any_immediate();
		return insn;
	}
	insn.code |= BPF_X;
	insn.src_reg = below(BPF_REG_10);
	if (chance(2)) {
		insn.dst_reg = insn.src_reg;
		insn.src_reg = reg;
	}
	return insn;
}

/*
 * What an interpreter may execute as one: instructions that follow each other
 * and share a register. Hardly any comes about by chance.
 */
static void edit_pair(u32 slot)
{
	u8 reg = below(BPF_REG_10);
	struct bpf_insn insns[3];
	u32 count = 2;

	insns[0] = any_change(reg);
	switch (below(7)) {
	case 0:
		insns[1] = any_change(reg);
		break;
	case 1:
		insns[1] = any_change(below(BPF_REG_10));
		insns[2] = any_jump_on(insns[1].dst_reg);
		count = 3;
		break;
	case 2:
		insns[0] = calculate_k(BPF_ADD, reg);
		insns[1] = (struct bpf_insn) {
			.code = BPF_JMP | BPF_JA, .off = (s16)below(12) - 4,
		};
		break;
	case 3:
		insns[0] = make_insn(INTERP_LDXB + below(4));
		insns[0].dst_reg = reg;
		insns[1] = chance(2) ? any_jump_on(reg) : (struct bpf_insn) {
			.code = BPF_ALU64 | BPF_ADD | BPF_X,
			.dst_reg = below(BPF_REG_10), .src_reg = reg,
		};
		break;
	case 4:
		insns[0] = any_frame_access(chance(2));
		insns[1] = any_frame_access(BPF_CLASS(insns[0].code) == BPF_LDX);
		break;
	default:
		insns[1] = any_jump_on(reg);
	}
	insert(slot, insns, count);
}

/* All registers into the context: what they hold is then compared. */
static void edit_show_registers(u32 slot)
{
	struct bpf_insn insns[2 + BPF_REG_10] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_0 },
		{ .imm = INTERP_REGION_CONTEXT },
	};
	u32 i;

	for (i = 1; i <= BPF_REG_10; i++)
		insns[1 + i] = (struct bpf_insn) {
			.code = BPF_STX | BPF_MEM | BPF_DW,
			.dst_reg = BPF_REG_0, .src_reg = i,
			.off = (i - 1) * 8,
		};
	if (draft.header[FUZZ_CONTEXT_LEN] < 80)
		draft.header[FUZZ_CONTEXT_LEN] = 80;
	insert(slot, insns, ARRAY_SIZE(insns));
}

/* A function at the end, called from here. */
static void edit_function(u32 slot)
{
	struct bpf_insn call = {
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL,
	};
	struct bpf_insn body[2] = {
		any_insn(), { .code = BPF_JMP | BPF_EXIT },
	};

	struct bpf_insn by_register[3] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = below(10),
		  .src_reg = BPF_PSEUDO_FUNC },
		{},
		{ .code = BPF_JMP | BPF_CALL | BPF_X },
	};

	if (draft.count + 5 > draft.room)
		return;
	by_register[2].dst_reg = by_register[0].dst_reg;
	if (chance(2))
		insert(slot, &call, 1);
	else
		insert(slot, by_register, 3);
	draft.insns[slot].imm = draft.count - slot - 1;
	memcpy(&draft.insns[draft.count], body, sizeof(body));
	draft.count += 2;
}

/* The draft as an input, for what looks at its maps; to be freed. */
static void draft_case(struct fuzz_case *input)
{
	u8 data[sizeof(draft.header) + sizeof(draft.maps)];

	memcpy(data, draft.header, sizeof(draft.header));
	memcpy(data + sizeof(draft.header), draft.maps, sizeof(draft.maps));
	fuzz_case_read(input, data, sizeof(data));
}

static void append_callback(u32 load, const struct fuzz_setting *setting)
{
	struct fuzz_call callback;

	fuzz_callback_make(&callback, setting);
	if (draft.count + callback.count > draft.room)
		return;
	draft.insns[load].imm = draft.count - load - 1;
	memcpy(&draft.insns[draft.count], callback.insns,
	       callback.count * sizeof(callback.insns[0]));
	draft.count += callback.count;
}

/* A helper called with arguments that it can do something with. */
static void edit_call(u32 slot)
{
	struct fuzz_setting setting = { .below = below,
					.context = draft.context };
	struct fuzz_case input;
	struct fuzz_call call;
	u32 before = draft.count;

	draft_case(&input);
	setting.context_len = input.context_len;
	setting.maps = input.maps;
	setting.map_count = input.map_count;
	fuzz_call_make(&call, &setting);
	insert(slot, call.insns, call.count);
	if (call.function >= 0 && draft.count > before)
		append_callback(slot + call.function, &setting);
	fuzz_case_free(&input);
}

/* Another map, or one that is there changed. */
static void edit_maps(u32 slot)
{
	static const u8 lens[] = { 1, 4, 4, 8, 8, 12, 16, 64 };
	u32 count = draft.header[FUZZ_MAP_COUNT] & FUZZ_MAPS;
	u8 *map;

	(void)slot;
	if (count < FUZZ_MAPS && chance(2))
		draft.header[FUZZ_MAP_COUNT] = ++count;
	map = draft.maps[count ? below(count) : 0];
	map[FUZZ_MAP_TYPE] = below(chance(16) ? 8 : 7);
	if (chance(4))
		map[FUZZ_MAP_TYPE] |= FUZZ_MAP_AGAIN;
	map[FUZZ_MAP_KEY_LEN] = lens[below(ARRAY_SIZE(lens))];
	map[FUZZ_MAP_VALUE_LEN] = chance(4) ? below(256) :
					      lens[below(ARRAY_SIZE(lens))];
	map[FUZZ_MAP_BITS] = below(8);
	if (chance(4))
		map[FUZZ_MAP_BITS] |= FUZZ_MAP_RDONLY_PROG << below(4);
	if (chance(64))
		map[FUZZ_MAP_BITS] |= FUZZ_MAP_NO_PREALLOC;
}

static void edit_header(u32 slot)
{
	(void)slot;
	draft.header[below(FUZZ_HEADER)] = chance(2) ? below(256) : below(8);
}

static void edit_context(u32 slot)
{
	(void)slot;
	draft.context[below(sizeof(draft.context))] = below(256);
}

static void edit(void)
{
	static void (*const edits[])(u32 slot) = {
		edit_insert, edit_insert, edit_insert, edit_replace,
		edit_replace, edit_remove, edit_remove, edit_copy, edit_field,
		edit_field, edit_access, edit_access, edit_loop, edit_pair,
		edit_pair, edit_show_registers, edit_function, edit_header,
		edit_header, edit_context, edit_call, edit_call, edit_call,
		edit_call, edit_call, edit_maps,
	};

	if (!draft.count)
		edit_insert(0);
	if (draft.count)
		edits[below(ARRAY_SIZE(edits))](below(draft.count));
}

/* Where functions start, and where no instruction does. */
static bool starts_function[FUZZ_INSNS_MAX + 1];
static bool is_second_half[FUZZ_INSNS_MAX];

/* The fields that an instruction may use, by its form. */
#define DST	1
#define SRC	2
#define OFF	4
#define IMM	8

static const u8 used_fields[] = {
	[INTERP_ALU_K] = DST | OFF | IMM,
	[INTERP_ALU_X] = DST | SRC | OFF,
	[INTERP_MOVSX] = DST | SRC | OFF,
	[INTERP_NEG] = DST,
	[INTERP_SWAP] = DST | IMM,
	[INTERP_JUMP_K] = DST | OFF | IMM,
	[INTERP_JUMP_X] = DST | SRC | OFF,
	[INTERP_LOAD] = DST | SRC | OFF,
	[INTERP_STORE_K] = DST | OFF | IMM,
	[INTERP_STORE_X] = DST | SRC | OFF,
	[INTERP_ATOMIC] = DST | SRC | OFF | IMM,
	[INTERP_ATOMIC_FETCH] = DST | SRC | OFF | IMM,
	[INTERP_ATOMIC_CMPXCHG] = DST | SRC | OFF | IMM,
	[INTERP_ACQUIRE] = DST | SRC | OFF | IMM,
	[INTERP_RELEASE] = DST | SRC | OFF | IMM,
	[INTERP_LDDW_FORM] = DST | SRC | IMM,
	[INTERP_JA_FORM] = OFF,
	[INTERP_JA32_FORM] = IMM,
	[INTERP_CALL_FORM] = SRC | IMM,
	[INTERP_CALLX_FORM] = DST,
	[INTERP_EXIT_FORM] = 0,
};

static void clear_unused(struct bpf_insn *insn, u8 used)
{
	if (!(used & DST))
		insn->dst_reg = 0;
	if (!(used & SRC))
		insn->src_reg = 0;
	if (!(used & OFF))
		insn->off = 0;
	if (!(used & IMM))
		insn->imm = 0;
}

/* Each slot an instruction that is known, with the fields that it may use. */
static void repair_insn(u32 slot)
{
	struct bpf_insn *insn = &draft.insns[slot];
	int op = interp_op_of(insn);
	struct bpf_insn clean;

	if (op < 0 || (is_wide(insn) && slot + 1 == draft.count)) {
		*insn = make_insn(INTERP_MOV64_K);
		return;
	}
	clean = make_insn(op);
	if (insn->dst_reg <= BPF_REG_10)
		clean.dst_reg = insn->dst_reg;
	if (insn->src_reg <= BPF_REG_10)
		clean.src_reg = insn->src_reg;
	clean.off = insn->off;
	clean.imm = insn->imm;
	clear_unused(&clean, used_fields[interp_ops[op].form]);
	if (is_wide(&clean) && clean.src_reg &&
	    clean.src_reg != BPF_PSEUDO_FUNC)
		clean.src_reg = BPF_PSEUDO_MAP_IDX_VALUE;
	if (op == INTERP_HELPER && interp_helper_index(clean.imm) < 0)
		clean.imm = any_helper();
	*insn = clean;
}

/* r10 is read-only. */
static void repair_written(struct bpf_insn *insn)
{
	int op = interp_op_of(insn);
	u8 class = BPF_CLASS(insn->code);
	u8 form = interp_ops[op].form;

	if (form == INTERP_ATOMIC_FETCH && insn->src_reg == BPF_REG_10)
		insn->src_reg = BPF_REG_9;
	if (form == INTERP_ACQUIRE && insn->dst_reg == BPF_REG_10)
		insn->dst_reg = BPF_REG_9;
	if (insn->dst_reg == BPF_REG_10 &&
	    (class == BPF_ALU || class == BPF_ALU64 || class == BPF_LD ||
	     class == BPF_LDX))
		insn->dst_reg = BPF_REG_9;
}

/* A map that there is, or a number. */
static void repair_map(struct bpf_insn *insn)
{
	u32 maps = draft.header[FUZZ_MAP_COUNT] & FUZZ_MAPS;

	if (maps)
		insn->imm = (u32)insn->imm % maps;
	else
		insn->src_reg = 0;
}

/* A reference to a section that there is; a second half without a rest. */
static void repair_wide(u32 slot)
{
	struct bpf_insn *insn = &draft.insns[slot];
	u32 sections = draft.header[FUZZ_SECTION_BITS] & 3;
	s32 imm = insn[1].imm;

	if (insn->src_reg == BPF_PSEUDO_FUNC) {
		imm = 0;
	} else if (insn->src_reg == BPF_PSEUDO_MAP_IDX) {
		repair_map(insn);
		imm = 0;
	} else if (insn->src_reg && !sections) {
		insn->src_reg = 0;
	} else if (insn->src_reg) {
		insn->imm = (u32)insn->imm % sections;
		imm = (u32)imm % (fuzz_section_len(insn->imm) + 1);
	}
	insn[1] = (struct bpf_insn) { .imm = imm };
	is_second_half[slot + 1] = true;
}

static void repair_insns(void)
{
	u32 slot;

	memset(is_second_half, 0, sizeof(is_second_half));
	for (slot = 0; slot < draft.count; slot++) {
		bool is_map = draft.insns[slot].src_reg == BPF_PSEUDO_MAP_IDX;

		repair_insn(slot);
		repair_written(&draft.insns[slot]);
		if (!is_wide(&draft.insns[slot]))
			continue;
		if (is_map)
			draft.insns[slot].src_reg = BPF_PSEUDO_MAP_IDX;
		repair_wide(slot++);
	}
}

/* A slot from @first on and before @end where an instruction starts. */
static u32 any_slot(u32 first, u32 end)
{
	u32 slot = first + below(end - first);

	return is_second_half[slot] ? slot - 1 : slot;
}

static void repair_calls(void)
{
	u32 slot;

	memset(starts_function, 0, sizeof(starts_function));
	starts_function[0] = true;
	for (slot = 0; slot < draft.count; slot++) {
		struct bpf_insn *insn = &draft.insns[slot];
		s64 target = (s64)slot + 1 + insn->imm;

		if (is_second_half[slot] || !interp_names_function(insn))
			continue;
		if (target < 0 || target >= draft.count ||
		    is_second_half[target]) {
			target = any_slot(0, draft.count);
			insn->imm = target - slot - 1;
		}
		starts_function[target] = true;
	}
}

static void repair_jump(u32 slot, u32 first, u32 end)
{
	struct bpf_insn *insn = &draft.insns[slot];
	int op = interp_op_of(insn);
	s64 target, lowest = first;
	s32 distance;

	if (is_second_half[slot] || !interp_jump_distance(op, insn, &distance))
		return;
	/* the fillers belong to the first function */
	if (!first)
		lowest -= draft.header[FUZZ_STRETCH_COUNT] * FUZZ_STRETCH;
	target = (s64)slot + 1 + distance;
	if (target >= lowest && target < end &&
	    (target < 0 || !is_second_half[target]))
		return;
	distance = (s32)any_slot(first, end) - (s32)slot - 1;
	if (op == INTERP_JA32)
		insn->imm = distance;
	else
		insn->off = distance;
}

/* The last instruction of a function does not run on into the next. */
static void repair_end(u32 last)
{
	int op = interp_op_of(&draft.insns[last]);

	if (is_second_half[last]) {
		draft.insns[last - 1] = make_insn(INTERP_MOV64_K);
		is_second_half[last] = false;
	} else if (op == INTERP_EXIT || op == INTERP_JA || op == INTERP_JA32) {
		return;
	}
	draft.insns[last] = make_insn(INTERP_EXIT);
}

static void repair_functions(void)
{
	u32 first = 0, end, slot;

	while (first < draft.count) {
		end = first + 1;
		while (end < draft.count && !starts_function[end])
			end++;
		repair_end(end - 1);
		for (slot = first; slot < end; slot++)
			repair_jump(slot, first, end);
		first = end;
	}
}

static void repair(void)
{
	if (!draft.count)
		edit_insert(0);
	repair_insns();
	repair_calls();
	repair_functions();
}

static void read_draft(const u8 *data, size_t size, size_t max,
		       unsigned int seed)
{
	struct fuzz_case input;
	u32 fillers;

	memset(&draft, 0, sizeof(draft));
	draft.random = seed * 0x9e3779b97f4a7c15ULL + 1;
	memcpy(draft.header, data, min_t(size_t, size, FUZZ_HEADER));
	fuzz_case_read(&input, data, size);
	memcpy(draft.maps, input.map_headers, sizeof(draft.maps));
	memcpy(draft.context, input.context, sizeof(draft.context));
	fillers = draft.header[FUZZ_STRETCH_COUNT] * FUZZ_STRETCH;
	draft.count = input.insn_count - fillers;
	if (draft.count)
		memcpy(draft.insns, input.insns + fillers,
		       draft.count * sizeof(draft.insns[0]));
	fuzz_case_free(&input);
	draft.room = min_t(size_t, FUZZ_INSNS_MAX,
			   (max - HEADERS_MAX) /
			   sizeof(draft.insns[0]));
}

static size_t write_draft(u8 *data)
{
	u32 maps = draft.header[FUZZ_MAP_COUNT] & FUZZ_MAPS;
	u8 *to = data;

	memcpy(to, draft.header, FUZZ_HEADER);
	to += FUZZ_HEADER;
	memcpy(to, draft.maps, maps * FUZZ_MAP_HEADER);
	to += maps * FUZZ_MAP_HEADER;
	memcpy(to, draft.context, draft.header[FUZZ_CONTEXT_LEN]);
	to += draft.header[FUZZ_CONTEXT_LEN];
	memcpy(to, draft.insns, draft.count * sizeof(draft.insns[0]));
	to += draft.count * sizeof(draft.insns[0]);
	return to - data;
}

/* What libFuzzer calls to make an input of another. */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max,
			       unsigned int seed)
{
	u32 edits;

	if (max < HEADERS_MAX + 8 || seed % 5 == 0)
		return LLVMFuzzerMutate(data, size, max);
	read_draft(data, size, max, seed);
	if (draft.count > draft.room)
		return LLVMFuzzerMutate(data, size, max);
	for (edits = 1 + below(EDITS_MAX); edits; edits--)
		edit();
	if (!chance(16))
		repair();
	return write_draft(data);
}
