// SPDX-License-Identifier: GPL-2.0
/*
 * EDF by brute force, tick by tick.
 */
#include <linux/lcm.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "ticker.h"

/**
 * struct ticker - a job as the simulation sees it
 * @demand: what it asks for
 * @release_ns: of the release that is being run or waited for
 * @left_ns: time that it needs, 0: the job is over
 * @later: number of later releases
 * @chosen: a worker runs it in this tick
 */
struct ticker {
	const struct bpfsched_demand *demand;
	u64 release_ns;
	u64 left_ns;
	u64 later;
	bool chosen;
};

static u64 deadline(const struct ticker *job)
{
	return job->release_ns + job->demand->deadline_ns;
}

static void choose(struct ticker *jobs, u32 count, u64 now_ns)
{
	struct ticker *best = NULL;
	u32 i;

	for (i = 0; i < count; i++) {
		struct ticker *job = &jobs[i];

		if (!job->left_ns || job->chosen || job->release_ns > now_ns)
			continue;
		if (!best || deadline(job) < deadline(best))
			best = job;
	}
	if (best)
		best->chosen = true;
}

static bool is_late(const struct ticker *jobs, u32 count, u64 now_ns)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (jobs[i].left_ns && deadline(&jobs[i]) <= now_ns)
			return true;
	}
	return false;
}

static void run(struct ticker *job)
{
	job->chosen = false;
	if (--job->left_ns || !job->later)
		return;
	job->later--;
	job->release_ns += job->demand->period_ns;
	job->left_ns = job->demand->run_ns;
}

/**
 * ticker_misses() - whether a deadline is missed, sooner or later
 * @demands: the jobs; no release is left out
 * @count: number of @demands, TICKER_JOBS at most
 * @workers: how many run at once
 * @now_ns: when it begins
 * @ticks: how long to look
 *
 * Return: whether one is missed within @ticks nanoseconds.
 */
bool ticker_misses(const struct bpfsched_demand *demands, u32 count,
		   u32 workers, u64 now_ns, u64 ticks)
{
	struct ticker jobs[TICKER_JOBS] = {};
	u64 end_ns = now_ns + ticks;
	u32 i;

	for (i = 0; i < count; i++)
		jobs[i] = (struct ticker) {
			.demand = &demands[i],
			.release_ns = demands[i].release_ns,
			.left_ns = demands[i].left_ns,
			.later = demands[i].later,
		};
	for (; now_ns < end_ns; now_ns++) {
		if (is_late(jobs, count, now_ns))
			return true;
		for (i = 0; i < workers; i++)
			choose(jobs, count, now_ns);
		for (i = 0; i < count; i++) {
			if (jobs[i].chosen)
				run(&jobs[i]);
		}
	}
	return false;
}

/**
 * ticker_enough() - how long to look at a set that asks for no more than there is
 * @demands: the jobs, with periods whose least common multiple is small
 * @count: number of @demands
 * @now_ns: when it begins
 *
 * Return: the number of ticks after which there is nothing new to see.
 */
u64 ticker_enough(const struct bpfsched_demand *demands, u32 count, u64 now_ns)
{
	u64 begin = 0, hyperperiod = 1, longest = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		const struct bpfsched_demand *demand = &demands[i];
		u64 last_ns = demand->release_ns -
			      min(demand->release_ns, now_ns);

		if (demand->later == U64_MAX)
			hyperperiod = lcm(hyperperiod, demand->period_ns);
		else
			last_ns += demand->later * demand->period_ns;
		begin = max(begin, last_ns);
		longest = max(longest, demand->deadline_ns + demand->run_ns);
	}
	return begin + 3 * hyperperiod + count * longest;
}
