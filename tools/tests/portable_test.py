#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The interpreter without its threaded dispatcher, as it is built for other
machines: what a processor may do, what it promises, and all inputs of the fuzzers.

Needs no kernel. Prints KTAP. The vectors of the suite "native" and the fuzzers
have the same dispatcher beside the threaded one.
"""

import sys

import interp_build
import ktap

TESTS = [("portable." + name, test) for name, test in
         interp_build.tests_of("interp-portable", ["PORTABLE=1"])]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
