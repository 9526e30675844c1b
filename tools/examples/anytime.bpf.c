// SPDX-License-Identifier: GPL-2.0
/*
 * A result that is as good as time allows: pi, from the series of Leibniz, until
 * little is left of the budget or of the time before the deadline. The rounds
 * are a callback of bpf_loop().
 *
 * Returns pi in parts per million; the context, if it has room, gets the number
 * of terms, and which job it was.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpfsched_helpers.h>

#define TERMS_MAX	1000000
#define ROUND		256		/* terms between two looks */
#define RESERVE		20000		/* instructions: a round and the end */
#define RESERVE_NS	1000000LL
#define ONE		(1000000ULL << 20)

struct report {
	__u64 terms;
	__u64 job;
	__u64 release;
	__u64 deadline_ns;
};

struct series {
	__u64 sum;
	__u64 terms;
};

static int enough(void)
{
	/* If another job is to go first, then now and not in the next round */
	bpfsched_yield();
	return bpfsched_budget_remaining() < RESERVE ||
	       bpfsched_time_remaining_ns() < RESERVE_NS;
}

/* Adds a term; 1 ends the loop */
static long add_term(__u32 index, void *data)
{
	struct series *series = data;
	__u64 term = 4 * ONE / (2 * index + 1);

	series->sum += index % 2 ? -term : term;
	series->terms++;
	return index % ROUND == ROUND - 1 && enough();
}

SEC("bpfsched")
long approximate(struct report *report, unsigned long len)
{
	struct series series = {};

	bpf_loop(TERMS_MAX, add_term, &series, 0);
	if (len >= sizeof(*report)) {
		report->terms = series.terms;
		report->job = bpfsched_job_id();
		report->release = bpfsched_release();
		report->deadline_ns = bpfsched_deadline_ns();
	}
	return series.sum >> 20;
}
