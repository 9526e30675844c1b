/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPFSCHED_IOC_SUBMIT.
 */
#ifndef BPFSCHED_IOCTL_SUBMIT_H
#define BPFSCHED_IOCTL_SUBMIT_H

#include <uapi/linux/bpfsched.h>

struct bpfsched_client;

long bpfsched_ioc_submit(struct bpfsched_client *client,
			 struct bpfsched_submit *submit);

#endif /* BPFSCHED_IOCTL_SUBMIT_H */
