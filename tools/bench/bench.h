/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmarks, in user space: each measures in rounds and prints what it has
 * measured, one JSON object a line.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpfsched.h>
#include <linux/bpf.h>

#include "kernel/abi.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ATTRIBUTE(what) __attribute__((what))

/* Most and fewest rounds of a benchmark, and how long it goes on for more */
#define ROUNDS		101
#define ROUNDS_MIN	11
#define ROUNDS_NS	4000000000ULL

/**
 * struct measurement - what was measured of one thing
 * @section: which table it belongs to
 * @name: what it is
 * @subject: who did it
 * @unit: of the times
 * @size: number that it was done with, 0: none
 * @rounds: number of rounds
 * @times: time of each round
 * @control: what it is compared with, NULL: nothing
 * @control_times: its times, each of the same round as that of @times
 * @instructions: instructions of a run, 0: not known
 * @note: what else is to be said, NULL: nothing
 * @assumed: the constant that it is held against, 0: none
 */
struct measurement {
	const char *section;
	const char *name;
	const char *subject;
	const char *unit;
	uint64_t size;
	size_t rounds;
	const double *times;
	const char *control;
	const double *control_times;
	uint64_t instructions;
	const char *note;
	uint64_t assumed;
};

/**
 * struct pace - how long a benchmark goes on
 * @start_ns: when it began
 */
struct pace {
	uint64_t start_ns;
};

/* print.c */
void print_measurement(const struct measurement *m);
void print_refused(const char *section, const char *name, const char *subject,
		   const char *reason);

/* util.c */
void die(const char *format, ...)
	ATTRIBUTE(format(printf, 1, 2)) ATTRIBUTE(noreturn);
long check(long ret, const char *what);
uint64_t now_ns(void);
void *xcalloc(size_t count, size_t size);
struct pace pace_start(void);
bool pace_goes_on(const struct pace *pace, size_t rounds);
double median(double *values, size_t count);
int open_bench(void);
int open_sched(void);
int load_insns(int fd, const struct bpf_insn *insns, uint32_t count);
int kernel_prog(const struct bpf_insn *insns, uint32_t count);

/* One benchmark a file */
void bench_batches(void);
void bench_wakes(void);
void bench_queues(void);
void bench_constants(void);
void bench_stretches(void);
void bench_programs(const char *objects, const char *capture);

#endif /* BENCH_H */
