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

# What is built may be a copy of the sources that kbuild needs, and no more
scripts := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))tools

all: module tools

help:
	@echo 'make            build the module for the running kernel, and the tools'
	@echo 'make run        boot a test kernel and show the main job (PCAP=FILE)'
	@echo 'make test       run all tests in test kernels'
	@echo 'make test-matrix run them on other kernels, print a table (two hours)'
	@echo 'make test-debug run them on a kernel with KASAN and lockdep'
	@echo 'make test-long  random tests of the core, faults planted in copies, arm64'
	@echo 'make test-packages  install Debian packages in systems of their own, boot these'
	@echo 'make bench      measure in User-Mode Linux, print a table, draw plots'
	@echo 'make fuzz       run the fuzzers of the interpreter (SECONDS=N for each)'
	@echo 'make check      sparse, W=1, checkpatch, shellcheck'
	@echo 'make docs       build the documentation as HTML, in build/docs'
	@echo 'make deb        build Debian packages, in build/deb'
	@echo 'make install    install module, command, library, manual, udev rule, unit (root)'
	@echo 'make uninstall  remove what install has installed'
	@echo 'make clean      remove what was built'
	@echo
	@echo 'KDIR=DIR        build for the kernel whose headers are there'
	@echo 'DESTDIR=DIR     install below that folder, and touch nothing else'

module:
	@test -e "$(KDIR)/Makefile" || { echo "no kernel headers in $(KDIR):" \
		"install linux-headers-$$(uname -r), or name another kernel's" \
		"with KDIR=DIR" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules
	"$(scripts)/module-btf" "$(release)" bpfsched.ko

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

test-matrix: setup-tests
	+@$(MAKE) --no-print-directory tools
	@tools/tests/matrix

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

setup-packages:
	@tools/vm/setup tools packages

test-packages: setup-packages
	@tools/tests/run packages

check:
	@tools/check

setup-docs:
	@tools/vm/setup docs

docs: setup-docs
	sphinx-build -q -W --keep-going -b html -d build/docs-doctrees \
		Documentation build/docs
	@echo build/docs/index.html

setup-deb:
	@tools/vm/setup tools deb

deb: setup-deb
	@tools/deb

# Below DESTDIR all is staged: nothing else of this system is touched. The modules
# can be put elsewhere with INSTALL_MOD_PATH, as the kernel's own can.
INSTALL_MOD_PATH ?= $(DESTDIR)
# The compiler's debug information is 60 MB
INSTALL_MOD_STRIP ?= 1
# Of headers that are packaged, make kernelrelease does not tell the whole name
release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' \
	    "$(KDIR)/include/generated/utsrelease.h")
module_names := bpfsched bpfsched_test bpfsched_bench

install: install-module install-tools install-system install-kernel-api

# Who has no key does not sign; the distribution's own key is nowhere
unsigned = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

install-module: module
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" DEPMOD=true INSTALL_MOD_DIR=updates \
		INSTALL_MOD_PATH="$(INSTALL_MOD_PATH)" \
		INSTALL_MOD_STRIP="$(INSTALL_MOD_STRIP)" $(unsigned) modules_install
	@test -n "$(INSTALL_MOD_PATH)" || depmod -a "$(release)"

# The source of the module alone, which DKMS builds for each kernel
version := $(shell sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' sched_core/main.c)
dkms_dir = $(DESTDIR)/usr/src/bpfsched-$(version)

install-dkms:
	install -d "$(dkms_dir)"
	cp -R Kbuild COPYING include sched_core policies interp "$(dkms_dir)"
	find "$(dkms_dir)" -type f ! -name '*.[ch]' ! -name Kbuild ! -name COPYING \
		-delete
	install tools/module-btf "$(dkms_dir)"
	chmod -R u=rwX,go=rX "$(dkms_dir)"
	sed 's/#MODULE_VERSION#/$(version)/' dkms.conf >"$(dkms_dir)/dkms.conf"

install-tools: tools
	+@$(MAKE) --no-print-directory -C tools install

install-system:
	+@$(MAKE) --no-print-directory -C tools/system install

# What other modules are built with, for the kernel that this one is built for;
# see Documentation/kernel-api.rst.
api_dir = $(DESTDIR)$(prefix)/src/bpfsched/$(release)
api_files := include/linux/bpfsched_kapi.h include/uapi/linux/bpfsched.h \
	     Module.symvers

install-kernel-api: module
	for file in $(api_files); do \
		install -D -m 644 $$file "$(api_dir)/$$file" || exit 1; \
	done

uninstall-module:
	for name in $(module_names); do \
		rm -f "$(INSTALL_MOD_PATH)/lib/modules/$(release)/updates/$$name".ko*; \
	done
	@test -n "$(INSTALL_MOD_PATH)" || depmod -a "$(release)"

uninstall: uninstall-module
	for file in $(api_files); do rm -f "$(api_dir)/$$file"; done
	-find "$(DESTDIR)$(prefix)/src/bpfsched" -type d -empty -delete 2>/dev/null
	+@$(MAKE) --no-print-directory -C tools uninstall
	+@$(MAKE) --no-print-directory -C tools/system uninstall

clean:
	+@$(MAKE) --no-print-directory -C tools clean
	rm -rf build
	test ! -e "$(KDIR)/Makefile" || $(MAKE) -C "$(KDIR)" M="$(CURDIR)" clean

.PHONY: all help module tools setup-tools setup-run run test test-matrix test-debug test-long \
	test-packages setup-packages setup-tests setup-long setup-bench setup-deb setup-docs \
	bench fuzz check install install-module install-tools install-system install-kernel-api \
	install-dkms uninstall uninstall-module docs deb clean
