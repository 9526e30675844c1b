# SPDX-License-Identifier: GPL-2.0
"""What "make install" has left in build/staged, for the tests that use it."""

import os
import re
import subprocess

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
ROOT = os.path.join(TOP, "build/staged")
PREFIX = os.path.join(ROOT, "usr/local")
LIBDIR = os.path.join(PREFIX, "lib")
INCLUDEDIR = os.path.join(PREFIX, "include")
HEADER = os.path.join(INCLUDEDIR, "bpfsched.h")


def run(*command, **options):
    """Runs a command that has to succeed and to say nothing but its output"""
    done = subprocess.run([str(word) for word in command],
                          capture_output=True, text=True, check=False,
                          **options)
    assert not done.returncode and not done.stderr, \
        f"{' '.join(map(str, command))}: status {done.returncode}: {done.stderr}"
    return done.stdout


def environment(root=ROOT, libdir="/usr/local/lib"):
    """For pkg-config to find what is staged"""
    return dict(os.environ, PKG_CONFIG_SYSROOT_DIR=root,
                PKG_CONFIG_PATH=f"{root}{libdir}/pkgconfig")


def pkg_config(*arguments):
    return run("pkg-config", *arguments, "libbpfsched",
               env=environment()).split()


def without_comments(path):
    with open(path, encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)


def declared():
    """The functions that the header declares and does not define"""
    text = without_comments(HEADER)
    text = re.sub(r"static inline .*?\n}", "", text, flags=re.DOTALL)
    text = re.sub(r"typedef [^;]*;", "", text)
    return sorted(re.findall(r"^[\w *]*?(\w+)\([^;{]*\);", text,
                             flags=re.MULTILINE))
