/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPFSCHED_IOC_SUBMIT.
 */
#ifndef BPFSCHED_SUBMIT_H
#define BPFSCHED_SUBMIT_H

#include <uapi/linux/bpfsched.h>

struct bpfsched_client;

long bpfsched_ioc_submit(struct bpfsched_client *client,
			 const struct bpfsched_submit *submit);

#endif /* BPFSCHED_SUBMIT_H */
