#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes inputs for the fuzzers of the conformance vectors.

usage: seeds.py FOLDER
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
VECTORS = os.path.join(HERE, "../../tests/conformance/bpf_conformance.jsonl")
# One section, the budget's largest, no fillers, a pause at each safe point
HEADER_REST = bytes([1, 0, 0, 0, 1, 0, 0])
CONTEXT_MAX = 255


def write_seed(folder, vector):
    context = bytes.fromhex(vector["mem"])
    if len(context) > CONTEXT_MAX:
        return
    path = os.path.join(folder, "vector-" + vector["name"])
    with open(path, "wb") as file:
        file.write(bytes([len(context)]) + HEADER_REST + context +
                   bytes.fromhex(vector["insns"]))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: seeds.py FOLDER")
    os.makedirs(sys.argv[1], exist_ok=True)
    with open(VECTORS, encoding="utf-8") as lines:
        for line in lines:
            write_seed(sys.argv[1], json.loads(line))


if __name__ == "__main__":
    main()
