/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests that print KTAP. Each test runs in a process of its own, so that a
 * crash or a hang ends that test only, and its open files are closed with it.
 * The first check that fails ends the test.
 */
#ifndef KTAP_H
#define KTAP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define KTAP_FAILED	1
#define KTAP_SKIPPED	4

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * struct ktap_test - one test
 * @name: printed with its result; stable, dotted: "submit.queue_full"
 * @run: returns if the test passed
 */
struct ktap_test {
	const char *name;
	void (*run)(void);
};

/**
 * struct ktap_suite - the tests of a program
 * @tests: the tests
 * @count: number of @tests
 * @after: run after each test, in a process of its own; brings the world back
 *	to where it was. If that cannot be done the test has failed, and the
 *	rest is not run. May be NULL
 */
struct ktap_suite {
	const struct ktap_test *tests;
	size_t count;
	void (*after)(void);
};

/* End the process that the test runs in */
static inline noreturn void ktap_exit(int status)
{
	fflush(stdout);
	_exit(status);
}

/* The test has failed, or cannot run here; arguments as of printf() */
#define fail(format, ...) \
	do { \
		printf("# %s:%d: " format "\n", __FILE__, __LINE__, \
		       ##__VA_ARGS__); \
		ktap_exit(KTAP_FAILED); \
	} while (0)

#define skip(format, ...) \
	do { \
		printf("# skipped: " format "\n", ##__VA_ARGS__); \
		ktap_exit(KTAP_SKIPPED); \
	} while (0)

/* @condition holds */
#define check(condition) \
	do { \
		if (!(condition)) \
			fail("not true: %s", #condition); \
	} while (0)

#define check_relation(left, relation, right) \
	do { \
		unsigned long long left_ = (left); \
		unsigned long long right_ = (right); \
		if (!(left_ relation right_)) \
			fail("%s is %llu (%#llx), want %s %s, %llu (%#llx)", \
			     #left, left_, left_, #relation, #right, right_, \
			     right_); \
	} while (0)

/* Two numbers are equal, or in the order that the name says */
#define check_eq(left, right)	check_relation(left, ==, right)
#define check_ne(left, right)	check_relation(left, !=, right)
#define check_ge(left, right)	check_relation(left, >=, right)
#define check_le(left, right)	check_relation(left, <=, right)

#define check_string(left, right) \
	do { \
		const char *left_ = (left); \
		const char *right_ = (right); \
		if (strcmp(left_, right_)) \
			fail("%s is \"%s\", want \"%s\"", #left, left_, \
			     right_); \
	} while (0)

/* A system call does not fail; gives what it returned */
#define check_ok(call) \
	({ \
		long result_; \
		errno = 0; \
		result_ = (long)(call); \
		if (result_ < 0) \
			fail("%s failed: %s", #call, strerror(errno)); \
		result_; \
	})

/* A system call fails with the errno @want */
#define check_fails(call, want) \
	do { \
		int want_ = (want); \
		long result_; \
		errno = 0; \
		result_ = (long)(call); \
		if (result_ != -1) \
			fail("%s returned %ld, want -1 with %s", #call, \
			     result_, strerrorname_np(want_)); \
		if (errno != want_) \
			fail("%s failed with %s, want %s", #call, \
			     strerrorname_np(errno), strerrorname_np(want_)); \
	} while (0)

/* How long, in seconds, a test may take before it is said to hang */
static inline unsigned int ktap_hang_guard(void)
{
	const char *text = getenv("BPFSCHED_TEST_HANG_GUARD");

	return text ? strtoul(text, NULL, 0) : 300;
}

/* Run @function in a process; returns its status as of wait() */
static inline int ktap_in_child(void (*function)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		alarm(ktap_hang_guard());
		function();
		ktap_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

/* Say how a process ended if it was not by itself */
static inline void ktap_explain(const char *what, int status)
{
	if (status == -1)
		printf("# %s: cannot run it: %s\n", what, strerror(errno));
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("# %s: hangs: not done in %u s\n", what,
		       ktap_hang_guard());
	else if (WIFSIGNALED(status))
		printf("# %s: killed by signal %d\n", what, WTERMSIG(status));
}

static inline bool ktap_run_one(const struct ktap_suite *suite,
				const struct ktap_test *test, size_t number)
{
	int status = ktap_in_child(test->run);
	bool skipped, passed;
	int after = 0;

	ktap_explain(test->name, status);
	if (suite->after)
		after = ktap_in_child(suite->after);
	ktap_explain("clean-up", after);
	skipped = status != -1 && WIFEXITED(status) &&
		  WEXITSTATUS(status) == KTAP_SKIPPED;
	passed = (status == 0 || skipped) && after == 0;
	printf("%s %zu %s%s\n", passed ? "ok" : "not ok", number, test->name,
	       skipped && passed ? " # SKIP" : "");
	fflush(stdout);
	if (suite->after && after != 0) {
		printf("Bail out! What follows would fail for the same reason\n");
		fflush(stdout);
		exit(1);
	}
	return passed;
}

static inline bool ktap_selected(const struct ktap_test *test, int argc,
				 char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!fnmatch(argv[i], test->name, 0))
			return true;
	}
	return argc < 2;
}

/*
 * The main() of a program of tests: runs all, or those whose names match one
 * of the patterns in the arguments. Returns the exit status.
 */
static inline int ktap_main(const struct ktap_suite *suite, int argc,
			    char **argv)
{
	size_t i, plan = 0, number = 0, failed = 0;

	for (i = 0; i < suite->count; i++)
		plan += ktap_selected(&suite->tests[i], argc, argv);
	printf("KTAP version 1\n1..%zu\n", plan);
	for (i = 0; i < suite->count; i++) {
		if (ktap_selected(&suite->tests[i], argc, argv) &&
		    !ktap_run_one(suite, &suite->tests[i], ++number))
			failed++;
	}
	fflush(stdout);
	return failed || !plan;
}

#endif /* KTAP_H */
