// SPDX-License-Identifier: GPL-2.0
/*
 * The frequency of the time stamp counter, in kHz.  An emulated guest reads
 * the host's counter, and measuring it against emulated timers, as the guest's
 * kernel would, fails on a busy host.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Both clocks at one instant: the try that was interrupted the least. */
static void sample(unsigned long long *ns, unsigned long long *ticks)
{
	unsigned long long best = ~0ull;
	int i;

	for (i = 0; i < 50; i++) {
		unsigned long long before = now_ns();
		unsigned long long tsc = __rdtsc();
		unsigned long long after = now_ns();

		if (after - before < best) {
			best = after - before;
			*ns = before + best / 2;
			*ticks = tsc;
		}
	}
}

int main(void)
{
	const struct timespec wait = { .tv_nsec = 50000000 };
	unsigned long long ns[2], ticks[2];

	sample(&ns[0], &ticks[0]);
	nanosleep(&wait, NULL);
	sample(&ns[1], &ticks[1]);
	printf("%.0f\n", (ticks[1] - ticks[0]) * 1e6 / (ns[1] - ns[0]));
	return 0;
}
