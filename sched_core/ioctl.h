/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ioctl commands of a scheduler's node.
 */
#ifndef BPFSCHED_IOCTL_H
#define BPFSCHED_IOCTL_H

struct file;

long bpfsched_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* BPFSCHED_IOCTL_H */
