// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of the kernel: CLOCK_MONOTONIC and one hrtimer a scheduler.
 *
 * The timer expires in hard interrupt context on PREEMPT_RT too: a miss is
 * counted when it happens, not when a thread gets to run; the work that is
 * done there is bounded (events.c).
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/timekeeping.h>

#include <bpfsched/compat.h>

#include "clock.h"

static enum hrtimer_restart hrtimer_clock_expired(struct hrtimer *timer)
{
	struct bpfsched_clock *clock =
		container_of(timer, struct bpfsched_clock, timer);

	/* tick() arms the timer for the next event, if there is one. */
	clock->tick(clock);
	return HRTIMER_NORESTART;
}

static void hrtimer_clock_start(struct bpfsched_clock *clock)
{
	bpfsched_hrtimer_setup(&clock->timer, hrtimer_clock_expired,
			       CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
}

static u64 hrtimer_clock_now(struct bpfsched_clock *clock)
{
	return ktime_get_ns();
}

static void hrtimer_clock_arm(struct bpfsched_clock *clock, u64 when_ns)
{
	hrtimer_start(&clock->timer, min_t(u64, when_ns, KTIME_MAX),
		      HRTIMER_MODE_ABS_HARD);
}

static void hrtimer_clock_stop(struct bpfsched_clock *clock)
{
	hrtimer_cancel(&clock->timer);
}

const struct bpfsched_clock_ops bpfsched_hrtimer_clock = {
	.start = hrtimer_clock_start,
	.now = hrtimer_clock_now,
	.arm = hrtimer_clock_arm,
	.stop = hrtimer_clock_stop,
};
