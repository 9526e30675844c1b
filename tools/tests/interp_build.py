# SPDX-License-Identifier: GPL-2.0
"""The interpreter in user space, built one way or another, and its tests.

A way to build is a list of arguments for make; see tools/interp/Makefile.
"""

import os
import re
import subprocess

import ktap

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../.."))
INTERP = os.path.join(TOP, "tools/interp")
HANG_GUARD_S = 1800

# How much of interp-confine is done where there is not much time
SHARE = ["--share", "7"]


def call(command):
    """Returns (exit status, output); None as the status if it did not run"""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False,
                              errors="replace", timeout=HANG_GUARD_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    return done.returncode, done.stdout


def make(targets, arguments=(), top=TOP):
    """Builds; raises AssertionError with the compiler's words"""
    status, said = call(["make", "-s", "-j2", "--no-print-directory", "-C",
                         os.path.join(top, "tools/interp")] +
                        list(arguments) + targets)
    assert status == 0, said


def judge(status, said):
    """What is wrong with a program that has printed KTAP, None if nothing is"""
    reader = ktap.read(said.splitlines())
    failed = any(result.status != ktap.PASSED for result in reader.results)
    if status or reader.problems or failed:
        return "\n".join([f"exit status {status}"] + reader.problems + [said])
    return None


def passes(command):
    """A test: all tests of the program @command pass, and none is skipped"""
    problem = judge(*call(command))
    assert not problem, problem


def replays(command, inputs):
    """A test: a replayer reads all of the folders @inputs, and most of what is
    there are programs"""
    status, said = call(command + inputs)
    count = sum(len(os.listdir(folder)) for folder in inputs)
    assert status == 0, said
    assert f"inputs: {count}\n" in said, f"there are {count} inputs\n{said}"
    taken = re.search(r"taken: (\d+)", said)
    assert taken and int(taken[1]) > count // 2, said


def seeds():
    """The folder of what the fuzzers begin with"""
    folder = os.path.join(TOP, "build/interp-fuzz/seeds")
    status, said = call([os.path.join(INTERP, "fuzz/seeds.py"), folder])
    assert status == 0, said
    return folder


def tests_of(folder, arguments, runner=()):
    """The tests that any dispatcher has to pass on any machine.

    folder: where they are built, below build; arguments: of make; runner: what
    runs programs of that machine
    """
    def program(name):
        return list(runner) + [os.path.join(TOP, "build", folder, name)]

    def build():
        make(["all", "confine", "promises", "replayers"], arguments)

    def replay(name):
        replays(program("replay-" + name),
                [os.path.join(INTERP, "fuzz/corpus"), seeds()])

    return [
        ("build", build),
        ("confine", lambda: passes(program("interp-confine") + SHARE)),
        ("promises", lambda: passes(program("interp-promises"))),
        ("replay.any", lambda: replay("any")),
        ("replay.agree", lambda: replay("agree")),
        ("replay.pause", lambda: replay("pause")),
    ]
