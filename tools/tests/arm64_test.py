#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The interpreter on arm64: built by a cross compiler, run by QEMU.

Needs no kernel, but the packages of "tools/vm/setup arm64". Prints KTAP.
"""

import os
import subprocess
import sys

import conformance
import interp_build
import ktap

COMPILER = "aarch64-linux-gnu-gcc"
FOLDER = "interp-aarch64-linux-gnu"
RUNNER = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]


def is_for_arm64():
    path = os.path.join(interp_build.TOP, "build", FOLDER, "interp-run")
    with open(path, "rb") as file:
        header = file.read(20)
    # EM_AARCH64
    assert header[18:20] == b"\xb7\0", header


def vectors():
    """The vectors of the suite "native" """
    program = os.path.join(interp_build.TOP, "build", FOLDER, "interp-run")
    wrong, count = [], 0
    for vector in conformance.read_vectors():
        if not conformance.GROUPS.issuperset(vector["groups"]):
            continue
        count += 1
        command = [RUNNER[0], *RUNNER[1:], program, vector["mem"]]
        done = subprocess.run(command, input=vector["insns"], text=True,
                              capture_output=True, check=False,
                              timeout=interp_build.HANG_GUARD_S)
        if done.returncode or int(done.stdout, 16) != int(vector["result"],
                                                          16):
            wrong.append(f"{vector['name']}: {done.stdout}{done.stderr}")
    assert count and not wrong, "\n".join(wrong)


TESTS = [("arm64." + name, test) for name, test in
         interp_build.tests_of(FOLDER, ["CC=" + COMPILER], RUNNER)]
TESTS[1:1] = [("arm64.machine", is_for_arm64), ("arm64.vectors", vectors)]

if __name__ == "__main__":
    subprocess.run([os.path.join(interp_build.TOP, "tools/vm/setup"), "arm64"],
                   check=True)
    sys.exit(ktap.main(TESTS))
