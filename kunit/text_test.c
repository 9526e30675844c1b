// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the helpers that read and write text: what they give, and every
 * bound of what they may touch, from both sides.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "machine.h"

/* Where the text and the result lie: at the ends of the context. */
#define CONTEXT_LEN	256
#define RESULT_AT	(CONTEXT_LEN - 8)

/* A section that may only be read. */
#define RODATA_LEN	64

#define ARGS(...)	((const u64 [5]) { __VA_ARGS__ })

static u8 *context(struct kunit *test)
{
	return ((struct machine *)test->priv)->context.base;
}

static void set_memory(struct kunit *test)
{
	struct machine *m = test->priv;

	machine_set_context(m, CONTEXT_LEN);
	m->sections[0].base = m->memory;
	m->sections[0].len = RODATA_LEN;
	m->sections[0].readonly = true;
	m->section_count = 1;
}

static u64 result(struct kunit *test)
{
	u64 value;

	memcpy(&value, context(test) + RESULT_AT, sizeof(value));
	return value;
}

static void set_result(struct kunit *test, u64 value)
{
	memcpy(context(test) + RESULT_AT, &value, sizeof(value));
}

/**
 * struct number_case - a text, and the number in it
 * @text: the text
 * @flags: the base
 * @taken: bytes that the number takes, or a negative errno
 * @value: the number
 */
struct number_case {
	const char *text;
	u64 flags;
	s64 taken;
	u64 value;
};

static void expect_number(struct kunit *test, s32 helper,
			  const struct number_case *c)
{
	u32 len = strlen(c->text);

	memcpy(context(test), c->text, len);
	set_result(test, 0x5555);
	machine_expect_call(test, c->text, helper,
			    ARGS(CONTEXT(0), len, c->flags,
				 CONTEXT(RESULT_AT)), c->taken);
	/* As in the kernel, 0 is written where there is no number. */
	KUNIT_EXPECT_EQ_MSG(test, result(test), c->taken < 0 ? 0 : c->value,
			    "\"%s\"", c->text);
}

static void numbers_with_a_sign(struct kunit *test)
{
	static const struct number_case cases[] = {
		{ "0", 0, 1, 0 },
		{ "123", 0, 3, 123 },
		{ "-123", 0, 4, -123ULL },
		{ " \t\n42 rest", 0, 5, 42 },
		{ "0x1F", 0, 4, 31 },
		{ "0x1F", 16, 4, 31 },
		{ "1f", 16, 2, 31 },
		{ "0x", 16, -EINVAL, 0 },
		{ "0x", 0, 1, 0 },
		{ "0xg", 0, 1, 0 },
		{ "0755", 0, 4, 0755 },
		{ "0755", 10, 4, 755 },
		{ "0855", 0, 1, 0 },
		{ "78", 8, 1, 7 },
		{ "9223372036854775807", 0, 19, S64_MAX },
		{ "9223372036854775808", 0, -ERANGE, 0 },
		{ "-9223372036854775808", 0, 20, (u64)S64_MIN },
		{ "-9223372036854775809", 0, -ERANGE, 0 },
		{ "99999999999999999999", 0, -ERANGE, 0 },
		{ "-", 0, -EINVAL, 0 },
		{ "- 1", 0, -EINVAL, 0 },
		{ "+1", 0, -EINVAL, 0 },
		{ "x", 0, -EINVAL, 0 },
		{ "   ", 0, -EINVAL, 0 },
		{ "1", 2, -EINVAL, 0 },
		{ "1", 36, -EINVAL, 0 },
		{ "1", 1ULL << 63, -EINVAL, 0 },
	};
	size_t i;

	set_memory(test);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect_number(test, BPF_FUNC_strtol, &cases[i]);
}

static void numbers_without_a_sign(struct kunit *test)
{
	static const struct number_case cases[] = {
		{ "7", 0, 1, 7 },
		{ "18446744073709551615", 10, 20, U64_MAX },
		{ "18446744073709551616", 10, -ERANGE, 0 },
		{ "0xffffffffffffffff", 0, 18, U64_MAX },
		{ "0x10000000000000000", 0, -ERANGE, 0 },
		{ "-1", 0, -EINVAL, 0 },
		{ " 01777777777777777777777", 0, 24, U64_MAX },
		{ " 02000000000000000000000", 0, -ERANGE, 0 },
	};
	size_t i;

	set_memory(test);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect_number(test, BPF_FUNC_strtoul, &cases[i]);
}

/* Only what the length counts is looked at. */
static void number_ends_with_its_text(struct kunit *test)
{
	set_memory(test);
	memset(context(test), '7', CONTEXT_LEN);
	machine_expect_call(test, "two", BPF_FUNC_strtoul,
			    ARGS(CONTEXT(0), 2, 0, CONTEXT(RESULT_AT)), 2);
	KUNIT_EXPECT_EQ(test, result(test), 77ULL);
	/* Not more than 63 digits are, as in the kernel. */
	memset(context(test), '0', 100);
	machine_expect_call(test, "long", BPF_FUNC_strtoul,
			    ARGS(CONTEXT(0), 100, 10, CONTEXT(RESULT_AT)), 63);
	machine_expect_call(test, "empty", BPF_FUNC_strtoul,
			    ARGS(CONTEXT(0), 0, 0, CONTEXT(RESULT_AT)), -EINVAL);
}

/* The result may lie in the text, which is read before. */
static void number_overlaps_its_result(struct kunit *test)
{
	u64 value;

	set_memory(test);
	memcpy(context(test), "12345678", 8);
	machine_load_call(test, BPF_FUNC_strtol,
			  ARGS(CONTEXT(0), 8, 0, CONTEXT(0)));
	KUNIT_ASSERT_EQ(test, (int)machine_run(test->priv, 1000),
			(int)BPFSCHED_DONE);
	memcpy(&value, context(test), sizeof(value));
	KUNIT_EXPECT_EQ(test, value, 12345678ULL);
}

static void number_bounds(struct kunit *test)
{
	const u64 end = CONTEXT_LEN;

	set_memory(test);
	memset(context(test), '1', CONTEXT_LEN);
	machine_expect_call(test, "last byte", BPF_FUNC_strtol,
			    ARGS(CONTEXT(end - 1), 1, 0, CONTEXT(0)), 1);
	machine_expect_call_fault(test, "byte behind", BPF_FUNC_strtol,
				  ARGS(CONTEXT(end - 1), 2, 0, CONTEXT(0)),
				  BPFSCHED_FAULT_READ, CONTEXT(end - 1));
	machine_expect_call_fault(test, "behind", BPF_FUNC_strtol,
				  ARGS(CONTEXT(end), 1, 0, CONTEXT(0)),
				  BPFSCHED_FAULT_READ, CONTEXT(end));
	machine_expect_call_fault(test, "before", BPF_FUNC_strtol,
				  ARGS(CONTEXT(0) - 1, 1, 0, CONTEXT(0)),
				  BPFSCHED_FAULT_READ, CONTEXT(0) - 1);
	machine_expect_call_fault(test, "null", BPF_FUNC_strtol,
				  ARGS(0, 1, 0, CONTEXT(0)),
				  BPFSCHED_FAULT_READ, 0);
	machine_expect_call_fault(test, "wraps", BPF_FUNC_strtol,
				  ARGS(CONTEXT(0), 1ULL << 32, 0, CONTEXT(0)),
				  BPFSCHED_FAULT_READ, CONTEXT(0));
	machine_expect_call_fault(test, "all", BPF_FUNC_strtol,
				  ARGS(CONTEXT(0), U64_MAX, 0, CONTEXT(0)),
				  BPFSCHED_FAULT_READ, CONTEXT(0));
	memset(context(test), '1', CONTEXT_LEN);
	machine_expect_call(test, "last result", BPF_FUNC_strtoul,
			    ARGS(CONTEXT(0), 1, 0, CONTEXT(end - 8)), 1);
	machine_expect_call_fault(test, "result ends behind", BPF_FUNC_strtoul,
				  ARGS(CONTEXT(0), 1, 0, CONTEXT(end - 7)),
				  BPFSCHED_FAULT_WRITE, CONTEXT(end - 7));
	machine_expect_call_fault(test, "read-only", BPF_FUNC_strtoul,
				  ARGS(CONTEXT(0), 1, 0, SECTION(0, 0)),
				  BPFSCHED_FAULT_WRITE, SECTION(0, 0));
	machine_expect_call_fault(test, "function", BPF_FUNC_strtoul,
				  ARGS(CONTEXT(0), 1, 0,
				       INTERP_ADDRESS(INTERP_REGION_FUNCTIONS,
						      0)),
				  BPFSCHED_FAULT_WRITE,
				  INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 0));
}

static void strncmp_compares(struct kunit *test)
{
	static const struct {
		const char *left, *right;
		u32 size;
		s64 result;
	} cases[] = {
		{ "abc", "abc", 3, 0 }, { "abc", "abd", 3, -1 },
		{ "abd", "abc", 3, 1 }, { "abc", "abd", 2, 0 },
		{ "ab", "abc", 3, -1 }, { "abc", "ab", 3, 1 },
		{ "\xff", "a", 1, 1 }, { "a", "b", 0, 0 }, { "", "", 1, 0 },
	};
	struct machine *m = test->priv;
	size_t i;

	set_memory(test);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		strscpy(context(test), cases[i].left, 16);
		strscpy(m->memory, cases[i].right, 16);
		machine_expect_call(test, cases[i].left, BPF_FUNC_strncmp,
				    ARGS(CONTEXT(0), cases[i].size,
					 SECTION(0, 0)), cases[i].result);
	}
}

static void strncmp_bounds(struct kunit *test)
{
	struct machine *m = test->priv;

	set_memory(test);
	memset(context(test), 'x', CONTEXT_LEN);
	memset(m->memory, 'x', RODATA_LEN);
	/* It stops where the second ends, and does not look behind that. */
	m->memory[RODATA_LEN - 1] = '\0';
	machine_expect_call(test, "ends", BPF_FUNC_strncmp,
			    ARGS(CONTEXT(0), CONTEXT_LEN, SECTION(0, 0)), 1);
	machine_expect_call_fault(test, "first is too long", BPF_FUNC_strncmp,
				  ARGS(CONTEXT(0), CONTEXT_LEN + 1,
				       SECTION(0, 0)),
				  BPFSCHED_FAULT_READ, CONTEXT(0));
	m->memory[RODATA_LEN - 1] = 'x';
	machine_expect_call(test, "just enough", BPF_FUNC_strncmp,
			    ARGS(CONTEXT(0), RODATA_LEN, SECTION(0, 0)), 0);
	machine_expect_call_fault(test, "second has no end", BPF_FUNC_strncmp,
				  ARGS(CONTEXT(0), RODATA_LEN + 1,
				       SECTION(0, 0)),
				  BPFSCHED_FAULT_READ, SECTION(0, RODATA_LEN));
	machine_expect_call_fault(test, "null", BPF_FUNC_strncmp,
				  ARGS(CONTEXT(0), 1, 0), BPFSCHED_FAULT_READ,
				  0);
}

/* Print the format in the section with what lies at offset 128. */
static const u64 *print_args(u32 size, u32 count)
{
	static u64 args[5];

	args[0] = CONTEXT(0);
	args[1] = size;
	args[2] = SECTION(0, 0);
	args[3] = count ? CONTEXT(128) : 0;
	args[4] = count * sizeof(u64);
	return args;
}

static void set_format(struct kunit *test, const char *format, u64 first,
		       u64 second)
{
	const u64 values[] = { first, second };
	struct machine *m = test->priv;

	strscpy(m->memory, format, RODATA_LEN);
	memcpy(context(test) + 128, values, sizeof(values));
}

static void snprintf_prints(struct kunit *test)
{
	set_memory(test);
	set_format(test, "%d and %llx", -7, 0x123456789abcULL);
	machine_expect_call(test, "all", BPF_FUNC_snprintf, print_args(64, 2),
			    20);
	KUNIT_EXPECT_STREQ(test, (char *)context(test), "-7 and 123456789abc");
	/* What fits, with its NUL, and what all of it would have taken. */
	machine_expect_call(test, "exact", BPF_FUNC_snprintf, print_args(20, 2),
			    20);
	KUNIT_EXPECT_STREQ(test, (char *)context(test), "-7 and 123456789abc");
	context(test)[5] = '!';
	machine_expect_call(test, "cut", BPF_FUNC_snprintf, print_args(5, 2),
			    20);
	KUNIT_EXPECT_STREQ(test, (char *)context(test), "-7 a");
	KUNIT_EXPECT_EQ(test, context(test)[5], (u8)'!');
	machine_expect_call(test, "one", BPF_FUNC_snprintf, print_args(1, 2),
			    20);
	KUNIT_EXPECT_EQ(test, context(test)[0], (u8)'\0');
	context(test)[0] = '!';
	machine_expect_call(test, "none", BPF_FUNC_snprintf, print_args(0, 2),
			    20);
	KUNIT_EXPECT_EQ(test, context(test)[0], (u8)'!');
	set_format(test, "plain", 0, 0);
	machine_expect_call(test, "plain", BPF_FUNC_snprintf, print_args(64, 0),
			    6);
}

static void snprintf_refuses(struct kunit *test)
{
	set_memory(test);
	set_format(test, "%d %d", 1, 2);
	machine_expect_call(test, "too few", BPF_FUNC_snprintf,
			    print_args(64, 1), -EINVAL);
	machine_expect_call(test, "too many", BPF_FUNC_snprintf,
			    print_args(64, 13), -EINVAL);
	machine_expect_call(test, "uneven", BPF_FUNC_snprintf,
			    ARGS(CONTEXT(0), 64, SECTION(0, 0), CONTEXT(128),
				 15), -EINVAL);
	machine_expect_call(test, "null", BPF_FUNC_snprintf,
			    ARGS(CONTEXT(0), 64, SECTION(0, 0), 0, 16),
			    -EINVAL);
	set_format(test, "%p", 1, 2);
	machine_expect_call(test, "pointer", BPF_FUNC_snprintf,
			    print_args(64, 2), -EINVAL);
}

static void snprintf_bounds(struct kunit *test)
{
	struct machine *m = test->priv;
	const u64 end = CONTEXT_LEN;

	set_memory(test);
	set_format(test, "%d", 1, 2);
	machine_expect_call(test, "last", BPF_FUNC_snprintf,
			    ARGS(CONTEXT(end - 2), 2, SECTION(0, 0),
				 CONTEXT(128), 8), 2);
	machine_expect_call_fault(test, "output behind", BPF_FUNC_snprintf,
				  ARGS(CONTEXT(end - 2), 3, SECTION(0, 0),
				       CONTEXT(128), 8),
				  BPFSCHED_FAULT_WRITE, CONTEXT(end - 2));
	machine_expect_call_fault(test, "output read-only", BPF_FUNC_snprintf,
				  ARGS(SECTION(0, 8), 3, SECTION(0, 0),
				       CONTEXT(128), 8),
				  BPFSCHED_FAULT_WRITE, SECTION(0, 8));
	memset(context(test) + end - 8, 0, 8);
	machine_expect_call(test, "last data", BPF_FUNC_snprintf,
			    ARGS(CONTEXT(0), 64, SECTION(0, 0),
				 CONTEXT(end - 8), 8), 2);
	machine_expect_call_fault(test, "data behind", BPF_FUNC_snprintf,
				  ARGS(CONTEXT(0), 3, SECTION(0, 0),
				       CONTEXT(end - 7), 8),
				  BPFSCHED_FAULT_READ, CONTEXT(end - 7));
	memset(m->memory, '-', RODATA_LEN);
	machine_expect_call_fault(test, "format has no end", BPF_FUNC_snprintf,
				  print_args(64, 0), BPFSCHED_FAULT_READ,
				  SECTION(0, RODATA_LEN));
	set_format(test, "%s", CONTEXT(end), 0);
	machine_expect_call_fault(test, "string", BPF_FUNC_snprintf,
				  print_args(64, 1), BPFSCHED_FAULT_READ,
				  CONTEXT(end));
}

/* Output over the string that is printed, which is read first. */
static void snprintf_overlaps(struct kunit *test)
{
	set_memory(test);
	set_format(test, "<%s>", CONTEXT(0), 0);
	strscpy(context(test), "text", 8);
	machine_load_call(test, BPF_FUNC_snprintf,
			  ARGS(CONTEXT(0), 64, SECTION(0, 0), CONTEXT(128), 8));
	KUNIT_ASSERT_EQ(test, (int)machine_run(test->priv, 1000),
			(int)BPFSCHED_DONE);
	KUNIT_EXPECT_STREQ(test, (char *)context(test), "<text>");
}

static void vprintk_checks_its_data(struct kunit *test)
{
	set_memory(test);
	set_format(test, "%d,%d", 12, 345);
	machine_expect_call(test, "two", BPF_FUNC_trace_vprintk,
			    ARGS(SECTION(0, 0), 6, CONTEXT(128), 16), 6);
	machine_expect_call(test, "one", BPF_FUNC_trace_vprintk,
			    ARGS(SECTION(0, 0), 6, CONTEXT(128), 8), -EINVAL);
	machine_expect_call(test, "uneven", BPF_FUNC_trace_vprintk,
			    ARGS(SECTION(0, 0), 6, CONTEXT(128), 17), -EINVAL);
	machine_expect_call_fault(test, "data", BPF_FUNC_trace_vprintk,
				  ARGS(SECTION(0, 0), 6, CONTEXT(256), 16),
				  BPFSCHED_FAULT_READ, CONTEXT(256));
	machine_expect_call_fault(test, "format", BPF_FUNC_trace_vprintk,
				  ARGS(SECTION(0, RODATA_LEN), 6, CONTEXT(128),
				       16),
				  BPFSCHED_FAULT_READ, SECTION(0, RODATA_LEN));
}

MACHINE_SUITES(interp_text, machine_exit,
	       KUNIT_CASE(numbers_with_a_sign),
	       KUNIT_CASE(numbers_without_a_sign),
	       KUNIT_CASE(number_ends_with_its_text),
	       KUNIT_CASE(number_overlaps_its_result),
	       KUNIT_CASE(number_bounds),
	       KUNIT_CASE(strncmp_compares),
	       KUNIT_CASE(strncmp_bounds),
	       KUNIT_CASE(snprintf_prints),
	       KUNIT_CASE(snprintf_refuses),
	       KUNIT_CASE(snprintf_bounds),
	       KUNIT_CASE(snprintf_overlaps),
	       KUNIT_CASE(vprintk_checks_its_data));
