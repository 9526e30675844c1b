// SPDX-License-Identifier: GPL-2.0
/*
 * Where holders of jobs have their sockets: a folder of the user's own, of
 * which nobody else can read or change anything. Names are those of files in it
 * and have no slash; a lock on the folder keeps two from taking the same one.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "holder.h"

#define OPEN_FOLDER	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* The folder that has ours; root's does not depend on who has called it */
static const char *parent_path(char *buf, size_t size)
{
	const char *path = getenv("XDG_RUNTIME_DIR");

	if (!geteuid())
		return "/run";
	if (path && *path == '/')
		return path;
	snprintf(buf, size, "/run/user/%u", geteuid());
	return buf;
}

static int fail_parent(const char *path)
{
	return fail("%s: %m%s", path, geteuid() ?
		    "; XDG_RUNTIME_DIR has to name a folder of your own" : "");
}

/* Pause between two attempts to have the lock, in nanoseconds */
#define LOCK_PAUSE_NS	10000000

/* Nobody else may put another in its place, or look into it */
static int check_folder(int fd, const char *path, bool is_ours)
{
	mode_t others = is_ours ? 077 : 022;
	struct stat st;

	if (fstat(fd, &st))
		return fail("%s: %m", path);
	if (st.st_uid != geteuid())
		return fail("%s: belongs to user %u, not to you", path,
			    st.st_uid);
	if (st.st_mode & others)
		return fail("%s: others may %s it; chmod go-%s", path,
			    is_ours ? "read or write" : "write",
			    is_ours ? "rwx" : "w");
	return EXIT_OK;
}

/**
 * place_open() - open the folder of the user's sockets
 * @create: make it if it is not there
 *
 * Return: a descriptor, which is also what is locked; -ENOENT if there is none;
 * -1: a failure has been reported.
 */
int place_open(bool create)
{
	char buf[64], path[4096];
	const char *parent = parent_path(buf, sizeof(buf));
	int above, fd;

	snprintf(path, sizeof(path), "%s/" PLACE_FOLDER, parent);
	above = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 && errno == ENOENT && !create)
		return -ENOENT;
	if (above < 0) {
		fail_parent(parent);
		return -1;
	}
	if (check_folder(above, parent, false)) {
		close(above);
		return -1;
	}
	if (create && mkdirat(above, PLACE_FOLDER, 0700) && errno != EEXIST) {
		fail("%s: %m", path);
		close(above);
		return -1;
	}
	fd = openat(above, PLACE_FOLDER, OPEN_FOLDER);
	close(above);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0) {
		fail("%s: %m", path);
		return -1;
	}
	if (!check_folder(fd, path, true))
		return fd;
	close(fd);
	return -1;
}

/**
 * place_is_name() - whether a name is one for a job
 * @name: name; begins with a letter, as jobs have numbers, too
 *
 * Return: whether it is.
 */
bool place_is_name(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++) {
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr("._-", name[i])))
			return false;
	}
	return len && len < HOLDER_NAME_MAX && isalpha(*name);
}

/**
 * place_check_name() - refuse a name that is none for a job
 * @name: name
 *
 * Return: exit status; a failure has been reported.
 */
int place_check_name(const char *name)
{
	if (place_is_name(name))
		return EXIT_OK;
	return fail("'%s' is no name for a job: %s, %d at most", name,
		    "a letter, then letters, digits, '.', '_' and '-'",
		    HOLDER_NAME_MAX - 1);
}

/* The current folder becomes that of the sockets, so that the name is enough */
static int socket_of(int dir, const char *name, struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", name);
	if (fchdir(dir))
		return -errno;
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

/**
 * place_connect() - connect to the holder of a job
 * @dir: folder
 * @name: name of the job
 *
 * Changes the current folder.
 *
 * Return: a descriptor or negative errno: ENOENT if there is no such name,
 * ECONNREFUSED if its holder is no more, ENOTSOCK if it is something else,
 * EAGAIN if its holder does not take connections, as when it is stopped.
 */
int place_connect(int dir, const char *name)
{
	const struct timeval limit = { .tv_sec = HOLDER_ANSWERS_S };
	struct sockaddr_un address;
	struct stat st;
	int fd, err;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = socket_of(dir, name, &address);
	if (fd < 0)
		return fd == -1 ? -errno : fd;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/**
 * place_is_trusted() - whether the other end is this user, or root
 * @fd: connected socket
 *
 * Return: whether it is.
 */
bool place_is_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
	       (peer.uid == geteuid() || !peer.uid);
}

/* Whether a process is stopped; false if that is not known */
static bool is_stopped_process(pid_t pid)
{
	char path[32], text[512], *end;
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (len < 0)
		return false;
	text[len] = 0;
	/* Its name, in brackets, can have any characters */
	end = strrchr(text, ')');
	return end && end[1] == ' ' && (end[2] == 'T' || end[2] == 't');
}

/**
 * place_holder() - the process at the other end
 * @fd: socket that is connected to it
 * @is_stopped: set to whether it is stopped now, if that can be seen
 *
 * Return: its number, 0 if it has none here.
 */
pid_t place_holder(int fd, bool *is_stopped)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	*is_stopped = false;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return 0;
	*is_stopped = peer.pid && is_stopped_process(peer.pid);
	return peer.pid;
}

/* Lock the folder; not for ever, as who has the lock may be stopped */
static int lock(int dir)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	long long left = HOLDER_ANSWERS_S * 1000000000LL;

	while (flock(dir, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (left <= 0)
			return -ETIMEDOUT;
		left -= LOCK_PAUSE_NS;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* Remove the socket of a holder that is no more; the folder is locked */
static int remove_stale(int dir, const char *name)
{
	int fd = place_connect(dir, name);

	if (fd >= 0) {
		close(fd);
		return -EEXIST;
	}
	/* It does not take connections, but it is there */
	if (fd == -EAGAIN)
		return -EEXIST;
	if (fd == -ENOENT)
		return 0;
	if (fd != -ECONNREFUSED)
		return fd;
	return unlinkat(dir, name, 0) ? -errno : 0;
}

/**
 * place_listen() - take a name
 * @dir: folder
 * @name: name
 *
 * Changes the current folder.
 *
 * Return: a socket that listens, or -1: a failure has been reported.
 */
int place_listen(int dir, const char *name)
{
	struct sockaddr_un address;
	int fd = -1, err;

	err = lock(dir);
	if (err) {
		fail("'%s': the folder of sockets is locked by another bpfsched: %s",
		     name, strerror(-err));
		return -1;
	}
	err = remove_stale(dir, name);
	if (err) {
		fail("'%s': %s", name, err == -EEXIST ?
		     "there is a job of that name; 'bpfsched wait' or 'cancel' ends with it" :
		     strerror(-err));
	} else {
		fd = socket_of(dir, name, &address);
		if (fd < 0 ||
		    bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
		    listen(fd, 16)) {
			fail("'%s': cannot make its socket: %m", name);
			if (fd >= 0)
				close(fd);
			fd = -1;
		}
	}
	flock(dir, LOCK_UN);
	return fd;
}

/**
 * place_forget() - remove the name of a job whose holder is no more
 * @dir: folder
 * @name: name
 *
 * Return: 0 or negative errno.
 */
int place_forget(int dir, const char *name)
{
	int err = lock(dir);

	if (err)
		return err;
	err = remove_stale(dir, name);
	flock(dir, LOCK_UN);
	return err;
}

/**
 * place_leave() - give back the name that place_listen() has taken
 * @dir: folder
 * @name: name
 *
 * To be called before the socket is closed, so that nobody has taken it since.
 */
void place_leave(int dir, const char *name)
{
	unlinkat(dir, name, 0);
}
