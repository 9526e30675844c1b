/* SPDX-License-Identifier: GPL-2.0 */
/* Relocations against types (CO-RE). */
#ifndef BPFSCHED_CORE_H
#define BPFSCHED_CORE_H

#include <linux/bpf.h>

#include "btf.h"

const char *bpfs_core_value(const struct bpfs_btf *btf,
			    const struct bpf_core_relo *relo, __u64 *value);
bool bpfs_core_is_bit_field(const struct bpfs_btf *btf,
			    const struct bpf_core_relo *relo);
__u64 bpfs_core_get(const struct bpf_insn *insn);
bool bpfs_core_set(struct bpf_insn *insn, __u64 value);

#endif /* BPFSCHED_CORE_H */
