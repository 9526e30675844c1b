// SPDX-License-Identifier: GPL-2.0
/*
 * Sections of one name: newer compilers make two of .rodata, one that can be
 * written and one that cannot. Only their numbers tell them apart.
 *
 * expect sum 00: 0x6f
 * expect sum 02: 0xdf
 */
#define SECTION(name) __attribute__((section(name), used))

SECTION(".rodata") int counts[4] = { 101, 151, 213, 10001 };
const volatile int base = 10;

SECTION("bpfsched") long sum(const unsigned char *bytes, unsigned long len)
{
	return counts[bytes[0] & 3] + base;
}
