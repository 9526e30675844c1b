// SPDX-License-Identifier: GPL-2.0
/*
 * What happens when, from user space: releases at a time, firm deadlines, budgets
 * of time, and what of these does not go together.
 */
#include "timing.h"

/*
 * Not before
 */

/* It waits, is pending, is overtaken, and can be cancelled */
static void waits_on(const char *node, struct bpfsched_job_desc job)
{
	int fd = open_client(node, 0);
	struct bpfsched_completion completion;
	__u64 id;

	id = submit_one(fd, job);
	check_eq(get_stat(fd).pending, 1);
	check_eq(run_program(fd, job.prog_fd).status, BPFSCHED_STATUS_OK);
	check_eq(get_stat(fd).pending, 1);
	check_eq(has_events(fd, POLLIN), false);
	check_ok(cancel(fd, id));
	completion = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	check_eq(completion.id, id);
	check(has_flag(&completion, BPFSCHED_COMPLETION_LAST));
	check_never_started(&completion);
	check_fails(cancel(fd, id), ENOENT);
	close(fd);
}

static void not_before_waits(void)
{
	int program = load_quick(open_client(CLOUD, 0));
	struct bpfsched_job_desc job = delayed_job(program, HOUR_NS);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
		job.not_before_ns = HOUR_NS;
		waits_on(nodes[i], job);
		job.not_before_ns = UINT64_MAX;
		waits_on(nodes[i], job);
		job.flags = BPFSCHED_JOB_NOT_BEFORE_ABS;
		waits_on(nodes[i], job);
		job.not_before_ns = monotonic_ns() + HOUR_NS;
		waits_on(nodes[i], job);
	}
}

static void not_before_relative(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_completion completion;

	completion = run_job(fd, delayed_job(load_quick(fd), 20 * MS_NS));
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, QUICK_RESULT);
	check_ge(completion.started_ns, completion.submitted_ns + 20 * MS_NS);
	check(has_flag(&completion, BPFSCHED_COMPLETION_LAST));
	check_eq(run_job(fd, delayed_job(load_quick(fd), 0)).status,
		 BPFSCHED_STATUS_OK);
}

static void not_before_absolute(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	struct bpfsched_completion completion;

	job.flags = BPFSCHED_JOB_NOT_BEFORE_ABS;
	job.not_before_ns = monotonic_ns() + 20 * MS_NS;
	completion = run_job(fd, job);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_ge(completion.started_ns, job.not_before_ns);
	/* a time that has passed is no reason to wait, or to be refused */
	job.not_before_ns = 0;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	job.not_before_ns = completion.ended_ns;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
}

/* In the order of the releases, not of the submissions */
static void not_before_order(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[3];
	__u64 last = 0;

	for (i = 0; i < 3; i++) {
		jobs[i] = delayed_job(program, (3 - i) * 200 * MS_NS);
		jobs[i].user_data = i;
	}
	submit_all(fd, jobs, 3);
	for (i = 2; i >= 0; i--) {
		struct bpfsched_completion completion = read_completion(fd);

		check_eq(completion.user_data, i);
		check_ge(completion.start_seq, last + 1);
		last = completion.start_seq;
	}
}

/* A relative deadline is counted from the release */
static void not_before_deadline(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = urgent_job(load_quick(fd), HOUR_NS);
	struct bpfsched_completion completion;
	__u64 now = monotonic_ns();

	job.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = 5 * MS_NS;
	completion = run_job(fd, job);
	check_eq(completion.deadline_ns,
		 completion.submitted_ns + 5 * MS_NS + HOUR_NS);
	/* an absolute one that lies before the release cannot be kept */
	job.flags = BPFSCHED_JOB_NOT_BEFORE_ABS | BPFSCHED_JOB_DEADLINE_ABS;
	job.not_before_ns = now + 2 * HOUR_NS;
	job.deadline_ns = now + HOUR_NS;
	submit_refused(fd, job, ETIME);
	job.deadline_ns = job.not_before_ns;
	submit_refused(fd, job, ETIME);
}

/* A job that waits for its release takes no place in the queue */
static void not_before_takes_no_room(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[EMBEDDED_CAPACITY];

	pause_scheduler(fd);
	for (i = 0; i < EMBEDDED_CAPACITY; i++)
		jobs[i] = delayed_job(program, HOUR_NS);
	submit_all(fd, jobs, EMBEDDED_CAPACITY);
	check_eq(get_stat(fd).waiting, EMBEDDED_CAPACITY);
	for (i = 0; i < EMBEDDED_CAPACITY; i++)
		submit_one(fd, job_of(program));
	submit_refused(fd, job_of(program), EAGAIN);
	check_eq(get_stat(fd).pending, 2 * EMBEDDED_CAPACITY);
}

static void not_before_closed(void)
{
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	__u64 cancelled = get_stat(other).cancelled;

	submit_one(fd, delayed_job(load_quick(fd), HOUR_NS));
	close(fd);
	wait_idle(other);
	check_eq(get_stat(other).cancelled, cancelled + 1);
}

/*
 * Firm deadlines
 */

/* It ends as missed at its deadline, although nothing is picked */
static void firm_missed_while_paused(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = urgent_job(load_quick(fd), 5 * MS_NS);
	struct bpfsched_stat before = get_stat(fd), after;
	struct bpfsched_completion completion;

	job.flags |= BPFSCHED_JOB_FIRM;
	pause_scheduler(fd);
	submit_one(fd, job);
	completion = read_status(fd, BPFSCHED_STATUS_MISSED);
	check(has_flag(&completion, BPFSCHED_COMPLETION_MISSED));
	check(has_flag(&completion, BPFSCHED_COMPLETION_LAST));
	check_never_started(&completion);
	check_ge(completion.ended_ns, completion.deadline_ns);
	after = get_stat(fd);
	check(after.state & BPFSCHED_STATE_PAUSED);
	check_eq(after.dropped, before.dropped + 1);
	check_eq(after.deadline_misses, before.deadline_misses + 1);
	check_eq(after.exec_count, before.exec_count);
	check_eq(after.pending, 0);
}

/* Among others; those that are not firm stay */
static void firm_among_others(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_stat before = get_stat(fd), after;
	struct bpfsched_job_desc jobs[30];

	pause_scheduler(fd);
	for (i = 0; i < 30; i++) {
		jobs[i] = urgent_job(program, (5 + i % 7) * MS_NS);
		if (i % 3)
			jobs[i].flags |= BPFSCHED_JOB_FIRM;
		jobs[i].user_data = i;
	}
	submit_all(fd, jobs, 30);
	for (i = 0; i < 20; i++)
		check(read_status(fd, BPFSCHED_STATUS_MISSED).user_data % 3);
	while (get_stat(fd).deadline_misses < before.deadline_misses + 30)
		wait_a_little();
	check_eq(get_stat(fd).pending, 10);
	resume_scheduler(fd);
	for (i = 0; i < 10; i++)
		read_status(fd, BPFSCHED_STATUS_OK);
	after = get_stat(fd);
	check_eq(after.deadline_misses, before.deadline_misses + 30);
	check_eq(after.dropped, before.dropped + 20);
}

/* Submit a firm job; false if it was not started by its deadline */
static bool is_started(int fd, struct bpfsched_job_desc job)
{
	struct bpfsched_completion completion;

	submit_one(fd, job);
	while (get_stat(fd).running != 1) {
		if (!has_events(fd, POLLIN)) {
			wait_a_little();
			continue;
		}
		completion = read_status(fd, BPFSCHED_STATUS_MISSED);
		check_never_started(&completion);
		check_ge(completion.ended_ns, completion.deadline_ns);
		return false;
	}
	return true;
}

/* What has started goes on, late as it is */
static void firm_started(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 misses, *flag;
	struct bpfsched_job_desc job = urgent_job(load_waiting(fd, &flag),
						  50 * MS_NS);
	struct bpfsched_completion completion;

	be_real_time();
	job.flags |= BPFSCHED_JOB_FIRM;
	job = with_large_budget(fd, job);
	do {
		/* on a slow machine more than once */
		job.deadline_ns *= 2;
		misses = get_stat(fd).deadline_misses;
	} while (!is_started(fd, job));
	while (get_stat(fd).deadline_misses == misses)
		wait_a_little();
	set_flag(flag, 5);
	completion = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, 5);
	check(has_flag(&completion, BPFSCHED_COMPLETION_MISSED));
}

static void firm_in_time(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = urgent_job(load_quick(fd), HOUR_NS);

	job.flags |= BPFSCHED_JOB_FIRM;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
}

/* Each release is missed by itself */
static void firm_periodic(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), 4 * MS_NS,
						    5);
	struct bpfsched_stat before = get_stat(fd), after;
	struct series series;

	job.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM;
	job.deadline_ns = MS_NS;
	pause_scheduler(fd);
	series = run_series(fd, job);
	check_eq(series.releases, 5);
	check_eq(series.last.status, BPFSCHED_STATUS_MISSED);
	after = get_stat(fd);
	check_eq(after.dropped, before.dropped + series.count);
	check_eq(after.deadline_misses, before.deadline_misses + series.count);
}

/*
 * Budgets of time
 */
static void budget_time_exhausted(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);
		struct bpfsched_job_desc job = job_of(load_endless(fd));
		struct bpfsched_stat before = get_stat(fd);
		struct bpfsched_completion completion;

		job.budget_ns = 2 * MS_NS;
		completion = run_job(fd, with_large_budget(fd, job));
		check_eq(completion.status, BPFSCHED_STATUS_BUDGET);
		check_ge(completion.run_ns, job.budget_ns);
		check_eq(completion.r0, 0);
		check_eq(get_stat(fd).failed, before.failed + 1);
		close(fd);
	}
}

static void budget_time_enough(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.budget_ns = HOUR_NS;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	job.budget_ns = UINT64_MAX;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
}

/* Each release has a budget of its own */
static void budget_time_periodic(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = periodic_job(load_endless(fd),
						    20 * MS_NS, 4);
	struct series series;

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	job.budget_ns = 2 * MS_NS;
	series = run_series(fd, job);
	check_eq(series.releases, 4);
	check_eq(series.last.status, BPFSCHED_STATUS_BUDGET);
}

/* Only the one that has a budget is stopped */
static void budget_time_of_several(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_job_desc job = gate_waiter(fd, program, 1);
	__u64 first, second;

	be_real_time();
	first = submit_one(fd, gate_waiter(fd, program, 9));
	wait_running(fd, 1);
	job.budget_ns = 5 * MS_NS;
	second = submit_one(fd, job);
	check_eq(read_status(fd, BPFSCHED_STATUS_BUDGET).id, second);
	set_flag(flag, 1);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, first);
}

/*
 * What does not go together, in every way
 */
static void timing_malformed_on(const char *node)
{
	int fd = open_client(node, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = job_of(program);

	job.count = 1;
	submit_refused(fd, job, EINVAL);
	job.count = UINT64_MAX;
	submit_refused(fd, job, EINVAL);
	job = periodic_job(program, MS_NS, 2);
	job.flags = BPFSCHED_JOB_DEADLINE_ABS;
	job.deadline_ns = monotonic_ns() + HOUR_NS;
	submit_refused(fd, job, EINVAL);
	job = periodic_job(program, 99999, 2);
	submit_refused(fd, job, EINVAL);
	job.period_ns = 1;
	submit_refused(fd, job, EINVAL);

	job = delayed_job(program, MS_NS);
	job.flags |= BPFSCHED_JOB_NOT_BEFORE_ABS;
	submit_refused(fd, job, EINVAL);
	job.not_before_ns = 0;
	submit_refused(fd, job, EINVAL);
	job.flags = 0;
	job.not_before_ns = 1;
	submit_refused(fd, job, EINVAL);

	job = job_of(program);
	job.flags = BPFSCHED_JOB_WAIT | BPFSCHED_JOB_EVICT;
	submit_refused(fd, job, EINVAL);
	job.flags = BPFSCHED_JOB_FIRM;
	submit_refused(fd, job, EINVAL);
	job.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	submit_refused(fd, job, EINVAL);
	close(fd);
}

static void timing_malformed(void)
{
	timing_malformed_on(CLOUD);
	timing_malformed_on(EMBEDDED);
}

static void timing_shortest_period(void)
{
	int fd = open_client(CLOUD, 0);

	check_eq(run_series(fd, periodic_job(load_quick(fd), 100000,
					     50)).releases, 50);
}

/* Without deadlines there is nothing to be firm about */
static void timing_on_throughput(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = urgent_job(program, HOUR_NS);

	job.flags |= BPFSCHED_JOB_FIRM;
	submit_refused(fd, job, EOPNOTSUPP);
	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.period_ns = MS_NS;
	submit_refused(fd, job, EOPNOTSUPP);
}

static const struct ktap_test tests[] = {
	{ "timing.malformed", timing_malformed },
	{ "timing.shortest_period", timing_shortest_period },
	{ "timing.on_throughput", timing_on_throughput },
	{ "not_before.waits", not_before_waits },
	{ "not_before.relative", not_before_relative },
	{ "not_before.absolute", not_before_absolute },
	{ "not_before.order", not_before_order },
	{ "not_before.deadline", not_before_deadline },
	{ "not_before.takes_no_room", not_before_takes_no_room },
	{ "not_before.closed", not_before_closed },
	{ "firm.missed_while_paused", firm_missed_while_paused },
	{ "firm.among_others", firm_among_others },
	{ "firm.started", firm_started },
	{ "firm.in_time", firm_in_time },
	{ "firm.periodic", firm_periodic },
	{ "budget_time.exhausted", budget_time_exhausted },
	{ "budget_time.enough", budget_time_enough },
	{ "budget_time.periodic", budget_time_periodic },
	{ "budget_time.of_several", budget_time_of_several },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
