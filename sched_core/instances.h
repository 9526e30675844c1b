/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The schedulers that there are, by name.
 */
#ifndef BPFSCHED_INSTANCES_H
#define BPFSCHED_INSTANCES_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

struct bpfsched;
struct bpfsched_params;

struct bpfsched *bpfsched_instance_create(const struct bpfsched_params *params,
					  u32 *threads, u32 *thread_count);
int bpfsched_instance_undo(struct bpfsched *sched);
int bpfsched_instance_destroy(const char *name);
struct bpfsched *bpfsched_instance_get(const char *name);
u32 bpfsched_instance_names(char (*names)[BPFSCHED_NAME_LEN], u32 room);
void bpfsched_instances_exit(void);

#endif /* BPFSCHED_INSTANCES_H */
