// SPDX-License-Identifier: GPL-2.0
/* The command: options before the command's name, and what all commands use. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "nearest.h"
#include "opt.h"
#include "progress.h"

/* Of a message */
#define LINE_MAX_BYTES	2048

static int do_help(const struct command *self, int argc, char **argv);

struct settings settings = {
	.scheduler = "cloud",
};

static const struct command commands[] = {
	{ "run", "OBJECT.bpf.o [PROGRAM] [OPTIONS] | --hex HEX|@FILE [OPTIONS]",
	  "Submit a job, wait for it and show how it ended", do_run },
	{ "batch", "JOBS.jsonl [--timeout DURATION]",
	  "Submit the jobs of a file, show them as they ended",
	  do_batch },
	{ "submit",
	  "--detach NAME OBJECT.bpf.o [PROGRAM] | --hex HEX|@FILE [OPTIONS]",
	  "Submit a job that outlives this command", do_submit },
	{ "wait", "NAME", "Wait for such a job and show how it ended", do_wait },
	{ "globals", "NAME [--set NAME=VALUE] [--get NAME]",
	  "Set and show global variables of such a job", do_globals },
	{ "detached", "[--all]", "Show such jobs of yours, or of all users", do_detached },
	{ "check", "OBJECT.bpf.o [PROGRAM] | --hex HEX|@FILE",
	  "Load only: is the program accepted?", do_check },
	{ "dump", "OBJECT.bpf.o [PROGRAM] [--raw | --names | --globals] | --hex HEX|@FILE [--raw]",
	  "Show the instructions of a program", do_dump },
	{ "cancel", "ID [--client N] | NAME",
	  "Cancel a job, whoever submitted it, or a detached one of yours",
	  do_cancel },
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
	{ "destroy", "NAME [--force]", "End a scheduler that nobody has open",
	  do_destroy },
	{ "version", "", "Show the versions of command, library and module",
	  do_version },
	{ "help", "[COMMAND]", "Show help, or help for a command", do_help },
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
 * fail() - report what went wrong, in one line on standard error, and as JSON
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
	if (settings.json)
		json_failure(line);
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
	return fail("%s", bpfs_error());
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

/**
 * finish_silent() - end a command that has nothing to show
 * @status: exit status so far
 *
 * Return: exit status.
 */
int finish_silent(int status)
{
	if (settings.json && status == EXIT_OK)
		json_null(NULL);
	return status;
}

/* The message of the library, and the scheduler that may be meant */
static int fail_open(void)
{
	struct nearest n = { .word = settings.scheduler };
	char hint[HINT_MAX], why[1024];
	struct dirent *entry;
	DIR *dir;

	snprintf(why, sizeof(why), "%s", bpfs_error());
	dir = opendir(BPFS_DEV_DIR);
	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, "control"))
			nearest_try(&n, entry->d_name);
	}
	nearest_hint(&n, "", hint, sizeof(hint));
	if (dir)
		closedir(dir);
	fail("%s%s", why, hint);
	return -1;
}

static int open_with(int (*open)(const char *name))
{
	int fd = open(settings.scheduler);

	if (fd == -ENOENT)
		return fail_open();
	if (fd < 0)
		fail_lib();
	return fd;
}

/**
 * open_scheduler() - open the scheduler that is to be used
 *
 * Return: file descriptor; negative: a failure has been reported.
 */
int open_scheduler(void)
{
	return open_with(bpfs_sched_open);
}

/**
 * open_to_read() - open the scheduler that is to be looked at
 *
 * Return: file descriptor; negative: a failure has been reported.
 */
int open_to_read(void)
{
	return open_with(bpfs_sched_open_reader);
}

static void show_json_help(void)
{
	size_t i;

	json_open(NULL);
	json_array("commands");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		json_open(NULL);
		json_text("name", commands[i].name);
		json_text("usage", commands[i].usage);
		json_text("help", commands[i].help);
		json_close();
	}
	json_array_close();
	json_close();
}

/* Options that may stand before the command, with a letter each */
static const struct first_opt {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
} first_opts[] = {
	{ 'j', "json", NULL, "JSON, a document or an object a line" },
	{ 'p', "pretty", NULL, "JSON on several lines" },
	{ 's', "scheduler", "NAME",
	  "scheduler to use (default: BPFSCHED_SCHEDULER, or cloud)" },
	{ 'd', "debug", NULL, "show what programs are linked from" },
	{ 'h', "help", NULL, "this; after a command, help for it" },
	{ 'V', "version", NULL, "versions of command, library and module" },
};

static void show_help(void)
{
	const struct first_opt *opt;
	char left[32];
	size_t i;

	if (settings.json) {
		show_json_help();
		return;
	}
	printf("Usage: bpfsched [-j | -p] [-s SCHEDULER] COMMAND\n\n"
	       "Commands:\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	printf("\nOptions:\n");
	for (i = 0; i < ARRAY_SIZE(first_opts); i++) {
		opt = &first_opts[i];
		snprintf(left, sizeof(left), "--%s%s%s", opt->name,
			 opt->arg ? " " : "", opt->arg ?: "");
		printf("  -%c, %-18s %s\n", opt->letter, left, opt->help);
	}
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
		bpfs_set_debug(true);
	} else {
		return scheduler_option(argc, argv);
	}
	return 1;
}

/**
 * common_option_nearest() - look at the names of options of all commands
 * @n: the search
 */
void common_option_nearest(struct nearest *n)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(first_opts); i++)
		nearest_try(n, first_opts[i].name);
}

static const struct command *find_command(const char *name)
{
	struct nearest n = { .word = name };
	char hint[HINT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
		nearest_try(&n, commands[i].name);
	}
	nearest_hint(&n, "", hint, sizeof(hint));
	fail("unknown command '%s'%s", name,
	     *hint ? hint : ", see 'bpfsched --help'");
	return NULL;
}

/* An option that may stand only before the command; the command it stands for */
static const char *first_option(const char *arg)
{
	char word[64], hint[HINT_MAX];
	struct nearest n = { .word = word };

	snprintf(word, sizeof(word), "%.*s",
		 (int)strcspn(arg + strspn(arg, "-"), "="),
		 arg + strspn(arg, "-"));
	if (is(arg, "-h", "--help"))
		return "help";
	if (is(arg, "-V", "--version"))
		return "version";
	common_option_nearest(&n);
	exit(fail("unknown option '%s'%s", arg,
		  nearest_hint(&n, "--", hint, sizeof(hint))));
}

/* help COMMAND is COMMAND --help */
static int do_help(const struct command *self, int argc, char **argv)
{
	const struct opt_group none = { NULL, 0, NULL };
	char option[] = "--help", *arguments[] = { option, NULL };
	const struct command *command;

	if (!opt_arguments(self, argc, argv, 0, 1, &none)) {
		show_help();
		return EXIT_OK;
	}
	command = find_command(argv[0]);
	return command ? command->run(command, 1, arguments) : EXIT_ERROR;
}

int main(int argc, char **argv)
{
	const char *scheduler = getenv("BPFSCHED_SCHEDULER");
	const struct command *command;
	const char *name = NULL;
	int used;

	if (scheduler && *scheduler)
		settings.scheduler = scheduler;
	argc--;
	argv++;
	while (argc && argv[0][0] == '-') {
		used = common_option(argc, argv);
		if (!used) {
			name = first_option(argv[0]);
			used = 1;
		}
		argc -= used;
		argv += used;
	}
	if (!name && argc) {
		name = *argv++;
		argc--;
	}
	if (!name)
		return fail("no command, see 'bpfsched --help'");
	command = find_command(name);
	if (!command)
		return EXIT_ERROR;
	return finish_output(command->run(command, argc, argv));
}
