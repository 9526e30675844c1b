// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on admission: calls that test for ever, more workers than CPUs, all
 * places taken for nothing, and admitted jobs that are to be dropped.
 */
#include "hostile.h"

#define YEARS_NS	(73 * 365 * 24 * HOUR_NS)
#define TRIES		10

/* Must be refused for want of time; returns the room that is left */
static __u64 check_busy(int fd, struct bpfsched_job_desc job)
{
	__u64 room_ns = ~0ULL;

	check_fails(submit_for(fd, &job, 1, 0, &room_ns), EBUSY);
	check_eq(-job.error, EBUSY);
	check_le(room_ns, job.run_time_ns - 1);
	return room_ns;
}

static bool is_admitted(int fd, __u64 id)
{
	return job_info_of(fd, id).flags & BPFSCHED_JOB_INFO_ADMITTED;
}

static void grant(int root, uid_t uid, __u32 ppm)
{
	set_limits(root, uid, BPFSCHED_USER_SET_RESERVED,
		   (struct bpfsched_user_limits){ .reserved_ppm = ppm });
}

static int make_deadline(const char *profile, __u32 workers, const __u64 *cpus)
{
	struct bpfsched_create create = params_of(profile, 256);

	strcpy(create.policy, "deadline");
	create.workers = workers;
	if (cpus) {
		create.cpus = (uintptr_t)cpus;
		create.cpus_len = sizeof(*cpus);
	}
	return make_scheduler(&create);
}

static int make_embedded(__u32 workers, const __u64 *cpus)
{
	return make_deadline("embedded", workers, cpus);
}

/* A reservation is a privilege, or comes out of what its user was granted */
static void reservations_privilege(void)
{
	int root = make_embedded(1, NULL), fd = open_as(ATTACKER, MADE, 0);
	int program = load_quick(fd);
	struct bpfsched_job_desc job = small_job_of(program), large = job;

	large.period_ns = HOUR_NS;
	large.run_time_ns = HOUR_NS / 50;
	act_as(ATTACKER);
	submit_refused(fd, job, EPERM);
	job.run_time_ns = 1;
	submit_refused(fd, job, EPERM);
	/* nor with a file of root's */
	submit_refused(root, job, EPERM);
	act_as(0);
	grant(root, ATTACKER, 30000);
	act_as(ATTACKER);
	submit_one(fd, job);
	submit_one(fd, large);
	check_over(fd, large, BPFSCHED_LIMIT_USER_RESERVED);
	check_over(open_client(MADE, 0), large, BPFSCHED_LIMIT_USER_RESERVED);
	act_as(0);
	check_le(user_of(root, ATTACKER).reserved_ppm, 30000);
	check_ge(user_of(root, ATTACKER).reserved_ppm, 20000);
	act_as(OTHER);
	submit_refused(open_client(MADE, 0), job, EPERM);
	act_as(0);
	submit_one(root, large);
	submit_one(root, job);
}

/* 64 reservations of 1 ns in 73 years leave half of the places */
static void reservations_places(void)
{
	int root = make_embedded(1, NULL), fd = open_as(ATTACKER, MADE, 0);
	int other = open_as(OTHER, MADE, 0), program = load_quick(root);
	__u32 most = get_info(root).max_reservations, taken;
	struct bpfsched_job_desc job = urgent_job(program, YEARS_NS);
	struct bpfsched_job_desc small = small_job_of(program);
	__u64 id;

	job.run_time_ns = 1;
	pause_scheduler(root);
	grant(root, ATTACKER, BPFSCHED_PPM / 2);
	grant(root, OTHER, BPFSCHED_PPM / 2);
	act_as(ATTACKER);
	taken = submit_until(fd, job, BPFSCHED_LIMIT_RESERVATIONS);
	check_eq(taken, most / 2);
	check_over(open_client(MADE, 0), job, BPFSCHED_LIMIT_RESERVATIONS);
	act_as(0);
	id = submit_one(root, small);
	check(is_admitted(root, id));
	act_as(OTHER);
	submit_one(other, small);
	act_as(0);
	check_eq(submit_until(root, small, BPFSCHED_LIMIT_RESERVATIONS),
		 most - most / 2 - 2);
	check_eq(get_stat(root).reservations, most);
	/* a place that becomes free can be had again */
	check_ok(cancel(root, id));
	submit_one(root, small);
	act_as(OTHER);
	check_over(other, small, BPFSCHED_LIMIT_RESERVATIONS);
	act_as(0);
}

/* More workers than CPUs, which they share: as much as one CPU has */
static void reservations_many_workers(void)
{
	static const __u64 one_cpu = 1;
	int root = make_embedded(4, &one_cpu), program = load_quick(root), i;
	__u64 start = monotonic_ns() + HOUR_NS, room;
	struct bpfsched_job_desc job;

	job = declared_job(program, start, 30 * MINUTE_NS);
	submit_one(root, job);
	room = check_busy(root, job);
	check_ne(room, 0);
	job.run_time_ns = room;
	submit_one(root, job);
	for (i = 0; i < 4; i++)
		check_busy(root, declared_job(program, start, 15 * MINUTE_NS));
	job = periodic_job(program, HOUR_NS, 0);
	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = HOUR_NS;
	job.run_time_ns = 1;
	while (submit(root, &job, 1) == 1) {
		job.id = 0;
		job.run_time_ns *= 2;
	}
	check(errno == EBUSY || errno == EDQUOT);
	check_le(get_stat(root).reserved_ppm, BPFSCHED_PPM);
}

/*
 * A CPU goes: what no longer fits loses its admission, the newest first, and
 * its client is told. When it comes back there is room again.
 */
static void reservations_cpu_goes(void)
{
	int root, program;
	__u64 start = monotonic_ns() + HOUR_NS, first, second;
	struct bpfsched_completion completion;
	struct bpfsched_job_desc job;

	if (!has_cpu1_switch())
		skip("no CPU can be taken offline");
	root = make_embedded(2, NULL);
	program = load_quick(root);
	job = declared_job(program, start, 35 * MINUTE_NS);
	first = submit_one(root, job);
	second = submit_one(root, job);
	check(is_admitted(root, second));
	switch_cpu1(false);
	while (is_admitted(root, second))
		wait_a_little();
	check(is_admitted(root, first));
	check_eq(get_stat(root).reservations, 1);
	check_busy(root, job);
	switch_cpu1(true);
	check_ok(cancel(root, second));
	completion = read_status(root, BPFSCHED_STATUS_CANCELLED);
	check_eq(completion.id, second);
	check(has_flag(&completion, BPFSCHED_COMPLETION_DEMOTED));
	while (submit(root, &job, 1) != 1) {
		check_eq(errno, EBUSY);
		wait_a_little();
	}
	check(is_admitted(root, job.id));
	check_ok(cancel(root, first));
	completion = read_status(root, BPFSCHED_STATUS_CANCELLED);
	check_eq(has_flag(&completion, BPFSCHED_COMPLETION_DEMOTED), false);
}

/* Where jobs have deadlines, and an administrator can have endless ones */
static int make_cloud(__u32 workers, const __u64 *cpus)
{
	return make_deadline("cloud", workers, cpus);
}

static void submit_endless(int fd, int program, __u64 deadline_ns, int count)
{
	struct bpfsched_job_desc job = urgent_job(program, deadline_ns);

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	submit_some(fd, job, count);
}

static void wait_for_running(int fd, __u64 count)
{
	while (get_stat(fd).running != count)
		wait_a_little();
}

/*
 * Jobs run on CPUs and not on workers: rank says which of them do, and not the
 * kernel. It makes no difference how many workers there are.
 */
static void reservations_one_job_a_cpu(void)
{
	static const __u64 one_cpu = 1;
	int root = make_cloud(4, &one_cpu), i;
	int endless = load_endless(root), quick = load_quick(root);
	__u64 before;

	check_eq(get_info(root).workers, 4);
	check_eq(get_stat(root).cpus, 1);
	submit_endless(root, endless, HOUR_NS, 4);
	for (i = 0; i < TRIES; i++) {
		wait_for_running(root, 1);
		before = get_stat(root).preemptions;
		submit_one(root, urgent_job(quick, MINUTE_NS));
		read_status(root, BPFSCHED_STATUS_OK);
		check_eq(get_stat(root).preemptions, before + 1);
		check_le(get_stat(root).running, 1);
	}
}

/* A CPU goes under jobs that run, and comes back */
static void reservations_cpu_goes_under_jobs(void)
{
	int root, endless, i;

	if (!has_cpu1_switch())
		skip("no CPU can be taken offline");
	root = make_cloud(2, NULL);
	endless = load_endless(root);
	check_eq(get_stat(root).cpus, 2);
	submit_endless(root, endless, HOUR_NS, 3);
	wait_for_running(root, 2);
	for (i = 0; i < TRIES; i++) {
		switch_cpu1(false);
		wait_for_running(root, 1);
		check_eq(get_stat(root).cpus, 1);
		switch_cpu1(true);
		wait_for_running(root, 2);
		check_eq(get_stat(root).cpus, 2);
	}
}

/* No set leaves nothing for what cannot be preempted, and for the starts */
static void reservations_room_for_blocking(void)
{
	int root = make_embedded(1, NULL), program = load_quick(root);
	struct bpfsched_info info = get_info(root);
	__u64 start = monotonic_ns() + HOUR_NS, room, length = 10 * MS_NS;
	struct bpfsched_job_desc job = declared_job(program, start, HOUR_NS);

	check_ne(info.blocking_ns, 0);
	check_ne(info.start_ns, 0);
	check_ne(info.supply_ppm, 0);
	check_le(info.supply_ppm, BPFSCHED_PPM - 1);
	room = check_busy(root, job);
	check_le(room, HOUR_NS / BPFSCHED_PPM * info.supply_ppm);
	check_ge(room, HOUR_NS / BPFSCHED_PPM * info.supply_ppm - HOUR_NS / 20);
	job.run_time_ns = room;
	submit_one(root, job);
	/* a short deadline has to bear the same */
	job = urgent_job(program, length);
	job.flags |= BPFSCHED_JOB_NOT_BEFORE_ABS;
	job.not_before_ns = start + 10 * HOUR_NS;
	job.run_time_ns = length;
	room = check_busy(root, job);
	check_le(room + info.blocking_ns + info.start_ns, length);
	/* and one that is shorter than that is never kept */
	job.deadline_ns = info.blocking_ns;
	job.run_time_ns = 1;
	check_eq(check_busy(root, job), 0);
}

/* Also with as many periodic jobs as fit */
static void reservations_supply(void)
{
	int root = make_embedded(1, NULL), program = load_quick(root);
	struct bpfsched_job_desc job = periodic_job(program, HOUR_NS, 0);
	__u32 taken = 0;

	job.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_NOT_BEFORE_REL;
	job.deadline_ns = HOUR_NS;
	job.not_before_ns = HOUR_NS;
	job.run_time_ns = 4 * MINUTE_NS;
	while (submit(root, &job, 1) == 1) {
		job.id = 0;
		taken++;
	}
	check_eq(errno, EBUSY);
	check_ge(taken, 10);
	check_le(get_stat(root).reserved_ppm, get_info(root).supply_ppm);
	check_eq(get_stat(root).reservations, taken);
}

/* What was admitted stays, whoever comes, with whatever deadline */
static void reservations_no_victims(void)
{
	struct bpfsched_create create = params_of("embedded", 4);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	int program = load_quick(root), i;
	struct bpfsched_job_desc job = urgent_job(program, 2 * HOUR_NS);
	struct bpfsched_job_desc evicting;

	grant(root, ATTACKER, 100000);
	pause_scheduler(root);
	job.run_time_ns = 1000;
	submit_some(root, job, 3);
	submit_one(root, job_of(program));
	evicting = urgent_job(program, HOUR_NS);
	evicting.flags |= BPFSCHED_JOB_EVICT;
	/* the one that nobody vouched for goes, then nothing does */
	submit_one(root, evicting);
	read_status(root, BPFSCHED_STATUS_DROPPED);
	evicting.deadline_ns = HOUR_NS / 2;
	submit_one(root, evicting);
	read_status(root, BPFSCHED_STATUS_DROPPED);
	evicting.run_time_ns = 1000;
	submit_one(root, evicting);
	read_status(root, BPFSCHED_STATUS_DROPPED);
	evicting.deadline_ns = HOUR_NS / 4;
	for (i = 0; i < 5; i++) {
		check_fails(submit(root, &evicting, 1), EAGAIN);
		act_as(ATTACKER);
		check_fails(submit(fd, &evicting, 1), EAGAIN);
		act_as(0);
	}
	check_eq(has_events(root, POLLIN), false);
	check_eq(get_stat(root).reservations, 4);
	resume_scheduler(root);
	for (i = 0; i < 4; i++)
		read_status(root, BPFSCHED_STATUS_OK);
}

/* What a user changes of his own job cannot cost others their admission */
static void reservations_update(void)
{
	int root = make_embedded(1, NULL), fd = open_as(ATTACKER, MADE, 0);
	int program = load_quick(root);
	__u64 start = monotonic_ns() + HOUR_NS, roots, own;
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_DEADLINE_REL,
		.deadline_ns = 6 * MINUTE_NS,
	};

	grant(root, ATTACKER, 100000);
	roots = submit_one(root, declared_job(program, start, 50 * MINUTE_NS));
	act_as(ATTACKER);
	own = submit_one(fd, declared_job(program, start, 3 * MINUTE_NS));
	/* with that deadline the job would have been more than was granted */
	request.id = own;
	check_fails(update(fd, request), EDQUOT);
	request.deadline_ns = 3 * MINUTE_NS + 1;
	check_fails(update(fd, request), EDQUOT);
	act_as(0);
	/* and who may have more cannot take what others were promised either */
	grant(root, ATTACKER, BPFSCHED_PPM);
	act_as(ATTACKER);
	check_fails(update(fd, request), EBUSY);
	act_as(0);
	check(is_admitted(root, roots));
	check(is_admitted(fd, own));
	check_eq(get_stat(root).reservations, 2);
}

/*
 * Batches of jobs that are refused
 */

/* Leave so many places; the admitted jobs have periods of all lengths */
static void fill_reservations(int root, __u32 places)
{
	struct bpfsched_job_desc job = job_of(load_quick(root));
	__u32 count = get_info(root).max_reservations - places;
	__u64 period = 1000 * MS_NS;

	job.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = HOUR_NS;
	job.run_time_ns = MS_NS;
	while (count--) {
		period += 7 * MS_NS + 11;
		job.period_ns = period;
		job.deadline_ns = period - period / 10;
		submit_one(root, job);
	}
}

static struct bpfsched_job_desc batch[1024];

static __u32 fill_batch(int fd, int program, bool declared)
{
	__u32 count = get_info(fd).max_batch, i;
	struct bpfsched_job_desc job = job_of(program);

	check_le(count, ARRAY_SIZE(batch));
	if (declared) {
		job = urgent_job(program, 2000 * MS_NS);
		job.run_time_ns = 1990 * MS_NS;
		job.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
		job.not_before_ns = HOUR_NS;
	}
	for (i = 0; i < count; i++)
		batch[i] = job;
	return count;
}

/* The time for a batch of which every job is refused; of three the shortest */
static __u64 time_of_batch(int fd, bool declared)
{
	__u64 shortest = ~0ULL, begin, took;
	int program = load_quick(fd), round;
	__u32 count, i;

	for (round = 0; round < 3; round++) {
		count = fill_batch(fd, program, declared);
		begin = monotonic_ns();
		check_eq(submit(fd, batch, count), -1);
		took = monotonic_ns() - begin;
		if (took < shortest)
			shortest = took;
		for (i = 0; i < count; i++)
			check_eq(-batch[i].error, declared ? EBUSY : EAGAIN);
	}
	return shortest;
}

/* A test is more work than none, but not without bounds */
static void reservations_batch(void)
{
	int root = make_embedded(1, NULL), fd = open_as(ATTACKER, MADE, 0);
	struct bpfsched_job_desc job = job_of(load_quick(root));
	__u64 plain, declared;

	grant(root, ATTACKER, BPFSCHED_PPM);
	fill_reservations(root, 1);
	pause_scheduler(root);
	while (submit(root, &job, 1) == 1)
		job.id = 0;
	check_eq(errno, EAGAIN);
	act_as(ATTACKER);
	plain = time_of_batch(fd, false);
	declared = time_of_batch(fd, true);
	act_as(0);
	check_le(declared, 100 * plain);
}

static __u64 *rounds;

static void refuse_for_ever(void)
{
	int fd = open_client(MADE, 0), program = load_quick(fd);

	for (;;) {
		__u32 count = fill_batch(fd, program, true);

		__atomic_fetch_add(rounds, 1, __ATOMIC_RELAXED);
		if (submit(fd, batch, count) >= 0)
			fail("a job was taken that cannot be");
		check_eq(errno, EBUSY);
	}
}

/*
 * A call that is in the middle of a batch ends at SIGKILL, and not with the
 * batch: that would be after half of it, on the average
 */
static void reservations_batch_killed(void)
{
	int root = make_embedded(1, NULL), i;
	__u64 batch_ns, after_ns = 0, begin;
	pid_t pid;

	rounds = shared_numbers();
	grant(root, ATTACKER, BPFSCHED_PPM);
	fill_reservations(root, 1);
	act_as(ATTACKER);
	batch_ns = time_of_batch(open_client(MADE, 0), true);
	act_as(0);
	for (i = 0; i < TRIES; i++) {
		__atomic_store_n(rounds, 0, __ATOMIC_RELAXED);
		pid = start_as(ATTACKER, refuse_for_ever);
		while (!__atomic_load_n(rounds, __ATOMIC_RELAXED))
			wait_a_little();
		/* somewhere in the middle of the batch */
		pass_until(monotonic_ns() + batch_ns * i / TRIES);
		begin = monotonic_ns();
		end_process(pid);
		after_ns += monotonic_ns() - begin;
	}
	check_le(after_ns / TRIES, batch_ns / 4);
}

/* Reserves and cancels, with what it is granted; has little of a CPU for that */
static void reserve_for_ever(void)
{
	int fd = open_client(MADE, O_NONBLOCK);
	struct bpfsched_completion completion;
	struct bpfsched_job_desc job = small_job_of(load_quick(fd)), next;

	check_ok(nice(19));
	for (;;) {
		next = job;
		if (submit(fd, &next, 1) == 1)
			check_ok(cancel(fd, next.id));
		while (read(fd, &completion, sizeof(completion)) > 0)
			__atomic_fetch_add(rounds, 1, __ATOMIC_RELAXED);
	}
}

static void spin(void)
{
	for (;;)
		;
}

/* The shortest deadline, by powers of 2, with which such a job is admitted */
static __u64 shortest_deadline(int root, struct bpfsched_job_desc job)
{
	job.deadline_ns = MS_NS;
	while (submit(root, &job, 1) != 1) {
		check_eq(errno, EBUSY);
		job.deadline_ns *= 2;
	}
	read_status(root, BPFSCHED_STATUS_OK);
	return job.deadline_ns;
}

/*
 * Callers who are kept off the CPU in the middle of a test make it look long.
 * That is no reason to refuse others jobs with a short deadline for ever after:
 * what was admitted before is admitted again when the callers are gone.
 */
static void reservations_slow_callers(void)
{
	int root = make_embedded(1, NULL), i;
	struct bpfsched_job_desc job = urgent_job(load_quick(root), 0);
	pid_t slow[4], busy[4];
	__u64 without;

	rounds = shared_numbers();
	job.run_time_ns = 1000;
	grant(root, ATTACKER, BPFSCHED_PPM / 2);
	fill_reservations(root, 8);
	without = shortest_deadline(root, job);
	for (i = 0; i < 4; i++) {
		busy[i] = start_as(OTHER, spin);
		slow[i] = start_as(ATTACKER, reserve_for_ever);
	}
	while (__atomic_load_n(rounds, __ATOMIC_RELAXED) < 200)
		wait_a_little();
	for (i = 0; i < 4; i++) {
		end_process(busy[i]);
		end_process(slow[i]);
	}
	job.deadline_ns = 2 * without;
	while (submit(root, &job, 1) != 1) {
		check_eq(errno, EBUSY);
		wait_a_little();
	}
	read_status(root, BPFSCHED_STATUS_OK);
}

/* And it stops for a suspend, which waits for all processes */
static void reservations_batch_suspended(void)
{
	int root = make_embedded(1, NULL);
	__u64 done;
	pid_t pid;

	skip_without_suspend();
	rounds = shared_numbers();
	grant(root, ATTACKER, BPFSCHED_PPM);
	fill_reservations(root, 1);
	pid = start_as(ATTACKER, refuse_for_ever);
	while (!__atomic_load_n(rounds, __ATOMIC_RELAXED))
		wait_a_little();
	suspend();
	done = __atomic_load_n(rounds, __ATOMIC_RELAXED);
	while (__atomic_load_n(rounds, __ATOMIC_RELAXED) < done + 2)
		wait_a_little();
	end_process(pid);
}

static const struct ktap_test tests[] = {
	{ "reservations.privilege", reservations_privilege },
	{ "reservations.places", reservations_places },
	{ "reservations.many_workers", reservations_many_workers },
	{ "reservations.one_job_a_cpu", reservations_one_job_a_cpu },
	{ "reservations.cpu_goes_under_jobs",
	  reservations_cpu_goes_under_jobs },
	{ "reservations.cpu_goes", reservations_cpu_goes },
	{ "reservations.room_for_blocking", reservations_room_for_blocking },
	{ "reservations.supply", reservations_supply },
	{ "reservations.no_victims", reservations_no_victims },
	{ "reservations.update", reservations_update },
	{ "reservations.batch", reservations_batch },
	{ "reservations.batch_killed", reservations_batch_killed },
	{ "reservations.slow_callers", reservations_slow_callers },
	{ "reservations.batch_suspended", reservations_batch_suspended },
};

const struct subject reservations_subject = { tests, ARRAY_SIZE(tests) };
