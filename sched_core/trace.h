/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what happens to jobs. All but bpfsched_reject are called with the
 * lock of the scheduler held, so that their order is that of the events
 * themselves. A request that is refused becomes no job, and changes nothing that
 * others could see; bpfsched_reject comes when all entries of the call have been
 * decided on.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM bpfsched

#if !defined(BPFSCHED_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define BPFSCHED_TRACE_H

#include <linux/tracepoint.h>

#include <bpfsched/compat.h>

#include "client.h"
#include "job.h"
#include "prog.h"
#include "scheduler.h"

DECLARE_EVENT_CLASS(bpfsched_job,
	TP_PROTO(const struct bpfsched_job *job),
	TP_ARGS(job),
	TP_STRUCT__entry(
		__string(scheduler, job->client->sched->name)
		__field(u64, client)
		__field(u64, id)
		__field(u64, release)
		__field(u64, deadline_ns)
		__field(u32, priority)
	),
	TP_fast_assign(
		bpfsched_assign_str(scheduler, job->client->sched->name);
		__entry->client = job->client->id;
		__entry->id = job->id;
		__entry->release = job->release;
		__entry->deadline_ns = job->entity.has_deadline ?
				       job->entity.deadline.absolute_ns : 0;
		__entry->priority = job->entity.priority;
	),
	TP_printk("scheduler=%s client=%llu id=%llu release=%llu priority=%u deadline_ns=%llu",
		  __get_str(scheduler), __entry->client, __entry->id,
		  __entry->release, __entry->priority, __entry->deadline_ns)
);

/* A release waits to be started: at its submission, or when it is released. */
DEFINE_EVENT(bpfsched_job, bpfsched_submit,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));
DEFINE_EVENT(bpfsched_job, bpfsched_start,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));
DEFINE_EVENT(bpfsched_job, bpfsched_pause,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));
DEFINE_EVENT(bpfsched_job, bpfsched_resume,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));
DEFINE_EVENT(bpfsched_job, bpfsched_miss,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));
DEFINE_EVENT(bpfsched_job, bpfsched_cancel,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));
/* A job that was admitted is vouched for no longer. */
DEFINE_EVENT(bpfsched_job, bpfsched_demote,
	TP_PROTO(const struct bpfsched_job *job), TP_ARGS(job));

TRACE_EVENT(bpfsched_complete,
	TP_PROTO(const struct bpfsched_job *job, u32 status),
	TP_ARGS(job, status),
	TP_STRUCT__entry(
		__string(scheduler, job->client->sched->name)
		__field(u64, client)
		__field(u64, id)
		__field(u64, release)
		__field(u64, instructions)
		__field(u64, run_ns)
		__field(u32, status)
		__field(bool, missed)
	),
	TP_fast_assign(
		bpfsched_assign_str(scheduler, job->client->sched->name);
		__entry->client = job->client->id;
		__entry->id = job->id;
		__entry->release = job->release;
		__entry->instructions = job->result.instructions;
		__entry->run_ns = job->run_ns;
		__entry->status = status;
		__entry->missed = job->missed;
	),
	TP_printk("scheduler=%s client=%llu id=%llu release=%llu status=%s missed=%d instructions=%llu run_ns=%llu",
		  __get_str(scheduler), __entry->client, __entry->id,
		  __entry->release,
		  __print_symbolic(__entry->status,
				   { BPFSCHED_STATUS_OK, "ok" },
				   { BPFSCHED_STATUS_FAULT, "fault" },
				   { BPFSCHED_STATUS_BUDGET, "budget" },
				   { BPFSCHED_STATUS_CANCELLED, "cancelled" },
				   { BPFSCHED_STATUS_DROPPED, "dropped" },
				   { BPFSCHED_STATUS_MISSED, "missed" }),
		  __entry->missed, __entry->instructions, __entry->run_ns)
);

TRACE_EVENT(bpfsched_reject,
	TP_PROTO(const struct bpfsched_client *client, int error),
	TP_ARGS(client, error),
	TP_STRUCT__entry(
		__string(scheduler, client->sched->name)
		__field(u64, client)
		__field(int, error)
	),
	TP_fast_assign(
		bpfsched_assign_str(scheduler, client->sched->name);
		__entry->client = client->id;
		__entry->error = error;
	),
	TP_printk("scheduler=%s client=%llu error=%d", __get_str(scheduler),
		  __entry->client, __entry->error)
);

#endif /* BPFSCHED_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../sched_core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
