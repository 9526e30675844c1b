# SPDX-License-Identifier: GPL-2.0
#
# The verbs of bpfsched; "make help" lists them. What is built and how the
# module is put together is in Kbuild and tools/Makefile.

# The kernel that the module is built for, installed on and inserted into.
KDIR ?= /lib/modules/$(shell uname -r)/build
# The test kernels of "make test"; see tools/vm/README.rst.
KERNEL ?= debian
# How long "make fuzz" runs each fuzzer.
SECONDS ?= 60
PCAP ?= tools/examples/capture/lan.pcap
prefix ?= /usr/local

all: module tools

help:
	@echo 'make            build the module for the running kernel, and the tools'
	@echo 'make run        boot a test kernel and show the main job (PCAP=FILE)'
	@echo 'make test       run all tests in test kernels'
	@echo 'make test-debug run them on a kernel with KASAN and lockdep'
	@echo 'make test-long  random tests of the core, faults planted in copies, arm64'
	@echo 'make bench      measure in User-Mode Linux, print a table, draw plots'
	@echo 'make fuzz       run the fuzzers of the interpreter (SECONDS=N for each)'
	@echo 'make check      sparse, W=1, checkpatch, shellcheck'
	@echo 'make install    install module, headers, command, library and manual (root)'
	@echo 'make clean      remove what was built'
	@echo
	@echo 'KDIR=DIR        build for the kernel whose headers are there'

module:
	@test -e "$(KDIR)/Makefile" || { echo "no kernel headers in $(KDIR):" \
		"install linux-headers-$$(uname -r), or name another kernel's" \
		"with KDIR=DIR" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules

tools: setup-tools
	+@$(MAKE) --no-print-directory -C tools

setup-tools:
	@tools/vm/setup tools

setup-tests:
	@tools/vm/setup tests

setup-run:
	@tools/vm/setup tools debian

run: setup-run
	+@$(MAKE) --no-print-directory -C tools bpfsched examples
	@tools/vm/run --kernel $(KERNEL) -- tools/demo $(abspath $(PCAP))

# the compiler is there before it is looked for
test: setup-tests
	+@$(MAKE) --no-print-directory tools
	@tools/tests/run

test-debug: setup-tests
	+@$(MAKE) --no-print-directory tools
	@tools/tests/run --kernel debug

setup-bench:
	@tools/vm/setup tools uml

bench: setup-bench
	@tools/bench/run

fuzz: setup-tools
	+@$(MAKE) --no-print-directory -C tools/interp fuzz SECONDS=$(SECONDS)

setup-long:
	@tools/vm/setup tools arm64

# the compiler is there before it is looked for
test-long: setup-long
	+@$(MAKE) --no-print-directory tools
	@tools/tests/run confine-full planted arm64 kunit-long

check:
	@tools/check

install: module tools
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules_install
	depmod -a
	+@$(MAKE) --no-print-directory -C tools install
	+@$(MAKE) --no-print-directory install-kernel-api

# What other modules are built with, for the kernel that this one is built for;
# see Documentation/kernel-api.rst.
install-kernel-api: release = $(shell $(MAKE) -s --no-print-directory \
	-C "$(KDIR)" kernelrelease)
install-kernel-api: to = $(DESTDIR)$(prefix)/src/bpfsched/$(release)
install-kernel-api:
	for file in include/linux/bpfsched_kapi.h \
			include/uapi/linux/bpfsched.h \
			Module.symvers; do \
		install -D -m 644 $$file "$(to)/$$file" || exit 1; \
	done

clean:
	+@$(MAKE) --no-print-directory -C tools clean
	rm -rf build
	test ! -e "$(KDIR)/Makefile" || $(MAKE) -C "$(KDIR)" M="$(CURDIR)" clean

.PHONY: all help module tools setup-tools setup-run run test test-debug test-long \
	setup-tests setup-long setup-bench bench fuzz check install install-kernel-api \
	clean
