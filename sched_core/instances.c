// SPDX-License-Identifier: GPL-2.0
/*
 * The schedulers that there are, by name: each with its device node.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include <bpfsched/visibility.h>

#include "debugfs.h"
#include "device.h"
#include "instances.h"
#include "scheduler.h"
#include "worker.h"

/**
 * struct instance - a scheduler
 * @link: in instances
 * @sched: the scheduler
 * @node: its device node
 * @debugfs: its folder in debugfs
 */
struct instance {
	struct list_head link;
	struct bpfsched *sched;
	struct bpfsched_node *node;
	struct dentry *debugfs;
};

/* Guards instances; taken before all locks of a scheduler. */
static DEFINE_MUTEX(instances_lock);
static LIST_HEAD(instances);

static struct instance *find(const char *name)
{
	struct instance *instance;

	list_for_each_entry(instance, &instances, link) {
		if (!strcmp(instance->sched->name, name))
			return instance;
	}
	return NULL;
}

static int start(struct instance *instance,
		 const struct bpfsched_params *params)
{
	instance->sched = bpfsched_create(params);
	if (IS_ERR(instance->sched))
		return PTR_ERR(instance->sched);
	instance->node = bpfsched_node_create(instance->sched);
	if (IS_ERR(instance->node)) {
		bpfsched_destroy(instance->sched);
		return PTR_ERR(instance->node);
	}
	instance->debugfs = bpfsched_debugfs_add(instance->sched);
	return 0;
}

static void end(struct instance *instance)
{
	list_del(&instance->link);
	bpfsched_debugfs_remove(instance->debugfs);
	bpfsched_node_destroy(instance->node);
	bpfsched_destroy(instance->sched);
	kfree(instance);
}

static void tell_threads(const struct bpfsched *sched, u32 *threads,
			 u32 *thread_count)
{
	u32 i;

	for (i = 0; i < min(*thread_count, sched->limits.workers); i++)
		threads[i] = task_pid_vnr(sched->workers[i].task);
	*thread_count = sched->limits.workers;
}

/**
 * bpfsched_instance_create() - make a scheduler and its device node
 * @params: what to make it from
 * @threads: set to the thread ids of its workers, as many as fit
 * @thread_count: room in @threads; set to the number of workers
 *
 * Context: process, may sleep.
 * Return: the scheduler, to be put by the caller; or an ERR_PTR(): -EEXIST if
 * there is one of that name; else as bpfsched_create().
 */
struct bpfsched *bpfsched_instance_create(const struct bpfsched_params *params,
					  u32 *threads, u32 *thread_count)
{
	struct instance *instance;
	struct bpfsched *sched;
	unsigned int sleep_flags;
	int err;

	instance = kzalloc(sizeof(*instance), GFP_KERNEL);
	if (!instance)
		return ERR_PTR(-ENOMEM);

	/* Not while the system goes to sleep: it would not tell the new one. */
	sleep_flags = lock_system_sleep();
	mutex_lock(&instances_lock);
	err = find(params->name) ? -EEXIST : start(instance, params);
	if (err) {
		sched = ERR_PTR(err);
		kfree(instance);
	} else {
		sched = instance->sched;
		bpfsched_get(sched);
		list_add_tail(&instance->link, &instances);
		tell_threads(sched, threads, thread_count);
	}
	mutex_unlock(&instances_lock);
	unlock_system_sleep(sleep_flags);
	return sched;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_instance_create);

static int end_unless_used(struct instance *instance)
{
	if (!instance)
		return -ENOENT;
	if (!bpfsched_begin_destroy(instance->sched))
		return -EBUSY;
	end(instance);
	return 0;
}

/**
 * bpfsched_instance_destroy() - end a scheduler and remove its device node
 * @name: its name
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT if there is none of that name; -EBUSY if it has a client.
 */
int bpfsched_instance_destroy(const char *name)
{
	int err;

	mutex_lock(&instances_lock);
	err = end_unless_used(find(name));
	mutex_unlock(&instances_lock);
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_instance_destroy);

/**
 * bpfsched_instance_undo() - undo bpfsched_instance_create()
 * @sched: what that gave, and the caller has not put yet
 *
 * Another scheduler that has got the name meanwhile stays.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT if it was ended already; -EBUSY if it has a client.
 */
int bpfsched_instance_undo(struct bpfsched *sched)
{
	struct instance *instance;
	int err;

	mutex_lock(&instances_lock);
	instance = find(sched->name);
	/* The caller holds it, so no other one can be at its address. */
	if (instance && instance->sched != sched)
		instance = NULL;
	err = end_unless_used(instance);
	mutex_unlock(&instances_lock);
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_instance_undo);

/**
 * bpfsched_instance_get() - hold the scheduler of a name
 * @name: its name
 *
 * It may be ended meanwhile, but for as long as it has a client.
 *
 * Context: process, may sleep.
 * Return: the scheduler, to be put by the caller, or NULL if there is none.
 */
struct bpfsched *bpfsched_instance_get(const char *name)
{
	struct instance *instance;
	struct bpfsched *sched = NULL;

	mutex_lock(&instances_lock);
	instance = find(name);
	if (instance) {
		sched = instance->sched;
		bpfsched_get(sched);
	}
	mutex_unlock(&instances_lock);
	return sched;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_instance_get);

/**
 * bpfsched_instance_names() - the names of all schedulers
 * @names: set, as many as fit
 * @room: room in @names
 *
 * Context: process, may sleep.
 * Return: the number of schedulers.
 */
u32 bpfsched_instance_names(char (*names)[BPFSCHED_NAME_LEN], u32 room)
{
	struct instance *instance;
	u32 count = 0;

	mutex_lock(&instances_lock);
	list_for_each_entry(instance, &instances, link) {
		if (count < room)
			strscpy_pad(names[count], instance->sched->name,
				    BPFSCHED_NAME_LEN);
		count++;
	}
	mutex_unlock(&instances_lock);
	return count;
}

/**
 * bpfsched_instances_exit() - end all schedulers
 *
 * Context: module exit, or initialization that fails; no file is open.
 */
void bpfsched_instances_exit(void)
{
	struct instance *instance, *next;

	mutex_lock(&instances_lock);
	list_for_each_entry_safe(instance, next, &instances, link)
		end(instance);
	mutex_unlock(&instances_lock);
}
