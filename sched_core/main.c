// SPDX-License-Identifier: GPL-2.0
/*
 * The module: makes the schedulers cloud and embedded, one of each profile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>

#ifndef CONFIG_64BIT
#error "bpfsched needs a 64-bit kernel"
#endif

#include "completion.h"
#include "device.h"
#include "pool.h"
#include "profile.h"
#include "prog.h"
#include "scheduler.h"

static const char *const names[] = { "cloud", "embedded" };

/* The schedulers that are made when the module is loaded. */
static struct {
	struct bpfsched *sched;
	struct bpfsched_node *node;
} instances[ARRAY_SIZE(names)];

static int instance_create(size_t i)
{
	struct bpfsched_params params = {
		.name = names[i],
		.engine = &bpfsched_interp_engine,
	};
	struct bpfsched_node *node;
	struct bpfsched *sched;
	int err;

	err = bpfsched_profile_apply(names[i], &params);
	if (err)
		return err;
	sched = bpfsched_create(&params);
	if (IS_ERR(sched))
		return PTR_ERR(sched);
	node = bpfsched_node_create(sched);
	if (IS_ERR(node)) {
		bpfsched_destroy(sched);
		return PTR_ERR(node);
	}
	instances[i].sched = sched;
	instances[i].node = node;
	return 0;
}

static void instances_destroy(size_t count)
{
	while (count--) {
		bpfsched_node_destroy(instances[count].node);
		bpfsched_destroy(instances[count].sched);
	}
}

static int instances_create(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		err = instance_create(i);
		if (err) {
			pr_err("no scheduler %s: error %d\n", names[i], err);
			instances_destroy(i);
			return err;
		}
	}
	return 0;
}

static int __init bpfsched_init(void)
{
	int err;

	err = bpfsched_policies_validate();
	if (err)
		return err;
	err = bpfsched_job_cache_init();
	if (err)
		return err;
	err = bpfsched_slot_cache_init();
	if (err)
		goto no_slots;
	err = bpfsched_prog_init();
	if (err)
		goto no_progs;
	err = bpfsched_device_init();
	if (err)
		goto no_device;
	err = instances_create();
	if (err)
		goto no_instances;
	return 0;

no_instances:
	bpfsched_device_exit();
no_device:
	bpfsched_prog_exit();
no_progs:
	bpfsched_slot_cache_exit();
no_slots:
	bpfsched_job_cache_exit();
	return err;
}

static void __exit bpfsched_exit(void)
{
	instances_destroy(ARRAY_SIZE(names));
	bpfsched_device_exit();
	bpfsched_prog_exit();
	bpfsched_slot_cache_exit();
	bpfsched_job_cache_exit();
}

module_init(bpfsched_init);
module_exit(bpfsched_exit);

MODULE_DESCRIPTION("Runs eBPF programs later, in the right order, on time");
MODULE_AUTHOR("The bpfsched authors");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
