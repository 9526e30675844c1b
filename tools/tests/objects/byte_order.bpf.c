// SPDX-License-Identifier: GPL-2.0
/*
 * Made for the other byte order.
 *
 * compile: --target=bpfeb
 * expect job: refused: other byte order; -target bpf
 */
#include "return.h"
