// SPDX-License-Identifier: GPL-2.0
/*
 * What admission assumes, against what it takes here: the longest time between
 * two safe points, and the cost of a start.
 *
 * A program runs for as many instructions as may lie between two safe points,
 * and is then out of budget, or ends. The programs are the small ones of the
 * interpreter's part, and one that is made to be slow: as many look-ups with a
 * long key as may count before a safe point follows, and at the end an update
 * with the longest value that a helper copies. No safe point lies between them.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "insn.h"
#include "programs.h"

#define KEY_SIZE	512

/* An update counts 260 more, and none may count more than 65536 */
#define VALUE_SIZE	(65536 - 512)

/* Each counts 128 and its key; a safe point follows what is above 32768 */
#define LOOK_UPS	(32768 / (128 + KEY_SIZE))

/* A key of zeros at r7; the context at r6 */
static const struct bpf_insn head[] = {
	MOV_X(6, 1),
	MOV_X(7, 10), ALU_K(BPF_ADD, 7, -KEY_SIZE),
	MOV_K(8, KEY_SIZE / 8), MOV_X(9, 7), MOV_K(0, 0),
	STORE(BPF_DW, 9, 0, 0), ALU_K(BPF_ADD, 9, 8), ALU_K(BPF_SUB, 8, 1),
	JUMP_K(BPF_JNE, 8, 0, -4),
};

/* Three instructions */
static const struct bpf_insn look_up[] = {
	MAP_LOW(1, 0), MAP_HIGH, MOV_X(2, 7),
	HELPER(BPF_FUNC_map_lookup_elem),
};

static const struct bpf_insn copy[] = {
	MAP_LOW(1, 1), MAP_HIGH, MOV_X(2, 7), MOV_X(3, 6), MOV_K(4, 0),
	HELPER(BPF_FUNC_map_update_elem),
	EXIT,
};

#define SLOWEST \
	(ARRAY_SIZE(head) + LOOK_UPS * ARRAY_SIZE(look_up) + ARRAY_SIZE(copy))

static const struct bpf_insn *make_slowest(void)
{
	static struct bpf_insn insns[SLOWEST];
	struct bpf_insn *at = insns;
	int i;

	memcpy(at, head, sizeof(head));
	at += ARRAY_SIZE(head);
	for (i = 0; i < LOOK_UPS; i++, at += ARRAY_SIZE(look_up))
		memcpy(at, look_up, sizeof(look_up));
	memcpy(at, copy, sizeof(copy));
	return insns;
}

/* The element with the key zero exists in both maps */
static void set_first(int map, const void *value)
{
	static const unsigned char key[KEY_SIZE];

	check(bpf_map_update_elem(map, key, value, BPF_ANY),
	      "an element of a map");
}

static void make_slow_maps(int *maps, const void *value)
{
	maps[0] = check(bpf_map_create(BPF_MAP_TYPE_HASH, "keys", KEY_SIZE, 8,
				       1024, NULL), "a map");
	maps[1] = check(bpf_map_create(BPF_MAP_TYPE_ARRAY, "values", 4,
				       VALUE_SIZE, 1, NULL), "a map");
	set_first(maps[0], value);
	set_first(maps[1], value);
}

/* The time of each round of the first engine, which is the usual one */
static void time_case(int fd, const struct bench_case *c, const int *maps,
		      uint32_t map_count, double *out)
{
	static uint64_t times[ROUNDS * (1 + BENCH_ENGINES_MAX)];
	struct bench_interp request = {
		.insns = (uintptr_t)c->insns,
		.insn_count = c->insn_count,
		.control_fd = c->verified ? kernel_prog(c->insns,
							c->insn_count) : -1,
		.contexts = (uintptr_t)c->contexts,
		.context_count = c->context_count,
		.maps = (uintptr_t)maps,
		.map_count = map_count,
		.times = (uintptr_t)times,
		.rounds = ROUNDS,
		.repeat = 1,
		.budget = BENCH_SAFE_POINT_INSNS,
	};
	uint32_t i;

	check(ioctl(fd, BENCH_IOC_INTERP, &request), "BENCH_IOC_INTERP");
	if (*request.engines[0].refused)
		die("%s: %s", c->name, request.engines[0].refused);
	for (i = 0; i < ROUNDS; i++)
		out[i] = times[i * (1 + request.engine_count) + 1];
	if (c->verified)
		close(request.control_fd);
}

static void print(const char *name, const char *subject, uint64_t assumed,
		  const double *times)
{
	print_measurement(&(struct measurement){
		.section = "constants",
		.name = name,
		.subject = subject,
		.unit = "ns",
		.rounds = ROUNDS,
		.times = times,
		.assumed = assumed,
	});
}

static void time_small(int fd, const struct bench_case *c, double *out)
{
	int map = -1;

	if (c->map_type)
		map = make_map(c->map_type);
	time_case(fd, c, &map, c->map_type ? 1 : 0, out);
	if (map >= 0)
		close(map);
}

static void safe_points(int fd, uint64_t assumed)
{
	static unsigned char bytes[VALUE_SIZE];
	static double times[ROUNDS];
	struct bench_bytes context = {
		.data = (uintptr_t)bytes, .len = VALUE_SIZE,
	};
	const struct bench_case slow = {
		.name = "slowest",
		.insns = make_slowest(), .insn_count = SLOWEST,
		.contexts = &context, .context_count = 1,
	};
	int maps[2];
	size_t i;

	for (i = 0; i < small_case_count; i++) {
		time_small(fd, &small_cases[i], times);
		print("to a safe point", small_cases[i].name, assumed, times);
	}
	make_slow_maps(maps, bytes);
	time_case(fd, &slow, maps, 2, times);
	print("to a safe point", "look-ups, long key", assumed, times);
	close(maps[0]);
	close(maps[1]);
}

static void starts(int fd, uint64_t assumed)
{
	static double wakes[ROUNDS], pauses[ROUNDS], sums[ROUNDS];
	static uint64_t times[2 * ROUNDS];
	const struct bench_start request = {
		.rounds = ROUNDS,
		.times = (uintptr_t)times,
	};
	int i;

	check(ioctl(fd, BENCH_IOC_START, &request), "BENCH_IOC_START");
	for (i = 0; i < ROUNDS; i++) {
		wakes[i] = times[2 * i];
		pauses[i] = times[2 * i + 1];
		sums[i] = wakes[i] + pauses[i];
	}
	print("start", "wake", 0, wakes);
	print("start", "pause and return", 0, pauses);
	print("start", "both", assumed, sums);
}

/**
 * bench_constants() - what admission assumes, and what it takes here
 */
void bench_constants(void)
{
	struct bpfsched_info info;
	int sched = open_sched();
	int fd = open_bench();

	if (bpfs_sched_get_info(sched, &info))
		die("%s", bpfs_error());
	safe_points(fd, info.blocking_ns);
	starts(fd, info.start_ns);
	close(fd);
	close(sched);
}
