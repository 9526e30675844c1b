// SPDX-License-Identifier: GPL-2.0
/* Waiting for completions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "print.h"
#include "wait.h"

/**
 * struct family - a job and the jobs that it has submitted
 * @next: another job
 * @id: number of the job
 * @open: jobs that it has submitted and that have not ended; negative if they
 *	ended before it was known that it has submitted them
 */
struct family {
	struct family *next;
	__u64 id;
	__s64 open;
};

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

/* Add to the jobs of a family that have not ended */
static int add_open(struct family **families, __u64 id, __s64 count)
{
	struct family *family = *families;

	while (family && family->id != id)
		family = family->next;
	if (!family) {
		family = calloc(1, sizeof(*family));
		if (!family)
			return fail("out of memory");
		family->id = id;
		family->next = *families;
		*families = family;
	}
	family->open += count;
	return EXIT_OK;
}

/* Count a completion; @roots are the jobs of nobody that have not ended */
static int count_completion(struct family **families, size_t *roots,
			    const struct bpfsched_completion *c)
{
	int status = EXIT_OK;

	if (c->followups)
		status = add_open(families, c->id, c->followups);
	if (!(c->record.flags & BPFSCHED_COMPLETION_LAST))
		return status;
	if (!c->parent)
		--*roots;
	else if (!status)
		status = add_open(families, c->parent, -1);
	return status;
}

static bool is_any_open(const struct family *family)
{
	while (family && !family->open)
		family = family->next;
	return family;
}

static void free_families(struct family *family)
{
	struct family *next;

	for (; family; family = next) {
		next = family->next;
		free(family);
	}
}

/**
 * wait_jobs() - wait until jobs have ended, and show all their completions
 * @stream: stream
 * @count: how many jobs to wait for, beside those that they submit; one with a
 *	period ends with its last release
 * @show: shows a completion
 *
 * Events are shown as they come.
 *
 * Return: EXIT_OK if all ended ok, EXIT_NOT_OK if one did not, EXIT_ERROR if
 * something else failed, which has been reported.
 */
int wait_jobs(struct bpfsched_stream *stream, size_t count,
	      void (*show)(const struct bpfsched_completion *c))
{
	const struct bpfsched_completion *c;
	struct family *families = NULL;
	int worst = EXIT_OK, status = EXIT_OK;

	bpfsched_stream_on_event(stream, print_event, NULL);
	while (!status && (count || is_any_open(families))) {
		status = next_completion(stream, &c);
		if (status)
			break;
		show(c);
		if (c->status != BPFSCHED_STATUS_OK)
			worst = EXIT_NOT_OK;
		status = count_completion(&families, &count, c);
	}
	free_families(families);
	return status ?: worst;
}
