// SPDX-License-Identifier: GPL-2.0
/* Waiting for completions. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "print.h"
#include "progress.h"
#include "wait.h"

/* How long the jobs have to end after they were cancelled, before the next try */
#define CANCEL_MS	100

/**
 * struct family - a job and the jobs that it has submitted
 * @next: another job
 * @id: number of the job
 * @open: jobs that it has submitted and that have not ended; negative if they
 *	ended before it was known that it has submitted them; not 0
 */
struct family {
	struct family *next;
	__u64 id;
	__s64 open;
};

/**
 * next_completion() - wait for the next completion
 * @stream: stream
 * @timeout_ms: how long, 0: not at all, -1: for ever
 * @c: set to it
 *
 * What was shown so far is written out before the process sleeps, so that it
 * is not lost if a signal ends the wait.
 *
 * Return: 1; 0 if there is none, as the time ran out or a signal asks for an
 * end; or -1: a failure has been reported.
 */
int next_completion(struct bpfs_stream *stream, int timeout_ms,
		    const struct bpfsched_completion **c)
{
	int err;

	err = bpfs_stream_next(stream, 0, c);
	if (err == -EAGAIN && timeout_ms) {
		fflush(stdout);
		/* A signal ends a wait with a time-out only */
		do {
			err = bpfs_stream_next(stream, timeout_ms < 0 ?
					       INT_MAX : timeout_ms, c);
		} while (err == -EINTR && !interrupted());
	}
	if (!err)
		return 1;
	if (err == -EAGAIN || err == -ETIMEDOUT || err == -EINTR)
		return 0;
	fail_lib();
	return -1;
}

/* Add to the jobs of a family that have not ended */
static int add_open(struct family **families, __u64 id, __s64 count)
{
	struct family *family;

	while (*families && (*families)->id != id)
		families = &(*families)->next;
	family = *families;
	if (!family) {
		family = calloc(1, sizeof(*family));
		if (!family)
			return fail("out of memory");
		family->id = id;
		*families = family;
	}
	family->open += count;
	if (!family->open) {
		*families = family->next;
		free(family);
	}
	return EXIT_OK;
}

static void show_event(const struct bpfsched_event_record *event, void *data)
{
	progress_clear();
	print_event(event, data);
}

static int count_completion(struct waiting *w,
			    const struct bpfsched_completion *c)
{
	int status = EXIT_OK;

	if (c->status != BPFSCHED_STATUS_OK)
		w->worst = EXIT_NOT_OK;
	if (c->followups)
		status = add_open(&w->families, c->id, c->followups);
	if (!(c->record.flags & BPFSCHED_COMPLETION_LAST))
		return status;
	if (!c->parent)
		w->roots--;
	else if (!status)
		status = add_open(&w->families, c->parent, -1);
	return status;
}

/**
 * waiting_start() - get ready for completions
 * @w: filled in; to be freed with waiting_end()
 * @fd: scheduler; has to stay open
 * @show: shows a completion; events are shown as they come
 *
 * Whoever submits jobs adds them to w->roots.
 *
 * Return: exit status; a failure has been reported.
 */
int waiting_start(struct waiting *w, int fd,
		  void (*show)(const struct bpfsched_completion *c))
{
	memset(w, 0, sizeof(*w));
	w->fd = fd;
	w->show = show;
	if (bpfs_stream_new(fd, &w->stream))
		return fail_lib();
	bpfs_stream_on_event(w->stream, show_event, NULL);
	return EXIT_OK;
}

/**
 * waiting_any() - whether any job has not ended
 * @w: jobs
 *
 * Return: whether one has not.
 */
bool waiting_any(const struct waiting *w)
{
	return w->roots || w->families;
}

/**
 * waiting_take() - show the next completion
 * @w: jobs
 * @timeout_ms: how long to wait for it, as of next_completion()
 *
 * Return: as of next_completion().
 */
int waiting_take(struct waiting *w, int timeout_ms)
{
	const struct bpfsched_completion *c;
	int ret = next_completion(w->stream, timeout_ms, &c);

	if (ret <= 0)
		return ret;
	w->show(c);
	return count_completion(w, c) ? -1 : 1;
}

/**
 * waiting_rest() - wait until all jobs have ended, and those that they submit
 * @w: jobs; one with a period ends with its last release
 *
 * If a signal asks for an end they are cancelled.
 *
 * Return: EXIT_OK if all ended ok, EXIT_NOT_OK if one did not, EXIT_ERROR if
 * something else failed, which has been reported.
 */
int waiting_rest(struct waiting *w)
{
	bool cancelled = false;
	int ret;

	while (waiting_any(w)) {
		if (interrupted() && !cancelled) {
			interrupt_cancel(w->fd);
			cancelled = true;
		}
		ret = waiting_take(w, cancelled ? CANCEL_MS : -1);
		if (ret < 0)
			return EXIT_ERROR;
		/* One may have submitted another before it was cancelled */
		if (!ret)
			cancelled = false;
	}
	return w->worst;
}

/**
 * waiting_end() - free what waiting_start() has made
 * @w: jobs
 */
void waiting_end(struct waiting *w)
{
	struct family *family, *next;

	for (family = w->families; family; family = next) {
		next = family->next;
		free(family);
	}
	bpfs_stream_free(w->stream);
}
