// SPDX-License-Identifier: GPL-2.0
/* The right word that is nearest to a wrong one. */
#include <stdio.h>
#include <string.h>

#include "nearest.h"

/* Of words that are compared */
#define WORD_MAX 32

static size_t smallest(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How many letters have to be put in, left out, changed, or exchanged with
 * their neighbours. A row tells it of a beginning of @a and each of @b.
 */
static size_t distance_of(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], len = strlen(b), i, j;
	size_t *row = rows[0], *last = rows[1], *before = rows[2], *free;

	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		free = before;
		before = last;
		last = row;
		row = free;
		row[0] = i;
		for (j = 1; j <= len; j++) {
			row[j] = smallest(last[j - 1] + (a[i - 1] != b[j - 1]),
					  smallest(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = smallest(row[j], before[j - 2] + 1);
		}
	}
	return row[len];
}

/**
 * nearest_try() - look at a right word
 * @n: the search; only n->word is set at first
 * @word: the word, which has to stay
 */
void nearest_try(struct nearest *n, const char *word)
{
	size_t len = strlen(n->word), distance;

	if (!len || len > WORD_MAX || strlen(word) > WORD_MAX)
		return;
	/* Who stops typing may mean what it begins */
	if (len > 1 && !strncmp(word, n->word, len))
		distance = 1;
	else
		distance = distance_of(n->word, word);
	if (distance > 1 + len / 4 || distance >= len ||
	    (n->best && distance >= n->distance))
		return;
	n->best = word;
	n->distance = distance;
}

/**
 * nearest_hint() - what to add to a message about a wrong word
 * @n: the search
 * @dashes: what the right word begins with
 * @buf: where to
 * @size: bytes of @buf, HINT_MAX are enough
 *
 * Return: @buf, which is empty if no word is near.
 */
const char *nearest_hint(const struct nearest *n, const char *dashes,
			 char *buf, size_t size)
{
	*buf = 0;
	if (n->best)
		snprintf(buf, size, "; did you mean '%s%s'?", dashes, n->best);
	return buf;
}

/**
 * nearest_of() - nearest_hint() of a list of words
 * @word: the wrong word
 * @words: the right ones, the last one NULL
 * @buf: where to
 * @size: bytes of @buf, HINT_MAX are enough
 *
 * Return: @buf, which is empty if no word is near.
 */
const char *nearest_of(const char *word, const char *const *words, char *buf,
		       size_t size)
{
	struct nearest n = { .word = word };

	for (; *words; words++)
		nearest_try(&n, *words);
	return nearest_hint(&n, "", buf, size);
}
