/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions for tests, by the names and numbers of RFC 9669. The operations
 * (op) and sizes are the BPF_* constants of the ABI: INSN_ALU64_K(BPF_ADD, 1, 2)
 * adds 2 to r1, INSN_LDX(BPF_W, 1, 2, -4) loads from r2 - 4.
 */
#ifndef BPFSCHED_KUNIT_INSN_H
#define BPFSCHED_KUNIT_INSN_H

#include <linux/kernel.h>
#include <uapi/linux/bpf.h>

#define INSN(opcode, dst, src, offset, immediate)	\
	((struct bpf_insn) {				\
		.code = (opcode),			\
		.dst_reg = (dst),			\
		.src_reg = (src),			\
		.off = (offset),			\
		.imm = (immediate),			\
	})

#define INSN_ALU64_K(op, dst, imm)	INSN(BPF_ALU64 | (op), dst, 0, 0, imm)
#define INSN_ALU64_X(op, dst, src) \
	INSN(BPF_ALU64 | BPF_X | (op), dst, src, 0, 0)
#define INSN_ALU32_K(op, dst, imm)	INSN(BPF_ALU | (op), dst, 0, 0, imm)
#define INSN_ALU32_X(op, dst, src) \
	INSN(BPF_ALU | BPF_X | (op), dst, src, 0, 0)

#define INSN_MOV_K(dst, imm)	INSN_ALU64_K(BPF_MOV, dst, imm)
#define INSN_MOV_X(dst, src)	INSN_ALU64_X(BPF_MOV, dst, src)
#define INSN_ADD_K(dst, imm)	INSN_ALU64_K(BPF_ADD, dst, imm)
#define INSN_ADD_X(dst, src)	INSN_ALU64_X(BPF_ADD, dst, src)

/* The two halves of a 16-byte load. @kind says what it loads, 0: a number. */
#define INSN_LDDW(dst, kind, imm) \
	INSN(BPF_LD | BPF_IMM | BPF_DW, dst, kind, 0, imm)
#define INSN_LDDW_END(imm)	INSN(0, 0, 0, 0, imm)

#define INSN_LDX(size, dst, src, off) \
	INSN(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define INSN_ST(size, dst, off, imm) \
	INSN(BPF_ST | BPF_MEM | (size), dst, 0, off, imm)
#define INSN_STX(size, dst, src, off) \
	INSN(BPF_STX | BPF_MEM | (size), dst, src, off, 0)

/* Distances are counted in 8-byte slots from the next instruction. */
#define INSN_JMP_K(op, dst, imm, distance) \
	INSN(BPF_JMP | (op), dst, 0, distance, imm)
#define INSN_JMP_X(op, dst, src, distance) \
	INSN(BPF_JMP | BPF_X | (op), dst, src, distance, 0)
#define INSN_JA(distance)	INSN(BPF_JMP | BPF_JA, 0, 0, distance, 0)
#define INSN_JA32(distance)	INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, distance)
#define INSN_CALL(distance) \
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance)
#define INSN_HELPER(id)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define INSN_EXIT		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/*
 * A program of at most INSNS_MAX instructions, in the initializer of a structure
 * that has a number, count, and an array, insns.
 */
#define INSNS_MAX	12
#define INSNS(...) \
	.count = COUNT_ARGS(__VA_ARGS__), .insns = { __VA_ARGS__ }

#endif /* BPFSCHED_KUNIT_INSN_H */
