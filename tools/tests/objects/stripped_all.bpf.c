// SPDX-License-Identifier: GPL-2.0
/*
 * Without any symbols there are no programs.
 *
 * objcopy: --strip-all
 * expect job: refused: no program; no symbols of functions; strip with -g
 */
#include "return.h"
