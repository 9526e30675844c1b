// SPDX-License-Identifier: GPL-2.0
/* bpfsched submit, wait, globals and detached: jobs that outlive their command. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "detach.h"
#include "holder.h"
#include "json.h"
#include "nearest.h"

/* How long a holder may take to go when somebody knows how its job ended */
#define GONE_S	2

static const struct opt_group no_options = { NULL, 0, NULL };

static int set_detach(void *to, const char *value)
{
	struct held *held = to;

	held->name = value;
	return 0;
}

static int set_ignore_misses(void *to, const char *value)
{
	struct held *held = to;

	(void)value;
	held->ignore_misses = true;
	return 0;
}

static const struct opt submit_opts[] = {
	{ "detach", OPT_TEXT, "NAME",
	  "name of the job, for wait, cancel and globals", set_detach },
	{ "ignore-misses", OPT_FLAG, NULL,
	  "with --period: misses and overruns are no failure",
	  set_ignore_misses },
};

static int check_held(const struct command *self, const struct held *held)
{
	if (!held->name)
		return fail("%s: --detach NAME is missing; to wait for the job: bpfsched run",
			    self->name);
	if (held->globals.get_count)
		return fail("%s: --get is for later: bpfsched globals %s --get NAME",
			    self->name, held->name);
	if (held->ignore_misses && !held->job.period_ns)
		return fail("%s: --ignore-misses needs --period", self->name);
	return place_check_name(held->name);
}

static int start_holder(const struct held *held)
{
	int dir = place_open(true), status;

	if (dir < 0)
		return dir == -ENOENT ? fail("there is no folder for sockets") :
					EXIT_ERROR;
	status = holder_start(held, dir);
	close(dir);
	return status;
}

/**
 * do_submit() - bpfsched submit
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_submit(const struct command *self, int argc, char **argv)
{
	struct held held = { .name = NULL };
	const struct opt_group groups[] = {
		{ submit_opts, ARRAY_SIZE(submit_opts), &held },
		{ source_opts, source_opt_count, &held.job.source },
		{ job_opts, job_opt_count, &held.job },
		{ globals_opts, globals_opt_count, &held.globals },
		{ NULL, 0, NULL },
	};
	int args, status;

	job_init(&held.job);
	args = opt_arguments(self, argc, argv, 0, 2, groups);
	status = source_arguments(&held.job.source, self, args, argv);
	/* Their types are needed later, too */
	if (held.job.source.object)
		held.job.source.globals = &held.globals;
	else if (!status && globals_any(&held.globals))
		status = fail("global variables: only of an object");
	if (!status)
		status = check_held(self, &held);
	if (!status)
		status = start_holder(&held);
	globals_free(&held.globals);
	job_free(&held.job);
	return status;
}

/* Names that are in the folder; the caller frees them */
static int list_names(int dir, struct dirent ***entries)
{
	int count = scandirat(dir, ".", entries, NULL, alphasort);

	return count < 0 ? fail("scandir: %m"), -1 : count;
}

static void free_names(struct dirent **entries, int count)
{
	while (count > 0)
		free(entries[--count]);
	free(entries);
}

static int fail_no_job(int dir, const char *name)
{
	struct nearest n = { .word = name };
	struct dirent **entries = NULL;
	char hint[HINT_MAX];
	int count = dir >= 0 ? list_names(dir, &entries) : 0, i;

	for (i = 0; i < count; i++)
		nearest_try(&n, entries[i]->d_name);
	nearest_hint(&n, "", hint, sizeof(hint));
	free_names(entries, count);
	return fail("you have no job '%s'%s ('bpfsched detached' shows those that there are)",
		    name, hint);
}

/* @pid: its process, 0: not known */
static int fail_no_answer(const char *name, pid_t pid, bool is_stopped)
{
	if (is_stopped)
		return fail("'%s': its process is stopped, %s; 'kill -CONT %d' lets it go on",
			    name, "so nothing was done", pid);
	return fail("'%s': its process has not answered for %d seconds, %s",
		    name, HOLDER_ANSWERS_S,
		    "so nothing was done; it may be stopped");
}

static int fail_connect(int dir, const char *name, int err)
{
	if (err == -ENOENT)
		return fail_no_job(dir, name);
	if (err == -EAGAIN)
		return fail_no_answer(name, 0, false);
	if (err != -ECONNREFUSED)
		return fail("'%s': %s", name, strerror(-err));
	place_forget(dir, name);
	return fail("the process that held '%s' was killed, and its job was cancelled with it",
		    name);
}

/* Returns a descriptor; negative: a failure has been reported */
static int connect_to(int dir, const char *name)
{
	int fd = place_connect(dir, name);

	if (fd < 0) {
		fail_connect(dir, name, fd);
		return -1;
	}
	if (place_is_trusted(fd))
		return fd;
	close(fd);
	fail("'%s': its process belongs to another user", name);
	return -1;
}

/*
 * From now on an answer may take so long; 0: for ever. What a holder has sent can
 * be read all the same when it is stopped later.
 */
static void limit_answer(int fd, int seconds)
{
	const struct timeval limit = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/*
 * Not if the output could not be written: then the holder keeps the result. The
 * socket ends when the holder has gone, and then the name can be used again.
 */
static void acknowledge(int fd)
{
	char byte = HOLDER_ACK;

	if (fflush(stdout) || ferror(stdout) ||
	    send(fd, &byte, 1, MSG_NOSIGNAL) < 0)
		return;
	limit_answer(fd, GONE_S);
	recv(fd, &byte, 1, 0);
}

static int fail_answer(int fd, const char *name, bool in_time)
{
	bool is_stopped;
	pid_t pid;

	if (in_time)
		return fail("'%s': %s", name,
			    "its process has gone without an answer; if it was killed, the job was cancelled with it");
	pid = place_holder(fd, &is_stopped);
	return fail_no_answer(name, pid, is_stopped);
}

/* What the holder says, until it tells its exit status */
static int relay_answer(int fd, const char *name, bool ends)
{
	static char message[HOLDER_MESSAGE_MAX];
	ssize_t len;

	fflush(stdout);
	for (;;) {
		len = recv(fd, message, sizeof(message), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 2)
			return fail_answer(fd, name, len >= 0 ||
					   errno != EAGAIN);
		if (*message == HOLDER_TAKEN) {
			limit_answer(fd, 0);
			continue;
		}
		if (*message == HOLDER_EXIT) {
			if (ends)
				acknowledge(fd);
			return (unsigned char)message[1];
		}
		fwrite(message + 1, 1, len - 1,
		       *message == HOLDER_ERRORS ? stderr : stdout);
	}
}

static int ask(int dir, const char *name, struct holder_message *m,
	       size_t words_len)
{
	int fd = connect_to(dir, name), status;
	bool is_stopped;
	pid_t pid;

	if (fd < 0)
		return EXIT_ERROR;
	m->json = settings.json;
	m->pretty = settings.pretty;
	limit_answer(fd, HOLDER_ANSWERS_S);
	pid = place_holder(fd, &is_stopped);
	if (is_stopped)
		status = fail_no_answer(name, pid, true);
	else if (send(fd, m,
		      offsetof(struct holder_message, words) + words_len,
		      MSG_NOSIGNAL) < 0)
		status = fail("'%s': %m", name);
	else
		status = relay_answer(fd, name, m->request != HOLDER_GLOBALS);
	close(fd);
	return status;
}

static int ask_by_name(const char *name, struct holder_message *m,
		       size_t words_len)
{
	int dir, status = place_check_name(name);

	if (status)
		return status;
	dir = place_open(false);
	if (dir == -ENOENT)
		return fail_no_job(-1, name);
	if (dir < 0)
		return EXIT_ERROR;
	status = ask(dir, name, m, words_len);
	close(dir);
	return status;
}

/**
 * cancel_detached() - cancel a job by its name, and show how it ended
 * @name: its name
 *
 * Return: exit status; that the job did not end ok is none.
 */
int cancel_detached(const char *name)
{
	static struct holder_message m = { .request = HOLDER_CANCEL };
	int status = ask_by_name(name, &m, 0);

	return status == EXIT_NOT_OK ? EXIT_OK : status;
}

/**
 * do_wait() - bpfsched wait
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_wait(const struct command *self, int argc, char **argv)
{
	static struct holder_message m = { .request = HOLDER_WAIT };

	opt_arguments(self, argc, argv, 1, 1, &no_options);
	return ask_by_name(argv[0], &m, 0);
}

static bool add_words(struct holder_message *m, size_t *used,
		      const char *const *words, size_t count)
{
	size_t i, len;

	for (i = 0; i < count; i++) {
		len = strlen(words[i]) + 1;
		if (len > sizeof(m->words) - *used)
			return false;
		memcpy(m->words + *used, words[i], len);
		*used += len;
	}
	return true;
}

/**
 * do_globals() - bpfsched globals
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_globals(const struct command *self, int argc, char **argv)
{
	static struct holder_message m = { .request = HOLDER_GLOBALS };
	struct globals globals = { .set_count = 0 };
	const struct opt_group groups[] = {
		{ globals_opts, globals_opt_count, &globals },
		{ NULL, 0, NULL },
	};
	size_t used = 0;
	int status;

	opt_arguments(self, argc, argv, 1, 1, groups);
	if (!globals_any(&globals))
		return fail("%s: neither --set nor --get is given", self->name);
	if (!add_words(&m, &used, globals.sets, globals.set_count) ||
	    !add_words(&m, &used, globals.gets, globals.get_count))
		return fail("%s: these are too many bytes at once", self->name);
	m.set_count = globals.set_count;
	status = ask_by_name(argv[0], &m, used);
	return globals.get_count ? status : finish_silent(status);
}

/* One whose holder says nothing; @pid: its process, 0: not known */
static void show_silent(const char *name, pid_t pid, const char *state)
{
	char holder[16] = "-";

	if (pid)
		snprintf(holder, sizeof(holder), "%d", pid);
	if (!settings.json) {
		printf("%-31s %-8s %-12s %-10s %-16s %s\n", name, holder, "-",
		       "-", "-", state);
		return;
	}
	json_open(NULL);
	json_text("name", name);
	if (pid)
		json_u64("pid", pid);
	json_text("state", state);
	json_close();
}

/* The first line that a holder sends; as JSON it is put in as it is */
static void show_line(char *line)
{
	line[strcspn(line, "\n")] = 0;
	if (settings.json)
		json_raw(NULL, line);
	else
		printf("%s\n", line);
}

/* Ask a holder for the state of its job */
static void show_state(int fd, const char *name)
{
	static struct holder_message m = { .request = HOLDER_STATUS };
	static char message[HOLDER_MESSAGE_MAX + 1];
	ssize_t len = -1;
	bool is_stopped;
	pid_t pid = place_holder(fd, &is_stopped);

	if (!is_stopped) {
		m.json = settings.json;
		limit_answer(fd, HOLDER_ANSWERS_S);
		if (send(fd, &m, offsetof(struct holder_message, words),
			 MSG_NOSIGNAL) > 0)
			len = recv(fd, message, sizeof(message) - 1, 0);
		if (len < 0 && errno == EAGAIN)
			place_holder(fd, &is_stopped);
		/* It has ended since */
		else if (len < 2 || *message != HOLDER_OUTPUT)
			return;
	}
	if (is_stopped) {
		show_silent(name, pid, "stopped");
	} else if (len < 0) {
		show_silent(name, pid, "no answer");
	} else {
		message[len] = 0;
		show_line(message + 1);
	}
}

static void show_one(int dir, const char *name)
{
	int fd = place_connect(dir, name);

	if (fd == -ECONNREFUSED)
		show_silent(name, 0, "killed");
	else if (fd == -EAGAIN)
		show_silent(name, 0, "no answer");
	if (fd < 0)
		return;
	if (place_is_trusted(fd))
		show_state(fd, name);
	close(fd);
}

static int set_all(void *to, const char *value)
{
	bool *all = to;

	(void)value;
	*all = true;
	return 0;
}

static const struct opt detached_opts[] = {
	{ "all", OPT_FLAG, NULL, "as root, show which users have which jobs",
	  set_all },
};

/**
 * do_detached() - bpfsched detached
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_detached(const struct command *self, int argc, char **argv)
{
	struct dirent **entries = NULL;
	bool all = false;
	const struct opt_group groups[] = {
		{ detached_opts, ARRAY_SIZE(detached_opts), &all },
		{ NULL, 0, NULL },
	};
	int dir, count = 0, i;

	opt_arguments(self, argc, argv, 0, 0, groups);
	if (all)
		return show_all_detached();
	dir = place_open(false);
	if (dir < 0 && dir != -ENOENT)
		return EXIT_ERROR;
	if (dir >= 0)
		count = list_names(dir, &entries);
	if (count < 0)
		return EXIT_ERROR;
	if (settings.json)
		json_array(NULL);
	else
		printf("%-31s %-8s %-12s %-10s %-16s %s\n", "NAME", "HOLDER",
		       "SCHEDULER", "ID", "PROGRAM", "STATE");
	for (i = 0; i < count; i++)
		show_one(dir, entries[i]->d_name);
	if (settings.json)
		json_array_close();
	free_names(entries, count);
	if (dir >= 0)
		close(dir);
	return EXIT_OK;
}
