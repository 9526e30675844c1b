#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end tests of the module on a kernel that wants it signed. Prints KTAP.

Runs in a test kernel with CONFIG_MODULE_SIG_FORCE, as root, with the signed
module inserted and bpfsched in PATH. Arguments: patterns of the names of tests to
run; none: all.
"""

import sys

import hardening
import ktap
from hardening import equal

FORCED = "Key was rejected by service"


def works():
    """What is signed with the kernel's key goes in, and counts as signed"""
    hardening.remove()
    equal(hardening.insert(hardening.signed()), "")
    equal("E" in hardening.taint(), False, "counts as unsigned")
    hardening.run_job()


def expect_refused(content, message):
    hardening.remove()
    try:
        said = hardening.insert(content)
        assert message in said, f"{said!r}, want {message!r}"
        assert not hardening.is_inserted()
    finally:
        hardening.remove()
        equal(hardening.insert(hardening.signed()), "")


def refuses_unsigned():
    expect_refused(hardening.unsigned(), FORCED)


def refuses_changed():
    """A byte of what was signed is another one"""
    content = bytearray(hardening.signed())
    place = content.index(b"bpfsched authors")
    content[place] ^= 1
    expect_refused(bytes(content), FORCED)


def refuses_changed_signature():
    content = bytearray(hardening.signed())
    content[-len(hardening.MAGIC) - hardening.TRAILER - 1] ^= 1
    expect_refused(bytes(content), FORCED)


TESTS = [
    ("signed.works", works),
    ("signed.refuses_unsigned", refuses_unsigned),
    ("signed.refuses_changed", refuses_changed),
    ("signed.refuses_changed_signature", refuses_changed_signature),
]

if __name__ == "__main__":
    sys.exit(ktap.main(ktap.select(TESTS, sys.argv[1:])))
