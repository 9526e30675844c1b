/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a fuzzer's input says: a program, and what it is run with.
 *
 * An input is a header of FUZZ_HEADER bytes, the bytes of the context, and
 * instructions. Any bytes are an input: what is missing is zero, and what is
 * left over is ignored.
 */
#ifndef FUZZ_CASE_H
#define FUZZ_CASE_H

#include "engine.h"

#define FUZZ_SECTIONS		3
#define FUZZ_SECTION_MAX	260
#define FUZZ_INSNS_MAX		2048
#define FUZZ_STRETCH		16
#define FUZZ_BUDGET_MAX		9000

/* Where what is in the header. */
enum fuzz_header {
	FUZZ_CONTEXT_LEN,	/* bytes of context */
	FUZZ_SECTION_BITS,	/* 0, 1: how many; 2 to 4: which are read-only */
	FUZZ_BUDGET_LOW,	/* the budget; 0: the largest */
	FUZZ_BUDGET_HIGH,
	FUZZ_STRETCH_COUNT,	/* times FUZZ_STRETCH fillers before the program */
	FUZZ_PAUSE_PERIOD,	/* pause at each such safe point */
	FUZZ_FAIL_ALLOC,	/* which allocation of load() fails */
	FUZZ_UNUSED,
	FUZZ_HEADER,		/* length of the header */
};

/**
 * struct fuzz_case - an input, taken apart
 * @insns: the program with its fillers; to be freed
 * @insn_count: number of its slots
 * @context: initial bytes of the context
 * @context_len: number of them
 * @section_count: number of data sections
 * @readonly: bit n is set if section n is read-only
 * @budget: most instructions, at least 1
 * @pause_period: at least 1
 * @fail_alloc: 0: none
 */
struct fuzz_case {
	struct bpf_insn *insns;
	u32 insn_count;
	u8 context[U8_MAX];
	u32 context_len;
	u32 section_count;
	u32 readonly;
	u32 budget;
	u32 pause_period;
	u32 fail_alloc;
};

void fuzz_case_read(struct fuzz_case *input, const u8 *data, size_t size);
void fuzz_case_free(struct fuzz_case *input);
u32 fuzz_section_len(u32 section);

#endif /* FUZZ_CASE_H */
