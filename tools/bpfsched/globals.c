// SPDX-License-Identifier: GPL-2.0
/* Global variables of a program: set before it is loaded or later, and shown. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "globals.h"
#include "json.h"
#include "nearest.h"

/* Of an array, for people; JSON has all of it */
#define ELEMENTS_SHOWN 64

/* Parts of parts; the types of a damaged object can be parts of themselves */
#define DEPTH_SHOWN 32

/* Parts of a variable: so many, and as many again for each of its bytes */
#define PARTS_SHOWN 65536
#define PARTS_OF_BYTE 64

/* How many more parts of a variable are shown */
static __u64 parts_left;

static int set_set(void *to, const char *value)
{
	struct globals *g = to;
	const char *equals = strchr(value, '=');

	if (!equals || equals == value)
		return opt_bad("'%s' is not NAME=VALUE", value);
	if (equals - value >= BPFS_GLOBAL_NAME_MAX)
		return opt_bad("the name is too long");
	if (g->set_count == GLOBALS_MAX)
		return opt_bad("more than %d variables", GLOBALS_MAX);
	g->sets[g->set_count++] = value;
	return 0;
}

static int set_get(void *to, const char *value)
{
	struct globals *g = to;

	if (!*value || strchr(value, '='))
		return opt_bad("'%s' is no name of a variable", value);
	if (g->get_count == GLOBALS_MAX)
		return opt_bad("more than %d variables", GLOBALS_MAX);
	g->gets[g->get_count++] = value;
	return 0;
}

const struct opt globals_opts[] = {
	{ "set", OPT_TEXT, "NAME=VALUE",
	  "set a global variable, NAME[3] or NAME.member; can be repeated",
	  set_set },
	{ "get", OPT_TEXT, "NAME",
	  "show a global variable; can be repeated", set_get },
};

const size_t globals_opt_count = ARRAY_SIZE(globals_opts);

/**
 * globals_any() - whether anything is to be set or shown
 * @g: variables
 *
 * Return: whether there is.
 */
bool globals_any(const struct globals *g)
{
	return g->set_count || g->get_count;
}

/**
 * globals_same() - whether the same values are to be set
 * @a: variables, sorted if they come from job files; NULL: none
 * @b: others; the same
 *
 * Return: whether they are, in the same words.
 */
bool globals_same(const struct globals *a, const struct globals *b)
{
	size_t i;

	if (!a || !b)
		return a == b;
	if (a->set_count != b->set_count)
		return false;
	for (i = 0; i < a->set_count; i++) {
		if (strcmp(a->sets[i], b->sets[i]))
			return false;
	}
	return true;
}

/**
 * globals_add() - one more variable to be set
 * @g: variables, of a key of a job file
 * @name: its name
 * @value: its value
 *
 * Return: 0, or -1: opt_reason() has the reason.
 */
int globals_add(struct globals *g, const char *name, const char *value)
{
	char *set;

	if (strchr(name, '='))
		return opt_bad("'%s' is no name of a variable", name);
	if (asprintf(&set, "%s=%s", name, value) < 0)
		return opt_bad("out of memory");
	if (!set_set(g, set))
		return 0;
	free(set);
	return -1;
}

static int compare_sets(const void *left, const void *right)
{
	const char *const *l = left, *const *r = right;

	return strcmp(*l, *r);
}

/**
 * globals_sort() - give variables an order of their own
 * @g: variables
 *
 * An array comes before its elements, as '=' does before '['.
 */
void globals_sort(struct globals *g)
{
	qsort(g->sets, g->set_count, sizeof(*g->sets), compare_sets);
}

/* Where a value is from that cannot be set */
static const char *origin(const struct globals *g)
{
	return g->is_key ? "key 'set'" : "--set";
}

static void try_variables(struct nearest *n, const struct bpfs_globals *known)
{
	const struct bpfs_global *g;
	__u32 i;

	for (i = 0; (g = bpfs_globals_at(known, i)); i++)
		nearest_try(n, g->name);
}

/* There is no such variable, or what is nearest to it has no such member */
static int fail_unknown(const struct bpfs_globals *known, const char *from,
			const char *name, const struct bpfs_global *whole)
{
	char why[512], hint[HINT_MAX], word[BPFS_GLOBAL_NAME_MAX];
	static struct bpfs_global parts[GLOBALS_MAX];
	struct nearest n = { .word = word };
	const char *end;
	__u32 i;

	snprintf(why, sizeof(why), "%s", bpfs_error());
	if (*whole->name) {
		/* The wrong member is the last word of the message, in quotes */
		end = strrchr(why, '\'');
		if (end)
			*(char *)end = 0;
		snprintf(word, sizeof(word), "%s",
			 end ? strrchr(why, '\'') + 1 : name);
		if (end)
			*(char *)end = '\'';
		for (i = 0; i < whole->count && i < GLOBALS_MAX; i++) {
			if (!bpfs_global_part(known, whole, i, &parts[i]))
				nearest_try(&n, parts[i].name);
		}
	} else {
		snprintf(word, sizeof(word), "%.*s",
			 (int)strcspn(name, ".["), name);
		try_variables(&n, known);
	}
	return fail("%s: %s%s", from, why,
		    nearest_hint(&n, "", hint, sizeof(hint)));
}

/* @from: what the name was given with */
static int find(const struct globals *g, const char *from, const char *name,
		struct bpfs_global *global)
{
	int err = bpfs_globals_find(g->known, name, global);

	if (err == -ENOENT)
		return fail_unknown(g->known, from, name, global);
	return err ? fail("%s: %s", from, bpfs_error()) : EXIT_OK;
}

/* The variable that NAME=VALUE is about */
static int find_set(const struct globals *g, const char *set,
		    struct bpfs_global *global)
{
	char name[BPFS_GLOBAL_NAME_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(set, "="), set);
	return find(g, origin(g), name, global);
}

/* Whether the value fits, without writing it to where the program has it */
static int try_value(const struct globals *g, const struct bpfs_global *global,
		     const char *value)
{
	struct bpfs_global alone = *global;
	char *scratch = calloc(1, global->size + 1);
	int err;

	if (!scratch)
		return fail("out of memory");
	alone.offset = 0;
	err = bpfs_global_parse(g->known, &alone, value, scratch);
	free(scratch);
	return err ? fail("%s: %s", origin(g), bpfs_error()) : EXIT_OK;
}

static int check_set(const struct globals *g, const char *set, bool is_loaded)
{
	struct bpfs_global global;
	int status = find_set(g, set, &global);

	if (status)
		return status;
	if (global.read_only && is_loaded)
		return fail("--set: '%s' is read-only %s", global.name,
			    "from the load of the program on: set it when the job is submitted, or declare it without const");
	if (global.read_only && !global.is_volatile)
		return fail("%s: '%s' is constant, %s", origin(g), global.name,
			    "and the compiler may have used its value already: declare it 'const volatile', or without const");
	return try_value(g, &global, strchr(set, '=') + 1);
}

/* Everything is looked at before anything is written */
static int check_all(const struct globals *g, bool is_loaded)
{
	struct bpfs_global global;
	int status = EXIT_OK;
	size_t i;

	for (i = 0; i < g->set_count && !status; i++)
		status = check_set(g, g->sets[i], is_loaded);
	for (i = 0; i < g->get_count && !status; i++)
		status = find(g, "--get", g->gets[i], &global);
	return status;
}

/* Initial bytes of a section; an image has none of those that are all zero */
static void *image_section(struct bpfs_image *image, __u32 number)
{
	struct bpfs_image_section *s = &image->sections[number];

	if (!s->data)
		s->data = calloc(1, s->len);
	return s->data;
}

static int set_one(struct globals *g, const char *set,
		   struct bpfs_image *image, struct bpfs_prog *prog)
{
	struct bpfs_global global;
	void *section;
	int status = find_set(g, set, &global);

	if (status)
		return status;
	section = image ? image_section(image, global.section) :
			  bpfs_prog_section_at(prog, global.section, NULL);
	if (!section)
		return fail("%s: %s", origin(g), image ? "out of memory" :
							 bpfs_error());
	if (bpfs_global_parse(g->known, &global, strchr(set, '=') + 1,
			      section))
		return fail("%s: %s", origin(g), bpfs_error());
	return EXIT_OK;
}

/**
 * globals_prepare() - set what is to be set, before the program is loaded
 * @g: variables
 * @path: the object
 * @image: image of the program
 *
 * Return: exit status; a failure has been reported.
 */
int globals_prepare(struct globals *g, const char *path,
		    struct bpfs_image *image)
{
	int status;
	size_t i;

	if (bpfs_globals_open(path, image, &g->known))
		return fail_lib();
	status = check_all(g, false);
	for (i = 0; i < g->set_count && !status; i++)
		status = set_one(g, g->sets[i], image, NULL);
	return status;
}

/**
 * globals_set() - set what is to be set, of a program that is loaded
 * @g: variables, with those that are known
 * @prog: program
 *
 * Return: exit status; a failure has been reported, and nothing is set then.
 */
int globals_set(struct globals *g, struct bpfs_prog *prog)
{
	int status = check_all(g, true);
	size_t i;

	for (i = 0; i < g->set_count && !status; i++)
		status = set_one(g, g->sets[i], NULL, prog);
	return status;
}

/*
 * Showing: a tree of values, as JSON or in the words of C.
 */
static void print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if (isprint((unsigned char)*text))
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
	}
	putchar('"');
}

static void json_value(const char *key, const struct bpfs_global *g,
		       const char *text)
{
	switch (g->kind) {
	case BPFS_GLOBAL_INT:
	case BPFS_GLOBAL_UINT:
	case BPFS_GLOBAL_BOOL:
		json_raw(key, text);
		break;
	case BPFS_GLOBAL_FLOAT:
		/* JSON has no infinity, and nothing that is no number */
		if (text[strspn(text, "0123456789+-.e")])
			json_text(key, text);
		else
			json_raw(key, text);
		break;
	case BPFS_GLOBAL_UNKNOWN:
		json_null(key);
		break;
	default:
		json_text(key, text);
	}
}

static int show_scalar(const struct bpfs_globals *known, const char *key,
		       const struct bpfs_global *g, const void *section)
{
	size_t size = (size_t)g->size + BPFS_GLOBAL_TEXT_MAX;
	char *text = malloc(size);

	if (!text)
		return fail("out of memory");
	bpfs_global_format(known, g, section, text, size);
	if (settings.json && *text == '?' &&
	    g->kind != BPFS_GLOBAL_TEXT && g->kind != BPFS_GLOBAL_ENUM)
		json_null(key);
	else if (settings.json)
		json_value(key, g, text);
	else if (g->kind == BPFS_GLOBAL_TEXT)
		print_text(text);
	else
		fputs(text, stdout);
	free(text);
	return EXIT_OK;
}

static int show_value(const struct bpfs_globals *known, const char *key,
		      const struct bpfs_global *g, const void *section);

static int show_part(const struct bpfs_globals *known,
		     const struct bpfs_global *whole, __u32 i,
		     const void *section)
{
	bool has_name = whole->kind == BPFS_GLOBAL_STRUCT;
	struct bpfs_global part;

	if (bpfs_global_part(known, whole, i, &part))
		return EXIT_OK;
	if (settings.json)
		return show_value(known, has_name ? part.name : NULL, &part,
				  section);
	printf(i ? ", " : " ");
	if (has_name && *part.name)
		printf(".%s = ", part.name);
	return show_value(known, NULL, &part, section);
}

static int show_parts(const struct bpfs_globals *known, const char *key,
		      const struct bpfs_global *g, const void *section)
{
	bool is_array = g->kind == BPFS_GLOBAL_ARRAY;
	int status = EXIT_OK;
	__u32 i;

	if (settings.json)
		is_array ? json_array(key) : json_open(key);
	else
		putchar('{');
	for (i = 0; i < g->count && !status; i++) {
		if (!settings.json && i == ELEMENTS_SHOWN) {
			printf(", ...");
			break;
		}
		status = show_part(known, g, i, section);
	}
	if (settings.json)
		is_array ? json_array_close() : json_close();
	else
		printf(" }");
	return status;
}

static int show_value(const struct bpfs_globals *known, const char *key,
		      const struct bpfs_global *g, const void *section)
{
	static unsigned int depth;
	int status;

	if (g->kind != BPFS_GLOBAL_ARRAY && g->kind != BPFS_GLOBAL_STRUCT)
		return show_scalar(known, key, g, section);
	if (depth == DEPTH_SHOWN)
		return fail("--get: the types of the object are damaged: one is a part of itself");
	if (parts_left < g->count)
		return fail("--get: the types of the object are damaged: %s",
			    "a variable has more parts than bytes");
	parts_left -= g->count;
	depth++;
	status = show_parts(known, key, g, section);
	depth--;
	return status;
}

static int show_one(struct globals *g, const char *name,
		    struct bpfs_prog *prog)
{
	struct bpfs_global global;
	int status = find(g, "--get", name, &global);
	const void *section;

	if (status)
		return status;
	section = bpfs_prog_section_at(prog, global.section, NULL);
	if (!section)
		return fail_lib();
	parts_left = PARTS_SHOWN + PARTS_OF_BYTE * (__u64)global.size;
	if (!settings.json)
		printf("%-13s ", name);
	status = show_value(g->known, name, &global, section);
	if (!settings.json)
		putchar('\n');
	return status;
}

/**
 * globals_show() - show what is to be shown
 * @g: variables, with those that are known
 * @prog: program
 *
 * As JSON an object with an object "globals".
 *
 * Return: exit status; a failure has been reported.
 */
int globals_show(struct globals *g, struct bpfs_prog *prog)
{
	int status = EXIT_OK;
	size_t i;

	if (settings.json) {
		json_open(NULL);
		json_open("globals");
	}
	for (i = 0; i < g->get_count && !status; i++)
		status = show_one(g, g->gets[i], prog);
	if (settings.json) {
		json_close();
		json_close();
	}
	return status;
}

/**
 * globals_free() - free what globals_prepare() has made
 * @g: variables
 */
void globals_free(struct globals *g)
{
	bpfs_globals_free(g->known);
	g->known = NULL;
}

/**
 * globals_delete() - free what a key of a job file has said
 * @g: variables, on the heap themselves; may be NULL
 */
void globals_delete(struct globals *g)
{
	if (!g)
		return;
	globals_free(g);
	while (g->set_count)
		free((char *)g->sets[--g->set_count]);
	free(g);
}
