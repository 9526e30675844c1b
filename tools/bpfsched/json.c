// SPDX-License-Identifier: GPL-2.0
/* Writing JSON: a value outside of everything takes a line, or some with -p. */
#include <stdio.h>

#include "json.h"

static unsigned int depth;
static bool first = true;

static void new_line(void)
{
	unsigned int i;

	if (!settings.pretty || !depth)
		return;
	putchar('\n');
	for (i = 0; i < depth; i++)
		putchar('\t');
}

static void put_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ')
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

/* Everything that comes before a value */
static void begin_value(const char *key)
{
	if (!first)
		putchar(',');
	new_line();
	if (key) {
		put_text(key);
		putchar(':');
		if (settings.pretty)
			putchar(' ');
	}
	first = false;
}

static void end_value(void)
{
	if (depth)
		return;
	putchar('\n');
	first = true;
}

static void open_with(const char *key, char bracket)
{
	begin_value(key);
	putchar(bracket);
	depth++;
	first = true;
}

static void close_with(char bracket)
{
	bool empty = first;

	depth--;
	first = false;
	if (!empty && settings.pretty) {
		new_line();
		if (!depth)
			putchar('\n');
	}
	putchar(bracket);
	end_value();
}

/**
 * json_open() - start an object
 * @key: its key
 */
void json_open(const char *key)
{
	open_with(key, '{');
}

/**
 * json_close() - end an object
 */
void json_close(void)
{
	close_with('}');
}

/**
 * json_array() - start an array
 * @key: its key
 */
void json_array(const char *key)
{
	open_with(key, '[');
}

/**
 * json_array_close() - end an array
 */
void json_array_close(void)
{
	close_with(']');
}

/**
 * json_u64() - write a number
 * @key: its key
 * @value: the number
 */
void json_u64(const char *key, __u64 value)
{
	begin_value(key);
	printf("%llu", value);
	end_value();
}

/**
 * json_bool() - write true or false
 * @key: its key
 * @value: which
 */
void json_bool(const char *key, bool value)
{
	begin_value(key);
	fputs(value ? "true" : "false", stdout);
	end_value();
}

/**
 * json_null() - write null
 * @key: its key
 */
void json_null(const char *key)
{
	begin_value(key);
	fputs("null", stdout);
	end_value();
}

/**
 * json_text() - write a string
 * @key: its key
 * @text: the string
 */
void json_text(const char *key, const char *text)
{
	begin_value(key);
	put_text(text);
	end_value();
}

/**
 * json_hex_u64() - write a number as a hexadecimal string
 * @key: its key
 * @value: the number
 */
void json_hex_u64(const char *key, __u64 value)
{
	begin_value(key);
	printf("\"0x%llx\"", value);
	end_value();
}

/**
 * json_hex_bytes() - write bytes as a string of hexadecimal digits
 * @key: its key
 * @data: the bytes
 * @len: number of bytes
 */
void json_hex_bytes(const char *key, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	size_t i;

	begin_value(key);
	putchar('"');
	for (i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('"');
	end_value();
}
