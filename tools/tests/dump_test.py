#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of bpfsched dump; the programs are compared with llvm-objdump.

Needs no kernel. Prints KTAP.
"""

import glob
import json
import os
import re
import subprocess
import sys
import traceback

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
BPFSCHED = os.path.join(TOP, "tools/bin/bpfsched")
OBJECTS = sorted(glob.glob(os.path.join(TOP, "build/examples/*.bpf.o")) +
                 glob.glob(os.path.join(TOP, "build/tests/*.bpf.o")))
# What a 16-byte load gets when it is linked, as we write it; llvm-objdump has a
# relocation instead
REFERENCE = re.compile(r"^(r\d+) = (section\[\d+\] \+ \d+|map\[\d+\]|"
                       r"function [+-]\d+)$")

# One instruction of each form, and how it is written
FORMS = [
    ("b700000001000000", "r0 = 1"),
    ("b4000000ffffffff", "w0 = -1"),
    ("0f21000000000000", "r1 += r2"),
    ("3701010007000000", "r1 s/= 7"),
    ("9c21010000000000", "w1 s%= w2"),
    ("c701000003000000", "r1 s>>= 3"),
    ("8701000000000000", "r1 = -r1"),
    ("8401000000000000", "w1 = -w1"),
    ("dc01000010000000", "r1 = be16 r1"),
    ("d401000020000000", "r1 = le32 r1"),
    ("d701000040000000", "r1 = bswap64 r1"),
    ("bf21080000000000", "r1 = (s8)r2"),
    ("bc21100000000000", "w1 = (s16)w2"),
    ("2501030005000000", "if r1 > 5 goto +3"),
    ("6e21feff00000000", "if w1 s> w2 goto -2"),
    ("4501000001000000", "if r1 & 1 goto +0"),
    ("6110040000000000", "r0 = *(u32 *)(r1 + 4)"),
    ("91a0f8ff00000000", "r0 = *(s8 *)(r10 - 8)"),
    ("7a0af8ff07000000", "*(u64 *)(r10 - 8) = 7"),
    ("6b1af0ff00000000", "*(u16 *)(r10 - 16) = r1"),
    ("db21000000000000", "lock *(u64 *)(r1 + 0) += r2"),
    ("c321000001000000", "w2 = atomic_fetch_add((u32 *)(r1 + 0), w2)"),
    ("db210000a1000000", "r2 = atomic_fetch_xor((u64 *)(r1 + 0), r2)"),
    ("db210800e1000000", "r2 = xchg_64(r1 + 8, r2)"),
    ("c3210000f1000000", "w0 = cmpxchg32_32(r1 + 0, w0, w2)"),
    ("db12000000010000", "r2 = load_acquire((u64 *)(r1 + 0))"),
    ("d321000010010000", "store_release((u8 *)(r1 + 0), w2)"),
    ("18010000010000000000000000000000", "r1 = 1 ll"),
    ("0500030000000000", "goto +3"),
    ("06000000fdffffff", "gotol -3"),
    ("8500000005000000", "call 5"),
    ("8510000002000000", "call +2"),
    ("8d01000000000000", "callx r1"),
    ("9500000000000000", "exit"),
    ("ff00000000000000", "no instruction (opcode 0xff)"),
    # the second half of a 16-byte load is missing
    ("1801000001000000", "no instruction (opcode 0x18)"),
]


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def run(*arguments):
    return subprocess.run([BPFSCHED] + list(arguments), capture_output=True,
                          text=True, check=False)


def dump_json(*arguments):
    """[(program, its instructions)]; an array unless one is named"""
    done = run("-j", "dump", *arguments)
    equal((done.returncode, done.stderr), (0, ""), "status and errors")
    programs = json.loads(done.stdout)
    if isinstance(programs, dict):
        programs = [programs]
    return [(program["program"], program["instructions"])
            for program in programs]


def forms():
    for code, text in FORMS:
        (_, insns), = dump_json("--hex", code)
        equal([insn["text"] for insn in insns], [text], code)
        equal(insns[0]["bytes"], code)


def slots():
    (_, insns), = dump_json("--hex", "18010000010000000000000000000000"
                            "9500000000000000")
    equal([insn["slot"] for insn in insns], [0, 2])


def remarks():
    (_, insns), = dump_json("--hex", "8500000005000000" "0500ffff00000000"
                            "8510000000000000" "9500000000000000")
    equal([insn.get("remark") for insn in insns],
          ["ktime_get_ns", "to 1", "to 3", None])


def variables():
    remarks_of = [insn.get("remark", "")
                  for _, insns in dump_json(os.path.join(
                      TOP, "build/examples/pid.bpf.o"))
                  for insn in insns]
    assert ".data+0 (pid)" in remarks_of, remarks_of


def people():
    done = run("dump", "--raw", "--hex", "8510000001000000" "9500000000000000"
               "b700000001000000" "9500000000000000")
    equal(done.returncode, 0)
    equal([line.split(" ;")[0].split() for line in done.stdout.splitlines()],
          [["hex:", "4", "slots"],
           ["0:", "8510000001000000", "call", "+1"],
           ["1:", "9500000000000000", "exit"],
           ["function", "at", "2:"],
           ["2:", "b700000001000000", "r0", "=", "1"],
           ["3:", "9500000000000000", "exit"]])


def errors():
    for arguments in ([], ["--hex", "b7"], ["/no/such.bpf.o"], [BPFSCHED],
                      ["--hex", "00", "extra"], ["--no-such-option"]):
        done = run("dump", *arguments)
        equal((done.returncode, done.stdout), (2, ""), str(arguments))
        equal(len(done.stderr.splitlines()), 1, done.stderr)


def objdump(path):
    """{function: texts of its instructions}"""
    output = subprocess.run(["llvm-objdump", "-dr", "--mcpu=v3",
                             "--no-show-raw-insn", path], check=True,
                            capture_output=True, text=True).stdout
    functions, texts = {}, []
    for line in output.splitlines():
        name = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        insn = re.match(r"\s+\d+:\s+(.*)$", line)
        relocation = re.match(r"\s+[0-9a-f]+:\s+(R_BPF_\w+)\s", line)
        if name and not name[1].startswith("LBB"):
            texts = functions.setdefault(name[1], [])
        elif relocation and relocation[1] == "R_BPF_64_32":
            texts[-1] = "call +0"
        elif relocation and relocation[1] == "R_BPF_64_64":
            texts[-1] = re.sub(r" = .*", " = reference", texts[-1])
        elif insn:
            texts.append(insn[1])
    return functions


def alike(text):
    """Removes what is written in other words: names of labels, constants in
    hex, references to data, the width of registers in accesses"""
    text = re.sub(r"\s+<[^<>]*>$", "", text)
    text = re.sub(r"\b0x([0-9a-f]+)\b", lambda hexa: str(int(hexa[1], 16)),
                  text)
    text = REFERENCE.sub(r"\1 = reference", text)
    if "*(" in text and not text.startswith("lock"):
        text = re.sub(r"\bw(\d)", r"r\1", text)
    # the distance to a function is known only after linking
    return "call function" if re.match(r"call [+-]", text) else text


def as_llvm():
    """Instructions of the program's own function, as the library has linked it"""
    assert OBJECTS
    for path in OBJECTS:
        functions = objdump(path)
        for program, insns in dump_json(path):
            want = [alike(text) for text in functions[program]]
            got = [alike(insn["text"]) for insn in insns][:len(want)]
            for number, pair in enumerate(zip(got, want)):
                equal(pair[0], pair[1], f"{path}: {program}: {number}")
            equal(len(got), len(want))


def main():
    tests = [forms, slots, remarks, variables, people, errors, as_llvm]
    failed = 0
    print(f"KTAP version 1\n1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        try:
            test()
            problem = None
        except Exception:  # pylint: disable=broad-except
            problem = traceback.format_exc()
            failed += 1
            print("\n".join("# " + line for line in problem.splitlines()))
        print(f"{'not ok' if problem else 'ok'} {number} "
              f"dump.{test.__name__}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
