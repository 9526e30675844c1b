/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of twins.bpf.c get and give, in their only variable.
 */
#ifndef TWINS_H
#define TWINS_H

#include <linux/types.h>

#define TWIN_TEXT	128	/* a power of two */
#define TWIN_LIST	32	/* a power of two */
#define TWIN_KEYS	8	/* entries of each map */

/* What the programs for maps are to do, in @op */
enum {
	TWIN_LOOKUP,
	TWIN_UPDATE,
	TWIN_DELETE,
	TWIN_PUSH,
	TWIN_POP,
	TWIN_PEEK,
	TWIN_EACH,
	TWIN_LOOKUP_CPU,
	TWIN_ADD,
};

/**
 * struct twin - arguments and results
 * @op: TWIN_*, for programs that have several calls
 * @len: length of @text, above 0
 * @size: room in @buf; of a walk whether to tell what it has seen
 * @stop: when a callback ends the loop
 * @flags: of the helper
 * @args: numbers
 * @text: what is read
 * @other: a second text
 * @ret: what the helper has returned
 * @number: what it has written
 * @count: callbacks
 * @list: what they have seen
 * @buf: what it has written, full of something else before
 */
struct twin {
	__u32 op;
	__u32 len;
	__u32 size;
	__u32 stop;
	__u64 flags;
	__u64 args[4];
	char text[TWIN_TEXT];
	char other[TWIN_TEXT];
	__s64 ret;
	__u64 number;
	__u64 count;
	__u64 list[TWIN_LIST];
	char buf[TWIN_TEXT];
};

#endif /* TWINS_H */
