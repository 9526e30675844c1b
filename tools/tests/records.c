// SPDX-License-Identifier: GPL-2.0
/*
 * Completions as read() gives them, context bytes, and poll(), from user space.
 */
#include "client.h"

/*
 * Completions
 */
static void completion_members(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	struct bpfsched_completion completion;
	__u64 before = monotonic_ns();

	job.id = 31;
	job.user_data = 0x1122334455667788ULL;
	job.priority = BPFSCHED_PRIORITY_HIGH;
	completion = run_job(fd, job);
	check_eq(completion.record.flags, BPFSCHED_COMPLETION_LAST);
	check_eq(completion.id, 31);
	check_eq(completion.user_data, job.user_data);
	check_string(completion.prog_name, "test");
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.priority, BPFSCHED_PRIORITY_HIGH);
	check_eq(completion.r0, QUICK_RESULT);
	check_eq(completion.instructions, 2);
	check_eq(completion.deadline_ns, 0);
	check_eq(completion.fault_kind, BPFSCHED_FAULT_NONE);
	check_eq(completion.fault_address, 0);
	check_eq(completion.preemptions, 0);
	check_eq(completion.context_len, 0);
	check_eq(completion.followups, 0);
	check_eq(completion.parent, 0);
	check_le(before, completion.submitted_ns);
	check_le(completion.submitted_ns, completion.started_ns);
	check_le(completion.started_ns, completion.ended_ns);
	check_le(completion.ended_ns, monotonic_ns());
}

static void completion_result_64_bits(void)
{
	const __u64 value = 0xfedcba9876543210ULL;
	int fd = open_client(CLOUD, 0), program;

	program = LOAD_PROGRAM(fd, IMM64_LOW(0, value), IMM64_HIGH(value),
			       EXIT);
	check_eq(run_program(fd, program).r0, value);
}

static void completion_start_sequence(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd), i;
	__u64 started = get_stat(fd).exec_count;

	for (i = 1; i <= 20; i++)
		check_eq(run_program(fd, program).start_seq, started + i);
	check_eq(get_stat(fd).exec_count, started + 20);
}

/*
 * read()
 */
static void read_too_small(void)
{
	int fd = open_client(CLOUD, 0);
	char buffer[sizeof(struct bpfsched_completion)];
	__u64 id = submit_one(fd, job_of(load_quick(fd)));

	wait_idle(fd);
	check_fails(read(fd, buffer, sizeof(buffer) - 1), EMSGSIZE);
	check_fails(read(fd, buffer, sizeof(struct bpfsched_record)),
		    EMSGSIZE);
	check_fails(read(fd, buffer, 1), EMSGSIZE);
	check_eq(read_completion(fd).id, id);
}

static void read_fault(void)
{
	int fd = open_client(CLOUD, 0);
	size_t size = sizeof(struct bpfsched_completion);
	__u64 id = submit_one(fd, job_of(load_quick(fd)));

	check_fails(read(fd, a_hole(), size), EFAULT);
	check_fails(read(fd, page_with(PROT_READ), size), EFAULT);
	check_fails(read(fd, before_a_hole(size - 8), size), EFAULT);
	check_eq(read_completion(fd).id, id);
}

/* The buffer ends after the first of two records: one is lost nowhere */
static void read_fault_at_second(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	size_t size = sizeof(struct bpfsched_completion);
	struct bpfsched_completion *first = before_a_hole(size);
	__u64 ids[2] = { submit_one(fd, job_of(program)),
			 submit_one(fd, job_of(program)) }, other;
	long got;

	wait_idle(fd);
	got = read(fd, first, 2 * size);
	if (got < 0) {
		check_eq(errno, EFAULT);
		*first = read_completion(fd);
	} else {
		check_eq(got, size);
	}
	other = read_completion(fd).id;
	check((first->id == ids[0] && other == ids[1]) ||
	      (first->id == ids[1] && other == ids[0]));
}

static void read_nonblock(void)
{
	int fd = open_client(CLOUD, O_NONBLOCK);
	struct bpfsched_completion completion;

	check_fails(read(fd, &completion, sizeof(completion)), EAGAIN);
	pause_scheduler(fd);
	submit_one(fd, job_of(load_quick(fd)));
	check_fails(read(fd, &completion, sizeof(completion)), EAGAIN);
	resume_scheduler(fd);
	wait_idle(fd);
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
	check_fails(read(fd, &completion, sizeof(completion)), EAGAIN);
}

static void read_whole_records(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd), i;
	struct bpfsched_completion completions[4];
	struct bpfsched_job_desc jobs[3] = {
		job_of(program), job_of(program), job_of(program),
	};
	const size_t one = sizeof(completions[0]);

	submit_all(fd, jobs, 3);
	wait_idle(fd);
	check_eq(read(fd, completions, 2 * one - 1), one);
	check_eq(read(fd, completions + 1, 3 * one), 2 * one);
	for (i = 0; i < 3; i++)
		check_eq(completions[i].record.size, one);
	check_ne(completions[0].id, completions[1].id);
	check_ne(completions[0].id, completions[2].id);
	check_ne(completions[1].id, completions[2].id);
}

static void read_context(void)
{
	struct {
		struct bpfsched_completion completion;
		unsigned char tail[64];
	} record;
	unsigned char bytes[13] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255 };
	int fd = open_client(CLOUD, 0), i;
	struct bpfsched_job_desc job = job_of(load_adding(fd));
	const unsigned char *returned;

	job.context = (uintptr_t)bytes;
	job.context_len = sizeof(bytes);
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	submit_one(fd, job);
	/* the bytes were copied */
	memset(bytes, 0x55, sizeof(bytes));
	check_eq(read(fd, &record, sizeof(record)),
		 sizeof(record.completion) + 16);
	check_eq(record.completion.record.size,
		 sizeof(record.completion) + 16);
	check_eq(record.completion.record.flags, BPFSCHED_COMPLETION_LAST |
		 BPFSCHED_COMPLETION_CONTEXT);
	check_eq(record.completion.r0, 78 + 255);
	check_eq(record.completion.context_len, 13);
	check_eq(record.completion.context_offset, sizeof(record.completion));
	returned = (unsigned char *)&record + record.completion.context_offset;
	for (i = 0; i < 12; i++)
		check_eq(returned[i], i + 2);
	check_eq(returned[12], 0);
	for (i = 13; i < 16; i++)
		check_eq(returned[i], 0);
}

static void read_context_not_asked_for(void)
{
	unsigned char bytes[8] = { 1, 2, 3 };
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_adding(fd));
	struct bpfsched_completion completion;

	job.context = (uintptr_t)bytes;
	job.context_len = sizeof(bytes);
	completion = run_job(fd, job);
	check_eq(completion.r0, 6);
	check_eq(completion.record.flags & BPFSCHED_COMPLETION_CONTEXT, 0);
}

/* A record whose context does not fit is not cut */
static void read_context_too_small(void)
{
	const size_t whole = sizeof(struct bpfsched_completion) + 512;
	char *context = calloc(1, 512), *buffer = calloc(1, whole);
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_adding(fd));

	job.context = (uintptr_t)context;
	job.context_len = 512;
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	submit_one(fd, job);
	wait_idle(fd);
	check_fails(read(fd, buffer, whole - 8), EMSGSIZE);
	check_eq(read(fd, buffer, whole), whole);
}

/* The largest contexts there and back */
static void read_context_largest(void)
{
	static const char *const nodes[] = { CLOUD, EMBEDDED };
	size_t i, size = sizeof(struct bpfsched_completion);

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_client(nodes[i], 0);
		struct bpfsched_job_desc job = job_of(load_adding(fd));
		__u32 most = get_info(fd).max_context, j;
		unsigned char *bytes = malloc(most);
		unsigned char *buffer = malloc(size + most);

		memset(bytes, 7, most);
		job.context = (uintptr_t)bytes;
		job.context_len = most;
		job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
		submit_one(fd, job);
		check_eq(read(fd, buffer, size + most), size + most);
		check_eq(((struct bpfsched_completion *)buffer)->r0, 7 * most);
		for (j = 0; j < most; j++)
			check_eq(buffer[size + j], 8);
	}
}

/* Completions come in the order in which the jobs ended */
static void read_order_of_ends(void)
{
	int fd = open_client(EMBEDDED, 0), program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[32];
	struct bpfsched_completion completion;
	__u64 ended = 0;

	pause_scheduler(fd);
	for (i = 0; i < 32; i++) {
		jobs[i] = job_of(program);
		jobs[i].priority = i % 4;
	}
	submit_all(fd, jobs, 32);
	/* these two end first */
	check_ok(cancel(fd, jobs[30].id));
	check_ok(cancel(fd, jobs[10].id));
	resume_scheduler(fd);
	for (i = 0; i < 32; i++) {
		completion = read_completion(fd);
		check_le(ended, completion.ended_ns);
		ended = completion.ended_ns;
		if (i < 2)
			check_eq(completion.id, jobs[i ? 10 : 30].id);
		else
			check_eq(completion.status, BPFSCHED_STATUS_OK);
	}
}

/* A context of a cancelled job comes back as it was */
static void read_context_of_cancelled(void)
{
	struct {
		struct bpfsched_completion completion;
		char tail[8];
	} record;
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_adding(fd));

	pause_scheduler(fd);
	job.context = (uintptr_t)"fourteen bytes";
	job.context_len = 8;
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	check_ok(cancel(fd, submit_one(fd, job)));
	check_eq(read(fd, &record, sizeof(record)), sizeof(record));
	check_eq(record.completion.status, BPFSCHED_STATUS_CANCELLED);
	check_eq(memcmp(record.tail, "fourteen", 8), 0);
}

static void read_one(int fd)
{
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
}

static void read_blocks(void)
{
	int fd = open_client(CLOUD, 0);
	pid_t pid;

	pause_scheduler(fd);
	submit_one(fd, job_of(load_quick(fd)));
	pid = meanwhile(read_one, fd);
	resume_scheduler(fd);
	check_child(pid);
}

/* Two readers of one open file get one completion each */
static void read_two_readers(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc jobs[2] = { job_of(program), job_of(program) };
	pid_t one, two;

	pause_scheduler(fd);
	submit_all(fd, jobs, 2);
	one = meanwhile(read_one, fd);
	two = meanwhile(read_one, fd);
	resume_scheduler(fd);
	check_child(one);
	check_child(two);
	check_eq(has_events(fd, POLLIN), false);
}

static void on_signal(int number)
{
	(void)number;
}

static void interrupt_parent(int fd)
{
	(void)fd;
	for (;;) {
		kill(getppid(), SIGUSR1);
		wait_a_little();
	}
}

static void read_interrupted(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	int fd = open_client(CLOUD, 0);
	struct bpfsched_completion completion;
	pid_t pid;

	check_ok(sigaction(SIGUSR1, &action, NULL));
	pid = meanwhile(interrupt_parent, fd);
	check_fails(read(fd, &completion, sizeof(completion)), EINTR);
	/* it may send some more, and waiting can be interrupted as well */
	signal(SIGUSR1, SIG_IGN);
	kill(pid, SIGKILL);
	check_ok(waitpid(pid, NULL, 0));
	check_eq(run_program(fd, load_quick(fd)).status, BPFSCHED_STATUS_OK);
}

/*
 * poll()
 */
static void poll_in(void)
{
	int fd = open_client(CLOUD, 0);

	check_eq(has_events(fd, POLLIN), false);
	pause_scheduler(fd);
	submit_one(fd, job_of(load_quick(fd)));
	check_eq(has_events(fd, POLLIN), false);
	resume_scheduler(fd);
	wait_idle(fd);
	check_eq(has_events(fd, POLLIN), true);
	read_completion(fd);
	check_eq(has_events(fd, POLLIN), false);
}

static void poll_out(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);
	struct bpfsched_job_desc jobs[32];
	int program = load_quick(fd), i;

	pause_scheduler(fd);
	for (i = 0; i < 32; i++)
		jobs[i] = job_of(program);
	submit_all(fd, jobs, 31);
	check_eq(has_events(fd, POLLOUT), true);
	submit_one(fd, jobs[31]);
	check_eq(has_events(fd, POLLOUT), false);
	check_eq(has_events(other, POLLOUT), false);
	resume_scheduler(fd);
	wait_idle(fd);
	check_eq(has_events(fd, POLLIN | POLLOUT), true);
	check_eq(has_events(other, POLLOUT), true);
}

static void poll_wakes_for_in(void)
{
	int fd = open_client(CLOUD, 0);
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	pid_t pid;

	pause_scheduler(fd);
	submit_one(fd, job_of(load_quick(fd)));
	pid = meanwhile(resume_scheduler, fd);
	check_eq(poll(&poller, 1, -1), 1);
	check_eq(poller.revents, POLLIN);
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
	check_child(pid);
}

/* Use up all completion slots of a client of the scheduler for deadlines */
static void use_up_slots(int fd)
{
	struct bpfsched_job_desc jobs[32];
	int program = load_quick(fd), i, round;

	for (round = 0; round < 4; round++) {
		for (i = 0; i < 32; i++)
			jobs[i] = job_of(program);
		submit_all(fd, jobs, 32);
		wait_idle(fd);
	}
}

/*
 * Room in the queue is of no use to a client without completion slots. A job
 * with a period needs two.
 */
static void poll_out_needs_a_slot(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);

	check_eq(has_events(fd, POLLOUT), true);
	use_up_slots(fd);
	check_eq(has_events(fd, POLLOUT), false);
	check_eq(has_events(other, POLLOUT), true);
	read_completion(fd);
	check_eq(has_events(fd, POLLOUT), false);
	read_completion(fd);
	check_eq(has_events(fd, POLLOUT), true);
}

/* @make_room is done to @fd while this process waits for POLLOUT */
static void wait_for_room(int waiter, void (*make_room)(int fd), int fd)
{
	struct pollfd poller = { .fd = waiter, .events = POLLOUT };
	pid_t pid;

	check_eq(has_events(waiter, POLLOUT), false);
	pid = meanwhile(make_room, fd);
	check_eq(poll(&poller, 1, -1), 1);
	check_eq(poller.revents, POLLOUT);
	check_child(pid);
}

#define FIRST_ID	1

/* Fill the queue of the scheduler for deadlines, which is paused */
static void fill_queue(int fd)
{
	int program = load_quick(fd), i;
	struct bpfsched_job_desc jobs[32];

	pause_scheduler(fd);
	for (i = 0; i < 32; i++) {
		jobs[i] = job_of(program);
		jobs[i].id = FIRST_ID + i;
	}
	submit_all(fd, jobs, 32);
}

static void poll_wakes_for_out(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);

	fill_queue(fd);
	wait_for_room(other, resume_scheduler, fd);
}

static void cancel_first(int fd)
{
	check_ok(cancel(fd, FIRST_ID));
}

static void poll_wakes_for_cancel(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);

	fill_queue(fd);
	wait_for_room(other, cancel_first, fd);
	check_eq(get_stat(fd).pending, 31);
}

static void fill_queue_and_die(int fd)
{
	fill_queue(open_client(EMBEDDED, 0));
	close(fd);
	pause();
}

static void kill_process(int pid)
{
	check_ok(kill(pid, SIGKILL));
}

static void poll_wakes_for_close(void)
{
	int fd = open_client(EMBEDDED, 0), status;
	pid_t pid = meanwhile(fill_queue_and_die, fd);

	wait_pending(fd, 32);
	wait_for_room(fd, kill_process, pid);
	check_eq(check_ok(waitpid(pid, &status, 0)), pid);
}

static void read_two(int fd)
{
	read_one(fd);
	read_one(fd);
}

static void poll_wakes_for_slot(void)
{
	int fd = open_client(EMBEDDED, 0);

	use_up_slots(fd);
	wait_for_room(fd, read_two, fd);
}

static const struct ktap_test tests[] = {
	{ "completion.members", completion_members },
	{ "completion.result_64_bits", completion_result_64_bits },
	{ "completion.start_sequence", completion_start_sequence },
	{ "read.too_small", read_too_small },
	{ "read.fault", read_fault },
	{ "read.fault_at_second", read_fault_at_second },
	{ "read.nonblock", read_nonblock },
	{ "read.whole_records", read_whole_records },
	{ "read.context", read_context },
	{ "read.context_not_asked_for", read_context_not_asked_for },
	{ "read.context_too_small", read_context_too_small },
	{ "read.context_largest", read_context_largest },
	{ "read.order_of_ends", read_order_of_ends },
	{ "read.context_of_cancelled", read_context_of_cancelled },
	{ "read.blocks", read_blocks },
	{ "read.two_readers", read_two_readers },
	{ "read.interrupted", read_interrupted },
	{ "poll.in", poll_in },
	{ "poll.out", poll_out },
	{ "poll.out_needs_a_slot", poll_out_needs_a_slot },
	{ "poll.wakes_for_in", poll_wakes_for_in },
	{ "poll.wakes_for_out", poll_wakes_for_out },
	{ "poll.wakes_for_cancel", poll_wakes_for_cancel },
	{ "poll.wakes_for_close", poll_wakes_for_close },
	{ "poll.wakes_for_slot", poll_wakes_for_slot },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
