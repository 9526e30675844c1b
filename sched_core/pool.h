/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Job slots.
 */
#ifndef BPFSCHED_POOL_H
#define BPFSCHED_POOL_H

#include <linux/types.h>

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;

int bpfsched_job_cache_init(void);
void bpfsched_job_cache_exit(void);
int bpfsched_pool_init(struct bpfsched *sched);
void bpfsched_pool_exit(struct bpfsched *sched);
struct bpfsched_job *bpfsched_pool_get(struct bpfsched_client *client,
				       gfp_t gfp);
void bpfsched_pool_put(struct bpfsched_client *client,
		       struct bpfsched_job *job);

#endif /* BPFSCHED_POOL_H */
