// SPDX-License-Identifier: GPL-2.0
/*
 * Stress: processes that open a scheduler, load programs, submit jobs of every
 * outcome, read some of the completions, and close at once, again and again.
 * At the end nothing may be left, and the counters have to add up.
 *
 *	stress [PROCESSES [ROUNDS [SEED]]]
 */
#include "client.h"

#define DEFAULT_PROCESSES	4
#define DEFAULT_ROUNDS		1000
#define JOBS			32

/* What the processes did, in memory that they share */
struct tally {
	__u64 submitted;
	__u64 rejected;
	__u64 read;
	__u64 rounds;
};

struct target {
	const char *node;
	struct bpfsched_stat before;
	struct tally *tally;
};

static struct target targets[] = { { .node = CLOUD }, { .node = EMBEDDED } };
static unsigned long processes = DEFAULT_PROCESSES;
static unsigned long rounds = DEFAULT_ROUNDS;
static unsigned long seed = 1;
static __u32 random_state;

static __u32 next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static void count(__u64 *counter, __u64 number)
{
	__atomic_fetch_add(counter, number, __ATOMIC_RELAXED);
}

struct programs {
	int quick;
	int endless;
	int fault;
	int context;
};

static struct programs load_programs(int fd)
{
	return (struct programs){
		.quick = load_quick(fd),
		.endless = load_endless(fd),
		.fault = LOAD_PROGRAM(fd, STORE_IMM(BPF_DW, 9, 8, 1), EXIT),
		.context = load_adding(fd),
	};
}

static void close_programs(const struct programs *programs)
{
	close(programs->quick);
	close(programs->endless);
	close(programs->fault);
	close(programs->context);
}

/* A job of any outcome; of the endless ones some have no end but the close */
static struct bpfsched_job_desc random_job(const struct programs *programs,
					   bool embedded)
{
	static char context[64];
	struct bpfsched_job_desc job = job_of(programs->quick);

	switch (next_random() % 8) {
	case 0:
		job.prog_fd = programs->endless;
		job.budget_insns = embedded ? 0 : BPFSCHED_BUDGET_UNLIMITED;
		break;
	case 1:
		job.prog_fd = programs->endless;
		job.budget_insns = 1 + next_random() % 100000;
		break;
	case 2:
		job.prog_fd = programs->fault;
		break;
	case 3:
		job.prog_fd = programs->context;
		job.context = (uintptr_t)context;
		job.context_len = next_random() % sizeof(context);
		job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
		break;
	}
	job.priority = next_random() % 4;
	if (embedded && next_random() % 2) {
		job.flags |= BPFSCHED_JOB_DEADLINE_REL;
		job.deadline_ns = 1 + next_random() % 10000000;
	}
	return job;
}

/* Take what is there to be read, if anything */
static void read_some(struct target *target, int fd)
{
	char buffer[8 * (sizeof(struct bpfsched_completion) + 64)];
	long got = read(fd, buffer, sizeof(buffer)), at = 0;

	if (got < 0) {
		check_eq(errno, EAGAIN);
		return;
	}
	while (at < got) {
		struct bpfsched_completion completion;

		memcpy(&completion, buffer + at, sizeof(completion));
		check_ge(completion.record.size, sizeof(completion));
		check_eq(completion.record.type, BPFSCHED_RECORD_COMPLETION);
		check_le(completion.status, BPFSCHED_STATUS_CANCELLED);
		at += completion.record.size;
		count(&target->tally->read, 1);
	}
	check_eq(at, got);
}

static void submit_some(struct target *target, int fd)
{
	struct programs programs = load_programs(fd);
	struct bpfsched_job_desc jobs[JOBS];
	int i, taken, accepted = 0;

	for (i = 0; i < JOBS; i++)
		jobs[i] = random_job(&programs, target == &targets[1]);
	taken = submit(fd, jobs, JOBS);
	if (taken < 0)
		check_eq(errno, EAGAIN);
	for (i = 0; i < JOBS; i++) {
		/* the queue is full at times, for others submit too */
		if (jobs[i].error && jobs[i].error != -EAGAIN)
			fail("job %d: %s", i, strerror(-jobs[i].error));
		accepted += !jobs[i].error;
	}
	check_eq(taken < 0 ? 0 : taken, accepted);
	count(&target->tally->submitted, accepted);
	count(&target->tally->rejected, JOBS - accepted);
	if (accepted && next_random() % 4 == 0)
		cancel(fd, jobs[next_random() % JOBS].id);
	if (next_random() % 2)
		close_programs(&programs);
}

static void one_round(struct target *target)
{
	int fd = open_client(target->node, O_NONBLOCK);
	struct bpfsched_stat stat;

	submit_some(target, fd);
	while (next_random() % 3 == 0)
		read_some(target, fd);
	stat = get_stat(fd);
	check_balance(&stat);
	close(fd);
	count(&target->tally->rounds, 1);
}

/* Descriptors of programs that a round left open, as a sloppy user would */
static void close_from(int first)
{
	int fd;

	for (fd = first; fd < first + 16; fd++)
		close(fd);
}

static void one_process(unsigned long number)
{
	unsigned long round;
	int first;

	random_state = seed * 1000003 + number + 1;
	first = dup(0);
	for (round = 0; round < rounds; round++) {
		one_round(&targets[(round + number) % ARRAY_SIZE(targets)]);
		close_from(first);
	}
}

static void run_processes(void)
{
	unsigned long i;
	pid_t *pids = calloc(processes, sizeof(*pids));
	int status;

	for (i = 0; i < processes; i++) {
		pids[i] = check_ok(fork());
		if (pids[i] == 0) {
			alarm(ktap_hang_guard());
			one_process(i);
			ktap_exit(0);
		}
	}
	for (i = 0; i < processes; i++) {
		check_ok(waitpid(pids[i], &status, 0));
		ktap_explain("process", status);
		check_eq(status, 0);
	}
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		printf("# %s: %llu rounds, %llu jobs taken, %llu not, %llu completions read\n",
		       targets[i].node, targets[i].tally->rounds,
		       targets[i].tally->submitted, targets[i].tally->rejected,
		       targets[i].tally->read);
	check_eq(targets[0].tally->rounds + targets[1].tally->rounds,
		 processes * rounds);
}

/* Comes to rest without anybody's help: all files are closed */
static void nothing_left(struct target *target)
{
	int fd = open_client(target->node, 0);
	struct bpfsched_stat stat;

	wait_idle(fd);
	stat = get_stat(fd);
	check_eq(stat.pending, 0);
	check_eq(stat.running, 0);
	check_balance(&stat);
	check_ne(target->tally->submitted, 0);
	check_eq(stat.submitted,
		 target->before.submitted + target->tally->submitted);
	check_eq(stat.rejected,
		 target->before.rejected + target->tally->rejected);
	check_ne(stat.completed, target->before.completed);
	check_ne(stat.failed, target->before.failed);
	check_ne(stat.cancelled, target->before.cancelled);
	check_eq(stat.dropped, target->before.dropped);
	check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
}

static void nothing_left_on_cloud(void)
{
	nothing_left(&targets[0]);
}

static void nothing_left_on_embedded(void)
{
	nothing_left(&targets[1]);
}

static const struct ktap_test tests[] = {
	{ "rounds.all_done", run_processes },
	{ "rest.cloud", nothing_left_on_cloud },
	{ "rest.embedded", nothing_left_on_embedded },
};

static unsigned long number_argument(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*end || !number) {
		fprintf(stderr, "usage: stress [PROCESSES [ROUNDS [SEED]]]\n");
		exit(2);
	}
	return number;
}

int main(int argc, char **argv)
{
	const struct ktap_suite suite = {
		.tests = tests,
		.count = ARRAY_SIZE(tests),
	};
	size_t i;

	if (argc > 1)
		processes = number_argument(argv[1]);
	if (argc > 2)
		rounds = number_argument(argv[2]);
	if (argc > 3)
		seed = number_argument(argv[3]);
	printf("# %lu processes, %lu rounds, seed %lu\n", processes, rounds,
	       seed);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		int fd = open_client(targets[i].node, 0);

		targets[i].before = get_stat(fd);
		close(fd);
		targets[i].tally = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (targets[i].tally == MAP_FAILED)
			fail("mmap: %s", strerror(errno));
	}
	return ktap_main(&suite, 1, argv);
}
