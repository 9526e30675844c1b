// SPDX-License-Identifier: GPL-2.0
/*
 * Admission, from user space: declared run times.
 */
#include "timing.h"

/*
 * A scheduler whose admission counts on all of a CPU's time, so that what fits
 * into an hour is known but for the costs of starts and of blocking
 */
static int open_whole_cpu(void)
{
	create_made((struct bpfsched_create){
		.profile = "embedded", .supply_ppm = BPFSCHED_PPM,
	});
	return open_client(MADE, 0);
}

/* What these costs may be, for all jobs of a test */
#define COSTS_NS	MS_NS

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
	int fd = open_whole_cpu(), program = load_quick(fd), i;
	__u64 start = monotonic_ns() + HOUR_NS;
	struct bpfsched_job_desc job = declared_job(program, start,
						    15 * MINUTE_NS - COSTS_NS);
	__u64 ids[4];

	for (i = 0; i < 4; i++)
		ids[i] = submit_one(fd, job);
	check_eq(check_busy(fd, job), 0);
	/* what is left is not what was asked for */
	job.run_time_ns = 4 * COSTS_NS;
	check_le(check_busy(fd, job), 4 * COSTS_NS);
	/* the hour after that is free */
	job.not_before_ns += HOUR_NS;
	job.run_time_ns = HOUR_NS - COSTS_NS;
	submit_one(fd, job);
	/* and so is a quarter again when one is cancelled */
	check_ok(cancel(fd, ids[2]));
	job.not_before_ns = start;
	job.run_time_ns = 15 * MINUTE_NS + 4 * COSTS_NS;
	check_busy(fd, job);
	job.run_time_ns = 15 * MINUTE_NS - COSTS_NS;
	submit_one(fd, job);
}

static void admission_periodic(void)
{
	int fd = open_whole_cpu(), program = load_quick(fd), i;
	__u64 start = monotonic_ns() + HOUR_NS;
	struct bpfsched_job_desc job = declared_job(program, start,
						    20 * MINUTE_NS - COSTS_NS);

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
	int fd = open_whole_cpu(), program = load_quick(fd);
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
	int fd = open_whole_cpu(), program = load_quick(fd), i;
	__u64 start = monotonic_ns() + HOUR_NS, room = 1;
	struct bpfsched_job_desc jobs[5];

	for (i = 0; i < 5; i++)
		jobs[i] = declared_job(program, start, 20 * MINUTE_NS - COSTS_NS);
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
	int fd = open_whole_cpu();
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
	int fd = open_whole_cpu();
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
				    HOUR_NS - COSTS_NS));
}

static const struct ktap_test tests[] = {
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
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
