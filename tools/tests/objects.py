#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the loader makes of objects that compilers make. Prints KTAP.

Each source in objects/ says in its first comment how it is to be compiled and
what is to come out, for each of its programs:

  compile: FLAGS          further flags for the compiler
  objcopy: FLAGS          what llvm-objcopy is to do with the object
  compilers: NAME...      only these compilers can make it
  expect PROGRAM [CONTEXT]: 0xR0
  expect PROGRAM [CONTEXT]: fault KIND
  expect PROGRAM: refused: WORDS; WORDS...    what the message has, one line

The Makefile compiles them by each compiler that there is. Runs in a test kernel,
as root, with the module inserted and bpfsched in PATH. Arguments: patterns of the
names of tests to run; none: all.
"""

import glob
import json
import os
import re
import subprocess
import sys

import ktap

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCES = os.path.join(HERE, "objects")
BUILD = os.path.realpath(os.path.join(HERE, "../../build/objects"))

SETTING = re.compile(r"^ \* (compile|compilers): (.*)$")
EXPECT = re.compile(r"^ \* expect (\w+)(?: ([0-9a-f]+))?: (.*)$")

HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))


class Source:
    """A source and what is expected of its object

    compilers: those that can compile it, None: all
    expectations: [(program, context, text)]
    """

    def __init__(self, path):
        self.name = os.path.basename(path).partition(".")[0]
        self.compilers = None
        self.expectations = []
        with open(path, encoding="utf-8") as file:
            for line in file:
                self._read(line.rstrip("\n"))
                if line == " */\n":
                    break
        assert self.expectations, f"{path} expects nothing"

    def _read(self, line):
        setting, expect = SETTING.match(line), EXPECT.match(line)
        if setting and setting[1] == "compilers":
            self.compilers = setting[2].split()
        if expect:
            self.expectations.append(expect.groups())

    def is_for(self, compiler):
        return not self.compilers or compiler in self.compilers


def run(path, program, context):
    """Runs a program; returns its completion, or why there is none"""
    command = ["bpfsched", "-j", "run", path, program]
    if context:
        command += ["--context", context]
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          timeout=HANG_GUARD_S)
    if done.returncode < 0:
        raise AssertionError(f"{' '.join(command)}: signal "
                             f"{-done.returncode}\n{done.stderr}")
    end = json.loads(done.stdout)
    return end.get("error", end)


def check(path, program, context, text):
    """Raises AssertionError if something else comes out"""
    got = run(path, program, context)
    kind, _, words = text.partition(": ")
    if kind == "refused":
        assert isinstance(got, str), f"{program}: {got}, want {text}"
        assert "\n" not in got, f"{program}: not one line: {got}"
        for word in words.split("; "):
            assert word in got, f"{program}: no \"{word}\" in {got}"
        return
    assert isinstance(got, dict), f"{program}: {got}, want {text}"
    if text.startswith("fault "):
        fault = got.get("fault", {}).get("kind")
        assert fault == text.split()[1], f"{program}: {got}, want {text}"
        return
    assert got["status"] == "ok" and int(got["r0"], 16) == int(text, 16), \
        f"{program} {context or ''}: {got['status']}, {got.get('r0')}, " \
        f"want {text}"


def check_object(source, path):
    """What is wrong with it, None if nothing is"""
    problems = []
    for program, context, text in source.expectations:
        try:
            check(path, program, context, text)
        except (AssertionError, ValueError, KeyError,
                subprocess.TimeoutExpired) as error:
            problems.append(str(error))
    return "\n".join(problems) or None


def main(patterns):
    sources = [Source(path) for path in
               sorted(glob.glob(os.path.join(SOURCES, "*.bpf.c*")))]
    compilers = sorted(os.listdir(BUILD))
    tests = [(f"objects.{source.name}.{compiler}", source,
              os.path.join(BUILD, compiler, source.name + ".bpf.o"))
             for source in sources for compiler in compilers
             if source.is_for(compiler)]
    tests += [(f"objects.{source.name}.{compiler}", source, None)
              for source in sources for compiler in source.compilers or []
              if compiler not in compilers]
    tests = ktap.select(tests, patterns)
    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, source, path) in enumerate(tests, 1):
        if not path:
            print(f"ok {number} {name} # SKIP no such compiler", flush=True)
            continue
        problem = check_object(source, path)
        if problem:
            failed += 1
            print("\n".join("# " + line for line in problem.splitlines()))
        print(f"{'not ok' if problem else 'ok'} {number} {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
