// SPDX-License-Identifier: GPL-2.0
/* What stands in for a kernel around the interpreter in user space. */
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "shim.h"

#define TICK_NS	1000

struct interp_shim interp_shim;

/**
 * interp_shim_reset() - let time and random numbers start again
 */
void interp_shim_reset(void)
{
	interp_shim.clock_ns = 0;
	interp_shim.seed = 0;
}

/**
 * interp_shim_alloc() - allocate zeroed memory
 * @count: number of elements
 * @size: size of each
 *
 * Return: the memory, to be freed by free(); NULL if there is none.
 */
void *interp_shim_alloc(size_t count, size_t size)
{
	if (interp_shim.fail_alloc && !--interp_shim.fail_alloc)
		return NULL;
	return calloc(count, size);
}

/**
 * ktime_get_mono_fast_ns() - the time; each look takes a microsecond
 */
u64 ktime_get_mono_fast_ns(void)
{
	interp_shim.clock_ns += TICK_NS;
	return interp_shim.clock_ns;
}

/**
 * ktime_get_boot_fast_ns() - the same: this machine never sleeps
 */
u64 ktime_get_boot_fast_ns(void)
{
	return ktime_get_mono_fast_ns();
}

/**
 * rng_is_initialized() - whether there is enough entropy
 */
bool rng_is_initialized(void)
{
	return !interp_shim.no_entropy;
}

/**
 * get_random_u32() - a number, from a sequence that is the same in each run
 */
u32 get_random_u32(void)
{
	/* Knuth's multiplier; the upper bits are the better ones */
	interp_shim.seed = interp_shim.seed * 6364136223846793005ULL + 1;
	return interp_shim.seed >> 32;
}
