// SPDX-License-Identifier: GPL-2.0
/* Limits of users: options that set them, and what is said when one is met. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "limits.h"
#include "parse.h"

/* A number, or "max" for no limit */
static int parse_limit(const char *value, __u64 no_limit,
		       int (*parse)(const char *text, __u64 *number),
		       __u64 *limit)
{
	if (!strcmp(value, "max")) {
		*limit = no_limit;
		return 0;
	}
	if (parse(value, limit))
		return -1;
	if (*limit >= no_limit)
		return opt_bad("'%s' is too large; 'max' stands for no limit",
			       value);
	return 0;
}

static int set_u32(void *to, __u32 flag, __u32 *limit, const char *value,
		   int (*parse)(const char *text, __u64 *number))
{
	struct limit_settings *set = to;
	__u64 number;

	if (parse_limit(value, BPFSCHED_NO_LIMIT, parse, &number))
		return -1;
	set->flags |= flag;
	*limit = number;
	return 0;
}

static int set_clients(void *to, const char *value)
{
	struct limit_settings *set = to;

	return set_u32(to, BPFSCHED_USER_SET_CLIENTS,
		       &set->limits.clients, value, parse_u64);
}

static int set_jobs(void *to, const char *value)
{
	struct limit_settings *set = to;

	return set_u32(to, BPFSCHED_USER_SET_JOBS, &set->limits.jobs,
		       value, parse_u64);
}

static int set_waiting(void *to, const char *value)
{
	struct limit_settings *set = to;

	return set_u32(to, BPFSCHED_USER_SET_WAITING,
		       &set->limits.waiting, value, parse_u64);
}

static int set_programs(void *to, const char *value)
{
	struct limit_settings *set = to;

	return set_u32(to, BPFSCHED_USER_SET_PROGRAMS,
		       &set->limits.programs, value, parse_u64);
}

static int set_memory(void *to, const char *value)
{
	struct limit_settings *set = to;

	set->flags |= BPFSCHED_USER_SET_MEMORY;
	return parse_limit(value, BPFSCHED_NO_LIMIT64, parse_size,
			   &set->limits.memory);
}

static int set_releases(void *to, const char *value)
{
	struct limit_settings *set = to;

	set->flags |= BPFSCHED_USER_SET_RELEASES;
	return parse_limit(value, BPFSCHED_NO_LIMIT64, parse_u64,
			   &set->limits.releases);
}

static int set_reserve(void *to, const char *value)
{
	struct limit_settings *set = to;

	return set_u32(to, BPFSCHED_USER_SET_RESERVED,
		       &set->limits.reserved_ppm, value, parse_percent);
}

static int set_weight(void *to, const char *value)
{
	struct limit_settings *set = to;
	__u64 weight;

	if (parse_u64(value, &weight))
		return -1;
	if (weight < BPFSCHED_WEIGHT_MIN || weight > BPFSCHED_WEIGHT_MAX)
		return opt_bad("'%s' is not a weight from %d to %d", value,
			       BPFSCHED_WEIGHT_MIN, BPFSCHED_WEIGHT_MAX);
	set->flags |= BPFSCHED_USER_SET_WEIGHT;
	set->limits.weight = weight;
	return 0;
}

/* Options of users set */
const struct opt limit_opts[] = {
	{ "clients", OPT_NUMBER, "N|max", "most open files", set_clients },
	{ "jobs", OPT_NUMBER, "N|max", "most live jobs", set_jobs },
	{ "waiting", OPT_NUMBER, "N|max",
	  "most jobs that are periodic or wait for their release",
	  set_waiting },
	{ "programs", OPT_NUMBER, "N|max", "most programs", set_programs },
	{ "memory", OPT_TEXT, "SIZE|max",
	  "most bytes of programs and their data, with K, M or G", set_memory },
	{ "releases", OPT_NUMBER, "N|max",
	  "most releases a second of periodic jobs", set_releases },
	{ "reserve", OPT_TEXT, "PERCENT|max",
	  "time of a worker to reserve without CAP_SYS_NICE", set_reserve },
	{ "weight", OPT_NUMBER, "N",
	  "policy fair: share of the time, 1 to 10000", set_weight },
};

const size_t limit_opt_count = ARRAY_SIZE(limit_opts);

/* The same of create, for each user of the new scheduler */
const struct opt user_limit_opts[] = {
	{ "user-clients", OPT_NUMBER, "N|max", "most open files", set_clients },
	{ "user-jobs", OPT_NUMBER, "N|max", "most live jobs", set_jobs },
	{ "user-waiting", OPT_NUMBER, "N|max",
	  "most jobs that are periodic or wait for their release",
	  set_waiting },
	{ "user-programs", OPT_NUMBER, "N|max", "most programs", set_programs },
	{ "user-memory", OPT_TEXT, "SIZE|max",
	  "most bytes of programs and their data, with K, M or G", set_memory },
	{ "user-releases", OPT_NUMBER, "N|max",
	  "most releases a second of periodic jobs", set_releases },
	{ "user-reserve", OPT_TEXT, "PERCENT|max",
	  "time of a worker to reserve without CAP_SYS_NICE", set_reserve },
	{ "user-weight", OPT_NUMBER, "N",
	  "policy fair: share of the time, 1 to 10000", set_weight },
};

const size_t user_limit_opt_count = ARRAY_SIZE(user_limit_opts);

static void json_limit(const char *key, __u64 limit, __u64 no_limit)
{
	if (limit == no_limit)
		json_null(key);
	else
		json_u64(key, limit);
}

/**
 * json_limits() - show the limits of a user as a JSON object
 * @key: its key
 * @limits: the limits
 */
void json_limits(const char *key, const struct bpfsched_user_limits *limits)
{
	json_open(key);
	json_limit("clients", limits->clients, BPFSCHED_NO_LIMIT);
	json_limit("jobs", limits->jobs, BPFSCHED_NO_LIMIT);
	json_limit("waiting", limits->waiting, BPFSCHED_NO_LIMIT);
	json_limit("programs", limits->programs, BPFSCHED_NO_LIMIT);
	json_limit("memory", limits->memory, BPFSCHED_NO_LIMIT64);
	json_limit("releases", limits->releases, BPFSCHED_NO_LIMIT64);
	json_limit("reserved_ppm", limits->reserved_ppm, BPFSCHED_NO_LIMIT);
	json_u64("weight", limits->weight);
	json_close();
}

/* The option of users set that raises a limit, NULL if none does */
static const char *option_of(__u32 limit)
{
	static const char *const options[] = {
		[BPFSCHED_LIMIT_USER_JOBS] = "jobs N",
		[BPFSCHED_LIMIT_USER_WAITING] = "waiting N",
		[BPFSCHED_LIMIT_USER_RELEASES] = "releases N",
		[BPFSCHED_LIMIT_USER_RESERVED] = "reserve PERCENT",
		[BPFSCHED_LIMIT_USER_PROGRAMS] = "programs N",
		[BPFSCHED_LIMIT_USER_MEMORY] = "memory SIZE",
	};

	return limit < ARRAY_SIZE(options) ? options[limit] : NULL;
}

/**
 * limit_hint() - what can be done about a limit
 * @fd: scheduler
 * @limit: BPFSCHED_LIMIT_*
 * @buf: where to
 * @size: bytes of @buf, REASON_MAX are enough
 *
 * Return: @buf, with what is to follow the name of the limit; may be empty.
 */
const char *limit_hint(int fd, __u32 limit, char *buf, size_t size)
{
	struct bpfsched_user_info user;
	const char *option = option_of(limit);
	char uid[16] = "UID";

	*buf = 0;
	if (option && !bpfs_sched_get_user(fd, &user))
		snprintf(uid, sizeof(uid), "%u", user.uid);
	if (option)
		snprintf(buf, size,
			 "; ask the administrator: bpfsched -s %s users set %s --%s",
			 settings.scheduler, uid, option);
	else if (limit == BPFSCHED_LIMIT_CLIENT_JOBS)
		snprintf(buf, size,
			 "; ask the administrator: /sys/class/bpfsched/%s/client_jobs",
			 settings.scheduler);
	return buf;
}

/**
 * limit_reason() - which limit was met, and what can be done
 * @fd: scheduler
 * @limit: BPFSCHED_LIMIT_*
 * @buf: where to
 * @size: bytes of @buf, REASON_MAX are enough
 *
 * Return: @buf.
 */
const char *limit_reason(int fd, __u32 limit, char *buf, size_t size)
{
	char why[BPFS_LIMIT_TEXT_MAX], hint[REASON_MAX];

	snprintf(buf, size, "%s%s",
		 bpfs_limit_explain(fd, limit, why, sizeof(why)),
		 limit_hint(fd, limit, hint, sizeof(hint)));
	return buf;
}
