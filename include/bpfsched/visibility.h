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
#include <linux/version.h>

#if IS_ENABLED(CONFIG_KUNIT) && \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define EXPORT_SYMBOL_FOR_KUNIT(symbol) \
	EXPORT_SYMBOL_NS_GPL(symbol, "BPFSCHED_KUNIT")
#elif IS_ENABLED(CONFIG_KUNIT)
#define EXPORT_SYMBOL_FOR_KUNIT(symbol) \
	EXPORT_SYMBOL_NS_GPL(symbol, BPFSCHED_KUNIT)
#else
#define EXPORT_SYMBOL_FOR_KUNIT(symbol)
#endif

#endif /* BPFSCHED_VISIBILITY_H */
