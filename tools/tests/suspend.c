// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend with jobs that run: the kernel's own test mode freezes all tasks, as
 * for a real suspend, waits a moment and thaws them. It goes no further, for
 * the files of a test kernel would not survive the suspend of its devices.
 */
#include "proc.h"

/*
 * Counts its turns, in a register and in @flag[1], until @flag[0] is not 0,
 * and returns how many there were
 */
static int load_turning(int fd, __u64 **flag)
{
	static const struct bpf_insn insns[] = {
		SECTION_LOW(6, 0), SECTION_HIGH(0),
		MOV_IMM(7, 0),
		ALU_IMM(BPF_ADD, 7, 1),
		STORE(BPF_DW, 6, 8, 7),
		[5 ... 12] = PASS_TIME,
		LOAD(BPF_DW, 0, 6, 0),
		JUMP_IMM(BPF_JEQ, 0, 0, -12),
		MOV_REG(0, 7),
		EXIT,
	};

	return load_with_flag(fd, insns, ARRAY_SIZE(insns), flag);
}

static __u64 turns_of(const __u64 *flag)
{
	return __atomic_load_n(&flag[1], __ATOMIC_RELAXED);
}

/* A job that turns on a scheduler */
struct turning {
	int fd;
	__u64 *flag;
	__u64 id;
};

static struct turning start_turning(const char *node)
{
	struct turning turning = { .fd = open_client(node, 0) };
	struct bpfsched_job_desc job =
		job_of(load_turning(turning.fd, &turning.flag));

	job.budget_insns = get_info(turning.fd).max_budget_insns;
	turning.id = submit_one(turning.fd, job);
	wait_running(turning.fd, 1);
	while (!turns_of(turning.flag))
		wait_a_little();
	return turning;
}

/* It goes on where it was, and ends once */
static void check_goes_on(const struct turning *turning)
{
	__u64 turns = turns_of(turning->flag);
	struct bpfsched_completion completion;

	check_eq(get_stat(turning->fd).running, 1);
	while (turns_of(turning->flag) == turns)
		wait_a_little();
	set_flag(turning->flag, 1);
	completion = read_completion(turning->fd);
	check_eq(completion.id, turning->id);
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq(completion.r0, turns_of(turning->flag));
	check_eq(completion.preemptions, 0);
	check(completion.record.flags & BPFSCHED_COMPLETION_LAST);
	wait_idle(turning->fd);
	check_eq(has_events(turning->fd, POLLIN), false);
}

static void suspend_running_jobs(void)
{
	struct turning cloud, embedded;

	skip_without_suspend();
	be_real_time();
	cloud = start_turning(CLOUD);
	embedded = start_turning(EMBEDDED);
	suspend();
	suspend();
	check_goes_on(&cloud);
	check_goes_on(&embedded);
}

/* Calls that wait are frozen where they are, and wait on */
static void wait_for_room(int fd)
{
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.flags = BPFSCHED_JOB_WAIT;
	submit_one(fd, job);
}

static void wait_until_drained(int fd)
{
	struct bpfsched_drain drain = { .size = sizeof(drain) };

	check_ok(ioctl(fd, BPFSCHED_IOC_DRAIN, &drain));
}

static void wait_for_completion(int fd)
{
	read_completion(fd);
}

static void suspend_waiting_calls(void)
{
	int fd = open_client(EMBEDDED, 0), other = open_client(EMBEDDED, 0);
	__u32 i, capacity = get_info(fd).capacity;
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	pid_t waiting, draining, reading;

	skip_without_suspend();
	pause_scheduler(fd);
	for (i = 0; i < capacity; i++)
		submit_one(fd, job);
	waiting = meanwhile(wait_for_room, other);
	draining = meanwhile(wait_until_drained, other);
	reading = meanwhile(wait_for_completion, fd);
	suspend();
	check_eq(get_stat(fd).pending, capacity);
	resume_scheduler(fd);
	check_child(reading);
	check_child(waiting);
	check_child(draining);
}

static const struct ktap_test tests[] = {
	{ "suspend.running_jobs", suspend_running_jobs },
	{ "suspend.waiting_calls", suspend_waiting_calls },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
