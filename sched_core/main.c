// SPDX-License-Identifier: GPL-2.0
/*
 * The module: makes the schedulers cloud and embedded, one of each profile,
 * unless its parameters say otherwise.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "affinity.h"
#include "client.h"
#include "debugfs.h"
#include "device.h"
#include "instances.h"
#include "kclient.h"
#include "modparam.h"
#include "pool.h"
#include "profile.h"
#include "prog.h"
#include "scheduler.h"

static const char *const names[] = { "cloud", "embedded" };

static int create_instance(const char *name)
{
	struct bpfsched_config config;
	struct bpfsched_params params;
	struct bpfsched *sched;
	u32 thread_count = 0;
	int err;

	bpfsched_modparam_config(name, &config);
	err = bpfsched_params_build(&params, &config,
				    bpfsched_modparam_engine());
	if (err) {
		pr_err("the parameters of %s make no sense: error %d\n", name,
		       err);
		return -EINVAL;
	}
	sched = bpfsched_instance_create(&params, NULL, &thread_count);
	if (IS_ERR(sched)) {
		pr_err("no scheduler %s: error %ld\n", name, PTR_ERR(sched));
		return PTR_ERR(sched);
	}
	bpfsched_put(sched);
	return 0;
}

static int create_instances(void)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(names) && !err; i++) {
		if (bpfsched_modparam_wants(names[i]))
			err = create_instance(names[i]);
	}
	if (err)
		bpfsched_instances_exit();
	return err;
}

/* One line in the kernel's log, for who looks there. */
static void announce(void)
{
	char made[ARRAY_SIZE(names) * BPFSCHED_NAME_LEN] = "";
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (bpfsched_modparam_wants(names[i]))
			len += scnprintf(made + len, sizeof(made) - len, " %s",
					 names[i]);
	}
	pr_info("version %s, engine %s, schedulers:%s\n", THIS_MODULE->version,
		bpfsched_modparam_engine()->name, *made ? made : " none");
}

static int __init bpfsched_init(void)
{
	int err;

	err = bpfsched_policies_validate() ?: bpfsched_modparam_check();
	if (err)
		return err;
	err = bpfsched_job_cache_init();
	if (err)
		return err;
	err = bpfsched_prog_init();
	if (err)
		goto no_progs;
	err = bpfsched_clients_init();
	if (err)
		goto no_clients;
	err = bpfsched_affinity_init();
	if (err)
		goto no_affinity;
	err = bpfsched_kclient_init();
	if (err)
		goto no_kclients;
	err = bpfsched_device_init();
	if (err)
		goto no_device;
	bpfsched_debugfs_init();
	err = create_instances();
	if (err)
		goto no_instances;
	bpfsched_device_set_ready();
	announce();
	return 0;

no_instances:
	bpfsched_debugfs_exit();
	bpfsched_device_exit();
no_device:
	bpfsched_kclient_exit();
no_kclients:
	bpfsched_affinity_exit();
no_affinity:
	bpfsched_clients_exit();
no_clients:
	bpfsched_prog_exit();
no_progs:
	bpfsched_job_cache_exit();
	return err;
}

static void __exit bpfsched_exit(void)
{
	bpfsched_instances_exit();
	bpfsched_debugfs_exit();
	bpfsched_device_exit();
	bpfsched_kclient_exit();
	bpfsched_clients_exit();
	bpfsched_affinity_exit();
	bpfsched_prog_exit();
	bpfsched_job_cache_exit();
}

module_init(bpfsched_init);
module_exit(bpfsched_exit);

MODULE_DESCRIPTION("Runs eBPF programs later, in the right order, on time");
MODULE_AUTHOR("The bpfsched authors");
MODULE_VERSION("0.2.0");
MODULE_LICENSE("GPL");
