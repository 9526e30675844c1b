/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an engine is to the scheduler core: it checks programs and runs them.
 * An engine knows nothing of jobs, queues or threads. It gets a budget and a
 * word to read at safe points, and says how the run ended.
 */
#ifndef BPFSCHED_ENGINE_H
#define BPFSCHED_ENGINE_H

#include <linux/types.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/bpfsched.h>

struct bpf_map;

/* Most data sections of a program. */
#define BPFSCHED_SECTIONS_MAX	16

/* Most maps of a program. */
#define BPFSCHED_MAPS_MAX	32

/* Size of struct bpfsched_followup in its first version. */
#define BPFSCHED_FOLLOWUP_SIZE_VER1	56

/* At most this many instructions lie between two safe points. */
#define BPFSCHED_SAFE_POINT_INSNS	4096

/**
 * struct bpfsched_memory - bytes that a program can reach
 * @base: kernel address
 * @len: length in bytes, at most INT_MAX
 * @readonly: the program may not write them
 * @writeonly: the program may not read them
 */
struct bpfsched_memory {
	void *base;
	u32 len;
	bool readonly;
	bool writeonly;
};

/**
 * struct bpfsched_map - a map of the kernel, and what a program may do with it
 * @map: the map, held
 * @readable: the program may read its elements
 * @writable: the program may change its elements
 */
struct bpfsched_map {
	struct bpf_map *map;
	bool readable;
	bool writable;
};

/**
 * struct bpfsched_code - a program as it was submitted
 * @insns: the instructions, RFC 9669
 * @insn_count: number of 8-byte slots
 * @section_count: number of data sections
 * @sections: the data sections; they outlive the image
 * @map_count: number of maps
 * @maps: the maps, which are held longer than the image exists
 * @reloc_count: number of @relocs
 * @relocs: pointers that are to be written into the sections
 */
struct bpfsched_code {
	const struct bpf_insn *insns;
	u32 insn_count;
	u32 section_count;
	const struct bpfsched_memory *sections;
	u32 map_count;
	const struct bpfsched_map *maps;
	u32 reloc_count;
	const struct bpfsched_reloc *relocs;
};

/**
 * struct bpfsched_log - why a program was refused, for its author
 * @text: one line, NUL-terminated, without a newline
 */
struct bpfsched_log {
	char text[160];
};

/**
 * struct bpfsched_host_ops - what a program can ask of who runs it
 * @job_id: number of the job
 * @release: number of its release
 * @deadline_ns: its absolute deadline, 0: none
 * @time_remaining_ns: time until then, negative if it has passed, S64_MAX: none
 * @emit: hand an event to who submitted the job. The bytes may change
 *	meanwhile. Returns 0 or a negative errno
 * @submit: submit a job that runs one of the programs that this one has named.
 *	The context bytes may change meanwhile; the options are a copy, NULL:
 *	none. Returns its number or a negative errno
 *
 * Each is called by the thread that is in bpfsched_engine_ops.run, in process
 * context with no locks held, and may sleep. All are required.
 */
struct bpfsched_host_ops {
	u64 (*job_id)(void *host);
	u64 (*release)(void *host);
	u64 (*deadline_ns)(void *host);
	s64 (*time_remaining_ns)(void *host);
	int (*emit)(void *host, const void *data, u32 len);
	s64 (*submit)(void *host, u32 index, const void *context, u32 len,
		      const struct bpfsched_followup *options);
};

/**
 * struct bpfsched_exec_params - what one run of a program starts from
 * @image: the program, from bpfsched_engine_ops.load
 * @context: the bytes that r1 points to and r2 counts
 * @budget_insns: most instructions that the run may execute
 * @host: what the program can ask for, NULL: nothing
 * @host_data: for @host
 */
struct bpfsched_exec_params {
	const void *image;
	struct bpfsched_memory context;
	u64 budget_insns;
	const struct bpfsched_host_ops *host;
	void *host_data;
};

/* The word that is read at safe points. */
#define BPFSCHED_CONTROL_RUN	0
#define BPFSCHED_CONTROL_PAUSE	1 /* return soon, to go on later */
#define BPFSCHED_CONTROL_STOP	2 /* return soon, for good */

/**
 * enum bpfsched_outcome - how a run ended
 * @BPFSCHED_DONE: the program returned
 * @BPFSCHED_PAUSED: at a safe point, as asked; run() goes on from there
 * @BPFSCHED_STOPPED: at a safe point, as asked
 * @BPFSCHED_EXHAUSTED: the budget is used up
 * @BPFSCHED_FAULTED: the program did what the sandbox does not allow
 */
enum bpfsched_outcome {
	BPFSCHED_DONE,
	BPFSCHED_PAUSED,
	BPFSCHED_STOPPED,
	BPFSCHED_EXHAUSTED,
	BPFSCHED_FAULTED,
};

/**
 * struct bpfsched_fault - what a program did that is not allowed
 * @kind: BPFSCHED_FAULT_* of the ABI
 * @pc: 8-byte slot of the instruction
 * @address: sandbox address that was accessed, if @kind is about one
 */
struct bpfsched_fault {
	u32 kind;
	u32 pc;
	u64 address;
};

/**
 * struct bpfsched_result - what a run gave
 * @r0: the return value, if it ended as BPFSCHED_DONE, else 0
 * @instructions: how many were executed since the start
 * @fault: if it ended as BPFSCHED_FAULTED, else all zero
 */
struct bpfsched_result {
	u64 r0;
	u64 instructions;
	struct bpfsched_fault fault;
};

/**
 * struct bpfsched_engine_ops - an engine
 * @name: unique among engines
 * @state_size: bytes that the state of a run takes
 * @load: check a program and make an image of it. Process context, may sleep.
 *	Returns 0; -EINVAL with a reason in the log if the program is refused;
 *	-ENOMEM; -EINTR if the caller is being killed
 * @unload: free an image. Process context, may sleep
 * @start: fill a state, so that run() begins at the first instruction. A state
 *	that was not used before is all zero. The state, the image and the
 *	context belong to the run until it has ended. Process context
 * @run: run until one of enum bpfsched_outcome. Process context; lets the
 *	kernel schedule at safe points. The word may change at any time
 * @set_budget: change how many instructions a run that was paused may execute
 *	yet. Any context
 * @finish: let go of what the run holds besides its state. Called once for each
 *	start(), after the last run(), which may have been paused. Process
 *	context, may sleep
 *
 * All callbacks are required.
 */
struct bpfsched_engine_ops {
	const char *name;
	size_t state_size;
	int (*load)(const struct bpfsched_code *code, struct bpfsched_log *log,
		    void **image);
	void (*unload)(void *image);
	void (*start)(void *state, const struct bpfsched_exec_params *params);
	enum bpfsched_outcome (*run)(void *state, const u32 *control,
				     struct bpfsched_result *result);
	void (*set_budget)(void *state, u64 insns);
	void (*finish)(void *state);
};

/*
 * The interpreter, by dispatcher, and then by dispatcher without masks; ended by
 * NULL.
 */
extern const struct bpfsched_engine_ops *const bpfsched_engines[];

const struct bpfsched_engine_ops *
bpfsched_engine_find(const char *dispatcher, bool has_masks);

bool bpfsched_engine_is_valid(const struct bpfsched_engine_ops *ops);

#endif /* BPFSCHED_ENGINE_H */
