// SPDX-License-Identifier: GPL-2.0
/* How punctual a periodic job is: a live line, and a summary at the end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "periodic.h"
#include "print.h"
#include "progress.h"
#include "samples.h"

/**
 * struct periodic - what the releases of a job have shown
 * @quiet: show nothing but the summary
 * @live: show one line that changes, and not one for each release
 * @id: the job, 0 before its first completion
 * @releases: releases that were not left out
 * @statuses: how they ended, unknown ones last
 * @missed: how many missed their deadlines
 * @overruns: releases that were left out
 * @latency: times from a release in theory to its start
 * @run: times on a worker
 */
static struct periodic {
	bool quiet;
	bool live;
	__u64 id;
	__u64 releases;
	__u64 statuses[BPFSCHED_STATUS_MISSED + 2];
	__u64 missed;
	__u64 overruns;
	struct samples latency;
	struct samples run;
} p;

/**
 * periodic_start() - get ready
 * @quiet: show nothing but the summary
 */
void periodic_start(bool quiet)
{
	memset(&p, 0, sizeof(p));
	p.quiet = quiet;
	p.live = !quiet && !settings.json && isatty(STDOUT_FILENO) &&
		 isatty(STDERR_FILENO);
	if (!p.quiet && !p.live)
		print_line_header();
}

static void count(const struct bpfsched_completion *c)
{
	const __u32 unknown = ARRAY_SIZE(p.statuses) - 1;

	p.releases++;
	p.overruns += c->overruns;
	p.statuses[c->status < unknown ? c->status : unknown]++;
	if (c->record.flags & BPFSCHED_COMPLETION_MISSED)
		p.missed++;
	if (!c->started_ns)
		return;
	samples_add(&p.latency, c->started_ns > c->submitted_ns ?
		    c->started_ns - c->submitted_ns : 0);
	samples_add(&p.run, c->run_ns);
}

static void show_live(const struct bpfsched_completion *c)
{
	char jitter[DURATION_MAX], latest[DURATION_MAX], worst[DURATION_MAX];

	if (!c->started_ns)
		return;
	format_duration(p.latency.max - p.latency.min, jitter, sizeof(jitter));
	format_duration(c->started_ns - c->submitted_ns, latest,
			sizeof(latest));
	format_duration(p.latency.max, worst, sizeof(worst));
	progress_line("%llu releases, latency %s, worst %s, jitter %s; %llu missed, %llu left out",
		      p.releases, latest, worst, jitter, p.missed, p.overruns);
}

/**
 * periodic_show() - count a completion, and show it if that is asked for
 * @c: completion; those of jobs that the job has submitted are shown only
 */
void periodic_show(const struct bpfsched_completion *c)
{
	if (!c->parent) {
		p.id = c->id;
		count(c);
	}
	if (p.quiet)
		return;
	if (!p.live) {
		print_line(c);
		return;
	}
	/* One that fails is worth a line of its own */
	if (c->status != BPFSCHED_STATUS_OK &&
	    c->status != BPFSCHED_STATUS_CANCELLED) {
		progress_clear();
		print_line(c);
	}
	if (!c->parent)
		show_live(c);
}

static const struct percentile {
	const char *name;
	double percent;
} percentiles[] = {
	{ "p50", 50 },
	{ "p90", 90 },
	{ "p99", 99 },
	{ "p99.9", 99.9 },
};

static void json_samples(const char *key, const struct samples *s)
{
	size_t i;

	json_open(key);
	json_u64("count", s->count);
	json_u64("min", s->min);
	json_u64("avg", samples_mean(s));
	for (i = 0; i < ARRAY_SIZE(percentiles); i++)
		json_u64(percentiles[i].name,
			 samples_percentile(s, percentiles[i].percent));
	json_u64("max", s->max);
	json_close();
}

static void json_summary(void)
{
	json_open(NULL);
	json_u64("id", p.id);
	json_u64("releases", p.releases);
	json_u64("ok", p.statuses[BPFSCHED_STATUS_OK]);
	json_u64("missed", p.missed);
	json_u64("overruns", p.overruns);
	json_samples("start_latency_ns", &p.latency);
	json_samples("run_ns", &p.run);
	json_close();
}

static void print_samples(const char *name, const struct samples *s)
{
	char buf[DURATION_MAX];
	size_t i;

	if (!s->count)
		return;
	printf("%-13s min %s", name, format_duration(s->min, buf, sizeof(buf)));
	printf(", avg %s",
	       format_duration(samples_mean(s), buf, sizeof(buf)));
	for (i = 0; i < ARRAY_SIZE(percentiles); i++)
		printf(", %s %s", percentiles[i].name,
		       format_duration(samples_percentile(s, percentiles[i].percent),
				       buf, sizeof(buf)));
	printf(", max %s\n", format_duration(s->max, buf, sizeof(buf)));
}

static void print_summary(void)
{
	const char *status;
	size_t i;

	printf("releases      %llu", p.releases);
	for (i = 0; i < ARRAY_SIZE(p.statuses); i++) {
		status = bpfs_status_name(i);
		if (p.statuses[i])
			printf(", %llu %s", p.statuses[i],
			       status ? status : "unknown");
	}
	printf("\ndeadlines     %llu missed\n", p.missed);
	printf("overruns      %llu left out\n", p.overruns);
	print_samples("start latency", &p.latency);
	print_samples("run time", &p.run);
}

/**
 * periodic_end() - show the summary
 *
 * With JSON only if that is all that is to be shown.
 *
 * Return: whether the job was punctual: no deadline was missed and no release
 * left out.
 */
bool periodic_end(void)
{
	progress_clear();
	if (!settings.json)
		print_summary();
	else if (p.quiet)
		json_summary();
	return !p.missed && !p.overruns;
}
