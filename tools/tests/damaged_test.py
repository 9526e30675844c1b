#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Opens objects that are damaged, with the library built for sanitizers.

Needs no kernel; compiles objects/damage.c, and takes the objects of the suite
"objects". Prints KTAP. Argument: rounds for each object.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../.."))
OBJECTS = os.path.join(TOP, "build/objects")
DAMAGE = os.path.join(TOP, "build/objects-damage")
SEED = os.environ.get("BPFSCHED_TEST_SEED", "1")

# With data and types of every kind
NAMES = ["common", "core", "core_neighbour", "function_sections",
         "map_definitions", "map_pointers", "other_section", "pointers",
         "typed_globals", "vtables"]
HANG_GUARD_S = 900


def call(command):
    """Returns (what is wrong, None if nothing is; the output)"""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False,
                              errors="replace", timeout=HANG_GUARD_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error), ""
    if done.returncode:
        return f"exit status {done.returncode}\n{done.stdout}", done.stdout
    return None, done.stdout


def build():
    """Returns what is wrong, None if nothing is"""
    problem, _ = call(["make", "--no-print-directory", "-C",
                       os.path.join(TOP, "tools"), "objects"])
    if problem:
        return problem
    return call(["cc", "-std=gnu11", "-g", "-O1", "-D_GNU_SOURCE",
                 "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                 "-I" + os.path.join(TOP, "include/uapi"), "-o", DAMAGE,
                 os.path.join(HERE, "objects/damage.c")] +
                sorted(glob.glob(os.path.join(TOP, "tools/lib/*.c"))) +
                ["-lbpf"])[0]


def objects(folder):
    """One of each name, by different compilers, without debug sections, which
    nobody reads"""
    compilers = sorted(os.listdir(OBJECTS))
    for number, name in enumerate(NAMES):
        for shift in range(len(compilers)):
            compiler = compilers[(number + shift) % len(compilers)]
            path = os.path.join(OBJECTS, compiler, name + ".bpf.o")
            small = os.path.join(folder, name)
            if not call(["llvm-objcopy", "--wildcard",
                         "--remove-section=.debug*",
                         "--remove-section=.rel.debug*", path, small])[0]:
                yield name, small
                break
        else:
            yield name, None


def check(path, copy, rounds):
    """Returns what is wrong, None if nothing is"""
    if not path:
        return "there is no object"
    problem, output = call([DAMAGE, path, copy, rounds, SEED])
    counts = re.search(r"(\d+) images, (\d+) refused", output)
    if not problem and not (counts and int(counts[1]) and int(counts[2])):
        problem = f"it did not come to anything\n{output}"
    return problem


def main(arguments):
    rounds = arguments[0] if arguments else "3000"
    print(f"KTAP version 1\n# seed {SEED}\n1..{len(NAMES)}", flush=True)
    failed = 0
    problem = build()
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy")
        found = [(name, None) for name in NAMES] if problem else \
            objects(folder)
        for number, (name, path) in enumerate(found, 1):
            reason = problem or check(path, copy, rounds)
            if reason:
                failed += 1
                print("\n".join("# " + line for line in
                                reason.splitlines()[-60:]))
            print(f"{'not ok' if reason else 'ok'} {number} damaged.{name}",
                  flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
