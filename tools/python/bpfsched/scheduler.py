# SPDX-License-Identifier: GPL-2.0
"""Schedulers, programs, and jobs."""

from __future__ import annotations

import collections
import ctypes
import dataclasses
import errno
import itertools
import os
import select
import weakref
from types import TracebackType
from typing import (Any, Deque, Dict, Iterable, Iterator, List, Optional,
                    Sequence, Tuple, Type, Union)

from . import _library
from ._library import check, failure, lib
from .records import Completion, Event, Priority, Record, decode

Path = Union[str, "os.PathLike[str]"]
Bytes = Union[bytes, bytearray, memoryview]

# What a full queue, and the limits of a client, refuse a job with
FULL = (errno.EAGAIN, errno.EDQUOT)


@dataclasses.dataclass
class Job:
    """A request to run a program; what is 0 or None is not asked for

    deadline_ns: counted from the release of the job
    deadline_at_ns: or as a time
    firm: the job is of no use after its deadline
    not_before_ns: the earliest start, counted from now
    not_before_at_ns: or as a time
    period_ns: release the job again and again, count times or until cancelled
    run_time_ns: the longest it will run, for admission
    budget_insns, budget_ns: instructions and time after which it is stopped
    wait: if the queue is full, wait for room
    evict: if the queue is full, drop the job that would run last
    """
    program: Program
    context: Bytes = b""
    id: int = 0
    user_data: int = 0
    priority: Priority = Priority.NORMAL
    deadline_ns: Optional[int] = None
    deadline_at_ns: Optional[int] = None
    firm: bool = False
    not_before_ns: Optional[int] = None
    not_before_at_ns: Optional[int] = None
    period_ns: int = 0
    count: int = 0
    run_time_ns: int = 0
    budget_insns: int = 0
    budget_ns: int = 0
    return_context: bool = False
    wait: bool = False
    evict: bool = False

    def _flags(self) -> int:
        choices = [
            (self.return_context, _library.JOB_RETURN_CONTEXT),
            (self.deadline_at_ns is not None, _library.JOB_DEADLINE_ABS),
            (self.deadline_ns is not None, _library.JOB_DEADLINE_REL),
            (self.firm, _library.JOB_FIRM),
            (self.not_before_at_ns is not None, _library.JOB_NOT_BEFORE_ABS),
            (self.not_before_ns is not None, _library.JOB_NOT_BEFORE_REL),
            (self.wait, _library.JOB_WAIT),
            (self.evict, _library.JOB_EVICT),
        ]
        return sum(flag for chosen, flag in choices if chosen)

    def fill(self, raw: _library.JobDesc) -> Any:
        """Fills in the structure; returns what has to stay until it is used"""
        length = len(memoryview(self.context).cast("B"))
        context = (ctypes.c_char * length).from_buffer_copy(self.context)
        raw.id = self.id
        raw.user_data = self.user_data
        raw.prog_fd = self.program.fileno()
        raw.flags = self._flags()
        raw.priority = self.priority
        raw.context = ctypes.addressof(context) if length else 0
        raw.context_len = length
        raw.deadline_ns = self.deadline_at_ns or self.deadline_ns or 0
        raw.not_before_ns = self.not_before_at_ns or self.not_before_ns or 0
        raw.period_ns = self.period_ns
        raw.count = self.count
        raw.run_time_ns = self.run_time_ns
        raw.budget_insns = self.budget_insns
        raw.budget_ns = self.budget_ns
        return context


@dataclasses.dataclass(frozen=True)
class _Variable:
    section: str
    offset: int
    size: int


class Program:
    """A loaded program; Scheduler.load() makes it. Any scheduler can run it."""

    def __init__(self, handle: int, image: _library.Image) -> None:
        self._handle: Optional[int] = handle
        self._views: List[weakref.ref[Any]] = []
        self._read_only: Dict[str, bool] = {}
        self._variables: Dict[str, _Variable] = {}
        first: Dict[str, int] = {}
        for i in range(image.section_count):
            section = image.sections[i]
            name = section.name.decode(errors="replace")
            if name not in first:
                first[name] = i
                self._read_only[name] = bool(section.flags &
                                             _library.SECTION_RDONLY)
        for i in range(image.variable_count):
            raw = image.variables[i]
            name = image.sections[raw.section].name.decode(errors="replace")
            # Of sections of one name the library shows the first
            if first[name] == raw.section:
                self._variables[raw.name.decode(errors="replace")] = \
                    _Variable(name, raw.offset, raw.size)

    @property
    def handle(self) -> int:
        """struct bpfs_prog *, for the library"""
        if self._handle is None:
            raise ValueError("the program is closed")
        return self._handle

    def fileno(self) -> int:
        return int(lib.bpfs_prog_fd(self.handle))

    @property
    def name(self) -> str:
        text: bytes = lib.bpfs_prog_name(self.handle)
        return text.decode(errors="replace")

    @property
    def id(self) -> int:
        return int(lib.bpfs_prog_id(self.handle))

    @property
    def sections(self) -> List[str]:
        """Names of its data sections"""
        return list(self._read_only)

    @property
    def variables(self) -> List[str]:
        """Names of its global variables, of those in a section by itself"""
        return list(self._variables)

    def _used(self) -> List[weakref.ref[Any]]:
        """Sections that somebody still looks at"""
        return [view for view in self._views if view() is not None]

    def section(self, name: str = ".bss") -> memoryview:
        """The bytes of a data section, which the jobs of the program share"""
        length = ctypes.c_size_t()
        address = lib.bpfs_prog_section(self.handle, name.encode(),
                                        ctypes.byref(length))
        if not address:
            raise failure(-ctypes.get_errno())
        array = (ctypes.c_ubyte * length.value).from_address(address)
        # Not to be unmapped before the last view of it has gone
        array._program = self  # type: ignore[attr-defined]
        self._views = self._used() + [weakref.ref(array)]
        view = memoryview(array).cast("B")
        return view.toreadonly() if self._read_only[name] else view

    def variable(self, name: str) -> memoryview:
        """The bytes of a global variable, which the jobs share"""
        place = self._variables[name]
        view = self.section(place.section)
        return view[place.offset:place.offset + place.size]

    def map_fd(self, name: str) -> int:
        """Descriptor of a map, which stays the program's own"""
        return check(lib.bpfs_prog_map_fd(self.handle, name.encode()))

    def job(self, context: Bytes = b"", **options: Any) -> Job:
        """A job of this program; options are the members of Job"""
        return Job(self, context, **options)

    def close(self) -> None:
        """Jobs that use the program go on. BufferError if a section is used"""
        if self._used():
            raise BufferError("a section of the program is still used")
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.bpfs_prog_free(handle)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]],
                 value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            lib.bpfs_prog_free(self._handle)
            self._handle = None


class Scheduler:
    """An open scheduler. Closing it cancels the jobs that were submitted."""

    def __init__(self, name: str = "cloud", *, read_only: bool = False) -> None:
        """read_only: look at the scheduler, but submit and load nothing"""
        self._fd = -1
        self._kept: Deque[Record] = collections.deque()
        opener = lib.bpfs_sched_open_reader if read_only else \
            lib.bpfs_sched_open
        self._fd = check(opener(name.encode()))
        self.name = name
        info = self.info()
        self._max_batch = int(info["max_batch"])
        size = ctypes.sizeof(_library.CompletionRecord) + 64 + \
            max(int(info["max_context"]), _library.EVENT_MAX)
        self._buffer = (ctypes.c_uint64 * (max(size, 1 << 16) // 8))()

    def fileno(self) -> int:
        """The descriptor, for poll and the like"""
        if self._fd < 0:
            raise ValueError("the scheduler is closed")
        return self._fd

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Scheduler:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]],
                 value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_fd", -1) >= 0:
            self.close()

    #
    # What it is, and what it has done
    #
    def info(self) -> Dict[str, Any]:
        """The members of struct bpfsched_info"""
        raw = _library.Info()
        check(lib.bpfs_sched_get_info(self.fileno(), ctypes.byref(raw)))
        return _as_dict(raw)

    def stat(self) -> Dict[str, int]:
        """The counters of struct bpfsched_stat"""
        raw = _library.Stat()
        check(lib.bpfs_sched_get_stat(self.fileno(), ctypes.byref(raw)))
        return _as_dict(raw)

    def pause(self) -> None:
        """Stop picking jobs, of whoever they are; needs CAP_SYS_ADMIN"""
        check(lib.bpfs_sched_pause(self.fileno()))

    def resume(self) -> None:
        check(lib.bpfs_sched_resume(self.fileno()))

    #
    # Programs
    #
    def load(self, path: Path, program: Optional[str] = None, *,
             followups: Sequence[Program] = ()) -> Program:
        """Loads a program of an ELF object

        program: its name, if the object has several
        followups: programs whose jobs it can submit
        """
        image = ctypes.POINTER(_library.Image)()
        check(lib.bpfs_image_open(os.fsencode(path),
                                  program.encode() if program else None,
                                  ctypes.byref(image)))
        return self._load(image, followups)

    def load_bytes(self, code: bytes, name: str = "") -> Program:
        """Loads bytecode: instructions of 8 bytes"""
        image = ctypes.POINTER(_library.Image)()
        check(lib.bpfs_image_raw(name.encode(), code, len(code),
                                 ctypes.byref(image)))
        return self._load(image, ())

    def _load(self, image: ctypes._Pointer[_library.Image],
              followups: Sequence[Program]) -> Program:
        handles = (ctypes.c_void_p * len(followups))(
            *[program.handle for program in followups])
        handle = ctypes.c_void_p()
        try:
            check(lib.bpfs_prog_load_with(self.fileno(), image, handles,
                                          len(followups),
                                          ctypes.byref(handle)))
            assert handle.value is not None
            return Program(handle.value, image.contents)
        finally:
            lib.bpfs_image_free(image)

    #
    # Jobs
    #
    def submit(self, job: Job, timeout: Optional[float] = None) -> int:
        """Submits a job; returns its number

        timeout: the longest to wait for room, in seconds, if the job waits
        """
        result = self.submit_all([job], timeout)[0]
        if isinstance(result, OSError):
            raise result
        return result

    def submit_all(self, jobs: Sequence[Job], timeout: Optional[float] = None
                   ) -> List[Union[int, OSError]]:
        """Tries each job, in order; returns their numbers or their errors"""
        results: List[Union[int, OSError]] = []
        for start in range(0, len(jobs), self._max_batch):
            results += self._submit(jobs[start:start + self._max_batch],
                                    timeout)
        return results

    def _submit(self, jobs: Sequence[Job], timeout: Optional[float]
                ) -> List[Union[int, OSError]]:
        raw = (_library.JobDesc * len(jobs))()
        contexts = [job.fill(raw[i]) for i, job in enumerate(jobs)]
        timeout_ns = 0 if timeout is None else max(1, int(timeout * 1e9))
        ret = lib.bpfs_sched_submit_wait(self.fileno(), raw, len(jobs),
                                         timeout_ns, None)
        said = failure(ret) if ret < 0 else None
        del contexts
        return [self._refusal(job, said) if job.error else int(job.id)
                for job in raw]

    def _refusal(self, job: _library.JobDesc,
                 said: Optional[OSError]) -> OSError:
        if job.error == -errno.EDQUOT and job.limit:
            text = ctypes.create_string_buffer(160)
            lib.bpfs_limit_explain(self._fd, job.limit, text, len(text))
            return OSError(errno.EDQUOT, text.value.decode(errors="replace"))
        if said and said.errno == -job.error:
            return OSError(said.errno, said.strerror)
        return OSError(-job.error, "submit: " + os.strerror(-job.error))

    def cancel(self, job: int) -> None:
        """Asks for a job to end; its completion tells the outcome"""
        check(lib.bpfs_sched_cancel(self.fileno(), job))

    def run(self, job: Job, timeout: Optional[float] = None) -> Completion:
        """Submits a job and waits until it has ended, or its first release

        Other records that come meanwhile are kept for read().
        """
        number = self.submit(job, timeout)
        return next(iter(self._read_own([number], None)))

    def map(self, program: Program, contexts: Iterable[Bytes],
            **options: Any) -> Iterator[Completion]:
        """Runs a program with each context; yields completions in that order

        Contexts are taken as there is room in the queue. Options are the
        members of Job. What is left is cancelled when the iterator is closed.
        """
        if options.get("period_ns") or options.get("id"):
            raise ValueError("map: jobs without a period and a number only")
        jobs = enumerate(program.job(context, **options)
                         for context in contexts)
        numbers: Dict[int, int] = {}
        try:
            yield from self._map(jobs, numbers)
        finally:
            self._abandon(numbers)

    def _map(self, jobs: Iterator[Tuple[int, Job]],
             numbers: Dict[int, int]) -> Iterator[Completion]:
        refused: List[Tuple[int, Job]] = []
        done: Dict[int, Completion] = {}
        following = 0
        more = True
        while more or refused or numbers or done:
            # Not too far ahead of one that takes long
            room = self._max_batch - len(refused) - len(done)
            taken = list(itertools.islice(jobs, max(room, 0)))
            more = more and (len(taken) == room or room <= 0)
            refused = self._submit_some(refused + taken, numbers)
            if numbers:
                wait = None if refused or not more or room <= 0 else 0
                for completion in self._read_own(numbers, wait):
                    done[numbers.pop(completion.id)] = completion
            elif refused:
                self.poll(select.POLLOUT)
            while following in done:
                yield done.pop(following)
                following += 1

    def _submit_some(self, jobs: List[Tuple[int, Job]],
                     numbers: Dict[int, int]) -> List[Tuple[int, Job]]:
        """Submits jobs; returns those for which there was no room"""
        refused: List[Tuple[int, Job]] = []
        problem: Optional[OSError] = None
        results = self.submit_all([job for _, job in jobs])
        for (index, job), result in zip(jobs, results):
            if isinstance(result, int):
                numbers[result] = index
            elif result.errno in FULL:
                refused.append((index, job))
            else:
                problem = problem or result
        if problem:
            raise problem
        return refused

    def _abandon(self, numbers: Dict[int, int]) -> None:
        """Cancels jobs and takes their completions"""
        for number in numbers:
            try:
                self.cancel(number)
            except FileNotFoundError:
                pass
        while numbers:
            for completion in self._read_own(numbers, None):
                del numbers[completion.id]

    #
    # Completions and events
    #
    def poll(self, events: int = select.POLLIN,
             timeout: Optional[float] = None) -> int:
        """Waits for something to read (POLLIN) or room in the queue (POLLOUT)

        Returns the events that hold, 0 if the time ran out.
        """
        return check(lib.bpfs_sched_poll(self.fileno(), events,
                                         _milliseconds(timeout)))

    def read(self, timeout: Optional[float] = None) -> List[Record]:
        """Takes the records that there are, in order; waits for the first

        timeout: in seconds, None: for ever. When it is over the list is empty.
        """
        if self._kept:
            records = list(self._kept)
            self._kept.clear()
            return records
        return self._read_new(timeout)

    def _read_new(self, timeout: Optional[float]) -> List[Record]:
        length = lib.bpfs_sched_read(self.fileno(), self._buffer,
                                     ctypes.sizeof(self._buffer),
                                     _milliseconds(timeout))
        if length in (-errno.EAGAIN, -errno.ETIMEDOUT):
            return []
        return list(decode(self._buffer, check(length)))

    def _read_own(self, numbers: Iterable[int],
                  timeout: Optional[float]) -> List[Completion]:
        """Completions of these jobs, at least one if it waits for ever"""
        wanted = set(numbers)
        while True:
            found: List[Completion] = []
            for record in self._read_new(timeout):
                if isinstance(record, Completion) and record.id in wanted:
                    found.append(record)
                else:
                    self._kept.append(record)
            if found or timeout is not None:
                return found

    def records(self, timeout: Optional[float] = None) -> Iterator[Record]:
        """Records one by one, until none comes in time"""
        while True:
            records = self.read(timeout)
            if not records:
                return
            yield from records

    def completions(self, count: int) -> Iterator[Completion]:
        """The next so many completions; events before them are left out"""
        while count:
            for record in self.read():
                if isinstance(record, Event) or not count:
                    if not isinstance(record, Event):
                        self._kept.append(record)
                    continue
                count -= 1
                yield record


def _milliseconds(timeout: Optional[float]) -> int:
    return -1 if timeout is None else int(timeout * 1000)


def _as_dict(raw: ctypes.Structure) -> Dict[str, Any]:
    values: Dict[str, Any] = {}
    for name, *_ in raw._fields_:
        value = getattr(raw, name)
        if isinstance(value, ctypes.Structure):
            value = _as_dict(value)
        elif isinstance(value, bytes):
            value = value.decode(errors="replace")
        if name != "size":
            values[name] = value
    return values
