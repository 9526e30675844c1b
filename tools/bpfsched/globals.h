/* SPDX-License-Identifier: GPL-2.0 */
/* Global variables of a program: set before it is loaded or later, and shown. */
#ifndef GLOBALS_H
#define GLOBALS_H

#include "opt.h"

/* How many --set and --get a command takes, each */
#define GLOBALS_MAX 64

/**
 * struct globals - variables that are to be set and shown
 * @set_count: number of @sets
 * @sets: NAME=VALUE each
 * @get_count: number of @gets
 * @gets: names
 * @known: those of the program, with their types; NULL: not known yet
 * @is_key: they come from a key of a job file, and @sets are on the heap
 */
struct globals {
	size_t set_count;
	const char *sets[GLOBALS_MAX];
	size_t get_count;
	const char *gets[GLOBALS_MAX];
	struct bpfs_globals *known;
	bool is_key;
};

extern const struct opt globals_opts[];
extern const size_t globals_opt_count;

bool globals_any(const struct globals *g);
bool globals_same(const struct globals *a, const struct globals *b);
int globals_add(struct globals *g, const char *name, const char *value);
void globals_sort(struct globals *g);
int globals_prepare(struct globals *g, const char *path,
		    struct bpfs_image *image);
int globals_set(struct globals *g, struct bpfs_prog *prog);
int globals_show(struct globals *g, struct bpfs_prog *prog);
void globals_free(struct globals *g);
void globals_delete(struct globals *g);

#endif /* GLOBALS_H */
