/* SPDX-License-Identifier: GPL-2.0 */
/* A job for each frame of a capture. */
#ifndef REPLAY_H
#define REPLAY_H

#include "job.h"

/**
 * struct replay_request - what to run over which frames
 * @fd: scheduler
 * @prog: program
 * @job: what all jobs have in common
 * @path: path of the capture
 * @link_type: link type of the frames that the program takes, or
 *	PCAP_ANY_LINK_TYPE
 * @names: names of results, or NULL
 */
struct replay_request {
	int fd;
	struct bpfs_prog *prog;
	const struct job *job;
	const char *path;
	__u32 link_type;
	const char *names;
};

int replay(const struct replay_request *request);

#endif /* REPLAY_H */
