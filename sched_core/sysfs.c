// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of a scheduler in /sys/class/bpfsched/<scheduler>/, one value
 * a file. Documentation/ABI/testing/sysfs-class-bpfsched describes them.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "scheduler.h"
#include "sysfs.h"
#include "user.h"

static struct bpfsched *to_sched(struct device *dev)
{
	return dev_get_drvdata(dev);
}

/* An attribute that shows a member of struct bpfsched_stat. */
#define STAT_ATTR(name)							\
	static ssize_t name##_show(struct device *dev,			\
				   struct device_attribute *attr,	\
				   char *buf)				\
	{								\
		struct bpfsched_stat stat = {};				\
									\
		bpfsched_get_stat(to_sched(dev), &stat);		\
		return sysfs_emit(buf, "%llu\n", stat.name);		\
	}								\
	static DEVICE_ATTR_RO(name)

STAT_ATTR(submitted);
STAT_ATTR(completed);
STAT_ATTR(failed);
STAT_ATTR(cancelled);
STAT_ATTR(dropped);
STAT_ATTR(rejected);
STAT_ATTR(pending);
STAT_ATTR(running);
STAT_ATTR(exec_count);
STAT_ATTR(deadline_misses);
STAT_ATTR(preemptions);
STAT_ATTR(queue_high_water);
STAT_ATTR(capacity);
STAT_ATTR(waiting);
STAT_ATTR(kept_running);
STAT_ATTR(reservations);
STAT_ATTR(reserved_ppm);
STAT_ATTR(cpus);

static ssize_t policy_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%s\n", to_sched(dev)->policy->name);
}
static DEVICE_ATTR_RO(policy);

static ssize_t profile_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n", to_sched(dev)->profile);
}
static DEVICE_ATTR_RO(profile);

static ssize_t workers_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", to_sched(dev)->limits.workers);
}
static DEVICE_ATTR_RO(workers);

static ssize_t paused_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct bpfsched_stat stat = {};

	bpfsched_get_stat(to_sched(dev), &stat);
	return sysfs_emit(buf, "%d\n", !!(stat.state & BPFSCHED_STATE_PAUSED));
}
static DEVICE_ATTR_RO(paused);

static ssize_t client_jobs_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_sched(dev)->limits.client_jobs));
}

static ssize_t client_jobs_store(struct device *dev,
				 struct device_attribute *attr,
				 const char *buf, size_t count)
{
	u32 value;
	int err;

	err = kstrtou32(buf, 0, &value);
	if (err)
		return err;
	if (!value)
		return -EINVAL;
	WRITE_ONCE(to_sched(dev)->limits.client_jobs, value);
	bpfsched_tell_pollers(to_sched(dev));
	return count;
}
static DEVICE_ATTR_RW(client_jobs);

/* "max" stands for no limit. */
static int parse_limit(const char *buf, u64 *value)
{
	if (sysfs_streq(buf, "max")) {
		*value = BPFSCHED_NO_LIMIT64;
		return 0;
	}
	return kstrtou64(buf, 0, value);
}

static ssize_t show_limit(char *buf, u64 value, u64 no_limit)
{
	if (value == no_limit)
		return sysfs_emit(buf, "max\n");
	return sysfs_emit(buf, "%llu\n", value);
}

/* An attribute that is a member of struct bpfsched_user_limits. */
#define USER_ATTR(name, flag, no_limit)					\
	static ssize_t user_##name##_show(struct device *dev,		\
					  struct device_attribute *attr,	\
					  char *buf)			\
	{								\
		struct bpfsched *sched = to_sched(dev);			\
		u64 value;						\
									\
		raw_spin_lock_irq(&sched->lock);			\
		value = sched->limits.user.name;			\
		raw_spin_unlock_irq(&sched->lock);			\
		return show_limit(buf, value, no_limit);		\
	}								\
	static ssize_t user_##name##_store(struct device *dev,		\
					   struct device_attribute *attr, \
					   const char *buf, size_t count) \
	{								\
		struct bpfsched_user_limits limits = {};		\
		u64 value;						\
		int err;						\
									\
		err = parse_limit(buf, &value);				\
		if (err)						\
			return err;					\
		if (value == BPFSCHED_NO_LIMIT64)			\
			value = no_limit;				\
		else if (value > no_limit)				\
			return -ERANGE;					\
		limits.name = value;					\
		err = bpfsched_users_set_all(to_sched(dev), flag,	\
					     &limits);			\
		return err ?: count;					\
	}								\
	static DEVICE_ATTR_RW(user_##name)

USER_ATTR(clients, BPFSCHED_USER_SET_CLIENTS, BPFSCHED_NO_LIMIT);
USER_ATTR(jobs, BPFSCHED_USER_SET_JOBS, BPFSCHED_NO_LIMIT);
USER_ATTR(waiting, BPFSCHED_USER_SET_WAITING, BPFSCHED_NO_LIMIT);
USER_ATTR(programs, BPFSCHED_USER_SET_PROGRAMS, BPFSCHED_NO_LIMIT);
USER_ATTR(memory, BPFSCHED_USER_SET_MEMORY, BPFSCHED_NO_LIMIT64);
USER_ATTR(releases, BPFSCHED_USER_SET_RELEASES, BPFSCHED_NO_LIMIT64);
USER_ATTR(reserved_ppm, BPFSCHED_USER_SET_RESERVED, BPFSCHED_NO_LIMIT);
USER_ATTR(weight, BPFSCHED_USER_SET_WEIGHT, BPFSCHED_NO_LIMIT);

static struct attribute *attrs[] = {
	&dev_attr_submitted.attr,
	&dev_attr_completed.attr,
	&dev_attr_failed.attr,
	&dev_attr_cancelled.attr,
	&dev_attr_dropped.attr,
	&dev_attr_rejected.attr,
	&dev_attr_pending.attr,
	&dev_attr_running.attr,
	&dev_attr_exec_count.attr,
	&dev_attr_deadline_misses.attr,
	&dev_attr_preemptions.attr,
	&dev_attr_queue_high_water.attr,
	&dev_attr_capacity.attr,
	&dev_attr_waiting.attr,
	&dev_attr_kept_running.attr,
	&dev_attr_reservations.attr,
	&dev_attr_reserved_ppm.attr,
	&dev_attr_cpus.attr,
	&dev_attr_user_clients.attr,
	&dev_attr_user_jobs.attr,
	&dev_attr_user_waiting.attr,
	&dev_attr_user_programs.attr,
	&dev_attr_user_memory.attr,
	&dev_attr_user_releases.attr,
	&dev_attr_user_reserved_ppm.attr,
	&dev_attr_user_weight.attr,
	&dev_attr_policy.attr,
	&dev_attr_profile.attr,
	&dev_attr_workers.attr,
	&dev_attr_paused.attr,
	&dev_attr_client_jobs.attr,
	NULL,
};

static const struct attribute_group group = {
	.attrs = attrs,
};

const struct attribute_group *bpfsched_sysfs_groups[] = {
	&group,
	NULL,
};
