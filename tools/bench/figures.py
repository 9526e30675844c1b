# SPDX-License-Identifier: GPL-2.0
"""From times of rounds to figures, and the goals that they are held against."""

import statistics

# Goals for ratios: (section, name, size or None) -> at most
RATIO_GOALS = {
    ("scheduling", "submit to completion, batch", 32): 0.25,
    ("scheduling", "submit to start, idle worker", None): 1.25,
    ("interpreter", "arithmetic", None): 0.6,
    ("interpreter", "context", None): 0.6,
    ("interpreter", "stack", None): 0.6,
    ("interpreter", "branches", None): 0.6,
}

# All else of a section that is compared with something
SECTION_GOALS = {"interpreter": 1.0, "retpoline": 0.35}

# Goals for times in nanoseconds: (section, name, size) -> at most
TIME_GOALS = {
    ("queue", name, size): goal
    for name in ("enqueue and dequeue", "cancel")
    for size, goal in ((32, 50), (1024, 100), (131072, 350))
}


class Result:
    """One measurement, with what follows from it.

    The ratio is the median of the rounds' ratios, so that a time in which the
    machine did something else makes a round useless and not the figure wrong.
    """

    def __init__(self, measurement):
        self.measurement = measurement
        self.section = measurement["section"]
        self.name = measurement["name"]
        self.subject = measurement["subject"]
        self.size = measurement.get("size")
        self.unit = measurement.get("unit", "ns")
        self.refused = measurement.get("refused")
        self.note = measurement.get("note")
        self.control = measurement.get("control")
        self.control_median = None
        self.ratio = None
        self.median = self.low = self.high = None
        if self.refused is None:
            self._count(measurement["times"],
                        measurement.get("control_times"))

    def _count(self, times, control_times):
        self.median = statistics.median(times)
        self.low, self.high = min(times), max(times)
        if self.control is not None:
            self.control_median = statistics.median(control_times)
            self.ratio = ratio(times, control_times)

    @property
    def is_for_time(self):
        """Whether the goal is a time, and a control only explains it."""
        return self.refused is None and \
            (self.ratio is None or self.section == "queue")

    @property
    def goal(self):
        if "assumed" in self.measurement:
            return self.measurement["assumed"]
        key = (self.section, self.name, self.size)
        if self.is_for_time:
            return TIME_GOALS.get(key)
        return RATIO_GOALS.get(key, SECTION_GOALS.get(self.section))

    @property
    def reached(self):
        """True or False; None if there is no goal, or no figure."""
        if self.goal is None or self.refused is not None:
            return None
        figure = self.median if self.is_for_time else self.ratio
        return figure <= self.goal

    def as_json(self):
        out = dict(self.measurement)
        if self.refused is None:
            out.update(median=self.median, min=self.low, max=self.high)
        if self.ratio is not None:
            out.update(ratio=self.ratio)
        if self.goal is not None:
            out.update(goal=self.goal, reached=self.reached)
        return out


def ratio(times, control_times):
    """Median of the ratios of what was measured in the same round."""
    if len(times) != len(control_times):
        raise ValueError("rounds without a control")
    ratios = [time / control for time, control in zip(times, control_times)
              if control > 0]
    if not ratios:
        raise ValueError("a control that takes no time")
    return statistics.median(ratios)
