// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on the clock: many releases, releases without a completion slot, and
 * times at the end of time. What others have coming comes all the same.
 */
#include "hostile.h"

#define SHORTEST_NS	(100 * 1000ULL)	/* shortest period of the profiles */
#define ATTACKS		200		/* periodic jobs of that period */
#define FILES		12
#define TRIES		5

static struct bpfsched_job_desc buzzing_job(int program)
{
	return periodic_job(program, SHORTEST_NS, 0);
}

/* The user's jobs, over many files, have no more releases than his limit */
static void releases_limit_on(const char *profile)
{
	struct bpfsched_create create = params_of(profile, 0);
	int root = make_scheduler(&create), program = load_quick(root), i;
	struct bpfsched_job_desc job = buzzing_job(program);
	int files[FILES], other = open_as(OTHER, MADE, 0);
	__u64 limit;

	pause_scheduler(root);
	for (i = 0; i < FILES; i++)
		files[i] = open_as(ATTACKER, MADE, 0);
	limit = get_info(files[0]).user_limits.releases;
	check_ge(limit, 1000000000ULL / SHORTEST_NS);
	submit_until(files[0], job, BPFSCHED_LIMIT_USER_RELEASES);
	for (i = 1; i < FILES; i++)
		check_over(files[i], job, BPFSCHED_LIMIT_USER_RELEASES);
	check_le(user_of(root, ATTACKER).releases, limit);
	check_ge(user_of(root, ATTACKER).releases,
		 limit - 1000000000ULL / SHORTEST_NS + 1);
	/* what has no period is not concerned, and nobody else is */
	submit_one(files[0], job_of(program));
	submit_one(other, job);
	submit_one(root, job);
	submit_one(root, job);
	close(root);
	for (i = 0; i < FILES; i++)
		close(files[i]);
	close(other);
	close(program);
}

static void timers_releases_limit(void)
{
	releases_limit_on("cloud");
	end_made();
	releases_limit_on("embedded");
}

/* A job that ends, however that may be, gives its releases back */
static void timers_releases_given_back(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create);
	int fd = open_as(ATTACKER, MADE, 0), second = open_as(ATTACKER, MADE, 0);
	struct bpfsched_job_desc job = buzzing_job(load_quick(fd));
	__u64 id;

	set_limits(root, ATTACKER, BPFSCHED_USER_SET_RELEASES,
		   (struct bpfsched_user_limits){ .releases = 10000 });
	id = submit_one(fd, job);
	check_over(second, job, BPFSCHED_LIMIT_USER_RELEASES);
	check_ok(cancel(fd, id));
	while (submit(second, &job, 1) != 1)
		wait_a_little();
	check_over(fd, job, BPFSCHED_LIMIT_USER_RELEASES);
	close(second);
	job.count = 3;
	while (submit(fd, &job, 1) != 1)
		wait_a_little();
	while (user_of(root, ATTACKER).releases)
		wait_a_little();
	/* a slow job counts as one release a second, not as none */
	submit_one(fd, periodic_job(job.prog_fd, FAR_NS, 0));
	check_eq(user_of(root, ATTACKER).releases, 1);
	/* what is there stays when the limit is lowered; nothing is added */
	set_limits(root, ATTACKER, BPFSCHED_USER_SET_RELEASES,
		   (struct bpfsched_user_limits){ .releases = 0 });
	check_over(fd, job, BPFSCHED_LIMIT_USER_RELEASES);
	check_eq(user_of(root, ATTACKER).releases, 1);
}

/* A scheduler on which the attacker's releases have no limit */
static int make_without_limit(const char *profile)
{
	struct bpfsched_create create = params_of(profile, 1024);
	int root = make_scheduler(&create);

	set_limits(root, ATTACKER, BPFSCHED_USER_SET_RELEASES |
		   BPFSCHED_USER_SET_JOBS | BPFSCHED_USER_SET_WAITING,
		   (struct bpfsched_user_limits){
			.releases = BPFSCHED_NO_LIMIT64,
			.jobs = BPFSCHED_NO_LIMIT,
			.waiting = BPFSCHED_NO_LIMIT,
		   });
	return root;
}

/* Jobs that are not released for want of a completion slot */
static __u32 count_starved(int fd)
{
	struct bpfsched_job_info infos[ATTACKS];
	__u32 i, count = list_own(fd, infos, ARRAY_SIZE(infos)), starved = 0;

	for (i = 0; i < count; i++)
		starved += infos[i].flags & BPFSCHED_JOB_INFO_NO_SLOT &&
			   infos[i].state == BPFSCHED_JOB_STATE_WAITING;
	return starved;
}

/* Start the attack, with all jobs at the same time: nobody reads */
static int attack_unread(int root)
{
	int fd = open_as(ATTACKER, MADE, 0), i;
	struct bpfsched_job_desc job = buzzing_job(load_quick(fd));

	pause_scheduler(root);
	for (i = 0; i < ATTACKS; i++)
		submit_one(fd, job);
	resume_scheduler(root);
	return fd;
}

/* Nobody reads, until all of these jobs have to wait for that */
static int attack_starved(int root)
{
	int fd = attack_unread(root);

	while (count_starved(fd) < ATTACKS)
		wait_a_little();
	return fd;
}

/*
 * A job without a slot is not released, and no time passes for it; when a slot
 * comes back it goes on at its next release, and what was left out is counted.
 */
static void timers_no_slot(void)
{
	int root = make_without_limit("cloud"), fd = attack_starved(root);
	struct bpfsched_completion completion;
	__u64 started, i;

	started = get_stat(root).exec_count;
	pass_until(monotonic_ns() + 100 * SHORTEST_NS);
	check_eq(get_stat(root).exec_count, started);
	check_eq(count_starved(fd), ATTACKS);
	check_eq(get_stat(root).waiting, ATTACKS);
	for (i = 0; i < started; i++)
		read_status(fd, BPFSCHED_STATUS_OK);
	completion = read_status(fd, BPFSCHED_STATUS_OK);
	check_ge(completion.release, 100);
	check_ge(completion.overruns, 100);
}

/*
 * How many of 30 releases a victim gets; the others it overruns. It comes before
 * the attacker's jobs in the queue: this is about timers, and a slow machine may
 * have more of those jobs than it can run.
 */
static __u64 releases_of_victim(int fd)
{
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), 10 * MS_NS,
						    30);

	job.priority = BPFSCHED_PRIORITY_HIGH;
	return run_series(fd, job).count;
}

/*
 * With the attack the victim gets at least half of the releases that it gets
 * without. Other machines may disturb one try, but hardly all.
 */
static void check_victim(int victim, __u64 without)
{
	__u64 with = 0;
	int i;

	for (i = 0; i < TRIES; i++) {
		with = releases_of_victim(victim);
		if (2 * with >= without)
			return;
	}
	fail("%llu of 30 releases, %llu without the attack", with, without);
}

static void victims_releases_on(const char *profile)
{
	int root = make_without_limit(profile);
	int other = open_as(OTHER, MADE, 0), files[FILES], i;
	__u64 without = releases_of_victim(root);

	for (i = 0; i < FILES; i++) {
		files[i] = open_as(ATTACKER, MADE, 0);
		submit_one(files[i], buzzing_job(load_quick(files[i])));
	}
	i = attack_unread(root);
	check_victim(root, without);
	check_victim(other, without);
	close(i);
	i = attack_starved(root);
	check_victim(root, without);
	check_victim(other, without);
	check_eq(count_starved(i), ATTACKS);
	close(i);
	for (i = 0; i < FILES; i++)
		close(files[i]);
	close(other);
	wait_for_jobs(root, 0);
	close(root);
}

static void timers_victims_releases(void)
{
	victims_releases_on("cloud");
	end_made();
	victims_releases_on("embedded");
}

/* Reads what comes, as fast as it comes */
static void buzz(void)
{
	static char buffer[64 * sizeof(struct bpfsched_completion)];
	int fd = open_client(MADE, 0);
	struct bpfsched_job_desc job = buzzing_job(load_quick(fd));

	submit_until(fd, job, BPFSCHED_LIMIT_USER_RELEASES);
	for (;;)
		check_ok(read(fd, buffer, sizeof(buffer)));
}

/* The same with an attacker who reads, within the limits of the profile */
static void timers_within_limit(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), other = open_as(OTHER, MADE, 0);
	__u64 without = releases_of_victim(other);
	pid_t pid = start_as(ATTACKER, buzz);

	while (!user_of(root, ATTACKER).releases)
		wait_a_little();
	check_victim(root, without);
	check_victim(other, without);
	end_process(pid);
}

/* How long a job with a budget of 5 ms is on a worker; of three the shortest */
static __u64 budget_of_victim(int fd)
{
	struct bpfsched_job_desc job = job_of(load_endless(fd));
	struct bpfsched_completion completion;
	__u64 shortest = ~0ULL;
	int i;

	job.budget_ns = 5 * MS_NS;
	job.budget_insns = get_info(fd).user_budget_insns;
	for (i = 0; i < 3; i++) {
		submit_one(fd, job);
		completion = read_status(fd, BPFSCHED_STATUS_BUDGET);
		check_ge(completion.run_ns, job.budget_ns);
		if (completion.run_ns < shortest)
			shortest = completion.run_ns;
	}
	return shortest;
}

/* Budgets of time end by the same clock */
static void timers_victims_budget(void)
{
	int root = make_without_limit("cloud"), other = open_as(OTHER, MADE, 0);
	__u64 without = budget_of_victim(root);

	attack_unread(root);
	check_le(budget_of_victim(root), 10 * without);
	check_le(budget_of_victim(other), 10 * without);
	attack_starved(root);
	check_le(budget_of_victim(root), 10 * without);
	check_le(budget_of_victim(other), 10 * without);
}

/* Firm deadlines too: while nothing is picked, only the clock ends these */
static void timers_victims_deadline(void)
{
	int root = make_without_limit("embedded"), i;
	struct bpfsched_job_desc job = urgent_job(load_quick(root), 10 * MS_NS);

	job.flags |= BPFSCHED_JOB_FIRM;
	attack_starved(root);
	attack_unread(root);
	pause_scheduler(root);
	for (i = 0; i < TRIES; i++) {
		submit_one(root, job);
		read_status(root, BPFSCHED_STATUS_MISSED);
	}
}

/* Either way is fine, but nobody else's clock may suffer */
static void try_job(int fd, struct bpfsched_job_desc job)
{
	if (submit(fd, &job, 1) == 1)
		return;
	if (errno != EINVAL && errno != EDQUOT && errno != ETIME &&
	    errno != EBUSY && errno != EPERM)
		fail("refused with %s", strerrorname_np(errno));
}

static void try_times(int fd, int program, __u64 time_ns)
{
	static const __u32 flags[] = {
		BPFSCHED_JOB_NOT_BEFORE_ABS, BPFSCHED_JOB_NOT_BEFORE_REL,
		BPFSCHED_JOB_DEADLINE_ABS, BPFSCHED_JOB_DEADLINE_REL,
		BPFSCHED_JOB_NOT_BEFORE_ABS | BPFSCHED_JOB_DEADLINE_REL,
		BPFSCHED_JOB_NOT_BEFORE_REL | BPFSCHED_JOB_DEADLINE_ABS,
	};
	struct bpfsched_job_desc job;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(flags); i++) {
		job = job_of(program);
		job.flags = flags[i / 2];
		if (job.flags & (BPFSCHED_JOB_NOT_BEFORE_ABS |
				 BPFSCHED_JOB_NOT_BEFORE_REL))
			job.not_before_ns = time_ns;
		if (job.flags & (BPFSCHED_JOB_DEADLINE_ABS |
				 BPFSCHED_JOB_DEADLINE_REL))
			job.deadline_ns = time_ns;
		if (i & 1)
			job.flags |= BPFSCHED_JOB_FIRM;
		try_job(fd, job);
	}
	job = periodic_job(program, time_ns, 0);
	try_job(fd, job);
	job.count = ~0ULL;
	try_job(fd, job);
	job.flags = BPFSCHED_JOB_NOT_BEFORE_ABS;
	job.not_before_ns = time_ns;
	try_job(fd, job);
}

static void timers_odd_times(void)
{
	static const __u64 times[] = {
		0, 1, 1ULL << 32, 1ULL << 62, (1ULL << 63) - 1, 1ULL << 63,
		(1ULL << 63) + 1, ~0ULL - 1, ~0ULL,
	};
	struct bpfsched_create create = params_of("embedded", 1024);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	__u64 without = releases_of_victim(root);
	int program = load_quick(fd);
	size_t i;

	act_as(ATTACKER);
	for (i = 0; i < ARRAY_SIZE(times); i++)
		try_times(fd, program, times[i]);
	act_as(0);
	check_victim(root, without);
	close(fd);
	wait_for_jobs(root, 0);
	check_victim(root, without);
}

static const struct ktap_test tests[] = {
	{ "timers.releases_limit", timers_releases_limit },
	{ "timers.releases_given_back", timers_releases_given_back },
	{ "timers.no_slot", timers_no_slot },
	{ "timers.victims_releases", timers_victims_releases },
	{ "timers.within_limit", timers_within_limit },
	{ "timers.victims_budget", timers_victims_budget },
	{ "timers.victims_deadline", timers_victims_deadline },
	{ "timers.odd_times", timers_odd_times },
};

const struct subject timers_subject = { tests, ARRAY_SIZE(tests) };
