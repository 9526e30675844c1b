#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs the examples for the library, and those that show features of programs.

They were built with a staged install, and run with its shared library. Runs in
a test kernel, as root, with the module inserted and bpfsched in PATH. Prints
KTAP. Arguments: patterns of the names of tests to run; none: all.
"""

import json
import os
import re
import struct
import subprocess
import sys
import time

import ktap
import staged

EXAMPLES = os.path.join(staged.TOP, "build/staged-examples")
OBJECTS = os.path.join(staged.TOP, "build/examples")
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))
ENVIRONMENT = dict(os.environ, LD_LIBRARY_PATH=staged.LIBDIR)


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def path_of(name):
    return os.path.join(OBJECTS, name + ".bpf.o")


def example(name, *arguments):
    """Runs an example; returns its lines"""
    command = [os.path.join(EXAMPLES, name)] + [str(a) for a in arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env=ENVIRONMENT, timeout=HANG_GUARD_S)
    equal((done.returncode, done.stderr), (0, ""), "status and errors")
    return done.stdout.splitlines()


def bpfsched(*arguments):
    """Runs the command; returns what it says"""
    done = subprocess.run(["bpfsched", *[str(a) for a in arguments]],
                          capture_output=True, text=True, check=False,
                          timeout=HANG_GUARD_S)
    assert not done.returncode, f"{arguments}: {done.stderr}{done.stdout}"
    return done.stdout


def run(name, *arguments):
    """Runs a program; returns its completion"""
    return json.loads(bpfsched("-j", "run", path_of(name), *arguments))


def stat(scheduler):
    return json.loads(bpfsched("-j", "-s", scheduler, "stat"))


def bring_to_rest():
    for scheduler in "cloud", "embedded":
        bpfsched("-s", scheduler, "resume")
        counters = stat(scheduler)
        equal(counters["pending"] + counters["running"], 0, "jobs left")


#
# Examples for the library
#
def library_is_the_staged_one():
    said = subprocess.run(["ldd", os.path.join(EXAMPLES, "submit")],
                          capture_output=True, text=True, check=True,
                          env=ENVIRONMENT).stdout
    found = re.search(r"libbpfsched\.so\.1 => (\S+)", said)
    assert found and found[1].startswith(staged.LIBDIR), said


def submit():
    lines = example("submit", path_of("add"), "01", "02", "ff")
    equal(len(lines), 1, "lines")
    assert re.fullmatch(r"job \d+: ok, r0 258", lines[0]), lines


def submit_fails():
    """What the example says of a job that does not return"""
    done = subprocess.run([os.path.join(EXAMPLES, "submit"), "/nowhere.o"],
                          capture_output=True, text=True, check=False,
                          env=ENVIRONMENT)
    equal(done.returncode, 1, "status")
    assert done.stderr.startswith("load: /nowhere.o: "), done.stderr


def events():
    equal(sorted(example("events", path_of("alarm"))), [
        "cloud: ok, 2 alarms",
        "cloud: sample 2 is 95",
        "cloud: sample 4 is 120",
        "embedded: ok, 1 alarms",
        "embedded: sample 1 is 99",
    ], "lines")


def events_in_order():
    """Of one scheduler, events come before the completion of their job"""
    lines = example("events", path_of("alarm"))
    for scheduler, last in ("cloud", "2 alarms"), ("embedded", "1 alarms"):
        own = [line for line in lines if line.startswith(scheduler + ":")]
        assert own[-1].endswith(last), lines


def control():
    lines = example("control", path_of("pid"))
    equal([line.split(":")[0] for line in lines],
          ["step 0", "step 500", "step 1000", "step 1500", "end"])
    first = re.search(r"([\d.]+) degrees, heater at ([\d.]+)", lines[0])
    # The gain that was set through the mapped variable, up to the limit
    equal(float(first[2]), 100.0, "heater")
    end = re.search(r"([\d.]+) degrees, integral ([\d.]+)", lines[-1])
    assert abs(float(end[1]) - 60) < 0.5, lines
    # What keeps the temperature, and is read through it
    assert abs(float(end[2]) - 40) < 1, lines


def producer():
    total = sum(i % 256 + 1 for i in range(2000))
    lines = example("producer", "cloud", path_of("add"), 2000)
    assert lines[0].startswith(f"2000 jobs, sum {total}, "), lines


def producer_waits():
    """The queue fills while nothing is picked"""
    bpfsched("-s", "embedded", "pause")
    command = [os.path.join(EXAMPLES, "producer"), "embedded", path_of("add"),
               "500"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          env=ENVIRONMENT) as process:
        try:
            guard = time.monotonic() + HANG_GUARD_S
            while stat("embedded")["pending"] < 32:
                assert process.poll() is None, "it ended"
                assert time.monotonic() < guard, "hangs: a full queue"
                time.sleep(0.005)
            bpfsched("-s", "embedded", "resume")
            said, _ = process.communicate(timeout=HANG_GUARD_S)
        finally:
            process.kill()
    equal(process.returncode, 0, "status")
    total = sum(i % 256 + 1 for i in range(500))
    equal(said, f"500 jobs, sum {total}, the queue was full\n")


#
# Examples for features of programs
#
def words(*numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers).hex()


def maps():
    done = run("counts", "--context", words(5, 7, 5, 9, 5))
    equal((done["status"], int(done["r0"], 16)), ("ok", 3))


def loop():
    done = run("anytime", "--return-context", "--context", "00" * 32)
    equal(done["status"], "ok")
    assert abs(int(done["r0"], 16) - 3141592) < 100, done
    terms, job, release, deadline = struct.unpack(
        "<4Q", bytes.fromhex(done["context"]))
    equal((terms, release, deadline), (1000000, 0, 0))
    equal(job, done["id"])


def loop_within_budget():
    """It ends before its budget does, with fewer terms"""
    done = run("anytime", "--return-context", "--context", "00" * 32,
               "--budget-insns", 100000)
    equal(done["status"], "ok")
    terms = struct.unpack("<Q", bytes.fromhex(done["context"])[:8])[0]
    assert 256 <= terms < 20000 and terms % 256 == 0, terms
    assert abs(int(done["r0"], 16) - 3141592) < 10000, done


def emit():
    said = bpfsched("-j", "run", path_of("alarm"), "--context",
                    words(5, 200, 6, 300))
    lines = [json.loads(line) for line in said.splitlines()]
    equal([struct.unpack("<Ii", bytes.fromhex(line["data"]))
           for line in lines[:-1]], [(1, 200), (3, 300)])
    equal(int(lines[-1]["r0"], 16), 2)


def submit_job():
    context = "ff" + "01" * 15 + "02" * 16 + "03" * 4
    said = bpfsched("-j", "run", path_of("pipeline"), "split", "--followups",
                    "digest", "--context", context)
    lines = [json.loads(line) for line in said.splitlines()]
    of = {name: sorted(int(line["r0"], 16) for line in lines
                       if line["program"] == name)
          for name in ("split", "digest")}
    equal(of, {"split": [3],
               "digest": [0xff + 15, 1 << 32 | 32, 2 << 32 | 12]})


TESTS = [
    ("library.staged", library_is_the_staged_one),
    ("library.submit", submit),
    ("library.submit_fails", submit_fails),
    ("library.events", events),
    ("library.events_in_order", events_in_order),
    ("library.control", control),
    ("library.producer", producer),
    ("library.producer_waits", producer_waits),
    ("feature.maps", maps),
    ("feature.loop", loop),
    ("feature.loop_within_budget", loop_within_budget),
    ("feature.emit", emit),
    ("feature.submit_job", submit_job),
]


def main():
    return ktap.main(ktap.select(TESTS, sys.argv[1:]), bring_to_rest)


if __name__ == "__main__":
    sys.exit(main())
