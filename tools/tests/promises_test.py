#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What is left in a state, what helpers count, and what rights they ask for:
interp-promises.

Needs no kernel. Prints KTAP.
"""

import os
import sys

import interp_build
import ktap

PROMISES = os.path.join(interp_build.TOP, "build/interp/interp-promises")

TESTS = [
    ("promises.build", lambda: interp_build.make(["promises"])),
    ("promises.all", lambda: interp_build.passes([PROMISES])),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
