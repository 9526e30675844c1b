// SPDX-License-Identifier: GPL-2.0
/* Schedulers made at run time, and what is in a scheduler. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

/* What an error means for a scheduler that is made or ended */
static const char *explain(unsigned long cmd, int err)
{
	bool create = cmd == BPFSCHED_IOC_CREATE;

	switch (err) {
	case EEXIST:
		return "there is a scheduler of that name already";
	case ENOENT:
		return create ? "no such profile or policy" :
				"there is no such scheduler";
	case EBUSY:
		return "somebody has it open for writing, or a module of the kernel uses it";
	case EPERM:
		return create ? "it needs CAP_SYS_ADMIN, and CAP_SYS_NICE for real-time workers" :
				"it needs CAP_SYS_ADMIN";
	default:
		return strerror(err);
	}
}

static int control_ioctl(unsigned long cmd, void *arg, const char *what)
{
	static const char path[] = BPFS_DEV_DIR "/control";
	int fd = open(path, O_RDWR | O_CLOEXEC), ret;

	if (fd < 0 && errno == EACCES)
		return bpfs_fail(-EACCES,
				 "%s: %s; to make and to end schedulers takes root",
				 path, strerror(EACCES));
	if (fd < 0)
		return bpfs_fail_open(path, O_RDWR);
	ret = ioctl(fd, cmd, arg);
	if (ret < 0)
		ret = bpfs_fail(-errno, "%s: %s", what,
				explain(cmd, errno));
	close(fd);
	return ret;
}

int bpfs_sched_create(struct bpfsched_create *create)
{
	create->size = sizeof(*create);
	return control_ioctl(BPFSCHED_IOC_CREATE, create, create->name);
}

int bpfs_sched_destroy(const char *name)
{
	struct bpfsched_destroy destroy = { .size = sizeof(destroy) };

	if (strlen(name) >= sizeof(destroy.name))
		return bpfs_fail(-EINVAL,
				 "'%s' is not a name of a scheduler", name);
	strcpy(destroy.name, name);
	return control_ioctl(BPFSCHED_IOC_DESTROY, &destroy, name);
}

int bpfs_sched_drain(int fd, __u64 timeout_ns)
{
	return bpfs_sched_drain_with(fd, 0, timeout_ns);
}

int bpfs_sched_drain_with(int fd, __u32 flags, __u64 timeout_ns)
{
	struct bpfsched_drain drain = {
		.size = sizeof(drain),
		.flags = flags,
		.timeout_ns = timeout_ns,
	};
	int ret = bpfs_ioctl(fd, BPFSCHED_IOC_DRAIN, &drain, "drain");

	if (ret == -EAGAIN)
		return bpfs_fail(ret, "drain: a job is pending or runs");
	if (ret == -ETIMEDOUT)
		return bpfs_fail(ret,
				 "drain: a job is still pending or runs, after that time");
	return ret;
}

int bpfs_sched_get_histogram(int fd, __u32 kind,
			     struct bpfsched_histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
	histogram->size = sizeof(*histogram);
	histogram->kind = kind;
	return bpfs_ioctl(fd, BPFSCHED_IOC_HISTOGRAM, histogram,
			  "histogram");
}

static int list_jobs(int fd, __u32 flags, __u64 *client, __u64 *id,
		     struct bpfsched_job_info *infos, __u32 room)
{
	struct bpfsched_jobs jobs = {
		.size = sizeof(jobs),
		.flags = flags,
		.client = *client,
		.id = *id,
		.count = room,
		.info_size = sizeof(*infos),
		.jobs = (uintptr_t)infos,
	};
	int ret;

	ret = bpfs_ioctl(fd, BPFSCHED_IOC_JOBS, &jobs, "jobs");
	if (ret < 0)
		return ret;
	*client = jobs.client;
	*id = jobs.id;
	return jobs.count;
}

int bpfs_sched_list_jobs(int fd, __u64 *client, __u64 *id,
			 struct bpfsched_job_info *infos, __u32 room)
{
	return list_jobs(fd, BPFSCHED_JOBS_ANY_CLIENT, client, id, infos, room);
}

int bpfs_sched_list_own_jobs(int fd, __u64 *client, __u64 *id,
			     struct bpfsched_job_info *infos, __u32 room)
{
	return list_jobs(fd, 0, client, id, infos, room);
}
