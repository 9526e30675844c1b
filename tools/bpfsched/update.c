// SPDX-License-Identifier: GPL-2.0
/* bpfsched update: change a job that has not ended. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "limits.h"
#include "parse.h"
#include "print.h"

static int set_client(void *to, const char *value)
{
	struct bpfsched_update *update = to;

	return parse_client(value, &update->client);
}

static int set_priority(void *to, const char *value)
{
	struct bpfsched_update *update = to;

	update->flags |= BPFSCHED_UPDATE_PRIORITY;
	return parse_priority(value, &update->priority);
}

static int set_deadline(void *to, const char *value)
{
	struct bpfsched_update *update = to;

	update->flags |= BPFSCHED_UPDATE_DEADLINE_REL;
	return parse_duration(value, &update->deadline_ns);
}

static int set_budget_insns(void *to, const char *value)
{
	struct bpfsched_update *update = to;

	update->flags |= BPFSCHED_UPDATE_BUDGET_INSNS;
	return parse_budget_insns(value, &update->budget_insns);
}

static int set_budget_time(void *to, const char *value)
{
	struct bpfsched_update *update = to;

	update->flags |= BPFSCHED_UPDATE_BUDGET_NS;
	if (!strcmp(value, "unlimited")) {
		update->budget_ns = 0;
		return 0;
	}
	if (parse_duration(value, &update->budget_ns))
		return -1;
	return update->budget_ns ? 0 : opt_bad("'%s' is no time at all", value);
}

static const struct opt update_opts[] = {
	{ "client", OPT_NUMBER, "N",
	  "client that has the job, if several have one of that number",
	  set_client },
	{ "priority", OPT_TEXT, "PRIORITY", "low, normal, high or critical",
	  set_priority },
	{ "deadline", OPT_TEXT, "DURATION", "time from its release",
	  set_deadline },
	{ "budget-insns", OPT_NUMBER, "N",
	  "most instructions from now on, or 'unlimited'", set_budget_insns },
	{ "budget-time", OPT_TEXT, "DURATION",
	  "longest time to run from now on, or 'unlimited'", set_budget_time },
};

static int send_update(int fd, struct bpfsched_update *update)
{
	char more[REASON_MAX] = "", room[DURATION_MAX], why[256];
	int err = bpfs_sched_update(fd, update);

	if (!err)
		return EXIT_OK;
	snprintf(why, sizeof(why), "%s", bpfs_error());
	if (err == -EDQUOT)
		limit_hint(fd, update->limit, more, sizeof(more));
	else if (err == -EBUSY)
		snprintf(more, sizeof(more),
			 "; there is room for a run time of %s",
			 format_duration(update->room_ns, room, sizeof(room)));
	return fail("%s%s", why, more);
}

/**
 * do_update() - bpfsched update
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_update(const struct command *self, int argc, char **argv)
{
	struct bpfsched_update update = { .flags = 0 };
	const struct opt_group groups[] = {
		{ update_opts, ARRAY_SIZE(update_opts), &update },
		{ NULL, 0, NULL },
	};
	int fd, status;

	opt_arguments(self, argc, argv, 1, 1, groups);
	if (parse_u64(argv[0], &update.id))
		return fail("%s: %s", self->name, opt_reason());
	if (!update.flags)
		return fail("%s: nothing to change", self->name);
	update.flags |= BPFSCHED_UPDATE_ANY_CLIENT;
	fd = open_scheduler();
	if (fd < 0)
		return EXIT_ERROR;
	status = send_update(fd, &update);
	close(fd);
	return finish_silent(status);
}
