// SPDX-License-Identifier: GPL-2.0
/*
 * All attackers at once, each one a process of an ordinary user that does the
 * same again and again until it is killed, in the middle of it, and the next one
 * takes its place. They run as a test, with a victim beside them, and for a
 * given time beside the stress test.
 */
#include "hostile.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#define LIVES		6	/* attackers at any time */
#define LIFE_MS		1000	/* longest life */
#define FILES		12
#define BATCH		256

/* What others do at the same time is a reason for each of these. */
static bool is_expected(int error)
{
	switch (error) {
	case E2BIG:
	case EAGAIN:
	case EBUSY:
	case EDQUOT:
	case EEXIST:
	case EINVAL:
	case ENOENT:
	case ENOMEM:
	case EOPNOTSUPP:
	case EPERM:
	case ETIME:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* A call that may be refused, but not for any reason */
static long tried(long result, const char *what)
{
	if (result < 0 && !is_expected(errno))
		fail("%s: %s", what, strerrorname_np(errno));
	return result;
}

#define try(call)	tried((long)(call), #call)

/* Submit this many, in batches; the room for them may end in the middle */
static void submit_many(int fd, struct bpfsched_job_desc job, __u32 count)
{
	static struct bpfsched_job_desc jobs[BATCH];
	__u32 i;

	for (i = 0; i < BATCH; i++)
		jobs[i] = job;
	for (; count; count -= i) {
		i = count < BATCH ? count : BATCH;
		try(submit_for(fd, jobs, i, MS_NS, NULL));
	}
}

static int try_open(const char *node)
{
	return try(open(node, O_RDWR | O_CLOEXEC | O_NONBLOCK));
}

/* Some files with the same jobs; they end with the process */
static void fill_files(const char *node, struct bpfsched_job_desc job,
		       __u32 each)
{
	int files[FILES], i;

	for (i = 0; i < FILES; i++) {
		files[i] = try_open(node);
		if (files[i] >= 0)
			submit_many(files[i], job, each);
	}
	for (i = 0; i < FILES; i++) {
		if (files[i] >= 0)
			close(files[i]);
	}
}

/* A program of this file, or -1 */
static int try_program(int fd, const struct bpf_insn *insns, __u32 count,
		       const __s32 *followup, __u32 section)
{
	struct bpfsched_section sections[1] = { { .len = section } };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = count,
		.sections = (uintptr_t)sections,
		.section_count = !!section,
		.followup_fds = (uintptr_t)followup,
		.followup_count = !!followup,
	};

	return try(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

static const struct bpf_insn quick[] = { MOV_IMM(0, QUICK_RESULT), EXIT };
static const struct bpf_insn endless[] = { JUMP(-1), EXIT };
static const struct bpf_insn spawning[] = {
	MOV_IMM(6, 8),
	MOV_IMM(1, 0), MOV_IMM(2, 0), MOV_IMM(3, 0), MOV_IMM(4, 0),
	CALL_HELPER(BPFSCHED_FUNC_submit_job),
	ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -7),
	EXIT,
};

/* What all attackers need: a file, and programs */
static int base;
static int quick_program;
static int endless_program;

static void attack_releases(const char *node)
{
	fill_files(node, periodic_job(quick_program, 100000, 0), 20);
}

static void attack_waiting(const char *node)
{
	fill_files(node, far_job_of(quick_program), 100);
}

static void attack_ready(const char *node)
{
	struct bpfsched_job_desc job = job_of(endless_program);

	job.priority = BPFSCHED_PRIORITY_LOW;
	job.budget_insns = 3000000;
	fill_files(node, job, 100);
}

static void attack_evicting(const char *node)
{
	fill_files(node, evicting_job_of(quick_program), 100);
}

static void attack_line(const char *node)
{
	struct bpfsched_job_desc job = job_of(quick_program);

	job.flags = BPFSCHED_JOB_WAIT;
	fill_files(node, job, 100);
}

static void attack_admission(const char *node)
{
	struct bpfsched_job_desc job = small_job_of(quick_program);

	fill_files(node, job, 20);
	job.period_ns = HOUR_NS;
	job.run_time_ns = 59 * MINUTE_NS;
	fill_files(node, job, BATCH);
}

static void attack_lists(const char *node)
{
	struct bpfsched_job_desc job = far_job_of(quick_program);
	struct bpfsched_job_info infos[2];
	int fd = try_open(node), i;

	if (fd < 0)
		return;
	for (i = 0; i < 4; i++) {
		job.id = ~0ULL - i;
		try(submit(fd, &job, 1));
	}
	for (i = 0; i < 50; i++) {
		list_own(fd, infos, ARRAY_SIZE(infos));
		try(cancel(fd, ~0ULL - i));
		try(cancel_any(fd, 1 + i, 0));
	}
	close(fd);
}

static void attack_pollers(const char *node)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int polls[64], fd = try_open(node), i;

	if (fd < 0)
		return;
	for (i = 0; i < 64; i++) {
		polls[i] = check_ok(epoll_create1(EPOLL_CLOEXEC));
		check_ok(epoll_ctl(polls[i], EPOLL_CTL_ADD, fd, &event));
	}
	submit_many(fd, periodic_job(quick_program, MS_NS, 0), 50);
	for (i = 0; i < 64; i++) {
		check_ok(epoll_wait(polls[i], &event, 1, 2));
		close(polls[i]);
	}
	close(fd);
}

/* Holds files until there are no more, readers among them */
static void attack_clients(const char *node)
{
	int files[300], count = 0;

	while (count < 300) {
		files[count] = try(open(node, (count & 1 ? O_RDONLY : O_RDWR) |
					O_CLOEXEC));
		if (files[count] < 0)
			break;
		count++;
	}
	while (count--)
		close(files[count]);
}

static void attack_programs(const char *node)
{
	int programs[300], count = 0, fd = try_open(node);

	if (fd < 0)
		return;
	while (count < 300) {
		programs[count] = try_program(fd, quick, ARRAY_SIZE(quick),
					      NULL, 4096 << count % 8);
		if (programs[count] < 0)
			break;
		count++;
	}
	while (count--)
		close(programs[count]);
	close(fd);
}

static void attack_followups(const char *node)
{
	int programs[4], fd = try_open(node), i;

	if (fd < 0)
		return;
	programs[0] = dup(quick_program);
	for (i = 1; i < 4 && programs[i - 1] >= 0; i++)
		programs[i] = try_program(fd, spawning, ARRAY_SIZE(spawning),
					  &programs[i - 1], 0);
	if (programs[i - 1] >= 0)
		submit_many(fd, job_of(programs[i - 1]), 20);
	while (i--) {
		if (programs[i] >= 0)
			close(programs[i]);
	}
	poll(NULL, 0, 5);
	close(fd);
}

static void attack_drain(const char *node)
{
	struct bpfsched_drain request = {
		.size = sizeof(request),
		.timeout_ns = MS_NS,
	};
	int fd = try_open(node), i;

	if (fd < 0)
		return;
	submit_many(fd, job_of(quick_program), 10);
	for (i = 0; i < 20; i++) {
		request.flags = i & 3;
		try(ioctl(fd, BPFSCHED_IOC_DRAIN, &request));
	}
	close(fd);
}

static void attack_updates(const char *node)
{
	struct bpfsched_update request = { .client = 0 };
	struct bpfsched_job_desc job = far_job_of(quick_program);
	int fd = try_open(node), i;

	if (fd < 0)
		return;
	for (i = 0; i < 200; i++) {
		job.id = 1 + i % 8;
		job.period_ns = i & 8 ? 2 * MS_NS : 0;
		job.not_before_ns = i & 1 ? FAR_NS : MS_NS;
		try(submit(fd, &job, 1));
		request.id = 1 + (i * 5) % 8;
		request.flags = i % 64;
		request.priority = i % 4;
		request.deadline_ns = i & 1 ? ~0ULL : MS_NS;
		request.budget_insns = i & 2 ? ~0ULL : 1000;
		request.budget_ns = i;
		try(update(fd, request));
	}
	close(fd);
}

static void attack_times(const char *node)
{
	struct bpfsched_job_desc job = job_of(quick_program);
	int fd = try_open(node), i;

	if (fd < 0)
		return;
	for (i = 0; i < 63; i++) {
		job.flags = i & 1 ? BPFSCHED_JOB_NOT_BEFORE_ABS :
				    BPFSCHED_JOB_NOT_BEFORE_REL;
		job.not_before_ns = ~0ULL >> i;
		job.period_ns = i & 2 ? ~0ULL >> i : 0;
		try(submit(fd, &job, 1));
	}
	close(fd);
}

static const struct attacker {
	const char *name;
	void (*attack)(const char *node);
} attackers[] = {
	{ "releases", attack_releases },
	{ "waiting", attack_waiting },
	{ "ready", attack_ready },
	{ "evicting", attack_evicting },
	{ "line", attack_line },
	{ "admission", attack_admission },
	{ "lists", attack_lists },
	{ "pollers", attack_pollers },
	{ "clients", attack_clients },
	{ "programs", attack_programs },
	{ "followups", attack_followups },
	{ "drain", attack_drain },
	{ "updates", attack_updates },
	{ "times", attack_times },
};

/**
 * struct life - a process that attacks
 * @pid: the process, 0: there is none
 * @end_ns: when it is to be killed
 */
struct life {
	pid_t pid;
	__u64 end_ns;
};

static struct life lives[LIVES];
static __u64 *rounds;		/* that each attacker has begun */
static __u64 started;
static const struct attacker *current;
static const char *current_node;

/* What a life is */
static void live(void)
{
	base = try_open(current_node);
	if (base < 0)
		return;
	quick_program = try_program(base, quick, ARRAY_SIZE(quick), NULL, 0);
	endless_program = try_program(base, endless, ARRAY_SIZE(endless), NULL,
				      0);
	if (quick_program < 0 || endless_program < 0)
		return;
	for (;;) {
		__atomic_fetch_add(&rounds[current - attackers], 1,
				   __ATOMIC_RELAXED);
		current->attack(current_node);
	}
}

/* Each attacker in turn; when all have been there, with the other node or user */
static void begin_life(struct life *life)
{
	__u64 turn = started / ARRAY_SIZE(attackers);

	current = &attackers[started % ARRAY_SIZE(attackers)];
	current_node = nodes[turn & 1];
	life->pid = start_as(turn & 2 ? ATTACKER : OTHER, live);
	life->end_ns = monotonic_ns() + (1 + rand() % LIFE_MS) * MS_NS;
	started++;
}

/* Killed; or it has ended before, as there was no room for it at all */
static void end_life(struct life *life)
{
	int status;

	check_ok(kill(life->pid, SIGKILL));
	check_eq(check_ok(waitpid(life->pid, &status, 0)), life->pid);
	ktap_explain("attacker", WIFSIGNALED(status) &&
		     WTERMSIG(status) == SIGKILL ? 0 : status);
	check(!WIFEXITED(status) || !WEXITSTATUS(status));
	check(!WIFSIGNALED(status) || WTERMSIG(status) == SIGKILL);
	life->pid = 0;
}

static void begin_attack(void)
{
	size_t i;
	int fd;

	rounds = shared_numbers();
	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		open_to_all(nodes[i]);
		fd = open_client(nodes[i], 0);
		set_limits(fd, ATTACKER, BPFSCHED_USER_SET_RESERVED,
			   (struct bpfsched_user_limits){
				.reserved_ppm = 200000,
			   });
		close(fd);
	}
}

/* Those whose time has come go, and others come */
static void go_on(void)
{
	size_t i;

	for (i = 0; i < LIVES; i++) {
		if (lives[i].pid && monotonic_ns() >= lives[i].end_ns)
			end_life(&lives[i]);
		if (!lives[i].pid)
			begin_life(&lives[i]);
	}
	poll(NULL, 0, 5);
}

static bool all_have_attacked(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attackers); i++) {
		if (!__atomic_load_n(&rounds[i], __ATOMIC_RELAXED))
			return false;
	}
	return true;
}

static void end_attack(void)
{
	const struct bpfsched_user_limits limits = {};
	size_t i;
	int fd;

	for (i = 0; i < LIVES; i++) {
		if (lives[i].pid)
			end_life(&lives[i]);
	}
	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		fd = open_client(nodes[i], 0);
		set_limits(fd, ATTACKER, BPFSCHED_USER_SET_DEFAULTS, limits);
		close(fd);
	}
	printf("# %llu attackers; rounds:", started);
	for (i = 0; i < ARRAY_SIZE(attackers); i++)
		printf(" %s %llu", attackers[i].name, rounds[i]);
	printf("\n");
}

/* With all of them at work a critical job gets in, and ends */
static void check_victim(int fd, int program)
{
	struct bpfsched_job_desc job = evicting_job_of(program);
	__u64 id = submit_one(fd, job);
	struct bpfsched_completion completion = read_completion(fd);

	check_eq(completion.id, id);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
}

static void attack_all(void)
{
	int victims[ARRAY_SIZE(nodes)], program;
	size_t i;

	begin_attack();
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		victims[i] = open_client(nodes[i], 0);
	program = load_quick(victims[0]);
	while (started < 4 * ARRAY_SIZE(attackers) || !all_have_attacked()) {
		go_on();
		for (i = 0; i < ARRAY_SIZE(nodes); i++)
			check_victim(victims[i], program);
	}
	end_attack();
}

static unsigned long attack_seconds;

static void attack_some_time(void)
{
	__u64 begin_ns = monotonic_ns();

	alarm(attack_seconds + ktap_hang_guard());
	begin_attack();
	while (monotonic_ns() - begin_ns < attack_seconds * 1000000000ULL)
		go_on();
	end_attack();
	check(all_have_attacked());
}

/* To run beside another test: reports in comments, and by its exit status */
int attack_for(unsigned long seconds)
{
	int status;

	attack_seconds = seconds;
	status = ktap_in_child(attack_some_time);
	ktap_explain("attack", status);
	return status != 0;
}

static const struct ktap_test tests[] = {
	{ "attack.all", attack_all },
};

const struct subject attack_subject = { tests, ARRAY_SIZE(tests) };
