/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoint that bpf_trace_printk() writes to. It is one of our own: the
 * kernel's is reached only through a macro that prints a warning at boot.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM bpfsched

#if !defined(INTERP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define INTERP_TRACE_H

#include <linux/tracepoint.h>

#include <bpfsched/compat.h>

TRACE_EVENT(bpfsched_printk,
	TP_PROTO(const char *text),
	TP_ARGS(text),
	TP_STRUCT__entry(
		__string(text, text)
	),
	TP_fast_assign(
		bpfsched_assign_str(text, text);
	),
	TP_printk("%s", __get_str(text))
);

#endif /* INTERP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../interp
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
