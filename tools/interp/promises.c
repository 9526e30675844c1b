// SPDX-License-Identifier: GPL-2.0
/*
 * What the sandbox promises between runs and between safe points, where it can be
 * seen without a kernel: that a state which goes from one run to the next holds
 * nothing of the first, that each helper counts what it does before it does it,
 * whichever way the call ends, and that each asks for the rights that it takes.
 * Prints KTAP.
 *
 *	interp-promises
 *	interp-promises --times
 *
 * With --times it prints for each of these calls what it takes, and how long it
 * is from one safe point to the next in a program that does nothing else. All
 * stretches of a program do the same; what the machine does besides is not told
 * apart in a single one, so that this is their mean.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include <time.h>

#include "engine.h"
#include "interp.h"
#include "maps.h"
#include "shim.h"

#define INSNS_MAX	40100
#define CALLS		40000
#define SECTION		65536
#define WALKED		256	/* elements of the map that is gone through */

#define INSN(c, d, s, o, i)						\
	((struct bpf_insn) { .code = (c), .dst_reg = (d), .src_reg = (s), \
			     .off = (o), .imm = (i) })
#define DATA(offset)	INTERP_ADDRESS(INTERP_REGION_SECTIONS, offset)
#define HANDLE(map)	INTERP_ADDRESS(INTERP_REGION_HANDLES, map)

#define die(format, ...)						\
do {									\
	fprintf(stderr, "interp-promises: " format "\n", ##__VA_ARGS__); \
	exit(1);							\
} while (0)

static struct bpf_insn insns[INSNS_MAX];
static u32 insn_count;
static u8 data[SECTION];
static u32 tests, failures;

static void put(struct bpf_insn insn)
{
	insns[insn_count++] = insn;
}

static void put_lddw(u8 dst, u8 kind, u64 value)
{
	put(INSN(BPF_LD | BPF_IMM | BPF_DW, dst, kind, 0, value));
	put(INSN(0, 0, 0, 0, value >> 32));
}

static void put_exit(void)
{
	put(INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

static void report(const char *name, const char *engine, const char *wrong)
{
	if (wrong) {
		failures++;
		printf("# %s\n", wrong);
	}
	printf("%s %u interp-promises.%s.%s\n", wrong ? "not ok" : "ok",
	       ++tests, engine, name);
}

/* The maps of all programs here, by number. */
enum {
	MAP_HASH,
	MAP_LONG_KEYS,
	MAP_LONG_VALUES,
	MAP_TOO_LONG,
	MAP_QUEUE,
	MAP_PER_CPU,
	MAP_WALKED,
	MAPS,
};

static struct bpfsched_map maps[MAPS];

static void make_maps(void)
{
	struct bpf_map *made[MAPS] = {
		[MAP_HASH] = map_new(BPF_MAP_TYPE_HASH, 8, 8, 8, 0),
		[MAP_LONG_KEYS] = map_new(BPF_MAP_TYPE_HASH, 512, 8, 8, 0),
		[MAP_LONG_VALUES] = map_new(BPF_MAP_TYPE_HASH, 8, 32768, 2, 0),
		[MAP_TOO_LONG] = map_new(BPF_MAP_TYPE_HASH, 8, 65536, 2, 0),
		[MAP_QUEUE] = map_new(BPF_MAP_TYPE_QUEUE, 0, 32768, 2, 0),
		[MAP_PER_CPU] = map_new(BPF_MAP_TYPE_PERCPU_HASH, 8, 24, 8, 0),
		[MAP_WALKED] = map_new(BPF_MAP_TYPE_HASH, 8, 8, 2 * WALKED, 0),
	};
	u32 i;

	for (i = 0; i < MAPS; i++) {
		map_fill(made[i]);
		maps[i] = (struct bpfsched_map) {
			.map = made[i], .readable = true, .writable = true,
		};
	}
}

static void *load(const struct bpfsched_engine_ops *ops)
{
	const struct bpfsched_memory section = { .base = data, .len = SECTION };
	const struct bpfsched_code code = {
		.insns = insns, .insn_count = insn_count,
		.section_count = 1, .sections = &section,
		.map_count = MAPS, .maps = maps,
	};
	struct bpfsched_log log = {};
	void *image;

	if (ops->load(&code, &log, &image))
		die("%s", log.text);
	return image;
}

static u64 no_number(void *host)
{
	return 0;
}

static s64 no_time(void *host)
{
	return 0;
}

static int no_event(void *host, const void *bytes, u32 len)
{
	return 0;
}

static s64 no_job(void *host, u32 index, const void *context, u32 len,
		  const struct bpfsched_followup *options)
{
	return -ENOENT;
}

static const struct bpfsched_host_ops host_ops = {
	.job_id = no_number,
	.release = no_number,
	.deadline_ns = no_number,
	.time_remaining_ns = no_time,
	.emit = no_event,
	.submit = no_job,
};

static enum bpfsched_outcome run(const struct bpfsched_engine_ops *ops,
				 void *image, struct interp_state *state,
				 struct bpfsched_result *result)
{
	const struct bpfsched_exec_params params = {
		.image = image, .budget_insns = 1000000, .host = &host_ops,
	};
	u32 control = BPFSCHED_CONTROL_RUN;
	enum bpfsched_outcome outcome;

	ops->start(state, &params);
	outcome = ops->run(state, &control, result);
	ops->finish(state);
	return outcome;
}

/* Nothing of what a run leaves behind. */

#define SECRET		0x5ec2e75ec2e75ec2ULL

/* Fills the frame of a function with the secret, and calls itself. */
static void draw_secrets(void)
{
	s32 offset;
	u32 again;

	insn_count = 0;
	memset(data, 0, sizeof(data));
	strcpy((char *)data, "secret of another");
	/* Through all windows, and into the room for texts. */
	put_lddw(1, BPF_PSEUDO_MAP_IDX, MAP_HASH);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0));
	put(INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8));
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem));
	put_lddw(1, 0, 0);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0));
	put_lddw(3, BPF_PSEUDO_MAP_IDX_VALUE, 0);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0));
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 5, 0, 0, 0));
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_snprintf));
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 2));
	put(INSN(BPF_LD | BPF_IMM | BPF_DW, 2, BPF_PSEUDO_FUNC, 0, 5));
	put(INSN(0, 0, 0, 0, 0));
	put_lddw(3, 0, SECRET);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0));
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_loop));
	put_exit();
	again = insn_count;
	insns[again - 7].imm = again - (again - 7) - 1;
	put_lddw(6, 0, SECRET);
	for (offset = -512; offset < 0; offset += 8)
		put(INSN(BPF_STX | BPF_MEM | BPF_DW, 10, 6, offset, 0));
	put(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0,
		 again - insn_count - 1));
	put_exit();
}

static bool is_zero(const void *bytes, size_t len)
{
	const u8 *byte = bytes;

	while (len && !*byte) {
		byte++;
		len--;
	}
	return !len;
}

#define IS_ZERO(field)	is_zero(&state->field, sizeof(state->field))

static const char *find_rest(const struct interp_state *state)
{
	if (!IS_ZERO(stack))
		return "the stack is not cleared";
	if (!IS_ZERO(text))
		return "the room for texts is not cleared";
	if (!IS_ZERO(frames) || !IS_ZERO(call_back) || !IS_ZERO(array_keys) ||
	    !IS_ZERO(hash_keys))
		return "the frames are not cleared";
	if (!IS_ZERO(windows))
		return "the windows are not closed";
	if (!is_zero(&state->regions[INTERP_REGION_SECTIONS],
		     (INTERP_REGIONS - INTERP_REGION_SECTIONS) *
		     sizeof(state->regions[0])))
		return "a region is not cleared";
	if (!is_zero(&state->regs[BPF_REG_2], 8 * sizeof(u64)) ||
	    state->regs[BPF_REG_0])
		return "a register is not cleared";
	if (!IS_ZERO(fault) || !IS_ZERO(nothing))
		return "the fault is not cleared";
	if (state->loop != state->insns || state->limit != state->insns)
		return "a place in the other program is left";
	return NULL;
}

static void test_stale(const struct bpfsched_engine_ops *ops)
{
	static const struct bpf_insn exits[] = {
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct bpfsched_code code = { .insns = exits, .insn_count = 1 };
	struct interp_state *state = calloc(1, ops->state_size);
	struct bpfsched_exec_params params = { .budget_insns = 1 };
	struct bpfsched_log log = {};
	struct bpfsched_result result;
	void *first, *second;

	draw_secrets();
	first = load(ops);
	if (!state || ops->load(&code, &log, &second))
		die("%s", log.text);
	if (run(ops, first, state, &result) != BPFSCHED_FAULTED ||
	    result.fault.kind != BPFSCHED_FAULT_CALL_DEPTH ||
	    is_zero(state->stack, sizeof(state->stack)) ||
	    !state->windows.count || !state->text[0])
		die("there are no secrets");
	params.image = second;
	ops->start(state, &params);
	report("stale", ops->name, find_rest(state));
	ops->finish(state);
	ops->unload(first);
	ops->unload(second);
	free(state);
}

/**
 * struct call - a call of a helper
 * @name: for people
 * @helper: its number
 * @args: r1 to r5
 * @work: what it has to count, at least; with the most that it may be, twice that
 * @size: first word of the data, for options
 * @early: the kernel has no entropy yet
 */
struct call {
	const char *name;
	s32 helper;
	u64 args[5];
	u32 work;
	u32 size;
	bool early;
};

#define FORMAT_AT	32768
#define ARGS_AT		33024
#define KEY_AT		33536
#define STRING_AT	36864

static const struct call calls[] = {
	{ "clock", BPF_FUNC_ktime_get_ns, {}, 32 },
	{ "boot clock", BPF_FUNC_ktime_get_boot_ns, {}, 32 },
	{ "coarse clock", BPF_FUNC_ktime_get_coarse_ns, {}, 32 },
	{ "TAI clock", BPF_FUNC_ktime_get_tai_ns, {}, 32 },
	{ "random number", BPF_FUNC_get_prandom_u32, {}, 32 },
	{ "early random number", BPF_FUNC_get_prandom_u32, {}, 2048,
	  .early = true },
	{ "time remaining", BPFSCHED_FUNC_time_remaining_ns, {}, 32 },
	{ "emit", BPFSCHED_FUNC_emit, { DATA(0), 4096 }, 1024 + 4096 },
	{ "emit what may not be read", BPFSCHED_FUNC_emit,
	  { DATA(SECTION - 8), 4096 }, 1024 + 4096 },
	{ "submit", BPFSCHED_FUNC_submit_job, { 0, DATA(8), 4096, 0 },
	  8192 + 4096 },
	{ "submit, options", BPFSCHED_FUNC_submit_job, { 0, 0, 0, DATA(0) },
	  8192 + 56, 56 },
	{ "submit, options that end with a 1", BPFSCHED_FUNC_submit_job,
	  { 0, 0, 0, DATA(0) }, 8192 + 4096, 4096 },
	{ "submit, options that are too long", BPFSCHED_FUNC_submit_job,
	  { 0, 0, 0, DATA(0) }, 8192, 8192 },
	{ "snprintf, 12 strings", BPF_FUNC_snprintf,
	  { DATA(40960), 2048, DATA(FORMAT_AT), DATA(ARGS_AT), 96 },
	  128 + 12 * (256 + 4 * 127) + 12 * 127 },
	{ "snprintf, no format ends", BPF_FUNC_snprintf,
	  { 0, 0, DATA(STRING_AT), 0, 0 }, 128 + 4 * 256 },
	{ "snprintf, a wrong format", BPF_FUNC_snprintf,
	  { DATA(40960), 2048, DATA(FORMAT_AT), DATA(ARGS_AT), 88 },
	  128 + 11 * (256 + 4 * 127) },
	{ "trace_vprintk, 12 strings", BPF_FUNC_trace_vprintk,
	  { DATA(FORMAT_AT), 49, DATA(ARGS_AT), 96 },
	  1024 + 12 * (256 + 4 * 127) },
	{ "trace_printk", BPF_FUNC_trace_printk,
	  { DATA(FORMAT_AT), 49, DATA(STRING_AT), DATA(STRING_AT),
	    DATA(STRING_AT) }, 1024 + 3 * (256 + 4 * 127) },
	{ "strncmp", BPF_FUNC_strncmp,
	  { DATA(STRING_AT), 4096, DATA(STRING_AT) }, 4 * 4096 },
	{ "strtol, blanks", BPF_FUNC_strtol,
	  { DATA(45056), 4096, 0, DATA(KEY_AT + 512) }, 2 * 4096 },
	{ "strtoul, blanks", BPF_FUNC_strtoul,
	  { DATA(45056), 4096, 0, DATA(KEY_AT + 512) }, 2 * 4096 },
	{ "look-up", BPF_FUNC_map_lookup_elem,
	  { HANDLE(MAP_HASH), DATA(KEY_AT) }, 128 + 8 },
	{ "look-up, long key", BPF_FUNC_map_lookup_elem,
	  { HANDLE(MAP_LONG_KEYS), DATA(KEY_AT) }, 128 + 512 },
	{ "look-up for a CPU", BPF_FUNC_map_lookup_percpu_elem,
	  { HANDLE(MAP_PER_CPU), DATA(KEY_AT), 0 }, 128 + 8 },
	{ "update", BPF_FUNC_map_update_elem,
	  { HANDLE(MAP_HASH), DATA(KEY_AT), DATA(0) }, 256 + 8 + 8 },
	{ "update, long key", BPF_FUNC_map_update_elem,
	  { HANDLE(MAP_LONG_KEYS), DATA(KEY_AT), DATA(0) }, 256 + 2 * 512 },
	{ "update, long value", BPF_FUNC_map_update_elem,
	  { HANDLE(MAP_LONG_VALUES), DATA(KEY_AT), DATA(0) }, 32768 + 256 },
	{ "update for all CPUs", BPF_FUNC_map_update_elem,
	  { HANDLE(MAP_PER_CPU), DATA(KEY_AT), DATA(0) }, 256 + 8 + 2 * 24 },
	{ "update, no value", BPF_FUNC_map_update_elem,
	  { HANDLE(MAP_LONG_KEYS), DATA(KEY_AT), 0 }, 512 },
	{ "delete", BPF_FUNC_map_delete_elem,
	  { HANDLE(MAP_LONG_KEYS), DATA(KEY_AT) }, 256 + 2 * 512 },
	{ "push", BPF_FUNC_map_push_elem, { HANDLE(MAP_QUEUE), DATA(0), 2 },
	  32768 },
	{ "pop", BPF_FUNC_map_pop_elem, { HANDLE(MAP_QUEUE), DATA(0) }, 32768 },
	{ "peek", BPF_FUNC_map_peek_elem, { HANDLE(MAP_QUEUE), DATA(0) },
	  32768 },
};

static void fill_data(const struct call *call)
{
	u32 i;

	memset(data, 0, sizeof(data));
	memcpy(data, &call->size, sizeof(call->size));
	if (call->size)
		data[call->size - 1] = call->size > 56;
	for (i = 0; i < 12; i++) {
		u64 string = DATA(STRING_AT);

		memcpy(data + FORMAT_AT + 4 * i, "%99s", 4);
		memcpy(data + ARGS_AT + 8 * i, &string, sizeof(string));
	}
	memset(data + STRING_AT, 'a', 4096);
	memset(data + 45056, ' ', 4096);
}

/* One call, at the beginning of a slice. */
static const char *try_call(const struct bpfsched_engine_ops *ops,
			    const struct call *call, void *image,
			    struct interp_state *state)
{
	const struct bpfsched_exec_params params = {
		.image = image, .budget_insns = 1000000, .host = &host_ops,
	};
	static char wrong[160];

	fill_data(call);
	interp_shim.no_entropy = call->early;
	ops->start(state, &params);
	memcpy(&state->regs[BPF_REG_1], call->args, sizeof(call->args));
	interp_helpers[interp_helper_index(call->helper)]
		.call(state, &state->regs[BPF_REG_1]);
	ops->finish(state);
	interp_shim.no_entropy = false;
	if (state->work >= call->work && state->work <= 3 * call->work)
		return NULL;
	snprintf(wrong, sizeof(wrong), "%s counts %llu, not %u", call->name,
		 (u64)state->work, call->work);
	return wrong;
}

static void test_work(const struct bpfsched_engine_ops *ops)
{
	struct interp_state *state = calloc(1, ops->state_size);
	const char *wrong = NULL;
	void *image;
	size_t i;

	insn_count = 0;
	put_exit();
	image = load(ops);
	for (i = 0; i < ARRAY_SIZE(calls) && !wrong; i++)
		wrong = try_call(ops, &calls[i], image, state);
	report("work", ops->name, wrong);
	ops->unload(image);
	free(state);
}

/* A value that is too long to be copied at once is not. */
static void test_too_long(const struct bpfsched_engine_ops *ops)
{
	struct interp_state *state = calloc(1, ops->state_size);
	struct bpfsched_result result;
	void *image;

	insn_count = 0;
	put_lddw(1, BPF_PSEUDO_MAP_IDX, MAP_TOO_LONG);
	put_lddw(2, BPF_PSEUDO_MAP_IDX_VALUE, 0);
	put_lddw(3, BPF_PSEUDO_MAP_IDX_VALUE, 0);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0));
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_update_elem));
	put_exit();
	image = load(ops);
	report("too-long", ops->name,
	       run(ops, image, state, &result) == BPFSCHED_DONE &&
	       (s64)result.r0 == -E2BIG ? NULL : "it is copied");
	ops->unload(image);
	free(state);
}

/**
 * struct right - what a call, or an access to what was looked up, takes
 * @name: for people
 * @map: which map
 * @helper: the call
 * @access: code of the access; 0: none
 * @imm: immediate of the access
 * @reads: it takes the right to read
 * @writes: it takes the right to write
 */
struct right {
	const char *name;
	u32 map;
	s32 helper;
	u8 access;
	s32 imm;
	bool reads;
	bool writes;
};

#define ATOMIC		(BPF_STX | BPF_ATOMIC | BPF_DW)

/* From what bpf(2) asks of descriptors; not from the interpreter's own table. */
static const struct right rights[] = {
	{ "look-up", MAP_HASH, BPF_FUNC_map_lookup_elem },
	{ "look-up for a CPU", MAP_PER_CPU, BPF_FUNC_map_lookup_percpu_elem },
	{ "update", MAP_HASH, BPF_FUNC_map_update_elem, .writes = true },
	{ "delete", MAP_HASH, BPF_FUNC_map_delete_elem, .writes = true },
	{ "push", MAP_QUEUE, BPF_FUNC_map_push_elem, .writes = true },
	{ "pop", MAP_QUEUE, BPF_FUNC_map_pop_elem, .reads = true,
	  .writes = true },
	{ "peek", MAP_QUEUE, BPF_FUNC_map_peek_elem, .reads = true },
	{ "for-each", MAP_HASH, BPF_FUNC_for_each_map_elem, .reads = true },
	{ "load", MAP_HASH, BPF_FUNC_map_lookup_elem,
	  BPF_LDX | BPF_MEM | BPF_DW, .reads = true },
	{ "store", MAP_HASH, BPF_FUNC_map_lookup_elem,
	  BPF_STX | BPF_MEM | BPF_DW, .writes = true },
	{ "atomic", MAP_HASH, BPF_FUNC_map_lookup_elem, ATOMIC, BPF_ADD,
	  .writes = true },
	{ "atomic that fetches", MAP_HASH, BPF_FUNC_map_lookup_elem, ATOMIC,
	  BPF_ADD | BPF_FETCH, .reads = true, .writes = true },
	{ "exchange", MAP_HASH, BPF_FUNC_map_lookup_elem, ATOMIC, BPF_XCHG,
	  .reads = true, .writes = true },
	{ "comparing exchange", MAP_HASH, BPF_FUNC_map_lookup_elem, ATOMIC,
	  BPF_CMPXCHG, .reads = true, .writes = true },
};

static void draw_right(const struct right *right)
{
	bool calls_back = right->helper == BPF_FUNC_for_each_map_elem;
	u32 function;

	insn_count = 0;
	memset(data, 0, sizeof(data));
	put_lddw(1, BPF_PSEUDO_MAP_IDX, right->map);
	put_lddw(2, BPF_PSEUDO_MAP_IDX_VALUE, 0);
	put_lddw(3, calls_back ? 0 : BPF_PSEUDO_MAP_IDX_VALUE, 0);
	if (right->map == MAP_QUEUE || right->map == MAP_PER_CPU)
		put_lddw(3, 0, 0);
	function = insn_count;
	if (calls_back)
		put_lddw(2, BPF_PSEUDO_FUNC, 0);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0));
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, right->helper));
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 0, 0, 0));
	if (right->access)
		put(INSN(right->access, 6, 6, 0, right->imm));
	put_exit();
	if (!calls_back)
		return;
	insns[function].imm = insn_count - function - 1;
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0));
	put_exit();
}

static bool is_granted(const struct bpfsched_engine_ops *ops,
		       const struct right *right, struct interp_state *state)
{
	enum bpfsched_outcome outcome;
	struct bpfsched_result result;
	void *image;

	draw_right(right);
	/* The call before may have deleted something. */
	map_fill(maps[right->map].map);
	image = load(ops);
	outcome = run(ops, image, state, &result);
	ops->unload(image);
	if (right->access)
		return outcome == BPFSCHED_DONE;
	if (outcome != BPFSCHED_DONE)
		die("%s is no call", right->name);
	return (s64)result.r0 != -EPERM;
}

/* Each with all rights, and with one of them, of the descriptor or the map. */
static const char *try_right(const struct bpfsched_engine_ops *ops,
			     const struct right *right,
			     struct interp_state *state)
{
	struct bpfsched_map *map = &maps[right->map];
	const u32 flags = map->map->map_flags;
	static char wrong[160];
	u32 turn;

	for (turn = 0; turn < 5; turn++) {
		bool readable = turn != 1 && turn != 2;
		bool writable = turn != 3 && turn != 4;
		bool granted;

		map->readable = turn != 1;
		map->writable = turn != 3;
		if (turn == 2)
			map->map->map_flags |= BPF_F_WRONLY_PROG;
		if (turn == 4)
			map->map->map_flags |= BPF_F_RDONLY_PROG;
		granted = is_granted(ops, right, state);
		map->map->map_flags = flags;
		map->readable = true;
		map->writable = true;
		map_fill(map->map);
		if (granted == ((readable || !right->reads) &&
				(writable || !right->writes)))
			continue;
		snprintf(wrong, sizeof(wrong), "%s %s with%s reading, with%s writing",
			 right->name, granted ? "works" : "is refused",
			 readable ? "" : "out", writable ? "" : "out");
		return wrong;
	}
	return NULL;
}

static void test_rights(const struct bpfsched_engine_ops *ops)
{
	struct interp_state *state = calloc(1, ops->state_size);
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rights) && !wrong; i++)
		wrong = try_right(ops, &rights[i], state);
	report("rights", ops->name, wrong);
	free(state);
}

/* Walks of a hash, in pieces. */

/**
 * struct looks - what a map is asked while it is gone through
 * @count: how often, so far, it has looked for a key
 * @deletes: the look at which the key is deleted that is looked for; 0: none
 * @state: the run
 * @work: what was counted at the last look
 * @least: the least from one look to the next, while callbacks are made
 */
static struct looks {
	u32 count;
	u32 deletes;
	const struct interp_state *state;
	u64 work;
	u64 least;
} looks;

static void count_look(const void *key)
{
	struct bpf_map *map = maps[MAP_WALKED].map;

	/* With a safe point in between nothing is known. */
	if (looks.count > 2 * WALKED + 1 && looks.state->work > looks.work)
		looks.least = min(looks.least, looks.state->work - looks.work);
	looks.work = looks.state->work;
	if (++looks.count == looks.deletes)
		map->ops->map_delete_elem(map, (void *)key);
}

static void begin_looks(const struct interp_state *state, u32 deletes)
{
	map_fill(maps[MAP_WALKED].map);
	looks = (struct looks) {
		.deletes = deletes, .state = state, .least = U64_MAX,
	};
	map_key_hook = count_look;
}

/* One walk, whose function begins behind it. */
static void put_walk(u32 map)
{
	put_lddw(1, BPF_PSEUDO_MAP_IDX, map);
	put_lddw(2, BPF_PSEUDO_FUNC, 6);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0));
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0));
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_for_each_map_elem));
}

/* Goes through @map, with @nested in each callback again, and counts callbacks. */
static void draw_walk(u32 map, bool nested)
{
	insn_count = 0;
	put_walk(map);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 0, 0, 0));
	put_exit();
	if (nested) {
		put_walk(map);
		put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0));
		put_exit();
	}
	put_lddw(1, BPF_PSEUDO_MAP_IDX_VALUE, 0);
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 1));
	put(INSN(ATOMIC, 1, 2, 0, BPF_ADD));
	put(INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0));
	put_exit();
}

/* Each piece counts what it asks the map, before the slice ends behind it. */
static const char *try_pieces(struct interp_state *state, void *image)
{
	const struct bpfsched_exec_params params = {
		.image = image, .budget_insns = 1000000,
	};
	const u64 args[] = {
		HANDLE(MAP_WALKED), INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 0),
		0, 0, 0,
	};
	const char *wrong = NULL;
	u32 pieces = 0, before;
	struct interp_walk *walk;

	begin_looks(state, 0);
	interp_start(state, &params);
	do {
		state->work = 0;
		state->event = INTERP_EVENT_NONE;
		before = looks.count;
		interp_helpers[interp_helper_index(BPF_FUNC_for_each_map_elem)]
			.call(state, args);
		pieces++;
		/* Of three that are counted for a key a map tells of two. */
		if (state->work < 2 * WALKED +
				  (looks.count - before) / 2 * 3 * (128 + 8))
			wrong = "a piece is not counted";
		if (state->work > INTERP_WORK_MAX + 3 * (128 + 8) + 2 * WALKED)
			wrong = "a piece is too long";
	} while (state->event == INTERP_EVENT_AGAIN && pieces < 1000);
	if (pieces < 4)
		wrong = "there are no pieces";
	walk = state->walks;
	state->work = 0;
	interp_finish(state);
	if (state->work < 64)
		wrong = "what is freed is not counted";
	if (!walk || state->walks || !IS_ZERO(hash_keys))
		wrong = "what was collected is left";
	map_key_hook = NULL;
	return wrong;
}

/* Which look finds a key deleted: while keys are collected, or called back for. */
static const char *try_walk(const struct bpfsched_engine_ops *ops,
			    struct interp_state *state, void *image, u32 deletes)
{
	struct bpfsched_result result;

	begin_looks(state, deletes);
	memset(data, 0, sizeof(data));
	run(ops, image, state, &result);
	map_key_hook = NULL;
	if (!deletes && looks.least < 64 + 128 + 8)
		return "a callback is not counted";
	return result.r0 == WALKED - !!deletes ? NULL :
	       "elements do not come once each";
}

static void test_walk(const struct bpfsched_engine_ops *ops)
{
	static const u32 deletes[] = { 0, 100, 2 * WALKED + 50 };
	struct interp_state *state = calloc(1, ops->state_size);
	struct bpfsched_result result;
	const char *wrong;
	void *image;
	size_t i;

	draw_walk(MAP_WALKED, false);
	image = load(ops);
	wrong = try_pieces(state, image);
	for (i = 0; i < ARRAY_SIZE(deletes) && !wrong; i++)
		wrong = try_walk(ops, state, image, deletes[i]);
	ops->unload(image);
	draw_walk(MAP_HASH, true);
	map_fill(maps[MAP_HASH].map);
	image = load(ops);
	memset(data, 0, sizeof(data));
	if (!wrong && (run(ops, image, state, &result) != BPFSCHED_DONE ||
		       result.r0 != 4 || data[0] != 4 * 4))
		wrong = "a walk within a walk is not one of its own";
	ops->unload(image);
	report("walk", ops->name, wrong);
	free(state);
}

/* Times: calls one after the other, as a hostile program would make them. */

static u64 safe_points;

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void count_safe_point(void *unused)
{
	safe_points++;
}

static void put_call(const struct call *call)
{
	u32 i;

	for (i = 0; i < 5; i++)
		put_lddw(BPF_REG_1 + i, 0, call->args[i]);
	put(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, call->helper));
}

static void time_call(const struct bpfsched_engine_ops *ops,
		      const struct call *call, struct interp_state *state)
{
	u64 best = U64_MAX, took, turn;
	struct bpfsched_result result;
	void *image;

	fill_data(call);
	insn_count = 0;
	while (insn_count + 16 < INSNS_MAX)
		put_call(call);
	put_exit();
	image = load(ops);
	for (turn = 0; turn < 5; turn++) {
		safe_points = 0;
		took = now_ns();
		run(ops, image, state, &result);
		took = now_ns() - took;
		best = min(best, took);
	}
	/* Six instructions a call, 16-byte loads are one. */
	printf("  %-16s %-36s %8.0f ns %10.1f us\n", ops->name, call->name,
	       (double)best * 6 / (result.instructions ?: 1),
	       best / (safe_points + 1) / 1000.0);
	ops->unload(image);
}

static void print_times(void)
{
	const struct bpfsched_engine_ops *const *ops;
	size_t i;

	printf("  %-16s %-36s %11s %13s\n", "ENGINE", "CALL", "A CALL",
	       "A STRETCH");
	interp_shim.safe_point = count_safe_point;
	for (ops = bpfsched_engines; *ops; ops++) {
		struct interp_state *state = calloc(1, (*ops)->state_size);

		for (i = 0; i < ARRAY_SIZE(calls); i++)
			time_call(*ops, &calls[i], state);
		free(state);
	}
}

int main(int argc, char **argv)
{
	const struct bpfsched_engine_ops *const *ops;
	u32 engines = 0;

	make_maps();
	if (argc > 1 && !strcmp(argv[1], "--times")) {
		print_times();
		return 0;
	}
	for (ops = bpfsched_engines; *ops; ops++)
		engines++;
	printf("KTAP version 1\n1..%u\n", 5 * engines);
	for (ops = bpfsched_engines; *ops; ops++) {
		test_stale(*ops);
		test_work(*ops);
		test_too_long(*ops);
		test_rights(*ops);
		test_walk(*ops);
	}
	return !!failures;
}
