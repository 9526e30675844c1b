// SPDX-License-Identifier: GPL-2.0
/* A scheduler as a file descriptor: what its ioctls do, one function each. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* Requests that nobody else may make */
static bool needs_admin(unsigned long cmd)
{
	return cmd == BPFSCHED_IOC_PAUSE || cmd == BPFSCHED_IOC_RESUME ||
	       cmd == BPFSCHED_IOC_JOBS || cmd == BPFSCHED_IOC_USERS ||
	       cmd == BPFSCHED_IOC_USER_SET;
}

/**
 * bpfs_ioctl() - one ioctl, with a message that says what was tried
 * @fd: scheduler
 * @cmd: BPFSCHED_IOC_*
 * @arg: its argument
 * @what: name of the request
 *
 * Return: what the ioctl returns, or negative errno.
 */
int bpfs_ioctl(int fd, unsigned long cmd, void *arg, const char *what)
{
	int ret = ioctl(fd, cmd, arg);

	if (ret >= 0)
		return ret;
	if (errno == ENOTTY)
		return bpfs_fail(-ENOTTY,
				 "%s: not a scheduler, or its module does not know this request",
				 what);
	if (errno == ENODEV)
		return bpfs_fail(-ENODEV, "%s: the scheduler has ended",
				 what);
	if (errno == EPERM && needs_admin(cmd))
		return bpfs_fail(-EPERM, "%s: %s, it needs CAP_SYS_ADMIN",
				 what, strerror(EPERM));
	if (errno == EBADF)
		return bpfs_fail(-EBADF,
				 "%s: the scheduler is open for reading only",
				 what);
	return bpfs_fail(-errno, "%s: %s", what, strerror(errno));
}

/* Who may open a node; @write: for writing */
static void describe_owners(const char *path, bool write, char *buf,
			    size_t size)
{
	mode_t bit = write ? 0020 : 0040;
	struct group group, *found = NULL;
	char strings[1024], number[16];
	const char *name = number;
	struct stat st;

	if (stat(path, &st)) {
		*buf = 0;
		return;
	}
	if (!(st.st_mode & bit) || !st.st_gid) {
		snprintf(buf, size,
			 "only its owner may %s it; a udev rule can give it to a group",
			 write ? "write" : "read");
		return;
	}
	snprintf(number, sizeof(number), "%u", st.st_gid);
	getgrgid_r(st.st_gid, &group, strings, sizeof(strings), &found);
	if (found)
		name = found->gr_name;
	snprintf(buf, size, "members of group '%s' may %s it", name,
		 write ? "write" : "read");
}

/**
 * bpfs_fail_open() - keep a message on a node that cannot be opened
 * @path: path of the node
 * @flags: how it should have been opened; errno says why it was not
 *
 * Return: negative errno.
 */
int bpfs_fail_open(const char *path, int flags)
{
	int err = errno == ENOTDIR ? ENOENT : errno;
	char owners[128];

	switch (err) {
	case EDQUOT:
		return bpfs_fail(-EDQUOT,
				 "%s: this user has too many files of the scheduler open",
				 path);
	case EACCES:
	case EPERM:
		describe_owners(path, flags != O_RDONLY, owners,
				sizeof(owners));
		return bpfs_fail(-err, "%s: %s%s%s", path, strerror(err),
				     *owners ? ": " : "", owners);
	case ENOENT:
		if (access(BPFS_DEV_DIR, F_OK))
			return bpfs_fail(-ENOENT,
					 "%s: there are no schedulers, as the module is not loaded (modprobe bpfsched)",
					 path);
		return bpfs_fail(-ENOENT,
				 "%s: no such scheduler ('bpfsched list' shows those that there are)",
				 path);
	default:
		return bpfs_fail(-err, "%s: %s", path, strerror(err));
	}
}

static int open_node(const char *name, int flags)
{
	char path[sizeof(BPFS_DEV_DIR) + BPFSCHED_NAME_LEN];
	int fd;

	if (!*name || strchr(name, '/') || *name == '.' ||
	    strlen(name) >= BPFSCHED_NAME_LEN)
		return bpfs_fail(-EINVAL,
				 "'%s' is not a name of a scheduler",
				 name);
	snprintf(path, sizeof(path), "%s/%s", BPFS_DEV_DIR, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return bpfs_fail_open(path, flags);
}

int bpfs_sched_open(const char *name)
{
	return open_node(name, O_RDWR);
}

int bpfs_sched_open_reader(const char *name)
{
	return open_node(name, O_RDONLY);
}

int bpfs_sched_get_info(int fd, struct bpfsched_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return bpfs_ioctl(fd, BPFSCHED_IOC_INFO, info, "info");
}

int bpfs_sched_get_stat(int fd, struct bpfsched_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	return bpfs_ioctl(fd, BPFSCHED_IOC_STAT, stat, "stat");
}

int bpfs_sched_get_events(int fd, struct bpfsched_events *events)
{
	memset(events, 0, sizeof(*events));
	events->size = sizeof(*events);
	return bpfs_ioctl(fd, BPFSCHED_IOC_EVENTS, events, "events");
}

int bpfs_sched_set_event_room(int fd, __u64 room)
{
	struct bpfsched_events events = {
		.size = sizeof(events),
		.flags = BPFSCHED_EVENTS_SET_ROOM,
		.room = room,
	};

	return bpfs_ioctl(fd, BPFSCHED_IOC_EVENTS, &events, "events");
}

int bpfs_sched_pause(int fd)
{
	return bpfs_ioctl(fd, BPFSCHED_IOC_PAUSE, NULL, "pause");
}

int bpfs_sched_resume(int fd)
{
	return bpfs_ioctl(fd, BPFSCHED_IOC_RESUME, NULL, "resume");
}

static int send_cancel(int fd, struct bpfsched_cancel *req)
{
	int err;

	req->size = sizeof(*req);
	if (ioctl(fd, BPFSCHED_IOC_CANCEL, req) >= 0)
		return 0;
	err = -errno;
	if (err == -ENOENT)
		return bpfs_fail(err, "cancel: there is no live job %llu",
				 (unsigned long long)req->id);
	if (err == -ENOTUNIQ)
		return bpfs_fail(err,
				 "cancel: more than one client has a job %llu, name the client",
				 (unsigned long long)req->id);
	if (err == -EPERM)
		return bpfs_fail(err,
				 "cancel: %s, jobs of others need CAP_SYS_ADMIN",
				 strerror(EPERM));
	return bpfs_fail(err, "cancel: %s", strerror(-err));
}

int bpfs_sched_cancel(int fd, __u64 id)
{
	struct bpfsched_cancel req = { .id = id };

	return send_cancel(fd, &req);
}

int bpfs_sched_cancel_any(int fd, __u64 client, __u64 id)
{
	struct bpfsched_cancel req = {
		.flags = BPFSCHED_CANCEL_ANY_CLIENT,
		.id = id,
		.client = client,
	};

	return send_cancel(fd, &req);
}

/* What an error means for a change, if that is not what it always means */
static int explain_update(int fd, int err, const struct bpfsched_update *update)
{
	char why[BPFS_LIMIT_TEXT_MAX];

	switch (-err) {
	case ENOENT:
		return bpfs_fail(err, "update: there is no live job %llu",
				 (unsigned long long)update->id);
	case ENOTUNIQ:
		return bpfs_fail(err,
				 "update: more than one client has a job %llu, name the client",
				 (unsigned long long)update->id);
	case EBUSY:
		return bpfs_fail(err,
				 "update: the deadline cannot be guaranteed beside those of others");
	case ETIME:
		return bpfs_fail(err,
				 "update: the deadline has passed already");
	case EOPNOTSUPP:
		return bpfs_fail(err,
				 "update: this scheduler has no deadlines");
	case E2BIG:
		return bpfs_fail(err,
				 "update: the budget is beyond the scheduler's limit");
	case EPERM:
		return bpfs_fail(err,
				 "update: %s: jobs of others need CAP_SYS_ADMIN; a budget beyond the scheduler's limit for users, and priority critical where it is guarded, CAP_SYS_NICE",
				 strerror(EPERM));
	case EDQUOT:
		return bpfs_fail(err, "update: %s",
				 bpfs_limit_explain(fd, update->limit,
						    why, sizeof(why)));
	default:
		return err;
	}
}

int bpfs_sched_update(int fd, struct bpfsched_update *update)
{
	int err;

	update->size = sizeof(*update);
	update->limit = BPFSCHED_LIMIT_NONE;
	update->room_ns = 0;
	err = bpfs_ioctl(fd, BPFSCHED_IOC_UPDATE, update, "update");
	return err < 0 ? explain_update(fd, err, update) : 0;
}

int bpfs_sched_submit(int fd, struct bpfsched_job_desc *jobs, __u32 count)
{
	return bpfs_sched_submit_wait(fd, jobs, count, 0, NULL);
}

int bpfs_sched_submit_wait(int fd, struct bpfsched_job_desc *jobs, __u32 count,
			   __u64 timeout_ns, __u64 *room_ns)
{
	struct bpfsched_submit req = {
		.size = sizeof(req),
		.count = count,
		.job_size = sizeof(*jobs),
		.jobs = (uintptr_t)jobs,
		.timeout_ns = timeout_ns,
	};
	__u32 i;
	int ret;

	for (i = 0; i < count; i++) {
		jobs[i].error = 0;
		jobs[i].limit = BPFSCHED_LIMIT_NONE;
	}
	ret = bpfs_ioctl(fd, BPFSCHED_IOC_SUBMIT, &req, "submit");
	for (i = 0; ret < 0 && i < count; i++) {
		if (!jobs[i].error)
			jobs[i].error = ret;
	}
	if (room_ns)
		*room_ns = req.room_ns;
	return ret;
}

int bpfs_sched_poll(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int ret = poll(&p, 1, timeout_ms);

	if (ret < 0)
		return bpfs_fail(-errno, "poll: %s", strerror(errno));
	return ret ? p.revents : 0;
}
