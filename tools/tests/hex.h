/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hexadecimal digits from arguments and from standard input, for the plugins
 * of the conformance suite. The including file has a die(format, ...).
 */
#ifndef HEX_H
#define HEX_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct bytes - bytes that were given as hexadecimal digits
 * @data: the bytes
 * @len: number of bytes
 */
struct bytes {
	unsigned char *data;
	size_t len;
};

static inline int digit_value(int c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower(c)) : NULL;

	return found ? found - digits : -1;
}

/* Hex digits, two a byte, with white space wherever it likes to be */
static inline struct bytes parse_hex(const char *text)
{
	struct bytes bytes = { malloc(strlen(text) / 2 + 1), 0 };
	int high = -1, value;

	if (!bytes.data)
		die("out of memory");
	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			continue;
		value = digit_value((unsigned char)*text);
		if (value < 0)
			die("not a hexadecimal digit: '%c'", *text);
		if (high < 0) {
			high = value;
			continue;
		}
		bytes.data[bytes.len++] = high << 4 | value;
		high = -1;
	}
	if (high >= 0)
		die("odd number of hexadecimal digits");
	return bytes;
}

static inline char *read_input(void)
{
	size_t room = 4096, len = 0;
	char *text = malloc(room);

	while (text) {
		len += fread(text + len, 1, room - 1 - len, stdin);
		if (feof(stdin)) {
			text[len] = '\0';
			return text;
		}
		if (ferror(stdin))
			die("cannot read standard input");
		room *= 2;
		text = realloc(text, room);
	}
	die("out of memory");
}

#endif /* HEX_H */
