// SPDX-License-Identifier: GPL-2.0
/*
 * Submission from user space: the arguments of a job, of a batch, of a
 * deadline, ids, and the limits of the queue and of completions.
 */
#include "client.h"

/*
 * SUBMIT
 */
static void submit_flags(void)
{
	int fd = open_client(CLOUD, 0), bit;
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	for (bit = 0; bit < 32; bit++) {
		struct bpfsched_submit request = {
			.size = sizeof(request),
			.flags = 1U << bit,
			.count = 1,
			.job_size = sizeof(job),
			.jobs = (uintptr_t)&job,
		};

		check_fails(ioctl(fd, BPFSCHED_IOC_SUBMIT, &request), EINVAL);
	}
}

static void submit_job_flags(void)
{
	const __u32 known = BPFSCHED_JOB_RETURN_CONTEXT |
			    BPFSCHED_JOB_DEADLINE_ABS |
			    BPFSCHED_JOB_DEADLINE_REL |
			    BPFSCHED_JOB_FIRM |
			    BPFSCHED_JOB_NOT_BEFORE_ABS |
			    BPFSCHED_JOB_NOT_BEFORE_REL |
			    BPFSCHED_JOB_WAIT |
			    BPFSCHED_JOB_EVICT;
	int fd = open_client(EMBEDDED, 0), bit;
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	for (bit = 0; bit < 32; bit++) {
		job.flags = 1U << bit;
		if (!(job.flags & known))
			submit_refused(fd, job, EINVAL);
	}
}

static void submit_padding(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.limit = 1;
	submit_refused(fd, job, EINVAL);
	job.limit = 1U << 31;
	submit_refused(fd, job, EINVAL);
}

static void submit_count(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u64 submitted = get_stat(fd).submitted;

	check_fails(submit(fd, &job, 0), EINVAL);
	check_fails(submit(fd, &job, UINT32_MAX), E2BIG);
	check_fails(submit(fd, &job, get_info(fd).max_batch + 1), E2BIG);
	check_eq(get_stat(fd).submitted, submitted);
}

/* Jobs of an array that are @size apart, with a last byte of @last */
static int submit_sized(int fd, int program, __u32 size, char last)
{
	static __u64 array[2048];
	struct bpfsched_job_desc job = job_of(program);
	struct bpfsched_submit request = {
		.size = sizeof(request),
		.count = 2,
		.job_size = size,
		.jobs = (uintptr_t)array,
	};
	char *room = memset(array, 0, sizeof(array));

	memcpy(room, &job, sizeof(job));
	memcpy(room + size, &job, sizeof(job));
	if (last) {
		room[size - 1] = last;
		room[2 * size - 1] = last;
	}
	return ioctl(fd, BPFSCHED_IOC_SUBMIT, &request);
}

static void submit_job_size(void)
{
	const __u32 size = sizeof(struct bpfsched_job_desc);
	int fd = open_client(CLOUD, 0), program = load_quick(fd);

	check_fails(submit_sized(fd, program, 0, 0), EINVAL);
	check_fails(submit_sized(fd, program, 8, 0), EINVAL);
	check_fails(submit_sized(fd, program, size - 8, 0), EINVAL);
	check_eq(submit_sized(fd, program, size, 0), 2);
	check_eq(submit_sized(fd, program, size + 8, 0), 2);
	check_eq(submit_sized(fd, program, size + 1024, 0), 2);
	check_fails(submit_sized(fd, program, size + 8, 1), E2BIG);
	check_fails(submit_sized(fd, program, size + 1024, 1), E2BIG);
	check_fails(submit_sized(fd, program, sysconf(_SC_PAGESIZE) + 8, 0),
		    E2BIG);
}

static void submit_jobs_pointer(void)
{
	int fd = open_client(CLOUD, 0);
	__u64 submitted = get_stat(fd).submitted;

	check_fails(submit(fd, NULL, 1), EFAULT);
	check_fails(submit(fd, a_hole(), 1), EFAULT);
	check_fails(submit(fd, before_a_hole(56), 1), EFAULT);
	check_fails(submit(fd, (void *)-64L, 1), EFAULT);
	check_eq(get_stat(fd).submitted, submitted);
}

/* The ids cannot be written back: an error, so nothing was taken */
static void submit_jobs_readonly(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc *page = page_with(PROT_READ | PROT_WRITE);
	__u64 submitted = get_stat(fd).submitted;

	*page = job_of(load_quick(fd));
	check_ok(mprotect(page, 4096, PROT_READ));
	check_fails(submit(fd, page, 1), EFAULT);
	check_eq(get_stat(fd).submitted, submitted);
}

/* The second of two jobs cannot be read: what is returned is what was taken */
static void submit_jobs_cut(void)
{
	int fd = open_client(CLOUD, 0), taken;
	struct bpfsched_job_desc *job = before_a_hole(sizeof(*job));
	__u64 submitted = get_stat(fd).submitted;

	*job = job_of(load_quick(fd));
	errno = 0;
	taken = submit(fd, job, 2);
	if (taken < 0) {
		check_eq(errno, EFAULT);
		taken = 0;
	} else {
		check_eq(taken, 1);
	}
	check_eq(get_stat(fd).submitted, submitted + taken);
}

static void submit_bad_descriptor(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);

	close(program);
	submit_refused(fd, job_of(program), EBADF);
	submit_refused(fd, job_of(-1), EBADF);
	submit_refused(fd, job_of(INT32_MIN), EBADF);
}

static void submit_not_a_program(void)
{
	int fd = open_client(CLOUD, 0);

	submit_refused(fd, job_of(fd), EINVAL);
	submit_refused(fd, job_of(check_ok(open("/dev/null", O_RDWR))),
		       EINVAL);
}

static void submit_priority(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.priority = BPFSCHED_PRIORITY_CRITICAL + 1;
	submit_refused(fd, job, EINVAL);
	job.priority = UINT32_MAX;
	submit_refused(fd, job, EINVAL);
	for (job.priority = BPFSCHED_PRIORITY_LOW;
	     job.priority <= BPFSCHED_PRIORITY_CRITICAL; job.priority++)
		check_eq(run_job(fd, job).priority, job.priority);
}

static void submit_context_pointer(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.context_len = 8;
	submit_refused(fd, job, EFAULT);
	job.context = (uintptr_t)a_hole();
	submit_refused(fd, job, EFAULT);
	job.context = (uintptr_t)before_a_hole(7);
	submit_refused(fd, job, EFAULT);
	job.context = ~7ULL;
	submit_refused(fd, job, EFAULT);
	job.context = (uintptr_t)page_with(PROT_READ);
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
}

static void context_length_on(const char *node)
{
	int fd = open_client(node, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u32 most = get_info(fd).max_context;

	job.context = (uintptr_t)calloc(1, most + 1);
	job.context_len = most;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	job.context_len = most + 1;
	submit_refused(fd, job, E2BIG);
	job.context_len = UINT32_MAX;
	submit_refused(fd, job, E2BIG);
}

static void submit_context_length(void)
{
	context_length_on(CLOUD);
	context_length_on(EMBEDDED);
}

/* Accepted on cloud, too long for embedded */
static void submit_program_too_long(void)
{
	int cloud = open_client(CLOUD, 0), embedded = open_client(EMBEDDED, 0);
	__u32 count = get_info(embedded).max_insns + 1, i;
	struct bpf_insn *insns = calloc(count, sizeof(*insns));

	for (i = 0; i < count - 1; i++)
		insns[i] = MOV_IMM(0, 7);
	insns[count - 1] = EXIT;
	submit_refused(embedded, job_of(load(cloud, insns, count)), E2BIG);
	check_eq(run_program(cloud, load(cloud, insns, count)).r0, 7);
	insns[count - 2] = EXIT;
	check_eq(run_program(embedded, load(cloud, insns, count - 1)).r0, 7);
}

static void submit_budget_too_large(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u64 most = get_info(fd).max_budget_insns;

	job.budget_insns = most;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	job.budget_insns = most + 1;
	submit_refused(fd, job, E2BIG);
	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	submit_refused(fd, job, E2BIG);
}

/*
 * Deadlines
 */
static struct bpfsched_job_desc deadline_job(int program, __u32 flags,
					     __u64 deadline_ns)
{
	struct bpfsched_job_desc job = job_of(program);

	job.flags = flags;
	job.deadline_ns = deadline_ns;
	return job;
}

static void deadline_malformed(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);

	submit_refused(fd, deadline_job(program, 0, HOUR_NS), EINVAL);
	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_ABS |
					BPFSCHED_JOB_DEADLINE_REL, HOUR_NS),
		       EINVAL);
	fd = open_client(CLOUD, 0);
	submit_refused(fd, deadline_job(program, 0, HOUR_NS), EINVAL);
}

static void deadline_on_throughput(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);

	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_REL,
					HOUR_NS), EOPNOTSUPP);
	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_ABS,
					UINT64_MAX), EOPNOTSUPP);
}

static void deadline_passed(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	__u64 ended = run_program(fd, program).ended_ns;

	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_ABS,
					ended), ETIME);
	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_ABS, 1),
		       ETIME);
	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_ABS, 0),
		       ETIME);
	submit_refused(fd, deadline_job(program, BPFSCHED_JOB_DEADLINE_REL, 0),
		       ETIME);
}

static void deadline_saturates(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_completion completion;

	completion = run_job(fd, deadline_job(program,
					      BPFSCHED_JOB_DEADLINE_REL,
					      UINT64_MAX));
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_ge(completion.deadline_ns, INT64_MAX);
	check_eq(completion.record.flags & BPFSCHED_COMPLETION_MISSED, 0);
	completion = run_job(fd, deadline_job(program,
					      BPFSCHED_JOB_DEADLINE_ABS,
					      UINT64_MAX));
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.record.flags & BPFSCHED_COMPLETION_MISSED, 0);
}

/* Relative is counted from submission, absolute comes back as it was given */
static void deadline_in_completion(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd);
	struct bpfsched_completion completion;

	completion = run_job(fd, deadline_job(program,
					      BPFSCHED_JOB_DEADLINE_REL,
					      HOUR_NS));
	check_eq(completion.deadline_ns, completion.submitted_ns + HOUR_NS);
	completion = run_job(fd, deadline_job(program,
					      BPFSCHED_JOB_DEADLINE_ABS,
					      completion.ended_ns + HOUR_NS));
	check_ge(completion.deadline_ns, HOUR_NS);
	check_eq(run_program(fd, program).deadline_ns, 0);
}

/*
 * Ids
 */
static void id_live(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	pause_scheduler(fd);
	job.id = 77;
	check_eq(submit_one(fd, job), 77);
	submit_refused(fd, job, EEXIST);
	resume_scheduler(fd);
	check_eq(read_completion(fd).id, 77);
	check_eq(submit_one(fd, job), 77);
	check_eq(read_completion(fd).id, 77);
}

static void id_live_in_batch(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc jobs[2] = { job_of(program),
					     job_of(program) };

	pause_scheduler(fd);
	jobs[0].id = 5;
	jobs[1].id = 5;
	check_eq(submit(fd, jobs, 2), 1);
	check_eq(jobs[0].error, 0);
	check_eq(-jobs[1].error, EEXIST);
}

static void id_per_client(void)
{
	int first = open_client(CLOUD, 0), second = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(first));

	pause_scheduler(first);
	job.id = 77;
	check_eq(submit_one(first, job), 77);
	check_eq(submit_one(second, job), 77);
	resume_scheduler(first);
	check_eq(read_completion(first).id, 77);
	check_eq(read_completion(second).id, 77);
}

static void id_counter(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = job_of(program);
	__u64 first, second, third;

	pause_scheduler(fd);
	first = submit_one(fd, job);
	check_ne(first, 0);
	/* the number that would be next is taken, so that it is skipped */
	job.id = first + 1;
	second = submit_one(fd, job);
	check_eq(second, first + 1);
	third = submit_one(fd, job_of(program));
	check_eq(third, first + 2);
}

static void id_largest(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.id = UINT64_MAX;
	job.user_data = UINT64_MAX - 1;
	check_eq(run_job(fd, job).user_data, UINT64_MAX - 1);
}

/*
 * Batches
 */
static void batch_partial(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc jobs[4] = {
		job_of(program), job_of(program), job_of(-1), job_of(program),
	};
	struct bpfsched_stat before = get_stat(fd), after;
	__u64 first, second;

	jobs[0].priority = 4;
	check_eq(submit(fd, jobs, 4), 2);
	check_eq(-jobs[0].error, EINVAL);
	check_eq(-jobs[1].error, 0);
	check_eq(-jobs[2].error, EBADF);
	check_eq(-jobs[3].error, 0);
	check_ne(jobs[1].id, 0);
	check_ne(jobs[3].id, 0);
	check_ne(jobs[1].id, jobs[3].id);
	first = read_completion(fd).id;
	second = read_completion(fd).id;
	check((first == jobs[1].id && second == jobs[3].id) ||
	      (first == jobs[3].id && second == jobs[1].id));
	after = get_stat(fd);
	check_eq(after.submitted, before.submitted + 2);
	check_eq(after.rejected, before.rejected + 2);
}

static void batch_first_error(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc jobs[2] = { job_of(-1), job_of(program) };

	jobs[1].priority = 4;
	check_fails(submit(fd, jobs, 2), EBADF);
	check_eq(-jobs[0].error, EBADF);
	check_eq(-jobs[1].error, EINVAL);
}

/* A stale error of the caller's is overwritten */
static void batch_error_cleared(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.error = -EIO;
	check_eq(submit(fd, &job, 1), 1);
	check_eq(job.error, 0);
}

static void batch_full_queue(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[40];

	pause_scheduler(fd);
	for (i = 0; i < 40; i++)
		jobs[i] = job_of(program);
	check_eq(submit(fd, jobs, 40), 32);
	for (i = 0; i < 40; i++)
		check_eq(-jobs[i].error, i < 32 ? 0 : EAGAIN);
	check_eq(get_stat(fd).pending, 32);
}

static void batch_largest(void)
{
	int fd = open_client(CLOUD, 0), i;
	struct bpfsched_job_desc *jobs = calloc(1024, sizeof(*jobs));

	jobs[0] = job_of(load_quick(fd));
	for (i = 1; i < 1024; i++)
		jobs[i] = jobs[0];
	submit_all(fd, jobs, 1024);
	for (i = 0; i < 1024; i++)
		check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
}

/*
 * Limits
 */

static void submit_queue_full_on(const char *node, __u32 capacity)
{
	int fd = open_client(node, 0), other = open_client(node, 0);
	struct bpfsched_job_desc *jobs = calloc(capacity, sizeof(*jobs));
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u32 i;

	pause_scheduler(fd);
	for (i = 0; i < capacity; i++)
		jobs[i] = job;
	submit_all(fd, jobs, capacity);
	check_eq(get_stat(fd).pending, capacity);
	submit_refused(fd, job, EAGAIN);
	submit_refused(other, job, EAGAIN);
	job.priority = BPFSCHED_PRIORITY_CRITICAL;
	submit_refused(fd, job, EAGAIN);
	/* a place that became free can be taken */
	check_ok(cancel(fd, jobs[capacity / 2].id));
	submit_one(other, job);
	submit_refused(other, job, EAGAIN);
	resume_scheduler(fd);
	for (i = 0; i < capacity; i++)
		read_completion(fd);
	check_eq(read_completion(other).status, BPFSCHED_STATUS_OK);
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	free(jobs);
}

static void submit_queue_full(void)
{
	submit_queue_full_on(CLOUD, 1024);
	submit_queue_full_on(EMBEDDED, 32);
}

/*
 * The most that was pending is a figure of a scheduler's whole life, so this
 * makes one in which nothing was pending before.
 */
static void high_water_on(struct bpfsched_create profile, __u32 capacity)
{
	struct bpfsched_job_desc *jobs = calloc(capacity, sizeof(*jobs));
	struct bpfsched_job_desc job;
	__u32 i;
	int fd;

	create_made(profile);
	fd = open_client(MADE, 0);
	job = job_of(load_quick(fd));
	for (i = 0; i < capacity; i++)
		jobs[i] = job;
	check_eq(get_stat(fd).queue_high_water, 0);
	pause_scheduler(fd);
	submit_all(fd, jobs, capacity - 1);
	check_eq(get_stat(fd).queue_high_water, capacity - 1);
	submit_one(fd, job);
	check_eq(get_stat(fd).queue_high_water, capacity);
	submit_refused(fd, job, EAGAIN);
	/* neither what was refused raises it, nor what gets a place again */
	check_ok(cancel(fd, jobs[0].id));
	submit_one(fd, job);
	check_eq(get_stat(fd).queue_high_water, capacity);
	close(fd);
	end_made();
	free(jobs);
}

static void submit_queue_high_water(void)
{
	high_water_on((struct bpfsched_create){ .profile = "cloud" }, 1024);
	high_water_on((struct bpfsched_create){ .profile = "embedded" }, 32);
}

/* What runs takes no place in the queue */
static void submit_capacity_is_of_pending(void)
{
	int fd = open_client(EMBEDDED, 0), i;
	__u64 *flag;
	struct bpfsched_job_desc job = job_of(load_waiting(fd, &flag));
	struct bpfsched_job_desc jobs[32];

	be_real_time();
	job.budget_insns = get_info(fd).max_budget_insns;
	submit_one(fd, job);
	wait_running(fd, 1);
	for (i = 0; i < 32; i++)
		jobs[i] = job;
	submit_all(fd, jobs, 32);
	submit_refused(fd, job, EAGAIN);
	set_flag(flag, 1);
	for (i = 0; i < 33; i++)
		check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
}

/* Neither does what waits for its release */
static void submit_capacity_without_waiting(void)
{
	int fd = open_client(EMBEDDED, 0), i;
	struct bpfsched_job_desc job = job_of(load_quick(fd)), later = job;
	struct bpfsched_job_desc jobs[40];

	later.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	later.not_before_ns = HOUR_NS;
	for (i = 0; i < 40; i++)
		jobs[i] = later;
	pause_scheduler(fd);
	submit_all(fd, jobs, 40);
	check_eq(get_stat(fd).pending, 40);
	check_eq(get_stat(fd).waiting, 40);
	for (i = 0; i < 32; i++)
		submit_one(fd, job);
	submit_refused(fd, job, EAGAIN);
	check_eq(get_stat(fd).pending, 72);
	check_eq(get_stat(fd).waiting, 40);
	for (i = 0; i < 40; i++)
		check_ok(cancel(fd, jobs[i].id));
	check_eq(get_stat(fd).pending, 32);
	check_eq(get_stat(fd).waiting, 0);
	submit_refused(fd, job, EAGAIN);
}

static void completion_slots_on(const char *node)
{
	int fd = open_client(node, 0), other = open_client(node, 0);
	struct bpfsched_info info = get_info(fd);
	struct bpfsched_job_desc *jobs = calloc(info.capacity, sizeof(*jobs));
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u32 i, slots;

	for (slots = 0; slots < info.completion_slots; slots += info.capacity) {
		for (i = 0; i < info.capacity; i++)
			jobs[i] = job;
		submit_all(fd, jobs, info.capacity);
		wait_idle(fd);
	}
	submit_refused(fd, job, EDQUOT);
	/* the limit is of each client */
	check_eq(run_job(other, job).status, BPFSCHED_STATUS_OK);
	/* a completion that was read makes room for a job */
	read_completion(fd);
	submit_one(fd, job);
	submit_refused(fd, job, EDQUOT);
	/* and none was lost */
	for (i = 0; i < slots; i++)
		check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
	wait_idle(fd);
	check_eq(has_events(fd, POLLIN), false);
	free(jobs);
}

static void submit_completion_slots(void)
{
	completion_slots_on(EMBEDDED);
	completion_slots_on(CLOUD);
}

/* Jobs that have not ended hold their slots too */
static void submit_completion_slots_in_flight(void)
{
	int fd = open_client(EMBEDDED, 0), i, round;
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	struct bpfsched_job_desc jobs[32];

	for (round = 0; round < 4; round++) {
		for (i = 0; i < 32; i++)
			jobs[i] = job;
		if (round == 3)
			pause_scheduler(fd);
		submit_all(fd, jobs, 32);
		if (round < 3)
			wait_idle(fd);
	}
	/* cancelling one gives room in the queue, but no slot */
	check_ok(cancel(fd, jobs[0].id));
	submit_refused(fd, job, EDQUOT);
	/* and the job tells which limit it was */
	check_fails(submit(fd, &job, 1), EDQUOT);
	check_eq(job.limit, BPFSCHED_LIMIT_COMPLETIONS);
	check_fails(submit(fd, &job, 1), EINVAL);
	read_completion(fd);
	job.limit = BPFSCHED_LIMIT_NONE;
	check_eq(submit(fd, &job, 1), 1);
	check_eq(job.limit, BPFSCHED_LIMIT_NONE);
}

static const struct ktap_test tests[] = {
	{ "submit.flags", submit_flags },
	{ "submit.job_flags", submit_job_flags },
	{ "submit.padding", submit_padding },
	{ "submit.count", submit_count },
	{ "submit.job_size", submit_job_size },
	{ "submit.jobs_pointer", submit_jobs_pointer },
	{ "submit.jobs_readonly", submit_jobs_readonly },
	{ "submit.jobs_cut", submit_jobs_cut },
	{ "submit.bad_descriptor", submit_bad_descriptor },
	{ "submit.not_a_program", submit_not_a_program },
	{ "submit.priority", submit_priority },
	{ "submit.context_pointer", submit_context_pointer },
	{ "submit.context_length", submit_context_length },
	{ "submit.program_too_long", submit_program_too_long },
	{ "submit.budget_too_large", submit_budget_too_large },
	{ "deadline.malformed", deadline_malformed },
	{ "deadline.on_throughput", deadline_on_throughput },
	{ "deadline.passed", deadline_passed },
	{ "deadline.saturates", deadline_saturates },
	{ "deadline.in_completion", deadline_in_completion },
	{ "id.live", id_live },
	{ "id.live_in_batch", id_live_in_batch },
	{ "id.per_client", id_per_client },
	{ "id.counter", id_counter },
	{ "id.largest", id_largest },
	{ "batch.partial", batch_partial },
	{ "batch.first_error", batch_first_error },
	{ "batch.error_cleared", batch_error_cleared },
	{ "batch.full_queue", batch_full_queue },
	{ "batch.largest", batch_largest },
	{ "submit.queue_full", submit_queue_full },
	{ "submit.queue_high_water", submit_queue_high_water },
	{ "submit.capacity_is_of_pending", submit_capacity_is_of_pending },
	{ "submit.capacity_without_waiting", submit_capacity_without_waiting },
	{ "submit.completion_slots", submit_completion_slots },
	{ "submit.completion_slots_in_flight",
	  submit_completion_slots_in_flight },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
