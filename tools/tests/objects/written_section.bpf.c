// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a section can be written is in its flags, not in its name. An old
 * compiler makes one section of these two, which cannot be.
 *
 * compilers: clang-19 clang-22
 * expect job 01: 0x6f
 * expect constant: fault write
 */
#define SECTION(name) __attribute__((section(name), used))

SECTION(".rodata") int count = 100;
const volatile int base = 10;

SECTION("bpfsched") long job(const unsigned char *bytes, unsigned long len)
{
	count += bytes[0];
	return count + base;
}

SECTION("bpfsched") long constant(const unsigned char *bytes, unsigned long len)
{
	*(volatile int *)&base = 1;
	return base;
}
