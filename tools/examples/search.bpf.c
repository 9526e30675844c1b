// SPDX-License-Identifier: GPL-2.0
/*
 * Search of a log line for words that matter (Boyer, Moore and Horspool). The
 * context is the line; the program returns a mask of the words that are in it.
 *
 * The words are in .data, where user space can put others and then raise their
 * version; the jump tables, in .bss, are made by the first job that finds one
 * that is new.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define WORDS 4
#define WORD_MAX 15

struct word {
	__u8 len;
	char text[WORD_MAX];
};

struct word words[WORDS] = {
	{ 5, "error" },
	{ 7, "timeout" },
	{ 12, "over-current" },
	{ 6, "e-stop" },
};

__u32 version = 1;

/* How far a word can be moved on if a byte of the line is under its end */
__u8 jumps[WORDS][256];
__u32 jumps_version;

static void make_jumps(__u8 *jump, const struct word *word)
{
	int i;

	for (i = 0; i < 256; i++)
		jump[i] = word->len;
	for (i = 0; i < word->len - 1; i++)
		jump[(__u8)word->text[i]] = word->len - 1 - i;
}

static int is_at(const struct word *word, const char *at)
{
	int i;

	for (i = word->len - 1; i >= 0 && at[i] == word->text[i]; i--)
		;
	return i < 0;
}

static int is_in(const struct word *word, const __u8 *jump, const char *line,
		 unsigned long len)
{
	unsigned long at = 0;

	if (!word->len)
		return 0;
	while (at + word->len <= len) {
		if (is_at(word, line + at))
			return 1;
		at += jump[(__u8)line[at + word->len - 1]];
	}
	return 0;
}

SEC("bpfsched")
long find_words(const char *line, unsigned long len)
{
	long found = 0;
	int i;

	if (jumps_version != version) {
		for (i = 0; i < WORDS; i++)
			make_jumps(jumps[i], &words[i]);
		jumps_version = version;
	}
	for (i = 0; i < WORDS; i++)
		found |= is_in(&words[i], jumps[i], line, len) << i;
	return found;
}
