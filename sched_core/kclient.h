/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clients in the kernel: what the rest of the module, and its tests, need
 * beside <linux/bpfsched_kapi.h>.
 */
#ifndef BPFSCHED_KCLIENT_H
#define BPFSCHED_KCLIENT_H

#include <linux/bpfsched_kapi.h>

struct bpfsched;
struct bpfsched_client;

int bpfsched_kclient_init(void);
void bpfsched_kclient_exit(void);
struct bpfsched_kclient *
bpfsched_kclient_new(struct bpfsched *sched,
		     const struct bpfsched_kclient_ops *ops, void *data);
struct bpfsched_client *
bpfsched_kclient_to_client(struct bpfsched_kclient *kclient);
void bpfsched_kclient_flush(struct bpfsched_kclient *kclient);
void bpfsched_kclient_drain(void);

#endif /* BPFSCHED_KCLIENT_H */
