/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interpreter: inner structures.
 *
 * load: check.c refuses what is not well-formed, decode.c makes the image.
 * run: run.c cuts a run into slices; a dispatcher executes them: switch.c, or
 * threaded.h where that can be built. frame.c has calls, memory.h the sandbox,
 * helpers.c what programs can call.
 */
#ifndef INTERP_H
#define INTERP_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "engine.h"
#include "map.h"
#include "opcodes.h"
#include "region.h"
#include "variant.h"
#include "window.h"

#define INTERP_REGS		11
#define INTERP_FRAMES		8	/* a power of two */
#define INTERP_FRAME_SIZE	512	/* a power of two */

/*
 * What comes from an instruction is forced into its range by arithmetic wherever
 * it becomes part of an address of the kernel: a processor may run any handler on
 * any instruction for a while. For registers there is room up to a power of two.
 */
#define INTERP_REG_SLOTS	16
#define INTERP_REG(number)	INTERP_FORCE(number, INTERP_REG_SLOTS - 1)

/*
 * So many instructions of padding lie behind the last one. They are never executed
 * for good, but a processor may speculate beyond the last instruction. It
 * has at most 512 operations in flight, and each instruction of a program takes at
 * least two of them. So it cannot get beyond the padding.
 */
#define INTERP_PAD		256

/* Most numbers and strings that a helper prints at once, as in the kernel. */
#define INTERP_PRINT_ARGS	12

/* No text that a helper prints is longer, with its final NUL. */
#define INTERP_TEXT_MAX		2048

/*
 * The decoder sees to it that no run of instructions without a taken jump is
 * longer than this, so that it is enough to count at taken jumps.
 */
#define INTERP_RUN_MAX		1024

/*
 * What helpers may do in one slice. A call counts one instruction whatever it
 * does, so that a slice of calls could take very long: it ends behind the call
 * that goes beyond this. One is a byte that is copied, or whatever takes as long
 * when it is in no cache, a nanosecond or less.
 *
 * Each helper counts what it is going to do before it does it, so that it is
 * counted whichever way it ends.
 */
#define INTERP_WORK_MAX		32768

/* A byte of the program's that is looked up, checked and looked at by itself. */
#define INTERP_WORK_BYTE	4

/* A look at the clock, or the like. */
#define INTERP_WORK_CLOCK	32

struct interp_insn;
struct interp_state;

/**
 * enum interp_end - why a dispatcher has returned
 * @INTERP_END_SLICE: the slice is used up
 * @INTERP_END_EXIT: the program has returned
 * @INTERP_END_FAULT: interp_state.fault says why
 */
enum interp_end {
	INTERP_END_SLICE,
	INTERP_END_EXIT,
	INTERP_END_FAULT,
};

/**
 * struct interp_insn - an instruction, decoded
 * @handler: the code that executes it, for the threaded dispatcher only
 * @op: an enum interp_op
 * @dst: destination register
 * @src: source register
 * @off: offset of an access; immediate of a jump
 * @imm: immediate, sign-extended; of a 16-byte load all of it; of a jump or call
 *	where it leads, see interp_target_index(); of a helper call its index
 */
struct interp_insn {
	const void *handler;
	u16 op;
	u8 dst;
	u8 src;
	s32 off;
	u64 imm;
};

/* Beside the index in interp_insn.imm: it is a jump to itself or before it. */
#define INTERP_BACKWARD		BIT_ULL(32)

/**
 * interp_target_index() - where a jump or a call leads
 * @insn: the instruction
 *
 * Context: any.
 * Return: the number of the instruction; any number if @insn is neither.
 */
static inline u32 interp_target_index(const struct interp_insn *insn)
{
	return insn->imm;
}

/**
 * struct interp_dispatcher - a way to execute instructions
 * @name: unique among dispatchers
 * @prepare: fill in interp_insn.handler of some instructions; NULL: not needed
 * @run: execute from interp_state.insn, until the end of the slice is less than
 *	INTERP_RUN_MAX instructions away
 *
 * The end of a slice is interp_state.limit: where control would be when the
 * slice is used up if it went straight on. So straight-line code has nothing to
 * count, and a taken jump moves the limit by the distance that it jumps.
 */
struct interp_dispatcher {
	const char *name;
	void (*prepare)(struct interp_insn *insns, u32 count);
	enum interp_end (*run)(struct interp_state *state);
};

extern const struct interp_dispatcher interp_switch;
extern const struct interp_dispatcher interp_switch_unmasked;
extern const struct interp_dispatcher interp_threaded;
extern const struct interp_dispatcher interp_threaded_unmasked;

/**
 * struct interp_image - a program that has been checked and decoded
 * @dispatcher: what executes it
 * @insns: the instructions, and INTERP_PAD more
 * @slots: for each of @insns the 8-byte slot that it was made from
 * @entry: bit n is set if a function starts at instruction n of @insns
 * @count: number of @insns
 * @section_count: number of @sections
 * @sections: the data sections, in their regions' order
 * @map_count: number of @maps
 * @maps: the maps, in the order in which instructions name them
 *
 * Never written after interp_load(), so any number of runs can share it.
 */
struct interp_image {
	const struct interp_dispatcher *dispatcher;
	struct interp_insn *insns;
	u32 *slots;
	unsigned long *entry;
	u32 count;
	u32 section_count;
	struct bpfsched_memory sections[BPFSCHED_SECTIONS_MAX];
	u32 map_count;
	struct interp_map maps[BPFSCHED_MAPS_MAX];
};

struct interp_frame;

/**
 * enum interp_follow - what follows when a callback has returned
 * @INTERP_FOLLOW_CALL: the callback once more; r1 to r5 are set
 * @INTERP_FOLLOW_END: nothing; r0 is what the helper returns
 * @INTERP_FOLLOW_AGAIN: a safe point, and then the same question; r0 was not
 *	changed
 */
enum interp_follow {
	INTERP_FOLLOW_CALL,
	INTERP_FOLLOW_END,
	INTERP_FOLLOW_AGAIN,
};

/**
 * typedef interp_next_t - find out what follows when a callback has returned
 * @state: the run; r0 is what the callback returned
 * @frame: its frame
 *
 * It counts what it does, and the slice ends where it has returned to if that was
 * enough. It sets no other event, so it cannot fail or call back.
 *
 * Return: what follows.
 */
typedef enum interp_follow interp_next_t(struct interp_state *state,
					 struct interp_frame *frame);

/**
 * struct interp_frame - what a call saves
 * @saved: r6 to r9 of the caller
 * @back: number of the instruction where the caller goes on
 * @entry: with @next, number of the one where that function begins
 * @next: of a function that a helper calls back; NULL: an ordinary call
 * @data: for @next
 */
struct interp_frame {
	u64 saved[4];
	u32 back;
	u32 entry;
	interp_next_t *next;
	u64 data[4];
};

/**
 * enum interp_event - what a helper wants of the dispatcher
 * @INTERP_EVENT_NONE: nothing
 * @INTERP_EVENT_FAULT: interp_state.fault is set
 * @INTERP_EVENT_CALL_BACK: interp_state.call_back is set
 * @INTERP_EVENT_YIELD: end the slice behind the call
 * @INTERP_EVENT_AGAIN: end the slice before the call, which goes on with what it
 *	has not done yet: the same call of the same helper comes next
 */
enum interp_event {
	INTERP_EVENT_NONE,
	INTERP_EVENT_FAULT,
	INTERP_EVENT_CALL_BACK,
	INTERP_EVENT_YIELD,
	INTERP_EVENT_AGAIN,
};

/**
 * struct interp_state - one run of a program, whole, so that it can pause
 * @image: the program
 * @insns: its instructions
 * @insn_count: number of them, without what lies behind the last
 * @insn: the instruction to execute next; after a fault, the one that failed
 * @limit: see struct interp_dispatcher; valid while a slice is executed
 * @regs: r0 to r10
 * @loop: where the last loop began again, for the threaded dispatcher
 * @loop_imm: interp_insn.imm of the jump that led there
 * @frame_base: kernel address of what r10 points to; never outside of @stack
 * @event: an enum interp_event, set by helpers
 * @wants_budget: with INTERP_EVENT_YIELD, what is left of the budget is to go
 *	to r0
 * @work: what helpers have done in this slice, see INTERP_WORK_MAX
 * @depth: number of live frames - 1
 * @deepest: the highest @depth so far; the stack above it was not used yet
 * @text_used: something was written to @text
 * @region_count: the regions from here on are zero
 * @budget: instructions that it may still execute
 * @executed: instructions that it has executed
 * @fault: what went wrong, kind BPFSCHED_FAULT_NONE: nothing
 * @host: what the program can ask for, NULL: nothing
 * @host_data: for @host
 * @call_back: with INTERP_EVENT_CALL_BACK, the frame to be, but for what the
 *	call itself saves
 * @walks: those of bpf_for_each_map_elem() under way, the inner ones first
 * @windows: what is seen that has no region of its own
 * @frames: the callers; the last is none, it makes their number a power of two
 * @array_keys: for each of @frames the key that a walk of an array shows there
 * @hash_keys: the same of a hash, INTERP_KEY_MAX bytes; NULL: there was none yet
 * @regions: the sandbox address space
 * @nothing: zeroes: what an access reads under speculation that will be refused;
 *	as long as the longest key. What would be read beyond them is the run's
 *	own too
 * @stack: INTERP_FRAMES frames, growing upward
 * @text: what bpf_snprintf() prints, until it goes to where it is to be
 */
struct interp_state {
	const struct interp_image *image;
	const struct interp_insn *insns;
	u64 insn_count;
	const struct interp_insn *insn;
	const struct interp_insn *limit;
	u64 regs[INTERP_REG_SLOTS];
	const struct interp_insn *loop;
	u64 loop_imm;
	u8 *frame_base;
	u32 event;
	bool wants_budget;
	bool text_used;
	u64 work;
	u32 depth;
	u32 deepest;
	u32 region_count;
	u64 budget;
	u64 executed;
	struct bpfsched_fault fault;
	const struct bpfsched_host_ops *host;
	void *host_data;
	struct interp_frame call_back;
	struct interp_walk *walks;
	struct interp_windows windows;
	struct interp_frame frames[INTERP_FRAMES];
	u32 array_keys[INTERP_FRAMES];
	u8 *hash_keys[INTERP_FRAMES];
	struct interp_region regions[INTERP_REGIONS];
	u8 nothing[INTERP_KEY_MAX] __aligned(8);
	u8 stack[INTERP_FRAMES * INTERP_FRAME_SIZE] __aligned(8);
	char text[INTERP_TEXT_MAX];
};

/**
 * struct interp_helper - a function of the kernel that programs can call
 * @id: number by which a program names it, as in enum bpf_func_id
 * @name: for people
 * @call: the function. r1 to r5 come in @args; the result goes to r0. What is
 *	to happen besides goes to the state's event. Process context
 */
struct interp_helper {
	u32 id;
	const char *name;
	u64 (*call)(struct interp_state *state, const u64 *args);
};

/* A power of two; what no helper is left for does nothing and has no name. */
#define INTERP_HELPER_SLOTS	32
#define INTERP_HELPER_SLOT(index) INTERP_FORCE(index, INTERP_HELPER_SLOTS - 1)

extern const struct interp_helper interp_helpers[INTERP_HELPER_SLOTS];
int interp_helper_index(s32 id);

int interp_check(const struct bpfsched_code *code, struct bpfsched_log *log);
int interp_relocs_check(const struct bpfsched_code *code,
			const unsigned long *start, unsigned long *entry,
			struct bpfsched_log *log);
void interp_relocs_apply(const struct bpfsched_code *code, const u32 *index_of,
			 unsigned long *entry);
struct interp_image *interp_decode(const struct bpfsched_code *code,
				   const struct interp_dispatcher *dispatcher);
void interp_image_free(struct interp_image *image);
void interp_start(void *data, const struct bpfsched_exec_params *params);
void interp_set_budget(void *data, u64 insns);
void interp_finish(void *data);
enum bpfsched_outcome interp_run(void *data, const u32 *control,
				 struct bpfsched_result *result);
enum interp_end interp_run_exact(struct interp_state *state);
int interp_format(struct interp_state *state, char *buf, size_t size,
		  u64 address, u32 format_len, const u64 *args, int arg_count);
int interp_format_text(struct interp_state *state, u64 address,
		       const u64 *args, int arg_count);

/**
 * interp_fault() - say what a program did that is not allowed
 * @state: the run
 * @kind: BPFSCHED_FAULT_*
 * @address: the sandbox address, if @kind is about one
 *
 * Context: process, from a helper or a dispatcher.
 */
static inline void interp_fault(struct interp_state *state, u32 kind,
				u64 address)
{
	state->fault.kind = kind;
	state->fault.address = address;
	state->event = INTERP_EVENT_FAULT;
}

/**
 * interp_work() - count what a helper does
 * @state: the run
 * @amount: see INTERP_WORK_MAX
 *
 * Context: process, from a helper that is about to do it.
 */
static inline void interp_work(struct interp_state *state, u64 amount)
{
	state->work += amount;
	if (state->work > INTERP_WORK_MAX &&
	    state->event == INTERP_EVENT_NONE)
		state->event = INTERP_EVENT_YIELD;
}

#endif /* INTERP_H */
