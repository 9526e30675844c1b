/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own interpreter, which the engines are compared with.
 */
#ifndef BPFSCHED_BENCH_CONTROL_H
#define BPFSCHED_BENCH_CONTROL_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "memory.h"

/**
 * struct bench_control - a program of the kernel
 * @prog: the program
 * @owned: it was made here and is to be freed; else it is held
 */
struct bench_control {
	struct bpf_prog *prog;
	bool owned;
};

/**
 * struct bench_control_context - what r1 points to when a program starts that
 *	was made by bench_control_make()
 * @address: of the bytes of the context
 * @len: number of them
 */
struct bench_control_context {
	u64 address;
	u64 len;
};

int bench_control_make(struct bench_control *control,
		       const struct bpfsched_code *code,
		       struct bpf_map *const *maps, u32 map_count);
int bench_control_get(struct bench_control *control, int fd,
		      const struct bench_memory *contexts);
void bench_control_free(struct bench_control *control);

#endif /* BPFSCHED_BENCH_CONTROL_H */
