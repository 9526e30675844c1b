/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much the random tests do. Parameters of bpfsched_test.ko say it:
 *
 *	scale=N		N times as many operations as usual
 *	seed=N		other random numbers; what a test prints with it is
 *			the same in each run with the same two parameters
 */
#ifndef BPFSCHED_KUNIT_TRIALS_H
#define BPFSCHED_KUNIT_TRIALS_H

#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/types.h>

u32 trials(u32 usual);
u64 trials_seed(u64 seed);
void trials_start(struct rnd_state *rnd, u64 seed);
void trials_done(struct kunit *test, u64 operations, u64 seed);

#endif /* BPFSCHED_KUNIT_TRIALS_H */
