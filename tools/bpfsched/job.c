// SPDX-License-Identifier: GPL-2.0
/* Job options: a table that the command line and job files share. */
#include <stdlib.h>
#include <string.h>

#include "job.h"

static int set_id(void *to, const char *value)
{
	struct job *job = to;

	return parse_u64(value, &job->id);
}

static int set_priority(void *to, const char *value)
{
	struct job *job = to;

	return parse_priority(value, &job->priority);
}

static int set_deadline(void *to, const char *value)
{
	struct job *job = to;

	job->has_deadline = true;
	return parse_duration(value, &job->deadline_ns);
}

static int set_context(void *to, const char *value)
{
	struct job *job = to;

	free(job->context.data);
	memset(&job->context, 0, sizeof(job->context));
	return parse_context(value, &job->context);
}

static int set_return_context(void *to, const char *value)
{
	struct job *job = to;

	(void)value;
	job->return_context = true;
	return 0;
}

static int set_budget_insns(void *to, const char *value)
{
	struct job *job = to;

	return parse_budget_insns(value, &job->budget_insns);
}

/* A duration that 0 would not be: 0 stands for none in the ABI */
static int set_some_time(__u64 *ns, const char *value)
{
	if (parse_duration(value, ns))
		return -1;
	return *ns ? 0 : opt_bad("'%s' is no time at all", value);
}

static int set_firm(void *to, const char *value)
{
	struct job *job = to;

	(void)value;
	job->firm = true;
	return 0;
}

static int set_not_before(void *to, const char *value)
{
	struct job *job = to;

	job->has_not_before = true;
	return parse_duration(value, &job->not_before_ns);
}

static int set_period(void *to, const char *value)
{
	struct job *job = to;

	return set_some_time(&job->period_ns, value);
}

static int set_count(void *to, const char *value)
{
	struct job *job = to;

	if (parse_u64(value, &job->count))
		return -1;
	return job->count ? 0 : opt_bad("a job needs at least one release");
}

static int set_run_time(void *to, const char *value)
{
	struct job *job = to;

	return set_some_time(&job->run_time_ns, value);
}

static int set_budget_time(void *to, const char *value)
{
	struct job *job = to;

	return set_some_time(&job->budget_ns, value);
}

static int set_on_full(void *to, const char *value)
{
	static const char *const choices[] = { "wait", "evict", "fail", NULL };
	struct job *job = to;

	if (!strcmp(value, "wait"))
		job->on_full = BPFSCHED_JOB_WAIT;
	else if (!strcmp(value, "evict"))
		job->on_full = BPFSCHED_JOB_EVICT;
	else if (!strcmp(value, "fail"))
		job->on_full = 0;
	else
		return opt_bad_choice(value, choices);
	return 0;
}

/* Options of run, and keys of a job file */
const struct opt job_opts[] = {
	{ "id", OPT_NUMBER, "N",
	  "number of the job; 0, the default: the next one", set_id },
	{ "priority", OPT_TEXT, "PRIORITY",
	  "low, normal (default), high or critical", set_priority },
	{ "deadline", OPT_TEXT, "DURATION",
	  "time from its release, with ns, us, ms or s", set_deadline },
	{ "firm", OPT_FLAG, NULL,
	  "do not start it after its deadline", set_firm },
	{ "not-before", OPT_TEXT, "DURATION",
	  "release it so long after its submission", set_not_before },
	{ "period", OPT_TEXT, "DURATION",
	  "release it again and again", set_period },
	{ "count", OPT_NUMBER, "N",
	  "so many times (default: until it is cancelled)", set_count },
	{ "run-time", OPT_TEXT, "DURATION",
	  "declare how long a release runs at most", set_run_time },
	{ "context", OPT_TEXT, "HEX|@FILE",
	  "bytes that the program gets, or file that has them", set_context },
	{ "return-context", OPT_FLAG, NULL,
	  "show the bytes as the program left them", set_return_context },
	{ "budget-insns", OPT_NUMBER, "N",
	  "most instructions to execute, or 'unlimited'", set_budget_insns },
	{ "budget-time", OPT_TEXT, "DURATION",
	  "longest time to run", set_budget_time },
	{ "on-full", OPT_TEXT, "wait|evict|fail",
	  "what to do if the queue is full (default: fail)", set_on_full },
};

const size_t job_opt_count = ARRAY_SIZE(job_opts);

static int set_timeout(void *to, const char *value)
{
	return set_some_time(to, value);
}

/* Of a whole call, not of a job; sets a number of nanoseconds */
const struct opt timeout_opts[] = {
	{ "timeout", OPT_TEXT, "DURATION",
	  "longest time to wait for room in the queue", set_timeout },
};

const size_t timeout_opt_count = ARRAY_SIZE(timeout_opts);

static int set_text(char **to, const char *value)
{
	free(*to);
	*to = strdup(value);
	return *to ? 0 : opt_bad("out of memory");
}

static int set_object(void *to, const char *value)
{
	struct source *source = to;

	return set_text(&source->object, value);
}

static int set_hex(void *to, const char *value)
{
	struct source *source = to;

	free(source->code.data);
	source->code.data = NULL;
	return parse_bytecode(value, &source->code);
}

static int set_program(void *to, const char *value)
{
	struct source *source = to;

	return set_text(&source->program, value);
}

static int set_pin_maps(void *to, const char *value)
{
	struct source *source = to;

	return set_text(&source->pin_maps, value);
}

static int set_map(void *to, const char *value)
{
	struct source *source = to;
	const char *path = strchr(value, '=');

	if (!path || path == value || !path[1])
		return opt_bad("'%s' is not NAME=PATH", value);
	if (source->map_count == ARRAY_SIZE(source->maps))
		return opt_bad("more than %zu maps",
			       ARRAY_SIZE(source->maps));
	return set_text(&source->maps[source->map_count++], value);
}

static int set_followups(void *to, const char *value)
{
	struct source *source = to;

	if (!*value)
		return opt_bad("no name of a program");
	return set_text(&source->followups, value);
}

#define FOLLOWUPS \
	{ "followups", OPT_TEXT, "NAME[,NAME...]", \
	  "programs of the object that it can submit", set_followups }

/* Keys of a job file that say where its program comes from */
const struct opt source_keys[] = {
	{ "object", OPT_TEXT, NULL, NULL, set_object },
	{ "hex", OPT_TEXT, NULL, NULL, set_hex },
	{ "program", OPT_TEXT, NULL, NULL, set_program },
	{ "pin-maps", OPT_TEXT, NULL, NULL, set_pin_maps },
	{ "map", OPT_TEXT, NULL, NULL, set_map },
	FOLLOWUPS,
};

const size_t source_key_count = ARRAY_SIZE(source_keys);

/* The same of a command line, where the object is an argument */
const struct opt source_opts[] = {
	{ "hex", OPT_TEXT, "HEX|@FILE",
	  "bytecode instead of an object, or file that has it", set_hex },
	{ "pin-maps", OPT_TEXT, "DIR",
	  "use the maps pinned in this folder, and pin new ones there",
	  set_pin_maps },
	{ "map", OPT_TEXT, "NAME=PATH",
	  "use a pinned map; can be given for each map", set_map },
	FOLLOWUPS,
};

const size_t source_opt_count = ARRAY_SIZE(source_opts);

/**
 * source_arguments() - take OBJECT and PROGRAM from a command line
 * @source: where the program comes from; --hex has been seen to
 * @cmd: the command
 * @count: number of arguments that are not options, at most 2
 * @argv: arguments
 *
 * Return: exit status; a failure has been reported.
 */
int source_arguments(struct source *source, const struct command *cmd,
		     int count, char **argv)
{
	if (!source->code.data && !count)
		return fail("%s: neither an object nor --hex is given",
			    cmd->name);
	if (source->code.data && count)
		return fail("%s: unexpected argument '%s' with --hex",
			    cmd->name, argv[0]);
	if ((count > 0 && set_text(&source->object, argv[0])) ||
	    (count > 1 && set_text(&source->program, argv[1])))
		return fail("%s", opt_reason());
	return EXIT_OK;
}

/**
 * source_free() - free what a source has on the heap
 * @source: source
 */
void source_free(struct source *source)
{
	__u32 i;

	for (i = 0; i < source->map_count; i++)
		free(source->maps[i]);
	free(source->pin_maps);
	free(source->object);
	free(source->code.data);
	free(source->program);
	free(source->followups);
}

/**
 * job_init() - a job with everything at its default
 * @job: job to fill in
 */
void job_init(struct job *job)
{
	memset(job, 0, sizeof(*job));
	job->priority = BPFSCHED_PRIORITY_NORMAL;
	job->budget_insns = BPFSCHED_BUDGET_DEFAULT;
}

/**
 * job_free() - free what a job has on the heap
 * @job: job
 */
void job_free(struct job *job)
{
	free(job->context.data);
	globals_delete(job->settings);
	source_free(&job->source);
}

/**
 * job_describe() - a job as the library takes it
 * @job: job; has to stay until it is submitted
 * @prog_fd: descriptor of its program
 * @desc: filled in
 */
void job_describe(const struct job *job, int prog_fd,
		  struct bpfsched_job_desc *desc)
{
	bpfs_job_init(desc, prog_fd, job->context.data, job->context.len);
	desc->id = job->id;
	desc->priority = job->priority;
	desc->budget_insns = job->budget_insns;
	desc->budget_ns = job->budget_ns;
	desc->not_before_ns = job->not_before_ns;
	desc->period_ns = job->period_ns;
	desc->count = job->count;
	desc->run_time_ns = job->run_time_ns;
	desc->flags |= job->on_full;
	if (job->return_context)
		desc->flags |= BPFSCHED_JOB_RETURN_CONTEXT;
	if (job->firm)
		desc->flags |= BPFSCHED_JOB_FIRM;
	if (job->has_not_before)
		desc->flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	if (job->has_deadline) {
		desc->flags |= BPFSCHED_JOB_DEADLINE_REL;
		desc->deadline_ns = job->deadline_ns;
	}
}
