// SPDX-License-Identifier: GPL-2.0
/* Options of commands. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "nearest.h"
#include "opt.h"

static char reason[512];

/**
 * opt_bad() - say why a value is refused
 * @fmt: reason, as in printf(); whose value it is will be put before it
 *
 * Return: -1.
 */
int opt_bad(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return -1;
}

/**
 * opt_bad_choice() - say that a value is none of those that there are
 * @value: the value
 * @choices: those that there are, the last one NULL
 *
 * Return: -1.
 */
int opt_bad_choice(const char *value, const char *const *choices)
{
	char list[256] = "", hint[HINT_MAX];
	size_t i, used = 0;

	for (i = 0; choices[i] && used < sizeof(list); i++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 !i ? "" : choices[i + 1] ? ", " : " or ",
				 choices[i]);
	return opt_bad("'%s' is not %s%s", value, list,
		       nearest_of(value, choices, hint, sizeof(hint)));
}

/**
 * opt_reason() - what opt_bad() was told last
 *
 * Return: the reason.
 */
const char *opt_reason(void)
{
	return reason;
}

static bool same_name(const char *name, const char *key, size_t len)
{
	size_t i;

	if (strlen(name) != len)
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] != (key[i] == '_' ? '-' : key[i]))
			return false;
	}
	return true;
}

static const struct opt *find(const struct opt_group *groups, const char *name,
			      size_t len, void **to)
{
	const struct opt_group *g;
	size_t i;

	for (g = groups; g->opts; g++) {
		for (i = 0; i < g->count; i++) {
			if (!same_name(g->opts[i].name, name, len))
				continue;
			*to = g->to;
			return &g->opts[i];
		}
	}
	return NULL;
}

/**
 * opt_find() - find an option
 * @groups: groups of options, the last one empty
 * @name: its name; an underscore stands for a dash
 * @to: set to what the option's @set takes
 *
 * Return: the option, or NULL.
 */
const struct opt *opt_find(const struct opt_group *groups, const char *name,
			   void **to)
{
	return find(groups, name, strlen(name), to);
}

static void show_json_help(const struct command *cmd,
			   const struct opt_group *groups)
{
	const struct opt_group *g;
	size_t i;

	json_open(NULL);
	json_text("name", cmd->name);
	json_text("usage", cmd->usage);
	json_text("help", cmd->help);
	json_array("options");
	for (g = groups; g->opts; g++) {
		for (i = 0; i < g->count; i++) {
			json_open(NULL);
			json_text("name", g->opts[i].name);
			if (g->opts[i].arg)
				json_text("value", g->opts[i].arg);
			json_text("help", g->opts[i].help);
			json_close();
		}
	}
	json_array_close();
	json_close();
}

static void show_help(const struct command *cmd,
		      const struct opt_group *groups)
{
	const struct opt_group *g;
	char left[64];
	size_t i;

	if (settings.json) {
		show_json_help(cmd, groups);
		return;
	}
	printf("Usage: bpfsched [-j | -p] [-s SCHEDULER] %s %s\n\n%s\n",
	       cmd->name, cmd->usage, cmd->help);
	if (groups->opts)
		printf("\nOptions:\n");
	for (g = groups; g->opts; g++) {
		for (i = 0; i < g->count; i++) {
			snprintf(left, sizeof(left), "--%s%s%s",
				 g->opts[i].name, g->opts[i].arg ? " " : "",
				 g->opts[i].arg ? g->opts[i].arg : "");
			printf("  %-32s %s\n", left, g->opts[i].help);
		}
	}
}

/* The option that may be meant by one that there is not */
static const char *hint_option(const struct opt_group *groups,
			       const char *name, size_t len, char *buf,
			       size_t size)
{
	const struct opt_group *g;
	char word[64];
	struct nearest n = { .word = word };
	size_t i;

	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	for (g = groups; g->opts; g++) {
		for (i = 0; i < g->count; i++)
			nearest_try(&n, g->opts[i].name);
	}
	common_option_nearest(&n);
	return nearest_hint(&n, "--", buf, size);
}

/* One option; returns how many arguments it took */
static int parse_one(const struct command *cmd, int argc, char **argv,
		     const struct opt_group *groups)
{
	const char *name = argv[0] + 2, *value;
	const struct opt *opt;
	int used = 1;
	char hint[HINT_MAX];
	size_t len;
	void *to;

	if (argv[0][1] != '-')
		exit(fail("%s: unknown option '%s'%s", cmd->name, argv[0],
			  hint_option(groups, name - 1, strlen(name - 1), hint,
				      sizeof(hint))));
	len = strcspn(name, "=");
	value = name[len] ? name + len + 1 : NULL;
	opt = find(groups, name, len, &to);
	if (!opt || memchr(name, '_', len))
		exit(fail("%s: unknown option '--%.*s'%s", cmd->name, (int)len,
			  name, hint_option(groups, name, len, hint,
					    sizeof(hint))));
	if (opt->kind == OPT_FLAG && value)
		exit(fail("%s: option '--%s' takes no value", cmd->name,
			  opt->name));
	if (opt->kind != OPT_FLAG && !value) {
		if (argc < 2)
			exit(fail("%s: option '--%s' needs a value", cmd->name,
				  opt->name));
		value = argv[1];
		used = 2;
	}
	if (opt->set(to, value))
		exit(fail("%s: --%s: %s", cmd->name, opt->name, reason));
	return used;
}

/**
 * opt_parse() - go through the arguments of a command
 * @cmd: the command
 * @argc: number of arguments, its name not among them
 * @argv: arguments; those that are not options are moved to the start
 * @groups: groups of options, the last one empty
 *
 * Ends the process after --help, and if an option is wrong.
 *
 * Return: number of arguments that are not options.
 */
int opt_parse(const struct command *cmd, int argc, char **argv,
	      const struct opt_group *groups)
{
	int from = 0, left = 0, used;
	const char *arg;

	while (from < argc) {
		arg = argv[from];
		if (!strcmp(arg, "--help") || !strcmp(arg, "-h")) {
			show_help(cmd, groups);
			exit(finish_output(EXIT_OK));
		}
		if (!strcmp(arg, "--")) {
			from++;
			break;
		}
		if (arg[0] != '-' || !arg[1]) {
			argv[left++] = argv[from++];
			continue;
		}
		used = common_option(argc - from, argv + from);
		if (!used)
			used = parse_one(cmd, argc - from, argv + from, groups);
		from += used;
	}
	while (from < argc)
		argv[left++] = argv[from++];
	return left;
}

/**
 * opt_arguments() - opt_parse(), and check how many arguments are left
 * @cmd: the command
 * @argc: number of arguments
 * @argv: arguments
 * @min: how many that are not options there have to be
 * @max: how many there may be
 * @groups: groups of options, the last one empty
 *
 * Return: number of arguments that are not options.
 */
int opt_arguments(const struct command *cmd, int argc, char **argv, int min,
		  int max, const struct opt_group *groups)
{
	int left = opt_parse(cmd, argc, argv, groups);

	if (left < min)
		exit(fail("%s: an argument is missing: %s %s", cmd->name,
			  cmd->name, cmd->usage));
	if (left > max)
		exit(fail("%s: unexpected argument '%s'", cmd->name,
			  argv[max]));
	return left;
}
