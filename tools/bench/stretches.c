// SPDX-License-Identifier: GPL-2.0
/*
 * The longest time from one safe point to the next that each helper makes.
 *
 * A job looks at the clock, calls a helper as often as may be before a safe point
 * follows, looks at the clock again, and returns the difference. What a call
 * counts says how often that is: more than WORK_MAX units bring a safe point. The
 * caches hold something else when the job starts.
 *
 * Nothing is compared, so the kernel's own interpreter does not need to take the
 * programs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/random.h>

#include "bench.h"
#include "insn.h"

/* See interp/interp.h */
#define WORK_MAX	32768
#define CLOCK_WORK	32

/* Half of what admission assumes: as much may come before a call */
#define GOAL_NS		50000

#define EVICTED_BYTES	(32 << 20)
#define EVENT_ROOM	(256 << 10)
#define RECORDS_BYTES	(512 << 10)

/* What the section of each program has in it, and where */
#define OPTIONS_AT	0	/* of a follow-up job; first, as the shortest */
#define RESULT_AT	256	/* 8 bytes to be written */
#define FORMAT_AT	512	/* 12 strings; from FORMAT_3_AT on, 3 of them */
#define FORMAT_3_AT	(FORMAT_AT + 9 * 4)
#define STRINGS_AT	1024	/* addresses of 12 strings */
#define LETTERS_AT	2048
#define BLANKS_AT	8192
#define TEXT_AT		16384	/* to be written */
#define KEYS_AT		32768	/* MANY_KEYS, each with its number */
#define VALUE_AT	65536
#define SECTION_BYTES	(2 * 65536)

#define LONG_KEY	512
#define MANY_KEYS	60
#define LONG_VALUE	65272	/* with 256 and a key of 4 or 8 it is 65,536 */

/* Keys in as many pieces of memory as are freed before a safe point */
#define FREED_KEYS	(7 * (WORK_MAX / 64 - 1))

enum arg_kind { ARG_NUMBER, ARG_DATA, ARG_MAP };

/**
 * struct arg - an argument of a call
 * @kind: what it is
 * @value: the number, the place in the section, or the index of the map
 * @step: what is added to @value for each further call
 */
struct arg {
	enum arg_kind kind;
	uint32_t value;
	uint32_t step;
};

#define NUMBER(n)	{ ARG_NUMBER, n, 0 }
#define DATA(at)	{ ARG_DATA, at, 0 }
#define KEY(size)	{ ARG_DATA, KEYS_AT, size }
#define MAP		{ ARG_MAP, 0, 0 }

/**
 * struct map_spec - the map of a program
 * @type: its type; 0: there is no map
 * @key_size: bytes of a key
 * @value_size: bytes of a value
 * @entries: most entries
 * @filled: how many there are when the job starts
 */
struct map_spec {
	enum bpf_map_type type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t entries;
	uint32_t filled;
};

/* What a program is made of */
enum shape { SHAPE_CALLS, SHAPE_LOOP, SHAPE_WALK, SHAPE_WALK_END };

/**
 * struct stretch - a helper, called so that it takes longest
 * @name: for people
 * @helper: its number
 * @counts: what a call counts; 0: nothing, or it is a safe point itself
 * @calls: how many calls, 0: as @counts says
 * @args: what it is called with
 * @arg_count: number of @args
 * @map: its map
 * @shape: what the program looks like
 * @has_entropy: the kernel has enough entropy, which it keeps from then on
 */
struct stretch {
	const char *name;
	int32_t helper;
	uint32_t counts;
	uint32_t calls;
	struct arg args[5];
	uint32_t arg_count;
	struct map_spec map;
	enum shape shape;
	bool has_entropy;
};

/* At most so many calls, with a look at the clock before and after */
#define CALLS_MAX	(BENCH_SAFE_POINT_INSNS - 8)

#define ARGS(...) \
	.args = { __VA_ARGS__ }, \
	.arg_count = ARRAY_SIZE(((struct arg[]){ __VA_ARGS__ }))
#define CLOCK(title, id)	{ title, id, .counts = CLOCK_WORK }
#define FREE(title, id)		{ title, id, .calls = CALLS_MAX }
#define POINT(title, id)	{ title, id, .calls = 1 }

#define HASH(filled) \
	.map = { BPF_MAP_TYPE_HASH, LONG_KEY, 8, MANY_KEYS, filled }
#define QUEUE(filled) \
	.map = { BPF_MAP_TYPE_QUEUE, 0, LONG_VALUE, 2, filled }

static const struct stretch stretches[] = {
	{ "map_lookup_elem", BPF_FUNC_map_lookup_elem, 128 + LONG_KEY,
	  ARGS(MAP, KEY(LONG_KEY)), HASH(MANY_KEYS) },
	{ "map_lookup_percpu_elem", BPF_FUNC_map_lookup_percpu_elem,
	  128 + LONG_KEY, ARGS(MAP, KEY(LONG_KEY), NUMBER(0)),
	  .map = { BPF_MAP_TYPE_PERCPU_HASH, LONG_KEY, 8, MANY_KEYS,
		   MANY_KEYS } },
	{ "map_update_elem, long key", BPF_FUNC_map_update_elem,
	  256 + 2 * LONG_KEY + 8,
	  ARGS(MAP, KEY(LONG_KEY), DATA(VALUE_AT), NUMBER(0)),
	  HASH(MANY_KEYS) },
	{ "map_update_elem, long value", BPF_FUNC_map_update_elem,
	  WORK_MAX + 1, ARGS(MAP, DATA(RESULT_AT), DATA(VALUE_AT), NUMBER(0)),
	  .map = { BPF_MAP_TYPE_ARRAY, 4, LONG_VALUE, 1, 1 } },
	{ "map_update_elem, LRU", BPF_FUNC_map_update_elem,
	  256 + 2 * LONG_KEY + 8 + 4096,
	  ARGS(MAP, KEY(LONG_KEY), DATA(VALUE_AT), NUMBER(0)),
	  .map = { BPF_MAP_TYPE_LRU_HASH, LONG_KEY, 8, 2, 2 } },
	{ "map_delete_elem", BPF_FUNC_map_delete_elem, 256 + 3 * LONG_KEY,
	  ARGS(MAP, KEY(LONG_KEY)), HASH(MANY_KEYS) },
	{ "map_push_elem", BPF_FUNC_map_push_elem, WORK_MAX + 1,
	  ARGS(MAP, DATA(VALUE_AT), NUMBER(BPF_EXIST)), QUEUE(2) },
	{ "map_pop_elem", BPF_FUNC_map_pop_elem, WORK_MAX + 1,
	  ARGS(MAP, DATA(VALUE_AT)), QUEUE(2) },
	{ "map_peek_elem", BPF_FUNC_map_peek_elem, WORK_MAX + 1,
	  ARGS(MAP, DATA(VALUE_AT)), QUEUE(2) },
	{ "for_each_map_elem, buckets", BPF_FUNC_for_each_map_elem,
	  .map = { BPF_MAP_TYPE_HASH, 8, 8, 65536, 1 }, .shape = SHAPE_WALK },
	{ "for_each_map_elem, array", BPF_FUNC_for_each_map_elem,
	  .map = { BPF_MAP_TYPE_ARRAY, 4, 8, WORK_MAX / 64, 1 },
	  .shape = SHAPE_WALK },
	{ "for_each_map_elem, its end", BPF_FUNC_for_each_map_elem,
	  .map = { BPF_MAP_TYPE_HASH, LONG_KEY, 8, 8192, FREED_KEYS },
	  .shape = SHAPE_WALK_END },
	{ "loop", BPF_FUNC_loop, .shape = SHAPE_LOOP },
	{ "snprintf", BPF_FUNC_snprintf, 128 + 12 * (16 + 256 + 5 * 127),
	  ARGS(DATA(TEXT_AT), NUMBER(2048), DATA(FORMAT_AT), DATA(STRINGS_AT),
	       NUMBER(96)) },
	{ "trace_printk", BPF_FUNC_trace_printk,
	  1024 + 3 * (16 + 256 + 4 * 127),
	  ARGS(DATA(FORMAT_3_AT), NUMBER(13), DATA(LETTERS_AT),
	       DATA(LETTERS_AT), DATA(LETTERS_AT)) },
	{ "trace_vprintk", BPF_FUNC_trace_vprintk,
	  1024 + 12 * (16 + 256 + 4 * 127),
	  ARGS(DATA(FORMAT_AT), NUMBER(49), DATA(STRINGS_AT), NUMBER(96)) },
	/* Three of them: with the clock two do not come to WORK_MAX */
	{ "strncmp", BPF_FUNC_strncmp, 4 * 4090,
	  ARGS(DATA(LETTERS_AT), NUMBER(4090), DATA(LETTERS_AT)) },
	{ "strtol", BPF_FUNC_strtol, 32 + 2 * 4096,
	  ARGS(DATA(BLANKS_AT), NUMBER(4096), NUMBER(0), DATA(RESULT_AT)) },
	{ "strtoul", BPF_FUNC_strtoul, 32 + 2 * 4096,
	  ARGS(DATA(BLANKS_AT), NUMBER(4096), NUMBER(0), DATA(RESULT_AT)) },
	CLOCK("ktime_get_ns", BPF_FUNC_ktime_get_ns),
	CLOCK("ktime_get_boot_ns", BPF_FUNC_ktime_get_boot_ns),
	CLOCK("ktime_get_coarse_ns", BPF_FUNC_ktime_get_coarse_ns),
	CLOCK("ktime_get_tai_ns", BPF_FUNC_ktime_get_tai_ns),
	{ "get_prandom_u32, early", BPF_FUNC_get_prandom_u32,
	  .counts = 2048 },
	{ "get_prandom_u32", BPF_FUNC_get_prandom_u32, .counts = CLOCK_WORK,
	  .has_entropy = true },
	FREE("get_smp_processor_id", BPF_FUNC_get_smp_processor_id),
	FREE("jiffies64", BPF_FUNC_jiffies64),
	FREE("bpfsched_job_id", BPFSCHED_FUNC_job_id),
	FREE("bpfsched_release", BPFSCHED_FUNC_release),
	FREE("bpfsched_deadline_ns", BPFSCHED_FUNC_deadline_ns),
	CLOCK("bpfsched_time_remaining_ns", BPFSCHED_FUNC_time_remaining_ns),
	POINT("bpfsched_budget_remaining", BPFSCHED_FUNC_budget_remaining),
	POINT("bpfsched_yield", BPFSCHED_FUNC_yield),
	{ "bpfsched_emit", BPFSCHED_FUNC_emit, 1024 + 4096,
	  ARGS(DATA(VALUE_AT), NUMBER(4096)) },
	{ "bpfsched_submit_job", BPFSCHED_FUNC_submit_job,
	  8192 + sizeof(struct bpfsched_followup),
	  ARGS(NUMBER(0), NUMBER(0), NUMBER(0), DATA(OPTIONS_AT)) },
	{ "bpfsched_submit_job, 64 KiB", BPFSCHED_FUNC_submit_job,
	  WORK_MAX + 1,
	  ARGS(NUMBER(0), DATA(VALUE_AT), NUMBER(65536), DATA(OPTIONS_AT)) },
};

/* The program in the making */
static struct bpf_insn insns[2 * 6 * BENCH_SAFE_POINT_INSNS];
static uint32_t insn_count;

static unsigned char section[SECTION_BYTES];
static struct bpfsched_reloc relocs[12];

static void put(struct bpf_insn insn)
{
	insns[insn_count++] = insn;
}

static void put_lddw(uint8_t reg, uint8_t kind, uint32_t low, uint32_t high)
{
	put(INSN(BPF_LD | BPF_IMM | BPF_DW, reg, kind, 0, (int32_t)low));
	put(INSN(0, 0, 0, 0, (int32_t)high));
}

static void put_arg(uint8_t reg, const struct arg *arg, uint32_t call)
{
	uint32_t value = arg->value + arg->step * call;

	switch (arg->kind) {
	case ARG_NUMBER:
		put(MOV_K(reg, (int32_t)value));
		break;
	case ARG_DATA:
		put_lddw(reg, BPF_PSEUDO_MAP_IDX_VALUE, 0, value);
		break;
	case ARG_MAP:
		put_lddw(reg, BPF_PSEUDO_MAP_IDX, value, 0);
		break;
	}
}

static uint32_t calls_of(const struct stretch *s)
{
	return s->calls ?: (WORK_MAX - CLOCK_WORK) / s->counts + 1;
}

static void put_calls(const struct stretch *s)
{
	uint32_t call, i;

	for (call = 0; call < calls_of(s); call++) {
		for (i = 0; i < s->arg_count; i++)
			put_arg(BPF_REG_1 + i, &s->args[i], call);
		put(HELPER(s->helper));
	}
}

/* A callback that ends the walk or loop, or does not */
static void put_callback(bool ends)
{
	put(MOV_K(0, ends));
	put(EXIT);
}

/* A function @distance behind the next instruction, in @reg */
static void put_function(uint8_t reg, int32_t distance)
{
	put_lddw(reg, BPF_PSEUDO_FUNC, distance, 0);
	insns[insn_count - 2].imm++;
}

/* The clock, then what r6 was is taken off; behind it nothing is executed */
static void put_end(void)
{
	put(HELPER(BPF_FUNC_ktime_get_ns));
	put(ALU_X(BPF_SUB, 0, 6));
	put(EXIT);
}

#define END_INSNS	3

static void put_loop(void)
{
	/* Two instructions a turn */
	put(MOV_K(1, (BENCH_SAFE_POINT_INSNS - 16) / 2));
	put_function(2, 3 + END_INSNS);
	put(MOV_K(3, 0));
	put(MOV_K(4, 0));
	put(HELPER(BPF_FUNC_loop));
	put_end();
	put_callback(false);
}

static void put_walk(int32_t behind)
{
	put_lddw(1, BPF_PSEUDO_MAP_IDX, 0, 0);
	put_function(2, 3 + behind);
	put(MOV_K(3, 0));
	put(MOV_K(4, 0));
	put(HELPER(BPF_FUNC_for_each_map_elem));
}

/* The callback notes the time, and ends the walk */
static void put_walk_end(void)
{
	put_walk(3 + END_INSNS);
	put_lddw(1, BPF_PSEUDO_MAP_IDX_VALUE, 0, RESULT_AT);
	put(LOAD(BPF_DW, 6, 1, 0));
	put_end();
	put(HELPER(BPF_FUNC_ktime_get_ns));
	put_lddw(1, BPF_PSEUDO_MAP_IDX_VALUE, 0, RESULT_AT);
	put(STORE(BPF_DW, 1, 0, 0));
	put_callback(true);
}

static void make_insns(const struct stretch *s)
{
	insn_count = 0;
	put(HELPER(BPF_FUNC_ktime_get_ns));
	put(MOV_X(6, 0));
	switch (s->shape) {
	case SHAPE_CALLS:
		put_calls(s);
		put_end();
		break;
	case SHAPE_LOOP:
		put_loop();
		break;
	case SHAPE_WALK:
		put_walk(END_INSNS);
		put_end();
		put_callback(false);
		break;
	case SHAPE_WALK_END:
		put_walk_end();
		break;
	}
}

static void fill_section(void)
{
	const struct bpfsched_followup options = { .size = sizeof(options) };
	uint64_t key;
	uint32_t i;

	memcpy(section + OPTIONS_AT, &options, sizeof(options));
	for (i = 0; i < ARRAY_SIZE(relocs); i++) {
		memcpy(section + FORMAT_AT + 4 * i, "%99s", 4);
		relocs[i] = (struct bpfsched_reloc){
			.offset = STRINGS_AT + 8 * i,
			.kind = BPFSCHED_RELOC_SECTION,
			.addend = LETTERS_AT,
		};
	}
	memset(section + LETTERS_AT, 'a', BLANKS_AT - LETTERS_AT);
	memset(section + BLANKS_AT, ' ', TEXT_AT - BLANKS_AT);
	for (key = 0; key < MANY_KEYS; key++)
		memcpy(section + KEYS_AT + LONG_KEY * key, &key, sizeof(key));
}

static int load(int sched, int map, int followup)
{
	const struct bpfsched_section data = {
		.data = (uintptr_t)section, .len = SECTION_BYTES,
	};
	const struct bpfsched_map_ref ref = { .fd = map };
	static char log[256];
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.name = "stretch",
		.insns = (uintptr_t)insns,
		.insn_count = insn_count,
		.section_count = 1,
		.sections = (uintptr_t)&data,
		.log = (uintptr_t)log,
		.log_size = sizeof(log),
		.maps = (uintptr_t)&ref,
		.map_count = map >= 0,
		.followup_count = followup >= 0,
		.followup_fds = (uintptr_t)&followup,
		.reloc_count = ARRAY_SIZE(relocs),
		.relocs = (uintptr_t)relocs,
	};
	int fd = ioctl(sched, BPFSCHED_IOC_PROG_LOAD, &request);

	if (fd < 0)
		die("a stretch: %s", log);
	return fd;
}

static void fill_map(int fd, const struct map_spec *map)
{
	static unsigned char key[LONG_KEY], value[LONG_VALUE];
	uint64_t number;

	for (number = 0; number < map->filled; number++) {
		memcpy(key, &number, sizeof(number));
		/* A queue that is full has what it is to have */
		bpf_map_update_elem(fd, map->key_size ? key : NULL, value,
				    BPF_ANY);
	}
}

static int make_map_of(const struct map_spec *map)
{
	int fd;

	if (!map->type)
		return -1;
	fd = check(bpf_map_create(map->type, "stretch", map->key_size,
				  map->value_size, map->entries, NULL),
		   "a map");
	fill_map(fd, map);
	return fd;
}

/* The test kernel has none of its own */
static void give_entropy(void)
{
	static struct {
		struct rand_pool_info info;
		uint32_t bits[64];
	} pool;
	int fd = check(open("/dev/urandom", O_RDWR | O_CLOEXEC), "entropy");

	pool.info.entropy_count = 8 * sizeof(pool.bits);
	pool.info.buf_size = sizeof(pool.bits);
	check(ioctl(fd, RNDADDENTROPY, &pool), "entropy");
	close(fd);
}

/* Neither the module's data nor its code are in the caches afterwards */
static void evict(void)
{
	static unsigned char bytes[EVICTED_BYTES];
	size_t i;

	for (i = 0; i < sizeof(bytes); i += 64)
		bytes[i]++;
}

/* Reads until all @jobs are over; returns what job @id has returned */
static double read_result(int sched, uint64_t id, uint32_t jobs)
{
	static char records[RECORDS_BYTES];
	const struct bpfsched_completion *completion;
	const struct bpfsched_record *record;
	double result = 0;
	ssize_t len;
	size_t pos;

	while (jobs) {
		len = check(read(sched, records, sizeof(records)), "read");
		pos = 0;
		while ((record = bpfs_record_next(records, len, &pos))) {
			completion = bpfs_record_completion(record);
			if (!completion)
				continue;
			if (completion->status != BPFSCHED_STATUS_OK)
				die("a stretch did not end ok");
			if (completion->id == id)
				result = completion->r0;
			jobs--;
		}
	}
	return result;
}

static double time_once(int sched, int program, uint32_t jobs)
{
	struct bpfsched_job_desc job;

	bpfs_job_init(&job, program, NULL, 0);
	evict();
	if (bpfs_sched_submit(sched, &job, 1) != 1)
		die("%s", bpfs_error());
	return read_result(sched, job.id, jobs);
}

static void time_stretch(int sched, int followup, const struct stretch *s)
{
	bool submits = s->helper == BPFSCHED_FUNC_submit_job;
	static double times[ROUNDS];
	struct pace pace = pace_start();
	int map, program;
	size_t i = 0;

	if (s->has_entropy)
		give_entropy();
	map = make_map_of(&s->map);
	make_insns(s);
	program = load(sched, map, followup);
	while (pace_goes_on(&pace, i)) {
		if (map >= 0 && s->map.filled <= MANY_KEYS)
			fill_map(map, &s->map);
		times[i++] = time_once(sched, program,
				       1 + (submits ? calls_of(s) : 0));
	}
	close(program);
	if (map >= 0)
		close(map);
	print_measurement(&(struct measurement){
		.section = "stretches",
		.name = s->name,
		.subject = "helper",
		.unit = "ns",
		.rounds = i,
		.times = times,
		.assumed = GOAL_NS,
	});
}

/* With nobody at the tracepoint texts would cost less */
static void enable_tracepoint(const char *digit)
{
	int fd = check(open("/sys/kernel/tracing/events/bpfsched/bpfsched_printk/enable",
			    O_WRONLY | O_CLOEXEC), "the tracepoint");

	check(write(fd, digit, 1), "the tracepoint");
	close(fd);
}

/**
 * bench_stretches() - the longest time to a safe point that each helper makes
 */
void bench_stretches(void)
{
	static const struct bpf_insn nothing[] = { MOV_K(0, 0), EXIT };
	int sched = open_sched();
	int followup = load_insns(sched, nothing, ARRAY_SIZE(nothing));
	size_t i;

	if (bpfs_sched_set_event_room(sched, EVENT_ROOM))
		die("%s", bpfs_error());
	fill_section();
	enable_tracepoint("1");
	for (i = 0; i < ARRAY_SIZE(stretches); i++)
		time_stretch(sched, followup, &stretches[i]);
	enable_tracepoint("0");
	close(followup);
	close(sched);
}
