/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of libbpfsched share among themselves. */
#ifndef BPFSCHED_INTERNAL_H
#define BPFSCHED_INTERNAL_H

#include "bpfsched.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* error.c */
#define BPFSCHED_ATTRIBUTE(what) __attribute__((what))

int bpfsched_fail(int err, const char *fmt, ...)
	BPFSCHED_ATTRIBUTE(format(printf, 2, 3));
bool bpfsched_debugging(void);

/* sched.c */
int bpfsched_ioctl(int fd, unsigned long cmd, void *arg, const char *what);
int bpfsched_fail_open(const char *path, int flags);

/* image.c */
struct bpfsched_image *bpfsched_image_alloc(const char *name);
int bpfsched_image_set_insns(struct bpfsched_image *image, const void *insns,
			     size_t count);

/* explain.c */
const char *bpfsched_helper_name(__u32 id);
const char *bpfsched_describe_map_type(__u32 type, char *buf, size_t size);
void bpfsched_explain_log(const struct bpfsched_image *image, const char *log,
			  char *buf, size_t size);

/* map.c */
int bpfsched_map_open(const struct bpfsched_image_map *map);

#endif /* BPFSCHED_INTERNAL_H */
