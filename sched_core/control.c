// SPDX-License-Identifier: GPL-2.0
/*
 * The control node, /dev/bpfsched/control: makes, ends and lists schedulers.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "control.h"
#include "device.h"
#include "instances.h"
#include "ioctl_table.h"
#include "modparam.h"
#include "profile.h"
#include "scheduler.h"

/* Most names that are listed at once. */
#define NAMES_MAX	256

static bool is_name(const char *name)
{
	size_t i, len = strnlen(name, BPFSCHED_NAME_LEN);

	if (!len || len == BPFSCHED_NAME_LEN || !strcmp(name, "control"))
		return false;
	for (i = 0; i < len; i++) {
		if (!isascii(name[i]) || (!isalnum(name[i]) &&
					  name[i] != '-' && name[i] != '_'))
			return false;
	}
	return true;
}

static bool is_terminated(const char *name)
{
	return strnlen(name, BPFSCHED_NAME_LEN) < BPFSCHED_NAME_LEN;
}

/* From what user space asks for to what a scheduler is made from. */
static int set_params(struct bpfsched_params *params,
		      const struct bpfsched_create *create)
{
	const struct bpfsched_config config = {
		.name = create->name,
		.profile = create->profile[0] ? create->profile : "cloud",
		.policy = create->policy,
		.capacity = create->capacity,
		.workers = create->workers,
		.max_reservations = create->max_reservations,
		.user_budget = create->user_budget_insns,
		.supply_ppm = create->supply_ppm,
		.slice_ns = create->slice_ns,
		.guard_critical = create->flags &
				  BPFSCHED_CREATE_GUARD_CRITICAL,
		.user_flags = create->user_flags,
		.user = create->user_limits,
	};
	int err;

	if ((create->flags & ~BPFSCHED_CREATE_GUARD_CRITICAL) ||
	    create->thread_count || !is_name(create->name) ||
	    !is_terminated(create->profile) || !is_terminated(create->policy))
		return -EINVAL;
	if (create->thread_room > BPFSCHED_WORKERS_MAX)
		return -E2BIG;
	err = bpfsched_params_build(params, &config, bpfsched_modparam_engine());
	if (err)
		return err;
	return params->real_time && !capable(CAP_SYS_NICE) ? -EPERM : 0;
}

/* The mask of CPUs, of which one at least has to be online. */
static int copy_cpus(struct cpumask *cpus, const struct bpfsched_create *create)
{
	u32 len = min_t(u32, create->cpus_len, cpumask_size());

	cpumask_clear(cpus);
	if (copy_from_user(cpumask_bits(cpus), u64_to_user_ptr(create->cpus),
			   len))
		return -EFAULT;
	return cpumask_intersects(cpus, cpu_online_mask) ? 0 : -EINVAL;
}

/* Tell user space of a scheduler that was made. */
static int tell(const struct bpfsched_create *create, const u32 *threads,
		struct bpfsched_create __user *user)
{
	u32 count = min(create->thread_room, create->thread_count);

	if (!copy_to_user(u64_to_user_ptr(create->threads), threads,
			  count * sizeof(*threads)) &&
	    !put_user(create->thread_count, &user->thread_count))
		return 0;
	return -EFAULT;
}

static int create_and_tell(struct bpfsched_params *params,
			   struct bpfsched_create *create,
			   struct bpfsched_create __user *user)
{
	struct bpfsched *sched;
	u32 *threads;
	int err;

	create->thread_count = create->thread_room;
	threads = kcalloc(max(1U, create->thread_room), sizeof(*threads),
			  GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	sched = bpfsched_instance_create(params, threads, &create->thread_count);
	if (IS_ERR(sched)) {
		err = PTR_ERR(sched);
	} else {
		err = tell(create, threads, user);
		/* Unless somebody has found it, and uses it. */
		if (err)
			bpfsched_instance_undo(sched);
		bpfsched_put(sched);
	}
	kfree(threads);
	return err;
}

static long control_create(struct bpfsched_client *client,
			   union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_create *create = &arg->create;
	struct bpfsched_params params = {};
	cpumask_var_t cpus;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = set_params(&params, create);
	if (err)
		return err;
	if (!create->cpus)
		return create->cpus_len ? -EINVAL :
					  create_and_tell(&params, create, user);

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	params.cpus = cpus;
	err = copy_cpus(cpus, create) ?:
	      create_and_tell(&params, create, user);
	free_cpumask_var(cpus);
	return err;
}

static long control_destroy(struct bpfsched_client *client,
			    union bpfsched_ioctl_arg *arg, void __user *user)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (arg->destroy.flags || !is_terminated(arg->destroy.name))
		return -EINVAL;
	return bpfsched_instance_destroy(arg->destroy.name);
}

static long control_list(struct bpfsched_client *client,
			 union bpfsched_ioctl_arg *arg, void __user *user)
{
	u32 room = min_t(u32, arg->list.count, NAMES_MAX);
	char (*names)[BPFSCHED_NAME_LEN];
	int err = 0;

	names = kcalloc(max(1U, room), sizeof(*names), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	arg->list.count = bpfsched_instance_names(names, room);
	if (copy_to_user(u64_to_user_ptr(arg->list.names), names,
			 min(room, arg->list.count) * sizeof(*names)))
		err = -EFAULT;
	kfree(names);
	return err;
}

static const struct bpfsched_ioctl_command commands[] = {
	{ BPFSCHED_IOC_CREATE, BPFSCHED_CREATE_SIZE_VER1,
	  sizeof(struct bpfsched_create), false, control_create, true },
	{ BPFSCHED_IOC_DESTROY, BPFSCHED_DESTROY_SIZE_VER1,
	  sizeof(struct bpfsched_destroy), false, control_destroy, true },
	{ BPFSCHED_IOC_LIST, BPFSCHED_LIST_SIZE_VER1,
	  sizeof(struct bpfsched_list), true, control_list },
};

static long control_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	return bpfsched_ioctl_run(commands, ARRAY_SIZE(commands), file, NULL,
				  cmd, arg);
}

static int control_open(struct inode *inode, struct file *file)
{
	if (!bpfsched_device_is_ready())
		return -ENODEV;
	return nonseekable_open(inode, file);
}

const struct file_operations bpfsched_control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
