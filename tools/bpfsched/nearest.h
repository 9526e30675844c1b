/* SPDX-License-Identifier: GPL-2.0 */
/* The right word that is nearest to a wrong one. */
#ifndef NEAREST_H
#define NEAREST_H

#include "cmd.h"

/**
 * struct nearest - looking for a word
 * @word: the wrong word
 * @best: the right one that is nearest so far, NULL if none is near
 * @distance: how far @best is
 */
struct nearest {
	const char *word;
	const char *best;
	size_t distance;
};

/* Enough for nearest_hint() */
#define HINT_MAX 96

void nearest_try(struct nearest *n, const char *word);
const char *nearest_hint(const struct nearest *n, const char *dashes,
			 char *buf, size_t size);
const char *nearest_of(const char *word, const char *const *words, char *buf,
		       size_t size);

#endif /* NEAREST_H */
