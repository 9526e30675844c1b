/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a fuzzer's input says: a program, and what it is run with.
 *
 * An input is a header of FUZZ_HEADER bytes, FUZZ_MAP_HEADER bytes for each map,
 * the bytes of the context, and instructions. Any bytes are an input: what is
 * missing is zero, and what is left over is ignored.
 */
#ifndef FUZZ_CASE_H
#define FUZZ_CASE_H

#include <linux/bits.h>
#include <linux/bpf.h>

#include "engine.h"

#define FUZZ_SECTIONS		3
#define FUZZ_SECTION_MAX	260
#define FUZZ_MAPS		7
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
	FUZZ_FAIL_ALLOC,	/* which allocation of load() or of a run fails */
	FUZZ_MAP_COUNT,		/* 0 to 2: how many */
	FUZZ_HEADER,		/* length of the header */
};

/* Where what is in the header of a map. */
enum fuzz_map_header {
	FUZZ_MAP_TYPE,		/* 0 to 2: which, see case.c; the rest below */
	FUZZ_MAP_KEY_LEN,	/* of a hash; 0: longer than can be */
	FUZZ_MAP_VALUE_LEN,	/* 0: longer than can be of an odd length */
	FUZZ_MAP_BITS,		/* 0 to 2: how many elements; the rest below */
	FUZZ_MAP_HEADER,	/* length of the header */
};

/* In the bits of the sections: nobody answers what the program asks. */
#define FUZZ_NO_HOST		BIT(5)

/* In the type of a map: it is the one before it, through another descriptor. */
#define FUZZ_MAP_AGAIN		BIT(7)

/* In its bits. */
#define FUZZ_MAP_RDONLY_PROG	BIT(3)
#define FUZZ_MAP_WRONLY_PROG	BIT(4)
#define FUZZ_MAP_NO_READ	BIT(5)
#define FUZZ_MAP_NO_WRITE	BIT(6)
#define FUZZ_MAP_NO_PREALLOC	BIT(7)

/**
 * struct fuzz_map - what an input says of a map
 * @type: its type
 * @key_size: bytes of a key
 * @value_size: bytes of a value
 * @max_entries: most elements
 * @flags: BPF_F_*
 * @readable: the program may read it, if the flags allow
 * @writable: the program may write it, if the flags allow
 * @again: it is the map before it, through another descriptor
 */
struct fuzz_map {
	enum bpf_map_type type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 flags;
	bool readable;
	bool writable;
	bool again;
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
 * @has_host: somebody answers what the program asks
 * @map_headers: the headers of the maps, as they are in the input
 * @maps: what these say
 * @map_count: number of @maps
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
	bool has_host;
	u8 map_headers[FUZZ_MAPS][FUZZ_MAP_HEADER];
	struct fuzz_map maps[FUZZ_MAPS];
	u32 map_count;
};

void fuzz_case_read(struct fuzz_case *input, const u8 *data, size_t size);
void fuzz_case_free(struct fuzz_case *input);
u32 fuzz_section_len(u32 section);

#endif /* FUZZ_CASE_H */
