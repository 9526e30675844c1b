/* SPDX-License-Identifier: GPL-2.0 */
/* SIGINT and SIGTERM while jobs are on their way: they are cancelled. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include "cmd.h"

void interrupt_catch(void);
bool interrupted(void);
void interrupt_cancel(int fd);
int interrupt_status(int status);

#endif /* INTERRUPT_H */
