// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers of our own, beside those of the kernel: about the run itself, and
 * about the job that it is of, through struct bpfsched_host_ops. A run that has
 * no host is of no job.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include <bpfsched/compat.h>

#include "helpers.h"
#include "memory.h"

/* A longer structure is not one of options. */
#define OPTIONS_MAX	4096

/* What a call takes beside the copy of its bytes, see interp_work(). */
#define EMIT_WORK	1024
#define SUBMIT_WORK	8192

/**
 * interp_help_job_id() - bpfsched_job_id()
 * @state: the run
 * @args: not looked at
 *
 * Context: process, from a dispatcher.
 * Return: number of the job, 0 without a host.
 */
u64 interp_help_job_id(struct interp_state *state, const u64 *args)
{
	return state->host ? state->host->job_id(state->host_data) : 0;
}

/**
 * interp_help_release() - bpfsched_release()
 * @state: the run
 * @args: not looked at
 *
 * Context: process, from a dispatcher.
 * Return: number of the release, from 0; 0 without a host.
 */
u64 interp_help_release(struct interp_state *state, const u64 *args)
{
	return state->host ? state->host->release(state->host_data) : 0;
}

/**
 * interp_help_deadline_ns() - bpfsched_deadline_ns()
 * @state: the run
 * @args: not looked at
 *
 * Context: process, from a dispatcher.
 * Return: the absolute deadline, 0 if there is none.
 */
u64 interp_help_deadline_ns(struct interp_state *state, const u64 *args)
{
	return state->host ? state->host->deadline_ns(state->host_data) : 0;
}

/**
 * interp_help_time_remaining_ns() - bpfsched_time_remaining_ns()
 * @state: the run
 * @args: not looked at
 *
 * Context: process, from a dispatcher.
 * Return: signed time to the deadline, S64_MAX if there is none.
 */
u64 interp_help_time_remaining_ns(struct interp_state *state, const u64 *args)
{
	if (!state->host)
		return S64_MAX;
	interp_work(state, INTERP_WORK_CLOCK);
	return state->host->time_remaining_ns(state->host_data);
}

/**
 * interp_help_budget_remaining() - bpfsched_budget_remaining()
 * @state: the run
 * @args: not looked at
 *
 * Only the end of a slice charges what was executed, so this ends it; a safe
 * point. The number comes then.
 *
 * Context: process, from a dispatcher.
 * Return: nothing that is looked at.
 */
u64 interp_help_budget_remaining(struct interp_state *state, const u64 *args)
{
	state->wants_budget = true;
	state->event = INTERP_EVENT_YIELD;
	return 0;
}

/**
 * interp_help_yield() - bpfsched_yield()
 * @state: the run
 * @args: not looked at
 *
 * A safe point: behind the call the run pauses or stops if it is to, and lets
 * the kernel schedule.
 *
 * Context: process, from a dispatcher.
 * Return: 0.
 */
u64 interp_help_yield(struct interp_state *state, const u64 *args)
{
	state->event = INTERP_EVENT_YIELD;
	return 0;
}

/**
 * interp_help_emit() - bpfsched_emit(data, len)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher; may sleep.
 * Return: 0; -E2BIG for more than BPFSCHED_EVENT_MAX bytes; -EOPNOTSUPP without
 * a host; or what the host says.
 */
u64 interp_help_emit(struct interp_state *state, const u64 *args)
{
	const void *data = NULL;
	u32 len = args[1];

	if (len > BPFSCHED_EVENT_MAX)
		return -E2BIG;
	interp_work(state, EMIT_WORK + len);
	if (len) {
		data = interp_read_buffer(state, args[0], len);
		if (!data)
			return 0;
	}
	if (!state->host)
		return -EOPNOTSUPP;
	return (s64)state->host->emit(state->host_data, data, len);
}

/*
 * Copy a structure that starts with its size, by the rules of
 * copy_struct_from_user(). Returns 0, or an error, with the fault set if it is
 * -EFAULT.
 */
static int read_options(struct interp_state *state, u64 address,
			struct bpfsched_followup *options)
{
	const u8 *from = interp_read_buffer(state, address,
					    sizeof(options->size));
	u32 size, i;

	if (!from)
		return -EFAULT;
	memcpy(&size, from, sizeof(size));
	if (size < BPFSCHED_FOLLOWUP_SIZE_VER1 || size % 8)
		return -EINVAL;
	if (size > OPTIONS_MAX)
		return -E2BIG;
	interp_work(state, size);
	from = interp_read_buffer(state, address, size);
	if (!from)
		return -EFAULT;

	memset(options, 0, sizeof(*options));
	memcpy(options, from, min_t(u32, size, sizeof(*options)));
	options->size = size;
	for (i = sizeof(*options); i < size; i++) {
		if (READ_ONCE(from[array_index_nospec(i, size)]))
			return -E2BIG;
	}
	return 0;
}

/**
 * interp_help_submit_job() - bpfsched_submit_job(index, context, len, options)
 * @state: the run
 * @args: r1 to r5
 *
 * Context: process, from a dispatcher; may sleep.
 * Return: number of the job; -EINVAL or -E2BIG for malformed options;
 * -EOPNOTSUPP without a host; or what the host says.
 */
u64 interp_help_submit_job(struct interp_state *state, const u64 *args)
{
	struct bpfsched_followup options;
	const void *context = NULL;
	u32 len = args[2];
	int err;

	interp_work(state, SUBMIT_WORK + (u64)len);
	if (len) {
		context = interp_read_buffer(state, args[1], len);
		if (!context)
			return 0;
	}
	if (args[3]) {
		err = read_options(state, args[3], &options);
		if (err)
			return (s64)err;
	}
	if (!state->host)
		return -EOPNOTSUPP;
	return state->host->submit(state->host_data, args[0], context, len,
				   args[3] ? &options : NULL);
}
