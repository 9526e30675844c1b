// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmarks that have to run in the kernel, as a module of test kernels:
 * a device node, through which tools/bench has them run.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include <bpfsched/compat.h>

#include "bench.h"

static long ioctl_interp(void __user *argument)
{
	struct bench_interp interp;
	long err;

	if (copy_from_user(&interp, argument, sizeof(interp)))
		return -EFAULT;
	err = bench_interp(&interp);
	if (!err && copy_to_user(argument, &interp, sizeof(interp)))
		return -EFAULT;
	return err;
}

static long ioctl_queue(void __user *argument)
{
	struct bench_queue queue;
	long err;

	if (copy_from_user(&queue, argument, sizeof(queue)))
		return -EFAULT;
	err = bench_queue(&queue);
	if (!err && copy_to_user(argument, &queue, sizeof(queue)))
		return -EFAULT;
	return err;
}

static long ioctl_wake(void __user *argument)
{
	struct bench_wake wake;

	if (copy_from_user(&wake, argument, sizeof(wake)))
		return -EFAULT;
	return bench_wake(&wake);
}

static long ioctl_start(void __user *argument)
{
	struct bench_start start;

	if (copy_from_user(&start, argument, sizeof(start)))
		return -EFAULT;
	return bench_start(&start);
}

static long bench_ioctl(struct file *file, unsigned int command,
			unsigned long argument)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (command) {
	case BENCH_IOC_INTERP:
		return ioctl_interp((void __user *)argument);
	case BENCH_IOC_QUEUE:
		return ioctl_queue((void __user *)argument);
	case BENCH_IOC_WAKE:
		return ioctl_wake((void __user *)argument);
	case BENCH_IOC_START:
		return ioctl_start((void __user *)argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = bench_ioctl,
};

static struct miscdevice bench_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bpfsched_bench",
	.mode = 0600,
	.fops = &bench_fops,
};
module_misc_device(bench_device);

MODULE_DESCRIPTION("Benchmarks of bpfsched");
MODULE_AUTHOR("The bpfsched authors");
MODULE_VERSION("0.2.0");
MODULE_LICENSE("GPL");
BPFSCHED_IMPORT_NS(BPFSCHED_KUNIT);
BPFSCHED_IMPORT_BPF();
