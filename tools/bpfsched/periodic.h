/* SPDX-License-Identifier: GPL-2.0 */
/* How punctual a periodic job is: a live line, and a summary at the end. */
#ifndef PERIODIC_H
#define PERIODIC_H

#include "cmd.h"

void periodic_start(bool quiet);
void periodic_show(const struct bpfsched_completion *c);
bool periodic_end(void);

#endif /* PERIODIC_H */
