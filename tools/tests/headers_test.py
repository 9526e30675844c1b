#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the headers, as compilers of programs and their users find them.

Needs no kernel. Prints KTAP.
"""

import os
import re
import subprocess
import sys
import tempfile

import ktap
import staged
from staged import TOP

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


def every_helper_has_an_example():
    """And so have maps and loops with callbacks"""
    folder = os.path.join(TOP, "tools/examples")
    texts = []
    for name in os.listdir(folder):
        if name.endswith(".bpf.c"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                texts.append(file.read())
    examples = "\n".join(texts)
    header = staged.without_comments(INCLUDE + "/bpf/bpfsched_helpers.h")
    helpers = re.findall(r"\(\* const (bpfsched_\w+)\)", header)
    assert len(helpers) >= 8, helpers
    for word in helpers + ["bpf_loop", "bpf_for_each_map_elem"]:
        assert word + "(" in examples, f"no example calls {word}()"
    assert 'SEC(".maps")' in examples


#
# What is installed, by other compilers and standards
#
USER = """
#include <bpfsched.h>

int submit_one(int fd, int prog_fd);

int submit_one(int fd, int prog_fd)
{
	struct bpfsched_job_desc job;
	struct bpfs_image *image = NULL;

	bpfs_job_init(&job, prog_fd, NULL, 0);
	bpfs_image_free(image);
	return bpfs_sched_submit(fd, &job, 1);
}
"""


def installed_headers():
    return sorted(os.path.relpath(os.path.join(folder, name),
                                  staged.INCLUDEDIR)
                  for folder, _, names in os.walk(staged.INCLUDEDIR)
                  for name in names)


def in_language(*command):
    def test():
        compiles([*command, "-pedantic", *staged.pkg_config("--cflags")], USER)
    return test


def each_alone():
    for name in installed_headers():
        assert name.endswith(".h"), name
        if not name.startswith("bpf/"):
            compiles(["cc", "-xc", "-I" + staged.INCLUDEDIR],
                     f"#include <{name}>\n")


def in_one_program_with_stdio():
    """Their names do not collide with those of libc and libbpf"""
    compiles(["g++", "-xc++", "-std=c++20", "-I" + staged.INCLUDEDIR],
             "#include <bits/stdc++.h>\nusing namespace std;\n"
             "#include <bpf/bpf.h>\n#include <bpf/libbpf.h>\n" + USER)


#
# The commands of the documentation
#
def blocks(path):
    """The literal blocks of a document"""
    with open(os.path.join(TOP, "Documentation", path),
              encoding="utf-8") as file:
        return re.findall(r"::\n\n((?:(?: {4}.*)?\n)+)", file.read())


def commands(path):
    """The calls of clang in a document, each as one line"""
    text = re.sub(r" *\\\n *", " ", "".join(blocks(path)))
    return re.findall(r"^ *\$ (clang .*)$", text, re.MULTILINE)


def source(path):
    """The first program of a document, and with all helpers"""
    text = next(block for block in blocks(path) if "SEC(" in block)
    helpers = "#include <bpf/bpf_helpers.h>\n"
    text = re.sub("^ {4}", "", text, flags=re.MULTILINE)
    assert helpers in text
    return text.replace(helpers,
                        helpers + "#include <bpf/bpfsched_helpers.h>\n")


def documented_commands():
    """Each compiles the program, where it stands or what is installed"""
    found = commands("programs.rst")
    assert len(found) == 2, found
    assert any("pkg-config" in command for command in found), found
    for command in found:
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(INCLUDE, folder + "/include")
            with open(folder + "/sum.bpf.c", "w", encoding="utf-8") as file:
                file.write(source("programs.rst"))
            staged.run("sh", "-c", command + " -Wall -Werror", cwd=folder,
                       env=staged.environment())
            assert os.path.exists(folder + "/sum.bpf.o"), command


TESTS = [
    ("order.interface", order_of_the_interface),
    ("order.helpers", order_of_the_helpers),
    ("order.names", interface_in_the_kernel_is_another),
    ("examples.helpers", every_helper_has_an_example),
    ("language.c99", in_language("cc", "-xc", "-std=c99")),
    ("language.c17", in_language("cc", "-xc", "-std=c17", "-Wshadow",
                                 "-Wstrict-prototypes")),
    ("language.clang", in_language("clang", "-xc", "-std=c99")),
    ("language.c++11", in_language("g++", "-xc++", "-std=c++11")),
    ("language.c++20", in_language("g++", "-xc++", "-std=c++20")),
    ("installed.each_alone", each_alone),
    ("installed.names", in_one_program_with_stdio),
    ("documents.compile", documented_commands),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
