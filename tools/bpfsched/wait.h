/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for completions. */
#ifndef WAIT_H
#define WAIT_H

#include "cmd.h"

int wait_jobs(struct bpfsched_stream *stream, size_t count,
	      void (*show)(const struct bpfsched_completion *c));
int next_completion(struct bpfsched_stream *stream,
		    const struct bpfsched_completion **c);

#endif /* WAIT_H */
