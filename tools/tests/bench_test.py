#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of what makes figures, tables and plots of the benchmarks' times.

Needs no kernel. Prints KTAP.
"""

import os
import sys
import xml.etree.ElementTree

import ktap

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)),
                             "../bench"))
# pylint: disable=wrong-import-position
import bench
import figures
import plots
import table


def equal(got, want):
    assert got == want, f"{got!r}, want {want!r}"


def raises(error, **changes):
    try:
        result(**changes)
    except error:
        return
    assert False, f"no {error.__name__}"


def result(**changes):
    """Three rounds of batches of 32, with some things changed"""
    values = {"section": "scheduling", "name": "submit to completion, batch",
              "subject": "bpfsched", "unit": "ns", "size": 32,
              "times": [1.0, 2.0, 9.0], "control": "other",
              "control_times": [10.0, 10.0, 10.0]}
    values.update(changes)
    return figures.Result({key: value for key, value in values.items()
                           if value is not None})


def of_queue(size, *times):
    return result(section="queue", name="cancel", subject="deadline",
                  size=size, times=list(times), control=None,
                  control_times=None)


def of_interpreter(name):
    return result(section="interpreter", name=name, size=None)


def figures_median():
    equal((result().median, result().low, result().high), (2.0, 1.0, 9.0))


def figures_ratio():
    """A slow round is slow for both, and its ratio is as good"""
    equal(result(times=[1.0, 100.0, 4.0],
                 control_times=[4.0, 400.0, 4.0]).ratio, 0.25)


def figures_no_pairs():
    raises(ValueError, control_times=[1.0])
    raises(ValueError, control_times=[0.0, 0.0, 0.0])


def goals_ratio():
    equal(result().reached, True)
    equal(result(times=[3.0, 3.0, 3.0]).reached, False)
    equal(result(size=8).reached, None)


def goals_time():
    equal(of_queue(32, 50.0).reached, True)
    equal(of_queue(32, 50.1).reached, False)
    equal(of_queue(64, 1000.0).reached, None)


def goals_time_with_control():
    """The control explains a time; the goal is for the time"""
    slow = result(section="queue", name="cancel", subject="deadline",
                  size=32, times=[60.0], control="rbtree",
                  control_times=[60.0])
    equal(slow.ratio, 1.0)
    equal(slow.goal, 50)
    equal(slow.reached, False)


def goals_interpreter():
    equal(of_interpreter("stack").goal, 0.6)
    equal(of_interpreter("calls").goal, 1.0)


def refused():
    none = result(refused="unknown opcode", times=None, control=None,
                  control_times=None)
    equal(none.reached, None)
    assert "refused: unknown opcode" in table.text([none])


def table_verdicts():
    assert "reached" in table.text([result()])
    assert "missed" in table.text([result(times=[9.0, 9.0, 9.0])])
    assert "they differ" in table.text([result(note="they differ")])


def table_sizes():
    assert "cancel 1024" in table.text([of_queue(1024, 1.0)])
    assert "cancel 2048" not in table.text([of_queue(2048, 1.0)])


def plots_are_xml():
    names = []
    for name, text in plots.draw([of_queue(32, 1.0), of_queue(1024, 2.0),
                                  result(), result(name="a < b", size=None)]):
        xml.etree.ElementTree.fromstring(text)
        names.append(name)
    equal(names, ["queue.svg", "scheduling.svg"])


def plots_axes():
    chart = plots.Chart([32, 1024], 80)
    equal(chart.top, 100)
    assert chart.y(80) < chart.y(20)
    equal(chart.x(64) - chart.x(32), chart.x(1024) - chart.x(512))


def of_retpoline():
    """What tools/interp/bench.c prints of one program and three rounds"""
    measurement, = bench.read_retpoline(
        '{"compiler": "12", "results": [{"workload": "stack",'
        ' "control_ns": 10, "control_rounds_ns": [10, 40, 10],'
        ' "interp-threaded_ns": 5, "interp-threaded_rounds_ns": [5, 20, 5],'
        ' "interp-switch_ns": 3, "interp-switch_rounds_ns": [2, 8, 3]}]}')
    return figures.Result(measurement)


def retpoline_is_the_dispatcher_taken_there():
    got = of_retpoline()
    equal((got.name, got.subject, got.ratio, got.goal, got.reached),
          ("stack", "interp-switch", 0.2, 0.35, True))


def retpoline_has_rounds():
    got = of_retpoline()
    equal((got.median, got.low, got.high, got.control_median), (3, 2, 8, 10))


TESTS = [
    ("figures.median", figures_median),
    ("figures.ratio", figures_ratio),
    ("figures.no_pairs", figures_no_pairs),
    ("retpoline.dispatcher", retpoline_is_the_dispatcher_taken_there),
    ("retpoline.rounds", retpoline_has_rounds),
    ("goals.ratio", goals_ratio),
    ("goals.time", goals_time),
    ("goals.time_with_control", goals_time_with_control),
    ("goals.interpreter", goals_interpreter),
    ("table.refused", refused),
    ("table.verdicts", table_verdicts),
    ("table.sizes", table_sizes),
    ("plots.are_xml", plots_are_xml),
    ("plots.axes", plots_axes),
]

if __name__ == "__main__":
    sys.exit(ktap.main(TESTS))
