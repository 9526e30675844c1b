# SPDX-License-Identifier: GPL-2.0
"""The figures as SVG: lines over a logarithmic axis, and bars of ratios."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 50
COLOURS = ("#0060a8", "#c04000", "#308030", "#803080", "#806000", "#008080")

# file name, title, section
QUEUE_PLOTS = (
    ("queue.svg", "Operations on a queue", "queue"),
    ("core.svg", "A job's way through the scheduler", "core"),
)


def text(x, y, words, anchor="middle", rotate=False):
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if rotate else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}>' \
           f"{escape(words)}</text>"


def line(points, colour, extra=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" ' \
           f'stroke-width="1.5"{extra}/>'


def document(title, parts, height=HEIGHT):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        text(WIDTH / 2, 22, title), *parts, "</svg>", ""])


def round_up(value):
    """The next of 1, 2, 5, 10, 20, ..."""
    power = 10 ** math.floor(math.log10(value))
    for step in (1, 2, 5, 10):
        if value <= step * power:
            return step * power
    return 10 * power


class Chart:
    """Lines over a logarithmic x axis, from a y of 0 up."""

    def __init__(self, sizes, top):
        self.low, self.high = math.log2(min(sizes)), math.log2(max(sizes))
        self.top = round_up(top)

    def x(self, size):
        span = self.high - self.low or 1
        return LEFT + (math.log2(size) - self.low) / span * \
            (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - min(value, self.top) / self.top * \
            (HEIGHT - TOP - BOTTOM)

    def axes(self, sizes, x_title, y_title):
        parts = []
        for step in range(6):
            value = self.top * step / 5
            y = self.y(value)
            parts.append(line([(LEFT, y), (WIDTH - RIGHT, y)], "#ddd"))
            parts.append(text(LEFT - 6, y + 4, f"{value:g}", "end"))
        for size in sizes:
            parts.append(text(self.x(size), HEIGHT - BOTTOM + 18,
                              f"2^{math.log2(size):g}"))
        parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title))
        parts.append(text(20, HEIGHT / 2, y_title, rotate=True))
        return parts


def curves_of(results):
    """(label, [(size, median, low)]) for each operation and subject."""
    curves = {}
    for result in results:
        label = f"{result.subject}: {result.name}"
        curves.setdefault(label, []).append((result.size, result.median,
                                             result.low))
    return [(label, sorted(points)) for label, points in curves.items()]


def queue_plot(title, results):
    """The median of each size as a line, and the fastest round as dots."""
    sizes = sorted({result.size for result in results})
    chart = Chart(sizes, max(result.median for result in results))
    parts = chart.axes(sizes, "jobs in the queue (logarithmic)",
                       "ns an operation")
    for i, (label, points) in enumerate(curves_of(results)):
        colour = COLOURS[i % len(COLOURS)]
        parts.append(line([(chart.x(size), chart.y(median))
                           for size, median, _ in points], colour))
        parts += [f'<circle cx="{chart.x(size):.1f}" cy="{chart.y(low):.1f}" '
                  f'r="2" fill="{colour}"/>' for size, _, low in points]
        at = TOP + 16 * i
        parts.append(line([(WIDTH - RIGHT + 8, at - 4),
                           (WIDTH - RIGHT + 24, at - 4)], colour))
        parts.append(f'<g font-size="9">'
                     f'{text(WIDTH - RIGHT + 28, at, label, "start")}</g>')
    return document(title + " (lines: median, dots: fastest round)", parts)


def bars(title, results):
    """A bar for each ratio, and a mark where the goal is."""
    top = max(1.0, *(result.ratio for result in results)) * 1.05
    left, right = 260, 60
    parts = []

    def x(value):
        return left + value / top * (WIDTH - left - right)

    for i, result in enumerate(results):
        y = TOP + 22 * i
        name = result.name if result.size is None else \
            f"{result.name} {result.size}"
        colour = {True: COLOURS[2], False: COLOURS[1],
                  None: COLOURS[0]}[result.reached]
        parts.append(text(left - 8, y + 12, f"{name} ({result.subject})",
                          "end"))
        parts.append(f'<rect x="{left}" y="{y}" height="15" '
                     f'width="{x(result.ratio) - left:.1f}" fill="{colour}"/>')
        parts.append(text(x(result.ratio) + 4, y + 12, f"{result.ratio:.2f}",
                          "start"))
        if result.goal is not None:
            goal = x(result.goal)
            parts.append(line([(goal, y - 3), (goal, y + 18)], "black"))
    height = TOP + 22 * len(results) + 20
    return document(title, parts, height)


def draw(results):
    """Yields the name and the text of each plot that there are figures for."""
    for name, title, section in QUEUE_PLOTS:
        chosen = [result for result in results if result.section == section]
        if chosen:
            yield name, queue_plot(title, chosen)
    for section in ("scheduling", "interpreter", "retpoline"):
        chosen = [result for result in results
                  if result.section == section and result.ratio is not None]
        if chosen:
            yield f"{section}.svg", bars(
                f"{section.capitalize()}: time as a part of the control's "
                "(bar: goal)", chosen)
