/* SPDX-License-Identifier: GPL-2.0 */
/* What a user says of a job, on the command line or in a job file. */
#ifndef JOB_H
#define JOB_H

#include "globals.h"
#include "opt.h"
#include "parse.h"

/* How many --map a command takes; a program has no more maps */
#define BPFSCHED_MAP_OPTIONS 32

/**
 * struct source - where a program comes from: an object or bytecode
 * @object: path of an ELF object, or NULL
 * @code: bytecode; its @data is NULL if there is none
 * @program: name of the program, or NULL
 * @pin_maps: folder where its maps are pinned, or NULL
 * @map_count: number of @maps
 * @maps: maps to use in place of its own: NAME=PATH
 * @followups: names of programs that it can submit, with commas between, or
 *	NULL
 * @globals: variables to set and to show, NULL: none; not owned
 */
struct source {
	char *object;
	struct bytes code;
	char *program;
	char *pin_maps;
	__u32 map_count;
	char *maps[BPFSCHED_MAP_OPTIONS];
	char *followups;
	struct globals *globals;
};

/**
 * struct job - a job to submit
 * @source: its program
 * @settings: variables that a key of a job file sets, NULL: none; @source refers
 *	to them
 * @line: number of its line in the job file, 0 if it is from none
 * @id: number, 0 for the next one
 * @priority: BPFSCHED_PRIORITY_*
 * @context: context bytes
 * @return_context: whether they are to come back
 * @has_deadline: whether it has one
 * @deadline_ns: the deadline, from its release
 * @firm: whether it is useless after that
 * @has_not_before: whether its release is later than its submission
 * @not_before_ns: how much later
 * @period_ns: distance of two releases, 0 if there is one only
 * @count: number of releases, 0: until it is cancelled
 * @run_time_ns: longest time that a release is said to run, 0: not said
 * @budget_insns: most instructions
 * @budget_ns: longest time to run, 0: no limit
 * @on_full: BPFSCHED_JOB_WAIT, BPFSCHED_JOB_EVICT or 0
 */
struct job {
	struct source source;
	struct globals *settings;
	unsigned int line;
	__u64 id;
	__u32 priority;
	struct bytes context;
	bool return_context;
	bool has_deadline;
	__u64 deadline_ns;
	bool firm;
	bool has_not_before;
	__u64 not_before_ns;
	__u64 period_ns;
	__u64 count;
	__u64 run_time_ns;
	__u64 budget_insns;
	__u64 budget_ns;
	__u32 on_full;
};

extern const struct opt job_opts[];
extern const size_t job_opt_count;
extern const struct opt timeout_opts[];
extern const size_t timeout_opt_count;
extern const struct opt source_keys[];
extern const size_t source_key_count;
extern const struct opt source_opts[];
extern const size_t source_opt_count;

int source_arguments(struct source *source, const struct command *cmd,
		     int count, char **argv);
void source_free(struct source *source);
void job_init(struct job *job);
void job_free(struct job *job);
void job_describe(const struct job *job, int prog_fd,
		  struct bpfsched_job_desc *desc);

/* jobfile.c */
int jobfile_read(const char *path, struct job **jobs, size_t *count);
void jobfile_free(struct job *jobs, size_t count);

#endif /* JOB_H */
