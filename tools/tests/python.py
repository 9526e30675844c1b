#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""End-to-end tests of the Python package, as it is staged. Prints KTAP.

Runs in a test kernel, as root, with the module inserted and bpfsched in PATH.
Arguments: patterns of the names of tests to run; none: all.
"""

import asyncio
import errno
import gc
import glob
import os
import re
import struct
import subprocess
import sys
import threading

import ktap
import staged

PACKAGES = glob.glob(staged.PREFIX + "/lib/python3*/*-packages")[0]
OBJECTS = os.path.join(staged.TOP, "build/examples")
README = os.path.join(staged.TOP, "tools/python/README.md")
HANG_GUARD_S = float(os.environ.get("BPFSCHED_TEST_HANG_GUARD", "300"))
ENVIRONMENT = dict(os.environ, LD_LIBRARY_PATH=staged.LIBDIR,
                   PYTHONPATH=PACKAGES)

# The loader reads LD_LIBRARY_PATH when a program begins
if os.environ.get("LD_LIBRARY_PATH") != staged.LIBDIR:
    os.execve(sys.executable, [sys.executable, *sys.argv], ENVIRONMENT)

import bpfsched  # noqa: E402  pylint: disable=wrong-import-position

LOOP = bytes.fromhex("0500ffff00000000")  # goto -1, for ever
UNLIMITED = (1 << 64) - 1
RETURN_7 = bytes.fromhex("b700000007000000" "9500000000000000")


def equal(got, want, what="value"):
    assert got == want, f"{what} is {got!r}, want {want!r}"


def raises(kind, call, *arguments, **options):
    """Returns the exception that a call ends with"""
    try:
        call(*arguments, **options)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def path_of(name):
    return os.path.join(OBJECTS, name + ".bpf.o")


def command(*arguments):
    return subprocess.run(["bpfsched", *arguments], capture_output=True,
                          text=True, check=True, timeout=HANG_GUARD_S).stdout


def bring_to_rest():
    gc.collect()
    for scheduler in "cloud", "embedded":
        command("-s", scheduler, "resume")
        command("-s", scheduler, "drain")


def open_add(scheduler="cloud"):
    """A scheduler, and on it the program that adds bytes"""
    opened = bpfsched.Scheduler(scheduler)
    return opened, opened.load(path_of("add"))


#
# The package
#
def package_is_the_staged_one():
    assert bpfsched.__file__.startswith(staged.ROOT), bpfsched.__file__
    with open("/proc/self/maps", encoding="utf-8") as maps:
        libraries = set(re.findall(r"/\S*libbpfsched\S*", maps.read()))
    equal(libraries, {staged.LIBDIR + "/libbpfsched.so.1.0.0"})
    equal([bpfsched.version()], staged_version())


def staged_version():
    with open(staged.HEADER, encoding="utf-8") as file:
        return re.findall(r'BPFS_VERSION "(.*)"', file.read())


def readme():
    """Each example of the README, with what it prints"""
    with open(README, encoding="utf-8") as file:
        examples = re.findall(r"^```python\n(.*?)^```$", file.read(),
                              re.DOTALL | re.MULTILINE)
    want = [
        "3 latencies, median 31, worst 40\n4 latencies, median 7, worst 9\n"
        "1000 latencies, median 500, worst 1000\n",
        "OK 6\n",
        # Releases that were due while one ran are left out
        f"{sum(range(100)) + 100}\n(0 7\n)?(1 7\n)?(2 7\n)?",
        "1 alarm\n",
    ]
    equal(len(examples), len(want), "examples")
    for text, lines in zip(examples, want):
        done = subprocess.run([sys.executable, "-W", "error", "-c", text],
                              env=ENVIRONMENT, cwd=OBJECTS, check=False,
                              capture_output=True, text=True,
                              timeout=HANG_GUARD_S)
        assert re.fullmatch(lines, done.stdout) and not done.stderr, \
            f"{done.stdout!r} {done.stderr}, want {lines!r}"


#
# Schedulers and programs
#
def info_and_stat():
    with bpfsched.Scheduler("embedded") as embedded:
        info = embedded.info()
        equal((info["name"], info["policy"], info["capacity"]),
              ("embedded", "deadline", 32))
        assert info["user_limits"]["weight"], info
        before = embedded.stat()["submitted"]
        embedded.run(embedded.load_bytes(RETURN_7).job())
        equal(embedded.stat()["submitted"], before + 1)


def open_fails():
    error = raises(FileNotFoundError, bpfsched.Scheduler, "nothing")
    assert "no such scheduler" in str(error), error
    raises(OSError, bpfsched.Scheduler, "../cloud")


def closed():
    cloud, add = open_add()
    cloud.close()
    cloud.close()
    raises(ValueError, cloud.submit, add.job())
    raises(ValueError, cloud.stat)


def read_only():
    with bpfsched.Scheduler("cloud", read_only=True) as cloud:
        equal(cloud.info()["name"], "cloud")
        equal(raises(OSError, cloud.load, path_of("add")).errno, errno.EBADF)


def load_fails():
    with bpfsched.Scheduler("cloud") as cloud:
        error = raises(FileNotFoundError, cloud.load, "/nowhere.o")
        assert "/nowhere.o" in str(error), error
        raises(OSError, cloud.load, path_of("pipeline"))  # which of two?
        raises(OSError, cloud.load, path_of("add"), "subtract")
        # no end
        error = raises(OSError, cloud.load_bytes, RETURN_7[:8], "endless")
        assert "endless" in str(error), error


def names():
    cloud, add = open_add()
    with cloud, add:
        done = cloud.run(add.job())
        equal((add.name, add.id), (done.program, done.program_id))


def section():
    """Memory that the jobs share, as long as somebody looks at it"""
    with bpfsched.Scheduler("cloud") as cloud:
        alarm = cloud.load(path_of("alarm"))
        equal(sorted(alarm.variables), ["highest", "lowest"])
        assert ".data" in alarm.sections, alarm.sections
        lowest = alarm.variable("lowest").cast("i")
        lowest[0] = -5
        samples = struct.pack("4i", -4, -6, 90, 91)
        equal(cloud.run(alarm.job(samples)).value, 2)
        raises(BufferError, alarm.close)
        equal(lowest[0], -5)
        del lowest
        alarm.close()
        raises(ValueError, alarm.fileno)


def section_outlives_its_program():
    """A view holds the memory, though nobody holds the program"""
    with bpfsched.Scheduler("cloud") as cloud:
        view = cloud.load(path_of("alarm")).variable("highest")
        gc.collect()
        equal(struct.unpack("i", view), (90,))


def section_read_only():
    with bpfsched.Scheduler("cloud") as cloud:
        program = cloud.load(path_of("crc32"))
        name = next(name for name in program.sections if "rodata" in name)
        view = program.section(name)
        assert view.readonly
        raises(TypeError, view.__setitem__, 0, 1)
        del view
        raises(FileNotFoundError, program.section, ".nothing")


def map_of_the_kernel():
    with bpfsched.Scheduler("cloud") as cloud:
        counts = cloud.load(path_of("counts"))
        equal(cloud.run(counts.job(struct.pack("3I", 1, 2, 1))).value, 2)
        assert counts.map_fd("counts") > 2
        raises(FileNotFoundError, counts.map_fd, "nothing")


#
# Jobs
#
def run_a_job():
    cloud, add = open_add()
    with cloud:
        done = cloud.run(add.job(b"\x01\x02\xff", user_data=5,
                                 return_context=True,
                                 priority=bpfsched.Priority.HIGH))
        equal((done.value, done.ok, done.last, done.missed, done.user_data),
              (0x102, True, True, False, 5))
        equal((done.context, done.priority, done.fault),
              (b"\x01\x02\xff", bpfsched.Priority.HIGH, None))
        assert (0 < done.submitted_ns <= done.started_ns <= done.ended_ns and
                done.instructions > 3), done


def contexts_of_all_kinds():
    cloud, add = open_add()
    with cloud:
        for context in (b"\x01\x02", bytearray(b"\x01\x02"),
                        memoryview(b"\x01\x02"),
                        memoryview(struct.pack("H", 0x201)).cast("H")):
            equal(cloud.run(add.job(context)).value, 3, repr(context))
        equal(cloud.run(add.job()).value, 0)
        equal(cloud.run(add.job(b"\xff" * 65536)).value, 0xff * 65536)


def negative_value():
    with bpfsched.Scheduler("cloud") as cloud:
        done = cloud.run(cloud.load(path_of("percentile")).job(b"short"))
        equal((done.value, done.r0), (-1, (1 << 64) - 1))


def other_ends():
    with bpfsched.Scheduler("cloud") as cloud:
        loop = cloud.load_bytes(LOOP + RETURN_7[8:], "loop")
        done = cloud.run(loop.job(budget_insns=1000))
        equal((done.status, done.ok), (bpfsched.Status.BUDGET, False))
        number = cloud.submit(loop.job(budget_insns=UNLIMITED))
        cloud.cancel(number)
        equal(next(cloud.completions(1)).status, bpfsched.Status.CANCELLED)
        raises(FileNotFoundError, cloud.cancel, number)
        read = cloud.load_bytes(bytes.fromhex("7900000000000000") +
                                RETURN_7[8:])
        done = cloud.run(read.job())  # from address 0
        equal((done.status, done.fault.instruction),
              (bpfsched.Status.FAULT, 0))


def submit_fails():
    cloud, add = open_add()
    with cloud:
        equal(raises(OSError, cloud.submit,
                     add.job(deadline_ns=1)).errno, errno.EOPNOTSUPP)
        equal(raises(OSError, cloud.submit,
                     add.job(bytes(1 << 20))).errno, errno.E2BIG)
        first, second, third = cloud.submit_all(
            [add.job(id=77), add.job(bytes(1 << 20)), add.job()])
        equal(first, 77)
        equal(second.errno, errno.E2BIG)
        assert third > 0, third
        equal({done.id for done in cloud.completions(2)}, {77, third})


def deadlines():
    embedded, add = open_add("embedded")
    with embedded:
        done = embedded.run(add.job(b"\x01", deadline_ns=10**12, firm=True,
                                    budget_ns=10**10))
        assert done.ok and done.deadline_ns > 10**12, done
        raises(OSError, embedded.submit, add.job(deadline_at_ns=1))
        embedded.pause()
        embedded.submit(add.job(b"\x01", deadline_ns=10**6, firm=True))
        done = next(embedded.completions(1))
        embedded.resume()
        equal((done.status, done.missed), (bpfsched.Status.MISSED, True))


def period():
    cloud, add = open_add()
    with cloud:
        cloud.submit(add.job(b"\x02", period_ns=10**6, count=5))
        done = list(cloud.completions(1))
        while not done[-1].last:
            done += cloud.completions(1)
        equal([one.release for one in done],
              sorted(one.release for one in done))
        equal(done[-1].release + done[-1].overruns, 4)


def full_queue():
    embedded, add = open_add("embedded")
    with embedded:
        embedded.pause()
        results = embedded.submit_all([add.job()] * 40)
        equal([result.errno for result in results[32:]], [errno.EAGAIN] * 8)
        error = raises(OSError, embedded.submit, add.job(wait=True), 0.01)
        equal(error.errno, errno.ETIMEDOUT)
        evicting = add.job(evict=True, priority=bpfsched.Priority.HIGH)
        assert embedded.submit(evicting) > 0
        embedded.resume()
        statuses = [done.status.name for done in embedded.completions(33)]
        equal(sorted(statuses), ["DROPPED"] + ["OK"] * 32)
        equal(embedded.read(0), [])


def map_in_order():
    """More jobs than there is room for, one of which takes longest"""
    embedded, add = open_add("embedded")
    with embedded:
        contexts = [bytes(4000 if i == 3 else 0) + bytes([i % 256])
                    for i in range(500)]
        values = [done.value for done in embedded.map(add, iter(contexts))]
        equal(values, [i % 256 for i in range(500)])
        equal(list(embedded.map(add, [])), [])


def map_that_is_left():
    """What was submitted is cancelled, and leaves no completion behind"""
    embedded, add = open_add("embedded")
    with embedded:
        iterator = embedded.map(add, (bytes([1]) for _ in range(10**6)))
        equal(next(iterator).value, 1)
        iterator.close()
        equal(embedded.read(0), [])
        stat = embedded.stat()
        equal(stat["pending"] + stat["running"], 0)
        raises(ValueError, lambda: next(embedded.map(add, [b""], id=3)))


def map_that_is_refused():
    cloud, add = open_add()
    with cloud:
        error = raises(OSError, list, cloud.map(add, [b"", bytes(1 << 20)]))
        equal(error.errno, errno.E2BIG)
        equal(cloud.read(0), [])


def events():
    with bpfsched.Scheduler("cloud") as cloud:
        alarm = cloud.load(path_of("alarm"))
        cloud.submit(alarm.job(struct.pack("3i", 1, 200, 300), user_data=9))
        records = []
        while not records or isinstance(records[-1], bpfsched.Event):
            records += cloud.read()
        equal([struct.unpack("Ii", event.data) for event in records[:-1]],
              [(1, 200), (2, 300)])
        equal([(event.id, event.user_data) for event in records[:-1]],
              [(records[-1].id, 9)] * 2)
        equal([event.seq for event in records[:-1]], [1, 2])


def kept_records():
    """run() and map() leave what is not theirs to read()"""
    cloud, add = open_add()
    with cloud:
        alarm = cloud.load(path_of("alarm"))
        other = cloud.submit(alarm.job(struct.pack("i", 200)))
        while not cloud.stat()["pending"] + cloud.stat()["running"] == 0:
            pass
        equal(cloud.run(add.job(b"\x05")).value, 5)
        equal([done.value for done in cloud.map(add, [b"\x06"])], [6])
        event, done = cloud.read(0)
        equal((event.id, done.id), (other, other))
        equal(cloud.read(0), [])


def followups():
    with bpfsched.Scheduler("cloud") as cloud:
        digest = cloud.load(path_of("pipeline"), "digest")
        split = cloud.load(path_of("pipeline"), "split", followups=[digest])
        cloud.submit(split.job(bytes([1]) * 20))
        ended = {done.user_data if done.parent else "split": done
                 for done in cloud.completions(3)}
        equal(ended["split"].followups, 2)
        equal(sorted(ended[i].value for i in (0, 1)), [16, 1 << 32 | 4])
        equal({ended[i].parent for i in (0, 1)}, {ended["split"].id})


def other_threads_go_on():
    """A call that waits lets other threads run"""
    cloud, add = open_add()
    with cloud:
        cloud.pause()
        threading.Timer(0.01, cloud.resume).start()
        equal(cloud.run(add.job(b"\x03")).value, 3)


#
# asyncio
#
def in_a_loop(test):
    def run():
        asyncio.run(asyncio.wait_for(test(), HANG_GUARD_S))
    return run


async def async_gather():
    """Far more than there is room for"""
    async with bpfsched.AsyncScheduler("embedded") as embedded:
        add = embedded.load(path_of("add"))
        done = await asyncio.gather(*[
            embedded.run(add.job(bytes([i % 256]))) for i in range(300)])
        equal([one.value for one in done], [i % 256 for i in range(300)])


async def async_two_schedulers():
    async with bpfsched.AsyncScheduler("cloud") as cloud, \
            bpfsched.AsyncScheduler("embedded") as embedded:
        add = cloud.load(path_of("add"))
        done = await asyncio.gather(cloud.run(add.job(b"\x01")),
                                    embedded.run(add.job(b"\x02")))
        equal([one.value for one in done], [1, 2])


async def async_waits_in_the_loop():
    """Other tasks go on while a job is awaited"""
    async with bpfsched.AsyncScheduler("cloud") as cloud:
        cloud.scheduler.pause()
        add = cloud.load(path_of("add"))
        task = asyncio.create_task(cloud.run(add.job(b"\x04")))
        while not cloud.scheduler.stat()["pending"]:
            await asyncio.sleep(0)
        assert not task.done()
        cloud.scheduler.resume()
        equal((await task).value, 4)


async def async_releases():
    async with bpfsched.AsyncScheduler("cloud") as cloud:
        add = cloud.load(path_of("add"))
        job = add.job(b"\x02", period_ns=10**6, count=4)
        releases = [done async for done in cloud.releases(job)]
        assert releases[-1].last and len(releases) <= 4, releases
        equal({done.value for done in releases}, {2})


async def async_events():
    seen = []
    async with bpfsched.AsyncScheduler("cloud",
                                       on_event=seen.append) as cloud:
        alarm = cloud.load(path_of("alarm"))
        done = await cloud.run(alarm.job(struct.pack("2i", 200, 300)))
        equal((done.value, len(seen)), (2, 2))


async def async_cancel():
    """A task that is cancelled takes its job with it"""
    async with bpfsched.AsyncScheduler("cloud") as cloud:
        loop = cloud.scheduler.load_bytes(LOOP + RETURN_7[8:])
        task = asyncio.create_task(
            cloud.run(loop.job(budget_insns=UNLIMITED)))
        while not cloud.scheduler.stat()["running"]:
            await asyncio.sleep(0)
        task.cancel()
        try:
            await task
            raise AssertionError("the task was not cancelled")
        except asyncio.CancelledError:
            pass
        while cloud.scheduler.stat()["running"]:
            await asyncio.sleep(0)


async def async_close():
    """Who awaits a job when the scheduler is closed is told"""
    cloud = bpfsched.AsyncScheduler("cloud")
    loop = cloud.scheduler.load_bytes(LOOP + RETURN_7[8:])
    task = asyncio.create_task(
        cloud.run(loop.job(budget_insns=UNLIMITED)))
    while not cloud.scheduler.stat()["running"]:
        await asyncio.sleep(0)
    cloud.close()
    try:
        await task
        raise AssertionError("the task goes on")
    except asyncio.CancelledError:
        pass


async def async_refused():
    async with bpfsched.AsyncScheduler("cloud") as cloud:
        add = cloud.load(path_of("add"))
        for job, want in ((add.job(deadline_ns=1), errno.EOPNOTSUPP),
                          (add.job(bytes(1 << 20)), errno.E2BIG)):
            try:
                await cloud.run(job)
                raise AssertionError("it was taken")
            except OSError as error:
                equal(error.errno, want)


TESTS = [
    ("package.staged", package_is_the_staged_one),
    ("package.readme", readme),
    ("scheduler.info", info_and_stat),
    ("scheduler.open_fails", open_fails),
    ("scheduler.closed", closed),
    ("scheduler.read_only", read_only),
    ("program.load_fails", load_fails),
    ("program.names", names),
    ("program.section", section),
    ("program.section_outlives", section_outlives_its_program),
    ("program.section_read_only", section_read_only),
    ("program.map", map_of_the_kernel),
    ("job.run", run_a_job),
    ("job.contexts", contexts_of_all_kinds),
    ("job.negative_value", negative_value),
    ("job.other_ends", other_ends),
    ("job.submit_fails", submit_fails),
    ("job.deadlines", deadlines),
    ("job.period", period),
    ("job.full_queue", full_queue),
    ("job.map_in_order", map_in_order),
    ("job.map_left", map_that_is_left),
    ("job.map_refused", map_that_is_refused),
    ("job.events", events),
    ("job.kept_records", kept_records),
    ("job.followups", followups),
    ("job.threads", other_threads_go_on),
    ("asyncio.gather", in_a_loop(async_gather)),
    ("asyncio.two_schedulers", in_a_loop(async_two_schedulers)),
    ("asyncio.waits", in_a_loop(async_waits_in_the_loop)),
    ("asyncio.releases", in_a_loop(async_releases)),
    ("asyncio.events", in_a_loop(async_events)),
    ("asyncio.cancel", in_a_loop(async_cancel)),
    ("asyncio.close", in_a_loop(async_close)),
    ("asyncio.refused", in_a_loop(async_refused)),
]


def main():
    return ktap.main(ktap.select(TESTS, sys.argv[1:]), bring_to_rest)


if __name__ == "__main__":
    sys.exit(main())
