// SPDX-License-Identifier: GPL-2.0
/*
 * A job for each frame of a capture, submitted in batches. No more jobs are in
 * flight than the queue takes. If some are refused all the same, because others
 * use the scheduler as well, they are submitted again later, and fewer are kept
 * in flight for a while.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "interrupt.h"
#include "pcap.h"
#include "print.h"
#include "replay.h"
#include "verdict.h"
#include "wait.h"

#define BATCH_MAX 256

/* How often to look whether jobs that were cancelled have ended */
#define CANCEL_MS 100

/**
 * struct replay - a capture on its way
 * @request: what was asked for
 * @pcap: the capture
 * @stream: where completions come from
 * @next: frame to submit next
 * @again: frames that are to be submitted again
 * @again_count: number of @again
 * @batch: most jobs to submit at once
 * @window: most jobs in flight, at present
 * @window_max: most jobs in flight ever
 * @in_flight: jobs in flight
 * @statuses: number of completions of each status, unknown ones last
 * @rejected: number of jobs that were not taken
 * @verdicts: results of those that ended ok
 */
struct replay {
	const struct replay_request *request;
	struct pcap pcap;
	struct bpfs_stream *stream;
	size_t next;
	size_t again[BATCH_MAX];
	size_t again_count;
	size_t batch;
	size_t window;
	size_t window_max;
	size_t in_flight;
	__u64 statuses[BPFSCHED_STATUS_MISSED + 2];
	__u64 rejected;
	struct verdicts *verdicts;
};

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static size_t left(const struct replay *r)
{
	return r->pcap.count - r->next + r->again_count;
}

static size_t smallest(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many jobs are worth a system call: a whole batch, or the last ones */
static size_t next_count(const struct replay *r)
{
	return smallest(left(r), smallest(r->batch, r->window));
}

static bool has_room(const struct replay *r)
{
	return left(r) && r->in_flight + next_count(r) <= r->window;
}

static void describe(const struct replay *r, size_t number,
		     struct bpfsched_job_desc *desc)
{
	const struct frame *frame = &r->pcap.frames[number];

	job_describe(r->request->job, bpfs_prog_fd(r->request->prog),
		     desc);
	desc->context = (uintptr_t)frame->data;
	desc->context_len = frame->len;
	desc->user_data = number;
}

/* Whether a job can be taken later, when others have ended */
static bool is_for_now(const struct replay *r,
		       const struct bpfsched_job_desc *desc)
{
	switch (-desc->error) {
	case EAGAIN:
	case EINTR:
		return true;
	case EDQUOT:
		/* POLLOUT tells of these; of others the jobs in flight do */
		return r->in_flight ||
		       desc->limit == BPFSCHED_LIMIT_COMPLETIONS ||
		       desc->limit == BPFSCHED_LIMIT_CLIENT_JOBS ||
		       desc->limit == BPFSCHED_LIMIT_USER_JOBS;
	default:
		return false;
	}
}

static void not_taken(struct replay *r, const struct bpfsched_job_desc *desc)
{
	if (is_for_now(r, desc)) {
		r->again[r->again_count++] = desc->user_data;
		return;
	}
	r->rejected++;
	if (settings.json)
		print_line_rejected(&(struct rejected){
			.fd = r->request->fd,
			.desc = desc,
			.program = bpfs_prog_name(r->request->prog),
			.frame = desc->user_data + 1,
		});
}

static void adjust_window(struct replay *r, size_t submitted)
{
	if (!r->again_count)
		r->window = smallest(r->window + submitted, r->window_max);
	else
		r->window = r->in_flight ?: 1;
}

static void submit_batch(struct replay *r)
{
	struct bpfsched_job_desc descs[BATCH_MAX];
	size_t want = next_count(r), count = 0, i;

	while (r->again_count && count < want)
		describe(r, r->again[--r->again_count], &descs[count++]);
	while (count < want)
		describe(r, r->next++, &descs[count++]);
	bpfs_sched_submit(r->request->fd, descs, count);
	for (i = 0; i < count; i++) {
		if (descs[i].error)
			not_taken(r, &descs[i]);
		else
			r->in_flight++;
	}
	adjust_window(r, count);
}

static int take_completion(struct replay *r)
{
	const size_t unknown = ARRAY_SIZE(r->statuses) - 1;
	const struct bpfsched_completion *c;
	int ret;

	ret = next_completion(r->stream, interrupted() ? CANCEL_MS : -1, &c);
	if (ret <= 0)
		return ret ? EXIT_ERROR : EXIT_OK;
	r->in_flight--;
	r->statuses[c->status < unknown ? c->status : unknown]++;
	if (settings.json)
		print_json_completion(c, c->user_data + 1);
	else if (c->status == BPFSCHED_STATUS_OK)
		return verdicts_count(r->verdicts, c->r0);
	return EXIT_OK;
}

/* Others have filled the queue */
static int wait_for_room(const struct replay *r)
{
	int ret;

	do {
		ret = bpfs_sched_poll(r->request->fd, POLLOUT, -1);
	} while (ret == -EINTR && !interrupted());
	return ret < 0 && ret != -EINTR ? fail_lib() : EXIT_OK;
}

static int run_all(struct replay *r)
{
	int status = EXIT_OK;
	bool refused;

	while (!status && !interrupted() && (left(r) || r->in_flight)) {
		refused = false;
		if (has_room(r)) {
			submit_batch(r);
			refused = r->again_count;
		}
		if (r->in_flight && (refused || !has_room(r)))
			status = take_completion(r);
		else if (refused)
			status = wait_for_room(r);
	}
	if (interrupted())
		interrupt_cancel(r->request->fd);
	while (!status && r->in_flight)
		status = take_completion(r);
	return status;
}

static __u64 count_ended(const struct replay *r)
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(r->statuses); i++)
		sum += r->statuses[i];
	return sum;
}

static void print_table(const struct replay *r, __u64 ns)
{
	__u64 ended = count_ended(r), total = ended + r->rejected;
	char buf[DURATION_MAX], name[32], type[PCAP_LINK_TYPE_MAX];
	const char *status;
	size_t i;

	verdict_line(NULL, 0, 0);
	verdicts_print(r->verdicts, total);
	for (i = BPFSCHED_STATUS_OK + 1; i < ARRAY_SIZE(r->statuses); i++) {
		status = bpfs_status_name(i);
		snprintf(name, sizeof(name), "(%s)",
			 status ? status : "unknown");
		if (r->statuses[i])
			verdict_line(name, r->statuses[i], total);
	}
	if (r->rejected)
		verdict_line("(rejected)", r->rejected, total);
	printf("%llu jobs in %s, %.0f jobs/s; link type %s\n", ended,
	       format_duration(ns, buf, sizeof(buf)), ended * 1e9 / (ns ?: 1),
	       pcap_link_type_name(r->pcap.link_type, type, sizeof(type)));
}

static int run_and_report(struct replay *r)
{
	__u64 start = now_ns();
	int status;

	status = run_all(r);
	if (status)
		return status;
	if (!settings.json)
		print_table(r, now_ns() - start);
	return r->statuses[BPFSCHED_STATUS_OK] == r->pcap.count ? EXIT_OK :
								  EXIT_NOT_OK;
}

/* A program that looks for its protocols in the wrong place finds others */
static int check_link_type(const struct replay *r)
{
	char has[PCAP_LINK_TYPE_MAX], wants[PCAP_LINK_TYPE_MAX];
	const __u32 wanted = r->request->link_type;

	if (wanted == PCAP_ANY_LINK_TYPE || wanted == r->pcap.link_type)
		return EXIT_OK;
	return fail("%s: its link type is %s, not %s; a program for that: --link-type %u",
		    r->request->path,
		    pcap_link_type_name(r->pcap.link_type, has, sizeof(has)),
		    pcap_link_type_name(wanted, wants, sizeof(wants)),
		    r->pcap.link_type);
}

static int set_limits(struct replay *r)
{
	struct bpfsched_info info;

	if (bpfs_sched_get_info(r->request->fd, &info))
		return fail_lib();
	r->window_max = smallest(info.capacity, info.completion_slots);
	r->window = r->window_max;
	r->batch = smallest(r->window_max / 2 ?: 1,
			    smallest(info.max_batch, BATCH_MAX));
	if (bpfs_stream_new(r->request->fd, &r->stream))
		return fail_lib();
	return EXIT_OK;
}

/**
 * replay() - run a program over the frames of a capture, and show the results
 * @request: what to run over which frames
 *
 * Return: exit status; a failure has been reported.
 */
int replay(const struct replay_request *request)
{
	struct replay *r = calloc(1, sizeof(*r));
	int status;

	if (!r)
		return fail("out of memory");
	r->request = request;
	status = pcap_read(&r->pcap, request->path);
	if (status)
		goto free_replay;
	status = check_link_type(r);
	if (status)
		goto free_pcap;
	status = verdicts_new(&r->verdicts, request->names);
	if (status)
		goto free_pcap;
	status = set_limits(r);
	if (!status)
		status = run_and_report(r);
	bpfs_stream_free(r->stream);
	verdicts_free(r->verdicts);
free_pcap:
	pcap_free(&r->pcap);
free_replay:
	free(r);
	return status;
}
