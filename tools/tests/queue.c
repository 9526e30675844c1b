// SPDX-License-Identifier: GPL-2.0
/*
 * A full queue, from user space: waiting for room, and evicting.
 */
#include "proc.h"
#include "timing.h"

/*
 * Wait
 */

/* Pause embedded and leave so many places in its queue */
static void leave_room(int fd, int program, __u32 room)
{
	struct bpfsched_job_desc jobs[EMBEDDED_CAPACITY];
	__u32 i;

	pause_scheduler(fd);
	for (i = 0; i < EMBEDDED_CAPACITY - room; i++) {
		jobs[i] = job_of(program);
		jobs[i].id = 1000 + i;
		jobs[i].user_data = i;
	}
	submit_all(fd, jobs, EMBEDDED_CAPACITY - room);
}

static struct bpfsched_job_desc patient_job(int program)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_WAIT;
	return job;
}

static int told[2];

/* Start a process that submits, and wait until it is blocked there */
static pid_t blocked(void (*what)(int fd), int fd)
{
	pid_t pid;
	char byte;

	check_ok(pipe(told));
	pid = meanwhile(what, fd);
	check_eq(check_ok(read(told[0], &byte, 1)), 1);
	wait_blocked(pid);
	close(told[0]);
	close(told[1]);
	return pid;
}

/* To be called by the process just before it submits */
static void about_to_submit(void)
{
	check_eq(check_ok(write(told[1], "", 1)), 1);
}

static int shared_program;
static __u64 shared_number;

static void submit_patiently(int fd)
{
	struct bpfsched_job_desc job = patient_job(shared_program);

	job.user_data = shared_number;
	about_to_submit();
	submit_one(fd, job);
}

static void wait_not_needed(void)
{
	int fd = open_client(EMBEDDED, 0);

	check_eq(run_job(fd, patient_job(load_quick(fd))).status,
		 BPFSCHED_STATUS_OK);
}

/* In the order in which they came, by way of several processes */
static void wait_in_order(void)
{
	int fd = open_client(EMBEDDED, 0);
	pid_t pids[4];
	__u64 i, last = 0;

	shared_program = load_quick(fd);
	leave_room(fd, shared_program, 0);
	for (i = 0; i < 4; i++) {
		shared_number = EMBEDDED_CAPACITY + i;
		pids[i] = blocked(submit_patiently, fd);
	}
	/* a place that becomes free is the first one's, and nobody else's */
	check_ok(cancel(fd, 1005));
	check_eq(read_status(fd, BPFSCHED_STATUS_CANCELLED).user_data, 5);
	check_child(pids[0]);
	check_eq(get_stat(fd).pending, EMBEDDED_CAPACITY);
	submit_refused(fd, job_of(shared_program), EAGAIN);
	for (i = 1; i < 4; i++)
		check_eq(waitpid(pids[i], NULL, WNOHANG), 0);
	resume_scheduler(fd);
	for (i = 1; i < 4; i++)
		check_child(pids[i]);
	for (i = 0; i < EMBEDDED_CAPACITY + 4; i++) {
		struct bpfsched_completion completion;

		if (i == 5)
			continue;
		completion = read_status(fd, BPFSCHED_STATUS_OK);
		check_eq(completion.user_data, i);
		check_ge(completion.start_seq, last + 1);
		last = completion.start_seq;
	}
}

static void wait_timed_out(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = patient_job(program);
	struct bpfsched_stat before, after;

	leave_room(fd, program, 0);
	before = get_stat(fd);
	check_fails(submit_for(fd, &job, 1, 5 * MS_NS, NULL), ETIMEDOUT);
	check_eq(-job.error, ETIMEDOUT);
	check_fails(submit_for(fd, &job, 1, 1, NULL), ETIMEDOUT);
	after = get_stat(fd);
	check_eq(after.rejected, before.rejected + 2);
	check_eq(after.submitted, before.submitted);
	check_eq(after.pending, EMBEDDED_CAPACITY);
}

/* The same where the queue is longer and there are more workers */
static void wait_on_cloud(void)
{
	int fd = open_client(CLOUD, 0);
	__u32 capacity = get_info(fd).capacity, i;
	struct bpfsched_job_desc *jobs = calloc(capacity, sizeof(*jobs));
	struct bpfsched_job_desc job;

	shared_program = load_quick(fd);
	job = patient_job(shared_program);
	for (i = 0; i < capacity; i++)
		jobs[i] = job;
	pause_scheduler(fd);
	submit_all(fd, jobs, capacity);
	check_fails(submit_for(fd, &job, 1, MS_NS, NULL), ETIMEDOUT);
	i = blocked(submit_patiently, fd);
	resume_scheduler(fd);
	check_child(i);
	for (i = 0; i <= capacity; i++)
		read_status(fd, BPFSCHED_STATUS_OK);
	free(jobs);
}

/* What was taken before the queue was full stays taken */
static void wait_batch_timed_out(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[5];

	leave_room(fd, program, 2);
	for (i = 0; i < 5; i++)
		jobs[i] = patient_job(program);
	jobs[3].flags = 0;
	check_eq(submit_for(fd, jobs, 5, 5 * MS_NS, NULL), 2);
	for (i = 0; i < 5; i++)
		check_eq(-jobs[i].error, i < 2 ? 0 :
			 i == 3 ? EAGAIN : ETIMEDOUT);
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* Also with SA_RESTART: the time-out would begin anew */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = do_nothing };

	check_ok(sigaction(SIGINT, &action, NULL));
	action.sa_flags = SA_RESTART;
	check_ok(sigaction(SIGTERM, &action, NULL));
}

static void be_interrupted(int fd)
{
	struct bpfsched_job_desc job = patient_job(shared_program);

	catch_signals();
	about_to_submit();
	check_fails(submit(fd, &job, 1), EINTR);
	check_eq(-job.error, EINTR);
}

static void batch_be_interrupted(int fd)
{
	struct bpfsched_job_desc jobs[5];
	int i;

	for (i = 0; i < 5; i++)
		jobs[i] = patient_job(shared_program);
	catch_signals();
	about_to_submit();
	check_eq(submit(fd, jobs, 5), 2);
	for (i = 0; i < 5; i++)
		check_eq(-jobs[i].error, i < 2 ? 0 : EINTR);
}

static void wait_interrupted(void)
{
	static const int signals[] = { SIGINT, SIGTERM };
	int fd = open_client(EMBEDDED, 0);
	__u64 rejected;
	size_t i;
	pid_t pid;

	shared_program = load_quick(fd);
	leave_room(fd, shared_program, 0);
	rejected = get_stat(fd).rejected;
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		pid = blocked(be_interrupted, fd);
		check_ok(kill(pid, signals[i]));
		check_child(pid);
	}
	check_eq(get_stat(fd).rejected, rejected + 2);
	check_eq(get_stat(fd).pending, EMBEDDED_CAPACITY);
}

static void wait_batch_interrupted(void)
{
	static const int signals[] = { SIGINT, SIGTERM };
	int fd = open_client(EMBEDDED, 0);
	__u64 id = 1000;
	size_t i;
	pid_t pid;

	shared_program = load_quick(fd);
	leave_room(fd, shared_program, 2);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		pid = blocked(batch_be_interrupted, fd);
		check_eq(get_stat(fd).pending, EMBEDDED_CAPACITY);
		check_ok(kill(pid, signals[i]));
		check_child(pid);
		check_ok(cancel(fd, id++));
		check_ok(cancel(fd, id++));
	}
}

/* One that waits dies; the next one gets the place */
static void wait_killed(void)
{
	int fd = open_client(EMBEDDED, 0), status;
	pid_t first, second;

	shared_program = load_quick(fd);
	leave_room(fd, shared_program, 0);
	first = blocked(submit_patiently, fd);
	shared_number = 77;
	second = blocked(submit_patiently, fd);
	check_ok(kill(first, SIGKILL));
	check_eq(check_ok(waitpid(first, &status, 0)), first);
	check(WIFSIGNALED(status));
	check_ok(cancel(fd, 1000));
	check_child(second);
	check_eq(get_stat(fd).pending, EMBEDDED_CAPACITY);
}

/*
 * Room that the clock makes, while nothing is picked. The queue is full before
 * the job is there that will be missed, so that its deadline cannot pass before
 * somebody waits.
 */
static void wait_for_missed(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job;
	pid_t pid;

	shared_program = load_quick(fd);
	leave_room(fd, shared_program, 0);
	pid = blocked(submit_patiently, fd);
	job = urgent_job(shared_program, 5 * MS_NS);
	job.flags |= BPFSCHED_JOB_FIRM | BPFSCHED_JOB_EVICT;
	submit_one(fd, job);
	check_child(pid);
	read_status(fd, BPFSCHED_STATUS_DROPPED);
	read_status(fd, BPFSCHED_STATUS_MISSED);
	check_eq(get_stat(fd).pending, EMBEDDED_CAPACITY);
}

/*
 * Evict
 */
static void fill(int fd, struct bpfsched_job_desc *jobs, __u32 count)
{
	pause_scheduler(fd);
	submit_all(fd, jobs, count);
	check_eq(get_stat(fd).pending, get_info(fd).capacity);
}

static void check_evicts(int fd, struct bpfsched_job_desc job, __u64 victim)
{
	struct bpfsched_stat before = get_stat(fd), after;
	struct bpfsched_completion completion;

	job.flags |= BPFSCHED_JOB_EVICT;
	submit_one(fd, job);
	completion = read_status(fd, BPFSCHED_STATUS_DROPPED);
	check_eq(completion.user_data, victim);
	check(has_flag(&completion, BPFSCHED_COMPLETION_LAST));
	check_never_started(&completion);
	after = get_stat(fd);
	check_eq(after.dropped, before.dropped + 1);
	check_eq(after.submitted, before.submitted + 1);
	check_eq(after.pending, before.pending);
}

static void check_does_not_evict(int fd, struct bpfsched_job_desc job)
{
	job.flags |= BPFSCHED_JOB_EVICT;
	submit_refused(fd, job, EAGAIN);
	check_eq(has_events(fd, POLLIN), false);
}

/* The lowest goes first, the newest among equals, never one of equal rank */
static void evict_by_priority(void)
{
	size_t node;

	for (node = 0; node < ARRAY_SIZE(nodes); node++) {
		int fd = open_client(nodes[node], 0);
		__u32 capacity = get_info(fd).capacity, i;
		struct bpfsched_job_desc *jobs = calloc(capacity,
							sizeof(*jobs));
		struct bpfsched_job_desc job = job_of(load_quick(fd));

		for (i = 0; i < capacity; i++) {
			jobs[i] = job;
			jobs[i].user_data = i;
		}
		jobs[3].priority = BPFSCHED_PRIORITY_LOW;
		jobs[7].priority = BPFSCHED_PRIORITY_LOW;
		fill(fd, jobs, capacity);
		job.user_data = 10000;
		check_evicts(fd, job, 7);
		check_evicts(fd, job, 3);
		check_does_not_evict(fd, job);
		job.priority = BPFSCHED_PRIORITY_LOW;
		check_does_not_evict(fd, job);
		job.priority = BPFSCHED_PRIORITY_HIGH;
		job.user_data = 20000;
		check_evicts(fd, job, 10000);
		check_evicts(fd, job, 10000);
		check_evicts(fd, job, capacity - 1);
		check_evicts(fd, job, capacity - 2);
		resume_scheduler(fd);
		wait_idle(fd);
		close(fd);
		free(jobs);
	}
}

/* The latest deadline goes first, and before it what has none */
static void evict_by_deadline(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[EMBEDDED_CAPACITY];

	for (i = 0; i < EMBEDDED_CAPACITY; i++) {
		jobs[i] = urgent_job(program, (10 + i % 16) * HOUR_NS);
		jobs[i].user_data = i;
	}
	jobs[5] = job_of(program);
	jobs[5].user_data = 5;
	jobs[5].priority = BPFSCHED_PRIORITY_CRITICAL;
	fill(fd, jobs, EMBEDDED_CAPACITY);
	check_does_not_evict(fd, job_of(program));
	check_evicts(fd, urgent_job(program, 5 * HOUR_NS), 5);
	check_evicts(fd, urgent_job(program, 5 * HOUR_NS), 31);
	check_evicts(fd, urgent_job(program, 5 * HOUR_NS), 15);
	check_evicts(fd, urgent_job(program, 5 * HOUR_NS), 30);
	check_does_not_evict(fd, urgent_job(program, 30 * HOUR_NS));
}

static void evict_of_another_client(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	struct bpfsched_completion completion;
	__u64 victim;

	job.priority = BPFSCHED_PRIORITY_LOW;
	leave_room(other, job.prog_fd, 1);
	victim = submit_one(other, job);
	job.flags = BPFSCHED_JOB_EVICT;
	job.priority = BPFSCHED_PRIORITY_NORMAL;
	submit_one(fd, job);
	check_eq(has_events(fd, POLLIN), false);
	completion = read_status(other, BPFSCHED_STATUS_DROPPED);
	check_eq(completion.id, victim);
}

static void evict_not_needed(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = job_of(program);

	leave_room(fd, program, 1);
	job.flags = BPFSCHED_JOB_EVICT;
	submit_one(fd, job);
	check_eq(has_events(fd, POLLIN), false);
}

/* Only jobs that were never started */
static void evict_not_started_ones(void)
{
	int fd = open_client(EMBEDDED, 0), quick = load_quick(fd), i;
	struct bpfsched_job_desc jobs[EMBEDDED_CAPACITY - 1];
	__u64 preemptions = get_stat(fd).preemptions, *flag;
	int program = load_gate(fd, &flag);

	be_real_time();
	submit_one(fd, gate_waiter(fd, program, 20));
	wait_running(fd, 1);
	submit_one(fd, gate_waiter(fd, program, 1));
	while (get_stat(fd).preemptions == preemptions)
		wait_a_little();
	for (i = 0; i < EMBEDDED_CAPACITY - 1; i++) {
		jobs[i] = urgent_job(quick, (2 + i % 5) * HOUR_NS);
		jobs[i].user_data = i;
	}
	submit_all(fd, jobs, EMBEDDED_CAPACITY - 1);
	check_evicts(fd, urgent_job(quick, 2 * HOUR_NS), 29);
	set_flag(flag, 1);
}

/* The whole job is dropped, not one release of it */
static void evict_periodic(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = periodic_job(program, HOUR_NS, 0);

	job.priority = BPFSCHED_PRIORITY_LOW;
	job.user_data = 4;
	leave_room(fd, program, 1);
	submit_one(fd, job);
	check_evicts(fd, job_of(program), 4);
	resume_scheduler(fd);
	wait_idle(fd);
}

static const struct ktap_test tests[] = {
	{ "wait.not_needed", wait_not_needed },
	{ "wait.in_order", wait_in_order },
	{ "wait.timed_out", wait_timed_out },
	{ "wait.on_cloud", wait_on_cloud },
	{ "wait.batch_timed_out", wait_batch_timed_out },
	{ "wait.interrupted", wait_interrupted },
	{ "wait.batch_interrupted", wait_batch_interrupted },
	{ "wait.killed", wait_killed },
	{ "wait.for_missed", wait_for_missed },
	{ "evict.by_priority", evict_by_priority },
	{ "evict.by_deadline", evict_by_deadline },
	{ "evict.of_another_client", evict_of_another_client },
	{ "evict.not_needed", evict_not_needed },
	{ "evict.not_started_ones", evict_not_started_ones },
	{ "evict.periodic", evict_periodic },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
