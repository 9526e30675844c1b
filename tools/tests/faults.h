/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures injected into the calls of a process: allocations from slabs and of
 * pages, and copies from and to user space. Needs a kernel with failslab and
 * its kin; see Documentation/fault-injection in the kernel's source.
 *
 * Only what lies between faults_begin() and faults_end() fails, so that a test
 * can go on afterwards as if nothing had been.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "ktap.h"

#include <fcntl.h>
#include <stdint.h>

#define FAULT_NODES	"/sys/kernel/debug/"

/* The number of a call that fails is drawn from this many. */
#define FAULT_CALLS	40

/**
 * struct faults - how this process injects failures
 * @ready: faults_open() was called
 * @on: between faults_begin() and faults_end()
 * @nth: the fail-nth file of this process: one call fails, and no other
 * @maybe: its make-it-fail file: each call fails with some probability
 */
struct faults {
	bool ready;
	bool on;
	int nth;
	int maybe;
};

static struct faults faults;

static inline void faults_set(const char *node, const char *name,
			      const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), FAULT_NODES "%s/%s", node, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		fail("open %s: %s", path, strerror(errno));
	check_eq(check_ok(write(fd, value, strlen(value))), strlen(value));
	close(fd);
}

/* Say once, for all processes, what fails how often when it may fail. */
static inline void faults_configure(void)
{
	static const struct {
		const char *node;
		const char *percent;
	} kinds[] = {
		{ "failslab", "10" },
		{ "fail_page_alloc", "10" },
		{ "fail_usercopy", "3" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		faults_set(kinds[i].node, "task-filter", "Y");
		faults_set(kinds[i].node, "probability", kinds[i].percent);
		faults_set(kinds[i].node, "interval", "1");
		faults_set(kinds[i].node, "times", "-1");
		faults_set(kinds[i].node, "verbose", "0");
	}
	/* Allocations that may sleep fail too, and those of one page. */
	faults_set("failslab", "ignore-gfp-wait", "N");
	faults_set("fail_page_alloc", "ignore-gfp-wait", "N");
	faults_set("fail_page_alloc", "min-order", "0");
}

/* To be called in each process that injects failures. */
static inline void faults_open(void)
{
	faults.nth = check_ok(open("/proc/thread-self/fail-nth",
				   O_RDWR | O_CLOEXEC));
	faults.maybe = check_ok(open("/proc/thread-self/make-it-fail",
				     O_RDWR | O_CLOEXEC));
	faults.ready = true;
}

/* Failures can strike the very call that is to end them. */
static inline void faults_write(int fd, const char *text)
{
	while (pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
		;
}

/* From now on calls fail, as a random number says: one, some, or none. */
static inline void faults_begin(uint32_t random)
{
	char text[16];

	if (!faults.ready)
		return;
	switch (random % 3) {
	case 0:
		return;
	case 1:
		snprintf(text, sizeof(text), "%u",
			 1 + random / 3 % FAULT_CALLS);
		faults.on = true;
		faults_write(faults.nth, text);
		break;
	case 2:
		faults.on = true;
		faults_write(faults.maybe, "1");
		break;
	}
}

static inline void faults_end(void)
{
	if (!faults.on)
		return;
	faults_write(faults.nth, "0");
	faults_write(faults.maybe, "0");
	faults.on = false;
}

#endif /* FAULTS_H */
