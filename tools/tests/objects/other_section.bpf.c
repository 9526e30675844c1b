// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of functions in other sections than .text, programs among them, and
 * their addresses.
 *
 * expect job 000000: 0x113
 * expect helper 000000: 0x10
 * expect deep 000000: 0x123
 */
#define SECTION(name) __attribute__((section(name), used, noinline))

SECTION("of_its_own") static long ones(long x)
{
	return x - 2;
}

SECTION("of_its_own") static long tens(long x)
{
	return ones(x) * 16;
}

SECTION("bpfsched/helper")
long helper(const unsigned char *bytes, unsigned long len)
{
	return tens(len);
}

/* Not static, and in a third one */
SECTION("another") long hundreds(long x)
{
	return x > 0 ? 256 : -1;
}

SECTION("bpfsched/job") long job(const unsigned char *bytes, unsigned long len)
{
	long (*volatile function)(long) = hundreds;

	return function(len) + helper(bytes, len) + len;
}

SECTION("bpfsched/deep") long deep(const unsigned char *bytes, unsigned long len)
{
	return job(bytes, len) + helper(bytes, len);
}
