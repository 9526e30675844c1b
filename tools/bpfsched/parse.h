/* SPDX-License-Identifier: GPL-2.0 */
/* Values of options. */
#ifndef PARSE_H
#define PARSE_H

#include "cmd.h"

/**
 * struct bytes - bytes on the heap
 * @data: the bytes, NULL if there are none
 * @len: number of bytes
 */
struct bytes {
	char *data;
	size_t len;
};

int parse_u64(const char *text, __u64 *value);
int parse_client(const char *text, __u64 *client);
int parse_priority(const char *text, __u32 *priority);
int parse_budget_insns(const char *text, __u64 *insns);
int parse_duration(const char *text, __u64 *ns);
int parse_size(const char *text, __u64 *bytes);
int parse_percent(const char *text, __u64 *ppm);
int parse_hex(const char *text, size_t len, struct bytes *bytes);
int parse_context(const char *text, struct bytes *bytes);
int parse_bytecode(const char *text, struct bytes *bytes);

#endif /* PARSE_H */
