// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs that the workers of a scheduler may use, when CPUs come and go.
 *
 * When the last CPU of a thread's mask goes offline the kernel lets the thread
 * run anywhere, and forgets the mask. So the scheduler keeps it, and gives it
 * to the workers again when one of its CPUs comes online.
 *
 * The number of workers stays what it was when the scheduler was made. How many
 * of them have a CPU of their own is what admission counts on, so reservations
 * are looked at again when CPUs go.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "affinity.h"
#include "reservation.h"
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

/* CPUs that the workers may use and that are online, without @going. */
static u32 count_cpus(const struct bpfsched *sched, int going)
{
	u32 count = 0;
	int cpu;

	for_each_online_cpu(cpu)
		count += cpu != going &&
			 (!sched->cpus || cpumask_test_cpu(cpu, sched->cpus));
	/* Without any of theirs workers run on those that are left. */
	return count ?: 1;
}

static int cpu_came_online(unsigned int cpu, struct hlist_node *node)
{
	struct bpfsched *sched =
		hlist_entry(node, struct bpfsched, cpuhp_node);

	/* This CPU is online, so it cannot fail; nor may it keep one offline. */
	if (sched->cpus && cpumask_test_cpu(cpu, sched->cpus))
		set_all(sched);
	/* CPUs that go and come for a suspend are counted when it is over. */
	if (!cpuhp_tasks_frozen)
		bpfsched_reservations_recheck(sched, count_cpus(sched, -1));
	return 0;
}

static int cpu_goes_offline(unsigned int cpu, struct hlist_node *node)
{
	struct bpfsched *sched =
		hlist_entry(node, struct bpfsched, cpuhp_node);

	if (!cpuhp_tasks_frozen)
		bpfsched_reservations_recheck(sched, count_cpus(sched, cpu));
	return 0;
}

/**
 * bpfsched_affinity_recheck() - look which CPUs are there after a suspend
 * @sched: the scheduler
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 */
void bpfsched_affinity_recheck(struct bpfsched *sched)
{
	if (!sched->follows_cpus)
		return;
	cpus_read_lock();
	bpfsched_reservations_recheck(sched, count_cpus(sched, -1));
	cpus_read_unlock();
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
					    cpu_goes_offline);

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

static int copy_mask(struct bpfsched *sched, const struct cpumask *cpus)
{
	if (!cpus)
		return 0;
	sched->cpus = kmemdup(cpus, cpumask_size(), GFP_KERNEL);
	return sched->cpus ? 0 : -ENOMEM;
}

/**
 * bpfsched_affinity_set() - say which CPUs the workers may use
 * @sched: a scheduler whose workers have been started
 * @cpus: the CPUs, copied; NULL: all
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; -EINVAL if none of @cpus is online.
 */
int bpfsched_affinity_set(struct bpfsched *sched, const struct cpumask *cpus)
{
	int err;

	err = copy_mask(sched, cpus);
	if (err)
		return err;
	/* Calls back for each CPU that is online; from then on none is lost. */
	err = cpuhp_state_add_instance(online_state, &sched->cpuhp_node);
	if (err)
		return err;
	sched->follows_cpus = true;
	return sched->cpus ? set_all(sched) : 0;
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
	if (sched->follows_cpus)
		cpuhp_state_remove_instance_nocalls(online_state,
						    &sched->cpuhp_node);
	sched->follows_cpus = false;
	kfree(sched->cpus);
	sched->cpus = NULL;
}
