#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs the instruction-set conformance vectors, each through the plugin.

usage: conformance.py [PLUGIN [ARGUMENT]...]

Without a plugin it is that of the module, which is inserted anew with each
dispatcher, with masks and without. Prints KTAP. Vectors that use a group of instructions which the module does
not have are not run, and said so at the end; they do not count as passed.
"""

import json
import os
import subprocess
import sys

import module

HERE = os.path.dirname(os.path.realpath(__file__))
VECTORS = os.path.join(HERE, "conformance", "bpf_conformance.jsonl")
PLUGIN = os.path.join(HERE, "conformance-plugin")
GROUPS = {"atomic32", "atomic64", "base32", "base64", "callx", "divmul32",
          "divmul64"}
HANG_GUARD_S = 300


def read_vectors():
    with open(VECTORS, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def run(plugin, vector):
    """Returns what is wrong with the result, None if it is right"""
    try:
        done = subprocess.run([plugin[0], vector["mem"]] + plugin[1:],
                              input=vector["insns"], capture_output=True,
                              text=True, check=False, timeout=HANG_GUARD_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode:
        return f"exit status {done.returncode}: {done.stderr.strip()}"
    want = int(vector["result"], 16)
    try:
        got = int(done.stdout, 16)
    except ValueError:
        return f"output {done.stdout!r} is not a hexadecimal number"
    return None if got == want else f"r0 is {got:#x}, want {want:#x}"


def run_all(plugin, prefix, vectors, first):
    """Runs the vectors, the first as test number @first; returns how many
    failed"""
    failed = 0
    for number, vector in enumerate(vectors, first):
        problem = run(plugin, vector)
        if problem:
            failed += 1
            print(f"# {problem}")
            print(f"# program {vector['insns']}, memory {vector['mem'] or '-'}")
        print(f"{'not ok' if problem else 'ok'} {number} "
              f"{prefix}{vector['name']}", flush=True)
    return failed


def main(plugins, prepare=lambda name: None):
    """Returns the exit status; plugins: {name: path and further arguments};
    prepare(name) is called before the first vector of each"""
    vectors = read_vectors()
    selected = [vector for vector in vectors
                if GROUPS.issuperset(vector["groups"])]
    others = [vector for vector in vectors if vector not in selected]
    failed, first = 0, 1
    print(f"KTAP version 1\n1..{len(plugins) * len(selected)}")
    for name, plugin in plugins.items():
        prepare(name)
        failed += run_all(plugin, name + "." if name else "", selected, first)
        first += len(selected)
    missing = sorted({group for vector in others
                      for group in vector["groups"]} - GROUPS)
    if others:
        print(f"# not run: {len(others)} (groups {', '.join(missing)})")
    return 1 if failed or first == 1 or not selected else 0


def use_engine(name):
    module.remove()
    error = module.insert(*module.engines()[name])
    if error:
        module.insert()
        sys.exit(f"engine {name}: {error}")


def main_in_the_kernel():
    """Returns the exit status"""
    status = main({name: [PLUGIN] for name in module.engines()}, use_engine)
    module.remove()
    return 1 if module.insert() else status


if __name__ == "__main__":
    sys.exit(main({"": sys.argv[1:]}) if sys.argv[1:] else
             main_in_the_kernel())
