/* SPDX-License-Identifier: GPL-2.0 */
/* Options of commands, which are also the keys of job files. */
#ifndef OPT_H
#define OPT_H

#include "cmd.h"

/**
 * enum opt_kind - what the value of an option is
 * @OPT_FLAG: it has none; in a job file true or false
 * @OPT_NUMBER: a number; in a job file a number or a string
 * @OPT_TEXT: anything else; in a job file a string
 */
enum opt_kind {
	OPT_FLAG,
	OPT_NUMBER,
	OPT_TEXT,
};

/**
 * struct opt - an option
 * @name: its name, without dashes
 * @kind: what its value is
 * @arg: what help calls its value
 * @help: one line
 * @set: takes the value (NULL for a flag, which is set); returns 0, or -1
 *	after opt_bad()
 */
struct opt {
	const char *name;
	enum opt_kind kind;
	const char *arg;
	const char *help;
	int (*set)(void *to, const char *value);
};

/**
 * struct opt_group - options that set members of one structure
 * @opts: the options
 * @count: number of @opts
 * @to: the structure
 */
struct opt_group {
	const struct opt *opts;
	size_t count;
	void *to;
};

int opt_bad(const char *fmt, ...) ATTRIBUTE(format(printf, 1, 2));
int opt_bad_choice(const char *value, const char *const *choices);
const char *opt_reason(void);
const struct opt *opt_find(const struct opt_group *groups, const char *name,
			   void **to);
int opt_parse(const struct command *cmd, int argc, char **argv,
	      const struct opt_group *groups);
int opt_arguments(const struct command *cmd, int argc, char **argv, int min,
		  int max, const struct opt_group *groups);

#endif /* OPT_H */
