// SPDX-License-Identifier: GPL-2.0
/* Showing how jobs ended, for people and as JSON. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "print.h"
#include "reject.h"

/* A name, or the number if the module is newer than this command */
static const char *name_or_number(const char *name, __u32 number, char *buf,
				  size_t size)
{
	if (name)
		return name;
	snprintf(buf, size, "%u", number);
	return buf;
}

#define NUMBER_MAX 16

static const char *status_text(__u32 status, char *buf)
{
	return name_or_number(bpfs_status_name(status), status, buf,
			      NUMBER_MAX);
}

static const char *priority_text(__u32 priority, char *buf)
{
	return name_or_number(bpfs_priority_name(priority), priority, buf,
			      NUMBER_MAX);
}

static const char *fault_text(__u32 kind, char *buf)
{
	return name_or_number(bpfs_fault_name(kind), kind, buf,
			      NUMBER_MAX);
}

static const char *limit_text(__u32 limit, char *buf)
{
	return name_or_number(bpfs_limit_name(limit), limit, buf,
			      NUMBER_MAX);
}

/* The name of a program, which need not end with a NUL in a broken record */
static const char *program_text(const struct bpfsched_completion *c, char *buf)
{
	memcpy(buf, c->prog_name, BPFSCHED_PROG_NAME_LEN);
	buf[BPFSCHED_PROG_NAME_LEN - 1] = 0;
	return buf;
}

static bool was_access(const struct bpfsched_completion *c)
{
	return c->fault_kind == BPFSCHED_FAULT_READ ||
	       c->fault_kind == BPFSCHED_FAULT_WRITE;
}

static void print_json_fault(const struct bpfsched_completion *c)
{
	char buf[NUMBER_MAX];

	json_open("fault");
	json_u64("pc", c->fault_pc);
	json_hex_u64("address", c->fault_address);
	json_text("kind", fault_text(c->fault_kind, buf));
	json_close();
}

/**
 * print_json_completion() - show a completion as a JSON object
 * @c: completion
 * @frame: number of the frame that was its context, 0 if none was
 */
void print_json_completion(const struct bpfsched_completion *c, __u64 frame)
{
	char name[BPFSCHED_PROG_NAME_LEN], buf[NUMBER_MAX];
	const void *context = bpfs_completion_context(c);

	json_open(NULL);
	json_u64("id", c->id);
	if (frame)
		json_u64("frame", frame);
	json_text("status", status_text(c->status, buf));
	json_hex_u64("r0", c->r0);
	json_text("program", program_text(c, name));
	json_text("priority", priority_text(c->priority, buf));
	json_u64("submitted_ns", c->submitted_ns);
	json_u64("started_ns", c->started_ns);
	json_u64("start_seq", c->start_seq);
	json_u64("ended_ns", c->ended_ns);
	if (c->deadline_ns)
		json_u64("deadline_ns", c->deadline_ns);
	json_bool("missed", c->record.flags & BPFSCHED_COMPLETION_MISSED);
	if (c->record.flags & BPFSCHED_COMPLETION_DEMOTED)
		json_bool("demoted", true);
	json_u64("preemptions", c->preemptions);
	json_u64("instructions", c->instructions);
	json_u64("run_ns", c->run_ns);
	json_u64("release", c->release);
	json_u64("overruns", c->overruns);
	if (c->parent)
		json_u64("parent", c->parent);
	if (c->followups)
		json_u64("followups", c->followups);
	if (c->status == BPFSCHED_STATUS_FAULT)
		print_json_fault(c);
	if (context)
		json_hex_bytes("context", context, c->context_len);
	json_close();
}

static void print_json_rejected(const struct rejected *r)
{
	const struct bpfsched_job_desc *desc = r->desc;
	char buf[NUMBER_MAX], why[REASON_MAX];

	json_open(NULL);
	json_u64("id", desc->id);
	if (r->frame)
		json_u64("frame", r->frame);
	if (r->line)
		json_u64("line", r->line);
	json_text("status", "rejected");
	json_text("error", bpfs_errno_name(desc->error));
	json_text("reason", reject_reason(r->fd, desc, why, sizeof(why)));
	if (desc->error == -EDQUOT)
		json_text("limit", limit_text(desc->limit, buf));
	if (desc->error == -EBUSY && r->room_ns)
		json_u64("room_ns", *r->room_ns);
	json_text("program", r->program);
	json_text("priority", priority_text(desc->priority, buf));
	json_close();
}

/**
 * format_duration() - a time for people
 * @ns: the time in nanoseconds
 * @buf: where to
 * @size: bytes of @buf
 *
 * Return: @buf.
 */
const char *format_duration(__u64 ns, char *buf, size_t size)
{
	if (ns < 1000)
		snprintf(buf, size, "%llu ns", ns);
	else if (ns < 1000000)
		snprintf(buf, size, "%.1f us", ns / 1e3);
	else if (ns < NSEC_PER_SEC)
		snprintf(buf, size, "%.1f ms", ns / 1e6);
	else
		snprintf(buf, size, "%.2f s", ns / 1e9);
	return buf;
}

/* Time between two events, "-" if the later one did not come */
static const char *format_between(__u64 from, __u64 to, char *buf)
{
	if (!from || !to)
		return strcpy(buf, "-");
	return format_duration(to - from, buf, DURATION_MAX);
}

static void print_bytes(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	size_t i, at;

	for (at = 0; at < len; at += 16) {
		printf("  %04zx ", at);
		for (i = at; i < at + 16; i++)
			i < len ? printf(" %02x", bytes[i]) : printf("   ");
		printf("  ");
		for (i = at; i < len && i < at + 16; i++)
			putchar(isprint(bytes[i]) ? bytes[i] : '.');
		putchar('\n');
	}
}

static void print_fault(const struct bpfsched_completion *c)
{
	char buf[NUMBER_MAX];

	printf("fault         %s", fault_text(c->fault_kind, buf));
	if (was_access(c))
		printf(" at address 0x%llx", c->fault_address);
	printf(", instruction %u\n", c->fault_pc);
}

static void print_deadline(const struct bpfsched_completion *c)
{
	char buf[DURATION_MAX];

	if (c->record.flags & BPFSCHED_COMPLETION_MISSED)
		printf("deadline      missed by %s\n",
		       c->ended_ns < c->deadline_ns ? "-" :
		       format_between(c->deadline_ns, c->ended_ns, buf));
	else
		printf("deadline      met, %s left\n",
		       format_between(c->ended_ns, c->deadline_ns, buf));
}

/* How long it waited, ran, and how often it was interrupted */
static void print_times(const struct bpfsched_completion *c)
{
	char buf[DURATION_MAX];

	if (c->started_ns) {
		printf("waiting       %s\n", format_between(c->submitted_ns,
							    c->started_ns, buf));
		printf("running       %s\n", format_duration(c->run_ns, buf,
							     sizeof(buf)));
	} else {
		printf("waiting       %s, never started\n",
		       format_between(c->submitted_ns, c->ended_ns, buf));
	}
	if (c->preemptions)
		printf("preemptions   %u\n", c->preemptions);
	if (c->deadline_ns)
		print_deadline(c);
	if (c->record.flags & BPFSCHED_COMPLETION_DEMOTED)
		printf("demoted       ran longer than it declared\n");
}

static void print_json_event(const struct bpfsched_event_record *event)
{
	json_open(NULL);
	json_u64("event", event->seq);
	json_u64("id", event->id);
	json_u64("release", event->release);
	json_u64("time_ns", event->time_ns);
	json_u64("lost", event->lost);
	json_hex_bytes("data", bpfs_event_data(event), event->len);
	json_close();
}

/**
 * print_event() - show an event on several lines, or as JSON
 * @event: event
 * @unused: not used
 */
void print_event(const struct bpfsched_event_record *event, void *unused)
{
	(void)unused;
	if (settings.json) {
		print_json_event(event);
		return;
	}
	if (event->lost)
		printf("event         %u lost\n", event->lost);
	printf("event         %llu of job %llu, %u bytes\n", event->seq,
	       event->id, event->len);
	print_bytes(bpfs_event_data(event), event->len);
}

/**
 * print_completion() - show a completion on several lines, or as JSON
 * @c: completion
 */
void print_completion(const struct bpfsched_completion *c)
{
	char name[BPFSCHED_PROG_NAME_LEN], buf[NUMBER_MAX];
	const void *context = bpfs_completion_context(c);

	if (settings.json) {
		print_json_completion(c, 0);
		return;
	}
	printf("status        %s\n", status_text(c->status, buf));
	if (c->status == BPFSCHED_STATUS_OK)
		printf("r0            0x%llx (%lld)\n", c->r0, (__s64)c->r0);
	if (c->status == BPFSCHED_STATUS_FAULT)
		print_fault(c);
	printf("job           %llu, program %s, priority %s\n", c->id,
	       program_text(c, name), priority_text(c->priority, buf));
	if (c->parent)
		printf("submitted by  job %llu\n", c->parent);
	printf("instructions  %llu\n", c->instructions);
	print_times(c);
	if (context) {
		printf("context       %u bytes\n", c->context_len);
		print_bytes(context, c->context_len);
	}
}

static void print_room(__u64 room_ns)
{
	char buf[DURATION_MAX];

	if (room_ns)
		printf("room          run time %s (%llu ns)\n",
		       format_duration(room_ns, buf, sizeof(buf)), room_ns);
	else
		printf("room          none\n");
}

/**
 * print_rejected() - show a job that was not taken on several lines, or as JSON
 * @r: the job
 */
void print_rejected(const struct rejected *r)
{
	const struct bpfsched_job_desc *desc = r->desc;
	char buf[NUMBER_MAX], why[REASON_MAX];

	if (settings.json) {
		print_json_rejected(r);
		return;
	}
	printf("status        rejected\n");
	printf("error         %s (%s)\n", bpfs_errno_name(desc->error),
	       reject_reason(r->fd, desc, why, sizeof(why)));
	if (desc->error == -EBUSY && r->room_ns)
		print_room(*r->room_ns);
	printf("job           %llu, program %s, priority %s\n", desc->id,
	       r->program, priority_text(desc->priority, buf));
}

#define LINE_FORMAT "%10s  %-9s  %18s  %-8s  %12s  %12s  %12s  %s%s\n"

/**
 * print_line_header() - start a table of completions, unless it is JSON
 */
void print_line_header(void)
{
	if (settings.json)
		return;
	printf(LINE_FORMAT, "ID", "STATUS", "R0", "PRIORITY", "WAITING",
	       "RUNNING", "INSTRUCTIONS", "PROGRAM", "");
}

/* What is not the rule, after the name of the program */
static const char *format_remarks(const struct bpfsched_completion *c,
				  char *buf, size_t size)
{
	bool missed = c->record.flags & BPFSCHED_COMPLETION_MISSED;
	bool demoted = c->record.flags & BPFSCHED_COMPLETION_DEMOTED;
	char release[32] = "", preemptions[32] = "", overruns[32] = "";

	if (c->release)
		snprintf(release, sizeof(release), ", release %llu",
			 c->release);
	if (c->preemptions)
		snprintf(preemptions, sizeof(preemptions),
			 ", %u preemption%s", c->preemptions,
			 c->preemptions == 1 ? "" : "s");
	if (c->overruns)
		snprintf(overruns, sizeof(overruns), ", %llu overrun%s",
			 c->overruns, c->overruns == 1 ? "" : "s");
	snprintf(buf, size, "%s%s%s%s%s", release,
		 missed ? ", deadline missed" : "",
		 demoted ? ", demoted" : "", preemptions, overruns);
	return buf;
}

/**
 * print_line() - show a completion on a line of the table, or as JSON
 * @c: completion
 */
void print_line(const struct bpfsched_completion *c)
{
	char name[BPFSCHED_PROG_NAME_LEN], id[32], r0[32] = "-", insns[32];
	char status[NUMBER_MAX], priority[NUMBER_MAX];
	char waiting[DURATION_MAX], running[DURATION_MAX] = "-";
	char remarks[128];

	if (settings.json) {
		print_json_completion(c, 0);
		return;
	}
	if (c->status == BPFSCHED_STATUS_OK)
		snprintf(r0, sizeof(r0), "0x%llx", c->r0);
	snprintf(id, sizeof(id), "%llu", c->id);
	snprintf(insns, sizeof(insns), "%llu", c->instructions);
	if (c->started_ns)
		format_duration(c->run_ns, running, sizeof(running));
	printf(LINE_FORMAT, id, status_text(c->status, status), r0,
	       priority_text(c->priority, priority),
	       format_between(c->submitted_ns, c->started_ns, waiting),
	       running, insns, program_text(c, name),
	       format_remarks(c, remarks, sizeof(remarks)));
}

/* Where the job comes from, why it was not taken, and what would have been */
static const char *format_refusal(const struct rejected *r, char *buf,
				  size_t size)
{
	char line[32] = "", room[DURATION_MAX + 48] = "", why[REASON_MAX];
	char duration[DURATION_MAX];

	if (r->line)
		snprintf(line, sizeof(line), ", line %u", r->line);
	if (r->desc->error == -EBUSY && r->room_ns)
		snprintf(room, sizeof(room),
			 "; there is room for a run time of %s",
			 format_duration(*r->room_ns, duration,
					 sizeof(duration)));
	snprintf(buf, size, "%s: %s%s", line,
		 reject_reason(r->fd, r->desc, why, sizeof(why)), room);
	return buf;
}

/**
 * print_line_rejected() - show a job that was not taken in the same way
 * @r: the job
 */
void print_line_rejected(const struct rejected *r)
{
	char id[32], priority[NUMBER_MAX], remark[REASON_MAX + 128];

	if (settings.json) {
		print_json_rejected(r);
		return;
	}
	snprintf(id, sizeof(id), "%llu", r->desc->id);
	printf(LINE_FORMAT, id, "rejected",
	       bpfs_errno_name(r->desc->error),
	       priority_text(r->desc->priority, priority), "-", "-", "-",
	       r->program, format_refusal(r, remark, sizeof(remark)));
}
