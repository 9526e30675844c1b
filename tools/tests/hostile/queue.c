// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on the queue: jobs that wait, jobs that are ready, eviction, and the
 * line of those who wait for room. Nobody takes all places.
 */
#include "hostile.h"

#define FILES		12
#define EACH		100

/* Jobs of the scheduler's owner and of others are taken, and run */
static void check_served(int root, int other)
{
	int program = load_quick(root);

	check_eq(run_job(root, evicting_job_of(program)).status,
		 BPFSCHED_STATUS_OK);
	check_eq(run_program(root, program).status, BPFSCHED_STATUS_OK);
	check_eq(run_program(other, program).status, BPFSCHED_STATUS_OK);
	close(program);
}

/* 12 files with 100 jobs each, as far as they are taken; returns how many are */
static __u32 hoard(int *files, struct bpfsched_job_desc job)
{
	__u32 taken = 0, i;

	for (i = 0; i < FILES; i++) {
		struct bpfsched_job_desc jobs[EACH];
		__u32 j;

		for (j = 0; j < EACH; j++)
			jobs[j] = job;
		j = 0;
		if (submit(files[i], jobs, EACH) >= 0) {
			while (j < EACH && !jobs[j].error)
				j++;
		}
		taken += j;
		for (; j < EACH; j++) {
			check_eq(-jobs[j].error, EDQUOT);
			check(jobs[j].limit == BPFSCHED_LIMIT_USER_JOBS ||
			      jobs[j].limit == BPFSCHED_LIMIT_USER_WAITING);
		}
	}
	return taken;
}

static void waiting_jobs_on(const char *profile, __u32 capacity)
{
	struct bpfsched_create create = params_of(profile, capacity);
	int root = make_scheduler(&create), files[FILES], i;
	int other = open_as(OTHER, MADE, 0);
	__u32 taken;

	check_served(root, other);
	for (i = 0; i < FILES; i++)
		files[i] = open_as(ATTACKER, MADE, 0);
	taken = hoard(files, far_job_of(load_quick(files[0])));
	check_eq(taken, get_info(files[0]).user_limits.waiting);
	check_le(taken, get_info(root).capacity / 2);
	check_eq(user_of(root, ATTACKER).waiting, taken);
	check_eq(get_stat(root).waiting, taken);
	check_served(root, other);
	/* and so are as many of others as a user can have waiting */
	check_eq(submit_until(other, far_job_of(load_quick(other)),
			      BPFSCHED_LIMIT_USER_JOBS), taken);
	submit_one(root, far_job_of(load_quick(root)));
	check_served(root, root);
	check_eq(user_of(root, ATTACKER).waiting, taken);
	for (i = 0; i < FILES; i++)
		close(files[i]);
	close(other);
	close(root);
}

static void queue_waiting_jobs(void)
{
	waiting_jobs_on("cloud", 0);
	end_made();
	waiting_jobs_on("embedded", 0);
}

/* The same in the schedulers that everybody has */
static void queue_waiting_jobs_of_all(void)
{
	size_t node;

	for (node = 0; node < ARRAY_SIZE(nodes); node++) {
		int root = open_client(nodes[node], 0), files[FILES], i;
		int other;

		open_to_all(nodes[node]);
		other = open_as(OTHER, nodes[node], 0);
		for (i = 0; i < FILES; i++)
			files[i] = open_as(ATTACKER, nodes[node], 0);
		check_le(hoard(files, far_job_of(load_quick(files[0]))),
			 get_info(root).capacity / 2);
		check_served(root, other);
		for (i = 0; i < FILES; i++)
			close(files[i]);
		close(other);
		close(root);
	}
}

/* Jobs that are ready fill half of the queue, in however many files */
static void ready_jobs_on(const char *profile, __u32 capacity)
{
	struct bpfsched_create create = params_of(profile, capacity);
	int root = make_scheduler(&create), files[FILES], i, program;
	int other = open_as(OTHER, MADE, 0);
	__u32 half = get_info(root).capacity / 2;
	struct bpfsched_job_desc job;

	program = load_quick(root);
	job = job_of(program);
	pause_scheduler(root);
	for (i = 0; i < FILES; i++)
		files[i] = open_as(ATTACKER, MADE, 0);
	check_eq(hoard(files, job), half);
	check_eq(user_of(root, ATTACKER).jobs, half);
	submit_one(root, job);
	submit_one(root, evicting_job_of(program));
	/* nobody had to go for that: there was room */
	for (i = 0; i < FILES; i++)
		check_eq(has_events(files[i], POLLIN), false);
	for (i = 0; i < (int)half - 2; i++)
		submit_one(other, job);
	check_fails(submit(other, &job, 1), EAGAIN);
	/* the owner of the machine gets in all the same */
	submit_one(root, evicting_job_of(program));
	resume_scheduler(root);
	wait_for_jobs(root, 0);
	for (i = 0; i < FILES; i++)
		close(files[i]);
	close(other);
	close(root);
	close(program);
}

static void queue_ready_jobs(void)
{
	ready_jobs_on("cloud", 0);
	end_made();
	ready_jobs_on("embedded", 0);
}

/* A limit counts live jobs: those that wait, are ready, and run */
static void queue_all_states_count(void)
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root, fd, second;
	struct bpfsched_job_desc job;
	__u64 *flag;

	create.workers = 1;
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	second = open_as(ATTACKER, MADE, 0);
	job = job_of(load_waiting(fd, &flag));
	submit_one(fd, job);
	wait_running(root, 1);
	submit_one(second, far_job_of(job.prog_fd));
	submit_one(second, periodic_job(job.prog_fd, HOUR_NS, 0));
	check_eq(submit_until(fd, job, BPFSCHED_LIMIT_USER_JOBS), 5);
	check_over(second, job, BPFSCHED_LIMIT_USER_JOBS);
	check_over(second, far_job_of(job.prog_fd), BPFSCHED_LIMIT_USER_JOBS);
	check_eq(user_of(root, ATTACKER).jobs, 8);
	/* a place comes back when a job has ended, read or not */
	set_flag(flag, 1);
	wait_running(root, 0);
	while (user_of(root, ATTACKER).jobs != 2)
		wait_a_little();
	submit_one(fd, job);
}

/* A small scheduler where users may have as many jobs as there are places */
static int make_small(__u32 capacity, __u32 jobs)
{
	struct bpfsched_create create = params_of("cloud", capacity);

	create.user_flags = BPFSCHED_USER_SET_JOBS;
	create.user_limits.jobs = jobs;
	return make_scheduler(&create);
}

/* The one with more jobs has to give way, never the one with fewer */
static void queue_evict_of_smaller(void)
{
	int root = make_small(8, BPFSCHED_NO_LIMIT);
	int fd = open_as(ATTACKER, MADE, 0), second = open_as(ATTACKER, MADE, 0);
	int other = open_as(OTHER, MADE, 0), program = load_quick(root), i;
	struct bpfsched_job_desc low = job_of(program);

	low.priority = BPFSCHED_PRIORITY_LOW;
	pause_scheduler(root);
	submit_some(fd, job_of(program), 3);
	submit_some(second, job_of(program), 3);
	submit_some(other, low, 2);
	act_as(ATTACKER);
	for (i = 0; i < 20; i++) {
		struct bpfsched_job_desc job = evicting_job_of(program);

		if (submit(i & 1 ? fd : second, &job, 1) < 0)
			check_eq(errno, EAGAIN);
	}
	act_as(0);
	check_eq(has_events(other, POLLIN), false);
	check_eq(user_of(root, OTHER).jobs, 2);
	check_eq(user_of(root, ATTACKER).jobs, 6);
	resume_scheduler(root);
	for (i = 0; i < 2; i++)
		read_status(other, BPFSCHED_STATUS_OK);
}

static void queue_evict_of_larger(void)
{
	int root = make_small(8, BPFSCHED_NO_LIMIT);
	int fd = open_as(ATTACKER, MADE, 0);
	int other = open_as(OTHER, MADE, 0), program = load_quick(root), i;

	pause_scheduler(root);
	submit_some(fd, job_of(program), 8);
	act_as(OTHER);
	for (i = 0; i < 4; i++)
		submit_one(other, evicting_job_of(program));
	act_as(0);
	check_eq(user_of(root, OTHER).jobs, 4);
	/* who is not limited evicts whose job it may be */
	submit_some(root, evicting_job_of(program), 2);
	check_eq(get_stat(root).dropped, 6);
	resume_scheduler(root);
	for (i = 0; i < 4; i++)
		read_status(other, BPFSCHED_STATUS_OK);
	for (i = 0; i < 6; i++)
		read_status(fd, BPFSCHED_STATUS_DROPPED);
}

/* Jobs that are not released are no reason to drop one that is */
static void queue_evict_not_for_waiting(void)
{
	int root = make_small(4, 4), fd = open_as(ATTACKER, MADE, 0);
	int other = open_as(OTHER, MADE, 0), program = load_quick(root), i;
	struct bpfsched_job_desc job = far_job_of(program);

	pause_scheduler(root);
	submit_some(other, job_of(program), 4);
	job.flags |= BPFSCHED_JOB_EVICT;
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	for (i = 0; i < 2; i++)
		submit_one(fd, job);
	check_over(fd, job, BPFSCHED_LIMIT_USER_WAITING);
	check_eq(has_events(other, POLLIN), false);
	resume_scheduler(root);
	for (i = 0; i < 4; i++)
		read_status(other, BPFSCHED_STATUS_OK);
}

static struct bpfsched_job_desc patient_job(int program)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_WAIT;
	return job;
}

static void wait_for_room(void)
{
	int fd = open_client(MADE, 0);
	struct bpfsched_job_desc job = patient_job(load_quick(fd));

	if (submit(fd, &job, 1) < 0)
		check_eq(errno, EDQUOT);
	pause();
}

/*
 * The attacker stands in line with more jobs than he can have. When there is
 * room, those that are over his limit hold up nobody.
 */
static void queue_line(void)
{
	int root = make_small(8, 2), other = open_as(OTHER, MADE, 0);
	int program = load_quick(root), i;
	pid_t pids[10], last;
	__u64 ids[8];

	pause_scheduler(root);
	for (i = 0; i < 8; i++)
		ids[i] = submit_one(root, job_of(program));
	for (i = 0; i < 10; i++) {
		pids[i] = start_as(ATTACKER, wait_for_room);
		wait_blocked(pids[i]);
	}
	last = start_as(OTHER, wait_for_room);
	wait_blocked(last);
	for (i = 0; i < 6; i++)
		check_ok(cancel(root, ids[i]));
	while (user_of(root, ATTACKER).jobs < 2 || !user_of(root, OTHER).jobs)
		wait_a_little();
	check_eq(user_of(root, ATTACKER).jobs, 2);
	act_as(OTHER);
	submit_one(other, job_of(program));
	act_as(0);
	submit_one(root, job_of(program));
	for (i = 0; i < 10; i++)
		end_process(pids[i]);
	end_process(last);
}

/* With his limit reached he does not even get in line */
static void queue_line_over_limit(void)
{
	int root = make_small(8, 2), fd = open_as(ATTACKER, MADE, 0);
	int program = load_quick(root);

	pause_scheduler(root);
	submit_some(fd, job_of(program), 2);
	submit_some(root, job_of(program), 6);
	check_over(fd, patient_job(program), BPFSCHED_LIMIT_USER_JOBS);
}

static __u64 *started;

/* Stand in line, and tell when the job was started */
static void wait_and_tell(void)
{
	int fd = open_client(MADE, 0);
	struct bpfsched_job_desc job = patient_job(load_quick(fd));

	if (submit(fd, &job, 1) < 0)
		check_eq(errno, EDQUOT);
	else
		__atomic_store_n(started, read_completion(fd).start_seq,
				 __ATOMIC_RELAXED);
	pause();
}

static void wait_critical(void)
{
	int fd = open_client(MADE, 0);
	struct bpfsched_job_desc job = patient_job(load_quick(fd));

	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	if (submit(fd, &job, 1) < 0)
		check_eq(errno, EDQUOT);
	pause();
}

/*
 * Twenty of the attacker stand in line before the other. He has two places
 * there, for he may have two jobs; so no more than two go before the other,
 * although each has ended when the next but one is served.
 */
static void queue_line_of_many(void)
{
	struct bpfsched_create create = params_of("cloud", 4);
	struct bpfsched_job_desc holding;
	pid_t pids[20], last;
	__u64 *flag;
	int root, i;

	create.workers = 1;
	create.user_flags = BPFSCHED_USER_SET_JOBS;
	create.user_limits.jobs = 2;
	root = make_scheduler(&create);
	started = shared_numbers();
	holding = job_of(load_waiting(root, &flag));
	submit_one(root, holding);
	wait_running(root, 1);
	submit_some(root, job_of(load_quick(root)), 4);
	for (i = 0; i < 20; i++)
		pids[i] = start_as(ATTACKER, wait_critical);
	for (i = 0; i < 20; i++)
		wait_blocked(pids[i]);
	last = start_as(OTHER, wait_and_tell);
	wait_blocked(last);
	set_flag(flag, 1);
	while (!__atomic_load_n(started, __ATOMIC_RELAXED))
		wait_a_little();
	check_le(*started, 1 + 4 + 2 + 1);
	for (i = 0; i < 20; i++)
		end_process(pids[i]);
	end_process(last);
	wait_for_jobs(root, 0);
}

/* Waiting in line ends at SIGKILL, and leaves nothing */
static void queue_line_killed(void)
{
	int root = make_small(4, 2), program = load_quick(root), i;
	pid_t pids[20];

	pause_scheduler(root);
	submit_some(root, job_of(program), 4);
	for (i = 0; i < 20; i++)
		pids[i] = start_as(i & 1 ? ATTACKER : OTHER, wait_for_room);
	for (i = 0; i < 20; i++)
		wait_blocked(pids[i]);
	for (i = 0; i < 20; i++)
		end_process(pids[i]);
	resume_scheduler(root);
	wait_for_jobs(root, 0);
	check_eq(get_stat(root).submitted, 4);
	for (i = 0; i < 4; i++)
		read_status(root, BPFSCHED_STATUS_OK);
	check_eq(run_program(root, program).status, BPFSCHED_STATUS_OK);
}

static const struct ktap_test tests[] = {
	{ "queue.waiting_jobs", queue_waiting_jobs },
	{ "queue.waiting_jobs_of_all", queue_waiting_jobs_of_all },
	{ "queue.ready_jobs", queue_ready_jobs },
	{ "queue.all_states_count", queue_all_states_count },
	{ "queue.evict_of_smaller", queue_evict_of_smaller },
	{ "queue.evict_of_larger", queue_evict_of_larger },
	{ "queue.evict_not_for_waiting", queue_evict_not_for_waiting },
	{ "queue.line", queue_line },
	{ "queue.line_over_limit", queue_line_over_limit },
	{ "queue.line_of_many", queue_line_of_many },
	{ "queue.line_killed", queue_line_killed },
};

const struct subject queue_subject = { tests, ARRAY_SIZE(tests) };
