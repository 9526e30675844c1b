#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of what judges the tests: a test that cannot fail is a defect.

Needs no kernel. Prints KTAP.
"""

import io
import os
import signal
import subprocess
import sys
import tempfile

import guide
import ktap
import kunit
import runner

GOOD = ["KTAP version 1", "1..3", "ok 1 a.b", "# why", "not ok 2 - c",
        "ok 3 d # SKIP no such thing"]


def equal(got, want):
    assert got == want, f"{got!r}, want {want!r}"


def problems(*lines):
    return ktap.read(lines).problems


def statuses(results):
    return [(result.name, result.status) for result in results]


#
# KTAP
#
def ktap_good():
    reader = ktap.read(GOOD)
    equal(reader.problems, [])
    equal(statuses(reader.results), [("a.b", "passed"), ("c", "failed"),
                                     ("d", "skipped")])
    equal(reader.results[1].details, ["# why"])


def ktap_closing():
    equal(ktap.read(GOOD + ["# not run: 3"]).closing, ["# not run: 3"])


def ktap_empty():
    assert problems()
    assert problems("Segmentation fault")


def ktap_no_plan():
    equal(problems("KTAP version 1", "ok 1 a"), ["there is no plan"])


def ktap_plan_not_kept():
    equal(len(problems("KTAP version 1", "1..2", "ok 1 a")), 1)
    assert problems("KTAP version 1", "1..1", "ok 1 a", "ok 2 b")
    assert problems("KTAP version 1", "1..0")
    assert problems("KTAP version 1", "ok 1 a", "1..1")
    assert problems("KTAP version 1", "1..1", "1..1", "ok 1 a")


def ktap_numbers():
    assert problems("KTAP version 1", "1..2", "ok 1 a", "ok 3 b")
    assert problems("KTAP version 1", "1..2", "ok 1 a", "ok 1 b")


def ktap_names():
    assert problems("KTAP version 1", "1..2", "ok 1 a", "ok 2 a")


def ktap_bail_out():
    assert problems("KTAP version 1", "1..1", "ok 1 a", "Bail out! no more")


def ktap_failed_skip():
    """Who says "not ok" has failed, whatever else it says"""
    reader = ktap.read(["KTAP version 1", "1..1", "not ok 1 a # SKIP"])
    equal(statuses(reader.results), [("a", "failed")])


def ktap_producer():
    def failing():
        assert 1 + 1 == 3, "arithmetic"

    def raising():
        raise ValueError("oh")

    def skipping():
        raise ktap.Skip("not today")

    output, sys.stdout = sys.stdout, io.StringIO()
    try:
        status = ktap.main([("a", lambda: None), ("b", failing),
                            ("c", raising), ("d", skipping)])
        text = sys.stdout.getvalue()
        none = ktap.main([])
        broken = ktap.main([("a", lambda: None)], failing)
    finally:
        sys.stdout = output
    reader = ktap.read(text.splitlines())
    equal(reader.problems, [])
    equal([result.status for result in reader.results],
          ["passed", "failed", "failed", "skipped"])
    assert any("arithmetic" in line for line in reader.results[1].details)
    equal((status, none, broken), (1, 1, 1))


#
# Suites
#
def judged(lines, status):
    return statuses(runner.judge(lines, status))


def judge_good():
    lines = ["KTAP version 1", "1..1", "ok 1 a"]
    equal(judged(lines, 0), [("a", "passed")])
    equal(judged(GOOD, 1)[1], ("c", "failed"))
    equal(len(judged(GOOD, 1)), 3)


def judge_bad():
    """Each of these adds a test that failed"""
    lines = ["KTAP version 1", "1..1", "ok 1 a"]
    for output, status in ((None, None), (lines, None), (lines, 1),
                           (lines, 139), (GOOD, 0), ([], 0), ([], 127),
                           (lines[:2], 0), (lines + ["ok 2 b"], 0)):
        results = judged(output, status)
        equal(results[-1], ("(suite)", "failed"))


KUNIT = """\
KTAP version 1
1..1
    KTAP version 1
    # Subtest: policy
    1..3
    ok 1 fifo
    # order: EXPECTATION FAILED at order.c:3
        Expected 1 == 2, but
    not ok 2 order
        KTAP version 1

        # Subtest: lengths
        ok 1 a
        ok 2 b
    # lengths: pass:2 fail:0 skip:0 total:2
    ok 3 - lengths # SKIP not here
# policy: pass:1 fail:1 skip:1 total:3
not ok 1 policy
""".splitlines()


def kunit_suite():
    suite = kunit.Suite("policy", KUNIT)
    equal(suite.problem(), None)
    equal([case[:3] for case in suite.cases],
          [("fifo", True, False), ("order", False, False),
           ("lengths", True, True)])
    assert "EXPECTATION" in suite.cases[1][3][0]


def kunit_bad():
    def problem(lines):
        return kunit.Suite("policy", lines).problem()

    assert problem([])
    assert problem(KUNIT[:-1])
    assert problem([line for line in KUNIT if "1..3" not in line])
    assert problem([line for line in KUNIT if "ok 1 fifo" not in line])
    assert problem(KUNIT[:-1] + ["ok 1 policy"])
    assert problem(KUNIT[:-1] + ["not ok 1 other"])
    assert problem([line.replace("1..3", "1..0") for line in KUNIT])


def kunit_operations():
    lines = [line.replace("lengths: pass:2",
                          "lengths: 12 random operations, from seed 0x1")
             for line in KUNIT]
    suite = kunit.Suite("policy", lines)
    equal(suite.problem(), None)
    equal(suite.operations(), 12)
    equal(kunit.Suite("policy", KUNIT).operations(), 0)


#
# The guide
#
TABLE = """\
The guide
=========

.. list-table::
   :header-rows: 1

   * - Guide
     - Module
     - KUnit
     - End to end
   * - ``submit``
     - SUBMIT
     - ``queue.push``,
       ``queue.full``
     - ``abi: submit.full``
   * - {name}
     - timer
     - {kunit}
     - {end_to_end}

Text behind, ``no.test``.
"""

RAN = {"kunit": {"queue.push": "passed", "queue.full": "passed",
                 "queue.bad": "failed"},
       "abi": {"submit.full": "passed", "submit.no": "skipped"}}


def rows_of(kunit_cell, end_to_end_cell, results=None):
    """Statuses of the rows of a table whose last row has these cells"""
    with tempfile.NamedTemporaryFile("w", suffix=".rst") as file:
        file.write(TABLE.format(name="time", kunit=kunit_cell,
                                end_to_end=end_to_end_cell))
        file.flush()
        rows = guide.check(RAN if results is None else results, file.name)
    return statuses(rows)


def guide_good():
    want = [("submit", "passed"), ("time", "passed")]
    equal(rows_of("``queue.push``", "``abi: submit.full``"), want)
    equal(rows_of("``queue.push``", "\N{EM DASH}"), want)


def guide_open():
    for cells in (("open", "``abi: submit.full``"), ("*open*", "*open*"),
                  ("``queue.push``", "*open*"),
                  ("``queue.push``, the rest *open*", "-")):
        equal(rows_of(*cells)[1], ("time", "skipped"))


def guide_bad():
    for cells in (("``queue.bad``", "-"), ("``queue.gone``", "-"),
                  ("``queue.push``", "``abi: submit.gone``"),
                  ("``queue.push``", "``abi: submit.no``"),
                  ("``queue.push``", "``gone: submit.full``"),
                  ("``queue.bad`` *open*", "*open*"),
                  ("``queue.push``", ""), ("", "``abi: submit.full``"),
                  ("-", "``abi: submit.full``"), ("yes", "yes"),
                  ("``queue.push``", "``submit.full``")):
        equal(rows_of(*cells)[1], ("time", "failed"))


def guide_without_results():
    equal([status for _, status in rows_of("``queue.push``", "-", {})],
          ["failed", "failed"])


def guide_missing():
    equal(guide.check(RAN, "/nonexistent.rst")[0].status, "failed")
    with tempfile.NamedTemporaryFile("w", suffix=".rst") as file:
        file.write("No table\n")
        file.flush()
        equal(guide.check(RAN, file.name)[0].status, "failed")


#
# The runner
#
def plan_choice():
    equal(runner.make_plan([], None), runner.DEFAULT_PLAN)
    equal(runner.make_plan([], "debug"), runner.DEBUG_PLAN)
    equal(runner.make_plan(["abi", "kunit", "jobs"], None),
          {"debian": ["abi", "jobs"], "uml": ["kunit"]})
    equal(runner.make_plan(["abi", "runner"], "uml"),
          {"uml": ["abi"], "host": ["runner"]})
    assert "kunit" not in runner.make_plan([], "debian-rt")["debian-rt"]
    suites = runner.make_plan([], "debian-rt")["debian-rt"]
    equal(len(suites), len(set(suites)))
    equal(runner.make_plan(["kunit-long"], None), {"uml": ["kunit-long"]})
    equal(runner.parse_arguments(["e2e", "abi"]).suites, runner.END_TO_END)


def plan_second_kernel():
    report = runner.Report(io.StringIO())
    equal(report.name("abi", "debian"), "abi")
    report.add("abi", [ktap.Result("a", ktap.FAILED, [])])
    equal(report.name("abi", "debian-rt"), "abi (debian-rt)")
    report.add("abi (debian-rt)", [ktap.Result("a", ktap.PASSED, [])])
    equal(report.statuses()["abi"], {"a": "failed"})


FAKE_VM = """\
#!/bin/sh
# a test kernel that runs nothing: {name}
while [ "$1" != -- ]; do shift; done
shift 2
out=$1
shift
for suite; do
	echo "@suite $suite"
	printf '{output}' | tee "$out/$suite.ktap"
	echo {status} >"$out/$suite.status"
done
{end}
"""


def fake_run(output, status, end):
    """Runs one suite in a fake kernel; the report, and what it printed"""
    report = runner.Report(io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vm")
        with open(path, "w", encoding="utf-8") as file:
            file.write(FAKE_VM.format(name="fake", output=output,
                                      status=status, end=end))
        os.chmod(path, 0o755)
        build, runner.BUILD = runner.BUILD, folder
        try:
            runner.run_kernel(report, "fake", ["abi"], path)
        finally:
            runner.BUILD = build
    report.summary()
    # pylint: disable=protected-access
    return report, report._output.getvalue()


PASSING = "KTAP version 1\\n1..2\\nok 1 a\\nok 2 b\\n"


def run_good():
    report, text = fake_run(PASSING, 0, "echo @end")
    assert not report.failed(), text
    equal(text.splitlines()[-1], "3 passed, 0 failed")
    assert "fake: abi: 2 passed, 0 failed" in text, text
    equal(text.count("fake: abi: 2 passed"), 1)


def run_failed_test():
    report, text = fake_run("KTAP version 1\\n1..2\\nok 1 a\\n# because\\n"
                            "not ok 2 b\\n", 1, "echo @end")
    assert report.failed()
    equal(text.count("FAILED abi: b"), 1)
    assert "because" in text, text
    equal(text.splitlines()[-1], "2 passed, 1 failed")


def run_skipped_test():
    report, text = fake_run("KTAP version 1\\n1..2\\nok 1 a\\n"
                            "ok 2 b # SKIP no\\n", 0, "echo @end")
    assert not report.failed()
    equal(text.splitlines()[-1], "2 passed, 0 failed, 1 skipped")
    assert "skipped abi: b: " in text, text


def run_nothing_but_skipped():
    report = runner.Report(io.StringIO())
    report.add("abi", [ktap.Result("a", ktap.SKIPPED)])
    assert report.failed()
    assert runner.Report(io.StringIO()).failed()


def run_kernel_reports():
    """All tests passed, but the kernel said BUG, so the run has failed"""
    report, text = fake_run(PASSING, 0, "echo @end\necho a BUG >&2\nexit 125")
    assert report.failed()
    assert "a BUG" in text, text
    equal(text.splitlines()[-1], "2 passed, 1 failed")


def run_kernel_lost():
    report, text = fake_run(PASSING, 0, "")
    assert report.failed(), text


def run_no_kernel():
    """It did not come up: no suite was run"""
    report = runner.Report(io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        build, runner.BUILD = runner.BUILD, folder
        try:
            runner.run_kernel(report, "fake", ["abi", "jobs"], "/bin/false")
        finally:
            runner.BUILD = build
    equal([status for results in report.suites.values()
           for _, status in statuses(results)], ["failed"] * 3)


ENDLESS_VM = """\
#!/bin/sh
# a test kernel that ends when it is told to, or long after
trap 'echo told >"$0.told"; exit 143' TERM
echo up >&2
for turn in $(seq 600); do sleep 0.1; done
"""

RUN_ENDLESS = """\
import sys
import runner
runner.BUILD = sys.argv[1]
runner.end_at_signals()
runner.run_kernel(runner.Report(), "fake", ["abi"], sys.argv[2])
"""


def run_signalled():
    """A signal to the runner alone ends the test kernel too"""
    for number in (signal.SIGINT, signal.SIGTERM):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "vm")
            with open(path, "w", encoding="utf-8") as file:
                file.write(ENDLESS_VM)
            os.chmod(path, 0o755)
            with subprocess.Popen(
                    [sys.executable, "-c", RUN_ENDLESS, folder, path],
                    cwd=os.path.dirname(runner.__file__),
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                    text=True) as process:
                equal(process.stderr.readline(), "up\n")
                process.send_signal(number)
                equal(process.wait(), 128 + number)
            assert os.path.exists(path + ".told")


TESTS = [
    ("ktap.good", ktap_good),
    ("ktap.closing", ktap_closing),
    ("ktap.empty", ktap_empty),
    ("ktap.no_plan", ktap_no_plan),
    ("ktap.plan_not_kept", ktap_plan_not_kept),
    ("ktap.numbers", ktap_numbers),
    ("ktap.names", ktap_names),
    ("ktap.bail_out", ktap_bail_out),
    ("ktap.failed_skip", ktap_failed_skip),
    ("ktap.producer", ktap_producer),
    ("judge.good", judge_good),
    ("judge.bad", judge_bad),
    ("kunit.suite", kunit_suite),
    ("kunit.bad", kunit_bad),
    ("kunit.operations", kunit_operations),
    ("guide.good", guide_good),
    ("guide.open", guide_open),
    ("guide.bad", guide_bad),
    ("guide.without_results", guide_without_results),
    ("guide.missing", guide_missing),
    ("plan.choice", plan_choice),
    ("plan.second_kernel", plan_second_kernel),
    ("run.good", run_good),
    ("run.failed_test", run_failed_test),
    ("run.skipped_test", run_skipped_test),
    ("run.nothing_but_skipped", run_nothing_but_skipped),
    ("run.kernel_reports", run_kernel_reports),
    ("run.kernel_lost", run_kernel_lost),
    ("run.no_kernel", run_no_kernel),
    ("run.signalled", run_signalled),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
