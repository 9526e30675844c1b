// SPDX-License-Identifier: GPL-2.0
/* The limit that a request has met, in words. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* What there is too much of, and what follows the number of the limit */
static const struct limit_text {
	const char *what;
	const char *unit;
	bool of_user;
} texts[] = {
	[BPFSCHED_LIMIT_COMPLETIONS] = {
		"too many jobs in flight and completions not read", "", false,
	},
	[BPFSCHED_LIMIT_CLIENT_JOBS] = { "too many live jobs", "", false },
	[BPFSCHED_LIMIT_USER_JOBS] = { "too many live jobs", "", true },
	[BPFSCHED_LIMIT_USER_WAITING] = {
		"too many waiting or periodic jobs", "", true,
	},
	[BPFSCHED_LIMIT_USER_RELEASES] = {
		"too many periodic releases", " a second", true,
	},
	[BPFSCHED_LIMIT_USER_RESERVED] = {
		"too much reserved time", "% of a worker", true,
	},
	[BPFSCHED_LIMIT_USER_PROGRAMS] = { "too many programs", "", true },
	[BPFSCHED_LIMIT_USER_MEMORY] = {
		"too much memory of programs", " bytes", true,
	},
	[BPFSCHED_LIMIT_RESERVATIONS] = {
		"too many admitted jobs",
		", and half of it for a user without CAP_SYS_NICE", false,
	},
};

/* Parts per million as a percentage, with the decimals that it has */
static void format_percent(__u64 ppm, char *buf, size_t size)
{
	snprintf(buf, size, "%.10g", ppm / (BPFSCHED_PPM / 100.0));
}

static __u64 value_of(const struct bpfsched_info *info, __u32 limit)
{
	switch (limit) {
	case BPFSCHED_LIMIT_COMPLETIONS:
		return info->completion_slots;
	case BPFSCHED_LIMIT_CLIENT_JOBS:
		return info->client_jobs;
	case BPFSCHED_LIMIT_USER_JOBS:
		return info->user_limits.jobs;
	case BPFSCHED_LIMIT_USER_WAITING:
		return info->user_limits.waiting;
	case BPFSCHED_LIMIT_USER_RELEASES:
		return info->user_limits.releases;
	case BPFSCHED_LIMIT_USER_PROGRAMS:
		return info->user_limits.programs;
	case BPFSCHED_LIMIT_USER_MEMORY:
		return info->user_limits.memory;
	default:
		return info->max_reservations;
	}
}

/* Whose limit it is */
static void describe_owner(int fd, const struct limit_text *text, char *buf,
			   size_t size)
{
	struct bpfsched_user_info user;

	if (!text->of_user)
		snprintf(buf, size, " of this client");
	else if (bpfs_sched_get_user(fd, &user))
		snprintf(buf, size, " of this user");
	else
		snprintf(buf, size, " of user %u", user.uid);
}

const char *bpfs_limit_explain(int fd, __u32 limit, char *buf,
			       size_t size)
{
	char owner[32] = "", value[32];
	const struct limit_text *text;
	struct bpfsched_info info;

	if (limit >= ARRAY_SIZE(texts) || !texts[limit].what) {
		snprintf(buf, size, "a limit is met (number %u)", limit);
		return buf;
	}
	text = &texts[limit];
	if (limit != BPFSCHED_LIMIT_RESERVATIONS)
		describe_owner(fd, text, owner, sizeof(owner));
	if (bpfs_sched_get_info(fd, &info)) {
		snprintf(buf, size, "%s%s", text->what, owner);
		return buf;
	}
	if (limit == BPFSCHED_LIMIT_USER_RESERVED)
		format_percent(info.user_limits.reserved_ppm, value,
			       sizeof(value));
	else
		snprintf(value, sizeof(value), "%llu",
			 (unsigned long long)value_of(&info, limit));
	snprintf(buf, size, "%s%s (limit %s%s)", text->what, owner, value,
		 text->unit);
	return buf;
}
