/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Profiles: named sets of defaults for a scheduler.
 */
#ifndef BPFSCHED_PROFILE_H
#define BPFSCHED_PROFILE_H

#include <linux/types.h>

struct bpfsched_params;

int bpfsched_profile_apply(const char *name, struct bpfsched_params *params);
void bpfsched_profile_resize(struct bpfsched_params *params, u32 capacity);

#endif /* BPFSCHED_PROFILE_H */
