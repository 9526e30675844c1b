// SPDX-License-Identifier: GPL-2.0
/*
 * The life of jobs, from user space: cancelling, closing, sharing of programs,
 * and the counters.
 */
#include "client.h"

#include <sys/socket.h>
#include <sys/syscall.h>

/*
 * Cancelling
 */
static void cancel_queued(void)
{
	static const char *const nodes[] = { CLOUD, EMBEDDED };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);
		__u64 cancelled = get_stat(fd).cancelled, id;
		struct bpfsched_completion completion;

		pause_scheduler(fd);
		id = submit_one(fd, job_of(load_quick(fd)));
		check_ok(cancel(fd, id));
		check_eq(get_stat(fd).pending, 0);
		check_eq(get_stat(fd).cancelled, cancelled + 1);
		completion = read_completion(fd);
		check_eq(completion.id, id);
		check_eq(completion.status, BPFSCHED_STATUS_CANCELLED);
		check_eq(completion.record.flags, BPFSCHED_COMPLETION_LAST);
		check_eq(completion.started_ns, 0);
		check_eq(completion.start_seq, 0);
		check_eq(completion.instructions, 0);
		check_le(completion.submitted_ns, completion.ended_ns);
		check_fails(cancel(fd, id), ENOENT);
	}
}

static void check_cancelled_running(int fd, struct bpfsched_job_desc job)
{
	struct bpfsched_completion completion;
	__u64 id = submit_one(fd, job), cancelled = get_stat(fd).cancelled;

	wait_running(fd, 1);
	check_ok(cancel(fd, id));
	completion = read_completion(fd);
	check_eq(completion.id, id);
	check_eq(completion.status, BPFSCHED_STATUS_CANCELLED);
	check_ne(completion.started_ns, 0);
	check_ne(completion.start_seq, 0);
	wait_idle(fd);
	check_eq(get_stat(fd).cancelled, cancelled + 1);
	check_fails(cancel(fd, id), ENOENT);
}

static void cancel_running(void)
{
	int fd = open_client(CLOUD, 0);

	check_cancelled_running(fd, endless_job_of(load_endless(fd)));
}

static void cancel_running_embedded(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));

	be_real_time();
	job.budget_insns = get_info(fd).max_budget_insns;
	check_cancelled_running(fd, job);
}

/* An endless loop of straight-line code ends at a safe point as well */
static void cancel_running_long_body(void)
{
	enum { LENGTH = 30000 };
	struct bpf_insn *insns = calloc(LENGTH, sizeof(*insns));
	int fd = open_client(CLOUD, 0), i;

	for (i = 0; i < LENGTH - 2; i++)
		insns[i] = ALU_IMM(BPF_ADD, 0, 1);
	insns[LENGTH - 2] = JUMP(1 - LENGTH);
	insns[LENGTH - 1] = EXIT;
	check_cancelled_running(fd, endless_job_of(load(fd, insns, LENGTH)));
}

/* An administrator's: a running job of another client */
static void cancel_running_of_other(void)
{
	int fd = open_client(CLOUD, 0), admin = open_client(CLOUD, 0);
	__u64 id = submit_one(fd, endless_job_of(load_endless(fd)));

	wait_running(fd, 1);
	check_fails(cancel(admin, id), ENOENT);
	check_ok(cancel_any(admin, id, get_info(fd).client));
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_CANCELLED);
}

/* With the scheduler paused running jobs go on, but their workers pick none */
static void pause_running_goes_on(void)
{
	int fd = open_client(CLOUD, 0), quick = load_quick(fd);
	__u32 workers = get_info(fd).workers, i;
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	for (i = 0; i < workers; i++)
		submit_one(fd, job);
	wait_running(fd, workers);
	for (i = 0; i < 5; i++)
		submit_one(fd, job_of(quick));
	pause_scheduler(fd);
	check_eq(get_stat(fd).running, workers);
	set_flag(flag, 3);
	for (i = 0; i < workers; i++)
		check_eq(read_completion(fd).r0, 3);
	wait_running(fd, 0);
	/* a worker that is wrong gets the CPU to be wrong with */
	for (i = 0; i < 20; i++) {
		wait_a_little();
		check_eq(get_stat(fd).pending, 5);
	}
	check_eq(has_events(fd, POLLIN), false);
	resume_scheduler(fd);
	for (i = 0; i < 5; i++)
		check_eq(read_completion(fd).r0, QUICK_RESULT);
}

/*
 * Endless loops with the largest budget that there is run on all workers, and
 * a job of somebody else waits behind them. It runs as soon as they are ended,
 * in whatever way.
 */
static void occupy_workers(int fd)
{
	struct bpfsched_info info = get_info(fd);
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));

	be_real_time();
	job.budget_insns = info.max_budget_insns;
	for (job.id = 1; job.id <= info.workers; job.id++)
		submit_one(fd, job);
	wait_running(fd, info.workers);
}

static __u64 wait_behind(int other)
{
	__u64 id = submit_one(other, job_of(load_quick(other)));

	check_eq(get_stat(other).pending, 1);
	check_eq(get_stat(other).running, get_info(other).workers);
	return id;
}

static void check_runs(int other, __u64 id)
{
	struct bpfsched_completion completion = read_completion(other);

	check_eq(completion.id, id);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, QUICK_RESULT);
	wait_idle(other);
	close(other);
}

static void cancel_endless_on(const char *node)
{
	int fd = open_client(node, 0), other = open_client(node, 0);
	__u64 id, i;

	occupy_workers(fd);
	id = wait_behind(other);
	for (i = 1; i <= get_info(fd).workers; i++)
		check_ok(cancel(fd, i));
	check_runs(other, id);
	for (i = 1; i <= get_info(fd).workers; i++)
		check_eq(read_completion(fd).status,
			 BPFSCHED_STATUS_CANCELLED);
	close(fd);
}

static void cancel_endless(void)
{
	cancel_endless_on(CLOUD);
	cancel_endless_on(EMBEDDED);
}

static void close_endless_on(const char *node)
{
	int fd = open_client(node, 0), other = open_client(node, 0);
	__u64 id;

	occupy_workers(fd);
	id = wait_behind(other);
	close(fd);
	check_runs(other, id);
}

static void close_endless(void)
{
	close_endless_on(CLOUD);
	close_endless_on(EMBEDDED);
}

static void occupy_for_ever(int fd)
{
	occupy_workers(fd);
	pause();
}

static void kill_owner_on(const char *node)
{
	int fd = open_client(node, 0), other = open_client(node, 0), status;
	pid_t pid = meanwhile(occupy_for_ever, fd);
	__u64 id;

	close(fd);
	be_real_time();
	wait_running(other, get_info(other).workers);
	id = wait_behind(other);
	check_ok(kill(pid, SIGKILL));
	check_eq(check_ok(waitpid(pid, &status, 0)), pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_runs(other, id);
}

static void kill_owner_of_endless(void)
{
	kill_owner_on(CLOUD);
	kill_owner_on(EMBEDDED);
}

/*
 * Closing
 */
static void close_queued(void)
{
	static const char *const nodes[] = { CLOUD, EMBEDDED };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int admin = open_client(nodes[i], 0);
		int fd = open_client(nodes[i], 0), program = load_quick(fd);
		__u64 cancelled = get_stat(admin).cancelled;

		pause_scheduler(fd);
		for (j = 0; j < 10; j++)
			submit_one(fd, job_of(program));
		close(fd);
		wait_pending(admin, 0);
		check_eq(get_stat(admin).cancelled, cancelled + 10);
	}
}

/* Endless jobs on all workers, more queued: another client's job gets to run */
static void close_running(void)
{
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	__u32 workers = get_info(fd).workers, i;
	struct bpfsched_job_desc job = endless_job_of(load_endless(fd));
	__u64 cancelled = get_stat(fd).cancelled, id;

	for (i = 0; i < workers + 3; i++)
		submit_one(fd, job);
	wait_running(fd, workers);
	id = submit_one(other, job_of(load_quick(other)));
	check_eq(get_stat(other).pending, 4);
	close(fd);
	check_eq(read_completion(other).id, id);
	wait_idle(other);
	check_eq(get_stat(other).cancelled, cancelled + workers + 3);
}

static void close_running_embedded(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);
	__u64 *flag, cancelled = get_stat(fd).cancelled, i;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));

	be_real_time();
	job.budget_insns = get_info(fd).max_budget_insns;
	for (i = 0; i < 5; i++)
		submit_one(fd, job);
	wait_running(fd, 1);
	close(fd);
	check_eq(run_program(other, load_quick(other)).r0, QUICK_RESULT);
	wait_idle(other);
	check_eq(get_stat(other).cancelled, cancelled + 5);
}

static void close_unread(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd), i;
	int other = open_client(CLOUD, 0);
	struct bpfsched_stat before, after;

	for (i = 0; i < 10; i++)
		submit_one(fd, job_of(program));
	wait_idle(fd);
	before = get_stat(other);
	close(fd);
	after = get_stat(other);
	check_eq(memcmp(&before, &after, sizeof(before)), 0);
}

/* It is the last reference to the open file that counts */
static void close_duplicate(void)
{
	int admin = open_client(CLOUD, 0), fd = open_client(CLOUD, 0), copy;
	__u64 cancelled = get_stat(admin).cancelled;

	pause_scheduler(admin);
	submit_one(fd, job_of(load_quick(fd)));
	copy = check_ok(dup(fd));
	close(fd);
	check_eq(get_stat(admin).pending, 1);
	check_eq(get_stat(admin).cancelled, cancelled);
	close(copy);
	wait_pending(admin, 0);
	check_eq(get_stat(admin).cancelled, cancelled + 1);
}

static void die(int fd)
{
	submit_one(fd, endless_job_of(load_endless(fd)));
	wait_running(fd, 1);
	kill(getpid(), SIGKILL);
}

/* A process that is killed leaves nothing behind */
static void close_killed(void)
{
	int admin = open_client(CLOUD, 0), fd = open_client(CLOUD, 0), status;
	__u64 cancelled = get_stat(admin).cancelled;
	pid_t pid = meanwhile(die, fd);

	close(fd);
	check_eq(check_ok(waitpid(pid, &status, 0)), pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	wait_idle(admin);
	check_eq(get_stat(admin).cancelled, cancelled + 1);
}

/*
 * Removing the module
 */
static void check_module_in_use(void)
{
	check_fails(syscall(SYS_delete_module, "bpfsched", O_NONBLOCK),
		    EWOULDBLOCK);
}

static void module_used_by_client(void)
{
	int fd = open_client(CLOUD, 0);

	check_module_in_use();
	check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
}

/* A program alone, or a mapping of its data alone, is enough */
static void module_used_by_program(void)
{
	int fd = open_client(CLOUD, 0), program;
	__u64 *flag;

	program = load_waiting(fd, &flag);
	close(fd);
	check_module_in_use();
	close(program);
	check_module_in_use();
	set_flag(flag, 5);
	check_eq(*flag, 5);
}

/*
 * Programs
 */
static void program_closed_after_submission(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);

	pause_scheduler(fd);
	submit_one(fd, job_of(program));
	close(program);
	resume_scheduler(fd);
	check_eq(read_completion(fd).r0, QUICK_RESULT);
}

static void program_on_both_schedulers(void)
{
	int cloud = open_client(CLOUD, 0), embedded = open_client(EMBEDDED, 0);
	int program = load_quick(cloud), second = load_quick(embedded);
	__u64 id = run_program(cloud, program).prog_id;

	check_eq(run_program(embedded, program).prog_id, id);
	check_eq(run_program(embedded, second).r0, QUICK_RESULT);
	check_eq(run_program(cloud, second).r0, QUICK_RESULT);
}

static void program_outlives_loader(void)
{
	int loader = open_client(CLOUD, 0), program = load_quick(loader);

	close(loader);
	check_eq(run_program(open_client(CLOUD, 0), program).r0, QUICK_RESULT);
	check_eq(run_program(open_client(EMBEDDED, 0), program).r0,
		 QUICK_RESULT);
}

static void send_descriptor(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header.cmsg_len = CMSG_LEN(sizeof(int)),
		      .header.cmsg_level = SOL_SOCKET,
		      .header.cmsg_type = SCM_RIGHTS };
	char byte = 0;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control.room) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	check_eq(check_ok(sendmsg(socket, &message, 0)), 1);
}

static int receive_descriptor(int socket)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control.room) };
	int fd;

	check_eq(check_ok(recvmsg(socket, &message, 0)), 1);
	check_eq(message.msg_controllen, sizeof(control.room));
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void load_and_send(int socket)
{
	send_descriptor(socket, load_quick(open_client(CLOUD, 0)));
}

/* Loaded in another process, which is gone when it is used */
static void program_passed_on(void)
{
	int sockets[2], program;

	check_ok(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	check_child(meanwhile(load_and_send, sockets[0]));
	program = receive_descriptor(sockets[1]);
	check_eq(run_program(open_client(EMBEDDED, 0), program).r0,
		 QUICK_RESULT);
}

/* One program, many jobs at once: each has its own registers and context */
static void program_shared_by_jobs(void)
{
	int fd = open_client(CLOUD, 0), program = load_adding(fd), i;
	unsigned char bytes[100][4];
	struct bpfsched_job_desc jobs[100];

	for (i = 0; i < 100; i++) {
		memset(bytes[i], i, 4);
		jobs[i] = job_of(program);
		jobs[i].context = (uintptr_t)bytes[i];
		jobs[i].context_len = 4;
		jobs[i].user_data = i;
	}
	submit_all(fd, jobs, 100);
	for (i = 0; i < 100; i++) {
		struct bpfsched_completion completion = read_completion(fd);

		check_eq(completion.r0, 4 * completion.user_data);
	}
}

/*
 * Counters
 */
static void stat_each_outcome(void)
{
	int fd = open_client(CLOUD, 0), quick = load_quick(fd);
	int fault = LOAD_PROGRAM(fd, LOAD(BPF_DW, 0, 0, 0), EXIT);
	struct bpfsched_job_desc job = job_of(load_endless(fd));
	struct bpfsched_stat before = get_stat(fd), after;

	job.budget_insns = 1000;
	check_eq(run_program(fd, quick).status, BPFSCHED_STATUS_OK);
	check_eq(run_program(fd, quick).status, BPFSCHED_STATUS_OK);
	check_eq(run_program(fd, fault).status, BPFSCHED_STATUS_FAULT);
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_BUDGET);
	job.priority = 4;
	submit_refused(fd, job, EINVAL);
	pause_scheduler(fd);
	check_ok(cancel(fd, submit_one(fd, job_of(quick))));
	after = get_stat(fd);
	check_eq(after.submitted, before.submitted + 5);
	check_eq(after.completed, before.completed + 2);
	check_eq(after.failed, before.failed + 2);
	check_eq(after.cancelled, before.cancelled + 1);
	check_eq(after.rejected, before.rejected + 1);
	check_eq(after.exec_count, before.exec_count + 4);
	check_eq(after.dropped, before.dropped);
	check_balance(&after);
}

static void stat_pending_and_running(void)
{
	int fd = open_client(CLOUD, 0), quick = load_quick(fd), i;
	__u32 workers = get_info(fd).workers, j;
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	struct bpfsched_stat stat;

	check_eq(get_stat(fd).pending, 0);
	check_eq(get_stat(fd).running, 0);
	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	for (j = 0; j < workers; j++)
		submit_one(fd, job);
	wait_running(fd, workers);
	for (i = 1; i <= 7; i++) {
		submit_one(fd, job_of(quick));
		stat = get_stat(fd);
		check_eq(stat.pending, i);
		check_eq(stat.running, workers);
		check_balance(&stat);
	}
	set_flag(flag, 1);
	wait_idle(fd);
}

/* Of a scheduler in which nothing was pending before; it does not fall again */
static void stat_high_water(void)
{
	int fd, program, i;

	create_made((struct bpfsched_create){ .profile = "cloud" });
	fd = open_client(MADE, 0);
	program = load_quick(fd);
	pause_scheduler(fd);
	for (i = 1; i <= 50; i++) {
		submit_one(fd, job_of(program));
		check_eq(get_stat(fd).queue_high_water, i);
	}
	resume_scheduler(fd);
	wait_idle(fd);
	check_eq(get_stat(fd).queue_high_water, 50);
}

/* The schedulers know nothing of each other */
static void stat_per_scheduler(void)
{
	int cloud = open_client(CLOUD, 0), embedded = open_client(EMBEDDED, 0);
	struct bpfsched_stat before = get_stat(embedded), after;

	pause_scheduler(cloud);
	submit_one(cloud, job_of(load_quick(cloud)));
	after = get_stat(embedded);
	check_eq(memcmp(&before, &after, sizeof(before)), 0);
	resume_scheduler(cloud);
	read_completion(cloud);
}

static const struct ktap_test tests[] = {
	{ "stat.high_water", stat_high_water },
	{ "stat.each_outcome", stat_each_outcome },
	{ "stat.pending_and_running", stat_pending_and_running },
	{ "stat.per_scheduler", stat_per_scheduler },
	{ "cancel.queued", cancel_queued },
	{ "cancel.running", cancel_running },
	{ "cancel.running_embedded", cancel_running_embedded },
	{ "cancel.running_long_body", cancel_running_long_body },
	{ "cancel.running_of_other", cancel_running_of_other },
	{ "endless.cancelled", cancel_endless },
	{ "endless.closed", close_endless },
	{ "endless.owner_killed", kill_owner_of_endless },
	{ "pause.running_goes_on", pause_running_goes_on },
	{ "close.queued", close_queued },
	{ "close.running", close_running },
	{ "close.running_embedded", close_running_embedded },
	{ "close.unread", close_unread },
	{ "close.duplicate", close_duplicate },
	{ "close.killed", close_killed },
	{ "module.used_by_client", module_used_by_client },
	{ "module.used_by_program", module_used_by_program },
	{ "program.closed_after_submission", program_closed_after_submission },
	{ "program.on_both_schedulers", program_on_both_schedulers },
	{ "program.outlives_loader", program_outlives_loader },
	{ "program.passed_on", program_passed_on },
	{ "program.shared_by_jobs", program_shared_by_jobs },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
