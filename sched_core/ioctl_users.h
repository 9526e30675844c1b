/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPFSCHED_IOC_USERS and BPFSCHED_IOC_USER_SET.
 */
#ifndef BPFSCHED_IOCTL_USERS_H
#define BPFSCHED_IOCTL_USERS_H

struct bpfsched_client;
struct bpfsched_user_set;
struct bpfsched_users;

long bpfsched_ioc_users(struct bpfsched_client *client,
			struct bpfsched_users *users);
long bpfsched_ioc_user_set(struct bpfsched_client *client,
			   const struct bpfsched_user_set *set);

#endif /* BPFSCHED_IOCTL_USERS_H */
