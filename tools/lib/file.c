// SPDX-License-Identifier: GPL-2.0
/* Reading a whole file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define CHUNK (64 * 1024)

/* Of what has no size of its own; a device can go on for ever */
#define STREAM_MAX (256UL << 20)

/*
 * Read from @fd to its end; *buf is the caller's to free, also on failure.
 * Not more than @max bytes, if that is not 0.
 */
static int read_all(int fd, size_t max, char **buf, size_t *len)
{
	size_t size = 0;
	ssize_t n;
	char *new;

	for (;;) {
		if (size - *len < CHUNK) {
			size = size ? size * 2 : 2 * CHUNK;
			new = realloc(*buf, size);
			if (!new)
				return -ENOMEM;
			*buf = new;
		}
		n = read(fd, *buf + *len, size - *len - 1);
		if (!n)
			break;
		if (n > 0)
			*len += n;
		else if (errno != EINTR)
			return -errno;
		if (max && *len > max)
			return -EFBIG;
	}
	(*buf)[*len] = 0;
	return 0;
}

int bpfs_file_read(const char *path, char **buf, size_t *len)
{
	struct stat stat;
	int fd, err;

	*buf = NULL;
	*len = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return bpfs_fail(-errno, "%s: %s", path, strerror(errno));
	err = fstat(fd, &stat) ? -errno : 0;
	if (!err)
		err = read_all(fd, S_ISREG(stat.st_mode) ? 0 : STREAM_MAX, buf,
			       len);
	close(fd);
	if (!err)
		return 0;
	free(*buf);
	*buf = NULL;
	return bpfs_fail(err, "%s: %s", path, strerror(-err));
}
