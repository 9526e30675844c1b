// SPDX-License-Identifier: GPL-2.0
/*
 * The frequency of the time stamp counter, in kHz.  An emulated guest reads
 * the host's counter, and measuring it against emulated timers, as the guest's
 * kernel would, fails on a busy host.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Both clocks at one instant: the try that was interrupted the least. */
static void sample(uint64_t *ns, uint64_t *ticks)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < 50; i++) {
		uint64_t before = now_ns();
		uint64_t tsc = __rdtsc();
		uint64_t after = now_ns();

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
	uint64_t ns[2], ticks[2];

	sample(&ns[0], &ticks[0]);
	nanosleep(&wait, NULL);
	sample(&ns[1], &ticks[1]);
	printf("%.0f\n", (ticks[1] - ticks[0]) * 1e6 / (ns[1] - ns[0]));
	return 0;
}
