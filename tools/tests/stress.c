// SPDX-License-Identifier: GPL-2.0
/*
 * Stress: processes that do everything that can be asked of the device nodes,
 * at random, and that are killed in the middle of it, again and again. At the
 * end nothing may be left, and the counters have to add up.
 *
 *	stress [--processes N] [--rounds N | --seconds N] [--seed N] [--faults]
 *
 * A round is a life: a process that opens files, which it shares with a twin,
 * and then both do OPS random things with these and with files of their own.
 * With --faults what they call fails at random, for want of memory and because
 * of bad addresses. Everything but the timing depends on the seed alone.
 */
#include "client.h"
#include "faults.h"

#include <getopt.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/time.h>

#define OPS		150	/* of a process in its life */
#define SHARED		2	/* files that twins share */
#define CLIENTS		6	/* files of a process, with those */
#define PROGRAMS	8	/* of a process */
#define MAPS		4	/* of a process */
#define BATCH		64	/* jobs, at most */
#define CONTEXT		64	/* bytes, at most */
#define OWN_IDS		40	/* numbers that clients choose */
#define SECTION		8192	/* bytes */
#define ENOUGH_LIVES	50	/* for what does not happen often */

/* The two that there are, and some that are made and ended all the time. */
static const char *const names[] = {
	"cloud", "embedded", "stress-0", "stress-1", "stress-2",
};

#define FIRST_MADE	2

/**
 * struct tally - what all processes did, in memory that they share
 * @lives: processes that came to their end
 * @killed: processes that were killed
 * @calls: system calls
 * @faults: ... of which so many failed because of a fault
 * @taken: jobs that schedulers took
 * @rejected: jobs that they did not take
 * @read: completions that were read
 * @made: schedulers that were made
 * @ended: schedulers that were ended
 * @by_name: @taken, by scheduler
 */
struct tally {
	__u64 lives;
	__u64 killed;
	__u64 calls;
	__u64 faults;
	__u64 taken;
	__u64 rejected;
	__u64 read;
	__u64 made;
	__u64 ended;
	__u64 by_name[ARRAY_SIZE(names)];
};

/**
 * struct client - an open file
 * @fd: the file, -1: there is none
 * @name: index of its scheduler in names
 * @shared: a twin has it too
 * @blocking: it was opened without O_NONBLOCK
 * @taken: jobs that the scheduler took
 * @over: jobs whose last completion was read
 */
struct client {
	int fd;
	__u32 name;
	bool shared;
	bool blocking;
	__u64 taken;
	__u64 over;
};

/**
 * struct program - a program
 * @fd: its descriptor, -1: there is none
 * @endless: it never returns
 * @section: bytes of its data section that can be mapped
 */
struct program {
	int fd;
	bool endless;
	__u32 section;
};

static unsigned long processes = 4;
static unsigned long rounds = 100;
static unsigned long seconds;
static unsigned long seed = 1;
static bool with_faults;

static struct tally *tally;
static struct client *shared_clients;
static struct bpfsched_stat before[FIRST_MADE];

/* Of this process */
static struct client *clients[CLIENTS];
static struct program programs[PROGRAMS];
static void *maps[MAPS];
static __u64 last_id;
static __u32 random_state;

static __u32 next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static __u32 below(__u32 limit)
{
	return next_random() % limit;
}

static bool one_in(__u32 count)
{
	return !below(count);
}

static void count(__u64 *counter, __u64 number)
{
	__atomic_fetch_add(counter, number, __ATOMIC_RELAXED);
}

static __u64 counted(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* Begins a list of errors, which ends with 0 */
#define SUCCESS	(-1)

/* Whether an error is one of those that a call may fail with. */
static bool is_expected(int error, const int *expected)
{
	if (with_faults && (error == ENOMEM || error == EFAULT))
		return true;
	while (*expected && *expected != error)
		expected++;
	return *expected;
}

static void check_result(const char *call, long result, int error,
			 const int *expected)
{
	count(&tally->calls, 1);
	if (result >= 0)
		return;
	if (!is_expected(error, expected))
		fail("%s failed with %s", call, strerrorname_np(error));
	if (error == ENOMEM || error == EFAULT)
		count(&tally->faults, 1);
}

/*
 * A system call that may fail with one of these errors, or because of a fault;
 * gives what it returned
 */
#define attempt(call, ...) \
	({ \
		long tried_; \
		int error_; \
		faults_begin(with_faults ? next_random() : 0); \
		tried_ = (long)(call); \
		error_ = errno; \
		faults_end(); \
		check_result(#call, tried_, error_, \
			     (const int[]){ SUCCESS, ##__VA_ARGS__, 0 }); \
		errno = error_; \
		tried_; \
	})

/*
 * Signals that interrupt what waits, again and again, for the first may come
 * too early. None where a signal frame that cannot be written is deadly.
 */
static void ignore_signal(int signal)
{
	(void)signal;
}

static void interrupt_every(__u32 us)
{
	struct itimerval timer = {
		.it_interval.tv_usec = us,
		.it_value.tv_usec = us,
	};

	if (!with_faults)
		setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * Files
 */
static struct client *random_client(void)
{
	struct client *client = clients[below(CLIENTS)];

	return client->fd < 0 ? NULL : client;
}

static void open_client_as(struct client *client, __u32 name)
{
	char path[64];
	bool blocking = one_in(2);
	int flags = O_RDWR | O_CLOEXEC | (blocking ? 0 : O_NONBLOCK);

	snprintf(path, sizeof(path), "/dev/bpfsched/%s", names[name]);
	*client = (struct client){
		.fd = attempt(open(path, flags), ENOENT, ENXIO, ENODEV),
		.name = name,
		.blocking = blocking,
	};
}

static void op_open(void)
{
	struct client *client = clients[SHARED + below(CLIENTS - SHARED)];

	if (client->fd < 0)
		open_client_as(client, below(ARRAY_SIZE(names)));
}

static void forget_client(struct client *client)
{
	close(client->fd);
	client->fd = -1;
}

static void op_close(void)
{
	struct client *client = random_client();

	if (client && !client->shared)
		forget_client(client);
}

/* Goes through whole records; returns how many are the last of their job */
static __u64 go_through(const char *buffer, long got)
{
	struct bpfsched_completion completion;
	__u64 last = 0;
	long at = 0;

	while (at < got) {
		memcpy(&completion, buffer + at, sizeof(completion));
		check_ge(completion.record.size, sizeof(completion));
		check_eq(completion.record.type, BPFSCHED_RECORD_COMPLETION);
		check_le(completion.status, BPFSCHED_STATUS_MISSED);
		if (completion.start_seq) {
			check_le(completion.submitted_ns,
				 completion.started_ns);
			check_le(completion.started_ns, completion.ended_ns);
		}
		last += !!(completion.record.flags & BPFSCHED_COMPLETION_LAST);
		at += completion.record.size;
		count(&tally->read, 1);
	}
	check_eq(at, got);
	return last;
}

static void read_some(struct client *client, size_t size)
{
	static char buffer[16 * (sizeof(struct bpfsched_completion) + CONTEXT)];
	long got;

	if (size > sizeof(buffer))
		size = sizeof(buffer);
	got = attempt(read(client->fd, buffer, size), EAGAIN, EINTR, EMSGSIZE);
	if (got > 0)
		count(&client->over, go_through(buffer, got));
}

/* Of the sizes some are odd, and some too small for one record */
static void op_read(void)
{
	struct client *client = random_client();

	if (!client || (client->blocking && with_faults))
		return;
	read_some(client, one_in(3) ? below(1000) : 16384);
}

static void op_poll(void)
{
	struct client *client = random_client();
	struct pollfd poller = { .events = POLLIN | POLLOUT };

	if (!client)
		return;
	poller.fd = client->fd;
	if (attempt(poll(&poller, 1, below(3)), EINTR) > 0)
		check_eq(poller.revents & ~(POLLIN | POLLOUT), 0);
}

/*
 * Programs
 */
static const struct bpf_insn returning[] = { MOV_IMM(0, QUICK_RESULT), EXIT };
static const struct bpf_insn endless[] = { JUMP(-1), EXIT };
static const struct bpf_insn faulting[] = { STORE_IMM(BPF_DW, 9, 8, 1), EXIT };
static const struct bpf_insn refused[] = { JUMP(5), EXIT };

/* Writes to the first and the last byte of its context, if there are any */
static const struct bpf_insn touching[] = {
	JUMP_IMM(BPF_JEQ, 2, 0, 4), STORE_IMM(BPF_B, 1, 0, 1),
	ALU_REG(BPF_ADD, 1, 2), ALU_IMM(BPF_SUB, 1, 1),
	STORE_IMM(BPF_B, 1, 0, 2), MOV_IMM(0, 0), EXIT,
};

/* Some thousand turns, over several safe points */
static const struct bpf_insn looping[] = {
	MOV_IMM(0, 5000), ALU_IMM(BPF_SUB, 0, 1), JUMP_IMM(BPF_JNE, 0, 0, -2),
	EXIT,
};

/* Counts its runs in its data section */
static const struct bpf_insn counting[] = {
	SECTION_LOW(6, 0), SECTION_HIGH(8), LOAD(BPF_DW, 0, 6, 0),
	ALU_IMM(BPF_ADD, 0, 1), STORE(BPF_DW, 6, 0, 0), EXIT,
};

static const struct kind {
	const struct bpf_insn *insns;
	__u32 insn_count;
	bool endless;
	__u32 section;
} kinds[] = {
	{ returning, ARRAY_SIZE(returning), false, 0 },
	{ returning, ARRAY_SIZE(returning), false, 0 },
	{ endless, ARRAY_SIZE(endless), true, 0 },
	{ faulting, ARRAY_SIZE(faulting), false, 0 },
	{ refused, ARRAY_SIZE(refused), false, 0 },
	{ touching, ARRAY_SIZE(touching), false, 0 },
	{ looping, ARRAY_SIZE(looping), false, 0 },
	{ counting, ARRAY_SIZE(counting), false, SECTION },
};

#define POINTERS	16

/* Pointers anywhere in the section behind the word that jobs count in */
static void make_pointers(struct bpfsched_reloc *relocs, __u32 len)
{
	int i;

	for (i = 0; i < POINTERS; i++)
		relocs[i] = (struct bpfsched_reloc){
			.offset = 16 + below(len - 23),
			.kind = i % 2 ? BPFSCHED_RELOC_SECTION :
					BPFSCHED_RELOC_FUNCTION,
			.addend = i % 2 ? below(len + 1) : 0,
		};
}

static void op_load(void)
{
	struct program *program = &programs[below(PROGRAMS)];
	const struct kind *kind = &kinds[below(ARRAY_SIZE(kinds))];
	struct client *client = random_client();
	struct bpfsched_section section = { .len = kind->section };
	struct bpfsched_reloc relocs[POINTERS];
	char log[256];
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.name = "stress",
		.insns = (uintptr_t)kind->insns,
		.insn_count = kind->insn_count,
		.sections = (uintptr_t)&section,
		.section_count = !!kind->section,
		.log = (uintptr_t)log,
		.log_size = below(sizeof(log) + 1),
		.relocs = (uintptr_t)relocs,
		.reloc_count = kind->section ? below(POINTERS + 1) : 0,
	};

	if (!client || program->fd >= 0)
		return;
	if (kind->section)
		make_pointers(relocs, kind->section);
	*program = (struct program){
		.fd = kind->insns == refused ?
			attempt(ioctl(client->fd, BPFSCHED_IOC_PROG_LOAD,
				      &request), EINVAL, EINTR) :
			attempt(ioctl(client->fd, BPFSCHED_IOC_PROG_LOAD,
				      &request), EINTR),
		.endless = kind->endless,
		.section = kind->section,
	};
	check(kind->insns != refused || program->fd < 0);
}

static void op_unload(void)
{
	struct program *program = &programs[below(PROGRAMS)];

	if (program->fd >= 0)
		close(program->fd);
	program->fd = -1;
}

/* The sections of a program are one after the other, so 0 is the first */
static void op_map(void)
{
	struct program *program = &programs[below(PROGRAMS)];
	__u32 map = below(MAPS);
	void *bytes;

	if (maps[map] || program->fd < 0 || !program->section)
		return;
	faults_begin(with_faults ? next_random() : 0);
	bytes = mmap(NULL, SECTION, PROT_READ | PROT_WRITE, MAP_SHARED,
		     program->fd, 0);
	faults_end();
	count(&tally->calls, 1);
	if (bytes == MAP_FAILED) {
		check_result("mmap", -1, errno,
			     (const int[]){ SUCCESS, 0 });
		return;
	}
	memset(bytes, next_random(), SECTION);
	maps[map] = bytes;
}

static void op_unmap(void)
{
	__u32 map = below(MAPS);

	if (maps[map])
		munmap(maps[map], SECTION);
	maps[map] = NULL;
}

/*
 * Jobs
 */
static void random_timing(struct bpfsched_job_desc *job)
{
	if (one_in(2)) {
		job->flags |= BPFSCHED_JOB_DEADLINE_REL;
		job->deadline_ns = 1 + below(20000000);
	} else if (one_in(3)) {
		job->flags |= BPFSCHED_JOB_DEADLINE_ABS;
		job->deadline_ns = monotonic_ns() + below(20000000) - 1000000;
	}
	if (one_in(4))
		job->flags |= BPFSCHED_JOB_FIRM;
	if (one_in(5)) {
		job->flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
		job->not_before_ns = below(10000000);
	} else if (one_in(5)) {
		job->flags |= BPFSCHED_JOB_NOT_BEFORE_ABS;
		job->not_before_ns = monotonic_ns() + below(10000000);
	}
	if (one_in(5)) {
		job->period_ns = 50000 + below(10000000);
		job->count = below(5);
	}
	if (one_in(6))
		job->run_time_ns = 1 + below(2000000);
	if (one_in(4))
		job->budget_ns = 1 + below(5000000);
}

static struct bpfsched_job_desc random_job(const struct program *program)
{
	static char context[CONTEXT];
	struct bpfsched_job_desc job = {
		.id = one_in(4) ? 1 + below(OWN_IDS) : 0,
		.user_data = next_random(),
		.prog_fd = program->fd,
		.priority = below(4),
	};

	if (program->endless && !one_in(6))
		job.budget_insns = 1 + below(100000);
	else if (one_in(10))
		job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	if (one_in(3)) {
		job.context = (uintptr_t)context;
		job.context_len = below(CONTEXT + 1);
	}
	if (one_in(3))
		job.flags |= BPFSCHED_JOB_RETURN_CONTEXT;
	if (one_in(4))
		job.flags |= BPFSCHED_JOB_WAIT;
	else if (one_in(3))
		job.flags |= BPFSCHED_JOB_EVICT;
	if (one_in(2))
		random_timing(&job);
	return job;
}

static __u32 random_batch(struct bpfsched_job_desc *jobs)
{
	__u32 i, count = one_in(8) ? 1 + below(BATCH) : 1 + below(6);
	struct program *program = &programs[below(PROGRAMS)];

	if (program->fd < 0)
		return 0;
	for (i = 0; i < count; i++) {
		struct program *other = &programs[below(PROGRAMS)];

		jobs[i] = random_job(other->fd < 0 ? program : other);
	}
	return count;
}

static const int reasons[] = {
	SUCCESS, EAGAIN, EEXIST, EDQUOT, ETIMEDOUT, EINTR, EBUSY, ETIME,
	EOPNOTSUPP, E2BIG, EINVAL, 0
};

/* The errors of the jobs, which no fault can hide where none are injected */
static void check_batch(const struct bpfsched_job_desc *jobs, __u32 number,
			long taken)
{
	__u32 i;
	long accepted = 0;

	for (i = 0; i < number; i++) {
		if (jobs[i].error && !is_expected(-jobs[i].error, reasons))
			fail("job %u: %s", i, strerrorname_np(-jobs[i].error));
		accepted += !jobs[i].error;
		if (!jobs[i].error)
			last_id = jobs[i].id;
	}
	check_eq(accepted, taken);
}

static void op_submit(void)
{
	struct bpfsched_job_desc jobs[BATCH];
	struct client *client = random_client();
	struct bpfsched_submit request = {
		.size = sizeof(request),
		.count = random_batch(jobs),
		.job_size = sizeof(*jobs),
		.jobs = (uintptr_t)jobs,
		.timeout_ns = 1 + below(20000000),
	};
	long taken;

	if (!client || !request.count)
		return;
	taken = attempt(ioctl(client->fd, BPFSCHED_IOC_SUBMIT, &request),
			EAGAIN, EEXIST, EDQUOT, ETIMEDOUT, EINTR, EBUSY, ETIME,
			EOPNOTSUPP, E2BIG, EINVAL);
	taken = taken < 0 ? 0 : taken;
	check_le(taken, request.count);
	if (!with_faults)
		check_batch(jobs, request.count, taken);
	count(&client->taken, taken);
	count(&tally->taken, taken);
	count(&tally->rejected, request.count - taken);
	count(&tally->by_name[client->name], taken);
}

static __u64 random_id(void)
{
	return one_in(2) ? 1 + below(OWN_IDS) : last_id - one_in(2);
}

static void op_cancel(void)
{
	struct client *client = random_client();
	struct bpfsched_cancel request = {
		.size = sizeof(request),
		.id = random_id(),
	};

	if (client)
		attempt(ioctl(client->fd, BPFSCHED_IOC_CANCEL, &request),
			ENOENT);
}

static void op_cancel_any(void)
{
	struct client *client = random_client();
	struct bpfsched_cancel request = {
		.size = sizeof(request),
		.flags = BPFSCHED_CANCEL_ANY_CLIENT,
		.id = random_id(),
		.client = one_in(2) ? 0 : below(1000),
	};

	if (client)
		attempt(ioctl(client->fd, BPFSCHED_IOC_CANCEL, &request),
			ENOENT, ENOTUNIQ);
}

/* Returns how many are listed, in @infos */
static __u32 list_jobs(int fd, struct bpfsched_job_info *infos, __u32 room,
		       __u32 flags)
{
	struct bpfsched_jobs request = {
		.size = sizeof(request),
		.flags = flags,
		.count = room,
		.info_size = sizeof(*infos),
		.jobs = (uintptr_t)infos,
	};

	if (attempt(ioctl(fd, BPFSCHED_IOC_JOBS, &request)) < 0)
		return 0;
	check_le(request.count, room);
	return request.count;
}

static void op_jobs(void)
{
	struct bpfsched_job_info infos[BATCH];
	struct client *client = random_client();
	__u32 i, number;

	if (!client)
		return;
	number = list_jobs(client->fd, infos, 1 + below(BATCH),
			   one_in(2) ? BPFSCHED_JOBS_ANY_CLIENT : 0);
	for (i = 0; i < number; i++) {
		check_ge(infos[i].state, BPFSCHED_JOB_STATE_WAITING);
		check_le(infos[i].state, BPFSCHED_JOB_STATE_PAUSED);
		if (i && infos[i].client == infos[i - 1].client)
			check_ge(infos[i].id, infos[i - 1].id + 1);
	}
}

static void cancel_listed(int fd)
{
	struct bpfsched_job_info infos[BATCH];
	__u32 i, number = list_jobs(fd, infos, BATCH, 0);

	for (i = 0; i < number; i++) {
		struct bpfsched_cancel request = {
			.size = sizeof(request),
			.id = infos[i].id,
		};

		attempt(ioctl(fd, BPFSCHED_IOC_CANCEL, &request), ENOENT);
	}
}

/*
 * Cancel all jobs of a file, and read until each that was taken has told its
 * end; there must not be one more
 */
static void finish_client(struct client *client)
{
	struct pollfd poller = { .fd = client->fd, .events = POLLIN };

	check_ok(fcntl(client->fd, F_SETFL, O_NONBLOCK));
	while (counted(&client->over) < counted(&client->taken)) {
		cancel_listed(client->fd);
		poll(&poller, 1, 10);
		read_some(client, 16384);
	}
	read_some(client, 16384);
	check_eq(client->over, client->taken);
	while (poll(&poller, 1, 0) < 0)
		check_eq(errno, EINTR);
	check_eq(poller.revents, 0);
	forget_client(client);
}

static void op_finish(void)
{
	struct client *client = random_client();

	if (client && !client->shared)
		finish_client(client);
}

/*
 * Schedulers
 */
static void op_stat(void)
{
	struct client *client = random_client();
	struct bpfsched_stat stat = { .size = sizeof(stat) };

	if (client && !attempt(ioctl(client->fd, BPFSCHED_IOC_STAT, &stat)))
		check_balance(&stat);
}

static void op_histogram(void)
{
	struct client *client = random_client();
	struct bpfsched_histogram request = {
		.size = sizeof(request),
		.kind = below(4),
	};

	if (client)
		attempt(ioctl(client->fd, BPFSCHED_IOC_HISTOGRAM, &request),
			EINVAL);
}

static void op_pause(void)
{
	struct client *client = random_client();

	if (client)
		attempt(ioctl(client->fd, BPFSCHED_IOC_PAUSE));
}

static void op_resume(void)
{
	struct client *client = random_client();

	if (client)
		attempt(ioctl(client->fd, BPFSCHED_IOC_RESUME));
}

static void op_drain(void)
{
	struct client *client = random_client();
	struct bpfsched_drain request = {
		.size = sizeof(request),
		.timeout_ns = 1 + below(3000000),
	};

	if (client)
		attempt(ioctl(client->fd, BPFSCHED_IOC_DRAIN, &request),
			ETIMEDOUT, EINTR);
}

static int open_control(void)
{
	return check_ok(open(CONTROL, O_RDWR | O_CLOEXEC));
}

static __u32 random_made(void)
{
	return FIRST_MADE + below(ARRAY_SIZE(names) - FIRST_MADE);
}

static void op_create(void)
{
	static const char *const policies[] = { "", "throughput", "deadline" };
	__u32 name = random_made(), threads[2];
	__u64 cpus = 1;
	struct bpfsched_create request = {
		.size = sizeof(request),
		.capacity = one_in(4) ? 0 : 1 + below(64),
		.workers = below(4),
		.thread_room = below(3),
		.threads = (uintptr_t)threads,
	};
	int control = open_control();

	strcpy(request.name, names[name]);
	strcpy(request.profile, one_in(2) ? "embedded" : "cloud");
	strcpy(request.policy, policies[below(3)]);
	if (one_in(2)) {
		request.cpus = (uintptr_t)&cpus;
		request.cpus_len = sizeof(cpus);
	}
	if (!attempt(ioctl(control, BPFSCHED_IOC_CREATE, &request), EEXIST,
		     EINTR))
		count(&tally->made, 1);
	close(control);
}

static void op_destroy(void)
{
	struct bpfsched_destroy request = { .size = sizeof(request) };
	int control = open_control();

	strcpy(request.name, names[random_made()]);
	if (!attempt(ioctl(control, BPFSCHED_IOC_DESTROY, &request), ENOENT,
		     EBUSY))
		count(&tally->ended, 1);
	close(control);
}

static void op_list(void)
{
	char listed[ARRAY_SIZE(names)][BPFSCHED_NAME_LEN];
	struct bpfsched_list request = {
		.size = sizeof(request),
		.count = below(ARRAY_SIZE(names) + 1),
		.names = (uintptr_t)listed,
	};
	int control = open_control();

	if (!attempt(ioctl(control, BPFSCHED_IOC_LIST, &request))) {
		check_ge(request.count, FIRST_MADE);
		check_le(request.count, ARRAY_SIZE(names));
	}
	close(control);
}

static void op_sysfs(void)
{
	static const char *const attributes[] = {
		"pending", "running", "capacity", "paused", "workers",
	};
	char path[96], text[32];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/bpfsched/%s/%s",
		 names[below(ARRAY_SIZE(names))],
		 attributes[below(ARRAY_SIZE(attributes))]);
	fd = attempt(open(path, O_RDONLY | O_CLOEXEC), ENOENT, ENODEV);
	if (fd < 0)
		return;
	attempt(read(fd, text, sizeof(text)), ENODEV);
	close(fd);
}

/*
 * Lives
 */
static void (*const ops[])(void) = {
	op_submit, op_submit, op_submit, op_submit, op_submit, op_submit,
	op_read, op_read, op_read, op_read, op_poll, op_cancel, op_cancel,
	op_cancel, op_cancel_any, op_jobs, op_load, op_load, op_load, op_unload,
	op_open, op_open, op_close, op_finish, op_map, op_unmap, op_stat,
	op_histogram, op_pause, op_resume, op_resume, op_drain, op_create,
	op_destroy, op_list, op_sysfs,
};

static void do_ops(void)
{
	int i;

	if (with_faults)
		faults_open();
	interrupt_every(1 + below(20000));
	for (i = 0; i < PROGRAMS; i++) {
		op_open();
		op_load();
	}
	for (i = 0; i < OPS; i++)
		ops[below(ARRAY_SIZE(ops))]();
	interrupt_every(0);
}

static void finish_shared(void)
{
	int i;

	for (i = 0; i < SHARED; i++) {
		if (shared_clients[i].fd >= 0)
			finish_client(&shared_clients[i]);
	}
}

static void begin_life(void)
{
	static struct client own_clients[CLIENTS - SHARED];
	int i;

	for (i = 0; i < CLIENTS; i++) {
		clients[i] = i < SHARED ? &shared_clients[i] :
					  &own_clients[i - SHARED];
		clients[i]->fd = -1;
	}
	for (i = 0; i < SHARED; i++) {
		open_client_as(&shared_clients[i], one_in(2));
		shared_clients[i].shared = true;
	}
	for (i = 0; i < PROGRAMS; i++)
		programs[i].fd = -1;
}

/* Two processes with the same files */
static void live(void)
{
	__u32 twin_seed = next_random() | 1;
	pid_t parent = getpid(), twin;

	begin_life();
	twin = check_ok(fork());
	if (twin == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			ktap_exit(KTAP_FAILED);
		random_state = twin_seed;
		do_ops();
		ktap_exit(0);
	}
	do_ops();
	check_child(twin);
	finish_shared();
}

static bool goes_on(unsigned long round, __u64 begin_ns)
{
	if (seconds)
		return monotonic_ns() - begin_ns < seconds * 1000000000ULL;
	return round < rounds;
}

static void check_life(unsigned long number, unsigned long round, int status,
		       bool killed)
{
	if (killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		count(&tally->killed, 1);
		return;
	}
	if (status)
		printf("# in life %lu of process %lu\n", round, number);
	ktap_explain("life", status);
	check_eq(status, 0);
	count(&tally->lives, 1);
}

/* A twin outlives one who was killed, by a moment; not the next life, though */
static void reap_twin(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		;
	check_eq(errno, ECHILD);
}

/* One life after the other; some are cut short */
static void keep_alive(unsigned long number)
{
	__u64 begin_ns = monotonic_ns();
	unsigned long round;
	bool killed;
	pid_t pid;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	check_ok(prctl(PR_SET_CHILD_SUBREAPER, 1));
	shared_clients = mmap(NULL, SHARED * sizeof(*shared_clients),
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared_clients != MAP_FAILED);
	for (round = 0; goes_on(round, begin_ns); round++) {
		random_state = (seed * 1009 + number) * 1000003 + round + 1;
		random_state += !random_state;
		alarm(ktap_hang_guard());
		pid = check_ok(fork());
		if (pid == 0) {
			struct sigaction action = {
				.sa_handler = ignore_signal,
			};

			alarm(0);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sigaction(SIGALRM, &action, NULL);
			live();
			ktap_exit(0);
		}
		next_random();
		killed = one_in(3);
		if (killed) {
			usleep(below(200000));
			kill(pid, SIGKILL);
		}
		check_eq(check_ok(waitpid(pid, &status, 0)), pid);
		reap_twin();
		check_life(number, round, status, killed);
	}
}

static void run_processes(void)
{
	unsigned long i;
	pid_t *pids = calloc(processes, sizeof(*pids));
	int status;

	/* Each life has a guard of its own. */
	alarm(0);
	for (i = 0; i < processes; i++) {
		pids[i] = check_ok(fork());
		if (pids[i] == 0) {
			keep_alive(i);
			ktap_exit(0);
		}
	}
	for (i = 0; i < processes; i++) {
		check_ok(waitpid(pids[i], &status, 0));
		ktap_explain("process", status);
		check_eq(status, 0);
	}
	printf("# %llu lives and %llu cut short, %llu calls, %llu faults\n",
	       tally->lives, tally->killed, tally->calls, tally->faults);
	printf("# %llu jobs taken, %llu not, %llu completions read\n",
	       tally->taken, tally->rejected, tally->read);
	printf("# %llu schedulers made, %llu ended\n", tally->made,
	       tally->ended);
	check_ne(tally->lives, 0);
	check_ne(tally->made, 0);
	check_ne(tally->ended, 0);
	check_eq(!tally->faults, !with_faults);
}

/* Comes to rest without anybody's help: all files are closed */
static struct bpfsched_stat check_at_rest(int fd)
{
	struct bpfsched_stat stat;

	resume_scheduler(fd);
	wait_idle(fd);
	stat = get_stat(fd);
	check_eq(stat.pending, 0);
	check_eq(stat.running, 0);
	check_balance(&stat);
	check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
	return stat;
}

/* Each release of a periodic job counts, so there may be more than were taken */
static struct bpfsched_stat check_rest_of(__u32 name)
{
	const struct bpfsched_stat *old = &before[name];
	char path[64];
	struct bpfsched_stat stat;

	snprintf(path, sizeof(path), "/dev/bpfsched/%s", names[name]);
	stat = check_at_rest(open_client(path, 0));
	check_ne(tally->by_name[name], 0);
	check_ge(stat.submitted, old->submitted + tally->by_name[name]);
	check_ne(stat.rejected, old->rejected);
	check_ne(stat.completed, old->completed);
	check_ne(stat.failed, old->failed);
	check_ne(stat.cancelled, old->cancelled);
	return stat;
}

static void rest_of_cloud(void)
{
	check_rest_of(0);
}

static void rest_of_embedded(void)
{
	struct bpfsched_stat stat = check_rest_of(1);

	check_ne(stat.dropped, before[1].dropped);
	check_ne(stat.deadline_misses, before[1].deadline_misses);
	/* With one CPU hardly a job arrives while another runs. */
	if (get_nprocs() > 1 && tally->lives > ENOUGH_LIVES)
		check_ne(stat.preemptions, before[1].preemptions);
}

static void end_scheduler(const char *name)
{
	struct bpfsched_destroy request = { .size = sizeof(request) };
	int control = open_control();

	strcpy(request.name, name);
	check_ok(ioctl(control, BPFSCHED_IOC_DESTROY, &request));
	close(control);
}

static void rest_of_others(void)
{
	struct bpfsched_list request = { .size = sizeof(request) };
	int control = open_control();
	char path[64];
	__u32 name;
	int fd;

	for (name = FIRST_MADE; name < ARRAY_SIZE(names); name++) {
		snprintf(path, sizeof(path), "/dev/bpfsched/%s", names[name]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			check_eq(errno, ENOENT);
			continue;
		}
		check_at_rest(fd);
		close(fd);
		end_scheduler(names[name]);
	}
	check_ok(ioctl(control, BPFSCHED_IOC_LIST, &request));
	check_eq(request.count, FIRST_MADE);
}

static const struct ktap_test tests[] = {
	{ "lives.all_done", run_processes },
	{ "rest.cloud", rest_of_cloud },
	{ "rest.embedded", rest_of_embedded },
	{ "rest.others", rest_of_others },
};

static void bad_usage(void)
{
	fprintf(stderr,
		"usage: stress [--processes N] [--rounds N | --seconds N] [--seed N] [--faults]\n");
	exit(2);
}

static unsigned long number_argument(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 0);

	if (*end || !number)
		bad_usage();
	return number;
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "processes", required_argument, NULL, 'p' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "faults", no_argument, NULL, 'f' },
		{}
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			processes = number_argument(optarg);
			break;
		case 'r':
			rounds = number_argument(optarg);
			break;
		case 't':
			seconds = number_argument(optarg);
			break;
		case 's':
			seed = number_argument(optarg);
			break;
		case 'f':
			with_faults = true;
			break;
		default:
			bad_usage();
		}
	}
	if (optind < argc)
		bad_usage();
}

int main(int argc, char **argv)
{
	const struct ktap_suite suite = {
		.tests = tests,
		.count = ARRAY_SIZE(tests),
	};
	__u32 i;

	parse_options(argc, argv);
	printf("# %lu processes, seed %lu\n", processes, seed);
	if (with_faults)
		faults_configure();
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	for (i = 0; i < FIRST_MADE; i++) {
		int fd = open_client(i ? EMBEDDED : CLOUD, 0);

		before[i] = get_stat(fd);
		close(fd);
	}
	return ktap_main(&suite, 1, argv);
}
