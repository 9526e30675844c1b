# SPDX-License-Identifier: GPL-2.0
"""The module in a test kernel, to be inserted with other parameters"""

import os
import subprocess
import time

MODULE = os.path.join(os.environ.get("BPFSCHED_MODULE_DIR", ""), "bpfsched.ko")
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))
DISPATCHERS = ["threaded", "switch"]


def dispatchers():
    """Those that the module has in this kernel: one takes GCC and x86_64"""
    with open("/proc/version", encoding="ascii") as file:
        has_gcc = "clang version" not in file.read()
    if has_gcc and os.uname().machine == "x86_64":
        return DISPATCHERS
    return [name for name in DISPATCHERS if name != "threaded"]


def engines():
    """For each engine that the module has in this kernel the parameters that
    choose it"""
    found = {}
    for name in dispatchers():
        found[name] = ["dispatcher=" + name]
        found[name + "-unmasked"] = found[name] + ["speculation_masks=0"]
    return found


def users():
    """What of the module is in use: open files, programs, jobs"""
    with open("/sys/module/bpfsched/refcnt", encoding="ascii") as file:
        return int(file.read())


def remove():
    """Removes it when the jobs that have ended just now are gone as well"""
    guard = time.monotonic() + HANG_GUARD_S
    while users():
        assert time.monotonic() < guard, "hangs: the module is in use"
        time.sleep(0.005)
    subprocess.run(["rmmod", "bpfsched"], check=True)


def insert(*parameters, path=MODULE):
    """Returns what insmod says if it fails"""
    done = subprocess.run(["insmod", path, *parameters], text=True,
                          stderr=subprocess.PIPE, check=False)
    return done.stderr if done.returncode else None
