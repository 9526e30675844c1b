// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that programs can call. Those of the kernel have the numbers
 * and the meaning that they have there (include/uapi/linux/bpf.h), so that a
 * program compiled against bpf_helpers.h runs unchanged; our own start at
 * BPFSCHED_FUNC_FIRST. Documentation/helpers.rst describes them.
 */
#include <linux/build_bug.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "helpers.h"
#include "map_helpers.h"

static u64 help_ktime_get_ns(struct interp_state *state, const u64 *args)
{
	interp_work(state, INTERP_WORK_CLOCK);
	return ktime_get_mono_fast_ns();
}

static u64 help_ktime_get_boot_ns(struct interp_state *state, const u64 *args)
{
	interp_work(state, INTERP_WORK_CLOCK);
	return ktime_get_boot_fast_ns();
}

static u64 help_ktime_get_coarse_ns(struct interp_state *state,
				    const u64 *args)
{
	interp_work(state, INTERP_WORK_CLOCK);
	return ktime_get_coarse_ns();
}

static u64 help_ktime_get_tai_ns(struct interp_state *state, const u64 *args)
{
	interp_work(state, INTERP_WORK_CLOCK);
	return ktime_get_tai_fast_ns();
}

static u64 help_jiffies64(struct interp_state *state, const u64 *args)
{
	return get_jiffies_64();
}

/* Before the kernel has enough entropy, each number is made by itself. */
#define EARLY_RANDOM_WORK	2048

static u64 help_get_prandom_u32(struct interp_state *state, const u64 *args)
{
	interp_work(state, rng_is_initialized() ? INTERP_WORK_CLOCK :
						  EARLY_RANDOM_WORK);
	return get_random_u32();
}

static u64 help_get_smp_processor_id(struct interp_state *state,
				     const u64 *args)
{
	return raw_smp_processor_id();
}

/* What a processor may call that takes something else for a helper's index. */
static u64 help_nobody(struct interp_state *state, const u64 *args)
{
	return 0;
}

/* As many as there are below. */
#define HELPERS	30

const struct interp_helper interp_helpers[INTERP_HELPER_SLOTS] = {
	{ BPF_FUNC_map_lookup_elem, "map_lookup_elem", interp_map_lookup_elem },
	{ BPF_FUNC_map_update_elem, "map_update_elem", interp_map_update_elem },
	{ BPF_FUNC_map_delete_elem, "map_delete_elem", interp_map_delete_elem },
	{ BPF_FUNC_map_push_elem, "map_push_elem", interp_map_push_elem },
	{ BPF_FUNC_map_pop_elem, "map_pop_elem", interp_map_pop_elem },
	{ BPF_FUNC_map_peek_elem, "map_peek_elem", interp_map_peek_elem },
	{ BPF_FUNC_for_each_map_elem, "for_each_map_elem",
	  interp_map_each_elem },
	{ BPF_FUNC_map_lookup_percpu_elem, "map_lookup_percpu_elem",
	  interp_map_lookup_percpu_elem },
	{ BPF_FUNC_ktime_get_ns, "ktime_get_ns", help_ktime_get_ns },
	{ BPF_FUNC_trace_printk, "trace_printk", interp_help_trace_printk },
	{ BPF_FUNC_get_prandom_u32, "get_prandom_u32", help_get_prandom_u32 },
	{ BPF_FUNC_get_smp_processor_id, "get_smp_processor_id",
	  help_get_smp_processor_id },
	{ BPF_FUNC_strtol, "strtol", interp_help_strtol },
	{ BPF_FUNC_strtoul, "strtoul", interp_help_strtoul },
	{ BPF_FUNC_jiffies64, "jiffies64", help_jiffies64 },
	{ BPF_FUNC_ktime_get_boot_ns, "ktime_get_boot_ns",
	  help_ktime_get_boot_ns },
	{ BPF_FUNC_ktime_get_coarse_ns, "ktime_get_coarse_ns",
	  help_ktime_get_coarse_ns },
	{ BPF_FUNC_snprintf, "snprintf", interp_help_snprintf },
	{ BPF_FUNC_trace_vprintk, "trace_vprintk", interp_help_trace_vprintk },
	{ BPF_FUNC_loop, "loop", interp_help_loop },
	{ BPF_FUNC_strncmp, "strncmp", interp_help_strncmp },
	{ BPF_FUNC_ktime_get_tai_ns, "ktime_get_tai_ns",
	  help_ktime_get_tai_ns },
	{ BPFSCHED_FUNC_job_id, "bpfsched_job_id", interp_help_job_id },
	{ BPFSCHED_FUNC_release, "bpfsched_release", interp_help_release },
	{ BPFSCHED_FUNC_deadline_ns, "bpfsched_deadline_ns",
	  interp_help_deadline_ns },
	{ BPFSCHED_FUNC_time_remaining_ns, "bpfsched_time_remaining_ns",
	  interp_help_time_remaining_ns },
	{ BPFSCHED_FUNC_budget_remaining, "bpfsched_budget_remaining",
	  interp_help_budget_remaining },
	{ BPFSCHED_FUNC_yield, "bpfsched_yield", interp_help_yield },
	{ BPFSCHED_FUNC_emit, "bpfsched_emit", interp_help_emit },
	{ BPFSCHED_FUNC_submit_job, "bpfsched_submit_job",
	  interp_help_submit_job },
	[HELPERS ... INTERP_HELPER_SLOTS - 1] = { .call = help_nobody },
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

	BUILD_BUG_ON_NOT_POWER_OF_2(INTERP_HELPER_SLOTS);
	for (i = 0; i < HELPERS; i++) {
		if (interp_helpers[i].id == id)
			return i;
	}
	return -1;
}
