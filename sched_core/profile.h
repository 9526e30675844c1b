/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Profiles: named sets of defaults for a scheduler.
 */
#ifndef BPFSCHED_PROFILE_H
#define BPFSCHED_PROFILE_H

struct bpfsched_params;

int bpfsched_profile_apply(const char *name, struct bpfsched_params *params);

#endif /* BPFSCHED_PROFILE_H */
