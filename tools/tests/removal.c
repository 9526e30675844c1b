// SPDX-License-Identifier: GPL-2.0
/*
 * The module cannot be removed while something of it is in use: an open file,
 * a program, a mapped section; nor can a scheduler while it has clients.
 */
#include "client.h"

#include <sys/syscall.h>

static int remove_module(void)
{
	return syscall(SYS_delete_module, "bpfsched", O_NONBLOCK);
}

static void insert_module(void)
{
	const char *folder = getenv("BPFSCHED_MODULE_DIR");
	char path[4096];
	int fd;

	if (!folder)
		fail("BPFSCHED_MODULE_DIR is not set");
	snprintf(path, sizeof(path), "%s/bpfsched.ko", folder);
	fd = check_ok(open(path, O_RDONLY | O_CLOEXEC));
	check_ok(syscall(SYS_finit_module, fd, "", 0));
	close(fd);
}

/*
 * Nothing is in use any more: it goes, and comes back. A file that was closed
 * just now may still be on its way to being released.
 */
static void check_removable(void)
{
	while (remove_module()) {
		if (errno != EWOULDBLOCK)
			fail("remove: %s", strerror(errno));
		wait_a_little();
	}
	check_eq(access(CLOUD, F_OK), -1);
	insert_module();
	check_ok(access(CLOUD, F_OK));
}

static void removal_open_file(void)
{
	static const char *const nodes[] = { CLOUD, EMBEDDED, CONTROL };
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		fd = open_client(nodes[i], 0);
		check_fails(remove_module(), EWOULDBLOCK);
		close(fd);
	}
	check_removable();
}

static void removal_program(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);

	close(fd);
	check_fails(remove_module(), EWOULDBLOCK);
	close(program);
	check_removable();
}

static void removal_mapped_section(void)
{
	int fd = open_client(CLOUD, 0), program;
	__u64 *flag;

	program = load_waiting(fd, &flag);
	close(fd);
	close(program);
	check_fails(remove_module(), EWOULDBLOCK);
	set_flag(flag, 1);
	check_ok(munmap(flag, 2 * sizeof(*flag)));
	check_removable();
}

/* A job of a closed file still runs: it is stopped, and then the module goes */
static void removal_running_job(void)
{
	int fd = open_client(CLOUD, 0), program = load_endless(fd);

	submit_one(fd, endless_job_of(program));
	wait_running(fd, 1);
	check_fails(remove_module(), EWOULDBLOCK);
	close(program);
	close(fd);
	check_removable();
}

#define CLOSE_ROUNDS	5

/* Fill the queue of a paused scheduler, say so, and end */
static void fill_queue(int told)
{
	static struct bpfsched_job_desc jobs[1024];
	int fd = open_client(MADE, 0), program = load_quick(fd);
	__u32 left = get_info(fd).capacity, count, i;

	pause_scheduler(fd);
	for (; left; left -= count) {
		count = left < ARRAY_SIZE(jobs) ? left : ARRAY_SIZE(jobs);
		for (i = 0; i < count; i++)
			jobs[i] = job_of(program);
		submit_all(fd, jobs, count);
	}
	check_eq(write(told, "", 1), 1);
}

/* Asks again and again while the jobs of the last client are cancelled */
static void end_while_closing(void)
{
	int fd, told[2];
	pid_t closing;
	char byte;

	create_made((struct bpfsched_create){
		.profile = "cloud", .capacity = 8192,
	});
	check_ok(pipe(told));
	fd = open_client(MADE, 0);
	closing = meanwhile(fill_queue, told[1]);
	close(told[1]);
	check_eq(read(told[0], &byte, 1), 1);
	check_fails(destroy_made(), EBUSY);
	close(fd);
	while (destroy_made())
		check_eq(errno, EBUSY);
	check_fails(open(MADE, O_RDWR), ENOENT);
	check_child(closing);
	close(told[0]);
}

static void removal_closing_client(void)
{
	int round;

	for (round = 0; round < CLOSE_ROUNDS; round++)
		end_while_closing();
}

static const struct ktap_test tests[] = {
	{ "removal.open_file", removal_open_file },
	{ "removal.program", removal_program },
	{ "removal.mapped_section", removal_mapped_section },
	{ "removal.running_job", removal_running_job },
	{ "removal.closing_client", removal_closing_client },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
