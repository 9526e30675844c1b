/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the command share. */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stddef.h>

#include <bpfsched.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ATTRIBUTE(what) __attribute__((what))

#define NSEC_PER_SEC 1000000000ULL

/* Exit status */
#define EXIT_OK		0
#define EXIT_NOT_OK	1	/* a job did not end ok; a program is refused */
#define EXIT_ERROR	2	/* usage, system; a program to run is refused */
#define EXIT_SIGNAL	128	/* plus its number: one asked for an end */

/**
 * struct settings - what the options before the command say
 * @scheduler: name of the scheduler to use
 * @json: output for programs
 * @pretty: with @json: on several lines
 */
struct settings {
	const char *scheduler;
	bool json;
	bool pretty;
};

extern struct settings settings;

/**
 * struct command - a command
 * @name: how it is called
 * @usage: what follows the name
 * @help: one line, for the list of commands
 * @run: does it; arguments start after the name. Returns the exit status
 */
struct command {
	const char *name;
	const char *usage;
	const char *help;
	int (*run)(const struct command *self, int argc, char **argv);
};

/* main.c */
void warn(const char *fmt, ...) ATTRIBUTE(format(printf, 1, 2));
int fail(const char *fmt, ...) ATTRIBUTE(format(printf, 1, 2));
int fail_lib(void);
void set_place(const char *path, unsigned int line);
int finish_output(int status);
int finish_silent(int status);
int open_scheduler(void);
int open_to_read(void);
int common_option(int argc, char **argv);

struct nearest;

void common_option_nearest(struct nearest *n);

/* The commands, one file a family */
int do_run(const struct command *self, int argc, char **argv);
int do_batch(const struct command *self, int argc, char **argv);
int do_check(const struct command *self, int argc, char **argv);
int do_dump(const struct command *self, int argc, char **argv);
int do_list(const struct command *self, int argc, char **argv);
int do_stat(const struct command *self, int argc, char **argv);
int do_pause(const struct command *self, int argc, char **argv);
int do_resume(const struct command *self, int argc, char **argv);
int do_jobs(const struct command *self, int argc, char **argv);
int do_drain(const struct command *self, int argc, char **argv);
int do_create(const struct command *self, int argc, char **argv);
int do_destroy(const struct command *self, int argc, char **argv);
int do_cancel(const struct command *self, int argc, char **argv);
int do_update(const struct command *self, int argc, char **argv);
int do_version(const struct command *self, int argc, char **argv);
int do_submit(const struct command *self, int argc, char **argv);
int do_wait(const struct command *self, int argc, char **argv);
int do_globals(const struct command *self, int argc, char **argv);
int do_detached(const struct command *self, int argc, char **argv);
int do_users(const struct command *self, int argc, char **argv);

#endif /* CMD_H */
