// SPDX-License-Identifier: GPL-2.0
/* Running an input on an engine, and comparing what came of it. */
#include <linux/kernel.h>

#include "maps.h"
#include "play.h"
#include "shim.h"
#include "sight.h"

const char *__asan_default_options(void);

/* Much is allocated and freed for each input: keep little of what was freed. */
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=1:malloc_context_size=2:max_malloc_fill_size=0";
}

/**
 * fuzz_expect_at() - end the fuzzer if something is not as it has to be
 * @condition: what has to be
 * @text: the same in words
 * @file: who says so
 * @line: where
 */
void fuzz_expect_at(bool condition, const char *text, const char *file,
		    int line)
{
	if (condition)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
	abort();
}

/* Memory of its own for each buffer: a byte beyond it is somebody else's. */
static u8 *make_buffer(const void *from, u32 len)
{
	u8 *buffer = calloc(1, len ?: 1);

	if (!buffer)
		abort();
	if (!len) {
		free(buffer);
		return NULL;
	}
	if (from)
		memcpy(buffer, from, len);
	return buffer;
}

static u8 *make_section(u32 section)
{
	u8 *buffer = make_buffer(NULL, fuzz_section_len(section));
	u32 at;

	for (at = 0; at < fuzz_section_len(section); at++)
		buffer[at] = 0x11 * (section + 1) + at;
	return buffer;
}

static struct bpf_map *make_map(const struct fuzz_map *from)
{
	struct bpf_map *map = map_new(from->type, from->key_size,
				      from->value_size, from->max_entries,
				      from->flags);

	map_fill(map);
	return map;
}

/**
 * fuzz_memory_make() - the memory that a run starts with
 * @memory: set; to be freed by fuzz_memory_free()
 * @input: the input
 */
void fuzz_memory_make(struct fuzz_memory *memory, const struct fuzz_case *input)
{
	u32 i;

	memory->context = make_buffer(input->context, input->context_len);
	for (i = 0; i < FUZZ_SECTIONS; i++)
		memory->sections[i] = make_section(i);
	memory->map_count = input->map_count;
	for (i = 0; i < input->map_count; i++)
		memory->maps[i] = input->maps[i].again ?
				  memory->maps[i - 1] :
				  make_map(&input->maps[i]);
}

/**
 * fuzz_memory_free() - free the memory of a run
 * @memory: the memory
 */
void fuzz_memory_free(struct fuzz_memory *memory)
{
	u32 i;

	free(memory->context);
	for (i = 0; i < FUZZ_SECTIONS; i++)
		free(memory->sections[i]);
	for (i = 0; i < memory->map_count; i++) {
		if (!i || memory->maps[i] != memory->maps[i - 1])
			map_free(memory->maps[i]);
	}
}

/**
 * fuzz_program_fill() - the program of an input, as it would be submitted
 * @program: set
 * @input: the input
 * @memory: the memory that it is to use
 */
void fuzz_program_fill(struct fuzz_program *program,
		       const struct fuzz_case *input,
		       const struct fuzz_memory *memory)
{
	u32 i;

	for (i = 0; i < FUZZ_SECTIONS; i++)
		program->sections[i] = (struct bpfsched_memory) {
			.base = memory->sections[i],
			.len = fuzz_section_len(i),
			.readonly = input->readonly >> i & 1,
		};
	for (i = 0; i < input->map_count; i++)
		program->maps[i] = (struct bpfsched_map) {
			.map = memory->maps[i],
			.readable = input->maps[i].readable,
			.writable = input->maps[i].writable,
		};
	program->code = (struct bpfsched_code) {
		.insns = input->insns,
		.insn_count = input->insn_count,
		.sections = program->sections,
		.section_count = input->section_count,
		.maps = program->maps,
		.map_count = input->map_count,
	};
}

/**
 * struct control - the word that a run reads, and who changes it
 * @host: takes what is traced
 * @word: BPFSCHED_CONTROL_*
 * @period: set to pause at each such safe point; 0: never
 * @points: safe points so far
 */
struct control {
	struct fuzz_host *host;
	u32 word;
	u32 period;
	u32 points;
};

static void at_safe_point(void *data)
{
	struct control *control = data;

	fuzz_expect(!interp_shim.reads && !interp_shim.stays);
	control->points++;
	if (control->period && control->points % control->period == 0)
		control->word = BPFSCHED_CONTROL_PAUSE;
}

static void at_trace(void *data, const char *text)
{
	struct control *control = data;

	fuzz_host_trace(control->host, text);
}

static void run_to_end(const struct fuzz_play *play, void *state,
		       struct fuzz_host *host, struct fuzz_end *end)
{
	struct control control = {
		.host = host, .period = play->pause_period,
	};
	u64 before = 0;

	interp_shim.safe_point = at_safe_point;
	interp_shim.trace = at_trace;
	interp_shim.data = &control;
	for (;;) {
		end->outcome = play->ops->run(state, &control.word,
					      &end->result);
		fuzz_expect(end->result.instructions >= before);
		if (end->outcome != BPFSCHED_PAUSED)
			break;
		if (control.period == 1)
			fuzz_expect(end->result.instructions - before <=
				    BPFSCHED_SAFE_POINT_INSNS);
		before = end->result.instructions;
		end->pauses++;
		control.word = end->pauses == play->stop_after ?
			       BPFSCHED_CONTROL_STOP : BPFSCHED_CONTROL_RUN;
	}
	end->points = control.points;
	interp_shim.safe_point = NULL;
	interp_shim.trace = NULL;
}

/* What holds for each end of each run. */
static void expect_sound(const struct fuzz_play *play,
			 const struct fuzz_case *input,
			 const struct fuzz_end *end)
{
	const struct bpfsched_result *result = &end->result;

	fuzz_expect(result->instructions <= play->budget);
	fuzz_expect(end->outcome == BPFSCHED_DONE || !result->r0);
	if (end->outcome == BPFSCHED_FAULTED) {
		fuzz_expect(result->fault.kind);
		fuzz_expect(result->fault.pc < input->insn_count);
	} else {
		fuzz_expect(end->outcome == BPFSCHED_DONE ||
			    end->outcome == BPFSCHED_EXHAUSTED ||
			    (end->outcome == BPFSCHED_STOPPED &&
			     end->pauses == play->stop_after));
		fuzz_expect(!result->fault.kind && !result->fault.pc &&
			    !result->fault.address);
	}
	if (end->outcome == BPFSCHED_EXHAUSTED)
		fuzz_expect(result->instructions == play->budget);
}

static void expect_same_section(u32 section, const u8 *left)
{
	u8 *fresh = make_section(section);

	fuzz_expect(!memcmp(left, fresh, fuzz_section_len(section)));
	free(fresh);
}

static void expect_same_map(const struct fuzz_map *map,
			    const struct bpf_map *left)
{
	struct bpf_map *fresh = make_map(map);

	fuzz_expect(map_is_same(left, fresh));
	map_free(fresh);
}

/* Whether a program may write a map, through any descriptor. */
static bool is_writable(const struct fuzz_case *input,
			const struct fuzz_memory *memory, u32 map)
{
	u32 i;

	if (input->maps[map].flags & BPF_F_RDONLY_PROG)
		return false;
	for (i = 0; i < input->map_count; i++) {
		if (memory->maps[i] == memory->maps[map] &&
		    input->maps[i].writable)
			return true;
	}
	return false;
}

/* What a program may not write is as it was before. */
static void expect_unchanged(const struct fuzz_case *input,
			     const struct fuzz_memory *memory)
{
	u32 i;

	for (i = 0; i < FUZZ_SECTIONS; i++) {
		if (i >= input->section_count || input->readonly >> i & 1)
			expect_same_section(i, memory->sections[i]);
	}
	for (i = 0; i < input->map_count; i++) {
		if (!is_writable(input, memory, i))
			expect_same_map(&input->maps[i], memory->maps[i]);
	}
}

static void start_and_run(const struct fuzz_play *play, const void *image,
			  const struct fuzz_program *program,
			  const struct fuzz_case *input, struct fuzz_end *end)
{
	struct bpfsched_exec_params params = {
		.image = image,
		.context = {
			.base = end->memory.context,
			.len = input->context_len,
		},
		.budget_insns = play->budget,
	};
	void *state = play->state ?: calloc(1, play->ops->state_size);
	struct fuzz_host host = {
		.state = state,
		.context = params.context,
		.code = &program->code,
	};

	if (!state)
		abort();
	if (input->has_host) {
		params.host = &fuzz_host_ops;
		params.host_data = &host;
	}
	interp_shim_reset();
	interp_shim.fail_alloc = input->fail_alloc;
	play->ops->start(state, &params);
	fuzz_sight_begin(state, &program->code);
	run_to_end(play, state, &host, end);
	fuzz_sight_end(&end->result.fault);
	play->ops->finish(state);
	interp_shim.fail_alloc = 0;
	end->record = host.record;
	expect_sound(play, input, end);
	expect_unchanged(input, &end->memory);
	if (!play->state)
		free(state);
}

/* How many programs were loaded, and taken. */
static u64 loads, taken;

static void show_counts(void)
{
	fprintf(stderr, "programs loaded: %llu, taken: %llu (%llu%%)\n", loads,
		taken, taken * 100 / loads);
}

static void count_load(bool is_taken)
{
	if (!loads++)
		atexit(show_counts);
	taken += is_taken;
}

static void expect_refused(int err, const struct bpfsched_log *log)
{
	fuzz_expect(err == -EINVAL);
	fuzz_expect(log->text[0]);
	fuzz_expect(memchr(log->text, '\0', sizeof(log->text)));
	fuzz_expect(!strchr(log->text, '\n'));
}

/**
 * fuzz_play() - load an input and run it
 * @play: how
 * @input: the input
 * @end: set if the program was taken; @end->memory to be freed
 *
 * Return: whether the program was taken.
 */
bool fuzz_play(const struct fuzz_play *play, const struct fuzz_case *input,
	       struct fuzz_end *end)
{
	struct fuzz_program program;
	struct bpfsched_log log = {};
	void *image;
	int err;

	*end = (struct fuzz_end) {};
	fuzz_memory_make(&end->memory, input);
	fuzz_program_fill(&program, input, &end->memory);
	err = play->ops->load(&program.code, &log, &image);
	count_load(!err);
	if (err) {
		expect_refused(err, &log);
		fuzz_memory_free(&end->memory);
		return false;
	}
	start_and_run(play, image, &program, input, end);
	play->ops->unload(image);
	return true;
}

static void show(const char *name, const struct fuzz_end *end)
{
	const struct bpfsched_result *result = &end->result;

	fprintf(stderr,
		"%s: outcome %d, r0 %#llx, instructions %llu, fault %u at %u, address %#llx, %u events, %u jobs, %u lines, hash %#llx\n",
		name, end->outcome, result->r0, result->instructions,
		result->fault.kind, result->fault.pc, result->fault.address, end->record.events,
		end->record.jobs, end->record.lines, end->record.hash);
}

static bool same_result(const struct fuzz_end *a, const struct fuzz_end *b)
{
	return a->outcome == b->outcome && a->result.r0 == b->result.r0 &&
	       a->result.instructions == b->result.instructions &&
	       a->result.fault.kind == b->result.fault.kind &&
	       a->result.fault.pc == b->result.fault.pc &&
	       a->result.fault.address == b->result.fault.address;
}

static bool same_record(const struct fuzz_record *a,
			const struct fuzz_record *b)
{
	return a->events == b->events && a->jobs == b->jobs &&
	       a->lines == b->lines && a->hash == b->hash;
}

static bool same_memory(const struct fuzz_case *input, const struct fuzz_end *a,
			const struct fuzz_end *b)
{
	u32 i;

	if (input->context_len &&
	    memcmp(a->memory.context, b->memory.context, input->context_len))
		return false;
	for (i = 0; i < FUZZ_SECTIONS; i++) {
		if (memcmp(a->memory.sections[i], b->memory.sections[i],
			   fuzz_section_len(i)))
			return false;
	}
	for (i = 0; i < input->map_count; i++) {
		if (!map_is_same(a->memory.maps[i], b->memory.maps[i]))
			return false;
	}
	return true;
}

/**
 * fuzz_expect_same() - end the fuzzer unless two runs ended alike
 * @input: what was run
 * @what: for people, which runs these are
 * @a: one of them
 * @b: the other
 */
void fuzz_expect_same(const struct fuzz_case *input, const char *what,
		      const struct fuzz_end *a, const struct fuzz_end *b)
{
	bool memory = same_memory(input, a, b);

	if (same_result(a, b) && same_record(&a->record, &b->record) && memory)
		return;
	fprintf(stderr, "%s: they differ%s\n", what,
		memory ? "" : ", in what they left in memory too");
	show("one", a);
	show("other", b);
	abort();
}
