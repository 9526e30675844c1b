// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of formatting for helpers: what is printed, what is refused, and what
 * is a fault.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "../interp/interp.h"
#include "insn.h"

#define CONTEXT_SIZE	1024
#define OUT_SIZE	512
#define GUARD		0x5a

/* Where things are put in the context. */
#define FORMAT_AT	0
#define STRING_AT	512

#define CONTEXT(offset)	INTERP_ADDRESS(INTERP_REGION_CONTEXT, offset)

/**
 * struct printer - what a case works with; test->priv
 * @state: a run of a program that does nothing
 * @image: the program
 * @context: its context
 * @section: its only data section, which it may not write
 * @out: what is printed, and behind it bytes that nobody may touch
 */
struct printer {
	struct interp_state state;
	struct interp_image *image;
	char context[CONTEXT_SIZE];
	char section[64];
	char out[OUT_SIZE + 1];
};

/* The program can reach the first @len bytes of the context. */
static void start(struct printer *printer, u32 len)
{
	const struct bpfsched_exec_params params = {
		.image = printer->image,
		.context = { .base = printer->context, .len = len },
		.budget_insns = 1,
	};

	interp_start(&printer->state, &params);
	memset(printer->out, GUARD, sizeof(printer->out));
}

static int format_test_init(struct kunit *test)
{
	struct bpf_insn insn = INSN_EXIT;
	struct bpfsched_memory section = {
		.len = sizeof_field(struct printer, section),
		.readonly = true,
	};
	const struct bpfsched_code code = {
		.insns = &insn,
		.insn_count = 1,
		.sections = &section,
		.section_count = 1,
	};
	struct printer *printer;

	printer = kunit_kzalloc(test, sizeof(*printer), GFP_KERNEL);
	if (!printer)
		return -ENOMEM;
	test->priv = printer;
	section.base = printer->section;
	printer->image = interp_decode(&code, &interp_switch);
	if (!printer->image)
		return -ENOMEM;
	start(printer, CONTEXT_SIZE);
	return 0;
}

static void format_test_exit(struct kunit *test)
{
	struct printer *printer = test->priv;

	if (printer)
		interp_image_free(printer->image);
}

/* Print by a format of @len bytes with its NUL into @size bytes. */
static int print(struct printer *printer, const char *format, u32 len,
		 size_t size, const u64 *args, int arg_count)
{
	memcpy(printer->context + FORMAT_AT, format, len);
	return interp_format(&printer->state, printer->out, size,
			     CONTEXT(FORMAT_AT), len, args, arg_count);
}

/**
 * struct format_case - a format and what becomes of it
 * @format: the format
 * @text: what is printed, NULL: it is refused
 * @args: the arguments
 */
struct format_case {
	const char *format;
	const char *text;
	u64 args[3];
};

static void expect_format(struct kunit *test, const struct format_case *c)
{
	struct printer *printer = test->priv;
	int len;

	len = print(printer, c->format, strlen(c->format) + 1, OUT_SIZE,
		    c->args, ARRAY_SIZE(c->args));
	KUNIT_EXPECT_EQ_MSG(test, printer->state.fault.kind,
			    (u32)BPFSCHED_FAULT_NONE, "\"%s\"", c->format);
	if (!c->text) {
		KUNIT_EXPECT_EQ_MSG(test, len, -EINVAL, "\"%s\"", c->format);
		return;
	}
	KUNIT_ASSERT_EQ_MSG(test, len, (int)strlen(c->text), "\"%s\"",
			    c->format);
	KUNIT_EXPECT_STREQ_MSG(test, &printer->out[0], c->text, "\"%s\"",
			       c->format);
}

static void expect_formats(struct kunit *test, const struct format_case *cases,
			   size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		expect_format(test, &cases[i]);
}

static const struct format_case plain_cases[] = {
	{ "", "" },
	{ "text", "text" },
	{ "a\tb\nc\v\f\r", "a\tb\nc\v\f\r" },
	{ "%%", "%" },
	{ "%%%%d%%", "%%d%" },
	{ "100%% of %d", "100% of 7", { 7 } },
	/* UTF-8: E with an accent, a Greek letter, a smiling face */
	{ "\xc3\x89, \xce\xa9, \xf0\x9f\x98\x80",
	  "\xc3\x89, \xce\xa9, \xf0\x9f\x98\x80" },
};

static void plain_text(struct kunit *test)
{
	expect_formats(test, plain_cases, ARRAY_SIZE(plain_cases));
}

/* All of them look at 64 bits, or at the lower 32 only. */
static const struct format_case number_cases[] = {
	{ "%d", "0", { 0 } },
	{ "%d", "2147483647", { S32_MAX } },
	{ "%d", "-2147483648", { 0x80000000 } },
	{ "%d", "-1", { 0xffffffff } },
	{ "%d", "-1", { U64_MAX } },
	{ "%d", "5", { 0xffffffff00000005 } },
	{ "%i", "-2", { 0xfffffffe } },
	{ "%u", "4294967295", { U64_MAX } },
	{ "%u", "5", { 0x100000005 } },
	{ "%x", "ffffffff", { U64_MAX } },
	{ "%x", "dead", { 0xbeef0000dead } },
	{ "%X", "C0FFEE", { 0xc0ffee } },
	{ "%ld", "-9223372036854775808", { 1ULL << 63 } },
	{ "%lld", "9223372036854775807", { S64_MAX } },
	{ "%ld", "4294967295", { 0xffffffff } },
	{ "%li", "-1", { U64_MAX } },
	{ "%lli", "-1", { U64_MAX } },
	{ "%lu", "18446744073709551615", { U64_MAX } },
	{ "%llu", "18446744073709551615", { U64_MAX } },
	{ "%lx", "123456789abcdef0", { 0x123456789abcdef0 } },
	{ "%llx", "123456789abcdef0", { 0x123456789abcdef0 } },
	{ "%lX", "FEDCBA9876543210", { 0xfedcba9876543210 } },
	{ "%llX", "FEDCBA9876543210", { 0xfedcba9876543210 } },
	{ "%c", "A", { 'A' } },
	{ "%c", "A", { 0xffffffffffffff00 | 'A' } },
	{ "%d,%u,%x", "1,2,3", { 1, 2, 3 } },
	{ "%c%c%c", "abc", { 'a', 'b', 'c' } },
};

static void numbers(struct kunit *test)
{
	expect_formats(test, number_cases, ARRAY_SIZE(number_cases));
}

static const struct format_case width_cases[] = {
	{ "[%5d]", "[   42]", { 42 } },
	{ "[%5d]", "[  -42]", { -42 } },
	{ "[%5d]", "[123456]", { 123456 } },
	{ "[%-5d]", "[42   ]", { 42 } },
	{ "[%05d]", "[00042]", { 42 } },
	{ "[%05d]", "[-0042]", { -42 } },
	{ "[%-05d]", "[42   ]", { 42 } },
	{ "[%0-5d]", "[42   ]", { 42 } },
	{ "[%00005d]", "[00042]", { 42 } },
	{ "[%--5d]", "[42   ]", { 42 } },
	{ "[%0d]", "[42]", { 42 } },
	{ "[%-d]", "[42]", { 42 } },
	{ "[%08lx]", "[000000ff]", { 0xff } },
	{ "[%-8llX]", "[FF      ]", { 0xff } },
	{ "[%3c]", "[  A]", { 'A' } },
	{ "[%-3c]", "[A  ]", { 'A' } },
	{ "[%1u]", "[7]", { 7 } },
	{ "[%10u]", "[         7]", { 7 } },
	{ "%100d", NULL, { 1 } },
	{ "%4294967301d", NULL, { 1 } },
	{ "%18446744073709551621d", NULL, { 1 } },
};

static void flags_and_widths(struct kunit *test)
{
	expect_formats(test, width_cases, ARRAY_SIZE(width_cases));
}

static void largest_width(struct kunit *test)
{
	struct format_case c = { "%99d", NULL, { 1 } };
	char text[100];

	c.text = text;
	memset(text, ' ', 98);
	memcpy(text + 98, "1", 2);
	expect_format(test, &c);

	c.format = "%099d";
	memset(text, '0', 98);
	expect_format(test, &c);
}

static const struct format_case refused_cases[] = {
	{ "%" }, { "text %" }, { "%l" }, { "%ll" }, { "%5" }, { "%-" },
	{ "%0" }, { "%p" }, { "%pK" }, { "%ps" }, { "%pB" }, { "%px" },
	{ "%pI4" }, { "%lp" }, { "%n" }, { "%o" }, { "%f" }, { "%e" },
	{ "%a" }, { "%D" }, { "%S" }, { "%b" }, { "%h" }, { "%hd" },
	{ "%hhx" }, { "%zd" }, { "%jd" }, { "%td" }, { "%qd" },
	{ "%ls" }, { "%lc" }, { "%llc" }, { "%llld" }, { "%l%" }, { "%*d" },
	{ "%-*d" }, { "%.3d" }, { "%5.3d" }, { "%.s" }, { "%#x" }, { "%'d" },
	{ "%5%" }, { "%-%" }, { "%1$d" }, { "%d%" }, { "%y" }, { "%5-d" },
	{ "%ld%lp" }, { "%d%d%d%d" }, { "%d%d%d%%%d" }, { "%s%s%s%p" },
	{ "\x01" }, { "\x1b[1m" }, { "a\x7f" }, { "%\x01" }, { "%\x80" },
	{ "%\xa0" }, { "%\xff" },
};

static void refused(struct kunit *test)
{
	struct format_case c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused_cases); i++) {
		c = refused_cases[i];
		c.args[0] = CONTEXT(STRING_AT);
		c.args[1] = CONTEXT(STRING_AT);
		c.args[2] = CONTEXT(STRING_AT);
		expect_format(test, &c);
	}
}

static void conversions_without_argument(struct kunit *test)
{
	struct printer *printer = test->priv;
	const u64 args[] = { 1, 2, 3 };

	KUNIT_EXPECT_EQ(test, print(printer, "%d", 3, OUT_SIZE, args, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, print(printer, "%d %d", 6, OUT_SIZE, args, 1),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, print(printer, "%d %d", 6, OUT_SIZE, args, 2),
			3);
	KUNIT_EXPECT_EQ(test, print(printer, "%%", 3, OUT_SIZE, args, 0), 1);
}

static void length_of_format(struct kunit *test)
{
	struct printer *printer = test->priv;
	char format[258];

	memset(format, 'x', sizeof(format));
	format[255] = '\0';
	KUNIT_EXPECT_EQ(test, print(printer, format, 256, OUT_SIZE, NULL, 0),
			255);
	KUNIT_EXPECT_EQ(test, strlen(printer->out), 255UL);

	format[255] = 'x';
	format[256] = '\0';
	KUNIT_EXPECT_EQ(test, print(printer, format, 257, OUT_SIZE, NULL, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, interp_format(&printer->state, printer->out,
					    OUT_SIZE, CONTEXT(0), 0, NULL, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, interp_format(&printer->state, printer->out,
					    OUT_SIZE, CONTEXT(0), U32_MAX,
					    NULL, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, print(printer, "", 1, OUT_SIZE, NULL, 0), 0);
	KUNIT_EXPECT_STREQ(test, &printer->out[0], "");
	KUNIT_EXPECT_EQ(test, printer->state.fault.kind,
			(u32)BPFSCHED_FAULT_NONE);
}

static void format_without_nul(struct kunit *test)
{
	struct printer *printer = test->priv;

	KUNIT_EXPECT_EQ(test, print(printer, "abc", 3, OUT_SIZE, NULL, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, print(printer, "abc%", 4, OUT_SIZE, NULL, 0),
			-EINVAL);
	/* What comes behind the first NUL does not count. */
	KUNIT_EXPECT_EQ(test, print(printer, "ab\0%p", 6, OUT_SIZE, NULL, 0),
			2);
	KUNIT_EXPECT_STREQ(test, &printer->out[0], "ab");
}

static void expect_fault(struct kunit *test, int result, u64 address,
			 const char *what)
{
	struct interp_state *state = &((struct printer *)test->priv)->state;

	KUNIT_EXPECT_EQ_MSG(test, result, -EFAULT, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, state->fault.kind, (u32)BPFSCHED_FAULT_READ,
			    "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, state->fault.address, address, "%s", what);
	memset(&state->fault, 0, sizeof(state->fault));
}

/* Addresses that no program may read from. */
static const u64 bad_addresses[] = {
	0, 1, 0xffffffff, INTERP_ADDRESS(INTERP_REGION_STACK, 512),
	INTERP_ADDRESS(INTERP_REGION_CONTEXT, CONTEXT_SIZE),
	INTERP_ADDRESS(INTERP_REGION_SECTIONS, 64),
	INTERP_ADDRESS(INTERP_REGION_SECTIONS + 1, 0),
	INTERP_ADDRESS(INTERP_REGIONS, 0), 0xffffffff00000000, U64_MAX,
};

static void format_outside(struct kunit *test)
{
	struct printer *printer = test->priv;
	char what[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		int result = interp_format(&printer->state, printer->out,
					   OUT_SIZE, bad_addresses[i], 1, NULL,
					   0);

		snprintf(what, sizeof(what), "0x%llx", bad_addresses[i]);
		expect_fault(test, result, bad_addresses[i], what);
	}
}

static void format_partly_outside(struct kunit *test)
{
	struct printer *printer = test->priv;
	const u64 address = CONTEXT(CONTEXT_SIZE - 4);
	int result;

	memcpy(printer->context + CONTEXT_SIZE - 4, "abc", 4);
	result = interp_format(&printer->state, printer->out, OUT_SIZE,
			       address, 4, NULL, 0);
	KUNIT_EXPECT_EQ(test, result, 3);
	KUNIT_EXPECT_STREQ(test, &printer->out[0], "abc");
	result = interp_format(&printer->state, printer->out, OUT_SIZE,
			       address, 5, NULL, 0);
	expect_fault(test, result, address, "one byte outside");
	result = interp_format(&printer->state, printer->out, OUT_SIZE,
			       CONTEXT(0) - 1, 2, NULL, 0);
	expect_fault(test, result, CONTEXT(0) - 1, "one byte before");

	start(printer, 3);
	result = interp_format(&printer->state, printer->out, OUT_SIZE,
			       CONTEXT(0), 4, NULL, 0);
	expect_fault(test, result, CONTEXT(0), "longer than the region");
}

static void format_in_every_region(struct kunit *test)
{
	struct printer *printer = test->priv;
	const u64 stack = INTERP_ADDRESS(INTERP_REGION_STACK, 512 - 6);
	const u64 section = INTERP_ADDRESS(INTERP_REGION_SECTIONS, 60);
	const u64 args[] = { 7 };

	memcpy(&printer->state.stack[512 - 6], "st:%d", 6);
	KUNIT_EXPECT_EQ(test, interp_format(&printer->state, printer->out,
					    OUT_SIZE, stack, 6, args, 1), 4);
	KUNIT_EXPECT_STREQ(test, &printer->out[0], "st:7");

	memcpy(printer->section + 60, ".%d", 4);
	KUNIT_EXPECT_EQ(test, interp_format(&printer->state, printer->out,
					    OUT_SIZE, section, 4, args, 1), 2);
	KUNIT_EXPECT_STREQ(test, &printer->out[0], ".7");
}

static void strings(struct kunit *test)
{
	struct printer *printer = test->priv;
	const struct format_case cases[] = {
		{ "%s", "hello", { CONTEXT(STRING_AT) } },
		{ "[%s]", "[llo]", { CONTEXT(STRING_AT + 2) } },
		{ "[%s]", "[]", { CONTEXT(STRING_AT + 5) } },
		{ "[%8s]", "[   hello]", { CONTEXT(STRING_AT) } },
		{ "[%-8s]", "[hello   ]", { CONTEXT(STRING_AT) } },
		{ "[%3s]", "[hello]", { CONTEXT(STRING_AT) } },
		{
			"%s %d %s", "hello -1 o",
			{ CONTEXT(STRING_AT), -1, CONTEXT(STRING_AT + 4) },
		}, {
			"%s", "stack",
			{ INTERP_ADDRESS(INTERP_REGION_STACK, 512 - 6) },
		}, {
			"%s", "section",
			{ INTERP_ADDRESS(INTERP_REGION_SECTIONS, 64 - 8) },
		},
	};

	memcpy(printer->context + STRING_AT, "hello", 6);
	memcpy(&printer->state.stack[512 - 6], "stack", 6);
	memcpy(printer->section + 64 - 8, "section", 8);
	expect_formats(test, cases, ARRAY_SIZE(cases));
}

/* A string is data: what stands in it is neither a format nor looked at. */
static void strings_are_not_formats(struct kunit *test)
{
	struct printer *printer = test->priv;
	const struct format_case c = {
		"%s", "%p %s \x01\xff", { CONTEXT(STRING_AT) },
	};

	memcpy(printer->context + STRING_AT, c.text, strlen(c.text) + 1);
	expect_format(test, &c);
}

static void long_strings_are_cut(struct kunit *test)
{
	struct printer *printer = test->priv;
	const u64 args[] = { CONTEXT(STRING_AT) };
	u32 len;

	for (len = 125; len <= 130; len++) {
		memset(printer->context + STRING_AT, 's', len);
		printer->context[STRING_AT + len] = '\0';
		KUNIT_EXPECT_EQ_MSG(test,
				    print(printer, "%s", 3, OUT_SIZE, args, 1),
				    (int)min(len, 127U), "length %u", len);
		KUNIT_EXPECT_EQ_MSG(test, strlen(printer->out),
				    (size_t)min(len, 127U), "length %u", len);
	}
}

/* At most 127 bytes are read, so a NUL is not missed behind them. */
static void strings_at_the_end(struct kunit *test)
{
	struct printer *printer = test->priv;
	u64 args[1];
	int result;
	u32 len;

	memset(printer->context, 's', CONTEXT_SIZE);
	for (len = 1; len <= 130; len++) {
		args[0] = CONTEXT(CONTEXT_SIZE - len);
		result = print(printer, "%s", 3, OUT_SIZE, args, 1);
		if (len < 127)
			expect_fault(test, result, CONTEXT(CONTEXT_SIZE),
				     "no NUL before the end");
		else
			KUNIT_EXPECT_EQ_MSG(test, result, 127, "length %u",
					    len);
	}

	printer->context[CONTEXT_SIZE - 1] = '\0';
	args[0] = CONTEXT(CONTEXT_SIZE - 4);
	KUNIT_EXPECT_EQ(test, print(printer, "%s", 3, OUT_SIZE, args, 1), 3);
}

static void strings_outside(struct kunit *test)
{
	struct printer *printer = test->priv;
	char what[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		const u64 args[] = { 1, bad_addresses[i] };
		int result = print(printer, "%d%s", 5, OUT_SIZE, args, 2);

		snprintf(what, sizeof(what), "0x%llx", bad_addresses[i]);
		expect_fault(test, result, bad_addresses[i], what);
	}
}

/* Into buffers of all sizes; not a byte is written behind one. */
static void expect_cut(struct kunit *test, const char *format,
		       const u64 *args, const char *text)
{
	struct printer *printer = test->priv;
	int full = strlen(text);
	size_t size;

	for (size = 1; size < full + 4; size++) {
		int len = min_t(int, full, size - 1);

		memset(printer->out, GUARD, sizeof(printer->out));
		KUNIT_EXPECT_EQ_MSG(test,
				    print(printer, format, strlen(format) + 1,
					  size, args, 3),
				    len, "\"%s\" in %zu", format, size);
		KUNIT_EXPECT_TRUE_MSG(test,
				      !memcmp(printer->out, text, len) &&
				      !printer->out[len],
				      "\"%s\" in %zu", format, size);
		KUNIT_EXPECT_NULL_MSG(test,
				      memchr_inv(printer->out + size, GUARD,
						 sizeof(printer->out) - size),
				      "\"%s\" in %zu", format, size);
	}
}

static void output_is_cut(struct kunit *test)
{
	struct printer *printer = test->priv;
	const u64 numbers[] = { 12345, -1, 0xabc };
	const u64 strings[] = {
		CONTEXT(STRING_AT), CONTEXT(STRING_AT), CONTEXT(STRING_AT),
	};

	memcpy(printer->context + STRING_AT, "hello", 6);
	expect_cut(test, "no conversions", numbers, "no conversions");
	expect_cut(test, "%%a%%b", numbers, "%a%b");
	expect_cut(test, "%d:%lld:%x", numbers, "12345:-1:abc");
	expect_cut(test, "%40d.", numbers,
		   "                                   12345.");
	expect_cut(test, "%c%c%c", numbers, "9\xff\xbc");
	expect_cut(test, "%s, %8s and %-8s.", strings,
		   "hello,    hello and hello   .");
}

static struct kunit_case format_cases[] = {
	KUNIT_CASE(plain_text),
	KUNIT_CASE(numbers),
	KUNIT_CASE(flags_and_widths),
	KUNIT_CASE(largest_width),
	KUNIT_CASE(refused),
	KUNIT_CASE(conversions_without_argument),
	KUNIT_CASE(length_of_format),
	KUNIT_CASE(format_without_nul),
	KUNIT_CASE(format_outside),
	KUNIT_CASE(format_partly_outside),
	KUNIT_CASE(format_in_every_region),
	KUNIT_CASE(strings),
	KUNIT_CASE(strings_are_not_formats),
	KUNIT_CASE(long_strings_are_cut),
	KUNIT_CASE(strings_at_the_end),
	KUNIT_CASE(strings_outside),
	KUNIT_CASE(output_is_cut),
	{}
};

static struct kunit_suite format_suite = {
	.name = "interp_format",
	.init = format_test_init,
	.exit = format_test_exit,
	.test_cases = format_cases,
};

kunit_test_suite(format_suite);
