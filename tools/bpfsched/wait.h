/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for completions. */
#ifndef WAIT_H
#define WAIT_H

#include "cmd.h"

/**
 * struct waiting - jobs of one open file that have not ended
 * @fd: scheduler
 * @stream: where completions come from
 * @roots: how many of them were submitted by the command
 * @families: jobs that have submitted others which have not ended
 * @worst: EXIT_NOT_OK if one did not end ok, otherwise EXIT_OK
 * @show: shows a completion
 */
struct waiting {
	int fd;
	struct bpfs_stream *stream;
	size_t roots;
	struct family *families;
	int worst;
	void (*show)(const struct bpfsched_completion *c);
};

int waiting_start(struct waiting *w, int fd,
		  void (*show)(const struct bpfsched_completion *c));
bool waiting_any(const struct waiting *w);
int waiting_take(struct waiting *w, int timeout_ms);
int waiting_rest(struct waiting *w);
void waiting_end(struct waiting *w);
int next_completion(struct bpfs_stream *stream, int timeout_ms,
		    const struct bpfsched_completion **c);

#endif /* WAIT_H */
