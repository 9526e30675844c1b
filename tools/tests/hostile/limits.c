// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on what a scheduler has for each of its users: files, programs and
 * their memory, jobs that programs submit; and attempts to change the limits, or
 * the jobs of others, and to be somebody else.
 */
#include "hostile.h"

#include <sys/resource.h>
#include <sys/socket.h>

/* What an ordinary user finds is at most half of what there is */
static void limits_defaults(void)
{
	size_t node;

	for (node = 0; node < ARRAY_SIZE(nodes); node++) {
		struct bpfsched_user_limits limits;
		struct bpfsched_info info;

		open_to_all(nodes[node]);
		info = get_info(open_as(ATTACKER, nodes[node], 0));
		limits = info.user_limits;
		check_eq(info.user_flags & BPFSCHED_USER_UNLIMITED, 0);
		check_eq(limits.jobs, info.capacity / 2);
		check_eq(limits.waiting, info.capacity / 2);
		check_ne(limits.clients, BPFSCHED_NO_LIMIT);
		check_ne(limits.programs, BPFSCHED_NO_LIMIT);
		check_ne(limits.memory, BPFSCHED_NO_LIMIT64);
		check_ne(limits.releases, BPFSCHED_NO_LIMIT64);
		check_eq(limits.reserved_ppm, 0);
		check_eq(limits.weight, BPFSCHED_WEIGHT_DEFAULT);
		check_ne(info.user_budget_insns, BPFSCHED_BUDGET_UNLIMITED);
		info = get_info(open_client(nodes[node], 0));
		check_ne(info.user_flags & BPFSCHED_USER_UNLIMITED, 0);
	}
}

/* A crowd of open files is refused, and the door stays open for others */
static void limits_clients(void)
{
	const struct rlimit many = { .rlim_cur = 4096, .rlim_max = 4096 };
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), files[1024];
	__u32 limit, i, count;

	check_ok(setrlimit(RLIMIT_NOFILE, &many));
	files[0] = open_as(ATTACKER, MADE, 0);
	limit = get_info(files[0]).user_limits.clients;
	check_le(limit, ARRAY_SIZE(files) - 1);
	act_as(ATTACKER);
	for (count = 1; count < ARRAY_SIZE(files); count++) {
		files[count] = open(MADE, O_RDWR | O_CLOEXEC);
		if (files[count] < 0)
			break;
	}
	check_eq(errno, EDQUOT);
	check_eq(count, limit);
	/* the same file once more is not one more */
	check_ok(dup(files[0]));
	check_fails(open(MADE, O_RDWR | O_CLOEXEC), EDQUOT);
	act_as(0);
	check_eq(user_of(root, ATTACKER).clients, limit);
	check_eq(run_program(open_as(OTHER, MADE, 0), load_quick(root)).r0,
		 QUICK_RESULT);
	check_eq(run_program(open_client(MADE, 0), load_quick(root)).r0,
		 QUICK_RESULT);
	for (i = 1; i < limit; i++)
		close(files[i]);
	while (user_of(root, ATTACKER).clients > 1)
		wait_a_little();
	close(open_as(ATTACKER, MADE, 0));
}

static void limits_programs(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), fd, second, programs[4], i;
	struct bpfsched_user_limits few = { .programs = 4 };
	__u32 limit;

	set_limits(root, ATTACKER, BPFSCHED_USER_SET_PROGRAMS, few);
	fd = open_as(ATTACKER, MADE, 0);
	second = open_as(ATTACKER, MADE, 0);
	for (i = 0; i < 4; i++) {
		programs[i] = check_ok(try_load(i & 1 ? fd : second, 0,
						&limit));
		check_eq(limit, BPFSCHED_LIMIT_NONE);
	}
	check_fails(try_load(second, 0, &limit), EDQUOT);
	check_eq(limit, BPFSCHED_LIMIT_USER_PROGRAMS);
	check_eq(user_of(root, ATTACKER).programs, 4);
	/* others load what they want, and their programs can be used by all */
	check_eq(run_program(fd, load_quick(root)).r0, QUICK_RESULT);
	load_quick(open_as(OTHER, MADE, 0));
	/* a program counts until the last job of it has ended */
	pause_scheduler(root);
	submit_one(fd, job_of(programs[0]));
	close(programs[0]);
	check_fails(try_load(second, 0, &limit), EDQUOT);
	resume_scheduler(root);
	read_status(fd, BPFSCHED_STATUS_OK);
	while (user_of(root, ATTACKER).programs == 4)
		wait_a_little();
	check_ok(try_load(second, 0, &limit));
	/* and although the file is closed through which it was loaded */
	close(second);
	check_fails(try_load(fd, 0, &limit), EDQUOT);
	check_eq(user_of(root, ATTACKER).programs, 4);
}

static void limits_memory(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), fd, other, program;
	__u64 used;
	__u32 limit;

	create.user_limits.memory = 256 << 10;
	set_limits(root, 0, BPFSCHED_USER_SET_MEMORY | BPFSCHED_USER_SET_ALL,
		   create.user_limits);
	fd = open_as(ATTACKER, MADE, 0);
	other = open_as(OTHER, MADE, 0);
	check_fails(try_load(fd, 16 << 20, &limit), EDQUOT);
	check_eq(limit, BPFSCHED_LIMIT_USER_MEMORY);
	check_eq(user_of(root, ATTACKER).memory, 0);
	check_eq(user_of(root, ATTACKER).programs, 0);
	program = check_ok(try_load(fd, 160 << 10, &limit));
	used = user_of(root, ATTACKER).memory;
	check_ge(used, 160 << 10);
	check_le(used, 256 << 10);
	check_fails(try_load(fd, 160 << 10, &limit), EDQUOT);
	check_eq(user_of(root, ATTACKER).memory, used);
	check_ok(try_load(other, 160 << 10, &limit));
	check_ok(try_load(root, 1 << 20, &limit));
	close(program);
	while (user_of(root, ATTACKER).memory)
		wait_a_little();
	check_ok(try_load(fd, 160 << 10, &limit));
}

/* Submits @times jobs of @followup, whatever becomes of them */
static int load_spawning(int fd, __s32 followup, int times)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(6, times),
		MOV_IMM(1, 0), MOV_IMM(2, 0), MOV_IMM(3, 0), MOV_IMM(4, 0),
		CALL_HELPER(BPFSCHED_FUNC_submit_job),
		ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -7),
		EXIT,
	};
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = ARRAY_SIZE(insns),
		.followup_fds = (uintptr_t)&followup,
		.followup_count = 1,
	};

	return check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

/*
 * Programs that submit programs that submit programs: 12 * 12 * 12 jobs of one
 * that was submitted, if nothing were in the way.
 */
static void limits_followups(void)
{
	struct bpfsched_create create = params_of("cloud", 64);
	int root = make_scheduler(&create), fd, other, program, i;
	struct bpfsched_user_limits eight = { .jobs = 8 };

	set_limits(root, ATTACKER, BPFSCHED_USER_SET_JOBS, eight);
	fd = open_as(ATTACKER, MADE, 0);
	other = open_as(OTHER, MADE, 0);
	act_as(ATTACKER);
	program = load_quick(fd);
	for (i = 0; i < 3; i++)
		program = load_spawning(fd, program, 12);
	act_as(0);
	pause_scheduler(root);
	submit_some(fd, job_of(program), 8);
	resume_scheduler(root);
	while (get_stat(root).pending + get_stat(root).running) {
		check_le(user_of(root, ATTACKER).jobs, 8);
		check_eq(run_program(other, load_quick(other)).r0,
			 QUICK_RESULT);
	}
	check_le(get_stat(root).queue_high_water, 9);
	check_ne(get_stat(root).rejected, 0);
	check_eq(user_of(root, ATTACKER).jobs, 0);
}

/* A follow-up that waits, or has more of a budget, counts like any other */
static int load_with_options(int fd, __s32 followup,
			     const struct bpfsched_followup *options)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(1, 0), MOV_IMM(2, 0), MOV_IMM(3, 0),
		SECTION_LOW(4, 0), SECTION_HIGH(0),
		CALL_HELPER(BPFSCHED_FUNC_submit_job), EXIT,
	};
	struct bpfsched_section section = {
		.data = (uintptr_t)options,
		.len = sizeof(*options),
	};
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = ARRAY_SIZE(insns),
		.sections = (uintptr_t)&section,
		.section_count = 1,
		.followup_fds = (uintptr_t)&followup,
		.followup_count = 1,
	};

	return check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

static void limits_options_of_followups(void)
{
	struct bpfsched_create create = params_of("cloud", 64);
	struct bpfsched_followup options = {
		.size = sizeof(options),
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL,
		.not_before_ns = FAR_NS,
	};
	int root = make_scheduler(&create), fd, quick, program;
	struct bpfsched_user_limits two = { .waiting = 2 };

	set_limits(root, ATTACKER, BPFSCHED_USER_SET_WAITING, two);
	fd = open_as(ATTACKER, MADE, 0);
	act_as(ATTACKER);
	quick = load_quick(fd);
	program = load_with_options(fd, quick, &options);
	check_eq(run_program(fd, program).followups, 1);
	check_eq(run_program(fd, program).followups, 1);
	check_eq(run_program(fd, program).r0, -EDQUOT);
	options.flags = 0;
	options.not_before_ns = 0;
	options.budget_insns = get_info(fd).user_budget_insns + 1;
	program = load_with_options(fd, quick, &options);
	check_eq(run_program(fd, program).r0, -EPERM);
	options.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	program = load_with_options(fd, quick, &options);
	check_eq(run_program(fd, program).r0, -EPERM);
	act_as(0);
	check_eq(user_of(root, ATTACKER).waiting, 2);
}

/* What a list of users shows, and to whom */
static void limits_list(void)
{
	struct bpfsched_create create = params_of("cloud", 64);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	int other = open_as(OTHER, MADE, 0);
	struct bpfsched_user_info infos[4] = {};
	struct bpfsched_users request = {
		.size = sizeof(request),
		.count = ARRAY_SIZE(infos),
		.info_size = sizeof(*infos),
		.users = (uintptr_t)infos,
	};

	submit_one(other, far_job_of(load_quick(other)));
	submit_one(fd, far_job_of(load_quick(fd)));
	act_as(ATTACKER);
	check_ok(ioctl(fd, BPFSCHED_IOC_USERS, &request));
	check_eq(request.count, 1);
	check_eq(request.after, 0);
	check_eq(infos[0].uid, ATTACKER);
	check_eq(infos[0].jobs, 1);
	check_eq(infos[0].waiting, 1);
	request.flags = BPFSCHED_USERS_ALL;
	request.count = ARRAY_SIZE(infos);
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), EPERM);
	act_as(0);
	check_ok(ioctl(fd, BPFSCHED_IOC_USERS, &request));
	check_eq(request.count, 3);
	check_eq(user_of(root, OTHER).jobs, 1);
	check_eq(user_of(root, OTHER).programs, 1);
	check_eq(user_of(root, 0).clients, 1);
	/* a cursor behind all of them ends the list */
	request.count = ARRAY_SIZE(infos);
	request.after = ~0ULL;
	check_ok(ioctl(root, BPFSCHED_IOC_USERS, &request));
	check_eq(request.count, 0);
	check_eq(request.after, 0);
}

/* Only an administrator changes limits */
static void limits_set(void)
{
	struct bpfsched_create create = params_of("cloud", 64);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	struct bpfsched_user_set request = {
		.size = sizeof(request),
		.flags = BPFSCHED_USER_SET_JOBS,
		.uid = ATTACKER,
		.limits = { .jobs = 64 },
	};

	act_as(ATTACKER);
	check_fails(ioctl(fd, BPFSCHED_IOC_USER_SET, &request), EPERM);
	check_fails(ioctl(root, BPFSCHED_IOC_USER_SET, &request), EPERM);
	request.uid = OTHER;
	request.limits.jobs = 0;
	check_fails(ioctl(fd, BPFSCHED_IOC_USER_SET, &request), EPERM);
	request.flags |= BPFSCHED_USER_SET_ALL;
	request.uid = 0;
	check_fails(ioctl(fd, BPFSCHED_IOC_USER_SET, &request), EPERM);
	act_as(0);
	check_eq(get_info(fd).user_limits.jobs, 32);
	/* a limit stays with the user who has no file open */
	request.flags = BPFSCHED_USER_SET_JOBS;
	request.uid = ATTACKER;
	request.limits.jobs = 3;
	check_ok(ioctl(root, BPFSCHED_IOC_USER_SET, &request));
	close(fd);
	fd = open_as(ATTACKER, MADE, 0);
	check_eq(get_info(fd).user_limits.jobs, 3);
	check_eq(submit_until(fd, far_job_of(load_quick(fd)),
			      BPFSCHED_LIMIT_USER_JOBS), 3);
}

/* Nobody touches what is another's */
static void limits_jobs_of_others(void)
{
	struct bpfsched_create create = params_of("cloud", 64);
	int root, fd, other;
	struct bpfsched_update request = {};

	create.flags = BPFSCHED_CREATE_GUARD_CRITICAL;
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	other = open_as(OTHER, MADE, 0);
	request.id = submit_one(other, far_job_of(load_quick(other)));
	act_as(ATTACKER);
	request.flags = BPFSCHED_UPDATE_BUDGET_INSNS;
	request.budget_insns = 1;
	check_fails(update(fd, request), ENOENT);
	check_fails(cancel(fd, request.id), ENOENT);
	request.flags |= BPFSCHED_UPDATE_ANY_CLIENT;
	request.client = get_info(other).client;
	check_fails(update(fd, request), EPERM);
	check_fails(cancel_any(fd, request.id, request.client), EPERM);
	/* nor does anybody give himself what submission would not have */
	request = (struct bpfsched_update){
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.priority = BPFSCHED_PRIORITY_CRITICAL,
		.id = submit_one(fd, far_job_of(load_quick(fd))),
	};
	check_fails(update(fd, request), EPERM);
	request.priority = 0;
	request.flags = BPFSCHED_UPDATE_BUDGET_INSNS;
	request.budget_insns = get_info(fd).user_budget_insns + 1;
	check_fails(update(fd, request), EPERM);
	request.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	check_fails(update(fd, request), EPERM);
	act_as(0);
	check_ok(update(fd, request));
	check_eq(get_stat(root).waiting, 2);
}

static void limits_of_who_opened(void)
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	int second, program = load_quick(root), copy;
	struct bpfsched_job_desc job = far_job_of(program), dear = job;

	dear.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	/* root with the file of a user: what is taken is the user's */
	check_eq(submit_until(fd, job, BPFSCHED_LIMIT_USER_JOBS), 8);
	/* the user with a file of root's, or another's: it is theirs */
	act_as(ATTACKER);
	copy = check_ok(dup(root));
	submit_one(copy, job);
	check_fails(submit(copy, &dear, 1), EPERM);
	act_as(0);
	check_eq(user_of(root, 0).jobs, 1);
	second = open_as(OTHER, MADE, 0);
	act_as(ATTACKER);
	check_eq(submit_until(second, job, BPFSCHED_LIMIT_USER_JOBS), 8);
	check_over(fd, job, BPFSCHED_LIMIT_USER_JOBS);
	act_as(0);
	check_eq(user_of(root, OTHER).jobs, 8);
	check_eq(user_of(root, ATTACKER).jobs, 8);
}

static int inherited;

/* Another user, with the file that he got when he was started */
static void use_inherited(void)
{
	struct bpfsched_job_desc job = far_job_of(load_quick(inherited));
	int own = open_client(MADE, 0);

	check_over(inherited, job, BPFSCHED_LIMIT_USER_JOBS);
	submit_one(own, job);
	check_eq(get_info(inherited).user_limits.jobs, 8);
}

static void limits_inherited(void)
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root = make_scheduler(&create);

	inherited = open_as(ATTACKER, MADE, 0);
	check_eq(submit_until(inherited, far_job_of(load_quick(root)),
			      BPFSCHED_LIMIT_USER_JOBS), 8);
	check_child(start_as(OTHER, use_inherited));
	check_eq(user_of(root, ATTACKER).jobs, 8);
}

/* Sends a descriptor in a message, from one socket to the other */
static int pass(int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = {};
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int ends[2];

	check_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	check_ok(sendmsg(ends[0], &message, 0));
	close(fd);
	check_ok(recvmsg(ends[1], &message, 0));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	close(ends[0]);
	close(ends[1]);
	return fd;
}

/* A file on its way to somebody is still its user's, with all its jobs */
static void limits_passed_on(void)
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root = make_scheduler(&create), fd;
	struct bpfsched_job_desc job = far_job_of(load_quick(root));
	int i;

	fd = open_as(ATTACKER, MADE, 0);
	submit_until(fd, job, BPFSCHED_LIMIT_USER_JOBS);
	for (i = 0; i < 5; i++) {
		act_as(i & 1 ? ATTACKER : OTHER);
		fd = pass(fd);
		check_over(fd, job, BPFSCHED_LIMIT_USER_JOBS);
		act_as(0);
		check_eq(user_of(root, ATTACKER).jobs, 8);
		check_eq(user_of(root, OTHER).jobs, 0);
	}
	close(fd);
	wait_for_jobs(root, 0);
}

static const struct ktap_test tests[] = {
	{ "limits.defaults", limits_defaults },
	{ "limits.clients", limits_clients },
	{ "limits.programs", limits_programs },
	{ "limits.memory", limits_memory },
	{ "limits.followups", limits_followups },
	{ "limits.options_of_followups", limits_options_of_followups },
	{ "limits.list", limits_list },
	{ "limits.set", limits_set },
	{ "limits.jobs_of_others", limits_jobs_of_others },
	{ "limits.of_who_opened", limits_of_who_opened },
	{ "limits.inherited", limits_inherited },
	{ "limits.passed_on", limits_passed_on },
};

const struct subject limits_subject = { tests, ARRAY_SIZE(tests) };
