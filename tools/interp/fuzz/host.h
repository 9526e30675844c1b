/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who runs the programs of the fuzzers: answers the same in each run, reads all
 * bytes that it is handed, and checks what it was promised.
 */
#ifndef FUZZ_HOST_H
#define FUZZ_HOST_H

#include "engine.h"

/**
 * struct fuzz_record - what a run has asked for
 * @events: events that it emitted
 * @jobs: jobs that it submitted
 * @lines: lines that it traced
 * @hash: of all bytes of these, in order
 */
struct fuzz_record {
	u32 events;
	u32 jobs;
	u32 lines;
	u64 hash;
};

/**
 * struct fuzz_host - one run's host
 * @state: of the run, a struct interp_state; NULL: not known
 * @context: the context
 * @code: the program
 * @record: what the run has asked for
 */
struct fuzz_host {
	const void *state;
	struct bpfsched_memory context;
	const struct bpfsched_code *code;
	struct fuzz_record record;
};

extern const struct bpfsched_host_ops fuzz_host_ops;

void fuzz_host_trace(struct fuzz_host *host, const char *text);

#endif /* FUZZ_HOST_H */
