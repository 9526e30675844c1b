// SPDX-License-Identifier: GPL-2.0
/* bpfsched pause, resume and cancel: an administrator's requests. */
#include <ctype.h>
#include <unistd.h>

#include "detach.h"
#include "opt.h"
#include "parse.h"

static const struct opt_group no_options = { NULL, 0, NULL };

static int request(int (*do_it)(int fd))
{
	int fd, status = EXIT_OK;

	fd = open_scheduler();
	if (fd < 0)
		return EXIT_ERROR;
	if (do_it(fd))
		status = fail_lib();
	close(fd);
	return finish_silent(status);
}

/**
 * do_pause() - bpfsched pause
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_pause(const struct command *self, int argc, char **argv)
{
	opt_arguments(self, argc, argv, 0, 0, &no_options);
	return request(bpfs_sched_pause);
}

/**
 * do_resume() - bpfsched resume
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_resume(const struct command *self, int argc, char **argv)
{
	opt_arguments(self, argc, argv, 0, 0, &no_options);
	return request(bpfs_sched_resume);
}

static int set_client(void *to, const char *value)
{
	return parse_client(value, to);
}

static const struct opt cancel_opts[] = {
	{ "client", OPT_NUMBER, "N",
	  "client that has the job, if several have one of that number",
	  set_client },
};

/**
 * do_cancel() - bpfsched cancel
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_cancel(const struct command *self, int argc, char **argv)
{
	__u64 client = 0, id;
	const struct opt_group groups[] = {
		{ cancel_opts, ARRAY_SIZE(cancel_opts), &client },
		{ NULL, 0, NULL },
	};
	int fd, status = EXIT_OK;

	opt_arguments(self, argc, argv, 1, 1, groups);
	if (isalpha((unsigned char)*argv[0]) && client)
		return fail("%s: --client is for the number of a job, not for its name",
			    self->name);
	if (isalpha((unsigned char)*argv[0]))
		return cancel_detached(argv[0]);
	if (parse_u64(argv[0], &id))
		return fail("%s: %s", self->name, opt_reason());
	fd = open_scheduler();
	if (fd < 0)
		return EXIT_ERROR;
	if (bpfs_sched_cancel_any(fd, client, id))
		status = fail_lib();
	close(fd);
	return finish_silent(status);
}
