/* SPDX-License-Identifier: GPL-2.0 */
/* A program for those objects that nobody can run */
__attribute__((section("bpfsched"), used))
long job(const unsigned char *bytes, unsigned long len)
{
	return 1;
}
