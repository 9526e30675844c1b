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
MODULE_PARM_DESC(cloud_capacity, "most pending jobs of cloud, up to 131072 (default: 1024)");

static unsigned int cloud_workers;
module_param(cloud_workers, uint, 0444);
MODULE_PARM_DESC(cloud_workers, "worker threads of cloud, up to 256 (default: one for each CPU)");

static unsigned int embedded_capacity;
module_param(embedded_capacity, uint, 0444);
MODULE_PARM_DESC(embedded_capacity, "most pending jobs of embedded, up to 131072 (default: 32)");

static unsigned int embedded_workers;
module_param(embedded_workers, uint, 0444);
MODULE_PARM_DESC(embedded_workers, "worker threads of embedded, up to 256 (default: 1)");

static unsigned int client_jobs;
module_param(client_jobs, uint, 0444);
MODULE_PARM_DESC(client_jobs, "most live jobs of one client of these schedulers; to be changed in sysfs later (default: no limit)");

static char *dispatcher = "auto";
module_param(dispatcher, charp, 0444);
MODULE_PARM_DESC(dispatcher, "how programs are executed: threaded, switch, or auto: whichever is the faster with this kernel's mitigations (default: auto)");

/**
 * struct choice - what the parameters say of a scheduler
 * @name: its name
 * @capacity: most pending jobs, 0: that of the profile
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
	return bpfsched_engine_find(dispatcher);
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

/**
 * bpfsched_modparam_apply() - set what the parameters say of a scheduler
 * @name: its name
 * @params: filled in by bpfsched_profile_apply()
 *
 * Context: module initialization.
 */
void bpfsched_modparam_apply(const char *name, struct bpfsched_params *params)
{
	const struct choice *choice = find_choice(name, strlen(name));

	if (*choice->capacity)
		bpfsched_profile_resize(params, *choice->capacity);
	if (*choice->workers)
		params->limits.workers = *choice->workers;
	if (client_jobs)
		params->limits.client_jobs = client_jobs;
}
