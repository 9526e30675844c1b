// SPDX-License-Identifier: GPL-2.0
/*
 * Formatting for helpers. The format and the strings that it prints lie in the
 * sandbox, where another job may write at any time: each byte is read once,
 * and only what has been checked is used.
 *
 * Allowed are %d %i %u %x %X, with l or ll for 64 bits, %c, %s and %%, all with
 * the flags - and 0 and a width. There is no conversion that takes a kernel
 * pointer.
 */
#include <linux/build_bug.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "interp.h"
#include "memory.h"

/* Powers of two, so that places in them can be masked. */
#define FORMAT_MAX	256	/* with its final NUL */
#define STRING_MAX	128	/* longer strings are cut */
#define WIDTH_MAX	99

/* What it takes to print a number, see interp_work(); as long as its width. */
#define CONVERSION_WORK	256

/**
 * struct format - a format being printed
 * @state: the run
 * @next: the rest of the format
 * @args: the arguments that are left
 * @arg_count: number of @args
 * @buf: the output
 * @size: size of @buf, at least 1
 * @len: bytes written, the final NUL not included
 */
struct format {
	struct interp_state *state;
	const char *next;
	const u64 *args;
	int arg_count;
	char *buf;
	size_t size;
	size_t len;
};

/**
 * struct conversion - one conversion of a format
 * @spec: the conversion for the kernel's own snprintf()
 * @type: its last letter
 * @wide: whether the argument has 64 bits
 */
struct conversion {
	char spec[16];
	char type;
	bool wide;
};

static void format_char(struct format *format, char c)
{
	size_t at = array_index_nospec(format->len, format->size);

	if (format->len + 1 < format->size) {
		format->buf[at] = c;
		format->len++;
	}
}

/* The flags and the width of a conversion; ends with a NUL. */
static void put_flags(char *spec, bool left, bool zero, int width)
{
	*spec++ = '%';
	if (left)
		*spec++ = '-';
	if (zero)
		*spec++ = '0';
	if (width >= 10)
		*spec++ = '0' + width / 10;
	if (width)
		*spec++ = '0' + width % 10;
	*spec = '\0';
}

/* Read what follows a '%'. Only letters that were looked at get into spec. */
static int format_parse(struct format *format, struct conversion *conversion)
{
	const char *p = format->next;
	bool left = false, zero = false;
	int width = 0;

	for (; *p == '-' || *p == '0'; p++) {
		left |= *p == '-';
		zero |= *p == '0';
	}
	for (; isdigit(*p); p++) {
		width = width * 10 + *p - '0';
		if (width > WIDTH_MAX)
			return -EINVAL;
	}
	conversion->wide = *p == 'l';
	if (*p == 'l' && *++p == 'l')
		p++;
	conversion->type = *p++;
	format->next = p;

	if (!strchr(conversion->wide ? "diuxX" : "diuxXcs", conversion->type) ||
	    !conversion->type)
		return -EINVAL;
	put_flags(conversion->spec, left, zero, width);
	if (!strchr("cs", conversion->type))
		strcat(conversion->spec, "ll");
	strncat(conversion->spec, &conversion->type, 1);
	return 0;
}

/* Copy a string out of the sandbox; an address outside of it is a fault. */
static int format_read_string(struct format *format, u64 address, char *string)
{
	const char *from;
	int i;

	for (i = 0; i < STRING_MAX - 1; i++) {
		interp_work(format->state, INTERP_WORK_BYTE);
		from = interp_readable(format->state, address + i, 0);
		if (!from) {
			interp_fault(format->state, BPFSCHED_FAULT_READ,
				     address + i);
			return -EFAULT;
		}
		string[i & (STRING_MAX - 1)] = READ_ONCE(*from);
		if (!string[i & (STRING_MAX - 1)])
			return 0;
	}
	string[STRING_MAX - 1] = '\0';
	return 0;
}

static u64 format_number(const struct conversion *conversion, u64 arg)
{
	if (conversion->wide)
		return arg;
	if (conversion->type == 'd' || conversion->type == 'i')
		return (s64)(s32)arg;
	return (u32)arg;
}

static int format_conversion(struct format *format)
{
	char *out = format->buf + format->len;
	size_t room = format->size - format->len;
	struct conversion conversion;
	char string[STRING_MAX];
	u64 arg;
	int err;

	interp_work(format->state, CONVERSION_WORK);
	err = format_parse(format, &conversion);
	if (err)
		return err;
	if (!format->arg_count)
		return -EINVAL;
	format->arg_count--;
	arg = *format->args++;

	switch (conversion.type) {
	case 's':
		err = format_read_string(format, arg, string);
		if (err)
			return err;
		format->len += scnprintf(out, room, conversion.spec, string);
		return 0;
	case 'c':
		format->len += scnprintf(out, room, conversion.spec, (int)arg);
		return 0;
	default:
		format->len += scnprintf(out, room, conversion.spec,
					 format_number(&conversion, arg));
		return 0;
	}
}

static int format_print(struct format *format)
{
	int err;

	while (*format->next) {
		char c = *format->next++;

		if (c != '%') {
			if (isascii(c) && !isprint(c) && !isspace(c))
				return -EINVAL;
			format_char(format, c);
		} else if (*format->next == '%') {
			format->next++;
			format_char(format, c);
		} else {
			err = format_conversion(format);
			if (err)
				return err;
		}
	}
	format->buf[format->len] = '\0';
	return format->len;
}

/* Print by a format of which @copy is a copy; returns as format_print(). */
static int print_copy(struct interp_state *state, const char *copy,
		      const u64 *args, int arg_count, char *buf, size_t size)
{
	struct format format = {
		.state = state,
		.next = copy,
		.args = args,
		.arg_count = arg_count,
		.buf = buf,
		.size = size,
	};

	return format_print(&format);
}

/**
 * interp_format() - print into a buffer, as bpf_trace_printk() does
 * @state: the run; its fault is set if the format or a string of it lies
 *	outside of the sandbox
 * @buf: the output, NUL-terminated on success, cut if it does not fit
 * @size: size of @buf in bytes, at least 1
 * @address: sandbox address of the format
 * @format_len: its length in bytes with its final NUL
 * @args: the arguments
 * @arg_count: number of @args
 *
 * Context: any.
 * Return: the length of the text; -EINVAL if the format is not allowed;
 * -EFAULT if the fault of the state has been set.
 */
int interp_format(struct interp_state *state, char *buf, size_t size,
		  u64 address, u32 format_len, const u64 *args, int arg_count)
{
	char copy[FORMAT_MAX];
	const void *from;

	if (!format_len || format_len > sizeof(copy))
		return -EINVAL;
	interp_work(state, INTERP_WORK_BYTE * format_len);
	from = interp_read_buffer(state, address, format_len);
	if (!from)
		return -EFAULT;
	memcpy(copy, from, format_len);
	if (copy[format_len - 1])
		return -EINVAL;
	return print_copy(state, copy, args, arg_count, buf, size);
}
EXPORT_SYMBOL_FOR_KUNIT(interp_format);

/* Copy a format that ends with its NUL. */
static int format_read(struct interp_state *state, u64 address, char *copy)
{
	const char *from;
	int i;

	for (i = 0; i < FORMAT_MAX; i++) {
		interp_work(state, INTERP_WORK_BYTE);
		from = interp_readable(state, address + i, 0);
		if (!from) {
			interp_fault(state, BPFSCHED_FAULT_READ, address + i);
			return -EFAULT;
		}
		copy[i & (FORMAT_MAX - 1)] = READ_ONCE(*from);
		if (!copy[i & (FORMAT_MAX - 1)])
			return 0;
	}
	return -EINVAL;
}

/* Each conversion takes two letters of the format, or more. */
static_assert(FORMAT_MAX + INTERP_PRINT_ARGS * STRING_MAX <= INTERP_TEXT_MAX);
static_assert(WIDTH_MAX < STRING_MAX);

/**
 * interp_format_text() - print to the text of a run, as bpf_snprintf() does
 * @state: the run; its text is set, and NUL-terminated, on success. Its fault
 *	is set if the format or a string of it lies outside of the sandbox
 * @address: sandbox address of the format, which ends with a NUL
 * @args: the arguments
 * @arg_count: number of @args, at most INTERP_PRINT_ARGS
 *
 * Context: any.
 * Return: the length of the text, without its final NUL; -EINVAL if the format
 * is not allowed; -EFAULT if the fault of the state has been set.
 */
int interp_format_text(struct interp_state *state, u64 address,
		       const u64 *args, int arg_count)
{
	char copy[FORMAT_MAX];
	int err = format_read(state, address, copy);

	if (err)
		return err;
	state->text_used = true;
	return print_copy(state, copy, args, arg_count, state->text,
			  sizeof(state->text));
}
