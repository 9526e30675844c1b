/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmarks that have to run in the kernel: inner interfaces.
 */
#ifndef BPFSCHED_BENCH_H
#define BPFSCHED_BENCH_H

#include <linux/types.h>

#include "abi.h"

struct bpf_map;
struct bpf_prog;
struct bpfsched_policy_ops;

long bench_interp(struct bench_interp *interp);
long bench_queue(struct bench_queue *queue);
long bench_core(struct bench_queue *queue,
		const struct bpfsched_policy_ops *policy, u64 *times);
long bench_wake(const struct bench_wake *wake);
long bench_start(const struct bench_start *request);

/* Random numbers that are the same in each run. */
static inline u64 bench_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif /* BPFSCHED_BENCH_H */
