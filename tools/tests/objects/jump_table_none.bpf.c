// SPDX-License-Identifier: GPL-2.0
/*
 * The same as in jump_table.bpf.c, with what is said there to help.
 *
 * compile: -fno-jump-tables -mcpu=v3
 * expect job 05000000000000000000000000000000: 0x3d
 * expect job 0d000000000000000000000000000000: 0xd9
 */
#include "jump_table.h"
