#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the headers, as compilers of programs and their users find them.

Needs no kernel. Prints KTAP.
"""

import os
import subprocess
import sys

import ktap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
INCLUDE = os.path.join(TOP, "include")
UAPI = os.path.join(INCLUDE, "uapi")
ORDERS = [("-I" + INCLUDE, "-I" + UAPI), ("-I" + UAPI, "-I" + INCLUDE)]


def compile_text(command, text):
    """Compiles a text as if it were a file; returns what the compiler says"""
    done = subprocess.run([*command, "-Wall", "-Wextra", "-Werror", "-c", "-o",
                           "/dev/null", "-"], input=text, capture_output=True,
                          text=True, check=False)
    return done.stderr or (f"exit status {done.returncode}"
                           if done.returncode else "")


def compiles(command, text):
    said = compile_text(command, text)
    assert not said, f"{' '.join(command)}: {said}"


def multiarch():
    done = subprocess.run(["gcc", "-print-multiarch"], capture_output=True,
                          text=True, check=True)
    return "-I/usr/include/" + done.stdout.strip()


#
# The folders of the checkout, in either order
#
ABI = """
#include <linux/bpfsched.h>

unsigned int size(void)
{
	return sizeof(struct bpfsched_job_desc) + BPFSCHED_IOC_SUBMIT;
}
"""

PROGRAM = """
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpfsched_helpers.h>

SEC("bpfsched")
long job(void)
{
	return bpfsched_emit(0, 0) + bpfsched_job_id();
}
"""


def order_of_the_interface():
    for order in ORDERS:
        compiles(["cc", "-xc", *order, "-I" + TOP + "/tools/lib"],
                 '#include "bpfsched.h"\n' + ABI)


def order_of_the_helpers():
    for order in ORDERS:
        compiles(["clang", "-target", "bpf", "-xc", multiarch(), *order],
                 PROGRAM)


def interface_in_the_kernel_is_another():
    """No header hides another one of the same name"""
    for folder, _, names in os.walk(INCLUDE):
        if not folder.startswith(UAPI):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), INCLUDE)
                assert not os.path.exists(os.path.join(UAPI, path)), path


TESTS = [
    ("order.interface", order_of_the_interface),
    ("order.helpers", order_of_the_helpers),
    ("order.names", interface_in_the_kernel_is_another),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
