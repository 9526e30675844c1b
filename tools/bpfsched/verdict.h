/* SPDX-License-Identifier: GPL-2.0 */
/* How often programs returned what. */
#ifndef VERDICT_H
#define VERDICT_H

#include "cmd.h"

struct verdicts;

int verdicts_new(struct verdicts **verdicts, const char *names);
void verdicts_free(struct verdicts *verdicts);
int verdicts_count(struct verdicts *verdicts, __u64 r0);
void verdicts_print(const struct verdicts *verdicts, __u64 total);
void verdict_line(const char *name, __u64 count, __u64 total);

#endif /* VERDICT_H */
