// SPDX-License-Identifier: GPL-2.0
/*
 * Where control cannot come by the rules of C newer compilers put a call that
 * ends the program.
 *
 * compile: -O0
 * compilers: clang-22
 * expect job: 0x5
 * expect job 00: 0x6
 * expect job 00000000: fault read
 */
static long choose(unsigned long len)
{
	switch (len) {
	case 0:
		return 5;
	case 1:
		return 6;
	default:
		__builtin_unreachable();
	}
}

__attribute__((section("bpfsched"), used))
long job(const unsigned char *bytes, unsigned long len)
{
	if (len > 3)
		__builtin_trap();
	return choose(len);
}
