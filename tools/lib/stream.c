// SPDX-License-Identifier: GPL-2.0
/* Reading the records that a scheduler hands back. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

/* Room for some hundred completions without context in one read() */
#define STREAM_MIN (64 * 1024)

/**
 * struct bpfs_stream - completions of one scheduler, one after the other
 * @fd: scheduler, not owned
 * @size: bytes of @buf
 * @len: bytes in @buf that were read
 * @pos: bytes of those that were handed out
 * @buf: records
 * @on_event: called for each event, or NULL
 * @event_data: for @on_event
 */
struct bpfs_stream {
	int fd;
	size_t size;
	size_t len;
	size_t pos;
	char *buf;
	bpfs_event_fn *on_event;
	void *event_data;
};

static __s64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Wait until there is something to read; @until is when a time-out ends */
static int wait_readable(int fd, int timeout_ms, __s64 until)
{
	__s64 left = timeout_ms;
	int ret;

	if (timeout_ms > 0) {
		left = until - now_ms();
		if (left < 0)
			left = 0;
	}
	ret = bpfs_sched_poll(fd, POLLIN, left);
	if (ret < 0)
		return ret;
	if (!ret && !timeout_ms)
		return bpfs_fail(-EAGAIN, "read: nothing to read");
	if (!ret)
		return bpfs_fail(-ETIMEDOUT,
				 "read: nothing to read in time");
	return 0;
}

/**
 * bpfs_sched_read() - read whole records
 * @fd: scheduler, in blocking or non-blocking mode
 * @buf: where to, aligned to 8 bytes
 * @len: bytes of @buf; BPFS_RECORD_MAX() of the largest context that is
 *	to come back is enough for one record, and of BPFSCHED_EVENT_MAX if
 *	programs emit events
 * @timeout_ms: how long to wait for the first record in milliseconds; 0: not
 *	at all, -1: for ever
 *
 * If several threads read from one descriptor in blocking mode, another may
 * take the record in between, and this one then waits longer than it should.
 *
 * Return: number of bytes read, or negative errno: EAGAIN if there was nothing
 * and @timeout_ms is 0, ETIMEDOUT if the time ran out, EMSGSIZE if the first
 * record is larger than @len (it stays), EINTR after a signal.
 */
ssize_t bpfs_sched_read(int fd, void *buf, size_t len, int timeout_ms)
{
	__s64 until = now_ms() + timeout_ms;
	bool wait = timeout_ms >= 0;
	ssize_t ret;

	for (;;) {
		if (wait) {
			ret = wait_readable(fd, timeout_ms, until);
			if (ret)
				return ret;
		}
		ret = read(fd, buf, len);
		if (ret > 0)
			return ret;
		if (!ret)
			return bpfs_fail(-EPIPE, "read: end of file");
		if (errno == ENODEV)
			return bpfs_fail(-ENODEV,
					 "read: the scheduler has ended");
		if (errno != EAGAIN)
			return bpfs_fail(-errno, "read: %s",
					 strerror(errno));
		wait = true;
	}
}

/**
 * bpfs_record_next() - go through the records of a buffer
 * @buf: what bpfs_sched_read() filled
 * @len: the number of bytes that it returned
 * @pos: where the next record starts; 0 at first, moved on by this function
 *
 * Return: the record, or NULL at the end of the buffer or if what is left of
 * it is not a whole record (*@pos is less than @len then).
 */
const struct bpfsched_record *bpfs_record_next(const void *buf, size_t len,
					       size_t *pos)
{
	const struct bpfsched_record *record;

	if (*pos > len || len - *pos < sizeof(*record))
		return NULL;
	record = (const void *)((const char *)buf + *pos);
	if (record->size < sizeof(*record) || record->size % 8 ||
	    record->size > len - *pos)
		return NULL;
	*pos += record->size;
	return record;
}

/**
 * bpfs_record_completion() - look at a record as a completion
 * @record: whole record
 *
 * Return: the completion, or NULL if the record is of another type, or is
 * shorter than its type asks for.
 */
const struct bpfsched_completion *
bpfs_record_completion(const struct bpfsched_record *record)
{
	const struct bpfsched_completion *c = (const void *)record;

	if (record->type != BPFSCHED_RECORD_COMPLETION ||
	    record->size < sizeof(*c))
		return NULL;
	if ((record->flags & BPFSCHED_COMPLETION_CONTEXT) &&
	    ((__u64)c->context_offset + c->context_len > record->size ||
	     c->context_offset < sizeof(*c)))
		return NULL;
	return c;
}

/**
 * bpfs_completion_context() - the context bytes that came back with a completion
 * @completion: the completion
 *
 * Return: address of @context_len bytes, or NULL if none came back.
 */
const void *
bpfs_completion_context(const struct bpfsched_completion *completion)
{
	if (!(completion->record.flags & BPFSCHED_COMPLETION_CONTEXT))
		return NULL;
	return (const char *)completion + completion->context_offset;
}

/**
 * bpfs_record_event() - look at a record as an event
 * @record: whole record
 *
 * Return: the event, or NULL if the record is of another type, or is shorter
 * than its type asks for.
 */
const struct bpfsched_event_record *
bpfs_record_event(const struct bpfsched_record *record)
{
	const struct bpfsched_event_record *event = (const void *)record;

	if (record->type != BPFSCHED_RECORD_EVENT ||
	    record->size < sizeof(*event) ||
	    event->data_offset < sizeof(*event) ||
	    (__u64)event->data_offset + event->len > record->size)
		return NULL;
	return event;
}

/**
 * bpfs_event_data() - the bytes of an event
 * @event: the event
 *
 * Return: address of @len bytes.
 */
const void *bpfs_event_data(const struct bpfsched_event_record *event)
{
	return (const char *)event + event->data_offset;
}

/**
 * bpfs_stream_new() - make a stream of the completions of a scheduler
 * @fd: scheduler; has to stay open as long as the stream is used
 * @stream: set to the stream
 *
 * Its buffer takes the largest context of the scheduler.
 *
 * Return: 0 or negative errno.
 */
int bpfs_stream_new(int fd, struct bpfs_stream **stream)
{
	struct bpfs_stream *s;
	struct bpfsched_info info;
	int err;

	err = bpfs_sched_get_info(fd, &info);
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return bpfs_fail(-ENOMEM, "out of memory");
	s->fd = fd;
	s->size = BPFS_RECORD_MAX(info.max_context);
	if (s->size < STREAM_MIN)
		s->size = STREAM_MIN;
	s->buf = malloc(s->size);
	if (!s->buf) {
		free(s);
		return bpfs_fail(-ENOMEM, "out of memory");
	}
	*stream = s;
	return 0;
}

/**
 * bpfs_stream_free() - free a stream
 * @stream: stream or NULL
 *
 * The scheduler stays open. Completions that were read but not handed out are
 * lost.
 */
void bpfs_stream_free(struct bpfs_stream *stream)
{
	if (!stream)
		return;
	free(stream->buf);
	free(stream);
}

/**
 * bpfs_stream_on_event() - have a function called for each event
 * @stream: stream
 * @fn: the function, called by bpfs_stream_next() in the order of the
 *	records; NULL: events are skipped
 * @data: passed to it
 */
void bpfs_stream_on_event(struct bpfs_stream *stream,
			  bpfs_event_fn *fn, void *data)
{
	stream->on_event = fn;
	stream->event_data = data;
}

static void handle_other(struct bpfs_stream *s,
			 const struct bpfsched_record *record)
{
	const struct bpfsched_event_record *event = bpfs_record_event(record);

	if (event && s->on_event)
		s->on_event(event, s->event_data);
}

/* The next completion in the buffer; passes by records of other types */
static int buffered(struct bpfs_stream *s,
		    const struct bpfsched_completion **completion)
{
	const struct bpfsched_record *record;

	while ((record = bpfs_record_next(s->buf, s->len, &s->pos))) {
		if (record->type != BPFSCHED_RECORD_COMPLETION) {
			handle_other(s, record);
			continue;
		}
		*completion = bpfs_record_completion(record);
		if (!*completion)
			return bpfs_fail(-EBADMSG,
					 "read: completion of %u bytes is too short",
					 record->size);
		return 0;
	}
	if (s->pos != s->len) {
		s->pos = s->len;
		return bpfs_fail(-EBADMSG, "read: not a whole record");
	}
	return -EAGAIN;
}

/**
 * bpfs_stream_next() - the next completion
 * @stream: stream
 * @timeout_ms: how long to wait in milliseconds; 0: not at all, -1: for ever
 * @completion: set to the completion, valid until the next call
 *
 * Events go to the function of bpfs_stream_on_event(); records of types that
 * the library does not know are skipped.
 *
 * Return: 0, or negative errno as of bpfs_sched_read(); EBADMSG if what came is
 * not a record.
 */
int bpfs_stream_next(struct bpfs_stream *stream, int timeout_ms,
		     const struct bpfsched_completion **completion)
{
	ssize_t ret;

	for (;;) {
		ret = buffered(stream, completion);
		if (ret != -EAGAIN)
			return ret;
		stream->len = 0;
		stream->pos = 0;
		ret = bpfs_sched_read(stream->fd, stream->buf, stream->size,
				      timeout_ms);
		if (ret < 0)
			return ret;
		stream->len = ret;
	}
}
