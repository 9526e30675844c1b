// SPDX-License-Identifier: GPL-2.0
/*
 * A function that would have to run before the program.
 *
 * expect job: refused: constructor 'prepare'; .init_array; in the first job
 */
static long value;

__attribute__((constructor)) static void prepare(void)
{
	volatile long start = 42;

	value = start;
}

__attribute__((section("bpfsched"), used))
long job(const unsigned char *bytes, unsigned long len)
{
	return value;
}
