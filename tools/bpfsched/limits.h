/* SPDX-License-Identifier: GPL-2.0 */
/* Limits of users: options that set them, and what is said when one is met. */
#ifndef LIMITS_H
#define LIMITS_H

#include "opt.h"

/**
 * struct limit_settings - limits that were given
 * @flags: BPFSCHED_USER_SET_*: which ones
 * @limits: their values
 */
struct limit_settings {
	__u32 flags;
	struct bpfsched_user_limits limits;
};

extern const struct opt limit_opts[];
extern const size_t limit_opt_count;
extern const struct opt user_limit_opts[];
extern const size_t user_limit_opt_count;

void json_limits(const char *key, const struct bpfsched_user_limits *limits);

/* Enough for the texts */
#define REASON_MAX 512

const char *limit_reason(int fd, __u32 limit, char *buf, size_t size);
const char *limit_hint(int fd, __u32 limit, char *buf, size_t size);

#endif /* LIMITS_H */
