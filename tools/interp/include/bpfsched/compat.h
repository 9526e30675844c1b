/* SPDX-License-Identifier: GPL-2.0 */
/* In user space there is one version: this one. */
#ifndef BPFSCHED_COMPAT_H
#define BPFSCHED_COMPAT_H

#include <linux/types.h>

/* Values are plain bytes, and no map is one program's only. */
#define bpfsched_map_has_special_fields(map)	false
#define bpfsched_map_is_exclusive(map)		false

#define get_unaligned(from)						\
({									\
	const struct {							\
		__typeof__(*(from)) value;				\
	} __attribute__((packed)) *from_ = (const void *)(from);	\
									\
	from_->value;							\
})

#define put_unaligned(what, to)						\
do {									\
	struct {							\
		__typeof__(*(to)) value;				\
	} __attribute__((packed)) *to_ = (void *)(to);			\
									\
	to_->value = (what);						\
} while (0)

#endif /* BPFSCHED_COMPAT_H */
