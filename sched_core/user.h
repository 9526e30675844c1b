/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users: what each user of a scheduler has in use, and may have.
 */
#ifndef BPFSCHED_USER_H
#define BPFSCHED_USER_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <uapi/linux/bpfsched.h>

#include "../policies/policy.h"
#include "timers.h"

struct bpfsched;

/* struct bpfsched_user_set.flags that name a limit. */
#define BPFSCHED_USER_SET_LIMITS \
	(BPFSCHED_USER_SET_CLIENTS | BPFSCHED_USER_SET_JOBS | \
	 BPFSCHED_USER_SET_WAITING | BPFSCHED_USER_SET_PROGRAMS | \
	 BPFSCHED_USER_SET_MEMORY | BPFSCHED_USER_SET_RELEASES | \
	 BPFSCHED_USER_SET_RESERVED | BPFSCHED_USER_SET_WEIGHT)

/* Releases a second are counted in this fraction of one. */
#define BPFSCHED_RELEASE_RATE_ONE	1000ULL

/**
 * struct bpfsched_user - a user of a scheduler
 * @sched: its scheduler, held while @refs is not 0
 * @refs: clients and programs; guarded by bpfsched.users_lock
 * @number: its place in bpfsched.users, plus 1
 * @uid: who it is
 * @kernel: it is a module of the kernel
 * @comm: of a module its name
 * @changed: which limits are its own, BPFSCHED_USER_SET_*; guarded by
 *	bpfsched.users_lock, read without it for lists
 * @limits: what it may have; guarded by the lock
 * @clients: clients that submit jobs; guarded by the lock, as all that follows
 * @jobs: live jobs; read without the lock by pollers
 * @waiting: those that wait for their first release or are periodic
 * @in_line: submissions that wait in line for room
 * @programs: programs
 * @memory: bytes of them
 * @release_rate: releases a second, in 1/BPFSCHED_RELEASE_RATE_ONE
 * @reserved_ppm: processor time that its jobs have reserved
 * @reservations: number of these jobs
 * @pooled: job slots that it has of the pool
 * @states: states that it has provided
 * @submitting: jobs that it is submitting, where it has to provide states
 * @run_ns: time that its jobs were on a worker
 * @timers: of its jobs
 * @share: what the policy keeps of it
 */
struct bpfsched_user {
	struct bpfsched *sched;
	u32 refs;
	u64 number;
	kuid_t uid;
	bool kernel;
	char comm[TASK_COMM_LEN];
	u32 changed;

	struct bpfsched_user_limits limits;
	u32 clients;
	u32 jobs;
	u32 waiting;
	u32 in_line;
	u32 programs;
	u64 memory;
	u64 release_rate;
	u64 reserved_ppm;
	u32 reservations;
	u32 pooled;
	u32 states;
	u32 submitting;
	u64 run_ns;
	struct bpfsched_timer_owner timers;
	struct bpfsched_share share;
};

kuid_t bpfsched_current_user(void);
struct bpfsched_user *bpfsched_user_get(struct bpfsched *sched, kuid_t uid);
struct bpfsched_user *bpfsched_user_get_kernel(struct bpfsched *sched,
					       const char *comm);
void bpfsched_user_hold(struct bpfsched_user *user);
void bpfsched_user_put(struct bpfsched_user *user);
void bpfsched_users_exit(struct bpfsched *sched);

int bpfsched_user_check_limits(const struct bpfsched_user_limits *limits,
			       u32 which);
void bpfsched_user_merge_limits(struct bpfsched_user_limits *to,
				const struct bpfsched_user_limits *from,
				u32 which);
int bpfsched_user_set(struct bpfsched *sched, kuid_t uid, u32 flags,
		      const struct bpfsched_user_limits *limits);
int bpfsched_users_set_all(struct bpfsched *sched, u32 flags,
			   const struct bpfsched_user_limits *limits);

/**
 * typedef bpfsched_user_visit_t - what to do with a user that was found
 * @user: the user; it stays until this returns
 * @data: for the function
 *
 * Process context, with bpfsched.users_lock held. Returns whether to go on.
 */
typedef bool bpfsched_user_visit_t(struct bpfsched_user *user, void *data);

int bpfsched_users_visit(struct bpfsched *sched, u64 after,
			 bpfsched_user_visit_t *visit, void *data);

u64 bpfsched_release_rate(u64 period_ns);
int bpfsched_user_add_program(struct bpfsched_user *user, u64 bytes,
			      bool unlimited, u32 *limit);
void bpfsched_user_remove_program(struct bpfsched_user *user, u64 bytes);

#endif /* BPFSCHED_USER_H */
