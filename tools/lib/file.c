// SPDX-License-Identifier: GPL-2.0
/* Reading a whole file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define CHUNK (64 * 1024)

/* Read from @fd to its end; *buf is the caller's to free, also on failure */
static int read_all(int fd, char **buf, size_t *len)
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
	}
	(*buf)[*len] = 0;
	return 0;
}

int bpfs_file_read(const char *path, char **buf, size_t *len)
{
	int fd, err;

	*buf = NULL;
	*len = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return bpfs_fail(-errno, "%s: %s", path, strerror(errno));
	err = read_all(fd, buf, len);
	close(fd);
	if (!err)
		return 0;
	free(*buf);
	*buf = NULL;
	return bpfs_fail(err, "%s: %s", path, strerror(-err));
}
