// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs that the workers of a scheduler may use, when CPUs come and go.
 *
 * When the last CPU of a thread's mask goes offline the kernel lets the thread
 * run anywhere, and forgets the mask. So the scheduler keeps it, and gives it
 * to the workers again when one of its CPUs comes online.
 *
 * The number of workers stays what it was when the scheduler was made.
 */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "affinity.h"
#include "scheduler.h"
#include "worker.h"

/* From bpfsched_affinity_init() on; it does not change any more. */
static enum cpuhp_state online_state;

/* Returns the first error, but sets what can be set. */
static int set_all(struct bpfsched *sched)
{
	struct task_struct *task;
	int err = 0;
	u32 i;

	for (i = 0; i < sched->limits.workers; i++) {
		task = sched->workers[i].task;
		if (task)
			err = set_cpus_allowed_ptr(task, sched->cpus) ?: err;
	}
	return err;
}

static int cpu_came_online(unsigned int cpu, struct hlist_node *node)
{
	struct bpfsched *sched =
		hlist_entry(node, struct bpfsched, cpuhp_node);

	/* This CPU is online, so it cannot fail; nor may it keep one offline. */
	if (cpumask_test_cpu(cpu, sched->cpus))
		set_all(sched);
	return 0;
}

/**
 * bpfsched_affinity_init() - prepare for CPUs that come and go, once
 *
 * Context: module initialization.
 * Return: 0 or a negative errno.
 */
int bpfsched_affinity_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN,
					    "bpfsched:online", cpu_came_online,
					    NULL);

	if (state < 0)
		return state;
	online_state = state;
	return 0;
}

/**
 * bpfsched_affinity_exit() - undo bpfsched_affinity_init()
 *
 * Context: module exit; no scheduler is left.
 */
void bpfsched_affinity_exit(void)
{
	cpuhp_remove_multi_state(online_state);
}

/**
 * bpfsched_affinity_set() - say which CPUs the workers may use
 * @sched: a scheduler whose workers have been started
 * @cpus: the CPUs; copied
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; -EINVAL if none of @cpus is online.
 */
int bpfsched_affinity_set(struct bpfsched *sched, const struct cpumask *cpus)
{
	int err;

	sched->cpus = kmemdup(cpus, cpumask_size(), GFP_KERNEL);
	if (!sched->cpus)
		return -ENOMEM;
	/* Calls back for each CPU that is online; from then on none is lost. */
	err = cpuhp_state_add_instance(online_state, &sched->cpuhp_node);
	if (err) {
		kfree(sched->cpus);
		sched->cpus = NULL;
		return err;
	}
	return set_all(sched);
}

/**
 * bpfsched_affinity_clear() - undo bpfsched_affinity_set()
 * @sched: a scheduler, that has been given CPUs or not; its workers have not
 *	been stopped yet
 *
 * Context: process, may sleep.
 */
void bpfsched_affinity_clear(struct bpfsched *sched)
{
	if (!sched->cpus)
		return;
	cpuhp_state_remove_instance_nocalls(online_state, &sched->cpuhp_node);
	kfree(sched->cpus);
	sched->cpus = NULL;
}
