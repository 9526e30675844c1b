#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of tools/vm/run: nothing of a test kernel outlives it.

Boots User-Mode Linux, without the module. Prints KTAP.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

import ktap

TESTS = os.path.dirname(os.path.realpath(__file__))
VM = os.path.join(TESTS, "../vm/run")

# Has come up, and does not end by itself
ENDLESS = "echo up; while :; do sleep 1; done"

# The time limit of the test kernel, in seconds: what does not end at a signal
# ends then, with another status
HANG_GUARD = "120"


def equal(got, want):
    assert got == want, f"{got!r}, want {want!r}"


def start(folder, command, ignored=None):
    """Starts a test kernel that keeps its files in a folder

    ignored: a signal that it is told to ignore, as a shell does with SIGINT
    for what it starts in the background
    """
    before = ignored and signal.signal(ignored, signal.SIG_IGN)
    try:
        return subprocess.Popen(
            [VM, "--kernel", "uml", "--no-module", "--quiet", "--timeout",
             HANG_GUARD, "--", "sh", "-c", command],
            env=dict(os.environ, TMPDIR=folder), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
    finally:
        if ignored:
            signal.signal(ignored, before)


def processes_of(folder):
    """The command lines of what runs with files of a folder"""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                line = file.read()
        except OSError:
            continue
        if os.fsencode(folder) in line:
            found.append(line)
    return found


def expect_no_processes(folder):
    """What was killed may take a moment to be gone"""
    guard = time.monotonic() + float(HANG_GUARD)
    while processes_of(folder) and time.monotonic() < guard:
        time.sleep(0.01)
    equal(processes_of(folder), [])


def expect_end(number, ignored=None):
    """A signal to tools/vm/run alone ends it and all that it started"""
    with tempfile.TemporaryDirectory(prefix="vm-test.") as folder, \
            start(folder, ENDLESS, ignored) as process:
        try:
            equal(process.stdout.readline(), "up\n")
            assert processes_of(folder)
            process.send_signal(number)
            equal(process.wait(), 128 + number)
            expect_no_processes(folder)
            equal(os.listdir(folder), [])
        finally:
            process.terminate()


def passes_on():
    """What the signals are to end does run, and says how it ended"""
    with tempfile.TemporaryDirectory(prefix="vm-test.") as folder, \
            start(folder, "echo up; exit 7") as process:
        equal(process.stdout.read(), "up\n")
        equal(process.wait(), 7)
        equal(processes_of(folder), [])
        equal(os.listdir(folder), [])


def ended_by_sigterm():
    expect_end(signal.SIGTERM)


def ended_by_sigint():
    expect_end(signal.SIGINT)


def ended_by_sighup():
    expect_end(signal.SIGHUP)


def ended_in_the_background():
    expect_end(signal.SIGINT, ignored=signal.SIGINT)


TESTS_OF_RUN = [
    ("run.passes_on", passes_on),
    ("signal.term", ended_by_sigterm),
    ("signal.int", ended_by_sigint),
    ("signal.hup", ended_by_sighup),
    ("signal.int_in_background", ended_in_the_background),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS_OF_RUN))
