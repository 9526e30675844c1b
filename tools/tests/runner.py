# SPDX-License-Identifier: GPL-2.0
"""Runs test suites in test kernels and adds up their results.

A suite is a program that prints KTAP. Suites of one kernel share one boot:
./guest runs them there and keeps what they printed, which is what counts; what
comes over the console meanwhile is shown as progress.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import guide
import ktap

TESTS = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(TESTS, "../.."))
BUILD = os.path.join(TOP, "build")
VM = os.path.join(TOP, "tools/vm/run")

# Suites for which it matters how a kernel schedules
SCHEDULING = ["order", "timing", "periodic", "preemption", "queue",
              "admission"]

END_TO_END = ["abi", "submission", "changes"] + SCHEDULING + [
    "records", "jobs", "programs", "maps", "helpers", "twins", "examples",
    "objects", "library", "python", "command", "tutorial", "kapi", "system",
    "service", "suspend", "removal", "hostile"]

# The suites that are run without being named, by kernel, in their order; "host"
# is no kernel but this machine
DEFAULT_PLAN = {
    "host": ["runner", "vm", "bench", "headers", "install", "native", "dump",
             "damaged", "growth", "fuzz-corpus", "confine", "promises",
             "portable", "speculation", "python-types", "lockdown"],
    "uml": ["kunit", "conformance"],
    "debian": END_TO_END + ["stress"],
    "debian-rt": SCHEDULING + ["stress"],
    # what depends on the kernel most; the rest is done by ./matrix
    "6.12": ["abi", "order", "timing", "programs", "maps", "helpers", "system"],
}
DEBUG_PLAN = {"debug": ["kunit"] + END_TO_END + ["stress-full",
                                                 "stress-faults"]}
LONG_PLAN = {"host": ["confine-full", "planted", "arm64"],
             "uml": ["kunit-long"]}
PACKAGES_PLAN = {"host": ["packages"]}
SIGNED_PLAN = {"clang": ["signed"]}
PLANS = [DEFAULT_PLAN, DEBUG_PLAN, LONG_PLAN, PACKAGES_PLAN, SIGNED_PLAN]

SUITES = sorted({suite for plan in PLANS
                 for suites in plan.values() for suite in suites})

WITH_KUNIT = ["uml", "uml-latest", "debug", "clang"]

# Seconds from boot to power-off
TIME_LIMITS = {"debug": 10800}
DEFAULT_TIME_LIMIT = 3600


def first_kernel(suite):
    """Where a suite is run if nothing is said"""
    for plan in PLANS:
        for kernel, suites in plan.items():
            if suite in suites:
                return kernel
    raise ValueError(suite)


def make_plan(suites, kernel):
    """{kernel: [suite]} for what was asked for on the command line"""
    if not suites:
        if kernel == "debug":
            return DEBUG_PLAN
        if kernel:
            suites = [suite for suites in DEFAULT_PLAN.values()
                      for suite in suites if runs_on(suite, kernel)]
            return {kernel: list(dict.fromkeys(suites))}
        return DEFAULT_PLAN
    plan = {}
    for suite in suites:
        place = first_kernel(suite)
        if kernel and place != "host":
            place = kernel
        plan.setdefault(place, []).append(suite)
    return plan


def runs_on(suite, kernel):
    """Whether a suite can be run on a kernel that is not its own"""
    if first_kernel(suite) == "host":
        return False
    return suite != "kunit" or kernel in WITH_KUNIT


def count(results, status):
    return sum(result.status == status for result in results)


def in_words(results):
    """How many of the results are what"""
    words = (f"{count(results, ktap.PASSED)} passed, "
             f"{count(results, ktap.FAILED)} failed")
    skipped = count(results, ktap.SKIPPED)
    return f"{words}, {skipped} skipped" if skipped else words


class Report:
    """The results of all suites

    suites: {suite: [ktap.Result]}, in the order in which they were run
    """

    def __init__(self, output=sys.stdout):
        self.suites = {}
        self._output = output
        self._shown = set()

    def add(self, suite, results):
        """Takes the results of a suite; shows the failures among them"""
        self.suites.setdefault(suite, []).extend(results)
        for result in results:
            self.show(suite, result)

    def name(self, suite, kernel):
        """What a suite is called here: after its kernel too, the second time"""
        return f"{suite} ({kernel})" if suite in self.suites else suite

    def show(self, suite, result):
        """Shows a test that failed, the first time"""
        if result.status != ktap.FAILED or (suite, result.name) in self._shown:
            return
        self._shown.add((suite, result.name))
        self.print(f"FAILED {suite}: {result.name}")
        for detail in result.details:
            self.print("    " + detail.removeprefix("# "))

    def print(self, text):
        print(text, file=self._output, flush=True)

    def summary(self):
        """Prints the table, what was skipped, and the last line"""
        width = max([len("suite")] + [len(suite) for suite in self.suites])
        self.print(f"\n{'suite':{width}}  passed  failed  skipped")
        for suite, results in self.suites.items():
            counts = [count(results, status) for status in
                      (ktap.PASSED, ktap.FAILED, ktap.SKIPPED)]
            self.print(f"{suite:{width}}  {counts[0]:6}  {counts[1]:6}  "
                       f"{counts[2]:7}")
        for suite, results in self.suites.items():
            for result in results:
                if result.status == ktap.SKIPPED:
                    reason = " ".join(detail.removeprefix("# ")
                                      for detail in result.details)
                    self.print(f"skipped {suite}: {result.name}: {reason}")
        self.print(in_words([result for results in self.suites.values()
                             for result in results]))

    def failed(self):
        """Whether anything failed, or nothing was run"""
        results = [result for results in self.suites.values()
                   for result in results]
        return (count(results, ktap.FAILED) > 0 or
                count(results, ktap.PASSED) == 0)

    def write(self, path):
        """{suite: {test: status}} as JSON"""
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.statuses(), file, indent=1)

    def statuses(self):
        return {suite: {result.name: result.status for result in results}
                for suite, results in self.suites.items()}


def judge(lines, status):
    """The results of a suite from its output and its exit status

    What is wrong with the suite as a whole is a test of its own that failed.
    lines: None if there is no output; status: None if it did not end.
    """
    if lines is None:
        return [ktap.Result("(suite)", ktap.FAILED, ["was not run"])]
    reader = ktap.read(lines)
    problems = list(reader.problems)
    failed = any(result.status == ktap.FAILED for result in reader.results)
    if status is None:
        problems.append("did not end")
    elif status and not failed and not problems:
        problems.append(f"exit status {status}, though no test failed")
    elif not status and (failed or problems):
        problems.append("exit status 0, in spite of that")
    if not problems:
        return reader.results
    context = problems + reader.closing[-40:]
    return reader.results + [ktap.Result("(suite)", ktap.FAILED, context)]


def read_file(path):
    """The lines of a file, None if there is none"""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return None


def read_suite(folder, suite):
    """The results of a suite that ./guest has run"""
    status = read_file(os.path.join(folder, suite + ".status"))
    lines = read_file(os.path.join(folder, suite + ".ktap"))
    return judge(lines, int(status[0]) if status else None)


def closing_lines(folder, suite):
    """What a suite said after its last result"""
    return ktap.read(read_file(os.path.join(folder, suite + ".ktap"))
                     or []).closing


class Progress:
    """Follows what comes over the console

    ended: {suite: counts in words} of the suites that came to their end
    """

    def __init__(self, report, kernel, terminal):
        self.ended = {}
        self._report = report
        self._kernel = kernel
        self._terminal = terminal
        self._suite = None
        self._reader = None

    def line(self, text):
        if text.startswith("@suite ") or text == "@end":
            self._end_suite()
            self._suite = text.split()[1] if " " in text else None
            self._reader = ktap.Reader()
        elif self._suite:
            result = self._reader.line(text)
            if result and result.status == ktap.FAILED:
                self.clear()
                self._report.show(self._report.name(self._suite,
                                                    self._kernel), result)
        self._show()

    def _end_suite(self):
        if not self._suite:
            return
        self.clear()
        words = in_words(self._reader.results)
        self._report.print(f"{self._kernel}: {self._suite}: {words}")
        self.ended[self._suite] = words

    def clear(self):
        """Removes the line that is written over and over"""
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def _show(self):
        if self._terminal and self._suite:
            print(f"\r\033[K{self._kernel}: {self._suite}: "
                  f"{len(self._reader.results)} of "
                  f"{self._reader.plan or '?'}", end="", flush=True)


def relay(stream, kept):
    """Passes on what a test kernel's runner says, and keeps it"""
    for line in stream:
        kept.append(line.rstrip("\n"))
        print(line, end="", file=sys.stderr, flush=True)


def boot(kernel, suites, folder, progress, vm=VM):
    """Runs suites in a test kernel; returns what is wrong with the kernel"""
    command = [vm, "--kernel", kernel, "--out", folder, "--timeout",
               str(TIME_LIMITS.get(kernel, DEFAULT_TIME_LIMIT)), "--",
               os.path.join(TESTS, "guest"), folder] + suites
    said, ended = [], False
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="replace") as process:
        errors = threading.Thread(target=relay, args=(process.stderr, said))
        try:
            errors.start()
            for line in process.stdout:
                ended |= line.strip() == "@end"
                progress.line(line.rstrip("\n"))
        except BaseException:
            process.terminate()  # and its test kernel with it
            raise
        finally:
            if errors.ident:
                errors.join()
    if process.returncode:
        return [f"exit status {process.returncode}"] + said[-60:]
    if not ended:
        return ["it ended before all suites were run"] + said[-60:]
    return []


def run_kernel(report, kernel, suites, vm=VM):
    """Boots a test kernel, runs suites in it, and adds up"""
    folder = os.path.join(BUILD, "test-logs", kernel)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    report.print(f"{kernel}: {' '.join(suites)}")
    progress = Progress(report, kernel, sys.stdout.isatty())
    problems = boot(kernel, suites, folder, progress, vm)
    progress.clear()
    for suite in suites:
        results = read_suite(folder, suite)
        report.add(report.name(suite, kernel), results)
        if progress.ended.get(suite) != in_words(results):
            report.print(f"{kernel}: {suite}: {in_words(results)}")
        for line in closing_lines(folder, suite):
            report.print(f"    {line.removeprefix('# ')}")
    report.add(f"{kernel} kernel",
               [ktap.Result("comes up, runs the suites, reports nothing",
                            ktap.FAILED if problems else ktap.PASSED,
                            problems)])


def end_at_signals():
    """Makes signals exceptions, so that test kernels do not outlive this"""
    def end(number, _):
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def run_host(report, suites):
    """Runs the suites that need no test kernel"""
    for suite in suites:
        done = subprocess.run([os.path.join(TESTS, suite + "_test.py")],
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False)
        results = judge(done.stdout.splitlines(), done.returncode)
        report.add(suite, results)
        report.print(f"host: {suite}: {in_words(results)}")


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/tests/run", description="Run tests in test kernels.",
        epilog="With --kernel debug and no SUITE: KUnit, end to end, and the "
        "full stress test. Logs are kept in build/test-logs.")
    parser.add_argument("--kernel", help="run the suites on this test kernel "
                        "(see tools/vm/run --help)")
    parser.add_argument("suites", nargs="*", metavar="SUITE",
                        help=f"one of: {', '.join(SUITES)}; e2e: all end to "
                        "end. None: all, and the table of the guide")
    options = parser.parse_args(arguments)
    suites = []
    for suite in options.suites:
        if suite != "e2e" and suite not in SUITES:
            parser.error(f"there is no suite {suite}")
        for name in END_TO_END if suite == "e2e" else [suite]:
            if name not in suites:
                suites.append(name)
    options.suites = suites
    return options


def main(arguments):
    """Returns the exit status"""
    options = parse_arguments(arguments)
    end_at_signals()
    report = Report()
    os.makedirs(BUILD, exist_ok=True)
    for kernel, suites in make_plan(options.suites, options.kernel).items():
        if kernel == "host":
            run_host(report, suites)
        else:
            run_kernel(report, kernel, suites)
    if not options.suites and not options.kernel:
        rows = guide.check(report.statuses())
        report.add("guide", rows)
        report.print(f"guide: {in_words(rows)}")
    report.write(os.path.join(BUILD, "test-results.json"))
    report.summary()
    return 1 if report.failed() else 0
