// SPDX-License-Identifier: GPL-2.0
/* bpfsched run: one job, or one for each frame of a capture. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "interrupt.h"
#include "pcap.h"
#include "periodic.h"
#include "print.h"
#include "program.h"
#include "replay.h"
#include "wait.h"

/**
 * struct run - what run was asked for
 * @job: the job
 * @timeout_ns: longest time to wait for room in the queue, 0: no limit
 * @pcap: capture whose frames are contexts of jobs, or NULL
 * @has_link_type: whether @link_type was given
 * @link_type: link type of the frames that the program takes
 * @names: names of verdicts, or NULL
 * @quiet: of a periodic job show the summary only
 * @ignore_misses: exit status 0 though some of its releases were late
 * @globals: variables to set before it starts, and to show after its end
 */
struct run {
	struct job job;
	__u64 timeout_ns;
	const char *pcap;
	bool has_link_type;
	__u32 link_type;
	const char *names;
	bool quiet;
	bool ignore_misses;
	struct globals globals;
};

static int set_pcap(void *to, const char *value)
{
	struct run *run = to;

	run->pcap = value;
	return 0;
}

static int set_link_type(void *to, const char *value)
{
	struct run *run = to;

	run->has_link_type = true;
	return pcap_parse_link_type(value, &run->link_type);
}

static int set_names(void *to, const char *value)
{
	struct run *run = to;

	run->names = value;
	return 0;
}

static int set_quiet(void *to, const char *value)
{
	struct run *run = to;

	(void)value;
	run->quiet = true;
	return 0;
}

static int set_ignore_misses(void *to, const char *value)
{
	struct run *run = to;

	(void)value;
	run->ignore_misses = true;
	return 0;
}

static const struct opt run_opts[] = {
	{ "quiet", OPT_FLAG, NULL,
	  "with --period: show nothing but the summary", set_quiet },
	{ "ignore-misses", OPT_FLAG, NULL,
	  "with --period: misses and overruns are no failure",
	  set_ignore_misses },
	{ "pcap", OPT_TEXT, "FILE",
	  "run a job for each frame of a capture", set_pcap },
	{ "link-type", OPT_TEXT, "TYPE|any",
	  "link type of frames that the program takes (default: EN10MB)",
	  set_link_type },
	{ "verdict-names", OPT_TEXT, "FILE|0=A,1=B",
	  "names of results, in the table of --pcap", set_names },
};

static void show_rejected(int fd, const struct bpfsched_job_desc *desc,
			  const struct bpfs_prog *prog,
			  const __u64 *room_ns)
{
	const struct rejected rejected = {
		.fd = fd,
		.desc = desc,
		.program = bpfs_prog_name(prog),
		.room_ns = room_ns,
	};

	print_rejected(&rejected);
}

/* Again if a signal that is not meant to end it has ended the wait for room */
static int submit(int fd, const struct run *run, struct bpfsched_job_desc *desc,
		  __u64 *room_ns)
{
	int ret;

	do {
		ret = bpfs_sched_submit_wait(fd, desc, 1, run->timeout_ns,
					     room_ns);
	} while (ret == -EINTR && !interrupted());
	return ret;
}

/* A job was taken: wait for its end, and show it */
static int show_job(const struct run *run, struct waiting *waiting)
{
	int status;

	waiting->roots = 1;
	if (!run->job.period_ns)
		return waiting_rest(waiting);
	periodic_start(run->quiet);
	status = waiting_rest(waiting);
	if (!periodic_end() && !run->ignore_misses && status == EXIT_OK)
		status = EXIT_NOT_OK;
	return status;
}

static int run_once(int fd, const struct run *run, struct bpfs_prog *prog)
{
	struct bpfsched_job_desc desc;
	struct waiting waiting;
	__u64 room_ns;
	int status;

	status = waiting_start(&waiting, fd, run->job.period_ns ?
			       periodic_show : print_completion);
	if (status)
		return status;
	job_describe(&run->job, bpfs_prog_fd(prog), &desc);
	if (submit(fd, run, &desc, &room_ns) < 0) {
		show_rejected(fd, &desc, prog, &room_ns);
		status = EXIT_NOT_OK;
	} else {
		status = show_job(run, &waiting);
	}
	waiting_end(&waiting);
	return status;
}

static int run_program(int fd, const struct run *run,
		       struct bpfs_prog *prog)
{
	struct replay_request request = {
		.fd = fd,
		.prog = prog,
		.job = &run->job,
		.path = run->pcap,
		.link_type = run->link_type,
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
	if ((run->quiet || run->ignore_misses) && !run->job.period_ns)
		return fail("%s: --quiet and --ignore-misses need --period",
			    self->name);
	if (run->has_link_type && !run->pcap)
		return fail("%s: --link-type needs --pcap", self->name);
	if (run->names && !run->pcap)
		return fail("%s: --verdict-names needs --pcap", self->name);
	return EXIT_OK;
}

static int show_globals(struct run *run, struct bpfs_prog *prog, int status)
{
	if (!run->globals.get_count || status == EXIT_ERROR)
		return status;
	return globals_show(&run->globals, prog) ?: status;
}

static int load_and_run(struct run *run)
{
	struct program *programs = NULL;
	struct bpfs_prog *prog;
	int fd, status;

	fd = open_scheduler();
	if (fd < 0)
		return EXIT_ERROR;
	status = program_load(&programs, fd, &run->job.source, &prog);
	if (!status) {
		interrupt_catch();
		status = interrupt_status(run_program(fd, run, prog));
		status = show_globals(run, prog, status);
	}
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
	struct run run = { .link_type = PCAP_ETHERNET };
	const struct opt_group groups[] = {
		{ source_opts, source_opt_count, &run.job.source },
		{ run_opts, ARRAY_SIZE(run_opts), &run },
		{ job_opts, job_opt_count, &run.job },
		{ globals_opts, globals_opt_count, &run.globals },
		{ timeout_opts, timeout_opt_count, &run.timeout_ns },
		{ NULL, 0, NULL },
	};
	int args, status;

	job_init(&run.job);
	args = opt_arguments(self, argc, argv, 0, 2, groups);
	status = source_arguments(&run.job.source, self, args, argv);
	if (globals_any(&run.globals))
		run.job.source.globals = &run.globals;
	if (!status)
		status = check_options(self, &run);
	if (!status)
		status = load_and_run(&run);
	globals_free(&run.globals);
	job_free(&run.job);
	return status;
}
