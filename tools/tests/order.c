// SPDX-License-Identifier: GPL-2.0
/*
 * The order in which jobs start, deadlines that pass, and preemption, from
 * user space.
 */
#include "client.h"

/* One job that was started */
struct started {
	__u64 sequence;
	__u64 user_data;
};

static int by_sequence(const void *left, const void *right)
{
	const struct started *one = left, *two = right;

	return (one->sequence > two->sequence) -
	       (one->sequence < two->sequence);
}

static void collect_started(int fd, struct started *list, __u32 count)
{
	__u32 i;

	for (i = 0; i < count; i++) {
		struct bpfsched_completion completion = read_completion(fd);

		check_eq(completion.status, BPFSCHED_STATUS_OK);
		list[i].sequence = completion.start_seq;
		list[i].user_data = completion.user_data;
	}
}

/*
 * The jobs of @list were started one after the other, in the order of
 * @expected, which has their user_data.
 */
static void check_order(struct started *list, const __u64 *expected,
			__u32 count)
{
	__u32 i;

	qsort(list, count, sizeof(*list), by_sequence);
	for (i = 0; i < count; i++) {
		check_eq(list[i].sequence, list[0].sequence + i);
		if (list[i].user_data != expected[i])
			fail("start %u is job %llu, want job %llu", i,
			     (unsigned long long)list[i].user_data,
			     (unsigned long long)expected[i]);
	}
}

/* As check_order(), of all jobs of one client, read here */
static void check_order_of(int fd, const __u64 *expected, __u32 count)
{
	struct started *list = calloc(count, sizeof(*list));

	collect_started(fd, list, count);
	check_order(list, expected, count);
	free(list);
}

static __u32 next_random(void)
{
	static __u32 state = 2463534242U;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/*
 * Order: throughput
 */

/* The example of the guide: P1 to P4 are normal but P3, which is high */
static void order_guide(void)
{
	static const __u64 expected[] = { 3, 1, 2, 4 };
	int fd = open_client(CLOUD, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[4];

	pause_scheduler(fd);
	for (i = 0; i < 4; i++) {
		jobs[i] = job_of(program);
		jobs[i].user_data = i + 1;
	}
	jobs[2].priority = BPFSCHED_PRIORITY_HIGH;
	submit_all(fd, jobs, 4);
	check_eq(get_stat(fd).pending, 4);
	resume_scheduler(fd);
	check_order_of(fd, expected, 4);
}

#define MANY	256

static void order_priority_then_fifo(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd), priority;
	struct bpfsched_job_desc jobs[MANY];
	__u64 expected[MANY];
	int i, count = 0;

	pause_scheduler(fd);
	for (i = 0; i < MANY; i++) {
		jobs[i] = job_of(program);
		jobs[i].user_data = i;
		jobs[i].priority = next_random() % 4;
	}
	for (priority = 3; priority >= 0; priority--) {
		for (i = 0; i < MANY; i++) {
			if ((int)jobs[i].priority == priority)
				expected[count++] = i;
		}
	}
	/* in several calls, for the order is that of all submissions */
	for (i = 0; i < MANY; i += MANY / 8)
		submit_all(fd, jobs + i, MANY / 8);
	resume_scheduler(fd);
	check_order_of(fd, expected, MANY);
}

/* Clients take no precedence over one another */
static void order_across_clients(void)
{
	static const __u64 expected[] = { 3, 0, 1, 2, 4, 5 };
	int fds[2] = { open_client(CLOUD, 0), open_client(CLOUD, 0) };
	struct started list[6];
	int program = load_quick(fds[0]), i;

	pause_scheduler(fds[0]);
	for (i = 0; i < 6; i++) {
		struct bpfsched_job_desc job = job_of(program);

		job.user_data = i;
		if (i == 3)
			job.priority = BPFSCHED_PRIORITY_HIGH;
		submit_one(fds[i % 2], job);
	}
	resume_scheduler(fds[0]);
	collect_started(fds[0], list, 3);
	collect_started(fds[1], list + 3, 3);
	check_order(list, expected, 6);
}

/* A job that was cancelled leaves the order of the rest as it was */
static void order_after_cancel(void)
{
	static const __u64 expected[] = { 0, 2, 3, 5, 6 };
	int fd = open_client(CLOUD, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[7];

	pause_scheduler(fd);
	for (i = 0; i < 7; i++) {
		jobs[i] = job_of(program);
		jobs[i].user_data = i;
	}
	submit_all(fd, jobs, 7);
	check_ok(cancel(fd, jobs[1].id));
	check_ok(cancel(fd, jobs[4].id));
	check_eq(read_completion(fd).user_data, 1);
	check_eq(read_completion(fd).user_data, 4);
	resume_scheduler(fd);
	check_order_of(fd, expected, 5);
}

/*
 * Order: deadline
 */
static void order_earliest_deadline(void)
{
	static const __u64 expected[] = { 3, 4, 5, 1, 2, 0, 6 };
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	static const __u64 hours[] = { 0, 5, 0, 1, 2, 2, 0 };
	struct bpfsched_job_desc jobs[7];
	__u64 now = monotonic_ns();

	pause_scheduler(fd);
	for (i = 0; i < 7; i++) {
		jobs[i] = job_of(program);
		jobs[i].user_data = i;
		if (hours[i]) {
			jobs[i].flags = BPFSCHED_JOB_DEADLINE_ABS;
			jobs[i].deadline_ns = now + hours[i] * HOUR_NS;
			jobs[i].priority = BPFSCHED_PRIORITY_LOW;
		}
	}
	jobs[2].priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_all(fd, jobs, 7);
	resume_scheduler(fd);
	check_order_of(fd, expected, 7);
}

static bool ranks_before(const struct bpfsched_job_desc *one,
			 const struct bpfsched_job_desc *two)
{
	if (one->deadline_ns && two->deadline_ns &&
	    one->deadline_ns != two->deadline_ns)
		return one->deadline_ns < two->deadline_ns;
	if (!one->deadline_ns != !two->deadline_ns)
		return one->deadline_ns;
	if (!one->deadline_ns && one->priority != two->priority)
		return one->priority > two->priority;
	return one->user_data < two->user_data;
}

/* A full queue with and without deadlines, many of them the same */
static void order_full_queue_of_deadlines(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i, j;
	struct bpfsched_job_desc jobs[32];
	__u64 expected[32], now = monotonic_ns();

	pause_scheduler(fd);
	for (i = 0; i < 32; i++) {
		jobs[i] = job_of(program);
		jobs[i].user_data = i;
		jobs[i].priority = next_random() % 4;
		if (next_random() % 4) {
			jobs[i].flags = BPFSCHED_JOB_DEADLINE_ABS;
			jobs[i].deadline_ns = now + HOUR_NS * (1 + next_random() % 8);
		}
	}
	for (i = 0; i < 32; i++) {
		int place = 0;

		for (j = 0; j < 32; j++)
			place += ranks_before(&jobs[j], &jobs[i]);
		expected[place] = i;
	}
	submit_all(fd, jobs, 32);
	resume_scheduler(fd);
	check_order_of(fd, expected, 32);
}

/* Without any deadline: priority, then first in first out */
static void order_fallback_to_priority(void)
{
	static const __u64 expected[] = { 3, 2, 5, 0, 1, 4 };
	static const __u32 priorities[] = { 1, 1, 2, 3, 1, 2 };
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[6];

	pause_scheduler(fd);
	for (i = 0; i < 6; i++) {
		jobs[i] = job_of(program);
		jobs[i].user_data = i;
		jobs[i].priority = priorities[i];
	}
	submit_all(fd, jobs, 6);
	resume_scheduler(fd);
	check_order_of(fd, expected, 6);
}

/*
 * Deadlines that pass
 */

/*
 * A deadline passes while the scheduler is paused. It is counted then, and
 * once; the job runs nevertheless, and says that it is late.
 */
static void deadline_missed_while_pending(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	struct bpfsched_completion completion;
	__u64 misses = get_stat(fd).deadline_misses;

	pause_scheduler(fd);
	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = 1;
	submit_one(fd, job);
	while (get_stat(fd).deadline_misses == misses)
		wait_a_little();
	check_eq(get_stat(fd).pending, 1);
	check_eq(has_events(fd, POLLIN), false);
	resume_scheduler(fd);
	completion = read_completion(fd);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, QUICK_RESULT);
	check(completion.record.flags & BPFSCHED_COMPLETION_MISSED);
	check_eq(get_stat(fd).deadline_misses, misses + 1);
}

/* A deadline passes while the job runs */
static void deadline_missed_while_running(void)
{
	int fd = open_client(EMBEDDED, 0);
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	struct bpfsched_completion completion;
	__u64 misses = get_stat(fd).deadline_misses;

	be_real_time();
	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = 10000000;
	job.budget_insns = get_info(fd).max_budget_insns;
	submit_one(fd, job);
	while (get_stat(fd).deadline_misses == misses)
		wait_a_little();
	set_flag(flag, 9);
	completion = read_completion(fd);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, 9);
	check(completion.record.flags & BPFSCHED_COMPLETION_MISSED);
	check_eq(get_stat(fd).deadline_misses, misses + 1);
}

/* Several that pass at different times, all before the scheduler goes on */
static void deadline_each_miss_counts(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	__u64 misses = get_stat(fd).deadline_misses;
	struct bpfsched_job_desc jobs[32];

	pause_scheduler(fd);
	for (i = 0; i < 32; i++) {
		jobs[i] = job_of(program);
		if (i % 4 == 3)
			continue;
		jobs[i].flags = BPFSCHED_JOB_DEADLINE_REL;
		jobs[i].deadline_ns = 1 + 100000 * i;
	}
	submit_all(fd, jobs, 32);
	while (get_stat(fd).deadline_misses != misses + 24)
		wait_a_little();
	resume_scheduler(fd);
	for (i = 0; i < 32; i++) {
		struct bpfsched_completion completion = read_completion(fd);

		check_eq(!(completion.record.flags &
			   BPFSCHED_COMPLETION_MISSED),
			 !completion.deadline_ns);
	}
	check_eq(get_stat(fd).deadline_misses, misses + 24);
}

static void deadline_met(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u64 misses = get_stat(fd).deadline_misses;

	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = HOUR_NS;
	check_eq(run_job(fd, job).record.flags & BPFSCHED_COMPLETION_MISSED,
		 0);
	check_eq(get_stat(fd).deadline_misses, misses);
}

/*
 * Submit, on a paused scheduler, a job with deadline @deadline_ns, and cancel
 * it. False if that took so long that the deadline passed before.
 */
static bool cancel_before_deadline(int fd, struct bpfsched_job_desc job,
				   __u64 deadline_ns)
{
	struct bpfsched_completion completion;

	job.flags = BPFSCHED_JOB_DEADLINE_ABS;
	job.deadline_ns = deadline_ns;
	if (submit(fd, &job, 1) != 1) {
		check_eq(errno, ETIME);
		return false;
	}
	check_ok(cancel(fd, job.id));
	completion = read_completion(fd);
	check_eq(completion.status, BPFSCHED_STATUS_CANCELLED);
	return !(completion.record.flags & BPFSCHED_COMPLETION_MISSED);
}

/* A deadline that passes after the job was cancelled counts no more */
static void deadline_of_cancelled(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u64 delay = 20000000, deadline, misses;

	pause_scheduler(fd);
	for (;;) {
		deadline = monotonic_ns() + delay;
		misses = get_stat(fd).deadline_misses;
		job.flags = BPFSCHED_JOB_DEADLINE_ABS;
		job.deadline_ns = deadline + 1000000;
		if (cancel_before_deadline(fd, job, deadline) &&
		    submit(fd, &job, 1) == 1)
			break;
		/* a slow machine */
		delay *= 2;
	}
	/* the later of the two deadlines passes, so the earlier one has */
	while (get_stat(fd).deadline_misses == misses)
		wait_a_little();
	check_eq(get_stat(fd).deadline_misses, misses + 1);
}

/*
 * Preemption
 */
/* A job that ranks after the running one waits */
static void preempt_not_by_later_deadline(void)
{
	int fd = open_client(EMBEDDED, 0), quick = load_quick(fd);
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	struct bpfsched_completion completion;
	__u64 first, second;

	be_real_time();
	job.budget_insns = get_info(fd).max_budget_insns;
	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = HOUR_NS;
	first = submit_one(fd, job);
	wait_running(fd, 1);
	job.prog_fd = quick;
	job.deadline_ns = 2 * HOUR_NS;
	second = submit_one(fd, job);
	set_flag(flag, 1);
	completion = read_completion(fd);
	check_eq(completion.id, first);
	check_eq(completion.preemptions, 0);
	check_eq(completion.record.flags & BPFSCHED_COMPLETION_PREEMPTED, 0);
	check_eq(read_completion(fd).id, second);
}

/* Under the throughput policy programs run to completion */
static void preempt_not_on_throughput(void)
{
	int fd = open_client(CLOUD, 0), quick = load_quick(fd);
	__u32 workers = get_info(fd).workers, i;
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	__u64 preemptions = get_stat(fd).preemptions;

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	for (i = 0; i < workers; i++)
		submit_one(fd, job);
	wait_running(fd, workers);
	job.prog_fd = quick;
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_one(fd, job);
	check_eq(get_stat(fd).pending, 1);
	set_flag(flag, 1);
	for (i = 0; i <= workers; i++)
		check_eq(read_completion(fd).preemptions, 0);
	check_eq(get_stat(fd).preemptions, preemptions);
}

static const struct ktap_test tests[] = {
	{ "order.guide", order_guide },
	{ "order.priority_then_fifo", order_priority_then_fifo },
	{ "order.across_clients", order_across_clients },
	{ "order.after_cancel", order_after_cancel },
	{ "order.earliest_deadline", order_earliest_deadline },
	{ "order.full_queue_of_deadlines", order_full_queue_of_deadlines },
	{ "order.fallback_to_priority", order_fallback_to_priority },
	{ "deadline.missed_while_pending", deadline_missed_while_pending },
	{ "deadline.missed_while_running", deadline_missed_while_running },
	{ "deadline.each_miss_counts", deadline_each_miss_counts },
	{ "deadline.met", deadline_met },
	{ "deadline.of_cancelled", deadline_of_cancelled },
	{ "preempt.not_by_later_deadline", preempt_not_by_later_deadline },
	{ "preempt.not_on_throughput", preempt_not_on_throughput },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
