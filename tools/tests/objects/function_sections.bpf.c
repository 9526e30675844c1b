// SPDX-License-Identifier: GPL-2.0
/*
 * A section for each function, and one for each variable: more of them than a
 * program can have.
 *
 * compile: -ffunction-sections -fdata-sections
 * expect job 0000: 0xda
 * expect changed 0000: 0x41a
 * expect other: 0x64
 */
#define SECTION(name) __attribute__((section(name), used))

/* X(number) */
#define TWENTY(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) \
	X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)

#define DEFINE(n) \
	volatile long data##n = n; \
	volatile char zero##n; \
	const volatile int constant##n = n * 2;
TWENTY(DEFINE)

static __attribute__((noinline)) long square(long x)
{
	return x * x;
}

__attribute__((noinline)) long twice(long x)
{
	return 2 * x;
}

#define SUM(n) + data##n + zero##n
SECTION("bpfsched") long job(const unsigned char *bytes, unsigned long len)
{
	return twice(square(len)) + TWENTY(SUM);
}

#define CHANGE(n) zero##n = n; data##n += zero##n;
#define SUM_ALL(n) + data##n + zero##n + constant##n
SECTION("bpfsched") long changed(const unsigned char *bytes, unsigned long len)
{
	TWENTY(CHANGE)
	return TWENTY(SUM_ALL);
}

SECTION("bpfsched") long other(const unsigned char *bytes, unsigned long len)
{
	return square(10);
}
