// SPDX-License-Identifier: GPL-2.0
/* bpfsched jobs and drain: what is in a scheduler. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "json.h"
#include "opt.h"
#include "parse.h"

#define LISTED_AT_ONCE 256

static const char *state_name(__u32 state)
{
	static const char *const names[] = {
		[BPFSCHED_JOB_STATE_WAITING] = "waiting",
		[BPFSCHED_JOB_STATE_PENDING] = "pending",
		[BPFSCHED_JOB_STATE_RUNNING] = "running",
		[BPFSCHED_JOB_STATE_PAUSED] = "paused",
	};

	if (state >= ARRAY_SIZE(names) || !names[state])
		return "unknown";
	return names[state];
}

static void show_json(const struct bpfsched_job_info *info)
{
	json_open(NULL);
	json_u64("id", info->id);
	json_u64("client", info->client);
	json_u64("pid", info->pid);
	json_u64("uid", info->uid);
	json_text("comm", info->comm);
	json_text("program", info->prog_name);
	json_text("state", state_name(info->state));
	json_text("priority", bpfs_priority_name(info->priority));
	json_u64("submitted_ns", info->submitted_ns);
	json_u64("started_ns", info->started_ns);
	if (info->deadline_ns)
		json_u64("deadline_ns", info->deadline_ns);
	json_bool("missed", info->flags & BPFSCHED_JOB_INFO_MISSED);
	json_bool("admitted", info->flags & BPFSCHED_JOB_INFO_ADMITTED);
	json_bool("no_slot", info->flags & BPFSCHED_JOB_INFO_NO_SLOT);
	json_u64("release", info->release);
	json_u64("preemptions", info->preemptions);
	json_close();
}

static void show_line(const struct bpfsched_job_info *info)
{
	printf("%-10llu %-8llu %-8u %-16.16s %-16.*s %-8s %-8s%s%s%s\n",
	       info->id, info->client, info->pid, info->comm,
	       BPFSCHED_PROG_NAME_LEN, info->prog_name,
	       state_name(info->state),
	       bpfs_priority_name(info->priority),
	       info->flags & BPFSCHED_JOB_INFO_ADMITTED ? " admitted" : "",
	       info->flags & BPFSCHED_JOB_INFO_MISSED ? " missed" : "",
	       info->flags & BPFSCHED_JOB_INFO_NO_SLOT ? " no-slot" : "");
}

static int show_jobs(int fd)
{
	static struct bpfsched_job_info infos[LISTED_AT_ONCE];
	__u64 client = 0, id = 0;
	int count, i;

	if (settings.json)
		json_array(NULL);
	else
		printf("%-10s %-8s %-8s %-16s %-16s %-8s %s\n", "ID", "CLIENT",
		       "PID", "COMMAND", "PROGRAM", "STATE", "PRIORITY");
	do {
		count = bpfs_sched_list_jobs(fd, &client, &id, infos,
					     ARRAY_SIZE(infos));
		if (count < 0)
			return fail_lib();
		for (i = 0; i < count; i++) {
			if (settings.json)
				show_json(&infos[i]);
			else
				show_line(&infos[i]);
		}
	} while (client);
	if (settings.json)
		json_array_close();
	return EXIT_OK;
}

/**
 * do_jobs() - bpfsched jobs
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_jobs(const struct command *self, int argc, char **argv)
{
	const struct opt_group none = { NULL, 0, NULL };
	int fd, status;

	opt_arguments(self, argc, argv, 0, 0, &none);
	fd = open_to_read();
	if (fd < 0)
		return EXIT_ERROR;
	status = show_jobs(fd);
	close(fd);
	return status;
}

/**
 * struct drain - how to wait
 * @flags: BPFSCHED_DRAIN_*
 * @timeout_ns: longest time to wait, 0: no limit
 */
struct drain {
	__u32 flags;
	__u64 timeout_ns;
};

static int set_timeout(void *to, const char *value)
{
	struct drain *drain = to;

	return parse_duration(value, &drain->timeout_ns);
}

static int set_no_wait(void *to, const char *value)
{
	struct drain *drain = to;

	(void)value;
	drain->flags |= BPFSCHED_DRAIN_NOWAIT;
	return 0;
}

static const struct opt drain_opts[] = {
	{ "timeout", OPT_TEXT, "DURATION", "longest time to wait",
	  set_timeout },
	{ "no-wait", OPT_FLAG, NULL,
	  "do not wait; exit status 1 if a job is pending or runs",
	  set_no_wait },
};

static int drain_scheduler(const struct drain *drain)
{
	int fd = open_to_read(), err;

	if (fd < 0)
		return EXIT_ERROR;
	err = bpfs_sched_drain_with(fd, drain->flags, drain->timeout_ns);
	close(fd);
	if (err)
		fail_lib();
	if (err == -EAGAIN)
		return EXIT_NOT_OK;
	return err ? EXIT_ERROR : finish_silent(EXIT_OK);
}

/**
 * do_drain() - bpfsched drain
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_drain(const struct command *self, int argc, char **argv)
{
	struct drain drain = { .flags = 0 };
	const struct opt_group groups[] = {
		{ drain_opts, ARRAY_SIZE(drain_opts), &drain },
		{ NULL, 0, NULL },
	};

	opt_arguments(self, argc, argv, 0, 0, groups);
	if (drain.flags && drain.timeout_ns)
		return fail("%s: --timeout and --no-wait exclude each other",
			    self->name);
	return drain_scheduler(&drain);
}
