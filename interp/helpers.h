/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers: what the files that have them share. Each has the signature that
 * struct interp_helper asks for, and is described where it is.
 */
#ifndef INTERP_HELPERS_H
#define INTERP_HELPERS_H

#include "interp.h"

/* text.c */
u64 interp_help_trace_printk(struct interp_state *state, const u64 *args);
u64 interp_help_trace_vprintk(struct interp_state *state, const u64 *args);
u64 interp_help_snprintf(struct interp_state *state, const u64 *args);
u64 interp_help_strncmp(struct interp_state *state, const u64 *args);
u64 interp_help_strtol(struct interp_state *state, const u64 *args);
u64 interp_help_strtoul(struct interp_state *state, const u64 *args);

/* loop.c */
u64 interp_help_loop(struct interp_state *state, const u64 *args);

/* host.c */
u64 interp_help_job_id(struct interp_state *state, const u64 *args);
u64 interp_help_release(struct interp_state *state, const u64 *args);
u64 interp_help_deadline_ns(struct interp_state *state, const u64 *args);
u64 interp_help_time_remaining_ns(struct interp_state *state, const u64 *args);
u64 interp_help_budget_remaining(struct interp_state *state, const u64 *args);
u64 interp_help_yield(struct interp_state *state, const u64 *args);
u64 interp_help_emit(struct interp_state *state, const u64 *args);
u64 interp_help_submit_job(struct interp_state *state, const u64 *args);

#endif /* INTERP_HELPERS_H */
