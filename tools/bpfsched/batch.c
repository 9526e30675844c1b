// SPDX-License-Identifier: GPL-2.0
/* bpfsched batch: the jobs of a file in one call. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "print.h"
#include "program.h"
#include "wait.h"

/**
 * struct batch - jobs on their way
 * @fd: scheduler
 * @path: path of the file
 * @jobs: jobs of the file
 * @count: number of @jobs
 * @programs: their programs
 * @progs: for each job its program
 * @descs: for each job what is submitted
 * @timeout_ns: longest time to wait for room in the queue, 0: no limit
 * @room_ns: the room that was left for the last job that was not admitted
 */
struct batch {
	int fd;
	const char *path;
	struct job *jobs;
	size_t count;
	struct program *programs;
	struct bpfsched_prog **progs;
	struct bpfsched_job_desc *descs;
	__u64 timeout_ns;
	__u64 room_ns;
};

static int prepare(struct batch *b)
{
	struct bpfsched_info info;
	int status = EXIT_OK;
	size_t i;

	if (bpfsched_get_info(b->fd, &info))
		return fail_lib();
	if (b->count > info.max_batch)
		return fail("%zu jobs are too many for one call, '%s' takes %u",
			    b->count, settings.scheduler, info.max_batch);
	b->progs = calloc(b->count, sizeof(*b->progs));
	b->descs = calloc(b->count, sizeof(*b->descs));
	if (!b->progs || !b->descs)
		return fail("out of memory");
	for (i = 0; i < b->count && !status; i++) {
		set_place(b->path, b->jobs[i].line);
		status = program_load(&b->programs, b->fd, &b->jobs[i].source,
				      &b->progs[i]);
		if (!status)
			job_describe(&b->jobs[i],
				     bpfsched_prog_fd(b->progs[i]),
				     &b->descs[i]);
	}
	set_place(NULL, 0);
	return status;
}

/* The job that the room is of; @count if all were admitted */
static size_t last_busy(const struct batch *b)
{
	size_t i = b->count;

	while (i--) {
		if (b->descs[i].error == -EBUSY)
			return i;
	}
	return b->count;
}

/* Jobs that were not taken have ended first */
static int show_all(struct batch *b, struct bpfsched_stream *stream)
{
	size_t i, taken = 0, busy = last_busy(b);
	int status;

	print_line_header();
	for (i = 0; i < b->count; i++) {
		if (b->descs[i].error)
			print_line_rejected(&(struct rejected){
				.fd = b->fd,
				.desc = &b->descs[i],
				.program = bpfsched_prog_name(b->progs[i]),
				.line = b->jobs[i].line,
				.room_ns = i == busy ? &b->room_ns : NULL,
			});
		else
			taken++;
	}
	status = wait_jobs(stream, taken, print_line);
	if (!status && taken < b->count)
		status = EXIT_NOT_OK;
	return status;
}

static int submit_and_show(struct batch *b)
{
	struct bpfsched_stream *stream;
	int status;

	status = prepare(b);
	if (status)
		return status;
	if (bpfsched_stream_new(b->fd, &stream))
		return fail_lib();
	bpfsched_submit_wait(b->fd, b->descs, b->count, b->timeout_ns,
			     &b->room_ns);
	status = show_all(b, stream);
	bpfsched_stream_free(stream);
	return status;
}

/**
 * do_batch() - bpfsched batch
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_batch(const struct command *self, int argc, char **argv)
{
	struct batch b = { .fd = -1 };
	const struct opt_group groups[] = {
		{ timeout_opts, timeout_opt_count, &b.timeout_ns },
		{ NULL, 0, NULL },
	};
	int status;

	opt_arguments(self, argc, argv, 1, 1, groups);
	b.path = argv[0];
	status = jobfile_read(b.path, &b.jobs, &b.count);
	if (status)
		return status;
	b.fd = bpfsched_open(settings.scheduler);
	if (b.fd < 0)
		status = fail_lib();
	else if (b.count)
		status = submit_and_show(&b);
	programs_free(b.programs);
	free(b.progs);
	free(b.descs);
	jobfile_free(b.jobs, b.count);
	if (b.fd >= 0)
		close(b.fd);
	return status;
}
