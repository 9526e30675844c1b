#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Any handler of the interpreter, on any instruction: every attempt.
exec "$(dirname "$(readlink -f "$0")")/confine_test.py" --all
