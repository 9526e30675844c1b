// SPDX-License-Identifier: GPL-2.0
/*
 * What operations on the queue cost: of the policies alone, for queues of 2^5 to
 * 2^17 jobs, and of the scheduler around them, for queues of up to 2^14. A job of
 * a preemptive policy comes with the state of a run, of some kilobytes, and more
 * of them do not fit into a test kernel.
 *
 * The deadline policy is a tree and is compared with the kernel's tree alone. For
 * all else there is nothing to compare with, so the sizes take turns, several
 * times.
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

#define ROUNDS_OF_SIZE	(TURNS * TURN_ROUNDS)

static const struct {
	const char *name;
	bool is_tree;
} policies[] = {
	{ "throughput", false },
	{ "deadline", true },
};

static const struct {
	uint32_t operation;
	int max_log2;
	const char *section;
	const char *name;
	bool has_control;
} operations[] = {
	{ BENCH_QUEUE_PASS, SIZE_MAX_LOG2, "queue", "enqueue and dequeue",
	  true },
	{ BENCH_QUEUE_CANCEL, SIZE_MAX_LOG2, "queue", "cancel", true },
	{ BENCH_CORE_PASS, CORE_MAX_LOG2, "core", "submit, run and read", false },
	{ BENCH_CORE_CANCEL, CORE_MAX_LOG2, "core", "cancel and read", false },
};

/* What was measured with one size of a queue */
struct figures {
	double times[ROUNDS_OF_SIZE];
	double control_times[ROUNDS_OF_SIZE];
};

static void time_rounds(int fd, struct bench_queue *request, int turn,
			struct figures *figures)
{
	uint64_t ns[2 * TURN_ROUNDS];
	int i, at;

	request->rounds = TURN_ROUNDS;
	request->times = (uintptr_t)ns;
	check(ioctl(fd, BENCH_IOC_QUEUE, request), "BENCH_IOC_QUEUE");
	for (i = 0; i < TURN_ROUNDS; i++) {
		at = turn * TURN_ROUNDS + i;
		figures->times[at] = (double)ns[2 * i] / request->ops;
		figures->control_times[at] =
			(double)ns[2 * i + 1] / request->ops;
	}
}

static void print_size(size_t operation, const struct bench_queue *request,
		       const struct figures *figures)
{
	print_measurement(&(struct measurement){
		.section = operations[operation].section,
		.name = operations[operation].name,
		.subject = request->policy,
		.unit = "ns",
		.size = request->size,
		.rounds = ROUNDS_OF_SIZE,
		.times = figures->times,
		.control = request->control ? "rbtree" : NULL,
		.control_times = figures->control_times,
	});
}

static void bench_operation(int fd, size_t policy, size_t operation)
{
	static struct figures figures[SIZES];
	int sizes = operations[operation].max_log2 - SIZE_MIN_LOG2 + 1;
	struct bench_queue request = {
		.operation = operations[operation].operation,
		.control = policies[policy].is_tree &&
			   operations[operation].has_control,
	};
	int turn, i;

	snprintf(request.policy, sizeof(request.policy), "%s",
		 policies[policy].name);
	for (turn = 0; turn < TURNS; turn++) {
		for (i = 0; i < sizes; i++) {
			request.size = 1U << (SIZE_MIN_LOG2 + i);
			time_rounds(fd, &request, turn, &figures[i]);
		}
	}
	for (i = 0; i < sizes; i++) {
		request.size = 1U << (SIZE_MIN_LOG2 + i);
		print_size(operation, &request, &figures[i]);
	}
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
			bench_operation(fd, j, i);
	}
	close(fd);
}
