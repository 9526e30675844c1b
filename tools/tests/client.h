/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of the device nodes share: system calls with the structures of
 * the ABI filled in, small programs, and ways to wait for a state rather than
 * for a time. Uses the header of the ABI only, not the library.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "ktap.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include <linux/bpf.h>
#include <linux/bpfsched.h>

#define CLOUD		"/dev/bpfsched/cloud"
#define EMBEDDED	"/dev/bpfsched/embedded"
#define CONTROL		"/dev/bpfsched/control"
#define MADE		"/dev/bpfsched/made"	/* see create_made() */

#define HOUR_NS		3600000000000ULL

/* Sandbox addresses: (region << 32) | offset */
#define STACK_REGION	0x100000000ULL
#define CONTEXT_REGION	0x200000000ULL
#define SECTION_REGION	0x300000000ULL	/* the first of them */
#define FRAME_SIZE	512

/* Instructions */
#define INSN(op, dst, src, offset, immediate) \
	((struct bpf_insn){ .code = (op), .dst_reg = (dst), \
			    .src_reg = (src), .off = (offset), \
			    .imm = (immediate) })

#define MOV_IMM(dst, imm)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOV_REG(dst, src)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ALU_IMM(op, dst, imm)	INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm)
#define ALU_REG(op, dst, src)	INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define LOAD(size, dst, src, off) \
	INSN(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define STORE(size, dst, off, src) \
	INSN(BPF_STX | BPF_MEM | (size), dst, src, off, 0)
#define STORE_IMM(size, dst, off, imm) \
	INSN(BPF_ST | BPF_MEM | (size), dst, 0, off, imm)
#define JUMP(off)		INSN(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define JUMP_IMM(op, dst, imm, off) \
	INSN(BPF_JMP | (op) | BPF_K, dst, 0, off, imm)
#define CALL_HELPER(number)	INSN(BPF_JMP | BPF_CALL, 0, 0, 0, number)
#define CALL_FUNC(distance) \
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance)
#define EXIT			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* The two slots of a 16-byte load: of a number, of an address in a section */
#define IMM64_LOW(dst, value) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, 0, 0, (__u32)(value))
#define IMM64_HIGH(value) \
	INSN(0, 0, 0, 0, (__u64)(value) >> 32)
#define SECTION_LOW(dst, section) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_IDX_VALUE, 0, \
	     section)
#define SECTION_HIGH(byte) \
	INSN(0, 0, 0, 0, byte)

static inline int open_client(const char *node, int flags)
{
	int fd = open(node, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		fail("open %s: %s", node, strerror(errno));
	return fd;
}

static inline struct bpfsched_info get_info(int fd)
{
	struct bpfsched_info info = { .size = sizeof(info) };

	check_ok(ioctl(fd, BPFSCHED_IOC_INFO, &info));
	return info;
}

static inline struct bpfsched_stat get_stat(int fd)
{
	struct bpfsched_stat stat = { .size = sizeof(stat) };

	check_ok(ioctl(fd, BPFSCHED_IOC_STAT, &stat));
	return stat;
}

/* The counters of one snapshot add up */
static inline void check_balance(const struct bpfsched_stat *stat)
{
	check_eq(stat->submitted, stat->completed + stat->failed +
		 stat->cancelled + stat->dropped + stat->pending +
		 stat->running);
	check_le(stat->pending - stat->waiting, stat->queue_high_water);
	check_le(stat->exec_count, stat->submitted);
	check_ge(stat->exec_count, stat->completed + stat->running);
}

static inline void pause_scheduler(int fd)
{
	check_ok(ioctl(fd, BPFSCHED_IOC_PAUSE));
}

static inline void resume_scheduler(int fd)
{
	check_ok(ioctl(fd, BPFSCHED_IOC_RESUME));
}

/*
 * Run before the worker of a scheduler for real-time jobs. The worker runs
 * before everything else, and with one CPU this process would find a long job
 * ended before it could look.
 */
static inline void be_real_time(void)
{
	const struct sched_param param = { .sched_priority = 50 };

	check_ok(sched_setscheduler(0, SCHED_FIFO, &param));
}

/* Between two looks at a state that somebody else is to reach */
static inline void wait_a_little(void)
{
	poll(NULL, 0, 1);
}

static inline void wait_running(int fd, __u64 count)
{
	while (get_stat(fd).running != count)
		wait_a_little();
}

static inline void wait_pending(int fd, __u64 count)
{
	while (get_stat(fd).pending != count)
		wait_a_little();
}

static inline void wait_idle(int fd)
{
	struct bpfsched_stat stat;

	for (;;) {
		stat = get_stat(fd);
		check_balance(&stat);
		if (!stat.pending && !stat.running)
			return;
		wait_a_little();
	}
}

/* Make the scheduler MADE, as the other members of @how say */
static inline void create_made(struct bpfsched_create how)
{
	int control = open_client(CONTROL, 0);

	how.size = sizeof(how);
	strcpy(how.name, "made");
	check_ok(ioctl(control, BPFSCHED_IOC_CREATE, &how));
	close(control);
}

/* Try to end it; returns what the ioctl returns */
static inline int destroy_made(void)
{
	struct bpfsched_destroy destroy = {
		.size = sizeof(destroy),
		.name = "made",
	};
	int control = open_client(CONTROL, 0);
	int err = ioctl(control, BPFSCHED_IOC_DESTROY, &destroy);

	close(control);
	return err;
}

/*
 * Make one that knows deadlines and has one worker, as EMBEDDED, but no largest
 * budget: a job goes on for as long as a test takes, however long that is.
 * Returns a client of it.
 */
static inline int open_unlimited(void)
{
	create_made((struct bpfsched_create){
		.profile = "cloud", .policy = "deadline", .workers = 1,
	});
	return open_client(MADE, 0);
}

/* End it, if it is there, as soon as the last of its files has been closed */
static inline void end_made(void)
{
	while (destroy_made() && errno != ENOENT) {
		check_eq(errno, EBUSY);
		wait_a_little();
	}
}

/* Load a program that must be accepted; returns its descriptor */
static inline int load(int fd, const struct bpf_insn *insns, __u32 count)
{
	char log[512] = "";
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.name = "test",
		.insns = (uintptr_t)insns,
		.insn_count = count,
		.log = (uintptr_t)log,
		.log_size = sizeof(log),
	};
	int program = ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request);

	if (program < 0)
		fail("program refused: %s: %s", strerror(errno), log);
	return program;
}

#define LOAD_PROGRAM(fd, ...) \
	({ \
		const struct bpf_insn insns_[] = { __VA_ARGS__ }; \
		load(fd, insns_, ARRAY_SIZE(insns_)); \
	})

#define QUICK_RESULT	42

/* Returns QUICK_RESULT */
static inline int load_quick(int fd)
{
	return LOAD_PROGRAM(fd, MOV_IMM(0, QUICK_RESULT), EXIT);
}

/* Never returns */
static inline int load_endless(int fd)
{
	return LOAD_PROGRAM(fd, JUMP(-1), EXIT);
}

/* Load a program with two global variables of 8 bytes, which are at @flag */
static inline int load_with_flag(int fd, const struct bpf_insn *insns,
				 __u32 count, __u64 **flag)
{
	struct bpfsched_section section = { .len = 2 * sizeof(**flag) };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = count,
		.sections = (uintptr_t)&section,
		.section_count = 1,
	};
	int program = check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));

	*flag = mmap(NULL, section.len, PROT_READ | PROT_WRITE, MAP_SHARED,
		     program, section.mmap_offset);
	if (*flag == MAP_FAILED)
		fail("mmap of a section: %s", strerror(errno));
	return program;
}

/*
 * What a loop that waits consists of, several times over: a call takes the most
 * time for an instruction. Where there is a largest budget, it has to last until
 * this process gets the CPU again, on a machine that is busy with other things.
 */
#define PASS_TIME	CALL_HELPER(BPF_FUNC_ktime_get_ns)

/*
 * Returns the number in its global variable once that is not 0. The variable
 * is at @flag.
 */
static inline int load_waiting(int fd, __u64 **flag)
{
	static const struct bpf_insn insns[] = {
		SECTION_LOW(6, 0), SECTION_HIGH(0),
		[2 ... 9] = PASS_TIME,
		LOAD(BPF_DW, 0, 6, 0), JUMP_IMM(BPF_JEQ, 0, 0, -10),
		EXIT,
	};

	return load_with_flag(fd, insns, ARRAY_SIZE(insns), flag);
}

/* Let the jobs of load_waiting() return @value */
static inline void set_flag(__u64 *flag, __u64 value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELAXED);
}

/* A job with nothing but a program */
static inline struct bpfsched_job_desc job_of(int program)
{
	return (struct bpfsched_job_desc){
		.prog_fd = program,
		.priority = BPFSCHED_PRIORITY_NORMAL,
	};
}

/* As job_of(), of an endless loop that nothing but a cancel ends */
static inline struct bpfsched_job_desc endless_job_of(int program)
{
	struct bpfsched_job_desc job = job_of(program);

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	return job;
}

/* Returns what the ioctl returns */
static inline int submit(int fd, struct bpfsched_job_desc *jobs, __u32 count)
{
	struct bpfsched_submit request = {
		.size = sizeof(request),
		.count = count,
		.job_size = sizeof(*jobs),
		.jobs = (uintptr_t)jobs,
	};

	return ioctl(fd, BPFSCHED_IOC_SUBMIT, &request);
}

/* Submit jobs of which all must be taken */
static inline void submit_all(int fd, struct bpfsched_job_desc *jobs,
			      __u32 count)
{
	__u32 i;
	int taken = submit(fd, jobs, count);

	if (taken < 0)
		fail("submit: %s", strerror(errno));
	for (i = 0; i < count; i++) {
		if (jobs[i].error)
			fail("job %u of %u: %s", i, count,
			     strerror(-jobs[i].error));
	}
	check_eq(taken, count);
}

static inline __u64 submit_one(int fd, struct bpfsched_job_desc job)
{
	submit_all(fd, &job, 1);
	return job.id;
}

/* Submit one job that must be refused with errno @want */
static inline void submit_refused(int fd, struct bpfsched_job_desc job,
				  int want)
{
	struct bpfsched_stat before = get_stat(fd), after;

	check_fails(submit(fd, &job, 1), want);
	if (job.error != -want)
		fail("error of the job is %d, want %d", job.error, -want);
	after = get_stat(fd);
	check_eq(after.submitted, before.submitted);
	check_eq(after.rejected, before.rejected + 1);
}

static inline int cancel(int fd, __u64 id)
{
	struct bpfsched_cancel request = {
		.size = sizeof(request),
		.id = id,
	};

	return ioctl(fd, BPFSCHED_IOC_CANCEL, &request);
}

static inline int cancel_any(int fd, __u64 id, __u64 client)
{
	struct bpfsched_cancel request = {
		.size = sizeof(request),
		.flags = BPFSCHED_CANCEL_ANY_CLIENT,
		.id = id,
		.client = client,
	};

	return ioctl(fd, BPFSCHED_IOC_CANCEL, &request);
}

static inline int update(int fd, struct bpfsched_update request)
{
	request.size = sizeof(request);
	return ioctl(fd, BPFSCHED_IOC_UPDATE, &request);
}

/* Returns how many users were listed; @next: where to go on, 0 at the end */
static inline int list_users(int fd, __u32 flags, __u64 after,
			     struct bpfsched_user_info *users, __u32 room,
			     __u64 *next)
{
	struct bpfsched_users request = {
		.size = sizeof(request),
		.flags = flags,
		.after = after,
		.count = room,
		.info_size = sizeof(*users),
		.users = (uintptr_t)users,
	};
	int ret = ioctl(fd, BPFSCHED_IOC_USERS, &request);

	if (ret < 0)
		return ret;
	*next = request.after;
	return request.count;
}

static inline int set_user(int fd, __u32 flags, __u32 uid,
			   struct bpfsched_user_limits limits)
{
	struct bpfsched_user_set request = {
		.size = sizeof(request),
		.flags = flags,
		.uid = uid,
		.limits = limits,
	};

	return ioctl(fd, BPFSCHED_IOC_USER_SET, &request);
}

/* What a scheduler tells of a user; false: it does not know him */
static inline bool find_user(int fd, __u32 uid,
			     struct bpfsched_user_info *user)
{
	__u64 after = 0;

	for (;;) {
		if (check_ok(list_users(fd, BPFSCHED_USERS_ALL, after, user, 1,
					&after)) &&
		    user->uid == uid && !(user->flags & BPFSCHED_USER_KERNEL))
			return true;
		if (!after)
			return false;
	}
}

/* Wait for one completion, without context bytes */
static inline struct bpfsched_completion read_completion(int fd)
{
	struct bpfsched_completion completion;
	long got = check_ok(read(fd, &completion, sizeof(completion)));

	check_eq(got, sizeof(completion));
	check_eq(completion.record.size, sizeof(completion));
	check_eq(completion.record.type, BPFSCHED_RECORD_COMPLETION);
	return completion;
}

/* Submit one job and wait for its completion */
static inline struct bpfsched_completion run_job(int fd,
						 struct bpfsched_job_desc job)
{
	struct bpfsched_completion completion;
	__u64 id = submit_one(fd, job);

	completion = read_completion(fd);
	check_eq(completion.id, id);
	return completion;
}

/* As run_job(), of a job that is nothing but a program */
static inline struct bpfsched_completion run_program(int fd, int program)
{
	return run_job(fd, job_of(program));
}

static inline bool has_events(int fd, short events)
{
	struct pollfd poller = { .fd = fd, .events = events };

	check_ok(poll(&poller, 1, 0));
	return (poller.revents & events) == events;
}

static inline __u64 monotonic_ns(void)
{
	struct timespec now;

	check_ok(clock_gettime(CLOCK_MONOTONIC, &now));
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Adds up the context, and leaves each byte increased by one */
static inline int load_adding(int fd)
{
	return LOAD_PROGRAM(fd, MOV_IMM(0, 0), JUMP_IMM(BPF_JEQ, 2, 0, 7),
			    LOAD(BPF_B, 3, 1, 0), ALU_REG(BPF_ADD, 0, 3),
			    ALU_IMM(BPF_ADD, 3, 1), STORE(BPF_B, 1, 0, 3),
			    ALU_IMM(BPF_ADD, 1, 1), ALU_IMM(BPF_SUB, 2, 1),
			    JUMP(-8), EXIT);
}

/* Start a process that does @what to @fd at once; returns its number */
static inline pid_t meanwhile(void (*what)(int fd), int fd)
{
	pid_t pid;

	fflush(stdout);
	pid = check_ok(fork());
	if (pid == 0) {
		alarm(ktap_hang_guard());
		what(fd);
		ktap_exit(0);
	}
	return pid;
}

static inline void check_child(pid_t pid)
{
	int status;

	check_eq(check_ok(waitpid(pid, &status, 0)), pid);
	check_eq(status, 0);
}

/* Three pages of zeroes */
static inline char *three_pages(void)
{
	char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	return memset(pages, 0, 3 * 4096);
}

/* A page of zeroes with this protection */
static inline void *page_with(int protection)
{
	char *page = three_pages() + 4096;

	check_ok(mprotect(page, 4096, protection));
	return page;
}

/*
 * The address of the @size last bytes before memory that is not mapped: a page
 * between two that are, so that neither a stack nor what is mapped next gets
 * there.
 */
static inline void *before_a_hole(size_t size)
{
	char *pages = three_pages();

	check_ok(munmap(pages + 4096, 4096));
	return pages + 4096 - size;
}

/* An address at which nothing is mapped */
static inline void *a_hole(void)
{
	return before_a_hole(0);
}

/*
 * After each test: a scheduler that it made is ended, both of the others pick
 * again, come to rest, and their counters add up.
 */
static inline void bring_to_rest(void)
{
	static const char *const nodes[] = { CLOUD, EMBEDDED };
	size_t i;

	end_made();
	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);

		resume_scheduler(fd);
		wait_idle(fd);
		close(fd);
	}
}

/* What main() of most suites is: the tests, with bring_to_rest() after each */
static inline int client_main(const struct ktap_test *tests, size_t count,
			      int argc, char **argv)
{
	const struct ktap_suite suite = {
		.tests = tests,
		.count = count,
		.after = bring_to_rest,
	};

	return ktap_main(&suite, argc, argv);
}

#endif /* CLIENT_H */
