/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In place of libbpf's header where an example is compiled for the machine that
 * the tests run on, to be compared with what the interpreter makes of it.
 */
#ifndef BPF_HELPERS_H
#define BPF_HELPERS_H

#include <time.h>

#define SEC(name)
#define __noinline __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

#define bpf_printk(...) ((void)0)

static inline __u64 bpf_ktime_get_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

#endif /* BPF_HELPERS_H */
