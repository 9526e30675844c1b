/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Helpers that bpfsched has beside those of the kernel, for BPF programs; to
 * be included after <linux/types.h>. A program of SEC("bpfsched") calls them
 * like those of <bpf/bpf_helpers.h>.
 */
#ifndef _BPFSCHED_HELPERS_H
#define _BPFSCHED_HELPERS_H

#include <linux/bpfsched.h>

/*
 * bpfsched_job_id
 *
 *	The number of the job, by which its completion names it.
 *
 * Returns
 *	The number, never 0.
 */
static __u64 (* const bpfsched_job_id)(void) = (void *)BPFSCHED_FUNC_job_id;

/*
 * bpfsched_release
 *
 *	The number of the release of a periodic job.
 *
 * Returns
 *	The number, from 0; 0 for a job without a period.
 */
static __u64 (* const bpfsched_release)(void) = (void *)BPFSCHED_FUNC_release;

/*
 * bpfsched_deadline_ns
 *
 *	The deadline of the job, as a time of bpf_ktime_get_ns().
 *
 * Returns
 *	The deadline, 0 if there is none.
 */
static __u64 (* const bpfsched_deadline_ns)(void) =
	(void *)BPFSCHED_FUNC_deadline_ns;

/*
 * bpfsched_time_remaining_ns
 *
 *	The time until the deadline of the job.
 *
 * Returns
 *	Nanoseconds, negative if the deadline has passed, the largest positive
 *	number if there is none.
 */
static __s64 (* const bpfsched_time_remaining_ns)(void) =
	(void *)BPFSCHED_FUNC_time_remaining_ns;

/*
 * bpfsched_budget_remaining
 *
 *	The instructions that the job may still execute, the call itself not
 *	counted any more. The call is a safe point, as bpfsched_yield() is.
 *
 * Returns
 *	The number of instructions.
 */
static __u64 (* const bpfsched_budget_remaining)(void) =
	(void *)BPFSCHED_FUNC_budget_remaining;

/*
 * bpfsched_yield
 *
 *	A safe point: if another job is to take over, or the job was cancelled
 *	or its time is up, this happens here and not some thousand instructions
 *	later; and the kernel may run something else. A job that ranks after
 *	this one does not get its turn by it.
 *
 * Returns
 *	0.
 */
static long (* const bpfsched_yield)(void) = (void *)BPFSCHED_FUNC_yield;

/*
 * bpfsched_emit
 *
 *	Send *len* bytes, at most BPFSCHED_EVENT_MAX, to who submitted the job,
 *	who reads them as an event before the completion of the job. *len* may
 *	be 0.
 *
 * Returns
 *	0, or a negative errno: **-ENOSPC** if there is no room for the event,
 *	which is lost then; **-E2BIG** if it is too long; **-EPIPE** if nobody
 *	will read it any more; **-EOPNOTSUPP** if the job is one of a client in
 *	the kernel, which reads no events.
 */
static long (* const bpfsched_emit)(const void *data, __u32 len) =
	(void *)BPFSCHED_FUNC_emit;

/*
 * bpfsched_submit_job
 *
 *	Submit a job of program number *index* of those that were named when
 *	this one was loaded, with a copy of *len* bytes at *context*. Without
 *	*options* it has the priority and the user data of this job. The job
 *	gets a completion of its own, which names this one as its parent.
 *
 * Returns
 *	The number of the job, or a negative errno, as of BPFSCHED_IOC_SUBMIT,
 *	and **-ENOENT** if no program has that *index*, **-ESHUTDOWN** if the
 *	client has closed.
 */
static long (* const bpfsched_submit_job)(__u32 index, const void *context,
					  __u32 len,
					  const struct bpfsched_followup *options) =
	(void *)BPFSCHED_FUNC_submit_job;

#endif /* _BPFSCHED_HELPERS_H */
