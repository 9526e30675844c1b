// SPDX-License-Identifier: GPL-2.0
/*
 * A process that holds a job: the module cancels jobs whose open file is
 * closed, so somebody has to have it open. It keeps how the job ended until
 * somebody has fetched it.
 *
 * Each request is answered by a process of its own, which has all that the
 * holder has; so a client that does not read keeps nobody waiting.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "holder.h"
#include "interrupt.h"
#include "json.h"
#include "periodic.h"
#include "print.h"
#include "program.h"
#include "wait.h"

/* Clients that wait for the end, and those that are answered, at once */
#define WAITERS_MAX	32

/* Completions that are kept: the last ones */
#define KEPT_MAX	1024

/* The socket, the scheduler, and processes that answer */
#define FIXED_POLLED	3

/* How long an answer may take to be read, and to be acknowledged */
#define ANSWER_S	10

/**
 * struct kept - a completion
 * @next: the one after it
 * @c: the completion
 */
struct kept {
	struct kept *next;
	struct bpfsched_completion c;
};

/**
 * struct waiter - a client that waits for the end
 * @fd: its socket
 * @child: process that tells it how the job ended; 0: none yet
 * @message: its request
 */
struct waiter {
	int fd;
	pid_t child;
	struct holder_message message;
};

/**
 * struct holder - a job that is held
 * @held: what was asked for
 * @fd: scheduler
 * @socket: takes requests
 * @dir: folder of @socket
 * @prog: program of the job
 * @id: number of the job
 * @waiting: the job, and those that it submits
 * @is_cancelled: nobody wants to know how it ended, but those that wait
 * @children: tells that a process that answers has ended
 * @is_known: a client has passed on how the job ended
 * @waiters: clients that wait for the end
 * @waiter_count: number of @waiters
 * @answering: processes that answer other requests
 */
struct holder {
	const struct held *held;
	int fd;
	int socket;
	int dir;
	struct bpfs_prog *prog;
	__u64 id;
	struct waiting waiting;
	bool is_cancelled;
	int children;
	bool is_known;
	struct waiter waiters[WAITERS_MAX];
	size_t waiter_count;
	size_t answering;
};

static struct kept *first, **last = &first;
static size_t kept_count, kept_dropped;

/* Of a periodic job the numbers are enough */
static void keep(const struct bpfsched_completion *c)
{
	struct kept *k = NULL;

	if (kept_count < KEPT_MAX)
		k = malloc(offsetof(struct kept, c) + c->record.size);
	if (!k) {
		kept_dropped++;
		return;
	}
	memcpy(&k->c, c, c->record.size);
	k->next = NULL;
	*last = k;
	last = &k->next;
	kept_count++;
}

static bool has_ended(const struct holder *h)
{
	return !waiting_any(&h->waiting);
}

static bool wants_end(const struct holder_message *m)
{
	return m->request == HOLDER_WAIT || m->request == HOLDER_CANCEL;
}

/*
 * In the process that answers
 */
static int show_status(const struct holder *h)
{
	const char *state = has_ended(h) ? "ended" : "running";

	if (!settings.json) {
		printf("%-31s %-8d %-12s %-10llu %-16s %s\n", h->held->name,
		       getppid(), settings.scheduler, h->id,
		       bpfs_prog_name(h->prog), state);
		return EXIT_OK;
	}
	json_open(NULL);
	json_text("name", h->held->name);
	json_u64("pid", getppid());
	json_text("scheduler", settings.scheduler);
	json_u64("id", h->id);
	json_text("program", bpfs_prog_name(h->prog));
	json_text("state", state);
	json_close();
	return EXIT_OK;
}

static int show_end(const struct holder *h)
{
	const struct kept *k;
	bool punctual = true;

	if (h->held->job.period_ns)
		punctual = periodic_end();
	for (k = first; k; k = k->next)
		print_completion(&k->c);
	if (kept_dropped)
		warn("%zu more completions were not kept", kept_dropped);
	if (!punctual && !h->held->ignore_misses)
		return EXIT_NOT_OK;
	return h->waiting.worst;
}

/* The words are checked as those of a command line are */
static int use_globals(struct holder *h, const struct holder_message *m,
		       size_t len)
{
	static struct globals globals;
	const char *word = m->words;
	size_t left = len - offsetof(struct holder_message, words), i;
	int status;

	globals.known = h->held->globals.known;
	for (i = 0; left && memchr(word, 0, left); i++) {
		if (globals_opts[i >= m->set_count].set(&globals, word))
			return fail("%s", opt_reason());
		left -= strlen(word) + 1;
		word += strlen(word) + 1;
	}
	if (!globals.known)
		return fail("the program has no global variables, it is bytecode");
	status = globals_set(&globals, h->prog);
	if (!status && globals.get_count)
		status = globals_show(&globals, h->prog);
	return status;
}

static int answer_with(struct holder *h, const struct holder_message *m,
		       size_t len)
{
	settings.json = m->json;
	settings.pretty = m->pretty;
	switch (m->request) {
	case HOLDER_STATUS:
		return show_status(h);
	case HOLDER_WAIT:
	case HOLDER_CANCEL:
		return show_end(h);
	case HOLDER_GLOBALS:
		return use_globals(h, m, len);
	default:
		return fail("the holder does not know this request");
	}
}

static bool send_text(int fd, char kind, const char *text, size_t len)
{
	char message[HOLDER_MESSAGE_MAX];
	size_t part;

	message[0] = kind;
	while (len) {
		part = len < sizeof(message) - 1 ? len : sizeof(message) - 1;
		memcpy(message + 1, text, part);
		if (send(fd, message, part + 1, MSG_NOSIGNAL) < 0)
			return false;
		text += part;
		len -= part;
	}
	return true;
}

/*
 * What is sent may lie in a socket whose client was killed. How a job ended is
 * forgotten only when the client says that it has passed it on.
 */
static bool is_acknowledged(int fd, const struct holder_message *m)
{
	char byte;

	return !wants_end(m) ||
	       (recv(fd, &byte, 1, 0) == 1 && byte == HOLDER_ACK);
}

/* What would be on standard output and standard error goes to the client */
static bool answer(struct holder *h, int fd, const struct holder_message *m,
		   size_t len)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };
	char end[2] = { HOLDER_EXIT }, *output, *errors;
	size_t output_len, errors_len;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	stdout = open_memstream(&output, &output_len);
	stderr = open_memstream(&errors, &errors_len);
	if (!stdout || !stderr)
		return false;
	end[1] = answer_with(h, m, len);
	fclose(stdout);
	fclose(stderr);
	return send_text(fd, HOLDER_OUTPUT, output, output_len) &&
	       send_text(fd, HOLDER_ERRORS, errors, errors_len) &&
	       send(fd, end, sizeof(end), MSG_NOSIGNAL) == sizeof(end) &&
	       is_acknowledged(fd, m);
}

static pid_t start_answer(struct holder *h, int fd,
			  const struct holder_message *m, size_t len)
{
	pid_t child = fork();

	if (!child) {
		/* If the holder is killed meanwhile, nobody is to wait for it */
		close(h->socket);
		_exit(!answer(h, fd, m, len));
	}
	return child;
}

/*
 * In the holder
 */
static void cancel_job(struct holder *h)
{
	h->is_cancelled = true;
	interrupt_cancel(h->fd);
}

static void wait_for_end(struct holder *h, int fd,
			 const struct holder_message *m)
{
	static const char taken[2] = { HOLDER_TAKEN };

	if (m->request == HOLDER_CANCEL)
		cancel_job(h);
	if (h->waiter_count == WAITERS_MAX) {
		close(fd);
		return;
	}
	h->waiters[h->waiter_count++] = (struct waiter) {
		.fd = fd,
		.message = *m,
	};
	/* There is room for it, and who has gone away is found later */
	send(fd, taken, sizeof(taken), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/*
 * A client that has had no answer in time reports that its request came to
 * nothing, so it has to come to nothing.
 */
static bool has_given_up(int fd)
{
	struct pollfd polled = { .fd = fd };

	return poll(&polled, 1, 0) > 0 &&
	       polled.revents & (POLLHUP | POLLERR);
}

/* A message is there at once and as a whole, or the client is not one of ours */
static void take_request(struct holder *h)
{
	static struct holder_message m;
	struct timeval limit = { .tv_sec = 1 };
	int fd = accept4(h->socket, NULL, NULL, SOCK_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (!place_is_trusted(fd) || h->answering >= WAITERS_MAX) {
		close(fd);
		return;
	}
	len = recv(fd, &m, sizeof(m), 0);
	if (len < (ssize_t)offsetof(struct holder_message, words) ||
	    has_given_up(fd)) {
		close(fd);
		return;
	}
	if (wants_end(&m)) {
		wait_for_end(h, fd, &m);
		return;
	}
	if (start_answer(h, fd, &m, len) > 0)
		h->answering++;
	close(fd);
}

static void drop_waiter(struct holder *h, size_t i)
{
	close(h->waiters[i].fd);
	h->waiters[i] = h->waiters[--h->waiter_count];
}

/* Each by a process of its own: one that is stopped keeps nobody waiting */
static void tell_waiters(struct holder *h)
{
	const size_t len = offsetof(struct holder_message, words);
	struct waiter *w;
	size_t i;

	for (i = h->waiter_count; i-- > 0;) {
		w = &h->waiters[i];
		if (!w->child)
			w->child = start_answer(h, w->fd, &w->message, len);
		if (w->child < 0)
			drop_waiter(h, i);
	}
}

/*
 * Who was told sees the end of its socket when the holder has gone, and with it
 * the name. So that socket stays open here, too.
 */
static void end_of_answer(struct holder *h, pid_t child, int status)
{
	size_t i;

	for (i = 0; i < h->waiter_count; i++) {
		if (h->waiters[i].child != child)
			continue;
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			h->is_known = true;
		else
			drop_waiter(h, i);
		return;
	}
	h->answering--;
}

static void reap_children(struct holder *h)
{
	struct signalfd_siginfo info;
	int status;
	pid_t child;

	/* One signal can stand for several */
	while (read(h->children, &info, sizeof(info)) > 0)
		;
	while ((child = waitpid(-1, &status, WNOHANG)) > 0)
		end_of_answer(h, child, status);
}

static void take_completions(struct holder *h)
{
	while (!has_ended(h) && waiting_take(&h->waiting, 0) > 0)
		;
}

/* What a holder waits for; those that are being told look after themselves */
static size_t fill_polled(const struct holder *h, struct pollfd *polled)
{
	size_t i;

	polled[0] = (struct pollfd) { .fd = h->socket, .events = POLLIN };
	polled[1] = (struct pollfd) {
		.fd = has_ended(h) ? -1 : h->fd,
		.events = POLLIN,
	};
	polled[2] = (struct pollfd) { .fd = h->children, .events = POLLIN };
	for (i = 0; i < h->waiter_count; i++)
		polled[FIXED_POLLED + i] = (struct pollfd) {
			.fd = h->waiters[i].child ? -1 : h->waiters[i].fd,
		};
	return FIXED_POLLED + h->waiter_count;
}

/* Until the job has ended, and somebody knows or nobody wants to */
static void hold(struct holder *h)
{
	struct pollfd polled[FIXED_POLLED + WAITERS_MAX];
	size_t count, i;

	while (!h->is_known) {
		if (interrupted() && !h->is_cancelled)
			cancel_job(h);
		if (has_ended(h))
			tell_waiters(h);
		if (has_ended(h) && h->is_cancelled)
			return;
		count = fill_polled(h, polled);
		if (poll(polled, count, h->is_cancelled ? 100 : -1) < 0)
			continue;
		/* One whose client has gone away makes room for another */
		for (i = count; i-- > FIXED_POLLED;)
			if (polled[i].revents)
				drop_waiter(h, i - FIXED_POLLED);
		if (polled[2].revents)
			reap_children(h);
		if (polled[1].revents)
			take_completions(h);
		if (polled[0].revents)
			take_request(h);
		/* One may have submitted another before it was cancelled */
		if (h->is_cancelled && !has_ended(h))
			interrupt_cancel(h->fd);
	}
}

/* A signal that comes while nobody looks is not lost */
static int open_children(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int submit(struct holder *h)
{
	struct bpfsched_job_desc desc;
	struct rejected rejected;
	__u64 room_ns;

	job_describe(&h->held->job, bpfs_prog_fd(h->prog), &desc);
	if (bpfs_sched_submit_wait(h->fd, &desc, 1, 0, &room_ns) < 0) {
		rejected = (struct rejected) {
			.fd = h->fd,
			.desc = &desc,
			.program = bpfs_prog_name(h->prog),
			.room_ns = &room_ns,
		};
		print_rejected(&rejected);
		return EXIT_NOT_OK;
	}
	h->id = desc.id;
	h->waiting.roots = 1;
	return EXIT_OK;
}

static void tell_start(const struct holder *h)
{
	if (!settings.json) {
		printf("%s: job %llu of '%s', held by process %d\n",
		       h->held->name, h->id, settings.scheduler, getpid());
		return;
	}
	json_open(NULL);
	json_text("name", h->held->name);
	json_u64("id", h->id);
	json_text("scheduler", settings.scheduler);
	json_u64("pid", getpid());
	json_close();
}

/*
 * From before anybody is told that the job was taken: who is told may end the
 * command, and its terminal, at once.
 */
static void go_on_alone(void)
{
	prctl(PR_SET_PDEATHSIG, 0);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	interrupt_catch();
}

/*
 * What the command was started with, as pipes that somebody reads to their end,
 * and locks. All that was opened here is closed on exec, so it is the rest.
 */
static void close_inherited(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	while (dir && (entry = readdir(dir))) {
		fd = atoi(entry->d_name);
		if (fd > STDERR_FILENO && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

/* The command has its answer, and ends */
static void detach(int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte = 0;
	int fd;

	for (fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close_inherited();
	/* If the command was killed meanwhile, the job goes on all the same */
	while (write(ready, &byte, 1) < 0 && errno == EINTR)
		;
	close(ready);
}

static int start(struct holder *h, int ready)
{
	struct program *programs = NULL;
	int status;

	h->fd = open_scheduler();
	if (h->fd < 0)
		return EXIT_ERROR;
	status = program_load(&programs, h->fd, &h->held->job.source, &h->prog);
	if (status)
		return status;
	h->children = open_children();
	if (h->children < 0)
		return fail("signalfd: %m");
	h->socket = place_listen(h->dir, h->held->name);
	if (h->socket < 0)
		return EXIT_ERROR;
	if (h->held->job.period_ns)
		periodic_start(true);
	status = waiting_start(&h->waiting, h->fd, h->held->job.period_ns ?
			       periodic_show : keep);
	if (!status)
		status = submit(h);
	if (!status) {
		go_on_alone();
		tell_start(h);
		finish_output(EXIT_OK);
		detach(ready);
		hold(h);
	}
	place_leave(h->dir, h->held->name);
	return status;
}

static int hold_in_child(const struct held *held, int dir, int ready)
{
	static struct holder h;

	/* Until the job has been taken a command that is killed ends this, too */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setsid();
	umask(077);
	h.held = held;
	h.dir = dir;
	return finish_output(start(&h, ready));
}

/**
 * holder_start() - start a process that holds a job
 * @held: the job
 * @dir: folder of sockets
 *
 * Return: exit status, when the job was submitted or was not taken; what there
 * is to say has been said.
 */
int holder_start(const struct held *held, int dir)
{
	int ready[2], status;
	pid_t child;
	char byte;

	fflush(NULL);
	if (pipe2(ready, O_CLOEXEC))
		return fail("pipe: %m");
	child = fork();
	if (child < 0)
		return fail("fork: %m");
	if (!child) {
		close(ready[0]);
		_exit(hold_in_child(held, dir, ready[1]));
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1)
		return EXIT_OK;
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return fail("the process that was to hold the job was killed");
	return WEXITSTATUS(status);
}
