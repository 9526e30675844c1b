// SPDX-License-Identifier: GPL-2.0
/*
 * Programs on the kernel's interpreter and on each engine: the kernel module
 * runs them, see kernel/interp.c; here is what is run.
 *
 * A small program turns around one loop often enough that how it is started does
 * not matter. The others are what people run, a job for each context.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bench.h"
#include "insn.h"
#include "programs.h"

/* How long one subject runs in one round */
#define ROUND_NS 1000000

#define ELEMENTS 64

/**
 * make_map() - make the map of a small program
 * @type: its type
 *
 * Return: a descriptor.
 */
int make_map(enum bpf_map_type type)
{
	int fd = check(bpf_map_create(type, "bench", sizeof(uint32_t),
				      sizeof(uint64_t), ELEMENTS, NULL),
		       "a map");
	uint64_t value = 0;
	uint32_t key;

	for (key = 0; key < ELEMENTS; key++)
		check(bpf_map_update_elem(fd, &key, &value, BPF_ANY),
		      "an element of a map");
	return fd;
}

/* A round takes long enough to be timed, and no longer */
static uint32_t find_repeat(int fd, struct bench_interp *request)
{
	uint64_t fastest = UINT64_MAX;
	int i;

	request->rounds = 1;
	request->repeat = 1;
	for (i = 0; i < 5; i++) {
		check(ioctl(fd, BENCH_IOC_INTERP, request), "BENCH_IOC_INTERP");
		if (*(uint64_t *)request->times < fastest)
			fastest = *(uint64_t *)request->times;
	}
	return fastest < ROUND_NS ? ROUND_NS / (fastest ?: 1) : 1;
}

/* Nanoseconds an instruction, or a run of a program on a context */
static void take_column(const struct bench_interp *request,
			const uint64_t *times, uint32_t column, double scale,
			double *out)
{
	uint32_t i;

	for (i = 0; i < request->rounds; i++)
		out[i] = times[i * (1 + request->engine_count) + column] /
			 scale;
}

static void print_engine(const struct bench_case *c,
			 const struct bench_interp *request, uint32_t engine,
			 const uint64_t *times)
{
	static double own[ROUNDS], control[ROUNDS];
	const struct bench_subject *s = &request->engines[engine];
	bool same = s->result == request->control.result;
	double scale = request->repeat;

	if (*s->refused) {
		print_refused("interpreter", c->name, s->name, s->refused);
		return;
	}
	scale *= c->whole_runs ? request->context_count : s->instructions;
	take_column(request, times, 0, scale, control);
	take_column(request, times, 1 + engine, scale, own);
	print_measurement(&(struct measurement){
		.section = "interpreter",
		.name = c->name,
		.subject = s->name,
		.unit = c->whole_runs ? "ns a run" : "ns an instruction",
		.rounds = request->rounds,
		.times = own,
		.control = request->control.name,
		.control_times = control,
		.instructions = s->instructions,
		.note = same ? NULL : "the results differ",
	});
}

static void run_case(int fd, const struct bench_case *c)
{
	static uint64_t times[ROUNDS * (1 + BENCH_ENGINES_MAX)];
	struct bench_interp request = {
		.insns = (uintptr_t)c->insns,
		.insn_count = c->insn_count,
		.control_fd = c->verified ? kernel_prog(c->insns,
							c->insn_count) : -1,
		.contexts = (uintptr_t)c->contexts,
		.context_count = c->context_count,
		.sections = (uintptr_t)c->sections,
		.section_count = c->section_count,
		.times = (uintptr_t)times,
	};
	int map = -1;
	uint32_t i;

	if (c->map_type) {
		map = make_map(c->map_type);
		request.maps = (uintptr_t)&map;
		request.map_count = 1;
	}
	request.repeat = find_repeat(fd, &request);
	request.rounds = ROUNDS;
	check(ioctl(fd, BENCH_IOC_INTERP, &request), "BENCH_IOC_INTERP");
	for (i = 0; i < request.engine_count; i++)
		print_engine(c, &request, i, times);
	if (map >= 0)
		close(map);
	if (c->verified)
		close(request.control_fd);
}

/**
 * bench_programs() - programs on the kernel's interpreter and on each engine
 * @objects: folder of the compiled programs
 * @capture: file with the frames that are parsed
 */
void bench_programs(const char *objects, const char *capture)
{
	int fd = open_bench();
	struct bench_case c;
	size_t i;

	for (i = 0; i < small_case_count; i++)
		run_case(fd, &small_cases[i]);
	for (i = 0; i < real_case_count; i++) {
		real_cases[i](&c, objects, capture);
		run_case(fd, &c);
		case_free(&c);
	}
	close(fd);
}
