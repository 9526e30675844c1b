// SPDX-License-Identifier: GPL-2.0
/*
 * From the submission of a program of two instructions to its completion in
 * user space, a job, for batches of some sizes; against the only other way to
 * have a program run on request, a system call for each run.
 */
#include <unistd.h>

#include <bpf/bpf.h>

#include "bench.h"
#include "insn.h"

/* Jobs in a round, whatever the batch */
#define JOBS 128
#define BATCH_MAX 128

static const struct bpf_insn nothing[] = { MOV_K(0, 0), EXIT };

static void check_completions(const char *records, size_t len)
{
	const struct bpfsched_completion *completion;
	const struct bpfsched_record *record;
	size_t pos = 0;

	while ((record = bpfs_record_next(records, len, &pos))) {
		completion = bpfs_record_completion(record);
		if (!completion || completion->status != BPFSCHED_STATUS_OK)
			die("a job did not end ok");
	}
}

static void run_batch(int fd, struct bpfsched_job_desc *jobs, uint32_t count)
{
	static struct bpfsched_completion records[BATCH_MAX];
	size_t left = count;
	ssize_t got;
	uint32_t i;

	for (i = 0; i < count; i++)
		jobs[i].id = 0;
	if (bpfs_sched_submit(fd, jobs, count) != (int)count)
		die("%s", bpfs_error());
	while (left) {
		got = check(read(fd, records, sizeof(records)), "read");
		check_completions((const char *)records, got);
		left -= got / sizeof(*records);
	}
}

static double time_jobs(int fd, int program, uint32_t batch)
{
	struct bpfsched_job_desc jobs[BATCH_MAX];
	uint64_t start;
	uint32_t i;

	for (i = 0; i < batch; i++)
		bpfs_job_init(&jobs[i], program, NULL, 0);
	start = now_ns();
	for (i = 0; i < JOBS; i += batch)
		run_batch(fd, jobs, batch);
	return (double)(now_ns() - start) / JOBS;
}

static double time_test_runs(int program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	uint64_t start = now_ns();
	int i;

	for (i = 0; i < JOBS; i++)
		check(bpf_prog_test_run_opts(program, &opts), "test run");
	return (double)(now_ns() - start) / JOBS;
}

static void bench_batch(int fd, int program, int control, uint32_t batch)
{
	static double times[ROUNDS], control_times[ROUNDS];
	struct pace pace = pace_start();
	size_t i = 0;

	/* For the caches */
	time_jobs(fd, program, batch);
	time_test_runs(control);
	while (pace_goes_on(&pace, i)) {
		times[i] = time_jobs(fd, program, batch);
		control_times[i++] = time_test_runs(control);
	}
	print_measurement(&(struct measurement){
		.section = "scheduling",
		.name = "submit to completion, batch",
		.subject = "bpfsched",
		.unit = "ns a job",
		.size = batch,
		.rounds = i,
		.times = times,
		.control = "BPF_PROG_TEST_RUN",
		.control_times = control_times,
	});
}

/**
 * bench_batches() - from submission to completion, for batches of some sizes
 */
void bench_batches(void)
{
	static const uint32_t batches[] = { 1, 8, 32, BATCH_MAX };
	int fd = open_sched();
	int program = load_insns(fd, nothing, ARRAY_SIZE(nothing));
	int control = kernel_prog(nothing, ARRAY_SIZE(nothing));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(batches); i++)
		bench_batch(fd, program, control, batches[i]);
	close(control);
	close(program);
	close(fd);
}
