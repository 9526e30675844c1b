/* SPDX-License-Identifier: GPL-2.0 */
/* Showing how jobs ended, for people and as JSON. */
#ifndef PRINT_H
#define PRINT_H

#include "cmd.h"

void print_json_completion(const struct bpfsched_completion *c, __u64 frame);
void print_json_rejected(const struct bpfsched_job_desc *desc,
			 const char *program, __u64 frame,
			 const __u64 *room_ns);
void print_event(const struct bpfsched_event_record *event, void *unused);
void print_completion(const struct bpfsched_completion *c);
void print_rejected(int fd, const struct bpfsched_job_desc *desc,
		    const char *program, __u64 room_ns);
void print_line_header(void);
void print_line(const struct bpfsched_completion *c);
void print_line_rejected(int fd, const struct bpfsched_job_desc *desc,
			 const char *program, const __u64 *room_ns);
const char *format_duration(__u64 ns, char *buf, size_t size);

/* Enough for format_duration() */
#define DURATION_MAX 32

#endif /* PRINT_H */
