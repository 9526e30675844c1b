// SPDX-License-Identifier: GPL-2.0
/* Job files: one JSON object a line, by RFC 8259 and nothing else. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "nearest.h"

/* The only key whose value is an object */
#define KEY_SET	"set"

/**
 * struct jobfile - a job file while it is read
 * @path: path of the file, for messages
 * @line: number of the line
 * @jobs: jobs so far
 * @count: number of @jobs
 * @room: number of @jobs that there is room for
 */
struct jobfile {
	const char *path;
	unsigned int line;
	struct job *jobs;
	size_t count;
	size_t room;
};

static int bad_key(const char *key, const char *why)
{
	return fail("key '%s': %s", key, why);
}

static int set_number(const struct opt *opt, void *to, const char *key,
		      const json_t *item)
{
	json_int_t value = json_integer_value(item);
	char text[32];

	if (value < 0)
		return bad_key(key, "has to be a whole number, 0 or more");
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (opt->set(to, text))
		return bad_key(key, opt_reason());
	return EXIT_OK;
}

/* A real number is a double by now, and may have lost something */
static const char *wanted(const struct opt *opt, const json_t *item)
{
	if (opt->kind == OPT_FLAG)
		return "has to be true or false";
	if (opt->kind == OPT_TEXT)
		return "has to be a string";
	if (json_is_real(item))
		return "has to be a whole number, without point and exponent";
	return "has to be a number, or a string with one";
}

static int set_key(const struct opt *opt, void *to, const char *key,
		   const json_t *item)
{
	if (opt->kind == OPT_FLAG && json_is_false(item))
		return EXIT_OK;
	if (opt->kind == OPT_FLAG && json_is_true(item)) {
		opt->set(to, NULL);
		return EXIT_OK;
	}
	if (opt->kind == OPT_NUMBER && json_is_integer(item))
		return set_number(opt, to, key, item);
	if (opt->kind == OPT_FLAG || !json_is_string(item))
		return bad_key(key, wanted(opt, item));
	if (opt->set(to, json_string_value(item)))
		return bad_key(key, opt_reason());
	return EXIT_OK;
}

/* A value as the command line has it, on the heap; NULL: it is of no such type */
static char *variable_text(const json_t *value)
{
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "true" : "false");
	/* A real number has a point or an exponent, so it is none that is whole */
	if (json_is_number(value))
		return json_dumps(value, JSON_ENCODE_ANY |
					 JSON_REAL_PRECISION(17));
	return NULL;
}

/* Key "set": an object with a member for each global variable */
static int set_variables(struct job *job, const char *key, json_t *item)
{
	const char *name;
	json_t *value;
	char *text;
	int err;

	if (!json_is_object(item))
		return bad_key(key, "has to be an object, {\"NAME\": VALUE}");
	job->settings = calloc(1, sizeof(*job->settings));
	if (!job->settings)
		return fail("out of memory");
	job->settings->is_key = true;
	json_object_foreach(item, name, value) {
		text = variable_text(value);
		if (!text)
			return fail("key '%s': '%s' has to be a string, a number, true or false",
				    key, name);
		err = globals_add(job->settings, name, text);
		free(text);
		if (err)
			return bad_key(key, opt_reason());
	}
	globals_sort(job->settings);
	/* Without a member it is as if there was no key */
	if (job->settings->set_count)
		job->source.globals = job->settings;
	return EXIT_OK;
}

/* Whether another key means the same: a dash may be an underscore */
static bool is_repeated(const struct opt_group *groups, const struct opt *opt,
			json_t *object, const char *key)
{
	const char *other;
	json_t *item;
	void *to;

	json_object_foreach(object, other, item) {
		if (strcmp(other, key) && opt_find(groups, other, &to) == opt)
			return true;
	}
	return false;
}

static int unknown_key(const struct opt_group *groups, const char *key)
{
	struct nearest n = { .word = key };
	char hint[HINT_MAX];
	size_t i;

	for (; groups->opts; groups++) {
		for (i = 0; i < groups->count; i++)
			nearest_try(&n, groups->opts[i].name);
	}
	nearest_try(&n, KEY_SET);
	return fail("key '%s': unknown%s", key,
		    nearest_hint(&n, "", hint, sizeof(hint)));
}

static int set_keys(struct job *job, json_t *object)
{
	const struct opt_group groups[] = {
		{ source_keys, source_key_count, &job->source },
		{ job_opts, job_opt_count, job },
		{ NULL, 0, NULL },
	};
	const struct opt *opt;
	const char *key;
	json_t *item;
	int status;
	void *to;

	json_object_foreach(object, key, item) {
		opt = opt_find(groups, key, &to);
		if (!strcmp(key, KEY_SET))
			status = set_variables(job, key, item);
		else if (!opt)
			status = unknown_key(groups, key);
		else if (is_repeated(groups, opt, object, key))
			status = bad_key(key, "given twice");
		else
			status = set_key(opt, to, key, item);
		if (status)
			return status;
	}
	return EXIT_OK;
}

static int check_job(const struct job *job)
{
	const struct source *s = &job->source;

	if (!s->object && !s->code.data)
		return fail("key 'object' or 'hex' is missing");
	if (s->object && s->code.data)
		return bad_key("hex", "not together with 'object'");
	if (s->code.data && s->globals)
		return bad_key(KEY_SET, "only of an object");
	return EXIT_OK;
}

static int fail_parse(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return fail("a string has a NUL character, \\u0000, at character %d",
			    error->column);
	case json_error_numeric_overflow:
		return fail("a number is too large, at character %d; write it as a string",
			    error->column);
	case json_error_duplicate_key:
		return fail("a key is given twice, at character %d: %s",
			    error->column, error->text);
	default:
		return fail("not JSON, at character %d: %s", error->column,
			    error->text);
	}
}

/* Room for one more job, with everything at its default; NULL if there is none */
static struct job *add_job(struct jobfile *f)
{
	struct job *jobs;

	if (f->count == f->room) {
		f->room = f->room ? f->room * 2 : 64;
		jobs = reallocarray(f->jobs, f->room, sizeof(*jobs));
		if (!jobs)
			return NULL;
		f->jobs = jobs;
	}
	job_init(&f->jobs[f->count]);
	f->jobs[f->count].line = f->line;
	return &f->jobs[f->count++];
}

static int set_job(struct jobfile *f, json_t *object)
{
	struct job *job;
	int status;

	if (!json_is_object(object))
		return fail("not a JSON object");
	job = add_job(f);
	if (!job)
		return fail("out of memory");
	status = set_keys(job, object);
	return status ?: check_job(job);
}

/* White space as JSON has it; a line feed has ended the line */
static bool is_blank(const char *line, size_t len)
{
	while (len && strchr(" \t\r", line[len - 1]) && line[len - 1])
		len--;
	return !len;
}

/* A job of one line; blank lines are none */
static int read_line(struct jobfile *f, const char *line, size_t len)
{
	json_error_t error;
	json_t *object;
	int status;

	if (is_blank(line, len))
		return EXIT_OK;
	object = json_loadb(line, len,
			    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!object)
		return fail_parse(&error);
	status = set_job(f, object);
	json_decref(object);
	return status;
}

static int read_lines(struct jobfile *f, const char *text, size_t len)
{
	const char *line = text, *end = text + len, *next;
	int status = EXIT_OK;

	while (!status && line < end) {
		set_place(f->path, ++f->line);
		next = memchr(line, '\n', end - line);
		status = read_line(f, line, (next ? next : end) - line);
		line = next ? next + 1 : end;
	}
	set_place(NULL, 0);
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

	if (bpfs_file_read(strcmp(path, "-") ? path : "/dev/stdin", &text,
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
