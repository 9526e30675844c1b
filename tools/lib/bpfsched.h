/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libbpfsched: user-space access to bpfsched schedulers.
 *
 * A scheduler is a file descriptor, made by bpfs_sched_open(). A program goes
 * through two forms: an image (instructions and data sections in memory, from
 * an ELF object or from raw bytes; no device is needed) and a loaded program
 * (a file descriptor, made from an image). Jobs are submitted as an array of
 * struct bpfsched_job_desc and come back as records, which a stream reads.
 *
 * Unless said otherwise a function returns 0 or more on success and a negative
 * errno on failure; bpfs_error() then gives a line that names the cause.
 * Times are nanoseconds of CLOCK_MONOTONIC.
 *
 * Names: bpfs_ or BPFS_ is what the library declares. The next word is what a
 * function works on: sched, with the descriptor of a scheduler; prog; image;
 * stream; record, completion and event; job. Then comes what it does. What
 * begins with bpfsched_ or BPFSCHED_ is of the interface to the kernel,
 * <linux/bpfsched.h>, which this header includes.
 *
 * Threads: a scheduler may be used by several threads at once, an image, a
 * program or a stream by one at a time.
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
#define BPFS_VERSION "0.1.0"

/* Errors (error.c) */
const char *bpfs_version(void);
const char *bpfs_error(void);
void bpfs_set_debug(bool on);
const char *bpfs_errno_name(int err);

/* Names of the numbers of the ABI (names.c); NULL or -1 if unknown */
const char *bpfs_status_name(__u32 status);
const char *bpfs_priority_name(__u32 priority);
int bpfs_priority_number(const char *name);
const char *bpfs_fault_name(__u32 kind);
const char *bpfs_limit_name(__u32 limit);

/* Limits in words (limit.c) */

/* Enough for bpfs_limit_explain() */
#define BPFS_LIMIT_TEXT_MAX 160

const char *bpfs_limit_explain(int fd, __u32 limit, char *buf,
			       size_t size);

/* Files (file.c) */
int bpfs_file_read(const char *path, char **buf, size_t *len);

/* Schedulers (sched.c) */
int bpfs_sched_open(const char *name);
int bpfs_sched_open_reader(const char *name);
int bpfs_sched_get_info(int fd, struct bpfsched_info *info);
int bpfs_sched_get_stat(int fd, struct bpfsched_stat *stat);
int bpfs_sched_pause(int fd);
int bpfs_sched_resume(int fd);
int bpfs_sched_cancel(int fd, __u64 id);
int bpfs_sched_cancel_any(int fd, __u64 client, __u64 id);
int bpfs_sched_update(int fd, struct bpfsched_update *update);
int bpfs_sched_submit(int fd, struct bpfsched_job_desc *jobs, __u32 count);
int bpfs_sched_submit_wait(int fd, struct bpfsched_job_desc *jobs, __u32 count,
			   __u64 timeout_ns, __u64 *room_ns);
int bpfs_sched_poll(int fd, short events, int timeout_ms);
int bpfs_sched_get_events(int fd, struct bpfsched_events *events);
int bpfs_sched_set_event_room(int fd, __u64 room);

/* What is in a scheduler, and the control node (control.c) */
int bpfs_sched_create(struct bpfsched_create *create);
int bpfs_sched_destroy(const char *name);
int bpfs_sched_drain(int fd, __u64 timeout_ns);
int bpfs_sched_drain_with(int fd, __u32 flags, __u64 timeout_ns);
int bpfs_sched_get_histogram(int fd, __u32 kind,
			     struct bpfsched_histogram *histogram);
int bpfs_sched_list_jobs(int fd, __u64 *client, __u64 *id,
			 struct bpfsched_job_info *infos, __u32 room);
int bpfs_sched_list_own_jobs(int fd, __u64 *client, __u64 *id,
			     struct bpfsched_job_info *infos, __u32 room);

/* Users (user.c) */
int bpfs_sched_get_user(int fd, struct bpfsched_user_info *user);
int bpfs_sched_list_users(int fd, __u64 *after,
			  struct bpfsched_user_info *users, __u32 room);
int bpfs_sched_set_user(int fd, const struct bpfsched_user_set *set);

/* Completions and events (stream.c) */

/* Buffer that takes the completion of a job with @context_max bytes */
#define BPFS_RECORD_MAX(context_max) \
	((sizeof(struct bpfsched_completion) + (size_t)(context_max) + 7) & \
	 ~(size_t)7)

struct bpfs_stream;

/**
 * typedef bpfs_event_fn - called for an event
 * @event: the event, valid until the function returns
 * @data: as passed to bpfs_stream_on_event()
 */
typedef void bpfs_event_fn(const struct bpfsched_event_record *event,
			   void *data);

int bpfs_stream_new(int fd, struct bpfs_stream **stream);
void bpfs_stream_free(struct bpfs_stream *stream);
int bpfs_stream_next(struct bpfs_stream *stream, int timeout_ms,
		     const struct bpfsched_completion **completion);
void bpfs_stream_on_event(struct bpfs_stream *stream,
			  bpfs_event_fn *fn, void *data);
ssize_t bpfs_sched_read(int fd, void *buf, size_t len, int timeout_ms);
const struct bpfsched_record *bpfs_record_next(const void *buf, size_t len,
					       size_t *pos);
const struct bpfsched_completion *
bpfs_record_completion(const struct bpfsched_record *record);
const void *
bpfs_completion_context(const struct bpfsched_completion *completion);
const struct bpfsched_event_record *
bpfs_record_event(const struct bpfsched_record *record);
const void *bpfs_event_data(const struct bpfsched_event_record *event);

/* Images (image.c, map.c, object.c) */

struct bpfs_prog;

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
 * @variables: variables that the object has in @sections
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

int bpfs_image_open(const char *path, const char *program,
		    struct bpfs_image **image);
int bpfs_image_raw(const char *name, const void *bytes, size_t len,
		   struct bpfs_image **image);
int bpfs_image_add_section(struct bpfs_image *image, const char *name,
			   const void *data, __u32 len, __u32 flags);
int bpfs_image_add_map(struct bpfs_image *image,
		       const struct bpfs_image_map *map);
int bpfs_image_use_map(struct bpfs_image *image, const char *name,
		       const char *path);
int bpfs_image_pin_maps(struct bpfs_image *image, const char *dir);
int bpfs_image_share_maps(struct bpfs_image *image,
			  const struct bpfs_prog *prog);
const char *bpfs_image_variable(const struct bpfs_image *image,
				__u32 section, __u32 offset);
const char *bpfs_image_function(const struct bpfs_image *image,
				__u32 slot);
const char *bpfs_image_line(const struct bpfs_image *image, __u32 slot,
			    __u32 *line);
void bpfs_image_free(struct bpfs_image *image);
int bpfs_object_programs(const char *path, char ***names);
void bpfs_names_free(char **names);

/* Programs (prog.c) */

int bpfs_prog_load(int fd, const struct bpfs_image *image,
		   struct bpfs_prog **prog);
int bpfs_prog_load_with(int fd, const struct bpfs_image *image,
			struct bpfs_prog *const *followups,
			__u32 followup_count, struct bpfs_prog **prog);
int bpfs_prog_load_file(int fd, const char *path, const char *program,
			struct bpfs_prog **prog);
const char *bpfs_prog_load_log(void);
__u32 bpfs_prog_load_limit(void);
void bpfs_prog_free(struct bpfs_prog *prog);
int bpfs_prog_fd(const struct bpfs_prog *prog);
__u64 bpfs_prog_id(const struct bpfs_prog *prog);
const char *bpfs_prog_name(const struct bpfs_prog *prog);
void *bpfs_prog_section(struct bpfs_prog *prog, const char *name,
			size_t *len);
int bpfs_prog_map_fd(const struct bpfs_prog *prog, const char *name);

/**
 * bpfs_job_init() - a job with everything at its default
 * @job: job to fill in; set priority, deadline and so on afterwards
 * @prog_fd: descriptor of its program
 * @context: its context bytes, which must stay until it is submitted
 * @context_len: number of context bytes
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
