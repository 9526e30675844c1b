/* SPDX-License-Identifier: GPL-2.0 */
#include <limits.h>
#include <linux/kernel.h>
