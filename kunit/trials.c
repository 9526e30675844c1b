// SPDX-License-Identifier: GPL-2.0
/*
 * How much the random tests do, and with which random numbers.
 */
#include <kunit/resource.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "trials.h"

/* The first numbers of seeds that are close are close too. */
#define WARM_UP	16

static unsigned int scale = 1;
module_param(scale, uint, 0444);
MODULE_PARM_DESC(scale, "The random tests do so many times as much as usual");

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "Another number: other random numbers");

/*
 * Since 6.8, when this macro was new, suites run when their module is live, and
 * has its parameters. Before that they ran before the parameters were set; those
 * kernels keep what was written on the module's command line.
 */
#ifdef KUNIT_DEFINE_ACTION_WRAPPER
static u64 parameter(const char *name, unsigned int value)
{
	return value;
}
#else
static u64 parameter(const char *name, unsigned int value)
{
	size_t len = strlen(name);
	const char *args = THIS_MODULE->args;

	for (; args && *args; args = strchrnul(args, ' ')) {
		args = skip_spaces(args);
		if (!strncmp(args, name, len))
			return memparse(args + len, NULL);
	}
	return value;
}
#endif

/**
 * trials() - how often to do something
 * @usual: how often a test does it in a usual run
 *
 * Return: the number for this run.
 */
u32 trials(u32 usual)
{
	return min_t(u64, usual * parameter("scale=", scale), U32_MAX);
}

/**
 * trials_seed() - where to start from
 * @usual: the seed of a usual run
 *
 * Return: the seed for this run.
 */
u64 trials_seed(u64 usual)
{
	return usual + (parameter("seed=", seed) << 32);
}

/**
 * trials_start() - start a sequence of random numbers
 * @rnd: to be started
 * @from: the seed
 */
void trials_start(struct rnd_state *rnd, u64 from)
{
	int i;

	prandom_seed_state(rnd, from);
	for (i = 0; i < WARM_UP; i++)
		prandom_u32_state(rnd);
}

/**
 * trials_done() - tell what was done
 * @test: the test
 * @operations: how many random operations
 * @from: the first seed
 */
void trials_done(struct kunit *test, u64 operations, u64 from)
{
	kunit_info(test, "%llu random operations, from seed 0x%llx\n",
		   operations, from);
}
