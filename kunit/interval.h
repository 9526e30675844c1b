/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of fairness measure: how far apart the times of two can get
 * while both have enough to do.
 */
#ifndef BPFSCHED_KUNIT_INTERVAL_H
#define BPFSCHED_KUNIT_INTERVAL_H

#include <linux/types.h>

/**
 * struct interval - a time in which two have enough to do for all workers
 * @open: it goes on
 * @least: least difference of their times, multiplied by both weights
 * @most: greatest
 */
struct interval {
	bool open;
	s64 least;
	s64 most;
};

s64 interval_extend(struct interval *interval, bool busy, s64 difference);

#endif /* BPFSCHED_KUNIT_INTERVAL_H */
