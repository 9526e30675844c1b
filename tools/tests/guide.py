#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checks the table of Documentation/guide.rst against the tests that ran.

The table has a row for each part of the guide, with the columns Guide, Module,
KUnit, End to end. A cell of the last two names tests in double backquotes:
``SUITE.CASE`` of KUnit, ``SUITE: TEST`` end to end; or it has the word
*open*; or, end to end, a dash for what user space cannot see. Each test that
is named has to have passed. A row with an open cell counts as skipped.

Alone, reads the results that tools/tests/run has left, and prints KTAP.
"""

import json
import os
import re
import sys

import ktap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
GUIDE = os.path.join(TOP, "Documentation/guide.rst")
RESULTS = os.path.join(TOP, "build/test-results.json")

COLUMNS = ["Guide", "Module", "KUnit", "End to end"]
NAME = re.compile(r"``([^`]+)``")
OPEN = re.compile(r"\bopen\b", re.IGNORECASE)
DASHES = {"-", "--", "\N{EN DASH}", "\N{EM DASH}"}


def list_table_rows(lines):
    """Yields the rows of the list-tables among lines, as lists of cells"""
    row, indent, inside = None, 0, False
    for line in lines:
        text = line.strip()
        depth = len(line) - len(line.lstrip())
        if text.startswith(".. list-table::"):
            inside = True
            indent = depth
        elif inside and text and depth <= indent:
            inside = False
            if row:
                yield row
            row = None
        elif inside and re.match(r"\* +-( |$)", text):
            if row:
                yield row
            row = [re.sub(r"^\* +- ?", "", text)]
        elif inside and row and re.match(r"-( |$)", text):
            row.append(text[2:])
        elif inside and row and text:
            row[-1] = f"{row[-1]} {text}".strip()
    if row:
        yield row


def guide_rows(lines):
    """The rows of the one table that has the right columns, without them"""
    rows, taking = [], False
    for row in list_table_rows(lines):
        if row == COLUMNS:
            taking = True
        elif len(row) != len(COLUMNS):
            taking = False
        elif taking:
            rows.append(row)
    return rows


def row_name(cell):
    """The text of a Guide cell, without markup"""
    return re.sub(r"[`*#]", "", cell).strip() or "(no name)"


def check_name(suite, name, results):
    """What is wrong with a test that is named, None if it passed"""
    if suite not in results:
        return f"{suite}: {name}: there is no such suite"
    status = results[suite].get(name)
    if status is None:
        return f"{suite}: {name}: there is no such test"
    if status != ktap.PASSED:
        return f"{suite}: {name}: {status}"
    return None


def check_cell(cell, split, results):
    """What is wrong with a cell of tests: a list, empty if nothing is"""
    names = NAME.findall(cell)
    problems = []
    for name in names:
        suite, test = split(name)
        problems.append(check_name(suite, test, results))
    if not names and not OPEN.search(cell):
        problems.append(f"neither a test nor 'open': {cell!r}")
    return [problem for problem in problems if problem]


def split_kunit(name):
    return "kunit", name


def split_end_to_end(name):
    suite, _, test = name.partition(":")
    return suite.strip(), test.strip()


def check_row(row, results):
    """The ktap.Result of a row"""
    _, _, kunit, end_to_end = row
    problems = check_cell(kunit, split_kunit, results)
    if end_to_end not in DASHES:
        problems += check_cell(end_to_end, split_end_to_end, results)
    name = row_name(row[0])
    if problems:
        return ktap.Result(name, ktap.FAILED, problems)
    is_open = any(OPEN.search(NAME.sub("", cell))
                  for cell in (kunit, end_to_end))
    if is_open:
        return ktap.Result(name, ktap.SKIPPED, ["# open"])
    return ktap.Result(name, ktap.PASSED)


def check(results, path=GUIDE):
    """A ktap.Result for each row; results: {suite: {test: status}}"""
    try:
        with open(path, encoding="utf-8") as lines:
            rows = guide_rows(lines.read().splitlines())
    except OSError as error:
        return [ktap.Result("table", ktap.FAILED, [str(error)])]
    if not rows:
        return [ktap.Result("table", ktap.FAILED,
                            [f"{path} has no table with the columns "
                             f"{', '.join(COLUMNS)}, or it is empty"])]
    return [check_row(row, results) for row in rows]


def main():
    with open(RESULTS, encoding="utf-8") as file:
        rows = check(json.load(file))
    print(f"KTAP version 1\n1..{len(rows)}")
    for number, row in enumerate(rows, 1):
        for detail in row.details:
            ktap.show(detail.removeprefix("# "))
        print(f"{'not ok' if row.status == ktap.FAILED else 'ok'} {number} "
              f"{row.name}{' # SKIP' if row.status == ktap.SKIPPED else ''}")
    return 1 if any(row.status == ktap.FAILED for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
