/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a few instructions do to all registers: they are executed with registers
 * that are given, and stored afterwards in the program's own stack frame.
 */
#ifndef BPFSCHED_KUNIT_SNAPSHOT_H
#define BPFSCHED_KUNIT_SNAPSHOT_H

#include "machine.h"

#define SNAPSHOT_REGS	10	/* r0 to r9 */
#define SNAPSHOT_BODY	8	/* most instructions in it */

/* How many instructions are executed besides the body. */
#define SNAPSHOT_OVERHEAD	(SNAPSHOT_REGS + 1)

/* The lowest bytes of the frame are the body's. */
#define SNAPSHOT_SCRATCH	(-INTERP_FRAME_SIZE)

void snapshot_fill(u64 *regs);
void snapshot_load(struct kunit *test, const struct bpf_insn *body, u32 count);
enum bpfsched_outcome snapshot_run(struct kunit *test, u64 budget,
				   const u64 *before, u64 *after);

#endif /* BPFSCHED_KUNIT_SNAPSHOT_H */
