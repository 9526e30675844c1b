// SPDX-License-Identifier: GPL-2.0
/*
 * What a submission is compared with: a thread that sleeps in the kernel on an
 * eventfd. It notes the time before anything else, without a way back to user
 * space, as a worker does.
 */
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/timekeeping.h>

#include "bench.h"

static int sleep_and_tell(struct file *event, struct file *reply)
{
	u64 value, now_ns;
	ssize_t done;

	for (;;) {
		done = kernel_read(event, &value, sizeof(value), NULL);
		now_ns = ktime_get_ns();
		if (done != sizeof(value))
			return done < 0 ? done : -EINVAL;
		if (value != 1)
			return 0;
		done = kernel_write(reply, &now_ns, sizeof(now_ns), NULL);
		if (done != sizeof(now_ns))
			return done < 0 ? done : -EINVAL;
	}
}

/**
 * bench_wake() - sleep on an eventfd and tell when woken, again and again
 * @wake: the eventfd and the pipe
 *
 * Context: process, sleeps.
 * Return: 0 when told to end; -EBADF; what reading or writing gave.
 */
long bench_wake(const struct bench_wake *wake)
{
	struct file *event = fget(wake->event_fd);
	struct file *reply = fget(wake->reply_fd);
	long err = -EBADF;

	if (event && reply)
		err = sleep_and_tell(event, reply);
	if (event)
		fput(event);
	if (reply)
		fput(reply);
	return err;
}
