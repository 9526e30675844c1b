// SPDX-License-Identifier: GPL-2.0
/* The command: options before the command's name, and what all commands use. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "progress.h"

/* Of a message */
#define LINE_MAX_BYTES	2048

struct settings settings = {
	.scheduler = "cloud",
};

static const struct command commands[] = {
	{ "run", "OBJECT.bpf.o [PROGRAM] [OPTIONS] | --hex HEX|@FILE [OPTIONS]",
	  "Submit a job, wait for it and show how it ended", do_run },
	{ "batch", "JOBS.jsonl [--timeout DURATION]",
	  "Submit the jobs of a file, show them as they ended",
	  do_batch },
	{ "check", "OBJECT.bpf.o [PROGRAM] | --hex HEX|@FILE",
	  "Load only: is the program accepted?", do_check },
	{ "dump", "OBJECT.bpf.o [PROGRAM] [--raw] | --hex HEX|@FILE [--raw]",
	  "Show the instructions of a program", do_dump },
	{ "cancel", "ID [--client N]",
	  "Cancel a job, whoever submitted it", do_cancel },
	{ "update", "ID [--client N] [OPTIONS]",
	  "Change a job that has not ended, whoever submitted it", do_update },
	{ "jobs", "", "Show the jobs that have not ended", do_jobs },
	{ "list", "", "Show the schedulers", do_list },
	{ "stat", "[NAME] [--monitor SECONDS]", "Show a scheduler's counters",
	  do_stat },
	{ "pause", "", "Stop picking jobs; submissions go on", do_pause },
	{ "resume", "", "Pick jobs again", do_resume },
	{ "drain", "[--timeout DURATION | --no-wait]",
	  "Wait until no job is pending and none runs", do_drain },
	{ "users", "[--all] | users set UID|NAME|default [OPTIONS]",
	  "Show what users have in use, or set their limits", do_users },
	{ "create", "NAME [OPTIONS]", "Make a scheduler", do_create },
	{ "destroy", "NAME", "End a scheduler that nobody has open",
	  do_destroy },
};

/* The line of a file that is being dealt with; no path: there is none */
static struct {
	const char *path;
	unsigned int line;
} place;

/**
 * set_place() - say which line of a file the failures to come are about
 * @path: path of the file, which has to stay; NULL: no file from now on
 * @line: number of the line
 */
void set_place(const char *path, unsigned int line)
{
	place.path = path;
	place.line = line;
}

/* One line, which begins with the place, and has no control characters */
static void format_line(char *line, size_t size, const char *fmt, va_list args)
{
	int used = 0;
	char *c;

	if (place.path)
		used = snprintf(line, size / 2, "%s:%u: ", place.path,
				place.line);
	if (used >= (int)size / 2)
		used = size / 2 - 1;
	vsnprintf(line + used, size - used, fmt, args);
	for (c = line; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	}
}

static void write_line(const char *line)
{
	progress_clear();
	fflush(stdout);
	fprintf(stderr, "bpfsched: %s\n", line);
}

/**
 * warn() - tell of something, in one line on standard error
 * @fmt: message, as in printf()
 */
void warn(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, fmt);
	format_line(line, sizeof(line), fmt, args);
	va_end(args);
	write_line(line);
}

/**
 * fail() - report what went wrong, in one line on standard error
 * @fmt: message, as in printf()
 *
 * Return: EXIT_ERROR.
 */
int fail(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, fmt);
	format_line(line, sizeof(line), fmt, args);
	va_end(args);
	write_line(line);
	return EXIT_ERROR;
}

/**
 * fail_lib() - report what went wrong in the library
 *
 * Return: EXIT_ERROR.
 */
int fail_lib(void)
{
	return fail("%s", bpfsched_error());
}

/**
 * finish_output() - make sure that everything was written
 * @status: exit status so far
 *
 * Return: exit status.
 */
int finish_output(int status)
{
	if (fflush(stdout) || ferror(stdout))
		return fail("standard output: %m");
	return status;
}

static void show_help(void)
{
	size_t i;

	printf("Usage: bpfsched [-j | -p] [-s SCHEDULER] COMMAND\n\n"
	       "Commands:\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	printf("\nOptions:\n"
	       "  -j, --json             JSON, one object a line\n"
	       "  -p, --pretty           JSON on several lines\n"
	       "  -s, --scheduler NAME   scheduler to use (default: cloud)\n"
	       "  -d, --debug            show what programs are linked from\n"
	       "  -h, --help             this; after a command, help for it\n"
	       "  -V, --version          version of the interface to the module\n");
}

static bool is(const char *arg, const char *letter, const char *name)
{
	return !strcmp(arg, letter) || !strcmp(arg, name);
}

/* --scheduler=NAME, --scheduler NAME, -s NAME or -sNAME */
static int scheduler_option(int argc, char **argv)
{
	const char *arg = argv[0];

	if (!strncmp(arg, "--scheduler=", 12)) {
		settings.scheduler = arg + 12;
		return 1;
	}
	if (!strncmp(arg, "-s", 2) && arg[2]) {
		settings.scheduler = arg + 2;
		return 1;
	}
	if (!is(arg, "-s", "--scheduler"))
		return 0;
	if (argc < 2)
		exit(fail("option '%s' needs a value", arg));
	settings.scheduler = argv[1];
	return 2;
}

/**
 * common_option() - an option that may stand before and after the command
 * @argc: number of arguments, at least 1
 * @argv: arguments
 *
 * Return: how many arguments it took, 0 if the first is no such option.
 */
int common_option(int argc, char **argv)
{
	const char *arg = argv[0];

	if (is(arg, "-j", "--json")) {
		settings.json = true;
	} else if (is(arg, "-p", "--pretty")) {
		settings.json = true;
		settings.pretty = true;
	} else if (is(arg, "-d", "--debug")) {
		bpfsched_set_debug(true);
	} else {
		return scheduler_option(argc, argv);
	}
	return 1;
}

/* An option that may stand only before the command */
static void first_option(const char *arg)
{
	if (is(arg, "-h", "--help"))
		show_help();
	else if (is(arg, "-V", "--version"))
		printf("bpfsched, ABI version %d\n", BPFSCHED_ABI_VERSION);
	else
		exit(fail("unknown option '%s'", arg));
	exit(finish_output(EXIT_OK));
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int used;

	argc--;
	argv++;
	while (argc && argv[0][0] == '-') {
		used = common_option(argc, argv);
		if (!used)
			first_option(argv[0]);
		argc -= used;
		argv += used;
	}
	if (!argc)
		return fail("no command, see 'bpfsched --help'");
	if (!strcmp(argv[0], "help")) {
		show_help();
		return finish_output(EXIT_OK);
	}
	command = find_command(argv[0]);
	if (!command)
		return fail("unknown command '%s', see 'bpfsched --help'",
			    argv[0]);
	return finish_output(command->run(command, argc - 1, argv + 1));
}
