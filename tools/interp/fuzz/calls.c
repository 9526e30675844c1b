// SPDX-License-Identifier: GPL-2.0
/* Calls of helpers, with their arguments. */
#include <linux/kernel.h>
#include <uapi/linux/bpfsched.h>

#include "calls.h"
#include "interp.h"

/* Room that is left for what follows an argument. */
#define ARGUMENT_INSNS	12

/* Text is not longer, with its final NUL. */
#define TEXT_ROOM	32

/**
 * enum argument - what a helper takes
 * @ANYTHING: nothing is set up
 * @MAP: the handle of a map
 * @KEY: the address of a key
 * @VALUE: the address of a value
 * @FUNCTION: the handle of a function
 * @FLAGS: of an update
 * @FEW: a small number, 0 as a rule
 * @TURNS: how often a loop turns
 * @BUFFER: the address of as many bytes as @LEN says
 * @LEN: a length
 * @FORMAT: the address of a format
 * @NUMBER: the address of a number
 * @TEXT_LEN: the length of the text before, with its NUL
 * @VALUES: the address of what is to be printed
 * @VALUES_LEN: its length
 * @BASE: of a number
 * @RESULT: the address of 8 bytes
 * @OPTIONS: the address of struct bpfsched_followup
 */
enum argument {
	ANYTHING,
	MAP,
	KEY,
	VALUE,
	FUNCTION,
	FLAGS,
	FEW,
	TURNS,
	BUFFER,
	LEN,
	FORMAT,
	NUMBER,
	TEXT_LEN,
	VALUES,
	VALUES_LEN,
	BASE,
	RESULT,
	OPTIONS,
};

/**
 * struct helper - a helper
 * @id: its number
 * @args: what it takes in r1 to r5
 */
struct helper {
	s32 id;
	u8 args[5];
};

static const struct helper helpers[] = {
	{ BPF_FUNC_map_lookup_elem, { MAP, KEY } },
	{ BPF_FUNC_map_update_elem, { MAP, KEY, VALUE, FLAGS } },
	{ BPF_FUNC_map_delete_elem, { MAP, KEY } },
	{ BPF_FUNC_map_push_elem, { MAP, VALUE, FLAGS } },
	{ BPF_FUNC_map_pop_elem, { MAP, VALUE } },
	{ BPF_FUNC_map_peek_elem, { MAP, VALUE } },
	{ BPF_FUNC_for_each_map_elem, { MAP, FUNCTION, ANYTHING, FEW } },
	{ BPF_FUNC_map_lookup_percpu_elem, { MAP, KEY, FEW } },
	{ BPF_FUNC_ktime_get_ns, {} },
	{ BPF_FUNC_ktime_get_boot_ns, {} },
	{ BPF_FUNC_ktime_get_coarse_ns, {} },
	{ BPF_FUNC_ktime_get_tai_ns, {} },
	{ BPF_FUNC_jiffies64, {} },
	{ BPF_FUNC_get_prandom_u32, {} },
	{ BPF_FUNC_get_smp_processor_id, {} },
	{ BPF_FUNC_trace_printk, { FORMAT, TEXT_LEN, NUMBER } },
	{ BPF_FUNC_trace_vprintk, { FORMAT, TEXT_LEN, VALUES, VALUES_LEN } },
	{ BPF_FUNC_snprintf, { BUFFER, LEN, FORMAT, VALUES, VALUES_LEN } },
	{ BPF_FUNC_strtol, { NUMBER, TEXT_LEN, BASE, RESULT } },
	{ BPF_FUNC_strtoul, { NUMBER, TEXT_LEN, BASE, RESULT } },
	{ BPF_FUNC_strncmp, { NUMBER, TEXT_LEN, NUMBER } },
	{ BPF_FUNC_loop, { TURNS, FUNCTION, ANYTHING, FEW } },
	{ BPFSCHED_FUNC_job_id, {} },
	{ BPFSCHED_FUNC_release, {} },
	{ BPFSCHED_FUNC_deadline_ns, {} },
	{ BPFSCHED_FUNC_time_remaining_ns, {} },
	{ BPFSCHED_FUNC_budget_remaining, {} },
	{ BPFSCHED_FUNC_yield, {} },
	{ BPFSCHED_FUNC_emit, { BUFFER, LEN } },
	{ BPFSCHED_FUNC_submit_job, { FEW, BUFFER, LEN, OPTIONS } },
};

static const char *const formats[] = {
	"", "text", "%d", "%s", "%s %s", "%lx|%-5d", "%llu%%", "%c%s", "%099d",
	"%-20s.", "%p", "%100d", "%", "%d%d%d%d", "%i %X %lx %u", "\x01",
};

static const char *const numbers[] = {
	"", "0", "7", "-42", " \t123x", "0x", "0x1fF", "-0x8", "017", "09",
	"9223372036854775807", "-9223372036854775808", "18446744073709551615",
	"18446744073709551616", "ffff", "-", "      -1", "0xg", "\x80", "\3771",
};

static const s32 turns[] = {
	0, 1, 2, 3, 5, 17, 100, 2000, 1 << 23, (1 << 23) + 1, -1,
};

static const s32 bases[] = { 0, 0, 8, 10, 16, 2, 32, -1 };

/**
 * struct making - a call that is being made
 * @call: the call
 * @setting: where
 * @map: number of the map that it is about
 * @len: length of the buffer that it is about
 * @text_len: length of the text that was put somewhere last
 * @texts: bytes of text at the end of the context
 */
struct making {
	struct fuzz_call *call;
	const struct fuzz_setting *setting;
	u32 map;
	u32 len;
	u32 text_len;
	u32 texts;
};

static u32 below(const struct making *making, u32 limit)
{
	return making->setting->below(limit);
}

static bool chance(const struct making *making, u32 of)
{
	return !below(making, of);
}

static void add(struct making *making, struct bpf_insn insn)
{
	struct fuzz_call *call = making->call;

	if (call->count < FUZZ_CALL_INSNS)
		call->insns[call->count++] = insn;
}

static void add_wide(struct making *making, u8 reg, u8 kind, u64 value)
{
	/* both halves or none */
	if (making->call->count + 2 > FUZZ_CALL_INSNS)
		return;
	add(making, (struct bpf_insn) {
		.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = reg,
		.src_reg = kind, .imm = (u32)value,
	});
	add(making, (struct bpf_insn) { .imm = value >> 32 });
}

static void add_number(struct making *making, u8 reg, s32 number)
{
	add(making, (struct bpf_insn) {
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = reg,
		.imm = number,
	});
}

static void add_copy(struct making *making, u8 reg, u8 from)
{
	add(making, (struct bpf_insn) {
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = reg,
		.src_reg = from,
	});
}

static void add_frame_address(struct making *making, u8 reg, s32 offset)
{
	add_copy(making, reg, BPF_REG_10);
	add(making, (struct bpf_insn) {
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = reg,
		.imm = offset,
	});
}

static void add_store(struct making *making, s32 offset, s32 number)
{
	add(making, (struct bpf_insn) {
		.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10,
		.off = offset, .imm = number,
	});
}

static void add_call(struct making *making, s32 id)
{
	add(making, (struct bpf_insn) {
		.code = BPF_JMP | BPF_CALL, .imm = id,
	});
}

/* Where @len bytes are the last ones of @room, or nearly; or anywhere. */
static u32 place_in(struct making *making, u32 room, u32 len)
{
	u32 last = room > len ? room - len : 0;

	switch (below(making, 8)) {
	case 0:
		return last + 1;
	case 1:
		return below(making, room + 1);
	case 2:
		return 0;
	default:
		return last;
	}
}

static u32 map_room(const struct fuzz_map *map)
{
	return (map->max_entries - 1) * round_up(map->value_size, 8) +
	       map->value_size;
}

/* The address of @len bytes of a region of the table of regions. */
static void add_region_address(struct making *making, u8 reg, u32 len)
{
	const struct fuzz_setting *setting = making->setting;
	u32 section = below(making, FUZZ_SECTIONS);
	u32 map = below(making, setting->map_count);
	u32 region, room;

	if (chance(making, 2)) {
		region = INTERP_REGION_CONTEXT;
		room = setting->context_len;
	} else if (setting->map_count && chance(making, 2)) {
		region = INTERP_REGION_MAPS + map;
		room = map_room(&setting->maps[map]);
	} else {
		region = INTERP_REGION_SECTIONS + section;
		room = fuzz_section_len(section);
	}
	add_wide(making, reg, 0,
		 INTERP_ADDRESS(region, place_in(making, room, len)));
}

/* The address of something; there are @len bytes of it as a rule. */
static void add_address(struct making *making, u8 reg, u32 len)
{
	u32 window = INTERP_REGION_WINDOWS + below(making, 4);

	switch (below(making, 12)) {
	case 0:
		/* what a helper or another call has left */
		add_copy(making, reg, below(making, BPF_REG_10));
		break;
	case 1:
		add_wide(making, reg, 0, INTERP_ADDRESS(window, 0));
		break;
	case 2:
		add_number(making, reg, (s32)below(making, U32_MAX));
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		add_region_address(making, reg, len);
		break;
	default:
		add_frame_address(making, reg,
				  -(s32)INTERP_FRAME_SIZE +
				  (s32)place_in(making, INTERP_FRAME_SIZE,
						len));
	}
}

/* Text at the end of the context, before what is there already. */
static bool put_in_context(struct making *making, u8 reg, const char *text)
{
	const struct fuzz_setting *setting = making->setting;
	u32 len = strlen(text) + 1;
	u32 offset;

	making->texts += len;
	if (making->texts > setting->context_len)
		return false;
	offset = setting->context_len - making->texts;
	memcpy(setting->context + offset, text, len);
	add_wide(making, reg, 0, INTERP_ADDRESS(INTERP_REGION_CONTEXT, offset));
	return true;
}

static void put_in_frame(struct making *making, u8 reg, const char *text)
{
	s32 offset = -(s32)(1 + below(making, 3)) * TEXT_ROOM;
	char words[TEXT_ROOM] = "";
	s32 word;
	u32 at;

	strncpy(words, text, sizeof(words) - 1);
	for (at = 0; at <= strlen(words); at += sizeof(word)) {
		memcpy(&word, words + at, sizeof(word));
		add_store(making, offset + at, word);
	}
	add_frame_address(making, reg, offset);
}

static void add_text(struct making *making, u8 reg, const char *text)
{
	making->text_len = strlen(text) + 1;
	if (chance(making, 4) || !put_in_context(making, reg, text))
		put_in_frame(making, reg, text);
}

static s32 any_of(struct making *making, const s32 *choice, u32 count)
{
	return choice[below(making, count)];
}

static const char *any_text(struct making *making, const char *const *choice,
			    u32 count)
{
	return choice[below(making, count)];
}

static s32 near(struct making *making, s32 number)
{
	static const s32 far[] = { 0, 1, -1, 128, 256, 4096, S32_MAX };

	if (chance(making, 8))
		return number + 1;
	if (chance(making, 8))
		return any_of(making, far, ARRAY_SIZE(far));
	return number;
}

/* Numbers and a string in the frame. */
static void add_values(struct making *making, u8 reg)
{
	u32 at = below(making, 3) * sizeof(u64);

	add_text(making, BPF_REG_0,
		 any_text(making, numbers, ARRAY_SIZE(numbers)));
	add(making, (struct bpf_insn) {
		.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10,
		.src_reg = BPF_REG_0, .off = at - 200,
	});
	add_frame_address(making, reg, -200);
}

static void add_options(struct making *making, u8 reg)
{
	static const s32 sizes[] = { 56, 56, 56, 64, 48, 60, 4096, 4104, 0 };

	if (chance(making, 4)) {
		add_number(making, reg, 0);
		return;
	}
	add_store(making, -64, any_of(making, sizes, ARRAY_SIZE(sizes)));
	add_store(making, -60, below(making, 4));
	add_frame_address(making, reg, -64);
}

static void add_map(struct making *making, u8 reg)
{
	u32 map = making->map;

	if (making->setting->map_count && !chance(making, 8))
		add_wide(making, reg, BPF_PSEUDO_MAP_IDX, map);
	else
		add_wide(making, reg, 0,
			 INTERP_ADDRESS(INTERP_REGION_HANDLES, map));
}

static void add_function(struct making *making, u8 reg)
{
	struct fuzz_call *call = making->call;

	if (chance(making, 8)) {
		add_copy(making, reg, below(making, BPF_REG_10));
		return;
	}
	if (call->count + 2 > FUZZ_CALL_INSNS)
		return;
	call->function = call->count;
	add_wide(making, reg, BPF_PSEUDO_FUNC, 0);
}

/* The key of an element that there is as a rule; see map_fill(). */
static void add_key(struct making *making, u8 reg, u32 len)
{
	if (chance(making, 3)) {
		add_address(making, reg, len);
		return;
	}
	add_store(making, -8, below(making, 5));
	add_store(making, -4, 0);
	add_frame_address(making, reg, -8);
}

static void add_argument(struct making *making, u8 reg, enum argument argument)
{
	static const struct fuzz_map no_map = { .key_size = 4,
						.value_size = 8 };
	const struct fuzz_map *map = making->map < making->setting->map_count ?
				     &making->setting->maps[making->map] :
				     &no_map;

	switch (argument) {
	case ANYTHING:
		break;
	case MAP:
		add_map(making, reg);
		break;
	case KEY:
		add_key(making, reg, map->key_size);
		break;
	case VALUE:
		add_address(making, reg, map->value_size);
		break;
	case FUNCTION:
		add_function(making, reg);
		break;
	case FLAGS:
		add_number(making, reg, chance(making, 2) ? 0 :
						(s32)below(making, 5) - 1);
		break;
	case FEW:
		add_number(making, reg, chance(making, 4) ? below(making, 4) :
							    0);
		break;
	case TURNS:
		add_number(making, reg,
			   any_of(making, turns, ARRAY_SIZE(turns)));
		break;
	case BUFFER:
		add_address(making, reg, making->len);
		break;
	case LEN:
		add_number(making, reg, near(making, making->len));
		break;
	case FORMAT:
		add_text(making, reg,
			 any_text(making, formats, ARRAY_SIZE(formats)));
		break;
	case NUMBER:
		add_text(making, reg,
			 any_text(making, numbers, ARRAY_SIZE(numbers)));
		break;
	case TEXT_LEN:
		add_number(making, reg, near(making, making->text_len));
		break;
	case VALUES:
		add_values(making, reg);
		break;
	case VALUES_LEN:
		add_number(making, reg, near(making, below(making, 14) * 8));
		break;
	case BASE:
		add_number(making, reg,
			   any_of(making, bases, ARRAY_SIZE(bases)));
		break;
	case RESULT:
		add_address(making, reg, sizeof(u64));
		break;
	case OPTIONS:
		add_options(making, reg);
		break;
	}
}

static bool is_queue(const struct fuzz_map *map)
{
	return map->type == BPF_MAP_TYPE_QUEUE ||
	       map->type == BPF_MAP_TYPE_STACK;
}

/* A map that can do what the helper wants of it, if there is one. */
static u32 map_for(struct making *making, s32 id)
{
	const struct fuzz_setting *setting = making->setting;
	bool queue = id == BPF_FUNC_map_push_elem ||
		     id == BPF_FUNC_map_pop_elem ||
		     id == BPF_FUNC_map_peek_elem;
	u32 tries, map = 0;

	for (tries = 0; tries < 8; tries++) {
		map = below(making, setting->map_count);
		if (setting->map_count && is_queue(&setting->maps[map]) ==
					  queue)
			break;
	}
	return map;
}

static struct making begin(struct fuzz_call *call,
			   const struct fuzz_setting *setting)
{
	static const s32 lens[] = { 1, 2, 4, 5, 8, 16, 32, 100, 260, 512,
				    4096 };
	struct making making = { .call = call, .setting = setting };

	*call = (struct fuzz_call) { .function = -1 };
	making.len = any_of(&making, lens, ARRAY_SIZE(lens));
	return making;
}

static bool gives_address(s32 id)
{
	return id == BPF_FUNC_map_lookup_elem ||
	       id == BPF_FUNC_map_lookup_percpu_elem;
}

/* If r0 is an address, an access there, to the last byte or the next. */
static void add_access(struct making *making, u8 reg, u32 len)
{
	bool load = chance(making, 2);

	add(making, (struct bpf_insn) {
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = reg, .off = 1,
	});
	add(making, (struct bpf_insn) {
		.code = (load ? BPF_LDX : BPF_STX) | BPF_MEM | BPF_B,
		.dst_reg = load ? BPF_REG_1 : reg,
		.src_reg = load ? reg : BPF_REG_10,
		.off = place_in(making, len, 1),
	});
}

/* The same, to a value of the map. */
static void add_value_access(struct making *making, u8 reg)
{
	if (making->map < making->setting->map_count)
		add_access(making, reg,
			   making->setting->maps[making->map].value_size);
}

/* Keep the address that came of a look-up for one of the first few turns. */
static void add_keeping(struct making *making, u8 kept, u8 turn)
{
	add(making, (struct bpf_insn) {
		.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = turn,
		.imm = below(making, 8), .off = 1,
	});
	add_copy(making, kept, BPF_REG_0);
}

/*
 * A look at one element after the other, of more than there are windows. One of
 * their addresses is used at the end, or whatever else a register holds.
 */
static void make_tour(struct making *making)
{
	u8 turn = BPF_REG_6 + below(making, 2);
	u8 kept = BPF_REG_8 + below(making, 2);
	u32 first;

	making->map = map_for(making, BPF_FUNC_map_lookup_elem);
	add_number(making, turn, below(making, 4));
	add_store(making, -4, 0);
	first = making->call->count;
	add(making, (struct bpf_insn) {
		.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10,
		.src_reg = turn, .off = -8,
	});
	add_map(making, BPF_REG_1);
	add_frame_address(making, BPF_REG_2, -8);
	add_call(making, BPF_FUNC_map_lookup_elem);
	if (chance(making, 2))
		add_keeping(making, kept, turn);
	if (chance(making, 2))
		add_value_access(making, BPF_REG_0);
	add(making, (struct bpf_insn) {
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = turn, .imm = 1,
	});
	add(making, (struct bpf_insn) {
		.code = BPF_JMP | BPF_JLT | BPF_K, .dst_reg = turn,
		.imm = chance(making, 2) ? 70 : 1 + below(making, 72),
		.off = (s16)first - (s16)making->call->count - 1,
	});
	add_value_access(making, kept);
}

static void make_call(struct making *making, const struct helper *helper)
{
	u32 i;

	making->map = map_for(making, helper->id);
	for (i = 0; i < ARRAY_SIZE(helper->args); i++) {
		/* no argument is worth a call that is not made */
		if (making->call->count + ARGUMENT_INSNS > FUZZ_CALL_INSNS)
			break;
		add_argument(making, BPF_REG_1 + i, helper->args[i]);
	}
	if (chance(making, 6)) {
		add_number(making, BPF_REG_0, helper->id);
		add(making, (struct bpf_insn) {
			.code = BPF_JMP | BPF_CALL | BPF_X,
			.dst_reg = BPF_REG_0,
		});
	} else {
		add_call(making, helper->id);
	}
	if (gives_address(helper->id))
		add_value_access(making, BPF_REG_0);
	if (chance(making, 4))
		add_copy(making, BPF_REG_6 + below(making, 4), BPF_REG_0);
}

/* The table above has to have all that there are. */
static void expect_all(void)
{
	static bool done;
	size_t i;
	s32 id;

	for (id = 0; id < BPFSCHED_FUNC_FIRST + 256 && !done; id++) {
		if (interp_helper_index(id) < 0)
			continue;
		for (i = 0; i < ARRAY_SIZE(helpers); i++) {
			if (helpers[i].id == id)
				break;
		}
		if (i == ARRAY_SIZE(helpers)) {
			fprintf(stderr, "helper %d is not one that the fuzzers know\n",
				id);
			abort();
		}
	}
	done = true;
}

/**
 * fuzz_any_helper() - the number of a helper
 * @below: a random number less than the one that it gets
 */
s32 fuzz_any_helper(u32 (*below)(u32 limit))
{
	expect_all();
	return helpers[below(ARRAY_SIZE(helpers))].id;
}

/**
 * fuzz_call_make() - make a call of a helper
 * @call: set
 * @setting: where
 */
void fuzz_call_make(struct fuzz_call *call, const struct fuzz_setting *setting)
{
	struct making making = begin(call, setting);

	expect_all();
	if (chance(&making, 8))
		make_tour(&making);
	else
		make_call(&making,
			  &helpers[below(&making, ARRAY_SIZE(helpers))]);
}

/**
 * fuzz_callback_make() - make a function that a helper can call back
 * @call: set
 * @setting: where
 */
void fuzz_callback_make(struct fuzz_call *call,
			const struct fuzz_setting *setting)
{
	struct making making = begin(call, setting);

	if (chance(&making, 2))
		add_access(&making, BPF_REG_2 + below(&making, 2),
			   1 + below(&making, 16));
	if (chance(&making, 3))
		add_call(&making, BPFSCHED_FUNC_yield);
	else if (chance(&making, 2))
		make_call(&making, &helpers[below(&making,
						  ARRAY_SIZE(helpers))]);
	if (!chance(&making, 4))
		add_number(&making, BPF_REG_0, chance(&making, 4));
	add(&making, (struct bpf_insn) { .code = BPF_JMP | BPF_EXIT });
}
