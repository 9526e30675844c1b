// SPDX-License-Identifier: GPL-2.0
/*
 * A program on the kernel's interpreter and on each engine, one after the other
 * in every round: the same instructions, the same bytes, the same loop around
 * them. An engine that refuses the program is left out, with its reason.
 */
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "bench.h"
#include "control.h"
#include "memory.h"

static u32 engine_count(void)
{
	u32 count = 0;

	while (count < BENCH_ENGINES_MAX && bpfsched_engines[count])
		count++;
	return count;
}

/**
 * struct runner - an engine with the program
 * @engine: the engine
 * @contexts: its contexts
 * @sections: its sections
 * @image: the program, NULL: refused
 * @state: of a run
 * @subject: what is said about it
 */
struct runner {
	const struct bpfsched_engine_ops *engine;
	struct bench_memory contexts;
	struct bench_memory sections;
	void *image;
	void *state;
	struct bench_subject *subject;
};

/**
 * struct bench - a program and all that runs it
 * @request: what user space asked for
 * @insns: the program
 * @contexts: what its contexts hold at first; those of the control
 * @sections: what its sections hold at first; those of the control
 * @maps: its maps, held, and everything allowed
 * @control_maps: the same, as the control takes them
 * @control: the program on the kernel's interpreter
 * @control_contexts: what a program that was made here starts from
 * @runners: the engines
 * @times: nanoseconds, one row a round
 */
struct bench {
	struct bench_interp *request;
	struct bpf_insn *insns;
	struct bench_memory contexts;
	struct bench_memory sections;
	struct bpfsched_map maps[BENCH_MAPS_MAX];
	struct bpf_map *control_maps[BENCH_MAPS_MAX];
	struct bench_control control;
	struct bench_control_context *control_contexts;
	struct runner runners[BENCH_ENGINES_MAX];
	u64 *times;
};

static int check_request(const struct bench_interp *request)
{
	if (!request->insn_count || !request->context_count ||
	    !request->rounds || !request->repeat)
		return -EINVAL;
	if (request->insn_count > BENCH_INSNS_MAX ||
	    request->context_count > BENCH_CONTEXTS_MAX ||
	    request->section_count > BENCH_SECTIONS_MAX ||
	    request->map_count > BENCH_MAPS_MAX ||
	    request->rounds > BENCH_ROUNDS_MAX)
		return -E2BIG;
	return 0;
}

static int read_insns(struct bench *bench)
{
	const struct bench_interp *request = bench->request;

	bench->insns = kvmalloc_array(request->insn_count,
				      sizeof(*bench->insns), GFP_KERNEL);
	if (!bench->insns)
		return -ENOMEM;
	if (copy_from_user(bench->insns, u64_to_user_ptr(request->insns),
			   request->insn_count * sizeof(*bench->insns)))
		return -EFAULT;
	return 0;
}

static int get_maps(struct bench *bench)
{
	const struct bench_interp *request = bench->request;
	s32 __user *fds = u64_to_user_ptr(request->maps);
	struct bpf_map *map;
	s32 fd;
	u32 i;

	for (i = 0; i < request->map_count; i++) {
		if (get_user(fd, &fds[i]))
			return -EFAULT;
		map = bpf_map_get(fd);
		if (IS_ERR(map))
			return PTR_ERR(map);
		bench->maps[i] = (struct bpfsched_map) {
			.map = map, .readable = true, .writable = true,
		};
		bench->control_maps[i] = map;
	}
	return 0;
}

static struct bpfsched_code code_of(const struct bench *bench,
				    const struct bench_memory *sections)
{
	return (struct bpfsched_code) {
		.insns = bench->insns,
		.insn_count = bench->request->insn_count,
		.section_count = sections->count,
		.sections = sections->parts,
		.map_count = bench->request->map_count,
		.maps = bench->maps,
	};
}

static int set_control_contexts(struct bench *bench)
{
	u32 i;

	bench->control_contexts = kvcalloc(bench->contexts.count,
					   sizeof(*bench->control_contexts),
					   GFP_KERNEL);
	if (!bench->control_contexts)
		return -ENOMEM;
	for (i = 0; i < bench->contexts.count; i++) {
		const struct bpfsched_memory *part = &bench->contexts.parts[i];

		bench->control_contexts[i].address = (u64)part->base;
		bench->control_contexts[i].len = part->len;
	}
	return 0;
}

static int make_control(struct bench *bench)
{
	const struct bpfsched_code code = code_of(bench, &bench->sections);
	struct bench_interp *request = bench->request;
	int err;

	if (request->control_fd >= 0)
		err = bench_control_get(&bench->control, request->control_fd,
					&bench->contexts);
	else
		err = bench_control_make(&bench->control, &code,
					 bench->control_maps,
					 request->map_count) ?:
		      set_control_contexts(bench);
	if (err)
		return err;
	strscpy(request->control.name,
		bench->control.prog->jited ? "kernel, jit" : "kernel",
		sizeof(request->control.name));
	return 0;
}

/* An engine that refuses the program is not an error, lack of memory is. */
static int make_runner(struct bench *bench, struct runner *runner)
{
	struct bpfsched_log log = {};
	struct bpfsched_code code;
	int err;

	err = bench_memory_copy(&runner->contexts, &bench->contexts) ?:
	      bench_memory_copy(&runner->sections, &bench->sections);
	if (err)
		return err;
	runner->state = kvzalloc(runner->engine->state_size, GFP_KERNEL);
	if (!runner->state)
		return -ENOMEM;

	strscpy(runner->subject->name, runner->engine->name,
		sizeof(runner->subject->name));
	code = code_of(bench, &runner->sections);
	err = runner->engine->load(&code, &log, &runner->image);
	if (!err || err == -ENOMEM || err == -EINTR)
		return err;
	runner->image = NULL;
	if (log.text[0])
		strscpy(runner->subject->refused, log.text,
			sizeof(runner->subject->refused));
	else
		snprintf(runner->subject->refused,
			 sizeof(runner->subject->refused), "error %d", err);
	return 0;
}

static int make_runners(struct bench *bench)
{
	size_t i;
	int err;

	for (i = 0; i < engine_count(); i++) {
		struct runner *runner = &bench->runners[i];

		runner->engine = bpfsched_engines[i];
		runner->subject = &bench->request->engines[i];
		err = make_runner(bench, runner);
		if (err)
			return err;
	}
	bench->request->engine_count = engine_count();
	return 0;
}

static void free_bench(struct bench *bench)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bench->runners); i++) {
		struct runner *runner = &bench->runners[i];

		if (runner->image)
			runner->engine->unload(runner->image);
		kvfree(runner->state);
		bench_memory_free(&runner->sections);
		bench_memory_free(&runner->contexts);
	}
	bench_control_free(&bench->control);
	for (i = 0; i < ARRAY_SIZE(bench->maps); i++) {
		if (bench->maps[i].map)
			bpf_map_put(bench->maps[i].map);
	}
	bench_memory_free(&bench->sections);
	bench_memory_free(&bench->contexts);
	kvfree(bench->control_contexts);
	kvfree(bench->times);
	kvfree(bench->insns);
}

/* As BPF_PROG_TEST_RUN does, without a look at signals in each run. */
static u64 time_control(const struct bench *bench)
{
	const struct bench_control *control = &bench->control;
	u32 count = bench->contexts.count;
	u64 start_ns, result = 0;
	const void *context;
	u32 turn, i;

	rcu_read_lock();
	migrate_disable();
	start_ns = ktime_get_ns();
	for (turn = 0; turn < bench->request->repeat; turn++) {
		for (i = 0; i < count; i++) {
			context = control->owned ?
				  (void *)&bench->control_contexts[i] :
				  bench->contexts.parts[i].base;
			result += bpf_prog_run(control->prog, context);
		}
	}
	start_ns = ktime_get_ns() - start_ns;
	migrate_enable();
	rcu_read_unlock();
	bench->request->control.result = result;
	return start_ns;
}

/* One run, from start() on; false: it did not end as it should. */
static bool run_once(const struct bench *bench, const struct runner *runner,
		     const struct bpfsched_memory *context,
		     struct bpfsched_result *result)
{
	const struct bpfsched_exec_params params = {
		.image = runner->image,
		.context = *context,
		.budget_insns = bench->request->budget ?: U64_MAX,
	};
	const u32 word = BPFSCHED_CONTROL_RUN;
	enum bpfsched_outcome outcome;

	runner->engine->start(runner->state, &params);
	outcome = runner->engine->run(runner->state, &word, result);
	return outcome == BPFSCHED_DONE ||
	       (outcome == BPFSCHED_EXHAUSTED && bench->request->budget);
}

/* The kernel's programs return 32 bits, so these are all that is compared. */
static u64 time_runner(const struct bench *bench, const struct runner *runner)
{
	struct bench_subject *subject = runner->subject;
	u32 count = runner->contexts.count;
	struct bpfsched_result run;
	u64 start_ns, result = 0, instructions = 0;
	u32 turn, i;

	start_ns = ktime_get_ns();
	for (turn = 0; turn < bench->request->repeat; turn++) {
		for (i = 0; i < count; i++) {
			if (!run_once(bench, runner,
				      &runner->contexts.parts[i], &run))
				goto fault;
			result += (u32)run.r0;
			instructions += run.instructions;
		}
	}
	start_ns = ktime_get_ns() - start_ns;
	subject->result = result;
	subject->instructions = div_u64(instructions, bench->request->repeat);
	return start_ns;

fault:
	snprintf(subject->refused, sizeof(subject->refused),
		 "instruction %u: fault %u at 0x%llx", run.fault.pc,
		 run.fault.kind, run.fault.address);
	return 0;
}

static int run_rounds(struct bench *bench)
{
	u64 *times = bench->times;
	u32 round;
	size_t i;

	for (round = 0; round < bench->request->rounds; round++) {
		*times++ = time_control(bench);
		cond_resched();
		for (i = 0; i < engine_count(); i++) {
			const struct runner *runner = &bench->runners[i];
			bool runs = !runner->subject->refused[0];

			*times++ = runs ? time_runner(bench, runner) : 0;
			cond_resched();
		}
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int run_bench(struct bench *bench)
{
	struct bench_interp *request = bench->request;
	size_t size = request->rounds * (1 + engine_count()) *
		      sizeof(*bench->times);
	int err;

	err = read_insns(bench) ?:
	      bench_memory_read(&bench->contexts, request->contexts,
				request->context_count) ?:
	      bench_memory_read(&bench->sections, request->sections,
				request->section_count) ?:
	      get_maps(bench) ?: make_runners(bench) ?: make_control(bench);
	if (err)
		return err;
	bench->times = kvmalloc(size, GFP_KERNEL);
	if (!bench->times)
		return -ENOMEM;
	err = run_rounds(bench);
	if (!err && copy_to_user(u64_to_user_ptr(request->times), bench->times,
				 size))
		return -EFAULT;
	return err;
}

/**
 * bench_interp() - run a program on the kernel's interpreter and each engine
 * @request: what to run; the results are set
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno; an engine that refuses the program is no
 * failure, a control that cannot be made is.
 */
long bench_interp(struct bench_interp *request)
{
	struct bench *bench;
	long err;

	err = check_request(request);
	if (err)
		return err;
	bench = kvzalloc(sizeof(*bench), GFP_KERNEL);
	if (!bench)
		return -ENOMEM;
	memset(request->engines, 0, sizeof(request->engines));
	bench->request = request;
	err = run_bench(bench);
	free_bench(bench);
	kvfree(bench);
	return err;
}
