// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel functions that programs can call: by the numbers and with the
 * meaning that they have in the kernel (include/uapi/linux/bpf.h), so that a
 * program compiled against bpf_helpers.h runs unchanged.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "interp.h"
#include "map_helpers.h"
#include "trace.h"

/* Longer output is cut. */
#define TRACE_PRINTK_SIZE	512

static u64 helper_ktime_get_ns(struct interp_state *state, const u64 *args)
{
	return ktime_get_mono_fast_ns();
}

static u64 helper_get_prandom_u32(struct interp_state *state, const u64 *args)
{
	return get_random_u32();
}

static u64 helper_get_smp_processor_id(struct interp_state *state,
				       const u64 *args)
{
	return raw_smp_processor_id();
}

/*
 * bpf_trace_printk(format, format_size, arg1, arg2, arg3): into the tracepoint
 * bpfsched:bpfsched_printk. Returns the length of the text, or -EINVAL for a
 * format that is not allowed.
 */
static u64 helper_trace_printk(struct interp_state *state, const u64 *args)
{
	char text[TRACE_PRINTK_SIZE];
	int len;

	len = interp_format(state, text, sizeof(text), args[0], args[1],
			    &args[2], 3);
	if (len > 0)
		trace_bpfsched_printk(text);
	return (s64)len;
}

const struct interp_helper interp_helpers[] = {
	{ BPF_FUNC_map_lookup_elem, "map_lookup_elem", interp_map_lookup_elem },
	{ BPF_FUNC_map_update_elem, "map_update_elem", interp_map_update_elem },
	{ BPF_FUNC_map_delete_elem, "map_delete_elem", interp_map_delete_elem },
	{ BPF_FUNC_map_push_elem, "map_push_elem", interp_map_push_elem },
	{ BPF_FUNC_map_pop_elem, "map_pop_elem", interp_map_pop_elem },
	{ BPF_FUNC_map_peek_elem, "map_peek_elem", interp_map_peek_elem },
	{ BPF_FUNC_for_each_map_elem, "for_each_map_elem",
	  interp_for_each_map_elem },
	{ BPF_FUNC_map_lookup_percpu_elem, "map_lookup_percpu_elem",
	  interp_map_lookup_percpu_elem },
	{ BPF_FUNC_ktime_get_ns, "ktime_get_ns", helper_ktime_get_ns },
	{ BPF_FUNC_trace_printk, "trace_printk", helper_trace_printk },
	{ BPF_FUNC_get_prandom_u32, "get_prandom_u32", helper_get_prandom_u32 },
	{ BPF_FUNC_get_smp_processor_id, "get_smp_processor_id",
	  helper_get_smp_processor_id },
};

/**
 * interp_helper_index() - find a helper
 * @id: number by which a program names it
 *
 * Context: any.
 * Return: its index in interp_helpers[], or -1 if there is none.
 */
int interp_helper_index(s32 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(interp_helpers); i++) {
		if (interp_helpers[i].id == id)
			return i;
	}
	return -1;
}
