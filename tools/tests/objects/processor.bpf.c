// SPDX-License-Identifier: GPL-2.0
/*
 * Made for another processor, as the compiler does when nothing is said.
 *
 * compile: --target=x86_64-linux-gnu
 * expect job: refused: not a BPF object; another processor; -target bpf
 */
#include "return.h"
