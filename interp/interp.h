/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interpreter: inner structures.
 *
 * load: check.c refuses what is not well-formed, decode.c makes the image.
 * run: run.c executes the image in a state; memory.h is the sandbox.
 */
#ifndef INTERP_H
#define INTERP_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "engine.h"
#include "opcodes.h"

#define INTERP_REGS		11
#define INTERP_FRAMES		8
#define INTERP_FRAME_SIZE	512

/*
 * Regions of the sandbox address space. A sandbox address is
 * region << 32 | offset; region 0 is never mapped.
 */
#define INTERP_REGION_STACK	1
#define INTERP_REGION_CONTEXT	2
#define INTERP_REGION_SECTIONS	3 /* the first of them */
#define INTERP_REGIONS		(INTERP_REGION_SECTIONS + BPFSCHED_SECTIONS_MAX)

#define INTERP_ADDRESS(region, offset)	((u64)(region) << 32 | (offset))

/*
 * The decoder sees to it that no run of instructions without a taken jump is
 * longer than this, so that it is enough to count at taken jumps.
 */
#define INTERP_RUN_MAX		1024

/**
 * struct interp_insn - an instruction, decoded
 * @op: an enum interp_op
 * @dst: destination register
 * @src: source register
 * @off: offset of an access; distance of a jump in decoded instructions,
 *	from this one
 * @imm: immediate, sign-extended; of a 16-byte load all of it; of a helper
 *	call the index of the helper
 */
struct interp_insn {
	u16 op;
	u8 dst;
	u8 src;
	s32 off;
	u64 imm;
};

/**
 * struct interp_image - a program that has been checked and decoded
 * @insns: the instructions
 * @slots: for each of @insns the 8-byte slot that it was made from
 * @count: number of @insns
 * @section_count: number of @sections
 * @sections: the data sections, in their regions' order
 *
 * Never written after interp_load(), so any number of runs can share it.
 */
struct interp_image {
	struct interp_insn *insns;
	u32 *slots;
	u32 count;
	u32 section_count;
	struct bpfsched_memory sections[BPFSCHED_SECTIONS_MAX];
};

/**
 * struct interp_region - what the sandbox knows of a region
 * @base: kernel address of its first byte
 * @readable: for each log2 of an access's size, the number of offsets at which
 *	such an access may read; all zero if it may read none
 * @writable: the same for writing
 */
struct interp_region {
	u8 *base;
	u32 readable[4];
	u32 writable[4];
};

/**
 * struct interp_frame - what a call saves
 * @saved: r6 to r9 of the caller
 * @insn: where the caller goes on
 */
struct interp_frame {
	u64 saved[4];
	const struct interp_insn *insn;
};

/**
 * struct interp_state - one run of a program, whole, so that it can pause
 * @image: the program
 * @insn: the instruction to execute next; after a fault, the one that failed
 * @budget: instructions that it may still execute
 * @executed: instructions that it has executed
 * @depth: number of live frames - 1
 * @fault: what went wrong, kind BPFSCHED_FAULT_NONE: nothing
 * @regs: r0 to r10
 * @frames: the callers
 * @regions: the sandbox address space
 * @stack: INTERP_FRAMES frames, growing upward
 */
struct interp_state {
	const struct interp_image *image;
	const struct interp_insn *insn;
	u64 budget;
	u64 executed;
	u32 depth;
	struct bpfsched_fault fault;
	u64 regs[INTERP_REGS];
	struct interp_frame frames[INTERP_FRAMES - 1];
	struct interp_region regions[INTERP_REGIONS];
	u8 stack[INTERP_FRAMES * INTERP_FRAME_SIZE];
};

/**
 * struct interp_helper - a function of the kernel that programs can call
 * @id: number by which a program names it, as in enum bpf_func_id
 * @name: for people
 * @call: the function. r1 to r5 come in @args; the result goes to r0. A call
 *	that must not go on sets the state's fault kind. Process context
 */
struct interp_helper {
	u32 id;
	const char *name;
	u64 (*call)(struct interp_state *state, const u64 *args);
};

extern const struct interp_helper interp_helpers[];
int interp_helper_index(s32 id);

int interp_check(const struct bpfsched_code *code, struct bpfsched_log *log);
struct interp_image *interp_decode(const struct bpfsched_code *code);
void interp_image_free(struct interp_image *image);
void interp_start(void *data, const struct bpfsched_exec_params *params);
enum bpfsched_outcome interp_run(void *data, const u32 *control,
				 struct bpfsched_result *result);
int interp_format(struct interp_state *state, char *buf, size_t size,
		  u64 address, u32 format_len, const u64 *args, int arg_count);

#endif /* INTERP_H */
