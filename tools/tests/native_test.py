#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The conformance vectors, with each engine of the interpreter in user space.

Needs no kernel. Prints KTAP.
"""

import os
import subprocess
import sys

import conformance

PLUGIN = os.path.join(conformance.HERE, "../interp/conformance-plugin")


def engines():
    """Names of the engines, from the program that runs them"""
    done = subprocess.run([PLUGIN, "--list-engines"], capture_output=True,
                          text=True, check=True)
    return done.stdout.split()


def main():
    """Returns the exit status"""
    return conformance.main({name: [PLUGIN, "--engine", name]
                             for name in engines()})


if __name__ == "__main__":
    sys.exit(main())
