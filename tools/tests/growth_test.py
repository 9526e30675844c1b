#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Objects that have much of something: the work to open them grows as they do.

Needs no kernel. Work is counted, not timed: the library is compiled so that it
counts the blocks of code that it runs, see objects/growth.c. Four times as much
of something may be six times the work, as for sorting; it would be sixteen
times if each looked at all others. Prints KTAP. Arguments: patterns of names of
tests.
"""

import glob
import os
import re
import struct
import subprocess
import sys
import tempfile

import ktap
from elf import (EXIT, LDDW, MOV_0, SHF_ALLOC, SHF_WRITE, SHT_NOBITS, SHT_REL,
                 STB_LOCAL, STT_FUNC, Btf, CODE, Elf, KIND_PTR, extension)

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../.."))
GROWTH = os.path.join(TOP, "build/objects-growth")

COUNT = 2000
TIMES_MORE, TIMES_WORK = 4, 6

# What never comes
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))


def build():
    common = ["cc", "-std=gnu11", "-g", "-O1", "-D_GNU_SOURCE",
              "-I" + os.path.join(TOP, "include/uapi"),
              "-I" + os.path.join(TOP, "tools/lib"),
              "-I" + os.path.join(HERE, "objects")]
    with tempfile.TemporaryDirectory() as folder:
        counter = os.path.join(folder, "growth.o")
        subprocess.run(common + ["-c", "-o", counter,
                                 os.path.join(HERE, "objects/growth.c")],
                       check=True)
        subprocess.run(common + ["-fsanitize-coverage=trace-pc", "-include",
                                 "growth.h", "-o", GROWTH, counter] +
                       sorted(glob.glob(os.path.join(TOP, "tools/lib/*.c"))) +
                       ["-lbpf"], check=True)


def open_object(elf, *part):
    """Returns (how much work it was, what was said)"""
    with tempfile.NamedTemporaryFile(suffix=".o") as file:
        file.write(elf.bytes())
        file.flush()
        try:
            done = subprocess.run([GROWTH, file.name, *part], text=True,
                                  stdout=subprocess.PIPE, check=False,
                                  timeout=HANG_GUARD_S)
        except subprocess.TimeoutExpired:
            raise AssertionError("hangs") from None
    assert done.returncode == 0, f"status {done.returncode}: {done.stdout}"
    return int(re.search(r"work: (\d+)", done.stdout)[1]), done.stdout


def check_growth(make, want, *part):
    """make(count): the object; want: what is to be said of it"""
    works = []
    for count in COUNT, TIMES_MORE * COUNT:
        work, said = open_object(make(count), *part)
        text = want.format(count=count)
        assert text in said, f"no {text!r} in {said}"
        works.append(work)
    ktap.show(f"{TIMES_MORE} times as much: {works[1] / works[0]:.1f} times "
              "the work")
    assert works[1] < TIMES_WORK * works[0], f"work: {works}"


def with_types(elf, btf, ext=None):
    elf.section(".BTF", 0, btf.bytes())
    if ext:
        elf.section(".BTF.ext", 0, ext)
    return elf


def with_data(variables, size, section=".bss"):
    """A program that refers to a section of variables: (name, offset, size)"""
    elf = Elf()
    code = elf.program(LDDW + MOV_0 + EXIT)
    data = elf.section(section, SHF_ALLOC | SHF_WRITE, size, SHT_NOBITS)
    numbers = [elf.symbol(name, data, offset, bytes_)
               for name, offset, bytes_ in variables]
    elf.relocs(code, [(0, numbers[0])])
    return elf


def symbols():
    """Variables, all of which have types"""
    def make(count):
        variables = [(f"v{i}", 4 * i, 4) for i in range(count)]
        elf, btf = with_data(variables, 4 * count), Btf()
        number = btf.integer()
        btf.variables(".bss", [(name, number, offset, size)
                               for name, offset, size in variables])
        return with_types(elf, btf)
    check_growth(make, "variables: {count}", "none")


def same_names():
    """Variables of one name, in many lists"""
    def make(count):
        elf = with_data([("v", 0, 4)] * count, 4)
        btf = Btf()
        number = btf.integer()
        for i in range(count):
            btf.variables(f".bss{i}", [("v", number, 0, 4)])
        return with_types(elf, btf)
    check_growth(make, "variables: {count}")


def relocations():
    """References to variables, in code that is dumped with their names"""
    def make(count):
        elf = Elf()
        code = elf.program(LDDW * count + MOV_0 + EXIT)
        data = elf.section(".bss", SHF_ALLOC | SHF_WRITE, 4 * count, SHT_NOBITS)
        numbers = [elf.symbol(f"v{i}", data, 4 * i, 4) for i in range(count)]
        elf.relocs(code, [(16 * i, number)
                          for i, number in enumerate(numbers)])
        return elf
    check_growth(make, "variables: {count}")


def maps():
    """References to a map, with a section of maps that has many"""
    def make(count):
        elf, btf = Elf(), Btf()
        code = elf.program(LDDW * count + MOV_0 + EXIT)
        section = elf.section(".maps", SHF_ALLOC | SHF_WRITE, bytes(16))
        for i in range(count):
            elf.symbol(f"no{i}", section, 16, 0)
        number = elf.symbol("map", section, 0, 16)
        elf.relocs(code, [(16 * i, number) for i in range(count)])
        integer = btf.integer()
        one = btf.add(KIND_PTR, btf.array(integer, integer, 1))
        kind = btf.structure(16, [("type", one, 0), ("max_entries", one, 64)])
        btf.variables(".maps", [("map", kind, 0, 16)])
        return with_types(elf, btf)
    check_growth(make, "instructions:")


def bounds_of_sections():
    """__start_NAME of sections, of which there are many"""
    def make(count):
        elf = Elf()
        code = elf.program(LDDW * count + MOV_0 + EXIT)
        for i in range(count):
            elf.section(f"data{i}", SHF_ALLOC | SHF_WRITE, 4, SHT_NOBITS)
        elf.relocs(code, [(16 * i, elf.symbol(f"__start_data{i % 8}", 0))
                          for i in range(count)])
        return elf
    check_growth(make, "instructions:")


def nested_members():
    """Structures that are parts of others, without names, many times each"""
    def make(count):
        elf, btf = with_data([("v", 0, 4)], 4), Btf()
        kind = btf.structure(4, [("x", btf.integer(), 0)])
        for _ in range(30):
            kind = btf.structure(4, [("", kind, 0)] * (count // 30))
        btf.variables(".bss", [("v", kind, 0, 4)])
        return with_types(elf, btf)
    check_growth(make, "has no member 'none'", "v.none")


def members_of_enumerations():
    """Members of a type that has many values"""
    def make(count):
        elf, btf = with_data([("v", 0, 4)], 4), Btf()
        kind = btf.enumeration([(f"E{i}", i) for i in range(count)])
        kind = btf.structure(4, [(f"m{i}", kind, 0) for i in range(count)])
        btf.variables(".bss", [("v", kind, 0, 4)])
        return with_types(elf, btf)
    check_growth(make, "has no member 'none'", "v.none")


def values_of_enumerations():
    """An array whose elements are shown with the names of their values"""
    def make(count):
        elf, btf = with_data([("v", 0, 4 * count)], 4 * count), Btf()
        integer = btf.integer()
        kind = btf.enumeration([(f"E{i}", i + 1) for i in range(count)])
        btf.variables(".bss", [("v", btf.array(kind, integer, count), 0,
                                4 * count)])
        return with_types(elf, btf)
    check_growth(make, "variables: 1")


def strings_without_end():
    """Names that go on to the end of the strings, which has no NUL"""
    def make(count):
        elf, btf = with_data([("v", 0, 4)], 4), Btf()
        number = btf.integer()
        btf.variables(".bss", [("x" * 64, number, 0, 4)] * count)
        btf.strings.bytes[1:] = b"x" * (64 * count)
        for i in range(count):
            elf.symbol(f"v{i}", 2, 0, 4)
        return with_types(elf, btf)
    check_growth(make, "variables:")


def files_of_lines():
    """Lines, each of a file of its own"""
    def make(count):
        elf, btf = Elf(), Btf()
        elf.program(MOV_0 * count + EXIT)
        name = btf.strings.add("bpfsched")
        lines = [(8 * i, btf.strings.add(f"f{i}.c"), 0, i << 10)
                 for i in range(count)]
        return with_types(elf, btf, extension([(name, lines)]))
    check_growth(make, "lines: {count} of {count} files")


def bit_fields():
    """Relocations of bit-fields, the shift of which is told of at the end"""
    def make(count):
        elf, btf = Elf(), Btf()
        elf.program(MOV_0 * (count + 1) + EXIT)
        kind = btf.structure(4, [("b", btf.integer(), 3 << 24)], "s", 1)
        name, path = btf.strings.add("bpfsched"), btf.strings.add("0:0")
        relos = [(8 * i, kind, path, 0) for i in range(count)]
        relos.append((8 * count, kind, path, 4))
        return with_types(elf, btf, extension(core=[(name, relos)]))
    check_growth(make, "instructions:")


def groups_of_lines():
    """Many groups of records, and many sections of the name that they have"""
    def make(count):
        elf, btf = Elf(), Btf()
        elf.program(MOV_0 + EXIT)
        for i in range(count):
            code = elf.section("text", CODE, MOV_0 + EXIT)
            elf.symbol(f"f{i}", code, 0, 16, STT_FUNC, STB_LOCAL)
        name = btf.strings.add("text")
        return with_types(elf, btf, extension(
            [(name, [(0, 0, 0, 1 << 10)])] * count,
            [(name, [(0, 1, 0, 0)])] * count))
    check_growth(make, "instructions: 2")


def overlapping_relocations():
    """Sections of relocations that are all in the same bytes of the file"""
    def make(count):
        elf = Elf()
        code = elf.program(MOV_0 + EXIT)
        # the number of the section that the first one is of, and the bytes
        for _ in range(count):
            elf.section(".rel", 0, b"", SHT_REL, 0, code, 16)
        elf.section("bytes", 0, struct.pack("<2Q", 64, 0) * count)
        return Overlapping(elf)
    check_growth(make, "overlap")


class Overlapping:
    """An object whose sections of relocations get the bytes of another one"""

    def __init__(self, elf):
        self.elf = elf

    def bytes(self):
        data = bytearray(self.elf.bytes())
        table, = struct.unpack_from("<Q", data, 40)
        count, = struct.unpack_from("<H", data, 60)
        largest = max(range(count), key=lambda i: struct.unpack_from(
            "<Q", data, table + 64 * i + 32))
        place = data[table + 64 * largest + 24:table + 64 * largest + 40]
        for i in range(count):
            if struct.unpack_from("<I", data, table + 64 * i + 4)[0] == SHT_REL:
                data[table + 64 * i + 24:table + 64 * i + 40] = place
        return bytes(data)


TESTS = [(f"growth.{test.__name__}", test) for test in (
    symbols, same_names, relocations, maps, bounds_of_sections,
    nested_members, members_of_enumerations,
    values_of_enumerations, strings_without_end, files_of_lines, bit_fields,
    groups_of_lines, overlapping_relocations)]


def main():
    build()
    return ktap.main(ktap.select(TESTS, sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
