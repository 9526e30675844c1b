// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend and hibernation: nothing runs while the system sleeps.
 *
 * The freezer waits for each worker to come to a place where it can be frozen,
 * and gives up the suspend if one does not. A program in a long loop would not,
 * so before the freezer begins its work all running jobs are told to pause. A
 * worker keeps the job that it had, with the state of the engine in place, and
 * goes on with it when the system has woken up.
 *
 * Only tasks are frozen here. Timers go on until the kernel stops the clock:
 * releases that fall due wait in the queue, and what misses its deadline has
 * missed it. While the clock stands still no deadline comes nearer.
 */
#include <linux/notifier.h>
#include <linux/suspend.h>

#include <bpfsched/visibility.h>

#include "affinity.h"
#include "dispatch.h"
#include "scheduler.h"
#include "suspend.h"

/**
 * bpfsched_suspend() - let nothing run until bpfsched_wake()
 * @sched: the scheduler
 *
 * Running jobs are held at their next safe point, by their workers; nothing
 * else is started. Does not wait for that.
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_suspend(struct bpfsched *sched)
{
	raw_spin_lock_irq(&sched->lock);
	sched->suspended = true;
	bpfsched_dispatch_hold(sched);
	raw_spin_unlock_irq(&sched->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_suspend);

/**
 * bpfsched_wake() - undo bpfsched_suspend()
 * @sched: the scheduler
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_wake(struct bpfsched *sched)
{
	raw_spin_lock_irq(&sched->lock);
	sched->suspended = false;
	bpfsched_dispatch_thaw(sched);
	raw_spin_unlock_irq(&sched->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_wake);

static int pm_notify(struct notifier_block *notifier, unsigned long event,
		     void *unused)
{
	struct bpfsched *sched =
		container_of(notifier, struct bpfsched, pm_notifier);

	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		bpfsched_suspend(sched);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		bpfsched_affinity_recheck(sched);
		bpfsched_wake(sched);
		break;
	}
	return NOTIFY_DONE;
}

/**
 * bpfsched_suspend_init() - be told of suspend and hibernation
 * @sched: the scheduler
 *
 * A system that is about to sleep at this very moment does not tell any more;
 * see bpfsched_instance_create().
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int bpfsched_suspend_init(struct bpfsched *sched)
{
	sched->pm_notifier.notifier_call = pm_notify;
	return register_pm_notifier(&sched->pm_notifier);
}

/**
 * bpfsched_suspend_exit() - undo bpfsched_suspend_init()
 * @sched: the scheduler
 *
 * Context: process, may sleep.
 */
void bpfsched_suspend_exit(struct bpfsched *sched)
{
	unregister_pm_notifier(&sched->pm_notifier);
}
