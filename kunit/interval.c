// SPDX-License-Identifier: GPL-2.0
/*
 * The spread of a difference, over an interval.
 */
#include <linux/minmax.h>

#include "interval.h"

/**
 * interval_extend() - go on with an interval, or begin another
 * @interval: the interval
 * @busy: both have enough to do
 * @difference: of their times, multiplied by both weights
 *
 * Return: how far apart the least and the greatest difference of the interval
 * are; 0 while one of the two has not enough to do.
 */
s64 interval_extend(struct interval *interval, bool busy, s64 difference)
{
	if (!busy || !interval->open) {
		interval->open = busy;
		interval->least = difference;
		interval->most = difference;
	}
	interval->least = min(interval->least, difference);
	interval->most = max(interval->most, difference);
	return interval->most - interval->least;
}
