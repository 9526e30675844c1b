// SPDX-License-Identifier: GPL-2.0
/* How far something is, on a terminal: a line on standard error. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define BAR_WIDTH	40
#define EVERY_NS	(NSEC_PER_SEC / 10)

static size_t total;
static __u64 shown_ns;
static bool is_there;

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/**
 * progress_start() - show a bar from now on, if standard error is a terminal
 * @of: what progress_show() counts up to
 */
void progress_start(size_t of)
{
	if (isatty(STDERR_FILENO))
		total = of;
}

/**
 * progress_line() - draw a line, unless that was a moment ago
 * @fmt: what it says, as in printf()
 */
void progress_line(const char *fmt, ...)
{
	__u64 now = now_ns();
	va_list args;

	if (is_there && now - shown_ns < EVERY_NS)
		return;
	shown_ns = now;
	is_there = true;
	fflush(stdout);
	fputs("\r\033[K", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
}

/**
 * progress_show() - draw the bar, unless that was a moment ago
 * @done: how much is done
 */
void progress_show(size_t done)
{
	char bar[BAR_WIDTH + 1];

	if (!total)
		return;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', done * BAR_WIDTH / total);
	bar[BAR_WIDTH] = 0;
	progress_line("[%s] %zu of %zu jobs", bar, done, total);
}

/**
 * progress_clear() - take the line away, before something else is written
 */
void progress_clear(void)
{
	if (!is_there)
		return;
	fputs("\r\033[K", stderr);
	is_there = false;
}
