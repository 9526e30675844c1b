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
#include "prog.h"
#include "scheduler.h"
#include "submit.h"

/* Room for the argument of any command. */
union ioctl_arg {
	__u32 size;
	struct bpfsched_info info;
	struct bpfsched_prog_load prog_load;
	struct bpfsched_submit submit;
	struct bpfsched_cancel cancel;
	struct bpfsched_stat stat;
};

static long ioctl_info(struct bpfsched_client *client, union ioctl_arg *arg,
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
			    union ioctl_arg *arg, void __user *user)
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

static long ioctl_submit(struct bpfsched_client *client, union ioctl_arg *arg,
			 void __user *user)
{
	return bpfsched_ioc_submit(client, &arg->submit);
}

static long ioctl_cancel(struct bpfsched_client *client, union ioctl_arg *arg,
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

static long ioctl_stat(struct bpfsched_client *client, union ioctl_arg *arg,
		       void __user *user)
{
	bpfsched_get_stat(client->sched, &arg->stat);
	return 0;
}

static long ioctl_pause(struct bpfsched_client *client, union ioctl_arg *arg,
			void __user *user)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	bpfsched_pause(client->sched);
	return 0;
}

static long ioctl_resume(struct bpfsched_client *client, union ioctl_arg *arg,
			 void __user *user)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	bpfsched_resume(client->sched);
	return 0;
}

/**
 * struct ioctl_command - a command
 * @cmd: BPFSCHED_IOC_*
 * @min_size: size of the argument in its first version, 0: it has none
 * @size: size of the argument as the module knows it
 * @copy_out: the argument is written back if the command succeeds
 * @run: carry it out; @user is where the argument came from
 */
struct ioctl_command {
	unsigned int cmd;
	u32 min_size;
	u32 size;
	bool copy_out;
	long (*run)(struct bpfsched_client *client, union ioctl_arg *arg,
		    void __user *user);
};

static const struct ioctl_command commands[] = {
	{ BPFSCHED_IOC_INFO, BPFSCHED_INFO_SIZE_VER1,
	  sizeof(struct bpfsched_info), true, ioctl_info },
	{ BPFSCHED_IOC_PROG_LOAD, BPFSCHED_PROG_LOAD_SIZE_VER1,
	  sizeof(struct bpfsched_prog_load), false, ioctl_prog_load },
	{ BPFSCHED_IOC_SUBMIT, BPFSCHED_SUBMIT_SIZE_VER1,
	  sizeof(struct bpfsched_submit), false, ioctl_submit },
	{ BPFSCHED_IOC_CANCEL, BPFSCHED_CANCEL_SIZE_VER1,
	  sizeof(struct bpfsched_cancel), false, ioctl_cancel },
	{ BPFSCHED_IOC_STAT, BPFSCHED_STAT_SIZE_VER1,
	  sizeof(struct bpfsched_stat), true, ioctl_stat },
	{ BPFSCHED_IOC_PAUSE, 0, 0, false, ioctl_pause },
	{ BPFSCHED_IOC_RESUME, 0, 0, false, ioctl_resume },
};

/* Commands are told apart by all but the size, which may grow. */
static const struct ioctl_command *find_command(unsigned int cmd)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!((commands[i].cmd ^ cmd) & ~IOCSIZE_MASK))
			return &commands[i];
	}
	return NULL;
}

static int copy_arg(const struct ioctl_command *command, union ioctl_arg *arg,
		    void __user *user, u32 user_size)
{
	u32 size;

	if (user_size < command->min_size || user_size % 8)
		return -EINVAL;
	if (user_size > PAGE_SIZE)
		return -E2BIG;
	if (get_user(size, (__u32 __user *)user))
		return -EFAULT;
	if (size != user_size)
		return -EINVAL;
	return copy_struct_from_user(arg, command->size, user, user_size);
}

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
	const struct ioctl_command *command = find_command(cmd);
	struct bpfsched_client *client = file->private_data;
	void __user *user = (void __user *)arg;
	u32 user_size = _IOC_SIZE(cmd);
	union ioctl_arg copy = {};
	long ret;

	if (!command || (!command->size && user_size))
		return -ENOTTY;
	if (command->size) {
		ret = copy_arg(command, &copy, user, user_size);
		if (ret)
			return ret;
	}

	ret = command->run(client, &copy, user);
	if (ret >= 0 && command->copy_out &&
	    copy_to_user(user, &copy, min(user_size, command->size)))
		return -EFAULT;
	return ret;
}
