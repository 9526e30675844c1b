// SPDX-License-Identifier: GPL-2.0
/*
 * Variables that no section has until somebody links.
 *
 * compile: -fcommon
 * expect job: 0x15
 * expect pointer: 0x9
 */
#define SECTION(name) __attribute__((section(name), used))

char small;
long large[100];
char other;
int aligned __attribute__((aligned(64)));
long zero = 0;

SECTION("bpfsched") long job(const unsigned char *bytes, unsigned long len)
{
	small = 1;
	large[0] = 2;
	large[99] = 3;
	other = 4;
	aligned = 5;
	zero = 6;
	return small + large[0] + large[50] + large[99] + other + aligned +
	       zero + ((long)&aligned & 63);
}

static long *const pointers[] = { &large[7], &zero };

SECTION("bpfsched") long pointer(const unsigned char *bytes, unsigned long len)
{
	*pointers[len & 1] = 9;
	return large[7];
}
