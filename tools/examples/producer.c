// SPDX-License-Identifier: GPL-2.0
/*
 * A producer that is faster than the scheduler: jobs go in batches, and what
 * finds no room goes again when others have ended. Nothing is lost, and the
 * queue is never waited for while there are completions to take.
 *
 *	cc producer.c -o producer $(pkg-config --cflags --libs libbpfsched)
 *	producer embedded add.bpf.o 1000
 *
 * A job that finds no room comes after those of its batch that did; who needs
 * them in order sets BPFSCHED_JOB_WAIT, and the call waits for room.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpfsched.h>

#define BATCH 64

/**
 * struct producer - what is in flight
 * @fd: the scheduler
 * @stream: its completions
 * @jobs: those that are to be submitted next
 * @context: their contexts
 * @waiting: number of @jobs
 * @made: number of jobs that were made
 * @in_flight: submitted, and not ended
 * @ended: number of jobs that have ended
 * @refused: how often a job found no room
 * @sum: of what they returned
 */
struct producer {
	int fd;
	struct bpfs_stream *stream;
	struct bpfsched_job_desc jobs[BATCH];
	unsigned char context[BATCH][2];
	unsigned int waiting;
	unsigned int made;
	unsigned int in_flight;
	unsigned int ended;
	unsigned int refused;
	unsigned long long sum;
};

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, bpfs_error());
	return -1;
}

/* Room comes when jobs end and their completions are read */
static bool is_full(const struct bpfsched_job_desc *job)
{
	return job->error == -EAGAIN || job->error == -EDQUOT;
}

static void make_jobs(struct producer *p, const struct bpfs_prog *prog,
		      unsigned int total)
{
	unsigned char *bytes;

	for (; p->waiting < BATCH && p->made < total; p->waiting++) {
		bytes = p->context[p->waiting];
		bytes[0] = p->made & 0xff;
		bytes[1] = 1;
		bpfs_job_init(&p->jobs[p->waiting], bpfs_prog_fd(prog), bytes,
			      2);
		p->made++;
	}
}

/* Forgets the jobs that were taken */
static int keep_refused(struct producer *p)
{
	unsigned int i, kept = 0;

	for (i = 0; i < p->waiting; i++) {
		if (!p->jobs[i].error) {
			p->in_flight++;
			continue;
		}
		if (!is_full(&p->jobs[i])) {
			fprintf(stderr, "submit: %s\n",
				bpfs_errno_name(p->jobs[i].error));
			return -1;
		}
		memmove(p->context[kept], p->context[i],
			sizeof(p->context[0]));
		p->jobs[kept] = p->jobs[i];
		p->jobs[kept].context = (uintptr_t)p->context[kept];
		kept++;
		p->refused++;
	}
	p->waiting = kept;
	return 0;
}

/* Takes the completions that there are, at least one if @wait */
static int take_completions(struct producer *p, bool wait)
{
	const struct bpfsched_completion *completion;
	int err;

	for (; p->in_flight; wait = false) {
		err = bpfs_stream_next(p->stream, wait ? -1 : 0, &completion);
		if (err == -EAGAIN)
			return 0;
		if (err)
			return fail("wait");
		if (completion->status != BPFSCHED_STATUS_OK) {
			fprintf(stderr, "a job: %s\n",
				bpfs_status_name(completion->status));
			return -1;
		}
		p->sum += completion->r0;
		p->in_flight--;
		p->ended++;
	}
	return 0;
}

static int produce(struct producer *p, const struct bpfs_prog *prog,
		   unsigned int total)
{
	bool full;

	while (p->ended < total) {
		make_jobs(p, prog, total);
		if (p->waiting) {
			/* Each job has its own error, also if none was taken */
			bpfs_sched_submit(p->fd, p->jobs, p->waiting);
			if (keep_refused(p))
				return -1;
		}
		full = p->waiting || p->made == total;
		if (p->waiting && !p->in_flight) {
			/* Others have the queue to themselves */
			if (bpfs_sched_poll(p->fd, POLLOUT, -1) < 0)
				return fail("poll");
		} else if (take_completions(p, full)) {
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct producer p;
	struct bpfs_prog *prog = NULL;
	unsigned int total;
	int err;

	if (argc != 4) {
		fprintf(stderr, "usage: producer SCHEDULER OBJECT JOBS\n");
		return 2;
	}
	total = strtoul(argv[3], NULL, 10);
	p.fd = bpfs_sched_open(argv[1]);
	if (p.fd < 0) {
		fail("open");
		return 1;
	}
	err = bpfs_stream_new(p.fd, &p.stream) ? fail("stream") : 0;
	if (!err && bpfs_prog_load_file(p.fd, argv[2], NULL, &prog))
		err = fail("load");
	if (!err)
		err = produce(&p, prog, total);
	if (!err)
		printf("%u jobs, sum %llu, %s\n", p.ended, p.sum,
		       p.refused ? "the queue was full" : "no need to wait");
	bpfs_prog_free(prog);
	bpfs_stream_free(p.stream);
	close(p.fd);
	return err ? 1 : 0;
}
