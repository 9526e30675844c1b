// SPDX-License-Identifier: GPL-2.0
/* The message of the last failure, one for each thread. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static __thread char message[1024];
static bool debug;

const char *bpfs_version(void)
{
	return BPFS_VERSION;
}

const char *bpfs_error(void)
{
	return message;
}

void bpfs_set_debug(bool on)
{
	debug = on;
}

/**
 * bpfs_debugging() - whether it is to be shown what images are linked from
 *
 * Return: as bpfs_set_debug() was told.
 */
bool bpfs_debugging(void)
{
	return debug;
}

/**
 * bpfs_fail() - keep a message for bpfs_error()
 * @err: negative errno
 * @fmt: message, as in printf()
 *
 * Return: @err.
 */
int bpfs_fail(int err, const char *fmt, ...)
{
	va_list args;
	char *c;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	for (c = message; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	}
	return err;
}

const char *bpfs_errno_name(int err)
{
	const char *name = strerrorname_np(abs(err));

	return name ? name : "unknown";
}
