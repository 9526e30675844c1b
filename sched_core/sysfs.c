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
	return count;
}
static DEVICE_ATTR_RW(client_jobs);

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
