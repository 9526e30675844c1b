#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end tests of what an administrator sees and sets. Prints KTAP.

CPUs that come and go, parameters of the module, debugfs, sysfs, tracefs,
privileges. Runs in a test kernel, as root, with the module inserted and
bpfsched in PATH. Arguments: patterns of the names of tests; none: all.
"""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import ktap
import module
from command import (COUNTERS, ENDLESS, HANG_GUARD_S, READ_NULL, RETURN_42,
                     TOP, Started, balanced, bpfsched, equal)

PARAMETERS = "/sys/module/bpfsched/parameters/"
SYSFS = "/sys/class/bpfsched/"
DEBUGFS = "/sys/kernel/debug/bpfsched/"
TRACING = "/sys/kernel/tracing/"
UNLIMITED = ["--budget-insns", "unlimited"]


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def table(scheduler, name):
    """A file in debugfs, one dictionary a line"""
    lines = read(f"{DEBUGFS}{scheduler}/{name}").splitlines()
    keys = lines[0].split()
    return [dict(zip(keys, line.split(None, len(keys) - 1)))
            for line in lines[1:]]


def stat(scheduler):
    """The counters, from sysfs: that starts no process"""
    return {name: int(read(f"{SYSFS}{scheduler}/{name}")) for name in COUNTERS}


def wait_for(scheduler, **wanted):
    """Polls until the counters have these values"""
    guard = time.monotonic() + HANG_GUARD_S
    while any(int(read(f"{SYSFS}{scheduler}/{name}")) != value
              for name, value in wanted.items()):
        if time.monotonic() > guard:
            raise AssertionError(f"hangs: {scheduler} is at {stat(scheduler)}")
        time.sleep(0.005)


def bring_to_rest():
    """After each test"""
    Started.end_all()
    for scheduler in "cloud", "embedded":
        if read(f"{SYSFS}{scheduler}/paused") == "1":
            bpfsched("-s", scheduler, "resume").expect(0)
        wait_for(scheduler, pending=0, running=0)
        counters = stat(scheduler)
        assert balanced(counters), f"do not add up: {counters}"


class Made:
    """A scheduler that is there for a while"""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        bpfsched("create", "made", *self.options).expect(0)
        return "made"

    def __exit__(self, *_):
        Started.end_all()
        bpfsched("destroy", "made").expect(0)


#
# The module and its parameters
#
class Inserted:
    """The module with other parameters, for a while"""

    def __init__(self, *parameters):
        self.parameters = parameters

    def __enter__(self):
        module.remove()
        error = module.insert(*self.parameters)
        if error:
            module.insert()
            raise AssertionError(f"{self.parameters}: {error}")

    def __exit__(self, *_):
        Started.end_all()
        module.remove()
        equal(module.insert(), None, "with no parameters")


def names_of_schedulers():
    return sorted(line["name"] for line in
                  bpfsched("-j", "list").expect(0).listing())


def engines():
    return {line["name"]: line["engine"]
            for line in bpfsched("-j", "list").expect(0).listing()}


def module_types():
    """Tracers know the types of the module where they know the kernel's"""
    kernel = "/sys/kernel/btf/vmlinux"
    if not os.path.exists(kernel) or not shutil.which("pahole"):
        raise ktap.Skip("no types of the kernel, or no pahole")
    types = "/sys/kernel/btf/bpfsched"
    # some kernels are packaged so that the build itself adds them
    by_build = os.path.exists(types)
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(module.MODULE, folder)
        for release in "0.0.0-other", os.uname().release:
            equal(os.path.exists(types), by_build, "whether there are types")
            subprocess.run([os.path.join(TOP, "tools/module-btf"), release, copy],
                           check=True)
            equal(os.listdir(folder), ["bpfsched.ko"])
            left_alone = filecmp.cmp(module.MODULE, copy, shallow=False)
            equal(left_alone, by_build or release == "0.0.0-other", release)
            module.remove()
            equal(module.insert(path=copy), None, release)
        shown = subprocess.run(["pahole", "-F", "btf", "--btf_base", kernel, "-C",
                                "bpfsched_completion", types], text=True,
                               check=True, stdout=subprocess.PIPE).stdout
        assert re.search(r"__u64\s+user_data;", shown), shown
        bpfsched("run", "--hex", RETURN_42).expect(0)
        module.remove()
        equal(module.insert(), None)


def parameters_documented():
    shown = subprocess.run(["modinfo", "-p", module.MODULE], text=True, check=True,
                           stdout=subprocess.PIPE).stdout
    for name in os.listdir(PARAMETERS):
        assert re.search(rf"^{name}:\S", shown, re.M), shown
        equal(os.stat(PARAMETERS + name).st_mode & 0o777, 0o444, name)
    for name in ("schedulers", "cloud_capacity", "cloud_workers",
                 "embedded_capacity", "embedded_workers", "client_jobs",
                 "dispatcher", "speculation_masks"):
        assert name in os.listdir(PARAMETERS), name
    equal(read(PARAMETERS + "schedulers"), "cloud,embedded", "schedulers")


def parameters_schedulers():
    for value, want in (("embedded", ["embedded"]), ("cloud", ["cloud"]),
                        ("embedded,cloud", ["cloud", "embedded"]), ("", [])):
        with Inserted("schedulers=" + value):
            equal(names_of_schedulers(), want, value)
            with Made("--capacity", 2):
                bpfsched("-s", "made", "run", "--hex", RETURN_42).expect(0)


def parameters_limits():
    with Inserted("cloud_capacity=7", "cloud_workers=3", "client_jobs=5",
                  "embedded_capacity=2000", "embedded_workers=2"):
        for name, key, value in (("cloud", "capacity", 7),
                                 ("cloud", "workers", 3),
                                 ("cloud", "client_jobs", 5),
                                 ("embedded", "capacity", 2000),
                                 ("embedded", "workers", 2),
                                 ("embedded", "client_jobs", 5)):
            equal(read(SYSFS + f"{name}/{key}"), str(value), key)
        equal(len(table("embedded", "workers")), 2, "workers")
        for name in "cloud", "embedded":
            bpfsched("-s", name, "run", "--hex", RETURN_42).expect(0)


def parameters_dispatcher():
    by_default = engines()
    for value in module.dispatchers():
        engine = "interp-" + value
        with Inserted("dispatcher=" + value):
            equal(engines(), {"cloud": engine, "embedded": engine}, value)
            shown = bpfsched("list").expect(0).output
            equal(shown.count(engine), 2, f"lines with {engine}")
            for name in "cloud", "embedded":
                done = bpfsched("-j", "-s", name, "run", "--hex", RETURN_42)
                equal(done.expect(0).lines()[0]["r0"], "0x2a", "r0")
    with Inserted("dispatcher=auto"):
        equal(engines(), by_default, "auto, which is the default")


def parameters_in_the_log():
    """One line when the module is inserted"""
    for parameters, made in (([], "cloud embedded"),
                             (["schedulers=embedded"], "embedded"),
                             (["schedulers="], "none")):
        subprocess.run(["dmesg", "--clear"], check=True)
        with Inserted(*parameters):
            log = subprocess.run(["dmesg"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
        lines = re.findall(r"bpfsched: (.*)", log)
        equal(len(lines), 1, f"lines of {log}")
        assert re.fullmatch(rf"version \S+, engine interp-[a-z]+, schedulers: "
                            rf"{made}", lines[0]), lines


def parameters_speculation_masks():
    for value, suffix in ("0", "-unmasked"), ("N", "-unmasked"), ("Y", ""):
        for name in module.dispatchers():
            engine = f"interp-{name}{suffix}"
            with Inserted("dispatcher=" + name, "speculation_masks=" + value):
                equal(engines(), {"cloud": engine, "embedded": engine}, value)
                equal(read(PARAMETERS + "speculation_masks"),
                      "N" if suffix else "Y", value)
                for scheduler in "cloud", "embedded":
                    done = bpfsched("-j", "-s", scheduler, "run", "--hex",
                                    RETURN_42)
                    equal(done.expect(0).lines()[0]["r0"], "0x2a", "r0")
                with Made():
                    equal(engines()["made"], engine, "made later")
    equal(read(PARAMETERS + "speculation_masks"), "Y", "by default")
    for name, engine in engines().items():
        assert not engine.endswith("-unmasked"), f"{name}: {engine}"


def parameters_refused():
    missing = [(f"dispatcher={name}", f"there is no '{name}' in this kernel")
               for name in module.DISPATCHERS
               if name not in module.dispatchers()]
    module.remove()
    try:
        for value, reason in (
                ("schedulers=edge", "there is no 'edge'"),
                ("dispatcher=fast", "there is no 'fast' in this kernel"),
                ("dispatcher=", "there is no '' in this kernel"),
                ("dispatcher=switch-unmasked",
                 "there is no 'switch-unmasked' in this kernel"),
                ("speculation_masks=maybe", None),
                ("schedulers=cloud,,embedded", "there is no ''"),
                ("cloud_capacity=131073", "131073 is more than 131072"),
                ("embedded_workers=257", "257 is more than 256"),
                ("cloud_capacity=-1", None), *missing):
            error = module.insert(value)
            assert error, f"{value} was taken"
            log = subprocess.run(["dmesg"], text=True, check=True,
                                 stdout=subprocess.PIPE).stdout
            assert not reason or re.search("bpfsched: parameter .*" + reason,
                                           log), f"{value}: {log[-500:]}"
            assert not os.path.exists("/dev/bpfsched/control")
    finally:
        module.insert()


#
# CPUs
#
def allowed_cpus(thread):
    status = read(f"/proc/{thread}/status")
    return re.search(r"^Cpus_allowed_list:\s*(\S+)", status, re.M).group(1)


def threads_of(scheduler):
    return [int(worker["thread"]) for worker in table(scheduler, "workers")]


def hotplug_affinity():
    switch = "/sys/devices/system/cpu/cpu1/online"
    if not os.path.exists(switch):
        raise ktap.Skip("no CPU can be taken offline")
    with Made("--cpus", 1, "--workers", 2):
        threads = threads_of("made")
        equal([allowed_cpus(thread) for thread in threads], ["1", "1"], "CPUs")
        jobs = [Started("-s", name, "run", "--hex", ENDLESS, *UNLIMITED)
                for name in ("made", "cloud", "cloud")]
        wait_for("made", running=1)
        wait_for("cloud", running=2)
        for _ in range(3):
            write(switch, "0")
            try:
                bpfsched("-s", "made", "run", "--hex", RETURN_42).expect(0)
                cpus = [allowed_cpus(thread) for thread in threads]
                assert "1" not in cpus, f"nobody can run on CPU {cpus}"
            finally:
                write(switch, "1")
            equal([allowed_cpus(thread) for thread in threads], ["1", "1"],
                  "CPUs")
        equal(stat("made")["running"], 1, "running")
        equal(stat("cloud")["running"], 2, "running")
        for job in jobs:
            job.process.kill()
            job.wait()
        for name in "made", "cloud":
            wait_for(name, running=0)


def create_threads():
    with Made("--profile", "embedded", "--workers", 2, "--cpus", 0,
              "--rt-priority", 7):
        for thread in threads_of("made"):
            equal(allowed_cpus(thread), "0", "CPUs")
            equal(os.sched_getscheduler(thread), os.SCHED_FIFO, "class")
            equal(os.sched_getparam(thread).sched_priority, 7, "priority")
            assert read(f"/proc/{thread}/comm").startswith("bpfsched/made:")
    equal([os.sched_getscheduler(thread) for thread in threads_of("embedded")],
          [os.SCHED_FIFO], "class of embedded")
    for thread in threads_of("cloud"):
        equal(os.sched_getscheduler(thread), os.SCHED_OTHER, "class of cloud")


#
# debugfs
#
def debugfs_queue():
    bpfsched("-s", "embedded", "pause").expect(0)
    wanted = [("1", ["--priority", "low"]), ("2", ["--deadline", "100s"]),
              ("3", ["--priority", "critical"]), ("4", ["--deadline", "10s"]),
              ("5", ["--not-before", "1000s"])]
    for count, (number, options) in enumerate(wanted, 1):
        Started("-s", "embedded", "run", "--hex", RETURN_42, "--id", number,
                *options)
        wait_for("embedded", pending=count)
    jobs = table("embedded", "queue")
    equal([job["id"] for job in jobs], ["4", "2", "3", "1", "5"], "order")
    equal([job["state"] for job in jobs], ["pending"] * 4 + ["waiting"],
          "states")
    equal([job["deadline_ns"] != "0" for job in jobs],
          [True, True, False, False, False], "deadlines")
    Started.end_all()
    bpfsched("-s", "embedded", "resume").expect(0)
    wait_for("embedded", pending=0)
    equal(table("embedded", "queue"), [], "queue")


def debugfs_large_queue():
    numbers = [str(number + 1) for number in range(600)]
    bpfsched("pause").expect(0)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for number in numbers:
            file.write(f'{{"hex": "{RETURN_42}", "id": {number}}}\n')
        file.flush()
        batch = Started("-j", "batch", file.name)
        wait_for("cloud", pending=len(numbers))
        equal([job["id"] for job in table("cloud", "queue")], numbers,
              "numbers")
        bpfsched("resume").expect(0)
        batch.wait().expect(0)


def debugfs_workers():
    job = Started("run", "--hex", ENDLESS, "--id", "4712", *UNLIMITED)
    wait_for("cloud", running=1)
    workers = table("cloud", "workers")
    equal(str(len(workers)), read(SYSFS + "cloud/workers"), "workers")
    busy = [worker for worker in workers if worker["state"] == "running"]
    equal([worker["id"] for worker in busy], ["4712"], "running")
    equal({worker["state"] for worker in workers if worker not in busy},
          {"idle"} if len(workers) > 1 else set(), "states of the others")
    job.process.kill()
    job.wait()
    wait_for("cloud", running=0)


def debugfs_root_only():
    for scheduler in "cloud", "embedded":
        for name in "queue", "workers":
            mode = os.stat(f"{DEBUGFS}{scheduler}/{name}").st_mode & 0o777
            equal(mode, 0o400, name)


def debugfs_goes_with_its_scheduler():
    with Made():
        assert os.path.isdir(DEBUGFS + "made")
        # pylint: disable=consider-using-with
        files = [open(f"{DEBUGFS}made/{name}", encoding="ascii")
                 for name in ("queue", "workers")]
    assert not os.path.exists(DEBUGFS + "made")
    for file in files:
        try:
            file.read()
            raise AssertionError("it can still be read")
        except OSError:
            pass
        file.close()


#
# sysfs
#
def sysfs_documented():
    text = read(os.path.join(TOP, "Documentation/ABI/testing/"
                             "sysfs-class-bpfsched"))
    documented = set(re.findall(r"^What:\s*/sys/class/bpfsched/<scheduler>/"
                                r"(\S+)", text, re.M))
    for scheduler in "cloud", "embedded":
        found = {name for name in os.listdir(SYSFS + scheduler)
                 if os.path.isfile(SYSFS + scheduler + "/" + name)}
        equal(found - {"dev", "uevent"}, documented, "attributes")
        for name in documented:
            value = read(f"{SYSFS}{scheduler}/{name}")
            assert value and len(value.split()) == 1, f"{name}: {value!r}"


def sysfs_values():
    with Made("--profile", "embedded", "--policy", "throughput", "--capacity",
              9, "--workers", 2) as made:
        folder = SYSFS + made + "/"
        for name, value in (("profile", "embedded"), ("policy", "throughput"),
                            ("capacity", "9"), ("workers", "2"),
                            ("paused", "0"), ("client_jobs", "4294967295")):
            equal(read(folder + name), value, name)
        bpfsched("-s", made, "pause").expect(0)
        equal(read(folder + "paused"), "1", "paused")
        bpfsched("-s", made, "resume").expect(0)
        equal(read(folder + "paused"), "0", "paused")
        bpfsched("-s", made, "run", "--hex", RETURN_42).expect(0)
        bpfsched("-s", made, "run", "--hex", READ_NULL).expect(1)
        for name, value in (("submitted", 2), ("completed", 1), ("failed", 1),
                            ("cancelled", 0), ("dropped", 0), ("rejected", 0),
                            ("pending", 0), ("running", 0), ("exec_count", 2),
                            ("deadline_misses", 0), ("preemptions", 0),
                            ("queue_high_water", 1)):
            equal(read(folder + name), str(value), name)
        for value in "0", "-1", "x", "4294967296":
            try:
                write(folder + "client_jobs", value)
            except OSError:
                continue
            raise AssertionError(f"client_jobs takes {value!r}")


#
# Tracepoints
#
EVENTS = {"bpfsched_" + name for name in
          ("submit", "reject", "start", "pause", "resume", "miss", "complete",
           "cancel")}


class Traced:
    """Events are recorded; they are in lines afterwards"""

    def __enter__(self):
        write(TRACING + "trace", "")
        write(TRACING + "events/bpfsched/enable", "1")
        self.lines = []
        return self

    def __exit__(self, *_):
        write(TRACING + "events/bpfsched/enable", "0")
        self.lines = [line for line in read(TRACING + "trace").splitlines()
                      if not line.startswith("#")]

    def expect(self, pattern):
        assert any(re.search(pattern, line) for line in self.lines), (
            f"no {pattern} in\n" + "\n".join(self.lines))


def trace_formats():
    folder = TRACING + "events/bpfsched/"
    found = {name for name in os.listdir(folder)
             if os.path.isdir(folder + name)}
    assert EVENTS <= found, found
    for event in found:
        text = read(folder + event + "/format")
        fields = re.findall(r"field:[^;]*?(\w+)(?:\[\d*\])?;\s*offset:(\d+);\s*"
                            r"size:(\d+);\s*signed:[01];", text)
        names = {name for name, _, _ in fields}
        assert names, text
        printed = re.search(r'^print fmt: "(.*?)"(.*)$', text, re.M)
        assert printed, text
        used = set(re.findall(r"REC->(\w+)", printed.group(2)))
        used |= set(re.findall(r"__get_str\((\w+)\)", printed.group(2)))
        assert used <= names, f"{event}: {used - names} in\n{text}"
        equal(len(re.findall(r"%\w+", printed.group(1))) > 0, True, event)


def trace_lives():
    with Traced() as trace:
        bpfsched("run", "--hex", RETURN_42, "--id", 4711).expect(0)
        bpfsched("-s", "embedded", "run", "--hex", READ_NULL).expect(1)
        bpfsched("run", "--hex", RETURN_42, "--deadline", "1s").expect(1)
        job = Started("run", "--hex", ENDLESS, "--id", 4713, *UNLIMITED)
        wait_for("cloud", running=1)
        bpfsched("cancel", 4713).expect(0)
        job.wait().expect(1)
        bpfsched("-s", "embedded", "run", "--hex", RETURN_42, "--id", 4714,
                 "--not-before", "1ms", "--deadline", "1ns").expect(0)
    for pattern in (r"bpfsched_submit: scheduler=cloud client=\d+ id=4711 "
                    r"release=0 priority=1 deadline_ns=0",
                    r"bpfsched_start: scheduler=cloud .* id=4711 ",
                    r"bpfsched_complete: .* id=4711 .*status=ok missed=0 "
                    r"instructions=2 run_ns=\d+",
                    r"bpfsched_complete: scheduler=embedded .*status=fault",
                    r"bpfsched_reject: scheduler=cloud client=\d+ error=-95",
                    r"bpfsched_cancel: scheduler=cloud .* id=4713 ",
                    r"bpfsched_complete: .* id=4713 .*status=cancelled",
                    r"bpfsched_miss: scheduler=embedded .* id=4714 ",
                    r"bpfsched_complete: .* id=4714 .*missed=1"):
        trace.expect(pattern)


def trace_preemption():
    # Not embedded: it limits budgets, and the first job has to last
    with Made("--policy", "deadline", "--workers", 1), Traced() as trace:
        late = Started("-s", "made", "run", "--hex", ENDLESS, "--id", 4715,
                       "--deadline", "1000s", *UNLIMITED)
        wait_for("made", running=1)
        bpfsched("-s", "made", "run", "--hex", RETURN_42, "--id", 4716,
                 "--deadline", "100s").expect(0)
        wait_for("made", running=1, pending=0)
        late.process.kill()
        late.wait()
        wait_for("made", running=0)
    for pattern in (r"bpfsched_pause: scheduler=made .* id=4715 ",
                    r"bpfsched_start: scheduler=made .* id=4716 ",
                    r"bpfsched_resume: scheduler=made .* id=4715 "):
        trace.expect(pattern)


#
# Privileges
#
def without_nice(*arguments):
    """Runs bpfsched as root without CAP_SYS_NICE"""
    return subprocess.run(["setpriv", "--bounding-set=-sys_nice",
                           "--inh-caps=-sys_nice", "bpfsched",
                           *[str(argument) for argument in arguments]],
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def guard_critical():
    job = ["run", "--hex", RETURN_42, "--priority"]
    with Made("--guard-critical") as made:
        bpfsched("-s", made, *job, "critical").expect(0)
        equal(without_nice("-s", made, *job, "high").returncode, 0, "high")
        done = without_nice("-s", made, *job, "critical")
        equal(done.returncode, 1, "exit status")
        assert "EPERM" in done.stdout + done.stderr, str(done)
        equal(stat(made)["rejected"], 1, "rejected")
    done = without_nice(*job, "critical")
    equal(done.returncode, 0, f"of a scheduler that is not guarded: {done}")


def guard_real_time():
    done = without_nice("create", "made", "--profile", "embedded")
    equal(done.returncode, 2, "exit status")
    equal(names_of_schedulers(), ["cloud", "embedded"], "schedulers")


TESTS = [
    ("module.types", module_types),
    ("parameters.documented", parameters_documented),
    ("parameters.schedulers", parameters_schedulers),
    ("parameters.limits", parameters_limits),
    ("parameters.dispatcher", parameters_dispatcher),
    ("parameters.in_the_log", parameters_in_the_log),
    ("parameters.speculation_masks", parameters_speculation_masks),
    ("parameters.refused", parameters_refused),
    ("hotplug.affinity", hotplug_affinity),
    ("create.threads", create_threads),
    ("debugfs.queue", debugfs_queue),
    ("debugfs.large_queue", debugfs_large_queue),
    ("debugfs.workers", debugfs_workers),
    ("debugfs.root_only", debugfs_root_only),
    ("debugfs.goes_with_its_scheduler", debugfs_goes_with_its_scheduler),
    ("sysfs.documented", sysfs_documented),
    ("sysfs.values", sysfs_values),
    ("trace.formats", trace_formats),
    ("trace.lives", trace_lives),
    ("trace.preemption", trace_preemption),
    ("guard.critical", guard_critical),
    ("guard.real_time", guard_real_time),
]


def main():
    return ktap.main(ktap.select(TESTS, sys.argv[1:]), bring_to_rest)


if __name__ == "__main__":
    sys.exit(main())
