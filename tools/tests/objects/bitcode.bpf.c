// SPDX-License-Identifier: GPL-2.0
/*
 * No object at all.
 *
 * compile: -emit-llvm
 * expect job: refused: not an ELF object; LLVM bitcode; -emit-llvm
 */
#include "return.h"
