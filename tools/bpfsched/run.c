// SPDX-License-Identifier: GPL-2.0
/* bpfsched run: one job, or one for each frame of a capture. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "print.h"
#include "program.h"
#include "replay.h"
#include "wait.h"

/**
 * struct run - what run was asked for
 * @job: the job
 * @timeout_ns: longest time to wait for room in the queue, 0: no limit
 * @pcap: capture whose frames are contexts of jobs, or NULL
 * @names: names of verdicts, or NULL
 */
struct run {
	struct job job;
	__u64 timeout_ns;
	const char *pcap;
	const char *names;
};

static int set_pcap(void *to, const char *value)
{
	struct run *run = to;

	run->pcap = value;
	return 0;
}

static int set_names(void *to, const char *value)
{
	struct run *run = to;

	run->names = value;
	return 0;
}

static const struct opt run_opts[] = {
	{ "pcap", OPT_TEXT, "FILE",
	  "run a job for each frame of a capture", set_pcap },
	{ "verdict-names", OPT_TEXT, "FILE|0=A,1=B",
	  "names of results, in the table of --pcap", set_names },
};

/* What the handler of signals is to cancel */
static struct {
	int fd;
	struct bpfsched_cancel request;
} interrupted;

/* The request itself, so that no signal is lost between a look and a sleep */
static void cancel_job(int signal)
{
	int saved = errno;

	(void)signal;
	ioctl(interrupted.fd, BPFSCHED_IOC_CANCEL, &interrupted.request);
	errno = saved;
}

/* The first SIGINT cancels the job, a second one ends the process */
static void cancel_on_interrupt(int fd, __u64 id)
{
	struct sigaction action = {
		.sa_handler = cancel_job,
		.sa_flags = SA_RESETHAND,
	};

	interrupted.fd = fd;
	interrupted.request.size = sizeof(interrupted.request);
	interrupted.request.id = id;
	sigaction(SIGINT, &action, NULL);
}

/* A periodic job is a table with a line for each release */
static int show_job(int fd, const struct bpfsched_job_desc *desc,
		    struct bpfsched_stream *stream)
{
	if (!desc->period_ns)
		return wait_jobs(stream, 1, print_completion);
	cancel_on_interrupt(fd, desc->id);
	print_line_header();
	return wait_jobs(stream, 1, print_line);
}

static int run_once(int fd, const struct run *run, struct bpfsched_prog *prog)
{
	struct bpfsched_job_desc desc;
	struct bpfsched_stream *stream;
	__u64 room_ns;
	int status;

	if (bpfsched_stream_new(fd, &stream))
		return fail_lib();
	job_describe(&run->job, bpfsched_prog_fd(prog), &desc);
	if (bpfsched_submit_wait(fd, &desc, 1, run->timeout_ns, &room_ns) < 0) {
		const struct rejected rejected = {
			.fd = fd,
			.desc = &desc,
			.program = bpfsched_prog_name(prog),
			.room_ns = &room_ns,
		};

		print_rejected(&rejected);
		status = EXIT_NOT_OK;
	} else {
		status = show_job(fd, &desc, stream);
	}
	bpfsched_stream_free(stream);
	return status;
}

static int run_program(int fd, const struct run *run,
		       struct bpfsched_prog *prog)
{
	struct replay_request request = {
		.fd = fd,
		.prog = prog,
		.job = &run->job,
		.path = run->pcap,
		.names = run->names,
	};

	if (run->pcap)
		return replay(&request);
	return run_once(fd, run, prog);
}

/* What cannot be said of an option alone */
static int check_options(const struct command *self, const struct run *run)
{
	if (run->pcap && run->job.context.data)
		return fail("%s: --context and --pcap exclude each other",
			    self->name);
	if (run->pcap && run->job.id)
		return fail("%s: --id and --pcap exclude each other",
			    self->name);
	if (run->pcap && run->job.period_ns)
		return fail("%s: --period and --pcap exclude each other",
			    self->name);
	if (run->timeout_ns &&
	    (run->pcap || run->job.on_full != BPFSCHED_JOB_WAIT))
		return fail("%s: --timeout needs --on-full wait, without --pcap",
			    self->name);
	if (run->names && !run->pcap)
		return fail("%s: --verdict-names needs --pcap", self->name);
	return EXIT_OK;
}

static int load_and_run(const struct run *run)
{
	struct program *programs = NULL;
	struct bpfsched_prog *prog;
	int fd, status;

	fd = bpfsched_open(settings.scheduler);
	if (fd < 0)
		return fail_lib();
	status = program_load(&programs, fd, &run->job.source, &prog);
	if (!status)
		status = run_program(fd, run, prog);
	programs_free(programs);
	close(fd);
	return status;
}

/**
 * do_run() - bpfsched run
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_run(const struct command *self, int argc, char **argv)
{
	struct run run = { .pcap = NULL };
	const struct opt_group groups[] = {
		{ source_opts, source_opt_count, &run.job.source },
		{ run_opts, ARRAY_SIZE(run_opts), &run },
		{ job_opts, job_opt_count, &run.job },
		{ timeout_opts, timeout_opt_count, &run.timeout_ns },
		{ NULL, 0, NULL },
	};
	int args, status;

	job_init(&run.job);
	args = opt_arguments(self, argc, argv, 0, 2, groups);
	status = source_arguments(&run.job.source, self, args, argv);
	if (!status)
		status = check_options(self, &run);
	if (!status)
		status = load_and_run(&run);
	job_free(&run.job);
	return status;
}
