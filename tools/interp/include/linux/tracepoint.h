/* SPDX-License-Identifier: GPL-2.0 */
/* A tracepoint that nobody listens to. */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#include <linux/compiler.h>

#define TP_PROTO(...)		__VA_ARGS__
#define TP_ARGS(...)
#define TP_STRUCT__entry(...)
#define TP_fast_assign(...)
#define TP_printk(...)

#define TRACE_EVENT(name, prototype, args, entry, assign, print)	\
	static inline void trace_##name(prototype)			\
	{								\
	}

#endif /* SHIM_LINUX_TRACEPOINT_H */
