#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of tools/vm: nothing of a test kernel outlives tools/vm/run, its root can be
a folder, and each kernel is known to all that has to know of it.

Boots test kernels, without the module. Prints KTAP.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import ktap

TESTS = os.path.dirname(os.path.realpath(__file__))
VM_FOLDER = os.path.join(TESTS, "../vm")
VM = os.path.join(VM_FOLDER, "run")

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


#
# A root of its own
#
PROGRAMS = ["/bin/bash", "/usr/bin/env", "/bin/busybox"]


def make_root(folder):
    """The least that is a root: what the command is started by, and what these
    need"""
    libraries = subprocess.run(["ldd", *PROGRAMS], text=True, check=False,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL).stdout
    for path in PROGRAMS + re.findall(r"(/\S+) \(0x", libraries):
        os.makedirs(folder + os.path.dirname(path), exist_ok=True)
        shutil.copy(path, folder + path)
    for name in "dev", "proc", "sys", "tmp", "run":
        os.mkdir(f"{folder}/{name}")
    with open(f"{folder}/marker", "w", encoding="utf-8") as file:
        file.write("as it was\n")


def names_in(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, folders, files in os.walk(folder)
                  for name in folders + files)


def run_vm(*arguments):
    """Returns exit status, standard output, standard error"""
    done = subprocess.run([VM, "--no-module", "--quiet", "--timeout", "600",
                           *arguments], text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def root_is_the_folder():
    """It is the root, with the checkout in it, and keeps nothing of what the
    command writes; its name may have what options are made of"""
    with tempfile.TemporaryDirectory(prefix="vm-test,a:b c=.") as folder:
        make_root(folder)
        before = names_in(folder)
        status, output, errors = run_vm(
            "--kernel", "debian", "--root", folder, "--", "busybox", "sh", "-c",
            "cat /marker && echo changed >/marker && echo new >/new && "
            "cat /marker /new && ls /etc; echo $PATH && pwd && "
            f"cat {TESTS}/vm_test.py && rm -r /usr && exit 5")
        equal((status, errors), (5, "ls: /etc: No such file or directory\n"))
        with open(__file__, encoding="utf-8") as file:
            equal(output, "as it was\nchanged\nnew\n/usr/local/sbin:"
                  "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n" +
                  f"{os.getcwd() if inside_checkout() else '/'}\n" +
                  file.read())
        equal(names_in(folder), before)
        with open(f"{folder}/marker", encoding="utf-8") as file:
            equal(file.read(), "as it was\n")


def inside_checkout():
    top = os.path.realpath(os.path.join(TESTS, "../.."))
    return os.path.commonpath([os.getcwd(), top]) == top


def roots_that_are_none():
    """Each is refused before anything is booted, with what is wrong"""
    with tempfile.TemporaryDirectory(prefix="vm-test.") as folder:
        root = f"{folder}/root"
        os.mkdir(root)
        make_root(root)
        for arguments, words in [
                (["--root", folder], "is not the root of a system"),
                (["--root", f"{folder}/none"], "is not the root of a system"),
                (["--root", "/"], "cannot be the folder"),
                (["--root", root, "--kernel", "uml"], "no overlay file system"),
                (["--root", root, "--boot"], "install systemd-sysv"),
                (["--root", root, "--kernel", "installed"], "no kernel in"),
                (["--root", root, "--release", "6.1"], "--kernel installed"),
                (["--boot"], "--root DIR"),
                (["--kernel", "installed"], "--root DIR")]:
            status, output, errors = run_vm(*arguments, "--", "true")
            equal((status, output), (2, ""))
            assert words in errors, f"{arguments}: {errors}"


def kernels_of_a_root():
    """Which of several is a question, and one that is not there an error"""
    with tempfile.TemporaryDirectory(prefix="vm-test.") as folder:
        make_root(folder)
        os.mkdir(f"{folder}/boot")
        for release in "6.1.0-1-amd64", "6.1.0-1-rt-amd64":
            with open(f"{folder}/boot/vmlinuz-{release}", "wb"):
                pass
        for arguments, words in [
                ([], "choose with --release: 6.1.0-1-amd64 6.1.0-1-rt-amd64"),
                (["--release", "6.1.0-2-amd64"], "no kernel 6.1.0-2-amd64")]:
            status, output, errors = run_vm("--root", folder, "--kernel",
                                            "installed", *arguments, "--",
                                            "true")
            equal((status, output), (2, ""))
            assert words in errors, f"{arguments}: {errors}"


def kernels():
    """The names of all kernels that are described"""
    names = [os.path.basename(path).removesuffix(".sh") for path in
             glob.glob(os.path.join(VM_FOLDER, "kernels/*.sh"))]
    assert names
    return names


def have_packages():
    """setup names its groups when it is asked for none"""
    done = subprocess.run([os.path.join(VM_FOLDER, "setup")], check=False,
                          capture_output=True, text=True)
    equal(done.returncode, 2)
    groups = re.search(r"\((.*)\)", done.stderr)[1].split()
    equal([name for name in kernels() if name not in groups], [])


def are_explained():
    with open(os.path.join(VM_FOLDER, "README.rst"), encoding="utf-8") as file:
        rows = [line.split()[0] for line in file if line.strip()]
    equal([name for name in kernels() if name not in rows], [])


TESTS_OF_VM = [
    ("kernels.have_packages", have_packages),
    ("kernels.are_explained", are_explained),
    ("run.passes_on", passes_on),
    ("signal.term", ended_by_sigterm),
    ("signal.int", ended_by_sigint),
    ("signal.hup", ended_by_sighup),
    ("signal.int_in_background", ended_in_the_background),
    ("root.is_the_folder", root_is_the_folder),
    ("root.refused", roots_that_are_none),
    ("root.kernels", kernels_of_a_root),
]

if __name__ == "__main__":
    subprocess.run([os.path.join(TESTS, "../vm/setup"), "uml", "debian"],
                   check=True)
    sys.exit(ktap.main(TESTS_OF_VM))
