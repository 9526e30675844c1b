/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions as text, as llvm-objdump writes them. */
#ifndef DISASM_H
#define DISASM_H

#include <stddef.h>

#include <linux/bpf.h>

/* Enough for any instruction. */
#define DISASM_MAX	96

int disasm(const struct bpf_insn *insn, __u32 left, char *text);
const char *disasm_helper(const struct bpf_insn *insn);
int disasm_target(const struct bpf_insn *insn, __u32 slot, __s64 *target);

#endif /* DISASM_H */
