/* SPDX-License-Identifier: GPL-2.0 */
/* In user space all that is not static can be called. */
#ifndef BPFSCHED_VISIBILITY_H
#define BPFSCHED_VISIBILITY_H

#define EXPORT_SYMBOL_FOR_KUNIT(symbol)

#endif /* BPFSCHED_VISIBILITY_H */
