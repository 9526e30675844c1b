/* SPDX-License-Identifier: GPL-2.0 */
/* How far a long batch is, on a terminal. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "cmd.h"

void progress_start(size_t total);
void progress_show(size_t done);
void progress_clear(void);

#endif /* PROGRESS_H */
