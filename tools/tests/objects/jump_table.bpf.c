// SPDX-License-Identifier: GPL-2.0
/*
 * Jumps through a table, the newest instruction.
 *
 * compile: -mcpu=v4
 * compilers: clang-22
 * expect job: refused: function 'job'; jumps through a table; -fno-jump-tables
 */
#include "jump_table.h"
