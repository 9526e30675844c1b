/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands in for a kernel around the interpreter in user space.
 *
 * With no hook set it behaves like a kernel with nothing else to do. What
 * programs can ask for that changes by itself, the time and random numbers, is
 * here the same in each run after interp_shim_reset(), so that runs can be
 * compared.
 */
#ifndef SHIM_H
#define SHIM_H

#include <linux/types.h>

/**
 * struct interp_shim - state of the stand-in
 * @safe_point: called at each safe point; may change the control word
 * @data: for @safe_point
 * @fail_alloc: the allocation that is to fail: 1 for the next; 0: none
 * @trace: called with each line that a program traces, NULL: nothing
 * @reads: read-side critical sections that were entered and not left
 * @stays: the same of migrate_disable()
 * @clock_ns: the time
 * @seed: where random numbers come from
 * @no_entropy: each random number takes long, as early after the start
 */
struct interp_shim {
	void (*safe_point)(void *data);
	void *data;
	unsigned int fail_alloc;
	void (*trace)(void *data, const char *text);
	unsigned int reads;
	unsigned int stays;
	u64 clock_ns;
	u64 seed;
	bool no_entropy;
};

extern struct interp_shim interp_shim;

void interp_shim_reset(void);

#endif /* SHIM_H */
