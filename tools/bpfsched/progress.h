/* SPDX-License-Identifier: GPL-2.0 */
/* How far something is, on a terminal. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "cmd.h"

void progress_start(size_t total);
void progress_line(const char *fmt, ...) ATTRIBUTE(format(printf, 1, 2));
void progress_show(size_t done);
void progress_clear(void);

#endif /* PROGRESS_H */
