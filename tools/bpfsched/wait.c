// SPDX-License-Identifier: GPL-2.0
/* Waiting for completions. */
#include <errno.h>
#include <stdio.h>

#include "wait.h"

/**
 * next_completion() - wait for the next completion
 * @stream: stream
 * @c: set to it
 *
 * What was shown so far is written out before the process sleeps, so that it
 * is not lost if a signal ends the wait.
 *
 * Return: exit status; a failure has been reported.
 */
int next_completion(struct bpfsched_stream *stream,
		    const struct bpfsched_completion **c)
{
	int err;

	err = bpfsched_stream_next(stream, 0, c);
	if (err == -EAGAIN) {
		fflush(stdout);
		do {
			err = bpfsched_stream_next(stream, -1, c);
		} while (err == -EINTR);
	}
	return err ? fail_lib() : EXIT_OK;
}

/**
 * wait_jobs() - wait until jobs have ended, and show all their completions
 * @stream: stream
 * @count: how many jobs to wait for; one with a period ends with its last
 *	release
 * @show: shows a completion
 *
 * Return: EXIT_OK if all ended ok, EXIT_NOT_OK if one did not, EXIT_ERROR if
 * something else failed, which has been reported.
 */
int wait_jobs(struct bpfsched_stream *stream, size_t count,
	      void (*show)(const struct bpfsched_completion *c))
{
	const struct bpfsched_completion *c;
	int worst = EXIT_OK, status;

	while (count) {
		status = next_completion(stream, &c);
		if (status)
			return status;
		show(c);
		if (c->status != BPFSCHED_STATUS_OK)
			worst = EXIT_NOT_OK;
		if (c->record.flags & BPFSCHED_COMPLETION_LAST)
			count--;
	}
	return worst;
}
