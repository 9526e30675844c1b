// SPDX-License-Identifier: GPL-2.0
/*
 * What all ioctl commands have in common: how a command is found, and the
 * rules for its argument (Documentation/abi.rst).
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "ioctl_table.h"

/* Commands are told apart by all but the size, which may grow. */
static const struct bpfsched_ioctl_command *
find_command(const struct bpfsched_ioctl_command *commands, size_t count,
	     unsigned int cmd)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!((commands[i].cmd ^ cmd) & ~IOCSIZE_MASK))
			return &commands[i];
	}
	return NULL;
}

static int copy_arg(const struct bpfsched_ioctl_command *command,
		    union bpfsched_ioctl_arg *arg, void __user *user,
		    u32 user_size)
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
 * bpfsched_ioctl_run() - find a command in a table and carry it out
 * @commands: the table
 * @count: number of @commands
 * @file: the open file
 * @client: who asks, NULL on the control node
 * @cmd: the command
 * @arg: address of its argument
 *
 * Context: process, may sleep.
 * Return: 0 or more, -ENOTTY for an unknown command, -EBADF for one that needs
 * a file that is open for writing, or another negative errno.
 */
long bpfsched_ioctl_run(const struct bpfsched_ioctl_command *commands,
			size_t count, struct file *file,
			struct bpfsched_client *client, unsigned int cmd,
			unsigned long arg)
{
	const struct bpfsched_ioctl_command *command =
		find_command(commands, count, cmd);
	void __user *user = (void __user *)arg;
	union bpfsched_ioctl_arg copy = {};
	u32 user_size = _IOC_SIZE(cmd);
	long ret;

	if (!command || (!command->size && user_size))
		return -ENOTTY;
	if (command->writes && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
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

/**
 * bpfsched_ioctl_copy_array() - copy structures that may grow to user space
 * @to: address of the array in user space
 * @user_size: size of a structure as user space knows it
 * @from: the array
 * @size: size of a structure as the module knows it
 * @count: number of structures
 *
 * What only the module knows of a structure is left out, what only user space
 * knows is cleared.
 *
 * Context: process, may sleep.
 * Return: 0 or -EFAULT.
 */
int bpfsched_ioctl_copy_array(u64 to, u32 user_size, const void *from,
			      u32 size, u32 count)
{
	u32 known = min(user_size, size), i;

	for (i = 0; i < count; i++) {
		char __user *user = u64_to_user_ptr(to + (u64)i * user_size);

		if (copy_to_user(user, from + (size_t)i * size, known) ||
		    clear_user(user + known, user_size - known))
			return -EFAULT;
	}
	return 0;
}
