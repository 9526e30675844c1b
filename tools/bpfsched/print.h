/* SPDX-License-Identifier: GPL-2.0 */
/* Showing how jobs ended, for people and as JSON. */
#ifndef PRINT_H
#define PRINT_H

#include "cmd.h"

/**
 * struct rejected - a job that was not taken
 * @fd: scheduler
 * @desc: the job
 * @program: name of its program
 * @line: number of its line in a job file, 0 if it is from none
 * @frame: number of the frame that is its context, 0 if none is
 * @room_ns: the room that was left, with EBUSY; NULL: not known
 */
struct rejected {
	int fd;
	const struct bpfsched_job_desc *desc;
	const char *program;
	unsigned int line;
	__u64 frame;
	const __u64 *room_ns;
};

void print_json_completion(const struct bpfsched_completion *c, __u64 frame);
void print_event(const struct bpfsched_event_record *event, void *unused);
void print_completion(const struct bpfsched_completion *c);
void print_rejected(const struct rejected *r);
void print_line_header(void);
void print_line(const struct bpfsched_completion *c);
void print_line_rejected(const struct rejected *r);
const char *format_duration(__u64 ns, char *buf, size_t size);

/* Enough for format_duration() */
#define DURATION_MAX 32

#endif /* PRINT_H */
