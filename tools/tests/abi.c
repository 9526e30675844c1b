// SPDX-License-Identifier: GPL-2.0
/*
 * The arguments of every ioctl but SUBMIT, from user space: layout, sizes,
 * flags, pointers, counts, permissions, and the errno of each refusal.
 */
#include "client.h"

#include <grp.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * Layout
 *
 * The numbers are the same for every architecture. What a version of the ABI has
 * is never changed: the next one puts more at the end.
 */
struct member {
	const char *name;
	const void *address;
	size_t size;
	size_t want_offset;
	size_t want_size;
};

#define MEMBER(lvalue, offset, bytes) \
	{ #lvalue, &(lvalue), sizeof(lvalue), offset, bytes }

static void check_layout(const void *object, size_t total,
			 const struct member *members, size_t count)
{
	size_t i, end = 0;

	for (i = 0; i < count; i++) {
		const struct member *member = &members[i];
		size_t offset = (const char *)member->address -
				(const char *)object;

		if (offset != member->want_offset ||
		    member->size != member->want_size)
			fail("%s is at %zu with %zu bytes, want %zu, %zu",
			     member->name, offset, member->size,
			     member->want_offset, member->want_size);
		if (offset != end)
			fail("hole before %s", member->name);
		end = offset + member->size;
	}
	check_eq(end, total);
}

#define CHECK_LAYOUT(object, total, ...) \
	do { \
		const struct member members_[] = { __VA_ARGS__ }; \
		size_t total_ = (total); \
		check_eq(sizeof(object), total_); \
		check_layout(&(object), total_, members_, \
			     ARRAY_SIZE(members_)); \
	} while (0)

static void layout_info(void)
{
	struct bpfsched_info info;

	CHECK_LAYOUT(info, 288,
		     MEMBER(info.size, 0, 4),
		     MEMBER(info.abi_version, 4, 4),
		     MEMBER(info.features, 8, 8),
		     MEMBER(info.name, 16, 32),
		     MEMBER(info.profile, 48, 32),
		     MEMBER(info.policy, 80, 32),
		     MEMBER(info.engine, 112, 32),
		     MEMBER(info.capacity, 144, 4),
		     MEMBER(info.workers, 148, 4),
		     MEMBER(info.max_batch, 152, 4),
		     MEMBER(info.max_insns, 156, 4),
		     MEMBER(info.max_context, 160, 4),
		     MEMBER(info.completion_slots, 164, 4),
		     MEMBER(info.default_budget_insns, 168, 8),
		     MEMBER(info.max_budget_insns, 176, 8),
		     MEMBER(info.client, 184, 8),
		     MEMBER(info.client_jobs, 192, 4),
		     MEMBER(info.max_reservations, 196, 4),
		     MEMBER(info.user_budget_insns, 200, 8),
		     MEMBER(info.min_period_ns, 208, 8),
		     MEMBER(info.slice_ns, 216, 8),
		     MEMBER(info.blocking_ns, 224, 8),
		     MEMBER(info.start_ns, 232, 8),
		     MEMBER(info.supply_ppm, 240, 4),
		     MEMBER(info.user_flags, 244, 4),
		     MEMBER(info.user_limits, 248, 40));
}

static void layout_section(void)
{
	struct bpfsched_section section;

	CHECK_LAYOUT(section, 24,
		     MEMBER(section.data, 0, 8),
		     MEMBER(section.len, 8, 4),
		     MEMBER(section.flags, 12, 4),
		     MEMBER(section.mmap_offset, 16, 8));
}

static void layout_reloc(void)
{
	struct bpfsched_reloc reloc;

	CHECK_LAYOUT(reloc, 24,
		     MEMBER(reloc.section, 0, 4),
		     MEMBER(reloc.offset, 4, 4),
		     MEMBER(reloc.kind, 8, 4),
		     MEMBER(reloc.target, 12, 4),
		     MEMBER(reloc.addend, 16, 4),
		     MEMBER(reloc.pad, 20, 4));
}

static void layout_prog_load(void)
{
	struct bpfsched_prog_load load;

	CHECK_LAYOUT(load, 128,
		     MEMBER(load.size, 0, 4),
		     MEMBER(load.flags, 4, 4),
		     MEMBER(load.name, 8, 32),
		     MEMBER(load.insns, 40, 8),
		     MEMBER(load.insn_count, 48, 4),
		     MEMBER(load.section_count, 52, 4),
		     MEMBER(load.sections, 56, 8),
		     MEMBER(load.log, 64, 8),
		     MEMBER(load.log_size, 72, 4),
		     MEMBER(load.log_len, 76, 4),
		     MEMBER(load.prog_id, 80, 8),
		     MEMBER(load.maps, 88, 8),
		     MEMBER(load.map_count, 96, 4),
		     MEMBER(load.followup_count, 100, 4),
		     MEMBER(load.followup_fds, 104, 8),
		     MEMBER(load.limit, 112, 4),
		     MEMBER(load.reloc_count, 116, 4),
		     MEMBER(load.relocs, 120, 8));
}

static void layout_submit(void)
{
	struct bpfsched_submit submit;
	struct bpfsched_job_desc job;

	CHECK_LAYOUT(submit, 40,
		     MEMBER(submit.size, 0, 4),
		     MEMBER(submit.flags, 4, 4),
		     MEMBER(submit.count, 8, 4),
		     MEMBER(submit.job_size, 12, 4),
		     MEMBER(submit.jobs, 16, 8),
		     MEMBER(submit.timeout_ns, 24, 8),
		     MEMBER(submit.room_ns, 32, 8));
	CHECK_LAYOUT(job, 104,
		     MEMBER(job.id, 0, 8),
		     MEMBER(job.user_data, 8, 8),
		     MEMBER(job.prog_fd, 16, 4),
		     MEMBER(job.flags, 20, 4),
		     MEMBER(job.priority, 24, 4),
		     MEMBER(job.error, 28, 4),
		     MEMBER(job.context, 32, 8),
		     MEMBER(job.context_len, 40, 4),
		     MEMBER(job.limit, 44, 4),
		     MEMBER(job.deadline_ns, 48, 8),
		     MEMBER(job.budget_insns, 56, 8),
		     MEMBER(job.budget_ns, 64, 8),
		     MEMBER(job.not_before_ns, 72, 8),
		     MEMBER(job.period_ns, 80, 8),
		     MEMBER(job.count, 88, 8),
		     MEMBER(job.run_time_ns, 96, 8));
}

static void layout_cancel(void)
{
	struct bpfsched_cancel cancel;

	CHECK_LAYOUT(cancel, 24,
		     MEMBER(cancel.size, 0, 4),
		     MEMBER(cancel.flags, 4, 4),
		     MEMBER(cancel.id, 8, 8),
		     MEMBER(cancel.client, 16, 8));
}

static void layout_update(void)
{
	struct bpfsched_update update;

	CHECK_LAYOUT(update, 64,
		     MEMBER(update.size, 0, 4),
		     MEMBER(update.flags, 4, 4),
		     MEMBER(update.id, 8, 8),
		     MEMBER(update.client, 16, 8),
		     MEMBER(update.priority, 24, 4),
		     MEMBER(update.limit, 28, 4),
		     MEMBER(update.deadline_ns, 32, 8),
		     MEMBER(update.budget_insns, 40, 8),
		     MEMBER(update.budget_ns, 48, 8),
		     MEMBER(update.room_ns, 56, 8));
}

static void layout_users(void)
{
	struct bpfsched_user_limits limits;
	struct bpfsched_user_info info;
	struct bpfsched_user_set set;
	struct bpfsched_users users;

	CHECK_LAYOUT(limits, 40,
		     MEMBER(limits.clients, 0, 4),
		     MEMBER(limits.jobs, 4, 4),
		     MEMBER(limits.waiting, 8, 4),
		     MEMBER(limits.programs, 12, 4),
		     MEMBER(limits.memory, 16, 8),
		     MEMBER(limits.releases, 24, 8),
		     MEMBER(limits.reserved_ppm, 32, 4),
		     MEMBER(limits.weight, 36, 4));
	CHECK_LAYOUT(info, 120,
		     MEMBER(info.number, 0, 8),
		     MEMBER(info.uid, 8, 4),
		     MEMBER(info.flags, 12, 4),
		     MEMBER(info.comm, 16, 16),
		     MEMBER(info.clients, 32, 4),
		     MEMBER(info.jobs, 36, 4),
		     MEMBER(info.waiting, 40, 4),
		     MEMBER(info.programs, 44, 4),
		     MEMBER(info.memory, 48, 8),
		     MEMBER(info.releases, 56, 8),
		     MEMBER(info.reserved_ppm, 64, 4),
		     MEMBER(info.pad, 68, 4),
		     MEMBER(info.run_ns, 72, 8),
		     MEMBER(info.limits, 80, 40));
	CHECK_LAYOUT(users, 32,
		     MEMBER(users.size, 0, 4),
		     MEMBER(users.flags, 4, 4),
		     MEMBER(users.after, 8, 8),
		     MEMBER(users.count, 16, 4),
		     MEMBER(users.info_size, 20, 4),
		     MEMBER(users.users, 24, 8));
	CHECK_LAYOUT(set, 56,
		     MEMBER(set.size, 0, 4),
		     MEMBER(set.flags, 4, 4),
		     MEMBER(set.uid, 8, 4),
		     MEMBER(set.pad, 12, 4),
		     MEMBER(set.limits, 16, 40));
}

static void layout_stat(void)
{
	struct bpfsched_stat stat;

	CHECK_LAYOUT(stat, 152,
		     MEMBER(stat.size, 0, 4),
		     MEMBER(stat.state, 4, 4),
		     MEMBER(stat.submitted, 8, 8),
		     MEMBER(stat.completed, 16, 8),
		     MEMBER(stat.failed, 24, 8),
		     MEMBER(stat.cancelled, 32, 8),
		     MEMBER(stat.dropped, 40, 8),
		     MEMBER(stat.rejected, 48, 8),
		     MEMBER(stat.pending, 56, 8),
		     MEMBER(stat.running, 64, 8),
		     MEMBER(stat.exec_count, 72, 8),
		     MEMBER(stat.deadline_misses, 80, 8),
		     MEMBER(stat.preemptions, 88, 8),
		     MEMBER(stat.queue_high_water, 96, 8),
		     MEMBER(stat.capacity, 104, 8),
		     MEMBER(stat.waiting, 112, 8),
		     MEMBER(stat.kept_running, 120, 8),
		     MEMBER(stat.reservations, 128, 8),
		     MEMBER(stat.reserved_ppm, 136, 8),
		     MEMBER(stat.cpus, 144, 8));
}

static void layout_completion(void)
{
	struct bpfsched_record record;
	struct bpfsched_completion done;

	CHECK_LAYOUT(record, 8,
		     MEMBER(record.size, 0, 4),
		     MEMBER(record.type, 4, 2),
		     MEMBER(record.flags, 6, 2));
	CHECK_LAYOUT(done, 192,
		     MEMBER(done.record, 0, 8),
		     MEMBER(done.id, 8, 8),
		     MEMBER(done.user_data, 16, 8),
		     MEMBER(done.prog_id, 24, 8),
		     MEMBER(done.prog_name, 32, 32),
		     MEMBER(done.status, 64, 4),
		     MEMBER(done.priority, 68, 4),
		     MEMBER(done.r0, 72, 8),
		     MEMBER(done.submitted_ns, 80, 8),
		     MEMBER(done.started_ns, 88, 8),
		     MEMBER(done.ended_ns, 96, 8),
		     MEMBER(done.deadline_ns, 104, 8),
		     MEMBER(done.start_seq, 112, 8),
		     MEMBER(done.instructions, 120, 8),
		     MEMBER(done.fault_address, 128, 8),
		     MEMBER(done.fault_pc, 136, 4),
		     MEMBER(done.fault_kind, 140, 4),
		     MEMBER(done.preemptions, 144, 4),
		     MEMBER(done.context_len, 148, 4),
		     MEMBER(done.context_offset, 152, 4),
		     MEMBER(done.followups, 156, 4),
		     MEMBER(done.release, 160, 8),
		     MEMBER(done.overruns, 168, 8),
		     MEMBER(done.run_ns, 176, 8),
		     MEMBER(done.parent, 184, 8));
}

static void layout_events(void)
{
	struct bpfsched_event_record event;
	struct bpfsched_followup followup;
	struct bpfsched_events events;

	CHECK_LAYOUT(event, 64,
		     MEMBER(event.record, 0, 8),
		     MEMBER(event.id, 8, 8),
		     MEMBER(event.user_data, 16, 8),
		     MEMBER(event.release, 24, 8),
		     MEMBER(event.time_ns, 32, 8),
		     MEMBER(event.seq, 40, 8),
		     MEMBER(event.len, 48, 4),
		     MEMBER(event.lost, 52, 4),
		     MEMBER(event.data_offset, 56, 4),
		     MEMBER(event.pad, 60, 4));
	CHECK_LAYOUT(followup, 56,
		     MEMBER(followup.size, 0, 4),
		     MEMBER(followup.flags, 4, 4),
		     MEMBER(followup.priority, 8, 4),
		     MEMBER(followup.pad, 12, 4),
		     MEMBER(followup.user_data, 16, 8),
		     MEMBER(followup.deadline_ns, 24, 8),
		     MEMBER(followup.not_before_ns, 32, 8),
		     MEMBER(followup.budget_insns, 40, 8),
		     MEMBER(followup.budget_ns, 48, 8));
	CHECK_LAYOUT(events, 40,
		     MEMBER(events.size, 0, 4),
		     MEMBER(events.flags, 4, 4),
		     MEMBER(events.room, 8, 8),
		     MEMBER(events.used, 16, 8),
		     MEMBER(events.emitted, 24, 8),
		     MEMBER(events.lost, 32, 8));
}

static void layout_observation(void)
{
	struct bpfsched_histogram histogram;
	struct bpfsched_job_info info;
	struct bpfsched_jobs jobs;
	struct bpfsched_drain drain;

	CHECK_LAYOUT(histogram, 520,
		     MEMBER(histogram.size, 0, 4),
		     MEMBER(histogram.kind, 4, 4),
		     MEMBER(histogram.buckets, 8, 512));
	CHECK_LAYOUT(jobs, 40,
		     MEMBER(jobs.size, 0, 4),
		     MEMBER(jobs.flags, 4, 4),
		     MEMBER(jobs.client, 8, 8),
		     MEMBER(jobs.id, 16, 8),
		     MEMBER(jobs.count, 24, 4),
		     MEMBER(jobs.info_size, 28, 4),
		     MEMBER(jobs.jobs, 32, 8));
	CHECK_LAYOUT(info, 136,
		     MEMBER(info.client, 0, 8),
		     MEMBER(info.id, 8, 8),
		     MEMBER(info.pid, 16, 4),
		     MEMBER(info.uid, 20, 4),
		     MEMBER(info.comm, 24, 16),
		     MEMBER(info.prog_id, 40, 8),
		     MEMBER(info.prog_name, 48, 32),
		     MEMBER(info.state, 80, 4),
		     MEMBER(info.priority, 84, 4),
		     MEMBER(info.submitted_ns, 88, 8),
		     MEMBER(info.started_ns, 96, 8),
		     MEMBER(info.deadline_ns, 104, 8),
		     MEMBER(info.release, 112, 8),
		     MEMBER(info.run_ns, 120, 8),
		     MEMBER(info.preemptions, 128, 4),
		     MEMBER(info.flags, 132, 4));
	CHECK_LAYOUT(drain, 16,
		     MEMBER(drain.size, 0, 4),
		     MEMBER(drain.flags, 4, 4),
		     MEMBER(drain.timeout_ns, 8, 8));
}

static void layout_control(void)
{
	struct bpfsched_create create;
	struct bpfsched_destroy destroy;
	struct bpfsched_list list;

	CHECK_LAYOUT(create, 208,
		     MEMBER(create.size, 0, 4),
		     MEMBER(create.flags, 4, 4),
		     MEMBER(create.name, 8, 32),
		     MEMBER(create.profile, 40, 32),
		     MEMBER(create.policy, 72, 32),
		     MEMBER(create.capacity, 104, 4),
		     MEMBER(create.workers, 108, 4),
		     MEMBER(create.cpus, 112, 8),
		     MEMBER(create.cpus_len, 120, 4),
		     MEMBER(create.thread_room, 124, 4),
		     MEMBER(create.threads, 128, 8),
		     MEMBER(create.thread_count, 136, 4),
		     MEMBER(create.max_reservations, 140, 4),
		     MEMBER(create.user_budget_insns, 144, 8),
		     MEMBER(create.slice_ns, 152, 8),
		     MEMBER(create.user_flags, 160, 4),
		     MEMBER(create.supply_ppm, 164, 4),
		     MEMBER(create.user_limits, 168, 40));
	CHECK_LAYOUT(destroy, 40,
		     MEMBER(destroy.size, 0, 4),
		     MEMBER(destroy.flags, 4, 4),
		     MEMBER(destroy.name, 8, 32));
	CHECK_LAYOUT(list, 16,
		     MEMBER(list.size, 0, 4),
		     MEMBER(list.count, 4, 4),
		     MEMBER(list.names, 8, 8));
}

/* _IOWR is 3 << 30, the size is at bit 16 */
static void layout_commands(void)
{
	check_eq(BPFSCHED_IOC_INFO, 0xc120bf00);
	check_eq(BPFSCHED_IOC_PROG_LOAD, 0xc080bf01);
	check_eq(BPFSCHED_IOC_SUBMIT, 0xc028bf02);
	check_eq(BPFSCHED_IOC_CANCEL, 0xc018bf03);
	check_eq(BPFSCHED_IOC_STAT, 0xc098bf04);
	check_eq(BPFSCHED_IOC_PAUSE, 0xbf05);
	check_eq(BPFSCHED_IOC_RESUME, 0xbf06);
	check_eq(BPFSCHED_IOC_HISTOGRAM, 0xc208bf07);
	check_eq(BPFSCHED_IOC_JOBS, 0xc028bf08);
	check_eq(BPFSCHED_IOC_DRAIN, 0xc010bf09);
	check_eq(BPFSCHED_IOC_EVENTS, 0xc028bf0a);
	check_eq(BPFSCHED_IOC_UPDATE, 0xc040bf0b);
	check_eq(BPFSCHED_IOC_USERS, 0xc020bf0c);
	check_eq(BPFSCHED_IOC_USER_SET, 0xc038bf0d);
	check_eq(BPFSCHED_IOC_CREATE, 0xc0d0bf40);
	check_eq(BPFSCHED_IOC_DESTROY, 0xc028bf41);
	check_eq(BPFSCHED_IOC_LIST, 0xc010bf42);
}

/*
 * Device nodes and INFO
 */
static void node_character_device(void)
{
	struct stat status;

	check_ok(stat(CLOUD, &status));
	check(S_ISCHR(status.st_mode));
	check_eq(status.st_mode & 0007, 0);
	check_ok(stat(EMBEDDED, &status));
	check(S_ISCHR(status.st_mode));
	check_eq(status.st_mode & 0007, 0);
}

static void node_no_write(void)
{
	int fd = open_client(CLOUD, 0);
	char byte = 0;

	check_fails(write(fd, &byte, 1), EINVAL);
}

/* There are several, for several kinds of machine */
static void check_engine(const struct bpfsched_info *info)
{
	check(!strcmp(info->engine, "interp-threaded") ||
	      !strcmp(info->engine, "interp-switch"));
}

static void info_cloud(void)
{
	struct bpfsched_info info = get_info(open_client(CLOUD, 0));

	check_eq(info.size, sizeof(info));
	check_eq(info.abi_version, BPFSCHED_ABI_VERSION);
	check_eq(info.features & BPFSCHED_FEATURE_DEADLINES, 0);
	check_string(info.name, "cloud");
	check_string(info.profile, "cloud");
	check_string(info.policy, "throughput");
	check_engine(&info);
	check_eq(info.capacity, 1024);
	check_eq(info.workers, sysconf(_SC_NPROCESSORS_ONLN));
	check_eq(info.max_batch, 1024);
	check_eq(info.max_insns, 1000000);
	check_eq(info.max_context, 65536);
	check_eq(info.completion_slots, 4096);
	check_eq(info.default_budget_insns, 1000000000);
	check_eq(info.max_budget_insns, BPFSCHED_BUDGET_UNLIMITED);
}

static void info_embedded(void)
{
	struct bpfsched_info info = get_info(open_client(EMBEDDED, 0));

	check_eq(info.size, sizeof(info));
	check_eq(info.abi_version, BPFSCHED_ABI_VERSION);
	check_ne(info.features & BPFSCHED_FEATURE_DEADLINES, 0);
	check_string(info.name, "embedded");
	check_string(info.profile, "embedded");
	check_string(info.policy, "deadline");
	check_engine(&info);
	check_eq(info.capacity, 32);
	check_eq(info.workers, 1);
	check_ge(info.max_batch, 32);
	check_eq(info.max_insns, 65536);
	check_eq(info.max_context, 4096);
	check_eq(info.completion_slots, 128);
	check_eq(info.default_budget_insns, 100000000);
	check_eq(info.max_budget_insns, 1000000000);
}

/* Root is not bound by the limits, and sees those that users have */
static void check_user_limits(const char *node, __u64 memory)
{
	struct bpfsched_info info = get_info(open_client(node, 0));
	const struct bpfsched_user_limits *limits = &info.user_limits;

	check_eq(info.user_flags, BPFSCHED_USER_UNLIMITED);
	check_eq(info.client_jobs, BPFSCHED_NO_LIMIT);
	check_eq(info.user_budget_insns, 1000000000);
	check_eq(info.min_period_ns, 100000);
	check_eq(info.slice_ns, 0);
	check_ge(info.max_reservations, 1);
	check_le(info.max_reservations, BPFSCHED_RESERVATIONS_MAX);
	check_ge(info.supply_ppm, 1);
	check_le(info.supply_ppm, BPFSCHED_PPM);
	check_eq(limits->clients, 256);
	check_eq(limits->jobs, info.capacity / 2);
	check_eq(limits->waiting, info.capacity / 2);
	check_eq(limits->programs, 256);
	check_eq(limits->memory, memory);
	check_eq(limits->releases, 10000);
	check_eq(limits->reserved_ppm, 0);
	check_eq(limits->weight, BPFSCHED_WEIGHT_DEFAULT);
}

static void info_user_limits(void)
{
	check_user_limits(CLOUD, 64 << 20);
	check_user_limits(EMBEDDED, 8 << 20);
}

static void info_client_number(void)
{
	int first = open_client(CLOUD, 0), second = open_client(CLOUD, 0);
	__u64 client = get_info(first).client;

	check_ne(client, 0);
	check_ne(client, get_info(second).client);
	check_eq(client, get_info(first).client);
}

/*
 * Commands and their sizes
 *
 * A request is made by @fill in a large zeroed buffer. It is valid: the
 * ioctl returns at least 0, or fails with @valid_errno. @first is the size of its
 * first version, 0: that of today.
 */
#define REQUEST_ROOM	16384

struct request {
	const char *name;
	unsigned int number;
	size_t size;
	void (*fill)(int fd, void *buffer);
	int valid_errno;
	size_t first;
};

static const struct bpf_insn quick_insns[] = { MOV_IMM(0, 0), EXIT };
static struct bpfsched_job_desc request_job;

static void fill_size_only(int fd, void *buffer)
{
	(void)fd;
	(void)buffer;
}

static void fill_prog_load(int fd, void *buffer)
{
	struct bpfsched_prog_load *request = buffer;

	(void)fd;
	request->insns = (uintptr_t)quick_insns;
	request->insn_count = ARRAY_SIZE(quick_insns);
}

static void fill_submit(int fd, void *buffer)
{
	struct bpfsched_submit *request = buffer;

	request_job = job_of(load_quick(fd));
	request->count = 1;
	request->job_size = sizeof(request_job);
	request->jobs = (uintptr_t)&request_job;
}

static void fill_cancel(int fd, void *buffer)
{
	struct bpfsched_cancel *request = buffer;

	(void)fd;
	request->id = 123456789;
}

static void fill_jobs(int fd, void *buffer)
{
	static struct bpfsched_job_info info;
	struct bpfsched_jobs *request = buffer;

	(void)fd;
	request->count = 1;
	request->info_size = sizeof(info);
	request->jobs = (uintptr_t)&info;
}

static void fill_update(int fd, void *buffer)
{
	struct bpfsched_update *request = buffer;

	(void)fd;
	request->flags = BPFSCHED_UPDATE_PRIORITY;
	request->id = 123456789;
}

static void fill_users(int fd, void *buffer)
{
	static struct bpfsched_user_info info;
	struct bpfsched_users *request = buffer;

	(void)fd;
	request->count = 1;
	request->info_size = sizeof(info);
	request->users = (uintptr_t)&info;
}

#define SOME_UID	4711

static void fill_user_set(int fd, void *buffer)
{
	struct bpfsched_user_set *request = buffer;

	(void)fd;
	request->flags = BPFSCHED_USER_SET_DEFAULTS;
	request->uid = SOME_UID;
}

static const struct request requests[] = {
	{ "INFO", 0, sizeof(struct bpfsched_info), fill_size_only, 0,
	  offsetof(struct bpfsched_info, client_jobs) },
	{ "PROG_LOAD", 1, sizeof(struct bpfsched_prog_load), fill_prog_load,
	  0, offsetof(struct bpfsched_prog_load, maps) },
	{ "SUBMIT", 2, sizeof(struct bpfsched_submit), fill_submit, 0, 0 },
	{ "CANCEL", 3, sizeof(struct bpfsched_cancel), fill_cancel, ENOENT, 0 },
	{ "STAT", 4, sizeof(struct bpfsched_stat), fill_size_only, 0,
	  offsetof(struct bpfsched_stat, waiting) },
	{ "HISTOGRAM", 7, sizeof(struct bpfsched_histogram), fill_size_only,
	  0, 0 },
	{ "JOBS", 8, sizeof(struct bpfsched_jobs), fill_jobs, 0, 0 },
	{ "DRAIN", 9, sizeof(struct bpfsched_drain), fill_size_only, 0, 0 },
	{ "EVENTS", 10, sizeof(struct bpfsched_events), fill_size_only, 0, 0 },
	{ "UPDATE", 11, sizeof(struct bpfsched_update), fill_update, ENOENT,
	  0 },
	{ "USERS", 12, sizeof(struct bpfsched_users), fill_users, 0, 0 },
	{ "USER_SET", 13, sizeof(struct bpfsched_user_set), fill_user_set, 0,
	  0 },
};

/*
 * Issue @request with these sizes and, at offset @dirty if not 0, a byte that
 * is not zero. Returns 0 or the errno.
 */
static int issue(const struct request *request, size_t command_size,
		 size_t member_size, size_t dirty)
{
	static __u64 room[REQUEST_ROOM / 8];
	int fd = open_client(CLOUD, 0), result, error;
	__u32 size = member_size;
	char *buffer = memset(room, 0, sizeof(room));

	request->fill(fd, buffer);
	memcpy(buffer, &size, sizeof(size));
	if (dirty)
		buffer[dirty] = 1;
	errno = 0;
	result = ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, BPFSCHED_IOC_MAGIC,
				request->number, command_size), buffer);
	error = result < 0 ? errno : 0;
	close(fd);
	return error;
}

static void want_errno(const struct request *request, int error, int want)
{
	if (error != want)
		fail("%s: %s, want %s", request->name,
		     error ? strerrorname_np(error) : "success",
		     want ? strerrorname_np(want) : "success");
}

/* Issue every request with sizes that differ from the right ones */
static void issue_all(long command_delta, long member_delta, bool dirty,
		      int want)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request *request = &requests[i];
		size_t size = request->size;
		int error = issue(request, size + command_delta,
				  size + member_delta,
				  dirty ? size + command_delta - 1 : 0);

		want_errno(request, error, want ?: request->valid_errno);
	}
}

static void ioctl_unknown(void)
{
	int fd = open_client(CLOUD, 0);
	char buffer[256] = "";
	__u32 size = sizeof(buffer);

	memcpy(buffer, &size, sizeof(size));
	check_fails(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, BPFSCHED_IOC_MAGIC,
				   0xee, sizeof(buffer)), buffer), ENOTTY);
	check_fails(ioctl(fd, _IO(BPFSCHED_IOC_MAGIC, 0xee)), ENOTTY);
	check_fails(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 0xb7, 0,
				   sizeof(buffer)), buffer), ENOTTY);
	check_fails(ioctl(fd, 0), ENOTTY);
	check_fails(ioctl(fd, ~0U, buffer), ENOTTY);
}

static void ioctl_direction(void)
{
	static const unsigned int wrong[] = { _IOC_NONE, _IOC_READ,
					      _IOC_WRITE };
	int fd = open_client(CLOUD, 0);
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		for (j = 0; j < ARRAY_SIZE(wrong); j++) {
			char buffer[1024] = "";
			__u32 size = requests[i].size;

			memcpy(buffer, &size, sizeof(size));
			check_fails(ioctl(fd, _IOC(wrong[j],
						   BPFSCHED_IOC_MAGIC,
						   requests[i].number, size),
					  buffer), ENOTTY);
		}
	}
	check_fails(ioctl(fd, _IOWR(BPFSCHED_IOC_MAGIC, 5, __u64), &i),
		    ENOTTY);
	check_fails(ioctl(fd, _IOWR(BPFSCHED_IOC_MAGIC, 6, __u64), &i),
		    ENOTTY);
	check_eq(get_stat(fd).state & BPFSCHED_STATE_PAUSED, 0);
}

static void ioctl_on_program(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_info info = { .size = sizeof(info) };

	check_fails(ioctl(program, BPFSCHED_IOC_INFO, &info), ENOTTY);
	check_fails(ioctl(program, BPFSCHED_IOC_PAUSE), ENOTTY);
}

static void size_valid(void)
{
	issue_all(0, 0, false, 0);
}

static void size_zero(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request *request = &requests[i];

		want_errno(request, issue(request, request->size, 0, 0),
			   EINVAL);
		want_errno(request, issue(request, 0, 0, 0), EINVAL);
		want_errno(request, issue(request, 4, 4, 0), EINVAL);
	}
}

/* Smaller than the first version is too small; that itself is not. */
static void size_smaller(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request *request = &requests[i];
		size_t first = request->first ?: request->size;

		want_errno(request, issue(request, first, first, 0),
			   request->valid_errno);
		want_errno(request, issue(request, first - 8, first - 8, 0),
			   EINVAL);
		want_errno(request, issue(request, first - 1, first - 1, 0),
			   EINVAL);
	}
}

static void size_mismatch(void)
{
	issue_all(0, 8, false, EINVAL);
	issue_all(0, -8, false, EINVAL);
	issue_all(8, 0, false, EINVAL);
	issue_all(-8, 0, false, EINVAL);
}

static void size_larger_zero_tail(void)
{
	issue_all(8, 8, false, 0);
	issue_all(1024, 1024, false, 0);
}

static void size_larger_dirty_tail(void)
{
	issue_all(8, 8, true, E2BIG);
	issue_all(1024, 1024, true, E2BIG);
}

/* Sizes are a multiple of 8 */
static void size_odd(void)
{
	issue_all(1, 1, false, EINVAL);
	issue_all(4, 4, false, EINVAL);
	issue_all(1023, 1023, false, EINVAL);
}

static void size_over_a_page(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		size_t size = sysconf(_SC_PAGESIZE) + 8;

		want_errno(&requests[i], issue(&requests[i], size, size, 0),
			   E2BIG);
	}
}

/* Bytes that this kernel does not know are not written either */
static void size_larger_result(void)
{
	struct {
		struct bpfsched_stat stat;
		char tail[64];
	} larger = { .stat.size = sizeof(larger) };
	int fd = open_client(CLOUD, 0);
	size_t i;

	check_ok(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, BPFSCHED_IOC_MAGIC, 4,
				sizeof(larger)), &larger));
	check_eq(larger.stat.capacity, 1024);
	for (i = 0; i < sizeof(larger.tail); i++)
		check_eq(larger.tail[i], 0);
}

static void pointer_of_request(void)
{
	int fd = open_client(CLOUD, 0);
	void *hole = a_hole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request *request = &requests[i];
		unsigned int command = _IOC(_IOC_READ | _IOC_WRITE,
					    BPFSCHED_IOC_MAGIC,
					    request->number, request->size);
		char *end = before_a_hole(request->size - 8);
		__u32 size = request->size;

		memcpy(end, &size, sizeof(size));
		check_fails(ioctl(fd, command, NULL), EFAULT);
		check_fails(ioctl(fd, command, hole), EFAULT);
		check_fails(ioctl(fd, command, end), EFAULT);
		check_fails(ioctl(fd, command, -8L), EFAULT);
	}
}

/* What would come back cannot be written */
static void pointer_of_result(void)
{
	int fd = open_client(CLOUD, 0), lowest;
	unsigned int stat_size = sizeof(struct bpfsched_stat);
	__u32 *page = page_with(PROT_READ | PROT_WRITE);

	page[0] = sizeof(struct bpfsched_info);
	check_ok(mprotect(page, 4096, PROT_READ));
	check_fails(ioctl(fd, BPFSCHED_IOC_INFO, page), EFAULT);
	check_ok(mprotect(page, 4096, PROT_READ | PROT_WRITE));
	page[0] = stat_size;
	check_ok(mprotect(page, 4096, PROT_READ));
	check_fails(ioctl(fd, BPFSCHED_IOC_STAT, page), EFAULT);

	check_ok(mprotect(page, 4096, PROT_READ | PROT_WRITE));
	memset(page, 0, 4096);
	page[0] = sizeof(struct bpfsched_prog_load);
	fill_prog_load(fd, page);
	check_ok(mprotect(page, 4096, PROT_READ));
	lowest = dup(0);
	close(lowest);
	check_fails(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, page), EFAULT);
	/* and the descriptor was not left behind */
	check_eq(dup(0), lowest);
}

/*
 * PROG_LOAD
 */
static struct bpfsched_prog_load load_request(void)
{
	return (struct bpfsched_prog_load){
		.size = sizeof(struct bpfsched_prog_load),
		.name = "test",
		.insns = (uintptr_t)quick_insns,
		.insn_count = ARRAY_SIZE(quick_insns),
	};
}

static int try_load(int fd, struct bpfsched_prog_load *request)
{
	return ioctl(fd, BPFSCHED_IOC_PROG_LOAD, request);
}

static void load_flags(void)
{
	int fd = open_client(CLOUD, 0), bit;

	for (bit = 0; bit < 32; bit++) {
		struct bpfsched_prog_load request = load_request();

		request.flags = 1U << bit;
		check_fails(try_load(fd, &request), EINVAL);
	}
}

static void load_name(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_prog_load request = load_request();

	memset(request.name, 'x', sizeof(request.name));
	check_fails(try_load(fd, &request), EINVAL);
	request = load_request();
	strcpy(request.name, "new\nline");
	check_fails(try_load(fd, &request), EINVAL);
	request = load_request();
	strcpy(request.name, "\x7f");
	check_fails(try_load(fd, &request), EINVAL);
	request = load_request();
	memset(request.name, 0, sizeof(request.name));
	check_ok(try_load(fd, &request));
	request = load_request();
	memset(request.name, 'x', sizeof(request.name) - 1);
	check_ok(try_load(fd, &request));
}

static void load_descriptor(void)
{
	int fd = open_client(CLOUD, 0), first, second;
	struct bpfsched_prog_load one = load_request(), two = load_request();

	first = check_ok(try_load(fd, &one));
	second = check_ok(try_load(fd, &two));
	check_ne(first, second);
	check_ne(one.prog_id, 0);
	check_ne(one.prog_id, two.prog_id);
	check_eq(check_ok(fcntl(first, F_GETFD)) & FD_CLOEXEC, FD_CLOEXEC);
	check_eq(run_program(fd, second).prog_id, two.prog_id);
	check_eq(run_program(fd, first).prog_id, one.prog_id);
	check_string(run_program(fd, first).prog_name, "test");
}

static void load_insn_count(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_prog_load request = load_request();

	request.insn_count = 0;
	check_fails(try_load(fd, &request), EINVAL);
	request.insn_count = UINT32_MAX;
	check_fails(try_load(fd, &request), E2BIG);
	request.insn_count = get_info(fd).max_insns + 1;
	check_fails(try_load(fd, &request), E2BIG);
}

static void load_insns_pointer(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_prog_load request = load_request();

	request.insns = 0;
	check_fails(try_load(fd, &request), EFAULT);
	request.insns = (uintptr_t)a_hole();
	check_fails(try_load(fd, &request), EFAULT);
	request.insns = (uintptr_t)before_a_hole(8);
	check_fails(try_load(fd, &request), EFAULT);
	request.insns = ~7ULL;
	check_fails(try_load(fd, &request), EFAULT);
	request.insns = (uintptr_t)memcpy(before_a_hole(16), quick_insns, 16);
	check_ok(try_load(fd, &request));
}

static int load_with_sections(int fd, struct bpfsched_section *sections,
			      __u32 count)
{
	struct bpfsched_prog_load request = load_request();

	request.sections = (uintptr_t)sections;
	request.section_count = count;
	return try_load(fd, &request);
}

static void load_section_count(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_section section = { .len = 8 };

	check_ok(load_with_sections(fd, NULL, 0));
	check_ok(load_with_sections(fd, &section, 1));
	check_fails(load_with_sections(fd, &section, UINT32_MAX), E2BIG);
}

#define MOST_SECTIONS	16
#define MOST_SECTION	(16U << 20)

static void load_section_limits(void)
{
	struct bpfsched_section sections[MOST_SECTIONS + 1];
	int fd = open_client(CLOUD, 0), i;

	for (i = 0; i <= MOST_SECTIONS; i++)
		sections[i] = (struct bpfsched_section){ .len = 1 };
	check_ok(load_with_sections(fd, sections, MOST_SECTIONS));
	check_fails(load_with_sections(fd, sections, MOST_SECTIONS + 1), E2BIG);
	sections[0].len = MOST_SECTION;
	check_ok(load_with_sections(fd, sections, 1));
	sections[0].len = MOST_SECTION + 1;
	check_fails(load_with_sections(fd, sections, 1), E2BIG);
}

static void load_section_pointers(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_section *readonly = page_with(PROT_READ | PROT_WRITE);
	struct bpfsched_section section = { .len = 8, .data = 8 };

	check_fails(load_with_sections(fd, NULL, 1), EFAULT);
	check_fails(load_with_sections(fd, a_hole(), 1), EFAULT);
	check_fails(load_with_sections(fd, before_a_hole(16), 1), EFAULT);
	check_fails(load_with_sections(fd, &section, 1), EFAULT);
	section.data = (uintptr_t)before_a_hole(7);
	check_fails(load_with_sections(fd, &section, 1), EFAULT);
	/* mmap_offset cannot be written back */
	readonly->len = 8;
	check_ok(mprotect(readonly, 4096, PROT_READ));
	check_fails(load_with_sections(fd, readonly, 1), EFAULT);
}

static void load_section_arguments(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfsched_section section = { .len = 0 };

	check_fails(load_with_sections(fd, &section, 1), EINVAL);
	section.len = UINT32_MAX;
	check_fails(load_with_sections(fd, &section, 1), E2BIG);
	section.len = 8;
	section.flags = 1U << 31;
	check_fails(load_with_sections(fd, &section, 1), EINVAL);
	section.flags = BPFSCHED_SECTION_RDONLY << 1;
	check_fails(load_with_sections(fd, &section, 1), EINVAL);
	section.flags = BPFSCHED_SECTION_RDONLY;
	check_ok(load_with_sections(fd, &section, 1));
}

#define MOST_RELOCS	262144

static int load_with_relocs(int fd, const struct bpfsched_reloc *relocs,
			    __u32 count)
{
	struct bpfsched_section section = { .len = 16 };
	struct bpfsched_prog_load request = load_request();

	request.sections = (uintptr_t)&section;
	request.section_count = 1;
	request.relocs = (uintptr_t)relocs;
	request.reloc_count = count;
	return try_load(fd, &request);
}

static void load_reloc_count(void)
{
	struct bpfsched_reloc *relocs = calloc(MOST_RELOCS + 1,
					       sizeof(*relocs));
	int fd = open_client(CLOUD, 0);

	check_ok(load_with_relocs(fd, NULL, 0));
	check_ok(load_with_relocs(fd, a_hole(), 0));
	check_ok(load_with_relocs(fd, relocs, 1));
	check_ok(load_with_relocs(fd, relocs, MOST_RELOCS));
	check_fails(load_with_relocs(fd, relocs, MOST_RELOCS + 1), E2BIG);
	check_fails(load_with_relocs(fd, relocs, UINT32_MAX), E2BIG);
	free(relocs);
}

static void load_reloc_pointer(void)
{
	int fd = open_client(CLOUD, 0);

	check_fails(load_with_relocs(fd, NULL, 1), EFAULT);
	check_fails(load_with_relocs(fd, a_hole(), 1), EFAULT);
	check_fails(load_with_relocs(fd, before_a_hole(23), 1), EFAULT);
	check_ok(load_with_relocs(fd, memset(before_a_hole(24), 0, 24), 1));
	check_fails(load_with_relocs(fd, memset(before_a_hole(24), 0, 24), 2),
		    EFAULT);
}

/* One that is refused, by its members */
static void check_reloc_refused(struct bpfsched_reloc reloc)
{
	int fd = open_client(CLOUD, 0);

	check_fails(load_with_relocs(fd, &reloc, 1), EINVAL);
	close(fd);
}

static void load_reloc_arguments(void)
{
	check_reloc_refused((struct bpfsched_reloc){ .section = 1 });
	check_reloc_refused((struct bpfsched_reloc){ .section = UINT32_MAX });
	check_reloc_refused((struct bpfsched_reloc){ .offset = 9 });
	check_reloc_refused((struct bpfsched_reloc){ .offset = UINT32_MAX });
	check_reloc_refused((struct bpfsched_reloc){ .kind = 3 });
	check_reloc_refused((struct bpfsched_reloc){ .target = 1 });
	check_reloc_refused((struct bpfsched_reloc){ .addend = 17 });
	check_reloc_refused((struct bpfsched_reloc){ .pad = 1 });
	check_reloc_refused((struct bpfsched_reloc){
		.kind = BPFSCHED_RELOC_FUNCTION, .target = 2 });
	check_reloc_refused((struct bpfsched_reloc){
		.kind = BPFSCHED_RELOC_FUNCTION, .addend = 1 });
	check_reloc_refused((struct bpfsched_reloc){
		.kind = BPFSCHED_RELOC_MAP });
}

static void load_log_pointer(void)
{
	static const struct bpf_insn refused[] = { MOV_IMM(0, 0) };
	int fd = open_client(CLOUD, 0);
	struct bpfsched_prog_load request = load_request();

	request.insns = (uintptr_t)refused;
	request.insn_count = 1;
	request.log_size = 4096;
	request.log = (uintptr_t)a_hole();
	check_fails(try_load(fd, &request), EFAULT);
	request.log = (uintptr_t)page_with(PROT_READ);
	check_fails(try_load(fd, &request), EFAULT);
	request.log = (uintptr_t)before_a_hole(2);
	check_fails(try_load(fd, &request), EFAULT);
}

/*
 * CANCEL, PAUSE, RESUME: arguments and permissions
 */
static void observation_arguments(void)
{
	static struct bpfsched_job_info info;
	struct bpfsched_jobs jobs = {
		.size = sizeof(jobs),
		.count = 1,
		.info_size = sizeof(info),
		.jobs = (uintptr_t)&info,
	};
	struct bpfsched_histogram histogram = {
		.size = sizeof(histogram),
		.kind = BPFSCHED_HISTOGRAM_LATE + 1,
	};
	int fd = open_client(CLOUD, 0);

	check_fails(ioctl(fd, BPFSCHED_IOC_HISTOGRAM, &histogram), EINVAL);
	jobs.flags = 2;
	check_fails(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs), EINVAL);
	jobs.flags = 0;
	jobs.count = 0;
	check_fails(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs), EINVAL);
	jobs.count = UINT32_MAX;
	check_fails(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs), E2BIG);
	jobs.count = 1;
	jobs.info_size = sizeof(info) - 8;
	check_fails(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs), EINVAL);
	jobs.info_size = 4104;
	check_fails(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs), E2BIG);
	jobs.info_size = sizeof(info);
	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs));
	check_eq(jobs.count, 0);
	check_eq(jobs.client, 0);
}

static int drain(int fd, __u32 flags, __u64 timeout_ns)
{
	struct bpfsched_drain request = {
		.size = sizeof(request),
		.flags = flags,
		.timeout_ns = timeout_ns,
	};

	return ioctl(fd, BPFSCHED_IOC_DRAIN, &request);
}

static void drain_arguments(void)
{
	const __u32 known = BPFSCHED_DRAIN_OWN | BPFSCHED_DRAIN_NOWAIT;
	int fd = open_client(CLOUD, 0), bit;

	for (bit = 0; bit < 32; bit++) {
		if (!((1U << bit) & known))
			check_fails(drain(fd, 1U << bit, 0), EINVAL);
	}
	check_ok(drain(fd, known, 0));
}

/* Of all clients, and of one; jobs that wait for their release too */
static void drain_of_clients(void)
{
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	int reader = check_ok(open(CLOUD, O_RDONLY));
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u64 id;

	job.flags = BPFSCHED_JOB_NOT_BEFORE_REL;
	job.not_before_ns = HOUR_NS;
	id = submit_one(fd, job);
	check_fails(drain(fd, BPFSCHED_DRAIN_NOWAIT, 0), EAGAIN);
	check_fails(drain(other, BPFSCHED_DRAIN_NOWAIT, 0), EAGAIN);
	check_fails(drain(reader, BPFSCHED_DRAIN_NOWAIT, 0), EAGAIN);
	check_fails(drain(fd, BPFSCHED_DRAIN_OWN, 1000), ETIMEDOUT);
	check_fails(drain(other, 0, 1000), ETIMEDOUT);
	check_ok(drain(other, BPFSCHED_DRAIN_OWN, 0));
	check_ok(drain(other, BPFSCHED_DRAIN_OWN | BPFSCHED_DRAIN_NOWAIT, 0));
	check_ok(cancel(fd, id));
	check_ok(drain(fd, BPFSCHED_DRAIN_OWN, 0));
	check_ok(drain(reader, 0, 0));
}

static int list_own(int fd, __u64 *client, __u64 *id,
		    struct bpfsched_job_info *info)
{
	struct bpfsched_jobs request = {
		.size = sizeof(request),
		.client = *client,
		.id = *id,
		.count = 1,
		.info_size = sizeof(*info),
		.jobs = (uintptr_t)info,
	};

	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &request));
	*client = request.client;
	*id = request.id;
	return request.count;
}

/* The list ends, and has each job once, whatever their numbers are */
static void jobs_largest_id(void)
{
	const __u64 ids[] = { 1, 7, UINT64_MAX - 1, UINT64_MAX };
	struct bpfsched_job_info info;
	int fd = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(fd));
	__u64 client = 0, id = 0;
	size_t i;

	pause_scheduler(fd);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		job.id = ids[i];
		submit_one(fd, job);
	}
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		check_eq(list_own(fd, &client, &id, &info), 1);
		check_eq(info.id, ids[i]);
	}
	/* The last part may be empty, and has no sequel */
	if (client)
		check_eq(list_own(fd, &client, &id, &info), 0);
	check_eq(client, 0);
	check_eq(id, 0);
}

static void jobs_of_clients(void)
{
	static struct bpfsched_job_info infos[4];
	struct bpfsched_jobs jobs = {
		.size = sizeof(jobs),
		.count = 2,
		.info_size = sizeof(infos[0]),
		.jobs = (uintptr_t)infos,
	};
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	int program = load_quick(fd), i;
	__u64 ids[3];

	pause_scheduler(fd);
	for (i = 0; i < 3; i++)
		ids[i] = submit_one(i < 2 ? fd : other, job_of(program));
	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs));
	check_eq(jobs.count, 2);
	check_eq(infos[0].id, ids[0]);
	check_eq(infos[1].id, ids[1]);
	check_eq(infos[0].state, BPFSCHED_JOB_STATE_PENDING);
	check_eq(infos[0].client, get_info(fd).client);
	check_eq(infos[0].pid, getpid());

	jobs.flags = BPFSCHED_JOBS_ANY_CLIENT;
	jobs.client = 0;
	jobs.id = 0;
	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs));
	check_eq(jobs.count, 2);
	check_eq(infos[0].id, ids[0]);
	check(jobs.client != 0);
	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &jobs));
	check_eq(jobs.count, 1);
	check_eq(infos[0].id, ids[2]);
	check_eq(infos[0].client, get_info(other).client);
	check_eq(jobs.client, 0);
}

/* What @create has of limits is refused; the rest would do */
static void refused_create(int fd, struct bpfsched_create create, int want)
{
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), want);
}

static void check_create_limits(int fd, struct bpfsched_create good)
{
	struct bpfsched_create create = good;

	create.max_reservations = BPFSCHED_RESERVATIONS_MAX + 1;
	refused_create(fd, create, E2BIG);
	create = good;
	create.supply_ppm = BPFSCHED_PPM + 1;
	refused_create(fd, create, EINVAL);
	create = good;
	create.slice_ns = BPFSCHED_SLICE_MIN_NS;
	refused_create(fd, create, EINVAL);
	strcpy(create.policy, "fair");
	create.slice_ns = BPFSCHED_SLICE_MIN_NS - 1;
	refused_create(fd, create, EINVAL);
	create.slice_ns = BPFSCHED_SLICE_MAX_NS + 1;
	refused_create(fd, create, EINVAL);
	create = good;
	create.user_flags = BPFSCHED_USER_SET_DEFAULTS;
	refused_create(fd, create, EINVAL);
	create.user_flags = BPFSCHED_USER_SET_ALL << 1;
	refused_create(fd, create, EINVAL);
	create.user_flags = BPFSCHED_USER_SET_WEIGHT;
	refused_create(fd, create, EINVAL);
	create.user_limits.weight = BPFSCHED_WEIGHT_MAX + 1;
	refused_create(fd, create, EINVAL);
}

static void control_arguments(void)
{
	struct bpfsched_create create = { .size = sizeof(create) }, *unwritable;
	struct bpfsched_destroy destroy = { .size = sizeof(destroy) };
	struct bpfsched_list list = { .size = sizeof(list) };
	int fd = open(CONTROL, O_RDWR);

	check_ok(fd);
	check_fails(ioctl(fd, BPFSCHED_IOC_STAT, &list), ENOTTY);
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), EINVAL);
	memset(create.name, 'x', sizeof(create.name));
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), EINVAL);
	strcpy(create.name, "cloud");
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), EEXIST);
	strcpy(create.name, "made");
	create.flags = ~BPFSCHED_CREATE_GUARD_CRITICAL;
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), EINVAL);
	create.flags = 0;
	check_create_limits(fd, create);
	create.capacity = UINT32_MAX;
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), E2BIG);
	create.capacity = 0;
	create.workers = UINT32_MAX;
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), E2BIG);
	create.workers = 0;
	create.cpus_len = 8;
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), EINVAL);
	create.cpus_len = 0;
	create.thread_room = 1;
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, &create), EFAULT);
	/* What cannot be told is not made */
	create.thread_room = 0;
	unwritable = page_with(PROT_READ | PROT_WRITE);
	*unwritable = create;
	check_ok(mprotect(unwritable, 4096, PROT_READ));
	check_fails(ioctl(fd, BPFSCHED_IOC_CREATE, unwritable), EFAULT);

	destroy.flags = 1;
	check_fails(ioctl(fd, BPFSCHED_IOC_DESTROY, &destroy), EINVAL);
	destroy.flags = 0;
	strcpy(destroy.name, "made");
	check_fails(ioctl(fd, BPFSCHED_IOC_DESTROY, &destroy), ENOENT);
	strcpy(destroy.name, "cloud");
	open_client(CLOUD, 0);
	check_fails(ioctl(fd, BPFSCHED_IOC_DESTROY, &destroy), EBUSY);

	check_ok(ioctl(fd, BPFSCHED_IOC_LIST, &list));
	check_eq(list.count, 2);
	check_fails(ioctl(fd, BPFSCHED_IOC_LIST, &list), EFAULT);
}

static void cancel_arguments(void)
{
	int fd = open_client(CLOUD, 0), bit;
	struct bpfsched_cancel request = { .size = sizeof(request), .id = 1 };

	for (bit = 1; bit < 32; bit++) {
		request.flags = 1U << bit;
		check_fails(ioctl(fd, BPFSCHED_IOC_CANCEL, &request), EINVAL);
	}
	request.flags = 0;
	request.client = get_info(fd).client;
	check_fails(ioctl(fd, BPFSCHED_IOC_CANCEL, &request), EINVAL);
}

static void cancel_unknown(void)
{
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);
	int program = load_quick(fd);
	__u64 id;

	check_fails(cancel(fd, 4242), ENOENT);
	check_fails(cancel(fd, 0), ENOENT);
	check_fails(cancel_any(fd, 4242, 0), ENOENT);
	check_fails(cancel_any(fd, 4242, UINT64_MAX), ENOENT);
	pause_scheduler(fd);
	id = submit_one(other, job_of(program));
	check_fails(cancel(fd, id), ENOENT);
	check_fails(cancel_any(fd, id, get_info(fd).client), ENOENT);
}

static void cancel_ended(void)
{
	int fd = open_client(CLOUD, 0);
	__u64 id = submit_one(fd, job_of(load_quick(fd)));

	wait_idle(fd);
	check_fails(cancel(fd, id), ENOENT);
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_OK);
	check_fails(cancel(fd, id), ENOENT);
}

static void cancel_not_unique(void)
{
	int admin = open_client(CLOUD, 0), first = open_client(CLOUD, 0);
	int second = open_client(CLOUD, 0);
	struct bpfsched_job_desc job = job_of(load_quick(admin));

	pause_scheduler(admin);
	job.id = 77;
	submit_one(first, job);
	submit_one(second, job);
	check_fails(cancel_any(admin, 77, 0), ENOTUNIQ);
	check_ok(cancel_any(admin, 77, get_info(second).client));
	check_eq(read_completion(second).status, BPFSCHED_STATUS_CANCELLED);
	check_eq(has_events(first, POLLIN), false);
	check_ok(cancel_any(admin, 77, 0));
	check_eq(read_completion(first).status, BPFSCHED_STATUS_CANCELLED);
}

static void drop_privileges(void)
{
	check_ok(setgroups(0, NULL));
	check_ok(setresgid(65534, 65534, 65534));
	check_ok(setresuid(65534, 65534, 65534));
}

static void permission_pause(void)
{
	int fd = open_client(CLOUD, 0);

	drop_privileges();
	check_fails(ioctl(fd, BPFSCHED_IOC_PAUSE), EPERM);
	check_eq(get_stat(fd).state & BPFSCHED_STATE_PAUSED, 0);
}

static void permission_resume(void)
{
	int fd = open_client(CLOUD, 0);

	pause_scheduler(fd);
	drop_privileges();
	check_fails(ioctl(fd, BPFSCHED_IOC_RESUME), EPERM);
	check_eq(get_stat(fd).state & BPFSCHED_STATE_PAUSED,
		 BPFSCHED_STATE_PAUSED);
}

static void permission_cancel_any(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	__u64 id, client = get_info(fd).client;

	pause_scheduler(fd);
	id = submit_one(fd, job_of(program));
	drop_privileges();
	check_fails(cancel_any(fd, id, client), EPERM);
	check_fails(cancel_any(fd, id, 0), EPERM);
	check_fails(cancel_any(fd, 4242, 0), EPERM);
	check_eq(get_stat(fd).pending, 1);
	check_ok(cancel(fd, id));
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_CANCELLED);
}

/* Without CAP_SYS_NICE */
static void permission_budget(void)
{
	int fd = open_client(CLOUD, 0), program = load_quick(fd);
	struct bpfsched_job_desc job = job_of(program);

	drop_privileges();
	job.budget_insns = get_info(fd).user_budget_insns;
	check_eq(run_job(fd, job).status, BPFSCHED_STATUS_OK);
	job.budget_insns++;
	submit_refused(fd, job, EPERM);
	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	submit_refused(fd, job, EPERM);
}

/* Whoever was given the node needs no capability to load and run, globals too */
static void permission_run(void)
{
	int fd = open_client(CLOUD, 0), program;
	__u64 initial = 5;
	struct bpfsched_section section = {
		.data = (uintptr_t)&initial,
		.len = 8,
	};
	const struct bpf_insn insns[] = {
		SECTION_LOW(1, 0), SECTION_HIGH(0), LOAD(BPF_DW, 0, 1, 0),
		EXIT,
	};
	struct bpfsched_prog_load request = load_request();
	__u64 *mapped;

	drop_privileges();
	request.insns = (uintptr_t)insns;
	request.insn_count = ARRAY_SIZE(insns);
	request.sections = (uintptr_t)&section;
	request.section_count = 1;
	program = check_ok(try_load(fd, &request));
	mapped = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, program,
		      section.mmap_offset);
	check(mapped != MAP_FAILED);
	check_eq(run_program(fd, program).r0, 5);
	*mapped = 6;
	check_eq(run_program(fd, program).r0, 6);
}

static void permission_open(void)
{
	drop_privileges();
	check_fails(open(CLOUD, O_RDWR), EACCES);
	check_fails(open(EMBEDDED, O_RDONLY), EACCES);
}

/* Who may only read the node can look, and change nothing */
static void permission_read_only(void)
{
	int fd = check_ok(open(CLOUD, O_RDONLY | O_NONBLOCK));
	int control = check_ok(open(CONTROL, O_RDONLY));
	struct bpfsched_job_desc job = job_of(load_quick(open_client(CLOUD, 0)));
	struct bpfsched_prog_load request = load_request();
	struct bpfsched_create create = {
		.size = sizeof(create), .name = "made",
	};
	struct bpfsched_destroy destroy = {
		.size = sizeof(destroy), .name = "embedded",
	};
	struct bpfsched_list list = { .size = sizeof(list) };
	struct bpfsched_events events = { .size = sizeof(events) };

	check_fails(submit(fd, &job, 1), EBADF);
	check_fails(try_load(fd, &request), EBADF);
	check_fails(cancel(fd, 1), EBADF);
	check_ok(ioctl(fd, BPFSCHED_IOC_EVENTS, &events));
	events.flags = BPFSCHED_EVENTS_SET_ROOM;
	check_fails(ioctl(fd, BPFSCHED_IOC_EVENTS, &events), EBADF);
	check_ok(drain(fd, 0, 0));
	check_fails(ioctl(fd, BPFSCHED_IOC_PAUSE), EBADF);
	check_fails(ioctl(fd, BPFSCHED_IOC_RESUME), EBADF);
	check_fails(ioctl(control, BPFSCHED_IOC_CREATE, &create), EBADF);
	check_fails(ioctl(control, BPFSCHED_IOC_DESTROY, &destroy), EBADF);

	check_eq(get_info(fd).capacity, 1024);
	check_eq(get_stat(fd).state, 0);
	check_ok(ioctl(control, BPFSCHED_IOC_LIST, &list));
	check_eq(list.count, 2);
}

static void pause_twice(void)
{
	int fd = open_client(CLOUD, 0);

	check_eq(get_stat(fd).state, 0);
	pause_scheduler(fd);
	pause_scheduler(fd);
	check_eq(get_stat(fd).state, BPFSCHED_STATE_PAUSED);
	resume_scheduler(fd);
	check_eq(get_stat(fd).state, 0);
	resume_scheduler(fd);
	check_eq(get_stat(fd).state, 0);
	check_eq(run_program(fd, load_quick(fd)).r0, QUICK_RESULT);
}

static void pause_survives_caller(void)
{
	int fd = open_client(CLOUD, 0), other = open_client(CLOUD, 0);

	pause_scheduler(fd);
	close(fd);
	check_eq(get_stat(other).state, BPFSCHED_STATE_PAUSED);
	submit_one(other, job_of(load_quick(other)));
	check_eq(get_stat(other).pending, 1);
	resume_scheduler(other);
	check_eq(read_completion(other).status, BPFSCHED_STATUS_OK);
}

static const struct ktap_test tests[] = {
	{ "layout.info", layout_info },
	{ "layout.section", layout_section },
	{ "layout.reloc", layout_reloc },
	{ "layout.prog_load", layout_prog_load },
	{ "layout.submit", layout_submit },
	{ "layout.cancel", layout_cancel },
	{ "layout.update", layout_update },
	{ "layout.users", layout_users },
	{ "layout.stat", layout_stat },
	{ "layout.completion", layout_completion },
	{ "layout.observation", layout_observation },
	{ "layout.events", layout_events },
	{ "layout.control", layout_control },
	{ "layout.commands", layout_commands },
	{ "node.character_device", node_character_device },
	{ "node.no_write", node_no_write },
	{ "info.cloud", info_cloud },
	{ "info.embedded", info_embedded },
	{ "info.user_limits", info_user_limits },
	{ "info.client_number", info_client_number },
	{ "ioctl.unknown", ioctl_unknown },
	{ "ioctl.direction", ioctl_direction },
	{ "ioctl.on_program", ioctl_on_program },
	{ "size.valid", size_valid },
	{ "size.zero", size_zero },
	{ "size.smaller", size_smaller },
	{ "size.mismatch", size_mismatch },
	{ "size.larger_zero_tail", size_larger_zero_tail },
	{ "size.larger_dirty_tail", size_larger_dirty_tail },
	{ "size.odd", size_odd },
	{ "size.over_a_page", size_over_a_page },
	{ "size.larger_result", size_larger_result },
	{ "pointer.of_request", pointer_of_request },
	{ "pointer.of_result", pointer_of_result },
	{ "load.flags", load_flags },
	{ "load.name", load_name },
	{ "load.descriptor", load_descriptor },
	{ "load.insn_count", load_insn_count },
	{ "load.insns_pointer", load_insns_pointer },
	{ "load.section_count", load_section_count },
	{ "load.section_limits", load_section_limits },
	{ "load.section_pointers", load_section_pointers },
	{ "load.reloc_count", load_reloc_count },
	{ "load.reloc_pointer", load_reloc_pointer },
	{ "load.reloc_arguments", load_reloc_arguments },
	{ "load.section_arguments", load_section_arguments },
	{ "load.log_pointer", load_log_pointer },
	{ "observation.arguments", observation_arguments },
	{ "drain.arguments", drain_arguments },
	{ "drain.of_clients", drain_of_clients },
	{ "jobs.of_clients", jobs_of_clients },
	{ "jobs.largest_id", jobs_largest_id },
	{ "control.arguments", control_arguments },
	{ "cancel.arguments", cancel_arguments },
	{ "cancel.unknown", cancel_unknown },
	{ "cancel.ended", cancel_ended },
	{ "cancel.not_unique", cancel_not_unique },
	{ "permission.pause", permission_pause },
	{ "permission.resume", permission_resume },
	{ "permission.cancel_any", permission_cancel_any },
	{ "permission.budget", permission_budget },
	{ "permission.run", permission_run },
	{ "permission.open", permission_open },
	{ "permission.read_only", permission_read_only },
	{ "pause.twice", pause_twice },
	{ "pause.survives_caller", pause_survives_caller },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
