#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end tests of the service that makes schedulers at boot. Prints KTAP.

Runs in a test kernel, as root, with the module inserted and bpfsched in PATH.
Arguments: patterns of the names of tests; none: all.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import ktap
from command import HANG_GUARD_S, RETURN_42, TOP, Started, bpfsched, equal

PROGRAM = os.path.join(TOP, "tools/system/schedulers")
SAMPLE = os.path.join(TOP, "tools/system/shared.conf")
OF_THE_MODULE = ["cloud", "embedded"]


class System:
    """The folders that the service reads and writes"""

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        self.config = os.path.join(self.folder, "schedulers.d")
        os.mkdir(self.config)
        return self

    def __exit__(self, *_):
        self.run("stop")
        shutil.rmtree(self.folder)

    def configure(self, name, *lines):
        with open(f"{self.config}/{name}.conf", "w", encoding="utf-8") as file:
            file.write("\n".join(lines))

    def forget(self, name):
        os.unlink(f"{self.config}/{name}.conf")

    def run(self, verb):
        return subprocess.run(
            [PROGRAM, verb], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False, timeout=HANG_GUARD_S,
            env=dict(os.environ, BPFSCHED_CONFIG_DIR=self.config,
                     BPFSCHED_RUN_DIR=os.path.join(self.folder, "run")))

    def succeed(self, verb):
        done = self.run(verb)
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""), verb)

    def fail(self, verb, *words):
        done = self.run(verb)
        equal(done.returncode, 1, f"exit status of {verb}")
        for word in words:
            assert word in done.stderr, done.stderr


def schedulers():
    """{name: policy} of those that the module has not made itself"""
    return {one["name"]: one["policy"] for one in
            bpfsched("-j", "list").expect(0).listing()
            if one["name"] not in OF_THE_MODULE}


def start_and_stop():
    with System() as system:
        system.succeed("start")
        system.configure("shared", "# who shares", "", "policy=fair",
                         "capacity=64", "guard-critical")
        system.configure("loop", "profile=embedded", "workers=1")
        system.succeed("start")
        equal(schedulers(), {"shared": "fair", "loop": "deadline"}, "made")
        done = bpfsched("-j", "-s", "shared", "run", "--hex", RETURN_42)
        equal(done.expect(0).only()["r0"], "0x2a")
        system.succeed("start")
        system.succeed("stop")
        equal(schedulers(), {}, "left")
        system.succeed("stop")


def sample():
    """What is installed as an example is right as it stands"""
    with System() as system:
        shutil.copy(SAMPLE, system.config)
        system.succeed("start")
        equal(schedulers(), {"shared": "fair"}, "made")


def reload():
    with System() as system:
        system.configure("first", "policy=throughput")
        system.configure("second", "policy=fair")
        system.succeed("start")
        system.forget("first")
        system.configure("third", "policy=deadline")
        system.succeed("reload")
        equal(schedulers(), {"second": "fair", "third": "deadline"}, "made")


def wrong_files():
    """Each says what is wrong with it, and spoils no other"""
    with System() as system:
        system.configure("good", "policy=fair")
        system.configure("typo", "polcy=fair")
        system.configure("dashes", "--policy=fair")
        system.configure("value", "policy=best")
        system.configure("cloud", "policy=fair")
        system.fail("start", "typo.conf", "did you mean", "dashes.conf",
                    "no dashes", "value.conf", "'best'", "cloud.conf")
        equal(schedulers(), {"good": "fair"}, "made")


def not_its_own():
    """It ends only what it has made, and what somebody has open stays"""
    with System() as system:
        bpfsched("create", "other").expect(0)
        system.configure("mine", "policy=throughput")
        system.succeed("start")
        with open("/dev/bpfsched/mine", "r+b", buffering=0):
            system.fail("stop", "mine")
        system.succeed("stop")
        equal(list(schedulers()), ["other"], "left")
    bpfsched("destroy", "other").expect(0)


def inserted_anew():
    """What it remembers of schedulers that are gone keeps none from being made"""
    with System() as system:
        system.configure("again", "policy=fair")
        system.succeed("start")
        bpfsched("destroy", "again").expect(0)
        system.succeed("start")
        equal(schedulers(), {"again": "fair"}, "made")


def gone_already():
    """What somebody else has ended needs no end, and keeps no stop from
    succeeding"""
    with System() as system:
        system.configure("first", "policy=fair")
        system.configure("second", "policy=fair")
        system.succeed("start")
        bpfsched("destroy", "first").expect(0)
        system.succeed("stop")
        equal(schedulers(), {}, "left")


def help_is_no_property():
    """It succeeds and makes nothing: that is said, and nothing remembered"""
    with System() as system:
        system.configure("asks", "help")
        system.fail("start", "asks.conf", "make no scheduler")
        system.forget("asks")
        system.succeed("stop")


def wrong_usage():
    with System() as system:
        done = system.run("restart")
        equal(done.returncode, 2, "exit status")
        assert "usage" in done.stderr, done.stderr


TESTS = [
    ("service.start_and_stop", start_and_stop),
    ("service.sample", sample),
    ("service.reload", reload),
    ("service.wrong_files", wrong_files),
    ("service.not_its_own", not_its_own),
    ("service.inserted_anew", inserted_anew),
    ("service.gone_already", gone_already),
    ("service.help", help_is_no_property),
    ("service.wrong_usage", wrong_usage),
]

if __name__ == "__main__":
    sys.exit(ktap.main(ktap.select(TESTS, sys.argv[1:]), Started.end_all))
