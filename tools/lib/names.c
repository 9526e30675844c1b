// SPDX-License-Identifier: GPL-2.0
/* Names of the numbers of the ABI, the same in every tool. */
#include <string.h>

#include "internal.h"

static const char *const status_names[] = {
	[BPFSCHED_STATUS_OK] = "ok",
	[BPFSCHED_STATUS_FAULT] = "fault",
	[BPFSCHED_STATUS_BUDGET] = "budget",
	[BPFSCHED_STATUS_CANCELLED] = "cancelled",
	[BPFSCHED_STATUS_DROPPED] = "dropped",
	[BPFSCHED_STATUS_MISSED] = "missed",
};

static const char *const priority_names[] = {
	[BPFSCHED_PRIORITY_LOW] = "low",
	[BPFSCHED_PRIORITY_NORMAL] = "normal",
	[BPFSCHED_PRIORITY_HIGH] = "high",
	[BPFSCHED_PRIORITY_CRITICAL] = "critical",
};

static const char *const fault_names[] = {
	[BPFSCHED_FAULT_NONE] = "none",
	[BPFSCHED_FAULT_READ] = "read",
	[BPFSCHED_FAULT_WRITE] = "write",
	[BPFSCHED_FAULT_CALL_DEPTH] = "call_depth",
	[BPFSCHED_FAULT_ALIGNMENT] = "alignment",
	[BPFSCHED_FAULT_CALL] = "call",
	[BPFSCHED_FAULT_HANDLE] = "handle",
	[BPFSCHED_FAULT_WINDOW] = "window",
};

static const char *const limit_names[] = {
	[BPFSCHED_LIMIT_NONE] = "none",
	[BPFSCHED_LIMIT_COMPLETIONS] = "completions",
	[BPFSCHED_LIMIT_CLIENT_JOBS] = "client_jobs",
	[BPFSCHED_LIMIT_USER_JOBS] = "user_jobs",
	[BPFSCHED_LIMIT_USER_WAITING] = "user_waiting",
	[BPFSCHED_LIMIT_USER_RELEASES] = "user_releases",
	[BPFSCHED_LIMIT_USER_RESERVED] = "user_reserved",
	[BPFSCHED_LIMIT_USER_PROGRAMS] = "user_programs",
	[BPFSCHED_LIMIT_USER_MEMORY] = "user_memory",
	[BPFSCHED_LIMIT_RESERVATIONS] = "reservations",
};

static const char *name_of(const char *const *names, size_t count, __u32 i)
{
	return i < count ? names[i] : NULL;
}

const char *bpfs_status_name(__u32 status)
{
	return name_of(status_names, ARRAY_SIZE(status_names), status);
}

const char *bpfs_priority_name(__u32 priority)
{
	return name_of(priority_names, ARRAY_SIZE(priority_names), priority);
}

int bpfs_priority_number(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(priority_names); i++) {
		if (!strcmp(priority_names[i], name))
			return i;
	}
	return -1;
}

const char *bpfs_fault_name(__u32 kind)
{
	return name_of(fault_names, ARRAY_SIZE(fault_names), kind);
}

const char *bpfs_limit_name(__u32 limit)
{
	return name_of(limit_names, ARRAY_SIZE(limit_names), limit);
}
