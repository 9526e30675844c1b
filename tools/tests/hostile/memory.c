// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of control groups: what a client has is charged to its group, and a
 * worker whose client has none left does not look for some while others wait.
 */
#include "hostile.h"

#include <sys/mount.h>
#include <sys/stat.h>

#define GROUPS	"/tmp/bpfsched-groups"
#define GROUP	GROUPS "/client"

#define TRACE	"/sys/kernel/tracing/instances/bpfsched-memory"

#define MIB	1048576ULL

/* A few batches, in which each CPU counts for itself what a group has */
#define SLACK	MIB

#define CONTEXT_LEN	4096
#define CONTEXTS	3000

static void write_group(const char *file, const char *text)
{
	int fd = check_ok(open(file, O_WRONLY | O_CLOEXEC));

	check_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void read_group(const char *file, char *text, size_t size)
{
	int fd = check_ok(open(file, O_RDONLY | O_CLOEXEC));
	ssize_t len = check_ok(read(fd, text, size - 1));

	text[len] = '\0';
	close(fd);
}

static __u64 memory_of_group(void)
{
	char text[64];

	read_group(GROUP "/memory.current", text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/* How often one of the events in memory.events has come */
static __u64 events_of_group(const char *name)
{
	char text[512], *line;

	read_group(GROUP "/memory.events", text, sizeof(text));
	line = strstr(text, name);
	check(line && (line == text || line[-1] == '\n'));
	return strtoull(line + strlen(name), NULL, 10);
}

/* From here on the kernel notes each time that somebody looks for memory */
static void trace_reclaim(void)
{
	if (mkdir(TRACE, 0700) && errno != EEXIST)
		fail(TRACE ": %s", strerror(errno));
	write_group(TRACE "/events/vmscan/mm_vmscan_memcg_reclaim_begin/enable",
		    "1");
	write_group(TRACE "/trace", "\n");
}

/* How many times it was somebody whose name begins like that */
static int reclaims_by(const char *name)
{
	FILE *file = fopen(TRACE "/trace", "re");
	char line[256];
	int count = 0;

	check(file);
	while (fgets(line, sizeof(line), file))
		count += line[0] != '#' &&
			 !strncmp(line + strspn(line, " "), name, strlen(name));
	fclose(file);
	return count;
}

/* What would be noted of a worker is noted of this process */
static void look_for_memory(void)
{
	int fd = check_ok(open(GROUP "/memory.reclaim", O_WRONLY | O_CLOEXEC));

	/* It fails if there is nothing to be found */
	if (write(fd, "4096", 4) < 0)
		check_eq(errno, EAGAIN);
	close(fd);
	check_ge(reclaims_by(program_invocation_short_name), 1);
}

/* Make the group, and have this process, and what it makes from now on, in it */
static void join_group(void)
{
	char controllers[512];

	mkdir(GROUPS, 0755);
	umount2(GROUPS, MNT_DETACH);
	if (mount("none", GROUPS, "cgroup2", 0, NULL))
		skip("the kernel has no control groups: %s", strerror(errno));
	read_group(GROUPS "/cgroup.controllers", controllers,
		   sizeof(controllers));
	if (!strstr(controllers, "memory"))
		skip("control groups of the kernel do not have memory");
	write_group(GROUPS "/cgroup.subtree_control", "+memory");
	rmdir(GROUP);
	check_ok(mkdir(GROUP, 0755));
	write_group(GROUP "/cgroup.procs", "0");
}

static void leave_group(void)
{
	write_group(GROUPS "/cgroup.procs", "0");
}

static void memory_is_charged(void)
{
	struct bpfsched_create create = params_of("cloud", 1024);
	int root = make_scheduler(&create), fd, program;
	struct bpfsched_job_desc job;
	char context[CONTEXT_LEN];
	__u64 before, with;
	__u32 limit;

	join_group();
	fd = open_as(ATTACKER, MADE, 0);
	before = memory_of_group();
	program = check_ok(try_load(fd, 8 * MIB, &limit));
	with = memory_of_group();
	check_ge(with + SLACK, before + 8 * MIB);
	/* jobs and contexts */
	memset(context, 1, sizeof(context));
	job = far_job_of(program);
	job.context = (uintptr_t)context;
	job.context_len = sizeof(context);
	submit_some(fd, job, 500);
	check_ge(memory_of_group() + SLACK, with + 500 * CONTEXT_LEN);
	close(program);
	close(fd);
	while (memory_of_group() > before + 4 * MIB)
		wait_a_little();
	leave_group();
	check_eq(get_stat(root).waiting, 0);
}

/*
 * Submits CONTEXTS jobs with a context, of which nothing comes for 500 years, but
 * no more when one is refused.
 */
static int load_hoarding(int fd, __s32 followup)
{
	static const char context[CONTEXT_LEN];
	const struct bpfsched_followup options = {
		.size = sizeof(options),
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL,
		.not_before_ns = FAR_NS,
	};
	const struct bpf_insn insns[] = {
		MOV_IMM(6, CONTEXTS),
		MOV_IMM(1, 0),
		SECTION_LOW(2, 1), SECTION_HIGH(0),
		MOV_IMM(3, CONTEXT_LEN),
		SECTION_LOW(4, 0), SECTION_HIGH(0),
		CALL_HELPER(BPFSCHED_FUNC_submit_job),
		JUMP_IMM(BPF_JSLT, 0, 0, 2),
		ALU_IMM(BPF_SUB, 6, 1), JUMP_IMM(BPF_JNE, 6, 0, -10),
		EXIT,
	};
	const struct bpfsched_section sections[] = {
		{ .data = (uintptr_t)&options, .len = sizeof(options) },
		{ .data = (uintptr_t)context, .len = sizeof(context) },
	};
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = ARRAY_SIZE(insns),
		.sections = (uintptr_t)sections,
		.section_count = ARRAY_SIZE(sections),
		.followup_fds = (uintptr_t)&followup,
		.followup_count = 1,
	};

	return check_ok(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request));
}

static struct bpfsched_completion hoard(int root, const char *max)
{
	struct bpfsched_completion completion;
	int fd, other, program, i;

	write_group(GROUP "/memory.max", max);
	write_group(GROUP "/cgroup.procs", "0");
	fd = open_as(ATTACKER, MADE, 0);
	leave_group();
	other = open_as(OTHER, MADE, 0);
	program = load_hoarding(fd, load_quick(fd));
	trace_reclaim();
	look_for_memory();
	submit_one(fd, job_of(program));
	for (i = 0; i < 20; i++)
		check_eq(run_program(other, load_quick(other)).r0,
			 QUICK_RESULT);
	completion = read_completion(fd);
	check_eq(reclaims_by("bpfsched/"), 0);
	close(fd);
	close(other);
	while (user_of(root, ATTACKER).jobs)
		wait_a_little();
	return completion;
}

/* The same jobs, with a group that takes them all and one that does not */
static void memory_of_followups(void)
{
	struct bpfsched_create create = params_of("cloud", 4 * CONTEXTS);
	int root = make_scheduler(&create);
	struct bpfsched_completion completion;

	join_group();
	leave_group();
	completion = hoard(root, "max");
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_ge((__s64)completion.r0, 0);
	check_eq(completion.followups, CONTEXTS);

	completion = hoard(root, "4M");
	check_eq(completion.status, BPFSCHED_STATUS_OK);
	check_eq((__s64)completion.r0, -ENOMEM);
	check_ge(completion.followups, 1);
	check_le(completion.followups, 4 * MIB / CONTEXT_LEN);
	check_eq(events_of_group("oom_kill "), 0);
	check_eq(events_of_group("oom "), 0);
	rmdir(TRACE);
}

static const struct ktap_test tests[] = {
	{ "memory.is_charged", memory_is_charged },
	{ "memory.of_followups", memory_of_followups },
};

const struct subject memory_subject = { tests, ARRAY_SIZE(tests) };
