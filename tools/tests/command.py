#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end tests of the bpfsched command. Prints KTAP.

Runs in a test kernel, as root, with the module inserted and bpfsched in PATH.
Arguments: patterns of the names of tests to run; none: all.
"""

import errno
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import elf
import ktap
import schema

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
GLOBALS = os.path.join(TOP, "build/tests/globals.bpf.o")
MAPS = os.path.join(TOP, "build/tests/maps.bpf.o")
VARIABLES = os.path.join(TOP, "build/tests/variables.bpf.o")
ADD = os.path.join(TOP, "build/examples/add.bpf.o")

HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))

EXIT = "9500000000000000"
RETURN_42 = "b70000002a000000" + EXIT
ENDLESS = "0500ffff00000000" + EXIT
READ_NULL = "b701000000000000" + "7910080000000000" + EXIT
WRITES_R10 = "b700000000000000" + "b70a000000000000" + EXIT
# r0 = first 8 bytes of the context; then the bytes are overwritten with 0x07
READ_CONTEXT = "7910000000000000" + "7a01000007000000" + EXIT

PRIORITIES = ["low", "normal", "high", "critical"]
COUNTERS = {"submitted", "completed", "failed", "cancelled", "dropped",
            "rejected", "pending", "running", "exec_count",
            "deadline_misses", "preemptions", "queue_high_water", "capacity",
            "waiting", "kept_running", "reservations", "reserved_ppm",
            "cpus"}

# Who is nobody on any machine
SOME_UID = 4711


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


class Done:
    """A command that has ended"""

    def __init__(self, arguments, status, output, errors):
        self.arguments = arguments
        self.status = status
        self.output = output
        self.errors = errors

    def __str__(self):
        return (f"bpfsched {' '.join(self.arguments)}: status {self.status}"
                f"\noutput: {self.output}\nerrors: {self.errors}")

    def expect(self, status):
        assert self.status == status, f"want status {status}\n{self}"
        if status == 0:
            assert not self.errors, f"want nothing on standard error\n{self}"
        return self

    def lines(self):
        """The output, one JSON object a line"""
        try:
            return [json.loads(line) for line in self.output.splitlines()]
        except ValueError as error:
            raise AssertionError(f"not JSON: {error}\n{self}") from error

    def listing(self):
        """The output, one JSON document that is an array"""
        try:
            document = json.loads(self.output)
        except ValueError as error:
            raise AssertionError(f"not JSON: {error}\n{self}") from error
        assert isinstance(document, list), f"want an array\n{self}"
        return document

    def only(self):
        lines = self.lines()
        assert len(lines) == 1, f"want one line\n{self}"
        return lines[0]


class Started:
    """A command that runs"""

    running = []

    def __init__(self, *arguments, text=None, uid=None):
        self.arguments = [str(argument) for argument in arguments]
        who = {} if uid is None else {"user": uid, "group": uid,
                                      "extra_groups": []}
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            ["bpfsched"] + self.arguments, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **who)
        self.text = text
        # what was read of its output before may have ended within a line
        self.is_whole = True
        Started.running.append(self)

    @classmethod
    def end_all(cls):
        """Ends what a test that failed has left behind"""
        for started in cls.running:
            if started.process.poll() is None:
                started.process.kill()
                started.process.communicate()
        cls.running = []

    def wait(self):
        try:
            output, errors = self.process.communicate(self.text, HANG_GUARD_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, errors = self.process.communicate()
            raise AssertionError(f"hangs: bpfsched {' '.join(self.arguments)}"
                                 f"\noutput: {output}\nerrors: {errors}"
                                 ) from None
        done = Done(self.arguments, self.process.returncode, output, errors)
        if self.is_whole:
            check_documents(done)
        return done


def command_of(arguments):
    """The command among its arguments, and whether it writes JSON"""
    is_json, name, skip = False, None, False
    for argument in arguments:
        if argument == "--":
            break
        if skip:
            skip = False
        elif argument in ("-s", "--scheduler"):
            skip = True
        elif argument in ("-j", "-p", "--json", "--pretty"):
            is_json = True
        elif argument in ("--help", "-h"):
            return "help", is_json
        elif argument in ("--version", "-V"):
            name = name or "version"
        elif not name and not argument.startswith("-"):
            name = argument
    return name, is_json


def check_documents(done):
    """Whatever a command writes as JSON is what its schema says"""
    name, is_json = command_of(done.arguments)
    if not is_json:
        return
    decoder, text = json.JSONDecoder(), done.output.lstrip()
    while text:
        try:
            document, end = decoder.raw_decode(text)
            schema.check_command(name, document)
        except (ValueError, schema.Invalid) as error:
            raise AssertionError(f"{error}\n{done}") from error
        text = text[end:].lstrip()


def bpfsched(*arguments, text=None, uid=None):
    return Started(*arguments, text=text, uid=uid).wait()


def stat(scheduler="cloud"):
    return bpfsched("-j", "-s", scheduler, "stat").expect(0).only()


def balanced(counters):
    parts = ["completed", "failed", "cancelled", "dropped", "pending",
             "running"]
    return counters["submitted"] == sum(counters[part] for part in parts)


def wait_for(scheduler, condition):
    """Polls the counters until the condition holds; returns them"""
    guard = time.monotonic() + HANG_GUARD_S
    while time.monotonic() < guard:
        counters = stat(scheduler)
        if condition(counters):
            return counters
        time.sleep(0.005)
    raise AssertionError(f"hangs: {scheduler} is at {counters}")


def wait_for_batch(scheduler, before, pending, rejected):
    """Waits until each job of a batch was taken, or not

    The queue can be full, or an id live, before all of a batch were tried. The
    scheduler is paused; before: its counters before that.
    """
    wait_for(scheduler, lambda now: now["pending"] == pending and
             now["rejected"] == before["rejected"] + rejected)


def bring_to_rest():
    """After each test"""
    Started.end_all()
    for name in detached():
        bpfsched("cancel", name)
    for scheduler in "cloud", "embedded":
        bpfsched("-s", scheduler, "resume").expect(0)
        counters = wait_for(scheduler, lambda now:
                            now["pending"] == now["running"] == 0)
        assert balanced(counters), f"do not add up: {counters}"


def one_line_error(done, status, *words):
    """It failed, and one line on standard error says why"""
    done.expect(status)
    equal(done.errors.count("\n"), 1, f"lines on standard error of {done}\n")
    assert done.errors.endswith("\n")
    for word in words:
        assert word in done.errors, f"{word!r} is not in: {done.errors}"


def run_json(*arguments, status=0):
    return bpfsched("-j", "run", *arguments).expect(status).only()


def job_lines(jobs):
    return "".join(json.dumps(job) + "\n" for job in jobs)


def batch_paused(scheduler, jobs):
    """Submits jobs to a paused scheduler, resumes it; returns completions"""
    bpfsched("-s", scheduler, "pause").expect(0)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(job_lines(jobs))
        file.flush()
        batch = Started("-j", "-s", scheduler, "batch", file.name)
        wait_for(scheduler, lambda now: now["pending"] == len(jobs))
        bpfsched("-s", scheduler, "resume").expect(0)
        return batch.wait().expect(0).lines()


def check_started(completions, want):
    """The jobs with the ids in want were started in this order"""
    got = sorted(completions, key=lambda job: job["start_seq"])
    equal([job["id"] for job in got], want, "order of starts")
    first = got[0]["start_seq"]
    equal([job["start_seq"] for job in got],
          list(range(first, first + len(want))), "start_seq")


#
# run
#
def run_ok():
    done = bpfsched("run", "--hex", RETURN_42).expect(0)
    assert "ok" in done.output and "0x2a" in done.output, str(done)


def run_json_members():
    job = run_json("--hex", RETURN_42, "--id", "77", "--priority", "high")
    equal(job["id"], 77, "id")
    equal(job["status"], "ok", "status")
    equal(int(job["r0"], 16), 42, "r0")
    assert isinstance(job["r0"], str)
    assert isinstance(job["program"], str)
    equal(job["priority"], "high", "priority")
    assert (0 < job["submitted_ns"] <= job["started_ns"] <= job["ended_ns"]
            ), f"times of {job}"
    assert job["start_seq"] >= 1
    equal(job["missed"], False, "missed")
    equal(job["preemptions"], 0, "preemptions")
    equal(job["instructions"], 2, "instructions")
    equal(job["release"], 0, "release")
    equal(job["overruns"], 0, "overruns")
    assert isinstance(job["run_ns"], int)
    for absent in "fault", "context", "error":
        assert absent not in job, f"{absent} in {job}"
    assert not job.get("deadline_ns")


def run_pretty():
    done = bpfsched("-p", "run", "--hex", RETURN_42).expect(0)
    equal(json.loads(done.output)["status"], "ok", "status")
    assert done.output.count("\n") > 1


def run_result_64_bits():
    # r0 = -1, as an instruction with a 32-bit immediate
    job = run_json("--hex", "b7000000ffffffff" + EXIT)
    equal(int(job["r0"], 16), 2 ** 64 - 1, "r0")


def run_fault():
    job = run_json("--hex", READ_NULL, status=1)
    equal(job["status"], "fault", "status")
    equal(job["fault"]["pc"], 1, "pc")
    equal(int(str(job["fault"]["address"]), 0), 8, "address")
    done = bpfsched("run", "--hex", READ_NULL)
    done.expect(1)
    assert "fault" in done.output, str(done)


def run_budget():
    job = run_json("--hex", ENDLESS, "--budget-insns", "5000", status=1)
    equal(job["status"], "budget", "status")
    equal(job["instructions"], 5000, "instructions")


def run_budget_exact():
    equal(run_json("--hex", RETURN_42, "--budget-insns", 2)["status"], "ok")
    equal(run_json("--hex", RETURN_42, "--budget-insns", 1,
                   status=1)["status"], "budget")


def run_context():
    job = run_json("--hex", READ_CONTEXT, "--context", "8877665544332211",
                   "--return-context")
    equal(int(job["r0"], 16), 0x1122334455667788, "r0")
    equal(job["context"], "0700000000000000", "context")
    job = run_json("--hex", READ_CONTEXT, "--context", "8877665544332211")
    assert "context" not in job


def run_context_of_file():
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(range(1, 9)))
        file.flush()
        job = run_json("--hex", READ_CONTEXT, "--context", "@" + file.name)
    equal(int(job["r0"], 16), 0x0807060504030201, "r0")


def run_hex_of_file():
    # a device has no end
    for value in "--context", "--hex":
        one_line_error(bpfsched("run", "--hex", RETURN_42, value,
                                "@/dev/zero"), 2, "/dev/zero", "too large")
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(RETURN_42[:16] + "\n" + RETURN_42[16:] + "\n")
        file.flush()
        job = run_json("--hex", "@" + file.name)
    equal(int(job["r0"], 16), 42, "r0")


def run_object():
    job = run_json(ADD, "--context", "010203ff")
    equal(int(job["r0"], 16), 6 + 255, "r0")
    equal(job["program"], "add", "program")


def run_object_globals():
    """Initial values of .data, .rodata and .bss; a function that is called"""
    for _ in range(2):
        job = run_json(GLOBALS, "count")
        equal(int(job["r0"], 16), 105, "r0")
        equal(job["program"], "count", "program")
    job = run_json("-s", "embedded", GLOBALS, "count", "--context", "0000")
    equal(int(job["r0"], 16), 305, "r0")


CHAIN = "relay_middle,relay_end"


def chain_results(done):
    """What the three jobs of a chain returned, each submitted by the last

    They are in the order of the chain; each may have ended in any.
    """
    lines = done.expect(0).lines()
    submitted_by = {job.get("parent"): job for job in lines}
    jobs, parent = [], None
    while parent in submitted_by:
        jobs.append(submitted_by.pop(parent))
        parent = jobs[-1]["id"]
    equal(len(jobs), len(lines), "jobs of the chain")
    equal([job["program"] for job in jobs],
          ["relay", "relay_middle", "relay_end"], "programs")
    equal([job.get("followups") for job in jobs], [1, 1, None], "followups")
    return [int(job["r0"], 16) for job in jobs]


def run_chain(*options):
    return bpfsched("-j", "run", MAPS, "relay", "--followups", CHAIN, *options)


def run_followups():
    """A map is one map for all of them, and is made for each command anew"""
    for _ in range(2):
        equal(chain_results(run_chain()), [1, 2, 103], "results")
    for names in "", "relay_end,", "none", ",".join(33 * ["relay_end"]):
        one_line_error(bpfsched("run", MAPS, "relay", "--followups", names), 2)
    for option in ("--followups", "a"), ("--map", "a=b"), ("--pin-maps", "a"):
        one_line_error(bpfsched("run", "--hex", RETURN_42, *option), 2,
                       "only of an object")
    # It is loaded with fewer than it wants to submit
    jobs = bpfsched("-j", "run", MAPS, "relay").expect(0).only()
    assert "followups" not in jobs, jobs


def run_followups_with_maps():
    """Pinned maps of a chain: all of them, one, none that anybody uses"""
    with tempfile.TemporaryDirectory() as top:
        subprocess.run(["mount", "-t", "bpf", "none", top], check=True)
        try:
            check_followups_with_maps(f"{top}/pins")
        finally:
            subprocess.run(["umount", top], check=True)


def check_followups_with_maps(pins):
    equal(chain_results(run_chain("--pin-maps", pins)), [1, 2, 103])
    equal(sorted(os.listdir(pins)), ["counts", "numbers"], "pinned")
    equal(chain_results(run_chain("--pin-maps", pins)), [4, 5, 206])
    # The hash is used by the last one only
    counts = f"counts={pins}/counts"
    equal(chain_results(run_chain("--map", counts)), [1, 2, 303])
    numbers = f"numbers={pins}/numbers"
    equal(chain_results(run_chain("--map", numbers)), [7, 8, 109])
    equal(chain_results(run_chain("--map", counts, "--map", numbers)),
          [10, 11, 412])
    one_line_error(run_chain("--map", f"none={pins}/counts"), 2, "none")
    one_line_error(run_chain("--map", f"numbers={pins}/counts"), 2, "numbers")
    one_line_error(run_chain("--map", f"numbers={pins}/none"), 2, "none")
    one_line_error(bpfsched("run", MAPS, "relay", "--map", counts), 2,
                   "counts")


def batch_followups():
    job = {"object": MAPS, "program": "relay", "followups": CHAIN}
    done = bpfsched("-j", "batch", "-", text=json.dumps(job) + "\n")
    equal(chain_results(done), [1, 2, 103], "results")
    job["followups"] = 1
    one_line_error(bpfsched("batch", "-", text=json.dumps(job) + "\n"), 2)


def run_object_named():
    job = run_json(GLOBALS, "increment", "--context", "00fe10",
                   "--return-context")
    equal(job["context"], "01ff11", "context")
    equal(run_json(GLOBALS, "out_of_bounds", status=1)["status"], "fault")
    one_line_error(bpfsched("run", GLOBALS), 2, "count", "increment")
    one_line_error(bpfsched("run", GLOBALS, "nonesuch"), 2, "nonesuch")


def run_on_embedded():
    job = bpfsched("-j", "-s", "embedded", "run", "--hex", RETURN_42,
                   "--deadline", "3600s").expect(0).only()
    equal(job["status"], "ok", "status")
    equal(job["missed"], False, "missed")
    equal(job["deadline_ns"], job["submitted_ns"] + 3600 * 10 ** 9,
          "deadline_ns")


def run_rejected():
    """A job that is not taken is shown, without times"""
    before = stat()
    job = run_json("--hex", RETURN_42, "--deadline", "1s", status=1)
    equal(job["status"], "rejected", "status")
    equal(job["error"], "EOPNOTSUPP", "error")
    for absent in "submitted_ns", "started_ns", "ended_ns":
        assert absent not in job, f"{absent} in {job}"
    equal(stat()["rejected"], before["rejected"] + 1, "rejected")
    job = bpfsched("-j", "-s", "embedded", "run", "--hex", RETURN_42,
                   "--budget-insns", "1000000001").expect(1).only()
    equal(job["error"], "E2BIG", "error")


def run_periodic():
    """All releases are shown, up to the last"""
    done = bpfsched("-j", "-s", "embedded", "run", "--hex", RETURN_42,
                    "--period", "2ms", "--count", "8", "--deadline", "3600s",
                    "--ignore-misses")
    jobs = done.expect(0).lines()
    equal(sum(1 + job["overruns"] for job in jobs), 8, "releases")
    for job in jobs:
        equal(job["status"], "ok", "status")
        equal(job["submitted_ns"], jobs[0]["submitted_ns"] +
              job["release"] * 2 * 10 ** 6, "submitted_ns")
        equal(job["deadline_ns"], job["submitted_ns"] + 3600 * 10 ** 9,
              "deadline_ns")
    releases = [job["release"] for job in jobs]
    equal(releases, sorted(set(releases)), "releases")
    done = bpfsched("run", "--hex", RETURN_42, "--period", "1ms", "--count",
                    "3", "--ignore-misses").expect(0)
    assert done.output.count("0x2a") <= 3 and "ID" in done.output, str(done)


def run_periodic_summary():
    """What the releases add up to"""
    run = ["run", "--hex", RETURN_42, "--period", "5ms", "--count", "20",
           "--ignore-misses"]
    summary = bpfsched("-j", *run, "--quiet").expect(0).only()
    equal(summary["releases"] + summary["overruns"], 20, "releases")
    equal((summary["ok"], summary["missed"]), (summary["releases"], 0))
    for key in "start_latency_ns", "run_ns":
        times = summary[key]
        equal(times["count"], summary["releases"], "count")
        order = [times[name] for name in ("min", "p50", "p90", "p99", "p99.9",
                                          "max")]
        equal(order, sorted(order), key)
        assert times["min"] <= times["avg"] <= times["max"], times
    for options, lines in ([], 1), (["--quiet"], 0):
        done = bpfsched(*run, *options).expect(0)
        equal("WAITING" in done.output, bool(lines), "a table")
        for text in "releases", "missed", "left out", "start latency", "p99.9":
            assert text in done.output, f"no {text!r} in {done}"
    for option in "--quiet", "--ignore-misses":
        one_line_error(bpfsched("run", "--hex", RETURN_42, option), 2,
                       "--period")


def run_periodic_late():
    """Deadlines missed, or releases left out, are a failure unless told"""
    late = ["-s", "embedded", "run", "--hex", RETURN_42, "--period", "1ms",
            "--count", "3", "--deadline", "1ns"]
    slow = ["run", "--hex", ENDLESS, "--period", "100us", "--count", "20",
            "--budget-insns", "3000000"]
    for run, word in (late, "missed"), (slow, "left out"):
        done = bpfsched(*run).expect(1)
        assert f"0 {word}" not in done.output, str(done)
    bpfsched(*late, "--ignore-misses").expect(0)


def run_periodic_live():
    """On a terminal one line, which changes"""
    shell = Terminal(["sh", "-i"], "PS1='> '")
    try:
        shell.send(f"bpfsched run --hex {RETURN_42} --period 20ms; "
                   "echo status $?\n")
        shell.expect(" releases, latency ")
        shell.expect("jitter")
        shell.expect("\r\x1b[K")
        shell.send("\x03")
        shell.expect("status 130")
    finally:
        shell.end()
    assert " 1 cancelled" in shell.seen, shell.seen
    assert "WAITING" not in shell.seen, shell.seen


def run_periodic_interrupted():
    """The first SIGINT cancels it"""
    job = Started("-j", "run", "--hex", RETURN_42, "--period", "3600s")
    first = json.loads(job.process.stdout.readline())
    equal(first["status"], "ok", "status")
    job.process.send_signal(signal.SIGINT)
    last = job.wait().expect(128 + signal.SIGINT).only()
    equal(last["status"], "cancelled", "status")
    equal(last["release"], 1, "release")
    equal(last["id"], first["id"], "id")


def run_interrupted():
    """Jobs that run, wait, or wait for room are cancelled and shown"""
    for number, word in (signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM"):
        job = Started("-j", "run", "--hex", ENDLESS, "--budget-insns",
                      "unlimited")
        wait_for("cloud", lambda now: now["running"] == 1)
        job.process.send_signal(number)
        done = job.wait()
        one_line_error(done, 128 + number, word)
        equal(done.only()["status"], "cancelled", "status")
    batch = full_embedded()
    job = Started("-j", "-s", "embedded", "run", "--hex", RETURN_42,
                  "--on-full", "wait")
    wait_until_asleep(job.process.pid)
    job.process.send_signal(signal.SIGTERM)
    done = job.wait().expect(128 + signal.SIGTERM)
    equal((done.only()["status"], done.only()["error"]),
          ("rejected", "EINTR"))
    bpfsched("-s", "embedded", "resume").expect(0)
    batch.wait().expect(0)


def wait_until_asleep(pid):
    """It has started, and sleeps in a call of the module"""
    guard = time.monotonic() + HANG_GUARD_S
    while time.monotonic() < guard:
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            name = file.read()
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            state = file.read().rsplit(")", 1)[1].split()[0]
        if name == "bpfsched\n" and state == "S":
            return
        assert state != "Z", f"process {pid} has ended"
        time.sleep(0.005)
    raise AssertionError(f"process {pid} does not sleep")


def batch_interrupted():
    """Each job of the file is accounted for"""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(job_lines([{"hex": RETURN_42, "on-full": "wait"}] * 1500))
        file.flush()
        bpfsched("pause").expect(0)
        batch = Started("-j", "batch", file.name)
        wait_for("cloud", lambda now: now["pending"] == 1024)
        batch.process.send_signal(signal.SIGINT)
        done = batch.wait()
    one_line_error(done, 128 + signal.SIGINT, "SIGINT")
    ends = [(job["status"], job.get("error")) for job in done.lines()]
    equal(ends.count(("cancelled", None)), 1024, "cancelled")
    equal(ends.count(("rejected", "EINTR")), 476, "not submitted")
    equal(sorted(job["line"] for job in done.lines()
                 if job["status"] == "rejected"), list(range(1025, 1501)))


def batch_interrupted_followups():
    """What the jobs of the command have submitted is its own, too"""
    jobs = [{"object": MAPS, "program": "relay", "followups": CHAIN}
            for _ in range(200)]
    batch = Started("-j", "batch", "-", text=job_lines(jobs))
    batch.process.stdin.write(batch.text)
    batch.process.stdin.close()
    batch.process.stdin, batch.text = None, None
    batch.process.stdout.readline()
    batch.is_whole = False
    batch.process.send_signal(signal.SIGTERM)
    done = batch.wait()
    assert done.status in (0, 128 + signal.SIGTERM), str(done)
    counters = stat()
    equal(counters["pending"] + counters["running"], 0, "jobs left")


def batch_in_pieces():
    """More than one call takes, and more than the client has slots for"""
    before = stat()
    jobs = [{"hex": RETURN_42, "on-full": "wait"}] * 9000
    done = bpfsched("-j", "batch", "-", text=job_lines(jobs)).expect(0)
    equal([job["status"] for job in done.lines()], ["ok"] * 9000)
    equal(stat()["rejected"], before["rejected"], "rejected")
    # without it those that find no room are refused, with their lines
    bpfsched("pause").expect(0)
    jobs = [{"hex": RETURN_42}] * 1150
    batch = Started("-j", "batch", "-", text=job_lines(jobs))
    batch.process.stdin.write(batch.text)
    batch.process.stdin.close()
    batch.process.stdin, batch.text = None, None
    wait_for("cloud", lambda now: now["rejected"] ==
             before["rejected"] + 1150 - 1024)
    bpfsched("resume").expect(0)
    lines = batch.wait().expect(1).lines()
    refused = [job for job in lines if job["status"] == "rejected"]
    equal([job["line"] for job in refused], list(range(1025, 1151)), "lines")
    equal({(job["error"], "--on-full wait" in job["reason"])
           for job in refused}, {("EAGAIN", True)})
    equal(len(lines), 1150, "lines of output")


def batch_of_limited_user():
    """Jobs that wait for room wait for those of their user, too"""
    with Made("--user-jobs", 7), tempfile.NamedTemporaryFile("w") as file:
        os.chmod(file.name, 0o644)
        file.write(job_lines([{"hex": RETURN_42, "on-full": "wait"}] * 100))
        file.flush()
        done = bpfsched("-j", "-s", "made", "batch", file.name,
                        uid=SOME_UID).expect(0)
        equal(len(done.lines()), 100, "completions")
        file.seek(0)
        file.truncate()
        file.write(job_lines([{"hex": RETURN_42, "period": "3600s"}] * 7 +
                             [{"hex": RETURN_42, "on-full": "wait"}] * 3))
        file.flush()
        batch = Started("-j", "-s", "made", "batch", file.name, "--timeout",
                        "50ms", uid=SOME_UID)
        lines = [json.loads(batch.process.stdout.readline())
                 for _ in range(10)]
        equal(sorted(line.get("error", "") for line in lines),
              [""] * 7 + ["ETIMEDOUT"] * 3, "errors")
        batch.process.send_signal(signal.SIGTERM)
        batch.wait().expect(128 + signal.SIGTERM)


def batch_progress():
    """A bar on a terminal, if it takes more than one call"""
    for count, want in (1500, True), (3, False):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(job_lines([{"hex": RETURN_42, "on-full": "wait"}] *
                                 count))
            file.flush()
            ours, theirs = os.openpty()
            done = subprocess.run(["bpfsched", "-j", "batch", file.name],
                                  stdout=subprocess.PIPE, stderr=theirs,
                                  check=True)
            os.close(theirs)
            shown = os.read(ours, 4096) if want else b""
            os.close(ours)
        equal(done.stdout.count(b"\n"), count, "completions")
        equal(b" jobs" in shown, want, f"bar in {shown}")


def run_not_before():
    job = run_json("--hex", RETURN_42, "--not-before", "20ms")
    assert job["started_ns"] >= job["submitted_ns"] + 20 * 10 ** 6, str(job)
    job = run_json("-s", "embedded", "--hex", RETURN_42, "--not-before",
                   "1ms", "--deadline", "3600s")
    equal(job["deadline_ns"], job["submitted_ns"] + 10 ** 6 + 3600 * 10 ** 9,
          "deadline_ns")


def run_firm():
    """It ends at its deadline though the scheduler is paused"""
    before = stat("embedded")
    bpfsched("-s", "embedded", "pause").expect(0)
    job = bpfsched("-j", "-s", "embedded", "run", "--hex", RETURN_42,
                   "--deadline", "1ms", "--firm").expect(1).only()
    equal(job["status"], "missed", "status")
    equal(job["missed"], True, "missed")
    equal(job["started_ns"], 0, "started_ns")
    after = stat("embedded")
    equal(after["dropped"], before["dropped"] + 1, "dropped")
    equal(after["deadline_misses"], before["deadline_misses"] + 1,
          "deadline_misses")


def run_budget_time():
    job = run_json("--hex", ENDLESS, "--budget-insns", "unlimited",
                   "--budget-time", "2ms", status=1)
    equal(job["status"], "budget", "status")
    assert job["run_ns"] >= 2 * 10 ** 6, f"run_ns of {job}"


def run_admission():
    """What is said to be left is left"""
    arguments = ("-s", "embedded", "--hex", RETURN_42, "--deadline", "3600s")
    first = Started("-j", "run", *arguments, "--not-before", "3600s",
                    "--run-time", "3000s", "--id", "4")
    wait_for("embedded", lambda now: now["pending"] == 1)
    second = (*arguments, "--not-before", "3600s", "--run-time")
    job = run_json(*second, "1000s", status=1)
    equal(job["status"], "rejected", "status")
    equal(job["error"], "EBUSY", "error")
    assert 0 < job["room_ns"] < 1000 * 10 ** 9, f"room_ns of {job}"
    done = bpfsched("run", *second, "1000s").expect(1)
    assert "room " in done.output and "EBUSY" in done.output, str(done)
    third = Started("-j", "run", *second, f"{job['room_ns'] * 9 // 10}ns",
                    "--id", "5")
    wait_for("embedded", lambda now: now["pending"] == 2)
    for number, started in ("4", first), ("5", third):
        bpfsched("-s", "embedded", "cancel", number).expect(0)
        equal(started.wait().expect(1).only()["status"], "cancelled")
    job = run_json("--hex", RETURN_42, "-s", "embedded", "--run-time", "1ms",
                   status=1)
    equal(job["error"], "EINVAL", "error")


def full_embedded(priority="normal"):
    """Pauses embedded and fills its queue; returns the command that waits"""
    bpfsched("-s", "embedded", "pause").expect(0)
    jobs = [{"hex": RETURN_42, "id": number, "priority": priority}
            for number in range(1, 33)]
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(job_lines(jobs))
        file.flush()
        batch = Started("-j", "-s", "embedded", "batch", file.name)
        wait_for("embedded", lambda now: now["pending"] == 32)
    return batch


def run_on_full_wait():
    batch = full_embedded()
    arguments = ("-s", "embedded", "--hex", RETURN_42, "--on-full", "wait")
    job = run_json(*arguments, "--timeout", "5ms", status=1)
    equal(job["error"], "ETIMEDOUT", "error")
    done = bpfsched("run", *arguments, "--timeout", "1ms").expect(1)
    assert "time ran out" in done.output, str(done)
    job = Started("-j", "run", *arguments)
    bpfsched("-s", "embedded", "resume").expect(0)
    equal(job.wait().expect(0).only()["status"], "ok", "status")
    equal(len(batch.wait().expect(0).lines()), 32, "completions")


def run_on_full_evict():
    batch = full_embedded("low")
    arguments = ("-s", "embedded", "--hex", RETURN_42, "--on-full", "evict")
    job = run_json(*arguments, "--priority", "low", status=1)
    equal(job["error"], "EAGAIN", "error")
    dropped = stat("embedded")["dropped"]
    job = Started("-j", "run", *arguments)
    wait_for("embedded", lambda now: now["dropped"] == dropped + 1)
    bpfsched("-s", "embedded", "resume").expect(0)
    equal(job.wait().expect(0).only()["status"], "ok", "status")
    ended = {job["id"]: job["status"] for job in batch.wait().expect(1).lines()}
    equal([number for number, status in ended.items() if status != "ok"],
          [32], "jobs that did not end ok")
    equal(ended[32], "dropped", "status")


def run_explained():
    """Errors of jobs that are malformed, in words"""
    for arguments, word in (
            (["--count", "3"], "needs a period"),
            (["--firm"], "needs a deadline"),
            (["--run-time", "1ms"], "needs a deadline"),
            (["--run-time", "1ms", "--deadline", "1s", "--on-full", "wait"],
             "cannot wait"),
            (["--period", "99us"], "too short: 'embedded' takes 100.0 us")):
        done = bpfsched("-s", "embedded", "run", "--hex", RETURN_42,
                        *arguments).expect(1)
        assert "EINVAL" in done.output and word in done.output, str(done)


def run_explained_limits():
    """Which limit, and what it is; a job file has the same words, and lines"""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/long", "wb") as file:
            file.write(bytes(70000))
        jobs = [
            ("embedded", {"context": f"@{folder}/long"}, "E2BIG",
             "context has 70000 bytes, 'embedded' takes 4096 at most"),
            ("embedded", {"budget-insns": 1000000001}, "E2BIG",
             "budget is 1000000001 instructions, 'embedded' takes 1000000000"),
            ("embedded", {"budget-insns": "unlimited"}, "E2BIG",
             "budget is unlimited, 'embedded' takes 1000000000"),
            ("embedded", {"hex": 66000 * RETURN_42[:16] + EXIT}, "E2BIG",
             "more instructions than the 65536 that 'embedded' takes"),
            ("cloud", {"deadline": "1s"}, "EOPNOTSUPP",
             "'cloud' has no deadlines")]
        for scheduler, keys, error, words in jobs:
            path = f"{folder}/jobs"
            with open(path, "w", encoding="ascii") as file:
                file.write("\n" + job_lines([{"hex": RETURN_42, **keys}]))
            job = bpfsched("-j", "-s", scheduler, "batch", path).expect(1)
            equal((job.only()["error"], job.only()["line"]), (error, 2))
            reason = job.only()["reason"]
            assert words in reason, f"{words!r} is not in {reason!r}"
            done = bpfsched("-s", scheduler, "batch", path).expect(1)
            assert f"line 2: {reason}" in done.output, str(done)
            if "hex" in keys:
                continue
            options = [word for key, value in keys.items()
                       for word in (f"--{key}", value)]
            done = bpfsched("-s", scheduler, "run", "--hex", RETURN_42,
                            *options).expect(1)
            assert f"{error} ({reason})" in done.output, str(done)
            done = bpfsched("-j", "-s", scheduler, "run", "--hex", RETURN_42,
                            *options).expect(1)
            equal(done.only()["reason"], reason, "reason")


#
# Global variables
#
def set_and_get(*settings, get=()):
    """Values of variables after a run for which some were set"""
    options = [word for setting in settings for word in ("--set", setting)]
    options += [word for name in get for word in ("--get", name)]
    lines = bpfsched("-j", "run", VARIABLES, *options).expect(0).lines()
    equal(len(lines), 2, "documents")
    return lines[1]["globals"]


# (NAME, TEXT, as JSON): what each type takes at its ends
SETTABLE = [
    ("s8", "-128", -128), ("s8", "127", 127), ("u8", "255", 255),
    ("s16", "-32768", -32768), ("u16", "0xffff", 65535),
    ("s32", "-2147483648", -2 ** 31), ("s32", "-0x1", -1),
    ("u32", "4294967295", 2 ** 32 - 1),
    ("s64", "-9223372036854775808", -2 ** 63),
    ("s64", "9223372036854775807", 2 ** 63 - 1),
    ("is_on", "true", True), ("is_on", "0", False), ("is_on", "1", True),
    ("mode", "MODE_FAST", "MODE_FAST"), ("mode", "5", "MODE_SLOW"),
    ("mode", "6", "6"), ("side", "SIDE_LEFT", "SIDE_LEFT"),
    ("side", "-1", "SIDE_LEFT"), ("side", "-2", "-2"),
    ("text", "seven77", "seven77"), ("text", "", ""), ("text", "a=b", "a=b"),
    ("text[1]", "65", 65), ("bytes[2]", "9", 9),
    ("table[1][2]", "77", 77), ("rates.high[1]", "-5", -5),
    ("rates.inner", "200", 200), ("several[1].low", "3", 3),
    ("rates.bits", "7", 7), ("rates.more", "-16", -16),
    ("rates.more", "15", 15), ("single", "1.5", 1.5), ("twice", "-1e3", -1000),
    ("twice", "inf", "inf"), ("limit", "8", 8),
    ("use.inside", "2", 6), ("unused", "9", 9), ("unused_set", "9", 9),
]


def globals_set():
    for name, text, value in SETTABLE:
        equal(set_and_get(f"{name}={text}", get=[name])[name], value,
              f"{name} set to {text}")
    # 0x and the last of several, and what is set for the program is seen by it
    values = set_and_get("u64=0xfffffffffffffff0", "limit=2", "limit=9",
                         get=["u64", "turns"])
    equal(values, {"u64": 2 ** 64 - 7, "turns": 1}, "globals")
    job = bpfsched("-j", "run", VARIABLES, "--set", "limit=40", "--set",
                   "rates.low=2").expect(0).only()
    equal(job["r0"], "0x2a", "r0")
    # other bits and members stay
    values = set_and_get("rates.more=-1", "rates.inner=4", get=["rates"])
    equal(values["rates"], {"low": 7, "high": [0, 0], "": {"inner": 4},
                            "bits": 0, "more": -1}, "rates")


def globals_shown():
    values = set_and_get(get=["s8", "text", "bytes", "table", "several",
                              "fixed", "pointer", "mode", "is_on", "single"])
    equal(values, {
        "s8": -1, "text": "abc", "bytes": [1, 2, 3],
        "table": [[0, 0, 0], [0, 0, 0]], "fixed": [4, 5, 6],
        "several": [{"low": 0, "high": [0, 0], "": {"inner": 0}, "bits": 0,
                     "more": 0}] * 2,
        "pointer": "0x0", "mode": "MODE_SLOW", "is_on": False, "single": 0},
          "globals")
    done = bpfsched("run", VARIABLES, "--set", 'text=\x1b"\n', "--get", "text",
                    "--get=bytes", "--get", "rates", "--get",
                    "mode").expect(0)
    for line in (r'text          "\x1b\"\x0a"', "bytes         { 1, 2, 3 }",
                 "mode          MODE_SLOW",
                 "rates         { .low = 7, .high = { 0, 0 }, { .inner = 0 }, "
                 ".bits = 0, .more = 0 }"):
        assert f"\n{line}\n" in done.output, f"no {line!r} in {done}"
    # after the end, also if that was no good one
    lines = bpfsched("-j", "run", VARIABLES, "--get", "turns",
                     "--budget-insns", 1).expect(1).lines()
    equal(lines[1], {"globals": {"turns": 0}}, "globals")
    lines = bpfsched("-j", "run", VARIABLES, "--get", "turns", "--period",
                     "1ms", "--count", "4", "--ignore-misses",
                     "--quiet").expect(0).lines()
    equal(lines[1]["globals"]["turns"], lines[0]["releases"], "turns")


def globals_listed():
    """Names of variables, as --set and --get take them"""
    names = bpfsched("dump", "--globals", VARIABLES).expect(0).output.split()
    equal(len(names), len(set(names)), "different names")
    known = {setting.split("[")[0].partition(".")[0]
             for setting, _, _ in SETTABLE} - {"use"}
    missing = (known | {"use.inside", "fixed", "pointer"}) - set(names)
    assert not missing, f"{missing} is not in {names}"
    equal(bpfsched("-j", "dump", "--globals", VARIABLES).expect(0).listing(),
          names, "names as JSON")
    equal(set(set_and_get(get=names)), set(names), "variables shown")
    # the program is chosen as for others
    one_line_error(bpfsched("dump", "--globals", GLOBALS), 2, "several")
    assert bpfsched("dump", "--globals", GLOBALS, "count").expect(0).output
    for arguments, word in ((["--hex", RETURN_42], "for an object"),
                            (["--names", GLOBALS], "exclude"),
                            (["/none.bpf.o"], "/none.bpf.o")):
        one_line_error(bpfsched("dump", "--globals", *arguments), 2, word)


REFUSED_SETTINGS = [
    ("s8=128", "takes -128 to 127"), ("s8=-129", "takes -128 to 127"),
    ("u8=256", "takes 0 to 255"), ("u8=-1", "takes 0 to 255"),
    ("s32=0xffffffff", "takes -2147483648 to 2147483647"),
    ("u64=18446744073709551616", "takes 0 to 18446744073709551615"),
    ("s64=-9223372036854775809", "does not fit"),
    ("rates.bits=8", "3 bits and takes 0 to 7"),
    ("rates.more=16", "takes -16 to 15"),
    ("u8=", "not a number"), ("u8=1 ", "not a number"),
    ("u8= 1", "not a number"), ("u8=+1", "not a number"),
    ("u8=1.0", "not a number"), ("u8=0x", "not a number"),
    ("u8=--1", "not a number"), ("is_on=yes", "not true or false"),
    ("mode=MODE_FSAT", "MODE_OFF, MODE_SLOW, MODE_FAST"),
    ("mode=-1", "does not fit"), ("text=12345678", "takes 7"),
    ("single=1e99", "does not fit"), ("single=x", "not a number"),
    ("pointer=0", "is a pointer"), ("table=1", "'table[0]' to 'table[1]'"),
    ("table[0]=1", "'table[0][0]'"), ("rates=1", "'rates.MEMBER'"),
    ("table[2][0]=1", "no [2]"), ("bytes[3]=1", "from [0] to [2]"),
    ("bytes[99999999999999999999]=1", "there is no"),
    ("bytes[-1]=1", "number in brackets"), ("bytes[]=1", "in brackets"),
    ("bytes[1=1", "in brackets"), ("u8[0]=1", "is no array"),
    ("u8.x=1", "is no structure"), ("rates.lwo=1", "did you mean 'low'"),
    ("rates.=1", "has no member"), ("rates..low=1", "has no member"),
    ("tabel[0][0]=1", "did you mean 'table'"), ("limti=1", "'limit'"),
    ("nothing=1", "no variable 'nothing'"),
    ("far=1", "'far' is in section '.data.far'"),
    ("far_table[1]=1", "'far_table' is in section '.data.far'"),
    ("=1", "NAME=VALUE"),
    ("u8", "NAME=VALUE"), ("bytes[0]x=1", "no name of a variable"),
    ("fixed[0]=1", "const volatile"), ("x" * 300 + "=1", "too long"),
]


def globals_refused():
    before = stat()["submitted"]
    for setting, word in REFUSED_SETTINGS:
        one_line_error(bpfsched("run", VARIABLES, "--set", setting), 2,
                       "--set", word)
    for name, word in (("limti", "did you mean 'limit'"), ("u8=1", "no name"),
                       ("", "no name"), ("rates.lo", "did you mean 'low'")):
        one_line_error(bpfsched("run", VARIABLES, "--get", name), 2, "--get",
                       word)
    one_line_error(bpfsched("run", "--hex", RETURN_42, "--set", "a=1"), 2,
                   "only of an object")
    one_line_error(bpfsched("run", MAPS, "relay", "--get", "numbers"), 2,
                   "'numbers' is a map")
    with tempfile.NamedTemporaryFile(suffix=".o") as file:
        subprocess.run(["llvm-objcopy", "-R", ".BTF", "-R", ".rel.BTF",
                        VARIABLES, file.name], check=True)
        one_line_error(bpfsched("run", file.name, "--set", "u8=1"), 2,
                       "compile it with -g")
    equal(stat()["submitted"], before, "submitted")


BTF_EACH = {1: 4, 3: 12, 14: 4, 17: 4}
BTF_EACH_OF_MANY = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}


def contain_itself(btf, name):
    """The first member of a structure becomes that structure"""
    btf = bytearray(btf)
    begin, types, _, strings, _ = struct.unpack_from("<5I", btf, 4)
    at, number = begin + types, 0
    while True:
        number += 1
        word, info = struct.unpack_from("<2I", btf, at)
        kind, count = info >> 24 & 0x1f, info & 0xffff
        text = btf[begin + strings + word:].partition(b"\0")[0]
        if kind == 4 and text == name:
            struct.pack_into("<I", btf, at + 12 + 4, number)
            return bytes(btf)
        at += 12 + BTF_EACH.get(kind, 0)
        at += count * BTF_EACH_OF_MANY.get(kind, 0)


def globals_damaged():
    """A structure that is a part of itself"""
    with tempfile.TemporaryDirectory() as folder:
        types = os.path.join(folder, "types")
        subprocess.run(["llvm-objcopy", f"--dump-section=.BTF={types}",
                        VARIABLES, "/dev/null"], check=True)
        with open(types, "rb") as file:
            damaged = contain_itself(file.read(), b"rates")
        with open(types, "wb") as file:
            file.write(damaged)
        copy = os.path.join(folder, "damaged.o")
        subprocess.run(["llvm-objcopy", f"--update-section=.BTF={types}",
                        VARIABLES, copy], check=True)
        for style in [], ["-j"]:
            done = bpfsched(*style, "run", copy, "--get", "rates").expect(2)
            assert "part of itself" in done.output + done.errors, done


def write_object(made, btf=None):
    """A file with an object, which goes away when it is closed"""
    if btf:
        made.section(".BTF", 0, btf.bytes())
    file = tempfile.NamedTemporaryFile(suffix=".o")
    file.write(made.bytes())
    file.flush()
    return file


def globals_of_many_parts():
    """A structure of structures that all lie in the same 4 bytes"""
    many, btf = elf.Elf(), elf.Btf()
    code = many.program(elf.LDDW + elf.MOV_0 + elf.EXIT)
    data = many.section(".bss", elf.SHF_ALLOC | elf.SHF_WRITE, 4,
                        elf.SHT_NOBITS)
    many.relocs(code, [(0, many.symbol("v", data, 0, 4))])
    kind = btf.integer()
    for _ in range(5):
        kind = btf.structure(4, [(f"m{i}", kind, 0) for i in range(60)])
    btf.variables(".bss", [("v", kind, 0, 4)])
    with write_object(many, btf) as file:
        for style in [], ["-j"]:
            done = bpfsched(*style, "run", file.name, "--get", "v").expect(2)
            assert "more parts than bytes" in done.errors, done.errors
        values = bpfsched("-j", "run", file.name, "--get", "v.m3.m59.m0.m1.m2",
                          "--set", "v.m1.m2.m3.m4.m5=7").expect(0).lines()[1]
        equal(list(values["globals"].values()), [0x7], "the same bytes")


def dump_many_programs():
    """All programs at once are 1024 at most: each reads all of the object"""
    for count in 1024, 1025:
        many = elf.Elf()
        code = many.section("bpfsched", elf.CODE,
                            (elf.MOV_0 + elf.EXIT) * count)
        for i in range(count):
            many.symbol(f"p{i}", code, 16 * i, 16, elf.STT_FUNC)
        with write_object(many) as file:
            equal(len(bpfsched("dump", "--names", file.name).expect(0)
                      .output.split()), count, "names")
            bpfsched("dump", file.name, "p7").expect(0)
            for command in "dump", "check":
                done = bpfsched(command, file.name)
                if count == 1024:
                    done.expect(0)
                else:
                    one_line_error(done, 2, "1025 programs", "name one")


#
# Detached jobs
#
FOREVER = ["--hex", ENDLESS, "--budget-insns", "unlimited"]


def detached(uid=None):
    return {job["name"]: job for job in
            bpfsched("-j", "detached", uid=uid).expect(0).listing()}


def submit(name, *arguments, uid=None):
    return bpfsched("-j", "submit", "--detach", name, *arguments,
                    uid=uid).expect(0).only()


def wait_until_gone(name):
    guard = time.monotonic() + HANG_GUARD_S
    while name in detached():
        assert time.monotonic() < guard, f"{name} is still there"
        time.sleep(0.005)


class Folder:
    """A folder that is somebody's XDG_RUNTIME_DIR"""

    def __init__(self, uid=SOME_UID, mode=0o700):
        self.uid, self.mode = uid, mode

    def __enter__(self):
        self.path = tempfile.mkdtemp()
        os.chown(self.path, self.uid, self.uid)
        os.chmod(self.path, self.mode)
        os.environ["XDG_RUNTIME_DIR"] = self.path
        return self.path

    def __exit__(self, *_):
        del os.environ["XDG_RUNTIME_DIR"]
        shutil.rmtree(self.path)


def detach_and_wait():
    """The result is kept until somebody has fetched it"""
    made = submit("first", "--hex", RETURN_42, "--id", 77)
    equal((made["name"], made["id"], made["scheduler"]),
          ("first", 77, "cloud"))
    wait_for("cloud", lambda now: now["pending"] == now["running"] == 0)
    job = detached()["first"]
    equal((job["pid"], job["id"], job["program"]), (made["pid"], 77, "hex"))
    assert "first" in bpfsched("detached").expect(0).output
    one_line_error(bpfsched("submit", "--detach", "first", "--hex", RETURN_42),
                   2, "there is a job of that name")
    ended = bpfsched("-j", "wait", "first").expect(0).only()
    equal((ended["id"], ended["r0"]), (77, "0x2a"))
    one_line_error(bpfsched("wait", "first"), 2, "no job 'first'")
    # one that did not end ok, by a wait that was there before its end
    bpfsched("pause").expect(0)
    submit("second", "--hex", READ_NULL)
    waits = [Started("wait", "second") for _ in range(2)]
    for wait in waits:
        wait_until_asleep(wait.process.pid)
    bpfsched("resume").expect(0)
    assert "fault" in waits[0].wait().expect(1).output
    waits[1].wait().expect(1)
    wait_until_gone("second")
    # a client that goes away does not count
    bpfsched("pause").expect(0)
    submit("third", "--hex", RETURN_42)
    wait = Started("wait", "third")
    wait_until_asleep(wait.process.pid)
    wait.process.kill()
    wait.wait()
    bpfsched("resume").expect(0)
    equal(bpfsched("-j", "wait", "third").expect(0).only()["status"], "ok")


class Reader:
    """Asks the holder of a job for its end, reads all, and acknowledges nothing"""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(HANG_GUARD_S)
        self.socket.connect(f"/run/bpfsched-jobs/{name}")
        self.socket.send(b"w\0\0\0")

    def read(self):
        output = b""
        while message := self.socket.recv(1 << 14):
            if message[:1] == b"x":
                return output
            output += message[1:]
        raise AssertionError("the holder has gone")

    def close(self):
        self.socket.close()


def detach_kept():
    """A result that was sent and not passed on, for each way to lose it"""
    submit("kept", "--hex", RETURN_42)
    bpfsched("drain").expect(0)
    reader = Reader("kept")
    assert b"0x2a" in reader.read()
    reader.close()
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(["bpfsched", "wait", "kept"], stdout=full,
                              stderr=subprocess.PIPE, check=False,
                              timeout=HANG_GUARD_S)
    equal(done.returncode, 2, "exit status")
    assert b"No space" in done.stderr, done.stderr
    # who acknowledges late takes nothing from who waits with it
    readers = [Reader("kept") for _ in range(2)]
    equal(bpfsched("-j", "wait", "kept").expect(0).only()["r0"], "0x2a")
    for reader in readers:
        assert b"0x2a" in reader.read()
        reader.close()
    # a name is free when the command that fetched the result has ended
    for _ in range(20):
        submit("kept", "--hex", RETURN_42)
        bpfsched("wait", "kept").expect(0)


def detach_outlives():
    """Its command, and the terminal of that"""
    shell = Terminal(["sh", "-i"], "PS1='> '")
    try:
        shell.send(f"bpfsched submit --detach stays {' '.join(FOREVER)}\n")
        shell.expect("stays: job ")
    finally:
        shell.end()
    wait_for("cloud", lambda now: now["running"] == 1)
    equal(detached()["stays"]["state"], "running", "state")
    pid = detached()["stays"]["pid"]
    equal(os.getsid(pid), pid, "session")
    done = bpfsched("-j", "cancel", "stays").expect(0)
    equal(done.only()["status"], "cancelled", "status")
    wait_until_gone("stays")


def detach_cancelled():
    submit("one", *FOREVER)
    wait = Started("-j", "wait", "one")
    wait_until_asleep(wait.process.pid)
    bpfsched("cancel", "one").expect(0)
    equal(wait.wait().expect(1).only()["status"], "cancelled", "status")
    # by a signal to the holder, who has nobody to tell
    made = submit("two", *FOREVER)
    os.kill(made["pid"], signal.SIGTERM)
    wait_until_gone("two")
    wait_for("cloud", lambda now: now["running"] == 0)
    # of one that has ended only the result is left
    submit("three", "--hex", RETURN_42)
    bpfsched("drain").expect(0)
    equal(bpfsched("-j", "cancel", "three").expect(0).only()["status"], "ok")
    one_line_error(bpfsched("cancel", "three"), 2, "no job 'three'")
    one_line_error(bpfsched("cancel", "x", "--client", 1), 2, "--client")


def detach_killed():
    """With its holder a job ends, too; its name is free again"""
    made = submit("gone", *FOREVER)
    wait_for("cloud", lambda now: now["running"] == 1)
    wait = Started("wait", "gone")
    wait_until_asleep(wait.process.pid)
    os.kill(made["pid"], signal.SIGKILL)
    one_line_error(wait.wait(), 2, "killed")
    wait_for("cloud", lambda now: now["running"] == 0)
    equal(detached()["gone"]["state"], "killed", "state")
    submit("gone", "--hex", RETURN_42)
    bpfsched("wait", "gone").expect(0)
    made = submit("gone", *FOREVER)
    os.kill(made["pid"], signal.SIGKILL)
    wait_for("cloud", lambda now: now["running"] == 0)
    one_line_error(bpfsched("cancel", "gone"), 2, "was killed")
    one_line_error(bpfsched("cancel", "gone"), 2, "no job")


def detach_stopped():
    """A holder that is stopped keeps nobody waiting, and forgets nothing"""
    made = submit("halted", *FOREVER)
    waiting = Started("-j", "wait", "halted")
    wait_until_asleep(waiting.process.pid)
    # by this answer the holder has taken the request before it
    equal(detached()["halted"]["state"], "running", "state")
    os.kill(made["pid"], signal.SIGSTOP)
    try:
        equal(detached()["halted"],
              {"name": "halted", "pid": made["pid"], "state": "stopped"})
        assert re.search(r"halted .*stopped$", bpfsched("detached").expect(0)
                         .output, re.M)
        for arguments in ["wait"], ["cancel"], ["globals", "--get", "x"]:
            one_line_error(bpfsched(*arguments, "halted"), 2,
                           f"kill -CONT {made['pid']}")
        one_line_error(bpfsched("submit", "--detach", "halted", "--hex",
                                RETURN_42), 2, "there is a job of that name")
        # other jobs are none of its business
        submit("other", "--hex", RETURN_42, "-s", "embedded")
        bpfsched("wait", "other").expect(0)
        check_full_backlog("halted")
    finally:
        os.kill(made["pid"], signal.SIGCONT)
    # what was refused has not been done meanwhile
    equal(detached()["halted"]["state"], "running", "state")
    bpfsched("cancel", "halted").expect(0)
    equal(waiting.wait().expect(1).only()["status"], "cancelled", "status")


def check_full_backlog(name):
    """As many wait for a connection as can, so that one more is not taken

    The first one asks to cancel the job, and goes away before that is seen.
    """
    here = os.getcwd()
    os.chdir("/run/bpfsched-jobs")
    clients, is_full = [], False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.connect(name)
            client.send(b"c\0\0\0")
        while not is_full:
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            client.setblocking(False)
            clients.append(client)
            is_full = client.connect_ex(name) == errno.EAGAIN
        equal(detached()[name], {"name": name, "state": "no answer"})
        one_line_error(bpfsched("wait", name), 2, "not answered")
        one_line_error(bpfsched("submit", "--detach", name, "--hex",
                                RETURN_42), 2, "there is a job of that name")
    finally:
        os.chdir(here)
        for client in clients:
            client.close()


def detach_lets_go():
    """Of what its command was started with, a pipe that somebody reads"""
    read, write = os.pipe()
    subprocess.run(["bpfsched", "submit", "--detach", "alone", *FOREVER],
                   stdout=subprocess.DEVNULL, check=True, pass_fds=[write],
                   timeout=HANG_GUARD_S)
    os.close(write)
    try:
        assert select.select([read], [], [], 30)[0], "the pipe is open yet"
        equal(os.read(read, 1), b"", "what was read")
        equal(detached()["alone"]["state"], "running", "state")
    finally:
        os.close(read)
    bpfsched("cancel", "alone").expect(0)


def detach_at_once():
    """Of many of one name one has it"""
    racing = [Started("submit", "--detach", "race", *FOREVER)
              for _ in range(8)]
    ends = sorted(one.wait().status for one in racing)
    equal(ends, [0] + [2] * 7, "exit statuses")
    wait_for("cloud", lambda now: now["running"] + now["pending"] == 1)
    bpfsched("cancel", "race").expect(0)


def detach_globals():
    """Variables of a job that runs"""
    submit("vars", VARIABLES, "--period", "1ms", "--set", "limit=2", "--set",
           "table[1][1]=6")
    get = ["-j", "globals", "vars", "--get"]
    values = bpfsched(*get, "limit", "--get",
                      "table").expect(0).only()["globals"]
    equal(values, {"limit": 2, "table": [[0, 0, 0], [0, 6, 0]]}, "globals")
    equal(json.loads(bpfsched("-j", "globals", "vars", "--set", "rates.low=9",
                              "--set", "text=now").expect(0).output), None)
    values = bpfsched(*get, "rates.low", "--get", "text").expect(0).only()
    equal(values["globals"], {"rates.low": 9, "text": "now"}, "globals")
    # what the job writes is seen
    turns, guard = 0, time.monotonic() + HANG_GUARD_S
    while turns < 3 and time.monotonic() < guard:
        turns = bpfsched(*get, "turns").expect(0).only()["globals"]["turns"]
    assert turns >= 3, f"{turns} turns"
    for setting, word in (("limit=1", "read-only"), ("s8=128", "fit"),
                          ("limti=1", "did you mean 'limit'")):
        # nothing of it is set
        one_line_error(bpfsched("globals", "vars", "--set", "u8=7", "--set",
                                setting), 2, word)
        done = bpfsched("-j", "globals", "vars", "--set", setting)
        one_line_error(done, 2, done.only()["error"])
    equal(bpfsched(*get, "u8").expect(0).only()["globals"]["u8"], 0, "u8")
    one_line_error(bpfsched("globals", "vars"), 2, "neither")
    done = bpfsched("cancel", "vars").expect(0)
    assert "start latency" in done.output and "cancelled" in done.output
    submit("vars", "--hex", RETURN_42)
    one_line_error(bpfsched("globals", "vars", "--get", "x"), 2, "bytecode")
    bpfsched("wait", "vars").expect(0)


def detach_refused():
    for name in ("", "a/b", "../x", ".", "..", ".x", "7", "-x", "a" * 32,
                 "a b", "a\nb", "\u00e4"):
        for arguments in (["submit", f"--detach={name}", "--hex", RETURN_42],
                          ["wait", "--", name], ["globals", "--get", "x",
                                                 "--", name]):
            one_line_error(bpfsched(*arguments), 2)
    for arguments, word in (
            (["submit", "--hex", RETURN_42], "--detach NAME is missing"),
            (["submit", "--detach", "a"], "neither an object"),
            (["submit", "--detach", "a", "--hex", WRITES_R10], "r10"),
            (["submit", "--detach", "a", VARIABLES, "--get", "u8"],
             "globals a --get"),
            (["submit", "--detach", "a", VARIABLES, "--set", "u8=256"],
             "does not fit")):
        one_line_error(bpfsched(*arguments), 2, word)
    done = bpfsched("-j", "submit", "--detach", "a", "--hex", RETURN_42,
                    "--deadline", "1s").expect(1)
    equal(done.only()["error"], "EOPNOTSUPP", "error")
    equal(detached(), {}, "jobs")
    submit("known", "--hex", RETURN_42)
    one_line_error(bpfsched("wait", "knwon"), 2, "did you mean 'known'")
    bpfsched("wait", "known").expect(0)


def detach_of_others():
    """Users do not see each other's jobs, nor what is put in their way"""
    node = "/dev/bpfsched/made"
    run = ["-s", "made", "submit", "--detach", "mine", "--hex", ENDLESS, "--budget-insns", 10 ** 9]
    with Made(), Folder() as folder:
        assert os.stat(node).st_mode & 0o666 == 0o666
        bpfsched(*run, uid=SOME_UID).expect(0)
        equal(list(detached(uid=SOME_UID)), ["mine"], "jobs of the user")
        equal(detached(), {}, "jobs of root")
        equal(os.stat(f"{folder}/bpfsched-jobs").st_mode & 0o777, 0o700, "mode")
        # another user, with the folder of this one
        for arguments in ["wait", "mine"], ["cancel", "mine"], ["detached"]:
            one_line_error(bpfsched(*arguments, uid=SOME_UID + 1), 2)
        bpfsched("cancel", "mine", uid=SOME_UID).expect(0)
        wait_for("made", lambda now: now["running"] == 0)
        # a link of somebody else in place of the folder, or of the socket
        shutil.rmtree(f"{folder}/bpfsched-jobs")
        os.symlink("/tmp", f"{folder}/bpfsched-jobs")
        one_line_error(bpfsched(*run, uid=SOME_UID), 2, folder)
        os.unlink(f"{folder}/bpfsched-jobs")
        os.mkdir(f"{folder}/bpfsched-jobs", 0o755)
        one_line_error(bpfsched(*run, uid=SOME_UID), 2, "belongs to user 0")
        os.chown(f"{folder}/bpfsched-jobs", SOME_UID, SOME_UID)
        os.chmod(f"{folder}/bpfsched-jobs", 0o770)
        one_line_error(bpfsched(*run, uid=SOME_UID), 2, "others may read")
        os.chmod(f"{folder}/bpfsched-jobs", 0o700)
        target = f"{folder}/target"
        with open(target, "w", encoding="ascii") as file:
            file.write("stays")
        for make in os.symlink, os.link:
            make(target, f"{folder}/bpfsched-jobs/mine")
            for arguments in run, ["wait", "mine"], ["cancel", "mine"]:
                one_line_error(bpfsched(*arguments, uid=SOME_UID), 2, "mine")
            os.unlink(f"{folder}/bpfsched-jobs/mine")
        with open(target, encoding="ascii") as file:
            equal(file.read(), "stays", "what the link leads to")
    for uid, mode in (SOME_UID, 0o777), (SOME_UID + 1, 0o755):
        with Made(), Folder(uid, mode):
            one_line_error(bpfsched(*run, uid=SOME_UID), 2)


def all_detached():
    return {(job["uid"], job["name"]): job for job in
            bpfsched("-j", "detached", "--all").expect(0).listing()}


def detach_of_all():
    """Root sees whose they are, and is not deceived by what users put there"""
    one_line_error(bpfsched("detached", "--all", uid=SOME_UID), 2, "for root")
    mine = submit("of-root", "--hex", RETURN_42)
    folder = f"/run/user/{SOME_UID}"
    os.makedirs(folder)
    os.chown(folder, SOME_UID, SOME_UID)
    try:
        with Made():
            theirs = submit("of-user", "-s", "made", "--hex", RETURN_42,
                            uid=SOME_UID)
            try:
                equal(all_detached(), {
                    (0, "of-root"): {
                        "uid": 0, "name": "of-root", "state": "held",
                        "pid": mine["pid"]},
                    (SOME_UID, "of-user"): {
                        "uid": SOME_UID, "name": "of-user", "state": "held",
                        "pid": theirs["pid"]}})
                output = bpfsched("detached", "--all").expect(0).output
                assert f"{SOME_UID}       of-user " in output, output
                check_deceivers(f"{folder}/bpfsched-jobs", theirs)
            finally:
                # the scheduler cannot be ended before that
                bpfsched("cancel", "of-user", uid=SOME_UID).expect(0)
        for one, other in ("bpfsched-jobs", "moved"), ("", f"{folder}-moved"):
            os.rename(os.path.join(folder, one), os.path.join(folder, other))
            os.symlink("/run/bpfsched-jobs" if one else "/run",
                       os.path.join(folder, one).rstrip("/"))
            equal(list(all_detached()), [(0, "of-root")], "behind a link")
    finally:
        shutil.rmtree("/run/user")
        bpfsched("wait", "of-root").expect(0)


def check_deceivers(folder, job):
    """What a user can put into the folder"""
    paths = {name: os.path.join(folder, name) for name in
             ("link", "file", "dead", "full", "of-other", "\x1b[31m", "7")}
    os.kill(job["pid"], signal.SIGSTOP)
    sockets = []
    here = os.getcwd()
    try:
        # a socket of root's, by a link and by a second name
        os.symlink("/run/bpfsched-jobs/of-root", paths["link"])
        os.link("/run/bpfsched-jobs/of-root", paths["of-other"])
        with open(paths["file"], "w", encoding="ascii"):
            pass
        os.chdir(folder)
        for name in "dead", "full", "\x1b[31m", "7":
            one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            one.bind(name)
            os.chown(name, SOME_UID, SOME_UID)
            one.listen(0)
            sockets.append(one)
        sockets.pop(0).close()
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.connect("full")
        sockets.append(client)
        seen = {name: (job["state"], job.get("pid")) for (uid, name), job in
                all_detached().items() if uid == SOME_UID}
        equal(seen, {"dead": ("killed", None), "full": ("no answer", None),
                     "of-user": ("stopped", job["pid"])}, "what root sees")
        # one that takes connections, but is a process of another user
        sockets[0].listen(16)
        equal(all_detached()[SOME_UID, "full"]["state"], "not known", "state")
    finally:
        os.chdir(here)
        os.kill(job["pid"], signal.SIGCONT)
        for one in sockets:
            one.close()
        for path in paths.values():
            if os.path.lexists(path):
                os.unlink(path)


def detach_without_room():
    """A full disk: an error, and no job"""
    before = stat()["submitted"]
    with Folder():
        with Made():
            path = os.environ["XDG_RUNTIME_DIR"]
            subprocess.run(["mount", "-t", "tmpfs", "-o",
                            f"nr_inodes=2,mode=700,uid={SOME_UID}", "none",
                            path], check=True)
            try:
                one_line_error(
                    bpfsched("-s", "made", "submit", "--detach", "a", "--hex",
                             RETURN_42, uid=SOME_UID), 2, "No space left")
                equal(stat("made")["submitted"], 0, "submitted")
            finally:
                subprocess.run(["umount", path], check=True)
    equal(stat()["submitted"], before, "submitted")


#
# check
#
def check_accepted():
    for arguments in (["--hex", RETURN_42], ["--hex", ENDLESS], [ADD],
                      [GLOBALS, "count"]):
        before = stat()["submitted"]
        bpfsched("check", *arguments).expect(0)
        equal(stat()["submitted"], before, "submitted")


def check_refused():
    done = bpfsched("check", "--hex", WRITES_R10)
    one_line_error(done, 1, "r10")
    assert re.search(r"\b1\b", done.errors), f"no instruction 1 in {done}"
    done = bpfsched("check", "--hex", RETURN_42[:16])
    one_line_error(done, 1)
    assert re.search(r"\b0\b", done.errors), f"no instruction 0 in {done}"


def check_usage():
    one_line_error(bpfsched("check"), 2)
    one_line_error(bpfsched("check", "--hex", "zz"), 2)
    one_line_error(bpfsched("check", "/nonexistent.bpf.o"), 2,
                   "/nonexistent.bpf.o")


#
# batch
#
def batch_guide():
    """The example of the guide"""
    jobs = [{"hex": RETURN_42, "id": number,
             "priority": "high" if number == 3 else "normal"}
            for number in range(1, 5)]
    check_started(batch_paused("cloud", jobs), [3, 1, 2, 4])


def batch_mixed_priorities():
    """64 jobs start in exactly the order of (priority, submission)"""
    choose = random.Random(2)
    jobs = [{"hex": RETURN_42, "id": number,
             "priority": choose.choice(PRIORITIES)}
            for number in range(1, 65)]
    want = sorted(jobs, key=lambda job: -PRIORITIES.index(job["priority"]))
    completions = batch_paused("cloud", jobs)
    check_started(completions, [job["id"] for job in want])
    priorities = {job["id"]: job["priority"] for job in jobs}
    for job in completions:
        equal(job["priority"], priorities[job["id"]], "priority")


def batch_earliest_deadline():
    """Deadlines first, the earliest first; then by priority"""
    jobs = [{"hex": RETURN_42, "id": 1, "priority": "normal"},
            {"hex": RETURN_42, "id": 2, "deadline": "3000s"},
            {"hex": RETURN_42, "id": 3, "priority": "critical"},
            {"hex": RETURN_42, "id": 4, "deadline": "1000s",
             "priority": "low"},
            {"hex": RETURN_42, "id": 5, "deadline": "2000s"},
            {"hex": RETURN_42, "id": 6, "deadline": "1000s"},
            {"hex": RETURN_42, "id": 7, "priority": "low"},
            {"hex": RETURN_42, "id": 8, "priority": "normal"}]
    completions = batch_paused("embedded", jobs)
    check_started(completions, [4, 6, 5, 2, 3, 1, 8, 7])
    assert not any(job["missed"] for job in completions), str(completions)


def batch_order_of_ends():
    """Completions are printed in the order in which the jobs ended"""
    jobs = [{"hex": RETURN_42, "id": number} for number in range(1, 33)]
    ends = [job["ended_ns"] for job in batch_paused("embedded", jobs)]
    equal(ends, sorted(ends), "order of ends")


def batch_standard_input():
    jobs = [{"hex": RETURN_42}, {"hex": RETURN_42}]
    done = bpfsched("-j", "batch", "-", text=job_lines(jobs)).expect(0)
    equal([job["status"] for job in done.lines()], ["ok", "ok"])


def batch_mixed_outcomes():
    jobs = [{"hex": RETURN_42, "id": 1},
            {"hex": READ_NULL, "id": 2},
            {"hex": ENDLESS, "id": 3, "budget-insns": 1000},
            {"hex": READ_CONTEXT, "id": 4, "context": "0100000000000000",
             "return-context": True},
            {"object": ADD, "id": 5, "context": "0203"},
            {"object": GLOBALS, "program": "count", "id": 6},
            {"hex": RETURN_42, "id": 1},
            {"hex": RETURN_42, "id": 8, "deadline": "1s"}]
    before = stat()
    bpfsched("pause").expect(0)
    batch = Started("-j", "batch", "-", text=job_lines(jobs))
    # the command reads its input when it is waited for
    batch.process.stdin.write(batch.text)
    batch.process.stdin.close()
    batch.process.stdin, batch.text = None, None
    wait_for_batch("cloud", before, pending=6, rejected=2)
    bpfsched("resume").expect(0)
    lines = batch.wait().expect(1).lines()
    rejected = [(job["id"], job["error"]) for job in lines
                if job["status"] == "rejected"]
    equal(sorted(rejected), [(1, "EEXIST"), (8, "EOPNOTSUPP")], "rejected")
    ended = {job["id"]: job for job in lines if job["status"] != "rejected"}
    equal({number: job["status"] for number, job in ended.items()},
          {1: "ok", 2: "fault", 3: "budget", 4: "ok", 5: "ok", 6: "ok"})
    equal(ended[4]["context"], "0700000000000000", "context")
    equal(int(ended[5]["r0"], 16), 5, "r0")
    equal(int(ended[6]["r0"], 16), 105, "r0")


def batch_timing():
    """The keys are those of run"""
    jobs = [{"hex": RETURN_42, "id": 1, "period": "1ms", "count": 4},
            {"hex": RETURN_42, "id": 2, "not_before": "5ms",
             "deadline": "3600s", "firm": True, "budget-time": "3600s"},
            {"hex": RETURN_42, "id": 3, "deadline": "3600s",
             "run-time": "3601s", "on-full": "evict"},
            {"hex": RETURN_42, "id": 4, "deadline": "3600s",
             "run-time": "1s"}]
    done = bpfsched("-j", "-s", "embedded", "batch", "-", "--timeout", "1s",
                    text=job_lines(jobs)).expect(1)
    ended = [job for job in done.lines() if job["status"] == "ok"]
    equal(sum(1 + job["overruns"] for job in ended if job["id"] == 1), 4,
          "releases")
    equal({job["id"] for job in ended}, {1, 2, 4}, "jobs that ended ok")
    refused = [job for job in done.lines() if job["status"] != "ok"]
    equal([(job["id"], job["error"]) for job in refused], [(3, "EBUSY")])
    assert 0 < refused[0]["room_ns"] <= 3600 * 10 ** 9, str(refused)


def batch_queue_full():
    """More jobs than the queue takes: the rest are rejected"""
    jobs = [{"hex": RETURN_42, "id": number} for number in range(1, 41)]
    before = stat("embedded")
    bpfsched("-s", "embedded", "pause").expect(0)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(job_lines(jobs))
        file.flush()
        batch = Started("-j", "-s", "embedded", "batch", file.name)
        wait_for_batch("embedded", before, pending=32, rejected=8)
        bpfsched("-s", "embedded", "resume").expect(0)
        lines = batch.wait().expect(1).lines()
    equal({job["id"] for job in lines if job["status"] == "ok"},
          set(range(1, 33)), "accepted")
    equal({(job["id"], job.get("error")) for job in lines
           if job["status"] == "rejected"},
          {(number, "EAGAIN") for number in range(33, 41)}, "rejected")


def results_of(lines, *options):
    """What the jobs of a file have returned, in the order of its lines"""
    jobs = [{"id": number, **line} for number, line in enumerate(lines, 1)]
    done = bpfsched("-j", *options, "batch", "-", text=job_lines(jobs))
    ended = {job["id"]: job["r0"] for job in done.expect(0).lines()}
    return [int(ended[job["id"]], 16) for job in jobs]


def batch_set():
    """Variables of a line; lines that set the same have one program"""
    use = {"object": VARIABLES}
    # what the program returns is limit + rates.low
    equal(results_of([{**use, "set": {"limit": 40, "rates.low": 2}},
                      {**use, "set": {"limit": "0x10"}}, use,
                      {**use, "set": {}},
                      {**use, "set": {"is_on": True, "twice": 1.5, "single": 2,
                                      "mode": "MODE_FAST", "text[1]": 120,
                                      "text": "abc", "limit": 1}}]),
          [42, 23, 10, 10, 8], "results")
    # a run adds to what those before it have left; one worker, one at a time
    count = {"object": GLOBALS, "program": "count"}
    with Made("--workers", 1):
        equal(results_of([count, {**count, "set": {"step": 7}}, count,
                          {**count, "set": {"step": 7, "calls": 50}},
                          {**count, "set": {"step": 7}},
                          {**count, "set": {"calls": 50, "step": 7}}],
                         "-s", "made"),
              [105, 107, 110, 157, 114, 164], "results")
    check_programs_of_set()
    check_bad_set()


def check_programs_of_set():
    """How many are loaded, and that the order of members does not matter"""
    with Made("--user-programs", 2), tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/jobs"
        os.chmod(folder, 0o755)
        limits = [({"limit": 1, "u8": 2}, {"u8": 2, "limit": 1}, {}, None),
                  ({"limit": 1}, {"limit": "0x1"}, {})]
        for sets, status in zip(limits, (0, 2)):
            with open(path, "w", encoding="ascii") as file:
                file.write(job_lines(
                    {"object": VARIABLES, **({"set": one} if one is not None
                                             else {})} for one in sets))
            done = bpfsched("-s", "made", "batch", path, uid=SOME_UID)
            done.expect(status)
            if status:
                one_line_error(done, 2, f"{path}:3: ", "programs")


def check_bad_set():
    before = stat()["submitted"]
    for value, word in (
            ([1], "an object"), ("limit=1", "an object"), (None, "an object"),
            ({"limit": None}, "'limit' has to be a string, a number"),
            ({"table": [1]}, "'table' has to be a string, a number"),
            ({"limit": 1.0}, "not a number, which 'limit' is"),
            ({"limit": 2 ** 32}, "does not fit"), ({"u8": -1}, "does not fit"),
            ({"is_on": 2}, "not true or false"), ({"limti": 1}, "'limit'"),
            ({"rates.lwo": 1}, "did you mean 'low'"), ({"": 1}, "NAME=VALUE"),
            ({"limit=1": 1}, "no name"), ({"fixed[0]": 1}, "const volatile"),
            ({"mode": "MODE_NONE"}, "MODE_OFF, MODE_SLOW"),
            ({"x" * 300: 1}, "too long"), ({"pointer": 0}, "is a pointer"),
            ({f"u{i}": 1 for i in range(65)}, "more than 64")):
        jobs = [{"hex": RETURN_42}, {"object": VARIABLES, "set": value}]
        one_line_error(bpfsched("batch", "-", text=job_lines(jobs)), 2,
                       "-:2: key 'set': ", word)
    for bad, word in (('"hex": "%s", "set": {"a": 1}' % RETURN_42,
                       "key 'set': only of an object"),
                      ('"object": "x", "set": {"a": 1, "a": 2}', "twice"),
                      ('"object": "x", "set": {"a": "\\u0000"}', "NUL"),
                      ('"object": "x", "ste": {"a": 1}', "mean 'set'")):
        one_line_error(bpfsched("batch", "-", text=f"{{{bad}}}\n"), 2,
                       "-:1: ", word)
    equal(stat()["submitted"], before, "submitted")


def batch_bad_file():
    good = json.dumps({"hex": RETURN_42})
    before = stat()["submitted"]
    for bad, word in ((good + "\nnot json\n", ":2"),
                      (good + '\n\n{"hexx": "95"}\n', "hexx"),
                      ('{"hex": "' + RETURN_42 + '", "priority": "urgent"}\n',
                       "urgent"),
                      ('{"id": 1}\n', ":1"),
                      ("[]\n", ":1")):
        one_line_error(bpfsched("batch", "-", text=bad), 2, word)
    one_line_error(bpfsched("batch", "/nonexistent.jsonl"), 2,
                   "/nonexistent.jsonl")
    # a program that is refused keeps all of them from being submitted
    bad = good + "\n" + json.dumps({"hex": WRITES_R10}) + "\n"
    one_line_error(bpfsched("batch", "-", text=bad), 2, "-:2: ", "r10")
    bad = good + "\n" + json.dumps({"object": "/nonexistent.bpf.o"}) + "\n"
    one_line_error(bpfsched("batch", "-", text=bad), 2, "-:2: ",
                   "/nonexistent.bpf.o")
    equal(stat()["submitted"], before, "submitted")


def batch_strict_json():
    """What RFC 8259 does not know, and numbers that would lose something"""
    before = stat()["submitted"]
    for bad, word in ((r'"context": "01\u000002"', "NUL"),
                      (r'"priority\u0000x": "high"', "NUL"),
                      (r'"priority": "high\u0000er"', "NUL"),
                      (r'"hex\u0000": 1', "NUL"),
                      ('"id": 010', "not JSON"), ('"id": 7.', "not JSON"),
                      ('"id": +7', "not JSON"), ('"id": 0x7', "not JSON"),
                      ('"id": NaN', "not JSON"),
                      ('"id": 1e-400', "whole number"),
                      ('"id": 1e400', "too large"),
                      ('"id": 9007199254740990.7', "whole number"),
                      ('"id": 1.0', "whole number"), ('"id": -1', "whole"),
                      ('"id": 9223372036854775808', "as a string"),
                      ('"id": 1, "id": 1', "given twice"),
                      ('"on-full": "wait", "on_full": "fail"', "given twice"),
                      ('"program": "a\tb"', "not JSON"),
                      ('"program": "a\x01b"', "not JSON"),
                      (r'"program": "\ud800"', "not JSON"),
                      (r'"program": "\x"', "not JSON"),
                      ('"id": 1,', "not JSON"), ("'id': 1", "not JSON"),
                      ('"id": 1 // remark', "not JSON"),
                      ('"firm": True', "not JSON"), ('"firm": 1', "true"),
                      ('"id": null', "number"), ('"priority": 1', "string")):
        line = f'{{"hex": "{RETURN_42}", {bad}}}\n'
        one_line_error(bpfsched("batch", "-", text="\r\n\n" + line), 2,
                       "-:3: ", word)
    # what stands behind a NUL in the bytecode does not count as not there
    for end in "", "this is not hexadecimal", EXIT:
        line = f'{{"hex": "{RETURN_42}\\u0000{end}"}}\n'
        one_line_error(bpfsched("batch", "-", text=line), 2, "-:1: ", "NUL")
    for bad in ("{} {}", "7", "[]", "null", '"text"', "\f", "\ufeff{}"):
        one_line_error(bpfsched("batch", "-", text=bad + "\n"), 2, "-:1: ")
    equal(stat()["submitted"], before, "submitted")
    line = f'\t{{"hex":"{RETURN_42}","id":9007199254740993}}\r\n'
    equal(bpfsched("-j", "batch", "-", text=line).expect(0).only()["id"],
          9007199254740993, "id")
    line = json.dumps({"hex": RETURN_42, "id": str(2 ** 64 - 1)})
    equal(bpfsched("-j", "batch", "-", text=line).expect(0).only()["id"],
          2 ** 64 - 1, "id")


#
# captures
#
CAPTURE = os.path.join(TOP, "tools/examples/capture/lan.pcap")
CLASSIFY = os.path.join(TOP, "build/examples/classify.bpf.o")


class Capture:
    """A capture with some frames, in the byte order that is asked for"""

    def __init__(self, order="<", link_type=1):
        self.order = order
        self.data = struct.pack(order + "IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0,
                                65535, link_type)

    def frame(self, content, captured=None):
        length = len(content) if captured is None else captured
        self.data += struct.pack(self.order + "IIII", 1, 2, length, length)
        self.data += content
        return self

    def run(self, *options, program=RETURN_42, cut=0):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(self.data[:len(self.data) - cut])
            file.flush()
            return bpfsched(*options[:options.count("-j")], "run", "--hex",
                            program, "--pcap", file.name,
                            *options[options.count("-j"):])


def capture_frames():
    done = bpfsched("run", CLASSIFY, "--pcap", CAPTURE, "--verdict-names",
                    os.path.join(TOP, "tools/examples/classify.names"))
    assert "link type EN10MB (1)" in done.expect(0).output, str(done)
    for order in "<", ">":
        capture = Capture(order).frame(bytes(8)).frame(bytes([1]) + bytes(7))
        lines = capture.run("-j", program=READ_CONTEXT).expect(0).lines()
        equal({job["frame"]: job["r0"] for job in lines},
              {1: "0x0", 2: "0x1"}, "results")
    equal(Capture().run("-j").expect(0).lines(), [], "jobs without frames")


def capture_cut_off():
    """The frames before it are run, and a line tells"""
    capture = Capture().frame(bytes(60)).frame(bytes(60)).frame(bytes(60))
    for cut in 1, 59, 60, 61, 75:
        done = capture.run("-j", cut=cut)
        one_line_error_of_ok(done, "cut off in frame 3")
        equal([job["frame"] for job in done.lines()], [1, 2], "frames")
    capture.run(cut=76).expect(0)
    one_line_error(Capture().run(cut=1), 2, "truncated in its header")
    one_line_error(Capture().run(cut=22), 2, "not a pcap file")
    for length in 262145, 2 ** 32 - 1:
        bad = Capture().frame(bytes(60)).frame(bytes(60), captured=length)
        one_line_error(bad.run(), 2, "frame 2 cannot have", "damaged")


def one_line_error_of_ok(done, *words):
    """It ended well, and one line on standard error tells of something"""
    equal(done.status, 0, f"status of {done}\n")
    equal(done.errors.count("\n"), 1, f"lines on standard error of {done}\n")
    for word in words:
        assert word in done.errors, f"{word!r} is not in: {done.errors}"


def capture_link_type():
    for order in "<", ">":
        cooked = Capture(order, link_type=113).frame(bytes(60))
        one_line_error(cooked.run(), 2, "link type is LINUX_SLL (113)",
                       "not EN10MB (1)", "--link-type 113")
        for name in "linux_sll", "113", "any":
            done = cooked.run("--link-type", name).expect(0)
            assert "link type LINUX_SLL (113)" in done.output, str(done)
        one_line_error(cooked.run("--link-type", "RAW"), 2, "not RAW (101)")
        one_line_error(cooked.run("--link-type", "sll"), 2, "'sll'")
    # the length of a checksum at the end of frames is in the same number
    Capture(link_type=0x44000001).frame(bytes(60)).run().expect(0)
    one_line_error(bpfsched("run", "--hex", RETURN_42, "--link-type", "any"),
                   2, "--pcap")


#
# cancel
#
def cancel_running():
    job = Started("-j", "run", "--hex", ENDLESS, "--budget-insns",
                  "unlimited", "--id", "4711")
    wait_for("cloud", lambda now: now["running"] == 1)
    bpfsched("cancel", "4711").expect(0)
    completion = job.wait().expect(1).only()
    equal(completion["status"], "cancelled", "status")
    equal(completion["id"], 4711, "id")


def cancel_queued():
    bpfsched("pause").expect(0)
    job = Started("-j", "run", "--hex", RETURN_42, "--id", "12")
    wait_for("cloud", lambda now: now["pending"] == 1)
    before = stat()["cancelled"]
    bpfsched("cancel", "12").expect(0)
    completion = job.wait().expect(1).only()
    equal(completion["status"], "cancelled", "status")
    equal(stat()["cancelled"], before + 1, "cancelled")


def cancel_not_found():
    one_line_error(bpfsched("cancel", "999999"), 2, "999999")


def cancel_not_unique():
    bpfsched("pause").expect(0)
    jobs = [Started("-j", "run", "--hex", RETURN_42, "--id", "5")
            for _ in range(2)]
    wait_for("cloud", lambda now: now["pending"] == 2)
    one_line_error(bpfsched("cancel", "5"), 2)
    bpfsched("resume").expect(0)
    for job in jobs:
        equal(job.wait().expect(0).only()["status"], "ok", "status")


#
# update
#
def listed_job(scheduler, number):
    jobs = [job for job in bpfsched("-j", "-s", scheduler, "jobs").expect(0)
            .listing() if job["id"] == number]
    equal(len(jobs), 1, f"jobs {number}")
    return jobs[0]


def update_priority():
    bpfsched("pause").expect(0)
    job = Started("-j", "run", "--hex", RETURN_42, "--id", "12")
    wait_for("cloud", lambda now: now["pending"] == 1)
    bpfsched("update", "12", "--priority", "high").expect(0)
    listed = listed_job("cloud", 12)
    equal(listed["priority"], "high", "priority")
    bpfsched("update", "12", "--client", listed["client"], "--priority",
             "low").expect(0)
    bpfsched("resume").expect(0)
    equal(job.wait().expect(0).only()["priority"], "low", "priority")


def update_deadline():
    bpfsched("-s", "embedded", "pause").expect(0)
    job = Started("-j", "-s", "embedded", "run", "--hex", RETURN_42, "--id",
                  "12", "--deadline", "1000s")
    wait_for("embedded", lambda now: now["pending"] == 1)
    before = listed_job("embedded", 12)["deadline_ns"]
    bpfsched("-s", "embedded", "update", "12", "--deadline", "3000s").expect(0)
    equal(listed_job("embedded", 12)["deadline_ns"],
          before + 2000 * 10 ** 9, "deadline_ns")
    bpfsched("-s", "embedded", "resume").expect(0)
    job.wait().expect(0)


def update_budgets():
    """A job that runs for ever gets an end"""
    for options in (["--budget-insns", "1000"], ["--budget-time", "1us"]):
        job = Started("-j", "run", "--hex", ENDLESS, "--budget-insns",
                      "unlimited", "--id", "12")
        wait_for("cloud", lambda now: now["running"] == 1)
        bpfsched("update", "12", "--budget-insns", "unlimited",
                 "--budget-time", "unlimited").expect(0)
        bpfsched("update", "12", *options).expect(0)
        equal(job.wait().expect(1).only()["status"], "budget", "status")


def update_admitted():
    """What is said to be left is named"""
    job = Started("-j", "-s", "embedded", "run", "--hex", RETURN_42, "--id",
                  "12", "--not-before", "3600s", "--deadline", "3600s",
                  "--run-time", "1000s")
    wait_for("embedded", lambda now: now["pending"] == 1)
    equal(listed_job("embedded", 12)["admitted"], True, "admitted")
    assert " admitted" in bpfsched("-s", "embedded", "jobs").expect(0).output
    counters = stat("embedded")
    equal(counters["reservations"], 1, "reservations")
    assert counters["reserved_ppm"] > 0, str(counters)
    one_line_error(bpfsched("-s", "embedded", "update", "12", "--deadline",
                            "999s"), 2, "guaranteed", "room for a run time")
    bpfsched("-s", "embedded", "update", "12", "--deadline",
             "3000s").expect(0)
    bpfsched("-s", "embedded", "cancel", "12").expect(0)
    job.wait().expect(1)


def update_refused():
    for arguments, word in ((["12", "--priority", "low"], "12"),
                            (["12"], "nothing to change"),
                            (["x", "--priority", "low"], "x"),
                            (["12", "--client", "0"], "from 1 on"),
                            (["12", "--budget-insns", "0"], "instruction"),
                            (["12", "--budget-time", "0s"], "no time")):
        one_line_error(bpfsched("update", *arguments), 2, word)
    bpfsched("pause").expect(0)
    jobs = [Started("-j", "run", "--hex", RETURN_42, "--id", "5")
            for _ in range(2)]
    wait_for("cloud", lambda now: now["pending"] == 2)
    one_line_error(bpfsched("update", "5", "--priority", "low"), 2,
                   "name the client")
    client = bpfsched("-j", "jobs").expect(0).listing()[0]["client"]
    one_line_error(bpfsched("update", "5", "--client", client, "--deadline",
                            "1s"), 2, "no deadlines")
    bpfsched("resume").expect(0)
    for job in jobs:
        job.wait().expect(0)


#
# users
#
def listed_user(uid, scheduler="cloud"):
    """What users --all tells of a user, or None"""
    users = [user for user in
             bpfsched("-j", "-s", scheduler, "users", "--all").expect(0)
             .listing() if user.get("uid") == uid]
    assert len(users) <= 1, f"users of uid {uid}: {users}"
    return users[0] if users else None


DEFAULT_LIMITS = {"clients": 256, "jobs": 512, "waiting": 512,
                  "programs": 256, "memory": 64 << 20, "releases": 10000,
                  "reserved_ppm": 0, "weight": 100}


def users_listed():
    bpfsched("pause").expect(0)
    job = Started("run", "--hex", RETURN_42)
    wait_for("cloud", lambda now: now["pending"] == 1)
    for user in listed_user(0), bpfsched("-j", "users").expect(0).listing()[0]:
        equal(user["uid"], 0, "uid")
        equal(user["name"], "root", "name")
        equal(user["kernel"], False, "kernel")
        equal(user["limits"], DEFAULT_LIMITS, "limits")
        equal(user["limits_set"], False, "limits_set")
        equal(user["jobs"], 1, "jobs")
        assert user["clients"] >= 1 and user["programs"] >= 1, str(user)
    for arguments in ["users"], ["users", "--all"]:
        done = bpfsched(*arguments).expect(0)
        for text in "USER", "root", "1/512", "/64M", "0%/0%":
            assert text in done.output, f"no {text} in {done}"
    bpfsched("resume").expect(0)
    job.wait().expect(0)


def users_set():
    try:
        bpfsched("users", "set", SOME_UID, "--jobs", 3, "--memory", "5M",
                 "--reserve", "12.5%", "--clients", "max", "--releases",
                 "max", "--weight", 200).expect(0)
        user = listed_user(SOME_UID)
        equal(user["limits"],
              {"clients": None, "jobs": 3, "waiting": 512, "programs": 256,
               "memory": 5 << 20, "releases": None, "reserved_ppm": 125000,
               "weight": 200}, "limits")
        equal(user["limits_set"], True, "limits_set")
        equal(user["clients"], 0, "clients")
        done = bpfsched("users", "--all").expect(0)
        for text in "0/max", "0/3", "0/5M", "0%/12.5%", "limits set":
            assert text in done.output, f"no {text} in {done}"
        bpfsched("users", "set", SOME_UID, "--reset", "--programs",
                 1).expect(0)
        equal(listed_user(SOME_UID)["limits"],
              {**DEFAULT_LIMITS, "programs": 1}, "limits")
    finally:
        bpfsched("users", "set", SOME_UID, "--reset").expect(0)
    equal(listed_user(SOME_UID), None, "user")


def users_set_default():
    """What all users have; list shows it"""
    def limits():
        return [line["user_limits"]
                for line in bpfsched("-j", "list").expect(0).listing()
                if line["name"] == "cloud"][0]

    equal(limits(), DEFAULT_LIMITS, "limits")
    try:
        bpfsched("users", "set", "default", "--jobs", 9, "--programs",
                 10).expect(0)
        equal(limits(), {**DEFAULT_LIMITS, "jobs": 9, "programs": 10})
        equal(listed_user(0)["limits"]["jobs"], 9, "jobs")
    finally:
        bpfsched("users", "set", "default", "--jobs", 512, "--programs",
                 256).expect(0)
    equal(limits(), DEFAULT_LIMITS, "limits")


def users_refused():
    for arguments in (["set"], ["set", "0"], ["get"], ["--jobs", 1],
                      ["--reset"], ["set", "0", "--all", "--jobs", 1],
                      ["set", "no-such-user", "--jobs", 1],
                      ["set", "4294967295", "--jobs", 1],
                      ["set", "", "--jobs", 1],
                      ["set", "default", "--reset"],
                      ["set", "0", "--jobs", "4294967295"],
                      ["set", "0", "--jobs", "-1"],
                      ["set", "0", "--memory", "1T"],
                      ["set", "0", "--reserve", "half"],
                      ["set", "0", "--reserve", "0.00001"],
                      ["set", "0", "--weight", "0"],
                      ["set", "0", "--weight", "10001"]):
        one_line_error(bpfsched("users", *arguments), 2)


class Made:
    """A scheduler that everybody may use"""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        bpfsched("create", "made", *self.options).expect(0)
        os.chmod("/dev/bpfsched/made", 0o666)

    def __exit__(self, *_):
        bpfsched("destroy", "made").expect(0)


def users_limits_named():
    """The limit that was met, whose it is, and who can do what about it"""
    run = ["run", "--hex", RETURN_42]
    declared = ["--deadline", "100s", "--run-time", "50s"]
    for create, options, limit, words in (
            (["--user-jobs", 0], [], "user_jobs",
             ["too many live jobs of user 4711 (limit 0)",
              "bpfsched -s made users set 4711 --jobs N"]),
            (["--user-waiting", 0], ["--not-before", "1s"], "user_waiting",
             ["waiting or periodic", "set 4711 --waiting N"]),
            (["--user-releases", 999], ["--period", "1ms"], "user_releases",
             ["(limit 999 a second)", "set 4711 --releases N"]),
            (["--user-reserve", 10], declared, "user_reserved",
             ["(limit 10% of a worker)", "--reserve PERCENT"]),
            (["--user-reserve", 100, "--max-reservations", 1], declared,
             "reservations", ["(limit 1, and half", "CAP_SYS_NICE"])):
        with Made("--policy", "deadline", *create):
            job = bpfsched("-j", "-s", "made", *run, *options,
                           uid=SOME_UID).expect(1).only()
            equal((job["error"], job["limit"]), ("EDQUOT", limit))
            done = bpfsched("-s", "made", *run, *options,
                            uid=SOME_UID).expect(1)
            for word in words:
                assert word in done.output, f"no {word!r} in {done}"


def users_limits_in_batch():
    """A line for each job, with the reason"""
    with Made("--user-jobs", 1), tempfile.NamedTemporaryFile("w") as file:
        os.chmod(file.name, 0o644)
        file.write(job_lines([{"hex": RETURN_42, "not-before": "10ms"}] * 3))
        file.flush()
        done = bpfsched("-s", "made", "batch", file.name,
                        uid=SOME_UID).expect(1)
    equal(done.output.count("too many live jobs of user 4711 (limit 1)"), 2,
          f"refused jobs of {done}")


def users_limits_of_programs():
    for create, words in (
            (["--user-programs", 0],
             ["too many programs of user 4711 (limit 0)",
              "bpfsched -s made users set 4711 --programs N"]),
            (["--user-memory", 8],
             ["memory of programs of user 4711 (limit 8 bytes)",
              "--memory SIZE"]),
            (["--user-clients", 0], ["/dev/bpfsched/made", "too many files"])):
        with Made(*create):
            for command in "run", "check":
                one_line_error(bpfsched("-s", "made", command, "--hex",
                                        RETURN_42, uid=SOME_UID), 2, *words)
            bpfsched("-s", "made", "run", "--hex", RETURN_42).expect(0)


def users_denied():
    """What takes a capability, in words"""
    for create, options, word in (
            (["--user-budget", 1000], ["--budget-insns", 1001],
             "more than 1000 instructions needs CAP_SYS_NICE"),
            (["--guard-critical"], ["--priority", "critical"],
             "priority critical needs CAP_SYS_NICE"),
            ([], ["--deadline", "1s", "--run-time", "1ms"],
             "users set 4711 --reserve PERCENT")):
        with Made("--policy", "deadline", *create):
            done = bpfsched("-s", "made", "run", "--hex", RETURN_42, *options,
                            uid=SOME_UID).expect(1)
            assert "EPERM" in done.output and word in done.output, str(done)
            bpfsched("-s", "made", "run", "--hex", RETURN_42,
                     *options).expect(0)
    with Made():
        for arguments in (["users", "--all"],
                          ["users", "set", SOME_UID, "--jobs", 1000],
                          ["update", "1", "--client", "1", "--priority",
                           "low"]):
            one_line_error(bpfsched("-s", "made", *arguments, uid=SOME_UID), 2,
                           "not permitted")
        user = bpfsched("-j", "-s", "made", "users", uid=SOME_UID).expect(0)
        equal([line["uid"] for line in user.listing()], [SOME_UID], "uids")


#
# stat, list, pause, resume
#
def stat_members():
    for scheduler, capacity in ("cloud", 1024), ("embedded", 32):
        counters = stat(scheduler)
        missing = COUNTERS - counters.keys()
        assert not missing, f"missing: {missing}"
        equal(counters["capacity"], capacity, "capacity")
        assert balanced(counters), f"do not add up: {counters}"


def stat_counts():
    before = stat()
    run_json("--hex", RETURN_42)
    run_json("--hex", READ_NULL, status=1)
    run_json("--hex", ENDLESS, "--budget-insns", "10", status=1)
    run_json("--hex", RETURN_42, "--deadline", "1s", status=1)
    after = stat()
    for counter, more in (("submitted", 3), ("completed", 1), ("failed", 2),
                          ("rejected", 1), ("exec_count", 3),
                          ("cancelled", 0), ("dropped", 0),
                          ("deadline_misses", 0)):
        equal(after[counter] - before[counter], more, counter)


def stat_for_people():
    done = bpfsched("stat").expect(0)
    for word in COUNTERS:
        assert word in done.output, f"no {word} in {done}"


def stat_of_ended():
    """Who looks does not keep a scheduler, and is told that it has ended"""
    bpfsched("create", "made").expect(0)
    monitor = Started("-j", "-s", "made", "stat", "--monitor", "0.01")
    monitor.process.stdout.readline()
    bpfsched("destroy", "made").expect(0)
    one_line_error(monitor.wait(), 2, "has ended")


def deadline_missed():
    """It passes while the scheduler is paused; the job runs all the same"""
    before = stat("embedded")["deadline_misses"]
    bpfsched("-s", "embedded", "pause").expect(0)
    job = Started("-j", "-s", "embedded", "run", "--hex", RETURN_42,
                  "--deadline", "1us")
    counters = wait_for("embedded",
                        lambda now: now["deadline_misses"] > before)
    equal(counters["pending"], 1, "pending")
    bpfsched("-s", "embedded", "resume").expect(0)
    completion = job.wait().expect(0).only()
    equal(completion["status"], "ok", "status")
    equal(completion["missed"], True, "missed")
    equal(stat("embedded")["deadline_misses"], before + 1, "deadline_misses")


def list_schedulers():
    names = {line["name"] for line in bpfsched("-j", "list").expect(0).listing()}
    assert {"cloud", "embedded"} <= names, str(names)
    done = bpfsched("list").expect(0)
    assert "cloud" in done.output and "embedded" in done.output, str(done)


def list_of_others():
    """Who may only read looks at schedulers; a closed node is one line"""
    node = "/dev/bpfsched/made"
    with Made():
        os.chmod(node, 0o440)
        os.chown(node, 0, SOME_UID)
        for arguments in ["list"], ["-s", "made", "stat"], ["stat", "made"]:
            bpfsched(*arguments, uid=SOME_UID).expect(0)
        one_line_error(bpfsched("-s", "made", "jobs", uid=SOME_UID), 2,
                       "CAP_SYS_ADMIN")
        lines = bpfsched("-j", "list", uid=SOME_UID).expect(0).listing()
        equal(sorted(line["name"] for line in lines),
              ["cloud", "embedded", "made"], "names")
        errors = {line["name"] for line in lines if "error" in line}
        equal(errors, {"cloud", "embedded"}, "closed to the user")
        done = bpfsched("list", uid=SOME_UID).expect(0)
        equal(done.output.count("Permission denied"), 2, str(done))
        run = ["-s", "made", "run", "--hex", RETURN_42]
        one_line_error(bpfsched(*run, uid=SOME_UID), 2, "denied",
                       "only its owner may write")
        os.chmod(node, 0o460)
        one_line_error(bpfsched(*run, uid=SOME_UID + 1), 2,
                       "members of group '4711' may write")
        bpfsched(*run, uid=SOME_UID).expect(0)
        os.chmod(node, 0o660)
        bpfsched(*run, uid=SOME_UID).expect(0)
        for arguments in ["pause"], ["resume"], ["cancel", "1"]:
            one_line_error(bpfsched("-s", "made", *arguments, uid=SOME_UID),
                           2, "CAP_SYS_ADMIN")
    one_line_error(bpfsched("create", "made", uid=SOME_UID), 2, "control",
                   "denied", "takes root")


def create_explained():
    for arguments, words in (
            (["cloud"], "there is a scheduler of that name"),
            (["a/b"], "letters, digits"), (["control"], "letters, digits"),
            (["made", "--profile", "clouds"], "'clouds': cloud or embedded"),
            (["made", "--policy", "edf"], "throughput, deadline or fair"),
            (["made", "--slice", "1ms"], "--policy fair"),
            (["made", "--cpus", "0,900"], "no CPU 900")):
        one_line_error(bpfsched("create", *arguments), 2, words)
    one_line_error(bpfsched("destroy", "made"), 2, "no such scheduler")


def refused(*arguments):
    done = bpfsched(*arguments).expect(2)
    equal(len(done.errors.splitlines()), 1, f"lines of errors of {done}")
    return done


def create_and_destroy():
    bpfsched("create", "made", "--policy", "deadline", "--capacity", 3,
             "--workers", 2, "--cpus", 0, "--rt-priority", 5).expect(0)
    try:
        made = [line for line in bpfsched("-j", "list").expect(0).listing()
                if line["name"] == "made"]
        equal(len(made), 1, "schedulers of that name")
        for key, value in (("policy", "deadline"), ("capacity", 3),
                           ("workers", 2), ("profile", "cloud")):
            equal(made[0][key], value, key)
        line = bpfsched("-j", "-s", "made", "run", "--hex", RETURN_42,
                        "--deadline", "100s").expect(0).only()
        equal(line["r0"], "0x2a", "r0")
        refused("create", "made")
    finally:
        bpfsched("destroy", "made").expect(0)
    refused("destroy", "made")
    refused("-s", "made", "stat")


def create_options():
    """What is given is what list tells"""
    bpfsched("create", "made", "--policy", "fair", "--slice", "2ms",
             "--max-reservations", 3, "--supply", "90.5", "--user-budget",
             12345, "--user-clients", "max", "--user-jobs", 5,
             "--user-waiting", 4, "--user-programs", 3, "--user-memory", "2K",
             "--user-releases", "max", "--user-reserve", "150",
             "--user-weight", 7).expect(0)
    try:
        made = [line for line in bpfsched("-j", "list").expect(0).listing()
                if line["name"] == "made"][0]
        for key, value in (
                ("policy", "fair"), ("slices", True), ("deadlines", False),
                ("slice_ns", 2 * 10 ** 6), ("max_reservations", 3),
                ("supply_ppm", 905000), ("user_budget_insns", 12345),
                ("unlimited", True), ("guard_critical", False),
                ("user_limits", {"clients": None, "jobs": 5, "waiting": 4,
                                 "programs": 3, "memory": 2048,
                                 "releases": None, "reserved_ppm": 1500000,
                                 "weight": 7})):
            equal(made[key], value, key)
        done = bpfsched("-s", "made", "run", "--hex", RETURN_42, "--deadline",
                        "1s").expect(1)
        assert "EOPNOTSUPP" in done.output, str(done)
        bpfsched("-s", "made", "run", "--hex", RETURN_42).expect(0)
    finally:
        bpfsched("destroy", "made").expect(0)


def create_out_of_sight():
    """In a PID namespace in which the workers have no id"""
    if not os.path.exists("/proc/self/ns/pid"):
        raise ktap.Skip("a kernel without PID namespaces")
    for options, errors in ([], 0), (["--rt-priority", "5"], 1):
        done = subprocess.run(
            ["unshare", "--pid", "--fork", "bpfsched", "create", "made",
             *options], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False)
        equal(done.returncode, 0, f"status of {done}")
        bpfsched("destroy", "made").expect(0)
        equal(done.stderr.count("\n"), errors, f"lines of {done.stderr}")
        equal("--rt-priority" in done.stderr, bool(errors), done.stderr)


def create_refused():
    for arguments in (["a/b"], ["control"], ["x" * 32], [""],
                      ["made", "--profile", "none"],
                      ["made", "--policy", "none"],
                      ["made", "--capacity", "131073"],
                      ["made", "--capacity", "0"],
                      ["made", "--workers", "257"],
                      ["made", "--cpus", "0-"],
                      ["made", "--cpus", "1000"],
                      ["made", "--rt-priority", "100"],
                      ["made", "--slice", "1ms"],
                      ["made", "--policy", "fair", "--slice", "99us"],
                      ["made", "--policy", "fair", "--slice", "1.1s"],
                      ["made", "--max-reservations", "65"],
                      ["made", "--supply", "0"],
                      ["made", "--supply", "100.1"],
                      ["made", "--user-budget", "0"],
                      ["made", "--user-jobs", "many"],
                      ["made", "--user-weight", "10001"]):
        refused("create", *arguments)
    equal(len(bpfsched("-j", "list").expect(0).listing()), 2, "schedulers")


def destroy_refused_while_open():
    bpfsched("create", "made").expect(0)
    try:
        job = Started("-s", "made", "run", "--hex", ENDLESS,
                      "--budget-insns", "unlimited")
        wait_for("made", lambda now: now["running"] == 1)
        refused("destroy", "made")
        job.process.kill()
        job.wait()
    finally:
        # the job of the killed process may still be on its way to an end
        bpfsched("destroy", "made").expect(0)


def jobs_listed():
    equal(bpfsched("-j", "jobs").expect(0).listing(), [], "jobs")
    bpfsched("pause").expect(0)
    first = Started("run", "--hex", RETURN_42, "--id", 7, "--priority", "low")
    second = Started("run", "--hex", RETURN_42, "--not-before", "1000s")
    wait_for("cloud", lambda now: now["pending"] == 2)
    listed = bpfsched("-j", "jobs").expect(0).listing()
    equal(sorted(job["state"] for job in listed), ["pending", "waiting"],
          "states")
    pending = [job for job in listed if job["state"] == "pending"][0]
    equal(pending["id"], 7, "id")
    equal(pending["priority"], "low", "priority")
    equal(pending["pid"], first.process.pid, "pid")
    equal(pending["comm"], "bpfsched", "comm")
    assert "pending" in bpfsched("jobs").expect(0).output
    bpfsched("resume").expect(0)
    first.wait().expect(0)
    second.process.kill()
    second.wait()


def jobs_largest_number():
    """The list ends, and has each job once"""
    bpfsched("pause").expect(0)
    numbers = [1, 2 ** 64 - 2, 2 ** 64 - 1]
    jobs = [Started("run", "--hex", RETURN_42, "--id", number)
            for number in numbers]
    wait_for("cloud", lambda now: now["pending"] == len(jobs))
    equal(sorted(job["id"] for job in bpfsched("-j", "jobs").expect(0)
                 .listing()), numbers, "numbers of jobs")
    bpfsched("resume").expect(0)
    for job in jobs:
        job.wait().expect(0)


def drain_no_wait():
    bpfsched("drain", "--no-wait").expect(0)
    job = Started("run", "--hex", RETURN_42, "--not-before", "3600s", "--id",
                  "12")
    wait_for("cloud", lambda now: now["pending"] == now["waiting"] == 1)
    one_line_error(bpfsched("drain", "--no-wait"), 1, "pending")
    one_line_error(bpfsched("drain", "--no-wait", "--timeout", "1s"), 2,
                   "exclude")
    bpfsched("cancel", "12").expect(0)
    job.wait().expect(1)
    bpfsched("drain", "--no-wait").expect(0)


def drain_waits():
    bpfsched("drain").expect(0)
    bpfsched("pause").expect(0)
    job = Started("run", "--hex", RETURN_42)
    wait_for("cloud", lambda now: now["pending"] == 1)
    refused("drain", "--timeout", "1ms")
    drain = Started("drain")
    bpfsched("resume").expect(0)
    drain.wait().expect(0)
    job.wait().expect(0)


def stat_histograms():
    bpfsched("create", "made", "--policy", "deadline").expect(0)
    try:
        for key in ("wait_ns", "run_ns", "late_ns"):
            equal(stat("made")[key], [], key)
        bpfsched("-s", "made", "pause").expect(0)
        jobs = [Started("-s", "made", "run", "--hex", RETURN_42,
                        "--deadline", deadline)
                for deadline in ("1ns", "1000s")]
        wait_for("made", lambda now: now["pending"] == 2)
        bpfsched("-s", "made", "resume").expect(0)
        for job in jobs:
            job.wait().expect(0)
        counters = stat("made")
        for key, want in (("wait_ns", 2), ("run_ns", 2), ("late_ns", 1)):
            equal(sum(count for _, count in counters[key]), want, key)
    finally:
        bpfsched("destroy", "made").expect(0)


def sysfs_attributes():
    folder = "/sys/class/bpfsched/cloud/"

    def read(name):
        with open(folder + name, encoding="ascii") as file:
            return file.read().strip()

    counters = stat()
    for name in COUNTERS:
        equal(read(name), str(counters[name]), name)
    equal(read("policy"), "throughput", "policy")
    equal(read("paused"), "0", "paused")
    limit = read("client_jobs")
    try:
        with open(folder + "client_jobs", "w", encoding="ascii") as file:
            file.write("1")
        bpfsched("pause").expect(0)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as jobs:
            jobs.write(f'{{"hex": "{RETURN_42}"}}\n' * 2)
            jobs.flush()
            batch = Started("-j", "batch", jobs.name)
            wait_for_batch("cloud", counters, pending=1, rejected=1)
            bpfsched("resume").expect(0)
            lines = batch.wait().expect(1).lines()
        equal(sorted(line.get("error", "none") for line in lines),
              ["EDQUOT", "none"], "errors")
    finally:
        with open(folder + "client_jobs", "w", encoding="ascii") as file:
            file.write(limit)


def trace_events():
    tracing = "/sys/kernel/tracing/"
    with open(tracing + "trace", "w", encoding="ascii"):
        pass
    with open(tracing + "events/bpfsched/enable", "w",
              encoding="ascii") as file:
        file.write("1")
    bpfsched("run", "--hex", RETURN_42, "--id", 4711).expect(0)
    bpfsched("-s", "embedded", "run", "--hex", READ_NULL).expect(1)
    bpfsched("run", "--hex", RETURN_42, "--deadline", "1s").expect(1)
    with open(tracing + "events/bpfsched/enable", "w",
              encoding="ascii") as file:
        file.write("0")
    with open(tracing + "trace", encoding="ascii") as file:
        trace = file.read()
    for pattern in (r"bpfsched_submit: scheduler=cloud .* id=4711 ",
                    r"bpfsched_start: scheduler=cloud .* id=4711 ",
                    r"bpfsched_complete: .* id=4711 .*status=ok",
                    r"bpfsched_complete: scheduler=embedded .*status=fault",
                    r"bpfsched_reject: scheduler=cloud .*error=-95"):
        assert re.search(pattern, trace), f"no {pattern} in\n{trace}"


def pause_submissions_go_on():
    bpfsched("pause").expect(0)
    job = Started("-j", "run", "--hex", RETURN_42)
    wait_for("cloud", lambda now: now["pending"] == 1)
    equal(stat()["running"], 0, "running")
    # the other scheduler is not paused
    bpfsched("-s", "embedded", "run", "--hex", RETURN_42).expect(0)
    bpfsched("resume").expect(0)
    equal(job.wait().expect(0).only()["status"], "ok", "status")


#
# Errors
#
def error_usage():
    for arguments in ([], ["frobnicate"], ["run"], ["--frobnicate"],
                      ["run", "--hex"], ["run", "--frobnicate"],
                      ["run", "--hex", RETURN_42, "--priority", "urgent"],
                      ["run", "--hex", RETURN_42, "--deadline", "5"],
                      ["run", "--hex", RETURN_42, "--context", "123"],
                      ["run", "--hex", RETURN_42, "--id", "-1"],
                      ["run", "--hex", RETURN_42, "--on-full", "panic"],
                      ["run", "--hex", RETURN_42, "--period", "0s"],
                      ["run", "--hex", RETURN_42, "--period", "1s",
                       "--count", "0"],
                      ["run", "--hex", RETURN_42, "--budget-time", "0ms"],
                      ["run", "--hex", RETURN_42, "--timeout", "1s"],
                      ["run", "--hex", RETURN_42, "--firm=yes"],
                      ["batch"], ["cancel"], ["cancel", "x"],
                      ["stat", "extra"], ["-s"]):
        one_line_error(bpfsched(*arguments), 2)


def error_no_scheduler():
    for command in (["stat"], ["run", "--hex", RETURN_42], ["pause"],
                    ["cancel", "1"], ["check", "--hex", RETURN_42]):
        one_line_error(bpfsched("-s", "nonesuch", *command), 2, "nonesuch")
    one_line_error(bpfsched("-s", "../null", "stat"), 2)


def error_no_object():
    one_line_error(bpfsched("run", "/nonexistent.bpf.o"), 2,
                   "/nonexistent.bpf.o")
    one_line_error(bpfsched("run", "/etc/passwd"), 2, "/etc/passwd")
    one_line_error(bpfsched("run", "--hex", "@/nonexistent"), 2,
                   "/nonexistent")


def error_refused_program():
    done = bpfsched("run", "--hex", WRITES_R10)
    one_line_error(done, 2, "r10")
    assert re.search(r"\b1\b", done.errors), f"no instruction 1 in {done}"


def error_bad_hex():
    one_line_error(bpfsched("run", "--hex", "xyz"), 2)
    one_line_error(bpfsched("run", "--hex", ""), 2)
    one_line_error(bpfsched("run", "--hex", RETURN_42[:-2]), 2)


def completions(*words, current=""):
    """What bash offers for a word that begins in this way, after these"""
    script = ('. "$1"; shift; COMP_WORDS=(bpfsched "$@"); COMP_CWORD=$#; '
              '_bpfsched 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(
        ["bash", "-c", script, "bash",
         os.path.join(TOP, "tools/bpfsched/bash-completion"), *words, current],
        text=True, stdout=subprocess.PIPE, check=True)
    return done.stdout.split()


def options_of_help(text):
    return set(re.findall(r"^  (?:-., )?(--[a-z-]+)", text, re.M))


def help_documented():
    """Each command and option that help tells of is where users look"""
    with open(os.path.join(TOP, "tools/man/bpfsched.1"),
              encoding="utf-8") as file:
        manual = file.read()
    text = bpfsched("help").expect(0).output
    commands = re.findall(r"^  ([a-z]+) ", text, re.M)
    assert {"run", "drain", "destroy"} <= set(commands), commands
    equal(set(completions()), set(commands), "commands that are completed")
    wanted = options_of_help(text)
    equal(set(completions(current="--")), wanted, "options")
    for command in commands:
        section = re.search(rf"^\.It Cm (?:\w+ \| )*{command}\b", manual, re.M)
        assert section, f"no {command} in the manual page"
        options = options_of_help(bpfsched(command, "--help").expect(0).output)
        missing = options - set(completions(command, current="--"))
        assert not missing, f"{command}: {missing} not completed"
        wanted |= options
    # and the other way round
    equal(set(re.findall(r"^\.It Cm ([a-z]+)\b(?=.*$)", manual.split(
        ".Ss Job options")[0], re.M)) - set(commands), set(),
          "commands of the manual page that there are not")
    equal({f"-{option}" for option in re.findall(r"\bFl (-[a-z][a-z-]*)",
                                                 manual)} - wanted, set(),
          "options of the manual page that there are not")
    for option in wanted:
        assert re.search(rf"^\..*\bFl (?:\w , Fl )?{option[1:]}\b", manual,
                         re.M), f"no {option} in the manual page"
    assert "cloud" in completions("destroy"), "no names of schedulers"
    assert "control" not in completions("destroy"), "the control node"


class Terminal:
    """A shell on a terminal, in which somebody presses the tabulator"""

    def __init__(self, words, setup):
        self.child, self.shell = pty.fork()
        if not self.child:
            os.chdir(os.path.join(TOP, "tools"))
            os.environ.update(TERM="dumb", PS1="> ", HISTFILE="")
            os.execvp(words[0], words)
        self.seen = ""
        self.send(setup + "; echo set''up\n")
        self.expect("setup\r")

    def send(self, text):
        self.seen = ""
        os.write(self.shell, text.encode())

    def expect(self, text):
        guard = time.monotonic() + HANG_GUARD_S
        while text not in self.seen:
            left = guard - time.monotonic()
            if left < 0 or not select.select([self.shell], [], [], left)[0]:
                raise AssertionError(f"no {text!r} in {self.seen!r}")
            self.seen += os.read(self.shell, 4096).decode(errors="replace")

    def end(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.shell)


TYPES = "../build/tests/variables.bpf.o"

# Typed behind the tabulator, to see where that has left the cursor
CURSOR = "^"

COMPLETED = [
    ("ver", "version"), ("sta", "stat"), ("run --prio", "--priority"),
    ("run --priority hi", "high"), ("run --priority=hi", "high"),
    ("run --on-full ev", "evict"), ("run --context @exam", "examples/"),
    ("run --context=@exam", "examples/"), ("run --hex @exam", "examples/"),
    ("run exam", "examples/"), ("batch Makef", "Makefile"),
    ("run ../build/tests/globals.bpf.o incr", "increment"),
    ("check ../build/tests/globals.bpf.o out", "out_of_bounds"),
    ("run ../build/tests/maps.bpf.o relay --followups relay_m",
     "relay_middle"),
    ("run ../build/tests/maps.bpf.o relay --followups relay_middle,relay_e",
     "relay_end"),
    ("help bat", "batch"), ("-s emb", "embedded"), ("-s embedded sta", "stat"),
    ("--sched", "--scheduler"), ("stat emb", "embedded"),
    ("destroy clo", "cloud"), ("destroy --fo", "--force"),
    ("create x --policy thr", "throughput"), ("dump --na", "--names"),
    ("users set defa", "default"), ("users --al", "--all"),
    ("sub", "submit"), ("submit --det", "--detach"),
    ("submit --detach x exam", "examples/"),
    ("submit --detach x ../build/tests/globals.bpf.o incr", "increment"),
    ("detac", "detached"), ("glo", "globals"),
    ("wait kept-r", "kept-result"), ("cancel kept-r", "kept-result"),
    ("globals kept-r", "kept-result"), ("globals kept-result --se", "--set"),
    # a value follows at once, but not behind a name that is to be shown
    (f"run {TYPES} --set lim", f"limit={CURSOR}"),
    (f"run {TYPES} --set=lim", f"limit={CURSOR}"),
    (f"run {TYPES} use --set tab", f"table={CURSOR}"),
    (f"submit --detach x {TYPES} --set tab", f"table={CURSOR}"),
    (f"run {TYPES} --get tur", f"turns {CURSOR}"),
    (f"run {TYPES} --get=tur", f"turns {CURSOR}"),
]

NOT_COMPLETED = [
    "wait nob", f"run {TYPES} --set nob", f"run {TYPES} none --set lim",
    "globals kept-result --set lim", "run --set lim",
]


def press_tabulator(shell, typed):
    """What the shell shows then

    It has completed, or not, by the time that it takes what was typed next.
    """
    shell.send(f"bpfsched {typed}\t{CURSOR}")
    shell.expect(CURSOR)
    shown = shell.seen
    shell.send("\x15")
    return shown


def check_completion(shell):
    # A result that nobody has fetched is in nobody's way
    submit("kept-result", "--hex", RETURN_42)
    try:
        for typed, want in COMPLETED:
            shown = press_tabulator(shell, typed)
            assert want in shown, f"no {want!r} in {shown!r}"
        for typed in NOT_COMPLETED:
            shown = press_tabulator(shell, typed).replace("\x07", "")
            assert f"{typed.split()[-1]}{CURSOR}" in shown, f"{shown!r}"
    finally:
        shell.end()


def completion_bash():
    check_completion(Terminal(["bash", "--norc", "-i"],
                              ". bpfsched/bash-completion"))


def completion_zsh():
    if not shutil.which("zsh"):
        raise ktap.Skip("no zsh")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(TOP, "tools/bpfsched/zsh-completion"),
                    f"{folder}/_bpfsched")
        check_completion(Terminal(
            ["zsh", "-f", "-i"],
            f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -d "
            f"{folder}/dump; bindkey '^U' kill-whole-line"))


def help_of_commands():
    for command in "run", "stat", "help", "version":
        equal(bpfsched("help", command).expect(0).output,
              bpfsched(command, "--help").expect(0).output, "help")
    document = json.loads(bpfsched("-p", "help").expect(0).output)
    names = [command["name"] for command in document["commands"]]
    assert {"run", "help", "version"} <= set(names), names
    document = json.loads(bpfsched("-j", "help", "run").expect(0).output)
    assert "priority" in [opt["name"] for opt in document["options"]]


def version_of_all():
    for arguments in ["--version"], ["-V"], ["version"]:
        output = bpfsched(*arguments).expect(0).output
        for text in ("bpfsched ", "libbpfsched ", "module ", "0.2.0",
                     "ABI version 2"):
            assert text in output, f"no {text!r} in {output}"
    versions = bpfsched("-j", "-V").expect(0).only()
    equal(versions, bpfsched("version", "-j").expect(0).only(), "versions")
    for one, other in (("version", "module_version"),
                       ("version", "library_version"),
                       ("abi_version", "module_abi_version")):
        equal(versions[one], versions[other], other)


def nearest_words():
    for arguments, word in (
            (["lst"], "list"), (["st"], "stat"), (["help", "chekc"], "check"),
            (["--schedular", "x"], "--scheduler"),
            (["--schedular=x"], "--scheduler"),
            (["list", "--jsn"], "--json"),
            (["run", "--hex", RETURN_42, "--priorty", "low"], "--priority"),
            (["run", "-hex", RETURN_42], "--hex"),
            (["run", "--hex", RETURN_42, "--priority", "hgh"], "high"),
            (["run", "--hex", RETURN_42, "--on-full", "evcit"], "evict"),
            (["create", "made", "--policy", "fare"], "fair"),
            (["-s", "clod", "stat"], "cloud")):
        one_line_error(bpfsched(*arguments), 2, f"did you mean '{word}'?")
    one_line_error(bpfsched("batch", "-", text='{"contxt": ""}'), 2,
                   "did you mean 'context'?")
    assert "mean" not in bpfsched("frobnicate").expect(2).errors


def json_documents():
    """One document for each invocation, of errors too"""
    for arguments in (["list"], ["jobs"], ["users"], ["users", "--all"],
                      ["check", GLOBALS], ["dump", GLOBALS],
                      ["dump", "--names", GLOBALS],
                      ["dump", "--globals", VARIABLES]):
        for form in "-j", "-p":
            document = bpfsched(form, *arguments).expect(0).listing()
            assert document or arguments == ["jobs"], f"{arguments}: nothing"
    equal(bpfsched("-j", "dump", "--names", GLOBALS).expect(0).listing(),
          bpfsched("dump", "--names", GLOBALS).expect(0).output.split())
    for arguments in (["pause"], ["resume"], ["drain"],
                      ["users", "set", SOME_UID, "--reset"]):
        equal(json.loads(bpfsched("-j", *arguments).expect(0).output), None)
    for arguments in (["-s", "none", "stat"], ["frobnicate"], ["cancel", "7"],
                      ["run", "--hex", WRITES_R10], ["run", "/none.bpf.o"],
                      ["list", "--frobnicate"], ["create", "a/b"]):
        done = bpfsched("-j", *arguments)
        one_line_error(done, 2)
        equal(f"bpfsched: {done.only()['error']}\n", done.errors, "error")
    done = bpfsched("-j", "check", "--hex", WRITES_R10)
    one_line_error(done, 1, "r10")
    equal(done.only()["status"], "refused", "status")
    # a name of a file may have any bytes, JSON may not
    done = subprocess.run(["bpfsched", "-j", "run", b"/\xff\xc3\xa4\xed\xa0\x80"],
                          capture_output=True, check=False)
    assert "/\ufffdä\ufffd\ufffd\ufffd" in json.loads(done.stdout)["error"]


def json_schemas():
    """There is one for each command, and it is not one that takes anything"""
    commands = {command["name"] for command in
                bpfsched("-j", "help").expect(0).only()["commands"]}
    equal(schema.commands(), commands, "commands with a schema")
    for command in commands:
        for document in 7, {}, {"error": 1}, {"error": "", "more": 1}, [7]:
            try:
                schema.check_command(command, document)
            except schema.Invalid:
                continue
            raise AssertionError(f"{document} is said to be of {command}")


def scheduler_of_environment():
    os.environ["BPFSCHED_SCHEDULER"] = "embedded"
    try:
        equal(bpfsched("-j", "stat").expect(0).only()["capacity"], 32)
        equal(stat("cloud")["capacity"], 1024, "capacity of -s")
        done = bpfsched("-j", "stat", "cloud").expect(0).only()
        equal(done["capacity"], 1024, "capacity of stat NAME")
    finally:
        del os.environ["BPFSCHED_SCHEDULER"]
    equal(stat("embedded"), bpfsched("-j", "stat", "embedded").expect(0)
          .only(), "stat NAME")


def options_with_equals():
    job = bpfsched("--json", "--scheduler=embedded", "run",
                   f"--hex={RETURN_42}", "--priority=high", "--id=9",
                   "--deadline=100s").expect(0).only()
    equal((job["id"], job["priority"]), (9, "high"))


def create_tells():
    """What was made, with the threads of its workers"""
    for form in "-j", "-p":
        made = json.loads(bpfsched(form, "create", "made", "--workers", 2)
                          .expect(0).output)
        equal((made["name"], made["policy"], made["workers"],
               len(set(made["threads"]))), ("made", "throughput", 2, 2))
        for thread in made["threads"]:
            with open(f"/proc/{thread}/comm", encoding="ascii") as file:
                assert "made" in file.read(), f"name of thread {thread}"
        equal(json.loads(bpfsched(form, "destroy", "made").expect(0).output),
              None, "document")
    done = bpfsched("create", "made").expect(0)
    assert re.search(r"threads of workers: \d+", done.output), str(done)
    bpfsched("destroy", "made").expect(0)


def destroy_of_module():
    """One that the module has made takes more than a word"""
    one_line_error(bpfsched("destroy", "embedded"), 2, "--force")
    shell = Terminal(["sh", "-i"], "PS1='> '")
    try:
        shell.send("bpfsched destroy embedded\n")
        shell.expect("[y/N] ")
        shell.send("n\n")
        shell.expect("not ended")
    finally:
        shell.end()
    names = [line["name"] for line in bpfsched("-j", "list").listing()]
    equal(names, ["cloud", "embedded"], "schedulers")
    # with a capacity of its own, that it is not the one of before
    bpfsched("destroy", "embedded", "--force").expect(0)
    bpfsched("create", "embedded", "--profile", "embedded").expect(0)


def help_everywhere():
    done = bpfsched("--help").expect(0)
    for command in "run", "batch", "check", "cancel", "stat", "pause":
        assert command in done.output, str(done)
        bpfsched(command, "--help").expect(0)


TESTS = [
    ("run.ok", run_ok),
    ("run.json_members", run_json_members),
    ("run.pretty", run_pretty),
    ("run.result_64_bits", run_result_64_bits),
    ("run.fault", run_fault),
    ("run.budget", run_budget),
    ("run.budget_exact", run_budget_exact),
    ("run.context", run_context),
    ("run.context_of_file", run_context_of_file),
    ("run.hex_of_file", run_hex_of_file),
    ("run.object", run_object),
    ("run.object_globals", run_object_globals),
    ("run.object_named", run_object_named),
    ("run.followups", run_followups),
    ("run.followups_with_maps", run_followups_with_maps),
    ("run.on_embedded", run_on_embedded),
    ("run.rejected", run_rejected),
    ("run.periodic", run_periodic),
    ("run.periodic_summary", run_periodic_summary),
    ("run.periodic_late", run_periodic_late),
    ("run.periodic_live", run_periodic_live),
    ("run.periodic_interrupted", run_periodic_interrupted),
    ("run.interrupted", run_interrupted),
    ("run.not_before", run_not_before),
    ("run.firm", run_firm),
    ("run.budget_time", run_budget_time),
    ("run.admission", run_admission),
    ("run.on_full_wait", run_on_full_wait),
    ("run.on_full_evict", run_on_full_evict),
    ("run.explained", run_explained),
    ("run.explained_limits", run_explained_limits),
    ("globals.set", globals_set),
    ("globals.shown", globals_shown),
    ("globals.listed", globals_listed),
    ("globals.refused", globals_refused),
    ("globals.damaged", globals_damaged),
    ("globals.of_many_parts", globals_of_many_parts),
    ("dump.many_programs", dump_many_programs),
    ("detach.and_wait", detach_and_wait),
    ("detach.kept", detach_kept),
    ("detach.outlives", detach_outlives),
    ("detach.cancelled", detach_cancelled),
    ("detach.killed", detach_killed),
    ("detach.stopped", detach_stopped),
    ("detach.lets_go", detach_lets_go),
    ("detach.at_once", detach_at_once),
    ("detach.globals", detach_globals),
    ("detach.refused", detach_refused),
    ("detach.of_others", detach_of_others),
    ("detach.of_all", detach_of_all),
    ("detach.without_room", detach_without_room),
    ("check.accepted", check_accepted),
    ("check.refused", check_refused),
    ("check.usage", check_usage),
    ("batch.guide", batch_guide),
    ("batch.mixed_priorities", batch_mixed_priorities),
    ("batch.earliest_deadline", batch_earliest_deadline),
    ("batch.order_of_ends", batch_order_of_ends),
    ("batch.standard_input", batch_standard_input),
    ("batch.mixed_outcomes", batch_mixed_outcomes),
    ("batch.timing", batch_timing),
    ("batch.queue_full", batch_queue_full),
    ("batch.set", batch_set),
    ("batch.bad_file", batch_bad_file),
    ("batch.strict_json", batch_strict_json),
    ("batch.followups", batch_followups),
    ("batch.interrupted", batch_interrupted),
    ("batch.interrupted_followups", batch_interrupted_followups),
    ("batch.in_pieces", batch_in_pieces),
    ("batch.of_limited_user", batch_of_limited_user),
    ("batch.progress", batch_progress),
    ("capture.frames", capture_frames),
    ("capture.cut_off", capture_cut_off),
    ("capture.link_type", capture_link_type),
    ("cancel.running", cancel_running),
    ("cancel.queued", cancel_queued),
    ("cancel.not_found", cancel_not_found),
    ("cancel.not_unique", cancel_not_unique),
    ("update.priority", update_priority),
    ("update.deadline", update_deadline),
    ("update.budgets", update_budgets),
    ("update.admitted", update_admitted),
    ("update.refused", update_refused),
    ("users.listed", users_listed),
    ("users.set", users_set),
    ("users.set_default", users_set_default),
    ("users.refused", users_refused),
    ("users.limits_named", users_limits_named),
    ("users.limits_in_batch", users_limits_in_batch),
    ("users.limits_of_programs", users_limits_of_programs),
    ("users.denied", users_denied),
    ("stat.members", stat_members),
    ("stat.counts", stat_counts),
    ("stat.for_people", stat_for_people),
    ("stat.of_ended", stat_of_ended),
    ("deadline.missed", deadline_missed),
    ("list.schedulers", list_schedulers),
    ("list.of_others", list_of_others),
    ("create.and_destroy", create_and_destroy),
    ("create.explained", create_explained),
    ("create.options", create_options),
    ("create.out_of_sight", create_out_of_sight),
    ("create.refused", create_refused),
    ("destroy.refused_while_open", destroy_refused_while_open),
    ("jobs.listed", jobs_listed),
    ("jobs.largest_number", jobs_largest_number),
    ("drain.waits", drain_waits),
    ("drain.no_wait", drain_no_wait),
    ("stat.histograms", stat_histograms),
    ("sysfs.attributes", sysfs_attributes),
    ("trace.events", trace_events),
    ("pause.submissions_go_on", pause_submissions_go_on),
    ("error.usage", error_usage),
    ("error.no_scheduler", error_no_scheduler),
    ("error.no_object", error_no_object),
    ("error.refused_program", error_refused_program),
    ("error.bad_hex", error_bad_hex),
    ("error.nearest_words", nearest_words),
    ("json.documents", json_documents),
    ("json.schemas", json_schemas),
    ("option.environment", scheduler_of_environment),
    ("option.with_equals", options_with_equals),
    ("create.tells", create_tells),
    ("destroy.of_module", destroy_of_module),
    ("version.of_all", version_of_all),
    ("completion.bash", completion_bash),
    ("completion.zsh", completion_zsh),
    ("help.everywhere", help_everywhere),
    ("help.of_commands", help_of_commands),
    ("help.documented", help_documented),
]


def main():
    return ktap.main(ktap.select(TESTS, sys.argv[1:]), bring_to_rest)


if __name__ == "__main__":
    sys.exit(main())
