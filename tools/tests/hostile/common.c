// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests of hostile clients share.
 */
#include "hostile.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define CPU1_SWITCH	"/sys/devices/system/cpu/cpu1/online"

/*
 * Act as this user, without a capability. Only the saved number stays 0, which
 * is the way back: act_as(0).
 */
void act_as(uid_t uid)
{
	check_ok(setresuid(0, 0, 0));
	check_ok(setgroups(0, NULL));
	check_ok(setresgid(uid, uid, 0));
	check_ok(setresuid(uid, uid, 0));
}

/* Be this user from now on; and end when the test does */
void become(uid_t uid)
{
	check_ok(setresuid(0, 0, 0));
	check_ok(setgroups(0, NULL));
	check_ok(setresgid(uid, uid, uid));
	check_ok(setresuid(uid, uid, uid));
	check_ok(prctl(PR_SET_PDEATHSIG, SIGKILL));
	/* or its files in /proc would be root's */
	check_ok(prctl(PR_SET_DUMPABLE, 1));
}

/* A file that this user has opened */
int open_as(uid_t uid, const char *node, int flags)
{
	int fd;

	act_as(uid);
	fd = open_client(node, flags);
	act_as(0);
	return fd;
}

/* Start a process of this user that does @what, and then ends */
pid_t start_as(uid_t uid, void (*what)(void))
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = check_ok(fork());
	if (pid == 0) {
		become(uid);
		if (getppid() != parent)
			ktap_exit(KTAP_FAILED);
		alarm(ktap_hang_guard());
		what();
		ktap_exit(0);
	}
	return pid;
}

/* Kill it, and wait until it is gone */
void end_process(pid_t pid)
{
	int status;

	check_ok(kill(pid, SIGKILL));
	check_eq(check_ok(waitpid(pid, &status, 0)), pid);
	if (!WIFSIGNALED(status))
		fail("process %d ended by itself: %#x", pid, status);
	check_eq(WTERMSIG(status), SIGKILL);
}

/* Some numbers that processes which are started later share; 0 */
__u64 *shared_numbers(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(page != MAP_FAILED);
	return page;
}

void open_to_all(const char *node)
{
	check_ok(chmod(node, 0666));
}

/*
 * Load a program that returns QUICK_RESULT, with a section of @section_len bytes
 * unless that is 0. Returns the descriptor, or -1 with *@limit set.
 */
int try_load(int fd, __u32 section_len, __u32 *limit)
{
	static const struct bpf_insn returning[] = {
		MOV_IMM(0, QUICK_RESULT), EXIT,
	};
	struct bpfsched_section section = { .len = section_len };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)returning,
		.insn_count = ARRAY_SIZE(returning),
		.sections = (uintptr_t)&section,
		.section_count = !!section_len,
	};
	int program = ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request);

	*limit = request.limit;
	return program;
}

/* For make_scheduler(); @capacity 0: that of the profile */
struct bpfsched_create params_of(const char *profile, __u32 capacity)
{
	struct bpfsched_create create = {
		.size = sizeof(create),
		.name = "made",
		.capacity = capacity,
	};

	strcpy(create.profile, profile);
	return create;
}

/* Make MADE, open it to all users, and to this process as root */
int make_scheduler(struct bpfsched_create *create)
{
	create_made(*create);
	open_to_all(MADE);
	return open_client(MADE, 0);
}

void set_limits(int fd, uid_t uid, __u32 flags,
		struct bpfsched_user_limits limits)
{
	check_ok(set_user(fd, flags, uid, limits));
}

/* What a user has in use; all zero if there is no such user */
struct bpfsched_user_info user_of(int fd, uid_t uid)
{
	struct bpfsched_user_info info;

	if (!find_user(fd, uid, &info))
		memset(&info, 0, sizeof(info));
	return info;
}

/* A job that is not released while anybody lives */
struct bpfsched_job_desc far_job_of(int program)
{
	return delayed_job(program, FAR_NS);
}

/* A job that drops another to get in */
struct bpfsched_job_desc evicting_job_of(int program)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_EVICT;
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	return job;
}

/* A job that declares next to nothing, within an hour that lies ahead */
struct bpfsched_job_desc small_job_of(int program)
{
	struct bpfsched_job_desc job = urgent_job(program, HOUR_NS);

	job.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = HOUR_NS;
	job.run_time_ns = 1000;
	return job;
}

/* One more such job is refused because of this limit */
void check_over(int fd, struct bpfsched_job_desc job, __u32 limit)
{
	check_fails(submit(fd, &job, 1), EDQUOT);
	check_eq(-job.error, EDQUOT);
	check_eq(job.limit, limit);
}

/* Submit such jobs until this limit is met; returns how many were taken */
__u32 submit_until(int fd, struct bpfsched_job_desc job, __u32 limit)
{
	struct bpfsched_job_desc next = job;
	__u32 taken = 0;

	while (submit(fd, &next, 1) == 1) {
		taken++;
		next = job;
	}
	if (errno != EDQUOT)
		fail("after %u jobs: %s", taken, strerrorname_np(errno));
	check_eq(next.limit, limit);
	return taken;
}

void submit_some(int fd, struct bpfsched_job_desc job, int count)
{
	while (count--)
		submit_one(fd, job);
}

/* Wait until this many jobs have not ended, of all clients */
void wait_for_jobs(int fd, __u64 count)
{
	struct bpfsched_stat stat;

	do {
		wait_a_little();
		stat = get_stat(fd);
	} while (stat.pending + stat.running != count);
}

/* List the first jobs of a file; returns how many */
__u32 list_own(int fd, struct bpfsched_job_info *infos, __u32 room)
{
	struct bpfsched_jobs request = {
		.size = sizeof(request),
		.count = room,
		.info_size = sizeof(*infos),
		.jobs = (uintptr_t)infos,
	};

	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &request));
	return request.count;
}

/* A live job of this file */
struct bpfsched_job_info job_info_of(int fd, __u64 id)
{
	struct bpfsched_job_info infos[256];
	__u32 i, count = list_own(fd, infos, ARRAY_SIZE(infos));

	for (i = 0; i < count; i++) {
		if (infos[i].id == id)
			return infos[i];
	}
	fail("job %llu is not listed", id);
}

bool has_cpu1_switch(void)
{
	return !access(CPU1_SWITCH, W_OK);
}

void switch_cpu1(bool on)
{
	write_text(CPU1_SWITCH, on ? "1" : "0");
}
