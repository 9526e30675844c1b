// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl commands of a scheduler's node. Documentation/abi.rst describes
 * them for user space.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "client.h"
#include "ioctl.h"
#include "ioctl_jobs.h"
#include "ioctl_submit.h"
#include "ioctl_table.h"
#include "ioctl_users.h"
#include "prog.h"
#include "scheduler.h"
#include "update.h"
#include "user.h"

static long ioctl_info(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
		       void __user *user)
{
	struct bpfsched_info *info = &arg->info;

	bpfsched_get_info(client->sched, info);
	info->client = client->id;
	info->user_flags = client->unlimited ? BPFSCHED_USER_UNLIMITED : 0;
	raw_spin_lock_irq(&client->sched->lock);
	info->user_limits = client->user->limits;
	raw_spin_unlock_irq(&client->sched->lock);
	return 0;
}

/* @size: of the structure, as user space knows it */
static int write_back_load(const struct bpfsched_prog_load *load,
			   struct bpfsched_prog_load __user *user, u32 size)
{
	int err;

	err = put_user(load->log_len, &user->log_len) ?:
	      put_user(load->prog_id, &user->prog_id);
	if (err || size < BPFSCHED_PROG_LOAD_SIZE_VER3)
		return err;
	return put_user(load->limit, &user->limit);
}

/* All is written back before the descriptor exists, so that none can leak. */
static long ioctl_prog_load(struct bpfsched_client *client,
			    union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_prog *prog;
	struct file *file;
	long err;
	int fd;

	prog = bpfsched_prog_load(client, &arg->prog_load);
	err = write_back_load(&arg->prog_load, user, arg->size);
	if (IS_ERR(prog))
		return err ?: PTR_ERR(prog);

	fd = err ?: get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		bpfsched_prog_put(prog);
		return fd;
	}
	file = bpfsched_prog_file(prog);
	bpfsched_prog_put(prog);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

static long ioctl_submit(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
			 void __user *user)
{
	struct bpfsched_submit __user *submit = user;
	long ret;

	ret = bpfsched_ioc_submit(client, &arg->submit);
	/* What was taken was taken: this cannot fail the call any more. */
	if (arg->submit.room_ns)
		(void)put_user(arg->submit.room_ns, &submit->room_ns);
	return ret;
}

static long ioctl_cancel(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
			 void __user *user)
{
	const struct bpfsched_cancel *cancel = &arg->cancel;

	if (cancel->flags & ~BPFSCHED_CANCEL_ANY_CLIENT)
		return -EINVAL;
	if (!cancel->flags) {
		if (cancel->client)
			return -EINVAL;
		return bpfsched_cancel(client, cancel->id);
	}
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return bpfsched_cancel_any(client->sched, cancel->client, cancel->id);
}

static int update_any(struct bpfsched_client *client,
		      struct bpfsched_update *update)
{
	struct bpfsched_client *owner;
	int err;

	err = bpfsched_find_owner(client->sched, update->client, update->id,
				  &owner);
	if (err)
		return err;
	err = bpfsched_update_job(owner, update, capable(CAP_SYS_NICE));
	bpfsched_client_put(owner);
	return err;
}

static long ioctl_update(struct bpfsched_client *client,
			 union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_update __user *to = user;
	struct bpfsched_update *update = &arg->update;
	bool any = update->flags & BPFSCHED_UPDATE_ANY_CLIENT;
	long ret;

	update->room_ns = 0;
	if (any && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!any && update->client)
		return -EINVAL;
	ret = any ? update_any(client, update) :
		    bpfsched_update_job(client, update, capable(CAP_SYS_NICE));
	if (ret == -EBUSY && put_user(update->room_ns, &to->room_ns))
		return -EFAULT;
	if (ret == -EDQUOT && put_user(update->limit, &to->limit))
		return -EFAULT;
	return ret;
}

static long ioctl_users(struct bpfsched_client *client,
			union bpfsched_ioctl_arg *arg, void __user *user)
{
	return bpfsched_ioc_users(client, &arg->users);
}

static long ioctl_user_set(struct bpfsched_client *client,
			   union bpfsched_ioctl_arg *arg, void __user *user)
{
	return bpfsched_ioc_user_set(client, &arg->user_set);
}

static long ioctl_stat(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
		       void __user *user)
{
	bpfsched_get_stat(client->sched, &arg->stat);
	return 0;
}

static long ioctl_histogram(struct bpfsched_client *client,
			    union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_histogram *histogram = &arg->histogram;

	if (histogram->kind >= BPFSCHED_HISTOGRAMS)
		return -EINVAL;
	bpfsched_get_histogram(client->sched, histogram->kind,
			       histogram->buckets);
	return 0;
}

static long ioctl_jobs(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
		       void __user *user)
{
	return bpfsched_ioc_jobs(client, &arg->jobs);
}

static long ioctl_drain(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
			void __user *user)
{
	const struct bpfsched_drain *drain = &arg->drain;
	bool nowait = drain->flags & BPFSCHED_DRAIN_NOWAIT;

	if (drain->flags & ~(BPFSCHED_DRAIN_OWN | BPFSCHED_DRAIN_NOWAIT))
		return -EINVAL;
	if (drain->flags & BPFSCHED_DRAIN_OWN)
		return bpfsched_client_drain(client, drain->timeout_ns, nowait);
	return bpfsched_drain(client->sched, drain->timeout_ns, nowait);
}

static long ioctl_events(struct bpfsched_client *client,
			 union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_events *events = &arg->events;
	long err = 0;

	if (events->flags & ~BPFSCHED_EVENTS_SET_ROOM)
		return -EINVAL;
	/* Who submits no jobs has no use for room. */
	if (events->flags && client->reader)
		return -EBADF;
	if (events->flags)
		err = bpfsched_client_set_event_room(client, events->room);
	else if (events->room)
		err = -EINVAL;
	if (!err)
		bpfsched_ring_describe(&client->ring, events);
	return err;
}

static long ioctl_pause(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
			void __user *user)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	bpfsched_pause(client->sched);
	return 0;
}

static long ioctl_resume(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
			 void __user *user)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	bpfsched_resume(client->sched);
	return 0;
}

/* The commands of a scheduler; a number that is missing is unknown. */
#define COMMAND(name, member, version)					\
	.cmd = BPFSCHED_IOC_##name,					\
	.min_size = BPFSCHED_##version,					\
	.size = sizeof_field(union bpfsched_ioctl_arg, member)

static const struct bpfsched_ioctl_command commands[] = {
	{ COMMAND(INFO, info, INFO_SIZE_VER1),
	  .run = ioctl_info, .copy_out = true },
	{ COMMAND(PROG_LOAD, prog_load, PROG_LOAD_SIZE_VER1),
	  .run = ioctl_prog_load, .writes = true },
	{ COMMAND(SUBMIT, submit, SUBMIT_SIZE_VER1),
	  .run = ioctl_submit, .writes = true },
	{ COMMAND(CANCEL, cancel, CANCEL_SIZE_VER1),
	  .run = ioctl_cancel, .writes = true },
	{ COMMAND(UPDATE, update, UPDATE_SIZE_VER1),
	  .run = ioctl_update, .writes = true },
	{ COMMAND(STAT, stat, STAT_SIZE_VER1),
	  .run = ioctl_stat, .copy_out = true },
	{ COMMAND(HISTOGRAM, histogram, HISTOGRAM_SIZE_VER1),
	  .run = ioctl_histogram, .copy_out = true },
	{ COMMAND(JOBS, jobs, JOBS_SIZE_VER1),
	  .run = ioctl_jobs, .copy_out = true },
	{ COMMAND(USERS, users, USERS_SIZE_VER1),
	  .run = ioctl_users, .copy_out = true },
	{ COMMAND(USER_SET, user_set, USER_SET_SIZE_VER1),
	  .run = ioctl_user_set, .writes = true },
	{ COMMAND(DRAIN, drain, DRAIN_SIZE_VER1), .run = ioctl_drain },
	{ COMMAND(EVENTS, events, EVENTS_SIZE_VER1),
	  .run = ioctl_events, .copy_out = true },
	{ .cmd = BPFSCHED_IOC_PAUSE, .run = ioctl_pause, .writes = true },
	{ .cmd = BPFSCHED_IOC_RESUME, .run = ioctl_resume, .writes = true },
};

/**
 * bpfsched_ioctl() - file_operations.unlocked_ioctl of a scheduler's node
 * @file: the open file
 * @cmd: the command
 * @arg: address of its argument
 *
 * Context: process, may sleep.
 * Return: 0 or more, -ENOTTY for an unknown command, -ENODEV if the scheduler was
 * ended, or another negative errno.
 */
long bpfsched_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct bpfsched_client *client = file->private_data;

	if (bpfsched_is_gone(client->sched))
		return -ENODEV;
	return bpfsched_ioctl_run(commands, ARRAY_SIZE(commands), file, client,
				  cmd, arg);
}
