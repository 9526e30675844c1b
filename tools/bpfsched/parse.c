// SPDX-License-Identifier: GPL-2.0
/* Values of options. Each function returns 0, or -1 after opt_bad(). */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"
#include "parse.h"

/**
 * parse_u64() - a number of 64 bits, decimal or with 0x hexadecimal
 * @text: the number
 * @value: set to it
 *
 * Return: 0 or -1.
 */
int parse_u64(const char *text, __u64 *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	char *end;

	/* strtoull() would take spaces and signs */
	if (!(hex ? isxdigit((unsigned char)*digits) :
		    isdigit((unsigned char)*digits)))
		return opt_bad("'%s' is not a number", text);
	errno = 0;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	if (*end)
		return opt_bad("'%s' is not a number", text);
	if (errno)
		return opt_bad("'%s' does not fit in 64 bits", text);
	return 0;
}

/**
 * parse_client() - number of a client
 * @text: the number
 * @client: set to it
 *
 * Return: 0 or -1.
 */
int parse_client(const char *text, __u64 *client)
{
	if (parse_u64(text, client))
		return -1;
	/* 0 would be "whichever has the job" */
	return *client ? 0 : opt_bad("clients have numbers from 1 on");
}

/**
 * parse_priority() - name of a priority
 * @text: the name
 * @priority: set to BPFSCHED_PRIORITY_*
 *
 * Return: 0 or -1.
 */
int parse_priority(const char *text, __u32 *priority)
{
	static const char *const choices[] = {
		"low", "normal", "high", "critical", NULL
	};
	int number = bpfs_priority_number(text);

	if (number < 0)
		return opt_bad_choice(text, choices);
	*priority = number;
	return 0;
}

/**
 * parse_budget_insns() - a number of instructions, or "unlimited"
 * @text: the number
 * @insns: set to it, or to BPFSCHED_BUDGET_UNLIMITED
 *
 * Return: 0 or -1.
 */
int parse_budget_insns(const char *text, __u64 *insns)
{
	if (!strcmp(text, "unlimited")) {
		*insns = BPFSCHED_BUDGET_UNLIMITED;
		return 0;
	}
	if (parse_u64(text, insns))
		return -1;
	/* 0 would be BPFSCHED_BUDGET_DEFAULT, which is not what it says */
	if (!*insns)
		return opt_bad("a job needs at least one instruction");
	return 0;
}

struct unit {
	const char *name;
	__u64 worth;
};

static const struct unit time_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", NSEC_PER_SEC },
	{ NULL, 0 },
};

static const struct unit size_units[] = {
	{ "", 1 },
	{ "K", 1ULL << 10 },
	{ "KiB", 1ULL << 10 },
	{ "M", 1ULL << 20 },
	{ "MiB", 1ULL << 20 },
	{ "G", 1ULL << 30 },
	{ "GiB", 1ULL << 30 },
	{ NULL, 0 },
};

/* What a unit is worth, 0 if there is none of that name */
static __u64 find_unit(const struct unit *units, const char *name)
{
	while (units->name && strcmp(units->name, name))
		units++;
	return units->worth;
}

/* Add digit after digit of a fraction; @place is what a unit of it is worth */
static int add_fraction(const char *digits, const char *end, __u64 place,
			__u64 *ns)
{
	__u64 add;

	for (; digits < end; digits++) {
		if (place < 10 && *digits != '0')
			return -1;
		place /= 10;
		add = place * (*digits - '0');
		if (__builtin_add_overflow(*ns, add, ns))
			return -1;
	}
	return 0;
}

/**
 * parse_duration() - a number with ns, us, ms or s
 * @text: the duration, "1.5ms" for example
 * @ns: set to it, in nanoseconds
 *
 * Return: 0 or -1.
 */
int parse_duration(const char *text, __u64 *ns)
{
	size_t whole = strspn(text, "0123456789"), fraction = 0;
	const char *end = text + whole;
	__u64 unit, value;

	if (*end == '.') {
		fraction = strspn(end + 1, "0123456789");
		end += 1 + fraction;
	}
	unit = find_unit(time_units, end);
	if (!whole || !unit || (end != text + whole && !fraction))
		return opt_bad("'%s' is not a duration, a number with ns, us, ms or s",
			       text);
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno || __builtin_mul_overflow(value, unit, ns))
		return opt_bad("'%s' is too long a time", text);
	if (fraction && add_fraction(end - fraction, end, unit, ns))
		return opt_bad("'%s' is not a whole number of nanoseconds, or too long",
			       text);
	return 0;
}

/**
 * parse_size() - a number of bytes, with K, M or G
 * @text: the size, "16M" for example
 * @bytes: set to it
 *
 * Return: 0 or -1.
 */
int parse_size(const char *text, __u64 *bytes)
{
	size_t digits = strspn(text, "0123456789");
	__u64 unit = find_unit(size_units, text + digits);

	if (!digits || !unit)
		return opt_bad("'%s' is not a size, a number with K, M or G or nothing",
			       text);
	errno = 0;
	*bytes = strtoull(text, NULL, 10);
	if (errno || __builtin_mul_overflow(*bytes, unit, bytes))
		return opt_bad("'%s' does not fit in 64 bits", text);
	return 0;
}

/**
 * parse_percent() - a percentage, with or without a sign
 * @text: the percentage, "12.5" for example
 * @ppm: set to it, in parts per million
 *
 * Return: 0 or -1.
 */
int parse_percent(const char *text, __u64 *ppm)
{
	const __u64 percent = BPFSCHED_PPM / 100;
	size_t whole = strspn(text, "0123456789"), fraction = 0;
	const char *end = text + whole;

	if (*end == '.') {
		fraction = strspn(end + 1, "0123456789");
		end += 1 + fraction;
	}
	if (!whole || (end != text + whole && !fraction) ||
	    (*end && strcmp(end, "%")))
		return opt_bad("'%s' is not a percentage", text);
	errno = 0;
	*ppm = strtoull(text, NULL, 10);
	if (errno || __builtin_mul_overflow(*ppm, percent, ppm) ||
	    (fraction && add_fraction(end - fraction, end, percent, ppm)))
		return opt_bad("'%s' is too large, or has more than 4 decimals",
			       text);
	return 0;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * parse_hex() - bytes as hexadecimal digits
 * @text: the digits; white space does not count
 * @len: number of characters
 * @bytes: set to the bytes, to be freed by the caller
 *
 * Return: 0 or -1.
 */
int parse_hex(const char *text, size_t len, struct bytes *bytes)
{
	size_t i, digits = 0;
	int value;
	char *out;

	out = calloc(1, len / 2 + 1);
	if (!out)
		return opt_bad("out of memory");
	for (i = 0; i < len; i++) {
		if (isspace((unsigned char)text[i]))
			continue;
		value = digit_value(text[i]);
		if (value < 0) {
			free(out);
			return opt_bad("character %zu is not a hexadecimal digit",
				       i + 1);
		}
		out[digits / 2] = (unsigned char)out[digits / 2] << 4 | value;
		digits++;
	}
	if (digits % 2) {
		free(out);
		return opt_bad("odd number of hexadecimal digits");
	}
	bytes->data = out;
	bytes->len = digits / 2;
	return 0;
}

static int read_bytes(const char *path, struct bytes *bytes)
{
	if (bpfs_file_read(path, &bytes->data, &bytes->len))
		return opt_bad("%s", bpfs_error());
	return 0;
}

/**
 * parse_context() - HEX, or @FILE for the bytes of a file
 * @text: the value
 * @bytes: set to the bytes, to be freed by the caller
 *
 * Return: 0 or -1.
 */
int parse_context(const char *text, struct bytes *bytes)
{
	int err;

	if (*text == '@')
		err = read_bytes(text + 1, bytes);
	else
		err = parse_hex(text, strlen(text), bytes);
	if (err || bytes->len <= UINT32_MAX)
		return err;
	free(bytes->data);
	bytes->data = NULL;
	return opt_bad("%zu bytes are too many", bytes->len);
}

/* No instruction consists of hexadecimal digits and white space only */
static bool is_hex_text(const struct bytes *bytes)
{
	size_t i;

	for (i = 0; i < bytes->len; i++) {
		if (!isxdigit((unsigned char)bytes->data[i]) &&
		    !isspace((unsigned char)bytes->data[i]))
			return false;
	}
	return true;
}

/**
 * parse_bytecode() - HEX, or @FILE for a file with HEX or with bytecode
 * @text: the value
 * @bytes: set to the bytecode, to be freed by the caller
 *
 * Return: 0 or -1.
 */
int parse_bytecode(const char *text, struct bytes *bytes)
{
	struct bytes file;
	int err;

	if (*text != '@')
		return parse_hex(text, strlen(text), bytes);
	err = read_bytes(text + 1, &file);
	if (err)
		return err;
	if (!is_hex_text(&file)) {
		*bytes = file;
		return 0;
	}
	err = parse_hex(file.data, file.len, bytes);
	free(file.data);
	return err;
}
