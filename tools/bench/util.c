// SPDX-License-Identifier: GPL-2.0
/* What the benchmarks share. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "bench.h"

/**
 * die() - end the program with a message
 * @format: as of printf()
 */
void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(2);
}

/**
 * check() - end the program if a call has failed
 * @ret: what it returned; -1 with errno set, or a negative errno
 * @what: the call
 *
 * Return: @ret, which is not negative.
 */
long check(long ret, const char *what)
{
	if (ret < 0)
		die("%s: %s", what, strerror(ret == -1 ? errno : -ret));
	return ret;
}

/**
 * now_ns() - the time
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/**
 * xcalloc() - allocate memory, or end the program
 * @count: number of elements
 * @size: of an element
 *
 * Return: the memory, all zero.
 */
void *xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		die("out of memory");
	return memory;
}

/**
 * pace_start() - begin to measure in rounds
 *
 * Return: for pace_goes_on().
 */
struct pace pace_start(void)
{
	return (struct pace){ .start_ns = now_ns() };
}

/**
 * pace_goes_on() - whether there is to be another round
 * @pace: from pace_start()
 * @rounds: rounds that were measured
 *
 * On a machine that is busy with other things a round can take long.
 *
 * Return: whether.
 */
bool pace_goes_on(const struct pace *pace, size_t rounds)
{
	if (rounds < ROUNDS_MIN)
		return true;
	return rounds < ROUNDS && now_ns() - pace->start_ns < ROUNDS_NS;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/**
 * median() - the median of some numbers
 * @values: the numbers, which are sorted
 * @count: how many, at least 1
 *
 * Return: the median; the upper one of two.
 */
double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/**
 * open_bench() - open the node of the kernel module
 *
 * Return: a descriptor.
 */
int open_bench(void)
{
	return check(open(BENCH_NODE, O_RDWR | O_CLOEXEC), BENCH_NODE);
}

/**
 * open_sched() - open the scheduler that benchmarks use
 *
 * Return: a descriptor.
 */
int open_sched(void)
{
	int fd = bpfs_sched_open("cloud");

	if (fd < 0)
		die("%s", bpfs_error());
	return fd;
}

/**
 * load_insns() - load a program for a scheduler
 * @fd: the scheduler
 * @insns: the program
 * @count: number of its slots
 *
 * Return: a descriptor.
 */
int load_insns(int fd, const struct bpf_insn *insns, uint32_t count)
{
	struct bpfs_image *image;
	struct bpfs_prog *prog;

	if (bpfs_image_raw("bench", insns, count * sizeof(*insns),
			   &image) ||
	    bpfs_prog_load(fd, image, &prog))
		die("%s: %s", bpfs_error(), bpfs_prog_load_log());
	bpfs_image_free(image);
	return bpfs_prog_fd(prog);
}

/**
 * kernel_prog() - load a program of type syscall into the kernel
 * @insns: the program
 * @count: number of its slots
 *
 * Return: a descriptor.
 */
int kernel_prog(const struct bpf_insn *insns, uint32_t count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		    .prog_flags = BPF_F_SLEEPABLE);
	char log[4096] = "";
	int fd;

	opts.log_buf = log;
	opts.log_size = sizeof(log);
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "bench", "GPL", insns, count,
			   &opts);
	if (fd < 0)
		die("the kernel does not take a program: %s\n%s",
		    strerror(-fd), log);
	return fd;
}
