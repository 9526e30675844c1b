// SPDX-License-Identifier: GPL-2.0
/*
 * Small programs, each one loop of one kind of instruction. They are written as
 * instructions so that both interpreters run exactly these, whatever a compiler
 * would have made of them.
 */
#include "insn.h"
#include "programs.h"

#define TURNS 1000

/* A context of as many bytes as a frame on the wire, all zero but the first */
#define CONTEXT_SIZE 1500

static unsigned char context[CONTEXT_SIZE] = { 1, 2, 3 };
static struct bench_bytes contexts[] = {
	{ .data = 0, .len = CONTEXT_SIZE },
};

/* The last two of a loop that began @body instructions ago */
#define AGAIN(counter, body) \
	ALU_K(BPF_SUB, counter, 1), JUMP_K(BPF_JNE, counter, 0, -(body) - 2)

static const struct bpf_insn arithmetic[] = {
	MOV_K(0, 1), MOV_K(1, 3), MOV_K(2, 7), MOV_K(3, 0x5bd1e995),
	MOV_K(4, 0), MOV_K(5, 11), MOV_K(6, TURNS),
	ALU_X(BPF_ADD, 0, 2),
	ALU_X(BPF_MUL, 0, 3),
	ALU_X(BPF_XOR, 2, 0),
	ALU_K(BPF_ADD, 3, 13),
	MOV_X(4, 0),
	ALU_K(BPF_RSH, 4, 17),
	ALU_X(BPF_XOR, 0, 4),
	ALU_K(BPF_AND, 4, 0xffff),
	ALU_X(BPF_SUB, 5, 4),
	ALU_K(BPF_LSH, 5, 3),
	ALU_WX(BPF_ADD, 1, 5),
	ALU_WK(BPF_MUL, 1, 31),
	ALU_WX(BPF_OR, 2, 1),
	ALU_K(BPF_ARSH, 2, 1),
	AGAIN(6, 14),
	EXIT,
};

/* The sum of the context's 16-bit words, as of the Internet's checksum */
static const struct bpf_insn checksum[] = {
	MOV_K(0, 0),
	LOAD(BPF_H, 3, 1, 0),
	ALU_X(BPF_ADD, 0, 3),
	ALU_K(BPF_ADD, 1, 2),
	ALU_K(BPF_SUB, 2, 2),
	JUMP_K(BPF_JNE, 2, 0, -5),
	MOV_X(3, 0),
	ALU_K(BPF_RSH, 3, 16),
	ALU_K(BPF_AND, 0, 0xffff),
	ALU_X(BPF_ADD, 0, 3),
	EXIT,
};

static const struct bpf_insn stack[] = {
	MOV_K(0, 1), MOV_K(1, 2), MOV_K(6, TURNS),
	STORE(BPF_DW, 10, -8, 0),
	STORE(BPF_DW, 10, -16, 1),
	STORE(BPF_W, 10, -20, 6),
	STORE_K(BPF_H, 10, -24, 5),
	LOAD(BPF_DW, 2, 10, -16),
	LOAD(BPF_DW, 3, 10, -8),
	LOAD(BPF_W, 4, 10, -20),
	LOAD(BPF_H, 5, 10, -24),
	ALU_X(BPF_ADD, 0, 2),
	ALU_X(BPF_ADD, 1, 3),
	AGAIN(6, 10),
	EXIT,
};

/* Which way the branches go depends on random numbers */
static const struct bpf_insn branches[] = {
	MOV_K(0, 0), MOV_K(1, 1), MOV_K(2, 0x41c64e6d), MOV_K(6, TURNS),
	ALU_X(BPF_MUL, 1, 2),
	ALU_K(BPF_ADD, 1, 12345),
	MOV_X(3, 1),
	ALU_K(BPF_RSH, 3, 33),
	JUMP_K(BPF_JSET, 3, 1, 2),
	ALU_K(BPF_ADD, 0, 1),
	JUMP(1),
	ALU_K(BPF_ADD, 0, 2),
	JUMP_K(BPF_JSET, 3, 2, 1),
	ALU_K(BPF_XOR, 0, 5),
	ALU_K(BPF_AND, 3, 0xff),
	JUMP_K(BPF_JGT, 3, 200, 1),
	ALU_K(BPF_ADD, 0, 3),
	AGAIN(6, 13),
	EXIT,
};

/* The kernel's verifier is to know nothing of the first argument */
static const struct bpf_insn calls[] = {
	LOAD(BPF_DW, 6, 1, 0), MOV_K(7, TURNS),
	MOV_X(1, 6),
	CALL(5),
	MOV_X(6, 0),
	AGAIN(7, 3),
	MOV_X(0, 6),
	EXIT,
	MOV_X(0, 1),
	ALU_K(BPF_ADD, 0, 3),
	EXIT,
};

static const struct bpf_insn helpers[] = {
	MOV_K(7, 0), MOV_K(6, TURNS),
	HELPER(BPF_FUNC_get_smp_processor_id),
	ALU_X(BPF_ADD, 7, 0),
	AGAIN(6, 2),
	MOV_X(0, 7),
	EXIT,
};

/* Adds one to elements in turn */
static const struct bpf_insn lookups[] = {
	MOV_K(7, 0), MOV_K(6, TURNS),
	MOV_X(1, 6),
	ALU_K(BPF_AND, 1, 63),
	STORE(BPF_W, 10, -4, 1),
	MAP_LOW(1, 0), MAP_HIGH,
	MOV_X(2, 10),
	ALU_K(BPF_ADD, 2, -4),
	HELPER(BPF_FUNC_map_lookup_elem),
	JUMP_K(BPF_JEQ, 0, 0, 4),
	LOAD(BPF_DW, 1, 0, 0),
	ALU_K(BPF_ADD, 1, 1),
	STORE(BPF_DW, 0, 0, 1),
	ALU_K(BPF_ADD, 7, 1),
	AGAIN(6, 13),
	MOV_X(0, 7),
	EXIT,
};

static const struct bpf_insn atomics[] = {
	MOV_X(7, 1), MOV_K(1, 1), MOV_K(6, TURNS),
	ATOMIC(BPF_DW, BPF_ADD, 7, 6, 0),
	MOV_X(2, 6),
	ATOMIC(BPF_DW, BPF_ADD | BPF_FETCH, 7, 2, 8),
	MOV_X(0, 2),
	ATOMIC(BPF_DW, BPF_CMPXCHG, 7, 6, 8),
	ATOMIC(BPF_W, BPF_XCHG, 7, 1, 16),
	AGAIN(6, 6),
	EXIT,
};

#define PROGRAM(code) \
	.insns = (code), .insn_count = ARRAY_SIZE(code), \
	.contexts = contexts, .context_count = 1

const struct bench_case small_cases[] = {
	{ "arithmetic", PROGRAM(arithmetic) },
	{ "context", PROGRAM(checksum) },
	{ "stack", PROGRAM(stack) },
	{ "branches", PROGRAM(branches) },
	{ "calls", PROGRAM(calls), .verified = true },
	{ "helpers", PROGRAM(helpers) },
	{ "array look-up", PROGRAM(lookups), .map_type = BPF_MAP_TYPE_ARRAY },
	{ "hash look-up", PROGRAM(lookups), .map_type = BPF_MAP_TYPE_HASH },
	{ "atomics", PROGRAM(atomics) },
};

const size_t small_case_count = ARRAY_SIZE(small_cases);

__attribute__((constructor)) static void set_context(void)
{
	contexts[0].data = (uintptr_t)context;
}
