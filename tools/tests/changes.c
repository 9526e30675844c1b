// SPDX-License-Identifier: GPL-2.0
/*
 * What can be changed: a job that has not ended, by UPDATE, and the limits of
 * users, by USER_SET, which USERS lists. What the limits do is not tested here.
 */
#include "client.h"

#include <grp.h>

#define SOME_UID	4711

static void drop_privileges(void)
{
	check_ok(setgroups(0, NULL));
	check_ok(setresgid(65534, 65534, 65534));
	check_ok(setresuid(65534, 65534, 65534));
}

/*
 * UPDATE
 */

/* A job that waits until it is cancelled */
static __u64 submit_for_later(int fd)
{
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = HOUR_NS;
	return submit_one(fd, job);
}

/* What is wrong with each of them */
static const struct {
	struct bpfsched_update request;
	int want;
} refused_updates[] = {
	{ { .flags = 0 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_PRIORITY, .limit = 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_PRIORITY, .client = 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_PRIORITY,
	    .priority = BPFSCHED_PRIORITY_CRITICAL + 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_BUDGET_NS, .priority = 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_PRIORITY, .deadline_ns = 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_PRIORITY, .budget_insns = 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_PRIORITY, .budget_ns = 1 }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_DEADLINE_ABS |
		     BPFSCHED_UPDATE_DEADLINE_REL,
	    .deadline_ns = HOUR_NS }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_BUDGET_INSNS }, EINVAL },
	{ { .flags = BPFSCHED_UPDATE_BUDGET_INSNS,
	    .budget_insns = 1000000001 }, E2BIG },
	{ { .flags = BPFSCHED_UPDATE_BUDGET_INSNS,
	    .budget_insns = BPFSCHED_BUDGET_UNLIMITED }, E2BIG },
	{ { .flags = BPFSCHED_UPDATE_DEADLINE_ABS, .deadline_ns = 1 }, ETIME },
};

static void update_arguments(void)
{
	int fd = open_client(EMBEDDED, 0), bit;
	struct bpfsched_update request = { .id = submit_for_later(fd) };
	__u64 id = request.id;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused_updates); i++) {
		request = refused_updates[i].request;
		request.id = id;
		if (update(fd, request) != -1 ||
		    errno != refused_updates[i].want)
			fail("update %zu: %m", i);
	}
	request = (struct bpfsched_update){ .id = id };
	for (bit = 6; bit < 32; bit++) {
		request.flags = BPFSCHED_UPDATE_PRIORITY | 1U << bit;
		check_fails(update(fd, request), EINVAL);
	}
	request.flags = BPFSCHED_UPDATE_PRIORITY;
	check_ok(update(fd, request));
	check_ok(cancel(fd, id));
	check_fails(update(fd, request), ENOENT);
}

static void update_without_deadlines(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_DEADLINE_REL,
		.id = submit_for_later(fd),
		.deadline_ns = HOUR_NS,
	};

	check_fails(update(fd, request), EOPNOTSUPP);
	request.flags = BPFSCHED_UPDATE_DEADLINE_ABS;
	check_fails(update(fd, request), EOPNOTSUPP);
	check_ok(cancel(fd, request.id));
}

static void update_of_period(void)
{
	int fd = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_DEADLINE_ABS,
		.deadline_ns = monotonic_ns() + 2 * HOUR_NS,
	};

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = HOUR_NS;
	job.period_ns = HOUR_NS;
	request.id = submit_one(fd, job);
	check_fails(update(fd, request), EINVAL);
	request.flags = BPFSCHED_UPDATE_DEADLINE_REL;
	request.deadline_ns = HOUR_NS;
	check_ok(update(fd, request));
	check_ok(cancel(fd, request.id));
}

static void update_of_others(void)
{
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.id = submit_for_later(other),
	};
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = HOUR_NS;
	check_fails(update(fd, request), ENOENT);
	request.flags |= BPFSCHED_UPDATE_ANY_CLIENT;
	request.client = get_info(fd).client;
	check_fails(update(fd, request), ENOENT);
	request.client = get_info(other).client;
	check_ok(update(fd, request));
	/* The only one that has such a job, if there is only one */
	request.client = 0;
	check_ok(update(fd, request));
	job.id = request.id;
	submit_one(fd, job);
	check_fails(update(fd, request), ENOTUNIQ);
	check_ok(cancel(fd, request.id));
	check_ok(cancel(other, request.id));
	check_fails(update(fd, request), ENOENT);
}

/* The last of three gets ahead of the others */
static void update_order(struct bpfsched_update request)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_completion done;
	__u64 first, last;

	pause_scheduler(fd);
	for (i = 0; i < 3; i++)
		request.id = submit_one(fd, job_of(program));
	check_ok(update(fd, request));
	resume_scheduler(fd);
	done = read_completion(fd);
	first = done.id;
	check_eq(first, request.id);
	if (request.flags & BPFSCHED_UPDATE_PRIORITY)
		check_eq(done.priority, request.priority);
	else
		check_ne(done.deadline_ns, 0);
	last = done.start_seq;
	for (i = 0; i < 2; i++) {
		done = read_completion(fd);
		check_ge(done.start_seq, last);
		last = done.start_seq;
	}
}

static void update_priority(void)
{
	update_order((struct bpfsched_update){
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.priority = BPFSCHED_PRIORITY_HIGH,
	});
}

/* These jobs were started in this order, whenever they ended */
static void check_start_order(int fd, const __u64 *ids, int count)
{
	struct bpfsched_completion done;
	__u64 seqs[8] = {};
	int i, k;

	check_le(count, ARRAY_SIZE(seqs));
	for (i = 0; i < count; i++) {
		done = read_completion(fd);
		for (k = 0; k < count; k++) {
			if (ids[k] == done.id)
				seqs[k] = done.start_seq;
		}
	}
	for (k = 1; k < count; k++)
		check_ge(seqs[k], seqs[k - 1] + 1);
}

/* Who gets the priority of others goes behind them, first come or not */
static void update_behind_equals(void)
{
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.priority = BPFSCHED_PRIORITY_NORMAL,
	};
	const char *const nodes[] = { CLOUD, EMBEDDED };
	struct bpfsched_job_desc job;
	__u64 ids[4];
	size_t node;
	int fd, i;

	for (node = 0; node < ARRAY_SIZE(nodes); node++) {
		fd = open_client(nodes[node], 0);
		job = job_of(load_quick(fd));
		pause_scheduler(fd);
		for (i = 0; i < 4; i++) {
			job.priority = i ? BPFSCHED_PRIORITY_NORMAL :
					   BPFSCHED_PRIORITY_LOW;
			ids[i] = submit_one(fd, job);
		}
		request.id = ids[0];
		check_ok(update(fd, request));
		/* and this changes nothing */
		request.id = ids[1];
		check_ok(update(fd, request));
		resume_scheduler(fd);
		check_start_order(fd, (const __u64[]){
			ids[1], ids[2], ids[3], ids[0],
		}, 4);
		close(fd);
	}
}

static void update_deadline(void)
{
	update_order((struct bpfsched_update){
		.flags = BPFSCHED_UPDATE_DEADLINE_REL,
		.deadline_ns = HOUR_NS,
	});
	update_order((struct bpfsched_update){
		.flags = BPFSCHED_UPDATE_DEADLINE_ABS,
		.deadline_ns = monotonic_ns() + HOUR_NS,
	});
}

/* A job that runs for ever gets an end */
static void update_budget_of_running(__u32 flags)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_update request = {
		.flags = flags,
		.budget_insns = 1000,
		.budget_ns = 1000,
	};

	request.id = submit_one(fd, endless_job_of(load_endless(fd)));
	wait_running(fd, 1);
	if (!(flags & BPFSCHED_UPDATE_BUDGET_INSNS))
		request.budget_insns = 0;
	if (!(flags & BPFSCHED_UPDATE_BUDGET_NS))
		request.budget_ns = 0;
	check_ok(update(fd, request));
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_BUDGET);
}

static void update_budget(void)
{
	update_budget_of_running(BPFSCHED_UPDATE_BUDGET_INSNS);
	update_budget_of_running(BPFSCHED_UPDATE_BUDGET_NS);
	update_budget_of_running(BPFSCHED_UPDATE_BUDGET_INSNS |
				 BPFSCHED_UPDATE_BUDGET_NS);
}

static void update_permission(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.id = submit_for_later(fd),
	};

	drop_privileges();
	check_ok(update(fd, request));
	request.flags |= BPFSCHED_UPDATE_ANY_CLIENT;
	request.client = get_info(fd).client;
	check_fails(update(fd, request), EPERM);
	check_ok(cancel(fd, request.id));
}

static void update_read_only(void)
{
	int fd = check_ok(open(CLOUD, O_RDONLY));
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.id = 1,
	};

	check_fails(update(fd, request), EBADF);
}

/*
 * USERS, USER_SET
 */

static void users_arguments(void)
{
	static struct bpfsched_user_info info;
	struct bpfsched_users good = {
		.size = sizeof(good),
		.count = 1,
		.info_size = sizeof(info),
		.users = (uintptr_t)&info,
	}, request;
	int fd = open_client(CLOUD, 0), bit;

	for (bit = 1; bit < 32; bit++) {
		request = good;
		request.flags = 1U << bit;
		check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), EINVAL);
	}
	request = good;
	request.count = 0;
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), EINVAL);
	request.count = 1025;
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), E2BIG);
	request = good;
	request.info_size = sizeof(info) - 8;
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), EINVAL);
	request.info_size = 4104;
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), E2BIG);
	request = good;
	request.users = (uintptr_t)before_a_hole(sizeof(info) - 8);
	check_fails(ioctl(fd, BPFSCHED_IOC_USERS, &request), EFAULT);
	check_ok(ioctl(fd, BPFSCHED_IOC_USERS, &good));
	check_eq(good.count, 1);
	check_eq(good.after, 0);
}

/* What the user of the file has in use */
static void users_own(void)
{
	int fd = open_client(CLOUD, 0), other, program = load_quick(fd);
	struct bpfsched_user_info before, after;
	struct bpfsched_job_desc job = job_of(program);
	__u64 next;

	check_eq(list_users(fd, 0, 0, &before, 1, &next), 1);
	check_eq(before.uid, getuid());
	check_eq(before.flags & BPFSCHED_USER_KERNEL, 0);
	check_eq(before.comm[0], 0);
	check_ge(before.clients, 1);
	check_ge(before.programs, 1);
	check_ge(before.memory, 2 * sizeof(struct bpf_insn));
	check_eq(before.limits.weight, BPFSCHED_WEIGHT_DEFAULT);

	other = open_client(CLOUD, 0);
	pause_scheduler(fd);
	submit_one(other, job);
	job.period_ns = HOUR_NS;
	submit_one(other, job);
	check_eq(list_users(fd, 0, 0, &after, 1, &next), 1);
	check_eq(after.number, before.number);
	check_eq(after.clients, before.clients + 1);
	check_eq(after.jobs, before.jobs + 2);
	check_eq(after.waiting, before.waiting + 1);
	check_eq(after.releases, before.releases + 1);
}

static void user_set_arguments(void)
{
	const struct bpfsched_user_limits limits = {
		.weight = BPFSCHED_WEIGHT_MAX + 1,
	};
	int fd = open_client(CLOUD, 0), bit;
	struct bpfsched_user_set padded = {
		.size = sizeof(padded),
		.flags = BPFSCHED_USER_SET_DEFAULTS,
		.uid = SOME_UID,
		.pad = 1,
	};

	for (bit = 10; bit < 32; bit++)
		check_fails(set_user(fd, 1U << bit, SOME_UID, limits), EINVAL);
	check_fails(set_user(fd, 0, SOME_UID, limits), EINVAL);
	check_fails(set_user(fd, BPFSCHED_USER_SET_WEIGHT, SOME_UID, limits),
		    EINVAL);
	check_fails(set_user(fd, BPFSCHED_USER_SET_WEIGHT, SOME_UID,
			     (struct bpfsched_user_limits){ .weight = 0 }),
		    EINVAL);
	check_fails(set_user(fd, BPFSCHED_USER_SET_WEIGHT |
			     BPFSCHED_USER_SET_ALL, 0, limits), EINVAL);
	check_fails(set_user(fd, BPFSCHED_USER_SET_JOBS |
			     BPFSCHED_USER_SET_ALL, SOME_UID, limits), EINVAL);
	check_fails(set_user(fd, BPFSCHED_USER_SET_JOBS, UINT32_MAX, limits),
		    EINVAL);
	check_fails(ioctl(fd, BPFSCHED_IOC_USER_SET, &padded), EINVAL);
	check_eq(find_user(fd, SOME_UID, &(struct bpfsched_user_info){}),
		 false);
}

/* A user who has no file open; only what is named is set */
static void user_set_and_reset(void)
{
	const struct bpfsched_user_limits limits = {
		.clients = 7, .jobs = 8, .weight = 9,
	};
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	struct bpfsched_user_info user;

	check_ok(set_user(fd, BPFSCHED_USER_SET_CLIENTS |
			  BPFSCHED_USER_SET_WEIGHT, SOME_UID, limits));
	close(fd);
	check_eq(find_user(other, SOME_UID, &user), true);
	check_eq(user.flags, BPFSCHED_USER_CHANGED);
	check_eq(user.clients, 0);
	check_eq(user.limits.clients, 7);
	check_eq(user.limits.jobs, 512);
	check_eq(user.limits.weight, 9);
	check_ok(set_user(other, BPFSCHED_USER_SET_DEFAULTS |
			  BPFSCHED_USER_SET_JOBS, SOME_UID, limits));
	check_eq(find_user(other, SOME_UID, &user), true);
	check_eq(user.limits.clients, 256);
	check_eq(user.limits.jobs, 8);
	check_ok(set_user(other, BPFSCHED_USER_SET_DEFAULTS, SOME_UID,
			  limits));
	check_eq(find_user(other, SOME_UID, &user), false);
}

/* Users for whom a limit was set keep it */
static void user_set_all(void)
{
	const struct bpfsched_user_limits set = { .jobs = 8 };
	const struct bpfsched_user_limits all = { .jobs = 9, .programs = 10 };
	const __u32 both = BPFSCHED_USER_SET_JOBS | BPFSCHED_USER_SET_PROGRAMS;
	int fd = open_client(CLOUD, 0);
	struct bpfsched_user_limits before = get_info(fd).user_limits;
	struct bpfsched_user_info user;

	check_ok(set_user(fd, BPFSCHED_USER_SET_JOBS, SOME_UID, set));
	check_ok(set_user(fd, both | BPFSCHED_USER_SET_ALL, 0, all));
	check_eq(get_info(fd).user_limits.jobs, 9);
	check_eq(get_info(fd).user_limits.programs, 10);
	check_eq(find_user(fd, SOME_UID, &user), true);
	check_eq(user.limits.jobs, 8);
	check_eq(user.limits.programs, 10);
	check_ok(set_user(fd, both | BPFSCHED_USER_SET_ALL, 0, before));
	check_ok(set_user(fd, BPFSCHED_USER_SET_DEFAULTS, SOME_UID, set));
	check_eq(get_info(fd).user_limits.jobs, before.jobs);
}

static void users_permission(void)
{
	const struct bpfsched_user_limits limits = { .jobs = 1 };
	int fd = open_client(CLOUD, 0);
	struct bpfsched_user_info user;
	__u64 next;

	drop_privileges();
	check_fails(list_users(fd, BPFSCHED_USERS_ALL, 0, &user, 1, &next),
		    EPERM);
	check_fails(set_user(fd, BPFSCHED_USER_SET_JOBS, SOME_UID, limits),
		    EPERM);
	check_fails(set_user(fd, BPFSCHED_USER_SET_JOBS |
			     BPFSCHED_USER_SET_ALL, 0, limits), EPERM);
	/* Who opened the file is its user */
	check_eq(list_users(fd, 0, 0, &user, 1, &next), 1);
	check_eq(user.uid, 0);
}

/* Who may only read the node can look */
static void users_read_only(void)
{
	const struct bpfsched_user_limits limits = { .jobs = 1 };
	int fd = check_ok(open(CLOUD, O_RDONLY));
	struct bpfsched_user_info user;
	__u64 next;

	check_ge(list_users(fd, BPFSCHED_USERS_ALL, 0, &user, 1, &next), 0);
	check_ge(list_users(fd, 0, 0, &user, 1, &next), 0);
	check_fails(set_user(fd, BPFSCHED_USER_SET_JOBS, SOME_UID, limits),
		    EBADF);
}

static const struct ktap_test tests[] = {
	{ "update.arguments", update_arguments },
	{ "update.without_deadlines", update_without_deadlines },
	{ "update.of_period", update_of_period },
	{ "update.of_others", update_of_others },
	{ "update.priority", update_priority },
	{ "update.behind_equals", update_behind_equals },
	{ "update.deadline", update_deadline },
	{ "update.budget", update_budget },
	{ "update.permission", update_permission },
	{ "update.read_only", update_read_only },
	{ "users.arguments", users_arguments },
	{ "users.own", users_own },
	{ "users.permission", users_permission },
	{ "users.read_only", users_read_only },
	{ "user_set.arguments", user_set_arguments },
	{ "user_set.and_reset", user_set_and_reset },
	{ "user_set.all", user_set_all },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
