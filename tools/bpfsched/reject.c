// SPDX-License-Identifier: GPL-2.0
/* Why a job was not taken. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "reject.h"

/* What does not go together in a job that is malformed */
static const char *explain_malformed(const struct bpfsched_job_desc *desc,
				     const struct bpfsched_info *info)
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
	if (desc->period_ns && desc->period_ns < info->min_period_ns)
		return "the period is too short";
	return strerror(EINVAL);
}

static void explain_invalid(const struct bpfsched_job_desc *desc,
			    const struct bpfsched_info *info, char *buf,
			    size_t size)
{
	const char *why = explain_malformed(desc, info);
	char shortest[DURATION_MAX];

	if (strcmp(why, "the period is too short"))
		snprintf(buf, size, "%s", why);
	else
		snprintf(buf, size, "%s: '%s' takes %s and more", why,
			 info->name,
			 format_duration(info->min_period_ns, shortest,
					 sizeof(shortest)));
}

/* Which of three is too large; of a program the length is not known here */
static void explain_too_large(const struct bpfsched_job_desc *desc,
			      const struct bpfsched_info *info, char *buf,
			      size_t size)
{
	if (desc->context_len > info->max_context)
		snprintf(buf, size,
			 "the context has %u bytes, '%s' takes %u at most",
			 desc->context_len, info->name, info->max_context);
	else if (desc->budget_insns == BPFSCHED_BUDGET_UNLIMITED &&
		 info->max_budget_insns != BPFSCHED_BUDGET_UNLIMITED)
		snprintf(buf, size,
			 "the budget is unlimited, '%s' takes %llu instructions at most (--budget-insns)",
			 info->name, info->max_budget_insns);
	else if (desc->budget_insns > info->max_budget_insns)
		snprintf(buf, size,
			 "the budget is %llu instructions, '%s' takes %llu at most (--budget-insns)",
			 desc->budget_insns, info->name,
			 info->max_budget_insns);
	else
		snprintf(buf, size,
			 "the program has more instructions than the %u that '%s' takes; try another scheduler (-s)",
			 info->max_insns, info->name);
}

static void explain_full(const struct bpfsched_job_desc *desc,
			 const struct bpfsched_info *info, char *buf,
			 size_t size)
{
	if (desc->flags & BPFSCHED_JOB_EVICT)
		snprintf(buf, size,
			 "the queue is full (%u jobs), and nothing in it ranks lower",
			 info->capacity);
	else
		snprintf(buf, size,
			 "the queue is full (%u jobs); with --on-full wait the job waits for room",
			 info->capacity);
}

/* What an error means that needs no more words */
static const char *explain(int error)
{
	switch (error) {
	case ETIMEDOUT:
		return "the queue was full until the time ran out (--timeout)";
	case EINTR:
		return "a signal came before there was room in the queue";
	case EBUSY:
		return "its deadline cannot be guaranteed beside those of others";
	case ETIME:
		return "the deadline has passed already";
	case EEXIST:
		return "a live job has that number; without --id it gets a free one";
	default:
		return strerror(error);
	}
}

/* What takes a capability that the caller has not */
static void explain_denied(int fd, const struct bpfsched_job_desc *desc,
			   const struct bpfsched_info *info, char *buf,
			   size_t size)
{
	char hint[REASON_MAX];

	if (desc->priority == BPFSCHED_PRIORITY_CRITICAL &&
	    (info->features & BPFSCHED_FEATURE_GUARD_CRITICAL))
		snprintf(buf, size,
			 "priority critical needs CAP_SYS_NICE on this scheduler");
	else if (desc->budget_insns > info->user_budget_insns)
		snprintf(buf, size,
			 "a budget of more than %llu instructions needs CAP_SYS_NICE",
			 info->user_budget_insns);
	else if (desc->run_time_ns)
		snprintf(buf, size,
			 "a run time needs CAP_SYS_NICE, or time that the user may reserve%s",
			 limit_hint(fd, BPFSCHED_LIMIT_USER_RESERVED, hint,
				    sizeof(hint)));
	else
		snprintf(buf, size, "%s", strerror(EPERM));
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
	struct bpfsched_info info;
	int error = -desc->error;

	if (error == EDQUOT)
		return limit_reason(fd, desc->limit, buf, size);
	if (bpfs_sched_get_info(fd, &info))
		snprintf(buf, size, "%s", explain(error));
	else if (error == EINVAL)
		explain_invalid(desc, &info, buf, size);
	else if (error == E2BIG)
		explain_too_large(desc, &info, buf, size);
	else if (error == EAGAIN)
		explain_full(desc, &info, buf, size);
	else if (error == EPERM)
		explain_denied(fd, desc, &info, buf, size);
	else if (error == EOPNOTSUPP)
		snprintf(buf, size,
			 "scheduler '%s' has no deadlines, as its policy is %s; use one that has, -s embedded for example",
			 info.name, info.policy);
	else
		snprintf(buf, size, "%s", explain(error));
	return buf;
}
