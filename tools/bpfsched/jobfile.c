// SPDX-License-Identifier: GPL-2.0
/* Job files: one JSON object a line. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"

/* From here on neighbouring whole numbers are the same double */
#define EXACT_MAX 9007199254740992.0

/**
 * struct jobfile - a job file while it is read
 * @path: path of the file, for messages
 * @line: number of the line
 * @jobs: jobs so far
 * @count: number of @jobs
 */
struct jobfile {
	const char *path;
	unsigned int line;
	struct job *jobs;
	size_t count;
};

static int bad_key(const struct jobfile *f, const char *key, const char *why)
{
	return fail("%s:%u: key '%s': %s", f->path, f->line, key, why);
}

static int set_number(const struct jobfile *f, const struct opt *opt, void *to,
		      const cJSON *item)
{
	double value = item->valuedouble;
	char text[32];

	if (!(value >= 0) || (value < EXACT_MAX && value != (__u64)value))
		return bad_key(f, item->string, "not a whole number");
	if (value >= EXACT_MAX)
		return bad_key(f, item->string,
			       "JSON numbers are not exact beyond 2^53, write it as a string");
	snprintf(text, sizeof(text), "%llu", (__u64)value);
	if (opt->set(to, text))
		return bad_key(f, item->string, opt_reason());
	return EXIT_OK;
}

static int set_key(const struct jobfile *f, const struct opt *opt, void *to,
		   const cJSON *item)
{
	static const char *const wanted[] = {
		[OPT_FLAG] = "has to be true or false",
		[OPT_NUMBER] = "has to be a number, or a string with one",
		[OPT_TEXT] = "has to be a string",
	};

	if (opt->kind == OPT_FLAG && cJSON_IsFalse(item))
		return EXIT_OK;
	if (opt->kind == OPT_FLAG && cJSON_IsTrue(item)) {
		opt->set(to, NULL);
		return EXIT_OK;
	}
	if (opt->kind == OPT_NUMBER && cJSON_IsNumber(item))
		return set_number(f, opt, to, item);
	if (opt->kind == OPT_FLAG || !cJSON_IsString(item))
		return bad_key(f, item->string, wanted[opt->kind]);
	if (opt->set(to, item->valuestring))
		return bad_key(f, item->string, opt_reason());
	return EXIT_OK;
}

/* Whether a key before this one means the same */
static bool is_repeated(const struct opt_group *groups, const struct opt *opt,
			const cJSON *first, const cJSON *item)
{
	void *to;

	for (; first != item; first = first->next) {
		if (opt_find(groups, first->string, &to) == opt)
			return true;
	}
	return false;
}

static int set_keys(const struct jobfile *f, struct job *job,
		    const cJSON *object)
{
	const struct opt_group groups[] = {
		{ source_keys, source_key_count, &job->source },
		{ job_opts, job_opt_count, job },
		{ NULL, 0, NULL },
	};
	const struct opt *opt;
	const cJSON *item;
	int status;
	void *to;

	cJSON_ArrayForEach(item, object) {
		opt = opt_find(groups, item->string, &to);
		if (!opt)
			return bad_key(f, item->string, "unknown");
		if (is_repeated(groups, opt, object->child, item))
			return bad_key(f, item->string, "given twice");
		status = set_key(f, opt, to, item);
		if (status)
			return status;
	}
	return EXIT_OK;
}

static int check_job(const struct jobfile *f, const struct job *job)
{
	const struct source *s = &job->source;

	if (!s->object && !s->code.data)
		return fail("%s:%u: key 'object' or 'hex' is missing", f->path,
			    f->line);
	if (s->object && s->code.data)
		return bad_key(f, "hex", "not together with 'object'");
	return EXIT_OK;
}

/* A job of one line; blank lines are none */
static int read_line(struct jobfile *f, const char *line, size_t len)
{
	const char *end = NULL;
	struct job *job;
	cJSON *object;
	int status;

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (!len)
		return EXIT_OK;
	object = cJSON_ParseWithLengthOpts(line, len, &end, false);
	if (!object || end != line + len) {
		cJSON_Delete(object);
		return fail("%s:%u: not JSON, at character %zu", f->path,
			    f->line, end ? end - line + 1 : 1);
	}
	job = reallocarray(f->jobs, f->count + 1, sizeof(*job));
	if (!job) {
		cJSON_Delete(object);
		return fail("out of memory");
	}
	f->jobs = job;
	job += f->count++;
	job_init(job);
	if (cJSON_IsObject(object))
		status = set_keys(f, job, object);
	else
		status = fail("%s:%u: not a JSON object", f->path, f->line);
	cJSON_Delete(object);
	return status ? status : check_job(f, job);
}

static int read_lines(struct jobfile *f, const char *text, size_t len)
{
	const char *line = text, *end = text + len, *next;
	int status = EXIT_OK;

	while (!status && line < end) {
		f->line++;
		next = memchr(line, '\n', end - line);
		status = read_line(f, line, (next ? next : end) - line);
		line = next ? next + 1 : end;
	}
	return status;
}

/**
 * jobfile_read() - read a job file
 * @path: path of the file, "-" for standard input
 * @jobs: set to an array of jobs, to be freed with jobfile_free()
 * @count: set to the number of jobs
 *
 * Return: exit status; a failure has been reported.
 */
int jobfile_read(const char *path, struct job **jobs, size_t *count)
{
	struct jobfile f = { .path = path };
	char *text;
	size_t len;
	int status;

	if (bpfsched_read_file(strcmp(path, "-") ? path : "/dev/stdin", &text,
			       &len))
		return fail_lib();
	status = read_lines(&f, text, len);
	free(text);
	if (status) {
		jobfile_free(f.jobs, f.count);
		return status;
	}
	*jobs = f.jobs;
	*count = f.count;
	return EXIT_OK;
}

/**
 * jobfile_free() - free the jobs of a file
 * @jobs: array of jobs
 * @count: number of jobs
 */
void jobfile_free(struct job *jobs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		job_free(&jobs[i]);
	free(jobs);
}
