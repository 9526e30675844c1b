/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPFSCHED_IOC_JOBS.
 */
#ifndef BPFSCHED_IOCTL_JOBS_H
#define BPFSCHED_IOCTL_JOBS_H

#include <uapi/linux/bpfsched.h>

struct bpfsched_client;

long bpfsched_ioc_jobs(struct bpfsched_client *client,
		       struct bpfsched_jobs *jobs);

#endif /* BPFSCHED_IOCTL_JOBS_H */
