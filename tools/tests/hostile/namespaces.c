// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks out of namespaces: a user who is root in a user namespace of his own
 * is who he was, and numbers are those of who asks.
 */
#include "hostile.h"

#include <sched.h>

static void need_namespaces(void)
{
	if (access("/proc/self/ns/user", F_OK) ||
	    access("/proc/self/ns/pid", F_OK))
		skip("this kernel has no namespaces of users and processes");
}

/* Be root in a new user namespace */
static void enter_user_namespace(void)
{
	char map[32];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	check_ok(unshare(CLONE_NEWUSER));
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_text("/proc/self/gid_map", map);
	check_eq(geteuid(), 0);
}

static __u64 *numbers;

/* Take what is left of the user's jobs, from three namespaces below */
static void take_from_below(void)
{
	struct bpfsched_user_info info;
	struct bpfsched_users users = {
		.size = sizeof(users),
		.count = 1,
		.info_size = sizeof(info),
		.users = (uintptr_t)&info,
	};
	int i, fd;

	for (i = 0; i < 3; i++) {
		enter_user_namespace();
		fd = open_client(MADE, 0);
		submit_one(fd, far_job_of(load_quick(fd)));
	}
	numbers[0] = submit_until(fd, far_job_of(load_quick(fd)),
				  BPFSCHED_LIMIT_USER_JOBS);
	numbers[1] = get_info(fd).user_flags;
	check_ok(ioctl(fd, BPFSCHED_IOC_USERS, &users));
	check_eq(users.count, 1);
	numbers[2] = info.jobs;
	numbers[3] = info.uid;
}

static void namespaces_same_user(void)
{
	struct bpfsched_create create = params_of("cloud", 32);
	int root, fd, program;

	need_namespaces();
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	program = load_quick(fd);
	create.user_limits.jobs = 16;
	create.user_limits.waiting = BPFSCHED_NO_LIMIT;
	set_limits(root, ATTACKER, BPFSCHED_USER_SET_JOBS |
		   BPFSCHED_USER_SET_WAITING, create.user_limits);
	numbers = shared_numbers();
	submit_some(fd, far_job_of(program), 4);
	check_child(start_as(ATTACKER, take_from_below));
	check_eq(numbers[0], 16 - 4 - 3);
	check_eq(numbers[1] & BPFSCHED_USER_UNLIMITED, 0);
	check_eq(numbers[2], 16);
	check_eq(numbers[3], 0);
	check_eq(run_program(open_as(OTHER, MADE, 0), program).r0,
		 QUICK_RESULT);
}

/* Root of a user namespace has no privilege here */
static void try_privileges(void)
{
	struct bpfsched_user_set set = {
		.size = sizeof(set),
		.flags = BPFSCHED_USER_SET_JOBS,
		.limits = { .jobs = 1000 },
	};
	struct bpfsched_user_info infos[4];
	struct bpfsched_users users = {
		.size = sizeof(users),
		.flags = BPFSCHED_USERS_ALL,
		.count = ARRAY_SIZE(infos),
		.info_size = sizeof(*infos),
		.users = (uintptr_t)infos,
	};
	struct bpfsched_job_info jobs[4];
	struct bpfsched_jobs list = {
		.size = sizeof(list),
		.flags = BPFSCHED_JOBS_ANY_CLIENT,
		.count = ARRAY_SIZE(jobs),
		.info_size = sizeof(*jobs),
		.jobs = (uintptr_t)jobs,
	};
	struct bpfsched_job_desc job;
	int fd;

	enter_user_namespace();
	fd = open_client(MADE, 0);
	check_fails(ioctl(fd, BPFSCHED_IOC_PAUSE), EPERM);
	check_fails(ioctl(fd, BPFSCHED_IOC_USER_SET, &set), EPERM);
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &users), EPERM);
	check_fails(ioctl(fd, BPFSCHED_IOC_JOBS, &list), EPERM);
	check_fails(cancel_any(fd, 1, 1), EPERM);
	job = small_job_of(load_quick(fd));
	submit_refused(fd, job, EPERM);
	job = job_of(job.prog_fd);
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_refused(fd, job, EPERM);
	job.priority = BPFSCHED_PRIORITY_LOW;
	job.budget_insns = get_info(fd).user_budget_insns + 1;
	submit_refused(fd, job, EPERM);
}

static void namespaces_no_privilege(void)
{
	struct bpfsched_create create = params_of("embedded", 0);

	need_namespaces();
	create.flags = BPFSCHED_CREATE_GUARD_CRITICAL;
	create.user_budget_insns = 1000;
	make_scheduler(&create);
	check_child(start_as(ATTACKER, try_privileges));
}

static int outside;

/* The first process of a PID namespace: files of its own, and one from outside */
static void look_from_inside(void)
{
	struct bpfsched_job_info info;
	int fd = open_client(MADE, 0);

	check_eq(getpid(), 1);
	submit_one(fd, far_job_of(load_quick(fd)));
	check_eq(list_own(fd, &info, 1), 1);
	check_eq(info.pid, 1);
	check_eq(info.uid, getuid());
	check_eq(list_own(outside, &info, 1), 1);
	check_eq(info.pid, 0);
}

static void enter_and_look(void)
{
	pid_t pid;

	enter_user_namespace();
	check_ok(unshare(CLONE_NEWPID));
	pid = check_ok(fork());
	if (pid == 0) {
		look_from_inside();
		ktap_exit(0);
	}
	check_child(pid);
}

static void namespaces_pids(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	struct bpfsched_job_info info;

	need_namespaces();
	make_scheduler(&create);
	outside = open_as(ATTACKER, MADE, 0);
	submit_one(outside, far_job_of(load_quick(outside)));
	check_child(start_as(ATTACKER, enter_and_look));
	check_eq(list_own(outside, &info, 1), 1);
	check_eq(info.pid, getpid());
	check_eq(info.uid, ATTACKER);
}

/* An administrator in a PID namespace: threads outside of it have no number */
static void create_from_inside(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	__u32 threads[2] = { 77, 77 };
	int control = open_client(CONTROL, 0);

	check_eq(getpid(), 1);
	create.workers = 2;
	create.threads = (uintptr_t)threads;
	create.thread_room = 2;
	check_ok(ioctl(control, BPFSCHED_IOC_CREATE, &create));
	check_eq(create.thread_count, 2);
	check_eq(threads[0], 0);
	check_eq(threads[1], 0);
}

static void namespaces_threads(void)
{
	pid_t pid;

	need_namespaces();
	check_ok(unshare(CLONE_NEWPID));
	pid = check_ok(fork());
	if (pid == 0) {
		create_from_inside();
		ktap_exit(0);
	}
	check_child(pid);
}

static const struct ktap_test tests[] = {
	{ "namespaces.same_user", namespaces_same_user },
	{ "namespaces.no_privilege", namespaces_no_privilege },
	{ "namespaces.pids", namespaces_pids },
	{ "namespaces.threads", namespaces_threads },
};

const struct subject namespaces_subject = { tests, ARRAY_SIZE(tests) };
