// SPDX-License-Identifier: GPL-2.0
/*
 * bpfsched detached --all: for root, which users have which detached jobs.
 *
 * Folders of users are theirs to fill as they like. So nothing is asked of the
 * processes behind their sockets; what is shown is what the kernel says of them.
 * No link is followed, no file system entered that a user may have mounted, and
 * nothing waited for.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "detach.h"
#include "holder.h"
#include "json.h"

#define RUNTIME_FOLDERS	"/run/user"

/* Of one user; a folder can have any number of names */
#define NAMES_SHOWN	1024

#define OPEN_FOLDER	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* What was opened, if a user has it, or -1; @fd may be that */
static int if_owned(int fd, uid_t uid)
{
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && st.st_uid == uid)
		return fd;
	close(fd);
	return -1;
}

/* Open a folder for reading that a user has, or -1 */
static int open_owned(int above, const char *name, uid_t uid)
{
	return if_owned(openat(above, name, OPEN_FOLDER), uid);
}

/* The same of the folder of sockets, in the file system of that above it */
static int open_sockets(int above, uid_t uid)
{
	const struct open_how how = {
		.flags = OPEN_FOLDER,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS |
			   RESOLVE_BENEATH,
	};

	return if_owned(syscall(SYS_openat2, above, PLACE_FOLDER, &how,
				sizeof(how)), uid);
}

/* Connect to what an open file is, whatever has its name by now */
static int connect_to_file(int file)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	snprintf(address.sun_path, sizeof(address.sun_path),
		 "/proc/self/fd/%d", file);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Negative errno: ENOTSOCK if it is no socket of the user */
static int connect_owned(int dir, const char *name, uid_t uid)
{
	int file = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int fd = -ENOTSOCK;
	struct stat st;

	if (file < 0)
		return -errno;
	if (!fstat(file, &st) && S_ISSOCK(st.st_mode) && st.st_uid == uid)
		fd = connect_to_file(file);
	close(file);
	return fd;
}

/*
 * The number is that of who has made the socket. That process can be gone, and
 * the number somebody else's.
 */
static bool is_process_of(pid_t pid, uid_t uid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return pid && !stat(path, &st) && st.st_uid == uid;
}

static void show_job(uid_t uid, const char *name, pid_t pid,
		     const char *state)
{
	char holder[16] = "-";

	if (settings.json) {
		json_open(NULL);
		json_u64("uid", uid);
		json_text("name", name);
		if (pid)
			json_u64("pid", pid);
		json_text("state", state);
		json_close();
		return;
	}
	if (pid)
		snprintf(holder, sizeof(holder), "%d", pid);
	printf("%-10u %-31s %-8s %s\n", uid, name, holder, state);
}

static void show_name(int dir, const char *name, uid_t uid)
{
	int fd = connect_owned(dir, name, uid);
	bool is_stopped;
	pid_t pid;

	if (fd == -ECONNREFUSED)
		show_job(uid, name, 0, "killed");
	else if (fd == -EAGAIN)
		show_job(uid, name, 0, "no answer");
	if (fd < 0)
		return;
	pid = place_holder(fd, &is_stopped);
	if (!is_process_of(pid, uid))
		show_job(uid, name, 0, "not known");
	else
		show_job(uid, name, pid, is_stopped ? "stopped" : "held");
	close(fd);
}

static void show_folder(int fd, uid_t uid)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	size_t count = 0;

	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)) && count++ < NAMES_SHOWN) {
		/* So there is nothing in it that a terminal would obey */
		if (place_is_name(entry->d_name))
			show_name(dirfd(dir), entry->d_name, uid);
	}
	if (entry)
		warn("user %u: there are more names than the %d that were looked at",
		     uid, NAMES_SHOWN);
	closedir(dir);
}

/* The folder of a user that has the folder of sockets */
static void show_user(int above, const char *name, uid_t uid)
{
	int runtime = open_owned(above, name, uid), fd;

	if (runtime < 0)
		return;
	fd = open_sockets(runtime, uid);
	if (fd >= 0)
		show_folder(fd, uid);
	close(runtime);
}

static void show_users(void)
{
	int fd = open_owned(AT_FDCWD, RUNTIME_FOLDERS, 0);
	struct dirent *entry;
	unsigned long uid;
	char *end;
	DIR *dir;

	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir))) {
		uid = strtoul(entry->d_name, &end, 10);
		if (!*end && end != entry->d_name && uid && uid < (uid_t)-1)
			show_user(fd, entry->d_name, uid);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/**
 * show_all_detached() - show the detached jobs of all users
 *
 * Return: exit status.
 */
int show_all_detached(void)
{
	if (geteuid())
		return fail("detached: --all is for root");
	if (settings.json)
		json_array(NULL);
	else
		printf("%-10s %-31s %-8s %s\n", "USER", "NAME", "HOLDER",
		       "STATE");
	show_user(AT_FDCWD, "/run", 0);
	show_users();
	if (settings.json)
		json_array_close();
	return EXIT_OK;
}
