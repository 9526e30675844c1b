// SPDX-License-Identifier: GPL-2.0
/*
 * The tests as a module. It has nothing to do when it is loaded: KUnit finds
 * the suites in it and runs them.
 */
#include <linux/module.h>

#include <bpfsched/compat.h>

MODULE_DESCRIPTION("KUnit tests of bpfsched");
MODULE_AUTHOR("The bpfsched authors");
MODULE_VERSION("0.2.0");
MODULE_LICENSE("GPL");
BPFSCHED_IMPORT_NS(BPFSCHED_KUNIT);
