/* SPDX-License-Identifier: GPL-2.0 */
/* The programs that are run on the interpreters. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "bench.h"

/**
 * struct bench_case - a program and what it works on
 * @name: name of the benchmark
 * @insns: the program
 * @insn_count: number of its slots
 * @verified: the kernel loads its copy by itself, through the verifier; else it
 *	is made without, for the verifier would refuse it
 * @whole_runs: a run is what counts, not an instruction
 * @map_type: of its only map, 0: it has none
 * @contexts: its contexts
 * @context_count: number of @contexts
 * @sections: its data sections
 * @section_count: number of @sections
 * @image: what @insns and @sections belong to, NULL: to nobody
 * @memory: what the contexts belong to, NULL: to nobody
 */
struct bench_case {
	const char *name;
	const struct bpf_insn *insns;
	uint32_t insn_count;
	bool verified;
	bool whole_runs;
	enum bpf_map_type map_type;
	struct bench_bytes *contexts;
	uint32_t context_count;
	struct bench_bytes *sections;
	uint32_t section_count;
	struct bpfs_image *image;
	void *memory;
};

/* small.c */
extern const struct bench_case small_cases[];
extern const size_t small_case_count;

/* programs.c */
int make_map(enum bpf_map_type type);

/* real.c */
typedef void real_case_t(struct bench_case *c, const char *objects,
			 const char *capture);
extern real_case_t *const real_cases[];
extern const size_t real_case_count;
void case_free(struct bench_case *c);

#endif /* PROGRAMS_H */
