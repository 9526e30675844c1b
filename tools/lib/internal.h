/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of libbpfsched share among themselves. */
#ifndef BPFSCHED_INTERNAL_H
#define BPFSCHED_INTERNAL_H

#include "bpfsched.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * In logarithmic time, for how many elements of a list @comes_first holds: an
 * expression of i, the number of an element. The list has @count elements and is
 * sorted so that these come first.
 */
#define bpfs_count_first(count, comes_first) ({				\
	size_t low_ = 0, high_ = (count), i;				\
									\
	while (low_ < high_) {						\
		i = low_ + (high_ - low_) / 2;				\
		if (comes_first)					\
			low_ = i + 1;					\
		else							\
			high_ = i;					\
	}								\
	low_;								\
})

/* error.c */
#define BPFS_ATTRIBUTE(what) __attribute__((what))

int bpfs_fail(int err, const char *fmt, ...)
	BPFS_ATTRIBUTE(format(printf, 2, 3));
bool bpfs_debugging(void);

/* sched.c */
int bpfs_ioctl(int fd, unsigned long cmd, void *arg, const char *what);
int bpfs_fail_open(const char *path, int flags);

/* image.c */
struct bpfs_image *bpfs_image_alloc(const char *name);
int bpfs_image_set_insns(struct bpfs_image *image, const void *insns,
			 size_t count);

/* explain.c */
const char *bpfs_helper_name(__u32 id);
const char *bpfs_map_type_describe(__u32 type, char *buf, size_t size);
void bpfs_log_explain(const struct bpfs_image *image, const char *log,
		      char *buf, size_t size);

/* map.c */
int bpfs_map_open(const struct bpfs_image_map *map);

#endif /* BPFSCHED_INTERNAL_H */
