#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs Documentation/tutorial.rst and compares what it shows. Prints KTAP.

Runs in a test kernel, as root, with the module inserted. Each block of
commands is a test. Its commands are run in the order of the page, with the
command and the headers that "make install" has staged. The page itself says at
its beginning how its blocks and comments are read.

Arguments: patterns of the names of tests to run; none: all. A block may need
what the blocks before it have left.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from docutils import core, nodes, utils
from docutils.parsers.rst import roles

import ktap
import staged

PAGE = os.path.join(staged.TOP, "Documentation/tutorial.rst")
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))
# As if the packages were installed: compilers look there as in /usr/include
ENVIRONMENT = dict(os.environ, C_INCLUDE_PATH=staged.INCLUDEDIR,
                   PATH=f"{staged.PREFIX}/bin:{os.environ['PATH']}")


class Rule:
    """What may differ from the page, and whether the page has it at all"""

    def __init__(self, expression):
        self.expression = expression
        self.pattern = re.compile(expression)
        self.used = False


class Command:
    """A command, what it is to print, and which exit statuses are allowed"""

    def __init__(self, text):
        self.text = text
        self.lines = []
        self.statuses = [0]


class Block:
    """Commands that stand together"""

    def __init__(self, name, commands, rules):
        self.name = name
        self.commands = commands
        self.rules = rules


class Page:
    """What a page has: blocks in their order, files by name, rules, copies"""

    def __init__(self, text, path=PAGE):
        self.blocks, self.files, self.copies, self.rules = [], {}, [], []
        self._statuses = None
        # Sphinx has that role, and here it does not matter where it leads
        roles.register_generic_role("doc", nodes.emphasis)
        document = core.publish_doctree(
            text, source_path=path,
            settings_overrides={"halt_level": 2, "report_level": 5,
                                "warning_stream": False,
                                "syntax_highlight": "none",
                                "doctitle_xform": False})
        self._section(document, "", [])
        assert self._statuses is None, "a status without commands behind it"

    def _section(self, section, name, rules):
        rules = list(rules)
        count = 0
        for node in section.children:
            if isinstance(node, nodes.section):
                self._section(node, node["ids"][0], rules)
            elif isinstance(node, nodes.comment):
                self._comment(node.astext(), rules)
            else:
                for block in node.findall(nodes.literal_block):
                    count += self._literal(block, f"{name}.{count + 1}", rules)

    def _comment(self, text, rules):
        kind, _, value = text.partition(":")
        value = value.strip()
        if kind == "any":
            rules.append(Rule(value))
            self.rules.append(rules[-1])
        elif kind == "copy":
            self.copies.append(value)
        elif kind == "status":
            self._statuses = [int(word) for word in value.split()]

    def _literal(self, node, name, rules):
        """Returns whether the block has commands"""
        if node["names"]:
            self.files[node["names"][0]] = node.astext() + "\n"
            return False
        assert "console" in node["classes"], \
            f"neither commands nor a file with a name: {node.astext()}"
        commands = read_commands(node.astext())
        if self._statuses:
            commands[-1].statuses = self._statuses
            self._statuses = None
        self.blocks.append(Block(name, commands, list(rules)))
        return True


def read_commands(text):
    """The commands of a block, with what they are to print"""
    commands = []
    for line in text.splitlines():
        if re.match("[#$] ", line):
            commands.append(Command(line[2:]))
        else:
            assert commands, f"nothing has printed this: {line}"
            commands[-1].lines.append(line)
    assert commands, "a block without commands"
    return commands


def pattern_of(line, rules):
    """The expression of what fits a line of the page"""
    pattern, position = "", 0
    while True:
        # The first place that a rule fits, and there the longest text
        found = [(match.start(), -match.end(), number)
                 for number, rule in enumerate(rules)
                 for match in [rule.pattern.search(line, position)]
                 if match and match.end() > match.start()]
        if not found:
            return pattern + re.escape(line[position:])
        start, end, number = min(found)
        rules[number].used = True
        pattern += re.escape(line[position:start])
        pattern += f"(?:{rules[number].expression})"
        position = -end


def compare(want, got, rules):
    """What is wrong with the lines that a command has printed, or nothing"""
    problems = []
    for number, line in enumerate(want):
        if number >= len(got):
            problems.append(f"missing: {line}")
        elif not re.fullmatch(pattern_of(line, rules), got[number]):
            problems.append(f"want: {line}\ngot:  {got[number]}")
    return problems + [f"too much: {line}" for line in got[len(want):]]


def run_block(block, folder):
    """Runs all commands, whatever comes of one, for the last may tidy up"""
    said = []
    for command in block.commands:
        done = subprocess.run(["bash", "-c", command.text], cwd=folder,
                              env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, check=False,
                              stderr=subprocess.STDOUT, timeout=HANG_GUARD_S)
        problems = compare(command.lines, done.stdout.splitlines(),
                           block.rules)
        if done.returncode not in command.statuses:
            problems.append(f"exit status {done.returncode}")
        if problems:
            said += [command.text] + problems
    assert not said, "\n".join(said)


#
# That a difference is found
#
def differences_are_found():
    rules = [Rule(r"[ ]*[0-9]+(\.[0-9]+)? (us|ms)\b"), Rule("^job [0-9]+")]
    same = [("job 1, ok", "job 27, ok"), ("took  1.5 us", "took 130 ms"),
            ("a.b", "a.b")]
    other = [("job 1, ok", "job x, ok"), ("job 1, ok", "job 1, fault"),
             ("took  1.5 us", "took 5 s"), ("job 1, job 1", "job 1, job 2"),
             ("a.b", "axb"), ("took 1", "took 2"), ("ok", "ok "), ("ok", "")]
    for want, got in same:
        assert not compare([want], [got], rules), (want, got)
    for want, got in other:
        assert compare([want], [got], rules), (want, got)
    assert compare(["ok"], [], rules)
    assert compare(["ok"], ["ok", "more"], rules)
    assert compare([], ["more"], rules)


def wrong_pages_are_refused():
    console = "\n.. code:: console\n\n    # true\n"
    Page(console + "\n.. status: 1\n" + console)
    for text in ["::\n\n    # true\n", console + "\n.. status: 1\n",
                 "\n.. code:: console\n\n    printed\n",
                 console + "\nA `text\n"]:
        try:
            Page(text)
        except (AssertionError, utils.SystemMessage):
            continue
        raise ValueError(f"taken: {text}")


def statuses_count():
    for status, command in (0, "false"), (1, "true"), (0, "kill $$"):
        page = Page(f"\n.. status: {status}\n"
                    f"\n.. code:: console\n\n    # {command}\n")
        try:
            run_block(page.blocks[0], "/")
        except AssertionError:
            continue
        raise ValueError(f"taken: {command}, status {status}")


#
# The page
#
def prepare(page, folder):
    for name, text in page.files.items():
        with open(os.path.join(folder, name), "x", encoding="utf-8") as file:
            file.write(text)
    for name in page.copies:
        shutil.copy(os.path.join(staged.TOP, name), folder)


def rules_are_used(page):
    unused = []
    for rule in page.rules:
        if not any(rule.pattern.search(line)
                   for block in page.blocks if rule in block.rules
                   for command in block.commands for line in command.lines):
            unused.append(rule.expression)
    assert not unused, f"rules that fit nothing of the page: {unused}"


def left():
    """Jobs that are detached, and maps that are pinned"""
    detached = subprocess.run(["bpfsched", "-j", "detached"], check=True,
                              capture_output=True, text=True, env=ENVIRONMENT,
                              timeout=HANG_GUARD_S).stdout
    return detached, sorted(os.listdir("/sys/fs/bpf"))


def nothing_is_left(before):
    """Schedulers go on and come to rest; nothing is there that was not"""
    for name in "cloud", "embedded":
        for command in "resume", "drain":
            subprocess.run(["bpfsched", "-s", name, command], check=True,
                           env=ENVIRONMENT, timeout=HANG_GUARD_S)
    assert left() == before, f"{left()}, before: {before}"


def main():
    with open(PAGE, encoding="utf-8") as file:
        page = Page(file.read())
    before = left()
    with tempfile.TemporaryDirectory() as folder:
        prepare(page, folder)
        tests = [
            ("compare.differences", differences_are_found),
            ("compare.pages", wrong_pages_are_refused),
            ("compare.statuses", statuses_count),
            ("page.rules", lambda: rules_are_used(page)),
        ] + [
            (block.name, lambda block=block: run_block(block, folder))
            for block in page.blocks
        ] + [("page.leaves_nothing", lambda: nothing_is_left(before))]
        return ktap.main(ktap.select(tests, sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
