// SPDX-License-Identifier: GPL-2.0
/* bpfsched stat: a scheduler's counters, once or again and again. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "opt.h"
#include "parse.h"

/* Every so many lines the headings come again */
#define LINES_A_HEADER 20

/* Counters in the order in which they are shown, by the same names everywhere */
static const struct counter {
	const char *name;
	size_t offset;
} counters[] = {
	{ "submitted", offsetof(struct bpfsched_stat, submitted) },
	{ "completed", offsetof(struct bpfsched_stat, completed) },
	{ "failed", offsetof(struct bpfsched_stat, failed) },
	{ "cancelled", offsetof(struct bpfsched_stat, cancelled) },
	{ "dropped", offsetof(struct bpfsched_stat, dropped) },
	{ "rejected", offsetof(struct bpfsched_stat, rejected) },
	{ "pending", offsetof(struct bpfsched_stat, pending) },
	{ "running", offsetof(struct bpfsched_stat, running) },
	{ "exec_count", offsetof(struct bpfsched_stat, exec_count) },
	{ "deadline_misses", offsetof(struct bpfsched_stat, deadline_misses) },
	{ "preemptions", offsetof(struct bpfsched_stat, preemptions) },
	{ "queue_high_water",
	  offsetof(struct bpfsched_stat, queue_high_water) },
	{ "capacity", offsetof(struct bpfsched_stat, capacity) },
	{ "waiting", offsetof(struct bpfsched_stat, waiting) },
	{ "kept_running", offsetof(struct bpfsched_stat, kept_running) },
	{ "reservations", offsetof(struct bpfsched_stat, reservations) },
	{ "reserved_ppm", offsetof(struct bpfsched_stat, reserved_ppm) },
	{ "cpus", offsetof(struct bpfsched_stat, cpus) },
};

static __u64 value_of(const struct bpfsched_stat *stat,
		      const struct counter *counter)
{
	__u64 value;

	memcpy(&value, (const char *)stat + counter->offset, sizeof(value));
	return value;
}

static const char *const histogram_names[] = {
	[BPFSCHED_HISTOGRAM_WAIT] = "wait_ns",
	[BPFSCHED_HISTOGRAM_RUN] = "run_ns",
	[BPFSCHED_HISTOGRAM_LATE] = "late_ns",
};

/* Bucket i as [from, count]: times from so many ns up to twice as many */
static void json_histogram(const char *key,
			   const struct bpfsched_histogram *histogram)
{
	size_t i;

	json_array(key);
	for (i = 0; i < ARRAY_SIZE(histogram->buckets); i++) {
		if (!histogram->buckets[i])
			continue;
		json_array(NULL);
		json_u64(NULL, i ? 1ULL << (i - 1) : 0);
		json_u64(NULL, histogram->buckets[i]);
		json_array_close();
	}
	json_array_close();
}

static void list_histogram(const char *key,
			   const struct bpfsched_histogram *histogram)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(histogram->buckets); i++) {
		if (histogram->buckets[i])
			printf("%-8s from %15llu ns  %llu\n", key,
			       i ? 1ULL << (i - 1) : 0,
			       histogram->buckets[i]);
	}
}

static int show_histograms(int fd)
{
	struct bpfsched_histogram histogram;
	__u32 kind;

	for (kind = 0; kind < ARRAY_SIZE(histogram_names); kind++) {
		if (bpfs_sched_get_histogram(fd, kind, &histogram))
			return fail_lib();
		if (settings.json)
			json_histogram(histogram_names[kind], &histogram);
		else
			list_histogram(histogram_names[kind], &histogram);
	}
	return EXIT_OK;
}

static void json_counters(const struct bpfsched_stat *stat)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		json_u64(counters[i].name, value_of(stat, &counters[i]));
	json_bool("paused", stat->state & BPFSCHED_STATE_PAUSED);
}

static void show_json(const struct bpfsched_stat *stat)
{
	json_open(NULL);
	json_counters(stat);
	json_close();
}

static void show_list(const struct bpfsched_stat *stat)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		printf("%-17s %llu\n", counters[i].name,
		       value_of(stat, &counters[i]));
	printf("%-17s %s\n", "paused",
	       stat->state & BPFSCHED_STATE_PAUSED ? "yes" : "no");
}

static int show_once(int fd)
{
	struct bpfsched_stat stat;

	if (bpfs_sched_get_stat(fd, &stat))
		return fail_lib();
	if (!settings.json) {
		show_list(&stat);
		return show_histograms(fd);
	}
	json_open(NULL);
	json_counters(&stat);
	if (show_histograms(fd))
		return EXIT_ERROR;
	json_close();
	return EXIT_OK;
}

/* What happened since the last line, but for what is so now */
static void show_line(const struct bpfsched_stat *now,
		      const struct bpfsched_stat *last, unsigned int line)
{
	if (line % LINES_A_HEADER == 0)
		printf("%8s %8s %8s %10s %10s %8s %9s %8s %8s %8s\n",
		       "PENDING", "WAITING", "RUNNING", "SUBMITTED", "COMPLETED", "FAILED",
		       "CANCELLED", "DROPPED", "REJECTED", "MISSES");
	printf("%8llu %8llu %8llu %10llu %10llu %8llu %9llu %8llu %8llu %8llu\n",
	       now->pending, now->waiting, now->running,
	       now->submitted - last->submitted,
	       now->completed - last->completed, now->failed - last->failed,
	       now->cancelled - last->cancelled, now->dropped - last->dropped,
	       now->rejected - last->rejected,
	       now->deadline_misses - last->deadline_misses);
}

static void sleep_until(struct timespec *when, __u64 interval_ns)
{
	__u64 ns = when->tv_nsec + interval_ns % NSEC_PER_SEC;

	when->tv_sec += interval_ns / NSEC_PER_SEC + ns / NSEC_PER_SEC;
	when->tv_nsec = ns % NSEC_PER_SEC;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, when, NULL))
		;
}

/* Until a signal ends the process */
static int monitor(int fd, __u64 interval_ns)
{
	struct bpfsched_stat now, last = { 0 };
	struct timespec when;
	unsigned int line;

	clock_gettime(CLOCK_MONOTONIC, &when);
	for (line = 0; ; line++) {
		if (bpfs_sched_get_stat(fd, &now))
			return fail_lib();
		if (settings.json)
			show_json(&now);
		else
			show_line(&now, line ? &last : &now, line);
		if (fflush(stdout))
			return EXIT_ERROR;
		last = now;
		sleep_until(&when, interval_ns);
	}
}

/* Seconds, "0.5" for example, or a duration */
static int set_interval(void *to, const char *value)
{
	size_t digits = strspn(value, "0123456789.");
	__u64 *interval_ns = to;
	char seconds[64];

	if (snprintf(seconds, sizeof(seconds), "%s%s", value,
		     value[digits] ? "" : "s") >= (int)sizeof(seconds))
		return opt_bad("'%s' is too long", value);
	if (parse_duration(seconds, interval_ns))
		return -1;
	return *interval_ns ? 0 : opt_bad("'%s' is no time at all", value);
}

static const struct opt stat_opts[] = {
	{ "monitor", OPT_TEXT, "SECONDS",
	  "again every so many seconds; for people, what changed",
	  set_interval },
};

/**
 * do_stat() - bpfsched stat
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_stat(const struct command *self, int argc, char **argv)
{
	__u64 interval_ns = 0;
	const struct opt_group groups[] = {
		{ stat_opts, ARRAY_SIZE(stat_opts), &interval_ns },
		{ NULL, 0, NULL },
	};
	int fd, status;

	if (opt_arguments(self, argc, argv, 0, 1, groups))
		settings.scheduler = argv[0];
	fd = open_to_read();
	if (fd < 0)
		return EXIT_ERROR;
	status = interval_ns ? monitor(fd, interval_ns) : show_once(fd);
	close(fd);
	return status;
}
