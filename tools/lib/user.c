// SPDX-License-Identifier: GPL-2.0
/* Users of a scheduler: what they have in use, and their limits. */
#include <errno.h>

#include "internal.h"

static int list(int fd, __u32 flags, __u64 *after,
		struct bpfsched_user_info *users, __u32 room)
{
	struct bpfsched_users req = {
		.size = sizeof(req),
		.flags = flags,
		.after = *after,
		.count = room,
		.info_size = sizeof(*users),
		.users = (uintptr_t)users,
	};
	int ret;

	ret = bpfs_ioctl(fd, BPFSCHED_IOC_USERS, &req, "users");
	if (ret < 0)
		return ret;
	*after = req.after;
	return req.count;
}

int bpfs_sched_get_user(int fd, struct bpfsched_user_info *user)
{
	__u64 after = 0;
	int ret = list(fd, 0, &after, user, 1);

	if (ret < 0)
		return ret;
	if (!ret)
		return bpfs_fail(-ENOENT, "users: no user has this file");
	return 0;
}

int bpfs_sched_list_users(int fd, __u64 *after,
			  struct bpfsched_user_info *users, __u32 room)
{
	return list(fd, BPFSCHED_USERS_ALL, after, users, room);
}

int bpfs_sched_set_user(int fd, const struct bpfsched_user_set *set)
{
	struct bpfsched_user_set req = *set;

	req.size = sizeof(req);
	return bpfs_ioctl(fd, BPFSCHED_IOC_USER_SET, &req, "users");
}
