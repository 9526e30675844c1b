// SPDX-License-Identifier: GPL-2.0
/* bpfsched users: what users of a scheduler have in use, and their limits. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "limits.h"
#include "parse.h"
#include "print.h"

#define LISTED_AT_ONCE 64

/**
 * struct users - what is asked for
 * @all: list all users
 * @reset: give a user the limits back that users have
 */
struct users {
	bool all;
	bool reset;
};

static void show_json(const struct bpfsched_user_info *user)
{
	bool is_module = user->flags & BPFSCHED_USER_KERNEL;
	const struct passwd *entry = is_module ? NULL : getpwuid(user->uid);

	json_open(NULL);
	json_u64("number", user->number);
	json_bool("kernel", is_module);
	if (is_module)
		json_text("comm", user->comm);
	else
		json_u64("uid", user->uid);
	if (entry)
		json_text("name", entry->pw_name);
	json_u64("clients", user->clients);
	json_u64("jobs", user->jobs);
	json_u64("waiting", user->waiting);
	json_u64("programs", user->programs);
	json_u64("memory", user->memory);
	json_u64("releases", user->releases);
	json_u64("reserved_ppm", user->reserved_ppm);
	json_u64("run_ns", user->run_ns);
	json_limits("limits", &user->limits);
	json_bool("limits_set", user->flags & BPFSCHED_USER_CHANGED);
	json_close();
}

/* Enough for two numbers and a stroke */
#define CELL_MAX 48

/* What is in use / most of it */
static const char *format_use(__u64 used, __u64 limit, __u64 no_limit,
			      char *buf)
{
	if (limit == no_limit)
		snprintf(buf, CELL_MAX, "%llu/max", used);
	else
		snprintf(buf, CELL_MAX, "%llu/%llu", used, limit);
	return buf;
}

static const char *format_size(__u64 bytes, char *buf, size_t size)
{
	static const char units[] = " KMGTPE";
	double value = bytes;
	size_t unit = 0;

	while (value >= 1024 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	if (!unit)
		snprintf(buf, size, "%llu", bytes);
	else
		snprintf(buf, size, "%.*f%c", value == (__u64)value ? 0 : 1,
			 value, units[unit]);
	return buf;
}

static const char *format_memory(const struct bpfsched_user_info *user,
				 char *buf)
{
	char used[16], limit[16] = "max";

	format_size(user->memory, used, sizeof(used));
	if (user->limits.memory != BPFSCHED_NO_LIMIT64)
		format_size(user->limits.memory, limit, sizeof(limit));
	snprintf(buf, CELL_MAX, "%s/%s", used, limit);
	return buf;
}

static const char *format_reserved(const struct bpfsched_user_info *user,
				   char *buf)
{
	const double percent = BPFSCHED_PPM / 100;
	int len = snprintf(buf, CELL_MAX, "%.4g%%/",
			   user->reserved_ppm / percent);

	if (user->limits.reserved_ppm == BPFSCHED_NO_LIMIT)
		snprintf(buf + len, CELL_MAX - len, "max");
	else
		snprintf(buf + len, CELL_MAX - len, "%.4g%%",
			 user->limits.reserved_ppm / percent);
	return buf;
}

static const char *format_user(const struct bpfsched_user_info *user,
			       char *buf, size_t size)
{
	const struct passwd *entry;

	if (user->flags & BPFSCHED_USER_KERNEL) {
		snprintf(buf, size, "[%.*s]", (int)sizeof(user->comm),
			 user->comm);
		return buf;
	}
	entry = getpwuid(user->uid);
	if (entry)
		snprintf(buf, size, "%s", entry->pw_name);
	else
		snprintf(buf, size, "%u", user->uid);
	return buf;
}

#define LINE_FORMAT "%-16s %9s %12s %12s %9s %14s %13s %10s %6s %10s%s\n"

static void show_header(void)
{
	if (settings.json)
		return;
	printf(LINE_FORMAT, "USER", "CLIENTS", "JOBS", "WAITING", "PROGRAMS",
	       "MEMORY", "RELEASES", "RESERVED", "WEIGHT", "RUN TIME", "");
}

static void show_line(const struct bpfsched_user_info *user)
{
	const struct bpfsched_user_limits *limits = &user->limits;
	char clients[CELL_MAX], jobs[CELL_MAX], waiting[CELL_MAX];
	char programs[CELL_MAX], memory[CELL_MAX], releases[CELL_MAX];
	char reserved[CELL_MAX], weight[16], run[DURATION_MAX], name[64];

	snprintf(weight, sizeof(weight), "%u", limits->weight);
	printf(LINE_FORMAT, format_user(user, name, sizeof(name)),
	       format_use(user->clients, limits->clients, BPFSCHED_NO_LIMIT,
			  clients),
	       format_use(user->jobs, limits->jobs, BPFSCHED_NO_LIMIT, jobs),
	       format_use(user->waiting, limits->waiting, BPFSCHED_NO_LIMIT,
			  waiting),
	       format_use(user->programs, limits->programs, BPFSCHED_NO_LIMIT,
			  programs),
	       format_memory(user, memory),
	       format_use(user->releases, limits->releases,
			  BPFSCHED_NO_LIMIT64, releases),
	       format_reserved(user, reserved), weight,
	       format_duration(user->run_ns, run, sizeof(run)),
	       user->flags & BPFSCHED_USER_CHANGED ? "  limits set" : "");
}

static void show_user(struct bpfsched_user_info *user)
{
	/* The kernel ends names with a NUL, but it costs nothing to be sure */
	user->comm[sizeof(user->comm) - 1] = 0;
	if (settings.json)
		show_json(user);
	else
		show_line(user);
}

static int show_all(int fd)
{
	static struct bpfsched_user_info users[LISTED_AT_ONCE];
	__u64 after = 0;
	int count, i;

	show_header();
	do {
		count = bpfs_sched_list_users(fd, &after, users,
					      ARRAY_SIZE(users));
		if (count < 0)
			return fail_lib();
		for (i = 0; i < count; i++)
			show_user(&users[i]);
	} while (after);
	return EXIT_OK;
}

static int show_own(int fd)
{
	struct bpfsched_user_info user;

	if (bpfs_sched_get_user(fd, &user))
		return fail_lib();
	show_header();
	show_user(&user);
	return EXIT_OK;
}

static int list_users(bool all)
{
	int fd = open_to_read(), status;

	if (fd < 0)
		return EXIT_ERROR;
	if (settings.json)
		json_array(NULL);
	status = all ? show_all(fd) : show_own(fd);
	if (settings.json && !status)
		json_array_close();
	close(fd);
	return status;
}

/* UID, NAME or default */
static int find_user(const char *text, struct bpfsched_user_set *set)
{
	const struct passwd *entry;
	__u64 uid;

	if (!strcmp(text, "default")) {
		set->flags |= BPFSCHED_USER_SET_ALL;
		return EXIT_OK;
	}
	if (*text && !text[strspn(text, "0123456789")]) {
		if (parse_u64(text, &uid) || uid >= UINT32_MAX)
			return fail("users: '%s' is not the number of a user",
				    text);
		set->uid = uid;
		return EXIT_OK;
	}
	entry = getpwnam(text);
	if (!entry)
		return fail("users: there is no user '%s'", text);
	set->uid = entry->pw_uid;
	return EXIT_OK;
}

static int set_user(const char *user, const struct limit_settings *limits,
		    bool reset)
{
	struct bpfsched_user_set set = {
		.flags = limits->flags,
		.limits = limits->limits,
	};
	int fd, status;

	status = find_user(user, &set);
	if (status)
		return status;
	if (reset)
		set.flags |= BPFSCHED_USER_SET_DEFAULTS;
	fd = open_scheduler();
	if (fd < 0)
		return EXIT_ERROR;
	if (bpfs_sched_set_user(fd, &set))
		status = fail_lib();
	close(fd);
	return finish_silent(status);
}

static int set_all(void *to, const char *value)
{
	struct users *users = to;

	(void)value;
	users->all = true;
	return 0;
}

static int set_reset(void *to, const char *value)
{
	struct users *users = to;

	(void)value;
	users->reset = true;
	return 0;
}

static const struct opt users_opts[] = {
	{ "all", OPT_FLAG, NULL, "show all users, not only your own", set_all },
	{ "reset", OPT_FLAG, NULL,
	  "with set: first the limits that all users have", set_reset },
};

/**
 * do_users() - bpfsched users
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_users(const struct command *self, int argc, char **argv)
{
	struct limit_settings limits = { .flags = 0 };
	struct users users = { .all = false };
	const struct opt_group groups[] = {
		{ users_opts, ARRAY_SIZE(users_opts), &users },
		{ limit_opts, limit_opt_count, &limits },
		{ NULL, 0, NULL },
	};
	int args = opt_arguments(self, argc, argv, 0, 2, groups);

	if (args && strcmp(argv[0], "set"))
		return fail("users: unexpected argument '%s'", argv[0]);
	if (args == 1)
		return fail("users: set whom? a user, or default");
	if (!args && (limits.flags || users.reset))
		return fail("users: limits are set with 'users set'");
	if (!args)
		return list_users(users.all);
	if (users.all)
		return fail("users: --all does not go with set");
	if (!limits.flags && !users.reset)
		return fail("users: no limit is given");
	if (users.reset && !strcmp(argv[1], "default"))
		return fail("users: --reset is for one user");
	return set_user(argv[1], &limits, users.reset);
}
