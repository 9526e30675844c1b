#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Any handler of the interpreter, on any instruction: interp-confine.

Needs no kernel. Prints KTAP. With --all each attempt is made, and not a part of
them.
"""

import os
import sys

import interp_build
import ktap

CONFINE = os.path.join(interp_build.TOP, "build/interp/interp-confine")
CLAMPS = os.path.join(interp_build.INTERP, "clamps.py")


def main():
    share = [] if "--all" in sys.argv[1:] else interp_build.SHARE
    return ktap.main([
        ("confine.build", lambda: interp_build.make(["confine"])),
        ("confine.handlers", lambda: interp_build.passes([CONFINE] + share)),
        ("confine.clamps", lambda: interp_build.passes([CLAMPS])),
    ])


if __name__ == "__main__":
    sys.exit(main())
