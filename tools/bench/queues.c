// SPDX-License-Identifier: GPL-2.0
/*
 * What operations on the queue cost: of the policies alone, for queues of 2^5 to
 * 2^17 jobs, and of the scheduler around them, for queues of up to 2^14. A job of
 * a preemptive policy comes with the state of a run, of some kilobytes, and more
 * of them do not fit into a test kernel.
 *
 * There is nothing to compare with, so the sizes take turns, several times.
 */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

#define SIZE_MIN_LOG2	5
#define SIZE_MAX_LOG2	17
#define CORE_MAX_LOG2	14
#define SIZES		(SIZE_MAX_LOG2 - SIZE_MIN_LOG2 + 1)

#define TURNS		3
#define TURN_ROUNDS	5

static const char *const policies[] = { "throughput", "deadline" };

static const struct {
	uint32_t operation;
	int max_log2;
	const char *section;
	const char *name;
} operations[] = {
	{ BENCH_QUEUE_PASS, SIZE_MAX_LOG2, "queue", "enqueue and dequeue" },
	{ BENCH_QUEUE_CANCEL, SIZE_MAX_LOG2, "queue", "cancel" },
	{ BENCH_CORE_PASS, CORE_MAX_LOG2, "core", "submit, run and read" },
	{ BENCH_CORE_CANCEL, CORE_MAX_LOG2, "core", "cancel and read" },
};

static void time_rounds(int fd, const char *policy, uint32_t operation,
			uint32_t size, double *times)
{
	uint64_t ns[TURN_ROUNDS];
	struct bench_queue request = {
		.operation = operation,
		.size = size,
		.rounds = TURN_ROUNDS,
		.times = (uintptr_t)ns,
	};
	int i;

	snprintf(request.policy, sizeof(request.policy), "%s", policy);
	check(ioctl(fd, BENCH_IOC_QUEUE, &request), "BENCH_IOC_QUEUE");
	for (i = 0; i < TURN_ROUNDS; i++)
		times[i] = (double)ns[i] / request.ops;
}

static void bench_operation(int fd, const char *policy, size_t number)
{
	static double times[SIZES][TURNS * TURN_ROUNDS];
	int sizes = operations[number].max_log2 - SIZE_MIN_LOG2 + 1;
	int turn, i;

	for (turn = 0; turn < TURNS; turn++) {
		for (i = 0; i < sizes; i++)
			time_rounds(fd, policy, operations[number].operation,
				    1U << (SIZE_MIN_LOG2 + i),
				    &times[i][turn * TURN_ROUNDS]);
	}
	for (i = 0; i < sizes; i++)
		print_measurement(&(struct measurement){
			.section = operations[number].section,
			.name = operations[number].name,
			.subject = policy,
			.unit = "ns",
			.size = 1U << (SIZE_MIN_LOG2 + i),
			.rounds = TURNS * TURN_ROUNDS,
			.times = times[i],
		});
}

/**
 * bench_queues() - operations on queues of many sizes
 */
void bench_queues(void)
{
	int fd = open_bench();
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		for (j = 0; j < ARRAY_SIZE(policies); j++)
			bench_operation(fd, policies[j], i);
	}
	close(fd);
}
