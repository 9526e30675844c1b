// SPDX-License-Identifier: GPL-2.0
/*
 * bpfsched batch: the jobs of a file, in one call if it takes them all, and in
 * pieces otherwise.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "print.h"
#include "program.h"
#include "progress.h"
#include "wait.h"

/* Error of a job that waits until others have ended; no errno */
#define LATER	1

/**
 * struct batch - jobs on their way
 * @fd: scheduler
 * @path: path of the file
 * @jobs: jobs of the file
 * @count: number of @jobs
 * @programs: their programs
 * @progs: for each job its program
 * @timeout_ns: longest time to wait for room in the queue, 0: no limit
 * @piece: what one call takes
 * @piece_max: room in @piece
 * @next: job to submit next
 * @again: jobs before that which wait until others have ended, in order
 * @again_count: number of @again
 * @stalled_ns: since when they wait
 * @waiting: jobs that were taken
 * @rejected: number of jobs that were not taken
 */
struct batch {
	int fd;
	const char *path;
	struct job *jobs;
	size_t count;
	struct program *programs;
	struct bpfs_prog **progs;
	__u64 timeout_ns;
	struct bpfsched_job_desc *piece;
	size_t piece_max;
	size_t next;
	size_t *again;
	size_t again_count;
	__u64 stalled_ns;
	struct waiting waiting;
	size_t rejected;
};

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static int load_programs(struct batch *b)
{
	int status = EXIT_OK;
	size_t i;

	for (i = 0; i < b->count && !status; i++) {
		set_place(b->path, b->jobs[i].line);
		status = program_load(&b->programs, b->fd, &b->jobs[i].source,
				      &b->progs[i]);
		/* Of the types nothing is needed any more */
		if (b->jobs[i].settings)
			globals_free(b->jobs[i].settings);
	}
	set_place(NULL, 0);
	return status;
}

static int prepare(struct batch *b)
{
	struct bpfsched_info info;

	if (bpfs_sched_get_info(b->fd, &info))
		return fail_lib();
	b->piece_max = b->count < info.max_batch ? b->count : info.max_batch;
	b->progs = calloc(b->count, sizeof(*b->progs));
	b->piece = calloc(b->piece_max, sizeof(*b->piece));
	b->again = calloc(b->piece_max, sizeof(*b->again));
	if (!b->progs || !b->piece || !b->again)
		return fail("out of memory");
	return load_programs(b);
}

/* A job that is to wait for room waits, too, for jobs of the user to end */
static bool is_for_later(const struct batch *b,
			 const struct bpfsched_job_desc *desc)
{
	/* Another signal, as when the process was stopped and goes on */
	if (desc->error == -EINTR)
		return !interrupted();
	if (desc->error != -EDQUOT || !(desc->flags & BPFSCHED_JOB_WAIT) ||
	    !waiting_any(&b->waiting))
		return false;
	return desc->limit == BPFSCHED_LIMIT_COMPLETIONS ||
	       desc->limit == BPFSCHED_LIMIT_CLIENT_JOBS ||
	       desc->limit == BPFSCHED_LIMIT_USER_JOBS;
}

static void show_rejected(struct batch *b,
			  const struct bpfsched_job_desc *desc,
			  const __u64 *room_ns)
{
	const size_t number = desc->user_data;

	b->rejected++;
	progress_clear();
	print_line_rejected(&(struct rejected){
		.fd = b->fd,
		.desc = desc,
		.program = bpfs_prog_name(b->progs[number]),
		.line = b->jobs[number].line,
		.room_ns = room_ns,
	});
}

static void describe(const struct batch *b, size_t number,
		     struct bpfsched_job_desc *desc)
{
	job_describe(&b->jobs[number], bpfs_prog_fd(b->progs[number]),
		     desc);
	desc->user_data = number;
}

/* Jobs that were not taken at first come first; returns how many there are */
static size_t fill_piece(struct batch *b, size_t want)
{
	size_t count = 0, i;

	while (count < b->again_count && count < want) {
		describe(b, b->again[count], &b->piece[count]);
		count++;
	}
	for (i = count; i < b->again_count; i++)
		b->again[i - count] = b->again[i];
	b->again_count -= count;
	while (!b->again_count && b->next < b->count && count < want)
		describe(b, b->next++, &b->piece[count++]);
	return count;
}

/*
 * Put jobs that are to wait back before those that wait behind them. Returns
 * whether there are some.
 */
static bool put_back(struct batch *b, size_t count)
{
	size_t later = 0, i;
	bool any;

	for (i = 0; i < count; i++) {
		if (!b->piece[i].error || !is_for_later(b, &b->piece[i]))
			continue;
		b->piece[i].error = LATER;
		later++;
	}
	any = later;
	for (i = b->again_count; i--;)
		b->again[i + later] = b->again[i];
	b->again_count += later;
	for (i = count; i--;) {
		if (b->piece[i].error == LATER)
			b->again[--later] = b->piece[i].user_data;
	}
	return any;
}

/* The job that the room is of; @count if all were admitted */
static size_t last_busy(const struct batch *b, size_t count)
{
	size_t i = count;

	while (i--) {
		if (b->piece[i].error == -EBUSY)
			return i;
	}
	return count;
}

/* Jobs that were not taken have ended first. Returns whether some wait. */
static bool submit_piece(struct batch *b, size_t want)
{
	size_t count = fill_piece(b, want), taken = 0, busy, i;
	__u64 room_ns;
	bool refused;

	bpfs_sched_submit_wait(b->fd, b->piece, count, b->timeout_ns, &room_ns);
	for (i = 0; i < count; i++)
		taken += !b->piece[i].error;
	b->waiting.roots += taken;
	refused = put_back(b, count);
	if (taken || !refused)
		b->stalled_ns = now_ns();
	busy = last_busy(b, count);
	for (i = 0; i < count; i++) {
		if (b->piece[i].error < 0)
			show_rejected(b, &b->piece[i],
				      i == busy ? &room_ns : NULL);
	}
	return refused;
}

/* Not submitted at all, for one and the same reason */
static void reject_rest(struct batch *b, int error)
{
	while (fill_piece(b, 1)) {
		b->piece[0].error = error;
		show_rejected(b, &b->piece[0], NULL);
	}
}

/* Only those that wait for others to end */
static void reject_stalled(struct batch *b)
{
	size_t count = b->again_count;

	while (count--) {
		fill_piece(b, 1);
		b->piece[0].error = -ETIMEDOUT;
		show_rejected(b, &b->piece[0], NULL);
	}
}

static int ms_left(const struct batch *b)
{
	__u64 past = now_ns() - b->stalled_ns;

	if (!b->timeout_ns)
		return -1;
	if (past >= b->timeout_ns)
		return 0;
	past = (b->timeout_ns - past) / 1000000 + 1;
	return past < 1000000 ? past : 1000000;
}

/*
 * Take what has ended; if jobs wait for others to end, wait until one has.
 * Returns how many have, or -1 after a failure.
 */
static int take_ended(struct batch *b)
{
	bool wait = b->again_count && waiting_any(&b->waiting);
	int timeout_ms = wait ? ms_left(b) : 0, taken = 0, ret;

	while ((ret = waiting_take(&b->waiting, timeout_ms)) > 0) {
		taken++;
		timeout_ms = 0;
	}
	return ret < 0 ? -1 : taken;
}

static int submit_all(struct batch *b)
{
	size_t want = b->piece_max;
	bool refused;
	int ended;

	while (!interrupted() && (b->again_count || b->next < b->count)) {
		refused = submit_piece(b, want);
		progress_show(b->next - b->again_count);
		ended = take_ended(b);
		if (ended < 0)
			return EXIT_ERROR;
		if (!ended && refused && !interrupted() && !ms_left(b))
			reject_stalled(b);
		want = refused ? (size_t)ended + 1 : want * 2;
		if (want > b->piece_max)
			want = b->piece_max;
	}
	reject_rest(b, -EINTR);
	progress_clear();
	return EXIT_OK;
}

static void show_line(const struct bpfsched_completion *c)
{
	progress_clear();
	print_line(c);
}

static int submit_and_show(struct batch *b)
{
	int status;

	status = waiting_start(&b->waiting, b->fd, show_line);
	if (status)
		return status;
	if (b->count > b->piece_max)
		progress_start(b->count);
	interrupt_catch();
	print_line_header();
	status = submit_all(b);
	if (!status)
		status = waiting_rest(&b->waiting);
	if (!status && b->rejected)
		status = EXIT_NOT_OK;
	waiting_end(&b->waiting);
	return interrupt_status(status);
}

static int run_batch(struct batch *b)
{
	int status = prepare(b);

	return status ?: submit_and_show(b);
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
	b.fd = open_scheduler();
	if (b.fd < 0)
		status = EXIT_ERROR;
	else if (b.count)
		status = run_batch(&b);
	programs_free(b.programs);
	free(b.progs);
	free(b.piece);
	free(b.again);
	jobfile_free(b.jobs, b.count);
	if (b.fd >= 0)
		close(b.fd);
	return status;
}
