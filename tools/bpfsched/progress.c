// SPDX-License-Identifier: GPL-2.0
/* How far a long batch is, on a terminal: a bar on standard error. */
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
 * progress_show() - draw the bar, unless that was a moment ago
 * @done: how much is done
 */
void progress_show(size_t done)
{
	char bar[BAR_WIDTH + 1];
	__u64 now;

	if (!total)
		return;
	now = now_ns();
	if (is_there && now - shown_ns < EVERY_NS)
		return;
	shown_ns = now;
	is_there = true;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', done * BAR_WIDTH / total);
	bar[BAR_WIDTH] = 0;
	fflush(stdout);
	fprintf(stderr, "\r[%s] %zu of %zu jobs\033[K", bar, done, total);
}

/**
 * progress_clear() - take the bar away, before something else is written
 */
void progress_clear(void)
{
	if (!is_there)
		return;
	fputs("\r\033[K", stderr);
	is_there = false;
}
