#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boots a test kernel, locks it down, and tries the module there.

What is run there is lockdown.py. Prints KTAP.
"""

import os
import subprocess
import sys

TESTS = os.path.dirname(os.path.realpath(__file__))
VM = os.path.join(TESTS, "../vm/run")

if __name__ == "__main__":
    sys.exit(subprocess.run([VM, "--kernel", "debian", "--quiet", "--",
                             os.path.join(TESTS, "lockdown.py")],
                            check=False).returncode)
