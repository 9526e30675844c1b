// SPDX-License-Identifier: GPL-2.0
/* How often programs returned what: a hash table of results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"
#include "parse.h"
#include "verdict.h"

/* More lines than this are not a table that anybody reads */
#define LINES_MAX 32

/**
 * struct verdict - a result
 * @r0: the result
 * @count: how often it came
 * @name: its name, or NULL
 */
struct verdict {
	__u64 r0;
	__u64 count;
	char *name;
};

/**
 * struct verdicts - results, an open hash table that is at most half full
 * @slots: the table; free where there is neither count nor name
 * @size: number of @slots, a power of 2
 * @used: number of @slots that are not free
 */
struct verdicts {
	struct verdict *slots;
	size_t size;
	size_t used;
};

static struct verdict *find_slot(struct verdict *slots, size_t size, __u64 r0)
{
	size_t i = r0 * 0x9e3779b97f4a7c15ULL >> 32;

	for (i &= size - 1; slots[i].count || slots[i].name;
	     i = (i + 1) & (size - 1)) {
		if (slots[i].r0 == r0)
			break;
	}
	return &slots[i];
}

static int grow(struct verdicts *v)
{
	size_t size = v->size * 2, i;
	struct verdict *slots;

	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return fail("out of memory");
	for (i = 0; i < v->size; i++) {
		if (v->slots[i].count || v->slots[i].name)
			*find_slot(slots, size, v->slots[i].r0) = v->slots[i];
	}
	free(v->slots);
	v->slots = slots;
	v->size = size;
	return EXIT_OK;
}

/* The slot of a result, new or not */
static struct verdict *get_slot(struct verdicts *v, __u64 r0)
{
	struct verdict *slot;

	if (v->used >= v->size / 2 && grow(v))
		return NULL;
	slot = find_slot(v->slots, v->size, r0);
	if (!slot->count && !slot->name) {
		slot->r0 = r0;
		v->used++;
	}
	return slot;
}

/* NUMBER=NAME */
static int add_name(struct verdicts *v, char *text)
{
	char *name = strchr(text, '=');
	struct verdict *slot;
	__u64 r0;

	if (!name || !name[1])
		return fail("--verdict-names: '%s' is not NUMBER=NAME", text);
	*name++ = 0;
	if (parse_u64(text, &r0))
		return fail("--verdict-names: %s", opt_reason());
	slot = get_slot(v, r0);
	if (!slot)
		return EXIT_ERROR;
	free(slot->name);
	slot->name = strdup(name);
	return slot->name ? EXIT_OK : fail("out of memory");
}

static int add_names(struct verdicts *v, char *text, const char *separator)
{
	char *save, *item;
	int status = EXIT_OK;

	for (item = strtok_r(text, separator, &save); item && !status;
	     item = strtok_r(NULL, separator, &save)) {
		item += strspn(item, " \t");
		item[strcspn(item, "\r")] = 0;
		if (*item && *item != '#')
			status = add_name(v, item);
	}
	return status;
}

static int read_names(struct verdicts *v, const char *names)
{
	char *text;
	size_t len;
	int status;

	if (!strchr(names, '=')) {
		if (bpfs_file_read(names, &text, &len))
			return fail_lib();
		status = add_names(v, text, "\n");
	} else {
		text = strdup(names);
		if (!text)
			return fail("out of memory");
		status = add_names(v, text, ",");
	}
	free(text);
	return status;
}

/**
 * verdicts_new() - make an empty table
 * @verdicts: set to the table
 * @names: names of results, "0=pass,1=drop", or a file with one a line, or NULL
 *
 * Return: exit status; a failure has been reported.
 */
int verdicts_new(struct verdicts **verdicts, const char *names)
{
	struct verdicts *v = calloc(1, sizeof(*v));
	int status = EXIT_OK;

	if (!v)
		return fail("out of memory");
	v->size = 64;
	v->slots = calloc(v->size, sizeof(*v->slots));
	if (!v->slots)
		status = fail("out of memory");
	else if (names)
		status = read_names(v, names);
	if (status)
		verdicts_free(v);
	else
		*verdicts = v;
	return status;
}

/**
 * verdicts_free() - free a table
 * @verdicts: the table
 */
void verdicts_free(struct verdicts *verdicts)
{
	size_t i;

	for (i = 0; verdicts->slots && i < verdicts->size; i++)
		free(verdicts->slots[i].name);
	free(verdicts->slots);
	free(verdicts);
}

/**
 * verdicts_count() - count a result
 * @verdicts: the table
 * @r0: the result
 *
 * Return: exit status; a failure has been reported.
 */
int verdicts_count(struct verdicts *verdicts, __u64 r0)
{
	struct verdict *slot = get_slot(verdicts, r0);

	if (!slot)
		return EXIT_ERROR;
	slot->count++;
	return EXIT_OK;
}

/* The most frequent first, then by result */
static int compare(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->r0 < y->r0 ? -1 : x->r0 > y->r0;
}

/**
 * verdict_line() - print a line of the table
 * @name: name of what was counted; NULL: the headings
 * @count: how often it came
 * @total: how often anything came
 */
void verdict_line(const char *name, __u64 count, __u64 total)
{
	if (name)
		printf("%-24s %12llu %7.2f%%\n", name, count,
		       100.0 * count / total);
	else
		printf("%-24s %12s %8s\n", "VERDICT", "COUNT", "SHARE");
}

static void print_verdict(const struct verdict *v, __u64 total)
{
	char number[48];

	snprintf(number, sizeof(number), "0x%llx (%lld)", v->r0, (__s64)v->r0);
	verdict_line(v->name ? v->name : number, v->count, total);
}

/**
 * verdicts_print() - print a table
 * @verdicts: the table
 * @total: number of all jobs
 */
void verdicts_print(const struct verdicts *verdicts, __u64 total)
{
	size_t i, count = 0, lines;
	struct verdict *sorted;
	__u64 rest = 0;
	char name[64];

	sorted = calloc(verdicts->used + 1, sizeof(*sorted));
	if (!sorted)
		return;
	for (i = 0; i < verdicts->size; i++) {
		if (verdicts->slots[i].count)
			sorted[count++] = verdicts->slots[i];
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	lines = count > LINES_MAX ? LINES_MAX : count;
	for (i = 0; i < lines; i++)
		print_verdict(&sorted[i], total);
	for (; i < count; i++)
		rest += sorted[i].count;
	if (rest) {
		snprintf(name, sizeof(name), "(%zu more)", count - lines);
		verdict_line(name, rest, total);
	}
	free(sorted);
}
