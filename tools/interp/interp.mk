# SPDX-License-Identifier: GPL-2.0
#
# How the interpreter's sources are built in user space: the one place that
# knows which they are. New files of interp/ are picked up.
#
# Needs $(top); sets interp_srcs, interp_cflags, and interp_includes for what
# uses their headers. interp_switch and
# interp_threaded_twice are compiled a second time, without masks, as
# NAME_unmasked.o.

# The threaded dispatcher, which only GCC on x86_64 can build; see Kbuild.
interp_threaded_srcs := $(wildcard $(top)/interp/threaded*.c)
interp_threaded := $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)), \
		     $(interp_threaded_srcs))
interp_switch := $(top)/interp/switch.c
# Arithmetic has nothing to mask.
interp_threaded_twice := $(filter-out %/threaded_alu.c,$(interp_threaded))
interp_srcs := $(filter-out $(interp_threaded_srcs), \
		 $(wildcard $(top)/interp/*.c))

# The kernel's own choice of C; its headers come before the system's.
interp_includes := -I$(top)/tools/interp/include -I$(top)/include \
		   -I$(top)/interp
interp_cflags := -std=gnu11 -D_GNU_SOURCE= -fwrapv -fno-strict-aliasing \
		 $(interp_includes) -Wall -Werror \
		 -Wno-format-truncation -Wno-override-init

# As in Kbuild: a tree of branches.
switch_cflags := -fno-jump-tables
# As in Kbuild: the calls at the end of handlers are jumps. No sanitizers.
interp_threaded_cflags := $(interp_cflags) -O2 -foptimize-sibling-calls \
			  -fomit-frame-pointer -fno-stack-protector
