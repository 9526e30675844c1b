#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the module on a kernel that is locked down. Prints KTAP.

Runs in a test kernel with the lockdown module and without
CONFIG_MODULE_SIG_FORCE, as root, with the unsigned module inserted and bpfsched
in PATH. Lockdown can be made stricter, but never be taken back, and what was
removed does not go in again: so the tests have an order, and a boot of their own.
"""

import os
import sys

import hardening
import ktap
from hardening import equal

SECURITY = "/sys/kernel/security"
LOCKDOWN = f"{SECURITY}/lockdown"
SIG_ENFORCE = "/sys/module/module/parameters/sig_enforce"
TRACING = "/sys/kernel/tracing/events/bpfsched/enable"
WORKERS = "/sys/kernel/debug/bpfsched/cloud/workers"


def lock_down(level):
    if not os.path.exists(LOCKDOWN):
        hardening.must("mount", "-t", "securityfs", "none", SECURITY)
    hardening.write(LOCKDOWN, level)
    assert f"[{level}]" in hardening.read(LOCKDOWN), level


def can_trace():
    try:
        hardening.read(TRACING)
    except PermissionError:
        return False
    return True


def without():
    """An unsigned module goes in, and the kernel is told of it"""
    hardening.remove()
    equal(hardening.insert(hardening.built()), "")
    assert "E" in hardening.taint(), "counts as signed"
    hardening.run_job()
    equal(can_trace(), True, "tracing")


def integrity():
    """What is inserted works on, with all of its files"""
    lock_down("integrity")
    hardening.run_job()
    hardening.read(WORKERS)
    equal(can_trace(), True, "tracing")


def confidentiality():
    lock_down("confidentiality")
    hardening.run_job()
    hardening.read(WORKERS)
    equal(can_trace(), False, "tracing")


def expect_refused(message):
    said = hardening.insert(hardening.built())
    assert message in said, f"{said!r}, want {message!r}"
    assert not hardening.is_inserted()


def refuses_unsigned():
    hardening.remove()
    expect_refused("Operation not permitted")
    log = hardening.must("dmesg")
    assert "unsigned module loading is restricted" in log, log


def sig_enforce():
    hardening.remove()
    hardening.write(SIG_ENFORCE, "Y")
    expect_refused("Key was rejected by service")


TESTS = [
    ("lockdown.without", without),
    ("lockdown.integrity", integrity),
    ("lockdown.confidentiality", confidentiality),
    ("lockdown.refuses_unsigned", refuses_unsigned),
    ("lockdown.sig_enforce", sig_enforce),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
