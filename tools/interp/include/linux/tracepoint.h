/* SPDX-License-Identifier: GPL-2.0 */
/* A tracepoint of one text, that interp_shim.trace may listen to. */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#include <linux/compiler.h>

#include "shim.h"

#define TP_PROTO(...)		__VA_ARGS__
#define TP_ARGS(...)		__VA_ARGS__
#define TP_STRUCT__entry(...)
#define TP_fast_assign(...)
#define TP_printk(...)

#define TRACE_EVENT(name, prototype, args, entry, assign, print)	\
	static inline void trace_##name(prototype)			\
	{								\
		if (interp_shim.trace)					\
			interp_shim.trace(interp_shim.data, args);	\
	}

#endif /* SHIM_LINUX_TRACEPOINT_H */
