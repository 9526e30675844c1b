#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs the KUnit suites of bpfsched_test.ko, in a kernel that has KUnit.

The suites run while the module is inserted. Their results are read from
/sys/kernel/debug/kunit/SUITE/results, and printed as one KTAP document whose
tests are called SUITE.CASE. What the log of a test is too small for is looked
up in the kernel's own log. At the end the random operations of all tests are
added up.

Arguments are parameters of the module: scale=N has the random tests do N times
as much as usual, seed=N has them do something else.
"""

import glob
import os
import re
import subprocess
import sys

import ktap

DEBUGFS = "/sys/kernel/debug"
CASE = re.compile(r"    ((?:not )?ok) (\d+)(?: -)? (\S+)(.*)$")
PLAN = re.compile(r"    1\.\.(\d+)$")
END = re.compile(r"((?:not )?ok) \d+(?: -)? (\S+)")
OPERATIONS = re.compile(r"\b(\d+) random operations\b")
TIMESTAMP = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\] ")


def suites():
    return {os.path.basename(os.path.dirname(path)): path
            for path in glob.glob(f"{DEBUGFS}/kunit/*/results")}


class Suite:
    """The results of a suite, from lines of KUnit's output

    cases: (name, passed, skipped, details) of those that have a result
    plan: number of cases
    passed: what the suite says of itself, None if it never did
    """

    def __init__(self, name, lines):
        self.name = name
        self.cases = []
        self.plan = None
        self.passed = None
        details = []
        for line in lines:
            case, plan, end = (expression.match(line)
                               for expression in (CASE, PLAN, END))
            if case:
                self.cases.append((case[3], case[1] == "ok",
                                   "# SKIP" in case[4], details))
                details = []
            elif plan and self.plan is None:
                self.plan = int(plan[1])
            elif end and end[2] == name:
                self.passed = end[1] == "ok"
            else:
                details.append(line)
        self.rest = details

    def operations(self):
        """How many random operations its tests tell of"""
        return sum(int(number) for _, _, _, details in self.cases
                   for line in details for number in OPERATIONS.findall(line))

    def problem(self):
        """What is wrong with it as a whole, None if nothing is"""
        if not self.plan:
            return "has no tests"
        if len(self.cases) != self.plan:
            return f"{len(self.cases)} results for {self.plan} tests"
        if self.passed is None:
            return "did not end"
        if self.passed != all(passed for _, passed, _, _ in self.cases):
            return "contradicts the results of its tests"
        return None


def from_kernel_log(name):
    """The lines of a suite in the kernel's log, as in its results"""
    log = subprocess.run(["dmesg"], capture_output=True, text=True,
                         errors="replace", check=True).stdout
    lines, inside = [], False
    for line in log.splitlines():
        line = TIMESTAMP.sub("", line)
        if line.strip() == f"# Subtest: {name}":
            lines, inside = [], True
        elif inside:
            lines.append(line)
            end = END.match(line)
            inside = not (end and end[2] == name)
    return lines


def read_suite(name, path):
    with open(path, encoding="utf-8", errors="replace") as results:
        suite = Suite(name, results.read().splitlines())
    if suite.problem():
        longer = Suite(name, from_kernel_log(name))
        if len(longer.cases) > len(suite.cases):
            return longer
    return suite


def print_suite(suite, number):
    """Prints the tests of a suite; returns the number of the last"""
    for name, passed, skipped, details in suite.cases:
        number += 1
        for line in details:
            if not passed or skipped or OPERATIONS.search(line):
                ktap.show(line.strip().removeprefix("# "))
        print(f"{'ok' if passed else 'not ok'} {number} {suite.name}.{name}"
              f"{' # SKIP' if skipped and passed else ''}")
    return number


def insert_module(parameters):
    module = os.path.join(os.environ.get("BPFSCHED_MODULE_DIR", "."),
                          "bpfsched_test.ko")
    if not os.path.exists(f"{DEBUGFS}/kunit"):
        subprocess.run(["mount", "-t", "debugfs", "none", DEBUGFS],
                       check=False)
    before = suites()
    subprocess.run(["insmod", module] + parameters, check=True)
    return {name: path for name, path in suites().items()
            if name not in before}


def main(parameters):
    try:
        found = [read_suite(name, path)
                 for name, path in sorted(insert_module(parameters).items())]
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"KTAP version 1\nBail out! {error}")
        return 1
    broken = [suite for suite in found if suite.problem()]
    total = sum(len(suite.cases) for suite in found) + len(broken)
    print(f"KTAP version 1\n1..{total}")
    number = 0
    for suite in found:
        number = print_suite(suite, number)
        if suite.problem():
            number += 1
            for line in suite.rest:
                ktap.show(line.strip().removeprefix("# "))
            ktap.show(suite.problem())
            print(f"not ok {number} {suite.name}")
    operations = sum(suite.operations() for suite in found)
    ktap.show(f"{operations} random operations")
    subprocess.run(["rmmod", "bpfsched_test"], check=True)
    failed = broken or not all(passed for suite in found
                               for _, passed, _, _ in suite.cases)
    return 1 if failed or not number else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
