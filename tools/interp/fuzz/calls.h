/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of helpers with arguments that make sense, or nearly: hardly any comes
 * about by chance.
 */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "case.h"

#define FUZZ_CALL_INSNS		64

/**
 * struct fuzz_setting - where a call is to be made
 * @below: a random number less than the one that it gets
 * @context: the context, which can be written
 * @context_len: its length in bytes
 * @maps: the maps
 * @map_count: number of @maps
 */
struct fuzz_setting {
	u32 (*below)(u32 limit);
	u8 *context;
	u32 context_len;
	const struct fuzz_map *maps;
	u32 map_count;
};

/**
 * struct fuzz_call - instructions that make a call
 * @insns: the instructions
 * @count: number of their slots
 * @function: which of @insns loads the address of a function; its distance is
 *	to be set. -1: none
 */
struct fuzz_call {
	struct bpf_insn insns[FUZZ_CALL_INSNS];
	u32 count;
	s32 function;
};

s32 fuzz_any_helper(u32 (*below)(u32 limit));
void fuzz_call_make(struct fuzz_call *call, const struct fuzz_setting *setting);
void fuzz_callback_make(struct fuzz_call *call,
			const struct fuzz_setting *setting);

#endif /* FUZZ_CALLS_H */
