/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions for small programs, by the names of RFC 9669. */
#ifndef INSN_H
#define INSN_H

#include <linux/bpf.h>

#define INSN(op, dst, src, offset, immediate) \
	((struct bpf_insn){ .code = (op), .dst_reg = (dst), \
			    .src_reg = (src), .off = (offset), \
			    .imm = (immediate) })

/* @op is BPF_ADD and so on; 64 bits, or 32 with a W */
#define ALU_K(op, dst, imm)	INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm)
#define ALU_X(op, dst, src)	INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define ALU_WK(op, dst, imm)	INSN(BPF_ALU | (op) | BPF_K, dst, 0, 0, imm)
#define ALU_WX(op, dst, src)	INSN(BPF_ALU | (op) | BPF_X, dst, src, 0, 0)
#define MOV_K(dst, imm)		ALU_K(BPF_MOV, dst, imm)
#define MOV_X(dst, src)		ALU_X(BPF_MOV, dst, src)

#define LOAD(size, dst, src, off) \
	INSN(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define STORE(size, dst, off, src) \
	INSN(BPF_STX | BPF_MEM | (size), dst, src, off, 0)
#define STORE_K(size, dst, off, imm) \
	INSN(BPF_ST | BPF_MEM | (size), dst, 0, off, imm)
#define ATOMIC(size, op, dst, src, off) \
	INSN(BPF_STX | BPF_ATOMIC | (size), dst, src, off, op)

/* The two slots of a load of a map, by its index */
#define MAP_LOW(dst, index) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_IDX, 0, index)
#define MAP_HIGH		INSN(0, 0, 0, 0, 0)

#define JUMP(distance)		INSN(BPF_JMP | BPF_JA, 0, 0, distance, 0)
#define JUMP_K(op, dst, imm, distance) \
	INSN(BPF_JMP | (op) | BPF_K, dst, 0, distance, imm)
#define JUMP_X(op, dst, src, distance) \
	INSN(BPF_JMP | (op) | BPF_X, dst, src, distance, 0)
#define HELPER(number)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, number)
#define CALL(distance) \
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance)
#define EXIT			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#endif /* INSN_H */
