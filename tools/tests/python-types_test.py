#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the Python package that need no scheduler: its types, and that its
structures and functions are those of the headers. Prints KTAP.
"""

import ctypes
import glob
import os
import re
import subprocess
import sys
import tempfile

import ktap
import staged
from staged import TOP, run

SOURCE = os.path.join(TOP, "tools/python")


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def folder_of_packages():
    """Where the package is staged"""
    found = glob.glob(staged.PREFIX + "/lib/python3*/*-packages")
    equal(len(found), 1, "folders of packages")
    return found[0]


def library():
    """The module with what the package knows of the library

    The loader has read LD_LIBRARY_PATH when this program began.
    """
    ctypes.CDLL(staged.LIBDIR + "/libbpfsched.so.1")
    sys.path.insert(0, folder_of_packages())
    from bpfsched import _library  # pylint: disable=import-outside-toplevel
    assert _library.__file__.startswith(staged.ROOT), _library.__file__
    return _library


def types():
    done = subprocess.run(["mypy", "--strict", "--no-incremental",
                           "--cache-dir=/dev/null", SOURCE + "/bpfsched"],
                          capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr


def examples_in(path):
    with open(path, encoding="utf-8") as file:
        return re.findall(r"^```python\n(.*?)^```$", file.read(),
                          re.DOTALL | re.MULTILINE)


def types_of_the_examples():
    """What a user writes is checked against the installed package"""
    examples = examples_in(SOURCE + "/README.md")
    assert len(examples) >= 4, examples
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, text in enumerate(examples):
            paths.append(f"{folder}/example{i}.py")
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run(
            ["mypy", "--no-incremental", "--cache-dir=/dev/null",
             "--check-untyped-defs", "--scripts-are-modules", *paths], check=False, text=True,
            capture_output=True,
            env=dict(os.environ, MYPYPATH=folder_of_packages()))
    assert not done.returncode, done.stdout + done.stderr


def ten_lines():
    first = examples_in(SOURCE + "/README.md")[0]
    lines = [line for line in first.splitlines() if line]
    assert len(lines) <= 10, lines


def layout():
    """Each member is where C has it, and none is missing"""
    module = library()
    text = ["#include <bpfsched.h>", "#include <stdio.h>", "int main(void)",
            "{"]
    want = {}
    for name, structure in module.STRUCTURES.items():
        text.append(f'printf("{name} %zu\\n", sizeof(struct {name}));')
        want[name] = ctypes.sizeof(structure)
        for field, *_ in structure._fields_:
            member = getattr(structure, field)
            text.append(f'printf("{name}.{field} %zu %zu\\n", offsetof('
                        f'struct {name}, {field}), sizeof(((struct {name} *)0)'
                        f'->{field}));')
            want[f"{name}.{field}"] = (member.offset, member.size)
    text += ["return 0;", "}"]
    got = {}
    with tempfile.TemporaryDirectory() as folder:
        run("cc", "-xc", "-o", folder + "/layout", "-I" + staged.INCLUDEDIR,
            "-", input="\n".join(text))
        for line in run(folder + "/layout").splitlines():
            name, *numbers = line.split()
            got[name] = (tuple(map(int, numbers)) if len(numbers) == 2
                         else int(numbers[0]))
    equal(got, want, "layout")


def members():
    """Structures of the kernel have the members that the header declares"""
    module = library()
    header = (staged.without_comments(staged.HEADER) +
              staged.without_comments(staged.INCLUDEDIR +
                                      "/linux/bpfsched.h"))
    for name, structure in module.STRUCTURES.items():
        body = re.search(rf"^struct {name} {{(.*?)^}};", header,
                         re.DOTALL | re.MULTILINE)[1]
        equal([field for field, *_ in structure._fields_],
              re.findall(r"(\w+)(?:\[\w+\])?;", body), name)


def prototypes():
    """The number of parameters of each function, and whether it is there"""
    module = library()
    header = staged.without_comments(staged.HEADER)
    assert len(module.PROTOTYPES) > 20
    for name, (_, *parameters) in module.PROTOTYPES.items():
        declared = re.search(rf"\b{name}\(([^;]*?)\);", header)
        assert declared, f"the header has no {name}()"
        count = 0 if declared[1] == "void" else declared[1].count(",") + 1
        equal(len(parameters), count, name)


CONSTANTS = [
    ("JOB_", "BPFSCHED_JOB_"),
    ("COMPLETION_", "BPFSCHED_COMPLETION_"),
    ("SECTION_", "BPFSCHED_SECTION_"),
    ("NAME_LEN", "BPFSCHED_NAME_LEN"),
    ("PROG_NAME_LEN", "BPFSCHED_PROG_NAME_LEN"),
    ("EVENT_MAX", "BPFSCHED_EVENT_MAX"),
]


def constants():
    """Numbers are those of the header"""
    module = library()
    from bpfsched import Priority, Status  # pylint: disable=C0415
    want = {f"BPFSCHED_STATUS_{status.name}": int(status) for status in Status}
    want.update({f"BPFSCHED_PRIORITY_{priority.name}": int(priority)
                 for priority in Priority})
    for ours, prefix in CONSTANTS:
        want.update({prefix + name[len(ours):]: getattr(module, name)
                     for name in dir(module) if name.startswith(ours)})
    assert len(want) > 20, want
    text = "#include <linux/bpfsched.h>\n" + "\n".join(
        f'_Static_assert({name} == {number}, "{name}");'
        for name, number in want.items())
    run("cc", "-xc", "-c", "-o", "/dev/null", "-I" + staged.INCLUDEDIR, "-",
        input=text)


def version_of_the_package():
    with open(SOURCE + "/pyproject.toml", encoding="utf-8") as file:
        version = re.search(r'^version = "(.*)"$', file.read(), re.MULTILINE)
    equal([version[1]], staged.pkg_config("--modversion"))


TESTS = [
    ("types.package", types),
    ("types.examples", types_of_the_examples),
    ("readme.ten_lines", ten_lines),
    ("library.layout", layout),
    ("library.members", members),
    ("library.prototypes", prototypes),
    ("library.constants", constants),
    ("package.version", version_of_the_package),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
