/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of things that happen at a time share: jobs that are to start, or
 * to have ended, at one, and programs that wait for each other.
 *
 * No duration is asserted, only order and counts. Where a time has to pass it
 * is waited for, however long that takes.
 */
#ifndef TIMING_H
#define TIMING_H

#include "client.h"

#define MS_NS		1000000ULL
#define MINUTE_NS	(60 * 1000 * MS_NS)

#define EMBEDDED_CAPACITY	32

static const char *const nodes[] = { CLOUD, EMBEDDED };

static inline void pass_until(__u64 when_ns)
{
	while (monotonic_ns() < when_ns)
		wait_a_little();
}

/* As submit(), with a time-out; @room_ns may be NULL */
static inline int submit_for(int fd, struct bpfsched_job_desc *jobs,
			     __u32 count, __u64 timeout_ns, __u64 *room_ns)
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

static inline struct bpfsched_job_desc delayed_job(int program,
						   __u64 delay_ns)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = delay_ns;
	return job;
}

static inline struct bpfsched_job_desc periodic_job(int program,
						    __u64 period_ns,
						    __u64 count)
{
	struct bpfsched_job_desc job = job_of(program);

	job.period_ns = period_ns;
	job.count = count;
	return job;
}

static inline struct bpfsched_job_desc urgent_job(int program,
						  __u64 deadline_ns)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = deadline_ns;
	return job;
}

/*
 * A job that runs so long in an hour which begins at @start_ns. The hour lies
 * ahead, so that the time that the test takes makes no difference.
 */
static inline struct bpfsched_job_desc declared_job(int program, __u64 start_ns,
						    __u64 run_ns)
{
	struct bpfsched_job_desc job = urgent_job(program, HOUR_NS);

	job.flags |= BPFSCHED_JOB_NOT_BEFORE_ABS;
	job.not_before_ns = start_ns;
	job.run_time_ns = run_ns;
	return job;
}

static inline struct bpfsched_completion read_status(int fd, __u32 status)
{
	struct bpfsched_completion completion = read_completion(fd);

	check_eq(completion.status, status);
	return completion;
}

static inline bool has_flag(const struct bpfsched_completion *completion,
			    __u16 flag)
{
	return completion->record.flags & flag;
}

static inline void
check_never_started(const struct bpfsched_completion *completion)
{
	check_eq(completion->started_ns, 0);
	check_eq(completion->start_seq, 0);
	check_eq(completion->instructions, 0);
	check_eq(completion->run_ns, 0);
	check_eq(completion->r0, 0);
}

/* The budget that lasts longest */
static inline struct bpfsched_job_desc
with_large_budget(int fd, struct bpfsched_job_desc job)
{
	job.budget_insns = get_info(fd).max_budget_insns;
	return job;
}

/*
 * With context bytes: sets the global variable to 1 and returns 1. Without:
 * returns the variable once it is not 0. The variable is at @flag; behind it is
 * one that is not 0 when a job has begun.
 */
static inline int load_gate(int fd, __u64 **flag)
{
	static const struct bpf_insn insns[] = {
		SECTION_LOW(6, 0), SECTION_HIGH(0),
		STORE_IMM(BPF_DW, 6, 8, 1),
		JUMP_IMM(BPF_JEQ, 2, 0, 1),
		STORE_IMM(BPF_DW, 6, 0, 1),
		[5 ... 12] = PASS_TIME,
		LOAD(BPF_DW, 0, 6, 0), JUMP_IMM(BPF_JEQ, 0, 0, -10),
		EXIT,
	};

	return load_with_flag(fd, insns, ARRAY_SIZE(insns), flag);
}

/* A job of load_gate() that waits, with a deadline in so many hours */
static inline struct bpfsched_job_desc gate_waiter(int fd, int program,
						   __u64 hours)
{
	return with_large_budget(fd, urgent_job(program, hours * HOUR_NS));
}

/* A job of load_gate() that lets the others go on */
static inline struct bpfsched_job_desc gate_opener(int program,
						   __u64 deadline_ns)
{
	static const char byte;
	struct bpfsched_job_desc job = urgent_job(program, deadline_ns);

	job.context = (uintptr_t)&byte;
	job.context_len = sizeof(byte);
	return job;
}

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

static inline void
add_to_series(struct series *series,
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
static inline void read_series(int fd, struct series *series)
{
	struct bpfsched_completion completion;

	do {
		completion = read_completion(fd);
		add_to_series(series, &completion);
	} while (!has_flag(&completion, BPFSCHED_COMPLETION_LAST));
	check_eq(has_events(fd, POLLIN), false);
}

static inline struct series run_series(int fd, struct bpfsched_job_desc job)
{
	struct series series = { .period_ns = job.period_ns };

	submit_one(fd, job);
	read_series(fd, &series);
	return series;
}

#endif /* TIMING_H */
