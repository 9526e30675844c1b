/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changing a job that has not ended.
 */
#ifndef BPFSCHED_UPDATE_H
#define BPFSCHED_UPDATE_H

#include <linux/types.h>

struct bpfsched_client;
struct bpfsched_update;

int bpfsched_update_job(struct bpfsched_client *client,
			struct bpfsched_update *update, bool privileged);

#endif /* BPFSCHED_UPDATE_H */
