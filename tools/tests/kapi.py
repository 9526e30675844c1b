#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end tests of the interface to other modules. Prints KTAP.

The module that uses it is the example of tools/examples/kernel/. Runs in a test
kernel, as root, with bpfsched.ko inserted and bpfsched in PATH. Arguments:
patterns of the names of tests to run; none: all.
"""

import json
import os
import re
import subprocess
import sys
import time

import ktap

MODULE = os.path.join(os.environ.get("BPFSCHED_MODULE_DIR", "."),
                      "bpfsched_sample.ko")
FILES = "/sys/kernel/debug/bpfsched_sample"
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def run(*command):
    return subprocess.run([str(word) for word in command],
                          capture_output=True, text=True, check=False,
                          timeout=HANG_GUARD_S)


def must(*command):
    """Runs a command that has to succeed; returns its output"""
    done = run(*command)
    assert not done.returncode, f"{command}: {done.stderr}"
    return done.stdout


def bpfsched(*arguments):
    return must("bpfsched", *arguments)


def stat(scheduler):
    return json.loads(bpfsched("-j", "-s", scheduler, "stat"))


def wait_until(condition, what):
    guard = time.monotonic() + HANG_GUARD_S
    while not condition():
        assert time.monotonic() < guard, f"hangs: {what}"
        time.sleep(0.005)


def inserted(name):
    with open("/proc/modules", encoding="ascii") as modules:
        return any(line.split()[0] == name for line in modules)


def insert(**parameters):
    must("insmod", MODULE, *[f"{name}={value}"
                             for name, value in parameters.items()])


def remove():
    """Removes the example; returns how many jobs it had accepted"""
    must("rmmod", "bpfsched_sample")
    said = re.findall(r"bpfsched_sample: (\d+) jobs accepted, (\d+) ended",
                      must("dmesg"))
    assert said, "the module has said nothing"
    accepted, ended = (int(number) for number in said[-1])
    equal(ended, accepted, "number of jobs that came back")
    return accepted


def read(name):
    with open(f"{FILES}/{name}", encoding="ascii") as file:
        return int(file.read())


def write_sample(value):
    with open(f"{FILES}/sample", "w", encoding="ascii") as file:
        file.write(str(value))


def jobs(scheduler):
    return json.loads(bpfsched("-j", "-s", scheduler, "jobs"))


def after():
    """Brings the world back to where it was"""
    if inserted("bpfsched_sample"):
        must("rmmod", "bpfsched_sample")
    run("bpfsched", "destroy", "kapi")
    for scheduler in "cloud", "embedded":
        bpfsched("-s", scheduler, "resume")
        counters = stat(scheduler)
        equal(counters["pending"] + counters["running"], 0, "jobs left")


#
# Submitting, and getting completions
#
def submit_in_softirq():
    # The timer does not wait: of a short queue it could fill all places
    bpfsched("create", "kapi", "--profile", "embedded", "--capacity", 100000)
    insert(scheduler="kapi", period_ms=20)
    wait_until(lambda: read("ended") >= 20, "the timer")
    equal(read("refused"), 0, "refused")
    equal(read("failed"), 0, "failed")
    accepted = remove()
    assert accepted >= 20
    equal(stat("kapi")["submitted"], accepted, "submitted")
    bpfsched("destroy", "kapi")


def submit_in_process():
    insert(period_ms=0)
    equal(read("average"), 0)
    for want in 100, 187, 263:
        write_sample(800)
        equal(read("average"), want, "average")
    equal(read("accepted"), 3)
    equal(read("ended"), 3)
    equal(remove(), 3)


def submit_in_both():
    """While the queue is full most of the time, and processes wait"""
    insert(period_ms=20)
    for _ in range(100):
        write_sample(500)
    assert read("accepted") >= 100
    equal(read("failed"), 0, "failed")
    remove()


def submit_until_full():
    """The timer may not wait, and is refused"""
    bpfsched("-s", "embedded", "pause")
    insert(period_ms=20)
    wait_until(lambda: read("refused") >= 3, "the queue becomes full")
    equal(read("accepted"), stat("embedded")["capacity"], "accepted")
    equal(read("ended"), 0, "ended")
    bpfsched("-s", "embedded", "resume")
    wait_until(lambda: read("ended") > stat("embedded")["capacity"],
               "the timer goes on")
    remove()


def jobs_are_listed():
    bpfsched("-s", "embedded", "pause")
    insert(period_ms=20)
    wait_until(lambda: read("accepted"), "the timer")
    job = jobs("embedded")[0]
    equal(job["comm"], "bpfsched_sample", "comm")
    equal(job["pid"], 0, "pid")
    equal(job["uid"], 0, "uid")
    equal(job["program"], "filter", "program")
    # an administrator's cancel reaches them too
    bpfsched("-s", "embedded", "cancel", job["id"])
    wait_until(lambda: read("failed") == 1, "the job is cancelled")
    equal(read("ended"), 1, "ended")
    remove()


#
# Closing
#
def close_pending():
    before = stat("embedded")
    bpfsched("-s", "embedded", "pause")
    insert(period_ms=20)
    wait_until(lambda: read("accepted") >= 5, "the timer")
    accepted = remove()
    counters = stat("embedded")
    equal(counters["pending"], 0, "pending")
    equal(counters["cancelled"] - before["cancelled"], accepted, "cancelled")


def close_running():
    """An endless loop ends at its next safe point, and comes back"""
    before = stat("cloud")
    insert(scheduler="cloud", period_ms=0, endless=1)
    wait_until(lambda: stat("cloud")["running"] == 1, "the loop runs")
    equal(jobs("cloud")[0]["program"], "endless", "program")
    equal(remove(), 1)
    counters = stat("cloud")
    equal(counters["running"], 0, "running")
    equal(counters["cancelled"] - before["cancelled"], 1, "cancelled")


def close_busy():
    """While one job runs, others are pending, and more come"""
    for _ in range(5):
        insert(scheduler="cloud", period_ms=20, endless=1)
        wait_until(lambda: read("accepted") > 2, "the timer")
        remove()


#
# Who holds whom
#
def module_is_held():
    insert(period_ms=0)
    assert run("rmmod", "bpfsched").returncode, "bpfsched was removed"
    assert inserted("bpfsched")
    remove()


def scheduler_is_held():
    bpfsched("create", "kapi", "--profile", "embedded")
    insert(scheduler="kapi", period_ms=20)
    wait_until(lambda: read("ended"), "the timer")
    done = run("bpfsched", "destroy", "kapi")
    assert done.returncode, "the scheduler was destroyed"
    assert "a module of the kernel uses it" in done.stderr, done.stderr
    accepted = read("accepted")
    wait_until(lambda: read("ended") > accepted, "the timer goes on")
    remove()
    bpfsched("destroy", "kapi")


def scheduler_is_missing():
    done = run("insmod", MODULE, "scheduler=no-such-scheduler")
    assert done.returncode, "the module was inserted"
    # insmod's words for ENOENT
    assert "Unknown symbol" in done.stderr or \
        "No such file" in done.stderr, done.stderr
    assert not inserted("bpfsched_sample")


def limits_are_kept():
    """An endless job with a budget that the scheduler does not give"""
    before = stat("embedded")["rejected"]
    done = run("insmod", MODULE, "endless=1")
    assert done.returncode, "the module was inserted"
    assert not inserted("bpfsched_sample")
    equal(stat("embedded")["rejected"] - before, 1, "rejected")


TESTS = [
    ("submit.in_softirq", submit_in_softirq),
    ("submit.in_process", submit_in_process),
    ("submit.in_both", submit_in_both),
    ("submit.until_full", submit_until_full),
    ("jobs.are_listed", jobs_are_listed),
    ("close.pending", close_pending),
    ("close.running", close_running),
    ("close.busy", close_busy),
    ("module.is_held", module_is_held),
    ("scheduler.is_held", scheduler_is_held),
    ("scheduler.is_missing", scheduler_is_missing),
    ("limits.are_kept", limits_are_kept),
]


def main():
    return ktap.main(ktap.select(TESTS, sys.argv[1:]), after)


if __name__ == "__main__":
    sys.exit(main())
