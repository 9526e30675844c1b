/* SPDX-License-Identifier: GPL-2.0 */
/* What aggregate.bpf.c works on. */
#ifndef AGGREGATE_H
#define AGGREGATE_H

#include <linux/types.h>

/* Stands for the map; looks like nothing else in the program */
#define AGGREGATE_MAP 0x6167677265676174ULL

struct record {
	__u32 key;
	__u32 bytes;
};

#endif /* AGGREGATE_H */
