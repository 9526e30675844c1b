/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Profiles: named sets of defaults for a scheduler.
 */
#ifndef BPFSCHED_PROFILE_H
#define BPFSCHED_PROFILE_H

/* Completions of a client that may wait to be read, by the capacity. */
#define BPFSCHED_SLOTS_PER_CAPACITY	4

struct bpfsched_params;

int bpfsched_profile_apply(const char *name, struct bpfsched_params *params);

#endif /* BPFSCHED_PROFILE_H */
