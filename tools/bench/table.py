# SPDX-License-Identifier: GPL-2.0
"""The figures as a table for a terminal."""

TITLES = {
    "scheduling": "Scheduling",
    "queue": "Operations on a queue, by the number of jobs in it",
    "core": "A job's way through the scheduler, by the number of others in the "
            "queue",
    "constants": "What admission assumes (the goal), and what it takes here",
    "stretches": "The longest time between two safe points, by helper",
    "interpreter": "Interpreter, against the kernel's own",
    "retpoline": "Interpreter with retpolines, in user space",
}

# Sizes of a queue that are printed; the plots have all of them
SIZES = {"queue": (32, 1024, 131072), "core": (32, 1024, 16384)}

HEAD = ("WHAT", "WHO", "MEDIAN", "MIN", "MAX", "UNIT", "CONTROL", "MEDIAN",
        "RATIO", "GOAL", "")


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def verdict(result):
    if result.note:
        return result.note
    return {True: "reached", False: "missed", None: ""}[result.reached]


def what(result):
    return result.name if result.size is None else \
        f"{result.name} {result.size}"


def row(result):
    goal = "" if result.goal is None else f"{result.goal:g}"
    if result.refused is not None:
        return (what(result), result.subject, "refused: " + result.refused,
                "", "", "", "", "", "", goal, "")
    return (what(result), result.subject, number(result.median),
            number(result.low), number(result.high), result.unit,
            result.control or "", number(result.control_median),
            number(result.ratio), goal, verdict(result))


def is_shown(result):
    sizes = SIZES.get(result.section)
    return sizes is None or result.size in sizes


def layout(rows):
    """Columns as wide as they need to be; numbers to the right."""
    numbers = {2, 3, 4, 7, 8, 9}
    # a reason runs into the columns behind it
    widths = [max(len(cells[i]) for cells in rows
                  if not cells[i].startswith("refused: "))
              for i in range(len(HEAD))]
    for cells in rows:
        if cells[2].startswith("refused: "):
            yield f"  {cells[0]:<{widths[0]}}  {cells[1]:<{widths[1]}}  " \
                  f"{cells[2]}"
            continue
        padded = [f"{cell:>{width}}" if i in numbers else f"{cell:<{width}}"
                  for i, (cell, width) in enumerate(zip(cells, widths))]
        yield ("  " + "  ".join(padded)).rstrip()


def text(results):
    lines = []
    for section, title in TITLES.items():
        rows = [row(result) for result in results
                if result.section == section and is_shown(result)]
        if rows:
            lines += [title, *layout([HEAD] + rows), ""]
    return "\n".join(lines)
