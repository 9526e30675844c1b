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
#include "prog.h"
#include "scheduler.h"

static long ioctl_info(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
		       void __user *user)
{
	bpfsched_get_info(client->sched, &arg->info);
	arg->info.client = client->id;
	return 0;
}

static int write_back_load(const struct bpfsched_prog_load *load,
			   struct bpfsched_prog_load __user *user)
{
	return put_user(load->log_len, &user->log_len) ?:
	       put_user(load->prog_id, &user->prog_id);
}

/* All is written back before the descriptor exists, so that none can leak. */
static long ioctl_prog_load(struct bpfsched_client *client,
			    union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_prog *prog;
	struct file *file;
	long err;
	int fd;

	prog = bpfsched_prog_load(client->sched->engine, &arg->prog_load);
	err = write_back_load(&arg->prog_load, user);
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

	arg->submit.room_ns = 0;
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
	if (arg->drain.flags)
		return -EINVAL;
	return bpfsched_drain(client->sched, arg->drain.timeout_ns);
}

static long ioctl_events(struct bpfsched_client *client,
			 union bpfsched_ioctl_arg *arg, void __user *user)
{
	struct bpfsched_events *events = &arg->events;
	long err = 0;

	if (events->flags & ~BPFSCHED_EVENTS_SET_ROOM)
		return -EINVAL;
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

static const struct bpfsched_ioctl_command commands[] = {
	{ BPFSCHED_IOC_INFO, BPFSCHED_INFO_SIZE_VER1,
	  sizeof(struct bpfsched_info), true, ioctl_info },
	{ BPFSCHED_IOC_PROG_LOAD, BPFSCHED_PROG_LOAD_SIZE_VER1,
	  sizeof(struct bpfsched_prog_load), false, ioctl_prog_load, true },
	{ BPFSCHED_IOC_SUBMIT, BPFSCHED_SUBMIT_SIZE_VER1,
	  sizeof(struct bpfsched_submit), false, ioctl_submit, true },
	{ BPFSCHED_IOC_CANCEL, BPFSCHED_CANCEL_SIZE_VER1,
	  sizeof(struct bpfsched_cancel), false, ioctl_cancel, true },
	{ BPFSCHED_IOC_STAT, BPFSCHED_STAT_SIZE_VER1,
	  sizeof(struct bpfsched_stat), true, ioctl_stat },
	{ BPFSCHED_IOC_HISTOGRAM, BPFSCHED_HISTOGRAM_SIZE_VER1,
	  sizeof(struct bpfsched_histogram), true, ioctl_histogram },
	{ BPFSCHED_IOC_JOBS, BPFSCHED_JOBS_SIZE_VER1,
	  sizeof(struct bpfsched_jobs), true, ioctl_jobs },
	{ BPFSCHED_IOC_DRAIN, BPFSCHED_DRAIN_SIZE_VER1,
	  sizeof(struct bpfsched_drain), false, ioctl_drain },
	{ BPFSCHED_IOC_EVENTS, BPFSCHED_EVENTS_SIZE_VER1,
	  sizeof(struct bpfsched_events), true, ioctl_events },
	{ BPFSCHED_IOC_PAUSE, 0, 0, false, ioctl_pause, true },
	{ BPFSCHED_IOC_RESUME, 0, 0, false, ioctl_resume, true },
};

/**
 * bpfsched_ioctl() - file_operations.unlocked_ioctl of a scheduler's node
 * @file: the open file
 * @cmd: the command
 * @arg: address of its argument
 *
 * Context: process, may sleep.
 * Return: 0 or more, -ENOTTY for an unknown command, or another negative
 * errno.
 */
long bpfsched_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return bpfsched_ioctl_run(commands, ARRAY_SIZE(commands), file,
				  file->private_data, cmd, arg);
}
