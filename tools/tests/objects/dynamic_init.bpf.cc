// SPDX-License-Identifier: GPL-2.0
/*
 * In C++, data that are not initialized with constants need a constructor.
 *
 * expect job: refused: constructor '_GLOBAL__sub_I_dynamic_init.bpf.cc'; .init_array
 */
extern "C" __attribute__((noinline)) long first_value()
{
	volatile long value = 42;

	return value;
}

static long value = first_value();

extern "C" __attribute__((section("bpfsched"), used))
long job(const unsigned char *, unsigned long)
{
	return value;
}
