// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that read and write text. What they read lies in the sandbox, where
 * another job or user space may write at any time: each byte is read once.
 *
 * An access that is not allowed is a fault at the address that the program has
 * passed, or for text that ends with a NUL at the byte that cannot be read. No
 * helper looks at more than TEXT_MAX bytes, so that no call takes longer than
 * the instructions between two safe points; nor do many, see interp_work().
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include <bpfsched/compat.h>

#include "helpers.h"
#include "memory.h"
#include "trace.h"

/* Longer output of a trace is cut. */
#define TRACE_SIZE	512

#define TEXT_MAX	4096

/* What it takes to begin to print, see interp_work(). */
#define PRINT_WORK	128

/* What it takes to hand a text to a tracepoint, see interp_work(). */
#define TRACE_WORK	1024

/* Longest number, as in the kernel; what follows is not looked at. Also a mask. */
#define NUMBER_MAX	63

/* What a byte of a number takes, see interp_work(): it is divided by the base. */
#define NUMBER_WORK	2

/* The flags of bpf_strtol() and bpf_strtoul() that name the base. */
#define BASE_MASK	0x1f

static u64 trace(const char *text, int len)
{
	if (len >= 0)
		trace_bpfsched_printk(text);
	return (s64)len;
}

/**
 * interp_help_trace_printk() - bpf_trace_printk(format, format_size, ...)
 * @state: the run
 * @args: r1 to r5, of which r3 to r5 are what is printed
 *
 * The text goes to the tracepoint bpfsched:bpfsched_printk.
 *
 * Context: process, from a dispatcher.
 * Return: the length of the text; -EINVAL for a format that is not allowed.
 */
u64 interp_help_trace_printk(struct interp_state *state, const u64 *args)
{
	char text[TRACE_SIZE];

	interp_work(state, TRACE_WORK);
	return trace(text, interp_format(state, text, sizeof(text), args[0],
					 args[1], &args[2], 3));
}

/* Copy what is to be printed; returns how many there are, or an error. */
static int read_args(struct interp_state *state, u64 address, u32 len,
		     u64 *values)
{
	const void *from;

	if (len % sizeof(u64) || len > INTERP_PRINT_ARGS * sizeof(u64) ||
	    (len && !address))
		return -EINVAL;
	if (!len)
		return 0;
	interp_work(state, len);
	from = interp_read_buffer(state, address, len);
	if (!from)
		return -EFAULT;
	memcpy(values, from, len);
	return len / sizeof(u64);
}

/**
 * interp_help_trace_vprintk() - bpf_trace_vprintk(format, format_size, data, len)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher.
 * Return: as interp_help_trace_printk(); -EINVAL also for @len that is not
 * that of up to INTERP_PRINT_ARGS numbers of 64 bits.
 */
u64 interp_help_trace_vprintk(struct interp_state *state, const u64 *args)
{
	u64 values[INTERP_PRINT_ARGS];
	char text[TRACE_SIZE];
	int count;

	interp_work(state, TRACE_WORK);
	count = read_args(state, args[2], args[3], values);
	if (count < 0)
		return (s64)count;
	return trace(text, interp_format(state, text, sizeof(text), args[0],
					 args[1], values, count));
}

/**
 * interp_help_snprintf() - bpf_snprintf(str, str_size, format, data, len)
 * @state: the run
 * @args: r1 to r5
 *
 * All that is printed is read before the first byte of @str is written, so they
 * may overlap.
 *
 * Context: process, from a dispatcher.
 * Return: the bytes that the whole text takes, with its final NUL; -EINVAL for
 * a format or a @len that is not allowed.
 */
u64 interp_help_snprintf(struct interp_state *state, const u64 *args)
{
	u64 values[INTERP_PRINT_ARGS];
	u32 size = args[1];
	char *to = NULL;
	int count, len;

	interp_work(state, PRINT_WORK);
	count = read_args(state, args[3], args[4], values);
	if (count < 0)
		return (s64)count;
	if (size) {
		to = interp_write_buffer(state, args[0], size);
		if (!to)
			return 0;
	}
	len = interp_format_text(state, args[2], values, count);
	if (len < 0)
		return (s64)len;
	if (size) {
		interp_work(state, min_t(u32, len + 1, size));
		memcpy(to, state->text, min_t(u32, len + 1, size));
		to[min_t(u32, len, size - 1)] = '\0';
	}
	return len + 1;
}

/**
 * interp_help_strncmp() - bpf_strncmp(s1, s1_size, s2)
 * @state: the run
 * @args: r1 to r5
 *
 * All of s1 has to be readable, of s2 what is compared. Not more than TEXT_MAX
 * bytes are compared.
 *
 * Context: process, from a dispatcher.
 * Return: -1, 0 or 1.
 */
u64 interp_help_strncmp(struct interp_state *state, const u64 *args)
{
	u32 size = args[1];
	const u8 *left, *right;
	u32 i;

	if (!size)
		return 0;
	left = interp_read_buffer(state, args[0], size);
	if (!left)
		return 0;
	for (i = 0; i < min_t(u32, size, TEXT_MAX); i++) {
		u8 a, b;

		interp_work(state, INTERP_WORK_BYTE);
		right = interp_readable(state, args[2] + i, 0);
		if (!right) {
			interp_fault(state, BPFSCHED_FAULT_READ, args[2] + i);
			return 0;
		}
		a = READ_ONCE(left[array_index_nospec(i, size)]);
		b = READ_ONCE(*right);
		if (a != b)
			return a < b ? -1 : 1;
		if (!a)
			return 0;
	}
	return 0;
}

/**
 * struct number - a number that is being read
 * @negative: a minus stands before it
 * @value: without that
 * @len: bytes that it takes, with what stands before it
 */
struct number {
	bool negative;
	u64 value;
	int len;
};

/* The prefix of a number says what its base is, as strtol(3) has it. */
static const char *skip_prefix(const char *digits, u32 *base)
{
	bool has_x = digits[0] == '0' && tolower(digits[1]) == 'x';

	if (!*base && has_x && isxdigit(digits[2]))
		*base = 16;
	else if (!*base)
		*base = digits[0] == '0' ? 8 : 10;
	return *base == 16 && has_x ? digits + 2 : digits;
}

/* What a digit stands for; more than any base if it is none. */
static u32 digit_value(char c)
{
	if (isdigit(c))
		return c - '0';
	return isxdigit(c) ? tolower(c) - 'a' + 10 : U32_MAX;
}

static int parse_digits(const char *text, u32 base, struct number *number)
{
	const char *first = skip_prefix(text, &base);
	const char *next = first;
	bool overflow = false;

	for (; digit_value(*next) < base; next++) {
		u32 digit = digit_value(*next);

		overflow |= number->value > div_u64(U64_MAX - digit, base);
		number->value = number->value * base + digit;
	}
	number->len += next - text;
	if (overflow)
		return -ERANGE;
	return next == first ? -EINVAL : 0;
}

/* Copy what may be digits, after blanks and a sign. */
static void copy_number(const char *from, u32 len, struct number *number,
			char *digits)
{
	char c = '\0';
	u32 i, count = 0;

	for (i = 0; i < len; i++) {
		c = READ_ONCE(from[array_index_nospec(i, len)]);
		if (!isspace(c))
			break;
	}
	number->negative = i < len && c == '-';
	number->len = i + number->negative;
	/* Each byte is read once: that which ended the blanks is in @c. */
	if (i < len && !number->negative)
		digits[count++] = c;
	for (i++; i < len && count < NUMBER_MAX; i++)
		digits[count++ & NUMBER_MAX] =
			READ_ONCE(from[array_index_nospec(i, len)]);
	digits[count & NUMBER_MAX] = '\0';
}

static int read_number(struct interp_state *state, const u64 *args,
		       struct number *number)
{
	u64 base = args[2] & BASE_MASK;
	char digits[NUMBER_MAX + 1];
	const char *from;

	*number = (struct number) {};
	if (!args[1] || (base && base != 8 && base != 10 && base != 16) ||
	    (args[2] & ~BASE_MASK))
		return -EINVAL;
	interp_work(state, INTERP_WORK_CLOCK +
			   NUMBER_WORK * min_t(u64, args[1], TEXT_MAX));
	from = interp_read_buffer(state, args[0], args[1]);
	if (!from)
		return -EFAULT;
	copy_number(from, min_t(u64, args[1], TEXT_MAX), number, digits);
	return parse_digits(digits, base, number);
}

/* Write a number that was read; 0 if there was an error, as in the kernel. */
static u64 write_number(struct interp_state *state, u64 address, int err,
			const struct number *number)
{
	void *to = interp_write_buffer(state, address, sizeof(u64));
	u64 value = number->negative ? -number->value : number->value;

	if (!to)
		return 0;
	put_unaligned(err ? 0 : value, (u64 *)to);
	return err ? (s64)err : number->len;
}

/**
 * interp_help_strtol() - bpf_strtol(text, len, flags, result)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher.
 * Return: the bytes that the number takes, with blanks and sign; -EINVAL if
 * there is none, or for flags other than a base; -ERANGE if it does not fit.
 */
u64 interp_help_strtol(struct interp_state *state, const u64 *args)
{
	struct number number;
	int err = read_number(state, args, &number);

	if (err == -EFAULT)
		return 0;
	if (!err && number.value > (u64)S64_MAX + number.negative)
		err = -ERANGE;
	return write_number(state, args[3], err, &number);
}

/**
 * interp_help_strtoul() - bpf_strtoul(text, len, flags, result)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher.
 * Return: as interp_help_strtol(); -EINVAL also for a number with a minus.
 */
u64 interp_help_strtoul(struct interp_state *state, const u64 *args)
{
	struct number number;
	int err = read_number(state, args, &number);

	if (err == -EFAULT)
		return 0;
	if (!err && number.negative)
		err = -EINVAL;
	return write_number(state, args[3], err, &number);
}
