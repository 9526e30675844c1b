// SPDX-License-Identifier: GPL-2.0
/*
 * A section that is as large as it can be, one that is larger, and a program
 * that needs neither.
 *
 * expect job: 0x2a
 * expect larger: refused: section '.bss.larger'; 16777217; largest variable is 'huge' (16777216 bytes)
 * expect plain: 0x7
 */
#define SECTION(name) __attribute__((section(name), used))

SECTION(".bss.most") volatile char most[16 << 20];
SECTION(".bss.larger") volatile char huge[16 << 20];
SECTION(".bss.larger") volatile char one_more;

SECTION("bpfsched") long job(const unsigned char *bytes, unsigned long len)
{
	most[(16 << 20) - 1] = 42;
	return most[(16 << 20) - 1] + most[0];
}

SECTION("bpfsched") long larger(const unsigned char *bytes, unsigned long len)
{
	return huge[len] + one_more;
}

SECTION("bpfsched") long plain(const unsigned char *bytes, unsigned long len)
{
	return 7;
}
