// SPDX-License-Identifier: GPL-2.0
/*
 * SIGINT and SIGTERM while jobs are on their way: the first one asks for an
 * end, and the jobs of the command are cancelled; a second one ends the command
 * as ever.
 *
 * A signal that comes between a look at @caught and a sleep would be lost. So
 * the handler starts a timer, whose signals end that sleep, until somebody has
 * looked.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "interrupt.h"

#define AGAIN_NS	20000000

#define LISTED_AT_ONCE	256

/* Number of the signal, 0 if none came; atomic for the handler */
static int caught;
static bool seen;
static timer_t timer;
static bool has_timer;

static void set_timer(long ns)
{
	const struct itimerspec every = {
		.it_value.tv_nsec = ns,
		.it_interval.tv_nsec = ns,
	};

	if (has_timer)
		timer_settime(timer, 0, &every, NULL);
}

static void nothing(int number)
{
	(void)number;
}

static void catch(int number)
{
	__atomic_store_n(&caught, number, __ATOMIC_RELAXED);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	set_timer(AGAIN_NS);
}

static void handle(int number, void (*handler)(int number))
{
	/* Restarts a write; waiting for jobs ends all the same */
	struct sigaction action = {
		.sa_handler = handler,
		.sa_flags = SA_RESTART,
	};

	sigaction(number, &action, NULL);
}

/**
 * interrupt_catch() - do not end at the next signal, but tell of it
 */
void interrupt_catch(void)
{
	handle(SIGALRM, nothing);
	has_timer = !timer_create(CLOCK_MONOTONIC, NULL, &timer);
	handle(SIGINT, catch);
	handle(SIGTERM, catch);
}

static int signal_caught(void)
{
	return __atomic_load_n(&caught, __ATOMIC_RELAXED);
}

/**
 * interrupted() - whether a signal asks for an end
 *
 * Return: whether one does.
 */
bool interrupted(void)
{
	if (!signal_caught())
		return false;
	if (!seen)
		set_timer(0);
	seen = true;
	return true;
}

/**
 * interrupt_cancel() - cancel all jobs of this open file
 * @fd: scheduler
 *
 * One may submit another meanwhile, which is not cancelled.
 */
void interrupt_cancel(int fd)
{
	static struct bpfsched_job_info infos[LISTED_AT_ONCE];
	__u64 client = 0, id = 0;
	int count, i;

	do {
		count = bpfs_sched_list_own_jobs(fd, &client, &id, infos,
						 ARRAY_SIZE(infos));
		for (i = 0; i < count; i++)
			bpfs_sched_cancel(fd, infos[i].id);
	} while (count > 0 && client);
}

/**
 * interrupt_status() - exit status, with what a signal makes of it
 * @status: exit status without it
 *
 * Return: exit status.
 */
int interrupt_status(int status)
{
	if (!interrupted())
		return status;
	warn("interrupted by %s, the jobs that had not ended were cancelled",
	     signal_caught() == SIGINT ? "SIGINT" : "SIGTERM");
	return EXIT_SIGNAL + signal_caught();
}
