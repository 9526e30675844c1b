#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sees that numbers of programs are clamped where no test can run into it.

    clamps.py [FOLDER]

What a processor does with a number that was found too large, while it guesses
that it was not, shows in no result. Most such places are tried by interp-confine.
These are not: they are executed when a program is loaded, or in the kernel only.
FOLDER has the sources. Prints KTAP.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))

# (file, function, what is clamped there, or how it is masked)
PLACES = [
    ("sched_core/host.c", "make_followup", "index"),
    ("interp/host.c", "read_options", "i"),
    ("interp/map.c", "type_of", "number"),
    ("interp/map_helpers.c", "is_cpu", "number"),
    ("interp/walk.c", "next_element", "place->index"),
    ("interp/walk.c", "number_of", "(frame - state->frames) & (INTERP_FRAMES"),
    ("interp/walk.c", "make_room_for_key", "state->depth & (INTERP_FRAMES"),
    ("interp/check.c", "check_section", "section"),
    ("interp/check.c", "is_start", "(u64)slot"),
    ("interp/reloc.c", "section_len", "section"),
    ("interp/decode.c", "index_at", "(u64)slot"),
]


def body(text, function):
    """The lines of a function, from its name to the brace that ends it"""
    found = re.search(rf"^[^\s#/*][^;{{}}]*\b{function}\([^;{{}}]*\)\n"
                      r"(?:\t__\w+\([^\n]*\)\n)*\{\n.*?^\}", text,
                      re.MULTILINE | re.DOTALL)
    return found[0] if found else None


def problem(top, place):
    """What is wrong, None if nothing is"""
    name, function, number = place
    with open(os.path.join(top, name), encoding="utf-8") as file:
        lines = body(file.read(), function)
    if not lines:
        return f"{name} has no function {function}()"
    masked = number if "&" in number else f"array_index_nospec({number},"
    if masked not in lines:
        return f"{number} is not clamped"
    return None


def main():
    top = sys.argv[1] if sys.argv[1:] else os.path.join(HERE, "../..")
    print(f"KTAP version 1\n1..{len(PLACES)}")
    failed = 0
    for number, place in enumerate(PLACES, 1):
        wrong = problem(top, place)
        if wrong:
            failed += 1
            print(f"# {wrong}")
        print(f"{'not ok' if wrong else 'ok'} {number} clamps.{place[1]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
