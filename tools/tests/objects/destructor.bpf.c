// SPDX-License-Identifier: GPL-2.0
/*
 * A function that would have to run when the program ends.
 *
 * expect job: refused: destructor 'clean_up'; .fini_array
 */
static long value;

__attribute__((destructor)) static void clean_up(void)
{
	value = 0;
}

__attribute__((section("bpfsched"), used))
long job(const unsigned char *bytes, unsigned long len)
{
	return value++;
}
