// SPDX-License-Identifier: GPL-2.0
/*
 * One loop over two schedulers: a program that emits events runs on both, and
 * epoll tells which of them has something to read.
 *
 *	cc events.c -o events $(pkg-config --cflags --libs libbpfsched)
 *	events alarm.bpf.o
 */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <bpfsched.h>

/* As in alarm.bpf.c */
struct alarm {
	__u32 index;
	__s32 value;
};

static const __s32 warm[] = { 20, 21, 95, 22, 120 };
static const __s32 cold[] = { 3, 99, 4 };

/**
 * struct node - a scheduler that the loop looks after
 * @name: its name
 * @samples: what its job gets
 * @len: bytes of @samples
 * @fd: its descriptor
 */
static struct node {
	const char *name;
	const __s32 *samples;
	__u32 len;
	int fd;
} nodes[] = {
	{ "cloud", warm, sizeof(warm), -1 },
	{ "embedded", cold, sizeof(cold), -1 },
};

#define NODES (sizeof(nodes) / sizeof(nodes[0]))

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, bpfs_error());
	return -1;
}

static int start(struct node *node, const struct bpfs_prog *prog, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = node };
	struct bpfsched_job_desc job;

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, node->fd, &event)) {
		perror("epoll_ctl");
		return -1;
	}
	bpfs_job_init(&job, bpfs_prog_fd(prog), node->samples, node->len);
	if (bpfs_sched_submit(node->fd, &job, 1) < 0)
		return fail("submit");
	return 0;
}

static void show_event(const struct node *node,
		       const struct bpfsched_event_record *event)
{
	struct alarm alarm;

	if (event->len != sizeof(alarm))
		return;
	memcpy(&alarm, bpfs_event_data(event), sizeof(alarm));
	printf("%s: sample %u is %d\n", node->name, alarm.index, alarm.value);
}

/* Takes what there is; returns how many jobs have ended */
static int read_records(const struct node *node)
{
	static char buf[64 * 1024] __attribute__((aligned(8)));
	const struct bpfsched_completion *completion;
	const struct bpfsched_event_record *event;
	const struct bpfsched_record *record;
	int ended = 0;
	ssize_t len;
	size_t pos = 0;

	len = bpfs_sched_read(node->fd, buf, sizeof(buf), 0);
	if (len < 0)
		return fail("read");
	while ((record = bpfs_record_next(buf, len, &pos))) {
		event = bpfs_record_event(record);
		completion = bpfs_record_completion(record);
		if (event)
			show_event(node, event);
		if (!completion)
			continue;
		printf("%s: %s, %llu alarms\n", node->name,
		       bpfs_status_name(completion->status),
		       (unsigned long long)completion->r0);
		ended++;
	}
	return ended;
}

/* Until each of them has ended one job */
static int loop(int epoll)
{
	struct epoll_event ready[NODES];
	unsigned int left = NODES;
	int i, count, ended;

	while (left) {
		count = epoll_wait(epoll, ready, NODES, -1);
		if (count < 0) {
			perror("epoll_wait");
			return -1;
		}
		for (i = 0; i < count; i++) {
			ended = read_records(ready[i].data.ptr);
			if (ended < 0)
				return -1;
			left -= ended;
		}
	}
	return 0;
}

static int run(const char *object, int epoll)
{
	struct bpfs_prog *prog = NULL;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < NODES; i++) {
		nodes[i].fd = bpfs_sched_open(nodes[i].name);
		err = nodes[i].fd < 0 ? fail("open") : 0;
	}
	/* Loaded through one of them, a program can be used on all */
	if (!err && bpfs_prog_load_file(nodes[0].fd, object, NULL, &prog))
		err = fail("load");
	for (i = 0; !err && i < NODES; i++)
		err = start(&nodes[i], prog, epoll);
	if (!err)
		err = loop(epoll);
	bpfs_prog_free(prog);
	for (i = 0; i < NODES; i++) {
		if (nodes[i].fd >= 0)
			close(nodes[i].fd);
	}
	return err;
}

int main(int argc, char **argv)
{
	int epoll, err;

	if (argc != 2) {
		fprintf(stderr, "usage: events OBJECT\n");
		return 2;
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0) {
		perror("epoll_create1");
		return 1;
	}
	err = run(argv[1], epoll);
	close(epoll);
	return err ? 1 : 0;
}
