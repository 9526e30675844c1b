# SPDX-License-Identifier: GPL-2.0
"""Builds the benchmarks, runs them in User-Mode Linux, reports.

What measures is a program in the guest (measure.c) and a kernel module, and
for the interpreter with retpolines one in user space (tools/interp/bench.c);
here is what boots, collects, compares with the goals, and draws. No figure makes the
run fail: times depend on the machine, and it is for people to judge them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

import figures
import plots
import table

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CAPTURE = "tools/examples/capture/lan.pcap"
GUEST_PARTS = ["batches", "wakes", "queues", "constants", "stretches",
               "interpreter"]
PARTS = GUEST_PARTS + ["retpoline"]
RETPOLINE_BENCH = os.path.join(TOP, "build/interp-retpoline/interp-bench")


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/bench/run",
        description="Measure in User-Mode Linux, write bench.json and plots, "
                    "print a table.")
    parser.add_argument("--out", default=os.path.join(TOP, "build/bench"),
                        help="folder for the results (build/bench)")
    parser.add_argument("part", nargs="*", metavar="PART",
                        help=f"what to measure (all of: {', '.join(PARTS)})")
    options = parser.parse_args(arguments)
    for part in options.part:
        if part not in PARTS:
            parser.error(f"there is no part '{part}'")
    options.part = options.part or PARTS
    return options


def build_for_guest():
    """What is built before anything is measured in the test kernel."""
    subprocess.run(["make", "-s", "-C", "tools", "bench"],
                   cwd=TOP, check=True)
    subprocess.run(["tools/vm/build-module", "uml"], cwd=TOP, check=True,
                   stdout=subprocess.DEVNULL)


def undisturbed():
    """Words before a command: one CPU, and before what else runs there.

    A system call under User-Mode Linux is a dialogue of two processes of the
    host, which is slow when they are on two CPUs, and slower when others get in
    between.
    """
    words = []
    if os.geteuid() == 0 and shutil.which("chrt"):
        words += ["chrt", "--rr", "1"]
    if shutil.which("taskset"):
        words += ["taskset", "--cpu-list", str(max(os.sched_getaffinity(0)))]
    return words


def measure_in_guest(parts):
    build_for_guest()
    command = undisturbed() + [
        "tools/vm/run", "--kernel", "uml", "--", "tools/bench/guest",
        "build/bench/measure", "build", CAPTURE] + parts
    guest = subprocess.run(command, cwd=TOP, check=True,
                           stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in guest.stdout.splitlines() if line]


def read_retpoline(text):
    """Of what interp-bench prints, the dispatcher that is taken there."""
    return [{"section": "retpoline", "name": result["workload"],
             "subject": "interp-switch", "unit": "ns an instruction",
             "times": result["interp-switch_rounds_ns"],
             "control": "kernel",
             "control_times": result["control_rounds_ns"]}
            for result in json.loads(text)["results"]]


def measure_retpoline():
    subprocess.run(["make", "-s", "-C", "tools/interp", RETPOLINE_BENCH,
                    "RETPOLINE=1"], cwd=TOP, check=True)
    done = subprocess.run(undisturbed() + [RETPOLINE_BENCH], check=True,
                          stdout=subprocess.PIPE, text=True)
    return read_retpoline(done.stdout)


def measure(parts):
    measurements = []
    in_guest = [part for part in parts if part in GUEST_PARTS]
    if in_guest:
        measurements += measure_in_guest(in_guest)
    if "retpoline" in parts:
        measurements += measure_retpoline()
    return measurements


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown"


def write(out, results):
    os.makedirs(out, exist_ok=True)
    report = {
        "processor": processor(),
        "load": os.getloadavg()[0],
        "results": [result.as_json() for result in results],
    }
    with open(os.path.join(out, "bench.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    written = ["bench.json"]
    for name, text in plots.draw(results):
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            file.write(text)
        written.append(name)
    return written


def main(arguments):
    options = parse(arguments)
    try:
        measurements = measure(options.part)
    except subprocess.CalledProcessError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    results = [figures.Result(measurement) for measurement in measurements]
    written = write(options.out, results)
    print(table.text(results))
    print(f"written to {os.path.relpath(options.out)}: {', '.join(written)}")
    return 0
