#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Secrets outside of the sandbox cannot be read through the caches:
interp-speculation, with each of its gadgets.

That nothing leaks says something only where a hole shows. So the same is done
with an interpreter that has one; if that does not leak on this processor, the
test is skipped, and says so. And it is done with the engine that has no masks,
which is to leak where the interpreter with the hole does. Nothing is timed but loads, by the median of many on
this machine; what else it does makes fewer guesses right.

Needs no kernel. Prints KTAP.
"""

import os
import sys

import interp_build
import ktap

sys.path.insert(0, interp_build.INTERP)
import planted  # noqa: E402 pylint: disable=wrong-import-position

# gadget: (the hole, where the control is built, arguments of make)
GADGETS = {
    "frame": ("offset-in-a-jump", "interp", []),
    "target": ("address-in-a-jump", "interp-portable", ["PORTABLE=1"]),
}
ATTEMPTS = 3


def run(top, folder, *arguments):
    """Returns (whether it leaks, what was said)"""
    status, said = interp_build.call(
        [os.path.join(top, "build", folder, "interp-speculation"), *arguments])
    assert status in (0, 1), said
    assert interp_build.ktap.read(said.splitlines()).plan == 1, said
    assert "# SKIP" not in said, said
    return status == 1, said


def shows(gadget):
    """Whether this processor shows what leaks through the hole"""
    hole, folder, arguments = GADGETS[gadget]
    top = planted.copy("control-" + gadget, folder)
    problem = planted.change(top, planted.FAULTS[hole][1])
    assert not problem, problem
    interp_build.make(["speculation"], arguments, top)
    return any(run(top, folder, gadget)[0] for _ in range(ATTEMPTS))


def test(gadget):
    """Whatever happens with the hole, without it nothing leaks"""
    _, folder, arguments = GADGETS[gadget]
    interp_build.make(["speculation"], arguments)
    leaks, said = run(interp_build.TOP, folder, gadget)
    assert not leaks, said
    if not shows(gadget):
        raise ktap.Skip("an interpreter with the hole does not leak either on "
                        "this processor: this test says nothing here")


def test_unmasked():
    """The tests see what the masks keep in"""
    interp_build.make(["speculation"])
    for _ in range(ATTEMPTS):
        leaks, said = run(interp_build.TOP, "interp", "--unmasked", "frame")
        if leaks:
            return
    if shows("frame"):
        raise AssertionError("without masks nothing leaks, but with the hole "
                             "it does\n" + said)
    raise ktap.Skip("an interpreter with the hole does not leak either on this "
                    "processor: this test says nothing here")


def main():
    tests = [("speculation." + gadget, lambda name=gadget: test(name))
             for gadget in GADGETS]
    return ktap.main(tests + [("speculation.unmasked", test_unmasked)])


if __name__ == "__main__":
    sys.exit(main())
