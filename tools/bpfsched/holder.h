/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that hold a job after its command has ended: how to reach one. */
#ifndef HOLDER_H
#define HOLDER_H

#include <sys/types.h>

#include "globals.h"
#include "job.h"

/* Folder of their sockets, in a folder of the user's own */
#define PLACE_FOLDER	"bpfsched-jobs"

/* With the NUL; what fits the address of a socket in any case */
#define HOLDER_NAME_MAX	32

/* What a holder is asked for, the first byte of a message */
enum holder_request {
	HOLDER_STATUS = 's',
	HOLDER_WAIT = 'w',
	HOLDER_CANCEL = 'c',
	HOLDER_GLOBALS = 'g',
};

/* What it answers, the first byte of each message; the status comes last */
#define HOLDER_OUTPUT	'o'
#define HOLDER_ERRORS	'e'
#define HOLDER_EXIT	'x'

/*
 * Before that, of HOLDER_WAIT and HOLDER_CANCEL: the request was taken, and the
 * answer comes when the job has ended
 */
#define HOLDER_TAKEN	't'

/* How long a holder may take until it answers, or says that it will, in seconds */
#define HOLDER_ANSWERS_S	10

/* What the client says when it has passed on how the job ended */
#define HOLDER_ACK	'a'

/* Of a message */
#define HOLDER_MESSAGE_MAX	16384

/**
 * struct holder_message - a request; the words for HOLDER_GLOBALS follow
 * @request: enum holder_request
 * @json: answer as JSON
 * @pretty: on several lines
 * @set_count: how many words are NAME=VALUE; the others are names
 * @words: words, each with a NUL behind it
 */
struct holder_message {
	char request;
	bool json;
	bool pretty;
	unsigned char set_count;
	char words[HOLDER_MESSAGE_MAX];
};

/**
 * struct held - a job that is to be held
 * @name: its name
 * @job: the job
 * @globals: variables to set before it starts
 * @ignore_misses: releases that were late are no failure
 */
struct held {
	const char *name;
	struct job job;
	struct globals globals;
	bool ignore_misses;
};

/* place.c */
int place_open(bool create);
bool place_is_name(const char *name);
int place_check_name(const char *name);
int place_listen(int dir, const char *name);
int place_connect(int dir, const char *name);
bool place_is_trusted(int fd);
pid_t place_holder(int fd, bool *is_stopped);
int place_forget(int dir, const char *name);
void place_leave(int dir, const char *name);

/* holder.c */
int holder_start(const struct held *held, int dir);

#endif /* HOLDER_H */
