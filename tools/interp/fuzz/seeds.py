#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes inputs for the fuzzers: of the conformance vectors, and one or more
for each helper.

usage: seeds.py FOLDER
"""

import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
VECTORS = os.path.join(HERE, "../../tests/conformance/bpf_conformance.jsonl")
CONTEXT_MAX = 255

# Regions of the sandbox, and what a 16-byte load can name
CONTEXT, SECTIONS, HANDLES, MAPS = 2, 3, 31, 32
FUNCTION, MAP = 4, 5
# Types of maps, by their numbers in an input
ARRAY, HASH, QUEUE, STACK, CPU_ARRAY, CPU_HASH, LRU_HASH = range(7)
READ_ONLY, WRITE_ONLY = 8, 16
# In the type, the map before it through another descriptor; what that cannot
AGAIN, NO_READ, NO_WRITE = 128, 32, 64
# How many elements: 4 and 70
FOUR, MANY = 3, 7


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", code, src << 4 | dst, off, imm)


def number(reg, imm):
    return insn(0xb7, reg, imm=imm)


def copy(reg, src):
    return insn(0xbf, reg, src)


def add(reg, imm):
    return insn(0x07, reg, imm=imm)


def wide(reg, low, high=0, kind=0):
    return insn(0x18, reg, kind, imm=low) + insn(0, imm=high)


def context(reg, offset):
    return wide(reg, offset, CONTEXT)


def frame(reg, offset):
    return copy(reg, 10) + add(reg, -offset)


def store(offset, imm):
    """8 bytes below the top of the frame"""
    return insn(0x7a, 10, off=-offset, imm=imm)


def store_reg(offset, reg):
    return insn(0x7b, 10, reg, off=-offset)


def load_byte(reg, src, off):
    return insn(0x71, reg, src, off)


def store_byte(reg, off, imm):
    return insn(0x72, reg, off=off, imm=imm)


def skip_if_zero(reg, slots):
    return insn(0x15, reg, off=slots)


def call(helper):
    return insn(0x85, imm=helper)


EXIT = insn(0x95)


def function(reg, rest):
    """The address of the function that follows `rest`, which ends with exit"""
    return wide(reg, len(rest) // 8 + 1, 0, FUNCTION) + rest


def seed(program, text=b"", maps=(), sections=1):
    header = bytes([len(text), sections, 0, 0, 0, 1, 0, len(maps)])
    return header + b"".join(bytes(one) for one in maps) + text + program


def text_seeds():
    length = {"printk": 6, "strtol": 105, "strtoul": 106}
    line = b"%d:%s\0"
    yield "trace_printk", seed(
        context(1, 0) + number(2, 6) + number(3, -5) + context(4, 6) +
        call(length["printk"]) + EXIT, line + b"it\0")
    values = (store(32, 7) + context(0, 6) + store_reg(24, 0) + frame(4, 32))
    yield "trace_vprintk", seed(
        values + copy(3, 4) + number(4, 16) + context(1, 0) + number(2, 6) +
        call(177) + EXIT, line + b"it\0")
    for size in 1, 5, 6, 64:
        yield f"snprintf-{size}", seed(
            values + number(5, 16) + wide(1, 260 - size, SECTIONS + 2) +
            number(2, size) + context(3, 0) + call(165) + EXIT,
            line + b"it\0", sections=3)
    for name, text in (("minus", b" -42"), ("hex", b"0x1fz"),
                       ("octal", b"017"), ("most", b"9223372036854775808"),
                       ("least", b"-9223372036854775808"),
                       ("over", b"18446744073709551616"), ("none", b"x"),
                       ("last", b"18446744073709551615")):
        for helper in "strtol", "strtoul":
            yield f"{helper}-{name}", seed(
                context(1, 0) + number(2, len(text)) + number(3, 0) +
                frame(4, 8) + call(length[helper]) + EXIT, text)
    yield "strncmp", seed(
        context(1, 0) + number(2, 3) + context(3, 3) + call(182) + EXIT,
        b"ab\0abc")
    yield "strncmp-high", seed(
        context(1, 0) + number(2, 1) + context(3, 1) + call(182) + EXIT,
        b"\x80a")
    yield "strncmp-beyond", seed(
        context(1, 0) + number(2, 5) + context(3, 3) + call(182) + EXIT,
        b"abcab")


def plain_seeds():
    for helper in [5, 7, 8, 118, 125, 160, 208] + list(range(0x10000,
                                                             0x10006)):
        yield f"plain-{helper:#x}", seed(
            call(helper) + store_reg(8, 0) + call(helper) + EXIT)
    for length in 0, 4, 32, 33, 4096, 4097:
        yield f"emit-{length}", seed(
            wide(1, 0, SECTIONS) + number(2, length) + call(0x10006) + EXIT)
    yield "emit-frame", seed(
        frame(1, 512) + number(2, 512) + call(0x10006) + EXIT)
    for size in 56, 64, 48:
        yield f"submit-{size}", seed(
            store(64, size) + number(1, 1) + wide(2, 0, SECTIONS) +
            number(3, 32) + frame(4, 64) + call(0x10007) + EXIT)
    yield "submit-at-end", seed(
        wide(4, 260 - 8, SECTIONS + 2) + insn(0x7a, 4, imm=56) +
        number(1, 0) + number(3, 0) + call(0x10007) + EXIT, sections=3)
    yield "submit-plain", seed(
        number(1, 0) + number(3, 0) + number(4, 0) + call(0x10007) + EXIT)


def loop_seeds():
    turns = number(1, 20) + function(
        2, number(3, 5) + number(4, 0) + call(181) + EXIT)
    yield "loop", seed(turns + number(0, 0) + EXIT)
    yield "loop-pause", seed(turns + call(0x10005) + store_reg(8, 1) +
                             number(0, 0) + EXIT)
    yield "loop-break", seed(turns + copy(0, 1) + EXIT)
    yield "loop-long", seed(number(1, 2000) + turns[8:] + number(0, 0) + EXIT)


def map_seeds():
    key = store(8, 1) + wide(1, 0, 0, MAP) + frame(2, 8)
    touch = skip_if_zero(0, 2) + load_byte(3, 0, 11) + store_byte(0, 11, 7)
    for name, kind, key_len in (("array", ARRAY, 4), ("hash", HASH, 8),
                                ("cpu-array", CPU_ARRAY, 4),
                                ("cpu-hash", CPU_HASH, 5),
                                ("lru", LRU_HASH, 4)):
        for bits in FOUR, FOUR | READ_ONLY, FOUR | WRITE_ONLY:
            maps = [(kind, key_len, 12, bits)]
            yield f"{name}-lookup-{bits}", seed(
                key + call(1) + touch + EXIT, maps=maps)
            yield f"{name}-update-{bits}", seed(
                key + wide(3, 260 - 12, SECTIONS + 2) + number(4, 0) +
                call(2) + EXIT, maps=maps, sections=3)
            yield f"{name}-delete-{bits}", seed(
                key + call(3) + EXIT, maps=maps)
            yield f"{name}-cpu-{bits}", seed(
                key + number(3, 2) + call(195) + touch + EXIT, maps=maps)
            walk = wide(1, 0, 0, MAP) + function(
                2, number(3, 5) + number(4, 0) + call(164) + EXIT)
            yield f"{name}-walk-{bits}", seed(
                walk + load_byte(0, 2, 0) + load_byte(0, 3, 11) +
                call(0x10005) + EXIT, maps=maps)
        yield f"{name}-cpu-beyond", seed(
            key + number(3, 3) + call(195) + touch + EXIT,
            maps=[(kind, key_len, 12, FOUR)])
        # keys of 16 bytes, where they are not numbers
        yield f"{name}-key-at-end", seed(
            wide(1, 0, 0, MAP) + wide(2, 260 - 16, SECTIONS + 2) + call(1) +
            EXIT, maps=[(kind, 16, 12, FOUR)], sections=3)
        yield f"{name}-walk-many", seed(
            wide(1, 0, 0, MAP) + function(
                2, number(3, 5) + number(4, 0) + call(164) + EXIT) +
            store_byte(3, 0, 1) + number(0, 0) + EXIT,
            maps=[(kind, key_len, 12, MANY)])
        yield f"{name}-emit", seed(
            key + call(1) + copy(1, 0) + number(2, 12) + call(0x10006) + EXIT,
            maps=[(kind, key_len, 12, FOUR)])
    for name, kind in ("queue", QUEUE), ("stack", STACK):
        for bits in FOUR, FOUR | READ_ONLY, FOUR | WRITE_ONLY:
            maps = [(kind, 0, 12, bits)]
            value = wide(1, 0, 0, MAP) + frame(2, 12)
            yield f"{name}-{bits}", seed(
                value + number(3, 2) + call(87) +
                (value + call(89) + value + call(88)) * 4 + EXIT, maps=maps)


def lookups(offset=8):
    """Ways to set the arguments and call; another instruction between two of
    them keeps them apart"""
    the_map, the_key, other = wide(1, 0, 0, MAP), frame(2, offset), copy(9, 9)
    yield "apart", the_key + the_map + other + call(1)
    yield "map", the_key + other + the_map + call(1)
    yield "key", the_map + other + the_key + call(1)
    yield "map-key", the_map + the_key + call(1)
    yield "key-map", the_key + the_map + call(1)


def lookup_seeds():
    # the arguments are there afterwards, and r0 as it is
    mix = (store_reg(32, 0) + copy(0, 1) + insn(0x27, 0, imm=3) +
           insn(0xaf, 0, 2) + insn(0x79, 3, 10, -32) + insn(0xaf, 0, 3))
    for name, kind in (("array", ARRAY), ("hash", HASH),
                       ("cpu-array", CPU_ARRAY), ("queue", QUEUE)):
        maps = [(kind, 4, 12, FOUR)]
        for way, look in lookups():
            for number_of, key in ("there", 1), ("none", 99):
                start = number(6, 5) + store(8, key)
                yield f"lookup-{name}-{way}-{number_of}", seed(
                    start + look + mix + EXIT, maps=maps)
                yield f"lookup-{name}-{way}-{number_of}-or", seed(
                    start + look + skip_if_zero(0, 2) + load_byte(4, 0, 3) +
                    add(6, 1) + mix + insn(0x0f, 0, 6) + EXIT, maps=maps)
                # what is no test for NULL
                for test, jump in (("5", insn(0x15, 0, off=1, imm=5)),
                                   ("32", insn(0x16, 0, off=1)),
                                   ("not", insn(0x55, 0, off=1)),
                                   ("other", insn(0x15, 6, off=1))):
                    yield f"lookup-{name}-{way}-{number_of}-if-{test}", seed(
                        start + look + jump + add(6, 1) + mix +
                        insn(0x0f, 0, 6) + EXIT, maps=maps)
            # from one that is not there to the first
            search = insn(0x63, 10, 7, -8) + add(7, 1) + look
            yield f"lookup-{name}-{way}-search", seed(
                number(7, -300) + store(8, 0) + search +
                insn(0x15, 0, off=-len(search) // 8 - 1) + mix + EXIT,
                maps=maps)
            # in the frame of a function, whose caller has another key there
            yield f"lookup-{name}-{way}-below", seed(
                store(8, 99) + insn(0x85, src=1, imm=1) + EXIT +
                store(8, 1) + look + skip_if_zero(0, 1) + load_byte(0, 0, 3) +
                EXIT, maps=maps)
        for way, look in lookups(4):
            yield f"lookup-{name}-{way}-at-end", seed(
                store(8, 1) + look + mix + EXIT, maps=maps)
            yield f"lookup-{name}-{way}-too-long", seed(
                store(8, 1) + look + mix + EXIT, maps=[(kind, 5, 12, FOUR)])
        for offset in 3, 512, 513:
            for way, look in lookups(offset):
                yield f"lookup-{name}-{way}-{offset}", seed(
                    store(8, 1) + look + mix + EXIT, maps=maps)
        for where, key in (("section", wide(2, 0, SECTIONS)),
                           ("context", context(2, 0))):
            yield f"lookup-{name}-{where}", seed(
                key + wide(1, 0, 0, MAP) + call(1) + skip_if_zero(0, 1) +
                load_byte(4, 0, 3) + mix + EXIT, b"\1\0\0\0", maps=maps)
            for helper in 2, 3, 195:
                yield f"lookup-{name}-{where}-{helper}", seed(
                    key + wide(1, 0, 0, MAP) + number(4, 0) +
                    (frame(3, 16) if helper == 2 else number(3, 0)) +
                    call(helper) + EXIT, b"\1\0\0\0", maps=maps)


def tour(index, first, end, middle=b""):
    """A look at the elements from `first` up to `end`"""
    body = (insn(0x63, 10, 7, -8) + wide(1, index, 0, MAP) + frame(2, 8) +
            call(1) + middle + add(7, 1))
    return (number(7, first) + store(8, 0) + body +
            insn(0xa5, 7, off=-len(body) // 8 - 1, imm=end))


def window_seeds():
    element = tour(0, 0, 1) + copy(6, 0)
    # 70 elements each, and then those of the other are longer or shorter
    maps = [(CPU_ARRAY, 4, 12, MANY), (CPU_ARRAY, 4, 64, MANY)]
    last = insn(0x79, 3, 6, 4) + EXIT
    for others in 31, 32, 33, 63, 64, 65, 69:
        yield f"window-after-{others}", seed(
            element + tour(0, 1, others + 1) + last, maps=maps)
        yield f"window-used-after-{others}", seed(
            element + tour(1, 0, others, store_byte(6, 11, 1)) + last,
            maps=maps)
        yield f"window-found-after-{others}", seed(
            element + tour(0, 1, others + 1) + tour(0, 0, 1) +
            insn(0x1d, 0, 6, 1) + store_byte(0, 0, 1) + last, maps=maps)
    yield "window-used-again", seed(
        element + tour(0, 1, 41) + tour(0, 0, 1) + tour(0, 41, 70) + last,
        maps=maps)
    # all are in use, and the first was used last, or in the middle
    for middle in 0, 1, 8, 16, 31:
        yield f"window-used-late-{middle}", seed(
            tour(0, 0, 64) + tour(0, middle, 32) +
            (tour(0, 0, middle) if middle else b"") + copy(6, 0) +
            tour(0, 64, 70) + last, maps=maps)
        yield f"window-kept-{middle}", seed(
            tour(0, 0, 64) + tour(0, middle, middle + 1) + copy(6, 0) +
            tour(0, 32, 63) + tour(1, 0, 2) + last, maps=maps)
    # wherever an epoch ends: the first has to be there after 31 others
    for used in range(1, 33):
        yield f"window-promise-{used}", seed(
            tour(0, 0, 64) + tour(0, 1, 1 + used) + tour(0, 0, 1) +
            copy(6, 0) + tour(0, 1 + used, 32 + used) + tour(0, 64, 66) +
            EXIT, maps=maps)
    for size in 64, 4:
        maps[1] = (CPU_ARRAY, 4, size, MANY)
        yield f"window-reused-{size}", seed(
            tour(0, 0, 70) + tour(1, 0, 70, store_byte(0, 3, 1)) +
            insn(0x79, 3, 0, size - 8) + EXIT, maps=maps)
    for bits in READ_ONLY, WRITE_ONLY:
        maps[1] = (CPU_ARRAY, 4, 12, MANY | bits)
        for first in 0, 1:
            yield f"window-rights-{bits}-{first}", seed(
                tour(first, 0, 70) +
                tour(1 - first, 0, 70, load_byte(3, 0, 0)) +
                store_byte(0, 0, 1) + EXIT, maps=maps)
    for name, kind in ("hash", HASH), ("cpu-array", CPU_ARRAY), ("lru",
                                                                 LRU_HASH):
        for bits in NO_READ, NO_WRITE:
            maps = [(kind, 4, 12, FOUR),
                    (kind | AGAIN, 4, 12, FOUR | bits)]
            for first in 0, 1:
                yield f"window-twice-{name}-{bits}-{first}", seed(
                    tour(first, 0, 2) + copy(6, 0) + tour(1 - first, 0, 2) +
                    load_byte(3, 6, 0) + store_byte(0, 0, 1) +
                    load_byte(3, 0, 0) + store_byte(6, 0, 1) + EXIT,
                    maps=maps)


def vector_seeds():
    with open(VECTORS, encoding="utf-8") as lines:
        for line in lines:
            vector = json.loads(line)
            text = bytes.fromhex(vector["mem"])
            if len(text) <= CONTEXT_MAX:
                yield ("vector-" + vector["name"],
                       seed(bytes.fromhex(vector["insns"]), text))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: seeds.py FOLDER")
    os.makedirs(sys.argv[1], exist_ok=True)
    for seeds in (vector_seeds, text_seeds, plain_seeds, loop_seeds,
                  map_seeds, lookup_seeds, window_seeds):
        for name, data in seeds():
            if seeds != vector_seeds:
                name = "helper-" + name
            with open(os.path.join(sys.argv[1], name), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
