/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What jobs can ask of the scheduler that runs them.
 */
#ifndef BPFSCHED_HOST_H
#define BPFSCHED_HOST_H

#include "../interp/engine.h"

/* Its data is the struct bpfsched_job that runs. */
extern const struct bpfsched_host_ops bpfsched_host;

#endif /* BPFSCHED_HOST_H */
