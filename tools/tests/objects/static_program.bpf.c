// SPDX-License-Identifier: GPL-2.0
/*
 * What is static is no program.
 *
 * expect job: refused: function 'job' is static; without 'static'
 */
__attribute__((section("bpfsched"), used))
static long job(const unsigned char *bytes, unsigned long len)
{
	return 1;
}
