// SPDX-License-Identifier: GPL-2.0
/*
 * What the benchmark compares with: an interpreter that checks nothing, counts
 * nothing, and goes from one instruction to the next by an indirect branch
 * through a table of labels. It has what the benchmark's programs use.
 */
#include <linux/kernel.h>

#include "control.h"

#define DST	regs[insn->dst_reg]
#define SRC	regs[insn->src_reg]
#define IMM	((u64)(s64)insn->imm)
#define NEXT	goto *labels[(++insn)->code]

/* X(opcode, label, operator, operand) */
#define ALU_LIST(X)					\
	X(BPF_ALU64 | BPF_ADD | BPF_K, add_k, +=, IMM)	\
	X(BPF_ALU64 | BPF_ADD | BPF_X, add_x, +=, SRC)	\
	X(BPF_ALU64 | BPF_SUB | BPF_K, sub_k, -=, IMM)	\
	X(BPF_ALU64 | BPF_MUL | BPF_K, mul_k, *=, IMM)	\
	X(BPF_ALU64 | BPF_XOR | BPF_X, xor_x, ^=, SRC)	\
	X(BPF_ALU64 | BPF_AND | BPF_K, and_k, &=, IMM)	\
	X(BPF_ALU64 | BPF_RSH | BPF_K, rsh_k, >>=, IMM)	\
	X(BPF_ALU64 | BPF_LSH | BPF_K, lsh_k, <<=, IMM)	\
	X(BPF_ALU64 | BPF_MOV | BPF_K, mov_k, =, IMM)	\
	X(BPF_ALU64 | BPF_MOV | BPF_X, mov_x, =, SRC)

#define JUMP_LIST(X)					\
	X(BPF_JMP | BPF_JNE | BPF_K, jne_k, !=, IMM)	\
	X(BPF_JMP | BPF_JEQ | BPF_K, jeq_k, ==, IMM)	\
	X(BPF_JMP | BPF_JLT | BPF_X, jlt_x, <, SRC)

/**
 * control_run() - execute a program
 * @insn: its first instruction; all of them are ones of this file
 * @context: what r1 points to
 * @len: its length in bytes, in r2
 *
 * Return: r0.
 */
u64 control_run(const struct bpf_insn *insn, void *context, u32 len)
{
#define ALU_LABEL(opcode, label, operator, operand)	[opcode] = &&label,
	static const void *const labels[256] = {
		ALU_LIST(ALU_LABEL)
		JUMP_LIST(ALU_LABEL)
		[BPF_JMP | BPF_JA] = &&ja,
		[BPF_JMP | BPF_EXIT] = &&exit,
		[BPF_LDX | BPF_MEM | BPF_B] = &&ldxb,
		[BPF_LDX | BPF_MEM | BPF_DW] = &&ldxdw,
		[BPF_STX | BPF_MEM | BPF_DW] = &&stxdw,
	};
	u64 stack[64] = {};
	u64 regs[11] = {
		[1] = (uintptr_t)context, [2] = len,
		[10] = (uintptr_t)(stack + ARRAY_SIZE(stack)),
	};

	goto *labels[insn->code];

#define ALU(opcode, label, operator, operand)	\
label:						\
	DST operator operand;			\
	NEXT;
	ALU_LIST(ALU)
#define JUMP(opcode, label, operator, operand)	\
label:						\
	if (DST operator operand)		\
		insn += insn->off;		\
	NEXT;
	JUMP_LIST(JUMP)
ja:
	insn += insn->off;
	NEXT;
ldxb:
	DST = *(u8 *)(uintptr_t)(SRC + insn->off);
	NEXT;
ldxdw:
	DST = *(u64 *)(uintptr_t)(SRC + insn->off);
	NEXT;
stxdw:
	*(u64 *)(uintptr_t)(DST + insn->off) = SRC;
	NEXT;
exit:
	return regs[0];
}
