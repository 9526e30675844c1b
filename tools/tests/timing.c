// SPDX-License-Identifier: GPL-2.0
/*
 * What happens when, from user space: releases, periods, firm deadlines,
 * preemption, budgets of time, a full queue, and admission.
 *
 * No duration is asserted, only order and counts. Where a time has to pass it
 * is waited for, however long that takes.
 */
#include "client.h"

#define MS_NS		1000000ULL
#define MINUTE_NS	(60 * 1000 * MS_NS)

#define EMBEDDED_CAPACITY	32

static const char *const nodes[] = { CLOUD, EMBEDDED };

static void pass_until(__u64 when_ns)
{
	while (monotonic_ns() < when_ns)
		wait_a_little();
}

/* As submit(), with a time-out; @room_ns may be NULL */
static int submit_for(int fd, struct bpfsched_job_desc *jobs, __u32 count,
		      __u64 timeout_ns, __u64 *room_ns)
{
	struct bpfsched_submit request = {
		.size = sizeof(request),
		.count = count,
		.job_size = sizeof(*jobs),
		.jobs = (uintptr_t)jobs,
		.timeout_ns = timeout_ns,
	};
	int ret = ioctl(fd, BPFSCHED_IOC_SUBMIT, &request);

	if (room_ns)
		*room_ns = request.room_ns;
	return ret;
}

static struct bpfsched_job_desc delayed_job(int program, __u64 delay_ns)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = delay_ns;
	return job;
}

static struct bpfsched_job_desc periodic_job(int program, __u64 period_ns,
					     __u64 count)
{
	struct bpfsched_job_desc job = job_of(program);

	job.period_ns = period_ns;
	job.count = count;
	return job;
}

static struct bpfsched_job_desc urgent_job(int program, __u64 deadline_ns)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = deadline_ns;
	return job;
}

static struct bpfsched_completion read_status(int fd, __u32 status)
{
	struct bpfsched_completion completion = read_completion(fd);

	check_eq(completion.status, status);
	return completion;
}

static bool has_flag(const struct bpfsched_completion *completion, __u16 flag)
{
	return completion->record.flags & flag;
}

static void check_never_started(const struct bpfsched_completion *completion)
{
	check_eq(completion->started_ns, 0);
	check_eq(completion->start_seq, 0);
	check_eq(completion->instructions, 0);
	check_eq(completion->run_ns, 0);
	check_eq(completion->r0, 0);
}

/* The budget that lasts longest */
static struct bpfsched_job_desc with_large_budget(int fd,
						  struct bpfsched_job_desc job)
{
	job.budget_insns = get_info(fd).max_budget_insns;
	return job;
}

/*
 * With context bytes: sets the global variable to 1 and returns 1. Without:
 * returns the variable once it is not 0. The variable is at @flag.
 */
static int load_gate(int fd, __u64 **flag)
{
	static const struct bpf_insn insns[] = {
		SECTION_LOW(1, 0), SECTION_HIGH(0),
		JUMP_IMM(BPF_JEQ, 2, 0, 1),
		STORE_IMM(BPF_DW, 1, 0, 1),
		LOAD(BPF_DW, 0, 1, 0),
		JUMP_IMM(BPF_JEQ, 0, 0, -2),
		EXIT,
	};

	return load_with_flag(fd, insns, ARRAY_SIZE(insns), flag);
}

/* A job of load_gate() that waits, with a deadline in so many hours */
static struct bpfsched_job_desc gate_waiter(int fd, int program, __u64 hours)
{
	return with_large_budget(fd, urgent_job(program, hours * HOUR_NS));
}

/* A job of load_gate() that lets the others go on */
static struct bpfsched_job_desc gate_opener(int program, __u64 deadline_ns)
{
	static const char byte;
	struct bpfsched_job_desc job = urgent_job(program, deadline_ns);

	job.context = (uintptr_t)&byte;
	job.context_len = sizeof(byte);
	return job;
}

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

/* A job that waits for its release takes a place in the queue */
static void not_before_takes_room(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[EMBEDDED_CAPACITY];

	for (i = 0; i < EMBEDDED_CAPACITY; i++)
		jobs[i] = delayed_job(program, HOUR_NS);
	submit_all(fd, jobs, EMBEDDED_CAPACITY);
	submit_refused(fd, job_of(program), EAGAIN);
	check_ok(cancel(fd, jobs[7].id));
	submit_one(fd, job_of(program));
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
 * Periodic jobs
 */

/**
 * struct series - the completions of a periodic job, up to now
 * @period_ns: its period
 * @count: completions
 * @releases: releases that they stand for, with the overruns
 * @start_ns: when the first release was
 * @last: the last completion
 */
struct series {
	__u64 period_ns;
	__u64 count;
	__u64 releases;
	__u64 start_ns;
	struct bpfsched_completion last;
};

static void add_to_series(struct series *series,
			  const struct bpfsched_completion *completion)
{
	if (!series->count)
		series->start_ns = completion->submitted_ns -
				   completion->release * series->period_ns;
	else
		check_ge(completion->release, series->last.release + 1);
	check_eq(completion->submitted_ns,
		 series->start_ns + completion->release * series->period_ns);
	if (completion->started_ns)
		check_ge(completion->started_ns, completion->submitted_ns);
	series->count++;
	series->releases += 1 + completion->overruns;
	series->last = *completion;
}

/* Read until the job has ended */
static void read_series(int fd, struct series *series)
{
	struct bpfsched_completion completion;

	do {
		completion = read_completion(fd);
		add_to_series(series, &completion);
	} while (!has_flag(&completion, BPFSCHED_COMPLETION_LAST));
	check_eq(has_events(fd, POLLIN), false);
}

static struct series run_series(int fd, struct bpfsched_job_desc job)
{
	struct series series = { .period_ns = job.period_ns };

	submit_one(fd, job);
	read_series(fd, &series);
	return series;
}

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

	job.flags = BPFSCHED_JOB_NOT_BEFORE_ABS | BPFSCHED_JOB_DEADLINE_REL;
	job.not_before_ns = monotonic_ns() + 50 * MS_NS;
	job.deadline_ns = HOUR_NS;
	series = run_series(fd, job);
	check_eq(series.start_ns, job.not_before_ns);
	check_eq(series.releases, 5);
	check_eq(series.last.deadline_ns, series.last.submitted_ns + HOUR_NS);
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
	struct series series;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);
		struct bpfsched_job_desc job = periodic_job(load_quick(fd),
							    MS_NS, 100);

		series = (struct series){ .period_ns = job.period_ns };
		submit_one(fd, job);
		wait_idle(fd);
		read_series(fd, &series);
		check_eq(series.releases, 100);
		check_le(series.count, 50);
		check_ge(series.last.overruns, 1);
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

/* What has started goes on, late as it is */
static void firm_started(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 misses = get_stat(fd).deadline_misses, *flag;
	struct bpfsched_job_desc job = urgent_job(load_waiting(fd, &flag),
						  500 * MS_NS);
	struct bpfsched_completion completion;

	be_real_time();
	job.flags |= BPFSCHED_JOB_FIRM;
	submit_one(fd, with_large_budget(fd, job));
	wait_running(fd, 1);
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
 * Preemption
 */

/* Counts down from so many turns; 3 + 2 * turns instructions */
static int load_turns(int fd, __u32 turns)
{
	return LOAD_PROGRAM(fd, MOV_IMM(0, 7), MOV_IMM(6, turns),
			    ALU_IMM(BPF_SUB, 6, 1),
			    JUMP_IMM(BPF_JNE, 6, 0, -2), EXIT);
}

/* It had not ended before the urgent one came */
static bool runs_inside(int fd, __u32 turns)
{
	int long_program = load_turns(fd, turns), quick = load_quick(fd);
	struct bpfsched_completion first, second;
	struct bpfsched_stat before = get_stat(fd);
	__u64 outer, inner;

	outer = submit_one(fd, with_large_budget(fd, urgent_job(long_program,
								HOUR_NS)));
	while (get_stat(fd).exec_count == before.exec_count)
		wait_a_little();
	inner = submit_one(fd, urgent_job(quick, HOUR_NS / 2));
	first = read_status(fd, BPFSCHED_STATUS_OK);
	second = read_status(fd, BPFSCHED_STATUS_OK);
	if (first.id == outer)
		return false;
	check_eq(first.id, inner);
	check_eq(first.preemptions, 0);
	check_eq(first.r0, QUICK_RESULT);
	check_eq(second.r0, 7);
	check_eq(second.instructions, 3 + 2ULL * turns);
	check_eq(second.preemptions, 1);
	check(has_flag(&second, BPFSCHED_COMPLETION_PREEMPTED));
	check_eq(first.start_seq, second.start_seq + 1);
	check_ge(first.started_ns, second.started_ns);
	check_ge(second.ended_ns, first.ended_ns);
	check_eq(get_stat(fd).preemptions, before.preemptions + 1);
	return true;
}

/* A long loop makes way for an earlier deadline, and ends as if it had not */
static void preempt_long_loop(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u32 turns = 30000000;

	be_real_time();
	while (!runs_inside(fd, turns)) {
		/* a machine that is too fast */
		check_le(turns, 240000000);
		turns *= 2;
	}
}

/* Adds up in registers, on the stack and in a global variable */
static int load_checksum(int fd, __u32 turns)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(0, 1), MOV_IMM(6, turns),
		SECTION_LOW(9, 0), SECTION_HIGH(0),
		STORE_IMM(BPF_DW, 10, -8, 0),
		STORE_IMM(BPF_DW, 9, 0, 0),
		/* each turn */
		ALU_IMM(BPF_MUL, 0, 3), ALU_REG(BPF_ADD, 0, 6),
		LOAD(BPF_DW, 7, 10, -8), ALU_REG(BPF_XOR, 7, 0),
		STORE(BPF_DW, 10, -8, 7),
		LOAD(BPF_DW, 8, 9, 0), ALU_REG(BPF_ADD, 8, 7),
		STORE(BPF_DW, 9, 0, 8),
		ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -10),
		ALU_REG(BPF_XOR, 0, 8), EXIT,
	};
	struct bpfsched_section section = { .len = 8 };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = ARRAY_SIZE(insns),
		.sections = (uintptr_t)&section,
		.section_count = 1,
	};

	return check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

static __u64 checksum(__u32 turns)
{
	__u64 r0 = 1, stack = 0, global = 0;

	for (; turns; turns--) {
		r0 = r0 * 3 + turns;
		stack ^= r0;
		global += stack;
	}
	return r0 ^ global;
}

/*
 * Two such loops take turns: of the one that runs and has the later deadline
 * the registers, the stack and the global variable are as they were.
 */
static bool checksum_survives(int fd, __u32 turns)
{
	int outer = load_checksum(fd, turns), inner = load_checksum(fd, 1000);
	struct bpfsched_completion completion;
	__u64 executed = get_stat(fd).exec_count, id;
	__u32 urgent = 0;

	id = submit_one(fd, with_large_budget(fd, urgent_job(outer, HOUR_NS)));
	while (get_stat(fd).exec_count == executed)
		wait_a_little();
	for (;;) {
		if (urgent < 8) {
			submit_one(fd, urgent_job(inner, HOUR_NS / 2));
			urgent++;
		}
		completion = read_status(fd, BPFSCHED_STATUS_OK);
		if (completion.id == id)
			break;
		check_eq(completion.r0, checksum(1000));
		check_eq(completion.preemptions, 0);
	}
	check_eq(completion.r0, checksum(turns));
	check_eq(completion.instructions, 7 + 10ULL * turns);
	wait_idle(fd);
	while (has_events(fd, POLLIN))
		read_status(fd, BPFSCHED_STATUS_OK);
	return completion.preemptions >= 1;
}

static void preempt_state_intact(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u32 turns = 1000000;

	be_real_time();
	while (!checksum_survives(fd, turns)) {
		/* a machine that is too fast */
		check_le(turns, 32000000);
		turns *= 2;
	}
}

/*
 * Only the job that comes last lets the others end: each has to run inside of
 * the one before.
 */
static void preempt_nested(void)
{
	int fd = open_client(EMBEDDED, 0), i;
	__u64 preemptions = get_stat(fd).preemptions, ids[3], *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_completion completion;

	be_real_time();
	for (i = 0; i < 3; i++) {
		ids[i] = submit_one(fd, gate_waiter(fd, program, 9 - i));
		while (get_stat(fd).preemptions != preemptions + i)
			wait_a_little();
		wait_running(fd, 1);
		check_eq(get_stat(fd).pending, i);
	}
	submit_one(fd, gate_opener(program, HOUR_NS));
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).preemptions, 0);
	for (i = 2; i >= 0; i--) {
		completion = read_status(fd, BPFSCHED_STATUS_OK);
		check_eq(completion.id, ids[i]);
		check_eq(completion.preemptions, 1);
	}
	check_eq(get_stat(fd).preemptions, preemptions + 3);
}

/* Not by an equal deadline, a later one, or none */
static void preempt_not_by_equals(void)
{
	int fd = open_client(EMBEDDED, 0), quick = load_quick(fd), i;
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	struct bpfsched_completion completion;
	__u64 first;

	be_real_time();
	job.flags = BPFSCHED_JOB_DEADLINE_ABS;
	job.deadline_ns = monotonic_ns() + HOUR_NS;
	first = submit_one(fd, with_large_budget(fd, job));
	wait_running(fd, 1);
	job.prog_fd = quick;
	submit_one(fd, job);
	job.deadline_ns++;
	submit_one(fd, job);
	job = job_of(quick);
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_one(fd, job);
	pass_until(monotonic_ns() + 20 * MS_NS);
	check_eq(get_stat(fd).pending, 3);
	set_flag(flag, 1);
	completion = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(completion.id, first);
	check_eq(completion.preemptions, 0);
	for (i = 0; i < 3; i++)
		read_status(fd, BPFSCHED_STATUS_OK);
}

/* Without deadlines the priority decides */
static void preempt_by_priority(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_job_desc job;
	__u64 first;

	be_real_time();
	first = submit_one(fd, with_large_budget(fd, job_of(program)));
	wait_running(fd, 1);
	job = gate_opener(program, 0);
	job.flags = 0;
	job.priority = BPFSCHED_PRIORITY_HIGH;
	submit_one(fd, job);
	check_ne(read_status(fd, BPFSCHED_STATUS_OK).id, first);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).preemptions, 1);
}

/* By a job whose release comes while it runs */
static void preempt_at_release(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_job_desc job = gate_opener(program, HOUR_NS);
	__u64 first;

	be_real_time();
	job.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = 50 * MS_NS;
	submit_one(fd, job);
	first = submit_one(fd, gate_waiter(fd, program, 9));
	check_ne(read_status(fd, BPFSCHED_STATUS_OK).id, first);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, first);
}

/* A job that has made way can be cancelled */
static void preempt_cancel(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 preemptions = get_stat(fd).preemptions, first, second, *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_completion completion;

	be_real_time();
	first = submit_one(fd, gate_waiter(fd, program, 9));
	wait_running(fd, 1);
	second = submit_one(fd, gate_waiter(fd, program, 5));
	while (get_stat(fd).preemptions == preemptions)
		wait_a_little();
	check_ok(cancel(fd, first));
	completion = read_status(fd, BPFSCHED_STATUS_CANCELLED);
	check_eq(completion.id, first);
	check_ne(completion.started_ns, 0);
	check_ne(completion.instructions, 0);
	check(has_flag(&completion, BPFSCHED_COMPLETION_PREEMPTED));
	set_flag(flag, 1);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, second);
}

/* Closing with one that runs, one that made way and one that waits */
static void preempt_close(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);
	__u64 preemptions = get_stat(fd).preemptions, *flag;
	int program = load_gate(fd, &flag);
	__u64 cancelled = get_stat(fd).cancelled;

	be_real_time();
	submit_one(fd, gate_waiter(fd, program, 9));
	wait_running(fd, 1);
	submit_one(fd, gate_waiter(fd, program, 5));
	submit_one(fd, gate_waiter(fd, program, 10));
	while (get_stat(fd).preemptions == preemptions)
		wait_a_little();
	close(fd);
	wait_idle(other);
	check_eq(get_stat(other).cancelled, cancelled + 3);
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
 * A full queue: wait
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

static char state_of(pid_t pid)
{
	char path[64], text[256] = "", *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		fail("%s: %s", path, strerror(errno));
	check(fgets(text, sizeof(text), file));
	fclose(file);
	end = strrchr(text, ')');
	check(end);
	return end[2];
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
	while (state_of(pid) != 'S')
		wait_a_little();
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

/* Room that the clock makes, while nothing is picked */
static void wait_for_missed(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job;
	pid_t pid;

	shared_program = load_quick(fd);
	leave_room(fd, shared_program, 1);
	job = urgent_job(shared_program, 300 * MS_NS);
	job.flags |= BPFSCHED_JOB_FIRM;
	submit_one(fd, job);
	pid = blocked(submit_patiently, fd);
	check_child(pid);
	read_status(fd, BPFSCHED_STATUS_MISSED);
	check_eq(get_stat(fd).pending, EMBEDDED_CAPACITY);
}

/*
 * A full queue: evict
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

/*
 * Admission
 */

/*
 * A job that runs for so many minutes of an hour which begins at @start_ns. It
 * lies ahead, so that the time that the test takes makes no difference.
 */
static struct bpfsched_job_desc declared_job(int program, __u64 start_ns,
					     __u64 run_ns)
{
	struct bpfsched_job_desc job = urgent_job(program, HOUR_NS);

	job.flags |= BPFSCHED_JOB_NOT_BEFORE_ABS;
	job.not_before_ns = start_ns;
	job.run_time_ns = run_ns;
	return job;
}

/* Must be refused; returns the room that is left */
static __u64 check_busy(int fd, struct bpfsched_job_desc job)
{
	__u64 rejected = get_stat(fd).rejected, room_ns = 1;

	check_fails(submit_for(fd, &job, 1, 0, &room_ns), EBUSY);
	check_eq(-job.error, EBUSY);
	check_eq(get_stat(fd).rejected, rejected + 1);
	return room_ns;
}

static void admission_full_utilization(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	__u64 start = monotonic_ns() + HOUR_NS;
	struct bpfsched_job_desc job = declared_job(program, start,
						    15 * MINUTE_NS);
	__u64 ids[4];

	for (i = 0; i < 4; i++)
		ids[i] = submit_one(fd, job);
	check_eq(check_busy(fd, job), 0);
	job.run_time_ns = 1;
	check_eq(check_busy(fd, job), 0);
	/* the hour after that is free */
	job.not_before_ns += HOUR_NS;
	job.run_time_ns = HOUR_NS;
	submit_one(fd, job);
	/* and so is a quarter again when one is cancelled */
	check_ok(cancel(fd, ids[2]));
	job.not_before_ns = start;
	job.run_time_ns = 15 * MINUTE_NS + 1;
	check_busy(fd, job);
	job.run_time_ns = 15 * MINUTE_NS;
	submit_one(fd, job);
}

static void admission_periodic(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	__u64 start = monotonic_ns() + HOUR_NS;
	struct bpfsched_job_desc job = declared_job(program, start,
						    20 * MINUTE_NS);

	job.period_ns = HOUR_NS;
	for (i = 0; i < 3; i++)
		submit_one(fd, job);
	check_eq(check_busy(fd, job), 0);
	/* at no later time is there room either */
	check_eq(check_busy(fd, declared_job(program, start + 77 * HOUR_NS,
					     MINUTE_NS)), 0);
}

/* What is said to be left is left, whether it is found exactly or not */
static void admission_room(void)
{
	static const __u64 wanted[] = { 30, 37, 59, 60, 600 };
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	__u64 start = monotonic_ns() + HOUR_NS, room, id;
	struct bpfsched_job_desc job;
	size_t i;

	submit_one(fd, declared_job(program, start, 45 * MINUTE_NS));
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		job = declared_job(program, start, wanted[i] * MINUTE_NS);
		room = check_busy(fd, job);
		check_le(room, 15 * MINUTE_NS);
		check_ge(room, 14 * MINUTE_NS);
		job.run_time_ns = room;
		id = submit_one(fd, job);
		check_ok(cancel(fd, id));
	}
}

/* Of several that are refused in one call, that of the last */
static void admission_room_of_batch(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	__u64 start = monotonic_ns() + HOUR_NS, room = 1;
	struct bpfsched_job_desc jobs[5];

	for (i = 0; i < 5; i++)
		jobs[i] = declared_job(program, start, 20 * MINUTE_NS);
	jobs[1] = job_of(program);
	jobs[4].run_time_ns = 40 * MINUTE_NS;
	check_eq(submit_for(fd, jobs, 5, 0, &room), 4);
	check_eq(-jobs[4].error, EBUSY);
	check_eq(room, 0);
	jobs[0] = job_of(program);
	check_eq(submit_for(fd, jobs, 1, 0, &room), 1);
	check_eq(room, 0);
}

static void admission_longer_than_deadline(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job;
	__u64 room;

	job = declared_job(load_quick(fd), monotonic_ns() + HOUR_NS,
			   61 * MINUTE_NS);
	room = check_busy(fd, job);
	check_le(room, HOUR_NS);
	check_ge(room, 59 * MINUTE_NS);
	job.run_time_ns = UINT64_MAX;
	check_le(check_busy(fd, job), HOUR_NS);
}

static void admission_malformed(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = job_of(program);

	job.run_time_ns = MS_NS;
	submit_refused(fd, job, EINVAL);
	submit_refused(open_client(CLOUD, 0), job, EINVAL);
	job = urgent_job(program, HOUR_NS);
	job.run_time_ns = MS_NS;
	submit_refused(open_client(CLOUD, 0), job, EOPNOTSUPP);
	job.flags |= BPFSCHED_JOB_WAIT;
	submit_refused(fd, job, EINVAL);
	job.flags ^= BPFSCHED_JOB_WAIT | BPFSCHED_JOB_EVICT;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
}

/* A job that declared its time goes before one that did not */
static void admission_ranks_first(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = urgent_job(program, HOUR_NS);
	__u64 plain, admitted;

	pause_scheduler(fd);
	plain = submit_one(fd, job);
	job.deadline_ns = 2 * HOUR_NS;
	job.run_time_ns = MINUTE_NS;
	admitted = submit_one(fd, job);
	resume_scheduler(fd);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, admitted);
	check_eq(read_status(fd, BPFSCHED_STATUS_OK).id, plain);
}

/*
 * One that runs longer than it declared is worth no more than others: only
 * because of that can the other job run, and let it end.
 */
static void admission_overrun(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	int program = load_gate(fd, &flag);
	struct bpfsched_job_desc job = gate_waiter(fd, program, 9);
	struct bpfsched_completion completion;
	__u64 first;

	be_real_time();
	job.run_time_ns = 20 * MS_NS;
	first = submit_one(fd, job);
	wait_running(fd, 1);
	submit_one(fd, gate_opener(program, HOUR_NS));
	check_ne(read_status(fd, BPFSCHED_STATUS_OK).id, first);
	completion = read_status(fd, BPFSCHED_STATUS_OK);
	check_eq(completion.id, first);
	check_eq(completion.preemptions, 1);
	check_ge(completion.run_ns, job.run_time_ns);
	/* nothing of its share is held any more */
	submit_one(fd, declared_job(program, monotonic_ns() + HOUR_NS,
				    HOUR_NS));
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
	{ "not_before.takes_room", not_before_takes_room },
	{ "not_before.closed", not_before_closed },
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
	{ "firm.missed_while_paused", firm_missed_while_paused },
	{ "firm.among_others", firm_among_others },
	{ "firm.started", firm_started },
	{ "firm.in_time", firm_in_time },
	{ "firm.periodic", firm_periodic },
	{ "preempt.long_loop", preempt_long_loop },
	{ "preempt.state_intact", preempt_state_intact },
	{ "preempt.nested", preempt_nested },
	{ "preempt.not_by_equals", preempt_not_by_equals },
	{ "preempt.by_priority", preempt_by_priority },
	{ "preempt.at_release", preempt_at_release },
	{ "preempt.cancel", preempt_cancel },
	{ "preempt.close", preempt_close },
	{ "budget_time.exhausted", budget_time_exhausted },
	{ "budget_time.enough", budget_time_enough },
	{ "budget_time.periodic", budget_time_periodic },
	{ "budget_time.of_several", budget_time_of_several },
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
	{ "admission.full_utilization", admission_full_utilization },
	{ "admission.periodic", admission_periodic },
	{ "admission.room", admission_room },
	{ "admission.room_of_batch", admission_room_of_batch },
	{ "admission.longer_than_deadline", admission_longer_than_deadline },
	{ "admission.malformed", admission_malformed },
	{ "admission.ranks_first", admission_ranks_first },
	{ "admission.overrun", admission_overrun },
};

int main(int argc, char **argv)
{
	const struct ktap_suite suite = {
		.tests = tests,
		.count = ARRAY_SIZE(tests),
		.after = bring_to_rest,
	};

	return ktap_main(&suite, argc, argv);
}
