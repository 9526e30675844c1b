/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bpfsched_test.ko and bpfsched_bench.ko may call.
 *
 * Tests and benchmarks are modules of their own, so the functions that they
 * call must be exported; in a name space that nothing else imports, and only
 * where the kernel can run the tests.
 */
#ifndef BPFSCHED_VISIBILITY_H
#define BPFSCHED_VISIBILITY_H

#include <linux/export.h>
#include <linux/kconfig.h>

#if !IS_ENABLED(CONFIG_KUNIT)
#define EXPORT_SYMBOL_FOR_KUNIT(symbol)
#elif defined(KERNEL_HAS_STRING_NAMESPACES)
#define EXPORT_SYMBOL_FOR_KUNIT(symbol) \
	EXPORT_SYMBOL_NS_GPL(symbol, "BPFSCHED_KUNIT")
#else
#define EXPORT_SYMBOL_FOR_KUNIT(symbol) \
	EXPORT_SYMBOL_NS_GPL(symbol, BPFSCHED_KUNIT)
#endif

#endif /* BPFSCHED_VISIBILITY_H */
