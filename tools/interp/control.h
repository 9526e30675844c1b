/* SPDX-License-Identifier: GPL-2.0 */
/* What the benchmark compares with. */
#ifndef CONTROL_H
#define CONTROL_H

#include <linux/types.h>
#include <uapi/linux/bpf.h>

u64 control_run(const struct bpf_insn *insn, void *context, u32 len);

#endif /* CONTROL_H */
