/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: libbpfsched
 *
 * User-space access to bpfsched schedulers.
 *
 * A scheduler is a file descriptor, made by bpfs_sched_open() and closed by
 * close(2); poll(2) and epoll(7) tell that there is something to read
 * (POLLIN) or room in the queue (POLLOUT). A program goes through two
 * forms: an image (instructions and data sections in memory, from an ELF
 * object or from raw bytes; no device is needed) and a loaded program (a
 * file descriptor, made from an image). Jobs are submitted as an array of
 * struct bpfsched_job_desc and come back as records, which a stream reads.
 *
 * Errors: unless said otherwise a function returns 0 or more on success and
 * a negative errno on failure; bpfs_error() then gives a line that names
 * the cause. What a request can fail with beside what is said there: ENOTTY
 * if the descriptor is not a scheduler's, ENODEV if the scheduler has
 * ended, EBADF if it is open for reading only, ENOMEM, and what open(2),
 * poll(2) and read(2) fail with.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC.
 *
 * Names: bpfs_ or BPFS_ is what the library declares. The next word is what a
 * function works on: sched, with the descriptor of a scheduler; prog; image;
 * stream; record, completion and event; job. Then comes what it does. What
 * begins with bpfsched_ or BPFSCHED_ is of the interface to the kernel,
 * linux/bpfsched.h, which this header includes.
 *
 * Threads: a scheduler may be used by several threads at once, an image, a
 * program or a stream by one at a time. A descriptor that is closed while
 * another thread uses it is an error of the program.
 *
 * Ownership: what a function sets a pointer to belongs to the caller, who
 * frees it by the function that is named. Pointers that are returned belong to
 * what they came from. Arguments are copied if they are needed later, but for
 * descriptors.
 *
 * Versions: functions are bound to the version LIBBPFSCHED_1.0. When a
 * structure of the interface to the kernel grows, the functions that take it
 * get a new version, and programs that were linked before go on with the old
 * one. Structures of the library grow at their end only.
 */
#ifndef BPFSCHED_H
#define BPFSCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <linux/bpf.h>
#include <linux/bpfsched.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the library shows */
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

#define BPFS_DEV_DIR "/dev/bpfsched"

/* Of the library and of what is made with it; bpfs_version() has the first */
#define BPFS_VERSION "0.2.0"

/* Errors (error.c) */

/**
 * bpfs_version() - version of the library
 *
 * Context: Any thread. The string is static.
 * Return: the version, "0.2.0" for example; BPFS_VERSION is that of the
 * header.
 */
const char *bpfs_version(void);

/**
 * bpfs_error() - what made the last function fail in this thread
 *
 * Context: Any thread; each has its own.
 * Return: one line without a final newline, empty if nothing failed yet; valid
 * until the next call of the library in this thread.
 */
const char *bpfs_error(void);

/**
 * bpfs_set_debug() - show what images are linked from, on standard error
 * @on: whether to show it
 *
 * Context: For all threads; call it before others use the library.
 */
void bpfs_set_debug(bool on);

/**
 * bpfs_errno_name() - name of an error number
 * @err: error number, of either sign
 *
 * Context: Any thread. The string is static.
 * Return: the name, "EAGAIN" for example, or "unknown".
 */
const char *bpfs_errno_name(int err);

/* Names of the numbers of the ABI (names.c); NULL or -1 if unknown */

/**
 * bpfs_status_name() - name of a completion's status
 * @status: BPFSCHED_STATUS_*
 *
 * Context: Any thread. The string is static.
 * Return: the name, or NULL if @status is not known.
 */
const char *bpfs_status_name(__u32 status);

/**
 * bpfs_priority_name() - name of a priority
 * @priority: BPFSCHED_PRIORITY_*
 *
 * Context: Any thread. The string is static.
 * Return: the name, or NULL if @priority is not known.
 */
const char *bpfs_priority_name(__u32 priority);

/**
 * bpfs_priority_number() - number of a priority
 * @name: its name
 *
 * Context: Any thread. The string is static.
 * Return: BPFSCHED_PRIORITY_*, or -1 if there is none of that name. Leaves
 * bpfs_error() alone.
 */
int bpfs_priority_number(const char *name);

/**
 * bpfs_fault_name() - name of the reason of a fault
 * @kind: BPFSCHED_FAULT_*
 *
 * Context: Any thread. The string is static.
 * Return: the name, or NULL if @kind is not known.
 */
const char *bpfs_fault_name(__u32 kind);

/**
 * bpfs_limit_name() - name of a limit
 * @limit: BPFSCHED_LIMIT_*
 *
 * Context: Any thread. The string is static.
 * Return: the name, or NULL if @limit is not known.
 */
const char *bpfs_limit_name(__u32 limit);

/* Limits in words (limit.c) */

/* Enough for bpfs_limit_explain() */
#define BPFS_LIMIT_TEXT_MAX 160

/**
 * bpfs_limit_explain() - say in words which limit a request has met
 * @fd: scheduler of the request
 * @limit: BPFSCHED_LIMIT_*, as it came back with EDQUOT
 * @buf: where to
 * @size: bytes of @buf, BPFS_LIMIT_TEXT_MAX are enough
 *
 * The scheduler is asked for the limit and for the user, so the text has what
 * they are now: "too many live jobs of user 1000 (limit 512)".
 *
 * Context: Any thread, and several at once.
 * Return: @buf.
 */
const char *bpfs_limit_explain(int fd, __u32 limit, char *buf,
			       size_t size);

/* Files (file.c) */

/**
 * bpfs_file_read() - read a file as a whole
 * @path: path of the file, which may be a pipe
 * @buf: set to the bytes and a NUL after them, to be freed by the caller
 * @len: set to the number of bytes without that NUL
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EFBIG if what is not a regular file goes on for
 * more than 256 MiB.
 */
int bpfs_file_read(const char *path, char **buf, size_t *len);

/* Schedulers (sched.c) */

/**
 * bpfs_sched_open() - open a scheduler
 * @name: name of the scheduler, as in /dev/bpfsched
 *
 * Each call makes a new client, which owns the jobs submitted through it.
 * Closing the descriptor (the last one, if it was duplicated) cancels them.
 *
 * Context: Any thread, and several at once.
 * Return: file descriptor (close-on-exec), which the caller closes with
 * close(2), or negative errno: ENOENT if there is no such scheduler, EINVAL if
 * @name cannot be the name of one, EACCES if the user may not open it, EDQUOT
 * if the user has too many files of the scheduler open.
 */
int bpfs_sched_open(const char *name);

/**
 * bpfs_sched_open_reader() - open a scheduler to look at it
 * @name: name of the scheduler, as in /dev/bpfsched
 *
 * A reader cannot load, submit or change anything, and does not keep the
 * scheduler: when that ends, what is asked of the reader fails with ENODEV.
 *
 * Context: Any thread, and several at once.
 * Return: file descriptor (close-on-exec), which the caller closes with
 * close(2), or negative errno as of bpfs_sched_open(), but for EDQUOT.
 */
int bpfs_sched_open_reader(const char *name);

/**
 * bpfs_sched_get_info() - what a scheduler is, and its limits
 * @fd: scheduler
 * @info: filled in
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno.
 */
int bpfs_sched_get_info(int fd, struct bpfsched_info *info);

/**
 * bpfs_sched_get_stat() - one snapshot of a scheduler's counters
 * @fd: scheduler
 * @stat: filled in
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno.
 */
int bpfs_sched_get_stat(int fd, struct bpfsched_stat *stat);

/**
 * bpfs_sched_pause() - stop picking jobs
 * @fd: scheduler
 *
 * Running jobs go on and submissions are still taken. The scheduler stays
 * paused until bpfs_sched_resume(), whoever has it open. Needs CAP_SYS_ADMIN.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EPERM without CAP_SYS_ADMIN.
 */
int bpfs_sched_pause(int fd);

/**
 * bpfs_sched_resume() - pick jobs again
 * @fd: scheduler
 *
 * Needs CAP_SYS_ADMIN.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EPERM without CAP_SYS_ADMIN.
 */
int bpfs_sched_resume(int fd);

/**
 * bpfs_sched_cancel() - cancel a job of this client
 * @fd: scheduler
 * @id: the job
 *
 * Context: Any thread, and several at once.
 * Return: 0 when the request is made (the completion tells the outcome), or
 * negative errno: ENOENT if the client has no such live job.
 */
int bpfs_sched_cancel(int fd, __u64 id);

/**
 * bpfs_sched_cancel_any() - cancel a job of any client
 * @fd: scheduler
 * @client: number of the client, 0 for the only one that has such a job
 * @id: the job
 *
 * Needs CAP_SYS_ADMIN.
 *
 * Context: Any thread, and several at once.
 * Return: as of bpfs_sched_cancel(); ENOTUNIQ if @client is 0 and more than
 * one has a job of that number.
 */
int bpfs_sched_cancel_any(int fd, __u64 client, __u64 id);

/**
 * bpfs_sched_update() - change a job that has not ended
 * @fd: scheduler
 * @update: what to change, but for its size; room_ns is set if the error is
 *	EBUSY, and limit if it is EDQUOT
 *
 * All of it is changed, or nothing. With BPFSCHED_UPDATE_ANY_CLIENT client 0
 * stands for the only one that has such a job.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: ENOENT if there is no such live job,
 * ENOTUNIQ if client is 0 and more than one has a job of that number, EBUSY
 * if a deadline could not be vouched for, EOPNOTSUPP, E2BIG, ETIME, EPERM.
 */
int bpfs_sched_update(int fd, struct bpfsched_update *update);

/**
 * bpfs_sched_submit() - submit jobs
 * @fd: scheduler
 * @jobs: array of jobs; each gets its id or its error
 * @count: number of jobs, at most bpfsched_info.max_batch
 *
 * Every job is tried, in order. Afterwards @error of a job is 0 if the job
 * was taken, else a negative errno, also when the function fails; if that
 * is EDQUOT,
 * @limit is the limit that was met, see bpfs_limit_explain(). The contexts are
 * copied; the caller can use their memory again afterwards. Each job that was
 * taken gives one completion, a periodic one of them for each release.
 *
 * Errors of a job are EAGAIN (no room in the queue), ETIMEDOUT (none in
 * time, with BPFSCHED_JOB_WAIT), EDQUOT (a limit), EBUSY (it cannot be
 * admitted), EEXIST (its id is that of a live job), ETIME (its deadline has
 * passed), EOPNOTSUPP (the scheduler has no deadlines), E2BIG (its context
 * or budget is beyond the scheduler's limit), EPERM, EINTR, EINVAL, EFAULT,
 * EBADF and ENOMEM.
 *
 * Context: Any thread, and several at once.
 * Return: how many were taken, at least 1, or negative errno if none was.
 */
int bpfs_sched_submit(int fd, struct bpfsched_job_desc *jobs, __u32 count);

/**
 * bpfs_sched_submit_wait() - submit jobs, and learn what room is left
 * @fd: scheduler
 * @jobs: as for bpfs_sched_submit()
 * @count: as for bpfs_sched_submit()
 * @timeout_ns: longest time to wait for room in the queue, in nanoseconds, for
 *	jobs with BPFSCHED_JOB_WAIT; 0: no limit
 * @room_ns: if not NULL, set to the longest run time, in nanoseconds, with
 *	which the last job whose error is EBUSY would have been taken
 *
 * Context: Any thread, and several at once.
 * Return: as of bpfs_sched_submit(); EINTR if a signal ended the wait before
 * any job was taken.
 */
int bpfs_sched_submit_wait(int fd, struct bpfsched_job_desc *jobs, __u32 count,
			   __u64 timeout_ns, __u64 *room_ns);

/**
 * bpfs_sched_poll() - wait for a scheduler
 * @fd: scheduler
 * @events: POLLIN: something to read; POLLOUT: room in the queue
 * @timeout_ms: how long to wait in milliseconds; 0: not at all, -1: for ever
 *
 * Context: Any thread, and several at once.
 * Return: events that hold, 0 when the time ran out, or negative errno.
 */
int bpfs_sched_poll(int fd, short events, int timeout_ms);

/**
 * bpfs_sched_get_events() - the room for events of this client
 * @fd: scheduler
 * @events: filled in
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno.
 */
int bpfs_sched_get_events(int fd, struct bpfsched_events *events);

/**
 * bpfs_sched_set_event_room() - change the room for events of this client
 * @fd: scheduler
 * @room: bytes of whole records, rounded up to a power of 2; 0: none
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EBUSY if there are events to be read, E2BIG.
 */
int bpfs_sched_set_event_room(int fd, __u64 room);

/* What is in a scheduler, and the control node (control.c) */

/**
 * bpfs_sched_create() - make a scheduler
 * @create: what to make, but for its size; thread_count is set
 *
 * Needs CAP_SYS_ADMIN, and CAP_SYS_NICE for real-time workers. The scheduler
 * stays until bpfs_sched_destroy().
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EEXIST if there is one of that name, ENOENT if
 * there is no such profile or policy, EPERM, EINVAL.
 */
int bpfs_sched_create(struct bpfsched_create *create);

/**
 * bpfs_sched_destroy() - end a scheduler
 * @name: its name
 *
 * Needs CAP_SYS_ADMIN.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EBUSY while a file of it is open for writing,
 * ENOENT if there is no such scheduler, EPERM.
 */
int bpfs_sched_destroy(const char *name);

/**
 * bpfs_sched_drain() - wait until no job is pending and none runs
 * @fd: scheduler
 * @timeout_ns: longest time to wait, 0: no limit
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: ETIMEDOUT, EINTR.
 */
int bpfs_sched_drain(int fd, __u64 timeout_ns);

/**
 * bpfs_sched_drain_with() - wait until no job is pending and none runs
 * @fd: scheduler
 * @flags: BPFSCHED_DRAIN_OWN: the jobs of this client only;
 *	BPFSCHED_DRAIN_NOWAIT: do not wait, but tell
 * @timeout_ns: longest time to wait, 0: no limit
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: ETIMEDOUT, EINTR; with BPFSCHED_DRAIN_NOWAIT
 * EAGAIN if a job is pending or runs.
 */
int bpfs_sched_drain_with(int fd, __u32 flags, __u64 timeout_ns);

/**
 * bpfs_sched_get_histogram() - how long jobs take
 * @fd: scheduler
 * @kind: BPFSCHED_HISTOGRAM_*
 * @histogram: filled in
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno.
 */
int bpfs_sched_get_histogram(int fd, __u32 kind,
			     struct bpfsched_histogram *histogram);

/**
 * bpfs_sched_list_jobs() - list jobs that have not ended, everybody's
 * @fd: scheduler
 * @client: list the jobs that come after job @id of this client, 0 for the
 *	first call; set to the last one of the list if there may be more, else
 *	to 0
 * @id: see @client; 0 for the first call
 * @infos: filled in
 * @room: room in @infos
 *
 * Context: Any thread, and several at once.
 * Return: number of jobs listed, or negative errno: EPERM without
 * CAP_SYS_ADMIN.
 */
int bpfs_sched_list_jobs(int fd, __u64 *client, __u64 *id,
			 struct bpfsched_job_info *infos, __u32 room);

/**
 * bpfs_sched_list_own_jobs() - list jobs of this client that have not ended
 * @fd: scheduler
 * @client: as of bpfs_sched_list_jobs()
 * @id: as of bpfs_sched_list_jobs()
 * @infos: filled in
 * @room: room in @infos
 *
 * Needs no privilege.
 *
 * Context: Any thread, and several at once.
 * Return: number of jobs listed, or negative errno.
 */
int bpfs_sched_list_own_jobs(int fd, __u64 *client, __u64 *id,
			     struct bpfsched_job_info *infos, __u32 room);

/* Users (user.c) */

/**
 * bpfs_sched_get_user() - what the user of a file has in use, and may have
 * @fd: scheduler
 * @user: filled in
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno.
 */
int bpfs_sched_get_user(int fd, struct bpfsched_user_info *user);

/**
 * bpfs_sched_list_users() - list all users of a scheduler
 * @fd: scheduler
 * @after: list the users that come after this number, 0 for the first call;
 *	set to the last one of the list if there may be more, else to 0
 * @users: filled in
 * @room: room in @users, up to 1024
 *
 * Needs CAP_SYS_ADMIN.
 *
 * Context: Any thread, and several at once.
 * Return: number of users listed, or negative errno: EPERM.
 */
int bpfs_sched_list_users(int fd, __u64 *after,
			  struct bpfsched_user_info *users, __u32 room);

/**
 * bpfs_sched_set_user() - change the limits of a user
 * @fd: scheduler
 * @set: user and limits; its size is not looked at
 *
 * Needs CAP_SYS_ADMIN.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: EPERM.
 */
int bpfs_sched_set_user(int fd, const struct bpfsched_user_set *set);

/* Completions and events (stream.c) */

/* Buffer that takes the completion of a job with @context_max bytes */
#define BPFS_RECORD_MAX(context_max) \
	((sizeof(struct bpfsched_completion) + (size_t)(context_max) + 7) & \
	 ~(size_t)7)

struct bpfs_stream;
struct bpfs_prog;

/**
 * typedef bpfs_event_fn - called for an event
 * @event: the event, valid until the function returns
 * @data: as passed to bpfs_stream_on_event()
 */
typedef void bpfs_event_fn(const struct bpfsched_event_record *event,
			   void *data);

/**
 * bpfs_stream_new() - make a stream of the completions of a scheduler
 * @fd: scheduler; has to stay open as long as the stream is used
 * @stream: set to the stream, which the caller frees with bpfs_stream_free()
 *
 * Its buffer takes the largest context of the scheduler.
 *
 * Context: One thread at a time for one stream.
 * Return: 0 or negative errno.
 */
int bpfs_stream_new(int fd, struct bpfs_stream **stream);

/**
 * bpfs_stream_free() - free a stream
 * @stream: stream or NULL
 *
 * The scheduler stays open. Completions that were read but not handed out are
 * lost.
 *
 * Context: One thread at a time for one stream.
 */
void bpfs_stream_free(struct bpfs_stream *stream);

/**
 * bpfs_stream_next() - the next completion
 * @stream: stream
 * @timeout_ms: how long to wait in milliseconds; 0: not at all, -1: for ever
 * @completion: set to the completion, valid until the next call
 *
 * Events go to the function of bpfs_stream_on_event(); records of types that
 * the library does not know are skipped.
 *
 * Context: One thread at a time for one stream.
 * Return: 0, or negative errno as of bpfs_sched_read(); EBADMSG if what
 * came is not a record.
 */
int bpfs_stream_next(struct bpfs_stream *stream, int timeout_ms,
		     const struct bpfsched_completion **completion);

/**
 * bpfs_stream_on_event() - have a function called for each event
 * @stream: stream
 * @fn: the function, called by bpfs_stream_next() in the order of the
 *	records; NULL: events are skipped
 * @data: passed to it; stays the caller's
 *
 * Context: One thread at a time for one stream.
 */
void bpfs_stream_on_event(struct bpfs_stream *stream,
			  bpfs_event_fn *fn, void *data);

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
 * Context: Any thread, and several at once.
 * Return: number of bytes read, or negative errno: EAGAIN if there was nothing
 * and @timeout_ms is 0, ETIMEDOUT if the time ran out, EMSGSIZE if the first
 * record is larger than @len (it stays), EINTR after a signal.
 */
ssize_t bpfs_sched_read(int fd, void *buf, size_t len, int timeout_ms);

/**
 * bpfs_record_next() - go through the records of a buffer
 * @buf: what bpfs_sched_read() filled
 * @len: the number of bytes that it returned
 * @pos: where the next record starts; 0 at first, moved on by this function
 *
 * Context: Any thread; nothing but the arguments is looked at.
 * Return: the record, or NULL at the end of the buffer or if what is left of
 * it is not a whole record (*@pos is less than @len then).
 */
const struct bpfsched_record *bpfs_record_next(const void *buf, size_t len,
					       size_t *pos);

/**
 * bpfs_record_completion() - look at a record as a completion
 * @record: whole record
 *
 * Context: Any thread; nothing but the arguments is looked at.
 * Return: the completion, or NULL if the record is of another type, or is
 * shorter than its type asks for.
 */
const struct bpfsched_completion *
bpfs_record_completion(const struct bpfsched_record *record);

/**
 * bpfs_completion_context() - the context bytes of a completion
 * @completion: the completion
 *
 * Context: Any thread; nothing but the arguments is looked at.
 * Return: address of completion->context_len bytes inside of the record, or
 * NULL if none came back.
 */
const void *
bpfs_completion_context(const struct bpfsched_completion *completion);

/**
 * bpfs_record_event() - look at a record as an event
 * @record: whole record
 *
 * Context: Any thread; nothing but the arguments is looked at.
 * Return: the event, or NULL if the record is of another type, or is shorter
 * than its type asks for.
 */
const struct bpfsched_event_record *
bpfs_record_event(const struct bpfsched_record *record);

/**
 * bpfs_event_data() - the bytes of an event
 * @event: the event
 *
 * Context: Any thread; nothing but the arguments is looked at.
 * Return: address of event->len bytes inside of the record.
 */
const void *bpfs_event_data(const struct bpfsched_event_record *event);

/* Images (image.c, map.c, object.c) */

/**
 * struct bpfs_image_section - a data section of an image
 * @name: name of the section in the object, ".bss" for example
 * @data: initial bytes; NULL: all zero
 * @len: number of bytes
 * @flags: BPFSCHED_SECTION_*
 */
struct bpfs_image_section {
	char *name;
	void *data;
	__u32 len;
	__u32 flags;
};

/**
 * struct bpfs_image_map - a map of the kernel that an image uses
 * @name: name of the map in the object
 * @type: BPF_MAP_TYPE_*
 * @key_size: bytes of a key
 * @value_size: bytes of a value
 * @max_entries: most entries
 * @flags: BPF_F_*
 * @numa_node: with BPF_F_NUMA_NODE where its memory is to be
 * @extra: as in bpf(2)
 * @path: where it is pinned, or will be when it is made; NULL: nowhere
 * @exists: only what is pinned at @path will do
 * @shared_fd: the map of another program that is to be used instead, owned;
 *	0: none
 */
struct bpfs_image_map {
	char *name;
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 flags;
	__u32 numa_node;
	__u64 extra;
	char *path;
	bool exists;
	int shared_fd;
};

/**
 * struct bpfs_image_variable - a variable in a data section of an image
 * @name: its name
 * @section: number of the section
 * @offset: where it begins there
 * @size: number of bytes
 */
struct bpfs_image_variable {
	char *name;
	__u32 section;
	__u32 offset;
	__u32 size;
};

/**
 * struct bpfs_image_function - a function of an image
 * @name: its name
 * @slot: its first instruction
 */
struct bpfs_image_function {
	char *name;
	__u32 slot;
};

/**
 * struct bpfs_image_line - where instructions come from
 * @slot: the first instruction that does
 * @line: number of the line
 * @file: number of the file
 */
struct bpfs_image_line {
	__u32 slot;
	__u32 line;
	__u32 file;
};

/**
 * struct bpfs_image - a program in memory, not yet loaded
 * @name: name of the program, cut to what the ABI takes
 * @insns: instructions
 * @insn_count: number of 8-byte instruction slots
 * @section_count: number of sections
 * @sections: data sections, in the order in which instructions count them
 * @map_count: number of maps
 * @maps: maps, in the order in which instructions count them; they are made
 *	when the image is loaded
 * @reloc_count: number of @relocs
 * @relocs: pointers in the initial data of sections
 * @variable_count: number of @variables
 * @variables: variables that the object has in @sections, by section and offset;
 *	of several at one place the largest comes first
 * @function_count: number of @functions
 * @functions: functions by their slots
 * @line_count: number of @lines
 * @lines: lines of the source by their slots, if the object tells them
 * @file_count: number of @files
 * @files: names of the files of these lines
 */
struct bpfs_image {
	char name[BPFSCHED_PROG_NAME_LEN];
	struct bpf_insn *insns;
	__u32 insn_count;
	__u32 section_count;
	struct bpfs_image_section *sections;
	__u32 map_count;
	struct bpfs_image_map *maps;
	__u32 reloc_count;
	struct bpfsched_reloc *relocs;
	__u32 variable_count;
	struct bpfs_image_variable *variables;
	__u32 function_count;
	struct bpfs_image_function *functions;
	__u32 line_count;
	struct bpfs_image_line *lines;
	__u32 file_count;
	char **files;
};

/**
 * bpfs_image_open() - make an image from a program of an ELF object
 * @path: path of the object
 * @program: name of a function in SEC("bpfsched") or SEC("bpfsched/..."), or
 *	NULL if there is only one
 * @image: set to the image, which the caller frees with bpfs_image_free()
 *
 * Functions that the program calls are linked to it, from whichever
 * section. The global data that they refer to become sections named as in
 * the object: .data, .bss, .rodata and so on; several can have one name.
 * Pointers in their initial data are set when the image is loaded. The maps
 * that they refer to become maps of the image, which are made then, too.
 * Asks nothing of the kernel and needs no privilege.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: ENOEXEC if the file is not a BPF object or
 * needs what is not supported (external symbols, jump tables,
 * constructors), ESRCH if there is no program of that name, ENOTUNIQ if
 * @program is NULL and there are several, E2BIG if it is larger than a program
 * can be.
 */
int bpfs_image_open(const char *path, const char *program,
		    struct bpfs_image **image);

/**
 * bpfs_image_raw() - make an image from bytecode
 * @name: name of the program, may be empty; cut to what the ABI takes
 * @bytes: instructions as in memory; copied
 * @len: number of bytes
 * @image: set to the image, which the caller frees with bpfs_image_free()
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno: ENOEXEC if @len is not a number of whole
 * instructions.
 */
int bpfs_image_raw(const char *name, const void *bytes, size_t len,
		   struct bpfs_image **image);

/**
 * bpfs_image_add_section() - give an image one more data section
 * @image: image
 * @name: name of the section, for bpfs_prog_section()
 * @data: initial bytes, copied; NULL: all zero
 * @len: number of bytes, at least 1
 * @flags: BPFSCHED_SECTION_*
 *
 * Context: One thread at a time for one image.
 * Return: index of the section, as instructions name it, or -ENOMEM.
 */
int bpfs_image_add_section(struct bpfs_image *image, const char *name,
			   const void *data, __u32 len, __u32 flags);

/**
 * bpfs_image_add_map() - give an image one more map
 * @image: image
 * @map: what the map is to be; its name and path are copied
 *
 * Context: One thread at a time for one image.
 * Return: index of the map, as instructions name it, or -ENOMEM.
 */
int bpfs_image_add_map(struct bpfs_image *image,
		       const struct bpfs_image_map *map);

/**
 * bpfs_image_use_map() - use a map that is pinned
 * @image: image
 * @name: name of one of its maps
 * @path: where the map is pinned that is to be used in place of a new one
 *
 * Context: One thread at a time for one image.
 * Return: 0 or negative errno: ENOENT if the image has no map of that name.
 */
int bpfs_image_use_map(struct bpfs_image *image, const char *name,
		       const char *path);

/**
 * bpfs_image_pin_maps() - have the maps of an image in a folder
 * @image: image
 * @dir: folder of a BPF file system; is made if its parent is there
 *
 * What is pinned there under the name of a map is used; other maps are made
 * and pinned when the image is loaded. Maps of bpfs_image_use_map() are not
 * meant.
 *
 * Context: One thread at a time for one image.
 * Return: 0 or negative errno.
 */
int bpfs_image_pin_maps(struct bpfs_image *image, const char *dir);

/**
 * bpfs_image_share_maps() - use the maps of a program that is loaded
 * @image: image
 * @prog: the program, of the same object; can be freed afterwards
 *
 * A map that both use is one map then, wherever the one of @prog comes from.
 *
 * Context: One thread at a time for one image.
 * Return: 0 or negative errno.
 */
int bpfs_image_share_maps(struct bpfs_image *image,
			  const struct bpfs_prog *prog);

/**
 * bpfs_image_variable() - the variable at a place of a data section
 * @image: image
 * @section: number of the section
 * @offset: offset in the section
 *
 * Context: Several threads at once, while none changes the image.
 * Return: the name, valid as long as the image; NULL if there is none that is
 * known.
 */
const char *bpfs_image_variable(const struct bpfs_image *image,
				__u32 section, __u32 offset);

/**
 * bpfs_image_function() - the function that an instruction is of
 * @image: image
 * @slot: the instruction
 *
 * Context: Several threads at once, while none changes the image.
 * Return: the name, valid as long as the image; NULL if it is not known.
 */
const char *bpfs_image_function(const struct bpfs_image *image,
				__u32 slot);

/**
 * bpfs_image_line() - the line of the source that an instruction is of
 * @image: image
 * @slot: the instruction
 * @line: set to the number of the line
 *
 * Context: Several threads at once, while none changes the image.
 * Return: name of the file, valid as long as the image; NULL if it is not
 * known.
 */
const char *bpfs_image_line(const struct bpfs_image *image, __u32 slot,
			    __u32 *line);

/**
 * bpfs_image_free() - free an image
 * @image: image or NULL
 *
 * Programs that were loaded from it stay.
 *
 * Context: One thread at a time for one image.
 */
void bpfs_image_free(struct bpfs_image *image);

/**
 * bpfs_object_programs() - the programs of an ELF object
 * @path: path of the object
 * @names: set to an array of names that ends with NULL, to be freed with
 *	bpfs_names_free()
 *
 * Context: Any thread, and several at once.
 * Return: number of programs in SEC("bpfsched"), or negative errno as of
 * bpfs_image_open().
 */
int bpfs_object_programs(const char *path, char ***names);

/**
 * bpfs_names_free() - free a list of names
 * @names: list of bpfs_object_programs(), or NULL
 *
 * Context: Any thread, and several at once.
 */
void bpfs_names_free(char **names);

/* Global variables by their names and types (global.c) */

/* Longest name of a variable and of a part of one, with its NUL */
#define BPFS_GLOBAL_NAME_MAX	256

/* Enough for the text of what is no array of characters */
#define BPFS_GLOBAL_TEXT_MAX	256

/**
 * enum bpfs_global_kind - what a variable is
 * @BPFS_GLOBAL_UNKNOWN: the object does not tell
 * @BPFS_GLOBAL_INT: a whole number with a sign
 * @BPFS_GLOBAL_UINT: a whole number without one
 * @BPFS_GLOBAL_BOOL: true or false
 * @BPFS_GLOBAL_ENUM: a value of an enumeration
 * @BPFS_GLOBAL_FLOAT: a floating-point number
 * @BPFS_GLOBAL_POINTER: a pointer
 * @BPFS_GLOBAL_TEXT: an array of char
 * @BPFS_GLOBAL_ARRAY: an array of anything else
 * @BPFS_GLOBAL_STRUCT: a structure or a union
 */
enum bpfs_global_kind {
	BPFS_GLOBAL_UNKNOWN,
	BPFS_GLOBAL_INT,
	BPFS_GLOBAL_UINT,
	BPFS_GLOBAL_BOOL,
	BPFS_GLOBAL_ENUM,
	BPFS_GLOBAL_FLOAT,
	BPFS_GLOBAL_POINTER,
	BPFS_GLOBAL_TEXT,
	BPFS_GLOBAL_ARRAY,
	BPFS_GLOBAL_STRUCT,
};

/**
 * struct bpfs_global - a global variable, or a part of one
 * @name: its name; of an element of bpfs_global_part() "[3]"
 * @kind: what it is
 * @section: number of its section in the image and in the program
 * @offset: its first byte there
 * @size: number of bytes
 * @bit_offset: of a bit field, its first bit
 * @bit_size: of a bit field, its bits; 0: it is none
 * @is_signed: the enumeration has negative values
 * @read_only: its section is read-only
 * @is_volatile: the compiler leaves its value open, though it is constant
 * @count: elements or members
 * @type: for the library
 */
struct bpfs_global {
	char name[BPFS_GLOBAL_NAME_MAX];
	enum bpfs_global_kind kind;
	__u32 section;
	__u32 offset;
	__u32 size;
	__u8 bit_offset;
	__u8 bit_size;
	bool is_signed;
	bool read_only;
	bool is_volatile;
	__u32 count;
	__u32 type;
};

struct bpfs_globals;

/**
 * bpfs_globals_open() - the global variables of an image, with their types
 * @path: the object that the image was made of
 * @image: image; can be freed afterwards
 * @globals: set to the variables, to be freed with bpfs_globals_free()
 *
 * All variables of a section are there if the program refers to one of them; those
 * of other sections are not.
 *
 * Context: Any thread, and several at once.
 * Return: 0 or negative errno.
 */
int bpfs_globals_open(const char *path, const struct bpfs_image *image,
		      struct bpfs_globals **globals);

/**
 * bpfs_globals_free() - free what bpfs_globals_open() has made
 * @globals: the variables, or NULL
 *
 * Context: One thread at a time for one @globals.
 */
void bpfs_globals_free(struct bpfs_globals *globals);

/**
 * bpfs_globals_at() - a variable by its number
 * @globals: variables
 * @i: number
 *
 * Context: Several threads at once.
 * Return: the variable, NULL if there are no more.
 */
const struct bpfs_global *bpfs_globals_at(const struct bpfs_globals *globals,
					  __u32 i);

/**
 * bpfs_globals_find() - a variable or a part of one by its name
 * @globals: variables
 * @name: "limit", "table[3]", "state.rate", or longer
 * @global: set to it; with ENOENT to what has no such member, or with an empty
 *	name if there is no such variable
 *
 * Context: Several threads at once.
 * Return: 0 or negative errno: ENOENT if there is no such variable or member,
 * ENOTDIR if what is no structure or array was to have a part, ERANGE if there
 * is no such element, EINVAL if the name is none or has no type that is known,
 * ENODATA if the object has the variable in a section that the image does not.
 */
int bpfs_globals_find(const struct bpfs_globals *globals, const char *name,
		      struct bpfs_global *global);

/**
 * bpfs_global_part() - an element of an array, or a member of a structure
 * @globals: variables
 * @global: the array or the structure
 * @i: which
 * @part: set to it; a member without a name is a structure whose members are
 *	those of @global, too
 *
 * Context: Several threads at once.
 * Return: 0; -ENOENT if there are no more, or the types do not tell it.
 */
int bpfs_global_part(const struct bpfs_globals *globals,
		     const struct bpfs_global *global, __u32 i,
		     struct bpfs_global *part);

/**
 * bpfs_global_parse() - write a value that is given as text
 * @globals: variables
 * @global: variable, or part of one
 * @text: the value: a number, decimal or with 0x; true or false; the name of a
 *	value of an enumeration; for an array of characters its text
 * @section: the bytes of its section
 *
 * A number that lies as its size asks for is written at once. A bit field is
 * not: what the program writes into its neighbours meanwhile may be lost.
 *
 * Context: Several threads at once.
 * Return: 0 or negative errno: EINVAL if the text is no such value, ERANGE if
 * it does not fit, EISDIR if the variable consists of several, EOPNOTSUPP if
 * its type cannot be set.
 */
int bpfs_global_parse(const struct bpfs_globals *globals,
		      const struct bpfs_global *global, const char *text,
		      void *section);

/**
 * bpfs_global_format() - a value as text, as bpfs_global_parse() takes it
 * @globals: variables
 * @global: variable, or part of one, that has no parts
 * @section: the bytes of its section
 * @buf: where to; of an array of characters bytes as they are, up to a NUL
 * @size: bytes of @buf, the number of those of @global and BPFS_GLOBAL_TEXT_MAX
 *	are enough
 *
 * Context: Several threads at once.
 * Return: 0; -EISDIR if the variable consists of several.
 */
int bpfs_global_format(const struct bpfs_globals *globals,
		       const struct bpfs_global *global, const void *section,
		       char *buf, size_t size);

/* Programs (prog.c) */

/**
 * bpfs_prog_load() - load an image
 * @fd: any scheduler; the program can be used on all of them
 * @image: image, can be freed afterwards
 * @prog: set to the program, which the caller frees with bpfs_prog_free()
 *
 * Maps of the image that are not pinned are made, which needs CAP_BPF.
 *
 * Context: Any thread, while none changes the image.
 * Return: 0 or negative errno; if the module refused the program,
 * bpfs_prog_load_log() is not empty; EDQUOT if the user has too many programs
 * or they take too much memory, see bpfs_prog_load_limit().
 */
int bpfs_prog_load(int fd, const struct bpfs_image *image,
		   struct bpfs_prog **prog);

/**
 * bpfs_prog_load_with() - load an image of a program that submits others
 * @fd: any scheduler; the program can be used on all of them
 * @image: image, can be freed afterwards
 * @followups: programs that it can submit, by their index; can be freed
 *	afterwards
 * @followup_count: number of @followups
 * @prog: set to the program, which the caller frees with bpfs_prog_free()
 *
 * Context: Any thread, while none changes the image.
 * Return: 0 or negative errno, as of bpfs_prog_load().
 */
int bpfs_prog_load_with(int fd, const struct bpfs_image *image,
			struct bpfs_prog *const *followups,
			__u32 followup_count, struct bpfs_prog **prog);

/**
 * bpfs_prog_load_file() - load a program of an ELF object
 * @fd: any scheduler
 * @path: path of the object
 * @program: name of the program, or NULL if there is only one
 * @prog: set to the program, which the caller frees with bpfs_prog_free()
 *
 * Context: Any thread, while none changes the image.
 * Return: 0 or negative errno, as of bpfs_image_open() and
 * bpfs_prog_load().
 */
int bpfs_prog_load_file(int fd, const char *path, const char *program,
			struct bpfs_prog **prog);

/**
 * bpfs_prog_load_log() - why the last program was refused
 *
 * Context: Any thread; each has its own.
 * Return: the module's log of the last bpfs_prog_load() of this thread,
 * without final newlines; empty if there is none.
 */
const char *bpfs_prog_load_log(void);

/**
 * bpfs_prog_load_limit() - the limit that the last program has met
 *
 * Context: Any thread; each has its own.
 * Return: BPFSCHED_LIMIT_* if the last bpfs_prog_load() of this thread
 * failed with EDQUOT, otherwise BPFSCHED_LIMIT_NONE.
 */
__u32 bpfs_prog_load_limit(void);

/**
 * bpfs_prog_free() - unmap a program's sections and close its descriptor
 * @prog: program or NULL
 *
 * Jobs that use the program go on.
 *
 * Context: One thread at a time for one program.
 */
void bpfs_prog_free(struct bpfs_prog *prog);

/**
 * bpfs_prog_fd() - descriptor of a program, for jobs
 * @prog: program
 *
 * Context: Several threads at once, while none frees the program.
 * Return: the descriptor, which stays the program's own.
 */
int bpfs_prog_fd(const struct bpfs_prog *prog);

/**
 * bpfs_prog_id() - number of a program
 * @prog: program
 *
 * Context: Several threads at once, while none frees the program.
 * Return: number by which completions name it.
 */
__u64 bpfs_prog_id(const struct bpfs_prog *prog);

/**
 * bpfs_prog_name() - name of a program
 * @prog: program
 *
 * Context: Several threads at once, while none frees the program.
 * Return: the name, cut to what the ABI takes.
 */
const char *bpfs_prog_name(const struct bpfs_prog *prog);

/**
 * bpfs_prog_section() - the memory of a data section
 * @prog: program
 * @name: name of the section, ".bss" for example
 * @len: set to its number of bytes, may be NULL
 *
 * The memory is that which jobs use: what they write is seen here and the
 * other way round. A read-only section (.rodata) can only be read.
 *
 * Context: One thread at a time for one program.
 * Return: its address, valid as long as the program is not freed, or NULL with
 * errno and bpfs_error() set: ENOENT if the program refers to no section
 * of that name.
 */
void *bpfs_prog_section(struct bpfs_prog *prog, const char *name,
			size_t *len);

/**
 * bpfs_prog_section_at() - bpfs_prog_section() by the number of the section
 * @prog: program
 * @number: number, as of the image; several sections can have one name
 * @len: set to its number of bytes, may be NULL
 *
 * Context: One thread at a time for one program.
 * Return: as of bpfs_prog_section().
 */
void *bpfs_prog_section_at(struct bpfs_prog *prog, __u32 number, size_t *len);

/**
 * bpfs_prog_map_fd() - a map of a program, for bpf(2) and libbpf
 * @prog: program
 * @name: name of the map in the object
 *
 * Context: Several threads at once, while none frees the program.
 * Return: a descriptor, which stays the program's own; -ENOENT if the program
 * refers to no map of that name.
 */
int bpfs_prog_map_fd(const struct bpfs_prog *prog, const char *name);

/**
 * bpfs_job_init() - a job with everything at its default
 * @job: job to fill in; set priority, deadline and so on afterwards
 * @prog_fd: descriptor of its program
 * @context: its context bytes, which must stay until it is submitted
 * @context_len: number of context bytes
 *
 * Normal priority, no deadline, runs once as soon as it can, the scheduler's
 * default budget; its number is the next of the counter.
 *
 * Context: Any thread; nothing but the arguments is looked at.
 */
static inline void bpfs_job_init(struct bpfsched_job_desc *job, int prog_fd,
				 const void *context, __u32 context_len)
{
	memset(job, 0, sizeof(*job));
	job->prog_fd = prog_fd;
	job->priority = BPFSCHED_PRIORITY_NORMAL;
	job->context = (uintptr_t)context;
	job->context_len = context_len;
}

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* BPFSCHED_H */
