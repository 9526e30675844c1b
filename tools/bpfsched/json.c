// SPDX-License-Identifier: GPL-2.0
/*
 * Writing JSON: a value outside of everything takes a line, or some with -p. It
 * is written when it is whole, so that an error can take its place.
 */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"

static unsigned int depth;
static bool first = true;
static FILE *out;
static char *bytes;
static size_t len;

/* Without memory what is not whole is written, too */
static void begin_document(void)
{
	if (depth || out)
		return;
	out = open_memstream(&bytes, &len);
	if (!out)
		out = stdout;
}

static void drop_document(void)
{
	if (!out || out == stdout)
		return;
	fclose(out);
	free(bytes);
	out = NULL;
}

static void end_document(void)
{
	putc('\n', out);
	if (out == stdout)
		return;
	fflush(out);
	fwrite(bytes, 1, len, stdout);
	drop_document();
}

static void new_line(void)
{
	unsigned int i;

	if (!settings.pretty || !depth)
		return;
	putc('\n', out);
	for (i = 0; i < depth; i++)
		putc('\t', out);
}

/* Bytes of the UTF-8 character that begins here, 0 if none does */
static int utf8_length(const char *text)
{
	static const unsigned char least[] = { 0, 0, 0, 0xa0, 0x90 };
	static const unsigned char most[] = { 0, 0, 0, 0x9f, 0x8f };
	const unsigned char *c = (const unsigned char *)text;
	int length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 :
		     c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0, i;

	/* Longer than need be, half of a pair, or beyond the last one */
	if (((c[0] == 0xe0 || c[0] == 0xf0) && c[1] < least[length]) ||
	    ((c[0] == 0xed || c[0] == 0xf4) && c[1] > most[length]))
		return 0;
	for (i = 1; i < length; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

/* A name can have any bytes, JSON cannot */
static void put_text(const char *text)
{
	int length;

	putc('"', out);
	for (; *text; text++) {
		length = utf8_length(text);
		if (!length) {
			fputs("\\ufffd", out);
			continue;
		}
		if (length > 1) {
			fwrite(text, 1, length, out);
			text += length - 1;
			continue;
		}
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(out, "\\u%04x", *text);
		else
			putc(*text, out);
	}
	putc('"', out);
}

/* Everything that comes before a value */
static void begin_value(const char *key)
{
	begin_document();
	if (!first)
		putc(',', out);
	new_line();
	if (key) {
		put_text(key);
		putc(':', out);
		if (settings.pretty)
			putc(' ', out);
	}
	first = false;
}

static void end_value(void)
{
	if (depth)
		return;
	end_document();
	first = true;
}

static void open_with(const char *key, char bracket)
{
	begin_value(key);
	putc(bracket, out);
	depth++;
	first = true;
}

static void close_with(char bracket)
{
	bool empty = first;

	/* A failure has ended it */
	if (!depth)
		return;
	depth--;
	first = false;
	if (!empty && settings.pretty) {
		new_line();
		if (!depth)
			putc('\n', out);
	}
	putc(bracket, out);
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
	fprintf(out, "%llu", value);
	end_value();
}

/**
 * json_raw() - write a value that is JSON already
 * @key: its key
 * @value: the value
 */
void json_raw(const char *key, const char *value)
{
	begin_value(key);
	fputs(value, out);
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
	fputs(value ? "true" : "false", out);
	end_value();
}

/**
 * json_null() - write null
 * @key: its key
 */
void json_null(const char *key)
{
	begin_value(key);
	fputs("null", out);
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
	fprintf(out, "\"0x%llx\"", value);
	end_value();
}

/**
 * json_hex_bytes() - write bytes as a string of hexadecimal digits
 * @key: its key
 * @data: the bytes
 * @count: number of bytes
 */
void json_hex_bytes(const char *key, const void *data, size_t count)
{
	const unsigned char *from = data;
	size_t i;

	begin_value(key);
	putc('"', out);
	for (i = 0; i < count; i++)
		fprintf(out, "%02x", from[i]);
	putc('"', out);
	end_value();
}

/**
 * json_failure() - write an error in place of what is not whole yet
 * @text: the error
 *
 * Only the first one is written.
 */
void json_failure(const char *text)
{
	static bool written;

	drop_document();
	depth = 0;
	first = true;
	if (written)
		return;
	written = true;
	json_open(NULL);
	json_text("error", text);
	json_close();
}
