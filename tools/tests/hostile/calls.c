// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on calls: numbers at which a list begins anew, sleepers whom nobody
 * wakes, crowds of sleepers whom everybody wakes, and copies that never end.
 */
#include "hostile.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include <time.h>

#include <linux/userfaultfd.h>

/*
 * Lists
 */
static const __u64 odd_ids[] = {
	1, 2, (1ULL << 32) - 1, 1ULL << 32, (1ULL << 63) - 1, 1ULL << 63,
	~0ULL - 1, ~0ULL,
};

static int client_with_odd_ids(uid_t uid)
{
	int fd = open_as(uid, MADE, 0);
	struct bpfsched_job_desc job = far_job_of(load_quick(fd));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(odd_ids); i++) {
		job.id = odd_ids[ARRAY_SIZE(odd_ids) - 1 - i];
		check_eq(submit_one(fd, job), job.id);
	}
	return fd;
}

/* Go through a list, so many at a time; returns how many there were */
static __u32 walk(int fd, __u32 flags, __u32 room)
{
	struct bpfsched_job_info infos[16];
	struct bpfsched_jobs request = {
		.size = sizeof(request),
		.flags = flags,
		.info_size = sizeof(*infos),
		.jobs = (uintptr_t)infos,
	};
	__u64 client = 0, id = 0;
	__u32 total = 0, i;

	do {
		request.count = room;
		check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &request));
		check_le(request.count, room);
		for (i = 0; i < request.count; i++) {
			if (infos[i].client == client)
				check_ge(infos[i].id, id + 1);
			else
				check_ge(infos[i].client, client + 1);
			client = infos[i].client;
			id = infos[i].id;
		}
		total += request.count;
	} while (request.client || request.id);
	return total;
}

/* Every job is listed once, and the list ends */
static void calls_list_ends(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), fd, other;
	struct bpfsched_job_info infos[16];
	__u32 room;
	size_t i;

	fd = client_with_odd_ids(ATTACKER);
	other = client_with_odd_ids(OTHER);
	for (room = 1; room <= ARRAY_SIZE(infos); room++) {
		check_eq(walk(root, BPFSCHED_JOBS_ANY_CLIENT, room),
			 2 * ARRAY_SIZE(odd_ids));
		check_eq(walk(fd, 0, room), ARRAY_SIZE(odd_ids));
		check_eq(walk(root, 0, room), 0);
	}
	check_eq(list_own(other, infos, ARRAY_SIZE(infos)),
		 ARRAY_SIZE(odd_ids));
	for (i = 0; i < ARRAY_SIZE(odd_ids); i++) {
		check_eq(infos[i].id, odd_ids[i]);
		check_ok(cancel(fd, odd_ids[i]));
	}
	check_eq(walk(root, BPFSCHED_JOBS_ANY_CLIENT, 3), ARRAY_SIZE(odd_ids));
}

/* Cursors that no list has given out do no harm */
static void calls_list_odd_cursors(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), fd = client_with_odd_ids(ATTACKER);
	struct bpfsched_job_info infos[16];
	struct bpfsched_jobs request = {
		.size = sizeof(request),
		.flags = BPFSCHED_JOBS_ANY_CLIENT,
		.info_size = sizeof(*infos),
		.jobs = (uintptr_t)infos,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(odd_ids); i++) {
		request.count = ARRAY_SIZE(infos);
		request.client = odd_ids[i] > 1ULL << 32 ? odd_ids[i] :
				 get_info(fd).client;
		request.id = odd_ids[i];
		check_ok(ioctl(root, BPFSCHED_IOC_JOBS, &request));
		check_eq(request.count, request.client > 1ULL << 32 ? 0 :
			 odd_ids[i] > 1ULL << 32 ? 0 :
			 ARRAY_SIZE(odd_ids) - 1 - i);
		check_eq(request.client, 0);
	}
}

/* The command ends, and shows the last number that there is */
static void calls_list_command(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	char line[512];
	bool shown = false;
	FILE *listed;
	int fd;

	make_scheduler(&create);
	fd = client_with_odd_ids(ATTACKER);
	/* so that a list that is shown in parts has a part that ends with it */
	submit_some(fd, far_job_of(load_quick(fd)),
		    256 - ARRAY_SIZE(odd_ids));
	listed = popen("bpfsched -s made jobs", "r");
	check(listed);
	while (fgets(line, sizeof(line), listed))
		shown |= !!strstr(line, "18446744073709551615");
	check_eq(pclose(listed), 0);
	check(shown);
}

/*
 * Sleepers
 */
static int slept_on;

static void poll_for_room(void)
{
	struct pollfd poller = { .fd = slept_on, .events = POLLOUT };
	int fd;

	/* what the test closes is to be closed */
	for (fd = 3; fd < 64; fd++) {
		if (fd != slept_on)
			close(fd);
	}
	check_ok(poll(&poller, 1, -1));
	check_ne(poller.revents & POLLOUT, 0);
}

/* Somebody sleeps until there is room for a job of this file */
static pid_t sleep_on(int fd)
{
	pid_t pid;

	slept_on = fd;
	check_eq(has_events(fd, POLLOUT), false);
	pid = start_as(ATTACKER, poll_for_room);
	wait_blocked(pid);
	return pid;
}

/* A file whose completion slots are all taken, by jobs that are far ahead */
static void take_slots(int fd, struct bpfsched_job_desc job, __u64 *ids,
		       __u32 count)
{
	__u32 i;

	for (i = 0; i < count; i++)
		ids[i] = submit_one(fd, job);
	check_over(fd, job, BPFSCHED_LIMIT_COMPLETIONS);
}

static int make_roomy(void)
{
	struct bpfsched_create create = params_of("cloud", 4);

	create.user_flags = BPFSCHED_USER_SET_JOBS | BPFSCHED_USER_SET_WAITING;
	create.user_limits.jobs = BPFSCHED_NO_LIMIT;
	create.user_limits.waiting = BPFSCHED_NO_LIMIT;
	return make_scheduler(&create);
}

/* When periodic jobs are cancelled, by whomever, their slots come back */
static void calls_pollout_cancel(void)
{
	int root = make_roomy(), fd = open_as(ATTACKER, MADE, 0);
	__u32 count = get_info(fd).completion_slots / 2;
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), FAR_NS, 0);
	__u64 ids[64];
	pid_t pid;

	check_le(count, ARRAY_SIZE(ids));
	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = FAR_NS;
	take_slots(fd, job, ids, count);
	pid = sleep_on(fd);
	check_ok(cancel(fd, ids[0]));
	check_ok(cancel(fd, ids[1]));
	check_child(pid);
	check_eq(has_events(fd, POLLOUT), true);
	submit_one(fd, job_of(job.prog_fd));
	check_over(fd, job, BPFSCHED_LIMIT_COMPLETIONS);
	pid = sleep_on(fd);
	check_ok(cancel_any(root, ids[2], get_info(fd).client));
	check_ok(cancel_any(root, ids[3], get_info(fd).client));
	check_child(pid);
}

/* Reading gives slots back */
static void calls_pollout_read(void)
{
	int root = make_roomy(), fd = open_as(ATTACKER, MADE, 0);
	__u32 count = get_info(fd).completion_slots, i;
	int program = load_quick(fd);
	pid_t pid;

	for (i = 0; i < count; i++) {
		submit_one(fd, job_of(program));
		wait_for_jobs(root, 0);
	}
	pid = sleep_on(fd);
	read_status(fd, BPFSCHED_STATUS_OK);
	read_status(fd, BPFSCHED_STATUS_OK);
	check_child(pid);
}

/* A user whose jobs are all in one file waits for them in another */
static void pollout_of_user(void (*end_one)(int fd, __u64 id))
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	int second = open_as(ATTACKER, MADE, 0);
	struct bpfsched_job_desc job = periodic_job(load_quick(fd), FAR_NS, 0);
	__u64 id;
	pid_t pid;

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = FAR_NS;
	id = submit_one(fd, job);
	pause_scheduler(root);
	submit_until(fd, job_of(job.prog_fd), BPFSCHED_LIMIT_USER_JOBS);
	pid = sleep_on(second);
	end_one(fd, id);
	check_child(pid);
	submit_one(second, job_of(job.prog_fd));
	close(fd);
	close(second);
	close(root);
	end_made();
}

static void by_cancelling(int fd, __u64 id)
{
	check_ok(cancel(fd, id));
}

static void by_closing(int fd, __u64 id)
{
	(void)id;
	/* the number remains, of another file */
	check_ok(dup2(open_client(CLOUD, 0), fd));
}

static void by_running(int fd, __u64 id)
{
	(void)id;
	resume_scheduler(fd);
}

static void calls_pollout_user(void)
{
	pollout_of_user(by_cancelling);
	pollout_of_user(by_closing);
	pollout_of_user(by_running);
}

/*
 * Crowds
 */
#define CROWD	200

static void *poll_for_record(void *fd)
{
	struct pollfd poller = { .fd = (intptr_t)fd, .events = POLLIN };

	return (void *)(intptr_t)(poll(&poller, 1, -1) == 1);
}

static void *drain_thread(void *fd)
{
	struct bpfsched_drain request = { .size = sizeof(request) };

	return (void *)(intptr_t)!ioctl((intptr_t)fd, BPFSCHED_IOC_DRAIN,
					&request);
}

static void start_crowd(pthread_t *threads, void *(*what)(void *fd), int fd)
{
	pthread_attr_t attr;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < CROWD; i++)
		check_eq(pthread_create(&threads[i], &attr, what,
					(void *)(intptr_t)fd), 0);
	pthread_attr_destroy(&attr);
}

static void join_crowd(const pthread_t *threads)
{
	void *done;
	int i;

	for (i = 0; i < CROWD; i++) {
		check_eq(pthread_join(threads[i], &done), 0);
		check(done);
	}
}

/* All who wait for the same are woken, all at once */
static void calls_crowds(void)
{
	struct bpfsched_create create = params_of("embedded", 0);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	int other = open_as(OTHER, MADE, 0), program = load_quick(root);
	pthread_t pollers[CROWD], drainers[CROWD];

	pause_scheduler(root);
	submit_one(fd, job_of(program));
	start_crowd(pollers, poll_for_record, fd);
	start_crowd(drainers, drain_thread, fd);
	submit_one(other, job_of(program));
	resume_scheduler(root);
	read_status(other, BPFSCHED_STATUS_OK);
	join_crowd(pollers);
	join_crowd(drainers);
	check_eq(run_program(other, program).r0, QUICK_RESULT);
}

/* Jobs of one client wake nobody who waits for another's */
static void calls_epoll(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), other = open_as(OTHER, MADE, 0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int polls[CROWD], fd, program = load_quick(root), i;

	fd = open_as(ATTACKER, MADE, 0);
	for (i = 0; i < CROWD; i++) {
		polls[i] = check_ok(epoll_create1(EPOLL_CLOEXEC));
		check_ok(epoll_ctl(polls[i], EPOLL_CTL_ADD, fd, &event));
		check_eq(epoll_wait(polls[i], &event, 1, 0), 1);
		check_eq(event.events, EPOLLOUT);
		event.events = EPOLLIN | EPOLLOUT | EPOLLET;
	}
	for (i = 0; i < 50; i++)
		check_eq(run_program(other, program).r0, QUICK_RESULT);
	for (i = 0; i < CROWD; i++)
		check_eq(epoll_wait(polls[i], &event, 1, 0), 0);
	/* but their own do */
	submit_one(fd, job_of(program));
	for (i = 0; i < CROWD; i++) {
		check_eq(epoll_wait(polls[i], &event, 1, -1), 1);
		check_ne(event.events & EPOLLIN, 0);
	}
}

static void wait_drained(void)
{
	struct bpfsched_drain request = { .size = sizeof(request) };
	int fd = open_client(MADE, 0);

	check_ok(ioctl(fd, BPFSCHED_IOC_DRAIN, &request));
}

static void wait_for_record(void)
{
	read_completion(open_client(MADE, 0));
}

static void wait_for_event(void)
{
	struct pollfd poller = { .events = POLLIN };

	poller.fd = open_client(MADE, 0);
	check_ok(poll(&poller, 1, -1));
}

/* All that waits ends at SIGKILL */
static void calls_killed(void)
{
	static void (*const waits[])(void) = {
		wait_drained, wait_for_record, wait_for_event,
	};
	struct bpfsched_create create = params_of("embedded", 0);
	int root = make_scheduler(&create), program = load_quick(root);
	pid_t pids[30];
	int i;

	pause_scheduler(root);
	submit_one(root, job_of(program));
	for (i = 0; i < 30; i++)
		pids[i] = start_as(ATTACKER, waits[i % ARRAY_SIZE(waits)]);
	for (i = 0; i < 30; i++)
		wait_blocked(pids[i]);
	for (i = 0; i < 30; i++)
		end_process(pids[i]);
	resume_scheduler(root);
	read_status(root, BPFSCHED_STATUS_OK);
}

/* Others' jobs that are far ahead need not be waited for */
static void calls_drain_own(void)
{
	struct bpfsched_create create = params_of("embedded", 0);
	int root = make_scheduler(&create), fd = open_as(ATTACKER, MADE, 0);
	struct bpfsched_drain request = {
		.size = sizeof(request),
		.flags = BPFSCHED_DRAIN_OWN,
	};
	int program = load_quick(root);

	submit_until(fd, far_job_of(program), BPFSCHED_LIMIT_USER_JOBS);
	submit_one(root, job_of(program));
	check_ok(ioctl(root, BPFSCHED_IOC_DRAIN, &request));
	check_eq(has_events(root, POLLIN), true);
	request.flags = BPFSCHED_DRAIN_NOWAIT;
	check_fails(ioctl(root, BPFSCHED_IOC_DRAIN, &request), EAGAIN);
	request.flags |= BPFSCHED_DRAIN_OWN;
	check_ok(ioctl(root, BPFSCHED_IOC_DRAIN, &request));
	check_fails(ioctl(fd, BPFSCHED_IOC_DRAIN, &request), EAGAIN);
}

/*
 * Copies that never end: contexts in memory whose pages nobody delivers
 */

/* A page that is never there, for the process and those that it starts */
static char *missing_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	long fd = check_ok(syscall(SYS_userfaultfd, O_CLOEXEC));
	char *page;

	check_ok(ioctl(fd, UFFDIO_API, &api));
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(page != MAP_FAILED);
	area.range.start = (uintptr_t)page;
	area.range.len = 4096;
	check_ok(ioctl(fd, UFFDIO_REGISTER, &area));
	return page;
}

static const char *held_node;
static char *missing;

/* Submits as many jobs as can be, of which the context of the last is missing */
static void hold_pool(void)
{
	static struct bpfsched_job_desc jobs[1024];
	static const char byte;
	int fd = open_client(held_node, 0), program = load_quick(fd);
	__u32 count = get_info(fd).max_batch, i;

	check_le(count, ARRAY_SIZE(jobs));
	for (i = 0; i < count; i++) {
		jobs[i] = job_of(program);
		jobs[i].context = (uintptr_t)&byte;
		jobs[i].context_len = 1;
	}
	jobs[count - 1].context = (uintptr_t)missing;
	submit(fd, jobs, count);
	fail("the call came back: %s", strerror(errno));
}

/* A job with a context, which comes back */
static void check_context_served(int fd, int program)
{
	struct bpfsched_completion completion;
	unsigned char bytes[4] = { 1, 2, 3, 4 };
	struct bpfsched_job_desc job = job_of(program);

	job.context = (uintptr_t)bytes;
	job.context_len = sizeof(bytes);
	completion = run_job(fd, job);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, 10);
}

/*
 * A process makes the page, which takes a privilege on many machines, and then
 * attacks without one: a slow file system or a debugger would do as well.
 */
static void hold_with_missing_page(void)
{
	missing = missing_page();
	become(ATTACKER);
	hold_pool();
}

static void slow_copies_on(const char *node)
{
	int root = open_client(node, 0), other, program, i;
	pid_t pids[8];

	held_node = node;
	open_to_all(node);
	other = open_as(OTHER, node, 0);
	program = load_adding(root);
	check_context_served(root, program);
	for (i = 0; i < 8; i++)
		pids[i] = start_as(0, hold_with_missing_page);
	for (i = 0; i < 8; i++) {
		while (!strchr("SD", state_of(pids[i])))
			wait_a_little();
	}
	for (i = 0; i < 100; i++) {
		check_context_served(root, program);
		check_context_served(other, program);
	}
	for (i = 0; i < 8; i++)
		end_process(pids[i]);
	wait_for_jobs(root, 0);
	check_context_served(other, program);
	close(root);
	close(other);
}

static void calls_slow_copies(void)
{
	if (access("/proc/sys/vm/unprivileged_userfaultfd", F_OK))
		skip("this kernel has no userfaultfd");
	slow_copies_on(EMBEDDED);
	slow_copies_on(CLOUD);
}

/*
 * Signals
 */
#define CALLS	400

static void catch_signal(int number)
{
	(void)number;
}

/* A signal every 300 us, that ends whatever waits */
static timer_t start_signals(void)
{
	const struct itimerspec often = {
		.it_interval.tv_nsec = 300000, .it_value.tv_nsec = 300000,
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
	};
	const struct sigaction action = { .sa_handler = catch_signal };
	timer_t timer;

	check_ok(sigaction(SIGUSR1, &action, NULL));
	check_ok(timer_create(CLOCK_MONOTONIC, &event, &timer));
	check_ok(timer_settime(timer, 0, &often, NULL));
	return timer;
}

/* Jobs that wait for room; returns how many were taken */
static __u32 submit_interrupted(int fd, int program)
{
	struct bpfsched_job_desc jobs[8];
	__u32 count = 0, i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		jobs[i] = job_of(program);
		jobs[i].flags = BPFSCHED_JOB_WAIT;
	}
	ret = submit(fd, jobs, ARRAY_SIZE(jobs));
	if (ret < 0) {
		check(errno == EINTR || errno == EDQUOT);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		count += !jobs[i].error;
	check_eq(count, ret);
	return count;
}

/* Completions, as many as there are, or none; returns how many */
static __u32 read_interrupted(int fd)
{
	struct bpfsched_completion done[4];
	ssize_t size = read(fd, done, sizeof(done));

	if (size < 0) {
		check(errno == EINTR || errno == EAGAIN);
		return 0;
	}
	check_eq(size % sizeof(done[0]), 0);
	return size / sizeof(done[0]);
}

static void be_interrupted(void)
{
	struct bpfsched_drain drain = {
		.size = sizeof(drain), .flags = BPFSCHED_DRAIN_OWN,
	};
	int fd = open_client(MADE, 0), program = load_quick(fd), i;
	__u64 taken = 0, ended = 0;
	timer_t timer = start_signals();
	__u32 more;

	for (i = 0; i < CALLS; i++) {
		taken += submit_interrupted(fd, program);
		ended += read_interrupted(fd);
		if (ioctl(fd, BPFSCHED_IOC_DRAIN, &drain) < 0)
			check_eq(errno, EINTR);
	}
	check_ok(timer_delete(timer));
	check_ok(ioctl(fd, BPFSCHED_IOC_DRAIN, &drain));
	check_ok(fcntl(fd, F_SETFL, O_NONBLOCK));
	while ((more = read_interrupted(fd)))
		ended += more;
	check_eq(ended, taken);
	check_ge(taken, CALLS / 4);
}

/*
 * Signals at every moment of every call: each job that was taken has its
 * completion, nothing is left of one that was not, and others are served.
 */
static void calls_signals(void)
{
	struct bpfsched_create create = params_of("cloud", 4);
	struct bpfsched_stat stat;
	pid_t pids[3];
	int root, program, i;

	create.workers = 1;
	create.user_flags = BPFSCHED_USER_SET_JOBS;
	create.user_limits.jobs = BPFSCHED_NO_LIMIT;
	root = make_scheduler(&create);
	program = load_quick(root);
	for (i = 0; i < 3; i++)
		pids[i] = start_as(i ? ATTACKER : OTHER, be_interrupted);
	for (i = 0; i < 50; i++) {
		struct bpfsched_job_desc job = job_of(program);

		job.flags = BPFSCHED_JOB_WAIT;
		check_eq(run_job(root, job).r0, QUICK_RESULT);
	}
	for (i = 0; i < 3; i++)
		check_child(pids[i]);
	wait_for_jobs(root, 0);
	stat = get_stat(root);
	check_balance(&stat);
	check_eq(stat.submitted, stat.completed);
}

/*
 * Changes
 */
#define ROUNDS	30

static __u64 start_waiting(int fd, struct bpfsched_job_desc job, __u64 **flag)
{
	job.prog_fd = load_waiting(fd, flag);
	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	return submit_one(fd, job);
}

/* Change all that can be changed of a job; some of it is refused */
static void change_all(int fd, __u64 id, int round)
{
	const struct bpfsched_update changes[] = {
		{ .flags = BPFSCHED_UPDATE_PRIORITY, .priority = round % 4 },
		{ .flags = BPFSCHED_UPDATE_DEADLINE_REL,
		  .deadline_ns = (1 + round % 3) * HOUR_NS },
		{ .flags = BPFSCHED_UPDATE_DEADLINE_REL, .deadline_ns = 1 },
		{ .flags = BPFSCHED_UPDATE_DEADLINE_REL, .deadline_ns = ~0ULL },
		{ .flags = BPFSCHED_UPDATE_DEADLINE_ABS, .deadline_ns = ~0ULL },
		{ .flags = BPFSCHED_UPDATE_DEADLINE_ABS,
		  .deadline_ns = FAR_NS + HOUR_NS },
		{ .flags = BPFSCHED_UPDATE_BUDGET_INSNS,
		  .budget_insns = BPFSCHED_BUDGET_UNLIMITED },
		{ .flags = BPFSCHED_UPDATE_BUDGET_NS, .budget_ns = ~0ULL },
	};
	struct bpfsched_update change;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		change = changes[i];
		change.id = id;
		if (update(fd, change) < 0)
			check(errno == EINVAL || errno == ETIME);
	}
}

/*
 * The attacker changes jobs that wait, are ready, run, and have made way. They
 * stay what they are, and those of others go before them as ever.
 */
static void calls_updates(void)
{
	struct bpfsched_create create = params_of("cloud", 16);
	int root, fd, other, quick, i, k;
	struct bpfsched_stat stat;
	struct bpfsched_job_info infos[8];
	__u64 ids[5], *flags[3];

	strcpy(create.policy, "deadline");
	create.workers = 1;
	create.user_budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	root = make_scheduler(&create);
	fd = open_as(ATTACKER, MADE, 0);
	other = open_as(OTHER, MADE, 0);
	quick = load_quick(root);
	act_as(ATTACKER);
	ids[0] = start_waiting(fd, job_of(-1), &flags[0]);
	wait_running(fd, 1);
	ids[1] = start_waiting(fd, urgent_job(-1, HOUR_NS), &flags[1]);
	while (job_info_of(fd, ids[0]).state != BPFSCHED_JOB_STATE_PAUSED)
		wait_a_little();
	ids[2] = start_waiting(fd, job_of(-1), &flags[2]);
	ids[3] = submit_one(fd, far_job_of(quick));
	ids[4] = submit_one(fd, periodic_job(quick, FAR_NS, 0));
	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < 5; k++)
			change_all(fd, ids[k], i + k);
		check_eq(list_own(fd, infos, ARRAY_SIZE(infos)), 5);
		check_eq(run_job(other, urgent_job(quick, HOUR_NS / 2)).status,
			 BPFSCHED_STATUS_OK);
		check_eq(run_job(root, urgent_job(quick, HOUR_NS / 2)).status,
			 BPFSCHED_STATUS_OK);
		stat = get_stat(root);
		check_balance(&stat);
	}
	act_as(0);
	close(fd);
	wait_for_jobs(root, 0);
	stat = get_stat(root);
	check_balance(&stat);
	check_eq(stat.cancelled, 5);
}

static const struct ktap_test tests[] = {
	{ "calls.list_ends", calls_list_ends },
	{ "calls.list_odd_cursors", calls_list_odd_cursors },
	{ "calls.list_command", calls_list_command },
	{ "calls.pollout_cancel", calls_pollout_cancel },
	{ "calls.pollout_read", calls_pollout_read },
	{ "calls.pollout_user", calls_pollout_user },
	{ "calls.crowds", calls_crowds },
	{ "calls.epoll", calls_epoll },
	{ "calls.killed", calls_killed },
	{ "calls.drain_own", calls_drain_own },
	{ "calls.slow_copies", calls_slow_copies },
	{ "calls.signals", calls_signals },
	{ "calls.updates", calls_updates },
};

const struct subject calls_subject = { tests, ARRAY_SIZE(tests) };
