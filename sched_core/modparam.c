// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of the module: the schedulers that it makes when it is loaded.
 *
 * They are read once; to change a scheduler later, an administrator destroys
 * it and makes it anew through the control node.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <uapi/linux/bpfsched.h>

#include "modparam.h"
#include "profile.h"
#include "scheduler.h"

static char *schedulers = "cloud,embedded";
module_param(schedulers, charp, 0444);
MODULE_PARM_DESC(schedulers, "schedulers to make: cloud, embedded, both with a comma between them, or none if empty (default: cloud,embedded)");

static unsigned int cloud_capacity;
module_param(cloud_capacity, uint, 0444);
MODULE_PARM_DESC(cloud_capacity, "most jobs in the queue of cloud, up to 131072 (default: 1024)");

static unsigned int cloud_workers;
module_param(cloud_workers, uint, 0444);
MODULE_PARM_DESC(cloud_workers, "worker threads of cloud, up to 256 (default: one for each CPU)");

static unsigned int embedded_capacity;
module_param(embedded_capacity, uint, 0444);
MODULE_PARM_DESC(embedded_capacity, "most jobs in the queue of embedded, up to 131072 (default: 32)");

static unsigned int embedded_workers;
module_param(embedded_workers, uint, 0444);
MODULE_PARM_DESC(embedded_workers, "worker threads of embedded, up to 256 (default: 1)");

static unsigned int client_jobs;
module_param(client_jobs, uint, 0444);
MODULE_PARM_DESC(client_jobs, "most live jobs of one open file of each of these schedulers; to be changed in sysfs later (default: no limit)");

/* What one user may have of these schedulers; 0: as the profile has it. */
static unsigned int user_jobs;
module_param(user_jobs, uint, 0444);
MODULE_PARM_DESC(user_jobs, "most live jobs of one user of each of these schedulers (default: half of the capacity)");

static unsigned int user_waiting;
module_param(user_waiting, uint, 0444);
MODULE_PARM_DESC(user_waiting, "most live jobs of one user that wait for their first release or are periodic (default: half of the capacity)");

static unsigned int user_clients;
module_param(user_clients, uint, 0444);
MODULE_PARM_DESC(user_clients, "most open files of one user, of each scheduler (default: 256)");

static unsigned int user_programs;
module_param(user_programs, uint, 0444);
MODULE_PARM_DESC(user_programs, "most programs of one user, of each scheduler (default: 256)");

static unsigned int user_memory_mib;
module_param(user_memory_mib, uint, 0444);
MODULE_PARM_DESC(user_memory_mib, "most MiB of the programs of one user and their data (default: 64 for cloud, 8 for embedded)");

static unsigned int user_releases;
module_param(user_releases, uint, 0444);
MODULE_PARM_DESC(user_releases, "most releases a second of the periodic jobs of one user (default: 10000)");

static unsigned int user_reserved_ppm;
module_param(user_reserved_ppm, uint, 0444);
MODULE_PARM_DESC(user_reserved_ppm, "processor time that one user without CAP_SYS_NICE can reserve, in parts per million of a worker (default: none)");

static unsigned long user_budget;
module_param(user_budget, ulong, 0444);
MODULE_PARM_DESC(user_budget, "largest instruction budget without CAP_SYS_NICE (default: 1000000000)");

static char *dispatcher = "auto";
module_param(dispatcher, charp, 0444);
MODULE_PARM_DESC(dispatcher, "how programs are executed: threaded, switch, or auto: whichever is the faster with this kernel's mitigations (default: auto)");

static bool speculation_masks = true;
module_param(speculation_masks, bool, 0444);
MODULE_PARM_DESC(speculation_masks, "keep what programs make a processor do under speculation within their own memory; N is a little faster, and lets hostile programs read any memory (default: Y)");

/**
 * struct choice - what the parameters say of a scheduler
 * @name: its name
 * @capacity: most jobs in the queue, 0: that of the profile
 * @workers: number of workers, 0: that of the profile
 */
struct choice {
	const char *name;
	const unsigned int *capacity;
	const unsigned int *workers;
};

static const struct choice choices[] = {
	{ "cloud", &cloud_capacity, &cloud_workers },
	{ "embedded", &embedded_capacity, &embedded_workers },
};

static const struct choice *find_choice(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		if (strlen(choices[i].name) == len &&
		    !strncmp(choices[i].name, name, len))
			return &choices[i];
	}
	return NULL;
}

/* The next name of the list, of length *@len; NULL at the end. */
static const char *next_name(const char *list, size_t *len)
{
	*len = strcspn(list, ",");
	return *list ? list : NULL;
}

static const char *skip_name(const char *name, size_t len)
{
	return name[len] ? name + len + 1 : name + len;
}

static int check_number(const char *scheduler, const char *what,
			unsigned int value, unsigned int max)
{
	if (value <= max)
		return 0;
	pr_err("parameter %s_%s: %u is more than %u\n", scheduler, what, value,
	       max);
	return -EINVAL;
}

/**
 * bpfsched_modparam_check() - refuse values that make no sense
 *
 * Context: module initialization.
 * Return: 0, or -EINVAL; the kernel log says what is wrong.
 */
int bpfsched_modparam_check(void)
{
	const char *name = schedulers;
	size_t i, len;
	int err = 0;

	if (!bpfsched_modparam_engine()) {
		pr_err("parameter dispatcher: there is no '%s' in this kernel\n",
		       dispatcher);
		return -EINVAL;
	}
	if (!speculation_masks)
		pr_notice("parameter speculation_masks: off, so programs may read any memory through the processor's caches\n");
	for (; (name = next_name(name, &len)); name = skip_name(name, len)) {
		if (!find_choice(name, len)) {
			pr_err("parameter schedulers: there is no '%.*s', only cloud and embedded\n",
			       (int)len, name);
			return -EINVAL;
		}
	}
	for (i = 0; i < ARRAY_SIZE(choices) && !err; i++)
		err = check_number(choices[i].name, "capacity",
				   *choices[i].capacity,
				   BPFSCHED_CAPACITY_MAX) ?:
		      check_number(choices[i].name, "workers",
				   *choices[i].workers, BPFSCHED_WORKERS_MAX);
	return err;
}

/**
 * bpfsched_modparam_engine() - the engine that all schedulers get
 *
 * Context: any, after bpfsched_modparam_check().
 */
const struct bpfsched_engine_ops *bpfsched_modparam_engine(void)
{
	return bpfsched_engine_find(dispatcher, speculation_masks);
}

/**
 * bpfsched_modparam_wants() - whether a scheduler is to be made
 * @name: its name
 *
 * Context: module initialization.
 */
bool bpfsched_modparam_wants(const char *name)
{
	const char *wanted = schedulers;
	size_t len;

	for (; (wanted = next_name(wanted, &len));
	     wanted = skip_name(wanted, len)) {
		if (strlen(name) == len && !strncmp(name, wanted, len))
			return true;
	}
	return false;
}

static void set_user_limits(struct bpfsched_config *config)
{
	config->user = (struct bpfsched_user_limits) {
		.clients = user_clients,
		.jobs = user_jobs,
		.waiting = user_waiting,
		.programs = user_programs,
		.memory = (u64)user_memory_mib << 20,
		.releases = user_releases,
		.reserved_ppm = user_reserved_ppm,
	};
	config->user_flags =
		(user_clients ? BPFSCHED_USER_SET_CLIENTS : 0) |
		(user_jobs ? BPFSCHED_USER_SET_JOBS : 0) |
		(user_waiting ? BPFSCHED_USER_SET_WAITING : 0) |
		(user_programs ? BPFSCHED_USER_SET_PROGRAMS : 0) |
		(user_memory_mib ? BPFSCHED_USER_SET_MEMORY : 0) |
		(user_releases ? BPFSCHED_USER_SET_RELEASES : 0) |
		(user_reserved_ppm ? BPFSCHED_USER_SET_RESERVED : 0);
}

/**
 * bpfsched_modparam_config() - what the parameters ask for
 * @name: name of a scheduler, and of its profile
 * @config: set
 *
 * Context: module initialization.
 */
void bpfsched_modparam_config(const char *name, struct bpfsched_config *config)
{
	const struct choice *choice = find_choice(name, strlen(name));

	*config = (struct bpfsched_config) {
		.name = name,
		.profile = name,
		.capacity = *choice->capacity,
		.workers = *choice->workers,
		.client_jobs = client_jobs,
		.user_budget = user_budget,
	};
	set_user_limits(config);
}
