// SPDX-License-Identifier: GPL-2.0
/* bpfsched create and destroy: schedulers made at run time. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "limits.h"
#include "nearest.h"
#include "parse.h"

/**
 * struct wanted - the scheduler that is to be made
 * @create: for the kernel
 * @cpus: CPUs of its workers, if create.cpus
 * @threads: thread ids of its workers
 * @rt_priority: SCHED_FIFO priority of its workers, 0: as the profile says
 */
struct wanted {
	struct bpfsched_create create;
	cpu_set_t cpus;
	__u32 threads[BPFSCHED_WORKERS_MAX];
	__u64 rt_priority;
};

static const char *const profiles[] = { "cloud", "embedded", NULL };
static const char *const policies[] = {
	"throughput", "deadline", "fair", NULL
};

static int set_name(char *to, const char *value)
{
	if (strlen(value) >= BPFSCHED_NAME_LEN)
		return opt_bad("'%s' is too long", value);
	strcpy(to, value);
	return 0;
}

static int set_profile(void *to, const char *value)
{
	return set_name(((struct wanted *)to)->create.profile, value);
}

static int set_policy(void *to, const char *value)
{
	return set_name(((struct wanted *)to)->create.policy, value);
}

static int set_u32(__u32 *to, const char *value, __u64 max)
{
	__u64 number;

	if (parse_u64(value, &number))
		return -1;
	if (!number || number > max)
		return opt_bad("'%s' is not a number from 1 to %llu", value,
			       max);
	*to = number;
	return 0;
}

static int set_capacity(void *to, const char *value)
{
	return set_u32(&((struct wanted *)to)->create.capacity, value,
		       BPFSCHED_CAPACITY_MAX);
}

static int set_workers(void *to, const char *value)
{
	return set_u32(&((struct wanted *)to)->create.workers, value,
		       BPFSCHED_WORKERS_MAX);
}

static int set_rt_priority(void *to, const char *value)
{
	struct wanted *wanted = to;

	if (parse_u64(value, &wanted->rt_priority))
		return -1;
	if (!wanted->rt_priority || wanted->rt_priority > 99)
		return opt_bad("'%s' is not a priority from 1 to 99", value);
	return 0;
}

/* A list such as 0,2-3 */
static int set_cpus(void *to, const char *value)
{
	struct wanted *wanted = to;
	unsigned long first, last;
	const char *pos = value;
	char *end;

	CPU_ZERO(&wanted->cpus);
	do {
		first = strtoul(pos, &end, 10);
		last = first;
		if (end != pos && *end == '-') {
			pos = end + 1;
			last = strtoul(pos, &end, 10);
		}
		if (end == pos || (*end && *end != ',') || last < first ||
		    last >= CPU_SETSIZE)
			return opt_bad("'%s' is not a list of CPUs", value);
		for (; first <= last; first++)
			CPU_SET(first, &wanted->cpus);
		pos = end + 1;
	} while (*end);
	wanted->create.cpus = (uintptr_t)&wanted->cpus;
	wanted->create.cpus_len = sizeof(wanted->cpus);
	return 0;
}

static int set_guard_critical(void *to, const char *value)
{
	(void)value;
	((struct wanted *)to)->create.flags |= BPFSCHED_CREATE_GUARD_CRITICAL;
	return 0;
}

static int set_max_reservations(void *to, const char *value)
{
	return set_u32(&((struct wanted *)to)->create.max_reservations, value,
		       BPFSCHED_RESERVATIONS_MAX);
}

static int set_user_budget(void *to, const char *value)
{
	return parse_budget_insns(value, &((struct wanted *)to)->
				  create.user_budget_insns);
}

static int set_slice(void *to, const char *value)
{
	struct wanted *wanted = to;
	__u64 *slice_ns = &wanted->create.slice_ns;

	if (parse_duration(value, slice_ns))
		return -1;
	if (*slice_ns < BPFSCHED_SLICE_MIN_NS ||
	    *slice_ns > BPFSCHED_SLICE_MAX_NS)
		return opt_bad("'%s' is not a time from 100us to 1s", value);
	return 0;
}

static int set_supply(void *to, const char *value)
{
	struct wanted *wanted = to;
	__u64 ppm;

	if (parse_percent(value, &ppm))
		return -1;
	if (!ppm || ppm > BPFSCHED_PPM)
		return opt_bad("'%s' is not more than 0 and at most 100 per cent",
			       value);
	wanted->create.supply_ppm = ppm;
	return 0;
}

static const struct opt create_opts[] = {
	{ "profile", OPT_TEXT, "P", "its defaults: cloud or embedded",
	  set_profile },
	{ "policy", OPT_TEXT, "P", "throughput, deadline or fair", set_policy },
	{ "capacity", OPT_NUMBER, "N", "most jobs in the queue", set_capacity },
	{ "workers", OPT_NUMBER, "N", "number of worker threads", set_workers },
	{ "cpus", OPT_TEXT, "LIST", "CPUs of the workers, 0,2-3 for example",
	  set_cpus },
	{ "rt-priority", OPT_NUMBER, "N", "SCHED_FIFO priority of the workers",
	  set_rt_priority },
	{ "guard-critical", OPT_FLAG, NULL,
	  "jobs of priority critical need CAP_SYS_NICE", set_guard_critical },
	{ "slice", OPT_TEXT, "DURATION",
	  "policy fair: time after which a job makes way", set_slice },
	{ "max-reservations", OPT_NUMBER, "N",
	  "most jobs with a declared run time", set_max_reservations },
	{ "supply", OPT_TEXT, "PERCENT",
	  "time of a CPU that declared run times can count on", set_supply },
	{ "user-budget", OPT_NUMBER, "N",
	  "largest budget of instructions without CAP_SYS_NICE",
	  set_user_budget },
};

/* Threads of the kernel have no id in a PID namespace but the first */
static bool are_visible(const struct wanted *wanted)
{
	__u32 i;

	for (i = 0; i < wanted->create.thread_count; i++) {
		if (!wanted->threads[i])
			return false;
	}
	return true;
}

static int set_rt_priorities(const struct wanted *wanted)
{
	const struct sched_param param = {
		.sched_priority = wanted->rt_priority,
	};
	__u32 i;

	if (!wanted->rt_priority)
		return EXIT_OK;
	if (!are_visible(wanted)) {
		warn("%s is made, but its workers have no id in this PID namespace: %s",
		     wanted->create.name,
		     "--rt-priority cannot be set from here");
		return EXIT_OK;
	}
	for (i = 0; i < wanted->create.thread_count; i++) {
		if (sched_setscheduler(wanted->threads[i], SCHED_FIFO,
				       &param)) {
			int err = errno;

			bpfs_sched_destroy(wanted->create.name);
			errno = err;
			return fail("%s: priority of a worker: %m",
				    wanted->create.name);
		}
	}
	return EXIT_OK;
}

/* A list of CPUs of the kernel; false if it cannot be read */
static bool read_cpus(const char *which, char *text, size_t size,
		      struct wanted *cpus)
{
	char path[64];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", which);
	file = fopen(path, "re");
	if (!file)
		return false;
	ok = fgets(text, size, file);
	fclose(file);
	text[strcspn(text, "\n")] = 0;
	return ok && !set_cpus(cpus, text);
}

/* The kernel passes by CPUs that the machine does not have */
static int check_cpus(const struct wanted *wanted)
{
	struct wanted possible, online;
	char text[256], now[256];
	cpu_set_t both;
	int cpu;

	if (!wanted->create.cpus ||
	    !read_cpus("possible", text, sizeof(text), &possible) ||
	    !read_cpus("online", now, sizeof(now), &online))
		return EXIT_OK;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &wanted->cpus) &&
		    !CPU_ISSET(cpu, &possible.cpus))
			return fail("create: --cpus: there is no CPU %d; this machine has CPUs %s",
				    cpu, text);
	}
	CPU_AND(&both, &wanted->cpus, &online.cpus);
	if (!CPU_COUNT(&both))
		return fail("create: --cpus: none of them is online, these are: %s",
			    now);
	return EXIT_OK;
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name))
		names++;
	return !*name || *names;
}

/* Which of the things that were asked for is not there */
static int fail_create(const struct wanted *wanted, int err)
{
	const struct bpfsched_create *create = &wanted->create;
	char hint[HINT_MAX];

	if (err == -ENOENT && !is_one_of(create->profile, profiles))
		return fail("%s: there is no profile '%s': cloud or embedded%s",
			    create->name, create->profile,
			    nearest_of(create->profile, profiles, hint,
				       sizeof(hint)));
	if (err == -ENOENT && !is_one_of(create->policy, policies))
		return fail("%s: there is no policy '%s': throughput, deadline or fair%s",
			    create->name, create->policy,
			    nearest_of(create->policy, policies, hint,
				       sizeof(hint)));
	if (err == -EINVAL && create->slice_ns)
		return fail("%s: --slice needs a policy that has slices: --policy fair",
			    create->name);
	if (err == -EINVAL)
		return fail("%s: no name: takes letters, digits, '-', '_'; not control",
			    create->name);
	return fail_lib();
}

static void json_made(const struct wanted *wanted,
		      const struct bpfsched_info *info)
{
	__u32 i;

	json_open(NULL);
	json_text("name", info->name);
	json_text("profile", info->profile);
	json_text("policy", info->policy);
	json_u64("capacity", info->capacity);
	json_u64("workers", info->workers);
	json_array("threads");
	for (i = 0; i < wanted->create.thread_count; i++) {
		if (wanted->threads[i])
			json_u64(NULL, wanted->threads[i]);
		else
			json_null(NULL);
	}
	json_array_close();
	json_close();
}

/* What the workers are is for who wants to give them other priorities */
static int show_made(const struct wanted *wanted)
{
	struct bpfsched_info info;
	__u32 i;
	int fd, err;

	fd = bpfs_sched_open_reader(wanted->create.name);
	if (fd < 0)
		return fail_lib();
	err = bpfs_sched_get_info(fd, &info);
	close(fd);
	if (err)
		return fail_lib();
	if (settings.json) {
		json_made(wanted, &info);
		return EXIT_OK;
	}
	printf("%s: policy %s, capacity %u, threads of workers:", info.name,
	       info.policy, info.capacity);
	for (i = 0; i < wanted->create.thread_count; i++)
		printf(" %u", wanted->threads[i]);
	printf("\n");
	return EXIT_OK;
}

/**
 * do_create() - bpfsched create
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_create(const struct command *self, int argc, char **argv)
{
	struct limit_settings limits = { .flags = 0 };
	struct wanted wanted = { 0 };
	const struct opt_group groups[] = {
		{ create_opts, ARRAY_SIZE(create_opts), &wanted },
		{ user_limit_opts, user_limit_opt_count, &limits },
		{ NULL, 0, NULL },
	};
	int err, status;

	opt_arguments(self, argc, argv, 1, 1, groups);
	if (set_name(wanted.create.name, argv[0]))
		return fail("%s: %s", self->name, opt_reason());
	wanted.create.user_flags = limits.flags;
	wanted.create.user_limits = limits.limits;
	wanted.create.threads = (uintptr_t)wanted.threads;
	wanted.create.thread_room = ARRAY_SIZE(wanted.threads);
	status = check_cpus(&wanted);
	if (status)
		return status;
	err = bpfs_sched_create(&wanted.create);
	if (err)
		return fail_create(&wanted, err);
	status = set_rt_priorities(&wanted);
	return status ?: show_made(&wanted);
}

static int set_force(void *to, const char *value)
{
	(void)value;
	*(bool *)to = true;
	return 0;
}

static const struct opt destroy_opts[] = {
	{ "force", OPT_FLAG, NULL,
	  "do not ask, though the module has made it when it was loaded",
	  set_force },
};

/* A list of names, with commas between them, that the module was given */
static bool is_made_by_module(const char *name)
{
	char list[256], *rest = list, *one;
	FILE *file = fopen("/sys/module/bpfsched/parameters/schedulers", "re");
	bool found = false;

	if (!file)
		return false;
	if (!fgets(list, sizeof(list), file))
		*list = 0;
	fclose(file);
	list[strcspn(list, "\n")] = 0;
	while ((one = strsep(&rest, ",")))
		found |= !strcmp(one, name);
	return found;
}

/* On a terminal; anybody else has to know before */
static int confirm(const char *name)
{
	char answer[16];

	static const char why[] =
		"the module made it when it was loaded, and will not again";

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return fail("%s: %s; --force ends it all the same", name, why);
	fprintf(stderr, "%s: %s. End it? [y/N] ", name, why);
	if (fgets(answer, sizeof(answer), stdin) &&
	    (*answer == 'y' || *answer == 'Y'))
		return EXIT_OK;
	return fail("%s: not ended", name);
}

/**
 * do_destroy() - bpfsched destroy
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_destroy(const struct command *self, int argc, char **argv)
{
	bool force = false;
	const struct opt_group groups[] = {
		{ destroy_opts, ARRAY_SIZE(destroy_opts), &force },
		{ NULL, 0, NULL },
	};
	int status = EXIT_OK;

	opt_arguments(self, argc, argv, 1, 1, groups);
	if (!force && is_made_by_module(argv[0]))
		status = confirm(argv[0]);
	if (!status && bpfs_sched_destroy(argv[0]))
		status = fail_lib();
	return finish_silent(status);
}
