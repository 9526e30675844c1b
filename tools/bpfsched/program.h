/* SPDX-License-Identifier: GPL-2.0 */
/* Programs from where a user says, each loaded once. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "job.h"

/*
 * Most programs of an object that are shown or checked at once. For each of them
 * all of the object is read.
 */
#define PROGRAMS_AT_ONCE	1024

struct program;

int source_image(const struct source *source, struct bpfs_image **image);
int program_load(struct program **programs, int fd,
		 const struct source *source,
		 struct bpfs_prog **prog);
int fail_load(int fd);
int fail_programs(const char *object, int count);
void programs_free(struct program *programs);

#endif /* PROGRAM_H */
