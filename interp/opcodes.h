/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of operations (RFC 9669). The static check, the decoder and the
 * dispatcher are all made from the lists below, so that an operation cannot be
 * known to one and unknown to another.
 *
 * An operation is one way in which an instruction can be executed: opcode and
 * variant together name it. The variant is what a few instructions keep in
 * another field: the offset of a signed division or a sign-extending move, the
 * immediate of a byte swap or an atomic operation.
 *
 * In the expressions, d and s are the destination and the source (a register
 * or the immediate) as unsigned numbers of the operation's width, sd and ss
 * the same as signed ones.
 */
#ifndef INTERP_OPCODES_H
#define INTERP_OPCODES_H

#include <linux/types.h>
#include <uapi/linux/bpf.h>

#define INTERP_SHIFT(d, s)	((s) & (sizeof(d) * 8 - 1))

/*
 * X(name, operation bits, variant, expression): 64 and 32 bits wide, with a
 * register or an immediate as source. Section 4.1; dividing by zero gives 0,
 * the remainder is then the dividend, the one overflow of a signed division
 * wraps, shift counts are masked. Divisions are a list of their own because they
 * take so long that what is around them does not matter.
 */
#define INTERP_DIVISION_LIST(X)						\
	X(DIV,	BPF_DIV, 0, s ? d / s : 0)				\
	X(SDIV,	BPF_DIV, 1, !s ? 0 : ss == -1 ? -d : sd / ss)		\
	X(MOD,	BPF_MOD, 0, s ? d % s : d)				\
	X(SMOD,	BPF_MOD, 1, !s ? d : ss == -1 ? 0 : sd % ss)
#define INTERP_SIMPLE_LIST(X)						\
	X(ADD,	BPF_ADD, 0, d + s)					\
	X(SUB,	BPF_SUB, 0, d - s)					\
	X(MUL,	BPF_MUL, 0, d * s)					\
	X(OR,	BPF_OR,  0, d | s)					\
	X(AND,	BPF_AND, 0, d & s)					\
	X(LSH,	BPF_LSH, 0, d << INTERP_SHIFT(d, s))			\
	X(RSH,	BPF_RSH, 0, d >> INTERP_SHIFT(d, s))			\
	X(XOR,	BPF_XOR, 0, d ^ s)					\
	X(MOV,	BPF_MOV, 0, s)						\
	X(ARSH,	BPF_ARSH, 0, sd >> INTERP_SHIFT(d, s))
#define INTERP_ALU_LIST(X)						\
	INTERP_SIMPLE_LIST(X)						\
	INTERP_DIVISION_LIST(X)

/*
 * X(name, opcode, form, variant, expression): one operand, 64 bits wide. Byte
 * swaps (section 4.2), negation and sign-extending moves.
 */
#define INTERP_UNARY_LIST(X)						\
	X(NEG64, BPF_ALU64 | BPF_NEG, INTERP_NEG, 0, -d)		\
	X(NEG32, BPF_ALU | BPF_NEG, INTERP_NEG, 0, (u32)-d)		\
	X(LE16, BPF_ALU | BPF_END | BPF_TO_LE, INTERP_SWAP, 16,		\
	  (__force u16)cpu_to_le16(d))					\
	X(LE32, BPF_ALU | BPF_END | BPF_TO_LE, INTERP_SWAP, 32,		\
	  (__force u32)cpu_to_le32(d))					\
	X(LE64, BPF_ALU | BPF_END | BPF_TO_LE, INTERP_SWAP, 64,		\
	  (__force u64)cpu_to_le64(d))					\
	X(BE16, BPF_ALU | BPF_END | BPF_TO_BE, INTERP_SWAP, 16,		\
	  (__force u16)cpu_to_be16(d))					\
	X(BE32, BPF_ALU | BPF_END | BPF_TO_BE, INTERP_SWAP, 32,		\
	  (__force u32)cpu_to_be32(d))					\
	X(BE64, BPF_ALU | BPF_END | BPF_TO_BE, INTERP_SWAP, 64,		\
	  (__force u64)cpu_to_be64(d))					\
	X(BSWAP16, BPF_ALU64 | BPF_END, INTERP_SWAP, 16, swab16(d))	\
	X(BSWAP32, BPF_ALU64 | BPF_END, INTERP_SWAP, 32, swab32(d))	\
	X(BSWAP64, BPF_ALU64 | BPF_END, INTERP_SWAP, 64, swab64(d))	\
	X(MOVSX8_64, BPF_ALU64 | BPF_MOV | BPF_X, INTERP_MOVSX, 8,	\
	  (s64)(s8)s)							\
	X(MOVSX16_64, BPF_ALU64 | BPF_MOV | BPF_X, INTERP_MOVSX, 16,	\
	  (s64)(s16)s)							\
	X(MOVSX32_64, BPF_ALU64 | BPF_MOV | BPF_X, INTERP_MOVSX, 32,	\
	  (s64)(s32)s)							\
	X(MOVSX8_32, BPF_ALU | BPF_MOV | BPF_X, INTERP_MOVSX, 8,	\
	  (u32)(s8)s)							\
	X(MOVSX16_32, BPF_ALU | BPF_MOV | BPF_X, INTERP_MOVSX, 16,	\
	  (u32)(s16)s)

/*
 * X(name, operation bits, condition): 64 and 32 bits wide; section 4.3. What
 * compares two registers by the second list is the same as what compares them by
 * the first, the other way round.
 */
#define INTERP_JUMP_LESS_LIST(X)					\
	X(JEQ,	BPF_JEQ,  d == s)					\
	X(JNE,	BPF_JNE,  d != s)					\
	X(JSET,	BPF_JSET, d & s)					\
	X(JLT,	BPF_JLT,  d < s)					\
	X(JLE,	BPF_JLE,  d <= s)					\
	X(JSLT,	BPF_JSLT, sd < ss)					\
	X(JSLE,	BPF_JSLE, sd <= ss)
#define INTERP_JUMP_MORE_LIST(X)					\
	X(JGT,	BPF_JGT,  d > s)					\
	X(JGE,	BPF_JGE,  d >= s)					\
	X(JSGT,	BPF_JSGT, sd > ss)					\
	X(JSGE,	BPF_JSGE, sd >= ss)
#define INTERP_JUMP_LIST(X)						\
	INTERP_JUMP_LESS_LIST(X)					\
	INTERP_JUMP_MORE_LIST(X)

/* Linux 6.1 has no name for the mode of a sign-extending load. */
#define INTERP_MEMSX	0x80

/* X(name, opcode, type in memory, log2 of its size): sections 5.1 and 5.2. */
#define INTERP_LOAD_LIST(X)						\
	X(LDXB,	 BPF_LDX | BPF_MEM | BPF_B,  u8,  0)			\
	X(LDXH,	 BPF_LDX | BPF_MEM | BPF_H,  u16, 1)			\
	X(LDXW,	 BPF_LDX | BPF_MEM | BPF_W,  u32, 2)			\
	X(LDXDW, BPF_LDX | BPF_MEM | BPF_DW, u64, 3)			\
	X(LDXSB, BPF_LDX | INTERP_MEMSX | BPF_B, s8,  0)		\
	X(LDXSH, BPF_LDX | INTERP_MEMSX | BPF_H, s16, 1)		\
	X(LDXSW, BPF_LDX | INTERP_MEMSX | BPF_W, s32, 2)

/* X(name, size bits, type in memory, log2 of its size): section 5.1. */
#define INTERP_STORE_LIST(X)						\
	X(B,  BPF_B,  u8,  0)						\
	X(H,  BPF_H,  u16, 1)						\
	X(W,  BPF_W,  u32, 2)						\
	X(DW, BPF_DW, u64, 3)

/*
 * X(name, immediate, form): section 5.3; 64 and 32 bits wide. What they do is
 * in atomic.h.
 */
#define INTERP_ATOMIC_LIST(X)						\
	INTERP_ATOMIC_PLAIN_LIST(X)					\
	INTERP_ATOMIC_LOOP_LIST(X)

#define INTERP_ATOMIC_PLAIN_LIST(X)					\
	X(ADD,	 BPF_ADD, INTERP_ATOMIC)				\
	X(OR,	 BPF_OR,  INTERP_ATOMIC)				\
	X(AND,	 BPF_AND, INTERP_ATOMIC)				\
	X(XOR,	 BPF_XOR, INTERP_ATOMIC)				\
	X(FADD,	 BPF_ADD | BPF_FETCH, INTERP_ATOMIC_FETCH)		\
	X(XCHG,	 BPF_XCHG, INTERP_ATOMIC_FETCH)				\
	X(CMPXCHG, BPF_CMPXCHG, INTERP_ATOMIC_CMPXCHG)

/* Those that x86 has no instruction for: they compare and exchange in a loop. */
#define INTERP_ATOMIC_LOOP_LIST(X)					\
	X(FOR,	 BPF_OR | BPF_FETCH,  INTERP_ATOMIC_FETCH)		\
	X(FAND,	 BPF_AND | BPF_FETCH, INTERP_ATOMIC_FETCH)		\
	X(FXOR,	 BPF_XOR | BPF_FETCH, INTERP_ATOMIC_FETCH)

/* Loads that acquire and stores that release; Linux 6.1 has no names for them. */
#define INTERP_LOAD_ACQ		0x100
#define INTERP_STORE_REL	0x110

/* X(name, size bits, type in memory, log2 of its size) */
#define INTERP_ORDERED_LIST(X)						\
	X(B,  BPF_B,  u8,  0)						\
	X(H,  BPF_H,  u16, 1)						\
	X(W,  BPF_W,  u32, 2)						\
	X(DW, BPF_DW, u64, 3)

/* X(name, opcode, form, variant): written out in the dispatchers. */
#define INTERP_OTHER_LIST(X)						\
	X(LDDW,	BPF_LD | BPF_IMM | BPF_DW, INTERP_LDDW_FORM, 0)		\
	X(JA,	BPF_JMP | BPF_JA, INTERP_JA_FORM, 0)			\
	X(JA32,	BPF_JMP32 | BPF_JA, INTERP_JA32_FORM, 0)		\
	X(HELPER, BPF_JMP | BPF_CALL, INTERP_CALL_FORM, 0)		\
	X(CALL,	BPF_JMP | BPF_CALL, INTERP_CALL_FORM, BPF_PSEUDO_CALL)	\
	X(CALLX, BPF_JMP | BPF_CALL | BPF_X, INTERP_CALLX_FORM, 0)	\
	X(EXIT,	BPF_JMP | BPF_EXIT, INTERP_EXIT_FORM, 0)

/**
 * enum interp_form - which fields an instruction uses, and for what
 * @INTERP_ALU_K: dst, imm; the variant is in off
 * @INTERP_ALU_X: dst, src; the variant is in off
 * @INTERP_NEG: dst
 * @INTERP_SWAP: dst; the variant is in imm
 * @INTERP_MOVSX: dst, src; the variant is in off
 * @INTERP_JUMP_K: dst, imm, off
 * @INTERP_JUMP_X: dst, src, off
 * @INTERP_LOAD: dst, src, off
 * @INTERP_STORE_K: dst, imm, off
 * @INTERP_STORE_X: dst, src, off
 * @INTERP_ATOMIC: dst, src, off; the variant is in imm
 * @INTERP_ATOMIC_FETCH: the same, and src is written
 * @INTERP_ATOMIC_CMPXCHG: the same, and r0 is written
 * @INTERP_ACQUIRE: dst, src, off as in a load; the variant is in imm
 * @INTERP_RELEASE: dst, src, off as in a store; the variant is in imm
 * @INTERP_LDDW_FORM: dst, imm of two slots; what src says
 * @INTERP_JA_FORM: off
 * @INTERP_JA32_FORM: imm
 * @INTERP_CALL_FORM: imm; the variant is in src
 * @INTERP_CALLX_FORM: dst
 * @INTERP_EXIT_FORM: none
 */
enum interp_form {
	INTERP_ALU_K,
	INTERP_ALU_X,
	INTERP_NEG,
	INTERP_SWAP,
	INTERP_MOVSX,
	INTERP_JUMP_K,
	INTERP_JUMP_X,
	INTERP_LOAD,
	INTERP_STORE_K,
	INTERP_STORE_X,
	INTERP_ATOMIC,
	INTERP_ATOMIC_FETCH,
	INTERP_ATOMIC_CMPXCHG,
	INTERP_ACQUIRE,
	INTERP_RELEASE,
	INTERP_LDDW_FORM,
	INTERP_JA_FORM,
	INTERP_JA32_FORM,
	INTERP_CALL_FORM,
	INTERP_CALLX_FORM,
	INTERP_EXIT_FORM,
};

#define INTERP_ALU_ENUM(name, bits, variant, expression)		\
	INTERP_##name##64_K, INTERP_##name##64_X,			\
	INTERP_##name##32_K, INTERP_##name##32_X,
#define INTERP_UNARY_ENUM(name, opcode, form, variant, expression)	\
	INTERP_##name,
#define INTERP_JUMP_ENUM(name, bits, condition)				\
	INTERP_##name##64_K, INTERP_##name##64_X,			\
	INTERP_##name##32_K, INTERP_##name##32_X,
#define INTERP_LOAD_ENUM(name, opcode, type, log2)	INTERP_##name,
#define INTERP_STORE_ENUM(name, bits, type, log2)			\
	INTERP_ST##name, INTERP_STX##name,
#define INTERP_ATOMIC_ENUM(name, immediate, form)			\
	INTERP_ATOMIC_##name##64, INTERP_ATOMIC_##name##32,
#define INTERP_ORDERED_ENUM(name, bits, type, log2)			\
	INTERP_LOAD_ACQ_##name, INTERP_STORE_REL_##name,
#define INTERP_OTHER_ENUM(name, opcode, form, variant)	INTERP_##name,

/**
 * enum interp_op - the operations
 * @INTERP_OPS: number of operations that a program can have
 * @INTERP_CHECKPOINT: put in by the decoder, counts as no instruction
 */
enum interp_op {
	INTERP_ALU_LIST(INTERP_ALU_ENUM)
	INTERP_UNARY_LIST(INTERP_UNARY_ENUM)
	INTERP_JUMP_LIST(INTERP_JUMP_ENUM)
	INTERP_LOAD_LIST(INTERP_LOAD_ENUM)
	INTERP_STORE_LIST(INTERP_STORE_ENUM)
	INTERP_ATOMIC_LIST(INTERP_ATOMIC_ENUM)
	INTERP_ORDERED_LIST(INTERP_ORDERED_ENUM)
	INTERP_OTHER_LIST(INTERP_OTHER_ENUM)
	INTERP_OPS,
	INTERP_CHECKPOINT = INTERP_OPS,
};

/**
 * struct interp_op_info - how an operation is encoded
 * @name: for people
 * @opcode: first byte of the instruction
 * @form: which fields it uses
 * @variant: value of the field that tells operations of one opcode apart
 */
struct interp_op_info {
	const char *name;
	u8 opcode;
	u8 form;
	u16 variant;
};

extern const struct interp_op_info interp_ops[INTERP_OPS];

int interp_op_of(const struct bpf_insn *insn);
bool interp_opcode_is_known(u8 opcode);
bool interp_names_function(const struct bpf_insn *insn);
bool interp_jump_distance(int op, const struct bpf_insn *insn, s32 *distance);

#endif /* INTERP_OPCODES_H */
