/* SPDX-License-Identifier: GPL-2.0 */
/* Jobs that outlive their command. */
#ifndef DETACH_H
#define DETACH_H

#include "cmd.h"

int cancel_detached(const char *name);

/* others.c */
int show_all_detached(void);

#endif /* DETACH_H */
