/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables of ioctl commands, and what all commands have in common: the rules
 * for their arguments.
 */
#ifndef BPFSCHED_IOCTL_TABLE_H
#define BPFSCHED_IOCTL_TABLE_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

struct bpfsched_client;
struct file;

/* Room for the argument of any command. */
union bpfsched_ioctl_arg {
	__u32 size;
	struct bpfsched_info info;
	struct bpfsched_prog_load prog_load;
	struct bpfsched_submit submit;
	struct bpfsched_cancel cancel;
	struct bpfsched_update update;
	struct bpfsched_stat stat;
	struct bpfsched_histogram histogram;
	struct bpfsched_jobs jobs;
	struct bpfsched_users users;
	struct bpfsched_user_set user_set;
	struct bpfsched_drain drain;
	struct bpfsched_events events;
	struct bpfsched_create create;
	struct bpfsched_destroy destroy;
	struct bpfsched_list list;
};

/**
 * struct bpfsched_ioctl_command - a command
 * @cmd: BPFSCHED_IOC_*
 * @min_size: size of the argument in its first version, 0: it has none
 * @size: size of the argument as the module knows it
 * @copy_out: the argument is written back if the command succeeds
 * @run: carry it out; @user is where the argument came from; @client is NULL
 *	on the control node
 * @writes: needs a file that is open for writing
 */
struct bpfsched_ioctl_command {
	unsigned int cmd;
	u32 min_size;
	u32 size;
	bool copy_out;
	long (*run)(struct bpfsched_client *client, union bpfsched_ioctl_arg *arg,
		    void __user *user);
	bool writes;
};

long bpfsched_ioctl_run(const struct bpfsched_ioctl_command *commands,
			size_t count, struct file *file,
			struct bpfsched_client *client, unsigned int cmd,
			unsigned long arg);
int bpfsched_ioctl_copy_array(u64 to, u32 user_size, const void *from,
			      u32 size, u32 count);

#endif /* BPFSCHED_IOCTL_TABLE_H */
