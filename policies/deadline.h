/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A deadline: a time by which a job is to have ended.
 */
#ifndef BPFSCHED_DEADLINE_H
#define BPFSCHED_DEADLINE_H

#include <linux/overflow.h>
#include <linux/types.h>

/**
 * struct bpfsched_deadline - an absolute time and the distance it was given as
 * @absolute_ns: the time, CLOCK_MONOTONIC
 * @relative_ns: its distance from the submission
 */
struct bpfsched_deadline {
	u64 absolute_ns;
	u64 relative_ns;
};

/**
 * bpfsched_deadline_at() - the deadline at a given time
 * @now_ns: the time of submission
 * @absolute_ns: the time
 *
 * Return: the deadline; its distance is 0 if the time has passed.
 */
static inline struct bpfsched_deadline bpfsched_deadline_at(u64 now_ns,
							    u64 absolute_ns)
{
	return (struct bpfsched_deadline) {
		.absolute_ns = absolute_ns,
		.relative_ns = absolute_ns > now_ns ? absolute_ns - now_ns : 0,
	};
}

/**
 * bpfsched_deadline_from_now() - the deadline at a distance from now
 * @now_ns: the time of submission
 * @relative_ns: the distance
 *
 * Return: the deadline; a sum that does not fit is the end of time, U64_MAX.
 */
static inline struct bpfsched_deadline
bpfsched_deadline_from_now(u64 now_ns, u64 relative_ns)
{
	struct bpfsched_deadline deadline = { .relative_ns = relative_ns };

	if (check_add_overflow(now_ns, relative_ns, &deadline.absolute_ns))
		deadline.absolute_ns = U64_MAX;
	return deadline;
}

/**
 * bpfsched_deadline_is_expired() - whether a deadline has passed
 * @deadline: the deadline
 * @now_ns: the time
 *
 * Return: true from the very nanosecond of the deadline on.
 */
static inline bool
bpfsched_deadline_is_expired(const struct bpfsched_deadline *deadline,
			     u64 now_ns)
{
	return now_ns >= deadline->absolute_ns;
}

/**
 * bpfsched_deadline_remaining() - how much time a deadline leaves
 * @deadline: the deadline
 * @now_ns: the time
 *
 * Return: nanoseconds, 0 if the deadline has passed.
 */
static inline u64
bpfsched_deadline_remaining(const struct bpfsched_deadline *deadline,
			    u64 now_ns)
{
	if (bpfsched_deadline_is_expired(deadline, now_ns))
		return 0;
	return deadline->absolute_ns - now_ns;
}

#endif /* BPFSCHED_DEADLINE_H */
