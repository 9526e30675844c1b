/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attributes of a scheduler in /sys/class/bpfsched/<scheduler>/.
 */
#ifndef BPFSCHED_SYSFS_H
#define BPFSCHED_SYSFS_H

struct attribute_group;

extern const struct attribute_group *bpfsched_sysfs_groups[];

#endif /* BPFSCHED_SYSFS_H */
