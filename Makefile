# SPDX-License-Identifier: GPL-2.0
#
# The verbs of bpfsched; "make help" lists them. What is built and how the
# module is put together is in Kbuild and tools/Makefile.

# The kernel that the module is built for, installed on and inserted into.
KDIR ?= /lib/modules/$(shell uname -r)/build
# The test kernels of "make test"; see tools/vm/README.rst.
KERNEL ?= debian
PCAP ?= tools/examples/capture/lan.pcap

all: module tools

help:
	@echo 'make            build the module for the running kernel, and the tools'
	@echo 'make run        boot a test kernel and show the main job (PCAP=FILE)'
	@echo 'make test       run all tests in test kernels'
	@echo 'make test-debug run them on a kernel with KASAN and lockdep'
	@echo 'make test-long  the random tests of the core, many millions of operations'
	@echo 'make check      sparse, W=1, checkpatch, shellcheck'
	@echo 'make install    install module, command, library and manual (root)'
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

setup-run:
	@tools/vm/setup tools debian

run: setup-run
	+@$(MAKE) --no-print-directory -C tools bpfsched examples
	@tools/vm/run --kernel $(KERNEL) -- tools/demo $(abspath $(PCAP))

test: tools
	@tools/tests/run

test-debug: tools
	@tools/tests/run --kernel debug

test-long: tools
	@tools/tests/run kunit-long

check:
	@tools/check

install: module tools
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules_install
	depmod -a
	+@$(MAKE) --no-print-directory -C tools install

clean:
	+@$(MAKE) --no-print-directory -C tools clean
	rm -rf build
	test ! -e "$(KDIR)/Makefile" || $(MAKE) -C "$(KDIR)" M="$(CURDIR)" clean

.PHONY: all help module tools setup-tools setup-run run test test-debug test-long check \
	install clean
