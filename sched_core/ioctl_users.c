// SPDX-License-Identifier: GPL-2.0
/*
 * BPFSCHED_IOC_USERS and BPFSCHED_IOC_USER_SET: what users have in use, and what
 * they may have.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "abi.h"
#include "client.h"
#include "ioctl_table.h"
#include "ioctl_users.h"
#include "scheduler.h"
#include "user.h"

#define USERS_MAX	1024

/**
 * struct listing - the users that were found for a caller
 * @infos: what is told of them
 * @count: number of @infos
 * @room: room in @infos
 * @more: there was no room for all
 */
struct listing {
	struct bpfsched_user_info *infos;
	u32 count;
	u32 room;
	bool more;
};

static void describe_user(struct bpfsched_user_info *info,
			  struct bpfsched_user *user)
{
	raw_spin_lock_irq(&user->sched->lock);
	*info = (struct bpfsched_user_info) {
		.number = user->number,
		.uid = from_kuid_munged(current_user_ns(), user->uid),
		.flags = (user->kernel ? BPFSCHED_USER_KERNEL : 0) |
			 (READ_ONCE(user->changed) ? BPFSCHED_USER_CHANGED : 0),
		.clients = user->clients,
		.jobs = user->jobs,
		.waiting = user->waiting,
		.programs = user->programs,
		.memory = user->memory,
		.releases = div_u64(user->release_rate +
				    BPFSCHED_RELEASE_RATE_ONE - 1,
				    BPFSCHED_RELEASE_RATE_ONE),
		.reserved_ppm = min_t(u64, user->reserved_ppm, U32_MAX),
		.run_ns = user->run_ns,
		.limits = user->limits,
	};
	raw_spin_unlock_irq(&user->sched->lock);
	BUILD_BUG_ON(sizeof(info->comm) != sizeof(user->comm));
	memcpy(info->comm, user->comm, sizeof(info->comm));
}

static bool list_user(struct bpfsched_user *user, void *data)
{
	struct listing *listing = data;

	if (listing->count == listing->room) {
		listing->more = true;
		return false;
	}
	describe_user(&listing->infos[listing->count++], user);
	return true;
}

static int list_users(struct bpfsched_client *client,
		      struct bpfsched_users *users, struct listing *listing)
{
	int err = 0;

	if (users->flags)
		err = bpfsched_users_visit(client->sched, users->after,
					   list_user, listing);
	else if (client->user->number > users->after)
		list_user(client->user, listing);
	users->count = listing->count;
	users->after = listing->more ?
		       listing->infos[listing->count - 1].number : 0;
	return err;
}

/**
 * bpfsched_ioc_users() - list users
 * @client: who asks
 * @users: the request; count and after are set
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -EINVAL or -E2BIG if the request is malformed; -EPERM; -EFAULT;
 * -ENOMEM; -EINTR if the caller is being killed.
 */
long bpfsched_ioc_users(struct bpfsched_client *client,
			struct bpfsched_users *users)
{
	struct listing listing = { .room = users->count };
	int err;

	if ((users->flags & ~BPFSCHED_USERS_ALL) || !users->count ||
	    users->info_size < BPFSCHED_USER_INFO_SIZE_VER1 ||
	    users->info_size % 8)
		return -EINVAL;
	if (users->count > USERS_MAX || users->info_size > PAGE_SIZE)
		return -E2BIG;
	if (users->flags && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	listing.infos = kvcalloc(users->count, sizeof(*listing.infos),
				 GFP_KERNEL_ACCOUNT);
	if (!listing.infos)
		return -ENOMEM;
	err = list_users(client, users, &listing) ?:
	      bpfsched_ioctl_copy_array(users->users, users->info_size,
					listing.infos, sizeof(*listing.infos),
					listing.count);
	kvfree(listing.infos);
	return err;
}

/**
 * bpfsched_ioc_user_set() - change limits
 * @client: who asks
 * @set: the request
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -EPERM; -EINVAL; -ENOMEM; -EINTR if the caller is being killed.
 */
long bpfsched_ioc_user_set(struct bpfsched_client *client,
			   const struct bpfsched_user_set *set)
{
	const u32 known = BPFSCHED_USER_SET_LIMITS |
			  BPFSCHED_USER_SET_DEFAULTS | BPFSCHED_USER_SET_ALL;
	kuid_t uid = make_kuid(current_user_ns(), set->uid);

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!set->flags || (set->flags & ~known) || set->pad)
		return -EINVAL;
	if (!(set->flags & BPFSCHED_USER_SET_ALL))
		return uid_valid(uid) ?
		       bpfsched_user_set(client->sched, uid, set->flags,
					 &set->limits) : -EINVAL;
	if (set->uid || (set->flags & BPFSCHED_USER_SET_DEFAULTS) ||
	    !(set->flags & BPFSCHED_USER_SET_LIMITS))
		return -EINVAL;
	return bpfsched_users_set_all(client->sched, set->flags, &set->limits);
}
