/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device nodes: /dev/bpfsched/<scheduler>.
 */
#ifndef BPFSCHED_DEVICE_H
#define BPFSCHED_DEVICE_H

#include <linux/types.h>

struct bpfsched;
struct bpfsched_node;

int bpfsched_device_init(void);
void bpfsched_device_exit(void);
void bpfsched_device_set_ready(void);
bool bpfsched_device_is_ready(void);
struct bpfsched_node *bpfsched_node_create(struct bpfsched *sched);
void bpfsched_node_destroy(struct bpfsched_node *node);

#endif /* BPFSCHED_DEVICE_H */
