// SPDX-License-Identifier: GPL-2.0
/* Why a job was not taken. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reject.h"

/* What does not go together in a job that is malformed */
static const char *explain_malformed(const struct bpfsched_job_desc *desc)
{
	bool has_deadline = desc->flags & (BPFSCHED_JOB_DEADLINE_ABS |
					   BPFSCHED_JOB_DEADLINE_REL);

	if (desc->count && !desc->period_ns)
		return "a count needs a period";
	if ((desc->flags & BPFSCHED_JOB_FIRM) && !has_deadline)
		return "a firm job needs a deadline";
	if (desc->run_time_ns && !has_deadline)
		return "a run time needs a deadline";
	if (desc->run_time_ns && (desc->flags & BPFSCHED_JOB_WAIT))
		return "a job with a run time cannot wait for room";
	if (desc->period_ns)
		return "the period is too short";
	return strerror(EINVAL);
}

/* What an error means for a submission, but for those that take a question */
static const char *explain(const struct bpfsched_job_desc *desc)
{
	switch (-desc->error) {
	case EINVAL:
		return explain_malformed(desc);
	case EAGAIN:
		if (desc->flags & BPFSCHED_JOB_EVICT)
			return "the queue is full, and nothing in it ranks lower";
		return "the queue is full";
	case ETIMEDOUT:
		return "the queue was full until the time ran out";
	case EINTR:
		return "a signal came before there was room in the queue";
	case EBUSY:
		return "its deadline cannot be guaranteed beside those of others";
	case E2BIG:
		return "context, program or budget is beyond the scheduler's limits";
	case EOPNOTSUPP:
		return "this scheduler has no deadlines";
	case ETIME:
		return "the deadline has passed already";
	case EEXIST:
		return "a live job has that number";
	default:
		return strerror(-desc->error);
	}
}

/* What takes a capability that the caller has not */
static const char *explain_denied(int fd, const struct bpfsched_job_desc *desc,
				  char *buf, size_t size)
{
	char hint[REASON_MAX];
	struct bpfsched_info info;
	bool known = !bpfsched_get_info(fd, &info);

	if (known && desc->priority == BPFSCHED_PRIORITY_CRITICAL &&
	    (info.features & BPFSCHED_FEATURE_GUARD_CRITICAL))
		snprintf(buf, size,
			 "priority critical needs CAP_SYS_NICE on this scheduler");
	else if (known && desc->budget_insns > info.user_budget_insns)
		snprintf(buf, size,
			 "a budget of more than %llu instructions needs CAP_SYS_NICE",
			 info.user_budget_insns);
	else if (desc->run_time_ns)
		snprintf(buf, size,
			 "a run time needs CAP_SYS_NICE, or time that the user may reserve%s",
			 limit_hint(fd, BPFSCHED_LIMIT_USER_RESERVED, hint,
				    sizeof(hint)));
	else
		snprintf(buf, size, "%s", strerror(EPERM));
	return buf;
}

/**
 * reject_reason() - why a job was not taken, in words
 * @fd: scheduler that did not take it
 * @desc: job
 * @buf: where to
 * @size: bytes of @buf, REASON_MAX are enough
 *
 * Return: @buf.
 */
const char *reject_reason(int fd, const struct bpfsched_job_desc *desc,
			  char *buf, size_t size)
{
	if (desc->error == -EDQUOT)
		return limit_reason(fd, desc->limit, buf, size);
	if (desc->error == -EPERM)
		return explain_denied(fd, desc, buf, size);
	snprintf(buf, size, "%s", explain(desc));
	return buf;
}
