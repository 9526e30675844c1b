/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The layout of the ABI, fixed for good.
 *
 * A structure that grows gets a size for each of its versions; user space may
 * pass any of them.
 */
#ifndef BPFSCHED_ABI_H
#define BPFSCHED_ABI_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"

#define BPFSCHED_INFO_SIZE_VER1		192
#define BPFSCHED_INFO_SIZE_VER2		288 /* limits of users */
#define BPFSCHED_PROG_LOAD_SIZE_VER1	88
#define BPFSCHED_PROG_LOAD_SIZE_VER2	112 /* maps and follow-ups */
#define BPFSCHED_PROG_LOAD_SIZE_VER3	120 /* limit */
#define BPFSCHED_PROG_LOAD_SIZE_VER4	128 /* relocations */
#define BPFSCHED_RELOC_SIZE		24
#define BPFSCHED_JOB_DESC_SIZE_VER1	104
#define BPFSCHED_SUBMIT_SIZE_VER1	40
#define BPFSCHED_CANCEL_SIZE_VER1	24
#define BPFSCHED_STAT_SIZE_VER1		112
#define BPFSCHED_STAT_SIZE_VER2		152 /* waiting to cpus */
#define BPFSCHED_HISTOGRAM_SIZE_VER1	520
#define BPFSCHED_JOBS_SIZE_VER1		40
#define BPFSCHED_JOB_INFO_SIZE_VER1	136
#define BPFSCHED_DRAIN_SIZE_VER1	16
#define BPFSCHED_CREATE_SIZE_VER1	144
#define BPFSCHED_CREATE_SIZE_VER2	208 /* limits of users */
#define BPFSCHED_UPDATE_SIZE_VER1	64
#define BPFSCHED_USERS_SIZE_VER1	32
#define BPFSCHED_USER_INFO_SIZE_VER1	120
#define BPFSCHED_USER_SET_SIZE_VER1	56
#define BPFSCHED_USER_LIMITS_SIZE	40
#define BPFSCHED_DESTROY_SIZE_VER1	40
#define BPFSCHED_LIST_SIZE_VER1		16
#define BPFSCHED_SECTION_SIZE		24
#define BPFSCHED_MAP_REF_SIZE		8
#define BPFSCHED_COMPLETION_SIZE_VER1	192
#define BPFSCHED_EVENTS_SIZE_VER1	40
#define BPFSCHED_EVENT_RECORD_SIZE_VER2	64 /* data_offset */

static_assert(sizeof(struct bpfsched_info) == BPFSCHED_INFO_SIZE_VER2);
static_assert(offsetof(struct bpfsched_info, client_jobs) ==
	      BPFSCHED_INFO_SIZE_VER1);
static_assert(sizeof(struct bpfsched_prog_load) ==
	      BPFSCHED_PROG_LOAD_SIZE_VER4);
static_assert(offsetof(struct bpfsched_prog_load, relocs) ==
	      BPFSCHED_PROG_LOAD_SIZE_VER3);
static_assert(offsetof(struct bpfsched_prog_load, limit) ==
	      BPFSCHED_PROG_LOAD_SIZE_VER2);
static_assert(offsetof(struct bpfsched_prog_load, maps) ==
	      BPFSCHED_PROG_LOAD_SIZE_VER1);
static_assert(sizeof(struct bpfsched_job_desc) == BPFSCHED_JOB_DESC_SIZE_VER1);
static_assert(sizeof(struct bpfsched_submit) == BPFSCHED_SUBMIT_SIZE_VER1);
static_assert(sizeof(struct bpfsched_cancel) == BPFSCHED_CANCEL_SIZE_VER1);
static_assert(sizeof(struct bpfsched_stat) == BPFSCHED_STAT_SIZE_VER2);
static_assert(offsetof(struct bpfsched_stat, waiting) ==
	      BPFSCHED_STAT_SIZE_VER1);
static_assert(sizeof(struct bpfsched_histogram) ==
	      BPFSCHED_HISTOGRAM_SIZE_VER1);
static_assert(sizeof(struct bpfsched_jobs) == BPFSCHED_JOBS_SIZE_VER1);
static_assert(sizeof(struct bpfsched_job_info) == BPFSCHED_JOB_INFO_SIZE_VER1);
static_assert(sizeof(struct bpfsched_drain) == BPFSCHED_DRAIN_SIZE_VER1);
static_assert(sizeof(struct bpfsched_create) == BPFSCHED_CREATE_SIZE_VER2);
static_assert(offsetof(struct bpfsched_create, user_budget_insns) ==
	      BPFSCHED_CREATE_SIZE_VER1);
static_assert(sizeof(struct bpfsched_update) == BPFSCHED_UPDATE_SIZE_VER1);
static_assert(sizeof(struct bpfsched_users) == BPFSCHED_USERS_SIZE_VER1);
static_assert(sizeof(struct bpfsched_user_info) ==
	      BPFSCHED_USER_INFO_SIZE_VER1);
static_assert(sizeof(struct bpfsched_user_set) == BPFSCHED_USER_SET_SIZE_VER1);
static_assert(sizeof(struct bpfsched_user_limits) ==
	      BPFSCHED_USER_LIMITS_SIZE);
static_assert(sizeof(struct bpfsched_destroy) == BPFSCHED_DESTROY_SIZE_VER1);
static_assert(sizeof(struct bpfsched_list) == BPFSCHED_LIST_SIZE_VER1);
static_assert(sizeof(struct bpfsched_section) == BPFSCHED_SECTION_SIZE);
static_assert(sizeof(struct bpfsched_reloc) == BPFSCHED_RELOC_SIZE);
static_assert(sizeof(struct bpfsched_map_ref) == BPFSCHED_MAP_REF_SIZE);
static_assert(sizeof(struct bpfsched_completion) ==
	      BPFSCHED_COMPLETION_SIZE_VER1);
static_assert(sizeof(struct bpfsched_events) == BPFSCHED_EVENTS_SIZE_VER1);
static_assert(sizeof(struct bpfsched_event_record) ==
	      BPFSCHED_EVENT_RECORD_SIZE_VER2);
static_assert(sizeof(struct bpfsched_followup) == BPFSCHED_FOLLOWUP_SIZE_VER1);
static_assert(sizeof(struct bpfsched_record) == 8);

#endif /* BPFSCHED_ABI_H */
