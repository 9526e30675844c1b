// SPDX-License-Identifier: GPL-2.0
/*
 * Periodic jobs, from user space: their releases and overruns, and how they end.
 */
#include "timing.h"

static void periodic_count(void)
{
	struct bpfsched_stat before, after;
	struct series series;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);

		before = get_stat(fd);
		series = run_series(fd, periodic_job(load_quick(fd), 5 * MS_NS,
						     10));
		check_eq(series.releases, 10);
		check_eq(series.last.status, BPFSCHED_STATUS_OK);
		after = get_stat(fd);
		check_eq(after.completed, before.completed + series.count);
		check_eq(after.submitted, before.submitted + series.count);
		check_eq(after.exec_count, before.exec_count + series.count);
		close(fd);
	}
}

static void periodic_once(void)
{
	int fd = open_client(CLOUD, 0);
	struct series series;

	series = run_series(fd, periodic_job(load_quick(fd), HOUR_NS, 1));
	check_eq(series.count, 1);
	check_eq(series.releases, 1);
	check_eq(series.last.release, 0);
}

/* The first release is when the job may start; deadlines follow releases */
static void periodic_starts_later(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), 2 * MS_NS,
						    5);
	struct series series;
	__u64 delay = 25 * MS_NS;
	bool in_time;

	job.flags = BPFSCHED_JOB_NOT_BEFORE_ABS | BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = HOUR_NS;
	do {
		/* on a slow machine more than once: what has passed is now */
		delay *= 2;
		job.not_before_ns = monotonic_ns() + delay;
		submit_one(fd, job);
		in_time = monotonic_ns() < job.not_before_ns;
		series = (struct series){ .period_ns = job.period_ns };
		read_series(fd, &series);
		check_ge(series.start_ns, job.not_before_ns);
		check_eq(series.releases, 5);
		check_eq(series.last.deadline_ns,
			 series.last.submitted_ns + HOUR_NS);
	} while (!in_time);
	check_eq(series.start_ns, job.not_before_ns);
}

/* The context comes back with each release, and each goes on from the last */
static void periodic_context(void)
{
	struct {
		struct bpfsched_completion completion;
		unsigned char context[8];
	} record;
	unsigned char context[3] = { 10, 20, 30 };
	int fd = open_client(CLOUD, 0), i, turn = 0;
	struct bpfsched_job_desc job = periodic_job(load_adding(fd), 2 * MS_NS,
						    6);

	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	job.context = (uintptr_t)context;
	job.context_len = sizeof(context);
	submit_one(fd, job);
	do {
		check_eq(check_ok(read(fd, &record, sizeof(record))),
			 sizeof(record));
		check_eq(record.completion.status, BPFSCHED_STATUS_OK);
		check_eq(record.completion.r0, 60 + 3 * turn);
		check_eq(record.completion.context_len, sizeof(context));
		turn++;
		for (i = 0; i < 3; i++)
			check_eq(record.context[i], context[i] + turn);
	} while (!has_flag(&record.completion, BPFSCHED_COMPLETION_LAST));
}

/*
 * A release that takes longer than the period: those that fall due meanwhile
 * are left out, and counted.
 */
static void overruns_on(const char *node, __u64 count)
{
	int fd = open_client(node, 0);
	__u64 *flag;
	struct bpfsched_job_desc job = periodic_job(load_waiting(fd, &flag),
						    MS_NS, count);
	struct series series = { .period_ns = job.period_ns };
	struct bpfsched_completion first;

	submit_one(fd, with_large_budget(fd, job));
	wait_running(fd, 1);
	pass_until(monotonic_ns() + 15 * MS_NS);
	check_eq(get_stat(fd).pending, 0);
	set_flag(flag, 3);
	first = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(first.release, 0);
	check_ge(first.overruns, count < 12 ? count - 1 : 12);
	add_to_series(&series, &first);
	if (!has_flag(&first, BPFSCHED_COMPLETION_LAST))
		read_series(fd, &series);
	check_eq(series.releases, count);
	close(fd);
}

static void periodic_overruns(void)
{
	be_real_time();
	overruns_on(EMBEDDED, 60);
	overruns_on(CLOUD, 60);
}

/* The last release falls due while the first one runs */
static void periodic_overruns_to_the_end(void)
{
	be_real_time();
	overruns_on(EMBEDDED, 5);
	overruns_on(CLOUD, 5);
}

/* A release that fails is no reason to end the job */
static void periodic_failures(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = periodic_job(load_endless(fd), MS_NS, 5);
	struct bpfsched_stat before = get_stat(fd);
	struct series series;

	job.budget_insns = 1000;
	series = run_series(fd, job);
	check_eq(series.releases, 5);
	check_eq(series.last.status, BPFSCHED_STATUS_BUDGET);
	check_eq(series.last.instructions, 1000);
	check_eq(get_stat(fd).failed, before.failed + series.count);
}

static void periodic_cancel_between(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_completion first, last;
	__u64 id;

	id = submit_one(fd, periodic_job(load_quick(fd), HOUR_NS, 0));
	first = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(has_flag(&first, BPFSCHED_COMPLETION_LAST), false);
	check_eq(get_stat(fd).pending, 1);
	check_ok(cancel(fd, id));
	last = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	check(has_flag(&last, BPFSCHED_COMPLETION_LAST));
	check_eq(last.id, id);
	check_eq(last.release, 1);
	check_eq(last.submitted_ns, first.submitted_ns + HOUR_NS);
	check_never_started(&last);
	check_fails(cancel(fd, id), ENOENT);
}

static void periodic_cancel_running(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = periodic_job(load_endless(fd), MS_NS, 0);
	struct bpfsched_completion last;
	__u64 id;

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	id = submit_one(fd, job);
	wait_running(fd, 1);
	check_ok(cancel(fd, id));
	last = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	check(has_flag(&last, BPFSCHED_COMPLETION_LAST));
	check_eq(last.release, 0);
	wait_idle(fd);
	check_eq(has_events(fd, POLLIN), false);
}

static void periodic_cancel_pending(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_completion last;
	__u64 id;

	pause_scheduler(fd);
	id = submit_one(fd, periodic_job(load_quick(fd), MS_NS, 0));
	check_ok(cancel(fd, id));
	last = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	check(has_flag(&last, BPFSCHED_COMPLETION_LAST));
	check_never_started(&last);
}

/* The number stays taken between the releases */
static void periodic_id(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), HOUR_NS, 0);

	job.id = 99;
	check_eq(submit_one(fd, job), 99);
	read_status(fd, BPFSCHED_STATUS_OK);
	submit_refused(fd, job, EEXIST);
}

/*
 * Nobody reads: completions are kept up to a limit, the releases after that
 * are left out, and counted in the completion that comes next.
 */
static void periodic_nobody_reads(void)
{
	const __u64 count = 100;
	struct series series;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);
		struct bpfsched_job_desc job = periodic_job(load_quick(fd),
							    MS_NS, count);

		series = (struct series){ .period_ns = job.period_ns };
		submit_one(fd, job);
		pass_until(monotonic_ns() + count * job.period_ns);
		read_series(fd, &series);
		check_eq(series.releases, count);
		close(fd);
	}
}

/* Reading lets a job go on that was short of slots */
static void periodic_reading_goes_on(void)
{
	int fd = open_client(EMBEDDED, 0), i;
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), MS_NS, 0);
	struct series series = { .period_ns = job.period_ns };
	struct bpfsched_completion completion;
	__u64 id;

	id = submit_one(fd, job);
	for (i = 0; i < 3; i++) {
		__u64 overruns = 0;

		pass_until(monotonic_ns() + 60 * MS_NS);
		while (!overruns) {
			completion = read_status(fd, BPFSCHED_STATUS_OK);
			add_to_series(&series, &completion);
			overruns = completion.overruns;
		}
	}
	check_ok(cancel(fd, id));
	read_series(fd, &series);
	check_eq(series.last.status, BPFSCHED_STATUS_CANCELLED);
}

/* A periodic job needs two slots, for a release and for its end */
static void periodic_slots(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = delayed_job(program, HOUR_NS);
	__u32 slots = get_info(fd).completion_slots, i;

	for (i = 0; i < slots - 1; i++) {
		submit_one(fd, job_of(program));
		wait_idle(fd);
	}
	job.period_ns = HOUR_NS;
	submit_refused(fd, job, EDQUOT);
	read_completion(fd);
	submit_one(fd, job);
	submit_refused(fd, job_of(program), EDQUOT);
}

static void close_periodic(const char *node, struct bpfsched_job_desc job,
			   __u64 running)
{
	int fd = open_client(node, 0), other = open_client(node, 0);

	submit_one(fd, job);
	if (running)
		wait_running(fd, running);
	close(fd);
	wait_idle(other);
	close(other);
}

static void periodic_close(void)
{
	int cloud = open_client(CLOUD, 0);
	int quick = load_quick(cloud), endless = load_endless(cloud);
	struct bpfsched_job_desc job;
	size_t i;

	be_real_time();
	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);

		close_periodic(nodes[i], periodic_job(quick, HOUR_NS, 0), 0);
		close_periodic(nodes[i], periodic_job(quick, MS_NS, 0), 0);
		job = with_large_budget(fd, periodic_job(endless, MS_NS, 0));
		close_periodic(nodes[i], job, 1);
		/* and with completions that nobody has read */
		submit_one(fd, periodic_job(quick, MS_NS, 0));
		while (!has_events(fd, POLLIN))
			wait_a_little();
		close(fd);
	}
	pause_scheduler(cloud);
	close_periodic(CLOUD, periodic_job(quick, MS_NS, 0), 0);
}

static const struct ktap_test tests[] = {
	{ "periodic.count", periodic_count },
	{ "periodic.once", periodic_once },
	{ "periodic.starts_later", periodic_starts_later },
	{ "periodic.context", periodic_context },
	{ "periodic.overruns", periodic_overruns },
	{ "periodic.overruns_to_the_end", periodic_overruns_to_the_end },
	{ "periodic.failures", periodic_failures },
	{ "periodic.cancel_between", periodic_cancel_between },
	{ "periodic.cancel_running", periodic_cancel_running },
	{ "periodic.cancel_pending", periodic_cancel_pending },
	{ "periodic.id", periodic_id },
	{ "periodic.nobody_reads", periodic_nobody_reads },
	{ "periodic.reading_goes_on", periodic_reading_goes_on },
	{ "periodic.slots", periodic_slots },
	{ "periodic.close", periodic_close },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
