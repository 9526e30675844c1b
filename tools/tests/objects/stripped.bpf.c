// SPDX-License-Identifier: GPL-2.0
/*
 * Without the symbols of static functions it is not known where they end. What
 * does not call one runs.
 *
 * objcopy: --discard-all
 * expect job: refused: function 'job'; a function in section '.text' that has no symbol; llvm-strip -g
 * expect plain: 0x7
 */
#define SECTION(name) __attribute__((section(name), used))

static __attribute__((noinline)) long square(long x)
{
	return x * x;
}

SECTION("bpfsched") long job(const unsigned char *bytes, unsigned long len)
{
	return square(len);
}

SECTION("bpfsched") long plain(const unsigned char *bytes, unsigned long len)
{
	return 7;
}
