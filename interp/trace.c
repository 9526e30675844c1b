// SPDX-License-Identifier: GPL-2.0
#include <bpfsched/visibility.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

#ifdef CONFIG_TRACEPOINTS
EXPORT_SYMBOL_FOR_KUNIT(__tracepoint_bpfsched_printk);
#endif
