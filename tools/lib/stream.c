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

const void *
bpfs_completion_context(const struct bpfsched_completion *completion)
{
	if (!(completion->record.flags & BPFSCHED_COMPLETION_CONTEXT))
		return NULL;
	return (const char *)completion + completion->context_offset;
}

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

const void *bpfs_event_data(const struct bpfsched_event_record *event)
{
	return (const char *)event + event->data_offset;
}

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

void bpfs_stream_free(struct bpfs_stream *stream)
{
	if (!stream)
		return;
	free(stream->buf);
	free(stream);
}

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
