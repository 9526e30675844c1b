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

#define BPFSCHED_INFO_SIZE_VER1		192
#define BPFSCHED_PROG_LOAD_SIZE_VER1	88
#define BPFSCHED_JOB_DESC_SIZE_VER1	64
#define BPFSCHED_SUBMIT_SIZE_VER1	24
#define BPFSCHED_CANCEL_SIZE_VER1	24
#define BPFSCHED_STAT_SIZE_VER1		112
#define BPFSCHED_SECTION_SIZE		24
#define BPFSCHED_COMPLETION_SIZE_VER1	160

static_assert(sizeof(struct bpfsched_info) == BPFSCHED_INFO_SIZE_VER1);
static_assert(sizeof(struct bpfsched_prog_load) ==
	      BPFSCHED_PROG_LOAD_SIZE_VER1);
static_assert(sizeof(struct bpfsched_job_desc) == BPFSCHED_JOB_DESC_SIZE_VER1);
static_assert(sizeof(struct bpfsched_submit) == BPFSCHED_SUBMIT_SIZE_VER1);
static_assert(sizeof(struct bpfsched_cancel) == BPFSCHED_CANCEL_SIZE_VER1);
static_assert(sizeof(struct bpfsched_stat) == BPFSCHED_STAT_SIZE_VER1);
static_assert(sizeof(struct bpfsched_section) == BPFSCHED_SECTION_SIZE);
static_assert(sizeof(struct bpfsched_completion) ==
	      BPFSCHED_COMPLETION_SIZE_VER1);
static_assert(sizeof(struct bpfsched_record) == 8);

#endif /* BPFSCHED_ABI_H */
