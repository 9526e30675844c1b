# SPDX-License-Identifier: GPL-2.0
"""The module with and without its signature, on kernels that look at it."""

import os
import struct
import subprocess
import tempfile

MODULE = os.path.join(os.environ.get("BPFSCHED_MODULE_DIR", "."),
                      "bpfsched.ko")
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))

# The end of a signed module: the signature, what is said of it, this line
MAGIC = b"~Module signature appended~\n"
# five numbers of one byte, three unused, the length of the signature
TRAILER = struct.calcsize(">8xI")

RETURN_42 = "b70000002a000000" + "9500000000000000"


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          check=False, timeout=HANG_GUARD_S)


def must(*command):
    """Runs a command that has to succeed; returns its output"""
    done = run(*command)
    assert not done.returncode, f"{command}: {done.stderr}"
    return done.stdout


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def built():
    """The content of the module as it is"""
    with open(MODULE, "rb") as file:
        return file.read()


def signed():
    """The same, which has to be signed"""
    content = built()
    assert content.endswith(MAGIC), f"{MODULE} is not signed"
    return content


def unsigned():
    """The same without its signature"""
    whole = signed()
    end = len(whole) - len(MAGIC) - TRAILER
    (length,) = struct.unpack_from(">8xI", whole, end)
    return whole[:end - length]


def is_inserted():
    return os.path.exists("/sys/module/bpfsched")


def taint():
    """What the module does to the kernel: O, not the kernel's own; E, unsigned"""
    return read("/sys/module/bpfsched/taint")


def remove():
    if is_inserted():
        must("rmmod", "bpfsched")


def insert(module):
    """Inserts what a file with this content is; returns what insmod says"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bpfsched.ko")
        with open(path, "wb") as file:
            file.write(module)
        done = run("insmod", path)
    assert bool(done.returncode) == bool(done.stderr), done
    return done.stderr


def run_job():
    done = must("bpfsched", "run", "--hex", RETURN_42)
    assert "42" in done, done
