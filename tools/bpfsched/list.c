// SPDX-License-Identifier: GPL-2.0
/* bpfsched list: the schedulers that there are. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "limits.h"

static void json_budget(const char *key, __u64 insns)
{
	if (insns == BPFSCHED_BUDGET_UNLIMITED)
		json_null(key);
	else
		json_u64(key, insns);
}

static void json_limits_of(const struct bpfsched_info *info)
{
	json_u64("capacity", info->capacity);
	json_u64("workers", info->workers);
	json_u64("max_batch", info->max_batch);
	json_u64("max_insns", info->max_insns);
	json_u64("max_context", info->max_context);
	json_u64("completion_slots", info->completion_slots);
	if (info->client_jobs == BPFSCHED_NO_LIMIT)
		json_null("client_jobs");
	else
		json_u64("client_jobs", info->client_jobs);
	json_u64("max_reservations", info->max_reservations);
	json_u64("default_budget_insns", info->default_budget_insns);
	json_budget("max_budget_insns", info->max_budget_insns);
	json_budget("user_budget_insns", info->user_budget_insns);
	json_u64("min_period_ns", info->min_period_ns);
	json_u64("slice_ns", info->slice_ns);
	json_u64("blocking_ns", info->blocking_ns);
	json_u64("start_ns", info->start_ns);
	json_u64("supply_ppm", info->supply_ppm);
}

static void show_json(const struct bpfsched_info *info,
		      const struct bpfsched_stat *stat)
{
	json_open(NULL);
	json_text("name", info->name);
	json_text("profile", info->profile);
	json_text("policy", info->policy);
	json_text("engine", info->engine);
	json_u64("abi_version", info->abi_version);
	json_bool("deadlines", info->features & BPFSCHED_FEATURE_DEADLINES);
	json_bool("slices", info->features & BPFSCHED_FEATURE_SLICES);
	json_bool("guard_critical",
		  info->features & BPFSCHED_FEATURE_GUARD_CRITICAL);
	json_bool("paused", stat->state & BPFSCHED_STATE_PAUSED);
	json_u64("pending", stat->pending);
	json_u64("waiting", stat->waiting);
	json_u64("running", stat->running);
	json_u64("reservations", stat->reservations);
	json_u64("reserved_ppm", stat->reserved_ppm);
	json_u64("cpus", stat->cpus);
	json_limits_of(info);
	json_bool("unlimited", info->user_flags & BPFSCHED_USER_UNLIMITED);
	json_limits("user_limits", &info->user_limits);
	json_close();
}

#define LINE_FORMAT "%-12s %-10s %-10s %-15s %7s %8s %8s %8s %8s %8s  %s\n"

static void show_header(void)
{
	if (settings.json)
		return;
	printf(LINE_FORMAT, "NAME", "PROFILE", "POLICY", "ENGINE", "WORKERS",
	       "CAPACITY", "PENDING", "WAITING", "RUNNING", "RESERVED",
	       "STATE");
}

static void show_line(const struct bpfsched_info *info,
		      const struct bpfsched_stat *stat)
{
	char workers[16], capacity[16], pending[32], waiting[32], running[32];
	char reserved[32];

	snprintf(workers, sizeof(workers), "%u", info->workers);
	snprintf(capacity, sizeof(capacity), "%u", info->capacity);
	snprintf(pending, sizeof(pending), "%llu", stat->pending);
	snprintf(waiting, sizeof(waiting), "%llu", stat->waiting);
	snprintf(running, sizeof(running), "%llu", stat->running);
	snprintf(reserved, sizeof(reserved), "%.4g%%",
		 stat->reserved_ppm / (BPFSCHED_PPM / 100.0));
	printf(LINE_FORMAT, info->name, info->profile, info->policy,
	       info->engine, workers, capacity, pending, waiting, running,
	       reserved,
	       stat->state & BPFSCHED_STATE_PAUSED ? "paused" : "active");
}

/* The kernel ends names with a NUL, but it costs nothing to be sure */
static void end_names(struct bpfsched_info *info)
{
	info->name[sizeof(info->name) - 1] = 0;
	info->profile[sizeof(info->profile) - 1] = 0;
	info->policy[sizeof(info->policy) - 1] = 0;
	info->engine[sizeof(info->engine) - 1] = 0;
}

/* Returns 1 if it is none, or has ended since the folder was read */
static int read_scheduler(const char *name, struct bpfsched_info *info,
			  struct bpfsched_stat *stat)
{
	int fd, err;

	fd = bpfs_sched_open_reader(name);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENXIO || fd == -ENODEV ? 1 : fd;
	err = bpfs_sched_get_info(fd, info);
	if (!err)
		err = bpfs_sched_get_stat(fd, stat);
	close(fd);
	/* The folder may have nodes of other kinds */
	return err == -ENOTTY || err == -ENODEV ? 1 : err;
}

/* One that cannot be looked at is no reason not to show the others */
static void show_error(const char *name)
{
	if (!settings.json) {
		printf("%-12s %s\n", name, bpfs_error());
		return;
	}
	json_open(NULL);
	json_text("name", name);
	json_text("error", bpfs_error());
	json_close();
}

static void show_scheduler(const char *name)
{
	struct bpfsched_info info;
	struct bpfsched_stat stat;
	int err;

	err = read_scheduler(name, &info, &stat);
	if (err < 0) {
		show_error(name);
		return;
	}
	if (err)
		return;
	end_names(&info);
	if (settings.json)
		show_json(&info, &stat);
	else
		show_line(&info, &stat);
}

/* The node through which schedulers are made is none */
static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "control");
}

/**
 * do_list() - bpfsched list
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_list(const struct command *self, int argc, char **argv)
{
	const struct opt_group none = { NULL, 0, NULL };
	int count, i;
	struct dirent **entries;

	opt_arguments(self, argc, argv, 0, 0, &none);
	count = scandir(BPFS_DEV_DIR, &entries, is_name, alphasort);
	if (count < 0)
		return fail("%s: %m%s", BPFS_DEV_DIR, errno == ENOENT ?
			    " (the module is not loaded: modprobe bpfsched)" :
			    "");
	show_header();
	if (settings.json)
		json_array(NULL);
	for (i = 0; i < count; i++) {
		show_scheduler(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (settings.json)
		json_array_close();
	return EXIT_OK;
}
