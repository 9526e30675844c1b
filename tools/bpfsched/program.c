// SPDX-License-Identifier: GPL-2.0
/* Programs from where a user says, each loaded once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "program.h"

/**
 * struct program - a program that is loaded
 * @next: the one loaded before it
 * @source: where it comes from; not owned
 * @prog: the program
 */
struct program {
	struct program *next;
	const struct source *source;
	struct bpfs_prog *prog;
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_bytes(const struct bytes *a, const struct bytes *b)
{
	if (!a->data || !b->data)
		return a->data == b->data;
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static bool same_maps(const struct source *a, const struct source *b)
{
	__u32 i;

	if (!same_text(a->pin_maps, b->pin_maps) ||
	    a->map_count != b->map_count)
		return false;
	for (i = 0; i < a->map_count; i++) {
		if (strcmp(a->maps[i], b->maps[i]))
			return false;
	}
	return true;
}

static bool same_source(const struct source *a, const struct source *b)
{
	return same_text(a->object, b->object) &&
	       same_text(a->program, b->program) &&
	       same_text(a->followups, b->followups) &&
	       same_bytes(&a->code, &b->code) && same_maps(a, b) &&
	       globals_same(a->globals, b->globals);
}

/* NAME=PATH */
static int use_map(struct bpfs_image *image, const char *option)
{
	const char *path = strchr(option, '=') + 1;
	char name[256];

	snprintf(name, sizeof(name), "%.*s", (int)(path - option - 1), option);
	return bpfs_image_use_map(image, name, path);
}

/*
 * Several programs have the options in common, so that one of them need not
 * use each map. Sets @used of those that it does.
 */
static int set_maps(struct bpfs_image *image, const struct source *source,
		    bool *used)
{
	__u32 i;
	int err = 0;

	for (i = 0; i < source->map_count && !err; i++) {
		err = use_map(image, source->maps[i]);
		if (!err)
			used[i] = true;
		else if (err == -ENOENT)
			err = 0;
	}
	if (!err && source->pin_maps)
		err = bpfs_image_pin_maps(image, source->pin_maps);
	return err;
}

/* @used: for each of its options of maps, set to true if the program uses it */
static int make_image(const struct source *source, bool *used,
		      struct bpfs_image **image)
{
	int err;

	if (!source->object)
		return bpfs_image_raw(source->program ?: "hex",
				      source->code.data, source->code.len,
				      image);
	err = bpfs_image_open(source->object, source->program, image);
	if (err)
		return err;
	err = set_maps(*image, source, used);
	if (err)
		bpfs_image_free(*image);
	return err;
}

/* Whether somebody uses each map of the options; NULL: yes */
static const char *unused_map(const struct source *source, const bool *used)
{
	__u32 i;

	for (i = 0; source->object && i < source->map_count; i++) {
		if (!used[i])
			return source->maps[i];
	}
	return NULL;
}

/**
 * source_image() - make an image
 * @source: where the program comes from
 * @image: set to the image
 *
 * Return: 0 or negative errno as of bpfs_image_open(), and
 * bpfs_image_use_map() if the program does not use one of the maps.
 */
int source_image(const struct source *source, struct bpfs_image **image)
{
	bool used[BPFSCHED_MAP_OPTIONS] = { false };
	const char *unused;
	int err;

	err = make_image(source, used, image);
	if (err)
		return err;
	unused = unused_map(source, used);
	if (!unused)
		return 0;
	err = use_map(*image, unused);
	bpfs_image_free(*image);
	return err;
}

/* A map is one map for all programs of the object that use it */
static int share_maps(struct bpfs_image *image,
		      struct bpfs_prog *const *progs, size_t count)
{
	int err = 0;

	while (count-- && !err)
		err = bpfs_image_share_maps(image, *progs++);
	return err;
}

/**
 * fail_load() - report why a program was not loaded
 * @fd: scheduler
 *
 * Return: EXIT_ERROR.
 */
int fail_load(int fd)
{
	char why[1024], hint[REASON_MAX];

	snprintf(why, sizeof(why), "%s", bpfs_error());
	return fail("%s%s", why, limit_hint(fd, bpfs_prog_load_limit(), hint,
					    sizeof(hint)));
}

/**
 * fail_programs() - report that an object has too many programs
 * @object: path of the object
 * @count: how many it has
 *
 * Return: EXIT_ERROR.
 */
int fail_programs(const char *object, int count)
{
	return fail("%s: has %d programs, more than %d at once: name one",
		    object, count, PROGRAMS_AT_ONCE);
}

/* Load a program that can submit others; NULL after a failure */
static struct bpfs_prog *load_one(int fd, const struct source *source,
				  struct bpfs_prog *const *followups,
				  size_t count, bool *used)
{
	struct bpfs_image *image;
	struct bpfs_prog *prog;
	int err;

	err = make_image(source, used, &image);
	if (!err) {
		if (source->globals &&
		    globals_prepare(source->globals, source->object, image)) {
			bpfs_image_free(image);
			return NULL;
		}
		err = share_maps(image, followups, count);
		if (!err)
			err = bpfs_prog_load_with(fd, image, followups,
						  count, &prog);
		bpfs_image_free(image);
	}
	if (err) {
		fail_load(fd);
		return NULL;
	}
	return prog;
}

/**
 * struct chain - programs that a program can submit
 * @count: number of @names
 * @names: their names
 * @progs: the programs, loaded from the last to the first
 */
struct chain {
	size_t count;
	char *names[BPFSCHED_FOLLOWUPS_MAX];
	struct bpfs_prog *progs[BPFSCHED_FOLLOWUPS_MAX];
};

/* Take the names apart; they point into @text, which changes */
static int split(struct chain *chain, char *text)
{
	char *name, *rest = text;

	while ((name = strsep(&rest, ","))) {
		if (!*name)
			return fail("followups: a name is missing");
		if (chain->count == BPFSCHED_FOLLOWUPS_MAX)
			return fail("followups: more than %d programs",
				    BPFSCHED_FOLLOWUPS_MAX);
		chain->names[chain->count++] = name;
	}
	return EXIT_OK;
}

/* Each can submit those that come after it */
static struct bpfs_prog *load_chain(int fd, const struct source *source,
				    struct chain *chain, bool *used)
{
	struct source one = *source;
	size_t i = chain->count;

	/* Data sections are each program's own */
	one.globals = NULL;
	while (i--) {
		one.program = chain->names[i];
		chain->progs[i] = load_one(fd, &one, &chain->progs[i + 1],
					   chain->count - i - 1, used);
		if (!chain->progs[i])
			return NULL;
	}
	return load_one(fd, source, chain->progs, chain->count, used);
}

static struct bpfs_prog *load_all(int fd, const struct source *source,
				  bool *used)
{
	struct bpfs_prog *prog = NULL;
	struct chain chain = { .count = 0 };
	char *text;
	size_t i;

	if (!source->followups)
		return load_one(fd, source, NULL, 0, used);
	text = strdup(source->followups);
	if (!text)
		fail("out of memory");
	else if (!split(&chain, text))
		prog = load_chain(fd, source, &chain, used);
	for (i = 0; i < chain.count; i++)
		bpfs_prog_free(chain.progs[i]);
	free(text);
	return prog;
}

/* Bytecode alone has no maps, and no other programs */
static int check_source(const struct source *source)
{
	if (source->object)
		return EXIT_OK;
	if (source->followups)
		return fail("followups: only of an object");
	if (source->map_count || source->pin_maps)
		return fail("maps: only of an object");
	if (source->globals)
		return fail("global variables: only of an object");
	return EXIT_OK;
}

static struct bpfs_prog *load(int fd, const struct source *source)
{
	bool used[BPFSCHED_MAP_OPTIONS] = { false };
	struct bpfs_prog *prog;
	const char *unused;

	if (check_source(source))
		return NULL;
	prog = load_all(fd, source, used);
	unused = unused_map(source, used);
	if (!prog || !unused)
		return prog;
	fail("no program uses map '%.*s'", (int)(strchr(unused, '=') - unused),
	     unused);
	bpfs_prog_free(prog);
	return NULL;
}

/**
 * program_load() - load a program, unless it is loaded already
 * @programs: list of those that are; NULL at first
 * @fd: scheduler
 * @source: where the program comes from; has to stay as long as the list
 * @prog: set to the program, which is the list's own
 *
 * Return: exit status; a failure has been reported.
 */
int program_load(struct program **programs, int fd,
		 const struct source *source,
		 struct bpfs_prog **prog)
{
	struct program *p;

	for (p = *programs; p; p = p->next) {
		if (same_source(p->source, source)) {
			*prog = p->prog;
			return EXIT_OK;
		}
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail("out of memory");
	p->prog = load(fd, source);
	if (!p->prog) {
		free(p);
		return EXIT_ERROR;
	}
	p->source = source;
	p->next = *programs;
	*programs = p;
	*prog = p->prog;
	return EXIT_OK;
}

/**
 * programs_free() - free a list of programs
 * @programs: the list
 */
void programs_free(struct program *programs)
{
	struct program *next;

	for (; programs; programs = next) {
		next = programs->next;
		bpfs_prog_free(programs->prog);
		free(programs);
	}
}
