/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control node: /dev/bpfsched/control.
 */
#ifndef BPFSCHED_CONTROL_H
#define BPFSCHED_CONTROL_H

#include <linux/fs.h>

extern const struct file_operations bpfsched_control_fops;

#endif /* BPFSCHED_CONTROL_H */
