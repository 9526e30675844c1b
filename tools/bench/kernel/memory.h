/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes that a benchmark's program works on, in copies: each that runs the
 * program has one of its own, and all start from the same.
 */
#ifndef BPFSCHED_BENCH_MEMORY_H
#define BPFSCHED_BENCH_MEMORY_H

#include <linux/types.h>

#include "../../../interp/engine.h"

/**
 * struct bench_memory - contexts, or data sections
 * @parts: where each of them is
 * @count: number of @parts
 * @bytes: all of them
 * @size: number of @bytes
 */
struct bench_memory {
	struct bpfsched_memory *parts;
	u32 count;
	u8 *bytes;
	size_t size;
};

int bench_memory_read(struct bench_memory *memory, u64 address, u32 count);
int bench_memory_copy(struct bench_memory *copy,
		      const struct bench_memory *memory);
void bench_memory_free(struct bench_memory *memory);

#endif /* BPFSCHED_BENCH_MEMORY_H */
