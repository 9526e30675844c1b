# SPDX-License-Identifier: GPL-2.0
"""KTAP: printing it, and reading it strictly."""

import fnmatch
import re
import sys
import traceback

HEADER = re.compile(r"K?TAP version 1[34]?$")
PLAN = re.compile(r"1\.\.(\d+)(?:\s+# SKIP.*)?$")
RESULT = re.compile(r"(not )?ok (\d+)(?: -)?(?: ([^#]*?))?\s*(?:# (.*))?$")

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Result:
    """How one test ended, and what it said before"""

    def __init__(self, name, status, details=()):
        self.name = name
        self.status = status
        self.details = list(details)

    def __repr__(self):
        return f"{self.name}: {self.status}"


class Reader:
    """Reads KTAP, line by line.

    results: the tests so far; a line that is neither a result nor part of
        the frame is a detail of the test that follows it
    plan: number of tests that were announced, or None
    problems: what is wrong with the document; complete after finish()
    closing: what was said after the last result; set by finish()
    """

    def __init__(self):
        self.results = []
        self.plan = None
        self.problems = []
        self.closing = []
        self._seen_header = False
        self._details = []

    def line(self, text):
        """Takes one line. Returns the Result that it completes, or None."""
        text = text.rstrip("\r\n")
        if HEADER.match(text):
            self._header()
        elif PLAN.match(text):
            self._plan(int(PLAN.match(text)[1]))
        elif RESULT.match(text):
            return self._result(*RESULT.match(text).groups())
        elif text.startswith("Bail out!"):
            self.problems.append(text)
        elif text.strip():
            self._details.append(text)
        return None

    def finish(self):
        """No more lines"""
        if not self._seen_header:
            self.problems.append("there is no KTAP header")
        if self.plan is None:
            self.problems.append("there is no plan")
        elif self.plan == 0:
            self.problems.append("the plan has no tests")
        elif self.plan != len(self.results):
            self.problems.append(f"the plan has {self.plan} tests, but there "
                                 f"are {len(self.results)} results")
        self.closing = self._details
        self._details = []

    def _header(self):
        if self._seen_header:
            self.problems.append("a second KTAP header")
        self._seen_header = True

    def _plan(self, count):
        if self.plan is not None:
            self.problems.append("a second plan")
        elif self.results:
            self.problems.append("the plan comes after results")
        self.plan = count

    def _result(self, negated, number, name, directive):
        name = (name or "").strip() or f"(test {number} has no name)"
        if int(number) != len(self.results) + 1:
            self.problems.append(f"result {number} ({name}) comes after "
                                 f"{len(self.results)} others")
        if any(result.name == name for result in self.results):
            self.problems.append(f"two tests are called {name}")
        status = FAILED if negated else PASSED
        if directive and directive.upper().startswith("SKIP") and not negated:
            status = SKIPPED
            self._details.append("# " + directive)
        elif directive:
            self._details.append("# " + directive)
        result = Result(name, status, self._details)
        self._details = []
        self.results.append(result)
        return result


def read(lines):
    """Reads a whole document; returns its Reader"""
    reader = Reader()
    for line in lines:
        reader.line(line)
    reader.finish()
    return reader


class Skip(Exception):
    """Raised by a test that cannot run here"""


def show(text):
    """Prints diagnostics"""
    for line in str(text).splitlines() or [""]:
        print("# " + line)


def _run(test):
    try:
        test()
    except Skip as skip:
        show(f"skipped: {skip}")
        return SKIPPED
    except AssertionError as error:
        where = traceback.extract_tb(error.__traceback__)
        for frame in where[1:]:
            show(f"{frame.filename}:{frame.lineno}: {frame.line}")
        show(error)
        return FAILED
    except Exception:  # pylint: disable=broad-except
        show(traceback.format_exc())
        return FAILED
    return PASSED


def select(tests, patterns):
    """The tests, (name, ...), whose names one of the patterns fits; all if none"""
    return [test for test in tests
            if any(fnmatch.fnmatch(test[0], pattern)
                   for pattern in patterns or ["*"])]


def main(tests, after=None):
    """Runs tests, a list of (name, function), and prints KTAP.

    A test fails by raising AssertionError. after() is run after each; what it
    raises fails the test. Returns the exit status.
    """
    failed = 0
    print(f"KTAP version 1\n1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        status = _run(test)
        if after and _run(after) == FAILED:
            status = FAILED
        failed += status == FAILED
        print(f"{'not ok' if status == FAILED else 'ok'} {number} {name}"
              f"{' # SKIP' if status == SKIPPED else ''}")
        sys.stdout.flush()
    return 1 if failed or not tests else 0
