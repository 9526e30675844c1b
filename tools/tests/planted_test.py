#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Faults in copies of the interpreter are found, each by the test that is for it.
exec "$(dirname "$(readlink -f "$0")")/../interp/planted.py"
