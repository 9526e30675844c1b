#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs each fuzzer of the interpreter on the inputs that were kept, and on its
seeds.

Needs no kernel; builds the fuzzers. Prints KTAP.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../.."))
INTERP = os.path.join(TOP, "tools/interp")
CORPUS = os.path.join(INTERP, "fuzz/corpus")
SEEDS = os.path.join(TOP, "build/interp-fuzz/seeds")
FUZZERS = ["any", "agree", "pause"]
HANG_GUARD_S = 900
INPUT_HANG_GUARD_S = 300


def build():
    """Returns what is wrong, None if nothing is"""
    for command in (["make", "--no-print-directory", "-C", INTERP, "fuzzers"],
                    [os.path.join(INTERP, "fuzz/seeds.py"), SEEDS]):
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            return done.stdout or f"{command[0]} has failed"
    return None


def replay(fuzzer):
    """Returns what is wrong, None if nothing is"""
    path = os.path.join(TOP, "build/interp-fuzz", "fuzz-" + fuzzer)
    try:
        done = subprocess.run([path, "-runs=0",
                               f"-timeout={INPUT_HANG_GUARD_S}", CORPUS,
                               SEEDS],
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False,
                              errors="replace", timeout=HANG_GUARD_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode:
        return f"exit status {done.returncode}\n{done.stdout}"
    inputs = re.search(r"INFO: seed corpus: files: (\d+)", done.stdout)
    taken = re.search(r"taken: (\d+)", done.stdout)
    expected = len(os.listdir(CORPUS)) + len(os.listdir(SEEDS))
    if not inputs or int(inputs[1]) != expected:
        return f"it did not read all inputs\n{done.stdout}"
    if not taken or int(taken[1]) < int(inputs[1]) // 2:
        return f"most inputs are refused\n{done.stdout}"
    return None


def main():
    print(f"KTAP version 1\n1..{len(FUZZERS)}")
    failed = 0
    problem = build()
    for number, fuzzer in enumerate(FUZZERS, 1):
        reason = problem or replay(fuzzer)
        if reason:
            failed += 1
            print("\n".join("# " + line for line in
                            reason.splitlines()[-60:]))
        print(f"{'not ok' if reason else 'ok'} {number} fuzz.{fuzzer}",
              flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
