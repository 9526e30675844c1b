// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on the processor: jobs that never end, and shares of the workers'
 * time under the policy fair.
 */
#include "hostile.h"

#define TRIES	10

/* More of a budget than the owner gives to users is refused */
static void check_budgets(int root, int fd)
{
	struct bpfsched_info info = get_info(fd);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	act_as(ATTACKER);
	job.budget_insns = info.user_budget_insns;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	if (info.user_budget_insns < info.max_budget_insns) {
		job.budget_insns++;
		submit_refused(fd, job, EPERM);
		job.budget_insns = info.max_budget_insns;
		submit_refused(fd, job, EPERM);
		act_as(0);
		check_eq(run_job(root, job).status, BPFSCHED_STATUS_OK);
	}
	act_as(0);
}

static void processor_budgets(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	size_t node;

	check_eq(get_info(fd).max_budget_insns, BPFSCHED_BUDGET_UNLIMITED);
	check_budgets(root, fd);
	close(fd);
	close(root);
	end_made();
	create = params_of("embedded", 0);
	create.user_budget_insns = 5000;
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	check_eq(get_info(fd).user_budget_insns, 5000);
	check_budgets(root, fd);
	for (node = 0; node < ARRAY_SIZE(nodes); node++) {
		open_to_all(nodes[node]);
		check_budgets(open_client(nodes[node], 0),
			      open_as(ATTACKER, nodes[node], 0));
	}
}

/* A job that names no budget gets no more than its user may have */
static void processor_default_budget(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	struct bpfsched_completion completion;
	int root, fd;

	create.user_budget_insns = 100000;
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	act_as(ATTACKER);
	completion = run_program(fd, load_endless(fd));
	check_eq(completion.status, BPFSCHED_STATUS_BUDGET);
	check_eq(completion.instructions, 100000);
	act_as(0);
	check_ge(get_info(root).default_budget_insns, 100000);
}

/* Low jobs without end, one after the other, in all places that there are */
static void flood(void)
{
	int fd = open_client(MADE, O_NONBLOCK);
	struct bpfsched_job_desc jobs[64];
	struct bpfsched_completion completion;
	struct bpfsched_job_desc job = job_of(load_endless(fd));
	int i;

	job.priority = BPFSCHED_PRIORITY_LOW;
	job.budget_insns = get_info(fd).user_budget_insns;
	for (;;) {
		for (i = 0; i < 64; i++)
			jobs[i] = job;
		if (submit(fd, jobs, 64) < 0)
			check(errno == EDQUOT || errno == EAGAIN);
		while (read(fd, &completion, sizeof(completion)) > 0)
			check_eq(completion.status, BPFSCHED_STATUS_BUDGET);
		wait_a_little();
	}
}

/* How many jobs are started between a submission and its start, at least */
static __u64 overtaken_by(int fd, struct bpfsched_job_desc job)
{
	__u64 least = ~0ULL, before, seq;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = get_stat(fd).exec_count;
		submit_one(fd, job);
		seq = read_status(fd, BPFSCHED_STATUS_OK).start_seq;
		if (seq - before - 1 < least)
			least = seq - before - 1;
	}
	return least;
}

/*
 * A critical job is the next to start, whatever the attacker has in the queue;
 * and by their budgets all of his jobs end.
 */
static void processor_endless_jobs(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	struct bpfsched_job_desc job;
	int root;
	pid_t pid;

	create.user_budget_insns = 200000;
	root = make_scheduler(&create);
	job = job_of(load_quick(root));
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	check_eq(overtaken_by(root, job), 0);
	pid = start_as(ATTACKER, flood);
	while (get_stat(root).pending < get_info(root).workers)
		wait_a_little();
	check_le(overtaken_by(root, job), get_info(root).workers);
	act_as(OTHER);
	check_le(overtaken_by(open_client(MADE, 0), job),
		 get_info(root).workers);
	act_as(0);
	end_process(pid);
}

/* Gives a job all that a user can have, as soon as it has used some of it */
static void renew_budget(void)
{
	int fd = open_client(MADE, 0);
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_BUDGET_INSNS,
		.budget_insns = get_info(fd).user_budget_insns,
	};
	struct bpfsched_job_desc job;

	job = job_of(load_endless(fd));
	job.budget_insns = request.budget_insns;
	request.id = submit_one(fd, job);
	for (;;) {
		if (update(fd, request))
			check(errno == ENOENT || errno == EPERM);
	}
}

/* A budget that can be renewed for ever is no budget: the job ends */
static void processor_renewed_budget(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root;
	pid_t pid;

	create.user_budget_insns = 20000000;
	create.workers = 1;
	root = make_scheduler(&create);
	pid = start_as(ATTACKER, renew_budget);
	while (!get_stat(root).exec_count)
		wait_a_little();
	check_eq(run_program(root, load_quick(root)).r0, QUICK_RESULT);
	end_process(pid);
}

/*
 * The policy fair
 */

/* No budget that ends anything */
static int make_fair(__u32 workers)
{
	struct bpfsched_create create = params_of("cloud", 256);
	int root;

	strcpy(create.policy, "fair");
	create.workers = workers;
	create.user_budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	root = make_scheduler(&create);
	check_ne(get_info(root).features & BPFSCHED_FEATURE_SLICES, 0);
	check_ne(get_info(root).slice_ns, 0);
	return root;
}

/* A file with so many endless jobs */
static int start_endless(uid_t uid, int count)
{
	int fd = open_as(uid, MADE, 0), program = load_endless(fd);

	submit_some(fd, endless_job_of(program), count);
	return fd;
}

static __u64 run_of(int fd, uid_t uid)
{
	return user_of(fd, uid).run_ns;
}

#define ENOUGH_SLICES	100
#define MANY_SLICES	4000

/*
 * The two have their shares of the time since now, as a hundred to a hundred:
 * one has @percent of it, up to 5 % of all. This is looked at again and again,
 * for a slice may be long where the machine is busy; with other shares it never
 * comes, however long the jobs run.
 */
static void check_shares(int root, uid_t one, uid_t two, __u32 percent)
{
	__u64 one_before = run_of(root, one), two_before = run_of(root, two);
	__u64 slice = get_info(root).slice_ns, ran, all;

	do {
		wait_a_little();
		ran = run_of(root, one) - one_before;
		all = ran + run_of(root, two) - two_before;
		if (all > MANY_SLICES * slice)
			fail("user %u ran for %llu of %llu ns, want %u %%", one,
			     ran, all, percent);
	} while (all < ENOUGH_SLICES * slice ||
		 100 * ran < (percent - 5) * all ||
		 100 * ran > (percent + 5) * all);
}

/* However many jobs a user has, in however many files */
static void fair_by_user(void)
{
	int root = make_fair(1);

	start_endless(OTHER, 1);
	start_endless(ATTACKER, 50);
	start_endless(ATTACKER, 50);
	check_shares(root, OTHER, ATTACKER, 50);
	check_eq(get_stat(root).completed + get_stat(root).failed, 0);
}

/* The critical jobs of one count against the low one of the other no more */
static void fair_by_user_not_priority(void)
{
	int root = make_fair(1), fd = open_as(ATTACKER, MADE, 0);
	struct bpfsched_job_desc job = endless_job_of(load_endless(fd));

	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_some(fd, job, 20);
	fd = open_as(OTHER, MADE, 0);
	job.priority = BPFSCHED_PRIORITY_LOW;
	submit_one(fd, job);
	check_shares(root, OTHER, ATTACKER, 50);
}

static void fair_weights(void)
{
	int root = make_fair(1);

	set_limits(root, OTHER, BPFSCHED_USER_SET_WEIGHT,
		   (struct bpfsched_user_limits){ .weight = 300 });
	start_endless(ATTACKER, 30);
	start_endless(OTHER, 1);
	check_shares(root, OTHER, ATTACKER, 75);
	set_limits(root, ATTACKER, BPFSCHED_USER_SET_WEIGHT,
		   (struct bpfsched_user_limits){ .weight = 900 });
	check_shares(root, OTHER, ATTACKER, 25);
}

/* Several workers divide their time in the same way */
static void fair_workers(void)
{
	int root = make_fair(3);

	set_limits(root, OTHER, BPFSCHED_USER_SET_WEIGHT,
		   (struct bpfsched_user_limits){ .weight = 400 });
	start_endless(ATTACKER, 100);
	start_endless(OTHER, 10);
	check_shares(root, OTHER, ATTACKER, 80);
}

/* Who comes starts before the jobs that were there end: none of them does */
static void fair_newcomer(void)
{
	int root = make_fair(1), fd, i;
	__u64 slice = get_info(root).slice_ns, before, waited, least = ~0ULL;

	start_endless(ATTACKER, 100);
	fd = open_as(OTHER, MADE, 0);
	while (run_of(root, ATTACKER) < ENOUGH_SLICES * slice)
		wait_a_little();
	for (i = 0; i < TRIES; i++) {
		before = run_of(root, ATTACKER);
		check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
		waited = run_of(root, ATTACKER) - before;
		if (waited < least)
			least = waited;
	}
	check_le(least, 20 * slice);
	check_eq(user_of(root, ATTACKER).jobs, 100);
}

/* Who was away for long has saved nothing that others would have to wait for */
static void fair_nothing_saved(void)
{
	int root = make_fair(1), fd = open_as(OTHER, MADE, 0);
	__u64 slice = get_info(root).slice_ns;

	check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
	start_endless(ATTACKER, 3);
	while (run_of(root, ATTACKER) < 2 * ENOUGH_SLICES * slice)
		wait_a_little();
	start_endless(OTHER, 100);
	check_shares(root, OTHER, ATTACKER, 50);
}

static bool was_started(int fd, __u64 id)
{
	struct bpfsched_job_info info = job_info_of(fd, id);

	return info.state == BPFSCHED_JOB_STATE_RUNNING ||
	       info.state == BPFSCHED_JOB_STATE_PAUSED;
}

/* Run a job for a slice, be gone, and come back as if nothing had been */
static __u64 hit_and_run(int program)
{
	struct bpfsched_completion completion;
	int fd = open_as(ATTACKER, MADE, 0);
	__u64 run_ns, id;

	id = submit_one(fd, endless_job_of(program));
	while (!was_started(fd, id))
		wait_a_little();
	check_ok(cancel(fd, id));
	completion = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	run_ns = completion.run_ns;
	close(fd);
	return run_ns;
}

/* To close the file and to open it again gains nothing */
static void fair_reopening(void)
{
	int root = make_fair(1), program = load_endless(root);
	__u64 slice = get_info(root).slice_ns, before, victim, gained = 0;

	start_endless(OTHER, 1);
	while (run_of(root, OTHER) < slice)
		wait_a_little();
	before = run_of(root, OTHER);
	do {
		gained += hit_and_run(program);
		victim = run_of(root, OTHER) - before;
		if (gained + victim > MANY_SLICES * slice)
			fail("%llu ns for the attacker, %llu for the other",
			     gained, victim);
	} while (gained + victim < ENOUGH_SLICES * slice ||
		 100 * victim < 45 * (gained + victim));
}

/* Jobs of one priority that never end keep none of another waiting for ever */
static void fair_own_jobs(void)
{
	int root = make_fair(1), fd = start_endless(ATTACKER, 3);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	wait_running(root, 1);
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	check_eq(run_job(fd, job).r0, QUICK_RESULT);
	job.priority = BPFSCHED_PRIORITY_LOW;
	check_eq(run_job(fd, job).r0, QUICK_RESULT);
	check_eq(user_of(root, ATTACKER).jobs, 3);
}

/* A policy of shares vouches for no deadline */
static void fair_no_deadlines(void)
{
	int root = make_fair(1), fd = open_as(ATTACKER, MADE, 0);

	submit_refused(fd, urgent_job(load_quick(fd), HOUR_NS), EOPNOTSUPP);
	submit_refused(root, small_job_of(load_quick(fd)), EOPNOTSUPP);
}

/* Jobs of others than the attacker, who come to a full queue; and run in the end */
static void check_room_for(int fd, int program, int count)
{
	struct bpfsched_job_desc job = evicting_job_of(program);

	job.priority = BPFSCHED_PRIORITY_LOW;
	submit_some(fd, job, count);
	check_eq(has_events(fd, POLLIN), false);
}

static void read_all_ok(int fd, int count)
{
	while (count--)
		read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(has_events(fd, POLLIN), false);
}

/*
 * A queue that one user floods has room for the low jobs of all others, and it
 * is that user's jobs that go: whoever comes, however often the attacker tries.
 */
static void fair_flood_is_evicted(void)
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root, fd, second, other, third, program, i;
	struct bpfsched_job_desc job;

	strcpy(create.policy, "fair");
	create.workers = 1;
	create.user_flags = BPFSCHED_USER_SET_JOBS;
	create.user_limits.jobs = BPFSCHED_NO_LIMIT;
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	second = open_as(ATTACKER, MADE, 0);
	other = open_as(OTHER, MADE, 0);
	third = open_as(OTHER + 1, MADE, 0);
	program = load_quick(root);
	/* so that all have had some time, the attacker least of all */
	for (i = 0; i < 3; i++) {
		check_eq(run_program(other, program).r0, QUICK_RESULT);
		check_eq(run_program(third, program).r0, QUICK_RESULT);
	}
	pause_scheduler(root);
	check_room_for(other, program, 2);
	submit_some(fd, job_of(program), 7);
	submit_some(second, job_of(program), 7);
	job = evicting_job_of(program);
	for (i = 0; i < 20; i++) {
		if (submit(i & 1 ? fd : second, &job, 1) < 0)
			check_eq(errno, EAGAIN);
		job = evicting_job_of(program);
	}
	check_eq(user_of(root, ATTACKER).jobs, 14);
	check_room_for(third, program, 2);
	check_room_for(other, program, 1);
	check_room_for(root, program, 3);
	check_eq(user_of(root, ATTACKER).jobs, 8);
	check_eq(user_of(root, OTHER).jobs, 3);
	resume_scheduler(root);
	read_all_ok(other, 3);
	read_all_ok(third, 2);
	read_all_ok(root, 3);
}

static const struct ktap_test tests[] = {
	{ "processor.budgets", processor_budgets },
	{ "processor.default_budget", processor_default_budget },
	{ "processor.endless_jobs", processor_endless_jobs },
	{ "processor.renewed_budget", processor_renewed_budget },
	{ "fair.by_user", fair_by_user },
	{ "fair.by_user_not_priority", fair_by_user_not_priority },
	{ "fair.weights", fair_weights },
	{ "fair.workers", fair_workers },
	{ "fair.newcomer", fair_newcomer },
	{ "fair.nothing_saved", fair_nothing_saved },
	{ "fair.reopening", fair_reopening },
	{ "fair.own_jobs", fair_own_jobs },
	{ "fair.no_deadlines", fair_no_deadlines },
	{ "fair.flood_is_evicted", fair_flood_is_evicted },
};

const struct subject processor_subject = { tests, ARRAY_SIZE(tests) };
