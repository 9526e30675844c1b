// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers, events and follow-up jobs, from user space: programs compiled by
 * clang, through the library.
 */
#include "client.h"

#include "../lib/bpfsched.h"

#define STEPS	1000

static const char *object(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int i;

	check(len > 0);
	path[len] = 0;
	/* tools/bin/helpers: up three, and down to what was built */
	for (i = 0; i < 3; i++)
		*strrchr(path, '/') = 0;
	return strcat(path, "/build/tests/helpers.bpf.o");
}

static struct bpfs_prog *load_named(int fd, const char *name)
{
	struct bpfs_prog *prog;

	if (bpfs_prog_load_file(fd, object(), name, &prog))
		fail("%s: %s", name, bpfs_error());
	return prog;
}

/* Run a program that checks something */
static void check_program(const char *node, const char *name)
{
	int fd = open_client(node, 0);
	struct bpfsched_completion c;

	c = run_program(fd, bpfs_prog_fd(load_named(fd, name)));
	check_eq(c.status, BPFSCHED_STATUS_OK);
	if (c.r0)
		fail("helpers.bpf.c:%llu: not true", c.r0);
	close(fd);
}

static void helper_times(void)
{
	check_program(CLOUD, "times");
	check_program(EMBEDDED, "times");
}

static void helper_texts(void)
{
	check_program(CLOUD, "texts");
}

static void helper_job(void)
{
	check_program(CLOUD, "job");
	check_program(EMBEDDED, "job");
}

/*
 * Loops
 */
static __u64 *in_bss(struct bpfs_prog *prog, int index)
{
	__u64 *bss = bpfs_prog_section(prog, ".bss", NULL);

	if (!bss)
		fail("%s", bpfs_error());
	return bss + index;
}

/* The two variables lie in one section, in the order of their definition */
static void allow(struct bpfs_prog *prog, __u64 steps)
{
	__atomic_store_n(in_bss(prog, 0), steps, __ATOMIC_SEQ_CST);
}

static __u64 result_of(struct bpfsched_completion c)
{
	check_eq(c.status, BPFSCHED_STATUS_OK);
	check_ne(c.r0, 0);
	return c.r0;
}

/* Without a pause, by another run of the same program */
static __u64 unpaused_result(int fd, const char *name)
{
	struct bpfs_prog *prog = load_named(fd, name);
	__u64 result;

	allow(prog, STEPS);
	result = result_of(run_program(fd, bpfs_prog_fd(prog)));
	bpfs_prog_free(prog);
	return result;
}

/*
 * The job waits at each step until a job with a deadline has taken over from
 * it, so it is paused at least once at each of them.
 */
static void check_pauses(const char *name)
{
	int fd = open_unlimited();
	__u64 want = unpaused_result(fd, name), id, i;
	struct bpfs_prog *prog = load_named(fd, name);
	struct bpfsched_job_desc job, urgent;
	struct bpfsched_completion c;

	job = job_of(bpfs_prog_fd(prog));
	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	urgent = job_of(LOAD_PROGRAM(fd, MOV_IMM(0, 7), EXIT));
	urgent.flags = BPFSCHED_JOB_DEADLINE_REL;
	urgent.deadline_ns = HOUR_NS;
	id = submit_one(fd, job);
	wait_running(fd, 1);
	for (i = 1; i <= STEPS; i++) {
		c = run_job(fd, urgent);
		check_eq(c.r0, 7);
		allow(prog, i);
		/* It goes on before it is to make way again */
		while (i < STEPS &&
		       __atomic_load_n(in_bss(prog, 1), __ATOMIC_SEQ_CST) < i)
			wait_a_little();
	}
	c = read_completion(fd);
	check_eq(c.id, id);
	check_eq(result_of(c), want);
	check_ge(c.preemptions, STEPS);
	close(fd);
}

static void loop_pauses(void)
{
	check_pauses("steps");
}

static void walk_pauses(void)
{
	check_pauses("walks");
}

/*
 * Events
 */
static struct bpfsched_job_desc events_job(int fd, const __u8 *count)
{
	struct bpfsched_job_desc job;

	bpfs_job_init(&job, bpfs_prog_fd(load_named(fd, "events")),
		      count, 1);
	return job;
}

static void set_room(int fd, __u64 room)
{
	if (bpfs_sched_set_event_room(fd, room))
		fail("%s", bpfs_error());
}

/* Counts the events that come, which are numbers from 0 */
static void count_event(const struct bpfsched_event_record *event, void *data)
{
	__u32 *count = data, number;

	check_eq(event->len, sizeof(number));
	memcpy(&number, bpfs_event_data(event), sizeof(number));
	check_eq(number, *count);
	check_eq(event->seq, number + 1);
	check_eq(event->lost, 0);
	++*count;
}

static void events_in_order(const char *node)
{
	const struct bpfsched_completion *c;
	int fd = open_client(node, 0);
	struct bpfs_stream *stream;
	__u8 many = 200;
	__u32 count = 0;
	__u64 id = submit_one(fd, events_job(fd, &many));

	check(!bpfs_stream_new(fd, &stream));
	bpfs_stream_on_event(stream, count_event, &count);
	check(!bpfs_stream_next(stream, -1, &c));
	check_eq(c->id, id);
	check_eq(c->r0, 0);
	check_eq(count, 200);
	bpfs_stream_free(stream);
	close(fd);
}

static void event_order(void)
{
	events_in_order(CLOUD);
	events_in_order(EMBEDDED);
}

static void event_read(void)
{
	struct bpfsched_event_record event;
	int fd = open_client(CLOUD, O_NONBLOCK);
	char room[128] = "";
	__u8 one = 1;
	struct bpfsched_job_desc job = events_job(fd, &one);

	check(!has_events(fd, POLLIN));
	submit_one(fd, job);
	wait_idle(fd);
	check(has_events(fd, POLLIN));
	/* Nothing is consumed by a read that fails */
	check_fails(read(fd, room, sizeof(event)), EMSGSIZE);
	check_fails(read(fd, a_hole(), 4096), EFAULT);
	check_eq(check_ok(read(fd, room, sizeof(room))), sizeof(event) + 8);
	memcpy(&event, room, sizeof(event));
	check_eq(event.record.type, BPFSCHED_RECORD_EVENT);
	check_eq(event.record.size, sizeof(event) + 8);
	check_eq(event.len, 4);
	read_completion(fd);
	check_fails(read(fd, room, sizeof(room)), EAGAIN);
	check(!has_events(fd, POLLIN));
	close(fd);
}

static void event_full(void)
{
	struct bpfsched_event_record event;
	int fd = open_client(CLOUD, 0);
	struct bpfsched_events events;
	__u8 many = 255;
	struct bpfsched_job_desc job = events_job(fd, &many);
	char buf[8192];
	int fit, lost;

	set_room(fd, 4096);
	fit = 4096 / (sizeof(event) + 8);
	lost = many - fit;
	submit_one(fd, job);
	wait_idle(fd);
	check(!bpfs_sched_get_events(fd, &events));
	check_eq(events.room, 4096);
	check_eq(events.used, fit * (sizeof(event) + 8));
	check_eq(events.emitted, many);
	check_eq(events.lost, lost);
	check_eq(bpfs_sched_set_event_room(fd, 8192), -EBUSY);
	check_eq(check_ok(read(fd, buf, sizeof(buf))),
		 fit * (sizeof(event) + 8) + sizeof(struct bpfsched_completion));
	/* The next event tells what was lost */
	many = 1;
	submit_one(fd, job);
	wait_idle(fd);
	check_ok(read(fd, buf, sizeof(buf)));
	memcpy(&event, buf, sizeof(event));
	check_eq(event.lost, lost);
	check_eq(event.seq, 256);
	set_room(fd, 8192);
	close(fd);
}

static void event_arguments(void)
{
	struct bpfsched_events events = { .size = sizeof(events) };
	int fd = open_client(CLOUD, 0);

	check_ok(ioctl(fd, BPFSCHED_IOC_EVENTS, &events));
	check_eq(events.room, BPFSCHED_EVENTS_ROOM_DEFAULT);
	check_eq(events.used, 0);
	check_fails(ioctl(fd, BPFSCHED_IOC_EVENTS, &events), EINVAL);
	events.flags = 2;
	check_fails(ioctl(fd, BPFSCHED_IOC_EVENTS, &events), EINVAL);
	events.flags = BPFSCHED_EVENTS_SET_ROOM;
	events.room = BPFSCHED_EVENTS_ROOM_MAX + 1;
	check_fails(ioctl(fd, BPFSCHED_IOC_EVENTS, &events), E2BIG);
	events.room = BPFSCHED_EVENTS_ROOM_MAX;
	check_ok(ioctl(fd, BPFSCHED_IOC_EVENTS, &events));
	close(fd);
}

#define EMITTERS	32
#define EACH		255

static void submit_emitters(int fd, const struct bpfsched_job_desc *job)
{
	struct bpfsched_job_desc jobs[EMITTERS];
	int i;

	for (i = 0; i < EMITTERS; i++)
		jobs[i] = *job;
	submit_all(fd, jobs, EMITTERS);
}

/* Events that are new, and those that the records say were lost before */
struct tally {
	__u64 seen;
	__u64 lost;
};

static void tally_event(const struct bpfsched_event_record *event, void *data)
{
	struct tally *tally = data;

	tally->seen++;
	tally->lost += event->lost;
	check_eq(event->seq, tally->seen + tally->lost);
}

/* Many jobs emit for one client; each event is read once, or counted */
static void event_totals(void)
{
	int fd = open_client(CLOUD, 0), i;
	const __u8 each = EACH, one = 1;
	struct bpfsched_job_desc job = events_job(fd, &each);
	const struct bpfsched_completion *c;
	struct bpfs_stream *stream;
	struct bpfsched_events events;
	struct tally tally = {};

	set_room(fd, 4096);
	submit_emitters(fd, &job);
	check(!bpfs_stream_new(fd, &stream));
	bpfs_stream_on_event(stream, tally_event, &tally);
	for (i = 0; i < EMITTERS; i++)
		check(!bpfs_stream_next(stream, -1, &c));
	/* There is room now; this one tells of all that were lost before */
	bpfs_job_init(&job, job.prog_fd, &one, 1);
	submit_one(fd, job);
	check(!bpfs_stream_next(stream, -1, &c));
	check(!bpfs_sched_get_events(fd, &events));
	check_eq(events.emitted, EMITTERS * EACH + 1);
	check_eq(events.lost, tally.lost);
	check_eq(events.emitted, tally.seen + tally.lost);
	check_eq(events.used, 0);
	bpfs_stream_free(stream);
	close(fd);
}

/* The client goes in the middle of it */
static void event_closed(void)
{
	int round, i, first = open_client(CLOUD, 0);
	const __u8 each = EACH;
	struct bpfsched_job_desc job = events_job(first, &each);
	char buf[16384];

	for (round = 0; round < 50; round++) {
		int fd = open_client(CLOUD, O_NONBLOCK);

		submit_emitters(fd, &job);
		for (i = 0; i < round % 8; i++)
			if (read(fd, buf, sizeof(buf)) < 0)
				check_eq(errno, EAGAIN);
		close(fd);
	}
	close(first);
}

/*
 * Follow-up jobs
 */
static int load_naming(int fd, const __s32 *fds, __u32 count)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, 0), EXIT };
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = 2,
		.followup_fds = (uintptr_t)fds,
		.followup_count = count,
	};

	return ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request);
}

static void followup_arguments(void)
{
	int fd = open_client(CLOUD, 0), i;
	__s32 fds[33];

	for (i = 0; i < 33; i++)
		fds[i] = LOAD_PROGRAM(fd, MOV_IMM(0, 0), EXIT);
	check_ok(load_naming(fd, fds, 32));
	check_fails(load_naming(fd, fds, 33), E2BIG);
	check_fails(load_naming(fd, a_hole(), 1), EFAULT);
	fds[1] = fd;
	check_fails(load_naming(fd, fds, 2), EINVAL);
	fds[1] = -1;
	check_fails(load_naming(fd, fds, 2), EBADF);
	check_ok(load_naming(fd, fds, 1));
	close(fd);
}

static struct bpfs_prog *load_link(int fd, const char *name,
				   struct bpfs_prog *next)
{
	struct bpfs_image *image;
	struct bpfs_prog *prog;

	check(!bpfs_image_open(object(), name, &image));
	if (bpfs_prog_load_with(fd, image, &next, !!next, &prog))
		fail("%s: %s", name, bpfs_error());
	bpfs_image_free(image);
	/* The one that can submit it holds it now */
	bpfs_prog_free(next);
	return prog;
}

static void chain_of(const char *node)
{
	const struct bpfsched_completion *c;
	struct bpfs_stream *stream;
	int fd = open_client(node, 0), i;
	struct bpfs_prog *prog;
	__u64 parent = 0, id;

	prog = load_link(fd, "last_link", NULL);
	prog = load_link(fd, "chain", prog);
	id = submit_one(fd, job_of(bpfs_prog_fd(prog)));
	check(!bpfs_stream_new(fd, &stream));
	for (i = 1; i <= 2; i++) {
		check(!bpfs_stream_next(stream, -1, &c));
		check_eq(c->status, BPFSCHED_STATUS_OK);
		check_eq(c->parent, parent);
		check_eq(c->followups, i < 2);
		check_eq(c->r0, i < 2 ? 0 : 2);
		if (i == 1)
			check_eq(c->id, id);
		parent = c->id;
	}
	bpfs_stream_free(stream);
	close(fd);
}

static void followup_chain(void)
{
	/* One worker, so that a job ends before its follow-up starts */
	chain_of(EMBEDDED);
}

static const struct ktap_test tests[] = {
	{ "helper.times", helper_times },
	{ "helper.texts", helper_texts },
	{ "helper.job", helper_job },
	{ "loop.pauses", loop_pauses },
	{ "walk.pauses", walk_pauses },
	{ "event.order", event_order },
	{ "event.read", event_read },
	{ "event.full", event_full },
	{ "event.arguments", event_arguments },
	{ "event.totals", event_totals },
	{ "event.closed", event_closed },
	{ "followup.arguments", followup_arguments },
	{ "followup.chain", followup_chain },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
