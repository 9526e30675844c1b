/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests share that look at other processes, and that use the kernel's
 * switches: /proc and /sys.
 */
#ifndef PROC_H
#define PROC_H

#include "client.h"

#define PM_TEST		"/sys/power/pm_test"
#define PM_STATE	"/sys/power/state"
#define PM_DELAY	"/sys/module/suspend/parameters/pm_test_delay"

/* The state of a process, a letter: 'S' sleeps, 'Z' has ended */
static inline char state_of(pid_t pid)
{
	char path[64], text[256] = "", *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		fail("%s: %s", path, strerror(errno));
	check(fgets(text, sizeof(text), file));
	fclose(file);
	end = strrchr(text, ')');
	check(end);
	return end[2];
}

/* Wait until a process sleeps; it must not end instead */
static inline void wait_blocked(pid_t pid)
{
	while (state_of(pid) != 'S') {
		check_ne(state_of(pid), 'Z');
		wait_a_little();
	}
}

/* Write a short text to a file that is there */
static inline void write_text(const char *path, const char *text)
{
	int fd = check_ok(open(path, O_WRONLY | O_CLOEXEC));

	if (write(fd, text, strlen(text)) < 0)
		fail("\"%s\" to %s: %s", text, path, strerror(errno));
	close(fd);
}

/* Whether a file is there and has this word */
static inline bool has_word(const char *path, const char *word)
{
	char text[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	check_ok(read(fd, text, sizeof(text) - 1));
	close(fd);
	return strstr(text, word);
}

static inline void skip_without_suspend(void)
{
	if (!has_word(PM_TEST, "freezer") || !has_word(PM_STATE, "freeze"))
		skip("this kernel cannot try out a suspend");
}

/* Freeze all tasks and thaw them; fails if one cannot be frozen */
static inline void suspend(void)
{
	write_text(PM_DELAY, "1");
	write_text(PM_TEST, "freezer");
	write_text(PM_STATE, "freeze");
	write_text(PM_TEST, "none");
}

#endif /* PROC_H */
