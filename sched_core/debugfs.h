/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files in debugfs: what is in the queue of a scheduler and on its workers.
 */
#ifndef BPFSCHED_DEBUGFS_H
#define BPFSCHED_DEBUGFS_H

struct bpfsched;
struct dentry;

void bpfsched_debugfs_init(void);
void bpfsched_debugfs_exit(void);
struct dentry *bpfsched_debugfs_add(struct bpfsched *sched);
void bpfsched_debugfs_remove(struct dentry *folder);

#endif /* BPFSCHED_DEBUGFS_H */
