// SPDX-License-Identifier: GPL-2.0
/*
 * From a submission to the start of the job on a worker that sleeps, against a
 * thread that sleeps on an eventfd.
 *
 * Each time begins with a look at the clock in user space, just before the
 * system call that wakes, and ends with the first thing that the woken one does,
 * which is to look at the clock: the program, by its helper; a thread in user
 * space, by a system call; a thread that sleeps in the kernel, without a way
 * back to user space. Where reading the clock is a system call, as it is under
 * User-Mode Linux, what it takes is subtracted from the time of the thread in
 * user space, for the others do not do it.
 */
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "insn.h"

/* Samples of each kind in a round, of which the median is taken */
#define SAMPLES 15

/* Values of an eventfd */
#define GO	1
#define END	2

static const struct bpf_insn tell_time[] = {
	HELPER(BPF_FUNC_ktime_get_ns),
	EXIT,
};

/**
 * struct sleeper - a thread that sleeps on an eventfd
 * @thread: the thread
 * @event: what it sleeps on
 * @reply: pipe through which it tells the time at which it was woken
 * @bench: the kernel module, for a thread that sleeps in the kernel
 */
struct sleeper {
	pthread_t thread;
	int event;
	int reply[2];
	int bench;
};

static uint64_t read_number(int fd)
{
	uint64_t value;

	check(read(fd, &value, sizeof(value)), "read of a number");
	return value;
}

static void write_number(int fd, uint64_t value)
{
	check(write(fd, &value, sizeof(value)), "write of a number");
}

static void *sleep_in_user_space(void *data)
{
	const struct sleeper *s = data;
	uint64_t value, now;

	for (;;) {
		value = read_number(s->event);
		now = now_ns();
		if (value != GO)
			return NULL;
		write_number(s->reply[1], now);
	}
}

static void *sleep_in_kernel(void *data)
{
	const struct sleeper *s = data;
	const struct bench_wake wake = {
		.event_fd = s->event,
		.reply_fd = s->reply[1],
	};

	check(ioctl(s->bench, BENCH_IOC_WAKE, &wake), "BENCH_IOC_WAKE");
	return NULL;
}

static void sleeper_start(struct sleeper *s, void *(*function)(void *data))
{
	s->event = check(eventfd(0, EFD_CLOEXEC), "eventfd");
	check(pipe(s->reply), "pipe");
	check(-pthread_create(&s->thread, NULL, function, s), "a thread");
}

static void sleeper_end(struct sleeper *s)
{
	write_number(s->event, END);
	pthread_join(s->thread, NULL);
	close(s->event);
	close(s->reply[0]);
	close(s->reply[1]);
}

/* All others have gone to sleep when this one is woken by a timer */
static void let_all_sleep(void)
{
	const struct timespec time = { .tv_nsec = 50000 };

	nanosleep(&time, NULL);
}

static double time_sleeper(const struct sleeper *s)
{
	uint64_t start;

	let_all_sleep();
	start = now_ns();
	write_number(s->event, GO);
	return read_number(s->reply[0]) - start;
}

static double time_job(int fd, int program)
{
	struct bpfsched_completion completion;
	struct bpfsched_job_desc job;
	uint64_t start;

	bpfs_job_init(&job, program, NULL, 0);
	let_all_sleep();
	start = now_ns();
	if (bpfs_sched_submit(fd, &job, 1) != 1)
		die("%s", bpfs_error());
	check(read(fd, &completion, sizeof(completion)), "read");
	return completion.r0 - start;
}

static double time_clock(void)
{
	uint64_t start = now_ns();

	return now_ns() - start;
}

/**
 * struct round - the medians of a round
 * @job: of submissions
 * @user: of the thread in user space
 * @kernel: of the thread in the kernel
 */
struct round {
	double job;
	double user;
	double kernel;
};

static struct round time_round(int fd, int program, const struct sleeper *user,
			       const struct sleeper *kernel)
{
	double jobs[SAMPLES], users[SAMPLES], kernels[SAMPLES];
	double clocks[SAMPLES];
	int i;

	for (i = 0; i < SAMPLES; i++) {
		jobs[i] = time_job(fd, program);
		users[i] = time_sleeper(user);
		kernels[i] = time_sleeper(kernel);
		clocks[i] = time_clock();
	}
	return (struct round){
		.job = median(jobs, SAMPLES),
		.user = median(users, SAMPLES) - median(clocks, SAMPLES),
		.kernel = median(kernels, SAMPLES),
	};
}

static void print(const char *control, size_t rounds, const double *times,
		  const double *control_times)
{
	print_measurement(&(struct measurement){
		.section = "scheduling",
		.name = "submit to start, idle worker",
		.subject = "bpfsched",
		.unit = "ns",
		.rounds = rounds,
		.times = times,
		.control = control,
		.control_times = control_times,
	});
}

/**
 * bench_wakes() - from submission to start, on a worker that sleeps
 */
void bench_wakes(void)
{
	static double jobs[ROUNDS], users[ROUNDS], kernels[ROUNDS];
	struct sleeper user = {}, kernel = { .bench = open_bench() };
	int fd = open_sched();
	int program = load_insns(fd, tell_time, ARRAY_SIZE(tell_time));
	struct pace pace = pace_start();
	struct round round;
	size_t i = 0;

	sleeper_start(&user, sleep_in_user_space);
	sleeper_start(&kernel, sleep_in_kernel);
	time_round(fd, program, &user, &kernel);
	while (pace_goes_on(&pace, i)) {
		round = time_round(fd, program, &user, &kernel);
		jobs[i] = round.job;
		users[i] = round.user;
		kernels[i++] = round.kernel;
	}
	sleeper_end(&user);
	sleeper_end(&kernel);
	print("eventfd, a thread", i, jobs, users);
	print("eventfd, in the kernel", i, jobs, kernels);
	close(program);
	close(kernel.bench);
	close(fd);
}
