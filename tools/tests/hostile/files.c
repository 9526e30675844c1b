// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks with files: readers who stay, descriptors of all kinds, and nodes
 * whose numbers somebody has kept.
 */
#include "hostile.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A reader who can look, and nothing else */
static void files_reader_can_look(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	struct bpfsched_drain drain = { .size = sizeof(drain) };
	struct bpfsched_events events = {
		.size = sizeof(events),
		.flags = BPFSCHED_EVENTS_SET_ROOM,
		.room = 1 << 20,
	};
	struct bpfsched_job_info infos[4];
	struct bpfsched_update request = {
		.flags = BPFSCHED_UPDATE_PRIORITY,
		.id = 1,
	};
	struct bpfsched_job_desc job;
	int root = make_scheduler(&create), fd;

	job = job_of(load_quick(root));
	act_as(ATTACKER);
	fd = check_ok(open(MADE, O_RDONLY | O_CLOEXEC));
	get_info(fd);
	get_stat(fd);
	check_eq(list_own(fd, infos, ARRAY_SIZE(infos)), 0);
	check_ok(ioctl(fd, BPFSCHED_IOC_DRAIN, &drain));
	check_fails(submit(fd, &job, 1), EBADF);
	check_fails(cancel(fd, 1), EBADF);
	check_fails(update(fd, request), EBADF);
	check_fails(ioctl(fd, BPFSCHED_IOC_EVENTS, &events), EBADF);
	events.flags = 0;
	events.room = 0;
	check_ok(ioctl(fd, BPFSCHED_IOC_EVENTS, &events));
	act_as(0);
	check_eq(get_stat(root).submitted, 0);
}

static int reader;

static void read_to_the_end(void)
{
	char byte[1024];

	reader = check_ok(open(MADE, O_RDONLY | O_CLOEXEC));
	check_fails(read(reader, byte, sizeof(byte)), ENODEV);
}

static void poll_to_the_end(void)
{
	struct pollfd poller = { .events = POLLIN };

	poller.fd = check_ok(open(MADE, O_RDONLY | O_CLOEXEC));
	check_eq(check_ok(poll(&poller, 1, -1)), 1);
	check_ne(poller.revents & POLLHUP, 0);
	check_ne(poller.revents & POLLERR, 0);
}

/* What a reader has left when the scheduler is gone */
static void check_gone(int fd)
{
	struct bpfsched_info info = { .size = sizeof(info) };
	struct bpfsched_stat stat = { .size = sizeof(stat) };
	struct bpfsched_drain drain = { .size = sizeof(drain) };
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	char bytes[1024];

	check_fails(ioctl(fd, BPFSCHED_IOC_INFO, &info), ENODEV);
	check_fails(ioctl(fd, BPFSCHED_IOC_STAT, &stat), ENODEV);
	check_fails(ioctl(fd, BPFSCHED_IOC_DRAIN, &drain), ENODEV);
	check_fails(read(fd, bytes, sizeof(bytes)), ENODEV);
	check_eq(check_ok(poll(&poller, 1, 0)), 1);
	check_eq(poller.revents & (POLLHUP | POLLERR), POLLHUP | POLLERR);
}

#define STATIC_NODE	"/dev/hostile-static"

static dev_t number_of_made(void)
{
	struct stat status;

	check_ok(stat(MADE, &status));
	return status.st_rdev;
}

static void make_static_node(dev_t number)
{
	unlink(STATIC_NODE);
	check_ok(mknod(STATIC_NODE, S_IFCHR, number));
	check_ok(chmod(STATIC_NODE, 0666));
}

/* A file that is still open is no way in either */
static void check_not_reopened(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_eq(open(path, O_RDWR | O_CLOEXEC), -1);
	check(errno == ENODEV || errno == ENXIO);
	check_eq(open(path, O_RDONLY | O_CLOEXEC), -1);
	check(errno == ENODEV || errno == ENXIO);
	check_eq(open(STATIC_NODE, O_RDWR | O_CLOEXEC), -1);
	check(errno == ENODEV || errno == ENXIO);
}

/* Readers keep nothing; those that sleep are woken and told */
static void files_reader_keeps_nothing(void)
{
	struct bpfsched_create create = params_of("embedded", 0);
	int root = make_scheduler(&create), fd, copy, i;
	pid_t pids[8];

	make_static_node(number_of_made());
	act_as(ATTACKER);
	fd = check_ok(open(MADE, O_RDONLY | O_CLOEXEC));
	copy = check_ok(open(STATIC_NODE, O_RDONLY | O_CLOEXEC));
	act_as(0);
	check_fails(destroy_made(), EBUSY);
	close(root);
	for (i = 0; i < 8; i++) {
		pids[i] = start_as(ATTACKER, i & 1 ? read_to_the_end :
						     poll_to_the_end);
		wait_blocked(pids[i]);
	}
	end_made();
	for (i = 0; i < 8; i++)
		check_child(pids[i]);
	check_gone(fd);
	check_not_reopened(fd);
	/* and one of the same name is another */
	create = params_of("cloud", 0);
	root = make_scheduler(&create);
	check_gone(copy);
	check_not_reopened(copy);
	unlink(STATIC_NODE);
	check_eq(run_program(root, load_quick(root)).r0, QUICK_RESULT);
}

/* Nor do a path, a program, and a section that is mapped */
static void files_others_keep_nothing(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), path, program, fd;
	__u64 *flag;

	act_as(ATTACKER);
	path = check_ok(open(MADE, O_PATH | O_CLOEXEC));
	fd = open_client(MADE, 0);
	program = load_waiting(fd, &flag);
	check_fails(ioctl(path, BPFSCHED_IOC_PAUSE), EBADF);
	act_as(0);
	check_fails(destroy_made(), EBUSY);
	close(fd);
	close(root);
	end_made();
	/* the program lives on, for other schedulers */
	set_flag(flag, 5);
	root = open_client(CLOUD, 0);
	check_eq(run_program(root, program).r0, 5);
	create = params_of("cloud", 0);
	fd = make_scheduler(&create);
	check_eq(run_program(fd, program).r0, 5);
	check_eq(user_of(fd, ATTACKER).programs, 0);
	close(program);
}

/* A file without any right */
static void files_write_only(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	int root = make_scheduler(&create), fd;
	char bytes[1024];

	act_as(ATTACKER);
	fd = check_ok(open(MADE, O_WRONLY | O_CLOEXEC));
	submit_one(fd, job_of(load_quick(fd)));
	check_fails(read(fd, bytes, sizeof(bytes)), EBADF);
	act_as(0);
	wait_for_jobs(root, 0);
	check_eq(get_stat(root).completed, 1);
	close(root);
	check_fails(destroy_made(), EBUSY);
}

#define ROUNDS		100

/*
 * A node that somebody has kept, or that a container has, leads to the scheduler
 * that it was made for, and when that is gone to none
 */
static void files_old_node(void)
{
	dev_t numbers[ROUNDS];
	int i, j, fd;

	for (i = 0; i < ROUNDS; i++) {
		create_made(params_of("cloud", 4));
		numbers[i] = number_of_made();
		for (j = 0; j < i; j++)
			check_ne(numbers[i], numbers[j]);
		if (i == 0) {
			make_static_node(numbers[0]);
			fd = open_as(ATTACKER, STATIC_NODE, 0);
			check_string(get_info(fd).name, "made");
			close(fd);
		} else {
			act_as(ATTACKER);
			check_eq(open(STATIC_NODE, O_RDWR | O_CLOEXEC), -1);
			check(errno == ENXIO || errno == ENODEV);
			act_as(0);
		}
		if (i < ROUNDS - 1)
			end_made();
	}
	unlink(STATIC_NODE);
}

/* The rights to a node are not those to the next one of that name */
static void files_new_node(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	struct stat status;

	close(make_scheduler(&create));
	close(open_as(ATTACKER, MADE, 0));
	end_made();
	create_made(params_of("cloud", 4));
	check_ok(stat(MADE, &status));
	check_eq(status.st_mode & 0777, 0600);
	act_as(ATTACKER);
	check_fails(open(MADE, O_RDONLY | O_CLOEXEC), EACCES);
	check_fails(open(CONTROL, O_RDONLY | O_CLOEXEC), EACCES);
	act_as(0);
}

/* With the control node open to all, users still make and end nothing */
static void files_control(void)
{
	struct bpfsched_create create = params_of("cloud", 0);
	struct bpfsched_destroy destroy = {
		.size = sizeof(destroy),
		.name = "made",
	};
	int control;

	create_made(params_of("cloud", 4));
	control = open_client(CONTROL, 0);
	act_as(ATTACKER);
	check_fails(ioctl(control, BPFSCHED_IOC_DESTROY, &destroy), EPERM);
	strcpy(create.name, "theirs");
	check_fails(ioctl(control, BPFSCHED_IOC_CREATE, &create), EPERM);
	act_as(0);
	check_eq(access("/dev/bpfsched/theirs", F_OK), -1);
}

/* What a reader may get while schedulers come and go */
static long came_and_went(long result)
{
	if (result < 0)
		check(errno == ENODEV || errno == ENOENT || errno == ENXIO ||
		      errno == EACCES || errno == EAGAIN);
	return result;
}

static __u64 *opened;

/* Each of these looks at a scheduler in another way, as it ends */
static void look_at_all(void)
{
	struct bpfsched_info info = { .size = sizeof(info) };
	struct bpfsched_stat stat = { .size = sizeof(stat) };
	struct bpfsched_drain drain = { .size = sizeof(drain) };
	char bytes[1024];
	int fd, round;

	for (round = 0;; round++) {
		fd = came_and_went(open(MADE, O_RDONLY | O_CLOEXEC));
		if (fd < 0) {
			wait_a_little();
			continue;
		}
		__atomic_fetch_add(opened, 1, __ATOMIC_RELAXED);
		switch ((getpid() + round) % 3) {
		case 0:
			came_and_went(read(fd, bytes, sizeof(bytes)));
			break;
		case 1:
			came_and_went(ioctl(fd, BPFSCHED_IOC_DRAIN, &drain));
			came_and_went(ioctl(fd, BPFSCHED_IOC_STAT, &stat));
			break;
		default:
			check_eq(check_ok(poll(&(struct pollfd){
				.fd = fd, .events = POLLIN }, 1, -1)), 1);
			came_and_went(ioctl(fd, BPFSCHED_IOC_INFO, &info));
		}
		close(fd);
	}
}

/* However many look, a scheduler is ended at once, and the next one is as new */
static void files_readers_come_and_go(void)
{
	struct bpfsched_create create = params_of("embedded", 0);
	pid_t pids[4];
	__u64 before;
	int root, i;

	opened = shared_numbers();
	for (i = 0; i < 4; i++)
		pids[i] = start_as(ATTACKER, look_at_all);
	for (i = 0; i < 10; i++) {
		/* All may have it open, and wait for its end, in no time */
		before = __atomic_load_n(opened, __ATOMIC_RELAXED);
		root = make_scheduler(&create);
		check_eq(run_program(root, load_quick(root)).r0, QUICK_RESULT);
		while (__atomic_load_n(opened, __ATOMIC_RELAXED) == before)
			wait_a_little();
		check_eq(get_stat(root).submitted, 1);
		close(root);
		/* the program that was loaded is no file of the scheduler */
		check_ok(destroy_made());
	}
	for (i = 0; i < 4; i++)
		end_process(pids[i]);
}

static const struct ktap_test tests[] = {
	{ "files.reader_can_look", files_reader_can_look },
	{ "files.reader_keeps_nothing", files_reader_keeps_nothing },
	{ "files.others_keep_nothing", files_others_keep_nothing },
	{ "files.write_only", files_write_only },
	{ "files.old_node", files_old_node },
	{ "files.new_node", files_new_node },
	{ "files.control", files_control },
	{ "files.readers_come_and_go", files_readers_come_and_go },
};

const struct subject files_subject = { tests, ARRAY_SIZE(tests) };
