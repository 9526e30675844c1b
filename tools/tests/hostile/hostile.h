/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of hostile clients share: acting as users without any
 * capability, schedulers with limits, and processes that attack.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "../proc.h"
#include "../timing.h"

/* Two users without a capability */
#define ATTACKER	1000
#define OTHER		1001

/* For 500 years nothing comes of it. */
#define FAR_NS		(500 * 365 * 24 * HOUR_NS)

/**
 * struct subject - the tests of one file
 * @tests: the tests
 * @count: number of @tests
 */
struct subject {
	const struct ktap_test *tests;
	size_t count;
};

extern const struct subject timers_subject;
extern const struct subject queue_subject;
extern const struct subject limits_subject;
extern const struct subject memory_subject;
extern const struct subject processor_subject;
extern const struct subject reservations_subject;
extern const struct subject calls_subject;
extern const struct subject files_subject;
extern const struct subject namespaces_subject;
extern const struct subject attack_subject;

int attack_for(unsigned long seconds);

/* common.c */
void act_as(uid_t uid);
void become(uid_t uid);
int open_as(uid_t uid, const char *node, int flags);
pid_t start_as(uid_t uid, void (*what)(void));
void end_process(pid_t pid);
__u64 *shared_numbers(void);

void open_to_all(const char *node);
struct bpfsched_create params_of(const char *profile, __u32 capacity);
int make_scheduler(struct bpfsched_create *create);
void set_limits(int fd, uid_t uid, __u32 flags,
		struct bpfsched_user_limits limits);
struct bpfsched_user_info user_of(int fd, uid_t uid);

int try_load(int fd, __u32 section_len, __u32 *limit);
struct bpfsched_job_desc far_job_of(int program);
struct bpfsched_job_desc evicting_job_of(int program);
struct bpfsched_job_desc small_job_of(int program);
__u32 submit_until(int fd, struct bpfsched_job_desc job, __u32 limit);
void check_over(int fd, struct bpfsched_job_desc job, __u32 limit);
void submit_some(int fd, struct bpfsched_job_desc job, int count);
void wait_for_jobs(int fd, __u64 count);
__u32 list_own(int fd, struct bpfsched_job_info *infos, __u32 room);
struct bpfsched_job_info job_info_of(int fd, __u64 id);

bool has_cpu1_switch(void);
void switch_cpu1(bool on);

#endif /* HOSTILE_H */
