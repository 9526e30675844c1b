# SPDX-License-Identifier: GPL-2.0
#
# How the interpreter's sources are built in user space: the one place that
# knows which they are. New files of interp/ are picked up.
#
# Needs $(top); sets interp_srcs, and interp_cflags for what includes their
# headers.

# What needs more of a kernel than the headers in include/ give.
interp_not :=
interp_srcs := $(filter-out $(interp_not:%=$(top)/interp/%), \
		 $(wildcard $(top)/interp/*.c))

# The kernel's own choice of C; its headers come before the system's.
interp_cflags := -std=gnu11 -D_GNU_SOURCE= -fwrapv -fno-strict-aliasing \
		 -I$(top)/tools/interp/include -I$(top)/include \
		 -I$(top)/interp -Wall -Werror -Wno-unknown-warning-option \
		 -Wno-format-truncation -Wno-override-init

# As in Kbuild: a tree of branches.
switch_cflags := -fno-jump-tables
