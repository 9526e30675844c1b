/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tells a scheduler the time and calls it back.
 */
#ifndef BPFSCHED_CLOCK_H
#define BPFSCHED_CLOCK_H

#include <linux/hrtimer.h>
#include <linux/types.h>

struct bpfsched_clock;

/**
 * struct bpfsched_clock_ops - a kind of clock
 * @start: get ready; may be NULL
 * @now: the time in nanoseconds. Any context
 * @arm: call bpfsched_clock.tick at or soon after @when_ns, and no more at a
 *	time armed before. Called with the lock of the scheduler held, from
 *	within tick() too
 * @stop: return when tick() is not running and will not be called again.
 *	Process context, no locks held
 */
struct bpfsched_clock_ops {
	void (*start)(struct bpfsched_clock *clock);
	u64 (*now)(struct bpfsched_clock *clock);
	void (*arm)(struct bpfsched_clock *clock, u64 when_ns);
	void (*stop)(struct bpfsched_clock *clock);
};

/**
 * struct bpfsched_clock - the clock of a scheduler
 * @ops: its kind
 * @tick: called back, in hard interrupt context, without locks
 * @data: for @ops
 * @timer: for the clock of the kernel
 */
struct bpfsched_clock {
	const struct bpfsched_clock_ops *ops;
	void (*tick)(struct bpfsched_clock *clock);
	void *data;
	struct hrtimer timer;
};

extern const struct bpfsched_clock_ops bpfsched_hrtimer_clock;

static inline u64 bpfsched_clock_now(struct bpfsched_clock *clock)
{
	return clock->ops->now(clock);
}

#endif /* BPFSCHED_CLOCK_H */
