// SPDX-License-Identifier: GPL-2.0
/*
 * Sections whose names begin with the same 15 characters and more.
 *
 * expect job: 0x4d2
 */
#define SECTION(name) __attribute__((section(name), used))

volatile int first SECTION(".bss.a_very_long_name_1");
volatile int second SECTION(".bss.a_very_long_name_2");
volatile int third SECTION(".data.a_very_long_name_1") = 1;
volatile int fourth SECTION(".data.a_very_long_name_2") = 2;

SECTION("bpfsched") long job(const unsigned char *bytes, unsigned long len)
{
	first = 3;
	second = 4;
	return third * 1000 + fourth * 100 + first * 10 + second;
}
