/* SPDX-License-Identifier: GPL-2.0 */
/* Running an input on an engine, and comparing what came of it. */
#ifndef FUZZ_PLAY_H
#define FUZZ_PLAY_H

#include "case.h"
#include "host.h"

/**
 * struct fuzz_memory - all that a program can write and that outlives it
 * @context: its context, as long as it is
 * @sections: the data sections, as long as they are
 * @maps: as many maps as the input has
 * @map_count: number of @maps
 */
struct fuzz_memory {
	u8 *context;
	u8 *sections[FUZZ_SECTIONS];
	struct bpf_map *maps[FUZZ_MAPS];
	u32 map_count;
};

/**
 * struct fuzz_program - the program of an input, as it would be submitted
 * @code: the program
 * @sections: for @code
 * @maps: for @code
 */
struct fuzz_program {
	struct bpfsched_code code;
	struct bpfsched_memory sections[FUZZ_SECTIONS];
	struct bpfsched_map maps[FUZZ_MAPS];
};

/**
 * struct fuzz_end - how a run has ended
 * @outcome: of the last call of run()
 * @result: what it gave
 * @memory: what it left; to be freed by fuzz_memory_free()
 * @record: what it asked of its host
 * @pauses: how many times it paused
 * @points: how many safe points it came to
 */
struct fuzz_end {
	enum bpfsched_outcome outcome;
	struct bpfsched_result result;
	struct fuzz_memory memory;
	struct fuzz_record record;
	u32 pauses;
	u32 points;
};

/**
 * struct fuzz_play - how an input is to be run
 * @ops: the engine
 * @budget: most instructions
 * @pause_period: pause at each such safe point; 0: never
 * @stop_after: stop at this pause; 0: never
 * @state: what it runs in: what an earlier run of the engine has left; NULL:
 *	a new one
 */
struct fuzz_play {
	const struct bpfsched_engine_ops *ops;
	u64 budget;
	u32 pause_period;
	u32 stop_after;
	void *state;
};

void fuzz_memory_make(struct fuzz_memory *memory, const struct fuzz_case *input);
void fuzz_memory_free(struct fuzz_memory *memory);
void fuzz_program_fill(struct fuzz_program *program,
		       const struct fuzz_case *input,
		       const struct fuzz_memory *memory);

bool fuzz_play(const struct fuzz_play *play, const struct fuzz_case *input,
	       struct fuzz_end *end);
void fuzz_expect_same(const struct fuzz_case *input, const char *what,
		      const struct fuzz_end *a, const struct fuzz_end *b);

#define fuzz_expect(condition) \
	fuzz_expect_at(condition, #condition, __FILE__, __LINE__)

void fuzz_expect_at(bool condition, const char *text, const char *file,
		    int line);

#endif /* FUZZ_PLAY_H */
